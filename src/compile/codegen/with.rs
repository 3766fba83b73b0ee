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

/// Which of the two statements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    Plain,
    Async,
}

impl With {
    const fn block<'t, 'a>(self) -> BlockKind<'t, 'a> {
        match self {
            With::Plain => BlockKind::With,
            With::Async => BlockKind::AsyncWith,
        }
    }
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    /// `with` or `async with`; of several items, the next ones are the body of the first.
    pub(super) fn with_stmt(
        &mut self,
        kind: With,
        items: &'t [WithItem<'a>],
        body: &'t [Stmt<'a>],
        stmt_loc: Location,
    ) -> Fallible {
        let Some((item, rest)) = items.split_first() else { return self.stmts(body) };
        if kind == With::Async {
            self.check_async_with(stmt_loc)?;
        }
        let block = self.new_label();
        let fail = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        self.expr(item.context_expr)?;
        let loc = self.clause_location(stmt_loc, item.context_expr.loc);
        self.enter_manager(kind, loc);
        self.jump(Op::SetupWith, fail, loc);
        self.use_label(block);
        self.push_block(kind.block(), loc)?;
        self.with_target(item, loc)?;
        self.with_stmt(kind, rest, body, stmt_loc)?;
        self.pop_block();
        let end = match kind {
            With::Plain => Location::NONE,
            With::Async => self.tracked(self.u.at, loc),
        };
        self.op(Op::PopBlock, end);
        self.call_exit_with_nones(loc);
        self.await_exit(kind, loc);
        self.op(Op::PopTop, loc);
        self.jump(Op::Jump, exit, loc);
        // An exception came.
        self.use_label(fail);
        self.jump(Op::SetupCleanup, cleanup, loc);
        self.op(Op::PushExcInfo, loc);
        self.op(Op::WithExceptStart, loc);
        self.await_exit(kind, loc);
        self.finish_with_exception(cleanup);
        self.use_label(exit);
        Ok(())
    }

    fn check_async_with(&mut self, loc: Location) -> Fallible {
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator if self.u.kind != UnitKind::AsyncFunction => {
                self.error(loc, "'async with' outside async function")
            }
            ContextChecks::CodeGenerator | ContextChecks::SymbolTable => Ok(()),
        }
    }

    /// From the manager on the stack to its exit method and what its enter method gave.
    fn enter_manager(&mut self, kind: With, loc: Location) {
        match (self.recipe.with_layout, kind) {
            (WithLayout::BeforeWith, With::Plain) => self.op(Op::BeforeWith, loc),
            (WithLayout::BeforeWith, With::Async) => self.op(Op::BeforeAsyncWith, loc),
            (WithLayout::LoadSpecial, With::Plain) => self.load_specials(special::EXIT, special::ENTER, loc),
            (WithLayout::LoadSpecial, With::Async) => {
                self.load_specials(special::AEXIT, special::AENTER, loc);
            }
        }
        if kind == With::Async {
            self.await_top(awaitable::AENTER, loc);
        }
    }

    fn await_exit(&mut self, kind: With, loc: Location) {
        if kind == With::Async {
            self.await_top(awaitable::AEXIT, loc);
        }
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
