//! Forms of Unicode other than plain UTF-8, and text with escape sequences.

use super::text::{self, Decoder, Fault, Text};
use super::utf8;
use crate::target::Target;
use crate::value::unicode::character_named;

/// Decodes with a module of `Lib/encodings`; `fault` is also told what Python's messages call the codec.
/// None if the module is not here.
pub(super) fn decode(
    bytes: &[u8],
    module: &str,
    target: Target,
    fault: &dyn Fn(Fault, &str) -> Result<char, String>,
) -> Option<Result<Text, String>> {
    let (order, skip) = byte_order(bytes, module);
    let wide = |codec_le: &'static str, codec_be: &'static str| match order {
        Order::Little => codec_le,
        Order::Big => codec_be,
    };
    // Offsets in messages count the mark.
    let from =
        |decoder: UtfWide, codec| text::decode(bytes, Skip { decoder, skip }, |found| fault(found, codec));
    Some(match module {
        "utf_8" | "utf_8_sig" => text::decode(bytes, Utf8, |found| fault(found, "utf-8")),
        "utf_7" => text::decode(bytes, Utf7::default(), |found| fault(found, "utf7")),
        "utf_16" | "utf_16_le" | "utf_16_be" => {
            from(UtfWide { order, width: 2 }, wide("utf-16-le", "utf-16-be"))
        }
        "utf_32" | "utf_32_le" | "utf_32_be" => {
            from(UtfWide { order, width: 4 }, wide("utf-32-le", "utf-32-be"))
        }
        "raw_unicode_escape" => text::decode(bytes, RawEscapes, |found| fault(found, "rawunicodeescape")),
        "unicode_escape" => text::decode(bytes, Escapes { target }, |found| fault(found, "unicodeescape")),
        _ => return None,
    })
}

/// UTF-8.
struct Utf8;

impl Decoder for Utf8 {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let rest = &bytes[at..];
        match utf8::first_error(rest) {
            None => text.push_str(&String::from_utf8_lossy(rest)),
            Some((0, len, reason)) => return Err(Fault { start: at, len: usize::from(len), reason }),
            Some((valid, ..)) => {
                text.push_str(&String::from_utf8_lossy(&rest[..valid]));
                return Ok(at + valid);
            }
        }
        Ok(bytes.len())
    }
}

/// Which byte of a unit comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Little,
    Big,
}

/// The order of bytes, and the length of the mark that says so. Without a mark it is the machine's; here
/// it is that of nearly every machine.
fn byte_order(bytes: &[u8], module: &str) -> (Order, usize) {
    match module {
        "utf_16_be" | "utf_32_be" => (Order::Big, 0),
        "utf_16" if bytes.starts_with(b"\xFF\xFE") => (Order::Little, 2),
        "utf_16" if bytes.starts_with(b"\xFE\xFF") => (Order::Big, 2),
        "utf_32" if bytes.starts_with(b"\xFF\xFE\0\0") => (Order::Little, 4),
        "utf_32" if bytes.starts_with(b"\0\0\xFE\xFF") => (Order::Big, 4),
        _ => (Order::Little, 0),
    }
}

/// A decoder that starts after `skip` bytes.
struct Skip<D> {
    decoder: D,
    skip: usize,
}

impl<D: Decoder> Decoder for Skip<D> {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        if at < self.skip { Ok(self.skip) } else { self.decoder.step(bytes, at, text) }
    }
}

/// UTF-16 and UTF-32.
struct UtfWide {
    order: Order,
    /// Bytes of a unit, 2 or 4.
    width: usize,
}

impl UtfWide {
    fn unit(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let unit = bytes.get(at..at + self.width)?.iter();
        let fold = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
        Some(match self.order {
            Order::Little => unit.rev().fold(0, fold),
            Order::Big => unit.fold(0, fold),
        })
    }
}

impl Decoder for UtfWide {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let to_end = |reason| Fault { start: at, len: bytes.len() - at, reason };
        let one = |reason| Fault { start: at, len: self.width, reason };
        let next = at + self.width;
        let unit = self.unit(bytes, at).ok_or_else(|| to_end("truncated data"))?;
        match (char::from_u32(unit), unit) {
            (Some(character), _) => text.push(character),
            (None, _) if self.width == 4 => {
                return Err(one(match unit {
                    0xD800..=0xDFFF => "code point in surrogate code point range",
                    _ => "code point not in range(0x110000)",
                }));
            }
            (None, 0xDC00..) => return Err(one("illegal encoding")),
            (None, high) => match self.unit(bytes, next) {
                None => return Err(to_end("unexpected end of data")),
                Some(low @ 0xDC00..=0xDFFF) => {
                    text.push_code(join(high, low));
                    return Ok(next + 2);
                }
                Some(_) => return Err(one("illegal UTF-16 surrogate")),
            },
        }
        Ok(next)
    }
}

fn join(high: u32, low: u32) -> u32 {
    0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF)
}

/// UTF-7 (RFC 2152), as Python reads it: all of ASCII stands for itself outside of shifts.
#[derive(Default)]
struct Utf7 {
    shift: Option<Shift>,
}

/// Inside `+…-`: base64 of UTF-16.
struct Shift {
    /// Where the plus sign is.
    start: usize,
    /// Bits that are not part of a unit yet, and how many.
    buffer: u32,
    bits: u32,
    /// A high surrogate that waits for a low one.
    high: Option<u32>,
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

impl Shift {
    fn add(&mut self, sextet: u32, text: &mut Text) {
        self.buffer = self.buffer << 6 | sextet;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let unit = self.buffer >> self.bits;
        self.buffer &= (1 << self.bits) - 1;
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => return text.push_code(join(high, unit)),
            (Some(high), _) => text.push_code(high),
            (None, _) => {}
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => text.push_code(unit),
        }
    }

