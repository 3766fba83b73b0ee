//! The instruction sequence that code generation writes and the control-flow graph is built from
//! (CPython: `Python/instruction_sequence.c`).

use super::cfg::class::MARKS;
use crate::code::{ObjectId, flags};
use crate::source::Location;
use crate::target::Op;
use crate::value::{Name, known};
use std::hint::select_unpredictable;

/// A jump target, before instructions have offsets. Dense per sequence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Label(pub u32);

/// One instruction, real or pseudo. In jumps (and `Setup*`), `arg` is a [`Label`]'s number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instr {
    /// What it does.
    pub op: Op,
    /// Its argument, 0 where it has none.
    pub arg: u32,
    /// The handler that takes its exceptions, which the control-flow graph finds; [`Instr::NO_HANDLER`]
    /// until then.
    pub handler: u32,
    /// Where in the source it comes from.
    pub loc: Location,
}

impl Instr {
    /// "No handler".
    pub const NO_HANDLER: u32 = u32::MAX;

    /// An instruction without a handler.
    #[inline]
    pub const fn new(op: Op, arg: u32, loc: Location) -> Self {
        Instr { op, arg, handler: Instr::NO_HANDLER, loc }
    }

    /// Turns it into another operation; location and handler stay.
    #[inline]
    pub fn set(&mut self, op: Op, arg: u32) {
        self.op = op;
        self.arg = arg;
    }

    /// Turns it into a `NOP`; location and handler stay.
    #[inline]
    pub fn nop(&mut self) {
        self.set(Op::Nop, 0);
    }
}

/// A location as two words, start and end as they are in memory, which are compared and chosen without branches.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(in crate::compile) struct Words(u64, u64);

impl Words {
    /// Those of a location.
    #[inline(always)]
    pub const fn of(loc: Location) -> Self {
        let [start, end] = loc.halves();
        Words(start, end)
    }

    /// Start and end, as [`Location::halves`] has them.
    #[inline(always)]
    pub const fn halves(self) -> [u64; 2] {
        [self.0, self.1]
    }

    /// The location.
    #[inline(always)]
    pub const fn location(self) -> Location {
        Location::of_halves([self.0, self.1])
    }

    /// `self` where `stays`, or else `other`.
    #[inline(always)]
    pub fn or(self, other: Words, stays: bool) -> Self {
        Words(select_unpredictable(stays, self.0, other.0), select_unpredictable(stays, self.1, other.1))
    }

    /// Is it another location?
    #[inline(always)]
    pub const fn differs(self, other: Words) -> bool {
        (self.0 ^ other.0) | (self.1 ^ other.1) != 0
    }
}

/// A growing sequence of instructions with labels.
#[derive(Default, Debug)]
pub struct InstrSeq {
    /// The instructions.
    pub instrs: Vec<Instr>,
    /// For each label: the index of the instruction that it stands before; `u32::MAX` until placed.
    pub labels: Vec<u32>,
    /// The indices of the instructions that [`MARKS`] has.
    marks: Vec<u32>,
    /// Labels in the order in which they were placed; kept only where blocks are made of them (3.8 to 3.11).
    pub starts: Vec<Label>,
    /// By label: how many instructions there were when it was made; kept only where the order in which blocks are
    /// made matters (3.11).
    pub births: Vec<u32>,
    /// Code that takes the place of the `AnnotationsPlaceholder` instruction, where there is one (3.14).
    pub annotations: Option<Box<InstrSeq>>,
}

