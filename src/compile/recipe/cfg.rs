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
    /// Which labels start a block.
    pub block_starts: BlockStarts,
    /// What ends of guarded regions are while the passes run.
    pub pop_blocks: PopBlocks,
    /// What tells how deeply guarded a `yield` is.
    pub yield_depth: YieldDepth,
    /// How a jump to a jump becomes a jump to where that leads.
    pub threading: JumpThreading,
    /// How cold blocks get back to the others.
    pub cold_jumps: ColdJumps,
    /// Which blocks without a line are copied for the sake of it.
    pub line_copies: LineCopies,
    /// What a generator's code begins with.
    pub generator_entry: GeneratorEntry,
    /// What loads a cell for a closure.
    pub closure_loads: ClosureLoads,
    /// Where the search for the sizes of jumps starts.
    pub jump_guesses: JumpGuesses,
    /// Which short exits take the place of jumps to them.
    pub exit_copies: ExitCopies,
    /// Is a copy of a constant known to be one?
    pub const_copies: ConstCopies,
    /// Which line a `NOP` at the end of a block must differ from to stay.
    pub nop_lines: NopLines,
    /// Which jumps have a direction.
    pub jump_directions: JumpDirections,
    /// What an entry of the location table covers.
    pub location_entries: LocationEntries,
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
    EliminateEmptyBasicBlocks,
    InlineSmallExitBlocks,
    OptimizeBasicBlocksInOrder,
    MarkReachable,
    RemoveRedundantNops,
    RemoveRedundantJumps,
    GuaranteeLinenoForExits,
    OptimizeAndCleanBasicBlocks,
    TrimUnusedConsts,
}

use CfgPass::{
    CalculateStackdepth, CheckUnboundLocals, ConvertPseudoConditionalJumps, ConvertPseudoOps,
    EliminateEmptyBasicBlocks, GuaranteeLinenoForExits, InlineSmallExitBlocks, InlineSmallOrNoLinenoBlocks,
    InsertSuperinstructions, LabelExceptionTargets, MarkReachable, NormalizeJumps,
    OptimizeAndCleanBasicBlocks, OptimizeBasicBlocks, OptimizeBasicBlocksInOrder, OptimizeLoadConst,
    OptimizeLoadFast, PrepareLocalsplus, PushColdBlocksToEnd, RemoveRedundantJumps, RemoveRedundantNops,
    RemoveRedundantNopsAndJumps, RemoveRedundantNopsAndPairs, RemoveUnreachable, RemoveUnusedConsts,
    ResolveLineNumbers, ResolveNextLocations, TrimUnusedConsts,
};

const PASSES_3_11: &[CfgPass] = &[
    InlineSmallExitBlocks,
    PrepareLocalsplus,
    OptimizeAndCleanBasicBlocks,
    InlineSmallExitBlocks,
    RemoveUnreachable,
    EliminateEmptyBasicBlocks,
    RemoveRedundantNops,
    RemoveRedundantJumps,
    ResolveLineNumbers,
    TrimUnusedConsts,
    GuaranteeLinenoForExits,
    CalculateStackdepth,
    LabelExceptionTargets,
    ConvertPseudoOps,
    RemoveRedundantNops,
];

const PASSES_3_12: &[CfgPass] = &[
    LabelExceptionTargets,
    EliminateEmptyBasicBlocks,
    InlineSmallExitBlocks,
    OptimizeBasicBlocksInOrder,
    RemoveRedundantNopsAndPairs,
    InlineSmallExitBlocks,
    MarkReachable,
    RemoveRedundantNops,
    EliminateEmptyBasicBlocks,
    RemoveRedundantJumps,
    RemoveUnusedConsts,
    CheckUnboundLocals,
    PushColdBlocksToEnd,
    ResolveLineNumbers,
    GuaranteeLinenoForExits,
    PrepareLocalsplus,
    CalculateStackdepth,
    ConvertPseudoOps,
    RemoveRedundantNops,
    NormalizeJumps,
];

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
    RemoveRedundantNopsAndJumps,
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
    RemoveRedundantNopsAndJumps,
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

