//! From a command line to a program that runs: what `__main__` is, and where modules are looked for.

use crate::config::Config;
use crate::heap::allocate;
use crate::object::{Dict, List, Weak};
use crate::paths::Paths;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What is to be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Program {
    /// The source on standard input.
    Input {
        /// Was it asked for, by `-`?
        named: bool,
    },
    /// `-c`
    Command(String),
    /// `-m`
    Module(String),
    /// A `.pyc`, a source, a folder or a zip file.
    File(PathBuf),
}

impl Default for Program {
    fn default() -> Self {
        Program::Input { named: false }
    }
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What is to be run.
    pub program: Program,
    /// `sys.argv[1:]`
    pub arguments: Vec<String>,
    /// The folder or zip file with the standard library that is used instead of that in the binary.
    pub stdlib: Option<PathBuf>,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
    /// `-B`
    pub no_bytecode: bool,
    /// `-x`
    pub skip_first_line: bool,
    /// `--stats`
    pub stats: bool,
    /// `--trace-ops`
    pub trace_ops: bool,
    /// The program stands behind the machine in its file.
    pub standalone: bool,
    /// The recursion limit to begin with.
    pub max_recursion: Option<usize>,
    /// How many bytes objects may take.
    pub max_memory: Option<usize>,
    /// How many steps the program may make.
    pub max_steps: Option<u64>,
    /// What `sys.flags` and others show.
    pub config: Config,
}

/// The file cannot be read.
const UNREADABLE: u8 = 2;
/// The file is no `.pyc`, is corrupt, or is of a Python that is not supported.
const NO_PROGRAM: u8 = 4;
/// The heap is not sound: only builds with debug assertions look.
const BROKEN: u8 = 101;
/// Calls of native code that may be active on the stack of 256 MiB that `pyrvm` runs programs with. Without optimisation
/// each takes several times as much of it.
const NATIVE_CALLS: u32 = if cfg!(debug_assertions) { 5_000 } else { 20_000 };
/// Bytes of the end of a zip file's directory, without a comment.
const END: usize = 22;

/// The machine's own file, where a zip file stands behind it.
pub fn appended() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?;
    let mut end = [0; END];
    let mut file = File::open(&path).ok()?;
    file.seek(SeekFrom::End(-(END as i64))).ok()?;
    file.read_exact(&mut end).ok()?;
    end.starts_with(b"PK\x05\x06").then_some(path)
}

