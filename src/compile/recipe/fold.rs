//! Choices of tree preprocessing (3.13: `Python/ast_opt.c`, 3.14: `Python/ast_preprocess.c`).

use crate::target::{ComplexRules, Target, Version};

/// How the tree is preprocessed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FoldRecipe {
    /// Which constant expressions become constants in the tree.
    pub constants: ConstantFolding,
    /// What becomes of `'%s' % (x,)`?
    pub percent_formats: PercentFormats,
    /// Are assignment expressions looked into?
    pub named_exprs: NamedExprs,
    /// Which names `__debug__` are replaced by the constant.
    pub debug_names: DebugNames,
    /// Are annotations that will be strings folded?
    pub string_annotations: StringAnnotations,
    /// What `-OO` does to docstrings in the tree.
    pub docstrings: DocstringRemoval,
    /// Are `return`, `break` and `continue` that leave a `finally` block warned of?
    pub finally_exits: FinallyExits,
    /// How complex numbers are calculated with.
    pub complex: ComplexRules,
    /// How deep trees may nest.
    pub nesting: NestingLimit,
}

/// Which constant expressions become constants in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstantFolding {
    /// Operators, subscripts, tuples, iterated and searched displays: all in the tree (3.13).
    InTree,
    /// Only what patterns need; the rest is left to the control-flow graph (3.14).
    PatternsOnly,
}

/// What becomes of `'%s' % (x,)`?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PercentFormats {
    /// It stays (to 3.10).
    Kept,
    /// An f-string where the format is simple (from 3.11 on).
    FStrings,
}

/// Are assignment expressions looked into?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NamedExprs {
    /// They are not (3.8, 3.9).
    Skipped,
    /// They are (from 3.10 on).
    Visited,
}

/// Which names `__debug__` are replaced by the constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugNames {
    /// Those that `del` names, too: it comes to nothing (3.8).
    LoadedAndDeleted,
    /// Those that are read (from 3.9 on).
    Loaded,
}

/// Are annotations that will be strings folded?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StringAnnotations {
    /// They are, as others (3.8).
    Folded,
    /// They stay as they were written (from 3.9 on).
    AsWritten,
}

/// What `-OO` does to docstrings in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocstringRemoval {
    /// Nothing: the code generator skips them (3.13).
    ByCodeGenerator,
    /// The statement is removed, or becomes `pass` where it is the only one (3.14).
    InTree,
}

/// Are statements that leave a `finally` block warned of (PEP 765)?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FinallyExits {
    /// They are not (3.13).
    Silent,
    /// With a `SyntaxWarning` (3.14).
    Warned,
}

/// How deep trees may nest before compilation ends in a `RecursionError`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NestingLimit {
    /// CPython counts nodes, up to this many (3.13: 10,000, of which a call of `compile` has used two).
    Nodes(u32),
    /// CPython watches its native stack; this is a limit of ours that is not below what it reaches with a
    /// stack of 8 MiB (3.14).
    Ours(u32),
}

impl NestingLimit {
    /// The limit for `target`.
    pub const fn of(target: Target) -> NestingLimit {
        match target.version {
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13 => NestingLimit::Nodes(9_998),
            Version::V3_14 | Version::V3_15 => NestingLimit::Ours(100_000),
        }
    }

    /// The largest depth at which a node is still accepted.
    pub const fn depth(self) -> u32 {
        match self {
            NestingLimit::Nodes(depth) | NestingLimit::Ours(depth) => depth,
        }
    }
}

impl FoldRecipe {
    /// The choices for `target`.
    pub const fn of(target: Target) -> FoldRecipe {
        let nesting = NestingLimit::of(target);
        match target.version {
            Version::V3_8 | Version::V3_9 | Version::V3_10 => FoldRecipe {
                debug_names: match target.version {
                    Version::V3_8 => DebugNames::LoadedAndDeleted,
                    _ => DebugNames::Loaded,
                },
                string_annotations: match target.version {
                    Version::V3_8 => StringAnnotations::Folded,
                    _ => StringAnnotations::AsWritten,
                },
                named_exprs: match target.version {
                    Version::V3_8 | Version::V3_9 => NamedExprs::Skipped,
                    _ => NamedExprs::Visited,
                },
                constants: ConstantFolding::InTree,
                percent_formats: PercentFormats::Kept,
                docstrings: DocstringRemoval::ByCodeGenerator,
                finally_exits: FinallyExits::Silent,
                complex: target.complex_rules(),
                nesting,
            },
            Version::V3_11 | Version::V3_12 | Version::V3_13 => FoldRecipe {
                percent_formats: PercentFormats::FStrings,
                debug_names: DebugNames::Loaded,
                string_annotations: StringAnnotations::AsWritten,
                named_exprs: NamedExprs::Visited,
                constants: ConstantFolding::InTree,
                docstrings: DocstringRemoval::ByCodeGenerator,
                finally_exits: FinallyExits::Silent,
                complex: target.complex_rules(),
                nesting,
            },
            Version::V3_14 | Version::V3_15 => FoldRecipe {
                constants: ConstantFolding::PatternsOnly,
                named_exprs: NamedExprs::Visited,
                percent_formats: PercentFormats::FStrings,
                debug_names: DebugNames::Loaded,
                string_annotations: StringAnnotations::AsWritten,
                docstrings: DocstringRemoval::InTree,
                finally_exits: FinallyExits::Warned,
                complex: target.complex_rules(),
                nesting,
            },
        }
    }
}
