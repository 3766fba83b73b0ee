//! `if`, `for`, `while`, `async for`.

use super::Lowering;
use super::unwind::BlockKind;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::unit::UnitKind;
use crate::compile::recipe::block_stack::{AsyncForEnds, ConstTests};
use crate::source::Location;
use crate::syntax::ast::{Expr, ExprKind, For, If, While};
use crate::target::Op;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    /// The truth of a constant condition, where code generation sees to it.
    fn known_truth(&self, test: &Expr<'a>) -> Option<bool> {
        match (self.recipe.const_tests, &test.kind) {
            (ConstTests::InCodegen, ExprKind::Constant { value, .. }) => Some(value.is_true()),
            (ConstTests::InCodegen | ConstTests::InGraph, _) => None,
        }
    }

    pub(super) fn if_stmt(&mut self, stmt: &'t If<'a>) -> Fallible {
        let end = self.new_label();
        match self.known_truth(stmt.test) {
            Some(true) => {
                self.stmts(stmt.body)?;
                self.muted(|this| this.stmts(stmt.orelse))?;
            }
            Some(false) => {
                self.muted(|this| this.stmts(stmt.body))?;
                self.stmts(stmt.orelse)?;
            }
            None => {
                let next = if stmt.orelse.is_empty() { end } else { self.new_label() };
                self.jump_if(stmt.test, next, false)?;
                self.stmts(stmt.body)?;
                if !stmt.orelse.is_empty() {
                    self.without_line(|this| this.jump(Op::JumpForward, end));
                    self.use_label(next);
                    self.stmts(stmt.orelse)?;
                }
            }
        }
        self.use_label(end);
        Ok(())
    }

    pub(super) fn for_loop(&mut self, stmt: &'t For<'a>) -> Fallible {
        let start = self.new_label();
        let body = if self.exact() { Some(self.new_label()) } else { None };
        let cleanup = self.new_label();
        let end = self.new_label();
        self.push_block(BlockKind::ForLoop, Some(start), Some(end))?;
        self.expr(stmt.iter)?;
        self.op(Op::GetIter);
        self.use_label(start);
        self.jump(Op::ForIter, cleanup);
        if let Some(body) = body {
            self.use_label(body);
        }
        self.expr(stmt.target)?;
        self.stmts(stmt.body)?;
        self.no_line();
        self.jump(Op::JumpAbsolute, start);
        self.use_label(cleanup);
        self.pop_block();
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    pub(super) fn async_for_loop(&mut self, stmt: &'t For<'a>) -> Fallible {
        if self.g.u.kind != UnitKind::AsyncFunction {
            return self.error("'async for' outside async function");
        }
        let start = self.new_label();
        let except = self.new_label();
        let end = self.new_label();
        self.expr(stmt.iter)?;
        self.op(Op::GetAiter);
        self.use_label(start);
        self.push_block(BlockKind::ForLoop, Some(start), Some(end))?;
        self.jump(Op::SetupFinally, except);
        self.op(Op::GetAnext);
        self.yield_from();
        self.op(Op::PopBlock);
        self.expr(stmt.target)?;
        self.stmts(stmt.body)?;
        self.no_line();
        self.jump(Op::JumpAbsolute, start);
        self.pop_block();
        self.use_label(except);
        match (self.recipe.async_for_ends, stmt.orelse.first()) {
            (AsyncForEnds::Iterable, _) => self.set_loc(stmt.iter.loc),
            (AsyncForEnds::Else, Some(first)) => self.set_loc(first.loc),
            (AsyncForEnds::Else, None) | (AsyncForEnds::Body, _) => {}
        }
        self.op(Op::EndAsyncFor);
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    pub(super) fn while_loop(&mut self, stmt: &'t While<'a>, loc: Location) -> Fallible {
        match self.recipe.const_tests {
            ConstTests::InCodegen => self.while_tested_once(stmt),
            ConstTests::InGraph => self.while_tested_twice(stmt, loc),
        }
    }

    fn while_tested_once(&mut self, stmt: &'t While<'a>) -> Fallible {
        let constant = self.known_truth(stmt.test);
        if constant == Some(false) {
            self.push_block(BlockKind::WhileLoop, None, None)?;
            self.muted(|this| this.stmts(stmt.body))?;
            self.pop_block();
            return self.stmts(stmt.orelse);
        }
        let start = self.new_label();
        let end = self.new_label();
        let anchor = if constant.is_none() { Some(self.new_label()) } else { None };
        self.use_label(start);
        self.push_block(BlockKind::WhileLoop, Some(start), Some(end))?;
        if let Some(anchor) = anchor {
            self.jump_if(stmt.test, anchor, false)?;
        }
        self.stmts(stmt.body)?;
        self.jump(Op::JumpAbsolute, start);
        if let Some(anchor) = anchor {
            self.use_label(anchor);
        }
        self.pop_block();
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn while_tested_twice(&mut self, stmt: &'t While<'a>, loc: Location) -> Fallible {
        let start = self.new_label();
        let body = self.new_label();
        let anchor = self.new_label();
        let end = self.new_label();
        self.use_label(start);
        self.push_block(BlockKind::WhileLoop, Some(start), Some(end))?;
        self.jump_if(stmt.test, anchor, false)?;
        self.use_label(body);
        self.stmts(stmt.body)?;
        self.set_loc(loc);
        self.jump_if(stmt.test, body, true)?;
        self.pop_block();
        self.use_label(anchor);
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }
}
