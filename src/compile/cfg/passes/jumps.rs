//! Directions of conditional jumps (CPython: `normalize_jumps`).

use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{BlockId, Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::BranchMarks;
use crate::target::Op;

/// Makes every conditional jump a forward one, and marks the way on after it where the target wants that.
pub(in crate::compile::cfg) fn normalize_jumps(g: &mut Graph, marks: BranchMarks) {
    if !g.summary.any(Class::CONDITION) {
        return;
    }
    let mut block = 0;
    while block != NONE {
        g.blocks[block as usize].normalized = true;
        if g.blocks[block as usize].summary.any(Class::CONDITION) {
            normalize(g, block, marks);
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

fn normalize(g: &mut Graph, block: BlockId, marks: BranchMarks) {
    let Some(&last) = g.last(block) else { return };
    if !g.classes.of(last.op).any(Class::CONDITION) {
        return;
    }
    if !g.blocks[last.arg as usize].normalized {
        match marks {
            BranchMarks::None => {}
            BranchMarks::NotTaken => g.append(block, Op::NotTaken, 0, last.loc),
        }
        return;
    }
    // A jump back on a condition becomes a jump over a jump back.
    let next = g.blocks[block as usize].next;
    let back = g.new_block();
    match marks {
        BranchMarks::None => {}
        BranchMarks::NotTaken => {
            g.append(back, Op::NotTaken, 0, last.loc);
            g.blocks[back as usize].startdepth = g.blocks[last.arg as usize].startdepth;
        }
    }
    g.append(back, Op::Jump, last.arg, last.loc);
    g.blocks[back as usize].cold = g.blocks[block as usize].cold;
    if let Some(Instr { op, arg, .. }) = g.instrs_mut(block).last_mut() {
        *op = reversed(last.op);
        *arg = next;
    }
    g.insert_after(block, back);
}
