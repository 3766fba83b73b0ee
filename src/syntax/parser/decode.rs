//! Escape sequences of string and bytes literals, and what is wrong with them.

use super::{Parsed, Parser, Place};
use crate::source::{ExceptionKind, Location, Warning};
use crate::syntax::gate::FieldPlaces;
use crate::target::Target;
use crate::value::unicode::character_named;

/// The token that a warning about an escape sequence is reported against.
#[derive(Clone, Copy, Debug)]
pub(super) struct EscapeOwner {
    /// Where the token starts.
    pub(super) start: Place,
    /// Where it ends.
    pub(super) end: Place,
    /// How many quotes the token's own text starts with.
    pub(super) quotes: u32,
    /// Braces after a backslash have been warned about by the lexer.
    pub(super) format: bool,
}

/// Why a literal cannot be decoded.
enum BadEscape {
    /// From, up to and with, why: of the text as CPython's decoder sees it.
    Unicode(usize, usize, &'static str),
    /// A `\x` in bytes.
    Bytes(usize),
}

/// What stands in a `str` literal besides its value.
#[derive(Default)]
struct Noticed {
    /// The first escape that is invalid, but only warned about: the position after its backslash.
    invalid: Option<usize>,
    /// Is there a `\N{…}`?
    named: bool,
}

impl<'a> Parser<'a, '_> {
    /// The string that `body`, the inside of a `str` literal with backslashes, stands for.
    pub(super) fn decode_str(&mut self, body: &[u8], owner: &EscapeOwner) -> Parsed<&'a [u8]> {
        let mut out = std::mem::take(&mut self.scratch.bytes);
        out.clear();
        let mut noticed = Noticed::default();
        let result = unescape_str(body, &mut out, &mut noticed, self.target);
        let decoded = self.arena.alloc_slice_copy(&out);
        self.scratch.bytes = out;
        self.names.character_data.by_name |= noticed.named;
        self.check_escapes(body, result, noticed.invalid, owner)?;
        Ok(decoded)
    }

    /// The bytes that `body`, the inside of a `bytes` literal with backslashes, stands for.
    pub(super) fn decode_bytes(&mut self, body: &[u8], owner: &EscapeOwner) -> Parsed<&'a [u8]> {
        let mut out = std::mem::take(&mut self.scratch.bytes);
        out.clear();
        let mut invalid = None;
        let result = unescape_bytes(body, &mut out, &mut invalid);
        let decoded = self.arena.alloc_slice_copy(&out);
        self.scratch.bytes = out;
        self.check_escapes(body, result, invalid, owner)?;
        Ok(decoded)
    }

    fn check_escapes(
        &mut self,
        body: &[u8],
        result: Result<(), BadEscape>,
        invalid: Option<usize>,
        owner: &EscapeOwner,
    ) -> Parsed<()> {
        if let Err(bad) = result {
            return self.bad_escape(bad, owner);
        }
        if let Some(at) = invalid {
            self.warn_escape(body, at, owner);
        }
        Ok(())
    }

    #[cold]
    fn bad_escape(&mut self, bad: BadEscape, owner: &EscapeOwner) -> Parsed<()> {
        let message = match bad {
            BadEscape::Unicode(from, to, why) if from == to => format!(
                "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position {from}: {why}"
            ),
            BadEscape::Unicode(from, to, why) => format!(
                "(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{to}: {why}"
            ),
            BadEscape::Bytes(at) => format!("(value error) invalid \\x escape at position {at}"),
        };
        if self.rules.field_places != FieldPlaces::Tokens {
            // Literals next to each other are all read before any is decoded.
            let location = self.token_location();
            return self.at_next_token(ExceptionKind::SyntaxError, message, location);
        }
        let location = self.location_between(owner.start, owner.end);
        self.fail_with(ExceptionKind::SyntaxError, message, Some(location))
    }

    /// Warns about the first invalid escape of `body`, whose character after the backslash is at `at`.
    #[cold]
    pub(super) fn warn_escape(&mut self, body: &[u8], at: usize, owner: &EscapeOwner) {
        let byte = body[at];
        if owner.format && matches!(byte, b'{' | b'}') {
            return;
        }
        let octal = (b'4'..=b'7').contains(&byte);
        if octal && !self.rules.escape_warnings.warns_of_octal() {
            return;
        }
        let escape = if octal {
            String::from_utf8_lossy(&body[at..body.len().min(at + 3)]).into_owned()
        } else {
            (byte as char).to_string()
        };
        let mut line = owner.start.line();
        let mut col = owner.start.col();
        let before = &body[..at];
        match memchr::memrchr(b'\n', before) {
            Some(last) => {
                line += memchr::memchr_iter(b'\n', before).count() as u32;
                col = escaped_length(&before[last + 1..]) as u32;
            }
            None => col += escaped_length(before) as u32 + owner.quotes,
        }
        let mut location = Location::new(line as i32, col as i32 - 1, line as i32, col as i32 + 1);
        if self.rules.escape_warnings.at_token() {
            line = owner.start.line();
            location = self.location_between(owner.start, owner.end);
        }
        let message = self.rules.escape_warnings.message(&escape, octal);
        let category = self.rules.escape_warnings.category();
        self.lexer.warnings.push(Warning { category, message, lineno: line as i32, location });
    }

    /// Turns what the lexer noticed about braces after backslashes into warnings.
    pub(super) fn warn_brace_escapes(&mut self) {
        for (location, byte) in self.lexer.take_brace_escapes() {
            let escape = (byte as char).to_string();
            let message = self.rules.escape_warnings.message(&escape, false);
            let category = self.rules.escape_warnings.category();
            self.lexer.warnings.push(Warning { category, message, lineno: location.line, location });
        }
    }
}

