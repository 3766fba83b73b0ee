//! The names of `builtins`, and the methods of the interpreter's own types.

pub(crate) mod arithmetic;
pub mod asend;
pub(crate) mod big_range;
pub mod bytes;
mod carets;
mod casing;
pub mod classes;
pub mod code;
pub mod codec;
pub mod computed;
pub mod containers;
pub(crate) mod conversions;
pub mod descriptors;
mod docs;
pub mod evaluate;
pub mod exceptions;
pub mod format;
pub mod functions;
mod hexadecimal;
pub mod imports;
pub mod intrinsics;
pub mod iterators;
mod layouts;
pub mod lists;
pub mod make;
pub mod more;
pub mod numbers;
pub mod object;
pub mod printing;
pub mod strings;
pub(crate) mod suggestions;
pub mod texts;
mod tree_reader;
mod trees;
pub mod types;

use crate::builtins::types::TypeRef;
use crate::heap::allocate;
use crate::object::callable::{Args, NativeFn};
use crate::object::{Dict, Native};
use crate::value::{ELLIPSIS, FALSE, NONE, NOT_IMPLEMENTED, TRUE, Value};
use crate::vm::{R, Raised, Vm};

/// Puts all into the new interpreter.
pub(crate) fn fill(vm: &Vm) {
    let Some(builtins) = vm.builtins.get::<Dict>() else { return };
    let set = |name: &str, value: Value| builtins.set_name(vm, &vm.intern(name), value);
    set("__name__", vm.intern("builtins"));
    vm.types.each(|name, ty| {
        let (module, plain) = name.rsplit_once('.').unwrap_or(("", name));
        ty.body.name.set(Some(vm.intern(plain)));
        ty.body.qualname.set(Some(vm.intern(plain)));
        if let Some(own) = ty.body.own().filter(|_| !module.is_empty()) {
            own.set_name(vm, &vm.names.module, vm.intern(module));
        }
        let shown = [
            "object",
            "type",
            "dict",
            "str",
            "int",
            "bool",
            "float",
            "complex",
            "bytes",
            "bytearray",
            "tuple",
            "list",
            "set",
            "frozenset",
            "range",
            "slice",
            "property",
            "staticmethod",
            "classmethod",
            "super",
            "enumerate",
            "zip",
            "map",
            "filter",
            "reversed",
        ];
        if shown.contains(&name) {
            set(name, ty.value().clone());
        }
    });
    for (name, ty) in vm.exceptions.each() {
        set(name, ty.value().clone());
    }
    for (name, value) in [
        ("None", NONE),
        ("True", TRUE),
        ("False", FALSE),
        ("NotImplemented", NOT_IMPLEMENTED),
        ("Ellipsis", ELLIPSIS),
        ("__debug__", TRUE),
    ] {
        set(name, value);
    }
    set("EnvironmentError", vm.exceptions.get(exceptions::Exc::OSError).value().clone());
    set("IOError", vm.exceptions.get(exceptions::Exc::OSError).value().clone());
    for &(name, call) in functions::ALL.iter().chain(classes::ALL).chain(evaluate::ALL) {
        set(name, function(vm, name, call));
    }
    object::fill(vm);
    make::fill(vm);
    conversions::fill(vm);
    strings::fill(vm);
    lists::fill(vm);
    containers::fill(vm);
    crate::modules::weakref::fill_types(vm);
    more::fill(vm);
    iterators::fill(vm);
    vm.fill_groups();
    bytes::fill(vm);
    numbers::fill(vm);
    texts::fill(vm);
    crate::interp::frames::fill(vm);
    descriptors::fill(vm);
    vm.types.each(|_, ty| vm.type_changed(ty));
}

fn function(vm: &Vm, name: &'static str, call: NativeFn) -> Value {
    allocate(vm, &vm.types.builtin, Native { name, call, method: false, owner: "", special: false, of: None })
}

/// Methods that CPython makes of a type's slots.
const SLOTS: &[&str] = &[
    "__repr__",
    "__str__",
    "__hash__",
    "__call__",
    "__getattribute__",
    "__setattr__",
    "__delattr__",
    "__lt__",
    "__le__",
    "__eq__",
    "__ne__",
    "__gt__",
    "__ge__",
    "__iter__",
    "__next__",
    "__init__",
    "__get__",
    "__set__",
    "__delete__",
    "__len__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__add__",
    "__radd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__rmul__",
    "__mod__",
    "__rmod__",
    "__divmod__",
    "__rdivmod__",
    "__pow__",
    "__rpow__",
    "__neg__",
    "__pos__",
    "__abs__",
    "__bool__",
    "__invert__",
    "__lshift__",
    "__rlshift__",
    "__rshift__",
    "__rrshift__",
    "__and__",
    "__rand__",
    "__xor__",
    "__rxor__",
    "__or__",
    "__ror__",
    "__int__",
    "__float__",
    "__index__",
    "__iadd__",
    "__isub__",
    "__imul__",
    "__iand__",
    "__ixor__",
    "__ior__",
    "__floordiv__",
    "__rfloordiv__",
    "__truediv__",
    "__rtruediv__",
    "__matmul__",
    "__rmatmul__",
    "__del__",
    "__await__",
    "__aiter__",
    "__anext__",
    "__buffer__",
    "__release_buffer__",
];

