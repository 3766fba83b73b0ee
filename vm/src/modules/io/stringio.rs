//! `StringIO`: a text in memory.

use super::{closed, overridden, place_of_state, restore_attributes, seek_arguments, size, spec};
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, index, parse, read_only, split_class};
use crate::object::callable::Args;
use crate::object::str::Text;
use crate::object::{Data, Str, Tuple};
use crate::value::{NONE, TRUE, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

const CR: u32 = 13;
const LF: u32 = 10;

/// How lines end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Newline {
    /// Any of the three, which become `\n`.
    Universal,
    /// Any of the three, as they are.
    Any,
    Lf,
    Cr,
    CrLf,
}

impl Newline {
    /// What `newline=` means.
    pub(super) fn of(vm: &Vm, value: &Value) -> R<Newline> {
        if value.is_none() {
            return Ok(Newline::Universal);
        }
        let Some(text) = value.get::<Str>() else {
            let got = vm.type_name(value);
            return Err(vm.type_error(format!("newline must be str or None, not {got}")));
        };
        Ok(match &*text.to_utf8() {
            b"" => Newline::Any,
            b"\n" => Newline::Lf,
            b"\r" => Newline::Cr,
            b"\r\n" => Newline::CrLf,
            _ => {
                let shown = vm.repr_text(value)?;
                return Err(vm.value_error(format!("illegal newline value: {shown}")));
            }
        })
    }

    /// How many of these characters the first line has; `None` where it has no end.
    pub(super) fn line<T: Copy + Into<u32>>(self, points: &[T]) -> Option<usize> {
        let is = |at: usize, what: u32| points.get(at).is_some_and(|&it| it.into() == what);
        match self {
            Newline::Universal | Newline::Lf => {
                points.iter().position(|&it| it.into() == LF).map(|at| at + 1)
            }
            Newline::Cr => points.iter().position(|&it| it.into() == CR).map(|at| at + 1),
            Newline::CrLf => (0..points.len()).find(|&at| is(at, CR) && is(at + 1, LF)).map(|at| at + 2),
            Newline::Any => {
                let at = points.iter().position(|&it| it.into() == LF || it.into() == CR)?;
                Some(if is(at, CR) && is(at + 1, LF) { at + 2 } else { at + 1 })
            }
        }
    }
}

struct Memory {
    points: RefCell<Vec<u32>>,
    at: Cell<usize>,
    newline: Cell<Newline>,
    /// Which ends of lines came: 1 for `\n`, 2 for `\r`, 4 for both.
    seen: Cell<u8>,
    closed: Cell<bool>,
}

impl Data for Memory {}

impl Memory {
    fn check(&self, vm: &Vm) -> R<()> {
        if self.closed.get() { Err(closed(vm)) } else { Ok(()) }
    }

    fn take(&self, vm: &Vm, most: Option<usize>) -> Value {
        let at = self.at.get();
        let points = self.points.borrow();
        let left = points.get(at..).unwrap_or_default();
        let taken = &left[..most.unwrap_or(left.len()).min(left.len())];
        self.at.set(at + taken.len());
        vm.str_of_points(taken)
    }

    fn line(&self, vm: &Vm, most: Option<usize>) -> Value {
        let length = {
            let points = self.points.borrow();
            let left = points.get(self.at.get()..).unwrap_or_default();
            let left = &left[..most.unwrap_or(left.len()).min(left.len())];
            self.newline.get().line(left).unwrap_or(left.len())
        };
        self.take(vm, Some(length))
    }

    /// Notes the ends of lines, and turns them into those that are kept.
    fn translated(&self, points: Vec<u32>) -> Vec<u32> {
        let newline = self.newline.get();
        if newline == Newline::Lf || !points.iter().any(|&it| it == LF || it == CR) {
            return points;
        }
        let mut out = Vec::with_capacity(points.len());
        let mut at = 0;
        while let Some(&point) = points.get(at) {
            let both = point == CR && points.get(at + 1) == Some(&LF);
            match newline {
                Newline::Universal | Newline::Any if point == CR || point == LF => {
                    self.seen.set(
                        self.seen.get()
                            | if both {
                                4
                            } else if point == CR {
                                2
                            } else {
                                1
                            },
                    );
                    match newline {
                        Newline::Universal => out.push(LF),
                        _ => out.extend_from_slice(&points[at..=at + usize::from(both)]),
                    }
                    at += usize::from(both);
                }
                Newline::Cr if point == LF => out.push(CR),
                Newline::CrLf if point == LF => out.extend_from_slice(&[CR, LF]),
                _ => out.push(point),
            }
            at += 1;
        }
        out
    }

