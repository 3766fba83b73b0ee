//! The constants of one file, as objects with identity.
//!
//! CPython writes an object with `FLAG_REF` when something else refers to it too, so the bytes of a
//! `.pyc` follow from which equal constants are one object. [`ConstPool`] models that: the compiler's
//! constant cache (`Python/compile.c`, `merge_consts_recursive` and `_PyCompile_ConstCacheMergeOne`), the
//! interning of strings when a code object is made (`Objects/codeobject.c`, `intern_constants`), and the
//! objects of which a process has only one (small ints, one-character strings, empty tuples, …).
//!
//! Values fall into *classes*: two constants are of one class when the constant cache would take one for
//! the other (equal and of equal type, all the way down). A class has at most one object in the cache and,
//! for strings, at most one interned object; further objects arise only where CPython makes them.
//!
//! Invariants: object numbers are dense and never reused within a file; nothing here iterates a hash
//! table; elements of tuples may be exchanged for others of their class, never for those of another.

mod class;
mod frozen;
mod make_code;
mod references;
mod set_table;
#[cfg(test)]
mod tests;
mod values;

pub use make_code::{CodeParts, SplitNames};

use crate::code::{Entry, Object, ObjectId, Objects};
use crate::compile::recipe::ConstsRecipe;
use crate::target::Target;
use crate::value::{CharacterData, Interner, Name, PyStr};
use bumpalo::Bump;
use class::Classes;
use values::SMALL_INT_COUNT;

/// No object.
const NONE: u32 = u32::MAX;

/// What the interning at the making of a code object still has to do with an object; its entry's `mark`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Pending {
    /// Nothing: no string in it, or all of them seen to.
    Nothing,
    /// A string of name characters, to be exchanged for the interned one.
    Str,
    /// A tuple whose elements were not looked at yet.
    Tuple,
    /// A frozenset; may have to be rebuilt each time.
    FrozenSet,
}

impl Pending {
    #[inline]
    const fn of(entry: &Entry<'_>) -> Self {
        match entry.mark & !Entry::SHORT_ASCII {
            1 => Pending::Str,
            2 => Pending::Tuple,
            3 => Pending::FrozenSet,
            _ => Pending::Nothing,
        }
    }
}

/// What is known of the string of a [`Name`] that the parser did not see.
#[derive(Clone, Copy, Debug)]
struct LateName {
    /// Its class, or `NONE`.
    class: u32,
}

/// The constants, names and code objects of one file. The methods that add a value give the object that
/// the constant cache has for it.
#[derive(Debug)]
pub struct ConstPool<'a> {
    arena: &'a Bump,
    objects: Objects<'a>,
    classes: Classes,
    /// By [`Name`], from `parsed_names` on.
    late_names: Vec<LateName>,
    /// The texts of the names that the interner had at the start, as it had them.
    name_text: &'a [u8],
    /// Small ints, from the least on: their objects, or `NONE`.
    small_ints: [u32; SMALL_INT_COUNT],
    /// Names below this number were identifiers of the source, which the parser interned. Their classes have the
    /// same numbers.
    parsed_names: u32,
    target: Target,
    recipe: ConstsRecipe,
    filename: PyStr<'a>,
    filename_id: u32,
    /// Objects of names like `<module>`, where they are not interned.
    static_names: Vec<(Name, ObjectId)>,
    /// All frozensets.
    frozensets: Vec<ObjectId>,
    /// Has an annotation been turned into text? To 3.10, that interns the braces it may need.
    has_unparsed: bool,
    /// What the source needed the character database for.
    character_data: CharacterData,
    /// Scratch memory.
    ids: Vec<ObjectId>,
    name_list: Vec<Name>,
    class_list: Vec<u32>,
    bytes: Vec<u8>,
}

/// What stays allocated between files.
#[derive(Default, Debug)]
pub struct ConstMemory {
    objects: Objects<'static>,
    classes: Classes,
    late_names: Vec<LateName>,
    ids: Vec<ObjectId>,
    name_list: Vec<Name>,
    class_list: Vec<u32>,
    bytes: Vec<u8>,
}

