//! Adding values: what the constant cache answers for each.

use super::class::{Key, ListHash, Vacant, bits};
use super::{ConstPool, LateName, NONE, Pending};
use crate::code::{Entry, Object, ObjectId, Range};
use crate::compile::recipe::StaticStrings;
use crate::syntax::ast::{BigIntLit, Const};
use crate::value::{Interner, Name, PyStr, text_key};

/// The first objects of every pool, in this order.
const SINGLETONS: [Object<'static>; 6] = [
    Object::None,
    Object::False,
    Object::True,
    Object::Ellipsis,
    Object::Tuple(Range { start: 0, len: 0 }),
    Object::Bytes(b""),
];

/// The smallest int of which CPython keeps one object (`_PY_NSMALLNEGINTS`).
const SMALLEST_SHARED_INT: i32 = -5;

/// How many ints, from the least of [`SMALL_INTS`] on, are found through an array.
pub(super) const SMALL_INT_COUNT: usize = 262;

impl<'a> ConstPool<'a> {
    /// `None`
    pub const NONE: ObjectId = ObjectId(0);
    /// `False`
    pub const FALSE: ObjectId = ObjectId(1);
    /// `True`
    pub const TRUE: ObjectId = ObjectId(2);
    /// `...`
    pub const ELLIPSIS: ObjectId = ObjectId(3);
    /// `()`
    pub const EMPTY_TUPLE: ObjectId = ObjectId(4);
    /// `b""`
    pub const EMPTY_BYTES: ObjectId = ObjectId(5);

    /// `True` or `False`.
    pub const fn bool(value: bool) -> ObjectId {
        if value { Self::TRUE } else { Self::FALSE }
    }

    pub(super) fn add_singletons(&mut self) {
        for object in SINGLETONS {
            let key = match object {
                Object::Tuple(_) => Key::Tuple(&[]),
                Object::Bytes(bytes) => Key::Bytes(bytes),
                other => Key::Plain(other),
            };
            let shared = matches!(object, Object::Tuple(_) | Object::Bytes(_));
            self.merge(object, key, Pending::Nothing, shared);
        }
    }

    /// The cached object of the class that `key` names; `object` where it is new.
    #[inline(always)]
    fn merge(&mut self, object: Object<'a>, key: Key<'_>, pending: Pending, always_ref: bool) -> ObjectId {
        let class = match self.classes.find(&self.objects, key) {
            Ok(class) => {
                let cached = self.classes.get(class).cached;
                if cached != NONE {
                    return ObjectId(cached);
                }
                class
            }
            Err(vacant) => self.classes.add(vacant, self.objects.objects.len() as u32),
        };
        let id = self.push(object, class, pending, always_ref);
        self.classes.get_mut(class).cached = id.0;
        id
    }

    /// An `int`.
    #[inline]
    pub fn int(&mut self, value: i64) -> ObjectId {
        let place = value.wrapping_sub(i64::from(SMALLEST_SHARED_INT)) as usize;
        if let Some(&known) = self.small_ints.get(place)
            && known != NONE
        {
            return ObjectId(known);
        }
        self.new_int(value)
    }

    #[inline(never)]
    fn new_int(&mut self, value: i64) -> ObjectId {
        let id = self.uncached_int(value);
        let place = value.wrapping_sub(i64::from(SMALLEST_SHARED_INT)) as usize;
        if let Some(known) = self.small_ints.get_mut(place) {
            *known = id.0;
        }
        id
    }

    #[inline]
    fn uncached_int(&mut self, value: i64) -> ObjectId {
        match i32::try_from(value) {
            Ok(small) => {
                let object = Object::Int(small);
                let shared =
                    (SMALLEST_SHARED_INT..=self.target.version.largest_shared_int()).contains(&small);
                self.merge(object, Key::Plain(object), Pending::Nothing, shared)
            }
            Err(_) => {
                let magnitude = value.unsigned_abs();
                self.bigint(value < 0, &[magnitude as u32, (magnitude >> 32) as u32])
            }
        }
    }

