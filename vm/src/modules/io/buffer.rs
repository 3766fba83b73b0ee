//! The memory of buffered files: what was read ahead, what is still to be written, and the ways that touch nothing else.
//! `_io.BufferedReader` and its kin derive from it in Python; each of these ways gives up where anything is special, and
//! leaves the call to the Python method that knows all of it.

use super::{closed, size, spec};
use crate::builtins::method;
use crate::interp::system;
use crate::modules::native::{Own, Spec, index, read_only, split_class};
use crate::object::callable::Args;
use crate::object::{Access, Bytes, Data, Slot};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

/// The number of an open file; -1 when it is closed.
pub(super) struct File(Cell<i32>);

impl Data for File {}

fn set_number(vm: &Vm, it: &Value, value: Option<&Value>) -> R<()> {
    let file: &File = vm.own_data("_fd", it, &FILE)?;
    let number = value.map_or(Ok(-1), |it| index(vm, it))?;
    file.0.set(i32::try_from(number).unwrap_or(-1));
    Ok(())
}

pub(super) static FILE: Spec = Spec {
    methods: &[("__new__", |vm, args| {
        let (class, _) = split_class(vm, args)?;
        Ok(vm.custom_of(class, File(Cell::new(-1))))
    })],
    attributes: &[
        (
            "_fd",
            Access {
                read: |vm, it| {
                    let file: &File = vm.own_data("_fd", it, &FILE)?;
                    Ok(vm.int(file.0.get().into()))
                },
                write: Some(set_number),
            },
        ),
        (
            "closed",
            read_only(|vm, it| {
                let file: &File = vm.own_data("closed", it, &FILE)?;
                Ok(Value::bool(file.0.get() < 0))
            }),
        ),
    ],
    ..spec(Own::FileCore, "_io._File")
};

/// What a buffered file keeps.
#[derive(Default)]
pub(super) struct Buffer {
    raw: Slot,
    ahead: RefCell<Vec<u8>>,
    /// How much of `ahead` was given out.
    at: Cell<usize>,
    pending: RefCell<Vec<u8>>,
    most: Cell<usize>,
    /// May the short ways be gone? No, while a thread is in one of the Python methods.
    free: Cell<bool>,
    reads: Cell<bool>,
    writes: Cell<bool>,
}

impl Data for Buffer {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.raw.visit(see);
    }

    fn clear(&self) {
        self.raw.set(None);
    }
}

impl Buffer {
    /// Is its file one of the system's, and open?
    pub(super) fn is_open(&self) -> bool {
        self.raw.get().is_some_and(|raw| raw.data::<File>().is_some_and(|file| file.0.get() >= 0))
    }

    fn may_read(&self) -> bool {
        self.free.get() && self.reads.get() && self.is_open() && self.pending.borrow().is_empty()
    }

    fn left(&self) -> usize {
        self.ahead.borrow().len() - self.at.get()
    }

    fn take(&self, count: usize) -> Vec<u8> {
        let at = self.at.get();
        let ahead = self.ahead.borrow();
        let end = (at + count).min(ahead.len());
        self.at.set(end);
        ahead[at..end].to_vec()
    }

    fn line(&self) -> Option<Vec<u8>> {
        let end = self.ahead.borrow()[self.at.get()..].iter().position(|&it| it == b'\n')?;
        Some(self.take(end + 1))
    }
}

fn own<'a>(vm: &Vm, name: &str, it: &'a Value) -> R<&'a Buffer> {
    vm.own_data(name, it, &SPEC)
}

/// Calls the Python method that knows everything.
fn slowly(vm: &Vm, it: &Value, name: &str, values: &[Value]) -> R {
    vm.call_with(&vm.get_attribute(it, &vm.intern(name))?, values)
}

fn read(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "read", args, 0, 1)?;
    let buffer = own(vm, "read", it)?;
    match values.first().and_then(|it| vm.as_i64(it)).and_then(|it| usize::try_from(it).ok()) {
        Some(count) if count <= buffer.left() && count > 0 && buffer.may_read() => {
            Ok(vm.bytes(buffer.take(count)))
        }
        _ => slowly(vm, it, "_read", values),
    }
}

fn readline(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "readline", args, 0, 1)?;
    let buffer = own(vm, "readline", it)?;
    let most = size(vm, values.first())?;
    if most.is_none()
        && buffer.may_read()
        && let Some(line) = buffer.line()
    {
        return Ok(vm.bytes(line));
    }
    slowly(vm, it, "_readline", &[most.map_or(Value::from_i32(-1), |it| vm.int_of_usize(it))])
}

