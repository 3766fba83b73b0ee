//! `code`: its attributes and methods, and making new ones.

use super::types::TypeRef;
use super::{method, methods};
use crate::builtins::exceptions::Exc;
use crate::load::{Code, Origin, Parts, assemble};
use crate::object::callable::Args;
use crate::object::{Bytes, NativeFn, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use pyrsc::code::flags::{VARARGS, VARKEYWORDS};
use pyrsc::listing::{Instructions, Shapes};
use pyrsc::target::Op;

/// Kinds of locals: `CO_FAST_LOCAL`, `CO_FAST_CELL`, `CO_FAST_FREE`.
const LOCAL: u8 = 0x20;
const CELL: u8 = 0x40;
const FREE: u8 = 0x80;

const METHODS: &[(&str, NativeFn)] = &[
    ("__new__", new),
    ("replace", |vm, args| replace(vm, "replace", args)),
    ("__replace__", |vm, args| replace(vm, "__replace__", args)),
    ("co_positions", positions),
    ("co_lines", lines),
    ("co_branches", |vm, args| {
        let it = method(vm, "co_branches", args, 0, 0)?.0;
        let rows = it.get::<Code>().map(branches).unwrap_or_default();
        let row = |row: [u32; 3]| vm.tuple(row.map(|at| vm.int(at.into())).to_vec());
        vm.iter(&vm.list(rows.into_iter().map(row).collect()))
    }),
    ("_varname_from_oparg", |vm, args| {
        let (it, values) = method(vm, "_varname_from_oparg", args, 1, 1)?;
        let number = vm.as_i64(&values[0]).and_then(|it| usize::try_from(it).ok());
        let name = it.get::<Code>().zip(number).and_then(|(code, number)| code.local_names.get(number));
        name.cloned().ok_or_else(|| vm.raise(Exc::IndexError, "tuple index out of range"))
    }),
];

pub(super) fn fill(vm: &Vm, ty: &TypeRef) {
    methods(vm, ty, "code", METHODS);
}

fn positions(vm: &Vm, args: Args<'_>) -> R {
    let it = method(vm, "co_positions", args, 0, 0)?.0;
    let mut rows = Vec::new();
    if let Some(code) = it.get::<Code>() {
        for at in (0..code.size()).step_by(2) {
            let place = code.place_of_offset(at);
            let number = |it: i32| if it < 0 { NONE } else { vm.int(it.into()) };
            if vm.config.borrow().no_debug_ranges {
                rows.push(vm.tuple(vec![number(place.line), number(place.line), NONE, NONE]));
                continue;
            }
            let parts = [place.line, place.end_line, place.col, place.end_col];
            rows.push(vm.tuple(parts.map(number).to_vec()));
        }
    }
    vm.iter(&vm.list(rows))
}

fn lines(vm: &Vm, args: Args<'_>) -> R {
    let it = method(vm, "co_lines", args, 0, 0)?.0;
    let mut rows = Vec::new();
    if let Some(code) = it.get::<Code>() {
        let mut at = 0;
        while let Some((start, place)) = code.places().get(at) {
            // Neighbours on the same line are one range.
            let same = code.places()[at..].iter().take_while(|(_, it)| it.line == place.line).count();
            at += same;
            let end = code.places().get(at).map_or(code.size(), |it| it.0);
            let line = if place.line < 0 { NONE } else { vm.int(place.line.into()) };
            rows.push(vm.tuple(vec![vm.int((*start).into()), vm.int(end.into()), line]));
        }
    }
    vm.iter(&vm.list(rows))
}

/// Of each instruction that goes on in two ways: its offset, and those of the two ways. CPython: `branchesiter_next`.
fn branches(code: &Code) -> Vec<[u32; 3]> {
    let mut found = Vec::new();
    if !code.origin.own {
        return found;
    }
    for ins in Instructions::new(Shapes::of(crate::language().version), code.origin.code()) {
        let (at, next, way) = (ins.offset, ins.end, 2 * ins.arg as u32);
        match ins.shape.op {
            // Past what ends the loop.
            Some(Op::ForIter) => found.push([at, next, next.saturating_add(way).saturating_add(4)]),
            Some(Op::PopJumpIfFalse | Op::PopJumpIfTrue | Op::PopJumpIfNone | Op::PopJumpIfNotNone) => {
                found.push([at, next + 2, next.saturating_add(way)]);
            }
            Some(Op::EndAsyncFor) => {
                let from = next.saturating_sub(way);
                found.push([from, from + 4, next]);
            }
            _ => {}
        }
    }
    found
}

/// `co_lnotab`: steps of offsets and lines. CPython: `decode_linetable`.
fn lnotab(code: &Code) -> Vec<u8> {
    let mut table = Vec::new();
    let (mut offset, mut line) = (0u32, code.first_line);
    for (start, place) in code.places() {
        if place.line < 0 || place.line == line {
            continue;
        }
        let (mut bytes, mut lines) = (start - offset, i64::from(place.line) - i64::from(line));
        (offset, line) = (*start, place.line);
        while bytes > 255 {
            table.extend([255, 0]);
            bytes -= 255;
        }
        loop {
            let step = lines.clamp(-128, 127);
            table.extend([bytes as u8, step as i8 as u8]);
            lines -= step;
            bytes = 0;
            if lines == 0 {
                break;
            }
        }
    }
    table
}

impl Vm {
    /// An attribute of a code object.
    pub(super) fn of_code(&self, code: &Code, text: &str) -> Option<Value> {
        Some(match text {
            "co_name" => code.name.clone(),
            "co_qualname" => code.qualname.clone(),
            "co_filename" => code.file(),
            "co_argcount" => self.int(code.argcount.into()),
            "co_kwonlyargcount" => self.int(code.kwonly.into()),
            "co_posonlyargcount" => self.int(code.posonly.into()),
            "co_flags" => self.int(code.flags.into()),
            "co_firstlineno" => self.int(code.first_line.into()),
            "co_names" => self.tuple(code.names.to_vec()),
            "co_consts" => self.tuple(code.co_consts().to_vec()),
            "co_varnames" => self.tuple(code.names_of_kind(LOCAL)),
            "co_cellvars" => self.tuple(code.names_of_kind(CELL)),
            "co_freevars" => self.tuple(code.names_of_kind(FREE)),
            "co_nlocals" => self.int_of_usize(code.names_of_kind(LOCAL).len()),
            "co_stacksize" => self.int(code.origin.stack.into()),
            "co_code" | "_co_code_adaptive" => self.bytes(code.origin.code().to_vec()),
            "co_exceptiontable" => self.bytes(code.origin.table().to_vec()),
            "co_linetable" => self.bytes(code.origin.lines().to_vec()),
            "co_lnotab" => self.bytes(lnotab(code)),
            _ => return None,
        })
    }

    /// Are they equal to CPython: what they are made of, but for the file?
    pub(crate) fn equal_codes(&self, a: &Code, b: &Code) -> R<bool> {
        let numbers = |it: &Code| (it.argcount, it.posonly, it.kwonly, it.flags, it.first_line);
        let bytes = |it: &Code| [it.origin.code(), it.origin.table(), it.origin.lines()].map(<[u8]>::to_vec);
        if numbers(a) != numbers(b) || bytes(a) != bytes(b) || !self.equal(&a.name, &b.name)? {
            return Ok(false);
        }
        for (a, b) in [(&a.names, &b.names), (&a.local_names, &b.local_names)] {
            if !self.equal(&self.tuple(a.to_vec()), &self.tuple(b.to_vec()))? {
                return Ok(false);
            }
        }
        self.equal_constants(a.co_consts(), b.co_consts())
    }

    /// Are constants the same, types and signs of zeros among what counts?
    fn equal_constants(&self, a: &[Value], b: &[Value]) -> R<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(b) {
            if a.is(b) {
                continue;
            }
            let same = match (a.get::<Tuple>(), b.get::<Tuple>()) {
                (Some(a), Some(b)) => self.nested(|| self.equal_constants(&a.items, &b.items))?,
                _ if !self.type_of(a).is_subtype(self.type_of(b)) => false,
                _ => match (self.as_float(a), self.as_float(b)) {
                    (Some(a), Some(b)) => a.to_bits() == b.to_bits(),
                    _ => self.nested(|| self.equal(a, b))?,
                },
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What equal ones have in common.
    pub(crate) fn hash_code(&self, code: &Code) -> R<i64> {
        let bytes = [code.origin.code(), code.origin.table(), code.origin.lines()].concat();
        let numbers =
            i64::from(code.first_line) ^ i64::from(code.flags) << 20 ^ i64::from(code.argcount) << 40;
        let rows = [&code.names[..], &code.local_names].map(|row| self.tuple(row.to_vec()));
        let names = self.hash(&self.tuple(rows.to_vec()))?;
        Ok(self.hash(&code.name)? ^ names ^ self.hash_bytes(&bytes) ^ numbers)
    }
}

/// What an argument is to be.
struct Wanted<'a> {
    /// Who wants it.
    function: &'a str,
    /// What the message calls the argument.
    argument: String,
}

impl Wanted<'_> {
    fn wrong(&self, vm: &Vm, wanted: &str, value: &Value) -> crate::vm::Raised {
        let (Wanted { function, argument }, got) = (self, vm.type_name(value));
        vm.type_error(format!("{function}() argument {argument} must be {wanted}, not {got}"))
    }

    fn text(&self, vm: &Vm, value: &Value) -> R {
        match value.get::<Str>() {
            Some(_) => Ok(value.clone()),
            None => Err(self.wrong(vm, "str", value)),
        }
    }

    fn bytes(&self, vm: &Vm, value: &Value) -> R<Vec<u8>> {
        match value.get::<Bytes>() {
            Some(bytes) => Ok(bytes.data.to_vec()),
            None => Err(self.wrong(vm, "bytes", value)),
        }
    }

    fn row(&self, vm: &Vm, value: &Value) -> R<Vec<Value>> {
        match value.get::<Tuple>() {
            Some(tuple) => Ok(tuple.items.to_vec()),
            None => Err(self.wrong(vm, "tuple", value)),
        }
    }

    fn names(&self, vm: &Vm, value: &Value) -> R<Vec<Value>> {
        let names = self.row(vm, value)?;
        match names.iter().find(|it| it.get::<Str>().is_none()) {
            Some(other) => {
                let got = vm.type_name(other);
                Err(vm.type_error(format!("name tuples must contain only strings, not '{got}'")))
            }
            None => Ok(names.iter().map(|name| vm.intern_value(name)).collect()),
        }
    }
}

fn number(vm: &Vm, value: &Value) -> R<i32> {
    let number = crate::modules::native::index(vm, value)?;
    i32::try_from(number)
        .map_err(|_| vm.raise(Exc::OverflowError, "Python int too large to convert to C int"))
}

/// The parts of a code object, as a program names them.
struct Draft {
    counts: [i32; 6],
    texts: [Value; 3],
    rows: [Vec<Value>; 3],
    frees: Vec<Value>,
    cells: Vec<Value>,
    first_line: i32,
    bytes: [Vec<u8>; 3],
}

const COUNTS: [&str; 6] =
    ["co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags"];
const TEXTS: [&str; 3] = ["co_filename", "co_name", "co_qualname"];
const ROWS: [&str; 3] = ["co_consts", "co_names", "co_varnames"];
const BYTES: [&str; 3] = ["co_code", "co_linetable", "co_exceptiontable"];

impl Draft {
    fn of(code: &Code) -> Draft {
        let locals = code.names_of_kind(LOCAL);
        Draft {
            counts: [
                code.argcount.into(),
                code.posonly.into(),
                code.kwonly.into(),
                locals.len() as i32,
                code.origin.stack as i32,
                code.flags as i32,
            ],
            texts: [code.file(), code.name.clone(), code.qualname.clone()],
            rows: [code.co_consts().to_vec(), code.names.to_vec(), locals],
            frees: code.names_of_kind(FREE),
            cells: code.names_of_kind(CELL),
            first_line: code.first_line,
            bytes: [code.origin.code(), code.origin.lines(), code.origin.table()].map(<[u8]>::to_vec),
        }
    }

    /// Takes another value for one part; false where there is none of that name.
    fn set(&mut self, vm: &Vm, name: &str, value: &Value, wanted: &Wanted<'_>) -> R<bool> {
        let at = |names: &[&str]| names.iter().position(|it| *it == name);
        if let Some(at) = at(&COUNTS) {
            self.counts[at] = number(vm, value)?;
        } else if let Some(at) = at(&TEXTS) {
            self.texts[at] = wanted.text(vm, value)?;
        } else if let Some(at) = at(&ROWS) {
            self.rows[at] = if at == 0 { wanted.row(vm, value)? } else { wanted.names(vm, value)? };
        } else if let Some(at) = at(&BYTES) {
            self.bytes[at] = wanted.bytes(vm, value)?;
        } else {
            match name {
                "co_firstlineno" => self.first_line = number(vm, value)?,
                "co_freevars" => self.frees = wanted.names(vm, value)?,
                "co_cellvars" => self.cells = wanted.names(vm, value)?,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The code object. Whether its bytecode is sound is seen when it first runs.
    fn finish(self, vm: &Vm) -> R {
        let [argcount, posonly, kwonly, nlocals, stack, flags] = self.counts;
        let [consts, names, locals] = self.rows;
        let [code, lines, table] = self.bytes;
        if !code.len().is_multiple_of(2) {
            return Err(vm.value_error("code: co_code is malformed"));
        }
        let extra = flags as u32 & (VARARGS | VARKEYWORDS);
        if (i64::from(argcount) + i64::from(kwonly)) as usize + extra.count_ones() as usize > locals.len() {
            return Err(vm.value_error("code: co_varnames is too small"));
        }
        if nlocals as usize != locals.len() {
            return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
        }
        let (mut local_names, mut kinds) = (locals, vec![LOCAL; nlocals as usize]);
        let own_locals = local_names.len();
        for cell in self.cells {
            match local_names[..own_locals].iter().position(|it| it.is(&cell)) {
                Some(place) => kinds[place] |= CELL,
                None => {
                    local_names.push(cell);
                    kinds.push(CELL);
                }
            }
        }
        local_names.extend(self.frees);
        kinds.resize(local_names.len(), FREE);
        let [filename, name, qualname] = self.texts;
        let parts = Parts {
            name,
            qualname,
            filename,
            names,
            own_locals,
            local_names,
            kinds,
            consts,
            argcount: argcount as u32,
            posonly: posonly as u32,
            kwonly: kwonly as u32,
            flags: flags as u32,
            first_line: self.first_line,
            origin: Origin::new(&code, &table, &lines, stack as u32, true),
            internal: false,
        };
        assemble(vm, parts).map_err(|error| vm.value_error(format!("code: {error}")))
    }
}

fn new(vm: &Vm, args: Args<'_>) -> R {
    let values = args.values.get(1..).unwrap_or_default();
    if !args.names.is_empty() {
        return Err(vm.type_error("code() takes no keyword arguments"));
    }
    let bound = match values.len() {
        0..16 => Some(("least", 16)),
        16..19 => None,
        _ => Some(("most", 18)),
    };
    if let Some((bound, count)) = bound {
        let given = values.len();
        return Err(vm.type_error(format!("code expected at {bound} {count} arguments, got {given}")));
    }
    let empty = || vm.str("");
    let mut draft = Draft {
        counts: [0; 6],
        texts: [empty(), empty(), empty()],
        rows: [const { Vec::new() }; 3],
        frees: Vec::new(),
        cells: Vec::new(),
        first_line: 0,
        bytes: [const { Vec::new() }; 3],
    };
    let order = [
        COUNTS[0],
        COUNTS[1],
        COUNTS[2],
        COUNTS[3],
        COUNTS[4],
        COUNTS[5],
        BYTES[0],
        ROWS[0],
        ROWS[1],
        ROWS[2],
        TEXTS[0],
        TEXTS[1],
        TEXTS[2],
        "co_firstlineno",
        BYTES[1],
        BYTES[2],
        "co_freevars",
        "co_cellvars",
    ];
    for (at, (name, value)) in order.into_iter().zip(values).enumerate() {
        draft.set(vm, name, value, &Wanted { function: "code", argument: (at + 1).to_string() })?;
    }
    for (name, count) in COUNTS.into_iter().zip(draft.counts).take(4) {
        if count < 0 {
            let name = name.trim_start_matches("co_");
            return Err(vm.value_error(format!("code: {name} must not be negative")));
        }
    }
    if draft.counts[1] > draft.counts[0] || draft.counts[4] < 0 || draft.counts[5] < 0 {
        return Err(vm.raise(Exc::SystemError, "bad argument to internal function"));
    }
    draft.finish(vm)
}

fn replace(vm: &Vm, function: &str, args: Args<'_>) -> R {
    let (values, named) = args.values.split_at(args.values.len() - args.names.len());
    let Some(code) = values.first().and_then(|it| it.get::<Code>()) else {
        return Err(vm.type_error(format!("descriptor '{function}' for 'code' objects needs an argument")));
    };
    if values.len() > 1 {
        let given = values.len() - 1;
        return Err(
            vm.type_error(format!("{function}() takes 0 positional arguments but {given} were given"))
        );
    }
    let mut draft = Draft::of(code);
    // Whether the instructions stay as they are, and what they know by number is there.
    let mut simple = true;
    for (name, value) in args.names.iter().zip(named) {
        let name = vm.text_of(name);
        let wanted = Wanted { function, argument: format!("'{name}'") };
        if !draft.set(vm, &name, value, &wanted)? {
            let message = format!("{function}() got an unexpected keyword argument '{name}'");
            return Err(vm.type_error(message));
        }
        let row = !code.origin.own && matches!(name.as_str(), "co_consts" | "co_names");
        simple &= TEXTS.contains(&name.as_str()) || name == "co_flags" || row;
    }
    for (name, count) in COUNTS.into_iter().zip(draft.counts).chain([("co_firstlineno", draft.first_line)]) {
        if count < 0 {
            return Err(vm.value_error(format!("{name} must be a positive integer")));
        }
    }
    let [consts, names, _] = &draft.rows;
    simple &= consts.len() == code.co_consts().len() && names.len() == code.names.len();
    if simple {
        let Draft { texts, counts, rows: [consts, names, _], .. } = draft;
        let made = code.renamed(texts, counts[5] as u32, &consts, names);
        return Ok(crate::heap::allocate(vm, &vm.types.code, made));
    }
    if !code.origin.own {
        return Err(vm.value_error("the instructions of bytecode of another release stay as they are"));
    }
    draft.finish(vm)
}
