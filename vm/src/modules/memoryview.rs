//! `memoryview`: what objects show of their memory, without a copy.
//!
//! All memory that can be looked at lies in a `bytes` or a `bytearray`; a view counts as an export of the latter until it is
//! released, so that the memory keeps its length. Items are read and written through `struct`'s layouts.

use super::native::{Own, Spec, alias, index, itself, next_method, parse, parse_most, read_only};
use super::structs;
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::object::callable::Args;
use crate::object::{Access, Bytearray, Bytes, Data, List, Slice, Str, Tuple};
use crate::value::{ELLIPSIS, NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::Cell;
use std::rc::Rc;

/// How the items lie in the memory.
#[derive(Clone)]
struct Form {
    format: Rc<str>,
    size: usize,
    /// Where the first item is.
    start: isize,
    shape: Vec<usize>,
    /// How many bytes it is from one index to the next, of each dimension.
    strides: Vec<isize>,
}

impl Form {
    fn bytes(len: usize) -> Form {
        Form { format: "B".into(), size: 1, start: 0, shape: vec![len], strides: vec![1] }
    }

    /// One without gaps, the last index changing fastest.
    fn packed(format: Rc<str>, size: usize, start: isize, shape: Vec<usize>) -> Form {
        let strides = steps(size, shape.iter().rev());
        Form { format, size, start, shape, strides: strides.into_iter().rev().collect() }
    }

    fn count(&self) -> usize {
        self.shape.iter().product()
    }

    fn is_packed<'a>(&self, dimensions: impl Iterator<Item = (&'a usize, &'a isize)>) -> bool {
        let mut step = self.size as isize;
        for (&len, &stride) in dimensions {
            if len > 1 && stride != step {
                return false;
            }
            step *= len as isize;
        }
        true
    }

    /// Do the items lie one behind the other, in C's order?
    fn is_c(&self) -> bool {
        self.count() == 0 || self.is_packed(self.shape.iter().zip(&self.strides).rev())
    }

    /// The same in Fortran's order.
    fn is_fortran(&self) -> bool {
        self.count() == 0 || self.is_packed(self.shape.iter().zip(&self.strides))
    }

    /// Where the items lie; the last index changes fastest.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![self.start];
        for (&len, &stride) in self.shape.iter().zip(&self.strides) {
            places = places
                .iter()
                .flat_map(|&at| (0..len as isize).map(move |index| at + index * stride))
                .collect();
        }
        places.into_iter().map(|at| at as usize).collect()
    }

    /// The same items with their dimensions in the opposite order.
    fn turned(&self) -> Form {
        let mut turned = self.clone();
        turned.shape.reverse();
        turned.strides.reverse();
        turned
    }

    /// The letter, where the format is a native one of one letter.
    fn letter(&self) -> Option<u8> {
        native_letter(&self.format)
    }
}

fn steps<'a>(size: usize, shape: impl Iterator<Item = &'a usize>) -> Vec<isize> {
    let mut step = size as isize;
    shape
        .map(|&len| {
            let own = step;
            step *= len as isize;
            own
        })
        .collect()
}

fn native_letter(format: &str) -> Option<u8> {
    match format.strip_prefix('@').unwrap_or(format).as_bytes() {
        &[letter] if b"cbB?hHiIlLqQnNfdeP".contains(&letter) => Some(letter),
        _ => None,
    }
}

const fn is_byte(letter: u8) -> bool {
    matches!(letter, b'b' | b'B' | b'c')
}

struct View {
    /// A `bytes` or a `bytearray`.
    memory: Value,
    /// `obj`
    shown: Value,
    /// What wants to hear of the release.
    exporter: Option<Value>,
    form: Form,
    read_only: bool,
    released: Cell<bool>,
}

