//! Expressions and comprehensions.

use super::{Collector, Step, error};
use crate::compile::recipe::{AnnotationFunctions, AsyncComprehensions};
use crate::compile::symtable::table::{BlockKind, Comprehension as Kind, SymbolFlags};
use crate::source::{Location, SourceError};
use crate::syntax::ast::{Comprehension, Expr, ExprContext, ExprKind, Keyword, Lambda, ScopeId};
use crate::value::{Name, known};

impl Collector<'_> {
    pub(super) fn exprs(&mut self, exprs: &mut [Expr<'_>]) -> Step {
        exprs.iter_mut().try_for_each(|expr| self.expr(expr))
    }

    pub(super) fn opt_expr(&mut self, expr: &mut Option<&mut Expr<'_>>) -> Step {
        match expr {
            Some(expr) => self.expr(expr),
            None => Ok(()),
        }
    }

    #[inline]
    pub(super) fn expr(&mut self, expr: &mut Expr<'_>) -> Step {
        match expr.kind {
            ExprKind::Constant { .. } => self.leaf(),
            ExprKind::Name { id, ctx } => {
                self.leaf()?;
                self.name(id, ctx, &expr.loc)
            }
            _ => self.inner_expr(expr),
        }
    }

    /// An expression with others below it. The last of those is visited in the same turn of a loop, which is most of
    /// them: attributes of attributes, the function of a call without arguments, …
    fn inner_expr(&mut self, expr: &mut Expr<'_>) -> Step {
        let depth = self.depth;
        let mut expr = expr;
        loop {
            self.leaf()?;
            let loc = &expr.loc;
            let last = match &mut expr.kind {
                ExprKind::Constant { .. } => break,
                ExprKind::Name { id, ctx } => {
                    self.name(*id, *ctx, loc)?;
                    break;
                }
                kind => {
                    self.depth += 1;
                    self.all_but_last(kind, loc)?
                }
            };
            match last {
                Some(last) => expr = last,
                None => break,
            }
        }
        self.depth = depth;
        Ok(())
    }

    /// Visits what is below an expression but the last of it, which is returned.
    #[inline(always)]
    fn all_but_last<'e, 'a>(
        &mut self,
        kind: &'e mut ExprKind<'a>,
        loc: &Location,
    ) -> Result<Option<&'e mut Expr<'a>>, Box<SourceError>> {
        Ok(match kind {
            ExprKind::Attribute { value, attr, ctx } => {
                self.check_name(*attr, loc, *ctx)?;
                Some(value)
            }
            ExprKind::Call(call) => {
                if call.keywords.is_empty() {
                    match call.args.split_last_mut() {
                        None => Some(&mut call.func),
                        Some((last, others)) => {
                            self.expr(call.func)?;
                            self.exprs(others)?;
                            Some(last)
                        }
                    }
                } else {
                    self.expr(call.func)?;
                    self.exprs(call.args)?;
                    self.keywords(call.keywords)?;
                    None
                }
            }
            ExprKind::BoolOp { values, .. } | ExprKind::JoinedStr { values } => self.but_last(values)?,
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } | ExprKind::Set { elts } => {
                self.but_last(elts)?
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                Some(right)
            }
            ExprKind::UnaryOp { operand: value, .. } | ExprKind::Starred { value, .. } => Some(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                Some(slice)
            }
            ExprKind::Compare(compare) => {
                self.expr(compare.left)?;
                self.but_last(compare.comparators)?
            }
            kind => {
                self.rarer_expr(kind, loc)?;
                None
            }
        })
    }

    #[inline]
    fn but_last<'e, 'a>(
        &mut self,
        exprs: &'e mut [Expr<'a>],
    ) -> Result<Option<&'e mut Expr<'a>>, Box<SourceError>> {
        let Some((last, others)) = exprs.split_last_mut() else { return Ok(None) };
        self.exprs(others)?;
        Ok(Some(last))
    }

    #[inline(never)]
    fn rarer_expr(&mut self, kind: &mut ExprKind<'_>, loc: &Location) -> Step {
        match kind {
            ExprKind::NamedExpr { target, value } => {
                self.refuse_in_annotation("named expression", loc)?;
                self.named_expr(target, loc)?;
                self.expr(value)?;
                self.expr(target)
            }
            ExprKind::TemplateStr { values } => self.exprs(values),
            ExprKind::Slice(slice) => {
                for part in [&mut slice.lower, &mut slice.upper, &mut slice.step].into_iter().flatten() {
                    self.expr(part)?;
                }
                Ok(())
            }
            ExprKind::IfExp(node) => {
                self.expr(node.test)?;
                self.expr(node.body)?;
                self.expr(node.orelse)
            }
            ExprKind::Dict(dict) => {
                dict.keys.iter_mut().flatten().try_for_each(|key| self.expr(key))?;
                self.exprs(dict.values)
            }
            ExprKind::FormattedValue(node) => {
                self.expr(node.value)?;
                self.opt_expr(&mut node.format_spec)
            }
            ExprKind::Interpolation(node) => {
                self.expr(node.value)?;
                self.opt_expr(&mut node.format_spec)
            }
            kind => self.function_like(kind, loc),
        }
    }

    /// What opens a block, or makes the block a generator or coroutine.
    fn function_like(&mut self, kind: &mut ExprKind<'_>, loc: &Location) -> Step {
        match kind {
            ExprKind::Lambda(lambda) => self.lambda(lambda, loc)?,
            ExprKind::ListComp(comp) => {
                comp.scope = self.comprehension(Kind::List, comp.generators, comp.elt, None, loc)?;
            }
            ExprKind::SetComp(comp) => {
                comp.scope = self.comprehension(Kind::Set, comp.generators, comp.elt, None, loc)?;
            }
            ExprKind::GeneratorExp(comp) => {
                comp.scope = self.comprehension(Kind::Generator, comp.generators, comp.elt, None, loc)?;
            }
            ExprKind::DictComp(comp) => {
                let (key, value) = (&mut comp.key, comp.value.as_deref_mut());
                comp.scope = self.comprehension(Kind::Dict, comp.generators, key, value, loc)?;
            }
            ExprKind::Yield { value } => {
                self.refuse_in_annotation("yield expression", loc)?;
                self.opt_expr(value)?;
                self.scope().generator = true;
                self.refuse_in_comprehension(loc)?;
            }
            ExprKind::YieldFrom { value } => {
                self.refuse_in_annotation("yield expression", loc)?;
                self.expr(value)?;
                self.scope().generator = true;
                self.refuse_in_comprehension(loc)?;
            }
            ExprKind::Await { value } => {
                self.refuse_in_annotation("await expression", loc)?;
                self.check_await(loc)?;
                self.expr(value)?;
                self.scope().coroutine = true;
            }
            _ => {}
        }
        Ok(())
    }

    #[inline]
    pub(super) fn name(&mut self, id: Name, ctx: ExprContext, loc: &Location) -> Step {
        if self.visiting.plain && id != known::SUPER && id != known::DUNDER_DEBUG {
            let flag = if ctx == ExprContext::Load { SymbolFlags::USE } else { SymbolFlags::LOCAL };
            // What is spelled otherwise here is not among the block's symbols as it is written.
            let Some(symbol) = self.innermost(id) else { return self.first_name(id, flag) };
            symbol.flags |= flag;
            return Ok(());
        }
        self.special_name(id, ctx, loc)
    }

    #[inline(never)]
    fn first_name(&mut self, id: Name, flag: SymbolFlags) -> Step {
        let mangled = self.mangled(id);
        self.live_or_new(self.current, mangled).flags |= flag;
        Ok(())
    }

    /// A name in a place, or with a meaning, that asks for more care.
    #[inline(never)]
    fn special_name(&mut self, id: Name, ctx: ExprContext, loc: &Location) -> Step {
        if self.visiting.unevaluated {
            return Ok(());
        }
        let flag = if ctx == ExprContext::Load { SymbolFlags::USE } else { SymbolFlags::LOCAL };
        self.add_in_context(id, flag, loc, ctx)?;
        // `super()` needs the cell `__class__`.
        if id == known::SUPER && ctx == ExprContext::Load {
            let scope = *self.scope();
            if self.is_function_like(&scope) {
                self.add(known::DUNDER_CLASS, SymbolFlags::USE, loc)?;
            }
        }
        Ok(())
    }

    pub(super) fn keywords(&mut self, keywords: &mut [Keyword<'_>]) -> Step {
        if self.checks_context() {
            for keyword in keywords.iter() {
                if let Some(name) = keyword.arg {
                    self.check_name(name, &keyword.loc, ExprContext::Store)?;
                }
            }
        }
        keywords.iter_mut().try_for_each(|keyword| self.expr(keyword.value))
    }

    fn named_expr(&mut self, target: &Expr<'_>, loc: &Location) -> Step {
        if self.visiting.iter_expr > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return Err(self.error_of_named_expr(message.into(), loc));
        }
        match target.kind {
            ExprKind::Name { id, .. } if self.scope().comprehension != Kind::No => {
                self.extend_namedexpr_scope(id, &target.loc)
            }
            _ => Ok(()),
        }
    }

    fn lambda(&mut self, lambda: &mut Lambda<'_>, loc: &Location) -> Step {
        self.check_annotation_function("lambda", loc)?;
        self.defaults(&mut lambda.args)?;
        lambda.scope = self.enter(known::LAMBDA, BlockKind::Function, loc)?;
        self.arguments(&lambda.args)?;
        self.expr(lambda.body)?;
        self.exit();
        Ok(())
    }

    /// Refuses a function in an annotation scope within a class, where that is refused.
    #[inline]
    fn check_annotation_function(&mut self, what: &str, loc: &Location) -> Step {
        if self.recipe.annotation_functions == AnnotationFunctions::Allowed
            || !self.scope().can_see_class_scope
        {
            return Ok(());
        }
        Err(error(format!("Cannot use {what} in annotation scope within class scope"), loc))
    }

    fn check_await(&mut self, loc: &Location) -> Step {
        if !self.checks_context() {
            return Ok(());
        }
        let scope = *self.scope();
        if !self.is_function_like(&scope) {
            return Err(error("'await' outside function".into(), loc));
        }
        if !self.in_async_def() && scope.comprehension == Kind::No {
            return Err(error("'await' outside async function".into(), loc));
        }
        Ok(())
    }

    /// A comprehension: its first iterable belongs to the block around, all else to a block of its own.
    fn comprehension(
        &mut self,
        kind: Kind,
        generators: &mut [Comprehension<'_>],
        element: &mut Expr<'_>,
        value: Option<&mut Expr<'_>>,
        loc: &Location,
    ) -> Result<ScopeId, Box<SourceError>> {
        let Some((first, rest)) = generators.split_first_mut() else { return Ok(ScopeId::NONE) };
        self.check_annotation_function("comprehension", loc)?;
        self.visiting.iter_expr += 1;
        self.expr(first.iter)?;
        self.visiting.iter_expr -= 1;
        let name = match kind {
            Kind::List => known::LISTCOMP,
            Kind::Set => known::SETCOMP,
            Kind::Dict => known::DICTCOMP,
            Kind::Generator | Kind::No => known::GENEXPR,
        };
        let id = self.enter(name, BlockKind::Function, loc)?;
        self.scope().comprehension = kind;
        self.scope().coroutine |= first.is_async;
        self.add(known::DOT_ZERO, SymbolFlags::PARAM, loc)?;
        self.iteration_target(first.target)?;
        self.exprs(first.ifs)?;
        for generator in rest {
            self.iteration_target(generator.target)?;
            self.visiting.iter_expr += 1;
            self.expr(generator.iter)?;
            self.visiting.iter_expr -= 1;
            self.exprs(generator.ifs)?;
            self.scope().coroutine |= generator.is_async;
        }
        if let Some(value) = value {
            self.expr(value)?;
        }
        self.expr(element)?;
        let generator = kind == Kind::Generator;
        self.scope().generator = generator;
        let asynchronous = match self.recipe.async_comprehensions {
            AsyncComprehensions::Own => false,
            AsyncComprehensions::Spread => self.scope().coroutine && !generator,
        };
        self.exit();
        if asynchronous {
            let inside = self.in_async_def() || self.scope().comprehension != Kind::No;
            if self.checks_context() && !inside {
                let message = "asynchronous comprehension outside of an asynchronous function";
                return Err(error(message.into(), loc));
            }
            self.scope().coroutine = true;
        }
        Ok(id)
    }

    fn iteration_target(&mut self, target: &mut Expr<'_>) -> Step {
        self.visiting.iter_target = true;
        self.visiting.plain = false;
        self.expr(target)?;
        self.visiting.iter_target = false;
        self.visiting.plain = !self.respelled;
        Ok(())
    }
}
