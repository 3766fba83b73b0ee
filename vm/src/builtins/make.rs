//! Constructors of the interpreter's own types.

use super::{keywords, methods, positional};
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::object::callable::Args;
use crate::object::iter::IterState;
use crate::object::sequence::new_tuple;
use crate::object::types::allocate_derived;
use crate::object::{
    Bytes, Dict, Kind, List, Native, Property, Range, Set, Slice, Slot, Str, Tuple, Type, Wrapper,
};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;

fn split<'a>(vm: &Vm, args: Args<'a>) -> R<(&'a Object<Type>, Args<'a>)> {
    match args.values.split_first() {
        Some((class, values)) => match class.object::<Type>() {
            Some(class) => Ok((class, Args { values, names: args.names })),
            None => Err(vm.type_error("__new__(X): X is not a type object")),
        },
        None => Err(vm.type_error("__new__(): not enough arguments")),
    }
}

/// A value of a type that is derived from that of `value`, which is of the interpreter's own; or `value` itself.
fn derive(vm: &Vm, class: &Object<Type>, value: Value) -> R {
    if !Vm::is_made_by_program(class) {
        return Ok(value);
    }
    if let Some(number) = vm.as_big(&value) {
        return Ok(allocate_derived(vm, class, number));
    }
    if let Some(number) = vm.as_float(&value) {
        return Ok(allocate_derived(vm, class, number));
    }
    if let Some(string) = value.get::<Str>() {
        return Ok(allocate_derived(vm, class, Str::new(string.text.clone())));
    }
    if let Some(bytes) = value.get::<Bytes>() {
        return Ok(allocate_derived(vm, class, Bytes { data: bytes.data.clone() }));
    }
    if let Some(tuple) = value.get::<Tuple>() {
        return Ok(new_tuple(vm, class, tuple.items.iter().cloned()));
    }
    if let Some(set) = value.get::<Set>() {
        let copy = Set::default();
        for key in set.snapshot() {
            copy.add(vm, key)?;
        }
        return Ok(allocate_derived(vm, class, copy));
    }
    Err(vm.missing("classes derived from this built-in type"))
}

fn int(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let (values, [base]) = keywords(vm, "int", args, ["base"])?;
    let value = match (values.first(), base.or(values.get(1))) {
        (None, _) => vm.int(0),
        (Some(value), Some(base)) => {
            let Some(base) = vm.index_of(base)? else {
                return Err(vm.type_error("int() base must be an integer"));
            };
            if base != 0 && !(2..=36).contains(&base) {
                return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
            }
            if value.get::<Str>().is_none() {
                return Err(vm.type_error("int() can't convert non-string with explicit base"));
            }
            parse_int(vm, value, base as u32)?
        }
        (Some(value), None) => to_int(vm, value)?,
    };
    derive(vm, class, value)
}

fn to_int(vm: &Vm, value: &Value) -> R {
    if value.get::<Str>().is_some() {
        return parse_int(vm, value, 10);
    }
    if let Some(number) = vm.as_float(value) {
        if !number.is_finite() {
            let (of, what) =
                if number.is_nan() { (Exc::ValueError, "NaN") } else { (Exc::OverflowError, "infinity") };
            let float = if number.is_nan() { "float NaN" } else { "float infinity" };
            let _ = what;
            return Err(vm.raise(of, format!("cannot convert {float} to integer")));
        }
        let number: Option<BigInt> = num_traits::FromPrimitive::from_f64(number.trunc());
        return Ok(vm.int_of_big(number.unwrap_or_default()));
    }
    if Vm::is_made_by_program(vm.type_of(value)) {
        for name in [&vm.names.int, &vm.names.index, &vm.names.trunc] {
            if let Some(method) = vm.lookup_special(value, name)
                && !method.has_kind(Kind::Native)
            {
                return vm.call_bound(&method, value, Args { values: &[], names: &[] });
            }
        }
    }
    if let Some(number) = vm.as_big(value) {
        return Ok(vm.int_of_big(number));
    }
    let name = vm.type_name(value);
    Err(vm.type_error(format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{name}'"
    )))
}

