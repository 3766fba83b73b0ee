//! Built-in functions.

use super::{keywords, positional};
use crate::builtins::exceptions::Exc;
use crate::object::callable::{Args, NativeFn};
use crate::object::iter::IterState;
use crate::object::{Dict, Kind, Range, Str, View};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use num_bigint::BigInt;

pub(crate) const ALL: &[(&str, NativeFn)] = &[
    ("print", |vm, args| vm.print(args)),
    ("len", |vm, args| {
        let len = vm.len(&positional(vm, "len", args, 1, 1)?[0])?;
        Ok(vm.int(len))
    }),
    ("repr", |vm, args| vm.repr(&positional(vm, "repr", args, 1, 1)?[0])),
    ("ascii", |vm, args| vm.ascii(&positional(vm, "ascii", args, 1, 1)?[0])),
    ("hash", |vm, args| {
        let hash = vm.hash(&positional(vm, "hash", args, 1, 1)?[0])?;
        Ok(vm.int_of_big(BigInt::from(hash)))
    }),
    ("id", |vm, args| Ok(vm.int_of_big(positional(vm, "id", args, 1, 1)?[0].identity().into()))),
    ("callable", |vm, args| {
        let value = &positional(vm, "callable", args, 1, 1)?[0];
        Ok(Value::bool(vm.is_callable(value)))
    }),
    ("iter", iter),
    ("next", next),
    ("abs", abs),
    ("chr", chr),
    ("ord", ord),
    ("bin", |vm, args| radix(vm, "bin", args, "0b", 2)),
    ("oct", |vm, args| radix(vm, "oct", args, "0o", 8)),
    ("hex", |vm, args| radix(vm, "hex", args, "0x", 16)),
    ("sum", sum),
    ("min", |vm, args| extreme(vm, "min", args, 0)),
    ("max", |vm, args| extreme(vm, "max", args, 4)),
    ("any", |vm, args| quantify(vm, "any", args, true)),
    ("all", |vm, args| quantify(vm, "all", args, false)),
    ("sorted", sorted),
    ("divmod", |vm, args| {
        let values = positional(vm, "divmod", args, 2, 2)?;
        divmod(vm, &values[0], &values[1])
    }),
    ("pow", pow),
    ("round", round),
    ("getattr", getattr),
    ("setattr", |vm, args| {
        let values = positional(vm, "setattr", args, 3, 3)?;
        vm.set_attribute(&values[0], &attribute_name(vm, &values[1])?, values[2].clone())?;
        Ok(NONE)
    }),
    ("delattr", |vm, args| {
        let values = positional(vm, "delattr", args, 2, 2)?;
        vm.delete_attribute(&values[0], &attribute_name(vm, &values[1])?)?;
        Ok(NONE)
    }),
    ("hasattr", |vm, args| {
        let values = positional(vm, "hasattr", args, 2, 2)?;
        let found = vm.get_attribute_or_none(&values[0], &attribute_name(vm, &values[1])?)?;
        Ok(Value::bool(found.is_some()))
    }),
    ("format", |vm, args| {
        let values = positional(vm, "format", args, 1, 2)?;
        vm.format(&values[0], values.get(1).unwrap_or(&vm.names.empty))
    }),
    ("globals", |vm, args| {
        positional(vm, "globals", args, 0, 0)?;
        vm.current_globals().ok_or(Raised)
    }),
    ("open", |vm, args| {
        let Some(io) = vm.builtin_module("_io")? else { return Err(vm.missing("open()")) };
        let open = vm.get_attribute(&io, &vm.intern("_open"))?;
        vm.call(&open, args)
    }),
    ("input", |vm, args| {
        let values = positional(vm, "input", args, 0, 1)?;
        if let Some(prompt) = values.first() {
            let text = vm.str_text(prompt)?;
            vm.write_out(text.as_bytes());
        }
        vm.flush();
        let Some(sys) = vm.builtin_module("sys")? else { return Err(vm.missing("input()")) };
        let stdin = vm.get_attribute(&sys, &vm.intern("stdin"))?;
        let read = vm.get_attribute(&stdin, &vm.intern("readline"))?;
        let line = vm.call_with(&read, &[])?;
        let line = vm.text_of(&line);
        match line.strip_suffix('\n') {
            Some(line) => Ok(vm.str(line)),
            None if line.is_empty() => Err(vm.raise(Exc::EOFError, "EOF when reading a line")),
            None => Ok(vm.str(&line)),
        }
    }),
    ("exit", |vm, args| {
        let values = positional(vm, "exit", args, 0, 1)?;
        Err(vm.raise_with(Exc::SystemExit, values.to_vec()))
    }),
    ("quit", |vm, args| {
        let values = positional(vm, "quit", args, 0, 1)?;
        Err(vm.raise_with(Exc::SystemExit, values.to_vec()))
    }),
    ("__import__", crate::modules::imp::import),
    ("breakpoint", |vm, _| Err(vm.missing("breakpoint()"))),
    ("aiter", |vm, args| vm.async_iter(&positional(vm, "aiter", args, 1, 1)?[0])),
    ("anext", |vm, args| {
        let values = positional(vm, "anext", args, 1, 2)?;
        let next = vm.async_next(&values[0])?;
        match values.get(1) {
            Some(default) => vm.helper("anext_default", &[next, default.clone()]),
            None => Ok(next),
        }
    }),
];

