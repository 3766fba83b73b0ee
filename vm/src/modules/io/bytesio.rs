//! `BytesIO`: a file in memory. Its bytes are in a `bytearray`, which `getbuffer()` shows.

use super::{
    buffer_size, closed, fill_buffer, overflow, overridden, place_of_state, restore_attributes,
    seek_arguments, size, spec,
};
use crate::builtins::method;
use crate::modules::native::{Own, Spec, index, parse, read_only, split_class};
use crate::object::callable::Args;
use crate::object::{Bytearray, Data, Str, Tuple};
use crate::value::{NONE, TRUE, Value};
use crate::vm::{R, Vm};
use std::cell::Cell;

struct Memory {
    /// A `bytearray`; nothing once it is closed.
    data: crate::object::Slot,
    at: Cell<usize>,
}

impl Data for Memory {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.data.visit(see);
    }
}

impl Memory {
    /// Looks at the bytes, where it is open.
    fn with<T>(&self, vm: &Vm, look: impl FnOnce(&mut Vec<u8>) -> T) -> R<T> {
        let data = self.data.get().ok_or_else(|| closed(vm))?;
        match data.get::<Bytearray>() {
            Some(array) => Ok(look(&mut array.data.borrow_mut())),
            None => Err(closed(vm)),
        }
    }

    /// May it change? Not while somebody looks at its memory (`getbuffer`).
    fn check_exports(&self, vm: &Vm) -> R<()> {
        match self.data.get().as_ref().and_then(|it| it.get::<Bytearray>()) {
            Some(array) => vm.check_exports(array),
            None => Ok(()),
        }
    }

    /// The next bytes, at most so many; they are behind it afterwards.
    fn take(&self, vm: &Vm, most: Option<usize>) -> R<Vec<u8>> {
        let at = self.at.get();
        let taken = self.with(vm, |data| {
            let left = data.get(at..).unwrap_or_default();
            left[..most.unwrap_or(left.len()).min(left.len())].to_vec()
        })?;
        self.at.set(at + taken.len());
        Ok(taken)
    }

    /// The same, as a `bytes`.
    fn take_value(&self, vm: &Vm, most: Option<usize>) -> R {
        let at = self.at.get();
        let data = self.data.get().ok_or_else(|| closed(vm))?;
        let Some(array) = data.get::<Bytearray>() else { return Err(closed(vm)) };
        let data = array.data.borrow();
        let left = data.get(at..).unwrap_or_default();
        let taken = &left[..most.unwrap_or(left.len()).min(left.len())];
        self.at.set(at + taken.len());
        Ok(vm.bytes_from(taken))
    }

    fn line(&self, vm: &Vm, most: Option<usize>) -> R<Vec<u8>> {
        let at = self.at.get();
        let length = self.with(vm, |data| {
            let left = data.get(at..).unwrap_or_default();
            let left = &left[..most.unwrap_or(left.len()).min(left.len())];
            memchr(left).map_or(left.len(), |end| end + 1)
        })?;
        self.take(vm, Some(length))
    }

    fn put(&self, vm: &Vm, bytes: &[u8]) -> R<()> {
        let at = self.at.get();
        self.check_exports(vm)?;
        if !bytes.is_empty() {
            vm.check_room(at)?;
        }
        self.with(vm, |data| {
            if bytes.is_empty() {
                return;
            }
            if at > data.len() {
                data.resize(at, 0);
            }
            let over = bytes.len().min(data.len() - at);
            data[at..at + over].copy_from_slice(&bytes[..over]);
            data.extend_from_slice(&bytes[over..]);
        })?;
        self.at.set(at + bytes.len());
        Ok(())
    }
}

/// Where the first line ends.
fn memchr(data: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', data)
}

fn own<'a>(vm: &Vm, name: &str, it: &'a Value) -> R<&'a Memory> {
    vm.own_data(name, it, &SPEC)
}

fn yes(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "readable", args, 0, 0)?;
    own(vm, "readable", it)?.with(vm, |_| TRUE)
}

