//! The command line: argument parsing, colours, progress and exit codes. Nobody imports it but `main`.
//!
//! Each command is one file (with submodules when it needs them) that has
//!
//! * `pub struct Args`, deriving `clap::Args`: the doc comment of the struct is the command's help, that of
//!   each field the help of its flag;
//! * `pub fn run(args: Args) -> ExitStatus`.
//!
//! To add a command, add its `mod`, a variant of `Command` and an arm in `Command::run`. A command
//! that colours its output flattens [`ColorArgs`]. Output goes through [`output::stdout`], so that a reader
//! that stops early (`| head`) is no error; complaints go through [`report`], which prefixes them with the
//! program's name. Nothing here prints with macros, and only `main` ends the process.
//!
//! Exit codes are those of [`ExitStatus`] for every command.

pub mod ast;
pub mod bundle;
pub mod color;
pub mod compile;
pub mod diff;
pub mod dis;
pub mod info;
pub mod load;
pub mod output;
pub mod python;
pub mod report;
pub mod roundtrip;
pub mod run;
pub mod tokens;
pub mod vm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use color::ColorArgs;

/// How a command ended: the process's exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ExitStatus {
    /// 0: all is well; nothing failed, nothing differs, nothing is stale.
    Success = 0,
    /// 1: the command did its work, and some of it failed or the answer is "no": a file that does not
    /// compile or cannot be read or written, a stale `.pyc` under `--check`, a difference.
    Failure = 1,
    /// 2: the command could not start its work: wrong usage, a missing interpreter, an input that makes
    /// the question meaningless.
    Trouble = 2,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Compiles Python source to the bytes that CPython would write, and reads, compares and checks .pyc files.
#[derive(Parser, Debug)]
#[command(
    name = "pyrsc",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Exit status: 0 all well, 1 some of it failed or differs, 2 wrong usage or no way to start."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One variant for each file of this folder that is a command.
#[derive(Subcommand, Debug)]
enum Command {
    Compile(compile::Args),
    Bundle(bundle::Args),
    Run(run::Args),
    Dis(dis::Args),
    Diff(diff::Args),
    Info(info::Args),
    Roundtrip(roundtrip::Args),
    Tokens(tokens::Args),
    Ast(ast::Args),
}

impl Command {
    fn run(self) -> ExitStatus {
        match self {
            Command::Compile(args) => compile::run(args),
            Command::Bundle(args) => bundle::run(args),
            Command::Run(args) => run::run(args),
            Command::Dis(args) => dis::run(args),
            Command::Diff(args) => diff::run(args),
            Command::Info(args) => info::run(args),
            Command::Roundtrip(args) => roundtrip::run(args),
            Command::Tokens(args) => tokens::run(args),
            Command::Ast(args) => ast::run(args),
        }
    }
}

/// A panic is a fault of ours. What catches it names the file; this says where in the program it was.
fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        report::complain(&format!("internal error{place} (please report it)"));
    }));
}

/// Parses the process's arguments, runs the command and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error).into(),
    };
    quiet_panics();
    if let Command::Compile(args) = cli.command {
        // Its workers have such stacks, and it is faster while it is alone: see `batch::run`.
        return compile::run(args).into();
    }
    let command = move || cli.command.run();
    match std::thread::Builder::new()
        .name("main".into())
        .stack_size(crate::compile::STACK_BYTES)
        .spawn(command)
    {
        Ok(thread) => thread.join().unwrap_or(ExitStatus::Trouble).into(),
        Err(error) => {
            report::complain(&format!("cannot start a thread: {error}"));
            ExitStatus::Trouble.into()
        }
    }
}

/// Prints what clap has to say: help and version are successes on standard output, the rest is wrong usage.
fn usage(error: &clap::Error) -> ExitStatus {
    // When the stream is closed there is nobody left to tell.
    let _ = error.print();
    if error.use_stderr() { ExitStatus::Trouble } else { ExitStatus::Success }
}
