//! `_heapq` and `_bisect`: orders in lists.

use super::native::{index, parse_most};
use crate::builtins::exceptions::Exc;
use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{List, NativeFn};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

/// Is the first one to be above the second one in the heap?
type Before = fn(&Vm, &Value, &Value) -> R<bool>;

fn less(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    if let (Some(a), Some(b)) = (a.as_small(), b.as_small()) {
        return Ok(a < b);
    }
    let answer = vm.compare(a, b, 0)?;
    vm.truth(&answer)
}

fn greater(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    less(vm, b, a)
}

fn heap<'a>(vm: &Vm, name: &str, several: bool, value: &'a Value) -> R<&'a List> {
    value.get::<List>().ok_or_else(|| {
        let got = vm.type_name(value);
        let which = if several { " 1" } else { "" };
        vm.type_error(format!("{name}() argument{which} must be list, not {got}"))
    })
}

fn item(vm: &Vm, list: &List, at: usize) -> R {
    list.get(at).ok_or_else(|| vm.raise(Exc::IndexError, "index out of range"))
}

fn checked(vm: &Vm, list: &List, len: usize, answer: bool) -> R<bool> {
    if list.len() == len {
        Ok(answer)
    } else {
        Err(vm.raise(Exc::RuntimeError, "list changed size during iteration"))
    }
}

fn swap(list: &List, a: usize, b: usize) {
    let mut items = list.items.borrow_mut();
    if a < items.len() && b < items.len() {
        items.swap(a, b);
    }
}

/// Moves the item at `at` up, but not above `top`. CPython: `siftdown`.
fn rise(vm: &Vm, list: &List, top: usize, mut at: usize, before: Before) -> R<()> {
    let len = list.len();
    let moved = item(vm, list, at)?;
    while at > top {
        let parent = (at - 1) / 2;
        let above = item(vm, list, parent)?;
        let answer = before(vm, &moved, &above)?;
        if !checked(vm, list, len, answer)? {
            break;
        }
        swap(list, parent, at);
        at = parent;
    }
    Ok(())
}

/// Moves the item at `top` down to a leaf, then up to where it belongs. CPython: `siftup`.
fn sink(vm: &Vm, list: &List, top: usize, before: Before) -> R<()> {
    let len = list.len();
    let mut at = top;
    let limit = len / 2;
    while at < limit {
        let mut child = 2 * at + 1;
        if child + 1 < len {
            let (a, b) = (item(vm, list, child)?, item(vm, list, child + 1)?);
            let answer = before(vm, &a, &b)?;
            child += usize::from(!checked(vm, list, len, answer)?);
        }
        swap(list, child, at);
        at = child;
    }
    rise(vm, list, top, at, before)
}

fn push(vm: &Vm, name: &str, args: Args<'_>, before: Before) -> R {
    let values = positional(vm, name, args, 2, 2)?;
    let list = heap(vm, name, true, &values[0])?;
    list.push(values[1].clone());
    rise(vm, list, 0, list.len() - 1, before)?;
    Ok(NONE)
}

fn pop(vm: &Vm, name: &str, args: Args<'_>, before: Before) -> R {
    let list = heap(vm, name, false, &positional(vm, name, args, 1, 1)?[0])?;
    let last = list.items.borrow_mut().pop();
    let Some(last) = last else { return Err(vm.raise(Exc::IndexError, "index out of range")) };
    if list.is_empty() {
        return Ok(last);
    }
    let first = std::mem::replace(&mut list.items.borrow_mut()[0], last);
    sink(vm, list, 0, before)?;
    Ok(first)
}

fn replace(vm: &Vm, name: &str, args: Args<'_>, before: Before) -> R {
    let values = positional(vm, name, args, 2, 2)?;
    let list = heap(vm, name, true, &values[0])?;
    if list.is_empty() {
        return Err(vm.raise(Exc::IndexError, "index out of range"));
    }
    let first = std::mem::replace(&mut list.items.borrow_mut()[0], values[1].clone());
    sink(vm, list, 0, before)?;
    Ok(first)
}

fn push_pop(vm: &Vm, name: &str, args: Args<'_>, before: Before) -> R {
    let values = positional(vm, name, args, 2, 2)?;
    let list = heap(vm, name, true, &values[0])?;
    let Some(top) = list.get(0) else { return Ok(values[1].clone()) };
    if !before(vm, &top, &values[1])? {
        return Ok(values[1].clone());
    }
    if list.is_empty() {
        return Err(vm.raise(Exc::IndexError, "index out of range"));
    }
    let first = std::mem::replace(&mut list.items.borrow_mut()[0], values[1].clone());
    sink(vm, list, 0, before)?;
    Ok(first)
}

