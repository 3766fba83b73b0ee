//! `binascii`

use super::native::{parse, parse_most};
use crate::builtins::exceptions::Exc;
use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::borrow::Cow;

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("hexlify", |vm, args| hexlify(vm, "hexlify", args)),
    ("b2a_hex", |vm, args| hexlify(vm, "b2a_hex", args)),
    ("unhexlify", |vm, args| unhexlify(vm, "unhexlify", args)),
    ("a2b_hex", |vm, args| unhexlify(vm, "a2b_hex", args)),
    ("a2b_base64", from_base64),
    ("b2a_base64", to_base64),
    ("a2b_uu", from_uu),
    ("b2a_uu", to_uu),
    ("a2b_qp", from_quoted),
    ("b2a_qp", to_quoted),
    ("crc32", |vm, args| {
        let values = positional(vm, "crc32", args, 1, 2)?;
        let start = values.get(1).map_or(Ok(0), |it| low_word(vm, it))?;
        Ok(vm.int(crc32(&vm.buffer(&values[0])?, start).into()))
    }),
    ("crc_hqx", |vm, args| {
        let values = positional(vm, "crc_hqx", args, 2, 2)?;
        let mut crc = low_word(vm, &values[1])? & 0xFFFF;
        for &byte in vm.buffer(&values[0])?.iter() {
            crc ^= u32::from(byte) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 } & 0xFFFF;
            }
        }
        Ok(vm.int(crc.into()))
    }),
];

/// `binascii`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "Error", vm.own_exception("binascii.Error", Exc::ValueError)?);
    vm.put(module, "Incomplete", vm.own_exception("binascii.Incomplete", Exc::Exception)?);
    Ok(())
}

fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_own("binascii.Error", Exc::ValueError, message)
}

/// The low 32 bits of an int.
pub(crate) fn low_word(vm: &Vm, value: &Value) -> R<u32> {
    match vm.as_big(value) {
        Some(number) => {
            let low = number & num_bigint::BigInt::from(u32::MAX);
            Ok(num_traits::ToPrimitive::to_u32(&low).unwrap_or(0))
        }
        None => super::native::index(vm, value).map(|it| it as u32),
    }
}

/// The check sum of zip and PNG files: eight bits in each step, by a table.
pub(crate) fn crc32(data: &[u8], start: u32) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let (mut word, mut bit) = (index as u32, 0);
            while bit < 8 {
                word = if word & 1 == 0 { word >> 1 } else { word >> 1 ^ 0xEDB8_8320 };
                bit += 1;
            }
            table[index] = word;
            index += 1;
        }
        table
    };
    !data.iter().fold(!start, |crc, &byte| TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

/// Bytes, or a text of ASCII characters.
fn ascii<'a>(vm: &Vm, value: &'a Value) -> R<Cow<'a, [u8]>> {
    if let Some(text) = value.get::<Str>() {
        return match text.ascii() {
            Some(text) => Ok(Cow::Borrowed(text.as_bytes())),
            None => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    match vm.buffer_or_none(value)? {
        Some(data) => Ok(data),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("argument should be bytes, buffer or ASCII string, not '{got}'")))
        }
    }
}

fn hexlify(vm: &Vm, name: &str, args: Args<'_>) -> R {
    let [data, sep, group] = parse(vm, name, args, ["data", "sep", "bytes_per_sep"], 1)?;
    let none = NONE;
    let data = vm.buffer(data.unwrap_or(&none))?;
    let bytes = vm.bytes(data.into_owned());
    let mut values = vec![bytes.clone()];
    values.extend(sep.cloned());
    values.extend(group.filter(|_| sep.is_some()).cloned());
    let hex = vm.get_attribute(vm.types.bytes.value(), &vm.intern("hex"))?;
    let text = vm.call_with(&hex, &values)?;
    Ok(vm.bytes(vm.text_of(&text).into_bytes()))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|it| it as u8)
}

