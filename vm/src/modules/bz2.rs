//! `_bz2`, on crate bzip2.

use super::native::{Own, Spec, compressed_part, index, parse_most, read_only, split_class};
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::object::{Access, Data};
use crate::value::Value;
use crate::vm::{R, Vm};
use bzip2::{Action, Compress, Compression, Decompress, Status};
use std::cell::{Cell, RefCell};

/// How much output is made room for at once.
const CHUNK: usize = 1 << 15;

pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_type(module, &COMPRESSOR);
    vm.put_type(module, &DECOMPRESSOR);
    Ok(())
}

struct Compressor {
    state: RefCell<Compress>,
    flushed: Cell<bool>,
}

impl Data for Compressor {}

impl Compressor {
    fn run(&self, vm: &Vm, data: &[u8], action: Action) -> R {
        let mut state = self.state.borrow_mut();
        let (mut out, mut at) = (Vec::with_capacity(CHUNK), 0);
        loop {
            out.reserve(CHUNK);
            let before = state.total_in();
            let status = state.compress_vec(&data[at..], &mut out, action);
            at += (state.total_in() - before) as usize;
            match status {
                Ok(Status::StreamEnd) => break,
                Ok(_) if at >= data.len() && matches!(action, Action::Run) => break,
                Ok(_) => {}
                Err(error) => return Err(vm.raise(Exc::OSError, error.to_string())),
            }
        }
        Ok(vm.bytes(out))
    }
}

fn compressor<'a>(vm: &Vm, it: &'a Value) -> R<&'a Compressor> {
    it.data().ok_or_else(|| vm.type_error("descriptor requires a '_bz2.BZ2Compressor' object"))
}

static COMPRESSOR: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            let [level] = parse_most(vm, "BZ2Compressor", args, ["compresslevel"], 0, 1)?;
            let level = level.map_or(Ok(9), |it| index(vm, it))?;
            let level = match u32::try_from(level) {
                Ok(level @ 1..=9) => level,
                _ => return Err(vm.value_error("compresslevel must be between 1 and 9")),
            };
            let state = RefCell::new(Compress::new(Compression::new(level), 0));
            Ok(vm.custom_of(class, Compressor { state, flushed: Cell::new(false) }))
        }),
        ("compress", |vm, args| {
            let (it, values) = method(vm, "compress", args, 1, 1)?;
            let data = vm.buffer(&values[0])?;
            let own = compressor(vm, it)?;
            if own.flushed.get() {
                return Err(vm.value_error("Compressor has been flushed"));
            }
            own.run(vm, &data, Action::Run)
        }),
        ("flush", |vm, args| {
            let (it, _) = method(vm, "flush", args, 0, 0)?;
            let own = compressor(vm, it)?;
            if own.flushed.replace(true) {
                return Err(vm.value_error("Repeated call to flush()"));
            }
            own.run(vm, &[], Action::Finish)
        }),
    ],
    ..Spec::new(Own::Bz2Compressor, "_bz2.BZ2Compressor")
};

struct Decompressor {
    state: RefCell<Decompress>,
    /// What was not looked at yet, as there was too much output; at the end what came behind it.
    rest: RefCell<Vec<u8>>,
    over: Cell<bool>,
    /// Does it want more input?
    hungry: Cell<bool>,
}

impl Data for Decompressor {}

impl Decompressor {
    fn run(&self, vm: &Vm, data: &[u8], most: Option<usize>) -> R {
        let mut all = self.rest.take();
        all.extend_from_slice(data);
        let mut state = self.state.borrow_mut();
        let (mut out, mut at) = (Vec::new(), 0);
        self.hungry.set(false);
        loop {
            let room = most.map_or(CHUNK, |most| (most - out.len()).min(CHUNK));
            if room == 0 {
                break;
            }
            let start = out.len();
            out.resize(start + room, 0);
            let (read, written) = (state.total_in(), state.total_out());
            let status = state.decompress(&all[at..], &mut out[start..]);
            let (read, written) =
                ((state.total_in() - read) as usize, (state.total_out() - written) as usize);
            at += read;
            out.truncate(start + written);
            match status {
                Ok(Status::StreamEnd) => {
                    self.over.set(true);
                    break;
                }
                // Nothing can be made of what there is.
                Ok(_) if written < room && at >= all.len() => {
                    self.hungry.set(true);
                    break;
                }
                Ok(_) if read == 0 && written == 0 => {
                    self.hungry.set(true);
                    break;
                }
                Ok(_) => {}
                Err(_) => return Err(vm.raise(Exc::OSError, "Invalid data stream")),
            }
        }
        all.drain(..at);
        *self.rest.borrow_mut() = all;
        Ok(vm.bytes(out))
    }
}

fn decompressor<'a>(vm: &Vm, it: &'a Value) -> R<&'a Decompressor> {
    it.data().ok_or_else(|| vm.type_error("descriptor requires a '_bz2.BZ2Decompressor' object"))
}

const ATTRIBUTES: &[(&str, Access)] = &[
    ("eof", read_only(|vm, it| Ok(Value::bool(decompressor(vm, it)?.over.get())))),
    ("needs_input", read_only(|vm, it| Ok(Value::bool(decompressor(vm, it)?.hungry.get())))),
    (
        "unused_data",
        read_only(|vm, it| {
            let own = decompressor(vm, it)?;
            Ok(vm.bytes(if own.over.get() { own.rest.borrow().clone() } else { Vec::new() }))
        }),
    ),
];

static DECOMPRESSOR: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            let [] = parse_most(vm, "BZ2Decompressor", args, [], 0, 0)?;
            let made = Decompressor {
                state: RefCell::new(Decompress::new(false)),
                rest: RefCell::default(),
                over: Cell::new(false),
                hungry: Cell::new(true),
            };
            Ok(vm.custom_of(class, made))
        }),
        ("decompress", |vm, args| {
            let (it, data, most) = compressed_part(vm, args)?;
            let own = decompressor(vm, it)?;
            if own.over.get() {
                return Err(vm.raise(Exc::EOFError, "End of stream already reached"));
            }
            let most = most.map_or(Ok(-1), |it| index(vm, it))?;
            own.run(vm, &data, usize::try_from(most).ok())
        }),
    ],
    attributes: ATTRIBUTES,
    ..Spec::new(Own::Bz2Decompressor, "_bz2.BZ2Decompressor")
};
