//! Calls: from the loop, and from native code.

use super::{Frame, Leave};
use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::load::op::{Instr, OUT};
use crate::object::callable::{Args, NativeFn};
use crate::object::instance::instantiate;
use crate::object::{Bound, Function, Kind, Native, Tuple, Type, TypeFlags};
use crate::value::{Object, UNSET, Value};
use crate::vm::{R, Vm};
use pyrsc::code::flags;
use std::ptr;

impl Vm {
    /// Remembers where the innermost frame goes on.
    #[inline(always)]
    pub(super) fn save(&self, next: *const Instr) {
        // SAFETY: the frames are let go of at once.
        if let Some(frame) = unsafe { self.stack.frames() }.last_mut() {
            frame.next = next;
        }
    }

    /// Enters a function whose first `filled` locals are in place at `base`.
    ///
    /// # Safety
    /// `code` is the function's, `base` lies within the registers and above all that is in use.
    #[inline(always)]
    pub(super) unsafe fn push(
        &self,
        function: &Object<Function>,
        code: *const Code,
        base: *mut Value,
        filled: usize,
        leave: Leave,
    ) -> R<()> {
        // SAFETY: as the caller says; what is written over are dead registers, which hold no pointer.
        unsafe {
            let frames = self.stack.frames();
            let end = base.wrapping_add(usize::from((&*code).registers));
            if frames.len() >= self.recursion_limit.get() || !self.stack.has_room(end) {
                return Err(self.too_deep());
            }
            for index in filled..usize::from((&*code).locals) {
                base.add(index).write(UNSET);
            }
            self.stack.push(Frame {
                code,
                function,
                next: (&*code).instrs.as_ptr(),
                base,
                namespace: None,
                generator: None,
                object: None,
                leave,
                top: 0,
            });
        }
        Ok(())
    }

