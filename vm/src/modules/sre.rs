//! `_pyrvm_sre`: the engine behind `re`. Patterns are the instructions that the library's `re._compiler` makes.

use crate::builtins::positional;
use crate::heap::allocate;
use crate::object::callable::Args;
use crate::object::str::Text;
use crate::object::{Foreign, List, NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use rustpython_sre_engine::{Request, State, StrDrive};

/// The instructions of a pattern.
struct Codes(Vec<u32>);

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("compile", |vm, args| {
        let values = positional(vm, "compile", args, 1, 1)?;
        let Some(list) = values[0].get::<List>() else { return Err(vm.type_error("code must be a list")) };
        let mut codes = Vec::with_capacity(list.len());
        for item in list.snapshot() {
            match vm.as_i64(&item).and_then(|it| u32::try_from(it).ok()) {
                Some(code) => codes.push(code),
                None => return Err(vm.value_error("invalid SRE code")),
            }
        }
        Ok(allocate(vm, &vm.types.foreign, Foreign { data: Box::new(Codes(codes)) }))
    }),
    ("run", run),
    ("lower", |vm, args| {
        point(vm, args, |ch| ch.to_lowercase().next().filter(|_| ch.to_lowercase().len() == 1))
    }),
    ("cased", |vm, args| {
        let value = &positional(vm, "cased", args, 1, 1)?[0];
        let ch = vm.as_i64(value).and_then(|it| u32::try_from(it).ok()).and_then(char::from_u32);
        let cased =
            ch.is_some_and(|ch| ch.to_lowercase().next() != Some(ch) || ch.to_uppercase().next() != Some(ch));
        Ok(Value::bool(cased))
    }),
];

/// `_pyrvm_sre`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "MAGIC", vm.int(rustpython_sre_engine::SRE_MAGIC as i64));
    vm.put(module, "MAXREPEAT", vm.int_of_usize(rustpython_sre_engine::MAXREPEAT));
    vm.put(module, "MAXGROUPS", vm.int_of_usize(rustpython_sre_engine::MAXGROUPS));
    Ok(())
}

fn point(vm: &Vm, args: Args<'_>, map: fn(char) -> Option<char>) -> R {
    let value = &positional(vm, "lower", args, 1, 1)?[0];
    let ch = vm.as_i64(value).and_then(|it| u32::try_from(it).ok()).and_then(char::from_u32);
    Ok(ch.and_then(map).map_or_else(|| value.clone(), |ch| vm.int(u32::from(ch).into())))
}

/// `run(codes, subject, start, end, kind, must_advance)`: the places of the match and its groups, or `None`.
/// Kinds are 0 (match), 1 (fullmatch), 2 (search).
fn run(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "run", args, 6, 6)?;
    let Some(Codes(codes)) = values[0].foreign::<Codes>() else {
        return Err(vm.type_error("not a compiled pattern"));
    };
    let at = |index: usize| usize::try_from(vm.as_i64(&values[index]).unwrap_or(0)).unwrap_or(0);
    let (start, end) = (at(2), at(3));
    let (kind, advance) = (at(4), vm.truth(&values[5])?);
    let found = match values[1].get::<Str>().map(|it| &it.text) {
        Some(Text::Ascii(text) | Text::Latin(text)) => search(&text[..], start, end, codes, kind, advance),
        Some(Text::Two(_) | Text::Four(_)) => {
            let text = values[1].get::<Str>().map(Str::to_str).unwrap_or_default();
            search(&*text, start, end, codes, kind, advance)
        }
        None => {
            let data = vm.bytes_of(&values[1])?;
            search(&data[..], start, end, codes, kind, advance)
        }
    };
    let Some((last, places)) = found else { return Ok(NONE) };
    let mut row = vec![vm.int(last)];
    row.extend(places.into_iter().map(|it| vm.int(it)));
    Ok(vm.tuple(row))
}

/// The last group's number, and where the match and each group start and end; -1 for groups that took no part.
fn search<S: StrDrive>(
    subject: S,
    start: usize,
    end: usize,
    codes: &[u32],
    kind: usize,
    advance: bool,
) -> Option<(i64, Vec<i64>)> {
    let mut state = State::default();
    let mut request = Request::new(subject, start, end, codes, kind == 1);
    request.must_advance = advance;
    state.reset(&request, request.start);
    let found = if kind == 2 { state.search(request) } else { state.py_match(&request) };
    if !found {
        return None;
    }
    let mut places = vec![state.start as i64, state.cursor.position as i64];
    for mark in state.marks.raw() {
        places.push(mark.into_option().map_or(-1, |it| it as i64));
    }
    Some((state.marks.last_index() as i64, places))
}
