//! `re.Pattern`

use super::machine::Range;
use super::matches::{
    ITERATOR, SCANNER, Template, compiled_template, joined, of_found, scan_over, wrong_kind,
};
use super::program::{self, Program};
use super::subject::{Found, Subject, part, place};
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, alias, parse, read_only, ssize};
use crate::object::callable::Args;
use crate::object::{Data, Str};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};

pub(super) struct Pattern {
    pattern: Value,
    flags: i64,
    pub groups: usize,
    /// Numbers of groups by name, a `dict`.
    pub names: Value,
    /// Names of groups by number, a `tuple`.
    pub indices: Value,
    codes: Vec<u32>,
    pub program: Program,
    /// Is it for texts or for bytes? `None` for either.
    text: Option<bool>,
}

impl Data for Pattern {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.pattern);
        see(&self.names);
        see(&self.indices);
    }
}

pub(super) fn make(
    vm: &Vm,
    [pattern, names, indices]: [Value; 3],
    flags: i64,
    groups: usize,
    codes: Vec<u32>,
) -> R {
    let text = if pattern.is_none() { None } else { Some(pattern.get::<Str>().is_some()) };
    let Some(program) = program::build(&codes, groups) else {
        return Err(vm.raise(Exc::RuntimeError, "invalid SRE code"));
    };
    Ok(vm.custom(&PATTERN, Pattern { pattern, flags, groups, names, indices, codes, program, text }))
}

pub(super) fn of<'a>(vm: &Vm, it: &'a Value) -> R<&'a Pattern> {
    vm.own_data("Pattern", it, &PATTERN)
}

impl Pattern {
    /// What is searched, where it fits the pattern.
    fn subject<'a>(&self, vm: &Vm, string: &'a Value) -> R<Subject<'a>> {
        let is_text = string.get::<Str>().is_some();
        let Some(subject) = Subject::of(vm, string)? else {
            let got = vm.type_name(string);
            return Err(vm.type_error(format!("expected string or bytes-like object, got '{got}'")));
        };
        if self.text.is_some_and(|text| text != is_text) {
            return Err(wrong_kind(vm, is_text));
        }
        Ok(subject)
    }
}

/// `self` and the arguments of a method that searches a part of a string.
struct Asked<'a> {
    it: &'a Value,
    pattern: &'a Pattern,
    string: &'a Value,
    subject: Subject<'a>,
    pos: usize,
    endpos: usize,
}

fn asked<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<Asked<'a>> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let pattern = of(vm, it)?;
    let names = ["string", "pos", "endpos"];
    let [string, pos, endpos] = parse(vm, name, Args { values, names: args.names }, names, 1)?;
    let Some(string) = string else { return Err(vm.type_error("a string is missing")) };
    let limit = |value: Option<&Value>| value.map(|it| ssize(vm, it)).transpose();
    let (pos, endpos) = (limit(pos)?, limit(endpos)?);
    let subject = pattern.subject(vm, string)?;
    let len = subject.len();
    let within = |at: i64| usize::try_from(at).unwrap_or(0).min(len);
    let (pos, endpos) = (pos.map_or(0, within), endpos.map_or(len, within));
    Ok(Asked { it, pattern, string, subject, pos, endpos })
}

/// `match`, `fullmatch` and `search`.
fn once(vm: &Vm, name: &str, args: Args<'_>, all: bool, anywhere: bool) -> R {
    let asked = asked(vm, name, args)?;
    if asked.pos > asked.endpos {
        return Ok(NONE);
    }
    let range = Range { start: asked.pos, end: asked.endpos, all, advance: false };
    match asked.subject.find(vm, &asked.pattern.program, range, anywhere) {
        Some(found) => Ok(of_found(vm, asked.it, asked.string, (asked.pos, asked.endpos), found)),
        None => Ok(NONE),
    }
}

fn find_all(vm: &Vm, args: Args<'_>) -> R {
    let asked = asked(vm, "findall", args)?;
    let mut all = Vec::new();
    let range = Range { start: asked.pos, end: asked.endpos, all: false, advance: false };
    let empty = match asked.string.get::<Str>() {
        Some(_) => vm.str(""),
        None => vm.bytes(Vec::new()),
    };
    if asked.pos <= asked.endpos {
        asked.subject.each(vm, &asked.pattern.program, range, &mut |machine| {
            let text = |group: usize| match place(machine, group) {
                Some((start, end)) => part(vm, asked.string, start, end),
                None => Ok(empty.clone()),
            };
            all.push(match asked.pattern.groups {
                0 => text(0)?,
                1 => text(1)?,
                groups => vm.tuple((1..=groups).map(text).collect::<R<Vec<_>>>()?),
            });
            Ok(true)
        })?;
    }
    Ok(vm.list(all))
}

