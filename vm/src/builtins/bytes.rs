//! Methods of `bytes` and `bytearray`.

use super::{keywords, method, methods, padded};
use crate::builtins::exceptions::Exc;
use crate::object::callable::{Args, NativeFn};
use crate::object::types::allocate_derived;
use crate::object::{Bytearray, Bytes, Slice, Str, Tuple, Type};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

impl Vm {
    /// The bytes of a `bytes` or `bytearray`.
    pub(crate) fn byte_data(&self, value: &Value) -> Option<Vec<u8>> {
        if let Some(bytes) = value.get::<Bytes>() {
            return Some(bytes.data.to_vec());
        }
        value.get::<Bytearray>().map(|it| it.data.borrow().clone())
    }

    /// A value of the type of `like`: a `bytes` or `bytearray`.
    fn like(&self, like: &Value, data: Vec<u8>) -> Value {
        if like.get::<Bytearray>().is_some() { self.bytearray(data) } else { self.bytes(data) }
    }

    /// A `bytearray`.
    pub(crate) fn bytearray(&self, data: Vec<u8>) -> Value {
        crate::heap::allocate(self, &self.types.bytearray, Bytearray { data: std::cell::RefCell::new(data) })
    }
}

fn own(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    vm.byte_data(value).ok_or_else(|| vm.type_error("descriptor requires a 'bytes' object"))
}

fn part(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    if let Some(data) = vm.byte_data(value) {
        return Ok(data);
    }
    if let Some(number) = vm.as_i64(value) {
        return match u8::try_from(number) {
            Ok(byte) => Ok(vec![byte]),
            Err(_) => Err(vm.value_error("byte must be in range(0, 256)")),
        };
    }
    vm.bytes_of(value)
}

fn find(data: &[u8], sub: &[u8], right: bool) -> Option<usize> {
    if sub.is_empty() {
        return Some(if right { data.len() } else { 0 });
    }
    let mut windows = data.windows(sub.len());
    if right { windows.rposition(|it| it == sub) } else { windows.position(|it| it == sub) }
}

/// The range that the optional arguments behind the first one mean.
fn range(vm: &Vm, rest: &[Value], len: usize) -> R<Option<(usize, usize)>> {
    let at = |index: usize| rest.get(index).cloned().unwrap_or(NONE);
    let parts = vm.slice_parts(&Slice { parts: [at(1), at(2), NONE] })?;
    let (start, stop, ..) = Slice::adjust(parts, len as i64);
    let beyond = parts[0].is_some_and(|it| it > len as i64);
    Ok(if beyond || stop < start { None } else { Some((start as usize, stop as usize)) })
}

fn search(vm: &Vm, args: Args<'_>, name: &str, right: bool, must: bool) -> R {
    let (it, rest) = method(vm, name, args, 1, 3)?;
    let (data, sub) = (own(vm, it)?, part(vm, &rest[0])?);
    let found = range(vm, rest, data.len())?
        .and_then(|(start, stop)| find(&data[start..stop], &sub, right).map(|at| at + start));
    match found {
        Some(at) => Ok(vm.int_of_usize(at)),
        None if must => Err(vm.value_error("subsection not found")),
        None => Ok(vm.int(-1)),
    }
}

fn affix(vm: &Vm, args: Args<'_>, name: &str, end: bool) -> R {
    let (it, rest) = method(vm, name, args, 1, 3)?;
    let data = own(vm, it)?;
    let Some((start, stop)) = range(vm, rest, data.len())? else { return Ok(Value::bool(false)) };
    let has = |value: &Value| -> R<bool> {
        let Some(sub) = vm.byte_data(value) else {
            let got = vm.type_name(value);
            return Err(
                vm.type_error(format!("{name} first arg must be bytes or a tuple of bytes, not {got}"))
            );
        };
        let data = &data[start..stop];
        Ok(if end { data.ends_with(&sub) } else { data.starts_with(&sub) })
    };
    match rest[0].get::<Tuple>() {
        Some(all) => {
            for value in &all.items {
                if has(value)? {
                    return Ok(Value::bool(true));
                }
            }
            Ok(Value::bool(false))
        }
        None => Ok(Value::bool(has(&rest[0])?)),
    }
}

