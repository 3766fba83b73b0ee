//! Loads that may lend a local's reference to the stack (CPython 3.14: `optimize_load_fast`).
//!
//! A load may borrow when what it pushes is consumed within its block, before the local is stored to or deleted, and is
//! not itself stored into a local. Each block is run over a stack of references that remember which load
//! made them.

use super::{Unit, Work};
use crate::compile::cfg::class::{Class, Classes};
use crate::compile::cfg::graph::{BlockId, Graph};
use crate::compile::ir::Instr;
use crate::compile::recipe::IteratorSlots;
use crate::compile::recipe::cfg::{CfgRecipe, EmptyBlocks, Makers};
use crate::target::{Effect, Op, OpTable};

/// A reference on the simulated stack.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::compile::cfg) struct Ref {
    /// The instruction of the block that made it.
    instr: u32,
    /// The local it refers to.
    local: u32,
}

const UNKNOWN: u32 = u32::MAX;
const PLACEHOLDER: Ref = Ref { instr: UNKNOWN, local: UNKNOWN };

/// What blocks with loads of locals have: loads of cells for closures are such loads by now.
const LOADS_LOCALS: Class = Class::LOCAL.with(Class::CELL);

/// More than any operation but those with a move of their own puts on the stack.
const MARGIN: usize = 8;

/// Turns loads into borrowing ones where that is safe.
#[inline(never)]
pub(in crate::compile::cfg) fn optimize_load_fast(unit: &mut Unit) {
    let g = &mut *unit.g;
    if !g.summary.any(LOADS_LOCALS) {
        return;
    }
    g.blocks[0].startdepth = 0;
    g.blocks[0].lent = true;
    let Work { todo, refs, .. } = &mut *unit.work;
    todo.clear();
    todo.push(0);
    // Only ever grows: what is left there is written to before it is read.
    let room = unit.stackdepth as usize + MARGIN;
    if refs.len() < room {
        refs.resize(room, PLACEHOLDER);
    }
    while let Some(block) = todo.pop() {
        lend_in_block(g, todo, refs, unit.table, unit.moves, unit.recipe, block);
    }
}

/// What each operation does to the stack, of those that only take items off it and put as many new ones there as their
/// effect says: most, and all that are frequent.
pub(in crate::compile::cfg) struct Moves([Move; Op::COUNT]);

/// How many items an operation takes, and how many it puts there, with argument 0 and besides for each unit of the
/// argument's bits that count.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Move {
    /// [`Move::OTHER`] where it does anything else.
    pops: u8,
    pops_per_arg: u8,
    pushes: u8,
    pushes_per_arg: u8,
    bits: u32,
}

impl Move {
    const OTHER: u8 = u8::MAX;
    const NONE: Move = Move { pops: Move::OTHER, pops_per_arg: 0, pushes: 0, pushes_per_arg: 0, bits: 0 };

    /// Of an operation that has `pops` and `pushes` items with the arguments 0, 1 and 2.
    fn of(pops: [u32; 3], pushes: [i32; 3]) -> Option<Move> {
        let byte = |value: i32| u8::try_from(value).ok();
        let [pops, more, most] = pops.map(|count| count as i32);
        let pops_per_arg = byte(more - pops)?;
        let [none, one, two] = pushes;
        let pushes_per_arg = byte(one - none)?;
        let bits = match two - one {
            step if step == one - none => u32::MAX,
            step if step == none - one => 1,
            _ => return None,
        };
        let linear = most - more == more - pops;
        linear.then_some(Move { pops: byte(pops)?, pops_per_arg, pushes: byte(none)?, pushes_per_arg, bits })
    }

    #[inline(always)]
    fn pops(self, arg: u32) -> usize {
        (u32::from(self.pops).wrapping_add(u32::from(self.pops_per_arg).wrapping_mul(arg))) as usize
    }

    #[inline(always)]
    fn pushes(self, arg: u32) -> usize {
        let by_arg = u32::from(self.pushes_per_arg).wrapping_mul(arg & self.bits);
        u32::from(self.pushes).wrapping_add(by_arg) as usize
    }
}

