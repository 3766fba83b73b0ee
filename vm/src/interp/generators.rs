//! Generators: frames that are left and entered again.

use super::{Frame, Leave};
use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::load::op::{Instr, Op};
use crate::object::{Function, Generator, Slot, State};
use crate::value::{NONE, Object, UNSET, Value};
use crate::vm::{R, Vm};
use pyrsc::code::flags;
use std::cell::{Cell, RefCell};
use std::ptr;

impl Vm {
    /// The generator of the innermost frame, which goes on with `next`; `receiver` gets what is sent first.
    ///
    /// # Safety
    /// Function, code and registers are those of the innermost frame.
    pub(super) unsafe fn make_generator(
        &self,
        function: &Object<Function>,
        code: &Code,
        registers: *mut Value,
        next: *const Instr,
        receiver: u16,
    ) -> R {
        let ty = match code.flags {
            it if it & flags::COROUTINE != 0 => &self.types.coroutine,
            it if it & flags::ASYNC_GENERATOR != 0 => &self.types.async_generator,
            _ => &self.types.generator,
        };
        // SAFETY: as the caller says; `next` points into the code.
        let (saved, at) =
            unsafe { (take_registers(registers, code), next.offset_from(code.instrs.as_ptr()) as u32) };
        let extra = self.coroutine_origin(code);
        // SAFETY: all fields are written.
        unsafe {
            let made = crate::heap::allocate_empty::<Generator>(self, ty);
            let body = &raw mut (*made).body;
            (&raw mut (*body).function).write(Value::of(function));
            (&raw mut (*body).code).write(code);
            (&raw mut (*body).state).write(Cell::new(State::Created));
            (&raw mut (*body).registers).write(RefCell::new(saved));
            (&raw mut (*body).at).write(Cell::new(at));
            (&raw mut (*body).receiver).write(Cell::new(receiver));
            (&raw mut (*body).handled).write(Slot::default());
            (&raw mut (*body).handlers).write(Cell::new(0));
            (&raw mut (*body).callers).write(Cell::new(0));
            (&raw mut (*body).frame).write(Slot::default());
            (&raw mut (*body).name).write(Slot::new(function.body.name.get()));
            (&raw mut (*body).qualname).write(Slot::new(function.body.qualname.get()));
            (&raw mut (*body).extra).write(Slot::new(extra));
            (&raw mut (*body).awaited).write(Cell::new(false));
            (&raw mut (*body).closed).write(Cell::new(false));
            Ok(Value::from_object(made))
        }
    }

    /// Is it a generator that can be entered, or a coroutine? One that has ended gives nothing, as any other iterator
    /// that has.
    #[inline(always)]
    pub(super) fn goes_on_in_place(&self, value: &Value) -> bool {
        let ended = |it: &Generator| it.state.get() == State::Done && !self.is_awaited(value);
        value.get::<Generator>().is_some_and(|it| !ended(it))
    }

    #[cold]
    fn is_awaited(&self, value: &Value) -> bool {
        ptr::eq(self.type_of(value), &raw const *self.types.coroutine)
    }

    /// Where a coroutine is made, as deep as the program wants to know it.
    fn coroutine_origin(&self, code: &Code) -> Option<Value> {
        if self.tracing.origin_depth.get() == 0 || code.flags & flags::COROUTINE == 0 {
            return None;
        }
        self.origin_of_coroutine()
    }

