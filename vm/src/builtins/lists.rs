//! Methods of `list` and `tuple`, and sorting.

use super::{keywords, method, methods};
use crate::object::callable::{Args, NativeFn};
use crate::object::{List, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cmp::Ordering;

fn list<'a>(vm: &Vm, value: &'a Value) -> R<&'a List> {
    value.get::<List>().ok_or_else(|| vm.type_error("descriptor requires a 'list' object"))
}

/// Sorts: stable, by the keys that `key` gives. CPython: `list_sort_impl`.
pub(crate) fn sort(vm: &Vm, items: Vec<Value>, key: Option<&Value>, reverse: bool) -> R<Vec<Value>> {
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let rank = match key {
            Some(key) => vm.call_with(key, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        rows.push((rank, item));
    }
    if reverse {
        rows.reverse();
    }
    let mut failed = false;
    // The standard library's sort is stable; where comparisons make no sense it may stop with a panic, so what
    // compares by program is merged here.
    if rows.iter().all(|(rank, _)| rank.is_small()) {
        rows.sort_by_key(|row| row.0.as_small());
    } else if rows.iter().all(|(rank, _)| crate::builtins::strings::is_ascii(rank)) {
        rows.sort_by(|a, b| crate::builtins::strings::order(&a.0, &b.0));
    } else {
        rows = merge_sort(rows, &mut |a, b| {
            if failed {
                return Ordering::Equal;
            }
            match vm.compare(a, b, 0).and_then(|it| vm.truth(&it)) {
                Ok(true) => Ordering::Less,
                Ok(false) => Ordering::Greater,
                Err(Raised) => {
                    failed = true;
                    Ordering::Equal
                }
            }
        });
    }
    if failed {
        return Err(Raised);
    }
    if reverse {
        rows.reverse();
    }
    Ok(rows.into_iter().map(|(_, item)| item).collect())
}

type Row = (Value, Value);

/// Asks `less` only whether a later element is less than an earlier one, as CPython's sort does.
fn merge_sort(mut rows: Vec<Row>, less: &mut dyn FnMut(&Value, &Value) -> Ordering) -> Vec<Row> {
    if rows.len() <= 16 {
        for end in 1..rows.len() {
            let (mut low, mut high) = (0, end);
            while low < high {
                let middle = (low + high) / 2;
                if less(&rows[end].0, &rows[middle].0) == Ordering::Less {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            rows[low..=end].rotate_right(1);
        }
        return rows;
    }
    let ascending = rows.windows(2).all(|pair| less(&pair[1].0, &pair[0].0) != Ordering::Less);
    if ascending {
        return rows;
    }
    let right = rows.split_off(rows.len() / 2);
    let (left, right) = (merge_sort(rows, less), merge_sort(right, less));
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => {
                let next = if less(&b.0, &a.0) == Ordering::Less { right.next() } else { left.next() };
                merged.extend(next);
            }
            _ => {
                merged.extend(left);
                merged.extend(right);
                return merged;
            }
        }
    }
}

fn position(
    vm: &Vm,
    items: impl Fn(usize) -> Option<Value>,
    value: &Value,
    range: (usize, usize),
) -> R<Option<usize>> {
    let mut at = range.0;
    while at < range.1 {
        let Some(item) = items(at) else { break };
        if vm.equal(&item, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

fn bounds(vm: &Vm, values: &[Value], len: usize) -> R<(usize, usize)> {
    let cut = |value: Option<&Value>, default: usize| -> R<usize> {
        let Some(value) = value else { return Ok(default) };
        let part = vm.slice_parts(&crate::object::Slice { parts: [value.clone(), NONE, NONE] })?;
        let at = part[0].unwrap_or(0);
        let at = if at < 0 { at + len as i64 } else { at };
        Ok(at.clamp(0, len as i64) as usize)
    };
    Ok((cut(values.first(), 0)?, cut(values.get(1), len)?))
}

const LIST: &[(&str, NativeFn)] = &[
    ("append", |vm, args| {
        let (it, values) = method(vm, "list.append", args, 1, 1)?;
        list(vm, it)?.push(values[0].clone());
        Ok(NONE)
    }),
    ("extend", |vm, args| {
        let (it, values) = method(vm, "list.extend", args, 1, 1)?;
        let more = vm.collect(&values[0])?;
        list(vm, it)?.items.borrow_mut().extend(more);
        Ok(NONE)
    }),
    ("insert", |vm, args| {
        let (it, values) = method(vm, "insert", args, 2, 2)?;
        let list = list(vm, it)?;
        if vm.index_of(&values[0])?.is_none() {
            let got = vm.type_name(&values[0]);
            return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
        }
        let (at, _) = bounds(vm, &values[..1], list.len())?;
        list.items.borrow_mut().insert(at, values[1].clone());
        Ok(NONE)
    }),
    ("pop", |vm, args| {
        let (it, values) = method(vm, "pop", args, 0, 1)?;
        let list = list(vm, it)?;
        let len = list.len();
        let error = |text| Err(vm.raise(crate::builtins::exceptions::Exc::IndexError, text));
        if len == 0 {
            return error("pop from empty list");
        }
        let at = match values.first() {
            Some(value) => crate::modules::native::index(vm, value)?,
            None => -1,
        };
        let at = if at < 0 { at + len as i64 } else { at };
        match usize::try_from(at) {
            Ok(at) if at < len => Ok(list.items.borrow_mut().remove(at)),
            _ => error("pop index out of range"),
        }
    }),
    ("remove", |vm, args| {
        let (it, values) = method(vm, "list.remove", args, 1, 1)?;
        let list = list(vm, it)?;
        match position(vm, |at| list.get(at), &values[0], (0, usize::MAX))? {
            Some(at) => {
                // What `__eq__` did may have made the list shorter.
                let old = (at < list.len()).then(|| list.items.borrow_mut().remove(at));
                drop(old);
                Ok(NONE)
            }
            None => Err(vm.value_error("list.remove(x): x not in list")),
        }
    }),
    ("index", |vm, args| {
        let (it, values) = method(vm, "index", args, 1, 3)?;
        let list = list(vm, it)?;
        let range = bounds(vm, &values[1..], list.len())?;
        match position(vm, |at| list.get(at), &values[0], range)? {
            Some(at) => Ok(vm.int_of_usize(at)),
            None => Err(vm.value_error("list.index(x): x not in list")),
        }
    }),
    ("count", |vm, args| {
        let (it, values) = method(vm, "list.count", args, 1, 1)?;
        count(vm, list(vm, it)?.snapshot(), &values[0])
    }),
    ("clear", |vm, args| {
        let (it, _) = method(vm, "list.clear", args, 0, 0)?;
        drop(list(vm, it)?.replace(Vec::new()));
        Ok(NONE)
    }),
    ("copy", |vm, args| {
        let (it, _) = method(vm, "list.copy", args, 0, 0)?;
        Ok(vm.list(list(vm, it)?.snapshot()))
    }),
    ("reverse", |vm, args| {
        let (it, _) = method(vm, "list.reverse", args, 0, 0)?;
        list(vm, it)?.items.borrow_mut().reverse();
        Ok(NONE)
    }),
    ("sort", |vm, args| {
        let (values, [key, reverse]) = keywords(vm, "sort", args, ["key", "reverse"])?;
        let [it] = values else { return Err(vm.type_error("sort() takes no positional arguments")) };
        let reverse = match reverse {
            Some(reverse) => vm.truth(reverse)?,
            None => false,
        };
        let list = list(vm, it)?;
        let items = list.replace(Vec::new());
        let kept = items.clone();
        let (result, items) = match sort(vm, items, key.filter(|it| !it.is_none()), reverse) {
            Ok(items) => (Ok(NONE), items),
            Err(Raised) => (Err(Raised), kept),
        };
        if !list.replace(items).is_empty() && result.is_ok() {
            return Err(vm.value_error("list modified during sort"));
        }
        result
    }),
];

fn count(vm: &Vm, items: Vec<Value>, value: &Value) -> R {
    let mut number = 0;
    for item in items {
        number += i64::from(vm.equal(&item, value)?);
    }
    Ok(vm.int(number))
}

fn tuple_index(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "index", args, 1, 3)?;
    let items = it.get::<Tuple>().map_or(&[][..], |it| &it.items);
    let range = bounds(vm, &values[1..], items.len())?;
    match position(vm, |at| items.get(at).cloned(), &values[0], range)? {
        Some(at) => Ok(vm.int_of_usize(at)),
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}

pub(crate) fn fill(vm: &Vm) {
    methods(vm, &vm.types.list, "list", LIST);
    methods(
        vm,
        &vm.types.tuple,
        "tuple",
        &[
            ("index", tuple_index),
            ("count", |vm, args| {
                let (it, values) = method(vm, "tuple.count", args, 1, 1)?;
                count(vm, it.get::<Tuple>().map_or_else(Vec::new, |it| it.items.to_vec()), &values[0])
            }),
        ],
    );
}
