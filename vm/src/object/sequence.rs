//! `tuple`, `list`, `range`, `slice`.

use crate::value::Value;
use std::cell::RefCell;

/// A `tuple`.
pub struct Tuple {
    /// Its elements.
    pub items: Box<[Value]>,
}

impl Drop for Tuple {
    fn drop(&mut self) {
        // CPython drops the last one first, which finalizers show.
        let mut items = std::mem::take(&mut self.items).into_vec();
        while items.pop().is_some() {}
    }
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
