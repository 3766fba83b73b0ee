//! `math`

use super::gamma;
use crate::builtins::exceptions::Exc;
use crate::builtins::{keywords, positional};
use crate::object::NativeFn;
use crate::object::callable::Args;
use crate::value::Value;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// The float that an argument is.
pub(crate) fn float(vm: &Vm, value: &Value) -> R<f64> {
    if let Some(number) = vm.as_float(value) {
        return Ok(number);
    }
    if let Some(number) = vm.as_big(value) {
        return vm.big_to_float(&number);
    }
    if let Some(number) = vm.float_number(value)? {
        return Ok(number);
    }
    let got = vm.type_name(value);
    Err(vm.type_error(format!("must be real number, not {got}")))
}

fn int(vm: &Vm, value: &Value) -> R<BigInt> {
    if let Some(number) = vm.as_big(value) {
        return Ok(number);
    }
    if let Some(method) = vm.lookup_special(value, &vm.names.index) {
        let made = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
        if let Some(number) = vm.as_big(&made) {
            return Ok(number);
        }
    }
    let got = vm.type_name(value);
    Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
}

/// A function of one float: a NaN out of a number is a domain error, an infinity out of a finite one a range error.
fn one(vm: &Vm, args: Args<'_>, name: &str, function: fn(f64) -> f64, range: bool) -> R {
    let number = float(vm, &positional(vm, name, args, 1, 1)?[0])?;
    let result = function(number);
    if result.is_nan() && !number.is_nan() {
        let shown = vm.repr_text(&vm.float(number))?;
        return Err(vm.value_error(match name {
            "sqrt" => format!("expected a nonnegative input, got {shown}"),
            "log1p" => format!("expected argument value > -1, got {shown}"),
            "acos" | "asin" => format!("expected a number in range from -1 up to 1, got {shown}"),
            "sin" | "cos" | "tan" => format!("expected a finite input, got {shown}"),
            "acosh" => format!("expected argument value not less than 1, got {shown}"),
            "atanh" => format!("expected a number between -1 and 1, got {shown}"),
            _ => "math domain error".to_owned(),
        }));
    }
    if result.is_infinite() && number.is_finite() && name != "degrees" {
        if range {
            return Err(vm.raise(Exc::OverflowError, "math range error"));
        }
        let shown = vm.repr_text(&vm.float(number))?;
        return Err(vm.value_error(match name {
            "log1p" => format!("expected argument value > -1, got {shown}"),
            "atanh" => format!("expected a number between -1 and 1, got {shown}"),
            "gamma" | "lgamma" => format!("expected a noninteger or positive integer, got {shown}"),
            _ => "math domain error".to_owned(),
        }));
    }
    Ok(vm.float(result))
}

fn log(vm: &Vm, value: &Value, base: fn(f64) -> f64) -> R<f64> {
    if let Some(number) = vm.as_big(value) {
        if !number.is_positive() {
            return Err(vm.value_error("expected a positive input"));
        }
        let bits = number.bits();
        if bits > 1000 {
            let shift = bits - 100;
            let top = (number >> shift).to_f64().unwrap_or(1.0);
            return Ok(base(top) + base(2.0) * shift as f64);
        }
        return Ok(base(number.to_f64().unwrap_or(f64::INFINITY)));
    }
    let number = float(vm, value)?;
    if number <= 0.0 {
        let shown = vm.repr_text(&vm.float(number))?;
        return Err(vm.value_error(format!("expected a positive input, got {shown}")));
    }
    Ok(base(number))
}

fn rounded(vm: &Vm, args: Args<'_>, name: &str, special: &Value, round: fn(f64) -> f64) -> R {
    let value = &positional(vm, name, args, 1, 1)?[0];
    let made = Vm::is_made_by_program(vm.type_of(value));
    if let Some(number) = vm.as_float(value).filter(|_| !made) {
        return crate::builtins::make::int_of_float(vm, round(number));
    }
    if let Some(method) = vm.lookup_special(value, special) {
        return vm.call_bound(&method, value, Args { values: &[], names: &[] });
    }
    if name == "trunc" {
        let got = vm.type_name(value);
        return Err(vm.type_error(format!("type {got} doesn't define __trunc__ method")));
    }
    crate::builtins::make::int_of_float(vm, round(float(vm, value)?))
}

