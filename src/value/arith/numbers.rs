//! Operators on numbers.

use super::{complex_operand, complex_result};
use crate::target::ComplexRules;
use crate::value::complex;
use crate::value::constant::{Const, Operator};
use crate::value::float::{self, Power};
use crate::value::int::{bit_length, from_big, quotient, to_big};
use bumpalo::Bump;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

/// Bits that the result of folding integers may have (`MAX_INT_SIZE`).
const MAX_INT_SIZE: u64 = 128;

/// Is it a number (booleans are)?
pub(super) fn is_number(value: &Const<'_>) -> bool {
    is_int(value) || matches!(value, Const::Float(_) | Const::Complex(_))
}

fn is_int(value: &Const<'_>) -> bool {
    matches!(value, Const::Int(_) | Const::BigInt(_) | Const::False | Const::True)
}

/// The number as a float; `None` where it is complex or too large.
pub(super) fn to_float(value: &Const<'_>) -> Option<f64> {
    match *value {
        Const::Float(value) => Some(value),
        // Conversion rounds to nearest, ties to even, as Python's does.
        Const::Int(value) => Some(value as f64),
        _ => to_big(value).and_then(|value| crate::value::int::to_float(&value)),
    }
}

/// `left op right` for two numbers.
pub(super) fn binary<'a>(
    arena: &'a Bump,
    op: Operator,
    left: Const<'a>,
    right: Const<'a>,
    rules: ComplexRules,
) -> Option<Const<'a>> {
    if is_int(&left) && is_int(&right) {
        return integers(arena, op, left, right, rules);
    }
    if matches!(left, Const::Complex(_)) || matches!(right, Const::Complex(_)) {
        let (a, b) = (complex_operand(&left)?, complex_operand(&right)?);
        let result = match op {
            Operator::Add => complex::add(a, b, rules),
            Operator::Sub => complex::sub(a, b, rules),
            Operator::Mult => complex::mul(a, b, rules),
            Operator::Div => complex::div(a, b, rules)?,
            Operator::Pow => complex::pow(a, b, rules)?,
            _ => return None,
        };
        return Some(complex_result(arena, result));
    }
    floats(arena, op, to_float(&left)?, to_float(&right)?, rules)
}

fn floats(arena: &Bump, op: Operator, a: f64, b: f64, rules: ComplexRules) -> Option<Const<'_>> {
    Some(Const::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div => (b != 0.0).then(|| a / b)?,
        Operator::FloorDiv => float::floor_div(a, b)?,
        Operator::Mod => float::modulo(a, b)?,
        Operator::Pow => match float::power(a, b) {
            Power::Real(result) => result,
            Power::Complex => {
                let (a, b) = (complex::Operand::Real(a), complex::Operand::Real(b));
                return complex::pow(a, b, rules).map(|result| complex_result(arena, result));
            }
            Power::Error => return None,
        },
        _ => return None,
    }))
}

fn integers<'a>(
    arena: &'a Bump,
    op: Operator,
    left: Const<'a>,
    right: Const<'a>,
    rules: ComplexRules,
) -> Option<Const<'a>> {
    if let (Const::False | Const::True, Const::False | Const::True) = (left, right) {
        let (a, b) = (left.is_true(), right.is_true());
        let boolean = |value| Some(if value { Const::True } else { Const::False });
        match op {
            Operator::BitAnd => return boolean(a && b),
            Operator::BitOr => return boolean(a || b),
            Operator::BitXor => return boolean(a != b),
            _ => {}
        }
    }
    if let Some(result) = small(op, left, right) {
        return Some(result);
    }
    let (a, b) = (to_big(&left)?, to_big(&right)?);
    let zero = |value: &BigInt| value.sign() == Sign::NoSign;
    let bits = |value: &Const<'_>| bit_length(value).unwrap_or(u64::MAX);
    let result = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => {
            if !zero(&a) && !zero(&b) && bits(&left) + bits(&right) > MAX_INT_SIZE {
                return None;
            }
            a * b
        }
        Operator::Div => return quotient(&a, &b).map(Const::Float),
        Operator::FloorDiv | Operator::Mod => {
            let (quotient, rest) = divide(&a, &b)?;
            if op == Operator::Mod { rest } else { quotient }
        }
        Operator::Pow if b.sign() == Sign::Minus => {
            return floats(arena, op, to_float(&left)?, to_float(&right)?, rules);
        }
        Operator::Pow => {
            if !zero(&a) && !zero(&b) && bits(&left) > MAX_INT_SIZE / b.to_u64()? {
                return None;
            }
            // A zero may have any exponent; what else gets here is small.
            if zero(&a) && !zero(&b) { BigInt::ZERO } else { a.pow(b.to_u32()?) }
        }
        Operator::LShift | Operator::RShift if b.sign() == Sign::Minus => return None,
        Operator::LShift => {
            if zero(&a) || zero(&b) {
                a
            } else {
                let shift = b.to_u64()?;
                if shift > MAX_INT_SIZE || bits(&left) > MAX_INT_SIZE - shift {
                    return None;
                }
                a << shift
            }
        }
        Operator::RShift => match b.to_u64() {
            Some(shift) if shift < a.bits() => a >> shift,
            _ if a.sign() == Sign::Minus => BigInt::from(-1),
            _ => BigInt::ZERO,
        },
        Operator::BitOr => a | b,
        Operator::BitXor => a ^ b,
        Operator::BitAnd => a & b,
        Operator::MatMult => return None,
    };
    Some(from_big(arena, &result))
}

/// The common cases, which neither overflow nor come near a limit.
fn small<'a>(op: Operator, left: Const<'a>, right: Const<'a>) -> Option<Const<'a>> {
    let (Const::Int(a), Const::Int(b)) = (left, right) else { return None };
    match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::BitOr => Some(a | b),
        Operator::BitXor => Some(a ^ b),
        Operator::BitAnd => Some(a & b),
        Operator::RShift if b >= 0 => Some(a >> b.min(63)),
        _ => None,
    }
    .map(Const::Int)
}

/// Quotient rounded down, and rest; `None` for a zero divisor.
fn divide(a: &BigInt, b: &BigInt) -> Option<(BigInt, BigInt)> {
    if b.sign() == Sign::NoSign {
        return None;
    }
    let (quotient, rest) = (a / b, a % b);
    if rest.sign() != Sign::NoSign && rest.sign() != b.sign() {
        Some((quotient - 1, rest + b))
    } else {
        Some((quotient, rest))
    }
}
