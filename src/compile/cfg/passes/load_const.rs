//! What follows a constant's load and is decided by it (CPython: `basicblock_optimize_load_const`).

use super::Unit;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::constants::{is_none, is_true};
use crate::compile::cfg::graph::{BlockId, Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::{ReturnOfConst, SmallInts};
use crate::target::Op;

/// Tests and conditional jumps on constants, comparisons with `None`, and `RETURN_CONST`.
#[inline(never)]
pub(in crate::compile::cfg) fn optimize_load_const(unit: &mut Unit) {
    let mut block = 0;
    while block != NONE {
        let summary = unit.g.blocks[block as usize].summary;
        if summary.any(Class::CONST) {
            let each = unit.recipe.small_ints == SmallInts::Immediate;
            if each || summary.any(Class::CONST_DECIDES) {
                optimize_block(unit, block);
            } else {
                optimize_return(unit, block);
            }
        }
        block = unit.g.blocks[block as usize].next;
    }
}

/// In a block in which constants decide nothing one may be returned.
fn optimize_return(unit: &mut Unit, number: BlockId) {
    let block = unit.g.blocks[number as usize];
    let end = (block.start + block.len) as usize;
    if let [.., Instr { op: Op::LoadConst, arg, .. }, Instr { op: Op::ReturnValue, .. }] =
        unit.g.code[block.start as usize..end]
        && optimize_pair(unit, number, end - 2, end, (Op::LoadConst, arg))
    {
        unit.g.note(number, Class::NOP);
    }
}

fn optimize_block(unit: &mut Unit, number: BlockId) {
    let block = unit.g.blocks[number as usize];
    let end = (block.start + block.len) as usize;
    let classes = unit.g.classes;
    let immediate = unit.recipe.small_ints == SmallInts::Immediate;
    let returns = unit.recipe.return_const == ReturnOfConst::OneInstruction;
    let mut made_nops = false;
    let mut slot = block.start as usize;
    loop {
        if immediate && !returns {
            slot = unit.make_immediates(slot, end);
        }
        let Some(at) = unit.g.code[slot..end].iter().position(loads) else { break };
        slot += at;
        let is_const = unit.g.code[slot].op == Op::LoadConst;
        if is_const && immediate {
            unit.make_small_int(slot);
        }
        let load = (unit.g.code[slot].op, unit.g.code[slot].arg);
        let decides = unit.g.code[slot + 1..end].first().is_some_and(|follower| {
            classes.of(follower.op).any(Class::CONST_DECIDES) || (returns && follower.op == Op::ReturnValue)
        });
        if decides {
            made_nops |= optimize_pair(unit, number, slot, end, load);
        }
        if immediate && unit.g.code[slot].op == Op::LoadConst {
            unit.make_common_constant(slot);
        }
        slot += 1;
        // Copies of a constant are as good as the constant; for small ints CPython does not look.
        while decides && load.0 == Op::LoadConst && slot + 1 < end && is_copy(&unit.g.code[slot]) {
            made_nops |= optimize_pair(unit, number, slot, end, load);
            slot += 1;
        }
    }
    if made_nops {
        // Tests may have become jumps, or loads.
        unit.g.note(number, Class::NOP.with(Class::ALWAYS).with(Class::LOAD_POP));
    }
}

/// Does it load a constant?
pub(super) fn loads(instr: &Instr) -> bool {
    matches!(instr.op, Op::LoadConst | Op::LoadSmallInt)
}

fn is_copy(instr: &Instr) -> bool {
    instr.op == Op::Copy && instr.arg == 1
}

/// `slot` puts the value of `load` on the stack; is there something to be done with what follows that leaves `NOP`s?
/// (A return is the last instruction of its block, so that no slot behind it counts.)
fn optimize_pair(unit: &mut Unit, number: BlockId, slot: usize, end: usize, load: (Op, u32)) -> bool {
    let follower = unit.g.code[slot + 1];
    match follower.op {
        Op::PopJumpIfFalse | Op::PopJumpIfTrue | Op::JumpIfFalse | Op::JumpIfTrue => {
            unit.g.const_lost = true;
            unit.g.edges_changed = true;
            let truth = unit.truth(load);
            let pops = matches!(follower.op, Op::PopJumpIfFalse | Op::PopJumpIfTrue);
            if pops {
                unit.g.code[slot].nop();
            }
            if truth == matches!(follower.op, Op::PopJumpIfTrue | Op::JumpIfTrue) {
                unit.g.code[slot + 1].op = Op::Jump;
            } else {
                unit.g.code[slot + 1].nop();
            }
            true
        }
        Op::IsOp => {
            load.0 == Op::LoadConst && is_none(unit.pool, unit.meta.consts[load.1 as usize]) && {
                unit.g.const_lost = true;
                compare_with_none(unit.g, number, slot, end)
            }
        }
        Op::ReturnValue => match unit.recipe.return_const {
            ReturnOfConst::OneInstruction => {
                unit.g.code[slot + 1].set(Op::ReturnConst, load.1);
                let line = unit.g.code[slot].loc.line;
                if line < 0 || line == unit.g.code[slot + 1].loc.line {
                    // The NOP for the load would be redundant and go before anyone looks at it.
                    unit.g.code[slot] = unit.g.code[slot + 1];
                    unit.g.blocks[number as usize].len -= 1;
                    return false;
                }
                unit.g.code[slot].nop();
                true
            }
            ReturnOfConst::LoadAndReturn => false,
        },
        Op::ToBool => {
            unit.g.const_lost = true;
            let truth = unit.truth(load);
            let index = unit.add_bool(truth);
            unit.g.code[slot].nop();
            unit.g.code[slot + 1].set(Op::LoadConst, index);
            true
        }
        _ => false,
    }
}

/// Load of `None`, `IS_OP`, perhaps `TO_BOOL`, jump: one jump. The load is at `slot`; are there `NOP`s left?
fn compare_with_none(g: &mut Graph, number: BlockId, slot: usize, end: usize) -> bool {
    let instrs = &mut g.code[slot..end];
    let mut jump = 2;
    let Some(instr) = instrs.get_mut(jump) else { return false };
    let mut changed = false;
    if instr.op == Op::ToBool {
        instr.nop();
        changed = true;
        jump += 1;
    }
    let Some(op) = instrs.get(jump).map(|jump| jump.op) else { return changed };
    let inverted = instrs[1].arg != 0;
    let jumps_if_none = match op {
        Op::PopJumpIfFalse => inverted,
        Op::PopJumpIfTrue => !inverted,
        _ => return changed,
    };
    instrs[0].nop();
    instrs[1].nop();
    instrs[jump].op = if jumps_if_none { Op::PopJumpIfNone } else { Op::PopJumpIfNotNone };
    // Mostly all are on one line, and the NOPs would go at once.
    let line = instrs[jump].loc.line;
    let at = slot as u32 - g.blocks[number as usize].start;
    instrs[..jump].iter().any(|instr| instr.loc.line != line) || !g.take_out(number, at, jump as u32)
}

impl Unit<'_, '_> {
    /// Truth of the value that `load` (an operation and its argument) puts on the stack.
    fn truth(&self, load: (Op, u32)) -> bool {
        match load.0 {
            Op::LoadSmallInt => load.1 != 0,
            _ => is_true(self.pool, self.meta.consts[load.1 as usize]),
        }
    }
}