    /// An `int` of any size: its magnitude in base 2³², least significant digit first.
    pub fn bigint(&mut self, negative: bool, digits: &[u32]) -> ObjectId {
        if let Some(value) = as_i64(negative, digits).and_then(|value| i32::try_from(value).ok()) {
            return self.int(i64::from(value));
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        marshal_digits(digits, &mut bytes);
        let object = Object::Long { negative, digits: self.arena.alloc_slice_copy(&bytes) };
        self.bytes = bytes;
        self.merge(object, Key::Plain(object), Pending::Nothing, false)
    }

    /// A `float`. A NaN is an object of its own each time.
    pub fn float(&mut self, value: f64) -> ObjectId {
        let object = Object::Float(value.to_bits());
        if value.is_nan() {
            return self.unequal(object);
        }
        self.merge(object, Key::Plain(object), Pending::Nothing, false)
    }

    /// A `complex`. One with a NaN is an object of its own each time.
    pub fn complex(&mut self, re: f64, im: f64) -> ObjectId {
        let object = Object::Complex { re: re.to_bits(), im: im.to_bits() };
        if re.is_nan() || im.is_nan() {
            return self.unequal(object);
        }
        self.merge(object, Key::Plain(object), Pending::Nothing, false)
    }

    fn unequal(&mut self, object: Object<'a>) -> ObjectId {
        let class = self.classes.add_unequal(self.objects.objects.len() as u32);
        let id = self.push(object, class, Pending::Nothing, false);
        self.classes.get_mut(class).cached = id.0;
        id
    }

    /// A `bytes`. CPython has one object for each bytes string of one byte.
    pub fn bytes(&mut self, value: &[u8]) -> ObjectId {
        self.merge_bytes(value, value.len() == 1)
    }

    /// A `bytes` that the assembler made: no shared object for one byte.
    pub(super) fn merge_bytes(&mut self, value: &[u8], always_ref: bool) -> ObjectId {
        if value.is_empty() {
            return Self::EMPTY_BYTES;
        }
        match self.classes.find(&self.objects, Key::Bytes(value)) {
            Ok(class) => ObjectId(self.classes.get(class).cached),
            Err(vacant) => {
                let class = self.classes.add(vacant, self.objects.objects.len() as u32);
                let copy: &'a [u8] = self.arena.alloc_slice_copy(value);
                let id = self.push(Object::Bytes(copy), class, Pending::Nothing, always_ref);
                self.classes.get_mut(class).cached = id.0;
                id
            }
        }
    }

    /// A string literal, or what folding made: an object that nothing has interned yet.
    pub fn str(&mut self, text: PyStr<'a>) -> ObjectId {
        let (class, fresh) = self.class_of_str(text);
        let cached = self.classes.get(class).cached;
        if cached != NONE {
            return ObjectId(cached);
        }
        let id = if text.is_folded_percent() {
            self.push(Object::Str { text, interned: false }, class, Pending::Nothing, false)
        } else if fresh {
            self.shown_by(class)
        } else {
            self.new_str(text, class)
        };
        self.classes.get_mut(class).cached = id.0;
        id
    }

    /// A string that is not in the arena.
    pub fn str_copied(&mut self, text: PyStr<'_>) -> ObjectId {
        if let Some(class) = self.find_str(text.as_bytes()) {
            let cached = self.classes.get(class).cached;
            if cached != NONE {
                return ObjectId(cached);
            }
        }
        let copy: &'a [u8] = self.arena.alloc_slice_copy(text.as_bytes());
        self.str(PyStr::from_bytes(copy))
    }

    /// A name as a constant: a keyword of a call, an element of `__static_attributes__` or of a `fromlist`.
    pub fn name(&mut self, name: Name, names: &Interner) -> ObjectId {
        let (class, fresh) = self.class_of_name(name, names);
        let cached = self.classes.get(class).cached;
        if cached != NONE {
            return ObjectId(cached);
        }
        let id = if name.0 < self.parsed_names {
            self.classes.get_mut(class).bits |= bits::CACHED_IDENTIFIER;
            self.intern_class(class)
        } else if fresh {
            self.shown_by(class)
        } else {
            let text = self.text_of(class);
            self.new_str(text, class)
        };
        self.classes.get_mut(class).cached = id.0;
        id
    }

    /// The text of an annotation, which the compiler put together.
    pub fn annotation_text(&mut self, text: PyStr<'_>) -> ObjectId {
        self.has_unparsed = true;
        self.str_copied(text)
    }

    /// The `__qualname__` of a class as its body stores it. The code object that is made of the body has the
    /// same object as its `co_qualname`, unless an equal constant came before.
    pub fn qualname(&mut self, qualname: Name, names: &Interner) -> ObjectId {
        let text = names.bytes(qualname);
        if qualname.0 < self.parsed_names && text.contains(&b'.') {
            // An `import a.b` has the same text as `b` in `a`, whose name was put together and is another string.
            return self.str_copied(PyStr::from_bytes(text));
        }
        let (class, _) = self.class_of_name(qualname, names);
        if qualname.0 >= self.parsed_names && self.classes.get(class).cached == NONE {
            self.classes.get_mut(class).bits |= bits::CACHED_QUALNAME;
        }
        self.name(qualname, names)
    }

    /// The same where `co_qualname` is not interned: the constant, and the object that the code object is to have.
    /// They are one, unless an equal constant came before.
    pub fn plain_qualname(&mut self, qualname: Name, names: &Interner) -> (ObjectId, ObjectId) {
        let (class, _) = self.class_of_name(qualname, names);
        let own = self.made_name(qualname, names);
        self.objects.objects[own.index()].class = class;
        let class = self.classes.get_mut(class);
        if class.cached == NONE {
            class.cached = own.0;
        }
        (ObjectId(class.cached), own)
    }

    /// A string of its own for a name that the compiler has put together, and that is no constant.
    pub(super) fn made_name(&mut self, name: Name, names: &Interner) -> ObjectId {
        let text = self.name_text(name, names);
        self.push(Object::Str { text, interned: false }, NONE, Pending::Nothing, false)
    }

    /// A tuple of names as a constant: the keywords of a call, `__static_attributes__`, a `fromlist`.
    pub fn names(&mut self, list: impl Iterator<Item = Name>, names: &Interner) -> ObjectId {
        let mut wanted = std::mem::take(&mut self.name_list);
        wanted.clear();
        wanted.extend(list);
        let mut classes = std::mem::take(&mut self.class_list);
        classes.clear();
        classes.extend(wanted.iter().map(|&name| self.class_of_name(name, names).0));
        let found = self.classes.find(&self.objects, Key::Tuple(&classes));
        self.class_list = classes;
        let cached = found.map_or(NONE, |class| self.classes.get(class).cached);
        // Where there is an equal tuple already (of a code object's names, say), the elements are not cached.
        let id = if cached != NONE {
            ObjectId(cached)
        } else {
            let mut ids = std::mem::take(&mut self.ids);
            let start = ids.len();
            ids.extend(wanted.iter().map(|&name| self.name(name, names)));
            let id = self.tuple(&ids[start..]);
            ids.truncate(start);
            self.ids = ids;
            id
        };
        self.name_list = wanted;
        id
    }

    /// The object of a tuple of strings that is there already because a code object has these names. Its
    /// elements are not cached by asking for it, so this comes before adding them. Strings that will be interned
    /// anyway need not be looked for: it makes no difference there.
    pub fn tuple_of_names<'v>(
        &mut self,
        values: impl Iterator<Item = &'v Const<'a>> + Clone,
    ) -> Option<ObjectId>
    where
        'a: 'v,
    {
        let (mut matters, mut count) = (false, 0);
        for value in values.clone() {
            let Const::Str(text) = value else { return None };
            matters |= !is_internable(text.as_bytes());
            count += 1;
        }
        if !matters {
            return None;
        }
        let mut classes = std::mem::take(&mut self.class_list);
        classes.clear();
        let known = values.map_while(|value| match value {
            Const::Str(text) => self.find_str(text.as_bytes()),
            _ => None,
        });
        classes.extend(known);
        let all_known = classes.len() == count;
        let found = self.classes.find(&self.objects, Key::Tuple(&classes));
        self.class_list = classes;
        let cached = found.map_or(NONE, |class| self.classes.get(class).cached);
        (all_known && cached != NONE).then_some(ObjectId(cached))
    }

