//! Format specifications, `%` and `str.format`.

use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::{Dict, Str, Tuple};
use crate::value::Value;
use crate::vm::{R, Vm};
use num_bigint::BigInt;

/// A format specification: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

fn parse(text: &str) -> Option<Spec> {
    let chars: Vec<char> = text.chars().collect();
    let mut spec = Spec {
        fill: ' ',
        align: None,
        sign: '-',
        alternate: false,
        width: 0,
        grouping: None,
        precision: None,
        kind: None,
    };
    let mut at = 0;
    let is_align = |ch: Option<&char>| matches!(ch, Some('<' | '>' | '=' | '^'));
    if is_align(chars.get(1)) {
        (spec.fill, spec.align, at) = (chars[0], Some(chars[1]), 2);
    } else if is_align(chars.first()) {
        (spec.align, at) = (Some(chars[0]), 1);
    }
    if let Some(&sign @ ('+' | '-' | ' ')) = chars.get(at) {
        (spec.sign, at) = (sign, at + 1);
    }
    if chars.get(at) == Some(&'#') {
        (spec.alternate, at) = (true, at + 1);
    }
    if chars.get(at) == Some(&'0') {
        if spec.align.is_none() {
            (spec.fill, spec.align) = ('0', Some('='));
        }
        at += 1;
    }
    let number = |at: &mut usize| {
        let start = *at;
        while chars.get(*at).is_some_and(char::is_ascii_digit) {
            *at += 1;
        }
        chars[start..*at].iter().collect::<String>().parse::<usize>().ok()
    };
    spec.width = number(&mut at).unwrap_or(0);
    if let Some(&grouping @ (',' | '_')) = chars.get(at) {
        (spec.grouping, at) = (Some(grouping), at + 1);
    }
    if chars.get(at) == Some(&'.') {
        at += 1;
        spec.precision = Some(number(&mut at)?);
    }
    if let Some(&kind) = chars.get(at) {
        (spec.kind, at) = (Some(kind), at + 1);
    }
    (at == chars.len() && spec.width < 1 << 30 && spec.precision.unwrap_or(0) < 1 << 20).then_some(spec)
}

fn group(digits: &str, separator: char, every: usize) -> String {
    let mut out = String::new();
    let count = digits.len();
    for (index, ch) in digits.chars().enumerate() {
        if index > 0 && (count - index).is_multiple_of(every) {
            out.push(separator);
        }
        out.push(ch);
    }
    out
}

/// Puts sign, prefix and digits together, padded.
fn pad(spec: &Spec, sign: &str, prefix: &str, body: &str, default: char) -> String {
    let have = sign.chars().count() + prefix.chars().count() + body.chars().count();
    let lack = spec.width.saturating_sub(have);
    let filler = |count: usize| spec.fill.to_string().repeat(count);
    match spec.align.unwrap_or(default) {
        '<' => format!("{sign}{prefix}{body}{}", filler(lack)),
        '^' => format!("{}{sign}{prefix}{body}{}", filler(lack / 2), filler(lack - lack / 2)),
        '=' => format!("{sign}{prefix}{}{body}", filler(lack)),
        _ => format!("{}{sign}{prefix}{body}", filler(lack)),
    }
}

fn sign_text(spec: &Spec, negative: bool) -> &'static str {
    match (negative, spec.sign) {
        (true, _) => "-",
        (false, '+') => "+",
        (false, ' ') => " ",
        _ => "",
    }
}

