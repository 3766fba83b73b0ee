//! Loads of locals that may be unbound become `LOAD_FAST_CHECK`
//! (CPython: `add_checks_for_loads_of_uninitialized_variables`).
//!
//! The first 64 locals are followed through the whole graph, as bits of a mask; those beyond only within
//! each block.

use super::Work;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Block, BlockId, Graph, NONE};

use crate::target::Op;

/// How many locals are followed through the whole graph.
const TRACKED: u32 = 64;

/// Marks loads that must check. `parameters` of the `locals` are bound at entry.
#[inline(never)]
pub(in crate::compile::cfg) fn check_unbound_locals(
    g: &mut Graph,
    work: &mut Work,
    locals: u32,
    parameters: u32,
) {
    if locals == 0 {
        return;
    }
    if locals > TRACKED {
        scan_many_locals(g, &mut work.numbers, locals);
    }
    let tracked = locals.min(TRACKED);
    let unbound = low_bits(tracked) & !low_bits(parameters);
    if unbound == 0 && !g.summary.any(Class::UNBINDS) {
        return;
    }
    let todo = &mut work.todo;
    todo.clear();
    // One sweep in program order; then again those blocks of which it learned more than it knew when it
    // was there.
    g.blocks[0].unsafe_locals = unbound;
    let mut block = 0;
    while block != NONE {
        g.blocks[block as usize].scanned = true;
        scan(g, block, locals <= TRACKED, todo);
        block = g.blocks[block as usize].next;
    }
    while let Some(block) = todo.pop() {
        g.blocks[block as usize].scanned = true;
        scan(g, block, locals <= TRACKED, todo);
    }
}

const fn low_bits(count: u32) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

/// Notes that `mask` may be unbound where `block` starts.
#[inline]
fn learn(blocks: &mut [Block], block: BlockId, mask: u64, todo: &mut Vec<BlockId>) {
    let b = &mut blocks[block as usize];
    if b.unsafe_locals | mask != b.unsafe_locals {
        b.unsafe_locals |= mask;
        if b.scanned {
            b.scanned = false;
            todo.push(block);
        }
    }
}

/// Follows the unbound locals through block `number`. `all_tracked`: are there no others than tracked ones?
fn scan(g: &mut Graph, number: BlockId, all_tracked: bool, todo: &mut Vec<BlockId>) {
    let block = g.blocks[number as usize];
    let mut mask = block.unsafe_locals;
    if mask == 0 && !block.summary.any(Class::UNBINDS) {
        return;
    }
    if !all_tracked || block.summary.any(Class::UNBINDS) {
        mask = scan_instrs(g, block, mask, todo);
    } else if g.has_handlers {
        mask = scan_bindings::<true>(g, block, mask, todo);
    } else if block.summary.any(Class::LOCAL) {
        mask = scan_bindings::<false>(g, block, mask, todo);
    }
    let last = g.last(number).copied();
    if block.next != NONE && last.is_none_or(|last| !g.classes.never_falls_through(last.op)) {
        learn(&mut g.blocks, block.next, mask, todo);
    }
    if let Some(last) = last
        && g.classes.of(last.op).any(Class::JUMP)
    {
        learn(&mut g.blocks, last.arg, mask, todo);
    }
}

/// Follows `mask`, the unbound locals, through a block that can only bind them: a handler knows all when it knows what
/// is so where it first guards.
fn scan_bindings<const HANDLERS: bool>(
    g: &mut Graph,
    block: Block,
    mut mask: u64,
    todo: &mut Vec<BlockId>,
) -> u64 {
    let Graph { blocks, code, classes, .. } = g;
    let mut told = NONE;
    for instr in &mut code[block.start as usize..(block.start + block.len) as usize] {
        if HANDLERS && instr.handler != told {
            told = instr.handler;
            if told != NONE {
                learn(blocks, told, mask, todo);
            }
        }
        let bit = u64::from(classes.of(instr.op).any(Class::LOCAL)) << (instr.arg % TRACKED);
        if mask & bit != 0 {
            if instr.op == Op::LoadFast {
                instr.op = Op::LoadFastCheck;
            }
            mask &= !bit;
            if mask == 0 {
                break;
            }
        }
    }
    mask
}

/// Follows `mask`, the unbound locals, through a block; handlers learn of it.
fn scan_instrs(g: &mut Graph, block: Block, mut mask: u64, todo: &mut Vec<BlockId>) -> u64 {
    let mut told = (NONE, 0);
    let has_handlers = g.has_handlers;
    let unbinds = block.summary.any(Class::UNBINDS);
    let Graph { blocks, code, classes, .. } = g;
    for instr in &mut code[block.start as usize..(block.start + block.len) as usize] {
        if (mask == 0) & !unbinds {
            break;
        }
        let class = classes.of(instr.op);
        if has_handlers {
            let handler = instr.handler;
            if handler != NONE && told != (handler, mask) {
                told = (handler, mask);
                learn(blocks, handler, mask, todo);
            }
        }
        // Which instructions have to do with locals is hard to foresee.
        let local = class.any(Class::LOCAL) & (instr.arg < TRACKED);
        let bit = u64::from(local) << (instr.arg % TRACKED);
        let unsafe_load = (mask & bit != 0) & (instr.op == Op::LoadFast);
        instr.op = [instr.op, Op::LoadFastCheck][usize::from(unsafe_load)];
        let unbound = u64::from(class.any(Class::UNBINDS)) << (instr.arg % TRACKED);
        mask = mask & !bit | unbound & bit;
    }
    mask
}

/// Locals beyond the tracked ones are known to be bound only after a store or load in the same block.
fn scan_many_locals(g: &mut Graph, bound_in: &mut Vec<u32>, locals: u32) {
    bound_in.clear();
    bound_in.resize((locals - TRACKED) as usize, 0);
    let mut ordinal = 0;
    let mut block = 0;
    while block != NONE {
        ordinal += 1;
        for instr in g.instrs_mut(block) {
            if instr.arg < TRACKED {
                continue;
            }
            let index = (instr.arg - TRACKED) as usize;
            match instr.op {
                Op::DeleteFast | Op::LoadFastAndClear | Op::StoreFastMaybeNull => bound_in[index] = 0,
                Op::StoreFast => bound_in[index] = ordinal,
                Op::LoadFast => {
                    if bound_in[index] != ordinal {
                        instr.op = Op::LoadFastCheck;
                    }
                    bound_in[index] = ordinal;
                }
                _ => {}
            }
        }
        block = g.blocks[block as usize].next;
    }
}