fn strip(vm: &Vm, args: Args<'_>, name: &str, left: bool, right: bool) -> R {
    let (it, rest) = method(vm, name, args, 0, 1)?;
    let data = own(vm, it)?;
    let chars = match rest.first().filter(|it| !it.is_none()) {
        Some(chars) => part(vm, chars)?,
        None => b" \t\n\r\x0b\x0c".to_vec(),
    };
    let (mut start, mut end) = (0, data.len());
    while left && start < end && chars.contains(&data[start]) {
        start += 1;
    }
    while right && end > start && chars.contains(&data[end - 1]) {
        end -= 1;
    }
    Ok(vm.like(it, data[start..end].to_vec()))
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

fn split(vm: &Vm, args: Args<'_>, right: bool) -> R {
    let (values, [sep, most]) = keywords(vm, "split", args, ["sep", "maxsplit"])?;
    let Some(it) = values.first() else { return Err(vm.type_error("split() needs an argument")) };
    let data = own(vm, it)?;
    let sep = values.get(1).or(sep).filter(|it| !it.is_none());
    let most = match values.get(2).or(most) {
        Some(most) => vm.index_of(most)?.unwrap_or(-1),
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest: &[u8] = &data;
    match sep {
        Some(sep) => {
            let sep = part(vm, sep)?;
            if sep.is_empty() {
                return Err(vm.value_error("empty separator"));
            }
            while parts.len() < most
                && let Some(at) = find(rest, &sep, right)
            {
                let (a, b) = (&rest[..at], &rest[at + sep.len()..]);
                if right {
                    parts.push(b);
                    rest = a;
                } else {
                    parts.push(a);
                    rest = b;
                }
            }
            parts.push(rest);
        }
        None => loop {
            rest = if right { rest.trim_ascii_end() } else { rest.trim_ascii_start() };
            if rest.is_empty() {
                break;
            }
            if parts.len() >= most {
                parts.push(if right { rest } else { rest.trim_ascii_end() });
                break;
            }
            if right {
                let at = rest.iter().rposition(|&byte| is_space(byte)).map_or(0, |at| at + 1);
                parts.push(&rest[at..]);
                rest = &rest[..at];
            } else {
                let at = rest.iter().position(|&byte| is_space(byte)).unwrap_or(rest.len());
                parts.push(&rest[..at]);
                rest = &rest[at..];
            }
        },
    }
    if right {
        parts.reverse();
    }
    Ok(vm.list(parts.into_iter().map(|part| vm.like(it, part.to_vec())).collect()))
}

fn splitlines(vm: &Vm, args: Args<'_>) -> R {
    let (values, [keep]) = keywords(vm, "splitlines", args, ["keepends"])?;
    let Some(it) = values.first() else { return Err(vm.type_error("splitlines() needs an argument")) };
    let keep = match values.get(1).or(keep) {
        Some(keep) => vm.truth(keep)?,
        None => false,
    };
    let data = own(vm, it)?;
    let mut lines = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let length =
            data[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(data.len() - at);
        let end = at + length;
        let next = match data.get(end..end + 2) {
            Some(b"\r\n") => end + 2,
            _ => (end + 1).min(data.len()),
        };
        lines.push(vm.like(it, data[at..if keep { next } else { end }].to_vec()));
        at = next;
    }
    Ok(vm.list(lines))
}

fn join(vm: &Vm, args: Args<'_>) -> R {
    let (it, rest) = method(vm, "join", args, 1, 1)?;
    let sep = own(vm, it)?;
    let mut out = Vec::new();
    for (index, item) in vm.collect(&rest[0])?.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(&sep);
        }
        let data = match vm.byte_data(item) {
            Some(data) => data,
            None if vm.lookup_special(item, &vm.names.bytes).is_some() => vm.bytes_of(item)?,
            None => {
                let got = vm.type_name(item);
                let message = format!("sequence item {index}: expected a bytes-like object, {got} found");
                return Err(vm.type_error(message));
            }
        };
        out.extend(data);
    }
    Ok(vm.like(it, out))
}