/// Runs what the settings say: the exit code, and what is to be said of a file that could not be run.
pub fn run(settings: Settings) -> (u8, Option<String>) {
    let mut settings = settings;
    let config = &mut settings.config;
    if settings.standalone {
        config.isolated = true;
        config.ignore_environment = true;
        config.no_user_site = true;
        config.no_site = true;
    }
    config.read_environment();
    let count = |name: &str| {
        config.variable(name).map_or(0, |it| it.to_string_lossy().trim().parse::<u8>().unwrap_or(1))
    };
    let optimize = settings.optimize.max(count("PYTHONOPTIMIZE")).min(2);
    let called = std::env::args_os().next().unwrap_or_default();
    config.paths = Paths::find(&called);
    config.orig_argv.insert(0, called.to_string_lossy().into_owned());
    let seed = config.variable("PYTHONHASHSEED").map(|it| it.to_string_lossy().into_owned());
    if let Some(seed) = &seed
        && seed != "random"
        && seed.parse::<u32>().is_err()
    {
        let message = "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range \
                       [0; 4294967295]";
        return (1, Some(message.to_owned()));
    }
    let vm = Vm::with_seed(seed.as_deref());
    vm.native_limit.set(NATIVE_CALLS);
    vm.optimize.set(optimize);
    vm.no_bytecode.set(settings.no_bytecode || config.variable("PYTHONDONTWRITEBYTECODE").is_some());
    *vm.library.borrow_mut() = config.paths.library().to_string_lossy().into_owned();
    // Which library there is belongs to the machine: `-E` and `-I` leave out the variables of Python alone.
    let named = std::env::var_os("PYRVM_STDLIB").filter(|it| !settings.standalone && !it.is_empty());
    let stdlib = settings.stdlib.clone().or_else(|| named.map(PathBuf::from));
    *vm.stdlib.borrow_mut() = stdlib.map(|it| std::path::absolute(&it).unwrap_or(it));
    let first = match &settings.program {
        Program::Input { named } => if *named { "-" } else { "" }.to_owned(),
        Program::Command(_) => "-c".to_owned(),
        Program::Module(_) => "-m".to_owned(),
        Program::File(path) => path.to_string_lossy().into_owned(),
    };
    vm.argv.borrow_mut().push(first);
    vm.argv.borrow_mut().extend(settings.arguments.iter().cloned());
    *vm.config.borrow_mut() = settings.config.clone();
    if let Some(limit) = settings.max_recursion {
        vm.recursion_limit.set(limit);
    }
    vm.max_memory.set(settings.max_memory);
    let budget = settings.max_steps.or(settings.stats.then_some(u64::MAX));
    vm.max_steps.set(budget);
    vm.install_signals();
    if settings.stats || settings.trace_ops {
        vm.watch(settings.trace_ops);
    }
    let result = start(&vm, &settings);
    vm.flush();
    vm.write_err(vm.watched_last().as_bytes());
    if cfg!(debug_assertions)
        && let Err(wrong) = vm.check_heap()
    {
        return (BROKEN, Some(format!("the heap is broken: {wrong}")));
    }
    if let Some(budget) = budget.filter(|_| settings.stats) {
        vm.write_err(statistics(&vm, budget).as_bytes());
    }
    if vm.signals.ended.get() {
        crate::interp::signals::end_by_interrupt();
    }
    // The process ends: the system takes the memory back faster than we can.
    std::mem::forget(vm);
    result
}

/// What `--stats` shows.
fn statistics(vm: &Vm, budget: u64) -> String {
    let left = vm.max_steps.get().unwrap_or(0);
    let now = vm.heap.slice.get().saturating_sub(vm.heap.ticks.load(std::sync::atomic::Ordering::Relaxed));
    let steps = budget.saturating_sub(left).saturating_add(now.into());
    let row = |numbers: [u64; 3]| numbers.map(|it| it.to_string()).join(", ");
    let collections = row(std::array::from_fn(|at| vm.collector.stats[at].collections.get()));
    let found = row(std::array::from_fn(|at| vm.collector.stats[at].collected.get()));
    let modules = vm.modules.get::<Dict>().map_or(0, Dict::len);
    format!(
        "{}steps (jumps backwards and calls): {steps}\n\
         collections of each generation: {collections}\n\
         objects that they found: {found}\n\
         objects made: {}\n\
         bytes of objects, free ones included: {}\n\
         modules: {modules}\n",
        vm.watched(),
        vm.heap.made(),
        vm.heap.bytes()
    )
}

/// Code to run as `__main__`, with the name of its file.
struct Main {
    code: Value,
    file: Option<String>,
}

/// A command without the white space that all its lines begin with.
fn dedented(text: &str) -> String {
    let margin = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut common: Option<&str> = None;
    for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
        let own = &line[..margin(line)];
        let before = common.unwrap_or(own);
        let same = before.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
        common = Some(&before[..same]);
    }
    let common = common.unwrap_or_default();
    if common.is_empty() {
        return text.to_owned();
    }
    let lines = text.split('\n').map(|line| line.strip_prefix(common).unwrap_or_else(|| line.trim_start()));
    lines.collect::<Vec<_>>().join("\n")
}

