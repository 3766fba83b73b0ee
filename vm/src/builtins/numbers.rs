//! Methods of `int`, `float` and `complex` that are no operators.

use super::{keywords, method, methods};
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::object::callable::{Args, NativeFn};
use crate::object::{Complex, Str};
use crate::value::{FALSE, TRUE, Value};
use crate::vm::{R, Vm};
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

fn little(vm: &Vm, order: Option<&Value>) -> R<bool> {
    match order.map(|it| vm.text_of(it)).as_deref() {
        None | Some("big") => Ok(false),
        Some("little") => Ok(true),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &Vm, args: Args<'_>) -> R {
    let (values, [length, order, signed]) =
        keywords(vm, "to_bytes", args, ["length", "byteorder", "signed"])?;
    let Some(number) = values.first().and_then(|it| vm.as_big(it)) else {
        return Err(vm.type_error("descriptor 'to_bytes' requires a 'int' object"));
    };
    let length = match values.get(1).or(length) {
        Some(length) => vm.index_of(length)?.unwrap_or(1),
        None => 1,
    };
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    let little = little(vm, values.get(2).or(order))?;
    let signed = match signed {
        Some(signed) => vm.truth(signed)?,
        None => false,
    };
    if number.sign() == Sign::Minus && !signed {
        return Err(vm.raise(Exc::OverflowError, "can't convert negative int to unsigned"));
    }
    let mut bytes = if signed { number.to_signed_bytes_le() } else { number.magnitude().to_bytes_le() };
    let fill = if number.sign() == Sign::Minus { 0xFF } else { 0 };
    if number == BigInt::ZERO {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(vm.raise(Exc::OverflowError, "int too big to convert"));
    }
    vm.check_room_of(length, 2)?;
    bytes.resize(length, fill);
    if !little {
        bytes.reverse();
    }
    Ok(vm.bytes(bytes))
}

fn from_bytes(vm: &Vm, args: Args<'_>) -> R {
    let (values, [bytes, order, signed]) =
        keywords(vm, "from_bytes", args, ["bytes", "byteorder", "signed"])?;
    let (Some(class), Some(bytes)) = (values.first(), values.get(1).or(bytes)) else {
        return Err(vm.type_error("from_bytes() missing required argument 'bytes' (pos 1)"));
    };
    // What `bytes(…)` takes, but for lengths and texts.
    if bytes.get::<crate::object::Str>().is_some() || vm.as_big(bytes).is_some() {
        let got = vm.type_name(bytes);
        return Err(vm.type_error(format!("cannot convert '{got}' object to bytes")));
    }
    let made = vm.call_with(vm.types.bytes.value(), std::slice::from_ref(bytes))?;
    let mut data = vm.byte_data(&made).unwrap_or_default();
    if !little(vm, values.get(2).or(order))? {
        data.reverse();
    }
    let signed = match signed {
        Some(signed) => vm.truth(signed)?,
        None => false,
    };
    let number =
        if signed { BigInt::from_signed_bytes_le(&data) } else { BigInt::from_bytes_le(Sign::Plus, &data) };
    let made = vm.int_of_big(number);
    if class.is(vm.types.int.value()) { Ok(made) } else { vm.call_with(class, &[made]) }
}

const INT: &[(&str, NativeFn)] = &[
    ("to_bytes", to_bytes),
    ("as_integer_ratio", |vm, args| {
        let it = method(vm, "as_integer_ratio", args, 0, 0)?.0;
        Ok(vm.tuple(vec![vm.int_of_big(vm.as_big(it).unwrap_or_default()), vm.int(1)]))
    }),
    ("conjugate", |vm, args| {
        let it = method(vm, "conjugate", args, 0, 0)?.0;
        Ok(vm.int_of_big(vm.as_big(it).unwrap_or_default()))
    }),
    ("is_integer", |vm, args| {
        method(vm, "is_integer", args, 0, 0)?;
        Ok(TRUE)
    }),
    ("__getnewargs__", |vm, args| {
        let it = method(vm, "__getnewargs__", args, 0, 0)?.0;
        Ok(vm.tuple(vec![vm.int_of_big(vm.as_big(it).unwrap_or_default())]))
    }),
];

fn ratio(vm: &Vm, number: f64) -> R {
    if !number.is_finite() {
        let (of, what) = if number.is_nan() {
            (Exc::ValueError, "cannot convert NaN to integer ratio")
        } else {
            (Exc::OverflowError, "cannot convert Infinity to integer ratio")
        };
        return Err(vm.raise(of, what));
    }
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let (mut top, mut bottom) = (BigInt::from(mantissa), BigInt::from(1));
    if exponent > 0 {
        top <<= exponent as u64;
    } else {
        let zeros = u64::from(mantissa.trailing_zeros().min(52)).min(exponent.unsigned_abs());
        let zeros = if mantissa == 0 { exponent.unsigned_abs() } else { zeros };
        top >>= zeros;
        bottom <<= exponent.unsigned_abs() - zeros;
    }
    let top = if number < 0.0 { -top } else { top };
    Ok(vm.tuple(vec![vm.int_of_big(top), vm.int_of_big(bottom)]))
}

/// `float.hex()`
fn hex(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return format!("{sign}inf");
    }
    if number == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (first, exponent) = if exponent == 0 { (0, -1022) } else { (1, exponent - 1023) };
    format!("{sign}0x{first}.{fraction:013x}p{exponent:+}")
}

