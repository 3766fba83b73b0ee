//! Methods of `object`, `type` and of types that programs rarely name: modules, proxies, functions, cells.

use super::{keywords, method, methods, positional};
use crate::builtins::exceptions::Exc;
use crate::builtins::types::TypeRef;
use crate::heap::allocate;
use crate::load::Code;
use crate::object::callable::Args;
use crate::object::types::allocate_derived;
use crate::object::{
    Bound, Cellvar, Dict, Function, Kind, List, Module, Native, NativeFn, Property, Proxy, Slot, Str, Tuple,
    Type, TypeFlags,
};
use crate::value::{NONE, NOT_IMPLEMENTED, Object, Value};
use crate::vm::{R, Vm};

/// How functions of the interpreter's own, and methods of an object, are pickled: by name.
fn reduce_callable(vm: &Vm, it: &Value) -> R<Option<Value>> {
    let of = |object: Value, name: Value| -> R<Option<Value>> {
        let Some(builtins) = vm.builtin_module("builtins")? else { return Ok(None) };
        let getattr = vm.get_attribute(&builtins, &vm.intern("getattr"))?;
        Ok(Some(vm.tuple(vec![getattr, vm.tuple(vec![object, name])])))
    };
    if let Some(native) = it.get::<crate::object::Native>() {
        let name = vm.intern(native.name);
        if native.module().is_some() {
            return Ok(Some(name));
        }
        return match vm.get_attribute_or_none(it, &vm.intern("__objclass__"))? {
            Some(class) => of(class, name),
            None => Ok(None),
        };
    }
    match it.get::<Bound>() {
        Some(bound) => {
            let name = vm.get_attribute(&bound.function, &vm.names.name)?;
            of(bound.receiver.clone(), name)
        }
        None => Ok(None),
    }
}

/// What `__reduce_ex__` gives of an instance whose class has no say in it and no slots: its class and a copy of its
/// attributes. `None` where that is not known without running a program.
fn reduce_instance(vm: &Vm, it: &Value, protocol: &Value) -> Option<Value> {
    let instance = it.instance()?;
    let class = instance.header.type_of();
    if protocol.as_small()? < 2
        || !std::ptr::eq(class.header.type_of(), &raw const *vm.types.type_)
        || class.body.flags.get().has(TypeFlags::GETATTR)
    {
        return None;
    }
    let found = |name: &str| vm.lookup_special(it, &vm.intern(name));
    if found("__getnewargs_ex__").is_some() || found("__getnewargs__").is_some() {
        return None;
    }
    let state = found("__getstate__")?;
    let shows = found("__dict__").is_none_or(|it| it.has_kind(Kind::Getset));
    if !shows || state.get::<Native>().is_none_or(|it| it.owner != "object") {
        return None;
    }
    // `copyreg` notes here that there are no slots.
    let slots = class.body.own()?.get_name(vm, &vm.intern("__slotnames__"))?;
    if !slots.get::<List>()?.is_empty() {
        return None;
    }
    let copyreg = vm.modules.get::<Dict>()?.get_name(vm, &vm.intern("copyreg"))?;
    let make = copyreg.get::<Module>()?.dict.get::<Dict>()?.get_name(vm, &vm.intern("__newobj__"))?;
    let attributes = vm.dict();
    let copy = attributes.get::<Dict>()?;
    match instance.body.dict.get() {
        Some(dict) => copy.copy_from(dict.get::<Dict>()?),
        None => {
            let values = (0..).map_while(|at| instance.value(at).cloned());
            copy.fill(vm, instance.shape().names().iter().cloned().zip(values).collect());
        }
    }
    let attributes = if copy.is_empty() { NONE } else { attributes };
    Some(vm.tuple(vec![make, vm.tuple(vec![Value::of(class)]), attributes, NONE, NONE]))
}

