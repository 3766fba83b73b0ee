//! The control-flow graph: blocks in a list, instructions in one arena.
//!
//! Blocks and instructions are numbers into vectors that are reused from unit to unit. Each block owns a run
//! of slots in the arena. Like CPython's blocks (`Python/flowgraph.c`, `basicblock`), a block that loses
//! instructions keeps what stood in the slots behind its end, and an instruction that is appended later
//! inherits the *handler* that the slot last had: CPython's `basicblock_addop` does not set it, which shows
//! in exception tables.

use super::class::{Class, Classes};
use crate::compile::ir::InstrSeq;
use crate::source::Location;
use crate::target::Op;

/// Number of a block.
pub(super) type BlockId = u32;

/// "No block".
pub(super) const NONE: BlockId = u32::MAX;

/// An instruction of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CfgInstr {
    /// What it does.
    pub op: Op,
    /// Its argument; for operations with a target, the target's [`BlockId`].
    pub arg: u32,
    /// The handler that takes its exceptions.
    pub except: BlockId,
    /// Where in the source it comes from.
    pub loc: Location,
}

impl CfgInstr {
    pub(super) const fn new(op: Op, arg: u32, loc: Location) -> Self {
        CfgInstr { op, arg, except: NONE, loc }
    }

    /// Turns it into an operation without an argument; location and handler stay.
    #[inline]
    pub(super) fn set(&mut self, op: Op, arg: u32) {
        self.op = op;
        self.arg = arg;
    }

    /// Turns it into a `NOP`; location and handler stay.
    #[inline]
    pub(super) fn nop(&mut self) {
        self.set(Op::Nop, 0);
    }
}

/// A basic block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// First slot.
    pub start: u32,
    /// How many instructions it has.
    pub len: u32,
    /// How many slots it owns.
    pub cap: u32,
    /// How many slots were ever in use: those behind `len` still name a handler.
    pub high: u32,
    /// The next block in program order.
    pub next: BlockId,
    /// How many ways lead here, once `remove_unreachable` has counted them.
    pub predecessors: i32,
    /// Stack depth at entry; −1 until known.
    pub startdepth: i32,
    /// A cell for the pass at work: a handler stack, a number.
    pub scratch: u32,
    /// Locals (of the first 64) that may be unbound at entry.
    pub unsafe_locals: u64,
    /// Is it the target of a label?
    pub label: bool,
    /// Does the handler that starts here want the last instruction's offset on the stack?
    pub preserve_lasti: bool,
    /// Does an exception handler start here?
    pub handler: bool,
    /// Mark of the pass at work.
    pub visited: bool,
    /// Only reached through exceptions.
    pub cold: bool,
    /// Reached without exceptions.
    pub warm: bool,
    /// May it hold `NOP`s? Set by whoever makes one.
    pub nops: bool,
}

impl Block {
    fn new(start: u32) -> Self {
        Block {
            start,
            len: 0,
            cap: 0,
            high: 0,
            next: NONE,
            predecessors: 0,
            startdepth: -1,
            scratch: NONE,
            unsafe_locals: 0,
            label: false,
            preserve_lasti: false,
            handler: false,
            visited: false,
            cold: false,
            warm: false,
            nops: false,
        }
    }
}

/// A control-flow graph. Block 0 is the entry.
pub(super) struct Graph {
    /// The blocks, in the order in which they were made; program order is by [`Block::next`].
    pub blocks: Vec<Block>,
    /// The arena of instructions.
    pub code: Vec<CfgInstr>,
    /// Questions about operations.
    pub classes: Classes,
    /// Does any instruction open a guarded region?
    pub has_handlers: bool,
    /// Does a `DELETE_FAST` or the like make a local unbound?
    pub unbinds: bool,
    /// Does any instruction wait for its successor's location?
    pub next_locations: bool,
    /// For [`Graph::build`]: which instructions are targets, and of which block.
    targets: Vec<u32>,
}

/// How many free slots follow each block, by what it ends with, so that later passes can append in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// After the entry block, for the prefix of the unit.
    pub prefix: u32,
    /// After a conditional jump.
    pub condition: u32,
}

impl Graph {
    pub fn new(classes: Classes) -> Self {
        Graph {
            blocks: Vec::new(),
            code: Vec::new(),
            classes,
            has_handlers: false,
            unbinds: false,
            next_locations: false,
            targets: Vec::new(),
        }
    }

