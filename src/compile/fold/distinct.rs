//! Equality of constants as Python's `==` has it, for making sets of them.

use crate::syntax::ast::{BigIntLit, Const};
use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// The items that a set of `items` has: of equal ones, the first. NaNs are distinct objects, so all stay.
pub(super) fn distinct<'a>(items: impl Iterator<Item = Const<'a>>, mut keep: impl FnMut(Const<'a>)) {
    let mut table: HashTable<Const<'a>> = HashTable::new();
    for item in items {
        let hash = hash_of(&item);
        if table.find(hash, |other| equal(other, &item)).is_none() {
            table.insert_unique(hash, item, hash_of);
            keep(item);
        }
    }
}

/// A number without its type.
#[derive(Clone, Copy)]
enum Number<'a> {
    Int(i64),
    Big(&'a BigIntLit<'a>),
    Float(f64),
}

/// Real and imaginary part.
fn number<'a>(value: &Const<'a>) -> Option<(Number<'a>, f64)> {
    Some(match *value {
        Const::False => (Number::Int(0), 0.0),
        Const::True => (Number::Int(1), 0.0),
        Const::Int(value) => (Number::Int(value), 0.0),
        Const::BigInt(value) => (Number::Big(value), 0.0),
        Const::Float(value) => (float(value), 0.0),
        Const::Complex(value) => (float(value.re), value.im),
        _ => return None,
    })
}

/// Whole numbers that fit become integers, so that they compare and hash as those.
fn float<'a>(value: f64) -> Number<'a> {
    let limit = 9_223_372_036_854_775_808.0;
    if value.trunc() == value && (-limit..limit).contains(&value) {
        Number::Int(value as i64)
    } else {
        Number::Float(value)
    }
}

/// How many bits the integer part of a large number has.
fn bits(number: &Number<'_>) -> Option<u64> {
    match number {
        Number::Int(_) => None,
        Number::Big(value) => {
            let top = value.digits.last()?;
            Some(value.digits.len() as u64 * 32 - u64::from(top.leading_zeros()))
        }
        Number::Float(value) => {
            let exponent = (value.to_bits() >> 52) & 0x7FF;
            (exponent >= 0x3FF + 63 && exponent != 0x7FF).then(|| exponent - 0x3FF + 1)
        }
    }
}

fn same_number(left: Number<'_>, right: Number<'_>) -> bool {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => left == right,
        (Number::Big(left), Number::Big(right)) => left == right,
        (Number::Float(left), Number::Float(right)) => left == right,
        (Number::Big(big), Number::Float(float)) | (Number::Float(float), Number::Big(big)) => {
            same_big_and_float(big, float)
        }
        _ => false,
    }
}

/// Is a large integer exactly that float?
fn same_big_and_float(big: &BigIntLit<'_>, float: f64) -> bool {
    let Some(bits) = bits(&Number::Float(float)) else { return false };
    if Some(bits) != self::bits(&Number::Big(big)) || big.negative != float.is_sign_negative() {
        return false;
    }
    // The float is `mantissa` shifted left by `shift`, which is at least 11.
    let mantissa = float.to_bits() & ((1 << 52) - 1) | 1 << 52;
    let shift = bits as usize - 53;
    big.digits.iter().enumerate().all(|(index, &digit)| {
        let from = index as isize * 32 - shift as isize;
        let expected = match from {
            ..=-32 => 0,
            -31..0 => (mantissa << -from) as u32,
            0..64 => (mantissa >> from) as u32,
            _ => 0,
        };
        digit == expected
    })
}

fn equal(left: &Const<'_>, right: &Const<'_>) -> bool {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left.1 == right.1 && same_number(left.0, right.0);
    }
    match (left, right) {
        (Const::None, Const::None) | (Const::Ellipsis, Const::Ellipsis) => true,
        (Const::Str(left), Const::Str(right)) => left == right,
        (Const::Bytes(left), Const::Bytes(right)) => left == right,
        (Const::Tuple(left), Const::Tuple(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| equal(left, right))
        }
        (Const::FrozenSet(left), Const::FrozenSet(right)) => {
            left.len() == right.len() && left.iter().all(|left| right.iter().any(|right| equal(left, right)))
        }
        _ => false,
    }
}

/// Equal constants have equal hashes.
fn hash_of(value: &Const<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    if let Some((number, imaginary)) = number(value) {
        match (bits(&number), number) {
            (Some(bits), _) => bits.hash(&mut hasher),
            (None, Number::Int(value)) => value.hash(&mut hasher),
            (None, Number::Float(value)) => value.to_bits().hash(&mut hasher),
            (None, Number::Big(_)) => {}
        }
        if imaginary != 0.0 {
            imaginary.to_bits().hash(&mut hasher);
        }
        return hasher.finish();
    }
    std::mem::discriminant(value).hash(&mut hasher);
    match value {
        Const::Str(text) => text.hash(&mut hasher),
        Const::Bytes(bytes) => bytes.hash(&mut hasher),
        Const::Tuple(items) => items.iter().for_each(|item| hash_of(item).hash(&mut hasher)),
        _ => {}
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ast::ComplexLit;

    fn count(items: &[Const<'_>]) -> usize {
        let mut kept = 0;
        distinct(items.iter().copied(), |_| kept += 1);
        kept
    }

    #[test]
    fn numbers_compare_across_types() {
        let one = ComplexLit { re: 1.0, im: 0.0 };
        let i = ComplexLit { re: 1.0, im: 1.0 };
        assert_eq!(count(&[Const::Int(1), Const::True, Const::Float(1.0), Const::Complex(&one)]), 1);
        assert_eq!(count(&[Const::Int(1), Const::Complex(&i)]), 2);
        assert_eq!(count(&[Const::Float(0.0), Const::Float(-0.0), Const::False]), 1);
        assert_eq!(count(&[Const::Float(f64::NAN), Const::Float(f64::NAN)]), 2);
        assert_eq!(count(&[Const::Str("a".into()), Const::Bytes(b"a"), Const::Str("a".into())]), 2);
    }

    #[test]
    fn large_integers_equal_the_floats_that_they_are() {
        let power = BigIntLit { negative: false, digits: &[0, 0, 1] };
        let next = BigIntLit { negative: false, digits: &[1, 0, 1] };
        let minus = BigIntLit { negative: true, digits: &[0, 0, 1] };
        let float = Const::Float(18_446_744_073_709_551_616.0);
        assert_eq!(count(&[Const::BigInt(&power), float]), 1);
        assert_eq!(count(&[Const::BigInt(&next), float]), 2);
        assert_eq!(count(&[Const::BigInt(&minus), float]), 2);
        let odd = BigIntLit { negative: false, digits: &[0, 0x8000_0800] };
        assert_eq!(count(&[Const::BigInt(&odd), Const::Float(0x8000_0800_u32 as f64 * 4_294_967_296.0)]), 1);
    }
}
