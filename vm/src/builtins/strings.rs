//! Methods of `str` and `bytes`.

use super::bytes::{receive, times};
use super::exceptions::Exc;
use super::{casing, method, methods, padded};
use crate::heap::allocate;
use crate::object::callable::{Args, NativeFn};
use crate::object::str::Text;
use crate::object::{Slice, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cmp::Ordering;

fn string<'a>(vm: &Vm, value: &'a Value) -> R<&'a Str> {
    value.get::<Str>().ok_or_else(|| vm.type_error("descriptor requires a 'str' object"))
}

fn argument<'a>(vm: &Vm, name: &str, value: &'a Value) -> R<&'a Str> {
    value.get::<Str>().ok_or_else(|| {
        let got = vm.type_name(value);
        vm.type_error(format!("{name} argument 1 must be str, not {got}"))
    })
}

/// Is it a string of ASCII characters?
pub(crate) fn is_ascii(value: &Value) -> bool {
    value.get::<Str>().is_some_and(|it| it.ascii().is_some())
}

/// The order of two strings of ASCII characters.
pub(crate) fn order(a: &Value, b: &Value) -> Ordering {
    a.get::<Str>().and_then(Str::ascii).cmp(&b.get::<Str>().and_then(Str::ascii))
}

/// Where `part` is in `string`, from `start` to `end`.
pub(crate) fn find(string: &Str, part: &Str, start: usize, end: usize) -> Option<usize> {
    if start > end {
        return None;
    }
    let found = match &string.text {
        Text::Ascii(_) => string.ascii()?.get(start..end)?.find(part.ascii()?),
        Text::Latin(text) => find_units(text.get(start..end)?, part),
        Text::Two(text) => find_units(text.get(start..end)?, part),
        Text::Four(text) => find_units(text.get(start..end)?, part),
    };
    found.map(|at| at + start)
}

/// Where `part` is in characters of one width.
fn find_units<T: Copy + PartialEq + TryFrom<u32>>(text: &[T], part: &Str) -> Option<usize> {
    let Some(first) = part.at(0) else { return Some(0) };
    let first = T::try_from(first).ok()?;
    let mut rest = Vec::with_capacity(part.len());
    for at in 1..part.len() {
        rest.push(T::try_from(part.at(at)?).ok()?);
    }
    let places = text.len().checked_sub(rest.len())?;
    (0..places).find(|&at| text[at] == first && text[at + 1..].starts_with(&rest))
}

fn find_points(text: &[u32], part: &[u32]) -> Option<usize> {
    seek(text, part, false)
}

/// Where `part` is in `text`, in time that grows with the lengths alone: by bytes, where only places of whole
/// characters count.
fn seek(text: &[u32], part: &[u32], right: bool) -> Option<usize> {
    if text.len() < 64 || part.len() < 2 {
        if part.is_empty() {
            return Some(if right { text.len() } else { 0 });
        }
        let mut windows = text.windows(part.len());
        let is = |window: &[u32]| window == part;
        return if right { windows.rposition(is) } else { windows.position(is) };
    }
    let utf8 = |points: &[u32]| {
        let mut out = Vec::with_capacity(points.len() * 2);
        points.iter().for_each(|&point| crate::object::str::push_utf8(point, &mut out));
        out
    };
    let (text, part) = (utf8(text), utf8(part));
    let at = super::bytes::find(&text, &part, right)?;
    Some(text[..at].iter().filter(|&&byte| byte & 0xC0 != 0x80).count())
}

pub(crate) fn is_space(point: u32) -> bool {
    matches!(point, 0x1C..=0x1F) || char::from_u32(point).is_some_and(char::is_whitespace)
}

/// Start and end of a search, cut to the string's length.
fn bounds(vm: &Vm, values: &[Value], len: usize) -> R<(usize, usize)> {
    let cut = |value: Option<&Value>, default: usize| -> R<usize> {
        match value {
            Some(value) if !value.is_none() => {
                let part = vm.slice_parts(&Slice { parts: [value.clone(), NONE, NONE] })?;
                let at = part[0].unwrap_or(0);
                let at = if at < 0 { (at + len as i64).max(0) } else { at };
                Ok(usize::try_from(at).unwrap_or(usize::MAX))
            }
            _ => Ok(default),
        }
    };
    let (start, end) = (cut(values.first(), 0)?, cut(values.get(1), len)?);
    Ok((start, end.min(len)))
}

