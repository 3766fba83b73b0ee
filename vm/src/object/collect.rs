//! The collector of cycles: objects that refer to each other and to which nothing else does.
//!
//! Every object has a count of references. For the objects that are looked at, the references among themselves are
//! taken off a copy of the count; whoever has some left is referred to from elsewhere (a register, native code, an
//! older object), and so is all that can be reached from there. The others are garbage: finalizers are called (PEP
//! 442), weak references are cleared, and what is still garbage after that lets go of what it refers to. There are
//! three generations with CPython's counts and thresholds; a collection runs between two instructions.

use super::visit::borrowed;
use super::{Dict, List, Slot};
use crate::value::{Header, Value, flag};
use crate::vm::Vm;
use std::cell::Cell;

/// A mark: not looked at.
const NOT: u32 = 0;
/// A mark: reached from elsewhere.
const REACHED: u32 = u32::MAX;
/// CPython's thresholds.
const THRESHOLDS: [u32; 3] = [2000, 10, 10];

/// What the collector knows of one generation. CPython: `gc.get_stats()`.
#[derive(Default)]
pub(crate) struct Stats {
    pub(crate) collections: Cell<u64>,
    pub(crate) collected: Cell<u64>,
}

/// The collector's state.
pub(crate) struct Collector {
    pub(crate) enabled: Cell<bool>,
    pub(crate) thresholds: [Cell<u32>; 3],
    /// How many collections of the younger generation there were since one of this one.
    pub(crate) counts: [Cell<u32>; 2],
    pub(crate) stats: [Stats; 3],
    /// Objects that survived a full collection, and those that came to them since.
    long_lived: [Cell<usize>; 2],
    running: Cell<bool>,
    /// What `gc.set_debug` was given.
    pub(crate) debug: Cell<i64>,
    /// How many objects `gc.freeze` was told to leave alone.
    pub(crate) frozen: Cell<usize>,
    /// `gc.garbage` and `gc.callbacks`
    pub(crate) garbage: Slot,
    pub(crate) callbacks: Slot,
}

/// What garbage is for a program that wants to see it: `gc.DEBUG_SAVEALL`.
const SAVE_ALL: i64 = 32;
/// What is told of each collection: `gc.DEBUG_STATS`.
const STATS: i64 = 1;

impl Default for Collector {
    fn default() -> Self {
        Collector {
            enabled: Cell::new(true),
            thresholds: THRESHOLDS.map(Cell::new),
            counts: Default::default(),
            stats: Default::default(),
            long_lived: Default::default(),
            running: Cell::new(false),
            debug: Cell::new(0),
            frozen: Cell::new(0),
            garbage: Slot::default(),
            callbacks: Slot::default(),
        }
    }
}

impl Vm {
    /// Collects what the thresholds say. CPython: `gc_collect_generations`.
    pub(crate) fn collect_if_due(&self) {
        let it = &self.collector;
        let over = |count: u32, of: usize| {
            let threshold = it.thresholds[of].get();
            threshold > 0 && count > threshold
        };
        if !it.enabled.get() || !over(self.heap.young.get(), 0) {
            return;
        }
        let [total, pending] = &it.long_lived;
        let generation = if over(it.counts[1].get(), 2) && pending.get() >= total.get() / 4 {
            2
        } else if over(it.counts[0].get(), 1) {
            1
        } else {
            0
        };
        self.collect_garbage(generation);
    }

    /// Lets collections happen by themselves, or not.
    pub(crate) fn enable_collector(&self, enabled: bool) {
        self.collector.enabled.set(enabled);
        let threshold = self.collector.thresholds[0].get();
        // What is never exceeded never asks.
        self.heap.due.set(if enabled && threshold > 0 { threshold } else { u32::MAX - 1 });
    }