    /// A tuple of constants.
    pub fn tuple(&mut self, items: &[ObjectId]) -> ObjectId {
        if items.is_empty() {
            return Self::EMPTY_TUPLE;
        }
        let mut marks = 0;
        let mut hash = ListHash::TUPLE;
        for &id in items {
            let entry = self.objects.entry(id);
            marks |= entry.mark & !Entry::SHORT_ASCII;
            hash.add(entry.class);
        }
        let class = match self.classes.find_tuple(&self.objects, hash, items) {
            Ok(class) => {
                let cached = self.classes.get(class).cached;
                if cached != NONE {
                    return ObjectId(cached);
                }
                class
            }
            Err(vacant) => self.classes.add(vacant, self.objects.objects.len() as u32),
        };
        let range = self.push_children(items);
        let pending = if marks != 0 { Pending::Tuple } else { Pending::Nothing };
        let id = self.push(Object::Tuple(range), class, pending, false);
        self.classes.get_mut(class).cached = id.0;
        id
    }

    /// A tuple of constants that the constant cache neither knows nor gets to know.
    pub fn fresh_tuple(&mut self, items: &[ObjectId]) -> ObjectId {
        if items.is_empty() {
            return Self::EMPTY_TUPLE;
        }
        let classes: Vec<u32> = items.iter().map(|&id| self.class(id)).collect();
        let (class, _) = self.tuple_class(&classes);
        let range = self.push_children(items);
        self.push(Object::Tuple(range), class, Pending::Tuple, false)
    }

