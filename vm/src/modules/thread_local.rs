//! `_thread._local`: an object with other attributes in each thread.
//!
//! The attributes of the running thread are put where any object of the layout has its `__dict__`, whenever an
//! attribute is asked for; those of all threads are kept with the object. A thread that ends takes its own out.

use crate::builtins::positional;
use crate::builtins::types::TypeRef;
use crate::object::callable::Args;
use crate::object::{NativeFn, Type, TypeFlags, Weak};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::RefCell;

/// The name that the type's methods are known by.
const OWNER: &str = "_local";

struct Local {
    /// The attributes by thread.
    dicts: RefCell<Vec<(u64, Value)>>,
    /// What `__init__` is called with in each thread.
    args: Vec<Value>,
    names: Vec<Value>,
}

/// Makes the object show the running thread's attributes. CPython: `_ldict`.
fn enter(vm: &Vm, object: &Value) -> R<()> {
    let Some(local) = object.foreign::<Local>() else {
        return Err(vm.type_error("descriptor requires a '_thread._local' object"));
    };
    let ident = vm.threads.ident.get();
    let found = local.dicts.borrow().iter().find(|(of, _)| *of == ident).map(|(_, dict)| dict.clone());
    let (dict, new) = match found {
        Some(dict) => (dict, false),
        None => (vm.dict(), true),
    };
    if let Some(slot) = object.dict_slot() {
        slot.set(Some(dict.clone()));
    }
    if !new {
        return Ok(());
    }
    local.dicts.borrow_mut().push((ident, dict));
    let weak = crate::heap::allocate(vm, &vm.types.weakref, Weak::new(object, None));
    vm.register_weak(object, &weak);
    vm.threads.locals.borrow_mut().push(weak);
    let Some(init) = vm.lookup_special(object, &vm.names.init).filter(|it| !it.is(&vm.object_init)) else {
        return Ok(());
    };
    let args = Args { values: &local.args, names: &local.names };
    if let Err(raised) = vm.call_bound(&init, object, args) {
        local.dicts.borrow_mut().retain(|(of, _)| *of != ident);
        return Err(raised);
    }
    // Another thread may have looked at its own meanwhile.
    enter(vm, object)
}

const METHODS: &[(&str, NativeFn)] = &[
    ("__new__", |vm, args| {
        let Some(class) = args.values.first().and_then(|it| it.object::<Type>()) else {
            return Err(vm.type_error("_local.__new__(): not enough arguments"));
        };
        let init = vm.lookup(class, &vm.names.init);
        if args.values.len() > 1 && init.is_none_or(|it| it.is(&vm.object_init)) {
            return Err(vm.type_error("Initialization arguments are not supported"));
        }
        let data =
            Local { dicts: RefCell::default(), args: args.values[1..].to_vec(), names: args.names.to_vec() };
        let object = vm.foreign(class, data);
        // The thread that makes it calls `__init__` the usual way.
        if let Some(local) = object.foreign::<Local>() {
            let dict = vm.dict();
            if let Some(slot) = object.dict_slot() {
                slot.set(Some(dict.clone()));
            }
            local.dicts.borrow_mut().push((vm.threads.ident.get(), dict));
            let weak = crate::heap::allocate(vm, &vm.types.weakref, Weak::new(&object, None));
            vm.register_weak(&object, &weak);
            vm.threads.locals.borrow_mut().push(weak);
        }
        Ok(object)
    }),
    ("__getattribute__", |vm, args| {
        let values = positional(vm, "__getattribute__", args, 2, 2)?;
        enter(vm, &values[0])?;
        vm.get_attribute_plainly(&values[0], &values[1])
    }),
    ("__setattr__", |vm, args| {
        let values = positional(vm, "__setattr__", args, 3, 3)?;
        enter(vm, &values[0])?;
        refuse_dict(vm, values)?;
        vm.set_attribute_plainly(&values[0], &values[1], Some(values[2].clone()))?;
        Ok(NONE)
    }),
    ("__delattr__", |vm, args| {
        let values = positional(vm, "__delattr__", args, 2, 2)?;
        enter(vm, &values[0])?;
        refuse_dict(vm, values)?;
        vm.set_attribute_plainly(&values[0], &values[1], None)?;
        Ok(NONE)
    }),
];

fn refuse_dict(vm: &Vm, values: &[Value]) -> R<()> {
    if vm.text_of(&values[1]) == "__dict__" {
        let name = vm.type_name(&values[0]);
        let message = format!("'{name}' object attribute '__dict__' is read-only");
        return Err(vm.raise(crate::builtins::exceptions::Exc::AttributeError, message));
    }
    Ok(())
}

pub(crate) fn make_type(vm: &Vm) -> TypeRef {
    let flags = TypeFlags::BASE.with(TypeFlags::TRAILER).with(TypeFlags::ATTRIBUTES);
    vm.native_type("_thread", OWNER, flags, METHODS)
}

impl Vm {
    /// Takes what the thread that ends has in thread-locals out of them.
    pub(crate) fn forget_thread_locals(&self, ident: u64) {
        for weak in self.threads.locals.take() {
            let Some(object) = weak.get::<Weak>().and_then(Weak::target) else { continue };
            let Some(local) = object.foreign::<Local>() else { continue };
            let gone: Vec<_> = local.dicts.borrow_mut().extract_if(.., |(of, _)| *of == ident).collect();
            if let Some(slot) = object.dict_slot() {
                slot.set(None);
            }
            drop(gone);
        }
    }
}
