//! `format()` and `__format__` of the interpreter's own types; `%` and `str.format` are beside it.

mod numbers;
mod percent;
mod spec;
mod template;

use crate::object::callable::Args;
use crate::object::{Complex, Str};
use crate::value::Value;
use crate::vm::{R, Vm};
use spec::{Spec, pad, parse, shown};

impl Vm {
    fn unknown_format(&self, spec: &Spec, value: &Value) -> crate::vm::Raised {
        let (name, kind) = (self.type_name(value), shown(spec.kind));
        self.value_error(format!("Unknown format code '{kind}' for object of type '{name}'"))
    }

    /// `format(value, spec)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn format(&self, value: &Value, spec: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value))
            && let Some(method) = self.lookup_special(value, &self.names.format)
            && !method.is_layouts_own()
        {
            let args = Args { values: std::slice::from_ref(spec), names: &[] };
            let text = self.call_bound(&method, value, args)?;
            if text.get::<Str>().is_none() {
                let got = self.type_name(&text);
                return Err(self.type_error(format!("__format__ must return a str, not {got}")));
            }
            return Ok(text);
        }
        let Some(text) = spec.get::<Str>() else {
            let got = self.type_name(spec);
            return Err(self.type_error(format!("format() argument 2 must be str, not {got}")));
        };
        if text.is_empty() {
            return self.to_str(value);
        }
        self.format_plainly(value, spec)
    }

    /// What the `__format__` of the interpreter's own types does.
    pub(crate) fn format_plainly(&self, value: &Value, spec: &Value) -> R {
        let Some(given) = spec.get::<Str>() else {
            let got = self.type_name(spec);
            return Err(self.type_error(format!("__format__() argument must be str, not {got}")));
        };
        if given.is_empty() {
            return self.to_str(value);
        }
        let points = given.points();
        let mut out = Vec::new();
        if let Some(text) = value.get::<Str>() {
            self.format_text(value, text, &points, &mut out)?;
        } else if let Some(number) = self.as_big(value) {
            let spec = parse(self, value, &points, ('>', 'd'))?;
            match spec.letter() {
                'd' | 'b' | 'o' | 'x' | 'X' | 'c' | 'n' => self.format_int(&number, &spec, &mut out)?,
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => {
                    self.format_float(self.big_to_float(&number)?, &spec, &mut out)?;
                }
                _ => return Err(self.unknown_format(&spec, value)),
            }
        } else if let Some(number) = self.as_float(value) {
            let spec = parse(self, value, &points, ('>', '\0'))?;
            match spec.letter() {
                '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' | 'n' => {
                    self.format_float(number, &spec, &mut out)?;
                }
                _ => return Err(self.unknown_format(&spec, value)),
            }
        } else if let Some(&number) = value.get::<Complex>() {
            let spec = parse(self, value, &points, ('>', '\0'))?;
            match spec.letter() {
                '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' => {
                    self.format_complex(number, &spec, &mut out)?;
                }
                _ => return Err(self.unknown_format(&spec, value)),
            }
        } else {
            let name = self.type_name(value);
            return Err(self.type_error(format!("unsupported format string passed to {name}.__format__")));
        }
        Ok(self.str_of_utf8(&out))
    }

    fn format_text(&self, value: &Value, text: &Str, points: &[u32], out: &mut Vec<u8>) -> R<()> {
        let spec = parse(self, value, points, ('<', 's'))?;
        let refused = match (spec.sign, spec.align) {
            _ if spec.letter() != 's' => return Err(self.unknown_format(&spec, value)),
            (Some(' '), _) => "Space not allowed in string format specifier",
            (Some(_), _) => "Sign not allowed in string format specifier",
            _ if spec.no_negative_zero => "Negative zero coercion (z) not allowed in string format specifier",
            _ if spec.alternate => "Alternate form (#) not allowed in string format specifier",
            (None, '=') => "'=' alignment not allowed in string format specifier",
            _ => "",
        };
        if !refused.is_empty() {
            return Err(self.value_error(refused));
        }
        let most = spec.precision.unwrap_or(usize::MAX);
        if most >= text.len() {
            pad(&spec, "", &text.to_utf8(), out);
            return Ok(());
        }
        let mut cut = Vec::new();
        text.points().into_iter().take(most).for_each(|it| crate::object::str::push_utf8(it, &mut cut));
        pad(&spec, "", &cut, out);
        Ok(())
    }
}
