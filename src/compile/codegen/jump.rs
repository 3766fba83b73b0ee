//! Conditional jumps on expressions (`codegen_jump_if`).

use super::Codegen;
use super::errors::Fallible;
use crate::compile::ir::Label;
use crate::compile::recipe::LocationState;
use crate::source::Location;
use crate::syntax::ast::{BoolOperator, Compare, Expr, ExprKind, UnaryOperator};
use crate::target::Op;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    /// Jumps to `next` if the truth of `test` is `when`. `loc` is where the compiler is, and the result where it is
    /// afterwards, for releases whose instructions are where the compiler happens to be.
    pub(super) fn jump_if(
        &mut self,
        test: &'t Expr<'a>,
        next: Label,
        when: bool,
        loc: Location,
    ) -> Fallible<Location> {
        match &test.kind {
            ExprKind::UnaryOp { op: UnaryOperator::Not, operand } => {
                return self.jump_if(operand, next, !when, loc);
            }
            ExprKind::BoolOp { op, values } => {
                return self.jump_if_bool_op(*op == BoolOperator::Or, values, next, when, loc);
            }
            ExprKind::IfExp(node) => {
                let end = self.new_label();
                let other = self.new_label();
                let loc = self.jump_if(node.test, other, false, loc)?;
                let loc = self.jump_if(node.body, next, when, loc)?;
                self.plain_jump(end, Location::NONE);
                self.use_label(other);
                let loc = self.jump_if(node.orelse, next, when, loc)?;
                self.use_label(end);
                return Ok(loc);
            }
            ExprKind::Compare(node) if node.ops.len() > 1 => {
                self.jump_if_chain(node, next, when, test.loc)?;
                return Ok(self.tracked(test.loc, loc));
            }
            _ => {}
        }
        self.expr(test)?;
        let is_compare = matches!(test.kind, ExprKind::Compare(_));
        let (at, after) = match self.recipe.location_state {
            LocationState::Explicit => (test.loc, loc),
            LocationState::Tracked if is_compare => (test.loc, test.loc),
            LocationState::Tracked => (loc, loc),
        };
        self.to_bool(at);
        self.jump(if when { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse }, next, at);
        Ok(after)
    }

    /// `tracked` where locations follow the compiler, `other` where they do not.
    #[inline]
    pub(super) fn tracked(&self, tracked: Location, other: Location) -> Location {
        match self.recipe.location_state {
            LocationState::Explicit => other,
            LocationState::Tracked => tracked,
        }
    }

    fn jump_if_bool_op(
        &mut self,
        or: bool,
        values: &'t [Expr<'a>],
        next: Label,
        when: bool,
        mut loc: Location,
    ) -> Fallible<Location> {
        let Some((last, others)) = values.split_last() else { return Ok(loc) };
        let short = if or == when { next } else { self.new_label() };
        for value in others {
            loc = self.jump_if(value, short, or, loc)?;
        }
        loc = self.jump_if(last, next, when, loc)?;
        if short != next {
            self.use_label(short);
        }
        Ok(loc)
    }

    fn jump_if_chain(&mut self, node: &'t Compare<'a>, next: Label, when: bool, loc: Location) -> Fallible {
        self.check_compare(node, loc);
        let cleanup = self.new_label();
        self.expr(node.left)?;
        let last = node.ops.len() - 1;
        for (op, right) in node.ops[..last].iter().zip(node.comparators.iter()) {
            self.expr(right)?;
            self.op_arg(Op::Swap, 2, loc);
            self.op_arg(Op::Copy, 2, loc);
            self.op_compare(*op, loc);
            self.to_bool(loc);
            self.jump(Op::PopJumpIfFalse, cleanup, loc);
        }
        self.expr(&node.comparators[last])?;
        self.op_compare(node.ops[last], loc);
        self.to_bool(loc);
        self.jump(if when { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse }, next, loc);
        let end = self.new_label();
        self.plain_jump(end, Location::NONE);
        self.use_label(cleanup);
        self.op(Op::PopTop, loc);
        if !when {
            self.plain_jump(next, Location::NONE);
        }
        self.use_label(end);
        Ok(())
    }
}
