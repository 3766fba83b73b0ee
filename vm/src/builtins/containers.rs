//! Methods of `dict`, `set`, generators.

use super::{method, methods};
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::object::callable::NativeFn;
use crate::object::{Dict, Set, View, ViewKind};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

fn dict<'a>(vm: &Vm, value: &'a Value) -> R<&'a Dict> {
    value.get::<Dict>().ok_or_else(|| vm.type_error("descriptor requires a 'dict' object"))
}

fn set<'a>(vm: &Vm, value: &'a Value) -> R<&'a Set> {
    value.get::<Set>().ok_or_else(|| vm.type_error("descriptor requires a 'set' object"))
}

fn view(vm: &Vm, dict: &Value, kind: ViewKind) -> Value {
    let ty = match kind {
        ViewKind::Keys => &vm.types.dict_keys,
        ViewKind::Values => &vm.types.dict_values,
        ViewKind::Items => &vm.types.dict_items,
    };
    allocate(vm, ty, View { dict: dict.clone(), kind })
}

const DICT: &[(&str, NativeFn)] = &[
    ("get", |vm, args| {
        let (it, values) = method(vm, "get", args, 1, 2)?;
        let found = dict(vm, it)?.get(vm, &values[0])?;
        Ok(found.unwrap_or_else(|| values.get(1).cloned().unwrap_or(NONE)))
    }),
    ("setdefault", |vm, args| {
        let (it, values) = method(vm, "setdefault", args, 1, 2)?;
        dict(vm, it)?.get_or_set(vm, &values[0], values.get(1).unwrap_or(&NONE))
    }),
    ("pop", |vm, args| {
        let (it, values) = method(vm, "pop", args, 1, 2)?;
        match (dict(vm, it)?.remove(vm, &values[0])?, values.get(1)) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => Err(vm.raise_with(Exc::KeyError, vec![values[0].clone()])),
        }
    }),
    ("popitem", |vm, args| {
        let (it, _) = method(vm, "dict.popitem", args, 0, 0)?;
        match dict(vm, it)?.pop(true) {
            Some((key, value)) => Ok(vm.tuple(vec![key, value])),
            None => Err(vm.raise(Exc::KeyError, "popitem(): dictionary is empty")),
        }
    }),
    ("keys", |vm, args| Ok(view(vm, method(vm, "dict.keys", args, 0, 0)?.0, ViewKind::Keys))),
    ("values", |vm, args| Ok(view(vm, method(vm, "dict.values", args, 0, 0)?.0, ViewKind::Values))),
    ("items", |vm, args| Ok(view(vm, method(vm, "dict.items", args, 0, 0)?.0, ViewKind::Items))),
    ("update", super::make::dict_update),
    ("clear", |vm, args| {
        dict(vm, method(vm, "dict.clear", args, 0, 0)?.0)?.clear();
        Ok(NONE)
    }),
    ("copy", |vm, args| {
        let (it, _) = method(vm, "dict.copy", args, 0, 0)?;
        let copy = vm.dict();
        dict(vm, &copy)?.copy_from(dict(vm, it)?);
        Ok(copy)
    }),
    ("__contains__", |vm, args| {
        let (it, values) = method(vm, "__contains__", args, 1, 1)?;
        Ok(Value::bool(dict(vm, it)?.get(vm, &values[0])?.is_some()))
    }),
    ("__getitem__", |vm, args| {
        let (it, values) = method(vm, "__getitem__", args, 1, 1)?;
        vm.plain_get_item(it, &values[0])
    }),
    ("__setitem__", |vm, args| {
        let (it, values) = method(vm, "__setitem__", args, 2, 2)?;
        vm.plain_set_item(it, &values[0], values[1].clone())?;
        Ok(NONE)
    }),
];

fn fromkeys(vm: &Vm, args: crate::object::callable::Args<'_>) -> R {
    let (class, values) = method(vm, "fromkeys", args, 1, 2)?;
    let made = if class.is(vm.types.dict.value()) { vm.dict() } else { vm.call_with(class, &[])? };
    let plain = vm.type_of(&made).is_exactly(&vm.types.dict);
    let iterator = vm.iter(&values[0])?;
    while let Some(key) = vm.next(&iterator)? {
        let value = values.get(1).cloned().unwrap_or(NONE);
        if plain {
            dict(vm, &made)?.set(vm, key, value)?;
        } else {
            vm.set_item(&made, &key, value)?;
        }
    }
    Ok(made)
}

