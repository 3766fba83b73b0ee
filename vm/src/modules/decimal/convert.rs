//! Numbers of what programs give, and what they get back.

use super::RATIONAL;
use super::context::{Context, current, data};
use super::digits::{Digits, ten_to};
use super::number::status::*;
use super::number::{Kind, Number, Rounding, Rules};
use crate::builtins::exceptions::Exc;
use crate::object::{List, Str, Tuple};
use crate::value::Value;
use crate::vm::{R, Vm};
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, Signed};
use std::borrow::Cow;

/// An exponent that is out of all ranges.
const FAR: i64 = 4_000_000_000_000_000_000;

/// Longer ints are not made.
const MOST_DIGITS: i64 = 1 << 27;

/// An int, exactly.
pub(super) fn of_int(number: &BigInt) -> Number {
    Number::finite(number.is_negative(), number.magnitude().clone().into(), 0)
}

/// The same of one that a word holds.
pub(super) fn of_small(number: i64) -> Number {
    Number::finite(number < 0, Digits::Word(number.unsigned_abs().into()), 0)
}

/// An `int` or `bool`, exactly.
pub(super) fn of_int_value(vm: &Vm, value: &Value) -> Option<Number> {
    match vm.as_i64(value) {
        Some(number) => Some(of_small(number)),
        None => vm.as_big(value).map(|number| of_int(&number)),
    }
}

/// A float, exactly.
pub(super) fn of_float(number: f64) -> Number {
    let negative = number.is_sign_negative();
    if number.is_nan() {
        return Number::nan().with_sign(negative);
    }
    if number.is_infinite() {
        return Number::infinity(negative);
    }
    let bits = number.abs().to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (mut mantissa, mut power) = match (bits >> 52) as i64 {
        0 => (fraction, -1074),
        exponent => (fraction | 1 << 52, exponent - 1075),
    };
    if mantissa == 0 {
        return Number::finite(negative, Digits::ZERO, 0);
    }
    let spare = i64::from(mantissa.trailing_zeros()).min((-power).max(0));
    mantissa >>= spare;
    power += spare;
    if power >= 0 {
        return Number::finite(negative, (BigUint::from(mantissa) << power).into(), 0);
    }
    // m / 2**n is m * 5**n / 10**n.
    let digits = BigUint::from(5u8).pow(power.unsigned_abs() as u32) * mantissa;
    Number::finite(negative, digits.into(), power)
}

/// What `from_float` takes.
pub(super) fn of_float_or_int(vm: &Vm, value: &Value) -> R<Number> {
    if let Some(number) = of_int_value(vm, value) {
        return Ok(number);
    }
    match vm.as_float(value) {
        Some(number) => Ok(of_float(number)),
        None => Err(vm.type_error("argument must be int or float")),
    }
}

/// The text of a string as ASCII: decimal digits of any script, spaces around and underscores taken away where they may be
/// (`loosely`). What is nothing of that makes the text one of no number.
fn plain_text(string: &Str, loosely: bool) -> Cow<'_, [u8]> {
    if let Some(text) = string.ascii() {
        let text = if loosely { text.trim_matches(is_space) } else { text };
        if !(loosely && text.contains('_')) {
            return Cow::Borrowed(text.as_bytes());
        }
    }
    let text = string.to_str();
    let text = if loosely { text.trim_matches(is_space) } else { &text };
    let mut plain = Vec::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '_' if loosely => {}
            '\u{21}'..='\u{7E}' => plain.push(ch as u8),
            _ if ch.is_ascii() && !loosely && is_space(ch) => plain.push(b' '),
            _ => match crate::builtins::make::decimal(ch) {
                Some(digit) => plain.push(b'0' + digit as u8),
                None if is_space(ch) => plain.push(b' '),
                None => return Cow::Borrowed(b""),
            },
        }
    }
    Cow::Owned(plain)
}

fn is_space(ch: char) -> bool {
    ch.is_whitespace() || matches!(ch, '\u{1C}'..='\u{1F}')
}

/// The number of a text, exactly; a text that is none is what `ConversionSyntax` says.
fn of_text(text: &[u8], happened: &mut u32) -> Number {
    match Number::parse(text) {
        Some(number) => number,
        None => Number::invalid(CONVERSION_SYNTAX, happened),
    }
}

/// A number that must be within the widest rules: what does not fit exactly is invalid.
fn exactly(number: Number, happened: &mut u32) -> Number {
    if number.is_nan() {
        return number;
    }
    let mut fitting = 0;
    let made = number.fit(&Rules::WIDEST, &mut fitting);
    if fitting & (INEXACT | ROUNDED | CLAMPED | INVALID) != 0 {
        return Number::invalid(INVALID_OPERATION, happened);
    }
    made
}

