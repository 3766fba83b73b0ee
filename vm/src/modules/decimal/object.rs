//! `Decimal`.

use super::context::{self, Context, chosen, current};
use super::digits::Digits;
use super::number::status::*;
use super::number::{Kind, Number, Rounding, Rules};
use super::{TUPLE, convert, format};
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, parse, read_only, split_class};
use crate::object::callable::Args;
use crate::object::{Data, Str};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};
use std::cmp::Ordering;

impl Data for Number {
    fn operate(&self, vm: &Vm, a: &Value, b: &Value, op: u32) -> Option<R> {
        let work: Binary = match op {
            0 => Number::add,
            2 => Number::div_int,
            5 => Number::mul,
            6 => Number::rem,
            8 => Number::pow,
            10 => Number::sub,
            11 => Number::div,
            _ => return None,
        };
        let of = |it: &Value| it.as_small().map(convert::of_small);
        let finish = |a: &Number, b: &Number| {
            let context = current(vm)?;
            finish(vm, context::data(vm, &context)?, |rules, status| work(a, b, rules, status))
        };
        Some(match (a.data::<Number>(), b.data::<Number>()) {
            (Some(a), Some(b)) => finish(a, b),
            (Some(a), None) => finish(a, &of(b)?),
            (None, Some(b)) => finish(&of(a)?, b),
            (None, None) => return None,
        })
    }
}

/// An operation of two numbers.
pub(super) type Binary = fn(&Number, &Number, &Rules, &mut u32) -> Number;

pub(super) const AND: Binary = |a, b, rules, status| a.logical(b, rules, status, |a, b| a & b);
pub(super) const OR: Binary = |a, b, rules, status| a.logical(b, rules, status, |a, b| a | b);
pub(super) const XOR: Binary = |a, b, rules, status| a.logical(b, rules, status, |a, b| a ^ b);
pub(super) const MAX: Binary = |a, b, rules, status| a.extreme(b, Ordering::Greater, false, rules, status);
pub(super) const MIN: Binary = |a, b, rules, status| a.extreme(b, Ordering::Less, false, rules, status);
pub(super) const MAX_MAG: Binary = |a, b, rules, status| a.extreme(b, Ordering::Greater, true, rules, status);
pub(super) const MIN_MAG: Binary = |a, b, rules, status| a.extreme(b, Ordering::Less, true, rules, status);

impl Number {
    pub(super) fn is_normal(&self, rules: &Rules) -> bool {
        self.is_finite() && !self.digits.is_zero() && self.adjusted() >= rules.emin
    }

    pub(super) fn is_subnormal(&self, rules: &Rules) -> bool {
        self.is_finite() && !self.digits.is_zero() && self.adjusted() < rules.emin
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.kind == Kind::Quiet
    }

    pub(super) fn is_signaling(&self) -> bool {
        self.kind == Kind::Signaling
    }

    pub(super) fn same_quantum(&self, other: &Number) -> bool {
        if self.is_special() || other.is_special() {
            return self.is_nan() && other.is_nan() || self.is_infinite() && other.is_infinite();
        }
        self.exponent == other.exponent
    }
}

/// A `Decimal`.
pub(super) fn value_of(vm: &Vm, number: Number) -> Value {
    vm.custom(&DECIMAL, number)
}

/// A result in a context, which is told what happened.
pub(super) fn finish(vm: &Vm, context: &Context, work: impl FnOnce(&Rules, &mut u32) -> Number) -> R {
    let mut happened = 0;
    let made = work(&context.rules.get(), &mut happened);
    context.note(vm, happened)?;
    Ok(value_of(vm, made))
}

/// `divmod`
pub(super) fn finish_pair(vm: &Vm, context: &Context, a: &Number, b: &Number) -> R {
    let mut happened = 0;
    let (quotient, rest) = a.div_mod(b, &context.rules.get(), &mut happened);
    context.note(vm, happened)?;
    Ok(vm.tuple(vec![value_of(vm, quotient), value_of(vm, rest)]))
}

fn own<'a>(vm: &Vm, name: &str, it: &'a Value) -> R<&'a Number> {
    vm.own_data(name, it, &DECIMAL)
}

