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
    pub code: Units,
    pub linetable: Buffer,
    pub exceptiontable: Vec<u8>,
    /// Where in `code` each jump's opcode is, in code units, before any jump gets its `EXTENDED_ARG`s.
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
    loc: Words,
    /// Where it starts, in code units.
    start: u32,
}

/// Code units in memory that is reused. Those that were not written to are zero, as caches are.
#[derive(Default)]
pub(super) struct Units {
    units: Vec<[u8; 2]>,
    len: usize,
}

impl Units {
    /// Room for at least `count` units.
    fn room(&mut self, count: usize) -> &mut [[u8; 2]] {
        self.units[..self.len].fill([0; 2]);
        self.len = 0;
        if self.units.len() < count {
            self.units.resize(count.next_power_of_two().max(256), [0; 2]);
        }
        &mut self.units
    }

    /// Says that the first `len` units of the room count.
    fn set_len(&mut self, len: usize) {
        self.len = len.min(self.units.len());
    }

    /// Those that count, to change.
    fn as_mut_slice(&mut self) -> &mut [[u8; 2]] {
        &mut self.units[..self.len]
    }

    /// The bytes of those that count.
    pub fn as_bytes(&self) -> &[u8] {
        self.units[..self.len].as_flattened()
    }
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

/// Code units of the longest instruction: three `EXTENDED_ARG`s, itself and ten caches (3.11's LOAD_METHOD).
const LONGEST: usize = 3 + 1 + 10;

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
                code[at as usize][1] = jump.arg as u8;
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
    #[inline(never)]
    fn put_instrs(&mut self, optimizer: &Optimizer, encoding: &Encoding, layout: &mut Layout) -> u32 {
        self.jump_at.clear();
        self.guards.clear();
        let count = layout.instr_count() as usize;
        if self.runs.len() < count {
            self.runs.resize(count, LocRun::default());
        }
        let mut run = Run {
            code: self.code.room(count * LONGEST),
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
        let (end, run_count) = (run.at, run.run_count);
        self.code.set_len(end);
        self.run_count = run_count;
        units
    }

    /// Makes room for the `EXTENDED_ARG`s of jumps, of which `extended_before` counts those before each jump and
    /// all, and writes them and the arguments.
    #[cold]
    fn extend_jumps(&mut self, encoding: &Encoding, jumps: &[Jump], extended_before: &[u32]) {
        let mut end = self.code.len;
        self.code.set_len(end + extended_before[jumps.len()] as usize);
        let code = self.code.as_mut_slice();
        for (number, (jump, &at)) in jumps.iter().zip(&self.jump_at).enumerate().rev() {
            let at = at as usize;
            let place = at + extended_before[number + 1] as usize;
            code.copy_within(at..end, place);
            code[place][1] = jump.arg as u8;
            put_extended(code, at + extended_before[number] as usize, encoding, jump.arg, jump.extended);
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
    #[inline(never)]
    fn put_lines(&mut self, first_line: i32, units: u32) {
        let Some((last, runs)) = self.runs[..self.run_count].split_last() else {
            self.linetable.clear();
            return;
        };
        let room = self.linetable.room(LineWriter::room(self.run_count, units));
        let mut lines = LineWriter::new(room, first_line);
        for (run, next) in runs.iter().zip(&self.runs[1..]) {
            lines.push_halves(run.loc.halves(), next.start - run.start);
        }
        lines.push_halves(last.loc.halves(), units - last.start);
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
        while self.jump_at.get(self.jumps).is_some_and(|&at| at < *units) {
            self.jumps += 1;
        }
        *units += self.extended_before[self.jumps];
    }
}

/// The instructions on their way into the code.
struct Run<'r> {
    /// As much as may be needed, all zero.
    code: &'r mut [[u8; 2]],
    /// How much of it is written, in code units.
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
        self.at as u32
    }

    /// Writes instructions that are no jumps.
    #[inline(always)]
    fn instrs(&mut self, mut instrs: &[Instr]) {
        while let [first, ..] = instrs {
            self.instr(first);
            let (code, runs) = (&mut self.code[self.at..], &mut self.runs[self.run_count..]);
            let room = (code.len(), runs.len());
            let (done, left) = match self.encoding.entries {
                LocationEntries::Runs => plain_instrs::<false>(instrs, code, runs, self.encoding, self.at),
                LocationEntries::Each => plain_instrs::<true>(instrs, code, runs, self.encoding, self.at),
            };
            self.at += room.0 - left.0;
            self.run_count += room.1 - left.1;
            self.loc = Words::of(instrs[done].loc);
            instrs = &instrs[done + 1..];
        }
    }

    /// Writes any instruction.
    #[inline(always)]
    fn instr(&mut self, instr: &Instr) {
        self.note(instr);
        if instr.arg > 0xff {
            let count = extended_args(instr.arg);
            self.at = put_extended(self.code, self.at, self.encoding, instr.arg, count);
        }
        self.plain(instr.op, instr.arg);
    }

    /// Notes location and handler of what comes next.
    #[inline(always)]
    fn note(&mut self, instr: &Instr) {
        let units = self.units();
        let loc = Words::of(instr.loc);
        if let Some(run) = self.runs.get_mut(self.run_count) {
            *run = LocRun { loc, start: units };
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
    /// Writes an instruction, but not its caches, which are zero, nor its `EXTENDED_ARG`s; the result is where it ends.
    #[inline(always)]
    fn put(&self, code: &mut [[u8; 2]], at: usize, op: Op, arg: u32) -> usize {
        let encoding = self.by_op[op as usize];
        if let Some(place) = code.get_mut(at) {
            *place = Self::unit(encoding, arg);
        }
        at + usize::from(encoding >> 8)
    }

    /// The first code unit of an instruction with an entry of `by_op`.
    #[inline(always)]
    fn unit(encoding: u16, arg: u32) -> [u8; 2] {
        (encoding & 0xff | (arg as u16) << 8).to_le_bytes()
    }
}

/// Writes instructions behind the first one, which is written, up to one that has another handler, or a large argument;
/// the result is how many, and how many places are left of `code`, which begins `at` code units from the start, and of
/// `runs`. `EACH` says whether each instruction has an entry in the location table. This is a function of its own,
/// without calls, so that its state has place in registers.
#[inline(never)]
fn plain_instrs<const EACH: bool>(
    instrs: &[Instr],
    mut code: &mut [[u8; 2]],
    mut runs: &mut [LocRun],
    encoding: &Encoding,
    at: usize,
) -> (usize, (usize, usize)) {
    let end = at + code.len();
    let mut done = 0;
    for pair in instrs.windows(2) {
        let [before, instr] = pair else { break };
        if (instr.handler ^ before.handler) | instr.arg >> 8 != 0 {
            break;
        }
        done += 1;
        let loc = Words::of(instr.loc);
        // Whether the location is another one is hard to foresee, so the place of the next run is always written,
        // and only counts if it is.
        let [run, ..] = &mut *runs else { break };
        *run = LocRun { loc, start: (end - code.len()) as u32 };
        let counts = EACH || loc.differs(Words::of(before.loc));
        runs = &mut std::mem::take(&mut runs)[usize::from(counts)..];
        let encoding = encoding.by_op[instr.op as usize];
        let [unit, ..] = &mut *code else { break };
        *unit = Encoding::unit(encoding, instr.arg);
        code = &mut std::mem::take(&mut code)[usize::from(encoding >> 8)..];
    }
    (done, (code.len(), runs.len()))
}

#[inline(never)]
fn close_guard(guards: &mut Vec<Guard>, handler: u32, start: u32, end: u32) {
    if handler != Instr::NO_HANDLER && end > start {
        guards.push(Guard { handler, start, end });
    }
}

/// Writes `count` `EXTENDED_ARG`s; says where they end.
#[inline(never)]
fn put_extended(code: &mut [[u8; 2]], mut at: usize, encoding: &Encoding, arg: u32, count: u32) -> usize {
    for i in (1..=count).rev() {
        code[at] = [encoding.extended_arg, (arg >> (8 * i)) as u8];
        at += 1;
    }
    at
}
