//! Encodings that the machine knows itself: UTF-8, UTF-16, UTF-32, ASCII and Latin-1; and what is done with what
//! they cannot say. Others are those of the library's `encodings`.

use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::str::push_utf8;
use crate::object::{Bytes, Str, Tuple};
use crate::value::Value;
use crate::vm::{R, Raised, Vm};
use std::borrow::Cow;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Utf8,
    Ascii,
    Latin,
    /// UTF-16 and UTF-32: bytes of a unit, whether little-endian, whether there is a mark at the start.
    Wide(usize, bool, bool),
}

fn known(name: &str) -> Option<Known> {
    // What programs write most.
    match name {
        "utf-8" => return Some(Known::Utf8),
        "ascii" => return Some(Known::Ascii),
        "latin-1" => return Some(Known::Latin),
        _ => {}
    }
    let name: String =
        name.to_ascii_lowercase().chars().map(|ch| if ch == '-' || ch == ' ' { '_' } else { ch }).collect();
    Some(match name.as_str() {
        "utf_8" | "utf8" | "u8" | "utf" | "cp65001" => Known::Utf8,
        "ascii" | "us_ascii" | "646" => Known::Ascii,
        "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" | "8859" | "l1" | "latin" => Known::Latin,
        "utf_16" | "utf16" => Known::Wide(2, true, true),
        "utf_16_le" | "utf_16le" => Known::Wide(2, true, false),
        "utf_16_be" | "utf_16be" => Known::Wide(2, false, false),
        "utf_32" | "utf32" => Known::Wide(4, true, true),
        "utf_32_le" | "utf_32le" => Known::Wide(4, true, false),
        "utf_32_be" | "utf_32be" => Known::Wide(4, false, false),
        _ => return None,
    })
}

fn text<'a>(vm: &Vm, value: Option<&'a Value>, default: &'a str, what: &str) -> R<Cow<'a, str>> {
    match value.filter(|it| !it.is_none()) {
        None => Ok(Cow::Borrowed(default)),
        Some(value) => match value.get::<Str>() {
            Some(text) => Ok(text.to_str()),
            None => {
                let got = vm.type_name(value);
                Err(vm.type_error(format!("{what} must be str, not {got}")))
            }
        },
    }
}

/// `text.encode(encoding, errors)`
pub(crate) fn encode(vm: &Vm, value: &Value, encoding: Option<&Value>, errors: Option<&Value>) -> R {
    let name = text(vm, encoding, "utf-8", "encode() argument 'encoding'")?;
    let errors = text(vm, errors, "strict", "encode() argument 'errors'")?;
    let Some(string) = value.get::<Str>() else { return Err(vm.type_error("a str is required")) };
    let Some(codec) = known(&name) else {
        return by_library(vm, "encode", value, &name, &errors);
    };
    if let (Some(text), Known::Utf8 | Known::Ascii | Known::Latin) = (string.ascii(), codec) {
        return Ok(vm.bytes_from(text.as_bytes()));
    }
    let points = string.points();
    let mut out = Vec::with_capacity(points.len());
    if let Known::Wide(size, true, true) = codec {
        out.extend_from_slice(if size == 2 { &[0xFF, 0xFE] } else { &[0xFF, 0xFE, 0, 0] });
    }
    let mut at = 0;
    while at < points.len() {
        let point = points[at];
        let fits = match codec {
            Known::Ascii => point < 0x80,
            Known::Latin => point < 0x100,
            Known::Utf8 | Known::Wide(..) => char::from_u32(point).is_some(),
        };
        if fits {
            push(codec, point, &mut out);
            at += 1;
            continue;
        }
        let mut end = at + 1;
        let bad = |point: u32| match codec {
            Known::Ascii => point >= 0x80,
            Known::Latin => point >= 0x100,
            Known::Utf8 | Known::Wide(..) => char::from_u32(point).is_none(),
        };
        while end < points.len() && bad(points[end]) {
            end += 1;
        }
        at = cannot_encode(vm, value, (codec, &name), (at, end), &errors, &mut out)?;
    }
    Ok(vm.bytes(out))
}

