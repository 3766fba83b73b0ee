//! `tuple`, `list`, `range`, `slice`.

#![expect(unsafe_code, reason = "the elements of a tuple lie behind its body")]

use super::{Type, TypeFlags};
use crate::heap::{LARGEST, allocate_with};
use crate::value::{Object, Value};
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::ops::Deref;

/// A `tuple`.
#[repr(C)]
pub struct Tuple {
    /// Its elements.
    pub items: Row,
}

/// The elements of a tuple: behind its body, or where there are many in memory of their own. Only [`new_tuple`] makes
/// one, in its place: objects do not move.
#[repr(C)]
pub struct Row {
    start: *mut Value,
    len: usize,
    /// `hash()` of the tuple; 0 where it is not known yet.
    pub(crate) hash: Cell<i64>,
}

impl Deref for Row {
    type Target = [Value];

    #[inline(always)]
    fn deref(&self) -> &[Value] {
        // SAFETY: `new_tuple` wrote as many values there as `len` says; they go when the tuple does.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl<'a> IntoIterator for &'a Row {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        // A row is the last of its object: what is near begins right behind it.
        let near = (&raw const *self).wrapping_add(1).cast::<Value>();
        let own = if std::ptr::eq(near, self.start) { 0 } else { self.len };
        // CPython drops the last one first, which finalizers show.
        while self.len > 0 {
            self.len -= 1;
            // SAFETY: the value was initialised, and with the shorter length nobody reads it again.
            drop(unsafe { self.start.add(self.len).read() });
        }
        if own > 0 {
            // SAFETY: the memory came from a boxed slice of this length; no value is left in it.
            drop(unsafe { Vec::from_raw_parts(self.start, 0, own) });
        }
    }
}

/// The most elements that lie behind the body; there may be a `__dict__` behind them.
const MOST: usize = (LARGEST - size_of::<Object<Tuple>>()) / 8 - 1;

/// A tuple of type `ty`, of as many elements as the iterator says, or fewer where it ends before.
#[inline(always)]
pub(crate) fn new_tuple(
    vm: &Vm,
    ty: &Object<Type>,
    mut items: impl ExactSizeIterator<Item = Value>,
) -> Value {
    let count = items.len();
    let trailer = if ty.body.flags.get().has(TypeFlags::TRAILER) { size_of::<Value>() } else { 0 };
    let near = if count > MOST { 0 } else { count };
    let row = Row { start: std::ptr::dangling_mut(), len: 0, hash: Cell::new(0) };
    let object = allocate_with(vm, ty, Tuple { items: row }, near * size_of::<Value>() + trailer).cast_mut();
    // SAFETY: the object was made now, with room for `near` values behind its body; its length counts those that are
    // there. A trailer is the last word of the cell, behind the values.
    unsafe {
        if trailer > 0 {
            super::types::init_trailer(object.cast());
        }
        let row = &raw mut (*object).body.items;
        if count > near {
            // Of exactly the length, so that nothing else has to be known when it goes.
            let own: Box<[Value]> = items.collect();
            let len = own.len();
            row.write(Row { start: Box::into_raw(own).cast(), len, hash: Cell::new(0) });
        } else {
            let start = object.add(1).cast::<Value>();
            (*row).start = start;
            for index in 0..count {
                let Some(item) = items.next() else { break };
                start.add(index).write(item);
                (*row).len = index + 1;
            }
        }
    }
    Value::from_object(object)
}

impl Drop for List {
    fn drop(&mut self) {
        while self.items.get_mut().pop().is_some() {}
    }
}

/// A `list`.
#[derive(Default)]
pub struct List {
    /// Its elements. Nothing that can run a program happens while they are borrowed.
    pub items: RefCell<Vec<Value>>,
}

impl List {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An element.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items.borrow().get(index).cloned()
    }

    /// Adds an element at the end.
    #[inline]
    pub fn push(&self, value: Value) {
        self.items.borrow_mut().push(value);
    }

    /// Replaces an element; false if there is none.
    pub fn set(&self, index: usize, value: Value) -> bool {
        let old = self.items.borrow_mut().get_mut(index).map(|place| std::mem::replace(place, value));
        old.is_some()
    }

    /// Its elements now.
    pub fn snapshot(&self) -> Vec<Value> {
        self.items.borrow().clone()
    }

    /// Replaces all elements; the old ones are returned, so that they go when nothing is borrowed.
    pub fn replace(&self, items: Vec<Value>) -> Vec<Value> {
        std::mem::replace(&mut *self.items.borrow_mut(), items)
    }
}

/// A `range` whose numbers all fit in an `i64`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// First number.
    pub start: i64,
    /// First number that is not in it.
    pub stop: i64,
    /// Distance of two numbers; not 0.
    pub step: i64,
}

impl Range {
    /// How many numbers there are.
    pub fn len(&self) -> i64 {
        let (low, high) = if self.step > 0 { (self.start, self.stop) } else { (self.stop, self.start) };
        if low >= high {
            return 0;
        }
        // The distance of two `i64`s fits in a `u64`.
        let span = high.wrapping_sub(low) as u64 - 1;
        i64::try_from(span / self.step.unsigned_abs() + 1).unwrap_or(i64::MAX)
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at `index`, which is below the length.
    pub const fn at(&self, index: i64) -> i64 {
        self.start.wrapping_add(self.step.wrapping_mul(index))
    }
}

/// A `slice`.
pub struct Slice {
    /// `start`, `stop` and `step`.
    pub parts: [Value; 3],
}

impl Slice {
    /// Start, stop and step cut to a sequence of `len` elements, and how many elements are meant.
    /// CPython: `PySlice_AdjustIndices`. The step is not 0.
    #[inline]
    pub fn adjust(parts: [Option<i64>; 3], len: i64) -> (i64, i64, i64, i64) {
        let step = parts[2].unwrap_or(1);
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let cut = |part: Option<i64>, default: i64| match part {
            None => default,
            Some(at) if at < 0 => (at.saturating_add(len)).max(low),
            Some(at) => at.min(high),
        };
        let start = cut(parts[0], if step < 0 { high } else { low });
        let stop = cut(parts[1], if step < 0 { low } else { high });
        let count = Range { start, stop, step }.len();
        (start, stop, step, count)
    }
}
