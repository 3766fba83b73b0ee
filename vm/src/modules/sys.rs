//! `sys`

use crate::builtins::exceptions::Exc;
use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{Dict, NativeFn, Tuple};
use crate::value::{NONE, TRUE, Value};
use crate::vm::{R, Vm};

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("exit", |vm, args| {
        let name = if args.names.is_empty() { "exit" } else { "sys.exit" };
        let values = match positional(vm, name, args, 0, 1)? {
            [value] if value.is_none() => Vec::new(),
            [value] => match value.get::<crate::object::Tuple>() {
                Some(row) => row.items.to_vec(),
                None => vec![value.clone()],
            },
            _ => Vec::new(),
        };
        Err(vm.raise_with(Exc::SystemExit, values))
    }),
    ("getrecursionlimit", |vm, _| Ok(vm.int_of_usize(vm.recursion_limit.get()))),
    ("setrecursionlimit", |vm, args| {
        let values = positional(vm, "setrecursionlimit", args, 1, 1)?;
        let limit = crate::modules::native::index(vm, &values[0])?;
        match i32::try_from(limit) {
            Ok(limit) if limit > 0 => vm.recursion_limit.set(limit as usize),
            Err(_) => return Err(vm.raise(Exc::OverflowError, "Python int too large to convert to C int")),
            _ => return Err(vm.value_error("recursion limit must be greater or equal than 1")),
        }
        Ok(NONE)
    }),
    ("getrefcount", |vm, args| {
        let values = positional(vm, "getrefcount", args, 1, 1)?;
        Ok(vm.int(values[0].count().into()))
    }),
    ("exception", |vm, _| Ok(vm.handled.get().unwrap_or(NONE))),
    ("exc_info", |vm, _| {
        let Some(exception) = vm.handled.get() else { return Ok(vm.tuple(vec![NONE, NONE, NONE])) };
        let parts =
            vec![vm.class_of(&exception), exception.clone(), vm.traceback_of(&exception).unwrap_or(NONE)];
        Ok(vm.tuple(parts))
    }),
    ("intern", |vm, args| {
        let values = positional(vm, "intern", args, 1, 1)?;
        if values[0].get::<crate::object::Str>().is_none() {
            let got = vm.type_name(&values[0]);
            return Err(vm.type_error(format!("intern() argument must be str, not {got}")));
        }
        Ok(vm.intern_value(&values[0]))
    }),
    ("_is_interned", |vm, args| {
        let values = positional(vm, "_is_interned", args, 1, 1)?;
        Ok(Value::bool(values[0].get::<crate::object::Str>().is_some_and(|it| it.interned.get())))
    }),
    ("_getframe", |vm, args| {
        let depth = frame_depth(vm, "_getframe", args)?;
        vm.frame_at(depth).ok_or_else(|| vm.value_error("call stack is not deep enough"))
    }),
    ("_getframemodulename", |vm, args| {
        let depth = frame_depth(vm, "_getframemodulename", args)?;
        let globals = vm.globals_at(depth);
        let name = globals.and_then(|it| it.get::<Dict>()?.get_name(vm, &vm.names.name));
        Ok(name.unwrap_or(NONE))
    }),
    ("_clear_type_descriptors", |vm, args| {
        let class = &positional(vm, "_clear_type_descriptors", args, 1, 1)?[0];
        if let Some(ty) = class.object::<crate::object::Type>() {
            for name in [&vm.names.dict, &vm.names.weakref] {
                ty.body.own().map(|it| it.remove_name(vm, name));
            }
            vm.type_changed(ty);
        }
        Ok(NONE)
    }),
    ("getdefaultencoding", |vm, _| Ok(vm.intern("utf-8"))),
    ("getfilesystemencoding", |vm, _| Ok(vm.intern("utf-8"))),
    ("getfilesystemencodeerrors", |vm, _| Ok(vm.intern("surrogateescape"))),
    ("is_finalizing", |vm, _| Ok(Value::bool(vm.threads.closing.get()))),
    ("_current_frames", |vm, _| {
        let all = vm.dict();
        for (ident, frame) in vm.current_frames() {
            if let Some(dict) = all.get::<Dict>() {
                dict.set(vm, vm.int(ident as i64), frame)?;
            }
        }
        Ok(all)
    }),
    ("_is_gil_enabled", |_, _| Ok(TRUE)),
    ("audit", |vm, args| {
        let Some((event, rest)) = args.values.split_first() else {
            return Err(vm.type_error("audit expected at least 1 argument, got 0"));
        };
        if event.get::<crate::object::Str>().is_none() {
            let got = vm.type_name(event);
            return Err(vm.type_error(format!("audit() argument 1 must be str, not {got}")));
        }
        if let Some(hooks) = vm.modules_state.audit_hooks.get() {
            let told = vm.tuple(rest.to_vec());
            for hook in vm.collect(&hooks)? {
                vm.call_with(&hook, &[event.clone(), told.clone()])?;
            }
        }
        Ok(NONE)
    }),
    ("addaudithook", |vm, args| {
        let (values, [named]) = crate::builtins::keywords(vm, "addaudithook", args, ["hook"])?;
        let Some(hook) = values.first().or(named) else {
            return Err(vm.type_error("addaudithook() missing required argument 'hook' (pos 1)"));
        };
        let hooks = vm.modules_state.audit_hooks.get().unwrap_or_else(|| vm.list(Vec::new()));
        if let Some(hooks) = hooks.get::<crate::object::List>() {
            hooks.items.borrow_mut().push(hook.clone());
        }
        vm.modules_state.audit_hooks.set(Some(hooks));
        Ok(NONE)
    }),
    ("gettrace", |vm, _| Ok(vm.tracing_function(false))),
    ("getprofile", |vm, _| Ok(vm.tracing_function(true))),
    ("settrace", |vm, args| {
        vm.set_tracing(false, &positional(vm, "sys.settrace", args, 1, 1)?[0]);
        Ok(NONE)
    }),
    ("setprofile", |vm, args| {
        vm.set_tracing(true, &positional(vm, "sys.setprofile", args, 1, 1)?[0]);
        Ok(NONE)
    }),
    ("_settraceallthreads", |vm, args| {
        vm.set_tracing_everywhere(false, &positional(vm, "_settraceallthreads", args, 1, 1)?[0]);
        Ok(NONE)
    }),
    ("_setprofileallthreads", |vm, args| {
        vm.set_tracing_everywhere(true, &positional(vm, "_setprofileallthreads", args, 1, 1)?[0]);
        Ok(NONE)
    }),
    ("call_tracing", |vm, args| {
        let values = positional(vm, "call_tracing", args, 2, 2)?;
        match values[1].get::<Tuple>() {
            Some(given) => vm.call_tracing(&values[0], &given.items),
            None => Err(vm.type_error("call_tracing() argument 2 must be tuple")),
        }
    }),
    ("getswitchinterval", |vm, _| Ok(vm.float(vm.threads.interval.get().as_secs_f64()))),
    ("setswitchinterval", |vm, args| {
        let seconds = super::math::float(vm, &positional(vm, "setswitchinterval", args, 1, 1)?[0])?;
        match std::time::Duration::try_from_secs_f64(seconds) {
            Ok(interval) if seconds > 0.0 => vm.threads.interval.set(interval),
            _ => return Err(vm.value_error("switch interval must be strictly positive")),
        }
        Ok(NONE)
    }),
    ("_get_cpu_count_config", |vm, _| Ok(vm.int(-1))),
    ("getallocatedblocks", |vm, args| {
        positional(vm, "getallocatedblocks", args, 0, 0)?;
        Ok(vm.int_of_usize(vm.heap.count()))
    }),
    ("getunicodeinternedsize", |vm, args| {
        crate::builtins::keywords(vm, "getunicodeinternedsize", args, ["_only_immortal"])?;
        Ok(vm.int_of_usize(vm.interned_count()))
    }),
    ("get_asyncgen_hooks", |vm, _| {
        let hook = |slot: &crate::object::Slot| slot.get().unwrap_or(NONE);
        vm.helper("asyncgen_hooks", &[hook(&vm.tracing.first_iter), hook(&vm.tracing.finalizer)])
    }),
    ("set_asyncgen_hooks", |vm, args| {
        let names = ["firstiter", "finalizer"];
        let (values, named) = crate::builtins::keywords(vm, "set_asyncgen_hooks", args, names)?;
        let slots = [&vm.tracing.first_iter, &vm.tracing.finalizer];
        // Both are looked at before one is set.
        for (at, name) in names.iter().enumerate() {
            if let Some(hook) = values.get(at).or(named[at])
                && !hook.is_none()
                && !vm.is_callable(hook)
            {
                let got = vm.type_name(hook);
                return Err(vm.type_error(format!("callable {name} expected, got {got}")));
            }
        }
        for (at, slot) in slots.into_iter().enumerate() {
            if let Some(hook) = values.get(at).or(named[at]) {
                slot.set(Some(hook.clone()).filter(|it| !it.is_none()));
            }
        }
        Ok(NONE)
    }),
    ("get_coroutine_origin_tracking_depth", |vm, _| Ok(vm.int(vm.tracing.origin_depth.get()))),
    ("set_coroutine_origin_tracking_depth", |vm, args| {
        let (values, named) =
            crate::builtins::keywords(vm, "set_coroutine_origin_tracking_depth", args, ["depth"])?;
        let Some(depth) = values.first().or(named[0]) else {
            return Err(vm.type_error(
                "set_coroutine_origin_tracking_depth() missing required argument 'depth' (pos 1)",
            ));
        };
        let depth = crate::modules::native::index(vm, depth)?;
        if depth < 0 {
            return Err(vm.value_error("depth must be >= 0"));
        }
        vm.tracing.origin_depth.set(depth);
        Ok(NONE)
    }),
    ("get_int_max_str_digits", |vm, _| Ok(vm.int(vm.config.borrow().int_max_str_digits.into()))),
    ("set_int_max_str_digits", |vm, args| {
        let [digits] = crate::modules::native::parse(vm, "set_int_max_str_digits", args, ["maxdigits"], 1)?;
        let digits = digits.map_or(Ok(None), |it| vm.index_of(it))?.unwrap_or(0);
        match u32::try_from(digits).ok().filter(|&it| it == 0 || it >= 640) {
            Some(digits) => {
                vm.config.borrow_mut().int_max_str_digits = digits;
                Ok(NONE)
            }
            None => Err(vm.value_error("maxdigits must be >= 640 or 0 for unlimited")),
        }
    }),
    ("excepthook", |vm, args| {
        let values = positional(vm, "excepthook", args, 3, 3)?;
        if values[1].get::<crate::object::Exception>().is_none() {
            let got = vm.type_name(&values[1]);
            return Err(
                vm.type_error(format!("print_exception(): Exception expected for value, {got} found"))
            );
        }
        let mut text = Vec::new();
        vm.push_traceback(&values[1], &mut text, true);
        match vm.replaced_stream("stderr").filter(|it| !it.is_none()) {
            Some(stream) => {
                let write = vm.get_attribute(&stream, &vm.intern("write"))?;
                vm.call_with(&write, &[vm.str(&String::from_utf8_lossy(&text))])?;
            }
            None => vm.write_err(&text),
        }
        Ok(NONE)
    }),
    ("displayhook", |vm, args| {
        let value = &positional(vm, "displayhook", args, 1, 1)?[0];
        if value.is_none() {
            return Ok(NONE);
        }
        let text = vm.repr(value)?;
        vm.print(Args { values: std::slice::from_ref(&text), names: &[] })?;
        if let Some(builtins) = vm.builtins.get::<Dict>() {
            builtins.set_name(vm, &vm.names.underscore, value.clone());
        }
        Ok(NONE)
    }),
    ("getsizeof", |vm, args| {
        let values = positional(vm, "getsizeof", args, 1, 2)?;
        vm.size_by_method(&values[0], values.get(1))
    }),
];

