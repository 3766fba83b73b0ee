//! Constructors of the interpreter's own types.

use super::{keywords, methods, positional};
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::modules::native::parse;
use crate::object::callable::Args;
use crate::object::iter::IterState;
use crate::object::sequence::new_tuple;
use crate::object::types::allocate_derived;
use crate::object::{
    Bytes, Dict, List, Native, Property, Range, Set, Slice, Slot, Str, Tuple, Type, Wrapper,
};
use crate::value::{ELLIPSIS, NONE, NOT_IMPLEMENTED, Object, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;

pub(super) fn split<'a>(vm: &Vm, args: Args<'a>) -> R<(&'a Object<Type>, Args<'a>)> {
    match args.values.split_first() {
        Some((class, values)) => match class.object::<Type>() {
            Some(class) => Ok((class, Args { values, names: args.names })),
            None => Err(vm.type_error("__new__(X): X is not a type object")),
        },
        None => Err(vm.type_error("__new__(): not enough arguments")),
    }
}

/// A value of a type that is derived from that of `value`, which is of the interpreter's own; or `value` itself.
pub(super) fn derive(vm: &Vm, class: &Object<Type>, value: Value) -> R {
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
    if let Some(&number) = value.get::<crate::object::Complex>() {
        return Ok(allocate_derived(vm, class, number));
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

/// The int that is equal to a whole float.
pub(crate) fn int_of_float(vm: &Vm, number: f64) -> R {
    if number.is_nan() {
        return Err(vm.value_error("cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(vm.raise(Exc::OverflowError, "cannot convert float infinity to integer"));
    }
    let number: Option<BigInt> = num_traits::FromPrimitive::from_f64(number);
    Ok(vm.int_of_big(number.unwrap_or_default()))
}

/// The value of a decimal digit of any script.
pub(crate) fn decimal(ch: char) -> Option<u32> {
    if ch.is_ascii() {
        return ch.to_digit(10);
    }
    // Digits of a script are ten in a row, zero first (Unicode 16, general category Nd).
    const ZEROS: [u32; 75] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50,
        0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
        0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40,
        0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA,
        0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0,
        0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0,
        0x1E5F1, 0x1E950, 0x1FBF0,
    ];
    let point = u32::from(ch);
    let at = ZEROS.partition_point(|&zero| zero <= point).checked_sub(1)?;
    Some(point - ZEROS[at]).filter(|&digit| digit < 10)
}

fn str(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split(vm, args)?;
    let given = args.values.len() - args.names.len();
    if given > 3 {
        return Err(vm.type_error(format!("str expected at most 3 arguments, got {given}")));
    }
    let args = super::conversions::ignored(vm, class, args)?;
    let [object, encoding, errors] = parse(vm, "str", args, ["object", "encoding", "errors"], 0)?;
    for (what, given) in [("encoding", encoding), ("errors", errors)] {
        if let Some(given) = given.filter(|it| it.get::<Str>().is_none()) {
            let got = vm.type_name(given);
            return Err(vm.type_error(format!("str() argument '{what}' must be str, not {got}")));
        }
    }
    let value = match object {
        None => vm.names.empty.clone(),
        Some(value) if encoding.is_some() || errors.is_some() => {
            if value.get::<Str>().is_some() {
                return Err(vm.type_error("decoding str is not supported"));
            }
            let data = match vm.buffer_or_none(value)? {
                Some(data) => data,
                None if vm.lookup_special(value, &vm.names.bytes).is_some() => vm.bytes_of(value)?.into(),
                None => {
                    let got = vm.type_name(value);
                    return Err(
                        vm.type_error(format!("decoding to str: need a bytes-like object, {got} found"))
                    );
                }
            };
            super::codec::decode(vm, value, &data, encoding, errors)?
        }
        Some(value) => vm.to_str(value)?,
    };
    derive(vm, class, value)
}

fn collection(vm: &Vm, args: Args<'_>, name: &str) -> R<(Value, Vec<Value>)> {
    let (class, args) = split(vm, args)?;
    let values = positional(vm, name, super::conversions::ignored(vm, class, args)?, 0, 1)?;
    let items = match values.first() {
        Some(value) => vm.collect(value)?,
        None => Vec::new(),
    };
    Ok((Value::of(class), items))
}

fn tuple(vm: &Vm, args: Args<'_>) -> R {
    if let [class, value] = args.values
        && args.names.is_empty()
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
        && args.names.is_empty()
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

/// Keyword arguments are for `__new__` where a class has its own and leaves `__init__` as it is.
fn for_new<'a>(vm: &Vm, args: Args<'a>) -> Args<'a> {
    let Some(it) = args.values.first().filter(|_| !args.names.is_empty()) else { return args };
    let own = Vm::is_made_by_program(vm.type_of(it))
        && vm.lookup_special(it, &vm.names.new).is_some_and(|it| !it.is_layouts_own());
    let count = args.values.len() - args.names.len();
    if own { Args { values: &args.values[..count], names: &[] } } else { args }
}

fn list_init(vm: &Vm, args: Args<'_>) -> R {
    let (list, values) = super::method(vm, "list", for_new(vm, args), 0, 1)?;
    let items = match values.first() {
        Some(value) => {
            let iterator = vm.iter(value)?;
            if Vm::is_made_by_program(vm.type_of(value)) {
                // Room is made here without it; an error of it is the program's to see.
                vm.length_hint(value, 8)?;
            }
            if let Some(range) = value.get::<Range>() {
                vm.check_room_of(range.len() as usize, size_of::<Value>())?;
            }
            vm.collect(&iterator)?
        }
        None => Vec::new(),
    };
    if let Some(list) = list.get::<List>() {
        drop(list.replace(items));
    }
    Ok(NONE)
}

fn set_init(vm: &Vm, args: Args<'_>) -> R {
    let (set, values) = super::method(vm, "set", for_new(vm, args), 0, 1)?;
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
    if let [stop] = values
        && let Some(stop) = stop.as_small().filter(|&it| it >= 0)
    {
        return Ok(allocate(vm, &vm.types.range, Range { start: 0, stop, step: 1 }));
    }
    let mut numbers = [BigInt::ZERO, BigInt::ZERO, BigInt::from(1)];
    for (number, value) in numbers.iter_mut().zip(values) {
        *number = match vm.index_number(value)? {
            Some(number) => number,
            None => {
                let name = vm.type_name(value);
                return Err(vm.type_error(format!("'{name}' object cannot be interpreted as an integer")));
            }
        };
    }
    let [start, stop, step] = numbers;
    if values.len() == 1 { vm.range_of(stop, start, step) } else { vm.range_of(start, stop, step) }
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
    let args = super::conversions::ignored(vm, class, args)?;
    let [source, encoding, errors] = parse(vm, "bytes", args, ["source", "encoding", "errors"], 0)?;
    if let (Some(it), None, None) = (source, encoding, errors)
        && std::ptr::eq(vm.type_of(it), &raw const *vm.types.bytes)
    {
        return derive(vm, class, it.clone());
    }
    let data = super::bytes::make(vm, source, encoding, errors, "bytes")?;
    let value = vm.bytes(data);
    derive(vm, class, value)
}

/// What `enumerate` is given; its complaints are its own.
fn enumerated<'a>(vm: &Vm, args: Args<'a>) -> R<(&'a Value, Value)> {
    let count = args.values.len() - args.names.len();
    if args.values.len() > 2 && count > 0 {
        let message = format!("enumerate() takes at most 2 arguments ({} given)", args.values.len());
        return Err(vm.type_error(message));
    }
    let values = &args.values[..count];
    let named = |wanted: &str| {
        let at = args.names.iter().position(|it| vm.text_of(it) == wanted);
        at.map(|at| &args.values[count + at])
    };
    // A name is looked at where it can be of use: the second one where nothing is given by position.
    let fits: &[&str] = match (values.len(), args.names.len()) {
        (0, 0 | 3..) => return Err(vm.type_error("enumerate() missing required argument 'iterable'")),
        (1, 1) => &["start"],
        (0, _) => &["iterable", "start"],
        _ => &[],
    };
    let other = args.names.iter().map(|it| vm.text_of(it)).find(|it| !fits.contains(&it.as_str()));
    match (values, other) {
        (_, Some(name)) => {
            Err(vm.type_error(format!("'{name}' is an invalid keyword argument for enumerate()")))
        }
        ([], None) => match named("iterable") {
            Some(iterable) => Ok((iterable, named("start").cloned().unwrap_or(Value::from_i32(0)))),
            None => Err(vm.type_error("'start' is an invalid keyword argument for enumerate()")),
        },
        ([iterable, rest @ ..], None) => {
            let start = rest.first().or_else(|| named("start"));
            Ok((iterable, start.cloned().unwrap_or(Value::from_i32(0))))
        }
    }
}

/// The arguments of a function that takes any number of them, and some names. CPython parses the names by themselves.
pub(super) fn only_named<'a, const N: usize>(
    vm: &Vm,
    name: &str,
    args: Args<'a>,
    names: [&str; N],
) -> R<(&'a [Value], [Option<&'a Value>; N])> {
    if args.names.len() > N {
        let plural = if N == 1 { "" } else { "s" };
        let given = args.names.len();
        return Err(
            vm.type_error(format!("{name}() takes at most {N} keyword argument{plural} ({given} given)"))
        );
    }
    keywords(vm, name, args, names)
}