fn parse_int(vm: &Vm, value: &Value, base: u32) -> R {
    let text = vm.text_of(value);
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let lower = digits.to_ascii_lowercase();
    let mut radix = base;
    let mut digits = lower.as_str();
    for (prefix, of) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if (base == 0 || base == of) && digits.starts_with(prefix) {
            radix = of;
            digits = digits[2..].strip_prefix('_').unwrap_or(&digits[2..]);
        }
    }
    if radix == 0 {
        radix = if digits.starts_with('0') && digits.trim_matches(['0', '_']).is_empty()
            || !digits.starts_with('0')
        {
            10
        } else {
            1
        };
    }
    let badly_placed = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    let plain = digits.replace('_', "");
    let plain: String = plain
        .chars()
        .map(|ch| match ch.to_digit(36) {
            Some(_) => ch,
            None => '!',
        })
        .collect();
    if radix > 1 && !badly_placed && !plain.is_empty() {
        if radix == 10 && plain.len() > 4300 {
            let message = format!(
                "Exceeds the limit (4300 digits) for integer string conversion: value has {} digits; use \
                 sys.set_int_max_str_digits() to increase the limit",
                plain.len()
            );
            return Err(vm.value_error(message));
        }
        if let Some(number) = BigInt::parse_bytes(plain.as_bytes(), radix) {
            return Ok(vm.int_of_big(if negative { -number } else { number }));
        }
    }
    let shown = vm.repr_text(value)?;
    Err(vm.value_error(format!("invalid literal for int() with base {base}: {shown}")))
}

fn float(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let values = positional(vm, "float", args, 0, 1)?;
    let value = match values.first() {
        None => vm.float(0.0),
        Some(value) => to_float(vm, value)?,
    };
    derive(vm, class, value)
}

fn to_float(vm: &Vm, value: &Value) -> R {
    if let Some(text) = value.get::<Str>() {
        let text = text.to_str();
        let trimmed = text.trim();
        let lower = trimmed.to_ascii_lowercase();
        let bare = lower.trim_start_matches(['+', '-']);
        let badly = trimmed.starts_with('_') || trimmed.ends_with('_') || trimmed.contains("__");
        let plausible = bare.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.')
            || ["inf", "infinity", "nan"].contains(&bare);
        if plausible
            && !badly
            && lower.len() - bare.len() <= 1
            && let Ok(number) = trimmed.replace('_', "").parse::<f64>()
        {
            return Ok(vm.float(number));
        }
        let shown = vm.repr_text(value)?;
        return Err(vm.value_error(format!("could not convert string to float: {shown}")));
    }
    if Vm::is_made_by_program(vm.type_of(value)) {
        for name in [&vm.names.float, &vm.names.index] {
            if let Some(method) = vm.lookup_special(value, name)
                && !method.has_kind(Kind::Native)
            {
                let made = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
                return match (vm.as_float(&made), vm.as_big(&made)) {
                    (Some(_), _) => Ok(made),
                    (None, Some(number)) => Ok(vm.float(vm.big_to_float(&number)?)),
                    _ => Err(vm.type_error("__float__ returned non-float")),
                };
            }
        }
    }
    if let Some(number) = vm.as_float(value) {
        return Ok(vm.float(number));
    }
    if let Some(number) = vm.as_big(value) {
        return Ok(vm.float(vm.big_to_float(&number)?));
    }
    let name = vm.type_name(value);
    Err(vm.type_error(format!("float() argument must be a string or a real number, not '{name}'")))
}

fn str(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let (values, [object]) = keywords(vm, "str", args, ["object"])?;
    if values.len() > 1 {
        return Err(vm.missing("str() of bytes with an encoding"));
    }
    let value = match values.first().or(object) {
        None => vm.names.empty.clone(),
        Some(value) => vm.to_str(value)?,
    };
    derive(vm, class, value)
}

fn collection(vm: &Vm, args: Args<'_>, name: &str) -> R<(Value, Vec<Value>)> {
    let (class, args) = split(vm, args)?;
    let values = positional(vm, name, args, 0, 1)?;
    let items = match values.first() {
        Some(value) => vm.collect(value)?,
        None => Vec::new(),
    };
    Ok((Value::of(class), items))
}

fn tuple(vm: &Vm, args: Args<'_>) -> R {
    if let [class, value] = args.values
        && class.is(vm.types.tuple.value())
        && std::ptr::eq(vm.type_of(value), &raw const *vm.types.tuple)
    {
        return Ok(value.clone());
    }
    let (class, items) = collection(vm, args, "tuple")?;
    let value = vm.tuple(items);
    match class.object::<Type>() {
        Some(class) => derive(vm, class, value),
        None => Ok(value),
    }
}

