//! `try` with copies of the `finally` body (3.9, 3.10), and what all block-stack releases share.

use super::Lowering;
use super::unwind::BlockKind;
use crate::compile::codegen::errors::Fallible;
use crate::compile::ir::Label;
use crate::compile::recipe::block_stack::{Comparisons, ErrorPlaces, FinallyBodies, Reraise};
use crate::source::Location;
use crate::syntax::ast::{ExceptHandler, Try};
use crate::target::Op;
use crate::value::Name;

/// `COMPARE_OP`'s number of the test of `except` (3.8).
const EXCEPTION_MATCH: u32 = 10;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn try_stmt(&mut self, stmt: &'t Try<'a>, loc: Location) -> Fallible {
        if stmt.finalbody.is_empty() {
            return self.try_except(stmt);
        }
        match self.recipe.finally_bodies {
            FinallyBodies::Called => self.try_finally_called(stmt, loc),
            FinallyBodies::Copied => self.try_finally_copied(stmt),
        }
    }

    pub(super) fn reraise(&mut self, keeps_line: u32) {
        match self.recipe.reraise {
            Reraise::Plain => self.op(Op::Reraise),
            Reraise::Flagged => self.op_arg(Op::Reraise, keeps_line),
        }
    }

    fn try_finally_copied(&mut self, stmt: &'t Try<'a>) -> Fallible {
        let body = self.new_label();
        let end = self.new_label();
        let exit = self.new_label();
        self.jump(Op::SetupFinally, end);
        self.use_label(body);
        self.push_block(BlockKind::FinallyTry(stmt.finalbody), Some(body), Some(end))?;
        self.guarded_body(stmt)?;
        self.without_line(|this| this.op(Op::PopBlock));
        self.pop_block();
        self.stmts(stmt.finalbody)?;
        self.without_line(|this| this.jump(Op::JumpForward, exit));
        // An exception came: the same statements again.
        self.use_label(end);
        self.push_block(BlockKind::FinallyEnd, Some(end), None)?;
        self.stmts(stmt.finalbody)?;
        self.pop_block();
        self.reraise(0);
        self.use_label(exit);
        Ok(())
    }

    /// What a `finally` guards.
    pub(super) fn guarded_body(&mut self, stmt: &'t Try<'a>) -> Fallible {
        if stmt.handlers.is_empty() { self.stmts(stmt.body) } else { self.try_except(stmt) }
    }

    fn try_except(&mut self, stmt: &'t Try<'a>) -> Fallible {
        let body = self.new_label();
        let mut except = self.new_label();
        let orelse = self.new_label();
        let end = self.new_label();
        self.jump(Op::SetupFinally, except);
        self.use_label(body);
        self.push_block(BlockKind::TryExcept, Some(body), None)?;
        self.stmts(stmt.body)?;
        self.without_line(|this| this.op(Op::PopBlock));
        self.pop_block();
        self.without_line(|this| this.jump(Op::JumpForward, orelse));
        self.use_label(except);
        if self.exact() {
            self.push_block(BlockKind::ExceptionHandler, None, None)?;
        }
        let count = stmt.handlers.len();
        for (index, handler) in stmt.handlers.iter().enumerate() {
            if handler.typ.is_none() && index + 1 < count {
                let place = match self.recipe.error_places {
                    ErrorPlaces::Before => self.here(),
                    ErrorPlaces::Exact => handler.loc,
                };
                return self.g.error(place, "default 'except:' must be last");
            }
            self.set_loc(handler.loc);
            except = self.new_label();
            self.except_clause(handler, except, end)?;
            self.use_label(except);
        }
        if self.exact() {
            self.pop_block();
        }
        match self.recipe.finally_bodies {
            FinallyBodies::Called => self.op(Op::EndFinally),
            FinallyBodies::Copied => self.reraise(0),
        }
        self.use_label(orelse);
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn except_clause(&mut self, handler: &'t ExceptHandler<'a>, next: Label, end: Label) -> Fallible {
        if let Some(typ) = &handler.typ {
            self.op(Op::DupTop);
            self.expr(typ)?;
            match self.recipe.comparisons {
                Comparisons::OneOp => {
                    self.op_arg(Op::CompareOp, EXCEPTION_MATCH);
                    self.jump(Op::PopJumpIfFalse, next);
                }
                Comparisons::OwnOps => {
                    self.jump(Op::JumpIfNotExcMatch, next);
                    self.cut();
                }
            }
        }
        self.op(Op::PopTop);
        let Some(name) = handler.name else {
            let cleanup_body = self.new_label();
            self.op(Op::PopTop);
            self.op(Op::PopTop);
            self.use_label(cleanup_body);
            self.push_block(BlockKind::HandlerCleanup(None), Some(cleanup_body), None)?;
            self.stmts(handler.body)?;
            self.pop_block();
            self.no_line();
            self.op(Op::PopExcept);
            self.jump(Op::JumpForward, end);
            return Ok(());
        };
        let cleanup_end = self.new_label();
        let cleanup_body = self.new_label();
        self.store_name(name)?;
        self.op(Op::PopTop);
        self.jump(Op::SetupFinally, cleanup_end);
        self.use_label(cleanup_body);
        match self.recipe.finally_bodies {
            FinallyBodies::Called => self.named_clause_called(handler, name, cleanup_body, cleanup_end, end),
            FinallyBodies::Copied => self.named_clause_copied(handler, name, cleanup_body, cleanup_end, end),
        }
    }

    fn named_clause_copied(
        &mut self,
        handler: &'t ExceptHandler<'a>,
        name: Name,
        cleanup_body: Label,
        cleanup_end: Label,
        end: Label,
    ) -> Fallible {
        self.push_block(BlockKind::HandlerCleanup(Some(name)), Some(cleanup_body), None)?;
        self.stmts(handler.body)?;
        self.pop_block();
        self.no_line();
        self.op(Op::PopBlock);
        self.op(Op::PopExcept);
        self.unbind(name)?;
        self.jump(Op::JumpForward, end);
        self.use_label(cleanup_end);
        self.no_line();
        self.unbind(name)?;
        self.reraise(1);
        Ok(())
    }
}
