//! `try` whose `finally` body is called (3.8).
//!
//! CPython compiles the body of a `finally` before what it guards, to know whether it is left by `return`,
//! `break` or `continue`, and then hangs it behind that: names and constants are numbered in the one order, code
//! is in the other.

use super::Lowering;
use super::unwind::BlockKind;
use crate::compile::codegen::errors::Fallible;
use crate::compile::ir::Label;
use crate::source::Location;
use crate::syntax::ast::{ExceptHandler, Try};
use crate::target::Op;
use crate::value::Name;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn try_finally_called(&mut self, stmt: &'t Try<'a>, loc: Location) -> Fallible {
        let body = self.new_label();
        let end = self.new_label();
        let returns_before = self.u.returns;
        let (first_instr, first_start) = (self.g.u.seq.instrs.len(), self.g.u.seq.starts.len());
        self.use_label(end);
        self.push_block(BlockKind::FinallyEnd, Some(end), Some(end))?;
        self.stmts(stmt.finalbody)?;
        self.op(Op::EndFinally);
        let leaves = self.pop_block().is_some_and(|block| block.exit.is_none());
        if leaves {
            // The placeholder; see below.
            self.op(Op::PopTop);
        }
        let returns_after = self.u.returns;
        let later_instrs = self.g.u.seq.instrs.split_off(first_instr);
        let later_starts = self.g.u.seq.starts.split_off(first_start);
        self.u.returns = returns_before;
        self.set_loc(loc);
        if leaves {
            // A placeholder for the value that a `return` in the `try` block has on the stack.
            self.load_none();
        }
        self.jump(Op::SetupFinally, end);
        self.use_label(body);
        let kind = if leaves { BlockKind::FinallyCalledKept } else { BlockKind::FinallyCalled };
        self.push_block(kind, Some(body), Some(end))?;
        self.guarded_body(stmt)?;
        self.op(Op::PopBlock);
        self.op(Op::BeginFinally);
        self.pop_block();
        let seq = &mut self.g.u.seq;
        let moved = (seq.instrs.len() - first_instr) as u32;
        for label in &later_starts {
            seq.labels[label.0 as usize] += moved;
        }
        seq.instrs.extend(later_instrs);
        seq.starts.extend(later_starts);
        self.u.returns = returns_after;
        Ok(())
    }

    pub(super) fn named_clause_called(
        &mut self,
        handler: &'t ExceptHandler<'a>,
        name: Name,
        cleanup_body: Label,
        cleanup_end: Label,
        end: Label,
    ) -> Fallible {
        self.push_block(BlockKind::HandlerCalled, Some(cleanup_body), Some(cleanup_end))?;
        self.stmts(handler.body)?;
        self.op(Op::PopBlock);
        self.op(Op::BeginFinally);
        self.pop_block();
        self.use_label(cleanup_end);
        self.push_block(BlockKind::FinallyEnd, Some(cleanup_end), None)?;
        self.unbind(name)?;
        self.op(Op::EndFinally);
        self.op(Op::PopExcept);
        self.pop_block();
        self.jump(Op::JumpForward, end);
        Ok(())
    }
}
