//! Code generation for interpreters with a block stack (3.8 to 3.10): a lowering of its own, because its
//! instructions, its blocks and its lines are not those of later releases.
//!
//! Names, constants, scopes and units are the [`Codegen`]'s, which this borrows. As in CPython there is a
//! current line, which statements set and expressions restore, and a current block; labels that are placed
//! start blocks, and `InstrSeq::starts` has them in the order of the code.
//!
//! Invariants: instructions are written in CPython's order, and blocks are made in the order in which CPython
//! makes them, since both decide what later stages do (numbers of constants and names; which copy of a block
//! comes first).

mod call;
mod comprehension;
mod display;
mod expr;
mod function;
mod loops;
mod pattern;
mod stmt;
mod tries;
mod tries_called;
mod unwind;
mod with;

use super::Codegen;
use super::errors::Fallible;
use super::unit::{ParameterCounts, UnitKind};
use crate::code::ObjectId;
use crate::compile::consts::ConstPool;
use crate::compile::ir::Label;
use crate::compile::recipe::block_stack::{BlockStackRecipe, Lines, ModuleStart, Optimizer};
use crate::compile::symtable::SymbolTable;
use crate::source::Location;
use crate::syntax::ast::{Const, Mod, ScopeId, Stmt};
use crate::target::Op;
use crate::value::{Name, known};
use unwind::FrameBlock;

/// What a unit has besides the [`Codegen`]'s own.
#[derive(Clone, Copy)]
struct UnitState {
    /// Where the current source text is. Line 0: as before; negative (3.10): none.
    loc: Location,
    /// 3.8: has an instruction the current line already?
    line_marked: bool,
    /// Does the current block return?
    returns: bool,
    /// Where this unit's frame blocks begin.
    first_block: usize,
}

/// The lowering of one module.
pub(super) struct Lowering<'g, 'c, 't, 'a> {
    g: &'g mut Codegen<'c, 't, 'a>,
    recipe: BlockStackRecipe,
    u: UnitState,
    /// The units around, outermost first.
    outer: Vec<UnitState>,
    /// Frame blocks of all units, the innermost unit's last.
    blocks: Vec<FrameBlock<'t, 'a>>,
    /// How many constant conditions say that nothing is to be written.
    muted: u32,
}

impl<'g, 'c, 't, 'a> Lowering<'g, 'c, 't, 'a> {
    pub(super) fn new(g: &'g mut Codegen<'c, 't, 'a>, recipe: BlockStackRecipe) -> Self {
        let u = UnitState { loc: at_line(0), line_marked: false, returns: false, first_block: 0 };
        Lowering { g, recipe, u, outer: Vec::new(), blocks: Vec::new(), muted: 0 }
    }

    /// The whole module.
    pub(super) fn module(&mut self, module: &'t Mod<'a>) -> Fallible<ObjectId> {
        let line = match self.recipe.module_start {
            ModuleStart::FirstInstruction => 0,
            ModuleStart::One => 1,
        };
        self.g.open_module(line);
        self.u.loc = at_line(line);
        self.first_block();
        let add_none = match module {
            Mod::Module { body, .. } => {
                self.body(body, true)?;
                true
            }
            Mod::Interactive { body } => {
                self.g.interactive = true;
                if super::annotations::has_annotations(body) {
                    self.op(Op::SetupAnnotations);
                }
                self.stmts(body)?;
                true
            }
            Mod::Expression { body } => {
                self.expr(body)?;
                false
            }
            Mod::FunctionType { .. } => {
                return self.g.error(Location::NONE, "func_type trees have no code");
            }
        };
        self.finish_unit(add_none)
    }

    fn first_block(&mut self) {
        let first = self.new_label();
        self.use_label(first);
    }

    /// Opens a unit within the current one.
    fn enter_unit(
        &mut self,
        name: Name,
        kind: UnitKind,
        scope: ScopeId,
        line: i32,
        parameters: ParameterCounts,
    ) {
        let qualname = self.g.qualname(name, None, kind);
        self.g.open_unit(name, qualname, kind, scope, line, parameters);
        self.outer.push(self.u);
        // No line: that of what comes before, or the unit's first.
        self.u =
            UnitState { loc: at_line(0), line_marked: false, returns: false, first_block: self.blocks.len() };
        self.first_block();
    }

    /// Finishes the innermost unit and returns its code object (`assemble`).
    fn finish_unit(&mut self, add_none: bool) -> Fallible<ObjectId> {
        if !self.u.returns {
            match self.recipe.optimizer {
                Optimizer::Peephole => self.next_block(),
                Optimizer::Graph => self.no_line(),
            }
            if add_none {
                self.load_none();
            }
            self.op(Op::ReturnValue);
        }
        self.blocks.truncate(self.u.first_block);
        let code = if self.muted > 0 {
            self.g.drop_unit();
            ConstPool::NONE
        } else {
            self.g.seal_unit()?
        };
        if let Some(outer) = self.outer.pop() {
            self.u = outer;
        }
        Ok(code)
    }

    fn stmts(&mut self, stmts: &'t [Stmt<'a>]) -> Fallible {
        for stmt in stmts {
            self.stmt(stmt)?;
        }
        Ok(())
    }

    /// Nothing is written for what `visit` visits (`BEGIN_DO_NOT_EMIT_BYTECODE`).
    fn muted(&mut self, visit: impl FnOnce(&mut Self) -> Fallible) -> Fallible {
        self.muted += 1;
        visit(self)?;
        self.muted -= 1;
        Ok(())
    }
}

