//! Questions about constants.

use crate::code::{Object, ObjectId};
use crate::compile::consts::ConstPool;
use crate::value::{BigIntLit, ComplexLit, Const};
use bumpalo::Bump;

/// Is it `None`?
pub(super) fn is_none(pool: &ConstPool, id: ObjectId) -> bool {
    matches!(pool.get(id), Object::None)
}

/// `bool(value)`
pub(in crate::compile) fn is_true(pool: &ConstPool, id: ObjectId) -> bool {
    match pool.get(id) {
        Object::None | Object::False | Object::Null => false,
        Object::Int(value) => value != 0,
        Object::Int64(value) => value != 0,
        Object::Float(bits) => f64::from_bits(bits) != 0.0,
        Object::Complex { re, im } => f64::from_bits(re) != 0.0 || f64::from_bits(im) != 0.0,
        Object::Str { text, .. } => !text.is_empty(),
        Object::Bytes(bytes) => !bytes.is_empty(),
        Object::Tuple(range)
        | Object::List(range)
        | Object::Dict(range)
        | Object::Set(range)
        | Object::FrozenSet(range) => range.len != 0,
        Object::Long { .. }
        | Object::True
        | Object::Ellipsis
        | Object::StopIteration
        | Object::Slice(_)
        | Object::Code(_) => true,
    }
}

/// The value of a constant, if it is one that operators take.
pub(super) fn from_object<'a>(pool: &ConstPool<'a>, id: ObjectId) -> Option<Const<'a>> {
    let arena = pool.arena();
    Some(match pool.get(id) {
        Object::None => Const::None,
        Object::False => Const::False,
        Object::True => Const::True,
        Object::Ellipsis => Const::Ellipsis,
        Object::Int(value) => Const::Int(i64::from(value)),
        Object::Long { negative, digits } => long(arena, negative, digits),
        Object::Float(bits) => Const::Float(f64::from_bits(bits)),
        Object::Complex { re, im } => {
            let value = ComplexLit { re: f64::from_bits(re), im: f64::from_bits(im) };
            Const::Complex(arena.alloc(value))
        }
        Object::Str { text, .. } => Const::Str(text),
        Object::Bytes(bytes) => Const::Bytes(bytes),
        Object::Tuple(range) => {
            let items = pool.objects().children(range);
            let mut values = bumpalo::collections::Vec::with_capacity_in(items.len(), arena);
            for &item in items {
                values.push(from_object(pool, item)?);
            }
            Const::Tuple(values.into_bump_slice())
        }
        _ => return None,
    })
}

/// An int from marshal's 15-bit digits.
fn long<'a>(arena: &'a Bump, negative: bool, digits: &[u8]) -> Const<'a> {
    let mut words = bumpalo::collections::Vec::new_in(arena);
    let (mut held, mut count) = (0u64, 0);
    for pair in digits.chunks_exact(2) {
        held |= u64::from(u16::from_le_bytes([pair[0], pair[1]])) << count;
        count += 15;
        if count >= 32 {
            words.push(held as u32);
            held >>= 32;
            count -= 32;
        }
    }
    words.push(held as u32);
    while words.last() == Some(&0) {
        words.pop();
    }
    if words.len() <= 2 {
        let magnitude = words.iter().rev().fold(0i128, |value, &word| value << 32 | i128::from(word));
        if let Ok(value) = i64::try_from(if negative { -magnitude } else { magnitude }) {
            return Const::Int(value);
        }
    }
    Const::BigInt(arena.alloc(BigIntLit { negative, digits: words.into_bump_slice() }))
}
