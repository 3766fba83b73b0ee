//! Frames as objects: `sys._getframe`, `f_locals` and what tracebacks refer to.
use super::Leave;
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, methods, positional};
use crate::heap::allocate;
use crate::load::Code;
use crate::object::callable::Args;
use crate::object::frame::{FrameObject, Place};
use crate::object::{Cellvar, Dict, Function, Generator, NativeFn, Slot, State, Str};
use crate::value::{NONE, Object, UNSET, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

/// Bits of `co_localspluskinds`: a hidden local, and what is in a cell.
const HIDDEN: u8 = 0x10;
const IN_CELL: u8 = 0xC0;
/// No instruction.
pub(super) const NOWHERE: u32 = u32::MAX;

const METHODS: &[(&str, NativeFn)] = &[
    ("clear", |vm, args| {
        let it = method(vm, "clear", args, 0, 0)?.0;
        if let Some(frame) = it.get::<FrameObject>() {
            vm.clear_frame(frame)?;
        }
        Ok(NONE)
    }),
    ("__repr__", |vm, args| {
        let it = method(vm, "__repr__", args, 0, 0)?.0;
        Ok(vm.str(&vm.repr_frame(it)))
    }),
];

/// Functions for `FrameLocalsProxy`, which is in Python.
pub(crate) const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("frame_names", |vm, args| {
        let frame = &positional(vm, "frame_names", args, 1, 1)?[0];
        let Some(frame) = frame.get::<FrameObject>() else { return Ok(NONE) };
        let names = vm.with_locals(frame, |code, locals| {
            let all = code.local_names.iter().zip(&code.kinds).zip(locals);
            all.filter(|((_, kind), value)| shown(**kind, value).is_some())
                .map(|((name, _), _)| name.clone())
                .collect::<Vec<_>>()
        });
        Ok(vm.list(names.unwrap_or_default()))
    }),
    ("frame_get", |vm, args| {
        // The third one is what is given where there is none.
        let values = positional(vm, "frame_get", args, 3, 3)?;
        let Some(frame) = values[0].get::<FrameObject>() else { return Ok(NONE) };
        let name = &values[1];
        let found = vm.with_locals(frame, |code, locals| {
            (0..locals.len())
                .filter(|&at| vm.is_name(code, at, name))
                .find_map(|at| shown(code.kinds[at], &locals[at]))
        });
        Ok(found.flatten().unwrap_or_else(|| values[2].clone()))
    }),
    ("frame_set", |vm, args| {
        let values = positional(vm, "frame_set", args, 3, 3)?;
        let Some(frame) = values[0].get::<FrameObject>() else { return Ok(NONE) };
        Ok(Value::bool(vm.set_frame_local(frame, &values[1], &values[2])))
    }),
    ("frame_is_local", |vm, args| {
        let values = positional(vm, "frame_is_local", args, 2, 2)?;
        let code = values[0].get::<FrameObject>().and_then(FrameObject::code);
        let is = code.is_some_and(|code| (0..code.kinds.len()).any(|at| vm.is_name(code, at, &values[1])));
        Ok(Value::bool(is))
    }),
    ("frame_extra", |vm, args| {
        let frame = &positional(vm, "frame_extra", args, 1, 1)?[0];
        let Some(frame) = frame.get::<FrameObject>() else { return Ok(NONE) };
        if !frame.extra.is_some() {
            frame.extra.set(Some(vm.dict()));
        }
        Ok(frame.extra.get().unwrap_or(NONE))
    }),
];

/// What `f_locals` shows of a local; `None` for nothing.
fn shown(kind: u8, value: &Value) -> Option<Value> {
    if value.is_unset() {
        return None;
    }
    match value.get::<Cellvar>() {
        Some(cell) if kind & IN_CELL != 0 => cell.value.get(),
        _ => Some(value.clone()),
    }
}

/// Does one of the locals that comprehensions in place have in modules and classes hold something?
/// CPython: `frame_hashiddenlocals`.
pub(crate) fn has_hidden(code: &Code, locals: &[Value]) -> bool {
    code.kinds.iter().zip(locals).any(|(kind, value)| kind & HIDDEN != 0 && !value.is_unset())
}

