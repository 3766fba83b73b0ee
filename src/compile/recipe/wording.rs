//! Choices of what is said of programs that parse, but do not compile, or hardly.

use super::EPOCH_3_12;
use crate::target::{Target, Version};

/// What the stages after the parser say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wording {
    /// How many blocks are too many.
    pub block_limit: BlockLimit,
    /// What the warning of `is` with a literal says.
    pub is_warnings: IsWarnings,
    /// What a misplaced `yield from` is called.
    pub yield_from_name: YieldFromName,
    /// Where wrong names of future features are reported.
    pub future_errors: FutureErrors,
}

/// How many loops, handlers and `with` statements can be around a statement (`CO_MAXBLOCKS`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockLimit {
    /// 20 (seen in 3.8.18 to 3.12.1).
    Twenty,
    /// 21 (seen from 3.12.15 on).
    TwentyOne,
}

impl BlockLimit {
    /// The number.
    pub const fn blocks(self) -> usize {
        match self {
            BlockLimit::Twenty => 20,
            BlockLimit::TwentyOne => 21,
        }
    }
}

/// What the warning of `is` with a literal says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsWarnings {
    /// `"is" with a literal` (to 3.11).
    Plain,
    /// `"is" with 'int' literal` (3.12).
    NamesType,
}

/// What a `yield from` outside of functions is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum YieldFromName {
    /// `yield` (seen in 3.8.18 to 3.12.1).
    Yield,
    /// `yield from` (seen from 3.12.15 on).
    YieldFrom,
}

/// Where the error is of a name that is no future feature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FutureErrors {
    /// At the statement, whose end is not told (seen in 3.8.18 to 3.12.1, and in 3.13.0).
    AtStatement,
    /// At the name (seen in 3.12.15 and 3.13.18).
    AtName,
}

impl Wording {
    /// The answers of `target`.
    pub const fn of(target: Target) -> Wording {
        let late_3_12 = match target.version {
            Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_11 => false,
            Version::V3_12 => target.micro >= EPOCH_3_12,
            Version::V3_13 | Version::V3_14 | Version::V3_15 => true,
        };
        let names_types =
            matches!(target.version, Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15);
        let at_name = late_3_12 && !matches!(target, Target { version: Version::V3_13, micro: 0 });
        Wording {
            block_limit: if late_3_12 { BlockLimit::TwentyOne } else { BlockLimit::Twenty },
            is_warnings: if names_types { IsWarnings::NamesType } else { IsWarnings::Plain },
            yield_from_name: if late_3_12 { YieldFromName::YieldFrom } else { YieldFromName::Yield },
            future_errors: if at_name { FutureErrors::AtName } else { FutureErrors::AtStatement },
        }
    }
}
