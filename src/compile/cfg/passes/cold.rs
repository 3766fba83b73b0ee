//! Blocks that only exceptions lead to go to the end (CPython: `push_cold_blocks_to_end`).

use super::Work;
use super::nops::{remove_jumps_to_next, remove_redundant_nops_and_jumps};
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{BlockId, Graph, NONE};

use crate::compile::recipe::cfg::ColdJumps;
use crate::source::Location;
use crate::target::Op;

/// Moves cold blocks behind all others, in their order.
#[inline(never)]
pub(in crate::compile::cfg) fn push_cold_blocks_to_end(g: &mut Graph, work: &mut Work, jumps: ColdJumps) {
    if !g.has_handlers || g.blocks[0].next == NONE {
        return;
    }
    mark_warm(g, work);
    mark_cold(g, work);
    make_fallthrough_to_warm_explicit(g, jumps);
    if move_cold_streaks(g) {
        match jumps {
            ColdJumps::Plain => remove_jumps_to_next(g),
            ColdJumps::NoInterrupt => remove_redundant_nops_and_jumps(g, work),
        }
    }
}

/// Calls `visit` with what `block` runs or jumps into.
#[inline]
fn successors(g: &Graph, block: BlockId) -> [BlockId; 2] {
    let next = if g.falls_through(block) { g.blocks[block as usize].next } else { NONE };
    let target = match g.last(block) {
        Some(last) if g.classes.of(last.op).any(Class::JUMP) => last.arg,
        _ => NONE,
    };
    [next, target]
}

fn mark_warm(g: &mut Graph, work: &mut Work) {
    work.todo.clear();
    work.todo.push(0);
    g.blocks[0].warm = true;
    while let Some(block) = work.todo.pop() {
        for successor in successors(g, block) {
            if successor != NONE && !g.blocks[successor as usize].warm {
                g.blocks[successor as usize].warm = true;
                work.todo.push(successor);
            }
        }
    }
}

fn mark_cold(g: &mut Graph, work: &mut Work) {
    work.todo.clear();
    let mut block = 0;
    while block != NONE {
        let b = &mut g.blocks[block as usize];
        if b.handler {
            b.cold = true;
            work.todo.push(block);
        }
        block = b.next;
    }
    while let Some(block) = work.todo.pop() {
        for successor in successors(g, block) {
            if successor != NONE {
                let b = &mut g.blocks[successor as usize];
                if !b.warm && !b.cold {
                    b.cold = true;
                    work.todo.push(successor);
                }
            }
        }
    }
}

/// A cold block that runs on into a warm one gets a jump, because they are about to part.
fn make_fallthrough_to_warm_explicit(g: &mut Graph, jumps: ColdJumps) {
    let (op, predecessors) = match jumps {
        ColdJumps::Plain => (Op::Jump, 0),
        ColdJumps::NoInterrupt => (Op::JumpNoInterrupt, 1),
    };
    let mut number = 0;
    while number != NONE {
        let block = g.blocks[number as usize];
        if block.cold && block.next != NONE && g.blocks[block.next as usize].warm && g.falls_through(number) {
            let jump = g.new_block();
            g.append(jump, op, block.next, Location::NONE);
            g.insert_after(number, jump);
            g.blocks[block.next as usize].label = true;
            let jump = &mut g.blocks[jump as usize];
            jump.cold = true;
            jump.predecessors = predecessors;
        }
        number = g.blocks[number as usize].next;
    }
}

/// Takes the cold blocks out of the list and links them behind its end; were there any?
fn move_cold_streaks(g: &mut Graph) -> bool {
    let (mut first_cold, mut last_cold) = (NONE, NONE);
    let mut last_warm = 0;
    let mut block = g.blocks[0].next;
    while block != NONE {
        if g.blocks[block as usize].cold {
            if first_cold == NONE {
                first_cold = block;
            } else {
                g.blocks[last_cold as usize].next = block;
            }
            last_cold = block;
        } else {
            g.blocks[last_warm as usize].next = block;
            last_warm = block;
        }
        block = g.blocks[block as usize].next;
    }
    g.settled &= first_cold == NONE;
    g.blocks[last_warm as usize].next = first_cold;
    if last_cold != NONE {
        g.blocks[last_cold as usize].next = NONE;
    }
    first_cold != NONE
}
