//! Passes of 3.11 and 3.12: blocks without instructions leave the list, and one walk through each block does
//! what later releases do in several.

use super::blocks::{Seen, unpack_follows};
use super::nops::basicblock_remove_redundant_nops;
use super::swaps::{apply_static_swaps, swaptimize};
use super::{Unit, Work, fold};
use crate::compile::cfg::class::Class;
use crate::compile::cfg::constants::{is_none, is_true};
use crate::compile::cfg::graph::{BlockId, Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::{ConstCopies, ExitCopies, JumpThreading, ReturnOfConst};
use crate::target::Op;

/// Longer exits are not copied.
const MAX_COPY_SIZE: u32 = 4;

/// Takes blocks without instructions out of the list, and lets jumps lead behind them.
#[inline(never)]
pub(in crate::compile::cfg) fn eliminate_empty_basic_blocks(g: &mut Graph) {
    let mut any = false;
    let mut number = 0;
    while number != NONE {
        let next = g.blocks[number as usize].next;
        let kept = g.next_nonempty(next);
        any |= kept != next;
        g.blocks[number as usize].next = kept;
        number = kept;
    }
    if !any {
        return;
    }
    let mut number = 0;
    while number != NONE {
        let block = g.blocks[number as usize];
        if block.summary.any(Class::TARGET) {
            for slot in block.start as usize..(block.start + block.len) as usize {
                let instr = g.code[slot];
                if g.classes.has_target(instr.op) && g.blocks[instr.arg as usize].len == 0 {
                    let target = g.next_nonempty(instr.arg);
                    g.code[slot].arg = target;
                    g.blocks[target as usize].label = true;
                }
            }
        }
        number = block.next;
    }
}

/// Replaces each jump to a short exit by a copy of it, once.
#[inline(never)]
pub(in crate::compile::cfg) fn inline_small_exit_blocks(g: &mut Graph, copies: ExitCopies) {
    match copies {
        ExitCopies::WithoutLine => return copy_exits_without_line(g),
        ExitCopies::All => {}
    }
    let mut number = if g.summary.any(Class::ALWAYS) { 0 } else { NONE };
    while number != NONE {
        if g.last_class(number).any(Class::ALWAYS)
            && let Some(last) = g.instrs_mut(number).last_mut()
        {
            let target = last.arg;
            let length = g.blocks[target as usize].len;
            if length <= MAX_COPY_SIZE && g.last_class(target).any(Class::EXIT) {
                if let Some(last) = g.instrs_mut(number).last_mut() {
                    last.nop();
                }
                g.append_all(number, target);
                g.note(number, Class::NOP);
            }
        }
        number = g.blocks[number as usize].next;
    }
}

/// The same for exits without a line, from the block made last to the first (3.11: `extend_block`).
fn copy_exits_without_line(g: &mut Graph) {
    if !g.summary.any(Class::ALWAYS) {
        return;
    }
    for at in 0..g.last_made_first.len() {
        let number = g.last_made_first[at];
        let Some(last) = g.last(number) else { continue };
        if last.op != Op::Jump {
            continue;
        }
        let target = g.next_nonempty(last.arg);
        if target == NONE {
            continue;
        }
        let length = g.blocks[target as usize].len;
        if length <= MAX_COPY_SIZE
            && g.last_class(target).any(Class::EXIT)
            && g.instrs(target).iter().all(|instr| instr.loc.line <= 0)
        {
            if let Some(last) = g.instrs_mut(number).last_mut() {
                last.nop();
            }
            g.append_all(number, target);
            g.note(number, Class::NOP);
        }
    }
}

/// The peephole optimiser, followed in each block by the removal of redundant `NOP`s before the next is looked at
/// (3.11).
#[inline(never)]
pub(in crate::compile::cfg) fn optimize_and_clean_basic_blocks(unit: &mut Unit) {
    let mut number = 0;
    while number != NONE {
        let mut seen = Seen::default();
        optimize_basic_block(unit, number, &mut seen);
        if seen.nops {
            unit.g.note(number, Class::NOP.with(Class::ALWAYS));
        }
        basicblock_remove_redundant_nops(unit.g, number);
        number = unit.g.blocks[number as usize].next;
    }
}

/// Counts the ways to each block, and empties those that there is none to. A block that is met twice before
/// it is visited counts its ways twice, as in CPython.
#[inline(never)]
pub(in crate::compile::cfg) fn mark_reachable(g: &mut Graph, work: &mut Work) {
    // The implicit `return None` at the end is almost always one of them.
    g.const_lost = true;
    for block in &mut g.blocks {
        block.predecessors = 0;
        block.scratch = NONE;
    }
    g.blocks[0].predecessors = 1;
    let todo = &mut work.todo;
    todo.clear();
    todo.push(0);
    while let Some(number) = todo.pop() {
        g.blocks[number as usize].scratch = number;
        let block = g.blocks[number as usize];
        let mut reach = |blocks: &mut [crate::compile::cfg::graph::Block], to: BlockId| {
            let to_block = &mut blocks[to as usize];
            if to_block.scratch == NONE {
                todo.push(to);
            }
            to_block.predecessors += 1;
        };
        if block.next != NONE && g.falls_through(number) {
            reach(&mut g.blocks, block.next);
        }
        if block.summary.any(Class::TARGET) {
            for slot in block.start as usize..(block.start + block.len) as usize {
                let instr = g.code[slot];
                if g.classes.has_target(instr.op) {
                    reach(&mut g.blocks, instr.arg);
                }
            }
        }
    }
    for block in &mut g.blocks {
        if block.predecessors == 0 {
            block.len = 0;
            block.handler = false;
        }
    }
}

/// The peephole optimiser.
#[inline(never)]
pub(in crate::compile::cfg) fn optimize_basic_blocks(unit: &mut Unit) {
    let mut number = 0;
    while number != NONE {
        let mut seen = Seen::default();
        optimize_basic_block(unit, number, &mut seen);
        if seen.nops {
            // Tests may have become jumps.
            unit.g.note(number, Class::NOP.with(Class::ALWAYS));
        }
        if unit.g.blocks[number as usize].summary.any(Class::POP) {
            unit.g.note(number, Class::LOAD_POP);
        }
        number = unit.g.blocks[number as usize].next;
    }
}

fn optimize_basic_block(unit: &mut Unit, number: BlockId, seen: &mut Seen) {
    let block = unit.g.blocks[number as usize];
    let (start, end) = (block.start as usize, (block.start + block.len) as usize);
    // The constant that is on the stack: its load was the last instruction, or a copy of it is.
    let mut load = None;
    let mut slot = start;
    while slot < end {
        let instr = unit.g.code[slot];
        match instr.op {
            Op::LoadConst => {
                load = Some(instr.arg);
                slot = constant(unit, slot, end, instr.arg, seen);
            }
            Op::Copy if instr.arg == 1 && unit.recipe.const_copies == ConstCopies::Followed => {
                if let Some(index) = load {
                    slot = constant(unit, slot, end, index, seen);
                }
            }
            op => {
                load = None;
                match op {
                    Op::BuildTuple => {
                        if !unpack_follows(unit, number, slot, seen) {
                            fold::adjacent_tuple(unit, number, slot, seen);
                        }
                    }
                    Op::PopJumpIfFalse
                    | Op::PopJumpIfTrue
                    | Op::PopJumpIfNone
                    | Op::PopJumpIfNotNone
                    | Op::Jump => redirect(unit.g, slot, unit.recipe.threading),
                    Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => {
                        redirect_or_pop(unit.g, slot);
                        unit.g.note(number, unit.g.classes.of(unit.g.code[slot].op));
                    }
                    Op::Swap if instr.arg == 1 => {
                        unit.g.code[slot].nop();
                        seen.nops = true;
                    }
                    Op::Swap => {
                        let instrs = &mut unit.g.code[start..end];
                        let at = swaptimize(instrs, slot - start, &mut unit.work.numbers);
                        apply_static_swaps(instrs, at);
                        slot = start + at;
                        seen.nops = true;
                    }
                    Op::PushNull => {
                        if slot + 1 < end
                            && unit.g.code[slot + 1].op == Op::LoadGlobal
                            && unit.g.code[slot + 1].arg & 1 == 0
                        {
                            unit.g.code[slot].nop();
                            unit.g.code[slot + 1].arg |= 1;
                            seen.nops = true;
                        }
                    }
                    _ => {}
                }
            }
        }
        slot += 1;
    }
}

/// `slot` puts constant `index` on the stack: what follows may be decided by it. Returns the last slot that was
/// dealt with.
fn constant(unit: &mut Unit, slot: usize, end: usize, index: u32, seen: &mut Seen) -> usize {
    if slot + 1 >= end {
        return slot;
    }
    let value = unit.meta.consts[index as usize];
    match unit.g.code[slot + 1].op {
        op @ (Op::PopJumpIfFalse | Op::PopJumpIfTrue) => {
            unit.g.code[slot].nop();
            if is_true(unit.pool, value) == (op == Op::PopJumpIfTrue) {
                unit.g.code[slot + 1].op = Op::Jump;
            } else {
                unit.g.code[slot + 1].nop();
            }
            seen.nops = true;
        }
        op @ (Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop) => {
            if is_true(unit.pool, value) == (op == Op::JumpIfTrueOrPop) {
                unit.g.code[slot + 1].op = Op::Jump;
            } else {
                unit.g.code[slot].nop();
                unit.g.code[slot + 1].nop();
            }
            seen.nops = true;
        }
        Op::IsOp if is_none(unit.pool, value) && slot + 2 < end => {
            let inverted = unit.g.code[slot + 1].arg != 0;
            let if_none = match unit.g.code[slot + 2].op {
                Op::PopJumpIfFalse => inverted,
                Op::PopJumpIfTrue => !inverted,
                _ => return slot,
            };
            unit.g.code[slot].nop();
            unit.g.code[slot + 1].nop();
            unit.g.code[slot + 2].op = if if_none { Op::PopJumpIfNone } else { Op::PopJumpIfNotNone };
            seen.nops = true;
        }
        Op::ReturnValue => match unit.recipe.return_const {
            ReturnOfConst::OneInstruction => {
                unit.g.code[slot].nop();
                unit.g.code[slot + 1].set(Op::ReturnConst, index);
                seen.nops = true;
                return slot + 1;
            }
            ReturnOfConst::LoadAndReturn => {}
        },
        _ => {}
    }
    slot
}

/// A jump to a jump leads where that leads, where no line is lost.
fn redirect(g: &mut Graph, slot: usize, threading: JumpThreading) {
    loop {
        let Some((instr, target)) = jump_and_target(g, slot) else { return };
        let on_line = match threading {
            JumpThreading::SameLine => target.loc.line == instr.loc.line,
            JumpThreading::SameLineOrNone | JumpThreading::Appended => {
                target.loc.line == instr.loc.line || target.loc.line == -1
            }
        };
        if target.op != Op::Jump || !on_line || target.arg == instr.arg {
            return;
        }
        g.code[slot].arg = target.arg;
    }
}

/// The jump at `slot`, which now leads to a block that is not empty, and what it leads to.
fn jump_and_target(g: &mut Graph, slot: usize) -> Option<(Instr, Instr)> {
    let target = g.next_nonempty(g.code[slot].arg);
    if target == NONE {
        return None;
    }
    g.code[slot].arg = target;
    Some((g.code[slot], *g.instrs(target).first()?))
}

/// A jump that keeps what it tests, to a jump that tests the same (3.11).
fn redirect_or_pop(g: &mut Graph, slot: usize) {
    while let Some((instr, target)) = jump_and_target(g, slot) {
        if instr.loc.line != target.loc.line {
            return;
        }
        let (pops, other_keeps, other_pops) = match instr.op {
            Op::JumpIfFalseOrPop => (Op::PopJumpIfFalse, Op::JumpIfTrueOrPop, Op::PopJumpIfTrue),
            Op::JumpIfTrueOrPop => (Op::PopJumpIfTrue, Op::JumpIfFalseOrPop, Op::PopJumpIfFalse),
            _ => return redirect(g, slot, JumpThreading::SameLine),
        };
        if target.op == other_keeps || target.op == other_pops {
            g.code[slot].set(pops, g.blocks[instr.arg as usize].next);
        } else if target.op == pops && target.arg != instr.arg {
            g.code[slot].set(pops, target.arg);
        } else if (target.op == Op::Jump || target.op == instr.op) && target.arg != instr.arg {
            g.code[slot].arg = target.arg;
        } else {
            return;
        }
    }
}
