//! `tee`: iterators over one source that share what was read, in blocks that lead from one to the next.

use super::{ITERATOR, Spec};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::modules::native::{Own, index, split_class};
use crate::object::callable::Args;
use crate::object::{Data, Slot};
use crate::value::Value;
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

/// How many values are in a block, as in CPython.
const BLOCK: usize = 57;

pub(super) static TEE: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (_, args) = split_class(vm, args)?;
            from(vm, &positional(vm, "_tee", args, 1, 1)?[0])
        }),
        ("__copy__", |vm, args| copy(vm, method(vm, "__copy__", args, 0, 0)?.0)),
        ITERATOR[0],
        ITERATOR[1],
    ],
    ..Spec::new(Own::Tee, "itertools._tee")
};

pub(super) static DATA: Spec = Spec::new(Own::TeeData, "itertools._tee_dataobject");

struct Tee {
    block: Slot,
    at: Cell<usize>,
}

struct Block {
    source: Value,
    values: RefCell<Vec<Value>>,
    next: Slot,
    running: Cell<bool>,
}

fn block(vm: &Vm, source: Value) -> Value {
    let data = Block { source, values: RefCell::default(), next: Slot::default(), running: Cell::new(false) };
    vm.custom(&DATA, data)
}

fn from(vm: &Vm, source: &Value) -> R {
    let source = vm.iter(source)?;
    if source.data::<Tee>().is_some() {
        return copy(vm, &source);
    }
    Ok(vm.custom(&TEE, Tee { block: Slot::new(Some(block(vm, source))), at: Cell::new(0) }))
}

fn copy(vm: &Vm, it: &Value) -> R {
    let tee: &Tee = vm.own_data("__copy__", it, &TEE)?;
    Ok(vm.custom(&TEE, Tee { block: Slot::new(tee.block.get()), at: Cell::new(tee.at.get()) }))
}

/// `tee(iterable, n=2)`
pub(super) fn tee(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "tee", args, 1, 2)?;
    let count = match values.get(1) {
        Some(count) => index(vm, count)?,
        None => 2,
    };
    let Ok(count) = usize::try_from(count) else { return Err(vm.value_error("n must be >= 0")) };
    if count > 1 << 28 {
        return Err(vm.raise(Exc::MemoryError, ""));
    }
    if count == 0 {
        return Ok(vm.tuple(Vec::new()));
    }
    let first = from(vm, &values[0])?;
    let mut all = Vec::with_capacity(count);
    for _ in 1..count {
        all.push(copy(vm, &first)?);
    }
    all.insert(0, first);
    Ok(vm.tuple(all))
}

impl Data for Tee {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.block.visit(see);
    }

    fn clear(&self) {
        self.block.set(None);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let Some(mut value) = self.block.get() else { return Some(Ok(None)) };
        if self.at.get() == BLOCK {
            let block_now = value.data::<Block>()?;
            let next = match block_now.next.get() {
                Some(next) => next,
                None => {
                    let next = block(vm, block_now.source.clone());
                    block_now.next.set(Some(next.clone()));
                    next
                }
            };
            self.block.set(Some(next.clone()));
            self.at.set(0);
            value = next;
        }
        let block = value.data::<Block>()?;
        let at = self.at.get();
        let known = block.values.borrow().get(at).cloned();
        if let Some(found) = known {
            self.at.set(at + 1);
            return Some(Ok(Some(found)));
        }
        if block.running.replace(true) {
            return Some(Err(vm.raise(Exc::RuntimeError, "cannot re-enter the tee iterator")));
        }
        let result = vm.next(&block.source);
        block.running.set(false);
        if let Ok(Some(found)) = &result {
            block.values.borrow_mut().push(found.clone());
            self.at.set(at + 1);
        }
        Some(result)
    }
}

impl Data for Block {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.source);
        if let Ok(values) = self.values.try_borrow() {
            values.iter().for_each(&mut *see);
        }
        self.next.visit(see);
    }

    fn clear(&self) {
        drop(self.values.take());
        self.next.set(None);
    }
}
