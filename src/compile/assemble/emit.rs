//! Writing bytecode, location table and exception table in one go.

use super::layout::Layout;
use super::{Encoding, extended_args};
use crate::compile::cfg::Optimizer;
use crate::compile::ir::Instr;
use crate::source::Location;
use crate::tables::{Buffer, LineWriter, push_handler};
use crate::target::Op;

/// The bytes of one code object. Memory is reused.
#[derive(Default)]
pub(super) struct Bytes {
    pub code: Buffer,
    pub linetable: Buffer,
    pub exceptiontable: Vec<u8>,
    /// Where in `code` each jump's opcode is.
    jump_at: Vec<u32>,
    guards: Vec<Guard>,
}

/// A run of code units with one handler.
#[derive(Clone, Copy)]
struct Guard {
    handler: u32,
    start: u32,
    end: u32,
}

/// Bytes of the longest instruction without `EXTENDED_ARG`: nine caches (LOAD_ATTR).
const LONGEST: usize = 2 * 10;

impl Bytes {
    /// Writes everything that `optimizer` has laid out.
    pub fn write(
        &mut self,
        optimizer: &Optimizer,
        layout: &mut Layout,
        encoding: &Encoding,
        first_line: i32,
    ) {
        layout.start(optimizer);
        self.pass(optimizer, encoding, first_line, &mut Guesses { layout });
        if layout.settle() {
            let code = self.code.as_mut_slice();
            for (jump, &at) in layout.jumps().iter().zip(&self.jump_at) {
                let at = at as usize;
                code[at + 1] = jump.arg as u8;
                for i in 1..=jump.extended as usize {
                    code[at + 1 - 2 * i] = (jump.arg >> (8 * i)) as u8;
                }
            }
        } else {
            self.pass(optimizer, encoding, first_line, &mut Known { layout, next: 0 });
        }
        self.exceptiontable.clear();
        for guard in &self.guards {
            let (depth, lasti) = optimizer.handler(guard.handler);
            // The handler finds the exception, and perhaps the offset, above what is left of the stack.
            let depth = depth.saturating_sub(1 + u32::from(lasti));
            let target = layout.offset_of(guard.handler);
            let out = &mut self.exceptiontable;
            push_handler(out, guard.start, guard.end - guard.start, target, depth, lasti);
        }
    }

    fn pass(&mut self, optimizer: &Optimizer, encoding: &Encoding, first_line: i32, jumps: &mut impl Jumps) {
        self.code.clear();
        self.linetable.clear();
        self.jump_at.clear();
        self.guards.clear();
        let mut run = Run {
            code: &mut self.code,
            encoding,
            lines: LineWriter::new(&mut self.linetable, first_line),
            loc: Location::NONE,
            loc_start: 0,
            handler: Instr::NO_HANDLER,
            handler_start: 0,
            guards: &mut self.guards,
        };
        let mut extended_total = 0;
        for (place, block) in optimizer.layout().enumerate() {
            jumps.enter(place, run.units() - extended_total);
            let Some(index) = optimizer.jump_index(block.instrs) else {
                for instr in block.instrs {
                    run.instr(instr);
                }
                continue;
            };
            for instr in &block.instrs[..index] {
                run.instr(instr);
            }
            let instr = &block.instrs[index];
            run.note(instr);
            let (op, arg, extended) = jumps.jump(place, index, instr);
            if extended != 0 {
                run.extended(arg, extended);
            }
            self.jump_at.push(run.code.len() as u32);
            run.plain(op, arg);
            extended_total += extended;
            jumps.end(run.units() - extended_total);
            for instr in &block.instrs[index + 1..] {
                run.instr(instr);
            }
        }
        run.finish();
    }
}

/// Where a pass has the sizes and arguments of jumps from.
trait Jumps {
    fn enter(&mut self, place: usize, units: u32);
    fn jump(&mut self, place: usize, index: usize, instr: &Instr) -> (Op, u32, u32);
    fn end(&mut self, units: u32);
}

