//! The passes, one file each or per family; [`run`] runs those that the recipe lists.
//!
//! A pass keeps the graph well-formed (`super::verify` says what that means and, in debug builds, checks it
//! after each pass). A pass that makes a `NOP` marks the block, so that others can pass over blocks without.

mod arith;
mod blocks;
mod borrow;
mod cold;
mod early;
mod exceptions;
mod fold;
mod inline_exits;
mod jumps;
mod lines;
mod load_const;
mod locals;
mod localsplus;
mod nops;
mod pseudo;
mod stackdepth;
mod superinstructions;
mod swaps;
mod unreachable;
mod unused_consts;

pub(super) use borrow::Moves;
pub(super) use stackdepth::Effects;

use super::graph::{BlockId, Graph, NONE};
use crate::code::ObjectId;
use crate::compile::consts::ConstPool;
use crate::compile::ir::Instr;
use crate::compile::ir::UnitMeta;
use crate::compile::recipe::cfg::{CfgPass, CfgRecipe, GeneratorEntry};
use crate::target::{ComplexRules, OpTable};

/// Memory that passes reuse.
#[derive(Default)]
pub(super) struct Work {
    /// Blocks to visit.
    todo: Vec<BlockId>,
    /// What [`Found`] writes to; only ever grows.
    found: Vec<BlockId>,
    handler_stacks: Vec<exceptions::HandlerStack>,
    numbers: Vec<u32>,
    instrs: Vec<Instr>,
    slots: Vec<usize>,
    values: Vec<ObjectId>,
    refs: Vec<borrow::Ref>,
}

/// Blocks that a pass has found something to do in, none of them twice. Whether one is among them is hard to foresee, so
/// it is put down in any case, and counts only if it is.
struct Found<'f> {
    blocks: &'f mut [BlockId],
    len: usize,
}

impl<'f> Found<'f> {
    /// Room for the blocks of `g`.
    fn new(g: &Graph, memory: &'f mut Vec<BlockId>) -> Self {
        if memory.len() < g.blocks.len() {
            memory.resize(g.blocks.len(), NONE);
        }
        Found { blocks: memory, len: 0 }
    }

    /// `block` is one if `counts`.
    #[inline(always)]
    fn push(&mut self, block: BlockId, counts: bool) {
        if let Some(place) = self.blocks.get_mut(self.len) {
            *place = block;
        }
        self.len += usize::from(counts);
    }

    /// All of them, in the order in which they came.
    fn all(&self) -> &[BlockId] {
        &self.blocks[..self.len]
    }
}

/// A unit on its way through the passes.
pub(super) struct Unit<'u, 'a> {
    pub g: &'u mut Graph,
    pub meta: &'u mut UnitMeta,
    pub pool: &'u mut ConstPool<'a>,
    pub work: &'u mut Work,
    pub recipe: &'u CfgRecipe,
    pub table: &'static OpTable,
    pub effects: &'u Effects,
    pub moves: &'u Moves,
    pub complex: ComplexRules,
    /// What `CalculateStackdepth` found.
    pub stackdepth: u32,
}

/// Runs those of the recipe's passes that `filter` lets through.
pub(super) fn run(unit: &mut Unit, filter: impl Fn(CfgPass) -> bool) {
    for &pass in unit.recipe.passes.iter().filter(|&&pass| filter(pass)) {
        run_pass(unit, pass);
        #[cfg(debug_assertions)]
        super::verify::verify(unit.g, pass);
    }
}

fn run_pass(unit: &mut Unit, pass: CfgPass) {
    let g = &mut *unit.g;
    let work = &mut *unit.work;
    match pass {
        CfgPass::LabelExceptionTargets => exceptions::label_exception_targets(g, work, unit.recipe),
        CfgPass::InlineSmallOrNoLinenoBlocks => inline_exits::inline_small_or_no_lineno_blocks(g),
        CfgPass::RemoveUnreachable => unreachable::remove_unreachable(g, work),
        CfgPass::ResolveLineNumbers => {
            lines::resolve_line_numbers(g, work, unit.recipe.no_line, unit.recipe.line_copies);
        }
        CfgPass::OptimizeLoadConst => load_const::optimize_load_const(unit),
        CfgPass::OptimizeBasicBlocks => blocks::optimize_basic_blocks(unit),
        CfgPass::RemoveRedundantNopsAndPairs => nops::remove_redundant_nops_and_pairs(g),
        CfgPass::RemoveRedundantNopsAndJumps => nops::remove_redundant_nops_and_jumps(g, work),
        CfgPass::RemoveUnusedConsts => unused_consts::remove_unused_consts(unit),
        CfgPass::CheckUnboundLocals => {
            let (locals, parameters) = (unit.meta.varnames.len() as u32, unit.meta.parameters());
            locals::check_unbound_locals(g, work, locals, parameters);
        }
        CfgPass::InsertSuperinstructions => superinstructions::insert_superinstructions(g, work),
        CfgPass::PushColdBlocksToEnd => cold::push_cold_blocks_to_end(g, work, unit.recipe.cold_jumps),
        CfgPass::ConvertPseudoConditionalJumps => pseudo::convert_pseudo_conditional_jumps(g),
        CfgPass::CalculateStackdepth => {
            let at_entry = match unit.recipe.generator_entry {
                GeneratorEntry::ValueAtEntry => i32::from(unit.meta.is_generator()),
                GeneratorEntry::ValueAfterReturn => 0,
            };
            unit.stackdepth = stackdepth::calculate_stackdepth(g, work, unit.effects, at_entry);
        }
        CfgPass::PrepareLocalsplus => localsplus::prepare_localsplus(unit),
        CfgPass::ConvertPseudoOps => pseudo::convert_pseudo_ops(g, unit.recipe.closure_loads),
        CfgPass::NormalizeJumps => jumps::normalize_jumps(g, unit.recipe),
        CfgPass::OptimizeLoadFast => borrow::optimize_load_fast(unit),
        CfgPass::ResolveNextLocations => lines::resolve_next_locations(g, work),
        CfgPass::EliminateEmptyBasicBlocks => early::eliminate_empty_basic_blocks(g),
        CfgPass::InlineSmallExitBlocks => early::inline_small_exit_blocks(g, unit.recipe.exit_copies),
        CfgPass::OptimizeAndCleanBasicBlocks => early::optimize_and_clean_basic_blocks(unit),
        CfgPass::TrimUnusedConsts => unused_consts::trim_unused_consts(unit),
        CfgPass::OptimizeBasicBlocksInOrder => early::optimize_basic_blocks(unit),
        CfgPass::MarkReachable => early::mark_reachable(g, work),
        CfgPass::RemoveRedundantNops => {
            nops::remove_redundant_nops(g);
        }
        CfgPass::RemoveRedundantJumps => nops::remove_jumps_to_next(g),
        CfgPass::GuaranteeLinenoForExits => lines::guarantee_lineno_for_exits(g, unit.meta.firstlineno),
    }
}