    /// What is wrong with the bits that are left when the shift ends.
    fn left_over(&self) -> Option<&'static str> {
        match (self.bits, self.buffer) {
            (6.., _) => Some("partial character in shift sequence"),
            (_, 1..) => Some("non-zero padding bits in shift sequence"),
            _ => None,
        }
    }
}

impl Decoder for Utf7 {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let byte = bytes[at];
        if let Some(shift) = &mut self.shift {
            if let Some(sextet) = sextet(byte) {
                shift.add(sextet, text);
                return Ok(at + 1);
            }
            let shift = self.shift.take();
            if let Some(shift) = shift {
                if let Some(reason) = shift.left_over() {
                    return Err(Fault { start: shift.start, len: at + 1 - shift.start, reason });
                }
                if let Some(high) = shift.high.filter(|_| byte.is_ascii()) {
                    text.push_code(high);
                }
            }
            return Ok(if byte == b'-' { at + 1 } else { at });
        }
        match (byte, bytes.get(at + 1)) {
            (b'+', Some(b'-')) => {
                text.push('+');
                return Ok(at + 2);
            }
            (b'+', Some(&next)) if sextet(next).is_none() => {
                return Err(Fault { start: at, len: 2, reason: "ill-formed sequence" });
            }
            (b'+', _) => self.shift = Some(Shift { start: at, buffer: 0, bits: 0, high: None }),
            (0x80.., _) => return Err(Fault { start: at, len: 1, reason: "unexpected special character" }),
            _ => text.push(char::from(byte)),
        }
        Ok(at + 1)
    }

    fn end(&mut self, bytes: &[u8], _text: &mut Text) -> Result<(), Fault> {
        match self.shift.take() {
            Some(shift) if shift.high.is_some() || shift.left_over().is_some() => Err(Fault {
                start: shift.start,
                len: bytes.len() - shift.start,
                reason: "unterminated shift sequence",
            }),
            _ => Ok(()),
        }
    }
}

/// The code point of so many hexadecimal digits at `at`, or how many there are.
fn hexadecimal(bytes: &[u8], at: usize, count: usize) -> Result<u32, usize> {
    let digits = bytes[at..].iter().take(count).map_while(|&byte| char::from(byte).to_digit(16));
    let (mut value, mut found) = (0, 0);
    for digit in digits {
        value = value << 4 | digit;
        found += 1;
    }
    if found == count { Ok(value) } else { Err(found) }
}

/// `\uXXXX` or `\UXXXXXXXX`, or `\xXX`, at `at`; adds its code point.
fn numeric_escape(
    bytes: &[u8],
    at: usize,
    out_of_range: &'static str,
    text: &mut Text,
) -> Result<usize, Fault> {
    let (count, truncated) = match bytes[at + 1] {
        b'x' => (2, "truncated \\xXX escape"),
        b'u' => (4, "truncated \\uXXXX escape"),
        _ => (8, "truncated \\UXXXXXXXX escape"),
    };
    match hexadecimal(bytes, at + 2, count) {
        Ok(code @ 0..=0x10_FFFF) => text.push_code(code),
        Ok(_) => return Err(Fault { start: at, len: 2 + count, reason: out_of_range }),
        Err(digits) => return Err(Fault { start: at, len: 2 + digits, reason: truncated }),
    }
    Ok(at + 2 + count)
}

/// `raw_unicode_escape`: Latin-1 with `\u` and `\U`.
struct RawEscapes;

impl Decoder for RawEscapes {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'u' | b'U')) => numeric_escape(bytes, at, "\\Uxxxxxxxx out of range", text),
            (b'\\', Some(&next)) => {
                text.push('\\');
                text.push(char::from(next));
                Ok(at + 2)
            }
            (byte, _) => {
                text.push(char::from(byte));
                Ok(at + 1)
            }
        }
    }
}

/// `unicode_escape`: Latin-1 with the escapes of string literals.
struct Escapes {
    target: Target,
}

impl Escapes {
    /// `\N{…}` at `at`.
    fn named(&self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let fault = |len, reason| Fault { start: at, len, reason };
        let malformed = "malformed \\N character escape";
        if bytes.get(at + 2) != Some(&b'{') {
            return Err(fault(2, malformed));
        }
        let name = &bytes[at + 3..];
        let Some(length) = memchr::memchr(b'}', name) else {
            return Err(fault(bytes.len() - at, malformed));
        };
        if length == 0 {
            return Err(fault(3, malformed));
        }
        let found =
            std::str::from_utf8(&name[..length]).ok().and_then(|name| character_named(name, self.target));
        text.push(found.ok_or_else(|| fault(4 + length, "unknown Unicode character name"))?);
        Ok(at + 4 + length)
    }
}

impl Decoder for Escapes {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        if bytes[at] != b'\\' {
            text.push(char::from(bytes[at]));
            return Ok(at + 1);
        }
        let Some(&escape) = bytes.get(at + 1) else {
            return Err(Fault { start: at, len: 1, reason: "\\ at end of string" });
        };
        let simple = match escape {
            b'\n' => return Ok(at + 2),
            b'x' | b'u' | b'U' => return numeric_escape(bytes, at, "illegal Unicode character", text),
            b'N' => return self.named(bytes, at, text),
            b'0'..=b'7' => {
                let digits = bytes[at + 1..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte));
                let (code, count) =
                    digits.fold((0, 0), |(code, count), byte| (code * 8 + u32::from(byte - b'0'), count + 1));
                text.push_code(code);
                return Ok(at + 1 + count);
            }
            b'\\' | b'\'' | b'"' => escape,
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            _ => {
                text.push('\\');
                escape
            }
        };
        text.push(char::from(simple));
        Ok(at + 2)
    }
}
