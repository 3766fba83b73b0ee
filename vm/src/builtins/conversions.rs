//! What `int`, `float` and `complex` make of their arguments.

use super::make::{decimal, derive, int_of_float, split};
use super::{methods, positional};
use crate::builtins::exceptions::Exc;
use crate::modules::native::parse;
use crate::object::callable::Args;
use crate::object::types::allocate_derived;
use crate::object::{Complex, Str, Type};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;

const NO_ARGS: Args<'static> = Args { values: &[], names: &[] };

impl Vm {
    /// Gives a warning to `warnings`, for the line that runs.
    pub(crate) fn warn(&self, category: Exc, message: &str) -> R<()> {
        let zero = Value::from_i32(0);
        let warnings = self.import_level(&self.intern("warnings"), &zero, &NONE, &NONE)?;
        let warn = self.get_attribute(&warnings, &self.intern("warn"))?;
        let category = self.exceptions.get(category).value().clone();
        self.call_with(&warn, &[self.str(message), category]).map(drop)
    }

    /// What a conversion method of a class made, which is of the type that it is for; of a class that derives from it,
    /// that is said to go away. `found` says what `made` is: of the type exactly, of one that derives from it, or not.
    fn converted(&self, method: &str, what: &str, made: &Value, exact: &Object<Type>, fits: bool) -> R<()> {
        if std::ptr::eq(self.type_of(made), exact) {
            return Ok(());
        }
        let got = self.type_name(made);
        let message = format!("{method} returned non-{what} (type {got})");
        if !fits {
            return Err(self.type_error(message));
        }
        let message = format!(
            "{message}.  The ability to return an instance of a strict subclass of {what} is deprecated, and may be \
             removed in a future version of Python."
        );
        self.warn(Exc::DeprecationWarning, &message)
    }

    /// What `__index__` gave, which must be an int.
    pub(crate) fn check_index(&self, made: &Value) -> R<()> {
        if made.as_small().is_some() {
            return Ok(());
        }
        self.converted("__index__", "int", made, &self.types.int, self.as_big(made).is_some())
    }

    /// A conversion method that a class itself has.
    fn conversion(&self, value: &Value, name: &Value) -> R<Option<Value>> {
        match self.lookup_special(value, name) {
            Some(method) if !method.is_layouts_own() => self.call_bound(&method, value, NO_ARGS).map(Some),
            _ => Ok(None),
        }
    }

    /// What `__index__` of a value gives, as a number; `None` where it has none.
    pub(crate) fn index_number(&self, value: &Value) -> R<Option<BigInt>> {
        if let Some(number) = self.as_big(value) {
            return Ok(Some(number));
        }
        let Some(made) = self.conversion(value, &self.names.index)? else { return Ok(None) };
        let number = self.as_big(&made);
        self.converted("__index__", "int", &made, &self.types.int, number.is_some())?;
        Ok(number)
    }

    /// The float that a number, or an object with `__float__` or `__index__`, is; `None` for what is none.
    pub(crate) fn float_number(&self, value: &Value) -> R<Option<f64>> {
        if Vm::is_made_by_program(self.type_of(value))
            && let Some(made) = self.conversion(value, &self.names.float)?
        {
            let number = self.as_float(&made);
            let method = format!("{}.__float__", self.type_name(value));
            self.converted(&method, "float", &made, &self.types.float, number.is_some())?;
            return Ok(number);
        }
        if let Some(number) = self.as_float(value) {
            return Ok(Some(number));
        }
        match self.index_number(value)? {
            Some(number) => self.big_to_float(&number).map(Some),
            None => Ok(None),
        }
    }
}

/// Text of which the digits of all scripts are those of ASCII, and all spaces one.
fn plain_text(points: &[u32]) -> String {
    let plain = |&point: &u32| match char::from_u32(point) {
        Some(ch) if ch.is_ascii() => ch,
        Some(ch) => match decimal(ch).and_then(|digit| char::from_digit(digit, 10)) {
            Some(digit) => digit,
            None if super::strings::is_space(point) => ' ',
            None => '?',
        },
        None => '?',
    };
    points.iter().map(plain).collect()
}

/// The text of a string or of bytes; `None` for what is neither.
fn text_of(vm: &Vm, value: &Value) -> R<Option<String>> {
    if let Some(text) = value.get::<Str>() {
        return Ok(Some(plain_text(&text.points())));
    }
    let data = match vm.seen_bytes(value) {
        Some(data) => Some(data),
        None if value.header().is_none() => None,
        None => vm.buffer_or_none(value)?,
    };
    Ok(data.map(|data| data.iter().map(|&byte| if byte < 0x80 { char::from(byte) } else { '?' }).collect()))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|ch: char| matches!(ch, ' ' | '\t'..='\r' | '\x1c'..='\x1f'))
}

