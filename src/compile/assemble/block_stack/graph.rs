//! 3.10's passes over the graph of blocks.

use super::blocks::{Blocks, Ins, NONE};
use crate::code::flags;
use crate::compile::cfg::is_true;
use crate::compile::consts::ConstPool;
use crate::compile::ir::UnitMeta;
use crate::target::Op;

/// A block of more instructions is not copied in place of a jump to it.
const MAX_COPY_SIZE: usize = 4;

/// All passes, in CPython's order.
pub(super) fn optimize(blocks: &mut Blocks, meta: &mut UnitMeta, pool: &mut ConstPool, generator: bool) {
    let newest_first = std::mem::take(&mut blocks.newest_first);
    for &number in &newest_first {
        normalize(blocks, number);
    }
    for &number in &newest_first {
        extend(blocks, number);
    }
    if generator {
        insert_generator_prefix(blocks, meta.flags);
    }
    let mut chain = Vec::new();
    blocks.chain(&mut chain);
    for &number in &chain {
        optimize_block(blocks, number, meta, pool);
        clean(blocks, number, -1);
    }
    for &number in &newest_first {
        extend(blocks, number);
    }
    mark_reachable(blocks);
    for &number in &chain {
        let block = blocks.get_mut(number);
        if block.predecessors == 0 {
            block.instrs.clear();
            block.no_fallthrough = false;
        }
    }
    let mut before = NONE;
    for &number in &chain {
        let line = match before {
            NONE => -1,
            before => blocks.get(before).instrs.last().map_or(-1, |last| last.line),
        };
        clean(blocks, number, line);
        before = if blocks.get(number).no_fallthrough { NONE } else { number };
    }
    eliminate_empty(blocks);
    remove_jumps_to_next(blocks);
    trim_consts(blocks, &mut meta.consts);
    duplicate_exits(blocks, &newest_first);
    propagate_lines(blocks);
    guarantee_lines_of_exits(blocks, meta.firstlineno);
    normalize_jumps(blocks);
    blocks.newest_first = newest_first;
}

fn is_jump(op: Op) -> bool {
    matches!(op, Op::JumpAbsolute | Op::JumpForward)
}

fn sets_up(op: Op) -> bool {
    matches!(op, Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith)
}

/// Notes how a block ends, and lets its jump go to a block that has instructions (`normalize_basic_block`).
fn normalize(blocks: &mut Blocks, number: u32) {
    for at in 0..blocks.get(number).instrs.len() {
        let ins = blocks.get(number).instrs[at];
        match ins.op {
            Op::ReturnValue | Op::RaiseVarargs | Op::Reraise => {
                let block = blocks.get_mut(number);
                block.exit = true;
                block.no_fallthrough = true;
            }
            op if is_jump(op) => blocks.get_mut(number).no_fallthrough = true,
            _ => {}
        }
        if ins.target != NONE {
            let target = blocks.skip_empty(ins.target);
            blocks.get_mut(number).instrs[at].target = target;
        }
    }
}

/// Puts the code of a small block that leaves in the place of a jump to it (`extend_block`).
fn extend(blocks: &mut Blocks, number: u32) {
    let Some(&last) = blocks.get(number).instrs.last() else { return };
    if !is_jump(last.op) {
        return;
    }
    let target = blocks.get(last.target);
    if !target.exit || target.instrs.len() > MAX_COPY_SIZE {
        return;
    }
    let mut copy = [last; MAX_COPY_SIZE];
    let count = target.instrs.len();
    copy[..count].copy_from_slice(&target.instrs);
    let block = blocks.get_mut(number);
    if let Some(last) = block.instrs.last_mut() {
        last.nop();
    }
    block.instrs.extend_from_slice(&copy[..count]);
    block.exit = true;
}

/// `GEN_START` tells what kind of generator it is.
fn insert_generator_prefix(blocks: &mut Blocks, bits: u32) {
    let kind = if bits & flags::COROUTINE != 0 {
        1
    } else if bits & flags::ASYNC_GENERATOR != 0 {
        2
    } else {
        0
    };
    blocks.get_mut(0).instrs.insert(0, Ins { op: Op::GenStart, arg: kind, target: NONE, line: -1 });
}

