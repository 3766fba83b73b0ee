//! `dict`: a table of indexes into entries that are kept in the order of insertion.
//!
//! Looking up keys that are strings, ints or the same object needs no program; other keys may have an `__eq__`, which
//! runs while nothing is borrowed, and the search starts again when the table changed meanwhile.

#![expect(unsafe_code, reason = "what runs no program looks at a table without noting that it does")]

use super::answers::Answers;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

const EMPTY: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;

/// One key and its value.
pub struct Entry {
    /// `hash(key)`
    pub hash: i64,
    /// The key.
    pub key: Value,
    /// Its value.
    pub value: Value,
}

/// Up to so many entries there are no indexes: the entries are looked through.
const FEW: usize = 8;

/// What a [`Dict`] holds.
#[derive(Default)]
pub struct Table {
    /// None while there are few entries.
    indexes: Vec<u32>,
    entries: Vec<Option<Entry>>,
    live: u32,
    /// How many places of the indexes were taken since they were made; those that are gone count too, or a search
    /// for what is not there would not end.
    taken: u32,
}

/// What a search came to without running a program.
enum Found {
    At(usize),
    Nothing,
    /// The key of this entry has to be asked.
    Ask(Value),
}

impl Table {
    fn mask(&self) -> usize {
        self.indexes.len().wrapping_sub(1)
    }

