//! What iterators, ranges and slices can do beside being iterated: being copied and pickled, saying how much is left.

use super::{method, methods};
use crate::object::iter::IterState;
use crate::object::{Bytearray, Bytes, Dict, Iter, List, NativeFn, Set, Slice, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;

const ITERATOR: &[(&str, NativeFn)] = &[
    ("__reduce__", |vm, args| reduce(vm, method(vm, "__reduce__", args, 0, 0)?.0)),
    ("__setstate__", |vm, args| {
        let (it, rest) = method(vm, "__setstate__", args, 1, 1)?;
        set_state(vm, it, &rest[0])?;
        Ok(NONE)
    }),
];

const LENGTH_HINT: &[(&str, NativeFn)] = &[("__length_hint__", |vm, args| {
    let it = method(vm, "__length_hint__", args, 0, 0)?.0;
    vm.iter_left(it)
})];

const SLICE: &[(&str, NativeFn)] = &[
    ("indices", |vm, args| {
        let (it, rest) = method(vm, "indices", args, 1, 1)?;
        let Some(slice) = it.get::<Slice>() else { return Err(vm.type_error("not a slice")) };
        indices(vm, slice, &rest[0])
    }),
    ("__reduce__", |vm, args| {
        let it = method(vm, "__reduce__", args, 0, 0)?.0;
        let Some(slice) = it.get::<Slice>() else { return Err(vm.type_error("not a slice")) };
        Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(slice.parts.to_vec())]))
    }),
];

/// `slice.indices(length)`, of ints of any size. CPython: `_PySlice_GetLongIndices`.
fn indices(vm: &Vm, slice: &Slice, length: &Value) -> R {
    let got = vm.type_name(length);
    let Some(length) = vm.index_number(length)? else {
        return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
    };
    if length < BigInt::ZERO {
        return Err(vm.value_error("length should not be negative"));
    }
    Ok(vm.tuple(bounds(vm, slice, length)?.map(|it| vm.int_of_big(it)).to_vec()))
}

