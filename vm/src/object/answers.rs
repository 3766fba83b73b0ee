//! What comparisons that may run programs said during one search of a table.
//!
//! No table is borrowed while a program runs, so a search starts again after each question. What was answered holds
//! for as long as nothing has changed.

use crate::value::Value;
use crate::vm::{R, Vm};
use std::cell::Cell;

/// The answers to what one search for a key asked.
pub(super) struct Answers {
    asked: Vec<(Value, bool)>,
    /// The table's number of changes when they were given.
    changes: u32,
}

impl Answers {
    /// None yet, for a table that counts its changes in `changes`.
    #[inline]
    pub fn new(changes: &Cell<u32>) -> Self {
        Answers { asked: Vec::new(), changes: changes.get() }
    }

    /// Is `other` equal to `key`? `None` where that must be asked first.
    #[inline]
    pub fn equal(&self, vm: &Vm, other: &Value, key: &Value) -> Option<bool> {
        if other.is(key) {
            return Some(true);
        }
        match vm.same_plain(other, key) {
            Some(equal) => Some(equal),
            None => self.asked.iter().find(|(it, _)| it.is(other)).map(|(_, equal)| *equal),
        }
    }

    /// Asks whether `other` is equal to `key`.
    ///
    /// # Errors
    /// What the comparison raises.
    pub fn ask(&mut self, vm: &Vm, other: Value, key: &Value, changes: &Cell<u32>) -> R<()> {
        let equal = vm.equal(&other, key)?;
        if changes.get() != self.changes {
            self.asked.clear();
            self.changes = changes.get();
        } else {
            self.asked.push((other, equal));
        }
        Ok(())
    }
}