impl InstrSeq {
    /// A new label, not placed yet.
    #[inline]
    pub fn new_label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        Label(self.labels.len() as u32 - 1)
    }

    /// Is the last instruction a return behind which no label stands?
    pub fn ends_with_return(&self) -> bool {
        let end = self.instrs.len() as u32;
        self.instrs.last().is_some_and(|last| last.op == Op::ReturnValue)
            && self.starts.last().is_none_or(|label| self.labels[label.0 as usize] != end)
    }

    /// Notes that the next label is made now.
    pub fn note_birth(&mut self) {
        self.births.push(self.instrs.len() as u32);
    }

    /// Places `label` before the next instruction.
    #[inline]
    pub fn use_label(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.instrs.len() as u32;
    }

    /// Appends an instruction.
    #[inline]
    pub fn push(&mut self, op: Op, arg: u32, loc: Location) {
        if MARKS[op as usize] {
            self.marks.push(self.instrs.len() as u32);
        }
        self.instrs.push(Instr::new(op, arg, loc));
    }

    /// Is there room for another instruction where the others are?
    #[inline]
    pub fn has_room(&self) -> bool {
        self.instrs.len() < self.instrs.capacity()
    }

    /// Appends an instruction that [`MARKS`] does not have.
    #[inline]
    pub fn push_unmarked(&mut self, op: Op, arg: u32, loc: Location) {
        debug_assert!(!MARKS[op as usize], "{op:?} is marked");
        self.instrs.push(Instr::new(op, arg, loc));
    }

    /// Inserts an instruction at `index`; labels at or after it move along.
    pub fn insert(&mut self, index: usize, op: Op, arg: u32, loc: Location) {
        self.instrs.insert(index, Instr::new(op, arg, loc));
        for place in &mut self.labels {
            if *place != u32::MAX && *place >= index as u32 {
                *place += 1;
            }
        }
        self.find_marks();
    }

    /// Puts the code for annotations in the place that was kept for it at `index`.
    pub fn place_annotations(&mut self, index: usize) {
        let annotations = self.annotations.take();
        let code = annotations.as_ref().map_or(&[][..], |annotations| &annotations.instrs);
        self.instrs.splice(index..index + 1, code.iter().copied());
        for label in &mut self.labels {
            if *label != u32::MAX && *label > index as u32 {
                *label = *label + code.len() as u32 - 1;
            }
        }
        self.annotations = annotations;
        self.find_marks();
    }

    /// The indices of the instructions that name blocks, end them, or hold a place for others, in order.
    pub fn marks(&self) -> &[u32] {
        &self.marks
    }

    fn find_marks(&mut self) {
        let marked = |(i, instr): (usize, &Instr)| MARKS[instr.op as usize].then_some(i as u32);
        self.marks.clear();
        self.marks.extend(self.instrs.iter().enumerate().filter_map(marked));
    }

    /// Removes the last two instructions, of which only the last one is marked.
    pub(in crate::compile) fn drop_last_two(&mut self) {
        debug_assert_eq!(
            self.marks.last().copied(),
            self.instrs.len().checked_sub(1).map(|last| last as u32)
        );
        self.marks.pop();
        self.instrs.truncate(self.instrs.len() - 2);
    }

    /// How many instructions there are.
    pub fn len(&self) -> usize {
        self.instrs.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.instrs.is_empty()
    }

    /// Forgets everything; memory is kept for reuse.
    pub fn clear(&mut self) {
        self.instrs.clear();
        self.labels.clear();
        self.births.clear();
        self.marks.clear();
        self.starts.clear();
        self.annotations = None;
    }
}

/// What is known of a code object besides its instructions (CPython: `_PyCompile_CodeUnitMetadata`).
/// The order of each list is the order of its numbers.
#[derive(Debug)]
pub struct UnitMeta {
    /// `co_name`
    pub name: Name,
    /// `co_qualname`
    pub qualname: Name,
    /// Its object, where the unit has one already.
    pub qualname_object: Option<ObjectId>,
    /// Constants in the order in which code generation asked for them.
    pub consts: Vec<ObjectId>,
    /// Is every constant but the first the argument of some instruction?
    pub consts_are_used: bool,
    /// Is the last constant there only for the `return None` at the end?
    pub last_const_is_for_end: bool,
    /// Global, attribute and import names.
    pub names: Vec<Name>,
    /// Locals, arguments first.
    pub varnames: Vec<Name>,
    /// For each of `varnames`: is it a "fast hidden" local (of an inlined comprehension in a class or module)?
    /// Those beyond the end are not.
    pub fast_hidden: Vec<bool>,
    /// Cells, in CPython's order.
    pub cellvars: Vec<Name>,
    /// Free variables, in CPython's order.
    pub freevars: Vec<Name>,
    /// `co_argcount` without the positional-only ones.
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonlyargcount: u32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: u32,
    /// `co_firstlineno`
    pub firstlineno: i32,
    /// `co_flags`
    pub flags: u32,
    /// 3.14's `__annotate__` functions: `varnames[0]` is `.format` while the unit is compiled and assembled (and
    /// merged), and only the finished code object gets a `co_localsplusnames` of its own, shared with no other
    /// code object, in which it is `format`.
    pub renames_format: bool,
}

impl Default for UnitMeta {
    fn default() -> Self {
        UnitMeta {
            name: known::EMPTY,
            qualname: known::EMPTY,
            qualname_object: None,
            consts: Vec::new(),
            consts_are_used: false,
            last_const_is_for_end: false,
            names: Vec::new(),
            varnames: Vec::new(),
            fast_hidden: Vec::new(),
            cellvars: Vec::new(),
            freevars: Vec::new(),
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            firstlineno: 0,
            flags: 0,
            renames_format: false,
        }
    }
}

impl UnitMeta {
    /// Forgets everything; memory is kept for reuse.
    pub fn clear(&mut self) {
        self.qualname_object = None;
        self.consts.clear();
        self.consts_are_used = false;
        self.last_const_is_for_end = false;
        self.names.clear();
        self.varnames.clear();
        self.fast_hidden.clear();
        self.cellvars.clear();
        self.freevars.clear();
        self.argcount = 0;
        self.posonlyargcount = 0;
        self.kwonlyargcount = 0;
        self.flags = 0;
        self.renames_format = false;
    }

    /// Does a call make a generator, coroutine or asynchronous generator of it?
    pub fn is_generator(&self) -> bool {
        self.flags & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR) != 0
    }

    /// How many of `varnames` are parameters.
    pub fn parameters(&self) -> u32 {
        let starred =
            u32::from(self.flags & flags::VARARGS != 0) + u32::from(self.flags & flags::VARKEYWORDS != 0);
        self.argcount + self.posonlyargcount + self.kwonlyargcount + starred
    }
}
