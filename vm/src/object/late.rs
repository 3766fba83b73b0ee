//! Rows that may be exchanged for others once, while somebody still looks at the first ones.

use std::cell::Cell;
use std::ops::Deref;
use std::ptr::NonNull;

/// A row of values. What it held first lives as long as it does.
pub struct Late<T> {
    now: Cell<NonNull<[T]>>,
    before: Cell<Option<NonNull<[T]>>>,
}

impl<T> From<Box<[T]>> for Late<T> {
    fn from(row: Box<[T]>) -> Late<T> {
        Late { now: Cell::new(NonNull::from(Box::leak(row))), before: Cell::new(None) }
    }
}

impl<T> Default for Late<T> {
    fn default() -> Late<T> {
        Late::from(Box::default())
    }
}

impl<T> Deref for Late<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: both rows came from boxes, which only `drop` frees, and nothing writes to them.
        unsafe { self.now.get().as_ref() }
    }
}

impl<T> Late<T> {
    /// Holds another row from now on; not more than once.
    pub(crate) fn exchange(&self, row: Box<[T]>) {
        if self.before.get().is_none() {
            self.before.set(Some(self.now.replace(NonNull::from(Box::leak(row)))));
        }
    }

    /// The row that it held before, as long as it is kept.
    pub(crate) fn before(&self) -> &[T] {
        // SAFETY: as above.
        self.before.get().map_or(&[], |row| unsafe { row.as_ref() })
    }
}

impl<T> Drop for Late<T> {
    fn drop(&mut self) {
        // SAFETY: both came from boxes, each is freed once, and nobody borrows what is dropped.
        unsafe {
            drop(Box::from_raw(self.now.get().as_ptr()));
            if let Some(row) = self.before.get() {
                drop(Box::from_raw(row.as_ptr()));
            }
        }
    }
}

impl<T: Clone> Clone for Late<T> {
    fn clone(&self) -> Late<T> {
        Late::from(Box::from(&**self))
    }
}
