//! `repr`, `str`, `format`.

use crate::object::callable::Args;
use crate::object::str::Text;
use crate::object::{
    Bound, Bytes, Complex, Dict, Exception, Function, Kind, List, Module, Native, Range, Set, Slice, Str,
    Tuple, Type, View, ViewKind,
};
use crate::value::{Immediate, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use pyrsc::value::{PyStr, repr};

impl Vm {
    /// A `bytes`.
    pub fn bytes(&self, data: Vec<u8>) -> Value {
        crate::heap::allocate(self, &self.types.bytes, Bytes { data: data.into() })
    }

    /// The same, of bytes that are elsewhere.
    pub(crate) fn bytes_from(&self, data: &[u8]) -> Value {
        crate::heap::allocate(self, &self.types.bytes, Bytes { data: data.into() })
    }

    /// A string of one character; those of Latin-1 are always the same object.
    pub(crate) fn character(&self, point: u32) -> Value {
        if let Some(known) = self.characters.get(point as usize) {
            if let Some(value) = known.get() {
                return value;
            }
            let mut text = Vec::new();
            crate::object::str::push_utf8(point, &mut text);
            let value = self.intern_utf8(&text);
            known.set(Some(value.clone()));
            return value;
        }
        self.str_of_points(&[point])
    }

    /// The text of a string; empty for anything else.
    pub fn text_of(&self, value: &Value) -> String {
        value.get::<Str>().map(|it| it.to_str().into_owned()).unwrap_or_default()
    }

    /// `__qualname__` or `__name__`, where it has a string for it.
    fn name_of_callable(&self, callable: &Value) -> R<Option<String>> {
        for name in [&self.names.qualname, &self.names.name] {
            if let Some(found) = self.get_attribute_or_none(callable, name)? {
                return Ok(found.get::<Str>().map(|it| it.to_str().into_owned()));
            }
        }
        Ok(None)
    }

    /// `repr(value)`, where an exception is of no use.
    pub(crate) fn repr_or_empty(&self, value: &Value) -> String {
        match self.repr_text(value) {
            Ok(text) => text,
            Err(_) => {
                self.pending.set(None);
                String::new()
            }
        }
    }

    /// `repr(value)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn repr(&self, value: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value))
            && let Some(method) = self.lookup_special(value, &self.names.repr)
            && !method.is_layouts_own_as("__repr__")
        {
            self.enter_native()?;
            let text = self.call_bound(&method, value, Args { values: &[], names: &[] });
            self.leave_native();
            let text = text?;
            if text.get::<Str>().is_none() {
                let got = self.type_name(&text);
                return Err(self.type_error(format!("__repr__ returned non-string (type {got})")));
            }
            return Ok(text);
        }
        Ok(self.str(&self.plain_repr(value)?))
    }

    /// The same as text.
    pub(crate) fn repr_text(&self, value: &Value) -> R<String> {
        if Vm::is_made_by_program(self.type_of(value)) {
            let text = self.repr(value)?;
            return Ok(self.text_of(&text));
        }
        self.plain_repr(value)
    }

    /// `repr` of the interpreter's own layouts.
    pub(crate) fn plain_repr(&self, value: &Value) -> R<String> {
        let mut out = String::new();
        match value.immediate() {
            Some(Immediate::Int) => return Ok(value.as_small().unwrap_or(0).to_string()),
            Some(Immediate::Bool) => {
                return Ok(if value.as_bool() == Some(true) { "True" } else { "False" }.into());
            }
            Some(Immediate::None) => return Ok("None".into()),
            Some(Immediate::NotImplemented) => return Ok("NotImplemented".into()),
            Some(Immediate::Ellipsis) => return Ok("Ellipsis".into()),
            Some(Immediate::Unset) => return Ok("<NULL>".into()),
            Some(Immediate::Float) | None => {}
        }
        if let Some(number) = self.as_float(value) {
            pyrsc::value::float::push_repr(number, &mut out);
            return Ok(out);
        }
        match value.header().map(|header| header.kind) {
            Some(Kind::Int) => self.push_big(value, &mut out)?,
            Some(Kind::Str) => {
                let text = value.get::<Str>().map(|it| it.to_utf8().into_owned()).unwrap_or_default();
                repr::push_str(PyStr::from_bytes(&text), unicode(), &mut out);
            }
            Some(Kind::Bytes) => {
                if let Some(bytes) = value.get::<Bytes>() {
                    repr::push_bytes(&bytes.data, &mut out);
                }
            }
            Some(Kind::List | Kind::Tuple | Kind::Dict | Kind::Set | Kind::View) => {
                return self.repr_container(value);
            }
            // What they show may show them.
            _ => return self.nested(|| self.repr_other(value)),
        }
        Ok(out)
    }

    /// `repr` of layouts that are neither numbers, texts nor containers.
    fn repr_other(&self, value: &Value) -> R<String> {
        let mut out = String::new();
        match value.header().map(|header| header.kind) {
            Some(Kind::Super) => {
                if let Some(body) = value.get::<crate::object::Super>() {
                    let name =
                        |it: &Value| it.object::<crate::object::Type>().map(|ty| self.name_of_type(ty));
                    let of = name(&body.class).unwrap_or_default();
                    match body.of.get().and_then(|it| name(&it)) {
                        Some(object) => out.push_str(&format!("<super: <class '{of}'>, <{object} object>>")),
                        None => out.push_str(&format!("<super: <class '{of}'>, NULL>")),
                    }
                }
            }
            Some(Kind::Wrapper) => {
                if let Some(wrapper) = value.get::<crate::object::Wrapper>() {
                    if let Some(native) = self.native_of_class_method(value, wrapper) {
                        return self.plain_repr(&native);
                    }
                    let name = if wrapper.is_class { "classmethod" } else { "staticmethod" };
                    out.push_str(&format!("<{name}({})>", self.repr_text(&wrapper.function())?));
                }
            }
            Some(Kind::Bytearray) => {
                out.push_str(&self.plain_type_name(value));
                out.push('(');
                let mut inner = String::new();
                repr::push_bytes(&self.byte_data(value).unwrap_or_default(), &mut inner);
                // Between double quotes, too, single ones have a backslash.
                let escaped = inner.starts_with("b\"");
                out.push_str(&if escaped { inner.replace('\'', "\\'") } else { inner });
                out.push(')');
            }
            Some(Kind::Complex) => {
                if let Some(&Complex { re, im }) = value.get::<Complex>() {
                    pyrsc::value::complex::push_repr(pyrsc::value::ComplexLit { re, im }, &mut out);
                }
            }
            Some(Kind::Range) => {
                if let Some(Range { start, stop, step }) = value.get::<Range>() {
                    out = if *step == 1 {
                        format!("range({start}, {stop})")
                    } else {
                        format!("range({start}, {stop}, {step})")
                    };
                }
            }
            Some(Kind::Slice) => {
                if let Some(slice) = value.get::<Slice>() {
                    let [a, b, c] = &slice.parts;
                    out = format!(
                        "slice({}, {}, {})",
                        self.repr_text(a)?,
                        self.repr_text(b)?,
                        self.repr_text(c)?
                    );
                }
            }
            Some(Kind::Type) => {
                if let Some(ty) = value.object::<Type>() {
                    out = format!("<class '{}'>", self.full_name(ty));
                }
            }
            Some(Kind::Custom) if value.data::<crate::builtins::big_range::BigRange>().is_some() => {
                if let Some(range) = value.data() {
                    out = Vm::range_repr(range);
                }
            }
            Some(Kind::Exception) => return self.repr_exception(value),
            Some(Kind::Frame) => return Ok(self.repr_frame(value)),
            _ => return self.repr_object(value),
        }
        Ok(out)
    }

    /// Module and qualified name of a type, as CPython shows it.
    pub(crate) fn full_name(&self, ty: &crate::value::Object<Type>) -> String {
        let name = ty.body.qualname.get().map(|it| self.text_of(&it)).unwrap_or_default();
        let module = ty.body.own().and_then(|dict| dict.get_name(self, &self.names.module));
        match module.map(|it| self.text_of(&it)) {
            Some(module) if module != "builtins" && !module.is_empty() => format!("{module}.{name}"),
            _ => name,
        }
    }

    fn repr_object(&self, value: &Value) -> R<String> {
        let address = format!("{:#x}", value.identity());
        let name = |slot: &crate::object::Slot| slot.get().map(|it| self.text_of(&it)).unwrap_or_default();
        if let Some(function) = value.get::<Function>() {
            return Ok(format!("<function {} at {address}>", name(&function.qualname)));
        }
        if let Some(native) = value.get::<Native>() {
            return Ok(if native.module().is_some() {
                format!("<built-in function {}>", native.name)
            } else if std::ptr::eq(self.type_of(value), &raw const *self.types.wrapper_descriptor) {
                format!("<slot wrapper '{}' of '{}' objects>", native.name, native.owner)
            } else if native.method {
                format!("<method '{}' of '{}' objects>", native.name, native.owner)
            } else {
                format!("<built-in method {} of type object at {address}>", native.name)
            });
        }
        if let Some(bound) = value.get::<Bound>() {
            if let Some(native) = bound.function.get::<Native>() {
                let (of, at) = (self.type_name(&bound.receiver), bound.receiver.identity());
                if std::ptr::eq(self.type_of(value), &raw const *self.types.method_wrapper) {
                    return Ok(format!("<method-wrapper '{}' of {of} object at {at:#x}>", native.name));
                }
                return Ok(format!("<built-in method {} of {of} object at {at:#x}>", native.name));
            }
            let qualname = match bound.function.get::<Function>() {
                Some(function) => name(&function.qualname),
                None => self.name_of_callable(&bound.function)?.unwrap_or_else(|| "?".to_owned()),
            };
            return Ok(format!("<bound method {qualname} of {}>", self.repr_text(&bound.receiver)?));
        }
        if let Some(module) = value.get::<Module>() {
            let name = module.dict.get::<Dict>().and_then(|dict| dict.get_name(self, &self.names.name));
            let name = match name {
                None => return Ok("<module '?'>".to_owned()),
                Some(name) if name.get::<Str>().is_none() => {
                    return Ok(format!("<module {}>", self.repr_text(&name)?));
                }
                Some(name) => name,
            };
            let name = self.text_of(&name);
            let dict = module.dict.get::<Dict>();
            let file = dict.and_then(|dict| dict.get_name(self, &self.names.file));
            if let Some(file) = file.filter(|it| it.get::<Str>().is_some()) {
                return Ok(format!("<module '{name}' from {}>", self.repr_text(&file)?));
            }
            let spec = dict.and_then(|dict| dict.get_name(self, &self.names.spec));
            let own = crate::modules::names().contains(&name.as_str());
            if !own && (name == "__main__" || spec.is_none_or(|it| it.is_none())) {
                let loader = dict.and_then(|dict| dict.get_name(self, &self.intern("__loader__")));
                if loader.is_none_or(|it| it.is_none()) {
                    return Ok(format!("<module '{name}'>"));
                }
            }
            return Ok(format!("<module '{name}' (built-in)>"));
        }
        if let Some(weak) = value.get::<crate::object::Weak>() {
            let ty = self.type_name(value);
            return Ok(match weak.target() {
                Some(target) => {
                    let of = self.type_name(&target);
                    format!("<{ty} at {address}; to '{of}' at {:#x}>", target.identity())
                }
                None => format!("<{ty} at {address}; dead>"),
            });
        }
        if let Some(proxy) = value.get::<crate::object::Proxy>() {
            return Ok(format!("mappingproxy({})", self.repr_text(&proxy.mapping)?));
        }
        if let Some(getset) = value.get::<crate::object::Getset>() {
            let owner = getset.owner.object::<Type>().map(|ty| self.name_of_type(ty)).unwrap_or_default();
            let member = std::ptr::eq(self.type_of(value), &raw const *self.types.member);
            let what = if member { "member" } else { "attribute" };
            return Ok(format!("<{what} '{}' of '{owner}' objects>", self.text_of(&getset.name)));
        }
        if let Some(code) = value.get::<crate::load::Code>() {
            return Ok(format!(
                "<code object {} at {address}, file \"{}\", line {}>",
                self.text_of(&code.name),
                self.text_of(&code.file()),
                code.first_line
            ));
        }
        if let Some(member) = value.get::<crate::object::Member>() {
            let owner = member.owner.get();
            let owner = owner.as_ref().and_then(|it| it.object::<Type>());
            let owner = owner.map(|ty| self.name_of_type(ty)).unwrap_or_default();
            return Ok(format!("<member '{}' of '{owner}' objects>", self.text_of(&member.name)));
        }
        if let Some(generator) = value.get::<crate::object::Generator>() {
            let (ty, name) = (self.type_name(value), name(&generator.qualname));
            return Ok(format!("<{ty} object {name} at {address}>"));
        }
        Ok(format!("<{} object at {address}>", self.full_name(self.type_of(value))))
    }

    fn push_big(&self, value: &Value, out: &mut String) -> R<()> {
        let Some(number) = value.get::<BigInt>() else { return Ok(()) };
        if number.sign() == num_bigint::Sign::Minus {
            out.push('-');
        }
        self.push_big_digits(number.magnitude(), out)
    }

    /// Writes the decimal digits of an int, where there may be so many.
    pub(crate) fn push_big_digits(&self, magnitude: &num_bigint::BigUint, out: &mut String) -> R<()> {
        let limit = u64::from(self.config.borrow().int_max_str_digits);
        let too_many = || {
            self.value_error(format!(
                "Exceeds the limit ({limit} digits) for integer string conversion; use \
                 sys.set_int_max_str_digits() to increase the limit"
            ))
        };
        // A digit is 3.32 bits and a bit: what has four for each is not even converted.
        if limit > 0 && magnitude.bits() > limit.saturating_mul(10) / 3 + 4 {
            return Err(too_many());
        }
        let text = magnitude.to_string();
        if limit > 0 && text.len() as u64 > limit.max(640) {
            return Err(too_many());
        }
        out.push_str(&text);
        Ok(())
    }

    fn repr_container(&self, value: &Value) -> R<String> {
        let identity = value.identity();
        let (open, close) = match value.header().map(|header| header.kind) {
            Some(Kind::List) => ("[", "]"),
            Some(Kind::Tuple) => ("(", ")"),
            _ => ("{", "}"),
        };
        if self.in_repr.borrow().contains(&identity) {
            return Ok(match value.get::<Set>() {
                Some(_) => format!("{}(...)", self.plain_type_name(value)),
                None if value.get::<View>().is_some() => "...".into(),
                None => format!("{open}...{close}"),
            });
        }
        self.nested(|| {
            self.in_repr.borrow_mut().push(identity);
            let result = self.repr_elements(value, open, close);
            self.in_repr.borrow_mut().pop();
            result
        })
    }

    fn repr_elements(&self, value: &Value, open: &str, close: &str) -> R<String> {
        let row = |items: &[Value]| -> R<String> {
            let mut texts = Vec::with_capacity(items.len());
            for item in items {
                texts.push(self.repr_text(item)?);
            }
            Ok(texts.join(", "))
        };
        if let Some(list) = value.get::<List>() {
            return Ok(format!("{open}{}{close}", row(&list.snapshot())?));
        }
        if let Some(tuple) = value.get::<Tuple>() {
            let comma = if tuple.items.len() == 1 { "," } else { "" };
            return Ok(format!("{open}{}{comma}{close}", row(&tuple.items)?));
        }
        if let Some(dict) = value.get::<Dict>() {
            let mut texts = Vec::new();
            for (key, value) in dict.snapshot() {
                texts.push(format!("{}: {}", self.repr_text(&key)?, self.repr_text(&value)?));
            }
            return Ok(format!("{{{}}}", texts.join(", ")));
        }
        if let Some(set) = value.get::<Set>() {
            let name = self.type_name(value);
            return Ok(match (set.is_empty(), name.as_str()) {
                (true, _) => format!("{name}()"),
                (false, "set") => format!("{{{}}}", row(&set.snapshot())?),
                _ => format!("{name}({{{}}})", row(&set.snapshot())?),
            });
        }
        let view = value.get::<View>();
        let name = match view.map(|it| it.kind) {
            Some(ViewKind::Keys) => "dict_keys",
            Some(ViewKind::Values) => "dict_values",
            _ => "dict_items",
        };
        Ok(format!("{name}([{}])", row(&self.collect(value)?)?))
    }

    fn repr_exception(&self, value: &Value) -> R<String> {
        let name = self.name_of_type(self.type_of(value));
        let args = value.get::<Exception>().and_then(|it| it.args.get());
        let items = args.as_ref().and_then(|it| it.get::<Tuple>()).map_or(&[][..], |it| &it.items);
        let mut texts = Vec::new();
        for item in items {
            texts.push(self.repr_text(item)?);
        }
        Ok(format!("{name}({})", texts.join(", ")))
    }

    /// `str(value)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn to_str(&self, value: &Value) -> R {
        if std::ptr::eq(self.type_of(value), &raw const *self.types.str) {
            return Ok(value.clone());
        }
        if let Some(number) = value.as_small() {
            return Ok(self.decimal(number));
        }
        if Vm::is_made_by_program(self.type_of(value)) {
            if let Some(method) = self.lookup_special(value, &self.names.str)
                && !method.is_layouts_own()
            {
                let text = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
                if text.get::<Str>().is_none() {
                    let got = self.type_name(&text);
                    return Err(self.type_error(format!("__str__ returned non-string (type {got})")));
                }
                return Ok(text);
            }
            if let Some(method) = self.lookup_special(value, &self.names.str)
                && method.get::<Native>().is_some_and(|it| it.name == "__repr__")
            {
                // A class may show its values as the built-in type that it derives from does.
                return Ok(self.str(&self.plain_repr(value)?));
            }
            if let Some(text) = value.get::<Str>() {
                return Ok(self.str_of_points(&text.points()));
            }
        }
        if let Some(proxy) = value.get::<crate::object::Proxy>() {
            return self.to_str(&proxy.mapping);
        }
        if let Some(exception) = value.get::<Exception>() {
            return self.exception_text(value, exception);
        }
        if let Some(proxy) = value.get::<crate::object::Proxy>() {
            return self.to_str(&proxy.mapping);
        }
        self.repr(value)
    }

    /// The decimal digits of a number, as a `str`.
    fn decimal(&self, number: i64) -> Value {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        crate::heap::allocate(self, &self.types.str, Str::new(Text::Ascii(digits[at..].into())))
    }

    /// `str()` of an exception.
    pub(crate) fn exception_text(&self, value: &Value, exception: &Exception) -> R {
        if let Some(text) = self.special_text(value, exception)? {
            return Ok(self.str(&text));
        }
        let args = exception.args.get();
        let items = args.as_ref().and_then(|it| it.get::<Tuple>()).map_or(&[][..], |it| &it.items);
        let is_key_error = self.is_instance_of(value, crate::builtins::exceptions::Exc::KeyError);
        match items {
            [] => Ok(self.names.empty.clone()),
            [one] if is_key_error => self.repr(one),
            [one] => self.to_str(one),
            _ => match &args {
                Some(args) => self.repr(args),
                None => Ok(self.names.empty.clone()),
            },
        }
    }

    /// The same as text.
    pub(crate) fn str_text(&self, value: &Value) -> R<String> {
        let text = self.to_str(value)?;
        Ok(self.text_of(&text))
    }

    /// `ascii(value)`
    pub(crate) fn ascii(&self, value: &Value) -> R {
        let shown = self.repr(value)?;
        let Some(text) = shown.get::<Str>().filter(|it| it.ascii().is_none()) else { return Ok(shown) };
        let mut out = String::new();
        for point in text.points() {
            match u8::try_from(point) {
                Ok(byte @ 0..0x80) => out.push(char::from(byte)),
                Ok(byte) => out.push_str(&format!("\\x{byte:02x}")),
                Err(_) if point < 0x10000 => out.push_str(&format!("\\u{point:04x}")),
                Err(_) => out.push_str(&format!("\\U{point:08x}")),
            }
        }
        Ok(self.str(&out))
    }

    /// `''.join(row)`, each a string.
    pub(crate) fn join_row(&self, row: &[Value]) -> Value {
        let mut ascii = String::new();
        for part in row {
            match part.get::<Str>().and_then(Str::ascii) {
                Some(text) => ascii.push_str(text),
                None => {
                    let points: Vec<u32> =
                        row.iter().filter_map(|it| it.get::<Str>()).flat_map(Str::points).collect();
                    return self.str_of_points(&points);
                }
            }
        }
        self.str(&ascii)
    }
}

/// What decides which characters `repr` shows as they are: the Unicode of the language version of this machine.
fn unicode() -> pyrsc::target::UnicodeVersion {
    crate::language().unicode()
}