fn mapped(vm: &Vm, args: Args<'_>, name: &str, change: fn(&str) -> String) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    let text = string(vm, it)?;
    Ok(match text.ascii() {
        Some(text) => vm.str(&change(text)),
        None => vm.str_of_points(&casing::mapped(&text.points(), change)),
    })
}

/// The text itself, as a string that is of no class of the program's.
fn whole(vm: &Vm, it: &Value, text: &Str) -> Value {
    if vm.type_of(it).is_exactly(&vm.types.str) {
        return it.clone();
    }
    allocate(vm, &vm.types.str, Str::new(text.text.clone()))
}

impl Vm {
    /// The parts of what `join` is given.
    pub(crate) fn joined(&self, parts: &Value) -> R<Vec<Value>> {
        match self.collect(parts) {
            Err(_) if self.pending_is(Exc::TypeError) && self.iter_is_lacking(parts) => {
                self.pending.set(None);
                Err(self.type_error("can only join an iterable"))
            }
            parts => parts,
        }
    }

    fn iter_is_lacking(&self, value: &Value) -> bool {
        self.lookup_special(value, &self.names.iter).is_none()
            && self.lookup_special(value, &self.names.getitem).is_none()
    }

    /// How far tabs reach.
    pub(crate) fn tab_size(&self, size: Option<&Value>) -> R<usize> {
        let Some(size) = size else { return Ok(8) };
        match self.index_number(size)?.map(|it| i32::try_from(&it)) {
            Some(Ok(size)) => Ok(usize::try_from(size).unwrap_or(0)),
            Some(Err(_)) => Err(self.raise(Exc::OverflowError, "Python int too large to convert to C int")),
            None => {
                let got = self.type_name(size);
                Err(self.type_error(format!("'{got}' object cannot be interpreted as an integer")))
            }
        }
    }
}

fn test(vm: &Vm, args: Args<'_>, name: &str, of: impl Fn(char) -> bool) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    let string = string(vm, it)?;
    Ok(Value::bool(!string.is_empty() && string.to_str().chars().all(of)))
}

/// Is it a letter, by its category?
fn is_alpha(vm: &Vm, ch: char) -> bool {
    if ch.is_ascii() { ch.is_ascii_alphabetic() } else { ch.is_alphabetic() && vm.is_letter(ch) }
}

/// Does it mean a number?
pub(super) fn is_numeric(vm: &Vm, ch: char) -> bool {
    if ch.is_ascii() { ch.is_ascii_digit() } else { vm.has_number(ch) }
}