fn frozenset(vm: &Vm, args: Args<'_>) -> R {
    if let [class, value] = args.values
        && class.is(vm.types.frozenset.value())
        && std::ptr::eq(vm.type_of(value), &raw const *vm.types.frozenset)
    {
        return Ok(value.clone());
    }
    let (class, items) = collection(vm, args, "frozenset")?;
    let set = Set::default();
    for item in items {
        set.add(vm, item)?;
    }
    match class.object::<Type>() {
        Some(class) => Ok(allocate_derived(vm, class, set)),
        None => Ok(NONE),
    }
}

fn empty<B: crate::object::Body + Default>(vm: &Vm, args: Args<'_>) -> R {
    let (class, _) = split(vm, args)?;
    Ok(allocate_derived(vm, class, B::default()))
}

fn list_init(vm: &Vm, args: Args<'_>) -> R {
    let (list, values) = super::method(vm, "list", args, 0, 1)?;
    let items = match values.first() {
        Some(value) => vm.collect(value)?,
        None => Vec::new(),
    };
    if let Some(list) = list.get::<List>() {
        drop(list.replace(items));
    }
    Ok(NONE)
}

fn set_init(vm: &Vm, args: Args<'_>) -> R {
    let (set, values) = super::method(vm, "set", args, 0, 1)?;
    let items = match values.first() {
        Some(value) => vm.collect(value)?,
        None => Vec::new(),
    };
    if let Some(set) = set.get::<Set>() {
        set.clear();
        if let Some(other) = values.first().and_then(|it| it.get::<Set>()) {
            set.reserve_for(other.len());
        }
        for item in items {
            set.add(vm, item)?;
        }
    }
    Ok(NONE)
}

pub(crate) fn dict_update(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let Some(dict) = args.values.first().and_then(|it| it.get::<Dict>()) else {
        return Err(vm.type_error("descriptor 'update' requires a 'dict' object"));
    };
    if count > 2 {
        return Err(vm.type_error(format!("dict expected at most 1 argument, got {}", count - 1)));
    }
    if count == 2 {
        vm.update_dict(dict, &args.values[1])?;
    }
    for (name, value) in args.names.iter().zip(&args.values[count..]) {
        dict.set(vm, name.clone(), value.clone())?;
    }
    Ok(NONE)
}

