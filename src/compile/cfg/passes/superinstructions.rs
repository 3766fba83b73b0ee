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
#[inline(never)]
pub(in crate::compile::cfg) fn insert_superinstructions(g: &mut Graph, work: &mut Work) {
    let mut block = 0;
    while block != NONE {
        if g.blocks[block as usize].summary.any(Class::LOCALS) {
            let (len, made_nops) = join_in_block(g.instrs_mut(block), &mut work.numbers);
            g.blocks[block as usize].len = len as u32;
            if made_nops {
                g.note(block, Class::NOP);
            }
        }
        block = g.blocks[block as usize].next;
    }
    remove_redundant_nops(g);
}

/// Joins neighbours of a block; says how many instructions are left, and whether there are new `NOP`s among them. Most
/// would be redundant, and go at once.
fn join_in_block(instrs: &mut [Instr], pairs: &mut Vec<u32>) -> (usize, bool) {
    if pairs.len() < instrs.len() {
        pairs.resize(instrs.len(), 0);
    }
    // Where pairs are is hard to foresee: all places are put down, and those count that are some.
    let mut count = 0;
    let (mut after_load, mut after_store) = (false, false);
    for (at, instr) in instrs.iter().enumerate() {
        if let Some(place) = pairs.get_mut(count) {
            *place = (at as u32).wrapping_sub(1);
        }
        let fits = instr.arg < HALF;
        let (load, store) = ((instr.op == Op::LoadFast) & fits, (instr.op == Op::StoreFast) & fits);
        count += usize::from(after_load & load | after_store & (load | store));
        (after_load, after_store) = (load, store);
    }
    // Behind `place` is a gap up to `from`, the first instruction that was not moved yet.
    let (mut place, mut from, mut made_nops) = (0, 0, false);
    for &at in &pairs[..count] {
        let at = at as usize;
        // A store that was just joined to its predecessor joins no further.
        if at >= from
            && let Some(joined) = join(&mut instrs[at..])
        {
            if joined == Joined::NopStays {
                made_nops = true;
            }
            let end = at + 1 + usize::from(joined == Joined::NopStays);
            if place != from {
                instrs.copy_within(from..end, place);
            }
            place += end - from;
            from = at + 2;
        }
    }
    if place != from {
        instrs.copy_within(from.., place);
    }
    (instrs.len() - (from - place), made_nops)
}

/// What two neighbours have become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// One instruction; the `NOP` behind it, on the same line, would be redundant.
    One,
    /// One instruction and a `NOP`, of which one has no line.
    NopStays,
}

/// Joins the first two of `instrs`, if they are on one line.
fn join(instrs: &mut [Instr]) -> Option<Joined> {
    let (first, second) = (instrs[0], instrs[1]);
    let op = match (first.op, second.op) {
        (Op::LoadFast, Op::LoadFast) => Op::LoadFastLoadFast,
        (Op::StoreFast, Op::LoadFast) => Op::StoreFastLoadFast,
        (Op::StoreFast, Op::StoreFast) => Op::StoreFastStoreFast,
        _ => return None,
    };
    let (line1, line2) = (first.loc.line, second.loc.line);
    if line1 >= 0 && line2 >= 0 && line1 != line2 {
        return None;
    }
    instrs[0].set(op, first.arg << 4 | second.arg);
    if line1 == line2 {
        return Some(Joined::One);
    }
    instrs[1].nop();
    Some(Joined::NopStays)
}