fn strip(vm: &Vm, args: Args<'_>, name: &str, left: bool, right: bool) -> R {
    let (it, values) = method(vm, name, args, 0, 1)?;
    let set = values.first().filter(|it| !it.is_none());
    let gone = match set {
        None => Some(&b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"[..]),
        Some(set) => set.get::<Str>().and_then(|it| it.ascii()).map(str::as_bytes),
    };
    if let (Some(text), Some(gone)) = (it.get::<Str>().and_then(Str::ascii), gone) {
        let text = text.as_bytes();
        let stays = |byte: &u8| !gone.contains(byte);
        let start = if left { text.iter().position(stays).unwrap_or(text.len()) } else { 0 };
        let end = if right { text.iter().rposition(stays).map_or(start, |at| at + 1) } else { text.len() };
        let whole = start == 0 && end == text.len();
        let part =
            || vm.str(it.get::<Str>().and_then(Str::ascii).and_then(|it| it.get(start..end)).unwrap_or(""));
        return Ok(match it.get::<Str>() {
            Some(text) if whole => self::whole(vm, it, text),
            _ => part(),
        });
    }
    let points = string(vm, it)?.points();
    let set = match values.first().filter(|it| !it.is_none()) {
        Some(set) => match set.get::<Str>() {
            Some(set) => Some(set.points()),
            None => return Err(vm.type_error(format!("{name} arg must be None or str"))),
        },
        None => None,
    };
    let gone = |point: u32| set.as_ref().map_or_else(|| is_space(point), |set| set.contains(&point));
    let (mut start, mut end) = (0, points.len());
    while left && start < end && gone(points[start]) {
        start += 1;
    }
    while right && end > start && gone(points[end - 1]) {
        end -= 1;
    }
    if start == 0 && end == points.len() {
        return Ok(whole(vm, it, string(vm, it)?));
    }
    Ok(vm.str_of_points(&points[start..end]))
}

fn split(vm: &Vm, args: Args<'_>, from_right: bool) -> R {
    let name = if from_right { "rsplit" } else { "split" };
    let (it, [sep, most]) = receive(vm, name, args, ["sep", "maxsplit"], 0)?;
    let own = string(vm, it)?;
    let sep = sep.filter(|it| !it.is_none());
    if let (Some(text), None, false) = (own.ascii(), most, from_right) {
        let parts = match sep.map(|it| it.get::<Str>().and_then(Str::ascii)) {
            None => Some(
                text.split(|it| is_space(it as u32))
                    .filter(|it| !it.is_empty())
                    .map(|it| vm.str(it))
                    .collect(),
            ),
            Some(Some(sep)) if !sep.is_empty() => Some(text.split(sep).map(|it| vm.str(it)).collect()),
            Some(_) => None,
        };
        if let Some(parts) = parts {
            return Ok(vm.list(parts));
        }
    }
    let text = own.points();
    let most = times(vm, most)?;
    let mut parts: Vec<&[u32]> = Vec::new();
    let sep = match sep {
        Some(sep) => {
            let Some(sep) = sep.get::<Str>() else {
                let got = vm.type_name(sep);
                return Err(vm.type_error(format!("must be str or None, not {got}")));
            };
            if sep.is_empty() {
                return Err(vm.value_error("empty separator"));
            }
            Some(sep.points())
        }
        None => None,
    };
    let mut rest = &text[..];
    match (&sep, from_right) {
        (Some(sep), false) => {
            while parts.len() < most
                && let Some(at) = find_points(rest, sep)
            {
                parts.push(&rest[..at]);
                rest = &rest[at + sep.len()..];
            }
            parts.push(rest);
        }
        (Some(sep), true) => {
            while parts.len() < most
                && let Some(at) = rest.windows(sep.len()).rposition(|window| window == sep)
            {
                parts.push(&rest[at + sep.len()..]);
                rest = &rest[..at];
            }
            parts.push(rest);
            parts.reverse();
        }
        (None, false) => loop {
            let start = rest.iter().position(|&point| !is_space(point)).unwrap_or(rest.len());
            rest = &rest[start..];
            if rest.is_empty() {
                break;
            }
            if parts.len() >= most {
                parts.push(rest);
                break;
            }
            let end = rest.iter().position(|&point| is_space(point)).unwrap_or(rest.len());
            parts.push(&rest[..end]);
            rest = &rest[end..];
        },
        (None, true) => {
            loop {
                let end = rest.iter().rposition(|&point| !is_space(point)).map_or(0, |at| at + 1);
                rest = &rest[..end];
                if rest.is_empty() {
                    break;
                }
                if parts.len() >= most {
                    parts.push(rest);
                    break;
                }
                let start = rest.iter().rposition(|&point| is_space(point)).map_or(0, |at| at + 1);
                parts.push(&rest[start..]);
                rest = &rest[..start];
            }
            parts.reverse();
        }
    }
    Ok(vm.list(parts.into_iter().map(|part| vm.str_of_points(part)).collect()))
}

fn splitlines(vm: &Vm, args: Args<'_>) -> R {
    let (it, [keepends]) = receive(vm, "splitlines", args, ["keepends"], 0)?;
    let text = string(vm, it)?.points();
    let keep = match keepends {
        Some(keep) => vm.truth(keep)?,
        None => false,
    };
    let ends = |point: u32| matches!(point, 10..=13 | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029);
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = text[start..].iter().position(|&point| ends(point)).map_or(text.len(), |at| start + at);
        let pair = text.get(end..end + 2) == Some(&[13, 10]);
        let next = (end + 1 + usize::from(pair)).min(text.len());
        lines.push(vm.str_of_points(&text[start..if keep { next } else { end }]));
        start = next;
    }
    Ok(vm.list(lines))
}

fn join(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "str.join", args, 1, 1)?;
    let sep = string(vm, it)?;
    let parts = vm.joined(&values[0])?;
    if let [only] = &parts[..]
        && vm.type_of(only).is_exactly(&vm.types.str)
    {
        return Ok(only.clone());
    }
    let mut ascii = sep.ascii().is_some();
    for (index, part) in parts.iter().enumerate() {
        match part.get::<Str>() {
            Some(part) => ascii &= part.ascii().is_some(),
            None => {
                let got = vm.type_name(part);
                let message = format!("sequence item {index}: expected str instance, {got} found");
                return Err(vm.type_error(message));
            }
        }
    }
    let texts = parts.iter().filter_map(|it| it.get::<Str>());
    let total =
        texts.clone().map(Str::len).fold(sep.len().saturating_mul(parts.len()), usize::saturating_add);
    vm.check_room_of(total, if ascii { 2 } else { 2 * size_of::<u32>() })?;
    if ascii {
        let texts: Vec<&str> = texts.filter_map(Str::ascii).collect();
        return Ok(vm.str(&texts.join(sep.ascii().unwrap_or(""))));
    }
    let mut points = Vec::new();
    for (index, text) in texts.enumerate() {
        if index > 0 {
            points.extend(sep.points());
        }
        points.extend(text.points());
    }
    Ok(vm.str_of_points(&points))
}

