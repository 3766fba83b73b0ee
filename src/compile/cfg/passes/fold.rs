//! Constant folding in the control-flow graph (CPython 3.14: the `fold_*` functions of `flowgraph.c`; 3.13:
//! tuples only).

use super::blocks::{Seen, next_op};
use super::{Unit, load_const};
use crate::code::{Object, ObjectId};
use crate::compile::cfg::class::Class;
use crate::compile::cfg::graph::BlockId;
use crate::compile::consts::ConstPool;
use crate::compile::ir::Instr;
use crate::compile::recipe::cfg::{CommonLiterals, LongDisplays, SmallInts};
use crate::source::Location;
use crate::target::Op;
use crate::value::PyStr;

/// Displays of more items are built item by item, so that they need no deep stack (`_PY_STACK_USE_GUIDELINE`).
const STACK_GUIDELINE: u32 = 30;
/// Shorter lists and sets of constants are built from their items.
const MIN_CONST_SEQUENCE: u32 = 3;
/// Argument of `CALL_INTRINSIC_1`: list to tuple.
const INTRINSIC_LIST_TO_TUPLE: u32 = 6;
/// Argument of `CALL_INTRINSIC_1`: unary plus.
const INTRINSIC_UNARY_POSITIVE: u32 = 5;

/// Small ints that `LOAD_SMALL_INT` can load.
const SMALL_INTS: std::ops::Range<i32> = 0..256;

/// Arguments of `LOAD_COMMON_CONSTANT` that stand for literals.
mod common {
    pub const NONE: u32 = 7;
    pub const EMPTY_STR: u32 = 8;
    pub const TRUE: u32 = 9;
    pub const FALSE: u32 = 10;
    pub const MINUS_ONE: u32 = 11;
}

/// The load of a small int.
#[inline]
fn small_int(value: Object) -> Option<(Op, u32)> {
    match value {
        Object::Int(value) if SMALL_INTS.contains(&value) => Some((Op::LoadSmallInt, value as u32)),
        _ => None,
    }
}

/// The load of a constant that has an instruction of its own.
#[inline]
fn common_constant(literals: CommonLiterals, value: Object) -> Option<(Op, u32)> {
    let arg = match literals {
        CommonLiterals::None => return None,
        CommonLiterals::Five => match value {
            Object::None => common::NONE,
            Object::Str { text, .. } if text.is_empty() => common::EMPTY_STR,
            Object::True => common::TRUE,
            Object::False => common::FALSE,
            Object::Int(-1) => common::MINUS_ONE,
            _ => return None,
        },
    };
    Some((Op::LoadCommonConstant, arg))
}

