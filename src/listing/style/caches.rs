//! The fields of inline caches, by release.

use super::CacheFormat;
use crate::target::Op;

type Fields = &'static [(&'static str, u32)];

const COUNTER: Fields = &[("counter", 1)];
const LOAD_GLOBAL: Fields =
    &[("counter", 1), ("index", 1), ("module_keys_version", 1), ("builtin_keys_version", 1)];
const LOAD_ATTR: Fields = &[("counter", 1), ("version", 2), ("keys_version", 2), ("descr", 4)];
const STORE_ATTR: Fields = &[("counter", 1), ("version", 2), ("index", 1)];
const CALL: Fields = &[("counter", 1), ("func_version", 2)];
const TO_BOOL: Fields = &[("counter", 1), ("version", 2)];

pub const V3_11_CACHES: &[CacheFormat] = &[
    (
        Op::LoadGlobal,
        &[("counter", 1), ("index", 1), ("module_keys_version", 2), ("builtin_keys_version", 1)],
    ),
    (Op::BinaryOp, COUNTER),
    (Op::UnpackSequence, COUNTER),
    (Op::CompareOp, &[("counter", 1), ("mask", 1)]),
    (Op::BinarySubscr, &[("counter", 1), ("type_version", 2), ("func_version", 1)]),
    (Op::LoadAttr, STORE_ATTR),
    (Op::StoreAttr, STORE_ATTR),
    (
        Op::LoadMethod,
        &[("counter", 1), ("type_version", 2), ("dict_offset", 1), ("keys_version", 2), ("descr", 4)],
    ),
    (Op::Call, &[("counter", 1), ("func_version", 2), ("min_args", 1)]),
    (Op::Precall, COUNTER),
    (Op::StoreSubscr, COUNTER),
];

pub const V3_12_CACHES: &[CacheFormat] = &[
    (Op::LoadGlobal, LOAD_GLOBAL),
    (Op::BinaryOp, COUNTER),
    (Op::UnpackSequence, COUNTER),
    (Op::CompareOp, COUNTER),
    (Op::BinarySubscr, COUNTER),
    (Op::ForIter, COUNTER),
    (Op::LoadSuperAttr, COUNTER),
    (Op::LoadAttr, LOAD_ATTR),
    (Op::StoreAttr, STORE_ATTR),
    (Op::Call, CALL),
    (Op::StoreSubscr, COUNTER),
    (Op::Send, COUNTER),
];

pub const V3_13_CACHES: &[CacheFormat] = &[
    (Op::LoadGlobal, LOAD_GLOBAL),
    (Op::BinaryOp, COUNTER),
    (Op::UnpackSequence, COUNTER),
    (Op::CompareOp, COUNTER),
    (Op::ContainsOp, COUNTER),
    (Op::BinarySubscr, COUNTER),
    (Op::ForIter, COUNTER),
    (Op::LoadSuperAttr, COUNTER),
    (Op::LoadAttr, LOAD_ATTR),
    (Op::StoreAttr, STORE_ATTR),
    (Op::Call, CALL),
    (Op::StoreSubscr, COUNTER),
    (Op::Send, COUNTER),
    (Op::JumpBackward, COUNTER),
    (Op::ToBool, TO_BOOL),
    (Op::PopJumpIfTrue, COUNTER),
    (Op::PopJumpIfFalse, COUNTER),
    (Op::PopJumpIfNone, COUNTER),
    (Op::PopJumpIfNotNone, COUNTER),
];

pub const V3_14_CACHES: &[CacheFormat] = &[
    (Op::LoadGlobal, LOAD_GLOBAL),
    (Op::BinaryOp, &[("counter", 1), ("descr", 4)]),
    (Op::UnpackSequence, COUNTER),
    (Op::CompareOp, COUNTER),
    (Op::ContainsOp, COUNTER),
    (Op::ForIter, COUNTER),
    (Op::LoadSuperAttr, COUNTER),
    (Op::LoadAttr, LOAD_ATTR),
    (Op::StoreAttr, STORE_ATTR),
    (Op::Call, CALL),
    (Op::CallKw, CALL),
    (Op::StoreSubscr, COUNTER),
    (Op::Send, COUNTER),
    (Op::JumpBackward, COUNTER),
    (Op::ToBool, TO_BOOL),
    (Op::PopJumpIfTrue, COUNTER),
    (Op::PopJumpIfFalse, COUNTER),
    (Op::PopJumpIfNone, COUNTER),
    (Op::PopJumpIfNotNone, COUNTER),
];

pub const V3_15_CACHES: &[CacheFormat] = &[
    (Op::LoadGlobal, LOAD_GLOBAL),
    (Op::BinaryOp, &[("counter", 1), ("descr", 4)]),
    (Op::UnpackSequence, COUNTER),
    (Op::CompareOp, COUNTER),
    (Op::ContainsOp, COUNTER),
    (Op::ForIter, COUNTER),
    (Op::GetIter, COUNTER),
    (Op::LoadSuperAttr, COUNTER),
    (Op::LoadAttr, LOAD_ATTR),
    (Op::StoreAttr, STORE_ATTR),
    (Op::Call, CALL),
    (Op::CallKw, CALL),
    (Op::CallFunctionEx, COUNTER),
    (Op::StoreSubscr, COUNTER),
    (Op::Send, COUNTER),
    (Op::JumpBackward, COUNTER),
    (Op::ToBool, TO_BOOL),
    (Op::PopJumpIfTrue, COUNTER),
    (Op::PopJumpIfFalse, COUNTER),
    (Op::PopJumpIfNone, COUNTER),
    (Op::PopJumpIfNotNone, COUNTER),
    (Op::Resume, COUNTER),
];
