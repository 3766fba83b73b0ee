//! `with` and `async with`.

use super::Codegen;
use super::blocks::BlockKind;
use super::errors::Fallible;
use super::numbers::{awaitable, special};
use super::unit::UnitKind;
use crate::compile::ir::Label;
use crate::compile::recipe::{ContextChecks, WithEnds, WithLayout};
use crate::source::Location;
use crate::syntax::ast::{Stmt, WithItem};
use crate::target::Op;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn with_stmt(
        &mut self,
        items: &'t [WithItem<'a>],
        body: &'t [Stmt<'a>],
        stmt_loc: Location,
    ) -> Fallible {
        let Some((item, rest)) = items.split_first() else { return self.stmts(body) };
        let block = self.new_label();
        let fail = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        self.expr(item.context_expr)?;
        let loc = self.clause_location(stmt_loc, item.context_expr.loc);
        match self.recipe.with_layout {
            WithLayout::BeforeWith => self.op(Op::BeforeWith, loc),
            WithLayout::LoadSpecial => self.load_specials(special::EXIT, special::ENTER, loc),
        }
        self.jump(Op::SetupWith, fail, loc);
        self.use_label(block);
        self.push_block(BlockKind::With, loc)?;
        self.with_target(item, loc)?;
        self.with_stmt(rest, body, stmt_loc)?;
        self.op(Op::PopBlock, Location::NONE);
        self.pop_block();
        self.call_exit_with_nones(loc);
        self.op(Op::PopTop, loc);
        self.jump(Op::Jump, exit, loc);
        // An exception came.
        self.use_label(fail);
        self.jump(Op::SetupCleanup, cleanup, loc);
        self.op(Op::PushExcInfo, loc);
        self.op(Op::WithExceptStart, loc);
        self.finish_with_exception(cleanup);
        self.use_label(exit);
        Ok(())
    }

    pub(super) fn async_with_stmt(
        &mut self,
        items: &'t [WithItem<'a>],
        body: &'t [Stmt<'a>],
        stmt_loc: Location,
    ) -> Fallible {
        let Some((item, rest)) = items.split_first() else { return self.stmts(body) };
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator if self.u.kind != UnitKind::AsyncFunction => {
                return self.error(stmt_loc, "'async with' outside async function");
            }
            ContextChecks::CodeGenerator | ContextChecks::SymbolTable => {}
        }
        let block = self.new_label();
        let fail = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        self.expr(item.context_expr)?;
        let loc = self.clause_location(stmt_loc, item.context_expr.loc);
        match self.recipe.with_layout {
            WithLayout::BeforeWith => self.op(Op::BeforeAsyncWith, loc),
            WithLayout::LoadSpecial => self.load_specials(special::AEXIT, special::AENTER, loc),
        }
        self.await_top(awaitable::AENTER, loc);
        self.jump(Op::SetupWith, fail, loc);
        self.use_label(block);
        self.push_block(BlockKind::AsyncWith, loc)?;
        self.with_target(item, loc)?;
        self.async_with_stmt(rest, body, stmt_loc)?;
        self.pop_block();
        let at = self.tracked(self.u.at, loc);
        self.op(Op::PopBlock, at);
        self.call_exit_with_nones(loc);
        self.await_top(awaitable::AEXIT, loc);
        self.op(Op::PopTop, loc);
        self.jump(Op::Jump, exit, loc);
        // An exception came.
        self.use_label(fail);
        self.jump(Op::SetupCleanup, cleanup, loc);
        self.op(Op::PushExcInfo, loc);
        self.op(Op::WithExceptStart, loc);
        self.await_top(awaitable::AEXIT, loc);
        self.finish_with_exception(cleanup);
        self.use_label(exit);
        Ok(())
    }

    fn load_specials(&mut self, exit: u32, enter: u32, loc: Location) {
        self.op_arg(Op::Copy, 1, loc);
        self.op_arg(Op::LoadSpecial, exit, loc);
        self.op_arg(Op::Swap, 2, loc);
        self.op_arg(Op::Swap, 3, loc);
        self.op_arg(Op::LoadSpecial, enter, loc);
        self.op_arg(Op::Call, 0, loc);
    }

    fn with_target(&mut self, item: &'t WithItem<'a>, loc: Location) -> Fallible {
        match &item.optional_vars {
            Some(target) => self.expr(target),
            None => {
                self.op(Op::PopTop, loc);
                Ok(())
            }
        }
    }

    /// After the exit method was called with an exception: suppress it or raise it again.
    fn finish_with_exception(&mut self, cleanup: Label) {
        let none = Location::NONE;
        self.u.at = none;
        let suppress = self.new_label();
        match self.recipe.with_ends {
            WithEnds::SuppressedLast => {
                self.jump(Op::PopJumpIfTrue, suppress, none);
                self.op_arg(Op::Reraise, 2, none);
                self.use_label(cleanup);
                self.pop_except_and_reraise(none);
                self.use_label(suppress);
                self.op(Op::PopTop, none);
                self.op(Op::PopBlock, none);
                self.op(Op::PopExcept, none);
                self.op(Op::PopTop, none);
                self.op(Op::PopTop, none);
                return;
            }
            WithEnds::SuppressedFirst => {}
        }
        self.to_bool(none);
        self.jump(Op::PopJumpIfTrue, suppress, none);
        self.op_arg(Op::Reraise, 2, none);
        self.use_label(suppress);
        self.op(Op::PopTop, none);
        self.op(Op::PopBlock, none);
        self.op(Op::PopExcept, none);
        self.op(Op::PopTop, none);
        self.op(Op::PopTop, none);
        match self.recipe.with_layout {
            WithLayout::BeforeWith => {}
            WithLayout::LoadSpecial => self.op(Op::PopTop, none),
        }
        let exit = self.new_label();
        self.plain_jump(exit, none);
        self.use_label(cleanup);
        self.pop_except_and_reraise(none);
        self.use_label(exit);
    }
}