    fn put(&self, vm: &Vm, text: &Str) -> R<()> {
        if text.is_empty() {
            return Ok(());
        }
        vm.check_room_of(self.at.get().saturating_add(text.len()), size_of::<u32>())?;
        let added = self.translated(text.points());
        let mut points = self.points.borrow_mut();
        let at = self.at.get();
        if at > points.len() {
            points.resize(at, 0);
        }
        let over = added.len().min(points.len() - at);
        points[at..at + over].copy_from_slice(&added[..over]);
        points.extend_from_slice(&added[over..]);
        self.at.set(at + added.len());
        Ok(())
    }
}

fn own<'a>(vm: &Vm, name: &str, it: &'a Value) -> R<&'a Memory> {
    vm.own_data(name, it, &SPEC)
}

fn open<'a>(vm: &Vm, name: &str, it: &'a Value) -> R<&'a Memory> {
    let memory = own(vm, name, it)?;
    memory.check(vm)?;
    Ok(memory)
}

fn yes(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "readable", args, 0, 0)?;
    open(vm, "readable", it)?;
    Ok(TRUE)
}

/// Makes it hold a text; `newline` is what the program gave.
fn fill(vm: &Vm, memory: &Memory, text: &Value, newline: Newline) -> R<()> {
    if !text.is_none() && text.get::<Str>().is_none() {
        let got = vm.type_name(text);
        return Err(vm.type_error(format!("initial_value must be str or None, not {got}")));
    }
    memory.points.borrow_mut().clear();
    memory.newline.set(newline);
    memory.seen.set(0);
    memory.at.set(0);
    memory.closed.set(false);
    if let Some(text) = text.get::<Str>() {
        memory.put(vm, text)?;
    }
    memory.at.set(0);
    Ok(())
}

fn init(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else { return Err(vm.type_error("no object")) };
    let memory = own(vm, "__init__", it)?;
    let names = ["initial_value", "newline"];
    let [initial, newline] = parse(vm, "StringIO", Args { values, names: args.names }, names, 0)?;
    let newline = newline.map_or(Ok(Newline::Lf), |it| Newline::of(vm, it))?;
    fill(vm, memory, initial.unwrap_or(&NONE), newline)?;
    Ok(NONE)
}

fn seek(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "seek", args, 1, 2)?;
    let memory = open(vm, "seek", it)?;
    let (place, whence) = seek_arguments(vm, values)?;
    if !(0..=2).contains(&whence) {
        return Err(vm.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)")));
    }
    if whence == 0 && place < 0 {
        return Err(vm.value_error(format!("Negative seek position {place}")));
    }
    if whence != 0 && place != 0 {
        return Err(vm.raise(Exc::OSError, "Can't do nonzero cur-relative seeks"));
    }
    let to = match whence {
        0 => place as usize,
        1 => memory.at.get(),
        _ => memory.points.borrow().len(),
    };
    memory.at.set(to);
    Ok(vm.int_of_usize(to))
}

fn truncate(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "truncate", args, 0, 1)?;
    let memory = open(vm, "truncate", it)?;
    let to = match values.first().filter(|it| !it.is_none()) {
        Some(to) => index(vm, to)?,
        None => memory.at.get() as i64,
    };
    if to < 0 {
        return Err(vm.value_error(format!("Negative size value {to}")));
    }
    memory.points.borrow_mut().truncate(to as usize);
    Ok(vm.int(to))
}

fn getstate(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__getstate__", args, 0, 0)?;
    let memory = open(vm, "__getstate__", it)?;
    let newline = match memory.newline.get() {
        Newline::Universal => NONE,
        Newline::Any => vm.intern(""),
        Newline::Lf => vm.intern("\n"),
        Newline::Cr => vm.intern("\r"),
        Newline::CrLf => vm.intern("\r\n"),
    };
    let text = vm.str_of_points(&memory.points.borrow());
    let state = vm.object_state(it)?;
    Ok(vm.tuple(vec![text, newline, vm.int_of_usize(memory.at.get()), state]))
}

