//! Constants that no instruction loads any more go (CPython: `remove_unused_consts`).

use super::Unit;
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::NONE;

/// A constant that is not used.
const UNUSED: u32 = u32::MAX;

/// Removes unused constants, all but the first: that may be a docstring.
#[inline(never)]
pub(in crate::compile::cfg) fn remove_unused_consts(unit: &mut Unit) {
    let consts = &mut unit.meta.consts;
    let all_used = unit.meta.consts_are_used && !unit.g.const_lost;
    if consts.len() <= 1 || (all_used && !cfg!(debug_assertions)) {
        return;
    }
    let places = &mut unit.work.numbers;
    // One more than there are, for what is no load.
    let nothing = consts.len();
    places.clear();
    places.resize(nothing + 1, UNUSED);
    places[0] = 0;
    let g = &mut *unit.g;
    let classes = g.classes;
    let mut block = 0;
    while block != NONE {
        let loads = g.blocks[block as usize].summary.any(Class::CONST);
        for instr in if loads { g.instrs(block) } else { &[] } {
            // Which instructions are loads is hard to foresee.
            let load = usize::from(classes.of(instr.op).any(Class::CONST));
            places[load * instr.arg as usize + (1 - load) * nothing] = 0;
        }
        block = g.blocks[block as usize].next;
    }
    let used = places[..nothing].iter().filter(|&&place| place != UNUSED).count();
    if used == consts.len() {
        return;
    }
    debug_assert!(!all_used, "an unused constant");
    // The last one is often the only one: the `None` of a return that nothing reaches.
    if places[..used].iter().all(|&place| place != UNUSED) {
        consts.truncate(used);
        return;
    }
    let mut next = 0;
    for (index, place) in places[..nothing].iter_mut().enumerate() {
        if *place != UNUSED {
            *place = next;
            consts[next as usize] = consts[index];
            next += 1;
        }
    }
    consts.truncate(used);
    let mut block = 0;
    while block != NONE {
        let loads = g.blocks[block as usize].summary.any(Class::CONST);
        for instr in if loads { g.instrs_mut(block) } else { &mut [] } {
            if classes.of(instr.op).any(Class::CONST) {
                instr.arg = places[instr.arg as usize];
            }
        }
        block = g.blocks[block as usize].next;
    }
}

/// Removes what is behind the last constant that is used, all but the first (3.11).
#[inline(never)]
pub(in crate::compile::cfg) fn trim_unused_consts(unit: &mut Unit) {
    let g = &*unit.g;
    let mut last = 0;
    let mut block = 0;
    while block != NONE {
        for instr in g.instrs(block) {
            if matches!(instr.op, crate::target::Op::LoadConst | crate::target::Op::KwNames) {
                last = last.max(instr.arg);
            }
        }
        block = g.blocks[block as usize].next;
    }
    unit.meta.consts.truncate(last as usize + 1);
}