/// `gamma` and `lgamma`: what has no value is a domain error, what is too large a range error.
fn gammas(vm: &Vm, args: Args<'_>, name: &str, function: fn(f64) -> f64) -> R {
    let number = float(vm, &positional(vm, name, args, 1, 1)?[0])?;
    let at_pole = number <= 0.0 && number == number.floor();
    if at_pole && (number.is_finite() || name == "gamma") {
        let shown = vm.repr_text(&vm.float(number))?;
        return Err(vm.value_error(format!("expected a noninteger or positive integer, got {shown}")));
    }
    let result = if number.is_infinite() { f64::INFINITY } else { function(number) };
    if result.is_infinite() && number.is_finite() && name != "degrees" {
        return Err(vm.raise(Exc::OverflowError, "math range error"));
    }
    Ok(vm.float(result))
}

fn frexp(number: f64) -> (f64, i64) {
    if number == 0.0 || !number.is_finite() {
        return (number, 0);
    }
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i64;
    if exponent == 0 {
        let (mantissa, exponent) = frexp(number * 2f64.powi(54));
        return (mantissa, exponent - 54);
    }
    (f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52), exponent - 1022)
}

fn ldexp(number: f64, by: i64) -> f64 {
    let mut number = number;
    let mut by = by.clamp(-5000, 5000);
    while by > 1000 {
        number *= 2f64.powi(1000);
        by -= 1000;
    }
    while by < -1000 {
        number *= 2f64.powi(-1000);
        by += 1000;
    }
    number * 2f64.powi(by as i32)
}

