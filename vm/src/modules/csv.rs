//! `_csv`: tables as text.

use super::native::{Own, Spec, itself, next_method, read_only, split_class};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Access, Data, Dict, NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::Cell;
use std::rc::Rc;

/// What stands between fields, around them, and so on.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Dialect {
    delimiter: u32,
    quote: Option<u32>,
    escape: Option<u32>,
    terminator: Vec<u32>,
    quoting: i64,
    double: bool,
    skip: bool,
    strict: bool,
}

const MINIMAL: i64 = 0;
const ALL: i64 = 1;
const NONNUMERIC: i64 = 2;
const NEVER: i64 = 3;
const STRINGS: i64 = 4;
const NOTNULL: i64 = 5;

const NAMES: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_own("_csv.Error", Exc::Exception, message)
}

fn letter(vm: &Vm, name: &str, value: &Value, optional: bool) -> R<Option<u32>> {
    let or_none = if optional { " or None" } else { "" };
    match value.get::<Str>() {
        Some(text) if text.len() == 1 => Ok(text.at(0)),
        Some(text) => {
            let len = text.len();
            Err(vm.type_error(format!(
                "\"{name}\" must be a unicode character{or_none}, not a string of length {len}"
            )))
        }
        None if value.is_none() && optional => Ok(None),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("\"{name}\" must be a unicode character{or_none}, not {got}")))
        }
    }
}

impl Dialect {
    /// From what was given by name, else from `base`: a dialect, a class with attributes or a name.
    fn new(vm: &Vm, base: Option<&Value>, names: &[Value], values: &[Value]) -> R<Dialect> {
        let by_name = names.iter().position(|it| vm.text_of(it) == "dialect").and_then(|at| values.get(at));
        let mut base = base.or(by_name).filter(|it| !it.is_none()).cloned();
        if let Some(name) = base.as_ref().filter(|it| it.get::<Str>().is_some()) {
            base = Some(named(vm, name)?);
        }
        let mut parts: [Option<Value>; 8] = Default::default();
        for (name, value) in names.iter().zip(values) {
            let text = vm.text_of(name);
            if text == "dialect" {
                continue;
            }
            match NAMES.iter().position(|it| *it == text) {
                Some(at) => parts[at] = Some(value.clone()),
                None => {
                    let message = format!("this function got an unexpected keyword argument '{text}'");
                    return Err(vm.type_error(message));
                }
            }
        }
        if let Some(base) = &base {
            if let Some(known) = base.data::<Held>()
                && names.iter().all(|it| vm.text_of(it) == "dialect")
            {
                return Ok((*known.0).clone());
            }
            for (part, name) in parts.iter_mut().zip(NAMES) {
                if part.is_none() {
                    *part = vm.get_attribute_or_none(base, &vm.intern(name))?;
                }
            }
        }
        let quote_given = parts[4].is_some();
        let truth = |at: usize, default: bool| parts[at].as_ref().map_or(Ok(default), |it| vm.truth(it));
        let delimiter = match &parts[0] {
            Some(value) => letter(vm, NAMES[0], value, false)?.unwrap_or(0),
            None => ','.into(),
        };
        let escape = parts[2].as_ref().map_or(Ok(None), |it| letter(vm, NAMES[2], it, true))?;
        let mut quote = match &parts[4] {
            Some(value) => letter(vm, NAMES[4], value, true)?,
            None => Some('"'.into()),
        };
        let terminator = match &parts[3] {
            Some(value) => match value.get::<Str>() {
                Some(text) => text.points(),
                None => {
                    let got = vm.type_name(value);
                    return Err(vm.type_error(format!("\"lineterminator\" must be a string, not {got}")));
                }
            },
            None => vec![13, 10],
        };
        let mut quoting = match &parts[5] {
            Some(value) => match vm.as_i64(value) {
                Some(number) if (0..=NOTNULL).contains(&number) => number,
                Some(_) => return Err(vm.type_error("bad \"quoting\" value")),
                None => {
                    let got = vm.type_name(value);
                    return Err(vm.type_error(format!("\"quoting\" must be an integer, not {got}")));
                }
            },
            None => MINIMAL,
        };
        if quote_given && quote.is_none() && parts[5].is_none() {
            quoting = NEVER;
        }
        if quoting != NEVER && quote.is_none() {
            return Err(vm.type_error("quotechar must be set if quoting enabled"));
        }
        let (double, skip, strict) = (truth(1, true)?, truth(6, false)?, truth(7, false)?);
        let break_of_line = |it: u32| it == 10 || it == 13;
        for (name, it) in [("delimiter", Some(delimiter)), ("escapechar", escape), ("quotechar", quote)] {
            if it.is_some_and(|it| break_of_line(it) || it == 32 && skip) {
                return Err(vm.value_error(format!("bad {name} value")));
            }
        }
        for (a, b, x, y) in [
            ("delimiter", "escapechar", Some(delimiter), escape),
            ("delimiter", "quotechar", Some(delimiter), quote),
            ("escapechar", "quotechar", escape, quote),
        ] {
            if x.is_some() && x == y {
                return Err(vm.value_error(format!("bad {a} or {b} value")));
            }
        }
        if quoting == NEVER && !quote_given {
            quote = Some('"'.into());
        }
        Ok(Dialect { delimiter, quote, escape, terminator, quoting, double, skip, strict })
    }
}