/// The number of a tuple of sign, digits and exponent. CPython: `dectuple_as_str`.
fn of_row(vm: &Vm, row: &[Value]) -> R<Number> {
    let [sign, digits, exponent] = row else {
        return Err(vm.value_error("argument must be a sequence of length 3"));
    };
    let negative = match vm.as_i64(sign) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(vm.value_error("sign must be an integer with the value 0 or 1")),
    };
    let (kind, power) = match exponent.get::<Str>() {
        Some(text) => match &*text.to_str() {
            "F" => return Ok(Number::infinity(negative)),
            "n" => (Kind::Quiet, 0),
            "N" => (Kind::Signaling, 0),
            _ => {
                let message = "string argument in the third position must be 'F', 'n' or 'N'";
                return Err(vm.value_error(message));
            }
        },
        None => match vm.as_big(exponent) {
            Some(power) => match i64::try_from(&power) {
                Ok(power) => (Kind::Finite, power.clamp(-FAR, FAR)),
                Err(_) => {
                    let message = "Python int too large to convert to C ssize_t";
                    return Err(vm.raise(Exc::OverflowError, message));
                }
            },
            None => return Err(vm.value_error("exponent must be an integer")),
        },
    };
    let bad = || vm.value_error("coefficient must be a tuple of digits");
    let digits = match (digits.get::<Tuple>(), digits.get::<List>()) {
        (Some(tuple), _) => tuple.items.to_vec(),
        (_, Some(list)) => list.snapshot(),
        _ => return Err(bad()),
    };
    let mut text = Vec::with_capacity(digits.len());
    for digit in &digits {
        match vm.as_i64(digit) {
            Some(digit @ 0..=9) => text.push(b'0' + digit as u8),
            _ => return Err(bad()),
        }
    }
    Ok(Number { negative, kind, exponent: power, digits: Digits::parse(&text) })
}

fn unsupported(vm: &Vm, value: &Value) -> crate::vm::Raised {
    let name = vm.type_name(value);
    vm.type_error(format!("conversion from {name} to Decimal is not supported"))
}

/// What `Decimal(value)` is, exactly; the context is told what happened.
pub(super) fn number_exactly(vm: &Vm, value: &Value, context: &Context) -> R<Number> {
    let mut happened = 0;
    let number = if let Some(number) = value.data::<Number>() {
        number.clone()
    } else if let Some(string) = value.get::<Str>() {
        let made = of_text(&plain_text(string, true), &mut happened);
        exactly(made, &mut happened)
    } else if let Some(number) = of_int_value(vm, value) {
        number
    } else if let Some(tuple) = value.get::<Tuple>() {
        exactly(of_row(vm, &tuple.items)?, &mut happened)
    } else if let Some(list) = value.get::<List>() {
        exactly(of_row(vm, &list.snapshot())?, &mut happened)
    } else if let Some(number) = vm.as_float(value) {
        happened |= FLOAT_OPERATION;
        of_float(number)
    } else {
        return Err(unsupported(vm, value));
    };
    context.note(vm, happened)?;
    Ok(number)
}

/// What `context.create_decimal(value)` is: fitted to the context.
pub(super) fn number_in(vm: &Vm, value: &Value, context: &Context) -> R<Number> {
    let (rules, mut happened) = (context.rules.get(), 0);
    let number = if let Some(number) = value.data::<Number>() {
        number.clone()
    } else if let Some(string) = value.get::<Str>() {
        of_text(&plain_text(string, false), &mut happened)
    } else if let Some(number) = of_int_value(vm, value) {
        number
    } else if let Some(tuple) = value.get::<Tuple>() {
        of_row(vm, &tuple.items)?
    } else if let Some(list) = value.get::<List>() {
        of_row(vm, &list.snapshot())?
    } else if let Some(number) = vm.as_float(value) {
        happened |= FLOAT_OPERATION;
        of_float(number)
    } else {
        return Err(unsupported(vm, value));
    };
    let most = (rules.prec - i64::from(rules.clamp)) as u64;
    let number = if number.is_nan() && !number.digits.is_zero() && number.digits.count() > most {
        Number::invalid(CONVERSION_SYNTAX, &mut happened)
    } else {
        number.fit(&rules, &mut happened)
    };
    context.note(vm, happened)?;
    Ok(number)
}

/// An operand that is a number or an int; `None` for anything else.
pub(super) fn operand(vm: &Vm, value: &Value) -> Option<Number> {
    match value.data::<Number>() {
        Some(number) => Some(number.clone()),
        None => of_int_value(vm, value),
    }
}

/// An operand that must be a number or an int.
pub(super) fn operand_or_raise(vm: &Vm, value: &Value, _context: Option<&Context>) -> R<Number> {
    operand(vm, value).ok_or_else(|| unsupported(vm, value))
}

