//! Expressions: the dispatch, operators, variables, conditions, strings.

use super::Lowering;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::numbers::STACK_USE_GUIDELINE;
use crate::compile::codegen::unit::UnitKind;
use crate::compile::ir::Label;
use crate::compile::recipe::block_stack::{Comparisons, DebugDeletion, Unpackings};
use crate::compile::symtable::VarScope;
use crate::syntax::ast::{
    BoolOperator, CmpOp, Compare, Expr, ExprContext, ExprKind, FormattedValue, IfExp, Operator, UnaryOperator,
};
use crate::target::Op;
use crate::value::{Name, known};

/// The instruction of a binary operator.
fn binary(op: Operator) -> Op {
    match op {
        Operator::Add => Op::BinaryAdd,
        Operator::Sub => Op::BinarySubtract,
        Operator::Mult => Op::BinaryMultiply,
        Operator::MatMult => Op::BinaryMatrixMultiply,
        Operator::Div => Op::BinaryTrueDivide,
        Operator::Mod => Op::BinaryModulo,
        Operator::Pow => Op::BinaryPower,
        Operator::LShift => Op::BinaryLshift,
        Operator::RShift => Op::BinaryRshift,
        Operator::BitOr => Op::BinaryOr,
        Operator::BitXor => Op::BinaryXor,
        Operator::BitAnd => Op::BinaryAnd,
        Operator::FloorDiv => Op::BinaryFloorDivide,
    }
}

/// The instruction of an augmented assignment's operator.
pub(super) fn inplace(op: Operator) -> Op {
    match op {
        Operator::Add => Op::InplaceAdd,
        Operator::Sub => Op::InplaceSubtract,
        Operator::Mult => Op::InplaceMultiply,
        Operator::MatMult => Op::InplaceMatrixMultiply,
        Operator::Div => Op::InplaceTrueDivide,
        Operator::Mod => Op::InplaceModulo,
        Operator::Pow => Op::InplacePower,
        Operator::LShift => Op::InplaceLshift,
        Operator::RShift => Op::InplaceRshift,
        Operator::BitOr => Op::InplaceOr,
        Operator::BitXor => Op::InplaceXor,
        Operator::BitAnd => Op::InplaceAnd,
        Operator::FloorDiv => Op::InplaceFloorDivide,
    }
}