fn unhexlify(vm: &Vm, name: &str, args: Args<'_>) -> R {
    let data = ascii(vm, &positional(vm, name, args, 1, 1)?[0])?;
    if data.len() % 2 != 0 {
        return Err(error(vm, "Odd-length string"));
    }
    let mut out = Vec::with_capacity(data.len() / 2);
    for pair in data.chunks_exact(2) {
        match (digit(pair[0]), digit(pair[1])) {
            (Some(high), Some(low)) => out.push(high << 4 | low),
            _ => return Err(error(vm, "Non-hexadecimal digit found")),
        }
    }
    Ok(vm.bytes(out))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(vm: &Vm, args: Args<'_>) -> R {
    let [data, newline] = parse_most(vm, "b2a_base64", args, ["data", "newline"], 1, 1)?;
    let none = NONE;
    let data = vm.buffer(data.unwrap_or(&none))?;
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
    for part in data.chunks(3) {
        let word =
            part.iter().enumerate().fold(0u32, |word, (at, &byte)| word | u32::from(byte) << (16 - 8 * at));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= part.len() { letter } else { b'=' });
        }
    }
    if newline.map_or(Ok(true), |it| vm.truth(it))? {
        out.push(b'\n');
    }
    Ok(vm.bytes(out))
}

/// The value of a letter of base 64.
const fn sextet(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

/// A letter alone means less than a byte.
fn one_letter(vm: &Vm, bytes: usize) -> Raised {
    let count = bytes / 3 * 4 + 1;
    let message = format!(
        "Invalid base64-encoded string: number of data characters ({count}) cannot be 1 more than a multiple of 4"
    );
    error(vm, &message)
}

fn from_base64(vm: &Vm, args: Args<'_>) -> R {
    let [data, strict] = parse_most(vm, "a2b_base64", args, ["data", "strict_mode"], 1, 1)?;
    let none = NONE;
    let data = ascii(vm, data.unwrap_or(&none))?;
    let strict = strict.map_or(Ok(false), |it| vm.truth(it))?;
    if strict && data.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    let mut out = Vec::with_capacity(data.len() / 4 * 3);
    let (mut place, mut left, mut pads) = (0, 0u32, 0);
    for &byte in data.iter() {
        if byte == b'=' {
            if strict && place == 0 {
                return Err(error(vm, "Excess padding not allowed"));
            }
            if strict && place == 1 {
                return Err(one_letter(vm, out.len()));
            }
            if place >= 2 {
                pads += 1;
                if strict && place + pads > 4 {
                    return Err(error(vm, "Excess padding not allowed"));
                }
            }
            continue;
        }
        let Some(value) = sextet(byte) else {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        };
        if strict && pads > 0 {
            return Err(match place + pads {
                4 => error(vm, "Excess data after padding"),
                _ => error(vm, "Discontinuous padding not allowed"),
            });
        }
        pads = 0;
        place += 1;
        match place {
            1 => left = value,
            2 => {
                out.push((left << 2 | value >> 4) as u8);
                left = value & 15;
            }
            3 => {
                out.push((left << 4 | value >> 2) as u8);
                left = value & 3;
            }
            _ => {
                out.push((left << 6 | value) as u8);
                place = 0;
            }
        }
    }
    if place == 1 {
        return Err(one_letter(vm, out.len()));
    }
    if place != 0 && place + pads < 4 {
        return Err(error(vm, "Incorrect padding"));
    }
    Ok(vm.bytes(out))
}

/// `a2b_qp`: quoted-printable as bytes.
fn from_quoted(vm: &Vm, args: Args<'_>) -> R {
    let [data, header] = parse(vm, "a2b_qp", args, ["data", "header"], 1)?;
    let none = NONE;
    let data = ascii(vm, data.unwrap_or(&none))?;
    let header = header.map_or(Ok(false), |it| vm.truth(it))?;
    let mut out = Vec::with_capacity(data.len());
    let mut rest = &data[..];
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match (*byte, behind) {
            (b'=', []) => break,
            // The end of a line that means none, whatever stands behind a carriage return.
            (b'=', [b'\r' | b'\n', ..]) => {
                let end = memchr::memchr(b'\n', behind).map_or(behind.len(), |at| at + 1);
                rest = &behind[end..];
            }
            (b'=', [b'=', after @ ..]) => {
                out.push(b'=');
                rest = after;
            }
            (b'=', [high, low, after @ ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                out.push(digit(*high).unwrap_or(0) << 4 | digit(*low).unwrap_or(0));
                rest = after;
            }
            (b'_', _) if header => out.push(b' '),
            (byte, _) => out.push(byte),
        }
    }
    Ok(vm.bytes(out))
}

/// What makes quoted-printable of bytes.
struct Quoting {
    tabs: bool,
    text: bool,
    header: bool,
}

impl Quoting {
    /// Must the first of these bytes be written as a number?
    fn is_quoted(&self, rest: &[u8], column: usize) -> bool {
        let next = rest.get(1);
        match rest[0] {
            b'=' | 127.. => true,
            b'_' => self.header,
            b'.' => column == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)),
            b'\r' | b'\n' => !self.text,
            b'\t' | b' ' => self.tabs || next.is_none(),
            byte => byte < 33,
        }
    }

    /// The text; lines end as the first one of the data does.
    fn encode(&self, data: &[u8]) -> Vec<u8> {
        const LONGEST: usize = 76;
        let ends_in_two = memchr::memchr(b'\n', data).is_some_and(|at| at > 0 && data[at - 1] == b'\r');
        let end: &[u8] = if ends_in_two { b"\r\n" } else { b"\n" };
        let mut out = Vec::with_capacity(data.len() * 2);
        let (mut at, mut column) = (0, 0);
        let break_line = |out: &mut Vec<u8>| {
            out.push(b'=');
            out.extend_from_slice(end);
        };
        while let Some(&byte) = data.get(at) {
            let rest = &data[at..];
            if self.is_quoted(rest, column) {
                if column + 3 >= LONGEST {
                    break_line(&mut out);
                    column = 0;
                }
                out.extend(quoted(byte));
                column += 3;
                at += 1;
                continue;
            }
            if self.text && (byte == b'\n' || rest.starts_with(b"\r\n")) {
                column = 0;
                // Blanks at the end of a line would get lost.
                if let Some(&blank @ (b' ' | b'\t')) = out.last() {
                    out.pop();
                    out.extend(quoted(blank));
                }
                out.extend_from_slice(end);
                at += if byte == b'\r' { 2 } else { 1 };
                continue;
            }
            if rest.get(1).is_some_and(|&next| next != b'\n') && column + 1 >= LONGEST {
                break_line(&mut out);
                column = 0;
            }
            column += 1;
            out.push(if self.header && byte == b' ' { b'_' } else { byte });
            at += 1;
        }
        out
    }
}