pub(crate) fn fill(vm: &Vm) {
    methods(vm, &vm.types.frame, "frame", METHODS);
}

impl Vm {
    /// Does a comprehension run in place in a module's or class's frame? Its variables are all that is shown then.
    fn has_hidden_locals(&self, frame: &FrameObject) -> bool {
        let found = self.with_locals(frame, has_hidden);
        found.unwrap_or(false)
    }

    fn is_name(&self, code: &Code, at: usize, name: &Value) -> bool {
        code.local_names.get(at).is_some_and(|it| {
            it.is(name) || matches!((it.get::<Str>(), name.get::<Str>()), (Some(a), Some(b)) if a.equals(b))
        })
    }

    /// Adds what `f_locals` of the innermost frame was given beside its locals.
    pub(crate) fn add_extra_locals(&self, names: &Value) {
        // SAFETY: the frames are let go of at once.
        let object = unsafe { self.stack.frames() }.last().and_then(|frame| frame.object.clone());
        let extra = object.as_ref().and_then(|it| it.get::<FrameObject>()).and_then(|it| it.extra.get());
        if let (Some(extra), Some(names)) = (extra, names.get::<Dict>())
            && let Some(extra) = extra.get::<Dict>()
        {
            for (key, value) in extra.snapshot() {
                if key.get::<Str>().is_some() {
                    names.set_name(self, &key, value);
                }
            }
        }
    }

    /// The object of the frame with this number, counted from the outermost one.
    pub(crate) fn frame_object(&self, index: usize) -> Option<Value> {
        // SAFETY: the frames are let go of before anything else can ask for them; functions of active frames are alive.
        let (code, function, namespace, generator) = unsafe {
            let frame = self.stack.frames().get(index)?;
            if let Some(object) = &frame.object {
                return Some(object.clone());
            }
            (frame.code, &*frame.function, frame.namespace.clone(), frame.generator.clone())
        };
        let of_generator = generator.as_ref().and_then(|it| it.object::<Generator>());
        let object = self.new_frame(Value::of(function), code, namespace, Place::Active(index));
        if let (Some(generator), Some(frame)) = (of_generator, object.get::<FrameObject>()) {
            frame.generator.set(generator);
            generator.body.frame.set(Some(object.clone()));
        }
        // SAFETY: as above.
        unsafe {
            if let Some(frame) = self.stack.frames().get_mut(index) {
                if frame.leave == Leave::Call {
                    frame.leave = Leave::Shown;
                }
                frame.object = Some(object.clone());
            }
        }
        Some(object)
    }

    /// The innermost frame with those below, as they are now: what happens to them later is not seen.
    pub(super) fn frames_as_they_are(&self) -> Option<Value> {
        // SAFETY: the frames are let go of before anything else can ask for them; registers of active frames hold values;
        // functions and codes of active frames are alive.
        let parts: Vec<_> = unsafe {
            let frames = &*self.stack.frames();
            frames
                .iter()
                .filter(|it| !(*it.code).internal)
                .map(|frame| {
                    let code = &*frame.code;
                    let locals = (0..usize::from(code.locals)).map(|at| (*frame.base.add(at)).clone());
                    let at = frame.next.offset_from(code.instrs.as_ptr()).max(1) as u32 - 1;
                    (Value::of(&*frame.function), frame.code, frame.namespace.clone(), locals.collect(), at)
                })
                .collect()
        };
        let mut below = None;
        for (function, code, namespace, locals, at) in parts {
            let object = self.new_frame(function, code, namespace, Place::Left);
            if let Some(frame) = object.get::<FrameObject>() {
                frame.at.set(at);
                frame.locals.replace(locals);
                frame.back.set(below.take());
            }
            below = Some(object);
        }
        below
    }

