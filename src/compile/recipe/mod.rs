//! What differs between targets in compilation: one named choice per question that a stage asks, answered
//! per release here and matched exhaustively there. Nothing but these files, `target` and the text styles
//! compares versions.
//!
//! A recipe is data without behaviour; the stages own what each choice means. One file per stage.

pub mod cfg;
mod codegen;
mod fold;
mod symtable;

pub use cfg::CfgRecipe;
pub use codegen::{
    AnnotateNames, Annotations, AssertionErrors, AsyncForEnd, BoolOps, CallExKeywords, ClassComprehensions,
    CodegenRecipe, ComprehensionCells, ComprehensionIters, ConstDisplays, ConstKeyMaps, ConstSlices,
    Docstrings, FinallyCopies, GeneratorStart, GenericParameters, GenexpCalls, ImportModes, IsLiterals,
    IteratorPop, IteratorSlots, LazyTypes, MatchedPop, Subscripts, WhileLoops, WithLayout,
};
pub use fold::{ConstantFolding, DocstringRemoval, FinallyExits, FoldRecipe, NestingLimit};
pub use symtable::{AnnotationBlocks, ContextChecks, InlinedClassCells, InlinedUses, SymtableRecipe};

use crate::target::Target;

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
}

impl Recipe {
    /// The recipe of `target`.
    pub const fn of(target: Target) -> Recipe {
        Recipe {
            fold: FoldRecipe::of(target),
            symtable: SymtableRecipe::of(target),
            cfg: CfgRecipe::of(target),
            codegen: CodegenRecipe::of(target),
        }
    }
}