    /// The entry that `same` says is the one; `same` answers `None` where it takes a program to tell.
    #[inline]
    fn search(&self, hash: i64, mut same: impl FnMut(&Value) -> Option<bool>) -> Found {
        if self.indexes.is_empty() {
            for (index, entry) in self.entries.iter().enumerate() {
                if let Some(entry) = entry
                    && entry.hash == hash
                {
                    match same(&entry.key) {
                        Some(true) => return Found::At(index),
                        Some(false) => {}
                        None => return Found::Ask(entry.key.clone()),
                    }
                }
            }
            return Found::Nothing;
        }
        let mask = self.mask();
        let mut at = hash as usize & mask;
        let mut perturb = hash as u64;
        loop {
            match self.indexes[at] {
                EMPTY => return Found::Nothing,
                GONE => {}
                index => {
                    if let Some(Some(entry)) = self.entries.get(index as usize)
                        && entry.hash == hash
                    {
                        match same(&entry.key) {
                            Some(true) => return Found::At(index as usize),
                            Some(false) => {}
                            None => return Found::Ask(entry.key.clone()),
                        }
                    }
                }
            }
            perturb >>= 5;
            at = (at.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask;
        }
    }

    fn rebuild(&mut self, room: usize) {
        self.entries.retain(Option::is_some);
        self.indexes.clear();
        if room.max(self.live as usize + 1) <= FEW {
            return;
        }
        let size = (room.max(self.live as usize + 1) * 3 / 2 + 1).next_power_of_two().max(8);
        self.indexes.resize(size, EMPTY);
        self.taken = self.entries.len() as u32;
        for index in 0..self.entries.len() {
            if let Some(entry) = &self.entries[index] {
                let hash = entry.hash;
                self.link(hash, index as u32);
            }
        }
    }

    fn link(&mut self, hash: i64, index: u32) {
        let mask = self.mask();
        let mut at = hash as usize & mask;
        let mut perturb = hash as u64;
        while self.indexes[at] < GONE {
            perturb >>= 5;
            at = (at.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask;
        }
        self.indexes[at] = index;
    }

    fn push(&mut self, hash: i64, key: Value, value: Value) -> usize {
        let full = match self.indexes.len() {
            0 => self.entries.len() >= FEW,
            indexes => self.taken as usize * 3 + 3 > indexes * 2,
        };
        if full {
            self.rebuild(self.live as usize * 2);
        }
        let index = self.entries.len();
        self.entries.push(Some(Entry { hash, key, value }));
        self.live += 1;
        if !self.indexes.is_empty() {
            self.taken += 1;
            self.link(hash, index as u32);
        }
        index
    }

    fn unlink_index(&mut self, hash: i64, index: u32) {
        let mask = self.mask();
        let mut at = hash as usize & mask;
        let mut perturb = hash as u64;
        while self.indexes[at] != index {
            if self.indexes[at] == EMPTY {
                return;
            }
            perturb >>= 5;
            at = (at.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask;
        }
        self.indexes[at] = GONE;
    }

    fn unlink(&mut self, index: usize) -> Option<Entry> {
        let entry = self.entries.get_mut(index)?.take()?;
        if !self.indexes.is_empty() {
            self.unlink_index(entry.hash, index as u32);
        }
        // Its place stays empty: whoever goes through the entries knows them by number.
        self.live -= 1;
        Some(entry)
    }
}

/// A `dict`.
#[derive(Default)]
pub struct Dict {
    table: RefCell<Table>,
    /// A number that no two states of keys of an interpreter share; 0 where nobody asked for it.
    keys: Cell<u32>,
    /// Counts the changes of the set of keys.
    changes: Cell<u32>,
    /// What makes the values of a `defaultdict`.
    pub(crate) factory: super::Slot,
}

impl Dict {
    /// The table, as it is.
    ///
    /// # Safety
    /// The caller lets go of it before a program runs or the table is changed.
    #[inline(always)]
    unsafe fn seen(&self) -> &Table {
        debug_assert!(self.table.try_borrow().is_ok());
        // SAFETY: as the caller says.
        unsafe { &*self.table.as_ptr() }
    }

    /// How many keys it has.
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: it is let go of at once.
        unsafe { self.seen() }.live as usize
    }

    /// Has it no keys?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A number that stands for the present keys and where they are.
    pub(crate) fn keys_version(&self, vm: &Vm) -> u32 {
        if self.keys.get() == 0 {
            self.keys.set(vm.next_version());
        }
        self.keys.get()
    }

    /// The same, 0 where nobody asked for it since the last change.
    #[inline(always)]
    pub(crate) fn known_keys(&self) -> u32 {
        self.keys.get()
    }

    /// Counts the changes of the set of keys.
    pub fn changes(&self) -> u32 {
        self.changes.get()
    }

    fn changed(&self) {
        self.keys.set(0);
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    fn find_name(&self, name: &Value, hash: i64) -> Option<usize> {
        // SAFETY: comparing strings runs no program.
        let table = unsafe { self.seen() };
        let same = |key: &Value| Some(key.is(name) || crate::object::str::same(key, name));
        match table.search(hash, same) {
            Found::At(index) => Some(index),
            _ => None,
        }
    }

    /// The value of a key that is a string.
    pub fn get_name(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let index = self.find_name(name, vm.hash_name(name))?;
        self.value_at(index)
    }

    /// Where the value of a key that is a string is, for caches.
    pub(crate) fn index_of_name(&self, vm: &Vm, name: &Value) -> Option<usize> {
        self.find_name(name, vm.hash_name(name))
    }

    /// The value of the entry at `index`.
    #[inline(always)]
    pub(crate) fn value_at(&self, index: usize) -> Option<Value> {
        // SAFETY: nothing happens before it is let go of.
        unsafe { self.seen() }.entries.get(index)?.as_ref().map(|entry| entry.value.clone())
    }

    /// Replaces the value of the entry at `index`.
    pub(crate) fn set_value_at(&self, index: usize, value: Value) {
        let old = match self.table.borrow_mut().entries.get_mut(index) {
            Some(Some(entry)) => Some(std::mem::replace(&mut entry.value, value)),
            _ => Some(value),
        };
        drop(old);
    }

    /// Sets the value of a key that is a string.
    pub fn set_name(&self, vm: &Vm, name: &Value, value: Value) {
        let hash = vm.hash_name(name);
        match self.find_name(name, hash) {
            Some(index) => self.set_value_at(index, value),
            None => {
                self.changed();
                self.table.borrow_mut().push(hash, name.clone(), value);
            }
        }
    }

    /// Sets the values of keys that are strings, of which none is there yet and no two are the same.
    pub(crate) fn fill(&self, vm: &Vm, rows: Vec<(Value, Value)>) {
        self.changed();
        let mut table = self.table.borrow_mut();
        table.entries.reserve_exact(rows.len());
        if rows.len() > FEW {
            table.rebuild(rows.len());
        }
        for (name, value) in rows {
            let hash = vm.hash_name(&name);
            table.push(hash, name, value);
        }
    }

    /// Removes a key that is a string.
    pub fn remove_name(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let index = self.find_name(name, vm.hash_name(name))?;
        self.changed();
        let entry = self.table.borrow_mut().unlink(index);
        entry.map(|entry| entry.value)
    }

    /// Where `key` is.
    fn find(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<usize>> {
        // SAFETY: comparing plainly runs no program.
        match unsafe { self.seen() }.search(hash, |other| vm.same_plain(other, key)) {
            Found::At(index) => return Ok(Some(index)),
            Found::Nothing => return Ok(None),
            Found::Ask(_) => {}
        }
        let mut answers = Answers::new(&self.changes);
        loop {
            let found = self.table.borrow().search(hash, |other| answers.equal(vm, other, key));
            match found {
                Found::At(index) => return Ok(Some(index)),
                Found::Nothing => return Ok(None),
                Found::Ask(other) => answers.ask(vm, other, key, &self.changes)?,
            }
        }
    }

    /// The value of `key`.
    pub fn get(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = vm.hash_for(key, "a dict key")?;
        self.get_hashed(vm, key, hash)
    }

    /// The value of `key`, whose hash is known.
    pub(crate) fn get_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<Value>> {
        Ok(match self.find(vm, key, hash)? {
            Some(index) => self.value_at(index),
            None => None,
        })
    }

    /// The value of a key where no program can be involved; `None` where it is not there, too.
    #[inline]
    pub(crate) fn get_plain(&self, vm: &Vm, key: &Value) -> Option<Value> {
        let hash = vm.hash_plain(key)?;
        // SAFETY: comparing plainly runs no program.
        let table = unsafe { self.seen() };
        match table.search(hash, |other| vm.same_plain(other, key)) {
            Found::At(index) => table.entries[index].as_ref().map(|entry| entry.value.clone()),
            _ => None,
        }
    }

    /// Shows all keys and values; none while somebody changes them.
    #[inline]
    pub(crate) fn visit(&self, see: &mut (impl FnMut(&Value) + ?Sized)) {
        if self.factory.is_some() {
            self.factory.visit(&mut |value| see(value));
        }
        if let Ok(table) = self.table.try_borrow() {
            for entry in table.entries.iter().flatten() {
                see(&entry.key);
                see(&entry.value);
            }
        }
    }

    /// Is the key there? `None` where it takes a program to tell.
    #[inline]
    pub(crate) fn has_plain(&self, vm: &Vm, key: &Value) -> Option<bool> {
        let hash = vm.hash_plain(key)?;
        // SAFETY: as above.
        match unsafe { self.seen() }.search(hash, |other| vm.same_plain(other, key)) {
            Found::At(_) => Some(true),
            Found::Nothing => Some(false),
            Found::Ask(_) => None,
        }
    }

    /// Sets the value of a key; the value comes back where it takes a program.
    #[inline]
    pub(crate) fn set_plain(&self, vm: &Vm, key: &Value, value: Value) -> Result<(), Value> {
        let Some(hash) = vm.hash_plain(key) else { return Err(value) };
        // SAFETY: as above.
        let found = unsafe { self.seen() }.search(hash, |other| vm.same_plain(other, key));
        match found {
            Found::At(index) => self.set_value_at(index, value),
            Found::Nothing => {
                self.changed();
                self.table.borrow_mut().push(hash, key.clone(), value);
            }
            Found::Ask(_) => return Err(value),
        }
        Ok(())
    }

    /// Sets the value of `key`.
    pub fn set(&self, vm: &Vm, key: Value, value: Value) -> R<()> {
        let hash = vm.hash_for(&key, "a dict key")?;
        self.set_hashed(vm, hash, key, value)
    }

    /// The same, where the key's hash is known: out of another dict.
    pub(crate) fn set_hashed(&self, vm: &Vm, hash: i64, key: Value, value: Value) -> R<()> {
        match self.find(vm, &key, hash)? {
            Some(index) => self.set_value_at(index, value),
            None => {
                self.changed();
                self.table.borrow_mut().push(hash, key, value);
            }
        }
        Ok(())
    }

    /// The value of `key`, which is set to `value` where there is none; the hash is asked for once.
    pub(crate) fn get_or_set(&self, vm: &Vm, key: &Value, value: &Value) -> R {
        let hash = vm.hash_for(key, "a dict key")?;
        let found = self.find(vm, key, hash)?.and_then(|index| self.value_at(index));
        if let Some(found) = found {
            return Ok(found);
        }
        self.changed();
        self.table.borrow_mut().push(hash, key.clone(), value.clone());
        Ok(value.clone())
    }

    /// Removes `key`; its value, if it was there.
    pub fn remove(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = vm.hash_for(key, "a dict key")?;
        let Some(index) = self.find(vm, key, hash)? else { return Ok(None) };
        self.changed();
        let entry = self.table.borrow_mut().unlink(index);
        Ok(entry.map(|entry| entry.value))
    }

    /// Removes the last key, or the first one.
    pub fn pop(&self, last: bool) -> Option<(Value, Value)> {
        let index = {
            let table = self.table.borrow();
            if last {
                table.entries.iter().rposition(Option::is_some)
            } else {
                table.entries.iter().position(Option::is_some)
            }
        }?;
        self.changed();
        let mut table = self.table.borrow_mut();
        let entry = table.unlink(index)?;
        if last {
            table.entries.truncate(index);
        }
        Some((entry.key, entry.value))
    }

    /// Removes all keys.
    pub fn clear(&self) {
        self.changed();
        let old = self.table.replace(Table::default());
        drop(old);
    }

    /// The first entry at `at` or behind it, and where it was found.
    pub fn entry_from(&self, at: usize) -> Option<(usize, Value, Value)> {
        // SAFETY: nothing happens before it is let go of.
        let table = unsafe { self.seen() };
        table.entries.iter().enumerate().skip(at).find_map(|(index, entry)| {
            entry.as_ref().map(|entry| (index, entry.key.clone(), entry.value.clone()))
        })
    }

    /// How many entries there are from `at` on.
    pub fn count_from(&self, at: usize) -> usize {
        self.table.borrow().entries.iter().skip(at).flatten().count()
    }

    /// How many places of entries there are, empty ones among them.
    pub fn places(&self) -> usize {
        self.table.borrow().entries.len()
    }

    /// The last entry before `end`, and where it was found.
    pub fn entry_before(&self, end: usize) -> Option<(usize, Value, Value)> {
        let table = self.table.borrow();
        let end = end.min(table.entries.len());
        table.entries[..end].iter().enumerate().rev().find_map(|(index, entry)| {
            entry.as_ref().map(|entry| (index, entry.key.clone(), entry.value.clone()))
        })
    }

    /// Keys and values now, in order.
    pub fn snapshot(&self) -> Vec<(Value, Value)> {
        let table = self.table.borrow();
        table.entries.iter().flatten().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
    }

    /// Hashes, keys and values now, in order.
    pub(crate) fn snapshot_with_hashes(&self) -> Vec<(i64, Value, Value)> {
        let table = self.table.borrow();
        let copy = |entry: &Entry| (entry.hash, entry.key.clone(), entry.value.clone());
        table.entries.iter().flatten().map(copy).collect()
    }

    /// Replaces the contents by those of `other`.
    pub fn copy_from(&self, other: &Dict) {
        let copy = {
            let table = other.table.borrow();
            let entry = |entry: &Entry| Entry {
                hash: entry.hash,
                key: entry.key.clone(),
                value: entry.value.clone(),
            };
            Table {
                indexes: table.indexes.clone(),
                entries: table.entries.iter().map(|it| it.as_ref().map(entry)).collect(),
                live: table.live,
                taken: table.taken,
            }
        };
        self.changed();
        drop(self.table.replace(copy));
    }

    /// Replaces every value by `None`, in order, as when a module ends.
    pub(crate) fn forget_values(&self, of: impl Fn(&Value) -> bool) {
        let mut at = 0;
        while let Some((index, key, value)) = self.entry_from(at) {
            if of(&key) {
                self.set_value_at(index, NONE);
            }
            drop(value);
            at = index + 1;
        }
    }
}
