//! The order in which CPython to 3.10 writes a frozenset: that of its hash table, which a `.pyc` therefore shows.
//!
//! The hashes of strings are those under `PYTHONHASHSEED=0`, as those who want the same file twice set it. `None`
//! and `...` have no hash of their own there but where they lie in memory, which a build decides.
//! (`Objects/setobject.c`, `Python/pyhash.c`.)

use super::ConstPool;
use crate::code::{Object, ObjectId, Range};
use siphasher::sip::SipHasher24;
use std::hash::Hasher as _;

/// The hash of an object that lies at `address` (`_Py_HashPointer`).
fn address_hash(address: u64) -> u64 {
    address.rotate_right(4)
}

/// The prime 2⁶¹ − 1 (`_PyHASH_MODULUS`): numbers hash to what they leave when they are divided by it.
const MODULUS: u64 = (1 << MODULUS_BITS) - 1;
const MODULUS_BITS: u32 = 61;
/// How many neighbours of a slot are tried before the next jump (`LINEAR_PROBES`).
const NEIGHBOURS: usize = 9;
/// The slots of a new set (`PySet_MINSIZE`).
const LEAST_SLOTS: usize = 8;
/// Above so many elements a table grows to twice their number, below to four times.
const MANY: usize = 50_000;

impl ConstPool<'_> {
    /// The elements of `frozenset(items)`, in the order of iteration.
    pub(super) fn table_order(&self, items: &[ObjectId]) -> Vec<ObjectId> {
        let mut table = Table { slots: vec![None; LEAST_SLOTS], used: 0 };
        for &item in items {
            table.add(Entry { hash: self.hash(item), class: self.class(item), item });
        }
        table.slots.into_iter().flatten().map(|entry| entry.item).collect()
    }

    /// Python's `hash()` of a constant.
    fn hash(&self, id: ObjectId) -> u64 {
        let hash = match self.get(id) {
            Object::True => 1,
            Object::Int(value) => with_sign(value < 0, value.unsigned_abs().into()),
            Object::Int64(value) => with_sign(value < 0, value.unsigned_abs() % MODULUS),
            Object::Long { negative, digits } => with_sign(negative, digits_modulo(digits)),
            Object::Float(bits) => float_hash(f64::from_bits(bits)),
            Object::Complex { re, im } => {
                let imaginary = float_hash(f64::from_bits(im)).wrapping_mul(1_000_003);
                float_hash(f64::from_bits(re)).wrapping_add(imaginary)
            }
            Object::Str { text, .. } => {
                let points: Vec<u32> = text.code_points().collect();
                let widest = points.iter().copied().max().unwrap_or(0);
                let width = if widest < 1 << 8 {
                    1
                } else if widest < 1 << 16 {
                    2
                } else {
                    4
                };
                let units = points.iter().flat_map(|point| point.to_le_bytes().into_iter().take(width));
                bytes_hash(&units.collect::<Vec<u8>>())
            }
            Object::Bytes(bytes) => bytes_hash(bytes),
            Object::Tuple(range) => self.tuple_hash(range),
            Object::FrozenSet(range) => self.frozenset_hash(range),
            Object::None => address_hash(self.target.version.addresses().none),
            Object::Ellipsis => address_hash(self.target.version.addresses().ellipsis),
            _ => 0,
        };
        // −1 means an error.
        if hash == u64::MAX { hash - 1 } else { hash }
    }

    /// `tuplehash` of 3.8 and later (`Objects/tupleobject.c`): xxHash of the elements' hashes.
    fn tuple_hash(&self, range: Range) -> u64 {
        const PRIMES: [u64; 3] =
            [11_400_714_785_074_694_791, 14_029_467_366_897_019_727, 2_870_177_450_012_600_261];
        let sum = self.objects.children(range).iter().fold(PRIMES[2], |sum, &item| {
            let lane = self.hash(item).wrapping_mul(PRIMES[1]);
            sum.wrapping_add(lane).rotate_left(31).wrapping_mul(PRIMES[0])
        });
        let sum = sum.wrapping_add(u64::from(range.len) ^ (PRIMES[2] ^ 3_527_539));
        if sum == u64::MAX { 1_546_275_796 } else { sum }
    }

    /// `frozenset_hash` (`Objects/setobject.c`), which does not depend on the order.
    fn frozenset_hash(&self, range: Range) -> u64 {
        let mixed = self.objects.children(range).iter().fold(0, |mixed, &item| {
            let hash = self.hash(item);
            mixed ^ ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167)
        });
        let mixed = mixed ^ u64::from(range.len).wrapping_add(1).wrapping_mul(1_927_868_237);
        let mixed = mixed ^ (mixed >> 11) ^ (mixed >> 25);
        let mixed = mixed.wrapping_mul(69_069).wrapping_add(907_133_923);
        if mixed == u64::MAX { 590_923_713 } else { mixed }
    }
}

