//! Comprehensions, inlined (PEP 709) and as functions, and generator expressions.

use super::Codegen;
use super::blocks::BlockKind;
use super::errors::Fallible;
use super::numbers::{awaitable, resume};
use super::slots::FastHidden;
use super::unit::{ParameterCounts, UnitKind};
use crate::compile::ir::Label;
use crate::compile::recipe::{
    ClassComprehensions, ComprehensionCells, ComprehensionIters, ComprehensionScopes, ContextChecks,
    IteratorSlots,
};
use crate::compile::symtable::{SymbolFlags, VarScope};
use crate::source::Location;
use crate::syntax::ast::{Comprehension, Expr, ExprKind, ScopeId};
use crate::target::Op;
use crate::value::{Name, known};

/// What a comprehension makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Generator,
    List,
    Set,
    Dict,
}

/// A comprehension of any kind.
#[derive(Clone, Copy)]
pub(super) struct Parts<'t, 'a> {
    pub(super) kind: Kind,
    pub(super) scope: ScopeId,
    pub(super) generators: &'t [Comprehension<'a>],
    /// Element or key.
    pub(super) elt: &'t Expr<'a>,
    /// A dict's value.
    pub(super) value: Option<&'t Expr<'a>>,
}

impl<'t, 'a> Parts<'t, 'a> {
    pub(super) fn of(expr: &'t Expr<'a>) -> Option<Self> {
        let (kind, node) = match &expr.kind {
            ExprKind::GeneratorExp(node) => (Kind::Generator, node),
            ExprKind::ListComp(node) => (Kind::List, node),
            ExprKind::SetComp(node) => (Kind::Set, node),
            ExprKind::DictComp(node) => {
                let (scope, generators) = (node.scope, &*node.generators);
                return Some(Parts {
                    kind: Kind::Dict,
                    scope,
                    generators,
                    elt: node.key,
                    value: node.value.as_deref(),
                });
            }
            _ => return None,
        };
        Some(Parts { kind, scope: node.scope, generators: node.generators, elt: node.elt, value: None })
    }

    pub(super) fn name(&self) -> Name {
        match self.kind {
            Kind::Generator => known::ANON_GENEXPR,
            Kind::List => known::ANON_LISTCOMP,
            Kind::Set => known::ANON_SETCOMP,
            Kind::Dict => known::ANON_DICTCOMP,
        }
    }

    /// Where the element is.
    fn element_location(&self) -> Location {
        let loc = self.elt.loc;
        match self.value {
            Some(value) => Location::new(loc.line, loc.col, value.loc.end_line, value.loc.end_col),
            None => loc,
        }
    }
}

/// Where one `for` of a comprehension stands.
#[derive(Clone, Copy)]
struct Level {
    /// Which it is.
    index: usize,
    /// How many iterators are on the stack above the result.
    depth: u32,
    /// Is its iterator on the stack already?
    iter_on_stack: bool,
}

