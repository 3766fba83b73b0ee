//! The object graph.

use crate::target::{CodeField, Form, form};
use crate::value::PyStr;

/// Number of an object in an [`Objects`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjectId(pub u32);

impl ObjectId {
    /// No object: a field that the form does not have.
    pub const ABSENT: ObjectId = ObjectId(u32::MAX);

    /// The dense number, for use as an index.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A run of [`Objects::children`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Range {
    /// First index.
    pub start: u32,
    /// How many.
    pub len: u32,
}

impl Range {
    /// The same as indexes.
    #[inline]
    pub const fn indexes(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// A marshalled object. Byte strings borrow from the file that was read, or from the compiler's arena.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Object<'a> {
    /// Python 2's and marshal's `NULL`.
    Null,
    /// `None`
    None,
    /// `False`
    False,
    /// `True`
    True,
    /// `StopIteration`
    StopIteration,
    /// `...`
    Ellipsis,
    /// An `int` of 32 bits, written as such.
    Int(i32),
    /// An `int` of 64 bits, written as such (to 3.3, on machines whose `long` has as many).
    Int64(i64),
    /// Any other `int`: the magnitude as 15-bit digits, each two bytes little-endian, least significant
    /// first, as marshal stores them.
    Long {
        /// Below zero?
        negative: bool,
        /// The digits' bytes; their number is even.
        digits: &'a [u8],
    },
    /// The bits of a `float` (kept as bits so that NaNs and −0.0 compare and travel unchanged).
    Float(u64),
    /// The bits of a `complex`.
    Complex {
        /// Real part.
        re: u64,
        /// Imaginary part.
        im: u64,
    },
    /// A `str`.
    Str {
        /// The text.
        text: PyStr<'a>,
        /// Interned?
        interned: bool,
    },
    /// A `bytes`.
    Bytes(&'a [u8]),
    /// A `tuple`.
    Tuple(Range),
    /// A `list`.
    List(Range),
    /// A `dict`: keys and values in turn.
    Dict(Range),
    /// A `set`, in file order.
    Set(Range),
    /// A `frozenset`, in file order.
    FrozenSet(Range),
    /// A `slice` (marshal 5): start, stop, step.
    Slice([ObjectId; 3]),
    /// A code object: an index into [`Objects::codes`].
    Code(u32),
}

impl Object<'_> {
    /// Is it written as a type code alone?
    #[inline]
    pub const fn is_bare(&self) -> bool {
        matches!(
            self,
            Object::Null
                | Object::None
                | Object::False
                | Object::True
                | Object::StopIteration
                | Object::Ellipsis
        )
    }

    /// Does it consist of other objects?
    #[inline]
    pub const fn has_parts(&self) -> bool {
        matches!(
            self,
            Object::Tuple(_)
                | Object::List(_)
                | Object::Dict(_)
                | Object::Set(_)
                | Object::FrozenSet(_)
                | Object::Slice(_)
                | Object::Code(_)
        )
    }
}

/// A code object. Every field that is an object is a number in the same [`Objects`]. Where the form has no such
/// field ([`Form::fields`]), it is 0 or [`ObjectId::ABSENT`]; `co_qualname` is the name then.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Code {
    /// `co_argcount`
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonlyargcount: u32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: u32,
    /// `co_nlocals` (to 3.10)
    pub nlocals: u32,
    /// `co_stacksize`
    pub stacksize: u32,
    /// `co_flags`; see [`flags`].
    pub flags: u32,
    /// `co_code` without caches filled in: bytes.
    pub code: ObjectId,
    /// `co_consts`: tuple.
    pub consts: ObjectId,
    /// `co_names`: tuple of str.
    pub names: ObjectId,
    /// `co_varnames`: tuple of str (to 3.10).
    pub varnames: ObjectId,
    /// `co_freevars`: tuple of str (to 3.10).
    pub freevars: ObjectId,
    /// `co_cellvars`: tuple of str (to 3.10).
    pub cellvars: ObjectId,
    /// `co_localsplusnames`: tuple of str.
    pub localsplusnames: ObjectId,
    /// `co_localspluskinds`: bytes.
    pub localspluskinds: ObjectId,
    /// `co_filename`: str.
    pub filename: ObjectId,
    /// `co_name`: str.
    pub name: ObjectId,
    /// `co_qualname`: str.
    pub qualname: ObjectId,
    /// `co_firstlineno`
    pub firstlineno: i32,
    /// `co_linetable`, to 3.9 `co_lnotab`: bytes.
    pub linetable: ObjectId,
    /// Lines that instructions end in: bytes or `None` (alphas of 3.11).
    pub endlinetable: ObjectId,
    /// Columns of instructions: bytes or `None` (alphas of 3.11).
    pub columntable: ObjectId,
    /// `co_exceptiontable`: bytes.
    pub exceptiontable: ObjectId,
}

