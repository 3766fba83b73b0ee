//! Arguments of instructions that are numbers of tables inside CPython. They are the same in 3.13 and
//! 3.14 (`opcode._nb_ops`, `opcode._intrinsic_1_descs`, `Include/internal/pycore_*`).

use crate::compile::recipe::CompareArgs;
use crate::syntax::ast::{CmpOp, Operator};

/// `CALL_INTRINSIC_1`
pub(super) mod intrinsic_1 {
    pub const PRINT: u32 = 1;
    pub const IMPORT_STAR: u32 = 2;
    pub const STOPITERATION_ERROR: u32 = 3;
    pub const ASYNC_GEN_WRAP: u32 = 4;
    pub const UNARY_POSITIVE: u32 = 5;
    pub const LIST_TO_TUPLE: u32 = 6;
    pub const TYPEVAR: u32 = 7;
    pub const PARAMSPEC: u32 = 8;
    pub const TYPEVARTUPLE: u32 = 9;
    pub const SUBSCRIPT_GENERIC: u32 = 10;
    pub const TYPEALIAS: u32 = 11;
}

/// `CALL_INTRINSIC_2`
pub(super) mod intrinsic_2 {
    pub const PREP_RERAISE_STAR: u32 = 1;
    pub const TYPEVAR_WITH_BOUND: u32 = 2;
    pub const TYPEVAR_WITH_CONSTRAINTS: u32 = 3;
    pub const SET_FUNCTION_TYPE_PARAMS: u32 = 4;
    pub const SET_TYPEPARAM_DEFAULT: u32 = 5;
}

/// `LOAD_COMMON_CONSTANT`
pub(super) mod common {
    pub const ASSERTION_ERROR: u32 = 0;
    pub const NOT_IMPLEMENTED_ERROR: u32 = 1;
    pub const TUPLE: u32 = 2;
    pub const ALL: u32 = 3;
    pub const ANY: u32 = 4;
    /// From 3.15 on.
    pub const LIST: u32 = 5;
    /// From 3.15 on.
    pub const SET: u32 = 6;
}

/// `LOAD_SPECIAL`
pub(super) mod special {
    pub const ENTER: u32 = 0;
    pub const EXIT: u32 = 1;
    pub const AENTER: u32 = 2;
    pub const AEXIT: u32 = 3;
}

/// `RESUME`
pub(super) mod resume {
    pub const AT_FUNC_START: u32 = 0;
    pub const AFTER_YIELD: u32 = 1;
    pub const AFTER_YIELD_FROM: u32 = 2;
    pub const AFTER_AWAIT: u32 = 3;
    /// From 3.15 on.
    pub const AT_GEN_EXPR_START: u32 = 4;
}

/// `GET_ITER`, from 3.15 on.
pub(super) mod get_iter {
    pub const LOOP: u32 = 0;
    /// For `yield from`.
    pub const YIELD_FROM: u32 = 1;
}

/// The low bits of `IMPORT_NAME`'s argument, from 3.15 on.
pub(super) mod import {
    pub const LAZY: u32 = 1;
    pub const EAGER: u32 = 2;
    /// How many bits there are.
    pub const BITS: u32 = 2;
}

/// `SET_FUNCTION_ATTRIBUTE`
pub(super) mod attribute {
    pub const DEFAULTS: u32 = 1;
    pub const KWDEFAULTS: u32 = 2;
    pub const ANNOTATIONS: u32 = 4;
    pub const CLOSURE: u32 = 8;
    pub const ANNOTATE: u32 = 16;
}

/// `BINARY_OP`'s `[]`.
pub(super) const SUBSCRIPT: u32 = 26;

/// Values beyond this many are not all held on the stack at once.
pub(super) const STACK_USE_GUIDELINE: usize = 30;

/// `GET_AWAITABLE`'s argument: awaited by `async with` itself.
pub(super) mod awaitable {
    pub const PLAIN: u32 = 0;
    pub const AENTER: u32 = 1;
    pub const AEXIT: u32 = 2;
}

/// Number of a binary operator.
pub(super) fn binary(op: Operator) -> u32 {
    match op {
        Operator::Add => 0,
        Operator::BitAnd => 1,
        Operator::FloorDiv => 2,
        Operator::LShift => 3,
        Operator::MatMult => 4,
        Operator::Mult => 5,
        Operator::Mod => 6,
        Operator::BitOr => 7,
        Operator::Pow => 8,
        Operator::RShift => 9,
        Operator::Sub => 10,
        Operator::Div => 11,
        Operator::BitXor => 12,
    }
}

/// Number of an augmented assignment's operator.
pub(super) fn inplace(op: Operator) -> u32 {
    binary(op) + 13
}

/// `COMPARE_OP`'s argument: the operator, and below it, if so, the set of outcomes (unordered 1, less 2,
/// greater 4, equal 8) that make it true. `None` for `is` and `in`, which have instructions of their own.
pub(super) fn compare(op: CmpOp, form: CompareArgs) -> Option<u32> {
    let (number, outcomes) = match op {
        CmpOp::Lt => (0, 2),
        CmpOp::LtE => (1, 2 | 8),
        CmpOp::Eq => (2, 8),
        CmpOp::NotEq => (3, 1 | 2 | 4),
        CmpOp::Gt => (4, 4),
        CmpOp::GtE => (5, 4 | 8),
        CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => return None,
    };
    Some(match form {
        CompareArgs::Number => number,
        CompareArgs::WithOutcomes => number << 4 | outcomes,
        CompareArgs::WithOutcomesAndFlag => number << 5 | outcomes,
    })
}