/// Both sides of a comparison: `None` where the other is nothing that can be compared with. CPython: `convert_op_cmp`.
pub(super) fn compared(vm: &Vm, number: &Number, other: &Value, op: u32) -> R<Option<(Number, Number)>> {
    if let Some(other) = operand(vm, other) {
        return Ok(Some((number.clone(), other)));
    }
    let equality = matches!(op, 2 | 3);
    let mut float = vm.as_float(other);
    if let (Some(complex), true) = (other.get::<crate::object::Complex>(), equality) {
        if complex.im != 0.0 {
            return Ok(None);
        }
        float = Some(complex.re);
    }
    if let Some(float) = float {
        let context = current(vm)?;
        let context = data(vm, &context)?;
        if equality {
            context.status.set(context.status.get() | FLOAT_OPERATION);
        } else {
            context.note(vm, FLOAT_OPERATION)?;
        }
        return Ok(Some((number.clone(), of_float(float))));
    }
    if other.header().is_none() || other.get::<Str>().is_some() {
        return Ok(None);
    }
    let rational = vm.decimal_part(RATIONAL);
    if rational.is_none() || !vm.is_instance(other, &rational)? {
        return Ok(None);
    }
    let part = |name: &str| vm.get_attribute(other, &vm.intern(name));
    let (numerator, denominator) = (operand(vm, &part("numerator")?), operand(vm, &part("denominator")?));
    let (Some(numerator), Some(denominator)) = (numerator, denominator) else { return Ok(None) };
    let mine = match number.is_finite() {
        true => number.product(&denominator),
        false => number.clone(),
    };
    Ok(Some((mine, numerator)))
}

/// The integer that is left when a finite number is rounded.
pub(super) fn to_int(vm: &Vm, number: &Number, rounding: Rounding) -> R {
    match number.kind {
        Kind::Finite => {}
        Kind::Infinite => return Err(vm.raise(Exc::OverflowError, "cannot convert Infinity to integer")),
        _ => return Err(vm.value_error("cannot convert NaN to integer")),
    }
    let whole = number.rescale(number.exponent.max(0), rounding, &mut 0);
    let digits = if whole.exponent > 0 && !whole.digits.is_zero() {
        if whole.exponent > MOST_DIGITS {
            return Err(vm.raise(Exc::MemoryError, ""));
        }
        whole.digits.to_big() * ten_to(whole.exponent as u64)
    } else {
        whole.digits.to_big()
    };
    Ok(vm.int_of_big(BigInt::from_biguint(if whole.negative { Sign::Minus } else { Sign::Plus }, digits)))
}

/// Numerator and denominator of a finite number.
pub(super) fn ratio(vm: &Vm, number: &Number) -> R {
    match number.kind {
        Kind::Finite => {}
        Kind::Infinite => {
            return Err(vm.raise(Exc::OverflowError, "cannot convert Infinity to integer ratio"));
        }
        _ => return Err(vm.value_error("cannot convert NaN to integer ratio")),
    }
    if number.exponent.abs() > MOST_DIGITS && !number.digits.is_zero() {
        return Err(vm.raise(Exc::MemoryError, ""));
    }
    let (mut numerator, mut denominator) = (number.digits.to_big(), BigUint::one());
    if number.exponent >= 0 && !number.digits.is_zero() {
        numerator *= ten_to(number.exponent as u64);
    } else if !number.digits.is_zero() {
        denominator = ten_to(number.exponent.unsigned_abs());
        let common = num_integer::Integer::gcd(&numerator, &denominator);
        numerator /= &common;
        denominator /= &common;
    }
    let sign = if number.negative { Sign::Minus } else { Sign::Plus };
    let row = vec![
        vm.int_of_big(BigInt::from_biguint(sign, numerator)),
        vm.int_of_big(BigInt::from_biguint(Sign::Plus, denominator)),
    ];
    Ok(vm.tuple(row))
}

/// The float that is nearest.
pub(super) fn to_float(vm: &Vm, number: &Number) -> R<f64> {
    let magnitude = match number.kind {
        Kind::Signaling => return Err(vm.value_error("cannot convert signaling NaN to float")),
        Kind::Quiet => f64::NAN,
        Kind::Infinite => f64::INFINITY,
        // The library's own reader of numbers rounds right, whatever the length.
        Kind::Finite => format!("{}e{}", number.digits, number.exponent).parse().unwrap_or(f64::NAN),
    };
    Ok(if number.negative { -magnitude } else { magnitude })
}

/// The hash, equal to that of an equal int, float or fraction; `None` for a quiet NaN, whose hash is its object's.
pub(super) fn hash(vm: &Vm, number: &Number) -> R<Option<i64>> {
    const MODULUS: u64 = (1 << 61) - 1;
    /// The inverse of 10.
    const TENTH: u64 = 2_075_258_708_292_324_556;
    match number.kind {
        Kind::Signaling => return Err(vm.type_error("Cannot hash a signaling NaN value")),
        Kind::Quiet => return Ok(None),
        Kind::Infinite => return Ok(Some(if number.negative { -314_159 } else { 314_159 })),
        Kind::Finite => {}
    }
    let times = |a: u64, b: u64| ((u128::from(a) * u128::from(b)) % u128::from(MODULUS)) as u64;
    let (mut base, mut power) =
        (if number.exponent < 0 { TENTH } else { 10 }, number.exponent.unsigned_abs());
    let mut all = match &number.digits {
        Digits::Word(word) => (word % u128::from(MODULUS)) as u64,
        Digits::Big(big) => (big % MODULUS).to_u64_digits().first().copied().unwrap_or(0),
    };
    while power > 0 {
        if power & 1 == 1 {
            all = times(all, base);
        }
        base = times(base, base);
        power >>= 1;
    }
    let hash = if number.negative { -(all as i64) } else { all as i64 };
    Ok(Some(if hash == -1 { -2 } else { hash }))
}
