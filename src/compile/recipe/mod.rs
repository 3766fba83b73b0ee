//! What differs between targets in compilation: one named choice per question that a stage asks, answered
//! per release here and matched exhaustively there. Nothing but these files, `target` and the text styles
//! compares versions.
//!
//! A recipe is data without behaviour; the stages own what each choice means. One file per stage.

pub mod block_stack;
pub mod cfg;
mod codegen;
mod consts;
mod fold;
mod symtable;
mod wording;

pub use block_stack::BlockStackRecipe;
pub use cfg::CfgRecipe;
pub use codegen::{
    AnnotateNames, AnnotationOrder, Annotations, AssertRaises, AssertionErrors, AsyncForEnd, BoolOps,
    CallExKeywords, CallNull, CallOps, ClassComprehensions, ClassDerefs, ClassOrigins, ClauseLocations,
    CodegenRecipe, CompareArgs, ComprehensionCells, ComprehensionIters, ComprehensionScopes, ConstDisplays,
    ConstKeyMaps, ConstSlices, Delegation, DocstringText, Docstrings, EmptyJoins, ExceptStars, FinallyCopies,
    ForTargets, FormattedValues, FunctionAttributes, FunctionStart, GeneratorStart, GenericParameters,
    GenexpCalls, ImportModes, Infinities, Intrinsics, IsLiterals, IteratorPop, IteratorSlots, KeywordCalls,
    LambdaReturns, LazyTypes, LocationState, MatchedPop, MethodLoads, PlainJumps, SkippedDocstrings,
    Subscripts, TruthTests, WhileLoops, WithEnds, WithLayout,
};
pub use consts::{
    CodeBytes, ConstsRecipe, Filenames, FrozensetKeys, InternedStrings, LeastStack, Qualnames, StaticStrings,
};
pub use fold::{
    ConstantFolding, DebugNames, DocstringRemoval, FinallyExits, FoldRecipe, NamedExprs, NestingLimit,
    PercentFormats, StringAnnotations,
};
pub use symtable::{
    AnnotationBlocks, AnnotationFunctions, AsyncComprehensions, ComprehensionBlocks, ContextChecks,
    GenericPrivates, InlinedClassCells, InlinedUses, NamedLookup, ParameterWord, SymbolErrors,
    SymtableRecipe,
};

pub use wording::{BlockLimit, FutureErrors, IsWarnings, Wording, YieldFromName};

use crate::target::Target;

/// The first micro release of 3.12 that is taken to behave like 3.12.15 where 3.12.1 does not. Where exactly each of
/// these changes came is not known, but for locations: those that work with them had to follow 3.12.6.
const EPOCH_3_12: u8 = 6;

/// The same for 3.11.17 and 3.11.7; nothing says where between them.
const EPOCH_3_11: u8 = 8;

/// All choices for one target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recipe {
    /// Preprocessing of the tree.
    pub fold: FoldRecipe,
    /// The symbol table.
    pub symtable: SymtableRecipe,
    /// The control-flow graph.
    pub cfg: CfgRecipe,
    /// Code generation.
    pub codegen: CodegenRecipe,
    /// Code objects and constants.
    pub consts: ConstsRecipe,
    /// Lowering and assembly for interpreters with a block stack, where the release has one.
    pub block_stack: Option<BlockStackRecipe>,
}

impl Recipe {
    /// The recipe of `target`.
    pub const fn of(target: Target) -> Recipe {
        Recipe {
            fold: FoldRecipe::of(target),
            symtable: SymtableRecipe::of(target),
            cfg: CfgRecipe::of(target),
            codegen: CodegenRecipe::of(target),
            consts: ConstsRecipe::of(target),
            block_stack: BlockStackRecipe::of(target),
        }
    }
}