    fn new_frame(&self, function: Value, code: *const Code, namespace: Option<Value>, place: Place) -> Value {
        let code = self.code_value(&function, code);
        let body = FrameObject {
            function,
            code,
            namespace: Slot::new(namespace),
            back: Slot::default(),
            generator: Cell::new(std::ptr::null()),
            place: Cell::new(place),
            at: Cell::new(0),
            locals: RefCell::default(),
            extra: Slot::default(),
            replaced: RefCell::default(),
            trace: Slot::default(),
            told: super::tracing::Told::default(),
            trace_lines: Cell::new(true),
            trace_opcodes: Cell::new(false),
        };
        allocate(self, &self.types.frame, body)
    }

    /// The code object that a frame runs: its function's, or one that the function had before.
    fn code_value(&self, function: &Value, code: *const Code) -> Value {
        let own = function.get::<Function>().and_then(|it| it.code.get());
        let is = |value: &Value| value.get::<Code>().is_some_and(|it| std::ptr::eq(it, code));
        match own {
            Some(own) if is(&own) => own,
            own => self.retired.borrow().iter().find(|it| is(it)).cloned().or(own).unwrap_or(NONE),
        }
    }

    /// Is the frame with this number one of the machine's own code in Python?
    fn is_internal(&self, index: usize) -> Option<bool> {
        // SAFETY: the frames are let go of at once; codes of active frames are alive.
        unsafe { self.stack.frames().get(index).map(|frame| (&*frame.code).internal) }
    }

    /// The first frame at or below the number that is not of the machine's own code.
    fn visible(&self, from: usize) -> Option<usize> {
        (0..=from).rev().find(|&index| self.is_internal(index) == Some(false))
    }

    /// The number of the frame that is `depth` above the innermost one.
    fn frame_number(&self, depth: usize) -> Option<usize> {
        // SAFETY: the frames are let go of at once.
        let count = unsafe { self.stack.frames() }.len();
        let mut at = self.visible(count.checked_sub(1)?)?;
        for _ in 0..depth {
            at = self.visible(at.checked_sub(1)?)?;
        }
        Some(at)
    }

    /// The frame that is `depth` above the innermost one; `None` where there are not that many.
    pub(crate) fn frame_at(&self, depth: usize) -> Option<Value> {
        self.frame_object(self.frame_number(depth)?)
    }

    /// The globals of the frame that is `depth` above the innermost one.
    pub(crate) fn globals_at(&self, depth: usize) -> Option<Value> {
        let index = self.frame_number(depth)?;
        // SAFETY: the frames are let go of at once; functions of active frames are alive.
        unsafe { self.stack.frames().get(index).map(|frame| (&*frame.function).body.globals.clone()) }
    }

    /// A frame with an object is left: the object keeps its locals where somebody else refers to it. The frame is still
    /// the innermost one, and `at` is the instruction that it is left at.
    #[cold]
    pub(crate) fn keep_frame(&self, at: u32) {
        // SAFETY: the frames are let go of before anything else can ask for them; registers of active frames hold values.
        let (object, code, base, index) = unsafe {
            let frames = self.stack.frames();
            let index = frames.len() - 1;
            let Some(frame) = frames.last_mut() else { return };
            let Some(object) = frame.object.take() else { return };
            (object, frame.code, frame.base, index)
        };
        let Some(frame) = object.get::<FrameObject>() else { return };
        let of_generator = frame.generator.replace(std::ptr::null());
        if !of_generator.is_null() {
            // SAFETY: the generator is alive: the active frame refers to it.
            unsafe { (*of_generator).body.frame.set(None) };
        }
        frame.place.set(Place::Left);
        frame.at.set(at);
        if object.count() > 1 {
            // SAFETY: as above.
            let locals = unsafe {
                (0..usize::from((&*code).locals))
                    .map(|local| std::ptr::replace(base.add(local), UNSET))
                    .collect::<Vec<_>>()
            };
            drop(frame.locals.replace(locals));
            if of_generator.is_null() && frame.code().is_none_or(|code| !is_generator(code)) {
                let back = index.checked_sub(1).and_then(|it| self.visible(it));
                frame.back.set(back.and_then(|it| self.frame_object(it)));
            }
        }
    }

