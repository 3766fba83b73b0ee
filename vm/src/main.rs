//! `pyrvm`: runs a `.pyc`, or compiles a source in memory and runs it.

use pyrvm::command::{self, Answer};
use pyrvm::start::{Program, Settings};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Bytes of native stack for the program: native code that calls back uses some for each call.
const STACK: usize = 1 << 28;
/// Small pieces of memory come from lists of free ones.
#[global_allocator]
static MEMORY: pyrvm::Small = pyrvm::Small;
/// There is no thread to run in.
const NO_THREAD: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let settings = match pyrvm::start::appended() {
        // A program stands behind this one in its file: the whole command line is that program's.
        Some(file) => Ok(Settings {
            program: Program::File(file),
            arguments: arguments.iter().map(|it| it.to_string_lossy().into_owned()).collect(),
            standalone: true,
            ..Settings::default()
        }),
        None => command::parse(arguments),
    };
    ExitCode::from(match settings {
        Ok(settings) => run(settings),
        Err(answer) => say(&answer),
    })
}

fn run(settings: Settings) -> u8 {
    let program = move || {
        let (status, message) = pyrvm::start::run(settings);
        if let Some(message) = message {
            complain(&message);
        }
        end(status)
    };
    match std::thread::Builder::new().stack_size(STACK).spawn(program) {
        Ok(thread) => {
            // The program's threads get signals, not this one.
            pyrvm::block_signals();
            thread.join().unwrap_or(101)
        }
        Err(error) => {
            complain(&format!("no thread to run in: {error}"));
            NO_THREAD
        }
    }
}

/// Ends the process from the program's thread: after a fork there is no other one.
#[expect(
    clippy::exit,
    reason = "threads of the program may run still, and the first thread may not be there"
)]
fn end(status: u8) -> u8 {
    std::process::exit(status.into())
}

fn say(answer: &Answer) -> u8 {
    // A reader that went away has seen what it wanted.
    let _ = match answer.code {
        0 => io::stdout().lock().write_all(answer.text.as_bytes()),
        _ => io::stderr().lock().write_all(answer.text.as_bytes()),
    };
    answer.code
}

/// Says on standard error what is wrong.
fn complain(message: &str) {
    // When standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "pyrvm: {message}");
}
