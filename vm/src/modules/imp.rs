//! `_imp`, and the import statement: a look into `sys.modules`, the machine's own modules, and `importlib` for the rest.

use crate::builtins::exceptions::Exc;
use crate::builtins::positional;
use crate::library;
use crate::object::callable::Args;
use crate::object::{Dict, NativeFn, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::Cell;
use std::time::{Duration, Instant};

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("acquire_lock", |vm, _| vm.take_import_lock().map(|()| NONE)),
    ("release_lock", |vm, _| {
        if vm.give_import_lock() {
            return Ok(NONE);
        }
        Err(vm.raise(Exc::RuntimeError, "not holding the import lock"))
    }),
    ("lock_held", |vm, _| Ok(Value::bool(vm.threads.import_lock.is_held()))),
    ("is_builtin", |vm, args| {
        let name = vm.text_of(&positional(vm, "is_builtin", args, 1, 1)?[0]);
        Ok(vm.int(super::names().contains(&name.as_str()).into()))
    }),
    ("is_frozen", |vm, args| {
        let name = vm.text_of(&positional(vm, "is_frozen", args, 1, 1)?[0]);
        Ok(Value::bool(library::frozen(&name).is_some()))
    }),
    ("is_frozen_package", |vm, args| {
        let name = vm.text_of(&positional(vm, "is_frozen_package", args, 1, 1)?[0]);
        match library::frozen(&name) {
            Some((_, _, package)) => Ok(Value::bool(package)),
            None => Err(no_frozen(vm, &name)),
        }
    }),
    ("find_frozen", |vm, args| {
        let (values, _) = crate::builtins::keywords(vm, "find_frozen", args, ["withdata"])?;
        let Some(name) = values.first() else {
            return Err(vm.type_error("find_frozen() takes exactly 1 positional argument (0 given)"));
        };
        Ok(library::frozen(&vm.text_of(name))
            .map_or(NONE, |(_, known, package)| vm.tuple(vec![NONE, Value::bool(package), vm.str(known)])))
    }),
    ("get_frozen_object", |vm, args| {
        let values = positional(vm, "get_frozen_object", args, 1, 2)?;
        let name = vm.text_of(&values[0]);
        if let Some(data) = values.get(1).filter(|it| !it.is_none()) {
            let code = crate::load::load_value(vm, &vm.buffer(data)?, true).map(|it| it.0);
            return code.ok().filter(|it| it.get::<crate::load::Code>().is_some()).ok_or_else(|| {
                vm.raise(Exc::ImportError, format!("Frozen object named '{name}' is invalid"))
            });
        }
        match library::frozen(&name) {
            Some((entry, known, _)) => vm.library_code(entry, Some(&format!("<frozen {known}>")), 0),
            None => Err(no_frozen(vm, &name)),
        }
    }),
    ("init_frozen", |_, _| Ok(NONE)),
    ("extension_suffixes", |vm, _| Ok(vm.list(Vec::new()))),
    ("create_builtin", |vm, args| {
        let spec = &positional(vm, "create_builtin", args, 1, 1)?[0];
        let name = vm.get_attribute(spec, &vm.names.name_plain)?;
        let name = vm.text_of(&name);
        match vm.builtin_module(&name)? {
            Some(module) => Ok(module),
            None => Err(vm.raise(Exc::ImportError, format!("no built-in module named {name}"))),
        }
    }),
    ("exec_builtin", |vm, _| Ok(vm.int(0))),
    ("_fix_co_filename", |vm, args| {
        let values = positional(vm, "_fix_co_filename", args, 2, 2)?;
        if let Some(code) = values[0].get::<crate::load::Code>()
            && let Some(before) = code.filename.get()
            && vm.text_of(&before) != vm.text_of(&values[1])
        {
            code.rename_file(&before, &values[1]);
        }
        Ok(NONE)
    }),
    ("create_dynamic", |vm, args| {
        let spec = &positional(vm, "create_dynamic", args, 1, 2)?[0];
        for name in ["name", "origin"] {
            let value = vm.get_attribute(spec, &vm.intern(name))?;
            if value.get::<Str>().is_some_and(|it| it.points().contains(&0)) {
                return Err(vm.value_error("embedded null character"));
            }
        }
        Err(vm.raise(Exc::ImportError, "pyrvm loads no modules that were compiled for CPython"))
    }),
    ("_override_frozen_modules_for_tests", |_, _| Ok(NONE)),
    ("_override_multi_interp_extensions_check", |vm, _| Ok(vm.int(0))),
    ("source_hash", |vm, args| {
        let values = positional(vm, "source_hash", args, 2, 2)?;
        let source = values[1].get::<crate::object::Bytes>().map_or(&[][..], |it| &it.data);
        Ok(vm.bytes(pyrsc::marshal::source_hash(crate::language().version, source).to_vec()))
    }),
];

