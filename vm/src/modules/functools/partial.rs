//! `partial`, and the `Placeholder` that leaves room for an argument.

use super::split;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, alias, call_method, read_only};
use crate::object::callable::Args;
use crate::object::{Data, Dict, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::RefCell;

pub(super) static PLACEHOLDER: Spec = Spec {
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    methods: &[
        ("__new__", |vm, args| {
            if args.values.len() > 1 {
                return Err(vm.type_error("_PlaceholderType takes no arguments"));
            }
            Ok(placeholder(vm))
        }),
        ("__repr__", |vm, _| Ok(vm.str("Placeholder"))),
        ("__reduce__", |vm, _| Ok(vm.str("Placeholder"))),
    ],
    ..Spec::new(Own::PlaceholderType, "functools._PlaceholderType")
};

struct Nothing;

impl Data for Nothing {}

/// `Placeholder`
pub(super) fn placeholder(vm: &Vm) -> Value {
    match vm.modules_state.placeholder.get() {
        Some(it) => it,
        None => {
            let it = vm.custom(&PLACEHOLDER, Nothing);
            vm.modules_state.placeholder.set(Some(it.clone()));
            it
        }
    }
}

/// `partial`
pub(crate) static PARTIAL: Spec = Spec {
    derivable: true,
    open: true,
    doc: "Create a new function with partial application of the given arguments and keywords.",
    methods: &[
        ("__new__", new),
        ("__call__", call_method),
        ("__get__", |vm, args| {
            let (it, values) = method(vm, "__get__", args, 1, 2)?;
            Ok(if values[0].is_none() { it.clone() } else { vm.bound(it, &values[0]) })
        }),
        ("__repr__", repr),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let state = state(vm, it)?;
            let own = vm.object_state(it)?;
            let first = vm.tuple(vec![state.function.clone()]);
            let row = vec![state.function, state.args, state.keywords, own];
            Ok(vm.tuple(vec![vm.class_of(it), first, vm.tuple(row)]))
        }),
        ("__setstate__", set_state),
    ],
    class_methods: &[("__class_getitem__", alias)],
    attributes: &[
        ("func", read_only(|vm, it| Ok(state(vm, it)?.function))),
        ("args", read_only(|vm, it| Ok(state(vm, it)?.args))),
        ("keywords", read_only(|vm, it| Ok(state(vm, it)?.keywords))),
    ],
    ..Spec::new(Own::Partial, "functools.partial")
};

#[derive(Clone)]
struct State {
    function: Value,
    /// A `tuple`.
    args: Value,
    /// A `dict`.
    keywords: Value,
    /// How many of the arguments are left open.
    open: usize,
}

struct Partial(RefCell<State>);

impl Data for Partial {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        if let Ok(state) = self.0.try_borrow() {
            see(&state.function);
            see(&state.args);
            see(&state.keywords);
        }
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        let state = self.0.borrow().clone();
        Some(call(vm, &state, args))
    }
}

fn state(vm: &Vm, it: &Value) -> R<State> {
    let data: &Partial = vm.own_data("partial", it, &PARTIAL)?;
    Ok(data.0.borrow().clone())
}

fn row(it: &Value) -> &[Value] {
    it.get::<Tuple>().map_or(&[], |it| &it.items)
}

/// The arguments of a `partial`, the open ones filled from the given ones; how many of those were used.
fn fill(vm: &Vm, state: &State, given: &[Value], out: &mut Vec<Value>) -> usize {
    let mut used = 0;
    if state.open == 0 {
        out.extend_from_slice(row(&state.args));
        return 0;
    }
    let open = placeholder(vm);
    for value in row(&state.args) {
        if value.is(&open) && used < given.len() {
            out.push(given[used].clone());
            used += 1;
        } else {
            out.push(value.clone());
        }
    }
    used
}

fn call(vm: &Vm, state: &State, args: Args<'_>) -> R {
    let (plain, named) = args.values.split_at(args.values.len() - args.names.len());
    if plain.len() < state.open {
        let (open, got) = (state.open, plain.len());
        return Err(vm.type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {open}, got {got}"
        )));
    }
    let mut values = Vec::with_capacity(row(&state.args).len() + args.values.len());
    let used = fill(vm, state, plain, &mut values);
    values.extend_from_slice(&plain[used..]);
    let keywords = match state.keywords.get::<Dict>() {
        Some(keywords) if !keywords.is_empty() => keywords,
        _ => {
            values.extend_from_slice(named);
            return vm.call(&state.function, Args { values: &values, names: args.names });
        }
    };
    let mut names = Vec::new();
    let count = values.len();
    for (name, value) in keywords.snapshot() {
        names.push(name);
        values.push(value);
    }
    for (name, value) in args.names.iter().zip(named) {
        match names.iter().position(|it| it.is(name) || crate::object::str::same(it, name)) {
            Some(at) => values[count + at] = value.clone(),
            None => {
                names.push(name.clone());
                values.push(value.clone());
            }
        }
    }
    vm.call(&state.function, Args { values: &values, names: &names })
}

