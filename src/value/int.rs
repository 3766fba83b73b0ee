//! Integers of any size: between their forms, from literals, to floats and decimal digits.

use super::{BigIntLit, Const};
use bumpalo::Bump;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::ToPrimitive;

/// The number of decimal digits beyond which `int` refuses to convert from or to text
/// (`sys.int_info.default_max_str_digits`).
pub const MAX_STR_DIGITS: usize = 4300;

/// Why a literal is no integer: it has more decimal digits than [`MAX_STR_DIGITS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyDigits {
    /// How many digits it has.
    pub digits: usize,
}

impl std::fmt::Display for TooManyDigits {
    /// `str()` of the `ValueError` that `int(text)` raises.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Exceeds the limit ({MAX_STR_DIGITS} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            self.digits
        )
    }
}

/// `str()` of the `ValueError` that `str(value)` and `repr(value)` raise for a long integer.
pub const TOO_LONG_FOR_STR: &str = "Exceeds the limit (4300 digits) for integer string conversion; use \
     sys.set_int_max_str_digits() to increase the limit";

/// The value of an integer literal: digits of base `radix` (2, 8, 10 or 16, without the prefix), underscores
/// allowed between them. Characters that are no such digits are the caller's error and count as absent.
///
/// # Errors
/// [`TooManyDigits`], for base 10 only.
pub fn parse_int<'a>(arena: &'a Bump, digits: &[u8], radix: u32) -> Result<Const<'a>, TooManyDigits> {
    let values = || digits.iter().filter_map(|&byte| char::from(byte).to_digit(radix));
    // Eighteen decimal digits always fit, and so do fifteen hexadecimal ones.
    if digits.len() <= 15 || (radix <= 10 && digits.len() <= 18) {
        return Ok(Const::Int(values().fold(0, |value, digit| value * i64::from(radix) + i64::from(digit))));
    }
    let values: Vec<u8> = values().map(|digit| digit as u8).collect();
    if radix == 10 && values.len() > MAX_STR_DIGITS {
        return Err(TooManyDigits { digits: values.len() });
    }
    let magnitude = BigUint::from_radix_be(&values, radix).unwrap_or_default();
    Ok(from_big(arena, &BigInt::from(magnitude)))
}

/// The value as a big integer; booleans count as integers. `None` for any other type.
pub fn to_big(value: &Const<'_>) -> Option<BigInt> {
    match *value {
        Const::False => Some(BigInt::ZERO),
        Const::True => Some(BigInt::from(1)),
        Const::Int(value) => Some(BigInt::from(value)),
        Const::BigInt(value) => Some(literal_to_big(value)),
        _ => None,
    }
}

/// A literal as a big integer.
pub fn literal_to_big(value: &BigIntLit<'_>) -> BigInt {
    let sign = if value.negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_slice(sign, value.digits)
}

/// The integer as a constant, in the small form where it fits.
pub fn from_big<'a>(arena: &'a Bump, value: &BigInt) -> Const<'a> {
    match value.to_i64() {
        Some(small) => Const::Int(small),
        None => {
            let (sign, digits) = value.to_u32_digits();
            let digits = arena.alloc_slice_copy(&digits);
            Const::BigInt(arena.alloc(BigIntLit { negative: sign == Sign::Minus, digits }))
        }
    }
}

/// `float(value)`, rounded to nearest, ties to even; `None` where that overflows.
pub fn to_float(value: &BigInt) -> Option<f64> {
    quotient(value, &BigInt::from(1))
}

