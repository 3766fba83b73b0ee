//! `pyrvm`: runs a `.pyc`, or compiles a source in memory and runs it.

use pyrvm::start::{Program, Settings};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The process's exit codes beside those of the program that runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ExitStatus {
    /// 0: `--help` or `--version` was asked for and given.
    Success = 0,
    /// 2: wrong usage.
    Usage = 2,
    /// 3: the file cannot be read, or there is no thread to run in.
    Unreadable = 3,
}

const HELP: &str = "\
Runs precompiled Python code objects without a Python.

Usage: pyrvm [OPTION...] FILE [ARGUMENT...]
       pyrvm [OPTION...] -c COMMAND [ARGUMENT...]
       pyrvm [OPTION...] -m MODULE [ARGUMENT...]
       pyrvm [OPTION...] - [ARGUMENT...]

FILE is a .pyc of Python 3.8 to 3.15, a source, which is compiled in memory, or a folder or zip file with a __main__ module;
- is a source on standard input.

Options:
  -c COMMAND      Run this source
  -m MODULE       Run this module of the path as a program
  -B              Write no .pyc files
  -E              Ignore PYTHON* variables
  -I              Isolated: -E, -P and no user site
  -O, -OO         Leave out assertions, and with -OO documentation strings
  -P              Do not put the program's folder on sys.path
  -q, -s, -S, -u, -v, -x, -W ARG, -X OPT
                  As CPython's; -x skips the first line, the others change nothing yet
  --stdlib DIR    Where the standard library's sources are
  -h, --help      Print help
  -V, --version   Print version

Exit status: that of the program; 2 wrong usage, 3 FILE cannot be read, 4 it is no .pyc of a supported Python,
or corrupt.
";

/// Bytes of native stack for the program: native code that calls back uses some for each call.
const STACK: usize = 1 << 28;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let code = match parse(arguments) {
        Ok(settings) => run(settings),
        Err(code) => code,
    };
    ExitCode::from(code)
}

/// What the command line says; or the exit code, where there is nothing to run.
fn parse(arguments: Vec<OsString>) -> Result<Settings, u8> {
    let mut settings = Settings::default();
    let mut rest = arguments.into_iter();
    let program = loop {
        let Some(argument) = rest.next() else { return Err(usage("no file given")) };
        let Some(text) = argument.to_str() else { break Program::File(argument.into()) };
        match text {
            "-" => break Program::Input,
            "-h" | "--help" => return Err(print(HELP)),
            "-V" | "--version" => return Err(print(concat!("pyrvm ", env!("CARGO_PKG_VERSION"), "\n"))),
            "--stdlib" => match rest.next() {
                Some(folder) => settings.stdlib = Some(PathBuf::from(folder)),
                None => return Err(usage("--stdlib needs a folder")),
            },
            _ if text.starts_with("--") => return Err(usage(&format!("unknown option {text}"))),
            _ if text.starts_with('-') => match short(text, &mut rest, &mut settings)? {
                Some(program) => break program,
                None => continue,
            },
            _ => break Program::File(argument.into()),
        }
    };
    settings.program = program;
    settings.arguments = rest.map(|it| it.to_string_lossy().into_owned()).collect();
    Ok(settings)
}

/// Options of one letter, several of which may stand together.
fn short(
    text: &str,
    rest: &mut impl Iterator<Item = OsString>,
    settings: &mut Settings,
) -> Result<Option<Program>, u8> {
    for (index, letter) in text.char_indices().skip(1) {
        let mut value = || {
            let own = &text[index + letter.len_utf8()..];
            if own.is_empty() {
                rest.next().map(|it| it.to_string_lossy().into_owned())
            } else {
                Some(own.into())
            }
        };
        match letter {
            'c' | 'm' | 'W' | 'X' => {
                let Some(value) = value() else {
                    return Err(usage(&format!("argument expected for the -{letter} option")));
                };
                match letter {
                    'c' => return Ok(Some(Program::Command(value))),
                    'm' => return Ok(Some(Program::Module(value))),
                    _ => return Ok(None),
                }
            }
            'B' => settings.no_bytecode = true,
            'O' => settings.optimize = (settings.optimize + 1).min(2),
            'E' => settings.ignore_environment = true,
            'P' => settings.safe_path = true,
            'I' => {
                settings.ignore_environment = true;
                settings.safe_path = true;
            }
            'x' => settings.skip_first_line = true,
            'q' | 's' | 'S' | 'u' | 'v' | 'b' | 'd' => {}
            _ => return Err(usage(&format!("unknown option -{letter}"))),
        }
    }
    Ok(None)
}

fn run(settings: Settings) -> u8 {
    let program = move || {
        let (status, message) = pyrvm::start::run(settings);
        if let Some(message) = message {
            complain(&message);
        }
        status
    };
    match std::thread::Builder::new().stack_size(STACK).spawn(program) {
        Ok(thread) => thread.join().unwrap_or(101),
        Err(error) => {
            complain(&format!("no thread to run in: {error}"));
            ExitStatus::Unreadable as u8
        }
    }
}

fn print(text: &str) -> u8 {
    // A reader that went away has seen what it wanted.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    ExitStatus::Success as u8
}

fn usage(message: &str) -> u8 {
    complain(&format!("{message}; try pyrvm --help"));
    ExitStatus::Usage as u8
}

/// Says on standard error what is wrong.
fn complain(message: &str) {
    // When standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "pyrvm: {message}");
}
