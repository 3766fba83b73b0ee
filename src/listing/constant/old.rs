//! `repr()` as Python 2 and 3.0 had it, where it differs from today's.

use crate::value::{PyStr, repr};

/// Appends the `repr` of a Python 2 `unicode`: everything beyond ASCII is escaped.
pub fn push_unicode(text: PyStr<'_>, out: &mut Vec<u8>) {
    let has = |wanted: u8| text.as_bytes().contains(&wanted);
    let quote = if has(b'\'') && !has(b'"') { b'"' } else { b'\'' };
    out.push(b'u');
    out.push(quote);
    for point in text.code_points() {
        match u8::try_from(point) {
            Ok(b'\n') => out.extend_from_slice(b"\\n"),
            Ok(b'\r') => out.extend_from_slice(b"\\r"),
            Ok(b'\t') => out.extend_from_slice(b"\\t"),
            Ok(byte) if byte == quote || byte == b'\\' => out.extend_from_slice(&[b'\\', byte]),
            Ok(byte @ 0x20..0x7f) => out.push(byte),
            Ok(byte) => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
            Err(_) if point < 0x1_0000 => out.extend_from_slice(format!("\\u{point:04x}").as_bytes()),
            Err(_) => out.extend_from_slice(format!("\\U{point:08x}").as_bytes()),
        }
    }
    out.push(quote);
}

/// Escapes the characters of `text` that are in one of the ranges `unknown`.
pub fn escape(unknown: &[(u32, u32)], text: &mut String) {
    let known = |ch: char| {
        let after = unknown.partition_point(|&(first, _)| first <= ch as u32);
        after == 0 || unknown[after - 1].1 < ch as u32
    };
    if unknown.is_empty() || text.chars().all(known) {
        return;
    }
    for ch in std::mem::take(text).chars() {
        match known(ch) {
            true => text.push(ch),
            false => repr::push_escape(ch as u32, text),
        }
    }
}

/// Appends `%.17g` of `value`, with `.0` behind what would look like an int.
pub fn push_float(value: f64, out: &mut Vec<u8>) {
    let start = out.len();
    push_17g(value, out);
    if out[start..].iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') {
        out.extend_from_slice(b".0");
    }
}

/// Appends the `repr` of a `complex` of two such parts.
pub fn push_complex(re: f64, im: f64, out: &mut Vec<u8>) {
    if re == 0.0 {
        push_17g(im, out);
        return out.push(b'j');
    }
    out.push(b'(');
    push_17g(re, out);
    if !(im.is_sign_negative() || im.is_nan()) {
        out.push(b'+');
    }
    push_17g(im, out);
    out.extend_from_slice(b"j)");
}

/// C's `%.17g`: an exponent below −4 or above 16 is written, zeros at the end are not.
fn push_17g(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        let text = if value.is_nan() { "nan" } else { "inf" };
        if value < 0.0 {
            out.push(b'-');
        }
        return out.extend_from_slice(text.as_bytes());
    }
    let text = format!("{value:.16e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..17).contains(&exponent) {
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        let sign = if exponent < 0 { '-' } else { '+' };
        return out.extend_from_slice(format!("{digits}e{sign}{:02}", exponent.unsigned_abs()).as_bytes());
    }
    let places = usize::try_from(16 - exponent).unwrap_or(0);
    let fixed = format!("{value:.places$}");
    let fixed = if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.') } else { &fixed };
    out.extend_from_slice(fixed.as_bytes());
}