fn replace(vm: &Vm, args: Args<'_>) -> R {
    let (it, rest) = method(vm, "replace", args, 2, 3)?;
    let (data, from, to) = (own(vm, it)?, part(vm, &rest[0])?, part(vm, &rest[1])?);
    let most = match rest.get(2) {
        Some(most) => usize::try_from(vm.index_of(most)?.unwrap_or(-1)).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let mut out = Vec::with_capacity(data.len());
    let (mut at, mut count) = (0, 0);
    while at < data.len() || (from.is_empty() && at == data.len()) {
        if count < most && data[at..].starts_with(&from) {
            out.extend_from_slice(&to);
            count += 1;
            if from.is_empty() {
                out.extend(data.get(at));
                at += 1;
            } else {
                at += from.len();
            }
        } else {
            out.extend(data.get(at));
            at += 1;
        }
    }
    Ok(vm.like(it, out))
}

fn mapped(vm: &Vm, args: Args<'_>, name: &str, map: fn(&[u8]) -> Vec<u8>) -> R {
    let it = method(vm, name, args, 0, 0)?.0;
    Ok(vm.like(it, map(&own(vm, it)?)))
}

fn test(vm: &Vm, args: Args<'_>, name: &str, is: fn(&u8) -> bool) -> R {
    let it = method(vm, name, args, 0, 0)?.0;
    let data = own(vm, it)?;
    Ok(Value::bool(!data.is_empty() && data.iter().all(is)))
}

fn pad(vm: &Vm, args: Args<'_>, name: &str, left: bool, right: bool) -> R {
    let (it, rest) = method(vm, name, args, 1, 2)?;
    let data = own(vm, it)?;
    let width = usize::try_from(vm.index_of(&rest[0])?.unwrap_or(0)).unwrap_or(0);
    let fill = match rest.get(1) {
        Some(fill) => part(vm, fill)?.first().copied().unwrap_or(b' '),
        None => b' ',
    };
    Ok(vm.like(it, padded(data, width, fill, left, right)))
}

fn partition(vm: &Vm, args: Args<'_>, right: bool) -> R {
    let (it, rest) = method(vm, "partition", args, 1, 1)?;
    let (data, sep) = (own(vm, it)?, part(vm, &rest[0])?);
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let empty = || vm.like(it, Vec::new());
    Ok(vm.tuple(match find(&data, &sep, right) {
        Some(at) => vec![
            vm.like(it, data[..at].to_vec()),
            vm.like(it, sep.clone()),
            vm.like(it, data[at + sep.len()..].to_vec()),
        ],
        None if right => vec![empty(), empty(), vm.like(it, data)],
        None => vec![vm.like(it, data), empty(), empty()],
    }))
}

fn translate(vm: &Vm, args: Args<'_>) -> R {
    let (values, [delete]) = keywords(vm, "translate", args, ["delete"])?;
    let [it, table, more @ ..] = values else { return Err(vm.type_error("translate() needs a table")) };
    let table = if table.is_none() { (0..=255).collect() } else { part(vm, table)? };
    if table.len() != 256 {
        return Err(vm.value_error("translation table must be 256 characters long"));
    }
    let delete = match more.first().or(delete) {
        Some(delete) => part(vm, delete)?,
        None => Vec::new(),
    };
    let data = own(vm, it)?;
    let kept = data.iter().filter(|byte| !delete.contains(byte));
    Ok(vm.like(it, kept.map(|&byte| table[usize::from(byte)]).collect()))
}

fn hex(vm: &Vm, args: Args<'_>) -> R {
    let (values, [sep, group]) = keywords(vm, "hex", args, ["sep", "bytes_per_sep"])?;
    let Some(it) = values.first() else { return Err(vm.type_error("hex() needs an argument")) };
    let data = own(vm, it)?;
    let digits: Vec<String> = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let Some(sep) = values.get(1).or(sep) else { return Ok(vm.str(&digits.concat())) };
    let sep = match sep.get::<Str>() {
        Some(text) => text.to_str().into_owned(),
        None => String::from_utf8_lossy(&part(vm, sep)?).into_owned(),
    };
    let group = match values.get(2).or(group) {
        Some(group) => vm.index_of(group)?.unwrap_or(1),
        None => 1,
    };
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(1);
    if size == 0 {
        return Ok(vm.str(&digits.concat()));
    }
    let parts: Vec<String> = if group > 0 {
        digits.rchunks(size).rev().map(<[String]>::concat).collect()
    } else {
        digits.chunks(size).map(<[String]>::concat).collect()
    };
    Ok(vm.str(&parts.join(&sep)))
}

fn fromhex(vm: &Vm, args: Args<'_>) -> R {
    let (class, rest) = method(vm, "fromhex", args, 1, 1)?;
    let text = vm.text_of(&rest[0]);
    let mut data = Vec::new();
    let mut digits = text.char_indices().filter(|(_, ch)| !ch.is_ascii_whitespace());
    let bad =
        |at: usize| vm.value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}"));
    while let Some((at, high)) = digits.next() {
        let Some(high) = high.to_digit(16) else { return Err(bad(at)) };
        let Some((next, low)) = digits.next() else { return Err(bad(text.len())) };
        let Some(low) = low.to_digit(16) else { return Err(bad(next)) };
        data.push((high * 16 + low) as u8);
    }
    let made = vm.bytes(data);
    if class.is(vm.types.bytes.value()) { Ok(made) } else { vm.call_with(class, &[made]) }
}