/// Gives a type methods.
/// Is a method of this name what a slot of CPython's types does?
pub(crate) fn is_slot(name: &str) -> bool {
    SLOTS.contains(&name)
}

pub(crate) fn methods(vm: &Vm, ty: &TypeRef, owner: &'static str, all: &[(&'static str, NativeFn)]) {
    let Some(dict) = ty.body.own() else { return };
    for &(name, call) in all {
        let method = name != "__new__";
        let of = match method {
            true if SLOTS.contains(&name) => &vm.types.wrapper_descriptor,
            true => &vm.types.method_descriptor,
            false => &vm.types.builtin,
        };
        use crate::object::Kind;
        let kind = ty.body.kind;
        let checked =
            (method && !matches!(kind, Kind::Instance | Kind::Custom | Kind::Foreign)).then_some(kind);
        let value = allocate(vm, of, Native { name, call, method, owner, special: false, of: checked });
        dict.set_name(vm, &vm.intern(name), value);
    }
}

/// The positional arguments of a native function that takes no others, from `least` to `most` of them without `self`.
#[inline]
pub(crate) fn positional<'a>(
    vm: &Vm,
    name: &str,
    args: Args<'a>,
    least: usize,
    most: usize,
) -> R<&'a [Value]> {
    if args.names.is_empty() && (least..=most).contains(&args.values.len()) {
        return Ok(args.values);
    }
    Err(wrong_arguments(vm, name, args, least, most))
}

/// Raises what CPython says of arguments that are too many, too few, or have names.
#[cold]
#[inline(never)]
fn wrong_arguments(vm: &Vm, name: &str, args: Args<'_>, least: usize, most: usize) -> Raised {
    if !args.names.is_empty() {
        return vm.type_error(format!("{name}() takes no keyword arguments"));
    }
    let given = args.values.len();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let message = if least == most && most == 0 {
        format!("{name}() takes no arguments ({given} given)")
    } else if least == most && most == 1 {
        format!("{name}() takes exactly one argument ({given} given)")
    } else if least == most {
        format!("{name} expected {least} argument{}, got {given}", plural(least))
    } else if given < least {
        format!("{name} expected at least {least} argument{}, got {given}", plural(least))
    } else {
        format!("{name} expected at most {most} argument{}, got {given}", plural(most))
    };
    vm.type_error(message)
}

/// `self` and the other arguments of a method.
#[inline]
pub(crate) fn method<'a>(
    vm: &Vm,
    name: &str,
    args: Args<'a>,
    least: usize,
    most: usize,
) -> R<(&'a Value, &'a [Value])> {
    let Some((receiver, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let values = positional(vm, name, Args { values, names: args.names }, least, most)?;
    Ok((receiver, values))
}

/// Positional arguments, and those with these names; what has another name is refused.
pub(crate) fn keywords<'a, const N: usize>(
    vm: &Vm,
    name: &str,
    args: Args<'a>,
    names: [&str; N],
) -> R<(&'a [Value], [Option<&'a Value>; N])> {
    let count = args.values.len() - args.names.len();
    let mut found = [None; N];
    for (key, value) in args.names.iter().zip(&args.values[count..]) {
        let text = vm.text_of(key);
        match names.iter().position(|it| *it == text) {
            Some(index) => found[index] = Some(value),
            None => {
                return Err(vm.unexpected_keyword(name, &text, names.into_iter()));
            }
        }
    }
    Ok((&args.values[..count], found))
}

/// What `center`, `rjust` (`left` alone) and `ljust` make of a text's items.
fn padded<T: Clone>(items: Vec<T>, width: usize, fill: T, left: bool, right: bool) -> Vec<T> {
    let lack = width.saturating_sub(items.len());
    let before = match (left, right) {
        // CPython puts the odd one on the left where the width is odd.
        (true, true) => lack / 2 + (lack & width & 1),
        (true, false) => lack,
        _ => 0,
    };
    let mut out = vec![fill.clone(); before];
    out.extend(items);
    out.extend(std::iter::repeat_n(fill, lack - before));
    out
}