fn adapters(vm: &Vm) {
    methods(
        vm,
        &vm.types.enumerate,
        "enumerate",
        &[("__new__", |vm, args| {
            let (class, args) = split(vm, args)?;
            let (iterable, start) = enumerated(vm, args)?;
            let start = if vm.as_big(&start).is_some() { start } else { vm.whole_number(&start)? };
            let inner = vm.iter(iterable)?;
            Ok(vm.derived_iter(class, IterState::Enumerate(inner, start)))
        })],
    );
    methods(
        vm,
        &vm.types.zip,
        "zip",
        &[("__new__", |vm, args| {
            let (class, args) = split(vm, args)?;
            let (values, [strict]) = only_named(vm, "zip", args, ["strict"])?;
            let strict = match strict {
                Some(strict) => vm.truth(strict)?,
                None => false,
            };
            let inner = values.iter().map(|it| vm.iter(it)).collect::<R<Vec<_>>>()?;
            Ok(vm.derived_iter(class, IterState::Zip(inner, strict)))
        })],
    );
    methods(
        vm,
        &vm.types.map,
        "map",
        &[("__new__", |vm, args| {
            let (class, args) = split(vm, args)?;
            let (values, [strict]) = only_named(vm, "map", args, ["strict"])?;
            let strict = match strict {
                Some(strict) => vm.truth(strict)?,
                None => false,
            };
            let [function, iterables @ ..] = values else {
                return Err(vm.type_error("map() must have at least two arguments."));
            };
            if iterables.is_empty() {
                return Err(vm.type_error("map() must have at least two arguments."));
            }
            let inner = iterables.iter().map(|it| vm.iter(it)).collect::<R<Vec<_>>>()?;
            Ok(vm.derived_iter(class, IterState::Map(function.clone(), inner, strict)))
        })],
    );
    methods(
        vm,
        &vm.types.filter,
        "filter",
        &[("__new__", |vm, args| {
            let (class, args) = split(vm, args)?;
            let args = super::conversions::ignored(vm, class, args)?;
            let values = positional(vm, "filter", args, 2, 2)?;
            let inner = vm.iter(&values[1])?;
            Ok(vm.derived_iter(class, IterState::Filter(values[0].clone(), inner)))
        })],
    );
    methods(
        vm,
        &vm.types.reversed,
        "reversed",
        &[("__new__", |vm, args| {
            let (_, args) = split(vm, args)?;
            super::functions::reversed(vm, one(vm, "reversed", args)?)
        })],
    );
}

