//! What `python -m tokenize` prints of a source file (`Lib/tokenize.py`, `Python/Python-tokenize.c`).
//!
//! This is a lexer of its own: it keeps comments, blank lines and `\r`, is lenient about numbers and
//! brackets, decodes line by line, and has its own error texts; the parser's lexer does none of that.
//! Positions are lines from 1 and columns in characters from 0.

mod detect;
mod fstring;
mod lexer;
mod names;
mod number;
#[cfg(test)]
mod tests;
mod undecodable;

use super::gate::Rules;
use crate::source::{Location, Warning, WarningCategory};
use crate::target::Target;
use crate::value::repr;
use lexer::Lexer;
use std::fmt::Write;

pub use undecodable::undecodable;

/// Kinds of tokens as `tokenize` prints them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Encoding,
    EndMarker,
    Name,
    Number,
    String,
    Newline,
    Indent,
    Dedent,
    Op,
    FStringStart,
    FStringMiddle,
    FStringEnd,
    TStringStart,
    TStringMiddle,
    TStringEnd,
    Comment,
    Nl,
}

/// A token: its text is `range` of the lexer's text, unless `text` says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Token {
    kind: Kind,
    start: (u32, u32),
    end: (u32, u32),
    range: (usize, usize),
    text: Option<&'static str>,
}

/// Why a file has no tokens: what `tokenize` complains of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenizeError {
    /// The complaint.
    pub message: String,
    /// Line and column, where it has them. (They are what CPython has: columns from 0 or from 1, in
    /// characters or in bytes.)
    pub place: Option<(u32, u32)>,
    /// The exception that ends the program after the complaint, as its traceback's last line; otherwise
    /// the complaint is all there is.
    pub raised: Option<String>,
}

impl TokenizeError {
    fn at(message: impl Into<String>, line: u32, column: u32) -> Self {
        TokenizeError { message: message.into(), place: Some((line, column)), raised: None }
    }

    fn of_file(message: impl Into<String>) -> Self {
        TokenizeError { message: message.into(), place: None, raised: None }
    }

    /// The lines on standard error, the last without a newline.
    pub fn display(&self, filename: &str) -> String {
        match (&self.raised, self.place) {
            (Some(raised), _) => format!("unexpected error: {}\n{raised}", self.message),
            (None, Some((line, column))) => format!("{filename}:{line}:{column}: error: {}", self.message),
            (None, None) => format!("{filename}: error: {}", self.message),
        }
    }
}

/// Where a source comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin<'n> {
    /// A file of that name: bytes, whose encoding is detected and shown as the first token.
    File(&'n str),
    /// Standard input: text in UTF-8, whose newlines Python has already translated.
    StandardInput,
}

/// A token as `tokenize` gives it: lines from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tokenized<'t> {
    /// The name of its kind (`token.tok_name`); all operators are `OP`.
    pub kind: &'static str,
    /// The same, of an operator its own name (`EXACT_TOKEN_TYPES`).
    pub exact: &'static str,
    /// Its text.
    pub text: &'t str,
    /// Line and column.
    pub start: (u32, u32),
    /// Line and column behind it.
    pub end: (u32, u32),
}

/// Gives each token of a text to `give`, until the text ends or is wrong.
///
/// # Errors
/// What `tokenize` complains of, after the tokens before it.
pub fn tokenize(
    text: &str,
    target: Target,
    mut give: impl FnMut(Tokenized<'_>),
) -> Result<(), TokenizeError> {
    let source = detect::of_text(text);
    let mut lexer = Lexer::new(&source, target.tokenize_rules());
    loop {
        let token = lexer.token()?;
        let text = token.text.unwrap_or_else(|| source.slice(token.range));
        let kind = names::of(token.kind);
        let exact = if token.kind == Kind::Op { names::exact(text) } else { kind };
        give(Tokenized { kind, exact, text, start: token.start, end: token.end });
        if token.kind == Kind::EndMarker {
            return Ok(());
        }
    }
}

/// Appends the lines that `python -m tokenize` prints; `exact` as its option `-e`.
///
/// What it warns of goes to `warnings`, in order; CPython calls the file `<string>` there.
///
/// # Errors
/// What it complains of. For a file, `out` is as before then; for standard input it has the tokens before.
pub fn print(
    bytes: &[u8],
    origin: Origin<'_>,
    target: Target,
    exact: bool,
    out: &mut String,
    warnings: &mut Vec<Warning>,
) -> Result<(), TokenizeError> {
    let before = out.len();
    let source = match origin {
        Origin::File(filename) => detect::decode(bytes, filename, target)?,
        Origin::StandardInput => detect::standard_input(bytes),
    };
    if let Some(encoding) = &source.encoding {
        line(out, (0, 0), (0, 0), names::of(Kind::Encoding), encoding, target);
    }
    let mut lexer = Lexer::new(&source, target.tokenize_rules());
    let result = lines(&source, &mut lexer, target, exact, out);
    let style = Rules::of(target).escape_warnings;
    warnings.extend(lexer.brace_escapes.iter().map(|&(line, brace)| Warning {
        category: WarningCategory::SyntaxWarning,
        message: style.message(brace.encode_utf8(&mut [0; 4]), false),
        lineno: line as i32,
        location: Location::NONE,
    }));
    if result.is_err() && matches!(origin, Origin::File(_)) {
        out.truncate(before);
    }
    result
}

/// Appends the lines of all tokens.
fn lines(
    source: &detect::Source,
    lexer: &mut Lexer<'_>,
    target: Target,
    exact: bool,
    out: &mut String,
) -> Result<(), TokenizeError> {
    loop {
        let token = lexer.token()?;
        let text = token.text.unwrap_or_else(|| source.slice(token.range));
        let name = if exact && token.kind == Kind::Op { names::exact(text) } else { names::of(token.kind) };
        line(out, token.start, token.end, name, text, target);
        if token.kind == Kind::EndMarker {
            return Ok(());
        }
    }
}

/// One line of output: columns of 20, 15 and 15 characters.
fn line(out: &mut String, start: (u32, u32), end: (u32, u32), name: &str, text: &str, target: Target) {
    let from = out.len();
    // Writing to a string cannot fail.
    let _ = write!(out, "{},{}-{},{}:", start.0, start.1, end.0, end.1);
    pad(out, from, 20);
    let from = out.len();
    out.push_str(name);
    pad(out, from, 15);
    let from = out.len();
    repr::push_str(text.into(), target.unicode(), out);
    pad(out, from, 15);
    out.push('\n');
}

fn pad(out: &mut String, from: usize, width: usize) {
    let length = out.len() - from;
    // Counting characters matters only where there are fewer bytes than would fill the column anyway.
    let length = if length < 4 * width { out[from..].chars().count() } else { length };
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(length)));
}