/// Do underscores only stand between digits?
fn well_placed(text: &str, is_digit: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|&byte| is_digit(byte));
    let place = |at: usize| digit(at.checked_sub(1)) && digit(Some(at + 1));
    bytes.iter().enumerate().all(|(at, &byte)| byte != b'_' || place(at))
}

/// Sign, base and digits of the text of an int, where it looks like one.
fn dissected(text: &str, base: u32) -> Option<(bool, u32, &str)> {
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = rest.get(..2).map(str::to_ascii_lowercase);
    let of_prefix = match prefix.as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 0,
    };
    if of_prefix != 0 && (base == 0 || base == of_prefix) {
        let digits = &rest[2..];
        return Some((negative, of_prefix, digits.strip_prefix('_').unwrap_or(digits)));
    }
    if base != 0 {
        return Some((negative, base, rest));
    }
    // Without a base, zeros stand before no other digit.
    let zeros = rest.trim_start_matches(['0', '_']).is_empty();
    (!rest.starts_with('0') || zeros).then_some((negative, 10, rest))
}

fn parse_int(vm: &Vm, value: &Value, text: &str, base: u32) -> R {
    let wrong = || -> R {
        let shown = match value.get::<Str>() {
            Some(_) => vm.repr_text(value)?,
            None => {
                let data = vm.buffer(value)?.into_owned();
                vm.repr_text(&vm.bytes(data))?
            }
        };
        Err(vm.value_error(format!("invalid literal for int() with base {base}: {shown}")))
    };
    let Some((negative, radix, digits)) = dissected(trimmed(text), base) else { return wrong() };
    if digits.is_empty() || digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return wrong();
    }
    let plain = digits.replace('_', "");
    let limit = vm.config.borrow().int_max_str_digits as usize;
    let known = plain.bytes().take_while(|&byte| char::from(byte).is_digit(radix)).count();
    if !radix.is_power_of_two() && limit > 0 && known > limit.max(640) {
        return Err(vm.value_error(format!(
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {known} digits; use \
             sys.set_int_max_str_digits() to increase the limit"
        )));
    }
    match BigInt::parse_bytes(plain.as_bytes(), radix) {
        Some(number) if known == plain.len() => Ok(vm.int_of_big(if negative { -number } else { number })),
        _ => wrong(),
    }
}

fn int(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    if class.is_exactly(&vm.types.bool) {
        return Err(vm.type_error("int.__new__(bool) is not safe, use bool.__new__()"));
    }
    let given = args.values.len() - args.names.len();
    if given > 2 {
        return Err(vm.type_error(format!("int expected at most 2 arguments, got {given}")));
    }
    let [value, base] = parse(vm, "int", ignored(vm, class, args)?, ["", "base"], 0)?;
    let value = match (value, base) {
        (None, None) => vm.int(0),
        (None, Some(_)) => return Err(vm.type_error("int() missing string argument")),
        (Some(value), Some(base)) => {
            let Some(base) = vm.index_number(base)? else {
                let got = vm.type_name(base);
                return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
            };
            let Some(base) = u32::try_from(&base).ok().filter(|&it| it == 0 || (2..=36).contains(&it)) else {
                return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
            };
            let text = value.get::<Str>().map(|it| plain_text(&it.points()));
            match text.or_else(|| bytes_text(vm, value)) {
                Some(text) => parse_int(vm, value, &text, base)?,
                None => return Err(vm.type_error("int() can't convert non-string with explicit base")),
            }
        }
        (Some(value), None) => to_int(vm, value)?,
    };
    derive(vm, class, value)
}

fn bytes_text(vm: &Vm, value: &Value) -> Option<String> {
    let data = vm.seen_bytes(value)?;
    Some(data.iter().map(|&byte| if byte < 0x80 { char::from(byte) } else { '?' }).collect())
}

fn to_int(vm: &Vm, value: &Value) -> R {
    if value.as_small().is_some() {
        return Ok(value.clone());
    }
    if Vm::is_made_by_program(vm.type_of(value)) {
        for (name, method) in [(&vm.names.int, "__int__"), (&vm.names.index, "__index__")] {
            if method == "__index__" && vm.as_big(value).is_some() {
                // An int has an `__int__` anyway.
                break;
            }
            if let Some(made) = vm.conversion(value, name)? {
                let number = vm.as_big(&made);
                vm.converted(method, "int", &made, &vm.types.int, number.is_some())?;
                return Ok(number.map_or(made, |it| vm.int_of_big(it)));
            }
        }
    }
    if let Some(number) = vm.as_big(value) {
        return Ok(vm.int_of_big(number));
    }
    if let Some(number) = vm.as_float(value) {
        return int_of_float(vm, number.trunc());
    }
    for (name, method) in [(&vm.names.int, "__int__"), (&vm.names.index, "__index__")] {
        if let Some(found) = vm.lookup_special(value, name) {
            let made = vm.call_bound(&found, value, NO_ARGS)?;
            let number = vm.as_big(&made);
            vm.converted(method, "int", &made, &vm.types.int, number.is_some())?;
            return Ok(number.map_or(made, |it| vm.int_of_big(it)));
        }
    }
    if let Some(text) = text_of(vm, value)? {
        return parse_int(vm, value, &text, 10);
    }
    let name = vm.type_name(value);
    Err(vm.type_error(format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{name}'"
    )))
}

