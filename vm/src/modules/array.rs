//! `array`: numbers of one kind. The items are in a `bytearray`, which is what views of an array show.

use super::native::{Own, Spec, alias, index, itself, next_method, read_only, split_class};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Bytearray, Bytes, Data, List, NativeFn, Slice, Str};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};
use num_bigint::{BigInt, Sign};
use std::cell::Cell;

struct Array {
    code: u8,
    /// A `bytearray`.
    data: Value,
}

impl Data for Array {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.data);
    }

    fn item(&self, vm: &Vm, index: i64) -> Option<Value> {
        self.quick_item(index).or_else(|| {
            let at = if index < 0 { index + self.len() as i64 } else { index };
            Array::item(self, vm, usize::try_from(at).ok()?)
        })
    }

    fn set_item(&self, vm: &Vm, index: i64, value: &Value) -> bool {
        let _ = vm;
        let Some(data) = self.data.get::<Bytearray>() else { return false };
        let mut data = data.data.borrow_mut();
        match (self.code, value.as_small(), value.as_short_float()) {
            (b'd', _, Some(number)) => put(&mut data, index, number.to_le_bytes()),
            (b'd', Some(number), _) => put(&mut data, index, (number as f64).to_le_bytes()),
            (b'l' | b'q', Some(number), _) => put(&mut data, index, number.to_le_bytes()),
            (b'i', Some(number), _) => {
                i32::try_from(number).is_ok_and(|number| put(&mut data, index, number.to_le_bytes()))
            }
            (b'B', Some(number), _) => {
                u8::try_from(number).is_ok_and(|number| put(&mut data, index, [number]))
            }
            _ => false,
        }
    }
}

/// The place of an index, which counts from the end where it is negative.
#[inline(always)]
const fn nth(index: i64, len: usize) -> usize {
    (if index < 0 { index.wrapping_add(len as i64) } else { index }) as usize
}

/// An item of `N` bytes.
#[inline(always)]
fn found<const N: usize>(data: &[u8], index: i64) -> Option<[u8; N]> {
    let items = data.as_chunks::<N>().0;
    items.get(nth(index, items.len())).copied()
}

/// Replaces an item of `N` bytes; false where there is none.
#[inline(always)]
fn put<const N: usize>(data: &mut [u8], index: i64, item: [u8; N]) -> bool {
    let items = data.as_chunks_mut::<N>().0;
    let at = nth(index, items.len());
    items.get_mut(at).map(|place| *place = item).is_some()
}

const CODES: &str = "bBuwhHiIlLqQfd";

const fn item_size(code: u8) -> usize {
    match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'i' | b'I' | b'f' | b'u' | b'w' => 4,
        _ => 8,
    }
}

impl Array {
    fn bytes<T>(&self, look: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
        self.data.get::<Bytearray>().map(|it| look(&mut it.data.borrow_mut()))
    }

    /// An item of the codes that programs use most, where a word holds it.
    #[inline]
    fn quick_item(&self, index: i64) -> Option<Value> {
        let data = self.data.get::<Bytearray>()?.data.borrow();
        match self.code {
            b'd' => Value::short_float(f64::from_le_bytes(found(&data, index)?)),
            b'i' => Some(Value::from_i32(i32::from_le_bytes(found(&data, index)?))),
            b'l' | b'q' => Value::small(i64::from_le_bytes(found(&data, index)?)),
            b'B' => found::<1>(&data, index).map(|[byte]| Value::from_i32(byte.into())),
            _ => None,
        }
    }

    /// The same, of what may make it longer or shorter: not while somebody looks at its memory.
    fn resize<T: Default>(&self, vm: &Vm, change: impl FnOnce(&mut Vec<u8>) -> T) -> R<T> {
        let Some(it) = self.data.get::<Bytearray>() else { return Ok(T::default()) };
        if it.exports.get() > 0 {
            let message = "cannot resize an array that is exporting buffers";
            return Err(vm.raise(Exc::BufferError, message));
        }
        Ok(change(&mut it.data.borrow_mut()))
    }

