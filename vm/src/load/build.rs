//! Objects of a graph as values, code objects among them.

use super::code::{Code, Later};
use super::flow::Prologue;
use super::lower::Lowering;
use super::normal::Dialect;
use super::op::{Instr, Op as OwnOp};
use super::verify::Source;
use super::{Invalid, LoadError};
use crate::heap::allocate;
use crate::object::{Bytes, Complex, Late, Set, Slice};
use crate::value::{ELLIPSIS, FALSE, NONE, TRUE, Value};
use crate::vm::Vm;
use num_bigint::{BigInt, BigUint};
use pyrsc::code::{Code as RawCode, Object, ObjectId, Objects, flags};
use pyrsc::listing::Instructions;
use pyrsc::source::Location;
use pyrsc::tables::{LineRuns, LineTable, RunFormat};
use pyrsc::target::{Handlers, LineTable as LineForm, Op, Version};
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// Kinds of locals: `CO_FAST_LOCAL` and the others.
mod kind {
    pub const LOCAL: u8 = 0x20;
    pub const CELL: u8 = 0x40;
    pub const FREE: u8 = 0x80;
}

/// How deep constants and code objects may be nested.
const DEEPEST: u32 = 500;

/// Makes values of the objects of one graph.
pub(super) struct Builder<'a, 'o> {
    pub(super) vm: &'a Vm,
    pub(super) objects: &'a Objects<'o>,
    dialect: Dialect,
    /// Values by the numbers of their objects.
    made: Vec<Option<Value>>,
    /// What code objects say that they are of, where it is not what was recorded.
    pub(super) file: Option<Value>,
    /// What the graph was read from, where code is lowered when it first runs: the machine's own library.
    pub(super) whole: Option<Rc<Vec<u8>>>,
    /// Qualified names of code objects that do not know theirs.
    called: HashMap<ObjectId, ObjectId>,
}

