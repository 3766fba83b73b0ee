//! UTF-8, with the errors that CPython gives for what is none.

use crate::source::{ExceptionKind, SourceError};
use crate::target::Utf8Check;
use std::borrow::Cow;

/// A text, and the bytes that it was made from where some of them were replaced.
type Validated<'a> = (Cow<'a, str>, Option<Box<[u8]>>);

/// `bytes` as text; what is no UTF-8 is an error, or replaced and kept, as `check` says.
pub(super) fn validate(bytes: Cow<'_, [u8]>, check: Utf8Check) -> Result<Validated<'_>, SourceError> {
    let bytes = match bytes {
        // For text that is not all ASCII this validates three times as fast as the standard library does.
        Cow::Borrowed(bytes) => {
            match encoding_rs::UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
                Some(text) => return Ok((text, None)),
                None => bytes.to_vec(),
            }
        }
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Ok((Cow::Owned(text), None)),
            Err(error) => error.into_bytes(),
        },
    };
    match check {
        Utf8Check::WholeSource => Err(not_utf8(&bytes)),
        Utf8Check::WhereRead => Ok(replace_invalid(bytes)),
    }
}

/// Where and why `bytes` is no UTF-8: offset, length and reason, in the terms of Python's codec.
pub(super) fn first_error(bytes: &[u8]) -> Option<(usize, u8, &'static str)> {
    let error = std::str::from_utf8(bytes).err()?;
    let start = error.valid_up_to();
    Some(match error.error_len() {
        None => (start, (bytes.len() - start) as u8, "unexpected end of data"),
        Some(len) => match bytes[start] {
            0xC2..=0xF4 => (start, len as u8, "invalid continuation byte"),
            _ => (start, len as u8, "invalid start byte"),
        },
    })
}

/// `str()` of Python's `UnicodeDecodeError` for the codec `utf-8`.
pub(super) fn message(byte: u8, start: usize, len: u8, reason: &str) -> String {
    decode_error("utf-8", byte, start, usize::from(len), reason)
}

/// `str()` of a `UnicodeDecodeError`.
pub(super) fn decode_error(codec: &str, byte: u8, start: usize, len: usize, reason: &str) -> String {
    if len == 1 {
        format!("'{codec}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}")
    } else {
        format!("'{codec}' codec can't decode bytes in position {start}-{}: {reason}", start + len - 1)
    }
}

#[cold]
fn replace_invalid(bytes: Vec<u8>) -> Validated<'static> {
    let mut text = bytes.clone();
    let mut from = 0;
    while let Some((offset, len, _)) = first_error(&text[from..]) {
        let start = from + offset;
        from = start + usize::from(len);
        text[start..from].fill(b'x');
    }
    (Cow::Owned(String::from_utf8(text).unwrap_or_default()), Some(bytes.into()))
}

#[cold]
fn not_utf8(bytes: &[u8]) -> SourceError {
    let start = first_error(bytes).map_or(0, |(start, ..)| start);
    let line_start = memchr::memrchr(b'\n', &bytes[..start]).map_or(0, |newline| newline + 1);
    let line_end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |newline| start + newline);
    let line = memchr::memchr_iter(b'\n', &bytes[..start]).count() as i32 + 1;
    let offset = String::from_utf8_lossy(&bytes[line_start..start]).chars().count() as i32 + 1;
    SourceError {
        kind: ExceptionKind::SyntaxError,
        message: format!(
            "Non-UTF-8 code starting with '\\x{:02x}' on line {line}, but no encoding declared; \
             see https://peps.python.org/pep-0263/ for details",
            bytes[start]
        ),
        lineno: Some(line),
        offset: Some(offset),
        end_lineno: Some(line),
        end_offset: Some(offset),
        text: Some(String::from_utf8_lossy(&bytes[line_start..line_end]).into_owned().into_bytes()),
    }
}
