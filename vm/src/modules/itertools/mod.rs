//! `itertools`. Each iterator is a [`Data`](crate::object::Data) whose `next` does the work; nothing is borrowed while
//! a program runs.

mod combine;
mod flow;
mod group;
mod tee;

use super::native::{Spec, alias, itself, next_method, split_class};
use crate::object::callable::Args;
use crate::object::{NativeFn, Type};
use crate::value::{Object, Value};
use crate::vm::{R, Vm};

/// `itertools`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    for spec in flow::ALL.iter().chain(combine::ALL).chain(group::ALL) {
        vm.put_type(module, spec);
    }
    for spec in [&tee::TEE, &tee::DATA] {
        vm.put_type(module, spec);
    }
    vm.put_type(module, &group::GROUPER);
    vm.put_functions(module, &[("tee", tee::tee)]);
    Ok(())
}

const ITERATOR: [(&str, NativeFn); 2] = [("__iter__", itself), ("__next__", next_method)];

/// The class and the positional arguments of a constructor without names.
fn plain<'a>(
    vm: &Vm,
    name: &str,
    args: Args<'a>,
    least: usize,
    most: usize,
) -> R<(&'a Object<Type>, &'a [Value])> {
    let (class, mut args) = split_class(vm, args)?;
    // A class that has an `__init__` of its own may take names: they are not for the constructor.
    if class.is_counted() && vm.lookup(class, &vm.names.init).is_some_and(|it| !it.is(&vm.object_init)) {
        args = Args { values: &args.values[..args.values.len() - args.names.len()], names: &[] };
    }
    Ok((class, crate::builtins::positional(vm, name, args, least, most)?))
}
