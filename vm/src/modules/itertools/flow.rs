//! Iterators that pass on, drop, repeat or join what other iterators give.

use super::{ITERATOR, Spec, alias, plain};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::modules::native::{Own, parse, parse_most, split_class};
use crate::object::callable::Args;
use crate::object::{Data, Slot, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::{Cell, RefCell};

pub(super) static ALL: &[Spec] = &[
    Spec {
        derivable: true,
        methods: &[("__new__", accumulate), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Accumulate, "itertools.accumulate")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", batched), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Batched, "itertools.batched")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", chain), ITERATOR[0], ITERATOR[1]],
        class_methods: &[("from_iterable", from_iterable), ("__class_getitem__", alias)],
        ..Spec::new(Own::Chain, "itertools.chain")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", compress), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Compress, "itertools.compress")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", count), ITERATOR[0], ITERATOR[1], ("__repr__", count_repr)],
        ..Spec::new(Own::Count, "itertools.count")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", cycle), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Cycle, "itertools.cycle")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", dropwhile), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::DropWhile, "itertools.dropwhile")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", takewhile), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::TakeWhile, "itertools.takewhile")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", filterfalse), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::FilterFalse, "itertools.filterfalse")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", islice), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::ISlice, "itertools.islice")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", pairwise), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Pairwise, "itertools.pairwise")
    },
    Spec {
        derivable: true,
        methods: &[
            ("__new__", repeat),
            ITERATOR[0],
            ITERATOR[1],
            ("__repr__", repeat_repr),
            ("__length_hint__", repeat_hint),
        ],
        ..Spec::new(Own::Repeat, "itertools.repeat")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", starmap), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::StarMap, "itertools.starmap")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", zip_longest), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::ZipLongest, "itertools.zip_longest")
    },
];

struct Accumulate {
    source: Value,
    function: Value,
    total: Slot,
    initial: Slot,
}

fn accumulate(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [source, function, initial] =
        parse_most(vm, "accumulate", args, ["iterable", "func", "initial"], 1, 2)?;
    let source = vm.iter(source.unwrap_or(&NONE))?;
    let data = Accumulate {
        source,
        function: function.cloned().unwrap_or(NONE),
        total: Slot::default(),
        initial: Slot::new(initial.filter(|it| !it.is_none()).cloned()),
    };
    Ok(vm.custom_of(class, data))
}

impl Data for Accumulate {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.source);
        see(&self.function);
        self.total.visit(see);
        self.initial.visit(see);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        if let Some(initial) = self.initial.take() {
            self.total.set(Some(initial.clone()));
            return Some(Ok(Some(initial)));
        }
        Some((|| {
            let Some(value) = vm.next(&self.source)? else { return Ok(None) };
            let total = match self.total.get() {
                None => value,
                Some(total) if self.function.is_none() => vm.binary(&total, &value, 0)?,
                Some(total) => vm.call_with(&self.function, &[total, value])?,
            };
            self.total.set(Some(total.clone()));
            Ok(Some(total))
        })())
    }

    fn clear(&self) {
        self.total.set(None);
    }
}

struct Batched {
    source: Slot,
    size: usize,
    strict: bool,
}

fn batched(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [source, size, strict] = parse_most(vm, "batched", args, ["iterable", "n", "strict"], 2, 2)?;
    let size = crate::modules::native::index(vm, size.unwrap_or(&NONE))?;
    let strict = match strict {
        Some(strict) => vm.truth(strict)?,
        None => false,
    };
    let size = match usize::try_from(size) {
        Ok(size) if size > 0 => size,
        _ => return Err(vm.value_error("n must be at least one")),
    };
    let source = Slot::new(Some(vm.iter(source.unwrap_or(&NONE))?));
    Ok(vm.custom_of(class, Batched { source, size, strict }))
}