const OBJECT: &[(&str, NativeFn)] = &[
    ("__dir__", |vm, args| {
        let it = method(vm, "__dir__", args, 0, 0)?.0;
        Ok(vm.list(vm.names_of(it)?))
    }),
    ("__sizeof__", |vm, args| {
        let it = method(vm, "__sizeof__", args, 0, 0)?.0;
        Ok(vm.int(vm.size_of(it)))
    }),
    ("__reduce_ex__", |vm, args| {
        let (it, rest) = method(vm, "__reduce_ex__", args, 1, 1)?;
        if let Some(reduced) = reduce_callable(vm, it)? {
            return Ok(reduced);
        }
        let reduce = vm.intern("__reduce__");
        if let Some(own) = vm.lookup_special(it, &reduce)
            && own.get::<crate::object::Native>().is_none_or(|it| it.owner != "object")
        {
            return vm.call_bound(&own, it, Args { values: &[], names: &[] });
        }
        if let Some(reduced) = reduce_instance(vm, it, &rest[0]) {
            return Ok(reduced);
        }
        vm.helper("reduce", &[it.clone(), rest[0].clone()])
    }),
    ("__reduce__", |vm, args| {
        let it = method(vm, "__reduce__", args, 0, 0)?.0;
        if let Some(reduced) = reduce_callable(vm, it)? {
            return Ok(reduced);
        }
        vm.helper("reduce", &[it.clone(), Value::from_i32(0)])
    }),
    ("__getstate__", |vm, args| {
        let it = method(vm, "__getstate__", args, 0, 0)?.0;
        vm.helper("getstate", std::slice::from_ref(it))
    }),
];

fn class_argument<'a>(vm: &Vm, args: Args<'a>, name: &str) -> R<(&'a Value, &'a [Value])> {
    let (it, rest) = method(vm, name, args, 0, 1)?;
    if it.get::<Type>().is_none() {
        let got = vm.type_name(it);
        return Err(vm.type_error(format!(
            "descriptor '{name}' for 'type' objects doesn't apply to a '{got}' object"
        )));
    }
    Ok((it, rest))
}

const TYPE: &[(&str, NativeFn)] = &[
    ("__setattr__", |vm, args| {
        let (object, values) = method(vm, "__setattr__", args, 2, 2)?;
        vm.set_attribute_plainly(object, super::object::name_argument(vm, values)?, Some(values[1].clone()))?;
        Ok(NONE)
    }),
    ("__delattr__", |vm, args| {
        let (object, values) = method(vm, "__delattr__", args, 1, 1)?;
        vm.set_attribute_plainly(object, super::object::name_argument(vm, values)?, None)?;
        Ok(NONE)
    }),
    ("mro", |vm, args| {
        let it = class_argument(vm, args, "mro")?.0;
        let order = vm.get_attribute(it, &vm.names.mro)?;
        Ok(vm.list(vm.collect(&order)?))
    }),
    ("__subclasses__", |vm, args| {
        let it = class_argument(vm, args, "__subclasses__")?.0;
        Ok(vm.list(vm.subclasses(it)))
    }),
    ("__instancecheck__", |vm, args| {
        let (it, rest) = class_argument(vm, args, "__instancecheck__")?;
        match (it.object::<Type>(), rest.first()) {
            (Some(ty), Some(value)) => Ok(Value::bool(vm.plain_is_instance(value, ty)?)),
            _ => Err(vm.type_error("__instancecheck__() takes exactly one argument (0 given)")),
        }
    }),
    ("__subclasscheck__", |vm, args| {
        let (it, rest) = class_argument(vm, args, "__subclasscheck__")?;
        match rest.first() {
            Some(value) => Ok(Value::bool(vm.plain_is_subclass(value, it)?)),
            None => Err(vm.type_error("__subclasscheck__() takes exactly one argument (0 given)")),
        }
    }),
    ("__dir__", |vm, args| {
        let it = class_argument(vm, args, "__dir__")?.0;
        Ok(vm.list(vm.names_of(it)?))
    }),
    ("__or__", |vm, args| {
        let (it, rest) = class_argument(vm, args, "__or__")?;
        Ok(vm.plain_binary(it, rest.first().unwrap_or(&NONE), 7)?.unwrap_or(NOT_IMPLEMENTED))
    }),
    ("__ror__", |vm, args| {
        let (it, rest) = class_argument(vm, args, "__ror__")?;
        Ok(vm.plain_binary(rest.first().unwrap_or(&NONE), it, 7)?.unwrap_or(NOT_IMPLEMENTED))
    }),
];

