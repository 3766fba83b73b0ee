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
            7..=11 => Err(self.missing("type parameters and type aliases")),
            _ => Err(self.missing("an intrinsic function")),
        }
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
