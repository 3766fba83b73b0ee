//! From CPython's stack code to registers.
//!
//! The value stack is simulated. An entry is a register of its place ([`Entry::Temp`]), or stands for a local or a
//! constant that was not loaded yet; such an entry is made a register's before control joins from elsewhere, and
//! before the local changes. What defines the top of the stack right before it is stored in a local writes the
//! local itself.

use super::build::invalid;
use super::code::{Cache, Code, Handler, Lowered};
use super::op::{Instr, KILL_B, KILL_C, Op};
use super::verify::{Sizes, Source, Verified, ends, verify};
use super::{Invalid, LoadError};
use crate::value::Value;
use crate::vm::Vm;
use pyrsc::listing::Shapes;
use pyrsc::target::Op as Raw;

/// What a place of the stack holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entry {
    /// The register of the place.
    Temp,
    /// What the local holds.
    Local(u16),
    /// A constant.
    Const(u32),
    /// CPython's `NULL`.
    Null,
}

/// Where a popped entry was, and what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Popped {
    pub(super) entry: Entry,
    pub(super) place: u16,
}

/// The lowering of one code object.
pub(super) struct Lowering<'a> {
    pub(super) vm: &'a Vm,
    pub(super) shapes: &'static Shapes,
    title: &'a str,
    pub(super) consts: Vec<Value>,
    stack_size: u32,
    pub(super) out: Vec<Instr>,
    offsets: Vec<u32>,
    pub(super) stack: Vec<Entry>,
    /// The instruction that defined a place, if it was the last one, and the place.
    pub(super) defined: Option<(usize, u16)>,
    /// The last instruction that unpacked, and how many elements are not stored yet, while nothing but the moves of
    /// them follows it.
    pub(super) unpacked: Option<(usize, usize)>,
    pub(super) locals: u16,
    /// May its frame be that of a generator or the like?
    pub(super) generator: bool,
    pub(super) caches: u32,
    offset: u32,
    fixups: Vec<usize>,
    pub(super) error: Option<&'static str>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        vm: &'a Vm,
        shapes: &'static Shapes,
        title: &'a str,
        consts: Vec<Value>,
        stack_size: u32,
    ) -> Self {
        Lowering {
            vm,
            shapes,
            title,
            consts,
            stack_size,
            out: Vec::new(),
            offsets: Vec::new(),
            stack: Vec::new(),
            defined: None,
            unpacked: None,
            locals: 0,
            generator: false,
            caches: 0,
            offset: 0,
            fixups: Vec::new(),
            error: None,
        }
    }

    pub(super) fn run(mut self, code: &Code, source: &Source<'_>) -> Result<Lowered, LoadError> {
        self.locals = code.locals;
        let sizes = Sizes {
            consts: self.consts.len(),
            names: code.names.len(),
            locals: usize::from(code.locals),
            stack: self.stack_size,
        };
        let title = self.title;
        let it = verify(source, &sizes).map_err(|(offset, rule)| invalid(title, offset, rule))?;
        // Whatever its flags say.
        self.generator = it.code.iter().any(|ins| ins.op == Raw::ReturnGenerator);
        let starts = self.all(&it)?;
        for index in 0..self.fixups.len() {
            let at = self.fixups[index];
            let target = starts[self.out[at].d as usize];
            self.out[at].d = Instr::way(at, target as usize);
            if target as usize > at {
                continue;
            }
            // Steps are counted where control goes back.
            if matches!(self.out[at].op, Op::Jump | Op::JumpBack) {
                self.out[at].op = Op::JumpBack;
            } else {
                self.out[at].d = Instr::way(at, self.out.len());
                self.offset = self.offsets[at];
                let way = Instr::way(self.out.len(), target as usize);
                self.emit(Op::JumpBack, 0, [0; 3], way);
            }
        }
        let handler = |region: &super::verify::Region| Handler {
            start: starts[region.start as usize],
            end: starts[region.end as usize],
            target: starts[region.target as usize],
            depth: region.depth as u16,
            lasti: region.lasti,
        };
        Ok(Lowered {
            handlers: it.regions.iter().map(handler).collect(),
            instrs: self.out.into_boxed_slice(),
            offsets: self.offsets.into_boxed_slice(),
            consts: self.consts.into_boxed_slice(),
            caches: (0..self.caches).map(|_| Cache::default()).collect(),
        })
    }

    /// Lowers all instructions that are reached; says where the lowering of each begins.
    fn all(&mut self, it: &Verified) -> Result<Vec<u32>, LoadError> {
        let mut starts = vec![0; it.code.len() + 1];
        let mut flows = false;
        let mut at = 0;
        while at < it.code.len() {
            let ins = it.code[at];
            let Some(depth) = it.depths[at] else {
                starts[at] = self.out.len() as u32;
                flows = false;
                at += 1;
                continue;
            };
            if it.leaders[at] || !flows {
                if flows {
                    self.settle();
                }
                self.defined = None;
                self.unpacked = None;
                self.stack.clear();
                self.stack.resize(depth as usize, Entry::Temp);
            }
            starts[at] = self.out.len() as u32;
            self.offset = ins.offset;
            debug_assert_eq!(self.stack.len(), depth as usize, "{:?} at {}", ins, self.title);
            let used = self.one(it, at, &ins);
            if let Some(rule) = self.error {
                return Err(invalid(self.title, ins.offset, rule));
            }
            starts[at + 1..at + used].fill(self.out.len() as u32);
            flows = !ends(it.code[at + used - 1].op);
            at += used;
        }
        starts[it.code.len()] = self.out.len() as u32;
        Ok(starts)
    }

    /// Is the instruction after `at` one of these, and reached only from there?
    pub(super) fn follows(it: &Verified, at: usize, ops: &[Raw]) -> bool {
        it.code.get(at + 1).is_some_and(|ins| ops.contains(&ins.op)) && !it.leaders[at + 1]
    }

    pub(super) fn emit(&mut self, op: Op, k: u8, [a, b, c]: [u16; 3], d: u32) -> usize {
        self.defined = None;
        self.unpacked = None;
        self.out.push(Instr { op, k, a, b, c, d });
        self.offsets.push(self.offset);
        self.out.len() - 1
    }

    /// The same, of an instruction that defines the next place of the stack with its register `a`.
    pub(super) fn define(&mut self, op: Op, k: u8, [b, c]: [u16; 2], d: u32) {
        let place = self.stack.len() as u16;
        let a = self.register(place);
        // Writing `a` drops what was there.
        let k = k & !(if b == a { KILL_B } else { 0 }) & !(if c == a { KILL_C } else { 0 });
        let at = self.emit(op, k, [a, b, c], d);
        self.stack.push(Entry::Temp);
        self.defined = Some((at, place));
    }

    /// A jump to the instruction number `d` of CPython's code.
    pub(super) fn jump(&mut self, op: Op, k: u8, registers: [u16; 3], target: u32) {
        let at = self.emit(op, k, registers, target);
        self.fixups.push(at);
    }

    /// The register of a place of the stack.
    pub(super) const fn register(&self, place: u16) -> u16 {
        self.locals + place
    }

    /// Makes every entry a register's.
    pub(super) fn settle(&mut self) {
        for place in 0..self.stack.len() {
            self.own(place);
        }
    }

    /// Makes the entry at `place` a register's.
    pub(super) fn own(&mut self, place: usize) {
        let entry = self.stack[place];
        let register = self.register(place as u16);
        self.load(entry, register);
        self.stack[place] = Entry::Temp;
    }

    fn load(&mut self, entry: Entry, register: u16) {
        match entry {
            Entry::Temp => {}
            Entry::Local(local) => {
                self.emit(Op::Copy, 0, [register, local, 0], 0);
            }
            Entry::Const(index) => {
                self.emit(Op::LoadConst, 0, [register, 0, 0], index);
            }
            Entry::Null => {
                self.emit(Op::Clear, 0, [register, 0, 0], 0);
            }
        }
    }

    /// Makes the last `count` entries registers', and pops them; the first one's place.
    pub(super) fn pop_owned(&mut self, count: usize) -> u16 {
        let first = self.stack.len() - count;
        for place in first..self.stack.len() {
            self.own(place);
        }
        self.stack.truncate(first);
        self.register(first as u16)
    }

    /// Before the local changes: entries that stand for it get what it holds.
    pub(super) fn protect(&mut self, local: u16) {
        for place in 0..self.stack.len() {
            if self.stack[place] == Entry::Local(local) {
                self.own(place);
            }
        }
    }

    pub(super) fn pop(&mut self) -> Popped {
        let entry = self.stack.pop().unwrap_or(Entry::Null);
        Popped { entry, place: self.stack.len() as u16 }
    }

    /// The register that a popped entry is in, and whether reading it consumes it.
    pub(super) fn operand(&mut self, popped: Popped) -> (u16, bool) {
        match popped.entry {
            Entry::Local(local) => (local, false),
            Entry::Temp => (self.register(popped.place), true),
            entry => {
                let register = self.register(popped.place);
                self.load(entry, register);
                (register, true)
            }
        }
    }

    /// Pops the top entry as the register `b` of an instruction, with its flag.
    pub(super) fn pop_b(&mut self) -> (u16, u8) {
        let popped = self.pop();
        let (register, consumed) = self.operand(popped);
        (register, if consumed { KILL_B } else { 0 })
    }

    /// Pops two entries as the registers `b` and `c` of an instruction, with their flags.
    pub(super) fn pop_bc(&mut self) -> ([u16; 2], u8) {
        let (c, b) = (self.pop(), self.pop());
        let (b, kill_b) = self.operand(b);
        let (c, kill_c) = self.operand(c);
        ([b, c], if kill_b { KILL_B } else { 0 } | if kill_c { KILL_C } else { 0 })
    }

    /// The number of the first of `count` caches, where they fit into an instruction.
    pub(super) fn caches(&mut self, count: u32) -> u16 {
        if self.caches + count > u32::from(u16::MAX) {
            self.error = Some("more cached instructions than this machine can count");
            return 0;
        }
        self.caches += count;
        (self.caches - count) as u16
    }

    /// The number of a constant that the lowering needs.
    pub(super) fn constant(&mut self, value: Value) -> u32 {
        let found = self.consts.iter().position(|it| it.is(&value));
        found.unwrap_or_else(|| {
            self.consts.push(value);
            self.consts.len() - 1
        }) as u32
    }

    /// Stores the top entry in a local.
    pub(super) fn store(&mut self, local: u16) {
        let popped = self.pop();
        if popped.entry == Entry::Local(local) {
            return;
        }
        let aliased = self.stack.contains(&Entry::Local(local));
        self.protect(local);
        match popped.entry {
            Entry::Temp => {
                let temporary = self.register(popped.place);
                match self.defined {
                    Some((at, place)) if place == popped.place && !aliased => {
                        self.retarget(at, temporary, local);
                    }
                    _ => {
                        let unpacked = self.unpacked;
                        let at = self.emit(Op::Move, 0, [local, temporary, 0], 0);
                        self.moved(unpacked, at);
                    }
                }
            }
            entry => self.load(entry, local),
        }
        self.defined = None;
    }

    /// The instruction `at` moves the top of the stack to a local. Is it one of the elements that were unpacked?
    fn moved(&mut self, unpacked: Option<(usize, usize)>, at: usize) {
        let Some((unpack, left)) = unpacked else { return };
        let instr = &mut self.out[unpack];
        let count = usize::from(instr.c);
        if at + left != unpack + 1 + count {
            return;
        }
        if left == 1 {
            instr.d = 1;
        } else {
            self.unpacked = Some((unpack, left - 1));
        }
    }

    /// Makes the instruction `at`, which writes `from`, write `to`.
    fn retarget(&mut self, at: usize, from: u16, to: u16) {
        let instr = &mut self.out[at];
        match instr.op {
            Op::Call | Op::CallKw | Op::CallEx => instr.b = to,
            _ => {
                instr.a = to;
                // What was dropped by writing is consumed now.
                let reads = instr.op.reads();
                if reads.0 && instr.b == from {
                    instr.k |= KILL_B;
                }
                if reads.1 && instr.c == from {
                    instr.k |= KILL_C;
                }
            }
        }
    }
}

impl From<Invalid> for LoadError {
    fn from(it: Invalid) -> LoadError {
        LoadError::Invalid(it)
    }
}
