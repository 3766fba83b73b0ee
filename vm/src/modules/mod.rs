//! Modules of the machine: those in Rust, and those in Python that are compiled when they are first imported.

pub(crate) mod array;
pub mod basics;
pub(crate) mod binascii;
pub(crate) mod bz2;
pub(crate) mod cmath;
pub(crate) mod collections;
pub(crate) mod constants;
pub(crate) mod csv;
pub(crate) mod decimal;
pub(crate) mod derive;
pub(crate) mod files;
pub(crate) mod functools;
mod gamma;
pub mod gc;
pub(crate) mod hashes;
pub(crate) mod heapq;
pub mod imp;
pub(crate) mod io;
pub(crate) mod itertools;
pub(crate) mod json;
pub(crate) mod kernel;
pub mod library;
pub mod marshal;
pub mod math;
pub(crate) mod memoryview;
pub(crate) mod native;
pub(crate) mod opcode;
pub(crate) mod operator;
pub mod os;
pub mod processes;
pub(crate) mod random;
pub mod signal;
pub mod sockets;
pub mod sre;
pub(crate) mod structs;
pub mod sys;
pub mod thread;
pub mod thread_local;
pub mod time;
pub(crate) mod tokens;
pub(crate) mod unicodedata;
pub mod weakref;
pub(crate) mod zlib;

use crate::builtins::exceptions::Exc;
use crate::builtins::types::{Maker, TypeRef};
use crate::heap::allocate;
use crate::library::INTERNAL;
use crate::object::callable::Args;
use crate::object::{Dict, Kind, Module, Native, NativeFn, Slot, Type, TypeFlags};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};

/// What the machine keeps for its modules.
#[derive(Default)]
pub(crate) struct State {
    /// `sys`
    pub(crate) sys: Slot,
    /// The attributes of `sys` that were made when they were asked for.
    pub(crate) made_of_sys: std::cell::RefCell<Vec<String>>,
    /// `-X importtime`
    pub(crate) times: imp::Times,
    /// `importlib._bootstrap`, once a module of the library was asked for.
    pub(crate) bootstrap: Slot,
    /// The list of hooks that are told of audit events, once there is one.
    pub(crate) audit_hooks: Slot,
    /// `()`
    pub(crate) empty_tuple: Slot,
    /// `_pyrvm`
    pub(crate) helpers: Slot,
    /// The program's folder, where it was put in front of `sys.path`.
    pub(crate) front: std::cell::RefCell<Option<String>>,
    /// The formats that `struct` used lately.
    pub(crate) layouts: std::cell::RefCell<std::collections::HashMap<Vec<u8>, std::rc::Rc<structs::Layout>>>,
    /// What is known of characters, once `unicodedata` was asked.
    pub(crate) unicode: unicodedata::Databases,
    /// The dialects of `csv` that have a name.
    pub(crate) dialects: Slot,
    /// How long a field of `csv` may be.
    pub(crate) field_limit: std::cell::Cell<Option<i64>>,
    /// The exception classes of modules, by name.
    pub(crate) errors: std::cell::RefCell<Vec<(&'static str, Value)>>,
    /// The memory of matching, while nothing is matched.
    pub(crate) matching: std::cell::Cell<Option<Box<sre::Machine>>>,
    /// What `_decimal` keeps.
    pub(crate) decimal: decimal::State,
    /// `functools.Placeholder`
    pub(crate) placeholder: Slot,
    /// The types that modules define.
    pub(crate) types: native::OwnTypes,
    /// `_signal.default_int_handler`
    pub(crate) interrupt: Slot,
    /// The types of `_thread`.
    pub(crate) thread: std::cell::OnceCell<thread::Types>,
}

/// Puts the names into a module.
type Fill = fn(&Vm, &Value) -> R<()>;

/// Modules in Rust.
const NATIVE: &[(&str, Fill)] = &[
    ("sys", sys::fill),
    ("_imp", imp::fill),
    ("_pyrvm_library", library::fill),
    ("marshal", marshal::fill),
    ("_weakref", weakref::fill),
    ("gc", gc::fill),
    ("_pyrvm_os", os::fill),
    ("_pyrvm_net", sockets::fill),
    ("_pyrvm_io", io::fill),
    ("_sre", sre::fill),
    ("math", math::fill),
    ("cmath", cmath::fill),
    ("itertools", itertools::fill),
    ("_collections", collections::fill),
    ("_functools", functools::fill),
    ("_md5", hashes::fill_md5),
    ("_csv", csv::fill),
    ("unicodedata", unicodedata::fill),
    ("array", array::fill),
    ("_struct", structs::fill),
    ("_json", json::fill),
    ("binascii", binascii::fill),
    ("zlib", zlib::fill),
    ("_bz2", bz2::fill),
    ("_random", random::fill),
    ("_pyrvm_decimal", decimal::fill),
    ("_pyrvm_tokens", tokens::fill),
    ("_pyrvm_opcode", opcode::fill),
    ("_pyrvm_derive", derive::fill),
    ("_sha1", hashes::fill_sha1),
    ("_sha2", hashes::fill_sha2),
    ("_sha3", hashes::fill_sha3),
    ("_blake2", hashes::fill_blake2),
    ("_operator", operator::fill),
    ("_heapq", heapq::fill),
    ("_bisect", heapq::fill_bisect),
    ("_pyrvm_basics", basics::fill),
    ("time", time::fill),
    ("errno", basics::errno),
    ("_types", basics::types),
    ("_thread", thread::fill),
    ("_signal", signal::fill),
];

/// Modules in Rust whose functions others show as their own.
const SHOWN_BY: &[(&str, &str)] =
    &[("_pyrvm_os", "posix"), ("_pyrvm_net", "_socket"), ("_pyrvm_decimal", "decimal")];

/// The names of all modules of the machine, for `sys.builtin_module_names`.
pub(crate) fn names() -> Vec<&'static str> {
    let native = NATIVE.iter().map(|&(name, _)| name);
    let mut all: Vec<_> = native.chain(INTERNAL.iter().copied()).chain(["builtins"]).collect();
    all.sort_unstable();
    all
}