/// Lines.
impl Lowering<'_, '_, '_, '_> {
    /// What follows comes from `loc`, whatever was before (`SET_LOC`).
    fn set_loc(&mut self, loc: Location) {
        self.u.loc = loc;
        self.u.line_marked = false;
    }

    /// What follows comes from `loc`, perhaps on the line before.
    fn change_loc(&mut self, loc: Location) {
        if self.u.loc.line != loc.line {
            self.u.line_marked = false;
        }
        self.u.loc = loc;
    }

    /// What follows comes from no line, where the release knows such (`UNSET_LOC`).
    fn no_line(&mut self) {
        match self.recipe.lines {
            Lines::Marks | Lines::Each => {}
            Lines::Exact => self.u.loc.line = -1,
        }
    }

    /// Runs `write` without a line, where the release knows such (`…_NOLINE`).
    fn without_line(&mut self, write: impl FnOnce(&mut Self)) {
        let loc = self.u.loc;
        self.no_line();
        write(self);
        match self.recipe.lines {
            Lines::Marks | Lines::Each => {}
            Lines::Exact => self.u.loc = loc,
        }
    }

    /// Is it a release that tells lines exactly, and so writes `NOP`s for statements without other code?
    fn exact(&self) -> bool {
        self.recipe.lines == Lines::Exact
    }

    /// For errors and warnings.
    fn here(&self) -> Location {
        self.u.loc
    }
}

/// Only a line is known.
const fn at_line(line: i32) -> Location {
    Location::new(line, 0, line, 0)
}

/// Instructions and blocks.
impl<'a> Lowering<'_, '_, '_, 'a> {
    fn emit(&mut self, op: Op, arg: u32) {
        if self.muted > 0 {
            return;
        }
        let line = match self.recipe.lines {
            Lines::Marks => {
                let line = if self.u.line_marked { 0 } else { self.u.loc.line };
                self.u.line_marked = true;
                line
            }
            Lines::Each | Lines::Exact => self.u.loc.line,
        };
        if op == Op::ReturnValue {
            self.u.returns = true;
        }
        self.g.op_arg(op, arg, Location::new(line, 0, line, 0));
    }

    fn op(&mut self, op: Op) {
        self.emit(op, 0);
    }

    fn op_arg(&mut self, op: Op, arg: u32) {
        self.emit(op, arg);
    }

    fn op_count(&mut self, op: Op, count: usize) {
        self.emit(op, count as u32);
    }

    fn jump(&mut self, op: Op, target: Label) {
        self.emit(op, target.0);
    }

    /// An instruction whose argument is the number of a (not yet mangled) name in `co_names`.
    fn op_name(&mut self, op: Op, name: Name) {
        if self.muted > 0 {
            return;
        }
        let name = self.g.maybe_mangle(name);
        let arg = self.g.name_index(name);
        self.emit(op, arg);
    }

    fn new_label(&mut self) -> Label {
        self.g.new_label()
    }

    /// Starts the block of `label` behind the current one (`compiler_use_next_block`).
    fn use_label(&mut self, label: Label) {
        self.g.use_label(label);
        self.g.u.seq.starts.push(label);
        self.u.returns = false;
    }

    /// Starts a new block (`NEXT_BLOCK`).
    fn next_block(&mut self) {
        let label = self.new_label();
        self.use_label(label);
    }

    /// Starts a new block behind a jump or an exit, where the release makes a graph of blocks.
    fn cut(&mut self) {
        match self.recipe.optimizer {
            Optimizer::Peephole => {}
            Optimizer::Graph => self.next_block(),
        }
    }

    fn load_const(&mut self, id: ObjectId) {
        if self.muted > 0 {
            return;
        }
        let arg = self.g.const_index(id);
        self.emit(Op::LoadConst, arg);
    }

    fn load_none(&mut self) {
        self.load_const(ConstPool::NONE);
    }

    fn load_int(&mut self, value: i64) {
        if self.muted > 0 {
            return;
        }
        let id = self.g.consts.int(value);
        self.load_const(id);
    }

    fn load_value(&mut self, value: &Const<'a>) {
        if self.muted > 0 {
            return;
        }
        let id = self.g.consts.constant(value);
        self.load_const(id);
    }

    fn load_name_const(&mut self, name: Name) {
        if self.muted > 0 {
            return;
        }
        let id = self.g.consts.name(name, self.g.names);
        self.load_const(id);
    }

    fn load_names_const(&mut self, names: impl Iterator<Item = Name>) {
        if self.muted > 0 {
            return;
        }
        let id = self.g.consts.names(names, self.g.names);
        self.load_const(id);
    }

    fn load_docstring_name(&mut self) -> Fallible {
        self.store_name(known::DUNDER_DOC)
    }

    /// `yield from` and `await` once the iterator is there.
    fn yield_from(&mut self) {
        self.load_none();
        self.op(Op::YieldFrom);
    }

    /// Awaits what is on the stack.
    fn await_top(&mut self) {
        self.op(Op::GetAwaitable);
        self.yield_from();
    }

    /// An error at what is being compiled.
    fn error<T>(&self, message: impl Into<String>) -> Fallible<T> {
        self.g.error(self.here(), message)
    }

    /// Is the innermost unit the module itself, at the prompt?
    fn at_prompt(&self) -> bool {
        self.g.interactive && self.g.u.scope == SymbolTable::ROOT
    }
}
