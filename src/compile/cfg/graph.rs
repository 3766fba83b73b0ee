//! The control-flow graph: blocks in a list, instructions in one arena.
//!
//! Blocks and instructions are numbers into vectors that are reused from unit to unit. Each block owns a run
//! of slots in the arena. Like CPython's blocks (`Python/flowgraph.c`, `basicblock`), a block that loses
//! instructions keeps what stood in the slots behind its end, and an instruction that is appended later
//! inherits the *handler* that the slot last had: CPython's `basicblock_addop` does not set it, which shows
//! in exception tables.

use super::class::{Class, Classes};
use crate::compile::ir::Words;
use crate::compile::ir::{Instr, InstrSeq};
use crate::compile::recipe::cfg::{BlockStarts, CfgPass, CfgRecipe, NoLine, NopLines};
use crate::source::Location;
use crate::target::Op;

/// Number of a block.
pub(super) type BlockId = u32;

/// "No block".
pub(super) const NONE: BlockId = u32::MAX;

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
    /// Stack depth at entry; the least number until known.
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
    /// `label_exception_targets` was there, or will be.
    pub labelled: bool,
    /// `remove_unreachable` was there before anything led there.
    pub passed: bool,
    /// `check_unbound_locals` was there and has learnt nothing since.
    pub scanned: bool,
    /// `normalize_jumps` was there.
    pub normalized: bool,
    /// `optimize_load_fast` was there, or will be.
    pub lent: bool,
    /// Only reached through exceptions.
    pub cold: bool,
    /// Reached without exceptions.
    pub warm: bool,
    /// At least the properties of all its instructions: whoever makes one adds to it.
    pub summary: Class,
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
            startdepth: i32::MIN,
            scratch: NONE,
            unsafe_locals: 0,
            label: false,
            preserve_lasti: false,
            handler: false,
            labelled: false,
            passed: false,
            scanned: false,
            normalized: false,
            lent: false,
            cold: false,
            warm: false,
            summary: Class::NONE,
        }
    }
}

/// A control-flow graph. Block 0 is the entry.
pub(super) struct Graph {
    /// The blocks, in the order in which they were made; program order is by [`Block::next`].
    pub blocks: Vec<Block>,
    /// The arena of instructions.
    pub code: Vec<Instr>,
    /// Questions about operations.
    pub classes: Classes,
    /// Which labels start a block.
    block_starts: BlockStarts,
    /// Which line a `NOP` at the end of a block must differ from.
    pub nop_lines: NopLines,
    /// Where all do: by block, the last of its labels, counted from 1.
    pub label_of: Vec<u32>,
    /// Blocks in the order in which CPython walks through all, where that is not program order (3.11).
    pub last_made_first: Vec<BlockId>,
    /// At least the properties of all instructions.
    pub summary: Class,
    /// Does any instruction open a guarded region?
    pub has_handlers: bool,
    /// May an instruction whose argument was a constant have gone, or got another?
    pub const_lost: bool,
    /// May there be other ways between blocks than those that `remove_unreachable` last followed?
    pub edges_changed: bool,
    /// Is there no redundant `NOP` or jump since the last search for them? Whoever makes or empties a block,
    /// moves one or changes a target says that there may be.
    pub settled: bool,
    /// Which instructions take over the line of the one before them as soon as there are blocks; none where passes
    /// before `resolve_line_numbers` ask for lines.
    early_lines: Option<NoLine>,
    /// For [`Graph::build`]: by instruction, whether and why a block starts there.
    starts: Vec<u8>,
    /// For [`Graph::build`]: by instruction with a label, its block.
    block_at: Vec<BlockId>,
}

/// In `Graph::starts`: a jump or handler leads there.
const LABEL: u8 = 1;
/// In `Graph::starts`: what stands before it ends a block.
const AFTER_END: u8 = 2;

