//! Complex numbers with CPython's meanings (`Objects/complexobject.c`), which changed in 3.14: a real operand
//! is no longer widened by an imaginary part of +0, and products with infinities are recovered as in C99.

use super::ComplexLit;
use super::float::{self, Sign};
use crate::target::{ComplexOperands, ComplexPower, ComplexRules};

/// An operand: a real number, or a complex one.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    /// An `int` or `float`.
    Real(f64),
    /// A `complex`.
    Complex(ComplexLit),
}

impl Operand {
    /// The number with an imaginary part.
    fn widen(self) -> ComplexLit {
        match self {
            Operand::Real(re) => ComplexLit { re, im: 0.0 },
            Operand::Complex(value) => value,
        }
    }

    /// As [`Self::widen`], where the rules keep no real operand apart.
    fn under(self, rules: ComplexRules) -> Operand {
        match rules.operands {
            ComplexOperands::Widened => Operand::Complex(self.widen()),
            ComplexOperands::Mixed => self,
        }
    }
}

/// `a + b`
pub fn add(a: Operand, b: Operand, rules: ComplexRules) -> ComplexLit {
    match (a.under(rules), b.under(rules)) {
        (Operand::Complex(a), Operand::Complex(b)) => ComplexLit { re: a.re + b.re, im: a.im + b.im },
        (Operand::Complex(a), Operand::Real(b)) => ComplexLit { re: a.re + b, im: a.im },
        (Operand::Real(a), b) => {
            let b = b.widen();
            ComplexLit { re: a + b.re, im: b.im }
        }
    }
}

/// `a - b`
pub fn sub(a: Operand, b: Operand, rules: ComplexRules) -> ComplexLit {
    match (a.under(rules), b.under(rules)) {
        (Operand::Complex(a), Operand::Complex(b)) => ComplexLit { re: a.re - b.re, im: a.im - b.im },
        (Operand::Complex(a), Operand::Real(b)) => ComplexLit { re: a.re - b, im: a.im },
        (Operand::Real(a), b) => {
            let b = b.widen();
            ComplexLit { re: a - b.re, im: -b.im }
        }
    }
}

/// `a * b`
pub fn mul(a: Operand, b: Operand, rules: ComplexRules) -> ComplexLit {
    match (a.under(rules), b.under(rules)) {
        (Operand::Complex(a), Operand::Complex(b)) => product(a, b, rules),
        (Operand::Complex(a), Operand::Real(b)) => ComplexLit { re: a.re * b, im: a.im * b },
        (Operand::Real(a), b) => {
            let b = b.widen();
            ComplexLit { re: a * b.re, im: a * b.im }
        }
    }
}

/// `a / b`; `None` for a zero divisor.
pub fn div(a: Operand, b: Operand, rules: ComplexRules) -> Option<ComplexLit> {
    match (a.under(rules), b.under(rules)) {
        (Operand::Complex(a), Operand::Real(b)) => {
            (b != 0.0).then(|| ComplexLit { re: a.re / b, im: a.im / b })
        }
        (Operand::Real(a), Operand::Complex(b)) => real_quotient(a, b),
        (a, b) => quotient(a.widen(), b.widen(), rules),
    }
}

/// `base ** exponent`; `None` where CPython raises an error.
pub fn pow(base: Operand, exponent: Operand, rules: ComplexRules) -> Option<ComplexLit> {
    let (base, exponent) = (base.widen(), exponent.widen());
    let result = if exponent.im == 0.0 && exponent.re == exponent.re.floor() && exponent.re.abs() <= 100.0 {
        integral_power(base, exponent.re as i32, rules)?
    } else {
        general_power(base, exponent, rules)?
    };
    let overflow = result.re.is_infinite() || result.im.is_infinite();
    (!overflow).then_some(result)
}

