//! One numbering for locals, cells and free variables, and the instructions that a unit starts with
//! (CPython: `prepare_localsplus`).

use super::Unit;
use crate::code::flags;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::{Graph, NONE};
use crate::compile::ir::Instr;
use crate::compile::recipe::GeneratorStart;
use crate::compile::recipe::cfg::GeneratorEntry;
use crate::source::Location;
use crate::target::Op;
use std::hint::select_unpredictable;

/// Argument of `GET_ITER`: for `yield from` (3.15).
const GET_ITER_YIELD_FROM: u32 = 1;
/// Flag in it: coroutines are refused.
const GET_ITER_NO_COROUTINE: u32 = 2;

/// Inserts the prefix, and lets each instruction that names a cell or free variable name its place.
#[inline(never)]
pub(in crate::compile::cfg) fn prepare_localsplus(unit: &mut Unit) {
    let meta = &*unit.meta;
    let (locals, cells, frees) = (meta.varnames.len(), meta.cellvars.len(), meta.freevars.len());
    let generator = match unit.recipe.generator_start {
        GeneratorStart::InGraph => meta.is_generator(),
        GeneratorStart::InCodegen => {
            if meta.flags & flags::GENERATOR != 0 {
                refuse_coroutines(unit.g);
            }
            false
        }
    };
    if cells + frees == 0 && !generator {
        return;
    }
    // Where each cell and free variable stands: a cell that is a local, too, in the local's place.
    let places = &mut unit.work.numbers;
    places.clear();
    places.extend((0..cells + frees).map(|i| (locals + i) as u32));
    if locals != 0 {
        for (place, cell) in places.iter_mut().zip(&meta.cellvars) {
            if let Some(local) = meta.varnames.iter().position(|name| name == cell) {
                *place = local as u32;
            }
        }
    }
    let prefix = &mut unit.work.instrs;
    prefix.clear();
    if frees != 0 {
        prefix.push(Instr::new(Op::CopyFreeVars, frees as u32, Location::NONE));
    }
    let first_cell = prefix.len();
    prefix.extend((0..cells as u32).map(|cell| Instr::new(Op::MakeCell, cell, Location::NONE)));
    prefix[first_cell..].sort_unstable_by_key(|make| places[make.arg as usize]);
    if generator {
        let loc = Location { line: meta.firstlineno, end_line: meta.firstlineno, col: -1, end_col: -1 };
        prefix.push(Instr::new(Op::ReturnGenerator, 0, loc));
        let loc = match unit.recipe.generator_entry {
            GeneratorEntry::ValueAtEntry => Location::NONE,
            GeneratorEntry::ValueAfterReturn => loc,
        };
        prefix.push(Instr::new(Op::PopTop, 0, loc));
    }
    unit.g.insert(0, 0, prefix);
    unit.g.note(0, Class::CELL.with(Class::POP).with(Class::NO_LINE));
    if cells + frees != 0 {
        close_gaps(places, locals as u32);
        fix_cell_offsets(unit);
    }
}

/// `yield from` takes no coroutine, unless it is in one, where it is an error in the source.
fn refuse_coroutines(g: &mut Graph) {
    let mut block = 0;
    while block != NONE {
        for instr in g.instrs_mut(block) {
            if instr.op == Op::GetIter && instr.arg == GET_ITER_YIELD_FROM {
                instr.arg |= GET_ITER_NO_COROUTINE;
            }
        }
        block = g.blocks[block as usize].next;
    }
}

/// Cells that stand in a local's place leave no gap among the others.
fn close_gaps(places: &mut [u32], locals: u32) {
    let mut dropped = 0;
    for (i, place) in places.iter_mut().enumerate() {
        if *place == i as u32 + locals {
            *place -= dropped;
        } else {
            dropped += 1;
        }
    }
}

fn fix_cell_offsets(unit: &mut Unit) {
    let classes = unit.g.classes;
    let places = &unit.work.numbers;
    let mut block = 0;
    while block != NONE {
        let names_cells = unit.g.blocks[block as usize].summary.any(Class::CELL);
        for instr in if names_cells { unit.g.instrs_mut(block) } else { &mut [] } {
            // Which instructions name cells is hard to foresee.
            let place = places.get(instr.arg as usize).copied().unwrap_or(0);
            instr.arg = select_unpredictable(classes.of(instr.op).any(Class::CELL), place, instr.arg);
        }
        block = unit.g.blocks[block as usize].next;
    }
}