    fn snapshot(&self) -> Vec<u8> {
        self.bytes(|data| data.clone()).unwrap_or_default()
    }

    const fn size(&self) -> usize {
        item_size(self.code)
    }

    fn len(&self) -> usize {
        self.bytes(|data| data.len()).unwrap_or(0) / self.size()
    }

    fn item(&self, vm: &Vm, at: usize) -> Option<Value> {
        let size = self.size();
        let word = self.bytes(|data| {
            let bytes = data.get(at * size..at * size + size)?;
            let mut word = [0; 8];
            word[..size].copy_from_slice(bytes);
            Some(u64::from_le_bytes(word))
        })??;
        Some(match self.code {
            b'b' => vm.int(i64::from(word as i8)),
            b'h' => vm.int(i64::from(word as i16)),
            b'i' => vm.int(i64::from(word as i32)),
            b'l' | b'q' => vm.int(word as i64),
            b'f' => vm.float(f64::from(f32::from_bits(word as u32))),
            b'd' => vm.float(f64::from_bits(word)),
            b'u' | b'w' => vm.str_of_points(&[word as u32]),
            _ => match i64::try_from(word) {
                Ok(number) => vm.int(number),
                Err(_) => vm.int_of_big(BigInt::from_bytes_le(Sign::Plus, &word.to_le_bytes())),
            },
        })
    }

    /// The bytes of a value as an item.
    fn encode(&self, vm: &Vm, value: &Value) -> R<[u8; 8]> {
        let word = match self.code {
            b'f' | b'd' => {
                let number = match vm.as_float(value) {
                    Some(number) => number,
                    None => {
                        let has = |name: &Value| vm.lookup_special(value, name).is_some();
                        if !has(&vm.names.float) && !has(&vm.names.index) {
                            return Err(
                                vm.type_error(format!("must be real number, not {}", vm.type_name(value)))
                            );
                        }
                        let float = vm.call_with(vm.types.float.value(), std::slice::from_ref(value))?;
                        vm.as_float(&float).unwrap_or(0.0)
                    }
                };
                if self.code == b'f' { u64::from((number as f32).to_bits()) } else { number.to_bits() }
            }
            b'u' | b'w' => match value.get::<Str>() {
                Some(text) if text.len() == 1 => text.at(0).unwrap_or(0).into(),
                Some(text) => {
                    let len = text.len();
                    return Err(vm.type_error(format!(
                        "array item must be a unicode character, not a string of length {len}"
                    )));
                }
                None => {
                    return Err(vm.type_error(format!(
                        "array item must be a unicode character, not {}",
                        vm.type_name(value)
                    )));
                }
            },
            _ => self.integer(vm, value)?,
        };
        Ok(word.to_le_bytes())
    }