/// `float.fromhex`: the number, where the text is one.
fn from_hex(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let sign = |number: f64| if negative { -number } else { number };
    match text {
        "inf" | "infinity" => return Some(sign(f64::INFINITY)),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    let text = text.strip_prefix("0x").unwrap_or(text);
    let (digits, exponent) = match text.split_once('p') {
        Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let all = BigInt::parse_bytes(format!("{whole}{part}").as_bytes(), 16)?;
    let shift = exponent.checked_sub(4 * part.len() as i64)?;
    if all == BigInt::ZERO {
        return Some(sign(0.0));
    }
    let top = all.bits() as i64 + shift;
    if top > 1024 {
        return Some(f64::INFINITY);
    }
    if top < -1080 {
        return Some(sign(0.0));
    }
    let number = if shift >= 0 {
        (all << shift as u64).to_f64()?
    } else {
        pyrsc::value::int::quotient(&all, &(BigInt::from(1) << shift.unsigned_abs()))?
    };
    Some(sign(number))
}

const FLOAT: &[(&str, NativeFn)] = &[
    ("as_integer_ratio", |vm, args| {
        let it = method(vm, "as_integer_ratio", args, 0, 0)?.0;
        ratio(vm, vm.as_float(it).unwrap_or(0.0))
    }),
    ("conjugate", |vm, args| {
        let it = method(vm, "conjugate", args, 0, 0)?.0;
        Ok(vm.float(vm.as_float(it).unwrap_or(0.0)))
    }),
    ("hex", |vm, args| {
        let it = method(vm, "hex", args, 0, 0)?.0;
        Ok(vm.str(&hex(vm.as_float(it).unwrap_or(0.0))))
    }),
    ("__getnewargs__", |vm, args| {
        let it = method(vm, "__getnewargs__", args, 0, 0)?.0;
        Ok(vm.tuple(vec![vm.float(vm.as_float(it).unwrap_or(0.0))]))
    }),
];

/// The complex number that an argument is.
pub(crate) fn complex_number(vm: &Vm, value: &Value) -> R<Complex> {
    match super::conversions::complex_or_none(vm, value)? {
        Some(number) => Ok(number),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("must be real number, not {got}")))
        }
    }
}

const COMPLEX: &[(&str, NativeFn)] = &[
    ("conjugate", |vm, args| {
        let it = method(vm, "conjugate", args, 0, 0)?.0;
        let Some(&Complex { re, im }) = it.get::<Complex>() else { return Ok(it.clone()) };
        Ok(allocate(vm, &vm.types.complex, Complex { re, im: -im }))
    }),
    ("__complex__", |vm, args| {
        let it = method(vm, "__complex__", args, 0, 0)?.0;
        let Some(&number) = it.get::<Complex>() else { return Ok(it.clone()) };
        Ok(allocate(vm, &vm.types.complex, number))
    }),
    ("__abs__", |vm, args| {
        let it = method(vm, "__abs__", args, 0, 0)?.0;
        let Some(&Complex { re, im }) = it.get::<Complex>() else { return Ok(it.clone()) };
        let size = re.hypot(im);
        if size.is_infinite() && re.is_finite() && im.is_finite() {
            return Err(vm.raise(Exc::OverflowError, "absolute value too large"));
        }
        Ok(vm.float(size))
    }),
    ("__neg__", |vm, args| {
        let it = method(vm, "__neg__", args, 0, 0)?.0;
        let Some(&Complex { re, im }) = it.get::<Complex>() else { return Ok(it.clone()) };
        Ok(allocate(vm, &vm.types.complex, Complex { re: -re, im: -im }))
    }),
    ("__pos__", |vm, args| {
        let it = method(vm, "__pos__", args, 0, 0)?.0;
        let Some(&number) = it.get::<Complex>() else { return Ok(it.clone()) };
        Ok(allocate(vm, &vm.types.complex, number))
    }),
    ("__bool__", |vm, args| {
        let it = method(vm, "__bool__", args, 0, 0)?.0;
        Ok(it.get::<Complex>().map_or(FALSE, |it| Value::bool(it.re != 0.0 || it.im != 0.0)))
    }),
    ("__getnewargs__", |vm, args| {
        let it = method(vm, "__getnewargs__", args, 0, 0)?.0;
        let Some(&Complex { re, im }) = it.get::<Complex>() else { return Ok(vm.tuple(Vec::new())) };
        Ok(vm.tuple(vec![vm.float(re), vm.float(im)]))
    }),
];