    /// The instructions of `block`.
    #[inline]
    pub fn instrs(&self, block: BlockId) -> &[CfgInstr] {
        let block = &self.blocks[block as usize];
        &self.code[block.start as usize..(block.start + block.len) as usize]
    }

    /// The instructions of `block`.
    #[inline]
    pub fn instrs_mut(&mut self, block: BlockId) -> &mut [CfgInstr] {
        let block = &self.blocks[block as usize];
        &mut self.code[block.start as usize..(block.start + block.len) as usize]
    }

    /// The last instruction of `block`.
    #[inline]
    pub fn last(&self, block: BlockId) -> Option<&CfgInstr> {
        self.instrs(block).last()
    }

    /// The properties of the last operation of `block`; none where it is empty.
    #[inline]
    pub fn last_class(&self, block: BlockId) -> Class {
        self.classes.of(self.last(block).map_or(Op::Nop, |last| last.op))
    }

    /// May control run from the end of `block` into the next one?
    #[inline]
    pub fn falls_through(&self, block: BlockId) -> bool {
        self.last(block).is_none_or(|last| !self.classes.never_falls_through(last.op))
    }

    /// The first block from `block` on, in program order, that has instructions.
    #[inline]
    pub fn next_nonempty(&self, mut block: BlockId) -> BlockId {
        while block != NONE && self.blocks[block as usize].len == 0 {
            block = self.blocks[block as usize].next;
        }
        block
    }

    /// A new block that is in no list yet.
    pub fn new_block(&mut self) -> BlockId {
        self.blocks.push(Block::new(self.code.len() as u32));
        self.blocks.len() as u32 - 1
    }

    /// Links `new` behind `block`.
    pub fn insert_after(&mut self, block: BlockId, new: BlockId) {
        self.blocks[new as usize].next = self.blocks[block as usize].next;
        self.blocks[block as usize].next = new;
    }

    /// Makes room for `more` instructions at the end of `block`.
    fn reserve(&mut self, block: BlockId, more: u32) {
        let old = self.blocks[block as usize];
        if old.len + more <= old.cap {
            return;
        }
        if (old.start + old.cap) as usize == self.code.len() {
            let cap = old.len + more;
            let filler = CfgInstr::new(Op::Nop, 0, Location::NONE);
            self.code.resize((old.start + cap) as usize, filler);
            self.blocks[block as usize].cap = cap;
            return;
        }
        let start = self.code.len() as u32;
        let cap = (old.len + more) + (old.len + more) / 2;
        self.code.extend_from_within(old.start as usize..(old.start + old.high) as usize);
        self.code.resize((start + cap) as usize, CfgInstr::new(Op::Nop, 0, Location::NONE));
        let block = &mut self.blocks[block as usize];
        block.start = start;
        block.cap = cap;
    }

    /// Appends an instruction, whose handler is the one that its slot last had.
    pub fn append(&mut self, block: BlockId, op: Op, arg: u32, loc: Location) {
        self.reserve(block, 1);
        let b = &mut self.blocks[block as usize];
        let slot = (b.start + b.len) as usize;
        let except = if b.len < b.high { self.code[slot].except } else { NONE };
        self.code[slot] = CfgInstr { op, arg, except, loc };
        b.len += 1;
        b.high = b.high.max(b.len);
    }

    /// Appends the instructions of `from` to `to`, handlers and all.
    pub fn append_all(&mut self, to: BlockId, from: BlockId) {
        let Block { len: count, nops, .. } = self.blocks[from as usize];
        self.reserve(to, count);
        let source = self.blocks[from as usize].start as usize;
        let b = &mut self.blocks[to as usize];
        b.nops |= nops;
        let place = (b.start + b.len) as usize;
        self.code.copy_within(source..source + count as usize, place);
        b.len += count;
        b.high = b.high.max(b.len);
    }

    /// Inserts `instrs` before the instruction at `at`.
    pub fn insert(&mut self, block: BlockId, at: u32, instrs: &[CfgInstr]) {
        self.reserve(block, instrs.len() as u32);
        let b = &mut self.blocks[block as usize];
        let place = (b.start + at) as usize;
        self.code.copy_within(place..(b.start + b.len) as usize, place + instrs.len());
        self.code[place..place + instrs.len()].copy_from_slice(instrs);
        b.len += instrs.len() as u32;
        b.high = b.high.max(b.len);
    }