impl Data for Batched {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.source.visit(see);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let Some(source) = self.source.get() else { return Some(Ok(None)) };
        let mut items = Vec::with_capacity(self.size.min(64));
        while items.len() < self.size {
            match vm.next(&source) {
                Ok(Some(value)) => items.push(value),
                Ok(None) => {
                    self.source.set(None);
                    break;
                }
                Err(raised) => {
                    self.source.set(None);
                    return Some(Err(raised));
                }
            }
        }
        if items.is_empty() {
            return Some(Ok(None));
        }
        if self.strict && items.len() < self.size {
            return Some(Err(vm.value_error("batched(): incomplete batch")));
        }
        Some(Ok(Some(vm.tuple(items))))
    }
}

struct Chain {
    /// What gives the iterables; nothing once it has ended.
    sources: Slot,
    active: Slot,
}

fn chain(vm: &Vm, args: Args<'_>) -> R {
    let (class, values) = plain(vm, "chain", args, 0, usize::MAX)?;
    let sources = vm.iter(&vm.tuple(values.to_vec()))?;
    Ok(vm.custom_of(class, Chain { sources: Slot::new(Some(sources)), active: Slot::default() }))
}

fn from_iterable(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let values = positional(vm, "chain.from_iterable", args, 1, 1)?;
    let sources = vm.iter(&values[0])?;
    Ok(vm.custom_of(class, Chain { sources: Slot::new(Some(sources)), active: Slot::default() }))
}

impl Data for Chain {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.sources.visit(see);
        self.active.visit(see);
    }

    fn clear(&self) {
        self.sources.set(None);
        self.active.set(None);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        loop {
            let active = match self.active.get() {
                Some(active) => active,
                None => {
                    let Some(sources) = self.sources.get() else { return Some(Ok(None)) };
                    let next = vm.next(&sources).and_then(|it| it.map(|it| vm.iter(&it)).transpose());
                    match next {
                        Ok(Some(active)) => {
                            self.active.set(Some(active.clone()));
                            active
                        }
                        Ok(None) => {
                            self.sources.set(None);
                            return Some(Ok(None));
                        }
                        Err(Raised) => {
                            self.sources.set(None);
                            return Some(Err(Raised));
                        }
                    }
                }
            };
            match vm.next(&active) {
                Ok(None) => self.active.set(None),
                result => return Some(result),
            }
        }
    }
}

struct Compress {
    data: Value,
    selectors: Value,
}

fn compress(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [data, selectors] = parse(vm, "compress", args, ["data", "selectors"], 2)?;
    let data = vm.iter(data.unwrap_or(&NONE))?;
    let selectors = vm.iter(selectors.unwrap_or(&NONE))?;
    Ok(vm.custom_of(class, Compress { data, selectors }))
}

impl Data for Compress {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.data);
        see(&self.selectors);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        Some((|| {
            loop {
                let Some(value) = vm.next(&self.data)? else { return Ok(None) };
                let Some(selector) = vm.next(&self.selectors)? else { return Ok(None) };
                if vm.truth(&selector)? {
                    return Ok(Some(value));
                }
            }
        })())
    }
}

struct Count {
    now: Slot,
    step: Value,
}

fn count(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [start, step] = parse(vm, "count", args, ["start", "step"], 0)?;
    for value in [start, step].into_iter().flatten() {
        let number = vm.as_number(value).is_some()
            || value.get::<crate::object::Complex>().is_some()
            || [&vm.names.index, &vm.names.float, &vm.intern("__complex__")]
                .iter()
                .any(|name| vm.lookup_special(value, name).is_some());
        if !number {
            return Err(vm.type_error("a number is required"));
        }
    }
    let start = start.cloned().unwrap_or(Value::from_i32(0));
    let step = step.cloned().unwrap_or(Value::from_i32(1));
    Ok(vm.custom_of(class, Count { now: Slot::new(Some(start)), step }))
}

impl Data for Count {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.now.visit(see);
        see(&self.step);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let now = self.now.get().unwrap_or(NONE);
        let next =
            if Value::both_small(&now, &self.step) { Value::add_small(&now, &self.step) } else { None };
        let next = match next {
            Some(next) => next,
            None => match vm.binary(&now, &self.step, 0) {
                Ok(next) => next,
                Err(raised) => return Some(Err(raised)),
            },
        };
        self.now.set(Some(next));
        Some(Ok(Some(now)))
    }
}

