//! Methods of `bytes` and `bytearray`.

use super::hexadecimal::{fromhex, hex};
use super::{keywords, method, methods, padded};
use crate::builtins::exceptions::Exc;
use crate::object::callable::{Args, NativeFn};
use crate::object::types::allocate_derived;
use crate::object::{Bytearray, Bytes, Slice, Str, Tuple, Type};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};
use std::borrow::Cow;

impl Vm {
    /// The bytes of a `bytes` or `bytearray`.
    pub(crate) fn byte_data(&self, value: &Value) -> Option<Vec<u8>> {
        self.seen_bytes(value).map(Cow::into_owned)
    }

    /// The same; those of a `bytes` are borrowed.
    pub(crate) fn seen_bytes<'a>(&self, value: &'a Value) -> Option<Cow<'a, [u8]>> {
        if let Some(bytes) = value.get::<Bytes>() {
            return Some(Cow::Borrowed(&bytes.data));
        }
        value.get::<Bytearray>().map(|it| Cow::Owned(it.data.borrow().clone()))
    }

    /// A value of the type of `like`: a `bytes` or `bytearray`.
    fn like(&self, like: &Value, data: Vec<u8>) -> Value {
        if like.get::<Bytearray>().is_some() { self.bytearray(data) } else { self.bytes(data) }
    }

    /// A `bytearray`.
    pub(crate) fn bytearray(&self, data: Vec<u8>) -> Value {
        crate::heap::allocate(self, &self.types.bytearray, Bytearray::new(data))
    }
}

pub(super) fn own(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    vm.byte_data(value).ok_or_else(|| vm.type_error("descriptor requires a 'bytes' object"))
}

/// An argument that is an object with bytes.
fn part(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    vm.buffer(value).map(std::borrow::Cow::into_owned)
}

/// What is looked for: bytes, or one of them as an int.
pub(crate) fn sought(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    if let Some(data) = vm.buffer_or_none(value)? {
        return Ok(data.into_owned());
    }
    match vm.index_of(value) {
        Ok(Some(number)) => u8::try_from(number)
            .map(|byte| vec![byte])
            .map_err(|_| vm.value_error("byte must be in range(0, 256)")),
        Ok(None) => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("argument should be integer or bytes-like object, not '{got}'")))
        }
        Err(_) if vm.pending_is(Exc::OverflowError) => {
            vm.pending.set(None);
            Err(vm.value_error("byte must be in range(0, 256)"))
        }
        Err(raised) => Err(raised),
    }
}

/// Where `sub` is, in time that grows with the lengths alone.
pub(crate) fn find(data: &[u8], sub: &[u8], right: bool) -> Option<usize> {
    if right { memchr::memmem::rfind(data, sub) } else { memchr::memmem::find(data, sub) }
}

/// The receiver of a method, and its arguments by position or name.
pub(crate) fn receive<'a, const N: usize>(
    vm: &Vm,
    name: &str,
    args: Args<'a>,
    names: [&str; N],
    least: usize,
) -> R<(&'a Value, [Option<&'a Value>; N])> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let args = Args { values, names: args.names };
    Ok((it, crate::modules::native::parse(vm, name, args, names, least)?))
}

