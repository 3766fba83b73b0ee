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

/// Where the parts of a code object are that is lowered when it is first run, and what that takes to know.
#[derive(Clone)]
pub(crate) struct Later {
    /// What marshal wrote of the whole module.
    pub(super) whole: Rc<Vec<u8>>,
    pub(super) code: Range<usize>,
    pub(super) table: Range<usize>,
    pub(super) lines: Range<usize>,
    /// The stack that the code needs.
    pub(super) stack: u32,
}

impl Later {
    pub(super) fn part(&self, range: &Range<usize>) -> &[u8] {
        self.whole.get(range.clone()).unwrap_or_default()
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
    /// Constants.
    pub consts: Late<Value>,
    /// What is left to do when it first runs; nothing where it was lowered as it was loaded.
    pub(crate) later: Option<Box<Later>>,
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
    /// How many bytes the code has that CPython wrote.
    pub size: u32,
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
    /// The same, with caches of its own.
    pub(crate) fn copy(&self) -> Code {
        Code {
            instrs: self.instrs.clone(),
            offsets: self.offsets.clone(),
            handlers: self.handlers.clone(),
            consts: self.consts.clone(),
            names: self.names.clone(),
            local_names: self.local_names.clone(),
            kinds: self.kinds.clone(),
            later: self.later.clone(),
            ready: self.ready.clone(),
            caches: Late::from(self.caches.iter().map(|_| Cache::default()).collect::<Box<[Cache]>>()),
            places: self.places.clone(),
            size: self.size,
            locals: self.locals,
            registers: self.registers,
            argcount: self.argcount,
            posonly: self.posonly,
            kwonly: self.kwonly,
            parameters: self.parameters,
            simple: self.simple,
            internal: self.internal,
            marshalled: std::cell::RefCell::default(),
            flags: self.flags,
            first_line: self.first_line,
            name: self.name.clone(),
            qualname: self.qualname.clone(),
            filename: crate::object::Slot::new(self.filename.get()),
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
            let Some(later) = &self.later else { return Box::default() };
            let entries = LineTable::new(later.part(&later.lines), self.first_line);
            entries.flatten().map(|entry| (entry.start.saturating_mul(2), entry.location)).collect()
        })
    }

    /// Other source places.
    pub(crate) fn set_places(&mut self, places: Box<[(u32, Location)]>) {
        self.places = OnceCell::from(places);
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