impl Moves {
    pub fn new(table: &OpTable, classes: Classes, iterators: IteratorSlots) -> Self {
        let mut moves = [Move::NONE; Op::COUNT];
        for &op in table.by_number.iter().flatten() {
            let linear = matches!(table.info(op).effect, Effect::PerArg { .. } | Effect::LowBit { .. });
            if linear && !leaves_or_looks(op) && !classes.of(op).any(Class::PUSH) {
                let pops = [0, 1, 2].map(|arg| pops(op, arg, iterators));
                let pushes = [0, 1, 2].map(|arg| pops[arg as usize] as i32 + table.effect(op, arg, false));
                if let Some(plain) = Move::of(pops, pushes) {
                    moves[op as usize] = plain;
                }
            }
        }
        Moves(moves)
    }
}

/// Does `op` leave some of what it takes, or look at references on the stack?
fn leaves_or_looks(op: Op) -> bool {
    matches!(
        op,
        Op::LoadFastAndClear
            | Op::LoadFastLoadFast
            | Op::DeleteFast
            | Op::StoreFast
            | Op::StoreFastLoadFast
            | Op::StoreFastStoreFast
            | Op::Copy
            | Op::Swap
            | Op::GetIter
            | Op::LoadAttr
            | Op::LoadSuperAttr
            | Op::LoadSpecial
            | Op::FormatSimple
            | Op::GetYieldFromIter
            | Op::CheckExcMatch
            | Op::GetAnext
            | Op::GetLen
            | Op::ImportFrom
            | Op::MatchKeys
            | Op::MatchMapping
            | Op::MatchSequence
            | Op::WithExceptStart
            | Op::DictMerge
            | Op::DictUpdate
            | Op::ListAppend
            | Op::ListExtend
            | Op::MapAdd
            | Op::Reraise
            | Op::SetAdd
            | Op::SetUpdate
    )
}

/// Runs a block over a stack of references.
fn lend_in_block(
    g: &mut Graph,
    todo: &mut Vec<BlockId>,
    refs: &mut Vec<Ref>,
    table: &'static OpTable,
    moves: &Moves,
    recipe: &CfgRecipe,
    number: BlockId,
) {
    let Graph { blocks, code, classes, .. } = g;
    let block = blocks[number as usize];
    let instrs = &mut code[block.start as usize..(block.start + block.len) as usize];
    let mut enter = |number: BlockId| {
        if let Some(block) = blocks.get_mut(number as usize)
            && !block.lent
        {
            block.lent = true;
            todo.push(number);
        }
    };
    let mut ends = Class::NONE;
    if let [.., jump, Instr { op: Op::NotTaken, .. }] | [.., jump] = &*instrs {
        ends = classes.of(jump.op);
        if ends.any(Class::JUMP) {
            enter(jump.arg);
        }
    }
    let goes_on = match recipe.empty_blocks {
        EmptyBlocks::EndAnalysis => block.len > 0,
        EmptyBlocks::RunOn => true,
    };
    if goes_on && !ends.any(Class::STOPS) {
        enter(block.next);
    }
    if !block.summary.any(LOADS_LOCALS) {
        return;
    }
    let depth = block.startdepth.max(0) as usize;
    if refs.len() < depth {
        refs.resize(depth, PLACEHOLDER);
    }
    refs[..depth].fill(PLACEHOLDER);
    let mut run = Run { instrs, refs, top: depth, table, recipe };
    run.block(moves);
    for index in 0..run.top {
        run.own(run.refs[index].instr);
    }
}

/// The simulation of one block. Loads borrow until something is found that says that they must own what they push: the
/// local is stored to or deleted while the reference is on the stack; it is stored into a local; it is still there at the
/// end of the block.
struct Run<'u> {
    instrs: &'u mut [Instr],
    refs: &'u mut Vec<Ref>,
    /// How many of them are on the stack.
    top: usize,
    table: &'static OpTable,
    recipe: &'u CfgRecipe,
}