/// A float out of text without spaces around it.
fn parse_float(text: &str) -> Option<f64> {
    if !well_placed(text, |byte| byte.is_ascii_digit()) {
        return None;
    }
    let plain = text.replace('_', "");
    let bare = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let named = ["inf", "infinity", "nan"].iter().any(|it| bare.eq_ignore_ascii_case(it));
    if !named && !bare.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.') {
        return None;
    }
    plain.parse().ok()
}

fn float(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let values = positional(vm, "float", ignored(vm, class, args)?, 0, 1)?;
    let value = match values.first() {
        None => vm.float(0.0),
        Some(value) => to_float(vm, value)?,
    };
    derive(vm, class, value)
}

fn to_float(vm: &Vm, value: &Value) -> R {
    if value.is_float_word() {
        return Ok(value.clone());
    }
    if std::ptr::eq(vm.type_of(value), &raw const *vm.types.float) {
        return Ok(value.clone());
    }
    let text = value.get::<Str>().map(|it| plain_text(&it.points())).or_else(|| bytes_text(vm, value));
    // What derives from a string may have a way of its own.
    let own_way = Vm::is_made_by_program(vm.type_of(value));
    if let Some(text) = text.as_ref().filter(|_| !own_way) {
        return float_of_text(vm, value, text);
    }
    if let Some(number) = vm.float_number(value)? {
        return Ok(vm.float(number));
    }
    if let Some(text) = text {
        return float_of_text(vm, value, &text);
    }
    if let Some(text) = text_of(vm, value)? {
        return float_of_text(vm, value, &text);
    }
    let name = vm.type_name(value);
    Err(vm.type_error(format!("float() argument must be a string or a real number, not '{name}'")))
}

fn float_of_text(vm: &Vm, value: &Value, text: &str) -> R {
    match parse_float(trimmed(text)) {
        Some(number) => Ok(vm.float(number)),
        None => {
            let shown = vm.repr_text(value)?;
            Err(vm.value_error(format!("could not convert string to float: {shown}")))
        }
    }
}

/// Keyword arguments are for `__init__` where a class has its own and leaves `__new__` as it is.
pub(crate) fn ignored<'a>(vm: &Vm, class: &Object<Type>, args: Args<'a>) -> R<Args<'a>> {
    if args.names.is_empty() || !Vm::is_made_by_program(class) {
        return Ok(args);
    }
    let own = vm.lookup(class, &vm.names.init).is_some_and(|it| !it.is_layouts_own());
    let count = args.values.len() - args.names.len();
    Ok(if own { Args { values: &args.values[..count], names: &[] } } else { args })
}

/// The complex number that a number, or an object with `__complex__`, `__float__` or `__index__`, is.
pub(crate) fn complex_or_none(vm: &Vm, value: &Value) -> R<Option<Complex>> {
    let made_by_program = Vm::is_made_by_program(vm.type_of(value));
    if made_by_program && let Some(made) = vm.conversion(value, &vm.intern("__complex__"))? {
        let number = made.get::<Complex>().copied();
        vm.converted("__complex__", "complex", &made, &vm.types.complex, number.is_some())?;
        return Ok(number);
    }
    if let Some(&number) = value.get::<Complex>() {
        return Ok(Some(number));
    }
    Ok(vm.float_number(value)?.map(|re| Complex { re, im: 0.0 }))
}

