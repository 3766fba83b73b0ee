//! The scanner.

use super::{decode_error, text_argument};
use crate::builtins::positional;
use crate::heap::allocate;
use crate::modules::native::{Own, Spec, call_method, parse, read_only, split_class, ssize};
use crate::object::callable::Args;
use crate::object::str::Text;
use crate::object::{Access, Data, Dict, Str};
use crate::value::{FALSE, NONE, TRUE, Value};
use crate::vm::{R, Raised, Vm};

/// What a `JSONDecoder` says.
struct Scanner {
    strict: bool,
    object_hook: Value,
    object_pairs_hook: Value,
    parse_float: Value,
    parse_int: Value,
    parse_constant: Value,
}

const ATTRIBUTES: &[(&str, Access)] = &[
    ("strict", read_only(|vm, it| Ok(Value::bool(scanner(vm, it)?.strict)))),
    ("object_hook", read_only(|vm, it| Ok(scanner(vm, it)?.object_hook.clone()))),
    ("object_pairs_hook", read_only(|vm, it| Ok(scanner(vm, it)?.object_pairs_hook.clone()))),
    ("parse_float", read_only(|vm, it| Ok(scanner(vm, it)?.parse_float.clone()))),
    ("parse_int", read_only(|vm, it| Ok(scanner(vm, it)?.parse_int.clone()))),
    ("parse_constant", read_only(|vm, it| Ok(scanner(vm, it)?.parse_constant.clone()))),
];

pub(super) static SCANNER: Spec = Spec {
    derivable: true,
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            let [context] = parse(vm, "make_scanner", args, ["context"], 1)?;
            let none = NONE;
            let context = context.unwrap_or(&none);
            let part = |name: &str| vm.get_attribute(context, &vm.intern(name));
            let strict = vm.truth(&part("strict")?)?;
            let data = Scanner {
                strict,
                object_hook: part("object_hook")?,
                object_pairs_hook: part("object_pairs_hook")?,
                parse_float: part("parse_float")?,
                parse_int: part("parse_int")?,
                parse_constant: part("parse_constant")?,
            };
            Ok(vm.custom_of(class, data))
        }),
        ("__call__", call_method),
    ],
    attributes: ATTRIBUTES,
    ..Spec::new(Own::Scanner, "_json.Scanner")
};

fn scanner<'a>(vm: &Vm, it: &'a Value) -> R<&'a Scanner> {
    vm.own_data("Scanner", it, &SCANNER)
}

impl Data for Scanner {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        for value in [
            &self.object_hook,
            &self.object_pairs_hook,
            &self.parse_float,
            &self.parse_int,
            &self.parse_constant,
        ] {
            see(value);
        }
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        Some((|| {
            let [text, at] = parse(vm, "scan_once", args, ["string", "idx"], 2)?;
            let none = NONE;
            let (text, at) = (text.unwrap_or(&none), ssize(vm, at.unwrap_or(&none))?);
            let string = text_argument(vm, text)?;
            let Ok(at) = usize::try_from(at) else {
                return Err(vm.value_error("idx cannot be negative"));
            };
            let (value, end) = match &string.text {
                Text::Ascii(points) | Text::Latin(points) => self.scan(vm, text, points, at)?,
                Text::Two(points) => self.scan(vm, text, points, at)?,
                Text::Four(points) => self.scan(vm, text, points, at)?,
            };
            Ok(vm.tuple(vec![value, vm.int_of_usize(end)]))
        })())
    }
}

impl Scanner {
    fn scan<T: Point>(&self, vm: &Vm, text: &Value, points: &[T], at: usize) -> R<(Value, usize)> {
        let mut reader = Reader {
            vm,
            text,
            points,
            scanner: self,
            keys: Vec::new(),
            plain_int: self.parse_int.is(vm.types.int.value()),
            plain_float: self.parse_float.is(vm.types.float.value()),
        };
        reader.value(at)
    }
}

/// A character of a text, in one, two or four bytes.
pub(super) trait Point: Copy + Eq + Into<u32> {}

impl Point for u8 {}
impl Point for u16 {}
impl Point for u32 {}

/// How many keys are remembered.
const KEYS: usize = 256;

