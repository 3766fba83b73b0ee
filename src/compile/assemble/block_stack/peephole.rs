//! 3.8's and 3.9's optimiser of assembled bytes (`Python/peephole.c`).
//!
//! It changes code units in place, never to more of them; what it frees are `NOP`s, which are squeezed out at the
//! end, when jumps and the line table are adjusted. Jumps count bytes here.

use super::emit::{size, write};
use crate::code::ObjectId;
use crate::compile::cfg::is_true;
use crate::compile::consts::ConstPool;
use crate::tables::Buffer;
use crate::target::{Op, OpTable};

/// Memory, reused from unit to unit.
pub(super) struct Peephole {
    table: &'static OpTable,
    /// The code, two bytes each.
    units: Vec<[u8; 2]>,
    /// For each unit: the number of its basic block; later its new place.
    blocks: Vec<u32>,
}

/// What the pass works on.
struct Pass<'p, 'a> {
    table: &'static OpTable,
    units: &'p mut Vec<[u8; 2]>,
    blocks: &'p mut Vec<u32>,
    consts: &'p mut Vec<ObjectId>,
    pool: &'p mut ConstPool<'a>,
}

fn is_unconditional(op: Op) -> bool {
    matches!(op, Op::JumpAbsolute | Op::JumpForward)
}

fn is_conditional(op: Op) -> bool {
    matches!(op, Op::PopJumpIfFalse | Op::PopJumpIfTrue | Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop)
}

fn jumps_on_true(op: Op) -> bool {
    matches!(op, Op::PopJumpIfTrue | Op::JumpIfTrueOrPop)
}

impl Peephole {
    pub fn new(table: &'static OpTable) -> Self {
        Peephole { table, units: Vec::new(), blocks: Vec::new() }
    }

    /// Optimises `code`, whose `co_lnotab` is `lines`; folded tuples are appended to `consts`.
    pub fn optimize(
        &mut self,
        code: &mut Vec<u8>,
        lines: &mut Buffer,
        consts: &mut Vec<ObjectId>,
        pool: &mut ConstPool<'_>,
    ) {
        // Gaps that take more than one entry are too much for the adjustment of the table.
        if lines.as_slice().iter().step_by(2).any(|&gap| gap == 255) {
            return;
        }
        self.units.clear();
        self.units.extend(code.chunks_exact(2).map(|unit| [unit[0], unit[1]]));
        let mut pass =
            Pass { table: self.table, units: &mut self.units, blocks: &mut self.blocks, consts, pool };
        pass.mark_blocks();
        pass.run();
        pass.number_places();
        pass.move_lines(lines.as_mut_slice());
        pass.squeeze(code);
    }
}

impl Pass<'_, '_> {
    fn op(&self, at: usize) -> Op {
        self.units.get(at).and_then(|unit| self.table.op(unit[0])).unwrap_or(Op::Cache)
    }

    fn is_extended(&self, at: usize) -> bool {
        self.op(at) == Op::ExtendedArg
    }

    /// The first unit from `at` on that is no `EXTENDED_ARG`.
    fn find_op(&self, mut at: usize) -> usize {
        while self.is_extended(at) {
            at += 1;
        }
        at
    }

    /// The whole argument of the operation at `at`.
    fn arg(&self, at: usize) -> u32 {
        let mut arg = u32::from(self.units[at][1]);
        for back in 1..=3 {
            if back > at || !self.is_extended(at - back) {
                break;
            }
            arg |= u32::from(self.units[at - back][1]) << (8 * back);
        }
        arg
    }

    fn fill_nops(&mut self, start: usize, end: usize) {
        let nop = [self.number(Op::Nop), 0];
        self.units[start..end].fill(nop);
    }

    fn number(&self, op: Op) -> u8 {
        self.table.number(op) as u8
    }

    /// Writes an operation with its `EXTENDED_ARG`s at `at`.
    fn put(&mut self, at: usize, op: Op, arg: u32) {
        let units = size(arg);
        let mut bytes = Vec::with_capacity(8);
        write(&mut bytes, self.number(Op::ExtendedArg), self.number(op), arg, units);
        for (unit, bytes) in self.units[at..].iter_mut().zip(bytes.chunks_exact(2)) {
            *unit = [bytes[0], bytes[1]];
        }
    }

