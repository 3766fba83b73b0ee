//! `try` with `except*`.
//!
//! On the stack while the clauses run: the exception group, a list of what the clauses raised, and what is
//! left of the group.

use super::Codegen;
use super::blocks::BlockKind;
use super::errors::Fallible;
use super::numbers::intrinsic_2;
use crate::compile::ir::Label;
use crate::compile::recipe::{ExceptStars, Intrinsics};
use crate::source::Location;
use crate::syntax::ast::{ExceptHandler, Try};
use crate::target::Op;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn try_star_stmt(&mut self, stmt: &'t Try<'a>, loc: Location) -> Fallible {
        if stmt.finalbody.is_empty() {
            self.try_star_except(stmt, loc)
        } else {
            self.try_finally(stmt, loc, Self::try_star_except)
        }
    }

    fn try_star_except(&mut self, stmt: &'t Try<'a>, loc: Location) -> Fallible {
        let none = Location::NONE;
        let body = self.new_label();
        let except = self.new_label();
        let orelse = self.new_label();
        let end = self.new_label();
        let cleanup = self.new_label();
        let reraise_star = self.new_label();
        self.jump(Op::SetupFinally, except, loc);
        self.use_label(body);
        self.push_block(BlockKind::TryExcept, loc)?;
        self.stmts(stmt.body)?;
        self.pop_block();
        self.op(Op::PopBlock, none);
        self.plain_jump(orelse, none);
        self.use_label(except);
        self.jump(Op::SetupCleanup, cleanup, none);
        self.op(Op::PushExcInfo, none);
        self.push_block(BlockKind::ExceptionGroupHandler, loc)?;
        if let Some(first) = stmt.handlers.first() {
            match self.recipe.except_stars {
                ExceptStars::Swapped => {
                    self.op_arg(Op::Copy, 1, first.loc);
                    self.op_arg(Op::BuildList, 0, first.loc);
                    self.op_arg(Op::Swap, 2, first.loc);
                }
                ExceptStars::Copied => {
                    self.op_arg(Op::BuildList, 0, first.loc);
                    self.op_arg(Op::Copy, 2, first.loc);
                }
            }
        }
        for handler in stmt.handlers.iter() {
            self.except_star_clause(handler)?;
        }
        // What no clause took goes to the list too.
        self.op_arg(Op::ListAppend, 1, none);
        self.plain_jump(reraise_star, none);
        self.pop_block();
        self.reraise_group(reraise_star, end);
        self.use_label(cleanup);
        self.pop_except_and_reraise(none);
        self.use_label(orelse);
        self.u.at = none;
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    /// Raises what the clauses raised or left, if anything.
    fn reraise_group(&mut self, start: Label, end: Label) {
        let none = Location::NONE;
        let reraise = self.new_label();
        self.use_label(start);
        match self.recipe.intrinsics {
            Intrinsics::OwnOps => self.op(Op::PrepReraiseStar, none),
            Intrinsics::Numbered => self.op_arg(Op::CallIntrinsic2, intrinsic_2::PREP_RERAISE_STAR, none),
        }
        self.op_arg(Op::Copy, 1, none);
        self.jump(Op::PopJumpIfNotNone, reraise, none);
        self.op(Op::PopTop, none);
        self.op(Op::PopBlock, none);
        self.op(Op::PopExcept, none);
        self.plain_jump(end, none);
        self.use_label(reraise);
        self.op(Op::PopBlock, none);
        self.op_arg(Op::Swap, 2, none);
        self.op(Op::PopExcept, none);
        self.op_arg(Op::Reraise, 0, none);
    }

    fn except_star_clause(&mut self, handler: &'t ExceptHandler<'a>) -> Fallible {
        let none = Location::NONE;
        let loc = handler.loc;
        let next = self.new_label();
        let with_error = self.new_label();
        let no_match = self.new_label();
        if let Some(typ) = &handler.typ {
            self.expr(typ)?;
            self.op(Op::CheckEgMatch, loc);
            self.op_arg(Op::Copy, 1, loc);
            self.jump(Op::PopJumpIfNone, no_match, loc);
        }
        let cleanup_end = self.new_label();
        let cleanup_body = self.new_label();
        match handler.name {
            Some(name) => self.store_name(name, loc)?,
            None => self.op(Op::PopTop, loc),
        }
        self.jump(Op::SetupCleanup, cleanup_end, loc);
        self.use_label(cleanup_body);
        self.push_block(BlockKind::HandlerCleanup(handler.name), loc)?;
        self.stmts(handler.body)?;
        self.pop_block();
        self.op(Op::PopBlock, none);
        if let Some(name) = handler.name {
            self.unbind(name, none)?;
        }
        self.plain_jump(next, none);
        // The clause raised.
        self.use_label(cleanup_end);
        if let Some(name) = handler.name {
            self.unbind(name, none)?;
        }
        self.op_arg(Op::ListAppend, 3, none);
        self.op(Op::PopTop, none);
        self.plain_jump(with_error, none);
        self.use_label(next);
        // For the line that is propagated here.
        self.op(Op::Nop, none);
        self.plain_jump(with_error, none);
        self.use_label(no_match);
        self.op(Op::PopTop, loc);
        self.use_label(with_error);
        Ok(())
    }
}