/// Improves the instructions of a block (`optimize_basic_block`).
fn optimize_block(blocks: &mut Blocks, number: u32, meta: &mut UnitMeta, pool: &mut ConstPool) {
    let mut at = 0;
    while at < blocks.get(number).instrs.len() {
        let mut ins = blocks.get(number).instrs[at];
        if ins.target != NONE {
            ins.target = blocks.skip_empty(ins.target);
            blocks.get_mut(number).instrs[at].target = ins.target;
            if thread_jump(blocks, number, at) {
                // It changed: look at it again.
                continue;
            }
        }
        let next = blocks.get(number).instrs.get(at + 1).copied();
        match ins.op {
            Op::LoadConst => {
                if let Some(next) = next {
                    test_of_constant(blocks, number, at, next, &meta.consts, pool);
                }
            }
            Op::BuildTuple => build_tuple(blocks, number, at, next, &mut meta.consts, pool),
            Op::RotN => rotation(blocks, number, at),
            _ => {}
        }
        at += 1;
    }
}

/// A conditional jump behind the constant at `at` is known to be taken or not.
fn test_of_constant(
    blocks: &mut Blocks,
    number: u32,
    at: usize,
    next: Ins,
    consts: &[crate::code::ObjectId],
    pool: &ConstPool,
) {
    let (when, keeps) = match next.op {
        Op::PopJumpIfFalse => (false, false),
        Op::PopJumpIfTrue => (true, false),
        Op::JumpIfFalseOrPop => (false, true),
        Op::JumpIfTrueOrPop => (true, true),
        _ => return,
    };
    let block = blocks.get_mut(number);
    let taken = is_true(pool, consts[block.instrs[at].arg as usize]) == when;
    if !(keeps && taken) {
        block.instrs[at].nop();
    }
    if taken {
        block.instrs[at + 1].op = Op::JumpAbsolute;
        block.no_fallthrough = true;
    } else {
        block.instrs[at + 1].nop();
    }
}

fn build_tuple(
    blocks: &mut Blocks,
    number: u32,
    at: usize,
    next: Option<Ins>,
    consts: &mut Vec<crate::code::ObjectId>,
    pool: &mut ConstPool,
) {
    let instrs = &mut blocks.get_mut(number).instrs;
    let count = instrs[at].arg;
    if next.is_some_and(|next| next.op == Op::UnpackSequence && next.arg == count) {
        let (first, second) = match count {
            1 => (Op::Nop, Op::Nop),
            2 => (Op::RotTwo, Op::Nop),
            3 => (Op::RotThree, Op::RotTwo),
            _ => return,
        };
        // The arguments stay.
        instrs[at].op = first;
        instrs[at + 1].op = second;
        return;
    }
    let Some(first) = at.checked_sub(count as usize) else { return };
    if !instrs[first..at].iter().all(|ins| ins.op == Op::LoadConst) {
        return;
    }
    let items: Vec<_> = instrs[first..at].iter().map(|ins| consts[ins.arg as usize]).collect();
    let tuple = pool.tuple(&items);
    let index = consts.iter().position(|&id| id == tuple).unwrap_or_else(|| {
        consts.push(tuple);
        consts.len() - 1
    });
    for ins in &mut instrs[first..at] {
        ins.nop();
    }
    instrs[at].set(Op::LoadConst, index as u32);
}

/// Rotations have short forms; as many of one depth as it is deep do nothing.
fn rotation(blocks: &mut Blocks, number: u32, at: usize) {
    let instrs = &mut blocks.get_mut(number).instrs;
    let depth = instrs[at].arg as usize;
    match depth {
        0 | 1 => {
            instrs[at].nop();
            return;
        }
        2 => instrs[at].op = Op::RotTwo,
        3 => instrs[at].op = Op::RotThree,
        4 => instrs[at].op = Op::RotFour,
        _ => {}
    }
    let Some(first) = (at + 1).checked_sub(depth) else { return };
    let of_depth = |ins: &Ins| match ins.op {
        Op::RotN => ins.arg as usize == depth,
        Op::RotTwo => depth == 2,
        Op::RotThree => depth == 3,
        Op::RotFour => depth == 4,
        _ => false,
    };
    if instrs[first..=at].iter().all(of_depth) {
        for ins in &mut instrs[first..=at] {
            ins.nop();
        }
    }
}