fn quoted(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

/// `b2a_qp`: bytes as quoted-printable.
fn to_quoted(vm: &Vm, args: Args<'_>) -> R {
    let [data, tabs, text, header] = parse(vm, "b2a_qp", args, ["data", "quotetabs", "istext", "header"], 1)?;
    let none = NONE;
    let data = vm.buffer(data.unwrap_or(&none))?;
    let is = |value: Option<&Value>, default: bool| value.map_or(Ok(default), |it| vm.truth(it));
    let quoting = Quoting { tabs: is(tabs, false)?, text: is(text, true)?, header: is(header, false)? };
    Ok(vm.bytes(quoting.encode(&data)))
}

fn to_uu(vm: &Vm, args: Args<'_>) -> R {
    let [data, backtick] = parse_most(vm, "b2a_uu", args, ["data", "backtick"], 1, 1)?;
    let none = NONE;
    let data = vm.buffer(data.unwrap_or(&none))?;
    let backtick = backtick.map_or(Ok(false), |it| vm.truth(it))?;
    if data.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let letter = |value: u32| match value as u8 & 63 {
        0 if backtick => b'`',
        value => value + b' ',
    };
    let mut out = vec![letter(data.len() as u32)];
    for part in data.chunks(3) {
        let word =
            part.iter().enumerate().fold(0u32, |word, (at, &byte)| word | u32::from(byte) << (16 - 8 * at));
        out.extend((0..4).map(|place| letter(word >> (18 - 6 * place))));
    }
    out.push(b'\n');
    Ok(vm.bytes(out))
}

fn from_uu(vm: &Vm, args: Args<'_>) -> R {
    let data = ascii(vm, &positional(vm, "a2b_uu", args, 1, 1)?[0])?;
    let (first, rest) = data.split_first().map_or((b' ', &[][..]), |(first, rest)| (*first, rest));
    let count = usize::from(first.wrapping_sub(b' ') & 63);
    let mut out = Vec::with_capacity(count);
    let (mut word, mut bits) = (0u32, 0);
    let mut rest = rest.iter().copied();
    while out.len() < count {
        let value = match rest.next() {
            None | Some(b'\n' | b'\r') => 0,
            Some(byte @ b' '..=b'`') => u32::from(byte - b' ') & 63,
            Some(_) => return Err(error(vm, "Illegal char")),
        };
        word = word << 6 | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    if rest.any(|byte| !matches!(byte, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(vm, "Trailing garbage"));
    }
    Ok(vm.bytes(out))
}
