//! `sys.settrace` and `sys.setprofile`: what programs are told of the frames that run.
//!
//! While a function is set, frames run in a second instance of the loop, which comes here before each instruction; the
//! first one's machine code knows nothing of it. A loop learns of the change where it pauses, so `heap.ticks` stays 0
//! meanwhile. A loop that is to be exchanged for the other one is left as by an exception, with [`Tracing::switch`] set.
//!
//! Lines are told by the places of CPython's code between two instructions of ours, so that those that lowering made
//! nothing of (`pass`, loads that became operands) are told too.

use super::frames::NOWHERE;
use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::load::op::{Instr, NO_SELF, Op};
use crate::object::{Bound, FrameObject, Function, Native, Slot};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use pyrsc::code::flags;
use pyrsc::source::Location;
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

/// What a thread's program is told, and by which functions.
#[derive(Default)]
pub(crate) struct Tracing {
    trace: Slot,
    profile: Slot,
    /// One of the functions runs.
    busy: Cell<bool>,
    /// What is called when an asynchronous generator is asked the first time, and when one goes that has not ended.
    pub(crate) first_iter: Slot,
    pub(crate) finalizer: Slot,
    /// How many frames are noted of where a coroutine is made.
    pub(crate) origin_depth: Cell<i64>,
    /// The loop was left for the other one.
    pub(crate) switch: Cell<bool>,
    /// `--trace-ops` and `--stats`
    pub(super) watch: super::watch::Watching,
    pub(super) watches: Cell<bool>,
}

/// The same of a thread that does not hold the lock.
#[derive(Default)]
pub(crate) struct Saved {
    slots: [Slot; 4],
    busy: bool,
    origin_depth: i64,
}

impl Saved {
    /// Sets the function that is told, for when the thread goes on.
    pub(crate) fn set(&self, profile: bool, function: &Value) {
        self.slots[usize::from(profile)].set(Some(function.clone()).filter(|it| !it.is_none()));
    }
}

impl Tracing {
    /// Are frames to run in the loop that tells of them?
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.watches.get() || self.tells()
    }

    /// Does the program want to know?
    pub(crate) fn tells(&self) -> bool {
        !self.busy.get() && (self.trace.is_some() || self.profile.is_some())
    }

    pub(crate) fn save(&self) -> Saved {
        Saved {
            slots: self.slots().map(|slot| Slot::new(slot.take())),
            busy: self.busy.take(),
            origin_depth: self.origin_depth.take(),
        }
    }

    pub(crate) fn restore(&self, saved: Saved) {
        for (slot, saved) in self.slots().into_iter().zip(&saved.slots) {
            slot.set(saved.take());
        }
        self.busy.set(saved.busy);
        self.origin_depth.set(saved.origin_depth);
    }

    const fn slots(&self) -> [&Slot; 4] {
        [&self.trace, &self.profile, &self.first_iter, &self.finalizer]
    }

    fn slot(&self, profile: bool) -> &Slot {
        if profile { &self.profile } else { &self.trace }
    }
}

/// What was told of a frame.
pub(crate) struct Told {
    /// Was its call?
    begun: Cell<bool>,
    /// The instruction that was told of last.
    at: Cell<u32>,
    /// The line that was told last.
    line: Cell<i32>,
    /// The line that is told just now, where it is not the instruction's.
    pub(crate) now: Cell<Option<i32>>,
    /// What native code is called, as the function of `sys.setprofile` was told.
    called: Slot,
}

impl Default for Told {
    fn default() -> Told {
        Told {
            begun: Cell::new(false),
            at: Cell::new(NOWHERE),
            line: Cell::new(i32::MIN),
            now: Cell::new(None),
            called: Slot::default(),
        }
    }
}

impl Told {
    /// The frame is left at a `yield`: going on is a call.
    pub(crate) fn suspended(&self) {
        self.begun.set(false);
    }
}

/// Where the code of a function begins that is no entry into its frame, and the line of that entry; `None` for bytecode
/// that has none, and for the bodies of classes, whose first instructions stand in the same place.
fn entry(code: &Code) -> Option<(u32, i32)> {
    let places = code.places();
    let resumes = |(_, place): &(u32, Location)| place.line >= 0 && place.col == 0 && place.end_col == 0;
    let at = places.iter().take(4).position(resumes)?;
    if places[at].1.line > 0 && code.flags & flags::OPTIMIZED == 0 {
        return None;
    }
    Some((places.get(at + 1)?.0, places[at].1.line))
}

impl Vm {
    /// `sys.settrace` and `sys.setprofile`
    pub(crate) fn set_tracing(&self, profile: bool, function: &Value) {
        let function = Some(function.clone()).filter(|it| !it.is_none());
        self.tracing.slot(profile).set(function);
        // Running loops look at once.
        self.heap.ticks.store(0, Relaxed);
    }

    /// `sys.gettrace` and `sys.getprofile`
    pub(crate) fn tracing_function(&self, profile: bool) -> Value {
        self.tracing.slot(profile).get().unwrap_or(NONE)
    }

