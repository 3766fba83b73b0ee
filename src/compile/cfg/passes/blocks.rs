//! Peephole optimisation of each block (CPython: `optimize_basic_block`): jumps to jumps, redundant tests,
//! folding, swaps.

use super::jumps::inherit_handler;
use super::swaps::optimize_swaps;
use super::{Unit, fold};
use crate::compile::cfg::class::{Class, Classes};
use crate::compile::cfg::graph::{Block, BlockId, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::{CfgFolding, Negations};
use crate::target::Op;

/// Flag in `COMPARE_OP`'s argument: the result is to be a `bool`.
const COMPARE_TO_BOOL: u32 = 16;

/// Optimises each block.
#[inline(never)]
pub(in crate::compile::cfg) fn optimize_basic_blocks(unit: &mut Unit) {
    if !unit.g.summary.any(Class::PEEPHOLES.with(Class::JUMP)) {
        return;
    }
    let mut block = 0;
    while block != NONE {
        let Block { len, summary, .. } = unit.g.blocks[block as usize];
        if summary.any(Class::PEEPHOLES) {
            optimize_basic_block(unit, block, 0);
        } else if summary.any(Class::JUMP) && len != 0 {
            optimize_basic_block(unit, block, len - 1);
        }
        block = unit.g.blocks[block as usize].next;
    }
}

/// What a step of the peephole did.
#[derive(Default)]
pub(super) struct Seen {
    /// There may be new `NOP`s.
    pub nops: bool,
    /// There are `SWAP`s.
    swaps: bool,
    /// The instruction itself has gone, and the next one is in its place.
    gone: bool,
}

/// Optimises `block` from its `i`-th instruction on.
fn optimize_basic_block(unit: &mut Unit, block: BlockId, mut i: u32) {
    let mut seen = Seen::default();
    let classes = unit.g.classes;
    // Threading a jump moves the block's end, and perhaps its place in the arena.
    while let Some(next) = next_step(classes, &unit.g.instrs(block)[i as usize..]) {
        i += next as u32;
        step(unit, block, i, &mut seen);
        i += u32::from(!std::mem::take(&mut seen.gone));
    }
    if seen.swaps {
        let g = &mut *unit.g;
        optimize_swaps(g.instrs_mut(block), &mut unit.work.numbers);
        unit.g.note(block, Class::EXCHANGED);
        seen.nops = true;
    }
    if seen.nops {
        unit.g.note(block, Class::NOP);
    }
}

/// The first of `instrs` that [`step`] may have something to do with, because of itself or what follows it.
fn next_step(classes: Classes, instrs: &[Instr]) -> Option<usize> {
    let alone = Class::FOLDS.with(Class::JUMP);
    let (first, followers) = instrs.split_first()?;
    let mut class = classes.of(first.op);
    for (at, follower) in followers.iter().enumerate() {
        let next = classes.of(follower.op);
        if class.any(alone) | next.behind(class).any(Class::PEEPHOLE_PAIRS) {
            return Some(at);
        }
        class = next;
    }
    class.any(alone).then_some(followers.len())
}

fn step(unit: &mut Unit, block: BlockId, i: u32, seen: &mut Seen) {
    let start = unit.g.blocks[block as usize].start as usize;
    let slot = start + i as usize;
    let instr = unit.g.code[slot];
    match instr.op {
        Op::PopJumpIfFalse
        | Op::PopJumpIfTrue
        | Op::PopJumpIfNone
        | Op::PopJumpIfNotNone
        | Op::JumpIfFalse
        | Op::JumpIfTrue
        | Op::Jump
        | Op::JumpNoInterrupt => thread(unit, block, slot, seen),
        Op::BuildTuple => {
            if !unpack_follows(unit, block, slot, seen) {
                match unit.recipe.folding {
                    CfgFolding::Tuples => fold::adjacent_tuple(unit, block, slot, seen),
                    CfgFolding::All => fold::tuple(unit, block, slot, seen),
                }
            }
        }
        Op::Swap => {
            if instr.arg == 1 {
                unit.g.code[slot].nop();
                seen.nops = true;
            } else {
                seen.swaps = true;
            }
        }
        Op::StoreFast => {
            if let Some(next) = unit.g.instrs(block).get(i as usize + 1)
                && next.op == Op::StoreFast
                && next.arg == instr.arg
                && next.loc.line == instr.loc.line
            {
                unit.g.code[slot].set(Op::PopTop, 0);
                unit.g.note(block, Class::POP.with(Class::LOAD_POP));
            }
        }
        Op::LoadGlobal => {
            if instr.arg & 1 == 0 && next_op(unit, block, i) == Op::PushNull {
                unit.g.code[slot].arg |= 1;
                unit.g.code[slot + 1].nop();
                seen.nops = true;
            }
        }
        Op::CompareOp | Op::ContainsOp | Op::IsOp | Op::ToBool | Op::UnaryNot => {
            test(unit, block, i, seen);
        }
        _ => match unit.recipe.folding {
            CfgFolding::Tuples => {}
            CfgFolding::All => fold::step(unit, block, slot, seen),
        },
    }
}

/// The operation after instruction `i`; `NOP` at the end.
pub(super) fn next_op(unit: &Unit, block: BlockId, i: u32) -> Op {
    unit.g.instrs(block).get(i as usize + 1).map_or(Op::Nop, |next| next.op)
}

/// A jump to a jump becomes a jump to where that leads (CPython: `jump_thread`).
fn thread(unit: &mut Unit, block: BlockId, slot: usize, seen: &mut Seen) {
    let g = &mut *unit.g;
    let instr = g.code[slot];
    let Some(&target) = g.instrs(instr.arg).first() else { return };
    let op = match (instr.op, target.op) {
        (Op::JumpIfFalse, Op::JumpIfTrue) | (Op::JumpIfTrue, Op::JumpIfFalse) => {
            // The value that jumps here does not jump there.
            let next = g.blocks[instr.arg as usize].next;
            g.code[slot].arg = next;
            g.edges_changed = true;
            g.settled = false;
            return thread(unit, block, slot, seen);
        }
        (Op::Jump | Op::JumpNoInterrupt, Op::Jump) => Op::Jump,
        (Op::JumpIfFalse, Op::JumpIfFalse) | (Op::JumpIfTrue, Op::JumpIfTrue) => instr.op,
        (op, Op::Jump) => op,
        (op @ (Op::Jump | Op::JumpNoInterrupt), Op::JumpNoInterrupt) => op,
        _ => return,
    };
    if instr.arg != target.arg {
        // A NOP stays for the line; where that is not needed, it goes later.
        g.code[slot].nop();
        g.append(block, op, target.arg, target.loc);
        g.edges_changed = true;
        inherit_handler(g, block, instr, unit.recipe.jump_handlers);
        seen.nops = true;
    }
}

/// A tuple that is unpacked at once is not built.
pub(super) fn unpack_follows(unit: &mut Unit, block: BlockId, slot: usize, seen: &mut Seen) -> bool {
    let b = &unit.g.blocks[block as usize];
    let end = (b.start + b.len) as usize;
    let Some(next) = unit.g.code[..end].get(slot + 1).copied() else { return false };
    let count = unit.g.code[slot].arg;
    if next.op != Op::UnpackSequence || next.arg != count || !(1..=3).contains(&count) {
        return false;
    }
    unit.g.code[slot].nop();
    seen.nops = true;
    if count == 1 {
        unit.g.code[slot + 1].nop();
    } else {
        unit.g.code[slot + 1].op = Op::Swap;
    }
    true
}

/// Tests whose result is tested again, or negated.
fn test(unit: &mut Unit, block: BlockId, i: u32, seen: &mut Seen) {
    let next = next_op(unit, block, i);
    let slot = unit.g.blocks[block as usize].start as usize + i as usize;
    let instr = unit.g.code[slot];
    let code = &mut unit.g.code;
    match (instr.op, next) {
        (Op::CompareOp, Op::ToBool) => code[slot + 1].set(Op::CompareOp, instr.arg | COMPARE_TO_BOOL),
        (Op::ContainsOp | Op::IsOp | Op::UnaryNot, Op::ToBool) => code[slot + 1].set(instr.op, instr.arg),
        (Op::ToBool, Op::ToBool) => {}
        (Op::UnaryNot, Op::UnaryNot) => code[slot + 1].nop(),
        (Op::ContainsOp | Op::IsOp, Op::UnaryNot) => match unit.recipe.negations {
            Negations::Kept => return,
            Negations::Absorbed => code[slot + 1].set(instr.op, instr.arg ^ 1),
        },
        (Op::UnaryNot, _) => {
            return match unit.recipe.folding {
                CfgFolding::Tuples => {}
                CfgFolding::All => fold::step(unit, block, slot, seen),
            };
        }
        _ => return,
    }
    // Mostly the two are on one line, and a NOP would go at once.
    if code[slot].loc.line == code[slot + 1].loc.line && unit.g.take_out(block, i, 1) {
        seen.gone = true;
        return;
    }
    unit.g.code[slot].nop();
    seen.nops = true;
}