fn push(codec: Known, point: u32, out: &mut Vec<u8>) {
    let mut unit = |unit: u32, size: usize, little: bool| {
        let bytes = if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        out.extend_from_slice(if little { &bytes[..size] } else { &bytes[4 - size..] });
    };
    match codec {
        Known::Utf8 => push_utf8(point, out),
        Known::Ascii | Known::Latin => out.push(point as u8),
        Known::Wide(2, little, _) if point > 0xFFFF => {
            let rest = point - 0x1_0000;
            unit(0xD800 + (rest >> 10), 2, little);
            unit(0xDC00 + (rest & 0x3FF), 2, little);
        }
        Known::Wide(size, little, _) => unit(point, size, little),
    }
}

/// Can a code point be written?
fn has(codec: Known, point: u32) -> bool {
    match codec {
        Known::Ascii => point < 0x80,
        Known::Latin => point < 0x100,
        Known::Utf8 | Known::Wide(..) => char::from_u32(point).is_some(),
    }
}

fn escaped(point: u32) -> String {
    match point {
        0..=0xFF => format!("\\x{point:02x}"),
        0x100..=0xFFFF => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    }
}

fn cannot_encode(
    vm: &Vm,
    value: &Value,
    (codec, name): (Known, &str),
    (start, end): (usize, usize),
    errors: &str,
    out: &mut Vec<u8>,
) -> R<usize> {
    let points = value.get::<Str>().map(Str::points).unwrap_or_default();
    let all = &points[start..end];
    let mut each = |show: &dyn Fn(u32) -> String| {
        for &point in all {
            for ch in show(point).chars() {
                push(codec, ch.into(), out);
            }
        }
    };
    match errors {
        "ignore" => {}
        "replace" => each(&|_| "?".into()),
        "backslashreplace" => each(&escaped),
        "namereplace" => each(&|point| match char::from_u32(point).and_then(unicode_names2::name) {
            Some(name) => format!("\\N{{{name}}}"),
            None => escaped(point),
        }),
        "xmlcharrefreplace" => each(&|point| format!("&#{point};")),
        "surrogateescape" if all.iter().all(|it| (0xDC80..=0xDCFF).contains(it)) => {
            out.extend(all.iter().map(|it| (it - 0xDC00) as u8));
        }
        "surrogatepass" if matches!(codec, Known::Utf8 | Known::Wide(..)) => {
            for &point in all {
                push(codec, point, out);
            }
        }
        _ => {
            let reason = match codec {
                Known::Ascii => "ordinal not in range(128)",
                Known::Latin => "ordinal not in range(256)",
                Known::Utf8 | Known::Wide(..) => "surrogates not allowed",
            };
            let shown = match codec {
                Known::Utf8 => "utf-8",
                Known::Ascii => "ascii",
                Known::Latin => "latin-1",
                Known::Wide(..) => name,
            };
            let args =
                [vm.str(shown), value.clone(), vm.int_of_usize(start), vm.int_of_usize(end), vm.str(reason)];
            return other_errors(vm, Exc::UnicodeEncodeError, &args, points.len(), errors, |made| {
                if let Some(text) = made.get::<Str>() {
                    let points = text.points();
                    // What a handler gives has to be encoded too.
                    if points.iter().any(|&it| !has(codec, it)) {
                        return false;
                    }
                    points.into_iter().for_each(|it| push(codec, it, out));
                } else if let Some(bytes) = made.get::<Bytes>() {
                    out.extend_from_slice(&bytes.data);
                    return true;
                }
                true
            });
        }
    }
    Ok(end)
}

/// Raises the error, or asks a handler that the program registered: where to go on, of `len` items in all. `put` says
/// whether it could use what the handler gave.
fn other_errors(
    vm: &Vm,
    of: Exc,
    args: &[Value],
    len: usize,
    errors: &str,
    put: impl FnOnce(&Value) -> bool,
) -> R<usize> {
    let class = vm.exceptions.get(of).value().clone();
    let exception = vm.call_with(&class, args)?;
    if errors == "strict" || matches!(errors, "surrogateescape" | "surrogatepass") {
        return Err(vm.raise_value(exception));
    }
    let codecs = match vm.builtin_module("_codecs")? {
        Some(codecs) => codecs,
        None => return Err(vm.raise_value(exception)),
    };
    let lookup = vm.get_attribute(&codecs, &vm.intern("lookup_error"))?;
    let handler = vm.call_with(&lookup, &[vm.str(errors)])?;
    let made = vm.call_with(&handler, std::slice::from_ref(&exception))?;
    let decodes = of == Exc::UnicodeDecodeError;
    let usable = |it: &Value| it.get::<Str>().is_some() || !decodes && it.get::<Bytes>().is_some();
    match made.get::<Tuple>().map(|it| &*it.items) {
        Some([text, at]) if usable(text) => {
            let Some(given) = vm.index_of(at)? else {
                return Err(vm.type_error("an integer is required"));
            };
            // Counted from the end where it is negative.
            let at = if given < 0 { given.saturating_add(len as i64) } else { given };
            match usize::try_from(at).ok().filter(|at| *at <= len) {
                None => {
                    let message = format!("position {at} from error handler out of bounds");
                    Err(vm.raise(Exc::IndexError, message))
                }
                Some(_) if !put(text) => Err(vm.raise_value(exception)),
                Some(at) => Ok(at),
            }
        }
        _ => Err(vm.type_error(if decodes {
            "decoding error handler must return (str, int) tuple"
        } else {
            "encoding error handler must return (str/bytes, int) tuple"
        })),
    }
}

