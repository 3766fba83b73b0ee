//! From a parser that failed to the exception that CPython raises.

use super::parser::{Failure, Parser};
use super::token::TokenKind;
use crate::source::{ExceptionKind, Location, SourceError};

/// Why `parser` failed on `text`.
///
/// This is where the rules for invalid programs plug in: what is decided here is what CPython's parser
/// says without them, that is errors of the tokenizer, errors with a message of their own, unexpected
/// indentation, and "invalid syntax" at the token where the parser stopped.
#[cold]
pub fn explain(parser: &mut Parser<'_, '_>, text: &str) -> SourceError {
    if let Some(failure) = parser.take_failure() {
        return from_failure(&failure, text);
    }
    if let Some(error) = parser.lexer().error() {
        return error.to_source_error(text.as_bytes());
    }
    let token = *parser.token();
    let lexer = parser.lexer();
    let (line, col) = (token.line as i32, token.col as i32);
    let location = match token.kind {
        TokenKind::Newline => Location::new(line, col, line, col + 1),
        _ if lexer.line() == token.line => Location::new(line, col, line, lexer.col() as i32),
        _ => Location::new(line, col, lexer.line() as i32, lexer.col() as i32),
    };
    let (kind, message) = match token.kind {
        TokenKind::Indent => (ExceptionKind::IndentationError, "unexpected indent"),
        TokenKind::Dedent => (ExceptionKind::IndentationError, "unexpected unindent"),
        _ => (ExceptionKind::SyntaxError, "invalid syntax"),
    };
    from_failure(&Failure { kind, message: message.to_owned(), location: Some(location) }, text)
}

/// The exception of a failure: columns become counts of characters from 1, and its line is quoted.
pub fn from_failure(failure: &Failure, text: &str) -> SourceError {
    let mut error = SourceError {
        kind: failure.kind,
        message: failure.message.clone(),
        lineno: None,
        offset: None,
        end_lineno: None,
        end_offset: None,
        text: None,
    };
    let Some(location) = failure.location else { return error };
    let first = line_text(text, location.line);
    let column = |col: i32| match usize::try_from(col) {
        Ok(col) => {
            let col = col.min(first.len());
            String::from_utf8_lossy(&first.as_bytes()[..col]).chars().count() as i32 + 1
        }
        Err(_) => 0,
    };
    error.lineno = Some(location.line);
    error.offset = Some(column(location.col));
    error.end_lineno = Some(location.end_line);
    error.end_offset = Some(column(location.end_col));
    let mut quoted = first.as_bytes().to_vec();
    quoted.push(b'\n');
    error.text = Some(quoted);
    error
}

/// The text of a line, without its newline.
fn line_text(text: &str, line: i32) -> &str {
    usize::try_from(line - 1).ok().and_then(|index| text.split('\n').nth(index)).unwrap_or_default()
}
