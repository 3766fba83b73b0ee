//! From the bytes of a source file to text: null bytes, newlines, byte order mark, PEP 263 cookie, codec.
//!
//! The order of the checks is CPython's (`Parser/tokenizer/string_tokenizer.c`), because it decides which
//! error a file with several faults gets. Plain UTF-8 is validated where it lies and borrowed; it is copied,
//! once, only to change `\r` or to add the last newline.
//!
//! Encodings of `Lib/encodings` that are single-byte come from tables of CPython's, multi-byte ones from
//! `encoding_rs`, corrected, and a table of JIS X 0213; what has states is decoded here. `idna` and `punycode`,
//! which are for names of hosts, end in a `SyntaxError` that says so.

mod charsets;
mod codecs;
#[cfg(test)]
mod codecs_tests;
mod cookie;
mod jisx0213_tables;
mod multibyte;
mod multibyte_tables;
mod stateful;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod unicode;
mod utf8;

use super::{ExceptionKind, SourceError};
use crate::target::Target;
use std::borrow::Cow;

/// A decoded source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded<'a> {
    /// The text: lines end in `\n`, there is no byte order mark and no null character.
    pub text: Cow<'a, str>,
    /// Did the file start with a UTF-8 byte order mark?
    pub bom: bool,
    /// The cookie's encoding, `utf-8` and `iso-8859-1` in that normal form, others as written.
    pub cookie: Option<Box<str>>,
    /// The bytes of the text, where they are no UTF-8 and this release only notices that inside a token
    /// (see [`crate::target::Utf8Check::WhereRead`]). In `text` each byte of an invalid sequence is an `x`,
    /// which lexes as CPython's lexer takes a stray byte: as part of a name, a string or a comment. Whoever
    /// reads tokens from `text` must ask [`crate::syntax::undecodable`] what to make of them.
    pub undecodable: Option<Box<[u8]>>,
}

/// Does a source without a newline at its end get one?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FinalNewline {
    /// As for files (mode `exec`).
    Add,
    /// As for modes `eval`, `single` and `func_type`.
    Keep,
}

/// Decodes a source file as `target` does.
///
/// # Errors
/// What `compile(bytes, …)` raises before it reads the first token.
pub fn decode(bytes: &[u8], target: Target) -> Result<Decoded<'_>, SourceError> {
    decode_with(bytes, target, FinalNewline::Add)
}

/// [`decode`], with a choice about the last newline.
///
/// # Errors
/// As [`decode`].
pub fn decode_with(
    bytes: &[u8],
    target: Target,
    final_newline: FinalNewline,
) -> Result<Decoded<'_>, SourceError> {
    let bytes = normalize_newlines(bytes, final_newline)?;
    let (bytes, bom) = without_bom(bytes);
    let cookie = cookie::find(&bytes).map_err(unpositioned)?;
    match cookie {
        Some(cookie) if &*cookie.name != "utf-8" => {
            if bom {
                return Err(cookie::clash_with_bom(&cookie, &bytes, target.utf8_check()));
            }
            let text = codecs::decode(&bytes, &cookie.name, target).map_err(unpositioned)?;
            let text = normalize_decoded(text, final_newline);
            Ok(Decoded { text: Cow::Owned(text), bom, cookie: Some(cookie.name), undecodable: None })
        }
        cookie => {
            let (text, undecodable) = utf8::validate(bytes, target.utf8_check())?;
            Ok(Decoded { text, bom, cookie: cookie.map(|cookie| cookie.name), undecodable })
        }
    }
}

/// What Python's `utf-8` codec says of `bytes` that are no UTF-8: the offset of the first invalid byte, and
/// `str()` of the `UnicodeDecodeError`.
pub fn utf8_error(bytes: &[u8]) -> Option<(usize, String)> {
    let (start, len, reason) = utf8::first_error(bytes)?;
    Some((start, utf8::message(bytes[start], start, len, reason)))
}