/// Which labels start a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockStarts {
    /// All (3.12).
    Labels,
    /// Those that something leads to (3.13).
    Targets,
}

/// What `POP_BLOCK` is while the passes run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PopBlocks {
    /// An instruction, until pseudo-operations are converted (3.12).
    Kept,
    /// A `NOP`, once handlers are known (3.13).
    Nops,
}

/// What tells how many handlers guard a `yield`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum YieldDepth {
    /// Nothing (3.11).
    Nowhere,
    /// The argument of `YIELD_VALUE` (3.12).
    InYield,
    /// A flag in the argument of the `RESUME` after it, where it is just one (3.13).
    InResume,
}

/// How a jump to a jump becomes a jump to where that leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JumpThreading {
    /// Where both are on one line, it is given the other target (3.11).
    SameLine,
    /// Where the second has no line as well (3.12).
    SameLineOrNone,
    /// By a jump of its own, behind a `NOP` for its line (3.13).
    Appended,
}

/// What leads from a cold block to the warm one that follows it in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColdJumps {
    /// A plain jump, which no count of ways knows (3.12).
    Plain,
    /// One that does not look for signals (3.13).
    NoInterrupt,
}

/// Which blocks without a line are copied for each way that leads to them, so that they can have its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineCopies {
    /// Those that leave the scope (3.12).
    Exits,
    /// Those too that look for signals (3.13).
    ExitsAndChecks,
}

/// What a generator's code begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeneratorEntry {
    /// The value sent first is on the stack at entry, and nothing says where it is removed (3.12).
    ValueAtEntry,
    /// `RETURN_GENERATOR` leaves it, and it is removed on the first line (3.13).
    ValueAfterReturn,
}

/// What loads a cell for a closure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosureLoads {
    /// `LOAD_CLOSURE` (3.12).
    OwnOp,
    /// `LOAD_FAST` (3.13).
    LoadFast,
}

/// Where the search for the sizes of jumps starts, which can decide where it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JumpGuesses {
    /// From 0 (3.11).
    Zero,
    /// From the numbers of labels (3.12).
    Labels,
    /// From the numbers of instructions (3.13).
    Instructions,
}

/// Which short exits take the place of jumps to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitCopies {
    /// Those without a line, and only where the jump looks for signals (3.11).
    WithoutLine,
    /// All (3.12).
    All,
}

/// Is a copy of a constant on the stack known to be one?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstCopies {
    /// No (3.11).
    Unknown,
    /// Yes (3.12).
    Followed,
}

/// Which line a `NOP` at the end of a block must differ from to stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NopLines {
    /// That of the next block's first instruction, which may have none (3.11).
    FirstInstruction,
    /// The first line that is to be seen there (3.12).
    FirstLine,
}

/// Which jumps are told by their operation where they lead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JumpDirections {
    /// All but those that keep what they test (3.11).
    All,
    /// Those without a condition; the others lead forward (3.12).
    Unconditional,
}

/// What an entry of the location table covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocationEntries {
    /// One instruction (3.11).
    Each,
    /// All neighbours with one location (3.12).
    Runs,
}

