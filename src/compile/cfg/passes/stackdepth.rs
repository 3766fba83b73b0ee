//! How deep the stack gets (CPython: `calculate_stackdepth`).

use super::Work;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Block, BlockId, Graph, NONE};

use crate::compile::ir::Instr;
use crate::target::{Effect, Op, OpTable};

/// Depths beyond this are not followed again, as in CPython.
const FOLLOWED: i32 = 100;

/// The effects of all operations, in a form that is quick to use.
pub(in crate::compile::cfg) struct Effects {
    table: &'static OpTable,
    linear: [Linear; Op::COUNT],
    /// The same where the instruction jumps.
    linear_of_jumps: [Linear; Op::COUNT],
}

/// An effect that depends linearly on the argument, or on its lowest bit.
#[derive(Clone, Copy)]
struct Linear {
    /// With argument 0; [`Linear::OTHER`] where the effect is of another kind, which is rare.
    base: i16,
    /// For each unit of what counts of the argument.
    per_arg: i16,
    /// Which bits of the argument count.
    bits: u32,
}

impl Linear {
    /// So low that no other effects of a block make up for it.
    const OTHER: i16 = i16::MIN;

    fn new(effect: Effect) -> Self {
        let (base, per_arg, bits) = match effect {
            Effect::PerArg { base, per_arg } => (base.into(), per_arg.into(), u32::MAX),
            Effect::LowBit { base, more } => (base.into(), more.into(), 1),
            Effect::IfThree { .. } | Effect::Bits { .. } | Effect::FourBit { .. } | Effect::Unpack => {
                (Linear::OTHER, 0, 0)
            }
        };
        Linear { base, per_arg, bits }
    }

    #[inline(always)]
    fn of(self, arg: u32) -> i32 {
        let by_arg = i32::from(self.per_arg).wrapping_mul((arg & self.bits) as i32);
        i32::from(self.base).wrapping_add(by_arg)
    }
}

impl Effects {
    pub fn new(table: &'static OpTable) -> Self {
        Effects {
            table,
            linear: table.info.map(|info| Linear::new(info.effect)),
            linear_of_jumps: table.info.map(|info| Linear::new(info.jump_effect)),
        }
    }

    /// The change of the depth by all of `instrs`, and the greatest one on the way.
    #[inline]
    fn of_all(&self, instrs: &[Instr]) -> (i32, i32) {
        let (mut depth, mut deepest, mut least) = (0i32, i32::MIN, 0);
        for instr in instrs {
            let linear = self.linear[instr.op as usize];
            least = least.min(linear.base);
            depth = depth.wrapping_add(linear.of(instr.arg));
            deepest = deepest.max(depth);
        }
        if least == Linear::OTHER { self.of_all_exactly(instrs) } else { (depth, deepest) }
    }

    #[cold]
    fn of_all_exactly(&self, instrs: &[Instr]) -> (i32, i32) {
        let (mut depth, mut deepest) = (0, i32::MIN);
        for instr in instrs {
            depth += self.net(instr);
            deepest = deepest.max(depth);
        }
        (depth, deepest)
    }

    #[inline]
    fn net(&self, instr: &Instr) -> i32 {
        let linear = self.linear[instr.op as usize];
        if linear.base != Linear::OTHER {
            return linear.of(instr.arg);
        }
        self.table.effect(instr.op, instr.arg, false)
    }

    #[inline]
    fn net_of_jump(&self, instr: &Instr) -> i32 {
        let linear = self.linear_of_jumps[instr.op as usize];
        if linear.base != Linear::OTHER {
            return linear.of(instr.arg);
        }
        self.table.effect(instr.op, instr.arg, true)
    }
}

/// Computes, from the depth at the unit's entry, the depth at entry of each block that is reached; the result is the greatest depth anywhere.
#[inline(never)]
pub(in crate::compile::cfg) fn calculate_stackdepth(
    g: &mut Graph,
    work: &mut Work,
    effects: &Effects,
    at_entry: i32,
) -> u32 {
    let Graph { blocks, code, classes, .. } = g;
    let todo = &mut work.todo;
    todo.clear();
    let mut deepest = 0;
    enter(blocks, 0, at_entry, todo);
    while let Some(number) = todo.pop() {
        let block = blocks[number as usize];
        let mut depth = block.startdepth;
        let instrs = &code[block.start as usize..(block.start + block.len) as usize];
        // Only what opens a guarded region has a target before the end of the block.
        let first_target = if block.summary.any(Class::PUSH) { 0 } else { instrs.len().saturating_sub(1) };
        let (plain, rest) = instrs.split_at(first_target);
        let (change, most) = effects.of_all(plain);
        deepest = deepest.max(depth.saturating_add(most));
        depth += change;
        let mut stops = false;
        for instr in rest {
            let class = classes.of(instr.op);
            if class.any(Class::TARGET) && instr.op != Op::EndAsyncFor {
                let at_target = depth + effects.net_of_jump(instr);
                deepest = deepest.max(at_target);
                enter(blocks, instr.arg, at_target, todo);
            }
            depth += effects.net(instr);
            deepest = deepest.max(depth);
            stops = class.any(Class::STOPS);
        }
        if block.next != NONE && !stops {
            enter(blocks, block.next, depth, todo);
        }
    }
    deepest.max(0) as u32
}

#[inline]
fn enter(blocks: &mut [Block], block: BlockId, depth: i32, todo: &mut Vec<BlockId>) {
    let b = &mut blocks[block as usize];
    debug_assert!(b.startdepth < 0 || b.startdepth == depth, "inconsistent stack depth");
    if b.startdepth < depth && b.startdepth < FOLLOWED {
        b.startdepth = depth;
        todo.push(block);
    }
}