/// Bits of `co_flags` (`Include/cpython/code.h`).
#[expect(missing_docs, reason = "the names are CPython's")]
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const NOFREE: u32 = 0x40;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_DIVISION: u32 = 0x20000;
    pub const FUTURE_ABSOLUTE_IMPORT: u32 = 0x40000;
    pub const FUTURE_WITH_STATEMENT: u32 = 0x80000;
    pub const FUTURE_PRINT_FUNCTION: u32 = 0x100000;
    pub const FUTURE_UNICODE_LITERALS: u32 = 0x200000;
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x400000;
    pub const FUTURE_GENERATOR_STOP: u32 = 0x800000;
    pub const FUTURE_ANNOTATIONS: u32 = 0x1000000;
    pub const HAS_DOCSTRING: u32 = 0x4000000;
    pub const METHOD: u32 = 0x8000000;
}

/// An object of a graph, and how it is written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Entry<'a> {
    /// The object.
    pub object: Object<'a>,
    /// For who builds the graph: the compiler's number for all values that equal this one.
    pub class: u32,
    /// Written with FLAG_REF, so that later occurrences are back-references.
    pub flag_ref: bool,
    /// Marshal's type code as read, without FLAG_REF; 0 = the writer chooses.
    pub type_code: u8,
    /// For who builds the graph: what is still to be done with the object; and [`Entry::SHORT_ASCII`].
    pub mark: u8,
    /// For who builds the graph: was the object seen on a walk?
    pub seen: bool,
}

impl Entry<'_> {
    /// A bit of `mark`: it is known to be a `str` of fewer than 256 characters, all of them ASCII.
    pub const SHORT_ASCII: u8 = 0x80;
}

/// The graph. Fields are public so that reader, writer and compiler can fill them without detours;
/// numbers in it must exist, and the graph has no cycles but through lists, dicts and sets.
#[derive(Debug)]
pub struct Objects<'a> {
    /// The form that it was read from or is to be written in.
    pub form: &'static Form,
    /// The objects, by [`ObjectId`].
    pub objects: Vec<Entry<'a>>,
    /// Elements of containers.
    pub children: Vec<ObjectId>,
    /// Code objects.
    pub codes: Vec<Code>,
    /// Numbers that were read as text (marshal 0 and 1), by object, in order: one text or, of a `complex`, two.
    pub texts: Vec<(ObjectId, [&'a [u8]; 2])>,
}

impl Default for Objects<'_> {
    fn default() -> Self {
        Objects {
            form: &form::V3_11,
            objects: Vec::new(),
            children: Vec::new(),
            codes: Vec::new(),
            texts: Vec::new(),
        }
    }
}

impl Code {
    /// A code object without any field.
    pub const EMPTY: Code = Code {
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        nlocals: 0,
        stacksize: 0,
        flags: 0,
        code: ObjectId::ABSENT,
        consts: ObjectId::ABSENT,
        names: ObjectId::ABSENT,
        varnames: ObjectId::ABSENT,
        freevars: ObjectId::ABSENT,
        cellvars: ObjectId::ABSENT,
        localsplusnames: ObjectId::ABSENT,
        localspluskinds: ObjectId::ABSENT,
        filename: ObjectId::ABSENT,
        name: ObjectId::ABSENT,
        qualname: ObjectId::ABSENT,
        firstlineno: 0,
        linetable: ObjectId::ABSENT,
        endlinetable: ObjectId::ABSENT,
        columntable: ObjectId::ABSENT,
        exceptiontable: ObjectId::ABSENT,
    };

    /// The object in a field; absent for those that are numbers.
    #[inline]
    pub const fn object(&self, field: CodeField) -> ObjectId {
        match field {
            CodeField::Code => self.code,
            CodeField::Consts => self.consts,
            CodeField::Names => self.names,
            CodeField::Varnames => self.varnames,
            CodeField::Freevars => self.freevars,
            CodeField::Cellvars => self.cellvars,
            CodeField::LocalsPlusNames => self.localsplusnames,
            CodeField::LocalsPlusKinds | CodeField::RawKinds => self.localspluskinds,
            CodeField::Filename => self.filename,
            CodeField::Name => self.name,
            CodeField::Qualname => self.qualname,
            CodeField::LineTable => self.linetable,
            CodeField::EndLineTable => self.endlinetable,
            CodeField::ColumnTable => self.columntable,
            CodeField::ExceptionTable => self.exceptiontable,
            CodeField::Argcount
            | CodeField::PosOnlyArgcount
            | CodeField::KwOnlyArgcount
            | CodeField::Nlocals
            | CodeField::StackSize
            | CodeField::Flags
            | CodeField::FirstLine => ObjectId::ABSENT,
        }
    }

    /// The number in a field; 0 for those that are objects.
    pub const fn number(&self, field: CodeField) -> u32 {
        match field {
            CodeField::Argcount => self.argcount,
            CodeField::PosOnlyArgcount => self.posonlyargcount,
            CodeField::KwOnlyArgcount => self.kwonlyargcount,
            CodeField::Nlocals => self.nlocals,
            CodeField::StackSize => self.stacksize,
            CodeField::Flags => self.flags,
            CodeField::FirstLine => self.firstlineno as u32,
            _ => 0,
        }
    }