/// Does Python know an encoding `name`?
pub fn knows_encoding(name: &str, target: Target) -> bool {
    codecs::lookup(name, target.encodings_epoch()).is_some()
}

/// Decodes with `errors="replace"`: what the codec does not know becomes U+FFFD.
///
/// # Errors
/// `str()` of Python's exception where the encoding is none for text; for one that we do not have, a text
/// of ours.
pub fn decode_replacing(bytes: &[u8], name: &str, target: Target) -> Result<String, String> {
    codecs::decode_replacing(bytes, name, target)
}

/// A `SyntaxError` of decoding, as CPython dresses it: line 0, offset −1, no text.
fn unpositioned(message: String) -> SourceError {
    SourceError {
        kind: ExceptionKind::SyntaxError,
        message,
        lineno: Some(0),
        offset: Some(-1),
        end_lineno: None,
        end_offset: None,
        text: None,
    }
}

#[cold]
fn null_bytes() -> SourceError {
    SourceError::without_location(
        ExceptionKind::SyntaxError,
        "source code string cannot contain null bytes".to_owned(),
    )
}

fn normalize_newlines(bytes: &[u8], final_newline: FinalNewline) -> Result<Cow<'_, [u8]>, SourceError> {
    let first_return = match first_null_or_return(bytes) {
        None => {
            return Ok(match (bytes.last(), final_newline) {
                (Some(&last), FinalNewline::Add) if last != b'\n' => {
                    let mut owned = Vec::with_capacity(bytes.len() + 1);
                    owned.extend_from_slice(bytes);
                    owned.push(b'\n');
                    Cow::Owned(owned)
                }
                _ => Cow::Borrowed(bytes),
            });
        }
        Some(at) => at,
    };
    if memchr::memchr(0, &bytes[first_return..]).is_some() {
        return Err(null_bytes());
    }
    let mut owned = Vec::with_capacity(bytes.len() + 1);
    owned.extend_from_slice(&bytes[..first_return]);
    let mut rest = &bytes[first_return..];
    while let Some(at) = memchr::memchr(b'\r', rest) {
        owned.extend_from_slice(&rest[..at]);
        owned.push(b'\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    owned.extend_from_slice(rest);
    if final_newline == FinalNewline::Add && owned.last() != Some(&b'\n') {
        owned.push(b'\n');
    }
    Ok(Cow::Owned(owned))
}

/// Where the first null byte or carriage return is. Nearly every file has neither, which whole blocks tell
/// faster than a search does.
fn first_null_or_return(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 256;
    let is_either = |byte: u8| u8::from(byte == 0) | u8::from(byte == b'\r');
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let clean =
        blocks.iter().take_while(|block| block.iter().fold(0, |hit, &byte| hit | is_either(byte)) == 0);
    let start = clean.count() * BLOCK;
    memchr::memchr2(0, b'\r', &bytes[start..]).map(|at| start + at)
}

/// Newlines of a text that a codec made. CPython handles it as a C string, so it ends at a null.
fn normalize_decoded(mut text: String, final_newline: FinalNewline) -> String {
    if let Some(null) = memchr::memchr(0, text.as_bytes()) {
        text.truncate(null);
    }
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if final_newline == FinalNewline::Add && !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn without_bom(bytes: Cow<'_, [u8]>) -> (Cow<'_, [u8]>, bool) {
    const BOM: &[u8] = b"\xEF\xBB\xBF";
    match bytes {
        Cow::Borrowed(bytes) => match bytes.strip_prefix(BOM) {
            Some(rest) => (Cow::Borrowed(rest), true),
            None => (Cow::Borrowed(bytes), false),
        },
        Cow::Owned(mut bytes) => {
            let bom = bytes.starts_with(BOM);
            if bom {
                bytes.drain(..BOM.len());
            }
            (Cow::Owned(bytes), bom)
        }
    }
}