fn split(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("unbound method split() needs an argument"));
    };
    let pattern = of(vm, it)?;
    let names = ["string", "maxsplit"];
    let [string, most] = parse(vm, "split", Args { values, names: args.names }, names, 1)?;
    let Some(string) = string else { return Err(vm.type_error("a string is missing")) };
    let most = most.map_or(Ok(0), |it| ssize(vm, it))?;
    let subject = pattern.subject(vm, string)?;
    let len = subject.len();
    let (mut row, mut at, mut count) = (Vec::new(), 0, 0);
    let range = Range { start: 0, end: len, all: false, advance: false };
    if most >= 0 {
        subject.each(vm, &pattern.program, range, &mut |machine| {
            if most > 0 && count >= most {
                return Ok(false);
            }
            row.push(part(vm, string, at, machine.start)?);
            for group in 1..=pattern.groups {
                row.push(match place(machine, group) {
                    Some((start, end)) => part(vm, string, start, end)?,
                    None => NONE,
                });
            }
            at = machine.end;
            count += 1;
            Ok(true)
        })?;
    }
    row.push(part(vm, string, at, len)?);
    Ok(vm.list(row))
}

/// What stands for a match in `sub`.
enum Replacement {
    Literal(Value),
    Template(Value),
    Call(Value),
}

fn replacement(vm: &Vm, it: &Value, text: &Value) -> R<Replacement> {
    if vm.is_callable(text) {
        return Ok(Replacement::Call(text.clone()));
    }
    let escapes = match text.get::<Str>() {
        Some(text) => (0..text.len()).any(|at| text.at(at) == Some(u32::from(b'\\'))),
        None => match vm.buffer_or_none(text)? {
            Some(data) => data.contains(&b'\\'),
            None => true,
        },
    };
    if !escapes {
        return Ok(Replacement::Literal(text.clone()));
    }
    let made = compiled_template(vm, it, text)?;
    Ok(match made.data::<Template>() {
        Some(template) if template.parts.is_empty() => Replacement::Literal(template.literal.clone()),
        Some(_) => Replacement::Template(made),
        None => Replacement::Literal(made),
    })
}

/// `sub` and `subn`: the text, and how many were replaced.
fn replace(vm: &Vm, name: &str, args: Args<'_>) -> R<(Value, i64)> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let pattern = of(vm, it)?;
    let names = ["repl", "string", "count"];
    let [text, string, most] = parse(vm, name, Args { values, names: args.names }, names, 2)?;
    let (Some(text), Some(string)) = (text, string) else {
        return Err(vm.type_error("a string is missing"));
    };
    let most = most.map_or(Ok(0), |it| ssize(vm, it))?;
    let replacement = replacement(vm, it, text)?;
    let subject = pattern.subject(vm, string)?;
    let len = subject.len();
    let (mut row, mut at, mut count) = (Vec::new(), 0, 0);
    let range = Range { start: 0, end: len, all: false, advance: false };
    subject.each(vm, &pattern.program, range, &mut |machine| {
        if most > 0 && count >= most {
            return Ok(false);
        }
        if at < machine.start {
            row.push(part(vm, string, at, machine.start)?);
        }
        match &replacement {
            Replacement::Literal(text) => row.push(text.clone()),
            Replacement::Template(made) => {
                if let Some(template) = made.data::<Template>() {
                    template.expand_found(vm, string, machine, &mut row)?;
                }
            }
            Replacement::Call(function) => {
                let found = of_found(vm, it, string, (0, len), Found::of(machine));
                let made = vm.call_with(function, &[found])?;
                if !made.is_none() {
                    row.push(made);
                }
            }
        }
        at = machine.end;
        count += 1;
        Ok(true)
    })?;
    if at < len || row.is_empty() {
        row.push(part(vm, string, at, len)?);
    }
    Ok((joined(vm, row, string.get::<Str>().is_some())?, count))
}

