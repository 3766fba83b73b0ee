//! Directions of conditional jumps (CPython: `normalize_jumps`).

use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{BlockId, Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::{BranchMarks, CfgRecipe, JumpHandlers};
use crate::target::Op;

/// Makes every conditional jump a forward one, and marks the way on after it where the target wants that.
#[inline(never)]
pub(in crate::compile::cfg) fn normalize_jumps(g: &mut Graph, recipe: &CfgRecipe) {
    if !g.summary.any(Class::CONDITION) {
        return;
    }
    let mut block = 0;
    while block != NONE {
        g.blocks[block as usize].normalized = true;
        if g.blocks[block as usize].summary.any(Class::CONDITION) {
            normalize(g, block, recipe);
        }
        block = g.blocks[block as usize].next;
    }
}

fn reversed(op: Op) -> Op {
    match op {
        Op::PopJumpIfFalse => Op::PopJumpIfTrue,
        Op::PopJumpIfTrue => Op::PopJumpIfFalse,
        Op::PopJumpIfNone => Op::PopJumpIfNotNone,
        Op::PopJumpIfNotNone => Op::PopJumpIfNone,
        other => other,
    }
}

fn normalize(g: &mut Graph, block: BlockId, recipe: &CfgRecipe) {
    let Some(&last) = g.last(block) else { return };
    if !g.classes.of(last.op).any(Class::CONDITION) {
        return;
    }
    if !g.blocks[last.arg as usize].normalized {
        match recipe.branch_marks {
            BranchMarks::None => {}
            BranchMarks::NotTaken => append(g, block, Op::NotTaken, 0, last, recipe.jump_handlers),
        }
        return;
    }
    // A jump back on a condition becomes a jump over a jump back.
    let next = g.blocks[block as usize].next;
    let back = g.new_block();
    match recipe.branch_marks {
        BranchMarks::None => {}
        BranchMarks::NotTaken => {
            append(g, back, Op::NotTaken, 0, last, recipe.jump_handlers);
            g.blocks[back as usize].startdepth = g.blocks[last.arg as usize].startdepth;
        }
    }
    append(g, back, Op::Jump, last.arg, last, recipe.jump_handlers);
    g.blocks[back as usize].cold = g.blocks[block as usize].cold;
    if let Some(Instr { op, arg, .. }) = g.instrs_mut(block).last_mut() {
        *op = reversed(last.op);
        *arg = next;
    }
    g.insert_after(block, back);
}

/// Appends what the conditional jump `jump` gets.
fn append(g: &mut Graph, block: BlockId, op: Op, arg: u32, jump: Instr, handlers: JumpHandlers) {
    g.append(block, op, arg, jump.loc);
    inherit_handler(g, block, jump, handlers);
}

/// Gives the last instruction of `block` the handler of the jump that it was added for.
pub(super) fn inherit_handler(g: &mut Graph, block: BlockId, jump: Instr, handlers: JumpHandlers) {
    match handlers {
        JumpHandlers::Unguarded => {}
        JumpHandlers::Inherited => {
            if let Some(added) = g.instrs_mut(block).last_mut() {
                added.handler = jump.handler;
            }
        }
    }
}