impl Data for View {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.memory);
        see(&self.shown);
        if let Some(exporter) = &self.exporter {
            see(exporter);
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl View {
    fn new(memory: Value, shown: Value, form: Form) -> View {
        if let Some(array) = memory.get::<Bytearray>() {
            array.exports.set(array.exports.get() + 1);
        }
        let read_only = memory.get::<Bytes>().is_some();
        View { memory, shown, exporter: None, form, read_only, released: Cell::new(false) }
    }

    /// Another view of the same memory.
    fn with(&self, form: Form) -> View {
        let mut made = View::new(self.memory.clone(), self.shown.clone(), form);
        made.read_only = self.read_only;
        made
    }

    /// Looks at the memory no more; false where it did so already.
    fn let_go(&self) -> bool {
        let first = !self.released.replace(true);
        if let Some(array) = self.memory.get::<Bytearray>().filter(|_| first) {
            array.exports.set(array.exports.get().saturating_sub(1));
        }
        first
    }

    fn look<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        match (self.memory.get::<Bytes>(), self.memory.get::<Bytearray>()) {
            (Some(bytes), _) => look(&bytes.data),
            (None, Some(array)) => look(&array.data.borrow()),
            (None, None) => look(&[]),
        }
    }

    fn contents(&self, form: &Form) -> Vec<u8> {
        let (start, size) = (form.start as usize, form.size);
        self.look(|memory| {
            if form.is_c() {
                return memory.get(start..start + form.count() * size).unwrap_or_default().to_vec();
            }
            let part = |at: usize| memory.get(at..at + size).unwrap_or_default();
            form.places().into_iter().flat_map(part).copied().collect()
        })
    }

    fn write(&self, at: usize, data: &[u8]) {
        if let Some(array) = self.memory.get::<Bytearray>()
            && let Some(place) = array.data.borrow_mut().get_mut(at..at + data.len())
        {
            place.copy_from_slice(data);
        }
    }

    fn item(&self, vm: &Vm, at: usize) -> R {
        let form = &self.form;
        let Some(letter) = form.letter() else { return Err(not_supported(vm, &form.format)) };
        if letter == b'B' {
            return Ok(vm.int(self.look(|memory| memory.get(at).map_or(0, |&byte| i64::from(byte)))));
        }
        let data = self.look(|memory| memory.get(at..at + form.size).unwrap_or_default().to_vec());
        structs::unpack_one(vm, &vm.str(&form.format), &data)
    }

    fn store(&self, vm: &Vm, at: usize, value: &Value) -> R<()> {
        let format = &self.form.format;
        let Some(letter) = self.form.letter() else { return Err(not_supported(vm, format)) };
        match structs::pack_one(vm, &vm.str(format), value) {
            Ok(data) => {
                self.write(at, &data);
                Ok(())
            }
            Err(raised) => {
                let is_value = match letter {
                    b'?' => return Err(raised),
                    b'c' => value.get::<Bytes>().is_some(),
                    b'f' | b'd' | b'e' => vm.as_float(value).is_some() || vm.as_big(value).is_some(),
                    _ => vm.as_big(value).is_some() || vm.lookup_special(value, &vm.names.index).is_some(),
                };
                vm.pending.set(None);
                Err(match is_value {
                    true => vm.value_error(format!("memoryview: invalid value for format '{format}'")),
                    false => vm.type_error(format!("memoryview: invalid type for format '{format}'")),
                })
            }
        }
    }

    /// Lists within lists, of the dimensions from this one on.
    fn list(&self, vm: &Vm, dimension: usize, at: isize) -> R {
        let form = &self.form;
        let (Some(&len), Some(&stride)) = (form.shape.get(dimension), form.strides.get(dimension)) else {
            return self.item(vm, at as usize);
        };
        let mut items = Vec::with_capacity(len);
        for index in 0..len as isize {
            items.push(self.list(vm, dimension + 1, at + index * stride)?);
        }
        Ok(vm.list(items))
    }

    /// The only dimension, for what works with one only.
    fn only(&self, vm: &Vm) -> R<(usize, isize)> {
        match (&self.form.shape[..], &self.form.strides[..]) {
            (&[len], &[stride]) => Ok((len, stride)),
            ([], _) => Err(vm.type_error("invalid indexing of 0-dim memory")),
            _ => Err(not_yet(vm, "multi-dimensional sub-views are not implemented")),
        }
    }

    /// The place that one index of each dimension means.
    fn place(&self, vm: &Vm, keys: &[Value]) -> R<usize> {
        let dimensions = self.form.shape.len();
        if keys.len() > dimensions {
            let given = keys.len();
            return Err(
                vm.type_error(format!("cannot index {dimensions}-dimension view with {given}-element tuple"))
            );
        }
        if keys.len() < dimensions {
            return Err(not_yet(vm, "sub-views are not implemented"));
        }
        let mut at = self.form.start;
        for (dimension, key) in keys.iter().enumerate() {
            let (len, given) = (self.form.shape[dimension] as i64, index(vm, key)?);
            let place = if given < 0 { given + len } else { given };
            if !(0..len).contains(&place) {
                let message = format!("index out of bounds on dimension {}", dimension + 1);
                return Err(vm.raise(Exc::IndexError, message));
            }
            at += place as isize * self.form.strides[dimension];
        }
        Ok(at as usize)
    }

    fn sliced(&self, vm: &Vm, slice: &Slice) -> R<Form> {
        let mut form = self.form.clone();
        let (start, _, step, count) = Slice::adjust(vm.slice_parts(slice)?, form.shape[0] as i64);
        form.start += start as isize * form.strides[0];
        form.strides[0] *= step as isize;
        form.shape[0] = count as usize;
        Ok(form)
    }
}

