//! The report as text.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use super::super::color::Palette;
use super::super::report::{category_name, os_error, python_repr, source_error};
use super::options::Request;
use super::{Counts, Purpose};
use crate::batch::{Entry, Failure, FileReport, FolderReport, Outcome, Report, Root};

/// Could a folder that is there not be listed? A root that is missing is none: `compileall` says so and
/// counts it as no failure.
pub(super) fn is_unreadable(folder: &FolderReport, roots: &[Root]) -> bool {
    let Some(error) = &folder.error else { return false };
    let missing = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    !(missing && roots.iter().any(|root| root.path == folder.path))
}

/// What `compileall` writes to standard output.
pub(super) fn results(
    out: &mut dyn Write,
    request: &Request,
    report: &Report,
    palette: &Palette,
) -> io::Result<()> {
    if request.quiet >= 2 {
        return Ok(());
    }
    strip_remark(out, request, report)?;
    for entry in &report.entries {
        match entry {
            Entry::Folder(folder) => {
                if request.verbose {
                    writeln!(out, "Listing {}...", path_repr(&folder.path))?;
                }
                if let Some(error) = &folder.error {
                    let p = palette.error;
                    write!(out, "{p}Can't list{p:#} {}", path_repr(&folder.path))?;
                    if is_unreadable(folder, &request.plan.roots) {
                        write!(out, ": {}", os_error(error))?;
                    }
                    writeln!(out)?;
                }
            }
            Entry::File(file) => file_lines(out, request, file, palette)?,
        }
    }
    if report.interrupted {
        writeln!(out, "\n[interrupted]")?;
    }
    Ok(())
}

/// `compileall` says it for each file, which would be thousands of times the same.
fn strip_remark(out: &mut dyn Write, request: &Request, report: &Report) -> io::Result<()> {
    let mut ignored = report.files().filter(|file| file.strip_ignored);
    let Some(first) = ignored.next() else { return Ok(()) };
    let strip = match &request.plan.recorded {
        crate::batch::Recorded::Moved { strip: Some(strip), .. } => strip.clone(),
        _ => {
            let root = request.plan.roots.iter().find(|root| first.path.starts_with(&root.path));
            root.map(|root| root.path.as_os_str().as_encoded_bytes().to_vec()).unwrap_or_default()
        }
    };
    let more = match ignored.count() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    writeln!(
        out,
        "The stripdir path {} is not a valid prefix for source path {}{more}; ignoring",
        python_repr(&strip),
        path_repr(&first.path)
    )
}

fn file_lines(
    out: &mut dyn Write,
    request: &Request,
    file: &FileReport,
    palette: &Palette,
) -> io::Result<()> {
    let path = || path_repr(&file.path);
    let failure = match &file.outcome {
        Outcome::Fresh | Outcome::Skipped => return Ok(()),
        Outcome::Written => {
            return if request.verbose { writeln!(out, "Compiling {}...", path()) } else { Ok(()) };
        }
        Outcome::Stale => {
            return match request.purpose {
                _ if request.quiet > 0 => Ok(()),
                Purpose::DryRun => writeln!(out, "Would compile {}", path()),
                Purpose::Check | Purpose::Compile => writeln!(out, "Not up to date: {}", path()),
            };
        }
        Outcome::Failed(failure) => failure,
    };
    let p = palette.error;
    if request.verbose {
        write!(out, "Compiling {}...\n{p}***{p:#} ", path())?;
    } else {
        writeln!(out, "{p}*** Error compiling{p:#} {}...", path())?;
    }
    match failure {
        Failure::Source(failure) => {
            source_error(out, file.recorded(), &failure.error, palette)?;
            writeln!(out)
        }
        other => writeln!(out, "{}", failure_line(other)),
    }
}

/// A failure other than of the source, in one line: the exception that Python would raise.
pub(super) fn failure_line(failure: &Failure) -> String {
    match failure {
        Failure::Source(failure) => failure.error.message.clone(),
        Failure::Io { path, error } => format!("{}: {}", os_error(error), path_repr(path)),
        Failure::TargetIsSymlink(path) => format!(
            "FileExistsError: {} is a symlink and will be changed into a regular file if import writes a \
             byte-compiled file to it",
            path.display()
        ),
        Failure::TargetIsIrregular(path) => format!(
            "FileExistsError: {} is a non-regular file and will be changed into a regular one if import writes \
             a byte-compiled file to it",
            path.display()
        ),
        Failure::TargetTaken { path, other } => {
            format!("its {} is that of {} already", path_repr(path), path_repr(other))
        }
        Failure::Internal(message) => {
            format!("internal error: {message} (a fault of pyrsc, not of this file; please report it)")
        }
    }
}

/// What goes to standard error: the compiler's warnings, and the summary.
pub(super) fn remarks(
    out: &mut dyn Write,
    request: &Request,
    report: &Report,
    counts: &Counts,
    seconds: f64,
    palette: &Palette,
) -> io::Result<()> {
    warnings(out, report, palette)?;
    if request.quiet > 0 {
        return Ok(());
    }
    let p = palette.strong;
    let verb = match request.purpose {
        Purpose::Compile => format!("{p}{}{p:#} compiled", files(counts.compiled)),
        Purpose::Check => format!("{p}{}{p:#} not up to date", files(counts.stale)),
        Purpose::DryRun => format!("{p}{}{p:#} would be compiled", files(counts.stale)),
    };
    let unverified = if request.choice.target.is_verified() { "" } else { ", an unverified release" };
    write!(out, "{verb} for Python {} ({}{unverified})", request.choice.target, request.choice.origin)?;
    if counts.fresh > 0 {
        write!(out, ", {} up to date", grouped(counts.fresh))?;
    }
    let p = palette.error;
    if counts.failed > 0 {
        write!(out, ", {p}{} failed{p:#}", grouped(counts.failed))?;
    }
    if counts.unreadable > 0 {
        write!(out, ", {p}{} unreadable folders{p:#}", grouped(counts.unreadable))?;
    }
    if counts.skipped > 0 {
        write!(out, ", {} not reached", grouped(counts.skipped))?;
    }
    writeln!(out, " in {seconds:.2} s")
}

/// As `warnings.showwarning` writes them.
fn warnings(out: &mut dyn Write, report: &Report, palette: &Palette) -> io::Result<()> {
    let mut once = HashSet::new();
    for file in report.files() {
        for shown in &file.warnings {
            let category = category_name(shown.warning.category);
            if shown.once && !once.insert((category, shown.warning.message.as_str())) {
                continue;
            }
            let p = palette.place;
            write!(out, "{p}")?;
            out.write_all(file.recorded())?;
            write!(out, ":{}{p:#}: ", shown.warning.lineno)?;
            let p = palette.warning;
            writeln!(out, "{p}{category}{p:#}: {}", shown.warning.message)?;
            let line = shown.line.trim();
            if !line.is_empty() {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(())
}

/// A path as Python's `repr` shows it.
fn path_repr(path: &Path) -> String {
    python_repr(path.as_os_str().as_encoded_bytes())
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".into() } else { format!("{} files", grouped(count)) }
}

/// `12345` as `12,345`.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
