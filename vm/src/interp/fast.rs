//! What the loop does without leaving it: items and elements of the interpreter's own containers, where no program
//! can be involved. Everything here says "not me" rather than do something that may run a program.

use crate::load::op::Instr;
use crate::object::iter::IterState;
use crate::object::sequence::new_tuple;
use crate::object::str::Text;
use crate::object::{Bytes, Custom, Dict, Iter, Kind, List, Packed, Set, Slice, Str, Tuple};
use crate::value::{Object, UNSET, Value};
use crate::vm::Vm;
use std::ptr;

/// `index` from the end where it is negative.
#[inline(always)]
fn place(index: i64, len: usize) -> usize {
    (if index < 0 { index.wrapping_add(len as i64) } else { index }) as usize
}

/// `x op y`, by CPython's number of the comparison.
#[inline(always)]
pub(super) fn holds<T: PartialOrd>(op: u32, x: &T, y: &T) -> bool {
    match op {
        0 => x < y,
        1 => x <= y,
        2 => x == y,
        3 => x != y,
        4 => x > y,
        _ => x >= y,
    }
}

/// A bound of a slice; `None` where it is no small int.
#[inline(always)]
fn bound(value: &Value) -> Option<Option<i64>> {
    if value.is_none() { Some(None) } else { value.as_small().map(Some) }
}

impl Vm {
    /// `list[start:stop]`
    #[inline(never)]
    pub(super) fn part_of_list(&self, container: &Value, start: &Value, stop: &Value) -> Option<Value> {
        let list = Self::exact::<List>(container, &self.types.list)?;
        // SAFETY: cloning runs no program.
        let items = unsafe { &*list.items.as_ptr() };
        let len = items.len() as i64;
        let cut = |part: i64| if part < 0 { part.saturating_add(len).max(0) } else { part.min(len) };
        let start = bound(start)?.map_or(0, cut);
        let stop = bound(stop)?.map_or(len, cut);
        let part = items.get(start as usize..stop as usize).unwrap_or(&[]);
        Some(self.list(part.to_vec()))
    }

    /// A slice of a list, tuple or string.
    #[inline(never)]
    pub(super) fn fast_slice(&self, container: &Value, parts: [&Value; 3]) -> Option<Value> {
        let parts = [bound(parts[0])?, bound(parts[1])?, bound(parts[2])?];
        if parts[2] == Some(0) || parts.iter().flatten().any(|part| part.unsigned_abs() > 1 << 60) {
            return None;
        }
        let chosen = |items: &[Value]| -> Vec<Value> {
            let (start, _, step, count) = Slice::adjust(parts, items.len() as i64);
            match step {
                1 => items[start as usize..(start + count) as usize].to_vec(),
                _ => (0..count).map(|index| items[(start + index * step) as usize].clone()).collect(),
            }
        };
        match container.header()?.kind {
            Kind::List => {
                let list = Self::exact::<List>(container, &self.types.list)?;
                // SAFETY: cloning runs no program.
                Some(self.list(chosen(unsafe { &*list.items.as_ptr() })))
            }
            Kind::Tuple => {
                let tuple = Self::exact::<Tuple>(container, &self.types.tuple)?;
                let (start, _, step, count) = Slice::adjust(parts, tuple.items.len() as i64);
                if count as usize == tuple.items.len() && step == 1 {
                    return Some(container.clone());
                }
                let item = |index: usize| tuple.items[(start + index as i64 * step) as usize].clone();
                Some(new_tuple(self, &self.types.tuple, (0..count as usize).map(item)))
            }
            Kind::Str => {
                let string = Self::exact::<Str>(container, &self.types.str)?;
                let Text::Ascii(text) = &string.text else { return None };
                let (start, _, step, count) = Slice::adjust(parts, text.len() as i64);
                if step != 1 {
                    return None;
                }
                if count == 1 {
                    return Some(self.character(text[start as usize].into()));
                }
                let part = text[start as usize..(start + count) as usize].into();
                Some(crate::heap::allocate(self, &self.types.str, Str::new(Text::Ascii(part))))
            }
            _ => None,
        }
    }