/// `data.decode(encoding, errors)`
pub(crate) fn decode(
    vm: &Vm,
    value: &Value,
    data: &[u8],
    encoding: Option<&Value>,
    errors: Option<&Value>,
) -> R {
    let name = text(vm, encoding, "utf-8", "decode() argument 'encoding'")?;
    let errors = text(vm, errors, "strict", "decode() argument 'errors'")?;
    match known(&name) {
        Some(Known::Utf8) => match std::str::from_utf8(data) {
            Ok(text) => Ok(vm.str(text)),
            Err(_) => by_chunks(vm, value, data, &errors),
        },
        Some(Known::Ascii) => {
            let mut points = Vec::with_capacity(data.len());
            let mut at = 0;
            while at < data.len() {
                if data[at] < 0x80 {
                    points.push(data[at].into());
                    at += 1;
                } else {
                    let place = (at, at + 1);
                    at = cannot_decode(
                        vm,
                        value,
                        data,
                        "ascii",
                        place,
                        "ordinal not in range(128)",
                        &errors,
                        &mut points,
                    )?;
                }
            }
            Ok(vm.str_of_points(&points))
        }
        Some(Known::Latin) => {
            Ok(vm.str_of_points(&data.iter().map(|&byte| byte.into()).collect::<Vec<u32>>()))
        }
        Some(Known::Wide(size, little, mark)) => wide(vm, value, data, (size, little, mark), &errors),
        None => by_library(vm, "decode", value, &name, &errors),
    }
}

fn by_chunks(vm: &Vm, value: &Value, data: &[u8], errors: &str) -> R {
    let mut points = Vec::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        match std::str::from_utf8(&data[at..]) {
            Ok(text) => {
                points.extend(text.chars().map(u32::from));
                break;
            }
            Err(error) => {
                let good = at + error.valid_up_to();
                let text = std::str::from_utf8(&data[at..good]).unwrap_or("");
                points.extend(text.chars().map(u32::from));
                let surrogate = errors == "surrogatepass"
                    && data[good] == 0xED
                    && matches!(data.get(good + 1..good + 3), Some([0xA0..=0xBF, 0x80..=0xBF]));
                if surrogate {
                    let (a, b) = (u32::from(data[good + 1]), u32::from(data[good + 2]));
                    points.push(0xD000 | (a & 0x3F) << 6 | b & 0x3F);
                    at = good + 3;
                    continue;
                }
                let (end, reason) = match error.error_len() {
                    Some(len) => {
                        let start = data[good];
                        let invalid = matches!(start, 0x80..=0xC1 | 0xF5..=0xFF);
                        (good + len, if invalid { "invalid start byte" } else { "invalid continuation byte" })
                    }
                    None => (data.len(), "unexpected end of data"),
                };
                at = cannot_decode(vm, value, data, "utf-8", (good, end), reason, errors, &mut points)?;
            }
        }
    }
    Ok(vm.str_of_points(&points))
}

