//! Blocks of instructions, as code generation made them, and the depth of the stack.

use crate::compile::ir::InstrSeq;
use crate::target::{Op, OpTable};

/// No block.
pub(super) const NONE: u32 = u32::MAX;

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ins {
    pub op: Op,
    pub arg: u32,
    /// Where it jumps to, or the handler that it sets up; [`NONE`].
    pub target: u32,
    /// 0 or negative: none.
    pub line: i32,
}

impl Ins {
    pub fn set(&mut self, op: Op, arg: u32) {
        self.op = op;
        self.arg = arg;
    }

    /// Turns it into a `NOP`. As in CPython, what it had as an argument stays, and is written if the `NOP` is.
    pub fn nop(&mut self) {
        self.op = Op::Nop;
        self.target = NONE;
    }
}

/// A block.
#[derive(Default, Debug)]
pub(super) struct Block {
    pub instrs: Vec<Ins>,
    /// The next one in the code; [`NONE`] at the end.
    pub next: u32,
    /// Does it end by returning or raising?
    pub exit: bool,
    /// Does control never run into the next block?
    pub no_fallthrough: bool,
    pub predecessors: u32,
    pub startdepth: i32,
    /// In code units.
    pub offset: u32,
    pub visited: bool,
}

/// The blocks of a unit. The first one is the entry.
#[derive(Default)]
pub(super) struct Blocks {
    /// With memory for more of them than are in use.
    all: Vec<Block>,
    count: usize,
    /// Numbers of blocks, last made first (`u_blocks`).
    pub newest_first: Vec<u32>,
    block_of_label: Vec<u32>,
    effects: Option<&'static OpTable>,
    todo: Vec<u32>,
}

impl Blocks {
    /// Cuts the sequence where labels are placed.
    pub fn build(&mut self, seq: &mut InstrSeq, table: &'static OpTable) {
        self.effects = Some(table);
        self.block_of_label.clear();
        self.block_of_label.resize(seq.labels.len(), NONE);
        for (number, label) in seq.starts.iter().enumerate() {
            self.block_of_label[label.0 as usize] = number as u32;
        }
        self.count = 0;
        for (number, label) in seq.starts.iter().enumerate() {
            let start = seq.labels[label.0 as usize] as usize;
            let next = seq.starts.get(number + 1);
            let end = next.map_or(seq.instrs.len(), |next| seq.labels[next.0 as usize] as usize);
            let targets = &self.block_of_label;
            let instrs = seq.instrs[start..end].iter().map(|instr| {
                let jumps = table.info(instr.op).has_jump();
                let (arg, target) = if jumps { (0, targets[instr.arg as usize]) } else { (instr.arg, NONE) };
                Ins { op: instr.op, arg, target, line: instr.loc.line }
            });
            if number == self.all.len() {
                self.all.push(Block::default());
            }
            let block = &mut self.all[number];
            block.instrs.clear();
            block.instrs.extend(instrs);
            block.next = if next.is_some() { number as u32 + 1 } else { NONE };
            block.exit = false;
            block.no_fallthrough = false;
            block.predecessors = 0;
            block.visited = false;
            self.count += 1;
        }
        // Labels are numbered as they are made; those that were never placed are no blocks.
        self.newest_first.clear();
        self.newest_first.extend(self.block_of_label.iter().rev().filter(|&&block| block != NONE));
        seq.instrs.clear();
    }

    pub fn get(&self, number: u32) -> &Block {
        &self.all[number as usize]
    }

    pub fn get_mut(&mut self, number: u32) -> &mut Block {
        &mut self.all[number as usize]
    }

    /// A copy of a block, linked nowhere yet.
    pub fn copy(&mut self, number: u32) -> u32 {
        if self.count == self.all.len() {
            self.all.push(Block::default());
        }
        let copy = self.count;
        self.count += 1;
        let [from, to] = self.all.get_disjoint_mut([number as usize, copy]).unwrap_or_else(|_| {
            // A block is never its own copy: the copy is behind all blocks in use.
            unreachable!("copy of block {number}")
        });
        to.instrs.clear();
        to.instrs.extend_from_slice(&from.instrs);
        to.next = NONE;
        to.exit = from.exit;
        to.no_fallthrough = true;
        to.predecessors = 1;
        to.visited = false;
        copy as u32
    }

    /// The numbers of the blocks in the order of the code.
    pub fn chain(&self, out: &mut Vec<u32>) {
        out.clear();
        let mut number = 0;
        while number != NONE {
            out.push(number);
            number = self.get(number).next;
        }
    }

    /// The line of the first instruction of the entry; 1 if it has none.
    pub fn first_line(&self) -> i32 {
        match self.all[0].instrs.first() {
            Some(first) if first.line > 0 => first.line,
            _ => 1,
        }
    }

    /// The first block from `number` on that has instructions.
    pub fn skip_empty(&self, mut number: u32) -> u32 {
        while self.get(number).instrs.is_empty() && self.get(number).next != NONE {
            number = self.get(number).next;
        }
        number
    }

    /// The depth that the code needs, if it starts with `entry` values on the stack (`stackdepth`).
    pub fn stackdepth(&mut self, entry: i32) -> u32 {
        /// A block is not visited again at a depth beyond this.
        const LIMIT: i32 = 100;
        let Some(table) = self.effects else { return 0 };
        for block in &mut self.all[..self.count] {
            block.startdepth = i32::MIN;
        }
        let mut todo = std::mem::take(&mut self.todo);
        todo.clear();
        self.all[0].startdepth = entry;
        todo.push(0);
        let mut most = 0;
        while let Some(number) = todo.pop() {
            let mut depth = self.get(number).startdepth;
            let mut next = self.get(number).next;
            for at in 0..self.get(number).instrs.len() {
                let ins = self.get(number).instrs[at];
                let after = depth + table.effect(ins.op, ins.arg, false);
                most = most.max(after);
                if ins.target != NONE {
                    let there = depth + table.effect(ins.op, ins.arg, true);
                    most = most.max(there);
                    if ins.op != Op::CallFinally {
                        let target = self.get_mut(ins.target);
                        if target.startdepth < there && target.startdepth < LIMIT {
                            target.startdepth = there;
                            todo.push(ins.target);
                        }
                    }
                }
                depth = after;
                if ends_flow(ins.op) {
                    next = NONE;
                    break;
                }
            }
            if next != NONE {
                let block = self.get_mut(next);
                if block.startdepth < depth && block.startdepth < LIMIT {
                    block.startdepth = depth;
                    todo.push(next);
                }
            }
        }
        self.todo = todo;
        most.max(0) as u32
    }
}

/// Is what follows in the block dead?
fn ends_flow(op: Op) -> bool {
    matches!(op, Op::JumpAbsolute | Op::JumpForward | Op::ReturnValue | Op::RaiseVarargs | Op::Reraise)
}
