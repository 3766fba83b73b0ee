//! Writing bytecode, location table and exception table.

use super::layout::{Jump, Layout};
use super::{Encoding, extended_args};
use crate::compile::cfg::Optimizer;
use crate::compile::ir::{Instr, Words};
use crate::compile::recipe::cfg::LocationEntries;
use crate::source::Location;
use crate::tables::{Buffer, LineWriter, push_handler};
use crate::target::Op;

/// The bytes of one code object. Memory is reused.
#[derive(Default)]
pub(super) struct Bytes {
    pub code: Buffer,
    pub linetable: Buffer,
    pub exceptiontable: Vec<u8>,
    /// Where in `code` each jump's opcode is before any jump gets its `EXTENDED_ARG`s.
    jump_at: Vec<u32>,
    guards: Vec<Guard>,
    /// As many as the longest unit so far had instructions.
    runs: Vec<LocRun>,
    /// How many of them count.
    run_count: usize,
}

/// A run of code units from one location.
#[derive(Clone, Copy, Default)]
struct LocRun {
    loc: Location,
    /// Where it starts, in code units.
    start: u32,
}

/// A location that no instruction has.
const NOWHERE: Words = Words::of(Location::new(i32::MIN, i32::MIN, i32::MIN, i32::MIN));

/// A run of code units with one handler.
#[derive(Clone, Copy)]
struct Guard {
    handler: u32,
    start: u32,
    end: u32,
}

/// Bytes that hold the longest instruction without `EXTENDED_ARG`: it has ten caches (3.11's LOAD_METHOD). A multiple of
/// eight is written faster.
const LONGEST: usize = 24;
/// The same with three.
const LONGEST_EXTENDED: usize = LONGEST + 2 * 3;

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
        let units = self.put_instrs(optimizer, encoding, layout);
        layout.settle();
        let extended = layout.extended_before();
        let more = extended.last().copied().unwrap_or(0);
        if more == 0 {
            let code = self.code.as_mut_slice();
            for (jump, &at) in layout.jumps().iter().zip(&self.jump_at) {
                code[at as usize + 1] = jump.arg as u8;
            }
        } else {
            self.extend_jumps(encoding, layout.jumps(), extended);
        }
        self.put_lines(first_line, units + more);
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

    /// Writes all instructions, jumps without arguments and their `EXTENDED_ARG`s; says how many code units
    /// that makes.
    fn put_instrs(&mut self, optimizer: &Optimizer, encoding: &Encoding, layout: &mut Layout) -> u32 {
        self.jump_at.clear();
        self.guards.clear();
        let count = layout.instr_count() as usize;
        if self.runs.len() < count {
            self.runs.resize(count, LocRun::default());
        }
        let mut run = Run {
            code: self.code.room(count * LONGEST_EXTENDED + LONGEST),
            at: 0,
            encoding,
            loc: NOWHERE,
            runs: &mut self.runs,
            run_count: 0,
            handler: Instr::NO_HANDLER,
            handler_start: 0,
            guards: &mut self.guards,
        };
        for (place, block) in optimizer.layout().enumerate() {
            layout.enter(place, run.units());
            let jump = optimizer.jump_index(block.instrs);
            let (plain, rest) = block.instrs.split_at(jump.unwrap_or(block.instrs.len()));
            run.instrs(plain);
            if let [instr, marks @ ..] = rest {
                run.note(instr);
                self.jump_at.push(run.at as u32);
                let op = layout.add_jump(place, plain.len(), instr);
                run.plain(op, 0);
                layout.end_jump(run.units());
                for mark in marks {
                    run.note(mark);
                    run.plain(mark.op, mark.arg);
                }
            }
        }
        let units = run.units();
        close_guard(run.guards, run.handler, run.handler_start, units);
        let (bytes, run_count) = (run.at, run.run_count);
        self.code.set_len(bytes);
        self.run_count = run_count;
        units
    }

    /// Makes room for the `EXTENDED_ARG`s of jumps, of which `extended_before` counts those before each jump and
    /// all, and writes them and the arguments.
    #[cold]
    fn extend_jumps(&mut self, encoding: &Encoding, jumps: &[Jump], extended_before: &[u32]) {
        let mut end = self.code.len();
        self.code.set_len(end + 2 * extended_before[jumps.len()] as usize);
        let code = self.code.as_mut_slice();
        for (number, (jump, &at)) in jumps.iter().zip(&self.jump_at).enumerate().rev() {
            let at = at as usize;
            let place = at + 2 * extended_before[number + 1] as usize;
            code.copy_within(at..end, place);
            code[place + 1] = jump.arg as u8;
            put_extended(code, at + 2 * extended_before[number] as usize, encoding, jump.arg, jump.extended);
            end = at;
        }
        let mut shift = Shift { jump_at: &self.jump_at, extended_before, jumps: 0 };
        for run in &mut self.runs[..self.run_count] {
            shift.apply(&mut run.start);
        }
        shift.jumps = 0;
        for guard in &mut self.guards {
            shift.apply(&mut guard.start);
            shift.apply(&mut guard.end);
        }
    }

    /// Writes the location table of code with `units` code units.
    fn put_lines(&mut self, first_line: i32, units: u32) {
        let Some((last, runs)) = self.runs[..self.run_count].split_last() else {
            self.linetable.clear();
            return;
        };
        let room = self.linetable.room(LineWriter::room(self.run_count, units));
        let mut lines = LineWriter::new(room, first_line);
        for (run, next) in runs.iter().zip(&self.runs[1..]) {
            lines.push(run.loc, next.start - run.start);
        }
        lines.push(last.loc, units - last.start);
        let len = lines.len();
        self.linetable.set_len(len);
    }
}

