//! What each of CPython's instructions becomes.

use super::lower::{Entry, Lowering};
use super::op::{IF_FALSE, KILL_B, KILL_C, NO_SELF, OUT, Op, intrinsic};
use super::verify::{Ins, Verified};
use crate::value::{NONE, Value};
use pyrsc::target::Op as Raw;

/// Numbers of CPython's binary operations (`nb` of the facts files), in place or not.
const SUBSCR: u32 = 26;

impl Lowering<'_> {
    /// Lowers the instruction `at`; says how many it used up.
    pub(super) fn one(&mut self, it: &Verified, at: usize, ins: &Ins) -> usize {
        let arg = ins.arg;
        let local = arg as u16;
        match ins.op {
            Raw::Nop | Raw::NotTaken | Raw::Resume | Raw::ExtendedArg | Raw::Cache => {}
            Raw::LoadFast | Raw::LoadFastBorrow => self.stack.push(Entry::Local(local)),
            Raw::LoadFastCheck => {
                self.emit(Op::CheckBound, 0, [local, 0, 0], 0);
                self.stack.push(Entry::Local(local));
            }
            Raw::LoadFastLoadFast | Raw::LoadFastBorrowLoadFastBorrow => {
                self.stack.push(Entry::Local((arg >> 4) as u16));
                self.stack.push(Entry::Local((arg & 15) as u16));
            }
            Raw::LoadFastAndClear => {
                self.protect(local);
                let register = self.register(self.stack.len() as u16);
                self.emit(Op::Move, 0, [register, local, 0], 0);
                self.stack.push(Entry::Temp);
            }
            Raw::StoreFast | Raw::StoreFastMaybeNull => self.store(local),
            Raw::StoreFastLoadFast => {
                self.store((arg >> 4) as u16);
                self.stack.push(Entry::Local((arg & 15) as u16));
            }
            Raw::StoreFastStoreFast => {
                self.store((arg >> 4) as u16);
                self.store((arg & 15) as u16);
            }
            Raw::DeleteFast => {
                self.protect(local);
                self.emit(Op::DeleteLocal, 0, [local, 0, 0], 0);
            }
            Raw::LoadConst => self.stack.push(Entry::Const(arg)),
            Raw::LoadSmallInt => {
                let index = self.constant(Value::from_i32(arg as i32));
                self.stack.push(Entry::Const(index));
            }
            Raw::PushNull => self.stack.push(Entry::Null),
            Raw::PopTop => self.drop_top(),
            Raw::PopIter => (0..ins.extra).for_each(|_| self.drop_top()),
            // What the loop pushed for its end is nothing.
            Raw::EndFor => {
                self.stack.pop();
            }
            Raw::Copy => self.copy(arg as usize),
            Raw::Swap => self.swap(arg as usize),
            Raw::BinaryOp => self.binary(arg),
            Raw::CompareOp => return self.compare(it, at, arg),
            Raw::ToBool => {
                if Self::follows(it, at, &[Raw::PopJumpIfFalse, Raw::PopJumpIfTrue]) {
                    return 1;
                }
                self.unary(Op::ToBool, 0);
            }
            Raw::UnaryNot => self.unary(Op::Not, 0),
            Raw::UnaryNegative => self.unary(Op::Negative, 0),
            Raw::UnaryInvert => self.unary(Op::Invert, 0),
            Raw::IsOp => self.two(Op::Is, arg),
            Raw::ContainsOp => self.two(Op::Contains, arg),
            Raw::PopJumpIfFalse => self.jump_if(Op::JumpIfFalse, ins),
            Raw::PopJumpIfTrue => self.jump_if(Op::JumpIfTrue, ins),
            Raw::PopJumpIfNone => self.jump_if(Op::JumpIfNone, ins),
            Raw::PopJumpIfNotNone => self.jump_if(Op::JumpIfNotNone, ins),
            Raw::JumpForward | Raw::JumpBackwardNoInterrupt => {
                self.settle();
                self.jump(Op::Jump, 0, [0; 3], ins.target.unwrap_or(0));
            }
            Raw::JumpBackward => {
                self.settle();
                self.jump(Op::JumpBack, 0, [0; 3], ins.target.unwrap_or(0));
            }
            Raw::GetIter => self.unary(Op::GetIter, 0),
            Raw::ForIter => self.for_iter(ins),
            Raw::ReturnValue => {
                let (b, k) = self.pop_b();
                self.emit(Op::Return, k, [0, b, 0], 0);
            }
            Raw::Call | Raw::CallKw => {
                let names = ins.op == Raw::CallKw;
                if ins.extra != 0 {
                    self.order(arg as usize + 2 + usize::from(names));
                }
                self.call(names, arg as usize);
            }
            Raw::CallFunctionEx => {
                if ins.extra != 0 {
                    self.order(4);
                }
                let a = self.pop_owned(4);
                self.emit_call(Op::CallEx, 0, a, 0);
            }
            _ => self.other(ins),
        }
        1
    }

    fn drop_top(&mut self) {
        let top = self.pop();
        if top.entry == Entry::Temp {
            let register = self.register(top.place);
            self.emit(Op::Clear, 0, [register, 0, 0], 0);
        }
    }

    /// The entry at `depth` is nothing and the callable is above it, or the callable is there already.
    fn order(&mut self, depth: usize) {
        let first = self.stack.len() - depth;
        let registers = [self.register(first as u16), self.register(first as u16 + 1)];
        match (self.stack[first], self.stack[first + 1]) {
            (Entry::Null, above) => {
                if above == Entry::Temp {
                    self.emit(Op::Move, 0, [registers[0], registers[1], 0], 0);
                }
                self.stack.swap(first, first + 1);
            }
            (Entry::Temp, above) => {
                if above != Entry::Null {
                    self.own(first + 1);
                    self.emit(Op::Order, 0, [registers[0], 0, 0], 0);
                }
            }
            _ => {}
        }
    }

    fn copy(&mut self, depth: usize) {
        let from = self.stack.len() - depth;
        let entry = self.stack[from];
        if entry == Entry::Temp {
            let (to, from) = (self.register(self.stack.len() as u16), self.register(from as u16));
            self.emit(Op::Copy, 0, [to, from, 0], 0);
        }
        self.stack.push(entry);
    }

    fn swap(&mut self, depth: usize) {
        let (low, high) = (self.stack.len() - depth, self.stack.len() - 1);
        let registers = (self.register(low as u16), self.register(high as u16));
        match (self.stack[low], self.stack[high]) {
            _ if low == high => {}
            (Entry::Temp, Entry::Temp) => {
                self.emit(Op::Swap, 0, [registers.0, registers.1, 0], 0);
            }
            (Entry::Temp, _) => {
                self.emit(Op::Move, 0, [registers.1, registers.0, 0], 0);
            }
            (_, Entry::Temp) => {
                self.emit(Op::Move, 0, [registers.0, registers.1, 0], 0);
            }
            _ => {}
        }
        self.stack.swap(low, high);
    }

    pub(super) fn unary(&mut self, op: Op, d: u32) {
        let (b, k) = self.pop_b();
        self.define(op, k, [b, 0], d);
    }

    fn two(&mut self, op: Op, d: u32) {
        let (registers, k) = self.pop_bc();
        self.define(op, k, registers, d);
    }

    fn binary(&mut self, arg: u32) {
        if arg == SUBSCR {
            if let Some(&Entry::Const(index @ 0..=0xFFFF)) = self.stack.last() {
                self.stack.pop();
                let (b, k) = self.pop_b();
                return self.define(Op::SubscrConst, k, [b, index as u16], 0);
            }
            return self.two(Op::Subscr, 0);
        }
        // In place or not, the fast cases are the same.
        let (op, with_const) = match arg % 13 {
            0 => (Op::Add, Some(Op::AddConst)),
            1 => (Op::And, None),
            2 => (Op::FloorDiv, None),
            5 => (Op::Mul, Some(Op::MulConst)),
            6 => (Op::Mod, None),
            10 => (Op::Sub, Some(Op::SubConst)),
            11 => (Op::TrueDiv, None),
            _ => (Op::Binary, None),
        };
        if let (Some(op), Some(&Entry::Const(index @ 0..=0xFFFF))) = (with_const, self.stack.last()) {
            self.stack.pop();
            let (b, k) = self.pop_b();
            return self.define(op, k, [b, index as u16], arg);
        }
        self.two(op, arg);
    }

    fn compare(&mut self, it: &Verified, at: usize, arg: u32) -> usize {
        let kind = arg >> self.shapes.ops.info(Raw::CompareOp).shift;
        let jumps = [Raw::PopJumpIfFalse, Raw::PopJumpIfTrue];
        let mut used = 1;
        if Self::follows(it, at, &[Raw::ToBool]) && Self::follows(it, at + 1, &jumps) {
            used = 2;
        }
        if !Self::follows(it, at + used - 1, &jumps) || kind > 5 {
            // The bit of value 16 asks for a bool.
            let k = if arg & 16 != 0 { IF_FALSE } else { 0 };
            let (registers, kills) = self.pop_bc();
            self.define(Op::Compare, kills | k, registers, kind);
            return 1;
        }
        let jump = it.code[at + used];
        const WITH: [[Op; 2]; 6] = [
            [Op::JumpLt, Op::JumpLtConst],
            [Op::JumpLe, Op::JumpLeConst],
            [Op::JumpEq, Op::JumpEqConst],
            [Op::JumpNe, Op::JumpNeConst],
            [Op::JumpGt, Op::JumpGtConst],
            [Op::JumpGe, Op::JumpGeConst],
        ];
        let [op, with_const] = WITH[kind as usize];
        let k = if jump.op == Raw::PopJumpIfFalse { IF_FALSE } else { 0 };
        let target = jump.target.unwrap_or(0);
        match self.stack.last() {
            Some(&Entry::Const(index @ 0..=0xFFFF)) => {
                self.stack.pop();
                let (b, kill) = self.pop_b();
                self.settle();
                self.jump(with_const, k | kill, [0, b, index as u16], target);
            }
            _ => {
                let ([b, c], kills) = self.pop_bc();
                self.settle();
                self.jump(op, k | kills, [0, b, c], target);
            }
        }
        used + 1
    }

    fn jump_if(&mut self, op: Op, ins: &Ins) {
        let (b, k) = self.pop_b();
        self.settle();
        self.jump(op, k, [0, b, 0], ins.target.unwrap_or(0));
    }

    fn for_iter(&mut self, ins: &Ins) {
        self.settle();
        let place = self.stack.len() as u16;
        let (a, b) = (self.register(place), self.register(place - ins.extra as u16));
        self.jump(Op::ForIter, 0, [a, b, 0], ins.target.unwrap_or(0));
        self.stack.push(Entry::Temp);
        self.defined = Some((self.out.len() - 1, place));
    }

    fn call(&mut self, names: bool, count: usize) {
        let all = count + 2 + usize::from(names);
        let receiver = self.stack.len() - all + 1;
        let mut k = 0;
        if self.stack[receiver] == Entry::Null {
            k = NO_SELF;
            // The register is not looked at; it holds no pointer.
            self.stack[receiver] = Entry::Temp;
        }
        if self.generator {
            k |= OUT;
        }
        let a = self.pop_owned(all);
        self.emit_call(if names { Op::CallKw } else { Op::Call }, k, a, count as u16);
    }

    fn emit_call(&mut self, op: Op, k: u8, a: u16, count: u16) {
        let at = self.emit(op, k, [a, a, count], 0);
        self.defined = Some((at, self.stack.len() as u16));
        self.stack.push(Entry::Temp);
    }

    /// An instruction whose operands are consecutive registers, the first of which gets the result.
    fn row(&mut self, op: Op, count: usize, c: u16, d: u32) {
        let first = self.pop_owned(count);
        self.define(op, 0, [first, c], d);
    }

    fn name_operand(&mut self, op: Op, name: u32) {
        let (b, k) = self.pop_b();
        self.emit(op, k, [0, b, 0], name);
    }

    fn other(&mut self, ins: &Ins) {
        let arg = ins.arg;
        let shift = self.shapes.ops.info(ins.op).shift;
        let name = arg >> shift;
        match ins.op {
            Raw::LoadGlobal => {
                let cache = self.caches(1);
                self.define(Op::LoadGlobal, 0, [0, cache], name);
                if arg & 1 != 0 && shift > 0 {
                    let defined = self.defined;
                    self.stack.push(Entry::Null);
                    self.defined = defined;
                }
            }
            Raw::LoadAttr if arg & 1 != 0 && shift > 0 => {
                let (b, k) = self.pop_b();
                let (cache, place) = (self.caches(2), self.stack.len() as u16);
                let a = self.register(place);
                self.emit(Op::LoadMethod, k, [a, b, cache], name);
                self.stack.extend([Entry::Temp, Entry::Temp]);
            }
            Raw::LoadAttr => {
                let cache = self.caches(2);
                let (b, k) = self.pop_b();
                self.define(Op::LoadAttr, k, [b, cache], name);
            }
            Raw::StoreAttr => {
                let cache = self.caches(2);
                let (object, value) = (self.pop(), self.pop());
                let (b, kill_b) = self.operand(value);
                let (a, kill_a) = self.operand(object);
                let k = if kill_a { super::op::KILL_A } else { 0 } | if kill_b { KILL_B } else { 0 };
                self.emit(Op::StoreAttr, k, [a, b, cache], name);
            }
            Raw::DeleteAttr => self.name_operand(Op::DeleteAttr, name),
            Raw::LoadSuperAttr => {
                self.row(Op::LoadSuper, 3, (arg & 3) as u16, name);
                if arg & 1 != 0 {
                    self.stack.push(Entry::Temp);
                    self.defined = None;
                }
            }
            Raw::LoadName => self.define(Op::LoadName, 0, [0; 2], name),
            Raw::StoreName => self.name_operand(Op::StoreName, name),
            Raw::StoreGlobal => self.name_operand(Op::StoreGlobal, name),
            Raw::DeleteName => {
                self.emit(Op::DeleteName, 0, [0; 3], name);
            }
            Raw::DeleteGlobal => {
                self.emit(Op::DeleteGlobal, 0, [0; 3], name);
            }
            Raw::LoadLocals => self.define(Op::LoadLocals, 0, [0; 2], 0),
            Raw::LoadFromDictOrGlobals => self.unary(Op::LoadFromDictOrGlobals, name),
            Raw::LoadFromDictOrDeref => {
                let (b, k) = self.pop_b();
                self.define(Op::LoadFromDictOrDeref, k, [b, arg as u16], 0);
            }
            Raw::MakeCell => {
                self.protect(arg as u16);
                self.emit(Op::MakeCell, 0, [arg as u16, 0, 0], 0);
            }
            Raw::CopyFreeVars => {
                if arg > u32::from(self.locals) {
                    self.error = Some("more free variables than locals");
                }
                self.emit(Op::CopyFree, 0, [0; 3], arg);
            }
            Raw::LoadDeref => self.define(Op::LoadDeref, 0, [arg as u16, 0], 0),
            Raw::StoreDeref => {
                let (b, k) = self.pop_b();
                self.emit(Op::StoreDeref, k, [arg as u16, b, 0], 0);
            }
            Raw::DeleteDeref => {
                self.emit(Op::DeleteDeref, 0, [arg as u16, 0, 0], 0);
            }
            Raw::StoreSubscr => {
                let (key, container, value) = (self.pop(), self.pop(), self.pop());
                let (c, kill_c) = self.operand(value);
                let (a, kill_a) = self.operand(container);
                if let Entry::Const(index @ 0..=0xFFFF) = key.entry {
                    let k = if kill_a { super::op::KILL_A } else { 0 } | if kill_c { KILL_C } else { 0 };
                    self.emit(Op::StoreSubscrConst, k, [a, index as u16, c], 0);
                    return;
                }
                let (b, kill_b) = self.operand(key);
                let k = if kill_a { super::op::KILL_A } else { 0 }
                    | if kill_b { KILL_B } else { 0 }
                    | if kill_c { KILL_C } else { 0 };
                self.emit(Op::StoreSubscr, k, [a, b, c], 0);
            }
            Raw::DeleteSubscr => {
                let ([b, c], k) = self.pop_bc();
                self.emit(Op::DeleteSubscr, k, [0, b, c], 0);
            }
            Raw::BinarySlice => self.row(Op::BinarySlice, 3, 0, 0),
            Raw::StoreSlice => {
                let a = self.pop_owned(4);
                self.emit(Op::StoreSlice, 0, [a, 0, 0], 0);
            }
            Raw::BuildList => self.row(Op::BuildList, arg as usize, arg as u16, 0),
            Raw::BuildTuple => self.row(Op::BuildTuple, arg as usize, arg as u16, 0),
            Raw::BuildSet => self.row(Op::BuildSet, arg as usize, arg as u16, 0),
            Raw::BuildMap => self.row(Op::BuildMap, 2 * arg as usize, arg as u16, 0),
            Raw::BuildConstKeyMap => self.row(Op::BuildConstMap, arg as usize + 1, arg as u16, 0),
            Raw::BuildString => self.row(Op::BuildString, arg as usize, arg as u16, 0),
            Raw::BuildSlice => self.row(Op::BuildSlice, arg as usize, arg as u16, 0),
            Raw::ListAppend => self.add_to_container(Op::ListAppend, arg),
            Raw::SetAdd => self.add_to_container(Op::SetAdd, arg),
            Raw::ListExtend => self.add_to_container(Op::ListExtend, arg),
            Raw::SetUpdate => self.add_to_container(Op::SetUpdate, arg),
            Raw::DictUpdate => self.add_to_container(Op::DictUpdate, arg),
            Raw::MapAdd => {
                let ([b, c], k) = self.pop_bc();
                let a = self.container(arg);
                self.emit(Op::MapAdd, k, [a, b, c], 0);
            }
            Raw::DictMerge => {
                let (b, k) = self.pop_b();
                let a = self.container(arg);
                let callable = self.container(arg + 3 - ins.extra);
                self.emit(Op::DictMerge, k, [a, b, callable], 0);
            }
            Raw::UnpackSequence => {
                let (b, k) = self.pop_b();
                let a = self.register(self.stack.len() as u16);
                let at = self.emit(Op::Unpack, k, [a, b, arg as u16], 0);
                self.stack.resize(self.stack.len() + arg as usize, Entry::Temp);
                self.unpacked = (arg > 0).then_some((at, arg as usize));
            }
            Raw::UnpackEx => {
                let (b, k) = self.pop_b();
                let a = self.register(self.stack.len() as u16);
                self.emit(Op::UnpackEx, k, [a, b, (arg & 0xFF) as u16], arg >> 8);
                let count = 1 + (arg & 0xFF) as usize + (arg >> 8) as usize;
                self.stack.resize(self.stack.len() + count, Entry::Temp);
            }
            _ => self.rest(ins),
        }
    }

    /// The register of a container that instructions add to.
    fn container(&mut self, depth: u32) -> u16 {
        let place = self.stack.len() - depth as usize;
        self.own(place);
        self.register(place as u16)
    }

    fn add_to_container(&mut self, op: Op, depth: u32) {
        let (b, k) = self.pop_b();
        let a = self.container(depth);
        self.emit(op, k, [a, b, 0], 0);
    }

    fn rest(&mut self, ins: &Ins) {
        let arg = ins.arg;
        match ins.op {
            Raw::ReturnGenerator => self.define(Op::ReturnGenerator, 0, [0; 2], 0),
            Raw::YieldValue => self.unary(Op::Yield, 0),
            Raw::Send => {
                self.settle();
                let c = self.register(self.stack.len() as u16 - 1);
                self.jump(Op::Send, 0, [c, c - ins.extra as u16, c], ins.target.unwrap_or(0));
            }
            Raw::EndSend => {
                let value = self.pop();
                let (b, _) = self.operand(value);
                for _ in 1..ins.extra {
                    self.drop_top();
                }
                let receiver = self.pop();
                self.stack.push(receiver.entry);
                let to = self.pop_owned(1);
                self.emit(Op::Move, 0, [to, b, 0], 0);
                self.stack.push(Entry::Temp);
            }
            Raw::CleanupThrow => {
                let a = self.pop_owned(3);
                self.emit(Op::CleanupThrow, 0, [a, 0, 0], 0);
                self.stack.extend([Entry::Temp, Entry::Temp]);
            }
            Raw::GetYieldFromIter => self.unary(Op::GetYieldFrom, 0),
            Raw::GetAwaitable => self.unary(Op::GetAwaitable, arg),
            Raw::MakeFunction => self.unary(Op::MakeFunction, 0),
            Raw::SetFunctionAttribute => {
                let first = self.pop_owned(2);
                self.emit(Op::SetFunction, 0, [first + 1, first, 0], arg);
                self.emit(Op::Move, 0, [first, first + 1, 0], 0);
                self.stack.push(Entry::Temp);
            }
            Raw::LoadBuildClass => self.define(Op::LoadBuildClass, 0, [0; 2], 0),
            Raw::LoadCommonConstant if arg == super::normal::COMMON_NONE => {
                let index = self.constant(NONE);
                self.stack.push(Entry::Const(index));
            }
            Raw::LoadCommonConstant => self.define(Op::LoadCommon, 0, [0; 2], arg),
            Raw::RaiseVarargs => {
                let a = self.pop_owned(arg as usize);
                self.emit(Op::Raise, 0, [a, 0, arg as u16], 0);
            }
            Raw::Reraise => {
                self.settle();
                let b = self.register(self.stack.len() as u16 - 1);
                let lasti = b - arg as u16;
                self.emit(Op::Reraise, KILL_B, [0, b, u16::from(arg > 0)], lasti.into());
                self.stack.pop();
            }
            Raw::PushExcInfo => {
                self.settle();
                let a = self.register(self.stack.len() as u16 - 1);
                self.emit(Op::PushExc, 0, [a, 0, 0], 0);
                self.stack.push(Entry::Temp);
            }
            Raw::PopExcept => {
                let (b, k) = self.pop_b();
                self.emit(Op::PopExcept, k, [0, b, 0], 0);
            }
            Raw::CheckExcMatch => {
                let ([b, c], k) = {
                    let types = self.pop();
                    self.settle();
                    let b = self.register(self.stack.len() as u16 - 1);
                    let (c, kill) = self.operand(types);
                    ([b, c], if kill { KILL_C } else { 0 })
                };
                self.define(Op::ExcMatch, k, [b, c], 0);
            }
            Raw::CheckEgMatch => {
                let a = self.pop_owned(2);
                self.emit(Op::ExcGroupMatch, 0, [a, 0, 0], 0);
                self.stack.extend([Entry::Temp, Entry::Temp]);
            }
            Raw::LoadSpecial => {
                let (b, k) = self.pop_b();
                let a = self.register(self.stack.len() as u16);
                self.emit(Op::LoadSpecial, k, [a, b, 0], arg);
                self.stack.extend([Entry::Temp, Entry::Temp]);
            }
            Raw::WithExceptStart => {
                self.settle();
                let top = self.register(self.stack.len() as u16);
                let receiver = u32::from(ins.extra == 5);
                self.define(Op::WithExcept, 0, [top - ins.extra as u16, top - 1], receiver);
            }
            Raw::ImportName => self.row(Op::ImportName, 2, 0, arg),
            Raw::ImportFrom => {
                self.settle();
                let b = self.register(self.stack.len() as u16 - 1);
                self.define(Op::ImportFrom, 0, [b, 0], arg);
            }
            Raw::ConvertValue => self.unary(Op::Convert, arg),
            Raw::FormatSimple => self.unary(Op::Format, 0),
            Raw::FormatWithSpec => self.two(Op::FormatSpec, 0),
            Raw::CallIntrinsic1 => self.unary(Op::Intrinsic1, arg),
            Raw::CallIntrinsic2 => self.two(Op::Intrinsic2, arg),
            Raw::GetLen | Raw::MatchMapping | Raw::MatchSequence => {
                let top = self.stack.len() - 1;
                let b = match self.stack[top] {
                    Entry::Local(local) => local,
                    _ => {
                        self.own(top);
                        self.register(top as u16)
                    }
                };
                let op = match ins.op {
                    Raw::GetLen => Op::GetLen,
                    Raw::MatchMapping => Op::MatchMapping,
                    _ => Op::MatchSequence,
                };
                self.define(op, 0, [b, 0], 0);
            }
            Raw::MatchKeys => {
                self.settle();
                let top = self.register(self.stack.len() as u16);
                self.define(Op::MatchKeys, 0, [top - 2, top - 1], 0);
            }
            Raw::CopyDictWithoutKeys => {
                let first = self.pop_owned(2);
                self.stack.push(Entry::Temp);
                self.define(Op::DictWithout, 0, [first, first + 1], 0);
            }
            Raw::MatchClass => self.row(Op::MatchClass, 3, arg as u16, 0),
            Raw::BuildTemplate => {
                self.row(Op::BuildTuple, 2, 2, 0);
                self.unary(Op::Intrinsic1, intrinsic::TEMPLATE);
            }
            Raw::BuildInterpolation => {
                let count = 2 + (arg & 1) as u16;
                self.row(Op::BuildTuple, count.into(), count, 0);
                self.unary(Op::Intrinsic1, intrinsic::INTERPOLATION + (arg >> 2));
            }
            Raw::GetAiter => self.unary(Op::Intrinsic1, intrinsic::AITER),
            Raw::GetAnext => {
                self.copy(1);
                self.unary(Op::Intrinsic1, intrinsic::ANEXT);
            }
            Raw::EndAsyncFor => {
                self.two(Op::Intrinsic2, intrinsic::END_ASYNC_FOR);
                let (b, _) = self.pop_b();
                self.emit(Op::Clear, 0, [b, 0, 0], 0);
            }
            Raw::SetupAnnotations => {
                self.emit(Op::SetupAnnotations, 0, [0; 3], 0);
            }
            op => self.lacking(op, ins),
        }
    }

    /// An operation that this machine does not have yet: says so when it is reached.
    fn lacking(&mut self, op: Raw, ins: &Ins) {
        self.settle();
        let name = self.constant(self.vm.intern(&format!("the instruction {op:?}")));
        self.emit(Op::Missing, 0, [0; 3], name);
        let effect = self.shapes.ops.effect(op, ins.arg, false);
        let depth = self.stack.len().saturating_add_signed(effect as isize);
        self.stack.resize(depth, Entry::Temp);
    }
}
