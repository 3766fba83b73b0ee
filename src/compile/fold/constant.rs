//! Constant expressions (`fold_unaryop`, `fold_binop`, `fold_subscr`, `fold_tuple`, `fold_iter`).

use super::distinct::distinct;
use super::walk::{Folder, placeholder};
use crate::syntax::ast::{CmpOp, Const, Expr, ExprContext, ExprKind, Operator, UnaryOperator};
use crate::value::arith;
use bumpalo::collections::Vec as BumpVec;

fn constant<'a>(expr: &Expr<'a>) -> Option<Const<'a>> {
    match expr.kind {
        ExprKind::Constant { value, .. } => Some(value),
        _ => None,
    }
}

/// Puts a value, if there is one, in an expression's place.
fn replace<'a>(expr: &mut Expr<'a>, value: Option<Const<'a>>) {
    if let Some(value) = value {
        expr.kind = ExprKind::Constant { value, kind: false };
    }
}

impl<'a> Folder<'a, '_> {
    pub(super) fn fold_unary(&mut self, expr: &mut Expr<'a>) {
        let ExprKind::UnaryOp { op, operand } = &mut expr.kind else { return };
        match &mut operand.kind {
            ExprKind::Constant { value, .. } => {
                let value = arith::unary(self.arena, *op, *value);
                replace(expr, value);
            }
            // These comparisons are bool by definition; the others may be overloaded to be something else.
            ExprKind::Compare(compare) if *op == UnaryOperator::Not => {
                let [op] = &mut *compare.ops else { return };
                *op = match op {
                    CmpOp::Is => CmpOp::IsNot,
                    CmpOp::IsNot => CmpOp::Is,
                    CmpOp::In => CmpOp::NotIn,
                    CmpOp::NotIn => CmpOp::In,
                    CmpOp::Eq | CmpOp::NotEq | CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => return,
                };
                let compare = std::mem::replace(*operand, placeholder());
                *expr = compare;
            }
            _ => {}
        }
    }

    pub(super) fn fold_binary(&mut self, expr: &mut Expr<'a>) {
        let ExprKind::BinOp { left, op, right } = &expr.kind else { return };
        let (Some(left), Some(right)) = (constant(left), constant(right)) else { return };
        let value = arith::binary(self.arena, *op, left, right, self.complex);
        replace(expr, value);
    }

    pub(super) fn fold_subscript(&mut self, expr: &mut Expr<'a>) {
        let ExprKind::Subscript { value, slice, ctx: ExprContext::Load } = &expr.kind else { return };
        let (Some(value), Some(index)) = (constant(value), constant(slice)) else { return };
        let value = arith::item(self.arena, value, index);
        replace(expr, value);
    }

    pub(super) fn fold_tuple(&mut self, expr: &mut Expr<'a>) {
        let ExprKind::Tuple { elts, ctx: ExprContext::Load } = &expr.kind else { return };
        let value = self.constants(elts).map(Const::Tuple);
        replace(expr, value);
    }

    fn constants(&self, elts: &[Expr<'a>]) -> Option<&'a [Const<'a>]> {
        if !elts.iter().all(|elt| matches!(elt.kind, ExprKind::Constant { .. })) {
            return None;
        }
        let mut values = BumpVec::with_capacity_in(elts.len(), self.arena);
        values.extend(elts.iter().filter_map(constant));
        Some(values.into_bump_slice())
    }

    /// A list display that is iterated or searched may as well be a tuple, a set of constants a frozenset.
    pub(super) fn fold_iterated(&mut self, expr: &mut Expr<'a>) {
        match &mut expr.kind {
            ExprKind::List { elts, ctx } => {
                if elts.iter().any(|elt| matches!(elt.kind, ExprKind::Starred { .. })) {
                    return;
                }
                let (elts, ctx) = (std::mem::take(elts), *ctx);
                let value = self.constants(elts).map(Const::Tuple);
                expr.kind = ExprKind::Tuple { elts, ctx };
                replace(expr, value);
            }
            ExprKind::Set { elts } => {
                let value = self.constants(elts).map(|values| self.frozenset(values));
                replace(expr, value);
            }
            _ => {}
        }
    }

    fn frozenset(&self, values: &[Const<'a>]) -> Const<'a> {
        let mut items = BumpVec::with_capacity_in(values.len(), self.arena);
        distinct(values.iter().copied(), |item| items.push(item));
        Const::FrozenSet(items.into_bump_slice())
    }

    /// Negative and complex numbers of patterns (`fold_const_match_patterns`).
    pub(super) fn fold_pattern_value(&mut self, expr: &mut Expr<'a>) {
        match &mut expr.kind {
            ExprKind::UnaryOp { op: op @ (UnaryOperator::USub | UnaryOperator::UAdd), operand } => {
                let Some(value) = constant(operand) else { return };
                let value = arith::unary(self.arena, *op, value);
                replace(expr, value);
            }
            ExprKind::BinOp { left, op: Operator::Add | Operator::Sub, right } => {
                if constant(right).is_some() {
                    self.fold_pattern_value(left);
                    self.fold_binary(expr);
                }
            }
            _ => {}
        }
    }
}