struct Held(Rc<Dialect>);

impl Data for Held {}

fn held<'a>(vm: &Vm, it: &'a Value) -> R<&'a Dialect> {
    Ok(&vm.own_data::<Held>("Dialect", it, &DIALECT)?.0)
}

fn shown(vm: &Vm, letter: Option<u32>) -> Value {
    letter.map_or(NONE, |it| vm.str_of_points(&[it]))
}

static DIALECT: Spec = Spec {
    derivable: true,
    methods: &[("__new__", |vm, args| {
        let (class, args) = split_class(vm, args)?;
        let (plain, named) = args.values.split_at(args.values.len() - args.names.len());
        Ok(vm.custom_of(class, Held(Rc::new(Dialect::new(vm, plain.first(), args.names, named)?))))
    })],
    attributes: &[
        ("delimiter", read_only(|vm, it| Ok(shown(vm, Some(held(vm, it)?.delimiter))))),
        ("quotechar", read_only(|vm, it| Ok(shown(vm, held(vm, it)?.quote)))),
        ("escapechar", read_only(|vm, it| Ok(shown(vm, held(vm, it)?.escape)))),
        ("lineterminator", read_only(|vm, it| Ok(vm.str_of_points(&held(vm, it)?.terminator)))),
        ("quoting", read_only(|vm, it| Ok(vm.int(held(vm, it)?.quoting)))),
        ("doublequote", read_only(|vm, it| Ok(Value::bool(held(vm, it)?.double)))),
        ("skipinitialspace", read_only(|vm, it| Ok(Value::bool(held(vm, it)?.skip)))),
        ("strict", read_only(|vm, it| Ok(Value::bool(held(vm, it)?.strict)))),
    ],
    ..Spec::new(Own::CsvDialect, "_csv.Dialect")
};

/// The dialects that have a name: a `dict`.
fn dialects(vm: &Vm) -> Value {
    match vm.modules_state.dialects.get() {
        Some(it) => it,
        None => {
            let it = vm.dict();
            vm.modules_state.dialects.set(Some(it.clone()));
            it
        }
    }
}

fn named(vm: &Vm, name: &Value) -> R {
    match dialects(vm).get::<Dict>().map(|it| it.get(vm, name)).transpose()?.flatten() {
        Some(found) => Ok(found),
        None => Err(error(vm, "unknown dialect")),
    }
}

