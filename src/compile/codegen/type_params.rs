//! Type parameters, their bounds and defaults, and `type` statements (PEP 695, PEP 696).

use super::Codegen;
use super::errors::Fallible;
use super::numbers::{attribute, intrinsic_1, intrinsic_2};
use super::unit::{ParameterCounts, UnitKind};
use crate::compile::consts::ConstPool;
use crate::compile::recipe::LazyTypes;
use crate::source::Location;
use crate::syntax::ast::{Expr, ExprKind, ScopeId, TypeAlias, TypeParam, TypeParamKind};
use crate::target::Op;
use crate::value::Name;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    /// `<generic parameters of name>`
    pub(super) fn type_params_name(&mut self, name: Name) -> Name {
        let text = &mut self.scratch.text;
        text.clear();
        text.extend_from_slice(b"<generic parameters of ");
        text.extend_from_slice(self.names.bytes(name));
        text.push(b'>');
        self.names.intern_utf8(text)
    }

    /// Makes and binds the parameters; leaves a tuple of them.
    pub(super) fn type_params(&mut self, params: &'t [TypeParam<'a>]) -> Fallible {
        let mut seen_default = false;
        for param in params {
            let loc = param.loc;
            self.load_name_const(param.name, loc);
            match &param.kind {
                TypeParamKind::TypeVar { bound: Some(bound) } => {
                    self.lazy_type(bound, param.name, param.bound_scope, false, loc)?;
                    let intrinsic = if matches!(bound.kind, ExprKind::Tuple { .. }) {
                        intrinsic_2::TYPEVAR_WITH_CONSTRAINTS
                    } else {
                        intrinsic_2::TYPEVAR_WITH_BOUND
                    };
                    self.op_arg(Op::CallIntrinsic2, intrinsic, loc);
                }
                TypeParamKind::TypeVar { bound: None } => {
                    self.op_arg(Op::CallIntrinsic1, intrinsic_1::TYPEVAR, loc);
                }
                TypeParamKind::TypeVarTuple => {
                    self.op_arg(Op::CallIntrinsic1, intrinsic_1::TYPEVARTUPLE, loc);
                }
                TypeParamKind::ParamSpec => {
                    self.op_arg(Op::CallIntrinsic1, intrinsic_1::PARAMSPEC, loc);
                }
            }
            if let Some(default) = &param.default_value {
                seen_default = true;
                let starred = matches!(param.kind, TypeParamKind::TypeVarTuple);
                self.lazy_type(default, param.name, param.default_scope, starred, loc)?;
                self.op_arg(Op::CallIntrinsic2, intrinsic_2::SET_TYPEPARAM_DEFAULT, loc);
            } else if seen_default {
                let name = self.names.get(param.name);
                let message = format!("non-default type parameter '{name}' follows default type parameter");
                return self.error(loc, message);
            }
            self.op_arg(Op::Copy, 1, loc);
            self.store_name(param.name, loc)?;
        }
        if let Some(first) = params.first() {
            self.op_count(Op::BuildTuple, params.len(), first.loc);
        }
        Ok(())
    }

    /// A function that evaluates a bound or default when it is asked for.
    fn lazy_type(
        &mut self,
        value: &'t Expr<'a>,
        name: Name,
        scope: ScopeId,
        allow_starred: bool,
        param_loc: Location,
    ) -> Fallible {
        let mut loc = value.loc;
        let attributes = match self.recipe.lazy_types {
            LazyTypes::AtParameter | LazyTypes::Plain => {
                let none = ParameterCounts::default();
                self.enter_unit(name, UnitKind::Annotations, scope, loc.line, none);
                if self.recipe.lazy_types == LazyTypes::AtParameter {
                    loc = param_loc;
                }
                0
            }
            LazyTypes::FormatParameter => self.enter_lazy_type(name, scope, loc),
        };
        match &value.kind {
            ExprKind::Starred { value, .. } if allow_starred => {
                self.expr(value)?;
                self.op_arg(Op::UnpackSequence, 1, loc);
            }
            _ => self.expr(value)?,
        }
        self.op(Op::ReturnValue, loc);
        let code = self.leave_unit(true)?;
        self.make_closure(code, attributes, loc)?;
        Ok(())
    }

    /// Opens a function of `.format`, which is 1 by default.
    fn enter_lazy_type(&mut self, name: Name, scope: ScopeId, loc: Location) -> u32 {
        let one = self.consts.int(1);
        let defaults = self.consts.tuple(&[one]);
        self.load_const(defaults, loc);
        self.enter_annotate(name, None, scope, loc);
        attribute::DEFAULTS
    }

    pub(super) fn type_alias(&mut self, alias: &'t TypeAlias<'a>, loc: Location) -> Fallible {
        let ExprKind::Name { id: name, .. } = alias.name.kind else { return Ok(()) };
        if alias.type_params.is_empty() {
            self.load_name_const(name, loc);
            self.load_none(loc);
            self.type_alias_body(alias, name, loc)?;
        } else {
            self.null_beneath(loc);
            let params_name = self.type_params_name(name);
            let none = ParameterCounts::default();
            self.enter_unit(params_name, UnitKind::Annotations, alias.type_params_scope, loc.line, none);
            self.load_name_const(name, loc);
            self.type_params(alias.type_params)?;
            self.type_alias_body(alias, name, loc)?;
            let code = self.leave_unit(false)?;
            self.make_closure(code, 0, loc)?;
            self.null_above(loc);
            self.op_arg(Op::Call, 0, loc);
        }
        self.store_name(name, loc)
    }

    fn type_alias_body(&mut self, alias: &'t TypeAlias<'a>, name: Name, loc: Location) -> Fallible {
        let attributes = match self.recipe.lazy_types {
            LazyTypes::AtParameter | LazyTypes::Plain => {
                let none = ParameterCounts::default();
                self.enter_unit(name, UnitKind::Function, alias.scope, loc.line, none);
                self.const_index(ConstPool::NONE);
                0
            }
            LazyTypes::FormatParameter => self.enter_lazy_type(name, alias.scope, loc),
        };
        self.expr(alias.value)?;
        self.op(Op::ReturnValue, loc);
        let code = self.leave_unit(false)?;
        self.make_closure(code, attributes, loc)?;
        self.op_arg(Op::BuildTuple, 3, loc);
        self.op_arg(Op::CallIntrinsic1, intrinsic_1::TYPEALIAS, loc);
        Ok(())
    }
}
