//! `pyrsc compile`: the flags of `python -m compileall`, and more.
//!
//! What a script that used `compileall` meets:
//!
//! * The same flags with the same meaning, the same recorded paths, and exit status 1 when a file failed.
//!   A PATH that is missing is said and is no failure, as there; a folder that exists and cannot be read is
//!   one, unlike there.
//! * Standard output has errors in `compileall -q`'s form and, with `-v`, the `Listing` and `Compiling` lines
//!   that `compileall` prints by default. The summary and warnings go to standard error, so that a pipe
//!   stays as quiet as `compileall -q`. `-q` leaves the summary out, `-qq` the errors too. Where `compileall`
//!   says `Sorry: IndentationError: …`, the line is shown as for a `SyntaxError`.
//! * By default all cores work (`compileall`: one), which does not change the result.
//! * `-i` with an empty list compiles nothing (`compileall`: the whole of `sys.path`).

mod json;
mod options;
mod progress;
mod text;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, ValueEnum};

use self::options::{Request, Stop};
use super::color::Palette;
use super::{ColorArgs, ExitStatus, output, report};
use crate::batch::{self, Action, Outcome};
use crate::target::Target;

/// Compile Python sources to .pyc files
///
/// Takes the flags of `python -m compileall`, and writes for each source the file that CPython of the target
/// release would write. Each .pyc is complete or not there: it is written beside its place and renamed.
#[derive(clap::Args, Debug)]
#[command(
    args_override_self = true,
    after_help = "\
Exit status: 0 all well; 1 some files failed, or are stale under --check; 2 wrong usage or no way to start.
A missing PATH is said and is no failure, as with compileall.

Without --target, the release is that of the pyvenv.cfg above PATH, else that of the python3 on PATH, \
else the newest supported one; the summary says which."
)]
pub struct Args {
    /// Files and folders to compile; without any, the sys.path of --python (as with -l)
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Don't recurse into subfolders
    #[arg(short = 'l')]
    no_recursion: bool,

    /// Recurse at most this many levels (takes precedence over -l)
    #[arg(short = 'r', value_name = "LEVELS", allow_negative_numbers = true)]
    recursion: Option<i64>,

    /// Compile what is up to date too
    #[arg(short, long)]
    force: bool,

    /// Print errors only, no summary; twice: no errors either
    #[arg(short, action = ArgAction::Count)]
    quiet: u8,

    /// Print a line for each folder and for each file that is compiled
    #[arg(short, long)]
    verbose: bool,

    /// Write mod.pyc beside each source instead of into __pycache__
    #[arg(short = 'b')]
    legacy: bool,

    /// Record the sources as being in this folder (in place of each PATH)
    #[arg(short = 'd', value_name = "DESTDIR", conflicts_with_all = ["stripdir", "prependdir"])]
    ddir: Option<OsString>,

    /// Strip these leading parts from the recorded paths
    #[arg(short = 's', value_name = "STRIPDIR")]
    stripdir: Option<OsString>,

    /// Prepend this to the recorded paths (after -s)
    #[arg(short = 'p', value_name = "PREPENDDIR")]
    prependdir: Option<OsString>,

    /// Skip files whose path this regular expression (Python's syntax) is found in
    #[arg(short = 'x', value_name = "REGEXP")]
    skip: Option<String>,

    /// Also compile the files and folders that this file lists, one a line; - for standard input
    #[arg(short = 'i', value_name = "FILE")]
    list: Option<PathBuf>,

    /// How many threads work; 0, the default, for one per core
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    workers: u16,

    /// Optimization level, 0, 1 or 2 (-1 is 0); can be given several times
    #[arg(short = 'o', value_name = "LEVEL", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(i8).range(-1..=2), action = ArgAction::Append)]
    levels: Vec<i8>,

    /// Skip symbolic links to files outside of this folder
    #[arg(short = 'e', value_name = "DIR")]
    limit_links: Option<PathBuf>,

    /// Make equal .pyc files of different optimization levels hard links
    #[arg(long)]
    hardlink_dupes: bool,

    /// What the .pyc files record of their sources [default: checked-hash if the environment variable
    /// SOURCE_DATE_EPOCH is set, else timestamp]
    #[arg(long, value_name = "MODE", value_enum)]
    invalidation_mode: Option<InvalidationMode>,

    /// Release to compile for, as 3.13 or 3.13.2
    #[arg(long, value_name = "VERSION", value_parser = super::python::parse_target)]
    target: Option<Target>,

