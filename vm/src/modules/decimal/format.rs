//! `Decimal.__format__`: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use super::context::{self, current};
use super::number::{Number, Rounding};
use super::object::DECIMAL;
use super::text::push_digits;
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::object::callable::Args;
use crate::object::{Dict, Str};
use crate::value::Value;
use crate::vm::{R, Vm};

/// Widths and precisions beyond this are refused.
const MOST: usize = 1 << 28;

struct Spec {
    fill: char,
    align: char,
    sign: char,
    no_negative_zero: bool,
    alternate: bool,
    zeros: bool,
    width: usize,
    /// What stands between groups of digits before the point, and behind it.
    grouping: String,
    fraction_grouping: String,
    /// How many digits a group has.
    sizes: Vec<usize>,
    point: String,
    precision: Option<usize>,
    kind: Option<char>,
}

/// A number in a specification is too large.
struct TooLarge;

fn parse(text: &str) -> Result<Option<Spec>, TooLarge> {
    let chars: Vec<char> = text.chars().collect();
    let mut spec = Spec {
        fill: ' ',
        align: '>',
        sign: '-',
        no_negative_zero: false,
        alternate: false,
        zeros: false,
        width: 0,
        grouping: String::new(),
        fraction_grouping: String::new(),
        sizes: vec![3],
        point: ".".to_owned(),
        precision: None,
        kind: None,
    };
    let mut at = 0;
    let is_align = |ch: Option<&char>| matches!(ch, Some('<' | '>' | '=' | '^'));
    let mut aligned = true;
    if is_align(chars.get(1)) {
        (spec.fill, spec.align, at) = (chars[0], chars[1], 2);
    } else if is_align(chars.first()) {
        (spec.align, at) = (chars[0], 1);
    } else {
        aligned = false;
    }
    let take = |at: &mut usize, of: &[char]| {
        let found = chars.get(*at).copied().filter(|ch| of.contains(ch));
        *at += usize::from(found.is_some());
        found
    };
    spec.sign = take(&mut at, &['+', '-', ' ']).unwrap_or('-');
    spec.no_negative_zero = take(&mut at, &['z']).is_some();
    spec.alternate = take(&mut at, &['#']).is_some();
    if take(&mut at, &['0']).is_some() {
        if aligned {
            return Ok(None);
        }
        (spec.zeros, spec.fill, spec.align) = (true, '0', '=');
    }
    let number = |at: &mut usize| -> Result<Option<usize>, TooLarge> {
        let start = *at;
        while chars.get(*at).is_some_and(char::is_ascii_digit) {
            *at += 1;
        }
        let digits: String = chars[start..*at].iter().collect();
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse::<usize>().ok().filter(|&it| it <= i64::MAX as usize).map(Some).ok_or(TooLarge)
    };
    // A zero that is left is what `00` begins with.
    spec.width = number(&mut at)?.unwrap_or(0);
    let grouping = take(&mut at, &[',', '_']);
    spec.grouping = grouping.map(String::from).unwrap_or_default();
    if take(&mut at, &['.']).is_some() {
        spec.precision = number(&mut at)?;
        let more = take(&mut at, &[',', '_']);
        if spec.precision.is_none() && more.is_none() {
            return Ok(None);
        }
        spec.fraction_grouping = more.map(String::from).unwrap_or_default();
    }
    spec.kind = take(&mut at, &['e', 'E', 'f', 'F', 'g', 'G', 'n', 'N', '%']);
    let known = at == chars.len() && !(matches!(spec.kind, Some('n' | 'N')) && grouping.is_some());
    Ok((known && spec.width < MOST && spec.precision.unwrap_or(0) < MOST).then_some(spec))
}