fn split(args: Args<'_>) -> (&[Value], &[Value]) {
    args.values.split_at(args.values.len() - args.names.len())
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("reader", |vm, args| {
        let (plain, named) = split(args);
        let Some(source) = plain.first() else {
            return Err(vm.type_error("reader expected at least 1 argument, got 0"));
        };
        let dialect = Rc::new(Dialect::new(vm, plain.get(1), args.names, named)?);
        let source = vm.iter(source)?;
        let data = Reader { source, dialect, lines: Cell::new(0), running: Cell::new(false) };
        Ok(vm.custom(&READER, data))
    }),
    ("writer", |vm, args| {
        let (plain, named) = split(args);
        let Some(file) = plain.first() else {
            return Err(vm.type_error("writer expected at least 1 argument, got 0"));
        };
        let dialect = Rc::new(Dialect::new(vm, plain.get(1), args.names, named)?);
        let write = vm.get_attribute_or_none(file, &vm.names.write)?;
        let Some(write) = write.filter(|it| vm.is_callable(it)) else {
            return Err(vm.type_error("argument 1 must have a \"write\" method"));
        };
        Ok(vm.custom(&WRITER, Writer { write, dialect }))
    }),
    ("register_dialect", |vm, args| {
        let (plain, named) = split(args);
        let [name, rest @ ..] = plain else {
            return Err(vm.type_error("register_dialect expected at least 1 argument, got 0"));
        };
        if name.get::<Str>().is_none() {
            return Err(vm.type_error("dialect name must be a string"));
        }
        let dialect = Rc::new(Dialect::new(vm, rest.first(), args.names, named)?);
        let value = vm.custom(&DIALECT, Held(dialect));
        if let Some(all) = dialects(vm).get::<Dict>() {
            all.set(vm, name.clone(), value)?;
        }
        Ok(NONE)
    }),
    ("unregister_dialect", |vm, args| {
        let values = positional(vm, "unregister_dialect", args, 1, 1)?;
        named(vm, &values[0])?;
        if let Some(all) = dialects(vm).get::<Dict>() {
            drop(all.remove(vm, &values[0])?);
        }
        Ok(NONE)
    }),
    ("get_dialect", |vm, args| named(vm, &positional(vm, "get_dialect", args, 1, 1)?[0])),
    ("list_dialects", |vm, _| Ok(vm.list(vm.collect(&dialects(vm))?))),
    ("field_size_limit", |vm, args| {
        let values = positional(vm, "field_size_limit", args, 0, 1)?;
        let limit = &vm.modules_state.field_limit;
        let old = limit.get().unwrap_or(131_072);
        if let Some(new) = values.first() {
            match vm.as_i64(new) {
                Some(new) => limit.set(Some(new)),
                None => return Err(vm.type_error("limit must be an integer")),
            }
        }
        Ok(vm.int(old))
    }),
];

struct Reader {
    source: Value,
    dialect: Rc<Dialect>,
    lines: Cell<i64>,
    running: Cell<bool>,
}

const DIALECT_OF: (&str, Access) = (
    "dialect",
    read_only(|vm, it| {
        let dialect = match it.data::<Reader>() {
            Some(reader) => reader.dialect.clone(),
            None => vm.own_data::<Writer>("dialect", it, &WRITER)?.dialect.clone(),
        };
        Ok(vm.custom(&DIALECT, Held(dialect)))
    }),
);

static READER: Spec = Spec {
    methods: &[("__iter__", itself), ("__next__", next_method)],
    attributes: &[
        DIALECT_OF,
        (
            "line_num",
            read_only(|vm, it| Ok(vm.int(vm.own_data::<Reader>("line_num", it, &READER)?.lines.get()))),
        ),
    ],
    ..Spec::new(Own::CsvReader, "_csv.reader")
};

/// Where the reader is in a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    FieldStart,
    Field,
    Quoted,
    /// Behind a quote in a quoted field: another one means one, anything else is the end.
    QuoteInQuoted,
    Escape(bool),
    /// Behind an escaped break of a line.
    Break,
    Done,
}

struct Row<'a> {
    vm: &'a Vm,
    dialect: &'a Dialect,
    fields: Vec<Value>,
    field: Vec<u32>,
    /// Was the field in quotes?
    quoted: bool,
    at: At,
}

