//! From flags to a plan.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::super::python::{self, Choice, Interpreter};
use super::super::report;
use super::{Args, InvalidationMode, Purpose};
use crate::batch::{Invalidation, Layout, Plan, Recorded, Root, Skip, WarningFilters};

/// A plan, and what the command line needs to know besides.
pub(super) struct Request {
    pub(super) plan: Plan,
    pub(super) choice: Choice,
    pub(super) purpose: Purpose,
    pub(super) quiet: u8,
    pub(super) verbose: bool,
}

/// Why there is no plan.
pub(super) enum Stop {
    /// This is wrong.
    Wrong(String),
    /// The list of files cannot be read: `compileall`'s words, for standard output, and exit code 1.
    NoList(String),
}

impl From<String> for Stop {
    fn from(message: String) -> Stop {
        Stop::Wrong(message)
    }
}

impl Request {
    pub(super) fn new(args: &Args) -> Result<Request, Stop> {
        let levels = levels(args)?;
        let skip = args.skip.as_deref().map(skip).transpose()?;
        let warnings = filters(args);
        let interpreter = args.python.as_deref().map(Interpreter::ask).transpose()?;
        let roots = roots(args, interpreter.as_ref())?;
        let choice = choose(args, interpreter.as_ref(), &roots)?;
        let purpose = match (args.check, args.dry_run) {
            (true, _) => Purpose::Check,
            (false, true) => Purpose::DryRun,
            (false, false) => Purpose::Compile,
        };
        let plan = Plan {
            roots,
            levels,
            layout: if args.legacy { Layout::Legacy } else { Layout::Cache },
            out: args.out.clone(),
            invalidation: invalidation(args),
            force: args.force,
            recorded: recorded(args),
            skip,
            limit_links: args.limit_links.clone().filter(|folder| !folder.as_os_str().is_empty()),
            hardlink_dupes: args.hardlink_dupes,
            warnings,
            workers: usize::from(args.workers),
            action: purpose.action(),
            ..Plan::new(choice.target)
        };
        Ok(Request { plan, choice, purpose, quiet: args.quiet, verbose: args.verbose })
    }
}

fn levels(args: &Args) -> Result<Vec<u8>, String> {
    // −1 is "the interpreter's own level", and ours is 0.
    let mut levels: Vec<u8> = args.levels.iter().map(|&level| level.max(0) as u8).collect();
    if levels.is_empty() {
        levels.push(0);
    }
    levels.sort_unstable();
    levels.dedup();
    if args.hardlink_dupes && levels.len() < 2 {
        return Err(
            "Hardlinking of duplicated bytecode makes sense only for more than one optimization level."
                .into(),
        );
    }
    Ok(levels)
}

fn invalidation(args: &Args) -> Invalidation {
    match args.invalidation_mode {
        Some(InvalidationMode::CheckedHash) => Invalidation::CheckedHash,
        Some(InvalidationMode::UncheckedHash) => Invalidation::UncheckedHash,
        Some(InvalidationMode::Timestamp) => Invalidation::Timestamp,
        None => match std::env::var_os("SOURCE_DATE_EPOCH") {
            Some(value) if !value.is_empty() => Invalidation::CheckedHash,
            _ => Invalidation::Timestamp,
        },
    }
}

fn recorded(args: &Args) -> Recorded {
    let bytes = |text: &OsString| text.as_encoded_bytes().to_vec();
    match (&args.ddir, &args.stripdir, &args.prependdir) {
        (Some(folder), _, _) => Recorded::Below(bytes(folder)),
        (None, None, None) => Recorded::Source,
        (None, strip, prepend) => {
            Recorded::Moved { strip: strip.as_ref().map(bytes), prepend: prepend.as_ref().map(bytes) }
        }
    }
}

/// `-x`: `re.search` on the path.
fn skip(pattern: &str) -> Result<Skip, String> {
    let regex = fancy_regex::Regex::new(&translated(pattern))
        .map_err(|error| format!("-x: not a regular expression: {error}"))?;
    // A pattern that backtracks beyond all measure finds nothing.
    Ok(Box::new(move |path| regex.is_match(&*path.to_string_lossy()).unwrap_or(false)))
}

/// Python's `\Z` is the very end, which the crate writes `\z` (its own `\Z` allows a newline after it).
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            match chars.next() {
                Some('Z') => out.push('z'),
                other => out.extend(other),
            }
        }
    }
    out
}

fn filters(args: &Args) -> WarningFilters {
    let mut filters = WarningFilters::default();
    for option in &args.warnings {
        if let Err(why) = filters.add(option) {
            report::complain(&format!("Invalid -W option ignored: {why}"));
        }
    }
    filters
}

fn roots(args: &Args, interpreter: Option<&Interpreter>) -> Result<Vec<Root>, Stop> {
    let levels = match (args.recursion, args.no_recursion) {
        (Some(levels), _) => Some(u32::try_from(levels.max(0)).unwrap_or(u32::MAX)),
        (None, true) => Some(0),
        (None, false) => None,
    };
    let mut paths = args.paths.clone();
    if let Some(list) = &args.list {
        match read_list(list) {
            Ok(listed) => paths.extend(listed),
            Err(_) => return Err(Stop::NoList(format!("Error reading file list {}", list.display()))),
        }
    }
    if !paths.is_empty() || args.list.is_some() {
        return Ok(paths.into_iter().map(|path| Root { path, levels }).collect());
    }
    match interpreter {
        Some(interpreter) => {
            let folders = interpreter.path.iter().filter(|path| path.as_os_str() != ".");
            Ok(folders.map(|path| Root { path: path.clone(), levels: Some(levels.unwrap_or(0)) }).collect())
        }
        None => Err(Stop::Wrong(
            "nothing to compile: give a PATH, or --python EXE for the sys.path of an interpreter".to_owned(),
        )),
    }
}

/// The lines of a file or of standard input, without the space around them; empty ones are left out.
fn read_list(file: &Path) -> io::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(file)?;
    }
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    Ok(lines.filter(|line| !line.is_empty()).map(python::path_of).collect())
}

fn choose(args: &Args, interpreter: Option<&Interpreter>, roots: &[Root]) -> Result<Choice, String> {
    if let Some(target) = args.target {
        return Ok(Choice { target, origin: "--target".into() });
    }
    let (Some(interpreter), Some(executable)) = (interpreter, &args.python) else {
        return python::guess(roots.iter().map(|root| root.path.as_path()));
    };
    let origin = executable.to_string_lossy().into_owned();
    match interpreter.target {
        Some(target) => Ok(Choice { target, origin }),
        None => Err(format!(
            "{origin} is Python {}, which is no target; there are {}",
            interpreter.release,
            python::supported()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn only_the_end_of_text_is_spelled_differently() {
        assert_eq!(translated(r"a\Z|\\Z"), r"a\z|\\Z");
        assert_eq!(translated("tail\\"), "tail\\");
    }
}