pub(super) fn format(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__format__", args, 1, 2)?;
    let number: &Number = vm.own_data("__format__", it, &DECIMAL)?;
    let Some(text) = values[0].get::<Str>() else {
        return Err(vm.type_error("format arg must be str"));
    };
    let mut spec = match parse(&text.to_str()) {
        Ok(Some(spec)) => spec,
        Ok(None) => return Err(vm.value_error("invalid format string")),
        Err(TooLarge) => {
            return Err(vm.raise(Exc::OverflowError, "cannot fit 'int' into an index-sized integer"));
        }
    };
    let context = current(vm)?;
    let context = context::data(vm, &context)?;
    if spec.kind == Some('N') {
        let import = vm.builtin(&vm.intern("__import__"))?;
        let warnings = vm.call_with(&import, &[vm.str("warnings")])?;
        let category = vm.exceptions.get(Exc::DeprecationWarning).value().clone();
        let message = vm.str("Format specifier 'N' is deprecated");
        vm.call_with(&vm.get_attribute(&warnings, &vm.intern("warn"))?, &[message, category])?;
    }
    if let Some(conventions) = values.get(1).filter(|it| !it.is_none()) {
        conform(vm, &mut spec, conventions)?;
    } else if matches!(spec.kind, Some('n' | 'N')) {
        let import = vm.builtin(&vm.intern("__import__"))?;
        let locale = vm.call_with(&import, &[vm.str("locale")])?;
        let conventions = vm.call_with(&vm.get_attribute(&locale, &vm.intern("localeconv"))?, &[])?;
        conform(vm, &mut spec, &conventions)?;
    }
    spec.kind = match spec.kind {
        Some('n') => Some('g'),
        Some('N') => Some('G'),
        kind => kind,
    };
    let capitals = context.capitals.get();
    let kind = spec.kind.unwrap_or(if capitals { 'G' } else { 'g' });
    Ok(vm.str(&shown(number, &spec, kind, context.rules.get().rounding)))
}

/// Takes what a locale says of groups and the point.
fn conform(vm: &Vm, spec: &mut Spec, conventions: &Value) -> R<()> {
    let Some(dict) = conventions.get::<Dict>() else {
        return Err(vm.type_error("optional argument must be a dict"));
    };
    let part = |name: &str| dict.get(vm, &vm.str(name));
    if let Some(point) = part("decimal_point")? {
        spec.point = vm.text_of(&point);
    }
    if let Some(separator) = part("thousands_sep")? {
        spec.grouping = vm.text_of(&separator);
    }
    let wrong = spec.point.is_empty() || spec.point.len() > 4 || spec.grouping.len() > 4;
    if let Some(sizes) = part("grouping")? {
        // A list of numbers, or the C library's text of them.
        let all: Vec<usize> = match sizes.get::<Str>() {
            Some(text) => text.points().iter().map(|&size| size as usize).collect(),
            None => {
                vm.collect(&sizes)?.iter().filter_map(|it| usize::try_from(vm.as_i64(it)?).ok()).collect()
            }
        };
        if wrong || all.iter().any(|&size| size > 127) {
            return Err(vm.value_error("invalid override dict"));
        }
        let endless = all.iter().position(|&size| size >= 127);
        spec.sizes = all.iter().copied().take_while(|&size| size > 0 && size < 127).collect();
        if endless.is_some() {
            // The last group is as long as what is left.
            spec.sizes.push(usize::MAX);
        }
        if spec.sizes.is_empty() {
            spec.grouping.clear();
        }
    }
    Ok(())
}