fn wide(
    vm: &Vm,
    value: &Value,
    data: &[u8],
    (size, mut little, mark): (usize, bool, bool),
    errors: &str,
) -> R {
    let mut at = 0;
    if mark {
        let marks: [(&[u8], bool); 2] = if size == 2 {
            [(&[0xFF, 0xFE], true), (&[0xFE, 0xFF], false)]
        } else {
            [(&[0xFF, 0xFE, 0, 0], true), (&[0, 0, 0xFE, 0xFF], false)]
        };
        for (bytes, order) in marks {
            if data.starts_with(bytes) {
                (little, at) = (order, size);
                break;
            }
        }
    }
    let name = match (size, little) {
        (2, true) => "utf-16-le",
        (2, false) => "utf-16-be",
        (_, true) => "utf-32-le",
        (_, false) => "utf-32-be",
    };
    let unit = |at: usize| -> Option<u32> {
        let bytes = data.get(at..at + size)?;
        let fold = |all: u32, &byte: &u8| all << 8 | u32::from(byte);
        Some(if little { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) })
    };
    let mut points = Vec::new();
    while at < data.len() {
        let Some(first) = unit(at) else {
            let place = (at, data.len());
            at = cannot_decode(vm, value, data, name, place, "truncated data", errors, &mut points)?;
            continue;
        };
        if size == 2
            && (0xD800..0xDC00).contains(&first)
            && let Some(second @ 0xDC00..=0xDFFF) = unit(at + 2)
        {
            points.push(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            at += 4;
            continue;
        }
        let is_surrogate = (0xD800..0xE000).contains(&first);
        if char::from_u32(first).is_some() || is_surrogate && errors == "surrogatepass" {
            points.push(first);
            at += size;
            continue;
        }
        let (end, reason) = match (size, first) {
            (2, 0xD800..0xDC00) if unit(at + 2).is_none() => (data.len(), "unexpected end of data"),
            (2, 0xD800..0xDC00) => (at + 2, "illegal UTF-16 surrogate"),
            (2, _) => (at + 2, "illegal encoding"),
            _ if is_surrogate => (at + 4, "code point in surrogate code point range(0xd800, 0xe000)"),
            _ => (at + 4, "code point not in range(0x110000)"),
        };
        at = cannot_decode(vm, value, data, name, (at, end), reason, errors, &mut points)?;
    }
    Ok(vm.str_of_points(&points))
}

#[expect(clippy::too_many_arguments, reason = "they are what the exception says")]
fn cannot_decode(
    vm: &Vm,
    value: &Value,
    data: &[u8],
    name: &str,
    (start, end): (usize, usize),
    reason: &str,
    errors: &str,
    points: &mut Vec<u32>,
) -> Result<usize, Raised> {
    match errors {
        "ignore" => {}
        "replace" => points.push(0xFFFD),
        "backslashreplace" => {
            for byte in &data[start..end] {
                points.extend(format!("\\x{byte:02x}").chars().map(u32::from));
            }
        }
        // As many as stand in front; four are the most that belong together.
        "surrogateescape" if data[start] >= 0x80 => {
            let high = data[start..end].iter().take(4).take_while(|&&byte| byte >= 0x80);
            let before = points.len();
            points.extend(high.map(|&byte| 0xDC00 + u32::from(byte)));
            return Ok(start + points.len() - before);
        }
        _ => {
            let bytes = match value.get::<Bytes>() {
                Some(_) => value.clone(),
                None => vm.bytes(data.to_vec()),
            };
            let args = [vm.str(name), bytes, vm.int_of_usize(start), vm.int_of_usize(end), vm.str(reason)];
            return other_errors(vm, Exc::UnicodeDecodeError, &args, data.len(), errors, |made| {
                if let Some(text) = made.get::<Str>() {
                    points.extend(text.points());
                }
                true
            });
        }
    }
    Ok(end)
}

/// By the codecs of the library.
fn by_library(vm: &Vm, verb: &str, value: &Value, name: &str, errors: &str) -> R {
    let codecs = match vm.builtin_module("_codecs")? {
        Some(codecs) => codecs,
        None => return Err(vm.raise(Exc::LookupError, format!("unknown encoding: {name}"))),
    };
    let lookup = vm.get_attribute(&codecs, &vm.intern("lookup"))?;
    let found = vm.call_with(&lookup, &[vm.str(name)])?;
    let is_text = vm.get_attribute_or_none(&found, &vm.intern("_is_text_encoding"))?;
    if is_text.map_or(Ok(false), |it| vm.truth(&it).map(|is| !is))? {
        let message =
            format!("'{name}' is not a text encoding; use codecs.{verb}() to handle arbitrary codecs");
        return Err(vm.raise(Exc::LookupError, message));
    }
    let function = vm.get_attribute(&codecs, &vm.intern(verb))?;
    let values = [value.clone(), vm.str(name), vm.str(errors)];
    vm.call(&function, Args { values: &values, names: &[] })
}
