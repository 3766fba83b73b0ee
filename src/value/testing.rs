//! Values as the fixtures write them (`xtask/facts/arithmetic.py`).

use super::{ComplexLit, Const, PyStr, int};
use bumpalo::Bump;
use num_bigint::BigInt;

fn bytes(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len() / 2)
        .map(|i| u8::from_str_radix(&hexadecimal[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn float(hexadecimal: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(hexadecimal, 16).unwrap())
}

/// A value in the form of `xtask/facts/arithmetic.py`, and what follows it.
pub fn parse<'a, 't>(arena: &'a Bump, text: &'t str) -> (Const<'a>, &'t str) {
    let end = text.find([',', ')']).unwrap_or(text.len());
    let (kind, word) = (&text[..1], &text[1..end.max(1)]);
    let value = match kind {
        "T" => Const::True,
        "F" => Const::False,
        "N" => Const::None,
        "i" => int::from_big(arena, &BigInt::parse_bytes(word.as_bytes(), 16).unwrap()),
        "f" => Const::Float(float(word)),
        "c" => Const::Complex(arena.alloc(ComplexLit { re: float(&word[..16]), im: float(&word[16..]) })),
        "s" => Const::Str(PyStr::from_bytes(arena.alloc_slice_copy(&bytes(word)))),
        "b" => Const::Bytes(arena.alloc_slice_copy(&bytes(word))),
        _ => {
            let mut items = Vec::new();
            let mut rest = &text[1..];
            while !rest.starts_with(')') {
                let (item, after) = parse(arena, rest);
                items.push(item);
                rest = &after[1..];
            }
            return (Const::Tuple(arena.alloc_slice_copy(&items)), &rest[1..]);
        }
    };
    (value, &text[end..])
}