fn count_repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let Some(data) = it.data::<Count>() else { return Err(vm.type_error("not a count")) };
    let name = vm.plain_type_name(it);
    let now = vm.repr_text(&data.now.get().unwrap_or(NONE))?;
    if data.step.as_small() == Some(1) {
        return Ok(vm.str(&format!("{name}({now})")));
    }
    Ok(vm.str(&format!("{name}({now}, {})", vm.repr_text(&data.step)?)))
}

struct Cycle {
    source: Slot,
    saved: RefCell<Vec<Value>>,
    at: Cell<usize>,
}

fn cycle(vm: &Vm, args: Args<'_>) -> R {
    let (class, values) = plain(vm, "cycle", args, 1, 1)?;
    let source = Slot::new(Some(vm.iter(&values[0])?));
    Ok(vm.custom_of(class, Cycle { source, saved: RefCell::default(), at: Cell::new(0) }))
}

impl Data for Cycle {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.source.visit(see);
        if let Ok(saved) = self.saved.try_borrow() {
            saved.iter().for_each(see);
        }
    }

    fn clear(&self) {
        self.source.set(None);
        drop(self.saved.take());
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        if let Some(source) = self.source.get() {
            match vm.next(&source) {
                Ok(Some(value)) => {
                    self.saved.borrow_mut().push(value.clone());
                    return Some(Ok(Some(value)));
                }
                Ok(None) => self.source.set(None),
                Err(raised) => return Some(Err(raised)),
            }
        }
        let saved = self.saved.borrow();
        if saved.is_empty() {
            return Some(Ok(None));
        }
        let at = self.at.get() % saved.len();
        self.at.set(at + 1);
        Some(Ok(saved.get(at).cloned()))
    }
}

/// `dropwhile`, `takewhile`, `filterfalse`
struct Filter {
    predicate: Value,
    source: Value,
    kind: Kind,
    /// Has it dropped all that is to be dropped, or ended?
    over: Cell<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    DropWhile,
    TakeWhile,
    FilterFalse,
}

fn filter(vm: &Vm, name: &str, args: Args<'_>, kind: Kind) -> R {
    let (class, values) = plain(vm, name, args, 2, 2)?;
    let source = vm.iter(&values[1])?;
    Ok(vm.custom_of(class, Filter { predicate: values[0].clone(), source, kind, over: Cell::new(false) }))
}

fn dropwhile(vm: &Vm, args: Args<'_>) -> R {
    filter(vm, "dropwhile", args, Kind::DropWhile)
}

fn takewhile(vm: &Vm, args: Args<'_>) -> R {
    filter(vm, "takewhile", args, Kind::TakeWhile)
}

fn filterfalse(vm: &Vm, args: Args<'_>) -> R {
    filter(vm, "filterfalse", args, Kind::FilterFalse)
}

impl Data for Filter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.predicate);
        see(&self.source);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        Some((|| {
            if self.kind == Kind::TakeWhile && self.over.get() {
                return Ok(None);
            }
            loop {
                let Some(value) = vm.next(&self.source)? else { return Ok(None) };
                if self.kind == Kind::DropWhile && self.over.get() {
                    return Ok(Some(value));
                }
                let plain = self.kind == Kind::FilterFalse
                    && (self.predicate.is_none() || self.predicate.is(vm.types.bool.value()));
                let truth = if plain {
                    vm.truth(&value)?
                } else {
                    let answer = vm.call_with(&self.predicate, std::slice::from_ref(&value))?;
                    vm.truth(&answer)?
                };
                match (self.kind, truth) {
                    (Kind::DropWhile, true) | (Kind::FilterFalse, true) => {}
                    (Kind::DropWhile, false) => {
                        self.over.set(true);
                        return Ok(Some(value));
                    }
                    (Kind::FilterFalse, false) | (Kind::TakeWhile, true) => return Ok(Some(value)),
                    (Kind::TakeWhile, false) => {
                        self.over.set(true);
                        return Ok(None);
                    }
                }
            }
        })())
    }
}

