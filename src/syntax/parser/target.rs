//! Targets: expressions that are stored to or deleted.

use super::{Fail, Node, Parsed, Parser};
use crate::syntax::ast::{Expr, ExprContext, ExprKind};
use crate::syntax::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// `star_targets`: what `for` assigns to.
    pub(super) fn star_targets(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let first = self.star_target()?;
        if self.lexer.current.kind != TokenKind::Comma {
            return Ok(first);
        }
        let from = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) {
            if !super::expr::starts_expression(self.lexer.current.kind) {
                break;
            }
            let next = self.star_target()?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(from);
        Ok(self.expr(start, ExprKind::Tuple { elts, ctx: ExprContext::Store }))
    }

    /// `star_target`
    pub(super) fn star_target(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        if self.eat(TokenKind::Star) {
            let value = self.primary()?;
            set_store(value)?;
            return Ok(self.expr(start, ExprKind::Starred { value, ctx: ExprContext::Store }));
        }
        let target = self.primary()?;
        set_store(target)?;
        Ok(target)
    }
}

/// Makes an expression, read as one, a target of an assignment.
pub(super) fn set_store(expr: &mut Expr<'_>) -> Parsed<()> {
    match &mut expr.kind {
        ExprKind::Name { ctx, .. } | ExprKind::Attribute { ctx, .. } | ExprKind::Subscript { ctx, .. } => {
            *ctx = ExprContext::Store;
            Ok(())
        }
        ExprKind::Tuple { elts, ctx } | ExprKind::List { elts, ctx } => {
            *ctx = ExprContext::Store;
            elts.iter_mut().try_for_each(set_store)
        }
        ExprKind::Starred { value, ctx } => {
            *ctx = ExprContext::Store;
            set_store(value)
        }
        _ => Err(Fail),
    }
}

/// The same for `+=` and for annotations: one name, attribute or subscript.
pub(super) fn set_store_single(expr: &mut Expr<'_>) -> Parsed<()> {
    match expr.kind {
        ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => set_store(expr),
        _ => Err(Fail),
    }
}

/// The same for `del`.
pub(super) fn set_del(expr: &mut Expr<'_>) -> Parsed<()> {
    match &mut expr.kind {
        ExprKind::Name { ctx, .. } | ExprKind::Attribute { ctx, .. } | ExprKind::Subscript { ctx, .. } => {
            *ctx = ExprContext::Del;
            Ok(())
        }
        ExprKind::Tuple { elts, ctx } | ExprKind::List { elts, ctx } => {
            *ctx = ExprContext::Del;
            elts.iter_mut().try_for_each(set_del)
        }
        _ => Err(Fail),
    }
}