#[cold]
fn no_frozen(vm: &Vm, name: &str) -> Raised {
    vm.raise(Exc::ImportError, format!("No such frozen object named {name}"))
}

/// `_imp`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    let check = vm.intern(&vm.config.borrow().check_hash);
    vm.put(module, "check_hash_based_pycs", check);
    vm.put(module, "pyc_magic_number_token", vm.int(i64::from(MAGIC)));
    Ok(())
}

/// The names of the modules that CPython has: `sys.stdlib_module_names`, a line each.
pub(crate) const CPYTHON: &str = include_str!("cpython_modules.txt");

/// The magic number of the language's `.pyc` files, with `\r\n` behind it.
const MAGIC: u32 = 3627 | 0x0A0D_0000;

impl Vm {
    /// `import name`. CPython: `PyImport_ImportModuleLevelObject`.
    pub(crate) fn import_name(&self, name: &Value, level: &Value, names: &Value, globals: &Value) -> R {
        let import = self.intern("__import__");
        let hook = match globals.get::<Dict>().and_then(|it| self.own_builtins(it)) {
            Some(own) => {
                let found = match self.get_item(&own, &import) {
                    Ok(found) => Some(found),
                    Err(Raised) if self.pending_is(Exc::KeyError) => {
                        self.pending.set(None);
                        None
                    }
                    Err(Raised) => return Err(Raised),
                };
                Some(found.ok_or_else(|| self.raise(Exc::ImportError, "__import__ not found"))?)
            }
            None => self.builtins.get::<Dict>().and_then(|it| it.get_name(self, &import)),
        };
        if let Some(hook) = hook
            && !hook.has_kind(crate::object::Kind::Native)
        {
            let locals = self.namespace().unwrap_or(NONE);
            return self
                .call_with(&hook, &[name.clone(), globals.clone(), locals, names.clone(), level.clone()]);
        }
        self.import_level(name, level, names, globals)
    }

    /// What `__import__` does.
    pub(crate) fn import_level(&self, name: &Value, level: &Value, names: &Value, globals: &Value) -> R {
        let level = self.as_i64(level).unwrap_or(0);
        let absolute = if level > 0 { self.absolute_name(name, level, globals)? } else { name.clone() };
        let text = self.text_of(&absolute);
        if text.is_empty() {
            return Err(self.value_error("Empty module name"));
        }
        let module = self.import_absolute(&absolute, &text)?;
        if !names.is_none() && self.truth(names)? {
            if self.get_attribute_or_none(&module, &self.intern("__path__"))?.is_some()
                && let Some(bootstrap) = self.modules_state.bootstrap.get()
            {
                let handle = self.get_attribute(&bootstrap, &self.intern("_handle_fromlist"))?;
                let import = self.get_attribute(&bootstrap, &self.intern("_gcd_import"))?;
                return self.call_with(&handle, &[module, names.clone(), import]);
            }
            return Ok(module);
        }
        // `import a.b` binds `a`.
        let own = self.text_of(name);
        match own.split_once('.') {
            None => Ok(module),
            Some((first, _)) if level == 0 => self.import_absolute(&self.intern(first), first),
            Some((first, _)) => {
                let cut = text.len() - (own.len() - first.len());
                self.import_absolute(&self.intern(&text[..cut]), &text[..cut])
            }
        }
    }

