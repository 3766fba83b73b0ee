//! `%` of strings, bytes and bytearrays.

use super::numbers::{Digits, float_digits, prefix};
use super::spec::{Parts, Spec, lay, pad, room};
use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::str::push_utf8;
use crate::object::{Bytearray, Bytes, Dict, Str, Tuple};
use crate::value::Value;
use crate::vm::{R, Raised, Vm};
use num_bigint::{BigInt, Sign};

/// What a format is made of, and where its values come from.
struct Formatter<'a> {
    vm: &'a Vm,
    format: &'a [u32],
    at: usize,
    bytes: bool,
    /// The values, or the one value, or what a key of the mapping led to.
    values: Value,
    mapping: Option<Value>,
    next: usize,
    single: bool,
    out: Vec<u8>,
}

impl Formatter<'_> {
    fn peek(&self) -> Option<char> {
        self.format.get(self.at).map(|&point| char::from_u32(point).unwrap_or('\u{FFFD}'))
    }

    fn take(&mut self) -> R {
        let found = match self.values.get::<Tuple>() {
            Some(tuple) if !self.single => tuple.items.get(self.next).cloned(),
            _ if self.next == 0 => Some(self.values.clone()),
            _ => None,
        };
        self.next += 1;
        found.ok_or_else(|| self.vm.type_error("not enough arguments for format string"))
    }

    /// The value of a key in parentheses becomes the value that comes next.
    fn key(&mut self) -> R<()> {
        let Some(mapping) = self.mapping.clone() else {
            return Err(self.vm.type_error("format requires a mapping"));
        };
        let start = self.at;
        let mut depth = 1;
        loop {
            match self.peek() {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(_) => {}
                None => return Err(self.vm.value_error("incomplete format key")),
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        let key = &self.format[start..self.at - 1];
        let key = match self.bytes {
            true => self.vm.bytes(key.iter().map(|&byte| byte as u8).collect()),
            false => self.vm.str_of_points(key),
        };
        self.values = self.vm.get_item(&mapping, &key)?;
        (self.next, self.single) = (0, true);
        Ok(())
    }

    /// A width or precision, written or (`*`) given; `too_big` is said of what no index holds.
    fn number(&mut self, too_big: &str) -> R<Option<i64>> {
        if self.peek() == Some('*') {
            self.at += 1;
            let value = self.take()?;
            let most = if too_big.starts_with("precision") { i64::from(i32::MAX) } else { i64::MAX };
            return match (self.vm.as_i64(&value).filter(|&it| it <= most), self.vm.as_big(&value)) {
                (Some(number), _) => Ok(Some(number)),
                (None, Some(_)) => {
                    Err(self.vm.raise(Exc::OverflowError, "Python int too large to convert to C int"))
                }
                _ => Err(self.vm.type_error("* wants int")),
            };
        }
        let mut number: Option<i64> = None;
        while let Some(digit) = self.peek().and_then(|ch| ch.to_digit(10)) {
            let next = number.unwrap_or(0).checked_mul(10).and_then(|it| it.checked_add(digit.into()));
            number = Some(next.ok_or_else(|| self.vm.value_error(too_big))?);
            self.at += 1;
        }
        Ok(number)
    }

    /// What stands behind a `%`.
    fn one(&mut self) -> R<()> {
        let vm = self.vm;
        if self.peek() == Some('(') {
            self.at += 1;
            self.key()?;
        }
        let mut spec = Spec::plain('>', '\0');
        let (mut left, mut zero) = (false, false);
        while let Some(flag @ ('-' | '+' | ' ' | '#' | '0')) = self.peek() {
            match flag {
                '-' => left = true,
                '+' => spec.sign = Some('+'),
                ' ' if spec.sign.is_none() => spec.sign = Some(' '),
                '#' => spec.alternate = true,
                '0' => zero = true,
                _ => {}
            }
            self.at += 1;
        }
        let width = self.number("width too big")?.unwrap_or(0);
        if width == i64::MIN {
            return Err(vm.raise(Exc::OverflowError, "width too big"));
        }
        left |= width < 0;
        spec.width = room(self.vm, width.unsigned_abs())?;
        if self.peek() == Some('.') {
            self.at += 1;
            let precision = self.number("precision too big")?.unwrap_or(0);
            spec.precision = Some(usize::try_from(precision).unwrap_or(0));
        }
        if spec.precision.is_some_and(|it| it > i32::MAX as usize) {
            return Err(vm.value_error("precision too big"));
        }
        if let Some('h' | 'l' | 'L') = self.peek() {
            self.at += 1;
        }
        let Some(kind) = self.peek() else { return Err(vm.value_error("incomplete format")) };
        let place = self.at;
        self.at += 1;
        if kind == '%' && place > 0 && self.format[place - 1] == u32::from('%') {
            self.out.push(b'%');
            return Ok(());
        }
        let value = self.take()?;
        spec.align = if left { '<' } else { '>' };
        let number = "diuxXoeEfFgG".contains(kind);
        if number && zero && !left {
            (spec.fill, spec.align) = ('0'.into(), '=');
        }
        spec.kind = kind.into();
        match kind {
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => self.int(&value, &spec, kind),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => self.float(&value, &spec, kind),
            'c' => self.character(&value, &spec),
            's' | 'r' | 'a' => self.text(&value, &spec, kind),
            'b' if self.bytes => self.text(&value, &spec, kind),
            _ => {
                let point = self.format[place];
                let shown = if (0x20..0x7F).contains(&point) { kind } else { '?' };
                let message = format!("unsupported format character '{shown}' ({point:#x}) at index {place}");
                Err(vm.value_error(message))
            }
        }
    }

    fn text(&mut self, value: &Value, spec: &Spec, kind: char) -> R<()> {
        let vm = self.vm;
        if self.bytes && kind != 'r' && kind != 'a' {
            let data = shown_bytes(vm, value)?;
            let data = &data[..data.len().min(spec.precision.unwrap_or(usize::MAX))];
            let lack = vec![b' '; spec.width.saturating_sub(data.len())];
            if spec.align == '<' {
                self.out.extend_from_slice(data);
                self.out.extend(lack);
            } else {
                self.out.extend(lack);
                self.out.extend_from_slice(data);
            }
            return Ok(());
        }
        let text = match kind {
            's' => vm.to_str(value)?,
            'r' if !self.bytes => vm.repr(value)?,
            _ => vm.ascii(value)?,
        };
        let Some(text) = text.get::<Str>() else { return Ok(()) };
        if spec.width == 0 && spec.precision.is_none_or(|it| it >= text.len()) {
            self.out.extend_from_slice(&text.to_utf8());
            return Ok(());
        }
        let mut cut = Vec::new();
        for point in text.points().into_iter().take(spec.precision.unwrap_or(usize::MAX)) {
            push_utf8(point, &mut cut);
        }
        pad(spec, "", &cut, &mut self.out);
        Ok(())
    }

    fn wrong_type(&self, value: &Value, kind: char) -> Raised {
        let what = if "diu".contains(kind) { "a real number" } else { "an integer" };
        let got = self.vm.type_name(value);
        self.vm.type_error(format!("%{kind} format: {what} is required, not {got}"))
    }

    /// The int that a value is shown as.
    fn whole(&self, value: &Value, kind: char) -> R<BigInt> {
        let vm = self.vm;
        if let Some(number) = vm.as_big(value) {
            return Ok(number);
        }
        let names = [&vm.names.int, &vm.names.index, &vm.names.trunc];
        let names = if "diu".contains(kind) { &names[..2] } else { &names[1..2] };
        if let (Some(number), true) = (vm.as_float(value), "diu".contains(kind)) {
            let number = super::super::make::int_of_float(vm, number.trunc())?;
            return Ok(vm.as_big(&number).unwrap_or_default());
        }
        for name in names {
            if let Some(method) = vm.lookup_special(value, name) {
                let made = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
                return vm.as_big(&made).ok_or_else(|| self.wrong_type(value, kind));
            }
        }
        Err(self.wrong_type(value, kind))
    }

    fn int(&mut self, value: &Value, spec: &Spec, kind: char) -> R<()> {
        let number = self.whole(value, kind)?;
        let mut digits = self.vm.digits_of(&number, kind)?;
        if let Some(least) = spec.precision {
            digits.insert_str(0, &"0".repeat(least.saturating_sub(digits.len())));
        }
        let sign = spec.sign_of(number.sign() == Sign::Minus);
        let prefix = if spec.alternate { prefix(kind) } else { "" };
        lay(spec, &Parts { sign, prefix, digits: &digits, ..Parts::default() }, &mut self.out);
        Ok(())
    }

    fn float(&mut self, value: &Value, spec: &Spec, kind: char) -> R<()> {
        let vm = self.vm;
        let number = match (vm.as_float(value), self.bytes) {
            (Some(number), _) => number,
            (None, false) => crate::modules::math::float(vm, value)?,
            (None, true) => match crate::modules::math::float(vm, value) {
                Ok(number) => number,
                Err(raised) if vm.as_big(value).is_some() => return Err(raised),
                Err(_) => {
                    vm.pending.set(None);
                    let got = vm.type_name(value);
                    return Err(vm.type_error(format!("float argument required, not {got}")));
                }
            },
        };
        let spec = Spec { precision: Some(spec.precision.unwrap_or(6)), ..*spec };
        let how = Digits {
            kind: kind.to_ascii_lowercase(),
            precision: spec.precision.unwrap_or(6),
            alternate: spec.alternate,
            dot_zero: false,
        };
        let text = if number.is_nan() {
            "nan".to_owned()
        } else if number.is_infinite() {
            "inf".to_owned()
        } else {
            float_digits(number.abs(), how)
        };
        let text = if kind.is_ascii_uppercase() { text.to_uppercase() } else { text };
        let sign = spec.sign_of(number.is_sign_negative() && !number.is_nan());
        lay(&spec, &Parts::of_float(sign, &text), &mut self.out);
        Ok(())
    }

    fn character(&mut self, value: &Value, spec: &Spec) -> R<()> {
        let point = if self.bytes { byte_of(self.vm, value)? } else { point_of(self.vm, value)? };
        let mut body = Vec::new();
        if self.bytes {
            // Not UTF-8: one byte is one item, whichever it is.
            let lack = vec![b' '; spec.width.saturating_sub(1)];
            let (before, after) = if spec.align == '<' { (vec![], lack) } else { (lack, vec![]) };
            self.out.extend(before);
            self.out.push(point as u8);
            self.out.extend(after);
            return Ok(());
        }
        push_utf8(point, &mut body);
        pad(spec, "", &body, &mut self.out);
        Ok(())
    }
}

/// What `%b` shows.
fn shown_bytes(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    if let Some(data) = vm.buffer_or_none(value)? {
        return Ok(data.into_owned());
    }
    if let Some(method) = vm.lookup_special(value, &vm.names.bytes) {
        let made = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
        return match made.get::<Bytes>() {
            Some(bytes) => Ok(bytes.data.to_vec()),
            None => {
                let got = vm.type_name(&made);
                Err(vm.type_error(format!("__bytes__ returned non-bytes (type {got})")))
            }
        };
    }
    match vm.buffer_or_none(value)? {
        Some(data) => Ok(data.into_owned()),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!(
                "%b requires a bytes-like object, or an object that implements __bytes__, not '{got}'"
            )))
        }
    }
}

