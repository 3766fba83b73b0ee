//! Which handler guards which instruction (CPython: `label_exception_targets`).

use super::Work;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Block, BlockId, Graph, NONE};

use crate::compile::recipe::cfg::{CfgRecipe, PopBlocks, ResumeDepth, YieldDepth};
use crate::target::Op;

/// A stack of handlers as a list: every stack that was ever seen shares its lower part with others.
#[derive(Clone, Copy)]
pub(in crate::compile::cfg) struct HandlerStack {
    handler: BlockId,
    below: u32,
    depth: u32,
}

/// The flag in `RESUME`'s argument that says that only the generator's own handler guards the `yield`.
const fn depth_one(resume_depth: ResumeDepth) -> u32 {
    match resume_depth {
        ResumeDepth::Bit2 => 4,
        ResumeDepth::Bit3 => 8,
    }
}

/// Gives each instruction its handler, turns `POP_BLOCK` into `NOP` (unless it stays), and marks handlers that want the
/// offset of the instruction that raised.
#[inline(never)]
pub(in crate::compile::cfg) fn label_exception_targets(g: &mut Graph, work: &mut Work, recipe: &CfgRecipe) {
    if !g.has_handlers {
        return;
    }
    let stacks = &mut work.handler_stacks;
    stacks.clear();
    stacks.push(HandlerStack { handler: NONE, below: 0, depth: 0 });
    let todo = &mut work.todo;
    todo.clear();
    g.blocks[0].scratch = 0;
    g.blocks[0].labelled = true;
    todo.push(0);
    while let Some(number) = todo.pop() {
        let block = g.blocks[number as usize];
        let mut top = block.scratch;
        let mut handler = stacks[top as usize].handler;
        let mut last_yield = None;
        let mut made_nops = false;
        if !block.summary.any(Class::PUSH.with(Class::GUARD)) {
            guard_all(g, block, top, handler, todo);
            continue;
        }
        for slot in block.start as usize..(block.start + block.len) as usize {
            let instr = &mut g.code[slot];
            let class = g.classes.of(instr.op);
            if class.any(Class::JUMP.with(Class::PUSH)) {
                let target = &mut g.blocks[instr.arg as usize];
                if !target.labelled {
                    target.labelled = true;
                    target.scratch = top;
                    todo.push(instr.arg);
                }
                if class.any(Class::JUMP) {
                    instr.handler = handler;
                    continue;
                }
                target.preserve_lasti |= matches!(instr.op, Op::SetupWith | Op::SetupCleanup);
                handler = instr.arg;
                let depth = stacks[top as usize].depth + 1;
                stacks.push(HandlerStack { handler, below: top, depth });
                top = stacks.len() as u32 - 1;
                continue;
            }
            match instr.op {
                Op::PopBlock => {
                    top = stacks[top as usize].below;
                    handler = stacks[top as usize].handler;
                    match recipe.pop_blocks {
                        PopBlocks::Kept => {}
                        PopBlocks::Nops => {
                            instr.nop();
                            made_nops = true;
                        }
                    }
                    continue;
                }
                Op::YieldValue => match recipe.yield_depth {
                    YieldDepth::Nowhere => {}
                    YieldDepth::InYield => instr.arg = stacks[top as usize].depth,
                    YieldDepth::InResume => last_yield = Some(stacks[top as usize].depth),
                },
                Op::Resume if instr.arg != 0 => {
                    if last_yield.take() == Some(1) {
                        instr.arg |= depth_one(recipe.resume_depth);
                    }
                }
                _ => {}
            }
            instr.handler = handler;
        }
        if made_nops {
            g.note(number, Class::NOP);
        }
        if g.falls_through(number) && block.next != NONE {
            enter(g, block.next, top, todo);
        }
    }
}

/// Enters `block` with the stack `top`, unless it was entered before.
#[inline]
fn enter(g: &mut Graph, block: BlockId, top: u32, todo: &mut Vec<BlockId>) {
    let b = &mut g.blocks[block as usize];
    if !b.labelled {
        b.labelled = true;
        b.scratch = top;
        todo.push(block);
    }
}

/// A block whose instructions all have one handler.
fn guard_all(g: &mut Graph, block: Block, top: u32, handler: BlockId, todo: &mut Vec<BlockId>) {
    let instrs = &mut g.code[block.start as usize..(block.start + block.len) as usize];
    if handler != NONE {
        for instr in &mut *instrs {
            instr.handler = handler;
        }
    }
    let (last, target) = instrs.last().map_or((Class::NONE, NONE), |last| (g.classes.of(last.op), last.arg));
    if last.any(Class::JUMP) {
        enter(g, target, top, todo);
    }
    if block.next != NONE && !last.any(Class::STOPS) {
        enter(g, block.next, top, todo);
    }
}
