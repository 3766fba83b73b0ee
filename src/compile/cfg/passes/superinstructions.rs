//! Pairs of loads and stores of locals become one instruction (CPython: `insert_superinstructions`).

use super::nops::remove_redundant_nops;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Graph, NONE};
use crate::compile::ir::Instr;
use crate::target::Op;

/// Both halves' arguments must fit in four bits.
const HALF: u32 = 16;

/// Joins neighbours on one line.
pub(in crate::compile::cfg) fn insert_superinstructions(g: &mut Graph) {
    let mut block = 0;
    while block != NONE {
        let mut made_nops = false;
        let summary = g.blocks[block as usize].summary;
        let instrs = if summary.any(Class::LOCALS) { g.instrs_mut(block) } else { &mut [] };
        let mut from = 0;
        while let Some(at) = instrs
            .get(from + 1..)
            .and_then(|later| later.iter().position(|instr| matches!(instr.op, Op::LoadFast | Op::StoreFast)))
        {
            from += at + 1;
            // A store that was just joined to its predecessor is a NOP by now and joins no further.
            let joined = match (instrs[from - 1].op, instrs[from].op) {
                (Op::LoadFast, Op::LoadFast) => Op::LoadFastLoadFast,
                (Op::StoreFast, Op::LoadFast) => Op::StoreFastLoadFast,
                (Op::StoreFast, Op::StoreFast) => Op::StoreFastStoreFast,
                _ => continue,
            };
            made_nops |= join(instrs, from - 1, joined);
        }
        if made_nops {
            g.note(block, Class::NOP);
        }
        block = g.blocks[block as usize].next;
    }
    remove_redundant_nops(g);
}

fn join(instrs: &mut [Instr], at: usize, op: Op) -> bool {
    let (first, second) = (instrs[at], instrs[at + 1]);
    let (line1, line2) = (first.loc.line, second.loc.line);
    if (line1 >= 0 && line2 >= 0 && line1 != line2) || first.arg >= HALF || second.arg >= HALF {
        return false;
    }
    instrs[at].set(op, first.arg << 4 | second.arg);
    instrs[at + 1].nop();
    true
}