fn index(vm: &Vm, value: &Value) -> R<Option<BigInt>> {
    if let Some(number) = vm.as_big(value) {
        return Ok(Some(number));
    }
    match vm.lookup_special(value, &vm.names.index) {
        Some(method) => {
            let made = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
            Ok(vm.as_big(&made))
        }
        None => Ok(None),
    }
}

fn byte_of(vm: &Vm, value: &Value) -> R<u32> {
    if let Some(data) = vm.byte_data(value) {
        return match *data {
            [byte] => Ok(byte.into()),
            _ => {
                let (name, length) = (vm.full_name(vm.type_of(value)), data.len());
                Err(vm.type_error(format!(
                    "%c requires an integer in range(256) or a single byte, not a {name} object of length {length}"
                )))
            }
        };
    }
    match index(vm, value)? {
        Some(number) => u32::try_from(&number)
            .ok()
            .filter(|&it| it < 256)
            .ok_or_else(|| vm.raise(Exc::OverflowError, "%c arg not in range(256)")),
        None => {
            let got = vm.full_name(vm.type_of(value));
            let message = format!("%c requires an integer in range(256) or a single byte, not {got}");
            Err(vm.type_error(message))
        }
    }
}

fn point_of(vm: &Vm, value: &Value) -> R<u32> {
    if let Some(text) = value.get::<Str>() {
        return match (text.len(), text.at(0)) {
            (1, Some(point)) => Ok(point),
            (length, _) => Err(vm.type_error(format!(
                "%c requires an int or a unicode character, not a string of length {length}"
            ))),
        };
    }
    match index(vm, value)? {
        Some(number) => u32::try_from(&number)
            .ok()
            .filter(|&it| it < 0x11_0000)
            .ok_or_else(|| vm.raise(Exc::OverflowError, "%c arg not in range(0x110000)")),
        None => {
            let got = vm.full_name(vm.type_of(value));
            Err(vm.type_error(format!("%c requires an int or a unicode character, not {got}")))
        }
    }
}

