//! Choices of the releases whose interpreters keep exception handlers on a block stack (3.8 to 3.10): what
//! their code generation and assembly ask.
//!
//! Facts: `Python/compile.c`, `Python/peephole.c` and `Python/ast_opt.c` of 3.8, 3.9 and 3.10, and what the
//! reference interpreters' `dis` shows.

use crate::target::{Target, Version};

/// Which instructions have a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    /// The first one after each change of the line (3.8).
    Marks,
    /// All (3.9).
    Each,
    /// All but those that no source text stands for (3.10).
    Exact,
}

/// How `finally` bodies are reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FinallyBodies {
    /// One body is called: `CALL_FINALLY`, `BEGIN_FINALLY`, `END_FINALLY` (3.8).
    Called,
    /// Each way through has a copy (3.9, 3.10).
    Copied,
}

/// Whether `RERAISE` tells if the line of what raised is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reraise {
    /// `RERAISE` without argument (3.9; 3.8 has `END_FINALLY`).
    Plain,
    /// Its argument tells (3.10).
    Flagged,
}

/// Who takes conditions that are constants away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstTests {
    /// Code generation: what cannot run is checked, but nothing is written for it (3.8, 3.9).
    InCodegen,
    /// The graph's passes (3.10).
    InGraph,
}

/// How displays and calls with `*` and `**` are built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unpackings {
    /// All parts are put on the stack and joined: `BUILD_LIST_UNPACK` and the like (3.8).
    Joined,
    /// One container is extended part by part (3.9).
    Extended,
    /// The same; and displays too long for the stack are built item by item (3.10).
    ExtendedIfLong,
}

/// How displays of constants are built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstDisplays {
    /// Item by item (3.8).
    Items,
    /// From one constant, for three and more elements (3.9, 3.10).
    OneConstant,
}

/// How `is`, `in` and the test of `except` are compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparisons {
    /// By `COMPARE_OP` (3.8).
    OneOp,
    /// By `IS_OP`, `CONTAINS_OP` and `JUMP_IF_NOT_EXC_MATCH` (3.9, 3.10).
    OwnOps,
}

/// How a function gets its annotations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionAnnotations {
    /// As a dict (3.8, 3.9).
    Dict,
    /// As a tuple of names and values (3.10).
    Tuple,
}

/// How `AssertionError` is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssertionErrors {
    /// As a global (3.8).
    Global,
    /// By `LOAD_ASSERTION_ERROR` (3.9, 3.10).
    OwnOp,
}

/// Are slices expressions, with lines of their own?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slices {
    /// No: they are parts of the subscript (3.8).
    Parts,
    /// Yes (3.9, 3.10).
    Expressions,
}

/// Which line the end of an `async for` is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsyncForEnds {
    /// That of what comes before it (3.8).
    Body,
    /// That of the first statement of the `else` clause, if there is one (3.9).
    Else,
    /// That of the iterable (3.10).
    Iterable,
}

/// What makes code of the blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Optimizer {
    /// The assembled bytes are optimised (`Python/peephole.c`; 3.8 and 3.9).
    Peephole,
    /// The graph of blocks is optimised, then assembled (3.10).
    Graph,
}

/// The first line of a module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModuleStart {
    /// Where the first instruction of its first block is (3.8, 3.9).
    FirstInstruction,
    /// 1 (3.10).
    One,
}

/// How the arguments of jumps count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JumpUnits {
    /// Bytes (3.8, 3.9).
    Bytes,
    /// Instructions (3.10).
    Instructions,
}

/// Can `del` name `__debug__`?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugDeletion {
    /// It can (3.8, 3.9).
    Allowed,
    /// It cannot (3.10).
    Refused,
}

/// Where errors are that concern the order of handlers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorPlaces {
    /// Where the compiler was before: at the last statement (3.8, 3.9).
    Before,
    /// At the handler (3.10).
    Exact,
}