fn replace(vm: &Vm, args: Args<'_>) -> R {
    let given = args.values.len().saturating_sub(args.names.len() + 1);
    if given < 2 {
        return Err(vm.type_error(format!("replace() takes at least 2 positional arguments ({given} given)")));
    }
    let (it, [old, new, count]) = receive(vm, "replace", args, ["", "", "count"], 2)?;
    let count = times(vm, count)?;
    let second = |value: &Value| {
        let got = vm.type_name(value);
        vm.type_error(format!("replace() argument 2 must be str, not {got}"))
    };
    let none = NONE;
    let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
    let (text, old) = (string(vm, it)?, argument(vm, "replace()", old)?);
    let new = new.get::<Str>().ok_or_else(|| second(new))?;
    let places = (text.len() / old.len().max(1) + 1).min(count);
    vm.check_room(text.len().saturating_add(places.saturating_mul(new.len())))?;
    if let (Some(text), Some(old), Some(new)) = (text.ascii(), old.ascii(), new.ascii()) {
        if count == 0 || text.len() < old.len() || !old.is_empty() && !text.contains(old) {
            return Ok(whole(vm, it, string(vm, it)?));
        }
        return Ok(vm.str(&text.replacen(old, new, count)));
    }
    let (text, old, new) = (text.points(), old.points(), new.points());
    let (mut out, mut rest, mut done) = (Vec::with_capacity(text.len()), &text[..], 0);
    while done < count {
        let Some(at) = find_points(rest, &old) else { break };
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&new);
        done += 1;
        if old.is_empty() {
            match rest.split_first() {
                Some((&first, after)) => {
                    out.push(first);
                    rest = after;
                }
                None => break,
            }
        } else {
            rest = &rest[at + old.len()..];
        }
    }
    out.extend_from_slice(rest);
    Ok(vm.str_of_points(&out))
}

fn search(vm: &Vm, args: Args<'_>, name: &str, right: bool, must: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 3)?;
    let (text, part) = (string(vm, it)?, argument(vm, &format!("{name}()"), &values[0])?);
    let (start, end) = bounds(vm, &values[1..], text.len())?;
    let found = if right {
        let (text, part) = (text.points(), part.points());
        text.get(start..end).and_then(|text| {
            if part.is_empty() { Some(end) } else { seek(text, &part, true).map(|at| at + start) }
        })
    } else {
        find(text, part, start, end)
    };
    match found {
        Some(at) => Ok(vm.int_of_usize(at)),
        None if must => Err(vm.value_error("substring not found")),
        None => Ok(vm.int(-1)),
    }
}

fn count(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "count", args, 1, 3)?;
    let (text, part) = (string(vm, it)?, argument(vm, "count()", &values[0])?);
    let (mut start, end) = bounds(vm, &values[1..], text.len())?;
    if part.is_empty() {
        return Ok(vm.int(if start > end { 0 } else { (end - start) as i64 + 1 }));
    }
    let mut number = 0;
    while let Some(at) = find(text, part, start, end) {
        number += 1;
        start = at + part.len();
    }
    Ok(vm.int(number))
}

