//! Methods of `str` and `bytes`.

use super::{keywords, method, methods, padded};
use crate::object::callable::{Args, NativeFn};
use crate::object::{Str, Tuple};
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
    if let (Some(text), Some(part)) = (string.ascii(), part.ascii()) {
        return text.get(start..end)?.find(part).map(|at| at + start);
    }
    let (text, part) = (string.points(), part.points());
    find_points(text.get(start..end)?, &part).map(|at| at + start)
}

fn find_points(text: &[u32], part: &[u32]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

fn is_space(point: u32) -> bool {
    matches!(point, 0x1C..=0x1F) || char::from_u32(point).is_some_and(char::is_whitespace)
}

/// Start and end of a search, cut to the string's length.
fn bounds(vm: &Vm, values: &[Value], len: usize) -> R<(usize, usize)> {
    let cut = |value: Option<&Value>, default: usize| -> R<usize> {
        match value {
            Some(value) if !value.is_none() => {
                let at = vm.index_of(value)?.unwrap_or(0);
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
    Ok(vm.str(&change(&string(vm, it)?.to_str())))
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => title_char(first) + &chars.as_str().to_lowercase(),
        None => String::new(),
    }
}

fn title_char(ch: char) -> String {
    let upper: String = ch.to_uppercase().collect();
    let mut chars = upper.chars();
    match chars.next() {
        Some(first) => first.to_string() + &chars.as_str().to_lowercase(),
        None => String::new(),
    }
}

fn title(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for ch in text.chars() {
        if inside {
            out.extend(ch.to_lowercase())
        } else {
            out.push_str(&title_char(ch))
        }
        inside = ch.is_alphabetic();
    }
    out
}

fn swapcase(text: &str) -> String {
    let swap = |ch: char| {
        if ch.is_uppercase() { ch.to_lowercase().collect::<String>() } else { ch.to_uppercase().collect() }
    };
    text.chars().map(swap).collect()
}

fn test(vm: &Vm, args: Args<'_>, name: &str, of: fn(char) -> bool) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    let string = string(vm, it)?;
    Ok(Value::bool(!string.is_empty() && string.to_str().chars().all(of)))
}

fn strip(vm: &Vm, args: Args<'_>, name: &str, left: bool, right: bool) -> R {
    let (it, values) = method(vm, name, args, 0, 1)?;
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
        return Ok(it.clone());
    }
    Ok(vm.str_of_points(&points[start..end]))
}

fn split(vm: &Vm, args: Args<'_>, from_right: bool) -> R {
    let name = if from_right { "rsplit" } else { "split" };
    let (values, [sep, maxsplit]) = keywords(vm, name, args, ["sep", "maxsplit"])?;
    let text = string(vm, values.first().unwrap_or(&NONE))?.points();
    let sep = values.get(1).or(sep).filter(|it| !it.is_none());
    let most = match values.get(2).or(maxsplit) {
        Some(most) => vm.index_of(most)?.unwrap_or(-1),
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
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
                let end = rest.iter().rposition(|&point| !is_space(point)).map_or(0, |at| at + 1);
                parts.push(&rest[..end]);
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
                    let start = rest.iter().position(|&point| !is_space(point)).unwrap_or(0);
                    parts.push(&rest[start..]);
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
    let (values, [keepends]) = keywords(vm, "splitlines", args, ["keepends"])?;
    let text = string(vm, values.first().unwrap_or(&NONE))?.points();
    let keep = match values.get(1).or(keepends) {
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
    let parts = vm.collect(&values[0])?;
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
    let (values, [count]) = keywords(vm, "replace", args, ["count"])?;
    let [it, old, new, ..] = values else {
        return Err(vm.type_error(format!("replace expected at least 2 arguments, got {}", values.len() - 1)));
    };
    let (text, old, new) =
        (string(vm, it)?, argument(vm, "replace()", old)?, argument(vm, "replace()", new)?);
    let count = match values.get(3).or(count) {
        Some(count) => vm.index_of(count)?.unwrap_or(-1),
        None => -1,
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let (text, old, new) = (text.to_str(), old.to_str(), new.to_str());
    Ok(vm.str(&text.replacen(old.as_ref(), &new, count)))
}

fn search(vm: &Vm, args: Args<'_>, name: &str, right: bool, must: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 3)?;
    let (text, part) = (string(vm, it)?, argument(vm, &format!("{name}()"), &values[0])?);
    let (start, end) = bounds(vm, &values[1..], text.len())?;
    let found = if right {
        let (text, part) = (text.points(), part.points());
        text.get(start..end).and_then(|text| {
            if part.is_empty() {
                Some(end)
            } else {
                text.windows(part.len()).rposition(|it| it == part).map(|at| at + start)
            }
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
    let text = string(vm, it)?.points();
    let (from, to) = bounds(vm, &values[1..], text.len())?;
    let Some(text) = text.get(from..to.max(from)) else { return Ok(Value::bool(false)) };
    let one = |value: &Value| -> R<bool> {
        let Some(part) = value.get::<Str>() else {
            let got = vm.type_name(value);
            return Err(vm.type_error(format!("{name} first arg must be str or a tuple of str, not {got}")));
        };
        let part = part.points();
        Ok(if end { text.ends_with(&part) } else { text.starts_with(&part) })
    };
    let mut found = false;
    match values[0].get::<Tuple>() {
        Some(tuple) => {
            for value in &tuple.items {
                found |= one(value)?;
            }
        }
        None => found = one(&values[0])?,
    }
    Ok(Value::bool(found))
}

fn pad(vm: &Vm, args: Args<'_>, name: &str, left: bool, right: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 2)?;
    let text = string(vm, it)?.points();
    let width = usize::try_from(vm.index_of(&values[0])?.unwrap_or(0)).unwrap_or(0);
    let fill = match values.get(1) {
        Some(fill) => match fill.get::<Str>() {
            Some(fill) if fill.len() == 1 => fill.at(0).unwrap_or(32),
            _ => return Err(vm.type_error("The fill character must be exactly one character long")),
        },
        None => 32,
    };
    Ok(vm.str_of_points(&padded(text, width, fill, left, right)))
}

fn zfill(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "zfill", args, 1, 1)?;
    let text = string(vm, it)?.to_str().into_owned();
    let width = usize::try_from(vm.index_of(&values[0])?.unwrap_or(0)).unwrap_or(0);
    let lack = width.saturating_sub(text.chars().count());
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => text.split_at(text.len() - digits.len()),
        None => ("", text.as_str()),
    };
    Ok(vm.str(&format!("{sign}{}{digits}", "0".repeat(lack))))
}

fn partition(vm: &Vm, args: Args<'_>, right: bool) -> R {
    let (it, values) = method(vm, "partition", args, 1, 1)?;
    let (text, sep) = (string(vm, it)?.points(), argument(vm, "partition()", &values[0])?.points());
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
        None if right => vec![empty(), empty(), it.clone()],
        None => vec![it.clone(), empty(), empty()],
    }))
}

fn without(vm: &Vm, args: Args<'_>, end: bool) -> R {
    let (it, values) = method(vm, "removeprefix", args, 1, 1)?;
    let (text, part) = (string(vm, it)?.points(), argument(vm, "removeprefix()", &values[0])?.points());
    let rest = if end { text.strip_suffix(&part[..]) } else { text.strip_prefix(&part[..]) };
    Ok(rest.map_or_else(|| it.clone(), |rest| vm.str_of_points(rest)))
}

const STR: &[(&str, NativeFn)] = &[
    ("upper", |vm, args| mapped(vm, args, "str.upper", str::to_uppercase)),
    ("lower", |vm, args| mapped(vm, args, "str.lower", str::to_lowercase)),
    ("casefold", |vm, args| mapped(vm, args, "str.casefold", |text| text.to_lowercase().replace('ß', "ss"))),
    ("capitalize", |vm, args| mapped(vm, args, "str.capitalize", capitalize)),
    ("title", |vm, args| mapped(vm, args, "str.title", title)),
    ("swapcase", |vm, args| mapped(vm, args, "str.swapcase", swapcase)),
    ("isdigit", |vm, args| {
        test(vm, args, "str.isdigit", |ch| ch.is_ascii_digit() || !ch.is_ascii() && ch.is_numeric())
    }),
    ("isalpha", |vm, args| test(vm, args, "str.isalpha", char::is_alphabetic)),
    ("isalnum", |vm, args| test(vm, args, "str.isalnum", char::is_alphanumeric)),
    ("isspace", |vm, args| test(vm, args, "str.isspace", |ch| is_space(ch.into()))),
    ("isascii", |vm, args| {
        let (it, _) = method(vm, "str.isascii", args, 0, 0)?;
        Ok(Value::bool(string(vm, it)?.ascii().is_some()))
    }),
    ("isupper", |vm, args| cased(vm, args, char::is_uppercase, char::is_lowercase)),
    ("islower", |vm, args| cased(vm, args, char::is_lowercase, char::is_uppercase)),
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
        let (values, [encoding, errors]) = super::keywords(vm, "encode", args, ["encoding", "errors"])?;
        let Some(it) = values.first() else { return Err(vm.type_error("encode() needs an argument")) };
        super::codec::encode(vm, it, values.get(1).or(encoding), values.get(2).or(errors))
    }),
    ("format", |vm, args| vm.str_format(args)),
];

fn cased(vm: &Vm, args: Args<'_>, wanted: fn(char) -> bool, other: fn(char) -> bool) -> R {
    let (it, _) = method(vm, "str.isupper", args, 0, 0)?;
    let text = string(vm, it)?.to_str();
    Ok(Value::bool(text.chars().any(wanted) && !text.chars().any(other)))
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