impl Row<'_> {
    fn end_field(&mut self) -> R<()> {
        let vm = self.vm;
        let points = std::mem::take(&mut self.field);
        let quoted = std::mem::replace(&mut self.quoted, false);
        let text = vm.str_of_points(&points);
        let value = match self.dialect.quoting {
            NOTNULL if points.is_empty() && !quoted => NONE,
            STRINGS if points.is_empty() && !quoted => NONE,
            NONNUMERIC | STRINGS if !(quoted || points.is_empty() && self.dialect.quoting == STRINGS) => {
                vm.call_with(vm.types.float.value(), &[text])?
            }
            _ => text,
        };
        self.fields.push(value);
        Ok(())
    }

    fn push(&mut self, point: u32) -> R<()> {
        let limit = self.vm.modules_state.field_limit.get().unwrap_or(131_072);
        if self.field.len() as i64 >= limit {
            return Err(error(self.vm, &format!("field larger than field limit ({limit})")));
        }
        self.field.push(point);
        Ok(())
    }

    /// One character more; `None` is the end of a line.
    fn see(&mut self, point: Option<u32>) -> R<()> {
        let dialect = self.dialect;
        let line_end = matches!(point, None | Some(10 | 13));
        match self.at {
            At::Start if point.is_none() => {}
            At::Start if line_end => self.at = At::Done,
            At::Start | At::FieldStart => {
                let Some(it) = point.filter(|_| !line_end) else {
                    self.end_field()?;
                    self.at = if point.is_none() { At::Start } else { At::Done };
                    return Ok(());
                };
                if Some(it) == dialect.quote && dialect.quoting != NEVER {
                    self.quoted = true;
                    self.at = At::Quoted;
                } else if Some(it) == dialect.escape {
                    self.at = At::Escape(false);
                } else if it == 32 && dialect.skip {
                    self.at = At::FieldStart;
                } else if it == dialect.delimiter {
                    self.end_field()?;
                    self.at = At::FieldStart;
                } else {
                    self.push(it)?;
                    self.at = At::Field;
                }
            }
            At::Field => match point.filter(|_| !line_end) {
                None => {
                    self.end_field()?;
                    self.at = if point.is_none() { At::Start } else { At::Done };
                }
                Some(it) if Some(it) == dialect.escape => self.at = At::Escape(false),
                Some(it) if it == dialect.delimiter => {
                    self.end_field()?;
                    self.at = At::FieldStart;
                }
                Some(it) => self.push(it)?,
            },
            At::Quoted => match point {
                None => {}
                Some(it) if Some(it) == dialect.escape => self.at = At::Escape(true),
                Some(it) if Some(it) == dialect.quote && dialect.quoting != NEVER => {
                    self.at = if dialect.double { At::QuoteInQuoted } else { At::Field };
                }
                Some(it) => self.push(it)?,
            },
            At::QuoteInQuoted => match point.filter(|_| !line_end) {
                Some(it) if dialect.quoting != NEVER && Some(it) == dialect.quote => {
                    self.push(it)?;
                    self.at = At::Quoted;
                }
                Some(it) if it == dialect.delimiter => {
                    self.end_field()?;
                    self.at = At::FieldStart;
                }
                None => {
                    self.end_field()?;
                    self.at = if point.is_none() { At::Start } else { At::Done };
                }
                Some(it) if !dialect.strict => {
                    self.push(it)?;
                    self.at = At::Field;
                }
                Some(_) => {
                    let [a, b] = [dialect.delimiter, dialect.quote.unwrap_or(0)]
                        .map(|it| char::from_u32(it).unwrap_or('?'));
                    return Err(error(self.vm, &format!("'{a}' expected after '{b}'")));
                }
            },
            At::Escape(quoted) => match point {
                Some(10 | 13) if !quoted => {
                    self.push(point.unwrap_or(10))?;
                    self.at = At::Break;
                }
                it => {
                    self.push(it.unwrap_or(10))?;
                    self.at = if quoted { At::Quoted } else { At::Field };
                }
            },
            At::Break => {
                if point.is_some() {
                    self.at = At::Field;
                    self.see(point)?;
                }
            }
            At::Done => {
                if !line_end {
                    let message = "new-line character seen in unquoted field - do you need to open the file with newline=''?";
                    return Err(error(self.vm, message));
                }
                if point.is_none() {
                    self.at = At::Start;
                }
            }
        }
        Ok(())
    }
}

impl Reader {
    fn read(&self, vm: &Vm) -> R<Option<Value>> {
        let mut row = Row {
            vm,
            dialect: &self.dialect,
            fields: Vec::new(),
            field: Vec::new(),
            quoted: false,
            at: At::Start,
        };
        loop {
            let Some(line) = vm.next(&self.source)? else {
                if row.field.is_empty()
                    && row.at != At::Quoted
                    && !matches!(row.at, At::Break | At::Escape(_))
                {
                    return Ok(None);
                }
                if self.dialect.strict {
                    return Err(error(vm, "unexpected end of data"));
                }
                row.end_field()?;
                return Ok(Some(vm.list(row.fields)));
            };
            let Some(text) = line.get::<Str>() else {
                let got = vm.type_name(&line);
                let message = format!(
                    "iterator should return strings, not {got} (the file should be opened in text mode)"
                );
                return Err(error(vm, &message));
            };
            self.lines.set(self.lines.get() + 1);
            for at in 0..text.len() {
                row.see(text.at(at))?;
            }
            row.see(None)?;
            if row.at == At::Start {
                return Ok(Some(vm.list(row.fields)));
            }
        }
    }
}

impl Data for Reader {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.source);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        if self.running.replace(true) {
            return Some(Err(error(vm, "iterator has already advanced the reader")));
        }
        let result = self.read(vm);
        self.running.set(false);
        Some(result)
    }
}

