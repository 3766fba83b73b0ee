//! `set` and `frozenset`: one table of keys, laid out as CPython's (`Objects/setobject.c`), because programs see the
//! order in it.

use super::answers::Answers;
use crate::value::Value;
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

/// How many neighbours are looked at before the next jump.
const NEIGHBOURS: usize = 9;

enum Place {
    Empty,
    Gone,
    Key(i64, Value),
}

/// A `set` or `frozenset`.
pub struct Set {
    places: RefCell<Vec<Place>>,
    /// Keys, and places where one was removed.
    fill: Cell<usize>,
    used: Cell<usize>,
    changes: Cell<u32>,
    /// The hash of a `frozenset`, once it was asked for.
    pub(crate) hash: Cell<Option<i64>>,
}

impl Default for Set {
    fn default() -> Set {
        Set {
            places: RefCell::new((0..8).map(|_| Place::Empty).collect()),
            fill: Cell::new(0),
            used: Cell::new(0),
            changes: Cell::new(0),
            hash: Cell::new(None),
        }
    }
}

enum Found {
    At(usize),
    Free(usize),
    Ask(Value),
}

fn search(places: &[Place], hash: i64, mut same: impl FnMut(&Value) -> Option<bool>) -> Found {
    let mask = places.len() - 1;
    let mut at = hash as usize & mask;
    let mut perturb = hash as u64;
    loop {
        let count = if at + NEIGHBOURS <= mask { NEIGHBOURS } else { 0 };
        for (index, place) in places.iter().enumerate().skip(at).take(count + 1) {
            match place {
                Place::Empty => return Found::Free(index),
                Place::Key(other, key) if *other == hash => match same(key) {
                    Some(true) => return Found::At(index),
                    Some(false) => {}
                    None => return Found::Ask(key.clone()),
                },
                _ => {}
            }
        }
        perturb >>= 5;
        at = (at.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize)) & mask;
    }
}

/// What a `set` that is looked for in a set stands for: a `frozenset` of its elements.
fn frozen(vm: &Vm, key: &Value) -> Option<Value> {
    let set = key.get::<Set>()?;
    let copy = Set::default();
    for element in set.snapshot() {
        copy.add(vm, element).ok()?;
    }
    Some(crate::heap::allocate(vm, &vm.types.frozenset, copy))
}

impl Set {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.used.get()
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts the changes.
    pub fn changes(&self) -> u32 {
        self.changes.get()
    }

    fn find(&self, vm: &Vm, key: &Value, hash: i64) -> R<(bool, usize)> {
        let mut answers = Answers::new(&self.changes);
        loop {
            let found = search(&self.places.borrow(), hash, |other| answers.equal(vm, other, key));
            match found {
                Found::At(index) => return Ok((true, index)),
                Found::Free(index) => return Ok((false, index)),
                Found::Ask(other) => answers.ask(vm, other, key, &self.changes)?,
            }
        }
    }

    /// Is `key` in it?
    pub fn contains(&self, vm: &Vm, key: &Value) -> R<bool> {
        match vm.hash_for(key, "a set element") {
            Ok(hash) => Ok(self.find(vm, key, hash)?.0),
            Err(raised) => {
                let Some(frozen) = frozen(vm, key) else { return Err(raised) };
                vm.pending.set(None);
                let hash = vm.hash_for(&frozen, "a set element")?;
                Ok(self.find(vm, &frozen, hash)?.0)
            }
        }
    }

    /// Adds `key`; false if it was there.
    pub fn add(&self, vm: &Vm, key: Value) -> R<bool> {
        let hash = vm.hash_for(&key, "a set element")?;
        let (there, index) = self.find(vm, &key, hash)?;
        if there {
            return Ok(false);
        }
        self.changes.set(self.changes.get().wrapping_add(1));
        self.places.borrow_mut()[index] = Place::Key(hash, key);
        self.fill.set(self.fill.get() + 1);
        self.used.set(self.used.get() + 1);
        let mask = self.places.borrow().len() - 1;
        if self.fill.get() * 5 >= mask * 3 {
            let used = self.used.get();
            self.resize(if used > 50_000 { used * 2 } else { used * 4 });
        }
        Ok(true)
    }