fn complex(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let [real, imag] = parse(vm, "complex", ignored(vm, class, args)?, ["real", "imag"], 0)?;
    if let ([only], true, None) = (args.values, args.names.is_empty(), imag) {
        if class.is_exactly(&vm.types.complex) && vm.type_of(only).is_exactly(&vm.types.complex) {
            return Ok(only.clone());
        }
        let made = match only.get::<Str>() {
            Some(text) => match parse_complex(trimmed(&plain_text(&text.points()))) {
                Some(made) => made,
                None => {
                    let shown = vm.repr_text(only)?;
                    return Err(match plain_text(&text.points()).contains('_') {
                        true => vm.value_error(format!("could not convert string to complex: {shown}")),
                        false => vm.value_error("complex() arg is a malformed string"),
                    });
                }
            },
            None => match complex_or_none(vm, only)? {
                Some(made) => made,
                None => {
                    let got = vm.type_name(only);
                    let message = format!("complex() argument must be a string or a number, not {got}");
                    return Err(vm.type_error(message));
                }
            },
        };
        return Ok(allocate_derived(vm, class, made));
    }
    let (a, a_real) = component(vm, real, "real")?;
    let (b, b_real) = component(vm, imag, "imag")?;
    let mut made = Complex { re: a.re, im: b.re };
    if !b_real {
        made.re -= b.im;
    }
    if !a_real {
        made.im += a.im;
    }
    Ok(allocate_derived(vm, class, made))
}

/// The real or imaginary argument, and is it a real number?
fn component(vm: &Vm, value: Option<&Value>, which: &str) -> R<(Complex, bool)> {
    let Some(value) = value else { return Ok((Complex { re: 0.0, im: 0.0 }, true)) };
    let own = if which == "real" { complex_or_none(vm, value)? } else { value.get::<Complex>().copied() };
    let is_complex = value.get::<Complex>().is_some()
        || which == "real"
            && vm.float_number_is_lacking(value)
            && vm.lookup_special(value, &vm.intern("__complex__")).is_some();
    let number = match own {
        Some(own) => Some(own),
        None => vm.float_number(value)?.map(|re| Complex { re, im: 0.0 }),
    };
    let got = vm.type_name(value);
    let message = format!("complex() argument '{which}' must be a real number, not {got}");
    match number {
        Some(number) if is_complex => {
            vm.warn(Exc::DeprecationWarning, &message)?;
            Ok((number, false))
        }
        Some(number) => Ok((number, true)),
        None => Err(vm.type_error(message)),
    }
}

impl Vm {
    fn float_number_is_lacking(&self, value: &Value) -> bool {
        self.as_float(value).is_none()
            && self.as_big(value).is_none()
            && self.lookup_special(value, &self.names.float).is_none()
    }
}

/// A complex number out of text without spaces around it.
fn parse_complex(text: &str) -> Option<Complex> {
    let text = match text.strip_prefix('(') {
        Some(inner) => trimmed(inner.strip_suffix(')')?),
        None => text,
    };
    if !well_placed(text, |byte| byte.is_ascii_digit()) || text.contains([' ', '\t']) {
        return None;
    }
    let imaginary = |text: &str| match text {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        _ => parse_float(text),
    };
    let Some(body) = text.strip_suffix(['j', 'J']) else {
        return Some(Complex { re: parse_float(text)?, im: 0.0 });
    };
    // The sign of the imaginary part is the last one that is not an exponent's.
    let bytes = body.as_bytes();
    let exponent = |at: usize| matches!(bytes[at - 1], b'e' | b'E');
    let cut = (1..bytes.len()).rev().find(|&at| matches!(bytes[at], b'+' | b'-') && !exponent(at));
    Some(match cut {
        Some(at) => Complex { re: parse_float(&body[..at])?, im: imaginary(&body[at..])? },
        None => Complex { re: 0.0, im: imaginary(body)? },
    })
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(vm, &t.int, "int", &[("__new__", int)]);
    methods(vm, &t.float, "float", &[("__new__", float)]);
    methods(vm, &t.complex, "complex", &[("__new__", complex)]);
    vm.class_method(&t.float, "float", "from_number", |vm, args| {
        let (class, rest) = super::method(vm, "from_number", args, 1, 1)?;
        let value = &rest[0];
        if class.is(vm.types.float.value()) && vm.type_of(value).is_exactly(&vm.types.float) {
            return Ok(value.clone());
        }
        match vm.float_number(value)? {
            Some(number) if class.is(vm.types.float.value()) => Ok(vm.float(number)),
            Some(number) => vm.call_with(class, &[vm.float(number)]),
            None => {
                let got = vm.type_name(value);
                Err(vm.type_error(format!("must be real number, not {got}")))
            }
        }
    });
    vm.class_method(&t.complex, "complex", "from_number", |vm, args| {
        let (class, rest) = super::method(vm, "from_number", args, 1, 1)?;
        let value = &rest[0];
        if class.is(vm.types.complex.value()) && vm.type_of(value).is_exactly(&vm.types.complex) {
            return Ok(value.clone());
        }
        let number = super::numbers::complex_number(vm, value)?;
        let made = crate::heap::allocate(vm, &vm.types.complex, number);
        if class.is(vm.types.complex.value()) { Ok(made) } else { vm.call_with(class, &[made]) }
    });
}