fn shown(number: &Number, spec: &Spec, kind: char, rounding: Rounding) -> String {
    let sign = |negative: bool| match (negative, spec.sign) {
        (true, _) => "-",
        (false, '-') => "",
        (false, ' ') => " ",
        _ => "+",
    };
    if number.is_special() {
        let mut body = number.clone().with_sign(false).to_text(false, true);
        if kind == '%' {
            body.push('%');
        }
        let (fill, align) = if spec.zeros { (' ', '>') } else { (spec.fill, spec.align) };
        return aligned(sign(number.negative), &body, spec.width, fill, align);
    }
    let mut number = number.clone();
    if kind == '%' {
        number.exponent += 2;
    }
    let precision = match (spec.precision, kind) {
        (Some(0), 'g' | 'G') => Some(1),
        (precision, _) => precision,
    };
    if let Some(precision) = precision {
        match kind {
            'e' | 'E' => number = number.to_digits(precision as u64 + 1, rounding),
            'f' | 'F' | '%' => number = number.rescale(-(precision as i64), rounding, &mut 0),
            _ if number.digits.count() > precision as u64 => {
                number = number.to_digits(precision as u64, rounding);
            }
            _ => {}
        }
    }
    let fixed = matches!(kind, 'f' | 'F' | '%');
    if number.digits.is_zero() && number.exponent > 0 && fixed {
        number.exponent = 0;
    }
    let negative = number.negative && !(spec.no_negative_zero && number.digits.is_zero());
    let digits = number.digits.to_string();
    let left = number.exponent + digits.len() as i64;
    let point = match kind {
        'e' | 'E' => match precision {
            Some(precision) if number.digits.is_zero() => 1 - precision as i64,
            _ => 1,
        },
        _ if fixed => left,
        _ if number.exponent <= 0 && left > -6 => left,
        _ => 1,
    };
    let mut body = String::new();
    push_digits(&digits, point, &mut body);
    let (whole, fraction) = body.split_once('.').unwrap_or((&body, ""));
    let mut behind = grouped_fraction(fraction, &spec.fraction_grouping);
    if !fraction.is_empty() || spec.alternate {
        behind.insert_str(0, &spec.point);
    }
    if left != point || matches!(kind, 'e' | 'E') {
        let letter = if kind.is_ascii_uppercase() { 'E' } else { 'e' };
        behind.push_str(&format!("{letter}{:+}", left - point));
    }
    if kind == '%' {
        behind.push('%');
    }
    let sign = sign(negative);
    let room = if spec.zeros { spec.width.saturating_sub(behind.chars().count() + sign.len()) } else { 0 };
    let whole = grouped(whole, spec, room);
    aligned(sign, &(whole + &behind), spec.width, spec.fill, spec.align)
}

impl Number {
    /// The number with so many digits, filled up or rounded.
    fn to_digits(&self, count: u64, rounding: Rounding) -> Number {
        if self.digits.is_zero() {
            return self.clone();
        }
        let made = self.rescale(self.adjusted() + 1 - count as i64, rounding, &mut 0);
        // One more than nines only.
        if made.digits.count() > count { made.rescale(made.exponent + 1, rounding, &mut 0) } else { made }
    }
}

/// Digits in groups from the right, with zeros before them as long as there is room.
fn grouped(digits: &str, spec: &Spec, room: usize) -> String {
    if spec.grouping.is_empty() || spec.sizes.is_empty() {
        let zeros = room.saturating_sub(digits.len());
        return "0".repeat(zeros) + digits;
    }
    let between = spec.grouping.chars().count();
    let (mut left, mut room, mut groups) = (digits, room, Vec::new());
    for size in spec.sizes.iter().copied().chain(std::iter::repeat(spec.sizes[spec.sizes.len() - 1])) {
        let take = left.len().max(room).max(1).min(size);
        let at = left.len().saturating_sub(take);
        groups.push("0".repeat(take.saturating_sub(left.len())) + &left[at..]);
        left = &left[..at];
        room = room.saturating_sub(take);
        if left.is_empty() && room == 0 {
            break;
        }
        room = room.saturating_sub(between);
    }
    groups.reverse();
    groups.join(&spec.grouping)
}

/// Digits behind the point in groups of three from the left.
fn grouped_fraction(digits: &str, between: &str) -> String {
    if between.is_empty() {
        return digits.to_owned();
    }
    let bytes = digits.as_bytes();
    let groups: Vec<String> =
        bytes.chunks(3).map(|group| group.iter().map(|&digit| char::from(digit)).collect()).collect();
    groups.join(between)
}

fn aligned(sign: &str, body: &str, width: usize, fill: char, align: char) -> String {
    let lack = width.saturating_sub(sign.len() + body.chars().count());
    let filler = |count: usize| fill.to_string().repeat(count);
    match align {
        '<' => format!("{sign}{body}{}", filler(lack)),
        '=' => format!("{sign}{}{body}", filler(lack)),
        '^' => format!("{}{sign}{body}{}", filler(lack / 2), filler(lack - lack / 2)),
        _ => format!("{}{sign}{body}", filler(lack)),
    }
}
