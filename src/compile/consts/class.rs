//! Classes of equal constants: `_PyCode_ConstantKey` (`Objects/codeobject.c`) as dense numbers.

use super::NONE;
use crate::code::{Code, Object, ObjectId, Objects};
use crate::value::text_key;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Facts about a class, as bits.
pub mod bits {
    /// The cached string was an identifier of the source, so the cached object is the interned one.
    pub const CACHED_IDENTIFIER: u8 = 1;
    /// The cached string is a `co_qualname` in the making: interning it later interns this object.
    pub const CACHED_QUALNAME: u8 = 2;
    /// It is known whether the string was interned before the file's own constants were.
    pub const ORIGIN_KNOWN: u8 = 4;
    /// It was.
    pub const FOREIGN: u8 = 8;
    /// A tuple's strings are all interned: it was the names of a code object.
    pub const NAMES: u8 = 32;
    /// That of a parsed name which nobody asked for yet.
    pub const WAITING: u8 = 16;
}

/// A class of equal constants.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// The object that shows the value.
    pub shown_by: u32,
    /// The object in the constant cache, or `NONE`.
    pub cached: u32,
    /// For strings: the interned object, or `NONE`.
    pub interned: u32,
    /// See [`bits`].
    pub bits: u8,
}

/// What a class is looked up by.
#[derive(Clone, Copy)]
pub enum Key<'k> {
    /// A value without elements.
    Plain(Object<'k>),
    /// A string, and what it is hashed from: [`text_key`].
    Str(&'k [u8], u64),
    /// A bytes string.
    Bytes(&'k [u8]),
    /// The classes of a tuple's elements.
    Tuple(&'k [u32]),
    /// The classes of a frozenset's elements, sorted.
    FrozenSet(&'k [u32]),
    /// The classes of a slice's parts.
    Slice([u32; 3]),
    /// A code object.
    Code(&'k Code),
}

/// All classes of a file, found through an open-addressing table.
#[derive(Debug)]
pub struct Classes {
    list: Vec<Class>,
    /// The length is a power of two.
    table: Vec<Slot>,
    /// The table before it grew last: memory for the next time.
    spare: Vec<Slot>,
    /// How far to shift a hash to get a slot.
    shift: u32,
}

/// A slot of the table.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    /// The class, or `NONE`.
    class: u32,
}

/// Where a class is to be entered that was not found.
#[derive(Clone, Copy, Debug)]
pub struct Vacant {
    hash: u32,
    at: u32,
}

/// Slots of an empty table.
const SLOTS: usize = 1024;

/// An empty slot.
const EMPTY: Slot = Slot { hash: 0, class: NONE };

impl Default for Classes {
    fn default() -> Self {
        Classes {
            list: Vec::new(),
            table: vec![EMPTY; SLOTS],
            spare: Vec::new(),
            shift: u32::BITS - SLOTS.trailing_zeros(),
        }
    }
}

impl Classes {
    /// Forgets all; memory is kept. `expected` classes can be entered before the table has to grow.
    pub fn reset(&mut self, expected: usize) {
        self.list.clear();
        self.resize((2 * expected).next_power_of_two().max(SLOTS));
    }

    fn resize(&mut self, slots: usize) {
        self.table.clear();
        self.table.resize(slots, EMPTY);
        self.shift = u32::BITS - slots.trailing_zeros();
    }

    /// The class with number `class`.
    #[inline]
    pub fn get(&self, class: u32) -> &Class {
        &self.list[class as usize]
    }

    /// The same, to change.
    #[inline]
    pub fn get_mut(&mut self, class: u32) -> &mut Class {
        &mut self.list[class as usize]
    }

    /// The class of `key`, if there is one, else where to [`Classes::add`] it. Inlined, because callers know which key
    /// it is.
    #[inline(always)]
    pub fn find(&self, objects: &Objects<'_>, key: Key<'_>) -> Result<u32, Vacant> {
        self.probe(objects, hash_key(key, objects), |object| key_equal(objects, key, object))
    }

    /// The class of a tuple whose elements are `items`, if there is one, else where to [`Classes::add`] it. `hash` has
    /// their classes.
    #[inline(always)]
    pub fn find_tuple(
        &self,
        objects: &Objects<'_>,
        hash: ListHash,
        items: &[ObjectId],
    ) -> Result<u32, Vacant> {
        self.probe(objects, hash.finish(), |object| match object {
            Object::Tuple(range) => same_classes(objects, objects.children(range), items),
            _ => false,
        })
    }

    /// The class with that hash whose object is `equal`, if there is one, else where it would be.
    #[inline(always)]
    fn probe(
        &self,
        objects: &Objects<'_>,
        hash: u32,
        equal: impl Fn(Object<'_>) -> bool,
    ) -> Result<u32, Vacant> {
        let mask = self.table.len() - 1;
        let mut at = (hash >> self.shift) as usize;
        loop {
            let slot = self.table[at & mask];
            if slot.class == NONE {
                return Err(Vacant { hash, at: (at & mask) as u32 });
            }
            if slot.hash == hash {
                let shown = self.list[slot.class as usize].shown_by;
                if equal(objects.objects[shown as usize].object) {
                    return Ok(slot.class);
                }
            }
            at += 1;
        }
    }

    /// Adds a class where nothing was found, and nothing was added since; its first object is the next to be pushed
    /// or, where `shown_by` says so, another.
    #[inline]
    pub fn add(&mut self, vacant: Vacant, shown_by: u32) -> u32 {
        let class = self.add_unequal(shown_by);
        self.table[vacant.at as usize] = Slot { hash: vacant.hash, class };
        if self.list.len() * 2 > self.table.len() {
            self.grow();
        }
        class
    }

    /// Enters the classes of the parsed names, which have the first numbers, by their texts' [`text_key`]s. Theirs are
    /// the objects from `shown_by` on. There is room for them.
    pub fn enter_names(&mut self, keys: impl Iterator<Item = u64>, shown_by: u32) {
        for (class, key) in (0..).zip(keys) {
            self.list[class as usize].shown_by = shown_by + class;
            self.enter(Slot { hash: spread(key), class });
        }
    }

    /// Makes room for the classes of so many parsed names.
    pub fn reserve_names(&mut self, count: usize) {
        self.list.resize(count, Class { shown_by: NONE, cached: NONE, interned: NONE, bits: bits::WAITING });
    }

    #[inline]
    fn enter(&mut self, slot: Slot) {
        let mask = self.table.len() - 1;
        let mut at = (slot.hash >> self.shift) as usize;
        while self.table[at & mask].class != NONE {
            at += 1;
        }
        self.table[at & mask] = slot;
    }

    #[cold]
    fn grow(&mut self) {
        std::mem::swap(&mut self.table, &mut self.spare);
        self.resize(self.spare.len() * 4);
        let old = std::mem::take(&mut self.spare);
        for &slot in &old {
            if slot.class != NONE {
                self.enter(slot);
            }
        }
        self.spare = old;
    }

    /// Adds a class that equals no other, not even one of the same value: NaN is unequal to itself.
    #[inline]
    pub fn add_unequal(&mut self, shown_by: u32) -> u32 {
        let class = self.list.len() as u32;
        self.list.push(Class { shown_by, cached: NONE, interned: NONE, bits: 0 });
        class
    }
}

/// Spreads what tells values apart over all bits of a hash; slots are chosen by the high ones.
#[inline(always)]
fn spread(value: u64) -> u32 {
    (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// The hash of a list of classes in the making.
#[derive(Clone, Copy)]
pub struct ListHash(u64);

impl ListHash {
    /// That of an empty tuple.
    pub const TUPLE: ListHash = ListHash(3);

    /// Appends a class.
    #[inline(always)]
    pub fn add(&mut self, class: u32) {
        self.0 = (self.0.rotate_left(23) ^ u64::from(class)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    #[inline(always)]
    fn finish(self) -> u32 {
        spread(self.0)
    }
}

fn hash_list(tag: ListHash, classes: &[u32]) -> u32 {
    let mut hash = tag;
    for &class in classes {
        hash.add(class);
    }
    hash.finish()
}

/// Have the elements of two tuples the same classes?
#[inline(always)]
fn same_classes(objects: &Objects<'_>, a: &[ObjectId], b: &[ObjectId]) -> bool {
    let same = |(&a, &b): (&ObjectId, &ObjectId)| a == b || objects.entry(a).class == objects.entry(b).class;
    a.len() == b.len() && a.iter().zip(b).all(same)
}

#[inline(always)]
fn hash_key(key: Key<'_>, objects: &Objects<'_>) -> u32 {
    match key {
        Key::Str(_, key) => spread(key),
        Key::Bytes(bytes) => spread(text_key(bytes) ^ 2),
        Key::Tuple(classes) => hash_list(ListHash::TUPLE, classes),
        Key::FrozenSet(classes) => hash_list(ListHash(4), classes),
        Key::Slice(classes) => hash_list(ListHash(5), &classes),
        Key::Code(code) => hash_code(code, objects),
        Key::Plain(object) => {
            let (tag, a, b) = match object {
                Object::Int(value) => (6, value as u32 as u64, 0),
                Object::Float(bits) => (7, bits, 0),
                Object::Complex { re, im } => (8, re, im),
                Object::Long { negative, digits } => (9 + u64::from(negative), text_key(digits), 0),
                Object::None => (11, 0, 0),
                Object::False => (12, 0, 0),
                Object::True => (13, 0, 0),
                _ => (14, 0, 0),
            };
            let mut hasher = FxHasher::default();
            hasher.write_u64(tag);
            hasher.write_u64(a);
            hasher.write_u64(b);
            spread(hasher.finish())
        }
    }
}

/// The class of a code object's field; `NONE` where the release has no such field.
#[inline]
fn class_of_field(objects: &Objects<'_>, id: ObjectId) -> u32 {
    if id == ObjectId::ABSENT { NONE } else { objects.entry(id).class }
}

/// The class of the line table, which counts in comparisons since the fast locals have one table (3.11): until
/// then, two generator expressions that start in one line are equal however they go on.
#[inline]
fn class_of_lines(objects: &Objects<'_>, code: &Code) -> u32 {
    if code.localsplusnames == ObjectId::ABSENT { NONE } else { objects.entry(code.linetable).class }
}

/// What tells most code objects apart; [`code_equal`] compares the rest.
fn hash_code(code: &Code, objects: &Objects<'_>) -> u32 {
    let mut hash = ListHash(15);
    hash.add(objects.entry(code.name).class ^ (code.firstlineno as u32).rotate_left(16));
    hash.add(objects.entry(code.consts).class);
    hash.add(class_of_lines(objects, code));
    hash.finish()
}

#[inline(always)]
fn key_equal(objects: &Objects<'_>, key: Key<'_>, object: Object<'_>) -> bool {
    let same = |ids: &[ObjectId], classes: &[u32]| {
        ids.len() == classes.len()
            && ids.iter().zip(classes).all(|(&id, &class)| objects.entry(id).class == class)
    };
    match (key, object) {
        (Key::Str(a, _), Object::Str { text, .. }) => text.as_bytes() == a,
        (Key::Bytes(a), Object::Bytes(b)) => a == b,
        (Key::Tuple(classes), Object::Tuple(range)) => same(objects.children(range), classes),
        (Key::FrozenSet(classes), Object::FrozenSet(range)) => {
            // The elements are in the order of writing, or will be.
            let mut theirs: Vec<u32> =
                objects.children(range).iter().map(|id| objects.objects[id.index()].class).collect();
            theirs.sort_unstable();
            theirs == classes
        }
        (Key::Slice(classes), Object::Slice(parts)) => same(&parts, &classes),
        (Key::Code(a), Object::Code(index)) => code_equal(objects, a, &objects.codes[index as usize]),
        (Key::Plain(a), b) => a == b,
        _ => false,
    }
}

/// `code_richcompare` (`Objects/codeobject.c`): the file name and the qualified name do not count.
fn code_equal(objects: &Objects<'_>, a: &Code, b: &Code) -> bool {
    let same = |x: ObjectId, y: ObjectId| class_of_field(objects, x) == class_of_field(objects, y);
    same(a.name, b.name)
        && a.argcount == b.argcount
        && a.posonlyargcount == b.posonlyargcount
        && a.kwonlyargcount == b.kwonlyargcount
        && a.flags == b.flags
        && a.firstlineno == b.firstlineno
        && objects.get(a.code) == objects.get(b.code)
        && same(a.consts, b.consts)
        && same(a.names, b.names)
        && same(a.localsplusnames, b.localsplusnames)
        && same(a.varnames, b.varnames)
        && same(a.freevars, b.freevars)
        && same(a.cellvars, b.cellvars)
        && class_of_lines(objects, a) == class_of_lines(objects, b)
        && same(a.exceptiontable, b.exceptiontable)
}
