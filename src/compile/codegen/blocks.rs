//! Frame blocks: what `return`, `break` and `continue` have to undo on their way out.

use super::Codegen;
use super::emit::NO_LABEL;
use super::errors::Fallible;
use super::numbers::awaitable;
use crate::compile::ir::Label;
use crate::compile::recipe::{FinallyCopies, IteratorSlots, WithLayout};
use crate::source::Location;
use crate::syntax::ast::Stmt;
use crate::target::Op;
use crate::value::Name;

/// What a frame block is.
#[derive(Clone, Copy)]
pub(super) enum BlockKind<'t, 'a> {
    WhileLoop,
    ForLoop,
    AsyncForLoop,
    TryExcept,
    /// Before a `finally` with this body.
    FinallyTry(&'t [Stmt<'a>]),
    /// In a `finally` that an exception led to.
    FinallyEnd,
    With,
    AsyncWith,
    /// In an `except` clause, which may have bound a name.
    HandlerCleanup(Option<Name>),
    /// A value is kept on the stack.
    PopValue,
    ExceptionHandler,
    ExceptionGroupHandler,
    AsyncComprehension,
    StopIteration,
}

/// A frame block.
#[derive(Clone, Copy)]
pub(super) struct FrameBlock<'t, 'a> {
    pub(super) kind: BlockKind<'t, 'a>,
    /// Where a loop begins.
    pub(super) start: Label,
    /// Where a loop ends.
    pub(super) exit: Label,
    pub(super) loc: Location,
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn push_block(&mut self, kind: BlockKind<'t, 'a>, loc: Location) -> Fallible {
        self.push_loop(kind, NO_LABEL, NO_LABEL, loc)
    }

    pub(super) fn push_loop(
        &mut self,
        kind: BlockKind<'t, 'a>,
        start: Label,
        exit: Label,
        loc: Location,
    ) -> Fallible {
        if self.blocks.len() - self.u.first_block >= self.recipe.wording.block_limit.blocks() {
            return self.error(loc, "too many statically nested blocks");
        }
        if matches!(kind, BlockKind::FinallyEnd) {
            self.silent += 1;
        }
        self.blocks.push(FrameBlock { kind, start, exit, loc });
        Ok(())
    }

    pub(super) fn pop_block(&mut self) {
        if let Some(FrameBlock { kind: BlockKind::FinallyEnd, .. }) = self.blocks.pop() {
            self.silent -= 1;
        }
    }

    fn top_block(&self) -> Option<FrameBlock<'t, 'a>> {
        self.blocks[self.u.first_block..].last().copied()
    }

    /// Leaves all blocks of the unit, or those within the innermost loop, which is returned. `loc` becomes
    /// the location of the statement that leaves.
    pub(super) fn unwind(
        &mut self,
        loc: &mut Location,
        keep_top: bool,
        to_loop: bool,
    ) -> Fallible<Option<FrameBlock<'t, 'a>>> {
        let Some(top) = self.top_block() else { return Ok(None) };
        match top.kind {
            BlockKind::ExceptionGroupHandler => {
                return self
                    .error(*loc, "'break', 'continue' and 'return' cannot appear in an except* block");
            }
            BlockKind::WhileLoop | BlockKind::ForLoop | BlockKind::AsyncForLoop if to_loop => {
                return Ok(Some(top));
            }
            _ => {}
        }
        // The block's own code is outside of it.
        self.pop_for_unwinding();
        self.unwind_block(loc, top, keep_top)?;
        let found = self.unwind(loc, keep_top, to_loop)?;
        self.push_after_unwinding(top);
        Ok(found)
    }

    fn pop_for_unwinding(&mut self) {
        match self.recipe.finally_copies {
            FinallyCopies::Warn | FinallyCopies::Silent => {
                self.blocks.pop();
            }
            FinallyCopies::WarnOutside => self.pop_block(),
        }
    }

    fn push_after_unwinding(&mut self, block: FrameBlock<'t, 'a>) {
        match (self.recipe.finally_copies, block.kind) {
            (FinallyCopies::WarnOutside, BlockKind::FinallyEnd) => self.silent += 1,
            (FinallyCopies::Warn | FinallyCopies::WarnOutside | FinallyCopies::Silent, _) => {}
        }
        self.blocks.push(block);
    }

