//! `deque`

use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::modules::native::{
    Own, Spec, alias, index, itself, near_index, next_method, parse, read_only, split_class,
};
use crate::object::callable::Args;
use crate::object::types::allocate_derived;
use crate::object::{Custom, Data};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// A `deque`.
pub(super) struct Deque {
    items: RefCell<VecDeque<Value>>,
    most: Cell<Option<usize>>,
    /// Counts changes of its length and order.
    state: Cell<u64>,
}

pub(super) static DEQUE: Spec = Spec {
    derivable: true,
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            let data = Deque { items: RefCell::default(), most: Cell::new(None), state: Cell::new(0) };
            Ok(allocate_derived(vm, class, Custom { data: Box::new(data) }))
        }),
        ("__init__", init),
        ("append", |vm, args| {
            let (it, values) = method(vm, "append", args, 1, 1)?;
            deque(vm, it)?.push(values[0].clone(), false);
            Ok(NONE)
        }),
        ("appendleft", |vm, args| {
            let (it, values) = method(vm, "appendleft", args, 1, 1)?;
            deque(vm, it)?.push(values[0].clone(), true);
            Ok(NONE)
        }),
        ("pop", |vm, args| {
            let (it, _) = method(vm, "pop", args, 0, 0)?;
            pop(vm, deque(vm, it)?, false)
        }),
        ("popleft", |vm, args| {
            let (it, _) = method(vm, "popleft", args, 0, 0)?;
            pop(vm, deque(vm, it)?, true)
        }),
        ("extend", |vm, args| {
            let (it, values) = method(vm, "extend", args, 1, 1)?;
            extend(vm, it, &values[0], false)
        }),
        ("extendleft", |vm, args| {
            let (it, values) = method(vm, "extendleft", args, 1, 1)?;
            extend(vm, it, &values[0], true)
        }),
        ("clear", |vm, args| {
            let (it, _) = method(vm, "clear", args, 0, 0)?;
            drop(deque(vm, it)?.replace(VecDeque::new()));
            Ok(NONE)
        }),
        ("copy", |vm, args| copy(vm, method(vm, "copy", args, 0, 0)?.0)),
        ("__copy__", |vm, args| copy(vm, method(vm, "__copy__", args, 0, 0)?.0)),
        ("count", count),
        ("index", find),
        ("insert", insert),
        ("remove", remove),
        ("reverse", |vm, args| {
            let (it, _) = method(vm, "reverse", args, 0, 0)?;
            let deque = deque(vm, it)?;
            deque.items.borrow_mut().make_contiguous().reverse();
            Ok(NONE)
        }),
        ("rotate", rotate),
        ("__len__", |vm, args| {
            let (it, _) = method(vm, "__len__", args, 0, 0)?;
            Ok(vm.int_of_usize(deque(vm, it)?.items.borrow().len()))
        }),
        ("__bool__", |vm, args| {
            let (it, _) = method(vm, "__bool__", args, 0, 0)?;
            Ok(Value::bool(!deque(vm, it)?.items.borrow().is_empty()))
        }),
        ("__getitem__", |vm, args| {
            let (it, values) = method(vm, "__getitem__", args, 1, 1)?;
            let deque = deque(vm, it)?;
            let at = place(vm, deque, &values[0])?;
            deque.items.borrow().get(at).cloned().ok_or_else(|| out_of_range(vm))
        }),
        ("__setitem__", |vm, args| {
            let (it, values) = method(vm, "__setitem__", args, 2, 2)?;
            let deque = deque(vm, it)?;
            let at = place(vm, deque, &values[0])?;
            let old = deque.items.borrow_mut().get_mut(at).map(|it| std::mem::replace(it, values[1].clone()));
            drop(old);
            Ok(NONE)
        }),
        ("__delitem__", |vm, args| {
            let (it, values) = method(vm, "__delitem__", args, 1, 1)?;
            let deque = deque(vm, it)?;
            let at = place(vm, deque, &values[0])?;
            let old = deque.items.borrow_mut().remove(at);
            deque.changed();
            drop(old);
            Ok(NONE)
        }),
        ("__contains__", |vm, args| {
            let (it, values) = method(vm, "__contains__", args, 1, 1)?;
            let deque = deque(vm, it)?;
            let message = "deque mutated during iteration";
            Ok(Value::bool(search(vm, deque, &values[0], (0, usize::MAX), message)?.is_some()))
        }),
        ("__iter__", |vm, args| iterator(vm, method(vm, "__iter__", args, 0, 0)?.0, false)),
        ("__reversed__", |vm, args| iterator(vm, method(vm, "__reversed__", args, 0, 0)?.0, true)),
        ("__repr__", repr),
        ("__eq__", |vm, args| compare(vm, "__eq__", args, 2)),
        ("__ne__", |vm, args| compare(vm, "__ne__", args, 3)),
        ("__lt__", |vm, args| compare(vm, "__lt__", args, 0)),
        ("__le__", |vm, args| compare(vm, "__le__", args, 1)),
        ("__gt__", |vm, args| compare(vm, "__gt__", args, 4)),
        ("__ge__", |vm, args| compare(vm, "__ge__", args, 5)),
        ("__add__", |vm, args| {
            let (it, values) = method(vm, "__add__", args, 1, 1)?;
            if values[0].data::<Deque>().is_none() {
                let got = vm.type_name(&values[0]);
                return Err(vm.type_error(format!("can only concatenate deque (not \"{got}\") to deque")));
            }
            let made = copy(vm, it)?;
            extend(vm, &made, &values[0], false)?;
            Ok(made)
        }),
        ("__iadd__", |vm, args| {
            let (it, values) = method(vm, "__iadd__", args, 1, 1)?;
            extend(vm, it, &values[0], false)?;
            Ok(it.clone())
        }),
        ("__mul__", times),
        ("__rmul__", times),
        ("__imul__", |vm, args| {
            let (it, values) = method(vm, "__imul__", args, 1, 1)?;
            repeat(vm, it, &values[0])?;
            Ok(it.clone())
        }),
        ("__reduce__", reduce),
    ],
    class_methods: &[("__class_getitem__", alias)],
    attributes: &[(
        "maxlen",
        read_only(|vm, it| Ok(deque(vm, it)?.most.get().map_or(NONE, |most| vm.int_of_usize(most)))),
    )],
    ..Spec::new(Own::Deque, "collections.deque")
};

