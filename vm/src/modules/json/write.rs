//! The encoder.

use crate::builtins::exceptions::Exc;
use crate::builtins::positional;
use crate::modules::native::{Own, Spec, call_method, index, parse, read_only, split_class};
use crate::object::callable::Args;
use crate::object::str::{Text, push_utf8};
use crate::object::{Access, Data, Dict, List, Native, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};

/// How strings are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    Ascii,
    Any,
    /// By a function of the program.
    Called,
}

struct Encoder {
    markers: Value,
    default: Value,
    encoder: Value,
    strings: Strings,
    indent: Value,
    key_separator: Value,
    item_separator: Value,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
}

const ATTRIBUTES: &[(&str, Access)] = &[
    ("markers", read_only(|vm, it| Ok(encoder(vm, it)?.markers.clone()))),
    ("default", read_only(|vm, it| Ok(encoder(vm, it)?.default.clone()))),
    ("encoder", read_only(|vm, it| Ok(encoder(vm, it)?.encoder.clone()))),
    ("indent", read_only(|vm, it| Ok(encoder(vm, it)?.indent.clone()))),
    ("key_separator", read_only(|vm, it| Ok(encoder(vm, it)?.key_separator.clone()))),
    ("item_separator", read_only(|vm, it| Ok(encoder(vm, it)?.item_separator.clone()))),
    ("sort_keys", read_only(|vm, it| Ok(Value::bool(encoder(vm, it)?.sort_keys)))),
    ("skipkeys", read_only(|vm, it| Ok(Value::bool(encoder(vm, it)?.skipkeys)))),
];

pub(super) static ENCODER: Spec = Spec {
    derivable: true,
    methods: &[("__new__", new), ("__call__", call_method)],
    attributes: ATTRIBUTES,
    ..Spec::new(Own::Encoder, "_json.Encoder")
};

fn encoder<'a>(vm: &Vm, it: &'a Value) -> R<&'a Encoder> {
    vm.own_data("Encoder", it, &ENCODER)
}

fn new(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let names = [
        "markers",
        "default",
        "encoder",
        "indent",
        "key_separator",
        "item_separator",
        "sort_keys",
        "skipkeys",
        "allow_nan",
    ];
    let found = parse(vm, "make_encoder", args, names, 9)?;
    let at = |index: usize| found[index].cloned().unwrap_or(NONE);
    let truth = |index: usize| found[index].map_or(Ok(false), |it| vm.truth(it));
    let markers = at(0);
    if !markers.is_none() && markers.get::<Dict>().is_none() {
        let got = vm.type_name(&markers);
        return Err(vm.type_error(format!("make_encoder() argument 1 must be dict or None, not {got}")));
    }
    for (place, index) in [(5, 4), (6, 5)] {
        if at(index).get::<Str>().is_none() {
            let got = vm.type_name(&at(index));
            return Err(vm.type_error(format!("make_encoder() argument {place} must be str, not {got}")));
        }
    }
    let function = at(2);
    let strings = match function.get::<Native>().map(|it| it.name) {
        Some("encode_basestring_ascii") => Strings::Ascii,
        Some("encode_basestring") => Strings::Any,
        _ => Strings::Called,
    };
    let data = Encoder {
        markers,
        default: at(1),
        encoder: function,
        strings,
        indent: at(3),
        key_separator: at(4),
        item_separator: at(5),
        sort_keys: truth(6)?,
        skipkeys: truth(7)?,
        allow_nan: truth(8)?,
    };
    Ok(vm.custom_of(class, data))
}

impl Data for Encoder {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        for value in [
            &self.markers,
            &self.default,
            &self.encoder,
            &self.indent,
            &self.key_separator,
            &self.item_separator,
        ] {
            see(value);
        }
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        Some((|| {
            let [object, level] = parse(vm, "_iterencode", args, ["obj", "_current_indent_level"], 2)?;
            let none = NONE;
            let level = index(vm, level.unwrap_or(&none))?;
            let utf8 = |it: &Value| it.get::<Str>().map(|it| it.to_utf8().into_owned()).unwrap_or_default();
            let mut writer = Writer {
                vm,
                encoder: self,
                out: Vec::with_capacity(256),
                open: Vec::new(),
                indent: self.indent.get::<Str>().map(|it| it.to_utf8().into_owned()),
                key_separator: utf8(&self.key_separator),
                item_separator: utf8(&self.item_separator),
            };
            writer.value(object.unwrap_or(&none), level.max(0) as usize)?;
            let text = crate::heap::allocate(vm, &vm.types.str, Str::from_utf8(&writer.out));
            Ok(vm.tuple(vec![text]))
        })())
    }
}

struct Writer<'a> {
    vm: &'a Vm,
    encoder: &'a Encoder,
    /// Generalised UTF-8.
    out: Vec<u8>,
    /// The containers that are being written, by identity.
    open: Vec<u64>,
    indent: Option<Vec<u8>>,
    key_separator: Vec<u8>,
    item_separator: Vec<u8>,
}

