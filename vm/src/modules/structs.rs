//! `_struct`: values as bytes.

use super::native::{Own, Spec, index, itself, next_method, parse, read_only, split_class};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Bytearray, Bytes, Complex, Data, NativeFn, Slice, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use num_bigint::{BigInt, Sign};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a letter of a format means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Pad,
    Char,
    Bool,
    Signed,
    Unsigned,
    Half,
    Float,
    Double,
    Complex(usize),
    Text,
    Pascal,
}

/// Some values of one kind, or one text.
#[derive(Clone, Copy, Debug)]
struct Item {
    letter: u8,
    kind: Kind,
    /// How many bytes one value has; of a text all of it.
    size: usize,
    count: usize,
    /// Where it starts.
    at: usize,
}

/// A format.
pub(crate) struct Layout {
    items: Vec<Item>,
    little: bool,
    size: usize,
    values: usize,
    text: Value,
}

fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_own("struct.error", Exc::Exception, message)
}

/// Kind, size and size where alignment is the machine's.
fn meaning(letter: u8, native: bool) -> Option<(Kind, usize)> {
    Some(match letter {
        b'x' => (Kind::Pad, 1),
        b'c' => (Kind::Char, 1),
        b'b' => (Kind::Signed, 1),
        b'B' => (Kind::Unsigned, 1),
        b'?' => (Kind::Bool, 1),
        b'h' => (Kind::Signed, 2),
        b'H' => (Kind::Unsigned, 2),
        b'i' => (Kind::Signed, 4),
        b'I' => (Kind::Unsigned, 4),
        b'l' => (Kind::Signed, if native { 8 } else { 4 }),
        b'L' => (Kind::Unsigned, if native { 8 } else { 4 }),
        b'q' => (Kind::Signed, 8),
        b'Q' => (Kind::Unsigned, 8),
        b'n' if native => (Kind::Signed, 8),
        b'N' | b'P' if native => (Kind::Unsigned, 8),
        b'e' => (Kind::Half, 2),
        b'f' => (Kind::Float, 4),
        b'd' => (Kind::Double, 8),
        b'F' => (Kind::Complex(4), 8),
        b'D' => (Kind::Complex(8), 16),
        b's' => (Kind::Text, 1),
        b'p' => (Kind::Pascal, 1),
        _ => return None,
    })
}

impl Layout {
    fn parse(vm: &Vm, format: &Value) -> R<Layout> {
        let letters = match (format.get::<Str>(), format.get::<Bytes>()) {
            (Some(text), _) => match text.ascii() {
                Some(text) => text.as_bytes().to_vec(),
                None => {
                    let encode = vm.get_attribute(format, &vm.intern("encode"))?;
                    vm.call_with(&encode, &[vm.str("ascii")])?;
                    return Err(error(vm, "bad char in struct format"));
                }
            },
            (None, Some(bytes)) => bytes.data.to_vec(),
            _ => {
                let got = vm.type_name(format);
                let message = format!("Struct() argument 1 must be a str or bytes object, not {got}");
                return Err(vm.type_error(message));
            }
        };
        if letters.contains(&0) {
            return Err(error(vm, "embedded null character"));
        }
        let (mut native, mut align, mut little, mut at) = (true, true, cfg!(target_endian = "little"), 0);
        if let Some(order) = letters.first() {
            at = 1;
            match order {
                b'@' => {}
                b'=' => (native, align) = (false, false),
                b'<' => (native, align, little) = (false, false, true),
                b'>' | b'!' => (native, align, little) = (false, false, false),
                _ => at = 0,
            }
        }
        let mut made = Layout { items: Vec::new(), little, size: 0, values: 0, text: NONE };
        let too_long = || error(vm, "total struct size too long");
        while at < letters.len() {
            let mut letter = letters[at];
            at += 1;
            if letter.is_ascii_whitespace() || letter == 0x0B {
                continue;
            }
            let mut count: Option<usize> = None;
            while letter.is_ascii_digit() {
                let number = count.unwrap_or(0).checked_mul(10).map(|it| it + usize::from(letter - b'0'));
                count = Some(number.filter(|&it| it < 1 << 62).ok_or_else(too_long)?);
                match letters.get(at) {
                    Some(&next) => letter = next,
                    None => return Err(error(vm, "repeat count given without format specifier")),
                }
                at += 1;
            }
            let Some((kind, size)) = meaning(letter, native) else {
                return Err(error(vm, "bad char in struct format"));
            };
            let unit = if let Kind::Complex(part) = kind { part } else { size };
            if align && unit > 1 {
                made.size = made.size.div_ceil(unit) * unit;
            }
            let count = count.unwrap_or(1);
            let (size, count) =
                if matches!(kind, Kind::Text | Kind::Pascal) { (count, 1) } else { (size, count) };
            let all = size.checked_mul(count).and_then(|all| all.checked_add(made.size));
            let all = all.filter(|&all| all < 1 << 62).ok_or_else(too_long)?;
            if kind != Kind::Pad && count > 0 {
                made.values += count;
                made.items.push(Item { letter, kind, size, count, at: made.size });
            }
            made.size = all;
        }
        let text: String = letters.iter().map(|&it| char::from(it)).collect();
        made.text = vm.str(&text);
        Ok(made)
    }

