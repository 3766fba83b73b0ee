//! From the instructions of any version to those of one.
//!
//! What the lowering knows are the instructions of the release whose language this is, with their meaning there. Here
//! each instruction of another release becomes one or several of those. What differs between releases is read off their
//! tables, once for each ([`Dialect`]): which instructions there are and what they do to the depth of the stack.

use super::verify::Ins;
use pyrsc::listing::Shapes;
use pyrsc::target::{Handlers, Op, Version};

/// Number of the intrinsic functions that instructions of older releases are.
mod intrinsic {
    pub const PRINT: u32 = 1;
    pub const IMPORT_STAR: u32 = 2;
    pub const STOP_ITERATION: u32 = 3;
    pub const ASYNC_GEN_WRAP: u32 = 4;
    pub const POSITIVE: u32 = 5;
    pub const TUPLE: u32 = 6;
    /// Of two arguments.
    pub const PREP_RERAISE_STAR: u32 = 1;
}

/// `BINARY_OP`'s number of `[]`, and how far the operations in place are from the others.
const SUBSCRIPT: u32 = 26;
const IN_PLACE: u32 = 13;
/// The constant `None`, of those that are in no list.
pub(super) const COMMON_NONE: u32 = 7;

/// Where a call finds its callable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CallLayout {
    /// First, then `self` or nothing.
    CallableFirst,
    /// Behind nothing; a method and its `self` are the other way round.
    NullFirst,
    /// First, and nothing between it and the arguments.
    Bare,
}

/// What `FOR_ITER` and `SEND` leave where they jump to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exhausted {
    /// Iterator and value: the instruction there pops them.
    Stays,
    /// They have popped the iterator.
    Popped,
}

/// How a release writes what differs between releases.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Its instructions.
    pub(super) shapes: &'static Shapes,
    /// Those of the release whose language this is.
    pub(super) own: &'static Shapes,
    /// How its handlers are found.
    pub(super) handlers: Handlers,
    call: CallLayout,
    pub(super) exhausted: Exhausted,
    /// How many places of the stack an iterator takes.
    iterator: u32,
    /// Does `END_FOR` pop the iterator too?
    end_for_pops_iterator: bool,
    /// Does the interpreter itself, not the code, see to `StopIteration` that leaves a generator?
    pub(super) guards_generators: bool,
    /// Does the interpreter itself, not the code, mark what an asynchronous generator gives?
    pub(super) marks_values: bool,
    /// Does the code say where the generator is made?
    pub(super) makes_generators: bool,
    /// May any local that is read be unbound?
    unbound: bool,
    /// Is a function's documentation its first constant where that is a string, without a flag that says so?
    pub(super) unflagged_docs: bool,
    /// How many places `WITH_EXCEPT_START` finds the exit method below.
    exit: u32,
}

impl Dialect {
    pub(super) fn of(version: Version) -> Dialect {
        let (shapes, own) = (Shapes::of(version), Shapes::of(crate::language().version));
        let ops = version.ops();
        let has = |op| ops.info(op).exists();
        let handlers = version.file_facts().handlers;
        Dialect {
            shapes,
            own,
            handlers,
            call: if has(Op::CallFunction) {
                CallLayout::Bare
            } else if has(Op::KwNames) {
                CallLayout::NullFirst
            } else {
                CallLayout::CallableFirst
            },
            exhausted: if ops.effect(Op::ForIter, 0, true) < 0 {
                Exhausted::Popped
            } else {
                Exhausted::Stays
            },
            iterator: if has(Op::PopIter) { ops.effect(Op::PopIter, 0, false).unsigned_abs() } else { 1 },
            end_for_pops_iterator: has(Op::EndFor) && ops.effect(Op::EndFor, 0, false) == -2,
            guards_generators: !has(Op::CallIntrinsic1),
            marks_values: !has(Op::CallIntrinsic1) && !has(Op::AsyncGenWrap),
            makes_generators: has(Op::ReturnGenerator),
            unbound: !has(Op::LoadFastCheck),
            // The flag came with the release that has `LOAD_SPECIAL`.
            unflagged_docs: !has(Op::LoadSpecial),
            exit: match (handlers, has(Op::LoadSpecial)) {
                (Handlers::Blocks, _) => 7,
                (Handlers::Table, false) => 4,
                (Handlers::Table, true) => 5,
            },
        }
    }