const PROXY: &[(&str, NativeFn)] = &[
    ("__or__", |vm, args| join_proxies(vm, args, "__or__", false)),
    ("__ror__", |vm, args| join_proxies(vm, args, "__ror__", true)),
    ("__ior__", |vm, _| Err(vm.type_error("'|=' is not supported by mappingproxy; use '|' instead"))),
    ("__new__", |vm, args| {
        let (values, [mapping]) = keywords(vm, "mappingproxy", args, ["mapping"])?;
        let Some(mapping) = values.get(1).or(mapping) else {
            return Err(vm.type_error("mappingproxy() missing required argument 'mapping' (pos 1)"));
        };
        if vm.lookup_special(mapping, &vm.names.getitem).is_none()
            || mapping.get::<Tuple>().is_some()
            || mapping.get::<crate::object::List>().is_some()
        {
            let got = vm.type_name(mapping);
            return Err(vm.type_error(format!("mappingproxy() argument must be a mapping, not {got}")));
        }
        Ok(vm.proxy(mapping.clone()))
    }),
    ("get", |vm, args| forward(vm, args, "get")),
    ("keys", |vm, args| forward(vm, args, "keys")),
    ("values", |vm, args| forward(vm, args, "values")),
    ("items", |vm, args| forward(vm, args, "items")),
    ("copy", |vm, args| forward(vm, args, "copy")),
    ("__reversed__", |vm, args| forward(vm, args, "__reversed__")),
    ("__or__", |vm, args| unite(vm, method(vm, "__or__", args, 1, 1)?, false)),
    ("__ror__", |vm, args| unite(vm, method(vm, "__ror__", args, 1, 1)?, true)),
    ("__ior__", |vm, args| {
        let it = method(vm, "__ior__", args, 1, 1)?.0;
        let name = vm.type_name(it);
        Err(vm.type_error(format!("'|=' is not supported by {name}; use '|' instead")))
    }),
    ("__hash__", |vm, args| {
        let it = method(vm, "__hash__", args, 0, 0)?.0;
        let shown = it.get::<crate::object::Proxy>().map_or_else(|| it.clone(), |it| it.mapping.clone());
        Ok(vm.int(vm.hash(&shown)?))
    }),
    ("__getitem__", |vm, args| {
        let (it, rest) = method(vm, "__getitem__", args, 1, 1)?;
        vm.plain_get_item(it, &rest[0])
    }),
    ("__contains__", |vm, args| {
        let (it, rest) = method(vm, "__contains__", args, 1, 1)?;
        Ok(Value::bool(vm.plain_contains(it, &rest[0])?))
    }),
    ("__iter__", |vm, args| vm.plain_iter(method(vm, "__iter__", args, 0, 0)?.0)),
    ("__len__", |vm, args| {
        let len = vm.len(method(vm, "__len__", args, 0, 0)?.0)?;
        Ok(vm.int(len))
    }),
];

/// `proxy | other`, of what proxies show.
fn unite(vm: &Vm, (it, rest): (&Value, &[Value]), reflected: bool) -> R {
    let bare =
        |it: &Value| it.get::<crate::object::Proxy>().map_or_else(|| it.clone(), |it| it.mapping.clone());
    let (a, b) = (bare(it), bare(&rest[0]));
    let (a, b) = if reflected { (b, a) } else { (a, b) };
    vm.binary(&a, &b, 7)
}

/// `|` of a proxy and something else, of which either may be the proxy.
fn join_proxies(vm: &Vm, args: Args<'_>, name: &str, turned: bool) -> R {
    let (it, rest) = method(vm, name, args, 1, 1)?;
    let (a, b) = if turned { (&rest[0], it) } else { (it, &rest[0]) };
    vm.join_proxies(a, b, false)
}

