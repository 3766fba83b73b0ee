//! Functions, methods, descriptors, cells, modules.

use super::Slot;
use crate::value::Value;
use crate::vm::{R, Vm};
use std::cell::Cell;

/// Arguments of a call: the positional ones, then those with names.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// Values, positional ones first.
    pub values: &'a [Value],
    /// The names of the last ones: strings.
    pub names: &'a [Value],
}

/// A function of the interpreter's own. A method gets `self` as the first argument.
pub type NativeFn = fn(&Vm, Args<'_>) -> R;

/// A function or method of the interpreter's own.
pub struct Native {
    /// `__name__`
    pub name: &'static str,
    /// What is called.
    pub call: NativeFn,
    /// Does it bind, as functions written in Python do?
    pub method: bool,
    /// The type that it is a method of, for messages; of a function its module, empty for `builtins`.
    pub owner: &'static str,
    /// Does it more than what the machine does for the layout anyway?
    pub special: bool,
    /// The layout that the first argument must have, of a method of one.
    pub of: Option<super::Kind>,
}

impl Native {
    /// The module that it is a function of; `None` for methods.
    pub(crate) fn module(&self) -> Option<&'static str> {
        if self.method || self.name == "__new__" {
            return None;
        }
        Some(if self.owner.is_empty() { "builtins" } else { self.owner })
    }
}

impl Value {
    /// Is it a method of the interpreter's own that does what the machine does for the layout anyway?
    #[inline]
    pub(crate) fn is_layouts_own(&self) -> bool {
        self.get::<Native>().is_some_and(|it| !it.special)
    }
}

impl Value {
    /// The same, and is it the one of that name? A program may give one another name in a class.
    pub(crate) fn is_layouts_own_as(&self, name: &str) -> bool {
        self.get::<Native>().is_some_and(|it| !it.special && it.name == name)
    }
}

/// A function written in Python.
pub struct Function {
    /// `__code__`
    pub code: Slot,
    /// The body of `code`.
    pub(crate) code_address: Cell<*const crate::load::Code>,
    /// `__globals__`, a `dict`.
    pub globals: Value,
    /// `__closure__`, a `tuple` of cells.
    pub closure: Slot,
    /// `__defaults__`, a `tuple`.
    pub defaults: Slot,
    /// `__kwdefaults__`, a `dict`.
    pub kwdefaults: Slot,
    /// `__name__`
    pub name: Slot,
    /// `__qualname__`
    pub qualname: Slot,
    /// `__doc__`
    pub doc: Slot,
    /// `__module__`
    pub module: Slot,
    /// `__annotations__`, a `dict`.
    pub annotations: Slot,
    /// `__annotate__`
    pub annotate: Slot,
    /// `__type_params__`, a `tuple`.
    pub type_params: Slot,
    /// `__dict__`
    pub dict: Slot,
}

impl Function {
    /// What it can do without.
    pub(crate) const fn slots(&self) -> [&Slot; 11] {
        [
            &self.closure,
            &self.defaults,
            &self.kwdefaults,
            &self.name,
            &self.qualname,
            &self.doc,
            &self.module,
            &self.annotations,
            &self.annotate,
            &self.type_params,
            &self.dict,
        ]
    }

    /// The body of its code.
    #[inline(always)]
    pub(crate) const fn code(&self) -> *const crate::load::Code {
        self.code_address.get()
    }
}

/// A bound method.
pub struct Bound {
    /// What is called.
    pub function: Value,
    /// The first argument.
    pub receiver: Value,
}

/// A cell of a closure.
pub struct Cellvar {
    /// What the variable holds.
    pub value: Slot,
}

/// A module.
pub struct Module {
    /// `__dict__`
    pub dict: Value,
}

/// A `property`.
pub struct Property {
    /// `fget`
    pub get: Slot,
    /// `fset`
    pub set: Slot,
    /// `fdel`
    pub del: Slot,
    /// `__doc__`
    pub doc: Slot,
    /// The name that it was assigned to in its class.
    pub name: Slot,
    /// Was it made without a docstring of its own, with a getter that has one?
    pub getter_doc: Cell<bool>,
}

/// A `staticmethod` or `classmethod`.
pub struct Wrapper {
    /// What is wrapped; nothing before `__init__` was called.
    held: Slot,
    /// Is it a `classmethod`?
    pub is_class: bool,
}

impl Wrapper {
    /// A `classmethod`, or a `staticmethod`.
    pub const fn new(function: Value, is_class: bool) -> Wrapper {
        Wrapper { held: Slot::new(Some(function)), is_class }
    }

    /// What is wrapped; `None` before `__init__` was called.
    pub fn function(&self) -> Value {
        self.held.get().unwrap_or(crate::value::NONE)
    }

    /// Where that is.
    pub(crate) const fn held(&self) -> &Slot {
        &self.held
    }
}

/// A `super`.
pub struct Super {
    /// The class behind which the search starts.
    pub class: Value,
    /// The instance or class.
    pub object: Slot,
    /// The type whose order is searched.
    pub of: Slot,
    /// Is it bound to a class?
    pub is_class: Cell<bool>,
}