    /// Has its code all that is needed already?
    pub(super) fn is_own(&self) -> bool {
        std::ptr::eq(self.shapes, self.own)
    }
}

/// Where an instruction of the result jumps to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goal {
    /// To an instruction of the release's code; in code that is specialised, in this context.
    Raw(u32, u32),
    /// To one of the result.
    Out(u32),
}

/// The instructions of the result, while they are made.
pub(super) struct Normal<'d> {
    pub(super) dialect: &'d Dialect,
    pub(super) out: Vec<Ins>,
    /// Instructions that jump, and where to.
    pub(super) goals: Vec<(usize, Goal)>,
    /// Jumps whose goal first needs these instructions.
    pub(super) tails: Vec<(usize, [Op; 2], Goal)>,
    /// Where the present instruction is, in bytes.
    pub(super) offset: u32,
    /// The names of keyword arguments of the next call.
    names: Option<u32>,
    /// Locals that always hold a value.
    pub(super) bound: Vec<bool>,
    /// What jumps are specialised for.
    pub(super) context: u32,
    /// Is what the code yields to be marked: is it that of an asynchronous generator, and does not say so itself?
    pub(super) marks: bool,
}

impl<'d> Normal<'d> {
    pub(super) const fn new(dialect: &'d Dialect, bound: Vec<bool>) -> Self {
        Normal {
            dialect,
            out: Vec::new(),
            goals: Vec::new(),
            tails: Vec::new(),
            offset: 0,
            names: None,
            bound,
            context: 0,
            marks: false,
        }
    }

    pub(super) fn emit(&mut self, op: Op, arg: u32) -> usize {
        self.out.push(Ins { op, arg, offset: self.offset, target: None, extra: 0 });
        self.out.len() - 1
    }

    pub(super) fn all(&mut self, instructions: &[(Op, u32)]) {
        for &(op, arg) in instructions {
            self.emit(op, arg);
        }
    }

    pub(super) fn jump(&mut self, op: Op, goal: Goal) -> usize {
        let at = self.emit(op, 0);
        self.goals.push((at, goal));
        at
    }

    /// The jump of `ins`, of which only the operation changes.
    fn jump_like(&mut self, op: Op, ins: &Ins) {
        if let Some(target) = ins.target {
            let goal = Goal::Raw(target, self.context);
            self.jump(op, goal);
        }
    }

    fn none(&mut self) {
        self.emit(Op::LoadCommonConstant, COMMON_NONE);
    }

