//! What the lexers of 3.8 and 3.9 say: other texts for strings without end, and places that are counted from
//! where their buffer starts to how far they have read, which is the end of a line.

use crate::source::SourceError;
use crate::syntax::gate::Diagnosis;
use crate::syntax::lexer::{LexError, LexErrorKind};

/// The exception for `error`, found in `text` when the buffer started at byte `buffer`.
#[cold]
pub fn source_error(error: &LexError, text: &str, buffer: usize, diagnosis: Diagnosis) -> SourceError {
    use LexErrorKind::*;
    let mut said = error.to_source_error(text.as_bytes());
    let pgen = diagnosis == Diagnosis::Pgen;
    let line_start = error.line_start as usize;
    match error.kind {
        UnterminatedString(line, _) => {
            said.message = "EOL while scanning string literal".to_owned();
            said.lineno = Some(line as i32);
            said.offset =
                Some(characters(text, buffer, line_end(text, error.start as usize, line - error.line)));
        }
        UnterminatedTripleString(line) => {
            said.message = "EOF while scanning triple-quoted string literal".to_owned();
            said.lineno = Some(line as i32);
            said.offset = Some(to_end(text, buffer));
        }
        NonPrintable(_) | InvalidCharacter(_) if pgen => {
            let start = error.start as usize;
            let word = &text.as_bytes()[start..];
            let is_part = |byte: &u8| *byte >= 0x80 || *byte == b'_' || byte.is_ascii_alphanumeric();
            let end = start + word.iter().position(|byte| !is_part(byte)).unwrap_or(word.len());
            said.message = "invalid character in identifier".to_owned();
            said.offset = Some(characters(text, buffer, end));
        }
        InvalidDigit(..) => {
            // The first digit is put back before the error is made.
            let digit = error.pos as usize - 1;
            let first = !text.as_bytes()[digit - 1].is_ascii_digit();
            said.offset = Some(characters(text, line_start, if first { digit } else { digit + 1 }));
        }
        LeadingZeros(_) => said.offset = Some(characters(text, line_start, error.pos as usize)),
        Continuation(..) | InconsistentTabs | TooManyIndents if pgen => {
            said.offset = Some(characters(text, buffer, line_end(text, error.line_start as usize, 0)));
        }
        UnmatchedDedent => {
            said.offset = Some(characters(text, buffer, line_end(text, error.line_start as usize, 0)));
        }
        UnexpectedEnd => said.offset = Some(to_end(text, buffer)),
        _ => {}
    }
    said
}

/// Characters from `from` to the end of the text, which CPython ends with a newline.
pub fn to_end(text: &str, from: usize) -> i32 {
    characters(text, from, text.len()) + i32::from(!text.ends_with('\n'))
}

fn characters(text: &str, from: usize, to: usize) -> i32 {
    let bytes = text.as_bytes().get(from..to.min(text.len())).unwrap_or_default();
    let whole = String::from_utf8_lossy(bytes).chars().count();
    (whole + to.saturating_sub(text.len())) as i32
}

/// Where the line ends that is `lines` lines after that of byte `pos`, its newline included.
fn line_end(text: &str, pos: usize, lines: u32) -> usize {
    let rest = &text.as_bytes()[pos.min(text.len())..];
    let newline = memchr::memchr_iter(b'\n', rest).nth(lines as usize);
    newline.map_or(text.len(), |newline| pos + newline) + 1
}