impl Vm {
    /// Arithmetic with a complex number; `None` where it is none.
    pub(crate) fn complex_arithmetic(&self, a: &Value, b: &Value, kind: u32) -> R<Option<Value>> {
        let part = |value: &Value| -> R<Option<Complex>> {
            if let Some(&number) = value.get::<Complex>() {
                return Ok(Some(number));
            }
            if let Some(number) = self.as_float(value) {
                return Ok(Some(Complex { re: number, im: 0.0 }));
            }
            match self.as_big(value) {
                Some(number) => Ok(Some(Complex { re: self.big_to_float(&number)?, im: 0.0 })),
                None => Ok(None),
            }
        };
        let (Some(x), Some(y)) = (part(a)?, part(b)?) else { return Ok(None) };
        let real = (a.get::<Complex>().is_none(), b.get::<Complex>().is_none());
        let made = match kind {
            0 => Complex {
                re: x.re + y.re,
                im: match real {
                    (true, _) => y.im,
                    (_, true) => x.im,
                    _ => x.im + y.im,
                },
            },
            10 => Complex {
                re: x.re - y.re,
                im: match real {
                    (true, _) => -y.im,
                    (_, true) => x.im,
                    _ => x.im - y.im,
                },
            },
            5 => match real {
                (true, _) => Complex { re: x.re * y.re, im: x.re * y.im },
                (_, true) => Complex { re: x.re * y.re, im: x.im * y.re },
                _ => multiply(x, y),
            },
            11 => match if real.0 { divide_real(x.re, y) } else { divide(x, y, real.1) } {
                Some(made) => made,
                None => return Err(self.raise(Exc::ZeroDivisionError, "division by zero")),
            },
            8 => match power(x, y) {
                Some(made) if made.re.is_infinite() || made.im.is_infinite() => {
                    let finite = [x.re, x.im, y.re, y.im].iter().all(|it| it.is_finite());
                    if finite {
                        return Err(self.raise(Exc::OverflowError, "complex exponentiation"));
                    }
                    made
                }
                Some(made) => made,
                None => {
                    let message = "zero to a negative or complex power";
                    return Err(self.raise(Exc::ZeroDivisionError, message));
                }
            },
            _ => return Ok(None),
        };
        Ok(Some(allocate(self, &self.types.complex, made)))
    }
}

pub(crate) fn divide(a: Complex, b: Complex, real: bool) -> Option<Complex> {
    if b.re == 0.0 && b.im == 0.0 {
        return None;
    }
    if real {
        return Some(Complex { re: a.re / b.re, im: a.im / b.re });
    }
    let made = if b.re.abs() >= b.im.abs() {
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        Complex { re: (a.re + a.im * ratio) / denominator, im: (a.im - a.re * ratio) / denominator }
    } else {
        let ratio = b.re / b.im;
        let denominator = b.re * ratio + b.im;
        Complex { re: (a.re * ratio + a.im) / denominator, im: (a.im * ratio - a.re) / denominator }
    };
    if !made.re.is_nan() || !made.im.is_nan() {
        return Some(made);
    }
    let infinite = |it: Complex| it.re.is_infinite() || it.im.is_infinite();
    let finite = |it: Complex| it.re.is_finite() && it.im.is_finite();
    Some(if infinite(a) && finite(b) {
        let a = boxed(a);
        Complex {
            re: f64::INFINITY * (a.re * b.re + a.im * b.im),
            im: f64::INFINITY * (a.im * b.re - a.re * b.im),
        }
    } else if infinite(b) && finite(a) {
        let b = boxed(b);
        Complex { re: 0.0 * (a.re * b.re + a.im * b.im), im: 0.0 * (a.im * b.re - a.re * b.im) }
    } else {
        made
    })
}

/// The corner of a box that an infinite number lies behind: infinite parts are ones, others zeros.
fn boxed(it: Complex) -> Complex {
    let part = |it: f64| if it.is_infinite() { 1f64.copysign(it) } else { 0f64.copysign(it) };
    Complex { re: part(it.re), im: part(it.im) }
}

