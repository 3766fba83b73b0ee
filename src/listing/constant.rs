//! `repr()` of constants.
//!
//! What varies between runs of CPython is fixed: the address of a code object is `0x0`, and a set shows its
//! elements in the order of the file.

mod old;

use super::error::ErrorKind;
use super::style::{Constants, Floats, Literals};
use crate::code::{Object, ObjectId, Objects, Range};
use crate::target::{Strings, UnicodeVersion};
use crate::value::{ComplexLit, PyStr, complex, float, repr};

/// What stands for a constant that is nested deeper than this.
const DEPTH: u32 = 200;

/// How constants are shown.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Which characters are printable.
    pub unicode: UnicodeVersion,
    /// How long the output may become, in bytes: a few shared tuples can stand for more elements than there
    /// is memory.
    pub limit: usize,
    /// Whose `repr` it is.
    pub constants: Constants,
}

/// Appends `repr()` of `id` to `out`.
///
/// # Errors
/// [`ErrorKind::TooLong`] when `out` would grow beyond the limit.
pub fn write_repr(
    objects: &Objects<'_>,
    id: ObjectId,
    form: Form,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    nested(objects, id, form, DEPTH, out)
}

fn nested(
    objects: &Objects<'_>,
    id: ObjectId,
    form: Form,
    depth: u32,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    let list = |range: Range, open: &str, close: &str, out: &mut Vec<u8>| {
        out.extend_from_slice(open.as_bytes());
        elements(objects, range, form, depth, |_| b", ", out)?;
        out.extend_from_slice(close.as_bytes());
        Ok(())
    };
    match objects.get(id) {
        Object::Null => out.extend_from_slice(b"<NULL>"),
        Object::None => out.extend_from_slice(b"None"),
        Object::False => out.extend_from_slice(b"False"),
        Object::True => out.extend_from_slice(b"True"),
        Object::StopIteration => out.extend_from_slice(b"<class 'StopIteration'>"),
        Object::Ellipsis => out.extend_from_slice(b"Ellipsis"),
        Object::Int(value) => push_int(i64::from(value), out),
        Object::Int64(value) => push_int(value, out),
        Object::Long { negative, digits } => {
            long(negative, digits, form.constants.most_digits, out);
            if form.constants.literals == Literals::Python2 {
                out.push(b'L');
            }
        }
        Object::Float(bits) => push_float(f64::from_bits(bits), form, out),
        Object::Complex { re, im } if form.constants.floats == Floats::Seventeen => {
            old::push_complex(f64::from_bits(re), f64::from_bits(im), out);
        }
        Object::Complex { re, im } => {
            let value = ComplexLit { re: f64::from_bits(re), im: f64::from_bits(im) };
            borrowed(out, |text| complex::push_repr(value, text));
        }
        Object::Str { text, .. } => push_str(text, form, out),
        Object::Bytes(bytes) => push_bytes(bytes, form, out),
        Object::Tuple(range) => list(range, "(", if range.len == 1 { ",)" } else { ")" }, out)?,
        Object::List(range) => list(range, "[", "]", out)?,
        Object::Set(range) if range.len == 0 => out.extend_from_slice(b"set()"),
        Object::Set(range) => list(range, "{", "}", out)?,
        Object::FrozenSet(range) if range.len == 0 => out.extend_from_slice(b"frozenset()"),
        Object::FrozenSet(range) => list(range, "frozenset({", "})", out)?,
        Object::Dict(range) => {
            out.push(b'{');
            let separator = |index: usize| if index % 2 == 1 { b": " } else { b", " };
            elements(objects, range, form, depth, separator, out)?;
            out.push(b'}');
        }
        Object::Slice(parts) => {
            for (part, before) in parts.into_iter().zip(["slice(", ", ", ", "]) {
                out.extend_from_slice(before.as_bytes());
                match depth {
                    0 => out.extend_from_slice(b"..."),
                    _ => nested(objects, part, form, depth - 1, out)?,
                }
            }
            out.push(b')');
        }
        Object::Code(_) => code(objects, id, out),
    }
    if out.len() > form.limit { Err(ErrorKind::TooLong { limit: form.limit }) } else { Ok(()) }
}

/// The elements of a container, with what stands before all but the first.
fn elements(
    objects: &Objects<'_>,
    range: Range,
    form: Form,
    depth: u32,
    separator: impl Fn(usize) -> &'static [u8; 2],
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    if depth == 0 {
        out.extend_from_slice(b"...");
        return Ok(());
    }
    for (index, &child) in objects.children(range).iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(separator(index));
        }
        nested(objects, child, form, depth - 1, out)?;
    }
    Ok(())
}

/// Is the `repr` of a `str` just the text between single quotes?
#[inline]
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|&byte| (0x20..0x7f).contains(&byte) && byte != b'\'' && byte != b'\\')
}

