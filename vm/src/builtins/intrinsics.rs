//! Intrinsic functions that instructions call.

use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::object::{Exception, List};
use crate::value::Value;
use crate::vm::{R, Vm};

impl Vm {
    /// CALL_INTRINSIC_1.
    pub(crate) fn intrinsic(&self, value: &Value, which: u32, code: &Code) -> R {
        match which {
            3 => Ok(self.stop_becomes_error(value, code)),
            5 => self.positive(value),
            6 => match value.get::<List>() {
                Some(list) => Ok(self.tuple(list.snapshot())),
                None => Err(self.missing("a tuple of what is no list")),
            },
            4 => Ok(value.clone()),
            7 => self.typing("typevar", std::slice::from_ref(value)),
            8 => self.typing("paramspec", std::slice::from_ref(value)),
            9 => self.typing("typevartuple", std::slice::from_ref(value)),
            10 => self.typing("subscript_generic", std::slice::from_ref(value)),
            11 => self.typing("typealias", std::slice::from_ref(value)),
            _ => Err(self.missing("an intrinsic function")),
        }
    }

    /// CALL_INTRINSIC_2.
    pub(crate) fn intrinsic2(&self, a: &Value, b: &Value, which: u32) -> R {
        let both = [a.clone(), b.clone()];
        match which {
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

    /// Calls a function of `_typing`.
    fn typing(&self, name: &str, args: &[Value]) -> R {
        let Some(typing) = self.builtin_module("_typing")? else { return Err(self.missing("_typing")) };
        let function = self.get_attribute(&typing, &self.intern(name))?;
        self.call_with(&function, args)
    }

    /// `StopIteration` that leaves a generator becomes `RuntimeError`. CPython: `stopiteration_error`.
    fn stop_becomes_error(&self, value: &Value, code: &Code) -> Value {
        if !self.is_instance_of(value, Exc::StopIteration) {
            return value.clone();
        }
        let what = if code.flags & pyrsc::code::flags::COROUTINE != 0 {
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
