//! `if`, `for`, `while`, `async for`.

use super::Codegen;
use super::blocks::BlockKind;
use super::errors::Fallible;
use super::numbers::{get_iter, resume};
use super::unit::UnitKind;
use crate::compile::recipe::{
    AsyncForEnd, ContextChecks, ForTargets, IteratorPop, LocationState, WhileLoops,
};
use crate::source::Location;
use crate::syntax::ast::{For, If, While};
use crate::target::Op;

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn if_stmt(&mut self, stmt: &'t If<'a>, loc: Location) -> Fallible {
        let end = self.new_label();
        let next = if stmt.orelse.is_empty() { end } else { self.new_label() };
        self.u.at = self.jump_if(stmt.test, next, false, loc)?;
        self.stmts(stmt.body)?;
        if !stmt.orelse.is_empty() {
            self.plain_jump(end, Location::NONE);
            self.use_label(next);
            self.stmts(stmt.orelse)?;
        }
        self.use_label(end);
        Ok(())
    }

    pub(super) fn for_loop(&mut self, stmt: &'t For<'a>, loc: Location) -> Fallible {
        let start = self.new_label();
        let body = self.new_label();
        let cleanup = self.new_label();
        let end = self.new_label();
        self.push_loop(BlockKind::ForLoop, start, end, loc)?;
        self.expr(stmt.iter)?;
        let iter = self.clause_location(loc, stmt.iter.loc);
        self.get_iter(iter);
        self.use_label(start);
        self.jump(Op::ForIter, cleanup, iter);
        // A line event for the target; removed later where it is redundant.
        match self.recipe.for_targets {
            ForTargets::InBody => {}
            ForTargets::Marked => self.op(Op::Nop, stmt.target.loc),
        }
        self.use_label(body);
        self.expr(stmt.target)?;
        self.stmts(stmt.body)?;
        self.u.at = Location::NONE;
        self.jump(Op::Jump, start, Location::NONE);
        self.use_label(cleanup);
        self.end_for();
        self.pop_block();
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    /// Removes an exhausted iterator. A generator's end jumps to the first instruction, others' behind it.
    pub(super) fn end_for(&mut self) {
        if self.recipe.iterator_pop != IteratorPop::ByForIter {
            self.op(Op::EndFor, Location::NONE);
        }
        match self.recipe.iterator_pop {
            IteratorPop::ByForIter | IteratorPop::ByEndFor => {}
            IteratorPop::PopTop | IteratorPop::PopIter => self.pop_iterator(),
        }
    }

    /// Makes what is on the stack ready to be iterated over.
    pub(super) fn get_iter(&mut self, loc: Location) {
        self.op_arg(Op::GetIter, get_iter::LOOP, loc);
    }

    pub(super) fn pop_iterator(&mut self) {
        let op = match self.recipe.iterator_pop {
            IteratorPop::ByForIter | IteratorPop::ByEndFor | IteratorPop::PopTop => Op::PopTop,
            IteratorPop::PopIter => Op::PopIter,
        };
        self.op(op, Location::NONE);
    }

    pub(super) fn async_for_loop(&mut self, stmt: &'t For<'a>, loc: Location) -> Fallible {
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator if self.u.kind != UnitKind::AsyncFunction => {
                return self.error(loc, "'async for' outside async function");
            }
            ContextChecks::CodeGenerator | ContextChecks::SymbolTable => {}
        }
        let start = self.new_label();
        let send = self.new_label();
        let except = self.new_label();
        let end = self.new_label();
        self.expr(stmt.iter)?;
        let at = self.clause_location(loc, stmt.iter.loc);
        self.op(Op::GetAiter, at);
        self.use_label(start);
        self.push_loop(BlockKind::AsyncForLoop, start, end, loc)?;
        self.jump(Op::SetupFinally, except, loc);
        self.op(Op::GetAnext, loc);
        self.start_sending(loc);
        self.use_label(send);
        self.yield_from(resume::AFTER_AWAIT, loc);
        self.op(Op::PopBlock, loc);
        match self.recipe.async_for_end {
            AsyncForEnd::Plain => {}
            AsyncForEnd::NamesSend => self.op(Op::NotTaken, loc),
        }
        self.expr(stmt.target)?;
        self.stmts(stmt.body)?;
        self.u.at = Location::NONE;
        self.jump(Op::Jump, start, Location::NONE);
        self.pop_block();
        self.use_label(except);
        // On the iterable's line: what ends is the `for`, not its body.
        self.end_async_for(send, stmt.iter.loc);
        self.u.at = stmt.iter.loc;
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    /// The end of the iteration whose `SEND` is at `send`.
    pub(super) fn end_async_for(&mut self, send: crate::compile::ir::Label, loc: Location) {
        match self.recipe.async_for_end {
            AsyncForEnd::Plain => self.op(Op::EndAsyncFor, loc),
            AsyncForEnd::NamesSend => self.jump(Op::EndAsyncFor, send, loc),
        }
    }

    pub(super) fn while_loop(&mut self, stmt: &'t While<'a>, loc: Location) -> Fallible {
        let start = self.new_label();
        let body = match self.recipe.while_loops {
            WhileLoops::TestTwice => Some(self.new_label()),
            WhileLoops::JumpBack => None,
        };
        let mut end = self.new_label();
        let mut anchor = self.new_label();
        if self.recipe.location_state == LocationState::Tracked {
            std::mem::swap(&mut end, &mut anchor);
        }
        self.use_label(start);
        self.push_loop(BlockKind::WhileLoop, start, end, loc)?;
        self.jump_if(stmt.test, anchor, false, loc)?;
        match body {
            Some(body) => {
                self.use_label(body);
                self.stmts(stmt.body)?;
                self.u.at = self.jump_if(stmt.test, body, true, loc)?;
            }
            None => {
                self.stmts(stmt.body)?;
                self.jump(Op::Jump, start, Location::NONE);
            }
        }
        self.pop_block();
        self.use_label(anchor);
        self.stmts(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }
}