fn gather(vm: &Vm, values: &[Value]) -> R<Vec<Value>> {
    let mut all = Vec::new();
    for value in values {
        all.extend(vm.collect(value)?);
    }
    Ok(all)
}

/// What a set has of an iterable, which is gone through until all of the set was found.
pub(crate) fn common(vm: &Vm, set: &Set, value: &Value) -> R<Set> {
    let (made, len) = (Set::default(), set.len());
    let items = vm.iter(value)?;
    while let Some(key) = vm.next(&items)? {
        vm.hash(&key)?;
        if set.contains(vm, &key)? {
            made.add(vm, key)?;
            if made.len() == len {
                break;
            }
        }
    }
    Ok(made)
}

/// A new set: the operation of the set and of each iterable.
fn combine(vm: &Vm, it: &Value, values: &[Value], kind: u32) -> R {
    let mut result = it.clone();
    if values.is_empty() {
        let copy = vm.plain_binary(it, it, 7)?.unwrap_or(NONE);
        return as_kind_of(vm, it, copy);
    }
    for value in values {
        if kind == 1 && value.get::<Set>().is_none() {
            let common = common(vm, set(vm, &result)?, value)?;
            result = allocate(vm, &vm.types.set, common);
            continue;
        }
        let other = Set::default();
        for key in vm.collect(value)? {
            other.add(vm, key)?;
        }
        let other = allocate(vm, &vm.types.set, other);
        result = vm.plain_binary(&result, &other, kind)?.unwrap_or(NONE);
    }
    as_kind_of(vm, it, result)
}

/// A new set as a `frozenset` where `it` is one, also of a derived class.
fn as_kind_of(vm: &Vm, it: &Value, made: Value) -> R {
    let frozen = vm.type_of(it).is_subtype(&vm.types.frozenset);
    if frozen && !std::ptr::eq(vm.type_of(&made), &raw const *vm.types.frozenset) {
        return vm.call_with(vm.types.frozenset.value(), &[made]);
    }
    Ok(made)
}

fn related(vm: &Vm, it: &Value, value: &Value, op: u32) -> R {
    if op == 1 && value.get::<Set>().is_none() {
        let own = set(vm, it)?;
        return Ok(Value::bool(common(vm, own, value)?.len() == own.len()));
    }
    let other = Set::default();
    for key in vm.collect(value)? {
        other.add(vm, key)?;
    }
    vm.plain_compare(it, &allocate(vm, &vm.types.set, other), op)
}

const SET: &[(&str, NativeFn)] = &[
    ("add", |vm, args| {
        let (it, values) = method(vm, "set.add", args, 1, 1)?;
        set(vm, it)?.add(vm, values[0].clone())?;
        Ok(NONE)
    }),
    ("discard", |vm, args| {
        let (it, values) = method(vm, "set.discard", args, 1, 1)?;
        drop(set(vm, it)?.remove(vm, &values[0])?);
        Ok(NONE)
    }),
    ("remove", |vm, args| {
        let (it, values) = method(vm, "set.remove", args, 1, 1)?;
        match set(vm, it)?.remove(vm, &values[0])? {
            Some(_) => Ok(NONE),
            None => Err(vm.raise_with(Exc::KeyError, vec![values[0].clone()])),
        }
    }),
    ("pop", |vm, args| {
        let (it, _) = method(vm, "set.pop", args, 0, 0)?;
        set(vm, it)?.pop().ok_or_else(|| vm.raise(Exc::KeyError, "pop from an empty set"))
    }),
    ("clear", |vm, args| {
        set(vm, method(vm, "set.clear", args, 0, 0)?.0)?.clear();
        Ok(NONE)
    }),
    ("update", |vm, args| {
        let (it, values) = method(vm, "update", args, 0, usize::MAX)?;
        for key in gather(vm, values)? {
            set(vm, it)?.add(vm, key)?;
        }
        Ok(NONE)
    }),
    ("intersection_update", |vm, args| {
        let (it, values) = method(vm, "intersection_update", args, 0, usize::MAX)?;
        let kept = combine(vm, it, values, 1)?;
        let kept = vm.collect(&kept)?;
        let set = set(vm, it)?;
        set.clear();
        for key in kept {
            set.add(vm, key)?;
        }
        Ok(NONE)
    }),
    ("symmetric_difference_update", |vm, args| {
        let (it, values) = method(vm, "symmetric_difference_update", args, 1, 1)?;
        let set = set(vm, it)?;
        let other = Set::default();
        for key in vm.collect(&values[0])? {
            other.add(vm, key)?;
        }
        for key in other.snapshot() {
            if set.remove(vm, &key)?.is_none() {
                set.add(vm, key)?;
            }
        }
        Ok(NONE)
    }),
    ("difference_update", |vm, args| {
        let (it, values) = method(vm, "difference_update", args, 0, usize::MAX)?;
        for key in gather(vm, values)? {
            drop(set(vm, it)?.remove(vm, &key)?);
        }
        Ok(NONE)
    }),
];

