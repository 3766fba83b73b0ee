//! Code objects as the interpreter runs them.

use crate::load::op::Instr;
use crate::object::{Late, Slot};
use crate::value::Value;
use pyrsc::source::Location;
use pyrsc::tables::LineTable;
use std::cell::{Cell, OnceCell};
use std::ops::Range;
use std::rc::Rc;

/// Where control goes when an exception leaves a range of instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First instruction covered.
    pub start: u32,
    /// First instruction not covered.
    pub end: u32,
    /// The handler's first instruction.
    pub target: u32,
    /// How many temporaries stay.
    pub depth: u16,
    /// Is the place of the raising instruction pushed too?
    pub lasti: bool,
}

/// What an instruction found out the last time. What the fields mean is the instruction's affair.
#[derive(Default)]
pub struct Cache {
    /// A shape, or a state of a dict's keys.
    pub key: Cell<u64>,
    /// A type's version, or a state of a dict's keys.
    pub version: Cell<u32>,
    /// Where the value is.
    pub index: Cell<u32>,
    /// The value itself.
    pub value: Slot,
}

/// What a compiler wrote of a code object, byte for byte.
#[derive(Clone)]
pub(crate) struct Origin {
    /// What the parts lie in: all that marshal wrote of a module, or the parts alone.
    whole: Rc<Vec<u8>>,
    code: Range<u32>,
    table: Range<u32>,
    lines: Range<u32>,
    /// `co_stacksize`
    pub(crate) stack: u32,
    /// Is it of the release whose language this is?
    pub(crate) own: bool,
}

impl Origin {
    /// The parts alone.
    pub(crate) fn new(code: &[u8], table: &[u8], lines: &[u8], stack: u32, own: bool) -> Origin {
        let whole = [code, table, lines].concat();
        let ends = [code.len(), code.len() + table.len(), whole.len()].map(|end| end as u32);
        Origin {
            whole: Rc::new(whole),
            code: 0..ends[0],
            table: ends[0]..ends[1],
            lines: ends[1]..ends[2],
            stack,
            own,
        }
    }

    /// The parts where they lie in `whole`, if they do; of the release whose language this is.
    pub(super) fn within(whole: &Rc<Vec<u8>>, parts: [&[u8]; 3], stack: u32) -> Option<Origin> {
        let range = |part: &[u8]| {
            let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
            let end = start.checked_add(part.len()).filter(|end| *end <= whole.len())?;
            Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
        };
        let [code, table, lines] = parts.map(range);
        Some(Origin { whole: whole.clone(), code: code?, table: table?, lines: lines?, stack, own: true })
    }

    fn part(&self, range: &Range<u32>) -> &[u8] {
        self.whole.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// `co_code`
    pub(crate) fn code(&self) -> &[u8] {
        self.part(&self.code)
    }

    /// `co_exceptiontable`
    pub(crate) fn table(&self) -> &[u8] {
        self.part(&self.table)
    }

    /// `co_linetable`
    pub(crate) fn lines(&self) -> &[u8] {
        self.part(&self.lines)
    }
}

/// What lowering makes of a code object.
pub(super) struct Lowered {
    pub(super) instrs: Box<[Instr]>,
    pub(super) offsets: Box<[u32]>,
    pub(super) handlers: Box<[Handler]>,
    pub(super) consts: Box<[Value]>,
    pub(super) caches: Box<[Cache]>,
}

/// A code object.
pub struct Code {
    /// What runs. Before it is lowered, the instruction that has it lowered.
    pub instrs: Late<Instr>,
    /// For each instruction where it comes from, in bytes of the code that CPython wrote.
    pub offsets: Late<u32>,
    /// Handlers; inner ones come before outer ones.
    pub handlers: Late<Handler>,
    /// Constants: `co_consts`, and behind them what lowering needs.
    pub consts: Late<Value>,
    /// How many constants are `co_consts`.
    pub(super) own_consts: u32,
    /// What it was lowered from, or will be when it first runs.
    pub(crate) origin: Origin,
    /// Was it lowered?
    pub(crate) ready: Cell<bool>,
    /// `co_names`
    pub names: Box<[Value]>,
    /// Names of locals, cells and free variables.
    pub local_names: Box<[Value]>,
    /// `co_localspluskinds`
    pub kinds: Box<[u8]>,
    /// Caches of instructions.
    pub caches: Late<Cache>,
    /// Source places by offset: the first offset that each holds for; see [`Code::places`].
    pub(super) places: OnceCell<Box<[(u32, Location)]>>,
    /// How many registers locals take.
    pub locals: u16,
    /// How many registers there are.
    pub registers: u16,
    /// `co_argcount`
    pub argcount: u16,
    /// `co_posonlyargcount`
    pub posonly: u16,
    /// `co_kwonlyargcount`
    pub kwonly: u16,
    /// How many registers arguments take, `*args` and `**kwargs` among them.
    pub parameters: u16,
    /// Does a call with exactly `argcount` positional arguments only need them put in place?
    pub simple: bool,
    /// Is it of a module that is part of the machine, and is not shown in tracebacks?
    pub internal: bool,
    /// What marshal writes of it, where that is known: for modules that were compiled here.
    pub marshalled: std::cell::RefCell<Option<Box<[u8]>>>,
    /// `co_flags`
    pub flags: u32,
    /// `co_firstlineno`
    pub first_line: i32,
    /// `co_name`
    pub name: Value,
    /// `co_qualname`
    pub qualname: Value,
    /// `co_filename`
    pub filename: crate::object::Slot,
}

impl Code {
    /// The same under other names, with other flags, and with other rows of constants and names, which are as long.
    pub(crate) fn renamed(&self, texts: [Value; 3], flags: u32, consts: &[Value], names: Vec<Value>) -> Code {
        let [filename, name, qualname] = texts;
        let extra = self.consts.get(consts.len()..).unwrap_or_default();
        Code {
            instrs: self.instrs.clone(),
            offsets: self.offsets.clone(),
            handlers: self.handlers.clone(),
            consts: Late::from([consts, extra].concat().into_boxed_slice()),
            names: names.into_boxed_slice(),
            local_names: self.local_names.clone(),
            kinds: self.kinds.clone(),
            own_consts: self.own_consts,
            origin: self.origin.clone(),
            ready: self.ready.clone(),
            caches: Late::from(self.caches.iter().map(|_| Cache::default()).collect::<Box<[Cache]>>()),
            places: self.places.clone(),
            locals: self.locals,
            registers: self.registers,
            argcount: self.argcount,
            posonly: self.posonly,
            kwonly: self.kwonly,
            parameters: self.parameters,
            simple: self.simple,
            internal: self.internal,
            marshalled: std::cell::RefCell::default(),
            flags,
            first_line: self.first_line,
            name,
            qualname,
            filename: crate::object::Slot::new(Some(filename)),
        }
    }

