//! Functions, lambdas, classes, decorators, closures, annotations of functions.

use super::Lowering;
use crate::code::ObjectId;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::numbers::attribute;
use crate::compile::codegen::unit::{ParameterCounts, UnitKind};
use crate::compile::consts::ConstPool;
use crate::compile::recipe::block_stack::FunctionAnnotations;
use crate::compile::symtable::VarScope;
use crate::source::Location;
use crate::syntax::ast::{
    Arg, Arguments, ClassDef, Const, Expr, ExprContext, ExprKind, FunctionDef, Lambda, Stmt, StmtKind,
};
use crate::target::Op;
use crate::value::{Name, known};

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn function_def(
        &mut self,
        def: &'t FunctionDef<'a>,
        is_async: bool,
        loc: Location,
    ) -> Fallible {
        self.check_parameters(&def.args)?;
        self.exprs(def.decorator_list)?;
        let line = def.decorator_list.first().map_or(loc.line, |first| first.loc.line);
        let mut attributes = self.default_arguments(&def.args)?;
        attributes |= self.function_annotations(def)?;
        let kind = if is_async { UnitKind::AsyncFunction } else { UnitKind::Function };
        self.enter_unit(def.name, kind, def.scope, line, ParameterCounts::of(&def.args));
        let body = self.docstring_const(def.body);
        self.stmts(body)?;
        let qualname = self.g.u.meta.qualname;
        let code = self.finish_unit(true)?;
        self.make_closure(code, attributes, qualname);
        self.apply_decorators(def.decorator_list);
        self.store_name(def.name)
    }

    /// Refuses a parameter `__debug__`.
    fn check_parameters(&self, args: &Arguments<'_>) -> Fallible {
        self.g
            .check_parameters(args)
            .or_else(|_| self.g.check_debug(known::DUNDER_DEBUG, ExprContext::Store, self.here()))
    }

    /// Makes the docstring, or `None`, the first constant; returns the statements to be compiled.
    fn docstring_const(&mut self, body: &'t [Stmt<'a>]) -> &'t [Stmt<'a>] {
        if self.muted > 0 {
            return body;
        }
        let docstring = match body.first().map(|stmt| &stmt.kind) {
            Some(StmtKind::Expr {
                value: Expr { kind: ExprKind::Constant { value: Const::Str(text), .. }, .. },
            }) if self.g.optimize < 2 => Some(*text),
            _ => None,
        };
        let id = match docstring {
            Some(text) => self.g.consts.str(text),
            None => ConstPool::NONE,
        };
        self.g.const_index(id);
        // Where statements without code have a `NOP`, the docstring has none.
        if docstring.is_some() && self.exact() { &body[1..] } else { body }
    }

    pub(super) fn lambda(&mut self, lambda: &'t Lambda<'a>, loc: Location) -> Fallible {
        self.check_parameters(&lambda.args)?;
        let attributes = self.default_arguments(&lambda.args)?;
        let parameters = ParameterCounts::of(&lambda.args);
        self.enter_unit(known::ANON_LAMBDA, UnitKind::Lambda, lambda.scope, loc.line, parameters);
        if self.muted == 0 {
            self.g.const_index(ConstPool::NONE);
        }
        self.expr(lambda.body)?;
        let generator = self.g.u.generator;
        if !generator {
            self.op(Op::ReturnValue);
        }
        let qualname = self.g.u.meta.qualname;
        let code = self.finish_unit(!generator)?;
        self.make_closure(code, attributes, qualname);
        Ok(())
    }

    /// Makes a function of the code object that was finished last; `attributes` says what is on the stack.
    pub(super) fn make_closure(&mut self, code: ObjectId, attributes: u32, qualname: Name) {
        if self.muted > 0 {
            return;
        }
        let mut attributes = attributes;
        let free = std::mem::take(&mut self.g.closure);
        for &name in &free {
            let in_class = self.g.u.kind == UnitKind::Class && name == known::DUNDER_CLASS;
            let cell = in_class || self.g.var_scope(name) == VarScope::Cell;
            let arg = if cell { self.g.cell_index(name) } else { self.g.free_index(name) };
            self.op_arg(Op::LoadClosure, arg);
        }
        if !free.is_empty() {
            self.op_count(Op::BuildTuple, free.len());
            attributes |= attribute::CLOSURE;
        }
        self.g.closure = free;
        self.load_const(code);
        self.load_name_const(qualname);
        self.op_arg(Op::MakeFunctionFlags, attributes);
    }

    /// Defaults of parameters; returns the attributes that they become.
    fn default_arguments(&mut self, args: &'t Arguments<'a>) -> Fallible<u32> {
        let mut attributes = 0;
        if !args.defaults.is_empty() {
            self.exprs(args.defaults)?;
            self.op_count(Op::BuildTuple, args.defaults.len());
            attributes |= attribute::DEFAULTS;
        }
        let mut keys = Vec::new();
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults.iter()) {
            if let Some(default) = default {
                keys.push(self.g.maybe_mangle(arg.arg));
                self.expr(default)?;
            }
        }
        if !keys.is_empty() {
            let count = keys.len();
            self.load_names_const(keys.into_iter());
            self.op_count(Op::BuildConstKeyMap, count);
            attributes |= attribute::KWDEFAULTS;
        }
        Ok(attributes)
    }

    /// Annotations of a function; returns the attribute that they become, if there are any.
    fn function_annotations(&mut self, def: &'t FunctionDef<'a>) -> Fallible<u32> {
        let args = &def.args;
        let plain = args.args.iter().chain(args.posonlyargs.iter()).chain(args.vararg.as_deref());
        let mut keys = Vec::new();
        for Arg { arg, annotation, .. } in plain.chain(args.kwonlyargs.iter()).chain(args.kwarg.as_deref()) {
            if let Some(annotation) = annotation {
                self.argument_annotation(*arg, annotation, &mut keys)?;
            }
        }
        if let Some(returns) = &def.returns {
            self.argument_annotation(known::RETURN, returns, &mut keys)?;
        }
        let count = keys.len();
        if count == 0 {
            return Ok(0);
        }
        match self.recipe.function_annotations {
            FunctionAnnotations::Dict => {
                self.load_names_const(keys.into_iter());
                self.op_count(Op::BuildConstKeyMap, count);
            }
            FunctionAnnotations::Tuple => self.op_count(Op::BuildTuple, count * 2),
        }
        Ok(attribute::ANNOTATIONS)
    }

    fn argument_annotation(
        &mut self,
        name: Name,
        annotation: &'t Expr<'a>,
        keys: &mut Vec<Name>,
    ) -> Fallible {
        let name = self.g.maybe_mangle(name);
        keys.push(name);
        match self.recipe.function_annotations {
            FunctionAnnotations::Dict => {}
            FunctionAnnotations::Tuple => self.load_name_const(name),
        }
        if self.g.future.annotations { self.annotation_text(annotation) } else { self.expr(annotation) }
    }

    /// The annotation as its text.
    pub(super) fn annotation_text(&mut self, annotation: &'t Expr<'a>) -> Fallible {
        let id = self.g.annotation_text_const(annotation)?;
        self.load_const(id);
        Ok(())
    }

    /// Calls the decorators, which are on the stack below the function or class.
    fn apply_decorators(&mut self, decorators: &'t [Expr<'a>]) {
        for _ in decorators {
            self.op_arg(Op::CallFunction, 1);
        }
    }

    pub(super) fn class_def(&mut self, def: &'t ClassDef<'a>, loc: Location) -> Fallible {
        self.exprs(def.decorator_list)?;
        let line = def.decorator_list.first().map_or(loc.line, |first| first.loc.line);
        self.enter_unit(def.name, UnitKind::Class, def.scope, line, ParameterCounts::default());
        self.g.u.private = Some(def.name);
        self.load_name(known::DUNDER_NAME)?;
        self.store_name(known::DUNDER_MODULE)?;
        if self.muted == 0 {
            let qualname = self.g.consts.qualname(self.g.u.meta.qualname, self.g.names);
            self.load_const(qualname);
        }
        self.store_name(known::DUNDER_QUALNAME)?;
        self.body(def.body, false)?;
        self.no_line();
        if self.g.symbols.scope(self.g.u.scope).needs_class_closure {
            let arg = self.g.cell_index(known::DUNDER_CLASS);
            self.op_arg(Op::LoadClosure, arg);
            self.op(Op::DupTop);
            self.store_name(known::DUNDER_CLASSCELL)?;
        } else {
            self.load_none();
        }
        self.op(Op::ReturnValue);
        let code = self.finish_unit(true)?;
        self.op(Op::LoadBuildClass);
        self.make_closure(code, 0, def.name);
        self.load_name_const(def.name);
        self.call_arguments(2, def.bases, def.keywords)?;
        self.apply_decorators(def.decorator_list);
        self.store_name(def.name)
    }
}
