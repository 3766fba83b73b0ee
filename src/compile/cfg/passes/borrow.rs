//! Loads that may lend a local's reference to the stack (CPython 3.14: `optimize_load_fast`).
//!
//! A load may borrow when what it pushes is consumed within its block, before the local is stored to or deleted, and is
//! not itself stored into a local. Each block is run over a stack of references that remember which load
//! made them.

use super::{Effects, Unit, Work};
use crate::compile::cfg::class::{Class, Classes};
use crate::compile::cfg::graph::{BlockId, Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::IteratorSlots;
use crate::compile::recipe::cfg::{CfgRecipe, EmptyBlocks, Makers};
use crate::target::{Op, OpTable};

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

/// Why a load must own what it pushes, as flags.
mod owns {
    /// The local is stored to or deleted while the reference is on the stack.
    pub const KILLED: u8 = 1;
    /// The reference is stored into a local.
    pub const STORED: u8 = 2;
    /// The reference is still there at the end of the block.
    pub const UNCONSUMED: u8 = 4;
}

/// Turns loads into borrowing ones where that is safe.
pub(in crate::compile::cfg) fn optimize_load_fast(unit: &mut Unit) {
    let g = &mut *unit.g;
    g.blocks[0].startdepth = 0;
    g.blocks[0].lent = true;
    let Work { todo, refs, reasons, .. } = &mut *unit.work;
    todo.clear();
    todo.push(0);
    while let Some(block) = todo.pop() {
        let (table, effects, moves) = (unit.table, unit.effects, unit.moves);
        let mut run = Run { g, todo, refs, reasons, table, effects, moves, recipe: unit.recipe };
        run.block(block);
    }
}

/// The simulation of one block.
struct Run<'u> {
    g: &'u mut Graph,
    todo: &'u mut Vec<BlockId>,
    refs: &'u mut Vec<Ref>,
    /// For each instruction of the block: why it must own.
    reasons: &'u mut Vec<u8>,
    table: &'static OpTable,
    effects: &'u Effects,
    moves: &'u Moves,
    recipe: &'u CfgRecipe,
}

/// How many items each operation takes off the stack, of those that only take some and put as many new ones
/// there as their effect says: most, and all that are frequent.
pub(in crate::compile::cfg) struct Moves([Option<Pops>; Op::COUNT]);

/// So many for the operation, and so many for each unit of its argument.
#[derive(Clone, Copy, Debug)]
struct Pops {
    base: u8,
    per_arg: u8,
}

