//! From a command line to a program that runs: what `__main__` is, and where modules are looked for.

use crate::object::List;
use crate::value::Value;
use crate::vm::Vm;
use pyrsc::syntax::Mode;
use std::path::{Path, PathBuf};

/// What is to be run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Program {
    /// The source on standard input.
    #[default]
    Input,
    /// `-c`
    Command(String),
    /// `-m`
    Module(String),
    /// A `.pyc`, a source, a folder or a zip file.
    File(PathBuf),
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What is to be run.
    pub program: Program,
    /// `sys.argv[1:]`
    pub arguments: Vec<String>,
    /// The folder with the standard library's sources.
    pub stdlib: Option<PathBuf>,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
    /// `-B`
    pub no_bytecode: bool,
    /// `-E`
    pub ignore_environment: bool,
    /// `-P`
    pub safe_path: bool,
    /// `-x`
    pub skip_first_line: bool,
}

/// The file cannot be read.
const UNREADABLE: u8 = 3;
/// The file is no `.pyc`, is corrupt, or is of a Python that is not supported.
const NO_PROGRAM: u8 = 4;
/// Calls of native code that may be active on the stack of 256 MiB that `pyrvm` runs programs with.
const NATIVE_CALLS: u32 = 20_000;

/// Runs what the settings say: the exit code, and what is to be said of a file that could not be run.
pub fn run(settings: Settings) -> (u8, Option<String>) {
    let vm = Vm::new();
    vm.native_limit.set(NATIVE_CALLS);
    vm.optimize.set(settings.optimize);
    let of_environment = |name: &str| {
        let value = std::env::var_os(name)?;
        (!settings.ignore_environment && !value.is_empty()).then_some(value)
    };
    vm.no_bytecode.set(settings.no_bytecode || of_environment("PYTHONDONTWRITEBYTECODE").is_some());
    let stdlib = settings.stdlib.clone().or_else(|| of_environment("PYRVM_STDLIB").map(PathBuf::from));
    let paths = crate::paths::Paths::find(&std::env::args_os().next().unwrap_or_default());
    *vm.library.borrow_mut() = paths.library().to_string_lossy().into_owned();
    *vm.stdlib.borrow_mut() = stdlib.map(|it| std::path::absolute(&it).unwrap_or(it));
    let first = match &settings.program {
        Program::Input => "-".to_owned(),
        Program::Command(_) => "-c".to_owned(),
        Program::Module(_) => "-m".to_owned(),
        Program::File(path) => path.to_string_lossy().into_owned(),
    };
    vm.argv.borrow_mut().push(first);
    vm.argv.borrow_mut().extend(settings.arguments.iter().cloned());
    let result = start(&vm, &settings);
    vm.flush();
    // The process ends: the system takes the memory back faster than we can.
    std::mem::forget(vm);
    result
}

/// Code to run as `__main__`, with the name of its file.
struct Main {
    code: Value,
    file: Option<String>,
}

fn start(vm: &Vm, settings: &Settings) -> (u8, Option<String>) {
    let mut folder = String::new();
    let main = match &settings.program {
        Program::Command(text) => {
            source(vm, text.as_bytes(), "<string>").map(|code| Main { code, file: None })
        }
        Program::Input => {
            let mut text = Vec::new();
            if let Err(error) = std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut text) {
                return (UNREADABLE, Some(format!("standard input: {error}")));
            }
            source(vm, &text, "<stdin>").map(|code| Main { code, file: None })
        }
        Program::Module(name) => {
            let current = std::env::current_dir().unwrap_or_default();
            set_path(vm, settings, &current.to_string_lossy());
            return (vm.run_module(name) as u8, None);
        }
        Program::File(path) => {
            let shown = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            if path.is_dir() || is_zip(path) {
                set_path(vm, settings, &path.to_string_lossy());
                return (vm.run_module("__main__") as u8, None);
            }
            folder = shown.parent().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            match file(vm, path, &shown.to_string_lossy(), settings.skip_first_line) {
                Ok(main) => main,
                Err(failed) => return failed,
            }
        }
    };
    set_path(vm, settings, &folder);
    let status = match main {
        Some(main) => vm.run_main(&main.code, main.file.as_deref()),
        None => vm.report(),
    };
    (status as u8, None)
}

/// Compiles a source; `None` where that raised.
fn source(vm: &Vm, text: &[u8], file: &str) -> Option<Value> {
    vm.compile_text(text, file, Mode::Exec, vm.optimize.get()).ok()
}

fn is_zip(path: &Path) -> bool {
    let mut start = [0; 4];
    let read =
        std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    read.is_ok() && start == *b"PK\x03\x04"
}

type Failed = (u8, Option<String>);

fn file(vm: &Vm, path: &Path, shown: &str, skip: bool) -> Result<Option<Main>, Failed> {
    let mut bytes =
        std::fs::read(path).map_err(|error| (UNREADABLE, Some(format!("{}: {error}", path.display()))))?;
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

/// Puts the program's folder in front of `sys.path`, and those of `PYTHONPATH` behind it.
fn set_path(vm: &Vm, settings: &Settings, folder: &str) {
    let Ok(Some(sys)) = vm.builtin_module("sys") else { return };
    let Ok(path) = vm.get_attribute(&sys, &vm.intern("path")) else { return };
    let Some(path) = path.get::<List>() else { return };
    let mut front = Vec::new();
    if !settings.safe_path {
        front.push(vm.str(folder));
    }
    if !settings.ignore_environment
        && let Some(more) = std::env::var_os("PYTHONPATH").filter(|it| !it.is_empty())
    {
        front.extend(std::env::split_paths(&more).map(|it| vm.str(&it.to_string_lossy())));
    }
    front.extend(path.snapshot());
    drop(path.replace(front));
}

impl Vm {
    /// Runs a module of the path as `__main__`, by `runpy`.
    fn run_module(&self, name: &str) -> i32 {
        let main = self.new_module("__main__");
        self.put(&main, "__builtins__", self.builtins.clone());
        let run = || {
            let import = |name: &str| {
                let none = crate::value::NONE;
                self.import_level(&self.intern(name), &Value::from_i32(0), &none, &none)
            };
            let runpy = import("runpy")?;
            let function = self.get_attribute(&runpy, &self.intern("_run_module_as_main"))?;
            let alter = Value::bool(name != "__main__");
            self.call_with(&function, &[self.str(name), alter])
        };
        match run() {
            Ok(_) => 0,
            Err(_) => self.report(),
        }
    }
}
