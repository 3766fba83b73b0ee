//! Built-in functions of numbers: `sum`, `min`, `max`, `pow`, `divmod`, `round`.

use super::positional;
use crate::builtins::exceptions::Exc;
use crate::modules::native::{index, parse};
use crate::object::callable::Args;
use crate::object::{Bytearray, Bytes, Complex, Str};
use crate::value::Value;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{FromPrimitive, Signed, ToPrimitive};

/// A sum of floats with what rounding lost (Neumaier).
#[derive(Clone, Copy)]
struct Sum {
    high: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, more: f64) {
        let next = self.high + more;
        self.lost +=
            if self.high.abs() >= more.abs() { (self.high - next) + more } else { (more - next) + self.high };
        self.high = next;
    }

    /// The sum; the correction is left out where it is none.
    fn total(self) -> f64 {
        if self.lost != 0.0 && self.lost.is_finite() { self.high + self.lost } else { self.high }
    }
}

/// What is summed up so far.
enum Total {
    Any(Value),
    Float(Sum),
    Complex(Sum, Sum),
}

const fn started(high: f64) -> Sum {
    Sum { high, lost: 0.0 }
}

impl Total {
    fn of(vm: &Vm, value: Value) -> Total {
        let class = vm.type_of(&value);
        if class.is_exactly(&vm.types.float) {
            return Total::Float(started(vm.as_float(&value).unwrap_or(0.0)));
        }
        match value.get::<Complex>() {
            Some(it) if class.is_exactly(&vm.types.complex) => Total::Complex(started(it.re), started(it.im)),
            _ => Total::Any(value),
        }
    }

    fn value(self, vm: &Vm) -> Value {
        match self {
            Total::Any(value) => value,
            Total::Float(sum) => vm.float(sum.total()),
            Total::Complex(re, im) => {
                let made = Complex { re: re.total(), im: im.total() };
                crate::heap::allocate(vm, &vm.types.complex, made)
            }
        }
    }

    fn add(self, vm: &Vm, value: &Value) -> R<Total> {
        if let Total::Any(total) = &self
            && Value::both_small(total, value)
            && let Some(sum) = Value::add_small(total, value)
        {
            return Ok(Total::Any(sum));
        }
        let class = vm.type_of(value);
        let float = if class.is_exactly(&vm.types.float) { vm.as_float(value) } else { None };
        let int = || if class.is_exactly(&vm.types.int) { vm.as_i64(value) } else { None };
        match self {
            Total::Any(total) => return Ok(Total::of(vm, vm.binary(&total, value, 0)?)),
            Total::Float(mut sum) => {
                if let Some(more) = float {
                    sum.add(more);
                    return Ok(Total::Float(sum));
                }
                if let Some(more) = int() {
                    sum.add(more as f64);
                    return Ok(Total::Float(sum));
                }
            }
            Total::Complex(mut re, mut im) => {
                let number = value.get::<Complex>().filter(|_| class.is_exactly(&vm.types.complex));
                if let Some(number) = number {
                    re.add(number.re);
                    im.add(number.im);
                    return Ok(Total::Complex(re, im));
                }
                if let Some(more) = float {
                    re.add(more);
                    return Ok(Total::Complex(re, im));
                }
                if let Some(more) = int() {
                    re.add(more as f64);
                    return Ok(Total::Complex(re, im));
                }
            }
        }
        Ok(Total::Any(vm.binary(&self.value(vm), value, 0)?))
    }
}

/// `sum(iterable, start=0)`
pub(super) fn sum(vm: &Vm, args: Args<'_>) -> R {
    if args.values.len() == args.names.len() {
        return Err(vm.type_error("sum() takes at least 1 positional argument (0 given)"));
    }
    let [iterable, start] = parse(vm, "sum", args, ["", "start"], 1)?;
    let start = start.cloned().unwrap_or(Value::from_i32(0));
    let refused = if start.get::<Str>().is_some() {
        Some("strings [use ''.join(seq) instead]")
    } else if start.get::<Bytes>().is_some() {
        Some("bytes [use b''.join(seq) instead]")
    } else if start.get::<Bytearray>().is_some() {
        Some("bytearray [use b''.join(seq) instead]")
    } else {
        None
    };
    if let Some(refused) = refused {
        return Err(vm.type_error(format!("sum() can't sum {refused}")));
    }
    let iterator = vm.iter(iterable.unwrap_or(&start))?;
    let mut total = Total::of(vm, start);
    while let Some(value) = vm.next(&iterator)? {
        total = total.add(vm, &value)?;
    }
    Ok(total.value(vm))
}

