//! The report as one JSON document.
//!
//! ```text
//! { "schema": 1,
//!   "purpose": "compile" | "check" | "dry-run",
//!   "target": { "version": "3.13.2", "origin": "--target", "verified": false },
//!   "folders": [ { "path": …, "error": "PermissionError: [Errno 13] Permission denied" } ],
//!   "files": [ {
//!       "path": …, "recorded": …,
//!       "status": "compiled" | "up-to-date" | "stale" | "failed" | "skipped",
//!       "outputs": [ { "path": …, "optimization": 0 } ],
//!       "warnings": [ { "category": "SyntaxWarning", "message": …, "line": 3 } ],
//!       "error": null | { "kind": "source", "type": "SyntaxError", "message": …, "line": 1, "offset": 5,
//!                         "end_line": 1, "end_offset": 6, "text": … }
//!                     | { "kind": "io" | "target" | "internal", "message": … } } ],
//!   "summary": { "files": 3, "compiled": 1, "up_to_date": 0, "stale": 0, "failed": 2, "skipped": 0,
//!                "seconds": 0.003 } }
//! ```
//!
//! `folders` has those that could not be listed only. Names that are no UTF-8 have the lone surrogates of
//! Python's `os.fsdecode`, as `\udcXX`; `json.loads` and `os.fsencode` give the bytes back.

use std::io::{self, Write};
use std::path::Path;

use super::super::report::{category_name, exception_name, os_error};
use super::options::Request;
use super::text::failure_line;
use super::{Counts, Purpose};
use crate::batch::{Failure, FileReport, Outcome, Output, Report};
use crate::source::SourceError;

/// Version of the document's form; it changes when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

/// Writes the document and a newline.
pub(super) fn write(
    out: &mut dyn Write,
    request: &Request,
    report: &Report,
    counts: &Counts,
    seconds: f64,
) -> io::Result<()> {
    let purpose = match request.purpose {
        Purpose::Compile => "compile",
        Purpose::Check => "check",
        Purpose::DryRun => "dry-run",
    };
    let version = request.choice.target.to_string();
    write!(
        out,
        "{{\"schema\": {SCHEMA}, \"purpose\": \"{purpose}\", \"target\": {{\"version\": \"{version}\""
    )?;
    let (origin, verified) = (string(request.choice.origin.as_bytes()), request.choice.target.is_verified());
    writeln!(out, ", \"origin\": {origin}, \"verified\": {verified}}},")?;
    write!(out, "\"folders\": [")?;
    let failed = report.folders().filter_map(|folder| Some((&folder.path, folder.error.as_ref()?)));
    for (index, (path, error)) in failed.enumerate() {
        separate(out, index)?;
        write!(
            out,
            "{{\"path\": {}, \"error\": {}}}",
            path_string(path),
            string(os_error(error).as_bytes())
        )?;
    }
    write!(out, "],\n\"files\": [")?;
    for (index, file) in report.files().enumerate() {
        separate(out, index)?;
        write_file(out, file, &report.outputs(&request.plan, file))?;
    }
    writeln!(
        out,
        "],\n\"summary\": {{\"files\": {}, \"compiled\": {}, \"up_to_date\": {}, \"stale\": {}, \"failed\": {}, \
         \"skipped\": {}, \"seconds\": {seconds:.3}}}}}",
        counts.files(),
        counts.compiled,
        counts.fresh,
        counts.stale,
        counts.failed,
        counts.skipped
    )
}

fn separate(out: &mut dyn Write, index: usize) -> io::Result<()> {
    out.write_all(if index == 0 { b"\n  " } else { b",\n  " })
}

fn write_file(out: &mut dyn Write, file: &FileReport, outputs: &[Output]) -> io::Result<()> {
    let (status, failure) = match &file.outcome {
        Outcome::Written => ("compiled", None),
        Outcome::Fresh => ("up-to-date", None),
        Outcome::Stale => ("stale", None),
        Outcome::Skipped => ("skipped", None),
        Outcome::Failed(failure) => ("failed", Some(failure)),
    };
    write!(out, "{{\"path\": {}, \"recorded\": {}", path_string(&file.path), string(file.recorded()))?;
    write!(out, ", \"status\": \"{status}\", \"outputs\": [")?;
    for (index, output) in outputs.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(
            out,
            "{comma}{{\"path\": {}, \"optimization\": {}}}",
            path_string(&output.path),
            output.level
        )?;
    }
    write!(out, "], \"warnings\": [")?;
    for (index, shown) in file.warnings.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let (category, warning) = (category_name(shown.warning.category), &shown.warning);
        let message = string(warning.message.as_bytes());
        write!(
            out,
            "{comma}{{\"category\": \"{category}\", \"message\": {message}, \"line\": {}}}",
            warning.lineno
        )?;
    }
    write!(out, "], \"error\": ")?;
    match failure {
        None => write!(out, "null")?,
        Some(failure) => write_failure(out, failure)?,
    }
    write!(out, "}}")
}

fn write_failure(out: &mut dyn Write, failure: &Failure) -> io::Result<()> {
    let kind = match failure {
        Failure::Source(failure) => return write_source_error(out, &failure.error),
        Failure::Io { .. } => "io",
        Failure::TargetIsSymlink(_) | Failure::TargetIsIrregular(_) | Failure::TargetTaken { .. } => "target",
        Failure::Internal(_) => "internal",
    };
    write!(out, "{{\"kind\": \"{kind}\", \"message\": {}}}", string(failure_line(failure).as_bytes()))
}

fn write_source_error(out: &mut dyn Write, error: &SourceError) -> io::Result<()> {
    let number = |value: Option<i32>| value.map_or_else(|| "null".to_owned(), |value| value.to_string());
    write!(
        out,
        "{{\"kind\": \"source\", \"type\": \"{}\", \"message\": {}, \"line\": {}, \"offset\": {}, \"end_line\": {}, \
         \"end_offset\": {}, \"text\": {}}}",
        exception_name(error.kind),
        string(error.message.as_bytes()),
        number(error.lineno),
        number(error.offset),
        number(error.end_lineno),
        number(error.end_offset),
        error.text.as_deref().map_or_else(|| "null".to_owned(), string),
    )
}

fn path_string(path: &Path) -> String {
    string(path.as_os_str().as_encoded_bytes())
}

/// A JSON string of text that may be no UTF-8, or have lone surrogates as three-byte sequences.
fn string(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c < ' ' || c == '\x7f' => {
                    let _ = write!(out, "\\u{:04x}", c as u32);
                }
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\udc{byte:02x}");
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn strings_are_valid_json_and_keep_every_byte() {
        assert_eq!(string("a\"\\\n\x01é".as_bytes()), "\"a\\\"\\\\\\n\\u0001é\"");
        assert_eq!(string(b"a\xffb"), "\"a\\udcffb\"");
    }
}
