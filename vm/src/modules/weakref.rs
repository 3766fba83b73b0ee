//! `_weakref`

use crate::builtins::{methods, positional};
use crate::object::callable::Args;
use crate::object::types::allocate_derived;
use crate::object::{Kind, NativeFn, Type, Weak};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("getweakrefcount", |vm, args| {
        let value = &positional(vm, "getweakrefcount", args, 1, 1)?[0];
        Ok(vm.int_of_usize(vm.weak_references(value).len()))
    }),
    ("getweakrefs", |vm, args| {
        let value = &positional(vm, "getweakrefs", args, 1, 1)?[0];
        Ok(vm.list(vm.weak_references_in_order(value)))
    }),
    ("_remove_dead_weakref", |vm, args| {
        let values = positional(vm, "_remove_dead_weakref", args, 2, 2)?;
        if let Some(dict) = values[0].get::<crate::object::Dict>()
            && let Some(found) = dict.get(vm, &values[1])?
            && found.get::<Weak>().is_some_and(|it| it.target().is_none())
        {
            drop(dict.remove(vm, &values[1])?);
        }
        Ok(NONE)
    }),
    ("proxy", |vm, args| vm.helper("make_proxy", positional(vm, "proxy", args, 1, 2)?)),
];

/// `_weakref`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    let ty = vm.types.weakref.value().clone();
    vm.put(module, "ReferenceType", ty.clone());
    vm.put(module, "ref", ty);
    for name in ["ProxyType", "CallableProxyType"] {
        vm.put(module, name, vm.helper("of_weakref", &[vm.intern(name)])?);
    }
    Ok(())
}

impl Vm {
    /// The weak references to an object in CPython's order: the one that everybody shares, then the newest ones.
    fn weak_references_in_order(&self, value: &Value) -> Vec<Value> {
        let shared = |it: &Value| {
            std::ptr::eq(self.type_of(it), &raw const *self.types.weakref)
                && it.get::<Weak>().is_some_and(|it| !it.callback.is_some())
        };
        let (first, mut rest): (Vec<_>, Vec<_>) = self.weak_references(value).into_iter().partition(shared);
        rest.reverse();
        first.into_iter().chain(rest).collect()
    }
}

/// May there be weak references to it? What the layout says, and `__slots__` without `__weakref__` where it matters.
fn takes_weak_references(vm: &Vm, value: &Value) -> bool {
    let made = Vm::is_made_by_program(vm.type_of(value));
    match value.header().map(|it| it.kind) {
        Some(Kind::Instance) => {
            made && (vm.type_of(value).body.flags.get().has(crate::object::TypeFlags::ATTRIBUTES)
                || vm.lookup_special(value, &vm.names.weakref).is_some())
        }
        Some(
            Kind::Type
            | Kind::Function
            | Kind::Bound
            | Kind::Native
            | Kind::Generator
            | Kind::Set
            | Kind::Code
            | Kind::Module
            | Kind::Exception
            | Kind::Foreign
            | Kind::Frame
            | Kind::Custom
            | Kind::Weak,
        ) => true,
        Some(Kind::Tuple | Kind::Int) | None => false,
        Some(_) => made,
    }
}

fn new(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let (Some(class), Some(value)) =
        (args.values.first().and_then(|it| it.object::<Type>()), args.values[..count].get(1))
    else {
        return Err(vm.type_error("ref expected at least 1 argument, got 0"));
    };
    if !takes_weak_references(vm, value) {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("cannot create weak reference to '{name}' object")));
    }
    let plain = std::ptr::eq(class, &raw const *vm.types.weakref);
    if plain && !args.names.is_empty() {
        return Err(vm.type_error("ref() takes no keyword arguments"));
    }
    if count > 3 {
        return Err(vm.type_error(format!("ref expected at most 2 arguments, got {}", count - 1)));
    }
    let callback = args.values[..count].get(2).filter(|it| !it.is_none()).cloned();
    if plain && callback.is_none() {
        let same = |it: &Value| {
            std::ptr::eq(vm.type_of(it), &raw const *vm.types.weakref)
                && it.get::<Weak>().is_some_and(|it| !it.callback.is_some())
        };
        if let Some(found) = vm.weak_references(value).into_iter().find(same) {
            return Ok(found);
        }
    }
    let weak = allocate_derived(vm, class, Weak::new(value, callback));
    vm.register_weak(value, &weak);
    Ok(weak)
}

/// The methods of `weakref.ref`.
pub(crate) fn fill_types(vm: &Vm) {
    methods(
        vm,
        &vm.types.weakref,
        "ReferenceType",
        &[
            ("__new__", new),
            ("__init__", |vm, args| {
                let count = args.values.len() - args.names.len();
                let values = &args.values[..count];
                crate::builtins::positional(vm, "__init__", Args { values, names: &[] }, 2, 3)?;
                Ok(NONE)
            }),
            ("__call__", |vm, args| {
                let (it, _) = crate::builtins::method(vm, "__call__", args, 0, 0)?;
                Ok(it.get::<Weak>().and_then(Weak::target).unwrap_or(NONE))
            }),
            ("__hash__", |vm, args| {
                let (it, _) = crate::builtins::method(vm, "__hash__", args, 0, 0)?;
                Ok(vm.int(vm.plain_hash(it)?))
            }),
            ("__eq__", |vm, args| {
                let (it, rest) = crate::builtins::method(vm, "__eq__", args, 1, 1)?;
                vm.plain_compare(it, &rest[0], 2)
            }),
        ],
    );
}
