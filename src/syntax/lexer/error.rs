//! What the lexer can find wrong, and how CPython says it.

use super::Bracket;
use crate::source::{ExceptionKind, SourceError};

/// An error of the lexer: what, and where it stood when it noticed.
#[derive(Clone, Copy, Debug)]
pub struct LexError {
    /// What is wrong.
    pub kind: LexErrorKind,
    /// How far the lexer had read, in bytes.
    pub pos: u32,
    /// The line that the error is reported in.
    pub line: u32,
    /// Where that line starts.
    pub line_start: u32,
    /// Where the token starts.
    pub start: u32,
}

/// The kinds of numbers that messages tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberKind {
    /// `0x…`
    Hexadecimal,
    /// `0o…`
    Octal,
    /// `0b…`
    Binary,
    /// Integers and floats.
    Decimal,
    /// `…j`
    Imaginary,
}

impl NumberKind {
    /// The word in the messages.
    pub const fn name(self) -> &'static str {
        match self {
            NumberKind::Hexadecimal => "hexadecimal",
            NumberKind::Octal => "octal",
            NumberKind::Binary => "binary",
            NumberKind::Decimal => "decimal",
            NumberKind::Imaginary => "imaginary",
        }
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug)]
pub enum LexErrorKind {
    /// A character that is not printable.
    NonPrintable(u32),
    /// A character that no identifier can have.
    InvalidCharacter(char),
    /// `0x`, `1_`, `1e+`, `12abc`…
    InvalidNumber(NumberKind),
    /// A digit too large for the base.
    InvalidDigit(u8, NumberKind),
    /// `012`; the value is the offset after the zeros.
    LeadingZeros(u32),
    /// Letters that do not go together before a quote.
    PrefixClash(char, char),
    /// A string in single quotes without end; in which line that was noticed, and whether there was an
    /// escaped quote.
    UnterminatedString(u32, bool),
    /// A string in triple quotes without end.
    UnterminatedTripleString(u32),
    /// An f-string (or t-string) in single quotes without end.
    UnterminatedFString(u32, char),
    /// An f-string (or t-string) in triple quotes without end.
    UnterminatedTripleFString(u32, char),
    /// The string's quote stands where the replacement field must be closed first.
    FieldExpectsBrace(char, Option<u32>),
    /// `}` in the literal part.
    SingleBrace(char),
    /// Fields in fields in fields.
    FieldsTooDeep(char),
    /// 150 f-strings in each other; there are t-strings, too.
    TooManyFStrings(bool),
    /// A newline in a format specification.
    NewlineInSpec(char),
    /// `)` without `(`.
    UnmatchedBracket(u8),
    /// The same, inside a replacement field.
    FieldUnmatchedBracket(u8, char),
    /// `(` closed by `]`.
    MismatchedBracket(u8, Bracket),
    /// The text ends inside brackets.
    NeverClosed(Bracket),
    /// 200 open brackets.
    TooManyBrackets,
    /// A backslash followed by something else than a newline. Where CPython's buffer starts, from which
    /// it counts the column, and whether that may be lines before.
    Continuation(u32, bool),
    /// The text ends after a backslash and newline.
    UnexpectedEnd,
    /// Tabs and spaces that mean different things to different readers.
    InconsistentTabs,
    /// 100 levels of indentation.
    TooManyIndents,
    /// A line indented less than the last one, but not like any before.
    UnmatchedDedent,
    /// A NUL in the text.
    NullByte,
}

impl LexErrorKind {
    fn message(self) -> String {
        use LexErrorKind::*;
        let fixed = match self {
            NonPrintable(code) => return format!("invalid non-printable character U+{code:04X}"),
            InvalidCharacter(c) => return format!("invalid character '{c}' (U+{:04X})", c as u32),
            InvalidNumber(kind) => return format!("invalid {} literal", kind.name()),
            InvalidDigit(digit, kind) => {
                return format!("invalid digit '{}' in {} literal", digit as char, kind.name());
            }
            LeadingZeros(_) => {
                "leading zeros in decimal integer literals are not permitted; \
                 use an 0o prefix for octal integers"
            }
            PrefixClash(a, b) => return format!("'{a}' and '{b}' prefixes are incompatible"),
            UnterminatedString(line, escaped) => {
                let hint = if escaped { "; perhaps you escaped the end quote?" } else { "" };
                return format!("unterminated string literal (detected at line {line}){hint}");
            }
            UnterminatedTripleString(line) => {
                return format!("unterminated triple-quoted string literal (detected at line {line})");
            }
            UnterminatedFString(line, prefix) => {
                return format!("unterminated {prefix}-string literal (detected at line {line})");
            }
            UnterminatedTripleFString(line, prefix) => {
                return format!(
                    "unterminated triple-quoted {prefix}-string literal (detected at line {line})"
                );
            }
            FieldExpectsBrace(prefix, None) => return format!("{prefix}-string: expecting '}}'"),
            FieldExpectsBrace(prefix, Some(line)) => {
                return format!("{prefix}-string: expecting '}}' to close '{{' on line {line}");
            }
            SingleBrace(prefix) => return format!("{prefix}-string: single '}}' is not allowed"),
            FieldsTooDeep(prefix) => return format!("{prefix}-string: expressions nested too deeply"),
            TooManyFStrings(false) => "too many nested f-strings",
            TooManyFStrings(true) => "too many nested f-strings or t-strings",
            NewlineInSpec(prefix) => {
                return format!(
                    "{prefix}-string: newlines are not allowed in format specifiers \
                     for single quoted {prefix}-strings"
                );
            }
            UnmatchedBracket(byte) => return format!("unmatched '{}'", byte as char),
            FieldUnmatchedBracket(byte, prefix) => {
                return format!("{prefix}-string: unmatched '{}'", byte as char);
            }
            MismatchedBracket(..) => return String::new(),
            NeverClosed(bracket) => return format!("'{}' was never closed", bracket.byte as char),
            TooManyBrackets => "too many nested parentheses",
            Continuation(..) => "unexpected character after line continuation character",
            UnexpectedEnd => "unexpected EOF while parsing",
            InconsistentTabs => "inconsistent use of tabs and spaces in indentation",
            TooManyIndents => "too many levels of indentation",
            UnmatchedDedent => "unindent does not match any outer indentation level",
            NullByte => "source code cannot contain null bytes",
        };
        fixed.to_owned()
    }
}