/// How long CPython's decoder sees the text: it gets `\UXXXXXXXX` for a character beyond ASCII, and
/// `\u005c` for a backslash before one.
fn escaped_length(text: &[u8]) -> usize {
    let mut length = 0;
    for (i, &byte) in text.iter().enumerate() {
        length += match byte {
            0..0x80 => 1,
            0x80..0xc0 => 0,
            _ if i > 0 && text[i - 1] == b'\\' && backslash_escapes(&text[..i]) => 15,
            _ => 10,
        };
    }
    length
}

/// Is the backslash that ends `text` not escaped itself?
fn backslash_escapes(text: &[u8]) -> bool {
    text.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn push_code(out: &mut Vec<u8>, code: u32) {
    // A lone surrogate is encoded as if it were a character.
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend([0xc0 | (code >> 6) as u8, 0x80 | (code & 0x3f) as u8]),
        0x800..0x1_0000 => out.extend([
            0xe0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
        _ => out.extend([
            0xf0 | (code >> 18) as u8,
            0x80 | (code >> 12 & 0x3f) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
    }
}

/// The escapes that are the same in `str` and `bytes`, of one character after the backslash.
fn simple_escape(byte: u8) -> Option<u8> {
    Some(match byte {
        b'\\' | b'\'' | b'"' => byte,
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        _ => return None,
    })
}

/// Up to three octal digits at the start of `rest`: their value and number.
fn octal_escape(rest: &[u8]) -> (u32, usize) {
    let digits = rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    (rest[..digits].iter().fold(0, |value, byte| value * 8 + u32::from(byte - b'0')), digits)
}

fn hex_digits(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, byte| Some(value << 4 | (*byte as char).to_digit(16)?))
}

/// Decodes `body` into `out`.
fn unescape_str(
    body: &[u8],
    out: &mut Vec<u8>,
    noticed: &mut Noticed,
    target: Target,
) -> Result<(), BadEscape> {
    let mut pos = 0;
    while let Some(backslash) = memchr::memchr(b'\\', &body[pos..]).map(|n| pos + n) {
        out.extend_from_slice(&body[pos..backslash]);
        let at = backslash + 1;
        let Some(&byte) = body.get(at) else {
            out.push(b'\\');
            return Ok(());
        };
        pos = at + 1;
        if let Some(value) = simple_escape(byte) {
            out.push(value);
            continue;
        }
        match byte {
            b'\n' => {}
            b'0'..=b'7' => {
                let (code, digits) = octal_escape(&body[at..]);
                if code > 0o377 {
                    noticed.invalid.get_or_insert(at);
                }
                push_code(out, code);
                pos = at + digits;
            }
            b'x' | b'u' | b'U' => {
                let (count, why) = match byte {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let rest = &body[pos..];
                let digits = rest.iter().take(count).take_while(|byte| byte.is_ascii_hexdigit()).count();
                let from = || escaped_length(&body[..backslash]);
                if digits < count {
                    return Err(BadEscape::Unicode(from(), from() + 1 + digits, why));
                }
                let code = hex_digits(&rest[..count]).unwrap_or(u32::MAX);
                if code > 0x10_ffff {
                    return Err(BadEscape::Unicode(from(), from() + 9, "illegal Unicode character"));
                }
                push_code(out, code);
                pos += count;
            }
            b'N' => {
                noticed.named = true;
                pos = named_escape(body, backslash, out, target)?;
            }
            _ => {
                out.push(b'\\');
                if byte < 0x80 {
                    noticed.invalid.get_or_insert(at);
                }
                // The character itself stays, all bytes of it.
                pos = at;
                out.push(byte);
                pos += 1;
            }
        }
    }
    out.extend_from_slice(&body[pos..]);
    Ok(())
}

/// `\N{…}`: returns where it ends.
fn named_escape(
    body: &[u8],
    backslash: usize,
    out: &mut Vec<u8>,
    target: Target,
) -> Result<usize, BadEscape> {
    let from = || escaped_length(&body[..backslash]);
    let name_at = backslash + 3;
    let malformed = "malformed \\N character escape";
    if body.get(backslash + 2) != Some(&b'{') {
        return Err(BadEscape::Unicode(from(), from() + 1, malformed));
    }
    let rest = &body[name_at..];
    let Some(length) = memchr::memchr(b'}', rest) else {
        return Err(BadEscape::Unicode(from(), from() + 2 + escaped_length(rest), malformed));
    };
    if length == 0 {
        return Err(BadEscape::Unicode(from(), from() + 2, malformed));
    }
    let name = std::str::from_utf8(&rest[..length]).unwrap_or_default();
    let Some(c) = character_named(name, target) else {
        let to = from() + 3 + escaped_length(&rest[..length]);
        return Err(BadEscape::Unicode(from(), to, "unknown Unicode character name"));
    };
    push_code(out, c as u32);
    Ok(name_at + length + 1)
}

fn unescape_bytes(body: &[u8], out: &mut Vec<u8>, invalid: &mut Option<usize>) -> Result<(), BadEscape> {
    let mut pos = 0;
    while let Some(backslash) = memchr::memchr(b'\\', &body[pos..]).map(|n| pos + n) {
        out.extend_from_slice(&body[pos..backslash]);
        let at = backslash + 1;
        let byte = body.get(at).copied().unwrap_or(b'\\');
        pos = at + 1;
        if let Some(value) = simple_escape(byte) {
            out.push(value);
            continue;
        }
        match byte {
            b'\n' => {}
            b'0'..=b'7' => {
                let (code, digits) = octal_escape(&body[at..]);
                if code > 0o377 {
                    invalid.get_or_insert(at);
                }
                out.push(code as u8);
                pos = at + digits;
            }
            b'x' => {
                let Some(code) = body.get(pos..pos + 2).and_then(hex_digits) else {
                    return Err(BadEscape::Bytes(backslash));
                };
                out.push(code as u8);
                pos += 2;
            }
            _ => {
                invalid.get_or_insert(at);
                out.extend([b'\\', byte]);
            }
        }
    }
    out.extend_from_slice(body.get(pos..).unwrap_or_default());
    Ok(())
}
