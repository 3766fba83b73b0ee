//! `_sre`: patterns, matches and scanners. Patterns are the codes that the library's `re._compiler` makes, made into a
//! program of our own (`program`), which a machine with a stack of its own runs (`machine`). It never calls a program; what it
//! looks at cannot change meanwhile: texts and `bytes` are borrowed, anything else is copied.

mod machine;
mod matches;
mod pattern;
mod program;
mod sets;
mod subject;

pub(crate) use machine::Machine;

use super::native::{index, parse};
use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{Dict, List, NativeFn, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use sets::{lower_ascii, lower_unicode};

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
        Ok(vm.int(lower_ascii(point).into()))
    }),
    ("unicode_iscased", |vm, args| {
        let ch = char::from_u32(point(vm, "unicode_iscased", args)?);
        let changes = |ch: char| ch.to_lowercase().next() != Some(ch) || ch.to_uppercase().next() != Some(ch);
        Ok(Value::bool(ch.is_some_and(changes)))
    }),
    ("unicode_tolower", |vm, args| Ok(vm.int(lower_unicode(point(vm, "unicode_tolower", args)?).into()))),
    ("getlower", |vm, args| {
        let values = positional(vm, "getlower", args, 2, 2)?;
        let (point, flags) = (index(vm, &values[0])? as u32, index(vm, &values[1])?);
        let made = match flags & UNICODE != 0 {
            true => lower_unicode(point),
            false => lower_ascii(point),
        };
        Ok(vm.int(made.into()))
    }),
];

const UNICODE: i64 = 32;

fn point(vm: &Vm, name: &str, args: Args<'_>) -> R<u32> {
    let number = index(vm, &positional(vm, name, args, 1, 1)?[0])?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// `_sre`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "MAGIC", vm.int(program::MAGIC));
    vm.put(module, "CODESIZE", vm.int(4));
    vm.put(module, "MAXREPEAT", vm.int(program::UNBOUNDED.into()));
    vm.put(module, "MAXGROUPS", vm.int(i64::from(i32::MAX) / 2));
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
    pattern::make(vm, parts, index(vm, at(1))?, groups, codes)
}