fn start(vm: &Vm, settings: &Settings) -> (u8, Option<String>) {
    set_path(vm, settings);
    if vm.site().is_err() {
        return (vm.report() as u8, None);
    }
    let mut folder = String::new();
    let main = match &settings.program {
        Program::Command(text) => {
            let text = format!("{}\n", dedented(text));
            source(vm, text.as_bytes(), "<string>").map(|code| Main { code, file: None })
        }
        Program::Input { named } => {
            if !named && std::io::stdin().is_terminal() {
                let message =
                    "there is no prompt yet: name a FILE, -c COMMAND or -m MODULE; see pyrvm --help";
                return (UNREADABLE, Some(message.to_owned()));
            }
            let mut text = Vec::new();
            if let Err(error) = std::io::stdin().lock().read_to_end(&mut text) {
                return (UNREADABLE, Some(format!("standard input: {error}")));
            }
            source(vm, &text, "<stdin>").map(|code| Main { code, file: Some("<stdin>".into()) })
        }
        Program::Module(name) => {
            let current = std::env::current_dir().unwrap_or_default();
            if !settings.config.safe_path {
                front_of_path(vm, &current.to_string_lossy());
            }
            return (vm.run_module(name) as u8, None);
        }
        Program::File(path) => {
            let shown = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            if path.is_dir() || is_zip(path) {
                front_of_path(vm, &shown.to_string_lossy());
                return (vm.run_module("__main__") as u8, None);
            }
            folder = real_folder(&shown);
            match file(vm, path, &shown.to_string_lossy(), settings.skip_first_line) {
                Ok(main) => main,
                Err(failed) => return failed,
            }
        }
    };
    if !settings.config.safe_path {
        front_of_path(vm, &folder);
    }
    let status = match main {
        Some(main) => vm.run_main(&main.code, main.file.as_deref()),
        None => vm.report(),
    };
    (status as u8, None)
}

/// The folder of a program, its own link followed as CPython does.
fn real_folder(shown: &Path) -> String {
    let target = match shown.read_link() {
        Ok(target) => shown.parent().unwrap_or(Path::new("/")).join(target),
        Err(_) => shown.to_owned(),
    };
    target.parent().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Compiles a source; `None` where that raised.
fn source(vm: &Vm, text: &[u8], file: &str) -> Option<Value> {
    vm.compile_file(text, file).ok()
}

/// Does a zip file end here? What stands before it does not matter.
fn is_zip(path: &Path) -> bool {
    let tail = || {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        // A comment may follow the end of the directory.
        let start = length.saturating_sub(END as u64 + u64::from(u16::MAX));
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut tail = Vec::new();
        file.take(length - start).read_to_end(&mut tail).ok()?;
        Some(tail)
    };
    let mut start = [0; 4];
    if File::open(path).and_then(|mut it| it.read_exact(&mut start)).is_err()
        || start.get(2..) == Some(b"\r\n")
    {
        return false;
    }
    tail().is_some_and(|tail| tail.windows(4).any(|it| it == b"PK\x05\x06"))
}

type Failed = (u8, Option<String>);

fn file(vm: &Vm, path: &Path, shown: &str, skip: bool) -> Result<Option<Main>, Failed> {
    let mut bytes = std::fs::read(path).map_err(|error| {
        let (number, text) = (error.raw_os_error().unwrap_or(0), crate::modules::system_text(&error));
        (UNREADABLE, Some(format!("can't open file '{shown}': [Errno {number}] {text}")))
    })?;
    let file = Some(shown.to_owned());
    if path.extension().is_some_and(|extension| extension == "pyc") {
        let code =
            crate::load_pyc(vm, &bytes).map_err(|error| (NO_PROGRAM, Some(format!("{shown}: {error}"))))?;
        return Ok(Some(Main { code, file }));
    }
    if skip && let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
        bytes.drain(..end);
    }
    // A `.pyc` may have any name.
    if bytes.get(2..4) == Some(b"\r\n") && bytes.get(..2).is_some_and(|it| it[1] == 13) {
        let code =
            crate::load_pyc(vm, &bytes).map_err(|error| (NO_PROGRAM, Some(format!("{shown}: {error}"))))?;
        return Ok(Some(Main { code, file }));
    }
    Ok(source(vm, &bytes, shown).map(|code| Main { code, file }))
}

