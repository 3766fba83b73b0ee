//! Offsets of blocks and arguments of jumps (CPython: `resolve_unconditional_jumps`, `resolve_jump_offsets`).
//!
//! A jump's argument decides its size, and sizes decide arguments. As in CPython the search starts from the
//! target's instruction number as argument and repeats until no size changes; where it starts can decide
//! where it ends. Code is written without the `EXTENDED_ARG`s of jumps, which few have, and gets them later.

use super::extended_args;
use crate::compile::cfg::Optimizer;
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::{CfgRecipe, JumpDirections, JumpGuesses};
use crate::target::{Op, OpTable};

/// Distance from a `SEND` to the `END_SEND` that `END_ASYNC_FOR` has to name instead (`END_SEND_OFFSET`): what
/// awaiting is made of lies between them.
fn end_send_offset(table: &OpTable) -> u32 {
    let between = [Op::Send, Op::YieldValue, Op::Resume, Op::JumpBackwardNoInterrupt];
    between.iter().map(|&op| 1 + u32::from(table.info(op).caches)).sum()
}

/// A jump, in program order.
#[derive(Clone, Copy)]
pub(super) struct Jump {
    /// With its direction.
    pub op: Op,
    /// Its argument; the target's instruction number until it is known.
    pub arg: u32,
    /// How many `EXTENDED_ARG`s it has.
    pub extended: u32,
    /// Place of the target.
    target: u32,
    /// Code units before the end of the jump, without any jump's `EXTENDED_ARG`s.
    end: u32,
}

/// A block, in program order.
#[derive(Clone, Copy)]
struct Place {
    /// Number of its first instruction.
    first: u32,
    /// The argument that a jump there is first given.
    guess: u32,
    /// Code units before it, without any jump's `EXTENDED_ARG`s.
    offset: u32,
    /// How many jumps are before it.
    jumps: u32,
}

/// Where everything is. Memory is reused.
pub(super) struct Layout {
    places: Vec<Place>,
    /// By number of block: its place.
    place_of: Vec<u32>,
    jumps: Vec<Jump>,
    /// `EXTENDED_ARG`s of all jumps before each.
    extended_before: Vec<u32>,
    instr_count: u32,
    end_send_offset: u32,
    guesses: JumpGuesses,
    directions: JumpDirections,
}

impl Layout {
    /// A layout of instructions of `table`.
    pub fn new(table: &OpTable, recipe: &CfgRecipe) -> Self {
        Layout {
            places: Vec::new(),
            place_of: Vec::new(),
            jumps: Vec::new(),
            extended_before: Vec::new(),
            instr_count: 0,
            end_send_offset: end_send_offset(table),
            guesses: recipe.jump_guesses,
            directions: recipe.jump_directions,
        }
    }

    /// Takes the order of the blocks.
    pub fn start(&mut self, optimizer: &Optimizer) {
        self.places.clear();
        self.jumps.clear();
        self.place_of.resize(optimizer.block_count().max(self.place_of.len()), 0);
        let mut first = 0;
        for block in optimizer.layout() {
            self.place_of[block.number as usize] = self.places.len() as u32;
            let guess = match self.guesses {
                JumpGuesses::Zero => 0,
                JumpGuesses::Labels => optimizer.label_of(block.number),
                JumpGuesses::Instructions => first,
            };
            self.places.push(Place { first, guess, offset: 0, jumps: 0 });
            first += block.instrs.len() as u32;
        }
        self.instr_count = first;
    }

    /// How many instructions there are.
    pub fn instr_count(&self) -> u32 {
        self.instr_count
    }

    /// Code is about to be written for the block at `place`, behind `units` code units, not counting any jump's
    /// `EXTENDED_ARG`s.
    #[inline]
    pub fn enter(&mut self, place: usize, units: u32) {
        self.places[place].offset = units;
        self.places[place].jumps = self.jumps.len() as u32;
    }

    /// The `index`-th instruction of the block at `place` is a jump: which, with its direction?
    #[inline]
    pub fn add_jump(&mut self, place: usize, index: usize, instr: &Instr) -> Op {
        let target = self.place_of[instr.arg as usize];
        let Place { first, guess, .. } = self.places[target as usize];
        let forward = first > self.places[place].first + index as u32;
        let op = match (instr.op, forward) {
            (Op::Jump | Op::JumpNoInterrupt, true) => Op::JumpForward,
            (Op::Jump, false) => Op::JumpBackward,
            (Op::JumpNoInterrupt, false) => Op::JumpBackwardNoInterrupt,
            (op, forward) if self.directions == JumpDirections::All => with_direction(op, forward),
            (op, _) => op,
        };
        self.jumps.push(Jump { op, arg: guess, extended: extended_args(guess), target, end: 0 });
        op
    }

    /// The last jump's own opcode and caches end behind `units` code units, not counting `EXTENDED_ARG`s.
    #[inline]
    pub fn end_jump(&mut self, units: u32) {
        if let Some(jump) = self.jumps.last_mut() {
            jump.end = units;
        }
    }

    /// The jumps, in program order.
    pub fn jumps(&self) -> &[Jump] {
        &self.jumps
    }

    /// How many `EXTENDED_ARG`s all jumps before each have, and all jumps.
    pub fn extended_before(&self) -> &[u32] {
        &self.extended_before
    }

    /// Offset of a block, in code units, once [`Layout::settle`] is done.
    pub fn offset_of(&self, block: u32) -> u32 {
        self.final_offset(self.places[self.place_of[block as usize] as usize])
    }

    fn final_offset(&self, place: Place) -> u32 {
        place.offset + self.extended_before[place.jumps as usize]
    }

    /// Finds the arguments of all jumps.
    pub fn settle(&mut self) {
        loop {
            self.extended_before.clear();
            self.extended_before.push(0);
            let mut before = 0;
            for jump in &self.jumps {
                before += jump.extended;
                self.extended_before.push(before);
            }
            let mut settled = true;
            for at in 0..self.jumps.len() {
                let jump = self.jumps[at];
                let from = jump.end + self.extended_before[at + 1];
                let to = self.final_offset(self.places[jump.target as usize]);
                let mut arg = from.abs_diff(to);
                if jump.op == Op::EndAsyncFor {
                    arg = arg.saturating_sub(self.end_send_offset);
                }
                let extended = extended_args(arg);
                settled &= extended == jump.extended;
                self.jumps[at] = Jump { arg, extended, ..jump };
            }
            if settled {
                return;
            }
        }
    }
}

/// A conditional jump with its direction (3.11).
fn with_direction(op: Op, forward: bool) -> Op {
    match (op, forward) {
        (Op::PopJumpIfFalse, true) => Op::PopJumpForwardIfFalse,
        (Op::PopJumpIfFalse, false) => Op::PopJumpBackwardIfFalse,
        (Op::PopJumpIfTrue, true) => Op::PopJumpForwardIfTrue,
        (Op::PopJumpIfTrue, false) => Op::PopJumpBackwardIfTrue,
        (Op::PopJumpIfNone, true) => Op::PopJumpForwardIfNone,
        (Op::PopJumpIfNone, false) => Op::PopJumpBackwardIfNone,
        (Op::PopJumpIfNotNone, true) => Op::PopJumpForwardIfNotNone,
        (Op::PopJumpIfNotNone, false) => Op::PopJumpBackwardIfNotNone,
        (op, _) => op,
    }
}