    /// `sys.call_tracing`: calls a function as if no trace function ran.
    pub(crate) fn call_tracing(&self, function: &Value, args: &[Value]) -> R {
        let busy = self.tracing.busy.replace(false);
        self.heap.ticks.store(0, Relaxed);
        let result = self.call_with(function, args);
        self.tracing.busy.set(busy);
        result
    }

    /// Calls a trace or profile function; what it gives back.
    fn tell(&self, function: &Value, frame: &Value, event: &str, arg: Value, profile: bool) -> R {
        let pending = self.pending.take();
        self.tracing.busy.set(true);
        let result = self.call_with(function, &[frame.clone(), self.intern(event), arg]);
        self.tracing.busy.set(false);
        if result.is_err() {
            // It is not asked again.
            self.tracing.slot(profile).set(None);
            if let Some(body) = frame.get::<FrameObject>() {
                body.trace.set(None);
            }
        } else {
            self.pending.set(pending);
        }
        result
    }

    /// Tells a frame's own trace function; what that gives back takes its place.
    fn tell_local(&self, object: &Value, frame: &FrameObject, event: &str, arg: Value) -> R<()> {
        if !self.tracing.trace.is_some() {
            return Ok(());
        }
        let Some(function) = frame.trace.get() else { return Ok(()) };
        let next = self.tell(&function, object, event, arg, false)?;
        if !next.is_none() {
            frame.trace.set(Some(next));
        }
        Ok(())
    }

    fn tell_profile(&self, object: &Value, event: &str, arg: Value) -> R<()> {
        match self.tracing.profile.get() {
            Some(function) => self.tell(&function, object, event, arg, true).map(drop),
            None => Ok(()),
        }
    }