/// Does no pass before `resolve_line_numbers` ask for more than whether a block has any line?
fn lines_come_first(passes: &[CfgPass]) -> bool {
    let asks = |pass: &&CfgPass| {
        use CfgPass::{InlineSmallOrNoLinenoBlocks, LabelExceptionTargets, RemoveUnreachable};
        !matches!(pass, LabelExceptionTargets | InlineSmallOrNoLinenoBlocks | RemoveUnreachable)
    };
    passes.iter().find(asks) == Some(&CfgPass::ResolveLineNumbers)
}

/// What stands before the first instruction of a block, which may have a label.
#[inline(always)]
fn before(label: bool) -> Class {
    [Class::BEFORE, Class::NONE][usize::from(label)]
}

impl Graph {
    pub fn new(classes: Classes, recipe: &CfgRecipe) -> Self {
        Graph {
            blocks: Vec::new(),
            code: Vec::new(),
            classes,
            block_starts: recipe.block_starts,
            nop_lines: recipe.nop_lines,
            label_of: Vec::new(),
            last_made_first: Vec::new(),
            summary: Class::NONE,
            has_handlers: false,
            const_lost: false,
            edges_changed: true,
            settled: false,
            early_lines: lines_come_first(recipe.passes).then_some(recipe.no_line),
            starts: Vec::new(),
            block_at: Vec::new(),
        }
    }

    /// Notes that `block` has instructions of these properties now.
    #[inline]
    pub fn note(&mut self, block: BlockId, class: Class) {
        let summary = &mut self.blocks[block as usize].summary;
        *summary = summary.with(class);
        self.summary = self.summary.with(class);
        self.settled &= !class.any(Class::NOP.with(Class::JUMP));
    }

    /// The instructions of `block`.
    #[inline]
    pub fn instrs(&self, block: BlockId) -> &[Instr] {
        let block = &self.blocks[block as usize];
        &self.code[block.start as usize..(block.start + block.len) as usize]
    }

    /// The instructions of `block`.
    #[inline]
    pub fn instrs_mut(&mut self, block: BlockId) -> &mut [Instr] {
        let block = &self.blocks[block as usize];
        &mut self.code[block.start as usize..(block.start + block.len) as usize]
    }

