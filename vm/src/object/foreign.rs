//! Data of native modules, descriptors of computed attributes, and read-only views of mappings.

use crate::value::Value;
use crate::vm::{R, Vm};
use std::any::Any;

/// Data that a native module keeps in an object.
pub struct Foreign {
    /// What it is.
    pub data: Box<dyn Any>,
}

impl Value {
    /// The data of a native module's object.
    pub(crate) fn foreign<T: 'static>(&self) -> Option<&T> {
        self.get::<Foreign>()?.data.downcast_ref()
    }
}

/// An attribute of a built-in type that is computed: `getset_descriptor`.
pub struct Getset {
    /// Its name, an interned string.
    pub name: Value,
    /// The type that has it; the interpreter keeps it alive.
    pub owner: Value,
    /// What reads and writes it; without, the machine knows the attribute by its name.
    pub access: Option<Access>,
}

/// What reads an attribute.
pub type Read = fn(&Vm, &Value) -> R;
/// What writes an attribute, or deletes it.
pub type Write = fn(&Vm, &Value, Option<&Value>) -> R<()>;

/// What reads and writes an attribute of a type that a module defines.
#[derive(Clone, Copy)]
pub struct Access {
    /// Reads it.
    pub read: Read,
    /// Writes it, where that can be done.
    pub write: Option<Write>,
}

/// A `mappingproxy`.
pub struct Proxy {
    /// What it shows.
    pub mapping: Value,
}