/// Moves places of the code, in code units and ascending, behind the `EXTENDED_ARG`s before them.
struct Shift<'s> {
    /// Where in the code each jump's opcode was.
    jump_at: &'s [u32],
    extended_before: &'s [u32],
    /// How many jumps are before the last place.
    jumps: usize,
}

impl Shift<'_> {
    fn apply(&mut self, units: &mut u32) {
        while self.jump_at.get(self.jumps).is_some_and(|&at| at / 2 < *units) {
            self.jumps += 1;
        }
        *units += self.extended_before[self.jumps];
    }
}

/// The instructions on their way into the code.
struct Run<'r> {
    /// As much as may be needed.
    code: &'r mut [u8],
    /// How much of it is written.
    at: usize,
    encoding: &'r Encoding,
    /// Location of what was written last.
    loc: Words,
    /// One for each instruction at most.
    runs: &'r mut [LocRun],
    run_count: usize,
    /// Handler of what was written last, and where that began, in code units.
    handler: u32,
    handler_start: u32,
    guards: &'r mut Vec<Guard>,
}

impl Run<'_> {
    /// Code units so far.
    #[inline(always)]
    fn units(&self) -> u32 {
        self.at as u32 / 2
    }

    /// Writes instructions that are no jumps.
    #[inline(always)]
    fn instrs(&mut self, mut instrs: &[Instr]) {
        loop {
            instrs = match self.encoding.entries {
                LocationEntries::Runs => self.plain_instrs::<false>(instrs),
                LocationEntries::Each => self.plain_instrs::<true>(instrs),
            };
            let [instr, rest @ ..] = instrs else { return };
            self.instr(instr);
            instrs = rest;
        }
    }

    /// Writes instructions up to one that has another handler, or a large argument; the result is what is left. `EACH`
    /// says whether each instruction has an entry in the location table. There are no calls in this loop, and its
    /// state is in variables, so that it has place in registers.
    #[inline(always)]
    fn plain_instrs<'i, const EACH: bool>(&mut self, instrs: &'i [Instr]) -> &'i [Instr] {
        let Run { encoding, handler, .. } = *self;
        let (code, runs) = (&mut *self.code, &mut *self.runs);
        let (mut at, mut run_count, mut last) = (self.at, self.run_count, self.loc);
        let mut written = instrs.len();
        for (index, instr) in instrs.iter().enumerate() {
            if (instr.handler != handler) | (instr.arg > 0xff) {
                written = index;
                break;
            }
            let loc = Words::of(instr.loc);
            // Whether the location is another one is hard to foresee, so the place of the next run is always written,
            // and only counts if it is.
            if let Some(run) = runs.get_mut(run_count) {
                *run = LocRun { loc: instr.loc, start: at as u32 / 2 };
            }
            run_count += usize::from(EACH || loc.differs(last));
            last = loc;
            at = encoding.put(code, at, instr.op, instr.arg);
        }
        (self.at, self.run_count, self.loc) = (at, run_count, last);
        &instrs[written..]
    }

    /// Writes any instruction.
    #[inline(never)]
    fn instr(&mut self, instr: &Instr) {
        self.note(instr);
        let count = extended_args(instr.arg);
        self.at = put_extended(self.code, self.at, self.encoding, instr.arg, count);
        self.plain(instr.op, instr.arg);
    }

    /// Notes location and handler of what comes next.
    #[inline(always)]
    fn note(&mut self, instr: &Instr) {
        let units = self.units();
        let loc = Words::of(instr.loc);
        if let Some(run) = self.runs.get_mut(self.run_count) {
            *run = LocRun { loc: instr.loc, start: units };
        }
        self.run_count +=
            usize::from(self.encoding.entries == LocationEntries::Each || loc.differs(self.loc));
        self.loc = loc;
        if instr.handler != self.handler {
            close_guard(self.guards, self.handler, self.handler_start, units);
            (self.handler, self.handler_start) = (instr.handler, units);
        }
    }

    /// Writes an instruction without `EXTENDED_ARG`s.
    #[inline(always)]
    fn plain(&mut self, op: Op, arg: u32) {
        self.at = self.encoding.put(self.code, self.at, op, arg);
    }
}

impl Encoding {
    /// Writes an instruction with its empty caches, but without `EXTENDED_ARG`s; the result is where it ends.
    #[inline(always)]
    fn put(&self, code: &mut [u8], at: usize, op: Op, arg: u32) -> usize {
        let (number, caches) = self.by_op[op as usize];
        if let Some(place) = code.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<LONGEST>) {
            *place = [0; LONGEST];
            (place[0], place[1]) = (number, arg as u8);
        }
        at + 2 + 2 * usize::from(caches)
    }
}

#[inline(never)]
fn close_guard(guards: &mut Vec<Guard>, handler: u32, start: u32, end: u32) {
    if handler != Instr::NO_HANDLER && end > start {
        guards.push(Guard { handler, start, end });
    }
}

/// Writes `count` `EXTENDED_ARG`s; says where they end.
#[inline(never)]
fn put_extended(code: &mut [u8], mut at: usize, encoding: &Encoding, arg: u32, count: u32) -> usize {
    for i in (1..=count).rev() {
        code[at] = encoding.extended_arg;
        code[at + 1] = (arg >> (8 * i)) as u8;
        at += 2;
    }
    at
}