    /// The class of the tuple whose elements have these classes, and its cached object if there is one. A new
    /// class is shown by the next object to be pushed.
    pub(super) fn tuple_class(&mut self, classes: &[u32]) -> (u32, Option<ObjectId>) {
        match self.classes.find(&self.objects, Key::Tuple(classes)) {
            Ok(class) => {
                let cached = self.classes.get(class).cached;
                (class, (cached != NONE).then_some(ObjectId(cached)))
            }
            Err(vacant) => (self.classes.add(vacant, self.objects.objects.len() as u32), None),
        }
    }

    pub(super) fn push_children(&mut self, items: &[ObjectId]) -> Range {
        let start = self.objects.children.len() as u32;
        self.objects.children.extend_from_slice(items);
        Range { start, len: items.len() as u32 }
    }

    /// A slice (3.14) of constants. Its parts are objects of their own: the cache is neither asked for them nor
    /// gets to know them.
    pub fn slice(&mut self, parts: [&Const<'a>; 3]) -> ObjectId {
        let parts = parts.map(|part| self.uncached(part));
        let key = Key::Slice(parts.map(|id| self.class(id)));
        self.merge(Object::Slice(parts), key, Pending::Nothing, false)
    }

    fn uncached(&mut self, value: &Const<'a>) -> ObjectId {
        if let Const::Str(text) = *value {
            let (class, _) = self.class_of_str(text);
            let id = self.new_str(text, class);
            // Nothing interns what is in a slice.
            self.set_pending(id, Pending::Nothing);
            return id;
        }
        // Of other types no two objects differ but by their identity, so that it is no harm to have one cached.
        let cached = self.constant(value);
        let shared = self.objects.entry(cached).flag_ref || cached.0 < Self::EMPTY_TUPLE.0;
        if shared { cached } else { self.push(self.get(cached), self.class(cached), Pending::Nothing, false) }
    }

    /// The value of a `Constant` node.
    #[inline]
    pub fn constant(&mut self, value: &Const<'a>) -> ObjectId {
        match *value {
            Const::None => Self::NONE,
            Const::False => Self::FALSE,
            Const::True => Self::TRUE,
            Const::Ellipsis => Self::ELLIPSIS,
            Const::Str(text) => self.str(text),
            Const::Int(value) => self.int(value),
            _ => self.other_constant(value),
        }
    }

    #[inline(never)]
    fn other_constant(&mut self, value: &Const<'a>) -> ObjectId {
        match *value {
            Const::None | Const::False | Const::True | Const::Ellipsis | Const::Int(_) => {
                self.constant(value)
            }
            Const::BigInt(&BigIntLit { negative, digits }) => self.bigint(negative, digits),
            Const::Float(value) => self.float(value),
            Const::Complex(value) => self.complex(value.re, value.im),
            Const::Str(text) => self.str(text),
            Const::Bytes(bytes) => self.bytes(bytes),
            Const::Tuple(items) => {
                if let Some(id) = self.tuple_of_names(items.iter()) {
                    return id;
                }
                let start = self.ids.len();
                for item in items {
                    let id = self.constant(item);
                    self.ids.push(id);
                }
                let ids = std::mem::take(&mut self.ids);
                let id = self.tuple(&ids[start..]);
                self.ids = ids;
                self.ids.truncate(start);
                id
            }
            Const::FrozenSet(items) => {
                let start = self.ids.len();
                for item in items {
                    let id = self.constant(item);
                    self.ids.push(id);
                }
                let ids = std::mem::take(&mut self.ids);
                let id = self.frozenset(&ids[start..]);
                self.ids = ids;
                self.ids.truncate(start);
                id
            }
        }
    }

    /// The class of a string; whether it is new, with an object that is in use nowhere.
    #[inline]
    pub(super) fn class_of_str(&mut self, text: PyStr<'a>) -> (u32, bool) {
        match self.classes.find(&self.objects, Key::Str(text.as_bytes(), text_key(text.as_bytes()))) {
            Ok(class) => {
                let waiting = self.is_waiting(class);
                if waiting {
                    self.first_str(text, class);
                }
                (class, waiting)
            }
            Err(vacant) => (self.new_str_class(text, vacant), true),
        }
    }

    /// The class of a name's text; whether it is new, with an object that is in use nowhere.
    pub(super) fn class_of_name(&mut self, name: Name, names: &Interner) -> (u32, bool) {
        if name.0 < self.parsed_names {
            let waiting = self.is_waiting(name.0);
            if waiting {
                self.first_str(self.name_text(name, names), name.0);
            }
            return (name.0, waiting);
        }
        let known = self.late_name(name, names).class;
        if known != NONE {
            return (known, false);
        }
        let (class, fresh) = match self.find_name(name, names) {
            Ok(class) => (class, false),
            Err(vacant) => {
                let text = self.name_text(name, names);
                (self.new_str_class(text, vacant), true)
            }
        };
        self.late_name(name, names).class = class;
        (class, fresh)
    }

    /// The same for a name of a code object: a new class has an interned object.
    #[inline]
    pub(super) fn class_of_code_name(&mut self, name: Name, names: &Interner) -> u32 {
        if name.0 < self.parsed_names {
            // Whether it waits makes no difference: its object is what would be interned.
            return name.0;
        }
        match self.late_name(name, names).class {
            NONE => self.class_of_new_code_name(name, names),
            known => known,
        }
    }

    #[inline(never)]
    fn class_of_new_code_name(&mut self, name: Name, names: &Interner) -> u32 {
        let class = match self.find_name(name, names) {
            Ok(class) => class,
            Err(vacant) => {
                let text = self.name_text(name, names);
                let class = self.classes.add(vacant, self.objects.objects.len() as u32);
                let id = self.push(Object::Str { text, interned: true }, class, Pending::Nothing, true);
                self.classes.get_mut(class).interned = id.0;
                class
            }
        };
        self.late_name(name, names).class = class;
        class
    }

    /// The interned object of a name.
    #[inline(always)]
    pub(super) fn interned_name(&mut self, name: Name, names: &Interner) -> ObjectId {
        if name.0 < self.parsed_names {
            let interned = self.classes.get(name.0).interned;
            if interned != NONE {
                return ObjectId(interned);
            }
        }
        self.intern_name(name, names)
    }

    #[inline(never)]
    fn intern_name(&mut self, name: Name, names: &Interner) -> ObjectId {
        let class = self.class_of_code_name(name, names);
        let known = self.classes.get_mut(class);
        if known.interned != NONE {
            return ObjectId(known.interned);
        }
        if known.bits & bits::WAITING == 0 {
            return self.intern_class(class);
        }
        known.bits &= !bits::WAITING;
        known.interned = known.shown_by;
        ObjectId(known.interned)
    }

    /// Is it the class of a parsed name of which there is no object in use yet?
    #[inline]
    fn is_waiting(&self, class: u32) -> bool {
        self.classes.get(class).bits & bits::WAITING != 0
    }

    /// Makes a string the first object in use of a class that waits.
    fn first_str(&mut self, text: PyStr<'a>, class: u32) {
        let next = self.objects.objects.len() as u32;
        let known = self.classes.get_mut(class);
        known.bits &= !bits::WAITING;
        known.shown_by = next;
        self.new_str(text, class);
    }

    /// What is known of a name that came after parsing.
    #[inline]
    fn late_name(&mut self, name: Name, names: &Interner) -> &mut LateName {
        let index = (name.0 - self.parsed_names) as usize;
        if self.late_names.len() <= index {
            self.late_names.resize(names.len() - self.parsed_names as usize, LateName { class: NONE });
        }
        &mut self.late_names[index]
    }

    /// Gives each parsed name a class, whose number is the name's, and an object that waits for being interned:
    /// nearly all of them become strings of code objects.
    pub(super) fn add_parsed_names(&mut self, names: &Interner) {
        let first = self.objects.objects.len() as u32;
        let all_ascii = self.name_text.is_ascii();
        let name_text = self.name_text;
        self.objects.objects.extend((0..).zip(names.spans()).map(|(number, span)| {
            let text = PyStr::from_bytes(&name_text[span]);
            let short_ascii = all_ascii && text.as_bytes().len() < 256;
            Entry {
                object: Object::Str { text, interned: true },
                class: number,
                flag_ref: true,
                type_code: 0,
                mark: if short_ascii { Entry::SHORT_ASCII } else { 0 },
                seen: false,
            }
        }));
        self.classes.enter_names(names.keys(), first);
    }

    /// The class of a string, where there is an object of it.
    fn find_str(&self, text: &[u8]) -> Option<u32> {
        let class = self.classes.find(&self.objects, Key::Str(text, text_key(text))).ok()?;
        (!self.is_waiting(class)).then_some(class)
    }

    fn find_name(&self, name: Name, names: &Interner) -> Result<u32, Vacant> {
        self.classes.find(&self.objects, Key::Str(names.bytes(name), names.key(name)))
    }

    fn name_text(&self, name: Name, names: &Interner) -> PyStr<'a> {
        let text = if name.0 < self.parsed_names {
            &self.name_text[names.span(name)]
        } else {
            self.arena.alloc_slice_copy(names.bytes(name))
        };
        PyStr::from_bytes(text)
    }

