//! Offsets of blocks and arguments of jumps (CPython: `resolve_unconditional_jumps`, `resolve_jump_offsets`).
//!
//! A jump's argument decides its size, and sizes decide arguments. As in CPython the search starts from the
//! target's instruction number as argument and repeats until no size changes; where it starts can decide
//! where it ends.

use super::{Encoding, extended_args};
use crate::compile::cfg::Optimizer;
use crate::target::Op;

/// Distance from a `SEND` to the `END_SEND` that `END_ASYNC_FOR` has to name instead (`END_SEND_OFFSET`).
const END_SEND_OFFSET: u32 = 5;

/// The jump of a block.
#[derive(Clone, Copy)]
pub(super) struct Jump {
    /// Which instruction of the block it is.
    pub index: u32,
    /// With its direction.
    pub op: Op,
    /// Its argument, once placed.
    pub arg: u32,
    /// Order of the target.
    target: u32,
}

/// A block in final order.
struct Place {
    offset: u32,
    /// Number of its first instruction.
    first: u32,
    /// Code units before the jump, if there is one.
    before_jump: u32,
    /// Code units of everything but the jump.
    rest: u32,
    jump: Option<Jump>,
}

/// Where everything is. Memory is reused.
#[derive(Default)]
pub(super) struct Layout {
    places: Vec<Place>,
    /// By number of block: its place.
    order_of: Vec<u32>,
}

impl Layout {
    /// The jump of the block that is number `order` in the layout.
    #[inline]
    pub fn jump(&self, order: usize) -> Option<Jump> {
        self.places[order].jump
    }

    /// Offset of a block, in code units.
    pub fn offset_of(&self, block: u32) -> u32 {
        self.places[self.order_of[block as usize] as usize].offset
    }

    /// Places the blocks that `optimizer` has laid out.
    pub fn place(&mut self, optimizer: &Optimizer, encoding: &Encoding) {
        self.measure(optimizer, encoding);
        self.give_directions();
        self.settle(encoding);
    }

    fn measure(&mut self, optimizer: &Optimizer, encoding: &Encoding) {
        self.places.clear();
        self.order_of.clear();
        self.order_of.resize(optimizer.block_count(), 0);
        let mut first = 0;
        for block in optimizer.layout() {
            self.order_of[block.number as usize] = self.places.len() as u32;
            let mut place = Place { offset: 0, first, before_jump: 0, rest: 0, jump: None };
            for (i, instr) in block.instrs.iter().enumerate() {
                if optimizer.is_jump(instr) {
                    place.before_jump = place.rest;
                    let index = i as u32;
                    place.jump = Some(Jump { index, op: instr.op, arg: 0, target: instr.arg });
                } else {
                    place.rest += encoding.plain_size(instr.op) + extended_args(instr.arg);
                }
            }
            first += block.instrs.len() as u32;
            self.places.push(place);
        }
    }

    fn give_directions(&mut self) {
        for order in 0..self.places.len() {
            let first = self.places[order].first;
            let Some(mut jump) = self.places[order].jump else { continue };
            jump.target = self.order_of[jump.target as usize];
            jump.arg = self.places[jump.target as usize].first;
            let forward = jump.arg > first + jump.index;
            jump.op = match (jump.op, forward) {
                (Op::Jump | Op::JumpNoInterrupt, true) => Op::JumpForward,
                (Op::Jump, false) => Op::JumpBackward,
                (Op::JumpNoInterrupt, false) => Op::JumpBackwardNoInterrupt,
                (op, _) => op,
            };
            self.places[order].jump = Some(jump);
        }
    }

    fn settle(&mut self, encoding: &Encoding) {
        loop {
            let mut offset = 0;
            for place in &mut self.places {
                place.offset = offset;
                offset += place.rest + place.jump.map_or(0, |jump| size(encoding, &jump));
            }
            let mut settled = true;
            for order in 0..self.places.len() {
                let place = &self.places[order];
                let Some(jump) = place.jump else { continue };
                let size_before = size(encoding, &jump);
                let from = place.offset + place.before_jump + size_before;
                let to = self.places[jump.target as usize].offset;
                let mut arg = from.abs_diff(to);
                if jump.op == Op::EndAsyncFor {
                    arg = arg.saturating_sub(END_SEND_OFFSET);
                }
                let jump = Jump { arg, ..jump };
                settled &= size(encoding, &jump) == size_before;
                self.places[order].jump = Some(jump);
            }
            if settled {
                return;
            }
        }
    }
}

#[inline]
fn size(encoding: &Encoding, jump: &Jump) -> u32 {
    encoding.plain_size(jump.op) + extended_args(jump.arg)
}