fn descriptors(vm: &Vm) {
    fn property(vm: &Vm, class: &Object<Type>, [get, set, del, doc]: [Option<Value>; 4]) -> Value {
        let slot = |it: Option<Value>| Slot::new(it.filter(|it| !it.is_none()));
        let body = Property {
            get: slot(get),
            set: slot(set),
            del: slot(del),
            doc: slot(doc),
            name: Slot::default(),
            getter_doc: std::cell::Cell::new(false),
        };
        allocate_derived(vm, class, body)
    }
    fn with(vm: &Vm, args: Args<'_>, which: usize) -> R {
        let (it, values) = super::method(vm, "setter", args, 1, 1)?;
        let Some(old) = it.get::<Property>() else { return Err(vm.type_error("not a property")) };
        let doc = if old.getter_doc.get() { None } else { old.doc.get() };
        let mut parts = [old.get.get(), old.set.get(), old.del.get(), doc];
        parts[which] = Some(values[0].clone());
        let documented = parts[3].is_none() && has_doc(vm, parts[0].as_ref())?;
        let class = vm.class_of(it);
        let Some(class) = class.object::<Type>() else { return Err(vm.type_error("not a property")) };
        if Vm::is_made_by_program(class) {
            let parts = parts.map(|it| it.unwrap_or(NONE));
            return vm.call_with(&vm.class_of(it), &parts);
        }
        let made = property(vm, class, parts);
        if let Some(made) = made.get::<Property>() {
            made.name.set(old.name.get());
            made.getter_doc.set(documented);
        }
        Ok(made)
    }
    methods(
        vm,
        &vm.types.property,
        "property",
        &[
            ("__new__", |vm, args| {
                let (class, _) = split(vm, args)?;
                Ok(property(vm, class, [const { None }; 4]))
            }),
            ("__init__", |vm, args| {
                let Some((it, values)) = args.values.split_first() else { return Ok(NONE) };
                let args = Args { values, names: args.names };
                let given = parse(vm, "property", args, ["fget", "fset", "fdel", "doc"], 0)?;
                let at = |at: usize| given[at].filter(|it| !it.is_none()).cloned();
                if let Some(property) = it.get::<Property>() {
                    property.get.set(at(0));
                    property.set.set(at(1));
                    property.del.set(at(2));
                    property.doc.set(at(3));
                    property.getter_doc.set(at(3).is_none() && has_doc(vm, at(0).as_ref())?);
                    if Vm::is_made_by_program(vm.type_of(it)) {
                        put_doc(vm, it, at(0), at(3))?;
                    }
                }
                Ok(NONE)
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
        &[
            ("__new__", |vm, args| {
                let (class, args) = split(vm, args)?;
                wrapped(vm, "staticmethod", class, args, false)
            }),
            ("__init__", init_wrapper),
            ("__repr__", show_wrapper),
        ],
    );
    methods(
        vm,
        &vm.types.classmethod,
        "classmethod",
        &[
            ("__new__", |vm, args| {
                let (class, args) = split(vm, args)?;
                wrapped(vm, "classmethod", class, args, true)
            }),
            ("__init__", init_wrapper),
            ("__repr__", show_wrapper),
        ],
    );
    methods(
        vm,
        &vm.types.super_,
        "super",
        &[
            ("__new__", |vm, args| {
                let (made, args) = split(vm, args)?;
                let plain = std::ptr::eq(made, &raw const *vm.types.super_);
                let args = if plain { args } else { Args { values: args.values, names: &[] } };
                match if plain { super_arguments(vm, args)? } else { args.values } {
                    [] => vm.zero_super(made),
                    [class] => vm.make_super(made, class, None),
                    [class, object, ..] => {
                        vm.make_super(made, class, Some(object).filter(|it| !it.is_none()))
                    }
                }
            }),
            ("__init__", |_, _| Ok(NONE)),
        ],
    );
}

/// `staticmethod(function)` and `classmethod(function)`
fn super_arguments<'a>(vm: &Vm, args: Args<'a>) -> R<&'a [Value]> {
    // The complaint about too many has parentheses, the one about names has them once.
    positional(vm, if args.names.is_empty() { "super()" } else { "super" }, args, 0, 2)
}

/// The one argument of a type whose own function counts them.
fn one<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<&'a Value> {
    match args.values {
        [value] if args.names.is_empty() => Ok(value),
        values if args.names.is_empty() => {
            Err(vm.type_error(format!("{name} expected 1 argument, got {}", values.len())))
        }
        _ => Err(vm.type_error(format!("{name}() takes no keyword arguments"))),
    }
}

