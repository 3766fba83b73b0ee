//! Instructions that the loop does not do itself.

use super::Leave;
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::load::Code;
use crate::load::op::{Instr, KILL_A, KILL_B, KILL_C, Op};
use crate::object::callable::Args;
use crate::object::instance::instantiate;
use crate::object::{Bound, Cellvar, Dict, Function, Kind, Slot, Str, Tuple, Type};
use crate::value::{NONE, Object, UNSET, Value};
use crate::vm::{R, Raised, Vm};
use std::ptr;

/// The innermost frame, as instructions see it.
pub(super) struct Fetch<'a> {
    pub(super) code: &'a Code,
    pub(super) function: &'a Object<Function>,
    pub(super) registers: *mut Value,
}

impl Fetch<'_> {
    pub(super) fn get(&self, at: u16) -> &Value {
        // SAFETY: instructions name registers of the window, which hold values.
        unsafe { &*self.registers.add(usize::from(at)) }
    }

    pub(super) fn take(&self, at: u16) -> Value {
        // SAFETY: as above.
        unsafe { ptr::replace(self.registers.add(usize::from(at)), UNSET) }
    }

    pub(super) fn set(&self, at: u16, value: Value) {
        // SAFETY: as above.
        drop(unsafe { ptr::replace(self.registers.add(usize::from(at)), value) });
    }

    pub(super) fn take_row(&self, from: u16, count: u16) -> Vec<Value> {
        (from..from + count).map(|at| self.take(at)).collect()
    }

    pub(super) fn name(&self, index: u32) -> R<&Value> {
        self.code.names.get(index as usize).ok_or(Raised)
    }
}

/// What an instruction comes to.
pub(super) enum Outcome {
    /// Nothing is written.
    Nothing,
    /// This is written to `r[a]`.
    Value(Value),
    /// Control goes on at the instruction's target.
    Jump,
}

impl Vm {
    /// Does an instruction; true where control goes on at its target.
    #[inline(never)]
    pub(super) fn other(&self, f: &Fetch<'_>, i: Instr) -> R<bool> {
        let outcome = match i.op {
            Op::CheckBound
            | Op::DeleteLocal
            | Op::StoreGlobal
            | Op::DeleteGlobal
            | Op::LoadName
            | Op::StoreName
            | Op::DeleteName
            | Op::LoadLocals
            | Op::LoadFromDictOrGlobals
            | Op::LoadFromDictOrDeref
            | Op::MakeCell
            | Op::CopyFree
            | Op::DeleteDeref
            | Op::SetupAnnotations => self.variables(f, i)?,
            Op::BuildSet
            | Op::BuildMap
            | Op::BuildConstMap
            | Op::BuildString
            | Op::BuildSlice
            | Op::BinarySlice
            | Op::StoreSlice
            | Op::SetAdd
            | Op::MapAdd
            | Op::ListExtend
            | Op::SetUpdate
            | Op::DictUpdate
            | Op::DictMerge
            | Op::UnpackEx => self.containers(f, i)?,
            Op::MatchMapping
            | Op::MatchSequence
            | Op::MatchKeys
            | Op::MatchClass
            | Op::GetLen
            | Op::DictWithout => Outcome::Value(self.patterns(f, i)?),
            _ => self.rest(f, i)?,
        };
        // These have done it: what they write may be where they read.
        let k = if matches!(i.op, Op::UnpackEx | Op::LoadSpecial) { 0 } else { i.k };
        if k & KILL_B != 0 {
            drop(f.take(i.b));
        }
        if k & KILL_C != 0 {
            drop(f.take(i.c));
        }
        if k & KILL_A != 0 {
            drop(f.take(i.a));
        }
        match outcome {
            Outcome::Nothing => Ok(false),
            Outcome::Value(value) => {
                f.set(i.a, value);
                Ok(false)
            }
            Outcome::Jump => Ok(true),
        }
    }