struct Slice {
    source: Slot,
    next: Cell<u64>,
    stop: Option<u64>,
    step: u64,
    count: Cell<u64>,
}

fn islice(vm: &Vm, args: Args<'_>) -> R {
    let (class, values) = plain(vm, "islice", args, 2, 4)?;
    let part = |value: &Value, message: &str| -> R<Option<u64>> {
        if value.is_none() {
            return Ok(None);
        }
        match vm.index_of(value) {
            Ok(Some(number)) if number >= 0 => Ok(Some(number as u64)),
            Ok(_) => Err(vm.value_error(message)),
            Err(Raised) => {
                if vm.pending_is(Exc::IndexError) || vm.pending_is(Exc::OverflowError) {
                    vm.pending.set(None);
                    return Err(vm.value_error(message));
                }
                Err(Raised)
            }
        }
    };
    let stop_text = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let text = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, stop) = match values {
        [_, stop] => (None, part(stop, stop_text)?),
        _ => {
            let stop = part(&values[2], stop_text)?;
            (part(&values[1], text)?, stop)
        }
    };
    let step = match values.get(3) {
        Some(step) => {
            let text = "Step for islice() must be a positive integer or None.";
            match part(step, text)? {
                Some(0) => return Err(vm.value_error(text)),
                step => step.unwrap_or(1),
            }
        }
        None => 1,
    };
    let source = Slot::new(Some(vm.iter(&values[0])?));
    let next = Cell::new(start.unwrap_or(0));
    Ok(vm.custom_of(class, Slice { source, next, stop, step, count: Cell::new(0) }))
}

impl Data for Slice {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.source.visit(see);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let Some(source) = self.source.get() else { return Some(Ok(None)) };
        let result = (|| {
            while self.count.get() < self.next.get() {
                if vm.next(&source)?.is_none() {
                    return Ok(None);
                }
                self.count.set(self.count.get() + 1);
            }
            if self.stop.is_some_and(|stop| self.count.get() >= stop) {
                return Ok(None);
            }
            let value = vm.next(&source)?;
            if value.is_some() {
                self.count.set(self.count.get() + 1);
                let next = self.next.get().saturating_add(self.step);
                self.next.set(self.stop.map_or(next, |stop| next.min(stop)));
            }
            Ok(value)
        })();
        if matches!(result, Ok(None)) {
            self.source.set(None);
        }
        Some(result)
    }
}

struct Pairwise {
    source: Slot,
    old: Slot,
}

fn pairwise(vm: &Vm, args: Args<'_>) -> R {
    let (class, values) = plain(vm, "pairwise", args, 1, 1)?;
    let source = Slot::new(Some(vm.iter(&values[0])?));
    Ok(vm.custom_of(class, Pairwise { source, old: Slot::default() }))
}

impl Data for Pairwise {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.source.visit(see);
        self.old.visit(see);
    }

    fn clear(&self) {
        self.source.set(None);
        self.old.set(None);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let Some(source) = self.source.get() else { return Some(Ok(None)) };
        Some((|| {
            let old = match self.old.get() {
                Some(old) => old,
                None => match vm.next(&source)? {
                    Some(old) => {
                        self.old.set(Some(old.clone()));
                        // The iterator may have been used up by what it called.
                        if !self.source.is_some() {
                            self.old.set(None);
                            return Ok(None);
                        }
                        old
                    }
                    None => {
                        self.source.set(None);
                        return Ok(None);
                    }
                },
            };
            match vm.next(&source) {
                Ok(Some(new)) => {
                    self.old.set(Some(new.clone()));
                    Ok(Some(vm.tuple(vec![old, new])))
                }
                end => {
                    self.source.set(None);
                    self.old.set(None);
                    end
                }
            }
        })())
    }
}

