//! Built-in functions.

use super::{arithmetic, keywords, positional};
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
    ("sum", arithmetic::sum),
    ("min", |vm, args| arithmetic::extreme(vm, "min", args, 0)),
    ("max", |vm, args| arithmetic::extreme(vm, "max", args, 4)),
    ("any", |vm, args| quantify(vm, "any", args, true)),
    ("all", |vm, args| quantify(vm, "all", args, false)),
    ("sorted", sorted),
    ("divmod", arithmetic::divmod),
    ("pow", arithmetic::pow),
    ("round", arithmetic::round),
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
        if let Some(sys) = vm.modules_state.sys.get() {
            for name in ["stdin", "stdout", "stderr"] {
                let stream = vm.get_attribute_or_none(&sys, &vm.intern(name))?;
                if stream.is_none_or(|it| it.is_none()) {
                    return Err(vm.raise(Exc::RuntimeError, format!("lost sys.{name}")));
                }
            }
        }
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
    ("breakpoint", |vm, args| {
        let found = match vm.modules_state.sys.get() {
            Some(sys) => vm.get_attribute_or_none(&sys, &vm.intern("breakpointhook"))?,
            None => None,
        };
        match found {
            Some(hook) => vm.call(&hook, args),
            None => Err(vm.raise(Exc::RuntimeError, "lost sys.breakpointhook")),
        }
    }),
    ("aiter", |vm, args| vm.async_iter(&positional(vm, "aiter", args, 1, 1)?[0])),
    ("anext", |vm, args| {
        let values = positional(vm, "anext", args, 1, 2)?;
        let next = vm.plain_async_next(&values[0])?;
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
        [callable, _, ..] if !vm.is_callable(callable) => {
            Err(vm.type_error("iter(v, w): v must be callable"))
        }
        [callable, sentinel, ..] => {
            let state = IterState::Call(callable.clone(), sentinel.clone());
            Ok(vm.new_iter(&vm.types.callable_iterator, state))
        }
        [] => Ok(NONE),
    }
}

fn next(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "next", args, 1, 2)?;
    if vm.is_coroutine(&values[0]) || vm.is_async_generator(&values[0]) {
        let name = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("'{name}' object is not an iterator")));
    }
    let found = match vm.next_or_stop(&values[0]) {
        Err(_) if values.len() > 1 && vm.pending_is(Exc::StopIteration) => {
            vm.pending.set(None);
            return Ok(values[1].clone());
        }
        found => found?,
    };
    match (found, values.get(1)) {
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
    match vm.index_number(value)?.map(|it| u32::try_from(&it)) {
        Some(Ok(point @ 0..0x11_0000)) => Ok(vm.character(point)),
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
        None => match vm.seen_bytes(value).as_deref() {
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
        None => match vm.index_number(value)? {
            Some(number) => number,
            None => {
                let got = vm.type_name(value);
                return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
            }
        },
    };
    let sign = if num_traits::Signed::is_negative(&number) { "-" } else { "" };
    Ok(vm.str(&format!("{sign}{prefix}{}", number.magnitude().to_str_radix(radix))))
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
    let [iterable] = &args.values[..args.values.len() - args.names.len()] else {
        let given = args.values.len() - args.names.len();
        return Err(vm.type_error(format!("sorted expected 1 argument, got {given}")));
    };
    let (_, [key, reverse]) = keywords(vm, "sort", args, ["key", "reverse"])?;
    let items = vm.collect(iterable)?;
    let reverse = match reverse {
        Some(reverse) => vm.truth(reverse)?,
        None => false,
    };
    let items = super::lists::sort(vm, items, key.filter(|it| !it.is_none()), reverse)?;
    Ok(vm.list(items))
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
        if method.is_none() {
            let name = vm.type_name(value);
            return Err(vm.type_error(format!("'{name}' object is not reversible")));
        }
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
    if let Some(range) = value.data::<super::big_range::BigRange>() {
        return Ok(vm.big_range_reversed(range));
    }
    if let Some(range) = value.get::<Range>() {
        let count = range.len();
        if range.start.checked_sub(range.step).is_none() || range.step.checked_neg().is_none() {
            let range = super::big_range::BigRange::of(value);
            return Ok(range.map_or(NONE, |it| vm.big_range_reversed(&it)));
        }
        let last = range.at(count - 1);
        let range = Range { start: last, stop: range.start.wrapping_sub(range.step), step: -range.step };
        let range = if count == 0 { Range { start: 0, stop: 0, step: 1 } } else { range };
        return Ok(vm.new_iter(&vm.types.range_iterator, IterState::Range(range)));
    }
    if let Some(proxy) = value.get::<crate::object::Proxy>() {
        // What is shown goes backwards in its own way.
        let reversed = vm.types.reversed.value().clone();
        return vm.call_with(&reversed, std::slice::from_ref(&proxy.mapping));
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
        let (len, end) = dict.get::<Dict>().map_or((0, 0), |it| (it.len(), it.places()));
        return Ok(vm.new_iter(ty, IterState::DictReversed(dict, kind, end, len, len)));
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
