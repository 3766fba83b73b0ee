//! `cmath`. What it makes of infinities and NaNs are tables, dumped from CPython 3.14.10.

use crate::builtins::exceptions::Exc;
use crate::builtins::numbers::{complex_number, divide};
use crate::builtins::positional;
use crate::heap::allocate;
use crate::modules::native::parse_most;
use crate::object::callable::Args;
use crate::object::{Complex, NativeFn};
use crate::value::Value;
use crate::vm::{R, Raised, Vm};
use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10, PI, TAU};

/// Why there is no result.
enum Wrong {
    Domain,
    Range,
}

type Answer = Result<Complex, Wrong>;

/// Beyond this, sums of squares and the like overflow.
const LARGE: f64 = f64::MAX / 4.0;

/// Results for arguments that are not finite. Rows go by the real part (-inf, negative, -0, 0, positive, inf, nan), pairs
/// of letters by the imaginary part: `0o` zeros, `iI` infinities, `1m` ones, `n` NaN, `qQ hH tT pP` 1, 2, 3 and 4
/// quarters of pi, each positive and negative; `EE` is a domain error, `..` is computed.
type Table = [&'static [u8; 14]; 7];

macro_rules! table {
    ($($row:literal)*) => { [$($row),*] };
}

const ACOS: Table = table![b"tipipipIpItIni" b"hi........hInn" b"hi........hIhn" b"hi........hIhn" b"hi........hInn"
    b"qi0i0i0I0IqIni" b"ninnnnnnnnnInn"];
const ACOSH: Table = table![b"iTiPiPipipitin" b"iH........ihnn" b"iH........ihnh" b"iH........ihnh" b"iH........ihnn"
    b"iQioioi0i0iqin" b"innnnnnnnninnn"];
const ASINH: Table = table![b"IQIoIoI0I0IqIn" b"IH........Ihnn" b"IH........Ihnn" b"iH........ihnn" b"iH........ihnn"
    b"iQioioi0i0iqin" b"innnnon0nninnn"];
const ATANH: Table = table![b"oHoHoHohohohon" b"oH........ohnn" b"oH........ohon" b"0H........0h0n" b"0H........0hnn"
    b"0H0H0H0h0h0h0n" b"0Hnnnnnnnn0hnn"];
const COSH: Table = table![b"EEIii0ioIIEEin" b"EE........EEnn" b"EE........EEn0" b"EE........EEn0" b"EE........EEnn"
    b"EEIIioi0IiEEin" b"nnnnn0n0nnnnnn"];
const EXP: Table = table![b"00oo0o00o00000" b"EE........EEnn" b"EE........EEnn" b"EE........EEnn" b"EE........EEnn"
    b"EEIIioi0IiEEin" b"nnnnnon0nnnnnn"];
const LOG: Table = table![b"iTiPiPipipitin" b"iH........ihnn" b"iH........ihnn" b"iH........ihnn" b"iH........ihnn"
    b"iQioioi0i0iqin" b"innnnnnnnninnn"];
const SINH: Table = table![b"EEiIIoI0iiEEin" b"EE........EEnn" b"EE........EE0n" b"EE........EE0n" b"EE........EEnn"
    b"EEIIioi0IiEEin" b"nnnnnon0nnnnnn"];
const SQRT: Table = table![b"iI0I0I0i0iiini" b"iI........iinn" b"iI........iinn" b"iI........iinn" b"iI........iinn"
    b"iIioioi0i0iiin" b"iInnnnnnnniinn"];
const TANH: Table = table![b"m0m0mom0mom0m0" b"EE........EEnn" b"EE........EEon" b"EE........EE0n" b"EE........EEnn"
    b"10101o101o1010" b"nnnnnon0nnnnnn"];
const RECT: Table = table![b"EEiiI0IoiIEEin" b"EE........EEnn" b"00........0000" b"00........0000" b"EE........EEnn"
    b"EEIIioi0IiEEin" b"nnnnn0n0nnnnnn"];

const fn at(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

/// The row or column of a number.
fn class(number: f64) -> usize {
    match (number.is_nan(), number.is_infinite(), number == 0.0, number.is_sign_negative()) {
        (true, ..) => 6,
        (_, true, _, true) => 0,
        (_, true, _, false) => 5,
        (_, _, true, true) => 2,
        (_, _, true, false) => 3,
        (.., true) => 1,
        _ => 4,
    }
}

fn letter(code: u8) -> f64 {
    let size = match code.to_ascii_lowercase() {
        b'0' | b'o' => 0.0,
        b'i' => f64::INFINITY,
        b'1' | b'm' => 1.0,
        b'q' => 0.25 * PI,
        b'h' => FRAC_PI_2,
        b't' => 0.75 * PI,
        b'p' => PI,
        _ => f64::NAN,
    };
    if matches!(code, b'o' | b'm' | b'I' | b'Q' | b'H' | b'T' | b'P') { -size } else { size }
}

/// The signs of a result, from those of the argument's parts.
type Signs = fn(f64, f64) -> (f64, f64);

/// The result for an argument that is not finite; `None` for one that is.
///
/// Where a row is all infinities or zeros, the signs in it are those of one finite number of each sign: `signs` gives
/// those of the number itself.
fn special(z: Complex, table: &Table, signs: Option<Signs>) -> Option<Answer> {
    if z.re.is_finite() && z.im.is_finite() {
        return None;
    }
    let (row, column) = (class(z.re), class(z.im));
    let (re, im) = (table[row][2 * column], table[row][2 * column + 1]);
    if re == b'E' {
        return Some(Err(Wrong::Domain));
    }
    let (mut re, mut im) = (letter(re), letter(im));
    if let (Some(signs), true) = (signs, z.re.is_infinite() && z.im.is_finite() && z.im != 0.0) {
        let (a, b) = signs(z.re, z.im);
        (re, im) = (re.copysign(a), im.copysign(b));
    }
    Some(Ok(at(re, im)))
}

const fn turn(z: Complex) -> Complex {
    at(-z.im, z.re)
}

fn turned_back(answer: Answer) -> Answer {
    answer.map(|z| at(z.im, -z.re))
}

fn sqrt(z: Complex) -> Answer {
    if let Some(answer) = special(z, &SQRT, None) {
        return answer;
    }
    if z.re == 0.0 && z.im == 0.0 {
        return Ok(at(0.0, z.im));
    }
    let (x, y) = (z.re.abs(), z.im.abs());
    let size = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        // Subnormal numbers have few bits: scaled up by 2^53, the root down by 2^27.
        let up = 2.0_f64.powi(53);
        (x * up + (x * up).hypot(y * up)).sqrt() * 2.0_f64.powi(-27)
    } else {
        2.0 * (x / 8.0 + (x / 8.0).hypot(y / 8.0)).sqrt()
    };
    let other = y / (2.0 * size);
    Ok(if z.re >= 0.0 { at(size, other.copysign(z.im)) } else { at(other, size.copysign(z.im)) })
}

/// The roots that the inverse functions are made of; they have no errors where arguments are finite.
fn root(re: f64, im: f64) -> Complex {
    sqrt(at(re, im)).unwrap_or(at(f64::NAN, f64::NAN))
}

/// The logarithm of the size of a number that is nearly too large.
fn log_of_large(z: Complex) -> f64 {
    (z.re / 2.0).hypot(z.im / 2.0).ln() + LN_2 * 2.0
}

fn is_large(z: Complex) -> bool {
    z.re.abs() > LARGE || z.im.abs() > LARGE
}

fn acos(z: Complex) -> Answer {
    if let Some(answer) = special(z, &ACOS, None) {
        return answer;
    }
    if is_large(z) {
        let im = log_of_large(z);
        let im = if z.re < 0.0 { -im.copysign(z.im) } else { im.copysign(-z.im) };
        return Ok(at(z.im.abs().atan2(z.re), im));
    }
    let (a, b) = (root(1.0 - z.re, -z.im), root(1.0 + z.re, z.im));
    Ok(at(2.0 * a.re.atan2(b.re), libm::asinh(b.re * a.im - b.im * a.re)))
}

fn acosh(z: Complex) -> Answer {
    if let Some(answer) = special(z, &ACOSH, None) {
        return answer;
    }
    if is_large(z) {
        return Ok(at(log_of_large(z), z.im.atan2(z.re)));
    }
    let (a, b) = (root(z.re - 1.0, z.im), root(z.re + 1.0, z.im));
    Ok(at(libm::asinh(a.re * b.re + a.im * b.im), 2.0 * a.im.atan2(b.re)))
}

fn asinh(z: Complex) -> Answer {
    if let Some(answer) = special(z, &ASINH, None) {
        return answer;
    }
    if is_large(z) {
        let re = log_of_large(z);
        let re = if z.im >= 0.0 { re.copysign(z.re) } else { -re.copysign(-z.re) };
        return Ok(at(re, z.im.atan2(z.re.abs())));
    }
    let (a, b) = (root(1.0 + z.im, -z.re), root(1.0 - z.im, z.re));
    Ok(at(libm::asinh(a.re * b.im - b.re * a.im), z.im.atan2(a.re * b.re - a.im * b.im)))
}

fn atanh(z: Complex) -> Answer {
    if let Some(answer) = special(z, &ATANH, None) {
        return answer;
    }
    if z.re < 0.0 {
        return atanh(at(-z.re, -z.im)).map(|it| at(-it.re, -it.im));
    }
    let y = z.im.abs();
    if z.re > LARGE.sqrt() || y > LARGE.sqrt() {
        let half = (z.re / 2.0).hypot(z.im / 2.0);
        return Ok(at(z.re / 4.0 / half / half, -FRAC_PI_2.copysign(-z.im)));
    }
    if z.re == 1.0 && y < f64::MIN_POSITIVE.sqrt() {
        if y == 0.0 {
            return Err(Wrong::Domain);
        }
        let re = -(y.sqrt() / y.hypot(2.0).sqrt()).ln();
        return Ok(at(re, (2.0_f64.atan2(-y) / 2.0).copysign(z.im)));
    }
    let apart = (1.0 - z.re) * (1.0 - z.re) + y * y;
    let re = (4.0 * z.re / apart).ln_1p() / 4.0;
    Ok(at(re, -(-2.0 * z.im).atan2((1.0 - z.re) * (1.0 + z.re) - y * y) / 2.0))
}

fn checked(z: Complex) -> Answer {
    if z.re.is_infinite() || z.im.is_infinite() { Err(Wrong::Range) } else { Ok(z) }
}

fn cosh(z: Complex) -> Answer {
    let signs = |x: f64, y: f64| (y.cos(), if x > 0.0 { y.sin() } else { -y.sin() });
    if let Some(answer) = special(z, &COSH, Some(signs)) {
        return answer;
    }
    if z.re.abs() > LARGE.ln() {
        let less = z.re - 1.0_f64.copysign(z.re);
        return checked(at(z.im.cos() * less.cosh() * E, z.im.sin() * less.sinh() * E));
    }
    checked(at(z.im.cos() * z.re.cosh(), z.im.sin() * z.re.sinh()))
}

fn sinh(z: Complex) -> Answer {
    let signs = |x: f64, y: f64| (if x > 0.0 { y.cos() } else { -y.cos() }, y.sin());
    if let Some(answer) = special(z, &SINH, Some(signs)) {
        return answer;
    }
    if z.re.abs() > LARGE.ln() {
        let less = z.re - 1.0_f64.copysign(z.re);
        return checked(at(z.im.cos() * less.sinh() * E, z.im.sin() * less.cosh() * E));
    }
    checked(at(z.im.cos() * z.re.sinh(), z.im.sin() * z.re.cosh()))
}

fn tanh(z: Complex) -> Answer {
    let signs = |x: f64, y: f64| (x, 2.0 * y.sin() * y.cos());
    if let Some(answer) = special(z, &TANH, Some(signs)) {
        return answer;
    }
    if z.re.abs() > LARGE.ln() {
        let im = 4.0 * z.im.sin() * z.im.cos() * (-2.0 * z.re.abs()).exp();
        return Ok(at(1.0_f64.copysign(z.re), im));
    }
    let (x, y, narrow) = (z.re.tanh(), z.im.tan(), 1.0 / z.re.cosh());
    let bottom = 1.0 + (x * y) * (x * y);
    Ok(at(x * (1.0 + y * y) / bottom, ((y / bottom) * narrow) * narrow))
}

fn exp(z: Complex) -> Answer {
    if let Some(answer) = special(z, &EXP, Some(|_, y| (y.cos(), y.sin()))) {
        return answer;
    }
    if z.re > LARGE.ln() {
        let size = (z.re - 1.0).exp();
        return checked(at(size * z.im.cos() * E, size * z.im.sin() * E));
    }
    let size = z.re.exp();
    checked(at(size * z.im.cos(), size * z.im.sin()))
}

fn log(z: Complex) -> Answer {
    if let Some(answer) = special(z, &LOG, None) {
        return answer;
    }
    let (x, y) = (z.re.abs(), z.im.abs());
    let re = if is_large(z) {
        (x / 2.0).hypot(y / 2.0).ln() + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x == 0.0 && y == 0.0 {
            return Err(Wrong::Domain);
        }
        let up = 2.0_f64.powi(53);
        (x * up).hypot(y * up).ln() - 53.0 * LN_2
    } else {
        let size = x.hypot(y);
        if (0.71..=1.73).contains(&size) {
            let (more, less) = (x.max(y), x.min(y));
            ((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0
        } else {
            size.ln()
        }
    };
    Ok(at(re, z.im.atan2(z.re)))
}

fn answer(vm: &Vm, answer: Answer) -> R {
    answer.map(|it| allocate(vm, &vm.types.complex, it)).map_err(|wrong| said(vm, &wrong))
}

fn said(vm: &Vm, wrong: &Wrong) -> Raised {
    match wrong {
        Wrong::Domain => vm.value_error("math domain error"),
        Wrong::Range => vm.raise(Exc::OverflowError, "math range error"),
    }
}

fn only(vm: &Vm, args: Args<'_>, name: &str) -> R<Complex> {
    complex_number(vm, &positional(vm, name, args, 1, 1)?[0])
}

fn rect(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "rect", args, 2, 2)?;
    let size = super::math::float(vm, &values[0])?;
    let angle = super::math::float(vm, &values[1])?;
    let signs = |x: f64, y: f64| if x > 0.0 { (y.cos(), y.sin()) } else { (-y.cos(), -y.sin()) };
    let made = match special(at(size, angle), &RECT, Some(signs)) {
        Some(made) => made,
        None if angle == 0.0 => Ok(at(size, size * angle)),
        None => Ok(at(size * angle.cos(), size * angle.sin())),
    };
    answer(vm, made)
}

fn is_close(vm: &Vm, args: Args<'_>) -> R {
    let names = ["a", "b", "rel_tol", "abs_tol"];
    let [a, b, relative, absolute] = parse_most(vm, "isclose", args, names, 2, 2)?;
    let number = |value: Option<&Value>| value.map_or(Ok(at(0.0, 0.0)), |it| complex_number(vm, it));
    let (a, b) = (number(a)?, number(b)?);
    let relative = relative.map_or(Ok(1e-9), |it| super::math::float(vm, it))?;
    let absolute = absolute.map_or(Ok(0.0), |it| super::math::float(vm, it))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    let infinite = |it: Complex| it.re.is_infinite() || it.im.is_infinite();
    if a.re == b.re && a.im == b.im {
        return Ok(Value::bool(true));
    }
    if infinite(a) || infinite(b) {
        return Ok(Value::bool(false));
    }
    let apart = (a.re - b.re).hypot(a.im - b.im);
    let near = relative * a.re.hypot(a.im).max(b.re.hypot(b.im));
    Ok(Value::bool(apart <= near || apart <= absolute))
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("acos", |vm, args| answer(vm, acos(only(vm, args, "acos")?))),
    ("acosh", |vm, args| answer(vm, acosh(only(vm, args, "acosh")?))),
    ("asin", |vm, args| answer(vm, turned_back(asinh(turn(only(vm, args, "asin")?))))),
    ("asinh", |vm, args| answer(vm, asinh(only(vm, args, "asinh")?))),
    ("atan", |vm, args| answer(vm, turned_back(atanh(turn(only(vm, args, "atan")?))))),
    ("atanh", |vm, args| answer(vm, atanh(only(vm, args, "atanh")?))),
    ("cos", |vm, args| answer(vm, cosh(turn(only(vm, args, "cos")?)))),
    ("cosh", |vm, args| answer(vm, cosh(only(vm, args, "cosh")?))),
    ("exp", |vm, args| answer(vm, exp(only(vm, args, "exp")?))),
    ("isclose", is_close),
    ("isfinite", |vm, args| {
        let z = only(vm, args, "isfinite")?;
        Ok(Value::bool(z.re.is_finite() && z.im.is_finite()))
    }),
    ("isinf", |vm, args| {
        let z = only(vm, args, "isinf")?;
        Ok(Value::bool(z.re.is_infinite() || z.im.is_infinite()))
    }),
    ("isnan", |vm, args| {
        let z = only(vm, args, "isnan")?;
        Ok(Value::bool(z.re.is_nan() || z.im.is_nan()))
    }),
    ("log", |vm, args| {
        let values = positional(vm, "log", args, 1, 2)?;
        let number = complex_number(vm, &values[0])?;
        let Some(base) = values.get(1) else { return answer(vm, log(number)) };
        let base = complex_number(vm, base)?;
        let quotient = log(number).and_then(|top| divide(top, log(base)?, false).ok_or(Wrong::Domain));
        answer(vm, quotient)
    }),
    ("log10", |vm, args| {
        let made = log(only(vm, args, "log10")?).map(|it| at(it.re / LN_10, it.im / LN_10));
        answer(vm, made)
    }),
    ("phase", |vm, args| {
        let z = only(vm, args, "phase")?;
        Ok(vm.float(z.im.atan2(z.re)))
    }),
    ("polar", |vm, args| {
        let z = only(vm, args, "polar")?;
        let size = z.re.hypot(z.im);
        if size.is_infinite() && z.re.is_finite() && z.im.is_finite() {
            return Err(said(vm, &Wrong::Range));
        }
        Ok(vm.tuple(vec![vm.float(size), vm.float(z.im.atan2(z.re))]))
    }),
    ("rect", rect),
    ("sin", |vm, args| answer(vm, turned_back(sinh(turn(only(vm, args, "sin")?))))),
    ("sinh", |vm, args| answer(vm, sinh(only(vm, args, "sinh")?))),
    ("sqrt", |vm, args| answer(vm, sqrt(only(vm, args, "sqrt")?))),
    ("tan", |vm, args| answer(vm, turned_back(tanh(turn(only(vm, args, "tan")?))))),
    ("tanh", |vm, args| answer(vm, tanh(only(vm, args, "tanh")?))),
];

/// Fills the module.
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for (name, number) in [("pi", PI), ("e", E), ("tau", TAU), ("inf", inf), ("nan", nan)] {
        vm.put(module, name, vm.float(number));
    }
    for (name, im) in [("infj", inf), ("nanj", nan)] {
        vm.put(module, name, allocate(vm, &vm.types.complex, at(0.0, im)));
    }
    Ok(())
}