fn attribute_name(vm: &Vm, value: &Value) -> R {
    if value.get::<Str>().is_none() {
        let got = vm.type_name(value);
        return Err(vm.type_error(format!("attribute name must be string, not '{got}'")));
    }
    Ok(vm.intern_value(value))
}

fn iter(vm: &Vm, args: Args<'_>) -> R {
    match positional(vm, "iter", args, 1, 2)? {
        [value] => vm.iter(value),
        [callable, sentinel, ..] => {
            let state = IterState::Call(callable.clone(), sentinel.clone());
            Ok(vm.new_iter(&vm.types.callable_iterator, state))
        }
        [] => Ok(NONE),
    }
}

fn next(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "next", args, 1, 2)?;
    match (vm.next_or_stop(&values[0])?, values.get(1)) {
        (Ok(value), _) => Ok(value),
        (Err(_), Some(default)) => Ok(default.clone()),
        (Err(value), None) => {
            let args = if value.is_none() { Vec::new() } else { vec![value] };
            Err(vm.raise_with(Exc::StopIteration, args))
        }
    }
}

fn abs(vm: &Vm, args: Args<'_>) -> R {
    let value = &positional(vm, "abs", args, 1, 1)?[0];
    if let Some(number) = vm.as_float(value) {
        return Ok(vm.float(number.abs()));
    }
    if let Some(number) = vm.as_big(value) {
        return Ok(vm.int_of_big(num_traits::Signed::abs(&number)));
    }
    match vm.lookup_special(value, &vm.names.abs) {
        Some(method) => vm.call_bound(&method, value, Args { values: &[], names: &[] }),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("bad operand type for abs(): '{name}'")))
        }
    }
}

fn chr(vm: &Vm, args: Args<'_>) -> R {
    let value = &positional(vm, "chr", args, 1, 1)?[0];
    match vm.index_of(value)? {
        Some(point @ 0..0x11_0000) => Ok(vm.character(point as u32)),
        Some(_) => Err(vm.value_error("chr() arg not in range(0x110000)")),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("'{name}' object cannot be interpreted as an integer")))
        }
    }
}

fn ord(vm: &Vm, args: Args<'_>) -> R {
    let value = &positional(vm, "ord", args, 1, 1)?[0];
    match value.get::<Str>() {
        Some(string) if string.len() == 1 => Ok(vm.int(string.at(0).unwrap_or(0).into())),
        Some(string) => {
            let len = string.len();
            Err(vm.type_error(format!("ord() expected a character, but string of length {len} found")))
        }
        None => match vm.byte_data(value).as_deref() {
            Some(&[byte]) => Ok(vm.int(byte.into())),
            Some(bytes) => {
                let len = bytes.len();
                Err(vm.type_error(format!("ord() expected a character, but string of length {len} found")))
            }
            None => {
                let name = vm.type_name(value);
                Err(vm.type_error(format!("ord() expected string of length 1, but {name} found")))
            }
        },
    }
}

fn radix(vm: &Vm, name: &str, args: Args<'_>, prefix: &str, radix: u32) -> R {
    let value = &positional(vm, name, args, 1, 1)?[0];
    let number = match vm.as_big(value) {
        Some(number) => number,
        None => match vm.index_of(value)? {
            Some(number) => number.into(),
            None => {
                let got = vm.type_name(value);
                return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
            }
        },
    };
    let sign = if num_traits::Signed::is_negative(&number) { "-" } else { "" };
    Ok(vm.str(&format!("{sign}{prefix}{}", number.magnitude().to_str_radix(radix))))
}