    /// The frame of a generator that is not finished.
    pub(crate) fn frame_of_generator(&self, value: &Value) -> Option<Value> {
        let generator = value.object::<Generator>()?;
        if let Some(frame) = generator.body.frame.get() {
            return Some(frame);
        }
        match generator.body.state.get() {
            State::Done => return None,
            State::Running => {
                // SAFETY: the frames are let go of at once.
                let index = unsafe { self.stack.frames() }
                    .iter()
                    .position(|it| it.generator.as_ref().is_some_and(|it| it.is(value)))?;
                return self.frame_object(index);
            }
            State::Created | State::Suspended => {}
        }
        let place = Place::Suspended(generator);
        let object = self.new_frame(generator.body.function.clone(), generator.body.code, None, place);
        if let Some(frame) = object.get::<FrameObject>() {
            frame.generator.set(generator);
        }
        generator.body.frame.set(Some(object.clone()));
        Some(object)
    }

    /// The active frame of an object; `None` where another thread runs it.
    ///
    /// # Safety
    /// The caller lets go of it before a frame is entered or left.
    unsafe fn active(&self, index: usize, frame: &FrameObject) -> Option<&super::Frame> {
        // SAFETY: as the caller says.
        let active = unsafe { self.stack.frames() }.get(index)?;
        let own = active.object.as_ref()?.get::<FrameObject>()?;
        std::ptr::eq(own, frame).then_some(active)
    }

    /// Shows the locals of a frame.
    fn with_locals<T>(&self, frame: &FrameObject, look: impl FnOnce(&Code, &[Value]) -> T) -> Option<T> {
        let code = frame.code()?;
        let count = usize::from(code.locals);
        match frame.place.get() {
            Place::Active(index) => {
                // SAFETY: the registers of an active frame hold values; nothing is entered while they are looked at.
                let locals = unsafe {
                    let active = self.active(index, frame)?;
                    std::slice::from_raw_parts(active.base, count)
                };
                Some(look(code, locals))
            }
            Place::Suspended(_) => {
                let registers = frame.suspended()?.body.registers.borrow();
                registers.get(..count).map(|locals| look(code, locals))
            }
            Place::Left => frame.locals.borrow().get(..count).map(|locals| look(code, locals)),
        }
    }

    /// Writes a local of a frame; false where it has none of the name.
    fn set_frame_local(&self, frame: &FrameObject, name: &Value, value: &Value) -> bool {
        let Some(code) = frame.code() else { return false };
        let Some(at) = (0..code.kinds.len()).find(|&at| self.is_name(code, at, name)) else { return false };
        let old = self.with_locals(frame, |_, locals| locals[at].clone());
        if let Some(cell) = old.as_ref().and_then(|it| it.get::<Cellvar>())
            && code.kinds[at] & IN_CELL != 0
        {
            cell.value.set(Some(value.clone()));
            return true;
        }
        match frame.place.get() {
            Place::Active(index) => {
                // SAFETY: the registers of an active frame hold values. What is replaced is kept as long as the frame's
                // object is, which is as long as the frame is active.
                let old = unsafe {
                    let Some(active) = self.active(index, frame) else { return false };
                    std::ptr::replace(active.base.add(at), value.clone())
                };
                frame.replaced.borrow_mut().push(old);
            }
            Place::Suspended(_) => {
                let Some(generator) = frame.suspended() else { return false };
                let mut registers = generator.body.registers.borrow_mut();
                let Some(place) = registers.get_mut(at) else { return false };
                let old = std::mem::replace(place, value.clone());
                drop(registers);
                drop(old);
            }
            Place::Left => {
                let mut locals = frame.locals.borrow_mut();
                let Some(place) = locals.get_mut(at) else { return false };
                let old = std::mem::replace(place, value.clone());
                drop(locals);
                drop(old);
            }
        }
        true
    }