/// `min` and `max`
pub(super) fn extreme(vm: &Vm, name: &str, args: Args<'_>, op: u32) -> R {
    if args.names.is_empty()
        && let [a, b] = args.values
        && Value::both_small(a, b)
    {
        // The first one, where they are equal.
        let second =
            if op == 0 { (b.word() as i64) < a.word() as i64 } else { b.word() as i64 > a.word() as i64 };
        return Ok(if second { b.clone() } else { a.clone() });
    }
    if args.values.len() == args.names.len() {
        return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0")));
    }
    let (values, [key, default]) = super::make::only_named(vm, name, args, ["key", "default"])?;
    let items = match values {
        [iterable] => vm.collect(iterable)?,
        _ if default.is_some() => {
            let message = format!("Cannot specify a default for {name}() with multiple positional arguments");
            return Err(vm.type_error(message));
        }
        _ => values.to_vec(),
    };
    let key = key.filter(|it| !it.is_none());
    let mut best: Option<(Value, Value)> = None;
    for item in items {
        let rank = match key {
            Some(key) => vm.call_with(key, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        let better = match &best {
            Some((_, other)) => {
                let answer = vm.compare(&rank, other, op)?;
                vm.truth(&answer)?
            }
            None => true,
        };
        if better {
            best = Some((item, rank));
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.value_error(format!("{name}() iterable argument is empty"))),
    }
}

/// `divmod(a, b)`
pub(super) fn divmod(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "divmod", args, 2, 2)?;
    let (a, b) = (&values[0], &values[1]);
    let (left, right) = (vm.type_of(a), vm.type_of(b));
    let mut asked = vec![(a, "__divmod__", b), (b, "__rdivmod__", a)];
    if !left.is_exactly(right) && right.is_subtype(left) {
        asked.reverse();
    }
    if left.is_exactly(right) {
        asked.truncate(1);
    }
    for (of, name, other) in asked {
        if let Some(method) = vm.lookup_special(of, &vm.intern(name)) {
            let args = Args { values: std::slice::from_ref(other), names: &[] };
            let made = vm.call_bound(&method, of, args)?;
            if !made.is_not_implemented() {
                return Ok(made);
            }
        }
    }
    let (left, right) = (vm.type_name(a), vm.type_name(b));
    Err(vm.type_error(format!("unsupported operand type(s) for divmod(): '{left}' and '{right}'")))
}

/// `pow(base, exp, mod=None)`
pub(super) fn pow(vm: &Vm, args: Args<'_>) -> R {
    let [base, exponent, modulus] = parse(vm, "pow", args, ["base", "exp", "mod"], 2)?;
    let (Some(base), Some(exponent)) = (base, exponent) else {
        return Err(vm.type_error("pow() missing required argument"));
    };
    let Some(modulus) = modulus.filter(|it| !it.is_none()) else {
        return vm.binary(base, exponent, 8);
    };
    // A class of the program's own says what its powers are.
    if Vm::is_made_by_program(vm.type_of(base))
        && let Some(method) = vm.lookup_special(base, &vm.names.pow)
        && !method.is_layouts_own()
    {
        let values = [exponent.clone(), modulus.clone()];
        let result = vm.call_bound(&method, base, Args { values: &values, names: &[] })?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if Vm::is_made_by_program(vm.type_of(exponent))
        && !std::ptr::eq(vm.type_of(base), vm.type_of(exponent))
        && let Some(method) = vm.lookup_special(exponent, &vm.names.rpow)
        && !method.is_layouts_own()
    {
        let values = [base.clone(), modulus.clone()];
        let result = vm.call_bound(&method, exponent, Args { values: &values, names: &[] })?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    power_of(vm, base, exponent, modulus)
}

/// A power of ints by a modulus.
pub(super) fn power_of(vm: &Vm, base: &Value, exponent: &Value, modulus: &Value) -> R {
    if [base, exponent, modulus].iter().any(|it| it.get::<Complex>().is_some()) {
        return Err(vm.value_error("complex modulo"));
    }
    let (Some(number), Some(power), Some(modulo)) =
        (vm.as_big(base), vm.as_big(exponent), vm.as_big(modulus))
    else {
        let number = |it: &Value| vm.as_big(it).is_some() || vm.as_float(it).is_some();
        if number(base) && number(exponent) && number(modulus) {
            let message = "pow() 3rd argument not allowed unless all arguments are integers";
            return Err(vm.type_error(message));
        }
        let [a, b, c] = [base, exponent, modulus].map(|it| vm.type_name(it));
        let message = format!("unsupported operand type(s) for ** or pow(): '{a}', '{b}', '{c}'");
        return Err(vm.type_error(message));
    };
    if modulo == BigInt::ZERO {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    let (number, power) = if power.is_negative() {
        match number.modinv(&modulo) {
            Some(inverse) => (inverse, -power),
            None => return Err(vm.value_error("base is not invertible for the given modulus")),
        }
    } else {
        (number, power)
    };
    Ok(vm.int_of_big(number.modpow(&power, &modulo)))
}

/// `round(number, ndigits=None)`
pub(super) fn round(vm: &Vm, args: Args<'_>) -> R {
    let [value, digits] = parse(vm, "round", args, ["number", "ndigits"], 1)?;
    let Some(value) = value else { return Err(vm.type_error("round() missing required argument")) };
    let digits = digits.filter(|it| !it.is_none());
    let class = vm.type_of(value);
    if Vm::is_made_by_program(class)
        && let Some(method) = vm.lookup_special(value, &vm.names.round)
        && !method.is_layouts_own()
    {
        let rest: Vec<Value> = digits.cloned().into_iter().collect();
        return vm.call_bound(&method, value, Args { values: &rest, names: &[] });
    }
    if let Some(number) = vm.as_float(value) {
        return match digits {
            None => super::make::int_of_float(vm, number.round_ties_even()),
            Some(digits) => round_float(vm, number, places(vm, digits)?),
        };
    }
    if let Some(number) = vm.as_big(value) {
        let digits = match digits {
            Some(digits) => places(vm, digits)?,
            None => 0,
        };
        return Ok(round_int(vm, number, digits));
    }
    match vm.lookup_special(value, &vm.names.round) {
        Some(method) => {
            let rest: Vec<Value> = digits.cloned().into_iter().collect();
            vm.call_bound(&method, value, Args { values: &rest, names: &[] })
        }
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("type {name} doesn't define __round__ method")))
        }
    }
}

/// How many digits; a number that no word holds is as good as the largest that one does.
fn places(vm: &Vm, digits: &Value) -> R<i64> {
    match vm.index_number(digits)? {
        Some(number) if number.is_negative() => Ok(number.to_i64().unwrap_or(i64::MIN)),
        Some(number) => Ok(number.to_i64().unwrap_or(i64::MAX)),
        None => index(vm, digits),
    }
}

fn round_int(vm: &Vm, number: BigInt, digits: i64) -> Value {
    if digits >= 0 {
        return vm.int_of_big(number);
    }
    // Beyond the number's own digits, nothing is left of it.
    let known = number.bits() / 3 + 2;
    if digits.unsigned_abs() > known {
        return vm.int(0);
    }
    let scale = BigInt::from(10).pow(digits.unsigned_abs() as u32);
    vm.int_of_big(nearest(&number, &scale) * scale)
}

/// The quotient rounded to the nearest int, half to even; the divisor is positive.
fn nearest(number: &BigInt, divisor: &BigInt) -> BigInt {
    let (quotient, rest) = number.div_mod_floor(divisor);
    let twice: BigInt = rest * 2;
    let up = match twice.cmp(divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient.is_odd(),
    };
    quotient + i32::from(up)
}

fn round_float(vm: &Vm, number: f64, digits: i64) -> R {
    if !number.is_finite() || number == 0.0 || digits > 323 {
        return Ok(vm.float(number));
    }
    if digits < -308 {
        return Ok(vm.float(0f64.copysign(number)));
    }
    let rounded = if digits >= 0 {
        // Rust rounds decimal texts correctly, half to even on the exact value, as CPython's dtoa.
        format!("{number:.*}", digits as usize).parse().unwrap_or(number)
    } else {
        // A number with a fraction is not half way, whichever its whole part is.
        let whole = BigInt::from_f64(number.trunc()).unwrap_or_default();
        let sticky = i32::from(number.fract() != 0.0) * if number < 0.0 { -1 } else { 1 };
        let scale = BigInt::from(10).pow(digits.unsigned_abs() as u32);
        let made = nearest(&(whole * 4 + sticky), &(&scale * 4)) * scale;
        made.to_f64().unwrap_or(f64::INFINITY).abs().copysign(number)
    };
    if rounded.is_infinite() {
        return Err(vm.raise(Exc::OverflowError, "rounded value too large to represent"));
    }
    Ok(vm.float(rounded))
}
