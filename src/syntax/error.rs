//! From a parser that failed to the exception that CPython raises.

use super::gate::{FieldColumns, Rules};
use super::parser::{Fail, Failure, Parser};
use super::{ParseOptions, messages};
use crate::source::{ExceptionKind, SourceError, Warning};
use crate::value::Interner;
use bumpalo::Bump;

/// What a text is part of, for the places of its errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nothing: it is the program.
    Program,
    /// It is the expression of a field of an f-string, in parentheses, which CPython reads as a program of its own (to
    /// 3.11).
    Field(Field),
}

/// A field whose expression is a text of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// The lines before it.
    pub lines: i32,
    /// The column that CPython takes it to start in. It adds that to columns in the first line and subtracts it from all
    /// columns that it reports.
    pub column: i32,
}

/// Why `parser` failed on `text`.
///
/// What the parser has a message of its own for (errors inside literals, limits) is reported as it is. For
/// anything else the text is read again by [`messages`], which knows what CPython says of invalid programs.
#[cold]
pub fn explain(
    parser: &mut Parser<'_, '_>,
    text: &str,
    options: &ParseOptions,
    origin: Origin,
    warnings: &mut Vec<Warning>,
) -> SourceError {
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
                    messages::after(text, parser.lexer().pos(), options, parser.lexer().options(), origin)
                }
                _ => None,
            };
            later.unwrap_or_else(|| match failure.within {
                Some(error) => origin.tokenized(error),
                None => origin.at_failure(&failure, text, Rules::of(options.target).field_columns),
            })
        }
        (None, None) => messages::diagnose(text, options, parser.lexer().options(), origin, warnings),
    }
}

impl Origin {
    /// The column that CPython adds to those of tokens in the first line.
    pub fn column(self) -> i32 {
        match self {
            Origin::Program => 0,
            Origin::Field(field) => field.column,
        }
    }

    /// An error of CPython's parser, with columns as it has them, made into one of the whole program.
    pub fn reported(self, mut error: SourceError, columns: FieldColumns) -> SourceError {
        let Origin::Field(field) = self else { return error };
        error.message.insert_str(0, "f-string: ");
        let negative = error.offset.is_some_and(|offset| offset < 0);
        if negative && columns == FieldColumns::Characters {
            let message = "Negative size passed to PyUnicode_New".to_owned();
            return SourceError::without_location(ExceptionKind::SystemError, message);
        }
        self.on_line(error, field.lines)
    }

    /// An error of CPython's tokenizer, made into one of the whole program.
    pub fn tokenized(self, error: SourceError) -> SourceError {
        match self {
            Origin::Program => error,
            Origin::Field(field) => self.on_line(error, field.lines),
        }
    }

    fn on_line(self, mut error: SourceError, lines: i32) -> SourceError {
        error.lineno = error.lineno.map(|line| line + lines);
        error.end_lineno = error.end_lineno.map(|line| line + lines);
        error
    }

    /// The error for a failure at a token of `text`.
    fn at_failure(self, failure: &Failure, text: &str, columns: FieldColumns) -> SourceError {
        let mut error = from_failure(failure, text);
        let (Origin::Field(field), Some(location)) = (self, failure.location) else { return error };
        let shift = |line: i32| if line == 1 { 0 } else { field.column };
        if columns == FieldColumns::Bytes {
            error.offset = Some(location.col + 1);
            error.end_offset = Some(location.end_col + 1);
        }
        error.offset = error.offset.map(|offset| offset - shift(location.line));
        error.end_offset = error.end_offset.map(|offset| offset - shift(location.end_line));
        self.reported(error, columns)
    }
}

/// The error in the expression of a field, which cannot be parsed: `text` is it, in parentheses.
#[cold]
pub fn of_field(text: &str, options: &ParseOptions, field: Field) -> SourceError {
    let (arena, mut names) = (Bump::new(), Interner::new());
    let mut parser = Parser::new(&arena, &mut names, text, options);
    let Err(Fail) = parser.lone_field() else {
        // In the string it could not be parsed, so this does not happen.
        return too_large();
    };
    let options = ParseOptions { mode: super::Mode::Eval, ..*options };
    explain(&mut parser, text, &options, Origin::Field(field), &mut Vec::new())
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
