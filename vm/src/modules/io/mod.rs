//! `_pyrvm_io`: the parts of `_io` that programs use in loops. What is rare, and everything that a class of a program may
//! take part in, is in Python above them (`stdlib/_io.py`).

#[macro_use]
mod access;
mod buffer;
mod bytesio;
mod stringio;
mod text;

use super::native::{Own, Spec, index, read_only};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Data, Dict};
use crate::value::Value;
use crate::vm::{R, Raised, Vm};

/// `_pyrvm_io`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_type(module, &bytesio::SPEC);
    vm.put_type(module, &stringio::SPEC);
    vm.put_type(module, &buffer::FILE);
    vm.put_type(module, &buffer::SPEC);
    vm.put_type(module, &text::SPEC);
    vm.put_functions(module, &[("builtin", builtin)]);
    Ok(())
}

/// A function in Python that stands for one of the machine: it is no method of the class that it is an attribute of.
struct Builtin(Value);

impl Data for Builtin {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.0);
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        Some(vm.call(&self.0, args))
    }
}

static BUILTIN: Spec = Spec {
    methods: &[
        ("__call__", crate::modules::native::call_method),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let function: &Builtin = vm.own_data("__repr__", it, &BUILTIN)?;
            let name = vm.get_attribute(&function.0, &vm.names.name)?;
            Ok(vm.str(&format!("<built-in function {}>", vm.text_of(&name))))
        }),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let function: &Builtin = vm.own_data("__reduce__", it, &BUILTIN)?;
            vm.get_attribute(&function.0, &vm.names.name)
        }),
    ],
    attributes: &[
        ("__name__", read_only(|vm, it| of_function(vm, it, "__name__"))),
        ("__qualname__", read_only(|vm, it| of_function(vm, it, "__name__"))),
        ("__module__", read_only(|vm, it| of_function(vm, it, "__module__"))),
        ("__doc__", read_only(|vm, it| of_function(vm, it, "__doc__"))),
        (
            "__wrapped__",
            read_only(|vm, it| Ok(vm.own_data::<Builtin>("__wrapped__", it, &BUILTIN)?.0.clone())),
        ),
    ],
    ..Spec::new(Own::BuiltinOfPython, "builtin_function_or_method")
};

fn of_function(vm: &Vm, it: &Value, name: &str) -> R {
    let function: &Builtin = vm.own_data(name, it, &BUILTIN)?;
    vm.get_attribute(&function.0, &vm.intern(name))
}

fn builtin(vm: &Vm, args: Args<'_>) -> R {
    let function = &positional(vm, "builtin", args, 1, 1)?[0];
    Ok(vm.custom(&BUILTIN, Builtin(function.clone())))
}

/// How much to read: an argument that is missing, `None` or negative means all.
fn size(vm: &Vm, value: Option<&Value>) -> R<Option<usize>> {
    let Some(value) = value.filter(|it| !it.is_none()) else { return Ok(None) };
    match vm.index_of(value)? {
        Some(size) => Ok(usize::try_from(size).ok()),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("argument should be integer or None, not '{got}'")))
        }
    }
}

/// A place in a stream, and how it is meant.
fn seek_arguments(vm: &Vm, values: &[Value]) -> R<(i64, i64)> {
    let whence = values.get(1).map_or(Ok(0), |it| index(vm, it))?;
    Ok((index(vm, &values[0])?, whence))
}

/// A place in what a stream was pickled as; `wrong` is said of another type, before its name.
fn place_of_state(vm: &Vm, item: &Value, wrong: &str) -> R<usize> {
    let Some(at) = vm.as_i64(item) else {
        let got = vm.type_name(item);
        return Err(vm.type_error(format!("{wrong} {got}")));
    };
    usize::try_from(at).map_err(|_| vm.value_error("position value cannot be negative"))
}

/// Takes over the attributes in what a stream was pickled as, if there are any; `which` item it is.
fn restore_attributes(vm: &Vm, it: &Value, item: &Value, which: &str) -> R<()> {
    if item.is_none() {
        return Ok(());
    }
    if item.get::<Dict>().is_none() {
        let got = vm.type_name(item);
        return Err(vm.type_error(format!("{which} item of state should be a dict, got a {got}")));
    }
    let dict = vm.get_attribute(it, &vm.names.dict)?;
    vm.call_with(&vm.get_attribute(&dict, &vm.intern("update"))?, std::slice::from_ref(item))?;
    Ok(())
}

fn closed(vm: &Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

/// Puts bytes at the start of an object with memory that can be written.
fn fill_buffer(vm: &Vm, buffer: &Value, data: &[u8]) -> R<()> {
    if let Some(array) = buffer.get::<crate::object::Bytearray>() {
        if let Some(place) = array.data.borrow_mut().get_mut(..data.len()) {
            place.copy_from_slice(data);
        }
        return Ok(());
    }
    if data.is_empty() {
        return Ok(());
    }
    let parts = [Value::from_i32(0), vm.int_of_usize(data.len()), crate::value::NONE];
    let slice = crate::heap::allocate(vm, &vm.types.slice, crate::object::Slice { parts });
    let view = vm.byte_view(buffer)?;
    vm.set_item(&view, &slice, vm.bytes(data.to_vec()))
}

/// How many bytes an object with memory that can be written has.
fn buffer_size(vm: &Vm, buffer: &Value) -> R<usize> {
    if let Some(array) = buffer.get::<crate::object::Bytearray>() {
        return Ok(array.data.borrow().len());
    }
    if buffer.get::<crate::object::Bytes>().is_some() || vm.buffer_or_none(buffer)?.is_none() {
        let got = vm.type_name(buffer);
        return Err(vm.type_error(format!("read-write bytes-like object expected, not {got}")));
    }
    let view = vm.byte_view(buffer)?;
    let size = vm.get_attribute(&view, &vm.intern("nbytes"))?;
    Ok(vm.as_i64(&size).and_then(|it| usize::try_from(it).ok()).unwrap_or(0))
}

/// A method that a class of a program put in place of the type's own.
fn overridden(vm: &Vm, value: &Value, name: &str) -> Option<Value> {
    let method = vm.lookup_special(value, &vm.intern(name))?;
    method.get::<crate::object::Native>().is_none().then_some(method)
}

fn overflow(vm: &Vm) -> Raised {
    vm.raise(Exc::OverflowError, "new position too large")
}

/// The types' common attributes that only tell what a stream can do.
const fn spec(own: Own, name: &'static str) -> Spec {
    Spec { derivable: true, ..Spec::new(own, name) }
}
