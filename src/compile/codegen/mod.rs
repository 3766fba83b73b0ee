//! Code generation: from the tree and its symbol table to one instruction sequence per code object
//! (CPython 3.13 `Python/compile.c`, 3.14 `Python/codegen.c`).
//!
//! One module per family of statements or expressions, all methods of [`Codegen`]. What differs between
//! releases is asked of the recipe and matched where it matters. Units (code objects in the making) form a
//! stack; a nested unit is finished, through [`Finish`], before the unit around it goes on.
//!
//! Invariants: instructions, arguments, labels and locations are those that
//! `_testinternalcapi.compiler_codegen` of the target shows; lists of names and constants are in the order
//! in which CPython asks for them. Nothing is optimised here that CPython does not optimise in this stage:
//! that is left to the control-flow graph. Memory is kept in [`Scratch`] and reused from file to file.

mod annotations;
mod block_stack;
mod blocks;
mod call;
mod checks;
mod class;
mod comprehension;
mod constants;
mod display;
mod docstring;
mod emit;
mod errors;
mod expr;
mod function;
mod import;
mod jump;
mod loops;
mod name;
mod numbers;
mod pattern;
mod slots;
mod stmt;
mod strings;
mod subscript;
#[cfg(test)]
mod tests;
mod tries;
mod try_star;
mod type_params;
mod unit;
mod with;

use crate::code::ObjectId;
use crate::compile::assemble::Assembler;
use crate::compile::consts::ConstPool;
use crate::compile::future::Future;
use crate::compile::ir::{InstrSeq, UnitMeta};
use crate::compile::recipe::{CodegenRecipe, Qualnames, Recipe};
use crate::compile::symtable::SymbolTable;
use crate::source::{Location, SourceError, Warning};
use crate::syntax::ast::{AnnAssign, Mod, Stmt};
use crate::target::UnicodeVersion;
use crate::value::{Interner, Name};
use blocks::FrameBlock;
use bumpalo::Bump;
use errors::Fallible;
pub use unit::Scratch;
use unit::{Unit, UnitKind};

/// What becomes of a finished unit: the later stages.
pub trait Finish<'a> {
    /// Makes a code object of a unit and returns its number in the pool. The buffers may be emptied.
    ///
    /// # Errors
    /// What CPython's later stages refuse.
    fn finish(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        consts: &mut ConstPool<'a>,
        names: &Interner,
    ) -> Result<ObjectId, SourceError>;
}

impl<'a> Finish<'a> for Assembler {
    fn finish(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        consts: &mut ConstPool<'a>,
        names: &Interner,
    ) -> Result<ObjectId, SourceError> {
        Ok(self.unit(seq, meta, names, consts))
    }
}

/// What code generation works with.
pub struct Input<'c, 'a> {
    /// Memory of the module's constants.
    pub arena: &'a Bump,
    /// Names.
    pub names: &'c mut Interner,
    /// The module's symbols, resolved.
    pub symbols: &'c SymbolTable,
    /// Constants of the module so far.
    pub consts: &'c mut ConstPool<'a>,
    /// The target's choices.
    pub recipe: &'c Recipe,
    /// The target's Unicode, which decides how annotations show characters.
    pub unicode: UnicodeVersion,
    /// 0, 1 or 2.
    pub optimize: u8,
    /// The module's future statements.
    pub future: Future,
    /// Where warnings go.
    pub warnings: &'c mut Vec<Warning>,
    /// The later stages.
    pub finish: &'c mut dyn Finish<'a>,
    /// Memory to reuse.
    pub scratch: &'c mut Scratch,
}

/// Generates code for a whole module and returns its code object's number.
///
/// # Errors
/// The exception that CPython's code generator (or a later stage) raises.
pub fn generate<'a>(module: &Mod<'a>, input: Input<'_, 'a>) -> Result<ObjectId, SourceError> {
    let block_stack = input.recipe.block_stack;
    let mut codegen = Codegen::new(input);
    let result = match block_stack {
        Some(recipe) => block_stack::Lowering::new(&mut codegen, recipe).module(module),
        None => codegen.module(module),
    };
    codegen.recycle();
    result.map_err(|error| *error)
}

/// An annotation that waits for its `__annotate__` function (3.14).
#[derive(Clone, Copy)]
struct DeferredAnnotation<'t, 'a> {
    stmt: &'t AnnAssign<'a>,
    loc: Location,
    /// Its number among the conditional ones.
    condition: Option<u32>,
}

/// The generator's state.
struct Codegen<'c, 't, 'a> {
    arena: &'a Bump,
    names: &'c mut Interner,
    symbols: &'c SymbolTable,
    consts: &'c mut ConstPool<'a>,
    recipe: CodegenRecipe,
    qualnames: Qualnames,
    unicode: UnicodeVersion,
    optimize: u8,
    future: Future,
    warnings: &'c mut Vec<Warning>,
    finish: &'c mut dyn Finish<'a>,
    scratch: &'c mut Scratch,
    /// The innermost unit.
    u: Box<Unit>,
    /// The units around it, outermost first.
    outer: Vec<Box<Unit>>,
    /// Frame blocks of all units, the innermost unit's last.
    blocks: Vec<FrameBlock<'t, 'a>>,
    /// Deferred annotations of all units, the innermost unit's last.
    deferred: Vec<DeferredAnnotation<'t, 'a>>,
    /// Free variables of the unit that was finished last.
    closure: Vec<Name>,
    /// The name of that code object.
    finished: Name,
    /// How many copies of `finally` bodies are being made that must not warn again.
    silent: u32,
    interactive: bool,
    /// Is the module's unit open?
    opened: bool,
}

impl<'c, 't, 'a> Codegen<'c, 't, 'a> {
    fn new(input: Input<'c, 'a>) -> Self {
        input.scratch.start();
        Codegen {
            arena: input.arena,
            names: input.names,
            symbols: input.symbols,
            consts: input.consts,
            recipe: input.recipe.codegen,
            qualnames: input.recipe.consts.qualnames,
            unicode: input.unicode,
            optimize: input.optimize,
            future: input.future,
            warnings: input.warnings,
            finish: input.finish,
            scratch: input.scratch,
            u: Box::default(),
            outer: Vec::new(),
            blocks: Vec::new(),
            deferred: Vec::new(),
            closure: Vec::new(),
            finished: crate::value::known::EMPTY,
            silent: 0,
            interactive: false,
            opened: false,
        }
    }

    fn module(&mut self, module: &'t Mod<'a>) -> Fallible<ObjectId> {
        self.enter_module();
        let add_none = match module {
            Mod::Module { body, .. } => {
                self.module_body(body, false)?;
                true
            }
            Mod::Interactive { body } => {
                self.interactive = true;
                self.module_body(body, true)?;
                true
            }
            Mod::Expression { body } => {
                self.expr(body)?;
                false
            }
            Mod::FunctionType { .. } => return self.error(Location::NONE, "func_type trees have no code"),
        };
        self.leave_unit(add_none)
    }

    /// Keeps the memory of units that are left open: the module's, and those in which there was an error.
    fn recycle(self) {
        self.scratch.keep(self.u);
        self.outer.into_iter().for_each(|unit| self.scratch.keep(unit));
    }

    /// Statements in turn.
    fn stmts(&mut self, stmts: &'t [Stmt<'a>]) -> Fallible {
        for stmt in stmts {
            self.stmt(stmt)?;
        }
        Ok(())
    }

    /// Is the innermost unit the module itself, at the prompt?
    fn at_prompt(&self) -> bool {
        self.interactive && self.u.kind == UnitKind::Module
    }
}