/// `dividend / divisor`, correctly rounded; `None` for a zero divisor or on overflow.
pub fn quotient(dividend: &BigInt, divisor: &BigInt) -> Option<f64> {
    const MANTISSA: i64 = 53;
    const MIN_EXPONENT: i64 = -1074;
    if divisor.sign() == Sign::NoSign {
        return None;
    }
    let negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    if dividend.sign() == Sign::NoSign {
        return Some(if divisor.sign() == Sign::Minus { -0.0 } else { 0.0 });
    }
    let (a, b) = (dividend.magnitude(), divisor.magnitude());
    // The quotient is below 2 to the power of `high`, and at least half a quarter of it.
    let high = a.bits() as i64 - b.bits() as i64 + 1;
    // Two bits more than the mantissa, unless the result is subnormal: then as many as there are, and two.
    let shift = (high - MANTISSA).max(MIN_EXPONENT) - 2;
    let (whole, exact) = if shift >= 0 {
        let divisor = b << shift as u64;
        (a / &divisor, (a % &divisor).bits() == 0)
    } else {
        let dividend = a << shift.unsigned_abs();
        (&dividend / b, (&dividend % b).bits() == 0)
    };
    // A sticky last bit stands for all that was cut off.
    let bits = whole.to_u64()? << 1 | u64::from(!exact);
    // Now bits · 2^(shift−1), with at most 53 + 2 + 1 bits: round it to the mantissa by hand.
    let exponent = shift - 1;
    let length = 64 - i64::from(bits.leading_zeros());
    let keep_from = (length + exponent - MANTISSA).max(MIN_EXPONENT);
    let drop = keep_from - exponent;
    let (mut kept, rest) = (bits >> drop, bits & ((1 << drop) - 1));
    let half = 1u64 << (drop - 1);
    if rest > half || (rest == half && kept & 1 == 1) {
        kept += 1;
    }
    let result = scale(kept as f64, keep_from);
    if result.is_infinite() {
        return None;
    }
    Some(if negative { -result } else { result })
}

/// `value · 2^exponent`, where the result is exact or overflows.
fn scale(value: f64, exponent: i64) -> f64 {
    let power = |exponent: i64| match exponent {
        -1022..=1023 => f64::from_bits(((exponent + 1023) as u64) << 52),
        1024.. => f64::INFINITY,
        _ => f64::from_bits(1 << (exponent + 1074).clamp(0, 51)),
    };
    if exponent > 900 { value * power(exponent - 100) * power(100) } else { value * power(exponent) }
}

/// Number of bits of the magnitude (`int.bit_length`).
pub fn bit_length(value: &Const<'_>) -> Option<u64> {
    match *value {
        Const::False => Some(0),
        Const::True => Some(1),
        Const::Int(value) => Some(64 - u64::from(value.unsigned_abs().leading_zeros())),
        Const::BigInt(value) => Some(literal_to_big(value).bits()),
        _ => None,
    }
}

/// The decimal digits; `None` beyond [`MAX_STR_DIGITS`].
pub fn decimal(value: &BigIntLit<'_>) -> Option<String> {
    // No more than this many bits can ever have so few digits: do not convert in vain.
    if value.digits.len() > MAX_STR_DIGITS * 4 / 32 + 1 {
        return None;
    }
    let text = literal_to_big(value).to_string();
    (text.len() - usize::from(value.negative) <= MAX_STR_DIGITS).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        let arena = Bump::new();
        let value = |digits: &str, radix| format!("{:?}", parse_int(&arena, digits.as_bytes(), radix));
        assert_eq!(value("1_000", 10), "Ok(Int(1000))");
        assert_eq!(value("7fff_ffff_ffff_ffff", 16), "Ok(Int(9223372036854775807))");
        assert_eq!(
            value("8000000000000000", 16),
            "Ok(BigInt(BigIntLit { negative: false, digits: [0, 2147483648] }))"
        );
        assert_eq!(value("9223372036854775807", 10), "Ok(Int(9223372036854775807))");
        assert_eq!(value(&"0".repeat(4300), 10), "Ok(Int(0))");
        assert_eq!(value(&"1_".repeat(4301), 10), "Err(TooManyDigits { digits: 4301 })");
        assert!(value(&"1".repeat(10_000), 16).starts_with("Ok(BigInt"));
        assert_eq!(value(&"1".repeat(63), 2), "Ok(Int(9223372036854775807))");
    }
}
