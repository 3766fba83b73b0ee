//! `with` and `async with`.

use super::Lowering;
use super::unwind::BlockKind;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::unit::UnitKind;
use crate::compile::ir::Label;
use crate::compile::recipe::block_stack::FinallyBodies;
use crate::source::Location;
use crate::syntax::ast::{Stmt, WithItem};
use crate::target::Op;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn with_stmt(
        &mut self,
        items: &'t [WithItem<'a>],
        body: &'t [Stmt<'a>],
        is_async: bool,
        stmt: Location,
    ) -> Fallible {
        let Some((item, rest)) = items.split_first() else { return self.stmts(body) };
        if is_async && self.g.u.kind != UnitKind::AsyncFunction {
            return self.error("'async with' outside async function");
        }
        let block = self.new_label();
        let finally = self.new_label();
        let exit = match self.recipe.finally_bodies {
            FinallyBodies::Called => None,
            FinallyBodies::Copied => Some(self.new_label()),
        };
        self.expr(item.context_expr)?;
        let kind = if is_async {
            self.op(Op::BeforeAsyncWith);
            self.await_top();
            self.jump(Op::SetupAsyncWith, finally);
            BlockKind::AsyncWith(stmt)
        } else {
            self.jump(Op::SetupWith, finally);
            BlockKind::With(stmt)
        };
        self.use_label(block);
        self.push_block(kind, Some(block), Some(finally))?;
        match &item.optional_vars {
            Some(target) => self.expr(target)?,
            None => self.op(Op::PopTop),
        }
        self.with_stmt(rest, body, is_async, stmt)?;
        match exit {
            None => self.end_with_cleanup(finally, is_async),
            Some(exit) => {
                self.end_with_call(finally, exit, is_async, stmt);
                Ok(())
            }
        }
    }

    /// 3.8: the good and the bad case share the cleanup.
    fn end_with_cleanup(&mut self, finally: Label, is_async: bool) -> Fallible {
        self.op(Op::PopBlock);
        self.op(Op::BeginFinally);
        self.pop_block();
        self.use_label(finally);
        self.push_block(BlockKind::FinallyEnd, Some(finally), None)?;
        self.with_cleanup(is_async);
        self.op(Op::EndFinally);
        self.pop_block();
        Ok(())
    }

    /// Calls the exit method (3.8).
    pub(super) fn with_cleanup(&mut self, is_async: bool) {
        self.op(Op::WithCleanupStart);
        if is_async {
            self.await_top();
        }
        self.op(Op::WithCleanupFinish);
    }

    fn end_with_call(&mut self, finally: Label, exit: Label, is_async: bool, stmt: Location) {
        if !is_async {
            self.no_line();
        }
        self.op(Op::PopBlock);
        self.pop_block();
        if self.exact() {
            self.set_loc(stmt);
        }
        self.call_exit_with_nones();
        if is_async {
            self.await_top();
        }
        self.op(Op::PopTop);
        let jump = if is_async { Op::JumpAbsolute } else { Op::JumpForward };
        self.jump(jump, exit);
        // An exception came.
        self.use_label(finally);
        self.op(Op::WithExceptStart);
        if is_async {
            self.await_top();
        }
        let suppress = self.new_label();
        self.jump(Op::PopJumpIfTrue, suppress);
        self.cut();
        self.reraise(1);
        self.use_label(suppress);
        for _ in 0..3 {
            self.op(Op::PopTop);
        }
        self.op(Op::PopExcept);
        self.op(Op::PopTop);
        self.use_label(exit);
    }

    /// Calls the exit method of a `with` that ends well (3.9, 3.10).
    pub(super) fn call_exit_with_nones(&mut self) {
        self.load_none();
        self.op(Op::DupTop);
        self.op(Op::DupTop);
        self.op_arg(Op::CallFunction, 3);
    }
}
