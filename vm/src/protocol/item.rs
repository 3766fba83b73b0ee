//! `container[key]`, `in`, `len`.

use crate::builtins::big_range::BigRange;
use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::{
    Bytearray, Bytes, Dict, Kind, List, Range, Set, Slice, Str, Tuple, Type, View, ViewKind,
};
use crate::value::Value;
use crate::vm::{R, Raised, Vm};

impl Vm {
    /// The number that `__index__` gives.
    pub(crate) fn index_of(&self, value: &Value) -> R<Option<i64>> {
        if let Some(number) = self.as_i64(value) {
            return Ok(Some(number));
        }
        match self.lookup_special(value, &self.names.index) {
            Some(method) if !method.is_layouts_own() => {
                let number = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
                self.check_index(&number)?;
                match self.as_i64(&number) {
                    Some(number) => Ok(Some(number)),
                    None if self.as_big(&number).is_some() => {
                        let message = "Python int too large to convert to C ssize_t";
                        Err(self.raise(Exc::OverflowError, message))
                    }
                    None => Ok(None),
                }
            }
            _ if value.has_kind(Kind::Int) => {
                Err(self.raise(Exc::OverflowError, "Python int too large to convert to C ssize_t"))
            }
            _ => Ok(None),
        }
    }

    /// The same of an index: one that nothing is large enough for is an `IndexError`.
    fn item_index(&self, value: &Value) -> R<Option<i64>> {
        match self.index_of(value) {
            Err(_) if self.pending_is(Exc::OverflowError) => {
                self.pending.set(None);
                let name = self.type_name(value);
                let message = format!("cannot fit '{name}' into an index-sized integer");
                Err(self.raise(Exc::IndexError, message))
            }
            found => found,
        }
    }

    /// The parts of a slice; `None` where nothing is said.
    pub(crate) fn slice_parts(&self, slice: &Slice) -> R<[Option<i64>; 3]> {
        let mut parts = [None; 3];
        for (part, value) in parts.iter_mut().zip(&slice.parts) {
            if value.is_none() {
                continue;
            }
            *part = if let Some(big) = value.get::<num_bigint::BigInt>() {
                Some(if num_traits::Signed::is_negative(big) { i64::MIN / 4 } else { i64::MAX / 4 })
            } else {
                self.index_number(value)?.map(|number| {
                    let word = num_traits::ToPrimitive::to_i64(&number);
                    let end = if num_traits::Signed::is_negative(&number) { i64::MIN } else { i64::MAX };
                    word.unwrap_or(end).clamp(i64::MIN / 4, i64::MAX / 4)
                })
            };
            if part.is_none() {
                let message = "slice indices must be integers or None or have an __index__ method";
                return Err(self.type_error(message));
            }
        }
        if parts[2] == Some(0) {
            return Err(self.value_error("slice step cannot be zero"));
        }
        Ok(parts)
    }

    /// The index that a key means in a sequence of so many elements.
    fn sequence_index(&self, what: &str, key: &Value, len: impl FnOnce() -> usize) -> R<usize> {
        let Some(index) = self.item_index(key)? else {
            let name = self.type_name(key);
            return Err(self.type_error(format!("{what} indices must be integers or slices, not {name}")));
        };
        // Asked for now: `__index__` may have changed it.
        let len = len();
        let at = if index < 0 { index.saturating_add(len as i64) } else { index };
        match usize::try_from(at) {
            Ok(at) if at < len => Ok(at),
            _ => Err(self.raise(Exc::IndexError, format!("{what} index out of range"))),
        }
    }

    fn chosen(&self, slice: &Slice, len: usize) -> R<Vec<usize>> {
        let (start, _, step, count) = Slice::adjust(self.slice_parts(slice)?, len as i64);
        Ok((0..count).map(|index| (start + index * step) as usize).collect())
    }