/// The digits of a float that is not negative, for one of the types `e f g %` and none.
fn float_digits(number: f64, kind: char, precision: usize, alternate: bool) -> String {
    let exponent_form = |digits: usize| {
        let text = format!("{number:.digits$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        (mantissa.to_owned(), exponent)
    };
    let with_exponent = |mantissa: &str, exponent: i32| {
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    match kind {
        'f' => {
            let text = format!("{number:.precision$}");
            if alternate && precision == 0 { text + "." } else { text }
        }
        'e' => {
            let (mantissa, exponent) = exponent_form(precision);
            with_exponent(&mantissa, exponent)
        }
        _ => {
            let precision = precision.max(1);
            let (mantissa, exponent) = exponent_form(precision - 1);
            let trim = |text: &str| {
                if alternate || !text.contains('.') {
                    text.to_owned()
                } else {
                    text.trim_end_matches('0').trim_end_matches('.').to_owned()
                }
            };
            if exponent < -4 || exponent >= precision as i32 {
                with_exponent(&trim(&mantissa), exponent)
            } else {
                let digits = (precision as i32 - 1 - exponent).max(0) as usize;
                trim(&format!("{number:.digits$}"))
            }
        }
    }
}

impl Vm {
    fn unknown_format(&self, kind: char, value: &Value) -> crate::vm::Raised {
        let name = self.type_name(value);
        self.value_error(format!("Unknown format code '{kind}' for object of type '{name}'"))
    }

    /// `format(value, spec)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn format(&self, value: &Value, spec: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value))
            && let Some(method) = self.lookup_special(value, &self.names.format)
            && !method.is_layouts_own()
        {
            let args = Args { values: std::slice::from_ref(spec), names: &[] };
            let text = self.call_bound(&method, value, args)?;
            if text.get::<Str>().is_none() {
                let got = self.type_name(&text);
                return Err(self.type_error(format!("__format__ must return a str, not {got}")));
            }
            return Ok(text);
        }
        let Some(text) = spec.get::<Str>() else {
            let got = self.type_name(spec);
            return Err(self.type_error(format!("format() argument 2 must be str, not {got}")));
        };
        if text.is_empty() {
            return self.to_str(value);
        }
        self.format_plainly(value, &text.to_str())
    }

    /// What the `__format__` of the interpreter's own types does.
    pub(crate) fn format_plainly(&self, value: &Value, spec: &str) -> R {
        if spec.is_empty() {
            return self.to_str(value);
        }
        let number = self.as_big(value);
        let float = self.as_float(value);
        let text = value.get::<Str>();
        if number.is_none() && float.is_none() && text.is_none() {
            let name = self.type_name(value);
            return Err(self.type_error(format!("unsupported format string passed to {name}.__format__")));
        }
        let Some(spec) = parse(spec) else {
            let name = self.type_name(value);
            let message = format!("Invalid format specifier '{spec}' for object of type '{name}'");
            return Err(self.value_error(message));
        };
        if let Some(text) = text {
            if let Some(kind) = spec.kind.filter(|&kind| kind != 's') {
                return Err(self.unknown_format(kind, value));
            }
            if spec.align == Some('=') {
                return Err(self.value_error("'=' alignment not allowed in string format specifier"));
            }
            if spec.sign != '-' || spec.grouping.is_some() || spec.alternate {
                return Err(self.missing("this format specifier for a string"));
            }
            let text = text.to_str();
            let cut: String = match spec.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text.into_owned(),
            };
            return Ok(self.str(&pad(&spec, "", "", &cut, '<')));
        }
        match (number, spec.kind) {
            (Some(number), None | Some('d' | 'b' | 'o' | 'x' | 'X' | 'c' | 'n')) => {
                self.format_int(&number, &spec)
            }
            (Some(number), Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) => {
                let number = self.big_to_float(&number)?;
                Ok(self.str(&format_float(number, &spec)))
            }
            (None, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' | 'n')) => {
                Ok(self.str(&format_float(float.unwrap_or(0.0), &spec)))
            }
            (_, Some(kind)) => Err(self.unknown_format(kind, value)),
        }
    }

    fn format_int(&self, number: &BigInt, spec: &Spec) -> R {
        if spec.precision.is_some() {
            return Err(self.value_error("Precision not allowed in integer format specifier"));
        }
        let magnitude = number.magnitude();
        let (prefix, digits, every) = match spec.kind {
            Some('b') => ("0b", magnitude.to_str_radix(2), 4),
            Some('o') => ("0o", magnitude.to_str_radix(8), 4),
            Some('x') => ("0x", magnitude.to_str_radix(16), 4),
            Some('X') => ("0X", magnitude.to_str_radix(16).to_uppercase(), 4),
            Some('c') => {
                let point = num_traits::ToPrimitive::to_u32(number).filter(|&point| point < 0x11_0000);
                let Some(point) = point.and_then(char::from_u32) else {
                    return Err(self.raise(Exc::OverflowError, "%c arg not in range(0x110000)"));
                };
                return Ok(self.str(&pad(spec, "", "", &point.to_string(), '<')));
            }
            _ => ("", magnitude.to_string(), 3),
        };
        let sign = sign_text(spec, num_traits::Signed::is_negative(number));
        let prefix = if spec.alternate { prefix } else { "" };
        Ok(self.str(&grouped(spec, sign, prefix, &digits, "", every)))
    }

    /// `text % values`
    pub(crate) fn percent(&self, format: &Value, values: &Value) -> R {
        let text = self.text_of(format);
        let chars: Vec<char> = text.chars().collect();
        let tuple = values.get::<Tuple>();
        let mut next = 0;
        let mut out = String::new();
        let mut used_mapping = false;
        let mut at = 0;
        while at < chars.len() {
            if chars[at] != '%' {
                out.push(chars[at]);
                at += 1;
                continue;
            }
            at += 1;
            let mut named = None;
            if chars.get(at) == Some(&'(') {
                let close = chars[at..].iter().position(|&ch| ch == ')').map(|it| it + at);
                let Some(close) = close else { return Err(self.value_error("incomplete format key")) };
                let key: String = chars[at + 1..close].iter().collect();
                if values.get::<Dict>().is_none() {
                    return Err(self.type_error("format requires a mapping"));
                }
                named = Some(self.get_item(values, &self.str(&key))?);
                used_mapping = true;
                at = close + 1;
            }
            let mut flags = String::new();
            while let Some(&flag @ ('-' | '+' | ' ' | '#' | '0')) = chars.get(at) {
                flags.push(flag);
                at += 1;
            }
            let mut take = |vm: &Vm| -> R {
                let value = match tuple {
                    Some(tuple) => tuple.items.get(next).cloned(),
                    None if next == 0 => Some(values.clone()),
                    None => None,
                };
                next += 1;
                value.ok_or_else(|| vm.type_error("not enough arguments for format string"))
            };
            let mut number = |at: &mut usize| -> R<Option<usize>> {
                if chars.get(*at) == Some(&'*') {
                    *at += 1;
                    let value = take(self)?;
                    return Ok(self.as_i64(&value).and_then(|it| usize::try_from(it).ok()));
                }
                let start = *at;
                while chars.get(*at).is_some_and(char::is_ascii_digit) {
                    *at += 1;
                }
                Ok(chars[start..*at].iter().collect::<String>().parse().ok())
            };
            let width = number(&mut at)?.unwrap_or(0);
            let precision = if chars.get(at) == Some(&'.') {
                at += 1;
                Some(number(&mut at)?.unwrap_or(0))
            } else {
                None
            };
            let Some(&kind) = chars.get(at) else { return Err(self.value_error("incomplete format")) };
            at += 1;
            if kind == '%' {
                out.push('%');
                continue;
            }
            let value = match named {
                Some(value) => value,
                None => take(self)?,
            };
            out.push_str(&self.percent_one(&value, kind, &flags, width, precision, at)?);
        }
        let all = tuple.map_or(usize::from(values.get::<Dict>().is_none()), |tuple| tuple.items.len());
        if next < all && !used_mapping {
            return Err(self.type_error("not all arguments converted during string formatting"));
        }
        Ok(self.str(&out))
    }

    fn percent_one(
        &self,
        value: &Value,
        kind: char,
        flags: &str,
        width: usize,
        precision: Option<usize>,
        at: usize,
    ) -> R<String> {
        let mut spec = Spec {
            fill: ' ',
            align: Some(if flags.contains('-') { '<' } else { '>' }),
            sign: if flags.contains('+') {
                '+'
            } else if flags.contains(' ') {
                ' '
            } else {
                '-'
            },
            alternate: flags.contains('#'),
            width,
            grouping: None,
            precision,
            kind: Some(kind),
        };
        if matches!(kind, 's' | 'r' | 'a') {
            let text = match kind {
                's' => self.str_text(value)?,
                'r' => self.repr_text(value)?,
                _ => self.ascii(value).map(|it| self.text_of(&it))?,
            };
            let text: String = text.chars().take(precision.unwrap_or(usize::MAX)).collect();
            return Ok(pad(&spec, "", "", &text, '>'));
        }
        if flags.contains('0') && !flags.contains('-') {
            (spec.fill, spec.align) = ('0', Some('='));
        }
        let name = || self.type_name(value);
        match kind {
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                let number = match (self.as_big(value), self.as_float(value)) {
                    (Some(number), _) => number,
                    (None, Some(float)) if "diu".contains(kind) && float.is_finite() => {
                        num_traits::FromPrimitive::from_f64(float.trunc()).unwrap_or_default()
                    }
                    _ => {
                        let what = if "diu".contains(kind) {
                            "a real number is required"
                        } else {
                            "an integer is required"
                        };
                        return Err(self.type_error(format!("%{kind} format: {what}, not {}", name())));
                    }
                };
                let magnitude = number.magnitude();
                let (prefix, mut digits) = match kind {
                    'x' => ("0x", magnitude.to_str_radix(16)),
                    'X' => ("0X", magnitude.to_str_radix(16).to_uppercase()),
                    'o' => ("0o", magnitude.to_str_radix(8)),
                    _ => ("", magnitude.to_string()),
                };
                if let Some(least) = precision {
                    digits = "0".repeat(least.saturating_sub(digits.len())) + &digits;
                }
                let sign = sign_text(&spec, num_traits::Signed::is_negative(&number));
                Ok(pad(&spec, sign, if spec.alternate { prefix } else { "" }, &digits, '>'))
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let number = match (self.as_float(value), self.as_big(value)) {
                    (Some(number), _) => number,
                    (None, Some(number)) => self.big_to_float(&number)?,
                    _ => return Err(self.type_error(format!("must be real number, not {}", name()))),
                };
                spec.precision = Some(precision.unwrap_or(6));
                Ok(format_float(number, &spec))
            }
            'c' => {
                let text = match (value.get::<Str>(), self.as_i64(value)) {
                    (Some(text), _) if text.len() == 1 => text.to_str().into_owned(),
                    (None, Some(point)) => {
                        let point = u32::try_from(point).ok().and_then(char::from_u32);
                        let Some(point) = point else {
                            return Err(self.raise(Exc::OverflowError, "%c arg not in range(0x110000)"));
                        };
                        point.to_string()
                    }
                    _ => {
                        let message = format!("%c requires an int or a unicode character, not {}", name());
                        return Err(self.type_error(message));
                    }
                };
                Ok(pad(&spec, "", "", &text, '>'))
            }
            _ => {
                let message = format!(
                    "unsupported format character '{kind}' ({:#x}) at index {}",
                    u32::from(kind),
                    at - 1
                );
                Err(self.value_error(message))
            }
        }
    }

    /// `str.format(*args)`
    pub(crate) fn str_format(&self, args: Args<'_>) -> R {
        let count = args.values.len() - args.names.len();
        let Some((format, positional)) = args.values[..count].split_first() else {
            return Err(self.type_error("descriptor 'format' of 'str' object needs an argument"));
        };
        let text: Vec<char> = self.text_of(format).chars().collect();
        let mut automatic = 0;
        let out = self.expand(&text, positional, args, &mut automatic, 2)?;
        Ok(self.str(&out))
    }

    fn expand(
        &self,
        text: &[char],
        positional: &[Value],
        args: Args<'_>,
        automatic: &mut usize,
        depth: u32,
    ) -> R<String> {
        let mut out = String::new();
        let mut at = 0;
        while at < text.len() {
            let ch = text[at];
            at += 1;
            if ch != '{' && ch != '}' {
                out.push(ch);
                continue;
            }
            if text.get(at) == Some(&ch) {
                out.push(ch);
                at += 1;
                continue;
            }
            if ch == '}' {
                return Err(self.value_error("Single '}' encountered in format string"));
            }
            if depth == 0 {
                return Err(self.value_error("Max string recursion exceeded"));
            }
            let start = at;
            let mut nested = 1;
            while nested > 0 {
                match text.get(at) {
                    Some('{') => nested += 1,
                    Some('}') => nested -= 1,
                    Some(_) => {}
                    None if at == start => {
                        return Err(self.value_error("Single '{' encountered in format string"));
                    }
                    None => return Err(self.value_error("expected '}' before end of string")),
                }
                at += 1;
            }
            let field = &text[start..at - 1];
            let end = field.iter().position(|&ch| ch == '!' || ch == ':').unwrap_or(field.len());
            let (name, rest) = field.split_at(end);
            let mut value = self.field(name, positional, args, automatic)?;
            let mut rest = rest;
            if rest.first() == Some(&'!') {
                value = match rest.get(1) {
                    Some('r') => self.repr(&value)?,
                    Some('s') => self.to_str(&value)?,
                    Some('a') => self.ascii(&value)?,
                    _ => return Err(self.value_error("unmatched '{' in format spec")),
                };
                rest = &rest[2..];
            }
            let spec = match rest.split_first() {
                Some((':', spec)) => self.expand(spec, positional, args, automatic, depth - 1)?,
                _ => String::new(),
            };
            let shown = self.format(&value, &self.str(&spec))?;
            out.push_str(&self.text_of(&shown));
        }
        Ok(out)
    }

    fn field(&self, name: &[char], positional: &[Value], args: Args<'_>, automatic: &mut usize) -> R {
        let end = name.iter().position(|&ch| ch == '.' || ch == '[').unwrap_or(name.len());
        let first: String = name[..end].iter().collect();
        let index = if first.is_empty() {
            *automatic += 1;
            Some(*automatic - 1)
        } else {
            first.parse::<usize>().ok()
        };
        let mut value = match index {
            Some(index) => match positional.get(index) {
                Some(value) => value.clone(),
                None => {
                    let message = format!("Replacement index {index} out of range for positional args tuple");
                    return Err(self.raise(Exc::IndexError, message));
                }
            },
            None => {
                let count = args.values.len() - args.names.len();
                let found = args.names.iter().position(|it| self.text_of(it) == first);
                match found {
                    Some(at) => args.values[count + at].clone(),
                    None => return Err(self.raise_with(Exc::KeyError, vec![self.str(&first)])),
                }
            }
        };
        let mut rest = &name[end..];
        while let Some((&ch, tail)) = rest.split_first() {
            if ch == '.' {
                let end = tail.iter().position(|&ch| ch == '.' || ch == '[').unwrap_or(tail.len());
                let attribute: String = tail[..end].iter().collect();
                value = self.get_attribute(&value, &self.intern(&attribute))?;
                rest = &tail[end..];
            } else {
                let Some(end) = tail.iter().position(|&ch| ch == ']') else {
                    return Err(self.value_error("Missing ']' in format string"));
                };
                let key: String = tail[..end].iter().collect();
                let key = match key.parse::<i64>() {
                    Ok(number) => self.int(number),
                    Err(_) => self.str(&key),
                };
                value = self.get_item(&value, &key)?;
                rest = &tail[end + 1..];
            }
        }
        Ok(value)
    }
}