fn pow(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "pow", args, 2, 2)?;
    let (x, y) = (float(vm, &values[0])?, float(vm, &values[1])?);
    let result = x.powf(y);
    if result.is_nan() && !x.is_nan() && !y.is_nan() || x == 0.0 && y < 0.0 && y.is_finite() {
        return Err(vm.value_error("math domain error"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(vm.raise(Exc::OverflowError, "math range error"));
    }
    Ok(vm.float(result))
}

/// The correctly rounded sum (Shewchuk's partial sums).
fn fsum(vm: &Vm, args: Args<'_>) -> R {
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinite) = (0.0, 0.0);
    for item in vm.collect(&positional(vm, "fsum", args, 1, 1)?[0])? {
        let mut x = float(vm, &item)?;
        if !x.is_finite() {
            special += x;
            infinite += if x.is_nan() { 0.0 } else { x };
            continue;
        }
        let mut kept = 0;
        for index in 0..partials.len() {
            let mut y = partials[index];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        if x.is_infinite() {
            return Err(vm.raise(Exc::OverflowError, "intermediate overflow in fsum"));
        }
        partials.truncate(kept);
        partials.push(x);
    }
    if special != 0.0 || f64::is_nan(special) {
        if f64::is_nan(infinite) {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return Ok(vm.float(special));
    }
    let Some(mut high) = partials.pop() else { return Ok(vm.float(0.0)) };
    let mut low = 0.0;
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    if let Some(last) = partials.last()
        && (low < 0.0 && *last < 0.0 || low > 0.0 && *last > 0.0)
    {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    Ok(vm.float(high))
}

fn fold(vm: &Vm, args: Args<'_>, name: &str, start: i64, step: fn(&BigInt, &BigInt) -> BigInt) -> R {
    let values = positional(vm, name, args, 0, usize::MAX)?;
    if let [a, b] = values
        && start == 0
        && let (Some(a), Some(b)) = (a.as_small(), b.as_small())
    {
        return Ok(vm.int(a.gcd(&b)));
    }
    let mut total = BigInt::from(start);
    for value in values {
        total = step(&total, &int(vm, value)?).abs();
    }
    Ok(vm.int_of_big(total))
}

fn close(vm: &Vm, args: Args<'_>) -> R {
    let (values, [a, b, relative, absolute]) =
        keywords(vm, "isclose", args, ["a", "b", "rel_tol", "abs_tol"])?;
    let (Some(a), Some(b)) = (values.first().or(a), values.get(1).or(b)) else {
        return Err(vm.type_error("isclose() missing required argument 'a' (pos 1)"));
    };
    let (a, b) = (float(vm, a)?, float(vm, b)?);
    let relative = relative.map_or(Ok(1e-9), |it| float(vm, it))?;
    let absolute = absolute.map_or(Ok(0.0), |it| float(vm, it))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    let distance = (b - a).abs();
    let near = a == b
        || a.is_finite()
            && b.is_finite()
            && (distance <= (relative * b).abs() || distance <= (relative * a).abs() || distance <= absolute);
    Ok(Value::bool(near))
}

fn small(vm: &Vm, value: &Value, name: &str) -> R<u64> {
    let number = int(vm, value)?;
    if number.is_negative() {
        return Err(vm.value_error(match name {
            "factorial" => "factorial() not defined for negative values".to_owned(),
            _ => format!("{name} must be a non-negative integer"),
        }));
    }
    number.to_u64().filter(|it| *it < 1 << 32).ok_or_else(|| {
        vm.raise(Exc::OverflowError, format!("{name}() argument should not exceed {}", i64::MAX))
    })
}

fn product(low: u64, high: u64) -> BigInt {
    if low > high {
        return BigInt::from(1);
    }
    if high - low < 8 {
        return (low..=high).fold(BigInt::from(1), |all, it| all * it);
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

fn dist(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "dist", args, 2, 2)?;
    let (p, q) = (vm.collect(&values[0])?, vm.collect(&values[1])?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut parts = Vec::new();
    for (a, b) in p.iter().zip(&q) {
        parts.push(float(vm, a)? - float(vm, b)?);
    }
    Ok(vm.float(norm(&parts)))
}

/// The root of the sum of squares. The squares are summed up exactly enough for the last digit to be right nearly always:
/// each is two floats, and the root is corrected by what its own square lacks.
fn norm(parts: &[f64]) -> f64 {
    if parts.iter().any(|it| it.is_infinite()) {
        return f64::INFINITY;
    }
    if parts.iter().any(|it| it.is_nan()) {
        return f64::NAN;
    }
    let most = parts.iter().fold(0.0, |most: f64, it| most.max(it.abs()));
    if parts.len() < 2 || most == 0.0 {
        return most;
    }
    // Powers of two make the largest about 1, exactly.
    let (_, exponent) = frexp(most);
    let (mut sum, mut rest) = (0.0f64, 0.0f64);
    for it in parts {
        let x = ldexp(*it, -exponent);
        let square = x * x;
        let error = x.mul_add(x, -square);
        let next = sum + square;
        let (high, low) = if sum > square { (sum, square) } else { (square, sum) };
        rest += (high - next) + low + error;
        sum = next;
    }
    let root = (sum + rest).sqrt();
    let square = root * root;
    let error = root.mul_add(root, -square);
    ldexp(root + ((sum - square) - error + rest) / (2.0 * root), exponent)
}

/// An argument of `comb` and `perm`.
fn natural(vm: &Vm, value: &Value, name: &str) -> R<BigInt> {
    let number = int(vm, value)?;
    if number.is_negative() {
        return Err(vm.value_error(format!("{name} must be a non-negative integer")));
    }
    Ok(number)
}

/// `n * (n - 1) * ...`, so many factors.
fn falling(n: &BigInt, count: u64) -> BigInt {
    match n.to_u64() {
        _ if count == 0 => BigInt::from(1),
        Some(n) => product(n - count + 1, n),
        None if count == 1 => n.clone(),
        None => falling(n, count / 2) * falling(&(n - count / 2), count - count / 2),
    }
}

fn comb(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "comb", args, 2, 2)?;
    let (n, k) = (natural(vm, &values[0], "n")?, natural(vm, &values[1], "k")?);
    if k > n {
        return Ok(vm.int(0));
    }
    let other = &n - &k;
    let Some(k) = k.min(other).to_u64().filter(|&it| it <= i64::MAX as u64) else {
        let message = format!("min(n - k, k) must not exceed {}", i64::MAX);
        return Err(vm.raise(Exc::OverflowError, message));
    };
    Ok(vm.int_of_big(falling(&n, k) / product(2, k)))
}

fn perm(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "perm", args, 1, 2)?;
    let Some(k) = values.get(1).filter(|it| !it.is_none()) else {
        return Ok(vm.int_of_big(product(2, small(vm, &values[0], "factorial")?)));
    };
    let (n, k) = (natural(vm, &values[0], "n")?, natural(vm, k, "k")?);
    if k > n {
        return Ok(vm.int(0));
    }
    let Some(k) = k.to_u64().filter(|&it| it <= i64::MAX as u64) else {
        return Err(vm.raise(Exc::OverflowError, format!("k must not exceed {}", i64::MAX)));
    };
    Ok(vm.int_of_big(falling(&n, k)))
}

/// The float so many steps from `x` towards `y`.
fn step_towards(x: f64, y: f64, steps: u64) -> f64 {
    // Floats in their order, as ints; 0.0 and -0.0 are one.
    let place = |it: f64| {
        let size = (it.to_bits() & i64::MAX as u64) as i64;
        if it.is_sign_negative() { -size } else { size }
    };
    let (from, to) = (place(x), place(y));
    let apart = i128::from(to) - i128::from(from);
    if i128::from(steps) >= apart.abs() {
        // One step to zero keeps the sign, as the C library has it.
        return if y == 0.0 && steps == 1 { y.copysign(x) } else { y };
    }
    let at = i128::from(from) + if apart < 0 { -i128::from(steps) } else { i128::from(steps) };
    let number = f64::from_bits(at.unsigned_abs() as u64);
    if at < 0 || at == 0 && x.is_sign_negative() { -number } else { number }
}

fn next_after(vm: &Vm, args: Args<'_>) -> R {
    let (values, [steps]) = keywords(vm, "nextafter", args, ["steps"])?;
    let [x, y] = values else {
        return Err(vm.type_error("nextafter() takes exactly 2 positional arguments"));
    };
    let (x, y) = (float(vm, x)?, float(vm, y)?);
    let steps = match steps.filter(|it| !it.is_none()) {
        None => 1,
        Some(steps) => {
            let steps = int(vm, steps)?;
            if steps.is_negative() {
                return Err(vm.value_error("steps must be a non-negative integer"));
            }
            steps.to_u64().unwrap_or(u64::MAX)
        }
    };
    if steps == 0 || x.is_nan() {
        return Ok(vm.float(x));
    }
    Ok(vm.float(if y.is_nan() || x == y { y } else { step_towards(x, y, steps) }))
}

fn remainder(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "remainder", args, 2, 2)?;
    let (x, y) = (float(vm, &values[0])?, float(vm, &values[1])?);
    if x.is_nan() || y.is_nan() {
        return Ok(vm.float(if x.is_nan() { x } else { y }));
    }
    if y == 0.0 || x.is_infinite() {
        return Err(vm.value_error("math domain error"));
    }
    if y.is_infinite() {
        return Ok(vm.float(x));
    }
    let (size, y) = (x.abs(), y.abs());
    let rest = size % y;
    let other = y - rest;
    let result = if rest < other {
        rest
    } else if rest > other {
        -other
    } else {
        // In the middle: to the even quotient.
        rest - 2.0 * ((0.5 * (size - rest)) % y)
    };
    Ok(vm.float(1f64.copysign(x) * result))
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("sqrt", |vm, args| one(vm, args, "sqrt", f64::sqrt, false)),
    ("cbrt", |vm, args| one(vm, args, "cbrt", f64::cbrt, false)),
    ("exp", |vm, args| one(vm, args, "exp", f64::exp, true)),
    ("exp2", |vm, args| one(vm, args, "exp2", f64::exp2, true)),
    ("expm1", |vm, args| one(vm, args, "expm1", f64::exp_m1, true)),
    ("log1p", |vm, args| one(vm, args, "log1p", f64::ln_1p, false)),
    ("sin", |vm, args| one(vm, args, "sin", f64::sin, false)),
    ("cos", |vm, args| one(vm, args, "cos", f64::cos, false)),
    ("tan", |vm, args| one(vm, args, "tan", f64::tan, false)),
    ("asin", |vm, args| one(vm, args, "asin", f64::asin, false)),
    ("acos", |vm, args| one(vm, args, "acos", f64::acos, false)),
    ("atan", |vm, args| one(vm, args, "atan", f64::atan, false)),
    ("sinh", |vm, args| one(vm, args, "sinh", f64::sinh, true)),
    ("cosh", |vm, args| one(vm, args, "cosh", f64::cosh, true)),
    ("tanh", |vm, args| one(vm, args, "tanh", f64::tanh, false)),
    ("asinh", |vm, args| one(vm, args, "asinh", gamma::asinh, false)),
    ("acosh", |vm, args| one(vm, args, "acosh", gamma::acosh, false)),
    ("atanh", |vm, args| one(vm, args, "atanh", gamma::atanh, false)),
    ("fabs", |vm, args| one(vm, args, "fabs", f64::abs, false)),
    ("degrees", |vm, args| one(vm, args, "degrees", |it| it * (180.0 / std::f64::consts::PI), false)),
    ("radians", |vm, args| one(vm, args, "radians", |it| it * (std::f64::consts::PI / 180.0), false)),
    ("gamma", |vm, args| gammas(vm, args, "gamma", gamma::gamma)),
    ("lgamma", |vm, args| gammas(vm, args, "lgamma", gamma::lgamma)),
    ("erf", |vm, args| one(vm, args, "erf", libm::erf, false)),
    ("erfc", |vm, args| one(vm, args, "erfc", libm::erfc, false)),
    ("fma", |vm, args| {
        let values = positional(vm, "fma", args, 3, 3)?;
        let (x, y, z) = (float(vm, &values[0])?, float(vm, &values[1])?, float(vm, &values[2])?);
        let result = x.mul_add(y, z);
        if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
            return Err(vm.value_error("invalid operation in fma"));
        }
        if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
            return Err(vm.raise(Exc::OverflowError, "overflow in fma"));
        }
        Ok(vm.float(result))
    }),
    ("log", |vm, args| {
        let values = positional(vm, "log", args, 1, 2)?;
        let number = log(vm, &values[0], f64::ln)?;
        match values.get(1) {
            Some(base) => {
                let base = log(vm, base, f64::ln)?;
                if base == 0.0 {
                    return Err(vm.raise(Exc::ZeroDivisionError, "division by zero"));
                }
                Ok(vm.float(number / base))
            }
            None => Ok(vm.float(number)),
        }
    }),
    ("log2", |vm, args| Ok(vm.float(log(vm, &positional(vm, "log2", args, 1, 1)?[0], f64::log2)?))),
    ("log10", |vm, args| Ok(vm.float(log(vm, &positional(vm, "log10", args, 1, 1)?[0], f64::log10)?))),
    ("floor", |vm, args| rounded(vm, args, "floor", &vm.names.floor, f64::floor)),
    ("ceil", |vm, args| rounded(vm, args, "ceil", &vm.names.ceil, f64::ceil)),
    ("trunc", |vm, args| rounded(vm, args, "trunc", &vm.names.trunc, f64::trunc)),
    ("atan2", |vm, args| {
        let values = positional(vm, "atan2", args, 2, 2)?;
        Ok(vm.float(float(vm, &values[0])?.atan2(float(vm, &values[1])?)))
    }),
    ("fmod", |vm, args| {
        let values = positional(vm, "fmod", args, 2, 2)?;
        let (x, y) = (float(vm, &values[0])?, float(vm, &values[1])?);
        let result = x % y;
        if result.is_nan() && !x.is_nan() && !y.is_nan() {
            return Err(vm.value_error("math domain error"));
        }
        Ok(vm.float(result))
    }),
    ("remainder", remainder),
    ("pow", pow),
    ("copysign", |vm, args| {
        let values = positional(vm, "copysign", args, 2, 2)?;
        Ok(vm.float(float(vm, &values[0])?.copysign(float(vm, &values[1])?)))
    }),
    ("isnan", |vm, args| Ok(Value::bool(float(vm, &positional(vm, "isnan", args, 1, 1)?[0])?.is_nan()))),
    ("isinf", |vm, args| Ok(Value::bool(float(vm, &positional(vm, "isinf", args, 1, 1)?[0])?.is_infinite()))),
    ("isfinite", |vm, args| {
        Ok(Value::bool(float(vm, &positional(vm, "isfinite", args, 1, 1)?[0])?.is_finite()))
    }),
    ("isclose", close),
    ("modf", |vm, args| {
        let number = float(vm, &positional(vm, "modf", args, 1, 1)?[0])?;
        let part = if number.is_infinite() { 0f64 } else { number.fract() };
        Ok(vm.tuple(vec![vm.float(part.copysign(number)), vm.float(number.trunc())]))
    }),
    ("frexp", |vm, args| {
        let (mantissa, exponent) = frexp(float(vm, &positional(vm, "frexp", args, 1, 1)?[0])?);
        Ok(vm.tuple(vec![vm.float(mantissa), vm.int(exponent)]))
    }),
    ("ldexp", |vm, args| {
        let values = positional(vm, "ldexp", args, 2, 2)?;
        let number = float(vm, &values[0])?;
        let by = int(vm, &values[1])?;
        let result = ldexp(number, by.to_i64().unwrap_or(if by.is_negative() { -5000 } else { 5000 }));
        if result.is_infinite() && number.is_finite() {
            return Err(vm.raise(Exc::OverflowError, "math range error"));
        }
        Ok(vm.float(result))
    }),
    ("hypot", |vm, args| {
        let values = positional(vm, "hypot", args, 0, usize::MAX)?;
        let parts = values.iter().map(|it| float(vm, it)).collect::<R<Vec<_>>>()?;
        Ok(vm.float(norm(&parts)))
    }),
    ("dist", dist),
    ("fsum", fsum),
    ("gcd", |vm, args| fold(vm, args, "gcd", 0, |a, b| a.gcd(b))),
    ("lcm", |vm, args| fold(vm, args, "lcm", 1, |a, b| if b.is_zero() { BigInt::zero() } else { a.lcm(b) })),
    ("factorial", |vm, args| {
        let value = &positional(vm, "factorial", args, 1, 1)?[0];
        Ok(vm.int_of_big(product(2, small(vm, value, "factorial")?)))
    }),
    ("comb", comb),
    ("perm", perm),
    ("isqrt", |vm, args| {
        let number = int(vm, &positional(vm, "isqrt", args, 1, 1)?[0])?;
        if number.is_negative() {
            return Err(vm.value_error("isqrt() argument must be nonnegative"));
        }
        Ok(vm.int_of_big(number.sqrt()))
    }),
    ("prod", |vm, args| {
        let (values, [start]) = keywords(vm, "prod", args, ["start"])?;
        let [items] = values else {
            let count = values.len();
            return Err(vm.type_error(format!("prod() takes exactly 1 positional argument ({count} given)")));
        };
        let mut total = start.cloned().unwrap_or(Value::from_i32(1));
        let items = vm.iter(items)?;
        while let Some(item) = vm.next(&items)? {
            total = vm.binary(&total, &item, 5)?;
        }
        Ok(total)
    }),
    ("sumprod", |vm, args| {
        let values = positional(vm, "sumprod", args, 2, 2)?;
        let (p, q) = (vm.collect(&values[0])?, vm.collect(&values[1])?);
        if p.len() != q.len() {
            return Err(vm.value_error("Inputs are not the same length"));
        }
        let mut total = Value::from_i32(0);
        for (a, b) in p.iter().zip(&q) {
            let part = vm.binary(a, b, 5)?;
            total = vm.binary(&total, &part, 0)?;
        }
        Ok(total)
    }),
    ("nextafter", next_after),
    ("ulp", |vm, args| {
        let number = float(vm, &positional(vm, "ulp", args, 1, 1)?[0])?.abs();
        if !number.is_finite() {
            return Ok(vm.float(number));
        }
        let next = number.next_up();
        Ok(vm.float(if next.is_infinite() { number - number.next_down() } else { next - number }))
    }),
];

/// `math`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    for (name, number) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        vm.put(module, name, vm.float(number));
    }
    Ok(())
}
