//! Statements, definitions and type parameters.

use super::{Collector, Step, error};
use crate::compile::future::docstring;
use crate::compile::recipe::{AnnotationBlocks, GenericPrivates};
use crate::compile::symtable::table::{BlockKind, SymbolFlags};
use crate::source::{Location, SourceError};
use crate::syntax::ast::{
    Alias, AnnAssign, Arg, Arguments, ClassDef, ExceptHandler, Expr, ExprContext, ExprKind, FunctionDef,
    ImportFrom, Match, Pattern, PatternKind, ScopeId, Stmt, StmtKind, Try, TypeAlias, TypeParam,
    TypeParamKind, With,
};
use crate::value::{Name, known};

impl Collector<'_> {
    pub(super) fn stmts(&mut self, body: &mut [Stmt<'_>]) -> Step {
        body.iter_mut().try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &mut Stmt<'_>) -> Step {
        self.descend()?;
        let loc = &stmt.loc;
        match &mut stmt.kind {
            StmtKind::FunctionDef(def) => self.function(def, loc, false)?,
            StmtKind::AsyncFunctionDef(def) => self.function(def, loc, true)?,
            StmtKind::ClassDef(def) => self.class(def, loc)?,
            StmtKind::TypeAlias(alias) => self.type_alias(alias, loc)?,
            StmtKind::Return { value } => {
                if let Some(value) = value {
                    self.expr(value)?;
                    self.scope().returns_value = true;
                }
            }
            StmtKind::Delete { targets } => self.exprs(targets)?,
            StmtKind::Assign(assign) => {
                self.exprs(assign.targets)?;
                self.expr(assign.value)?;
            }
            StmtKind::AnnAssign(assign) => self.ann_assign(assign, loc)?,
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::AsyncFor(node) => {
                self.require_coroutine("'async for' outside async function", loc)?;
                self.loop_stmt(Some((&mut node.target, &mut node.iter)), None, node.body, node.orelse)?;
            }
            StmtKind::For(node) => {
                self.loop_stmt(Some((&mut node.target, &mut node.iter)), None, node.body, node.orelse)?;
            }
            StmtKind::While(node) => self.loop_stmt(None, Some(&mut node.test), node.body, node.orelse)?,
            StmtKind::If(node) => self.loop_stmt(None, Some(&mut node.test), node.body, node.orelse)?,
            StmtKind::Match(node) => self.match_stmt(node)?,
            StmtKind::Raise { exc, cause } => {
                self.opt_expr(exc)?;
                self.opt_expr(cause)?;
            }
            StmtKind::Try(node) | StmtKind::TryStar(node) => self.try_stmt(node)?,
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.opt_expr(msg)?;
            }
            StmtKind::Import { names, is_lazy } => {
                if *is_lazy {
                    self.check_lazy_import("lazy import", loc)?;
                }
                names.iter().try_for_each(|alias| self.alias(alias))?;
            }
            StmtKind::ImportFrom(node) => self.import_from(node, loc)?,
            StmtKind::Global { names } => self.declare(names, SymbolFlags::GLOBAL, loc)?,
            StmtKind::Nonlocal { names } => self.declare(names, SymbolFlags::NONLOCAL, loc)?,
            StmtKind::Expr { value } => self.expr(value)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
            StmtKind::With(node) => self.with_stmt(node)?,
            StmtKind::AsyncWith(node) => {
                self.require_coroutine("'async with' outside async function", loc)?;
                self.with_stmt(node)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Visits statements that may not run.
    fn conditional(&mut self, visit: impl FnOnce(&mut Self) -> Step) -> Step {
        let before = std::mem::replace(&mut self.visiting.conditional, true);
        visit(self)?;
        self.visiting.conditional = before;
        Ok(())
    }

    /// `for`, `while` and `if`: what is evaluated first, then two bodies.
    fn loop_stmt(
        &mut self,
        target_and_iter: Option<(&mut Expr<'_>, &mut Expr<'_>)>,
        test: Option<&mut Expr<'_>>,
        body: &mut [Stmt<'_>],
        orelse: &mut [Stmt<'_>],
    ) -> Step {
        if let Some((target, iter)) = target_and_iter {
            self.expr(target)?;
            self.expr(iter)?;
        }
        if let Some(test) = test {
            self.expr(test)?;
        }
        self.conditional(|this| {
            this.stmts(body)?;
            this.stmts(orelse)
        })
    }

    fn try_stmt(&mut self, node: &mut Try<'_>) -> Step {
        let before = std::mem::replace(&mut self.visiting.guarded, true);
        self.conditional(|this| {
            this.stmts(node.body)?;
            for handler in node.handlers.iter_mut() {
                this.handler(handler)?;
            }
            this.stmts(node.orelse)?;
            this.stmts(node.finalbody)
        })?;
        self.visiting.guarded = before;
        Ok(())
    }

    fn handler(&mut self, handler: &mut ExceptHandler<'_>) -> Step {
        self.opt_expr(&mut handler.typ)?;
        if let Some(name) = handler.name {
            self.add(name, SymbolFlags::LOCAL, &handler.loc)?;
        }
        self.stmts(handler.body)
    }

    fn with_stmt(&mut self, node: &mut With<'_>) -> Step {
        self.conditional(|this| {
            for item in node.items.iter_mut() {
                this.expr(item.context_expr)?;
                this.opt_expr(&mut item.optional_vars)?;
            }
            this.stmts(node.body)
        })
    }

    fn match_stmt(&mut self, node: &mut Match<'_>) -> Step {
        self.expr(node.subject)?;
        self.conditional(|this| {
            for case in node.cases.iter_mut() {
                this.pattern(&mut case.pattern)?;
                this.opt_expr(&mut case.guard)?;
                this.stmts(case.body)?;
            }
            Ok(())
        })
    }

    fn patterns(&mut self, patterns: &mut [Pattern<'_>]) -> Step {
        patterns.iter_mut().try_for_each(|pattern| self.pattern(pattern))
    }

    fn pattern(&mut self, pattern: &mut Pattern<'_>) -> Step {
        self.descend()?;
        let loc = &pattern.loc;
        match &mut pattern.kind {
            PatternKind::MatchValue { value } => self.expr(value)?,
            PatternKind::MatchSingleton { .. } => {}
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                self.patterns(patterns)?;
            }
            PatternKind::MatchStar { name } => self.bind(*name, loc)?,
            PatternKind::MatchMapping(node) => {
                self.exprs(node.keys)?;
                self.patterns(node.patterns)?;
                self.bind(node.rest, loc)?;
            }
            PatternKind::MatchClass(node) => {
                self.expr(node.cls)?;
                self.patterns(node.patterns)?;
                for (attr, pattern) in node.kwd_attrs.iter().zip(node.kwd_patterns.iter()) {
                    self.check_name(*attr, &pattern.loc, ExprContext::Store)?;
                }
                self.patterns(node.kwd_patterns)?;
            }
            PatternKind::MatchAs { pattern, name } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern)?;
                }
                self.bind(*name, loc)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn bind(&mut self, name: Option<Name>, loc: &Location) -> Step {
        name.map_or(Ok(()), |name| self.add(name, SymbolFlags::LOCAL, loc))
    }

    fn function(&mut self, def: &mut FunctionDef<'_>, loc: &Location, coroutine: bool) -> Step {
        self.name(def.name, ExprContext::Store, loc)?;
        self.defaults(&mut def.args)?;
        self.exprs(def.decorator_list)?;
        let generic = !def.type_params.is_empty();
        if generic {
            // CPython asks for a list of defaults, and its parser always makes one.
            let defaults = true;
            let kwdefaults = def.args.kw_defaults.iter().any(Option::is_some);
            def.type_params_scope = self.enter_type_params(def.name, defaults, kwdefaults, false, loc)?;
            self.type_params(def.type_params)?;
        }
        match self.recipe.annotations {
            AnnotationBlocks::Never | AnnotationBlocks::Immediate => {
                self.immediate_annotations(def, loc)?;
                def.scope = self.enter(def.name, BlockKind::Function, loc)?;
            }
            AnnotationBlocks::Deferred => {
                def.scope = self.new_scope(def.name, BlockKind::Function, loc);
                self.deferred_annotations_of(def, loc)?;
                self.enter_new(def.scope);
            }
        }
        let params = self.table.params.len() as u32;
        let scope = self.scope();
        scope.params = (params, params);
        scope.has_docstring = docstring(def.body).is_some();
        scope.coroutine = coroutine;
        self.arguments(&def.args)?;
        self.stmts(def.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    pub(super) fn defaults(&mut self, args: &mut Arguments<'_>) -> Step {
        self.exprs(args.defaults)?;
        args.kw_defaults.iter_mut().flatten().try_for_each(|default| self.expr(default))
    }

    /// The parameters, in the order of `co_varnames`.
    pub(super) fn arguments(&mut self, args: &Arguments<'_>) -> Step {
        for arg in args.posonlyargs.iter().chain(args.args.iter()).chain(args.kwonlyargs.iter()) {
            self.parameter(arg.arg, &arg.loc)?;
        }
        if let Some(arg) = &args.vararg {
            self.parameter(arg.arg, &arg.loc)?;
            self.scope().varargs = true;
        }
        if let Some(arg) = &args.kwarg {
            self.parameter(arg.arg, &arg.loc)?;
            self.scope().varkeywords = true;
        }
        Ok(())
    }

    fn immediate_annotations(&mut self, def: &mut FunctionDef<'_>, loc: &Location) -> Step {
        let block = self.future.annotations && self.recipe.annotations == AnnotationBlocks::Immediate;
        if block {
            def.annotations_scope = self.enter(known::ANNOTATION_BLOCK, BlockKind::Annotation, loc)?;
        }
        self.arg_annotations(&mut def.args)?;
        if block {
            self.exit();
        }
        match &mut def.returns {
            Some(returns) => self.annotation(returns).map(drop),
            None => Ok(()),
        }
    }

    fn deferred_annotations_of(&mut self, def: &mut FunctionDef<'_>, loc: &Location) -> Step {
        let outer = *self.scope();
        let block = self.enter(known::DUNDER_ANNOTATE, BlockKind::Annotation, loc)?;
        def.annotations_scope = block;
        self.scope().function_name = Some(def.name);
        if outer.can_see_class_scope || outer.kind == BlockKind::Class {
            self.scope().can_see_class_scope = true;
            self.add(known::DUNDER_CLASSDICT, SymbolFlags::USE, loc)?;
        }
        self.arg_annotations(&mut def.args)?;
        if let Some(returns) = &mut def.returns {
            self.scope().annotations_used = true;
            self.expr(returns)?;
        }
        self.exit();
        Ok(())
    }

    fn arg_annotations(&mut self, args: &mut Arguments<'_>) -> Step {
        for arg in args.posonlyargs.iter_mut().chain(args.args.iter_mut()) {
            self.arg_annotation(arg)?;
        }
        if let Some(arg) = &mut args.vararg {
            self.arg_annotation(arg)?;
        }
        if let Some(arg) = &mut args.kwarg {
            self.arg_annotation(arg)?;
        }
        args.kwonlyargs.iter_mut().try_for_each(|arg| self.arg_annotation(arg))
    }

    fn arg_annotation(&mut self, arg: &mut Arg<'_>) -> Step {
        let Some(annotation) = &mut arg.annotation else { return Ok(()) };
        self.scope().annotations_used = true;
        self.expr(annotation)
    }

    fn class(&mut self, def: &mut ClassDef<'_>, loc: &Location) -> Step {
        self.name(def.name, ExprContext::Store, loc)?;
        self.exprs(def.decorator_list)?;
        let mut private = self.private;
        let generic = !def.type_params.is_empty();
        if generic {
            def.type_params_scope = self.enter_type_params(def.name, false, false, true, loc)?;
            self.private = Some(def.name);
            match self.recipe.generic_privates {
                GenericPrivates::Leaking => {
                    private = self.private;
                    self.respelled = true;
                }
                GenericPrivates::Kept => {
                    self.scope().mangled = self.table.mangled.len() as u32;
                    self.table.mangled.push(Vec::new());
                }
            }
            self.type_params(def.type_params)?;
        }
        self.exprs(def.bases)?;
        self.keywords(def.keywords)?;
        def.scope = self.enter(def.name, BlockKind::Class, loc)?;
        self.private = Some(def.name);
        if generic {
            self.add(known::DUNDER_TYPE_PARAMS, SymbolFlags::LOCAL, loc)?;
            self.add(known::DOT_TYPE_PARAMS, SymbolFlags::USE, loc)?;
        }
        self.scope().has_docstring = docstring(def.body).is_some();
        self.stmts(def.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        self.private = private;
        Ok(())
    }

    fn type_alias(&mut self, alias: &mut TypeAlias<'_>, loc: &Location) -> Step {
        self.expr(alias.name)?;
        let ExprKind::Name { id: name, .. } = alias.name.kind else { return Ok(()) };
        let in_class = self.scope().kind == BlockKind::Class;
        let generic = !alias.type_params.is_empty();
        if generic {
            alias.type_params_scope = self.enter_type_params(name, false, false, false, loc)?;
            self.type_params(alias.type_params)?;
        }
        alias.scope = self.enter(name, BlockKind::TypeAlias, loc)?;
        self.scope().can_see_class_scope = in_class;
        if in_class {
            self.add(known::DUNDER_CLASSDICT, SymbolFlags::USE, &alias.value.loc)?;
        }
        self.expr(alias.value)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    fn enter_type_params(
        &mut self,
        name: Name,
        defaults: bool,
        kwdefaults: bool,
        class: bool,
        loc: &Location,
    ) -> Result<ScopeId, Box<SourceError>> {
        let in_class = self.scope().kind == BlockKind::Class;
        let id = self.enter(name, BlockKind::TypeParameters, loc)?;
        if in_class {
            self.scope().can_see_class_scope = true;
            self.add(known::DUNDER_CLASSDICT, SymbolFlags::USE, loc)?;
        }
        if class {
            // Stored when the tuple of parameters is made, used for the bases.
            for name in [known::DOT_TYPE_PARAMS, known::DOT_GENERIC_BASE] {
                self.add(name, SymbolFlags::LOCAL, loc)?;
                self.add(name, SymbolFlags::USE, loc)?;
            }
        }
        if defaults {
            self.add(known::DOT_DEFAULTS, SymbolFlags::PARAM, loc)?;
        }
        if kwdefaults {
            self.add(known::DOT_KWDEFAULTS, SymbolFlags::PARAM, loc)?;
        }
        Ok(id)
    }

    fn type_params(&mut self, params: &mut [TypeParam<'_>]) -> Step {
        params.iter_mut().try_for_each(|param| self.type_param(param))
    }

    fn type_param(&mut self, param: &mut TypeParam<'_>) -> Step {
        self.descend()?;
        let loc = param.loc;
        self.add(param.name, SymbolFlags::TYPE_PARAM.with(SymbolFlags::LOCAL), &loc)?;
        if param.name == known::DUNDER_CLASSDICT {
            let message = "reserved name '__classdict__' cannot be used for type parameter";
            return Err(error(message.into(), &loc));
        }
        let default = match &mut param.kind {
            TypeParamKind::TypeVar { bound } => {
                if let Some(bound) = bound {
                    let constraint = matches!(bound.kind, ExprKind::Tuple { .. });
                    let holds = if constraint { "a TypeVar constraint" } else { "a TypeVar bound" };
                    param.bound_scope = self.type_variable(param.name, bound, holds)?;
                }
                "a TypeVar default"
            }
            TypeParamKind::TypeVarTuple => "a TypeVarTuple default",
            TypeParamKind::ParamSpec => "a ParamSpec default",
        };
        if let Some(value) = &mut param.default_value {
            param.default_scope = self.type_variable(param.name, value, default)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn type_variable(
        &mut self,
        name: Name,
        value: &mut Expr<'_>,
        holds: &'static str,
    ) -> Result<ScopeId, Box<SourceError>> {
        let in_class = self.scope().can_see_class_scope;
        let loc = value.loc;
        let id = self.enter(name, BlockKind::TypeVariable, &loc)?;
        self.scope().can_see_class_scope = in_class;
        if in_class {
            self.add(known::DUNDER_CLASSDICT, SymbolFlags::USE, &loc)?;
        }
        self.visiting.holds = Some(holds);
        self.expr(value)?;
        self.exit();
        Ok(id)
    }

    fn ann_assign(&mut self, assign: &mut AnnAssign<'_>, loc: &Location) -> Step {
        self.scope().annotations_used = true;
        if let ExprKind::Name { id, .. } = assign.target.kind {
            let flags = self.flags_in(self.current, id);
            let declared = flags.has(SymbolFlags::GLOBAL.with(SymbolFlags::NONLOCAL));
            if declared && assign.simple && self.scope().kind != BlockKind::Module {
                let what = if flags.has(SymbolFlags::GLOBAL) { "global" } else { "nonlocal" };
                let message = format!("annotated name '{}' can't be {what}", self.names.get(id));
                return Err(error(message, loc));
            }
            if assign.simple {
                self.add(id, SymbolFlags::ANNOT.with(SymbolFlags::LOCAL), &assign.target.loc)?;
            }
            if assign.value.is_some() {
                self.add(id, SymbolFlags::LOCAL, &assign.target.loc)?;
            }
        } else {
            self.expr(assign.target)?;
        }
        assign.scope = self.annotation(assign.annotation)?;
        match &mut assign.value {
            Some(value) => self.expr(value),
            None => Ok(()),
        }
    }

    fn declare(&mut self, names: &[Name], flag: SymbolFlags, loc: &Location) -> Step {
        let what = if flag == SymbolFlags::GLOBAL { "global" } else { "nonlocal" };
        for &name in names {
            let flags = self.flags_in(self.current, name);
            let before =
                SymbolFlags::PARAM.with(SymbolFlags::LOCAL).with(SymbolFlags::USE).with(SymbolFlags::ANNOT);
            if flags.has(before) {
                let name = self.names.get(name);
                let message = if flags.has(SymbolFlags::PARAM) {
                    format!("name '{name}' is parameter and {what}")
                } else if flags.has(SymbolFlags::USE) {
                    format!("name '{name}' is used prior to {what} declaration")
                } else if flags.has(SymbolFlags::ANNOT) {
                    format!("annotated name '{name}' can't be {what}")
                } else {
                    format!("name '{name}' is assigned to before {what} declaration")
                };
                return Err(error(message, loc));
            }
            self.add(name, flag, loc)?;
            self.record_directive(name, loc);
        }
        Ok(())
    }

    fn import_from(&mut self, node: &ImportFrom<'_>, loc: &Location) -> Step {
        if node.is_lazy {
            self.check_lazy_import("lazy from ... import", loc)?;
            if let [Alias { name: known::STAR, .. }, ..] = node.names {
                return Err(error("lazy from ... import * is not allowed".into(), loc));
            }
        }
        node.names.iter().try_for_each(|alias| self.alias(alias))?;
        if node.level != 0 || node.module != Some(known::DUNDER_FUTURE) || !self.checks_context() {
            return Ok(());
        }
        let last = self.future.location;
        if loc.line > last.line || loc.line == last.end_line && loc.col > last.end_col {
            let message = "from __future__ imports must occur at the beginning of the file";
            return Err(error(message.into(), loc));
        }
        Ok(())
    }

    /// Lazy imports belong to the module's own level, where no exception is caught.
    fn check_lazy_import(&mut self, what: &str, loc: &Location) -> Step {
        let guarded = self.visiting.guarded;
        let place = match self.scope().kind {
            _ if guarded => "try/except blocks",
            BlockKind::Function => "functions",
            BlockKind::Class => "classes",
            _ => return Ok(()),
        };
        Err(error(format!("{what} not allowed inside {place}"), loc))
    }

    /// What an import binds: the first component of a dotted name.
    fn alias(&mut self, alias: &Alias) -> Step {
        let name = alias.asname.unwrap_or(alias.name);
        if name == known::STAR {
            if self.scope().kind != BlockKind::Module {
                return Err(self.error_in_block("import * only allowed at module level".into(), &alias.loc));
            }
            return Ok(());
        }
        let bound = match alias.asname {
            Some(name) => name,
            None => match self.names.get(name).split_once('.') {
                Some((first, _)) => {
                    let first = first.to_owned();
                    self.names.intern(&first)
                }
                None => name,
            },
        };
        self.add(bound, SymbolFlags::IMPORT, &alias.loc)
    }

    fn require_coroutine(&mut self, message: &str, loc: &Location) -> Step {
        if self.checks_context() && !self.scope().coroutine {
            return Err(error(message.into(), loc));
        }
        Ok(())
    }
}
