//! `str.format` and `str.format_map`.

use crate::builtins::exceptions::Exc;
use crate::object::str::push_utf8;
use crate::object::{Str, callable::Args};
use crate::value::Value;
use crate::vm::{R, Vm};

/// How fields without a name are numbered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Unknown,
    Automatic,
    Manual,
}

/// Where the values of fields come from.
enum Source<'a> {
    Arguments { positional: &'a [Value], args: Args<'a> },
    Mapping(&'a Value),
}

struct Template<'a> {
    vm: &'a Vm,
    source: Source<'a>,
    numbering: Numbering,
    next: usize,
}

/// A field between braces.
struct Field<'t> {
    name: &'t [u32],
    conversion: Option<u32>,
    spec: &'t [u32],
}

const fn is(point: Option<&u32>, wanted: char) -> bool {
    matches!(point, Some(&point) if point == wanted as u32)
}

fn text(points: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len());
    points.iter().for_each(|&point| push_utf8(point, &mut out));
    out
}

impl Template<'_> {
    fn expand(&mut self, text: &[u32], depth: u32, out: &mut Vec<u8>) -> R<()> {
        let vm = self.vm;
        if depth == 0 {
            return Err(vm.value_error("Max string recursion exceeded"));
        }
        let mut at = 0;
        while let Some(&point) = text.get(at) {
            at += 1;
            if point != u32::from('{') && point != u32::from('}') {
                push_utf8(point, out);
            } else if text.get(at) == Some(&point) {
                push_utf8(point, out);
                at += 1;
            } else if point == u32::from('}') {
                return Err(vm.value_error("Single '}' encountered in format string"));
            } else if at == text.len() {
                return Err(vm.value_error("Single '{' encountered in format string"));
            } else {
                let (field, end) = self.parse(text, at)?;
                at = end;
                self.show(&field, depth, out)?;
            }
        }
        Ok(())
    }

    /// The field that starts at `start`, and where it ends.
    fn parse<'t>(&self, text: &'t [u32], start: usize) -> R<(Field<'t>, usize)> {
        let error = |message: &str| Err(self.vm.value_error(message));
        let (mut at, mut in_key) = (start, false);
        loop {
            match text.get(at).and_then(|&point| char::from_u32(point)) {
                Some(ch) if in_key => in_key = ch != ']',
                Some('{') => return error("unexpected '{' in field name"),
                Some('[') => in_key = true,
                Some('}' | ':' | '!') => break,
                None if at >= text.len() => return error("expected '}' before end of string"),
                _ => {}
            }
            at += 1;
        }
        let name = &text[start..at];
        let mut field = Field { name, conversion: None, spec: &[] };
        if is(text.get(at), '!') {
            let Some(&conversion) = text.get(at + 1) else {
                return error("end of string while looking for conversion specifier");
            };
            field.conversion = Some(conversion);
            at += 2;
            match text.get(at) {
                Some(&point) if point == u32::from('}') => return Ok((field, at + 1)),
                Some(&point) if point == u32::from(':') => {}
                Some(_) => return error("expected ':' after conversion specifier"),
                None => return error("unmatched '{' in format spec"),
            }
        } else if is(text.get(at), '}') {
            return Ok((field, at + 1));
        }
        at += 1;
        let start = at;
        let mut depth = 1;
        while let Some(&point) = text.get(at) {
            at += 1;
            if point == u32::from('{') {
                depth += 1;
            } else if point == u32::from('}') {
                depth -= 1;
                if depth == 0 {
                    field.spec = &text[start..at - 1];
                    return Ok((field, at));
                }
            }
        }
        error("unmatched '{' in format spec")
    }

    fn show(&mut self, field: &Field<'_>, depth: u32, out: &mut Vec<u8>) -> R<()> {
        let vm = self.vm;
        let mut value = self.value(field.name)?;
        if let Some(conversion) = field.conversion {
            value = match char::from_u32(conversion) {
                Some('r') => vm.repr(&value)?,
                Some('s') => vm.to_str(&value)?,
                Some('a') => vm.ascii(&value)?,
                _ => {
                    let shown = super::spec::shown(conversion);
                    return Err(vm.value_error(format!("Unknown conversion specifier {shown}")));
                }
            };
        }
        let spec = if field.spec.contains(&u32::from('{')) || field.spec.contains(&u32::from('}')) {
            let mut expanded = Vec::new();
            self.expand(field.spec, depth - 1, &mut expanded)?;
            vm.str_of_utf8(&expanded)
        } else {
            vm.str_of_points(field.spec)
        };
        let shown = vm.format(&value, &spec)?;
        if let Some(shown) = shown.get::<Str>() {
            out.extend_from_slice(&shown.to_utf8());
        }
        Ok(())
    }

    /// A number, where the text is one.
    fn number(&self, text: &[u32]) -> R<Option<usize>> {
        let mut number: usize = 0;
        for &point in text {
            let digit = char::from_u32(point).and_then(crate::builtins::make::decimal);
            let Some(digit) = digit else { return Ok(None) };
            let next = number.checked_mul(10).and_then(|it| it.checked_add(digit as usize));
            let Some(next) = next.filter(|&it| it <= isize::MAX as usize) else {
                return Err(self.vm.value_error("Too many decimal digits in format string"));
            };
            number = next;
        }
        Ok((!text.is_empty()).then_some(number))
    }

    fn number_as(&mut self, wanted: Numbering) -> R<()> {
        if self.numbering == Numbering::Unknown {
            self.numbering = wanted;
        }
        if self.numbering == wanted {
            return Ok(());
        }
        let message = match wanted {
            Numbering::Automatic => {
                "cannot switch from manual field specification to automatic field numbering"
            }
            _ => "cannot switch from automatic field numbering to manual field specification",
        };
        Err(self.vm.value_error(message))
    }

    /// The value that a name starts with.
    fn first(&mut self, name: &[u32]) -> R {
        let vm = self.vm;
        let mut index = self.number(name)?;
        if let Source::Arguments { .. } = self.source {
            if name.is_empty() {
                self.number_as(Numbering::Automatic)?;
                index = Some(self.next);
                self.next += 1;
            } else if index.is_some() {
                self.number_as(Numbering::Manual)?;
            }
        }
        match (&self.source, index) {
            (Source::Mapping(_), _) if name.is_empty() || index.is_some() => {
                Err(vm.value_error("Format string contains positional fields"))
            }
            (Source::Mapping(mapping), _) => vm.get_item(mapping, &vm.str_of_points(name)),
            (Source::Arguments { positional, .. }, Some(index)) => match positional.get(index) {
                Some(value) => Ok(value.clone()),
                None => {
                    let message = format!("Replacement index {index} out of range for positional args tuple");
                    Err(vm.raise(Exc::IndexError, message))
                }
            },
            (Source::Arguments { args, .. }, None) => {
                let name = text(name);
                let count = args.values.len() - args.names.len();
                let found = args
                    .names
                    .iter()
                    .position(|it| it.get::<Str>().is_some_and(|it| *it.to_utf8() == name[..]));
                match found {
                    Some(at) => Ok(args.values[count + at].clone()),
                    None => Err(vm.raise_with(Exc::KeyError, vec![vm.str_of_utf8(&name)])),
                }
            }
        }
    }

    /// The value that a whole name stands for.
    fn value(&mut self, name: &[u32]) -> R {
        let vm = self.vm;
        let stops = |point: &u32| *point == u32::from('.') || *point == u32::from('[');
        let end = name.iter().position(stops).unwrap_or(name.len());
        let mut value = self.first(&name[..end])?;
        let mut rest = &name[end..];
        let empty = || vm.value_error("Empty attribute in format string");
        while let Some((&point, tail)) = rest.split_first() {
            if point == u32::from('.') {
                let end = tail.iter().position(stops).unwrap_or(tail.len());
                if end == 0 {
                    return Err(empty());
                }
                value = vm.get_attribute(&value, &vm.intern_utf8(&text(&tail[..end])))?;
                rest = &tail[end..];
            } else if point == u32::from('[') {
                let Some(end) = tail.iter().position(|&it| it == u32::from(']')) else {
                    return Err(vm.value_error("Missing ']' in format string"));
                };
                if end == 0 {
                    return Err(empty());
                }
                let key = match self.number(&tail[..end])? {
                    Some(number) => vm.int(number as i64),
                    None => vm.str_of_points(&tail[..end]),
                };
                value = vm.get_item(&value, &key)?;
                rest = &tail[end + 1..];
            } else {
                let message = "Only '.' or '[' may follow ']' in format field specifier";
                return Err(vm.value_error(message));
            }
        }
        Ok(value)
    }
}

impl Vm {
    /// `str.format(*args)`
    pub(crate) fn str_format(&self, args: Args<'_>) -> R {
        let count = args.values.len() - args.names.len();
        let Some((format, positional)) = args.values[..count].split_first() else {
            return Err(self.type_error("unbound method str.format() needs an argument"));
        };
        self.fill_template(format, Source::Arguments { positional, args })
    }

    /// `str.format_map(mapping)`
    pub(crate) fn str_format_map(&self, format: &Value, mapping: &Value) -> R {
        self.fill_template(format, Source::Mapping(mapping))
    }

    fn fill_template(&self, format: &Value, source: Source<'_>) -> R {
        let Some(format) = format.get::<Str>() else {
            let got = self.type_name(format);
            let message = format!("descriptor 'format' for 'str' objects doesn't apply to a '{got}' object");
            return Err(self.type_error(message));
        };
        let mut template = Template { vm: self, source, numbering: Numbering::Unknown, next: 0 };
        let mut out = Vec::with_capacity(format.len() + 16);
        template.expand(&format.points(), 2, &mut out)?;
        Ok(self.str_of_utf8(&out))
    }
}
