//! Attributes of the interpreter's own types as descriptors, so that programs can look at them: computed ones, and
//! the special methods of operators.

use super::{method, methods};
use crate::builtins::types::TypeRef;
use crate::heap::allocate;
use crate::object::callable::{Args, NativeFn};
use crate::object::{Getset, Native, Proxy, Str, Wrapper};
use crate::protocol::integer::Number;
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;

/// Computed attributes, by type.
const COMPUTED: &[(&str, &[&str])] = &[
    ("object", &["__class__"]),
    (
        "type",
        &[
            "__name__",
            "__qualname__",
            "__bases__",
            "__base__",
            "__mro__",
            "__dict__",
            "__module__",
            "__doc__",
            "__annotations__",
            "__annotate__",
            "__type_params__",
            "__abstractmethods__",
            "__flags__",
            "__basicsize__",
            "__itemsize__",
            "__dictoffset__",
            "__weakrefoffset__",
            "__text_signature__",
        ],
    ),
    (
        "function",
        &[
            "__name__",
            "__qualname__",
            "__doc__",
            "__module__",
            "__defaults__",
            "__kwdefaults__",
            "__closure__",
            "__code__",
            "__globals__",
            "__builtins__",
            "__annotations__",
            "__annotate__",
            "__type_params__",
            "__dict__",
        ],
    ),
    ("method", &["__self__", "__func__"]),
    (
        "builtin_function_or_method",
        &["__name__", "__qualname__", "__self__", "__module__", "__doc__", "__text_signature__"],
    ),
    ("method_descriptor", &["__name__", "__qualname__", "__objclass__", "__doc__", "__text_signature__"]),
    ("wrapper_descriptor", &["__name__", "__qualname__", "__objclass__", "__doc__", "__text_signature__"]),
    ("method-wrapper", &["__name__", "__qualname__", "__self__", "__objclass__", "__doc__"]),
    ("getset_descriptor", &["__name__", "__qualname__", "__objclass__"]),
    ("member_descriptor", &["__name__", "__qualname__", "__objclass__"]),
    ("cell", &["cell_contents"]),
    (
        "code",
        &[
            "co_name",
            "co_qualname",
            "co_filename",
            "co_argcount",
            "co_kwonlyargcount",
            "co_posonlyargcount",
            "co_flags",
            "co_firstlineno",
            "co_names",
            "co_varnames",
            "co_cellvars",
            "co_freevars",
            "co_consts",
            "co_nlocals",
            "co_stacksize",
            "co_code",
            "_co_code_adaptive",
            "co_exceptiontable",
            "co_linetable",
            "co_lnotab",
        ],
    ),
    (
        "generator",
        &["__name__", "__qualname__", "gi_frame", "gi_running", "gi_code", "gi_yieldfrom", "gi_suspended"],
    ),
    (
        "coroutine",
        &[
            "__name__",
            "__qualname__",
            "cr_frame",
            "cr_running",
            "cr_code",
            "cr_await",
            "cr_suspended",
            "cr_origin",
        ],
    ),
    (
        "async_generator",
        &["__name__", "__qualname__", "ag_frame", "ag_running", "ag_code", "ag_await", "ag_suspended"],
    ),
    ("module", &["__dict__", "__annotations__", "__annotate__"]),
    ("traceback", &["tb_lineno", "tb_lasti", "tb_next", "tb_frame"]),
    (
        "frame",
        &[
            "f_code",
            "f_globals",
            "f_locals",
            "f_back",
            "f_lineno",
            "f_lasti",
            "f_builtins",
            "f_trace",
            "f_trace_lines",
            "f_trace_opcodes",
            "f_generator",
        ],
    ),
    ("range", &["start", "stop", "step"]),
    ("slice", &["start", "stop", "step"]),
    ("property", &["fget", "fset", "fdel", "__doc__", "__name__", "__isabstractmethod__"]),
    ("staticmethod", &["__func__", "__wrapped__", "__isabstractmethod__"]),
    ("classmethod", &["__func__", "__wrapped__", "__isabstractmethod__"]),
    (
        "classmethod_descriptor",
        &["__name__", "__qualname__", "__objclass__", "__doc__", "__text_signature__"],
    ),
    ("super", &["__thisclass__", "__self__", "__self_class__"]),
    ("int", &["real", "imag", "numerator", "denominator"]),
    ("float", &["real", "imag"]),
    ("complex", &["real", "imag"]),
    ("dict_keys", &["mapping"]),
    ("dict_values", &["mapping"]),
    ("dict_items", &["mapping"]),
];