    fn put(&self, bytes: &[u8], out: &mut [u8]) {
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = bytes[if self.little { at } else { bytes.len() - 1 - at }];
        }
    }

    fn integer(&self, vm: &Vm, item: &Item, value: &Value, out: &mut [u8]) -> R<()> {
        let number = match vm.as_i64(value) {
            Some(number) => i128::from(number),
            None => {
                let big = match vm.as_big(value) {
                    Some(big) => Some(big),
                    None => match vm.lookup_special(value, &vm.names.index) {
                        Some(method) => {
                            vm.as_big(&vm.call_bound(&method, value, Args { values: &[], names: &[] })?)
                        }
                        None => return Err(error(vm, "required argument is not an integer")),
                    },
                };
                match big.as_ref().and_then(num_traits::ToPrimitive::to_i128) {
                    Some(number) => number,
                    None => return Err(self.out_of_range(vm, item)),
                }
            }
        };
        let bits = item.size as u32 * 8;
        let fits = match item.kind {
            Kind::Signed => (-(1i128 << (bits - 1))..1 << (bits - 1)).contains(&number),
            _ => (0..1i128 << bits).contains(&number),
        };
        if !fits {
            return Err(self.out_of_range(vm, item));
        }
        self.put(&number.to_le_bytes()[..item.size], out);
        Ok(())
    }

    fn out_of_range(&self, vm: &Vm, item: &Item) -> Raised {
        let (letter, bits) = (char::from(item.letter), item.size * 8);
        let message = if item.kind == Kind::Signed {
            let top = (1i128 << (bits - 1)) - 1;
            format!("'{letter}' format requires {} <= number <= {top}", -top - 1)
        } else {
            format!("'{letter}' format requires 0 <= number <= {}", (1i128 << bits) - 1)
        };
        error(vm, &message)
    }

    fn real(&self, vm: &Vm, value: &Value) -> R<f64> {
        if let Some(number) = vm.as_float(value) {
            return Ok(number);
        }
        if let Some(number) = vm.as_i64(value) {
            return Ok(number as f64);
        }
        let float = vm.call_with(vm.types.float.value(), std::slice::from_ref(value));
        match float {
            Ok(float) if value.get::<Str>().is_none() && value.get::<Bytes>().is_none() => {
                Ok(vm.as_float(&float).unwrap_or(0.0))
            }
            Err(Raised) if !vm.pending_is(Exc::TypeError) && !vm.pending_is(Exc::ValueError) => Err(Raised),
            _ => {
                vm.pending.set(None);
                Err(error(vm, "required argument is not a float"))
            }
        }
    }

    fn float(&self, vm: &Vm, size: usize, number: f64, out: &mut [u8]) -> R<()> {
        match size {
            2 => match half_bits(number) {
                Some(bits) => self.put(&bits.to_le_bytes(), out),
                None => {
                    return Err(vm.raise(Exc::OverflowError, "float too large to pack with e format"));
                }
            },
            4 => {
                let short = number as f32;
                if short.is_infinite() && number.is_finite() {
                    return Err(vm.raise(Exc::OverflowError, "float too large to pack with f format"));
                }
                self.put(&short.to_le_bytes(), out);
            }
            _ => self.put(&number.to_le_bytes(), out),
        }
        Ok(())
    }

    fn pack_one(&self, vm: &Vm, item: &Item, value: &Value, out: &mut [u8]) -> R<()> {
        match item.kind {
            Kind::Pad => {}
            Kind::Signed | Kind::Unsigned => self.integer(vm, item, value, out)?,
            Kind::Bool => out[0] = vm.truth(value)?.into(),
            Kind::Char => match value.get::<Bytes>().map(|it| &it.data[..]) {
                Some(&[byte]) => out[0] = byte,
                _ => return Err(error(vm, "char format requires a bytes object of length 1")),
            },
            Kind::Half | Kind::Float | Kind::Double => {
                let number = self.real(vm, value)?;
                self.float(vm, item.size, number, out)?;
            }
            Kind::Complex(part) => {
                let (re, im) = match value.get::<Complex>() {
                    Some(it) => (it.re, it.im),
                    None => match self.real(vm, value) {
                        Ok(number) => (number, 0.0),
                        Err(Raised) => {
                            vm.pending.set(None);
                            return Err(error(vm, "required argument is not a complex"));
                        }
                    },
                };
                let (first, second) = out.split_at_mut(part);
                self.float(vm, part, re, first)?;
                self.float(vm, part, im, second)?;
            }
            Kind::Text | Kind::Pascal => {
                let letter = char::from(item.letter);
                let Some(data) = vm.seen_bytes(value) else {
                    return Err(error(vm, &format!("argument for '{letter}' must be a bytes object")));
                };
                if item.kind == Kind::Text {
                    let count = data.len().min(out.len());
                    out[..count].copy_from_slice(&data[..count]);
                } else if let Some((first, rest)) = out.split_first_mut() {
                    let count = data.len().min(rest.len());
                    rest[..count].copy_from_slice(&data[..count]);
                    *first = count.min(255) as u8;
                }
            }
        }
        Ok(())
    }

    fn pack(&self, vm: &Vm, name: &str, values: &[Value]) -> R<Vec<u8>> {
        if values.len() != self.values {
            let (wanted, got) = (self.values, values.len());
            let message = format!("{name} expected {wanted} items for packing (got {got})");
            return Err(error(vm, &message));
        }
        vm.check_room_of(self.size, 2)?;
        let mut out = vec![0; self.size];
        let mut values = values.iter();
        for item in &self.items {
            for index in 0..item.count {
                let Some(value) = values.next() else { break };
                let at = item.at + index * item.size;
                self.pack_one(vm, item, value, &mut out[at..at + item.size])?;
            }
        }
        Ok(out)
    }

    fn take(&self, vm: &Vm, item: &Item, bytes: &[u8]) -> Value {
        let mut word = [0; 16];
        let fill = |word: &mut [u8; 16], bytes: &[u8]| {
            for (at, &byte) in bytes.iter().take(16).enumerate() {
                word[if self.little { at } else { bytes.len() - 1 - at }] = byte;
            }
        };
        let float = |bytes: &[u8]| {
            let mut word = [0; 16];
            fill(&mut word, bytes);
            let bits = u64::from_le_bytes(std::array::from_fn(|at| word[at]));
            match bytes.len() {
                2 => half_value(bits as u16),
                4 => f64::from(f32::from_bits(bits as u32)),
                _ => f64::from_bits(bits),
            }
        };
        match item.kind {
            Kind::Pad => NONE,
            Kind::Char | Kind::Text => vm.bytes(bytes.to_vec()),
            Kind::Bool => Value::bool(bytes[0] != 0),
            Kind::Unsigned => {
                fill(&mut word, bytes);
                let number = u64::from_le_bytes(std::array::from_fn(|at| word[at]));
                match i64::try_from(number) {
                    Ok(number) => vm.int(number),
                    Err(_) => vm.int_of_big(BigInt::from_bytes_le(Sign::Plus, &number.to_le_bytes())),
                }
            }
            Kind::Signed => {
                fill(&mut word, bytes);
                let number = i64::from_le_bytes(std::array::from_fn(|at| word[at]));
                let unused = 64 - bytes.len() as u32 * 8;
                vm.int(number << unused >> unused)
            }
            Kind::Half | Kind::Float | Kind::Double => vm.float(float(bytes)),
            Kind::Complex(part) => {
                let (re, im) = (float(&bytes[..part]), float(&bytes[part..]));
                crate::heap::allocate(vm, &vm.types.complex, Complex { re, im })
            }
            Kind::Pascal => match bytes.split_first() {
                Some((&count, rest)) => vm.bytes(rest[..usize::from(count).min(rest.len())].to_vec()),
                None => vm.bytes(Vec::new()),
            },
        }
    }

    /// The values in the bytes, of which there are enough.
    fn unpack(&self, vm: &Vm, bytes: &[u8]) -> Value {
        let mut row = Vec::with_capacity(self.values);
        for item in &self.items {
            for index in 0..item.count {
                let at = item.at + index * item.size;
                row.push(self.take(vm, item, &bytes[at..at + item.size]));
            }
        }
        vm.tuple(row)
    }
}

