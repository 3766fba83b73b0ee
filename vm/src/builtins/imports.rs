//! Modules that a program starts with.

use crate::heap::allocate;
use crate::object::{Dict, Module};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// An empty module, which is put into `sys.modules`.
    pub(crate) fn new_module(&self, name: &str) -> Value {
        let dict = self.dict();
        if let Some(dict) = dict.get::<Dict>() {
            dict.set_name(self, &self.names.name, self.intern(name));
            dict.set_name(self, &self.names.doc, crate::value::NONE);
        }
        let module = allocate(self, &self.types.module, Module { dict });
        if let Some(modules) = self.modules.get::<Dict>() {
            modules.set_name(self, &self.intern(name), module.clone());
        }
        module
    }
}
