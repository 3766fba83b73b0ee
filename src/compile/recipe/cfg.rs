//! Choices of the control-flow graph (`Python/flowgraph.c`): which passes run in which order, and what some
//! of them do.

use super::{GeneratorStart, IteratorSlots};
use crate::target::{Target, Version};

/// How a unit's control-flow graph is optimised and laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CfgRecipe {
    /// The passes, in order.
    pub passes: &'static [CfgPass],
    /// Which constant expressions are computed.
    pub folding: CfgFolding,
    /// How displays of constants that were too long for the stack are folded.
    pub long_displays: LongDisplays,
    /// How small ints are loaded.
    pub small_ints: SmallInts,
    /// How a constant is returned.
    pub return_const: ReturnOfConst,
    /// Which instructions lack a line, for propagation.
    pub no_line: NoLine,
    /// What marks the way on after a conditional jump.
    pub branch_marks: BranchMarks,
    /// Does `END_ASYNC_FOR` name the `SEND` of its loop?
    pub end_async_for: EndAsyncFor,
    /// What `co_localspluskinds` tells of arguments.
    pub local_kinds: LocalKinds,
    /// Which `not` operators are absorbed by the test before them.
    pub negations: Negations,
    /// Which constants have instructions of their own.
    pub literals: CommonLiterals,
    /// Which bit of `RESUME`'s argument says that only the generator's own handler is active.
    pub resume_depth: ResumeDepth,
    /// Do the instructions that conditional jumps get have their handlers?
    pub jump_handlers: JumpHandlers,
    /// Who puts `RETURN_GENERATOR` where it belongs.
    pub generator_start: GeneratorStart,
    /// Which instructions the analysis of borrowed references takes for the makers of some values.
    pub makers: Makers,
    /// What the same analysis makes of a block without instructions.
    pub empty_blocks: EmptyBlocks,
    /// What iterating takes of the stack.
    pub iterator_slots: IteratorSlots,
}

/// Which constants `LOAD_COMMON_CONSTANT` loads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommonLiterals {
    /// None that a program can write (3.14; 3.13 has no such instruction).
    None,
    /// `None`, `''`, `True`, `False` and -1 (3.15).
    Five,
}

/// What `IMPORT_FROM`, `GET_LEN` and the like seem to have made what they push.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Makers {
    /// The first instructions of their block (3.14).
    FirstInstructions,
    /// They themselves (3.15).
    Themselves,
}

/// Does the analysis of borrowed references go on behind a block whose instructions have all gone?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EmptyBlocks {
    /// No: what is only reached through one is left as it is (3.14).
    EndAnalysis,
    /// Yes (3.15).
    RunOn,
}

/// The bit of `RESUME`'s argument for a `yield` that only the generator's own handler guards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResumeDepth {
    /// 4, above two bits for the place (to 3.14).
    Bit2,
    /// 8 (3.15).
    Bit3,
}

/// Are `NOT_TAKEN` and the jump back, which a conditional jump gets, guarded like it?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JumpHandlers {
    /// They are not guarded (to 3.14).
    Unguarded,
    /// They have the jump's handler (3.15, gh-130279).
    Inherited,
}

/// A pass over the control-flow graph; each is described where it is implemented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "named after the functions of CPython")]
pub enum CfgPass {
    LabelExceptionTargets,
    InlineSmallOrNoLinenoBlocks,
    RemoveUnreachable,
    ResolveLineNumbers,
    OptimizeLoadConst,
    OptimizeBasicBlocks,
    RemoveRedundantNopsAndPairs,
    RemoveRedundantNopsAndJumps,
    RemoveUnusedConsts,
    CheckUnboundLocals,
    InsertSuperinstructions,
    PushColdBlocksToEnd,
    ConvertPseudoConditionalJumps,
    CalculateStackdepth,
    PrepareLocalsplus,
    ConvertPseudoOps,
    NormalizeJumps,
    OptimizeLoadFast,
    ResolveNextLocations,
}

use CfgPass::{
    CalculateStackdepth, CheckUnboundLocals, ConvertPseudoConditionalJumps, ConvertPseudoOps,
    InlineSmallOrNoLinenoBlocks, InsertSuperinstructions, LabelExceptionTargets, NormalizeJumps,
    OptimizeBasicBlocks, OptimizeLoadConst, OptimizeLoadFast, PrepareLocalsplus, PushColdBlocksToEnd,
    RemoveRedundantNopsAndJumps, RemoveRedundantNopsAndPairs, RemoveUnreachable, RemoveUnusedConsts,
    ResolveLineNumbers, ResolveNextLocations,
};

const PASSES_3_13: &[CfgPass] = &[
    LabelExceptionTargets,
    InlineSmallOrNoLinenoBlocks,
    RemoveUnreachable,
    ResolveLineNumbers,
    OptimizeLoadConst,
    OptimizeBasicBlocks,
    RemoveRedundantNopsAndPairs,
    RemoveUnreachable,
    RemoveRedundantNopsAndJumps,
    RemoveUnusedConsts,
    CheckUnboundLocals,
    InsertSuperinstructions,
    PushColdBlocksToEnd,
    ResolveLineNumbers,
    CalculateStackdepth,
    PrepareLocalsplus,
    ConvertPseudoOps,
    NormalizeJumps,
];

