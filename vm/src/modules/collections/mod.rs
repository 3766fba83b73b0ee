//! `_collections`

mod deque;
mod dicts;

use super::native::{Own, Spec, split_class};
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Data, Dict, Slot, Tuple, Type};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

/// `_collections`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    for spec in [&deque::DEQUE, &dicts::DEFAULTDICT, &TUPLE_GETTER] {
        vm.put_type(module, spec);
    }
    vm.put(module, "_deque_iterator", vm.own(&deque::ITER).value().clone());
    vm.put(module, "_deque_reverse_iterator", vm.own(&deque::REVERSE).value().clone());
    vm.put_functions(module, &[("_count_elements", count_elements)]);
    Ok(())
}

static TUPLE_GETTER: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            let values = positional(vm, "_tuplegetter", args, 2, 2)?;
            let at = super::native::index(vm, &values[0])?;
            Ok(vm.custom_of(class, TupleGetter { at, doc: Slot::new(Some(values[1].clone())) }))
        }),
        ("__get__", tuple_get),
        ("__set__", |vm, _| {
            Err(vm.raise(crate::builtins::exceptions::Exc::AttributeError, "can't set attribute"))
        }),
        ("__delete__", |vm, _| {
            Err(vm.raise(crate::builtins::exceptions::Exc::AttributeError, "can't delete attribute"))
        }),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let data: &TupleGetter = vm.own_data("__reduce__", it, &TUPLE_GETTER)?;
            let row = vec![vm.int(data.at), data.doc.get().unwrap_or(NONE)];
            Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(row)]))
        }),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let data: &TupleGetter = vm.own_data("__repr__", it, &TUPLE_GETTER)?;
            let doc = vm.repr_text(&data.doc.get().unwrap_or(NONE))?;
            Ok(vm.str(&format!("{}({}, {doc})", vm.full_name(vm.type_of(it)), data.at)))
        }),
    ],
    attributes: &[(
        "__doc__",
        crate::object::Access {
            read: |vm, it| {
                Ok(vm.own_data::<TupleGetter>("__doc__", it, &TUPLE_GETTER)?.doc.get().unwrap_or(NONE))
            },
            write: Some(|vm, it, value| {
                vm.own_data::<TupleGetter>("__doc__", it, &TUPLE_GETTER)?.doc.set(value.cloned());
                Ok(())
            }),
        },
    )],
    ..Spec::new(Own::TupleGetter, "_collections._tuplegetter")
};

/// An element of a named tuple.
pub(crate) struct TupleGetter {
    at: i64,
    doc: Slot,
}

impl Data for TupleGetter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.doc.visit(see);
    }
}

impl Value {
    /// The element that a `_tuplegetter` shows of `object`; `None` where it is no such thing.
    #[inline]
    pub(crate) fn element_of(&self, object: &Value) -> Option<Value> {
        let data = self.data::<TupleGetter>()?;
        object.get::<Tuple>()?.items.get(data.at as usize).cloned()
    }
}

fn tuple_get(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__get__", args, 1, 2)?;
    let data: &TupleGetter = vm.own_data("__get__", it, &TUPLE_GETTER)?;
    let object = &values[0];
    match object.get::<Tuple>() {
        Some(tuple) => match tuple.items.get(data.at as usize) {
            Some(value) => Ok(value.clone()),
            None => Err(vm.raise(crate::builtins::exceptions::Exc::IndexError, "tuple index out of range")),
        },
        None if object.is_none() => Ok(it.clone()),
        None => {
            let (at, got) = (data.at, vm.type_name(object));
            Err(vm.type_error(format!(
                "descriptor for index '{at}' for tuple subclasses doesn't apply to '{got}' object"
            )))
        }
    }
}

/// `_count_elements(mapping, iterable)`: what `Counter.update` does with what it is given.
fn count_elements(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "_count_elements", args, 2, 2)?;
    let (mapping, source) = (&values[0], vm.iter(&values[1])?);
    let ty = vm.type_of(mapping);
    let dict_of = |name: &Value| vm.types.dict.body.own().and_then(|own| own.get_name(vm, name));
    let get_name = vm.intern("get");
    let inherits = |ty: &crate::value::Object<Type>, name: &Value| match (vm.lookup(ty, name), dict_of(name))
    {
        (Some(a), Some(b)) => a.is(&b),
        _ => false,
    };
    let one = Value::from_i32(1);
    if let Some(dict) = mapping.get::<Dict>()
        && inherits(ty, &get_name)
        && inherits(ty, &vm.names.setitem)
    {
        while let Some(key) = vm.next(&source)? {
            let count = match dict.get(vm, &key)? {
                None => one.clone(),
                Some(old) if old.is_small() => match Value::add_small(&old, &one) {
                    Some(count) => count,
                    None => vm.binary(&old, &one, 0)?,
                },
                Some(old) => vm.binary(&old, &one, 0)?,
            };
            dict.set(vm, key, count)?;
        }
        return Ok(NONE);
    }
    let get = vm.get_attribute(mapping, &get_name)?;
    while let Some(key) = vm.next(&source)? {
        let old = vm.call_with(&get, &[key.clone(), Value::from_i32(0)])?;
        let count = vm.binary(&old, &one, 0)?;
        vm.set_item(mapping, &key, count)?;
    }
    Ok(NONE)
}