fn affix(vm: &Vm, args: Args<'_>, name: &str, end: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 3)?;
    let own = string(vm, it)?;
    if let Some(part) = values[0].get::<Str>() {
        // Looked at where it is: the string may be much longer than what is looked for.
        let (from, to) = bounds(vm, &values[1..], own.len())?;
        let len = part.len();
        if from > to || len > to - from {
            return Ok(Value::bool(false));
        }
        let first = if end { to - len } else { from };
        return Ok(Value::bool((0..len).all(|at| own.at(first + at) == part.at(at))));
    }
    let text = own.points();
    let (from, to) = bounds(vm, &values[1..], text.len())?;
    let Some(text) = text.get(from..to.max(from)) else { return Ok(Value::bool(false)) };
    let one = |value: &Value| -> R<bool> {
        let Some(part) = value.get::<Str>() else {
            let got = vm.type_name(value);
            return Err(match values[0].get::<Tuple>() {
                Some(_) => vm.type_error(format!("tuple for {name} must only contain str, not {got}")),
                None => vm.type_error(format!("{name} first arg must be str or a tuple of str, not {got}")),
            });
        };
        let part = part.points();
        Ok(if end { text.ends_with(&part) } else { text.starts_with(&part) })
    };
    let mut found = false;
    match values[0].get::<Tuple>() {
        Some(tuple) => {
            for value in &tuple.items {
                if one(value)? {
                    return Ok(Value::bool(true));
                }
            }
        }
        None => found = one(&values[0])?,
    }
    Ok(Value::bool(found))
}

fn pad(vm: &Vm, args: Args<'_>, name: &str, left: bool, right: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 2)?;
    let text = string(vm, it)?.points();
    let width = usize::try_from(crate::modules::native::index(vm, &values[0])?).unwrap_or(0);
    let fill = match values.get(1) {
        Some(fill) => match fill.get::<Str>() {
            Some(fill) if fill.len() == 1 => fill.at(0).unwrap_or(32),
            Some(_) => return Err(vm.type_error("The fill character must be exactly one character long")),
            None => {
                let got = vm.type_name(fill);
                let message = format!("The fill character must be a unicode character, not {got}");
                return Err(vm.type_error(message));
            }
        },
        None => 32,
    };
    vm.check_room_of(width, 2 * size_of::<u32>())?;
    Ok(vm.str_of_points(&padded(text, width, fill, left, right)))
}

fn zfill(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "zfill", args, 1, 1)?;
    let text = string(vm, it)?.to_str().into_owned();
    let width = usize::try_from(crate::modules::native::index(vm, &values[0])?).unwrap_or(0);
    let lack = width.saturating_sub(text.chars().count());
    vm.check_room_of(lack, 3)?;
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => text.split_at(text.len() - digits.len()),
        None => ("", text.as_str()),
    };
    Ok(vm.str(&format!("{sign}{}{digits}", "0".repeat(lack))))
}

fn partition(vm: &Vm, args: Args<'_>, right: bool) -> R {
    let (it, values) = method(vm, "partition", args, 1, 1)?;
    let Some(sep) = values[0].get::<Str>() else {
        let got = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("must be str, not {got}")));
    };
    let own = string(vm, it)?;
    if let (Some(text), Some(part)) = (own.ascii(), sep.ascii().filter(|it| !it.is_empty())) {
        let found = if right { text.rsplit_once(part) } else { text.split_once(part) };
        if let Some((before, behind)) = found {
            return Ok(vm.tuple(vec![vm.str(before), values[0].clone(), vm.str(behind)]));
        }
    }
    let (text, sep) = (own.points(), sep.points());
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let at = if right {
        text.windows(sep.len()).rposition(|window| window == sep)
    } else {
        find_points(&text, &sep)
    };
    let empty = || vm.names.empty.clone();
    Ok(vm.tuple(match at {
        Some(at) => {
            vec![vm.str_of_points(&text[..at]), values[0].clone(), vm.str_of_points(&text[at + sep.len()..])]
        }
        None if right => vec![empty(), empty(), whole(vm, it, string(vm, it)?)],
        None => vec![whole(vm, it, string(vm, it)?), empty(), empty()],
    }))
}

fn without(vm: &Vm, args: Args<'_>, end: bool) -> R {
    let name = if end { "removesuffix" } else { "removeprefix" };
    let (it, values) = method(vm, &format!("str.{name}"), args, 1, 1)?;
    let Some(part) = values[0].get::<Str>() else {
        let got = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("{name}() argument must be str, not {got}")));
    };
    let (text, part) = (string(vm, it)?.points(), part.points());
    let rest = if end { text.strip_suffix(&part[..]) } else { text.strip_prefix(&part[..]) };
    match rest {
        Some(rest) if !part.is_empty() => Ok(vm.str_of_points(rest)),
        _ => Ok(whole(vm, it, string(vm, it)?)),
    }
}

