//! Data of native modules, descriptors of computed attributes, and read-only views of mappings.

use crate::value::Value;
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
}

/// A `mappingproxy`.
pub struct Proxy {
    /// What it shows.
    pub mapping: Value,
}
