//! Statements: the dispatch, and those that have no module of their own.

use super::Codegen;
use super::emit::AttributeLoad;
use super::errors::Fallible;
use super::numbers::{SUBSCRIPT, common, inplace, intrinsic_1};
use super::with::With;
use crate::compile::recipe::{Annotations, AssertRaises, AssertionErrors, Subscripts};
use crate::source::Location;
use crate::syntax::ast::{Assign, Const, Expr, ExprKind, Operator, Slice, Stmt, StmtKind};
use crate::target::Op;
use crate::value::known;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    /// One statement.
    pub(super) fn stmt(&mut self, stmt: &'t Stmt<'a>) -> Fallible {
        let loc = stmt.loc;
        self.u.at = loc;
        match &stmt.kind {
            StmtKind::FunctionDef(def) => self.function_def(def, false, loc),
            StmtKind::AsyncFunctionDef(def) => self.function_def(def, true, loc),
            StmtKind::ClassDef(def) => self.class_def(def, loc),
            StmtKind::TypeAlias(alias) => self.type_alias(alias, loc),
            StmtKind::Return { value } => self.return_stmt(value.as_deref(), loc),
            StmtKind::Delete { targets } => self.exprs(targets),
            StmtKind::Assign(assign) => self.assign(assign, loc),
            StmtKind::AugAssign { target, op, value } => self.aug_assign(target, *op, value, loc),
            StmtKind::AnnAssign(assign) => self.ann_assign(assign, loc),
            StmtKind::Import { names, is_lazy } => self.import(names, *is_lazy, loc),
            StmtKind::ImportFrom(import) => self.import_from(import, loc),
            StmtKind::Raise { exc, cause } => self.raise(exc.as_deref(), cause.as_deref(), loc),
            StmtKind::Assert { test, msg } => self.assert(test, msg.as_deref(), loc),
            StmtKind::Expr { value } => self.expr_stmt(value, loc),
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            StmtKind::Pass => {
                self.op(Op::Nop, loc);
                Ok(())
            }
            StmtKind::Break => self.break_stmt(loc),
            StmtKind::Continue => self.continue_stmt(loc),
            _ => {
                self.u.conditional += 1;
                // An error leaves the units as they are: the one that failed may not be this statement's.
                self.compound(stmt, loc)?;
                self.u.conditional -= 1;
                Ok(())
            }
        }
    }

    /// Statements whose bodies run or not, so that annotations in them are conditional.
    fn compound(&mut self, stmt: &'t Stmt<'a>, loc: Location) -> Fallible {
        match &stmt.kind {
            StmtKind::For(stmt) => self.for_loop(stmt, loc),
            StmtKind::AsyncFor(stmt) => self.async_for_loop(stmt, loc),
            StmtKind::While(stmt) => self.while_loop(stmt, loc),
            StmtKind::If(stmt) => self.if_stmt(stmt, loc),
            StmtKind::With(stmt) => self.with_stmt(With::Plain, stmt.items, stmt.body, loc),
            StmtKind::AsyncWith(stmt) => self.with_stmt(With::Async, stmt.items, stmt.body, loc),
            StmtKind::Match(stmt) => self.match_stmt(stmt),
            StmtKind::Try(stmt) => self.try_stmt(stmt, loc),
            StmtKind::TryStar(stmt) => self.try_star_stmt(stmt, loc),
            _ => Ok(()),
        }
    }

    /// The body of the module or a class: docstring, statements, annotations.
    pub(super) fn body(&mut self, body: &'t [Stmt<'a>], loc: Location, at_prompt: bool) -> Fallible {
        let setup = match self.recipe.annotations {
            Annotations::Eager => super::annotations::has_annotations(body),
            Annotations::Deferred => {
                self.future.annotations && self.symbols.scope(self.u.scope).annotations_used
            }
        };
        if setup {
            self.op(Op::SetupAnnotations, loc);
        }
        let rest = if at_prompt { body } else { self.docstring_stmt(body)? };
        self.stmts(rest)?;
        match self.recipe.annotations {
            Annotations::Deferred if !self.future.annotations => self.deferred_annotations(loc),
            Annotations::Deferred | Annotations::Eager => Ok(()),
        }
    }

    /// The body of the module.
    pub(super) fn module_body(&mut self, body: &'t [Stmt<'a>], at_prompt: bool) -> Fallible {
        let first = body.first().map(|stmt| stmt.loc);
        let start = Location::new(1, 0, 1, 0);
        match self.recipe.annotations {
            Annotations::Eager if at_prompt => self.body(body, start, at_prompt),
            Annotations::Eager => self.body(body, first.unwrap_or(start), at_prompt),
            Annotations::Deferred => {
                let loc = first.unwrap_or(start);
                if self.symbols.scope(self.u.scope).has_conditional_annotations {
                    self.op_arg(Op::BuildSet, 0, loc);
                    let arg = self.name_index(known::DUNDER_CONDITIONAL_ANNOTATIONS);
                    self.op_arg(Op::StoreName, arg, loc);
                }
                self.body(body, loc, at_prompt)
            }
        }
    }

    /// Stores the docstring of a module or class; returns the statements after it.
    fn docstring_stmt(&mut self, body: &'t [Stmt<'a>]) -> Fallible<&'t [Stmt<'a>]> {
        let Some((first, rest)) = body.split_first() else { return Ok(body) };
        let StmtKind::Expr { value } = &first.kind else { return Ok(body) };
        let ExprKind::Constant { value: Const::Str(text), .. } = value.kind else { return Ok(body) };
        if self.optimize < 2 {
            let text = self.docstring_text(text);
            self.load_str(text, value.loc);
            self.store_name(known::DUNDER_DOC, Location::NONE)?;
        } else if self.keeps_docstring_stmt() {
            return Ok(body);
        }
        Ok(rest)
    }

    fn expr_stmt(&mut self, value: &'t Expr<'a>, loc: Location) -> Fallible {
        if self.at_prompt() {
            self.expr(value)?;
            self.intrinsic_1(intrinsic_1::PRINT, loc);
            self.drop_intrinsic_result();
        } else if matches!(value.kind, ExprKind::Constant { .. }) {
            self.op(Op::Nop, loc);
        } else {
            self.expr(value)?;
            self.u.at = Location::NONE;
            self.op(Op::PopTop, Location::NONE);
        }
        Ok(())
    }

    fn assign(&mut self, assign: &'t Assign<'a>, loc: Location) -> Fallible {
        self.expr(assign.value)?;
        if let Some((last, others)) = assign.targets.split_last() {
            for target in others {
                self.op_arg(Op::Copy, 1, loc);
                self.expr(target)?;
            }
            self.expr(last)?;
        }
        Ok(())
    }

    fn aug_assign(
        &mut self,
        target: &'t Expr<'a>,
        op: Operator,
        value: &'t Expr<'a>,
        loc: Location,
    ) -> Fallible {
        match &target.kind {
            ExprKind::Attribute { value: object, attr, .. } => {
                self.expr(object)?;
                self.op_arg(Op::Copy, 1, target.loc);
                let at = self.attribute_location(target.loc, target.loc, *attr);
                self.load_attribute(AttributeLoad::Plain, *attr, at);
                self.inplace(op, value, loc)?;
                self.op_arg(Op::Swap, 2, at);
                self.op_name(Op::StoreAttr, *attr, at);
                self.u.at = at;
                Ok(())
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                self.expr(object)?;
                self.u.at = target.loc;
                match self.two_part_slice(slice) {
                    Some(parts) => self.aug_assign_slice(parts, op, value, slice.loc, target.loc, loc),
                    None => self.aug_assign_item(slice, op, value, target.loc, loc),
                }
            }
            ExprKind::Name { id, .. } => {
                self.load_name(*id, target.loc)?;
                self.inplace(op, value, loc)?;
                self.u.at = target.loc;
                self.store_name(*id, target.loc)
            }
            _ => self.error(target.loc, "invalid target of augmented assignment"),
        }
    }

    fn inplace(&mut self, op: Operator, value: &'t Expr<'a>, loc: Location) -> Fallible {
        self.expr(value)?;
        self.op_arg(Op::BinaryOp, inplace(op), loc);
        Ok(())
    }

    fn aug_assign_slice(
        &mut self,
        parts: &'t Slice<'a>,
        op: Operator,
        value: &'t Expr<'a>,
        slice_loc: Location,
        target_loc: Location,
        loc: Location,
    ) -> Fallible {
        self.slice_bounds(parts, slice_loc)?;
        for _ in 0..3 {
            self.op_arg(Op::Copy, 3, target_loc);
        }
        self.op(Op::BinarySlice, target_loc);
        self.inplace(op, value, loc)?;
        for depth in [4, 3, 2] {
            self.op_arg(Op::Swap, depth, target_loc);
        }
        self.op(Op::StoreSlice, target_loc);
        Ok(())
    }

    fn aug_assign_item(
        &mut self,
        item: &'t Expr<'a>,
        op: Operator,
        value: &'t Expr<'a>,
        target_loc: Location,
        loc: Location,
    ) -> Fallible {
        self.expr(item)?;
        self.op_arg(Op::Copy, 2, target_loc);
        self.op_arg(Op::Copy, 2, target_loc);
        self.load_item(target_loc);
        self.inplace(op, value, loc)?;
        self.op_arg(Op::Swap, 3, target_loc);
        self.op_arg(Op::Swap, 2, target_loc);
        self.op(Op::StoreSubscr, target_loc);
        Ok(())
    }

    /// `x[i]` with both on the stack.
    pub(super) fn load_item(&mut self, loc: Location) {
        match self.recipe.subscripts {
            Subscripts::OwnOp => self.op(Op::BinarySubscr, loc),
            Subscripts::BinaryOp => self.op_arg(Op::BinaryOp, SUBSCRIPT, loc),
        }
    }

    fn raise(&mut self, exc: Option<&'t Expr<'a>>, cause: Option<&'t Expr<'a>>, loc: Location) -> Fallible {
        let mut count = 0;
        if let Some(exc) = exc {
            self.expr(exc)?;
            count += 1;
            if let Some(cause) = cause {
                self.expr(cause)?;
                count += 1;
            }
        }
        self.op_arg(Op::RaiseVarargs, count, loc);
        Ok(())
    }

    fn assert(&mut self, test: &'t Expr<'a>, msg: Option<&'t Expr<'a>>, loc: Location) -> Fallible {
        let always_true = match &test.kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            ExprKind::Constant { value: Const::Tuple(items), .. } => !items.is_empty(),
            _ => false,
        };
        if always_true {
            self.warn(loc, "assertion is always true, perhaps remove parentheses?".into());
        }
        if self.optimize > 0 {
            return Ok(());
        }
        let end = self.new_label();
        let loc = self.jump_if(test, end, true, loc)?;
        self.u.at = loc;
        match self.recipe.assertion_errors {
            AssertionErrors::OwnOp => self.op(Op::LoadAssertionError, loc),
            AssertionErrors::CommonConstant => {
                self.op_arg(Op::LoadCommonConstant, common::ASSERTION_ERROR, loc);
            }
        }
        if let Some(msg) = msg {
            self.expr(msg)?;
            self.call_op(0, loc);
        }
        let at = match self.recipe.assert_raises {
            AssertRaises::Whole => loc,
            AssertRaises::AtTest => test.loc,
        };
        self.op_arg(Op::RaiseVarargs, 1, at);
        self.u.at = at;
        self.use_label(end);
        Ok(())
    }

    fn return_stmt(&mut self, value: Option<&'t Expr<'a>>, stmt_loc: Location) -> Fallible {
        let mut loc = stmt_loc;
        if !self.u.function_like {
            return self.error(loc, "'return' outside function");
        }
        if value.is_some() && self.u.coroutine && self.u.generator {
            return self.error(loc, "'return' with value in async generator");
        }
        let constant = value.and_then(|value| match &value.kind {
            ExprKind::Constant { value, .. } => Some(value),
            _ => None,
        });
        let keep_top = value.is_some() && constant.is_none();
        match value {
            Some(value) if keep_top => self.expr(value)?,
            Some(value) => {
                // The value's line is to be seen.
                loc = value.loc;
                self.op(Op::Nop, loc);
            }
            None => {}
        }
        if value.is_none_or(|value| value.loc.line != stmt_loc.line) {
            loc = stmt_loc;
            self.op(Op::Nop, loc);
        }
        self.unwind(&mut loc, keep_top, false)?;
        if let Some(constant) = constant {
            self.load_value(constant, loc);
        } else if value.is_none() {
            self.load_none(loc);
        }
        self.op(Op::ReturnValue, loc);
        self.u.at = loc;
        Ok(())
    }

    fn break_stmt(&mut self, stmt_loc: Location) -> Fallible {
        let mut loc = stmt_loc;
        self.op(Op::Nop, loc);
        let Some(target) = self.unwind(&mut loc, false, true)? else {
            return self.error(stmt_loc, "'break' outside loop");
        };
        self.unwind_block(&mut loc, target, false)?;
        self.jump(Op::Jump, target.exit, loc);
        self.u.at = loc;
        Ok(())
    }

    fn continue_stmt(&mut self, stmt_loc: Location) -> Fallible {
        let mut loc = stmt_loc;
        self.op(Op::Nop, loc);
        let Some(target) = self.unwind(&mut loc, false, true)? else {
            return self.error(stmt_loc, "'continue' not properly in loop");
        };
        self.jump(Op::Jump, target.start, loc);
        self.u.at = loc;
        Ok(())
    }
}