impl<'a> ConstPool<'a> {
    /// An empty pool for the file that `co_filename` calls `filename`. `names` is the interner as the parser
    /// left it: what it holds counts as interned. `memory` comes from [`ConstPool::recycle`] or is new.
    pub fn new(
        arena: &'a Bump,
        target: Target,
        names: &Interner,
        filename: PyStr<'_>,
        memory: ConstMemory,
    ) -> Self {
        let ConstMemory { mut objects, mut classes, mut late_names, ids, name_list, class_list, bytes } =
            memory;
        objects.form = target.version.form();
        // Names become strings, and there are somewhat more constants and code objects.
        classes.reset(names.len() * 9 / 4);
        classes.reserve_names(names.len());
        late_names.clear();
        let mut pool = ConstPool {
            arena,
            objects,
            classes,
            late_names,
            name_text: arena.alloc_slice_copy(names.all_bytes()),
            small_ints: [NONE; SMALL_INT_COUNT],
            target,
            recipe: ConstsRecipe::of(target),
            parsed_names: names.len() as u32,
            filename: PyStr::from_bytes(arena.alloc_slice_copy(filename.as_bytes())),
            filename_id: NONE,
            static_names: Vec::new(),
            frozensets: Vec::new(),
            has_unparsed: false,
            character_data: names.character_data,
            ids,
            name_list,
            class_list,
            bytes,
        };
        pool.add_singletons();
        pool.add_parsed_names(names);
        pool
    }

    /// Gives the memory back for the next file.
    pub fn recycle(self) -> ConstMemory {
        let ConstPool { objects, classes, late_names, ids, name_list, class_list, bytes, .. } = self;
        ConstMemory { objects: objects.recycle(), classes, late_names, ids, name_list, class_list, bytes }
    }

    /// The object graph, once [`ConstPool::finish`] has decided the flags.
    pub fn into_objects(self) -> Objects<'a> {
        self.objects
    }

    /// The object graph as it is.
    pub fn objects(&self) -> &Objects<'a> {
        &self.objects
    }

    /// Where the pool's byte strings live.
    pub fn arena(&self) -> &'a Bump {
        self.arena
    }

    /// The object `id`.
    pub fn get(&self, id: ObjectId) -> Object<'a> {
        self.objects.get(id)
    }

    /// The elements of a tuple (of anything else: none).
    pub fn tuple_items(&self, id: ObjectId) -> &[ObjectId] {
        match self.objects.get(id) {
            Object::Tuple(range) => self.objects.children(range),
            _ => &[],
        }
    }

    /// Whether the constant cache takes the two for equal: same type, same value, all the way down.
    pub fn same_value(&self, a: ObjectId, b: ObjectId) -> bool {
        a == b || self.class(a) == self.class(b)
    }

    fn class(&self, id: ObjectId) -> u32 {
        self.objects.entry(id).class
    }

    fn pending(&self, id: ObjectId) -> Pending {
        Pending::of(self.objects.entry(id))
    }

    fn set_pending(&mut self, id: ObjectId, pending: Pending) {
        let mark = &mut self.objects.objects[id.index()].mark;
        *mark = *mark & Entry::SHORT_ASCII | pending as u8;
    }

    #[inline(always)]
    fn push(&mut self, object: Object<'a>, class: u32, pending: Pending, always_ref: bool) -> ObjectId {
        self.push_marked(object, class, pending as u8, always_ref)
    }

    #[inline(always)]
    fn push_marked(&mut self, object: Object<'a>, class: u32, mark: u8, always_ref: bool) -> ObjectId {
        let id = ObjectId(self.objects.objects.len() as u32);
        self.objects.objects.push(Entry {
            object,
            class,
            flag_ref: always_ref,
            type_code: 0,
            mark,
            seen: false,
        });
        id
    }
}