/// A float in two bytes; `None` where it is too large. Ties go to even.
fn half_bits(number: f64) -> Option<u16> {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    if number.is_nan() {
        return Some(sign | 0x7E00);
    }
    let size = number.abs();
    if size.is_infinite() {
        return Some(sign | 0x7C00);
    }
    let rounded = |it: f64| {
        let down = it.floor();
        let rest = it - down;
        let up = rest > 0.5 || rest == 0.5 && down % 2.0 == 1.0;
        down as u32 + u32::from(up)
    };
    if size < 2f64.powi(-14) {
        return Some(sign | rounded(size * 2f64.powi(24)) as u16);
    }
    let mut exponent = size.log2().floor() as i32;
    if 2f64.powi(exponent) > size {
        exponent -= 1;
    }
    if 2f64.powi(exponent + 1) <= size {
        exponent += 1;
    }
    if exponent > 15 {
        return None;
    }
    let bits = ((exponent + 14) as u32) * 1024 + rounded(size * 2f64.powi(10 - exponent));
    (bits < 0x7C00).then_some(sign | bits as u16)
}

fn half_value(bits: u16) -> f64 {
    let (exponent, rest) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3FF));
    let size = match exponent {
        0 => rest * 2f64.powi(-24),
        31 if rest == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + rest) * 2f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

