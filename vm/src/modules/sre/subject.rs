//! What is searched, and parts of it.

use crate::object::str::Text;
use crate::object::{Bytes, Str};
use crate::value::Value;
use crate::vm::{R, Vm};
use rustpython_sre_engine::{Request, SearchIter, State, StrDrive};
use std::borrow::Cow;

/// How the engine sees what is searched.
pub(super) enum Subject<'a> {
    /// One byte for each character.
    Narrow(Cow<'a, [u8]>),
    /// UTF-8, and how many characters there are.
    Wide(String, usize),
}

/// Where matching starts, ends, and what is asked.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub start: usize,
    pub end: usize,
    /// Must all of it match?
    pub all: bool,
    /// May the match not be empty at its start?
    pub advance: bool,
}

impl<'a> Subject<'a> {
    /// Of a text or of bytes; for anything else `None`.
    pub(super) fn of(vm: &Vm, value: &'a Value) -> R<Option<Subject<'a>>> {
        if let Some(text) = value.get::<Str>() {
            return Ok(Some(match &text.text {
                Text::Ascii(text) | Text::Latin(text) => Subject::Narrow(Cow::Borrowed(text)),
                Text::Two(_) | Text::Four(_) => Subject::Wide(text.to_str().into_owned(), text.len()),
            }));
        }
        Ok(vm.buffer_or_none(value)?.map(Subject::Narrow))
    }

    /// How many characters it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Subject::Narrow(bytes) => bytes.len(),
            Subject::Wide(_, len) => *len,
        }
    }

    /// One try from the start (`anywhere` is false) or a search.
    pub(super) fn find(&self, codes: &[u32], range: Range, anywhere: bool) -> Option<State> {
        match self {
            Subject::Narrow(bytes) => find(&bytes[..], codes, range, anywhere),
            Subject::Wide(text, _) => find(text.as_str(), codes, range, anywhere),
        }
    }

    /// Shows one match after the other, until `look` says that it has seen enough.
    pub(super) fn each(&self, codes: &[u32], range: Range, look: &mut dyn FnMut(&State) -> R<bool>) -> R<()> {
        match self {
            Subject::Narrow(bytes) => each(&bytes[..], codes, range, look),
            Subject::Wide(text, _) => each(text.as_str(), codes, range, look),
        }
    }
}

fn request<S: StrDrive>(subject: S, codes: &[u32], range: Range) -> Request<'_, S> {
    let mut request = Request::new(subject, range.start, range.end, codes, range.all);
    request.must_advance = range.advance;
    request
}

fn find<S: StrDrive>(subject: S, codes: &[u32], range: Range, anywhere: bool) -> Option<State> {
    let (mut state, request) = (State::default(), request(subject, codes, range));
    state.reset(&request, request.start);
    let found = if anywhere { state.search(request) } else { state.py_match(&request) };
    found.then_some(state)
}

fn each<S: StrDrive>(
    subject: S,
    codes: &[u32],
    range: Range,
    look: &mut dyn FnMut(&State) -> R<bool>,
) -> R<()> {
    let mut all = SearchIter { req: request(subject, codes, range), state: State::default() };
    while all.next().is_some() {
        if !look(&all.state)? {
            break;
        }
    }
    Ok(())
}

/// Where the match, or a group of it, starts and ends.
pub(super) fn place(state: &State, group: usize) -> Option<(usize, usize)> {
    if group == 0 {
        return Some((state.start, state.cursor.position));
    }
    let (start, end) = state.marks.get(group - 1);
    Some((start.into_option()?, end.into_option()?))
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
        return Ok(vm.bytes(bytes.data.get(start..end).unwrap_or_default().to_vec()));
    }
    let data = vm.buffer(value)?;
    // It may have got shorter.
    let end = end.min(data.len());
    Ok(vm.bytes(data.get(start.min(end)..end).unwrap_or_default().to_vec()))
}