impl Vm {
    /// A module without names but its own.
    pub(crate) fn bare_module(&self, name: &str) -> Value {
        let dict = self.dict();
        if let Some(dict) = dict.get::<Dict>() {
            dict.set_name(self, &self.names.name, self.intern(name));
            for key in [&self.names.doc, &self.names.package, &self.intern("__loader__"), &self.names.spec] {
                dict.set_name(self, key, NONE);
            }
        }
        allocate(self, &self.types.module, Module { dict })
    }

    /// A module of the machine, which is put into `sys.modules`; `None` where there is none of the name.
    pub(crate) fn builtin_module(&self, name: &str) -> R<Option<Value>> {
        let modules = self.modules.clone();
        let Some(modules) = modules.get::<Dict>() else { return Ok(None) };
        let key = self.intern(name);
        if let Some(module) = modules.get_name(self, &key) {
            return Ok(Some(module));
        }
        if name == "builtins" {
            let module = allocate(self, &self.types.module, Module { dict: self.builtins.clone() });
            modules.set_name(self, &key, module.clone());
            return Ok(Some(module));
        }
        if let Some((_, fill)) = NATIVE.iter().find(|(it, _)| *it == name) {
            let module = self.bare_module(name);
            modules.set_name(self, &key, module.clone());
            fill(self, &module)?;
            return Ok(Some(module));
        }
        let Some(entry) = crate::library::entry(&format!("<pyrvm {name}>")) else { return Ok(None) };
        self.undisturbed(|| self.internal_module(name, &key, entry)).map(Some)
    }

    fn internal_module(&self, name: &str, key: &Value, entry: crate::library::Entry) -> R {
        let modules = self.modules.clone();
        let Some(modules) = modules.get::<Dict>() else { return Err(self.missing("sys.modules")) };
        let module = self.bare_module(name);
        modules.set_name(self, key, module.clone());
        let code = self.library_code(entry, None, 0)?;
        let globals = self.get_attribute(&module, &self.names.dict)?;
        if let Some(dict) = globals.get::<Dict>() {
            dict.set_name(self, &self.names.builtins, self.builtins.clone());
        }
        let function = self.function_of(&code, &globals)?;
        if self.call_function(&function, Args { values: &[], names: &[] }, Some(globals)).is_err() {
            modules.remove_name(self, key);
            return Err(crate::vm::Raised);
        }
        Ok(module)
    }