    /// Sets a field that is an object.
    pub const fn set_object(&mut self, field: CodeField, id: ObjectId) {
        match field {
            CodeField::Code => self.code = id,
            CodeField::Consts => self.consts = id,
            CodeField::Names => self.names = id,
            CodeField::Varnames => self.varnames = id,
            CodeField::Freevars => self.freevars = id,
            CodeField::Cellvars => self.cellvars = id,
            CodeField::LocalsPlusNames => self.localsplusnames = id,
            CodeField::LocalsPlusKinds | CodeField::RawKinds => self.localspluskinds = id,
            CodeField::Filename => self.filename = id,
            CodeField::Name => self.name = id,
            CodeField::Qualname => self.qualname = id,
            CodeField::LineTable => self.linetable = id,
            CodeField::EndLineTable => self.endlinetable = id,
            CodeField::ColumnTable => self.columntable = id,
            CodeField::ExceptionTable => self.exceptiontable = id,
            CodeField::Argcount
            | CodeField::PosOnlyArgcount
            | CodeField::KwOnlyArgcount
            | CodeField::Nlocals
            | CodeField::StackSize
            | CodeField::Flags
            | CodeField::FirstLine => {}
        }
    }

    /// Sets a field that is a number.
    pub const fn set_number(&mut self, field: CodeField, number: u32) {
        match field {
            CodeField::Argcount => self.argcount = number,
            CodeField::PosOnlyArgcount => self.posonlyargcount = number,
            CodeField::KwOnlyArgcount => self.kwonlyargcount = number,
            CodeField::Nlocals => self.nlocals = number,
            CodeField::StackSize => self.stacksize = number,
            CodeField::Flags => self.flags = number,
            CodeField::FirstLine => self.firstlineno = number as i32,
            _ => {}
        }
    }
}

impl<'a> Objects<'a> {
    /// Adds an object whose type code the writer chooses. Inlined so that callers that know the variant build it
    /// in its place: copying an object just made on the stack stalls on its narrow stores.
    #[inline(always)]
    pub fn push(&mut self, object: Object<'a>, flag_ref: bool) -> ObjectId {
        let id = ObjectId(self.objects.len() as u32);
        self.objects.push(Entry { object, class: 0, flag_ref, type_code: 0, mark: 0, seen: false });
        id
    }

    /// The entry of the object `id`.
    #[inline]
    pub fn entry(&self, id: ObjectId) -> &Entry<'a> {
        &self.objects[id.index()]
    }

    /// The object `id`; [`Object::Null`] for an absent one.
    #[inline]
    pub fn get(&self, id: ObjectId) -> Object<'a> {
        self.objects.get(id.index()).map_or(Object::Null, |entry| entry.object)
    }

    /// The elements of a container.
    #[inline]
    pub fn children(&self, range: Range) -> &[ObjectId] {
        &self.children[range.indexes()]
    }

    /// The elements of the tuple or list `id`; none of anything else. (1.0 has lists where others have tuples.)
    pub fn items(&self, id: ObjectId) -> &[ObjectId] {
        match self.get(id) {
            Object::Tuple(range) | Object::List(range) => self.children(range),
            _ => &[],
        }
    }

    /// The code object `id`, if it is one.
    pub fn code(&self, id: ObjectId) -> Option<&Code> {
        match self.get(id) {
            Object::Code(index) => self.codes.get(index as usize),
            _ => None,
        }
    }

    /// Forgets everything, and gives the memory to a graph that borrows from something else.
    pub fn recycle<'b>(mut self) -> Objects<'b> {
        self.clear();
        // The vector is empty: this only changes its type, and the standard library keeps the allocation.
        let objects = self.objects.into_iter().map(|entry| Entry { object: Object::Null, ..entry }).collect();
        Objects { objects, children: self.children, codes: self.codes, ..Objects::default() }
    }

    /// The bytes of a name or another text: those of a `str`, or to 2.7 of a `str` of bytes.
    pub fn text(&self, id: ObjectId) -> &'a [u8] {
        match self.get(id) {
            Object::Str { text, .. } => text.as_bytes(),
            Object::Bytes(bytes) => bytes,
            _ => b"",
        }
    }

    /// The text that the number `id` was read from, if it was.
    pub fn number_text(&self, id: ObjectId) -> Option<[&'a [u8]; 2]> {
        let at = self.texts.binary_search_by_key(&id.0, |&(id, _)| id.0).ok()?;
        self.texts.get(at).map(|&(_, texts)| texts)
    }

    /// Forgets everything; memory is kept for reuse.
    pub fn clear(&mut self) {
        self.objects.clear();
        self.children.clear();
        self.codes.clear();
        self.texts.clear();
    }
}