fn not_supported(vm: &Vm, format: &str) -> Raised {
    vm.raise(Exc::NotImplementedError, format!("memoryview: format {format} not supported"))
}

fn not_yet(vm: &Vm, message: &str) -> Raised {
    vm.raise(Exc::NotImplementedError, message)
}

fn view<'a>(vm: &Vm, it: &'a Value) -> R<&'a View> {
    let view: &View = vm.own_data("memoryview", it, &MEMORYVIEW)?;
    match view.released.get() {
        true => Err(vm.value_error("operation forbidden on released memoryview object")),
        false => Ok(view),
    }
}

impl Vm {
    /// The type `memoryview`.
    pub(crate) fn memoryview_type(&self) -> Value {
        self.own(&MEMORYVIEW).value().clone()
    }

    /// A view of the memory of a `bytearray` that some object shows as items of this format.
    pub(crate) fn view_of_array(&self, memory: &Value, shown: &Value, format: &str, size: usize) -> Value {
        let len = memory.get::<Bytearray>().map_or(0, |it| it.data.borrow().len());
        let form = Form::packed(format.into(), size, 0, vec![len / size.max(1)]);
        self.custom(&MEMORYVIEW, View::new(memory.clone(), shown.clone(), form))
    }

    /// What a `memoryview` shows; `None` for another object.
    pub(crate) fn viewed(&self, value: &Value) -> R<Option<Vec<u8>>> {
        match value.data::<View>() {
            Some(_) => view(self, value).map(|view| Some(view.contents(&view.form))),
            None => Ok(None),
        }
    }
}

/// `memoryview(object)`
fn make(vm: &Vm, object: &Value) -> R<View> {
    if object.data::<View>().is_some() {
        let of = view(vm, object)?;
        return Ok(of.with(of.form.clone()));
    }
    let len = match (object.get::<Bytes>(), object.get::<Bytearray>()) {
        (Some(bytes), _) => Some(bytes.data.len()),
        (None, Some(array)) => Some(array.data.borrow().len()),
        (None, None) => None,
    };
    if let Some(len) = len {
        return Ok(View::new(object.clone(), object.clone(), Form::bytes(len)));
    }
    let Some(method) = vm.lookup_special(object, &vm.intern("__buffer__")) else {
        let got = vm.type_name(object);
        return Err(vm.type_error(format!("memoryview: a bytes-like object is required, not '{got}'")));
    };
    // CPython: `PyBUF_FULL_RO`.
    let flags = Value::from_i32(0x11c);
    let shown = vm.call_bound(&method, object, Args { values: std::slice::from_ref(&flags), names: &[] })?;
    if shown.data::<View>().is_none() {
        return Err(vm.type_error("__buffer__ returned non-memoryview object"));
    }
    let of = view(vm, &shown)?;
    let mut made = of.with(of.form.clone());
    if vm.lookup_special(object, &vm.intern("__release_buffer__")).is_some() {
        made.exporter = Some(vm.tuple(vec![object.clone(), shown.clone()]));
    }
    Ok(made)
}

fn release(vm: &Vm, it: &Value) -> R {
    let own: &View = vm.own_data("release", it, &MEMORYVIEW)?;
    if own.let_go()
        && let Some(pair) = own.exporter.as_ref().and_then(|it| it.get::<Tuple>())
        && let Some(method) = vm.lookup_special(&pair.items[0], &vm.intern("__release_buffer__"))
    {
        let args = Args { values: std::slice::from_ref(&pair.items[1]), names: &[] };
        vm.call_bound(&method, &pair.items[0], args)?;
    }
    Ok(NONE)
}

