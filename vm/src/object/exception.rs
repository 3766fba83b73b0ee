//! Exceptions and tracebacks.

use super::Slot;
use crate::value::Value;
use std::cell::{Cell, RefCell};

/// An exception.
pub struct Exception {
    /// `args`, a `tuple`.
    pub args: Slot,
    /// `__traceback__`
    pub traceback: Slot,
    /// `__context__`
    pub context: Slot,
    /// `__cause__`
    pub cause: Slot,
    /// `__suppress_context__`
    pub suppress: Cell<bool>,
    /// What the type's own attributes hold (`name`, `errno`, ...), a `dict`, when there is any.
    pub fields: Slot,
    /// Attributes, a `dict`, when there are any.
    pub dict: Slot,
}

/// A traceback entry.
pub struct Traceback {
    /// `tb_frame`
    pub frame: Value,
    /// Where in the code that CPython wrote, in bytes.
    pub offset: u32,
    /// `tb_lineno`; -1 for none.
    pub line: Cell<i32>,
    /// `tb_next`
    pub next: RefCell<Option<Value>>,
}