    fn new_str_class(&mut self, text: PyStr<'a>, vacant: Vacant) -> u32 {
        let class = self.classes.add(vacant, self.objects.objects.len() as u32);
        self.new_str(text, class);
        class
    }

    /// A new object for a string, but for those of at most one Latin-1 character: CPython has one, interned.
    fn new_str(&mut self, text: PyStr<'a>, class: u32) -> ObjectId {
        if is_latin1_char(text.as_bytes()) {
            let interned = self.classes.get(class).interned;
            if interned != NONE {
                return ObjectId(interned);
            }
            match self.recipe.static_strings {
                StaticStrings::Plain if !text.is_empty() && text.as_bytes() != b"*" => {
                    return self.plain_char(text, class);
                }
                StaticStrings::OneObject
                    if !text.is_empty() && !self.target.version.has_interned_char(text.as_bytes()) =>
                {
                    return self.plain_char(text, class);
                }
                StaticStrings::OneObject | StaticStrings::Plain | StaticStrings::Interned => {}
            }
            let id = self.push(Object::Str { text, interned: true }, class, Pending::Nothing, true);
            self.classes.get_mut(class).interned = id.0;
            return id;
        }
        let mark = if is_internable(text.as_bytes()) {
            let short = if text.as_bytes().len() < 256 { Entry::SHORT_ASCII } else { 0 };
            Pending::Str as u8 | short
        } else {
            Pending::Nothing as u8
        };
        self.push_marked(Object::Str { text, interned: false }, class, mark, false)
    }