    fn absolute_name(&self, name: &Value, level: i64, globals: &Value) -> R {
        let package = self.package_of(globals)?;
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((up, _)) => base = up,
                None => {
                    let message = "attempted relative import beyond top-level package";
                    return Err(self.raise(Exc::ImportError, message));
                }
            }
        }
        let name = self.text_of(name);
        Ok(self.intern(&if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") }))
    }

    fn package_of(&self, globals: &Value) -> R<String> {
        let get = |name: &Value| globals.get::<Dict>().and_then(|dict| dict.get_name(self, name));
        let package = match get(&self.names.package).filter(|it| !it.is_none()) {
            Some(package) if package.get::<Str>().is_none() => {
                return Err(self.type_error("package must be a string"));
            }
            Some(package) => self.text_of(&package),
            None => match get(&self.names.spec).filter(|it| !it.is_none()) {
                Some(spec) => {
                    let parent = self.get_attribute(&spec, &self.intern("parent"))?;
                    self.text_of(&parent)
                }
                None => {
                    let message = "can't resolve package from __spec__ or __package__, falling back on __name__ \
                                   and __path__";
                    self.warn(Exc::ImportWarning, message)?;
                    let name = get(&self.names.name).map(|it| self.text_of(&it)).unwrap_or_default();
                    match get(&self.intern("__path__")) {
                        Some(_) => name,
                        None => name.rsplit_once('.').map(|(up, _)| up.to_owned()).unwrap_or_default(),
                    }
                }
            },
        };
        if package.is_empty() {
            let message = "attempted relative import with no known parent package";
            return Err(self.raise(Exc::ImportError, message));
        }
        Ok(package)
    }

    fn import_absolute(&self, name: &Value, text: &str) -> R {
        if let Some(module) = self.modules.get::<Dict>().and_then(|it| it.get_name(self, name)) {
            if module.is_none() {
                let message = format!("import of {text} halted; None in sys.modules");
                return Err(self.raise(Exc::ModuleNotFoundError, message));
            }
            return Ok(module);
        }
        // `BuiltinImporter` is the first finder anyhow.
        if let Some(module) = self.builtin_module(text)? {
            return Ok(module);
        }
        if let Some(bootstrap) = self.bootstrap()? {
            let find = self.get_attribute(&bootstrap, &self.intern("_find_and_load"))?;
            let import = self.get_attribute(&bootstrap, &self.intern("_gcd_import"))?;
            let timed = self.config.borrow().import_time.then(|| self.modules_state.times.begin(self));
            let found = self.call_with(&find, &[name.clone(), import]);
            if let Some(timed) = timed {
                self.modules_state.times.end(self, timed, text);
            }
            return found.inspect_err(|_| {
                self.say_what_is_lacking(text);
                self.trim_import_frames();
            });
        }
        Err(self.no_module(text))
    }

    fn no_module(&self, name: &str) -> Raised {
        let raised = self.raise(Exc::ModuleNotFoundError, format!("No module named '{name}'"));
        if let Some(exception) = self.pending.get()
            && let Some(body) = exception.get::<crate::object::Exception>()
        {
            self.set_exception_field(body, "name", self.str(name));
        }
        raised
    }

    /// Where a module was not found that CPython has, the exception says so.
    fn say_what_is_lacking(&self, name: &str) {
        let lacks = CPYTHON.lines().any(|it| it == name) && library::module(name).is_none();
        if lacks
            && let Some(exception) = self.pending.get()
            && self.is_instance_of(&exception, Exc::ModuleNotFoundError)
            && let Some(body) = exception.get::<crate::object::Exception>()
        {
            let own = self.get_attribute_or_none(&exception, &self.names.name_plain).ok().flatten();
            if own.is_some_and(|it| self.text_of(&it) == name) {
                let message =
                    self.str(&format!("No module named '{name}': pyrvm lacks this module of CPython's"));
                body.args.set(Some(self.tuple(vec![message.clone()])));
                self.set_exception_field(body, "msg", message);
            }
        }
    }

    /// Takes the entries of importlib out of the pending exception's traceback. CPython: `remove_importlib_frames`.
    fn trim_import_frames(&self) {
        use crate::object::{Exception, Traceback};
        let Some(exception) = self.pending.take() else { return };
        let always = self.is_instance_of(&exception, Exc::ImportError);
        if let Some(body) = exception.get::<Exception>() {
            let of_import = |entry: &Value| {
                let entry = entry.get::<Traceback>()?;
                let code = entry.frame.get::<crate::object::FrameObject>()?.code()?;
                let file = self.text_of(&code.file());
                let is = file.starts_with("<frozen importlib._bootstrap");
                Some((is, self.text_of(&code.name)))
            };
            let mut kept = Vec::new();
            let mut chunk = Vec::new();
            let mut entry = body.traceback.get();
            while let Some(it) = entry {
                let next = it.get::<Traceback>().and_then(|it| it.next.borrow().clone());
                match of_import(&it) {
                    Some((true, name)) => {
                        chunk.push(it);
                        if always || name == "_call_with_frames_removed" {
                            chunk.clear();
                        }
                    }
                    _ => {
                        kept.append(&mut chunk);
                        kept.push(it);
                    }
                }
                entry = next;
            }
            kept.append(&mut chunk);
            let mut next: Option<Value> = None;
            for it in kept.into_iter().rev() {
                if let Some(entry) = it.get::<Traceback>() {
                    drop(entry.next.replace(next.take()));
                }
                next = Some(it);
            }
            body.traceback.set(next);
        }
        self.pending.set(Some(exception));
    }

    /// `importlib._bootstrap`, which is made ready when the first module is wanted.
    fn bootstrap(&self) -> R<Option<Value>> {
        if let Some(bootstrap) = self.modules_state.bootstrap.get() {
            return Ok(Some(bootstrap));
        }
        let load = |name: &str, known: &str| -> R<Option<Value>> {
            let Some((entry, known, _)) = library::frozen(known) else { return Ok(None) };
            let module = self.bare_module(name);
            self.put(&module, "__package__", self.names.empty.clone());
            let code = self.library_code(entry, Some(&format!("<frozen {known}>")), 0)?;
            let globals = self.get_attribute(&module, &self.names.dict)?;
            if let Some(dict) = globals.get::<Dict>() {
                dict.set_name(self, &self.names.builtins, self.builtins.clone());
            }
            let function = self.function_of(&code, &globals)?;
            self.call_function(&function, Args { values: &[], names: &[] }, Some(globals))?;
            if let Some(modules) = self.modules.get::<Dict>() {
                modules.set_name(self, &self.intern(name), module.clone());
            }
            Ok(Some(module))
        };
        let Some(bootstrap) = load("_frozen_importlib", "importlib._bootstrap")? else { return Ok(None) };
        let (Some(sys), Some(imp)) = (self.builtin_module("sys")?, self.builtin_module("_imp")?) else {
            return Ok(None);
        };
        for name in ["_thread", "_warnings", "_weakref", "_io", "marshal", "posix"] {
            self.builtin_module(name)?;
        }
        let call = |module: &Value, name: &str, args: &[Value]| {
            let function = self.get_attribute(module, &self.intern(name))?;
            self.call_with(&function, args)
        };
        call(&bootstrap, "_install", &[sys, imp])?;
        let Some(external) = load("_frozen_importlib_external", "importlib._bootstrap_external")? else {
            return Ok(None);
        };
        call(&external, "_set_bootstrap_module", std::slice::from_ref(&bootstrap))?;
        self.put(&bootstrap, "_bootstrap_external", external.clone());
        call(&external, "_install", std::slice::from_ref(&bootstrap))?;
        self.modules_state.bootstrap.set(Some(bootstrap.clone()));
        if let Some(finders) = self.builtin_module("_pyrvm_import")? {
            call(&finders, "install", &[])?;
        }
        Ok(Some(bootstrap))
    }

    /// `from module import name`. CPython: `_PyEval_ImportFrom`.
    pub(crate) fn import_from(&self, module: &Value, name: &Value) -> R {
        if let Some(value) = self.get_attribute_or_none(module, name)? {
            return Ok(value);
        }
        let of = self.get_attribute_or_none(module, &self.names.name)?;
        let of = of.filter(|it| it.get::<Str>().is_some()).map(|it| self.text_of(&it));
        let text = self.text_of(name);
        if let Some(of) = &of
            && let Some(modules) = self.modules.get::<Dict>()
            && let Some(value) = modules.get_name(self, &self.intern(&format!("{of}.{text}")))
        {
            return Ok(value);
        }
        let file = self.get_attribute_or_none(module, &self.names.file)?;
        let file = file.filter(|it| it.get::<Str>().is_some());
        let place = file.as_ref().map_or_else(|| "unknown location".to_owned(), |it| self.text_of(it));
        let shown = of.clone().unwrap_or_else(|| "<unknown module name>".to_owned());
        let starting = match self.get_attribute_or_none(module, &self.names.spec)? {
            Some(spec) if !spec.is_none() => {
                let flag = self.get_attribute_or_none(&spec, &self.intern("_initializing"))?;
                flag.is_some_and(|it| it.as_bool() == Some(true))
            }
            _ => false,
        };
        let message = if let Some(message) = self.of_special_module(module, "cannot_import", name)? {
            message
        } else if starting {
            format!(
                "cannot import name '{text}' from partially initialized module '{shown}' (most likely due to a \
                 circular import) ({place})"
            )
        } else {
            format!("cannot import name '{text}' from '{shown}' ({place})")
        };
        let raised = self.raise(Exc::ImportError, message);
        if let Some(exception) = self.pending.get()
            && let Some(body) = exception.get::<crate::object::Exception>()
        {
            self.set_exception_field(body, "name", of.map_or(NONE, |it| self.str(&it)));
            self.set_exception_field(body, "path", file.unwrap_or(NONE));
            self.set_exception_field(body, "name_from", name.clone());
        }
        Err(raised)
    }
}

