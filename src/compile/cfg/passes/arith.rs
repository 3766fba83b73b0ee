//! Operators on constants of the pool.

use crate::code::{Object, ObjectId};
use crate::compile::cfg::constants::{from_object, is_true};
use crate::compile::consts::ConstPool;
use crate::target::{ComplexRules, Op};
use crate::value::{Const, Operator, UnaryOperator, arith};

/// Argument of `BINARY_OP`: a subscript.
const SUBSCRIPT: u32 = 26;

/// The operator that an argument of `BINARY_OP` means; in-place ones never meet two constants.
fn operator(arg: u32) -> Option<Operator> {
    const OPERATORS: [Operator; 13] = [
        Operator::Add,
        Operator::BitAnd,
        Operator::FloorDiv,
        Operator::LShift,
        Operator::MatMult,
        Operator::Mult,
        Operator::Mod,
        Operator::BitOr,
        Operator::Pow,
        Operator::RShift,
        Operator::Sub,
        Operator::Div,
        Operator::BitXor,
    ];
    OPERATORS.get(arg as usize).copied()
}

/// `op operand`, where `op` is a unary operation; `CALL_INTRINSIC_1` stands for unary plus. `None` where
/// CPython leaves it to run time.
pub(super) fn unary(pool: &mut ConstPool, op: Op, operand: ObjectId) -> Option<ObjectId> {
    let operator = match op {
        Op::UnaryNot => return Some(ConstPool::bool(!is_true(pool, operand))),
        Op::UnaryInvert if matches!(pool.get(operand), Object::True | Object::False) => return None,
        Op::UnaryInvert => UnaryOperator::Invert,
        Op::UnaryNegative => UnaryOperator::USub,
        _ => UnaryOperator::UAdd,
    };
    let value = arith::unary(pool.arena(), operator, from_object(pool, operand)?)?;
    Some(pool.constant(&value))
}

/// `left arg right`, where `arg` is `BINARY_OP`'s.
pub(super) fn binary(
    pool: &mut ConstPool,
    arg: u32,
    left: ObjectId,
    right: ObjectId,
    rules: ComplexRules,
) -> Option<ObjectId> {
    let arena = pool.arena();
    if arg == SUBSCRIPT {
        let container = from_object(pool, left)?;
        let value = match pool.get(right) {
            Object::Slice([start, stop, step]) => {
                let parts = [from_object(pool, start)?, from_object(pool, stop)?, from_object(pool, step)?];
                arith::slice(arena, container, parts)?
            }
            _ => arith::item(arena, container, from_object(pool, right)?)?,
        };
        return Some(pool.constant(&value));
    }
    let operator = operator(arg)?;
    // Text is not formatted here.
    if operator == Operator::Mod && matches!(pool.get(left), Object::Str { .. } | Object::Bytes(_)) {
        return None;
    }
    let (left, right): (Const, Const) = (from_object(pool, left)?, from_object(pool, right)?);
    let value = arith::binary(arena, operator, left, right, rules)?;
    Some(pool.constant(&value))
}