    fn integer(&self, vm: &Vm, value: &Value) -> R<u64> {
        let (name, bits, signed) = match self.code {
            b'b' => ("signed char", 8, true),
            b'B' => ("unsigned byte integer", 8, false),
            b'h' => ("signed short integer", 16, true),
            b'H' => ("unsigned short", 16, false),
            b'i' => ("signed integer", 32, true),
            b'I' => ("unsigned int", 32, false),
            b'l' | b'q' => ("int", 64, true),
            _ => ("unsigned long", 64, false),
        };
        let number = match vm.as_big(value) {
            Some(number) => number,
            None => BigInt::from(index(vm, value)?),
        };
        let (low, high) = if signed {
            (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
        } else {
            (0, (1i128 << bits) - 1)
        };
        let overflow = |text: &str| Err(vm.raise(Exc::OverflowError, text));
        let negative = number < BigInt::from(0);
        match num_traits::ToPrimitive::to_i128(&number) {
            Some(number) if (low..=high).contains(&number) => Ok(number as u64),
            _ if self.code == b'Q' && negative => overflow("can't convert negative int to unsigned"),
            _ if matches!(self.code, b'q' | b'Q') => overflow("int too big to convert"),
            _ if matches!(self.code, b'I' | b'L') && negative => {
                overflow("can't convert negative value to unsigned int")
            }
            _ if matches!(self.code, b'I' | b'L') && number > BigInt::from(u64::MAX) => {
                overflow("Python int too large to convert to C unsigned long")
            }
            _ if !matches!(self.code, b'I' | b'L') && num_traits::ToPrimitive::to_i64(&number).is_none() => {
                overflow("Python int too large to convert to C long")
            }
            _ if negative => overflow(&format!("{name} is less than minimum")),
            _ => overflow(&format!("{name} is greater than maximum")),
        }
    }

    fn push(&self, vm: &Vm, value: &Value) -> R<()> {
        let word = self.encode(vm, value)?;
        self.resize(vm, |data| data.extend_from_slice(&word[..self.size()]))
    }

    fn items(&self, vm: &Vm) -> Vec<Value> {
        (0..self.len()).map_while(|at| self.item(vm, at)).collect()
    }
}

fn array<'a>(vm: &Vm, it: &'a Value) -> R<&'a Array> {
    vm.own_data("array", it, &ARRAY)
}

fn make(vm: &Vm, code: u8, data: Vec<u8>) -> Value {
    vm.custom(&ARRAY, Array { code, data: vm.bytearray(data) })
}