/// Where a key is remembered.
fn place_of<T: Point>(points: &[T]) -> usize {
    let mix = |sum: u32, &point: &T| sum.rotate_left(5) ^ point.into().wrapping_mul(0x9E37_79B1);
    let sum = points.iter().take(16).fold(points.len() as u32, mix);
    (points.last().map_or(0, |last| mix(sum, last)) >> 7) as usize % KEYS
}

struct Reader<'a, T: Point> {
    vm: &'a Vm,
    text: &'a Value,
    points: &'a [T],
    scanner: &'a Scanner,
    /// Keys that were met lately, by [`place_of`]: equal keys are one object. A place is taken over by the next key that
    /// belongs there, so that no choice of keys makes it slow.
    keys: Vec<Option<(&'a [T], Value)>>,
    plain_int: bool,
    plain_float: bool,
}

/// A string of these characters, none of which is escaped.
fn make<T: Point>(vm: &Vm, points: &[T]) -> Value {
    let mut all = 0;
    for &point in points {
        all |= point.into();
    }
    let text = if all < 0x80 {
        Text::Ascii(points.iter().map(|&point| point.into() as u8).collect())
    } else if all < 0x100 {
        Text::Latin(points.iter().map(|&point| point.into() as u8).collect())
    } else {
        let points: Vec<u32> = points.iter().map(|&point| point.into()).collect();
        return vm.str_of_points(&points);
    };
    allocate(vm, &vm.types.str, Str::new(text))
}

/// Four hexadecimal digits.
fn four<T: Point>(points: &[T]) -> Option<u32> {
    let mut number = 0;
    for &point in points.get(..4)? {
        let digit = char::from_u32(point.into()).filter(char::is_ascii)?.to_digit(16)?;
        number = number << 4 | digit;
    }
    Some(number)
}

/// The characters of a string: those of the text, or new ones where some were escaped; and where it ends.
type Found<'a, T> = (Result<&'a [T], Vec<u32>>, usize);

/// The string behind a quote, which is before `start`; and where it ends.
fn string<'a, T: Point>(
    vm: &Vm,
    text: &Value,
    points: &'a [T],
    start: usize,
    strict: bool,
) -> R<Found<'a, T>> {
    let unterminated = || decode_error(vm, "Unterminated string starting at", text, start.saturating_sub(1));
    let mut made: Option<Vec<u32>> = None;
    let mut at = start;
    loop {
        let from = at;
        let stop = points.get(at..).unwrap_or_default().iter().position(|&point| {
            let point: u32 = point.into();
            point == u32::from(b'"') || point == u32::from(b'\\') || point < 0x20
        });
        let Some(stop) = stop else { return Err(unterminated()) };
        at += stop;
        let point: u32 = points[at].into();
        if point < 0x20 {
            if strict {
                return Err(decode_error(vm, "Invalid control character at", text, at));
            }
            let made = made.get_or_insert_with(Vec::new);
            made.extend(points[from..=at].iter().map(|&point| point.into()));
            at += 1;
            continue;
        }
        if point == u32::from(b'"') {
            return Ok(match made {
                None => (Ok(&points[from..at]), at + 1),
                Some(mut made) => {
                    made.extend(points[from..at].iter().map(|&point| point.into()));
                    (Err(made), at + 1)
                }
            });
        }
        let made = made.get_or_insert_with(Vec::new);
        made.extend(points[from..at].iter().map(|&point| point.into()));
        let Some(&escape) = points.get(at + 1) else { return Err(unterminated()) };
        let escape: u32 = escape.into();
        let meant = match u8::try_from(escape).unwrap_or(0) {
            it @ (b'"' | b'\\' | b'/') => it,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let wrong = |at| decode_error(vm, "Invalid \\uXXXX escape", text, at);
                if at + 6 > points.len() {
                    return Err(wrong(at + 1));
                }
                let Some(mut point) = four(&points[at + 2..]) else { return Err(wrong(at + 1)) };
                at += 6;
                let next = points.get(at..at + 2).map(|it| [it[0].into(), it[1].into()]);
                if (0xD800..0xDC00).contains(&point)
                    && next == Some([u32::from(b'\\'), u32::from(b'u')])
                    && at + 6 <= points.len()
                {
                    let Some(low) = four(&points[at + 2..]) else { return Err(wrong(at + 1)) };
                    if (0xDC00..0xE000).contains(&low) {
                        point = 0x1_0000 + (((point - 0xD800) << 10) | (low - 0xDC00));
                        at += 6;
                    }
                }
                made.push(point);
                continue;
            }
            _ => return Err(decode_error(vm, "Invalid \\escape", text, at)),
        };
        made.push(meant.into());
        at += 2;
    }
}

