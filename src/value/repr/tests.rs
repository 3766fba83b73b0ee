use super::*;
use crate::target::{Target, Version};
use crate::value::testing::parse;
use bumpalo::Bump;

/// Compares with `xtask/facts/repr.py`'s record of what CPython writes.
fn compare(fixture: &str, target: Target) {
    let arena = Bump::new();
    let version = target.unicode();
    let mut lines = fixture.lines();
    let hash = lines.next().unwrap();
    let mut state = 0xCBF2_9CE4_8422_2325_u64;
    let (mut text, mut out) = (Vec::new(), String::new());
    for prefix in ["", "'"] {
        for code in 0..0x11_0000 {
            text.clear();
            text.extend_from_slice(prefix.as_bytes());
            match char::from_u32(code) {
                Some(ch) => text.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
                None => text.extend([0xED, (code >> 6 & 0x3F) as u8 | 0x80, (code & 0x3F) as u8 | 0x80]),
            }
            out.clear();
            push_str(PyStr::from_bytes(&text), version, &mut out);
            for byte in out.bytes() {
                state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
        }
    }
    assert_eq!(format!("{state:x}"), hash);
    for line in lines {
        let (value, expected) = line.split_once(' ').unwrap();
        out.clear();
        push_const(&parse(&arena, value).0, version, &mut out).unwrap();
        assert_eq!(out, expected);
    }
}

#[test]
fn as_cpython_3_13() {
    compare(include_str!("../../../fixtures/values/repr-3.13.txt"), Target::newest(Version::V3_13));
}

#[test]
fn as_cpython_3_14() {
    compare(include_str!("../../../fixtures/values/repr-3.14.txt"), Target::newest(Version::V3_14));
}

#[test]
fn integers_of_too_many_digits() {
    let arena = Bump::new();
    let shown = |digits: usize| {
        let value = crate::value::int::from_big(&arena, &num_bigint::BigInt::from(10).pow(digits as u32 - 1));
        let mut out = String::new();
        push_const(&value, Target::newest(Version::V3_14).unicode(), &mut out).map(|()| out.len())
    };
    assert_eq!(shown(4300), Ok(4300));
    assert_eq!(shown(4301), Err(int::TOO_LONG_FOR_STR));
    assert_eq!(shown(40_000), Err(int::TOO_LONG_FOR_STR));
}

#[test]
fn ascii_and_frozensets() {
    let mut out = String::new();
    push_ascii_only("'aä\u{378}😀'", &mut out);
    assert_eq!(out, "'a\\xe4\\u0378\\U0001f600'");
    let show = |items: &[Const<'_>]| {
        let mut out = String::new();
        let version = Target::newest(Version::V3_13).unicode();
        push_const(&Const::FrozenSet(items), version, &mut out).map(|()| out)
    };
    assert_eq!(show(&[]).as_deref(), Ok("frozenset()"));
    assert_eq!(show(&[Const::Int(1), Const::None]).as_deref(), Ok("frozenset({1, None})"));
}

#[test]
fn of_two_equally_near_floats_the_even_one_is_shown() {
    let mut out = String::new();
    crate::value::float::push_repr(2f64.powi(-25), &mut out);
    assert_eq!(out, "2.9802322387695312e-08");
}
