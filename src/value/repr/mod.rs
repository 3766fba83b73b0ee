//! `repr()` and `ascii()` of constants.

#[cfg(test)]
mod tests;

use super::int;
use super::{Const, PyStr, complex, float, unicode};
use crate::target::UnicodeVersion;

/// Appends `repr(value)`.
///
/// # Errors
/// [`int::TOO_LONG_FOR_STR`] for an integer of too many digits: `ValueError`, what was appended stays.
pub fn push_const(value: &Const<'_>, version: UnicodeVersion, out: &mut String) -> Result<(), &'static str> {
    use std::fmt::Write;
    match *value {
        Const::None => out.push_str("None"),
        Const::False => out.push_str("False"),
        Const::True => out.push_str("True"),
        Const::Ellipsis => out.push_str("Ellipsis"),
        Const::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Const::BigInt(value) => out.push_str(&int::decimal(value).ok_or(int::TOO_LONG_FOR_STR)?),
        Const::Float(value) => float::push_repr(value, out),
        Const::Complex(value) => complex::push_repr(*value, out),
        Const::Str(text) => push_str(text, version, out),
        Const::Bytes(bytes) => push_bytes(bytes, out),
        Const::Tuple(items) => {
            out.push('(');
            push_items(items, version, out)?;
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Const::FrozenSet([]) => out.push_str("frozenset()"),
        Const::FrozenSet(items) => {
            out.push_str("frozenset({");
            push_items(items, version, out)?;
            out.push_str("})");
        }
    }
    Ok(())
}

fn push_items(items: &[Const<'_>], version: UnicodeVersion, out: &mut String) -> Result<(), &'static str> {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        push_const(item, version, out)?;
    }
    Ok(())
}

/// Appends `repr(text)`.
pub fn push_str(text: PyStr<'_>, version: UnicodeVersion, out: &mut String) {
    let quote = quote_for(text.as_bytes());
    out.push(quote);
    // Mostly plain ASCII: copied in runs, each ended by a character that needs a look.
    let bytes = text.as_bytes();
    let plain = |byte: u8| (0x20..0x7F).contains(&byte) && byte != b'\\' && byte != quote as u8;
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().position(|&byte| !plain(byte)).unwrap_or(bytes.len() - at);
        push_ascii(&bytes[at..at + run], out);
        at += run;
        let Some(character) = PyStr::from_bytes(&bytes[at..]).char_slices().next() else { break };
        at += character.len();
        let code = PyStr::from_bytes(character).code_points().next().unwrap_or_default();
        match char::from_u32(code) {
            Some(ch) if ch == quote || ch == '\\' => {
                out.push('\\');
                out.push(ch);
            }
            Some(ch) if unicode::is_printable(code, version) => out.push(ch),
            _ => push_escape(code, out),
        }
    }
    out.push(quote);
}

/// Appends `repr(bytes)`.
pub fn push_bytes(bytes: &[u8], out: &mut String) {
    let quote = quote_for(bytes);
    out.push('b');
    out.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            0x20..0x7F if byte == quote as u8 => {
                out.push('\\');
                out.push(quote);
            }
            0x20..0x7F => out.push(char::from(byte)),
            _ => push_escape(u32::from(byte), out),
        }
    }
    out.push(quote);
}

/// Appends `ascii(value)`, given `repr(value)`: every character outside ASCII as an escape.
pub fn push_ascii_only(repr: &str, out: &mut String) {
    for ch in repr.chars() {
        if ch.is_ascii() {
            out.push(ch);
        } else {
            push_escape(ch as u32, out);
        }
    }
}

/// Single quotes, unless the text has such quotes and no double ones.
fn quote_for(bytes: &[u8]) -> char {
    if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' }
}

fn push_ascii(bytes: &[u8], out: &mut String) {
    out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
}

/// Appends the escape of the code point `code`.
pub fn push_escape(code: u32, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (mark, width) = match code {
        0x09 => return out.push_str("\\t"),
        0x0A => return out.push_str("\\n"),
        0x0D => return out.push_str("\\r"),
        0..0x100 => ("\\x", 2),
        0x100..0x1_0000 => ("\\u", 4),
        _ => ("\\U", 8),
    };
    out.push_str(mark);
    for digit in (0..width).rev() {
        out.push(char::from(DIGITS[(code >> (4 * digit) & 15) as usize]));
    }
}
