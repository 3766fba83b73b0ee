//! Weak references. The interpreter keeps a list of those to each object; the list goes when the object does.
#![expect(unsafe_code, reason = "from the address of an object to the object")]

use super::Slot;
use crate::heap;
use crate::value::{Header, Object, Value, flag};
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// A weak reference.
pub struct Weak {
    /// The object's address; 0 when it is gone.
    target: Cell<u64>,
    /// What is called when it goes.
    pub callback: Slot,
    /// Its hash, once it was asked for.
    pub hash: Cell<Option<i64>>,
}

/// The weak references of an interpreter, by the address of what they refer to.
#[derive(Default)]
pub(crate) struct WeakTable(RefCell<HashMap<u64, Vec<*const Object<Weak>>>>);

impl Weak {
    /// A reference to `value`, which is a heap object.
    pub(crate) const fn new(value: &Value, callback: Option<Value>) -> Weak {
        Weak { target: Cell::new(value.word()), callback: Slot::new(callback), hash: Cell::new(None) }
    }

    /// What it refers to, if that is there still.
    pub(crate) fn target(&self) -> Option<Value> {
        let address = self.target.get();
        if address == 0 {
            return None;
        }
        // SAFETY: the address is set to 0 before the object's memory is given back.
        let object = unsafe { &*(address as *const Object<()>) };
        // An object without references is about to go.
        (object.header.count.get() > 0).then(|| Value::of(object))
    }
}

impl Drop for Weak {
    fn drop(&mut self) {
        let target = self.target.get();
        if target == 0 {
            return;
        }
        let head = std::mem::offset_of!(Object<Weak>, body);
        let own =
            std::ptr::from_mut(self).cast::<u8>().wrapping_sub(head).cast_const().cast::<Object<Weak>>();
        // SAFETY: the object is there still, or the address would be 0.
        let vm = unsafe { heap::owner(target as *const Header) };
        if let Ok(mut table) = vm.weak.0.try_borrow_mut()
            && let Some(all) = table.get_mut(&target)
        {
            all.retain(|&it| !std::ptr::eq(it, own));
        }
    }
}

impl Vm {
    /// Puts a new weak reference into the list of what it refers to.
    pub(crate) fn register_weak(&self, value: &Value, weak: &Value) {
        let (Some(header), Some(weak)) = (value.header(), weak.object::<Weak>()) else { return };
        header.flags.set(header.flags.get() | flag::WEAK);
        self.weak.0.borrow_mut().entry(value.word()).or_default().push(weak);
    }

    /// The weak references to an object, the oldest one first.
    pub(crate) fn weak_references(&self, value: &Value) -> Vec<Value> {
        let table = self.weak.0.borrow();
        let all = table.get(&value.word()).map_or(&[][..], |it| it);
        // SAFETY: a weak reference takes itself out of the list when it goes.
        all.iter().map(|&it| unsafe { &*it }).filter(|it| it.header.count.get() > 0).map(Value::of).collect()
    }

    /// `__weakref__`: the first weak reference to an object.
    pub(crate) fn any_weak_reference(&self, object: &Value) -> Option<Value> {
        self.weak_references(object).into_iter().next()
    }

    /// Tells weak references that an object goes, and calls back.
    pub(crate) fn clear_weak_references(&self, object: u64) {
        let Some(all) = self.weak.0.borrow_mut().remove(&object) else { return };
        let mut calls = Vec::new();
        for weak in all {
            // SAFETY: a weak reference takes itself out of the list when it goes.
            let weak = unsafe { &*weak };
            weak.body.target.set(0);
            if weak.body.callback.is_some() && weak.header.count.get() > 0 {
                calls.push(Value::of(weak));
            }
        }
        let pending = self.pending.take();
        for weak in calls.iter().rev() {
            let callback = weak.get::<Weak>().and_then(|it| it.callback.take());
            if let Some(callback) = callback
                && self.call_with(&callback, std::slice::from_ref(weak)).is_err()
            {
                self.unraisable(&callback, "calling weakref callback");
            }
        }
        self.pending.set(pending);
    }
}
