//! `groupby`

use super::{ITERATOR, Spec};
use crate::modules::native::{Own, alias, parse, split_class};
use crate::object::callable::Args;
use crate::object::{Data, Slot};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::Cell;

pub(super) static ALL: &[Spec] = &[Spec {
    derivable: true,
    methods: &[("__new__", groupby), ITERATOR[0], ITERATOR[1]],
    class_methods: &[("__class_getitem__", alias)],
    ..Spec::new(Own::GroupBy, "itertools.groupby")
}];

pub(super) static GROUPER: Spec =
    Spec { methods: &[ITERATOR[0], ITERATOR[1]], ..Spec::new(Own::Grouper, "itertools._grouper") };

struct GroupBy {
    source: Value,
    key: Value,
    /// The key of the group that was given last.
    wanted: Slot,
    current_key: Slot,
    current_value: Slot,
    /// Which group may go on: the address of its object.
    grouper: Cell<u64>,
}

fn groupby(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [source, key] = parse(vm, "groupby", args, ["iterable", "key"], 1)?;
    let data = GroupBy {
        source: vm.iter(source.unwrap_or(&NONE))?,
        key: key.cloned().unwrap_or(NONE),
        wanted: Slot::default(),
        current_key: Slot::default(),
        current_value: Slot::default(),
        grouper: Cell::new(0),
    };
    Ok(vm.custom_of(class, data))
}

impl GroupBy {
    /// Takes the next value; false at the end.
    fn step(&self, vm: &Vm) -> R<bool> {
        let Some(value) = vm.next(&self.source)? else { return Ok(false) };
        let key = match self.key.is_none() {
            true => value.clone(),
            false => vm.call_with(&self.key, std::slice::from_ref(&value))?,
        };
        self.current_value.set(Some(value));
        self.current_key.set(Some(key));
        Ok(true)
    }
}

impl Data for GroupBy {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.source);
        see(&self.key);
        for slot in [&self.wanted, &self.current_key, &self.current_value] {
            slot.visit(see);
        }
    }

    fn clear(&self) {
        for slot in [&self.wanted, &self.current_key, &self.current_value] {
            slot.set(None);
        }
    }

    fn next(&self, vm: &Vm, own: &Value) -> Option<R<Option<Value>>> {
        self.grouper.set(0);
        Some((|| {
            loop {
                match (self.current_key.get(), self.wanted.get()) {
                    (None, _) => {}
                    (Some(_), None) => break,
                    (Some(key), Some(wanted)) => {
                        if !vm.equal(&wanted, &key)? {
                            break;
                        }
                    }
                }
                if !self.step(vm)? {
                    return Ok(None);
                }
            }
            let key = self.current_key.get().unwrap_or(NONE);
            self.wanted.set(Some(key.clone()));
            let group = vm.custom(&GROUPER, Grouper { parent: own.clone(), key: key.clone() });
            self.grouper.set(group.identity());
            Ok(Some(vm.tuple(vec![key, group])))
        })())
    }
}

struct Grouper {
    parent: Value,
    key: Value,
}

impl Data for Grouper {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.parent);
        see(&self.key);
    }

    fn next(&self, vm: &Vm, own: &Value) -> Option<R<Option<Value>>> {
        let parent = self.parent.data::<GroupBy>()?;
        Some((|| {
            if parent.grouper.get() != own.identity() {
                return Ok(None);
            }
            if !parent.current_value.is_some() && !parent.step(vm)? {
                return Ok(None);
            }
            let key = parent.current_key.get().unwrap_or(NONE);
            if !vm.equal(&self.key, &key)? {
                return Ok(None);
            }
            Ok(parent.current_value.take())
        })())
    }
}
