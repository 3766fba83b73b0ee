//! Copies small exits, and blocks without line numbers that do not run on, into the blocks that jump to them
//! (CPython: `inline_small_or_no_lineno_blocks`).

use super::lines::has_no_line;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{BlockId, Graph, NONE};

use crate::target::Op;

/// The longest exit that is copied.
const MAX_COPY_SIZE: u32 = 4;

/// Replaces jumps by copies of what they jump to until nothing changes.
#[inline(never)]
pub(in crate::compile::cfg) fn inline_small_or_no_lineno_blocks(g: &mut Graph) {
    if !g.summary.any(Class::ALWAYS) {
        return;
    }
    loop {
        let mut changed = false;
        let mut block = 0;
        while block != NONE {
            if g.blocks[block as usize].summary.any(Class::ALWAYS) {
                changed |= inline_into(g, block);
            }
            block = g.blocks[block as usize].next;
        }
        if !changed {
            return;
        }
    }
}

fn inline_into(g: &mut Graph, block: BlockId) -> bool {
    let Some(&last) = g.last(block) else { return false };
    if !g.classes.of(last.op).any(Class::ALWAYS) {
        return false;
    }
    let target = last.arg;
    let small_exit = g.last_class(target).any(Class::EXIT) && g.blocks[target as usize].len <= MAX_COPY_SIZE;
    let no_line_no_fallthrough = has_no_line(g, target) && !g.falls_through(target);
    if !small_exit && !no_line_no_fallthrough {
        return false;
    }
    if let Some(jump) = g.instrs_mut(block).last_mut() {
        jump.nop();
    }
    g.append_all(block, target);
    g.note(block, Class::NOP);
    if no_line_no_fallthrough && last.op == Op::Jump {
        let classes = g.classes;
        if let Some(end) = g.instrs_mut(block).last_mut()
            && classes.of(end.op).any(Class::ALWAYS)
        {
            // A jump that looks for signals must not become one that does not.
            end.op = Op::Jump;
        }
    }
    g.blocks[target as usize].predecessors -= 1;
    true
}