/// How often at most, of an argument.
pub(crate) fn times(vm: &Vm, value: Option<&Value>) -> R<usize> {
    match value {
        Some(most) => Ok(usize::try_from(crate::modules::native::index(vm, most)?).unwrap_or(usize::MAX)),
        None => Ok(usize::MAX),
    }
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
    let (data, sub) = (own(vm, it)?, sought(vm, &rest[0])?);
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
    let name = if right { "rsplit" } else { "split" };
    let (it, [sep, most]) = receive(vm, name, args, ["sep", "maxsplit"], 0)?;
    let data = own(vm, it)?;
    let sep = sep.filter(|it| !it.is_none());
    let most = times(vm, most)?;
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
            let space = |byte: &u8| is_space(*byte);
            let start = rest.iter().position(|it| !space(it)).unwrap_or(rest.len());
            let end = rest.iter().rposition(|it| !space(it)).map_or(start, |at| at + 1);
            rest = if right { &rest[..end] } else { &rest[start..] };
            if start == end {
                break;
            }
            if parts.len() >= most {
                parts.push(rest);
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
    let (it, [keep]) = receive(vm, "splitlines", args, ["keepends"], 0)?;
    let keep = match keep {
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
    let exports = it.get::<Bytearray>().map(|it| &it.exports);
    let count = |by: i32| exports.iter().for_each(|it| it.set(it.get().wrapping_add_signed(by)));
    count(1);
    let parts = vm.joined(&rest[0]);
    count(-1);
    let mut out = Vec::new();
    for (index, item) in parts?.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(&sep);
        }
        vm.check_room(out.len())?;
        let data = match vm.buffer_or_none(item)? {
            Some(data) => data.into_owned(),
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
    let most = times(vm, rest.get(2))?;
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
    let width = usize::try_from(crate::modules::native::index(vm, &rest[0])?).unwrap_or(0);
    let fill = match rest.get(1) {
        Some(fill) => match vm.byte_data(fill).as_deref() {
            Some(&[fill]) => fill,
            Some(other) => {
                let (got, count) = (vm.type_name(fill), other.len());
                return Err(vm.type_error(format!(
                    "{name}(): argument 2 must be a byte string of length 1, not a {got} object of length {count}"
                )));
            }
            None => {
                let got = vm.type_name(fill);
                let message = format!("{name}() argument 2 must be a byte string of length 1, not {got}");
                return Err(vm.type_error(message));
            }
        },
        None => b' ',
    };
    vm.check_room_of(width, 2)?;
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
    let (it, [table, delete]) = receive(vm, "translate", args, ["", "delete"], 1)?;
    let none = NONE;
    let table = table.unwrap_or(&none);
    let table = if table.is_none() { (0..=255).collect() } else { part(vm, table)? };
    if table.len() != 256 {
        return Err(vm.value_error("translation table must be 256 characters long"));
    }
    let delete = match delete {
        Some(delete) => part(vm, delete)?,
        None => Vec::new(),
    };
    let data = own(vm, it)?;
    let kept = data.iter().filter(|byte| !delete.contains(byte));
    Ok(vm.like(it, kept.map(|&byte| table[usize::from(byte)]).collect()))
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
        let (data, sub) = (own(vm, it)?, sought(vm, &rest[0])?);
        let Some((start, stop)) = range(vm, rest, data.len())? else { return Ok(vm.int(0)) };
        let mut data = &data[start..stop];
        if sub.is_empty() {
            return Ok(vm.int_of_usize(data.len() + 1));
        }
        let mut count = 0;
        let finder = memchr::memmem::Finder::new(&sub);
        while let Some(at) = finder.find(data) {
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
        let width = usize::try_from(crate::modules::native::index(vm, &rest[0])?).unwrap_or(0);
        let lack = width.saturating_sub(data.len());
        vm.check_room_of(lack, 2)?;
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
        let (it, [size]) = receive(vm, "expandtabs", args, ["tabsize"], 0)?;
        let size = vm.tab_size(size)?;
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
    ("__buffer__", |vm, args| {
        let it = method(vm, "__buffer__", args, 1, 1)?.0;
        vm.call_with(&vm.memoryview_type(), std::slice::from_ref(it))
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
    ("__rmod__", |vm, args| {
        let (it, rest) = method(vm, "__rmod__", args, 1, 1)?;
        let known = std::ptr::eq(vm.type_of(it), vm.type_of(&rest[0]));
        Ok(if known { vm.percent(&rest[0], it)?.unwrap_or(NOT_IMPLEMENTED) } else { NOT_IMPLEMENTED })
    }),
];

fn array<'a>(vm: &Vm, value: &'a Value) -> R<&'a Bytearray> {
    value.get::<Bytearray>().ok_or_else(|| vm.type_error("descriptor requires a 'bytearray' object"))
}

/// One that may get longer or shorter.
fn resizable<'a>(vm: &Vm, value: &'a Value) -> R<&'a Bytearray> {
    let array = array(vm, value)?;
    vm.check_exports(array)?;
    Ok(array)
}

impl Vm {
    /// May a `bytearray` get longer or shorter?
    pub(crate) fn check_exports(&self, array: &Bytearray) -> R<()> {
        if array.exports.get() == 0 {
            return Ok(());
        }
        Err(self.raise(Exc::BufferError, "Existing exports of data: object cannot be re-sized"))
    }
}

fn byte(vm: &Vm, value: &Value) -> R<u8> {
    match vm.index_of(value) {
        Ok(Some(number)) if (0..256).contains(&number) => Ok(number as u8),
        Ok(None) => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
        Err(raised) if !vm.pending_is(Exc::OverflowError) => Err(raised),
        _ => {
            vm.pending.set(None);
            Err(vm.value_error("byte must be in range(0, 256)"))
        }
    }
}

/// The bytes that an iterable of ints, or an object with bytes, has.
pub(crate) fn gather(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    if let Some(data) = vm.buffer_or_none(value)? {
        return Ok(data.into_owned());
    }
    if vm.lookup_special(value, &vm.names.bytes).is_some() {
        return vm.bytes_of(value);
    }
    if value.get::<Str>().is_some() {
        return Err(vm.type_error("expected iterable of integers; got: 'str'"));
    }
    let items = match vm.collect(value) {
        Ok(items) => items,
        Err(_) if vm.pending_is(Exc::TypeError) && vm.lookup_special(value, &vm.names.iter).is_none() => {
            vm.pending.set(None);
            let got = vm.type_name(value);
            return Err(vm.type_error(format!("can't extend bytearray with {got}")));
        }
        Err(raised) => return Err(raised),
    };
    items.iter().map(|item| byte(vm, item)).collect()
}

/// `bytearray.resize(size)`
fn resize(vm: &Vm, args: Args<'_>) -> R {
    let (it, rest) = method(vm, "resize", args, 1, 1)?;
    let size = crate::modules::native::index(vm, &rest[0])?;
    match usize::try_from(size) {
        Ok(size) => {
            vm.check_room(size)?;
            resizable(vm, it)?.data.borrow_mut().resize(size, 0);
        }
        Err(_) => {
            return Err(vm.value_error(format!("Can only resize to positive sizes, got {size}")));
        }
    }
    Ok(NONE)
}

/// How a `bytearray` is pickled: by text up to protocol 2.
fn reduce_array(vm: &Vm, it: &Value, protocol: i64) -> R {
    let data = own(vm, it)?;
    let class = vm.class_of(it);
    let state = vm.helper("getstate", std::slice::from_ref(it))?;
    let args = if protocol < 3 {
        if data.is_empty() {
            Vec::new()
        } else {
            let points: Vec<u32> = data.iter().map(|&byte| byte.into()).collect();
            vec![vm.str_of_points(&points), vm.str("latin-1")]
        }
    } else if data.is_empty() {
        Vec::new()
    } else {
        vec![vm.bytes(data)]
    };
    Ok(vm.tuple(vec![class, vm.tuple(args), state]))
}

const ARRAY: &[(&str, NativeFn)] = &[
    ("append", |vm, args| {
        let (it, rest) = method(vm, "append", args, 1, 1)?;
        let byte = byte(vm, &rest[0])?;
        resizable(vm, it)?.data.borrow_mut().push(byte);
        Ok(NONE)
    }),
    ("extend", |vm, args| {
        let (it, rest) = method(vm, "extend", args, 1, 1)?;
        let data = gather(vm, &rest[0])?;
        resizable(vm, it)?.data.borrow_mut().extend(data);
        Ok(NONE)
    }),
    ("insert", |vm, args| {
        let (it, rest) = method(vm, "insert", args, 2, 2)?;
        let (at, byte) = (crate::modules::native::index(vm, &rest[0])?, byte(vm, &rest[1])?);
        let mut data = resizable(vm, it)?.data.borrow_mut();
        let len = data.len() as i64;
        let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
        data.insert(at as usize, byte);
        Ok(NONE)
    }),
    ("pop", |vm, args| {
        let (it, rest) = method(vm, "pop", args, 0, 1)?;
        let at = match rest.first() {
            Some(at) => crate::modules::native::index(vm, at)?,
            None => -1,
        };
        let mut data = resizable(vm, it)?.data.borrow_mut();
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
        let mut data = resizable(vm, it)?.data.borrow_mut();
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
        *resizable(vm, method(vm, "clear", args, 0, 0)?.0)?.data.borrow_mut() = Vec::new();
        Ok(NONE)
    }),
    ("copy", |vm, args| {
        let it = method(vm, "copy", args, 0, 0)?.0;
        Ok(vm.bytearray(own(vm, it)?))
    }),
    ("resize", resize),
    ("__alloc__", |vm, args| {
        let it = method(vm, "__alloc__", args, 0, 0)?.0;
        let data = array(vm, it)?.data.borrow();
        // A NUL stands behind the bytes, where there is room for any.
        Ok(vm.int_of_usize(if data.capacity() == 0 { 0 } else { data.capacity().max(data.len() + 1) }))
    }),
    ("__reduce__", |vm, args| reduce_array(vm, method(vm, "__reduce__", args, 0, 0)?.0, 2)),
    ("__reduce_ex__", |vm, args| {
        let (it, rest) = method(vm, "__reduce_ex__", args, 1, 1)?;
        reduce_array(vm, it, crate::modules::native::index(vm, &rest[0])?)
    }),
    ("reverse", |vm, args| {
        array(vm, method(vm, "reverse", args, 0, 0)?.0)?.data.borrow_mut().reverse();
        Ok(NONE)
    }),
    ("__init__", |vm, args| {
        let Some((it, values)) = args.values.split_first() else { return Ok(NONE) };
        let args = Args { values, names: args.names };
        let names = ["source", "encoding", "errors"];
        let [source, encoding, errors] = crate::modules::native::parse(vm, "bytearray", args, names, 0)?;
        let data = make(vm, source, encoding, errors, "bytearray")?;
        let array = array(vm, it)?;
        if array.data.borrow().len() != data.len() {
            vm.check_exports(array)?;
        }
        *array.data.borrow_mut() = data;
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
    for (what, given) in [("encoding", encoding), ("errors", errors)] {
        if let Some(given) = given.filter(|it| it.get::<Str>().is_none()) {
            let got = vm.type_name(given);
            return Err(vm.type_error(format!("{name}() argument '{what}' must be str, not {got}")));
        }
    }
    let Some(source) = source else {
        return match (encoding, errors) {
            (None, None) => Ok(Vec::new()),
            (Some(_), _) => Err(vm.type_error("encoding without a string argument")),
            _ => Err(vm.type_error("errors without a string argument")),
        };
    };
    let own = vm.lookup_special(source, &vm.names.bytes).filter(|_| encoding.is_none() && errors.is_none());
    if own.as_ref().is_some_and(|it| it.is_none()) {
        let got = vm.type_name(source);
        return Err(vm.type_error(format!("cannot convert '{got}' object to {name}")));
    }
    if source.get::<Str>().is_some() && (own.is_none() || name == "bytearray") {
        if encoding.is_none() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        let made = super::codec::encode(vm, source, encoding, errors)?;
        return vm.bytes_of(&made);
    }
    if encoding.is_some() || errors.is_some() {
        let what = if encoding.is_some() { "encoding" } else { "errors" };
        return Err(vm.type_error(format!("{what} without a string argument")));
    }
    if let Some(data) = vm.byte_data(source) {
        return Ok(data);
    }
    if vm.lookup_special(source, &vm.names.bytes).is_some() {
        return vm.bytes_of(source);
    }
    let count = match vm.index_of(source) {
        Err(_) if vm.pending_is(Exc::OverflowError) && vm.as_big(source).is_some() => {
            vm.pending.set(None);
            return Err(vm.raise(Exc::OverflowError, "cannot fit 'int' into an index-sized integer"));
        }
        Err(_) if vm.pending_is(Exc::TypeError) => {
            vm.pending.set(None);
            None
        }
        count => count?,
    };
    if let Some(count) = count {
        return match usize::try_from(count) {
            Ok(count) => {
                vm.check_room_of(count, 2)?;
                Ok(vec![0; count])
            }
            Err(_) => Err(vm.value_error("negative count")),
        };
    }
    if let Some(data) = vm.buffer_or_none(source)? {
        return Ok(data.into_owned());
    }
    let mut data = Vec::new();
    let iterator = match vm.iter(source) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if vm.pending_is(Exc::TypeError) && vm.lookup_special(source, &vm.names.iter).is_none() {
                vm.pending.set(None);
                let got = vm.type_name(source);
                return Err(vm.type_error(format!("cannot convert '{got}' object to {name}")));
            }
            return Err(raised);
        }
    };
    while let Some(item) = vm.next(&iterator)? {
        match vm.index_of(&item) {
            Ok(Some(number)) if (0..256).contains(&number) => data.push(number as u8),
            Ok(None) => {
                let got = vm.type_name(&item);
                return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
            }
            Err(raised) if !vm.pending_is(Exc::OverflowError) => return Err(raised),
            _ => {
                vm.pending.set(None);
                let what = if name == "bytearray" { "byte" } else { name };
                return Err(vm.value_error(format!("{what} must be in range(0, 256)")));
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
