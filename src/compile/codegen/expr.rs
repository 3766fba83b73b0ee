//! Expressions: the dispatch, operators, attributes, and what has no module of its own.

use super::Codegen;
use super::emit::AttributeLoad;
use super::errors::Fallible;
use super::numbers::{awaitable, binary, compare, get_iter, intrinsic_1, resume};
use super::unit::UnitKind;
use crate::compile::recipe::{BoolOps, ContextChecks, IteratorSlots, YieldFromName};
use crate::source::Location;
use crate::syntax::ast::{
    BoolOperator, CmpOp, Compare, Const, Expr, ExprContext, ExprKind, IfExp, Operator, UnaryOperator,
};
use crate::target::Op;
use crate::value::{Name, known};

impl<'t, 'a> Codegen<'_, 't, 'a> {
    /// Expressions in turn.
    pub(super) fn exprs(&mut self, exprs: &'t [Expr<'a>]) -> Fallible {
        for expr in exprs {
            self.expr(expr)?;
        }
        Ok(())
    }

    /// One expression: leaves its value, or stores to it, or deletes it. Only chooses who deals with it, so that it
    /// needs no stack frame.
    #[inline(never)]
    pub(super) fn expr(&mut self, expr: &'t Expr<'a>) -> Fallible {
        match &expr.kind {
            ExprKind::Name { id, ctx } => self.variable(*id, *ctx, expr.loc),
            ExprKind::Constant { value, .. } => self.constant(value, expr.loc),
            ExprKind::Attribute { value, attr, ctx } => self.attribute(expr, value, *attr, *ctx),
            ExprKind::Call(call) => self.call(call, expr.loc),
            ExprKind::Subscript { value, slice, ctx } => self.subscript(value, slice, *ctx, expr.loc),
            ExprKind::BinOp { left, op, right } => self.bin_op(left, *op, right, expr.loc),
            ExprKind::Compare(node) => self.compare(node, expr.loc),
            ExprKind::Tuple { elts, ctx } => self.tuple(elts, *ctx, expr.loc),
            _ => self.rarer_expr(expr),
        }
    }

    #[inline(never)]
    fn constant(&mut self, value: &'t Const<'a>, loc: Location) -> Fallible {
        self.load_value(value, loc);
        Ok(())
    }

    #[inline(never)]
    fn bin_op(&mut self, left: &'t Expr<'a>, op: Operator, right: &'t Expr<'a>, loc: Location) -> Fallible {
        self.expr(left)?;
        self.expr(right)?;
        self.op_arg(Op::BinaryOp, binary(op), loc);
        Ok(())
    }

    #[inline(never)]
    fn rarer_expr(&mut self, expr: &'t Expr<'a>) -> Fallible {
        let loc = expr.loc;
        match &expr.kind {
            ExprKind::List { elts, ctx } => self.list(elts, *ctx, loc),
            ExprKind::BoolOp { op, values } => self.bool_op(*op, values, loc),
            ExprKind::UnaryOp { op, operand } => self.unary_op(*op, operand, loc),
            ExprKind::IfExp(node) => self.if_exp(node, loc),
            ExprKind::JoinedStr { values } => self.joined_str(values, loc),
            ExprKind::FormattedValue(node) => self.formatted_value(node, loc),
            ExprKind::Dict(node) => self.dict(node, loc),
            ExprKind::Set { elts } => self.set(elts, loc),
            ExprKind::Lambda(node) => self.lambda(node, loc),
            ExprKind::NamedExpr { target, value } => {
                self.expr(value)?;
                self.op_arg(Op::Copy, 1, loc);
                self.expr(target)
            }
            ExprKind::Slice(node) => self.slice(node, loc),
            ExprKind::Starred { ctx, .. } => self.starred(*ctx, loc),
            ExprKind::GeneratorExp(_)
            | ExprKind::ListComp(_)
            | ExprKind::SetComp(_)
            | ExprKind::DictComp(_) => self.comprehension(expr),
            ExprKind::Yield { value } => self.yield_expr(value.as_deref(), loc),
            ExprKind::YieldFrom { value } => self.yield_from_expr(value, loc),
            ExprKind::Await { value } => self.await_expr(value, loc),
            ExprKind::TemplateStr { values } => self.template_str(values, loc),
            ExprKind::Interpolation(node) => self.interpolation(node, loc),
            _ => Ok(()),
        }
    }

    /// A starred expression where none may be: lists, tuples and calls deal with theirs.
    fn starred(&self, ctx: ExprContext, loc: Location) -> Fallible {
        match ctx {
            ExprContext::Store => self.error(loc, "starred assignment target must be in a list or tuple"),
            ExprContext::Load | ExprContext::Del => self.error(loc, "can't use starred expression here"),
        }
    }

    fn yield_expr(&mut self, value: Option<&'t Expr<'a>>, loc: Location) -> Fallible {
        if !self.u.function_like {
            return self.error(loc, "'yield' outside function");
        }
        match value {
            Some(value) => self.expr(value)?,
            None => self.load_none(loc),
        }
        self.yield_top(loc);
        Ok(())
    }

    fn yield_from_expr(&mut self, value: &'t Expr<'a>, loc: Location) -> Fallible {
        if !self.u.function_like {
            let name = match self.recipe.wording.yield_from_name {
                YieldFromName::Yield => "yield",
                YieldFromName::YieldFrom => "yield from",
            };
            return self.error(loc, format!("'{name}' outside function"));
        }
        if self.u.kind == UnitKind::AsyncFunction {
            return self.error(loc, "'yield from' inside async function");
        }
        self.expr(value)?;
        match self.recipe.iterator_slots {
            IteratorSlots::One => self.op(Op::GetYieldFromIter, loc),
            IteratorSlots::Two => self.op_arg(Op::GetIter, get_iter::YIELD_FROM, loc),
        }
        self.load_none(loc);
        self.yield_from(resume::AFTER_YIELD_FROM, loc);
        Ok(())
    }

    fn await_expr(&mut self, value: &'t Expr<'a>, loc: Location) -> Fallible {
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator => {
                if !self.u.function_like {
                    return self.error(loc, "'await' outside function");
                }
                if !matches!(self.u.kind, UnitKind::AsyncFunction | UnitKind::Comprehension) {
                    return self.error(loc, "'await' outside async function");
                }
            }
            ContextChecks::SymbolTable => {}
        }
        self.expr(value)?;
        self.await_top(awaitable::PLAIN, loc);
        Ok(())
    }

    fn unary_op(&mut self, op: UnaryOperator, operand: &'t Expr<'a>, loc: Location) -> Fallible {
        self.expr(operand)?;
        match op {
            UnaryOperator::UAdd => {
                self.intrinsic_1(intrinsic_1::UNARY_POSITIVE, loc);
            }
            UnaryOperator::Not => {
                self.to_bool(loc);
                self.op(Op::UnaryNot, loc);
            }
            UnaryOperator::Invert => self.op(Op::UnaryInvert, loc),
            UnaryOperator::USub => self.op(Op::UnaryNegative, loc),
        }
        Ok(())
    }

    #[inline(never)]
    fn bool_op(&mut self, op: BoolOperator, values: &'t [Expr<'a>], loc: Location) -> Fallible {
        let end = self.new_label();
        let Some((last, others)) = values.split_last() else { return Ok(()) };
        for value in others {
            self.expr(value)?;
            match self.recipe.bool_ops {
                BoolOps::CopyAndTest => {
                    self.op_arg(Op::Copy, 1, loc);
                    self.to_bool(loc);
                    let jump = match op {
                        BoolOperator::And => Op::PopJumpIfFalse,
                        BoolOperator::Or => Op::PopJumpIfTrue,
                    };
                    self.jump(jump, end, loc);
                }
                BoolOps::JumpOrPop => {
                    let jump = match op {
                        BoolOperator::And => Op::JumpIfFalseOrPop,
                        BoolOperator::Or => Op::JumpIfTrueOrPop,
                    };
                    self.jump(jump, end, loc);
                    continue;
                }
                BoolOps::PseudoJump => {
                    let jump = match op {
                        BoolOperator::And => Op::JumpIfFalse,
                        BoolOperator::Or => Op::JumpIfTrue,
                    };
                    self.jump(jump, end, loc);
                }
            }
            self.op(Op::PopTop, loc);
        }
        self.expr(last)?;
        self.use_label(end);
        Ok(())
    }

    fn if_exp(&mut self, node: &'t IfExp<'a>, loc: Location) -> Fallible {
        let end = self.new_label();
        let next = self.new_label();
        let _ = self.jump_if(node.test, next, false, loc)?;
        self.expr(node.body)?;
        self.plain_jump(end, Location::NONE);
        self.use_label(next);
        self.expr(node.orelse)?;
        self.use_label(end);
        Ok(())
    }

    #[inline(never)]
    fn compare(&mut self, node: &'t Compare<'a>, loc: Location) -> Fallible {
        self.check_compare(node, loc);
        self.expr(node.left)?;
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            self.expr(right)?;
            self.op_compare(*op, loc);
            return Ok(());
        }
        let cleanup = self.new_label();
        let last = node.ops.len() - 1;
        for (op, right) in node.ops[..last].iter().zip(node.comparators.iter()) {
            self.expr(right)?;
            self.op_arg(Op::Swap, 2, loc);
            self.op_arg(Op::Copy, 2, loc);
            self.op_compare(*op, loc);
            match self.recipe.bool_ops {
                BoolOps::JumpOrPop => self.jump(Op::JumpIfFalseOrPop, cleanup, loc),
                BoolOps::CopyAndTest | BoolOps::PseudoJump => {
                    self.op_arg(Op::Copy, 1, loc);
                    self.to_bool(loc);
                    self.jump(Op::PopJumpIfFalse, cleanup, loc);
                    self.op(Op::PopTop, loc);
                }
            }
        }
        self.expr(&node.comparators[last])?;
        self.op_compare(node.ops[last], loc);
        let end = self.new_label();
        self.plain_jump(end, Location::NONE);
        self.use_label(cleanup);
        self.op_arg(Op::Swap, 2, loc);
        self.op(Op::PopTop, loc);
        self.use_label(end);
        Ok(())
    }

    /// Compares what is on the stack.
    pub(super) fn op_compare(&mut self, op: CmpOp, loc: Location) {
        match (op, compare(op, self.recipe.compare_args)) {
            (_, Some(arg)) => self.op_arg(Op::CompareOp, arg, loc),
            (CmpOp::Is, None) => self.op_arg(Op::IsOp, 0, loc),
            (CmpOp::IsNot, None) => self.op_arg(Op::IsOp, 1, loc),
            (CmpOp::NotIn, None) => self.op_arg(Op::ContainsOp, 1, loc),
            (_, None) => self.op_arg(Op::ContainsOp, 0, loc),
        }
    }

    #[inline(never)]
    fn attribute(
        &mut self,
        expr: &'t Expr<'a>,
        value: &'t Expr<'a>,
        attr: Name,
        ctx: ExprContext,
    ) -> Fallible {
        let loc = expr.loc;
        if ctx == ExprContext::Load
            && let Some(call) = self.optimizable_super(value, attr)
        {
            self.super_arguments(call, value.loc)?;
            let load = if call.args.is_empty() { AttributeLoad::ZeroSuper } else { AttributeLoad::Super };
            self.load_attribute(load, attr, loc);
            let at = self.attribute_location(loc, loc, attr);
            self.op(Op::Nop, at);
            return Ok(());
        }
        if ctx == ExprContext::Store && matches!(value.kind, ExprKind::Name { id: known::SELF, .. }) {
            self.note_static_attribute(attr);
        }
        self.expr(value)?;
        let at = self.attribute_location(loc, loc, attr);
        match ctx {
            ExprContext::Load => self.load_attribute(AttributeLoad::Plain, attr, at),
            ExprContext::Store => {
                self.check_debug(attr, ctx, at)?;
                self.op_name(Op::StoreAttr, attr, at);
            }
            ExprContext::Del => self.op_name(Op::DeleteAttr, attr, at),
        }
        Ok(())
    }

    /// `loc`, or where it begins on another line than the attribute `attr` of the node at `node` ends on, its
    /// part from the attribute's name on.
    #[inline]
    pub(super) fn attribute_location(&self, loc: Location, node: Location, attr: Name) -> Location {
        if loc.line == node.end_line { loc } else { self.moved_location(loc, node, attr) }
    }

    #[inline(never)]
    fn moved_location(&self, loc: Location, node: Location, attr: Name) -> Location {
        let mut at = loc;
        at.line = node.end_line;
        // CPython subtracts characters from a column of bytes.
        let length = self.names.get(attr).chars().count() as i32;
        if length <= node.end_col {
            at.col = node.end_col - length;
        } else {
            at.col = -1;
            at.end_col = -1;
        }
        at.end_line = at.line.max(at.end_line);
        if at.line == at.end_line {
            at.end_col = at.col.max(at.end_col);
        }
        at
    }
}