    /// `co_filename`
    pub(crate) fn file(&self) -> Value {
        self.filename.get().unwrap_or(crate::value::NONE)
    }

    /// Names another file in it and in the code within it, where they named this one.
    pub(crate) fn rename_file(&self, from: &Value, to: &Value) {
        let same = |a: &Value| a.is(from) || crate::object::str::same(a, from);
        let mut waiting: Vec<Value> = Vec::new();
        let rename = |code: &Code, waiting: &mut Vec<Value>| {
            if same(&code.file()) {
                code.filename.set(Some(to.clone()));
                waiting.extend(code.consts.iter().filter(|it| it.get::<Code>().is_some()).cloned());
            }
        };
        rename(self, &mut waiting);
        while let Some(inner) = waiting.pop() {
            if let Some(code) = inner.get::<Code>() {
                rename(code, &mut waiting);
            }
        }
    }

    /// Takes over what lowering made.
    pub(super) fn fill(&self, lowered: Lowered) {
        self.instrs.exchange(lowered.instrs);
        self.offsets.exchange(lowered.offsets);
        self.handlers.exchange(lowered.handlers);
        self.consts.exchange(lowered.consts);
        self.caches.exchange(lowered.caches);
        self.ready.set(true);
    }

    /// Source places by offset: the first offset that each holds for.
    pub fn places(&self) -> &[(u32, Location)] {
        self.places.get_or_init(|| {
            let entries = LineTable::new(self.origin.lines(), self.first_line);
            entries.flatten().map(|entry| (entry.start.saturating_mul(2), entry.location)).collect()
        })
    }

    /// Says the source places, where the table of lines is not in the present form.
    pub(super) fn set_places(&self, places: Box<[(u32, Location)]>) {
        drop(self.places.set(places));
    }

    /// How many bytes the code has that a compiler wrote.
    pub fn size(&self) -> u32 {
        self.origin.code().len() as u32
    }

    /// `co_consts`
    pub fn co_consts(&self) -> &[Value] {
        self.consts.get(..self.own_consts as usize).unwrap_or(&self.consts)
    }

    /// Names of the locals that are of a kind: `co_varnames`, `co_cellvars`, `co_freevars`.
    pub(crate) fn names_of_kind(&self, kind: u8) -> Vec<Value> {
        let locals = self.local_names.iter().zip(&self.kinds);
        locals.filter(|(_, it)| **it & kind != 0).map(|(name, _)| name.clone()).collect()
    }

    /// The source place of an instruction.
    pub fn place(&self, at: u32) -> Location {
        let Some(&offset) = self.offsets.get(at as usize) else { return Location::NONE };
        self.place_of_offset(offset)
    }

    /// The source place of an offset of the code that CPython wrote.
    pub fn place_of_offset(&self, offset: u32) -> Location {
        let places = self.places();
        let behind = places.partition_point(|&(start, _)| start <= offset);
        behind.checked_sub(1).map_or(Location::NONE, |index| places[index].1)
    }

    /// Is the local a free variable?
    pub fn is_free(&self, local: u16) -> bool {
        self.kinds.get(usize::from(local)).is_some_and(|kind| kind & 0x80 != 0)
    }

    /// The handler of an exception that leaves the instruction `at`.
    pub fn handler(&self, at: u32) -> Option<&Handler> {
        self.handlers.iter().find(|handler| handler.start <= at && at < handler.end)
    }
}
