//! `pyrvm`: the standalone virtual machine's binary. It reads a `.pyc` and, so far, refuses to run it.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// How the program ended: the process's exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ExitStatus {
    /// 0: `--help` or `--version` was asked for and given.
    Success = 0,
    /// 2: wrong usage.
    Usage = 2,
    /// 3: the file cannot be read.
    Unreadable = 3,
    /// 4: the file is no `.pyc`, is corrupt, or is of a Python that is not supported.
    NotAProgram = 4,
    /// 5: the file is a program, and this release cannot run programs.
    NotYet = 5,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

const HELP: &str = "\
Runs precompiled Python code objects without a Python.

This release reads a .pyc, says whether it could be run, and refuses to run it: the virtual machine is not
there yet.

Usage: pyrvm FILE.pyc

Options:
  -h, --help     Print help
  -V, --version  Print version

Exit status: 2 wrong usage, 3 FILE cannot be read, 4 it is no .pyc of a supported Python, or corrupt,
5 it is one, and this release cannot run it.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next();
    let status = match (first, arguments.next()) {
        (Some(first), None) => one(&first),
        (None, _) => usage("no file given"),
        (Some(_), Some(_)) => usage("more than one argument given"),
    };
    status.into()
}

fn one(argument: &OsString) -> ExitStatus {
    match argument.to_str() {
        Some("-h" | "--help") => print(HELP),
        Some("-V" | "--version") => print(concat!("pyrvm ", env!("CARGO_PKG_VERSION"), "\n")),
        Some(option) if option.starts_with('-') => usage(&format!("unknown option {option}")),
        _ => execute(Path::new(argument)),
    }
}

fn execute(file: &Path) -> ExitStatus {
    let name = file.display();
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return complain(&format!("{name}: {error}"), ExitStatus::Unreadable),
    };
    let program = match pyrvm::load(&bytes) {
        Ok(program) => program,
        Err(error) => return complain(&format!("{name}: {error}"), ExitStatus::NotAProgram),
    };
    match pyrvm::run(&program) {
        Ok(()) => ExitStatus::Success,
        Err(why) => {
            let objects = if program.code_objects == 1 { "code object" } else { "code objects" };
            let (count, minor) = (program.code_objects, program.version.minor());
            let source = String::from_utf8_lossy(program.filename);
            let what =
                format!("a program of Python 3.{minor}, compiled from {source}, with {count} {objects}");
            complain(&format!("{name}: {what}; {why}"), ExitStatus::NotYet)
        }
    }
}

fn print(text: &str) -> ExitStatus {
    // A reader that went away has seen what it wanted.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    ExitStatus::Success
}

fn usage(message: &str) -> ExitStatus {
    complain(&format!("{message}; try pyrvm --help"), ExitStatus::Usage)
}

/// Says on standard error what is wrong.
fn complain(message: &str, status: ExitStatus) -> ExitStatus {
    // When standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "pyrvm: {message}");
    status
}