/// A format; none before `__init__`.
struct Struct(RefCell<Option<Rc<Layout>>>);

impl Data for Struct {}

fn layout(vm: &Vm, it: &Value) -> R<Rc<Layout>> {
    let layout = vm.own_data::<Struct>("Struct", it, &STRUCT)?.0.borrow().clone();
    layout.ok_or_else(|| vm.raise(Exc::RuntimeError, "Struct object is not initialized"))
}

static STRUCT: Spec = Spec {
    derivable: true,
    open: true,
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            Ok(vm.custom_of(class, Struct(RefCell::default())))
        }),
        ("__init__", |vm, args| {
            let Some((it, values)) = args.values.split_first() else { return Ok(NONE) };
            let [format] = parse(vm, "Struct", Args { values, names: args.names }, ["format"], 1)?;
            let none = NONE;
            let format = format.unwrap_or(&none);
            if format.get::<crate::object::Str>().is_some_and(|it| it.ascii().is_none()) {
                // Raises what the codec says.
                let encode = vm.get_attribute(format, &vm.intern("encode"))?;
                vm.call_with(&encode, &[vm.str("ascii")])?;
            }
            let layout = Rc::new(Layout::parse(vm, format)?);
            *vm.own_data::<Struct>("__init__", it, &STRUCT)?.0.borrow_mut() = Some(layout);
            Ok(NONE)
        }),
        ("pack", |vm, args| {
            let (it, values) = method(vm, "pack", args, 0, usize::MAX)?;
            Ok(vm.bytes(layout(vm, it)?.pack(vm, "pack", values)?))
        }),
        ("pack_into", |vm, args| {
            let (it, values) = method(vm, "pack_into", args, 0, usize::MAX)?;
            pack_into(vm, &*layout(vm, it)?, values)
        }),
        ("unpack", |vm, args| {
            let (it, values) = method(vm, "unpack", args, 1, 1)?;
            unpack(vm, &*layout(vm, it)?, &values[0])
        }),
        ("unpack_from", |vm, args| {
            let Some((it, values)) = args.values.split_first() else {
                return Err(vm.type_error("unpack_from() needs an argument"));
            };
            unpack_from(vm, &*layout(vm, it)?, Args { values, names: args.names })
        }),
        ("iter_unpack", |vm, args| {
            let (it, values) = method(vm, "iter_unpack", args, 1, 1)?;
            iter_unpack(vm, layout(vm, it)?, &values[0])
        }),
        ("__sizeof__", |vm, args| {
            let (it, _) = method(vm, "__sizeof__", args, 0, 0)?;
            // CPython's head of an object and one entry of its table for each kind of item.
            Ok(vm.int_of_usize(56 + 32 * (layout(vm, it)?.items.len() + 1)))
        }),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let format = vm.repr_text(&layout(vm, it)?.text)?;
            Ok(vm.str(&format!("{}({format})", vm.plain_type_name(it))))
        }),
    ],
    attributes: &[
        ("format", read_only(|vm, it| Ok(layout(vm, it)?.text.clone()))),
        (
            "size",
            read_only(|vm, it| {
                let layout = vm.own_data::<Struct>("size", it, &STRUCT)?.0.borrow().clone();
                Ok(layout.map_or_else(|| Value::from_i32(-1), |it| vm.int_of_usize(it.size)))
            }),
        ),
    ],
    ..Spec::new(Own::Struct, "_struct.Struct")
};