pub(crate) static ARRAY: Spec = Spec {
    derivable: true,
    methods: &[
        ("__new__", new),
        ("__len__", |vm, args| Ok(vm.int_of_usize(array(vm, method(vm, "__len__", args, 0, 0)?.0)?.len()))),
        ("__getitem__", get),
        ("__setitem__", set),
        ("__delitem__", delete),
        ("__iter__", |vm, args| {
            let (it, _) = method(vm, "__iter__", args, 0, 0)?;
            Ok(vm.custom(&ITER, ArrayIter { of: it.clone(), at: Cell::new(0) }))
        }),
        ("__contains__", |vm, args| {
            let (it, values) = method(vm, "__contains__", args, 1, 1)?;
            Ok(Value::bool(find(vm, array(vm, it)?, &values[0], (0, usize::MAX))?.is_some()))
        }),
        ("__repr__", repr),
        ("__eq__", |vm, args| compare(vm, "__eq__", args, 2)),
        ("__ne__", |vm, args| compare(vm, "__ne__", args, 3)),
        ("__lt__", |vm, args| compare(vm, "__lt__", args, 0)),
        ("__le__", |vm, args| compare(vm, "__le__", args, 1)),
        ("__gt__", |vm, args| compare(vm, "__gt__", args, 4)),
        ("__ge__", |vm, args| compare(vm, "__ge__", args, 5)),
        ("__add__", |vm, args| {
            let (it, values) = method(vm, "__add__", args, 1, 1)?;
            let a = array(vm, it)?;
            let Some(b) = values[0].data::<Array>() else {
                let got = vm.type_name(&values[0]);
                return Err(vm.type_error(format!("can only append array (not \"{got}\") to array")));
            };
            if a.code != b.code {
                return Err(vm.type_error("bad argument type for built-in operation"));
            }
            let mut data = a.snapshot();
            data.extend(b.snapshot());
            Ok(make(vm, a.code, data))
        }),
        ("__iadd__", |vm, args| {
            let (it, values) = method(vm, "__iadd__", args, 1, 1)?;
            if values[0].data::<Array>().is_none() {
                let got = vm.type_name(&values[0]);
                return Err(vm.type_error(format!("can only extend with array (not \"{got}\")")));
            }
            extend(vm, array(vm, it)?, &values[0])?;
            Ok(it.clone())
        }),
        ("__mul__", |vm, args| times(vm, "__mul__", args)),
        ("__rmul__", |vm, args| times(vm, "__rmul__", args)),
        ("__imul__", |vm, args| {
            let (it, values) = method(vm, "__imul__", args, 1, 1)?;
            let it_data = array(vm, it)?;
            let count = usize::try_from(index(vm, &values[0])?).unwrap_or(0);
            let data = repeated(vm, it_data, count)?;
            it_data.resize(vm, |it| *it = data)?;
            Ok(it.clone())
        }),
        ("clear", |vm, args| {
            let (it, _) = method(vm, "clear", args, 0, 0)?;
            array(vm, it)?.resize(vm, Vec::clear)?;
            Ok(NONE)
        }),
        ("append", |vm, args| {
            let (it, values) = method(vm, "append", args, 1, 1)?;
            array(vm, it)?.push(vm, &values[0])?;
            Ok(NONE)
        }),
        ("extend", |vm, args| {
            let (it, values) = method(vm, "extend", args, 1, 1)?;
            extend(vm, array(vm, it)?, &values[0])?;
            Ok(NONE)
        }),
        ("insert", |vm, args| {
            let (it, values) = method(vm, "insert", args, 2, 2)?;
            let it = array(vm, it)?;
            let (at, len, size) = (index(vm, &values[0])?, it.len() as i64, it.size());
            let word = it.encode(vm, &values[1])?;
            let at = if at < 0 { (at + len).max(0) } else { at.min(len) } as usize * size;
            it.resize(vm, |data| {
                // What the value's methods did may have made the array shorter.
                let at = at.min(data.len());
                data.splice(at..at, word[..size].iter().copied());
            })?;
            Ok(NONE)
        }),
        ("pop", |vm, args| {
            let (it, values) = method(vm, "pop", args, 0, 1)?;
            let it = array(vm, it)?;
            let (at, len, size) =
                (values.first().map_or(Ok(-1), |it| index(vm, it))?, it.len() as i64, it.size());
            if len == 0 {
                return Err(vm.raise(Exc::IndexError, "pop from empty array"));
            }
            let at = if at < 0 { at + len } else { at };
            if !(0..len).contains(&at) {
                return Err(vm.raise(Exc::IndexError, "pop index out of range"));
            }
            let value = it.item(vm, at as usize).unwrap_or(NONE);
            it.resize(vm, |data| drop(data.drain(at as usize * size..(at as usize + 1) * size)))?;
            Ok(value)
        }),
        ("remove", |vm, args| {
            let (it, values) = method(vm, "remove", args, 1, 1)?;
            let it = array(vm, it)?;
            match find(vm, it, &values[0], (0, usize::MAX))? {
                Some(at) => {
                    let size = it.size();
                    it.resize(vm, |data| {
                        // What `__eq__` did may have made the array shorter.
                        if (at + 1) * size <= data.len() {
                            data.drain(at * size..(at + 1) * size);
                        }
                    })?;
                    Ok(NONE)
                }
                None => Err(vm.value_error("array.remove(x): x not in array")),
            }
        }),
        ("index", |vm, args| {
            let (it, values) = method(vm, "index", args, 1, 3)?;
            let it = array(vm, it)?;
            let len = it.len() as i64;
            let cut = |value: Option<&Value>, default: i64| -> R<usize> {
                let at = value.map_or(Ok(default), |it| index(vm, it))?;
                Ok((if at < 0 { (at + len).max(0) } else { at }) as usize)
            };
            let range = (cut(values.get(1), 0)?, cut(values.get(2), i64::MAX)?);
            match find(vm, it, &values[0], range)? {
                Some(at) => Ok(vm.int_of_usize(at)),
                None => Err(vm.value_error("array.index(x): x not in array")),
            }
        }),
        ("count", |vm, args| {
            let (it, values) = method(vm, "count", args, 1, 1)?;
            let mut count = 0;
            for item in array(vm, it)?.items(vm) {
                count += i64::from(vm.equal(&item, &values[0])?);
            }
            Ok(vm.int(count))
        }),
        ("reverse", |vm, args| {
            let (it, _) = method(vm, "reverse", args, 0, 0)?;
            let it = array(vm, it)?;
            let data: Vec<u8> = it.snapshot().chunks(it.size()).rev().flatten().copied().collect();
            it.bytes(|old| *old = data);
            Ok(NONE)
        }),
        ("byteswap", |vm, args| {
            let (it, _) = method(vm, "byteswap", args, 0, 0)?;
            let it = array(vm, it)?;
            it.bytes(|data| data.chunks_mut(it.size()).for_each(<[u8]>::reverse));
            Ok(NONE)
        }),
        ("buffer_info", |vm, args| {
            let (it, _) = method(vm, "buffer_info", args, 0, 0)?;
            let it = array(vm, it)?;
            let address = it.bytes(|data| data.as_ptr() as usize).unwrap_or(0);
            Ok(vm.tuple(vec![vm.int_of_usize(address), vm.int_of_usize(it.len())]))
        }),
        ("tobytes", |vm, args| Ok(vm.bytes(array(vm, method(vm, "tobytes", args, 0, 0)?.0)?.snapshot()))),
        ("tolist", |vm, args| Ok(vm.list(array(vm, method(vm, "tolist", args, 0, 0)?.0)?.items(vm)))),
        ("frombytes", |vm, args| {
            let (it, values) = method(vm, "frombytes", args, 1, 1)?;
            let (it, more) = (array(vm, it)?, vm.buffer(&values[0])?.into_owned());
            from_bytes(vm, it, &more)
        }),
        ("fromlist", |vm, args| {
            let (it, values) = method(vm, "fromlist", args, 1, 1)?;
            let it = array(vm, it)?;
            let Some(list) = values[0].get::<List>() else { return Err(vm.type_error("arg must be list")) };
            let kept = it.snapshot();
            for value in list.snapshot() {
                if let Err(raised) = it.push(vm, &value) {
                    it.bytes(|data| *data = kept);
                    return Err(raised);
                }
            }
            Ok(NONE)
        }),
        ("tounicode", |vm, args| {
            let (it, _) = method(vm, "tounicode", args, 0, 0)?;
            let it = array(vm, it)?;
            if !matches!(it.code, b'u' | b'w') {
                return Err(
                    vm.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')")
                );
            }
            let points: Vec<u32> = it
                .snapshot()
                .chunks_exact(4)
                .map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]))
                .collect();
            Ok(vm.str_of_points(&points))
        }),
        ("fromunicode", |vm, args| {
            let (it, values) = method(vm, "fromunicode", args, 1, 1)?;
            let it = array(vm, it)?;
            let Some(text) = values[0].get::<Str>() else {
                let got = vm.type_name(&values[0]);
                return Err(vm.type_error(format!("fromunicode() argument must be str, not {got}")));
            };
            if !matches!(it.code, b'u' | b'w') {
                return Err(
                    vm.value_error("fromunicode() may only be called on unicode type arrays ('u' or 'w')")
                );
            }
            let more: Vec<u8> = text.points().into_iter().flat_map(u32::to_le_bytes).collect();
            it.resize(vm, |data| data.extend_from_slice(&more))?;
            Ok(NONE)
        }),
        ("tofile", |vm, args| {
            let (it, values) = method(vm, "tofile", args, 1, 1)?;
            let data = vm.bytes(array(vm, it)?.snapshot());
            vm.call_with(&vm.get_attribute(&values[0], &vm.names.write)?, &[data])?;
            Ok(NONE)
        }),
        ("fromfile", |vm, args| {
            let (it, values) = method(vm, "fromfile", args, 2, 2)?;
            let it = array(vm, it)?;
            let Ok(count) = usize::try_from(index(vm, &values[1])?) else {
                return Err(vm.value_error("negative count"));
            };
            vm.check_room_of(count, it.size())?;
            let wanted = count * it.size();
            let read = vm.get_attribute(&values[0], &vm.intern("read"))?;
            let data = vm.call_with(&read, &[vm.int_of_usize(wanted)])?;
            let Some(data) = vm.byte_data(&data) else {
                return Err(vm.type_error("read() didn't return bytes"));
            };
            from_bytes(vm, it, &data)?;
            if data.len() < wanted {
                return Err(vm.raise(Exc::EOFError, "read() didn't return enough bytes"));
            }
            Ok(NONE)
        }),
        ("__copy__", copy),
        ("__deepcopy__", copy),
        ("__reduce_ex__", |vm, args| {
            let (it, _) = method(vm, "__reduce_ex__", args, 1, 1)?;
            let data = array(vm, it)?;
            let code = vm.str(&char::from(data.code).to_string());
            let row = vm.tuple(vec![code, vm.list(data.items(vm))]);
            Ok(vm.tuple(vec![vm.class_of(it), row, vm.object_state(it)?]))
        }),
        ("__buffer__", |vm, args| {
            let (it, _) = method(vm, "__buffer__", args, 1, 1)?;
            let data = array(vm, it)?;
            let format = char::from(if data.code == b'u' { b'w' } else { data.code }).to_string();
            Ok(vm.view_of_array(&data.data, it, &format, data.size()))
        }),
    ],
    class_methods: &[("__class_getitem__", alias)],
    attributes: &[
        ("typecode", read_only(|vm, it| Ok(vm.str(&char::from(array(vm, it)?.code).to_string())))),
        ("itemsize", read_only(|vm, it| Ok(vm.int_of_usize(array(vm, it)?.size())))),
    ],
    ..Spec::new(Own::Array, "array.array")
};

