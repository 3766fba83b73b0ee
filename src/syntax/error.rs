//! From a parser that failed to the exception that CPython raises.

use super::parser::{Failure, Parser};
use super::{ParseOptions, messages};
use crate::source::{ExceptionKind, SourceError};

/// Why `parser` failed on `text`.
///
/// What the parser has a message of its own for (errors inside literals, limits) is reported as it is. For
/// anything else the text is read again by [`messages`], which knows what CPython says of invalid programs.
#[cold]
pub fn explain(parser: &mut Parser<'_, '_>, text: &str, options: &ParseOptions) -> SourceError {
    let failure = parser.take_failure();
    if failure.as_ref().is_none_or(|failure| failure.kind == ExceptionKind::SyntaxError)
        && let Some(error) = messages::before_tree(text, options, parser.lexer().options())
    {
        return error;
    }
    match (failure, parser.failed_field()) {
        (None, Some(field)) => messages::diagnose_field(text, &field, options, parser.lexer().options()),
        (Some(failure), _) => {
            let later = match failure.kind {
                ExceptionKind::SyntaxError => {
                    messages::after(text, parser.lexer().pos(), options, parser.lexer().options())
                }
                _ => None,
            };
            later.unwrap_or_else(|| from_failure(&failure, text))
        }
        (None, None) => messages::diagnose(text, options, parser.lexer().options()),
    }
}

/// The error for a text whose offsets are no 32-bit numbers.
#[cold]
pub fn too_large() -> SourceError {
    SourceError::without_location(
        ExceptionKind::OverflowError,
        "Parser column offset overflow - source is too big".to_owned(),
    )
}

/// The exception of a failure: columns become counts of characters from 1, and its line is quoted.
pub fn from_failure(failure: &Failure, text: &str) -> SourceError {
    let mut error = SourceError::without_location(failure.kind, failure.message.clone());
    let Some(location) = failure.location else { return error };
    let line = line_text(text, location.line, failure.lexer_line <= location.line);
    let column = |col: i32| match usize::try_from(col) {
        Ok(col) => {
            let seen = &line.as_bytes()[..line.len().min(col)];
            String::from_utf8_lossy(seen).chars().count() as i32 + 1
        }
        Err(_) => 0,
    };
    error.lineno = Some(location.line);
    error.offset = Some(column(location.col));
    error.end_lineno = Some(location.end_line);
    error.end_offset = Some(column(location.end_col));
    error.text = Some(line.as_bytes().to_vec());
    error
}

/// The text of a line; with its newline, if that is wanted and there is one.
fn line_text(text: &str, line: i32, newline: bool) -> &str {
    let Ok(index) = usize::try_from(line - 1) else { return "" };
    let found = text.split_inclusive('\n').nth(index).unwrap_or_default();
    if newline { found } else { found.strip_suffix('\n').unwrap_or(found) }
}
