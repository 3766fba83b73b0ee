//! `_functools`

mod cache;
mod partial;

use super::native::{Own, Spec, call_method, parse, read_only, split_class};
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::object::Data;
use crate::object::callable::Args;
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
pub(crate) use partial::PARTIAL;

/// `_functools`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_type(module, &PARTIAL);
    vm.put_type(module, &partial::PLACEHOLDER);
    vm.put_type(module, &cache::CACHE);
    vm.put(module, "Placeholder", partial::placeholder(vm));
    vm.put_functions(module, &[("reduce", reduce), ("cmp_to_key", cmp_to_key)]);
    Ok(())
}

fn reduce(vm: &Vm, args: Args<'_>) -> R {
    let [function, source, initial] = match args.values.len() - args.names.len() {
        0 | 1 => {
            let count = args.values.len();
            return Err(vm.type_error(format!("reduce expected at least 2 arguments, got {count}")));
        }
        _ => parse(vm, "reduce", args, ["", "", "initial"], 2)?,
    };
    let none = NONE;
    let (function, source) = (function.unwrap_or(&none), source.unwrap_or(&none));
    let source = match vm.iter(source) {
        Ok(source) => source,
        Err(Raised) if vm.pending_is(Exc::TypeError) => {
            vm.pending.set(None);
            return Err(vm.type_error("reduce() arg 2 must support iteration"));
        }
        Err(Raised) => return Err(Raised),
    };
    let mut total = initial.cloned();
    while let Some(value) = vm.next(&source)? {
        total = Some(match total {
            None => value,
            Some(total) => vm.call_with(function, &[total, value])?,
        });
    }
    total.ok_or_else(|| vm.type_error("reduce() of empty iterable with no initial value"))
}

static KEY: Spec = Spec {
    methods: &[
        ("__call__", call_method),
        ("__lt__", |vm, args| compare(vm, "__lt__", args, 0)),
        ("__le__", |vm, args| compare(vm, "__le__", args, 1)),
        ("__eq__", |vm, args| compare(vm, "__eq__", args, 2)),
        ("__ne__", |vm, args| compare(vm, "__ne__", args, 3)),
        ("__gt__", |vm, args| compare(vm, "__gt__", args, 4)),
        ("__ge__", |vm, args| compare(vm, "__ge__", args, 5)),
    ],
    attributes: &[(
        "obj",
        read_only(|vm, it| {
            let data: &Key = vm.own_data("obj", it, &KEY)?;
            data.object.clone().ok_or_else(|| vm.raise(Exc::AttributeError, "object"))
        }),
    )],
    ..Spec::new(Own::CmpKey, "functools.KeyWrapper")
};

struct Key {
    compare: Value,
    object: Option<Value>,
}

impl Data for Key {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.compare);
        self.object.iter().for_each(see);
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        Some((|| {
            let [object] = parse(vm, "K", args, ["obj"], 1)?;
            Ok(vm.custom(&KEY, Key { compare: self.compare.clone(), object: object.cloned() }))
        })())
    }
}

fn cmp_to_key(vm: &Vm, args: Args<'_>) -> R {
    let [compare] = parse(vm, "cmp_to_key", args, ["mycmp"], 1)?;
    Ok(vm.custom(&KEY, Key { compare: compare.cloned().unwrap_or(NONE), object: None }))
}

fn compare(vm: &Vm, name: &str, args: Args<'_>, op: u32) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let (Some(a), Some(b)) = (it.data::<Key>(), values[0].data::<Key>()) else {
        return Err(vm.type_error("other argument must be K instance"));
    };
    let (Some(x), Some(y)) = (&a.object, &b.object) else {
        return Err(vm.raise(Exc::AttributeError, "object"));
    };
    let order = vm.call_with(&a.compare, &[x.clone(), y.clone()])?;
    vm.compare(&order, &Value::from_i32(0), op)
}

/// The class of a constructor, its positional arguments, and those with names.
type Split<'a> = (&'a crate::value::Object<crate::object::Type>, &'a [Value], &'a [Value], &'a [Value]);

fn split<'a>(vm: &Vm, args: Args<'a>) -> R<Split<'a>> {
    let (class, args) = split_class(vm, args)?;
    let (plain, named) = args.values.split_at(args.values.len() - args.names.len());
    Ok((class, plain, args.names, named))
}