struct Writer {
    write: Value,
    dialect: Rc<Dialect>,
}

impl Data for Writer {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.write);
    }
}

static WRITER: Spec = Spec {
    methods: &[
        ("writerow", |vm, args| {
            let (it, values) = method(vm, "writerow", args, 1, 1)?;
            vm.own_data::<Writer>("writerow", it, &WRITER)?.row(vm, &values[0])
        }),
        ("writerows", |vm, args| {
            let (it, values) = method(vm, "writerows", args, 1, 1)?;
            let writer: &Writer = vm.own_data("writerows", it, &WRITER)?;
            let rows = vm.iter(&values[0])?;
            while let Some(row) = vm.next(&rows)? {
                writer.row(vm, &row)?;
            }
            Ok(NONE)
        }),
    ],
    attributes: &[DIALECT_OF],
    ..Spec::new(Own::CsvWriter, "_csv.writer")
};

impl Writer {
    fn row(&self, vm: &Vm, row: &Value) -> R {
        let fields = match vm.collect(row) {
            Ok(fields) => fields,
            Err(Raised) if vm.pending_is(Exc::TypeError) => {
                vm.pending.set(None);
                let got = vm.type_name(row);
                return Err(error(vm, &format!("iterable expected, not {got}")));
            }
            Err(Raised) => return Err(Raised),
        };
        let mut out = Vec::new();
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                out.push(self.dialect.delimiter);
            }
            self.field(vm, field, fields.len() == 1, &mut out)?;
        }
        out.extend_from_slice(&self.dialect.terminator);
        vm.call_with(&self.write, &[vm.str_of_points(&out)])
    }

    fn field(&self, vm: &Vm, field: &Value, alone: bool, out: &mut Vec<u32>) -> R<()> {
        let dialect = &*self.dialect;
        let number = vm.as_float(field).is_some() || vm.as_big(field).is_some();
        let text = field.get::<Str>().is_some();
        let mut quoted = match dialect.quoting {
            NONNUMERIC => !number,
            ALL => true,
            STRINGS => text,
            NOTNULL => !field.is_none(),
            _ => false,
        };
        let points = match field.is_none() {
            true => Vec::new(),
            false => vm.to_str(field)?.get::<Str>().map(Str::points).unwrap_or_default(),
        };
        let mut body = Vec::with_capacity(points.len());
        for &point in &points {
            let special = point == dialect.delimiter
                || Some(point) == dialect.escape
                || Some(point) == dialect.quote
                || point == 10
                || point == 13
                || dialect.terminator.contains(&point);
            if special {
                let mut escape = dialect.quoting == NEVER;
                if !escape {
                    if Some(point) == dialect.quote {
                        if dialect.double { body.push(point) } else { escape = true }
                    } else if Some(point) == dialect.escape {
                        escape = true;
                    }
                    quoted |= !escape;
                }
                if escape {
                    match dialect.escape {
                        Some(it) => body.push(it),
                        None => return Err(error(vm, "need to escape, but no escapechar set")),
                    }
                }
            }
            body.push(point);
        }
        let blank = points.is_empty() && alone
            || points.first() == Some(&32) && dialect.delimiter == 32 && dialect.skip;
        if blank && !quoted {
            if dialect.quoting == NEVER || field.is_none() && matches!(dialect.quoting, STRINGS | NOTNULL) {
                return Err(error(vm, "single empty field record must be quoted"));
            }
            quoted = true;
        }
        let quote = dialect.quote.filter(|_| quoted);
        out.extend(quote);
        out.extend(body);
        out.extend(quote);
        Ok(())
    }
}

/// `_csv`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put_type(module, &DIALECT);
    vm.put(module, "Reader", vm.own(&READER).value().clone());
    vm.put(module, "Writer", vm.own(&WRITER).value().clone());
    vm.put(module, "Error", vm.own_exception("_csv.Error", Exc::Exception)?);
    vm.put(module, "_dialects", dialects(vm));
    vm.put(module, "__version__", vm.str("1.0"));
    for (name, number) in [
        ("QUOTE_MINIMAL", MINIMAL),
        ("QUOTE_ALL", ALL),
        ("QUOTE_NONNUMERIC", NONNUMERIC),
        ("QUOTE_NONE", NEVER),
        ("QUOTE_STRINGS", STRINGS),
        ("QUOTE_NOTNULL", NOTNULL),
    ] {
        vm.put(module, name, vm.int(number));
    }
    Ok(())
}