/// The format of a function's first argument; those that were used lately are kept.
fn known(vm: &Vm, format: &Value) -> R<Rc<Layout>> {
    if format.data::<Struct>().is_some() {
        return layout(vm, format);
    }
    let text = match (format.get::<Str>(), format.get::<Bytes>()) {
        (Some(text), _) => text.to_utf8().into_owned(),
        (None, Some(bytes)) => bytes.data.to_vec(),
        _ => return Layout::parse(vm, format).map(Rc::new),
    };
    let cache = &vm.modules_state.layouts;
    if let Some(found) = cache.borrow().get(&text) {
        return Ok(found.clone());
    }
    let layout = Rc::new(Layout::parse(vm, format)?);
    let mut cache = cache.borrow_mut();
    if cache.len() >= 100 {
        cache.clear();
    }
    cache.insert(text, layout.clone());
    Ok(layout)
}

fn unpack(vm: &Vm, layout: &Layout, data: &Value) -> R {
    let data = vm.buffer(data)?;
    if data.len() != layout.size {
        let message = format!("unpack requires a buffer of {} bytes", layout.size);
        return Err(error(vm, &message));
    }
    Ok(layout.unpack(vm, &data))
}

fn unpack_from(vm: &Vm, layout: &Layout, args: Args<'_>) -> R {
    let [buffer, offset] = parse(vm, "unpack_from", args, ["buffer", "offset"], 1)?;
    let none = NONE;
    let data = vm.buffer(buffer.unwrap_or(&none))?;
    let given = offset.map_or(Ok(0), |it| index(vm, it))?;
    let (size, len) = (layout.size, data.len());
    let at = start(vm, given, size, len, "unpack_from", "unpacking")?;
    Ok(layout.unpack(vm, &data[at..at + size]))
}

