//! PEP 263: the encoding that a comment in line 1 or 2 declares (`Parser/tokenizer/helpers.c`).

use crate::source::{ExceptionKind, SourceError};
use crate::target::Utf8Check;

/// A declaration that was found.
pub(super) struct Cookie {
    /// The encoding: normal form for UTF-8 and Latin-1, else as written.
    pub name: Box<str>,
    /// Line, 1 or 2.
    line: u8,
    /// Bytes of the line that CPython counts to the error's end.
    range: std::ops::Range<usize>,
}

/// The declaration in `text`, which has no byte order mark and `\n` newlines.
///
/// The first line counts only when it is ended by a newline; the second only when the first holds nothing
/// but blanks and a comment.
pub(super) fn find(text: &[u8]) -> Result<Option<Cookie>, String> {
    // Few files have a cookie at all: look at the first character of each line before anything else.
    let Some(first) = memchr::memchr(b'\n', text) else { return Ok(None) };
    if let Some(name) = in_line(&text[..first], text) {
        return Ok(Some(Cookie { name, line: 1, range: 0..first }));
    }
    if !is_blank_or_comment(&text[..first]) {
        return Ok(None);
    }
    let rest = &text[first + 1..];
    let Some(second) = memchr::memchr(b'\n', rest) else { return Ok(None) };
    let name = in_line(&rest[..=second], rest);
    Ok(name.map(|name| Cookie { name, line: 2, range: first + 1..first + 2 + second }))
}

/// The error for a byte order mark with a cookie that is not UTF-8.
#[cold]
pub(super) fn clash_with_bom(cookie: &Cookie, text: &[u8], style: Utf8Check) -> SourceError {
    let message = format!("encoding problem: {} with BOM", cookie.name);
    match style {
        Utf8Check::WhereRead => super::unpositioned(message),
        Utf8Check::WholeSource => {
            let line = String::from_utf8_lossy(&text[cookie.range.clone()]);
            SourceError {
                kind: ExceptionKind::SyntaxError,
                message,
                lineno: Some(i32::from(cookie.line)),
                offset: Some(0),
                end_lineno: Some(i32::from(cookie.line)),
                end_offset: Some(line.chars().count() as i32),
                text: Some(line.trim_end_matches('\n').as_bytes().to_vec()),
            }
        }
    }
}

const MARK: &[u8] = b"coding";

/// The encoding declared in `line`. `text` is the same line with what follows it: the name may, as in
/// CPython, be looked for beyond the line's end (where it never continues, since a newline ends it).
fn in_line(line: &[u8], text: &[u8]) -> Option<Box<str>> {
    // CPython stops six bytes before the end, so a mark that ends the line is not seen.
    let end = line.len().saturating_sub(MARK.len());
    let start = line[..end].iter().position(|&byte| !matches!(byte, b' ' | b'\t' | b'\x0C'))?;
    if line[start] != b'#' {
        return None;
    }
    let mut from = start;
    while let Some(found) = memchr::memmem::find(&line[from..], MARK) {
        let mark = from + found;
        if mark >= end {
            return None;
        }
        from = mark + 1;
        let after = &text[mark + MARK.len()..];
        if !matches!(after.first(), Some(b':' | b'=')) {
            continue;
        }
        let blanks = after[1..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        let name = &after[1 + blanks..];
        let length = name
            .iter()
            .take_while(|&&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .count();
        if length > 0 {
            return Some(normal_name(&name[..length]));
        }
    }
    None
}

fn is_blank_or_comment(line: &[u8]) -> bool {
    line.iter().find(|&&byte| !matches!(byte, b' ' | b'\t' | b'\x0C')).is_none_or(|&byte| byte == b'#')
}

/// Spellings of UTF-8 and Latin-1, compared in their first twelve characters, get one name each.
fn normal_name(name: &[u8]) -> Box<str> {
    let lower: String = name
        .iter()
        .take(12)
        .map(|&byte| if byte == b'_' { '-' } else { char::from(byte.to_ascii_lowercase()) })
        .collect();
    let is = |normal: &str| {
        lower.strip_prefix(normal).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if is("utf-8") {
        "utf-8".into()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".into()
    } else {
        String::from_utf8_lossy(name).into()
    }
}