fn with_path(vm: &Vm, change: impl FnOnce(Vec<Value>) -> Vec<Value>) {
    let Ok(Some(sys)) = vm.builtin_module("sys") else { return };
    let Ok(path) = vm.get_attribute(&sys, &vm.intern("path")) else { return };
    if let Some(path) = path.get::<List>() {
        drop(path.replace(change(path.snapshot())));
    }
}

/// Puts the program's folder in front of `sys.path`.
fn front_of_path(vm: &Vm, folder: &str) {
    *vm.modules_state.front.borrow_mut() = Some(folder.to_owned());
    with_path(vm, |mut all| {
        all.insert(0, vm.str(folder));
        all
    });
}

/// Puts what `PYTHONPATH` says in front of the library.
fn set_path(vm: &Vm, settings: &Settings) {
    if let Some(more) = settings.config.variable("PYTHONPATH") {
        with_path(vm, |all| {
            let more = std::env::split_paths(&more).map(|it| vm.str(&it.to_string_lossy()));
            more.chain(all).collect()
        });
    }
}

impl Vm {
    /// What `site` does. Where there is nothing for it to do but to add folders that are there, it is done here: its names in
    /// `builtins` are made when they are first asked for.
    fn site(&self) -> R<()> {
        let config = self.config.borrow().clone();
        if config.no_site {
            return Ok(());
        }
        let mut folders = config.paths.packages();
        if !config.no_user_site
            && config.paths.base_packages
            && let Some(home) = std::env::var_os("HOME")
        {
            let base = config.variable("PYTHONUSERBASE").map(PathBuf::from);
            let base = base.unwrap_or_else(|| Path::new(&home).join(".local"));
            folders.insert(0, base.join("lib/python3.14/site-packages"));
        }
        folders.retain(|it| it.is_dir());
        let mut searched = folders.clone();
        if let Some(more) = config.variable("PYTHONPATH") {
            searched.extend(std::env::split_paths(&more));
        }
        searched.extend(self.stdlib.borrow().clone());
        let custom = |folder: &PathBuf| {
            ["sitecustomize", "usercustomize"].iter().any(|name| {
                folder.join(name).is_dir()
                    || folder.join(format!("{name}.py")).is_file()
                    || folder.join(format!("{name}.pyc")).is_file()
            })
        };
        let paths = |folder: &PathBuf| {
            let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
            names.into_iter().any(|it| it.extension().is_some_and(|it| it == "pth"))
        };
        if folders.iter().any(paths) || searched.iter().any(|it| it.is_file() || custom(it)) {
            self.import_level(&self.intern("site"), &Value::from_i32(0), &NONE, &NONE)?;
            return Ok(());
        }
        // Paths are made absolute, and what occurs again is left out.
        with_path(self, |all| {
            let mut known: Vec<PathBuf> = Vec::new();
            for it in all.iter().map(|it| PathBuf::from(self.text_of(it))).chain(folders) {
                let it = std::path::absolute(&it).unwrap_or(it);
                if !known.contains(&it) {
                    known.push(it);
                }
            }
            known.iter().map(|it| self.str(&it.to_string_lossy())).collect()
        });
        Ok(())
    }

    /// Runs a module of the path as `__main__`, by `runpy`.
    fn run_module(&self, name: &str) -> i32 {
        let main = self.new_module("__main__");
        self.put(&main, "__builtins__", self.builtins.clone());
        let run = || {
            let import =
                |name: &str| self.import_level(&self.intern(name), &Value::from_i32(0), &NONE, &NONE);
            let runpy = import("runpy")?;
            let function = self.get_attribute(&runpy, &self.intern("_run_module_as_main"))?;
            let alter = Value::bool(name != "__main__");
            self.call_with(&function, &[self.str(name), alter])
        };
        let status = match run() {
            Ok(_) => 0,
            Err(_) => self.report(),
        };
        self.finish(main);
        status
    }