const PASSES_3_14: &[CfgPass] = &[
    LabelExceptionTargets,
    InlineSmallOrNoLinenoBlocks,
    RemoveUnreachable,
    ResolveLineNumbers,
    OptimizeLoadConst,
    OptimizeBasicBlocks,
    RemoveRedundantNopsAndPairs,
    RemoveUnreachable,
    RemoveRedundantNopsAndJumps,
    RemoveUnusedConsts,
    CheckUnboundLocals,
    InsertSuperinstructions,
    PushColdBlocksToEnd,
    ResolveLineNumbers,
    ConvertPseudoConditionalJumps,
    CalculateStackdepth,
    PrepareLocalsplus,
    ConvertPseudoOps,
    NormalizeJumps,
    OptimizeLoadFast,
    ResolveNextLocations,
];

/// Which constant expressions the control-flow graph computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CfgFolding {
    /// Tuples of constants only; the tree was folded before (3.13).
    Tuples,
    /// Tuples, lists, sets, operators (3.14).
    All,
}

/// How displays of many constants, which code generation builds item by item, are folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LongDisplays {
    /// Only tuples (3.14.0 and 3.14.1; 3.13 has no such code).
    TuplesOnly,
    /// Lists and sets as well.
    All,
}

/// How ints from 0 to 255 are loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmallInts {
    /// Like other constants (3.13).
    Constants,
    /// By `LOAD_SMALL_INT` (3.14).
    Immediate,
}

/// How a constant is returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReturnOfConst {
    /// By `RETURN_CONST` (3.12, 3.13).
    OneInstruction,
    /// By a load and `RETURN_VALUE` (3.14).
    LoadAndReturn,
}

/// Which instructions lack a line when lines are propagated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoLine {
    /// All with a negative line (3.13).
    AnyNegative,
    /// Those without a location, but not those that wait for their successor's (3.14).
    NoneOnly,
}

/// What marks the way on after a conditional jump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BranchMarks {
    /// Nothing (3.13).
    None,
    /// `NOT_TAKEN` (3.14).
    NotTaken,
}

/// Is `END_ASYNC_FOR` a jump?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndAsyncFor {
    /// It has no argument (3.13).
    Plain,
    /// It names the `SEND` of its loop, for `sys.monitoring` (3.14).
    NamesSend,
}

/// What `co_localspluskinds` tells of arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalKinds {
    /// Nothing (3.13).
    Plain,
    /// How they are passed (3.14).
    Arguments,
}

/// What happens to a `not` after a test for identity or membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Negations {
    /// It stays (3.13, where the tree's folding saw to it).
    Kept,
    /// The test is inverted (3.14).
    Absorbed,
}

impl CfgRecipe {
    /// The choices for `target`.
    pub const fn of(target: Target) -> CfgRecipe {
        match target.version {
            // What is older has no recipe yet.
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13 => CfgRecipe {
                passes: PASSES_3_13,
                folding: CfgFolding::Tuples,
                long_displays: LongDisplays::TuplesOnly,
                small_ints: SmallInts::Constants,
                return_const: ReturnOfConst::OneInstruction,
                no_line: NoLine::AnyNegative,
                branch_marks: BranchMarks::None,
                end_async_for: EndAsyncFor::Plain,
                local_kinds: LocalKinds::Plain,
                negations: Negations::Kept,
                literals: CommonLiterals::None,
                resume_depth: ResumeDepth::Bit2,
                jump_handlers: JumpHandlers::Unguarded,
                generator_start: GeneratorStart::InGraph,
                makers: Makers::FirstInstructions,
                empty_blocks: EmptyBlocks::EndAnalysis,
                iterator_slots: IteratorSlots::One,
            },
            Version::V3_14 => CfgRecipe {
                passes: PASSES_3_14,
                folding: CfgFolding::All,
                long_displays: long_displays(target.micro),
                small_ints: SmallInts::Immediate,
                return_const: ReturnOfConst::LoadAndReturn,
                no_line: NoLine::NoneOnly,
                branch_marks: BranchMarks::NotTaken,
                end_async_for: EndAsyncFor::NamesSend,
                local_kinds: LocalKinds::Arguments,
                negations: Negations::Absorbed,
                literals: CommonLiterals::None,
                resume_depth: ResumeDepth::Bit2,
                jump_handlers: JumpHandlers::Unguarded,
                generator_start: GeneratorStart::InGraph,
                makers: Makers::FirstInstructions,
                empty_blocks: EmptyBlocks::EndAnalysis,
                iterator_slots: IteratorSlots::One,
            },
            Version::V3_15 => CfgRecipe {
                passes: PASSES_3_14,
                folding: CfgFolding::All,
                long_displays: LongDisplays::All,
                small_ints: SmallInts::Immediate,
                return_const: ReturnOfConst::LoadAndReturn,
                no_line: NoLine::NoneOnly,
                branch_marks: BranchMarks::NotTaken,
                end_async_for: EndAsyncFor::NamesSend,
                local_kinds: LocalKinds::Arguments,
                negations: Negations::Absorbed,
                literals: CommonLiterals::Five,
                resume_depth: ResumeDepth::Bit3,
                jump_handlers: JumpHandlers::Inherited,
                generator_start: GeneratorStart::InCodegen,
                makers: Makers::Themselves,
                empty_blocks: EmptyBlocks::RunOn,
                iterator_slots: IteratorSlots::Two,
            },
        }
    }
}

/// Found to differ between 3.14.2 and 3.14.8; where exactly is not known.
const fn long_displays(micro: u8) -> LongDisplays {
    if micro < 3 { LongDisplays::TuplesOnly } else { LongDisplays::All }
}
