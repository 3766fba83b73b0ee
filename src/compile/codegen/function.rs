//! Functions, lambdas, decorators, defaults, closures.

use super::Codegen;
use super::blocks::BlockKind;
use super::errors::Fallible;
use super::numbers::{attribute, intrinsic_2};
use super::unit::{ParameterCounts, UnitKind};
use crate::code::ObjectId;
use crate::compile::consts::ConstPool;
use crate::compile::recipe::{
    CallNull, ConstKeyMaps, Delegation, DocstringText, Docstrings, FunctionAttributes, FunctionStart,
    GenericParameters, LambdaReturns, SkippedDocstrings,
};
use crate::compile::symtable::VarScope;
use crate::source::{ExceptionKind, Location, SourceError};
use crate::syntax::ast::{
    Arg, Arguments, Const, Expr, ExprContext, ExprKind, FunctionDef, Lambda, Stmt, StmtKind,
};
use crate::target::Op;
use crate::value::{Name, PyStr, known};

impl ParameterCounts {
    /// Those of a signature.
    pub(super) fn of(args: &Arguments<'_>) -> Self {
        ParameterCounts {
            positional: args.args.len(),
            positional_only: args.posonlyargs.len(),
            keyword_only: args.kwonlyargs.len(),
        }
    }
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn function_def(
        &mut self,
        def: &'t FunctionDef<'a>,
        is_async: bool,
        loc: Location,
    ) -> Fallible {
        self.check_parameters(&def.args)?;
        self.exprs(def.decorator_list)?;
        let line = def.decorator_list.first().map_or(loc.line, |first| first.loc.line);
        if !def.type_params.is_empty() {
            self.null_beneath(loc);
        }
        let attributes = self.default_arguments(&def.args, loc)?;
        if def.type_params.is_empty() {
            let attributes = attributes | self.function_annotations(def, loc)?;
            self.function_body(def, is_async, attributes, line, loc)?;
        } else {
            self.generic_function(def, is_async, attributes, line, loc)?;
        }
        self.apply_decorators(def.decorator_list);
        self.store_name(def.name, loc)
    }

    /// A function with type parameters: made by a function of its own, to which defaults are arguments.
    fn generic_function(
        &mut self,
        def: &'t FunctionDef<'a>,
        is_async: bool,
        attributes: u32,
        line: i32,
        loc: Location,
    ) -> Fallible {
        let count = (attributes & (attribute::DEFAULTS | attribute::KWDEFAULTS)).count_ones();
        if count == 2 {
            self.op_arg(Op::Swap, 2, loc);
        }
        let name = self.type_params_name(def.name);
        let early = match self.recipe.generic_parameters {
            GenericParameters::CountedFirst => count as usize,
            GenericParameters::CountedLast => 0,
        };
        let parameters = ParameterCounts { positional: early, ..ParameterCounts::default() };
        self.enter_unit(name, UnitKind::Annotations, def.type_params_scope, line, parameters);
        self.type_params(def.type_params)?;
        for index in 0..count {
            self.op_arg(Op::LoadFast, index, loc);
        }
        let attributes = attributes | self.function_annotations(def, loc)?;
        self.function_body(def, is_async, attributes, line, loc)?;
        self.op_arg(Op::Swap, 2, loc);
        self.op_arg(Op::CallIntrinsic2, intrinsic_2::SET_FUNCTION_TYPE_PARAMS, loc);
        self.u.meta.argcount = count;
        let code = self.leave_unit(false)?;
        self.make_closure(code, 0, loc)?;
        if count > 0 {
            self.op_arg(Op::Swap, count + 1, loc);
            // Where there is no NULL, the first default takes its place.
            let arguments = match self.recipe.call_null {
                CallNull::Beneath => count,
                CallNull::Above => count - 1,
            };
            self.call_op(arguments, loc);
        } else {
            self.null_above(loc);
            self.call_op(0, loc);
        }
        Ok(())
    }

    fn function_body(
        &mut self,
        def: &'t FunctionDef<'a>,
        is_async: bool,
        attributes: u32,
        line: i32,
        loc: Location,
    ) -> Fallible {
        let kind = if is_async { UnitKind::AsyncFunction } else { UnitKind::Function };
        self.enter_unit(def.name, kind, def.scope, line, ParameterCounts::of(&def.args));
        let body = self.docstring_const(def.body);
        match self.recipe.function_start {
            FunctionStart::Unmarked => {}
            FunctionStart::Labelled => {
                let start = self.new_label();
                self.use_label(start);
            }
        }
        let guarded = match self.recipe.delegation {
            Delegation::Bare => false,
            Delegation::Guarded => self.u.coroutine || self.u.generator,
        };
        if guarded {
            self.push_block(BlockKind::StopIteration, Location::NONE)?;
        }
        self.stmts(body)?;
        if guarded {
            self.wrap_in_stop_iteration_handler();
            self.pop_block();
        }
        let code = self.leave_unit(true)?;
        self.make_closure(code, attributes, loc)?;
        Ok(())
    }

