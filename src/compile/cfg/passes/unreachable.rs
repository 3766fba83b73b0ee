//! Empties blocks that nothing leads to, and counts the ways to the others (CPython: `remove_unreachable`).

use super::Work;
use crate::compile::cfg::class::{Class, Classes};
use crate::compile::cfg::graph::{Block, BlockId, Graph, NONE};
use crate::compile::ir::Instr;

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

/// One sweep in program order, in which few blocks are met before something leads to them; those are visited when
/// something does.
fn count_ways(g: &mut Graph, work: &mut Work) {
    let Graph { blocks, code, classes, .. } = g;
    for block in &mut blocks[..] {
        block.predecessors = 0;
        block.passed = false;
    }
    blocks[0].predecessors = 1;
    let todo = &mut work.todo;
    todo.clear();
    let mut number = 0;
    while number != NONE {
        let block = &mut blocks[number as usize];
        let next = block.next;
        if block.predecessors == 0 {
            block.passed = true;
        } else {
            count_ways_from(blocks, code, *classes, number, todo);
            while let Some(late) = todo.pop() {
                count_ways_from(blocks, code, *classes, late, todo);
            }
        }
        number = next;
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

/// Counts the ways that begin in a block; those that it leads to and that the sweep has passed go to `todo`.
#[inline(always)]
fn count_ways_from(
    blocks: &mut [Block],
    code: &[Instr],
    classes: Classes,
    number: BlockId,
    todo: &mut Vec<BlockId>,
) {
    let Block { start, len, next, summary, .. } = blocks[number as usize];
    let instrs = &code[start as usize..(start + len) as usize];
    let last = instrs.last().map_or(Class::NONE, |last| classes.of(last.op));
    if next != NONE && !last.any(Class::STOPS) {
        count_way(blocks, next, todo);
    }
    if summary.any(Class::PUSH) {
        // Only what opens a guarded region has a target before the end of the block.
        for instr in instrs.iter().filter(|instr| classes.has_target(instr.op)) {
            count_way(blocks, instr.arg, todo);
        }
    } else if let Some(last) = instrs.last()
        && classes.has_target(last.op)
    {
        count_way(blocks, last.arg, todo);
    }
}

#[inline(always)]
fn count_way(blocks: &mut [Block], target: BlockId, todo: &mut Vec<BlockId>) {
    let block = &mut blocks[target as usize];
    block.predecessors += 1;
    if std::mem::take(&mut block.passed) {
        todo.push(target);
    }
}
