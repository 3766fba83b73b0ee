//! `defaultdict`: a `dict` with a factory; the machine's own code for dicts asks `__missing__`.

use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, alias, split_class};
use crate::object::callable::Args;
use crate::object::types::allocate_derived;
use crate::object::{Access, Dict, Kind};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};

pub(super) static DEFAULTDICT: Spec = Spec {
    kind: Kind::Dict,
    base: Some(|vm| &vm.types.dict),
    derivable: true,
    methods: &[
        ("__new__", |vm, args| Ok(allocate_derived(vm, split_class(vm, args)?.0, Dict::default()))),
        ("__init__", init),
        ("__missing__", missing),
        ("__repr__", repr),
        ("copy", copy),
        ("__copy__", copy),
        ("__reduce__", reduce),
        ("__or__", |vm, args| {
            let (it, values) = method(vm, "__or__", args, 1, 1)?;
            if values[0].get::<Dict>().is_none() {
                return Ok(NOT_IMPLEMENTED);
            }
            let made = made_of(vm, it, it)?;
            vm.update_dict(dict(vm, &made)?, &values[0])?;
            Ok(made)
        }),
        ("__ror__", |vm, args| {
            let (it, values) = method(vm, "__ror__", args, 1, 1)?;
            if values[0].get::<Dict>().is_none() {
                return Ok(NOT_IMPLEMENTED);
            }
            let made = made_of(vm, it, &values[0])?;
            vm.update_dict(dict(vm, &made)?, it)?;
            Ok(made)
        }),
    ],
    class_methods: &[("__class_getitem__", alias)],
    attributes: &[(
        "default_factory",
        Access {
            read: |vm, it| Ok(dict(vm, it)?.factory.get().unwrap_or(NONE)),
            write: Some(|vm, it, value| {
                dict(vm, it)?.factory.set(value.cloned());
                Ok(())
            }),
        },
    )],
    ..Spec::new(Own::Defaultdict, "collections.defaultdict")
};

fn dict<'a>(vm: &Vm, it: &'a Value) -> R<&'a Dict> {
    it.get::<Dict>().ok_or_else(|| vm.type_error("descriptor requires a 'collections.defaultdict' object"))
}

fn init(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("descriptor '__init__' needs an argument"));
    };
    let count = values.len() - args.names.len();
    let factory = values[..count].first();
    if let Some(factory) = factory
        && !factory.is_none()
        && !vm.is_callable(factory)
    {
        return Err(vm.type_error("first argument must be callable or None"));
    }
    dict(vm, it)?.factory.set(Some(factory.cloned().unwrap_or(NONE)));
    let mut rest = vec![it.clone()];
    rest.extend_from_slice(&values[usize::from(count > 0)..]);
    crate::builtins::make::dict_update(vm, Args { values: &rest, names: args.names })
}

fn missing(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__missing__", args, 1, 1)?;
    match dict(vm, it)?.factory.get() {
        Some(factory) if !factory.is_none() => {
            let value = vm.call_with(&factory, &[])?;
            let dict = dict(vm, it)?;
            // The factory may have put a value there: that one stays.
            if let Some(there) = dict.get(vm, &values[0])? {
                return Ok(there);
            }
            dict.set(vm, values[0].clone(), value.clone())?;
            Ok(value)
        }
        _ => Err(vm.raise_with(Exc::KeyError, vec![values[0].clone()])),
    }
}

fn repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let shown = vm.plain_repr(it)?;
    let factory = dict(vm, it)?.factory.get().unwrap_or(NONE);
    let identity = factory.identity();
    let text = if factory.is_none() {
        "None".to_owned()
    } else if vm.in_repr.borrow().contains(&identity) {
        "...".to_owned()
    } else {
        vm.in_repr.borrow_mut().push(identity);
        let text = vm.repr_text(&factory);
        vm.in_repr.borrow_mut().pop();
        text?
    };
    Ok(vm.str(&format!("{}({text}, {shown})", vm.plain_type_name(it))))
}

/// `type(it)(it.default_factory, from)`
fn made_of(vm: &Vm, it: &Value, from: &Value) -> R {
    let factory = dict(vm, it)?.factory.get().unwrap_or(NONE);
    vm.call_with(&vm.class_of(it), &[factory, from.clone()])
}

fn copy(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "copy", args, 0, 0)?;
    made_of(vm, it, it)
}

fn reduce(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
    let factory = dict(vm, it)?.factory.get().filter(|it| !it.is_none());
    let items = vm.call_with(&vm.get_attribute(it, &vm.intern("items"))?, &[])?;
    let items = vm.iter(&items)?;
    let args = vm.tuple(factory.into_iter().collect());
    Ok(vm.tuple(vec![vm.class_of(it), args, NONE, NONE, items]))
}