const FROZEN: &[(&str, NativeFn)] = &[
    ("copy", |vm, args| {
        let (it, _) = method(vm, "set.copy", args, 0, 0)?;
        if std::ptr::eq(vm.type_of(it), &raw const *vm.types.frozenset) {
            return Ok(it.clone());
        }
        let copy = vm.plain_binary(it, it, 7)?.unwrap_or(NONE);
        as_kind_of(vm, it, copy)
    }),
    ("__reduce__", |vm, args| {
        let it = method(vm, "__reduce__", args, 0, 0)?.0;
        let items = vm.list(set(vm, it)?.snapshot());
        let state = vm.get_attribute(it, &vm.intern("__getstate__"))?;
        let state = vm.call_with(&state, &[])?;
        Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(vec![items]), state]))
    }),
    ("union", |vm, args| {
        let (it, values) = method(vm, "union", args, 0, usize::MAX)?;
        combine(vm, it, values, 7)
    }),
    ("intersection", |vm, args| {
        let (it, values) = method(vm, "intersection", args, 0, usize::MAX)?;
        combine(vm, it, values, 1)
    }),
    ("difference", |vm, args| {
        let (it, values) = method(vm, "difference", args, 0, usize::MAX)?;
        combine(vm, it, values, 10)
    }),
    ("symmetric_difference", |vm, args| {
        let (it, values) = method(vm, "symmetric_difference", args, 1, 1)?;
        // What is only in the other one comes behind what is only in this one.
        let result = combine(vm, it, &[], 7)?;
        let made = Set::default();
        for key in vm.collect(&result)? {
            made.add(vm, key)?;
        }
        let others = Set::default();
        for key in vm.collect(&values[0])? {
            others.add(vm, key)?;
        }
        for key in others.snapshot() {
            if made.remove(vm, &key)?.is_none() {
                made.add(vm, key)?;
            }
        }
        as_kind_of(vm, it, allocate(vm, &vm.types.set, made))
    }),
    ("issubset", |vm, args| {
        let (it, values) = method(vm, "issubset", args, 1, 1)?;
        related(vm, it, &values[0], 1)
    }),
    ("issuperset", |vm, args| {
        let (it, values) = method(vm, "issuperset", args, 1, 1)?;
        related(vm, it, &values[0], 5)
    }),
    ("isdisjoint", |vm, args| {
        let (it, values) = method(vm, "isdisjoint", args, 1, 1)?;
        for key in vm.collect(&values[0])? {
            if set(vm, it)?.contains(vm, &key)? {
                return Ok(Value::bool(false));
            }
        }
        Ok(Value::bool(true))
    }),
];

fn raise_stop(vm: &Vm, value: Value) -> R {
    let args = if value.is_none() { Vec::new() } else { vec![value] };
    Err(vm.raise_with(Exc::StopIteration, args))
}

const GENERATOR: &[(&str, NativeFn)] = &[
    ("send", |vm, args| {
        let (it, values) = method(vm, "generator.send", args, 1, 1)?;
        vm.resume(it, values[0].clone())?.or_else(|value| raise_stop(vm, value))
    }),
    ("throw", |vm, args| {
        let (it, values) = method(vm, "throw", args, 1, 3)?;
        let exception = vm.thrown(values, "throw")?;
        vm.generator_throw(it, exception)?.or_else(|value| raise_stop(vm, value))
    }),
    ("close", |vm, args| {
        let (it, _) = method(vm, "generator.close", args, 0, 0)?;
        vm.generator_close(it)
    }),
    ("__next__", |vm, args| {
        let (it, _) = method(vm, "generator.__next__", args, 0, 0)?;
        vm.resume(it, NONE)?.or_else(|value| raise_stop(vm, value))
    }),
    ("__iter__", |vm, args| Ok(method(vm, "generator.__iter__", args, 0, 0)?.0.clone())),
];