    /// All objects that the collector looks at.
    pub(crate) fn tracked_objects(&self) -> Vec<Value> {
        let objects = self.heap.candidates(2);
        // SAFETY: all of them are alive.
        let all = objects.iter().map(|it| unsafe { (*borrowed(it.object)).clone() }).collect();
        self.heap.keep_marks_no_longer();
        all
    }

    /// Collects a generation and the younger ones; how many objects were garbage.
    pub(crate) fn collect_garbage(&self, generation: u8) -> usize {
        let it = &self.collector;
        if it.running.get() {
            return 0;
        }
        // A callback that makes objects starts no further collection.
        it.running.set(true);
        self.tell_collection("start", generation, 0);
        if generation == 2 {
            // What was looked up is kept alive by the memory of it.
            self.forget_lookups();
            // SAFETY: they are alive.
            let codes =
                self.heap.all_of::<crate::load::Code>().into_iter().map(|it| Value::of(unsafe { &*it }));
            for code in codes.collect::<Vec<_>>() {
                code.break_cycles(self);
            }
        }
        let started = (it.debug.get() & STATS != 0).then(std::time::Instant::now);
        if started.is_some() {
            self.show_generations(generation);
        }
        let garbage = self.garbage(generation);
        let found = self.dispose(garbage);
        if let Some(started) = started {
            let elapsed = started.elapsed().as_secs_f64();
            let text = format!("gc: done, {found} unreachable, 0 uncollectable, {elapsed:.4}s elapsed\n");
            self.write_err(text.as_bytes());
        }
        let at = usize::from(generation.min(2));
        self.heap.young.set(0);
        it.counts[..at.min(2)].iter().for_each(|count| count.set(0));
        match at {
            0 | 1 => it.counts[at].set(it.counts[at].get() + 1),
            _ => {}
        }
        it.stats[at].collections.set(it.stats[at].collections.get() + 1);
        it.stats[at].collected.set(it.stats[at].collected.get() + found as u64);
        self.tell_collection("stop", generation, found);
        it.running.set(false);
        found
    }

    /// Calls what stands in `gc.callbacks`.
    fn tell_collection(&self, phase: &str, generation: u8, collected: usize) {
        let all = self.collector.callbacks.get();
        let all = all.and_then(|it| it.get::<List>().map(List::snapshot)).unwrap_or_default();
        if all.is_empty() {
            return;
        }
        let info = self.dict();
        if let Some(dict) = info.get::<Dict>() {
            let numbers = [("generation", generation.into()), ("collected", collected), ("uncollectable", 0)];
            for (name, number) in numbers {
                dict.set_name(self, &self.intern(name), self.int_of_usize(number));
            }
        }
        let pending = self.pending.take();
        for callback in all {
            if self.call_with(&callback, &[self.intern(phase), info.clone()]).is_err() {
                self.unraisable(&callback, "calling GC callback");
            }
        }
        self.pending.set(pending);
    }

    /// The garbage among the objects of a generation and the younger ones. The others grow older.
    fn garbage(&self, generation: u8) -> Vec<Value> {
        let objects = self.heap.candidates(generation);
        // The same object is often referred to many times in a row.
        let mut last: (u64, Option<&Cell<u32>>) = (0, None);
        let mut mark = |child: &Value| {
            let header = child.header()?;
            if last.0 != child.word() {
                last = (child.word(), self.heap.mark(header));
            }
            last.1
        };
        // SAFETY: all of `objects` are alive, and nothing is freed before they are owned; their marks are there until
        // they are forgotten.
        unsafe {
            for it in &objects {
                borrowed(it.object).visit_each(&mut |child| {
                    if let Some(mark) = mark(child)
                        && mark.get() > 1
                    {
                        mark.set(mark.get() - 1);
                    }
                });
            }
            let mut work: Vec<*const Header> = Vec::new();
            for it in &objects {
                let own = &*it.mark;
                if own.get() > 1 && own.get() != REACHED {
                    own.set(REACHED);
                    work.push(it.object);
                }
                while let Some(object) = work.pop() {
                    borrowed(object).visit_each(&mut |child| {
                        if let Some(mark) = mark(child)
                            && mark.get() != NOT
                            && mark.get() != REACHED
                        {
                            mark.set(REACHED);
                            work.extend(child.header().map(std::ptr::from_ref));
                        }
                    });
                }
            }
            let mut garbage = Vec::new();
            let mut survivors = 0;
            for it in &objects {
                if (*it.mark).get() == REACHED {
                    survivors += 1;
                    self.heap.grow_older(it.object);
                } else {
                    garbage.push((*borrowed(it.object)).clone());
                }
            }
            let [total, pending] = &self.collector.long_lived;
            match generation {
                2 => {
                    total.set(survivors);
                    pending.set(0);
                }
                1 => pending.set(pending.get() + survivors),
                _ => {}
            }
            self.heap.forget_marks(generation);
            garbage
        }
    }