fn maketrans(vm: &Vm, args: Args<'_>) -> R {
    let (_, rest) = method(vm, "maketrans", args, 2, 2)?;
    let (from, to) = (part(vm, &rest[0])?, part(vm, &rest[1])?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (from, to) in from.iter().zip(to) {
        table[usize::from(*from)] = to;
    }
    Ok(vm.bytes(table))
}

fn title(data: &[u8]) -> Vec<u8> {
    let mut inside = false;
    let one = |&byte: &u8| {
        let letter = byte.is_ascii_alphabetic();
        let made = if inside { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
        inside = letter;
        made
    };
    data.iter().map(one).collect()
}

const BOTH: &[(&str, NativeFn)] = &[
    ("find", |vm, args| search(vm, args, "find", false, false)),
    ("rfind", |vm, args| search(vm, args, "rfind", true, false)),
    ("index", |vm, args| search(vm, args, "index", false, true)),
    ("rindex", |vm, args| search(vm, args, "rindex", true, true)),
    ("count", |vm, args| {
        let (it, rest) = method(vm, "count", args, 1, 3)?;
        let (data, sub) = (own(vm, it)?, part(vm, &rest[0])?);
        let Some((start, stop)) = range(vm, rest, data.len())? else { return Ok(vm.int(0)) };
        let mut data = &data[start..stop];
        if sub.is_empty() {
            return Ok(vm.int_of_usize(data.len() + 1));
        }
        let mut count = 0;
        while let Some(at) = find(data, &sub, false) {
            count += 1;
            data = &data[at + sub.len()..];
        }
        Ok(vm.int(count))
    }),
    ("startswith", |vm, args| affix(vm, args, "startswith", false)),
    ("endswith", |vm, args| affix(vm, args, "endswith", true)),
    ("strip", |vm, args| strip(vm, args, "strip", true, true)),
    ("lstrip", |vm, args| strip(vm, args, "lstrip", true, false)),
    ("rstrip", |vm, args| strip(vm, args, "rstrip", false, true)),
    ("split", |vm, args| split(vm, args, false)),
    ("rsplit", |vm, args| split(vm, args, true)),
    ("splitlines", splitlines),
    ("join", join),
    ("replace", replace),
    ("upper", |vm, args| mapped(vm, args, "upper", |it| it.to_ascii_uppercase())),
    ("lower", |vm, args| mapped(vm, args, "lower", |it| it.to_ascii_lowercase())),
    ("title", |vm, args| mapped(vm, args, "title", title)),
    ("capitalize", |vm, args| {
        mapped(vm, args, "capitalize", |it| {
            let mut out = it.to_ascii_lowercase();
            if let Some(first) = out.first_mut() {
                first.make_ascii_uppercase();
            }
            out
        })
    }),
    ("swapcase", |vm, args| {
        mapped(vm, args, "swapcase", |it| {
            it.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 32 } else { *byte }).collect()
        })
    }),
    ("isalnum", |vm, args| test(vm, args, "isalnum", u8::is_ascii_alphanumeric)),
    ("isalpha", |vm, args| test(vm, args, "isalpha", u8::is_ascii_alphabetic)),
    ("isdigit", |vm, args| test(vm, args, "isdigit", u8::is_ascii_digit)),
    ("isspace", |vm, args| test(vm, args, "isspace", |byte| is_space(*byte))),
    ("isascii", |vm, args| {
        let it = method(vm, "isascii", args, 0, 0)?.0;
        Ok(Value::bool(own(vm, it)?.is_ascii()))
    }),
    ("isupper", |vm, args| {
        let data = own(vm, method(vm, "isupper", args, 0, 0)?.0)?;
        let cased = data.iter().any(u8::is_ascii_uppercase) && !data.iter().any(u8::is_ascii_lowercase);
        Ok(Value::bool(cased))
    }),
    ("islower", |vm, args| {
        let data = own(vm, method(vm, "islower", args, 0, 0)?.0)?;
        let cased = data.iter().any(u8::is_ascii_lowercase) && !data.iter().any(u8::is_ascii_uppercase);
        Ok(Value::bool(cased))
    }),
    ("istitle", |vm, args| {
        let data = own(vm, method(vm, "istitle", args, 0, 0)?.0)?;
        Ok(Value::bool(data.iter().any(u8::is_ascii_alphabetic) && title(&data) == data))
    }),
    ("center", |vm, args| pad(vm, args, "center", true, true)),
    ("ljust", |vm, args| pad(vm, args, "ljust", false, true)),
    ("rjust", |vm, args| pad(vm, args, "rjust", true, false)),
    ("zfill", |vm, args| {
        let (it, rest) = method(vm, "zfill", args, 1, 1)?;
        let data = own(vm, it)?;
        let width = usize::try_from(vm.index_of(&rest[0])?.unwrap_or(0)).unwrap_or(0);
        let lack = width.saturating_sub(data.len());
        let sign = usize::from(data.first().is_some_and(|byte| matches!(byte, b'+' | b'-')));
        let mut out = data[..sign].to_vec();
        out.extend(std::iter::repeat_n(b'0', lack));
        out.extend_from_slice(&data[sign..]);
        Ok(vm.like(it, out))
    }),
    ("partition", |vm, args| partition(vm, args, false)),
    ("rpartition", |vm, args| partition(vm, args, true)),
    ("removeprefix", |vm, args| {
        let (it, rest) = method(vm, "removeprefix", args, 1, 1)?;
        let (data, sub) = (own(vm, it)?, part(vm, &rest[0])?);
        Ok(vm.like(it, data.strip_prefix(&sub[..]).unwrap_or(&data).to_vec()))
    }),
    ("removesuffix", |vm, args| {
        let (it, rest) = method(vm, "removesuffix", args, 1, 1)?;
        let (data, sub) = (own(vm, it)?, part(vm, &rest[0])?);
        Ok(vm.like(it, data.strip_suffix(&sub[..]).unwrap_or(&data).to_vec()))
    }),
    ("expandtabs", |vm, args| {
        let (values, [size]) = keywords(vm, "expandtabs", args, ["tabsize"])?;
        let Some(it) = values.first() else { return Err(vm.type_error("expandtabs() needs an argument")) };
        let size = match values.get(1).or(size) {
            Some(size) => usize::try_from(vm.index_of(size)?.unwrap_or(8)).unwrap_or(0),
            None => 8,
        };
        let (mut out, mut column) = (Vec::new(), 0);
        for byte in own(vm, it)? {
            if byte == b'\t' {
                let count = if size == 0 { 0 } else { size - column % size };
                out.extend(std::iter::repeat_n(b' ', count));
                column += count;
            } else {
                column = if matches!(byte, b'\n' | b'\r') { 0 } else { column + 1 };
                out.push(byte);
            }
        }
        Ok(vm.like(it, out))
    }),
    ("translate", translate),
    ("hex", hex),
    ("decode", |vm, args| {
        let (values, [encoding, errors]) = keywords(vm, "decode", args, ["encoding", "errors"])?;
        let Some(it) = values.first() else { return Err(vm.type_error("decode() needs an argument")) };
        let data = own(vm, it)?;
        super::codec::decode(vm, it, &data, values.get(1).or(encoding), values.get(2).or(errors))
    }),
    ("__bytes__", |vm, args| {
        let it = method(vm, "__bytes__", args, 0, 0)?.0;
        Ok(vm.bytes(own(vm, it)?))
    }),
    ("__len__", |vm, args| {
        let it = method(vm, "__len__", args, 0, 0)?.0;
        Ok(vm.int_of_usize(own(vm, it)?.len()))
    }),
    ("__iter__", |vm, args| vm.plain_iter(method(vm, "__iter__", args, 0, 0)?.0)),
];

