//! Invalid UTF-8 inside a token, for releases that do not look for it before (`Utf8Check::WhereRead`).
//!
//! In comments such bytes mean nothing. In names and strings they are errors, whose texts and places are
//! those of `verify_identifier` (`Parser/lexer/lexer.c`) and `_PyPegen_parse_string`
//! (`Parser/string_parser.c`); in f-strings the `UnicodeDecodeError` itself gets out.

use super::detect::of_text;
use super::lexer::Lexer;
use super::{Kind, Token};
use crate::source::{Decoded, ExceptionKind, SourceError, utf8_error};
use crate::target::Target;

/// The error that stands for `decoded`: that of its first undecodable token, unless `found` (what parsing
/// its text ended in) lies before it. `None` where there is no undecodable token, or `found` stands.
pub fn undecodable(
    decoded: &Decoded<'_>,
    target: Target,
    found: Option<&SourceError>,
) -> Option<SourceError> {
    let bytes = decoded.undecodable.as_deref()?;
    let source = of_text(&decoded.text);
    let mut lexer = Lexer::new(&source, target.tokenize_rules());
    loop {
        // Where the text cannot be lexed, the parser has said so.
        let token = lexer.token().ok()?;
        let (start, end) = token.range;
        let text = bytes.get(start..end).unwrap_or_default();
        let read = matches!(token.kind, Kind::Name | Kind::String | Kind::FStringMiddle);
        if read && std::str::from_utf8(text).is_err() {
            let error = error_of(bytes, token, text)?;
            // Names are looked at as they are lexed, which is a line ahead; strings as they are parsed.
            let column = |error: &SourceError| if token.kind == Kind::Name { Some(0) } else { error.offset };
            let place = |error: &SourceError| Some((error.lineno?, column(error)?));
            let earlier = found.is_some_and(|found| match (place(found), place(&error)) {
                (Some(found), Some(here)) => found < here,
                _ => false,
            });
            return (!earlier).then_some(error);
        }
        if token.kind == Kind::EndMarker {
            return None;
        }
    }
}

fn error_of(bytes: &[u8], token: Token, text: &[u8]) -> Option<SourceError> {
    let (start, end) = token.range;
    let line_of = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let (first_line, last_line) = (line_of(start), line_of(end));
    let line_end = memchr::memchr(b'\n', &bytes[first_line..]).map_or(bytes.len(), |at| first_line + at);
    // A line is shown with its newline, unless the token goes on behind it.
    let shown_end = if first_line == last_line { (line_end + 1).min(bytes.len()) } else { line_end };
    let line = String::from_utf8_lossy(&bytes[first_line..shown_end]).into_owned();
    let error = |message: String, offset: usize, end_offset: i32| SourceError {
        kind: ExceptionKind::SyntaxError,
        message,
        lineno: i32::try_from(token.start.0).ok(),
        offset: i32::try_from(offset + 1).ok(),
        end_lineno: i32::try_from(token.end.0).ok(),
        end_offset: Some(end_offset),
        text: Some(line.clone().into_bytes()),
    };
    match token.kind {
        Kind::Name => {
            let (at, message) = utf8_error(text)?;
            let column = String::from_utf8_lossy(&bytes[first_line..start + at]).chars().count();
            Some(error(format!("(unicode error) {message}"), column, -1))
        }
        Kind::String => {
            let message = string_error(text)?;
            let column = String::from_utf8_lossy(&bytes[first_line..start]).chars().count();
            // CPython counts the end's bytes in the text that is shown, where each stray byte became three.
            let end_column = whole_chars(&line, end - last_line) as i32 + 1;
            Some(error(message, column, end_column))
        }
        _ => {
            let (_, message) = utf8_error(text)?;
            Some(SourceError::without_location(ExceptionKind::UnicodeDecodeError, message))
        }
    }
}

/// What is wrong with the string literal `text`.
fn string_error(text: &[u8]) -> Option<String> {
    let (prefix, rest) = text.split_at(text.iter().position(|byte| matches!(byte, b'\'' | b'"'))?);
    let has = |letter: u8| prefix.iter().any(|byte| byte.eq_ignore_ascii_case(&letter));
    if has(b'b') {
        return Some("bytes can only contain ASCII literal characters".to_owned());
    }
    let quotes = if rest.len() >= 6 && rest[1] == rest[0] && rest[2] == rest[0] { 3 } else { 1 };
    let content = rest.get(quotes..rest.len().checked_sub(quotes)?)?;
    let (_, message) = if has(b'r') || !content.contains(&b'\\') {
        utf8_error(content)?
    } else {
        // Where there are escapes, each run of other bytes than ASCII is decoded by itself.
        content.chunk_by(|a, b| a.is_ascii() == b.is_ascii()).find_map(utf8_error)?
    };
    Some(format!("(unicode error) {message}"))
}

/// How many characters lie whole in the first `bytes` bytes of `text`.
fn whole_chars(text: &str, bytes: usize) -> usize {
    text.char_indices().filter(|(at, ch)| at + ch.len_utf8() <= bytes).count()
}