impl Data for Deque {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        if let Ok(items) = self.items.try_borrow() {
            items.iter().for_each(see);
        }
    }

    fn clear(&self) {
        drop(self.replace(VecDeque::new()));
    }
}

impl Drop for Deque {
    fn drop(&mut self) {
        // One after the other, the first one first; what goes may look at anything but this.
        while self.items.get_mut().pop_front().is_some() {}
    }
}

impl Deque {
    fn changed(&self) {
        self.state.set(self.state.get() + 1);
    }

    fn replace(&self, items: VecDeque<Value>) -> VecDeque<Value> {
        self.changed();
        self.items.replace(items)
    }

    /// Adds a value at one end; where there are too many then, the one at the other end goes.
    fn push(&self, value: Value, left: bool) {
        self.changed();
        let gone = {
            let mut items = self.items.borrow_mut();
            if left {
                items.push_front(value)
            } else {
                items.push_back(value)
            }
            match self.most.get() {
                Some(most) if items.len() > most => {
                    if left {
                        items.pop_back()
                    } else {
                        items.pop_front()
                    }
                }
                _ => None,
            }
        };
        drop(gone);
    }

    fn len(&self) -> usize {
        self.items.borrow().len()
    }

    fn get(&self, at: usize) -> Option<Value> {
        self.items.borrow().get(at).cloned()
    }

    fn snapshot(&self) -> Vec<Value> {
        self.items.borrow().iter().cloned().collect()
    }
}

fn deque<'a>(vm: &Vm, it: &'a Value) -> R<&'a Deque> {
    vm.own_data("deque", it, &DEQUE)
}

fn out_of_range(vm: &Vm) -> crate::vm::Raised {
    vm.raise(Exc::IndexError, "deque index out of range")
}