/// Of `dict.keys()` and `dict.items()`.
const SET_VIEW: &[(&str, NativeFn)] = &[("isdisjoint", |vm, args| {
    let (it, values) = method(vm, "isdisjoint", args, 1, 1)?;
    for key in vm.collect(&values[0])? {
        if vm.contains(it, &key)? {
            return Ok(crate::value::FALSE);
        }
    }
    Ok(crate::value::TRUE)
})];

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(vm, &t.dict_keys, "dict_keys", SET_VIEW);
    methods(vm, &t.dict_items, "dict_items", SET_VIEW);
    methods(vm, &t.dict, "dict", DICT);
    methods(vm, &t.set, "set", SET);
    methods(vm, &t.set, "set", FROZEN);
    methods(vm, &t.frozenset, "frozenset", FROZEN);
    methods(vm, &t.generator, "generator", GENERATOR);
    methods(vm, &t.coroutine, "coroutine", &GENERATOR[..3]);
    methods(
        vm,
        &t.coroutine,
        "coroutine",
        &[("__await__", |vm, args| {
            let it = method(vm, "coroutine.__await__", args, 0, 0)?.0;
            vm.helper("coroutine_wrapper", std::slice::from_ref(it))
        })],
    );
    methods(
        vm,
        &t.async_generator,
        "async_generator",
        &[
            ("__aiter__", |vm, args| Ok(method(vm, "__aiter__", args, 0, 0)?.0.clone())),
            ("__anext__", |vm, args| {
                let it = method(vm, "__anext__", args, 0, 0)?.0;
                vm.first_asked(it)?;
                Ok(vm.async_generator_step(it, NONE))
            }),
            ("asend", |vm, args| {
                let (it, rest) = method(vm, "asend", args, 1, 1)?;
                vm.first_asked(it)?;
                Ok(vm.async_generator_step(it, rest[0].clone()))
            }),
            ("athrow", |vm, args| {
                let (it, rest) = method(vm, "athrow", args, 1, 3)?;
                if rest.len() > 1 {
                    vm.warn_of_old_throw("athrow")?;
                }
                vm.first_asked(it)?;
                let rest = vm.tuple(rest.to_vec());
                vm.helper("athrow", &[it.clone(), rest])
            }),
            ("aclose", |vm, args| {
                let it = method(vm, "aclose", args, 0, 0)?.0;
                vm.first_asked(it)?;
                vm.helper("aclose", std::slice::from_ref(it))
            }),
        ],
    );
    if let Some(own) = t.dict.body.own() {
        let body = crate::object::Native {
            name: "fromkeys",
            call: fromkeys,
            method: true,
            owner: "dict",
            special: false,
            of: None,
        };
        let function = allocate(vm, &t.method_descriptor, body);
        let wrapped = crate::object::Wrapper::new(function, true);
        own.set_name(
            vm,
            &vm.intern("fromkeys"),
            crate::object::types::allocate_derived(vm, &t.classmethod_descriptor, wrapped),
        );
    }
    t.each(|name, ty| {
        if ty.body.kind == crate::object::Kind::Iter {
            methods(
                vm,
                ty,
                "iterator",
                &[
                    ("__next__", |vm, args| {
                        let (it, _) = method(vm, "__next__", args, 0, 0)?;
                        vm.next_of_iter(it)?.map_or_else(|| raise_stop(vm, NONE), Ok)
                    }),
                    ("__iter__", |vm, args| Ok(method(vm, "__iter__", args, 0, 0)?.0.clone())),
                ],
            );
        }
        if [
            "list",
            "tuple",
            "dict",
            "set",
            "frozenset",
            "str",
            "range",
            "bytes",
            "dict_keys",
            "dict_values",
            "dict_items",
        ]
        .contains(&name)
        {
            methods(
                vm,
                ty,
                "object",
                &[
                    ("__iter__", |vm, args| vm.plain_iter(method(vm, "__iter__", args, 0, 0)?.0)),
                    ("__len__", |vm, args| {
                        let len = vm.len(method(vm, "__len__", args, 0, 0)?.0)?;
                        Ok(vm.int(len))
                    }),
                ],
            );
        }
    });
}