    /// The instruction that a frame is at.
    fn frame_instruction(&self, frame: &FrameObject) -> u32 {
        match frame.place.get() {
            Place::Active(index) => {
                // SAFETY: the frames are let go of at once; the next instruction is one of the frame's code.
                unsafe {
                    let Some(active) = self.active(index, frame) else { return 0 };
                    (active.next.offset_from((&*active.code).instrs.as_ptr()) - 1).max(0) as u32
                }
            }
            Place::Suspended(_) => frame.suspended().map_or(0, |it| it.body.at.get().saturating_sub(1)),
            Place::Left => frame.at.get(),
        }
    }

    /// `f_lineno`; `None` where the code there is of no line.
    pub(crate) fn frame_line(&self, frame: &FrameObject) -> Option<i32> {
        let code = frame.code()?;
        if let Some(line) = frame.told.now.get() {
            return Some(line).filter(|it| *it >= 0);
        }
        let at = self.frame_instruction(frame);
        if let Some(generator) = frame.suspended()
            && generator.body.state.get() == State::Created
        {
            return Some(code.first_line);
        }
        Some(code.place(at).line).filter(|it| *it >= 0)
    }

    fn clear_frame(&self, frame: &FrameObject) -> R<()> {
        match frame.place.get() {
            Place::Active(_) => return Err(self.raise(Exc::RuntimeError, "cannot clear an executing frame")),
            Place::Suspended(_) => {
                let created = frame.suspended().is_some_and(|it| it.body.state.get() == State::Created);
                if !created {
                    return Err(self.raise(Exc::RuntimeError, "cannot clear a suspended frame"));
                }
                if let Some(generator) = frame.suspended() {
                    self.before_clearing(generator);
                    generator.body.state.set(State::Done);
                    drop(generator.body.registers.take());
                    generator.body.forget_frame();
                }
            }
            Place::Left => {}
        }
        let mut locals = frame.locals.take();
        while locals.pop().is_some() {}
        frame.extra.set(None);
        drop(frame.replaced.take());
        Ok(())
    }

    pub(crate) fn repr_frame(&self, value: &Value) -> String {
        let address = format!("{:#x}", value.identity());
        let Some(frame) = value.get::<FrameObject>() else { return format!("<frame at {address}>") };
        let Some(code) = frame.code() else { return format!("<frame at {address}>") };
        let line = self.frame_line(frame).map_or_else(|| "None".to_owned(), |it| it.to_string());
        let (file, name) = (self.repr_or_empty(&code.file()), self.text_of(&code.name));
        format!("<frame at {address}, file {file}, line {line}, code {name}>")
    }

    /// An attribute of a frame.
    pub(crate) fn of_frame(&self, object: &Value, frame: &FrameObject, name: &str) -> Option<Value> {
        let function = frame.function.get::<Function>();
        Some(match name {
            "f_code" => frame.code.clone(),
            "f_globals" => function?.globals.clone(),
            "f_locals" => match frame.namespace.get().filter(|_| !self.has_hidden_locals(frame)) {
                Some(namespace) => namespace,
                None => self.helper("FrameLocalsProxy", std::slice::from_ref(object)).ok()?,
            },
            "f_back" => match frame.place.get() {
                Place::Active(index) => {
                    // SAFETY: what is found is let go of at once.
                    let own = unsafe { self.active(index, frame) }.is_some();
                    let back = index.checked_sub(1).filter(|_| own).and_then(|it| self.visible(it));
                    back.and_then(|it| self.frame_object(it)).unwrap_or(NONE)
                }
                Place::Suspended(_) => NONE,
                Place::Left => frame.back.get().unwrap_or(NONE),
            },
            "f_lineno" => self.frame_line(frame).map_or(NONE, |it| self.int(it.into())),
            "f_lasti" => {
                let at = self.frame_instruction(frame) as usize;
                let offset = frame.code().and_then(|code| code.offsets.get(at).copied());
                self.int(offset.unwrap_or(0).into())
            }
            "f_builtins" => {
                let own = function?.globals.get::<Dict>().and_then(|it| self.own_builtins(it));
                own.unwrap_or_else(|| self.builtins.clone())
            }
            "f_generator" => {
                let generator = frame.generator.get();
                // SAFETY: a generator takes its address out of its frame before it goes.
                if generator.is_null() { NONE } else { Value::of(unsafe { &*generator }) }
            }
            "f_trace" => frame.trace.get().unwrap_or(NONE),
            "f_trace_lines" => Value::bool(frame.trace_lines.get()),
            "f_trace_opcodes" => Value::bool(frame.trace_opcodes.get()),
            _ => return None,
        })
    }

