//! `import`: there are no modules but those of the interpreter's own so far.

use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::object::{Dict, Module};
use crate::value::Value;
use crate::vm::{R, Vm};

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

    /// `import name`
    pub(crate) fn import_name(&self, name: &Value, level: &Value, names: &Value, globals: &Value) -> R {
        let _ = (names, globals);
        let text = self.text_of(name);
        if self.as_i64(level) != Some(0) {
            return Err(self.missing("relative imports"));
        }
        if let Some(module) = self.modules.get::<Dict>().and_then(|it| it.get_name(self, name)) {
            return Ok(module);
        }
        match text.as_str() {
            "sys" => Ok(self.sys_module()),
            "builtins" => {
                let module = allocate(self, &self.types.module, Module { dict: self.builtins.clone() });
                if let Some(modules) = self.modules.get::<Dict>() {
                    modules.set_name(self, name, module.clone());
                }
                Ok(module)
            }
            "time" => Ok(self.time_module()),
            "__future__" => Ok(self.future_module()),
            _ => {
                let message = format!("No module named '{text}' (pyrvm has no such module yet)");
                Err(self.raise(Exc::ModuleNotFoundError, message))
            }
        }
    }

    /// `from module import name`
    pub(crate) fn import_from(&self, module: &Value, name: &Value) -> R {
        match self.get_attribute_or_none(module, name)? {
            Some(value) => Ok(value),
            None => {
                let (name, module) = (self.text_of(name), self.own_attribute(module, &self.names.name));
                let module = module.map(|it| self.text_of(&it)).unwrap_or_default();
                let message = format!("cannot import name '{name}' from '{module}' (unknown location)");
                Err(self.raise(Exc::ImportError, message))
            }
        }
    }

    fn put(&self, module: &Value, name: &str, value: Value) {
        if let Some(dict) = module.get::<Module>().and_then(|it| it.dict.get::<Dict>()) {
            dict.set_name(self, &self.intern(name), value);
        }
    }

    fn native(&self, name: &'static str, call: crate::object::NativeFn) -> Value {
        let body = crate::object::Native { name, call, method: false, owner: "" };
        allocate(self, &self.types.builtin, body)
    }

    fn sys_module(&self) -> Value {
        let module = self.new_module("sys");
        let argv = self.argv.borrow().iter().map(|it| self.str(it)).collect();
        self.put(&module, "argv", self.list(argv));
        self.put(&module, "modules", self.modules.clone());
        self.put(&module, "maxsize", self.int(i64::MAX));
        self.put(&module, "byteorder", self.intern("little"));
        self.put(&module, "platform", self.intern(std::env::consts::OS));
        let version = [self.int(3), self.int(14), self.int(0), self.intern("final"), self.int(0)];
        self.put(&module, "version_info", self.tuple(version.to_vec()));
        self.put(
            &module,
            "exit",
            self.native("exit", |vm, args| {
                let values = super::positional(vm, "exit", args, 0, 1)?;
                Err(vm.raise_with(Exc::SystemExit, values.to_vec()))
            }),
        );
        self.put(
            &module,
            "getrecursionlimit",
            self.native("getrecursionlimit", |vm, _| Ok(vm.int_of_usize(vm.stack.recursion_limit.get()))),
        );
        self.put(
            &module,
            "setrecursionlimit",
            self.native("setrecursionlimit", |vm, args| {
                let values = super::positional(vm, "setrecursionlimit", args, 1, 1)?;
                match vm.as_i64(&values[0]).and_then(|it| usize::try_from(it).ok()) {
                    Some(limit) if limit > 0 => vm.stack.recursion_limit.set(limit),
                    _ => return Err(vm.value_error("recursion limit must be greater or equal than 1")),
                }
                Ok(crate::value::NONE)
            }),
        );
        self.put(
            &module,
            "getrefcount",
            self.native("getrefcount", |vm, args| {
                let values = super::positional(vm, "getrefcount", args, 1, 1)?;
                Ok(vm.int(values[0].count().into()))
            }),
        );
        self.put(
            &module,
            "exception",
            self.native("exception", |vm, _| Ok(vm.handled.get().unwrap_or(crate::value::NONE))),
        );
        self.put(
            &module,
            "intern",
            self.native("intern", |vm, args| {
                let values = super::positional(vm, "intern", args, 1, 1)?;
                Ok(vm.intern_value(&values[0]))
            }),
        );
        module
    }

    fn time_module(&self) -> Value {
        let module = self.new_module("time");
        for name in ["perf_counter", "monotonic", "time"] {
            self.put(
                &module,
                name,
                self.native(name, |vm, _| {
                    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                    Ok(vm.float(now.map_or(0.0, |it| it.as_secs_f64())))
                }),
            );
        }
        module
    }

    fn future_module(&self) -> Value {
        let module = self.new_module("__future__");
        for name in ["annotations", "division", "generator_stop", "print_function", "absolute_import"] {
            self.put(&module, name, crate::value::NONE);
        }
        module
    }
}