impl Vm {
    /// What the helper says of a name that a module lacks, where something else may be wrong than the name: a module that
    /// is not ready yet, or one of the program's that hides another of the same name.
    pub(crate) fn of_special_module(&self, module: &Value, helper: &str, name: &Value) -> R<Option<String>> {
        let dict = module.get::<crate::object::Module>().map(|it| it.dict.clone());
        let dict = dict.as_ref().and_then(|it| it.get::<Dict>());
        let Some(spec) = dict.and_then(|it| it.get_name(self, &self.names.spec)) else { return Ok(None) };
        if spec.is_none() {
            return Ok(None);
        }
        let field = |name: &str| self.get_attribute_or_none(&spec, &self.intern(name));
        let starting = field("_initializing")?.is_some_and(|it| it.as_bool() == Some(true));
        let parts = field("_uninitialized_submodules")?;
        let parts = parts
            .is_some_and(|it| it.get::<crate::object::List>().is_some_and(|it| !it.snapshot().is_empty()));
        let origin = field("origin")?.filter(|it| it.get::<Str>().is_some()).map(|it| self.text_of(&it));
        let front = self.modules_state.front.borrow().clone();
        let hides = match (&origin, &front) {
            (Some(origin), Some(front)) => {
                let place = origin.strip_suffix("/__init__.py").unwrap_or(origin);
                let folder = place.rsplit_once('/').map_or("", |it| it.0);
                let here = || std::env::current_dir().is_ok_and(|it| it.to_str() == Some(folder));
                if front.is_empty() { here() } else { folder == front }
            }
            _ => false,
        };
        if !starting && !parts && !hides {
            return Ok(None);
        }
        let told = self.helper(helper, &[module.clone(), spec, name.clone(), Value::bool(hides)])?;
        Ok(told.get::<Str>().map(|it| it.to_str().into_owned()))
    }
}

