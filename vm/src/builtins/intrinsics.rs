//! Intrinsic functions that instructions call.

use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::load::op::intrinsic;
use crate::object::callable::Args;
use crate::object::{Exception, List};
use crate::value::Value;
use crate::vm::{R, Vm};

impl Vm {
    /// CALL_INTRINSIC_1.
    pub(crate) fn intrinsic(&self, value: &Value, which: u32, code: &Code) -> R {
        match which {
            1 => self.display(value),
            3 => Ok(self.stop_becomes_error(value, code)),
            5 => self.positive(value),
            6 => match value.get::<List>() {
                Some(list) => Ok(self.tuple(list.snapshot())),
                None => Err(self.missing("a tuple of what is no list")),
            },
            4 => Ok(self.yielding(value.clone())),
            intrinsic::TEMPLATE => self.template("build_template", value, None),
            intrinsic::INTERPOLATION.. => {
                self.template("build_interpolation", value, Some(which - intrinsic::INTERPOLATION))
            }
            intrinsic::AITER => self.async_iter(value),
            intrinsic::ANEXT => self.async_next(value),
            7 => self.typing("typevar", std::slice::from_ref(value)),
            8 => self.typing("paramspec", std::slice::from_ref(value)),
            9 => self.typing("typevartuple", std::slice::from_ref(value)),
            10 => self.typing("subscript_generic", std::slice::from_ref(value)),
            11 => self.typing("typealias", std::slice::from_ref(value)),
            _ => Err(self.missing("an intrinsic function")),
        }
    }

    /// What a statement of a prompt is worth is shown by `sys.displayhook`.
    fn display(&self, value: &Value) -> R {
        let found = match self.modules_state.sys.get() {
            Some(sys) => self.get_attribute_or_none(&sys, &self.intern("displayhook"))?,
            None => None,
        };
        match found {
            Some(hook) => self.call_with(&hook, std::slice::from_ref(value)),
            None => Err(self.raise(Exc::RuntimeError, "lost sys.displayhook")),
        }
    }

    /// CALL_INTRINSIC_2.
    pub(crate) fn intrinsic2(&self, a: &Value, b: &Value, which: u32) -> R {
        let both = [a.clone(), b.clone()];
        match which {
            intrinsic::END_ASYNC_FOR if self.is_instance_of(b, Exc::StopAsyncIteration) => {
                Ok(crate::value::NONE)
            }
            intrinsic::END_ASYNC_FOR => {
                self.pending.set(Some(b.clone()));
                Err(crate::vm::Raised)
            }
            1 => self.helper("prepare_reraise_star", &both),
            2 => self.typing("typevar_with_bound", &both),
            3 => self.typing("typevar_with_constraints", &both),
            4 => {
                if let Some(function) = a.get::<crate::object::Function>() {
                    function.type_params.set(Some(b.clone()));
                }
                Ok(a.clone())
            }
            5 => self.typing("set_default", &both),
            _ => Err(self.missing("an intrinsic function")),
        }
    }

    fn template(&self, name: &str, row: &Value, conversion: Option<u32>) -> R {
        let mut args = self.collect(row)?;
        if let Some(conversion) = conversion {
            args.insert(0, self.int(conversion.into()));
        }
        self.helper(name, &args)
    }

    /// `aiter(value)`
    pub(crate) fn async_iter(&self, value: &Value) -> R {
        if self.is_async_generator(value) {
            return Ok(value.clone());
        }
        let Some(method) = self.lookup_special(value, &self.intern("__aiter__")) else {
            let got = self.type_name(value);
            let message = format!("'async for' requires an object with __aiter__ method, got {got}");
            return Err(self.type_error(message));
        };
        let made = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
        if self.lookup_special(&made, &self.intern("__anext__")).is_none() {
            let got = self.type_name(&made);
            let message = format!(
                "'async for' received an object from __aiter__ that does not implement __anext__: {got}"
            );
            return Err(self.type_error(message));
        }
        Ok(made)
    }

    pub(crate) fn is_async_generator(&self, value: &Value) -> bool {
        std::ptr::eq(self.type_of(value), &raw const *self.types.async_generator)
    }

    /// What the next of an asynchronous iterator waits for.
    pub(crate) fn async_next(&self, value: &Value) -> R {
        if self.is_async_generator(value) {
            self.first_asked(value)?;
            return Ok(self.async_generator_step(value, crate::value::NONE));
        }
        let Some(method) = self.lookup_special(value, &self.intern("__anext__")) else {
            let got = self.type_name(value);
            let message = format!("'async for' requires an iterator with __anext__ method, got {got}");
            return Err(self.type_error(message));
        };
        let made = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
        match self.awaitable(&made) {
            Ok(value) => Ok(value),
            Err(raised) => {
                let Some(cause) = self.pending.take() else { return Err(raised) };
                let got = self.type_name(&made);
                let message = format!("'async for' received an invalid object from __anext__: {got}");
                let error = self.exception(self.exceptions.get(Exc::TypeError), vec![self.str(&message)]);
                if let Some(body) = error.get::<Exception>() {
                    body.cause.set(Some(cause.clone()));
                    body.context.set(Some(cause));
                    body.suppress.set(true);
                }
                self.pending.set(Some(error));
                Err(raised)
            }
        }
    }

    /// `anext(value)`: what `__anext__` gives, which is not looked at.
    pub(crate) fn plain_async_next(&self, value: &Value) -> R {
        match self.lookup_special(value, &self.intern("__anext__")) {
            Some(method) => self.call_bound(&method, value, Args { values: &[], names: &[] }),
            None => {
                let got = self.type_name(value);
                Err(self.type_error(format!("'{got}' object is not an async iterator")))
            }
        }
    }

    /// Goes on with an asynchronous generator: `(0, value)` where it yields, `(1, value)` where it waits, `(2, value)` at
    /// its end.
    pub(crate) fn async_step(&self, outcome: Result<Value, Value>) -> Value {
        let (kind, value) = match outcome {
            Ok(value) => match self.yielded(&value) {
                Some(value) => (0, value),
                None => (1, value),
            },
            Err(value) => (2, value),
        };
        self.tuple(vec![Value::from_i32(kind), value])
    }

    /// Calls a function of `_typing`.
    fn typing(&self, name: &str, args: &[Value]) -> R {
        let Some(typing) = self.builtin_module("_typing")? else { return Err(self.missing("_typing")) };
        let function = self.get_attribute(&typing, &self.intern(name))?;
        self.call_with(&function, args)
    }

    /// `StopIteration` that leaves a generator becomes `RuntimeError`. CPython: `stopiteration_error`.
    fn stop_becomes_error(&self, value: &Value, code: &Code) -> Value {
        let of_async = code.flags & pyrsc::code::flags::ASYNC_GENERATOR != 0;
        let what = if of_async && self.is_instance_of(value, Exc::StopAsyncIteration) {
            "async generator raised StopAsyncIteration"
        } else if !self.is_instance_of(value, Exc::StopIteration) {
            return value.clone();
        } else if of_async {
            "async generator raised StopIteration"
        } else if code.flags & pyrsc::code::flags::COROUTINE != 0 {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        };
        let error = self.exception(self.exceptions.get(Exc::RuntimeError), vec![self.str(what)]);
        if let Some(body) = error.get::<Exception>() {
            body.cause.set(Some(value.clone()));
            body.context.set(Some(value.clone()));
            body.suppress.set(true);
        }
        error
    }
}
