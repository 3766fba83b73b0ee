//! Ranges that no words hold: their type is `range`, like that of the others, their layout is their own.

use super::method;
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::modules::native::{Own, Spec, itself, next_method};
use crate::object::{Custom, Data, NativeFn, Range, Slice};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};
use std::cell::RefCell;

/// The numbers of a range.
#[derive(Clone)]
pub(crate) struct BigRange {
    start: BigInt,
    stop: BigInt,
    step: BigInt,
}

impl Data for BigRange {}

impl BigRange {
    /// A range of any layout.
    pub(crate) fn of(value: &Value) -> Option<BigRange> {
        match value.get::<Range>() {
            Some(it) => Some(BigRange { start: it.start.into(), stop: it.stop.into(), step: it.step.into() }),
            None => value.data::<BigRange>().cloned(),
        }
    }

    /// How many numbers there are.
    fn len(&self) -> BigInt {
        let span = if self.step.is_positive() { &self.stop - &self.start } else { &self.start - &self.stop };
        if span.is_positive() { (span - 1u32) / self.step.abs() + 1u32 } else { BigInt::zero() }
    }

    /// Are there none?
    pub(crate) fn is_empty(&self) -> bool {
        self.len().is_zero()
    }

    fn at(&self, index: &BigInt) -> BigInt {
        &self.start + &self.step * index
    }

    /// Where an int is.
    fn position(&self, number: &BigInt) -> Option<BigInt> {
        let (index, rest) = (number - &self.start).div_mod_floor(&self.step);
        (rest.is_zero() && !index.is_negative() && index < self.len()).then_some(index)
    }

    fn reversed(&self) -> BigRange {
        if self.is_empty() {
            return BigRange { start: BigInt::zero(), stop: BigInt::zero(), step: BigInt::from(1) };
        }
        let last = self.at(&(self.len() - 1u32));
        BigRange { stop: &self.start - &self.step, start: last, step: -&self.step }
    }
}

/// An iterator over such a range: what is left.
struct Left(RefCell<BigRange>);

impl Data for Left {
    fn next(&self, vm: &Vm, _own: &Value) -> Option<R<Option<Value>>> {
        let mut left = self.0.borrow_mut();
        if left.len().is_zero() {
            return Some(Ok(None));
        }
        let next = &left.start + &left.step;
        let now = std::mem::replace(&mut left.start, next);
        Some(Ok(Some(vm.int_of_big(now))))
    }
}

static ITERATOR: Spec = Spec {
    methods: &[
        ("__iter__", itself),
        ("__next__", next_method),
        ("__length_hint__", |vm, args| {
            let it = method(vm, "__length_hint__", args, 0, 0)?.0;
            let left = vm.own_data::<Left>("__length_hint__", it, &ITERATOR)?.0.borrow().len();
            Ok(vm.int_of_big(left))
        }),
        ("__reduce__", |vm, args| {
            let it = method(vm, "__reduce__", args, 0, 0)?.0;
            let left = vm.own_data::<Left>("__reduce__", it, &ITERATOR)?.0.borrow().clone();
            let range = vm.range_of(left.start, left.stop, left.step)?;
            let Some(builtins) = vm.builtin_module("builtins")? else { return Ok(NONE) };
            let iter = vm.get_attribute(&builtins, &vm.intern("iter"))?;
            Ok(vm.tuple(vec![iter, vm.tuple(vec![range]), NONE]))
        }),
        ("__setstate__", |vm, args| {
            let (it, rest) = method(vm, "__setstate__", args, 1, 1)?;
            let Some(state) = vm.as_big(&rest[0]) else {
                let got = vm.type_name(&rest[0]);
                return Err(vm.type_error(format!("state must be an int, not {got}")));
            };
            let mut left = vm.own_data::<Left>("__setstate__", it, &ITERATOR)?.0.borrow_mut();
            let index = state.max(BigInt::zero()).min(left.len());
            left.start = left.at(&index);
            Ok(NONE)
        }),
    ],
    ..Spec::new(Own::BigRangeIter, "longrange_iterator")
};

