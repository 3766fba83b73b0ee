//! What CPython says about an invalid program.
//!
//! The parser proper only finds out that a text is not a program. This second pass is off the fast path:
//! a matcher for ordered choices runs the grammar of `grammar.txt` over the tokens, first as it is, to
//! find the token that no rule can pass, then once more with the rules for what people get wrong. The
//! order of alternatives, what is remembered per position and how far tokens are read ahead decide which
//! message wins, so they are CPython's (`Grammar/python.gram`, `Parser/pegen.c`, `pegen_errors.c`).
//!
//! Errors inside literals (escapes, mixed bytes) are the parser's; it reports them before this pass runs.

mod grammar;
pub mod legacy;
mod matcher;
mod nodes;
mod old_lexer;
mod report;
mod stream;
#[cfg(test)]
mod tests;

use super::error::Origin;
use super::gate::{Diagnosis, Rules};
use super::lexer::LexerOptions;
use super::parser::FailedField;
use super::{Mode, ParseOptions};
use crate::source::{ExceptionKind, SourceError, Warning};
use grammar::Grammar;
use matcher::{Failure, Matcher};
use stream::TokenStream;

/// Finds CPython's error for `text`, which the parser could not parse.
#[cold]
pub fn diagnose(
    text: &str,
    options: &ParseOptions,
    lexer: LexerOptions,
    origin: Origin,
    warnings: &mut Vec<Warning>,
) -> SourceError {
    let mut stream = TokenStream::new(text, lexer, Rules::of(options.target), origin);
    let start = match options.mode {
        _ if origin != Origin::Program => "fstring_input",
        Mode::Exec => "file",
        Mode::Eval => "eval",
        Mode::Single => "interactive",
        Mode::FuncType => "func_type",
    };
    match_program(start, &mut stream, options, warnings)
}

/// The error of 3.8's parser, which comes before any of those that concern the tree: where the program stops being
/// one. `None` for other releases, and where it is one.
#[cold]
pub fn before_tree(text: &str, options: &ParseOptions, lexer: LexerOptions) -> Option<SourceError> {
    let rules = Rules::of(options.target);
    let start = match options.mode {
        _ if rules.diagnosis != Diagnosis::Pgen => return None,
        Mode::Exec => "ll_file",
        Mode::Eval => "ll_eval",
        Mode::Single | Mode::FuncType => return None,
    };
    not_derived(start, &mut TokenStream::new(text, lexer, rules, Origin::Program), options)
}

/// The error at the first token that the rule `start` cannot pass.
fn not_derived(start: &str, stream: &mut TokenStream<'_>, options: &ParseOptions) -> Option<SourceError> {
    match Matcher::new(Grammar::of(options.target), stream, options, true).matches(start) {
        Ok(true) => None,
        Err(Failure::Lexer(error)) => Some(error),
        Err(Failure::Reported(mut error)) if !stream.at_end() => {
            // The lexer's line is told, which is the last one of a string.
            error.lineno = Some(stream.token(stream.last()).end_line);
            Some(error)
        }
        Err(Failure::TooDeep) => Some(too_deep()),
        Ok(false) | Err(Failure::Reported(_)) => {
            let last = stream.last();
            let mut error = generic(stream, last);
            let token = stream.token(last);
            if stream.text(last) == "<>" {
                // It is refused before its column is known.
                error.offset = error.offset.map(|offset| offset + 1);
            }
            error.lineno = Some(token.end_line);
            Some(error)
        }
    }
}

fn too_deep() -> SourceError {
    SourceError::without_location(
        ExceptionKind::MemoryError,
        "Parser stack overflowed - Python source too complex to parse".to_owned(),
    )
}

