//! `pyrvm`: runs a `.pyc`, or compiles a source in memory and runs it.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// The process's exit codes beside those of the program that runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ExitStatus {
    /// 0: `--help` or `--version` was asked for and given.
    Success = 0,
    /// 1: the source has a syntax error.
    Syntax = 1,
    /// 2: wrong usage.
    Usage = 2,
    /// 3: the file cannot be read.
    Unreadable = 3,
    /// 4: the file is no `.pyc`, is corrupt, or is of a Python that is not supported.
    NotAProgram = 4,
}

const HELP: &str = "\
Runs precompiled Python code objects without a Python.

Usage: pyrvm FILE [ARGUMENT...]

FILE is a .pyc of Python 3.14, or a source, which is compiled in memory.

Options:
  -h, --help     Print help
  -V, --version  Print version

Exit status: that of the program; 2 wrong usage, 3 FILE cannot be read, 4 it is no .pyc of a supported Python,
or corrupt.
";

/// Bytes of native stack for the program: native code that calls back uses some for each call.
const STACK: usize = 1 << 28;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let code = match arguments.first().map(|first| first.to_str()) {
        None => usage("no file given"),
        Some(Some("-h" | "--help")) => print(HELP),
        Some(Some("-V" | "--version")) => print(concat!("pyrvm ", env!("CARGO_PKG_VERSION"), "\n")),
        Some(Some(option)) if option.starts_with('-') => usage(&format!("unknown option {option}")),
        Some(_) => execute(&arguments),
    };
    ExitCode::from(code)
}

fn execute(arguments: &[OsString]) -> u8 {
    let Some(file) = arguments.first() else { return ExitStatus::Usage as u8 };
    let path = Path::new(file);
    let name = path.display();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return complain(&format!("{name}: {error}"), ExitStatus::Unreadable),
    };
    let argv: Vec<String> = arguments.iter().map(|it| it.to_string_lossy().into_owned()).collect();
    // As CPython does with the script's name.
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned();
    let source = path.extension().is_some_and(|extension| extension == "py");
    let run = move || {
        let vm = pyrvm::Vm::new();
        vm.native_limit.set(20_000);
        *vm.argv.borrow_mut() = argv;
        let code = if source {
            match pyrvm::compile(&vm, &bytes, &shown) {
                Ok(code) => code,
                Err(pyrvm::CompileError::Source(error)) => {
                    vm.flush();
                    return complain_plainly(&pyrvm::describe(&error, &shown));
                }
                Err(pyrvm::CompileError::Load(error)) => {
                    return complain(&format!("{shown}: {error}"), ExitStatus::NotAProgram);
                }
            }
        } else {
            match pyrvm::load_pyc(&vm, &bytes) {
                Ok(code) => code,
                Err(error) => return complain(&format!("{shown}: {error}"), ExitStatus::NotAProgram),
            }
        };
        let status = vm.run_main(&code, &shown) as u8;
        drop(code);
        // The process ends: the system takes the memory back faster than we can.
        std::mem::forget(vm);
        status
    };
    match std::thread::Builder::new().stack_size(STACK).spawn(run) {
        Ok(thread) => thread.join().unwrap_or(101),
        Err(error) => complain(&format!("no thread to run in: {error}"), ExitStatus::Unreadable),
    }
}

fn print(text: &str) -> u8 {
    // A reader that went away has seen what it wanted.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    ExitStatus::Success as u8
}

fn usage(message: &str) -> u8 {
    complain(&format!("{message}; try pyrvm --help"), ExitStatus::Usage)
}

/// Says on standard error what is wrong.
fn complain(message: &str, status: ExitStatus) -> u8 {
    // When standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "pyrvm: {message}");
    status as u8
}

fn complain_plainly(message: &str) -> u8 {
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitStatus::Syntax as u8
}