/// A product; one with an infinite factor is infinite, whatever NaNs there are (C99, annex G).
fn multiply(x: Complex, y: Complex) -> Complex {
    let made = Complex { re: x.re * y.re - x.im * y.im, im: x.re * y.im + x.im * y.re };
    if !made.re.is_nan() || !made.im.is_nan() {
        return made;
    }
    let zeroed = |it: Complex| {
        let part = |it: f64| if it.is_nan() { 0f64.copysign(it) } else { it };
        Complex { re: part(it.re), im: part(it.im) }
    };
    let infinite = |it: Complex| it.re.is_infinite() || it.im.is_infinite();
    let (mut a, mut b) = (x, y);
    if infinite(x) {
        (a, b) = (boxed(a), zeroed(b));
    }
    if infinite(y) {
        (a, b) = (zeroed(a), boxed(b));
    }
    let overflown = [x.re * y.re, x.im * y.im, x.re * y.im, x.im * y.re].iter().any(|it| it.is_infinite());
    if !infinite(x) && !infinite(y) {
        if !overflown {
            return made;
        }
        (a, b) = (zeroed(a), zeroed(b));
    }
    Complex {
        re: f64::INFINITY * (a.re * b.re - a.im * b.im),
        im: f64::INFINITY * (a.re * b.im + a.im * b.re),
    }
}

/// A real number by a complex one.
fn divide_real(a: f64, b: Complex) -> Option<Complex> {
    if b.re == 0.0 && b.im == 0.0 {
        return None;
    }
    let made = if b.re.abs() >= b.im.abs() {
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        Complex { re: a / denominator, im: (-a * ratio) / denominator }
    } else {
        let ratio = b.re / b.im;
        let denominator = b.re * ratio + b.im;
        Complex { re: (a * ratio) / denominator, im: -a / denominator }
    };
    let infinite = b.re.is_infinite() || b.im.is_infinite();
    if made.re.is_nan() && made.im.is_nan() && infinite && a.is_finite() {
        let b = boxed(b);
        return Some(Complex { re: 0.0 * (a * b.re), im: 0.0 * (-a * b.im) });
    }
    Some(made)
}

pub(crate) fn power(a: Complex, b: Complex) -> Option<Complex> {
    let multiply =
        |a: Complex, b: Complex| Complex { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
    let one = Complex { re: 1.0, im: 0.0 };
    if b.re == 0.0 && b.im == 0.0 {
        return Some(one);
    }
    if a.re == 0.0 && a.im == 0.0 {
        return (b.im == 0.0 && b.re > 0.0).then_some(Complex { re: 0.0, im: 0.0 });
    }
    if b.im == 0.0 && b.re.fract() == 0.0 && b.re.abs() <= 100.0 {
        let mut left = b.re.abs() as u32;
        let (mut result, mut square) = (one, a);
        while left > 0 {
            if left & 1 == 1 {
                result = multiply(result, square);
            }
            left >>= 1;
            square = multiply(square, square);
        }
        return if b.re < 0.0 { divide(one, result, false) } else { Some(result) };
    }
    let size = a.re.hypot(a.im);
    let angle = a.im.atan2(a.re);
    let (mut length, mut turn) = (size.powf(b.re), angle * b.re);
    if b.im != 0.0 {
        length /= (angle * b.im).exp();
        turn += b.im * size.ln();
    }
    Some(Complex { re: length * turn.cos(), im: length * turn.sin() })
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(vm, &t.int, "int", INT);
    vm.class_method(&t.int, "int", "from_bytes", from_bytes);
    methods(vm, &t.float, "float", FLOAT);
    methods(vm, &t.complex, "complex", COMPLEX);
    vm.class_method(&t.float, "float", "fromhex", |vm, args| {
        let (class, rest) = method(vm, "fromhex", args, 1, 1)?;
        if rest[0].get::<Str>().is_none() {
            return Err(vm.type_error("bad argument type for built-in operation"));
        }
        match from_hex(&vm.text_of(&rest[0])) {
            Some(number)
                if number.is_infinite() && !vm.text_of(&rest[0]).to_ascii_lowercase().contains("inf") =>
            {
                Err(vm.raise(Exc::OverflowError, "hexadecimal value too large to represent as a float"))
            }
            Some(number) if class.is(vm.types.float.value()) => Ok(vm.float(number)),
            Some(number) => vm.call_with(class, &[vm.float(number)]),
            None => Err(vm.value_error("invalid hexadecimal floating-point string")),
        }
    });
    vm.class_method(&t.float, "float", "__getformat__", |vm, args| {
        let (_, rest) = method(vm, "__getformat__", args, 1, 1)?;
        if rest[0].get::<Str>().is_none() {
            let got = vm.type_name(&rest[0]);
            return Err(vm.type_error(format!("__getformat__() argument must be str, not {got}")));
        }
        match vm.text_of(&rest[0]).as_str() {
            "double" | "float" => Ok(vm.str("IEEE, little-endian")),
            _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
        }
    });
}