fn init(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("descriptor '__init__' needs an argument"));
    };
    let args = Args { values, names: args.names };
    let [source, most] = parse(vm, "deque", args, ["iterable", "maxlen"], 0)?;
    let most = match most.filter(|it| !it.is_none()) {
        None => None,
        Some(most) => match vm.index_of(most)? {
            None => return Err(vm.type_error("an integer is required")),
            Some(most) => match usize::try_from(most) {
                Ok(most) => Some(most),
                Err(_) => return Err(vm.value_error("maxlen must be non-negative")),
            },
        },
    };
    let data = deque(vm, it)?;
    data.most.set(most);
    drop(data.replace(VecDeque::new()));
    match source {
        Some(source) => extend(vm, it, source, false),
        None => Ok(NONE),
    }
}

fn pop(vm: &Vm, deque: &Deque, left: bool) -> R {
    let value = {
        let mut items = deque.items.borrow_mut();
        if left { items.pop_front() } else { items.pop_back() }
    };
    match value {
        Some(value) => {
            deque.changed();
            Ok(value)
        }
        None => Err(vm.raise(Exc::IndexError, "pop from an empty deque")),
    }
}

fn extend(vm: &Vm, it: &Value, source: &Value, left: bool) -> R {
    let data = deque(vm, it)?;
    if source.is(it) {
        for value in data.snapshot() {
            data.push(value, left);
        }
        return Ok(NONE);
    }
    let source = vm.iter(source)?;
    while let Some(value) = vm.next(&source)? {
        data.push(value, left);
    }
    Ok(NONE)
}

fn copy(vm: &Vm, it: &Value) -> R {
    let data = deque(vm, it)?;
    let class = vm.class_of(it);
    if class.is(vm.own(&DEQUE).value()) {
        let made = Deque {
            items: RefCell::new(data.items.borrow().clone()),
            most: Cell::new(data.most.get()),
            state: Cell::new(0),
        };
        return Ok(vm.custom(&DEQUE, made));
    }
    let made = match data.most.get() {
        Some(most) => vm.call_with(&class, &[it.clone(), vm.int_of_usize(most)])?,
        None => vm.call_with(&class, std::slice::from_ref(it))?,
    };
    if made.data::<Deque>().is_none() {
        let (class, got) = (vm.type_name(it), vm.type_name(&made));
        return Err(vm.type_error(format!("{class}() must return a deque, not {got}")));
    }
    Ok(made)
}

fn place(vm: &Vm, deque: &Deque, key: &Value) -> R<usize> {
    let Some(at) = vm.index_of(key)? else {
        let got = vm.type_name(key);
        return Err(vm.type_error(format!("sequence index must be integer, not '{got}'")));
    };
    let len = deque.len() as i64;
    let at = if at < 0 { at + len } else { at };
    if (0..len).contains(&at) { Ok(at as usize) } else { Err(out_of_range(vm)) }
}

/// Where a value is, from one place to another.
fn search(
    vm: &Vm,
    deque: &Deque,
    value: &Value,
    (start, end): (usize, usize),
    changed: &str,
) -> R<Option<usize>> {
    let state = deque.state.get();
    let mut at = start;
    while at < end {
        let Some(item) = deque.get(at) else { break };
        let same = vm.equal(&item, value)?;
        if deque.state.get() != state {
            return Err(vm.raise(Exc::RuntimeError, changed));
        }
        if same {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

fn count(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "count", args, 1, 1)?;
    let deque = deque(vm, it)?;
    let (mut at, mut number) = (0, 0);
    let message = "deque mutated during iteration";
    while let Some(found) = search(vm, deque, &values[0], (at, usize::MAX), message)? {
        number += 1;
        at = found + 1;
    }
    Ok(vm.int(number))
}

fn find(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "index", args, 1, 3)?;
    let deque = deque(vm, it)?;
    let len = deque.len() as i64;
    let cut = |value: Option<&Value>, default: i64| -> R<usize> {
        let Some(value) = value else { return Ok(default as usize) };
        let at = near_index(vm, value)?;
        Ok((if at < 0 { at.saturating_add(len).max(0) } else { at.min(len) }) as usize)
    };
    let range = (cut(values.get(1), 0)?, cut(values.get(2), len)?);
    match search(vm, deque, &values[0], range, "deque mutated during iteration")? {
        Some(at) => Ok(vm.int_of_usize(at)),
        None => Err(vm.value_error("deque.index(x): x not in deque")),
    }
}

fn insert(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "insert", args, 2, 2)?;
    let deque = deque(vm, it)?;
    let at = index(vm, &values[0])?;
    let len = deque.len();
    if deque.most.get() == Some(len) {
        return Err(vm.raise(Exc::IndexError, "deque already at its maximum size"));
    }
    let at = if at < 0 { (at + len as i64).max(0) } else { at.min(len as i64) };
    deque.items.borrow_mut().insert(at as usize, values[1].clone());
    deque.changed();
    Ok(NONE)
}