/// Lets a jump to a jump go where that goes; did the jump change?
fn thread_jump(blocks: &mut Blocks, number: u32, at: usize) -> bool {
    use Op::{
        ForIter, JumpAbsolute, JumpForward, JumpIfFalseOrPop, JumpIfTrueOrPop, PopJumpIfFalse, PopJumpIfTrue,
    };
    let ins = blocks.get(number).instrs[at];
    let Some(&target) = blocks.get(ins.target).instrs.first() else { return false };
    // What the jump becomes when it goes where its target goes, or when it goes behind its target.
    let (there, behind) = match (ins.op, target.op) {
        (JumpIfFalseOrPop, PopJumpIfFalse) => (Some(PopJumpIfFalse), None),
        (JumpIfFalseOrPop, JumpAbsolute | JumpForward | JumpIfFalseOrPop) => (Some(JumpIfFalseOrPop), None),
        (JumpIfFalseOrPop, JumpIfTrueOrPop | PopJumpIfTrue) => (None, Some(PopJumpIfFalse)),
        (JumpIfTrueOrPop, PopJumpIfTrue) => (Some(PopJumpIfTrue), None),
        (JumpIfTrueOrPop, JumpAbsolute | JumpForward | JumpIfTrueOrPop) => (Some(JumpIfTrueOrPop), None),
        (JumpIfTrueOrPop, JumpIfFalseOrPop | PopJumpIfFalse) => (None, Some(PopJumpIfTrue)),
        (PopJumpIfFalse | PopJumpIfTrue, JumpAbsolute | JumpForward) => (Some(ins.op), None),
        (JumpAbsolute | JumpForward, JumpAbsolute | JumpForward) => (Some(JumpAbsolute), None),
        (ForIter, JumpForward) => (Some(ForIter), None),
        _ => return false,
    };
    if ins.line != target.line {
        return false;
    }
    if let Some(op) = there {
        if ins.target == target.target {
            return false;
        }
        let jump = &mut blocks.get_mut(number).instrs[at];
        jump.op = op;
        jump.target = target.target;
        return true;
    }
    let after = blocks.get(ins.target).next;
    let (Some(op), true) = (behind, after != NONE) else { return false };
    let jump = &mut blocks.get_mut(number).instrs[at];
    jump.op = op;
    jump.target = after;
    true
}

/// Removes the `NOP`s whose line is told by a neighbour (`clean_basic_block`).
fn clean(blocks: &mut Blocks, number: u32, line_before: i32) {
    let mut instrs = std::mem::take(&mut blocks.get_mut(number).instrs);
    let next = blocks.get(number).next;
    let next_line = if next == NONE {
        None
    } else {
        blocks.get(blocks.skip_empty(next)).instrs.first().map(|first| first.line)
    };
    let mut before = line_before;
    let mut kept = 0;
    for at in 0..instrs.len() {
        let ins = instrs[at];
        if ins.op == Op::Nop {
            if ins.line < 0 || ins.line == before {
                continue;
            }
            if let Some(after) = instrs.get_mut(at + 1) {
                if after.line < 0 || after.line == ins.line {
                    after.line = ins.line;
                    continue;
                }
            } else if next_line == Some(ins.line) {
                continue;
            }
        }
        instrs[kept] = ins;
        kept += 1;
        before = ins.line;
    }
    instrs.truncate(kept);
    blocks.get_mut(number).instrs = instrs;
}

/// Counts the ways into each block that can be reached.
fn mark_reachable(blocks: &mut Blocks) {
    let mut todo = vec![0];
    blocks.get_mut(0).predecessors = 1;
    while let Some(number) = todo.pop() {
        let block = blocks.get(number);
        let mut ways: Vec<u32> = Vec::new();
        if block.next != NONE && !block.no_fallthrough {
            ways.push(block.next);
        }
        ways.extend(block.instrs.iter().map(|ins| ins.target).filter(|&target| target != NONE));
        for way in ways {
            let block = blocks.get_mut(way);
            if block.predecessors == 0 {
                todo.push(way);
            }
            block.predecessors += 1;
        }
    }
}

/// Takes empty blocks out of the list, and jumps to them elsewhere.
fn eliminate_empty(blocks: &mut Blocks) {
    let mut number = 0;
    while number != NONE {
        let next = blocks.get(number).next;
        if next != NONE {
            let next = blocks.skip_empty(next);
            blocks.get_mut(number).next = next;
        }
        if let Some(&last) = blocks.get(number).instrs.last()
            && last.target != NONE
        {
            let target = blocks.skip_empty(last.target);
            if let Some(last) = blocks.get_mut(number).instrs.last_mut() {
                last.target = target;
            }
        }
        number = blocks.get(number).next;
    }
}

fn remove_jumps_to_next(blocks: &mut Blocks) {
    let mut emptied = false;
    let mut number = 0;
    while number != NONE {
        let next = blocks.get(number).next;
        if let Some(&last) = blocks.get(number).instrs.last()
            && is_jump(last.op)
            && last.target == next
        {
            let block = blocks.get_mut(number);
            block.no_fallthrough = false;
            if let Some(last) = block.instrs.last_mut() {
                last.nop();
            }
            clean(blocks, number, -1);
            emptied = true;
        }
        number = next;
    }
    if emptied {
        eliminate_empty(blocks);
    }
}