impl Run<'_> {
    fn block(&mut self, moves: &Moves) {
        let mut at = 0;
        loop {
            at = self.plain(moves, at);
            let Some(&instr) = self.instrs.get(at) else { return };
            self.step(at as u32, instr);
            at += 1;
        }
    }

    /// Runs instructions from the `from`-th on, up to one that does more than put new items in the place of some; the
    /// result is where that is.
    #[inline(always)]
    fn plain(&mut self, moves: &Moves, from: usize) -> usize {
        let (refs, mut top) = (&mut self.refs[..], self.top);
        let mut stopped = self.instrs.len();
        for (at, instr) in self.instrs.iter_mut().enumerate().skip(from) {
            let plain = moves.0[instr.op as usize];
            let arg = instr.arg;
            let (pops, pushes) = (plain.pops(arg), plain.pushes(arg));
            let Some(place) = refs.get_mut(top.saturating_sub(pops)) else {
                stopped = at;
                break;
            };
            if (plain.pops == Move::OTHER) | (pushes > 1) {
                stopped = at;
                break;
            }
            let loads = instr.op == Op::LoadFast;
            instr.op = if loads { Op::LoadFastBorrow } else { instr.op };
            // The place is written to even if nothing is pushed there.
            *place = Ref { instr: at as u32, local: if loads { arg } else { UNKNOWN } };
            top = top.saturating_sub(pops) + pushes;
        }
        self.top = top;
        stopped
    }

    /// The load that instruction `instr` may be does not borrow.
    #[inline]
    fn own(&mut self, instr: u32) {
        if let Some(instr) = self.instrs.get_mut(instr as usize) {
            instr.op = match instr.op {
                Op::LoadFastBorrow => Op::LoadFast,
                Op::LoadFastBorrowLoadFastBorrow => Op::LoadFastLoadFast,
                op => op,
            };
        }
    }

    #[inline]
    fn push(&mut self, instr: u32, local: u32) {
        self.push_ref(Ref { instr, local });
    }

    #[inline]
    fn push_ref(&mut self, made: Ref) {
        match self.refs.get_mut(self.top) {
            Some(place) => *place = made,
            None => self.refs.push(made),
        }
        self.top += 1;
    }

    #[inline]
    fn pop(&mut self) -> Ref {
        match self.top.checked_sub(1) {
            Some(top) => {
                self.top = top;
                self.refs[top]
            }
            None => PLACEHOLDER,
        }
    }

    fn kill(&mut self, local: u32) {
        for index in 0..self.top {
            if self.refs[index].local == local {
                self.own(self.refs[index].instr);
            }
        }
    }

    fn store(&mut self, local: u32) {
        let stored = self.pop();
        self.kill(local);
        self.own(stored.instr);
    }

    /// Runs instruction `i` of the block.
    fn step(&mut self, i: u32, instr: Instr) {
        let arg = instr.arg;
        match instr.op {
            Op::LoadFast => {
                self.push(i, arg);
                self.instrs[i as usize].op = Op::LoadFastBorrow;
            }
            Op::LoadFastAndClear => {
                self.kill(arg);
                self.push(i, arg);
            }
            Op::LoadFastLoadFast => {
                self.push(i, arg >> 4);
                self.push(i, arg & 15);
                self.instrs[i as usize].op = Op::LoadFastBorrowLoadFastBorrow;
            }
            Op::DeleteFast => self.kill(arg),
            Op::StoreFast => self.store(arg),
            Op::StoreFastLoadFast => {
                self.store(arg >> 4);
                self.push(i, arg & 15);
            }
            Op::StoreFastStoreFast => {
                self.store(arg >> 4);
                self.store(arg & 15);
            }
            Op::Copy => {
                let copied =
                    self.top.checked_sub(arg as usize).and_then(|index| self.refs[..self.top].get(index));
                self.push_ref(copied.copied().unwrap_or(PLACEHOLDER));
            }
            Op::Swap => {
                if let Some(other) = self.top.checked_sub(arg as usize)
                    && other < self.top
                {
                    self.refs.swap(other, self.top - 1);
                }
            }
            Op::GetIter if self.recipe.iterator_slots == IteratorSlots::Two => {
                // What it finds may stay, with an index above it.
                self.push(i, UNKNOWN);
            }
            Op::Send => {
                self.pop();
                self.push(i, UNKNOWN);
            }
            Op::LoadAttr | Op::LoadSuperAttr => {
                let object = self.pop();
                if instr.op == Op::LoadSuperAttr {
                    self.pop();
                    self.pop();
                }
                self.push(i, UNKNOWN);
                if arg & 1 != 0 {
                    // A method call may push the object again.
                    self.push_ref(object);
                }
            }
            Op::LoadSpecial => {
                let object = self.pop();
                self.push(i, UNKNOWN);
                self.push_ref(object);
            }
            // These may leave on the stack what they found there.
            Op::FormatSimple | Op::GetYieldFromIter => {}
            Op::CheckExcMatch => {
                self.pop();
                self.push(i, UNKNOWN);
            }
            _ => self.step_by_effect(i, instr),
        }
    }

    /// The operations that leave some of what they use on the stack change it by their net effect only.
    fn step_by_effect(&mut self, i: u32, instr: Instr) {
        let net = self.table.effect(instr.op, instr.arg, false);
        match instr.op {
            Op::GetAnext
            | Op::GetLen
            | Op::ImportFrom
            | Op::MatchKeys
            | Op::MatchMapping
            | Op::MatchSequence
            | Op::WithExceptStart => {
                for index in 0..net.max(0) as u32 {
                    // CPython counted from 0 here and so took the block's first instructions for the makers.
                    let maker = match self.recipe.makers {
                        Makers::FirstInstructions => index,
                        Makers::Themselves => i,
                    };
                    self.push(maker, UNKNOWN);
                }
            }
            Op::DictMerge
            | Op::DictUpdate
            | Op::ListAppend
            | Op::ListExtend
            | Op::MapAdd
            | Op::Reraise
            | Op::SetAdd
            | Op::SetUpdate => self.pop_many(-net),
            op => {
                let pops = pops(op, instr.arg, self.recipe.iterator_slots) as i32;
                self.pop_many(pops);
                for _ in 0..pops + net {
                    self.push(i, UNKNOWN);
                }
            }
        }
    }

    fn pop_many(&mut self, count: i32) {
        self.top = self.top.saturating_sub(count.max(0) as usize);
    }
}