impl Unit<'_, '_> {
    /// The value that an instruction loads, if it loads a constant.
    fn loaded(&mut self, instr: Instr) -> Option<ObjectId> {
        match instr.op {
            Op::LoadConst => Some(self.meta.consts[instr.arg as usize]),
            Op::LoadSmallInt => Some(self.pool.int(i64::from(instr.arg))),
            Op::LoadCommonConstant => match instr.arg {
                common::NONE => Some(ConstPool::NONE),
                common::EMPTY_STR => Some(self.pool.str(PyStr::from_bytes(b""))),
                common::TRUE => Some(ConstPool::TRUE),
                common::FALSE => Some(ConstPool::FALSE),
                common::MINUS_ONE => Some(self.pool.int(-1)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The index of `value` among the unit's constants, a new one where it was not there.
    pub(super) fn add_const(&mut self, value: ObjectId) -> u32 {
        let consts = &mut self.meta.consts;
        let index = consts.iter().position(|&id| id == value).unwrap_or_else(|| {
            consts.push(value);
            consts.len() - 1
        });
        index as u32
    }

    /// The index of `True` or `False`.
    pub(super) fn add_bool(&mut self, value: bool) -> u32 {
        self.add_const(ConstPool::bool(value))
    }

    /// Makes `slot`, a load of a constant, a `LOAD_SMALL_INT` where its value is small.
    pub(super) fn make_small_int(&mut self, slot: usize) {
        let id = self.meta.consts[self.g.code[slot].arg as usize];
        self.load_small_int(slot, id);
    }

    /// Makes `slot`, a load of a constant, a `LOAD_COMMON_CONSTANT` where the target has one for its value.
    pub(super) fn make_common_constant(&mut self, slot: usize) {
        let id = self.meta.consts[self.g.code[slot].arg as usize];
        self.load_common_constant(slot, id);
    }

    /// Makes the loads of constants from `slot` to `end` immediate ones, where the target has such for their values; up
    /// to the first that decides something about what follows it. The result is where that is.
    pub(super) fn make_immediates(&mut self, slot: usize, end: usize) -> usize {
        let (literals, classes) = (self.recipe.literals, self.g.classes);
        let instrs = &mut self.g.code[slot..end];
        let mut at = 0;
        while let Some(more) = instrs[at..].iter().position(load_const::loads) {
            at += more;
            let follower = instrs.get(at + 1).map_or(Op::Nop, |follower| follower.op);
            if classes.of(follower).any(Class::CONST_DECIDES) {
                return slot + at;
            }
            let instr = &mut instrs[at];
            if instr.op == Op::LoadConst {
                let value = self.pool.get(self.meta.consts[instr.arg as usize]);
                if let Some((op, arg)) = small_int(value).or_else(|| common_constant(literals, value)) {
                    instr.set(op, arg);
                    self.g.const_lost = true;
                }
            }
            at += 1;
        }
        end
    }

    fn load_common_constant(&mut self, slot: usize, id: ObjectId) -> bool {
        let load = common_constant(self.recipe.literals, self.pool.get(id));
        self.load_immediate(slot, load)
    }

    fn load_small_int(&mut self, slot: usize, id: ObjectId) -> bool {
        let load = small_int(self.pool.get(id));
        self.load_immediate(slot, load)
    }

    /// Makes `slot` the operation and argument that `load` is, if it is one.
    #[inline]
    fn load_immediate(&mut self, slot: usize, load: Option<(Op, u32)>) -> bool {
        let Some((op, arg)) = load else { return false };
        self.g.code[slot].set(op, arg);
        self.g.const_lost = true;
        true
    }

    /// Makes `slot` a load of `value`.
    fn make_load(&mut self, block: BlockId, slot: usize, value: ObjectId) {
        let small = match self.recipe.small_ints {
            SmallInts::Constants => false,
            SmallInts::Immediate => self.load_small_int(slot, value),
        };
        if !small && !self.load_common_constant(slot, value) {
            let index = self.add_const(value);
            self.g.code[slot].set(Op::LoadConst, index);
        }
        self.g.note(block, Class::LOADS);
    }

    /// The instructions before `slot` in its block that load `count` constants, and nothing else does
    /// anything between them: their slots go to `work.slots`, their values to `work.values`.
    fn const_loads(&mut self, block: BlockId, slot: usize, count: u32) -> bool {
        let start = self.g.blocks[block as usize].start as usize;
        self.work.slots.clear();
        self.work.values.clear();
        let mut at = slot;
        while self.work.slots.len() < count as usize {
            if at == start {
                return false;
            }
            at -= 1;
            let instr = self.g.code[at];
            match instr.op {
                Op::Nop => {}
                Op::LoadConst | Op::LoadSmallInt | Op::LoadCommonConstant => self.work.slots.push(at),
                _ => return false,
            }
        }
        for i in (0..count as usize).rev() {
            let instr = self.g.code[self.work.slots[i]];
            let value = self.loaded(instr);
            self.work.values.extend(value);
        }
        true
    }

    /// Removes the instructions in `work.slots`, lines and all.
    fn nop_out(&mut self, block: BlockId) {
        self.g.note(block, Class::NO_LINE);
        self.g.const_lost = true;
        for &slot in &self.work.slots {
            let instr = &mut self.g.code[slot];
            instr.nop();
            instr.loc = Location::NONE;
        }
    }
}

/// 3.13: a tuple of constants whose loads stand right before it.
pub(super) fn adjacent_tuple(unit: &mut Unit, block: BlockId, slot: usize, seen: &mut Seen) {
    let count = unit.g.code[slot].arg as usize;
    let start = unit.g.blocks[block as usize].start as usize;
    if slot - start < count {
        return;
    }
    let loads = slot - count..slot;
    if unit.g.code[loads.clone()].iter().any(|instr| instr.op != Op::LoadConst) {
        return;
    }
    unit.work.values.clear();
    for instr in &mut unit.g.code[loads] {
        unit.work.values.push(unit.meta.consts[instr.arg as usize]);
        instr.nop();
    }
    let tuple = unit.pool.tuple(&unit.work.values);
    let index = unit.add_const(tuple);
    unit.g.const_lost = true;
    unit.g.code[slot].set(Op::LoadConst, index);
    unit.g.note(block, Class::LOADS);
    seen.nops = true;
}

/// A tuple of constants.
pub(super) fn tuple(unit: &mut Unit, block: BlockId, slot: usize, seen: &mut Seen) {
    let count = unit.g.code[slot].arg;
    if count > STACK_GUIDELINE || !unit.const_loads(block, slot, count) {
        return;
    }
    let tuple = unit.pool.tuple(&unit.work.values);
    unit.nop_out(block);
    unit.make_load(block, slot, tuple);
    seen.nops = true;
}

/// Everything that only 3.14 folds here.
pub(super) fn step(unit: &mut Unit, block: BlockId, slot: usize, seen: &mut Seen) {
    let instr = unit.g.code[slot];
    let next = |unit: &Unit| {
        let start = unit.g.blocks[block as usize].start as usize;
        next_op(unit, block, (slot - start) as u32)
    };
    match instr.op {
        Op::BuildList | Op::BuildSet => {
            let searched = matches!(next(unit), Op::GetIter | Op::ContainsOp);
            list_or_set(unit, block, slot, searched, seen);
        }
        Op::ListAppend | Op::SetAdd => {
            if unit.recipe.long_displays == LongDisplays::All
                && matches!(next(unit), Op::GetIter | Op::ContainsOp)
            {
                long_display(unit, block, slot, seen);
            }
        }
        Op::CallIntrinsic1 if instr.arg == INTRINSIC_LIST_TO_TUPLE => {
            let iterated = next(unit) == Op::GetIter;
            let fold_first = unit.recipe.long_displays == LongDisplays::All;
            if (!iterated || fold_first) && long_display(unit, block, slot, seen) {
                return;
            }
            if iterated {
                unit.g.code[slot].nop();
                seen.nops = true;
            }
        }
        Op::CallIntrinsic1 if instr.arg != INTRINSIC_UNARY_POSITIVE => {}
        Op::UnaryNot | Op::UnaryInvert | Op::UnaryNegative | Op::CallIntrinsic1 => {
            if unit.const_loads(block, slot, 1) {
                let operand = unit.work.values[0];
                if let Some(value) = super::arith::unary(unit.pool, instr.op, operand) {
                    unit.nop_out(block);
                    unit.make_load(block, slot, value);
                    seen.nops = true;
                }
            }
        }
        Op::BinaryOp => {
            if unit.const_loads(block, slot, 2) {
                let (left, right) = (unit.work.values[0], unit.work.values[1]);
                if let Some(value) = super::arith::binary(unit.pool, instr.arg, left, right, unit.complex) {
                    unit.nop_out(block);
                    unit.make_load(block, slot, value);
                    seen.nops = true;
                }
            }
        }
        _ => {}
    }
}

/// Lists and sets of constants (CPython: `optimize_lists_and_sets`).
fn list_or_set(unit: &mut Unit, block: BlockId, slot: usize, searched: bool, seen: &mut Seen) {
    let instr = unit.g.code[slot];
    if instr.arg > STACK_GUIDELINE || (instr.arg < MIN_CONST_SEQUENCE && !searched) {
        return;
    }
    if !unit.const_loads(block, slot, instr.arg) {
        if searched && instr.op == Op::BuildList {
            // Iterating over a tuple does as well.
            unit.g.code[slot].op = Op::BuildTuple;
        }
        return;
    }
    let is_list = instr.op == Op::BuildList;
    let values = &unit.work.values;
    let value = if is_list { unit.pool.tuple(values) } else { unit.pool.frozenset(values) };
    let index = unit.add_const(value);
    unit.nop_out(block);
    unit.g.note(block, Class::LOADS);
    seen.nops = true;
    if searched {
        unit.g.code[slot].set(Op::LoadConst, index);
        return;
    }
    let extend = if is_list { Op::ListExtend } else { Op::SetUpdate };
    let code = &mut unit.g.code;
    code[slot - 2].loc = instr.loc;
    code[slot - 2].set(instr.op, 0);
    code[slot - 1].set(Op::LoadConst, index);
    code[slot].set(extend, 1);
}

/// A display that is built item by item from constants, and ends at `slot` (with its last item, or with the
/// list's becoming a tuple), becomes one constant; was it one?
fn long_display(unit: &mut Unit, block: BlockId, slot: usize, seen: &mut Seen) -> bool {
    let start = unit.g.blocks[block as usize].start as usize;
    let end = unit.g.code[slot];
    let (build, add) = match end.op {
        Op::SetAdd => (Op::BuildSet, Op::SetAdd),
        _ => (Op::BuildList, Op::ListAppend),
    };
    let from = if end.op == Op::CallIntrinsic1 { slot } else { slot + 1 };
    unit.work.slots.clear();
    unit.work.values.clear();
    let mut expect_add = true;
    for at in (start..from).rev() {
        let instr = unit.g.code[at];
        match instr.op {
            Op::Nop => continue,
            op if op == build && instr.arg == 0 && expect_add => {
                unit.work.slots.push(at);
                let loads = std::mem::take(&mut unit.work.slots);
                for &load in loads.iter().rev() {
                    let value = unit.loaded(unit.g.code[load]);
                    unit.work.values.extend(value);
                }
                unit.work.slots = loads;
                let values = &unit.work.values;
                let is_set = build == Op::BuildSet;
                let value = if is_set { unit.pool.frozenset(values) } else { unit.pool.tuple(values) };
                unit.nop_out(block);
                let index = unit.add_const(value);
                unit.g.code[slot].set(Op::LoadConst, index);
                unit.g.note(block, Class::LOADS);
                seen.nops = true;
                return true;
            }
            op if expect_add && op == add && instr.arg == 1 => {}
            Op::LoadConst | Op::LoadSmallInt | Op::LoadCommonConstant if !expect_add => {}
            _ => return false,
        }
        unit.work.slots.push(at);
        expect_add = !expect_add;
    }
    false
}