    /// Gives the operation at `at` another argument, if there is room; where it is then.
    fn set_arg(&mut self, at: usize, arg: u32) -> Option<usize> {
        let before = self.arg(at);
        if before == arg {
            return Some(at);
        }
        let (old, new) = (size(before) as usize, size(arg) as usize);
        if old < new {
            return None;
        }
        let start = at + 1 - old;
        let op = self.op(at);
        self.put(start, op, arg);
        self.fill_nops(start + new, at + 1);
        Some(at + new - old)
    }

    /// Writes an operation at the end of `start..end`, with `NOP`s before it, if there is room.
    fn put_at_end(&mut self, start: usize, op: Op, arg: u32, end: usize) {
        let units = size(arg) as usize;
        if start + units > end {
            return;
        }
        self.put(end - units, op, arg);
        self.fill_nops(start, end - units);
    }

    fn is_target_op(&self, op: Op) -> bool {
        self.table.info(op).has_jump()
    }

    fn is_absolute(&self, op: Op) -> bool {
        self.table.info(op).jumps_to_absolute()
    }

    /// Where the jump at `at` goes.
    fn target(&self, at: usize) -> usize {
        let base = if self.is_absolute(self.op(at)) { 0 } else { at + 1 };
        self.arg(at) as usize / 2 + base
    }

    /// Numbers basic blocks: a target of a jump starts one.
    fn mark_blocks(&mut self) {
        self.blocks.clear();
        self.blocks.resize(self.units.len(), 0);
        for at in 0..self.units.len() {
            if self.is_target_op(self.op(at)) {
                let target = self.target(at);
                if let Some(mark) = self.blocks.get_mut(target) {
                    *mark = 1;
                }
            }
        }
        let mut number = 0;
        for mark in self.blocks.iter_mut() {
            number += *mark;
            *mark = number;
        }
    }

    fn same_block(&self, a: usize, b: usize) -> bool {
        self.blocks[a] == self.blocks[b]
    }

    fn run(&mut self) {
        let mut at = self.find_op(0);
        // How many loads of constants are right before this operation.
        let mut loads = 0;
        while at < self.units.len() {
            let mut start = at;
            while start >= 1 && self.is_extended(start - 1) {
                start -= 1;
            }
            let mut next = self.find_op(at + 1);
            let before = std::mem::take(&mut loads);
            match self.op(at) {
                Op::LoadConst => {
                    loads = before + 1;
                    if self.op(next) == Op::PopJumpIfFalse
                        && self.same_block(start, at + 1)
                        && is_true(self.pool, self.consts[self.arg(at) as usize])
                    {
                        self.fill_nops(start, next + 1);
                        loads = 0;
                    }
                }
                Op::BuildTuple => self.build_tuple(start, at, next, before),
                op if is_conditional(op) || is_unconditional(op) => {
                    if let Some(changed) = self.jump_to_test(at, op) {
                        next = changed;
                    } else {
                        self.jump_to_jump(start, at, op);
                    }
                }
                Op::ReturnValue => {
                    let end = self.dead_end(at);
                    if end > at + 1 {
                        self.fill_nops(at + 1, end);
                        next = self.find_op(end);
                    }
                }
                _ => {}
            }
            at = next;
        }
    }

    /// Folds tuples of constants, and takes away tuples that are unpacked at once.
    fn build_tuple(&mut self, start: usize, at: usize, next: usize, loads: u32) {
        let count = self.arg(at);
        if count > 0 && loads >= count {
            let first = self.first_load(start, count);
            if self.same_block(first, start) {
                self.fold_tuple(first, at + 1, count);
                return;
            }
        }
        if self.op(next) != Op::UnpackSequence || !self.same_block(start, at + 1) || count != self.arg(next) {
            return;
        }
        match count {
            0 | 1 => self.fill_nops(start, next + 1),
            2 => {
                self.units[start] = [self.number(Op::RotTwo), 0];
                self.fill_nops(start + 1, next + 1);
            }
            3 => {
                self.units[start] = [self.number(Op::RotThree), 0];
                self.units[start + 1] = [self.number(Op::RotTwo), 0];
                self.fill_nops(start + 2, next + 1);
            }
            _ => {}
        }
    }

    /// Where the `count`-th last load of a constant before `at` begins.
    fn first_load(&self, mut at: usize, count: u32) -> usize {
        let mut left = count;
        while at > 0 {
            at -= 1;
            if self.op(at) == Op::LoadConst {
                left -= 1;
                if left == 0 {
                    while at > 0 && self.is_extended(at - 1) {
                        at -= 1;
                    }
                    return at;
                }
            }
        }
        at
    }