fn remove(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "remove", args, 1, 1)?;
    let deque = deque(vm, it)?;
    let (len, mut at) = (deque.len(), 0);
    let state = deque.state.get();
    while at < len {
        let Some(item) = deque.get(at) else { break };
        let same = vm.equal(&item, &values[0])?;
        if deque.state.get() != state {
            return Err(vm.raise(Exc::IndexError, "deque mutated during remove()."));
        }
        if same {
            let old = deque.items.borrow_mut().remove(at);
            deque.changed();
            drop(old);
            return Ok(NONE);
        }
        at += 1;
    }
    Err(vm.value_error("deque.remove(x): x not in deque"))
}

fn rotate(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "rotate", args, 0, 1)?;
    let steps = match values.first() {
        Some(value) => index(vm, value)?,
        None => 1,
    };
    let deque = deque(vm, it)?;
    let len = deque.len();
    if len > 1 {
        deque.items.borrow_mut().rotate_right(steps.rem_euclid(len as i64) as usize);
        deque.changed();
    }
    Ok(NONE)
}

fn repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let data = deque(vm, it)?;
    let identity = it.identity();
    if vm.in_repr.borrow().contains(&identity) {
        return Ok(vm.str("[...]"));
    }
    vm.enter_native()?;
    vm.in_repr.borrow_mut().push(identity);
    let shown = vm.repr_text(&vm.list(data.snapshot()));
    vm.in_repr.borrow_mut().pop();
    vm.leave_native();
    let (name, shown) = (vm.plain_type_name(it), shown?);
    Ok(vm.str(&match data.most.get() {
        Some(most) => format!("{name}({shown}, maxlen={most})"),
        None => format!("{name}({shown})"),
    }))
}

fn compare(vm: &Vm, name: &str, args: Args<'_>, op: u32) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let (Some(a), Some(b)) = (it.data::<Deque>(), values[0].data::<Deque>()) else {
        return Ok(NOT_IMPLEMENTED);
    };
    if it.is(&values[0]) && op == 2 {
        return Ok(Value::bool(true));
    }
    if matches!(op, 2 | 3) && a.len() != b.len() {
        return Ok(Value::bool(op == 3));
    }
    let (a, b) = (iterator(vm, it, false)?, iterator(vm, &values[0], false)?);
    loop {
        let (x, y) = (vm.next(&a)?, vm.next(&b)?);
        match (x, y) {
            (Some(x), Some(y)) => {
                if !vm.equal(&x, &y)? {
                    return match op {
                        2 => Ok(Value::bool(false)),
                        3 => Ok(Value::bool(true)),
                        _ => vm.compare(&x, &y, op),
                    };
                }
            }
            (x, y) => {
                let order = x.is_some().cmp(&y.is_some());
                return Ok(Value::bool(match op {
                    0 => order.is_lt(),
                    1 => order.is_le(),
                    2 => order.is_eq(),
                    3 => order.is_ne(),
                    4 => order.is_gt(),
                    _ => order.is_ge(),
                }));
            }
        }
    }
}

