//! Instructions that make containers, add to them, and take them apart.

use super::ops::{Fetch, Outcome};
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::load::op::{Instr, KILL_B, Op};
use crate::object::{Dict, Function, List, Set, Slice, Slot, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};

impl Vm {
    pub(super) fn containers(&self, f: &Fetch<'_>, i: Instr) -> R<Outcome> {
        Ok(Outcome::Value(match i.op {
            Op::BuildSet => {
                let set = Set::default();
                for value in f.take_row(i.b, i.c) {
                    set.add(self, value)?;
                }
                allocate(self, &self.types.set, set)
            }
            Op::BuildMap => {
                let value = self.dict();
                if let Some(dict) = value.get::<Dict>() {
                    for pair in 0..i.c {
                        dict.set(self, f.take(i.b + 2 * pair), f.take(i.b + 2 * pair + 1))?;
                    }
                }
                value
            }
            Op::BuildConstMap => {
                let value = self.dict();
                let keys = f.take(i.b + i.c);
                if let (Some(dict), Some(keys)) = (value.get::<Dict>(), keys.get::<Tuple>()) {
                    for (at, key) in (i.b..i.b + i.c).zip(&keys.items) {
                        dict.set(self, key.clone(), f.take(at))?;
                    }
                }
                value
            }
            Op::BuildString => self.join_row(&f.take_row(i.b, i.c)),
            Op::BuildSlice => {
                let mut row = f.take_row(i.b, i.c).into_iter();
                let mut next = || row.next().unwrap_or(NONE);
                let parts = [next(), next(), next()];
                allocate(self, &self.types.slice, Slice { parts })
            }
            Op::BinarySlice => {
                if let Some(value) = self.fast_slice(f.get(i.b), [f.get(i.b + 1), f.get(i.b + 2), &NONE]) {
                    drop((f.take(i.b), f.take(i.b + 1), f.take(i.b + 2)));
                    return Ok(Outcome::Value(value));
                }
                let container = f.take(i.b);
                let parts = [f.take(i.b + 1), f.take(i.b + 2), NONE];
                let slice = allocate(self, &self.types.slice, Slice { parts });
                self.get_item(&container, &slice)?
            }
            Op::StoreSlice => {
                let (value, container) = (f.take(i.a), f.take(i.a + 1));
                if self.fast_store_slice(&container, [f.get(i.a + 2), f.get(i.a + 3), &NONE], &value) {
                    drop((f.take(i.a + 2), f.take(i.a + 3)));
                    return Ok(Outcome::Nothing);
                }
                let parts = [f.take(i.a + 2), f.take(i.a + 3), NONE];
                let slice = allocate(self, &self.types.slice, Slice { parts });
                self.set_item(&container, &slice, value)?;
                return Ok(Outcome::Nothing);
            }
            Op::UnpackEx => {
                self.unpack_ex(f, i)?;
                return Ok(Outcome::Nothing);
            }
            _ => {
                self.extend(f, i)?;
                return Ok(Outcome::Nothing);
            }
        }))
    }

    fn extend(&self, f: &Fetch<'_>, i: Instr) -> R<()> {
        let (container, value) = (f.get(i.a), f.get(i.b));
        if let Some(set) = container.get::<Set>() {
            if i.op == Op::SetAdd {
                set.add(self, value.clone())?;
            } else {
                if let Some(other) = value.get::<Set>() {
                    set.reserve_for(other.len());
                }
                for value in self.collect(value)? {
                    set.add(self, value)?;
                }
            }
            return Ok(());
        }
        if let Some(dict) = container.get::<Dict>() {
            return match i.op {
                Op::MapAdd => dict.set(self, value.clone(), f.get(i.c).clone()),
                Op::DictMerge => self.merge_keywords(dict, value, f.get(i.c)),
                _ => {
                    if value.get::<Dict>().is_none()
                        && self.get_attribute_or_none(value, &self.names.keys)?.is_none()
                    {
                        let name = self.type_name(value);
                        return Err(self.type_error(format!("'{name}' object is not a mapping")));
                    }
                    self.update_dict(dict, value)
                }
            };
        }
        if let Some(list) = container.get::<List>() {
            let more = match self.collect(value) {
                Ok(more) => more,
                Err(Raised) if self.pending_is(Exc::TypeError) && !self.may_be_iterable(value) => {
                    let name = self.type_name(value);
                    let message = format!("Value after * must be an iterable, not {name}");
                    self.pending.set(None);
                    return Err(self.type_error(message));
                }
                Err(Raised) => return Err(Raised),
            };
            list.items.borrow_mut().extend(more);
            return Ok(());
        }
        Err(self.missing("adding to something else than a list, set or dict"))
    }