fn read(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "read", args, 0, 1)?;
    let memory = own(vm, "read", it)?;
    let most = size(vm, values.first())?;
    memory.take_value(vm, most)
}

fn readinto(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "readinto", args, 1, 1)?;
    let memory = own(vm, "readinto", it)?;
    memory.with(vm, |_| ())?;
    let data = memory.take(vm, Some(buffer_size(vm, &values[0])?))?;
    fill_buffer(vm, &values[0], &data)?;
    Ok(vm.int_of_usize(data.len()))
}

fn next(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__next__", args, 0, 0)?;
    let line = own(vm, "__next__", it)?.line(vm, None)?;
    if line.is_empty() { Err(vm.stop()) } else { Ok(vm.bytes(line)) }
}

fn write(vm: &Vm, memory: &Memory, value: &Value) -> R<usize> {
    memory.with(vm, |_| ())?;
    if value.get::<Str>().is_some() {
        return Err(vm.type_error("a bytes-like object is required, not 'str'"));
    }
    let bytes = vm.buffer(value)?;
    memory.put(vm, &bytes)?;
    Ok(bytes.len())
}

fn init(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else { return Err(vm.type_error("no object")) };
    let memory = own(vm, "__init__", it)?;
    let [initial] = parse(vm, "BytesIO", Args { values, names: args.names }, ["initial_bytes"], 0)?;
    let data = match initial.filter(|it| !it.is_none()) {
        Some(initial) if initial.get::<Str>().is_some() => {
            return Err(vm.type_error("a bytes-like object is required, not 'str'"));
        }
        Some(initial) => vm.buffer(initial)?.into_owned(),
        None => Vec::new(),
    };
    memory.data.set(Some(vm.bytearray(data)));
    memory.at.set(0);
    Ok(NONE)
}

fn seek(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "seek", args, 1, 2)?;
    let memory = own(vm, "seek", it)?;
    let (place, whence) = seek_arguments(vm, values)?;
    let len = memory.with(vm, |data| data.len())?;
    let base = match whence {
        0 if place < 0 => return Err(vm.value_error(format!("negative seek value {place}"))),
        0 => 0,
        1 => memory.at.get() as i64,
        2 => len as i64,
        _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let to = base.checked_add(place).ok_or_else(|| overflow(vm))?.max(0);
    memory.at.set(to as usize);
    Ok(vm.int(to))
}

fn truncate(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "truncate", args, 0, 1)?;
    let memory = own(vm, "truncate", it)?;
    memory.with(vm, |_| ())?;
    let to = match values.first().filter(|it| !it.is_none()) {
        Some(to) => index(vm, to)?,
        None => memory.at.get() as i64,
    };
    if to < 0 {
        return Err(vm.value_error(format!("negative size value {to}")));
    }
    memory.check_exports(vm)?;
    memory.with(vm, |data| data.truncate(to as usize))?;
    Ok(vm.int(to))
}

fn setstate(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__setstate__", args, 1, 1)?;
    let memory = own(vm, "__setstate__", it)?;
    let Some(state) = values[0].get::<Tuple>().filter(|it| it.items.len() >= 3) else {
        let (own, got) = (vm.type_name(it), vm.type_name(&values[0]));
        return Err(vm.type_error(format!("{own}.__setstate__ argument should be 3-tuple, got {got}")));
    };
    memory.check_exports(vm)?;
    let data = vm.buffer(&state.items[0])?.into_owned();
    let at = place_of_state(vm, &state.items[1], "second item of state must be an integer, not")?;
    memory.data.set(Some(vm.bytearray(data)));
    memory.at.set(at);
    restore_attributes(vm, it, &state.items[2], "third")?;
    Ok(NONE)
}

