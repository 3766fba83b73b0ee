//! Pairs of loads and stores of locals become one instruction (CPython: `insert_superinstructions`).

use super::Work;
use super::nops::remove_redundant_nops;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Graph, NONE};
use crate::compile::ir::Instr;
use crate::target::Op;

/// Both halves' arguments must fit in four bits.
const HALF: u32 = 16;

/// Joins neighbours on one line.
pub(in crate::compile::cfg) fn insert_superinstructions(g: &mut Graph, work: &mut Work) {
    let mut block = 0;
    while block != NONE {
        if g.blocks[block as usize].summary.any(Class::LOCALS)
            && join_in_block(g.instrs_mut(block), &mut work.numbers)
        {
            g.note(block, Class::NOP);
        }
        block = g.blocks[block as usize].next;
    }
    remove_redundant_nops(g);
}

/// Joins neighbours of a block; says whether there were any.
fn join_in_block(instrs: &mut [Instr], pairs: &mut Vec<u32>) -> bool {
    if pairs.len() < instrs.len() {
        pairs.resize(instrs.len(), 0);
    }
    // Where pairs are is hard to foresee: all places are put down, and those count that are some.
    let mut count = 0;
    for (at, pair) in instrs.windows(2).enumerate() {
        let [first, second] = pair else { break };
        if let Some(place) = pairs.get_mut(count) {
            *place = at as u32;
        }
        let (loads, stores) = (second.op == Op::LoadFast, second.op == Op::StoreFast);
        let joins = (first.op == Op::LoadFast) & loads | (first.op == Op::StoreFast) & (loads | stores);
        count += usize::from(joins & ((first.arg | second.arg) < HALF));
    }
    let mut made_nops = false;
    for &at in &pairs[..count] {
        let at = at as usize;
        // A store that was just joined to its predecessor is a NOP by now and joins no further.
        let joined = match (instrs[at].op, instrs[at + 1].op) {
            (Op::LoadFast, Op::LoadFast) => Op::LoadFastLoadFast,
            (Op::StoreFast, Op::LoadFast) => Op::StoreFastLoadFast,
            (Op::StoreFast, Op::StoreFast) => Op::StoreFastStoreFast,
            _ => continue,
        };
        made_nops |= join(instrs, at, joined);
    }
    made_nops
}

fn join(instrs: &mut [Instr], at: usize, op: Op) -> bool {
    let (first, second) = (instrs[at], instrs[at + 1]);
    let (line1, line2) = (first.loc.line, second.loc.line);
    if line1 >= 0 && line2 >= 0 && line1 != line2 {
        return false;
    }
    instrs[at].set(op, first.arg << 4 | second.arg);
    instrs[at + 1].nop();
    true
}