#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    class: u32,
    item: ObjectId,
}

/// An open-addressing table of which nothing is ever removed.
struct Table {
    slots: Vec<Option<Entry>>,
    used: usize,
}

impl Table {
    /// Adds what is not there yet; grows when three fifths are taken.
    fn add(&mut self, entry: Entry) {
        let slot = self.slot(entry);
        if self.slots[slot].is_some() {
            return;
        }
        self.slots[slot] = Some(entry);
        self.used += 1;
        if self.used * 5 < (self.slots.len() - 1) * 3 {
            return;
        }
        let wanted = if self.used > MANY { self.used * 2 } else { self.used * 4 };
        let mut slots = LEAST_SLOTS;
        while slots <= wanted {
            slots *= 2;
        }
        let old = std::mem::replace(&mut self.slots, vec![None; slots]);
        for entry in old.into_iter().flatten() {
            let slot = self.slot(entry);
            self.slots[slot] = Some(entry);
        }
    }

    /// Where the entry, or an equal one, is or would be.
    fn slot(&self, entry: Entry) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = entry.hash as usize & mask;
        let mut rest = entry.hash;
        loop {
            let neighbours = if at + NEIGHBOURS <= mask { NEIGHBOURS } else { 0 };
            for slot in at..=at + neighbours {
                match self.slots[slot] {
                    Some(other) if other.hash != entry.hash || other.class != entry.class => {}
                    _ => return slot,
                }
            }
            rest >>= 5;
            at = at.wrapping_mul(5).wrapping_add(1).wrapping_add(rest as usize) & mask;
        }
    }
}

const fn with_sign(negative: bool, size: u64) -> u64 {
    if negative { size.wrapping_neg() } else { size }
}

/// Times a power of two, modulo [`MODULUS`]: a rotation of its bits.
const fn times_power(value: u64, power: u32) -> u64 {
    ((value << power) & MODULUS) | (value >> (MODULUS_BITS - power))
}

/// Marshal's 15-bit digits modulo [`MODULUS`].
fn digits_modulo(digits: &[u8]) -> u64 {
    digits.chunks_exact(2).rev().fold(0, |sum, pair| {
        (times_power(sum, 15) + u64::from(u16::from_le_bytes([pair[0], pair[1]]))) % MODULUS
    })
}

/// `_Py_HashDouble`.
fn float_hash(value: f64) -> u64 {
    const INFINITY: u64 = 314_159;
    const MANTISSA_BITS: u32 = 52;
    let negative = value.is_sign_negative();
    if value.is_nan() {
        return 0;
    }
    if value.is_infinite() {
        return with_sign(negative, INFINITY);
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << MANTISSA_BITS) - 1);
    let exponent = ((bits >> MANTISSA_BITS) & 0x7FF) as i32;
    let mantissa = if exponent == 0 { fraction } else { fraction | (1 << MANTISSA_BITS) };
    // The value is the mantissa times two to this.
    let power = exponent.max(1) - 1075;
    let power = power.rem_euclid(MODULUS_BITS as i32) as u32;
    with_sign(negative, times_power(mantissa, power))
}

fn bytes_hash(bytes: &[u8]) -> u64 {
    if bytes.is_empty() {
        return 0;
    }
    let mut hasher = SipHasher24::new();
    hasher.write(bytes);
    hasher.finish()
}
