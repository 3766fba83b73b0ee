//! The encoding of a file as `tokenize.detect_encoding` finds it, and its text.

use super::TokenizeError;
use crate::source::{decode_replacing, knows_encoding};
use crate::target::{CookieCheck, Target};
use crate::value::repr;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A decoded source: all its lines, the last one ended by a newline too.
pub(super) struct Source {
    /// The text.
    pub text: String,
    /// Where each line ends.
    pub ends: Vec<usize>,
    /// Was the last newline added?
    pub implicit_newline: bool,
    /// What the first token shows.
    pub encoding: Option<String>,
}

impl Source {
    /// A part of the text.
    pub fn slice(&self, range: (usize, usize)) -> &str {
        self.text.get(range.0..range.1).unwrap_or_default()
    }

    fn new(
        lines: impl Iterator<Item = Result<String, String>>,
        encoding: Option<String>,
    ) -> Result<Self, String> {
        let mut source = Source { text: String::new(), ends: Vec::new(), implicit_newline: false, encoding };
        for line in lines {
            source.text.push_str(&line?);
            source.ends.push(source.text.len());
        }
        if !source.text.is_empty() && !source.text.ends_with('\n') {
            source.text.push('\n');
            source.implicit_newline = true;
            source.ends.pop();
            source.ends.push(source.text.len());
        }
        Ok(source)
    }
}

/// The text of a file.
pub(super) fn decode(bytes: &[u8], filename: &str, target: Target) -> Result<Source, TokenizeError> {
    let encoding = encoding(bytes, filename, target)?;
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let shown = Some(encoding.clone());
    let source = if encoding == "utf-8" {
        Source::new(lines.map(|line| Ok(String::from_utf8_lossy(line).into_owned())), shown)
    } else {
        Source::new(lines.map(|line| decode_replacing(line, &encoding, target)), shown)
    };
    source.map_err(|message| TokenizeError {
        raised: Some(format!("LookupError: {message}")),
        message,
        place: None,
    })
}

/// The text of standard input: UTF-8, any newlines, no encoding to show.
pub(super) fn standard_input(bytes: &[u8]) -> Source {
    of_text(&String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n"))
}

/// A text whose lines end in `\n`.
pub(super) fn of_text(text: &str) -> Source {
    let lines = text.split_inclusive('\n').map(|line| Ok(line.to_owned()));
    Source::new(lines, None).unwrap_or(Source {
        text: String::new(),
        ends: Vec::new(),
        implicit_newline: false,
        encoding: None,
    })
}

/// `tokenize.detect_encoding`, with `utf-8` for `utf-8-sig`.
fn encoding(bytes: &[u8], filename: &str, target: Target) -> Result<String, TokenizeError> {
    let rules = target.tokenize_rules();
    let bom = bytes.starts_with(BOM);
    let bytes = if bom { &bytes[BOM.len()..] } else { bytes };
    let first_end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    let (first, rest) = bytes.split_at(first_end);
    let second = &rest[..memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)];
    let detection = Detection { filename, target, bom, check: rules.cookie_check };
    if first.is_empty() {
        return Ok("utf-8".to_owned());
    }
    if let Some(name) = detection.cookie(first)? {
        detection.check(first, &name)?;
        return Ok(name);
    }
    if !is_blank(first) || second.is_empty() {
        detection.check(first, "utf-8")?;
        return Ok("utf-8".to_owned());
    }
    let name = detection.cookie(second)?.unwrap_or_else(|| "utf-8".to_owned());
    detection.check(&bytes[..first.len() + second.len()], &name)?;
    Ok(name)
}

struct Detection<'d> {
    filename: &'d str,
    target: Target,
    bom: bool,
    check: CookieCheck,
}

impl Detection<'_> {
    fn shown_filename(&self) -> String {
        let mut shown = String::new();
        repr::push_str(self.filename.into(), self.target.unicode(), &mut shown);
        shown
    }

    fn undecodable(&self) -> TokenizeError {
        let name = self.shown_filename();
        TokenizeError::of_file(format!("invalid or missing encoding declaration for {name}"))
    }

    /// The encoding that a comment in `line` declares.
    fn cookie(&self, line: &[u8]) -> Result<Option<String>, TokenizeError> {
        if self.check == CookieCheck::LineIsUtf8 && std::str::from_utf8(line).is_err() {
            return Err(self.undecodable());
        }
        let Some(name) = find_cookie(line) else { return Ok(None) };
        if !knows_encoding(&name, self.target) {
            let file = self.shown_filename();
            return Err(TokenizeError::of_file(format!("unknown encoding for {file}: {name}")));
        }
        if self.bom && name != "utf-8" {
            let file = self.shown_filename();
            return Err(TokenizeError::of_file(format!("encoding problem for {file}: utf-8")));
        }
        Ok(Some(name))
    }

    /// What newer releases ask of the lines they looked at: no nulls, and that they can be decoded.
    fn check(&self, lines: &[u8], encoding: &str) -> Result<(), TokenizeError> {
        if self.check == CookieCheck::LineIsUtf8 {
            return Ok(());
        }
        if lines.contains(&0) {
            return Err(TokenizeError::of_file("source code cannot contain null bytes"));
        }
        let decodable = match encoding {
            "utf-8" => std::str::from_utf8(lines).is_ok(),
            _ => decode_replacing(lines, encoding, self.target).is_ok_and(|text| !text.contains('\u{FFFD}')),
        };
        if decodable { Ok(()) } else { Err(self.undecodable()) }
    }
}

/// The regular expression `^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)` and `_get_normal_name`.
fn find_cookie(line: &[u8]) -> Option<String> {
    let start = line.iter().position(|&byte| !matches!(byte, b' ' | b'\t' | 0x0C))?;
    let line = line[start..].strip_prefix(b"#")?;
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    let name = memchr::memmem::find_iter(line, b"coding").find_map(|at| {
        let after = &line[at + "coding".len()..];
        let after = after.strip_prefix(b":").or_else(|| after.strip_prefix(b"="))?;
        let blanks = after.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        let after = &after[blanks..];
        let length = after
            .iter()
            .take_while(|&&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .count();
        (length > 0).then(|| String::from_utf8_lossy(&after[..length]).into_owned())
    })?;
    let lower: String = name.chars().take(12).collect::<String>().to_ascii_lowercase().replace('_', "-");
    let is = |normal: &str| {
        lower.strip_prefix(normal).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if is("utf-8") {
        return Some("utf-8".to_owned());
    }
    if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        return Some("iso-8859-1".to_owned());
    }
    Some(name)
}

/// The regular expression `^[ \t\f]*(?:[#\r\n]|$)`.
fn is_blank(line: &[u8]) -> bool {
    line.iter()
        .find(|&&byte| !matches!(byte, b' ' | b'\t' | 0x0C))
        .is_none_or(|&byte| matches!(byte, b'#' | b'\r' | b'\n'))
}