const STR: &[(&str, NativeFn)] = &[
    ("upper", |vm, args| mapped(vm, args, "str.upper", casing::upper)),
    ("lower", |vm, args| mapped(vm, args, "str.lower", casing::lower)),
    ("casefold", |vm, args| mapped(vm, args, "str.casefold", casing::casefold)),
    ("capitalize", |vm, args| mapped(vm, args, "str.capitalize", casing::capitalize)),
    ("title", |vm, args| mapped(vm, args, "str.title", casing::title)),
    ("swapcase", |vm, args| mapped(vm, args, "str.swapcase", casing::swapcase)),
    ("isdigit", |vm, args| test(vm, args, "str.isdigit", casing::is_digit)),
    ("isalpha", |vm, args| test(vm, args, "str.isalpha", |ch| is_alpha(vm, ch))),
    ("isalnum", |vm, args| test(vm, args, "str.isalnum", |ch| is_alpha(vm, ch) || is_numeric(vm, ch))),
    ("isspace", |vm, args| test(vm, args, "str.isspace", |ch| is_space(ch.into()))),
    ("isascii", |vm, args| {
        let (it, _) = method(vm, "str.isascii", args, 0, 0)?;
        Ok(Value::bool(string(vm, it)?.ascii().is_some()))
    }),
    ("isupper", |vm, args| cased(vm, args, "str.isupper", true)),
    ("islower", |vm, args| cased(vm, args, "str.islower", false)),
    ("isidentifier", |vm, args| {
        let (it, _) = method(vm, "str.isidentifier", args, 0, 0)?;
        let text = string(vm, it)?.to_str();
        Ok(Value::bool(pyrsc::value::unicode::is_identifier(&text, crate::language().unicode())))
    }),
    ("strip", |vm, args| strip(vm, args, "strip", true, true)),
    ("lstrip", |vm, args| strip(vm, args, "lstrip", true, false)),
    ("rstrip", |vm, args| strip(vm, args, "rstrip", false, true)),
    ("split", |vm, args| split(vm, args, false)),
    ("rsplit", |vm, args| split(vm, args, true)),
    ("splitlines", splitlines),
    ("join", join),
    ("replace", replace),
    ("find", |vm, args| search(vm, args, "find", false, false)),
    ("rfind", |vm, args| search(vm, args, "rfind", true, false)),
    ("index", |vm, args| search(vm, args, "index", false, true)),
    ("rindex", |vm, args| search(vm, args, "rindex", true, true)),
    ("count", count),
    ("startswith", |vm, args| affix(vm, args, "startswith", false)),
    ("endswith", |vm, args| affix(vm, args, "endswith", true)),
    ("ljust", |vm, args| pad(vm, args, "ljust", false, true)),
    ("rjust", |vm, args| pad(vm, args, "rjust", true, false)),
    ("center", |vm, args| pad(vm, args, "center", true, true)),
    ("zfill", zfill),
    ("partition", |vm, args| partition(vm, args, false)),
    ("rpartition", |vm, args| partition(vm, args, true)),
    ("removeprefix", |vm, args| without(vm, args, false)),
    ("removesuffix", |vm, args| without(vm, args, true)),
    ("encode", |vm, args| {
        let (it, [encoding, errors]) = receive(vm, "encode", args, ["encoding", "errors"], 0)?;
        super::codec::encode(vm, it, encoding, errors)
    }),
    ("format", |vm, args| vm.str_format(args)),
];

fn cased(vm: &Vm, args: Args<'_>, name: &str, upper: bool) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    Ok(Value::bool(casing::all_cased(&string(vm, it)?.to_str(), upper)))
}

pub(crate) fn fill(vm: &Vm) {
    methods(vm, &vm.types.str, "str", STR);
    methods(
        vm,
        &vm.types.int,
        "int",
        &[
            ("bit_length", |vm, args| {
                let (it, _) = method(vm, "int.bit_length", args, 0, 0)?;
                Ok(vm.int(vm.as_big(it).map_or(0, |it| it.bits() as i64)))
            }),
            ("bit_count", |vm, args| {
                let (it, _) = method(vm, "int.bit_count", args, 0, 0)?;
                let ones = |it: num_bigint::BigInt| {
                    it.magnitude().iter_u64_digits().map(|it| i64::from(it.count_ones())).sum()
                };
                Ok(vm.int(vm.as_big(it).map_or(0, ones)))
            }),
        ],
    );
    methods(
        vm,
        &vm.types.float,
        "float",
        &[("is_integer", |vm, args| {
            let (it, _) = method(vm, "float.is_integer", args, 0, 0)?;
            Ok(Value::bool(vm.as_float(it).is_some_and(|it| it.is_finite() && it.fract() == 0.0)))
        })],
    );
}
