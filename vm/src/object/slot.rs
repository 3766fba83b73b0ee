//! A place for a value that may change.
#![expect(unsafe_code, reason = "a place is read without being emptied")]

use crate::value::Value;
use std::cell::Cell;

/// A place that may hold a value.
#[derive(Default)]
pub struct Slot(Cell<Option<Value>>);

impl Slot {
    /// A place that holds `value`.
    pub const fn new(value: Option<Value>) -> Slot {
        Slot(Cell::new(value))
    }

    /// What it holds.
    #[inline]
    pub fn get(&self) -> Option<Value> {
        // SAFETY: counting up runs nothing that could change the place meanwhile.
        unsafe { &*self.0.as_ptr() }.clone()
    }

    /// Shows what it holds.
    pub(crate) fn visit(&self, see: &mut dyn FnMut(&Value)) {
        let value = self.0.take();
        if let Some(value) = &value {
            see(value);
        }
        self.0.set(value);
    }

    /// Makes it hold `value`. What it held goes after that.
    #[inline]
    pub fn set(&self, value: Option<Value>) {
        drop(self.0.replace(value));
    }

    /// Empties it.
    #[inline]
    pub fn take(&self) -> Option<Value> {
        self.0.take()
    }

    /// Does it hold something?
    #[inline]
    pub const fn is_some(&self) -> bool {
        // SAFETY: nothing changes the place meanwhile.
        unsafe { &*self.0.as_ptr() }.is_some()
    }
}
