//! Operators on constants, as constant folding applies them.
//!
//! `None` means "not folded": the operation raises an exception in CPython, or its result would be larger
//! than CPython's own folding allows. The limits are the same in `Python/ast_opt.c` (to 3.13) and
//! `Python/flowgraph.c` (from 3.14 on). Two things are left to the caller, because they differ between
//! releases or need a warning: `~` of a boolean (deprecated; 3.14 does not fold it), and `%` on strings,
//! which never folds here.

mod numbers;
mod sequences;
#[cfg(test)]
mod tests;

use super::constant::{ComplexLit, Const, Operator, UnaryOperator};
use super::{complex, int};
use crate::target::ComplexRules;
use bumpalo::Bump;

pub use sequences::{item, slice};

/// `left op right`.
pub fn binary<'a>(
    arena: &'a Bump,
    op: Operator,
    left: Const<'a>,
    right: Const<'a>,
    rules: ComplexRules,
) -> Option<Const<'a>> {
    if numbers::is_number(&left) && numbers::is_number(&right) {
        return numbers::binary(arena, op, left, right, rules);
    }
    match op {
        Operator::Add => sequences::concat(arena, left, right),
        Operator::Mult => sequences::repeat(arena, left, right),
        _ => None,
    }
}

/// `op operand`.
pub fn unary<'a>(arena: &'a Bump, op: UnaryOperator, operand: Const<'a>) -> Option<Const<'a>> {
    match (op, operand) {
        (UnaryOperator::Not, operand) => Some(if operand.is_true() { Const::False } else { Const::True }),
        (UnaryOperator::UAdd, Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(_)) => {
            Some(operand)
        }
        (UnaryOperator::UAdd, Const::False) => Some(Const::Int(0)),
        (UnaryOperator::UAdd, Const::True) => Some(Const::Int(1)),
        (UnaryOperator::USub, Const::Int(value)) if value != i64::MIN => Some(Const::Int(-value)),
        (UnaryOperator::USub, Const::Float(value)) => Some(Const::Float(-value)),
        (UnaryOperator::USub, Const::Complex(value)) => {
            Some(Const::Complex(arena.alloc(ComplexLit { re: -value.re, im: -value.im })))
        }
        (UnaryOperator::Invert, Const::Int(value)) => Some(Const::Int(!value)),
        (UnaryOperator::USub, operand) => int::to_big(&operand).map(|value| int::from_big(arena, &-value)),
        (UnaryOperator::Invert, operand) => int::to_big(&operand).map(|value| int::from_big(arena, &!value)),
        (UnaryOperator::UAdd, _) => None,
    }
}

fn complex_result(arena: &Bump, value: ComplexLit) -> Const<'_> {
    Const::Complex(arena.alloc(value))
}

fn complex_operand(value: &Const<'_>) -> Option<complex::Operand> {
    match *value {
        Const::Complex(value) => Some(complex::Operand::Complex(*value)),
        _ => numbers::to_float(value).map(complex::Operand::Real),
    }
}
