//! Empties blocks that nothing leads to, and counts the ways to the others (CPython: `remove_unreachable`).

use super::Work;
use crate::compile::cfg::class::Class;
#[cfg(debug_assertions)]
use crate::compile::cfg::graph::Block;
use crate::compile::cfg::graph::{Graph, NONE};

/// Empties unreachable blocks; afterwards `predecessors` is right in every block.
#[inline(never)]
pub(in crate::compile::cfg) fn remove_unreachable(g: &mut Graph, work: &mut Work) {
    if g.blocks.len() == 1 && !g.summary.any(Class::TARGET) {
        g.blocks[0].predecessors = 1;
    } else if g.edges_changed {
        count_ways(g, work);
    } else {
        // Nothing would come out otherwise.
        #[cfg(debug_assertions)]
        {
            let before = g.blocks.clone();
            count_ways(g, work);
            let same = |(a, b): (&Block, &Block)| a.predecessors == b.predecessors && a.len == b.len;
            assert!(before.iter().zip(&g.blocks).all(same), "ways between blocks changed");
        }
    }
}

fn count_ways(g: &mut Graph, work: &mut Work) {
    for block in &mut g.blocks {
        block.predecessors = 0;
    }
    g.blocks[0].predecessors = 1;
    let todo = &mut work.todo;
    todo.clear();
    todo.push(0);
    while let Some(number) = todo.pop() {
        let block = g.blocks[number as usize];
        let end = (block.start + block.len) as usize;
        if block.next != NONE && g.falls_through(number) {
            let next = &mut g.blocks[block.next as usize];
            if next.predecessors == 0 {
                todo.push(block.next);
            }
            next.predecessors += 1;
        }
        if !block.summary.any(Class::TARGET) {
            continue;
        }
        // Only what opens a guarded region has a target before the end of the block.
        let guarded = block.summary.any(Class::PUSH);
        let from = if guarded { block.start as usize } else { end - (block.len != 0) as usize };
        for instr in &g.code[from..end] {
            if g.classes.has_target(instr.op) {
                let target = &mut g.blocks[instr.arg as usize];
                if target.predecessors == 0 {
                    todo.push(instr.arg);
                }
                target.predecessors += 1;
            }
        }
    }
    for block in &mut g.blocks {
        if block.predecessors == 0 {
            g.settled &= block.len == 0;
            g.const_lost |= block.len != 0 && block.summary.any(Class::CONST);
            block.len = 0;
            block.handler = false;
        }
    }
    g.edges_changed = false;
}
