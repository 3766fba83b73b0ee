//! A Python value in one machine word, and the head of every heap object.
//!
//! The low bits say what a word is:
//!
//! | bits | meaning |
//! | --- | --- |
//! | `…1` | an `int` of 63 bits |
//! | `…10` | a `float` whose exponent is between −255 and 256, or `0.0`: its bits, moved and turned |
//! | `…100` | a singleton: [`UNSET`], `None`, `False`, `True`, `NotImplemented`, `Ellipsis` |
//! | `…000` | a pointer to a [`Header`] |
//!
//! Other ints and floats (NaNs always, so that each has its identity) are heap objects. A `Value` owns one
//! reference: `Clone` counts up, `Drop` counts down and frees. Counts are not atomic: a word never leaves the
//! thread that holds the interpreter's lock, which the compiler checks, as `Value` is neither `Send` nor `Sync`.
//! Zero is no value, so that `Option<Value>` and `Result<Value, Raised>` are one word too.
#![expect(unsafe_code, reason = "tagged words and reference counts are made here")]

use crate::heap;
use crate::object::{Body, Kind, Type};
use std::cell::Cell;
use std::marker::PhantomData;
use std::num::NonZeroU64;

/// The head of every heap object.
#[repr(C)]
pub struct Header {
    /// References to the object.
    pub(crate) count: Cell<u32>,
    /// Layout of the body.
    pub(crate) kind: Kind,
    /// Bits of [`flag`].
    pub(crate) flags: Cell<u8>,
    /// Size class of the allocation, in units of 16 bytes.
    pub(crate) class: u16,
    /// The type; counted where the type is not one of the interpreter's own.
    pub(crate) ty: Cell<*const Object<Type>>,
}

/// Bits of [`Header::flags`].
pub(crate) mod flag {
    /// `__del__` was called.
    pub const FINALIZED: u8 = 1;
    /// The object has weak references.
    pub const WEAK: u8 = 2;
    /// The lowest of two bits that say which generation of the collector the object is of.
    pub const GENERATION: u8 = 4;
}

impl Header {
    /// Which generation of the collector the object is of: 0 to 2.
    pub(crate) fn generation(&self) -> u8 {
        (self.flags.get() / flag::GENERATION) & 3
    }
}

/// A heap object with the body `B`.
#[repr(C)]
pub struct Object<B> {
    /// The head.
    pub(crate) header: Header,
    /// What the type's instances hold.
    pub(crate) body: B,
}

/// A Python value.
#[repr(transparent)]
pub struct Value(NonZeroU64, PhantomData<*const ()>);

const fn special(number: u64) -> u64 {
    number << 3 | 4
}

const UNSET_WORD: u64 = special(0);
const NONE_WORD: u64 = special(1);
const FALSE_WORD: u64 = special(2);
const TRUE_WORD: u64 = special(3);
const NOT_IMPLEMENTED_WORD: u64 = special(4);
const ELLIPSIS_WORD: u64 = special(5);

/// What moves the exponents −255…256 to where their two top bits are `10`.
const FLOAT_SHIFT: u64 = 1 << 60;
/// The word of `0.0`. (The float whose word it would be, 2^−255, is a heap object.)
const ZERO_FLOAT_WORD: u64 = 2;

/// Nothing: an unbound local, an empty register, CPython's `NULL` on the stack. Never seen by programs.
pub const UNSET: Value = Value::from_word(UNSET_WORD);
/// `None`
pub const NONE: Value = Value::from_word(NONE_WORD);
/// `False`
pub const FALSE: Value = Value::from_word(FALSE_WORD);
/// `True`
pub const TRUE: Value = Value::from_word(TRUE_WORD);
/// `NotImplemented`
pub const NOT_IMPLEMENTED: Value = Value::from_word(NOT_IMPLEMENTED_WORD);
/// `...`
pub const ELLIPSIS: Value = Value::from_word(ELLIPSIS_WORD);

/// The largest int that a word holds.
pub const MAX_SMALL: i64 = i64::MAX >> 1;
/// The smallest int that a word holds.
pub const MIN_SMALL: i64 = i64::MIN >> 1;

/// What a word that is no pointer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Immediate {
    /// A small int.
    Int,
    /// A float.
    Float,
    /// `True` or `False`
    Bool,
    /// `None`
    None,
    /// `NotImplemented`
    NotImplemented,
    /// `...`
    Ellipsis,
    /// [`UNSET`].
    Unset,
}

impl Value {
    /// The value whose word is `word`, which must be no pointer.
    const fn from_word(word: u64) -> Value {
        match NonZeroU64::new(word) {
            Some(word) => Value(word, PhantomData),
            // Words are made with a tag; the only one without is a pointer, and those are not null.
            None => panic!("zero is no value"),
        }
    }

    /// The word.
    #[inline(always)]
    pub(crate) const fn word(&self) -> u64 {
        self.0.get()
    }

