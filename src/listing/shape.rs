//! What a lister must know of each opcode of a version, ready to be indexed by the opcode's byte.

use std::sync::LazyLock;

use super::row::PaddedName;
use super::style::Style;
use crate::target::{Op, OpTable, Version};

/// How an argument is explained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgKind {
    /// Not at all.
    Plain,
    /// An index of `co_consts`.
    Const,
    /// An index of `co_names`.
    Name,
    /// An index of `co_names` above bit 0, which says "and a NULL".
    Global,
    /// An index of `co_names` above bit 0, which says "a method".
    Attr,
    /// An index of `co_names` above two bits, the lower of which says "a method".
    SuperAttr,
    /// A jump's target.
    Jump,
    /// The place that control comes from (3.14's `END_ASYNC_FOR`).
    ComesFrom,
    /// An index of `co_localsplusnames`.
    Local,
    /// Two indexes of `co_localsplusnames`, four bits each.
    LocalPair,
    /// A comparison.
    Compare,
    /// A conversion of a formatted value.
    Convert,
    /// Attributes of a function, as bits.
    FunctionAttributes,
    /// A binary operator.
    BinaryOp,
    /// An intrinsic function of one argument.
    Intrinsic1,
    /// An intrinsic function of two arguments.
    Intrinsic2,
    /// A constant that has no place in `co_consts`.
    CommonConstant,
    /// A special method.
    SpecialMethod,
    /// `is` or `is not`.
    Is,
    /// `in` or `not in`.
    Contains,
}

/// Where a jump's argument counts from and to: always from behind the caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jump {
    /// No jump.
    None,
    /// Towards higher offsets.
    Forward,
    /// Towards lower offsets.
    Backward,
}

/// One opcode.
#[derive(Clone, Debug)]
pub struct Shape {
    /// CPython's name, or `<N>` where the byte has none.
    pub name: &'static str,
    /// The same, ready for a listing.
    pub padded: PaddedName,
    /// The operation, where the byte is one.
    pub op: Option<Op>,
    /// Inline cache entries, in code units.
    pub caches: u8,
    /// Does it take an argument?
    pub has_arg: bool,
    /// Is it `EXTENDED_ARG`?
    pub is_extended_arg: bool,
    /// How its argument is explained.
    pub arg: ArgKind,
    /// Whether and where it jumps.
    pub jump: Jump,
}

/// The opcodes of a version.
#[derive(Debug)]
pub struct Shapes {
    /// By opcode.
    pub by_byte: [Shape; 256],
    /// The version's opcode table.
    pub ops: &'static OpTable,
    /// How its `dis` prints.
    pub style: &'static Style,
}

impl Shapes {
    /// Those of `version`.
    pub fn of(version: Version) -> &'static Shapes {
        /// In the order of [`Version::ALL`], which is that of the enum.
        static SHAPES: LazyLock<Vec<Shapes>> =
            LazyLock::new(|| Version::ALL.iter().map(|&version| build(version)).collect());
        &SHAPES[version as usize]
    }
}

/// How `op`'s argument is explained in the release whose style is `style`.
fn arg_kind(op: Op, style: &Style) -> ArgKind {
    match op {
        Op::LoadConst | Op::ReturnConst => ArgKind::Const,
        Op::DeleteAttr
        | Op::DeleteGlobal
        | Op::DeleteName
        | Op::ImportFrom
        | Op::ImportName
        | Op::LoadFromDictOrGlobals
        | Op::LoadName
        | Op::StoreAttr
        | Op::StoreGlobal
        | Op::StoreName => ArgKind::Name,
        Op::LoadGlobal => ArgKind::Global,
        Op::LoadAttr => ArgKind::Attr,
        Op::LoadSuperAttr => ArgKind::SuperAttr,
        Op::DeleteDeref
        | Op::DeleteFast
        | Op::LoadDeref
        | Op::LoadFast
        | Op::LoadFastAndClear
        | Op::LoadFastBorrow
        | Op::LoadFastCheck
        | Op::LoadFromDictOrDeref
        | Op::MakeCell
        | Op::StoreDeref
        | Op::StoreFast => ArgKind::Local,
        Op::LoadFastBorrowLoadFastBorrow
        | Op::LoadFastLoadFast
        | Op::StoreFastLoadFast
        | Op::StoreFastStoreFast => ArgKind::LocalPair,
        Op::EndAsyncFor => ArgKind::ComesFrom,
        Op::ForIter
        | Op::JumpBackward
        | Op::JumpBackwardNoInterrupt
        | Op::JumpForward
        | Op::PopJumpIfFalse
        | Op::PopJumpIfNone
        | Op::PopJumpIfNotNone
        | Op::PopJumpIfTrue
        | Op::Send => ArgKind::Jump,
        Op::CompareOp => ArgKind::Compare,
        Op::ConvertValue => ArgKind::Convert,
        Op::SetFunctionAttribute => ArgKind::FunctionAttributes,
        Op::BinaryOp => ArgKind::BinaryOp,
        Op::CallIntrinsic1 => ArgKind::Intrinsic1,
        Op::CallIntrinsic2 => ArgKind::Intrinsic2,
        Op::LoadCommonConstant => ArgKind::CommonConstant,
        Op::LoadSpecial => ArgKind::SpecialMethod,
        Op::IsOp if style.explains_is_and_in => ArgKind::Is,
        Op::ContainsOp if style.explains_is_and_in => ArgKind::Contains,
        _ => ArgKind::Plain,
    }
}

/// Where an operation with an argument of this kind jumps to. (Where `END_ASYNC_FOR` takes no argument, it
/// is not of kind [`ArgKind::ComesFrom`].)
fn jump(op: Op, kind: ArgKind) -> Jump {
    match (kind, op) {
        (ArgKind::ComesFrom, _) | (ArgKind::Jump, Op::JumpBackward | Op::JumpBackwardNoInterrupt) => {
            Jump::Backward
        }
        (ArgKind::Jump, _) => Jump::Forward,
        _ => Jump::None,
    }
}

fn build(version: Version) -> Shapes {
    let (ops, style) = (version.ops(), Style::of(version));
    let by_byte = std::array::from_fn(|byte| {
        let op = ops.by_number[byte];
        let has_arg = op.is_some_and(|op| ops.info(op).has_arg());
        let arg = match op {
            Some(op) if has_arg => arg_kind(op, style),
            _ => ArgKind::Plain,
        };
        Shape {
            name: ops.names[byte],
            padded: PaddedName::new(ops.names[byte]),
            op,
            caches: ops.caches[byte],
            has_arg,
            is_extended_arg: op == Some(Op::ExtendedArg),
            arg,
            jump: op.map_or(Jump::None, |op| jump(op, arg)),
        }
    });
    Shapes { by_byte, ops, style }
}
