//! The walk over the tree (`astfold_…`).

use super::{FoldOptions, Purpose};
use crate::compile::future::docstring;
use crate::compile::recipe::{
    ConstantFolding, DebugNames, DocstringRemoval, FinallyExits, NamedExprs, PercentFormats,
    StringAnnotations,
};
use crate::source::{ExceptionKind, Location, SourceError, Warning, WarningCategory};
use crate::syntax::ast::{
    Arg, Arguments, ClassDef, CmpOp, Comprehension, Const, Expr, ExprContext, ExprKind, FunctionDef, Keyword,
    Mod, Operator, Pattern, PatternKind, Seq, Stmt, StmtKind, Try, TypeParam, TypeParamKind, With,
};
use crate::target::ComplexRules;
use crate::value::known;
use bumpalo::Bump;

/// What a visitor returns; the error is boxed to keep the good case in one register.
type Step = Result<(), Box<SourceError>>;

/// The state of the walk.
pub(super) struct Folder<'a, 'o> {
    pub(super) arena: &'a Bump,
    pub(super) complex: ComplexRules,
    warnings: &'o mut Vec<Warning>,
    /// Are constant expressions folded here?
    in_tree: bool,
    /// Are values of patterns folded?
    patterns_only: bool,
    /// Are `__debug__` and `'…' % (…)` replaced?
    optimized: bool,
    /// Are assignment expressions looked into?
    named_exprs: bool,
    debug_names: DebugNames,
    /// Does `'…' % (…)` become an f-string?
    formats: bool,
    optimize: u8,
    annotations: bool,
    removes_docstrings: bool,
    warns: bool,
    depth: u32,
    limit: u32,
    /// Is the statement directly in a `finally` block? Statements of a loop or function within it are not,
    /// even where they leave both (PEP 765 as CPython has it).
    in_finally: bool,
}

#[cold]
fn too_deep() -> Box<SourceError> {
    let message = "maximum recursion depth exceeded during compilation";
    Box::new(SourceError::without_location(ExceptionKind::RecursionError, message.into()))
}

impl<'a, 'o> Folder<'a, 'o> {
    pub(super) fn new(arena: &'a Bump, options: &FoldOptions<'_>, warnings: &'o mut Vec<Warning>) -> Self {
        let optimized = options.purpose == Purpose::Optimized;
        let in_tree = match options.recipe.constants {
            ConstantFolding::InTree => true,
            ConstantFolding::PatternsOnly => false,
        };
        let removes = match options.recipe.docstrings {
            DocstringRemoval::InTree => options.optimize >= 2,
            DocstringRemoval::ByCodeGenerator => false,
        };
        Folder {
            arena,
            complex: options.recipe.complex,
            warnings,
            in_tree: in_tree && optimized,
            patterns_only: !in_tree && optimized,
            optimized,
            named_exprs: match options.recipe.named_exprs {
                NamedExprs::Skipped => false,
                NamedExprs::Visited => true,
            },
            debug_names: options.recipe.debug_names,
            formats: match options.recipe.percent_formats {
                PercentFormats::Kept => false,
                PercentFormats::FStrings => true,
            },
            optimize: options.optimize,
            annotations: match options.recipe.string_annotations {
                StringAnnotations::Folded => true,
                StringAnnotations::AsWritten => !options.future.annotations,
            },
            removes_docstrings: removes,
            warns: match options.recipe.finally_exits {
                FinallyExits::Silent => false,
                FinallyExits::Warned => true,
            },
            depth: 0,
            limit: options.recipe.nesting.depth(),
            in_finally: false,
        }
    }

    pub(super) fn module(&mut self, module: &mut Mod<'a>) -> Step {
        match module {
            Mod::Module { body, .. } => self.body(body),
            Mod::Interactive { body } => self.stmts(body),
            Mod::Expression { body } => self.expr(body),
            Mod::FunctionType { .. } => Ok(()),
        }
    }

    /// Counts a node that has others below it.
    #[inline]
    fn descend(&mut self) -> Step {
        self.leaf()?;
        self.depth += 1;
        Ok(())
    }

    /// Checks the depth of a node that has no others below it.
    #[inline]
    fn leaf(&self) -> Step {
        if self.depth >= self.limit { Err(too_deep()) } else { Ok(()) }
    }

