//! How deep the stack gets (CPython: `calculate_stackdepth`).

use super::Work;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{BlockId, Graph, NONE};

use crate::compile::ir::Instr;
use crate::target::{Effect, Op, OpTable};

/// Depths beyond this are not followed again, as in CPython.
const FOLLOWED: i32 = 100;

/// The effects of all operations, in a form that is quick to use.
pub(in crate::compile::cfg) struct Effects {
    table: &'static OpTable,
    /// For those that depend on the argument linearly: with 0, and for each unit. `None` is rare.
    linear: [Option<(i8, i8)>; Op::COUNT],
}

impl Effects {
    pub fn new(table: &'static OpTable) -> Self {
        let linear = table.info.map(|info| match info.effect {
            Effect::PerArg { base, per_arg } => Some((base, per_arg)),
            Effect::LowBit { .. } | Effect::IfThree { .. } | Effect::Unpack => None,
        });
        Effects { table, linear }
    }

    #[inline]
    fn net(&self, instr: &Instr) -> i32 {
        match self.linear[instr.op as usize] {
            Some((base, per_arg)) => i32::from(base) + i32::from(per_arg).wrapping_mul(instr.arg as i32),
            None => self.table.effect(instr.op, instr.arg, false),
        }
    }

    fn net_of_jump(&self, instr: &Instr) -> i32 {
        self.table.effect(instr.op, instr.arg, true)
    }
}

/// Computes the depth at entry of each block that is reached; the result is the greatest depth anywhere.
pub(in crate::compile::cfg) fn calculate_stackdepth(
    g: &mut Graph,
    work: &mut Work,
    effects: &Effects,
) -> u32 {
    for block in &mut g.blocks {
        block.startdepth = i32::MIN;
    }
    work.todo.clear();
    let mut deepest = 0;
    enter(g, 0, 0, &mut work.todo);
    while let Some(number) = work.todo.pop() {
        let block = g.blocks[number as usize];
        let mut depth = block.startdepth;
        for slot in block.start as usize..(block.start + block.len) as usize {
            let instr = g.code[slot];
            let class = g.classes.of(instr.op);
            if class.any(Class::TARGET) && instr.op != Op::EndAsyncFor {
                let at_target = depth + effects.net_of_jump(&instr);
                deepest = deepest.max(at_target);
                enter(g, instr.arg, at_target, &mut work.todo);
            }
            depth += effects.net(&instr);
            deepest = deepest.max(depth);
        }
        if block.next != NONE && g.falls_through(number) {
            enter(g, block.next, depth, &mut work.todo);
        }
    }
    deepest.max(0) as u32
}

#[inline]
fn enter(g: &mut Graph, block: BlockId, depth: i32, todo: &mut Vec<BlockId>) {
    let b = &mut g.blocks[block as usize];
    debug_assert!(b.startdepth < 0 || b.startdepth == depth, "inconsistent stack depth");
    if b.startdepth < depth && b.startdepth < FOLLOWED {
        b.startdepth = depth;
        todo.push(block);
    }
}