    /// Lowers code that was not when it was loaded.
    #[cold]
    #[inline(never)]
    pub(super) fn prepare_code(&self, code: &Code) -> R<()> {
        crate::load::prepare(self, code).map_err(|error| self.raise(Exc::SystemError, error.to_string()))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn too_deep(&self) -> crate::vm::Raised {
        self.raise(Exc::RecursionError, "maximum recursion depth exceeded")
    }

    /// Calls the object in register `a` of a call instruction; `None` where a frame was entered for it.
    ///
    /// # Safety
    /// The registers are those of the innermost frame; the instruction is one of its code.
    #[inline(never)]
    pub(super) unsafe fn call_registers(
        &self,
        registers: *mut Value,
        i: Instr,
        first: u16,
        count: u16,
        _top: *mut Value,
    ) -> R<Option<Value>> {
        let (mut first, mut count) = (usize::from(first), usize::from(count));
        let place = usize::from(i.a);
        // SAFETY: the registers that the instruction names are within the window.
        unsafe {
            if let Some(bound) = (*registers.add(place)).get::<Bound>()
                && first == place + 2
            {
                let (function, receiver) = (bound.function.clone(), bound.receiver.clone());
                drop(ptr::replace(registers.add(place + 1), receiver));
                drop(ptr::replace(registers.add(place), function));
                (first, count) = (place + 1, count + 1);
            }
            let callable = &*registers.add(place);
            if let Some(native) = callable.get::<Native>() {
                let values = std::slice::from_raw_parts(registers.add(first), count);
                let result = (native.call)(self, Args { values, names: &[] });
                super::window::clear(registers.add(first), count);
                return result.map(Some);
            }
            if let Some(function) = callable.object::<Function>() {
                self.enter(function, registers.add(first), count, i.k & OUT != 0, Leave::Call)?;
                return Ok(None);
            }
            if count == 1 && first == place + 2 && callable.is(self.types.type_.value()) {
                let class = self.class_of(&*registers.add(first));
                super::window::clear(registers.add(first), 1);
                return Ok(Some(class));
            }
            if let Some(class) = callable.object::<Type>()
                && first == place + 2
                && let Some(init) = self.plain_init(class)
            {
                if count == 0 && init.is(&self.object_init) {
                    return Ok(Some(instantiate(self, class)));
                }
                if let Some(function) = init.object::<Function>() {
                    let instance = instantiate(self, class);
                    drop(ptr::replace(registers.add(place + 1), instance.clone()));
                    drop(ptr::replace(registers.add(place), instance));
                    // The class keeps the function alive, and the instance the class.
                    let base = registers.add(place + 1);
                    self.enter(function, base, count + 1, i.k & OUT != 0, Leave::Init)?;
                    return Ok(None);
                }
            }
            if first == place + 2
                && let Some(class) = callable.object::<Type>()
                && let Some(new) = self.native_new(class, count)
            {
                // The class goes where the receiver would be, in front of the arguments.
                drop(ptr::replace(registers.add(place + 1), callable.clone()));
                let values = std::slice::from_raw_parts(registers.add(place + 1), count + 1);
                let result = new(self, Args { values, names: &[] });
                super::window::clear(registers.add(place + 1), count + 1);
                return result.map(Some);
            }
            let values = std::slice::from_raw_parts(registers.add(first), count);
            let callable = callable.clone();
            let result = self.call(&callable, Args { values, names: &[] });
            super::window::clear(registers.add(first), count);
            result.map(Some)
        }
    }

    /// Enters a function with `count` positional arguments that are in place at `base`, or, where `out` says so, in the
    /// registers of a generator.
    ///
    /// # Safety
    /// As for [`Vm::push`].
    #[inline(never)]
    pub(super) unsafe fn enter(
        &self,
        function: &Object<Function>,
        base: *mut Value,
        count: usize,
        out: bool,
        leave: Leave,
    ) -> R<()> {
        let code = function.body.code();
        // SAFETY: as the caller says.
        unsafe {
            let base = if out { self.move_out(base, count)? } else { base };
            let entered = if self.fill_defaults(&function.body, &*code, base, count) {
                self.push(function, code, base, usize::from((&*code).argcount), leave)
            } else if self.fill_rest(&function.body, &*code, base, count) {
                self.push(function, code, base, usize::from((&*code).parameters), leave)
            } else {
                let values = std::slice::from_raw_parts(base, count);
                match self.bind(&function.body, &*code, Args { values, names: &[] }) {
                    Ok(locals) => {
                        super::window::clear(base, count);
                        self.place(function, code, base, locals, leave)
                    }
                    Err(raised) => Err(raised),
                }
            };
            if out && entered.is_err() {
                // Nobody else looks after what is above the innermost frame.
                super::window::clear(base, count.max(usize::from((&*code).parameters)));
            }
            entered
        }
    }

    /// Puts defaults behind `count` positional arguments; false where that is not all that is to be done.
    ///
    /// # Safety
    /// The registers are there.
    unsafe fn fill_defaults(&self, function: &Function, code: &Code, base: *mut Value, count: usize) -> bool {
        let wanted = usize::from(code.argcount);
        if !code.simple || count > wanted {
            return false;
        }
        let Some(defaults) = function.defaults.get() else { return count == wanted };
        let Some(defaults) = defaults.get::<Tuple>() else { return false };
        let lacking = wanted - count;
        let Some(skipped) = defaults.items.len().checked_sub(lacking) else { return false };
        if !self.stack.has_room(base.wrapping_add(wanted)) {
            return false;
        }
        for (index, value) in defaults.items[skipped..].iter().enumerate() {
            // SAFETY: there is room for all arguments.
            unsafe { drop(ptr::replace(base.add(count + index), value.clone())) };
        }
        true
    }

    /// The same of a function with `*args` or `**kwargs` and no parameters that are keywords only.
    ///
    /// # Safety
    /// The registers are there.
    unsafe fn fill_rest(&self, function: &Function, code: &Code, base: *mut Value, count: usize) -> bool {
        let (wanted, all) = (usize::from(code.argcount), usize::from(code.parameters));
        let has = |flag| code.flags & flag != 0;
        let rows = usize::from(has(flags::VARARGS)) + usize::from(has(flags::VARKEYWORDS));
        if code.kwonly != 0
            || all != wanted + rows
            || (count > wanted && !has(flags::VARARGS))
            || !self.stack.has_room(base.wrapping_add(all.max(count)))
        {
            return false;
        }
        if count < wanted {
            let Some(defaults) = function.defaults.get() else { return false };
            let Some(defaults) = defaults.get::<Tuple>() else { return false };
            let Some(skipped) = defaults.items.len().checked_sub(wanted - count) else { return false };
            for (index, value) in defaults.items[skipped..].iter().enumerate() {
                // SAFETY: there is room for all parameters.
                unsafe { drop(ptr::replace(base.add(count + index), value.clone())) };
            }
        }
        // SAFETY: there are `count` arguments, and there is room for all parameters.
        unsafe {
            let mut at = base.add(wanted);
            if has(flags::VARARGS) {
                let row = self.tuple_of_registers(at, count.saturating_sub(wanted));
                drop(ptr::replace(at, row));
                at = at.add(1);
            }
            if has(flags::VARKEYWORDS) {
                drop(ptr::replace(at, self.dict()));
            }
        }
        true
    }

    /// Enters a function with all of its parameters.
    ///
    /// # Safety
    /// As for [`Vm::push`].
    pub(super) unsafe fn place(
        &self,
        function: &Object<Function>,
        code: *const Code,
        base: *mut Value,
        parameters: Vec<Value>,
        leave: Leave,
    ) -> R<()> {
        // SAFETY: as the caller says.
        unsafe {
            let end = base.wrapping_add(usize::from((&*code).registers));
            if !self.stack.has_room(end) {
                return Err(self.too_deep());
            }
            let count = parameters.len();
            for (index, value) in parameters.into_iter().enumerate() {
                drop(ptr::replace(base.add(index), value));
            }
            self.push(function, code, base, count, leave)
        }
    }

    /// The first register that is not in use.
    #[inline]
    pub(super) fn free_registers(&self) -> *mut Value {
        // SAFETY: the frames are let go of at once; a frame's code is alive.
        unsafe {
            match self.stack.frames().last() {
                Some(frame) if frame.generator.is_some() => self.stack.register(frame.top),
                Some(frame) => frame.base.add(usize::from((&*frame.code).registers)),
                None => self.stack.top.get(),
            }
        }
    }

    /// Moves `count` arguments from a generator's own registers to the stack, where there is room for a frame.
    ///
    /// # Safety
    /// There are that many.
    #[inline(never)]
    pub(super) unsafe fn move_out(&self, from: *mut Value, count: usize) -> R<*mut Value> {
        let base = self.free_registers();
        // SAFETY: the frames are let go of at once. Free registers hold no pointer, so they can be written over.
        unsafe {
            if self.stack.frames().len() >= self.recursion_limit.get()
                || !self.stack.has_room(base.wrapping_add(count))
            {
                return Err(self.too_deep());
            }
            for index in 0..count {
                base.add(index).write(ptr::replace(from.add(index), UNSET));
            }
        }
        Ok(base)
    }

    /// Shows the innermost frame's function, code and locals.
    pub(crate) fn innermost<T>(
        &self,
        look: impl FnOnce(&Function, &Code, &[Value]) -> Option<T>,
    ) -> Option<T> {
        // SAFETY: the frame is copied out of the frames, and its function, code and registers are alive while it is
        // active, which it is until this returns.
        unsafe {
            let frame = self.stack.frames().last()?;
            let (function, code, base) = (frame.function, frame.code, frame.base);
            let locals = std::slice::from_raw_parts(base, usize::from((&*code).locals));
            look(&(&*function).body, &*code, locals)
        }
    }

    /// Counts a call of native code that may call back; raises `RecursionError` where there are too many.
    pub(crate) fn enter_native(&self) -> R<()> {
        let depth = self.native_depth.get();
        if depth >= self.native_limit.get() {
            return Err(self.too_deep());
        }
        self.native_depth.set(depth + 1);
        Ok(())
    }

    pub(crate) fn leave_native(&self) {
        self.native_depth.set(self.native_depth.get() - 1);
    }

    /// Does work that may lead to itself, by what objects refer to.
    #[inline(always)]
    pub(crate) fn nested<T>(&self, work: impl FnOnce() -> R<T>) -> R<T> {
        self.enter_native()?;
        let result = work();
        self.leave_native();
        result
    }

    /// `callable(*args)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn call(&self, callable: &Value, args: Args<'_>) -> R {
        if let Some(native) = callable.get::<Native>() {
            if native.of.is_some()
                && let Some(receiver) = args.values.first()
            {
                self.check_receiver(native, receiver)?;
            }
            return (native.call)(self, args);
        }
        self.enter_native()?;
        let result = self.call_slowly(callable, args);
        self.leave_native();
        result
    }