    /// Interpreter to take the release from, and sys.path when there is no PATH
    #[arg(long, value_name = "EXE")]
    python: Option<OsString>,

    /// Put the .pyc files into a mirror of each PATH's tree below this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write nothing; exit with 1 if anything is not up to date
    #[arg(long)]
    check: bool,

    /// Write nothing; say what would be compiled
    #[arg(long, conflicts_with = "check")]
    dry_run: bool,

    /// What to print: text, or a JSON document on standard output
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Treat warnings of the compiler as python -W does: action:message:category:module:line
    #[arg(short = 'W', value_name = "FILTER", action = ArgAction::Append)]
    warnings: Vec<String>,

    /// When to show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    progress: ProgressChoice,

    #[command(flatten)]
    color: ColorArgs,
}

/// The value of `--invalidation-mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum InvalidationMode {
    /// Hash of the source, checked by each import
    CheckedHash,
    /// Modification time and size of the source
    Timestamp,
    /// Hash of the source, which imports believe
    UncheckedHash,
}

/// The value of `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The value of `--progress`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
enum ProgressChoice {
    /// On a terminal, when it takes more than a blink
    #[default]
    Auto,
    /// From the start; where there is no terminal, as a line each second
    Always,
    /// Never
    Never,
}

/// How many files ended how.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Counts {
    compiled: usize,
    fresh: usize,
    stale: usize,
    skipped: usize,
    failed: usize,
    /// Folders that are there and could not be read.
    unreadable: usize,
}

impl Counts {
    fn of(report: &batch::Report, roots: &[batch::Root]) -> Counts {
        let mut counts = Counts::default();
        for file in report.files() {
            match file.outcome {
                Outcome::Written => counts.compiled += 1,
                Outcome::Fresh => counts.fresh += 1,
                Outcome::Stale => counts.stale += 1,
                Outcome::Skipped => counts.skipped += 1,
                Outcome::Failed(_) => counts.failed += 1,
            }
        }
        counts.unreadable = report.folders().filter(|folder| text::is_unreadable(folder, roots)).count();
        counts
    }

    fn files(&self) -> usize {
        self.compiled + self.fresh + self.stale + self.skipped + self.failed
    }
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let request = match Request::new(&args) {
        Ok(request) => request,
        Err(Stop::Wrong(message)) => {
            report::complain(&message);
            return ExitStatus::Trouble;
        }
        Err(Stop::NoList(_)) if args.quiet >= 2 => return ExitStatus::Failure,
        Err(Stop::NoList(message)) => {
            return output::stdout(|out| writeln!(out, "{message}").map(|()| ExitStatus::Failure));
        }
    };
    let started = std::time::Instant::now();
    let progress = progress::Progress::start(args.progress, args.quiet > 0 || args.format == Format::Json);
    let result = batch::run(&request.plan, &progress);
    progress.end();
    let report = match result {
        Ok(report) => report,
        Err(error) => {
            report::complain(&format!("cannot start the workers: {error}"));
            return ExitStatus::Trouble;
        }
    };
    let counts = Counts::of(&report, &request.plan.roots);
    let seconds = started.elapsed().as_secs_f64();
    let stale_matters = args.check && counts.stale > 0;
    let failed = counts.failed > 0 || counts.unreadable > 0 || stale_matters || report.interrupted;
    let status = if failed { ExitStatus::Failure } else { ExitStatus::Success };
    let written = match args.format {
        Format::Json => output::stdout(|out| {
            json::write(out, &request, &report, &counts, seconds)?;
            Ok(status)
        }),
        Format::Text => {
            let palette = Palette::new(args.color.enabled(&std::io::stdout()));
            output::stdout(|out| {
                text::results(out, &request, &report, &palette)?;
                Ok(status)
            })
        }
    };
    let palette = Palette::new(args.color.enabled(&std::io::stderr()));
    // When standard error is closed there is nobody left to tell.
    let _ = match args.format {
        Format::Json => Ok(()),
        Format::Text => {
            text::remarks(&mut std::io::stderr().lock(), &request, &report, &counts, seconds, &palette)
        }
    };
    written.max(status)
}

/// What the command is about, for the summary and JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    Compile,
    Check,
    DryRun,
}

impl Purpose {
    fn action(self) -> Action {
        match self {
            Purpose::Compile => Action::Write,
            Purpose::Check | Purpose::DryRun => Action::List,
        }
    }
}