    /// Leaves one block.
    pub(super) fn unwind_block(
        &mut self,
        loc: &mut Location,
        block: FrameBlock<'t, 'a>,
        keep_top: bool,
    ) -> Fallible {
        match block.kind {
            BlockKind::WhileLoop
            | BlockKind::ExceptionHandler
            | BlockKind::ExceptionGroupHandler
            | BlockKind::AsyncComprehension
            | BlockKind::StopIteration => {}
            BlockKind::ForLoop => self.unwind_for(*loc, keep_top),
            BlockKind::AsyncForLoop | BlockKind::PopValue => {
                self.swap_if(keep_top, *loc);
                self.op(Op::PopTop, *loc);
            }
            BlockKind::TryExcept => self.op(Op::PopBlock, *loc),
            BlockKind::FinallyTry(body) => {
                self.op(Op::PopBlock, *loc);
                if keep_top {
                    self.push_block(BlockKind::PopValue, *loc)?;
                }
                self.stmts(body)?;
                if keep_top {
                    self.pop_block();
                }
                // What follows seems to run after the statement that leaves, so it has no place.
                *loc = Location::NONE;
            }
            BlockKind::FinallyEnd => {
                self.swap_if(keep_top, *loc);
                self.op(Op::PopTop, *loc);
                self.swap_if(keep_top, *loc);
                self.op(Op::PopBlock, *loc);
                self.op(Op::PopExcept, *loc);
            }
            BlockKind::With | BlockKind::AsyncWith => self.unwind_with(loc, block, keep_top),
            BlockKind::HandlerCleanup(name) => {
                if name.is_some() {
                    self.op(Op::PopBlock, *loc);
                }
                self.swap_if(keep_top, *loc);
                self.op(Op::PopBlock, *loc);
                self.op(Op::PopExcept, *loc);
                if let Some(name) = name {
                    self.unbind(name, *loc)?;
                }
            }
        }
        Ok(())
    }

    fn unwind_for(&mut self, loc: Location, keep_top: bool) {
        let slots = match self.recipe.iterator_slots {
            IteratorSlots::One => 1,
            IteratorSlots::Two => 2,
        };
        if keep_top {
            self.op_arg(Op::Swap, slots + 1, loc);
        }
        for _ in 0..slots {
            self.op(Op::PopTop, loc);
        }
    }

    /// Is an exception that is raised here caught, or is one being handled?
    pub(super) fn in_exception_handler(&self) -> bool {
        self.blocks[self.u.first_block..].iter().any(|block| match block.kind {
            BlockKind::TryExcept
            | BlockKind::FinallyTry(_)
            | BlockKind::FinallyEnd
            | BlockKind::ExceptionHandler
            | BlockKind::ExceptionGroupHandler
            | BlockKind::HandlerCleanup(_) => true,
            BlockKind::WhileLoop
            | BlockKind::ForLoop
            | BlockKind::AsyncForLoop
            | BlockKind::With
            | BlockKind::AsyncWith
            | BlockKind::PopValue
            | BlockKind::AsyncComprehension
            | BlockKind::StopIteration => false,
        })
    }

    fn unwind_with(&mut self, loc: &mut Location, block: FrameBlock<'t, 'a>, keep_top: bool) {
        self.op(Op::PopBlock, block.loc);
        if keep_top {
            match self.recipe.with_layout {
                WithLayout::BeforeWith => self.op_arg(Op::Swap, 2, block.loc),
                WithLayout::LoadSpecial => {
                    self.op_arg(Op::Swap, 3, block.loc);
                    self.op_arg(Op::Swap, 2, block.loc);
                }
            }
        }
        self.call_exit_with_nones(block.loc);
        if matches!(block.kind, BlockKind::AsyncWith) {
            self.await_top(awaitable::AEXIT, block.loc);
        }
        self.op(Op::PopTop, block.loc);
        *loc = Location::NONE;
    }

    fn swap_if(&mut self, keep_top: bool, loc: Location) {
        if keep_top {
            self.op_arg(Op::Swap, 2, loc);
        }
    }

    /// Calls the exit method of a `with` that ends well.
    pub(super) fn call_exit_with_nones(&mut self, loc: Location) {
        for _ in 0..3 {
            self.load_none(loc);
        }
        let arguments = match self.recipe.with_layout {
            WithLayout::BeforeWith => 2,
            WithLayout::LoadSpecial => 3,
        };
        self.call_op(arguments, loc);
    }

    /// `name = None; del name`
    pub(super) fn unbind(&mut self, name: Name, loc: Location) -> Fallible {
        self.load_none(loc);
        self.store_name(name, loc)?;
        self.delete_name(name, loc)
    }
}
