//! Annotations of functions and variables, in both designs: evaluated where they stand (3.13, and 3.14's
//! `from __future__ import annotations` in part), or collected into `__annotate__` functions (3.14).

use super::errors::Fallible;
use super::numbers::{attribute, common, compare};
use super::unit::{ParameterCounts, UnitKind};
use super::{Codegen, DeferredAnnotation};
use crate::code::ObjectId;
use crate::compile::recipe::{AnnotateNames, AnnotationOrder, Annotations};
use crate::compile::unparse;
use crate::source::Location;
use crate::syntax::ast::{
    AnnAssign, Arg, CmpOp, Expr, ExprContext, ExprKind, FunctionDef, ScopeId, Stmt, StmtKind,
};
use crate::target::Op;
use crate::value::{Name, PyStr, known};

/// The largest format that an `__annotate__` function knows: `annotationlib.Format.VALUE_WITH_FAKE_GLOBALS`.
const VALUE_WITH_FAKE_GLOBALS: i64 = 2;

/// Is a variable annotated in these statements, bodies of functions and classes not counted (`find_ann`)?
pub(super) fn has_annotations(body: &[Stmt<'_>]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::AnnAssign(_) => true,
        StmtKind::For(stmt) | StmtKind::AsyncFor(stmt) => {
            has_annotations(stmt.body) || has_annotations(stmt.orelse)
        }
        StmtKind::While(stmt) => has_annotations(stmt.body) || has_annotations(stmt.orelse),
        StmtKind::If(stmt) => has_annotations(stmt.body) || has_annotations(stmt.orelse),
        StmtKind::With(stmt) | StmtKind::AsyncWith(stmt) => has_annotations(stmt.body),
        StmtKind::Try(stmt) | StmtKind::TryStar(stmt) => {
            stmt.handlers.iter().any(|handler| has_annotations(handler.body))
                || has_annotations(stmt.body)
                || has_annotations(stmt.finalbody)
                || has_annotations(stmt.orelse)
        }
        StmtKind::Match(stmt) => stmt.cases.iter().any(|case| has_annotations(case.body)),
        _ => false,
    })
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    /// Annotations of a function; returns the attribute that they become, if there are any.
    pub(super) fn function_annotations(&mut self, def: &'t FunctionDef<'a>, loc: Location) -> Fallible<u32> {
        match self.recipe.annotations {
            Annotations::Eager => {
                let count = self.signature_annotations(def, loc)?;
                if count == 0 {
                    return Ok(0);
                }
                self.op_count(Op::BuildTuple, count * 2, loc);
                Ok(attribute::ANNOTATIONS)
            }
            Annotations::Deferred => {
                let scope = self.symbols.scope(def.annotations_scope);
                if !scope.annotations_used {
                    return Ok(0);
                }
                let name = scope.name;
                let owner = match self.recipe.annotate_names {
                    AnnotateNames::OfScope => None,
                    AnnotateNames::OfFunction => Some(def.name),
                };
                self.enter_annotate(name, owner, def.annotations_scope, loc);
                let count = self.signature_annotations(def, loc)?;
                self.op_count(Op::BuildMap, count, loc);
                self.leave_annotate(loc)?;
                Ok(attribute::ANNOTATE)
            }
        }
    }

    /// Name and annotation of each annotated parameter and of the result; returns how many there are.
    fn signature_annotations(&mut self, def: &'t FunctionDef<'a>, loc: Location) -> Fallible<usize> {
        let args = &def.args;
        let (first, second) = match self.recipe.annotation_order {
            AnnotationOrder::PositionalOnlySecond => (&args.args, &args.posonlyargs),
            AnnotationOrder::AsWritten => (&args.posonlyargs, &args.args),
        };
        let plain = first.iter().chain(second.iter()).chain(args.vararg.as_deref());
        let mut count = 0;
        for Arg { arg, annotation, .. } in plain.chain(args.kwonlyargs.iter()).chain(args.kwarg.as_deref()) {
            if let Some(annotation) = annotation {
                self.argument_annotation(*arg, annotation, loc)?;
                count += 1;
            }
        }
        if let Some(returns) = &def.returns {
            self.argument_annotation(known::RETURN, returns, loc)?;
            count += 1;
        }
        Ok(count)
    }

    fn argument_annotation(&mut self, name: Name, annotation: &'t Expr<'a>, loc: Location) -> Fallible {
        let name = self.maybe_mangle(name);
        self.load_name_const(name, loc);
        if self.future.annotations {
            return self.annotation_text(annotation);
        }
        match &annotation.kind {
            // `*args: *Ts` is `[annotation] = [*Ts]`.
            ExprKind::Starred { value, .. } => {
                self.expr(value)?;
                self.op_arg(Op::UnpackSequence, 1, loc);
                Ok(())
            }
            _ => self.expr(annotation),
        }
    }

    /// The annotation as its text.
    fn annotation_text(&mut self, annotation: &'t Expr<'a>) -> Fallible {
        let id = self.annotation_text_const(annotation)?;
        self.load_const(id, self.tracked(self.u.at, annotation.loc));
        Ok(())
    }

    /// The text of an annotation as a constant.
    pub(super) fn annotation_text_const(&mut self, annotation: &'t Expr<'a>) -> Fallible<ObjectId> {
        let mut text = std::mem::take(&mut self.scratch.bytes);
        text.clear();
        let result =
            unparse::annotation(annotation, self.names, self.unicode, self.recipe.infinities, &mut text);
        let id = self.consts.annotation_text(PyStr::from_bytes(&text));
        self.scratch.bytes = text;
        if let Err(message) = result {
            return self.value_error(message);
        }
        Ok(id)
    }

    /// Opens a function of `.format` that gives up on formats it does not know. `owner` is the function in
    /// whose name it is.
    pub(super) fn enter_annotate(&mut self, name: Name, owner: Option<Name>, scope: ScopeId, loc: Location) {
        let parameters = ParameterCounts { positional_only: 1, ..ParameterCounts::default() };
        let qualname = self.qualname(name, owner, UnitKind::Annotations);
        self.open_unit(name, qualname, UnitKind::Annotations, scope, loc.line, parameters);
        self.start_body(loc.line);
        self.op_arg(Op::LoadFast, 0, loc);
        self.load_int(VALUE_WITH_FAKE_GLOBALS, loc);
        if let Some(greater) = compare(CmpOp::Gt, self.recipe.compare_args) {
            self.op_arg(Op::CompareOp, greater, loc);
        }
        let body = self.new_label();
        self.jump(Op::PopJumpIfFalse, body, loc);
        self.op_arg(Op::LoadCommonConstant, common::NOT_IMPLEMENTED_ERROR, loc);
        self.op_arg(Op::RaiseVarargs, 1, loc);
        self.use_label(body);
    }

    /// Closes it: its parameter is called `format` from outside.
    fn leave_annotate(&mut self, loc: Location) -> Fallible {
        self.op(Op::ReturnValue, loc);
        self.u.meta.renames_format = true;
        let code = self.leave_unit(true)?;
        self.make_closure(code, 0, loc)?;
        Ok(())
    }

    /// The `__annotate__` function of a module or class, if it has annotations.
    pub(super) fn deferred_annotations(&mut self, loc: Location) -> Fallible {
        let first = self.u.first_deferred;
        if self.deferred.len() == first {
            return Ok(());
        }
        let at_module = self.u.kind == UnitKind::Module;
        if at_module {
            // Written apart, to run before the module's statements.
            let seq = std::mem::take(&mut self.u.seq);
            self.u.stashed = Some(seq);
        }
        let scope = self.symbols.scope(self.u.scope).annotation_block;
        let in_class = self.u.class_block;
        let name = self.symbols.scope(scope).name;
        let last = self.deferred.len();
        self.enter_annotate(name, None, scope, loc);
        self.op_arg(Op::BuildMap, 0, loc);
        for index in first..last {
            self.deferred_annotation(index, in_class, loc)?;
        }
        self.leave_annotate(loc)?;
        self.deferred.truncate(first);
        let name = if in_class { known::DUNDER_ANNOTATE_FUNC } else { known::DUNDER_ANNOTATE };
        self.store_name(name, loc)?;
        if let Some(seq) = self.u.stashed.take() {
            let annotations = std::mem::replace(&mut self.u.seq, seq);
            self.u.seq.annotations = Some(Box::new(annotations));
        }
        Ok(())
    }

    /// One annotation in the body of `__annotate__`, whose dict is on the stack.
    fn deferred_annotation(&mut self, index: usize, in_class: bool, loc: Location) -> Fallible {
        let DeferredAnnotation { stmt, loc: at, condition } = self.deferred[index];
        let ExprKind::Name { id, .. } = stmt.target.kind else { return Ok(()) };
        let name = crate::compile::symtable::mangle(self.names, self.u.private, id);
        let not_set = self.new_label();
        if let Some(condition) = condition {
            self.load_int(i64::from(condition), at);
            if in_class {
                let arg = self.free_index(known::DUNDER_CONDITIONAL_ANNOTATIONS);
                self.op_arg(Op::LoadDeref, arg, at);
            } else {
                // CPython does not shift the index here, as it does for other globals.
                self.op_name(Op::LoadGlobal, known::DUNDER_CONDITIONAL_ANNOTATIONS, at);
            }
            self.op_arg(Op::ContainsOp, 0, at);
            self.jump(Op::PopJumpIfFalse, not_set, at);
        }
        self.expr(stmt.annotation)?;
        self.op_arg(Op::Copy, 2, at);
        self.load_name_const(name, at);
        self.op(Op::StoreSubscr, loc);
        self.use_label(not_set);
        Ok(())
    }

    /// An annotated assignment.
    pub(super) fn ann_assign(&mut self, assign: &'t AnnAssign<'a>, loc: Location) -> Fallible {
        if let Some(value) = &assign.value {
            self.expr(value)?;
            self.expr(assign.target)?;
        }
        match &assign.target.kind {
            ExprKind::Name { id, .. } => {
                self.check_debug(*id, ExprContext::Store, loc)?;
                let stored = matches!(self.u.kind, UnitKind::Module | UnitKind::Class);
                if assign.simple && stored {
                    self.variable_annotation(assign, *id, loc)?;
                }
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.check_debug(*attr, ExprContext::Store, loc)?;
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
        match self.recipe.annotations {
            Annotations::Eager
                if !assign.simple
                    && !self.future.annotations
                    && matches!(self.u.kind, UnitKind::Module | UnitKind::Class) =>
            {
                self.evaluate(assign.annotation)
            }
            Annotations::Eager | Annotations::Deferred => Ok(()),
        }
    }

    fn variable_annotation(&mut self, assign: &'t AnnAssign<'a>, id: Name, loc: Location) -> Fallible {
        if self.future.annotations {
            self.annotation_text(assign.annotation)?;
        } else {
            match self.recipe.annotations {
                Annotations::Eager => self.expr(assign.annotation)?,
                Annotations::Deferred => {
                    self.defer_annotation(assign, loc);
                    return Ok(());
                }
            }
        }
        self.op_name(Op::LoadName, known::DUNDER_ANNOTATIONS, loc);
        let name = self.maybe_mangle(id);
        self.load_name_const(name, loc);
        self.op(Op::StoreSubscr, loc);
        Ok(())
    }

    /// Leaves an annotation for `__annotate__`, and notes at run time that it was reached where that is not
    /// certain.
    fn defer_annotation(&mut self, stmt: &'t AnnAssign<'a>, loc: Location) {
        let conditional = self.u.kind == UnitKind::Module || self.u.conditional > 0;
        let condition = conditional.then(|| {
            self.u.next_condition += 1;
            self.u.next_condition - 1
        });
        self.deferred.push(DeferredAnnotation { stmt, loc, condition });
        let Some(condition) = condition else { return };
        if self.u.kind == UnitKind::Class {
            let arg = self.cell_index(known::DUNDER_CONDITIONAL_ANNOTATIONS);
            self.op_arg(Op::LoadDeref, arg, loc);
        } else {
            self.op_name(Op::LoadName, known::DUNDER_CONDITIONAL_ANNOTATIONS, loc);
        }
        self.load_int(i64::from(condition), loc);
        self.op_arg(Op::SetAdd, 1, loc);
        self.op(Op::PopTop, loc);
    }

    /// Evaluates an expression for its effects.
    fn evaluate(&mut self, expr: &'t Expr<'a>) -> Fallible {
        self.expr(expr)?;
        self.op(Op::PopTop, self.tracked(self.u.at, expr.loc));
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
}