    fn rest(&self, f: &Fetch<'_>, i: Instr) -> R<Outcome> {
        let value = match i.op {
            Op::Negative => self.negative(f.get(i.b))?,
            Op::Positive => self.positive(f.get(i.b))?,
            Op::Invert => self.invert(f.get(i.b))?,
            Op::DeleteSubscr => {
                self.delete_item(f.get(i.b), f.get(i.c))?;
                return Ok(Outcome::Nothing);
            }
            Op::DeleteAttr => {
                self.delete_attribute(f.get(i.b), f.name(i.d)?)?;
                return Ok(Outcome::Nothing);
            }
            Op::LoadSuper => {
                let [name, class, object] = [f.name(i.d)?, f.get(i.b + 1), f.get(i.b + 2)];
                let (value, bound) =
                    self.super_attribute(f.get(i.b), class, object, name, (i.c & 1 != 0, i.c & 2 == 0))?;
                let receiver = f.take(i.b + 2);
                drop((f.take(i.b), f.take(i.b + 1)));
                if i.c & 1 != 0 {
                    f.set(i.a + 1, if bound { receiver } else { UNSET });
                }
                value
            }
            Op::Send => return self.send_slowly(f, i),
            Op::GetYieldFrom => self.yield_from_iter(f.get(i.b), f.code)?,
            Op::GetAwaitable => self.get_awaitable(f.get(i.b), i.d)?,
            Op::CleanupThrow => return self.cleanup_throw(f, i),
            Op::MakeFunction => self.make_function(f.get(i.b), &f.function.body.globals)?,
            Op::SetFunction => {
                self.set_function(f.get(i.a), f.take(i.b), i.d)?;
                return Ok(Outcome::Nothing);
            }
            Op::LoadBuildClass => {
                let own = f.function.body.globals.get::<Dict>().and_then(|it| self.own_builtins(it));
                match own {
                    None => self.builtin(&self.names.build_class)?,
                    Some(own) => match self.get_from_namespace(&own, &self.names.build_class)? {
                        Some(function) => function,
                        None => return Err(self.raise(Exc::NameError, "__build_class__ not found")),
                    },
                }
            }
            Op::LoadCommon => self.common_constant(i.d)?,
            Op::Raise => return Err(self.raise_statement(f, i)),
            Op::Reraise => {
                let exception = f.get(i.b).clone();
                self.pending.set(Some(exception));
                return Err(Raised);
            }
            Op::PushExc => {
                let exception = f.take(i.a);
                let before = self.handled.take().filter(|_| !self.handles_first());
                f.set(i.a, before.unwrap_or(NONE));
                f.set(i.a + 1, exception.clone());
                self.handled.set(Some(exception));
                self.handlers.set(self.handlers.get().wrapping_add(1));
                return Ok(Outcome::Nothing);
            }
            Op::PopExcept => {
                let before = f.get(i.b).clone();
                self.handlers.set(self.handlers.get().wrapping_sub(1));
                self.handled.set(match before.is_none() {
                    true => self.handled_by_caller(),
                    false => Some(before),
                });
                return Ok(Outcome::Nothing);
            }
            Op::ExcGroupMatch => {
                let found = self.helper("group_match", &[f.get(i.a).clone(), f.get(i.a + 1).clone()])?;
                let mut parts = self.collect(&found)?.into_iter();
                let (rest, matched) = (parts.next().unwrap_or(NONE), parts.next().unwrap_or(NONE));
                if !matched.is_none() {
                    self.handled.set(Some(matched.clone()));
                }
                f.set(i.a, rest);
                f.set(i.a + 1, matched);
                return Ok(Outcome::Nothing);
            }
            Op::ExcMatch => Value::bool(self.matches_handler(f.get(i.b), f.get(i.c))?),
            Op::LoadSpecial => {
                let object = f.get(i.b).clone();
                let method = self.special_method(&object, i.d)?;
                if i.k & KILL_B != 0 {
                    drop(f.take(i.b));
                }
                f.set(i.a, method);
                f.set(i.a + 1, UNSET);
                return Ok(Outcome::Nothing);
            }
            Op::WithExcept => {
                let exception = f.get(i.c).clone();
                let class = self.class_of(&exception);
                let traceback = self.traceback_of(&exception).unwrap_or(NONE);
                let (exit, receiver) = (f.get(i.b), f.get(i.b + 1));
                if i.d == 0 || receiver.is_unset() {
                    self.call_with(exit, &[class, exception, traceback])?
                } else {
                    self.call_with(exit, &[receiver.clone(), class, exception, traceback])?
                }
            }
            Op::ImportName => {
                let names = f.take(i.b + 1);
                self.import_name(f.name(i.d)?, f.get(i.b), &names, &f.function.body.globals)?
            }
            Op::ImportFrom => self.import_from(f.get(i.b), f.name(i.d)?)?,
            Op::Convert => match i.d {
                1 => self.to_str(f.get(i.b))?,
                2 => self.repr(f.get(i.b))?,
                _ => self.ascii(f.get(i.b))?,
            },
            Op::Format => self.format(f.get(i.b), &self.names.empty)?,
            Op::FormatSpec => self.format(f.get(i.b), f.get(i.c))?,
            Op::Intrinsic1 if i.d == 2 => {
                let namespace = self.namespace_or_globals(f);
                self.import_all(f.get(i.b), &namespace)?;
                NONE
            }
            Op::Intrinsic1 => self.intrinsic(f.get(i.b), i.d, f.code)?,
            Op::Intrinsic2 => self.intrinsic2(f.get(i.b), f.get(i.c), i.d)?,
            Op::Missing => {
                let what = f.code.consts.get(i.d as usize).map(|it| self.text_of(it)).unwrap_or_default();
                return Err(self.missing(&what));
            }
            op => return Err(self.missing(&format!("the internal instruction {op:?}"))),
        };
        Ok(Outcome::Value(value))
    }