/// The error that the rules from `start` on find.
fn match_program(
    start: &str,
    stream: &mut TokenStream<'_>,
    options: &ParseOptions,
    warnings: &mut Vec<Warning>,
) -> SourceError {
    let grammar = Grammar::of(options.target);
    let (first, _) = Matcher::new(grammar, stream, options, false).run(start);
    let last = stream.last();
    let failure = match first {
        Err(failure) => Some(failure),
        Ok(()) => {
            let (second, again) = Matcher::new(grammar, stream, options, true).run(start);
            if stream.rules.warns_again {
                warnings.extend(again);
            }
            second.err()
        }
    };
    match failure {
        Some(Failure::Lexer(error)) => error,
        Some(Failure::Reported(error)) => stream.later_error().unwrap_or(error),
        Some(Failure::TooDeep) => too_deep(),
        // The first PEG parser reports the last token that either pass has read.
        None if stream.rules.diagnosis == Diagnosis::FirstPeg => generic(stream, stream.last()),
        None => generic(stream, last),
    }
}

/// CPython's error for the expression of a field that could not be parsed, before 3.10: it is read in parentheses
/// as a program of its own, and that is what columns are of.
#[cold]
pub fn diagnose_field(
    text: &str,
    field: &FailedField,
    options: &ParseOptions,
    lexer: LexerOptions,
) -> SourceError {
    let expression = text.get(field.open as usize + 1..field.end as usize).unwrap_or_default();
    let program = format!("({expression})");
    let mut stream = TokenStream::new(&program, lexer, Rules::of(options.target), Origin::Program);
    if stream.rules.diagnosis == Diagnosis::Pgen {
        if let Some(mut error) = not_derived("ll_eval", &mut stream, options) {
            // The lexer looks behind the last parenthesis, and finds no newline there.
            let at_end = stream.token(stream.last()).end as usize >= program.len();
            if at_end && error.message == "invalid syntax" {
                error.message = "unexpected EOF while parsing".to_owned();
            }
            return error;
        }
        let mut error = match_program("eval", &mut stream, options, &mut Vec::new());
        error.lineno = error.lineno.map(|lineno| lineno + field.line as i32 - 1);
        error.offset = error.offset.map(|offset| offset + field.col as i32);
        return error;
    }
    let mut error = match_program("fstring_input", &mut stream, options, &mut Vec::new());
    if !stream.has_failed() {
        error.message.insert_str(0, "f-string: ");
        // Tokens are moved to where they are taken to stand, columns in the first line only, and all are moved back.
        if let (Some(lineno), Some(offset)) = (error.lineno, error.offset) {
            error.lineno = Some(lineno + field.line as i32 - 1);
            error.offset = Some(if lineno > 1 { offset - field.col as i32 } else { offset });
        }
    }
    error
}

/// The error of the lexer that takes precedence over an error that the parser found in a literal, where the
/// text after byte `end` has one.
#[cold]
pub fn after(
    text: &str,
    end: usize,
    options: &ParseOptions,
    lexer: LexerOptions,
    origin: Origin,
) -> Option<SourceError> {
    let mut stream = TokenStream::new(text, lexer, Rules::of(options.target), origin);
    let mut index = 0;
    while stream.get(index).ok()?.end < end as u32 {
        index += 1;
    }
    stream.later_error()
}

/// No rule knows what is wrong: the message for the token that could not be passed.
fn generic(stream: &mut TokenStream<'_>, last: usize) -> SourceError {
    use super::TokenKind::{Dedent, Indent};
    if stream.rules.diagnosis != Diagnosis::Peg && stream.at_end() {
        return stream.at_last(ExceptionKind::SyntaxError, "unexpected EOF while parsing");
    }
    let token = stream.token(last);
    match token.kind.lexical() {
        Some(Indent) => stream.at_last(ExceptionKind::IndentationError, "unexpected indent"),
        Some(Dedent) => stream.at_last(ExceptionKind::IndentationError, "unexpected unindent"),
        _ => {
            let error = stream.range(last, last, "invalid syntax".to_owned());
            stream.later_error().unwrap_or(error)
        }
    }
}