    /// Calls a function of the interpreter's own; `bare` where no receiver was looked up for it, so that the first
    /// argument of a method may be anything.
    #[inline(always)]
    pub(super) fn call_native(&self, native: &Native, values: &[Value], bare: bool) -> R {
        if bare
            && native.of.is_some()
            && let Some(receiver) = values.first()
        {
            self.check_receiver(native, receiver)?;
        }
        (native.call)(self, Args { values, names: &[] })
    }

    /// Raises `TypeError` for a method of the interpreter's own that is given something of another layout.
    #[inline]
    pub(crate) fn check_receiver(&self, native: &Native, receiver: &Value) -> R<()> {
        match native.of {
            Some(kind) if self.type_of(receiver).body.kind != kind => {
                Err(self.wrong_receiver(native, receiver))
            }
            _ => Ok(()),
        }
    }

    #[cold]
    fn wrong_receiver(&self, native: &Native, receiver: &Value) -> crate::vm::Raised {
        let (name, of, got) = (native.name, native.owner, self.type_name(receiver));
        self.type_error(if crate::builtins::is_slot(name) {
            format!("descriptor '{name}' requires a '{of}' object but received a '{got}'")
        } else {
            format!("descriptor '{name}' for '{of}' objects doesn't apply to a '{got}' object")
        })
    }

