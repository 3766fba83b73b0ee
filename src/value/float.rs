//! Floats with CPython's meanings (`Objects/floatobject.c`) and texts.

/// The value of a float literal, underscores allowed between digits. Too large a number is infinity, as in
/// Python. `None` for what is no number.
pub fn parse_float(literal: &str) -> Option<f64> {
    if literal.contains('_') { literal.replace('_', "").parse().ok() } else { literal.parse().ok() }
}

/// `dividend % divisor`: the sign of a non-zero result is the divisor's. `None` for a zero divisor.
pub fn modulo(dividend: f64, divisor: f64) -> Option<f64> {
    (divisor != 0.0).then(|| {
        let rest = dividend % divisor;
        if rest == 0.0 {
            0f64.copysign(divisor)
        } else if (divisor < 0.0) != (rest < 0.0) {
            rest + divisor
        } else {
            rest
        }
    })
}

/// `dividend // divisor`. `None` for a zero divisor.
pub fn floor_div(dividend: f64, divisor: f64) -> Option<f64> {
    if divisor == 0.0 {
        return None;
    }
    let rest = dividend % divisor;
    let mut quotient = (dividend - rest) / divisor;
    if rest != 0.0 && (divisor < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return Some(0f64.copysign(dividend / divisor));
    }
    // The quotient is close to an integer; make it that integer.
    let floor = quotient.floor();
    Some(if quotient - floor > 0.5 { floor + 1.0 } else { floor })
}

/// What `base ** exponent` is for floats.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Power {
    /// A float.
    Real(f64),
    /// A negative base with a fractional exponent: the result is complex.
    Complex,
    /// `ZeroDivisionError` or `OverflowError`.
    Error,
}

/// `base ** exponent`, by the C library's `pow`.
pub fn power(base: f64, exponent: f64) -> Power {
    if exponent == 0.0 || base == 1.0 {
        return Power::Real(1.0);
    }
    if base.is_nan() || exponent.is_nan() || exponent.is_infinite() {
        return Power::Real(base.powf(exponent));
    }
    if base.is_infinite() {
        return Power::Real(base.powf(exponent));
    }
    if base == 0.0 {
        return if exponent < 0.0 { Power::Error } else { Power::Real(base.powf(exponent)) };
    }
    if base < 0.0 && exponent != exponent.floor() {
        return Power::Complex;
    }
    let result = base.powf(exponent);
    if result.is_infinite() { Power::Error } else { Power::Real(result) }
}

/// `repr(value)`.
pub fn push_repr(value: f64, out: &mut String) {
    push_number(value, Sign::Minus, ".0", out);
}

/// When a sign is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Only for negative numbers.
    Minus,
    /// Always.
    Always,
}

/// The shortest digits that read back as `value`, with an exponent when that is below −4 or above 15;
/// `whole` follows a number that has neither a point nor an exponent.
pub(super) fn push_number(value: f64, sign: Sign, whole: &str, out: &mut String) {
    use std::fmt::Write;
    if value.is_nan() {
        out.push_str(if sign == Sign::Always { "+nan" } else { "nan" });
        return;
    }
    if value.is_sign_negative() {
        out.push('-');
    } else if sign == Sign::Always {
        out.push('+');
    }
    let value = value.abs();
    if value.is_infinite() {
        out.push_str("inf");
        return;
    }
    // Rust's shortest digits are CPython's: those nearest to the value. Where two are equally near (2⁻²⁵),
    // CPython takes the even one, which is how Rust rounds to a given number of digits.
    let mut scientific = String::with_capacity(24);
    let _ = write!(scientific, "{value:e}");
    let precision = scientific.find('e').unwrap_or(0).saturating_sub(2);
    if precision >= 14 {
        let even = format!("{value:.precision$e}");
        if even != scientific && even.parse() == Ok(value) {
            scientific = even;
        }
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits: String = mantissa.chars().filter(|&ch| ch != '.').collect();
    if !(-4..16).contains(&exponent) {
        out.push_str(mantissa);
        let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(&digits);
    } else {
        let point = exponent as usize + 1;
        if digits.len() > point {
            out.push_str(&digits[..point]);
            out.push('.');
            out.push_str(&digits[point..]);
        } else {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', point - digits.len()));
            out.push_str(whole);
        }
    }
}
