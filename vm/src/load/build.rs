//! Objects of a graph as values, code objects among them.

use super::code::{Code, Origin};
use super::flow::Prologue;
use super::lower::Lowering;
use super::normal::Dialect;
use super::op::{Instr, Op as OwnOp};
use super::verify::Source;
use super::{Invalid, LoadError};
use crate::builtins::exceptions::Exc;
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
            // Of the empty one and of single characters there is one each.
            Object::Str { text, interned } if interned || text.as_bytes().len() < 2 => {
                vm.intern_utf8(text.as_bytes())
            }
            Object::Str { text, .. } => vm.str_of_utf8(text.as_bytes()),
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
            Object::StopIteration => vm.exceptions.get(Exc::StopIteration).value().clone(),
            Object::Null => {
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
        let documented = self.dialect.unflagged_docs
            && raw.flags & flags::OPTIMIZED != 0
            && consts.first().is_some_and(|it| it.get::<crate::object::Str>().is_some());
        let own = self.dialect.is_own();
        let table = if blocks { &[] } else { self.bytes(raw.exceptiontable) };
        let (code, lines) = (self.bytes(raw.code), self.bytes(raw.linetable));
        let within = self.whole.as_ref().filter(|_| own);
        let within = within.and_then(|it| Origin::within(it, [code, table, lines], raw.stacksize));
        let when = if within.is_some() { When::FirstRun } else { When::Now };
        let parts = Parts {
            name,
            qualname,
            filename,
            names,
            own_locals: if blocks { raw.nlocals as usize } else { local_names.len() },
            local_names,
            kinds,
            consts,
            argcount: raw.argcount,
            posonly: raw.posonlyargcount,
            kwonly: raw.kwonlyargcount,
            flags: raw.flags | if documented { flags::HAS_DOCSTRING } else { 0 },
            first_line: raw.firstlineno,
            origin: within.unwrap_or_else(|| Origin::new(code, table, lines, raw.stacksize, own)),
            internal: self.objects.text(raw.filename).starts_with(b"<pyrvm "),
        };
        parts.into_code(vm, &self.dialect, &prologue, when)
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
}

/// When code is verified and lowered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Now,
    FirstRun,
}

/// What a code object is made of. CPython: `struct _PyCodeConstructor`.
pub(crate) struct Parts {
    /// `co_name`
    pub name: Value,
    /// `co_qualname`
    pub qualname: Value,
    /// `co_filename`
    pub filename: Value,
    /// `co_names`
    pub names: Vec<Value>,
    /// `co_localsplusnames`
    pub local_names: Vec<Value>,
    /// `co_localspluskinds`
    pub kinds: Vec<u8>,
    /// How many locals may be arguments.
    pub own_locals: usize,
    /// `co_consts`
    pub consts: Vec<Value>,
    /// `co_argcount`
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonly: u32,
    /// `co_kwonlyargcount`
    pub kwonly: u32,
    /// `co_flags`
    pub flags: u32,
    /// `co_firstlineno`
    pub first_line: i32,
    /// The bytes.
    pub origin: Origin,
    /// Is it of a module that is part of the machine?
    pub internal: bool,
}

/// Makes a code object of the language's own release, whose bytecode is verified when it first runs.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn assemble(vm: &Vm, parts: Parts) -> Result<Value, LoadError> {
    let dialect = Dialect::of(crate::language().version);
    let code = parts.into_code(vm, &dialect, &Prologue::default(), When::FirstRun)?;
    Ok(allocate(vm, &vm.types.code, code))
}

impl Parts {
    fn into_code(
        self,
        vm: &Vm,
        dialect: &Dialect,
        prologue: &Prologue,
        when: When,
    ) -> Result<Code, LoadError> {
        let title = vm.text_of(&self.qualname);
        let fail = |rule| invalid(&title, 0, rule);
        let Parts { flags, local_names, origin, .. } = self;
        let parameters = self
            .argcount
            .saturating_add(self.kwonly)
            .saturating_add(u32::from(flags & flags::VARARGS != 0))
            .saturating_add(u32::from(flags & flags::VARKEYWORDS != 0));
        if parameters as usize > self.own_locals.min(local_names.len()) || self.posonly > self.argcount {
            return Err(fail("more arguments than locals"));
        }
        // What one instruction does elsewhere, several do here, with some more of the stack.
        let stack = if origin.own { origin.stack } else { origin.stack.saturating_add(12) };
        if local_names.len().saturating_add(stack as usize) > usize::from(u16::MAX) - 8 {
            return Err(fail("too many locals, or too deep a stack, for this machine"));
        }
        let local_count = local_names.len() as u16;
        let first = Instr { op: OwnOp::Prepare, k: 0, a: 0, b: 0, c: 0, d: 0 };
        let code = Code {
            instrs: Late::from(Box::from([first])),
            offsets: Late::default(),
            handlers: Late::default(),
            own_consts: self.consts.len() as u32,
            consts: Late::default(),
            ready: Cell::new(false),
            names: self.names.into_boxed_slice(),
            kinds: self.kinds.into_boxed_slice(),
            caches: Late::default(),
            places: OnceCell::new(),
            locals: local_count,
            local_names: local_names.into_boxed_slice(),
            registers: local_count + stack as u16 + 2,
            argcount: self.argcount as u16,
            posonly: self.posonly as u16,
            kwonly: self.kwonly as u16,
            parameters: parameters as u16,
            simple: parameters == self.argcount,
            internal: self.internal,
            marshalled: std::cell::RefCell::default(),
            flags,
            first_line: self.first_line,
            name: self.name,
            qualname: self.qualname,
            filename: crate::object::Slot::new(Some(self.filename)),
            origin,
        };
        if when == When::FirstRun {
            return Ok(Code { consts: Late::from(self.consts.into_boxed_slice()), ..code });
        }
        find_places(&code, dialect).map_err(fail)?;
        let source = Source {
            dialect,
            bytes: code.origin.code(),
            table: code.origin.table(),
            flags,
            prologue,
            parameters,
        };
        let lowered = Lowering::new(vm, dialect.own, &title, self.consts, stack).run(&code, &source)?;
        code.fill(lowered);
        Ok(code)
    }
}

/// Reads the table of lines: in another release's form its places are kept, in the present one it is only seen that
/// it can be read when it is needed.
fn find_places(code: &Code, dialect: &Dialect) -> Result<(), &'static str> {
    let table = code.origin.lines();
    let format = match dialect.shapes.lines {
        LineForm::Locations => {
            let mut entries = LineTable::new(table, code.first_line);
            return entries.try_for_each(|it| it.map(drop)).map_err(|_| "co_linetable cannot be read");
        }
        LineForm::Ranges => RunFormat::Ranges,
        LineForm::Lnotab | LineForm::None => RunFormat::Signed,
    };
    let run = |run: pyrsc::tables::LineRun| {
        let location = Location { line: run.line, end_line: run.line, col: -1, end_col: -1 };
        (run.start, if run.line < 0 { Location::NONE } else { location })
    };
    code.set_places(LineRuns::new(table, format, code.first_line).map(run).collect());
    Ok(())
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