fn range(vm: &Vm, args: Args<'_>) -> R {
    let (_, args) = split(vm, args)?;
    let values = positional(vm, "range", args, 1, 3)?;
    let mut numbers = [0, 0, 1];
    for (number, value) in numbers.iter_mut().zip(values) {
        *number = match vm.index_of(value) {
            Ok(Some(number)) => number,
            Ok(None) => {
                let name = vm.type_name(value);
                return Err(vm.type_error(format!("'{name}' object cannot be interpreted as an integer")));
            }
            Err(_) => {
                vm.pending.set(None);
                return Err(vm.missing("ranges of numbers beyond 64 bits"));
            }
        };
    }
    let [start, stop, step] = if values.len() == 1 { [0, numbers[0], 1] } else { numbers };
    if step == 0 {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(allocate(vm, &vm.types.range, Range { start, stop, step }))
}

fn slice(vm: &Vm, args: Args<'_>) -> R {
    let (_, args) = split(vm, args)?;
    let values = positional(vm, "slice", args, 1, 3)?;
    let at = |index: usize| values.get(index).cloned().unwrap_or(NONE);
    let parts = if values.len() == 1 { [NONE, at(0), NONE] } else { [at(0), at(1), at(2)] };
    Ok(allocate(vm, &vm.types.slice, Slice { parts }))
}

fn bytes(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let values = positional(vm, "bytes", args, 0, 2)?;
    let value = match values {
        [] => vm.bytes(Vec::new()),
        [text, ..] if text.get::<Str>().is_some() => {
            if values.len() == 1 {
                return Err(vm.type_error("string argument without an encoding"));
            }
            super::strings::encode(vm, text, values.get(1))?
        }
        [value, ..] if value.get::<Bytes>().is_some() => value.clone(),
        [count, ..] if count.is_small() => match usize::try_from(vm.as_i64(count).unwrap_or(0)) {
            Ok(count) if count < 1 << 34 => vm.bytes(vec![0; count]),
            _ => return Err(vm.value_error("negative count")),
        },
        [items, ..] => {
            let mut data = Vec::new();
            for item in vm.collect(items)? {
                match vm.index_of(&item)?.and_then(|it| u8::try_from(it).ok()) {
                    Some(byte) => data.push(byte),
                    None => return Err(vm.value_error("bytes must be in range(0, 256)")),
                }
            }
            vm.bytes(data)
        }
    };
    derive(vm, class, value)
}

fn adapters(vm: &Vm) {
    methods(
        vm,
        &vm.types.enumerate,
        "enumerate",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            let (values, [iterable, start]) = keywords(vm, "enumerate", args, ["iterable", "start"])?;
            let Some(iterable) = values.first().or(iterable) else {
                return Err(vm.type_error("enumerate() missing required argument 'iterable' (pos 1)"));
            };
            let start = values.get(1).or(start).cloned().unwrap_or(Value::from_i32(0));
            let inner = vm.iter(iterable)?;
            Ok(vm.new_iter(&vm.types.enumerate, IterState::Enumerate(inner, start)))
        })],
    );
    methods(
        vm,
        &vm.types.zip,
        "zip",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            let (values, [strict]) = keywords(vm, "zip", args, ["strict"])?;
            let strict = match strict {
                Some(strict) => vm.truth(strict)?,
                None => false,
            };
            let inner = values.iter().map(|it| vm.iter(it)).collect::<R<Vec<_>>>()?;
            Ok(vm.new_iter(&vm.types.zip, IterState::Zip(inner, strict)))
        })],
    );
    methods(
        vm,
        &vm.types.map,
        "map",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            let [function, iterables @ ..] = positional(vm, "map", args, 0, usize::MAX)? else {
                return Err(vm.type_error("map() must have at least two arguments."));
            };
            if iterables.is_empty() {
                return Err(vm.type_error("map() must have at least two arguments."));
            }
            let inner = iterables.iter().map(|it| vm.iter(it)).collect::<R<Vec<_>>>()?;
            Ok(vm.new_iter(&vm.types.map, IterState::Map(function.clone(), inner)))
        })],
    );
    methods(
        vm,
        &vm.types.filter,
        "filter",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            let values = positional(vm, "filter", args, 2, 2)?;
            let inner = vm.iter(&values[1])?;
            Ok(vm.new_iter(&vm.types.filter, IterState::Filter(values[0].clone(), inner)))
        })],
    );
    methods(
        vm,
        &vm.types.reversed,
        "reversed",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            super::functions::reversed(vm, &positional(vm, "reversed", args, 1, 1)?[0])
        })],
    );
}

fn descriptors(vm: &Vm) {
    fn property(vm: &Vm, [get, set, del, doc]: [Option<Value>; 4]) -> Value {
        let slot = |it: Option<Value>| Slot::new(it.filter(|it| !it.is_none()));
        let body = Property {
            get: slot(get),
            set: slot(set),
            del: slot(del),
            doc: slot(doc),
            name: Slot::default(),
        };
        allocate(vm, &vm.types.property, body)
    }
    fn with(vm: &Vm, args: Args<'_>, which: usize) -> R {
        let (it, values) = super::method(vm, "setter", args, 1, 1)?;
        let Some(old) = it.get::<Property>() else { return Err(vm.type_error("not a property")) };
        let mut parts = [old.get.get(), old.set.get(), old.del.get(), old.doc.get()];
        parts[which] = Some(values[0].clone());
        Ok(property(vm, parts))
    }
    methods(
        vm,
        &vm.types.property,
        "property",
        &[
            ("__new__", |vm, args| {
                let (_, args) = split(vm, args)?;
                let (values, named) = keywords(vm, "property", args, ["fget", "fset", "fdel", "doc"])?;
                Ok(property(vm, std::array::from_fn(|at| values.get(at).or(named[at]).cloned())))
            }),
            ("getter", |vm, args| with(vm, args, 0)),
            ("setter", |vm, args| with(vm, args, 1)),
            ("deleter", |vm, args| with(vm, args, 2)),
        ],
    );
    methods(
        vm,
        &vm.types.staticmethod,
        "staticmethod",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            let function = positional(vm, "staticmethod", args, 1, 1)?[0].clone();
            Ok(allocate(vm, &vm.types.staticmethod, Wrapper { function, is_class: false }))
        })],
    );
    methods(
        vm,
        &vm.types.classmethod,
        "classmethod",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            let function = positional(vm, "classmethod", args, 1, 1)?[0].clone();
            Ok(allocate(vm, &vm.types.classmethod, Wrapper { function, is_class: true }))
        })],
    );
    methods(
        vm,
        &vm.types.super_,
        "super",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            match positional(vm, "super", args, 0, 2)? {
                [class, object] => vm.make_super(class, object),
                [] => vm.zero_super(),
                _ => Err(vm.missing("super() with one argument")),
            }
        })],
    );
}

