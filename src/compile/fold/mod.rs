//! Preprocessing of the tree before symbols and code: constant folding as far as the target does it in the
//! tree, `__debug__`, `'…' % (…)` as f-strings, docstrings under `-OO`, and warnings about statements that
//! leave a `finally` block (3.13: `Python/ast_opt.c`; 3.14: `Python/ast_preprocess.c`).
//!
//! Nodes are changed in place. A folded node keeps its location; the values come from [`crate::value`].
//! What is folded later, in the control-flow graph, is left to `compile::cfg`.

mod constant;
mod distinct;
mod format;
#[cfg(test)]
mod tests;
mod walk;

use crate::compile::future::Future;
use crate::compile::recipe::FoldRecipe;
use crate::source::{SourceError, Warning};
use crate::syntax::ast::Mod;
use bumpalo::Bump;

/// What the tree is preprocessed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To be compiled, or shown as `ast.parse(…, optimize=…)` shows it.
    Optimized,
    /// To be shown as written: nothing is folded, but warnings are issued (`syntax_check_only`).
    AsWritten,
}

/// How to preprocess.
#[derive(Clone, Copy, Debug)]
pub struct FoldOptions<'o> {
    /// The target's choices.
    pub recipe: &'o FoldRecipe,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
    /// What the tree is preprocessed for.
    pub purpose: Purpose,
    /// The module's future statements: annotations that will be strings stay as they are.
    pub future: &'o Future,
}

/// Preprocesses `module`; new nodes and values go to `arena`, warnings to `warnings` in CPython's order.
///
/// # Errors
/// `RecursionError` where the tree nests deeper than the target allows.
pub fn preprocess<'a>(
    arena: &'a Bump,
    module: &mut Mod<'a>,
    options: &FoldOptions<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<(), SourceError> {
    walk::Folder::new(arena, options, warnings).module(module).map_err(|error| *error)
}