    /// The one object for a character that nothing has interned yet.
    #[cold]
    fn plain_char(&mut self, text: PyStr<'a>, class: u32) -> ObjectId {
        let shown_by = self.shown_by(class);
        if shown_by.index() < self.objects.objects.len() {
            return shown_by;
        }
        let pending = if is_internable(text.as_bytes()) { Pending::Str } else { Pending::Nothing };
        self.push(Object::Str { text, interned: false }, class, pending, true)
    }

    /// The name of a code object that no source gave it, where the interpreter's string is not interned.
    pub(super) fn static_name(&mut self, name: Name, names: &Interner) -> ObjectId {
        if let Some(&(_, id)) = self.static_names.iter().find(|(known, _)| *known == name) {
            return id;
        }
        let text = self.name_text(name, names);
        let id = self.push(Object::Str { text, interned: false }, NONE, Pending::Nothing, true);
        self.static_names.push((name, id));
        id
    }

    pub(super) fn shown_by(&self, class: u32) -> ObjectId {
        ObjectId(self.classes.get(class).shown_by)
    }

    pub(super) fn text_of(&self, class: u32) -> PyStr<'a> {
        match self.get(self.shown_by(class)) {
            Object::Str { text, .. } => text,
            _ => PyStr::from_bytes(b""),
        }
    }

    /// The interned object of a class of strings, where another string than the cached one is to be interned
    /// unless the cached one is that string.
    pub(super) fn intern_class(&mut self, class: u32) -> ObjectId {
        let known = *self.classes.get(class);
        if known.interned != NONE {
            return ObjectId(known.interned);
        }
        // The interpreter may have interned an equal qualified name of its own modules at start-up.
        let is_qualname = known.bits & bits::CACHED_QUALNAME != 0
            && !self.target.has_interned(self.text_of(class).as_bytes());
        let id = if is_qualname {
            ObjectId(known.cached)
        } else if known.shown_by != known.cached {
            ObjectId(known.shown_by)
        } else {
            let text = self.text_of(class);
            self.new_str(text, class)
        };
        self.intern_object(id);
        id
    }

    /// Makes a string the interned one of its class.
    pub(super) fn intern_object(&mut self, id: ObjectId) {
        let entry = &mut self.objects.objects[id.index()];
        if let Object::Str { interned, .. } = &mut entry.object {
            *interned = true;
        }
        entry.flag_ref = true;
        entry.mark &= Entry::SHORT_ASCII;
        let class = entry.class;
        self.classes.get_mut(class).interned = id.0;
    }
}

