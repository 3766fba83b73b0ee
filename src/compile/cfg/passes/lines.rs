//! Line numbers for instructions that have none (PEP 626: whatever leaves a frame has a line).

use super::{Found, Work};
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Block, BlockId, Graph, NONE};

use crate::compile::recipe::cfg::{LineCopies, NoLine};
use crate::source::Location;
use crate::target::Op;

/// Has no instruction of `block` a line?
#[inline]
pub(super) fn has_no_line(g: &Graph, block: BlockId) -> bool {
    g.instrs(block).iter().all(|instr| instr.loc.line < 0)
}

/// CPython's `resolve_line_numbers`.
pub(in crate::compile::cfg) fn resolve_line_numbers(
    g: &mut Graph,
    work: &mut Work,
    no_line: NoLine,
    copies: LineCopies,
) {
    if !g.summary.any(Class::NO_LINE) {
        return;
    }
    // Most units have few blocks without lines, and most of those one way in.
    let (mut entry, mut others, mut shared) = (Class::NONE, Class::NONE, false);
    let mut number = 0;
    while number != NONE {
        let Block { summary, predecessors, len, next, .. } = g.blocks[number as usize];
        let lineless = if len != 0 { summary } else { Class::NONE };
        if number == 0 {
            entry = lineless;
        } else {
            others = others.with(lineless);
        }
        shared |= lineless.any(Class::NO_LINE) & (predecessors > 1);
        number = next;
    }
    if !entry.with(others).any(Class::NO_LINE) {
        g.summary = g.summary.without(Class::NO_LINE);
        return;
    }
    if !others.any(Class::NO_LINE) && !shared {
        // No block is to take over a line of another: nothing leads to the entry.
        propagate_in_block(g, 0, no_line, |line| no_line.holds(line));
        return;
    }
    if shared {
        duplicate_exits_without_lineno(g, copies);
    }
    give_lines_to_last_ways(g, work, copies);
    propagate_line_numbers(g, work, no_line);
}

/// Leaves `block` the scope (or looks for signals, where that counts) without any line of its own?
fn is_copied(g: &Graph, block: BlockId, copies: LineCopies) -> bool {
    let instrs = g.instrs(block);
    let checks = || match copies {
        LineCopies::Exits => false,
        LineCopies::ExitsAndChecks => {
            instrs.iter().any(|instr| g.classes.of(instr.op).any(Class::EVAL_BREAK))
        }
    };
    instrs.iter().all(|instr| instr.loc.line < 0) && (g.last_class(block).any(Class::EXIT) || checks())
}

/// Gives returns that are still without a line that of the block before them (CPython 3.12:
/// `guarantee_lineno_for_exits`).
pub(in crate::compile::cfg) fn guarantee_lineno_for_exits(g: &mut Graph, first_line: i32) {
    let mut line = first_line;
    let mut block = 0;
    while block != NONE {
        if let Some(last) = g.last(block) {
            if last.loc.line >= 0 {
                line = last.loc.line;
            } else if last.op == Op::ReturnValue {
                for instr in g.instrs_mut(block) {
                    instr.loc.line = line;
                }
            }
        }
        block = g.blocks[block as usize].next;
    }
}

/// Gives each jump to an exit without lines its own copy of the exit, with the jump's line.
fn duplicate_exits_without_lineno(g: &mut Graph, copies: LineCopies) {
    if !g.last_made_first.is_empty() {
        for at in 0..g.last_made_first.len() {
            duplicate_exit(g, g.last_made_first[at], copies);
        }
        return;
    }
    let mut number = 0;
    while number != NONE {
        duplicate_exit(g, number, copies);
        number = g.blocks[number as usize].next;
    }
}

/// The same for the jump at the end of one block.
fn duplicate_exit(g: &mut Graph, number: BlockId, copies: LineCopies) {
    let block = g.blocks[number as usize];
    if block.len == 0 || !block.summary.any(Class::JUMP) {
        return;
    }
    let last = g.code[(block.start + block.len) as usize - 1];
    if !g.classes.of(last.op).any(Class::JUMP) {
        return;
    }
    let target = g.next_nonempty(last.arg);
    if target != NONE
        && g.blocks[target as usize].predecessors > 1
        && g.blocks[target as usize].summary.any(Class::NO_LINE)
        && is_copied(g, target, copies)
    {
        g.edges_changed = true;
        g.settled = false;
        let copy = g.new_block();
        g.append_all(copy, target);
        g.note(copy, Class::NO_LINE);
        g.instrs_mut(copy)[0].loc = last.loc;
        g.code[(block.start + block.len) as usize - 1].arg = copy;
        g.blocks[target as usize].predecessors -= 1;
        let b = &mut g.blocks[copy as usize];
        b.predecessors = 1;
        b.label = true;
        g.insert_after(target, copy);
    }
}