    /// Gives the instruction's meaning in ours; false where it has none, or where blocks have to be known.
    pub(super) fn translate(&mut self, ins: &Ins) -> bool {
        self.offset = ins.offset;
        let ops = self.dialect.shapes.ops;
        let arg = ins.arg;
        // An index that may lie above bits of the argument.
        let index = arg >> ops.info(ins.op).shift;
        match ins.op {
            Op::LoadGlobal => {
                let mut pushes_null = ops.info(Op::LoadGlobal).shift > 0 && arg & 1 != 0;
                if pushes_null && self.dialect.call == CallLayout::NullFirst {
                    // It need not be the global that is called.
                    self.emit(Op::PushNull, 0);
                    pushes_null = false;
                }
                self.emit(Op::LoadGlobal, index << 1 | u32::from(pushes_null));
            }
            Op::LoadAttr => {
                let method = ops.info(Op::LoadAttr).shift > 0 && arg & 1 != 0;
                self.emit(Op::LoadAttr, index << 1 | u32::from(method));
            }
            Op::LoadMethod => {
                self.emit(Op::LoadAttr, arg << 1 | 1);
            }
            Op::ImportName => {
                self.emit(Op::ImportName, index);
            }
            Op::LoadFast if self.dialect.unbound && !self.is_bound(arg) => {
                self.emit(Op::LoadFastCheck, arg);
            }
            Op::LoadClosure => {
                self.emit(Op::LoadFast, arg);
            }
            Op::LoadClassderef => self.all(&[(Op::LoadLocals, 0), (Op::LoadFromDictOrDeref, arg)]),
            Op::LoadAssertionError => {
                self.emit(Op::LoadCommonConstant, 0);
            }
            Op::ReturnConst => self.all(&[(Op::LoadConst, arg), (Op::ReturnValue, 0)]),
            Op::BinarySubscr => {
                self.emit(Op::BinaryOp, SUBSCRIPT);
            }
            Op::CompareOp => return self.compare(ins, index),
            Op::FormatValue => self.format(arg),
            Op::DupTop => {
                self.emit(Op::Copy, 1);
            }
            Op::DupTopTwo => self.all(&[(Op::Copy, 2), (Op::Copy, 2)]),
            Op::RotTwo => self.rotate(2),
            Op::RotThree => self.rotate(3),
            Op::RotFour => self.rotate(4),
            Op::RotN => self.rotate(arg),
            Op::UnaryPositive => {
                self.emit(Op::CallIntrinsic1, intrinsic::POSITIVE);
            }
            Op::ListToTuple => {
                self.emit(Op::CallIntrinsic1, intrinsic::TUPLE);
            }
            Op::AsyncGenWrap => {
                self.emit(Op::CallIntrinsic1, intrinsic::ASYNC_GEN_WRAP);
            }
            // What is awaited passes through without a mark: it is not this instruction that yields it.
            Op::YieldValue if self.marks => {
                self.all(&[(Op::CallIntrinsic1, intrinsic::ASYNC_GEN_WRAP), (Op::YieldValue, arg)]);
            }
            Op::PrintExpr => self.all(&[(Op::CallIntrinsic1, intrinsic::PRINT), (Op::PopTop, 0)]),
            Op::ImportStar => self.all(&[(Op::CallIntrinsic1, intrinsic::IMPORT_STAR), (Op::PopTop, 0)]),
            Op::PrepReraiseStar => {
                self.emit(Op::CallIntrinsic2, intrinsic::PREP_RERAISE_STAR);
            }
            Op::MatchKeys | Op::MatchClass if self.dialect.handlers == Handlers::Blocks => {
                self.emit(ins.op, arg);
                self.all(&[(Op::Copy, 1), (Op::LoadCommonConstant, COMMON_NONE), (Op::IsOp, 1)]);
            }
            _ => return self.more(ins),
        }
        true
    }

    fn is_bound(&self, local: u32) -> bool {
        self.bound.get(local as usize).copied().unwrap_or(false)
    }

    fn more(&mut self, ins: &Ins) -> bool {
        let arg = ins.arg;
        match ins.op {
            Op::MakeFunctionFlags => self.make_function(arg),
            Op::KwNames => self.names = Some(arg),
            Op::Precall => {}
            Op::Call | Op::CallKw | Op::CallFunctionEx => self.call(ins),
            Op::CallMethod => {
                self.emit(Op::Call, arg);
            }
            Op::CallFunction if arg == 0 => self.all(&[(Op::PushNull, 0), (Op::Call, 0)]),
            // The first argument takes the place of `self`.
            Op::CallFunction => {
                self.emit(Op::Call, arg - 1);
            }
            Op::CallFunctionKw => {
                self.emit(Op::CallKw, arg.saturating_sub(1));
            }
            Op::GenStart => {
                self.emit(Op::PopTop, 0);
            }
            Op::BeforeWith => self.enter(0),
            Op::BeforeAsyncWith => self.enter(2),
            Op::WithExceptStart => {
                let at = self.emit(Op::WithExceptStart, 0);
                self.out[at].extra = self.dialect.exit;
            }
            Op::DictMerge => {
                let at = self.emit(Op::DictMerge, arg);
                self.out[at].extra = u32::from(self.dialect.call != CallLayout::CallableFirst);
            }
            Op::GetIter => {
                let whole = self.dialect.iterator == 2 && arg & 1 != 0;
                self.emit(if whole { Op::GetYieldFromIter } else { Op::GetIter }, 0);
                if self.dialect.iterator == 2 {
                    self.emit(Op::PushNull, 0);
                }
            }
            Op::PopIter | Op::EndSend => {
                let at = self.emit(ins.op, 0);
                self.out[at].extra = self.dialect.iterator;
            }
            Op::EndFor if self.dialect.end_for_pops_iterator => {
                self.emit(Op::EndFor, 0);
                let at = self.emit(Op::PopIter, 0);
                self.out[at].extra = 1;
            }
            Op::ForIter | Op::Send => self.loops(ins),
            Op::YieldFrom => {
                let again = self.out.len() as u32;
                let send = self.emit(Op::Send, 0);
                self.out[send].extra = 1;
                self.emit(Op::YieldValue, 0);
                self.jump(Op::JumpBackwardNoInterrupt, Goal::Out(again));
                self.goals.push((send, Goal::Out(self.out.len() as u32)));
                let end = self.emit(Op::EndSend, 0);
                self.out[end].extra = 1;
            }
            _ => return self.operators(ins),
        }
        true
    }

