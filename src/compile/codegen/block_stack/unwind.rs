//! Frame blocks: what `return`, `break` and `continue` have to undo on their way out
//! (`compiler_unwind_fblock`).

use super::Lowering;
use crate::compile::codegen::errors::Fallible;
use crate::compile::ir::Label;
use crate::compile::recipe::block_stack::FinallyBodies;
use crate::source::Location;
use crate::syntax::ast::Stmt;
use crate::target::Op;
use crate::value::Name;

/// What a frame block is.
#[derive(Clone, Copy)]
pub(super) enum BlockKind<'t, 'a> {
    WhileLoop,
    ForLoop,
    TryExcept,
    /// Before a `finally` with this body, which is copied.
    FinallyTry(&'t [Stmt<'a>]),
    /// Before a `finally` that is called.
    FinallyCalled,
    /// The same, with a placeholder for the result on the stack, because the `finally` may leave.
    FinallyCalledKept,
    /// In a `finally`.
    FinallyEnd,
    /// With the statement's line.
    With(Location),
    AsyncWith(Location),
    /// In an `except` clause, which may have bound a name (that is unbound in line).
    HandlerCleanup(Option<Name>),
    /// In an `except` clause that binds a name, which a `finally` of its own unbinds.
    HandlerCalled,
    /// A value is kept on the stack.
    PopValue,
    ExceptionHandler,
    AsyncComprehension,
}

/// A frame block.
#[derive(Clone, Copy)]
pub(super) struct FrameBlock<'t, 'a> {
    pub(super) kind: BlockKind<'t, 'a>,
    /// Where a loop begins.
    pub(super) start: Option<Label>,
    /// Where a loop ends, or what a `finally` is called by; 3.8 takes it from a `finally` that is left.
    pub(super) exit: Option<Label>,
}

