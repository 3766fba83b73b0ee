//! `object` and `type`: what all classes inherit.

use super::{method, methods};
use crate::object::callable::Args;
use crate::object::instance::instantiate;
use crate::object::{Kind, Str, Type};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};

/// `object.__new__`
pub(crate) fn new(vm: &Vm, args: Args<'_>) -> R {
    let Some(class) = args.values.first().and_then(|it| it.object::<Type>()) else {
        return Err(vm.type_error("object.__new__(X): X is not a type object"));
    };
    if class.body.kind != Kind::Instance {
        let name = vm.name_of_type(class);
        return Err(vm.type_error(format!("object.__new__({name}) is not safe, use {name}.__new__()")));
    }
    if args.values.len() > 1 || !args.names.is_empty() {
        let plain_init = vm.lookup(class, &vm.names.init).is_some_and(|it| it.is(&vm.object_init));
        let own_new = vm.lookup(class, &vm.names.new).is_some_and(|it| !it.is(&vm.object_new));
        if own_new {
            let message = "object.__new__() takes exactly one argument (the type to instantiate)";
            return Err(vm.type_error(message));
        }
        if plain_init {
            let name = vm.name_of_type(class);
            return Err(vm.type_error(format!("{name}() takes no arguments")));
        }
    }
    if class.body.flags.get().has(crate::object::TypeFlags::ABSTRACT) {
        return Err(still_abstract(vm, class));
    }
    Ok(instantiate(vm, class))
}

/// Raises what CPython says of an abstract class that is called.
fn still_abstract(vm: &Vm, class: &crate::value::Object<Type>) -> crate::vm::Raised {
    let all = class.body.own().and_then(|dict| dict.get_name(vm, &vm.intern("__abstractmethods__")));
    let all = all.and_then(|it| vm.collect(&it).ok()).unwrap_or_default();
    let mut names: Vec<String> = all.iter().map(|it| format!("'{}'", vm.text_of(it))).collect();
    names.sort_unstable();
    let plural = if names.len() == 1 { "" } else { "s" };
    vm.type_error(format!(
        "Can't instantiate abstract class {} without an implementation for abstract method{plural} {}",
        vm.name_of_type(class),
        names.join(", ")
    ))
}

/// `object.__init__`
pub(crate) fn init(vm: &Vm, args: Args<'_>) -> R {
    if args.values.len() > 1 || !args.names.is_empty() {
        let ty = args.values.first().map(|it| vm.type_of(it));
        let own = |name: &Value, plain: &Value| {
            ty.and_then(|ty| vm.lookup(ty, name)).is_some_and(|it| !it.is(plain))
        };
        if own(&vm.names.init, &vm.object_init) {
            let message = "object.__init__() takes exactly one argument (the instance to initialize)";
            return Err(vm.type_error(message));
        }
        if !own(&vm.names.new, &vm.object_new) {
            let name = ty.map(|ty| vm.name_of_type(ty)).unwrap_or_default();
            let message =
                format!("{name}.__init__() takes exactly one argument (the instance to initialize)");
            return Err(vm.type_error(message));
        }
    }
    Ok(NONE)
}

/// `type.__call__`
/// Raises where the attributes of a type would be set around `type`'s own way. CPython: `hackcheck`.
fn must_be_no_type(vm: &Vm, object: &Value, name: &str) -> R<()> {
    if object.get::<crate::object::Type>().is_none() {
        return Ok(());
    }
    Err(vm.type_error(format!("can't apply this {name} to {} object", vm.type_name(object))))
}

pub(crate) fn type_call(vm: &Vm, args: Args<'_>) -> R {
    let Some((class, values)) = args.values.split_first() else {
        return Err(vm.type_error("type.__call__() needs an argument"));
    };
    vm.construct(class, Args { values, names: args.names })
}

pub(super) fn name_argument<'a>(vm: &Vm, values: &'a [Value]) -> R<&'a Value> {
    match values.first() {
        Some(name) if name.get::<Str>().is_some() => Ok(name),
        Some(other) => {
            let got = vm.type_name(other);
            Err(vm.type_error(format!("attribute name must be string, not '{got}'")))
        }
        None => Err(vm.type_error("expected 1 argument, got 0")),
    }
}