    pub(crate) fn namespace(&self) -> Option<Value> {
        // SAFETY: the frames are let go of at once.
        unsafe { self.stack.frames() }.last().and_then(|frame| frame.namespace.clone())
    }

    fn namespace_or_globals(&self, f: &Fetch<'_>) -> Value {
        self.namespace().unwrap_or_else(|| f.function.body.globals.clone())
    }

    fn variables(&self, f: &Fetch<'_>, i: Instr) -> R<Outcome> {
        let globals = &f.function.body.globals;
        Ok(match i.op {
            Op::CheckBound if !f.get(i.a).is_unset() => Outcome::Nothing,
            Op::CheckBound => return Err(self.unbound_local(f.code, i.a)),
            Op::DeleteLocal => {
                let old = f.take(i.a);
                if old.is_unset() {
                    return Err(self.unbound_local(f.code, i.a));
                }
                Outcome::Nothing
            }
            Op::StoreGlobal => {
                if let Some(globals) = globals.get::<Dict>() {
                    globals.set_name(self, f.name(i.d)?, f.get(i.b).clone());
                }
                Outcome::Nothing
            }
            Op::DeleteGlobal => {
                let removed = globals.get::<Dict>().and_then(|it| it.remove_name(self, f.name(i.d).ok()?));
                if removed.is_none() {
                    return Err(self.name_error(f.name(i.d)?));
                }
                Outcome::Nothing
            }
            Op::LoadName => {
                let name = f.name(i.d)?;
                let found = match self.namespace() {
                    Some(namespace) => self.get_from_namespace(&namespace, name)?,
                    None => None,
                };
                Outcome::Value(match found {
                    Some(value) => value,
                    None => self.global(globals, name)?,
                })
            }
            Op::StoreName => {
                let (name, value) = (f.name(i.d)?, f.get(i.b).clone());
                let namespace = self.namespace_or_globals(f);
                match self.plain_dict(&namespace) {
                    Some(dict) => dict.set_name(self, name, value),
                    None => self.set_item(&namespace, name, value)?,
                }
                Outcome::Nothing
            }
            Op::DeleteName => {
                let name = f.name(i.d)?;
                let namespace = self.namespace_or_globals(f);
                match self.plain_dict(&namespace) {
                    Some(dict) if dict.remove_name(self, name).is_some() => {}
                    None if self.delete_item(&namespace, name).is_ok() => {}
                    _ => {
                        self.pending.set(None);
                        return Err(self.name_error(name));
                    }
                }
                Outcome::Nothing
            }
            Op::LoadLocals => Outcome::Value(self.namespace_or_globals(f)),
            Op::LoadFromDictOrGlobals => {
                let name = f.name(i.d)?;
                Outcome::Value(match self.get_from_namespace(f.get(i.b), name)? {
                    Some(value) => value,
                    None => self.global(globals, name)?,
                })
            }
            Op::LoadFromDictOrDeref => {
                let name = f.code.local_names.get(usize::from(i.c)).ok_or(Raised)?;
                match self.get_from_namespace(f.get(i.b), name)? {
                    Some(value) => Outcome::Value(value),
                    None => match f.get(i.c).get::<Cellvar>().and_then(|cell| cell.value.get()) {
                        Some(value) => Outcome::Value(value),
                        None => return Err(self.unbound_cell(f.code, i.c)),
                    },
                }
            }
            Op::MakeCell => {
                let value = f.take(i.a);
                let value = (!value.is_unset()).then_some(value);
                let cell = allocate(self, &self.types.cell, Cellvar { value: Slot::new(value) });
                Outcome::Value(cell)
            }
            Op::CopyFree => {
                let closure = f.function.body.closure.get();
                let cells = closure.as_ref().and_then(|it| it.get::<Tuple>()).map_or(&[][..], |it| &it.items);
                if cells.len() != i.d as usize {
                    return Err(self.missing("a closure that does not fit its code"));
                }
                let first = f.code.locals - i.d as u16;
                for (at, cell) in (first..).zip(cells) {
                    f.set(at, cell.clone());
                }
                Outcome::Nothing
            }
            Op::DeleteDeref => {
                let old = f.get(i.a).get::<Cellvar>().and_then(|cell| cell.value.take());
                if old.is_none() {
                    return Err(self.unbound_cell(f.code, i.a));
                }
                Outcome::Nothing
            }
            _ => {
                let name = &self.names.annotations;
                let namespace = self.namespace_or_globals(f);
                if let Some(dict) = namespace.get::<Dict>()
                    && dict.get_name(self, name).is_none()
                {
                    dict.set_name(self, name, self.dict());
                }
                Outcome::Nothing
            }
        })
    }