    fn operators(&mut self, ins: &Ins) -> bool {
        let number = match ins.op {
            Op::BinaryAdd | Op::InplaceAdd => 0,
            Op::BinaryAnd | Op::InplaceAnd => 1,
            Op::BinaryFloorDivide | Op::InplaceFloorDivide => 2,
            Op::BinaryLshift | Op::InplaceLshift => 3,
            Op::BinaryMatrixMultiply | Op::InplaceMatrixMultiply => 4,
            Op::BinaryMultiply | Op::InplaceMultiply => 5,
            Op::BinaryModulo | Op::InplaceModulo => 6,
            Op::BinaryOr | Op::InplaceOr => 7,
            Op::BinaryPower | Op::InplacePower => 8,
            Op::BinaryRshift | Op::InplaceRshift => 9,
            Op::BinarySubtract | Op::InplaceSubtract => 10,
            Op::BinaryTrueDivide | Op::InplaceTrueDivide => 11,
            Op::BinaryXor | Op::InplaceXor => 12,
            _ => return self.jumps(ins),
        };
        let in_place = matches!(
            ins.op,
            Op::InplaceAdd
                | Op::InplaceAnd
                | Op::InplaceFloorDivide
                | Op::InplaceLshift
                | Op::InplaceMatrixMultiply
                | Op::InplaceMultiply
                | Op::InplaceModulo
                | Op::InplaceOr
                | Op::InplacePower
                | Op::InplaceRshift
                | Op::InplaceSubtract
                | Op::InplaceTrueDivide
                | Op::InplaceXor
        );
        self.emit(Op::BinaryOp, number + if in_place { IN_PLACE } else { 0 });
        true
    }

    fn jumps(&mut self, ins: &Ins) -> bool {
        let op = match ins.op {
            Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => {
                self.emit(Op::Copy, 1);
                let on_false = ins.op == Op::JumpIfFalseOrPop;
                self.jump_like(if on_false { Op::PopJumpIfFalse } else { Op::PopJumpIfTrue }, ins);
                self.emit(Op::PopTop, 0);
                return true;
            }
            Op::JumpIfNotExcMatch => {
                self.all(&[(Op::CheckExcMatch, 0), (Op::Swap, 2), (Op::PopTop, 0)]);
                Op::PopJumpIfFalse
            }
            Op::PopJumpForwardIfFalse | Op::PopJumpBackwardIfFalse => Op::PopJumpIfFalse,
            Op::PopJumpForwardIfTrue | Op::PopJumpBackwardIfTrue => Op::PopJumpIfTrue,
            Op::PopJumpForwardIfNone | Op::PopJumpBackwardIfNone => Op::PopJumpIfNone,
            Op::PopJumpForwardIfNotNone | Op::PopJumpBackwardIfNotNone => Op::PopJumpIfNotNone,
            Op::JumpAbsolute if ins.target.is_some_and(|it| it <= ins.extra) => Op::JumpBackward,
            Op::JumpAbsolute => Op::JumpForward,
            op if ins.target.is_some() => op,
            op => return self.plain(op, ins.arg),
        };
        self.jump_like(op, ins);
        true
    }