impl<'t, 'a> FrameBlock<'t, 'a> {
    fn is_loop(&self) -> bool {
        matches!(self.kind, BlockKind::WhileLoop | BlockKind::ForLoop)
    }
}

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn push_block(
        &mut self,
        kind: BlockKind<'t, 'a>,
        start: Option<Label>,
        exit: Option<Label>,
    ) -> Fallible {
        if self.blocks.len() - self.u.first_block >= self.g.recipe.wording.block_limit.blocks() {
            return self.error("too many statically nested blocks");
        }
        self.blocks.push(FrameBlock { kind, start, exit });
        Ok(())
    }

    pub(super) fn pop_block(&mut self) -> Option<FrameBlock<'t, 'a>> {
        self.blocks.pop()
    }

    /// Leaves all blocks of the unit, or those within the innermost loop, which is returned.
    pub(super) fn unwind(&mut self, keep_top: bool, to_loop: bool) -> Fallible<Option<FrameBlock<'t, 'a>>> {
        match self.recipe.finally_bodies {
            FinallyBodies::Called => self.unwind_in_place(keep_top, to_loop),
            FinallyBodies::Copied => self.unwind_stack(keep_top, to_loop),
        }
    }

    /// While a block's own code is written, the block is not there.
    fn unwind_stack(&mut self, keep_top: bool, to_loop: bool) -> Fallible<Option<FrameBlock<'t, 'a>>> {
        let Some(&top) = self.blocks[self.u.first_block..].last() else { return Ok(None) };
        if to_loop && top.is_loop() {
            return Ok(Some(top));
        }
        self.blocks.pop();
        self.unwind_block(top, keep_top)?;
        let found = self.unwind_stack(keep_top, to_loop)?;
        self.blocks.push(top);
        Ok(found)
    }

    fn unwind_in_place(&mut self, keep_top: bool, to_loop: bool) -> Fallible<Option<FrameBlock<'t, 'a>>> {
        for index in (self.u.first_block..self.blocks.len()).rev() {
            let block = self.blocks[index];
            if to_loop && block.is_loop() {
                return Ok(Some(block));
            }
            if matches!(block.kind, BlockKind::FinallyEnd) {
                // Who wrote the `finally` asks whether it is left.
                self.blocks[index].exit = None;
            }
            self.unwind_block(block, keep_top)?;
        }
        Ok(None)
    }

    /// Leaves one block.
    pub(super) fn unwind_block(&mut self, block: FrameBlock<'t, 'a>, keep_top: bool) -> Fallible {
        match block.kind {
            BlockKind::WhileLoop | BlockKind::ExceptionHandler | BlockKind::AsyncComprehension => {}
            BlockKind::ForLoop | BlockKind::PopValue => {
                self.op_if(keep_top, Op::RotTwo);
                self.op(Op::PopTop);
            }
            BlockKind::TryExcept => self.op(Op::PopBlock),
            BlockKind::FinallyTry(body) => self.unwind_copied_finally(body, keep_top)?,
            BlockKind::FinallyCalled => {
                self.op(Op::PopBlock);
                self.call_finally(block);
            }
            BlockKind::FinallyCalledKept => {
                self.op(Op::PopBlock);
                if keep_top {
                    self.op(Op::RotTwo);
                    self.op(Op::PopTop);
                    self.call_finally(block);
                } else {
                    self.call_finally(block);
                    self.op(Op::PopTop);
                }
            }
            BlockKind::FinallyEnd => self.unwind_finally_end(keep_top),
            BlockKind::With(loc) => self.unwind_with(loc, false, keep_top),
            BlockKind::AsyncWith(loc) => self.unwind_with(loc, true, keep_top),
            BlockKind::HandlerCleanup(name) => {
                if name.is_some() {
                    self.op(Op::PopBlock);
                }
                self.op_if(keep_top, Op::RotFour);
                self.op(Op::PopExcept);
                if let Some(name) = name {
                    self.unbind(name)?;
                }
            }
            BlockKind::HandlerCalled => {
                self.op_if(keep_top, Op::RotFour);
                self.op(Op::PopBlock);
                self.op(Op::PopExcept);
                self.call_finally(block);
            }
        }
        Ok(())
    }

    fn op_if(&mut self, condition: bool, op: Op) {
        if condition {
            self.op(op);
        }
    }

    fn call_finally(&mut self, block: FrameBlock<'t, 'a>) {
        if let Some(exit) = block.exit {
            self.jump(Op::CallFinally, exit);
        }
    }

    fn unwind_copied_finally(&mut self, body: &'t [Stmt<'a>], keep_top: bool) -> Fallible {
        self.op(Op::PopBlock);
        if keep_top {
            self.push_block(BlockKind::PopValue, None, None)?;
        }
        let loc = self.u.loc;
        self.stmts(body)?;
        self.u.loc = loc;
        if keep_top {
            self.pop_block();
        }
        // What follows seems to run after the statement that leaves.
        self.no_line();
        Ok(())
    }

    fn unwind_finally_end(&mut self, keep_top: bool) {
        match self.recipe.finally_bodies {
            FinallyBodies::Called => {
                self.op_arg(Op::PopFinally, u32::from(keep_top));
                self.op_if(keep_top, Op::RotTwo);
                self.op(Op::PopTop);
            }
            FinallyBodies::Copied => {
                self.op_if(keep_top, Op::RotFour);
                for _ in 0..3 {
                    self.op(Op::PopTop);
                }
                self.op_if(keep_top, Op::RotFour);
                self.op(Op::PopExcept);
            }
        }
    }

    fn unwind_with(&mut self, loc: Location, is_async: bool, keep_top: bool) {
        match self.recipe.finally_bodies {
            FinallyBodies::Called => {
                self.op(Op::PopBlock);
                self.op_if(keep_top, Op::RotTwo);
                self.op(Op::BeginFinally);
                self.with_cleanup(is_async);
                self.op_arg(Op::PopFinally, 0);
            }
            FinallyBodies::Copied => {
                if self.exact() {
                    self.set_loc(loc);
                }
                self.op(Op::PopBlock);
                self.op_if(keep_top, Op::RotTwo);
                self.call_exit_with_nones();
                if is_async {
                    self.await_top();
                }
                self.op(Op::PopTop);
                self.no_line();
            }
        }
    }

    /// `name = None; del name`
    pub(super) fn unbind(&mut self, name: Name) -> Fallible {
        self.load_none();
        self.store_name(name)?;
        self.delete_name(name)
    }
}