impl<'a, T: Point> Reader<'a, T> {
    fn at(&self, at: usize) -> Option<u8> {
        let point: u32 = (*self.points.get(at)?).into();
        Some(u8::try_from(point).unwrap_or(0))
    }

    fn blank(&self, mut at: usize) -> usize {
        while matches!(self.at(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    fn starts(&self, at: usize, word: &[u8]) -> bool {
        self.points
            .get(at..at + word.len())
            .is_some_and(|it| it.iter().zip(word).all(|(&a, &b)| a.into() == u32::from(b)))
    }

    fn expecting(&self, at: usize) -> Raised {
        let vm = self.vm;
        vm.raise_with(crate::builtins::exceptions::Exc::StopIteration, vec![vm.int_of_usize(at)])
    }

    fn error(&self, message: &str, at: usize) -> Raised {
        decode_error(self.vm, message, self.text, at)
    }

    fn value(&mut self, at: usize) -> R<(Value, usize)> {
        let vm = self.vm;
        match self.at(at) {
            Some(b'"') => {
                let (found, end) = string(vm, self.text, self.points, at + 1, self.scanner.strict)?;
                let value = match found {
                    Ok(points) => make(vm, points),
                    Err(points) => vm.str_of_points(&points),
                };
                Ok((value, end))
            }
            Some(open @ (b'{' | b'[')) => {
                vm.enter_native()?;
                let result = if open == b'{' { self.object(at + 1) } else { self.array(at + 1) };
                vm.leave_native();
                result
            }
            Some(b'n') if self.starts(at, b"null") => Ok((NONE, at + 4)),
            Some(b't') if self.starts(at, b"true") => Ok((TRUE, at + 4)),
            Some(b'f') if self.starts(at, b"false") => Ok((FALSE, at + 5)),
            Some(b'N') if self.starts(at, b"NaN") => self.constant("NaN", at),
            Some(b'I') if self.starts(at, b"Infinity") => self.constant("Infinity", at),
            Some(b'-') if self.starts(at, b"-Infinity") => self.constant("-Infinity", at),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            _ => Err(self.expecting(at)),
        }
    }

    fn constant(&self, name: &str, at: usize) -> R<(Value, usize)> {
        let value = self.vm.call_with(&self.scanner.parse_constant, &[self.vm.intern(name)])?;
        Ok((value, at + name.len()))
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.at(at).is_some_and(|it| it.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn number(&self, start: usize) -> R<(Value, usize)> {
        let vm = self.vm;
        let mut at = start + usize::from(self.at(start) == Some(b'-'));
        at = match self.at(at) {
            Some(b'0') => at + 1,
            Some(b'1'..=b'9') => self.digits(at),
            _ => return Err(self.expecting(start)),
        };
        let whole = at;
        if self.at(at) == Some(b'.') && self.digits(at + 1) > at + 1 {
            at = self.digits(at + 1);
        }
        if matches!(self.at(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.at(at + 1), Some(b'+' | b'-')));
            let end = self.digits(at + 1 + sign);
            if end > at + 1 + sign {
                at = end;
            }
        }
        let is_int = at == whole;
        if is_int && self.plain_int && at - start <= 18 {
            let negative = self.at(start) == Some(b'-');
            let digits = &self.points[start + usize::from(negative)..at];
            let number = digits.iter().fold(0, |number: i64, &it| number * 10 + i64::from(it.into() - 48));
            return Ok((vm.int(if negative { -number } else { number }), at));
        }
        let text: String = self.points[start..at]
            .iter()
            .map(|&it| char::from(u8::try_from(it.into()).unwrap_or(b'0')))
            .collect();
        if !is_int
            && self.plain_float
            && let Ok(number) = text.parse::<f64>()
        {
            return Ok((vm.float(number), at));
        }
        let parse = if is_int { &self.scanner.parse_int } else { &self.scanner.parse_float };
        Ok((vm.call_with(parse, &[vm.str(&text)])?, at))
    }

    fn array(&mut self, start: usize) -> R<(Value, usize)> {
        let mut items = Vec::new();
        let mut at = self.blank(start);
        if self.at(at) == Some(b']') {
            return Ok((self.vm.list(items), at + 1));
        }
        loop {
            let (value, end) = self.value(at)?;
            items.push(value);
            at = self.blank(end);
            match self.at(at) {
                Some(b']') => return Ok((self.vm.list(items), at + 1)),
                Some(b',') => {}
                _ => return Err(self.error("Expecting ',' delimiter", at)),
            }
            let comma = at;
            at = self.blank(at + 1);
            if self.at(at) == Some(b']') {
                return Err(self.error("Illegal trailing comma before end of array", comma));
            }
        }
    }

    fn key(&mut self, at: usize) -> R<(Value, usize)> {
        let vm = self.vm;
        let (found, end) = string(vm, self.text, self.points, at, self.scanner.strict)?;
        let key = match found {
            Ok(points) => {
                if self.keys.is_empty() {
                    self.keys.resize_with(KEYS, || None);
                }
                match &mut self.keys[place_of(points)] {
                    Some((known, key)) if *known == points => key.clone(),
                    place => place.insert((points, make(vm, points))).1.clone(),
                }
            }
            Err(points) => vm.str_of_points(&points),
        };
        Ok((key, end))
    }

    fn object(&mut self, start: usize) -> R<(Value, usize)> {
        let vm = self.vm;
        let pairs_hook = !self.scanner.object_pairs_hook.is_none();
        let mut pairs = Vec::new();
        let made = vm.dict();
        let mut at = self.blank(start);
        if self.at(at) == Some(b'}') {
            at += 1;
        } else {
            loop {
                if self.at(at) != Some(b'"') {
                    return Err(self.error("Expecting property name enclosed in double quotes", at));
                }
                let (key, end) = self.key(at + 1)?;
                at = self.blank(end);
                if self.at(at) != Some(b':') {
                    return Err(self.error("Expecting ':' delimiter", at));
                }
                at = self.blank(at + 1);
                let (value, end) = self.value(at)?;
                if pairs_hook {
                    pairs.push(vm.tuple(vec![key, value]));
                } else if let Some(dict) = made.get::<Dict>()
                    && let Err(value) = dict.set_plain(vm, &key, value)
                {
                    dict.set(vm, key, value)?;
                }
                at = self.blank(end);
                match self.at(at) {
                    Some(b'}') => {
                        at += 1;
                        break;
                    }
                    Some(b',') => {}
                    _ => return Err(self.error("Expecting ',' delimiter", at)),
                }
                let comma = at;
                at = self.blank(at + 1);
                if self.at(at) == Some(b'}') {
                    return Err(self.error("Illegal trailing comma before end of object", comma));
                }
            }
        }
        if pairs_hook {
            return Ok((vm.call_with(&self.scanner.object_pairs_hook, &[vm.list(pairs)])?, at));
        }
        if !self.scanner.object_hook.is_none() {
            return Ok((vm.call_with(&self.scanner.object_hook, &[made])?, at));
        }
        Ok((made, at))
    }
}

/// `scanstring(string, end, strict=True)`
pub(super) fn scanstring(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "scanstring", args, 2, 3)?;
    let Some(text) = values[0].get::<Str>() else {
        let got = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("first argument must be a string, not {got}")));
    };
    let strict = values.get(2).map_or(Ok(true), |it| vm.truth(it))?;
    let start = ssize(vm, &values[1])?;
    let Some(start) = usize::try_from(start).ok().filter(|&start| start <= text.len()) else {
        return Err(vm.value_error("end is out of bounds"));
    };
    let points = text.points();
    let (found, end) = string(vm, &values[0], &points, start, strict)?;
    let value = match found {
        Ok(points) => vm.str_of_points(points),
        Err(points) => vm.str_of_points(&points),
    };
    Ok(vm.tuple(vec![value, vm.int_of_usize(end)]))
}
