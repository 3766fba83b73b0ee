//! More methods of `str`: translation, tabs, questions about all characters.

use super::{method, methods};
use crate::object::callable::{Args, NativeFn};
use crate::object::{Dict, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};

fn own<'a>(vm: &Vm, value: &'a Value) -> R<&'a Str> {
    value.get::<Str>().ok_or_else(|| vm.type_error("descriptor requires a 'str' object"))
}

fn translate(vm: &Vm, args: Args<'_>) -> R {
    let (it, rest) = method(vm, "str.translate", args, 1, 1)?;
    let mut out = Vec::new();
    for point in own(vm, it)?.points() {
        let found = match vm.get_item(&rest[0], &vm.int(point.into())) {
            Ok(found) => found,
            Err(Raised) if vm.pending_is(crate::builtins::exceptions::Exc::LookupError) => {
                vm.pending.set(None);
                out.push(point);
                continue;
            }
            Err(Raised) => return Err(Raised),
        };
        if let Some(text) = found.get::<Str>() {
            out.extend(text.points());
        } else if let Some(number) = vm.as_i64(&found) {
            match u32::try_from(number) {
                Ok(point @ 0..0x11_0000) => out.push(point),
                _ => return Err(vm.value_error("character mapping must be in range(0x110000)")),
            }
        } else if !found.is_none() {
            return Err(vm.type_error("character mapping must return integer, None or str"));
        }
    }
    Ok(vm.str_of_points(&out))
}

fn maketrans(vm: &Vm, args: Args<'_>) -> R {
    let (_, rest) = method(vm, "maketrans", args, 1, 3)?;
    let made = vm.dict();
    let Some(table) = made.get::<Dict>() else { return Ok(made) };
    if rest.len() == 1 {
        let Some(from) = rest[0].get::<Dict>() else {
            let message = "if you give only one argument to maketrans it must be a dict";
            return Err(vm.type_error(message));
        };
        for (key, value) in from.snapshot() {
            let key = match key.get::<Str>() {
                Some(text) if text.len() == 1 => vm.int(text.at(0).unwrap_or(0).into()),
                Some(_) => return Err(vm.value_error("string keys in translatetable must be of length 1")),
                None if vm.as_i64(&key).is_some() => key,
                None => return Err(vm.type_error("keys in translate table mustbe strings or integers")),
            };
            table.set(vm, key, value)?;
        }
        return Ok(made);
    }
    let (from, to) = (own(vm, &rest[0])?.points(), own(vm, &rest[1])?.points());
    if from.len() != to.len() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (from, to) in from.into_iter().zip(to) {
        table.set(vm, vm.int(from.into()), vm.int(to.into()))?;
    }
    if let Some(gone) = rest.get(2) {
        for point in own(vm, gone)?.points() {
            table.set(vm, vm.int(point.into()), NONE)?;
        }
    }
    Ok(made)
}

fn expandtabs(vm: &Vm, args: Args<'_>) -> R {
    let (it, [size]) = super::bytes::receive(vm, "expandtabs", args, ["tabsize"], 0)?;
    let size = vm.tab_size(size)?;
    let (mut out, mut column) = (Vec::new(), 0);
    for point in own(vm, it)?.points() {
        match point {
            9 => {
                let count = if size == 0 { 0 } else { size - column % size };
                out.extend(std::iter::repeat_n(32, count));
                column += count;
            }
            10 | 13 => {
                column = 0;
                out.push(point);
            }
            _ => {
                column += 1;
                out.push(point);
            }
        }
    }
    Ok(vm.str_of_points(&out))
}

const STR: &[(&str, NativeFn)] = &[
    ("translate", translate),
    ("expandtabs", expandtabs),
    ("istitle", |vm, args| {
        let it = method(vm, "str.istitle", args, 0, 0)?.0;
        Ok(Value::bool(super::casing::istitle(&own(vm, it)?.to_str())))
    }),
    ("isdecimal", |vm, args| {
        let text = own(vm, method(vm, "str.isdecimal", args, 0, 0)?.0)?.to_str().into_owned();
        let all = text.chars().all(|ch| super::make::decimal(ch).is_some());
        Ok(Value::bool(!text.is_empty() && all))
    }),
    ("isnumeric", |vm, args| {
        let text = own(vm, method(vm, "str.isnumeric", args, 0, 0)?.0)?.to_str().into_owned();
        Ok(Value::bool(!text.is_empty() && text.chars().all(|ch| super::strings::is_numeric(vm, ch))))
    }),
    ("isprintable", |vm, args| {
        let it = method(vm, "str.isprintable", args, 0, 0)?.0;
        let text = own(vm, it)?;
        // What `repr` shows as it is, but for quotes and backslashes.
        let plain: Vec<u32> = text.points().into_iter().filter(|it| !matches!(it, 39 | 34 | 92)).collect();
        let shown = vm.repr_text(&vm.str_of_points(&plain))?;
        Ok(Value::bool(shown.chars().count() == plain.len() + 2))
    }),
    ("format_map", |vm, args| {
        let (it, rest) = method(vm, "str.format_map", args, 1, 1)?;
        vm.str_format_map(it, &rest[0])
    }),
    ("__getnewargs__", |vm, args| {
        let it = method(vm, "__getnewargs__", args, 0, 0)?.0;
        Ok(vm.tuple(vec![vm.str_of_points(&own(vm, it)?.points())]))
    }),
];

pub(crate) fn fill(vm: &Vm) {
    methods(vm, &vm.types.str, "str", STR);
    if let Some(own) = vm.types.str.body.own() {
        let body = crate::object::Native {
            name: "maketrans",
            call: |vm, args| {
                let mut values = vec![NONE];
                values.extend_from_slice(args.values);
                maketrans(vm, Args { values: &values, names: args.names })
            },
            method: false,
            owner: "str",
            special: false,
            of: None,
        };
        let function = crate::heap::allocate(vm, &vm.types.builtin, body);
        let wrapped = crate::object::Wrapper::new(function, false);
        own.set_name(
            vm,
            &vm.intern("maketrans"),
            crate::object::types::allocate_derived(vm, &vm.types.staticmethod, wrapped),
        );
    }
}
