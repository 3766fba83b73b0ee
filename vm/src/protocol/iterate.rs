//! Iteration.

use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::object::callable::Args;
use crate::object::iter::IterState;
use crate::object::{
    Bytearray, Bytes, Dict, Generator, Iter, Kind, List, Range, Set, Str, Tuple, View, ViewKind,
};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::RefCell;

impl Vm {
    /// An iterator of the interpreter's own.
    pub(crate) fn new_iter(&self, ty: &crate::builtins::types::TypeRef, state: IterState) -> Value {
        allocate(self, ty, Iter { state: RefCell::new(state) })
    }

    /// The same of a type that may be derived from one of the interpreter's own.
    pub(crate) fn derived_iter(
        &self,
        ty: &crate::value::Object<crate::object::Type>,
        state: IterState,
    ) -> Value {
        crate::object::types::allocate_derived(self, ty, Iter { state: RefCell::new(state) })
    }

    /// The int that `operator.index(value)` gives.
    pub(crate) fn whole_number(&self, value: &Value) -> R {
        if self.as_big(value).is_some() {
            return Ok(value.clone());
        }
        let got = self.type_name(value);
        match self.lookup_special(value, &self.names.index) {
            Some(found) => {
                let made = self.call_bound(&found, value, Args { values: &[], names: &[] })?;
                if self.as_big(&made).is_none() {
                    let made = self.type_name(&made);
                    return Err(self.type_error(format!("{got}.__index__() must return an int, not {made}")));
                }
                Ok(made)
            }
            None => Err(self.type_error(format!("'{got}' object cannot be interpreted as an integer"))),
        }
    }

