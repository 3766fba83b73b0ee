//! What is searched, and parts of it.

use super::machine::{Machine, NONE, Range};
use super::program::Program;
use crate::object::str::Text;
use crate::object::{Bytes, Str};
use crate::value::Value;
use crate::vm::{R, Vm};
use std::borrow::Cow;

/// How the machine sees what is searched.
pub(super) enum Subject<'a> {
    /// One byte for each character.
    Narrow(Cow<'a, [u8]>),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

/// A match that was found.
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    /// The number of the group that matched last; 0 where there is none.
    pub last: usize,
    marks: Box<[usize]>,
}

impl Found {
    /// What the machine has just found.
    pub(super) fn of(machine: &Machine) -> Found {
        let marks = machine.marks[..].into();
        Found { start: machine.start, end: machine.end, last: machine.last, marks }
    }

    /// How many groups there are, the whole among them.
    pub(super) fn groups(&self) -> usize {
        self.marks.len() / 2 + 1
    }

    /// Where the match, or a group of it, starts and ends.
    pub(super) fn place(&self, group: usize) -> Option<(usize, usize)> {
        if group == 0 {
            return Some((self.start, self.end));
        }
        place_of(&self.marks, group)
    }
}

fn place_of(marks: &[usize], group: usize) -> Option<(usize, usize)> {
    let (start, end) = (*marks.get(group * 2 - 2)?, *marks.get(group * 2 - 1)?);
    (start != NONE && end != NONE).then_some((start, end))
}

/// Where the match that the machine has just found, or a group of it, starts and ends.
pub(super) fn place(machine: &Machine, group: usize) -> Option<(usize, usize)> {
    match group {
        0 => Some((machine.start, machine.end)),
        _ => place_of(&machine.marks, group),
    }
}

impl<'a> Subject<'a> {
    /// Of a text or of bytes; for anything else `None`.
    pub(super) fn of(vm: &Vm, value: &'a Value) -> R<Option<Subject<'a>>> {
        if let Some(text) = value.get::<Str>() {
            return Ok(Some(match &text.text {
                Text::Ascii(text) | Text::Latin(text) => Subject::Narrow(Cow::Borrowed(text)),
                Text::Two(text) => Subject::Two(text),
                Text::Four(text) => Subject::Four(text),
            }));
        }
        Ok(vm.buffer_or_none(value)?.map(Subject::Narrow))
    }

    /// How many characters it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Subject::Narrow(bytes) => bytes.len(),
            Subject::Two(text) => text.len(),
            Subject::Four(text) => text.len(),
        }
    }

    fn step(&self, machine: &mut Machine, program: &Program, range: Range, anywhere: bool) -> bool {
        match self {
            Subject::Narrow(bytes) => machine.find(program, bytes, range, anywhere),
            Subject::Two(text) => machine.find(program, text, range, anywhere),
            Subject::Four(text) => machine.find(program, text, range, anywhere),
        }
    }

    /// One try from the start (`anywhere` is false) or a search.
    pub(super) fn find(&self, vm: &Vm, program: &Program, range: Range, anywhere: bool) -> Option<Found> {
        let mut machine = vm.modules_state.matching.take().unwrap_or_default();
        machine.prepare(program);
        let found = self.step(&mut machine, program, range, anywhere).then(|| Found::of(&machine));
        vm.modules_state.matching.set(Some(machine));
        found
    }

    /// Shows one match after the other, until `look` says that it has seen enough.
    pub(super) fn each(
        &self,
        vm: &Vm,
        program: &Program,
        mut range: Range,
        look: &mut dyn FnMut(&Machine) -> R<bool>,
    ) -> R<()> {
        // What looks may run a program, which may match something else.
        let mut machine = vm.modules_state.matching.take().unwrap_or_default();
        machine.prepare(program);
        let mut result = Ok(true);
        while matches!(result, Ok(true)) && self.step(&mut machine, program, range, true) {
            result = look(&machine);
            (range.start, range.advance) = (machine.end, machine.start == machine.end);
        }
        vm.modules_state.matching.set(Some(machine));
        result.map(|_| ())
    }
}

/// A part of what is searched: a `str` or `bytes`, whatever class the whole is of.
pub(super) fn part(vm: &Vm, value: &Value, start: usize, end: usize) -> R {
    let end = end.max(start);
    if let Some(text) = value.get::<Str>() {
        if start == 0 && end == text.len() && std::ptr::eq(vm.type_of(value), &raw const *vm.types.str) {
            return Ok(value.clone());
        }
        if end == start + 1
            && let Some(point) = text.at(start)
        {
            return Ok(vm.character(point));
        }
        let made = match &text.text {
            Text::Ascii(text) => Str::new(Text::Ascii(text.get(start..end).unwrap_or_default().into())),
            Text::Latin(text) => {
                let text = text.get(start..end).unwrap_or_default();
                Str::new(if text.is_ascii() { Text::Ascii(text.into()) } else { Text::Latin(text.into()) })
            }
            Text::Two(text) => {
                let text = text.get(start..end).unwrap_or_default();
                Str::from_points(&text.iter().map(|&point| point.into()).collect::<Vec<u32>>())
            }
            Text::Four(text) => Str::from_points(text.get(start..end).unwrap_or_default()),
        };
        return Ok(crate::heap::allocate(vm, &vm.types.str, made));
    }
    if let Some(bytes) = value.get::<Bytes>() {
        let whole = start == 0 && end == bytes.data.len();
        if whole && std::ptr::eq(vm.type_of(value), &raw const *vm.types.bytes) {
            return Ok(value.clone());
        }
        return Ok(vm.bytes_from(bytes.data.get(start..end).unwrap_or_default()));
    }
    let data = vm.buffer(value)?;
    // It may have got shorter.
    let end = end.min(data.len());
    Ok(vm.bytes(data.get(start.min(end)..end).unwrap_or_default().to_vec()))
}