    /// A body that may have a docstring. What only folding makes a string at its head is no docstring.
    fn body(&mut self, body: &mut Seq<'a, Stmt<'a>>) -> Step {
        let mut has_docstring = docstring(body).is_some();
        if has_docstring && self.removes_docstrings {
            has_docstring = false;
            if let [only] = &mut **body {
                let Location { line, col, .. } = only.loc;
                let loc = Location::new(line, col, line, col + 4);
                *only = Stmt { loc, folds: false, kind: StmtKind::Pass };
            } else {
                let statements = std::mem::take(body);
                *body = &mut statements[1..];
            }
        }
        self.stmts(body)?;
        if !has_docstring
            && docstring(body).is_some()
            && let Some(Stmt { loc, kind: StmtKind::Expr { value }, .. }) = body.first_mut()
        {
            let inner = std::mem::replace(*value, placeholder());
            let values = self.arena.alloc_slice_fill_iter([inner]);
            **value = Expr { loc: *loc, kind: ExprKind::JoinedStr { values } };
        }
        Ok(())
    }

    fn stmts(&mut self, body: &mut [Stmt<'a>]) -> Step {
        // Statements that hold nothing to change, most of them, are passed by. What nests too deep in them,
        // the symbol table finds: it counts the same nodes.
        let all = self.removes_docstrings || self.in_finally;
        body.iter_mut().filter(|stmt| all || stmt.folds).try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &mut Stmt<'a>) -> Step {
        self.descend()?;
        match &mut stmt.kind {
            StmtKind::FunctionDef(def) | StmtKind::AsyncFunctionDef(def) => self.function(def)?,
            StmtKind::ClassDef(def) => self.class(def)?,
            StmtKind::Return { value } => {
                if self.in_finally {
                    self.warn_of_exit("return", &stmt.loc);
                }
                self.opt_expr(value)?;
            }
            StmtKind::Delete { targets } => self.exprs(targets)?,
            StmtKind::Assign(node) => {
                self.exprs(node.targets)?;
                self.expr(node.value)?;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::AnnAssign(node) => {
                self.expr(node.target)?;
                if self.annotations {
                    self.expr(node.annotation)?;
                }
                if let Some(value) = &mut node.value {
                    self.expr(value)?;
                }
            }
            StmtKind::TypeAlias(node) => {
                self.expr(node.name)?;
                self.type_params(node.type_params)?;
                self.expr(node.value)?;
            }
            StmtKind::If(node) => {
                self.expr(node.test)?;
                self.stmts(node.body)?;
                self.stmts(node.orelse)?;
            }
            StmtKind::With(node) | StmtKind::AsyncWith(node) => self.with_stmt(node)?,
            StmtKind::Raise { exc, cause } => {
                self.opt_expr(exc)?;
                self.opt_expr(cause)?;
            }
            StmtKind::Try(node) | StmtKind::TryStar(node) => self.try_stmt(node)?,
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.opt_expr(msg)?;
            }
            StmtKind::Expr { value } => self.expr(value)?,
            StmtKind::Match(node) => {
                self.expr(node.subject)?;
                for case in node.cases.iter_mut() {
                    self.pattern(&mut case.pattern)?;
                    self.opt_expr(&mut case.guard)?;
                    self.stmts(case.body)?;
                }
            }
            StmtKind::Break if self.in_finally => self.warn_of_exit("break", &stmt.loc),
            StmtKind::Continue if self.in_finally => self.warn_of_exit("continue", &stmt.loc),
            kind => self.loop_stmt(kind)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn loop_stmt(&mut self, kind: &mut StmtKind<'a>) -> Step {
        match kind {
            StmtKind::For(node) => {
                self.expr(node.target)?;
                self.expr(node.iter)?;
                self.within(false, |this| this.stmts(node.body))?;
                self.stmts(node.orelse)?;
                self.iterated(node.iter);
            }
            StmtKind::AsyncFor(node) => {
                self.expr(node.target)?;
                self.expr(node.iter)?;
                self.within(false, |this| this.stmts(node.body))?;
                self.stmts(node.orelse)?;
            }
            StmtKind::While(node) => {
                self.expr(node.test)?;
                self.within(false, |this| this.stmts(node.body))?;
                self.stmts(node.orelse)?;
            }
            // The others hold no expressions.
            _ => {}
        }
        Ok(())
    }

    fn within(&mut self, in_finally: bool, visit: impl FnOnce(&mut Self) -> Step) -> Step {
        let before = std::mem::replace(&mut self.in_finally, in_finally);
        visit(self)?;
        self.in_finally = before;
        Ok(())
    }

    #[cold]
    fn warn_of_exit(&mut self, keyword: &str, loc: &Location) {
        if self.warns {
            self.warnings.push(Warning {
                category: WarningCategory::SyntaxWarning,
                message: format!("'{keyword}' in a 'finally' block"),
                lineno: loc.line,
                location: *loc,
            });
        }
    }

    fn function(&mut self, def: &mut FunctionDef<'a>) -> Step {
        self.type_params(def.type_params)?;
        self.arguments(&mut def.args)?;
        self.within(false, |this| this.body(&mut def.body))?;
        self.exprs(def.decorator_list)?;
        if self.annotations {
            self.opt_expr(&mut def.returns)?;
        }
        Ok(())
    }

    fn class(&mut self, def: &mut ClassDef<'a>) -> Step {
        self.type_params(def.type_params)?;
        self.exprs(def.bases)?;
        self.keywords(def.keywords)?;
        self.body(&mut def.body)?;
        self.exprs(def.decorator_list)
    }

    fn with_stmt(&mut self, node: &mut With<'a>) -> Step {
        for item in node.items.iter_mut() {
            self.expr(item.context_expr)?;
            self.opt_expr(&mut item.optional_vars)?;
        }
        self.stmts(node.body)
    }

    fn try_stmt(&mut self, node: &mut Try<'a>) -> Step {
        self.stmts(node.body)?;
        for handler in node.handlers.iter_mut() {
            self.opt_expr(&mut handler.typ)?;
            self.stmts(handler.body)?;
        }
        self.stmts(node.orelse)?;
        self.within(true, |this| this.stmts(node.finalbody))
    }

    fn type_params(&mut self, params: &mut [TypeParam<'a>]) -> Step {
        for param in params {
            if let TypeParamKind::TypeVar { bound } = &mut param.kind {
                self.opt_expr(bound)?;
            }
            self.opt_expr(&mut param.default_value)?;
        }
        Ok(())
    }

    fn arguments(&mut self, args: &mut Arguments<'a>) -> Step {
        if self.annotations {
            for arg in args.posonlyargs.iter_mut().chain(args.args.iter_mut()) {
                self.arg(arg)?;
            }
            args.vararg.iter_mut().try_for_each(|arg| self.arg(arg))?;
            args.kwonlyargs.iter_mut().try_for_each(|arg| self.arg(arg))?;
        }
        args.kw_defaults.iter_mut().flatten().try_for_each(|default| self.expr(default))?;
        if self.annotations {
            args.kwarg.iter_mut().try_for_each(|arg| self.arg(arg))?;
        }
        self.exprs(args.defaults)
    }

    fn arg(&mut self, arg: &mut Arg<'a>) -> Step {
        self.opt_expr(&mut arg.annotation)
    }

    fn keywords(&mut self, keywords: &mut [Keyword<'a>]) -> Step {
        keywords.iter_mut().try_for_each(|keyword| self.expr(keyword.value))
    }

    fn opt_expr(&mut self, expr: &mut Option<&'a mut Expr<'a>>) -> Step {
        match expr {
            Some(expr) => self.expr(expr),
            None => Ok(()),
        }
    }

    fn exprs(&mut self, exprs: &mut [Expr<'a>]) -> Step {
        exprs.iter_mut().try_for_each(|expr| self.expr(expr))
    }

    fn generators(&mut self, generators: &mut [Comprehension<'a>]) -> Step {
        for generator in generators {
            self.expr(generator.target)?;
            self.expr(generator.iter)?;
            self.exprs(generator.ifs)?;
            self.iterated(generator.iter);
        }
        Ok(())
    }

    /// Is a name `__debug__` in this place replaced by the constant?
    #[cold]
    fn replaces_debug(&self, ctx: ExprContext) -> bool {
        self.optimized
            && match ctx {
                ExprContext::Load => true,
                ExprContext::Del => self.debug_names == DebugNames::LoadedAndDeleted,
                ExprContext::Store => false,
            }
    }

    #[inline]
    fn expr(&mut self, expr: &mut Expr<'a>) -> Step {
        match expr.kind {
            ExprKind::Constant { .. } => self.leaf(),
            ExprKind::Name { id, ctx } => {
                self.leaf()?;
                if id == known::DUNDER_DEBUG && self.replaces_debug(ctx) {
                    let value = if self.optimize == 0 { Const::True } else { Const::False };
                    expr.kind = ExprKind::Constant { value, kind: false };
                }
                Ok(())
            }
            _ => self.inner_expr(expr),
        }
    }

    fn inner_expr(&mut self, expr: &mut Expr<'a>) -> Step {
        self.descend()?;
        match &mut expr.kind {
            ExprKind::Constant { .. } | ExprKind::Name { .. } => {}
            ExprKind::Attribute { value, .. }
            | ExprKind::Starred { value, .. }
            | ExprKind::Await { value }
            | ExprKind::YieldFrom { value } => self.expr(value)?,
            ExprKind::Call(call) => {
                self.expr(call.func)?;
                self.exprs(call.args)?;
                self.keywords(call.keywords)?;
            }
            ExprKind::BinOp { left, op, right } => {
                self.expr(left)?;
                self.expr(right)?;
                if self.optimized && matches!(left.kind, ExprKind::Constant { .. }) {
                    let modulo = *op == Operator::Mod;
                    if !(modulo && self.formats && self.format(expr)) && self.in_tree {
                        self.fold_binary(expr);
                    }
                }
            }
            ExprKind::UnaryOp { operand, .. } => {
                self.expr(operand)?;
                if self.in_tree {
                    self.fold_unary(expr);
                }
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)?;
                if self.in_tree {
                    self.fold_subscript(expr);
                }
            }
            ExprKind::Tuple { elts, .. } => {
                self.exprs(elts)?;
                if self.in_tree {
                    self.fold_tuple(expr);
                }
            }
            ExprKind::Compare(compare) => {
                self.expr(compare.left)?;
                self.exprs(compare.comparators)?;
                if let (Some(CmpOp::In | CmpOp::NotIn), Some(last)) =
                    (compare.ops.last(), compare.comparators.last_mut())
                {
                    self.iterated(last);
                }
            }
            ExprKind::BoolOp { values, .. }
            | ExprKind::JoinedStr { values }
            | ExprKind::TemplateStr { values } => self.exprs(values)?,
            ExprKind::List { elts, .. } | ExprKind::Set { elts } => self.exprs(elts)?,
            // The target is a name.
            ExprKind::NamedExpr { value, .. } => {
                if self.named_exprs {
                    self.expr(value)?;
                }
            }
            ExprKind::Yield { value } => self.opt_expr(value)?,
            kind => self.larger_expr(kind)?,
        }
        self.depth -= 1;
        Ok(())
    }

    /// The expressions that are nodes of their own.
    fn larger_expr(&mut self, kind: &mut ExprKind<'a>) -> Step {
        match kind {
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
            ExprKind::Lambda(lambda) => {
                self.arguments(&mut lambda.args)?;
                self.expr(lambda.body)
            }
            ExprKind::ListComp(comp) | ExprKind::SetComp(comp) | ExprKind::GeneratorExp(comp) => {
                self.expr(comp.elt)?;
                self.generators(comp.generators)
            }
            ExprKind::DictComp(comp) => {
                self.expr(comp.key)?;
                if let Some(value) = &mut comp.value {
                    self.expr(value)?;
                }
                self.generators(comp.generators)
            }
            ExprKind::FormattedValue(node) => {
                self.expr(node.value)?;
                self.opt_expr(&mut node.format_spec)
            }
            ExprKind::Interpolation(node) => {
                self.expr(node.value)?;
                self.opt_expr(&mut node.format_spec)
            }
            _ => Ok(()),
        }
    }

    /// What is iterated or searched: a display becomes a tuple or frozenset.
    fn iterated(&mut self, expr: &mut Expr<'a>) {
        if self.in_tree {
            self.fold_iterated(expr);
        }
    }

    fn patterns(&mut self, patterns: &mut [Pattern<'a>]) -> Step {
        patterns.iter_mut().try_for_each(|pattern| self.pattern(pattern))
    }

    fn pattern(&mut self, pattern: &mut Pattern<'a>) -> Step {
        self.descend()?;
        match &mut pattern.kind {
            PatternKind::MatchValue { value } => self.pattern_value(value)?,
            PatternKind::MatchSingleton { .. } | PatternKind::MatchStar { .. } => {}
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                self.patterns(patterns)?;
            }
            PatternKind::MatchMapping(node) => {
                node.keys.iter_mut().try_for_each(|key| self.pattern_value(key))?;
                self.patterns(node.patterns)?;
            }
            PatternKind::MatchClass(node) => {
                self.expr(node.cls)?;
                self.patterns(node.patterns)?;
                self.patterns(node.kwd_patterns)?;
            }
            PatternKind::MatchAs { pattern, .. } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern)?;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn pattern_value(&mut self, value: &mut Expr<'a>) -> Step {
        if self.patterns_only {
            self.fold_pattern_value(value);
            return Ok(());
        }
        if self.in_tree { self.expr(value) } else { Ok(()) }
    }
}

/// Stands where an expression was moved from, until something else is put there.
pub(super) fn placeholder<'a>() -> Expr<'a> {
    Expr { loc: Location::NONE, kind: ExprKind::Constant { value: Const::None, kind: false } }
}