impl Vm {
    /// `a | b`, one of which is a proxy: what it shows is joined.
    pub(crate) fn join_proxies(&self, a: &Value, b: &Value, in_place: bool) -> R {
        if in_place && a.get::<Proxy>().is_some() {
            return Err(self.type_error("'|=' is not supported by mappingproxy; use '|' instead"));
        }
        let shown = |it: &Value| it.get::<Proxy>().map_or_else(|| it.clone(), |it| it.mapping.clone());
        self.binary(&shown(a), &shown(b), 7)
    }
}

/// Calls a method of what a proxy shows.
fn forward(vm: &Vm, args: Args<'_>, name: &str) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("needs an argument"));
    };
    let Some(proxy) = it.get::<Proxy>() else { return Err(vm.type_error("not a mappingproxy")) };
    let function = vm.get_attribute(&proxy.mapping, &vm.intern(name))?;
    vm.call(&function, Args { values, names: args.names })
}

const MODULE: &[(&str, NativeFn)] = &[
    ("__new__", |vm, args| {
        let Some(class) = args.values.first().and_then(|it| it.object::<Type>()) else {
            return Err(vm.type_error("module.__new__(X): X is not a type object"));
        };
        let made = allocate_derived(vm, class, Module { dict: vm.dict() });
        Ok(made)
    }),
    ("__init__", |vm, args| {
        let (values, [name, doc]) = keywords(vm, "module", args, ["name", "doc"])?;
        let (Some(it), Some(name)) = (values.first(), values.get(1).or(name)) else {
            return Err(vm.type_error("module() missing required argument 'name' (pos 1)"));
        };
        if name.get::<Str>().is_none() {
            let got = vm.type_name(name);
            return Err(vm.type_error(format!("module() argument 'name' must be str, not {got}")));
        }
        let doc = values.get(2).or(doc).cloned().unwrap_or(NONE);
        if let Some(dict) = it.get::<Module>().and_then(|it| it.dict.get::<Dict>()) {
            dict.set_name(vm, &vm.names.name, name.clone());
            dict.set_name(vm, &vm.names.doc, doc);
            for key in [&vm.names.package, &vm.intern("__loader__"), &vm.names.spec] {
                dict.set_name(vm, key, NONE);
            }
        }
        Ok(NONE)
    }),
    ("__dir__", |vm, args| {
        let it = method(vm, "__dir__", args, 0, 0)?.0;
        Ok(vm.list(vm.names_of(it)?))
    }),
];

fn new_function(vm: &Vm, args: Args<'_>) -> R {
    let names = ["code", "globals", "name", "argdefs", "closure", "kwdefaults"];
    let (values, named) = keywords(vm, "function", args, names)?;
    let at = |index: usize| values.get(index + 1).or(named[index]).filter(|it| !it.is_none()).cloned();
    let (Some(code), Some(globals)) = (at(0), at(1)) else {
        return Err(vm.type_error("function() missing required argument 'code' (pos 1)"));
    };
    let wrong = |name: &str, wanted: &str, it: &Value| {
        let got = vm.type_name(it);
        vm.type_error(format!("function() argument '{name}' must be {wanted}, not {got}"))
    };
    let Some(body) = code.get::<Code>() else { return Err(wrong("code", "code", &code)) };
    if globals.get::<Dict>().is_none() {
        return Err(wrong("globals", "dict", &globals));
    }
    let free = body.kinds.iter().filter(|kind| **kind & 0x80 != 0).count();
    let cells = at(4);
    if cells.as_ref().is_some_and(|it| it.get::<Tuple>().is_none()) {
        return Err(vm.type_error(match free {
            0 => "arg 5 (closure) must be None or tuple",
            _ => "arg 5 (closure) must be tuple",
        }));
    }
    if cells.is_none() && free > 0 {
        return Err(vm.type_error("arg 5 (closure) must be tuple"));
    }
    let items = cells.as_ref().and_then(|it| it.get::<Tuple>()).map_or(&[][..], |it| &it.items);
    let given = items.len();
    if given != free {
        let name = vm.text_of(&body.name);
        return Err(vm.value_error(format!("{name} requires closure of length {free}, not {given}")));
    }
    if let Some(other) = items.iter().find(|it| it.get::<Cellvar>().is_none()) {
        let got = vm.type_name(other);
        return Err(vm.type_error(format!("arg 5 (closure) expected cell, found {got}")));
    }
    let wrong = |at: usize, what: &str, wanted: &str| {
        Err(vm.type_error(format!("arg {at} ({what}) must be None or {wanted}")))
    };
    if at(2).is_some_and(|it| it.get::<crate::object::Str>().is_none()) {
        return wrong(3, "name", "string");
    }
    if at(3).is_some_and(|it| it.get::<Tuple>().is_none()) {
        return wrong(4, "defaults", "tuple");
    }
    if at(5).is_some_and(|it| it.get::<Dict>().is_none()) {
        return wrong(6, "kwdefaults", "dict");
    }
    let made = vm.function_of(&code, &globals)?;
    if let Some(function) = made.get::<Function>() {
        function.closure.set(cells);
        function.defaults.set(at(3));
        function.kwdefaults.set(at(5));
        if let Some(name) = at(2) {
            function.name.set(Some(name));
        }
    }
    Ok(made)
}