/// `self` and the other arguments.
fn receiver<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<(&'a Number, &'a Value, Args<'a>)> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    Ok((own(vm, name, it)?, it, Args { values, names: args.names }))
}

/// An operator; `swapped` says that `self` stands on the right.
fn operator(vm: &Vm, name: &str, args: Args<'_>, swapped: bool, op: Binary) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let mine = own(vm, name, it)?;
    let converted;
    let other = match values[0].data::<Number>() {
        Some(other) => other,
        None => match convert::of_int_value(vm, &values[0]) {
            Some(number) => {
                converted = number;
                &converted
            }
            None => return Ok(NOT_IMPLEMENTED),
        },
    };
    let context = current(vm)?;
    let (a, b) = if swapped { (other, mine) } else { (mine, other) };
    finish(vm, context::data(vm, &context)?, |rules, status| op(a, b, rules, status))
}

fn divmod(vm: &Vm, name: &str, args: Args<'_>, swapped: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let mine = own(vm, name, it)?;
    let Some(other) = convert::operand(vm, &values[0]) else { return Ok(NOT_IMPLEMENTED) };
    let context = current(vm)?;
    let context = context::data(vm, &context)?;
    if swapped { finish_pair(vm, context, &other, mine) } else { finish_pair(vm, context, mine, &other) }
}

fn power(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__pow__", args, 1, 2)?;
    let mine = own(vm, "__pow__", it)?;
    let Some(by) = convert::operand(vm, &values[0]) else { return Ok(NOT_IMPLEMENTED) };
    let context = current(vm)?;
    let context = context::data(vm, &context)?;
    match values.get(1).filter(|it| !it.is_none()) {
        Some(modulus) => {
            let Some(modulus) = convert::operand(vm, modulus) else { return Ok(NOT_IMPLEMENTED) };
            finish(vm, context, |rules, status| mine.pow_mod(&by, &modulus, rules, status))
        }
        None => finish(vm, context, |rules, status| mine.pow(&by, rules, status)),
    }
}

fn reflected_power(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__rpow__", args, 1, 2)?;
    let mine = own(vm, "__rpow__", it)?;
    let Some(base) = convert::operand(vm, &values[0]) else { return Ok(NOT_IMPLEMENTED) };
    let context = current(vm)?;
    let context = context::data(vm, &context)?;
    match values.get(1).filter(|it| !it.is_none()) {
        Some(modulus) => {
            let Some(modulus) = convert::operand(vm, modulus) else { return Ok(NOT_IMPLEMENTED) };
            finish(vm, context, |rules, status| base.pow_mod(mine, &modulus, rules, status))
        }
        None => finish(vm, context, |rules, status| base.pow(mine, rules, status)),
    }
}

/// An operator of one operand.
fn sign(vm: &Vm, name: &str, args: Args<'_>, negative: fn(&Number) -> bool) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    let mine = own(vm, name, it)?;
    let context = current(vm)?;
    finish(vm, context::data(vm, &context)?, |rules, status| mine.signed(negative(mine), rules, status))
}

/// A method of which the context is the only argument.
fn alone(vm: &Vm, name: &str, args: Args<'_>, op: fn(&Number, &Rules, &mut u32) -> Number) -> R {
    let (mine, _, args) = receiver(vm, name, args)?;
    let [context] = parse(vm, name, args, ["context"], 0)?;
    let context = chosen(vm, context)?;
    finish(vm, context::data(vm, &context)?, |rules, status| op(mine, rules, status))
}

/// A method of another number and a context.
fn together(vm: &Vm, name: &str, args: Args<'_>, op: Binary) -> R {
    let (mine, _, args) = receiver(vm, name, args)?;
    let [other, context] = parse(vm, name, args, ["other", "context"], 1)?;
    let context = chosen(vm, context)?;
    let other = convert::operand_or_raise(vm, other.unwrap_or(&NONE), None)?;
    finish(vm, context::data(vm, &context)?, |rules, status| op(mine, &other, rules, status))
}