    /// The last instruction of `block`.
    #[inline]
    pub fn last(&self, block: BlockId) -> Option<&Instr> {
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
            let filler = Instr::new(Op::Nop, 0, Location::NONE);
            self.code.resize((old.start + cap) as usize, filler);
            self.blocks[block as usize].cap = cap;
            return;
        }
        let start = self.code.len() as u32;
        let cap = (old.len + more) + (old.len + more) / 2;
        self.code.extend_from_within(old.start as usize..(old.start + old.high) as usize);
        self.code.resize((start + cap) as usize, Instr::new(Op::Nop, 0, Location::NONE));
        let block = &mut self.blocks[block as usize];
        block.start = start;
        block.cap = cap;
    }

    /// Appends an instruction, whose handler is the one that its slot last had.
    pub fn append(&mut self, block: BlockId, op: Op, arg: u32, loc: Location) {
        self.reserve(block, 1);
        let b = &mut self.blocks[block as usize];
        let slot = (b.start + b.len) as usize;
        let handler = if b.len < b.high { self.code[slot].handler } else { NONE };
        self.code[slot] = Instr { op, arg, handler, loc };
        b.len += 1;
        b.high = b.high.max(b.len);
        self.note(block, self.classes.of(op).with(Class::of_line(loc.line)));
    }

    /// Appends the instructions of `from` to `to`, handlers and all.
    pub fn append_all(&mut self, to: BlockId, from: BlockId) {
        let Block { len: count, summary, .. } = self.blocks[from as usize];
        self.reserve(to, count);
        let source = self.blocks[from as usize].start as usize;
        let b = &mut self.blocks[to as usize];
        b.summary = b.summary.with(summary);
        let place = (b.start + b.len) as usize;
        self.code.copy_within(source..source + count as usize, place);
        b.len += count;
        b.high = b.high.max(b.len);
    }

    /// Takes `count` instructions out of `block`, from the one at `at` on, which may be done where the first that stays
    /// is on the line of all those that go: as `NOP`s they would go later. Only where no instruction has a handler it
    /// makes no difference to what is appended whether that has happened; elsewhere nothing is done.
    pub fn take_out(&mut self, block: BlockId, at: u32, count: u32) -> bool {
        if self.has_handlers {
            return false;
        }
        let Block { start, len, .. } = self.blocks[block as usize];
        let from = (start + at) as usize;
        for slot in from..(start + len - count) as usize {
            self.code[slot] = self.code[slot + count as usize];
        }
        self.blocks[block as usize].len = len - count;
        // What has become neighbours.
        let before = match at {
            0 => Class::BEFORE,
            _ => self.classes.of(self.code[from - 1].op),
        };
        self.note(block, self.classes.of(self.code[from].op).behind(before));
        true
    }

    /// Inserts `instrs` before the instruction at `at`.
    pub fn insert(&mut self, block: BlockId, at: u32, instrs: &[Instr]) {
        self.reserve(block, instrs.len() as u32);
        let b = &mut self.blocks[block as usize];
        let place = (b.start + at) as usize;
        self.code.copy_within(place..(b.start + b.len) as usize, place + instrs.len());
        self.code[place..place + instrs.len()].copy_from_slice(instrs);
        b.len += instrs.len() as u32;
        b.high = b.high.max(b.len);
    }

    /// Cuts the sequence into blocks (CPython: `_PyCfg_FromInstructionSequence`). Labels must be placed
    /// before an instruction. The sequence's instructions become the arena, and it gets the old arena's
    /// memory.
    ///
    /// The result says whether the sequence ended with a `return None` that nothing leads to, as it does behind the
    /// `return` that many functions end with: it is left out.
    pub fn build(&mut self, seq: &mut InstrSeq) -> bool {
        while let Some(placeholder) = self.find_starts(seq) {
            seq.place_annotations(placeholder);
        }
        let cropped = self.has_dead_end(seq);
        if cropped {
            seq.drop_last_two();
        }
        std::mem::swap(&mut self.code, &mut seq.instrs);
        seq.instrs.clear();
        self.cut();
        self.resolve_targets(seq);
        self.has_handlers = self.summary.any(Class::PUSH);
        self.const_lost = false;
        self.edges_changed = true;
        self.settled = false;
        cropped
    }

    /// Is the last block a `return None`, and does nothing lead there, for lack of a label? A later pass would remove
    /// it, but for releases whose labels all count.
    fn has_dead_end(&self, seq: &InstrSeq) -> bool {
        let [.., before, load, end] = &seq.instrs[..] else { return false };
        (load.op == Op::LoadConst)
            & (end.op == Op::ReturnValue)
            & self.classes.never_falls_through(before.op)
            & (self.starts[seq.instrs.len() - 2] & LABEL == 0)
            && match self.block_starts {
                BlockStarts::Labels => false,
                BlockStarts::Targets => true,
            }
    }

    /// Finds where blocks start; or a placeholder.
    fn find_starts(&mut self, seq: &InstrSeq) -> Option<usize> {
        let count = seq.instrs.len();
        self.starts.clear();
        self.starts.resize(count + 1, 0);
        self.starts[count] = AFTER_END;
        match self.block_starts {
            BlockStarts::Labels => {
                for &place in &seq.labels {
                    if let Some(start) = self.starts.get_mut(place as usize) {
                        *start |= LABEL;
                    }
                }
            }
            BlockStarts::Targets => {}
        }
        for &mark in seq.marks() {
            let Instr { op, arg, .. } = seq.instrs[mark as usize];
            let class = self.classes.of(op);
            if class.any(Class::PLACEHOLDER) {
                return Some(mark as usize);
            }
            if class.any(Class::TARGET) {
                self.starts[seq.labels[arg as usize] as usize] |= LABEL;
            }
            if class.any(Class::ENDS_BLOCK) {
                self.starts[mark as usize + 1] |= AFTER_END;
            }
        }
        None
    }

    /// Makes the blocks.
    fn cut(&mut self) {
        match self.early_lines {
            None => self.cut_where(|_| false),
            Some(NoLine::AnyNegative) => self.cut_where(|line| NoLine::AnyNegative.holds(line)),
            Some(NoLine::NoneOnly) => self.cut_where(|line| NoLine::NoneOnly.holds(line)),
        }
    }

    /// Makes the blocks. Within a block, an instruction takes over the location of the one before it where
    /// `lacks_line` says so of its line: what `resolve_line_numbers` does first of all, for a sweep less.
    #[inline(always)]
    fn cut_where(&mut self, lacks_line: impl Fn(i32) -> bool) {
        let Graph { blocks, starts, block_at, classes, .. } = self;
        let (code, classes) = (&mut self.code[..], *classes);
        let count = code.len();
        blocks.clear();
        // What is left of an earlier unit is never read: every label starts a block.
        if block_at.len() < count {
            block_at.resize(count, NONE);
        }
        let mut start = 0;
        let (mut summary, mut previous, mut all) = (Class::NONE, before(starts[0] & LABEL != 0), Class::NONE);
        let mut last = Words::of(Location::NONE);
        for (i, (instr, &starts_next)) in code.iter_mut().zip(&starts[1..]).enumerate() {
            // Which instructions lack a line is hard to foresee.
            last = last.or(Words::of(instr.loc), lacks_line(instr.loc.line));
            instr.loc = last.location();
            let class = classes.of(instr.op).with(Class::of_line(instr.loc.line));
            summary = summary.with(class.behind(previous));
            previous = class;
            if starts_next == 0 {
                continue;
            }
            let end = i + 1;
            let number = blocks.len() as u32;
            let len = (end - start) as u32;
            blocks.push(Block {
                len,
                cap: len,
                high: len,
                next: if end == count { NONE } else { number + 1 },
                label: starts[start] & LABEL != 0,
                summary,
                ..Block::new(start as u32)
            });
            block_at[start] = number;
            all = all.with(summary);
            (start, summary, previous) = (end, Class::NONE, before(starts_next & LABEL != 0));
            last = Words::of(Location::NONE);
        }
        self.summary = all;
    }

    /// Puts the blocks in the order in which CPython made them, last ones first: each label is one, made with it, and
    /// so is what follows the end of a block without a label, when its first instruction comes.
    fn order_by_birth(&mut self, seq: &InstrSeq) {
        let mut keys: Vec<(u32, bool, u32)> =
            self.blocks.iter().map(|block| (block.start, true, 0)).collect();
        for &label in &seq.starts {
            let place = seq.labels[label.0 as usize] as usize;
            if place < self.code.len()
                && let Some(key) = keys.get_mut(self.block_at[place] as usize)
            {
                *key = (seq.births[label.0 as usize], false, label.0);
            }
        }
        keys[0] = (0, false, 0);
        self.last_made_first.extend(0..self.blocks.len() as u32);
        self.last_made_first.sort_unstable_by_key(|&block| std::cmp::Reverse(keys[block as usize]));
    }

    fn number_labels(&mut self, seq: &InstrSeq) {
        self.last_made_first.clear();
        if !seq.births.is_empty() {
            self.order_by_birth(seq);
        }
        self.label_of.clear();
        self.label_of.resize(self.blocks.len(), 0);
        for (number, &place) in (1..).zip(&seq.labels) {
            if let Some(&block) = self.block_at.get(place as usize)
                && (place as usize) < self.code.len()
            {
                self.label_of[block as usize] = number;
            }
        }
    }

    /// Replaces labels by blocks, and marks where handlers start.
    fn resolve_targets(&mut self, seq: &InstrSeq) {
        match self.block_starts {
            BlockStarts::Labels => self.number_labels(seq),
            BlockStarts::Targets => {}
        }
        for &mark in seq.marks() {
            let instr = &mut self.code[mark as usize];
            let class = self.classes.of(instr.op);
            if class.any(Class::TARGET) {
                instr.arg = self.block_at[seq.labels[instr.arg as usize] as usize];
                self.blocks[instr.arg as usize].handler |= class.any(Class::PUSH);
            }
        }
    }
}
