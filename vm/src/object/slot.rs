//! A place for a value that may change.

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
        let value = self.0.take();
        let result = value.clone();
        self.0.set(value);
        result
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
    pub fn is_some(&self) -> bool {
        let value = self.0.take();
        let result = value.is_some();
        self.0.set(value);
        result
    }
}