/// Makes it as many copies of itself, one after the other.
fn repeat(vm: &Vm, it: &Value, count: &Value) -> R {
    let data = deque(vm, it)?;
    let Some(count) = vm.index_of(count)? else {
        let got = vm.type_name(count);
        return Err(vm.type_error(format!("can't multiply sequence by non-int of type '{got}'")));
    };
    let items = data.snapshot();
    if count <= 0 || items.is_empty() {
        drop(data.replace(VecDeque::new()));
        return Ok(NONE);
    }
    if data.most.get().is_none() {
        vm.check_room_of(
            items.len(),
            usize::try_from(count).unwrap_or(0).saturating_mul(size_of::<Value>()),
        )?;
    }
    let count = match data.most.get() {
        Some(most) => count.min((most / items.len()) as i64 + 2),
        None => count,
    };
    for _ in 1..count {
        for item in &items {
            data.push(item.clone(), false);
        }
    }
    Ok(NONE)
}

fn times(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__mul__", args, 1, 1)?;
    let made = copy(vm, it)?;
    repeat(vm, &made, &values[0])?;
    Ok(made)
}

fn reduce(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
    let data = deque(vm, it)?;
    let state = vm.object_state(it)?;
    let empty = vm.tuple(Vec::new());
    let first = match data.most.get() {
        Some(most) => vm.tuple(vec![empty, vm.int_of_usize(most)]),
        None => empty,
    };
    let items = vm.iter(it)?;
    Ok(vm.tuple(vec![vm.class_of(it), first, state, items]))
}

pub(super) static ITER: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| iterator_new(vm, args, false)),
        ("__iter__", itself),
        ("__next__", next_method),
        ("__length_hint__", hint),
        ("__reduce__", iterator_reduce),
    ],
    ..Spec::new(Own::DequeIter, "_collections._deque_iterator")
};

pub(super) static REVERSE: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| iterator_new(vm, args, true)),
        ("__iter__", itself),
        ("__next__", next_method),
        ("__length_hint__", hint),
        ("__reduce__", iterator_reduce),
    ],
    ..Spec::new(Own::DequeReverse, "_collections._deque_reverse_iterator")
};

struct DequeIter {
    of: Value,
    at: Cell<usize>,
    state: u64,
    reverse: bool,
    over: Cell<bool>,
}

fn iterator(vm: &Vm, it: &Value, reverse: bool) -> R {
    let state = deque(vm, it)?.state.get();
    let data = DequeIter { of: it.clone(), at: Cell::new(0), state, reverse, over: Cell::new(false) };
    Ok(vm.custom(if reverse { &REVERSE } else { &ITER }, data))
}

fn iterator_new(vm: &Vm, args: Args<'_>, reverse: bool) -> R {
    let (_, args) = split_class(vm, args)?;
    let values = positional(vm, "_deque_iterator", args, 1, 2)?;
    let made = iterator(vm, &values[0], reverse)?;
    if let Some(at) = values.get(1) {
        for _ in 0..index(vm, at)? {
            if vm.next(&made)?.is_none() {
                break;
            }
        }
    }
    Ok(made)
}

fn hint(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__length_hint__", args, 0, 0)?;
    let data: &DequeIter = vm.own_data("__length_hint__", it, &ITER)?;
    let len = data.of.data::<Deque>().map_or(0, Deque::len);
    let left = if data.over.get() { 0 } else { len.saturating_sub(data.at.get()) };
    Ok(vm.int_of_usize(left))
}

fn iterator_reduce(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
    let data: &DequeIter = vm.own_data("__reduce__", it, &ITER)?;
    let row = vm.tuple(vec![data.of.clone(), vm.int_of_usize(data.at.get())]);
    Ok(vm.tuple(vec![vm.class_of(it), row]))
}

impl Data for DequeIter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.of);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let deque = self.of.data::<Deque>()?;
        if self.over.get() {
            return Some(Ok(None));
        }
        if deque.state.get() != self.state {
            self.over.set(true);
            return Some(Err(vm.raise(Exc::RuntimeError, "deque mutated during iteration")));
        }
        let at = self.at.get();
        let items = deque.items.borrow();
        let place = if self.reverse { items.len().checked_sub(at + 1) } else { Some(at) };
        let value = place.and_then(|place| items.get(place).cloned());
        match &value {
            Some(_) => self.at.set(at + 1),
            None => self.over.set(true),
        }
        Some(Ok(value))
    }
}