fn frame_depth(vm: &Vm, name: &str, args: Args<'_>) -> R<usize> {
    let (values, [depth]) = crate::builtins::keywords(vm, name, args, ["depth"])?;
    let depth = values.first().or(depth).and_then(|it| vm.as_i64(it)).unwrap_or(0);
    Ok(usize::try_from(depth).unwrap_or(0))
}

/// `sys`: what does not depend on where the library is.
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.modules_state.sys.set(Some(module.clone()));
    let put = |name: &str, value: Value| vm.put(module, name, value);
    let strings = |all: &[&str]| all.iter().map(|it| vm.intern(it)).collect::<Vec<_>>();
    let argv = vm.argv.borrow().iter().map(|it| vm.str(it)).collect::<Vec<_>>();
    put("argv", vm.list(argv.clone()));
    let config = vm.config.borrow().clone();
    let orig = config.orig_argv.iter().map(|it| vm.str(it)).collect::<Vec<_>>();
    put("orig_argv", vm.list(if orig.is_empty() { argv } else { orig }));
    put("modules", vm.modules.clone());
    put("maxsize", vm.int(i64::MAX));
    put("maxunicode", vm.int(0x10_FFFF));
    put("byteorder", vm.intern("little"));
    put("platform", vm.intern(std::env::consts::OS));
    put("hexversion", vm.int(0x030E_0AF0));
    put("api_version", vm.int(1013));
    put("version", vm.str(concat!("3.14.10 (pyrvm ", env!("CARGO_PKG_VERSION"), ") [Rust]")));
    put("copyright", vm.str("Copyright (c) the authors of pyrvm."));
    put("builtin_module_names", vm.tuple(strings(&super::names())));
    for name in ["path", "meta_path", "path_hooks"] {
        put(name, vm.list(Vec::new()));
    }
    put("path_importer_cache", vm.dict());
    put("warnoptions", vm.list(config.warn_options.iter().map(|it| vm.str(it)).collect()));
    let options = vm.dict();
    if let Some(options) = options.get::<Dict>() {
        for (name, value) in &config.x_options {
            options.set_name(vm, &vm.intern(name), value.as_ref().map_or(TRUE, |it| vm.str(it)));
        }
    }
    put("_xoptions", options);
    let paths = &config.paths;
    for (name, path) in [
        ("executable", &paths.executable),
        ("_base_executable", &paths.base_executable),
        ("prefix", &paths.prefix),
        ("exec_prefix", &paths.prefix),
        ("base_prefix", &paths.base_prefix),
        ("base_exec_prefix", &paths.base_prefix),
    ] {
        put(name, vm.str(&path.to_string_lossy()));
    }
    put("platlibdir", vm.intern("lib"));
    put("pycache_prefix", config.pycache_prefix.as_ref().map_or(NONE, |it| vm.str(it)));
    put("abiflags", vm.names.empty.clone());
    put("_framework", vm.names.empty.clone());
    put("float_repr_style", vm.intern("short"));
    put("dont_write_bytecode", Value::bool(vm.no_bytecode.get()));
    let stdlib = vm.stdlib.borrow().as_ref().map(|it| it.to_string_lossy().into_owned());
    let stdlib = stdlib.unwrap_or_else(|| vm.library.borrow().clone());
    put("_stdlib_dir", vm.str(&stdlib));
    put("path", vm.list(vec![vm.str(&stdlib)]));
    vm.put_functions(module, FUNCTIONS);
    for name in ["excepthook", "displayhook"] {
        let value = vm.get_attribute(module, &vm.intern(name))?;
        put(&format!("__{name}__"), value);
    }
    Ok(())
}