    /// A type of a native module, whose instances hold [`crate::object::Foreign`] data. `BASE` among the flags lets programs derive
    /// from it; `TRAILER` with `ATTRIBUTES` gives instances a `__dict__`.
    pub(crate) fn native_type(
        &self,
        module: &str,
        name: &'static str,
        flags: TypeFlags,
        all: &[(&'static str, NativeFn)],
    ) -> TypeRef {
        let mut version = self.next_version();
        let mut maker = Maker { heap: &self.heap, shapes: &self.shapes, version: &mut version };
        let t = &self.types;
        let made = maker.make(&t.type_, &t.dict, &t.str, (name, Kind::Foreign, &t.object, flags));
        for slot in [&made.name, &made.qualname] {
            slot.set(Some(self.intern(name)));
        }
        if let Some(own) = made.own() {
            own.set_name(self, &self.names.module, self.intern(module));
        }
        if let Some(own) = made.own() {
            for &(key, call) in all {
                let method = key != "__new__";
                let of = if method { &t.method_descriptor } else { &t.builtin };
                let body = Native { name: key, call, method, owner: name, special: true, of: None };
                own.set_name(self, &self.intern(key), allocate(self, of, body));
            }
        }
        self.type_changed(&made);
        self.note_hooks(&made);
        made
    }

    /// An object of a native module's type or of one that derives from it.
    pub(crate) fn foreign(&self, ty: &Object<Type>, data: impl std::any::Any) -> Value {
        let body = crate::object::Foreign { data: Box::new(data) };
        crate::object::types::allocate_derived(self, ty, body)
    }

    /// Calls a function of the part of the machine that is written in Python.
    pub(crate) fn helper(&self, name: &str, args: &[Value]) -> R {
        let module = match self.modules_state.helpers.get() {
            Some(module) => module,
            None => {
                let Some(module) = self.builtin_module("_pyrvm")? else { return Err(self.missing("_pyrvm")) };
                self.modules_state.helpers.set(Some(module.clone()));
                module
            }
        };
        let function = self.get_attribute(&module, &self.intern(name))?;
        self.call_with(&function, args)
    }

    /// Puts a name into a module.
    pub(crate) fn put(&self, module: &Value, name: &str, value: Value) {
        if let Some(dict) = module.get::<Module>().and_then(|it| it.dict.get::<Dict>()) {
            dict.set_name(self, &self.intern(name), value);
        }
    }

    /// Puts functions into a module.
    pub(crate) fn put_functions(&self, module: &Value, all: &[(&'static str, NativeFn)]) {
        let name = self.get_attribute_or_none(module, &self.names.name).ok().flatten();
        let name = name.map(|it| self.text_of(&it)).unwrap_or_default();
        let owner = NATIVE.iter().find(|it| it.0 == name).map_or("", |it| it.0);
        // What a module in Python shows of its part in Rust is that module's.
        let owner = SHOWN_BY.iter().find(|it| it.0 == owner).map_or(owner, |it| it.1);
        for &(name, call) in all {
            let body = Native { name, call, method: false, owner, special: false, of: None };
            self.put(module, name, allocate(self, &self.types.builtin, body));
        }
    }

    /// Raises what the system said.
    #[cold]
    pub(crate) fn os_error(&self, error: &std::io::Error, path: Option<&Value>) -> crate::vm::Raised {
        let number = error.raw_os_error().unwrap_or(0);
        let mut args = vec![self.int(number.into()), self.str(&system_text(error))];
        args.extend(path.cloned());
        let class = self.exceptions.get(Exc::OSError).value().clone();
        match self.call_with(&class, &args) {
            Ok(exception) => self.raise_value(exception),
            Err(raised) => raised,
        }
    }
}

/// What `strerror` says.
pub(crate) fn system_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
