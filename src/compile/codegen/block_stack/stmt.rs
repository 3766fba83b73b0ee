//! Statements: the dispatch, and those that have no module of their own.

use super::Lowering;
use crate::compile::codegen::annotations::has_annotations;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::import::is_after;
use crate::compile::codegen::unit::UnitKind;
use crate::compile::recipe::block_stack::{AssertionErrors, Lines};
use crate::source::Location;
use crate::syntax::ast::{
    Alias, AnnAssign, Assign, Const, Expr, ExprContext, ExprKind, ImportFrom, Operator, Stmt, StmtKind,
};
use crate::target::Op;
use crate::value::{Name, known};
use memchr::memchr;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    /// One statement.
    pub(super) fn stmt(&mut self, stmt: &'t Stmt<'a>) -> Fallible {
        let loc = stmt.loc;
        self.set_loc(loc);
        match &stmt.kind {
            StmtKind::FunctionDef(def) => self.function_def(def, false, loc),
            StmtKind::AsyncFunctionDef(def) => self.function_def(def, true, loc),
            StmtKind::ClassDef(def) => self.class_def(def, loc),
            StmtKind::Return { value } => self.return_stmt(value.as_deref(), loc),
            StmtKind::Delete { targets } => self.exprs(targets),
            StmtKind::Assign(assign) => self.assign(assign),
            StmtKind::AugAssign { target, op, value } => self.aug_assign(target, *op, value),
            StmtKind::AnnAssign(assign) => self.ann_assign(assign),
            StmtKind::Import { names, .. } => self.import(names),
            StmtKind::ImportFrom(import) => self.import_from(import, loc),
            StmtKind::Raise { exc, cause } => self.raise(exc.as_deref(), cause.as_deref()),
            StmtKind::Assert { test, msg } => self.assert(test, msg.as_deref()),
            StmtKind::Expr { value } => self.expr_stmt(value),
            StmtKind::Pass => {
                self.placeholder();
                Ok(())
            }
            StmtKind::Break => self.break_stmt(),
            StmtKind::Continue => self.continue_stmt(),
            StmtKind::For(stmt) => self.for_loop(stmt),
            StmtKind::AsyncFor(stmt) => self.async_for_loop(stmt),
            StmtKind::While(stmt) => self.while_loop(stmt, loc),
            StmtKind::If(stmt) => self.if_stmt(stmt),
            StmtKind::With(stmt) => self.with_stmt(stmt.items, stmt.body, false, loc),
            StmtKind::AsyncWith(stmt) => self.with_stmt(stmt.items, stmt.body, true, loc),
            StmtKind::Match(stmt) => self.match_stmt(stmt),
            StmtKind::Try(stmt) => self.try_stmt(stmt, loc),
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            // The grammar of these releases has neither.
            StmtKind::TypeAlias(_) | StmtKind::TryStar(_) => self.error("invalid syntax"),
        }
    }

    /// Something for the statement's line, where the release shows every line.
    fn placeholder(&mut self) {
        if self.exact() {
            self.op(Op::Nop);
        }
    }

    /// The body of the module or a class: docstring, statements (`compiler_body`).
    pub(super) fn body(&mut self, body: &'t [Stmt<'a>], is_module: bool) -> Fallible {
        if let Some(first) = body.first()
            && is_module
        {
            self.set_loc(first.loc);
        }
        if has_annotations(body) {
            self.op(Op::SetupAnnotations);
        }
        let mut rest = body;
        if self.g.optimize < 2
            && let Some((first, others)) = body.split_first()
            && let StmtKind::Expr { value } = &first.kind
            && let ExprKind::Constant { value: Const::Str(_), .. } = value.kind
        {
            self.expr(value)?;
            self.no_line();
            self.load_docstring_name()?;
            rest = others;
        }
        self.stmts(rest)
    }

    fn expr_stmt(&mut self, value: &'t Expr<'a>) -> Fallible {
        if self.at_prompt() {
            self.expr(value)?;
            self.op(Op::PrintExpr);
        } else if matches!(value.kind, ExprKind::Constant { .. }) {
            self.placeholder();
        } else {
            self.expr(value)?;
            self.no_line();
            self.op(Op::PopTop);
        }
        Ok(())
    }

    fn assign(&mut self, assign: &'t Assign<'a>) -> Fallible {
        self.expr(assign.value)?;
        if let Some((last, others)) = assign.targets.split_last() {
            for target in others {
                self.op(Op::DupTop);
                self.expr(target)?;
            }
            self.expr(last)?;
        }
        Ok(())
    }

    fn aug_assign(&mut self, target: &'t Expr<'a>, op: Operator, value: &'t Expr<'a>) -> Fallible {
        let loc = self.u.loc;
        self.enter_target(target);
        match &target.kind {
            ExprKind::Name { id, .. } => self.variable(*id, ExprContext::Load)?,
            ExprKind::Attribute { value: object, attr, .. } => {
                self.expr(object)?;
                self.op(Op::DupTop);
                self.attribute_op(Op::LoadAttr, *attr, target);
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                self.expr(object)?;
                self.index(slice)?;
                self.op(Op::DupTopTwo);
                self.op(Op::BinarySubscr);
            }
            _ => return self.error("invalid target of augmented assignment"),
        }
        self.change_loc(loc);
        self.expr(value)?;
        self.op(super::expr::inplace(op));
        self.enter_target(target);
        match &target.kind {
            ExprKind::Name { id, .. } => self.variable(*id, ExprContext::Store)?,
            ExprKind::Attribute { attr, .. } => {
                if self.exact() {
                    self.u.loc.line = target.loc.end_line;
                }
                self.op(Op::RotTwo);
                self.op_name(Op::StoreAttr, *attr);
            }
            _ => {
                self.op(Op::RotThree);
                self.op(Op::StoreSubscr);
            }
        }
        match self.recipe.lines {
            Lines::Marks => self.change_loc(loc),
            // The target's line stays.
            Lines::Each | Lines::Exact => {}
        }
        Ok(())
    }

    fn enter_target(&mut self, target: &Expr<'a>) {
        let is_name = matches!(target.kind, ExprKind::Name { .. });
        match self.recipe.lines {
            Lines::Marks if is_name => {}
            Lines::Marks | Lines::Each | Lines::Exact => self.change_loc(target.loc),
        }
    }

    fn raise(&mut self, exc: Option<&'t Expr<'a>>, cause: Option<&'t Expr<'a>>) -> Fallible {
        let mut count = 0;
        if let Some(exc) = exc {
            self.expr(exc)?;
            count += 1;
            if let Some(cause) = cause {
                self.expr(cause)?;
                count += 1;
            }
        }
        self.op_arg(Op::RaiseVarargs, count);
        self.cut();
        Ok(())
    }

    fn assert(&mut self, test: &'t Expr<'a>, msg: Option<&'t Expr<'a>>) -> Fallible {
        if self.g.optimize > 0 && !self.exact() {
            return Ok(());
        }
        let always_true = match &test.kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            ExprKind::Constant { value: Const::Tuple(items), .. } => self.exact() && !items.is_empty(),
            _ => false,
        };
        if always_true {
            self.g.warn(self.here(), "assertion is always true, perhaps remove parentheses?".into());
        }
        if self.g.optimize > 0 {
            return Ok(());
        }
        let end = self.new_label();
        self.jump_if(test, end, true)?;
        match self.recipe.assertion_errors {
            AssertionErrors::Global => self.op_name(Op::LoadGlobal, known::ASSERTION_ERROR),
            AssertionErrors::OwnOp => self.op(Op::LoadAssertionError),
        }
        if let Some(msg) = msg {
            self.expr(msg)?;
            self.op_arg(Op::CallFunction, 1);
        }
        self.op_arg(Op::RaiseVarargs, 1);
        self.use_label(end);
        Ok(())
    }

    fn return_stmt(&mut self, value: Option<&'t Expr<'a>>, stmt: Location) -> Fallible {
        if !self.g.u.function_like {
            return self.error("'return' outside function");
        }
        if value.is_some() && self.g.u.coroutine && self.g.u.generator {
            return self.error("'return' with value in async generator");
        }
        let constant = value.and_then(|value| match &value.kind {
            ExprKind::Constant { .. } => Some(value),
            _ => None,
        });
        let keep_top = value.is_some() && constant.is_none();
        if let Some(value) = value {
            if keep_top {
                self.expr(value)?;
            } else if self.exact() {
                // The value's line is to be seen.
                self.set_loc(value.loc);
                self.op(Op::Nop);
            }
        }
        if self.exact() && value.is_none_or(|value| value.loc.line != stmt.line) {
            self.set_loc(stmt);
            self.op(Op::Nop);
        }
        self.unwind(keep_top, false)?;
        match constant {
            Some(value) if !self.exact() => self.expr(value)?,
            Some(Expr { kind: ExprKind::Constant { value, .. }, .. }) => self.load_value(value),
            _ if value.is_none() => self.load_none(),
            _ => {}
        }
        self.op(Op::ReturnValue);
        self.cut();
        Ok(())
    }

    fn break_stmt(&mut self) -> Fallible {
        self.placeholder();
        let stmt = self.here();
        let Some(target) = self.unwind(false, true)? else {
            return self.g.error(self.on_line_of(stmt), "'break' outside loop");
        };
        self.unwind_block(target, false)?;
        if let Some(exit) = target.exit {
            self.jump(Op::JumpAbsolute, exit);
        }
        self.cut();
        Ok(())
    }

    fn continue_stmt(&mut self) -> Fallible {
        self.placeholder();
        let stmt = self.here();
        let Some(target) = self.unwind(false, true)? else {
            return self.g.error(self.on_line_of(stmt), "'continue' not properly in loop");
        };
        if let Some(start) = target.start {
            self.jump(Op::JumpAbsolute, start);
        }
        self.cut();
        Ok(())
    }

    /// Where 3.10 says that a statement is which has no loop to leave: in its line, and in the columns of what
    /// was undone last on the way out.
    fn on_line_of(&self, stmt: Location) -> Location {
        Location { line: stmt.line, ..self.here() }
    }

    fn ann_assign(&mut self, assign: &'t AnnAssign<'a>) -> Fallible {
        if let Some(value) = &assign.value {
            self.expr(value)?;
            self.expr(assign.target)?;
        }
        let stored = matches!(self.g.u.kind, UnitKind::Module | UnitKind::Class);
        match &assign.target.kind {
            ExprKind::Name { id, .. } => {
                self.g.check_debug(*id, ExprContext::Store, self.here())?;
                if assign.simple && stored {
                    if self.g.future.annotations {
                        self.annotation_text(assign.annotation)?;
                    } else {
                        self.expr(assign.annotation)?;
                    }
                    self.op_name(Op::LoadName, known::DUNDER_ANNOTATIONS);
                    let name = self.g.maybe_mangle(*id);
                    self.load_name_const(name);
                    self.op(Op::StoreSubscr);
                }
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.g.check_debug(*attr, ExprContext::Store, self.here())?;
                if assign.value.is_none() {
                    self.evaluate(value)?;
                }
            }
            ExprKind::Subscript { value, slice, .. } if assign.value.is_none() => {
                self.evaluate(value)?;
                self.evaluate_subscript(slice)?;
            }
            _ => {}
        }
        let unevaluated = self.exact() && self.g.future.annotations;
        if !assign.simple && stored && !unevaluated {
            self.evaluate(assign.annotation)?;
        }
        Ok(())
    }

    /// Evaluates an expression for its effects.
    fn evaluate(&mut self, expr: &'t Expr<'a>) -> Fallible {
        self.expr(expr)?;
        self.op(Op::PopTop);
        Ok(())
    }

    /// Evaluates what is in the brackets of an annotated target.
    fn evaluate_subscript(&mut self, index: &'t Expr<'a>) -> Fallible {
        match &index.kind {
            ExprKind::Slice(slice) => {
                for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                    self.evaluate(part)?;
                }
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => {
                for elt in elts.iter() {
                    self.evaluate_subscript(elt)?;
                }
                Ok(())
            }
            _ => self.evaluate(index),
        }
    }

    fn import(&mut self, names: &'t [Alias]) -> Fallible {
        for alias in names {
            self.load_int(0);
            self.load_none();
            self.op_name(Op::ImportName, alias.name);
            let dot = memchr(b'.', self.g.names.bytes(alias.name));
            match (alias.asname, dot) {
                (Some(asname), Some(dot)) => self.import_as(alias.name, dot, asname)?,
                (Some(asname), None) => self.store_name(asname)?,
                (None, Some(dot)) => {
                    let first = self.g.part(alias.name, 0, dot);
                    self.store_name(first)?;
                }
                (None, None) => self.store_name(alias.name)?,
            }
        }
        Ok(())
    }

    /// `import a.b.c as d`: walks from the package to the module.
    fn import_as(&mut self, name: Name, mut dot: usize, asname: Name) -> Fallible {
        loop {
            let start = dot + 1;
            let text = self.g.names.bytes(name);
            let next = memchr(b'.', &text[start..]).map(|at| start + at);
            let end = next.unwrap_or(text.len());
            let part = self.g.part(name, start, end);
            if self.muted == 0 {
                let arg = self.g.name_index(part);
                self.op_arg(Op::ImportFrom, arg);
            }
            match next {
                Some(next) => dot = next,
                None => break,
            }
            self.op(Op::RotTwo);
            self.op(Op::PopTop);
        }
        self.store_name(asname)?;
        self.op(Op::PopTop);
        Ok(())
    }

    fn import_from(&mut self, import: &'t ImportFrom<'a>, loc: Location) -> Fallible {
        self.load_int(i64::from(import.level));
        if import.module == Some(known::DUNDER_FUTURE) && is_after(loc, self.g.future.location) {
            return self.error("from __future__ imports must occur at the beginning of the file");
        }
        self.load_names_const(import.names.iter().map(|alias| alias.name));
        self.op_name(Op::ImportName, import.module.unwrap_or(known::EMPTY));
        if let [Alias { name: known::STAR, .. }, ..] = import.names {
            self.op(Op::ImportStar);
            return Ok(());
        }
        for alias in import.names.iter() {
            self.op_name(Op::ImportFrom, alias.name);
            self.store_name(alias.asname.unwrap_or(alias.name))?;
        }
        self.op(Op::PopTop);
        Ok(())
    }
}
