//! `_decimal`. `digits`, `number`, `text`, `arith`, `more` and `curves` are the arithmetic, which knows of no objects; `context`
//! and `object` are what programs see of it, `convert` what goes between, `format` format specifications. Exceptions, dictionaries
//! of signals and the ready contexts are `stdlib/_decimal.py`, which registers what this part needs of it.

mod arith;
mod context;
mod convert;
mod curves;
mod digits;
mod format;
mod more;
mod number;
mod object;
mod text;

use crate::builtins::positional;
use crate::object::Slot;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

/// What is kept between calls.
#[derive(Default)]
pub(crate) struct State {
    /// What `_decimal.py` registered: the exception classes in the order of [`context::SIGNALS`] and
    /// [`context::CONDITIONS`], the ready contexts, and from the end what [`SIGNAL_DICT`] and the others say.
    registered: std::cell::RefCell<Vec<Value>>,
    /// The `contextvars.Context` in which `current` was found.
    key: Slot,
    /// The context of that, a `Context`.
    current: Slot,
}

/// What is registered behind the exception classes, counted from the end.
const SIGNAL_DICT: usize = 4;
const TUPLE: usize = 3;
const VARIABLE: usize = 2;
const RATIONAL: usize = 1;

impl Vm {
    /// Something of `_decimal.py`, from the end of what it registered.
    fn decimal_part(&self, from_end: usize) -> Value {
        let parts = self.modules_state.decimal.registered.borrow();
        parts.len().checked_sub(from_end).and_then(|at| parts.get(at)).cloned().unwrap_or(NONE)
    }
}

/// `_pyrvm_decimal`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    for spec in [&object::DECIMAL, &context::CONTEXT, &context::SIGNALS_TYPE] {
        vm.put_type(module, spec);
    }
    vm.put_functions(
        module,
        &[
            ("getcontext", |vm, args| {
                positional(vm, "getcontext", args, 0, 0)?;
                context::current(vm)
            }),
            ("setcontext", |vm, args| {
                let values = positional(vm, "setcontext", args, 1, 1)?;
                context::set_current(vm, &values[0])?;
                Ok(NONE)
            }),
            ("register", |vm, args| {
                let values = positional(vm, "register", args, 1, 1)?;
                let parts = vm.collect(&values[0])?;
                *vm.modules_state.decimal.registered.borrow_mut() = parts;
                vm.modules_state.decimal.key.set(None);
                vm.modules_state.decimal.current.set(None);
                Ok(NONE)
            }),
        ],
    );
    Ok(())
}