    /// `container[start:stop] = value` of a list, where the value is a list or tuple of as many elements.
    #[inline(never)]
    pub(super) fn fast_store_slice(&self, container: &Value, parts: [&Value; 3], value: &Value) -> bool {
        let (Some(start), Some(stop)) = (bound(parts[0]), bound(parts[1])) else { return false };
        let Some(list) = Self::exact::<List>(container, &self.types.list) else { return false };
        if !parts[2].is_none() || [start, stop].iter().flatten().any(|it| it.unsigned_abs() > 1 << 60) {
            return false;
        }
        let mut new = match (value.get::<List>(), value.get::<Tuple>()) {
            _ if Vm::is_made_by_program(self.type_of(value)) => return false,
            (Some(list), _) => list.snapshot(),
            (_, Some(tuple)) => tuple.items.to_vec(),
            _ => return false,
        };
        {
            let mut items = list.items.borrow_mut();
            let (start, _, _, count) = Slice::adjust([start, stop, None], items.len() as i64);
            if count as usize != new.len() {
                return false;
            }
            items[start as usize..(start + count) as usize].swap_with_slice(&mut new);
        }
        drop(new);
        true
    }

    /// Is it an object with this layout and exactly this type?
    #[inline(always)]
    fn exact<'a, B: crate::object::Body>(
        value: &'a Value,
        ty: &Object<crate::object::Type>,
    ) -> Option<&'a Object<B>> {
        value.object::<B>().filter(|it| ptr::eq(it.header.ty.get(), ty))
    }

    /// A `dict`'s item, an element of a list, tuple or string.
    #[inline(always)]
    pub(super) fn fast_item(&self, container: &Value, key: &Value) -> Option<Value> {
        let header = container.header()?;
        if let Some(slice) = key.get::<Slice>()
            && header.kind as u8 != Kind::Dict as u8
        {
            let [start, stop, step] = &slice.parts;
            return self.fast_slice(container, [start, stop, step]);
        }
        match header.kind {
            Kind::List => {
                let list = Self::exact::<List>(container, &self.types.list)?;
                // SAFETY: nothing happens between borrowing and cloning.
                let items = unsafe { &*list.items.as_ptr() };
                items.get(place(key.as_small()?, items.len())).cloned()
            }
            Kind::Tuple => {
                let tuple = Self::exact::<Tuple>(container, &self.types.tuple)?;
                tuple.items.get(place(key.as_small()?, tuple.items.len())).cloned()
            }
            Kind::Dict => Self::exact::<Dict>(container, &self.types.dict)?.get_plain(self, key),
            Kind::Str => {
                let string = Self::exact::<Str>(container, &self.types.str)?;
                let point = string.at(place(key.as_small()?, string.len()))?;
                Some(self.character(point))
            }
            Kind::Bytes => {
                let bytes = Self::exact::<Bytes>(container, &self.types.bytes)?;
                let byte = bytes.data.get(place(key.as_small()?, bytes.data.len()))?;
                Some(Value::from_i32((*byte).into()))
            }
            Kind::Custom if !header.type_of().is_counted() => {
                container.get::<Custom>()?.data.item(self, key.as_small()?)
            }
            _ => None,
        }
    }

    /// `container[key] = value` of a list or `dict`; else the value comes back.
    #[inline(always)]
    pub(super) fn fast_store(&self, container: &Value, key: &Value, value: Value) -> Result<(), Value> {
        let Some(header) = container.header() else { return Err(value) };
        match header.kind {
            Kind::List => {
                if let Some(slice) = key.get::<Slice>() {
                    let [start, stop, step] = &slice.parts;
                    let done = self.fast_store_slice(container, [start, stop, step], &value);
                    return if done { Ok(()) } else { Err(value) };
                }
                let (Some(list), Some(index)) =
                    (Self::exact::<List>(container, &self.types.list), key.as_small())
                else {
                    return Err(value);
                };
                // SAFETY: the borrow ends before what was there is dropped, which is all that can run a program.
                let items = unsafe { &mut *list.items.as_ptr() };
                let at = place(index, items.len());
                match items.get_mut(at) {
                    Some(item) => {
                        let old = std::mem::replace(item, value);
                        drop(old);
                        Ok(())
                    }
                    None => Err(value),
                }
            }
            Kind::Dict => match Self::exact::<Dict>(container, &self.types.dict) {
                Some(dict) => dict.set_plain(self, key, value),
                None => Err(value),
            },
            Kind::Custom if !header.type_of().is_counted() => {
                let done = match (container.get::<Custom>(), key.as_small()) {
                    (Some(custom), Some(index)) => custom.data.set_item(self, index, &value),
                    _ => false,
                };
                if done { Ok(()) } else { Err(value) }
            }
            _ => Err(value),
        }
    }

    /// `key in container`
    #[inline(never)]
    pub(super) fn fast_contains(&self, container: &Value, key: &Value) -> Option<bool> {
        if let Some(dict) = Self::exact::<Dict>(container, &self.types.dict) {
            return dict.has_plain(self, key);
        }
        if let Some(set) = Self::exact::<Set>(container, &self.types.set) {
            return set.has_plain(self, key);
        }
        let items = if let Some(list) = Self::exact::<List>(container, &self.types.list) {
            // SAFETY: comparing plainly runs no program and changes nothing.
            unsafe { &*list.items.as_ptr() }.as_slice()
        } else {
            &*Self::exact::<Tuple>(container, &self.types.tuple)?.items
        };
        for item in items {
            if self.same_plain(item, key)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The next value of an iterator over a range, list or tuple. `None`: somebody else has to be asked, among others
    /// when a list or tuple has ended.
    #[inline(always)]
    pub(crate) fn fast_next(&self, iter: &Iter) -> Option<Option<Value>> {
        // SAFETY: the state is let go of before anything that can run a program.
        match unsafe { &mut *iter.state.as_ptr() } {
            IterState::Range(range) => {
                let more = if range.step > 0 { range.start < range.stop } else { range.start > range.stop };
                if !more {
                    return Some(None);
                }
                let value = range.start;
                range.start = value.wrapping_add(range.step);
                Some(Some(match Value::small(value) {
                    Some(value) => value,
                    None => self.int(value),
                }))
            }
            IterState::List(list, at) => {
                let list = list.get::<List>()?;
                // SAFETY: nothing happens between borrowing and cloning.
                let value = unsafe { &*list.items.as_ptr() }.get(*at)?.clone();
                *at += 1;
                Some(Some(value))
            }
            IterState::Tuple(tuple, at) => {
                let value = tuple.get::<Tuple>()?.items.get(*at)?.clone();
                *at += 1;
                Some(Some(value))
            }
            IterState::Dict(..) | IterState::Str(..) | IterState::Enumerate(..) => self.fast_next_more(iter),
            _ => None,
        }
    }

    /// The same of a `dict`, string or `enumerate`.
    #[inline(never)]
    fn fast_next_more(&self, iter: &Iter) -> Option<Option<Value>> {
        // SAFETY: the state is let go of before anything that can run a program; an `enumerate` goes through another
        // iterator, as it was made before it.
        match unsafe { &mut *iter.state.as_ptr() } {
            IterState::Dict(dict, kind, at, len, left) => {
                let dict = dict.get::<Dict>()?;
                if dict.len() != *len || *left == 0 {
                    return None;
                }
                let (index, key, value) = dict.entry_from(*at)?;
                *at = index + 1;
                *left -= 1;
                Some(Some(self.shown(*kind, key, value)))
            }
            IterState::Str(string, at) => {
                let point = string.get::<Str>()?.at(*at)?;
                *at += 1;
                Some(Some(self.character(point)))
            }
            IterState::Enumerate(inner, number) => {
                let next = Value::add_small(number, &Value::from_i32(1)).filter(|_| number.is_small())?;
                let inner = inner.get::<Iter>()?;
                let value = match self.fast_next(inner)? {
                    Some(value) => value,
                    None => return Some(None),
                };
                let now = std::mem::replace(number, next);
                Some(Some(self.pair(now, value)))
            }
            _ => None,
        }
    }

    /// Unpacks a tuple or list of exactly as many elements as are wanted: into registers from `a` on, the first one
    /// last; or, where `d` says so, a tuple's to where the moves behind the instruction would put them. Says how many
    /// instructions are done with that; `None` where it is somebody else's.
    ///
    /// # Safety
    /// The registers are those that the instruction and, where `d` is 1, the `c` moves at `next` name.
    #[inline(always)]
    pub(super) unsafe fn fast_unpack(
        &self,
        registers: *mut Value,
        i: Instr,
        next: *const Instr,
    ) -> Option<usize> {
        let count = usize::from(i.c);
        // SAFETY: as the caller says. What is read is owned while other registers are written.
        unsafe {
            let from = registers.add(usize::from(i.b));
            let (tuple, list) = ((*from).get::<Tuple>(), (*from).get::<List>());
            let fits = match (tuple, list) {
                (Some(tuple), _) => tuple.items.len() == count,
                (_, Some(list)) => (*list.items.as_ptr()).len() == count,
                _ => false,
            };
            if !fits || (list.is_some() && !ptr::eq(self.type_of(&*from), &raw const *self.types.list)) {
                return None;
            }
            let source =
                if i.k & crate::load::op::KILL_B != 0 { ptr::replace(from, UNSET) } else { (*from).clone() };
            if let Some(tuple) = source.get::<Tuple>() {
                if i.d != 0 {
                    for index in 0..count {
                        let to = registers.add(usize::from((*next.add(index)).a));
                        drop(ptr::replace(to, tuple.items.get_unchecked(index).clone()));
                    }
                    return Some(count);
                }
                for (index, item) in tuple.items.iter().enumerate() {
                    let to = registers.add(usize::from(i.a) + count - 1 - index);
                    drop(ptr::replace(to, item.clone()));
                }
            } else if let Some(list) = source.get::<List>() {
                // Registers that nobody uses hold no pointer, so writing them runs no program.
                for (index, item) in (*list.items.as_ptr()).iter().enumerate() {
                    registers.add(usize::from(i.a) + count - 1 - index).write(item.clone());
                }
            }
            Some(0)
        }
    }

    /// `a + b` of two strings of ASCII characters.
    #[inline(always)]
    pub(super) fn fast_concatenate(&self, a: &Value, b: &Value) -> Option<Value> {
        let (a, b) = (Self::exact::<Str>(a, &self.types.str)?, Self::exact::<Str>(b, &self.types.str)?);
        let (Text::Ascii(a), Text::Ascii(b)) = (&a.text, &b.text) else { return None };
        let text = Text::Ascii(Packed::joined(a, b));
        Some(crate::heap::allocate(self, &self.types.str, Str::new(text)))
    }

    /// The tuple of `count` registers, which are consumed.
    ///
    /// # Safety
    /// There are that many.
    #[inline(always)]
    pub(super) unsafe fn tuple_of_registers(&self, first: *mut Value, count: usize) -> Value {
        if count == 0 {
            return self.tuple(Vec::new());
        }
        // SAFETY: as the caller says.
        let take = |index| unsafe { ptr::replace(first.add(index), UNSET) };
        new_tuple(self, &self.types.tuple, (0..count).map(take))
    }

    /// The list of `count` registers, which are consumed.
    ///
    /// # Safety
    /// There are that many.
    #[inline(never)]
    pub(super) unsafe fn list_of_registers(&self, first: *mut Value, count: usize) -> Value {
        // SAFETY: as the caller says.
        self.list((0..count).map(|index| unsafe { ptr::replace(first.add(index), UNSET) }).collect())
    }
}
