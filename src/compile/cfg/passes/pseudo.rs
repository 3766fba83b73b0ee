//! Pseudo-operations become real ones (CPython: `convert_pseudo_conditional_jumps`, `convert_pseudo_ops`).

use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::ClosureLoads;
use crate::target::Op;

/// `JUMP_IF_*`, which keep what they test, become a copy, a test and a jump that pops.
#[inline(never)]
pub(in crate::compile::cfg) fn convert_pseudo_conditional_jumps(g: &mut Graph) {
    if !g.summary.any(Class::PSEUDO) {
        return;
    }
    let mut number = 0;
    while number != NONE {
        let block = g.blocks[number as usize];
        if block.summary.any(Class::PSEUDO)
            && let Some(&last) = g.last(number)
        {
            let op = match last.op {
                Op::JumpIfFalse => Op::PopJumpIfFalse,
                Op::JumpIfTrue => Op::PopJumpIfTrue,
                _ => Op::Nop,
            };
            if op != Op::Nop {
                g.code[(block.start + block.len) as usize - 1].op = op;
                let copy = Instr { op: Op::Copy, arg: 1, ..last };
                g.insert(number, block.len - 1, &[copy]);
                g.insert(number, block.len, &[Instr { op: Op::ToBool, arg: 0, ..last }]);
                g.note(number, Class::CONDITION);
            }
        }
        number = block.next;
    }
}

/// Removes what only the passes needed.
#[inline(never)]
pub(in crate::compile::cfg) fn convert_pseudo_ops(g: &mut Graph, closure_loads: ClosureLoads) {
    if !g.summary.any(Class::PSEUDO.with(Class::PUSH)) {
        return;
    }
    let mut block = 0;
    while block != NONE {
        let classes = g.classes;
        let mut made_nops = false;
        let summary = g.blocks[block as usize].summary;
        let pseudo = summary.any(Class::PSEUDO.with(Class::PUSH));
        for instr in if pseudo { g.instrs_mut(block) } else { &mut [] } {
            match instr.op {
                Op::LoadClosure => match closure_loads {
                    ClosureLoads::OwnOp => {}
                    ClosureLoads::LoadFast => instr.op = Op::LoadFast,
                },
                Op::StoreFastMaybeNull => instr.op = Op::StoreFast,
                op if op == Op::PopBlock || classes.of(op).any(Class::PUSH) => {
                    instr.nop();
                    made_nops = true;
                }
                _ => {}
            }
        }
        if made_nops {
            g.note(block, Class::NOP);
        }
        block = g.blocks[block as usize].next;
    }
}