    /// Tells of the instruction `at` of the innermost frame, which comes next.
    ///
    /// # Safety
    /// The registers are those of the innermost frame, which runs the function, and the instruction is one of its code.
    pub(super) unsafe fn trace_step(
        &self,
        code: &Code,
        function: &Function,
        at: u32,
        i: Instr,
        registers: *const Value,
    ) -> R<()> {
        if self.tracing.watches.get() {
            // SAFETY: as the caller says.
            unsafe { self.watch_step(code, function, at, i, registers) };
            if !self.tracing.tells() {
                return Ok(());
            }
        }
        // SAFETY: the frames are let go of at once.
        let (index, resumed) = unsafe {
            let frames = self.stack.frames();
            (frames.len() - 1, frames.last().is_some_and(|it| it.generator.is_some()))
        };
        let yields = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        if code.internal || (code.flags & yields != 0 && !resumed) {
            return Ok(());
        }
        let Some(object) = self.frame_object(index) else { return Ok(()) };
        let Some(frame) = object.get::<FrameObject>() else { return Ok(()) };
        let told = &frame.told;
        if let Some(called) = told.called.take() {
            self.tell_profile(&object, "c_return", called)?;
        }
        if !told.begun.replace(true) {
            self.begin(&object, frame, code, at, resumed)?;
        }
        if self.tracing.trace.is_some() && frame.trace.is_some() {
            self.tell_lines(&object, frame, code, at)?;
            if frame.trace_opcodes.get() {
                self.tell_local(&object, frame, "opcode", NONE)?;
            }
        }
        told.at.set(at);
        // SAFETY: as the caller says.
        let register = |at: u16| unsafe { (*registers.add(usize::from(at))).clone() };
        match i.op {
            Op::Return => self.tell_return(&object, frame, register(i.b)),
            Op::Yield => {
                self.tell_return(&object, frame, register(i.b))?;
                told.suspended();
                Ok(())
            }
            Op::Call | Op::CallKw | Op::CallEx if self.tracing.profile.is_some() => {
                let callable = register(i.a);
                let bare = i.op == Op::CallEx || i.k & NO_SELF != 0;
                let receiver = Some(register(i.a + 1)).filter(|it| !bare && !it.is_unset());
                let of_bound = callable.get::<Bound>().map(|it| it.function.clone());
                if of_bound.as_ref().unwrap_or(&callable).get::<Native>().is_none() {
                    return Ok(());
                }
                let called = match receiver {
                    Some(receiver) => self.bound(&callable, &receiver),
                    None => callable,
                };
                self.tell_profile(&object, "c_call", called.clone())?;
                told.called.set(Some(called));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Tells of a call, where the frame begins or goes on behind a `yield` here.
    fn begin(&self, object: &Value, frame: &FrameObject, code: &Code, at: u32, resumed: bool) -> R<()> {
        let told = &frame.told;
        let before = at.checked_sub(1).and_then(|it| code.instrs.get(it as usize));
        let starts = match before.map(|it| it.op) {
            None => !resumed,
            Some(Op::ReturnGenerator) => resumed,
            Some(_) => false,
        };
        let goes_on = resumed && before.is_some_and(|it| it.op == Op::Yield);
        told.at.set(at.wrapping_sub(1));
        let line = if starts { -1 } else { code.place(at.saturating_sub(1)).line };
        told.line.set(line);
        if !starts && !goes_on {
            return Ok(());
        }
        told.now.set(Some(if starts { entry(code).map_or(code.first_line, |it| it.1) } else { line }));
        let result = self.tell_call(object, frame);
        told.now.set(None);
        result
    }

    fn tell_call(&self, object: &Value, frame: &FrameObject) -> R<()> {
        if let Some(function) = self.tracing.trace.get() {
            let own = self.tell(&function, object, "call", NONE, false)?;
            frame.trace.set(Some(own).filter(|it| !it.is_none()));
        }
        self.tell_profile(object, "call", NONE)
    }

    fn tell_return(&self, object: &Value, frame: &FrameObject, value: Value) -> R<()> {
        self.tell_local(object, frame, "return", value.clone())?;
        self.tell_profile(object, "return", value)
    }

    /// Tells of the lines between the instruction that ran last and the next one.
    fn tell_lines(&self, object: &Value, frame: &FrameObject, code: &Code, at: u32) -> R<()> {
        let told = &frame.told;
        let (last, mut line) = (told.at.get(), told.line.get());
        let falls = last.wrapping_add(1) == at;
        let back = !falls && last != NOWHERE && at <= last;
        let offset = |index: u32| code.offsets.get(index as usize).copied();
        let end = offset(at).unwrap_or(0);
        let before = at.checked_sub(1);
        // What is in front of the place that is jumped to ran too where nothing falls through to it.
        let ends = |index: u32| {
            let op = code.instrs.get(index as usize).map(|it| it.op);
            matches!(op, Some(Op::Jump | Op::JumpBack | Op::Return | Op::Raise | Op::Reraise))
        };
        let start = match before {
            None => 0,
            Some(before) if falls || ends(before) => offset(before).map_or(end, |it| it + 1),
            Some(_) => end,
        };
        // Before the first line that is told stands what enters the frame, which is none.
        let body = if line < 0 { entry(code).map_or(0, |it| it.0) } else { 0 };
        if end < body {
            return Ok(());
        }
        let first = code.places().partition_point(|&(offset, _)| offset < start.max(body));
        let behind = code.places().partition_point(|&(offset, _)| offset <= end);
        let own = code.place(at).line;
        let mut told_any = false;
        let between = code.places().get(first.min(behind)..behind).unwrap_or_default();
        let lines = between.iter().map(|(_, place)| place.line).chain([own]);
        for next in lines.filter(|it| *it > 0) {
            if next == line {
                continue;
            }
            line = next;
            told_any = true;
            told.line.set(line);
            self.tell_line(object, frame, line)?;
        }
        if !told_any && back && own >= 0 {
            self.tell_line(object, frame, own)?;
        }
        Ok(())
    }

    fn tell_line(&self, object: &Value, frame: &FrameObject, line: i32) -> R<()> {
        if !frame.trace_lines.get() {
            return Ok(());
        }
        frame.told.now.set(Some(line));
        let result = self.tell_local(object, frame, "line", NONE);
        frame.told.now.set(None);
        result
    }

    /// Tells of the exception that is looking for a handler in the innermost frame; another one where telling raises it.
    #[cold]
    pub(super) fn trace_exception(&self, exception: Value, code: &Code, at: u32) -> Value {
        let again = code.instrs.get(at as usize).is_some_and(super::unwind::is_raised_again);
        if code.internal || !self.tracing.tells() {
            return exception;
        }
        let Some(object) = self.innermost_frame() else { return exception };
        let Some(frame) = object.get::<FrameObject>() else { return exception };
        let result = self.tell_exception(&object, frame, &exception, again);
        match result {
            Ok(()) => exception,
            Err(Raised) => self.pending.take().unwrap_or(exception),
        }
    }

    fn tell_exception(&self, object: &Value, frame: &FrameObject, exception: &Value, again: bool) -> R<()> {
        if let Some(called) = frame.told.called.take() {
            self.tell_profile(object, "c_exception", called)?;
        }
        if again || !frame.trace.is_some() || !frame.told.begun.get() {
            return Ok(());
        }
        let traceback = self.traceback_of(exception).unwrap_or(NONE);
        let arg = self.tuple(vec![self.class_of(exception), exception.clone(), traceback]);
        self.tell_local(object, frame, "exception", arg)
    }

    /// Tells that the innermost frame is left by the exception; another one where telling raises it.
    #[cold]
    pub(super) fn trace_unwound(&self, exception: Value) -> Value {
        if !self.tracing.tells() {
            return exception;
        }
        let Some(object) = self.innermost_frame() else { return exception };
        let Some(frame) = object.get::<FrameObject>() else { return exception };
        if !frame.told.begun.get() {
            return exception;
        }
        match self.tell_return(&object, frame, NONE) {
            Ok(()) => exception,
            Err(Raised) => self.pending.take().unwrap_or(exception),
        }
    }

    /// The line that `f_lineno` is set to, where that can be: only a trace function may jump.
    pub(crate) fn refuse_jump(&self) -> Raised {
        if self.tracing.busy.get() {
            return self.missing("jumping by f_lineno");
        }
        self.raise(Exc::ValueError, "f_lineno can only be set in a trace function")
    }
}