fn new(vm: &Vm, args: Args<'_>) -> R {
    let (class, plain, names, named) = split(vm, args)?;
    let Some((function, given)) = plain.split_first() else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if !vm.is_callable(function) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let open = placeholder(vm);
    if given.last().is_some_and(|it| it.is(&open)) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    if named.iter().any(|it| it.is(&open)) {
        return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    let keywords = vm.dict();
    let mut all = Vec::with_capacity(given.len());
    let mut inner_function = function.clone();
    // A `partial` of a `partial` that nothing was added to is one.
    let inner = function.data::<Partial>().filter(|_| {
        vm.type_of(function).is_subtype(vm.own(&PARTIAL))
            && function.dict_slot().is_none_or(|it| !it.is_some())
    });
    if let Some(inner) = inner {
        let inner = inner.0.borrow().clone();
        let used = fill(vm, &inner, given, &mut all);
        all.extend_from_slice(&given[used..]);
        inner_function = inner.function;
        if let (Some(to), Some(from)) = (keywords.get::<Dict>(), inner.keywords.get::<Dict>()) {
            to.copy_from(from);
        }
    } else {
        all.extend_from_slice(given);
    }
    if let Some(dict) = keywords.get::<Dict>() {
        for (name, value) in names.iter().zip(named) {
            dict.set_name(vm, name, value.clone());
        }
    }
    let count = all.iter().filter(|it| it.is(&open)).count();
    let state = State { function: inner_function, args: vm.tuple(all), keywords, open: count };
    Ok(vm.custom_of(class, Partial(RefCell::new(state))))
}

fn repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let state = state(vm, it)?;
    let ty = vm.type_of(it);
    let qualname = vm.text_of(&ty.body.qualname.get().unwrap_or(NONE));
    let module = vm.get_attribute(&vm.class_of(it), &vm.names.module)?;
    let name = format!("{}.{qualname}", vm.text_of(&module));
    let identity = it.identity();
    if vm.in_repr.borrow().contains(&identity) {
        return Ok(vm.str("..."));
    }
    vm.enter_native()?;
    vm.in_repr.borrow_mut().push(identity);
    let texts = (|| {
        let mut texts = vec![vm.repr_text(&state.function)?];
        for value in row(&state.args) {
            texts.push(vm.repr_text(value)?);
        }
        if let Some(keywords) = state.keywords.get::<Dict>() {
            for (key, value) in keywords.snapshot() {
                let key = vm.str_text(&key)?;
                texts.push(format!("{key}={}", vm.repr_text(&value)?));
            }
        }
        Ok(texts)
    })();
    vm.in_repr.borrow_mut().pop();
    vm.leave_native();
    Ok(vm.str(&format!("{name}({})", texts?.join(", "))))
}

fn set_state(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__setstate__", args, 1, 1)?;
    let data: &Partial = vm.own_data("__setstate__", it, &PARTIAL)?;
    let invalid = || vm.type_error("invalid partial state");
    let Some(tuple) = values[0].get::<Tuple>() else { return Err(invalid()) };
    let [function, args, keywords, own] = &tuple.items[..] else { return Err(invalid()) };
    let dict_or_none = |it: &Value| it.is_none() || it.get::<Dict>().is_some();
    if !vm.is_callable(function)
        || args.get::<Tuple>().is_none()
        || !dict_or_none(keywords)
        || !dict_or_none(own)
    {
        return Err(invalid());
    }
    let open = placeholder(vm);
    if row(args).last().is_some_and(|it| it.is(&open)) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    let count = row(args).iter().filter(|it| it.is(&open)).count();
    let exact = std::ptr::eq(vm.type_of(args), &raw const *vm.types.tuple);
    let args = if exact { args.clone() } else { vm.tuple(row(args).to_vec()) };
    let copy = vm.dict();
    if let (Some(to), Some(from)) = (copy.get::<Dict>(), keywords.get::<Dict>()) {
        to.copy_from(from);
    }
    let exact = std::ptr::eq(vm.type_of(keywords), &raw const *vm.types.dict);
    let keywords = if exact { keywords.clone() } else { copy };
    let state = State { function: function.clone(), args, keywords, open: count };
    let old = data.0.replace(state);
    drop(old);
    if let Some(slot) = it.dict_slot() {
        slot.set(Some(own.clone()).filter(|it| !it.is_none()));
    }
    Ok(NONE)
}