/// Forgets the constants behind the last that is used; the first one stays.
fn trim_consts(blocks: &Blocks, consts: &mut Vec<crate::code::ObjectId>) {
    let mut last = 0;
    let mut number = 0;
    while number != NONE {
        let block = blocks.get(number);
        let used = block.instrs.iter().filter(|ins| ins.op == Op::LoadConst).map(|ins| ins.arg as usize);
        last = used.fold(last, usize::max);
        number = block.next;
    }
    consts.truncate(last + 1);
}

/// Copies blocks that leave without a line for each jump to them, so that each has one way in, whose line it
/// takes.
fn duplicate_exits(blocks: &mut Blocks, newest_first: &[u32]) {
    for &number in newest_first {
        let Some(&last) = blocks.get(number).instrs.last() else { continue };
        if last.target == NONE || sets_up(last.op) {
            continue;
        }
        let target = blocks.get(last.target);
        let no_line = target.instrs.first().is_some_and(|first| first.line < 0);
        if !target.exit || !no_line || target.predecessors <= 1 {
            continue;
        }
        let copy = blocks.copy(last.target);
        let after = blocks.get(last.target).next;
        let block = blocks.get_mut(copy);
        block.next = after;
        if let Some(first) = block.instrs.first_mut() {
            first.line = last.line;
        }
        let target = blocks.get_mut(last.target);
        target.next = copy;
        target.predecessors -= 1;
        if let Some(last) = blocks.get_mut(number).instrs.last_mut() {
            last.target = copy;
        }
    }
    let mut number = 0;
    while number != NONE {
        let next = blocks.get(number).next;
        if next != NONE {
            let next = blocks.skip_empty(next);
            blocks.get_mut(number).next = next;
        }
        number = blocks.get(number).next;
    }
    lines_by_falling_through(blocks);
}

/// What is left of these blocks is taken to be reached from the block before only, whatever jumps there as well.
fn lines_by_falling_through(blocks: &mut Blocks) {
    let mut number = 0;
    while number != NONE {
        let block = blocks.get(number);
        let next = block.next;
        if let Some(&last) = block.instrs.last()
            && !block.no_fallthrough
            && next != NONE
            && blocks.get(next).exit
            && let Some(first) = blocks.get_mut(next).instrs.first_mut()
            && first.line < 0
        {
            first.line = last.line;
        }
        number = next;
    }
}

/// Instructions without a line get that of the one before them, blocks with one way in that of where it starts.
fn propagate_lines(blocks: &mut Blocks) {
    let mut number = 0;
    while number != NONE {
        let mut line = -1;
        for ins in &mut blocks.get_mut(number).instrs {
            if ins.line < 0 {
                ins.line = line;
            } else {
                line = ins.line;
            }
        }
        let block = blocks.get(number);
        let next = block.next;
        if let Some(&last) = block.instrs.last() {
            if !block.no_fallthrough && next != NONE {
                give_line(blocks, next, line);
            }
            if last.target != NONE && !sets_up(last.op) {
                give_line(blocks, last.target, line);
            }
        }
        number = next;
    }
}

fn give_line(blocks: &mut Blocks, number: u32, line: i32) {
    let block = blocks.get_mut(number);
    if block.predecessors == 1
        && let Some(first) = block.instrs.first_mut()
        && first.line < 0
    {
        first.line = line;
    }
}

/// A `return` without a line gets that of the block before.
fn guarantee_lines_of_exits(blocks: &mut Blocks, first_line: i32) {
    let mut line = first_line;
    let mut number = 0;
    while number != NONE {
        let block = blocks.get_mut(number);
        if let Some(&last) = block.instrs.last() {
            if last.line >= 0 {
                line = last.line;
            } else if last.op == Op::ReturnValue {
                for ins in &mut block.instrs {
                    ins.line = line;
                }
            }
        }
        number = block.next;
    }
}

/// Jumps forwards are relative, backwards absolute.
fn normalize_jumps(blocks: &mut Blocks) {
    let mut number = 0;
    while number != NONE {
        blocks.get_mut(number).visited = true;
        if let Some(&last) = blocks.get(number).instrs.last()
            && is_jump(last.op)
        {
            let op = if blocks.get(last.target).visited { Op::JumpAbsolute } else { Op::JumpForward };
            if let Some(last) = blocks.get_mut(number).instrs.last_mut() {
                last.op = op;
            }
        }
        number = blocks.get(number).next;
    }
}
