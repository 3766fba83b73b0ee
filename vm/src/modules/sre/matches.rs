//! `re.Match`, templates of replacements, and scanners.

use super::machine::{Machine, Range};
use super::pattern::of as pattern_of;
use super::subject::{Found, Subject, part, place};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::modules::native::{Own, Spec, alias, itself, parse, read_only};
use crate::object::callable::Args;
use crate::object::{Data, Dict, List, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::Cell;

pub(super) struct Match {
    pattern: Value,
    string: Value,
    pos: usize,
    endpos: usize,
    found: Found,
}

impl Data for Match {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.pattern);
        see(&self.string);
    }
}

/// A match.
pub(super) fn of_found(
    vm: &Vm,
    pattern: &Value,
    string: &Value,
    (pos, endpos): (usize, usize),
    found: Found,
) -> Value {
    vm.custom(&MATCH, Match { pattern: pattern.clone(), string: string.clone(), pos, endpos, found })
}

fn data<'a>(vm: &Vm, it: &'a Value) -> R<&'a Match> {
    vm.own_data("Match", it, &MATCH)
}

impl Match {
    /// The text of a group; `None` where it took no part.
    pub(super) fn text(&self, vm: &Vm, group: usize) -> R<Option<Value>> {
        match self.found.place(group) {
            Some((start, end)) => part(vm, &self.string, start, end).map(Some),
            None => Ok(None),
        }
    }

    /// The number of a group that is named or numbered.
    fn group(&self, vm: &Vm, key: &Value) -> R<usize> {
        let number = match key.as_small() {
            Some(number) => Some(number),
            None if key.get::<Str>().is_some() => {
                let names = &pattern_of(vm, &self.pattern)?.names;
                match names.get::<Dict>() {
                    Some(names) => names.get(vm, key)?.and_then(|it| vm.as_i64(&it)),
                    None => None,
                }
            }
            None if vm.as_big(key).is_some() => vm.as_i64(key),
            None => match vm.lookup_special(key, &vm.names.index) {
                Some(method) => {
                    let number = vm.call_bound(&method, key, Args { values: &[], names: &[] })?;
                    vm.as_i64(&number)
                }
                None => None,
            },
        };
        match number.and_then(|it| usize::try_from(it).ok()) {
            Some(number) if number < self.found.groups() => Ok(number),
            _ => Err(vm.raise(Exc::IndexError, "no such group")),
        }
    }

    fn text_or(&self, vm: &Vm, group: usize, default: &Value) -> R {
        Ok(self.text(vm, group)?.unwrap_or_else(|| default.clone()))
    }
}

/// What `start`, `end` and `span` are asked of.
fn asked(vm: &Vm, name: &str, args: Args<'_>) -> R<(i64, i64)> {
    let (it, values) = method(vm, name, args, 0, 1)?;
    let data = data(vm, it)?;
    let group = match values.first() {
        Some(key) => data.group(vm, key)?,
        None => 0,
    };
    Ok(data.found.place(group).map_or((-1, -1), |(start, end)| (start as i64, end as i64)))
}

fn group(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "group", args, 0, usize::MAX)?;
    let data = data(vm, it)?;
    match values {
        [] => data.text_or(vm, 0, &NONE),
        [key] => data.text_or(vm, data.group(vm, key)?, &NONE),
        keys => {
            let mut row = Vec::with_capacity(keys.len());
            for key in keys {
                row.push(data.text_or(vm, data.group(vm, key)?, &NONE)?);
            }
            Ok(vm.tuple(row))
        }
    }
}

fn default_of<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<(&'a Match, Value)> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let [default] = parse(vm, name, Args { values, names: args.names }, ["default"], 0)?;
    Ok((data(vm, it)?, default.cloned().unwrap_or(NONE)))
}