fn new(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    if args.values.is_empty() {
        return Err(vm.type_error("array() takes at least 1 argument (0 given)"));
    }
    let values = positional(vm, "array", args, 1, 2)?;
    let code = match values[0].get::<Str>() {
        Some(text) if text.len() == 1 => text.at(0).and_then(|it| u8::try_from(it).ok()).unwrap_or(0),
        text => {
            let got = match text {
                Some(text) => format!("a string of length {}", text.len()),
                None => vm.type_name(&values[0]),
            };
            return Err(vm.type_error(format!("array() argument 1 must be a unicode character, not {got}")));
        }
    };
    if !CODES.as_bytes().contains(&code) {
        return Err(vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"));
    }
    let it = Array { code, data: vm.bytearray(Vec::new()) };
    if let Some(source) = values.get(1) {
        let is_text = matches!(code, b'u' | b'w');
        if let Some(text) = source.get::<Str>() {
            if !is_text {
                let code = char::from(code);
                return Err(
                    vm.type_error(format!("cannot use a str to initialize an array with typecode '{code}'"))
                );
            }
            for &point in &text.points() {
                it.bytes(|data| data.extend_from_slice(&point.to_le_bytes()));
            }
        } else if source.get::<Bytes>().is_some() || source.get::<Bytearray>().is_some() {
            from_bytes(vm, &it, &vm.byte_data(source).unwrap_or_default())?;
        } else if let Some(other) = source.data::<Array>() {
            for value in other.items(vm) {
                it.push(vm, &value)?;
            }
        } else {
            extend(vm, &it, source)?;
        }
    }
    Ok(vm.custom_of(class, it))
}

fn from_bytes(vm: &Vm, it: &Array, more: &[u8]) -> R {
    if !more.len().is_multiple_of(it.size()) {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    it.resize(vm, |data| data.extend_from_slice(more))?;
    Ok(NONE)
}

fn extend(vm: &Vm, it: &Array, source: &Value) -> R<()> {
    if let Some(other) = source.data::<Array>() {
        if other.code != it.code {
            return Err(vm.type_error("can only extend with array of same kind"));
        }
        let more = other.snapshot();
        return it.resize(vm, |data| data.extend(more));
    }
    let source = vm.iter(source)?;
    while let Some(value) = vm.next(&source)? {
        it.push(vm, &value)?;
    }
    Ok(())
}

fn place(vm: &Vm, it: &Array, key: &Value, message: &str) -> R<usize> {
    let Some(at) = vm.index_of(key)? else { return Err(vm.type_error("array indices must be integers")) };
    let len = it.len() as i64;
    let at = if at < 0 { at + len } else { at };
    if (0..len).contains(&at) { Ok(at as usize) } else { Err(vm.raise(Exc::IndexError, message)) }
}

fn get(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__getitem__", args, 1, 1)?;
    let it = array(vm, it)?;
    let Some(slice) = values[0].get::<Slice>() else {
        let at = place(vm, it, &values[0], "array index out of range")?;
        return Ok(it.item(vm, at).unwrap_or(NONE));
    };
    let (start, _, step, count) = Slice::adjust(vm.slice_parts(slice)?, it.len() as i64);
    let (data, size) = (it.snapshot(), it.size());
    let mut out = Vec::with_capacity(count as usize * size);
    for index in 0..count {
        let at = (start + index * step) as usize * size;
        out.extend_from_slice(&data[at..at + size]);
    }
    Ok(make(vm, it.code, out))
}

fn set(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__setitem__", args, 2, 2)?;
    let it = array(vm, it)?;
    let size = it.size();
    let Some(slice) = values[0].get::<Slice>() else {
        let at = place(vm, it, &values[0], "array assignment index out of range")?;
        let word = it.encode(vm, &values[1])?;
        // What the value's methods did may have made the array shorter.
        it.bytes(|data| {
            if let Some(place) = data.get_mut(at * size..(at + 1) * size) {
                place.copy_from_slice(&word[..size]);
            }
        });
        return Ok(NONE);
    };
    let Some(other) = values[1].data::<Array>() else {
        let got = vm.type_name(&values[1]);
        return Err(vm.type_error(format!("can only assign array (not \"{got}\") to array slice")));
    };
    if other.code != it.code {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    let new = other.snapshot();
    let (start, stop, step, count) = Slice::adjust(vm.slice_parts(slice)?, it.len() as i64);
    if step == 1 {
        let (start, stop) = (start as usize * size, stop.max(start) as usize * size);
        if new.len() == stop - start {
            it.bytes(|data| data[start..stop].copy_from_slice(&new));
        } else {
            it.resize(vm, |data| drop(data.splice(start..stop, new)))?;
        }
        return Ok(NONE);
    }
    if new.len() / size != count as usize {
        let given = new.len() / size;
        return Err(vm.value_error(format!(
            "attempt to assign array of size {given} to extended slice of size {count}"
        )));
    }
    it.bytes(|data| {
        for (index, item) in new.chunks(size).enumerate() {
            let at = (start + index as i64 * step) as usize * size;
            data[at..at + size].copy_from_slice(item);
        }
    });
    Ok(NONE)
}

fn delete(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__delitem__", args, 1, 1)?;
    let it = array(vm, it)?;
    let size = it.size();
    let gone: Vec<usize> = match values[0].get::<Slice>() {
        Some(slice) => {
            let (start, _, step, count) = Slice::adjust(vm.slice_parts(slice)?, it.len() as i64);
            (0..count).map(|index| (start + index * step) as usize).collect()
        }
        None => vec![place(vm, it, &values[0], "array assignment index out of range")?],
    };
    let mut gone = gone;
    gone.sort_unstable();
    it.resize(vm, |data| {
        let mut at = 0;
        data.retain(|_| {
            at += 1;
            gone.binary_search(&((at - 1) / size)).is_err()
        });
    })?;
    Ok(NONE)
}

fn find(vm: &Vm, it: &Array, value: &Value, (start, end): (usize, usize)) -> R<Option<usize>> {
    let mut at = start;
    while at < end {
        let Some(item) = it.item(vm, at) else { break };
        if vm.equal(&item, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

fn repeated(vm: &Vm, it: &Array, count: usize) -> R<Vec<u8>> {
    let data = it.snapshot();
    vm.check_room_of(data.len(), count)?;
    Ok(data.repeat(count))
}

fn times(vm: &Vm, name: &str, args: Args<'_>) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let it = array(vm, it)?;
    if vm.as_big(&values[0]).is_none() && vm.lookup_special(&values[0], &vm.names.index).is_none() {
        let got = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("can't multiply sequence by non-int of type '{got}'")));
    }
    let count = usize::try_from(index(vm, &values[0])?).unwrap_or(0);
    Ok(make(vm, it.code, repeated(vm, it, count)?))
}

fn copy(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__copy__", args, 0, 1)?;
    let it = array(vm, it)?;
    Ok(make(vm, it.code, it.snapshot()))
}

fn repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let (name, data) = (vm.plain_type_name(it), array(vm, it)?);
    let code = char::from(data.code);
    if data.len() == 0 {
        return Ok(vm.str(&format!("{name}('{code}')")));
    }
    let shown = if matches!(data.code, b'u' | b'w') {
        vm.repr_text(&vm.call_with(&vm.get_attribute(it, &vm.intern("tounicode"))?, &[])?)?
    } else {
        vm.repr_text(&vm.list(data.items(vm)))?
    };
    Ok(vm.str(&format!("{name}('{code}', {shown})")))
}

fn compare(vm: &Vm, name: &str, args: Args<'_>, op: u32) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let (Some(a), Some(b)) = (it.data::<Array>(), values[0].data::<Array>()) else {
        return Ok(NOT_IMPLEMENTED);
    };
    vm.compare(&vm.list(a.items(vm)), &vm.list(b.items(vm)), op)
}

static ITER: Spec = Spec {
    methods: &[
        ("__iter__", itself),
        ("__next__", next_method),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let data: &ArrayIter = vm.own_data("__reduce__", it, &ITER)?;
            let iter = vm.builtin(&vm.intern("iter"))?;
            if data.at.get() >= usize::MAX >> 8 {
                return Ok(vm.tuple(vec![iter, vm.tuple(vec![vm.tuple(Vec::new())])]));
            }
            let rest = vm.tuple(vec![data.of.clone()]);
            Ok(vm.tuple(vec![iter, rest, vm.int_of_usize(data.at.get())]))
        }),
        ("__setstate__", |vm, args| {
            let (it, values) = method(vm, "__setstate__", args, 1, 1)?;
            let data: &ArrayIter = vm.own_data("__setstate__", it, &ITER)?;
            data.at.set(usize::try_from(index(vm, &values[0])?).unwrap_or(0));
            Ok(NONE)
        }),
    ],
    ..Spec::new(Own::ArrayIter, "array.arrayiterator")
};

