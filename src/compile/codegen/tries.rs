//! `try` with `except` and `finally`. `except*` has a module of its own.

use super::Codegen;
use super::blocks::BlockKind;
use super::errors::Fallible;
use crate::compile::ir::Label;
use crate::source::Location;
use crate::syntax::ast::{ExceptHandler, Try};
use crate::target::Op;
use crate::value::Name;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn try_stmt(&mut self, stmt: &'t Try<'a>, loc: Location) -> Fallible {
        if stmt.finalbody.is_empty() {
            self.try_except(stmt, loc)
        } else {
            self.try_finally(stmt, loc, Self::try_except)
        }
    }

    /// The `finally` around a `try`, whose clauses `clauses` compiles if there are any.
    pub(super) fn try_finally(
        &mut self,
        stmt: &'t Try<'a>,
        loc: Location,
        clauses: fn(&mut Self, &'t Try<'a>, Location) -> Fallible,
    ) -> Fallible {
        let none = Location::NONE;
        let body = self.new_label();
        let end = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        self.jump(Op::SetupFinally, end, loc);
        self.use_label(body);
        self.push_block(BlockKind::FinallyTry(stmt.finalbody), loc)?;
        if stmt.handlers.is_empty() {
            self.stmts(stmt.body)?;
        } else {
            clauses(self, stmt, loc)?;
        }
        self.op(Op::PopBlock, none);
        self.pop_block();
        self.stmts(stmt.finalbody)?;
        self.plain_jump(exit, none);
        // An exception came: the same statements again.
        self.use_label(end);
        self.jump(Op::SetupCleanup, cleanup, none);
        self.op(Op::PushExcInfo, none);
        self.push_block(BlockKind::FinallyEnd, none)?;
        self.stmts(stmt.finalbody)?;
        self.pop_block();
        let at = self.tracked(self.u.at, none);
        self.op_arg(Op::Reraise, 0, at);
        self.use_label(cleanup);
        self.pop_except_and_reraise(at);
        self.use_label(exit);
        Ok(())
    }

    fn try_except(&mut self, stmt: &'t Try<'a>, loc: Location) -> Fallible {
        let none = Location::NONE;
        let body = self.new_label();
        let except = self.new_label();
        let end = self.new_label();
        let cleanup = self.new_label();
        self.jump(Op::SetupFinally, except, loc);
        self.use_label(body);
        self.push_block(BlockKind::TryExcept, loc)?;
        self.stmts(stmt.body)?;
        self.pop_block();
        self.op(Op::PopBlock, none);
        self.stmts(stmt.orelse)?;
        self.plain_jump(end, none);
        self.use_label(except);
        self.jump(Op::SetupCleanup, cleanup, none);
        self.op(Op::PushExcInfo, none);
        self.push_block(BlockKind::ExceptionHandler, loc)?;
        let count = stmt.handlers.len();
        for (index, handler) in stmt.handlers.iter().enumerate() {
            if handler.typ.is_none() && index + 1 < count {
                return self.error(handler.loc, "default 'except:' must be last");
            }
            self.except_clause(handler, end)?;
        }
        self.pop_block();
        self.op_arg(Op::Reraise, 0, none);
        self.use_label(cleanup);
        self.pop_except_and_reraise(none);
        self.use_label(end);
        self.u.at = none;
        Ok(())
    }

    /// One `except` clause; what follows it is the next clause.
    fn except_clause(&mut self, handler: &'t ExceptHandler<'a>, end: Label) -> Fallible {
        let loc = handler.loc;
        let next = self.new_label();
        if let Some(typ) = &handler.typ {
            self.expr(typ)?;
            self.op(Op::CheckExcMatch, loc);
            self.jump(Op::PopJumpIfFalse, next, loc);
        }
        match handler.name {
            Some(name) => self.named_except_clause(handler, name, end)?,
            None => {
                let body = self.new_label();
                self.op(Op::PopTop, loc);
                self.use_label(body);
                self.push_block(BlockKind::HandlerCleanup(None), loc)?;
                self.stmts(handler.body)?;
                self.pop_block();
                self.op(Op::PopBlock, Location::NONE);
                self.op(Op::PopExcept, Location::NONE);
                self.plain_jump(end, Location::NONE);
            }
        }
        self.use_label(next);
        Ok(())
    }

    /// The clause binds a name, which a `finally` of its own unbinds.
    fn named_except_clause(&mut self, handler: &'t ExceptHandler<'a>, name: Name, end: Label) -> Fallible {
        let none = Location::NONE;
        let cleanup_end = self.new_label();
        let cleanup_body = self.new_label();
        self.store_name(name, handler.loc)?;
        self.jump(Op::SetupCleanup, cleanup_end, handler.loc);
        self.use_label(cleanup_body);
        self.push_block(BlockKind::HandlerCleanup(Some(name)), handler.loc)?;
        self.stmts(handler.body)?;
        self.pop_block();
        self.op(Op::PopBlock, none);
        self.op(Op::PopBlock, none);
        self.op(Op::PopExcept, none);
        self.unbind(name, none)?;
        self.plain_jump(end, none);
        self.use_label(cleanup_end);
        self.unbind(name, none)?;
        self.op_arg(Op::Reraise, 1, none);
        Ok(())
    }
}
