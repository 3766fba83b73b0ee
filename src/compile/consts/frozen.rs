//! Frozensets: which elements Python keeps, and when interning rebuilds one.

use super::class::Key;
use super::values::{is_internable, is_latin1_char};
use super::{ConstPool, Pending};
use crate::code::{Object, ObjectId};
use crate::compile::recipe::StaticStrings;
use crate::value::Interner;
use num_bigint::{BigInt, Sign};
use num_traits::FromPrimitive;

impl ConstPool<'_> {
    /// A `frozenset` of constants. Of elements that are equal in Python (`1`, `1.0`, `True`) the first stays.
    pub fn frozenset(&mut self, items: &[ObjectId]) -> ObjectId {
        let mut kept: Vec<ObjectId> = Vec::with_capacity(items.len());
        if self.may_be_equal_across_types(items) {
            let mut seen = hashbrown::HashSet::new();
            for &item in items {
                let mut key = Vec::new();
                self.equality_key(item, &mut key);
                if seen.insert(key) {
                    kept.push(item);
                }
            }
        } else {
            kept.extend_from_slice(items);
        }
        // The compiler makes the set anew from the elements of the folded one when it adds it to its constants.
        let in_table =
            (!self.recipe.frozenset_keys.is_sorted()).then(|| self.table_order(&self.table_order(&kept)));
        // In order of class, so that equal sets have equal lists. The order of writing is decided at the end.
        kept.sort_by_key(|&id| self.class(id));
        kept.dedup_by_key(|id| self.class(*id));
        let classes: Vec<u32> = kept.iter().map(|&id| self.class(id)).collect();
        let class = match self.classes.find(&self.objects, Key::FrozenSet(&classes)) {
            Ok(class) => return ObjectId(self.classes.get(class).cached),
            Err(vacant) => self.classes.add(vacant, self.objects.objects.len() as u32),
        };
        let pending = if kept.iter().any(|&id| self.pending(id) != Pending::Nothing || self.is_internable(id))
        {
            Pending::FrozenSet
        } else {
            Pending::Nothing
        };
        let range = self.push_children(in_table.as_ref().unwrap_or(&kept));
        // `frozenset()` is one object.
        let id = self.push(Object::FrozenSet(range), class, pending, kept.is_empty());
        self.frozensets.push(id);
        self.classes.get_mut(class).cached = id.0;
        id
    }

    fn may_be_equal_across_types(&self, items: &[ObjectId]) -> bool {
        items.iter().any(|&id| {
            matches!(
                self.get(id),
                Object::True
                    | Object::False
                    | Object::Float(_)
                    | Object::Complex { .. }
                    | Object::Tuple(_)
                    | Object::FrozenSet(_)
            )
        })
    }

    /// Appends bytes that are the same for what Python's `==` calls equal.
    fn equality_key(&self, id: ObjectId, out: &mut Vec<u8>) {
        match self.get(id) {
            Object::False => number_key(&BigInt::from(0), out),
            Object::True => number_key(&BigInt::from(1), out),
            Object::Int(value) => number_key(&BigInt::from(value), out),
            Object::Long { negative, digits } => number_key(&from_marshal_digits(negative, digits), out),
            Object::Float(bits) => float_key(f64::from_bits(bits), id, out),
            Object::Complex { re, im } => {
                float_key(f64::from_bits(re), id, out);
                if f64::from_bits(im) != 0.0 {
                    out.push(b'j');
                    float_key(f64::from_bits(im), id, out);
                }
            }
            Object::Tuple(range) => {
                out.push(b'(');
                for &item in self.objects.children(range) {
                    self.equality_key(item, out);
                }
                out.push(b')');
            }
            Object::FrozenSet(range) => {
                let mut keys: Vec<Vec<u8>> = Vec::new();
                for &item in self.objects.children(range) {
                    let mut key = Vec::new();
                    self.equality_key(item, &mut key);
                    keys.push(key);
                }
                keys.sort();
                out.push(b'{');
                out.extend(keys.into_iter().flatten());
                out.push(b'}');
            }
            _ => {
                out.push(b'#');
                out.extend_from_slice(&self.class(id).to_le_bytes());
            }
        }
    }

    /// `intern_constants` for a frozenset that is an element of a tuple: the frozenset itself, or a new one
    /// where a string was interned before.
    pub(super) fn intern_in_frozenset(&mut self, id: ObjectId, names: &Interner) -> ObjectId {
        let Object::FrozenSet(range) = self.get(id) else { return id };
        let mut items = self.objects.children(range).to_vec();
        let mut modified = false;
        for item in &mut items {
            match self.pending(*item) {
                Pending::Nothing => {
                    let is_str = matches!(self.get(*item), Object::Str { interned: true, .. });
                    modified |= is_str && self.is_exchanged(*item, names);
                }
                Pending::Str => {
                    modified |= self.is_exchanged(*item, names);
                    *item = self.intern_constant(*item);
                }
                Pending::Tuple => self.intern_constants(*item, names),
                // A frozenset within: a new one counts for the tuple of elements that CPython makes for the
                // moment, so that this one is made anew as well.
                Pending::FrozenSet => {
                    let inner = self.intern_in_frozenset(*item, names);
                    modified |= inner != *item;
                    *item = inner;
                }
            }
        }
        if !modified {
            return id;
        }
        let class = self.class(id);
        if !self.recipe.frozenset_keys.is_sorted() {
            items = self.table_order(&items);
        }
        let range = self.push_children(&items);
        let id = self.push(Object::FrozenSet(range), class, Pending::Nothing, false);
        self.frozensets.push(id);
        id
    }

    /// Is it a string that looks like a name and of which there may be several objects?
    fn is_internable(&self, id: ObjectId) -> bool {
        let Object::Str { text, .. } = self.get(id) else { return false };
        let text = text.as_bytes();
        let is_one_object = match self.recipe.static_strings {
            StaticStrings::Plain => text.is_empty(),
            StaticStrings::OneObject | StaticStrings::Interned => is_latin1_char(text),
        };
        is_internable(text) && !is_one_object
    }

    /// Is the string `id`, which looks like a name, replaced when it is interned?
    fn is_exchanged(&mut self, id: ObjectId, names: &Interner) -> bool {
        match (self.recipe.static_strings, self.get(id)) {
            (StaticStrings::Plain, Object::Str { text, .. }) if text.as_bytes().len() == 1 => {
                self.target.version.names_of_their_own().contains(&text.as_bytes()[0])
            }
            _ => self.is_internable(id) && self.interned_before(id, names),
        }
    }
}

fn number_key(value: &BigInt, out: &mut Vec<u8>) {
    out.push(b'i');
    let (sign, bytes) = value.to_bytes_le();
    out.push(u8::from(sign == Sign::Minus));
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(&bytes);
}

fn float_key(value: f64, id: ObjectId, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.push(b'n');
        out.extend_from_slice(&id.0.to_le_bytes());
    } else if let (true, Some(whole)) = (value.fract() == 0.0, BigInt::from_f64(value)) {
        number_key(&whole, out);
    } else {
        out.push(b'f');
        out.extend_from_slice(&value.to_bits().to_le_bytes());
    }
}

fn from_marshal_digits(negative: bool, digits: &[u8]) -> BigInt {
    let mut value = BigInt::from(0);
    for pair in digits.chunks_exact(2).rev() {
        value = (value << 15) + u32::from(u16::from_le_bytes([pair[0], pair[1]]));
    }
    if negative { -value } else { value }
}
