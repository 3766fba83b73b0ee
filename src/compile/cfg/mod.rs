//! The control-flow graph of a unit: built from code generation's sequence, optimised, laid out
//! (CPython: `Python/flowgraph.c`).
//!
//! Blocks are joined by numbers; the order of their list is the order of the bytecode. Passes run in the order
//! of the target's recipe and mirror CPython's one for one, because what one leaves behind (a `NOP` for its
//! line, a handler in a freed slot) decides what the next does. Sizes and offsets are
//! [`assemble`](super::assemble)'s business.

pub(super) mod class;
mod constants;
mod graph;
mod passes;
#[cfg(debug_assertions)]
mod verify;

use super::consts::ConstPool;
use super::ir::{Instr, InstrSeq, UnitMeta};
use super::recipe::cfg::{CfgFolding, CfgPass, CfgRecipe, EndAsyncFor, PopBlocks};
use crate::target::{ComplexRules, Op, OpTable, Target};
use class::{Class, Classes};
pub(super) use constants::is_true;
use graph::{Block, BlockId, Graph, NONE};
use passes::{Effects, Moves, Unit, Work};

/// Memory and choices for the units of one target.
pub(super) struct Optimizer {
    graph: Graph,
    work: Work,
    recipe: CfgRecipe,
    table: &'static OpTable,
    effects: Effects,
    moves: Moves,
    complex: ComplexRules,
}

/// A block of the finished layout.
pub(super) struct Laid<'g> {
    /// Its number.
    pub number: BlockId,
    /// Its instructions: real ones, and unconditional jumps without a direction.
    pub instrs: &'g [Instr],
}

impl Optimizer {
    pub fn new(target: Target, recipe: CfgRecipe) -> Self {
        let end_async_for_jumps = match recipe.end_async_for {
            EndAsyncFor::Plain => false,
            EndAsyncFor::NamesSend => true,
        };
        let folds = match recipe.folding {
            CfgFolding::Tuples => false,
            CfgFolding::All => true,
        };
        let pop_blocks_stay = match recipe.pop_blocks {
            PopBlocks::Kept => true,
            PopBlocks::Nops => false,
        };
        let classes = Classes::new(end_async_for_jumps, folds, pop_blocks_stay);
        Optimizer {
            graph: Graph::new(classes, &recipe),
            work: Work::default(),
            recipe,
            table: target.version.ops(),
            effects: Effects::new(target.version.ops()),
            moves: Moves::new(target.version.ops(), classes, recipe.iterator_slots),
            complex: target.complex_rules(),
        }
    }

    /// Optimises a unit; `meta.consts` gains and loses constants. The layout is in [`Optimizer::layout`]
    /// until the next call; the result is the depth of the stack.
    pub fn optimize(&mut self, seq: &mut InstrSeq, meta: &mut UnitMeta, pool: &mut ConstPool) -> u32 {
        self.run(seq, meta, pool, |_| true)
    }

    /// Runs what CPython's `_testinternalcapi.optimize_cfg` runs: everything but the last steps, which need
    /// to know of cells and free variables. Arguments of jumps are numbers of instructions in the result.
    pub fn optimize_only(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        pool: &mut ConstPool,
    ) -> Vec<Instr> {
        let last_steps = [
            CfgPass::ConvertPseudoConditionalJumps,
            CfgPass::PrepareLocalsplus,
            CfgPass::ConvertPseudoOps,
            CfgPass::NormalizeJumps,
            CfgPass::ResolveNextLocations,
        ];
        self.run(seq, meta, pool, |pass| !last_steps.contains(&pass));
        let mut first = vec![0; self.block_count()];
        let mut count = 0;
        for block in self.layout() {
            first[block.number as usize] = count;
            count += block.instrs.len() as u32;
        }
        let classes = self.graph.classes;
        self.layout()
            .flat_map(|block| block.instrs)
            .map(|&Instr { op, arg, loc, .. }| {
                let arg = if classes.has_target(op) { first[arg as usize] } else { arg };
                Instr::new(op, arg, loc)
            })
            .collect()
    }

    fn run(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        pool: &mut ConstPool,
        filter: impl Fn(CfgPass) -> bool,
    ) -> u32 {
        let cropped = self.graph.build(seq);
        // The first constant stays, whatever it is.
        if cropped && meta.last_const_is_for_end && meta.consts.len() > 1 {
            meta.consts.pop();
        }
        let mut unit = Unit {
            g: &mut self.graph,
            meta,
            pool,
            work: &mut self.work,
            recipe: &self.recipe,
            table: self.table,
            effects: &self.effects,
            moves: &self.moves,
            complex: self.complex,
            stackdepth: 0,
        };
        passes::run(&mut unit, filter);
        unit.stackdepth
    }

    /// The blocks in their final order. Arguments of jumps, and handlers, are numbers of blocks.
    pub fn layout(&self) -> impl Iterator<Item = Laid<'_>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let number = next;
            if number == NONE {
                return None;
            }
            next = self.graph.blocks[number as usize].next;
            Some(Laid { number, instrs: self.graph.instrs(number) })
        })
    }

    /// The number of the label that a block was made for, as CPython counts them; 0 where it was made later.
    pub fn label_of(&self, block: BlockId) -> u32 {
        self.graph.label_of.get(block as usize).copied().unwrap_or(0)
    }

    /// How many blocks there ever were: numbers are below that.
    pub fn block_count(&self) -> usize {
        self.graph.blocks.len()
    }

    /// The depth of the stack where `handler` starts, and whether it wants the offset of what raised.
    pub fn handler(&self, handler: BlockId) -> (u32, bool) {
        let Block { startdepth, preserve_lasti, .. } = self.graph.blocks[handler as usize];
        (startdepth.max(0) as u32, preserve_lasti)
    }

    /// Which of a block's instructions is a jump: the last, or the one before the mark of the way not taken.
    #[inline]
    pub fn jump_index(&self, instrs: &[Instr]) -> Option<usize> {
        let is_jump = |instr: &Instr| self.graph.classes.of(instr.op).any(Class::JUMP);
        match instrs {
            [.., last] if is_jump(last) => Some(instrs.len() - 1),
            [.., jump, mark] if mark.op == Op::NotTaken && is_jump(jump) => Some(instrs.len() - 2),
            _ => None,
        }
    }
}
