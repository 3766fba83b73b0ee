//! The object graph.

use crate::value::PyStr;

/// Number of an object in an [`Objects`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjectId(pub u32);

impl ObjectId {
    /// The dense number, for use as an index.
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

/// A code object of 3.11 and later. Every field that is an object is a number in the same [`Objects`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Code {
    /// `co_argcount`
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonlyargcount: u32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: u32,
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
    /// `co_linetable`: bytes.
    pub linetable: ObjectId,
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
    /// For who builds the graph: what is still to be done with the object.
    pub mark: u8,
    /// For who builds the graph: was the object seen on a walk?
    pub seen: bool,
}

/// The graph. Fields are public so that reader, writer and compiler can fill them without detours;
/// numbers in it must exist, and the graph has no cycles but through lists, dicts and sets.
#[derive(Default, Debug)]
pub struct Objects<'a> {
    /// The objects, by [`ObjectId`].
    pub objects: Vec<Entry<'a>>,
    /// Elements of containers.
    pub children: Vec<ObjectId>,
    /// Code objects.
    pub codes: Vec<Code>,
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

    /// The object `id`.
    #[inline]
    pub fn get(&self, id: ObjectId) -> Object<'a> {
        self.objects[id.index()].object
    }

    /// The elements of a container.
    #[inline]
    pub fn children(&self, range: Range) -> &[ObjectId] {
        &self.children[range.indexes()]
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
        Objects { objects, children: self.children, codes: self.codes }
    }

    /// Forgets everything; memory is kept for reuse.
    pub fn clear(&mut self) {
        self.objects.clear();
        self.children.clear();
        self.codes.clear();
    }
}