fn exceptions(vm: &Vm) {
    let base = vm.exceptions.get(Exc::BaseException);
    methods(
        vm,
        base,
        "BaseException",
        &[
            ("__new__", |vm, args| {
                let (class, args) = split(vm, args)?;
                let count = args.values.len() - args.names.len();
                Ok(vm.exception(class, args.values[..count].to_vec()))
            }),
            ("__init__", |vm, args| {
                let count = args.values.len() - args.names.len();
                if !args.names.is_empty() {
                    let name = vm.type_name(&args.values[0]);
                    return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
                }
                if let Some(it) = args.values.first().and_then(|it| it.get::<crate::object::Exception>()) {
                    it.args.set(Some(vm.tuple(args.values[1..count].to_vec())));
                }
                Ok(NONE)
            }),
            ("with_traceback", |vm, args| {
                let (it, values) = super::method(vm, "with_traceback", args, 1, 1)?;
                if let Some(exception) = it.get::<crate::object::Exception>() {
                    exception.traceback.set(Some(values[0].clone()).filter(|it| !it.is_none()));
                }
                Ok(it.clone())
            }),
            ("add_note", |vm, args| {
                let (it, values) = super::method(vm, "add_note", args, 1, 1)?;
                let notes = match vm.own_attribute(it, &vm.names.notes) {
                    Some(notes) => notes,
                    None => {
                        let notes = vm.list(Vec::new());
                        vm.set_attribute(it, &vm.names.notes, notes.clone())?;
                        notes
                    }
                };
                if let Some(notes) = notes.get::<List>() {
                    notes.push(values[0].clone());
                }
                Ok(NONE)
            }),
            ("__str__", |vm, args| {
                let it = super::method(vm, "__str__", args, 0, 0)?.0;
                match it.get::<crate::object::Exception>() {
                    Some(exception) => vm.exception_text(it, exception),
                    None => vm.repr(it),
                }
            }),
        ],
    );
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(vm, &t.int, "int", &[("__new__", int)]);
    methods(
        vm,
        &t.bool,
        "bool",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            match positional(vm, "bool", args, 0, 1)?.first() {
                Some(value) => Ok(Value::bool(vm.truth(value)?)),
                None => Ok(Value::bool(false)),
            }
        })],
    );
    methods(vm, &t.float, "float", &[("__new__", float)]);
    methods(vm, &t.str, "str", &[("__new__", str)]);
    methods(vm, &t.bytes, "bytes", &[("__new__", bytes)]);
    methods(vm, &t.tuple, "tuple", &[("__new__", tuple)]);
    methods(vm, &t.list, "list", &[("__new__", empty::<List>), ("__init__", list_init)]);
    methods(vm, &t.dict, "dict", &[("__new__", empty::<Dict>), ("__init__", dict_update)]);
    methods(vm, &t.set, "set", &[("__new__", empty::<Set>), ("__init__", set_init)]);
    methods(vm, &t.frozenset, "frozenset", &[("__new__", frozenset)]);
    methods(vm, &t.range, "range", &[("__new__", range)]);
    methods(vm, &t.slice, "slice", &[("__new__", slice)]);
    methods(vm, &t.complex, "complex", &[("__new__", |vm, _| Err(vm.missing("complex()")))]);
    methods(vm, &t.type_, "type", &[("__new__", super::classes::new_type), ("__init__", |_, _| Ok(NONE))]);
    adapters(vm);
    descriptors(vm);
    exceptions(vm);
    // Types whose instances programs do not make.
    let refuse: crate::object::NativeFn = |vm, args| {
        let (class, _) = split(vm, args)?;
        let name = vm.name_of_type(class);
        Err(vm.type_error(format!("cannot create '{name}' instances")))
    };
    vm.types.each(|name, ty| {
        let Some(own) = ty.body.own() else { return };
        if name != "object" && own.get_name(vm, &vm.names.new).is_none() {
            let body = Native { name: "__new__", call: refuse, method: false, owner: "object" };
            own.set_name(vm, &vm.names.new, allocate(vm, &vm.types.builtin, body));
        }
    });
}
