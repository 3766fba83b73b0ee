//! Format specifications: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use crate::object::str::push_utf8;
use crate::value::Value;
use crate::vm::{R, Raised, Vm};

/// A format specification that was read.
pub(super) struct Spec {
    /// What fills the width.
    pub fill: u32,
    /// One of `<>=^`.
    pub align: char,
    /// One of `+`, `-` and space, where it is written.
    pub sign: Option<char>,
    /// `z`: a zero never has a minus.
    pub no_negative_zero: bool,
    /// `#`
    pub alternate: bool,
    /// How many characters at least.
    pub width: usize,
    /// What stands between groups of digits.
    pub grouping: Option<char>,
    /// What stands between groups of digits of the fraction.
    pub fraction_grouping: Option<char>,
    /// How many digits, or characters.
    pub precision: Option<usize>,
    /// The letter at the end; a NUL where numbers have none.
    pub kind: u32,
}

impl Spec {
    /// A specification that asks for nothing but this alignment and type.
    pub const fn plain(align: char, kind: char) -> Spec {
        Spec {
            fill: 0x20,
            align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: None,
            fraction_grouping: None,
            precision: None,
            kind: kind as u32,
        }
    }

    /// The letter at the end, where it is ASCII.
    pub fn letter(&self) -> char {
        char::from_u32(self.kind).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The sign of a number.
    pub const fn sign_of(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        }
    }
}

/// A letter as CPython shows it in messages.
pub(super) fn shown(letter: u32) -> String {
    match char::from_u32(letter) {
        Some(ch) if ch > ' ' && ch < '\x7F' => ch.to_string(),
        _ => format!("\\x{letter:x}"),
    }
}

struct Reader<'a> {
    text: &'a [u32],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).and_then(|&point| char::from_u32(point))
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Digits; `None` where there are none.
    fn number(&mut self, vm: &Vm) -> R<Option<usize>> {
        let mut number: Option<usize> = None;
        while let Some(digit) = self.peek().and_then(super::super::make::decimal) {
            let next = number.unwrap_or(0).checked_mul(10).and_then(|it| it.checked_add(digit as usize));
            match next.filter(|&it| it <= isize::MAX as usize) {
                Some(next) => number = Some(next),
                None => return Err(vm.value_error("Too many decimal digits in format string")),
            }
            self.at += 1;
        }
        Ok(number)
    }

    fn grouping(&mut self, vm: &Vm) -> R<Option<char>> {
        let both = || vm.value_error("Cannot specify both ',' and '_'.");
        let comma = self.take(',');
        let underscore = self.take('_');
        if underscore && (comma || self.peek() == Some(',')) {
            return Err(both());
        }
        Ok(match (comma, underscore) {
            (true, _) => Some(','),
            (_, true) => Some('_'),
            _ => None,
        })
    }
}

fn is_align(point: Option<&u32>) -> Option<char> {
    point.and_then(|&it| char::from_u32(it)).filter(|it| "<>=^".contains(*it))
}

/// Reads a specification for a value whose type and alignment are these where none are written.
pub(super) fn parse(vm: &Vm, value: &Value, text: &[u32], default: (char, char)) -> R<Spec> {
    let mut spec = Spec::plain(default.0, default.1);
    let mut reader = Reader { text, at: 0 };
    let (mut filled, mut aligned) = (false, false);
    if let Some(align) = is_align(text.get(1)) {
        (spec.fill, spec.align, reader.at) = (text[0], align, 2);
        (filled, aligned) = (true, true);
    } else if let Some(align) = is_align(text.first()) {
        (spec.align, reader.at, aligned) = (align, 1, true);
    }
    if let Some(sign @ ('+' | '-' | ' ')) = reader.peek() {
        spec.sign = Some(sign);
        reader.at += 1;
    }
    spec.no_negative_zero = reader.take('z');
    spec.alternate = reader.take('#');
    if !filled && reader.take('0') {
        spec.fill = '0'.into();
        if !aligned && default.0 == '>' {
            spec.align = '=';
        }
    }
    spec.width = room(vm, reader.number(vm)?.unwrap_or(0) as u64)?;
    spec.grouping = reader.grouping(vm)?;
    if reader.take('.') {
        spec.precision = reader.number(vm)?;
        spec.fraction_grouping = reader.grouping(vm)?;
        if spec.precision.is_none() && spec.fraction_grouping.is_none() {
            return Err(vm.value_error("Format specifier missing precision"));
        }
    }
    match &text[reader.at..] {
        [] => {}
        [kind] => spec.kind = *kind,
        _ => {
            let mut shown = Vec::new();
            text.iter().for_each(|&point| push_utf8(point, &mut shown));
            let name = vm.type_name(value);
            let mut message = b"Invalid format specifier '".to_vec();
            message.extend(shown);
            message.extend_from_slice(format!("' for object of type '{name}'").as_bytes());
            let message = vm.str_of_utf8(&message);
            return Err(vm.raise_with(crate::builtins::exceptions::Exc::ValueError, vec![message]));
        }
    }
    let letter = spec.letter();
    let floats = "efgEFG%\0".contains(letter);
    match spec.grouping {
        Some('_') if "boxX".contains(letter) => {}
        Some(separator) if !(floats || letter == 'd') => return Err(cannot_group(vm, separator, spec.kind)),
        _ => {}
    }
    match spec.fraction_grouping {
        Some(separator) if !floats => {
            // Where a precision is refused at all, that is what is said.
            if letter != 'd' {
                return Err(cannot_group(vm, separator, spec.kind));
            }
        }
        _ => {}
    }
    Ok(spec)
}