impl Vm {
    /// `format % values` of a string, `bytes` or `bytearray`; `None` for what is none of them.
    pub(crate) fn percent(&self, format: &Value, values: &Value) -> R<Option<Value>> {
        let bytes = self.byte_data(format);
        let points: Vec<u32> = match (&bytes, format.get::<Str>()) {
            (_, Some(text)) => text.points(),
            (Some(data), _) => data.iter().map(|&byte| byte.into()).collect(),
            _ => return Ok(None),
        };
        let bytes = bytes.is_some();
        let is_tuple = values.get::<Tuple>().is_some();
        let text = if bytes { self.byte_data(values).is_some() } else { values.get::<Str>().is_some() };
        let maps = !is_tuple
            && !text
            && (values.get::<Dict>().is_some()
                || values.header().is_some() && self.lookup_special(values, &self.names.getitem).is_some());
        let mut formatter = Formatter {
            vm: self,
            format: &points,
            at: 0,
            bytes,
            values: values.clone(),
            mapping: maps.then(|| values.clone()),
            next: 0,
            single: !is_tuple,
            out: Vec::with_capacity(points.len() + 16),
        };
        while let Some(&point) = points.get(formatter.at) {
            formatter.at += 1;
            if point == u32::from('%') {
                formatter.one()?;
            } else if bytes {
                formatter.out.push(point as u8);
            } else {
                push_utf8(point, &mut formatter.out);
            }
        }
        let all = match formatter.values.get::<Tuple>() {
            Some(tuple) if !formatter.single => tuple.items.len(),
            _ => 1,
        };
        if formatter.next < all && !maps {
            let what = if bytes { "bytes" } else { "string" };
            let message = format!("not all arguments converted during {what} formatting");
            return Err(self.type_error(message));
        }
        let out = formatter.out;
        Ok(Some(if format.get::<Bytearray>().is_some() {
            self.bytearray(out)
        } else if bytes {
            self.bytes(out)
        } else {
            self.str_of_utf8(&out)
        }))
    }
}
