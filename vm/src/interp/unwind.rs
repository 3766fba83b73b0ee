//! Exceptions looking for their handlers.

use super::{Frame, Leave};
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::load::Code;
use crate::load::op::{Instr, Op};
use crate::object::{Exception, Slot, Traceback, Tuple, Type};
use crate::value::{NONE, Object, UNSET, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::atomic::Ordering::Relaxed;

/// Does an instruction raise what was raised before: the end of a handler, or `raise` without an exception?
pub(super) fn is_raised_again(i: &Instr) -> bool {
    i.op == Op::Reraise || (i.op == Op::Raise && i.c == 0)
}

impl Vm {
    /// Finds a handler for the pending exception: in the innermost frame, or in those below that were entered by the
    /// same loop. The frames without one are left. False where the native code that entered gets it.
    ///
    /// # Safety
    /// The code and registers are those of the innermost frame; `next` is behind the instruction that raised.
    #[inline(never)]
    pub(super) unsafe fn unwind(&self, next: *const Instr, registers: *mut Value, code: &Code) -> bool {
        let (mut next, mut registers, mut code): (_, _, *const Code) = (next, registers, code);
        // SAFETY: frames keep their code alive, and their registers hold values.
        unsafe {
            loop {
                let exception = self.pending.take().unwrap_or_else(|| {
                    self.raise(Exc::SystemError, "error without an exception");
                    self.pending.take().unwrap_or(NONE)
                });
                let at = (next.offset_from((&*code).instrs.as_ptr()) - 1).max(0) as u32;
                self.add_traceback(&exception, &*code, at);
                // What is raised again at a handler's end is shown where it was raised first.
                let shown = match (&*code).instrs.get(at as usize) {
                    Some(i) if i.op == Op::Reraise && i.c != 0 => {
                        (&*registers.add(i.d as usize)).as_small().map_or(at, |first| first as u32)
                    }
                    _ => at,
                };
                let ticks = &self.heap.ticks;
                ticks.store(ticks.load(Relaxed).saturating_sub(1), Relaxed);
                let exception = self.trace_exception(exception, &*code, at);
                let handled = if self.stopped.get() { None } else { (&*code).handler(at) };
                if let Some(handler) = handled {
                    if ticks.load(Relaxed) == 0 {
                        // A loop may be nothing but a handler that raises.
                        self.save(next);
                        if self.pause().is_err() {
                            drop(exception);
                            continue;
                        }
                    }
                    let first = usize::from((&*code).locals) + usize::from(handler.depth);
                    let count = usize::from((&*code).registers).saturating_sub(first);
                    super::window::clear(registers.add(first), count);
                    let mut place = first;
                    if handler.lasti {
                        drop(ptr::replace(registers.add(place), self.int(i64::from(shown))));
                        place += 1;
                    }
                    drop(ptr::replace(registers.add(place), exception));
                    self.save((&*code).instrs.as_ptr().add(handler.target as usize));
                    return true;
                }
                let exception = self.trace_unwound(exception);
                self.pending.set(Some(exception));
                self.keep_frame(shown);
                super::window::clear(registers, usize::from((&*code).registers));
                let Some(Frame { leave, generator, namespace, base, .. }) = self.stack.frames().pop() else {
                    return false;
                };
                drop(namespace);
                if leave == Leave::Item {
                    drop(ptr::replace(base.sub(1), UNSET));
                }
                let resumed = generator.is_some();
                if let Some(generator) = generator {
                    self.finished(&generator);
                }
                if matches!(leave, Leave::Native | Leave::NativeResume) {
                    return false;
                }
                let Some(frame) = self.stack.frames().last() else { return false };
                (next, registers, code) = (frame.next, frame.base, frame.code);
                // A generator that was stopped where a loop asked it for more is nothing but the loop's end.
                let i = *next.sub(1);
                if resumed && leave == Leave::Resume && self.pending_is(Exc::StopIteration) {
                    let exception = self.pending.take().unwrap_or(NONE);
                    if i.op == Op::Send {
                        let value = self.first_argument(&exception);
                        drop(ptr::replace(registers.add(usize::from(i.a)), value));
                    }
                    self.save(i.target(next.sub(1)));
                    return true;
                }
            }
        }
    }

    /// Adds an entry for the place in front of the exception's traceback.
    fn add_traceback(&self, exception: &Value, code: &Code, at: u32) {
        let Some(body) = exception.get::<Exception>() else { return };
        // CPython has native code where these are.
        if code.internal {
            return;
        }
        // Raised again: that is no new place.
        if code.instrs.get(at as usize).is_some_and(is_raised_again) {
            return;
        }
        let Some(frame) = self.innermost_frame() else { return };
        let next = body.traceback.get();
        let offset = code.offsets.get(at as usize).copied().unwrap_or(0);
        let line = code.place(at).line;
        let entry = Traceback { frame, offset, line: Cell::new(line), next: RefCell::new(next) };
        body.traceback.set(Some(allocate(self, &self.types.traceback, entry)));
    }

    /// The object of the innermost frame.
    pub(super) fn innermost_frame(&self) -> Option<Value> {
        // SAFETY: the frames are let go of at once.
        let count = unsafe { self.stack.frames() }.len();
        self.frame_object(count.checked_sub(1)?)
    }

    /// `__traceback__`
    pub(crate) fn traceback_of(&self, exception: &Value) -> Option<Value> {
        exception.get::<Exception>()?.traceback.get()
    }

    /// `args[0]`, `None` without any.
    pub(crate) fn first_argument(&self, exception: &Value) -> Value {
        let args = exception.get::<Exception>().and_then(|it| it.args.get());
        args.and_then(|it| it.get::<Tuple>().and_then(|it| it.items.first().cloned())).unwrap_or(NONE)
    }

    /// An exception of this type.
    pub(crate) fn exception(&self, ty: &Object<Type>, args: Vec<Value>) -> Value {
        let args = self.tuple(args);
        let body = Exception {
            args: Slot::new(Some(args)),
            traceback: Slot::default(),
            context: Slot::default(),
            cause: Slot::default(),
            suppress: std::cell::Cell::new(false),
            fields: Slot::default(),
            dict: Slot::default(),
        };
        allocate(self, ty, body)
    }

    /// What is being handled becomes the exception's context, which must not become a ring.
    pub(crate) fn set_context(&self, exception: &Value) {
        let Some(handled) = self.handled.get() else { return };
        if handled.is(exception) {
            return;
        }
        let mut at = handled.clone();
        for _ in 0..100_000 {
            let Some(body) = at.get::<Exception>() else { break };
            let Some(context) = body.context.get() else { break };
            if context.is(exception) {
                body.context.set(None);
                break;
            }
            at = context;
        }
        if let Some(body) = exception.get::<Exception>() {
            body.context.set(Some(handled));
        }
    }

    /// Raises what `raise object from cause` raises. CPython: `do_raise`.
    pub(crate) fn raise_object(&self, object: &Value, cause: Option<Value>) -> Raised {
        let exception = match self.as_exception(object, "exceptions must derive from BaseException") {
            Ok(exception) => exception,
            Err(raised) => return raised,
        };
        if let Some(cause) = cause
            && let Some(body) = exception.get::<Exception>()
        {
            if !cause.is_none() {
                match self.as_exception(&cause, "exception causes must derive from BaseException") {
                    Ok(cause) => body.cause.set(Some(cause)),
                    Err(raised) => return raised,
                }
            }
            body.suppress.set(true);
        }
        self.raise_value(exception)
    }

    /// An exception, or an instance of an exception type.
    fn as_exception(&self, object: &Value, complaint: &str) -> R {
        if object.get::<Exception>().is_some() {
            return Ok(object.clone());
        }
        match object.object::<Type>() {
            Some(ty) if ty.is_subtype(self.exceptions.get(Exc::BaseException)) => {
                self.exception_of(object, &[])
            }
            _ => Err(self.type_error(complaint)),
        }
    }

    /// Calls a class of exceptions, which must make one.
    pub(crate) fn exception_of(&self, class: &Value, args: &[Value]) -> R {
        let made = self.call_with(class, args)?;
        if made.get::<Exception>().is_none() {
            let name = self.repr_or_empty(class);
            let got = self.type_name(&made);
            let message =
                format!("calling {name} should have returned an instance of BaseException, not {got}");
            return Err(self.type_error(message));
        }
        Ok(made)
    }

    /// `except types:`
    pub(crate) fn matches_handler(&self, exception: &Value, types: &Value) -> R<bool> {
        let complaint = "catching classes that do not inherit from BaseException is not allowed";
        let base = self.exceptions.get(Exc::BaseException);
        let mut matches = false;
        let one = |ty: &Value, matches: &mut bool| match ty.object::<Type>() {
            Some(ty) if ty.is_subtype(base) => {
                *matches |= self.type_of(exception).is_subtype(ty);
                Ok(())
            }
            _ => Err(self.type_error(complaint)),
        };
        match types.get::<Tuple>() {
            Some(tuple) => {
                for ty in &tuple.items {
                    one(ty, &mut matches)?;
                }
            }
            None => one(types, &mut matches)?,
        }
        Ok(matches)
    }

    /// The value of a pending `StopIteration`.
    pub(crate) fn stop_value(&self) -> R {
        if !self.pending_is(Exc::StopIteration) {
            return Err(Raised);
        }
        let exception = self.pending.take().unwrap_or(NONE);
        Ok(self.first_argument(&exception))
    }

    /// Calls `__del__`; what it raises is reported and forgotten.
    pub(crate) fn finalize(&self, object: &Value) {
        let pending = self.pending.take();
        if let Some(generator) = object.get::<crate::object::Generator>() {
            self.finalize_generator(object, generator);
        } else if let Some(del) = self.lookup_special(object, &self.names.del) {
            let args = crate::object::callable::Args { values: &[], names: &[] };
            if self.call_bound(&del, object, args).is_err() {
                self.unraisable(&del, "calling deallocator");
            }
        }
        self.pending.set(pending);
    }

    /// Reports the pending exception of a thread that was started with this function.
    pub(crate) fn unraisable_in_thread(&self, function: &Value) {
        if let Some(exception) = self.pending.take() {
            let function = self.repr_or_empty(function);
            let mut text = format!("Exception ignored in thread started by {function}:\n").into_bytes();
            self.push_traceback(&exception, &mut text, true);
            self.write_err(&text);
        }
    }

    /// Reports the pending exception, which nobody can handle.
    pub(crate) fn unraisable(&self, source: &Value, doing: &str) {
        if let Some(exception) = self.pending.take() {
            let source = self.repr_or_empty(source);
            let while_ = if doing.starts_with("in ") { "" } else { "while " };
            let message = format!("Exception ignored {while_}{doing} {source}");
            if self.tell_hook(&exception, &message) {
                return;
            }
            let mut text = format!("{message}:\n").into_bytes();
            self.push_traceback(&exception, &mut text, false);
            self.write_err(&text);
        }
    }

    /// Gives an exception that nobody can handle to a `sys.unraisablehook` of the program's own; false without one.
    fn tell_hook(&self, exception: &Value, message: &str) -> bool {
        let Some(sys) = self.modules_state.sys.get() else { return false };
        let Ok(dict) = self.get_attribute(&sys, &self.names.dict) else { return false };
        let name = self.intern("unraisablehook");
        if dict.get::<crate::object::Dict>().is_none_or(|dict| dict.get_name(self, &name).is_none()) {
            return false;
        }
        match self.helper("tell_unraisable", &[exception.clone(), self.str(message)]) {
            Ok(told) => told.as_bool() == Some(true),
            Err(_) => {
                self.pending.set(None);
                false
            }
        }
    }
}