pub(super) static SPEC: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            let data = crate::object::Slot::new(Some(vm.bytearray(Vec::new())));
            Ok(vm.custom_of(class, Memory { data, at: Cell::new(0) }))
        }),
        ("__init__", init),
        ("read", read),
        ("read1", read),
        ("readinto", readinto),
        ("readinto1", readinto),
        ("readline", |vm, args| {
            let (it, values) = method(vm, "readline", args, 0, 1)?;
            let memory = own(vm, "readline", it)?;
            let most = size(vm, values.first())?;
            Ok(vm.bytes(memory.line(vm, most)?))
        }),
        ("readlines", |vm, args| {
            let (it, values) = method(vm, "readlines", args, 0, 1)?;
            let memory = own(vm, "readlines", it)?;
            memory.with(vm, |_| ())?;
            let most = size(vm, values.first())?.filter(|it| *it > 0);
            let (mut lines, mut count) = (Vec::new(), 0);
            loop {
                let line = memory.line(vm, None)?;
                if line.is_empty() {
                    break;
                }
                count += line.len();
                lines.push(vm.bytes(line));
                if most.is_some_and(|most| count >= most) {
                    break;
                }
            }
            Ok(vm.list(lines))
        }),
        ("__next__", |vm, args| match args.values.first().and_then(|it| overridden(vm, it, "readline")) {
            Some(readline) => {
                let (it, _) = method(vm, "__next__", args, 0, 0)?;
                let line = vm.call_bound(&readline, it, Args { values: &[], names: &[] })?;
                if vm.truth(&line)? { Ok(line) } else { Err(vm.stop()) }
            }
            None => next(vm, args),
        }),
        ("write", |vm, args| {
            let (it, values) = method(vm, "write", args, 1, 1)?;
            Ok(vm.int_of_usize(write(vm, own(vm, "write", it)?, &values[0])?))
        }),
        ("seek", seek),
        ("tell", |vm, args| {
            let (it, _) = method(vm, "tell", args, 0, 0)?;
            let memory = own(vm, "tell", it)?;
            memory.with(vm, |_| ())?;
            Ok(vm.int_of_usize(memory.at.get()))
        }),
        ("truncate", truncate),
        ("getvalue", |vm, args| {
            let (it, _) = method(vm, "getvalue", args, 0, 0)?;
            let data = own(vm, "getvalue", it)?.with(vm, |data| data.clone())?;
            Ok(vm.bytes(data))
        }),
        ("getbuffer", |vm, args| {
            let (it, _) = method(vm, "getbuffer", args, 0, 0)?;
            let data = own(vm, "getbuffer", it)?.data.get().ok_or_else(|| closed(vm))?;
            vm.call_with(&vm.memoryview_type(), &[data])
        }),
        ("readable", yes),
        ("writable", yes),
        ("seekable", yes),
        ("isatty", |vm, args| {
            let (it, _) = method(vm, "isatty", args, 0, 0)?;
            own(vm, "isatty", it)?.with(vm, |_| Value::bool(false))
        }),
        ("flush", |vm, args| {
            let (it, _) = method(vm, "flush", args, 0, 0)?;
            own(vm, "flush", it)?.with(vm, |_| NONE)
        }),
        ("close", |vm, args| {
            let (it, _) = method(vm, "close", args, 0, 0)?;
            let memory = own(vm, "close", it)?;
            memory.check_exports(vm)?;
            memory.data.set(None);
            Ok(NONE)
        }),
        ("__getstate__", |vm, args| {
            let (it, _) = method(vm, "__getstate__", args, 0, 0)?;
            let memory = own(vm, "__getstate__", it)?;
            let data = memory.with(vm, |data| data.clone())?;
            let state = vm.object_state(it)?;
            Ok(vm.tuple(vec![vm.bytes(data), vm.int_of_usize(memory.at.get()), state]))
        }),
        ("__setstate__", setstate),
        ("__del__", |vm, args| {
            // Only what a class of a program says of closing can be seen.
            if let Some(it) = args.values.first()
                && let Some(close) = overridden(vm, it, "close")
                && vm.call_bound(&close, it, Args { values: &[], names: &[] }).is_err()
            {
                vm.pending.set(None);
            }
            Ok(NONE)
        }),
    ],
    attributes: &[("closed", read_only(|vm, it| Ok(Value::bool(!own(vm, "closed", it)?.data.is_some()))))],
    ..spec(Own::BytesIO, "_io.BytesIO")
};