/// A method without arguments that tells something of the number.
fn tells(vm: &Vm, name: &str, args: Args<'_>, of: fn(&Number) -> bool) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    Ok(Value::bool(of(own(vm, name, it)?)))
}

/// The same of a number in a context.
fn tells_in(vm: &Vm, name: &str, args: Args<'_>, of: fn(&Number, &Rules) -> bool) -> R {
    let (mine, _, args) = receiver(vm, name, args)?;
    let [context] = parse(vm, name, args, ["context"], 0)?;
    let context = chosen(vm, context)?;
    Ok(Value::bool(of(mine, &context::data(vm, &context)?.rules.get())))
}

fn compare(vm: &Vm, name: &str, args: Args<'_>, op: u32) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let mine = own(vm, name, it)?;
    let order = match values[0].data::<Number>() {
        Some(other) if mine.is_finite() && other.is_finite() => mine.order(other),
        _ => {
            let Some((a, b)) = convert::compared(vm, mine, &values[0], op)? else {
                return Ok(NOT_IMPLEMENTED);
            };
            if a.is_nan() || b.is_nan() {
                let signals = a.is_signaling() || b.is_signaling();
                if signals || !matches!(op, 2 | 3) {
                    let context = current(vm)?;
                    context::data(vm, &context)?.note(vm, INVALID_OPERATION)?;
                }
                return Ok(Value::bool(op == 3));
            }
            a.order(&b)
        }
    };
    Ok(Value::bool(match op {
        0 => order.is_lt(),
        1 => order.is_le(),
        2 => order.is_eq(),
        3 => order.is_ne(),
        4 => order.is_gt(),
        _ => order.is_ge(),
    }))
}

fn new(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [value, context] = parse(vm, "Decimal", args, ["value", "context"], 0)?;
    let plain = std::ptr::eq(class, &raw const **vm.own(&DECIMAL));
    let context = chosen(vm, context)?;
    let number = match value {
        None => Number::word(0),
        Some(value) if plain && value.data::<Number>().is_some() && is_plain(vm, value) => {
            return Ok(value.clone());
        }
        Some(value) => convert::number_exactly(vm, value, context::data(vm, &context)?)?,
    };
    Ok(vm.custom_of(class, number))
}

fn is_plain(vm: &Vm, value: &Value) -> bool {
    std::ptr::eq(vm.type_of(value), &raw const **vm.own(&DECIMAL))
}

/// A number as an object of the class that a class method was called of.
fn of_class(vm: &Vm, class: &Value, number: Number) -> R {
    let made = value_of(vm, number);
    match class.object::<crate::object::Type>() {
        Some(of) if std::ptr::eq(of, &raw const **vm.own(&DECIMAL)) => Ok(made),
        _ => vm.call_with(class, &[made]),
    }
}

fn from_number(vm: &Vm, args: Args<'_>) -> R {
    let (class, values) = method(vm, "from_number", args, 1, 1)?;
    let value = &values[0];
    let known = vm.as_number(value).is_some() || value.data::<Number>().is_some();
    let number = if known {
        let context = current(vm)?;
        let float = vm.as_float(value);
        match float {
            Some(float) => convert::of_float(float),
            None => convert::number_exactly(vm, value, context::data(vm, &context)?)?,
        }
    } else if let Some(method) =
        vm.lookup_special(value, &vm.intern("as_integer_ratio")).filter(|_| value.get::<Str>().is_none())
    {
        let pair = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
        let row = vm.collect(&pair)?;
        let [numerator, denominator] = &row[..] else {
            return Err(vm.value_error("argument must be a pair"));
        };
        let context = current(vm)?;
        let part = |it: &Value| convert::operand_or_raise(vm, it, None);
        let (a, b) = (part(numerator)?, part(denominator)?);
        let made = finish(vm, context::data(vm, &context)?, |rules, status| a.div(&b, rules, status))?;
        own(vm, "from_number", &made)?.clone()
    } else {
        return Err(vm.type_error(format!("Cannot convert {} to Decimal", vm.repr_text(value)?)));
    };
    of_class(vm, class, number)
}