impl Moves {
    pub fn new(table: &OpTable, classes: Classes, iterators: IteratorSlots) -> Self {
        let mut moves = [None; Op::COUNT];
        for &op in table.by_number.iter().flatten() {
            let [none, one, two] = [0, 1, 2].map(|arg| pops(op, arg, iterators));
            let linear = two + none == 2 * one;
            if linear && !leaves_or_looks(op) && !classes.of(op).any(Class::TARGET) {
                moves[op as usize] = Some(Pops { base: none as u8, per_arg: (one - none) as u8 });
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

impl Run<'_> {
    fn block(&mut self, number: BlockId) {
        let block = self.g.blocks[number as usize];
        self.reasons.clear();
        self.reasons.resize(block.len as usize, 0);
        self.refs.clear();
        self.refs.resize(block.startdepth.max(0) as usize, PLACEHOLDER);
        for i in 0..block.len {
            let instr = self.g.code[(block.start + i) as usize];
            match self.moves.0[instr.op as usize] {
                Some(pops) => {
                    #[cfg(debug_assertions)]
                    let before = self.refs.clone();
                    self.replace(i, &instr, pops);
                    #[cfg(debug_assertions)]
                    self.check_replaced(before, i, instr);
                }
                None => self.step(i, instr),
            }
        }
        let goes_on = match self.recipe.empty_blocks {
            EmptyBlocks::EndAnalysis => block.len > 0,
            EmptyBlocks::RunOn => true,
        };
        if goes_on && block.next != NONE && self.g.falls_through(number) {
            self.enter(block.next);
        }
        for index in 0..self.refs.len() {
            self.mark(self.refs[index].instr, owns::UNCONSUMED);
        }
        for (instr, reasons) in self.g.instrs_mut(number).iter_mut().zip(self.reasons.iter()) {
            if *reasons == 0 {
                match instr.op {
                    Op::LoadFast => instr.op = Op::LoadFastBorrow,
                    Op::LoadFastLoadFast => instr.op = Op::LoadFastBorrowLoadFastBorrow,
                    _ => {}
                }
            }
        }
    }

    /// Runs instruction `i`, which puts new items in the place of some.
    #[inline]
    fn replace(&mut self, i: u32, instr: &Instr, Pops { base, per_arg }: Pops) {
        let pops = i32::from(base) + i32::from(per_arg).wrapping_mul(instr.arg as i32);
        let pushes = pops + self.effects.net(instr);
        if pops > 0 {
            self.pop_many(pops);
        }
        let local = if instr.op == Op::LoadFast { instr.arg } else { UNKNOWN };
        if pushes > 0 {
            self.push(i, local);
            for _ in 1..pushes {
                self.push(i, UNKNOWN);
            }
        }
    }

    /// The same without the table.
    #[cfg(debug_assertions)]
    fn check_replaced(&mut self, before: Vec<Ref>, i: u32, instr: Instr) {
        let replaced = std::mem::replace(self.refs, before);
        self.step(i, instr);
        assert_eq!(*self.refs, replaced, "{instr:?}");
    }

    #[inline]
    fn enter(&mut self, block: BlockId) {
        let block_ref = &mut self.g.blocks[block as usize];
        if !block_ref.lent {
            block_ref.lent = true;
            self.todo.push(block);
        }
    }

    #[inline]
    fn mark(&mut self, instr: u32, reason: u8) {
        if let Some(reasons) = self.reasons.get_mut(instr as usize) {
            *reasons |= reason;
        }
    }

    #[inline]
    fn push(&mut self, instr: u32, local: u32) {
        self.refs.push(Ref { instr, local });
    }

    #[inline]
    fn pop(&mut self) -> Ref {
        self.refs.pop().unwrap_or(PLACEHOLDER)
    }

    fn kill(&mut self, local: u32) {
        for index in 0..self.refs.len() {
            if self.refs[index].local == local {
                self.mark(self.refs[index].instr, owns::KILLED);
            }
        }
    }

    fn store(&mut self, local: u32) {
        let stored = self.pop();
        self.kill(local);
        self.mark(stored.instr, owns::STORED);
    }

    /// Runs instruction `i` of the block.
    fn step(&mut self, i: u32, instr: Instr) {
        let arg = instr.arg;
        match instr.op {
            Op::LoadFast => self.push(i, arg),
            Op::LoadFastAndClear => {
                self.kill(arg);
                self.push(i, arg);
            }
            Op::LoadFastLoadFast => {
                self.push(i, arg >> 4);
                self.push(i, arg & 15);
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
                let copied = self.refs.len().checked_sub(arg as usize).map(|index| self.refs[index]);
                self.refs.push(copied.unwrap_or(PLACEHOLDER));
            }
            Op::Swap => {
                let len = self.refs.len();
                if let Some(other) = len.checked_sub(arg as usize) {
                    self.refs.swap(other, len - 1);
                }
            }
            Op::ForIter => {
                self.enter(arg);
                self.push(i, UNKNOWN);
            }
            Op::GetIter if self.recipe.iterator_slots == IteratorSlots::Two => {
                // What it finds may stay, with an index above it.
                self.push(i, UNKNOWN);
            }
            Op::Send => {
                self.enter(arg);
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
                    self.refs.push(object);
                }
            }
            Op::LoadSpecial => {
                let object = self.pop();
                self.push(i, UNKNOWN);
                self.refs.push(object);
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
                let class = self.g.classes.of(op);
                if class.any(Class::JUMP.with(Class::PUSH)) {
                    self.enter(instr.arg);
                }
                if !class.any(Class::PUSH) {
                    let pops = pops(op, instr.arg, self.recipe.iterator_slots) as i32;
                    self.pop_many(pops);
                    for _ in 0..pops + net {
                        self.push(i, UNKNOWN);
                    }
                }
            }
        }
    }

    fn pop_many(&mut self, count: i32) {
        let left = self.refs.len().saturating_sub(count.max(0) as usize);
        self.refs.truncate(left);
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