struct ArrayIter {
    of: Value,
    at: Cell<usize>,
}

impl Data for ArrayIter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.of);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let at = self.at.get();
        let value = self.of.data::<Array>()?.item(vm, at);
        // What has ended stays at its end, even where the array grows.
        self.at.set(if value.is_some() { at + 1 } else { usize::MAX >> 8 });
        Some(Ok(value))
    }
}

const FUNCTIONS: &[(&str, NativeFn)] = &[("_array_reconstructor", |vm, args| {
    let values = positional(vm, "_array_reconstructor", args, 4, 4)?;
    let made = vm.call_with(&values[0], &values[1..2])?;
    let it = array(vm, &made)?;
    from_bytes(vm, it, &vm.buffer(&values[3])?)?;
    Ok(made)
})];

/// `array`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_type(module, &ARRAY);
    vm.put(module, "ArrayType", vm.own(&ARRAY).value().clone());
    vm.put(module, "typecodes", vm.str(CODES));
    vm.put_functions(module, FUNCTIONS);
    let abc =
        vm.modules.get::<crate::object::Dict>().and_then(|it| it.get_name(vm, &vm.intern("collections.abc")));
    if let Some(abc) = abc {
        let class = vm.get_attribute(&abc, &vm.intern("MutableSequence"))?;
        let register = vm.get_attribute(&class, &vm.intern("register"))?;
        vm.call_with(&register, &[vm.own(&ARRAY).value().clone()])?;
    }
    Ok(())
}