    /// What happens when a program's code has run: threads but daemons are waited for, what was registered with
    /// `atexit` is called. CPython: `Py_FinalizeEx`.
    fn end_program(&self) {
        let of = |module: &str, name: &str| {
            let module = self.modules.get::<Dict>()?.get_name(self, &self.intern(module))?;
            self.get_attribute_or_none(&module, &self.intern(name)).ok().flatten()
        };
        let waited = match of("threading", "_shutdown") {
            Some(shutdown) => self.call_with(&shutdown, &[]).map(drop),
            None => self.wait_for_threads(),
        };
        if waited.is_err() {
            self.unraisable(&self.intern("threading"), "on threading shutdown");
        }
        if let Some(exit) = of("atexit", "_run_exitfuncs")
            && self.call_with(&exit, &[]).is_err()
        {
            self.report();
        }
        for name in ["stdout", "stderr"] {
            // A stream that nobody has asked for is not made for its end.
            let made = self.modules_state.sys.get().and_then(|sys| {
                let dict = &sys.get::<crate::object::Module>()?.dict;
                dict.get::<Dict>()?.get_name(self, &self.intern(name))
            });
            let flush = made.and_then(|it| self.get_attribute_or_none(&it, &self.intern("flush")).ok()?);
            if let Some(flush) = flush
                && self.call_with(&flush, &[]).is_err()
            {
                self.pending.set(None);
            }
        }
    }

    /// Lets go of what a program put into other modules and wants to know its end.
    fn forget_in_modules(&self) {
        let Some(modules) = self.modules.get::<Dict>() else { return };
        let main = self.intern("__main__");
        for (name, module) in modules.snapshot() {
            let Some(module) = module.get::<crate::object::Module>() else { continue };
            let Some(dict) = module.dict.get::<Dict>().filter(|_| !name.is(&main)) else { continue };
            for (key, value) in dict.snapshot() {
                let ty = self.type_of(&value);
                if !ty.is_counted() || !ty.finalizes() {
                    continue;
                }
                let of = ty.body.own().and_then(|it| it.get_name(self, &self.names.module));
                if of.is_some_and(|it| self.text_of(&it) == "__main__") {
                    drop(dict.remove_name(self, &key));
                }
            }
        }
    }

    /// What happens when a program has ended: its threads are waited for, what `atexit` knows is called, objects die.
    ///
    /// The program's module goes first. Its functions know its names, so mostly it goes in a collection, and what
    /// `__del__` looks for is there still. Only where something else keeps the module its names go one by one.
    /// CPython: `finalize_modules`.
    pub(crate) fn finish(&self, main: Value) {
        self.end_program();
        self.threads.closing.set(true);
        if self.collector.enabled.get() {
            self.collect_garbage(2);
        }
        self.forget_in_modules();
        let weak = allocate(self, &self.types.weakref, Weak::new(&main, None));
        self.register_weak(&main, &weak);
        if let Some(modules) = self.modules.get::<Dict>() {
            modules.set_name(self, &self.intern("__main__"), NONE);
        }
        drop(main);
        self.collect_garbage(2);
        // Names with one underscore go first, then the others.
        let kept = weak.get::<Weak>().and_then(Weak::target);
        if let Some(dict) = kept.as_ref().and_then(|it| it.get::<crate::object::Module>()?.dict.get::<Dict>())
        {
            let text = |key: &Value| self.text_of(key);
            dict.forget_values(|key| text(key).starts_with('_') && !text(key).starts_with("__"));
            dict.forget_values(|key| text(key) != "__builtins__");
            self.collect_garbage(2);
        }
        self.flush();
    }
}
