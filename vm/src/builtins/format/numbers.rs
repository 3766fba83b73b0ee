//! Numbers as text: ints, floats and complex numbers by a specification.

use super::spec::{Parts, Spec, lay, pad};
use crate::builtins::exceptions::Exc;
use crate::object::Complex;
use crate::object::str::push_utf8;
use crate::vm::{R, Vm};
use num_bigint::{BigInt, Sign};

/// What digits are asked of a float.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    /// `e`, `f`, `g`, or `r` for as many as tell it from others.
    pub kind: char,
    pub precision: usize,
    /// There is always a point, and `g` keeps zeros at the end.
    pub alternate: bool,
    /// `.0` is added where it would look like an int.
    pub dot_zero: bool,
}

/// Digits of a finite number that is not negative, and how many of them stand before the point.
fn scientific(number: f64, after: usize) -> (String, i32) {
    // No float has more digits than that.
    let exact = after.min(1100);
    let text = format!("{number:.exact$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits = mantissa.replace('.', "");
    digits.push_str(&"0".repeat(after - exact));
    (digits, exponent.parse().unwrap_or(0))
}

fn fixed(number: f64, after: usize) -> String {
    let exact = after.min(1100);
    let mut text = format!("{number:.exact$}");
    text.push_str(&"0".repeat(after - exact));
    text
}

fn with_exponent(digits: &str, exponent: i32, alternate: bool) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if !rest.is_empty() || alternate { "." } else { "" };
    format!("{first}{point}{rest}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// The text of a number that is finite and not negative.
pub(super) fn float_digits(number: f64, how: Digits) -> String {
    match how.kind {
        'f' => {
            let text = fixed(number, how.precision);
            if how.alternate && how.precision == 0 { text + "." } else { text }
        }
        'e' => {
            let (digits, exponent) = scientific(number, how.precision);
            with_exponent(&digits, exponent, how.alternate)
        }
        'g' => general(number, how),
        _ => {
            let mut text = String::new();
            pyrsc::value::float::push_repr(number, &mut text);
            match text.find('e') {
                Some(at) if how.alternate && !text.contains('.') => text.insert(at, '.'),
                Some(_) => {}
                None if how.dot_zero => {}
                None if text.ends_with(".0") => {
                    let keep = text.len() - if how.alternate { 1 } else { 2 };
                    text.truncate(keep);
                }
                None => {}
            }
            text
        }
    }
}

fn general(number: f64, how: Digits) -> String {
    let precision = how.precision.max(1);
    let (mut digits, exponent) = scientific(number, precision - 1);
    if !how.alternate {
        let kept = digits.trim_end_matches('0').len().max(1);
        digits.truncate(kept);
    }
    let before = i64::from(exponent) + 1;
    let wide = precision as i64;
    if before <= -4 || before > wide || how.dot_zero && before == wide {
        return with_exponent(&digits, exponent, how.alternate);
    }
    let mut text = String::new();
    if before <= 0 {
        text.push_str("0.");
        text.push_str(&"0".repeat(before.unsigned_abs() as usize));
        text.push_str(&digits);
        if number == 0.0 && !how.alternate {
            text.truncate(1);
        }
        return text;
    }
    let before = before as usize;
    if digits.len() > before {
        return format!("{}.{}", &digits[..before], &digits[before..]);
    }
    text.push_str(&digits);
    text.push_str(&"0".repeat(before - digits.len()));
    if how.alternate {
        text.push('.');
    }
    if how.dot_zero {
        text.push_str(if how.alternate { "0" } else { ".0" });
    }
    text
}

/// How a specification's letter asks for digits, and what stands behind them.
fn asked(spec: &Spec, default: usize, dot_zero: bool) -> Digits {
    let kind = match spec.letter().to_ascii_lowercase() {
        '\0' if spec.precision.is_some() => 'g',
        '\0' => 'r',
        'n' => 'g',
        '%' => 'f',
        other => other,
    };
    let dot_zero = dot_zero && spec.kind == 0;
    Digits { kind, precision: spec.precision.unwrap_or(default), alternate: spec.alternate, dot_zero }
}

/// Is the number shown with a minus, and its text without.
fn shown(number: f64, spec: &Spec, how: Digits) -> (bool, String) {
    let upper = spec.letter().is_ascii_uppercase();
    let mut negative = number.is_sign_negative() && !number.is_nan();
    let text = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        "inf".to_owned()
    } else {
        float_digits(number.abs(), how)
    };
    if spec.no_negative_zero && negative {
        let mantissa = text.split('e').next().unwrap_or("");
        negative = number.is_infinite() || mantissa.bytes().any(|it| (b'1'..=b'9').contains(&it));
    }
    (negative, if upper { text.to_uppercase() } else { text })
}

impl Vm {
    fn check_precision(&self, spec: &Spec) -> R<()> {
        if spec.precision.is_some_and(|it| it > i32::MAX as usize) {
            return Err(self.value_error("precision too big"));
        }
        Ok(())
    }

    pub(super) fn format_float(&self, number: f64, spec: &Spec, out: &mut Vec<u8>) -> R<()> {
        self.check_precision(spec)?;
        let percent = spec.kind == u32::from('%');
        let number = if percent { number * 100.0 } else { number };
        let (negative, mut text) = shown(number, spec, asked(spec, 6, true));
        if percent {
            text.push('%');
        }
        lay(spec, &Parts::of_float(spec.sign_of(negative), &text), out);
        Ok(())
    }

    pub(super) fn format_complex(&self, number: Complex, spec: &Spec, out: &mut Vec<u8>) -> R<()> {
        self.check_precision(spec)?;
        if spec.fill == u32::from('0') {
            return Err(self.value_error("Zero padding is not allowed in complex format specifier"));
        }
        if spec.align == '=' {
            let message = "'=' alignment flag is not allowed in complex format specifier";
            return Err(self.value_error(message));
        }
        let how = asked(spec, if spec.kind == 0 { 0 } else { 6 }, false);
        let bare = spec.kind == 0;
        let no_real = bare && number.re == 0.0 && number.re.is_sign_positive();
        let part = |number: f64, sign: Option<char>, body: &mut Vec<u8>| {
            let (negative, text) = shown(number, spec, how);
            let inner = Spec {
                sign,
                grouping: spec.grouping,
                fraction_grouping: spec.fraction_grouping,
                ..Spec::plain('<', spec.letter())
            };
            lay(&inner, &Parts::of_float(inner.sign_of(negative), &text), body);
        };
        let mut body = Vec::new();
        if bare && !no_real {
            body.push(b'(');
        }
        if !no_real {
            part(number.re, spec.sign, &mut body);
        }
        part(number.im, if no_real { spec.sign } else { Some('+') }, &mut body);
        body.push(b'j');
        if bare && !no_real {
            body.push(b')');
        }
        pad(spec, "", &body, out);
        Ok(())
    }

    pub(super) fn format_int(&self, number: &BigInt, spec: &Spec, out: &mut Vec<u8>) -> R<()> {
        if spec.precision.is_some() {
            return Err(self.value_error("Precision not allowed in integer format specifier"));
        }
        if spec.no_negative_zero {
            let message = "Negative zero coercion (z) not allowed in integer format specifier";
            return Err(self.value_error(message));
        }
        if spec.letter() == 'c' {
            if spec.sign.is_some() {
                return Err(self.value_error("Sign not allowed with integer format specifier 'c'"));
            }
            if spec.alternate {
                let message = "Alternate form (#) not allowed with integer format specifier 'c'";
                return Err(self.value_error(message));
            }
            let point = u32::try_from(number).ok().filter(|&point| point < 0x11_0000);
            let Some(point) = point else {
                return Err(self.raise(Exc::OverflowError, "%c arg not in range(0x110000)"));
            };
            let mut body = Vec::new();
            push_utf8(point, &mut body);
            pad(spec, "", &body, out);
            return Ok(());
        }
        let digits = self.digits_of(number, spec.letter())?;
        let prefix = if spec.alternate { prefix(spec.letter()) } else { "" };
        let sign = spec.sign_of(number.sign() == Sign::Minus);
        lay(spec, &Parts { sign, prefix, digits: &digits, ..Parts::default() }, out);
        Ok(())
    }

    /// The digits of an int in the base that a letter stands for.
    pub(super) fn digits_of(&self, number: &BigInt, letter: char) -> R<String> {
        let magnitude = number.magnitude();
        Ok(match letter {
            'b' => magnitude.to_str_radix(2),
            'o' => magnitude.to_str_radix(8),
            'x' => magnitude.to_str_radix(16),
            'X' => magnitude.to_str_radix(16).to_uppercase(),
            _ => {
                let mut text = String::new();
                self.push_big_digits(magnitude, &mut text)?;
                text
            }
        })
    }
}

/// What stands before digits of the base that a letter stands for.
pub(super) const fn prefix(letter: char) -> &'static str {
    match letter {
        'b' => "0b",
        'o' => "0o",
        'x' => "0x",
        'X' => "0X",
        _ => "",
    }
}