/// What `site` puts into `builtins`.
const SITE: &[&str] = &["copyright", "credits", "exit", "help", "license", "quit"];

impl Vm {
    /// Names of `sys` that are made when they are first asked for.
    pub(crate) fn lazy_of_sys(&self, module: &Value, name: &Value) -> R<Option<Value>> {
        if module.get::<crate::object::Module>().is_some_and(|it| it.dict.is(&self.builtins)) {
            return self.lazy_builtin(name);
        }
        if !self.modules_state.sys.get().is_some_and(|it| it.is(module)) {
            return Ok(None);
        }
        let text = self.text_of(name);
        let names = [
            "stdin",
            "stdout",
            "stderr",
            "__stdin__",
            "__stdout__",
            "__stderr__",
            "version_info",
            "flags",
            "implementation",
            "float_info",
            "int_info",
            "hash_info",
            "thread_info",
            "_jit",
            "monitoring",
            "stdlib_module_names",
            "unraisablehook",
            "__unraisablehook__",
            "breakpointhook",
            "__breakpointhook__",
        ];
        if !names.contains(&text.as_str()) {
            return Ok(None);
        }
        // What was made and is not there any more was deleted.
        if self.modules_state.made_of_sys.borrow().contains(&text) {
            return Ok(None);
        }
        let value = self.helper("of_sys", std::slice::from_ref(name))?;
        self.modules_state.made_of_sys.borrow_mut().push(text.clone());
        self.put(module, &text, value.clone());
        // What a program keeps to put it back later is there under the other name, too.
        let other = text.trim_matches('_');
        if other.len() < text.len() && names.contains(&other) {
            self.get_attribute_or_none(module, &self.intern(other))?;
            self.modules_state.made_of_sys.borrow_mut().push(other.to_owned());
        }
        Ok(Some(value))
    }