pub(super) static MATCH: Spec = Spec {
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    methods: &[
        ("group", group),
        ("__getitem__", |vm, args| {
            let (it, values) = method(vm, "__getitem__", args, 1, 1)?;
            let data = data(vm, it)?;
            data.text_or(vm, data.group(vm, &values[0])?, &NONE)
        }),
        ("groups", |vm, args| {
            let (data, default) = default_of(vm, "groups", args)?;
            let row: R<Vec<Value>> =
                (1..data.found.groups()).map(|group| data.text_or(vm, group, &default)).collect();
            Ok(vm.tuple(row?))
        }),
        ("groupdict", |vm, args| {
            let (data, default) = default_of(vm, "groupdict", args)?;
            let made = vm.dict();
            if let (Some(made), Some(names)) =
                (made.get::<Dict>(), pattern_of(vm, &data.pattern)?.names.get::<Dict>())
            {
                for (name, number) in names.snapshot() {
                    let number = usize::try_from(vm.as_i64(&number).unwrap_or(0)).unwrap_or(0);
                    made.set(vm, name, data.text_or(vm, number, &default)?)?;
                }
            }
            Ok(made)
        }),
        ("start", |vm, args| Ok(vm.int(asked(vm, "start", args)?.0))),
        ("end", |vm, args| Ok(vm.int(asked(vm, "end", args)?.1))),
        ("span", |vm, args| {
            let (start, end) = asked(vm, "span", args)?;
            Ok(vm.tuple(vec![vm.int(start), vm.int(end)]))
        }),
        ("expand", |vm, args| {
            let Some((it, values)) = args.values.split_first() else {
                return Err(vm.type_error("unbound method expand() needs an argument"));
            };
            let [template] = parse(vm, "expand", Args { values, names: args.names }, ["template"], 1)?;
            let data = data(vm, it)?;
            let template = template.cloned().unwrap_or(NONE);
            let made = compiled_template(vm, &data.pattern, &template)?;
            let Some(made) = made.data::<Template>() else { return Ok(made) };
            let mut row = Vec::new();
            made.expand(vm, data, &mut row)?;
            joined(vm, row, template.get::<Str>().is_some())
        }),
        ("__copy__", |vm, args| Ok(method(vm, "__copy__", args, 0, 0)?.0.clone())),
        ("__deepcopy__", |vm, args| Ok(method(vm, "__deepcopy__", args, 1, 1)?.0.clone())),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let data = data(vm, it)?;
            let (start, end) = data.found.place(0).unwrap_or_default();
            let shown = vm.repr_text(&data.text_or(vm, 0, &NONE)?)?;
            Ok(vm.str(&format!("<re.Match object; span=({start}, {end}), match={shown}>")))
        }),
    ],
    class_methods: &[("__class_getitem__", alias)],
    attributes: &[
        ("re", read_only(|vm, it| Ok(data(vm, it)?.pattern.clone()))),
        ("string", read_only(|vm, it| Ok(data(vm, it)?.string.clone()))),
        ("pos", read_only(|vm, it| Ok(vm.int_of_usize(data(vm, it)?.pos)))),
        ("endpos", read_only(|vm, it| Ok(vm.int_of_usize(data(vm, it)?.endpos)))),
        (
            "lastindex",
            read_only(|vm, it| {
                let last = data(vm, it)?.found.last;
                Ok(if last == 0 { NONE } else { vm.int_of_usize(last) })
            }),
        ),
        (
            "lastgroup",
            read_only(|vm, it| {
                let data = data(vm, it)?;
                let names = &pattern_of(vm, &data.pattern)?.indices;
                let found = names.get::<Tuple>().and_then(|it| it.items.get(data.found.last).cloned());
                Ok(found.filter(|_| data.found.last > 0).unwrap_or(NONE))
            }),
        ),
        (
            "regs",
            read_only(|vm, it| {
                let found = &data(vm, it)?.found;
                let pair = |group: usize| {
                    let (start, end) =
                        found.place(group).map_or((-1, -1), |(start, end)| (start as i64, end as i64));
                    vm.tuple(vec![vm.int(start), vm.int(end)])
                };
                Ok(vm.tuple((0..found.groups()).map(pair).collect()))
            }),
        ),
    ],
    ..Spec::new(Own::Match, "re.Match")
};

/// What a replacement is made of: texts, and groups between them.
pub(super) struct Template {
    pub literal: Value,
    pub parts: Vec<(usize, Value)>,
}

impl Data for Template {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.literal);
        self.parts.iter().for_each(|(_, literal)| see(literal));
    }
}

impl Template {
    fn expand(&self, vm: &Vm, found: &Match, row: &mut Vec<Value>) -> R<()> {
        row.push(self.literal.clone());
        for (group, literal) in &self.parts {
            if *group >= found.found.groups() {
                return Err(vm.raise(Exc::IndexError, "no such group"));
            }
            row.extend(found.text(vm, *group)?);
            row.push(literal.clone());
        }
        Ok(())
    }

    /// The same of what the machine found, without a match being made.
    pub(super) fn expand_found(
        &self,
        vm: &Vm,
        string: &Value,
        machine: &Machine,
        row: &mut Vec<Value>,
    ) -> R<()> {
        row.push(self.literal.clone());
        for (group, literal) in &self.parts {
            if let Some((start, end)) = place(machine, *group) {
                row.push(part(vm, string, start, end)?);
            }
            row.push(literal.clone());
        }
        Ok(())
    }
}

static TEMPLATE: Spec = Spec::new(Own::SreTemplate, "_sre.SRE_Template");

/// `template(pattern, [literal, group, literal, ...])`
pub(super) fn template(vm: &Vm, list: &Value) -> R {
    let bad = || vm.type_error("invalid template");
    let Some(list) = list.get::<List>() else { return Err(bad()) };
    let items = list.snapshot();
    let Some((literal, rest)) = items.split_first() else { return Err(bad()) };
    let mut parts = Vec::new();
    for pair in rest.chunks_exact(2) {
        let Some(group) = vm.as_i64(&pair[0]).and_then(|it| usize::try_from(it).ok()) else {
            return Err(bad());
        };
        parts.push((group, pair[1].clone()));
    }
    Ok(vm.custom(&TEMPLATE, Template { literal: literal.clone(), parts }))
}