pub(crate) fn fill(vm: &Vm) {
    let compare = |op: u32| -> crate::object::callable::NativeFn {
        match op {
            2 => |vm, args| {
                let (a, rest) = method(vm, "__eq__", args, 1, 1)?;
                let value = vm.plain_compare(a, &rest[0], 2)?;
                if value.is_not_implemented() && a.is(&rest[0]) { Ok(Value::bool(true)) } else { Ok(value) }
            },
            _ => |vm, args| {
                let (a, rest) = method(vm, "__ne__", args, 1, 1)?;
                let equal = match vm.lookup_special(a, &vm.names.eq) {
                    Some(eq) => vm.call_bound(&eq, a, Args { values: &rest[..1], names: &[] })?,
                    None => vm.compare(a, &rest[0], 2)?,
                };
                if equal.is_not_implemented() {
                    return Ok(equal);
                }
                Ok(Value::bool(!vm.truth(&equal)?))
            },
        }
    };
    methods(
        vm,
        &vm.types.object,
        "object",
        &[
            ("__repr__", |vm, args| {
                let text = vm.plain_repr(method(vm, "__repr__", args, 0, 0)?.0)?;
                Ok(vm.str(&text))
            }),
            ("__str__", |vm, args| vm.repr(method(vm, "__str__", args, 0, 0)?.0)),
            ("__hash__", |vm, args| {
                let it = method(vm, "__hash__", args, 0, 0)?.0;
                Ok(vm.int(it.identity().rotate_right(4) as i64))
            }),
            ("__eq__", compare(2)),
            ("__ne__", compare(3)),
            ("__lt__", |_, _| Ok(NOT_IMPLEMENTED)),
            ("__le__", |_, _| Ok(NOT_IMPLEMENTED)),
            ("__gt__", |_, _| Ok(NOT_IMPLEMENTED)),
            ("__ge__", |_, _| Ok(NOT_IMPLEMENTED)),
            ("__getattribute__", |vm, args| {
                let (object, values) = method(vm, "__getattribute__", args, 1, 1)?;
                vm.get_attribute_plainly(object, name_argument(vm, values)?)
            }),
            ("__setattr__", |vm, args| {
                let (object, values) = method(vm, "__setattr__", args, 2, 2)?;
                must_be_no_type(vm, object, "__setattr__")?;
                vm.set_attribute_plainly(object, name_argument(vm, values)?, Some(values[1].clone()))?;
                Ok(NONE)
            }),
            ("__delattr__", |vm, args| {
                let (object, values) = method(vm, "__delattr__", args, 1, 1)?;
                must_be_no_type(vm, object, "__delattr__")?;
                vm.set_attribute_plainly(object, name_argument(vm, values)?, None)?;
                Ok(NONE)
            }),
            ("__format__", |vm, args| {
                let (object, values) = method(vm, "__format__", args, 1, 1)?;
                vm.format_plainly(object, &values[0])
            }),
            ("__init_subclass__", |vm, args| match args.values {
                [_] => Ok(NONE),
                [class, ..] => {
                    let name = class.object::<crate::object::Type>().map(|it| vm.name_of_type(it));
                    let name = name.unwrap_or_default();
                    Err(vm.type_error(if args.names.is_empty() {
                        let given = args.values.len() - 1;
                        format!("{name}.__init_subclass__() takes no arguments ({given} given)")
                    } else {
                        format!("{name}.__init_subclass__() takes no keyword arguments")
                    }))
                }
                [] => Err(vm.type_error("unbound method object.__init_subclass__() needs an argument")),
            }),
        ],
    );
    if let Some(dict) = vm.types.object.body.own() {
        dict.set_name(vm, &vm.names.new, vm.object_new.clone());
        dict.set_name(vm, &vm.names.init, vm.object_init.clone());
        let hook = dict.get_name(vm, &vm.names.init_subclass).unwrap_or(NONE);
        let wrapped = crate::object::Wrapper::new(hook, true);
        let wrapped = crate::object::types::allocate_derived(vm, &vm.types.classmethod, wrapped);
        dict.set_name(vm, &vm.names.init_subclass, wrapped);
    }
    if let Some(dict) = vm.types.type_.body.own() {
        dict.set_name(vm, &vm.names.call, vm.type_call.clone());
    }
}