    /// A name of `builtins` that is made when it is first asked for.
    pub(crate) fn lazy_builtin(&self, name: &Value) -> R<Option<Value>> {
        if name.get::<crate::object::Str>().is_none() {
            return Ok(None);
        }
        let text = self.text_of(name);
        if SITE.contains(&text.as_str()) && !self.config.borrow().no_site {
            let zero = Value::from_i32(0);
            let module = self.import_level(&self.intern("_pyrvm_site"), &zero, &NONE, &NONE)?;
            let value = self.get_attribute(&module, name)?;
            if let Some(builtins) = self.builtins.get::<Dict>() {
                builtins.set_name(self, name, value.clone());
            }
            return Ok(Some(value));
        }
        if text != "memoryview" {
            return Ok(None);
        }
        let value = self.memoryview_type();
        if let Some(builtins) = self.builtins.get::<Dict>() {
            builtins.set_name(self, name, value.clone());
        }
        Ok(Some(value))
    }

    /// What a program's `sys.stdout` is, where it has another one than that of the start.
    pub(crate) fn replaced_stream(&self, name: &str) -> Option<Value> {
        let sys = self.modules_state.sys.get()?;
        let dict = self.get_attribute(&sys, &self.names.dict).ok()?;
        let dict = dict.get::<Dict>()?;
        let stream = dict.get_name(self, &self.intern(name))?;
        match dict.get_name(self, &self.intern(&format!("__{name}__"))) {
            Some(first) if first.is(&stream) => None,
            _ => Some(stream),
        }
    }