impl LexError {
    /// The exception that CPython raises. `src` is the lexer's text.
    #[cold]
    pub fn to_source_error(&self, src: &[u8]) -> SourceError {
        let line_of = |start: u32| {
            let start = (start as usize).min(src.len());
            let end = memchr::memchr(b'\n', &src[start..]).map_or(src.len(), |n| start + n);
            &src[start..end]
        };
        // The same with its newline, if it has one.
        let whole_line_of = |start: u32| {
            let start = start as usize;
            let length = line_of(start as u32).len();
            &src[start.min(src.len())..src.len().min(start + length + 1)]
        };
        let chars = |from: u32, to: u32| {
            let to = (to as usize).min(src.len());
            let from = (from as usize).min(to);
            String::from_utf8_lossy(&src[from..to]).chars().count() as i32
        };
        let (kind, message) = (self.kind, self.message_at_line());
        let mut error = SourceError {
            kind: ExceptionKind::SyntaxError,
            message,
            lineno: Some(self.line as i32),
            offset: Some(chars(self.line_start, self.pos)),
            end_lineno: Some(self.line as i32),
            end_offset: Some(chars(self.line_start, self.pos)),
            text: Some(line_of(self.line_start).to_vec()),
        };
        match kind {
            LexErrorKind::PrefixClash(..) => error.offset = Some(chars(self.line_start, self.start) + 1),
            LexErrorKind::LeadingZeros(zeros) => {
                error.offset = Some(chars(self.line_start, self.start) + 1);
                error.end_offset = Some(chars(self.line_start, zeros));
            }
            LexErrorKind::InconsistentTabs
            | LexErrorKind::TooManyIndents
            | LexErrorKind::Continuation(..) => {
                error.kind = match kind {
                    LexErrorKind::InconsistentTabs => ExceptionKind::TabError,
                    LexErrorKind::TooManyIndents => ExceptionKind::IndentationError,
                    _ => ExceptionKind::SyntaxError,
                };
                error.offset = Some(match kind {
                    LexErrorKind::Continuation(buffer, true) => chars(buffer, self.pos),
                    LexErrorKind::Continuation(buffer, false) => {
                        // At the most one more than the line has, its newline included.
                        let line = whole_line_of(self.line_start).len() as u32;
                        let read = self.pos - buffer;
                        chars(self.line_start, self.line_start + read.min(line)) + i32::from(read > line)
                    }
                    _ => 1,
                });
                error.end_offset = Some(0);
                error.text = Some(whole_line_of(self.line_start).to_vec());
            }
            LexErrorKind::UnmatchedDedent => {
                error.kind = ExceptionKind::IndentationError;
                error.offset =
                    Some(String::from_utf8_lossy(line_of(self.line_start)).chars().count() as i32 + 1);
                error.end_offset = Some(-1);
                error.text = Some(whole_line_of(self.line_start).to_vec());
            }
            LexErrorKind::UnexpectedEnd => {
                error.end_offset = Some(-1);
                error.text = Some(whole_line_of(self.line_start).to_vec());
            }
            LexErrorKind::NeverClosed(bracket) => {
                let start = line_start(src, bracket.place.line());
                error.lineno = Some(bracket.place.line() as i32);
                error.end_lineno = error.lineno;
                error.offset = Some(chars(start, start + bracket.place.col()) + 1);
                error.end_offset = Some(0);
                // CPython quotes the newline, too, of the line that it is in, which is the last one.
                let line = whole_line_of(start);
                let last = start as usize + line.len() >= src.len();
                error.text = Some(if last { line } else { line_of(start) }.to_vec());
            }
            _ => {}
        }
        error
    }

    fn message_at_line(&self) -> String {
        let LexErrorKind::MismatchedBracket(byte, open) = self.kind else {
            return self.kind.message();
        };
        let (close, opening) = (byte as char, open.byte as char);
        let mut message =
            format!("closing parenthesis '{close}' does not match opening parenthesis '{opening}'");
        if open.place.line() != self.line {
            message.push_str(&format!(" on line {}", open.place.line()));
        }
        message
    }
}

/// Where the line with this number starts.
fn line_start(src: &[u8], line: u32) -> u32 {
    if line <= 1 {
        return 0;
    }
    memchr::memchr_iter(b'\n', src).nth(line as usize - 2).map_or(src.len(), |newline| newline + 1) as u32
}