    /// What messages call a kind of generators.
    pub(crate) fn generator_kind(&self, generator: &Value) -> &'static str {
        let ty: *const Object<crate::object::Type> = self.type_of(generator);
        if std::ptr::eq(ty, &raw const *self.types.coroutine) {
            "coroutine"
        } else if std::ptr::eq(ty, &raw const *self.types.async_generator) {
            "async generator"
        } else {
            "generator"
        }
    }

    /// Enters the generator's frame above the innermost one and gives it `value`. The frame's registers are the
    /// generator's own, so nothing is copied.
    ///
    /// # Safety
    /// There is a frame, or nothing runs.
    #[inline(never)]
    pub(super) unsafe fn resume_in_place(&self, generator: &Value, value: Value, leave: Leave) -> R<()> {
        let Some(it) = generator.get::<Generator>() else {
            return Err(self.type_error("not a generator"));
        };
        let state = it.state.get();
        if state != State::Suspended && (state != State::Created || !value.is_none()) {
            return Err(self.cannot_resume(generator, state));
        }
        let Some(function) = it.function.object::<Function>() else {
            return Err(self.type_error("not a function"));
        };
        let code = it.code;
        let top = self.free_registers();
        // SAFETY: the generator keeps its function and code alive, and the frame the generator, whose registers stay
        // where they are as long as its frame is active: their number says that there are none.
        unsafe {
            let frames = self.stack.frames();
            if frames.len() >= self.recursion_limit.get() {
                return Err(self.too_deep());
            }
            let own = &mut *it.registers.as_ptr();
            let base = own.as_mut_ptr();
            own.set_len(0);
            drop(ptr::replace(base.add(usize::from(it.receiver.get())), value));
            self.stack.push(Frame {
                code,
                function,
                next: (&*code).instrs.as_ptr().add(it.at.get() as usize),
                base,
                namespace: None,
                generator: Some(generator.clone()),
                object: it.frame.get(),
                leave,
                top: self.stack.number(top),
            });
        }
        self.show_resumed_frame();
        it.state.set(State::Running);
        it.callers.set(self.handlers.get());
        if self.handled.is_some() || it.handles() {
            self.handle_again(it);
        }
        Ok(())
    }

    /// The same of a generator that waits, has no frame object and handles nothing, where there is room and a frame
    /// below; else the value comes back.
    ///
    /// # Safety
    /// As for [`Vm::resume_in_place`].
    #[inline(always)]
    pub(super) unsafe fn resume_quickly(
        &self,
        it: &Object<Generator>,
        value: Value,
        leave: Leave,
    ) -> Result<(), Value> {
        let body = &it.body;
        // SAFETY: the frames are let go of at once; as the caller says. The rest is as in `resume_in_place`.
        unsafe {
            let frames = self.stack.frames();
            let count = frames.len();
            let waits = match body.state.get() {
                State::Suspended => true,
                State::Created => value.is_none(),
                _ => false,
            };
            if !waits
                || count == 0
                || body.frame.is_some()
                || self.handled.is_some()
                || body.handles()
                || count >= self.recursion_limit.get()
                || count == frames.capacity()
            {
                return Err(value);
            }
            let below = &*frames.as_ptr().add(count - 1);
            let top = if below.generator.is_some() {
                below.top
            } else {
                self.stack.number(below.base.add(usize::from((&*below.code).registers)))
            };
            let own = &mut *body.registers.as_ptr();
            let base = own.as_mut_ptr();
            own.set_len(0);
            drop(ptr::replace(base.add(usize::from(body.receiver.get())), value));
            let code = body.code;
            self.stack.push(Frame {
                code,
                // The generator was made from one.
                function: body.function.word() as *const Object<Function>,
                next: (&*code).instrs.as_ptr().add(body.at.get() as usize),
                base,
                namespace: None,
                generator: Some(Value::of(it)),
                object: None,
                leave,
                top,
            });
            body.state.set(State::Running);
            body.callers.set(self.handlers.get());
        }
        Ok(())
    }

    /// What was being handled in the generator is handled again, on top of what its caller handles.
    fn handle_again(&self, it: &Generator) {
        let callers = self.handled.take();
        self.handled.set(it.handled.take());
        it.handled.set(callers);
        if it.handlers.get() == 0 {
            self.handled.set(it.handled.get());
        }
        self.handlers.set(self.handlers.get().wrapping_add(it.handlers.get()));
    }

    #[cold]
    fn cannot_resume(&self, generator: &Value, state: State) -> crate::vm::Raised {
        let coroutine = self.is_coroutine(generator);
        match state {
            State::Running => {
                let name = self.generator_kind(generator);
                self.raise(Exc::ValueError, format!("{name} already executing"))
            }
            State::Done if coroutine => {
                self.raise(Exc::RuntimeError, "cannot reuse already awaited coroutine")
            }
            State::Done => self.raise_with(Exc::StopIteration, Vec::new()),
            State::Created | State::Suspended => {
                let name = self.generator_kind(generator);
                self.type_error(format!("can't send non-None value to a just-started {name}"))
            }
        }
    }

    /// Is it a coroutine?
    #[inline]
    pub(crate) fn is_coroutine(&self, value: &Value) -> bool {
        value.header().is_some_and(|it| ptr::eq(it.ty.get(), &raw const *self.types.coroutine))
    }

    /// Where the innermost frame, a generator's, has an object, that shows the registers from now on.
    fn show_resumed_frame(&self) {
        // SAFETY: the frames are let go of at once.
        let frames = unsafe { self.stack.frames() };
        if let Some(object) = frames.last().and_then(|it| it.object.as_ref())
            && let Some(body) = object.get::<crate::object::FrameObject>()
        {
            body.place.set(crate::object::frame::Place::Active(frames.len() - 1));
        }
    }

    /// Leaves the innermost frame at a `yield` of `value`: `Ok` where the frame below goes on with it.
    #[inline(never)]
    pub(super) fn suspend(&self, value: Value, next: *const Instr, receiver: u16) -> Result<Value, Value> {
        // SAFETY: the frame was the innermost one, and its registers and code are alive.
        unsafe {
            let Some(frame) = self.stack.pop() else { return Err(value) };
            let Frame { code, generator, leave, object, .. } = frame;
            let Some(generator) = generator else { return Err(value) };
            if let (Some(object), Some(generator)) = (object, generator.object::<Generator>()) {
                generator.take_frame_back(&object);
            }
            if let Some(it) = generator.get::<Generator>() {
                // SAFETY of the length: so many registers there are, and all of them hold values.
                (*it.registers.as_ptr()).set_len(usize::from((&*code).registers));
                it.at.set(next.offset_from((&*code).instrs.as_ptr()) as u32);
                it.receiver.set(receiver);
                it.state.set(State::Suspended);
                if self.handled.is_some() || it.handles() {
                    self.swap_handled(it);
                }
            }
            if leave == Leave::NativeResume { Err(value) } else { Ok(value) }
        }
    }

    /// Is the innermost frame a generator's that is in no handler of its own? What its caller handles is not kept by
    /// it then: somebody else may be the caller when the handler is left.
    pub(super) fn handles_first(&self) -> bool {
        self.of_innermost_generator(|it| it.callers.get() == self.handlers.get()).unwrap_or(false)
    }

    /// What the caller of the innermost frame's generator handles, where the frame is one's.
    pub(super) fn handled_by_caller(&self) -> Option<Value> {
        self.of_innermost_generator(|it| it.handled.get()).flatten()
    }

    fn of_innermost_generator<T>(&self, look: impl FnOnce(&Generator) -> T) -> Option<T> {
        // SAFETY: the frames are let go of at once.
        let generator = unsafe { self.stack.frames() }.last()?.generator.clone()?;
        generator.get::<Generator>().map(look)
    }

    /// Leaves the innermost frame at a `yield` where the generator has no frame object and nothing is being handled: who
    /// goes on; `None` where it is not that simple.
    ///
    /// # Safety
    /// The frame is the innermost one.
    #[inline(always)]
    pub(super) unsafe fn suspend_quickly(&self, next: *const Instr, receiver: u16) -> Option<Leave> {
        // SAFETY: the frames are let go of at once. The frame owns nothing but the generator, which is read once and
        // stays behind the last frame.
        unsafe {
            let frames = self.stack.frames();
            let last = frames.len() - 1;
            let frame = &*frames.as_ptr().add(last);
            let leave = frame.leave;
            if frame.object.is_some() || self.handled.is_some() {
                return None;
            }
            let generator = frame.generator.as_ref()?;
            let it = generator.get::<Generator>()?;
            if it.handles() {
                return None;
            }
            let code = &*frame.code;
            // So many registers there are, and all of them hold values.
            (*it.registers.as_ptr()).set_len(usize::from(code.registers));
            it.at.set(next.offset_from(code.instrs.as_ptr()) as u32);
            it.receiver.set(receiver);
            it.state.set(State::Suspended);
            let generator = ptr::from_ref(generator).read();
            frames.set_len(last);
            drop(generator);
            Some(leave)
        }
    }

    /// What the generator's caller was handling is being handled again.
    fn swap_handled(&self, it: &Generator) {
        let own = self.handled.take();
        let callers = it.handled.take();
        // Both may handle the same exception, so it is not the exceptions that tell whose a handler is.
        let handlers = self.handlers.replace(it.callers.get()).wrapping_sub(it.callers.get());
        it.handlers.set(handlers);
        self.handled.set(callers);
        it.handled.set(if handlers == 0 { None } else { own });
    }

    /// The generator's frame was left for good.
    #[inline(never)]
    pub(super) fn finished(&self, generator: &Value) {
        if let Some(it) = generator.get::<Generator>() {
            it.state.set(State::Done);
            if self.handled.is_some() || it.handles() {
                self.swap_handled(it);
                it.handled.set(None);
            }
        }
    }

    /// `generator.send(value)`; `Err(Ok(value))`... is what it returned.
    ///
    /// # Errors
    /// An exception was raised.
    pub(crate) fn resume(&self, generator: &Value, value: Value) -> R<Result<Value, Value>> {
        if generator.get::<Generator>().is_some_and(|it| it.state.get() == State::Done)
            && !self.is_awaited(generator)
        {
            return Ok(Err(NONE));
        }
        self.enter_native()?;
        let result = self.resume_natively(generator, value);
        self.leave_native();
        result
    }

    fn resume_natively(&self, generator: &Value, value: Value) -> R<Result<Value, Value>> {
        // SAFETY: native code runs above the innermost frame.
        unsafe { self.resume_in_place(generator, value, Leave::NativeResume)? };
        let value = self.run()?;
        Ok(match generator.get::<Generator>().map(|it| it.state.get()) {
            Some(State::Suspended) => Ok(value),
            _ => Err(value),
        })
    }

    /// The next value of a generator.
    pub(crate) fn generator_next(&self, generator: &Value) -> R<Option<Value>> {
        let Some(it) = generator.object::<Generator>() else {
            return Err(self.type_error("not a generator"));
        };
        if it.body.state.get() == State::Done {
            return Ok(None);
        }
        let depth = self.native_depth.get();
        // SAFETY: native code runs above the innermost frame.
        if depth >= self.native_limit.get()
            || unsafe { self.resume_quickly(it, NONE, Leave::NativeResume) }.is_err()
        {
            return Ok(self.resume(generator, NONE)?.ok());
        }
        self.native_depth.set(depth + 1);
        let result = self.run();
        self.native_depth.set(depth);
        let value = result?;
        Ok((it.body.state.get() == State::Suspended).then_some(value))
    }

    /// `generator.throw(exception)`
    pub(crate) fn generator_throw(&self, generator: &Value, exception: Value) -> R<Result<Value, Value>> {
        let Some(it) = generator.get::<Generator>() else {
            return Err(self.type_error("not a generator"));
        };
        match it.state.get() {
            State::Created => {
                it.state.set(State::Done);
                drop(it.registers.take());
                it.forget_frame();
                self.pending.set(Some(exception));
                return Err(crate::vm::Raised);
            }
            State::Done if self.generator_kind(generator) == "coroutine" => {
                return Err(self.raise(Exc::RuntimeError, "cannot reuse already awaited coroutine"));
            }
            State::Done => {
                self.pending.set(Some(exception));
                return Err(crate::vm::Raised);
            }
            State::Running => {
                let name = self.generator_kind(generator);
                return Err(self.raise(Exc::ValueError, format!("{name} already executing")));
            }
            State::Suspended => {}
        }
        if it.state.get() == State::Suspended
            && let Some(inner) = self.delegate(it)
        {
            return self.throw_into(generator, &inner, exception);
        }
        self.enter_native()?;
        let result = self.throw_here(generator, exception);
        self.leave_native();
        result
    }

    /// The iterator that a suspended generator's `yield from` goes through.
    pub(crate) fn delegate(&self, it: &Generator) -> Option<Value> {
        // SAFETY: the function keeps its code alive, or the interpreter where it was given other code.
        let code = unsafe { &*it.code };
        // Behind the `Yield` is the jump back to the `Send`, which names the iterator's register.
        let at = it.at.get() as usize;
        let jump = code.instrs.get(at)?;
        let send = match jump.op {
            Op::Jump | Op::JumpBack => code.instrs.get(jump.target_from(at))?,
            _ => return None,
        };
        if send.op != Op::Send {
            return None;
        }
        it.registers.borrow().get(usize::from(send.b)).cloned()
    }

    /// Throws into what a suspended generator delegates to, with the generator's frame below.
    fn throw_into(&self, generator: &Value, inner: &Value, exception: Value) -> R<Result<Value, Value>> {
        let Some(it) = generator.get::<Generator>() else { return Err(self.type_error("not a generator")) };
        let receiver = it.receiver.get();
        self.enter_native()?;
        // SAFETY: native code runs above the innermost frame.
        let entered = unsafe { self.resume_in_place(generator, NONE, Leave::NativeResume) };
        if let Err(raised) = entered {
            self.leave_native();
            return Err(raised);
        }
        let result = match self.throw_to_delegate(inner, exception) {
            Ok(value) => {
                // SAFETY: the frames are let go of at once.
                let next = unsafe { self.stack.frames() }.last().map(|frame| frame.next);
                match next {
                    Some(next) => Ok(Ok(self.suspend(value, next, receiver).unwrap_or_else(|value| value))),
                    None => Ok(Err(value)),
                }
            }
            Err(exception) => {
                self.pending.set(Some(exception));
                self.go_on_raising(generator)
            }
        };
        self.leave_native();
        result
    }

    /// What the delegate yields, or the exception that the generator gets instead.
    fn throw_to_delegate(&self, inner: &Value, exception: Value) -> Result<Value, Value> {
        let outcome = if self.is_instance_of(&exception, Exc::GeneratorExit) {
            self.close_iterator(inner).map(|()| None)
        } else if inner.get::<Generator>().is_some() {
            self.generator_throw(inner, exception.clone()).map(Some)
        } else {
            match self.get_attribute_or_none(inner, &self.names.throw) {
                Ok(Some(method)) => {
                    self.call_with(&method, std::slice::from_ref(&exception)).map(|it| Some(Ok(it)))
                }
                Ok(None) => Ok(None),
                Err(raised) => Err(raised),
            }
        };
        match outcome {
            Ok(Some(Ok(value))) => Ok(value),
            Ok(Some(Err(value))) => Err(self.exception(self.exceptions.get(Exc::StopIteration), vec![value])),
            Ok(None) => {
                self.set_context(&exception);
                Err(exception)
            }
            Err(_) => Err(self.pending.take().unwrap_or(exception)),
        }
    }

    fn throw_here(&self, generator: &Value, exception: Value) -> R<Result<Value, Value>> {
        // SAFETY: native code runs above the innermost frame, and the frame that is entered is unwound at once.
        unsafe { self.resume_in_place(generator, NONE, Leave::NativeResume)? };
        self.raise_value(exception);
        self.go_on_raising(generator)
    }

    /// Goes on with the innermost frame, the generator's, where the pending exception is raised in it.
    fn go_on_raising(&self, generator: &Value) -> R<Result<Value, Value>> {
        // SAFETY: the frame's registers and code are alive, and it is unwound at once.
        let handled = unsafe {
            match self.stack.frames().last() {
                Some(frame) => {
                    let (next, base, code) = (frame.next, frame.base, &*frame.code);
                    self.unwind(next, base, code)
                }
                None => false,
            }
        };
        if !handled {
            return Err(crate::vm::Raised);
        }
        let value = self.run()?;
        Ok(match generator.get::<Generator>().map(|it| it.state.get()) {
            Some(State::Suspended) => Ok(value),
            _ => Err(value),
        })
    }

    /// Is a generator suspended where nothing would see the exception that closes it?
    fn ends_at_once(&self, it: &Generator) -> bool {
        // SAFETY: the function keeps its code alive, or the interpreter where it was given other code.
        let code = unsafe { &*it.code };
        if it.state.get() != State::Suspended
            || it.frame.is_some()
            || it.handles()
            || self.tracing.is_on()
            || self.delegate(it).is_some()
        {
            return false;
        }
        let Some(handler) = code.handler(it.at.get().saturating_sub(1)) else { return true };
        // The compiler's own around the whole, that lets no `StopIteration` out.
        code.instrs.get(handler.target as usize).is_some_and(|i| {
            i.op == Op::Intrinsic1 && i.d == crate::load::op::intrinsic::STOP_ITERATION_ERROR
        })
    }

    /// `generator.close()`
    pub(crate) fn generator_close(&self, generator: &Value) -> R<Value> {
        let Some(it) = generator.get::<Generator>() else { return Ok(NONE) };
        if it.state.get() == State::Created {
            it.state.set(State::Done);
            drop(it.registers.take());
            it.forget_frame();
            return Ok(NONE);
        }
        if it.state.get() == State::Done {
            return Ok(NONE);
        }
        if self.ends_at_once(it) {
            it.state.set(State::Done);
            let mut registers = it.registers.take();
            // From the last one on, as frames are left.
            while let Some(value) = registers.pop() {
                drop(value);
            }
            return Ok(NONE);
        }
        let exit = self.exception(self.exceptions.get(Exc::GeneratorExit), Vec::new());
        match self.generator_throw(generator, exit) {
            Ok(Ok(_)) => {
                let name = self.generator_kind(generator);
                Err(self.raise(Exc::RuntimeError, format!("{name} ignored GeneratorExit")))
            }
            Ok(Err(value)) => Ok(value),
            Err(raised) => {
                let pending = self.pending.take();
                match pending {
                    Some(it)
                        if self.is_instance_of(&it, Exc::GeneratorExit)
                            || self.is_instance_of(&it, Exc::StopIteration) =>
                    {
                        Ok(NONE)
                    }
                    other => {
                        self.pending.set(other);
                        Err(raised)
                    }
                }
            }
        }
    }
}

/// Moves the registers of a frame out.
///
/// # Safety
/// They are the frame's of `code`.
unsafe fn take_registers(base: *mut Value, code: &Code) -> Vec<Value> {
    // Temporaries too: 3.15 makes the iterator of a generator expression before the generator.
    let count = usize::from(code.registers);
    let mut own = Vec::with_capacity(count);
    // SAFETY: as the caller says; there is room for all of them, which are moved.
    unsafe {
        ptr::copy_nonoverlapping(base, own.as_mut_ptr(), count);
        for index in 0..count {
            base.add(index).write(UNSET);
        }
        own.set_len(count);
    }
    own
}