/// How errors of calls and assignments are worded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorWording {
    /// `keyword argument repeated`, `two starred expressions in assignment` (3.8).
    First,
    /// With the keyword's name; `multiple starred expressions in assignment` (3.9).
    Later,
}

/// All answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the types say it")]
pub struct BlockStackRecipe {
    pub lines: Lines,
    pub finally_bodies: FinallyBodies,
    pub reraise: Reraise,
    pub const_tests: ConstTests,
    pub unpackings: Unpackings,
    pub const_displays: ConstDisplays,
    pub comparisons: Comparisons,
    pub function_annotations: FunctionAnnotations,
    pub assertion_errors: AssertionErrors,
    pub slices: Slices,
    pub async_for_ends: AsyncForEnds,
    pub optimizer: Optimizer,
    pub module_start: ModuleStart,
    pub jump_units: JumpUnits,
    pub debug_deletion: DebugDeletion,
    pub error_places: ErrorPlaces,
    pub error_wording: ErrorWording,
}

impl BlockStackRecipe {
    /// The answers of `target`; `None` where handlers are in a table.
    pub const fn of(target: Target) -> Option<Self> {
        let recipe = match target.version {
            Version::V3_8 => BlockStackRecipe {
                lines: Lines::Marks,
                finally_bodies: FinallyBodies::Called,
                reraise: Reraise::Plain,
                const_tests: ConstTests::InCodegen,
                unpackings: Unpackings::Joined,
                const_displays: ConstDisplays::Items,
                comparisons: Comparisons::OneOp,
                function_annotations: FunctionAnnotations::Dict,
                assertion_errors: AssertionErrors::Global,
                slices: Slices::Parts,
                async_for_ends: AsyncForEnds::Body,
                optimizer: Optimizer::Peephole,
                module_start: ModuleStart::FirstInstruction,
                jump_units: JumpUnits::Bytes,
                debug_deletion: DebugDeletion::Allowed,
                error_places: ErrorPlaces::Before,
                error_wording: ErrorWording::First,
            },
            Version::V3_9 => BlockStackRecipe {
                lines: Lines::Each,
                finally_bodies: FinallyBodies::Copied,
                reraise: Reraise::Plain,
                const_tests: ConstTests::InCodegen,
                unpackings: Unpackings::Extended,
                const_displays: ConstDisplays::OneConstant,
                comparisons: Comparisons::OwnOps,
                function_annotations: FunctionAnnotations::Dict,
                assertion_errors: AssertionErrors::OwnOp,
                slices: Slices::Expressions,
                async_for_ends: AsyncForEnds::Else,
                optimizer: Optimizer::Peephole,
                module_start: ModuleStart::FirstInstruction,
                jump_units: JumpUnits::Bytes,
                debug_deletion: DebugDeletion::Allowed,
                error_places: ErrorPlaces::Before,
                error_wording: ErrorWording::Later,
            },
            Version::V3_10 => BlockStackRecipe {
                lines: Lines::Exact,
                finally_bodies: FinallyBodies::Copied,
                reraise: Reraise::Flagged,
                const_tests: ConstTests::InGraph,
                unpackings: Unpackings::ExtendedIfLong,
                const_displays: ConstDisplays::OneConstant,
                comparisons: Comparisons::OwnOps,
                function_annotations: FunctionAnnotations::Tuple,
                assertion_errors: AssertionErrors::OwnOp,
                slices: Slices::Expressions,
                async_for_ends: AsyncForEnds::Iterable,
                optimizer: Optimizer::Graph,
                module_start: ModuleStart::One,
                jump_units: JumpUnits::Instructions,
                debug_deletion: DebugDeletion::Refused,
                error_places: ErrorPlaces::Exact,
                error_wording: ErrorWording::Later,
            },
            Version::V3_11 | Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15 => {
                return None;
            }
        };
        Some(recipe)
    }
}