/// Types with `type[...]`.
fn subscriptable(vm: &Vm) -> [(&TypeRef, &'static str); 13] {
    let t = &vm.types;
    [
        (&t.list, "list"),
        (&t.tuple, "tuple"),
        (&t.dict, "dict"),
        (&t.set, "set"),
        (&t.frozenset, "frozenset"),
        (&t.enumerate, "enumerate"),
        (&t.proxy, "mappingproxy"),
        (&t.weakref, "ReferenceType"),
        (&t.generator, "generator"),
        (&t.coroutine, "coroutine"),
        (&t.async_generator, "async_generator"),
        (&t.staticmethod, "staticmethod"),
        (&t.slice, "slice"),
    ]
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    methods(vm, &t.object, "object", OBJECT);
    vm.class_method(&t.object, "object", "__subclasshook__", |_, _| Ok(NOT_IMPLEMENTED));
    methods(vm, &t.type_, "type", TYPE);
    vm.class_method(&t.type_, "type", "__prepare__", |vm, _| Ok(vm.dict()));
    methods(vm, &t.proxy, "mappingproxy", PROXY);
    methods(vm, &t.module, "module", MODULE);
    methods(vm, &t.function, "function", &[("__new__", new_function)]);
    super::code::fill(vm, &t.code);
    let all: &[(&str, NativeFn)] = &[
        ("__new__", |vm, args| vm.new_traceback(args)),
        ("__dir__", |vm, args| {
            method(vm, "__dir__", args, 0, 0)?;
            let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
            Ok(vm.list(names.iter().map(|it| vm.intern(it)).collect()))
        }),
    ];
    methods(vm, &t.traceback, "traceback", all);
    methods(
        vm,
        &t.method,
        "method",
        &[("__new__", |vm, args| {
            let (_, args) = super::make::split(vm, args)?;
            let values = positional(vm, "method", args, 2, 2)?;
            if !vm.is_callable(&values[0]) {
                return Err(vm.type_error("first argument must be callable"));
            }
            if values[1].is_none() {
                return Err(vm.type_error("instance must not be None"));
            }
            let body = Bound { function: values[0].clone(), receiver: values[1].clone() };
            Ok(allocate(vm, &vm.types.method, body))
        })],
    );
    methods(
        vm,
        &t.cell,
        "cell",
        &[("__new__", |vm, args| {
            let values = positional(vm, "cell", args, 1, 2)?;
            let body = Cellvar { value: Slot::new(values.get(1).cloned()) };
            Ok(allocate(vm, &vm.types.cell, body))
        })],
    );
    for (ty, name) in subscriptable(vm) {
        vm.class_method(ty, name, "__class_getitem__", |vm, args| vm.generic_alias(args));
    }
    methods(
        vm,
        &t.property,
        "property",
        &[("__set_name__", |vm, args| {
            let given = args.values.len().saturating_sub(1);
            if given != 2 {
                return Err(vm.type_error(format!(
                    "__set_name__() takes 2 positional arguments but {given} were given"
                )));
            }
            let (it, rest) = method(vm, "__set_name__", args, 2, 2)?;
            if let Some(property) = it.get::<Property>() {
                property.name.set(Some(rest[1].clone()));
            }
            Ok(NONE)
        })],
    );
}

/// Complains of what an attribute of a function cannot be set to; `None` means that it is deleted.
pub(super) fn check_function_slot(vm: &Vm, name: &str, value: Option<&Value>) -> R<()> {
    let given = value.filter(|it| !it.is_none());
    let wrong = match name {
        "__defaults__" => given.is_some_and(|it| it.get::<Tuple>().is_none()).then_some("a tuple object"),
        "__kwdefaults__" | "__annotations__" => {
            given.is_some_and(|it| it.get::<Dict>().is_none()).then_some("a dict object")
        }
        "__annotate__" if value.is_none() => return Err(vm.type_error("__annotate__ cannot be deleted")),
        "__annotate__" if given.is_some_and(|it| !vm.is_callable(it)) => {
            return Err(vm.type_error("__annotate__ must be callable or None"));
        }
        "__type_params__" => given.is_none_or(|it| it.get::<Tuple>().is_none()).then_some("a tuple"),
        _ => None,
    };
    match wrong {
        Some(what) => Err(vm.type_error(format!("{name} must be set to {what}"))),
        None => Ok(()),
    }
}

impl Vm {
    /// Sets or deletes `__annotations__` or `__annotate__` of a class: what one says makes the other void.
    pub(super) fn set_class_annotations(
        &self,
        class: &Object<Type>,
        name: &Value,
        value: Option<&Value>,
    ) -> R<()> {
        let Some(dict) = class.body.own() else { return Ok(()) };
        let (cache, function) = (self.intern("__annotations_cache__"), &self.names.annotate_func);
        if !name.is(&self.names.annotate) {
            // Where the class has the attribute itself it keeps it under this name.
            let own = dict.get_name(self, name).is_some();
            match value {
                Some(value) => dict.set_name(self, if own { name } else { &cache }, value.clone()),
                None => {
                    let gone = dict.remove_name(self, if own { name } else { &cache });
                    if gone.is_none() && dict.get_name(self, function).is_none_or(|it| it.is_none()) {
                        return Err(self.raise(Exc::AttributeError, "__annotations__"));
                    }
                }
            }
            dict.set_name(self, function, NONE);
            self.type_changed(class);
            return Ok(());
        }
        let Some(value) = value else {
            return Err(self.type_error("cannot delete __annotate__ attribute"));
        };
        if !value.is_none() && !self.is_callable(value) {
            return Err(self.type_error("__annotate__ must be callable or None"));
        }
        dict.set_name(self, function, value.clone());
        if !value.is_none() {
            dict.remove_name(self, &cache);
            dict.remove_name(self, &self.intern("__annotations__"));
        }
        self.type_changed(class);
        Ok(())
    }

    /// `__annotate__` of a function. What the compiler made for it is called after the function.
    pub(super) fn annotate_of(&self, function: &Function) -> Option<Value> {
        let annotate = function.annotate.get()?;
        if let Some(made) = annotate.get::<Function>()
            && let Some(code) = made.code.get()
            && let Some(code) = code.get::<Code>()
            && made.qualname.get().is_some_and(|it| it.is(&code.qualname))
            && code.name.is(&self.names.annotate)
        {
            let owner = function.qualname.get().map(|it| self.text_of(&it)).unwrap_or_default();
            made.qualname.set(Some(self.str(&format!("{owner}.__annotate__"))));
        }
        Some(annotate)
    }
}