const FLAGS: [(i64, &str); 7] = [
    (2, "re.IGNORECASE"),
    (4, "re.LOCALE"),
    (8, "re.MULTILINE"),
    (16, "re.DOTALL"),
    (64, "re.VERBOSE"),
    (128, "re.DEBUG"),
    (256, "re.ASCII"),
];

fn repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let pattern = of(vm, it)?;
    let mut flags = pattern.flags;
    if pattern.text == Some(true) {
        flags &= !super::UNICODE;
    }
    let mut names: Vec<String> =
        FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| (*name).to_owned()).collect();
    let rest = FLAGS.iter().fold(flags, |rest, (bit, _)| rest & !bit);
    if rest != 0 {
        names.push(format!("{rest:#x}"));
    }
    let shown: String = vm.repr_text(&pattern.pattern)?.chars().take(200).collect();
    let flags = if names.is_empty() { String::new() } else { format!(", {}", names.join("|")) };
    Ok(vm.str(&format!("re.compile({shown}{flags})")))
}

fn same(vm: &Vm, name: &str, args: Args<'_>, wanted: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let (mine, Some(other)) = (of(vm, it)?, values[0].data::<Pattern>()) else { return Ok(NOT_IMPLEMENTED) };
    let equal = it.is(&values[0])
        || mine.flags == other.flags
            && mine.text == other.text
            && mine.codes == other.codes
            && vm.equal(&mine.pattern, &other.pattern)?;
    Ok(Value::bool(equal == wanted))
}

static PATTERN: Spec = Spec {
    doc: "Compiled regular expression object.",
    methods: &[
        ("match", |vm, args| once(vm, "match", args, false, false)),
        ("fullmatch", |vm, args| once(vm, "fullmatch", args, true, false)),
        ("search", |vm, args| once(vm, "search", args, false, true)),
        ("findall", find_all),
        ("finditer", |vm, args| {
            let asked = asked(vm, "finditer", args)?;
            let range = (asked.pos, asked.endpos);
            Ok(scan_over(vm, &ITERATOR, (asked.it, asked.string), asked.subject, range))
        }),
        ("scanner", |vm, args| {
            let asked = asked(vm, "scanner", args)?;
            let range = (asked.pos, asked.endpos);
            Ok(scan_over(vm, &SCANNER, (asked.it, asked.string), asked.subject, range))
        }),
        ("split", split),
        ("sub", |vm, args| Ok(replace(vm, "sub", args)?.0)),
        ("subn", |vm, args| {
            let (text, count) = replace(vm, "subn", args)?;
            Ok(vm.tuple(vec![text, vm.int(count)]))
        }),
        ("__repr__", repr),
        ("__eq__", |vm, args| same(vm, "__eq__", args, true)),
        ("__ne__", |vm, args| same(vm, "__ne__", args, false)),
        ("__hash__", |vm, args| {
            let (it, _) = method(vm, "__hash__", args, 0, 0)?;
            let pattern = of(vm, it)?;
            let codes: Vec<u8> = pattern.codes.iter().flat_map(|code| code.to_le_bytes()).collect();
            let hash = vm.hash(&pattern.pattern)? ^ vm.hash_bytes(&codes) ^ pattern.flags;
            Ok(vm.int(if hash == -1 { -2 } else { hash }))
        }),
        ("__copy__", |vm, args| Ok(method(vm, "__copy__", args, 0, 0)?.0.clone())),
        ("__deepcopy__", |vm, args| Ok(method(vm, "__deepcopy__", args, 1, 1)?.0.clone())),
    ],
    class_methods: &[("__class_getitem__", alias)],
    attributes: &[
        ("pattern", read_only(|vm, it| Ok(of(vm, it)?.pattern.clone()))),
        ("flags", read_only(|vm, it| Ok(vm.int(of(vm, it)?.flags)))),
        ("groups", read_only(|vm, it| Ok(vm.int_of_usize(of(vm, it)?.groups)))),
        (
            "groupindex",
            read_only(|vm, it| {
                let mapping = of(vm, it)?.names.clone();
                Ok(crate::heap::allocate(vm, &vm.types.proxy, crate::object::Proxy { mapping }))
            }),
        ),
    ],
    ..Spec::new(Own::Pattern, "re.Pattern")
};
