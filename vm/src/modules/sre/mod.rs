//! `_sre`: patterns, matches and scanners over the engine of `rustpython-sre_engine`. Patterns are the instructions that
//! the library's `re._compiler` makes. The engine never calls a program; what it looks at cannot change meanwhile: texts
//! and `bytes` are borrowed, anything else is copied.

mod matches;
mod pattern;
mod subject;

use super::native::{index, parse};
use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{Dict, List, NativeFn, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("compile", compile),
    ("template", |vm, args| {
        let values = positional(vm, "template", args, 2, 2)?;
        matches::template(vm, &values[1])
    }),
    ("getcodesize", |vm, args| {
        positional(vm, "getcodesize", args, 0, 0)?;
        Ok(vm.int(4))
    }),
    ("ascii_iscased", |vm, args| {
        let point = point(vm, "ascii_iscased", args)?;
        Ok(Value::bool(u8::try_from(point).is_ok_and(|it| it.is_ascii_alphabetic())))
    }),
    ("ascii_tolower", |vm, args| {
        let point = point(vm, "ascii_tolower", args)?;
        Ok(vm.int(u8::try_from(point).map_or(point, |it| it.to_ascii_lowercase().into()).into()))
    }),
    ("unicode_iscased", |vm, args| {
        let ch = char::from_u32(point(vm, "unicode_iscased", args)?);
        let changes = |ch: char| ch.to_lowercase().next() != Some(ch) || ch.to_uppercase().next() != Some(ch);
        Ok(Value::bool(ch.is_some_and(changes)))
    }),
    ("unicode_tolower", |vm, args| Ok(vm.int(lower(point(vm, "unicode_tolower", args)?).into()))),
    ("getlower", |vm, args| {
        let values = positional(vm, "getlower", args, 2, 2)?;
        let (point, flags) = (index(vm, &values[0])? as u32, index(vm, &values[1])?);
        let made = match flags & UNICODE != 0 {
            true => lower(point),
            false => u8::try_from(point).map_or(point, |it| it.to_ascii_lowercase().into()),
        };
        Ok(vm.int(made.into()))
    }),
];

const UNICODE: i64 = 32;

fn point(vm: &Vm, name: &str, args: Args<'_>) -> R<u32> {
    let number = index(vm, &positional(vm, name, args, 1, 1)?[0])?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The one lower-case character of another, where there is one.
fn lower(point: u32) -> u32 {
    let lower = char::from_u32(point).map(char::to_lowercase);
    match lower {
        Some(mut lower) if lower.len() == 1 => lower.next().map_or(point, u32::from),
        _ => point,
    }
}

/// `_sre`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "MAGIC", vm.int(rustpython_sre_engine::SRE_MAGIC as i64));
    vm.put(module, "CODESIZE", vm.int(4));
    vm.put(module, "MAXREPEAT", vm.int_of_usize(rustpython_sre_engine::MAXREPEAT));
    vm.put(module, "MAXGROUPS", vm.int_of_usize(rustpython_sre_engine::MAXGROUPS));
    Ok(())
}

/// `compile(pattern, flags, code, groups, groupindex, indexgroup)`
fn compile(vm: &Vm, args: Args<'_>) -> R {
    let names = ["pattern", "flags", "code", "groups", "groupindex", "indexgroup"];
    let given = parse(vm, "compile", args, names, 6)?;
    let none = NONE;
    let at = |place: usize| given[place].unwrap_or(&none);
    let Some(list) = at(2).get::<List>() else {
        return Err(vm.type_error("compile() argument 'code' must be list"));
    };
    let mut codes = Vec::with_capacity(list.len());
    for item in list.snapshot() {
        match vm.as_i64(&item).and_then(|it| u32::try_from(it).ok()) {
            Some(code) => codes.push(code),
            None => {
                let message = "regular expression code size limit exceeded";
                return Err(vm.raise(crate::builtins::exceptions::Exc::OverflowError, message));
            }
        }
    }
    if at(4).get::<Dict>().is_none() || at(5).get::<Tuple>().is_none() {
        return Err(vm.type_error("compile() argument 'groupindex' must be dict, 'indexgroup' tuple"));
    }
    let groups = usize::try_from(index(vm, at(3))?).unwrap_or(0);
    let parts = [at(0).clone(), at(4).clone(), at(5).clone()];
    Ok(pattern::make(vm, parts, index(vm, at(1))?, groups, codes))
}