/// Where a part of a row of bytes is in it.
fn range(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

impl<'a, 'o> Builder<'a, 'o> {
    pub(super) fn new(vm: &'a Vm, objects: &'a Objects<'o>, version: Version) -> Result<Self, LoadError> {
        let dialect = Dialect::of(version);
        Ok(Builder {
            vm,
            objects,
            dialect,
            made: vec![None; objects.objects.len()],
            file: None,
            whole: None,
            called: HashMap::new(),
        })
    }

    /// The value of an object of the graph.
    pub(super) fn object(&mut self, id: ObjectId, depth: u32) -> Result<Value, LoadError> {
        if let Some(Some(value)) = self.made.get(id.index()) {
            return Ok(value.clone());
        }
        let value = self.make(id, depth)?;
        if let Some(place) = self.made.get_mut(id.index()) {
            *place = Some(value.clone());
        }
        Ok(value)
    }

    fn make(&mut self, id: ObjectId, depth: u32) -> Result<Value, LoadError> {
        if depth > DEEPEST {
            return Err(invalid("", 0, "objects nested too deeply"));
        }
        let vm = self.vm;
        Ok(match self.objects.get(id) {
            Object::None => NONE,
            Object::False => FALSE,
            Object::True => TRUE,
            Object::Ellipsis => ELLIPSIS,
            Object::Int(number) => vm.int(i64::from(number)),
            Object::Int64(number) => vm.int(number),
            Object::Long { negative, digits } => vm.int_of_big(long(negative, digits)),
            Object::Float(bits) => vm.float(f64::from_bits(bits)),
            Object::Complex { re, im } => {
                let body = Complex { re: f64::from_bits(re), im: f64::from_bits(im) };
                allocate(vm, &vm.types.complex, body)
            }
            Object::Str { text, .. } => vm.intern_utf8(text.as_bytes()),
            Object::Bytes(bytes) => allocate(vm, &vm.types.bytes, Bytes { data: bytes.into() }),
            Object::Tuple(range) => vm.tuple(self.children(range, depth)?),
            Object::FrozenSet(range) => {
                let set = Set::default();
                for key in self.children(range, depth)? {
                    let rule = "an element of a frozenset cannot be hashed";
                    set.add(vm, key).map_err(|_| invalid("", 0, rule))?;
                }
                allocate(vm, &vm.types.frozenset, set)
            }
            Object::Slice(parts) => {
                let [start, stop, step] = parts;
                let parts = [
                    self.object(start, depth + 1)?,
                    self.object(stop, depth + 1)?,
                    self.object(step, depth + 1)?,
                ];
                allocate(vm, &vm.types.slice, Slice { parts })
            }
            Object::Code(index) => {
                let objects = self.objects;
                let code = objects.codes.get(index as usize).ok_or(LoadError::NotCode)?;
                let code = self.code(id, code, depth)?;
                allocate(vm, &vm.types.code, code)
            }
            Object::List(range) => vm.list(self.children(range, depth)?),
            Object::Set(range) => {
                let set = Set::default();
                for key in self.children(range, depth)? {
                    let rule = "an element of a set cannot be hashed";
                    set.add(vm, key).map_err(|_| invalid("", 0, rule))?;
                }
                allocate(vm, &vm.types.set, set)
            }
            Object::Dict(range) => {
                let value = vm.dict();
                if let Some(dict) = value.get::<crate::object::Dict>() {
                    for pair in self.children(range, depth)?.as_chunks::<2>().0 {
                        let rule = "a key of a dict cannot be hashed";
                        dict.set(vm, pair[0].clone(), pair[1].clone()).map_err(|_| invalid("", 0, rule))?;
                    }
                }
                value
            }
            Object::Null | Object::StopIteration => {
                return Err(invalid("", 0, "a constant of a type that constants do not have"));
            }
        })
    }

    fn children(&mut self, range: pyrsc::code::Range, depth: u32) -> Result<Vec<Value>, LoadError> {
        let objects = self.objects;
        objects.children(range).iter().map(|&child| self.object(child, depth + 1)).collect()
    }

    fn names(&mut self, id: ObjectId, what: &'static str) -> Result<Vec<Value>, LoadError> {
        let objects = self.objects;
        let text = |&id: &ObjectId| match objects.get(id) {
            Object::Str { text, .. } => Ok(self.vm.intern_utf8(text.as_bytes())),
            _ => Err(invalid("", 0, what)),
        };
        objects.items(id).iter().map(text).collect()
    }

    fn bytes(&self, id: ObjectId) -> &'o [u8] {
        match self.objects.get(id) {
            Object::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    fn code(&mut self, id: ObjectId, raw: &RawCode, depth: u32) -> Result<Code, LoadError> {
        let vm = self.vm;
        let text = |id| vm.intern_utf8(self.objects.text(id));
        let blocks = self.dialect.handlers == Handlers::Blocks;
        let qualname = match blocks {
            true => self.called.get(&id).copied().unwrap_or(raw.name),
            false => raw.qualname,
        };
        let title = String::from_utf8_lossy(self.objects.text(qualname)).into_owned();
        let (name, qualname) = (text(raw.name), text(qualname));
        let filename = self.file.clone().unwrap_or_else(|| text(raw.filename));
        let fail = |rule| invalid(&title, 0, rule);
        let mut prologue = Prologue::default();
        let (local_names, kinds) = if blocks {
            self.separate_locals(raw, &mut prologue)?
        } else {
            let names = self.names(raw.localsplusnames, "a name of a local is no string")?;
            (names, self.bytes(raw.localspluskinds).to_vec())
        };
        let names = self.names(raw.names, "a name is no string")?;
        if kinds.len() != local_names.len() {
            return Err(fail("co_localspluskinds does not fit co_localsplusnames"));
        }
        if blocks {
            self.find_names(raw);
        }
        let consts = match self.objects.get(raw.consts) {
            Object::Tuple(range) => self.children(range, depth)?,
            _ => return Err(fail("co_consts is no tuple")),
        };
        let parameters = raw
            .argcount
            .saturating_add(raw.kwonlyargcount)
            .saturating_add(u32::from(raw.flags & flags::VARARGS != 0))
            .saturating_add(u32::from(raw.flags & flags::VARKEYWORDS != 0));
        let own_locals = if blocks { raw.nlocals as usize } else { local_names.len() };
        if parameters as usize > own_locals.min(local_names.len()) || raw.posonlyargcount > raw.argcount {
            return Err(fail("more arguments than locals"));
        }
        // What one instruction does elsewhere, several do here, with some more of the stack.
        let stack = if self.dialect.is_own() { raw.stacksize } else { raw.stacksize.saturating_add(12) };
        if local_names.len().saturating_add(stack as usize) > usize::from(u16::MAX) - 8 {
            return Err(fail("too many locals, or too deep a stack, for this machine"));
        }
        let local_count = local_names.len() as u16;
        let documented = self.dialect.unflagged_docs
            && raw.flags & flags::OPTIMIZED != 0
            && consts.first().is_some_and(|it| it.get::<crate::object::Str>().is_some());
        let later = self.later(raw, stack);
        let first = Instr { op: OwnOp::Prepare, k: 0, a: 0, b: 0, c: 0, d: 0 };
        let places = match &later {
            Some(_) => OnceCell::new(),
            None => OnceCell::from(self.places(raw, &title)?),
        };
        let mut code = Code {
            instrs: Late::from(Box::from([first])),
            offsets: Late::default(),
            handlers: Late::default(),
            consts: Late::default(),
            later: later.map(Box::new),
            ready: Cell::new(false),
            names: names.into_boxed_slice(),
            kinds: kinds.into_boxed_slice(),
            caches: Late::default(),
            places,
            size: self.bytes(raw.code).len() as u32,
            locals: local_count,
            local_names: local_names.into_boxed_slice(),
            registers: local_count + stack as u16 + 2,
            argcount: raw.argcount as u16,
            posonly: raw.posonlyargcount as u16,
            kwonly: raw.kwonlyargcount as u16,
            parameters: parameters as u16,
            simple: parameters == raw.argcount,
            internal: self.objects.text(raw.filename).starts_with(b"<pyrvm "),
            marshalled: std::cell::RefCell::default(),
            flags: raw.flags | if documented { flags::HAS_DOCSTRING } else { 0 },
            first_line: raw.firstlineno,
            name,
            qualname,
            filename: crate::object::Slot::new(Some(filename)),
        };
        if code.later.is_some() {
            code.consts = Late::from(consts.into_boxed_slice());
            return Ok(code);
        }
        let (bytes, table) = (self.bytes(raw.code), self.bytes(raw.exceptiontable));
        let source = Source {
            dialect: &self.dialect,
            bytes,
            table: if blocks { &[] } else { table },
            flags: raw.flags,
            prologue: &prologue,
            parameters,
        };
        let lowered = Lowering::new(vm, self.dialect.own, &title, consts, stack).run(&code, &source)?;
        code.fill(lowered);
        Ok(code)
    }

    /// Where the parts are that code of the library is made of when it first runs.
    fn later(&self, raw: &RawCode, stack: u32) -> Option<Later> {
        let whole = self.whole.as_ref().filter(|_| self.dialect.is_own())?;
        let of = |id| range(whole, self.bytes(id));
        let (code, table, lines) = (of(raw.code)?, of(raw.exceptiontable)?, of(raw.linetable)?);
        Some(Later { whole: whole.clone(), code, table, lines, stack })
    }

    /// Names and kinds of all locals, where variables, cells and free variables are counted each by themselves: a cell
    /// that is a parameter too takes its place.
    fn separate_locals(
        &mut self,
        raw: &RawCode,
        prologue: &mut Prologue,
    ) -> Result<(Vec<Value>, Vec<u8>), LoadError> {
        let what = "a name of a local is no string";
        let mut names = self.names(raw.varnames, what)?;
        let mut kinds = vec![kind::LOCAL; names.len()];
        if raw.nlocals as usize != names.len() {
            return Err(invalid("", 0, "co_nlocals does not fit co_varnames"));
        }
        for cell in self.names(raw.cellvars, what)? {
            let place = match names[..raw.nlocals as usize].iter().position(|it| it.is(&cell)) {
                Some(place) => {
                    kinds[place] |= kind::CELL;
                    place
                }
                None => {
                    names.push(cell);
                    kinds.push(kind::CELL);
                    names.len() - 1
                }
            };
            prologue.cells.push(place as u32);
            prologue.places.push(place as u32);
        }
        let free = self.names(raw.freevars, what)?;
        prologue.free = free.len() as u32;
        for name in free {
            prologue.places.push(names.len() as u32);
            names.push(name);
            kinds.push(kind::FREE);
        }
        Ok((names, kinds))
    }

    /// The qualified names of functions are constants behind their code objects.
    fn find_names(&mut self, raw: &RawCode) {
        let (objects, bytes) = (self.objects, self.bytes(raw.code));
        let consts = objects.items(raw.consts);
        let mut last = [None; 2];
        for ins in Instructions::new(self.dialect.shapes, bytes) {
            match ins.shape.op {
                Some(Op::LoadConst) => last = [last[1], consts.get(ins.arg as usize).copied()],
                Some(Op::MakeFunctionFlags) => {
                    if let [Some(code), Some(name)] = last
                        && matches!(
                            (objects.get(code), objects.get(name)),
                            (Object::Code(_), Object::Str { .. })
                        )
                    {
                        self.called.insert(code, name);
                    }
                }
                _ if ins.shape.is_extended_arg => {}
                _ => last = [None; 2],
            }
        }
    }

    fn places(&self, raw: &RawCode, title: &str) -> Result<Box<[(u32, Location)]>, LoadError> {
        let table = self.bytes(raw.linetable);
        let format = match self.dialect.shapes.lines {
            LineForm::Locations => None,
            LineForm::Ranges => Some(RunFormat::Ranges),
            LineForm::Lnotab | LineForm::None => Some(RunFormat::Signed),
        };
        if let Some(format) = format {
            let run = |run: pyrsc::tables::LineRun| {
                let location = Location { line: run.line, end_line: run.line, col: -1, end_col: -1 };
                (run.start, if run.line < 0 { Location::NONE } else { location })
            };
            return Ok(LineRuns::new(table, format, raw.firstlineno).map(run).collect());
        }
        let entry = |entry: Result<pyrsc::tables::LineEntry, _>| match entry {
            Ok(entry) => Ok((entry.start.saturating_mul(2), entry.location)),
            Err(_) => Err(invalid(title, 0, "co_linetable cannot be read")),
        };
        LineTable::new(table, raw.firstlineno).map(entry).collect()
    }
}

/// The source places that a table of lines in the present form says; those before what cannot be read.
pub(crate) fn places_of_lines(table: &[u8], first_line: i32) -> Box<[(u32, Location)]> {
    let entries = LineTable::new(table, first_line).map_while(Result::ok);
    entries.map(|entry| (entry.start.saturating_mul(2), entry.location)).collect()
}

pub(super) fn invalid(code: &str, offset: u32, rule: &'static str) -> LoadError {
    LoadError::Invalid(Invalid { code: code.to_owned(), offset, rule })
}

/// The int that marshal's digits of 15 bits say.
fn long(negative: bool, digits: &[u8]) -> BigInt {
    let mut magnitude = BigUint::default();
    for digit in digits.as_chunks::<2>().0.iter().rev() {
        magnitude = (magnitude << 15u32) + BigUint::from(u16::from_le_bytes(*digit));
    }
    let magnitude = BigInt::from(magnitude);
    if negative { -magnitude } else { magnitude }
}