/// Start, stop and step of a slice, cut to a length.
pub(super) fn bounds(vm: &Vm, slice: &Slice, length: BigInt) -> R<[BigInt; 3]> {
    let zero = BigInt::ZERO;
    let part = |value: &Value| -> R<Option<BigInt>> {
        if value.is_none() {
            return Ok(None);
        }
        let complaint = || "slice indices must be integers or None or have an __index__ method".to_owned();
        match vm.index_number(value)? {
            Some(number) => Ok(Some(number)),
            None => Err(vm.type_error(complaint())),
        }
    };
    let [start, stop, step] = &slice.parts;
    let step = part(step)?.unwrap_or_else(|| BigInt::from(1));
    if step == zero {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let down = step < zero;
    let (low, high) = if down { (BigInt::from(-1), &length - 1) } else { (zero.clone(), length.clone()) };
    let cut = |given: Option<BigInt>, default: &BigInt| match given {
        None => default.clone(),
        Some(at) if at < zero => (at + &length).max(low.clone()),
        Some(at) => at.min(high.clone()),
    };
    let first = cut(part(start)?, if down { &high } else { &low });
    let last = cut(part(stop)?, if down { &low } else { &high });
    Ok([first, last, step])
}

fn length_of(of: &Value) -> usize {
    if let Some(list) = of.get::<List>() {
        list.len()
    } else if let Some(tuple) = of.get::<Tuple>() {
        tuple.items.len()
    } else if let Some(text) = of.get::<Str>() {
        text.len()
    } else if let Some(bytes) = of.get::<Bytes>() {
        bytes.data.len()
    } else {
        of.get::<Bytearray>().map_or(0, |it| it.data.borrow().len())
    }
}

fn reduce(vm: &Vm, it: &Value) -> R {
    let Some(iter) = it.get::<Iter>() else { return Err(vm.type_error("not an iterator")) };
    let function = |name: &str| vm.current_builtin(&vm.intern(name));
    let class = vm.class_of(it);
    let at_index = |made: Value, of: &Value, index: i64| {
        Ok(vm.tuple(vec![made, vm.tuple(vec![of.clone()]), vm.int(index)]))
    };
    let remaining = || -> R {
        // What is left, seen without going on.
        let copy = vm.copy_iter(it)?;
        let items = vm.collect(&copy)?;
        Ok(vm.tuple(vec![function("iter")?, vm.tuple(vec![vm.list(items)])]))
    };
    let state = iter.state.borrow();
    match &*state {
        IterState::Done => {
            drop(state);
            let name = vm.type_name(it);
            let empty = match name.as_str() {
                "str_iterator" | "str_ascii_iterator" => vm.names.empty.clone(),
                "tuple_iterator" | "iterator" | "callable_iterator" | "reversed" | "bytearray_iterator"
                | "bytes_iterator" => vm.tuple(Vec::new()),
                "map" | "filter" | "zip" | "enumerate" => {
                    return Ok(vm.tuple(vec![function("iter")?, vm.tuple(vec![vm.tuple(Vec::new())])]));
                }
                _ => vm.list(Vec::new()),
            };
            let made = if name == "reversed" { class } else { function("iter")? };
            Ok(vm.tuple(vec![made, vm.tuple(vec![empty])]))
        }
        IterState::Range(range) => {
            let parts = [range.start, range.stop, range.step].map(|it| vm.int(it));
            drop(state);
            let range = vm.call_with(vm.types.range.value(), &parts)?;
            Ok(vm.tuple(vec![function("iter")?, vm.tuple(vec![range]), NONE]))
        }
        IterState::List(of, at)
        | IterState::Tuple(of, at)
        | IterState::Str(of, at)
        | IterState::Bytes(of, at) => {
            let (of, at) = (of.clone(), *at as i64);
            drop(state);
            at_index(function("iter")?, &of, at)
        }
        IterState::ListReversed(of, at) => {
            let (of, at) = (of.clone(), *at as i64);
            drop(state);
            at_index(function("reversed")?, &of, at - 1)
        }
        IterState::Sequence(of, at) => {
            let (of, at) = (of.clone(), *at);
            drop(state);
            at_index(function("iter")?, &of, at)
        }
        IterState::SequenceReversed(of, at) => at_index(class, of, *at),
        IterState::Dict(..) | IterState::DictReversed(..) | IterState::Set(..) => {
            drop(state);
            remaining()
        }
        IterState::Call(callable, sentinel) => {
            let parts = vec![callable.clone(), sentinel.clone()];
            drop(state);
            Ok(vm.tuple(vec![function("iter")?, vm.tuple(parts)]))
        }
        IterState::Enumerate(a, b) | IterState::Filter(a, b) => {
            Ok(vm.tuple(vec![class, vm.tuple(vec![a.clone(), b.clone()])]))
        }
        IterState::Zip(all, strict) => {
            let mut parts = vec![class, vm.tuple(all.clone())];
            if *strict {
                parts.push(Value::bool(true));
            }
            Ok(vm.tuple(parts))
        }
        IterState::Map(function, all, strict) => {
            let mut parts = vec![function.clone()];
            parts.extend(all.iter().cloned());
            let mut reduced = vec![class, vm.tuple(parts)];
            if *strict {
                reduced.push(Value::bool(true));
            }
            Ok(vm.tuple(reduced))
        }
    }
}

fn set_state(vm: &Vm, it: &Value, given: &Value) -> R<()> {
    let Some(iter) = it.get::<Iter>() else { return Err(vm.type_error("not an iterator")) };
    let is_zip = matches!(&*iter.state.borrow(), IterState::Zip(..) | IterState::Map(..));
    if is_zip {
        let truth = vm.truth(given)?;
        if let IterState::Zip(_, strict) | IterState::Map(_, _, strict) = &mut *iter.state.borrow_mut() {
            *strict = truth;
        }
        return Ok(());
    }
    let number = match vm.as_i64(given) {
        Some(number) => number,
        None if vm.as_big(given).is_some() => {
            let message = "Python int too large to convert to C ssize_t";
            return Err(vm.raise(super::exceptions::Exc::OverflowError, message));
        }
        None => {
            return Err(vm.type_error(match vm.plain_type_name(given).as_str() {
                "str" | "float" | "NoneType" | "list" | "tuple" | "dict" => {
                    "an integer is required".to_owned()
                }
                got => format!("'{got}' object cannot be interpreted as an integer"),
            }));
        }
    };
    match &mut *iter.state.borrow_mut() {
        IterState::List(of, at)
        | IterState::Tuple(of, at)
        | IterState::Str(of, at)
        | IterState::Bytes(of, at) => *at = (number.max(0) as usize).min(length_of(of)),
        IterState::ListReversed(of, at) => {
            *at = (number.max(-1).saturating_add(1) as usize).min(length_of(of));
        }
        IterState::Range(range) => {
            let count = number.clamp(0, range.len());
            range.start = range.at(count);
        }
        IterState::Sequence(_, at) => *at = number.max(0),
        IterState::SequenceReversed(of, at) => *at = number.clamp(-1, length_of(of) as i64 - 1),
        _ => {}
    }
    Ok(())
}

impl Vm {
    fn builtins_module(&self) -> R {
        match self.builtin_module("builtins")? {
            Some(module) => Ok(module),
            None => Err(self.missing("builtins")),
        }
    }

    /// What the running frame's builtins have under a name. CPython: `_PyEval_GetBuiltin`.
    fn current_builtin(&self, name: &Value) -> R {
        let globals = self.current_globals();
        match globals.as_ref().and_then(|it| it.get::<Dict>()).and_then(|it| self.own_builtins(it)) {
            None => self.get_attribute(&self.builtins_module()?, name),
            Some(own) => match self.get_item(&own, name) {
                Err(raised) if self.pending_is(crate::builtins::exceptions::Exc::KeyError) => {
                    let _ = raised;
                    self.pending.set(None);
                    let name = self.text_of(name);
                    Err(self.raise(crate::builtins::exceptions::Exc::AttributeError, name))
                }
                found => found,
            },
        }
    }

    /// Another iterator at the same place, of those over dicts and sets.
    fn copy_iter(&self, it: &Value) -> R {
        let Some(iter) = it.get::<Iter>() else { return Err(self.type_error("not an iterator")) };
        let state = match &*iter.state.borrow() {
            IterState::Dict(of, kind, at, len, left) => IterState::Dict(of.clone(), *kind, *at, *len, *left),
            IterState::DictReversed(of, kind, at, len, left) => {
                IterState::DictReversed(of.clone(), *kind, *at, *len, *left)
            }
            IterState::Set(of, at, len) => IterState::Set(of.clone(), *at, *len),
            _ => IterState::Done,
        };
        Ok(self.new_iter(&self.types.iterator, state))
    }

    /// `iterator.__length_hint__()`
    fn iter_left(&self, it: &Value) -> R {
        let Some(iter) = it.get::<Iter>() else { return Err(self.type_error("not an iterator")) };
        let state = iter.state.borrow();
        let left = match &*state {
            IterState::Range(range) => range.len(),
            IterState::List(of, at)
            | IterState::Tuple(of, at)
            | IterState::Str(of, at)
            | IterState::Bytes(of, at) => length_of(of).saturating_sub(*at) as i64,
            IterState::ListReversed(of, at) => {
                if *at > length_of(of) {
                    0
                } else {
                    *at as i64
                }
            }
            IterState::Dict(of, _, at, len, _) => match of.get::<Dict>() {
                Some(dict) if dict.len() == *len => dict.count_from(*at) as i64,
                _ => 0,
            },
            IterState::DictReversed(of, _, at, len, _) => match of.get::<Dict>() {
                Some(dict) if dict.len() == *len => (dict.len() - dict.count_from(*at)) as i64,
                _ => 0,
            },
            IterState::Set(of, at, len) => match of.get::<Set>() {
                Some(set) if set.len() == *len => set.count_from(*at) as i64,
                _ => 0,
            },
            IterState::Sequence(of, at) => {
                let (of, at) = (of.clone(), *at);
                drop(state);
                if self.lookup_special(&of, &self.names.len).is_none() {
                    return Ok(crate::value::NOT_IMPLEMENTED);
                }
                return Ok(self.int((self.len(&of)? - at).max(0)));
            }
            IterState::SequenceReversed(of, at) => {
                let (of, at) = (of.clone(), *at);
                drop(state);
                let position = at + 1;
                return Ok(self.int(if self.len(&of)? < position { 0 } else { position.max(0) }));
            }
            _ => 0,
        };
        Ok(self.int(left))
    }
}

pub(crate) fn fill(vm: &Vm) {
    let t = &vm.types;
    t.each(|name, ty| {
        if ty.body.kind == crate::object::Kind::Iter {
            let owner = "iterator";
            methods(vm, ty, owner, &ITERATOR[..1]);
            let indexed = !name.starts_with("dict_")
                && !["set_iterator", "callable_iterator", "enumerate", "filter"].contains(&name);
            if indexed {
                methods(vm, ty, owner, &ITERATOR[1..]);
            }
            if !["callable_iterator", "enumerate", "map", "filter", "zip"].contains(&name) {
                methods(vm, ty, owner, LENGTH_HINT);
            }
        }
    });
    methods(vm, &t.range, "range", super::big_range::METHODS);
    methods(vm, &t.slice, "slice", SLICE);
}