fn push_str(text: PyStr<'_>, form: Form, out: &mut Vec<u8>) {
    let plain = is_plain(text.as_bytes());
    match form.constants.literals {
        Literals::Python3 if !plain => borrowed(out, |out| {
            repr::push_str(text, form.unicode, out);
            old::escape(form.constants.unknown, out);
        }),
        Literals::Python2 if !plain => old::push_unicode(text, out),
        literals => {
            out.extend_from_slice(if literals == Literals::Python2 { b"u'" } else { b"'" });
            out.extend_from_slice(text.as_bytes());
            out.push(b'\'');
        }
    }
}

fn push_bytes(bytes: &[u8], form: Form, out: &mut Vec<u8>) {
    let start = out.len();
    borrowed(out, |out| repr::push_bytes(bytes, out));
    if form.constants.literals == Literals::Python2 {
        // The same without the `b`.
        out.remove(start);
    }
}

fn push_float(value: f64, form: Form, out: &mut Vec<u8>) {
    match form.constants.floats {
        Floats::Shortest => borrowed(out, |text| float::push_repr(value, text)),
        Floats::Seventeen => old::push_float(value, out),
    }
}

/// Lets `push` append to a `String` and appends that to `out`.
fn borrowed(out: &mut Vec<u8>, push: impl FnOnce(&mut String)) {
    let mut text = String::new();
    push(&mut text);
    out.extend_from_slice(text.as_bytes());
}

/// Appends an `int` of any size. Python refuses to print too many digits, because that takes quadratic time; such a
/// number is shown in hexadecimal here.
fn long(negative: bool, digits: &[u8], most_digits: usize, out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    let digits = digits.as_chunks::<2>().0.iter().map(|&pair| u16::from_le_bytes(pair) & 0x7fff);
    if digits.len() <= 4 {
        let value = digits.rev().fold(0u64, |value, digit| value << 15 | u64::from(digit));
        return push_number(value, out);
    }
    // Fifteen bits at a time into bytes.
    let mut bytes = Vec::with_capacity(digits.len() * 2);
    let (mut bits, mut filled) = (0u32, 0);
    for digit in digits {
        bits |= u32::from(digit) << filled;
        filled += 15;
        while filled >= 8 {
            bytes.push(bits as u8);
            bits >>= 8;
            filled -= 8;
        }
    }
    bytes.push(bits as u8);
    let value = num_bigint::BigUint::from_bytes_le(&bytes);
    let most = value.bits() as f64 * std::f64::consts::LOG10_2;
    let text = match most > most_digits as f64 + 1.0 {
        false => value.to_str_radix(10),
        true => String::new(),
    };
    if text.is_empty() || text.len() > most_digits {
        out.extend_from_slice(b"0x");
        out.extend_from_slice(value.to_str_radix(16).as_bytes());
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Appends `<code object NAME at 0x0, file "FILE", line N>` (`code_repr` of `Objects/codeobject.c`).
pub fn code(objects: &Objects<'_>, id: ObjectId, out: &mut Vec<u8>) {
    let text = |id| match objects.get(id) {
        Object::Str { text, .. } => Some(text),
        Object::Bytes(bytes) if objects.form.strings != Strings::Text => Some(PyStr::from_bytes(bytes)),
        _ => None,
    };
    let Some(code) = objects.code(id) else { return };
    out.extend_from_slice(b"<code object ");
    push_text(text(code.name).unwrap_or(PyStr::from("?")), out);
    out.extend_from_slice(b" at 0x0, file ");
    match text(code.filename) {
        Some(name) => {
            out.push(b'"');
            push_text(name, out);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"???"),
    }
    out.extend_from_slice(b", line ");
    push_int(if code.firstlineno == 0 { -1 } else { i64::from(code.firstlineno) }, out);
    out.push(b'>');
}

/// Appends `str()` of `text`. A lone surrogate, which no output encoding takes, is escaped.
pub fn push_text(text: PyStr<'_>, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    if !rest.contains(&0xed) {
        out.extend_from_slice(rest);
        return;
    }
    // A surrogate is 0xED, a second byte from 0xA0 on, and a third one.
    while let Some(at) = memchr::memchr(0xed, rest) {
        let (before, tail) = rest.split_at(at);
        out.extend_from_slice(before);
        rest = match *tail {
            [_, second @ 0xa0..=0xff, third, ref after @ ..] => {
                let unit = 0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                after
            }
            _ => {
                out.push(0xed);
                &tail[1..]
            }
        };
    }
    out.extend_from_slice(rest);
}

/// Appends `value` in decimal.
pub fn push_int(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    push_number(value.unsigned_abs(), out);
}

/// Appends `value` in decimal.
pub fn push_number(mut value: u64, out: &mut Vec<u8>) {
    if value < 10 {
        out.push(b'0' + value as u8);
        return;
    }
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    while value > 0 {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&digits[start..]);
}

/// How many digits `value` has in decimal.
pub fn width(value: u64) -> usize {
    value.checked_ilog10().unwrap_or(0) as usize + 1
}