fn wrapped(vm: &Vm, name: &str, class: &Object<Type>, args: Args<'_>, is_class: bool) -> R {
    // Only `__init__` of the types themselves looks at the number of arguments.
    let function = if Vm::is_made_by_program(class) {
        // An `__init__` of the class's own may never come to say what is wrapped.
        let inits = vm.lookup(class, &vm.names.init).is_some_and(|it| it.is_layouts_own());
        args.values.first().filter(|_| inits).cloned().unwrap_or(NONE)
    } else {
        one(vm, name, args)?.clone()
    };
    Ok(allocate_derived(vm, class, Wrapper::new(function, is_class)))
}

fn init_wrapper(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = super::method(vm, "__init__", args, 1, 1)?;
    if let Some(wrapper) = it.get::<Wrapper>() {
        wrapper.held().set(Some(values[0].clone()));
    }
    Ok(NONE)
}

fn show_wrapper(vm: &Vm, args: Args<'_>) -> R {
    let it = super::method(vm, "__repr__", args, 0, 0)?.0;
    let Some(wrapper) = it.get::<Wrapper>() else { return vm.repr(it) };
    let name = if wrapper.is_class { "classmethod" } else { "staticmethod" };
    Ok(vm.str(&format!("<{name}({})>", vm.repr_text(&wrapper.function())?)))
}

