//! Classes of equal constants: `_PyCode_ConstantKey` (`Objects/codeobject.c`) as dense numbers.

use super::NONE;
use crate::code::{Code, Object, ObjectId, Objects};
use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Facts about a class, as bits.
pub mod bits {
    /// A string of ASCII letters, digits and underscores, which CPython interns as a constant.
    pub const INTERNABLE: u8 = 1;
    /// The cached string was an identifier of the source, so the cached object is the interned one.
    pub const CACHED_IDENTIFIER: u8 = 2;
    /// The cached string is a `co_qualname` in the making: interning it later interns this object.
    pub const CACHED_QUALNAME: u8 = 4;
    /// It is known whether the string was interned before the file's own constants were.
    pub const ORIGIN_KNOWN: u8 = 8;
    /// It was.
    pub const FOREIGN: u8 = 16;
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
    /// A string.
    Str(&'k [u8]),
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

/// All classes of a file.
#[derive(Default, Debug)]
pub struct Classes {
    list: Vec<Class>,
    hashes: Vec<u64>,
    table: HashTable<u32>,
}

impl Classes {
    /// Forgets all; memory is kept.
    pub fn clear(&mut self) {
        self.list.clear();
        self.hashes.clear();
        self.table.clear();
    }

    /// The class with number `class`.
    pub fn get(&self, class: u32) -> &Class {
        &self.list[class as usize]
    }

    /// The same, to change.
    pub fn get_mut(&mut self, class: u32) -> &mut Class {
        &mut self.list[class as usize]
    }

    /// The class of a string.
    pub fn find_str(&self, objects: &Objects<'_>, text: &[u8]) -> Option<u32> {
        let hash = hash_bytes(1, text);
        self.table
            .find(hash, |&class| match objects.objects[self.list[class as usize].shown_by as usize] {
                Object::Str { text: other, .. } => other.as_bytes() == text,
                _ => false,
            })
            .copied()
    }

    /// The class of `key`, if there is one, else the hash under which to [`Classes::add`] it. Inlined, because
    /// callers know which key it is.
    #[inline(always)]
    pub fn find(&self, objects: &Objects<'_>, class_of: &[u32], key: Key<'_>) -> Result<u32, u64> {
        let hash = hash_key(key, class_of);
        let equal = |&class: &u32| {
            let shown = self.list[class as usize].shown_by;
            key_equal(objects, class_of, key, objects.objects[shown as usize])
        };
        self.table.find(hash, equal).copied().ok_or(hash)
    }

    /// Adds a class; its first object is the next to be pushed or, where `shown_by` says so, another.
    pub fn add(&mut self, hash: u64, shown_by: u32, bits: u8) -> u32 {
        let class = self.list.len() as u32;
        self.list.push(Class { shown_by, cached: NONE, interned: NONE, bits });
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table.insert_unique(hash, class, |&other| hashes[other as usize]);
        class
    }

    /// Adds a class that equals no other, not even one of the same value: NaN is unequal to itself.
    pub fn add_unequal(&mut self, shown_by: u32) -> u32 {
        let class = self.list.len() as u32;
        self.list.push(Class { shown_by, cached: NONE, interned: NONE, bits: 0 });
        self.hashes.push(0);
        class
    }
}

fn hash_bytes(tag: u64, bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(tag);
    hasher.write(bytes);
    spread(hasher.finish())
}

fn hash_list(tag: u64, classes: &[u32]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(tag ^ (classes.len() as u64) << 8);
    for &class in classes {
        hasher.write_u32(class);
    }
    spread(hasher.finish())
}

/// The table takes its tag from the top bits and the bucket from the low ones: let both see everything.
fn spread(hash: u64) -> u64 {
    hash ^ hash >> 32
}

#[inline(always)]
fn hash_key(key: Key<'_>, class_of: &[u32]) -> u64 {
    match key {
        Key::Str(text) => hash_bytes(1, text),
        Key::Bytes(bytes) => hash_bytes(2, bytes),
        Key::Tuple(classes) => hash_list(3, classes),
        Key::FrozenSet(classes) => hash_list(4, classes),
        Key::Slice(classes) => hash_list(5, &classes),
        Key::Code(code) => hash_code(code, class_of),
        Key::Plain(object) => {
            let (tag, a, b) = match object {
                Object::Int(value) => (6, value as u32 as u64, 0),
                Object::Float(bits) => (7, bits, 0),
                Object::Complex { re, im } => (8, re, im),
                Object::Long { negative, digits } => (9 + u64::from(negative), hash_bytes(9, digits), 0),
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

/// What tells most code objects apart; [`code_equal`] compares the rest.
fn hash_code(code: &Code, class_of: &[u32]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(15);
    for id in [code.name, code.linetable, code.consts, code.names, code.localsplusnames] {
        hasher.write_u32(class_of[id.index()]);
    }
    hasher.write_i32(code.firstlineno);
    hasher.write_u32(code.flags);
    spread(hasher.finish())
}

#[inline(always)]
fn key_equal(objects: &Objects<'_>, class_of: &[u32], key: Key<'_>, object: Object<'_>) -> bool {
    let same = |ids: &[ObjectId], classes: &[u32]| {
        ids.len() == classes.len()
            && ids.iter().zip(classes).all(|(id, &class)| class_of[id.index()] == class)
    };
    match (key, object) {
        (Key::Str(a), Object::Str { text, .. }) => text.as_bytes() == a,
        (Key::Bytes(a), Object::Bytes(b)) => a == b,
        (Key::Tuple(classes), Object::Tuple(range)) => same(objects.children(range), classes),
        (Key::FrozenSet(classes), Object::FrozenSet(range)) => same(objects.children(range), classes),
        (Key::Slice(classes), Object::Slice(parts)) => same(&parts, &classes),
        (Key::Code(a), Object::Code(index)) => {
            code_equal(objects, class_of, a, &objects.codes[index as usize])
        }
        (Key::Plain(a), b) => a == b,
        _ => false,
    }
}

/// `code_richcompare` (`Objects/codeobject.c`): the file name and the qualified name do not count.
fn code_equal(objects: &Objects<'_>, class_of: &[u32], a: &Code, b: &Code) -> bool {
    let same = |x: ObjectId, y: ObjectId| class_of[x.index()] == class_of[y.index()];
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
        && same(a.linetable, b.linetable)
        && same(a.exceptiontable, b.exceptiontable)
}