/// How many items an operation takes off the stack (`Python/bytecodes.c`, 3.14), of those that put back
/// nothing of what they took.
fn pops(op: Op, arg: u32, iterators: IteratorSlots) -> u32 {
    match op {
        Op::EndSend => match iterators {
            IteratorSlots::One => 2,
            IteratorSlots::Two => 3,
        },
        Op::PopIter => match iterators {
            IteratorSlots::One => 1,
            IteratorSlots::Two => 2,
        },
        Op::PopTop
        | Op::EndFor
        | Op::UnaryInvert
        | Op::UnaryNegative
        | Op::UnaryNot
        | Op::ToBool
        | Op::CallIntrinsic1
        | Op::ReturnValue
        | Op::GetAiter
        | Op::GetAwaitable
        | Op::YieldValue
        | Op::PopExcept
        | Op::StoreName
        | Op::UnpackSequence
        | Op::UnpackEx
        | Op::DeleteAttr
        | Op::StoreGlobal
        | Op::StoreDeref
        | Op::ConvertValue
        | Op::PopJumpIfFalse
        | Op::PopJumpIfTrue
        | Op::PopJumpIfNone
        | Op::PopJumpIfNotNone
        | Op::JumpIfFalse
        | Op::JumpIfTrue
        | Op::GetIter
        | Op::PushExcInfo
        | Op::MakeFunction
        | Op::LoadFromDictOrDeref
        | Op::LoadFromDictOrGlobals => 1,
        Op::BinaryOp
        | Op::DeleteSubscr
        | Op::CallIntrinsic2
        | Op::EndAsyncFor
        | Op::StoreAttr
        | Op::BuildTemplate
        | Op::FormatWithSpec
        | Op::CompareOp
        | Op::IsOp
        | Op::ContainsOp
        | Op::CheckEgMatch
        | Op::ImportName
        | Op::SetFunctionAttribute => 2,
        Op::BinarySlice | Op::StoreSubscr | Op::CleanupThrow | Op::MatchClass => 3,
        Op::StoreSlice | Op::CallFunctionEx => 4,
        Op::RaiseVarargs
        | Op::BuildString
        | Op::BuildTuple
        | Op::BuildList
        | Op::BuildSet
        | Op::BuildSlice => arg,
        Op::BuildMap => 2 * arg,
        Op::BuildInterpolation => 2 + (arg & 1),
        Op::Call => arg + 2,
        Op::CallKw => arg + 3,
        _ => 0,
    }
}