struct Repeat {
    value: Value,
    left: Cell<Option<i64>>,
}

fn repeat(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let [value, times] = parse(vm, "repeat", args, ["object", "times"], 1)?;
    let left = match times {
        Some(times) => Some(crate::modules::native::index(vm, times)?.max(0)),
        None => None,
    };
    Ok(vm.custom_of(class, Repeat { value: value.cloned().unwrap_or(NONE), left: Cell::new(left) }))
}

impl Data for Repeat {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.value);
    }

    fn next(&self, _: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        match self.left.get() {
            Some(0) => Some(Ok(None)),
            left => {
                self.left.set(left.map(|left| left - 1));
                Some(Ok(Some(self.value.clone())))
            }
        }
    }
}

fn repeat_repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let Some(data) = it.data::<Repeat>() else { return Err(vm.type_error("not a repeat")) };
    let (name, value) = (vm.plain_type_name(it), vm.repr_text(&data.value)?);
    Ok(vm.str(&match data.left.get() {
        Some(left) => format!("{name}({value}, {left})"),
        None => format!("{name}({value})"),
    }))
}

fn repeat_hint(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__length_hint__", args, 0, 0)?;
    match it.data::<Repeat>().and_then(|it| it.left.get()) {
        Some(left) => Ok(vm.int(left)),
        None => Err(vm.type_error("len() of unsized object")),
    }
}

struct StarMap {
    function: Value,
    source: Value,
}

fn starmap(vm: &Vm, args: Args<'_>) -> R {
    let (class, values) = plain(vm, "starmap", args, 2, 2)?;
    let source = vm.iter(&values[1])?;
    Ok(vm.custom_of(class, StarMap { function: values[0].clone(), source }))
}

impl Data for StarMap {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.function);
        see(&self.source);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        Some((|| {
            let Some(row) = vm.next(&self.source)? else { return Ok(None) };
            let value = match row.get::<Tuple>() {
                Some(tuple) => vm.call_with(&self.function, &tuple.items)?,
                None => vm.call_with(&self.function, &vm.collect(&row)?)?,
            };
            Ok(Some(value))
        })())
    }
}

struct ZipLongest {
    sources: RefCell<Vec<Option<Value>>>,
    left: Cell<usize>,
    fill: Value,
}

fn zip_longest(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    if args.names.iter().any(|name| vm.text_of(name) != "fillvalue") {
        return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
    }
    let (values, [fill]) = crate::builtins::keywords(vm, "zip_longest", args, ["fillvalue"])?;
    let mut sources = Vec::with_capacity(values.len());
    for value in values {
        sources.push(Some(vm.iter(value)?));
    }
    let data = ZipLongest {
        left: Cell::new(sources.len()),
        sources: RefCell::new(sources),
        fill: fill.cloned().unwrap_or(NONE),
    };
    Ok(vm.custom_of(class, data))
}

impl Data for ZipLongest {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        if let Ok(sources) = self.sources.try_borrow() {
            sources.iter().flatten().for_each(&mut *see);
        }
        see(&self.fill);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        Some((|| {
            let count = self.sources.borrow().len();
            if count == 0 || self.left.get() == 0 {
                return Ok(None);
            }
            let mut row = Vec::with_capacity(count);
            for index in 0..count {
                let source = self.sources.borrow().get(index).cloned().flatten();
                let value = match source {
                    None => None,
                    Some(source) => match vm.next(&source) {
                        Ok(Some(value)) => Some(value),
                        Ok(None) => {
                            self.left.set(self.left.get().saturating_sub(1));
                            if self.left.get() == 0 {
                                return Ok(None);
                            }
                            let old = self.sources.borrow_mut().get_mut(index).and_then(Option::take);
                            drop(old);
                            None
                        }
                        Err(Raised) => {
                            self.left.set(0);
                            return Err(Raised);
                        }
                    },
                };
                row.push(value.unwrap_or_else(|| self.fill.clone()));
            }
            Ok(Some(vm.tuple(row)))
        })())
    }
}