fn operate(vm: &Vm, args: Args<'_>, name: &str, op: u32, reflected: bool) -> R {
    let given = args.values.len().saturating_sub(1);
    if op == 8 && !(1..=2).contains(&given) {
        return Err(vm.type_error(format!("expected 1 or 2 arguments, got {given}")));
    }
    let (it, rest) = method(vm, name, args, 1, if op == 8 { 2 } else { 1 })?;
    let (a, b) = if reflected { (&rest[0], it) } else { (it, &rest[0]) };
    Ok(vm.plain_binary(a, b, op)?.unwrap_or(NOT_IMPLEMENTED))
}

fn in_place(vm: &Vm, args: Args<'_>, name: &str, op: u32) -> R {
    let (it, rest) = method(vm, name, args, 1, 1)?;
    Ok(vm.in_place(it, &rest[0], op)?.unwrap_or(NOT_IMPLEMENTED))
}

fn order(vm: &Vm, args: Args<'_>, name: &str, op: u32) -> R {
    let (it, rest) = method(vm, name, args, 1, 1)?;
    vm.plain_compare(it, &rest[0], op)
}

macro_rules! operators {
    ($($name:literal, $reflected:literal, $op:literal;)*) => {
        [$(
            ($name, |vm: &Vm, args: Args<'_>| operate(vm, args, $name, $op, false)),
            ($reflected, |vm: &Vm, args: Args<'_>| operate(vm, args, $reflected, $op, true)),
        )*]
    };
}

type Named = (&'static str, NativeFn);

const NUMBER: [Named; 14] = operators! {
    "__add__", "__radd__", 0; "__sub__", "__rsub__", 10; "__mul__", "__rmul__", 5;
    "__truediv__", "__rtruediv__", 11; "__floordiv__", "__rfloordiv__", 2; "__mod__", "__rmod__", 6;
    "__pow__", "__rpow__", 8;
};
const BITS: [Named; 10] = operators! {
    "__and__", "__rand__", 1; "__or__", "__ror__", 7; "__xor__", "__rxor__", 12;
    "__lshift__", "__rlshift__", 3; "__rshift__", "__rrshift__", 9;
};
const SETS: [Named; 8] = operators! {
    "__and__", "__rand__", 1; "__or__", "__ror__", 7; "__xor__", "__rxor__", 12; "__sub__", "__rsub__", 10;
};
const SEQUENCE: [Named; 3] = [
    ("__add__", |vm, args| operate(vm, args, "__add__", 0, false)),
    ("__mul__", |vm, args| operate(vm, args, "__mul__", 5, false)),
    ("__rmul__", |vm, args| operate(vm, args, "__rmul__", 5, true)),
];
const PERCENT: [Named; 1] = [("__mod__", |vm, args| operate(vm, args, "__mod__", 6, false))];
const UNION: [Named; 2] = [
    ("__or__", |vm, args| operate(vm, args, "__or__", 7, false)),
    ("__ror__", |vm, args| operate(vm, args, "__ror__", 7, true)),
];
const SETS_IN_PLACE: [Named; 4] = [
    ("__ior__", |vm, args| in_place(vm, args, "__ior__", 7)),
    ("__iand__", |vm, args| in_place(vm, args, "__iand__", 1)),
    ("__isub__", |vm, args| in_place(vm, args, "__isub__", 10)),
    ("__ixor__", |vm, args| in_place(vm, args, "__ixor__", 12)),
];
const LIST_IN_PLACE: [Named; 2] = [
    ("__iadd__", |vm, args| in_place(vm, args, "__iadd__", 0)),
    ("__imul__", |vm, args| in_place(vm, args, "__imul__", 5)),
];
const ORDER: [Named; 6] = [
    ("__lt__", |vm, args| order(vm, args, "__lt__", 0)),
    ("__le__", |vm, args| order(vm, args, "__le__", 1)),
    ("__eq__", |vm, args| order(vm, args, "__eq__", 2)),
    ("__ne__", |vm, args| order(vm, args, "__ne__", 3)),
    ("__gt__", |vm, args| order(vm, args, "__gt__", 4)),
    ("__ge__", |vm, args| order(vm, args, "__ge__", 5)),
];
const BASICS: [Named; 2] = [
    ("__hash__", |vm, args| {
        let hash = vm.plain_hash(method(vm, "__hash__", args, 0, 0)?.0)?;
        Ok(vm.int_of_big(BigInt::from(hash)))
    }),
    ("__repr__", |vm, args| {
        let text = vm.plain_repr(method(vm, "__repr__", args, 0, 0)?.0)?;
        Ok(vm.str(&text))
    }),
];
const FORMAT: [Named; 1] = [("__format__", |vm, args| {
    let (it, rest) = method(vm, "__format__", args, 1, 1)?;
    vm.format_plainly(it, &rest[0])
})];
const ITEMS: [Named; 2] = [
    ("__getitem__", |vm, args| {
        let (it, rest) = method(vm, "__getitem__", args, 1, 1)?;
        vm.plain_get_item(it, &rest[0])
    }),
    ("__contains__", |vm, args| {
        let (it, rest) = method(vm, "__contains__", args, 1, 1)?;
        Ok(Value::bool(vm.plain_contains(it, &rest[0])?))
    }),
];
const MUTATE: [Named; 2] = [
    ("__setitem__", |vm, args| {
        let (it, rest) = method(vm, "__setitem__", args, 2, 2)?;
        vm.plain_set_item(it, &rest[0], rest[1].clone())?;
        Ok(NONE)
    }),
    ("__delitem__", |vm, args| {
        let (it, rest) = method(vm, "__delitem__", args, 1, 1)?;
        vm.plain_delete_item(it, &rest[0])?;
        Ok(NONE)
    }),
];
const REVERSED: [Named; 1] = [("__reversed__", |vm, args| {
    super::functions::plain_reversed(vm, method(vm, "__reversed__", args, 0, 0)?.0)
})];

fn number(vm: &Vm, it: &Value, name: &str) -> R<Number> {
    vm.as_number(it).ok_or_else(|| vm.type_error(format!("descriptor '{name}' requires a number")))
}

fn whole(vm: &Vm, args: Args<'_>, name: &str, round: fn(f64) -> f64) -> R {
    let it = method(vm, name, args, 0, 0)?.0;
    match number(vm, it, name)? {
        Number::Small(number) => Ok(vm.int(number)),
        Number::Big(number) => Ok(vm.int_of_big(number)),
        Number::Float(number) => super::make::int_of_float(vm, round(number)),
    }
}

const UNARY: [Named; 12] = [
    ("__neg__", |vm, args| {
        let it = method(vm, "__neg__", args, 0, 0)?.0;
        Ok(match number(vm, it, "__neg__")? {
            Number::Small(number) => vm.int_of_big(-BigInt::from(number)),
            Number::Big(number) => vm.int_of_big(-number),
            Number::Float(number) => vm.float(-number),
        })
    }),
    ("__pos__", |vm, args| {
        let it = method(vm, "__pos__", args, 0, 0)?.0;
        Ok(match number(vm, it, "__pos__")? {
            Number::Small(number) => vm.int(number),
            Number::Big(number) => vm.int_of_big(number),
            Number::Float(number) => vm.float(number),
        })
    }),
    ("__abs__", |vm, args| {
        let it = method(vm, "__abs__", args, 0, 0)?.0;
        Ok(match number(vm, it, "__abs__")? {
            Number::Small(number) => vm.int_of_big(num_traits::Signed::abs(&BigInt::from(number))),
            Number::Big(number) => vm.int_of_big(num_traits::Signed::abs(&number)),
            Number::Float(number) => vm.float(number.abs()),
        })
    }),
    ("__bool__", |vm, args| {
        let it = method(vm, "__bool__", args, 0, 0)?.0;
        Ok(Value::bool(match number(vm, it, "__bool__")? {
            Number::Small(number) => number != 0,
            Number::Big(number) => number != BigInt::ZERO,
            Number::Float(number) => number != 0.0,
        }))
    }),
    ("__int__", |vm, args| whole(vm, args, "__int__", f64::trunc)),
    ("__trunc__", |vm, args| whole(vm, args, "__trunc__", f64::trunc)),
    ("__floor__", |vm, args| whole(vm, args, "__floor__", f64::floor)),
    ("__ceil__", |vm, args| whole(vm, args, "__ceil__", f64::ceil)),
    ("__float__", |vm, args| {
        let it = method(vm, "__float__", args, 0, 0)?.0;
        match number(vm, it, "__float__")? {
            Number::Small(number) => Ok(vm.float(number as f64)),
            Number::Big(number) => Ok(vm.float(vm.big_to_float(&number)?)),
            Number::Float(number) => Ok(vm.float(number)),
        }
    }),
    ("__round__", |vm, args| super::arithmetic::round(vm, args)),
    ("__divmod__", |vm, args| {
        let (it, rest) = method(vm, "__divmod__", args, 1, 1)?;
        divmod(vm, it, &rest[0])
    }),
    ("__rdivmod__", |vm, args| {
        let (it, rest) = method(vm, "__rdivmod__", args, 1, 1)?;
        divmod(vm, &rest[0], it)
    }),
];
const INTEGER: [Named; 2] = [
    ("__index__", |vm, args| whole(vm, args, "__index__", f64::trunc)),
    ("__invert__", |vm, args| {
        let it = method(vm, "__invert__", args, 0, 0)?.0;
        Ok(vm.int_of_big(!vm.as_big(it).unwrap_or_default()))
    }),
];

fn divmod(vm: &Vm, a: &Value, b: &Value) -> R {
    match (vm.plain_binary(a, b, 2)?, vm.plain_binary(a, b, 6)?) {
        (Some(quotient), Some(rest)) => Ok(vm.tuple(vec![quotient, rest])),
        _ => Ok(NOT_IMPLEMENTED),
    }
}

/// `descriptor.__get__(object, class)`
fn get(vm: &Vm, args: Args<'_>) -> R {
    let (it, rest) = method(vm, "__get__", args, 1, 2)?;
    let object = Some(&rest[0]).filter(|it| !it.is_none() || rest.len() == 1);
    let class = match (rest.get(1).filter(|it| !it.is_none()), object) {
        (Some(class), _) => class.clone(),
        (None, Some(object)) => vm.class_of(object),
        (None, None) => return Err(vm.type_error("__get__(None, None) is invalid")),
    };
    // `None` is an instance where its own type is named.
    let object = object.or_else(|| class.is(vm.types.none_type.value()).then_some(&rest[0]));
    if let Some(object) = object {
        must_be_of_owner(vm, it, object)?;
    }
    vm.bind_descriptor(it, object, &class)
}

/// Raises where an attribute's descriptor is asked about an object of another type.
fn must_be_of_owner(vm: &Vm, descriptor: &Value, object: &Value) -> R<()> {
    let owner = match (descriptor.get::<crate::object::Member>(), descriptor.get::<Getset>()) {
        (Some(member), _) => member.owner.get(),
        (_, Some(getset)) => Some(getset.owner.clone()),
        _ => None,
    };
    match owner.as_ref().and_then(|it| it.object::<crate::object::Type>()) {
        Some(owner) if !vm.type_of(object).is_subtype(owner) => {
            let (name, of) = (vm.text_of(&vm.descriptor_name(descriptor)), vm.name_of_type(owner));
            let got = vm.type_name(object);
            let message = format!("descriptor '{name}' for '{of}' objects doesn't apply to a '{got}' object");
            Err(vm.type_error(message))
        }
        _ => Ok(()),
    }
}

const GET: [Named; 1] = [("__get__", get)];
const SET: [Named; 2] = [
    ("__set__", |vm, args| {
        let (it, rest) = method(vm, "__set__", args, 2, 2)?;
        let name = vm.descriptor_name(it);
        must_be_of_owner(vm, it, &rest[0])?;
        vm.set_by_descriptor(it, &rest[0], &name, Some(rest[1].clone()))?;
        Ok(NONE)
    }),
    ("__delete__", |vm, args| {
        let (it, rest) = method(vm, "__delete__", args, 1, 1)?;
        let name = vm.descriptor_name(it);
        must_be_of_owner(vm, it, &rest[0])?;
        vm.set_by_descriptor(it, &rest[0], &name, None)?;
        Ok(NONE)
    }),
];
const CALL: [Named; 1] = [("__call__", |vm, args| match args.values.split_first() {
    Some((it, values)) => vm.call(it, Args { values, names: args.names }),
    None => Err(vm.type_error("descriptor '__call__' needs an argument")),
})];

impl Vm {
    /// The name of an attribute that a descriptor stands for.
    pub(crate) fn descriptor_name(&self, it: &Value) -> Value {
        if let Some(member) = it.get::<crate::object::Member>() {
            return member.name.clone();
        }
        it.get::<Getset>().map_or_else(|| self.names.empty.clone(), |it| it.name.clone())
    }

    /// A descriptor of a computed attribute of `owner`.
    pub(crate) fn getset(&self, owner: &Value, name: &str) -> Value {
        let body = Getset { name: self.intern(name), owner: owner.clone(), access: None };
        let member = crate::interp::is_member_of_structure(name)
            && ![&self.types.int, &self.types.float, &self.types.builtin]
                .iter()
                .any(|it| owner.is(it.value()));
        allocate(self, if member { &self.types.member } else { &self.types.getset }, body)
    }

    /// A read-only view.
    pub(crate) fn proxy(&self, mapping: Value) -> Value {
        allocate(self, &self.types.proxy, Proxy { mapping })
    }

    /// Makes a function of the interpreter's own a class method of a type.
    pub(crate) fn class_method(&self, ty: &TypeRef, owner: &'static str, name: &'static str, call: NativeFn) {
        let Some(own) = ty.body.own() else { return };
        let function = allocate(
            self,
            &self.types.method_descriptor,
            Native { name, call, method: true, owner, special: false, of: None },
        );
        let wrapped = crate::object::types::allocate_derived(
            self,
            &self.types.classmethod_descriptor,
            Wrapper::new(function, true),
        );
        own.set_name(self, &self.intern(name), wrapped);
    }
}

fn missing_only(vm: &Vm, ty: &TypeRef, name: &'static str, all: &[Named]) {
    let Some(own) = ty.body.own() else { return };
    let lacking: Vec<Named> =
        all.iter().filter(|(name, _)| own.get_name(vm, &vm.intern(name)).is_none()).copied().collect();
    methods(vm, ty, name, &lacking);
}

pub(crate) fn fill(vm: &Vm) {
    vm.types.each(|name, ty| {
        let Some(own) = ty.body.own() else { return };
        let computed = COMPUTED.iter().find(|(of, _)| *of == name);
        for attribute in computed.map_or(&[][..], |(_, all)| all) {
            own.set_name(vm, &vm.intern(attribute), vm.getset(ty.value(), attribute));
        }
    });
    let t = &vm.types;
    let parts: &[(&TypeRef, &'static str, &[&[Named]])] = &[
        (&t.int, "int", &[&NUMBER, &BITS, &UNARY, &INTEGER, &ORDER, &BASICS, &FORMAT]),
        (&t.bool, "bool", &[&BASICS[1..]]),
        (&t.float, "float", &[&NUMBER, &UNARY, &ORDER, &BASICS, &FORMAT]),
        (&t.complex, "complex", &[&NUMBER, &ORDER, &BASICS, &FORMAT]),
        (&t.str, "str", &[&SEQUENCE, &PERCENT, &ORDER, &BASICS, &FORMAT, &ITEMS]),
        (&t.bytes, "bytes", &[&SEQUENCE, &PERCENT, &ORDER, &BASICS, &ITEMS]),
        (
            &t.bytearray,
            "bytearray",
            &[&SEQUENCE, &LIST_IN_PLACE, &PERCENT, &ORDER, &BASICS[1..], &ITEMS, &MUTATE],
        ),
        (&t.tuple, "tuple", &[&SEQUENCE, &ORDER, &BASICS, &ITEMS]),
        (&t.proxy, "mappingproxy", &[&BASICS[1..]]),
        (&t.list, "list", &[&SEQUENCE, &LIST_IN_PLACE, &ORDER, &BASICS[1..], &ITEMS, &MUTATE, &REVERSED]),
        (&t.dict, "dict", &[&UNION, &SETS_IN_PLACE[..1], &ORDER, &BASICS[1..], &ITEMS, &MUTATE, &REVERSED]),
        (&t.set, "set", &[&SETS, &SETS_IN_PLACE, &ORDER, &BASICS[1..], &ITEMS[1..]]),
        (&t.frozenset, "frozenset", &[&SETS, &ORDER, &BASICS, &ITEMS[1..]]),
        (&t.range, "range", &[&ORDER[2..4], &BASICS, &ITEMS, &REVERSED]),
        (&t.slice, "slice", &[&ORDER, &BASICS]),
        (&t.dict_keys, "dict_keys", &[&SETS, &ORDER, &BASICS[1..], &ITEMS[1..], &REVERSED]),
        (&t.dict_items, "dict_items", &[&SETS, &ORDER, &BASICS[1..], &ITEMS[1..], &REVERSED]),
        (&t.dict_values, "dict_values", &[&BASICS[1..], &REVERSED]),
        (&t.function, "function", &[&GET, &CALL, &BASICS[1..]]),
        (&t.method, "method", &[&GET, &CALL, &BASICS, &ORDER[2..4]]),
        (&t.builtin, "builtin_function_or_method", &[&CALL, &BASICS[1..]]),
        (&t.method_descriptor, "method_descriptor", &[&GET, &CALL, &BASICS[1..]]),
        (&t.wrapper_descriptor, "wrapper_descriptor", &[&GET, &CALL, &BASICS[1..]]),
        (&t.method_wrapper, "method-wrapper", &[&CALL, &BASICS]),
        (&t.getset, "getset_descriptor", &[&GET, &SET, &BASICS[1..]]),
        (&t.member, "member_descriptor", &[&GET, &SET, &BASICS[1..]]),
        (&t.property, "property", &[&GET, &SET]),
        (&t.staticmethod, "staticmethod", &[&GET, &CALL]),
        (&t.classmethod, "classmethod", &[&GET]),
        (&t.classmethod_descriptor, "classmethod_descriptor", &[&GET, &CALL, &BASICS[1..]]),
        (&t.super_, "super", &[&GET]),
        (&t.none_type, "NoneType", &[&BASICS]),
        (&t.type_, "type", &[&BASICS[1..]]),
        (&t.module, "module", &[&BASICS[1..]]),
    ];
    for (ty, name, all) in parts {
        for row in *all {
            missing_only(vm, ty, name, row);
        }
    }
    for ty in [&t.list, &t.dict, &t.set, &t.bytearray] {
        if let Some(own) = ty.body.own() {
            own.set_name(vm, &vm.names.hash, NONE);
        }
    }
    missing_only(
        vm,
        &t.str,
        "str",
        &[("__str__", |vm, args| {
            let it = method(vm, "__str__", args, 0, 0)?.0;
            match it.get::<Str>() {
                Some(_) if !Vm::is_made_by_program(vm.type_of(it)) => Ok(it.clone()),
                Some(text) => Ok(vm.str_of_points(&text.points())),
                None => vm.repr(it),
            }
        })],
    );
}