fn array<'a>(vm: &Vm, value: &'a Value) -> R<&'a Bytearray> {
    value.get::<Bytearray>().ok_or_else(|| vm.type_error("descriptor requires a 'bytearray' object"))
}

fn byte(vm: &Vm, value: &Value) -> R<u8> {
    match vm.index_of(value)? {
        Some(number) => u8::try_from(number).map_err(|_| vm.value_error("byte must be in range(0, 256)")),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}

/// The bytes that an iterable of ints, or an object with bytes, has.
pub(crate) fn gather(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    if let Some(data) = vm.byte_data(value) {
        return Ok(data);
    }
    if vm.lookup_special(value, &vm.names.bytes).is_some() {
        return vm.bytes_of(value);
    }
    vm.collect(value)?.iter().map(|item| byte(vm, item)).collect()
}

const ARRAY: &[(&str, NativeFn)] = &[
    ("append", |vm, args| {
        let (it, rest) = method(vm, "append", args, 1, 1)?;
        let byte = byte(vm, &rest[0])?;
        array(vm, it)?.data.borrow_mut().push(byte);
        Ok(NONE)
    }),
    ("extend", |vm, args| {
        let (it, rest) = method(vm, "extend", args, 1, 1)?;
        let data = gather(vm, &rest[0])?;
        array(vm, it)?.data.borrow_mut().extend(data);
        Ok(NONE)
    }),
    ("insert", |vm, args| {
        let (it, rest) = method(vm, "insert", args, 2, 2)?;
        let (at, byte) = (vm.index_of(&rest[0])?.unwrap_or(0), byte(vm, &rest[1])?);
        let mut data = array(vm, it)?.data.borrow_mut();
        let len = data.len() as i64;
        let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
        data.insert(at as usize, byte);
        Ok(NONE)
    }),
    ("pop", |vm, args| {
        let (it, rest) = method(vm, "pop", args, 0, 1)?;
        let at = match rest.first() {
            Some(at) => vm.index_of(at)?.unwrap_or(-1),
            None => -1,
        };
        let mut data = array(vm, it)?.data.borrow_mut();
        let len = data.len() as i64;
        if len == 0 {
            drop(data);
            return Err(vm.raise(Exc::IndexError, "pop from empty bytearray"));
        }
        let at = if at < 0 { at + len } else { at };
        if !(0..len).contains(&at) {
            drop(data);
            return Err(vm.raise(Exc::IndexError, "pop index out of range"));
        }
        let byte = data.remove(at as usize);
        Ok(vm.int(byte.into()))
    }),
    ("remove", |vm, args| {
        let (it, rest) = method(vm, "remove", args, 1, 1)?;
        let byte = byte(vm, &rest[0])?;
        let mut data = array(vm, it)?.data.borrow_mut();
        match data.iter().position(|it| *it == byte) {
            Some(at) => {
                data.remove(at);
                Ok(NONE)
            }
            None => {
                drop(data);
                Err(vm.value_error("value not found in bytearray"))
            }
        }
    }),
    ("clear", |vm, args| {
        array(vm, method(vm, "clear", args, 0, 0)?.0)?.data.borrow_mut().clear();
        Ok(NONE)
    }),
    ("copy", |vm, args| {
        let it = method(vm, "copy", args, 0, 0)?.0;
        Ok(vm.bytearray(own(vm, it)?))
    }),
    ("reverse", |vm, args| {
        array(vm, method(vm, "reverse", args, 0, 0)?.0)?.data.borrow_mut().reverse();
        Ok(NONE)
    }),
    ("__init__", |vm, args| {
        let Some((it, values)) = args.values.split_first() else { return Ok(NONE) };
        let args = Args { values, names: args.names };
        let (values, [source, encoding, errors]) =
            keywords(vm, "bytearray", args, ["source", "encoding", "errors"])?;
        let at = |index: usize, named| values.get(index).or(named);
        let data = make(vm, at(0, source), at(1, encoding), at(2, errors), "bytearray")?;
        *array(vm, it)?.data.borrow_mut() = data;
        Ok(NONE)
    }),
    ("__new__", |vm, args| {
        let Some(class) = args.values.first().and_then(|it| it.object::<Type>()) else {
            return Err(vm.type_error("bytearray.__new__(X): X is not a type object"));
        };
        Ok(allocate_derived(vm, class, Bytearray::default()))
    }),
];

/// What `bytes(...)` and `bytearray(...)` make of their arguments.
pub(crate) fn make(
    vm: &Vm,
    source: Option<&Value>,
    encoding: Option<&Value>,
    errors: Option<&Value>,
    name: &str,
) -> R<Vec<u8>> {
    let Some(source) = source else { return Ok(Vec::new()) };
    if source.get::<Str>().is_some() {
        if encoding.is_none() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        let made = super::codec::encode(vm, source, encoding, errors)?;
        return vm.bytes_of(&made);
    }
    if encoding.is_some() {
        return Err(vm.type_error("encoding without a string argument"));
    }
    if let Some(data) = vm.byte_data(source) {
        return Ok(data);
    }
    if vm.lookup_special(source, &vm.names.bytes).is_some() {
        return vm.bytes_of(source);
    }
    if let Some(count) = vm.index_of(source)? {
        return match usize::try_from(count) {
            Ok(count) if count < 1 << 34 => Ok(vec![0; count]),
            Ok(_) => Err(vm.raise(Exc::MemoryError, "")),
            Err(_) => Err(vm.value_error("negative count")),
        };
    }
    let mut data = Vec::new();
    let items = match vm.collect(source) {
        Ok(items) => items,
        Err(raised) => {
            if vm.pending_is(Exc::TypeError) && vm.lookup_special(source, &vm.names.iter).is_none() {
                vm.pending.set(None);
                let got = vm.type_name(source);
                return Err(vm.type_error(format!("cannot convert '{got}' object to {name}")));
            }
            return Err(raised);
        }
    };
    for item in items {
        match vm.index_of(&item)? {
            Some(number) => match u8::try_from(number) {
                Ok(byte) => data.push(byte),
                Err(_) => {
                    return Err(vm.value_error(
                        format!("{name} must be in range(0, 256)").replace("bytearray must", "byte must"),
                    ));
                }
            },
            None => {
                let got = vm.type_name(&item);
                return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
            }
        }
    }
    Ok(data)
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(vm, &t.bytes, "bytes", BOTH);
    methods(vm, &t.bytearray, "bytearray", BOTH);
    methods(vm, &t.bytearray, "bytearray", ARRAY);
    for (ty, name) in [(&t.bytes, "bytes"), (&t.bytearray, "bytearray")] {
        vm.class_method(ty, name, "fromhex", fromhex);
        vm.class_method(ty, name, "maketrans", maketrans);
    }
}
