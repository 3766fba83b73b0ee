//! Removal of what does nothing: `NOP`s that no line needs, loads that are popped, jumps to what follows.

use super::{Found, Work};
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Block, BlockId, Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::NopLines;

use crate::source::Location;
use crate::target::Op;

/// Removes the `NOP`s of `block` that no trace event needs; says how many.
#[inline]
pub(super) fn basicblock_remove_redundant_nops(g: &mut Graph, number: BlockId) -> u32 {
    if g.blocks[number as usize].summary.any(Class::NOP) { remove_from_block(g, number) } else { 0 }
}

fn remove_from_block(g: &mut Graph, number: BlockId) -> u32 {
    let next = match g.last(number) {
        Some(last) if last.op == Op::Nop => first_line(g, g.blocks[number as usize].next),
        _ => Location::NONE.line,
    };
    let classes = g.classes;
    let instrs = g.instrs_mut(number);
    let Some(first) = instrs.iter().position(|instr| instr.op == Op::Nop) else {
        let summary = &mut g.blocks[number as usize].summary;
        *summary = summary.without(Class::NOP);
        return 0;
    };
    let (len, mut place, mut kept) = (instrs.len(), first, false);
    // What becomes neighbours.
    let mut met = Class::NONE;
    let mut slot = first;
    while slot < len {
        // There is a NOP at `slot`, and what is left of those before it ends at `place`.
        let previous = if place == 0 { -1 } else { instrs[place - 1].loc.line };
        let nop = instrs[slot];
        let mut end = slot + 1;
        if is_redundant(&nop, instrs.get_mut(end), previous, next) {
            if let Some(follower) = instrs.get(end) {
                let before = match place.checked_sub(1) {
                    Some(before) => classes.of(instrs[before].op),
                    None => Class::BEFORE,
                };
                met = met.with(classes.of(follower.op).behind(before));
            }
        } else {
            kept = true;
            instrs[place] = nop;
            place += 1;
        }
        let from = end;
        end += instrs[from..].iter().position(|instr| instr.op == Op::Nop).unwrap_or(len - from);
        // CPython leaves the slots behind the end as they are, and later appends see their handlers.
        if place != from {
            instrs.copy_within(from..end, place);
        }
        place += end - from;
        slot = end;
    }
    g.summary = g.summary.with(met);
    let b = &mut g.blocks[number as usize];
    b.summary = b.summary.with(met);
    if !kept {
        b.summary = b.summary.without(Class::NOP);
    }
    b.len = place as u32;
    g.settled &= place != 0;
    (len - place) as u32
}

/// The line on which `block`, or what it runs into, goes on; `NOP`s without a line will go and do not count.
fn first_line(g: &Graph, block: BlockId) -> i32 {
    let next = g.next_nonempty(block);
    if next == NONE {
        return Location::NONE.line;
    }
    let seen = match g.nop_lines {
        NopLines::FirstInstruction => g.instrs(next).first(),
        NopLines::FirstLine => g.instrs(next).iter().find(|instr| instr.op != Op::Nop || instr.loc.line >= 0),
    };
    seen.map_or(Location::NONE.line, |instr| instr.loc.line)
}

/// Is the line of `nop` seen without it? `follower` is what stands after it in its block, if anything does;
/// `next` the line of the block after it.
#[inline]
fn is_redundant(nop: &Instr, follower: Option<&mut Instr>, previous: i32, next: i32) -> bool {
    if nop.loc.line < 0 || nop.loc.line == previous {
        return true;
    }
    match follower {
        Some(follower) if follower.loc.line < 0 => {
            follower.loc = nop.loc;
            true
        }
        Some(follower) => follower.loc.line == nop.loc.line,
        None => next == nop.loc.line,
    }
}

/// Removes redundant `NOP`s everywhere; says how many.
#[inline(never)]
pub(in crate::compile::cfg) fn remove_redundant_nops(g: &mut Graph) -> u32 {
    let mut removed = 0;
    if !g.summary.any(Class::NOP) {
        return removed;
    }
    let mut left = Class::NONE;
    let mut block = 0;
    while block != NONE {
        removed += basicblock_remove_redundant_nops(g, block);
        let Block { summary, next, .. } = g.blocks[block as usize];
        left = left.with(summary);
        block = next;
    }
    only_nops_in(g, left);
    removed
}

/// Notes whether there are `NOP`s at all, where `left` is the sum of all blocks.
#[inline]
fn only_nops_in(g: &mut Graph, left: Class) {
    if !left.any(Class::NOP) {
        g.summary = g.summary.without(Class::NOP);
    }
}