/// What is left of such exits is only reached from the block before it, and has its line.
fn give_lines_to_last_ways(g: &mut Graph, work: &mut Work, copies: LineCopies) {
    let mut found = Found::new(g, &mut work.found);
    let mut number = 0;
    while let Some(next) = g.blocks.get(g.blocks[number as usize].next as usize) {
        let lineless = next.summary.any(Class::NO_LINE) & (next.len != 0);
        found.push(number, lineless & (g.blocks[number as usize].len != 0));
        number = g.blocks[number as usize].next;
    }
    for &number in found.all() {
        let block = g.blocks[number as usize];
        if g.falls_through(number) && is_copied(g, block.next, copies) {
            let loc = g.code[(block.start + block.len) as usize - 1].loc;
            g.instrs_mut(block.next)[0].loc = loc;
        }
    }
}

impl NoLine {
    /// Is `line` none that another instruction's takes the place of?
    #[inline(always)]
    pub(in crate::compile::cfg) fn holds(self, line: i32) -> bool {
        let least = match self {
            NoLine::AnyNegative => i32::MIN,
            NoLine::NoneOnly => Location::NONE.line,
        };
        (line < 0) & (line >= least)
    }
}

/// Copies lines forward within blocks, and into blocks that have one way in.
fn propagate_line_numbers(g: &mut Graph, work: &mut Work, no_line: NoLine) {
    let lacks_line = |line: i32| no_line.holds(line);
    let mut found = Found::new(g, &mut work.found);
    let mut number = 0;
    while let Some(&Block { start, len, next, summary, .. }) = g.blocks.get(number as usize) {
        let last = if len == 0 { None } else { g.code.get((start + len) as usize - 1) };
        let jumps = last.is_some_and(|last| g.classes.of(last.op).any(Class::JUMP));
        let target = last.map_or(number, |last| if jumps { last.arg } else { number });
        let waits = summary.any(Class::NO_LINE) | waits_for_line(g, next) | waits_for_line(g, target);
        found.push(number, waits & (len != 0));
        number = next;
    }
    for &number in found.all() {
        let block = g.blocks[number as usize];
        if block.summary.any(Class::NO_LINE) {
            propagate_in_block(g, number, no_line, lacks_line);
        }
        let last = g.code[(block.start + block.len) as usize - 1];
        let ends = g.classes.of(last.op);
        if block.next != NONE && !ends.any(Class::STOPS) {
            inherit(g, block.next, last.loc, lacks_line);
        }
        if ends.any(Class::JUMP) {
            inherit(g, last.arg, last.loc, lacks_line);
        }
    }
}

/// May the first instruction of `block`, if there is one, take over the line of the only way that leads there?
#[inline(always)]
fn waits_for_line(g: &Graph, block: BlockId) -> bool {
    g.blocks
        .get(block as usize)
        .is_some_and(|block| (block.predecessors == 1) & (block.len != 0) & block.summary.any(Class::NO_LINE))
}

/// Afterwards only instructions at the start of the block may be without a line, and the last one's location
/// is the one to pass on.
fn propagate_in_block(g: &mut Graph, number: BlockId, no_line: NoLine, lacks_line: impl Fn(i32) -> bool) {
    let instrs = g.instrs_mut(number);
    if lacks_line(instrs[0].loc.line) {
        instrs[0].loc = Location::NONE;
    }
    // Few lack one, mostly at the end.
    let mut at = 0;
    while let Some(more) = instrs[at + 1..].iter().position(|instr| lacks_line(instr.loc.line)) {
        at += more + 1;
        instrs[at].loc = instrs[at - 1].loc;
    }
    // Only the first instructions can still lack one, and what waits for its successor's.
    let waits = no_line == NoLine::NoneOnly && instrs.iter().any(|instr| instr.loc.line < 0);
    if !waits && instrs[0].loc.line >= 0 {
        let summary = &mut g.blocks[number as usize].summary;
        *summary = summary.without(Class::NO_LINE);
    }
}

#[inline]
fn inherit(g: &mut Graph, block: BlockId, loc: Location, lacks_line: impl Fn(i32) -> bool) {
    if waits_for_line(g, block) {
        let first = &mut g.code[g.blocks[block as usize].start as usize];
        if lacks_line(first.loc.line) {
            first.loc = loc;
        }
    }
}

/// What waits for its successor's location gets it (CPython 3.14: `assemble_location_info`); jumps and exits,
/// which have no successor to speak of, get none.
pub(in crate::compile::cfg) fn resolve_next_locations(g: &mut Graph, work: &mut Work) {
    if !g.summary.any(Class::NO_LINE) {
        return;
    }
    work.todo.clear();
    let mut block = 0;
    while block != NONE {
        work.todo.push(block);
        block = g.blocks[block as usize].next;
    }
    let classes = g.classes;
    let mut following = Location::NONE;
    for &block in work.todo.iter().rev() {
        for instr in g.instrs_mut(block).iter_mut().rev() {
            if instr.loc == Location::NEXT {
                let ends = classes.of(instr.op).any(Class::JUMP.with(Class::EXIT));
                instr.loc = if ends { Location::NONE } else { following };
            }
            following = instr.loc;
        }
    }
}