    /// What is the same everywhere.
    fn plain(&mut self, op: Op, arg: u32) -> bool {
        let known = self.dialect.own.ops.info(op).exists()
            || matches!(
                op,
                Op::BuildConstKeyMap
                    | Op::CopyDictWithoutKeys
                    | Op::GetYieldFromIter
                    | Op::BuildListUnpack
                    | Op::BuildTupleUnpack
                    | Op::BuildSetUnpack
                    | Op::BuildMapUnpack
                    | Op::BuildTupleUnpackWithCall
                    | Op::BuildMapUnpackWithCall
            );
        if known {
            match op {
                Op::BuildListUnpack | Op::BuildTupleUnpack | Op::BuildTupleUnpackWithCall => {
                    self.unpack_all(Op::BuildList, Op::ListExtend, arg);
                    if op != Op::BuildListUnpack {
                        self.emit(Op::CallIntrinsic1, intrinsic::TUPLE);
                    }
                }
                Op::BuildSetUnpack => self.unpack_all(Op::BuildSet, Op::SetUpdate, arg),
                Op::BuildMapUnpack => self.unpack_all(Op::BuildMap, Op::DictUpdate, arg),
                // Behind the callable are the positional arguments.
                Op::BuildMapUnpackWithCall => self.unpack_all(Op::BuildMap, Op::DictMerge, arg),
                _ => {
                    self.emit(op, arg);
                }
            }
        }
        known
    }

    /// One container of `count` others.
    fn unpack_all(&mut self, build: Op, extend: Op, count: u32) {
        // [a, b, c] becomes [container, c, b, a], so that they are taken in order.
        self.emit(build, 0);
        for low in (2..=count + 1).rev() {
            self.emit(Op::Swap, low);
        }
        for index in 0..count / 2 {
            // Exchanges the places `index` and `count - 1 - index` below the top.
            let (near, far) = (index + 1, count - index);
            if near == 1 {
                self.emit(Op::Swap, far);
            } else {
                self.all(&[(Op::Swap, near), (Op::Swap, far), (Op::Swap, near)]);
            }
        }
        for left in (0..count).rev() {
            let at = self.emit(extend, left + 1);
            self.out[at].extra = left + u32::from(extend == Op::DictMerge);
        }
    }

    /// The top goes below the others of `count` entries.
    fn rotate(&mut self, count: u32) {
        for depth in (2..=count).rev() {
            self.emit(Op::Swap, depth);
        }
    }

    fn compare(&mut self, ins: &Ins, index: u32) -> bool {
        let ops = self.dialect.shapes.ops;
        let shift = self.dialect.own.ops.info(Op::CompareOp).shift;
        match index {
            0..=5 => {
                // The bit that asks for a bool is below, where there is one.
                let bool = if ops.info(Op::CompareOp).shift == shift { ins.arg & 16 } else { 0 };
                self.emit(Op::CompareOp, index << shift | bool);
            }
            6 | 7 => {
                self.emit(Op::ContainsOp, index - 6);
            }
            8 | 9 => {
                self.emit(Op::IsOp, index - 8);
            }
            10 => self.all(&[(Op::CheckExcMatch, 0), (Op::Swap, 2), (Op::PopTop, 0)]),
            _ => return false,
        }
        true
    }

    fn format(&mut self, arg: u32) {
        let (conversion, has_spec) = (arg & 3, arg & 4 != 0);
        if conversion != 0 && has_spec {
            self.all(&[(Op::Swap, 2), (Op::ConvertValue, conversion), (Op::Swap, 2)]);
        } else if conversion != 0 {
            self.emit(Op::ConvertValue, conversion);
        }
        self.emit(if has_spec { Op::FormatWithSpec } else { Op::FormatSimple }, 0);
    }