fn product(a: ComplexLit, b: ComplexLit, rules: ComplexRules) -> ComplexLit {
    let result = ComplexLit { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
    match rules.operands {
        ComplexOperands::Mixed if result.re.is_nan() && result.im.is_nan() => {
            recovered_product(a, b).unwrap_or(result)
        }
        _ => result,
    }
}

/// An infinite part as ±1, any other as ±0.
fn unit(part: f64) -> f64 {
    f64::from(u8::from(part.is_infinite())).copysign(part)
}

/// C99, annex G: a product that came out as NaN although a factor or a partial product is infinite.
fn recovered_product(a: ComplexLit, b: ComplexLit) -> Option<ComplexLit> {
    let boxed = |z: ComplexLit| ComplexLit { re: unit(z.re), im: unit(z.im) };
    let zeroed = |z: ComplexLit| {
        let zero = |part: f64| if part.is_nan() { 0f64.copysign(part) } else { part };
        ComplexLit { re: zero(z.re), im: zero(z.im) }
    };
    let is_infinite = |z: ComplexLit| z.re.is_infinite() || z.im.is_infinite();
    let (mut x, mut y) = (a, b);
    let mut recover = false;
    if is_infinite(x) {
        (x, y) = (boxed(x), zeroed(y));
        recover = true;
    }
    if is_infinite(y) {
        (y, x) = (boxed(y), zeroed(x));
        recover = true;
    }
    let partial = [a.re * b.re, a.im * b.im, a.re * b.im, a.im * b.re];
    if !recover && partial.iter().any(|part| part.is_infinite()) {
        (x, y) = (zeroed(x), zeroed(y));
        recover = true;
    }
    recover.then_some(ComplexLit {
        re: f64::INFINITY * (x.re * y.re - x.im * y.im),
        im: f64::INFINITY * (x.re * y.im + x.im * y.re),
    })
}

/// Smith's method: divide by the larger part of the divisor first.
fn quotient(a: ComplexLit, b: ComplexLit, rules: ComplexRules) -> Option<ComplexLit> {
    let result = if b.re.abs() >= b.im.abs() {
        if b.re == 0.0 {
            return None;
        }
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        ComplexLit { re: (a.re + a.im * ratio) / denominator, im: (a.im - a.re * ratio) / denominator }
    } else if b.im.abs() >= b.re.abs() {
        let ratio = b.re / b.im;
        let denominator = b.re * ratio + b.im;
        ComplexLit { re: (a.re * ratio + a.im) / denominator, im: (a.im * ratio - a.re) / denominator }
    } else {
        ComplexLit { re: f64::NAN, im: f64::NAN }
    };
    match rules.operands {
        ComplexOperands::Mixed if result.re.is_nan() && result.im.is_nan() => {
            Some(recovered_quotient(a, b).unwrap_or(result))
        }
        _ => Some(result),
    }
}

/// C99, annex G, for quotients of or by infinities.
fn recovered_quotient(a: ComplexLit, b: ComplexLit) -> Option<ComplexLit> {
    let is_infinite = |z: ComplexLit| z.re.is_infinite() || z.im.is_infinite();
    let is_finite = |z: ComplexLit| z.re.is_finite() && z.im.is_finite();
    if is_infinite(a) && is_finite(b) {
        let (x, y) = (unit(a.re), unit(a.im));
        return Some(ComplexLit {
            re: f64::INFINITY * (x * b.re + y * b.im),
            im: f64::INFINITY * (y * b.re - x * b.im),
        });
    }
    if is_infinite(b) && is_finite(a) {
        let (x, y) = (unit(b.re), unit(b.im));
        return Some(ComplexLit { re: 0.0 * (a.re * x + a.im * y), im: 0.0 * (a.im * x - a.re * y) });
    }
    None
}

/// The quotient of a real number by a complex one.
fn real_quotient(a: f64, b: ComplexLit) -> Option<ComplexLit> {
    let result = if b.re.abs() >= b.im.abs() {
        if b.re == 0.0 {
            return None;
        }
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        ComplexLit { re: a / denominator, im: (-a * ratio) / denominator }
    } else if b.im.abs() >= b.re.abs() {
        let ratio = b.re / b.im;
        let denominator = b.re * ratio + b.im;
        ComplexLit { re: (a * ratio) / denominator, im: -a / denominator }
    } else {
        ComplexLit { re: f64::NAN, im: f64::NAN }
    };
    let infinite = b.re.is_infinite() || b.im.is_infinite();
    if result.re.is_nan() && result.im.is_nan() && a.is_finite() && infinite {
        return Some(ComplexLit { re: 0.0 * (a * unit(b.re)), im: 0.0 * (-a * unit(b.im)) });
    }
    Some(result)
}

const ONE: ComplexLit = ComplexLit { re: 1.0, im: 0.0 };

fn integral_power(base: ComplexLit, exponent: i32, rules: ComplexRules) -> Option<ComplexLit> {
    let (mut result, mut square) = (ONE, base);
    let mut rest = exponent.unsigned_abs();
    while rest > 0 {
        if rest & 1 == 1 {
            result = product(result, square, rules);
        }
        square = product(square, square, rules);
        rest >>= 1;
    }
    if exponent > 0 { Some(result) } else { quotient(ONE, result, rules) }
}

fn general_power(base: ComplexLit, exponent: ComplexLit, rules: ComplexRules) -> Option<ComplexLit> {
    if exponent.re == 0.0 && exponent.im == 0.0 {
        return Some(ONE);
    }
    if base.re == 0.0 && base.im == 0.0 {
        let error = exponent.im != 0.0 || exponent.re < 0.0;
        return (!error).then_some(ComplexLit { re: 0.0, im: 0.0 });
    }
    let size = base.re.hypot(base.im);
    let angle = base.im.atan2(base.re);
    let mut length = size.powf(exponent.re);
    let mut phase = angle * exponent.re;
    if exponent.im != 0.0 {
        match rules.power {
            ComplexPower::Quotient => length /= (angle * exponent.im).exp(),
            ComplexPower::Product => length *= (-angle * exponent.im).exp(),
        }
        phase += exponent.im * size.ln();
    }
    // The sine of infinity is a domain error, which CPython reports.
    (!phase.is_infinite()).then(|| ComplexLit { re: length * phase.cos(), im: length * phase.sin() })
}

/// `repr(value)`.
pub fn push_repr(value: ComplexLit, out: &mut String) {
    if value.re == 0.0 && value.re.is_sign_positive() {
        float::push_number(value.im, Sign::Minus, "", out);
        out.push('j');
    } else {
        out.push('(');
        float::push_number(value.re, Sign::Minus, "", out);
        float::push_number(value.im, Sign::Always, "", out);
        out.push_str("j)");
    }
}