    /// `sys.getsizeof`, by the program's own `__sizeof__` where there is one. CPython: `_PySys_GetSizeOf`.
    fn size_by_method(&self, value: &Value, default: Option<&Value>) -> R {
        let method = self.lookup_special(value, &self.intern("__sizeof__"));
        let Some(method) = method.filter(|it| it.get::<crate::object::Native>().is_none()) else {
            return Ok(self.int(self.size_of(value)));
        };
        let no_args = crate::object::callable::Args { values: &[], names: &[] };
        let size = self.call_bound(&method, value, no_args).and_then(|size| match self.index_of(&size)? {
            Some(size) => Ok(size),
            None => Err(self.type_error("an integer is required")),
        });
        let size = match (size, default) {
            (Ok(size), _) => size,
            (Err(_), Some(default)) if self.pending_is(crate::builtins::exceptions::Exc::TypeError) => {
                self.pending.set(None);
                return Ok(default.clone());
            }
            (Err(raised), _) => return Err(raised),
        };
        if size < 0 {
            return Err(self.value_error("__sizeof__() should return >= 0"));
        }
        // What the collector keeps in front of the object, and its `__dict__` and weak references.
        let attributes = self.type_of(value).body.flags.get().has(crate::object::TypeFlags::ATTRIBUTES);
        let before = if attributes { 32 } else { 16 };
        Ok(self.int(size.saturating_add(before)))
    }

    /// The size of what has no way of its own to say it.
    pub(crate) fn size_of(&self, value: &Value) -> i64 {
        use crate::object::{Bytes, List, Set, Str, str::Text};
        if value.is_none() || value.is(&crate::value::ELLIPSIS) || value.is_not_implemented() {
            return 16;
        }
        if value.get::<crate::object::Complex>().is_some() {
            return 32;
        }
        if value.get::<crate::object::Native>().is_some_and(|it| it.module().is_some()) {
            return 72;
        }
        if value.as_bool().is_some() {
            return 28;
        }
        if let Some(number) = self.as_big(value) {
            return 24 + 4 * (number.bits().max(1).div_ceil(30) as i64);
        }
        if self.as_float(value).is_some() {
            return 24;
        }
        if let Some(text) = value.get::<Str>() {
            return match &text.text {
                Text::Ascii(text) => 41 + text.len() as i64,
                Text::Latin(text) => 57 + text.len() as i64,
                Text::Two(text) => 58 + 2 * text.len() as i64,
                Text::Four(text) => 60 + 4 * text.len() as i64,
            };
        }
        if let Some(bytes) = value.get::<Bytes>() {
            return 33 + bytes.data.len() as i64;
        }
        if let Some(tuple) = value.get::<Tuple>() {
            return 48 + 8 * tuple.items.len() as i64;
        }
        if let Some(list) = value.get::<List>() {
            return 56 + 8 * list.len() as i64;
        }
        if let Some(dict) = value.get::<Dict>() {
            return if dict.is_empty() { 64 } else { 184 };
        }
        if value.get::<Set>().is_some() {
            return 216;
        }
        48
    }
}
