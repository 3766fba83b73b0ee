//! The loop.

use super::caches::Ways;
use super::fast::holds;
use super::ops::Fetch;
use super::rest::{Kept, Rest};
use super::window::{Window, clear, sends_on};
use super::{Frame, Leave};
use crate::heap::allocate;
use crate::load::op::{IF_FALSE, KILL_A, KILL_B, KILL_C, NO_SELF, OUT, Op};
use crate::object::{Cellvar, Function, Generator, Iter, Kind, List, Native, Slot, State, Tuple};
use crate::value::{NONE, UNSET, Value};
use crate::vm::{R, Raised, Vm};
use std::sync::atomic::Ordering::Relaxed;
use std::{arch::asm, ptr, slice};

impl Vm {
    /// Runs the innermost frame until it is left.
    pub(crate) fn run(&self) -> R {
        loop {
            let result =
                if self.tracing.is_on() { self.run_loop::<true>() } else { self.run_loop::<false>() };
            if result.is_ok() || !self.tracing.switch.replace(false) {
                return result;
            }
        }
    }

    /// The same, in the loop that tells of what it runs or in the other one.
    fn run_loop<const TRACED: bool>(&self) -> R {
        // SAFETY: who runs has entered a frame.
        let Window { mut code, mut function, mut registers, mut at } = unsafe { self.window() };
        // Read for each instruction: it is not to take one of the machine's registers from one to the next.
        let kept: *const Vm = self;
        let vm = Kept(&raw const kept);

        // SAFETY, for all of these: instructions name registers of the window, all of which hold values.
        macro_rules! r {
            ($at:expr) => {
                &*registers.add(usize::from($at))
            };
        }
        macro_rules! set {
            ($at:expr, $value:expr) => {{
                let value = $value;
                drop(ptr::replace(registers.add(usize::from($at)), value));
            }};
        }
        macro_rules! take {
            ($at:expr) => {
                ptr::replace(registers.add(usize::from($at)), UNSET)
            };
        }
        macro_rules! kill {
            ($i:ident, $flag:ident, $at:ident) => {
                if $i.k & $flag != 0 {
                    drop(take!($i.$at));
                }
            };
        }
        macro_rules! reload {
            () => {{
                Window { code, function, registers, at } = vm.window();
            }};
        }

        loop {
            // SAFETY: `at` stays within the code, which ends with an instruction that leaves it; registers
            // are as said above; `code` and `function` are alive while their frame is active.
            let left: Option<Value> = unsafe {
                'run: loop {
                    // Only where the last instruction is lives from one to the next: there are few registers.
                    at = at.wrapping_add(1);
                    // Nothing happens here, but what is named must be in the machine's registers: else the compiler
                    // keeps it in memory from one instruction to the next, and a second place beside `at`.
                    asm!(
                        "/* {0} {1} */",
                        inout(reg) at,
                        inout(reg) registers,
                        options(nostack, preserves_flags)
                    );
                    let i = &*at;
                    if TRACED && i.op != Op::Prepare {
                        if !vm.tracing.is_on() {
                            vm.save(at);
                            vm.tracing.switch.set(true);
                            return Err(Raised);
                        }
                        vm.save(at.add(1));
                        let place = at.offset_from((&*code).instrs.as_ptr()) as u32;
                        if vm.trace_step(&*code, &(&*function).body, place, *i, registers).is_err() {
                            break 'run None;
                        }
                    }

                    macro_rules! check {
                        ($result:expr) => {
                            match $result {
                                Ok(value) => value,
                                Err(Raised) => break 'run None,
                            }
                        };
                    }
                    macro_rules! constant {
                        ($at:expr) => {
                            (&*code).consts.get_unchecked($at as usize)
                        };
                    }
                    macro_rules! jump {
                        () => {
                            // SAFETY: the target is within the code.
                            at = i.target(at).wrapping_sub(1)
                        };
                    }
                    let rest = 'fast: {
                        macro_rules! arithmetic {
                            ($small:path, $float:expr, $c:expr) => {{
                                let (b, c): (&Value, &Value) = (r!(i.b), $c);
                                if Value::both_small(b, c)
                                    && let Some(value) = $small(b, c)
                                {
                                    set!(i.a, value);
                                } else if b.is_short_float()
                                    && c.is_short_float()
                                    && let Some(value) = Value::short_float($float(
                                        b.short_float_unchecked(),
                                        c.short_float_unchecked(),
                                    ))
                                {
                                    set!(i.a, value);
                                } else {
                                    break 'fast Rest::Binary;
                                }
                            }};
                        }
                        macro_rules! jump_compare {
                        ($op:tt, $c:expr) => {{
                            let (b, c): (&Value, &Value) = (r!(i.b), $c);
                            let truth = if Value::both_small(b, c) {
                                (b.word() as i64) $op (c.word() as i64)
                            } else if b.is_short_float() && c.is_short_float() {
                                b.short_float_unchecked() $op c.short_float_unchecked()
                            } else {
                                break 'fast Rest::Compare;
                            };
                            if truth == (i.k & IF_FALSE == 0) {
                                jump!();
                            }
                        }};
                    }
                        macro_rules! ways {
                            () => {
                                // SAFETY: the lowering made two caches for the instruction.
                                &*(&*code).caches.as_ptr().add(usize::from(i.c)).cast::<Ways>()
                            };
                        }
                        macro_rules! tick {
                            () => {
                                match vm.heap.ticks.load(Relaxed) {
                                    0 => {
                                        vm.save(at.add(1));
                                        check!(vm.pause());
                                        if !TRACED && vm.tracing.is_on() {
                                            vm.save(at);
                                            vm.tracing.switch.set(true);
                                            return Err(Raised);
                                        }
                                    }
                                    left => vm.heap.ticks.store(left - 1, Relaxed),
                                }
                            };
                        }

                        match i.op {
                            Op::Nop => {}
                            Op::Prepare => {
                                check!(vm.prepare_code(&*code));
                                at = (&*code).instrs.as_ptr().wrapping_sub(1);
                            }
                            Op::LoadConst => set!(i.a, constant!(i.d).clone()),
                            Op::LoadSmall => set!(i.a, Value::from_i32(i.d as i32)),
                            Op::Copy => set!(i.a, r!(i.b).clone()),
                            Op::Move => set!(i.a, take!(i.b)),
                            Op::Swap => {
                                ptr::swap(registers.add(usize::from(i.a)), registers.add(usize::from(i.b)))
                            }
                            Op::Clear => drop(take!(i.a)),
                            Op::Order => {
                                if r!(i.a).is_unset() {
                                    ptr::swap(
                                        registers.add(usize::from(i.a)),
                                        registers.add(usize::from(i.a) + 1),
                                    );
                                }
                            }
                            Op::Add => {
                                arithmetic!(Value::add_small, |a: f64, b: f64| a + b, r!(i.c));
                            }
                            Op::AddConst => {
                                arithmetic!(Value::add_small, |a: f64, b: f64| a + b, constant!(i.c));
                            }
                            Op::Sub => {
                                arithmetic!(Value::sub_small, |a: f64, b: f64| a - b, r!(i.c));
                            }
                            Op::SubConst => {
                                arithmetic!(Value::sub_small, |a: f64, b: f64| a - b, constant!(i.c));
                            }
                            Op::Mul => {
                                arithmetic!(Value::mul_small, |a: f64, b: f64| a * b, r!(i.c));
                            }
                            Op::MulConst => {
                                arithmetic!(Value::mul_small, |a: f64, b: f64| a * b, constant!(i.c));
                            }
                            Op::JumpLt => jump_compare!(<, r!(i.c)),
                            Op::JumpLe => jump_compare!(<=, r!(i.c)),
                            Op::JumpEq => jump_compare!(==, r!(i.c)),
                            Op::JumpNe => jump_compare!(!=, r!(i.c)),
                            Op::JumpGt => jump_compare!(>, r!(i.c)),
                            Op::JumpGe => jump_compare!(>=, r!(i.c)),
                            Op::JumpLtConst => jump_compare!(<, constant!(i.c)),
                            Op::JumpLeConst => jump_compare!(<=, constant!(i.c)),
                            Op::JumpEqConst => jump_compare!(==, constant!(i.c)),
                            Op::JumpNeConst => jump_compare!(!=, constant!(i.c)),
                            Op::JumpGtConst => jump_compare!(>, constant!(i.c)),
                            Op::JumpGeConst => jump_compare!(>=, constant!(i.c)),
                            Op::TrueDiv => {
                                let (b, c) = (r!(i.b), r!(i.c));
                                if b.is_short_float()
                                    && c.is_short_float()
                                    && c.short_float_unchecked() != 0.0
                                    && let Some(value) = Value::short_float(
                                        b.short_float_unchecked() / c.short_float_unchecked(),
                                    )
                                {
                                    set!(i.a, value);
                                } else {
                                    break 'fast Rest::Binary;
                                }
                            }
                            Op::FloorDiv | Op::Mod | Op::And => {
                                let (b, c) = (r!(i.b), r!(i.c));
                                let fast = match (b.as_small(), c.as_small()) {
                                    (Some(x), Some(y)) if i.op == Op::And => Value::small(x & y),
                                    (Some(x), Some(y)) if y > 0 && i.op == Op::Mod => {
                                        Value::small(x.rem_euclid(y))
                                    }
                                    (Some(x), Some(y)) if y > 0 => Value::small(x.div_euclid(y)),
                                    _ => None,
                                };
                                if let Some(value) = fast {
                                    set!(i.a, value);
                                } else {
                                    break 'fast Rest::Binary;
                                }
                            }
                            Op::Binary => break 'fast Rest::Binary,
                            Op::Compare if Value::both_small(r!(i.b), r!(i.c)) => {
                                let truth = holds(i.d, &(r!(i.b).word() as i64), &(r!(i.c).word() as i64));
                                set!(i.a, Value::bool(truth));
                            }
                            Op::CheckBound if !r!(i.a).is_unset() => {}
                            Op::Compare => {
                                let value = check!(vm.compare_op(r!(i.b), r!(i.c), i.d, i.k & IF_FALSE != 0));
                                kill!(i, KILL_B, b);
                                kill!(i, KILL_C, c);
                                set!(i.a, value);
                            }
                            Op::Jump => jump!(),
                            Op::JumpBack => {
                                // An exception of a signal's handler is raised here, not at the target.
                                tick!();
                                jump!();
                            }
                            Op::JumpIfFalse | Op::JumpIfTrue => {
                                let truth = match r!(i.b).as_bool() {
                                    Some(truth) => truth,
                                    None => {
                                        let truth = check!(vm.truth(r!(i.b)));
                                        kill!(i, KILL_B, b);
                                        truth
                                    }
                                };
                                if truth == (i.op == Op::JumpIfTrue) {
                                    jump!();
                                }
                            }
                            Op::JumpIfNone | Op::JumpIfNotNone => {
                                let none = r!(i.b).is_none();
                                kill!(i, KILL_B, b);
                                if none == (i.op == Op::JumpIfNone) {
                                    jump!();
                                }
                            }
                            Op::ForIter => {
                                let iterator = r!(i.b);
                                if let Some(iter) = iterator.get::<Iter>() {
                                    let found = match vm.fast_next(iter) {
                                        Some(found) => found,
                                        None => check!(vm.next_of_iter(iterator)),
                                    };
                                    match found {
                                        Some(value) => set!(i.a, value),
                                        None => jump!(),
                                    }
                                } else if vm.goes_on_in_place(iterator) {
                                    break 'fast Rest::Resume;
                                } else {
                                    match check!(vm.next(iterator)) {
                                        Some(value) => set!(i.a, value),
                                        None => jump!(),
                                    }
                                }
                            }
                            Op::Subscr => {
                                let (b, c) = (r!(i.b), r!(i.c));
                                let value = match vm.fast_item(b, c) {
                                    Some(value) => value,
                                    None => {
                                        if b.has_kind(Kind::Instance) {
                                            vm.save(at.add(1));
                                            if check!(vm.enter_item(b, &vm.names.getitem, [c, &UNSET])) {
                                                reload!();
                                                continue 'run;
                                            }
                                        }
                                        check!(vm.get_item(b, c))
                                    }
                                };
                                kill!(i, KILL_B, b);
                                kill!(i, KILL_C, c);
                                set!(i.a, value);
                            }
                            Op::SubscrConst => {
                                let (b, c) = (r!(i.b), constant!(i.c));
                                let value = match vm.fast_item(b, c) {
                                    Some(value) => value,
                                    None => check!(vm.get_item(b, c)),
                                };
                                kill!(i, KILL_B, b);
                                set!(i.a, value);
                            }
                            Op::StoreSubscr => {
                                let value = if i.k & KILL_C != 0 { take!(i.c) } else { r!(i.c).clone() };
                                if let Err(value) = vm.fast_store(r!(i.a), r!(i.b), value) {
                                    if r!(i.a).has_kind(Kind::Instance) {
                                        vm.save(at.add(1));
                                        let with = [r!(i.b), &value];
                                        if check!(vm.enter_item(r!(i.a), &vm.names.setitem, with)) {
                                            reload!();
                                            continue 'run;
                                        }
                                    }
                                    check!(vm.set_item(r!(i.a), r!(i.b), value));
                                }
                                kill!(i, KILL_A, a);
                                kill!(i, KILL_B, b);
                            }
                            Op::StoreSubscrConst => {
                                let value = if i.k & KILL_C != 0 { take!(i.c) } else { r!(i.c).clone() };
                                if let Err(value) = vm.fast_store(r!(i.a), constant!(i.b), value) {
                                    check!(vm.set_item(r!(i.a), constant!(i.b), value));
                                }
                                kill!(i, KILL_A, a);
                            }
                            Op::Unpack => match vm.fast_unpack(registers, *i, at.add(1)) {
                                Some(done) => at = at.add(done),
                                None => {
                                    vm.save(at.add(1));
                                    let frame = Fetch { code: &*code, function: &*function, registers };
                                    check!(vm.unpack(&frame, *i));
                                }
                            },
                            Op::BuildTuple => {
                                let first = registers.add(usize::from(i.b));
                                set!(i.a, vm.tuple_of_registers(first, i.c.into()));
                            }
                            Op::BuildList => {
                                let first = registers.add(usize::from(i.b));
                                set!(i.a, vm.list_of_registers(first, i.c.into()));
                            }
                            Op::Is => {
                                let value = Value::bool(r!(i.b).is(r!(i.c)) != (i.d != 0));
                                kill!(i, KILL_B, b);
                                kill!(i, KILL_C, c);
                                set!(i.a, value);
                            }
                            Op::Contains => {
                                let found = match vm.fast_contains(r!(i.c), r!(i.b)) {
                                    Some(found) => found,
                                    None => check!(vm.contains(r!(i.c), r!(i.b))),
                                };
                                kill!(i, KILL_B, b);
                                kill!(i, KILL_C, c);
                                set!(i.a, Value::bool(found != (i.d != 0)));
                            }
                            Op::ToBool | Op::Not => {
                                let truth = match r!(i.b).as_bool() {
                                    Some(truth) => truth,
                                    None => check!(vm.truth(r!(i.b))),
                                };
                                kill!(i, KILL_B, b);
                                set!(i.a, Value::bool(truth == (i.op == Op::ToBool)));
                            }
                            Op::GetIter | Op::GetYieldFrom if r!(i.b).has_kind(Kind::Instance) => {
                                break 'fast Rest::Iter;
                            }
                            Op::GetIter => {
                                let value = check!(vm.iter(r!(i.b)));
                                kill!(i, KILL_B, b);
                                set!(i.a, value);
                            }
                            Op::LoadGlobal => {
                                let cache = (&*code).caches.get_unchecked(usize::from(i.c));
                                let value = vm.load_global(&(&*function).body, &(&*code).names, cache, i.d);
                                set!(i.a, check!(value));
                            }
                            Op::LoadAttr => {
                                let ways = ways!();
                                let value = match vm.cached_attribute(r!(i.b), ways) {
                                    Some(value) => value,
                                    None => {
                                        // A frame may be asked for its line.
                                        vm.save(at.add(1));
                                        if let Some(getter) = vm.cached_getter(r!(i.b), ways) {
                                            let none = [&UNSET, &UNSET];
                                            if check!(vm.enter_method(&getter, r!(i.b), none)) {
                                                reload!();
                                                continue 'run;
                                            }
                                        }
                                        // A frame may be asked where it is.
                                        vm.save(at.add(1));
                                        let name = (&*code).names.get_unchecked(i.d as usize);
                                        check!(vm.load_attribute(r!(i.b), name, ways))
                                    }
                                };
                                kill!(i, KILL_B, b);
                                set!(i.a, value);
                            }
                            Op::LoadMethod => {
                                let ways = ways!();
                                let (method, bound) = match vm.cached_method(r!(i.b), ways) {
                                    Some(method) => (method, true),
                                    None => {
                                        let name = (&*code).names.get_unchecked(i.d as usize);
                                        check!(vm.load_method(r!(i.b), name, ways))
                                    }
                                };
                                let receiver = if i.k & KILL_B != 0 { take!(i.b) } else { r!(i.b).clone() };
                                set!(i.a, method);
                                set!(i.a + 1, if bound { receiver } else { UNSET });
                            }
                            Op::StoreAttr => {
                                let ways = ways!();
                                let value = if i.k & KILL_B != 0 { take!(i.b) } else { r!(i.b).clone() };
                                if let Err(value) = vm.store_cached(r!(i.a), value, ways) {
                                    let name = (&*code).names.get_unchecked(i.d as usize);
                                    check!(vm.store_attribute(r!(i.a), name, value, ways));
                                }
                                kill!(i, KILL_A, a);
                            }
                            Op::LoadDeref => {
                                let value = r!(i.b).get::<Cellvar>().and_then(|cell| cell.value.get());
                                match value {
                                    Some(value) => set!(i.a, value),
                                    None => {
                                        vm.unbound_cell(&*code, i.b);
                                        break 'run None;
                                    }
                                }
                            }
                            Op::StoreDeref => {
                                let value = if i.k & KILL_B != 0 { take!(i.b) } else { r!(i.b).clone() };
                                check!(vm.set_cell(r!(i.a), Some(value)));
                            }
                            Op::Call => {
                                tick!();
                                let callable = r!(i.a);
                                let (first, count) = if i.k & NO_SELF != 0 || r!(i.a + 1).is_unset() {
                                    (i.a + 2, i.c)
                                } else {
                                    (i.a + 1, i.c + 1)
                                };
                                if let Some(called) = callable.object::<Function>() {
                                    let target = called.body.code();
                                    if (&*target).simple && (&*target).argcount == count && i.k & OUT == 0 {
                                        let base = registers.add(usize::from(first));
                                        vm.save(at.add(1));
                                        check!(vm.push(
                                            called,
                                            target,
                                            base,
                                            usize::from(count),
                                            Leave::Call
                                        ));
                                        function = called;
                                        code = target;
                                        registers = base;
                                        at = (&*target).instrs.as_ptr().wrapping_sub(1);
                                        continue 'run;
                                    }
                                    vm.save(at.add(1));
                                    let base = registers.add(usize::from(first));
                                    let out = i.k & OUT != 0;
                                    check!(vm.enter(called, base, usize::from(count), out, Leave::Call));
                                    reload!();
                                    continue 'run;
                                }
                                vm.save(at.add(1));
                                if let Some(native) = callable.get::<Native>() {
                                    let values = slice::from_raw_parts(
                                        registers.add(usize::from(first)),
                                        usize::from(count),
                                    );
                                    let result = vm.call_native(native, values, first == i.a + 2);
                                    clear(registers.add(usize::from(first)), usize::from(count));
                                    let value = check!(result);
                                    drop(take!(i.a));
                                    set!(i.b, value);
                                    continue 'run;
                                }
                                let top = registers.add(usize::from((&*code).registers));
                                match check!(vm.call_registers(registers, *i, first, count, top)) {
                                    Some(value) => {
                                        drop(take!(i.a));
                                        set!(i.b, value);
                                    }
                                    None => reload!(),
                                }
                            }
                            Op::CallKw | Op::CallEx => {
                                tick!();
                                vm.save(at.add(1));
                                let frame = Fetch { code: &*code, function: &*function, registers };
                                if check!(vm.call_with_more(&frame, *i)) {
                                    reload!();
                                }
                            }
                            Op::Return => {
                                if let Some(caller) = vm.callers_window() {
                                    let value = take!(i.b);
                                    clear(registers, usize::from((&*code).locals));
                                    vm.drop_frame();
                                    Window { code, function, registers, at } = caller;
                                    let i = &*at;
                                    if i.a != i.b {
                                        drop(take!(i.a));
                                    }
                                    set!(i.b, value);
                                    continue 'run;
                                }
                                let value = if vm.is_shown() { r!(i.b).clone() } else { take!(i.b) };
                                if vm.is_shown() {
                                    vm.keep_frame(at.offset_from((&*code).instrs.as_ptr()) as u32);
                                    // A temporary is no local, which the frame's object keeps.
                                    drop(take!(i.b));
                                }
                                clear(registers, usize::from((&*code).locals));
                                let Some(caller) = vm.pop_call() else { break 'run Some(value) };
                                Window { code, function, registers, at } = caller;
                                let i = &*at;
                                if i.a != i.b {
                                    drop(take!(i.a));
                                }
                                set!(i.b, value);
                            }
                            Op::ListAppend => {
                                let value = if i.k & KILL_B != 0 { take!(i.b) } else { r!(i.b).clone() };
                                match r!(i.a).get::<List>() {
                                    Some(list) => list.push(value),
                                    None => {
                                        vm.missing("LIST_APPEND to what is no list");
                                        break 'run None;
                                    }
                                }
                            }
                            Op::ReturnGenerator => {
                                let value =
                                    check!(vm.make_generator(&*function, &*code, registers, at.add(1), i.a));
                                let Some(caller) = vm.pop_call() else { break 'run Some(value) };
                                Window { code, function, registers, at } = caller;
                                let i = &*at;
                                if i.a != i.b {
                                    drop(take!(i.a));
                                }
                                set!(i.b, value);
                            }
                            Op::Yield => {
                                // What is written over when the frame goes on is not kept until then.
                                let gives = i.k & KILL_B != 0 || i.a == i.b;
                                let value = if gives { take!(i.b) } else { r!(i.b).clone() };
                                let mut i = i;
                                // A generator that goes through another one passes its value on at once.
                                while let Some(leave) = vm.suspend_quickly(at.add(1), i.a) {
                                    if leave == Leave::NativeResume {
                                        return Ok(value);
                                    }
                                    reload!();
                                    let (send, next) = (&*at, &*at.add(1));
                                    let passes =
                                        send.op == Op::Send && next.op == Op::Yield && next.b == send.a;
                                    if TRACED || !passes || next.a != next.b {
                                        set!(send.a, value);
                                        continue 'run;
                                    }
                                    at = at.add(1);
                                    i = next;
                                }
                                match vm.suspend(value, at.add(1), i.a) {
                                    Err(value) => return Ok(value),
                                    Ok(value) => {
                                        reload!();
                                        let i = &*at;
                                        set!(i.a, value);
                                    }
                                }
                            }
                            Op::Send if vm.goes_on_in_place(r!(i.b)) => break 'fast Rest::Resume,
                            Op::BinarySlice => {
                                let first = registers.add(usize::from(i.b));
                                let bounds = (&*first.add(1), &*first.add(2));
                                match vm.part_of_list(&*first, bounds.0, bounds.1) {
                                    Some(value) => {
                                        clear(first, 3);
                                        set!(i.a, value);
                                    }
                                    None => break 'fast Rest::Other,
                                }
                            }
                            Op::CopyFree => {
                                let cells = (&*function).body.closure.get();
                                let cells = cells.as_ref().and_then(|it| it.get::<Tuple>());
                                let cells = cells.map_or(&[][..], |it| &it.items);
                                if cells.len() != i.d as usize {
                                    vm.missing("a closure that does not fit its code");
                                    break 'run None;
                                }
                                let first = usize::from((&*code).locals) - cells.len();
                                for (index, cell) in cells.iter().enumerate() {
                                    drop(ptr::replace(registers.add(first + index), cell.clone()));
                                }
                            }
                            Op::MakeCell => {
                                let value = take!(i.a);
                                let value = (!value.is_unset()).then_some(value);
                                let body = Cellvar { value: Slot::new(value) };
                                set!(i.a, allocate(&vm, &vm.types.cell, body));
                            }
                            _ => break 'fast Rest::Other,
                        }
                        continue 'run;
                    };
                    match rest {
                        Rest::Binary => {
                            let b = r!(i.b);
                            let c = match i.op {
                                Op::AddConst | Op::SubConst | Op::MulConst => constant!(i.c),
                                _ => r!(i.c),
                            };
                            if b.has_kind(Kind::Instance) {
                                vm.save(at.add(1));
                                if check!(vm.enter_operation(b, c, i.d)) {
                                    reload!();
                                    continue 'run;
                                }
                            }
                            check!(vm.slow_binary(registers.add(usize::from(i.a)), b, c, i.d));
                            kill!(i, KILL_B, b);
                            kill!(i, KILL_C, c);
                        }
                        Rest::Compare => {
                            let number = i.op as u32 - Op::JumpLt as u32;
                            let c = if number < 6 { r!(i.c) } else { constant!(i.c) };
                            let truth = check!(vm.compare_truth(r!(i.b), c, number % 6));
                            kill!(i, KILL_B, b);
                            kill!(i, KILL_C, c);
                            if truth == (i.k & IF_FALSE == 0) {
                                jump!();
                            }
                        }
                        Rest::Iter => {
                            vm.save(at.add(1));
                            if check!(vm.enter_item(r!(i.b), &vm.names.iter, [&UNSET, &UNSET])) {
                                reload!();
                                continue 'run;
                            }
                            let value = check!(vm.iter(r!(i.b)));
                            kill!(i, KILL_B, b);
                            set!(i.a, value);
                        }
                        Rest::Resume => {
                            vm.save(at.add(1));
                            let mut value = if i.op == Op::Send { take!(i.c) } else { NONE };
                            let mut iterator = r!(i.b);
                            while let Some(generator) = iterator.object::<Generator>() {
                                match vm.resume_quickly(generator, value, Leave::Resume) {
                                    Ok(()) => reload!(),
                                    Err(it) => {
                                        value = it;
                                        break;
                                    }
                                }
                                // One that goes through another one hands on what it is sent.
                                let Some(send) = sends_on(at.add(1)).filter(|_| !TRACED) else {
                                    continue 'run;
                                };
                                let i = &*send;
                                iterator = r!(i.b);
                                if !iterator
                                    .get::<Generator>()
                                    .is_some_and(|it| it.state.get() == State::Suspended)
                                {
                                    continue 'run;
                                }
                                at = send;
                                vm.save(at.add(1));
                                value = take!(i.c);
                            }
                            check!(vm.resume_in_place(iterator, value, Leave::Resume));
                            reload!();
                        }
                        Rest::Other => {
                            vm.save(at.add(1));
                            let frame = Fetch { code: &*code, function: &*function, registers };
                            if check!(vm.other(&frame, *i)) {
                                jump!();
                            }
                        }
                    }
                }
            };
            // The frame is left, or an exception looks for a handler.
            match left {
                Some(mut value) => {
                    // SAFETY: the frame's registers hold values.
                    unsafe { clear(registers, usize::from((&*code).locals)) };
                    // SAFETY: the frames are let go of at once.
                    let popped = unsafe { vm.stack.pop() };
                    let Some(frame) = popped else { return Err(Raised) };
                    let Frame { leave, generator, namespace, base, .. } = frame;
                    drop(namespace);
                    if leave == Leave::Item {
                        // SAFETY: the register before the frame's was made with it, and keeps its function.
                        drop(unsafe { ptr::replace(base.sub(1), UNSET) });
                    }
                    if let Some(generator) = generator {
                        vm.finished(&generator);
                    }
                    match leave {
                        Leave::Native | Leave::NativeResume => return Ok(value),
                        _ => {}
                    }
                    // SAFETY: a frame that was not entered by native code has one below.
                    unsafe { reload!() };
                    // SAFETY: the frame below goes on behind the instruction that entered the one that was left.
                    unsafe {
                        let i = *at;
                        if leave == Leave::Resume {
                            if i.op == Op::Send {
                                set!(i.a, value);
                            } else {
                                drop(value);
                            }
                            at = i.target(at).wrapping_sub(1);
                            continue;
                        }
                        if leave == Leave::Item {
                            if i.op == Op::StoreSubscr {
                                drop(value);
                                kill!(i, KILL_A, a);
                                kill!(i, KILL_B, b);
                            } else if value.is_not_implemented() && i.op.is_operation() {
                                let c = match i.op {
                                    Op::AddConst | Op::SubConst | Op::MulConst => {
                                        (&*code).consts.get_unchecked(usize::from(i.c))
                                    }
                                    _ => r!(i.c),
                                };
                                match vm.binary_refused(r!(i.b), c, i.d) {
                                    Ok(value) => {
                                        kill!(i, KILL_B, b);
                                        kill!(i, KILL_C, c);
                                        set!(i.a, value);
                                    }
                                    Err(Raised) => {
                                        if !vm.unwind(at.add(1), registers, &*code) {
                                            return Err(Raised);
                                        }
                                        reload!();
                                    }
                                }
                            } else if matches!(i.op, Op::GetIter | Op::GetYieldFrom)
                                && vm.check_iterator(&value).is_err()
                            {
                                drop(value);
                                if !vm.unwind(at.add(1), registers, &*code) {
                                    return Err(Raised);
                                }
                                reload!();
                            } else {
                                kill!(i, KILL_B, b);
                                kill!(i, KILL_C, c);
                                set!(i.a, value);
                            }
                            continue;
                        }
                        if leave == Leave::Init {
                            if !value.is_none() {
                                vm.init_returned(&value);
                                drop(take!(i.a));
                                if !vm.unwind(at.add(1), registers, &*code) {
                                    return Err(Raised);
                                }
                                reload!();
                                continue;
                            }
                            value = take!(i.a);
                        }
                        if i.a != i.b {
                            drop(take!(i.a));
                        }
                        set!(i.b, value);
                    }
                }
                None => {
                    // SAFETY: code and registers are those of the innermost frame.
                    if !unsafe { vm.unwind(at.add(1), registers, &*code) } {
                        return Err(Raised);
                    }
                    // SAFETY: the handler's frame is the innermost one.
                    unsafe { reload!() };
                }
            }
        }
    }
}