    /// Makes the docstring the first constant; returns the statements after it.
    fn docstring_const(&mut self, body: &'t [Stmt<'a>]) -> &'t [Stmt<'a>] {
        let docstring = match body.first().map(|stmt| &stmt.kind) {
            Some(StmtKind::Expr {
                value: Expr { kind: ExprKind::Constant { value: Const::Str(text), .. }, .. },
            }) => Some(*text),
            _ => None,
        };
        match docstring {
            Some(text) if self.optimize < 2 => {
                let text = self.docstring_text(text);
                let id = self.consts.str(text);
                self.const_index(id);
            }
            _ => self.no_docstring(),
        }
        if docstring.is_some() && !self.keeps_docstring_stmt() { &body[1..] } else { body }
    }

    /// A docstring as it is kept.
    pub(super) fn docstring_text(&self, text: PyStr<'a>) -> PyStr<'a> {
        match self.recipe.docstring_text {
            DocstringText::AsWritten => text,
            DocstringText::Dedented => super::docstring::clean(text, self.arena),
        }
    }

    /// Is a docstring compiled like any statement, because it is not wanted?
    pub(super) fn keeps_docstring_stmt(&self) -> bool {
        match self.recipe.skipped_docstrings {
            SkippedDocstrings::PlainStatements => self.optimize >= 2,
            SkippedDocstrings::Nothing => false,
        }
    }

    /// Makes `None` the first constant where that says that there is no docstring.
    pub(super) fn no_docstring(&mut self) {
        match self.recipe.docstrings {
            Docstrings::FirstConstAlways => {
                self.const_index(ConstPool::NONE);
            }
            Docstrings::FirstConstIfFlagged => {}
        }
    }

    pub(super) fn lambda(&mut self, lambda: &'t Lambda<'a>, loc: Location) -> Fallible {
        self.check_parameters(&lambda.args)?;
        let attributes = self.default_arguments(&lambda.args, loc)?;
        let parameters = ParameterCounts::of(&lambda.args);
        self.enter_unit(known::ANON_LAMBDA, UnitKind::Lambda, lambda.scope, loc.line, parameters);
        self.no_docstring();
        self.expr(lambda.body)?;
        let code = if self.u.generator {
            self.leave_unit(false)?
        } else {
            let at = match self.recipe.lambda_returns {
                LambdaReturns::LineStart => Location::new(loc.line, 0, loc.line, 0),
                LambdaReturns::Body => lambda.body.loc,
            };
            self.op(Op::ReturnValue, at);
            self.leave_unit(true)?
        };
        self.make_closure(code, attributes, loc)?;
        Ok(())
    }

    /// Makes a function of the code object that was finished last, and sets the attributes that are on the
    /// stack.
    pub(super) fn make_closure(&mut self, code: ObjectId, attributes: u32, loc: Location) -> Fallible {
        let free = std::mem::take(&mut self.closure);
        for &name in &free {
            let arg = self.closure_cell(name, &free)?;
            self.op_arg(Op::LoadClosure, arg, loc);
        }
        if !free.is_empty() {
            self.op_count(Op::BuildTuple, free.len(), loc);
        }
        self.load_const(code, loc);
        match self.recipe.function_attributes {
            FunctionAttributes::InArgument => {
                let closure = if free.is_empty() { 0 } else { attribute::CLOSURE };
                self.op_arg(Op::MakeFunctionFlags, attributes | closure, loc);
                self.closure = free;
                return Ok(());
            }
            FunctionAttributes::SetEach => self.op(Op::MakeFunction, loc),
        }
        if !free.is_empty() {
            self.op_arg(Op::SetFunctionAttribute, attribute::CLOSURE, loc);
        }
        for bit in [attribute::ANNOTATIONS, attribute::ANNOTATE, attribute::KWDEFAULTS, attribute::DEFAULTS] {
            if attributes & bit != 0 {
                self.op_arg(Op::SetFunctionAttribute, bit, loc);
            }
        }
        self.closure = free;
        Ok(())
    }

    /// Where the innermost unit has the cell that a function within it needs. In a class, a name may be free
    /// and local at once; the function gets the free one.
    fn closure_cell(&mut self, name: Name, free: &[Name]) -> Fallible<u32> {
        let class_cell = matches!(
            name,
            known::DUNDER_CLASS | known::DUNDER_CLASSDICT | known::DUNDER_CONDITIONAL_ANNOTATIONS
        );
        if self.u.kind == UnitKind::Class && class_cell {
            if !self.u.meta.cellvars.contains(&name) {
                return self.missing_cell(name, free, VarScope::Cell);
            }
            return Ok(self.cell_index(name));
        }
        Ok(match self.var_scope(name) {
            VarScope::Cell => self.cell_index(name),
            VarScope::Unknown => return self.unknown_scope(name),
            _ if self.is_free(name) => self.free_index(name),
            scope => return self.missing_cell(name, free, scope),
        })
    }

    /// What becomes of a class that takes its own cell for a variable of this unit (3.12).
    #[cold]
    fn unknown_scope(&self, name: Name) -> Fallible<u32> {
        let name = self.names.get(name);
        let unit = self.names.get(self.u.meta.name);
        let message = format!("_PyST_GetScope(name='{name}') failed: unknown scope in unit {unit}");
        Err(Box::new(SourceError::without_location(ExceptionKind::SystemError, message)))
    }

    /// What becomes of a function in an inlined comprehension of a class where the class does not provide
    /// `__class__` for its own sake (3.13; `compiler_make_closure`), and of a class like that where the name is of
    /// another kind in this unit (3.12).
    #[cold]
    fn missing_cell(&self, name: Name, free: &[Name], scope: VarScope) -> Fallible<u32> {
        let name = self.names.get(name);
        let class = self.names.get(self.u.meta.name);
        let function = self.names.get(self.finished);
        let free: Vec<_> = free.iter().map(|&name| format!("'{}'", self.names.get(name))).collect();
        let comma = if free.len() == 1 { "," } else { "" };
        let message = format!(
            "compiler_lookup_arg(name='{name}') with reftype={} failed in {class}; freevars of code {function}: \
             ({}{comma})",
            scope as u8,
            free.join(", ")
        );
        Err(Box::new(SourceError::without_location(ExceptionKind::SystemError, message)))
    }

    /// Defaults of parameters; returns the attributes that they become.
    pub(super) fn default_arguments(&mut self, args: &'t Arguments<'a>, loc: Location) -> Fallible<u32> {
        let mut attributes = 0;
        if !args.defaults.is_empty() {
            self.exprs(args.defaults)?;
            self.op_count(Op::BuildTuple, args.defaults.len(), loc);
            attributes |= attribute::DEFAULTS;
        }
        if self.keyword_defaults(args, loc)? {
            attributes |= attribute::KWDEFAULTS;
        }
        Ok(attributes)
    }

    fn keyword_defaults(&mut self, args: &'t Arguments<'a>, loc: Location) -> Fallible<bool> {
        let mut count = 0;
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults.iter()) {
            let Some(default) = default else { continue };
            count += 1;
            match self.recipe.const_key_maps {
                ConstKeyMaps::KeyTuple => {}
                ConstKeyMaps::Interleaved => {
                    let name = self.maybe_mangle(arg.arg);
                    self.load_name_const(name, loc);
                }
            }
            self.expr(default)?;
        }
        if count == 0 {
            return Ok(false);
        }
        match self.recipe.const_key_maps {
            ConstKeyMaps::KeyTuple => {
                let mut keys = Vec::with_capacity(count);
                for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults.iter()) {
                    if default.is_some() {
                        keys.push(self.maybe_mangle(arg.arg));
                    }
                }
                self.load_names_const(keys.into_iter(), loc);
                self.op_count(Op::BuildConstKeyMap, count, loc);
            }
            ConstKeyMaps::Interleaved => self.op_count(Op::BuildMap, count, loc),
        }
        Ok(true)
    }

    /// Calls the decorators, which are on the stack below the function or class, last one first.
    pub(super) fn apply_decorators(&mut self, decorators: &'t [Expr<'a>]) {
        for decorator in decorators.iter().rev() {
            self.call_op(0, decorator.loc);
        }
    }

    /// Refuses a parameter `__debug__`.
    pub(super) fn check_parameters(&self, args: &Arguments<'_>) -> Fallible {
        if !self.symbols.debug_parameter() {
            return Ok(());
        }
        let positional = args.posonlyargs.iter().chain(args.args.iter()).chain(args.vararg.as_deref());
        let keyword = args.kwonlyargs.iter().chain(args.kwarg.as_deref());
        for Arg { arg, loc, .. } in positional.chain(keyword) {
            self.check_debug(*arg, ExprContext::Store, *loc)?;
        }
        Ok(())
    }
}