    /// Makes room as CPython does before it adds the elements of another set, of which there are `more`.
    pub fn reserve_for(&self, more: usize) {
        let mask = self.places.borrow().len() - 1;
        if (self.fill.get() + more) * 5 >= mask * 3 {
            self.resize((self.used.get() + more) * 2);
        }
    }

    fn resize(&self, minimum: usize) {
        let size = (minimum + 1).next_power_of_two().max(8);
        let mut places = self.places.borrow_mut();
        let old = std::mem::replace(&mut *places, (0..size).map(|_| Place::Empty).collect());
        for place in old {
            if let Place::Key(hash, key) = place
                && let Found::Free(index) = search(&places, hash, |_| Some(false))
            {
                places[index] = Place::Key(hash, key);
            }
        }
        self.fill.set(self.used.get());
    }

    /// Shows all elements; none while somebody changes them.
    pub(crate) fn visit(&self, see: &mut dyn FnMut(&Value)) {
        if let Ok(places) = self.places.try_borrow() {
            for place in places.iter() {
                if let Place::Key(_, key) = place {
                    see(key);
                }
            }
        }
    }

    /// Is the key there? `None` where it takes a program to tell.
    #[inline]
    pub(crate) fn has_plain(&self, vm: &Vm, key: &Value) -> Option<bool> {
        let hash = vm.hash_plain(key)?;
        match search(&self.places.borrow(), hash, |other| vm.same_plain(other, key)) {
            Found::At(_) => Some(true),
            Found::Free(_) => Some(false),
            Found::Ask(_) => None,
        }
    }

    /// Removes `key`; the removed element, if it was there.
    pub fn remove(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let (frozen, hash) = match vm.hash_for(key, "a set element") {
            Ok(hash) => (None, hash),
            Err(raised) => {
                let Some(frozen) = frozen(vm, key) else { return Err(raised) };
                vm.pending.set(None);
                let hash = vm.hash_for(&frozen, "a set element")?;
                (Some(frozen), hash)
            }
        };
        let key = frozen.as_ref().unwrap_or(key);
        let (there, index) = self.find(vm, key, hash)?;
        Ok(if there { self.take(index) } else { None })
    }

    fn take(&self, index: usize) -> Option<Value> {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.used.set(self.used.get() - 1);
        match std::mem::replace(&mut self.places.borrow_mut()[index], Place::Gone) {
            Place::Key(_, key) => Some(key),
            _ => None,
        }
    }

    /// Removes the first element.
    pub fn pop(&self) -> Option<Value> {
        let index = self.places.borrow().iter().position(|place| matches!(place, Place::Key(..)))?;
        self.take(index)
    }

    /// Removes all elements.
    pub fn clear(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.fill.set(0);
        self.used.set(0);
        let old = self.places.replace((0..8).map(|_| Place::Empty).collect());
        drop(old);
    }

    /// The first element at `at` or behind it, and where it was found.
    pub fn element_from(&self, at: usize) -> Option<(usize, Value)> {
        let places = self.places.borrow();
        places.iter().enumerate().skip(at).find_map(|(index, place)| match place {
            Place::Key(_, key) => Some((index, key.clone())),
            _ => None,
        })
    }

    /// How many elements there are at `at` or behind it.
    pub fn count_from(&self, at: usize) -> usize {
        let places = self.places.borrow();
        places.iter().skip(at).filter(|place| matches!(place, Place::Key(..))).count()
    }

    /// Its elements now.
    pub fn snapshot(&self) -> Vec<Value> {
        let places = self.places.borrow();
        let key = |place: &Place| match place {
            Place::Key(_, key) => Some(key.clone()),
            _ => None,
        };
        places.iter().filter_map(key).collect()
    }
}