    fn make_function(&mut self, arg: u32) {
        if self.dialect.shapes.ops.effect(Op::MakeFunctionFlags, 0, false) < 0 {
            // The qualified name, which the code object knows by now.
            self.emit(Op::PopTop, 0);
        }
        self.emit(Op::MakeFunction, 0);
        for bit in [8, 4, 2, 1] {
            if arg & bit != 0 {
                self.emit(Op::SetFunctionAttribute, bit);
            }
        }
    }

    fn call(&mut self, ins: &Ins) {
        let order = u32::from(self.dialect.call == CallLayout::NullFirst);
        let at = match (ins.op, self.names.take()) {
            (Op::CallFunctionEx, _) => {
                let keywords = ins.arg & 1 != 0;
                match self.dialect.call {
                    CallLayout::Bare if keywords => {
                        self.all(&[(Op::PushNull, 0), (Op::Swap, 3), (Op::Swap, 2)]);
                    }
                    CallLayout::Bare => self.all(&[(Op::PushNull, 0), (Op::Swap, 2)]),
                    _ => {}
                }
                // Where it is always there, the instruction has no argument that says so.
                let always = self.dialect.shapes.ops.effect(Op::CallFunctionEx, 0, false)
                    == self.dialect.own.ops.effect(Op::CallFunctionEx, 0, false);
                if !keywords && !always {
                    self.emit(Op::PushNull, 0);
                }
                self.emit(Op::CallFunctionEx, 0)
            }
            (Op::Call, Some(names)) => {
                self.emit(Op::LoadConst, names);
                self.emit(Op::CallKw, ins.arg)
            }
            (op, _) => self.emit(op, ins.arg),
        };
        self.out[at].extra = order;
    }

    /// The bound exit method and what the enter method gives; `first` is the number of the enter method.
    pub(super) fn enter(&mut self, first: u32) {
        self.all(&[
            (Op::Copy, 1),
            (Op::LoadSpecial, first + 1),
            (Op::PopTop, 0),
            (Op::Swap, 2),
            (Op::LoadSpecial, first),
            (Op::Call, 0),
        ]);
    }

    fn loops(&mut self, ins: &Ins) {
        let at = self.emit(ins.op, 0);
        self.out[at].extra = self.dialect.iterator;
        let Some(target) = ins.target else { return };
        let goal = Goal::Raw(target, self.context);
        match self.dialect.exhausted {
            Exhausted::Stays => self.goals.push((at, goal)),
            Exhausted::Popped if ins.op == Op::Send => {
                self.tails.push((at, [Op::Nop, Op::EndSend], goal));
            }
            Exhausted::Popped => self.tails.push((at, [Op::EndFor, Op::PopIter], goal)),
        }
    }

    /// Behind all else: the ends of loops that have to pop first.
    pub(super) fn finish_tails(&mut self) {
        for (at, ops, goal) in std::mem::take(&mut self.tails) {
            self.offset = self.out[at].offset;
            self.goals.push((at, Goal::Out(self.out.len() as u32)));
            for op in ops {
                let at = self.emit(op, 0);
                self.out[at].extra = 1;
            }
            self.jump(Op::JumpBackwardNoInterrupt, goal);
        }
    }

    /// `StopIteration` that leaves a generator becomes another exception: where the handler is.
    pub(super) fn guard(&mut self) -> u32 {
        let at = self.out.len() as u32;
        self.all(&[(Op::CallIntrinsic1, intrinsic::STOP_ITERATION), (Op::Reraise, 1)]);
        at
    }

    /// The exception on top becomes what handlers of the time of blocks find: six entries, of which the third from
    /// below is what was being handled before, and the uppermost two are the exception.
    pub(super) fn enter_handler(&mut self) {
        self.emit(Op::PushExcInfo, 0);
        self.none();
        self.none();
        self.all(&[(Op::Swap, 4), (Op::Swap, 2), (Op::Swap, 3)]);
        self.none();
        self.all(&[(Op::Swap, 2), (Op::Copy, 1)]);
    }
}