    /// Cuts the sequence into blocks (CPython: `_PyCfg_FromInstructionSequence`). Labels must be placed
    /// before an instruction.
    pub fn build(&mut self, seq: &InstrSeq, room: Room) {
        self.blocks.clear();
        self.code.clear();
        self.has_handlers = false;
        self.unbinds = false;
        self.next_locations = false;
        self.mark_targets(seq);
        self.blocks.push(Block::new(0));
        let mut current = 0;
        let mut terminated = false;
        for (index, instr) in seq.instrs.iter().enumerate() {
            if instr.op == Op::AnnotationsPlaceholder {
                self.build_annotations(seq);
                continue;
            }
            let is_target = self.targets[index] != NONE;
            let block = &self.blocks[current as usize];
            let fresh = self.code.len() as u32 == block.start && !block.label;
            if terminated || (is_target && !fresh) {
                current = self.close(current, terminated, room);
            }
            if is_target {
                self.blocks[current as usize].label = true;
                self.targets[index] = current;
            }
            self.code.push(CfgInstr::new(instr.op, instr.arg, instr.loc));
            self.blocks[current as usize].nops |= instr.op == Op::Nop;
            let class = self.classes.of(instr.op);
            terminated = class.any(Class::JUMP.with(Class::EXIT));
            self.has_handlers |= class.any(Class::PUSH);
            self.unbinds |=
                matches!(instr.op, Op::DeleteFast | Op::LoadFastAndClear | Op::StoreFastMaybeNull);
            self.next_locations |= instr.loc.line == Location::NEXT.line;
        }
        let last = self.close(current, terminated, room);
        self.blocks.truncate(last as usize);
        self.blocks[current as usize].next = NONE;
        self.resolve_targets(seq);
    }

    fn mark_targets(&mut self, seq: &InstrSeq) {
        self.targets.clear();
        self.targets.resize(seq.instrs.len(), NONE);
        for instr in &seq.instrs {
            if self.classes.has_target(instr.op) {
                self.targets[seq.labels[instr.arg as usize] as usize] = 0;
            }
        }
    }

    fn build_annotations(&mut self, seq: &InstrSeq) {
        if let Some(annotations) = &seq.annotations {
            debug_assert!(annotations.labels.is_empty());
            self.code.extend(annotations.instrs.iter().map(|i| CfgInstr::new(i.op, i.arg, i.loc)));
        }
    }

    /// Ends the block that is being filled and opens the next one.
    fn close(&mut self, current: BlockId, terminated: bool, room: Room) -> BlockId {
        let end = self.code.len() as u32;
        let mut spare = if current == 0 { room.prefix } else { 0 };
        if terminated && room.condition != 0 {
            let op = self.code.last().map_or(Op::Nop, |last| last.op);
            if self.classes.of(op).any(Class::JUMP) && !self.classes.never_falls_through(op) {
                spare += room.condition;
            }
        }
        self.code.resize((end + spare) as usize, CfgInstr::new(Op::Nop, 0, Location::NONE));
        let next = self.blocks.len() as u32;
        let start = self.code.len() as u32;
        let block = &mut self.blocks[current as usize];
        block.len = end - block.start;
        block.high = block.len;
        block.cap = start - block.start;
        block.next = next;
        self.blocks.push(Block::new(start));
        next
    }

    /// Replaces labels by blocks, and marks where handlers start.
    fn resolve_targets(&mut self, seq: &InstrSeq) {
        for number in 0..self.blocks.len() {
            let block = self.blocks[number];
            let end = (block.start + block.len) as usize;
            if self.has_handlers {
                for slot in block.start as usize..end {
                    self.resolve(seq, slot);
                }
            } else if end > block.start as usize {
                self.resolve(seq, end - 1);
            }
        }
    }

    #[inline]
    fn resolve(&mut self, seq: &InstrSeq, slot: usize) {
        let instr = &mut self.code[slot];
        let class = self.classes.of(instr.op);
        if class.any(Class::JUMP.with(Class::PUSH)) {
            instr.arg = self.targets[seq.labels[instr.arg as usize] as usize];
            if class.any(Class::PUSH) {
                self.blocks[instr.arg as usize].handler = true;
            }
        }
    }
}