    /// Adds arguments with names to those that a call has already.
    pub(super) fn merge_keywords(&self, dict: &Dict, from: &Value, callable: &Value) -> R<()> {
        let twice = |key: &Value| -> Raised {
            let function = match self.callable_name(callable) {
                Ok(function) => function,
                Err(raised) => return raised,
            };
            match self.str_text(key) {
                Ok(text) => {
                    self.type_error(format!("{function} got multiple values for keyword argument '{text}'"))
                }
                Err(raised) => raised,
            }
        };
        if let Some(other) = from.get::<Dict>() {
            for (key, value) in other.snapshot() {
                if dict.get(self, &key)?.is_some() {
                    return Err(twice(&key));
                }
                dict.set(self, key, value)?;
            }
            return Ok(());
        }
        let Some(keys) = self.get_attribute_or_none(from, &self.names.keys)? else {
            let (function, name) = (self.callable_name(callable)?, self.type_name(from));
            return Err(
                self.type_error(format!("{function} argument after ** must be a mapping, not {name}"))
            );
        };
        let keys = self.call_with(&keys, &[])?;
        for key in self.collect(&keys)? {
            if dict.get(self, &key)?.is_some() {
                return Err(twice(&key));
            }
            let value = self.get_item(from, &key)?;
            dict.set(self, key, value)?;
        }
        Ok(())
    }

    /// Has the type what `iter` needs? An error of an object without it says what the object is.
    pub(crate) fn may_be_iterable(&self, value: &Value) -> bool {
        self.lookup_special(value, &self.names.iter).is_some()
            || self.lookup_special(value, &self.names.getitem).is_some()
    }

    /// How messages of calls name what is called. CPython: `_PyObject_FunctionStr`.
    pub(crate) fn callable_name(&self, callable: &Value) -> R<String> {
        if let Some(function) = callable.get::<Function>() {
            let text = |slot: &Slot| slot.get().map(|it| self.text_of(&it)).unwrap_or_default();
            let (module, name) = (text(&function.module), text(&function.qualname));
            return Ok(if module.is_empty() || module == "builtins" {
                format!("{name}()")
            } else {
                format!("{module}.{name}()")
            });
        }
        let Some(name) = self.get_attribute_or_none(callable, &self.names.qualname)? else {
            return self.str_text(callable);
        };
        let name = self.str_text(&name)?;
        let module = match self.get_attribute_or_none(callable, &self.names.module)? {
            Some(module) if !module.is_none() => self.str_text(&module)?,
            _ => String::new(),
        };
        let of = if module.is_empty() || module == "builtins" { String::new() } else { format!("{module}.") };
        Ok(format!("{of}{name}()"))
    }

    #[inline(never)]
    pub(super) fn unpack(&self, f: &Fetch<'_>, i: Instr) -> R<()> {
        let wanted = usize::from(i.c);
        let source = f.get(i.b).clone();
        if i.k & KILL_B != 0 {
            // The elements may go where it is.
            drop(f.take(i.b));
        }
        let put = |values: &[Value]| {
            for (index, value) in values.iter().enumerate() {
                f.set(i.a + i.c - 1 - index as u16, value.clone());
            }
        };
        if let Some(tuple) = source.get::<Tuple>()
            && tuple.items.len() == wanted
        {
            put(&tuple.items);
            return Ok(());
        }
        let values = self.unpack_values(&source, wanted, None)?;
        put(&values);
        Ok(())
    }

    fn unpack_ex(&self, f: &Fetch<'_>, i: Instr) -> R<()> {
        let (before, after) = (usize::from(i.c), i.d as usize);
        let source = f.get(i.b).clone();
        if i.k & KILL_B != 0 {
            drop(f.take(i.b));
        }
        let mut values = self.unpack_values(&source, before + after, Some(before))?;
        let rest: Vec<Value> = values.drain(before..values.len() - after).collect();
        values.insert(before, self.list(rest));
        let count = values.len() as u16;
        for (index, value) in values.into_iter().enumerate() {
            f.set(i.a + count - 1 - index as u16, value);
        }
        Ok(())
    }

    /// As many elements as wanted; with a star, at least as many.
    fn unpack_values(&self, source: &Value, wanted: usize, star: Option<usize>) -> R<Vec<Value>> {
        let sized = match (source.get::<Tuple>(), source.get::<List>(), source.get::<Dict>()) {
            (Some(tuple), ..) => Some(tuple.items.len()),
            (_, Some(list), _) => Some(list.len()),
            (.., Some(dict)) => Some(dict.len()),
            _ => None,
        };
        let iterator = match self.iter(source) {
            Ok(iterator) => iterator,
            Err(Raised) => {
                if self.pending_is(Exc::TypeError) && self.lookup_special(source, &self.names.iter).is_none()
                {
                    self.pending.set(None);
                    let name = self.type_name(source);
                    return Err(self.type_error(format!("cannot unpack non-iterable {name} object")));
                }
                return Err(Raised);
            }
        };
        let mut values = Vec::new();
        while let Some(value) = self.next(&iterator)? {
            values.push(value);
            if star.is_none() && values.len() > wanted {
                let got = sized.map(|got| format!(", got {got}")).unwrap_or_default();
                let message = format!("too many values to unpack (expected {wanted}{got})");
                return Err(self.value_error(message));
            }
        }
        if values.len() < wanted {
            let least = if star.is_some() { "at least " } else { "" };
            let got = values.len();
            let message = format!("not enough values to unpack (expected {least}{wanted}, got {got})");
            return Err(self.value_error(message));
        }
        Ok(values)
    }
}