    fn fold_tuple(&mut self, first: usize, end: usize, count: u32) {
        let mut items = Vec::with_capacity(count as usize);
        let mut at = first;
        for _ in 0..count {
            at = self.find_op(at);
            items.push(self.consts[self.arg(at) as usize]);
            at += 1;
        }
        let tuple = self.pool.fresh_tuple(&items);
        // Another one than an equal one that is there already.
        let index = self.consts.len() as u32;
        self.consts.push(tuple);
        self.put_at_end(first, Op::LoadConst, index, end);
    }

    /// A jump that keeps its operand goes to another test of it, whose outcome is known: where the changed jump
    /// is.
    fn jump_to_test(&mut self, at: usize, op: Op) -> Option<usize> {
        if !matches!(op, Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop) {
            return None;
        }
        let target = self.find_op(self.arg(at) as usize / 2);
        let test = self.op(target);
        if !is_conditional(test) {
            return None;
        }
        let (place, op) = if jumps_on_true(test) == jumps_on_true(op) {
            // The second jump is taken if the first is.
            (self.set_arg(at, self.arg(target))?, test)
        } else {
            let behind = (target as u32 + 1) * 2;
            let op = if op == Op::JumpIfTrueOrPop { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse };
            (self.set_arg(at, behind)?, op)
        };
        self.units[place][0] = self.number(op);
        Some(place)
    }

    /// A jump goes to a `return` or to another jump.
    fn jump_to_jump(&mut self, start: usize, at: usize, op: Op) {
        let target = self.find_op(self.target(at));
        let there = self.op(target);
        if is_unconditional(op) && there == Op::ReturnValue {
            self.units[start] = [self.number(Op::ReturnValue), 0];
            self.fill_nops(start + 1, at + 1);
        } else if is_unconditional(there) {
            let further = self.target(target);
            // An absolute jump can go backwards.
            let op = if op == Op::JumpForward { Op::JumpAbsolute } else { op };
            self.put_at_end(start, op, further as u32 * 2, at + 1);
        }
    }

    /// Where the code ends that the `return` at `at` makes unreachable.
    fn dead_end(&self, at: usize) -> usize {
        let mut end = at + 1;
        while end < self.units.len() && self.same_block(at, end) {
            // What ends a handler is kept, for tracing.
            if matches!(self.op(end), Op::EndFinally | Op::Reraise) {
                break;
            }
            if self.op(end) == Op::SetupFinally {
                // Kept, to balance what ends it.
                while end > at + 1 && self.is_extended(end - 1) {
                    end -= 1;
                }
                break;
            }
            end += 1;
        }
        end
    }

    /// Finds the place of each unit without the `NOP`s.
    fn number_places(&mut self) {
        let nop = self.number(Op::Nop);
        let mut place = 0;
        for (unit, block) in self.units.iter().zip(self.blocks.iter_mut()) {
            *block = place;
            place += u32::from(unit[0] != nop);
        }
    }

    fn move_lines(&self, lines: &mut [u8]) {
        let (mut from, mut last) = (0, 0);
        for entry in lines.chunks_exact_mut(2) {
            from += usize::from(entry[0]);
            let Some(&place) = self.blocks.get(from / 2) else { continue };
            let to = place * 2;
            entry[0] = (to - last) as u8;
            last = to;
        }
    }

    /// Writes the code without the `NOP`s.
    fn squeeze(&self, code: &mut Vec<u8>) {
        code.clear();
        let extended = self.number(Op::ExtendedArg);
        let mut at = 0;
        while at < self.units.len() {
            let start = at;
            at = self.find_op(at);
            let op = self.op(at);
            if op != Op::Nop {
                let mut arg = self.arg_from(start, at);
                if self.is_target_op(op) {
                    let units = arg as usize / 2;
                    arg = if self.is_absolute(op) {
                        self.place(units) * 2
                    } else {
                        (self.place(units + at + 1) - self.blocks[at] - 1) * 2
                    };
                }
                write(code, extended, self.units[at][0], arg, (at - start + 1) as u32);
            }
            at += 1;
        }
    }

    fn arg_from(&self, start: usize, at: usize) -> u32 {
        self.units[start..=at].iter().fold(0, |arg, unit| arg << 8 | u32::from(unit[1]))
    }

    fn place(&self, at: usize) -> u32 {
        self.blocks.get(at).copied().unwrap_or_default()
    }
}