    fn clear_weak(&self, garbage: &[Value]) {
        for value in garbage {
            if let Some(header) = value.header()
                && header.flags.get() & flag::WEAK != 0
            {
                self.clear_weak_references(value.word());
                header.flags.set(header.flags.get() & !flag::WEAK);
            }
        }
    }

    /// What `gc.DEBUG_STATS` wants to see at the start of a collection.
    fn show_generations(&self, generation: u8) {
        let mut counts = [0usize; 3];
        for object in self.tracked_objects() {
            if let Some(header) = object.header() {
                counts[usize::from(header.generation().min(2))] += 1;
            }
        }
        let [first, second, third] = counts;
        let text = format!(
            "gc: collecting generation {generation}...\ngc: objects in each generation: {first} {second} \
             {third}\ngc: objects in permanent generation: {}\n",
            self.collector.frozen.get()
        );
        self.write_err(text.as_bytes());
    }

    /// Finalizes garbage; what nobody brought back to life goes. How many objects went.
    fn dispose(&self, garbage: Vec<Value>) -> usize {
        self.clear_weak(&garbage);
        let mut finalized = false;
        for value in &garbage {
            if let Some(header) = value.header()
                && header.type_of().finalizes()
                && header.flags.get() & flag::FINALIZED == 0
            {
                header.flags.set(header.flags.get() | flag::FINALIZED);
                self.finalize(value);
                finalized = true;
            }
        }
        let garbage = if finalized { still_garbage(garbage) } else { garbage };
        if finalized {
            // Finalizers may have made others, which must not show what is taken apart.
            self.clear_weak(&garbage);
        }
        if self.collector.debug.get() & SAVE_ALL != 0
            && let Some(kept) = self.collector.garbage.get()
            && let Some(kept) = kept.get::<List>()
        {
            let count = garbage.len();
            garbage.into_iter().for_each(|it| kept.push(it));
            return count;
        }
        for value in &garbage {
            value.break_cycles(self);
        }
        garbage.len()
    }
}

/// Those to which nothing but the others refers, and this row.
fn still_garbage(garbage: Vec<Value>) -> Vec<Value> {
    let mut left: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
    for value in &garbage {
        left.insert(value.word(), value.count() - 1);
    }
    for value in &garbage {
        value.visit(&mut |child| {
            if let Some(count) = left.get_mut(&child.word()) {
                *count = count.saturating_sub(1);
            }
        });
    }
    let mut work: Vec<&Value> = garbage.iter().filter(|it| left.get(&it.word()) != Some(&0)).collect();
    let places: std::collections::HashMap<u64, &Value> = garbage.iter().map(|it| (it.word(), it)).collect();
    let mut alive: std::collections::HashSet<u64> = work.iter().map(|it| it.word()).collect();
    while let Some(value) = work.pop() {
        value.visit(&mut |child| {
            if let Some(&child) = places.get(&child.word())
                && alive.insert(child.word())
            {
                work.push(child);
            }
        });
    }
    garbage.into_iter().filter(|it| !alive.contains(&it.word())).collect()
}