/// The first pass: sizes as CPython first guesses them.
struct Guesses<'l> {
    layout: &'l mut Layout,
}

impl Jumps for Guesses<'_> {
    #[inline]
    fn enter(&mut self, place: usize, units: u32) {
        self.layout.enter(place, units);
    }

    #[inline]
    fn jump(&mut self, place: usize, index: usize, instr: &Instr) -> (Op, u32, u32) {
        let jump = self.layout.add_jump(place, index, instr);
        (jump.op, jump.arg, jump.extended)
    }

    #[inline]
    fn end(&mut self, units: u32) {
        self.layout.end_jump(units);
    }
}

/// The second pass: what was found out.
struct Known<'l> {
    layout: &'l Layout,
    next: usize,
}

impl Jumps for Known<'_> {
    fn enter(&mut self, _: usize, _: u32) {}

    fn jump(&mut self, _: usize, _: usize, _: &Instr) -> (Op, u32, u32) {
        let jump = self.layout.jumps()[self.next];
        self.next += 1;
        (jump.op, jump.arg, jump.extended)
    }

    fn end(&mut self, _: u32) {}
}

/// A pass on its way.
struct Run<'r> {
    code: &'r mut Buffer,
    encoding: &'r Encoding,
    lines: LineWriter<'r>,
    /// Location of what was written last, and where that began, in code units.
    loc: Location,
    loc_start: u32,
    /// The same for its handler.
    handler: u32,
    handler_start: u32,
    guards: &'r mut Vec<Guard>,
}

impl Run<'_> {
    /// Code units so far.
    #[inline]
    fn units(&self) -> u32 {
        self.code.len() as u32 / 2
    }

    #[inline(always)]
    fn instr(&mut self, instr: &Instr) {
        self.note(instr);
        if instr.arg > 0xff {
            self.extended(instr.arg, extended_args(instr.arg));
        }
        self.plain(instr.op, instr.arg);
    }

    /// Notes location and handler of what comes next.
    #[inline(always)]
    fn note(&mut self, instr: &Instr) {
        if differs(instr.loc, self.loc) {
            self.end_loc();
            self.loc = instr.loc;
        }
        if instr.handler != self.handler {
            self.close_guard();
            (self.handler, self.handler_start) = (instr.handler, self.units());
        }
    }

    /// Writes what came from one location.
    #[inline(always)]
    fn end_loc(&mut self) {
        let units = self.units();
        self.lines.push(self.loc, units - self.loc_start);
        self.loc_start = units;
    }

    #[inline(never)]
    fn close_guard(&mut self) {
        let end = self.units();
        if self.handler != Instr::NO_HANDLER && end > self.handler_start {
            self.guards.push(Guard { handler: self.handler, start: self.handler_start, end });
        }
    }

    #[cold]
    fn extended(&mut self, arg: u32, count: u32) {
        for i in (1..=count).rev() {
            self.code.write([self.encoding.extended_arg, (arg >> (8 * i)) as u8], 2);
        }
    }

    /// Writes an instruction with its empty caches, but without `EXTENDED_ARG`s.
    #[inline(always)]
    fn plain(&mut self, op: Op, arg: u32) {
        let (number, caches) = self.encoding.by_op[op as usize];
        let mut bytes = [0; LONGEST];
        bytes[0] = number;
        bytes[1] = arg as u8;
        self.code.write(bytes, 2 + 2 * usize::from(caches));
    }

    fn finish(mut self) {
        self.end_loc();
        self.close_guard();
    }
}

/// `a != b`, without a branch for each field.
#[inline]
fn differs(a: Location, b: Location) -> bool {
    (a.line ^ b.line) | (a.end_line ^ b.end_line) | (a.col ^ b.col) | (a.end_col ^ b.end_col) != 0
}