    /// Sets an attribute of a frame; false where it has none of the name.
    pub(crate) fn set_of_frame(&self, frame: &FrameObject, name: &str, value: &Option<Value>) -> R<bool> {
        match name {
            "f_trace_lines" if value.is_none() => {
                return Err(self.type_error("can't delete numeric/char attribute"));
            }
            "f_trace_opcodes" if value.is_none() => {
                return Err(self.raise(
                    Exc::AttributeError,
                    "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted",
                ));
            }
            _ => {}
        }
        let flag = |value: &Option<Value>| match value.as_ref().and_then(Value::as_bool) {
            Some(truth) => Ok(truth),
            None => Err(self.type_error("attribute value type must be bool")),
        };
        match (name, value) {
            ("f_trace", value) => frame.trace.set(value.clone().filter(|it| !it.is_none())),
            ("f_trace_lines", value) => frame.trace_lines.set(flag(value)?),
            ("f_trace_opcodes", value) => frame.trace_opcodes.set(flag(value)?),
            ("f_lineno", None) => {
                return Err(self.raise(
                    Exc::AttributeError,
                    "attribute 'f_lineno' of 'frame' objects cannot be deleted",
                ));
            }
            ("f_lineno", Some(_)) => {
                return Err(self.refuse_jump());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `types.TracebackType(next, frame, lasti, line)`
    pub(crate) fn new_traceback(&self, args: Args<'_>) -> R {
        use crate::object::Traceback;
        let names = ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"];
        let (values, named) = crate::builtins::keywords(self, "traceback", args, names)?;
        let at = |index: usize| values.get(index + 1).or(named[index]);
        let (Some(next), Some(frame), Some(lasti), Some(line)) = (at(0), at(1), at(2), at(3)) else {
            let lacks = names.iter().enumerate().find(|(index, _)| at(*index).is_none());
            let (index, name) = lacks.map_or((0, ""), |(index, name)| (index, *name));
            let message = format!("traceback() missing required argument '{name}' (pos {})", index + 1);
            return Err(self.type_error(message));
        };
        if !next.is_none() && next.get::<Traceback>().is_none() {
            let got = self.type_name(next);
            return Err(self.type_error(format!("expected traceback object or None, got '{got}'")));
        }
        if frame.get::<FrameObject>().is_none() {
            let got = self.type_name(frame);
            return Err(self.type_error(format!("traceback() argument 'tb_frame' must be frame, not {got}")));
        }
        let whole = |value: &Value| match self.index_of(value)? {
            Some(number) => Ok(number),
            None => {
                let got = self.type_name(value);
                Err(self.type_error(format!("'{got}' object cannot be interpreted as an integer")))
            }
        };
        let body = Traceback {
            frame: frame.clone(),
            offset: whole(lasti)? as u32,
            line: Cell::new(whole(line)? as i32),
            next: RefCell::new(Some(next.clone()).filter(|it| !it.is_none())),
        };
        Ok(allocate(self, &self.types.traceback, body))
    }
}

const fn is_generator(code: &Code) -> bool {
    use pyrsc::code::flags;
    code.flags & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR) != 0
}

impl Object<Generator> {
    /// The generator's frame goes back to the generator: it is suspended.
    pub(crate) fn take_frame_back(&self, object: &Value) {
        if let Some(frame) = object.get::<FrameObject>() {
            frame.place.set(Place::Suspended(self));
            frame.told.suspended();
        }
    }
}
