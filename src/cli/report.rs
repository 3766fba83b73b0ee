//! Complaints: one-line errors of the program itself, and CPython's own display of a program's errors.

use std::io::{self, Write};
use std::path::Path;

use super::color::Palette;
use crate::source::{ExceptionKind, SourceError, Warning, WarningCategory};

/// Says on standard error what is wrong, after the program's name.
pub fn complain(message: &str) {
    // When standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "pyrsc: {message}");
}

/// Says on standard error what is wrong with `path`.
pub fn complain_about(path: &Path, message: &str) {
    complain(&format!("{}: {message}", path.display()));
}

/// Writes `error` the way CPython's `traceback.format_exception_only` shows it, with `filename` as the
/// recorded name: for a `SyntaxError` and its subclasses the `File "…", line …` line, the source line and
/// the carets, then the exception itself; for the others the last line alone.
///
/// # Errors
/// Those of `out`.
pub fn source_error(
    out: &mut dyn Write,
    filename: &[u8],
    error: &SourceError,
    palette: &Palette,
) -> io::Result<()> {
    let is_syntax = matches!(
        error.kind,
        ExceptionKind::SyntaxError | ExceptionKind::IndentationError | ExceptionKind::TabError
    );
    if is_syntax && let Some(lineno) = error.lineno {
        let p = palette.place;
        write!(out, "  File {p}\"")?;
        out.write_all(filename)?;
        writeln!(out, "\"{p:#}, line {p}{lineno}{p:#}")?;
        if let Some(text) = &error.text {
            source_line(out, text, error, palette)?;
        }
    }
    let p = palette.error;
    write!(out, "{p}{}{p:#}", exception_name(error.kind))?;
    if error.message.is_empty() { writeln!(out) } else { writeln!(out, ": {}", error.message) }
}

/// Says on standard error what the compiler warns of, as Python shows it where nobody asked for more: each
/// syntax warning once a line, with that line of the source where there is a file to look it up in.
pub fn warnings(filename: &str, source: Option<&str>, warnings: &[Warning]) {
    let mut shown: Vec<&Warning> = Vec::new();
    for warning in warnings.iter().filter(|warning| warning.category == WarningCategory::SyntaxWarning) {
        if shown.iter().any(|known| known.lineno == warning.lineno && known.message == warning.message) {
            continue;
        }
        shown.push(warning);
        let (category, lineno) = (category_name(warning.category), warning.lineno);
        let mut text = format!("{filename}:{lineno}: {category}: {}\n", warning.message);
        let line = usize::try_from(lineno - 1).ok().and_then(|index| source?.lines().nth(index));
        if let Some(line) = line.map(str::trim).filter(|line| !line.is_empty()) {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
        // When standard error is closed there is nobody left to tell.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// The name of the class that CPython raises.
pub fn exception_name(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::SyntaxError => "SyntaxError",
        ExceptionKind::IndentationError => "IndentationError",
        ExceptionKind::TabError => "TabError",
        ExceptionKind::OverflowError => "OverflowError",
        ExceptionKind::RecursionError => "RecursionError",
        ExceptionKind::MemoryError => "MemoryError",
        ExceptionKind::ValueError => "ValueError",
        ExceptionKind::UnicodeDecodeError => "UnicodeDecodeError",
        ExceptionKind::SystemError => "SystemError",
    }
}

/// The name of a warning's class.
pub fn category_name(category: WarningCategory) -> &'static str {
    match category {
        WarningCategory::SyntaxWarning => "SyntaxWarning",
        WarningCategory::DeprecationWarning => "DeprecationWarning",
    }
}

/// A system call's error as Python shows an `OSError` of the same number, without the path:
/// `PermissionError: [Errno 13] Permission denied`.
pub fn os_error(error: &io::Error) -> String {
    let class = match error.kind() {
        io::ErrorKind::NotFound => "FileNotFoundError",
        io::ErrorKind::PermissionDenied => "PermissionError",
        io::ErrorKind::AlreadyExists => "FileExistsError",
        io::ErrorKind::NotADirectory => "NotADirectoryError",
        io::ErrorKind::IsADirectory => "IsADirectoryError",
        _ => "OSError",
    };
    let text = error.to_string();
    match error.raw_os_error() {
        Some(number) => {
            let suffix = format!(" (os error {number})");
            format!("{class}: [Errno {number}] {}", text.strip_suffix(&suffix).unwrap_or(&text))
        }
        None => format!("{class}: {text}"),
    }
}

/// Bytes of a path as Python's `repr` shows the string that `os.fsdecode` makes of them.
pub fn python_repr(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push(quote);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            // Writing to a string cannot fail.
            let _ = match c {
                '\n' => out.write_str("\\n"),
                '\r' => out.write_str("\\r"),
                '\t' => out.write_str("\\t"),
                c if c == quote || c == '\\' => write!(out, "\\{c}"),
                c if c < ' ' || ('\x7f'..='\u{a0}').contains(&c) || c == '\u{ad}' => {
                    write!(out, "\\x{:02x}", c as u32)
                }
                c => out.write_char(c),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\udc{byte:02x}");
        }
    }
    out.push(quote);
    out
}

/// The source line without its indentation, and the carets below it: the rules of `traceback` (3.13,
/// `TracebackException._format_syntax_error`) for where they stand and how many there are.
fn source_line(out: &mut dyn Write, text: &[u8], error: &SourceError, palette: &Palette) -> io::Result<()> {
    let text = String::from_utf8_lossy(text);
    let line = text.trim_end_matches('\n');
    let shown: Vec<char> = line.trim_start_matches([' ', '\n', '\x0c']).chars().collect();
    let width = line.chars().count() as i64;
    let stripped = width - shown.len() as i64;
    let length = text.chars().count() as i64;

    let carets = error.offset.and_then(|offset| {
        let mut start = i64::from(offset);
        let mut end = match error.end_offset {
            // Only the first line is shown: the carets go on to its end.
            _ if error.end_lineno != error.lineno => width + 1,
            None | Some(0) => start,
            Some(end) => i64::from(end),
        };
        if length > 0 && start > length {
            start = width + 1;
        }
        if length > 0 && end > length {
            end = width + 1;
        }
        if start >= end || end < 0 {
            end = start + 1;
        }
        let first = usize::try_from(start - 1 - stripped).ok()?;
        Some((first, (end - start) as usize))
    });
    let Some((first, count)) = carets else {
        return writeln!(out, "    {}", shown.iter().collect::<String>());
    };
    let middle = first.min(shown.len());
    let after = (first + count).min(shown.len());
    let text = |range: std::ops::Range<usize>| shown[range].iter().collect::<String>();
    let p = palette.caret;
    writeln!(out, "    {}{p}{}{p:#}{}", text(0..middle), text(middle..after), text(after..shown.len()))?;
    // A tab stays a tab, so that the carets stand below what they point at.
    let indent: String = shown[..middle].iter().map(|&c| if c.is_whitespace() { c } else { ' ' }).collect();
    writeln!(out, "    {indent}{p}{}{p:#}", "^".repeat(count))
}

#[cfg(test)]
mod tests;
