//! Checks after each pass, in debug builds, that a graph is well-formed.
//!
//! - Jumps and exits end their blocks (but for the mark of the way not taken behind a conditional jump).
//! - Targets are blocks of the list, and so are handlers of reachable instructions.
//! - The summaries of blocks have what passes rely on.
//! - No block runs off the end of the list.

use super::class::Class;
use super::graph::{BlockId, Graph, NONE};
use crate::compile::recipe::cfg::CfgPass;
use crate::target::Op;

/// What summaries must know of.
const TRACKED: Class = Class::TARGET
    .with(Class::CONST)
    .with(Class::CELL)
    .with(Class::CONDITION)
    .with(Class::ALWAYS)
    .with(Class::PSEUDO)
    .with(Class::POP)
    .with(Class::NOP)
    .with(Class::NO_LINE);

/// What the sum of all must know of.
const EVERYWHERE: Class = Class::NOP.with(Class::LOAD_POP).with(Class::ALWAYS).with(Class::CONDITION);

/// Panics where `pass` left the graph malformed.
pub(super) fn verify(g: &Graph, pass: CfgPass) {
    let mut listed = vec![false; g.blocks.len()];
    let mut number: BlockId = 0;
    while number != NONE {
        assert!(!listed[number as usize], "{pass:?}: block {number} is listed twice");
        listed[number as usize] = true;
        number = g.blocks[number as usize].next;
    }
    let mut number: BlockId = 0;
    while number != NONE {
        verify_block(g, pass, number, &listed);
        number = g.blocks[number as usize].next;
    }
}

fn verify_block(g: &Graph, pass: CfgPass, number: BlockId, listed: &[bool]) {
    let block = &g.blocks[number as usize];
    assert!(block.len <= block.high && block.high <= block.cap, "{pass:?}: block {number} is too long");
    let instrs = g.instrs(number);
    for (i, instr) in instrs.iter().enumerate() {
        let class = g.classes.of(instr.op);
        if class.any(Class::JUMP.with(Class::EXIT)) && i + 1 != instrs.len() {
            let marked = class.any(Class::CONDITION) && instrs[i + 1].op == Op::NotTaken;
            assert!(marked && i + 2 == instrs.len(), "{pass:?}: code after {instr:?} in block {number}");
        }
        if class.any(Class::JUMP.with(Class::PUSH)) {
            let there = listed.get(instr.arg as usize).copied().unwrap_or(false);
            assert!(there, "{pass:?}: {instr:?} of block {number} has no target");
        }
        let missing = class.with(Class::of_line(instr.loc.line)).without(block.summary);
        assert!(!missing.any(TRACKED), "{pass:?}: {instr:?} is news to block {number}");
    }
    let unknown = block.summary.without(g.summary);
    assert!(instrs.is_empty() || !unknown.any(EVERYWHERE), "{pass:?}: block {number} is news to the graph");
    if block.predecessors > 0 && block.next == NONE {
        assert!(!g.falls_through(number), "{pass:?}: block {number} runs off the end");
    }
}