/// Where to start in a buffer; raises what CPython says where there is not enough room.
fn start(vm: &Vm, given: i64, size: usize, len: usize, name: &str, doing: &str) -> R<usize> {
    let mut at = given;
    if given < 0 {
        if given + size as i64 > 0 {
            let message = if doing == "unpacking" {
                format!("not enough data to unpack {size} bytes at offset {given}")
            } else {
                format!("no space to pack {size} bytes at offset {given}")
            };
            return Err(error(vm, &message));
        }
        at += len as i64;
        if at < 0 {
            let message = format!("offset {given} out of range for {len}-byte buffer");
            return Err(error(vm, &message));
        }
    }
    let at = at as usize;
    if len < at || len - at < size {
        let message = format!(
            "{name} requires a buffer of at least {} bytes for {doing} {size} bytes at offset {at} (actual buffer size is {len})",
            at + size
        );
        return Err(error(vm, &message));
    }
    Ok(at)
}

fn pack_into(vm: &Vm, layout: &Layout, values: &[Value]) -> R {
    let [buffer, offset, values @ ..] = values else {
        let message = match values.len() {
            0 => "pack_into expected buffer argument",
            _ => "pack_into expected offset argument",
        };
        return Err(error(vm, message));
    };
    if values.len() != layout.values {
        let (wanted, got) = (layout.values, values.len());
        return Err(error(vm, &format!("pack_into expected {wanted} items for packing (got {got})")));
    }
    let read_only = || {
        let got = vm.type_name(buffer);
        vm.type_error(format!("argument must be read-write bytes-like object, not {got}"))
    };
    if buffer.get::<Bytes>().is_some() {
        return Err(read_only());
    }
    let len = match buffer.get::<Bytearray>() {
        Some(array) => array.data.borrow().len(),
        None => vm.buffer(buffer).map_err(|_| read_only())?.len(),
    };
    let given = match vm.index_of(offset)? {
        Some(given) => given,
        None => {
            let got = vm.type_name(offset);
            return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
        }
    };
    let at = start(vm, given, layout.size, len, "pack_into", "packing")?;
    let data = layout.pack(vm, "pack_into", values)?;
    if let Some(array) = buffer.get::<Bytearray>() {
        if let Some(place) = array.data.borrow_mut().get_mut(at..at + data.len()) {
            place.copy_from_slice(&data);
        }
        return Ok(NONE);
    }
    let end = vm.int_of_usize(at + data.len());
    let slice = crate::heap::allocate(vm, &vm.types.slice, Slice { parts: [vm.int_of_usize(at), end, NONE] });
    let view = vm.byte_view(buffer)?;
    vm.set_item(&view, &slice, vm.bytes(data))?;
    Ok(NONE)
}

/// How many bytes the values of a format take.
pub(super) fn size_of(vm: &Vm, format: &Value) -> R<usize> {
    Ok(known(vm, format)?.size)
}

/// The bytes of one value in a format of one letter.
pub(super) fn pack_one(vm: &Vm, format: &Value, value: &Value) -> R<Vec<u8>> {
    known(vm, format)?.pack(vm, "pack", std::slice::from_ref(value))
}

/// The value that these bytes are in a format of one letter.
pub(super) fn unpack_one(vm: &Vm, format: &Value, data: &[u8]) -> R {
    let layout = known(vm, format)?;
    if data.len() != layout.size {
        return Err(error(vm, &format!("unpack requires a buffer of {} bytes", layout.size)));
    }
    let row = layout.unpack(vm, data);
    Ok(row.get::<crate::object::Tuple>().and_then(|it| it.items.first().cloned()).unwrap_or(NONE))
}