/// Does the text look like a name, so that CPython interns a constant of it? (`should_intern_string`)
pub(super) fn is_internable(text: &[u8]) -> bool {
    text.iter().all(|&byte| NAME_BYTES[usize::from(byte)])
}

/// ASCII letters, digits and the underscore.
const NAME_BYTES: [bool; 256] = {
    let mut is = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        is[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    is
};

/// Empty, or one character below U+0100?
pub(super) fn is_latin1_char(text: &[u8]) -> bool {
    match text {
        [] => true,
        [byte] => byte.is_ascii(),
        [0xC2 | 0xC3, _] => true,
        _ => false,
    }
}

fn as_i64(negative: bool, digits: &[u32]) -> Option<i64> {
    let significant = digits.iter().rposition(|&digit| digit != 0).map_or(0, |last| last + 1);
    if significant > 2 {
        return None;
    }
    let magnitude = digits.iter().take(2).rev().fold(0i128, |value, &digit| value << 32 | i128::from(digit));
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// Base-2³² digits as marshal's 15-bit ones (`w_PyLong`, `Python/marshal.c`).
fn marshal_digits(digits: &[u32], out: &mut Vec<u8>) {
    out.clear();
    let (mut held, mut count) = (0u64, 0u32);
    for &digit in digits {
        held |= u64::from(digit) << count;
        count += 32;
        while count >= 15 {
            out.extend_from_slice(&((held & 0x7FFF) as u16).to_le_bytes());
            held >>= 15;
            count -= 15;
        }
    }
    if held != 0 {
        out.extend_from_slice(&(held as u16).to_le_bytes());
    }
    while let [.., 0, 0] = out[..] {
        out.truncate(out.len() - 2);
    }
}