/// The template that the library makes of the text of a replacement.
pub(super) fn compiled_template(vm: &Vm, pattern: &Value, text: &Value) -> R {
    let import = vm.builtin(&vm.intern("__import__"))?;
    let module = vm.call_with(&import, &[vm.intern("re")])?;
    let compile = vm.get_attribute(&module, &vm.intern("_compile_template"))?;
    vm.call_with(&compile, &[pattern.clone(), text.clone()])
}

/// The parts as one text, or as bytes.
pub(super) fn joined(vm: &Vm, mut row: Vec<Value>, text: bool) -> R {
    if row.len() == 1 {
        let only = &row[0];
        let plain = if text { &vm.types.str } else { &vm.types.bytes };
        if std::ptr::eq(vm.type_of(only), &raw const **plain) {
            return Ok(row.remove(0));
        }
    }
    let empty = if text { vm.str("") } else { vm.bytes(Vec::new()) };
    let join = vm.get_attribute(&empty, &vm.intern("join"))?;
    vm.call_with(&join, &[vm.list(row)])
}

/// What goes on from match to match: what `finditer` gives, and `Pattern.scanner`.
pub(super) struct Scanner {
    pattern: Value,
    string: Value,
    /// What the machine sees, where it is not the string's own memory.
    held: Option<Subject<'static>>,
    pos: usize,
    endpos: usize,
    at: Cell<usize>,
    advance: Cell<bool>,
    over: Cell<bool>,
}

impl Data for Scanner {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.pattern);
        see(&self.string);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        Some(self.step(vm, true))
    }
}

impl Scanner {
    fn step(&self, vm: &Vm, anywhere: bool) -> R<Option<Value>> {
        if self.over.get() || self.at.get() > self.endpos {
            return Ok(None);
        }
        let own;
        let subject = match &self.held {
            Some(held) => held,
            None => match Subject::of(vm, &self.string)? {
                Some(subject) => {
                    own = subject;
                    &own
                }
                None => return Ok(None),
            },
        };
        let range = Range { start: self.at.get(), end: self.endpos, all: false, advance: self.advance.get() };
        let Some(found) = subject.find(vm, &pattern_of(vm, &self.pattern)?.program, range, anywhere) else {
            self.over.set(true);
            return Ok(None);
        };
        self.at.set(found.end);
        self.advance.set(found.start == found.end);
        Ok(Some(of_found(vm, &self.pattern, &self.string, (self.pos, self.endpos), found)))
    }
}

pub(super) static SCANNER: Spec = Spec {
    methods: &[
        ("match", |vm, args| scan(vm, "match", args, false)),
        ("search", |vm, args| scan(vm, "search", args, true)),
    ],
    attributes: &[("pattern", read_only(|vm, it| Ok(scanner(vm, it)?.pattern.clone())))],
    ..Spec::new(Own::SreScanner, "_sre.SRE_Scanner")
};

pub(super) static ITERATOR: Spec = Spec {
    methods: &[("__iter__", itself), ("__next__", crate::modules::native::next_method)],
    ..Spec::new(Own::SreIterator, "callable_iterator")
};

fn scanner<'a>(vm: &Vm, it: &'a Value) -> R<&'a Scanner> {
    vm.own_data("SRE_Scanner", it, &SCANNER)
}

fn scan(vm: &Vm, name: &str, args: Args<'_>, anywhere: bool) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    positional(vm, name, Args { values, names: args.names }, 0, 0)?;
    Ok(scanner(vm, it)?.step(vm, anywhere)?.unwrap_or(NONE))
}

/// A scanner, or what `finditer` gives.
pub(super) fn scan_over(
    vm: &Vm,
    spec: &'static Spec,
    (pattern, string): (&Value, &Value),
    subject: Subject<'_>,
    (pos, endpos): (usize, usize),
) -> Value {
    let held = match subject {
        Subject::Narrow(std::borrow::Cow::Owned(bytes)) => Some(Subject::Narrow(bytes.into())),
        _ => None,
    };
    let data = Scanner {
        pattern: pattern.clone(),
        string: string.clone(),
        held,
        pos,
        endpos,
        at: Cell::new(pos),
        advance: Cell::new(false),
        over: Cell::new(false),
    };
    vm.custom(spec, data)
}

/// Raises what is said of a template for another kind of text.
pub(super) fn wrong_kind(vm: &Vm, wanted_text: bool) -> Raised {
    vm.type_error(if wanted_text {
        "cannot use a bytes pattern on a string-like object"
    } else {
        "cannot use a string pattern on a bytes-like object"
    })
}
