//! `pyrsc run`: compiles in memory and runs, by the `pyrvm` executable.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use super::{ExitStatus, report, vm};

/// Run a program on pyrvm, without a Python
///
/// FILE is a source, which is compiled in memory, a .pyc, a bundle, or a folder with a __main__ module; - is a source on
/// standard input. The exit status is the program's.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Options of pyrvm (-c COMMAND, -m MODULE and others) may stand in place of FILE, behind --."
)]
pub struct Args {
    /// The pyrvm to run it with; otherwise that beside pyrsc, or on PATH
    #[arg(long, value_name = "PATH")]
    vm: Option<PathBuf>,
    /// Leave out assertions; twice, documentation strings too
    #[arg(short = 'O', action = clap::ArgAction::Count)]
    optimize: u8,
    /// The program
    #[arg(value_name = "FILE", required = true)]
    file: OsString,
    /// Its arguments
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let program = match vm::find(args.vm.as_deref()) {
        Ok(program) => program,
        Err(message) => {
            report::complain(&message);
            return ExitStatus::Trouble;
        }
    };
    let mut command = Command::new(&program);
    for _ in 0..args.optimize.min(2) {
        command.arg("-O");
    }
    command.arg(&args.file).args(&args.arguments);
    start(command, &program)
}

/// This process becomes the program, so that its signals and its exit status are its own.
#[cfg(unix)]
fn start(mut command: Command, program: &std::path::Path) -> ExitStatus {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    report::complain(&format!("{} does not start: {error}", program.display()));
    ExitStatus::Trouble
}

#[cfg(not(unix))]
#[expect(clippy::exit, reason = "the program's exit status may be any")]
fn start(mut command: Command, program: &std::path::Path) -> ExitStatus {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => {
            report::complain(&format!("{} does not start: {error}", program.display()));
            ExitStatus::Trouble
        }
    }
}