impl Vm {
    /// `memoryview(object).cast('B')`
    pub(crate) fn byte_view(&self, object: &Value) -> R {
        let view = self.call_with(&self.memoryview_type(), std::slice::from_ref(object))?;
        let cast = self.get_attribute(&view, &self.intern("cast"))?;
        self.call_with(&cast, &[self.intern("B")])
    }
}

static ITER: Spec = Spec {
    methods: &[
        ("__iter__", itself),
        ("__next__", next_method),
        ("__length_hint__", |vm, args| {
            let (it, _) = method(vm, "__length_hint__", args, 0, 0)?;
            let data: &StructIter = vm.own_data("__length_hint__", it, &ITER)?;
            Ok(vm.int_of_usize((data.data.len() - data.at.get()) / data.layout.size))
        }),
    ],
    ..Spec::new(Own::StructIter, "_struct.unpack_iterator")
};

struct StructIter {
    layout: Rc<Layout>,
    data: Vec<u8>,
    at: Cell<usize>,
}

impl Data for StructIter {
    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let (at, size) = (self.at.get(), self.layout.size);
        if at >= self.data.len() {
            return Some(Ok(None));
        }
        self.at.set(at + size);
        Some(Ok(Some(self.layout.unpack(vm, &self.data[at..at + size]))))
    }
}

fn iter_unpack(vm: &Vm, layout: Rc<Layout>, data: &Value) -> R {
    if layout.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    let data = vm.buffer(data)?.into_owned();
    if data.len() % layout.size != 0 {
        let message = format!("iterative unpacking requires a buffer of a multiple of {} bytes", layout.size);
        return Err(error(vm, &message));
    }
    Ok(vm.custom(&ITER, StructIter { layout, data, at: Cell::new(0) }))
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("calcsize", |vm, args| {
        let values = positional(vm, "calcsize", args, 1, 1)?;
        Ok(vm.int_of_usize(known(vm, &values[0])?.size))
    }),
    ("pack", |vm, args| {
        if args.values.is_empty() {
            return Err(vm.type_error("missing format argument"));
        }
        let values = positional(vm, "pack", args, 1, usize::MAX)?;
        Ok(vm.bytes(known(vm, &values[0])?.pack(vm, "pack", &values[1..])?))
    }),
    ("pack_into", |vm, args| {
        let values = positional(vm, "pack_into", args, 1, usize::MAX)?;
        pack_into(vm, &*known(vm, &values[0])?, &values[1..])
    }),
    ("unpack", |vm, args| {
        let values = positional(vm, "unpack", args, 2, 2)?;
        unpack(vm, &*known(vm, &values[0])?, &values[1])
    }),
    ("unpack_from", |vm, args| match args.values.split_first() {
        Some((format, values)) => unpack_from(vm, &*known(vm, format)?, Args { values, names: args.names }),
        None => Err(vm.type_error("unpack_from() missing required argument 'format' (pos 1)")),
    }),
    ("iter_unpack", |vm, args| {
        let values = positional(vm, "iter_unpack", args, 2, 2)?;
        iter_unpack(vm, known(vm, &values[0])?, &values[1])
    }),
    ("_clearcache", |vm, _| {
        vm.modules_state.layouts.borrow_mut().clear();
        Ok(NONE)
    }),
];

/// `_struct`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put_type(module, &STRUCT);
    vm.put(module, "error", vm.own_exception("struct.error", Exc::Exception)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (number, bits) in
            [(0.0, 0), (-0.0, 0x8000), (1.0, 0x3C00), (65504.0, 0x7BFF), (5.960_464_477_539_063e-8, 1)]
        {
            assert_eq!(half_bits(number), Some(bits));
            assert_eq!(half_value(bits).to_bits(), f64::to_bits(number));
        }
        assert_eq!(half_bits(65520.0), None);
        assert_eq!(half_bits(1.0 / 3.0), Some(0x3555));
    }
}