/// Methods of `range` that are not found by layout.
pub(super) const METHODS: &[(&str, NativeFn)] = &[
    ("index", |vm, args| {
        let (it, rest) = method(vm, "index", args, 1, 1)?;
        if let Some(number) = exact(vm, &rest[0]) {
            return match BigRange::of(it).and_then(|it| it.position(&number)) {
                Some(at) => Ok(vm.int_of_big(at)),
                None => Err(vm.value_error("range.index(x): x not in range")),
            };
        }
        let (mut at, iterator) = (0, vm.iter(it)?);
        while let Some(item) = vm.next(&iterator)? {
            if vm.equal(&item, &rest[0])? {
                return Ok(vm.int(at));
            }
            at += 1;
        }
        Err(vm.value_error("sequence.index(x): x not in sequence"))
    }),
    ("count", |vm, args| {
        let (it, rest) = method(vm, "count", args, 1, 1)?;
        if let Some(number) = exact(vm, &rest[0]) {
            let found = BigRange::of(it).is_some_and(|it| it.position(&number).is_some());
            return Ok(vm.int(found.into()));
        }
        let (mut count, iterator) = (0, vm.iter(it)?);
        while let Some(item) = vm.next(&iterator)? {
            count += i64::from(vm.equal(&item, &rest[0])?);
        }
        Ok(vm.int(count))
    }),
    ("__reduce__", |vm, args| {
        let it = method(vm, "__reduce__", args, 0, 0)?.0;
        let Some(range) = BigRange::of(it) else { return Err(vm.type_error("not a range")) };
        let parts = [range.start, range.stop, range.step].map(|it| vm.int_of_big(it));
        Ok(vm.tuple(vec![vm.types.range.value().clone(), vm.tuple(parts.to_vec())]))
    }),
    ("__bool__", |vm, args| {
        let it = method(vm, "__bool__", args, 0, 0)?.0;
        Ok(Value::bool(BigRange::of(it).is_some_and(|it| !it.len().is_zero())))
    }),
];

/// An int, or a bool, that is of no class of the program's.
fn exact(vm: &Vm, value: &Value) -> Option<BigInt> {
    if Vm::is_made_by_program(vm.type_of(value)) { None } else { vm.as_big(value) }
}

impl Vm {
    /// A `range`: in words where all of it, and its length, fits in them.
    pub(crate) fn range_of(&self, start: BigInt, stop: BigInt, step: BigInt) -> R {
        if step.is_zero() {
            return Err(self.value_error("range() arg 3 must not be zero"));
        }
        let range = BigRange { start, stop, step };
        let len = range.len();
        let word = |it: &BigInt| i64::try_from(it).ok();
        let all =
            (word(&range.start), word(&range.stop), word(&range.step), word(&range.at(&len)), word(&len));
        Ok(match all {
            (Some(start), Some(stop), Some(step), Some(_), Some(_)) => {
                allocate(self, &self.types.range, Range { start, stop, step })
            }
            _ => allocate(self, &self.types.range, Custom { data: Box::new(range) }),
        })
    }

    /// `len()` of a range of any layout.
    pub(crate) fn range_len(&self, range: &BigRange) -> R<i64> {
        i64::try_from(&range.len())
            .map_err(|_| self.raise(Exc::OverflowError, "Python int too large to convert to C ssize_t"))
    }

    /// An iterator over a range that no words hold.
    pub(crate) fn big_range_iter(&self, range: &BigRange) -> Value {
        self.custom(&ITERATOR, Left(RefCell::new(range.clone())))
    }

    /// The same, backwards.
    pub(crate) fn big_range_reversed(&self, range: &BigRange) -> Value {
        self.custom(&ITERATOR, Left(RefCell::new(range.reversed())))
    }

    /// An element or a part of a range.
    pub(crate) fn range_item(&self, range: &BigRange, key: &Value) -> R {
        if let Some(slice) = key.get::<Slice>() {
            let [start, stop, step] = super::iterators::bounds(self, slice, range.len())?;
            return self.range_of(range.at(&start), range.at(&stop), &range.step * step);
        }
        let Some(index) = self.index_number(key)? else {
            let name = self.type_name(key);
            return Err(self.type_error(format!("range indices must be integers or slices, not {name}")));
        };
        let len = range.len();
        let at = if index.is_negative() { index + &len } else { index };
        if at.is_negative() || at >= len {
            return Err(self.raise(Exc::IndexError, "range object index out of range"));
        }
        Ok(self.int_of_big(range.at(&at)))
    }

    /// Is a value among the numbers of a range? `None` where each has to be compared.
    pub(crate) fn range_has(&self, range: &BigRange, value: &Value) -> Option<bool> {
        exact(self, value).map(|number| range.position(&number).is_some())
    }

    /// What decides whether two ranges are equal.
    pub(crate) fn range_key(&self, range: &BigRange) -> [Value; 3] {
        let len = range.len();
        let one = BigInt::from(1);
        let start = if len.is_zero() { NONE } else { self.int_of_big(range.start.clone()) };
        let step = if len <= one { NONE } else { self.int_of_big(range.step.clone()) };
        [self.int_of_big(len), start, step]
    }

    /// `repr()` of a range that no words hold.
    pub(crate) fn range_repr(range: &BigRange) -> String {
        let BigRange { start, stop, step } = range;
        if *step == BigInt::from(1) {
            format!("range({start}, {stop})")
        } else {
            format!("range({start}, {stop}, {step})")
        }
    }

    /// An attribute of a range that no words hold.
    pub(crate) fn range_attribute(&self, range: &BigRange, name: &str) -> Option<Value> {
        let number = match name {
            "start" => &range.start,
            "stop" => &range.stop,
            "step" => &range.step,
            _ => return None,
        };
        Some(self.int_of_big(number.clone()))
    }
}
