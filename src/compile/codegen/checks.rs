//! What code generation warns of: comparisons of identity with literals, calls and subscripts of things that
//! can be neither called nor subscripted.

use super::Codegen;
use crate::compile::recipe::{IsLiterals, IsWarnings};
use crate::source::Location;
use crate::syntax::ast::{CmpOp, Compare, Const, Expr, ExprKind};

/// The name of the type that an expression certainly has.
fn type_of(expr: &Expr<'_>) -> Option<&'static str> {
    Some(match &expr.kind {
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::List { .. } | ExprKind::ListComp(_) => "list",
        ExprKind::Dict(_) | ExprKind::DictComp(_) => "dict",
        ExprKind::Set { .. } | ExprKind::SetComp(_) => "set",
        ExprKind::GeneratorExp(_) => "generator",
        ExprKind::Lambda(_) => "function",
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue(_) => "str",
        ExprKind::TemplateStr { .. } | ExprKind::Interpolation(_) => "string.templatelib.Template",
        ExprKind::Constant { value, .. } => type_of_const(value),
        _ => return None,
    })
}

fn type_of_const(value: &Const<'_>) -> &'static str {
    match value {
        Const::None => "NoneType",
        Const::False | Const::True => "bool",
        Const::Ellipsis => "ellipsis",
        Const::Int(_) | Const::BigInt(_) => "int",
        Const::Float(_) => "float",
        Const::Complex(_) => "complex",
        Const::Str(_) => "str",
        Const::Bytes(_) => "bytes",
        Const::Tuple(_) => "tuple",
        Const::FrozenSet(_) => "frozenset",
    }
}

impl<'a> Codegen<'_, '_, 'a> {
    /// Is it a literal whose identity means nothing?
    fn is_literal(&self, expr: &Expr<'a>) -> bool {
        match &expr.kind {
            ExprKind::Constant { value, .. } => {
                !matches!(value, Const::None | Const::False | Const::True | Const::Ellipsis)
            }
            ExprKind::Tuple { elts, .. } => match self.recipe.is_literals {
                IsLiterals::Constants => false,
                IsLiterals::ConstantsAndTuples => {
                    elts.iter().all(|elt| matches!(elt.kind, ExprKind::Constant { .. }))
                }
            },
            _ => false,
        }
    }

    /// Warns of `is` and `is not` with a literal, once for each chain.
    pub(super) fn check_compare(&mut self, node: &Compare<'a>, loc: Location) {
        if !node.ops.iter().any(|op| matches!(op, CmpOp::Is | CmpOp::IsNot)) {
            return;
        }
        let mut left = &*node.left;
        for (op, right) in node.ops.iter().zip(node.comparators.iter()) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let literal = [left, right].into_iter().find(|expr| self.is_literal(expr));
                if let Some(name) = literal.and_then(type_of) {
                    let (is, equals) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                    let what = match self.recipe.wording.is_warnings {
                        IsWarnings::Plain => "a".to_owned(),
                        IsWarnings::NamesType => format!("'{name}'"),
                    };
                    let message = format!("\"{is}\" with {what} literal. Did you mean \"{equals}\"?");
                    self.warn(loc, message);
                    return;
                }
            }
            left = right;
        }
    }

    /// Warns of calls of displays and constants.
    pub(super) fn check_caller(&mut self, func: &Expr<'a>) {
        if matches!(func.kind, ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Lambda(_)) {
            return;
        }
        if let Some(name) = type_of(func) {
            let message = format!("'{name}' object is not callable; perhaps you missed a comma?");
            self.warn(func.loc, message);
        }
    }

    /// Warns of subscripts of what has none.
    pub(super) fn check_subscripter(&mut self, value: &Expr<'a>) {
        let wrong = match &value.kind {
            ExprKind::Constant { value, .. } => {
                !matches!(value, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_))
            }
            ExprKind::Set { .. }
            | ExprKind::SetComp(_)
            | ExprKind::GeneratorExp(_)
            | ExprKind::TemplateStr { .. }
            | ExprKind::Interpolation(_)
            | ExprKind::Lambda(_) => true,
            _ => false,
        };
        if wrong && let Some(name) = type_of(value) {
            let message = format!("'{name}' object is not subscriptable; perhaps you missed a comma?");
            self.warn(value.loc, message);
        }
    }

    /// Warns of indices of sequences that are no integers.
    pub(super) fn check_index(&mut self, value: &Expr<'a>, index: &Expr<'a>) {
        let Some(index_type) = type_of(index) else { return };
        let sequence = match &value.kind {
            ExprKind::Constant { value, .. } => {
                matches!(value, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_))
            }
            ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp(_)
            | ExprKind::JoinedStr { .. }
            | ExprKind::FormattedValue(_) => true,
            _ => false,
        };
        // `bool` is an `int`.
        if sequence
            && !matches!(index_type, "int" | "bool")
            && let Some(name) = type_of(value)
        {
            let message = format!(
                "{name} indices must be integers or slices, not {index_type}; perhaps you missed a comma?"
            );
            self.warn(value.loc, message);
        }
    }
}