fn get(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__getitem__", args, 1, 1)?;
    let (own, key) = (view(vm, it)?, &values[0]);
    if own.form.shape.is_empty() {
        return match key.get::<Tuple>() {
            Some(tuple) if tuple.items.is_empty() => own.item(vm, own.form.start as usize),
            _ if key.is(&ELLIPSIS) => Ok(it.clone()),
            _ => Err(vm.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if let Some(slice) = key.get::<Slice>() {
        return Ok(vm.custom(&MEMORYVIEW, own.with(own.sliced(vm, slice)?)));
    }
    if let Some(tuple) = key.get::<Tuple>() {
        let is_slice = |it: &Value| it.get::<Slice>().is_some();
        if !tuple.items.is_empty() && tuple.items.iter().all(is_slice) {
            return Err(not_yet(vm, "multi-dimensional slicing is not implemented"));
        }
        if tuple.items.iter().any(|it| is_slice(it) || !is_index(vm, it)) {
            return Err(vm.type_error("memoryview: invalid slice key"));
        }
        return own.item(vm, own.place(vm, &tuple.items)?);
    }
    if !is_index(vm, key) {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    own.only(vm)?;
    let at = own.place(vm, std::slice::from_ref(key))?;
    // To look for an index can have run a program that released the view.
    view(vm, it)?.item(vm, at)
}

fn is_index(vm: &Vm, value: &Value) -> bool {
    vm.as_big(value).is_some() || vm.lookup_special(value, &vm.names.index).is_some()
}

fn set(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__setitem__", args, 2, 2)?;
    let (own, key, value) = (view(vm, it)?, &values[0], &values[1]);
    if own.read_only {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    if own.form.shape.is_empty() {
        let whole = key.is(&ELLIPSIS) || key.get::<Tuple>().is_some_and(|it| it.items.is_empty());
        if !whole {
            return Err(vm.type_error("invalid indexing of 0-dim memory"));
        }
        own.store(vm, own.form.start as usize, value)?;
        return Ok(NONE);
    }
    if let Some(slice) = key.get::<Slice>() {
        if own.form.shape.len() > 1 {
            let message = "memoryview slice assignments are currently restricted to ndim = 1";
            return Err(not_yet(vm, message));
        }
        return set_slice(vm, own, slice, value);
    }
    let at = match key.get::<Tuple>() {
        Some(tuple) if tuple.items.iter().all(|it| is_index(vm, it)) => own.place(vm, &tuple.items)?,
        None if is_index(vm, key) && own.form.shape.len() > 1 => {
            return Err(not_yet(vm, "sub-views are not implemented"));
        }
        None if is_index(vm, key) => own.place(vm, std::slice::from_ref(key))?,
        _ => return Err(vm.type_error("memoryview: invalid slice key")),
    };
    view(vm, it)?.store(vm, at, value)?;
    Ok(NONE)
}

fn set_slice(vm: &Vm, own: &View, slice: &Slice, value: &Value) -> R {
    let from =
        make(vm, value).map_err(|raised| match vm.lookup_special(value, &vm.intern("__buffer__")) {
            None if value.data::<View>().is_none() => {
                vm.pending.set(None);
                let got = vm.type_name(value);
                vm.type_error(format!("a bytes-like object is required, not '{got}'"))
            }
            _ => raised,
        })?;
    let to = own.sliced(vm, slice)?;
    if from.form.shape != to.shape || from.form.letter() != to.letter() {
        return Err(vm.value_error("memoryview assignment: lvalue and rvalue have different structures"));
    }
    let data = from.contents(&from.form);
    if to.is_c() {
        own.write(to.start as usize, &data);
    } else {
        for (at, part) in to.places().into_iter().zip(data.chunks(to.size)) {
            own.write(at, part);
        }
    }
    Ok(NONE)
}

fn equal(vm: &Vm, args: Args<'_>, name: &str, wanted: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let own: &View = vm.own_data(name, it, &MEMORYVIEW)?;
    let other = &values[0];
    if own.released.get() || other.data::<View>().is_some_and(|it| it.released.get()) {
        return Ok(Value::bool(it.is(other) == wanted));
    }
    let Ok(other) = make(vm, other) else {
        vm.pending.set(None);
        return Ok(NOT_IMPLEMENTED);
    };
    Ok(Value::bool(same(vm, own, &other)? == wanted))
}

fn same(vm: &Vm, own: &View, other: &View) -> R<bool> {
    if own.form.shape != other.form.shape {
        return Ok(false);
    }
    if own.form.letter() == other.form.letter() && own.form.letter().is_some_and(|it| !b"fde".contains(&it)) {
        return Ok(own.contents(&own.form) == other.contents(&other.form));
    }
    if own.form.letter().is_none() || other.form.letter().is_none() {
        let bytes = || own.contents(&own.form) == other.contents(&other.form);
        return Ok(own.form.format == other.form.format && &*own.form.format != "w" && bytes());
    }
    for (a, b) in own.form.places().into_iter().zip(other.form.places()) {
        let (a, b) = (own.item(vm, a)?, other.item(vm, b)?);
        // What is equal to itself only by being the same object is not: NaN.
        if !vm.equal(&a, &b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hash(vm: &Vm, args: Args<'_>) -> R {
    let own = view(vm, method(vm, "__hash__", args, 0, 0)?.0)?;
    if !own.read_only {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !own.form.letter().is_some_and(is_byte) {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    vm.hash(&own.shown)?;
    Ok(vm.int(vm.hash(&vm.bytes(own.contents(&own.form)))?))
}

/// The receiver, and the arguments behind it.
fn receiver<'a>(vm: &Vm, args: Args<'a>) -> R<(&'a View, Args<'a>)> {
    match args.values.split_first() {
        Some((it, values)) => Ok((view(vm, it)?, Args { values, names: args.names })),
        None => Err(vm.type_error("unbound method of memoryview needs an argument")),
    }
}

/// `cast(format, [shape])`
fn cast(vm: &Vm, args: Args<'_>) -> R {
    let (own, args) = receiver(vm, args)?;
    let [format, shape] = parse(vm, "cast", args, ["format", "shape"], 1)?;
    let format = match format {
        Some(format) if format.get::<Str>().is_some() => vm.text_of(format),
        other => {
            let got = other.map(|it| vm.type_name(it)).unwrap_or_default();
            return Err(vm.type_error(format!("cast() argument 'format' must be str, not {got}")));
        }
    };
    if !own.form.is_c() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    if (shape.is_some() || own.form.shape.len() != 1) && own.form.count() == 0 {
        return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let shape = match shape {
        None => None,
        Some(shape) => match (shape.get::<List>(), shape.get::<Tuple>()) {
            (Some(list), _) => Some(list.snapshot()),
            (None, Some(tuple)) => Some(tuple.items.to_vec()),
            (None, None) => return Err(vm.type_error("shape must be a list or a tuple")),
        },
    };
    if let Some(shape) = &shape {
        if shape.len() > 64 {
            return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
        }
        if own.form.shape.len() != 1 && shape.len() != 1 {
            return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
        }
    }
    let wrong = |which: &str| {
        vm.value_error(format!(
            "memoryview: {which} format must be a native single character format prefixed with an optional '@'"
        ))
    };
    let Some(from) = own.form.letter() else { return Err(wrong("source")) };
    let Some(to) = native_letter(&format) else { return Err(wrong("destination")) };
    if !is_byte(from) && !is_byte(to) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let (size, len) = (structs::size_of(vm, &vm.str(&format))?, own.form.count() * own.form.size);
    if len % size != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let shape = match shape {
        None => vec![len / size],
        Some(shape) => shape_of(vm, &shape, size, len)?,
    };
    Ok(vm.custom(&MEMORYVIEW, own.with(Form::packed(format.as_str().into(), size, own.form.start, shape))))
}

fn shape_of(vm: &Vm, given: &[Value], size: usize, len: usize) -> R<Vec<usize>> {
    let mut product = size;
    let mut shape = Vec::with_capacity(given.len());
    for value in given {
        if vm.as_big(value).is_none() {
            return Err(vm.type_error("memoryview.cast(): elements of shape must be integers"));
        }
        match usize::try_from(super::native::ssize(vm, value)?) {
            Ok(len) if len > 0 => {
                product = product
                    .checked_mul(len)
                    .filter(|&it| isize::try_from(it).is_ok())
                    .ok_or_else(|| vm.value_error("memoryview.cast(): product(shape) > SSIZE_MAX"))?;
                shape.push(len);
            }
            _ => return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0")),
        }
    }
    match product == len {
        true => Ok(shape),
        false => Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size")),
    }
}

fn tobytes(vm: &Vm, args: Args<'_>) -> R {
    let (own, args) = receiver(vm, args)?;
    let [order] = parse(vm, "tobytes", args, ["order"], 0)?;
    let order = match order.filter(|it| !it.is_none()) {
        None => "C".to_owned(),
        Some(order) if order.get::<Str>().is_some() => vm.text_of(order),
        Some(order) => {
            let got = vm.type_name(order);
            let message = format!("tobytes() argument 'order' must be str or None, not {got}");
            return Err(vm.type_error(message));
        }
    };
    let fortran = match order.as_str() {
        "C" => false,
        "F" => true,
        "A" => own.form.is_fortran() && !own.form.is_c(),
        _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
    };
    let form = if fortran { own.form.turned() } else { own.form.clone() };
    Ok(vm.bytes(own.contents(&form)))
}

fn find(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "index", args, 1, 3)?;
    let own = view(vm, it)?;
    let (len, stride) = own.only(vm)?;
    let cut = |value: Option<&Value>, default: i64| -> R<i64> {
        let at = value.map_or(Ok(default), |it| super::native::near_index(vm, it))?;
        Ok(if at < 0 { (at + len as i64).max(0) } else { at.min(len as i64) })
    };
    let (start, stop) = (cut(values.get(1), 0)?, cut(values.get(2), i64::MAX)?);
    for at in start..stop {
        let item = own.item(vm, (own.form.start + at as isize * stride) as usize)?;
        if item.is(&values[0]) || vm.equal(&item, &values[0])? {
            return Ok(vm.int(at));
        }
    }
    Err(vm.value_error("memoryview.index(x): x not found"))
}

/// `_from_flags(object, flags)`
fn from_flags(vm: &Vm, args: Args<'_>) -> R {
    let (_, values) = method(vm, "_from_flags", args, 2, 2)?;
    Ok(vm.custom(&MEMORYVIEW, make(vm, &values[0])?))
}

pub(crate) static MEMORYVIEW: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let args = Args { values: args.values.get(1..).unwrap_or_default(), names: args.names };
            let [object] = parse_most(vm, "memoryview", args, ["object"], 1, 1)?;
            Ok(vm.custom(&MEMORYVIEW, make(vm, object.unwrap_or(&NONE))?))
        }),
        ("__buffer__", |vm, args| {
            let (it, _) = method(vm, "__buffer__", args, 1, 1)?;
            let own = view(vm, it)?;
            Ok(vm.custom(&MEMORYVIEW, own.with(own.form.clone())))
        }),
        ("__release_buffer__", |vm, args| {
            let (_, values) = method(vm, "__release_buffer__", args, 1, 1)?;
            match values[0].data::<View>() {
                Some(_) => release(vm, &values[0]),
                None => Err(vm.type_error("expected a memoryview object")),
            }
        }),
        ("__len__", |vm, args| {
            let own = view(vm, method(vm, "__len__", args, 0, 0)?.0)?;
            match own.form.shape.first() {
                Some(&len) => Ok(vm.int_of_usize(len)),
                None => Err(vm.type_error("0-dim memory has no length")),
            }
        }),
        ("__getitem__", get),
        ("__setitem__", set),
        ("__delitem__", |vm, args| {
            let own = view(vm, method(vm, "__delitem__", args, 1, 1)?.0)?;
            let message =
                if own.read_only { "cannot modify read-only memory" } else { "cannot delete memory" };
            Err(vm.type_error(message))
        }),
        ("__iter__", |vm, args| {
            let (it, _) = method(vm, "__iter__", args, 0, 0)?;
            view(vm, it)?.only(vm)?;
            Ok(vm.custom(&ITER, Iter { of: it.clone(), at: Cell::new(0) }))
        }),
        ("__eq__", |vm, args| equal(vm, args, "__eq__", true)),
        ("__ne__", |vm, args| equal(vm, args, "__ne__", false)),
        ("__hash__", hash),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let own: &View = vm.own_data("__repr__", it, &MEMORYVIEW)?;
            let released = if own.released.get() { "released " } else { "" };
            Ok(vm.str(&format!("<{released}memory at {:#x}>", it.word())))
        }),
        ("__enter__", |vm, args| {
            let (it, _) = method(vm, "__enter__", args, 0, 0)?;
            view(vm, it).map(|_| it.clone())
        }),
        ("__exit__", |vm, args| release(vm, method(vm, "__exit__", args, 0, 3)?.0)),
        ("__reduce_ex__", |vm, _| Err(vm.type_error("cannot pickle memoryview objects"))),
        ("release", |vm, args| release(vm, method(vm, "release", args, 0, 0)?.0)),
        ("cast", cast),
        ("tobytes", tobytes),
        ("tolist", |vm, args| {
            let own = view(vm, method(vm, "tolist", args, 0, 0)?.0)?;
            own.list(vm, 0, own.form.start)
        }),
        ("toreadonly", |vm, args| {
            let own = view(vm, method(vm, "toreadonly", args, 0, 0)?.0)?;
            let mut made = own.with(own.form.clone());
            made.read_only = true;
            Ok(vm.custom(&MEMORYVIEW, made))
        }),
        ("hex", |vm, args| {
            let (own, args) = receiver(vm, args)?;
            let data = vm.bytes(own.contents(&own.form));
            vm.call(&vm.get_attribute(&data, &vm.intern("hex"))?, args)
        }),
        ("index", find),
        ("count", |vm, args| {
            let (it, values) = method(vm, "count", args, 1, 1)?;
            let own = view(vm, it)?;
            own.only(vm)?;
            let mut count = 0;
            for at in own.form.places() {
                let item = own.item(vm, at)?;
                count += i64::from(item.is(&values[0]) || vm.equal(&item, &values[0])?);
            }
            Ok(vm.int(count))
        }),
    ],
    class_methods: &[("__class_getitem__", alias), ("_from_flags", from_flags)],
    attributes: ATTRIBUTES,
    doc: "Create a new memoryview object which references the given object.",
    ..Spec::new(Own::Memoryview, "memoryview")
};

const ATTRIBUTES: &[(&str, Access)] = &[
    ("obj", read_only(|vm, it| Ok(view(vm, it)?.shown.clone()))),
    ("nbytes", read_only(|vm, it| view(vm, it).map(|it| vm.int_of_usize(it.form.count() * it.form.size)))),
    ("readonly", read_only(|vm, it| Ok(Value::bool(view(vm, it)?.read_only)))),
    ("itemsize", read_only(|vm, it| Ok(vm.int_of_usize(view(vm, it)?.form.size)))),
    ("format", read_only(|vm, it| Ok(vm.str(&view(vm, it)?.form.format)))),
    ("ndim", read_only(|vm, it| Ok(vm.int_of_usize(view(vm, it)?.form.shape.len())))),
    (
        "shape",
        read_only(|vm, it| {
            Ok(vm.tuple(view(vm, it)?.form.shape.iter().map(|&len| vm.int_of_usize(len)).collect()))
        }),
    ),
    (
        "strides",
        read_only(|vm, it| {
            Ok(vm.tuple(view(vm, it)?.form.strides.iter().map(|&step| vm.int(step as i64)).collect()))
        }),
    ),
    ("suboffsets", read_only(|vm, it| view(vm, it).map(|_| vm.tuple(Vec::new())))),
    ("c_contiguous", read_only(|vm, it| Ok(Value::bool(view(vm, it)?.form.is_c())))),
    ("f_contiguous", read_only(|vm, it| Ok(Value::bool(view(vm, it)?.form.is_fortran())))),
    (
        "contiguous",
        read_only(|vm, it| {
            let form = &view(vm, it)?.form;
            Ok(Value::bool(form.is_c() || form.is_fortran()))
        }),
    ),
];

struct Iter {
    of: Value,
    at: Cell<usize>,
}

impl Data for Iter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.of);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let own = match view(vm, &self.of) {
            Ok(own) => own,
            Err(raised) => return Some(Err(raised)),
        };
        let (len, stride) = match own.only(vm) {
            Ok(only) => only,
            Err(raised) => return Some(Err(raised)),
        };
        let at = self.at.get();
        if at >= len {
            return Some(Ok(None));
        }
        self.at.set(at + 1);
        Some(own.item(vm, (own.form.start + at as isize * stride) as usize).map(Some))
    }
}

static ITER: Spec = Spec {
    methods: &[("__iter__", itself), ("__next__", next_method)],
    ..Spec::new(Own::MemoryIter, "memory_iterator")
};