fn quantize(vm: &Vm, args: Args<'_>) -> R {
    let (mine, _, args) = receiver(vm, "quantize", args)?;
    let [like, rounding, context] = parse(vm, "quantize", args, ["exp", "rounding", "context"], 1)?;
    let context = chosen(vm, context)?;
    let context = context::data(vm, &context)?;
    let like = match like.and_then(|it| it.data::<Number>()) {
        Some(like) => like.clone(),
        None => convert::operand_or_raise(vm, like.unwrap_or(&NONE), None)?,
    };
    let rounding = rounding_or(vm, rounding, context)?;
    finish(vm, context, |rules, status| mine.quantize(&like, &rules.rounding(rounding), status))
}

fn rounding_or(vm: &Vm, argument: Option<&Value>, context: &Context) -> R<Rounding> {
    match argument.filter(|it| !it.is_none()) {
        Some(name) => context::rounding_of(vm, name),
        None => Ok(context.rules.get().rounding),
    }
}

fn to_integral(vm: &Vm, name: &str, args: Args<'_>, exact: bool) -> R {
    let (mine, _, args) = receiver(vm, name, args)?;
    let [rounding, context] = parse(vm, name, args, ["rounding", "context"], 0)?;
    let context = chosen(vm, context)?;
    let context = context::data(vm, &context)?;
    let rounding = rounding_or(vm, rounding, context)?;
    finish(vm, context, |rules, status| mine.to_integral(&rules.rounding(rounding), exact, status))
}

fn round(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__round__", args, 0, 1)?;
    let mine = own(vm, "__round__", it)?;
    let Some(places) = values.first().filter(|it| !it.is_none()) else {
        return convert::to_int(vm, mine, Rounding::HalfEven);
    };
    let places = match vm.as_i64(places) {
        Some(places) => places,
        None if vm.as_big(places).is_some() => {
            return Err(vm.raise(Exc::OverflowError, "Python int too large to convert to C ssize_t"));
        }
        None => return Err(vm.type_error("optional arg must be an integer")),
    };
    let like = Number::finite(false, Digits::ONE, places.checked_neg().unwrap_or(i64::MAX));
    let context = current(vm)?;
    let context = context::data(vm, &context)?;
    finish(vm, context, |rules, status| mine.quantize(&like, rules, status))
}

fn whole(vm: &Vm, name: &str, args: Args<'_>, rounding: Rounding) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    convert::to_int(vm, own(vm, name, it)?, rounding)
}

fn as_tuple(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "as_tuple", args, 0, 0)?;
    let mine = own(vm, "as_tuple", it)?;
    let text = match mine.is_nan() && mine.digits.is_zero() {
        true => String::new(),
        false => mine.digits.to_string(),
    };
    let digits = text.bytes().map(|digit| vm.int((digit - b'0').into())).collect();
    let exponent = match mine.kind {
        Kind::Finite => vm.int(mine.exponent),
        Kind::Infinite => vm.intern("F"),
        Kind::Quiet => vm.intern("n"),
        Kind::Signaling => vm.intern("N"),
    };
    let row = [vm.int(mine.negative.into()), vm.tuple(digits), exponent];
    vm.call_with(&vm.decimal_part(TUPLE), &row)
}

fn text(vm: &Vm, name: &str, args: Args<'_>) -> R {
    let (it, _) = method(vm, name, args, 0, 0)?;
    let mine = own(vm, name, it)?;
    let context = current(vm)?;
    let shown = mine.to_text(false, context::data(vm, &context)?.capitals.get());
    Ok(vm.str(&if name == "__repr__" { format!("Decimal('{shown}')") } else { shown }))
}

/// A method that gives the number itself.
fn itself(vm: &Vm, name: &str, args: Args<'_>) -> R {
    let (it, _) = method(vm, name, args, 0, 1)?;
    own(vm, name, it)?;
    Ok(it.clone())
}