/// `__import__`
pub(crate) fn import(vm: &Vm, args: Args<'_>) -> R {
    let names = ["name", "globals", "locals", "fromlist", "level"];
    let (values, named) = crate::builtins::keywords(vm, "__import__", args, names)?;
    let at = |index: usize| values.get(index).or(named[index]).cloned();
    let Some(name) = at(0) else {
        return Err(vm.type_error("__import__() missing required argument 'name' (pos 1)"));
    };
    if let Some(at) = (0..values.len()).find(|&at| named.get(at).is_some_and(|it| it.is_some())) {
        let (name, at) = (names[at], at + 1);
        let message = format!("argument for __import__() given by name ('{name}') and position ({at})");
        return Err(vm.type_error(message));
    }
    if name.get::<Str>().is_none() {
        return Err(vm.type_error("module name must be a string"));
    }
    let globals = at(1).unwrap_or(NONE);
    let level = at(4).unwrap_or(Value::from_i32(0));
    let level = Value::from_i32(i32::try_from(super::native::index(vm, &level)?).unwrap_or(i32::MAX));
    let list = at(3).unwrap_or_else(|| vm.tuple(Vec::new()));
    let list = if list.get::<Tuple>().is_some_and(|it| it.items.is_empty()) { NONE } else { list };
    vm.import_level(&name, &level, &list, &globals)
}

/// What `-X importtime` keeps: how long the imports took that began inside of the one that runs.
#[derive(Default)]
pub(crate) struct Times {
    level: Cell<usize>,
    inner: Cell<Duration>,
    started: Cell<bool>,
}

/// An import that runs.
struct Timed {
    begin: Instant,
    /// What the imports before it took inside of the one around it.
    before: Duration,
}

impl Times {
    fn begin(&self, vm: &Vm) -> Timed {
        if !self.started.replace(true) {
            vm.write_err(b"import time: self [us] | cumulative | imported package\n");
        }
        self.level.set(self.level.get() + 1);
        Timed { begin: Instant::now(), before: self.inner.replace(Duration::ZERO) }
    }

    fn end(&self, vm: &Vm, timed: Timed, name: &str) {
        let all = timed.begin.elapsed();
        let own = all.saturating_sub(self.inner.get());
        self.inner.set(timed.before + all);
        let level = self.level.get() - 1;
        self.level.set(level);
        let (own, all, indent) = (own.as_micros(), all.as_micros(), level * 2);
        vm.write_err(format!("import time: {own:>9} | {all:>10} | {:indent$}{name}\n", "").as_bytes());
    }
}