/// `COMPARE_OP`'s number of a comparison; those from 6 on are only of use in 3.8.
fn comparison(op: CmpOp) -> u32 {
    match op {
        CmpOp::Lt => 0,
        CmpOp::LtE => 1,
        CmpOp::Eq => 2,
        CmpOp::NotEq => 3,
        CmpOp::Gt => 4,
        CmpOp::GtE => 5,
        CmpOp::In => 6,
        CmpOp::NotIn => 7,
        CmpOp::Is => 8,
        CmpOp::IsNot => 9,
    }
}

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn exprs(&mut self, exprs: &'t [Expr<'a>]) -> Fallible {
        for expr in exprs {
            self.expr(expr)?;
        }
        Ok(())
    }

    /// One expression: leaves its value, or stores to it, or deletes it.
    pub(super) fn expr(&mut self, expr: &'t Expr<'a>) -> Fallible {
        let loc = self.u.loc;
        self.change_loc(expr.loc);
        self.expr_here(expr)?;
        self.change_loc(loc);
        Ok(())
    }

    fn expr_here(&mut self, expr: &'t Expr<'a>) -> Fallible {
        match &expr.kind {
            ExprKind::Name { id, ctx } => self.variable(*id, *ctx),
            ExprKind::Constant { value, .. } => {
                self.load_value(value);
                Ok(())
            }
            ExprKind::Attribute { value, attr, ctx } => {
                self.expr(value)?;
                let op = match ctx {
                    ExprContext::Load => Op::LoadAttr,
                    ExprContext::Store => {
                        self.g.check_debug(*attr, *ctx, self.here())?;
                        Op::StoreAttr
                    }
                    ExprContext::Del => {
                        self.op_name(Op::DeleteAttr, *attr);
                        return Ok(());
                    }
                };
                self.attribute_op(op, *attr, expr);
                Ok(())
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Subscript { value, slice, ctx } => self.subscript(value, slice, *ctx),
            ExprKind::BinOp { left, op, right } => {
                self.expr(left)?;
                self.expr(right)?;
                self.op(binary(*op));
                Ok(())
            }
            ExprKind::Compare(node) => self.compare(node),
            ExprKind::Tuple { elts, ctx } => self.tuple(elts, *ctx),
            ExprKind::List { elts, ctx } => self.list(elts, *ctx),
            ExprKind::BoolOp { op, values } => self.bool_op(*op, values),
            ExprKind::UnaryOp { op, operand } => {
                self.expr(operand)?;
                self.op(match op {
                    UnaryOperator::Invert => Op::UnaryInvert,
                    UnaryOperator::Not => Op::UnaryNot,
                    UnaryOperator::UAdd => Op::UnaryPositive,
                    UnaryOperator::USub => Op::UnaryNegative,
                });
                Ok(())
            }
            ExprKind::NamedExpr { target, value } => {
                self.expr(value)?;
                self.op(Op::DupTop);
                self.expr(target)
            }
            ExprKind::Lambda(lambda) => self.lambda(lambda, expr.loc),
            ExprKind::IfExp(node) => self.if_exp(node),
            ExprKind::Dict(node) => self.dict(node),
            ExprKind::Set { elts } => self.set(elts),
            ExprKind::Slice(slice) => self.slice(slice),
            ExprKind::JoinedStr { values } => self.joined_str(values),
            ExprKind::FormattedValue(node) => self.formatted_value(node),
            ExprKind::ListComp(_)
            | ExprKind::SetComp(_)
            | ExprKind::DictComp(_)
            | ExprKind::GeneratorExp(_) => self.comprehension(expr),
            ExprKind::Yield { value } => self.yield_expr(value.as_deref()),
            ExprKind::YieldFrom { value } => self.yield_from_expr(value),
            ExprKind::Await { value } => self.await_expr(value),
            ExprKind::Starred { ctx: ExprContext::Store, .. } => {
                self.error("starred assignment target must be in a list or tuple")
            }
            ExprKind::Starred { .. } => self.error("can't use starred expression here"),
            // The grammar of these releases has neither.
            ExprKind::TemplateStr { .. } | ExprKind::Interpolation(_) => self.error("invalid syntax"),
        }
    }

    /// An instruction for an attribute, on the line where it ends if lines are exact.
    pub(super) fn attribute_op(&mut self, op: Op, attr: Name, expr: &'t Expr<'a>) {
        let line = self.u.loc.line;
        if self.exact() {
            self.u.loc.line = expr.loc.end_line;
        }
        self.op_name(op, attr);
        self.u.loc.line = line;
    }

    pub(super) fn load_name(&mut self, name: Name) -> Fallible {
        self.variable(name, ExprContext::Load)
    }

    pub(super) fn store_name(&mut self, name: Name) -> Fallible {
        self.variable(name, ExprContext::Store)
    }

    pub(super) fn delete_name(&mut self, name: Name) -> Fallible {
        self.variable(name, ExprContext::Del)
    }

    /// Refuses to bind `__debug__`, and to delete it, where that is refused.
    #[cold]
    fn check_debug_variable(&self, ctx: ExprContext) -> Fallible {
        match (ctx, self.recipe.debug_deletion) {
            (ExprContext::Del, DebugDeletion::Allowed) => Ok(()),
            _ => self.g.check_debug(known::DUNDER_DEBUG, ctx, self.here()),
        }
    }

    /// Loads, stores or deletes the variable `name`, not yet mangled (`compiler_nameop`).
    pub(super) fn variable(&mut self, name: Name, ctx: ExprContext) -> Fallible {
        if name == known::DUNDER_DEBUG {
            self.check_debug_variable(ctx)?;
        }
        let (name, slot) = self.g.mangled_slot(name);
        if self.muted > 0 && slot.scope == VarScope::Local && self.g.u.function_like {
            // Other names are numbered even where nothing is written.
            return Ok(());
        }
        let (load, store, delete) = match slot.scope {
            VarScope::Free | VarScope::Cell => {
                let load = if self.g.u.class_block { Op::LoadClassderef } else { Op::LoadDeref };
                (load, Op::StoreDeref, Op::DeleteDeref)
            }
            VarScope::Local if self.g.u.function_like => (Op::LoadFast, Op::StoreFast, Op::DeleteFast),
            VarScope::GlobalExplicit => (Op::LoadGlobal, Op::StoreGlobal, Op::DeleteGlobal),
            VarScope::GlobalImplicit if self.g.u.function_like => {
                (Op::LoadGlobal, Op::StoreGlobal, Op::DeleteGlobal)
            }
            VarScope::Local | VarScope::GlobalImplicit | VarScope::Unknown => {
                (Op::LoadName, Op::StoreName, Op::DeleteName)
            }
        };
        let arg = match slot.scope {
            VarScope::Free => self.g.free_index(name),
            VarScope::Cell => self.g.cell_index(name),
            VarScope::Local if self.g.u.function_like => self.g.var_index(name),
            _ => self.g.name_index(name),
        };
        let op = match ctx {
            ExprContext::Load => load,
            ExprContext::Store => store,
            ExprContext::Del => delete,
        };
        self.op_arg(op, arg);
        Ok(())
    }

    fn yield_expr(&mut self, value: Option<&'t Expr<'a>>) -> Fallible {
        if !self.g.u.function_like {
            return self.error("'yield' outside function");
        }
        match value {
            Some(value) => self.expr(value)?,
            None => self.load_none(),
        }
        self.op(Op::YieldValue);
        Ok(())
    }

    fn yield_from_expr(&mut self, value: &'t Expr<'a>) -> Fallible {
        if !self.g.u.function_like {
            return self.error("'yield' outside function");
        }
        if self.g.u.kind == UnitKind::AsyncFunction {
            return self.error("'yield from' inside async function");
        }
        self.expr(value)?;
        self.op(Op::GetYieldFromIter);
        self.yield_from();
        Ok(())
    }

    fn await_expr(&mut self, value: &'t Expr<'a>) -> Fallible {
        if !self.g.u.function_like {
            return self.error("'await' outside function");
        }
        if !matches!(self.g.u.kind, UnitKind::AsyncFunction | UnitKind::Comprehension) {
            return self.error("'await' outside async function");
        }
        self.expr(value)?;
        self.await_top();
        Ok(())
    }

    fn bool_op(&mut self, op: BoolOperator, values: &'t [Expr<'a>]) -> Fallible {
        let jump = match op {
            BoolOperator::And => Op::JumpIfFalseOrPop,
            BoolOperator::Or => Op::JumpIfTrueOrPop,
        };
        let end = self.new_label();
        let Some((last, others)) = values.split_last() else { return Ok(()) };
        for value in others {
            self.expr(value)?;
            self.jump(jump, end);
            self.cut();
        }
        self.expr(last)?;
        self.use_label(end);
        Ok(())
    }

    fn if_exp(&mut self, node: &'t IfExp<'a>) -> Fallible {
        let end = self.new_label();
        let next = self.new_label();
        self.jump_if(node.test, next, false)?;
        self.expr(node.body)?;
        self.without_line(|this| this.jump(Op::JumpForward, end));
        self.use_label(next);
        self.expr(node.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn compare(&mut self, node: &'t Compare<'a>) -> Fallible {
        self.g.check_compare(node, self.here());
        self.expr(node.left)?;
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            self.expr(right)?;
            self.op_compare(*op);
            return Ok(());
        }
        let cleanup = self.new_label();
        self.chain(node, Op::JumpIfFalseOrPop, cleanup)?;
        let end = self.new_label();
        self.without_line(|this| this.jump(Op::JumpForward, end));
        self.use_label(cleanup);
        self.op(Op::RotTwo);
        self.op(Op::PopTop);
        self.use_label(end);
        Ok(())
    }

    /// The comparisons of a chain, behind its first operand.
    fn chain(&mut self, node: &'t Compare<'a>, jump: Op, cleanup: Label) -> Fallible {
        let last = node.ops.len() - 1;
        for (op, right) in node.ops[..last].iter().zip(node.comparators.iter()) {
            self.expr(right)?;
            self.op(Op::DupTop);
            self.op(Op::RotThree);
            self.op_compare(*op);
            self.jump(jump, cleanup);
            self.next_block();
        }
        self.expr(&node.comparators[last])?;
        self.op_compare(node.ops[last]);
        Ok(())
    }

    /// Compares what is on the stack.
    pub(super) fn op_compare(&mut self, op: CmpOp) {
        match (self.recipe.comparisons, op) {
            (Comparisons::OwnOps, CmpOp::Is) => self.op_arg(Op::IsOp, 0),
            (Comparisons::OwnOps, CmpOp::IsNot) => self.op_arg(Op::IsOp, 1),
            (Comparisons::OwnOps, CmpOp::In) => self.op_arg(Op::ContainsOp, 0),
            (Comparisons::OwnOps, CmpOp::NotIn) => self.op_arg(Op::ContainsOp, 1),
            (Comparisons::OwnOps | Comparisons::OneOp, _) => self.op_arg(Op::CompareOp, comparison(op)),
        }
    }

    /// Jumps to `next` if the truth of `expr` is `cond` (`compiler_jump_if`).
    pub(super) fn jump_if(&mut self, expr: &'t Expr<'a>, next: Label, cond: bool) -> Fallible {
        if self.exact() && matches!(expr.kind, ExprKind::Compare(_)) {
            // The line of a comparison stays behind it.
            self.set_loc(expr.loc);
        }
        match &expr.kind {
            ExprKind::UnaryOp { op: UnaryOperator::Not, operand } => self.jump_if(operand, next, !cond),
            ExprKind::BoolOp { op, values } => self.jump_if_bool_op(*op, values, next, cond),
            ExprKind::IfExp(node) => {
                let end = self.new_label();
                let otherwise = self.new_label();
                self.jump_if(node.test, otherwise, false)?;
                self.jump_if(node.body, next, cond)?;
                self.without_line(|this| this.jump(Op::JumpForward, end));
                self.use_label(otherwise);
                self.jump_if(node.orelse, next, cond)?;
                self.use_label(end);
                Ok(())
            }
            ExprKind::Compare(node) if node.ops.len() > 1 => self.jump_if_chain(node, next, cond),
            _ => {
                self.expr(expr)?;
                let op = if cond { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse };
                self.jump(op, next);
                self.cut();
                Ok(())
            }
        }
    }

    fn jump_if_bool_op(
        &mut self,
        op: BoolOperator,
        values: &'t [Expr<'a>],
        next: Label,
        cond: bool,
    ) -> Fallible {
        let Some((last, others)) = values.split_last() else { return Ok(()) };
        let short = op == BoolOperator::Or;
        let early = if short == cond { next } else { self.new_label() };
        for value in others {
            self.jump_if(value, early, short)?;
        }
        self.jump_if(last, next, cond)?;
        if early != next {
            self.use_label(early);
        }
        Ok(())
    }

    fn jump_if_chain(&mut self, node: &'t Compare<'a>, next: Label, cond: bool) -> Fallible {
        self.g.check_compare(node, self.here());
        let cleanup = self.new_label();
        self.expr(node.left)?;
        self.chain(node, Op::PopJumpIfFalse, cleanup)?;
        let op = if cond { Op::PopJumpIfTrue } else { Op::PopJumpIfFalse };
        self.jump(op, next);
        self.cut();
        let end = self.new_label();
        self.without_line(|this| this.jump(Op::JumpForward, end));
        self.use_label(cleanup);
        self.op(Op::PopTop);
        if !cond {
            self.without_line(|this| this.jump(Op::JumpForward, next));
        }
        self.use_label(end);
        Ok(())
    }

    fn joined_str(&mut self, values: &'t [Expr<'a>]) -> Fallible {
        let long = match self.recipe.unpackings {
            Unpackings::Joined | Unpackings::Extended => false,
            Unpackings::ExtendedIfLong => values.len() > STACK_USE_GUIDELINE,
        };
        if long {
            self.load_name_const(known::EMPTY);
            self.op_name(Op::LoadMethod, known::JOIN);
            self.op_arg(Op::BuildList, 0);
            for value in values {
                self.expr(value)?;
                self.op_arg(Op::ListAppend, 1);
            }
            self.op_arg(Op::CallMethod, 1);
            return Ok(());
        }
        self.exprs(values)?;
        if values.len() != 1 {
            self.op_count(Op::BuildString, values.len());
        }
        Ok(())
    }

    fn formatted_value(&mut self, node: &'t FormattedValue<'a>) -> Fallible {
        const HAS_SPEC: u32 = 4;
        self.expr(node.value)?;
        let mut arg = match u8::try_from(node.conversion) {
            Ok(b's') => 1,
            Ok(b'r') => 2,
            Ok(b'a') => 3,
            _ => 0,
        };
        if let Some(spec) = &node.format_spec {
            self.expr(spec)?;
            arg |= HAS_SPEC;
        }
        self.op_arg(Op::FormatValue, arg);
        Ok(())
    }
}