    /// A `dict` whose methods no program has changed.
    pub(crate) fn plain_dict<'a>(&self, value: &'a Value) -> Option<&'a Dict> {
        value.get::<Dict>().filter(|_| ptr::eq(self.type_of(value), &raw const *self.types.dict))
    }

    pub(super) fn get_from_namespace(&self, namespace: &Value, name: &Value) -> R<Option<Value>> {
        match self.plain_dict(namespace) {
            Some(dict) => Ok(dict.get_name(self, name)),
            None => match self.get_item(namespace, name) {
                Ok(value) => Ok(Some(value)),
                Err(Raised) if self.pending_is(Exc::KeyError) => {
                    self.pending.set(None);
                    Ok(None)
                }
                Err(Raised) => Err(Raised),
            },
        }
    }

    fn global(&self, globals: &Value, name: &Value) -> R {
        let found = self.get_from_namespace(globals, name)?;
        if found.is_none()
            && let Some(own) = globals.get::<Dict>().and_then(|it| self.own_builtins(it))
        {
            let found = self.get_from_namespace(&own, name)?;
            return found.ok_or_else(|| self.name_error(name));
        }
        let found = found.or_else(|| self.builtins.get::<Dict>()?.get_name(self, name));
        match found {
            Some(value) => Ok(value),
            None => self.lazy_builtin(name)?.ok_or_else(|| self.name_error(name)),
        }
    }

    /// A name of `builtins`.
    pub(crate) fn builtin(&self, name: &Value) -> R {
        let found = self.builtins.get::<Dict>().and_then(|dict| dict.get_name(self, name));
        found.ok_or_else(|| self.name_error(name))
    }

    #[cold]
    fn unbound_local(&self, code: &Code, local: u16) -> Raised {
        let name = code.local_names.get(usize::from(local)).map(|it| self.text_of(it)).unwrap_or_default();
        let message =
            format!("cannot access local variable '{name}' where it is not associated with a value");
        self.raise(Exc::UnboundLocalError, message)
    }

    /// Calls with names or with rows of arguments; true where a frame was entered for it.
    #[inline(never)]
    pub(super) fn call_with_more(&self, f: &Fetch<'_>, i: Instr) -> R<bool> {
        if i.op == Op::CallKw
            && let Some(entered) = self.call_named(f, i)?
        {
            return Ok(entered);
        }
        let mut callable = f.get(i.a).clone();
        let mut values = Vec::new();
        let receiver = f.take(i.a + 1);
        if !receiver.is_unset() && i.k & crate::load::op::NO_SELF == 0 && i.op == Op::CallKw {
            values.push(receiver);
        }
        let mut names: Vec<Value> = Vec::new();
        if i.op == Op::CallKw {
            values.extend(f.take_row(i.a + 2, i.c));
            let tuple = f.take(i.a + 2 + i.c);
            names.extend(tuple.get::<Tuple>().map_or(&[][..], |it| &it.items).iter().cloned());
        } else {
            let positional = f.take(i.a + 2);
            match positional.get::<Tuple>() {
                Some(tuple) => values.extend(tuple.items.iter().cloned()),
                None if !self.may_be_iterable(&positional) => {
                    let function = self.callable_name(&callable)?;
                    let name = self.type_name(&positional);
                    let message = format!("{function} argument after * must be an iterable, not {name}");
                    return Err(self.type_error(message));
                }
                None => values.extend(self.collect(&positional)?),
            }
            let mut keywords = f.take(i.a + 3);
            if !keywords.is_unset() && keywords.get::<Dict>().is_none() {
                // To 3.8 a call is given any mapping.
                let made = self.dict();
                if let Some(dict) = made.get::<Dict>() {
                    self.merge_keywords(dict, &keywords, &callable)?;
                }
                keywords = made;
            }
            if let Some(keywords) = keywords.get::<Dict>() {
                for (key, value) in keywords.snapshot() {
                    if key.get::<Str>().is_none() {
                        return Err(self.type_error("keywords must be strings"));
                    }
                    names.push(key);
                    values.push(value);
                }
            }
        }
        if names.len() > values.len() {
            return Err(self.missing("more names than arguments"));
        }
        if let Some(bound) = callable.get::<Bound>()
            && bound.function.has_kind(Kind::Function)
        {
            values.insert(0, bound.receiver.clone());
            let function = bound.function.clone();
            callable = function;
        }
        if self.enter_with(f, i, &callable, &mut values, &names)? {
            return Ok(true);
        }
        let result = self.call(&callable, Args { values: &values, names: &names })?;
        if i.a != i.b {
            drop(f.take(i.a));
        }
        f.set(i.b, result);
        Ok(false)
    }

    /// Enters a frame for a function, or for the `__init__` of a class whose instances need nothing else to be made.
    fn enter_with(
        &self,
        f: &Fetch<'_>,
        i: Instr,
        callable: &Value,
        values: &mut Vec<Value>,
        names: &[Value],
    ) -> R<bool> {
        let init = callable.object::<Type>().and_then(|class| self.plain_init(class));
        let (called, leave) = match &init {
            Some(init) => (init, Leave::Init),
            None => (callable, Leave::Call),
        };
        let Some(function) = called.object::<Function>() else { return Ok(false) };
        let kept = match (leave, callable.object::<Type>()) {
            (Leave::Init, Some(class)) => {
                let instance = instantiate(self, class);
                values.insert(0, instance.clone());
                instance
            }
            _ => callable.clone(),
        };
        let code = function.body.code();
        // SAFETY: the function keeps its code alive, and the register `a` the function: itself, or through the instance
        // and its class. Registers above the innermost frame's are free.
        unsafe {
            let locals = self.bind(&function.body, &*code, Args { values, names })?;
            f.set(i.a, kept);
            self.place(function, code, self.free_registers(), locals, leave)?;
        }
        Ok(true)
    }

    fn send_slowly(&self, f: &Fetch<'_>, i: Instr) -> R<Outcome> {
        let (receiver, value) = (f.get(i.b).clone(), f.take(i.c));
        let sent = if let Some(step) = receiver.data::<crate::builtins::asend::Step>() {
            step.send(self, value)?
        } else if value.is_none() {
            self.next_or_stop(&receiver)?
        } else {
            let send = self.get_attribute(&receiver, &self.names.send)?;
            match self.call_with(&send, &[value]) {
                Ok(value) => Ok(value),
                Err(Raised) => Err(self.stop_value()?),
            }
        };
        Ok(match sent {
            Ok(value) => Outcome::Value(value),
            Err(value) => {
                f.set(i.a, value);
                Outcome::Jump
            }
        })
    }

    fn cleanup_throw(&self, f: &Fetch<'_>, i: Instr) -> R<Outcome> {
        let exception = f.get(i.a + 2).clone();
        if !self.is_instance_of(&exception, Exc::StopIteration) {
            self.pending.set(Some(exception));
            return Err(Raised);
        }
        let value = self.first_argument(&exception);
        f.set(i.a, NONE);
        f.set(i.a + 1, value);
        drop(f.take(i.a + 2));
        Ok(Outcome::Nothing)
    }

    fn make_function(&self, code: &Value, globals: &Value) -> R {
        let Some(body) = code.get::<Code>() else { return Err(self.missing("a function without code")) };
        let module = globals.get::<Dict>().and_then(|dict| dict.get_name(self, &self.names.name));
        let doc = match body.consts.first() {
            Some(doc) if body.flags & pyrsc::code::flags::HAS_DOCSTRING != 0 => doc.clone(),
            _ => NONE,
        };
        // SAFETY: all fields are written.
        unsafe {
            let made = crate::heap::allocate_empty::<Function>(self, &self.types.function);
            let it = &raw mut (*made).body;
            (&raw mut (*it).code).write(Slot::new(Some(code.clone())));
            (&raw mut (*it).code_address).write(std::cell::Cell::new(body));
            (&raw mut (*it).globals).write(globals.clone());
            (&raw mut (*it).closure).write(Slot::default());
            (&raw mut (*it).defaults).write(Slot::default());
            (&raw mut (*it).kwdefaults).write(Slot::default());
            (&raw mut (*it).name).write(Slot::new(Some(body.name.clone())));
            (&raw mut (*it).qualname).write(Slot::new(Some(body.qualname.clone())));
            (&raw mut (*it).doc).write(Slot::new(Some(doc)));
            (&raw mut (*it).module).write(Slot::new(module));
            (&raw mut (*it).annotations).write(Slot::default());
            (&raw mut (*it).annotate).write(Slot::default());
            (&raw mut (*it).type_params).write(Slot::default());
            (&raw mut (*it).dict).write(Slot::default());
            Ok(Value::from_object(made))
        }
    }

    /// A function for a code object, to run it once.
    pub(crate) fn function_of(&self, code: &Value, globals: &Value) -> R {
        self.make_function(code, globals)
    }

    fn set_function(&self, function: &Value, value: Value, which: u32) -> R<()> {
        let Some(function) = function.get::<Function>() else {
            return Err(self.missing("attributes of what is no function"));
        };
        let slot = match which {
            1 => &function.defaults,
            2 => &function.kwdefaults,
            4 => &function.annotations,
            8 => &function.closure,
            16 => &function.annotate,
            _ => return Err(self.missing("an unknown attribute of a function")),
        };
        // To 3.13 annotations are a row of names and values.
        let value = match value.get::<Tuple>() {
            Some(row) if which == 4 => {
                let dict = self.dict();
                for pair in row.items.chunks_exact(2) {
                    self.set_item(&dict, &pair[0], pair[1].clone())?;
                }
                dict
            }
            _ => value,
        };
        slot.set(Some(value));
        Ok(())
    }

    fn common_constant(&self, which: u32) -> R {
        let value = match which {
            0 => Value::of(self.exceptions.get(Exc::AssertionError)),
            1 => Value::of(self.exceptions.get(Exc::NotImplementedError)),
            2 => self.types.tuple.value().clone(),
            3 | 4 => {
                // A program may have put another one there, which must not be taken for the interpreter's.
                let found = self.builtin(&self.intern(if which == 3 { "all" } else { "any" }))?;
                if found.has_kind(Kind::Native) { found } else { NONE }
            }
            5 => self.types.list.value().clone(),
            6 => self.types.set.value().clone(),
            7 => NONE,
            8 => self.names.empty.clone(),
            9 | 10 => Value::bool(which == 9),
            11 => Value::from_i32(-1),
            _ => return Err(self.missing("an unknown common constant")),
        };
        Ok(value)
    }

    fn raise_statement(&self, f: &Fetch<'_>, i: Instr) -> Raised {
        if i.c == 0 {
            return match self.handled.get() {
                Some(exception) => {
                    self.pending.set(Some(exception));
                    Raised
                }
                None => self.raise(Exc::RuntimeError, "No active exception to reraise"),
            };
        }
        let cause = if i.c == 2 { Some(f.take(i.a + 1)) } else { None };
        self.raise_object(&f.take(i.a), cause)
    }

    fn special_method(&self, object: &Value, which: u32) -> R {
        let name = match which {
            0 => &self.names.enter,
            1 => &self.names.exit,
            2 => &self.names.aenter,
            _ => &self.names.aexit,
        };
        let class = self.class_of(object);
        match self.lookup_special(object, name) {
            Some(method) => self.bind_descriptor(&method, Some(object), &class),
            None => {
                let (kind, ty) = (if which < 2 { "" } else { "asynchronous " }, self.quoted_type(object));
                let mut message = format!(
                    "{ty} object does not support the {kind}context manager protocol (missed {} method)",
                    self.text_of(name)
                );
                let (others, hint) = match which {
                    0 | 1 => ([&self.names.aenter, &self.names.aexit], ("asynchronous ", "async with")),
                    _ => ([&self.names.enter, &self.names.exit], ("", "with")),
                };
                if others.iter().all(|it| self.lookup_special(object, it).is_some()) {
                    let (other, statement) = hint;
                    message.push_str(&format!(
                        " but it supports the {other}context manager protocol. Did you mean to use '{statement}'?"
                    ));
                }
                Err(self.type_error(message))
            }
        }
    }

    pub(crate) fn quoted_type(&self, object: &Value) -> String {
        let ty: &Object<Type> = self.type_of(object);
        let name = ty.body.qualname.get().map(|it| self.text_of(&it)).unwrap_or_default();
        let module = ty.body.own().and_then(|dict| dict.get_name(self, &self.names.module));
        match module.map(|it| self.text_of(&it)).as_deref() {
            None | Some("builtins" | "__main__") => format!("'{name}'"),
            Some(module) => format!("'{module}.{name}'"),
        }
    }

    /// Of numbers that words hold, and of strings, where it is `==` or `!=`.
    #[inline(always)]
    fn quick_compare(&self, b: &Value, c: &Value, op: u32) -> Option<bool> {
        let number = |it: &Value| match it.as_small() {
            // Larger ints are not all floats.
            Some(int) if int.unsigned_abs() <= 1 << 53 => Some(int as f64),
            Some(_) => None,
            None => it.as_short_float(),
        };
        if let (Some(x), Some(y)) = (b.as_small(), c.as_small()) {
            return Some(super::fast::holds(op, &x, &y));
        }
        if let (Some(x), Some(y)) = (number(b), number(c)) {
            return Some(super::fast::holds(op, &x, &y));
        }
        if matches!(op, 2 | 3) {
            if b.has_kind(Kind::Str) && c.has_kind(Kind::Str) {
                return self.same_plain(b, c).map(|equal| equal == (op == 2));
            }
            if b.is_none() || c.is_none() {
                let other = if b.is_none() { c } else { b };
                return (!Vm::is_made_by_program(self.type_of(other))).then(|| b.is(c) == (op == 2));
            }
        }
        None
    }

    /// A comparison, as a bool where that is asked for.
    #[inline(never)]
    pub(super) fn compare_op(&self, b: &Value, c: &Value, op: u32, want_bool: bool) -> R {
        if let Some(truth) = self.quick_compare(b, c, op) {
            return Ok(Value::bool(truth));
        }
        let value = self.compare(b, c, op)?;
        if want_bool && value.as_bool().is_none() {
            return Ok(Value::bool(self.truth(&value)?));
        }
        Ok(value)
    }

    /// The truth of a comparison.
    #[inline(never)]
    pub(super) fn compare_truth(&self, b: &Value, c: &Value, op: u32) -> R<bool> {
        if let Some(truth) = self.quick_compare(b, c, op) {
            return Ok(truth);
        }
        let value = self.compare(b, c, op)?;
        match value.as_bool() {
            Some(truth) => Ok(truth),
            None => self.truth(&value),
        }
    }

    /// Of two numbers, one at least a float, where nothing can go wrong.
    #[inline(always)]
    fn float_operation(&self, b: &Value, c: &Value, op: u32) -> Option<Value> {
        let number = |it: &Value| match it.as_small() {
            // Larger ints are not all floats.
            Some(int) if int.unsigned_abs() <= 1 << 53 => Some(int as f64),
            Some(_) => None,
            None => it.as_short_float(),
        };
        if Value::both_small(b, c) {
            return None;
        }
        let (x, y) = (number(b)?, number(c)?);
        Some(self.float(match op {
            0 => x + y,
            5 => x * y,
            8 if x > 0.0 && (1e-3..1e3).contains(&x) && y.abs() < 64.0 => x.powf(y),
            10 => x - y,
            11 if y != 0.0 => x / y,
            _ => return None,
        }))
    }

    /// Of numbers and strings of the interpreter's own types, where nothing can go wrong.
    #[inline(always)]
    fn quick_binary(&self, b: &Value, c: &Value, op: u32) -> Option<Value> {
        let kind = op % 13;
        if let (Some(x), Some(y)) = (b.as_small(), c.as_small()) {
            return self.small_arithmetic(x, y, kind).or_else(|| self.long_arithmetic(b, c, kind));
        }
        if let Some(value) = self.float_operation(b, c, kind) {
            return Some(value);
        }
        if kind == 0
            && let Some(value) = self.fast_concatenate(b, c)
        {
            return Some(value);
        }
        let is_int = |it: &Value| ptr::eq(self.type_of(it), &raw const *self.types.int);
        if is_int(b) && is_int(c) { self.long_arithmetic(b, c, kind) } else { None }
    }

    /// A binary operation, whose result goes to a register.
    #[inline(never)]
    pub(super) fn slow_binary(&self, to: *mut Value, b: &Value, c: &Value, op: u32) -> R<()> {
        let value = match self.quick_binary(b, c, op) {
            Some(value) => value,
            None => self.binary(b, c, op)?,
        };
        // SAFETY: the register is one of the window.
        drop(unsafe { ptr::replace(to, value) });
        Ok(())
    }
}