fn write(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "write", args, 1, 1)?;
    let buffer = own(vm, "write", it)?;
    if let Some(bytes) = values[0].get::<Bytes>()
        && buffer.free.get()
        && buffer.writes.get()
        && buffer.ahead.borrow().is_empty()
        && buffer.pending.borrow().len() + bytes.data.len() < buffer.most.get()
        && buffer.is_open()
    {
        buffer.pending.borrow_mut().extend_from_slice(&bytes.data);
        return Ok(vm.int_of_usize(bytes.data.len()));
    }
    slowly(vm, it, "_write", values)
}

pub(super) static SPEC: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            Ok(vm.custom_of(class, Buffer::default()))
        }),
        ("read", read),
        ("readline", readline),
        ("__next__", |vm, args| {
            let (it, _) = method(vm, "__next__", args, 0, 0)?;
            let line = match super::overridden(vm, it, "readline") {
                Some(method) => vm.call_bound(&method, it, Args { values: &[], names: &[] })?,
                None => readline(vm, Args { values: std::slice::from_ref(it), names: &[] })?,
            };
            if vm.truth(&line)? { Ok(line) } else { Err(vm.stop()) }
        }),
        ("write", write),
        ("_take", |vm, args| {
            // The next bytes of what was read ahead, at most so many.
            let (it, values) = method(vm, "_take", args, 1, 1)?;
            let count = usize::try_from(index(vm, &values[0])?).unwrap_or(0);
            Ok(vm.bytes(own(vm, "_take", it)?.take(count)))
        }),
        ("_line", |vm, args| {
            // The next line, where all of it was read ahead.
            let (it, _) = method(vm, "_line", args, 0, 0)?;
            Ok(own(vm, "_line", it)?.line().map_or(NONE, |line| vm.bytes(line)))
        }),
        ("_add", |vm, args| {
            // Bytes to be written; how many there are now.
            let (it, values) = method(vm, "_add", args, 1, 1)?;
            let buffer = own(vm, "_add", it)?;
            let data = vm.buffer(&values[0])?;
            buffer.pending.borrow_mut().extend_from_slice(&data);
            let count = buffer.pending.borrow().len();
            Ok(vm.int_of_usize(count))
        }),
        ("_written", |vm, args| {
            // So many of the bytes to be written are.
            let (it, values) = method(vm, "_written", args, 1, 1)?;
            let buffer = own(vm, "_written", it)?;
            let count = usize::try_from(index(vm, &values[0])?).unwrap_or(0);
            let mut pending = buffer.pending.borrow_mut();
            let count = count.min(pending.len());
            pending.drain(..count);
            Ok(NONE)
        }),
        ("_direct", |vm, args| {
            // Reads from a file of the system without its methods; None where that cannot be.
            let (it, values) = method(vm, "_direct", args, 1, 1)?;
            let count = usize::try_from(index(vm, &values[0])?).unwrap_or(0);
            let raw = own(vm, "_direct", it)?.raw.get().unwrap_or(NONE);
            let Some(number) = raw.data::<File>().map(|file| file.0.get()).filter(|it| *it > 0) else {
                return Err(closed(vm));
            };
            vm.check_room(count)?;
            let data = vm.retried(|| {
                let mut data = vec![0; count];
                let count = rustix::io::read(system::file(number), &mut data[..])?;
                data.truncate(count);
                Ok(data)
            })?;
            match data {
                Ok(data) => Ok(vm.bytes(data)),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(NONE),
                Err(error) => Err(vm.os_error(&error, None)),
            }
        }),
    ],
    attributes: &[
        slot!("_raw", raw),
        flag!("_free", free),
        flag!("_reads", reads),
        flag!("_writes", writes),
        bytes!("_ahead", |buffer| buffer.ahead.borrow()[buffer.at.get()..].to_vec(), |buffer, data| {
            *buffer.ahead.borrow_mut() = data;
            buffer.at.set(0);
        }),
        bytes!("_pending", |buffer| buffer.pending.borrow().clone(), |buffer, data| *buffer
            .pending
            .borrow_mut() = data),
        ("_left", read_only(|vm, it| Ok(vm.int_of_usize(own(vm, "_left", it)?.left())))),
        (
            "_waiting",
            read_only(|vm, it| Ok(vm.int_of_usize(own(vm, "_waiting", it)?.pending.borrow().len()))),
        ),
        count!("_most", most),
    ],
    ..spec(Own::BufferCore, "_io._Buffer")
};