    /// Is it a heap object?
    #[inline(always)]
    pub const fn is_object(&self) -> bool {
        self.word() & 7 == 0
    }

    /// Are the two the same object?
    #[inline(always)]
    pub const fn is(&self, other: &Value) -> bool {
        self.word() == other.word()
    }

    /// Is it `None`?
    #[inline(always)]
    pub const fn is_none(&self) -> bool {
        self.word() == NONE_WORD
    }

    /// Is it [`UNSET`]?
    #[inline(always)]
    pub const fn is_unset(&self) -> bool {
        self.word() == UNSET_WORD
    }

    /// Is it `NotImplemented`?
    #[inline(always)]
    pub const fn is_not_implemented(&self) -> bool {
        self.word() == NOT_IMPLEMENTED_WORD
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(truth: bool) -> Value {
        Value::from_word(if truth { TRUE_WORD } else { FALSE_WORD })
    }

    /// The truth of `True` and `False`.
    #[inline(always)]
    pub const fn as_bool(&self) -> Option<bool> {
        match self.word() {
            TRUE_WORD => Some(true),
            FALSE_WORD => Some(false),
            _ => None,
        }
    }

    /// The int `number`, where a word holds it.
    #[inline(always)]
    pub const fn small(number: i64) -> Option<Value> {
        if number >= MIN_SMALL && number <= MAX_SMALL {
            Some(Value::from_word((number as u64) << 1 | 1))
        } else {
            None
        }
    }

    /// The int `number`.
    #[inline(always)]
    pub const fn from_i32(number: i32) -> Value {
        Value::from_word((number as i64 as u64) << 1 | 1)
    }

    /// Is it a small int (no bool)?
    #[inline(always)]
    pub const fn is_small(&self) -> bool {
        self.word() & 1 != 0
    }

    /// The number, of a small int (no bool).
    #[inline(always)]
    pub const fn as_small(&self) -> Option<i64> {
        if self.is_small() { Some(self.word() as i64 >> 1) } else { None }
    }

    /// Are both small ints?
    #[inline(always)]
    pub const fn both_small(a: &Value, b: &Value) -> bool {
        a.word() & b.word() & 1 != 0
    }

    /// `a + b` of small ints, where the sum is one.
    #[inline(always)]
    pub const fn add_small(a: &Value, b: &Value) -> Option<Value> {
        match (a.word() as i64 - 1).checked_add(b.word() as i64) {
            Some(sum) => Some(Value::from_word(sum as u64)),
            None => None,
        }
    }

    /// `a - b` of small ints, where the difference is one.
    #[inline(always)]
    pub const fn sub_small(a: &Value, b: &Value) -> Option<Value> {
        match (a.word() as i64).checked_sub(b.word() as i64 - 1) {
            Some(difference) => Some(Value::from_word(difference as u64)),
            None => None,
        }
    }

    /// `a * b` of small ints, where the product is one.
    #[inline(always)]
    pub const fn mul_small(a: &Value, b: &Value) -> Option<Value> {
        match (a.word() as i64 >> 1).checked_mul(b.word() as i64 - 1) {
            Some(product) => Some(Value::from_word(product as u64 | 1)),
            None => None,
        }
    }

    /// The float `number`, where a word holds it.
    #[inline(always)]
    pub const fn short_float(number: f64) -> Option<Value> {
        let bits = number.to_bits();
        let word = bits.wrapping_add(FLOAT_SHIFT).rotate_left(3);
        if word & 3 == 2 && word != ZERO_FLOAT_WORD {
            Some(Value::from_word(word))
        } else if bits == 0 {
            Some(Value::from_word(ZERO_FLOAT_WORD))
        } else {
            None
        }
    }

    /// Is it a float that the word holds?
    #[inline(always)]
    pub const fn is_short_float(&self) -> bool {
        self.word() & 3 == 2
    }

    /// The number, of a float that the word holds.
    #[inline(always)]
    pub const fn as_short_float(&self) -> Option<f64> {
        if self.is_short_float() { Some(self.short_float_unchecked()) } else { None }
    }

    /// The number, of what is known to be a float that the word holds (of anything else some number).
    #[inline(always)]
    pub(crate) const fn short_float_unchecked(&self) -> f64 {
        let word = self.word();
        if word == ZERO_FLOAT_WORD {
            return 0.0;
        }
        f64::from_bits(word.rotate_right(3).wrapping_sub(FLOAT_SHIFT))
    }

    /// What it is, where it is no heap object.
    pub const fn immediate(&self) -> Option<Immediate> {
        let word = self.word();
        Some(match word & 7 {
            0 => return None,
            4 => match word {
                NONE_WORD => Immediate::None,
                TRUE_WORD | FALSE_WORD => Immediate::Bool,
                NOT_IMPLEMENTED_WORD => Immediate::NotImplemented,
                ELLIPSIS_WORD => Immediate::Ellipsis,
                _ => Immediate::Unset,
            },
            2 | 6 => Immediate::Float,
            _ => Immediate::Int,
        })
    }

    /// Takes over a reference that is counted already.
    pub(crate) fn from_object<B>(object: *const Object<B>) -> Value {
        Value::from_word(object as u64)
    }

    /// One more reference to an object that is alive.
    pub(crate) fn of<B>(object: &Object<B>) -> Value {
        object.header.count.set(object.header.count.get() + 1);
        Value::from_object(object)
    }

    /// The head, of a heap object.
    #[inline(always)]
    pub(crate) const fn header(&self) -> Option<&Header> {
        // SAFETY: a word tagged as a pointer points to a live object as long as a reference is counted, and
        // `self` is one.
        if self.is_object() { Some(unsafe { &*(self.word() as *const Header) }) } else { None }
    }

    /// Is it a heap object with the layout `kind`?
    #[inline(always)]
    pub const fn has_kind(&self, kind: Kind) -> bool {
        match self.header() {
            Some(header) => header.kind as u8 == kind as u8,
            None => false,
        }
    }

    /// The body, where the layout is that of `B`.
    #[inline(always)]
    pub fn get<B: Body>(&self) -> Option<&B> {
        self.object().map(|object| &object.body)
    }

    /// The object, where the layout is that of `B`.
    #[inline(always)]
    pub(crate) fn object<B: Body>(&self) -> Option<&Object<B>> {
        if self.has_kind(B::KIND) {
            // SAFETY: `Kind` says which body the object was allocated with (`heap::allocate` takes it from
            // `B`), and the object is alive, see `header`.
            Some(unsafe { &*(self.word() as *const Object<B>) })
        } else {
            None
        }
    }

    /// Is it a float without an object?
    pub(crate) const fn is_float_word(&self) -> bool {
        matches!(self.immediate(), Some(Immediate::Float))
    }

    /// How many references there are, as `sys.getrefcount` counts them, less its own; of what is no heap object,
    /// what CPython answers for immortal objects.
    pub fn count(&self) -> u32 {
        self.header().map_or(3_221_225_472, |header| header.count.get())
    }

    /// A number for the object's identity.
    pub const fn identity(&self) -> u64 {
        self.word()
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if let Some(header) = self.header() {
            header.count.set(header.count.get().wrapping_add(1));
        }
        Value(self.0, PhantomData)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(header) = self.header() {
            let count = header.count.get().wrapping_sub(1);
            header.count.set(count);
            if count == 0 {
                // SAFETY: this was the last reference, so nobody else looks at the object any more.
                unsafe { heap::release(self.word() as *mut Header) };
            }
        }
    }
}

impl<B> std::ops::Deref for Object<B> {
    type Target = B;

