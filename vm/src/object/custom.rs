//! Objects of types that modules define in Rust: what they hold is a trait object.
//!
//! Their methods are found in the type as those of classes are (`TypeFlags::METHODS`), not by layout; the hooks here are
//! short cuts for what must be fast, and tell the collector what there is.

use super::callable::Args;
use crate::value::Value;
use crate::vm::{R, Vm};
use std::any::Any;

/// What an object of a module's type holds. Nothing may be borrowed in it while a program runs.
pub trait Data: Any {
    /// Shows the values that it refers to; those that cannot be looked at now are left out.
    fn visit(&self, _see: &mut dyn FnMut(&Value)) {}

    /// Lets go of the values that it can do without.
    fn clear(&self) {}

    /// The next value, of an iterator; the outer `None` says that it is none.
    fn next(&self, _vm: &Vm, _own: &Value) -> Option<R<Option<Value>>> {
        None
    }

    /// A binary operation (by CPython's number) of which it is an operand, and the other is of the same type or a small
    /// int; `None` where it has no short cut for it.
    fn operate(&self, _vm: &Vm, _a: &Value, _b: &Value, _op: u32) -> Option<R> {
        None
    }

    /// The item at an index; `None` says that its methods have to be asked.
    fn item(&self, _vm: &Vm, _index: i64) -> Option<Value> {
        None
    }

    /// Replaces the item at an index; false says that its methods have to be asked.
    fn set_item(&self, _vm: &Vm, _index: i64, _value: &Value) -> bool {
        false
    }

    /// Calls it; `None` says that it cannot be called in this way.
    fn call(&self, _vm: &Vm, _own: &Value, _args: Args<'_>) -> Option<R> {
        None
    }
}

/// An object of a module's type.
pub struct Custom {
    /// What it holds.
    pub data: Box<dyn Data>,
}

impl Value {
    /// What an object of a module's type holds.
    #[inline]
    pub(crate) fn data<T: Data>(&self) -> Option<&T> {
        let data: &dyn Any = &*self.get::<Custom>()?.data;
        data.downcast_ref()
    }
}