    /// `callable(*values)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn call_with(&self, callable: &Value, values: &[Value]) -> R {
        self.call(callable, Args { values, names: &[] })
    }

    fn call_slowly(&self, callable: &Value, args: Args<'_>) -> R {
        if callable.get::<Function>().is_some() {
            return self.call_function(callable, args, None);
        }
        if let Some(bound) = callable.get::<Bound>() {
            if bound.function.has_kind(Kind::Function) {
                let (function, receiver) = (bound.function.clone(), bound.receiver.clone());
                return self.call_python(&function, Some(&receiver), args, None);
            }
            let (function, receiver) = (bound.function.clone(), bound.receiver.clone());
            return self.call_behind(&function, &receiver, args);
        }
        if callable.get::<Type>().is_some() {
            return self.call_type(callable, args);
        }
        if let Some(wrapper) = callable.get::<crate::object::Wrapper>()
            && !wrapper.is_class
        {
            return self.call(&wrapper.function(), args);
        }
        if let Some(custom) = callable.get::<crate::object::Custom>()
            && !self.type_of(callable).is_counted()
            && let Some(result) = custom.data.call(self, callable, args)
        {
            return result;
        }
        if let Some(wrapper) = callable.get::<crate::object::Wrapper>()
            && !wrapper.is_class
        {
            let function = wrapper.function();
            return self.call(&function, args);
        }
        if let Some(wrapper) = callable.get::<crate::object::Wrapper>()
            && let Some(native) = self.native_of_class_method(callable, wrapper)
        {
            return self.call(&native, args);
        }
        match self.lookup_special(callable, &self.names.call) {
            Some(method) => self.call_bound(&method, callable, args),
            None => {
                let message = format!("'{}' object is not callable", self.type_name(callable));
                Err(self.type_error(message))
            }
        }
    }

    /// Calls what a type has under a special name, with `receiver` as `self`.
    pub(crate) fn call_bound(&self, method: &Value, receiver: &Value, args: Args<'_>) -> R {
        if method.has_kind(Kind::Function) {
            self.enter_native()?;
            let result = self.call_python(method, Some(receiver), args, None);
            self.leave_native();
            return result;
        }
        if method.get::<Native>().is_some_and(|native| native.method) {
            return self.call_behind(method, receiver, args);
        }
        let class = self.class_of(receiver);
        let bound = self.bind_descriptor(method, Some(receiver), &class)?;
        self.call(&bound, args)
    }

    /// Calls a function with the receiver in front of the other arguments, for which a few need no memory.
    fn call_behind(&self, function: &Value, receiver: &Value, args: Args<'_>) -> R {
        const FEW: usize = 5;
        let count = args.values.len();
        if count < FEW {
            let mut row = [UNSET; FEW];
            row[0] = receiver.clone();
            row[1..=count].clone_from_slice(args.values);
            return self.call(function, Args { values: &row[..=count], names: args.names });
        }
        let mut row = Vec::with_capacity(count + 1);
        row.push(receiver.clone());
        row.extend_from_slice(args.values);
        self.call(function, Args { values: &row, names: args.names })
    }

    /// Enters a method written in Python of a class's instance for an item of it, `with` a key and, unless that is
    /// empty, a value. False where the class has it otherwise.
    ///
    /// # Errors
    /// There are too many frames.
    #[inline(never)]
    pub(super) fn enter_item(&self, object: &Value, name: &Value, with: [&Value; 2]) -> R<bool> {
        match self.lookup(self.type_of(object), name) {
            Some(method) => self.enter_method(&method, object, with),
            None => Ok(false),
        }
    }

    /// The same for an operation.
    ///
    /// # Errors
    /// There are too many frames.
    #[inline(never)]
    pub(super) fn enter_operation(&self, a: &Value, b: &Value, op: u32) -> R<bool> {
        match self.operator_method(a, b, op) {
            Some(method) => self.enter_method(&method, a, [b, &UNSET]),
            None => Ok(false),
        }
    }

    /// Enters a method written in Python in place of what the loop does itself, `with` up to two arguments. False where it
    /// is no such method, or takes others.
    ///
    /// # Errors
    /// There are too many frames.
    pub(super) fn enter_method(&self, method: &Value, object: &Value, with: [&Value; 2]) -> R<bool> {
        let Some(function) = method.object::<Function>() else { return Ok(false) };
        let code = function.body.code();
        let count = 1 + with.iter().filter(|it| !it.is_unset()).count();
        // SAFETY: the function keeps its code alive, and the register below the frame's the function. Registers above
        // the innermost frame's are free, and hold no pointer.
        unsafe {
            let first = self.free_registers();
            if !(&*code).simple
                || usize::from((&*code).argcount) != count
                || !self.stack.has_room(first.wrapping_add(4))
            {
                return Ok(false);
            }
            let function: *const Object<Function> = function;
            for (index, value) in [method, object, with[0], with[1]].into_iter().enumerate().take(count + 1) {
                first.add(index).write(value.clone());
            }
            let entered = self.push(&*function, code, first.add(1), count, Leave::Item);
            if entered.is_err() {
                super::window::clear(first, count + 1);
            }
            entered.map(|()| true)
        }
    }

    /// Calls a function written in Python; with a namespace, it is the body of a class or module.
    pub(crate) fn call_function(&self, callable: &Value, args: Args<'_>, namespace: Option<Value>) -> R {
        self.call_python(callable, None, args, namespace)
    }

    /// The same, with `receiver` before the other arguments.
    fn call_python(
        &self,
        callable: &Value,
        receiver: Option<&Value>,
        args: Args<'_>,
        namespace: Option<Value>,
    ) -> R {
        let Some(function) = callable.object::<Function>() else {
            return Err(self.type_error("not a function"));
        };
        let code = function.body.code();
        let count = args.values.len() + usize::from(receiver.is_some());
        // SAFETY: the function keeps its code alive, and the caller the function; registers above the innermost
        // frame's are free, and hold no pointer.
        unsafe {
            let base = self.free_registers();
            let wanted = usize::from((&*code).argcount);
            let plain = (&*code).simple
                && args.names.is_empty()
                && count <= wanted
                && self.stack.has_room(base.wrapping_add(wanted));
            if plain {
                for (index, value) in receiver.into_iter().chain(args.values).enumerate() {
                    base.add(index).write(value.clone());
                }
            }
            if plain && (count == wanted || self.fill_defaults(&function.body, &*code, base, count)) {
                if let Err(raised) = self.push(function, code, base, wanted, Leave::Native) {
                    super::window::clear(base, wanted);
                    return Err(raised);
                }
            } else {
                if plain {
                    super::window::clear(base, count);
                }
                let parameters = match receiver {
                    None => self.bind(&function.body, &*code, args)?,
                    Some(receiver) => {
                        let mut values = Vec::with_capacity(count);
                        values.push(receiver.clone());
                        values.extend_from_slice(args.values);
                        self.bind(&function.body, &*code, Args { values: &values, names: args.names })?
                    }
                };
                self.place(function, code, base, parameters, Leave::Native)?;
            }
            if namespace.is_some()
                && let Some(frame) = self.stack.frames().last_mut()
            {
                frame.namespace = namespace;
            }
        }
        self.run()
    }

    /// The `__init__` of a class whose instances need nothing else to be made.
    #[inline]
    pub(super) fn plain_init(&self, class: &Object<Type>) -> Option<Value> {
        if class.body.kind != Kind::Instance
            || !class.is_counted()
            || !ptr::eq(class.header.type_of(), &raw const *self.types.type_)
        {
            return None;
        }
        let new = self.lookup(class, &self.names.new)?;
        if !new.is(&self.object_new) || Self::is_abstract(class) {
            return None;
        }
        self.lookup(class, &self.names.init)
    }

    /// The `__new__` of one of the interpreter's own classes that needs no `__init__`.
    fn native_new(&self, class: &Object<Type>, count: usize) -> Option<NativeFn> {
        if class.is_counted()
            || !ptr::eq(class.header.type_of(), &raw const *self.types.type_)
            || (ptr::eq(class, &raw const *self.types.type_) && count == 1)
            || !self.lookup(class, &self.names.init)?.is(&self.object_init)
        {
            return None;
        }
        let new = self.lookup(class, &self.names.new)?;
        // `object()` looks at whether `__init__` takes the arguments.
        (!new.is(&self.object_new)).then(|| new.get::<Native>().map(|it| it.call))?
    }

    /// Has the class methods that are still to be written?
    fn is_abstract(class: &Object<Type>) -> bool {
        class.body.flags.get().has(TypeFlags::ABSTRACT)
    }

    /// `class(*args)`
    fn call_type(&self, callable: &Value, args: Args<'_>) -> R {
        let Some(class) = callable.object::<Type>() else { return Err(self.type_error("not a type")) };
        let meta = class.header.type_of();
        if !ptr::eq(meta, &raw const *self.types.type_)
            && let Some(call) = self.lookup(meta, &self.names.call)
            && !call.is(&self.type_call)
        {
            return self.call_bound(&call, callable, args);
        }
        self.construct(callable, args)
    }

    /// What `type.__call__` does: `__new__`, then `__init__`.
    pub(crate) fn construct(&self, callable: &Value, args: Args<'_>) -> R {
        let Some(class) = callable.object::<Type>() else { return Err(self.type_error("not a type")) };
        if ptr::eq(class, &raw const *self.types.type_) && args.values.len() == 1 && args.names.is_empty() {
            return Ok(self.class_of(&args.values[0]));
        }
        let Some(new) = self.lookup(class, &self.names.new) else {
            let name = self.name_of_type(class);
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        };
        let mut values = Vec::with_capacity(args.values.len() + 1);
        values.push(callable.clone());
        values.extend_from_slice(args.values);
        let function = match new.get::<crate::object::Wrapper>() {
            Some(wrapper) if wrapper.is_class => self.bind_descriptor(&new, None, callable)?,
            _ => self.unwrap_static(&new),
        };
        let made = self.call(&function, Args { values: &values, names: args.names })?;
        if !self.type_of(&made).is_subtype(class) {
            return Ok(made);
        }
        if let Some(init) = self.lookup(self.type_of(&made), &self.names.init)
            && !init.is(&self.object_init)
        {
            let result = self.call_bound(&init, &made, args)?;
            if !result.is_none() {
                return Err(self.init_returned(&result));
            }
        } else if new.is(&self.object_new) && (!args.values.is_empty() || !args.names.is_empty()) {
            let name = self.name_of_type(class);
            return Err(self.type_error(format!("{name}() takes no arguments")));
        }
        Ok(made)
    }

    /// Raises what CPython says of an `__init__` that returns something.
    pub(super) fn init_returned(&self, value: &Value) -> crate::vm::Raised {
        let name = self.type_name(value);
        self.type_error(format!("__init__() should return None, not '{name}'"))
    }

    /// Is a type made by a program, or by a module in the same way: have its methods to be looked up?
    #[inline(always)]
    pub(crate) fn is_made_by_program(class: &Object<Type>) -> bool {
        class.body.flags.get().0 & (TypeFlags::COUNTED.0 | TypeFlags::METHODS.0) != 0
    }
}