/// What an inlined comprehension has to undo.
struct Inlined {
    /// Where its names begin in the stack of names whose scopes it changed.
    first_changed: usize,
    /// Where its names begin in the stack of names whose values it keeps on the value stack.
    first_local: usize,
    /// Where exceptions go.
    cleanup: Option<Label>,
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn comprehension(&mut self, expr: &'t Expr<'a>) -> Fallible {
        let Some(parts) = Parts::of(expr) else { return Ok(()) };
        let loc = expr.loc;
        let info = *self.symbols.scope(parts.scope);
        let Some(outermost) = parts.generators.first() else { return Ok(()) };
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator
                if info.coroutine
                    && parts.kind != Kind::Generator
                    && !matches!(self.u.kind, UnitKind::AsyncFunction | UnitKind::Comprehension) =>
            {
                let message = "asynchronous comprehension outside of an asynchronous function";
                return self.async_comprehension_error(outermost, info.comp_inlined, loc, message);
            }
            ContextChecks::CodeGenerator | ContextChecks::SymbolTable => {}
        }
        if info.comp_inlined {
            self.outermost_iter(outermost, loc)?;
            let before_loop = match self.recipe.comprehension_iters {
                ComprehensionIters::Once | ComprehensionIters::Twice => false,
                ComprehensionIters::BeforeLoop => true,
            };
            let state = self.enter_inlined(parts.scope, loc);
            self.build(parts.kind, loc);
            self.op_arg(Op::Swap, 2, loc);
            if before_loop {
                self.comprehension_iter(outermost, loc);
            }
            let level = Level { index: 0, depth: 0, iter_on_stack: true };
            self.generator(parts, level, loc)?;
            self.leave_inlined(&state, loc);
            return Ok(());
        }
        let parameters = ParameterCounts { positional: 1, ..ParameterCounts::default() };
        let qualname = self.qualname(parts.name(), None, UnitKind::Comprehension);
        self.open_unit(parts.name(), qualname, UnitKind::Comprehension, parts.scope, loc.line, parameters);
        let mut iter_on_stack = false;
        match self.recipe.comprehension_iters {
            ComprehensionIters::BeforeLoop if parts.kind == Kind::Generator => {
                // The iterator is taken when the generator is made.
                self.op_arg(Op::Resume, resume::AT_GEN_EXPR_START, Location::NONE);
                self.op_arg(Op::LoadFast, 0, outermost.iter.loc);
                self.comprehension_iter(outermost, loc);
                iter_on_stack = true;
            }
            ComprehensionIters::BeforeLoop | ComprehensionIters::Once | ComprehensionIters::Twice => {}
        }
        self.start_body(loc.line);
        if parts.kind != Kind::Generator {
            self.build(parts.kind, loc);
        }
        let after = self.generator(parts, Level { index: 0, depth: 0, iter_on_stack }, loc)?;
        if parts.kind == Kind::Generator {
            self.wrap_in_stop_iteration_handler();
        } else {
            let at = self.tracked(after, loc);
            self.op(Op::ReturnValue, at);
        }
        let code = self.leave_unit(true)?;
        self.make_closure(code, 0, loc)?;
        self.outermost_iter(outermost, loc)?;
        self.call_op(0, loc);
        if info.coroutine && parts.kind != Kind::Generator {
            self.await_top(awaitable::PLAIN, loc);
        }
        Ok(())
    }

    /// CPython compiles the outermost iterable of an inlined comprehension before it complains.
    fn async_comprehension_error(
        &mut self,
        outermost: &'t Comprehension<'a>,
        inlined: bool,
        loc: Location,
        message: &str,
    ) -> Fallible {
        if inlined {
            self.outermost_iter(outermost, loc)?;
        }
        self.error(loc, message)
    }

    fn outermost_iter(&mut self, outermost: &'t Comprehension<'a>, loc: Location) -> Fallible {
        self.expr(outermost.iter)?;
        match self.recipe.comprehension_iters {
            ComprehensionIters::Once | ComprehensionIters::Twice => self.comprehension_iter(outermost, loc),
            ComprehensionIters::BeforeLoop => {}
        }
        Ok(())
    }

    /// The iterator of what is on the stack, in a comprehension at `whole`.
    fn comprehension_iter(&mut self, generator: &'t Comprehension<'a>, whole: Location) {
        let loc = self.clause_location(whole, generator.iter.loc);
        if generator.is_async { self.op(Op::GetAiter, loc) } else { self.get_iter(loc) }
    }

    /// How many places of the stack a loop's iterator takes.
    fn iterator_depth(&self) -> u32 {
        match self.recipe.iterator_slots {
            IteratorSlots::One => 1,
            IteratorSlots::Two => 2,
        }
    }

    /// The empty result.
    fn build(&mut self, kind: Kind, loc: Location) {
        let op = match kind {
            Kind::Generator => return,
            Kind::List => Op::BuildList,
            Kind::Set => Op::BuildSet,
            Kind::Dict => Op::BuildMap,
        };
        self.op_arg(op, 0, loc);
    }

    /// One `for` with its `if`s, and all that is within it.
    /// Returns where the compiler is afterwards.
    fn generator(&mut self, parts: Parts<'t, 'a>, level: Level, loc: Location) -> Fallible<Location> {
        let generator = &parts.generators[level.index];
        if generator.is_async {
            self.async_generator(parts, generator, level, loc)
        } else {
            self.sync_generator(parts, generator, level, loc)
        }
    }

    fn sync_generator(
        &mut self,
        parts: Parts<'t, 'a>,
        generator: &'t Comprehension<'a>,
        level: Level,
        mut loc: Location,
    ) -> Fallible<Location> {
        let start = self.new_label();
        let if_cleanup = self.new_label();
        let anchor = self.new_label();
        let mut depth = level.depth;
        let mut loops = true;
        if !level.iter_on_stack {
            if level.index == 0 {
                self.op_arg(Op::LoadFast, 0, loc);
                match self.recipe.comprehension_iters {
                    ComprehensionIters::Once | ComprehensionIters::Twice => {}
                    ComprehensionIters::BeforeLoop => self.comprehension_iter(generator, loc),
                }
            } else if let Some(only) = only_element(generator.iter) {
                // `for y in [f(x)]` is an assignment.
                self.expr(only)?;
                loops = false;
            } else {
                self.expr(generator.iter)?;
                self.comprehension_iter(generator, loc);
            }
        }
        if loops {
            depth += self.iterator_depth();
            match self.recipe.comprehension_iters {
                ComprehensionIters::Once | ComprehensionIters::BeforeLoop => {}
                ComprehensionIters::Twice => self.op(Op::GetIter, generator.iter.loc),
            }
            self.use_label(start);
            let at = self.clause_location(loc, generator.iter.loc);
            self.jump(Op::ForIter, anchor, at);
        }
        self.expr(generator.target)?;
        for test in generator.ifs.iter() {
            loc = self.jump_if(test, if_cleanup, false, loc)?;
        }
        let element_loc = self.rest(parts, level.index, depth, loc)?;
        self.use_label(if_cleanup);
        if loops {
            self.jump(Op::Jump, start, element_loc);
            self.use_label(anchor);
            self.end_for();
        }
        Ok(element_loc)
    }

    fn async_generator(
        &mut self,
        parts: Parts<'t, 'a>,
        generator: &'t Comprehension<'a>,
        level: Level,
        mut loc: Location,
    ) -> Fallible<Location> {
        let start = self.new_label();
        let send = self.new_label();
        let except = self.new_label();
        let if_cleanup = self.new_label();
        if !level.iter_on_stack {
            if level.index == 0 {
                self.op_arg(Op::LoadFast, 0, loc);
                match self.recipe.comprehension_iters {
                    ComprehensionIters::Once | ComprehensionIters::Twice => {}
                    ComprehensionIters::BeforeLoop => self.comprehension_iter(generator, loc),
                }
            } else {
                self.expr(generator.iter)?;
                self.comprehension_iter(generator, loc);
            }
        }
        self.use_label(start);
        self.push_block(BlockKind::AsyncComprehension, loc)?;
        self.jump(Op::SetupFinally, except, loc);
        self.op(Op::GetAnext, loc);
        self.start_sending(loc);
        self.use_label(send);
        self.yield_from(resume::AFTER_AWAIT, loc);
        self.op(Op::PopBlock, loc);
        self.expr(generator.target)?;
        for test in generator.ifs.iter() {
            loc = self.jump_if(test, if_cleanup, false, loc)?;
        }
        let element_loc = self.rest(parts, level.index, level.depth + 1, loc)?;
        self.use_label(if_cleanup);
        self.jump(Op::Jump, start, element_loc);
        self.pop_block();
        self.use_label(except);
        let at = self.tracked(element_loc, loc);
        self.end_async_for(send, at);
        Ok(element_loc)
    }

    /// What is within a `for`: the next one or the element. Returns the location of the jump back.
    fn rest(&mut self, parts: Parts<'t, 'a>, index: usize, depth: u32, loc: Location) -> Fallible<Location> {
        if index + 1 < parts.generators.len() {
            let level = Level { index: index + 1, depth, iter_on_stack: false };
            let after = self.generator(parts, level, loc)?;
            return Ok(self.tracked(after, parts.elt.loc));
        }
        let element_loc = self.tracked(loc, parts.element_location());
        if let ExprKind::Starred { value, .. } = &parts.elt.kind {
            self.expr(value)?;
            self.add_all(parts.kind, depth, element_loc);
            return Ok(element_loc);
        }
        self.expr(parts.elt)?;
        let add = match (parts.kind, parts.value) {
            (Kind::Generator, _) => {
                self.yield_top(element_loc);
                self.op(Op::PopTop, element_loc);
                return Ok(element_loc);
            }
            (Kind::List, _) => Op::ListAppend,
            (Kind::Set, _) => Op::SetAdd,
            (Kind::Dict, Some(value)) => {
                self.expr(value)?;
                Op::MapAdd
            }
            (Kind::Dict, None) => Op::DictUpdate,
        };
        self.op_arg(add, depth + 1, element_loc);
        Ok(element_loc)
    }

    /// Adds all items of what is on the stack (PEP 798).
    fn add_all(&mut self, kind: Kind, depth: u32, loc: Location) {
        match kind {
            Kind::Generator => {
                let start = self.new_label();
                let end = self.new_label();
                self.get_iter(loc);
                self.use_label(start);
                self.jump(Op::ForIter, end, loc);
                self.yield_top(loc);
                self.op(Op::PopTop, loc);
                self.jump(Op::Jump, start, Location::NONE);
                self.use_label(end);
                self.end_for();
            }
            Kind::List => self.op_arg(Op::ListExtend, depth + 1, loc),
            Kind::Set => self.op_arg(Op::SetUpdate, depth + 1, loc),
            Kind::Dict => self.op_arg(Op::DictUpdate, depth + 1, loc),
        }
    }

    /// Gives the comprehension's names the scopes that they have in it, and keeps the values of names that
    /// mean something else outside on the stack.
    fn enter_inlined(&mut self, scope: ScopeId, loc: Location) -> Inlined {
        let in_class = self.u.class_block && self.u.inlined == 0;
        self.u.inlined += 1;
        if in_class {
            // Inside, what is not the comprehension's is not looked for in the class.
            self.u.tables.forget_accesses();
        }
        let first_changed = self.scratch.changed.len();
        let first_local = self.scratch.kept.len();
        let symbols = self.symbols;
        for symbol in symbols.symbols(scope) {
            let symbol = symbols.symbol(symbol);
            let outside = self.var_scope(symbol.name);
            let free_for_both = symbol.scope == VarScope::Cell && outside == VarScope::Free;
            let differs = symbol.scope != outside && !free_for_both;
            let bound = symbol.flags.has(SymbolFlags::LOCAL) && !symbol.flags.has(SymbolFlags::NONLOCAL);
            let changes = match self.recipe.comprehension_scopes {
                ComprehensionScopes::OfBoundNames => differs && (bound || in_class),
                ComprehensionScopes::OfAllNames => differs && symbol.scope != VarScope::Free || in_class,
            };
            if changes {
                self.change_scope(symbol.name, symbol.flags, symbol.scope);
            }
            let kept = match self.recipe.class_comprehensions {
                ClassComprehensions::KeepAllNames => bound || in_class,
                ClassComprehensions::KeepBoundNames => bound,
            };
            if kept {
                let outside = match self.recipe.comprehension_cells {
                    ComprehensionCells::ScopeOutside => outside,
                    ComprehensionCells::ScopeNow => self.var_scope(symbol.name),
                };
                self.keep_local(symbol.name, symbol.scope, outside, loc);
            }
        }
        let kept = self.scratch.kept.len() - first_local;
        let mut cleanup = None;
        if kept > 0 {
            // The iterator back to the top; leaving swaps the result the same way.
            self.op_count(Op::Swap, kept + 1, loc);
            let label = self.new_label();
            self.jump(Op::SetupFinally, label, loc);
            cleanup = Some(label);
        }
        Inlined { first_changed, first_local, cleanup }
    }

    fn change_scope(&mut self, name: Name, flags: SymbolFlags, scope: VarScope) {
        let (flags_before, scope_before) = self.slot(name).change(flags, scope);
        self.scratch.changed.push((name, flags_before, scope_before));
        if self.u.kind == UnitKind::Module {
            self.scratch.set_module_flags(name, flags);
        }
    }

    fn keep_local(&mut self, name: Name, scope: VarScope, outside: VarScope, loc: Location) {
        let mut hides = false;
        if !self.u.function_like {
            hides = self.slot(name).hide(FastHidden::Now) != FastHidden::Now;
        }
        let arg = self.var_index(name);
        self.op_arg(Op::LoadFastAndClear, arg, loc);
        if scope == VarScope::Cell {
            let arg = if outside == VarScope::Free { self.free_index(name) } else { self.cell_index(name) };
            self.op_arg(Op::MakeCell, arg, loc);
        }
        self.scratch.kept.push((name, hides));
    }

    /// Undoes [`Codegen::enter_inlined`], in the good case and when an exception comes.
    fn leave_inlined(&mut self, state: &Inlined, loc: Location) {
        let none = Location::NONE;
        self.u.inlined -= 1;
        while self.scratch.changed.len() > state.first_changed
            && let Some((name, flags, scope)) = self.scratch.changed.pop()
        {
            self.slot(name).change(flags, scope);
            if self.u.kind == UnitKind::Module {
                self.scratch.set_module_flags(name, flags);
            }
        }
        if let Some(cleanup) = state.cleanup {
            self.op(Op::PopBlock, none);
            let end = self.new_label();
            self.plain_jump(end, none);
            self.use_label(cleanup);
            // The result so far is beneath the exception.
            self.op_arg(Op::Swap, 2, none);
            self.op(Op::PopTop, none);
            self.restore_locals(state.first_local, loc);
            self.op_arg(Op::Reraise, 0, none);
            self.use_label(end);
            self.restore_locals(state.first_local, loc);
        }
        while self.scratch.kept.len() > state.first_local
            && let Some((name, hides)) = self.scratch.kept.pop()
        {
            if hides {
                self.slot(name).hide(FastHidden::Once);
            }
        }
    }

    /// Stores the kept values back, from beneath what is on top of the stack.
    fn restore_locals(&mut self, first: usize, loc: Location) {
        self.op_count(Op::Swap, self.scratch.kept.len() - first + 1, loc);
        for index in (first..self.scratch.kept.len()).rev() {
            let (name, _) = self.scratch.kept[index];
            let arg = self.var_index(name);
            self.op_arg(Op::StoreFastMaybeNull, arg, loc);
        }
    }
}

/// The element of a list or tuple display of just one.
pub(super) fn only_element<'e, 'a>(iter: &'e Expr<'a>) -> Option<&'e Expr<'a>> {
    let (ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. }) = &iter.kind else { return None };
    match &**elts {
        [only] if !matches!(only.kind, ExprKind::Starred { .. }) => Some(only),
        _ => None,
    }
}
