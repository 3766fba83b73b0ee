//! `pyrsc tokens`: the tokens of a source file, as `python -m tokenize` prints them.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::ast::{choose_target, read};
use super::{ExitStatus, output, python, report};
use crate::syntax::tokens::{self, Origin};
use crate::target::Target;

/// Show the tokens of a source file as `python -m tokenize` of the target does.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The source file; `-` is standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Show the exact names of operators
    #[arg(short, long)]
    exact: bool,
    /// The Python release whose tokens are shown, 3.13 or 3.14.2 for instance
    #[arg(long, value_name = "VERSION", value_parser = python::parse_target)]
    target: Option<Target>,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let target = match choose_target(args.target, &args.file) {
        Ok(target) => target,
        Err(message) => {
            report::complain(&message);
            return ExitStatus::Trouble;
        }
    };
    let bytes = match read(&args.file) {
        Ok((bytes, _)) => bytes,
        Err(error) => {
            report::complain_about(&args.file, &report::os_error(&error));
            return ExitStatus::Trouble;
        }
    };
    let filename = args.file.to_string_lossy();
    let (origin, filename) = if args.file == Path::new("-") {
        (Origin::StandardInput, "<stdin>")
    } else {
        (Origin::File(&filename), &*filename)
    };
    let (mut text, mut warnings) = (String::new(), Vec::new());
    let result = tokens::print(&bytes, origin, target, args.exact, &mut text, &mut warnings);
    report::warnings("<string>", None, &warnings);
    let printed = output::stdout(|out| {
        out.write_all(text.as_bytes())?;
        Ok(ExitStatus::Success)
    });
    match result {
        Ok(()) => printed,
        Err(error) => {
            // When standard error is closed there is nobody left to tell.
            let _ = writeln!(std::io::stderr().lock(), "{}", error.display(filename));
            ExitStatus::Failure.max(printed)
        }
    }
}