    /// `container[key]`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn get_item(&self, container: &Value, key: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(container))
            && let Some(method) = self.lookup_special(container, &self.names.getitem)
            && !method.is_layouts_own()
        {
            return self.call_bound(
                &method,
                container,
                Args { values: std::slice::from_ref(key), names: &[] },
            );
        }
        self.plain_get_item(container, key)
    }

    /// The same of the interpreter's own layouts.
    pub(crate) fn plain_get_item(&self, container: &Value, key: &Value) -> R {
        if let Some(dict) = container.get::<Dict>() {
            if let Some(value) = dict.get(self, key)? {
                return Ok(value);
            }
            if Vm::is_made_by_program(self.type_of(container))
                && let Some(missing) = self.lookup_special(container, &self.names.missing)
            {
                let args = Args { values: std::slice::from_ref(key), names: &[] };
                return self.call_bound(&missing, container, args);
            }
            return Err(self.raise_with(Exc::KeyError, vec![key.clone()]));
        }
        let slice = key.get::<Slice>();
        if let Some(list) = container.get::<List>() {
            return match slice {
                Some(slice) => {
                    let (start, _, step, count) = Slice::adjust(self.slice_parts(slice)?, list.len() as i64);
                    let items = list.items.borrow();
                    let chosen = (0..count).map(|index| items[(start + index * step) as usize].clone());
                    Ok(self.list(chosen.collect()))
                }
                None => {
                    let at = self.sequence_index("list", key, || list.len())?;
                    list.get(at).ok_or(Raised)
                }
            };
        }
        if let Some(tuple) = container.get::<Tuple>() {
            return match slice {
                Some(slice) => {
                    let chosen = self.chosen(slice, tuple.items.len())?;
                    Ok(self.tuple(chosen.iter().map(|&at| tuple.items[at].clone()).collect()))
                }
                None => Ok(tuple.items[self.sequence_index("tuple", key, || tuple.items.len())?].clone()),
            };
        }
        if let Some(string) = container.get::<Str>() {
            return match slice {
                Some(slice) => {
                    let chosen = self.chosen(slice, string.len())?;
                    let points: Vec<u32> = chosen.iter().filter_map(|&at| string.at(at)).collect();
                    Ok(self.str_of_points(&points))
                }
                None => {
                    if self.item_index(key)?.is_none() {
                        let name = self.type_name(key);
                        let message = format!("string indices must be integers, not '{name}'");
                        return Err(self.type_error(message));
                    }
                    let at = self.sequence_index("string", key, || string.len())?;
                    Ok(self.character(string.at(at).unwrap_or(0)))
                }
            };
        }
        if let Some(bytes) = container.get::<Bytes>() {
            return match slice {
                Some(slice) => {
                    let chosen = self.chosen(slice, bytes.data.len())?;
                    Ok(self.bytes(chosen.iter().map(|&at| bytes.data[at]).collect()))
                }
                None => {
                    if self.item_index(key)?.is_none() {
                        let name = self.type_name(key);
                        let message = format!("byte indices must be integers or slices, not {name}");
                        return Err(self.type_error(message));
                    }
                    let len = bytes.data.len();
                    let at = match self.sequence_index("index", key, || len) {
                        Ok(at) => at,
                        Err(Raised) => {
                            self.pending.set(None);
                            return Err(self.raise(Exc::IndexError, "index out of range"));
                        }
                    };
                    Ok(self.int(bytes.data[at].into()))
                }
            };
        }
        if let Some(array) = container.get::<Bytearray>() {
            return match slice {
                Some(slice) => {
                    let parts = self.slice_parts(slice)?;
                    let data = array.data.borrow();
                    let (start, _, step, count) = Slice::adjust(parts, data.len() as i64);
                    let chosen = (0..count).map(|index| data[(start + index * step) as usize]).collect();
                    drop(data);
                    Ok(self.bytearray(chosen))
                }
                None => {
                    let at = self.sequence_index("bytearray", key, || array.data.borrow().len())?;
                    let byte = array.data.borrow().get(at).copied().unwrap_or(0);
                    Ok(self.int(byte.into()))
                }
            };
        }
        if let Some(range) = container.get::<Range>()
            && let Some(index) = key.as_small()
        {
            let at = if index < 0 { index + range.len() } else { index };
            if (0..range.len()).contains(&at) {
                return Ok(self.int(range.at(at)));
            }
        }
        if (container.has_kind(Kind::Range) || container.has_kind(Kind::Custom))
            && let Some(range) = BigRange::of(container)
        {
            return self.range_item(&range, key);
        }
        if let Some(proxy) = container.get::<crate::object::Proxy>() {
            return self.get_item(&proxy.mapping, key);
        }
        if container.is(self.types.type_.value()) {
            return self.generic_alias(Args { values: &[container.clone(), key.clone()], names: &[] });
        }
        if container.get::<Type>().is_some()
            && let Some(hook) = self.get_attribute_or_none(container, &self.names.class_getitem)?
        {
            return self.call_with(&hook, std::slice::from_ref(key));
        }
        let name = self.type_name(container);
        if let Some(class) = container.object::<Type>() {
            let name = self.name_of_type(class);
            return Err(self.type_error(format!("type '{name}' is not subscriptable")));
        }
        Err(self.type_error(format!("'{name}' object is not subscriptable")))
    }

    /// `container[key] = value`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn set_item(&self, container: &Value, key: &Value, value: Value) -> R<()> {
        if Vm::is_made_by_program(self.type_of(container))
            && let Some(method) = self.lookup_special(container, &self.names.setitem)
            && !method.is_layouts_own()
        {
            let values = [key.clone(), value];
            return self.call_bound(&method, container, Args { values: &values, names: &[] }).map(drop);
        }
        self.plain_set_item(container, key, value)
    }

    /// The same of the interpreter's own layouts.
    pub(crate) fn plain_set_item(&self, container: &Value, key: &Value, value: Value) -> R<()> {
        if let Some(dict) = container.get::<Dict>() {
            return dict.set(self, key.clone(), value);
        }
        if let Some(list) = container.get::<List>() {
            if let Some(slice) = key.get::<Slice>() {
                let values = match self.collect(&value) {
                    Ok(values) => values,
                    Err(Raised) if self.pending_is(Exc::TypeError) => {
                        self.pending.set(None);
                        return Err(self.type_error("must assign iterable to extended slice"));
                    }
                    Err(Raised) => return Err(Raised),
                };
                return self.set_slice(list, slice, values);
            }
            let at = match self.sequence_index("list", key, || list.len()) {
                Ok(at) => at,
                Err(Raised) if self.pending_is(Exc::IndexError) => {
                    self.pending.set(None);
                    return Err(self.raise(Exc::IndexError, "list assignment index out of range"));
                }
                Err(Raised) => return Err(Raised),
            };
            list.set(at, value);
            return Ok(());
        }
        if let Some(array) = container.get::<Bytearray>() {
            return self.set_in_bytearray(array, key, &value);
        }
        let name = self.type_name(container);
        Err(self.type_error(format!("'{name}' object does not support item assignment")))
    }

    fn set_in_bytearray(&self, array: &Bytearray, key: &Value, value: &Value) -> R<()> {
        let Some(slice) = key.get::<Slice>() else {
            let byte = self.index_of(value)?.map(u8::try_from);
            let at = self.sequence_index("bytearray", key, || array.data.borrow().len())?;
            return match byte {
                Some(Ok(byte)) => {
                    // `__index__` may have made it shorter.
                    array.data.borrow_mut().get_mut(at).into_iter().for_each(|it| *it = byte);
                    Ok(())
                }
                Some(Err(_)) => Err(self.value_error("byte must be in range(0, 256)")),
                None => {
                    let name = self.type_name(value);
                    Err(self.type_error(format!("'{name}' object cannot be interpreted as an integer")))
                }
            };
        };
        if value.is_small() || value.get::<Str>().is_some() {
            let message = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
            return Err(self.type_error(message));
        }
        let new = crate::builtins::bytes::gather(self, value)?;
        let parts = self.slice_parts(slice)?;
        let (start, stop, step, count) = Slice::adjust(parts, array.data.borrow().len() as i64);
        if step == 1 {
            let chosen = start as usize..stop.max(start) as usize;
            if chosen.len() != new.len() {
                self.check_exports(array)?;
            }
            array.data.borrow_mut().splice(chosen, new);
            return Ok(());
        }
        let mut data = array.data.borrow_mut();
        if new.len() as i64 != count {
            drop(data);
            let given = new.len();
            let message =
                format!("attempt to assign bytes of size {given} to extended slice of size {count}");
            return Err(self.value_error(message));
        }
        for (index, byte) in new.into_iter().enumerate() {
            data[(start + index as i64 * step) as usize] = byte;
        }
        Ok(())
    }

    fn set_slice(&self, list: &List, slice: &Slice, values: Vec<Value>) -> R<()> {
        let (start, stop, step, count) = Slice::adjust(self.slice_parts(slice)?, list.len() as i64);
        if step == 1 {
            let (start, stop) = (start as usize, stop.max(start) as usize);
            // The last one goes first.
            let mut old: Vec<Value> = list.items.borrow_mut().splice(start..stop, values).collect();
            while old.pop().is_some() {}
            return Ok(());
        }
        if values.len() as i64 != count {
            let given = values.len();
            let message =
                format!("attempt to assign sequence of size {given} to extended slice of size {count}");
            return Err(self.value_error(message));
        }
        for (index, value) in values.into_iter().enumerate() {
            list.set((start + index as i64 * step) as usize, value);
        }
        Ok(())
    }

    /// `del container[key]`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn delete_item(&self, container: &Value, key: &Value) -> R<()> {
        if Vm::is_made_by_program(self.type_of(container))
            && let Some(method) = self.lookup_special(container, &self.names.delitem)
            && !method.is_layouts_own()
        {
            let args = Args { values: std::slice::from_ref(key), names: &[] };
            return self.call_bound(&method, container, args).map(drop);
        }
        self.plain_delete_item(container, key)
    }

    /// The same of the interpreter's own layouts.
    pub(crate) fn plain_delete_item(&self, container: &Value, key: &Value) -> R<()> {
        if let Some(dict) = container.get::<Dict>() {
            return match dict.remove(self, key)? {
                Some(_) => Ok(()),
                None => Err(self.raise_with(Exc::KeyError, vec![key.clone()])),
            };
        }
        if let Some(list) = container.get::<List>() {
            let mut gone = match key.get::<Slice>() {
                Some(slice) => self.chosen(slice, list.len())?,
                None => match self.sequence_index("list", key, || list.len()) {
                    Ok(at) => vec![at],
                    Err(Raised) if self.pending_is(Exc::IndexError) => {
                        self.pending.set(None);
                        return Err(self.raise(Exc::IndexError, "list assignment index out of range"));
                    }
                    Err(Raised) => return Err(Raised),
                },
            };
            gone.sort_unstable();
            let mut removed = Vec::with_capacity(gone.len());
            let mut items = list.items.borrow_mut();
            let old = std::mem::take(&mut *items);
            for (index, value) in old.into_iter().enumerate() {
                if gone.binary_search(&index).is_ok() { removed.push(value) } else { items.push(value) }
            }
            drop(items);
            drop(removed);
            return Ok(());
        }
        if let Some(array) = container.get::<Bytearray>() {
            let parts = key.get::<Slice>().map(|it| self.slice_parts(it)).transpose()?;
            let len = || array.data.borrow().len();
            let (start, step, count) = match parts {
                Some(parts) => {
                    let (start, _, step, count) = Slice::adjust(parts, len() as i64);
                    // From the lowest one up.
                    if step < 0 { (start + (count - 1) * step, -step, count) } else { (start, step, count) }
                }
                None => (self.sequence_index("bytearray", key, len)? as i64, 1, 1),
            };
            if count <= 0 {
                return Ok(());
            }
            self.check_exports(array)?;
            let (mut index, last) = (-1, start + (count - 1) * step);
            array.data.borrow_mut().retain(|_| {
                index += 1;
                !(start..=last).contains(&index) || (index - start) % step != 0
            });
            return Ok(());
        }
        let name = self.type_name(container);
        Err(self.type_error(format!("'{name}' object doesn't support item deletion")))
    }

    /// `value in container`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn contains(&self, container: &Value, value: &Value) -> R<bool> {
        if Vm::is_made_by_program(self.type_of(container))
            && let Some(method) = self.lookup_special(container, &self.names.contains)
            && !method.is_layouts_own()
        {
            if method.is_none() {
                let name = self.type_name(container);
                return Err(self.type_error(format!("'{name}' object is not a container")));
            }
            let args = Args { values: std::slice::from_ref(value), names: &[] };
            let answer = self.call_bound(&method, container, args)?;
            return self.truth(&answer);
        }
        self.plain_contains(container, value)
    }

    /// The same of the interpreter's own layouts.
    pub(crate) fn plain_contains(&self, container: &Value, value: &Value) -> R<bool> {
        if let Some(proxy) = container.get::<crate::object::Proxy>() {
            return self.contains(&proxy.mapping, value);
        }
        if let Some(dict) = container.get::<Dict>() {
            return Ok(dict.get(self, value)?.is_some());
        }
        if let Some(set) = container.get::<Set>() {
            return set.contains(self, value);
        }
        if let Some(string) = container.get::<Str>() {
            let Some(part) = value.get::<Str>() else {
                let name = self.type_name(value);
                let message = format!("'in <string>' requires string as left operand, not {name}");
                return Err(self.type_error(message));
            };
            return Ok(crate::builtins::strings::find(string, part, 0, string.len()).is_some());
        }
        if let Some(range) = container.get::<Range>()
            && let Some(number) = self.as_i64(value)
            && !Vm::is_made_by_program(self.type_of(value))
        {
            let apart = i128::from(number) - i128::from(range.start);
            let (index, rest) = (apart / i128::from(range.step), apart % i128::from(range.step));
            return Ok(rest == 0 && (0..i128::from(range.len())).contains(&index));
        }
        if let Some(range) = container.data::<BigRange>()
            && let Some(has) = self.range_has(range, value)
        {
            return Ok(has);
        }
        if let Some(view) = container.get::<View>()
            && let Some(dict) = view.dict.get::<Dict>()
        {
            match view.kind {
                ViewKind::Keys => return Ok(dict.get(self, value)?.is_some()),
                ViewKind::Items => {
                    let Some(pair) = value.get::<Tuple>().filter(|it| it.items.len() == 2) else {
                        return Ok(false);
                    };
                    return match dict.get(self, &pair.items[0])? {
                        Some(found) => self.equal(&found, &pair.items[1]),
                        None => Ok(false),
                    };
                }
                ViewKind::Values => {}
            }
        }
        if let Some(data) = self.seen_bytes(container) {
            if let Some(byte) = self.as_i64(value) {
                if !(0..256).contains(&byte) {
                    return Err(self.value_error("byte must be in range(0, 256)"));
                }
                return Ok(data.iter().any(|&it| i64::from(it) == byte));
            }
            let part = match self.index_number(value)? {
                Some(_) => crate::builtins::bytes::sought(self, value)?,
                None => self.buffer(value)?.into_owned(),
            };
            return Ok(crate::builtins::bytes::find(&data, &part, false).is_some());
        }
        let iterator = match self.iter(container) {
            Ok(iterator) => iterator,
            Err(Raised) if self.pending_is(Exc::TypeError) => {
                self.pending.set(None);
                let name = self.type_name(container);
                return Err(
                    self.type_error(format!("argument of type '{name}' is not a container or iterable"))
                );
            }
            Err(Raised) => return Err(Raised),
        };
        while let Some(item) = self.next(&iterator)? {
            if self.equal(&item, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `len(value)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn len(&self, value: &Value) -> R<i64> {
        if Vm::is_made_by_program(self.type_of(value))
            && let Some(method) = self.lookup_special(value, &self.names.len)
            && !method.is_layouts_own()
        {
            let len = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
            if self.as_big(&len).is_some_and(|it| it > i64::MAX.into()) {
                let name = self.type_name(&len);
                let message = format!("cannot fit '{name}' into an index-sized integer");
                return Err(self.raise(Exc::OverflowError, message));
            }
            if self.as_big(&len).is_some_and(|it| it < i64::MIN.into()) {
                return Err(self.value_error("__len__() should return >= 0"));
            }
            return match self.index_of(&len)? {
                Some(len) if len < 0 => Err(self.value_error("__len__() should return >= 0")),
                Some(len) => Ok(len),
                None => {
                    let name = self.type_name(&len);
                    Err(self.type_error(format!("'{name}' object cannot be interpreted as an integer")))
                }
            };
        }
        let len = match value.header().map(|header| header.kind) {
            Some(Kind::Str) => value.get::<Str>().map(Str::len),
            Some(Kind::List) => value.get::<List>().map(List::len),
            Some(Kind::Tuple) => value.get::<Tuple>().map(|it| it.items.len()),
            Some(Kind::Dict) => value.get::<Dict>().map(Dict::len),
            Some(Kind::Set) => value.get::<Set>().map(Set::len),
            Some(Kind::Bytes) => value.get::<Bytes>().map(|it| it.data.len()),
            Some(Kind::Bytearray) => value.get::<Bytearray>().map(|it| it.data.borrow().len()),
            Some(Kind::Range) => return Ok(value.get::<Range>().map_or(0, Range::len)),
            Some(Kind::Custom) => match value.data::<BigRange>() {
                Some(range) => return self.range_len(range),
                None => None,
            },
            Some(Kind::Proxy) => match value.get::<crate::object::Proxy>() {
                Some(proxy) => return self.len(&proxy.mapping),
                None => None,
            },
            Some(Kind::View) => value.get::<View>().and_then(|it| it.dict.get::<Dict>()).map(Dict::len),
            _ => None,
        };
        match len {
            Some(len) => Ok(len as i64),
            None => {
                let name = self.type_name(value);
                Err(self.type_error(format!("object of type '{name}' has no len()")))
            }
        }
    }

    /// What should be a key and a value. CPython: `PySequence_Fast`.
    fn elements_of_pair(&self, pair: &Value) -> R<Vec<Value>> {
        match self.iter(pair) {
            Ok(iterator) => self.collect(&iterator),
            Err(Raised) if self.pending_is(Exc::TypeError) => {
                self.pending.set(None);
                Err(self.type_error("object is not iterable"))
            }
            Err(Raised) => Err(Raised),
        }
    }

    /// Adds all keys of a mapping, or pairs of an iterable.
    pub(crate) fn update_dict(&self, dict: &Dict, from: &Value) -> R<()> {
        // One that goes through its keys in its own way is no plain dict.
        let own_way = Vm::is_made_by_program(self.type_of(from))
            && self.lookup_special(from, &self.names.iter).is_some_and(|it| !it.is_layouts_own());
        if let Some(other) = from.get::<Dict>().filter(|_| !own_way) {
            let len = other.len();
            for (hash, key, value) in other.snapshot_with_hashes() {
                dict.set_hashed(self, hash, key, value)?;
                if other.len() != len && !std::ptr::eq(other, dict) {
                    return Err(self.raise(Exc::RuntimeError, "dict mutated during update"));
                }
            }
            return Ok(());
        }
        if let Some(keys) = self.get_attribute_or_none(from, &self.names.keys)? {
            let keys = self.call_with(&keys, &[])?;
            for key in self.collect(&keys)? {
                let value = self.get_item(from, &key)?;
                dict.set(self, key, value)?;
            }
            return Ok(());
        }
        for (index, pair) in self.collect(from)?.into_iter().enumerate() {
            let pair = match self.elements_of_pair(&pair) {
                Ok(pair) => pair,
                Err(Raised) if self.pending_is(Exc::TypeError) => {
                    let Some(error) = self.pending.take() else { return Err(Raised) };
                    let note =
                        format!("Cannot convert dictionary update sequence element #{index} to a sequence");
                    let add = self.get_attribute(&error, &self.intern("add_note"))?;
                    self.call_with(&add, &[self.str(&note)])?;
                    self.pending.set(Some(error));
                    return Err(Raised);
                }
                Err(Raised) => return Err(Raised),
            };
            let [key, value] = match <[Value; 2]>::try_from(pair) {
                Ok(pair) => pair,
                Err(pair) => {
                    let count = pair.len();
                    let message = format!(
                        "dictionary update sequence element #{index} has length {count}; 2 is required"
                    );
                    return Err(self.value_error(message));
                }
            };
            dict.set(self, key, value)?;
        }
        Ok(())
    }
}