/// Removes a constant's load, or a copy of the top, that is popped at once; and redundant `NOP`s.
#[inline(never)]
pub(in crate::compile::cfg) fn remove_redundant_nops_and_pairs(g: &mut Graph) {
    if !g.summary.any(Class::NOP.with(Class::LOAD_POP)) {
        return;
    }
    loop {
        let mut done = true;
        let mut previous: Option<(BlockId, usize)> = None;
        let mut left = Class::NONE;
        let mut number = 0;
        while number != NONE {
            basicblock_remove_redundant_nops(g, number);
            let block = g.blocks[number as usize];
            if block.label {
                previous = None;
            }
            let (start, end) = (block.start as usize, (block.start + block.len) as usize);
            if block.summary.any(Class::LOAD_POP) {
                done &= !remove_pairs(g, number, previous);
            }
            if end > start {
                previous = Some((number, end - 1));
            }
            // What an empty block leaves to the next one is what it found itself.
            if previous.is_some_and(|(_, slot)| g.classes.of(g.code[slot].op).any(Class::ENDS_BLOCK)) {
                previous = None;
            }
            left = left.with(g.blocks[number as usize].summary);
            number = block.next;
        }
        if done {
            only_nops_in(g, left);
            return;
        }
    }
}

/// Removes the pairs that end in `number`, where `previous` is what runs into it; were there any?
fn remove_pairs(g: &mut Graph, number: BlockId, previous: Option<(BlockId, usize)>) -> bool {
    let block = g.blocks[number as usize];
    let start = block.start as usize;
    let (mut from, mut found) = (0, false);
    while let Some(at) = g.instrs(number)[from..].iter().position(|instr| instr.op == Op::PopTop) {
        let slot = start + from + at;
        from += at + 1;
        let before = if slot == start { previous } else { Some((number, slot - 1)) };
        if let Some((owner, before)) = before
            && is_plain_load(g.code[before].op, g.code[before].arg)
        {
            g.const_lost = true;
            g.code[before].nop();
            g.code[slot].nop();
            g.note(owner, Class::NOP);
            g.note(number, Class::NOP);
            found = true;
        }
    }
    found
}

#[inline]
fn is_plain_load(op: Op, arg: u32) -> bool {
    matches!(op, Op::LoadConst | Op::LoadSmallInt | Op::LoadCommonConstant) || (op == Op::Copy && arg == 1)
}

/// Turns jumps to what follows anyway into `NOP`s; says how many.
fn remove_redundant_jumps(g: &mut Graph, work: &mut Work) -> u32 {
    if !g.summary.any(Class::ALWAYS) {
        return 0;
    }
    let mut found = Found::new(g, &mut work.found);
    let mut number = 0;
    while let Some(&Block { len, next, summary, .. }) = g.blocks.get(number as usize) {
        found.push(number, (len != 0) & summary.any(Class::ALWAYS));
        number = next;
    }
    let mut changes = 0;
    for &number in found.all() {
        let block = g.blocks[number as usize];
        let slot = (block.start + block.len) as usize - 1;
        let last = g.code[slot];
        if g.classes.of(last.op).any(Class::ALWAYS) {
            let target = g.next_nonempty(last.arg);
            if target != NONE && target == g.next_nonempty(block.next) {
                g.code[slot].nop();
                g.note(number, Class::NOP);
                changes += 1;
            }
        }
    }
    changes
}

/// Turns jumps to the block that is next in the list into `NOP`s.
#[inline(never)]
pub(in crate::compile::cfg) fn remove_jumps_to_next(g: &mut Graph) {
    let mut number = if g.summary.any(Class::ALWAYS) { 0 } else { NONE };
    while number != NONE {
        let next = g.blocks[number as usize].next;
        if g.last_class(number).any(Class::ALWAYS)
            && let Some(last) = g.instrs_mut(number).last_mut()
            && last.arg == next
        {
            last.nop();
            g.note(number, Class::NOP);
        }
        number = next;
    }
}

/// Removes redundant `NOP`s and jumps until there are none.
#[inline(never)]
pub(in crate::compile::cfg) fn remove_redundant_nops_and_jumps(g: &mut Graph, work: &mut Work) {
    // What NOPs are still there some line may need no more.
    let settled = g.settled && !g.summary.any(Class::NOP);
    if settled && !cfg!(debug_assertions) {
        return;
    }
    while remove_redundant_nops(g) + remove_redundant_jumps(g, work) > 0 {
        debug_assert!(!settled, "a redundant NOP or jump was not announced");
    }
    g.settled = true;
}