    /// `iter(value)`
    ///
    /// # Errors
    /// An exception was raised.
    #[inline(never)]
    pub fn iter(&self, value: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value)) {
            return self.iter_by_method(value);
        }
        self.plain_iter(value)
    }

    fn iter_by_method(&self, value: &Value) -> R {
        let class = self.class_of(value);
        let name = || self.type_name(value);
        match self.lookup_special(value, &self.names.iter) {
            Some(method) if method.is_none() => {
                Err(self.type_error(format!("'{}' object is not iterable", name())))
            }
            Some(method) if method.is_layouts_own() => self.plain_iter(value),
            Some(method) => {
                let bound = self.bind_descriptor(&method, Some(value), &class)?;
                let iterator = self.call_with(&bound, &[])?;
                self.check_iterator(&iterator)?;
                Ok(iterator)
            }
            None if self.lookup_special(value, &self.names.getitem).is_some() => {
                Ok(self.new_iter(&self.types.iterator, IterState::Sequence(value.clone(), 0)))
            }
            None => self.plain_iter(value),
        }
    }

    /// Raises `TypeError` where what an `__iter__` returned is no iterator.
    #[inline(never)]
    pub(crate) fn check_iterator(&self, iterator: &Value) -> R<()> {
        if !self.is_iterator(iterator) && self.lookup_special(iterator, &self.names.next).is_none() {
            let got = self.type_name(iterator);
            return Err(self.type_error(format!("iter() returned non-iterator of type '{got}'")));
        }
        Ok(())
    }

    /// `iter()` of the interpreter's own layouts.
    pub(crate) fn plain_iter(&self, value: &Value) -> R {
        let (t, v) = (&self.types, value.clone());
        let (ty, state) = match value.header().map(|header| header.kind) {
            Some(Kind::Iter | Kind::Generator) => {
                if self.is_coroutine(value) {
                    return Err(self.type_error("'coroutine' object is not iterable"));
                }
                if std::ptr::eq(self.type_of(value), &raw const *t.async_generator) {
                    return Err(self.type_error("'async_generator' object is not iterable"));
                }
                return Ok(v);
            }
            Some(Kind::List) => (&t.list_iterator, IterState::List(v, 0)),
            Some(Kind::Tuple) => (&t.tuple_iterator, IterState::Tuple(v, 0)),
            Some(Kind::Range) => match value.get::<Range>() {
                Some(range) => (&t.range_iterator, IterState::Range(*range)),
                None => return Ok(v),
            },
            Some(Kind::Str) => {
                let ascii = value.get::<Str>().is_some_and(|it| it.ascii().is_some());
                (if ascii { &t.str_ascii_iterator } else { &t.str_iterator }, IterState::Str(v, 0))
            }
            Some(Kind::Bytes) => (&t.bytes_iterator, IterState::Bytes(v, 0)),
            Some(Kind::Bytearray) => (&t.bytearray_iterator, IterState::Bytes(v, 0)),
            Some(Kind::Dict) => return Ok(self.dict_iter(value, ViewKind::Keys)),
            Some(Kind::Proxy) => match value.get::<crate::object::Proxy>() {
                Some(proxy) => return self.iter(&proxy.mapping),
                None => return Ok(v),
            },
            Some(Kind::View) => match value.get::<View>() {
                Some(view) => return Ok(self.dict_iter(&view.dict, view.kind)),
                None => return Ok(v),
            },
            Some(Kind::Set) => {
                let changes = value.get::<Set>().map_or(0, Set::len);
                (&t.set_iterator, IterState::Set(v, 0, changes))
            }
            _ => {
                if let Some(range) = value.data::<crate::builtins::big_range::BigRange>() {
                    return Ok(self.big_range_iter(range));
                }
                let name = self.type_name(value);
                return Err(self.type_error(format!("'{name}' object is not iterable")));
            }
        };
        Ok(self.new_iter(ty, state))
    }

    fn dict_iter(&self, dict: &Value, kind: ViewKind) -> Value {
        let ty = match kind {
            ViewKind::Keys => &self.types.dict_keyiterator,
            ViewKind::Values => &self.types.dict_valueiterator,
            ViewKind::Items => &self.types.dict_itemiterator,
        };
        let len = dict.get::<Dict>().map_or(0, Dict::len);
        self.new_iter(ty, IterState::Dict(dict.clone(), kind, 0, len, len))
    }

    /// `next(iterator)`; `None` at the end.
    ///
    /// # Errors
    /// An exception was raised.
    pub fn next(&self, iterator: &Value) -> R<Option<Value>> {
        self.native_step()?;
        if let Some(iter) = iterator.get::<Iter>()
            && !Vm::is_made_by_program(self.type_of(iterator))
        {
            return match self.fast_next(iter) {
                Some(found) => Ok(found),
                None => self.next_of_iter(iterator),
            };
        }
        if let Some(custom) = iterator.get::<crate::object::Custom>()
            && !self.type_of(iterator).is_counted()
            && let Some(result) = custom.data.next(self, iterator)
        {
            return result;
        }
        if iterator.get::<Generator>().is_some() {
            return self.generator_next(iterator);
        }
        match self.next_or_stop(iterator)? {
            Ok(value) => Ok(Some(value)),
            Err(_) => Ok(None),
        }
    }

    /// The same, with the value that `StopIteration` has at the end.
    pub(crate) fn next_or_stop(&self, iterator: &Value) -> R<Result<Value, Value>> {
        if iterator.get::<Generator>().is_some() {
            return self.resume(iterator, NONE);
        }
        if iterator.get::<Iter>().is_some() && !Vm::is_made_by_program(self.type_of(iterator)) {
            return Ok(self.next_of_iter(iterator)?.ok_or(NONE));
        }
        match self.lookup_special(iterator, &self.names.next) {
            Some(method) => match self.call_bound(&method, iterator, Args { values: &[], names: &[] }) {
                Ok(value) => Ok(Ok(value)),
                Err(Raised) => Ok(Err(self.stop_value()?)),
            },
            None => {
                let name = self.type_name(iterator);
                Err(self.type_error(format!("'{name}' object is not an iterator")))
            }
        }
    }

    /// The next of an iterator of the interpreter's own.
    pub(crate) fn next_of_iter(&self, iterator: &Value) -> R<Option<Value>> {
        let Some(iter) = iterator.get::<Iter>() else { return Ok(None) };
        let mut state = iter.state.replace(IterState::Done);
        let result = self.step(&mut state);
        if !matches!(result, Ok(None)) {
            drop(iter.state.replace(state));
        }
        result
    }

    fn step(&self, state: &mut IterState) -> R<Option<Value>> {
        Ok(match state {
            IterState::Done => None,
            IterState::Range(range) => {
                if range.is_empty() {
                    return Ok(None);
                }
                let value = range.start;
                range.start = value.wrapping_add(range.step);
                Some(self.int(value))
            }
            IterState::List(list, at) => {
                *at += 1;
                list.get::<List>().and_then(|list| list.get(*at - 1))
            }
            IterState::ListReversed(list, at) => {
                if *at == 0 {
                    return Ok(None);
                }
                *at -= 1;
                list.get::<List>().and_then(|list| list.get(*at))
            }
            IterState::Tuple(tuple, at) => {
                *at += 1;
                tuple.get::<Tuple>().and_then(|tuple| tuple.items.get(*at - 1).cloned())
            }
            IterState::Str(string, at) => {
                *at += 1;
                let point = string.get::<Str>().and_then(|string| string.at(*at - 1));
                point.map(|point| self.character(point))
            }
            IterState::Bytes(bytes, at) => {
                *at += 1;
                let byte = match bytes.get::<Bytes>() {
                    Some(bytes) => bytes.data.get(*at - 1).copied(),
                    None => bytes.get::<Bytearray>().and_then(|it| it.data.borrow().get(*at - 1).copied()),
                };
                byte.map(|byte| self.int(byte.into()))
            }
            IterState::Dict(dict, kind, at, len, left) => {
                let Some(dict) = dict.get::<Dict>() else { return Ok(None) };
                if dict.len() != *len {
                    let message = "dictionary changed size during iteration";
                    return Err(self.raise(Exc::RuntimeError, message));
                }
                self.next_entry(dict.entry_from(*at), *kind, left)?.map(|(index, shown)| {
                    *at = index + 1;
                    shown
                })
            }
            IterState::DictReversed(dict, kind, at, len, left) => {
                let Some(dict) = dict.get::<Dict>() else { return Ok(None) };
                if dict.len() != *len {
                    let message = "dictionary changed size during iteration";
                    return Err(self.raise(Exc::RuntimeError, message));
                }
                if *at > dict.places() {
                    return Ok(None);
                }
                self.next_entry(dict.entry_before(*at), *kind, left)?.map(|(index, shown)| {
                    *at = index;
                    shown
                })
            }
            IterState::Set(set, at, len) => {
                let Some(set) = set.get::<Set>() else { return Ok(None) };
                if set.len() != *len {
                    return Err(self.raise(Exc::RuntimeError, "Set changed size during iteration"));
                }
                set.element_from(*at).map(|(index, key)| {
                    *at = index + 1;
                    key
                })
            }
            IterState::Sequence(value, at) | IterState::SequenceReversed(value, at) if *at < 0 => {
                let _ = value;
                None
            }
            IterState::Sequence(value, at) => {
                *at += 1;
                self.item_or_end(value, *at - 1)?
            }
            IterState::SequenceReversed(value, at) => {
                *at -= 1;
                self.item_or_end(value, *at + 1)?
            }
            _ => return self.step_adapter(state),
        })
    }

    /// A tuple of two.
    pub(crate) fn pair(&self, first: Value, second: Value) -> Value {
        crate::object::sequence::new_tuple(self, &self.types.tuple, [first, second].into_iter())
    }

    pub(crate) fn shown(&self, kind: ViewKind, key: Value, value: Value) -> Value {
        match kind {
            ViewKind::Keys => key,
            ViewKind::Values => value,
            ViewKind::Items => self.pair(key, value),
        }
    }

    /// What an iterator over a `dict` shows of an entry that it found, and where that is; `left` keys are still to come.
    #[inline(always)]
    fn next_entry(
        &self,
        entry: Option<(usize, Value, Value)>,
        kind: ViewKind,
        left: &mut usize,
    ) -> R<Option<(usize, Value)>> {
        match entry {
            Some(_) if *left == 0 => {
                Err(self.raise(Exc::RuntimeError, "dictionary keys changed during iteration"))
            }
            Some((index, key, value)) => {
                *left -= 1;
                Ok(Some((index, self.shown(kind, key, value))))
            }
            None => Ok(None),
        }
    }

    fn item_or_end(&self, value: &Value, index: i64) -> R<Option<Value>> {
        match self.get_item(value, &self.int(index)) {
            Ok(value) => Ok(Some(value)),
            Err(Raised) if self.pending_is(Exc::IndexError) || self.pending_is(Exc::StopIteration) => {
                self.pending.set(None);
                Ok(None)
            }
            Err(Raised) => Err(Raised),
        }
    }

    fn step_adapter(&self, state: &mut IterState) -> R<Option<Value>> {
        Ok(match state {
            IterState::Call(callable, sentinel) => {
                let value = match self.call_with(callable, &[]) {
                    Ok(value) => value,
                    Err(Raised) => {
                        self.stop_value()?;
                        return Ok(None);
                    }
                };
                if self.equal(&value, sentinel)? { None } else { Some(value) }
            }
            // Iterators of iterators may be nested as deep as a program likes.
            IterState::Enumerate(inner, number) => match self.nested(|| self.next(inner))? {
                Some(value) => {
                    let now = number.clone();
                    *number = self.binary(&now, &Value::from_i32(1), 0)?;
                    Some(self.pair(now, value))
                }
                None => None,
            },
            IterState::Zip(inner, strict) => {
                self.nested(|| self.step_row("zip", inner, *strict))?.map(|values| self.tuple(values))
            }
            IterState::Map(function, inner, strict) => {
                match self.nested(|| self.step_row("map", inner, *strict))? {
                    Some(values) => Some(self.call_with(function, &values)?),
                    None => None,
                }
            }
            IterState::Filter(function, inner) => loop {
                let Some(value) = self.nested(|| self.next(inner))? else { return Ok(None) };
                let keep = if function.is_none() || function.is(self.types.bool.value()) {
                    self.truth(&value)?
                } else {
                    let answer = self.call_with(function, std::slice::from_ref(&value))?;
                    self.truth(&answer)?
                };
                if keep {
                    break Some(value);
                }
            },
            _ => None,
        })
    }

    /// The next of each; with `strict` all are as long.
    fn step_row(&self, name: &str, inner: &[Value], strict: bool) -> R<Option<Vec<Value>>> {
        if inner.is_empty() {
            return Ok(None);
        }
        let mut values = Vec::with_capacity(inner.len());
        for (index, iterator) in inner.iter().enumerate() {
            match self.next(iterator)? {
                Some(value) => values.push(value),
                None if !strict => return Ok(None),
                None => {
                    let before = |count: usize| {
                        if count == 1 { "argument 1".into() } else { format!("arguments 1-{count}") }
                    };
                    if index > 0 {
                        let message =
                            format!("{name}() argument {} is shorter than {}", index + 1, before(index));
                        return Err(self.value_error(message));
                    }
                    for (index, iterator) in inner.iter().enumerate().skip(1) {
                        if self.next(iterator)?.is_some() {
                            let message =
                                format!("{name}() argument {} is longer than {}", index + 1, before(index));
                            return Err(self.value_error(message));
                        }
                    }
                    return Ok(None);
                }
            }
        }
        Ok(Some(values))
    }

    /// All that is left of an iterable.
    ///
    /// # Errors
    /// An exception was raised.
    pub fn collect(&self, value: &Value) -> R<Vec<Value>> {
        if !Vm::is_made_by_program(self.type_of(value)) {
            if let Some(list) = value.get::<List>() {
                return Ok(list.snapshot());
            }
            if let Some(tuple) = value.get::<Tuple>() {
                return Ok(tuple.items.to_vec());
            }
        }
        if let Some(range) = value.get::<Range>() {
            self.check_room_of(range.len() as usize, size_of::<Value>())?;
        }
        let iterator = self.iter(value)?;
        let mut values = Vec::new();
        while let Some(value) = self.next(&iterator)? {
            values.push(value);
        }
        Ok(values)
    }

    /// Ends an iterator that a generator delegates to.
    pub(crate) fn close_iterator(&self, iterator: &Value) -> R<()> {
        if iterator.get::<Generator>().is_some() {
            return self.generator_close(iterator).map(drop);
        }
        match self.get_attribute_or_none(iterator, &self.names.close)? {
            Some(close) => self.call_with(&close, &[]).map(drop),
            None => Ok(()),
        }
    }

    /// What `yield from` goes through.
    pub(crate) fn yield_from_iter(&self, value: &Value, code: &crate::load::Code) -> R {
        let coroutine = self.is_coroutine(value);
        let flags = pyrsc::code::flags::COROUTINE | pyrsc::code::flags::ITERABLE_COROUTINE;
        if coroutine && code.flags & flags == 0 {
            let message = "cannot 'yield from' a coroutine object in a non-coroutine generator";
            return Err(self.type_error(message));
        }
        if coroutine { Ok(value.clone()) } else { self.iter(value) }
    }

    /// What `await` and `async with` wait for: which says what gave the value (1: `__aenter__`, 2: `__aexit__`).
    pub(crate) fn get_awaitable(&self, value: &Value, which: u32) -> R {
        if which != 0
            && value.get::<Generator>().is_none()
            && self.lookup_special(value, &self.names.await_).is_none()
        {
            let (name, got) = (if which == 1 { "__aenter__" } else { "__aexit__" }, self.type_name(value));
            return Err(self.type_error(format!(
                "'async with' received an object from {name} that does not implement __await__: {got}"
            )));
        }
        let made = self.awaitable(value)?;
        if let Some(generator) = made.get::<Generator>()
            && generator.state.get() == crate::object::State::Suspended
            && self.generator_kind(&made) == "coroutine"
            && self.delegate(generator).is_some()
        {
            return Err(self.raise(
                crate::builtins::exceptions::Exc::RuntimeError,
                "coroutine is being awaited already",
            ));
        }
        Ok(made)
    }

    /// What `await` waits for.
    pub(crate) fn awaitable(&self, value: &Value) -> R {
        if self.is_coroutine(value) {
            return Ok(value.clone());
        }
        if let Some(generator) = value.get::<Generator>()
            && let Some(function) = generator.function.get::<crate::object::Function>()
            && let Some(code) = function.code.get()
            && let Some(code) = code.get::<crate::load::Code>()
            && code.flags & pyrsc::code::flags::ITERABLE_COROUTINE != 0
        {
            return Ok(value.clone());
        }
        match self.lookup_special(value, &self.names.await_) {
            Some(method) => {
                let made = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
                if made.get::<Generator>().is_some() && self.generator_kind(&made) == "coroutine" {
                    return Err(self.type_error("__await__() returned a coroutine"));
                }
                if made.get::<Generator>().is_none()
                    && made.get::<crate::object::Iter>().is_none()
                    && self.lookup_special(&made, &self.names.next).is_none()
                {
                    let got = self.type_name(&made);
                    let message = format!("__await__() returned non-iterator of type '{got}'");
                    return Err(self.type_error(message));
                }
                Ok(made)
            }
            None => {
                let name = self.type_name(value);
                Err(self.type_error(format!("'{name}' object can't be awaited")))
            }
        }
    }
}