fn sum(vm: &Vm, args: Args<'_>) -> R {
    let (values, [start]) = keywords(vm, "sum", args, ["start"])?;
    let Some(iterable) = values.first() else {
        return Err(vm.type_error("sum() takes at least 1 positional argument (0 given)"));
    };
    let mut total = start.or(values.get(1)).cloned().unwrap_or(Value::from_i32(0));
    if total.get::<Str>().is_some() {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    let iterator = vm.iter(iterable)?;
    // Floats are summed with a correction, as CPython does (Neumaier).
    let mut correction = 0.0;
    while let Some(value) = vm.next(&iterator)? {
        if let (Some(sum), Some(more)) = (vm.as_float(&total), vm.as_float(&value)) {
            let next: f64 = sum + more;
            correction += if sum.abs() >= more.abs() { (sum - next) + more } else { (more - next) + sum };
            total = vm.float(next);
            continue;
        }
        total = vm.binary(&total, &value, 0)?;
    }
    if correction != 0.0
        && f64::is_finite(correction)
        && let Some(sum) = vm.as_float(&total)
    {
        total = vm.float(sum + correction);
    }
    Ok(total)
}

fn extreme(vm: &Vm, name: &str, args: Args<'_>, op: u32) -> R {
    let (values, [key, default]) = keywords(vm, name, args, ["key", "default"])?;
    let items = match values {
        [] => return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => vm.collect(iterable)?,
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

fn quantify(vm: &Vm, name: &str, args: Args<'_>, wanted: bool) -> R {
    let iterator = vm.iter(&positional(vm, name, args, 1, 1)?[0])?;
    while let Some(value) = vm.next(&iterator)? {
        if vm.truth(&value)? == wanted {
            return Ok(Value::bool(wanted));
        }
    }
    Ok(Value::bool(!wanted))
}

fn sorted(vm: &Vm, args: Args<'_>) -> R {
    let (values, [key, reverse]) = keywords(vm, "sorted", args, ["key", "reverse"])?;
    let [iterable] = values else {
        return Err(vm.type_error(format!("sorted expected 1 argument, got {}", values.len())));
    };
    let items = vm.collect(iterable)?;
    let reverse = match reverse {
        Some(reverse) => vm.truth(reverse)?,
        None => false,
    };
    let items = super::lists::sort(vm, items, key.filter(|it| !it.is_none()), reverse)?;
    Ok(vm.list(items))
}

fn divmod(vm: &Vm, a: &Value, b: &Value) -> R {
    for (it, other, name) in [(a, b, &vm.names.divmod), (b, a, &vm.names.rdivmod)] {
        if Vm::is_made_by_program(vm.type_of(it))
            && let Some(method) = vm.lookup_special(it, name)
            && !method.is_layouts_own()
        {
            let result =
                vm.call_bound(&method, it, Args { values: std::slice::from_ref(other), names: &[] })?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
    }
    if vm.as_number(a).is_none() || vm.as_number(b).is_none() {
        let (a, b) = (vm.shown_type(a), vm.shown_type(b));
        return Err(vm.type_error(format!("unsupported operand type(s) for divmod(): '{a}' and '{b}'")));
    }
    let pair = vec![vm.binary(a, b, 2)?, vm.binary(a, b, 6)?];
    Ok(vm.tuple(pair))
}

fn pow(vm: &Vm, args: Args<'_>) -> R {
    let (values, [base, exp, modulus]) = keywords(vm, "pow", args, ["base", "exp", "mod"])?;
    let at = |index: usize, named: Option<&Value>| values.get(index).or(named).cloned();
    let (Some(base), Some(exponent)) = (at(0, base), at(1, exp)) else {
        return Err(vm.type_error("pow() missing required argument"));
    };
    let Some(modulus) = at(2, modulus).filter(|it| !it.is_none()) else {
        return vm.binary(&base, &exponent, 8);
    };
    // A class of the program's own says what its powers are.
    if Vm::is_made_by_program(vm.type_of(&base))
        && let Some(method) = vm.lookup_special(&base, &vm.names.pow)
        && !method.is_layouts_own()
    {
        let values = [exponent.clone(), modulus.clone()];
        let result = vm.call_bound(&method, &base, Args { values: &values, names: &[] })?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if Vm::is_made_by_program(vm.type_of(&exponent))
        && let Some(method) = vm.lookup_special(&exponent, &vm.names.rpow)
        && !method.is_layouts_own()
    {
        let values = [base.clone(), modulus.clone()];
        let result = vm.call_bound(&method, &exponent, Args { values: &values, names: &[] })?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    let (Some(base), Some(exponent), Some(modulus)) =
        (vm.as_big(&base), vm.as_big(&exponent), vm.as_big(&modulus))
    else {
        return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    };
    if modulus == BigInt::from(0) {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    let (base, exponent) = if num_traits::Signed::is_negative(&exponent) {
        match base.modinv(&modulus) {
            Some(inverse) => (inverse, -exponent),
            None => return Err(vm.value_error("base is not invertible for the given modulus")),
        }
    } else {
        (base, exponent)
    };
    Ok(vm.int_of_big(base.modpow(&exponent, &modulus)))
}

pub(crate) fn round(vm: &Vm, args: Args<'_>) -> R {
    let (values, [number, digits]) = keywords(vm, "round", args, ["number", "ndigits"])?;
    let Some(value) = values.first().or(number) else {
        return Err(vm.type_error("round() missing required argument 'number' (pos 1)"));
    };
    let digits = values.get(1).or(digits).filter(|it| !it.is_none());
    if let Some(number) = vm.as_float(value) {
        let Some(digits) = digits else {
            let rounded = number.round_ties_even();
            if !rounded.is_finite() {
                let (of, what) = if number.is_nan() {
                    (Exc::ValueError, "NaN")
                } else {
                    (Exc::OverflowError, "float infinity")
                };
                return Err(vm.raise(of, format!("cannot convert {what} to integer")));
            }
            let number: Option<BigInt> = num_traits::FromPrimitive::from_f64(rounded);
            return Ok(vm.int_of_big(number.unwrap_or_default()));
        };
        let digits = vm.index_of(digits)?.unwrap_or(0);
        if !number.is_finite() || digits > 323 {
            return Ok(value.clone());
        }
        if digits < -308 {
            return Ok(vm.float(0f64.copysign(number)));
        }
        if digits >= 0 {
            // Rust rounds decimal texts correctly, half to even on the exact value, as CPython's dtoa.
            let text = format!("{number:.*}", digits as usize);
            return Ok(vm.float(text.parse().unwrap_or(number)));
        }
        let scale = 10f64.powi(-digits as i32);
        return Ok(vm.float((number / scale).round_ties_even() * scale));
    }
    if let Some(number) = vm.as_big(value) {
        let digits = match digits {
            Some(digits) => vm.index_of(digits)?.unwrap_or(0),
            None => 0,
        };
        if digits >= 0 {
            return Ok(vm.int_of_big(number));
        }
        let scale = BigInt::from(10).pow(u32::try_from(-digits).unwrap_or(u32::MAX).min(100_000));
        let (quotient, rest) = num_integer::Integer::div_mod_floor(&number, &scale);
        let twice: BigInt = rest * 2;
        let up = match twice.cmp(&scale) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => num_integer::Integer::is_odd(&quotient),
        };
        return Ok(vm.int_of_big((quotient + i32::from(up)) * scale));
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

fn getattr(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "getattr", args, 2, 3)?;
    let name = attribute_name(vm, &values[1])?;
    match values.get(2) {
        Some(default) => Ok(vm.get_attribute_or_none(&values[0], &name)?.unwrap_or_else(|| default.clone())),
        None => vm.get_attribute(&values[0], &name),
    }
}

/// `reversed(value)`
pub(crate) fn reversed(vm: &Vm, value: &Value) -> R {
    if let Some(method) = vm.lookup_special(value, &vm.names.reversed)
        && !method.is_layouts_own()
    {
        return vm.call_bound(&method, value, Args { values: &[], names: &[] });
    }
    plain_reversed(vm, value)
}

/// The same of the interpreter's own layouts.
pub(crate) fn plain_reversed(vm: &Vm, value: &Value) -> R {
    if value.has_kind(Kind::List) {
        let len = vm.len(value)? as usize;
        let state = IterState::ListReversed(value.clone(), len);
        return Ok(vm.new_iter(&vm.types.list_reverseiterator, state));
    }
    if let Some(range) = value.get::<Range>() {
        let count = range.len();
        let last = range.at(count - 1);
        let range = Range { start: last, stop: range.start.wrapping_sub(range.step), step: -range.step };
        let range = if count == 0 { Range { start: 0, stop: 0, step: 1 } } else { range };
        return Ok(vm.new_iter(&vm.types.range_iterator, IterState::Range(range)));
    }
    let dict = match value.get::<View>() {
        Some(view) => Some((view.dict.clone(), view.kind)),
        None => value.get::<Dict>().map(|_| (value.clone(), crate::object::ViewKind::Keys)),
    };
    if let Some((dict, kind)) = dict {
        use crate::object::ViewKind;
        let ty = match kind {
            ViewKind::Keys => &vm.types.dict_reversekeyiterator,
            ViewKind::Values => &vm.types.dict_reversevalueiterator,
            ViewKind::Items => &vm.types.dict_reverseitemiterator,
        };
        let len = dict.get::<Dict>().map_or(0, Dict::len);
        return Ok(vm.new_iter(ty, IterState::DictReversed(dict, kind, usize::MAX, len)));
    }
    let sequence = [Kind::Str, Kind::Tuple, Kind::Bytes].iter().any(|&kind| value.has_kind(kind))
        || vm.lookup_special(value, &vm.names.getitem).is_some();
    if !sequence {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("'{name}' object is not reversible")));
    }
    let len = vm.len(value)?;
    Ok(vm.new_iter(&vm.types.reversed, IterState::SequenceReversed(value.clone(), len - 1)))
}
