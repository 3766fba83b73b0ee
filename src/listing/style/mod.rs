//! What differs between the `dis` modules of the supported releases, beyond the opcode tables.
//!
//! One of the places that may compare versions. The texts are what users of `dis` see; each list is in the
//! order of the numbers that arguments of instructions hold (`Lib/dis.py`, `Lib/opcode.py`).

#[cfg(test)]
mod tests;

use crate::target::{Op, Version};

/// How a release's `dis` prints.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// What the bits of `SET_FUNCTION_ATTRIBUTE` set.
    pub function_attributes: &'static [&'static str],
    /// Are `IS_OP` and `CONTAINS_OP` explained?
    pub explains_is_and_in: bool,
    /// Names of the bits of `co_flags`; others are shown in hexadecimal.
    pub flags: &'static [&'static str],
    /// Fields of the inline caches: (operation, fields as (name, code units)).
    pub caches: &'static [CacheFormat],
}

/// The inline cache of an operation: its fields' names and sizes in code units.
pub type CacheFormat = (Op, &'static [(&'static str, u32)]);

impl Style {
    /// The style of `version`'s `dis`.
    pub fn of(version: Version) -> &'static Style {
        match version {
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13 => &V3_13,
            Version::V3_14 | Version::V3_15 => &V3_14,
        }
    }

    /// The name of bit number `bit` of `co_flags`.
    pub fn flag(&self, bit: u32) -> Option<&'static str> {
        self.flags.get(bit as usize).copied().filter(|name| !name.is_empty())
    }

    /// The fields of the inline cache of `op`.
    pub fn cache(&self, op: Op) -> &'static [(&'static str, u32)] {
        self.caches.iter().find(|(of, _)| *of == op).map_or(&[], |(_, fields)| fields)
    }
}

/// Conversions of `CONVERT_VALUE`; the first is none.
pub const CONVERSIONS: [&str; 4] = ["", "str", "repr", "ascii"];

const V3_13: Style = Style {
    function_attributes: &["defaults", "kwdefaults", "annotations", "closure"],
    explains_is_and_in: false,
    flags: FLAGS.split_at(10).0,
    caches: &[
        (Op::LoadGlobal, LOAD_GLOBAL_CACHE),
        (Op::BinaryOp, COUNTER),
        (Op::UnpackSequence, COUNTER),
        (Op::CompareOp, COUNTER),
        (Op::ContainsOp, COUNTER),
        (Op::BinarySubscr, COUNTER),
        (Op::ForIter, COUNTER),
        (Op::LoadSuperAttr, COUNTER),
        (Op::LoadAttr, LOAD_ATTR_CACHE),
        (Op::StoreAttr, STORE_ATTR_CACHE),
        (Op::Call, CALL_CACHE),
        (Op::StoreSubscr, COUNTER),
        (Op::Send, COUNTER),
        (Op::JumpBackward, COUNTER),
        (Op::ToBool, TO_BOOL_CACHE),
        (Op::PopJumpIfTrue, COUNTER),
        (Op::PopJumpIfFalse, COUNTER),
        (Op::PopJumpIfNone, COUNTER),
        (Op::PopJumpIfNotNone, COUNTER),
    ],
};

const V3_14: Style = Style {
    function_attributes: &["defaults", "kwdefaults", "annotations", "closure", "annotate"],
    explains_is_and_in: true,
    flags: FLAGS,
    caches: &[
        (Op::LoadGlobal, LOAD_GLOBAL_CACHE),
        (Op::BinaryOp, &[("counter", 1), ("descr", 4)]),
        (Op::UnpackSequence, COUNTER),
        (Op::CompareOp, COUNTER),
        (Op::ContainsOp, COUNTER),
        (Op::ForIter, COUNTER),
        (Op::LoadSuperAttr, COUNTER),
        (Op::LoadAttr, LOAD_ATTR_CACHE),
        (Op::StoreAttr, STORE_ATTR_CACHE),
        (Op::Call, CALL_CACHE),
        (Op::CallKw, CALL_CACHE),
        (Op::StoreSubscr, COUNTER),
        (Op::Send, COUNTER),
        (Op::JumpBackward, COUNTER),
        (Op::ToBool, TO_BOOL_CACHE),
        (Op::PopJumpIfTrue, COUNTER),
        (Op::PopJumpIfFalse, COUNTER),
        (Op::PopJumpIfNone, COUNTER),
        (Op::PopJumpIfNotNone, COUNTER),
    ],
};

const COUNTER: &[(&str, u32)] = &[("counter", 1)];
const LOAD_GLOBAL_CACHE: &[(&str, u32)] =
    &[("counter", 1), ("index", 1), ("module_keys_version", 1), ("builtin_keys_version", 1)];
const LOAD_ATTR_CACHE: &[(&str, u32)] = &[("counter", 1), ("version", 2), ("keys_version", 2), ("descr", 4)];
const STORE_ATTR_CACHE: &[(&str, u32)] = &[("counter", 1), ("version", 2), ("index", 1)];
const CALL_CACHE: &[(&str, u32)] = &[("counter", 1), ("func_version", 2)];
const TO_BOOL_CACHE: &[(&str, u32)] = &[("counter", 1), ("version", 2)];

/// By bit; 3.13 names the first ten.
const FLAGS: &[&str] = &[
    "OPTIMIZED",
    "NEWLOCALS",
    "VARARGS",
    "VARKEYWORDS",
    "NESTED",
    "GENERATOR",
    "NOFREE",
    "COROUTINE",
    "ITERABLE_COROUTINE",
    "ASYNC_GENERATOR",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "HAS_DOCSTRING",
    "METHOD",
];