fn cannot_group(vm: &Vm, separator: char, kind: u32) -> Raised {
    vm.value_error(format!("Cannot specify '{separator}' with '{}'.", shown(kind)))
}

/// The parts of a number that was made text.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub sign: &'a str,
    pub prefix: &'a str,
    /// Digits before the point.
    pub digits: &'a str,
    /// The point and the digits behind it.
    pub fraction: &'a str,
    /// Exponent, `%`, `inf`, …
    pub rest: &'a str,
}

impl<'a> Parts<'a> {
    /// The parts of a float's text without sign.
    pub fn of_float(sign: &'a str, text: &'a str) -> Parts<'a> {
        let end = text.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(text.len());
        let (digits, tail) = text.split_at(end);
        let end = match tail.strip_prefix('.') {
            Some(after) => 1 + after.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(after.len()),
            None => 0,
        };
        let (fraction, rest) = tail.split_at(end);
        Parts { sign, prefix: "", digits, fraction, rest }
    }
}

fn group(digits: &str, separator: char, every: usize) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, ch) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(every) {
            out.push(separator);
        }
        out.push(ch);
    }
    out
}

fn group_fraction(fraction: &str, separator: char) -> String {
    let mut out = String::with_capacity(fraction.len() * 4 / 3);
    for (index, ch) in fraction.chars().enumerate() {
        if index > 1 && (index - 1).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(ch);
    }
    out
}

/// A width that there can be memory for.
pub(super) fn room(vm: &Vm, width: u64) -> R<usize> {
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    vm.check_room_of(width, 2)?;
    Ok(width)
}

/// Writes text with the padding that is asked for; `head` (sign and prefix) stands before what `=` puts between.
pub(super) fn pad(spec: &Spec, head: &str, body: &[u8], out: &mut Vec<u8>) {
    let have = head.len() + body.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    let lack = spec.width.saturating_sub(have);
    let (before, between, after) = match spec.align {
        '<' => (0, 0, lack),
        '^' => (lack / 2, 0, lack - lack / 2),
        '=' => (0, lack, 0),
        _ => (lack, 0, 0),
    };
    let filler = |count: usize, out: &mut Vec<u8>| match u8::try_from(spec.fill) {
        Ok(byte) if byte < 0x80 => out.resize(out.len() + count, byte),
        _ => (0..count).for_each(|_| push_utf8(spec.fill, out)),
    };
    filler(before, out);
    out.extend_from_slice(head.as_bytes());
    filler(between, out);
    out.extend_from_slice(body);
    filler(after, out);
}

/// Writes a number as the specification wants it.
pub(super) fn lay(spec: &Spec, parts: &Parts<'_>, out: &mut Vec<u8>) {
    let every = if "boxX".contains(spec.letter()) { 4 } else { 3 };
    let fraction = match spec.fraction_grouping {
        Some(separator) => std::borrow::Cow::Owned(group_fraction(parts.fraction, separator)),
        None => std::borrow::Cow::Borrowed(parts.fraction),
    };
    let head = format!("{}{}", parts.sign, parts.prefix);
    let mut body = match spec.grouping {
        Some(separator) if !parts.digits.is_empty() => {
            let zeros = spec.fill == u32::from('0') && spec.align == '=';
            let mut digits = parts.digits.to_owned();
            let room = spec.width.saturating_sub(head.len() + fraction.len() + parts.rest.len());
            if zeros {
                // A separator never stands first: where it would, there is one more digit.
                let mut count = digits.len();
                while count + (count - 1) / every < room {
                    count += 1;
                }
                digits.insert_str(0, &"0".repeat(count - digits.len()));
            }
            group(&digits, separator, every)
        }
        _ => parts.digits.to_owned(),
    };
    body.push_str(&fraction);
    body.push_str(parts.rest);
    pad(spec, &head, body.as_bytes(), out);
}