impl CfgRecipe {
    /// The choices for `target`.
    pub const fn of(target: Target) -> CfgRecipe {
        match target.version {
            // What is older has a graph of its own, and shares little with 3.12.
            Version::V3_11 => CfgRecipe {
                passes: PASSES_3_11,
                folding: CfgFolding::Tuples,
                long_displays: LongDisplays::TuplesOnly,
                small_ints: SmallInts::Constants,
                return_const: ReturnOfConst::LoadAndReturn,
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
                block_starts: BlockStarts::Labels,
                pop_blocks: PopBlocks::Kept,
                yield_depth: YieldDepth::Nowhere,
                threading: JumpThreading::SameLine,
                cold_jumps: ColdJumps::Plain,
                line_copies: LineCopies::Exits,
                generator_entry: GeneratorEntry::ValueAtEntry,
                closure_loads: ClosureLoads::OwnOp,
                jump_guesses: JumpGuesses::Zero,
                exit_copies: ExitCopies::WithoutLine,
                const_copies: ConstCopies::Unknown,
                nop_lines: NopLines::FirstInstruction,
                jump_directions: JumpDirections::All,
                location_entries: LocationEntries::Each,
            },
            Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_12 => CfgRecipe {
                passes: PASSES_3_12,
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
                block_starts: BlockStarts::Labels,
                pop_blocks: PopBlocks::Kept,
                yield_depth: YieldDepth::InYield,
                threading: JumpThreading::SameLineOrNone,
                cold_jumps: ColdJumps::Plain,
                line_copies: LineCopies::Exits,
                generator_entry: GeneratorEntry::ValueAtEntry,
                closure_loads: ClosureLoads::OwnOp,
                jump_guesses: JumpGuesses::Labels,
                exit_copies: ExitCopies::All,
                const_copies: ConstCopies::Followed,
                nop_lines: NopLines::FirstLine,
                jump_directions: JumpDirections::Unconditional,
                location_entries: LocationEntries::Runs,
            },
            Version::V3_13 => CfgRecipe {
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
                block_starts: BlockStarts::Targets,
                pop_blocks: PopBlocks::Nops,
                yield_depth: YieldDepth::InResume,
                threading: JumpThreading::Appended,
                cold_jumps: ColdJumps::NoInterrupt,
                line_copies: LineCopies::ExitsAndChecks,
                generator_entry: GeneratorEntry::ValueAfterReturn,
                closure_loads: ClosureLoads::LoadFast,
                jump_guesses: JumpGuesses::Instructions,
                exit_copies: ExitCopies::All,
                const_copies: ConstCopies::Followed,
                nop_lines: NopLines::FirstLine,
                jump_directions: JumpDirections::Unconditional,
                location_entries: LocationEntries::Runs,
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
                block_starts: BlockStarts::Targets,
                pop_blocks: PopBlocks::Nops,
                yield_depth: YieldDepth::InResume,
                threading: JumpThreading::Appended,
                cold_jumps: ColdJumps::NoInterrupt,
                line_copies: LineCopies::ExitsAndChecks,
                generator_entry: GeneratorEntry::ValueAfterReturn,
                closure_loads: ClosureLoads::LoadFast,
                jump_guesses: JumpGuesses::Instructions,
                exit_copies: ExitCopies::All,
                const_copies: ConstCopies::Followed,
                nop_lines: NopLines::FirstLine,
                jump_directions: JumpDirections::Unconditional,
                location_entries: LocationEntries::Runs,
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
                block_starts: BlockStarts::Targets,
                pop_blocks: PopBlocks::Nops,
                yield_depth: YieldDepth::InResume,
                threading: JumpThreading::Appended,
                cold_jumps: ColdJumps::NoInterrupt,
                line_copies: LineCopies::ExitsAndChecks,
                generator_entry: GeneratorEntry::ValueAfterReturn,
                closure_loads: ClosureLoads::LoadFast,
                jump_guesses: JumpGuesses::Instructions,
                exit_copies: ExitCopies::All,
                const_copies: ConstCopies::Followed,
                nop_lines: NopLines::FirstLine,
                jump_directions: JumpDirections::Unconditional,
                location_entries: LocationEntries::Runs,
            },
        }
    }
}

/// Found to differ between 3.14.2 and 3.14.8; where exactly is not known.
const fn long_displays(micro: u8) -> LongDisplays {
    if micro < 3 { LongDisplays::TuplesOnly } else { LongDisplays::All }
}