/// Has a getter a docstring?
fn has_doc(vm: &Vm, get: Option<&Value>) -> R<bool> {
    let Some(get) = get else { return Ok(false) };
    Ok(vm.get_attribute_or_none(get, &vm.names.doc)?.is_some_and(|it| !it.is_none()))
}

/// An instance of a class that derives from `property` has its docstring among its attributes, where the class's does
/// not hide it. CPython: `property_init_impl`.
fn put_doc(vm: &Vm, it: &Value, get: Option<Value>, doc: Option<Value>) -> R<()> {
    let given = doc.is_some();
    let of_getter = match (&doc, get) {
        (None, Some(get)) => vm.get_attribute_or_none(&get, &vm.names.doc)?.filter(|it| !it.is_none()),
        _ => None,
    };
    let from_getter = !given && of_getter.is_some();
    let doc = doc.or(of_getter).unwrap_or(NONE);
    match vm.set_attribute(it, &vm.names.doc, doc) {
        Err(_) if !from_getter && vm.pending_is(Exc::AttributeError) => {
            vm.pending.set(None);
            Ok(())
        }
        result => result,
    }
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
                let values = &args.values[..count];
                if class.is_subtype(vm.exceptions.get(Exc::BaseExceptionGroup)) {
                    return vm.new_group(class, values);
                }
                if std::ptr::eq(class, &raw const **vm.exceptions.get(Exc::OSError))
                    && let Some(number) = values.first().filter(|_| count >= 2).and_then(|it| vm.as_i64(it))
                {
                    let class = vm.exceptions.get(super::exceptions::of_errno(number));
                    return Ok(vm.exception(class, values.to_vec()));
                }
                Ok(vm.exception(class, values.to_vec()))
            }),
            ("__init__", |vm, args| super::exceptions::init(vm, args)),
            ("__reduce__", |vm, args| {
                let it = super::method(vm, "__reduce__", args, 0, 0)?.0;
                let Some(exception) = it.get::<crate::object::Exception>() else { return Ok(NONE) };
                super::exceptions::reduce(vm, it, exception)
            }),
            ("__setstate__", |vm, args| {
                let (it, rest) = super::method(vm, "__setstate__", args, 1, 1)?;
                match rest[0].get::<Dict>() {
                    Some(dict) => {
                        for (key, value) in dict.snapshot() {
                            vm.set_attribute(it, &key, value)?;
                        }
                    }
                    None if rest[0].is_none() => {}
                    None => return Err(vm.type_error("state is not a dictionary")),
                }
                Ok(NONE)
            }),
            ("__repr__", |vm, args| {
                let text = vm.plain_repr(super::method(vm, "__repr__", args, 0, 0)?.0)?;
                Ok(vm.str(&text))
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
                if values[0].get::<Str>().is_none() {
                    let got = vm.type_name(&values[0]);
                    return Err(vm.type_error(format!("add_note() argument must be str, not {got}")));
                }
                let notes = match vm.own_attribute(it, &vm.names.notes) {
                    Some(notes) => notes,
                    None => {
                        let notes = vm.list(Vec::new());
                        vm.set_attribute(it, &vm.names.notes, notes.clone())?;
                        notes
                    }
                };
                match notes.get::<List>() {
                    Some(notes) => notes.push(values[0].clone()),
                    None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
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

/// `NoneType()` and the like: the one instance.
fn single(vm: &Vm, args: Args<'_>, value: &Value) -> R {
    if args.values.len() > 1 {
        let name = if value.is(&ELLIPSIS) { "EllipsisType".to_owned() } else { vm.plain_type_name(value) };
        return Err(vm.type_error(format!("{name} takes no arguments")));
    }
    Ok(value.clone())
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(
        vm,
        &t.bool,
        "bool",
        &[("__new__", |vm, args| {
            let (class, args) = split(vm, args)?;
            if !class.is_exactly(&vm.types.bool) {
                let name = vm.name_of_type(class);
                let message = format!("bool.__new__({name}): {name} is not a subtype of bool");
                return Err(vm.type_error(message));
            }
            match positional(vm, "bool", args, 0, 1)?.first() {
                Some(value) => Ok(Value::bool(vm.truth(value)?)),
                None => Ok(Value::bool(false)),
            }
        })],
    );
    methods(vm, &t.str, "str", &[("__new__", str)]);
    methods(vm, &t.bytes, "bytes", &[("__new__", bytes)]);
    methods(vm, &t.tuple, "tuple", &[("__new__", tuple)]);
    methods(vm, &t.list, "list", &[("__new__", empty::<List>), ("__init__", list_init)]);
    methods(vm, &t.dict, "dict", &[("__new__", empty::<Dict>), ("__init__", dict_update)]);
    methods(vm, &t.set, "set", &[("__new__", empty::<Set>), ("__init__", set_init)]);
    methods(vm, &t.frozenset, "frozenset", &[("__new__", frozenset)]);
    methods(vm, &t.range, "range", &[("__new__", range)]);
    methods(vm, &t.slice, "slice", &[("__new__", slice)]);
    methods(vm, &t.type_, "type", &[("__new__", super::classes::new_type), ("__init__", |_, _| Ok(NONE))]);
    adapters(vm);
    descriptors(vm);
    exceptions(vm);
    let singletons: [(_, crate::object::NativeFn); 3] = [
        (&t.none_type, |vm, args| single(vm, args, &NONE)),
        (&t.not_implemented_type, |vm, args| single(vm, args, &NOT_IMPLEMENTED)),
        (&t.ellipsis, |vm, args| single(vm, args, &ELLIPSIS)),
    ];
    for (ty, new) in singletons {
        methods(vm, ty, "", &[("__new__", new)]);
    }
    // Pickles name them.
    let named: [(_, _, crate::object::NativeFn); 2] = [
        (&t.not_implemented_type, "NotImplementedType", |vm, args| {
            super::method(vm, "__reduce__", args, 0, 0).map(|_| vm.str("NotImplemented"))
        }),
        (&t.ellipsis, "ellipsis", |vm, args| {
            super::method(vm, "__reduce__", args, 0, 0).map(|_| vm.str("Ellipsis"))
        }),
    ];
    for (ty, owner, reduce) in named {
        methods(vm, ty, owner, &[("__reduce__", reduce)]);
    }
    // Types whose instances programs do not make.
    let refuse: crate::object::NativeFn = |vm, args| {
        let (class, _) = split(vm, args)?;
        let name = vm.name_of_type(class);
        Err(vm.type_error(format!("cannot create '{name}' instances")))
    };
    vm.types.each(|name, ty| {
        let Some(own) = ty.body.own() else { return };
        if name != "object" && own.get_name(vm, &vm.names.new).is_none() {
            let body = Native {
                name: "__new__",
                call: refuse,
                method: false,
                owner: "object",
                special: false,
                of: None,
            };
            own.set_name(vm, &vm.names.new, allocate(vm, &vm.types.builtin, body));
        }
    });
}