fn setstate(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "__setstate__", args, 1, 1)?;
    let memory = open(vm, "__setstate__", it)?;
    let Some(state) = values[0].get::<Tuple>().filter(|it| it.items.len() >= 4) else {
        let (own, got) = (vm.type_name(it), vm.type_name(&values[0]));
        return Err(vm.type_error(format!("{own}.__setstate__ argument should be 4-tuple, got {got}")));
    };
    let newline = Newline::of(vm, &state.items[1])?;
    // The text is what was kept: it is not translated again.
    fill(vm, memory, &NONE, newline)?;
    match state.items[0].get::<Str>() {
        Some(text) => *memory.points.borrow_mut() = text.points(),
        None => {
            let got = vm.type_name(&state.items[0]);
            return Err(vm.type_error(format!("initial_value must be str or None, not {got}")));
        }
    }
    memory.at.set(place_of_state(vm, &state.items[2], "third item of state must be an integer, got")?);
    restore_attributes(vm, it, &state.items[3], "fourth")?;
    Ok(NONE)
}

/// What `newlines` shows of the ends of lines that came.
pub(super) fn newlines(vm: &Vm, seen: u8) -> Value {
    let all = [(2, "\r"), (1, "\n"), (4, "\r\n")];
    let found: Vec<Value> = all.iter().filter(|it| seen & it.0 != 0).map(|it| vm.intern(it.1)).collect();
    match found.as_slice() {
        [] => NONE,
        [one] => one.clone(),
        _ => vm.tuple(found),
    }
}

pub(super) static SPEC: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            let memory = Memory {
                points: RefCell::default(),
                at: Cell::new(0),
                newline: Cell::new(Newline::Lf),
                seen: Cell::new(0),
                closed: Cell::new(false),
            };
            Ok(vm.custom_of(class, memory))
        }),
        ("__init__", init),
        ("write", |vm, args| {
            let (it, values) = method(vm, "write", args, 1, 1)?;
            let memory = own(vm, "write", it)?;
            let Some(text) = values[0].get::<Str>() else {
                let got = vm.type_name(&values[0]);
                return Err(vm.type_error(format!("string argument expected, got '{got}'")));
            };
            memory.check(vm)?;
            match &text.text {
                // What programs do most: plain text at the end.
                Text::Ascii(bytes)
                    if memory.newline.get() == Newline::Lf
                        && memory.at.get() == memory.points.borrow().len() =>
                {
                    memory.points.borrow_mut().extend(bytes.iter().map(|&it| u32::from(it)));
                    memory.at.set(memory.at.get() + bytes.len());
                }
                _ => memory.put(vm, text)?,
            }
            Ok(vm.int_of_usize(text.len()))
        }),
        ("read", |vm, args| {
            let (it, values) = method(vm, "read", args, 0, 1)?;
            let most = size(vm, values.first())?;
            Ok(open(vm, "read", it)?.take(vm, most))
        }),
        ("readline", |vm, args| {
            let (it, values) = method(vm, "readline", args, 0, 1)?;
            let most = size(vm, values.first())?;
            Ok(open(vm, "readline", it)?.line(vm, most))
        }),
        ("__next__", |vm, args| {
            let (it, _) = method(vm, "__next__", args, 0, 0)?;
            let line = match overridden(vm, it, "readline") {
                Some(readline) => vm.call_bound(&readline, it, Args { values: &[], names: &[] })?,
                None => open(vm, "__next__", it)?.line(vm, None),
            };
            if line.get::<Str>().is_some_and(Str::is_empty) { Err(vm.stop()) } else { Ok(line) }
        }),
        ("getvalue", |vm, args| {
            let (it, _) = method(vm, "getvalue", args, 0, 0)?;
            let memory = open(vm, "getvalue", it)?;
            Ok(vm.str_of_points(&memory.points.borrow()))
        }),
        ("seek", seek),
        ("tell", |vm, args| {
            let (it, _) = method(vm, "tell", args, 0, 0)?;
            Ok(vm.int_of_usize(open(vm, "tell", it)?.at.get()))
        }),
        ("truncate", truncate),
        ("readable", yes),
        ("writable", yes),
        ("seekable", yes),
        ("close", |vm, args| {
            let (it, _) = method(vm, "close", args, 0, 0)?;
            let memory = own(vm, "close", it)?;
            memory.closed.set(true);
            *memory.points.borrow_mut() = Vec::new();
            Ok(NONE)
        }),
        ("__getstate__", getstate),
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
    attributes: &[
        ("closed", read_only(|vm, it| Ok(Value::bool(own(vm, "closed", it)?.closed.get())))),
        ("line_buffering", read_only(|vm, it| open(vm, "line_buffering", it).map(|_| Value::bool(false)))),
        (
            "newlines",
            read_only(|vm, it| {
                let memory = open(vm, "newlines", it)?;
                Ok(newlines(vm, memory.seen.get()))
            }),
        ),
    ],
    ..spec(Own::StringIO, "_io.StringIO")
};
