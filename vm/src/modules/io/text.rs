//! The memory of text files: what was decoded and not yet read, what was encoded and not yet given on, and the ways that
//! touch nothing else. `_io.TextIOWrapper` derives from it in Python; each of these ways gives up where anything is
//! special, and leaves the call to the Python method that knows all of it.

use super::buffer::Buffer;
use super::stringio::Newline;
use super::{size, spec};
use crate::builtins::method;
use crate::modules::native::{Own, Spec, index, read_only, split_class};
use crate::object::callable::Args;
use crate::object::str::Text;
use crate::object::{Access, Data, Slot, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

/// How text becomes bytes without asking anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Plain {
    /// Somebody has to be asked.
    No,
    Utf8,
    /// Latin-1 (or ASCII, when the flag is set).
    Latin(bool),
}

/// What a text file keeps.
struct Words {
    buffer: Slot,
    /// A `str`: what was decoded.
    decoded: Slot,
    /// How many characters of it were read.
    at: Cell<usize>,
    pending: RefCell<Vec<u8>>,
    newline: Cell<Newline>,
    plain: Cell<Plain>,
    /// May the short ways be gone for writing?
    writes: Cell<bool>,
    /// May they for reading?
    reads: Cell<bool>,
    /// Is every line given on at once?
    lines: Cell<bool>,
    /// Can `tell()` say where it is?
    telling: Cell<bool>,
    most: Cell<usize>,
}

impl Data for Words {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.buffer.visit(see);
        self.decoded.visit(see);
    }

    fn clear(&self) {
        self.buffer.set(None);
    }
}

impl Words {
    fn is_open(&self) -> bool {
        self.buffer.get().is_some_and(|it| it.data::<Buffer>().is_some_and(Buffer::is_open))
    }

    fn left(&self) -> usize {
        self.decoded
            .get()
            .and_then(|it| it.get::<Str>().map(Str::len))
            .unwrap_or(0)
            .saturating_sub(self.at.get())
    }

    fn take(&self, vm: &Vm, count: usize) -> Value {
        let at = self.at.get();
        let Some(decoded) = self.decoded.get() else { return vm.intern("") };
        let Some(text) = decoded.get::<Str>() else { return vm.intern("") };
        let end = (at + count).min(text.len());
        self.at.set(end);
        if at == 0 && end == text.len() {
            return decoded;
        }
        let slice = match &text.text {
            Text::Ascii(text) => Str::new(Text::Ascii(text[at..end].into())),
            Text::Latin(text) => narrow(text[at..end].iter().map(|&it| it.into())),
            Text::Two(text) => narrow(text[at..end].iter().map(|&it| it.into())),
            Text::Four(text) => Str::from_points(&text[at..end]),
        };
        crate::heap::allocate(vm, &vm.types.str, slice)
    }

    /// How long the next line is, where all of it was decoded.
    fn line(&self) -> Option<usize> {
        let at = self.at.get();
        let decoded = self.decoded.get()?;
        let newline = self.newline.get();
        match &decoded.get::<Str>()?.text {
            Text::Ascii(text) | Text::Latin(text) => newline.line(text.get(at..)?),
            Text::Two(text) => newline.line(text.get(at..)?),
            Text::Four(text) => newline.line(text.get(at..)?),
        }
    }
}

fn narrow(points: impl Iterator<Item = u32>) -> Str {
    Str::from_points(&points.collect::<Vec<_>>())
}

fn own<'a>(vm: &Vm, name: &str, it: &'a Value) -> R<&'a Words> {
    vm.own_data(name, it, &SPEC)
}

fn slowly(vm: &Vm, it: &Value, name: &str, values: &[Value]) -> R {
    vm.call_with(&vm.get_attribute(it, &vm.intern(name))?, values)
}

fn quick_line(vm: &Vm, words: &Words) -> Option<Value> {
    if !words.reads.get() {
        return None;
    }
    let length = words.line()?;
    // With `newline=''` a `\r` at the end may be half of an end of a line.
    if words.newline.get() == Newline::Any && length == words.left() {
        return None;
    }
    words.is_open().then(|| words.take(vm, length))
}

fn readline(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "readline", args, 0, 1)?;
    let words = own(vm, "readline", it)?;
    if values.is_empty()
        && let Some(line) = quick_line(vm, words)
    {
        return Ok(line);
    }
    let most = size(vm, values.first())?;
    slowly(vm, it, "_readline", &[most.map_or(Value::from_i32(-1), |it| vm.int_of_usize(it))])
}

fn next(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__next__", args, 0, 0)?;
    let words = own(vm, "__next__", it)?;
    if let Some(readline) = super::overridden(vm, it, "readline") {
        let line = vm.call_bound(&readline, it, Args { values: &[], names: &[] })?;
        return if line.get::<Str>().is_some_and(Str::is_empty) { Err(vm.stop()) } else { Ok(line) };
    }
    match quick_line(vm, words) {
        Some(line) => {
            words.telling.set(false);
            Ok(line)
        }
        None => slowly(vm, it, "_next", &[]),
    }
}