pub(super) static DECIMAL: Spec = Spec {
    derivable: true,
    doc: "Construct a new Decimal object. 'value' can be an integer, string, tuple,\nor another Decimal object. If no \
        value is given, return Decimal('0'). The\ncontext does not affect the conversion and is only passed to \
        determine if\nthe InvalidOperation trap is active.\n\n",
    methods: &[
        ("__new__", new),
        ("__repr__", |vm, args| text(vm, "__repr__", args)),
        ("__str__", |vm, args| text(vm, "__str__", args)),
        ("__format__", format::format),
        ("__hash__", |vm, args| {
            let (it, _) = method(vm, "__hash__", args, 0, 0)?;
            let hash = convert::hash(vm, own(vm, "__hash__", it)?)?;
            Ok(vm.int(hash.unwrap_or_else(|| it.identity().rotate_right(4) as i64)))
        }),
        ("__bool__", |vm, args| tells(vm, "__bool__", args, |it| !it.is_zero())),
        ("__lt__", |vm, args| compare(vm, "__lt__", args, 0)),
        ("__le__", |vm, args| compare(vm, "__le__", args, 1)),
        ("__eq__", |vm, args| compare(vm, "__eq__", args, 2)),
        ("__ne__", |vm, args| compare(vm, "__ne__", args, 3)),
        ("__gt__", |vm, args| compare(vm, "__gt__", args, 4)),
        ("__ge__", |vm, args| compare(vm, "__ge__", args, 5)),
        ("__abs__", |vm, args| sign(vm, "__abs__", args, |_| false)),
        ("__neg__", |vm, args| sign(vm, "__neg__", args, |it| !it.negative)),
        ("__pos__", |vm, args| sign(vm, "__pos__", args, |it| it.negative)),
        ("__add__", |vm, args| operator(vm, "__add__", args, false, Number::add)),
        ("__radd__", |vm, args| operator(vm, "__radd__", args, true, Number::add)),
        ("__sub__", |vm, args| operator(vm, "__sub__", args, false, Number::sub)),
        ("__rsub__", |vm, args| operator(vm, "__rsub__", args, true, Number::sub)),
        ("__mul__", |vm, args| operator(vm, "__mul__", args, false, Number::mul)),
        ("__rmul__", |vm, args| operator(vm, "__rmul__", args, true, Number::mul)),
        ("__truediv__", |vm, args| operator(vm, "__truediv__", args, false, Number::div)),
        ("__rtruediv__", |vm, args| operator(vm, "__rtruediv__", args, true, Number::div)),
        ("__floordiv__", |vm, args| operator(vm, "__floordiv__", args, false, Number::div_int)),
        ("__rfloordiv__", |vm, args| operator(vm, "__rfloordiv__", args, true, Number::div_int)),
        ("__mod__", |vm, args| operator(vm, "__mod__", args, false, Number::rem)),
        ("__rmod__", |vm, args| operator(vm, "__rmod__", args, true, Number::rem)),
        ("__divmod__", |vm, args| divmod(vm, "__divmod__", args, false)),
        ("__rdivmod__", |vm, args| divmod(vm, "__rdivmod__", args, true)),
        ("__pow__", power),
        ("__rpow__", reflected_power),
        ("__int__", |vm, args| whole(vm, "__int__", args, Rounding::Down)),
        ("__trunc__", |vm, args| whole(vm, "__trunc__", args, Rounding::Down)),
        ("__floor__", |vm, args| whole(vm, "__floor__", args, Rounding::Floor)),
        ("__ceil__", |vm, args| whole(vm, "__ceil__", args, Rounding::Ceiling)),
        ("__round__", round),
        ("__float__", |vm, args| {
            let (it, _) = method(vm, "__float__", args, 0, 0)?;
            Ok(vm.float(convert::to_float(vm, own(vm, "__float__", it)?)?))
        }),
        ("__complex__", |vm, args| {
            let (it, _) = method(vm, "__complex__", args, 0, 0)?;
            let re = convert::to_float(vm, own(vm, "__complex__", it)?)?;
            vm.call_with(vm.types.complex.value(), &[vm.float(re)])
        }),
        ("__copy__", |vm, args| itself(vm, "__copy__", args)),
        ("__deepcopy__", |vm, args| itself(vm, "__deepcopy__", args)),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let shown = vm.str(&own(vm, "__reduce__", it)?.to_text(false, true));
            Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(vec![shown])]))
        }),
        ("__sizeof__", |vm, args| {
            let (it, _) = method(vm, "__sizeof__", args, 0, 0)?;
            // CPython keeps 19 digits in a word, and four words in the object.
            let words = own(vm, "__sizeof__", it)?.digits.count().div_ceil(19);
            Ok(vm.int(104 + if words > 4 { words as i64 * 8 } else { 0 }))
        }),
        ("adjusted", |vm, args| {
            let (it, _) = method(vm, "adjusted", args, 0, 0)?;
            let mine = own(vm, "adjusted", it)?;
            Ok(vm.int(if mine.is_special() { 0 } else { mine.adjusted() }))
        }),
        ("as_integer_ratio", |vm, args| {
            let (it, _) = method(vm, "as_integer_ratio", args, 0, 0)?;
            convert::ratio(vm, own(vm, "as_integer_ratio", it)?)
        }),
        ("as_tuple", as_tuple),
        ("canonical", |vm, args| {
            let (it, _) = method(vm, "canonical", args, 0, 0)?;
            Ok(it.clone())
        }),
        ("conjugate", |vm, args| {
            let (it, _) = method(vm, "conjugate", args, 0, 0)?;
            Ok(it.clone())
        }),
        ("compare", |vm, args| {
            together(vm, "compare", args, |a, b, rules, status| a.compare(b, false, rules, status))
        }),
        ("compare_signal", |vm, args| {
            together(vm, "compare_signal", args, |a, b, rules, status| a.compare(b, true, rules, status))
        }),
        ("compare_total", |vm, args| {
            together(vm, "compare_total", args, |a, b, _, _| a.compare_total(b, false))
        }),
        ("compare_total_mag", |vm, args| {
            together(vm, "compare_total_mag", args, |a, b, _, _| a.compare_total(b, true))
        }),
        ("copy_abs", |vm, args| {
            let (it, _) = method(vm, "copy_abs", args, 0, 0)?;
            Ok(value_of(vm, own(vm, "copy_abs", it)?.clone().with_sign(false)))
        }),
        ("copy_negate", |vm, args| {
            let (it, _) = method(vm, "copy_negate", args, 0, 0)?;
            let mine = own(vm, "copy_negate", it)?;
            Ok(value_of(vm, mine.clone().with_sign(!mine.negative)))
        }),
        ("copy_sign", |vm, args| {
            together(vm, "copy_sign", args, |a, b, _, _| a.clone().with_sign(b.negative))
        }),
        ("exp", |vm, args| alone(vm, "exp", args, Number::exp)),
        ("fma", |vm, args| {
            let (mine, _, args) = receiver(vm, "fma", args)?;
            let [other, third, context] = parse(vm, "fma", args, ["other", "third", "context"], 2)?;
            let context = chosen(vm, context)?;
            let part = |it: Option<&Value>| convert::operand_or_raise(vm, it.unwrap_or(&NONE), None);
            let (b, c) = (part(other)?, part(third)?);
            finish(vm, context::data(vm, &context)?, |rules, status| mine.fma(&b, &c, rules, status))
        }),
        ("is_canonical", |vm, args| tells(vm, "is_canonical", args, |_| true)),
        ("is_finite", |vm, args| tells(vm, "is_finite", args, Number::is_finite)),
        ("is_infinite", |vm, args| tells(vm, "is_infinite", args, Number::is_infinite)),
        ("is_nan", |vm, args| tells(vm, "is_nan", args, Number::is_nan)),
        ("is_normal", |vm, args| tells_in(vm, "is_normal", args, Number::is_normal)),
        ("is_qnan", |vm, args| tells(vm, "is_qnan", args, Number::is_quiet)),
        ("is_signed", |vm, args| tells(vm, "is_signed", args, |it| it.negative)),
        ("is_snan", |vm, args| tells(vm, "is_snan", args, Number::is_signaling)),
        ("is_subnormal", |vm, args| tells_in(vm, "is_subnormal", args, Number::is_subnormal)),
        ("is_zero", |vm, args| tells(vm, "is_zero", args, Number::is_zero)),
        ("ln", |vm, args| alone(vm, "ln", args, Number::ln)),
        ("log10", |vm, args| alone(vm, "log10", args, Number::log10)),
        ("logb", |vm, args| alone(vm, "logb", args, Number::logb)),
        ("logical_and", |vm, args| together(vm, "logical_and", args, AND)),
        ("logical_invert", |vm, args| alone(vm, "logical_invert", args, Number::inverted)),
        ("logical_or", |vm, args| together(vm, "logical_or", args, OR)),
        ("logical_xor", |vm, args| together(vm, "logical_xor", args, XOR)),
        ("max", |vm, args| together(vm, "max", args, MAX)),
        ("max_mag", |vm, args| together(vm, "max_mag", args, MAX_MAG)),
        ("min", |vm, args| together(vm, "min", args, MIN)),
        ("min_mag", |vm, args| together(vm, "min_mag", args, MIN_MAG)),
        ("next_minus", |vm, args| {
            alone(vm, "next_minus", args, |it, rules, status| it.next(Rounding::Floor, rules, status))
        }),
        ("next_plus", |vm, args| {
            alone(vm, "next_plus", args, |it, rules, status| it.next(Rounding::Ceiling, rules, status))
        }),
        ("next_toward", |vm, args| together(vm, "next_toward", args, Number::next_toward)),
        ("normalize", |vm, args| alone(vm, "normalize", args, Number::reduce)),
        ("number_class", |vm, args| {
            let (mine, _, args) = receiver(vm, "number_class", args)?;
            let [context] = parse(vm, "number_class", args, ["context"], 0)?;
            let context = chosen(vm, context)?;
            Ok(vm.str(mine.class(&context::data(vm, &context)?.rules.get())))
        }),
        ("quantize", quantize),
        ("radix", |vm, args| {
            method(vm, "radix", args, 0, 0)?;
            Ok(value_of(vm, Number::word(10)))
        }),
        ("remainder_near", |vm, args| together(vm, "remainder_near", args, Number::rem_near)),
        ("rotate", |vm, args| {
            together(vm, "rotate", args, |a, b, rules, status| a.moved(b, true, rules, status))
        }),
        ("same_quantum", |vm, args| {
            let (mine, _, args) = receiver(vm, "same_quantum", args)?;
            let [other, context] = parse(vm, "same_quantum", args, ["other", "context"], 1)?;
            chosen(vm, context)?;
            let other = convert::operand_or_raise(vm, other.unwrap_or(&NONE), None)?;
            Ok(Value::bool(mine.same_quantum(&other)))
        }),
        ("scaleb", |vm, args| together(vm, "scaleb", args, Number::scaleb)),
        ("shift", |vm, args| {
            together(vm, "shift", args, |a, b, rules, status| a.moved(b, false, rules, status))
        }),
        ("sqrt", |vm, args| alone(vm, "sqrt", args, Number::sqrt)),
        ("to_eng_string", |vm, args| {
            let (mine, _, args) = receiver(vm, "to_eng_string", args)?;
            let [context] = parse(vm, "to_eng_string", args, ["context"], 0)?;
            let context = chosen(vm, context)?;
            Ok(vm.str(&mine.to_text(true, context::data(vm, &context)?.capitals.get())))
        }),
        ("to_integral", |vm, args| to_integral(vm, "to_integral", args, false)),
        ("to_integral_exact", |vm, args| to_integral(vm, "to_integral_exact", args, true)),
        ("to_integral_value", |vm, args| to_integral(vm, "to_integral_value", args, false)),
    ],
    class_methods: &[
        ("from_float", |vm, args| {
            let (class, values) = method(vm, "from_float", args, 1, 1)?;
            of_class(vm, class, convert::of_float_or_int(vm, &values[0])?)
        }),
        ("from_number", from_number),
    ],
    attributes: &[
        ("real", read_only(|_, it| Ok(it.clone()))),
        ("imag", read_only(|vm, _| Ok(value_of(vm, Number::word(0))))),
    ],
    ..Spec::new(Own::Decimal, "decimal.Decimal")
};
