//! Choices of how code objects and their constants are made and shared (`Objects/codeobject.c`).

use super::EPOCH_3_12;
use crate::target::{Target, Version};

/// How code objects and their constants are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConstsRecipe {
    /// Is `co_filename` interned?
    pub filenames: Filenames,
    /// The least `co_stacksize`.
    pub least_stack: LeastStack,
    /// Is `co_qualname` interned?
    pub qualnames: Qualnames,
    /// What decides the order of a frozenset's elements.
    pub frozenset_keys: FrozensetKeys,
    /// What the interpreter's table of interned strings does to their references.
    pub interned_strings: InternedStrings,
    /// Are the strings interned that are part of the interpreter?
    pub static_strings: StaticStrings,
    /// Are `co_code` and the line table of a code object shared with equal byte strings?
    pub code_bytes: CodeBytes,
}

/// Is `co_filename` interned?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filenames {
    /// No; but all code objects of a file share it, and so does the caller (3.12).
    Shared,
    /// Yes (3.13).
    Interned,
}

/// Is `co_qualname` interned?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qualnames {
    /// Only where it is the name itself; others are put together anew for each code object (3.12).
    AsMade,
    /// Yes (3.13).
    Interned,
}

/// The least `co_stacksize`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeastStack {
    /// 0 (3.12).
    Zero,
    /// 1 (3.13).
    One,
}

/// Are `co_code` and the line table of a code object shared with equal byte strings? Where code objects hold the very
/// objects that the compiler made: to 3.10.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeBytes {
    /// No, but there is only one empty byte string (3.8).
    OfItsOwn,
    /// Both are merged like constants (3.10).
    Merged,
}

/// What decides the order in which a frozenset's elements are written: their own marshalled forms, and in these,
/// whether `FLAG_REF` is set; or nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrozensetKeys {
    /// Nothing is sorted: the order is that of the set's hash table. The iterator refers to the element (3.8).
    Iterated,
    /// The same, without an iterator (3.9).
    Unsorted,
    /// In those to which something besides the frozenset refers (3.11).
    WithOwnFlags,
    /// In all (3.13).
    AllFlagged,
}

/// What the interpreter's table of interned strings does to their references, and so to `FLAG_REF`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InternedStrings {
    /// Its own do not count: a string is marked when there is another reference (3.10).
    Mortal,
    /// All are marked (3.11), or immortal and so marked as well (3.12).
    Immortal,
}

/// Are the strings interned that are part of the interpreter: `<module>` and the like, and those of one Latin-1
/// character?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StaticStrings {
    /// Some of those of one character are (see `Version::has_interned_char`), others once something asks for
    /// it; and each is one object (3.8).
    OneObject,
    /// Once something asks for it, as a name does, which may give another object (3.11, 3.12.1).
    Plain,
    /// From the start (3.12.15).
    Interned,
}

impl FrozensetKeys {
    /// Are the elements sorted?
    pub const fn is_sorted(self) -> bool {
        match self {
            FrozensetKeys::Iterated | FrozensetKeys::Unsorted => false,
            FrozensetKeys::WithOwnFlags | FrozensetKeys::AllFlagged => true,
        }
    }

    /// Does each element have one more reference while it is written?
    pub const fn holds_elements(self) -> bool {
        match self {
            FrozensetKeys::Iterated | FrozensetKeys::AllFlagged => true,
            FrozensetKeys::Unsorted | FrozensetKeys::WithOwnFlags => false,
        }
    }
}

impl ConstsRecipe {
    /// The choices for `target`.
    pub const fn of(target: Target) -> ConstsRecipe {
        match target.version {
            Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_11 | Version::V3_12 => {
                ConstsRecipe {
                    filenames: Filenames::Shared,
                    least_stack: LeastStack::Zero,
                    qualnames: Qualnames::AsMade,
                    frozenset_keys: match target.version {
                        Version::V3_11 | Version::V3_12 => FrozensetKeys::WithOwnFlags,
                        Version::V3_8 => FrozensetKeys::Iterated,
                        _ => FrozensetKeys::Unsorted,
                    },
                    interned_strings: match target.version {
                        Version::V3_11 | Version::V3_12 => InternedStrings::Immortal,
                        _ => InternedStrings::Mortal,
                    },
                    static_strings: match target {
                        Target { version: Version::V3_12, micro: EPOCH_3_12.. } => StaticStrings::Interned,
                        Target { version: Version::V3_8 | Version::V3_9 | Version::V3_10, .. } => {
                            StaticStrings::OneObject
                        }
                        _ => StaticStrings::Plain,
                    },
                    code_bytes: match target.version {
                        Version::V3_8 | Version::V3_9 => CodeBytes::OfItsOwn,
                        _ => CodeBytes::Merged,
                    },
                }
            }
            Version::V3_13 | Version::V3_14 | Version::V3_15 => ConstsRecipe {
                filenames: Filenames::Interned,
                least_stack: LeastStack::One,
                qualnames: Qualnames::Interned,
                frozenset_keys: FrozensetKeys::AllFlagged,
                interned_strings: InternedStrings::Immortal,
                static_strings: StaticStrings::Interned,
                code_bytes: CodeBytes::Merged,
            },
        }
    }
}