impl Writer<'_> {
    fn string(&mut self, value: &Value) -> R<()> {
        if self.encoder.strings == Strings::Called {
            let vm = self.vm;
            let text = vm.call_with(&self.encoder.encoder, std::slice::from_ref(value))?;
            let Some(text) = text.get::<Str>() else {
                let got = vm.type_name(&text);
                return Err(vm.type_error(format!("encoder() must return a string, not {got}")));
            };
            self.out.extend_from_slice(&text.to_utf8());
            return Ok(());
        }
        if let Some(text) = value.get::<Str>() {
            quote(text, self.encoder.strings == Strings::Ascii, &mut self.out);
        }
        Ok(())
    }

    fn newline(&mut self, level: usize) {
        if let Some(indent) = &self.indent {
            self.out.push(b'\n');
            for _ in 0..level {
                self.out.extend_from_slice(indent);
            }
        }
    }

    /// Writes a number, a constant or nothing; false for anything else.
    fn simple(&mut self, value: &Value) -> R<bool> {
        let vm = self.vm;
        let word: &[u8] = match value.as_bool() {
            Some(true) => b"true",
            Some(false) => b"false",
            None if value.is_none() => b"null",
            None => {
                if let Some(number) = value.as_small() {
                    self.out.extend_from_slice(number.to_string().as_bytes());
                    return Ok(true);
                }
                if let Some(number) = vm.as_float(value) {
                    if !number.is_finite() {
                        if !self.encoder.allow_nan {
                            let mut shown = String::new();
                            pyrsc::value::float::push_repr(number, &mut shown);
                            let message =
                                format!("Out of range float values are not JSON compliant: {shown}");
                            return Err(vm.value_error(message));
                        }
                        let word: &[u8] = match (number.is_nan(), number > 0.0) {
                            (true, _) => b"NaN",
                            (false, true) => b"Infinity",
                            (false, false) => b"-Infinity",
                        };
                        self.out.extend_from_slice(word);
                        return Ok(true);
                    }
                    let mut shown = String::new();
                    pyrsc::value::float::push_repr(number, &mut shown);
                    self.out.extend_from_slice(shown.as_bytes());
                    return Ok(true);
                }
                if vm.as_big(value).is_some() {
                    let shown = vm.plain_repr(value)?;
                    self.out.extend_from_slice(shown.as_bytes());
                    return Ok(true);
                }
                return Ok(false);
            }
        };
        self.out.extend_from_slice(word);
        Ok(true)
    }

    /// A container starts: no container may be in itself.
    fn enter(&mut self, value: &Value) -> R<()> {
        let vm = self.vm;
        if !self.encoder.markers.is_none() && self.open.contains(&value.identity()) {
            return Err(vm.value_error("Circular reference detected"));
        }
        vm.enter_native()?;
        self.open.push(value.identity());
        Ok(())
    }

    fn leave(&mut self) {
        self.open.pop();
        self.vm.leave_native();
    }

    fn value(&mut self, value: &Value, level: usize) -> R<()> {
        let vm = self.vm;
        if value.get::<Str>().is_some() {
            return self.string(value);
        }
        if self.simple(value)? {
            return Ok(());
        }
        self.enter(value)?;
        let result = if value.get::<List>().is_some() || value.get::<Tuple>().is_some() {
            self.list(value, level)
        } else if value.get::<Dict>().is_some() {
            self.dict(value, level)
        } else {
            vm.call_with(&self.encoder.default, std::slice::from_ref(value)).and_then(|made| {
                let result = self.value(&made, level);
                if result.is_err() {
                    note(vm, format!("when serializing {} object", vm.full_name(vm.type_of(value))));
                }
                result
            })
        };
        self.leave();
        result
    }

    fn list(&mut self, value: &Value, level: usize) -> R<()> {
        let vm = self.vm;
        let item = |at: usize| match value.get::<List>() {
            // What is called on the way may change a list.
            Some(list) => list.items.borrow().get(at).cloned(),
            None => value.get::<Tuple>().and_then(|tuple| tuple.items.get(at).cloned()),
        };
        if item(0).is_none() {
            self.out.extend_from_slice(b"[]");
            return Ok(());
        }
        self.out.push(b'[');
        self.newline(level + 1);
        for at in 0.. {
            let Some(item) = &item(at) else { break };
            if at > 0 {
                self.out.extend_from_slice(&self.item_separator);
                self.newline(level + 1);
            }
            if self.value(item, level + 1).is_err() {
                note(vm, format!("when serializing {} item {at}", vm.full_name(vm.type_of(value))));
                return Err(Raised);
            }
        }
        self.newline(level);
        self.out.push(b']');
        Ok(())
    }

    fn dict(&mut self, value: &Value, level: usize) -> R<()> {
        let vm = self.vm;
        let Some(dict) = value.get::<Dict>() else { return Ok(()) };
        if dict.is_empty() {
            self.out.extend_from_slice(b"{}");
            return Ok(());
        }
        let exact = std::ptr::eq(vm.type_of(value), &raw const *vm.types.dict);
        let pairs = if exact && !self.encoder.sort_keys {
            dict.snapshot()
        } else {
            let items = vm.call_with(&vm.get_attribute(value, &vm.intern("items"))?, &[])?;
            let mut items = vm.collect(&items)?;
            if self.encoder.sort_keys {
                items = crate::builtins::lists::sort(vm, items, None, false)?;
            }
            let mut pairs = Vec::with_capacity(items.len());
            for item in items {
                match item.get::<Tuple>().map(|it| &it.items[..]) {
                    Some([key, value]) => pairs.push((key.clone(), value.clone())),
                    _ => return Err(vm.value_error("items must return 2-tuples")),
                }
            }
            pairs
        };
        self.out.push(b'{');
        let mut first = true;
        for (key, item) in pairs {
            if key.get::<Str>().is_none() && !self.is_key(&key)? {
                continue;
            }
            if !first {
                self.out.extend_from_slice(&self.item_separator);
            }
            first = false;
            self.newline(level + 1);
            if key.get::<Str>().is_some() {
                self.string(&key)?;
            } else {
                // Numbers and constants as keys are strings.
                let start = self.out.len();
                self.simple(&key)?;
                let text = String::from_utf8_lossy(&self.out[start..]).into_owned();
                self.out.truncate(start);
                self.string(&vm.str(&text))?;
            }
            self.out.extend_from_slice(&self.key_separator);
            if self.value(&item, level + 1).is_err() {
                let kind = vm.full_name(vm.type_of(value));
                if let Some(pending) = vm.pending.take() {
                    let shown = vm.repr_or_empty(&key);
                    vm.pending.set(Some(pending));
                    note(vm, format!("when serializing {kind} item {shown}"));
                }
                return Err(Raised);
            }
        }
        if !first {
            self.newline(level);
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Can what is no string be a key? False where it is to be left out.
    fn is_key(&self, key: &Value) -> R<bool> {
        let vm = self.vm;
        if key.is_none() || key.as_bool().is_some() || vm.as_float(key).is_some() || vm.as_big(key).is_some()
        {
            return Ok(true);
        }
        if self.encoder.skipkeys {
            return Ok(false);
        }
        let got = vm.full_name(vm.type_of(key));
        Err(vm.type_error(format!("keys must be str, int, float, bool or None, not {got}")))
    }
}

/// Adds a note to the exception that was raised.
fn note(vm: &Vm, text: String) {
    let Some(exception) = vm.pending.take() else { return };
    let added = vm
        .get_attribute(&exception, &vm.intern("add_note"))
        .and_then(|add| vm.call_with(&add, &[vm.str(&text)]));
    // A note is of no use where there is not enough memory or depth for it.
    drop(added);
    vm.pending.set(Some(exception));
}

/// Writes a text in quotes.
fn quote(text: &Str, ascii: bool, out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7F;
    match &text.text {
        Text::Ascii(bytes) if bytes.iter().all(|&byte| plain(byte)) => out.extend_from_slice(bytes),
        _ => {
            for at in 0..text.len() {
                quote_point(text.at(at).unwrap_or(0), ascii, out);
            }
        }
    }
    out.push(b'"');
}

fn quote_point(point: u32, ascii: bool, out: &mut Vec<u8>) {
    let unit = |unit: u32, out: &mut Vec<u8>| out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
    match point {
        0x22 => out.extend_from_slice(b"\\\""),
        0x5C => out.extend_from_slice(b"\\\\"),
        8 => out.extend_from_slice(b"\\b"),
        9 => out.extend_from_slice(b"\\t"),
        10 => out.extend_from_slice(b"\\n"),
        12 => out.extend_from_slice(b"\\f"),
        13 => out.extend_from_slice(b"\\r"),
        0..0x20 => unit(point, out),
        0x20..0x7F => out.push(point as u8),
        _ if !ascii => push_utf8(point, out),
        0x7F..0x1_0000 => unit(point, out),
        _ => {
            let rest = point - 0x1_0000;
            unit(0xD800 + (rest >> 10), out);
            unit(0xDC00 + (rest & 0x3FF), out);
        }
    }
}

fn encode(vm: &Vm, name: &str, args: Args<'_>, ascii: bool) -> R {
    let value = &positional(vm, name, args, 1, 1)?[0];
    let Some(text) = value.get::<Str>() else {
        let got = vm.type_name(value);
        return Err(vm.raise(Exc::TypeError, format!("first argument must be a string, not {got}")));
    };
    let mut out = Vec::with_capacity(text.len() + 2);
    quote(text, ascii, &mut out);
    Ok(crate::heap::allocate(vm, &vm.types.str, Str::from_utf8(&out)))
}

pub(super) fn encode_basestring(vm: &Vm, args: Args<'_>) -> R {
    encode(vm, "encode_basestring", args, false)
}

pub(super) fn encode_basestring_ascii(vm: &Vm, args: Args<'_>) -> R {
    encode(vm, "encode_basestring_ascii", args, true)
}