fn heapify(vm: &Vm, name: &str, args: Args<'_>, before: Before) -> R {
    let list = heap(vm, name, false, &positional(vm, name, args, 1, 1)?[0])?;
    for at in (0..list.len() / 2).rev() {
        sink(vm, list, at, before)?;
    }
    Ok(NONE)
}

const HEAPQ: &[(&str, NativeFn)] = &[
    ("heappush", |vm, args| push(vm, "heappush", args, less)),
    ("heappop", |vm, args| pop(vm, "heappop", args, less)),
    ("heapreplace", |vm, args| replace(vm, "heapreplace", args, less)),
    ("heappushpop", |vm, args| push_pop(vm, "heappushpop", args, less)),
    ("heapify", |vm, args| heapify(vm, "heapify", args, less)),
    ("heappush_max", |vm, args| push(vm, "heappush_max", args, greater)),
    ("heappop_max", |vm, args| pop(vm, "heappop_max", args, greater)),
    ("heapreplace_max", |vm, args| replace(vm, "heapreplace_max", args, greater)),
    ("heappushpop_max", |vm, args| push_pop(vm, "heappushpop_max", args, greater)),
    ("heapify_max", |vm, args| heapify(vm, "heapify_max", args, greater)),
];

/// `_heapq`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, HEAPQ);
    vm.put(module, "__about__", vm.str("Heap queues"));
    Ok(())
}

/// `bisect_left` and its like: where `x` would go.
fn bisect(vm: &Vm, name: &str, args: Args<'_>, right: bool) -> R<(Value, Value, i64)> {
    let [list, x, low, high, key] = parse_most(vm, name, args, ["a", "x", "lo", "hi", "key"], 2, 4)?;
    let none = NONE;
    let (list, x) = (list.unwrap_or(&none), x.unwrap_or(&none));
    let mut low = match low {
        Some(low) => index(vm, low)?,
        None => 0,
    };
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let mut high = match high.filter(|it| !it.is_none()) {
        Some(high) => index(vm, high)?,
        None => vm.len(list)?,
    };
    let key = key.filter(|it| !it.is_none());
    while low < high {
        let middle = low + (high - low) / 2;
        let mut item = vm.get_item(list, &vm.int(middle))?;
        if let Some(key) = key {
            item = vm.call_with(key, &[item])?;
        }
        let go_right = if right { !less(vm, x, &item)? } else { less(vm, &item, x)? };
        if go_right { low = middle + 1 } else { high = middle }
    }
    Ok((list.clone(), x.clone(), low))
}

fn insort(vm: &Vm, name: &str, args: Args<'_>, right: bool) -> R {
    let [list, x, low, high, key] = parse_most(vm, name, args, ["a", "x", "lo", "hi", "key"], 2, 4)?;
    let none = NONE;
    let (list, x) = (list.unwrap_or(&none), x.unwrap_or(&none));
    let rank = match key.filter(|it| !it.is_none()) {
        Some(key) => vm.call_with(key, std::slice::from_ref(x))?,
        None => x.clone(),
    };
    let values = [
        list.clone(),
        rank,
        low.cloned().unwrap_or(Value::from_i32(0)),
        high.cloned().unwrap_or(NONE),
        key.cloned().unwrap_or(NONE),
    ];
    let names = [vm.intern("key")];
    let (_, _, at) = bisect(vm, name, Args { values: &values, names: &names }, right)?;
    if std::ptr::eq(vm.type_of(list), &raw const *vm.types.list)
        && let Some(list) = list.get::<List>()
    {
        let mut items = list.items.borrow_mut();
        let at = (at as usize).min(items.len());
        items.insert(at, x.clone());
        return Ok(NONE);
    }
    let insert = vm.get_attribute(list, &vm.intern("insert"))?;
    vm.call_with(&insert, &[vm.int(at), x.clone()])?;
    Ok(NONE)
}

const BISECT: &[(&str, NativeFn)] = &[
    ("bisect_left", |vm, args| Ok(vm.int(bisect(vm, "bisect_left", args, false)?.2))),
    ("bisect_right", |vm, args| Ok(vm.int(bisect(vm, "bisect_right", args, true)?.2))),
    ("bisect", |vm, args| Ok(vm.int(bisect(vm, "bisect", args, true)?.2))),
    ("insort_left", |vm, args| insort(vm, "insort_left", args, false)),
    ("insort_right", |vm, args| insort(vm, "insort_right", args, true)),
    ("insort", |vm, args| insort(vm, "insort", args, true)),
];

/// `_bisect`
pub(crate) fn fill_bisect(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, BISECT);
    Ok(())
}