/// Groups digits, filled up with zeros where the width asks for that.
fn grouped(spec: &Spec, sign: &str, prefix: &str, digits: &str, tail: &str, every: usize) -> String {
    let Some(separator) = spec.grouping else {
        return pad(spec, sign, prefix, &format!("{digits}{tail}"), '>');
    };
    let mut digits = digits.to_owned();
    if spec.align == Some('=') && spec.fill == '0' {
        let fixed = sign.len() + prefix.len() + tail.chars().count();
        while group(&digits, separator, every).len() + fixed < spec.width {
            digits.insert(0, '0');
        }
    }
    pad(spec, sign, prefix, &format!("{}{tail}", group(&digits, separator, every)), '>')
}

fn format_float(number: f64, spec: &Spec) -> String {
    let sign = sign_text(spec, number.is_sign_negative() && !number.is_nan());
    let upper = spec.kind.is_some_and(|kind| kind.is_ascii_uppercase());
    let mut number = number.abs();
    if !number.is_finite() {
        let text = if number.is_nan() { "nan" } else { "inf" };
        let tail = if spec.kind == Some('%') { "%" } else { "" };
        let text = if upper { text.to_uppercase() } else { text.to_owned() };
        return pad(spec, sign, "", &(text + tail), '>');
    }
    let kind = spec.kind.map(|kind| kind.to_ascii_lowercase());
    let precision = spec.precision.unwrap_or(6);
    let text = match kind {
        Some('%') => {
            number *= 100.0;
            float_digits(number, 'f', precision, spec.alternate) + "%"
        }
        Some(kind @ ('e' | 'f')) => float_digits(number, kind, precision, spec.alternate),
        Some(_) => float_digits(number, 'g', precision, spec.alternate),
        None => match spec.precision {
            None => {
                let mut text = String::new();
                pyrsc::value::float::push_repr(number, &mut text);
                text
            }
            Some(precision) => {
                let text = float_digits(number, 'g', precision, spec.alternate);
                if text.contains(['.', 'e']) { text } else { text + ".0" }
            }
        },
    };
    let text = if upper { text.to_uppercase() } else { text };
    let end = text.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(text.len());
    let (digits, tail) = text.split_at(end);
    grouped(spec, sign, "", digits, tail, 3)
}