    #[inline(always)]
    fn deref(&self) -> &B {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_ints() {
        for number in [0, 1, -1, 41, MAX_SMALL, MIN_SMALL] {
            assert_eq!(Value::small(number).unwrap().as_small(), Some(number));
        }
        assert!(Value::small(MAX_SMALL + 1).is_none() && Value::small(MIN_SMALL - 1).is_none());
        let small = |number| Value::small(number).unwrap();
        assert_eq!(Value::add_small(&small(-7), &small(3)).unwrap().as_small(), Some(-4));
        assert_eq!(Value::sub_small(&small(-7), &small(3)).unwrap().as_small(), Some(-10));
        assert_eq!(Value::mul_small(&small(-7), &small(3)).unwrap().as_small(), Some(-21));
        assert!(Value::add_small(&small(MAX_SMALL), &small(1)).is_none());
        assert!(Value::sub_small(&small(MIN_SMALL), &small(1)).is_none());
        assert!(Value::mul_small(&small(1 << 40), &small(1 << 40)).is_none());
    }

    #[test]
    fn words_hold_floats() {
        for number in [0.0, 1.0, -1.5, 1e70, -1e-70, 3.25, f64::from_bits(0x4fff_ffff_ffff_ffff)] {
            let value = Value::short_float(number).unwrap();
            assert!(value.is_short_float() && !value.is_small() && !value.is_object());
            assert_eq!(value.as_short_float().unwrap().to_bits(), f64::to_bits(number));
        }
        for number in [f64::NAN, f64::INFINITY, -0.0, 1e300, 1e-300, f64::from_bits(0x3000_0000_0000_0000)] {
            assert!(Value::short_float(number).is_none(), "{number}");
        }
    }

    #[test]
    fn a_value_is_a_word() {
        assert_eq!(size_of::<Option<Value>>(), 8);
        assert_eq!(size_of::<Header>(), 16);
        assert_eq!(NONE.immediate(), Some(Immediate::None));
        assert_eq!(UNSET.immediate(), Some(Immediate::Unset));
        assert_eq!(Value::from_i32(-3).as_small(), Some(-3));
    }
}