fn write(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "write", args, 1, 1)?;
    let words = own(vm, "write", it)?;
    if let Some(text) = values[0].get::<Str>()
        && words.writes.get()
        && words.plain.get() != Plain::No
        && !words.decoded.is_some()
        && words.pending.borrow().len() + text.len() < words.most.get()
        && words.is_open()
    {
        let data: std::borrow::Cow<'_, [u8]> = match (&text.text, words.plain.get()) {
            (Text::Ascii(text), _) => std::borrow::Cow::Borrowed(text),
            (Text::Latin(text), Plain::Latin(false)) => std::borrow::Cow::Borrowed(text),
            (Text::Latin(_), Plain::Utf8) => text.to_utf8(),
            (Text::Two(points), Plain::Utf8) if !points.iter().any(|it| (0xD800..0xE000).contains(it)) => {
                text.to_utf8()
            }
            _ => return slowly(vm, it, "_write", values),
        };
        if !(words.lines.get() && data.iter().any(|&it| it == b'\n' || it == b'\r')) {
            words.pending.borrow_mut().extend_from_slice(&data);
            return Ok(vm.int_of_usize(text.len()));
        }
    }
    slowly(vm, it, "_write", values)
}

pub(super) static SPEC: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            let words = Words {
                buffer: Slot::default(),
                decoded: Slot::default(),
                at: Cell::new(0),
                pending: RefCell::default(),
                newline: Cell::new(Newline::Universal),
                plain: Cell::new(Plain::No),
                writes: Cell::new(false),
                reads: Cell::new(false),
                lines: Cell::new(false),
                telling: Cell::new(false),
                most: Cell::new(8192),
            };
            Ok(vm.custom_of(class, words))
        }),
        ("readline", readline),
        ("__next__", next),
        ("write", write),
        ("_take", |vm, args| {
            let (it, values) = method(vm, "_take", args, 1, 1)?;
            let count = usize::try_from(index(vm, &values[0])?).unwrap_or(0);
            Ok(own(vm, "_take", it)?.take(vm, count))
        }),
        ("_line_length", |vm, args| {
            let (it, _) = method(vm, "_line_length", args, 0, 0)?;
            Ok(own(vm, "_line_length", it)?.line().map_or(Value::from_i32(-1), |it| vm.int_of_usize(it)))
        }),
        ("_add", |vm, args| {
            // Bytes to be given on; how many there are now.
            let (it, values) = method(vm, "_add", args, 1, 1)?;
            let words = own(vm, "_add", it)?;
            let data = vm.buffer(&values[0])?;
            words.pending.borrow_mut().extend_from_slice(&data);
            let count = words.pending.borrow().len();
            Ok(vm.int_of_usize(count))
        }),
        ("_set_newline", |vm, args| {
            let (it, values) = method(vm, "_set_newline", args, 1, 1)?;
            own(vm, "_set_newline", it)?.newline.set(Newline::of(vm, &values[0])?);
            Ok(NONE)
        }),
        ("_set_plain", |vm, args| {
            // The name of a coding that needs no asking, or anything else.
            let (it, values) = method(vm, "_set_plain", args, 1, 1)?;
            let plain = match &*vm.text_of(&values[0]) {
                "utf-8" => Plain::Utf8,
                "latin-1" => Plain::Latin(false),
                "ascii" => Plain::Latin(true),
                _ => Plain::No,
            };
            own(vm, "_set_plain", it)?.plain.set(plain);
            Ok(NONE)
        }),
    ],
    attributes: &[
        slot!("_buffer", buffer),
        (
            "_decoded",
            Access {
                read: |vm, it| Ok(own(vm, "_decoded", it)?.decoded.get().unwrap_or(NONE)),
                write: Some(|vm, it, value| {
                    let words = own(vm, "_decoded", it)?;
                    words.decoded.set(value.filter(|it| it.get::<Str>().is_some()).cloned());
                    words.at.set(0);
                    Ok(())
                }),
            },
        ),
        bytes!("_pending", |words| words.pending.borrow().clone(), |words, data| *words
            .pending
            .borrow_mut() = data),
        count!("_at", at),
        count!("_most", most),
        flag!("_writes", writes),
        flag!("_reads", reads),
        flag!("_lines", lines),
        flag!("_telling", telling),
        ("_left", read_only(|vm, it| Ok(vm.int_of_usize(own(vm, "_left", it)?.left())))),
        (
            "_waiting",
            read_only(|vm, it| Ok(vm.int_of_usize(own(vm, "_waiting", it)?.pending.borrow().len()))),
        ),
    ],
    ..spec(Own::TextCore, "_io._Text")
};
