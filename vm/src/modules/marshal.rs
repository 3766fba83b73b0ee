//! `marshal`, in the format of the language version.

use crate::builtins::exceptions::Exc;
use crate::builtins::keywords;
use crate::load::{Code, LoadError, load_value};
use crate::object::callable::Args;
use crate::object::{Bytes, Complex, Dict, List, NativeFn, Set, Slice, Str, Tuple};
use crate::value::{ELLIPSIS, Value};
use crate::vm::{R, Raised, Vm};
use num_bigint::BigInt;
use pyrsc::marshal::ErrorKind;
use std::collections::HashMap;

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("loads", |vm, args| {
        let (value, allow_code) = loaded(vm, "loads", args)?;
        let data = vm.bytes_of(&value)?;
        Ok(read(vm, &data, allow_code)?.0)
    }),
    ("load", |vm, args| {
        let (file, allow_code) = loaded(vm, "load", args)?;
        let data = vm.call_with(&vm.get_attribute(&file, &vm.intern("read"))?, &[])?;
        let Some(bytes) = vm.byte_data(&data) else {
            let got = vm.type_name(&data);
            return Err(vm.type_error(format!("file.read() returned not bytes but {got}")));
        };
        let (value, len) = read(vm, &bytes, allow_code)?;
        if len < bytes.len() {
            // What follows belongs to whoever reads next.
            let back = vm.int(len as i64 - bytes.len() as i64);
            vm.call_with(&vm.get_attribute(&file, &vm.intern("seek"))?, &[back, vm.int(1)])?;
        }
        Ok(value)
    }),
    ("dumps", |vm, args| {
        let (values, allow_code) = with_allow_code(vm, "dumps", args)?;
        match values {
            [value] => dump(vm, value, VERSION, allow_code),
            [value, version] => dump(vm, value, vm.as_i64(version).unwrap_or(VERSION), allow_code),
            _ => Err(
                vm.type_error(format!("dumps() takes 1 or 2 positional arguments ({} given)", values.len()))
            ),
        }
    }),
    ("dump", |vm, args| {
        let (values, allow_code) = with_allow_code(vm, "dump", args)?;
        let data = match values {
            [value, _] => dump(vm, value, VERSION, allow_code)?,
            [value, _, version] => dump(vm, value, vm.as_i64(version).unwrap_or(VERSION), allow_code)?,
            _ => {
                let given = values.len();
                return Err(
                    vm.type_error(format!("dump() takes 2 or 3 positional arguments ({given} given)"))
                );
            }
        };
        vm.call_with(&vm.get_attribute(&values[1], &vm.intern("write"))?, &[data])
    }),
];
/// The version of the format.
const VERSION: i64 = 5;
/// How deep values may be nested.
const DEEPEST: u32 = 2000;
/// In a type code: other places may refer to the object by its number.
const FLAG_REF: u8 = 0x80;

/// `marshal`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "version", vm.int(VERSION));
    Ok(())
}

/// The positional arguments, and whether code objects are let through.
fn with_allow_code<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<(&'a [Value], bool)> {
    let (values, [allow]) = keywords(vm, name, args, ["allow_code"])?;
    Ok((values, allow.map_or(Ok(true), |it| vm.truth(it))?))
}

fn loaded(vm: &Vm, name: &str, args: Args<'_>) -> R<(Value, bool)> {
    match with_allow_code(vm, name, args)? {
        ([value], allow_code) => Ok((value.clone(), allow_code)),
        (values, _) => {
            let given = values.len();
            Err(vm.type_error(format!("{name}() takes exactly 1 positional argument ({given} given)")))
        }
    }
}

/// The first value, and how many bytes it takes.
fn read(vm: &Vm, data: &[u8], allow_code: bool) -> R<(Value, usize)> {
    load_value(vm, data, allow_code).map_err(|error| match error {
        LoadError::Corrupt(error) => {
            let bad = |what: &str| vm.value_error(format!("bad marshal data ({what})"));
            match error.kind {
                // Where there are too few bytes for the items, one of them is missing.
                ErrorKind::UnexpectedEnd
                    if error.offset >= data.len()
                        || error.offset > 0 && b"([<>".contains(&(data[error.offset - 1] & !FLAG_REF)) =>
                {
                    vm.raise(Exc::EOFError, "EOF read where object expected")
                }
                ErrorKind::UnexpectedEnd => vm.raise(Exc::EOFError, "marshal data too short"),
                ErrorKind::UnknownType(_) => bad("unknown type code"),
                ErrorKind::InvalidReference(_) => bad("invalid reference"),
                ErrorKind::Digit => bad("digit out of range in long"),
                ErrorKind::LeadingZero => bad("unnormalized long data"),
                ErrorKind::TooDeep => vm.value_error("recursion limit exceeded"),
                ErrorKind::Null => vm.type_error("NULL object in marshal data for object"),
                _ => bad(&error.to_string()),
            }
        }
        LoadError::CodeDisallowed => vm.value_error("unmarshalling code objects is disallowed"),
        error => vm.value_error(format!("bad marshal data ({error})")),
    })
}

fn dump(vm: &Vm, value: &Value, version: i64, allow_code: bool) -> R {
    if let (Some(code), true, VERSION) = (value.get::<Code>(), allow_code, version)
        && let Some(bytes) = &*code.marshalled.borrow()
    {
        return Ok(vm.bytes(bytes.to_vec()));
    }
    let mut dump =
        Dump { vm, version, allow_code, out: Vec::new(), numbers: HashMap::new(), kept: Vec::new() };
    dump.object(value, 0, 0)?;
    Ok(vm.bytes(dump.out))
}

/// A value on its way into bytes. CPython: `w_object` and what it calls (`Python/marshal.c`).
struct Dump<'v> {
    vm: &'v Vm,
    version: i64,
    allow_code: bool,
    out: Vec<u8>,
    /// Objects that others may refer to, by identity: their numbers.
    numbers: HashMap<u64, u32>,
    /// The same objects, so that they live as long.
    kept: Vec<Value>,
}

impl Dump<'_> {
    fn number(&mut self, number: usize) -> R<()> {
        let number = u32::try_from(number).map_err(|_| self.unmarshallable())?;
        self.out.extend_from_slice(&number.to_le_bytes());
        Ok(())
    }

    fn unmarshallable(&self) -> Raised {
        self.vm.value_error("unmarshallable object")
    }

    /// Writes a value, of which `held` references are of this writer's own making.
    fn object(&mut self, value: &Value, held: u32, depth: u32) -> R<()> {
        if depth > DEEPEST {
            return Err(self.unmarshallable());
        }
        let single = match value.as_bool() {
            Some(true) => Some(b'T'),
            Some(false) => Some(b'F'),
            None if value.is_none() => Some(b'N'),
            None if value.is(&ELLIPSIS) => Some(b'.'),
            None => value.is(self.vm.exceptions.get(Exc::StopIteration).value()).then_some(b'S'),
        };
        if let Some(code) = single {
            self.out.push(code);
            return Ok(());
        }
        let mut flag = 0;
        // What only one place refers to is written without a number. Small ints are everywhere.
        let shared = match value.as_small() {
            Some(number) => (-5..=256).contains(&number),
            None => value.header().is_some() && value.count() > 1 + held,
        };
        if self.version >= 3 && shared {
            if let Some(&number) = self.numbers.get(&value.word()) {
                self.out.push(b'r');
                return self.number(number as usize);
            }
            self.numbers.insert(value.word(), self.kept.len() as u32);
            self.kept.push(value.clone());
            flag = FLAG_REF;
        }
        self.body(value, flag, depth)
    }

    fn body(&mut self, value: &Value, flag: u8, depth: u32) -> R<()> {
        let vm = self.vm;
        if Vm::is_made_by_program(vm.type_of(value)) {
            // Of a class that derives from one of these types at most the memory is written.
            return match vm.buffer_or_none(value)? {
                Some(bytes) => self.bytes(&bytes, flag),
                None => Err(self.unmarshallable()),
            };
        }
        if let Some(code) = value.get::<Code>() {
            self.code(code, flag, depth)
        } else if let Some(number) = vm.as_float(value) {
            self.out.push(if self.version > 1 { b'g' } else { b'f' } | flag);
            self.float(number)
        } else if let Some(number) = vm.as_big(value) {
            self.int(&number, flag)
        } else if let Some(number) = value.get::<Complex>() {
            self.out.push(if self.version > 1 { b'y' } else { b'x' } | flag);
            self.float(number.re)?;
            self.float(number.im)
        } else if let Some(text) = value.get::<Str>() {
            self.text(text, flag)
        } else if let Some(tuple) = value.get::<Tuple>() {
            self.tuple(&tuple.items, flag, depth)
        } else if let Some(list) = value.get::<List>() {
            self.out.push(b'[' | flag);
            self.row(&list.snapshot(), 1, depth)
        } else if let Some(set) = value.get::<Set>() {
            let frozen = vm.type_of(value).is_subtype(&vm.types.frozenset);
            self.out.push(if frozen { b'>' } else { b'<' } | flag);
            self.set(set, depth)
        } else if let Some(dict) = value.get::<Dict>() {
            self.out.push(b'{' | flag);
            for (key, value) in dict.snapshot() {
                self.object(&key, 1, depth + 1)?;
                self.object(&value, 1, depth + 1)?;
            }
            self.out.push(b'0');
            Ok(())
        } else if let (Some(slice), 5..) = (value.get::<Slice>(), self.version) {
            self.out.push(b':' | flag);
            slice.parts.iter().try_for_each(|part| self.object(part, 0, depth + 1))
        } else if let Some(bytes) = vm.buffer_or_none(value)? {
            self.bytes(&bytes, flag)
        } else {
            Err(self.unmarshallable())
        }
    }

    fn row(&mut self, items: &[Value], held: u32, depth: u32) -> R<()> {
        self.number(items.len())?;
        items.iter().try_for_each(|item| self.object(item, held, depth + 1))
    }

    /// Elements in the order of what is written of each by itself, so that equal sets are written alike.
    fn set(&mut self, set: &Set, depth: u32) -> R<()> {
        let mut items = Vec::new();
        for item in set.snapshot() {
            let Dump { vm, version, allow_code, .. } = *self;
            let mut alone =
                Dump { vm, version, allow_code, out: Vec::new(), numbers: HashMap::new(), kept: Vec::new() };
            alone.object(&item, 1, depth + 1)?;
            items.push((alone.out, item));
        }
        items.sort_by(|a, b| a.0.cmp(&b.0));
        self.number(items.len())?;
        items.iter().try_for_each(|(_, item)| self.object(item, 1, depth + 1))
    }

    fn tuple(&mut self, items: &[Value], flag: u8, depth: u32) -> R<()> {
        match u8::try_from(items.len()) {
            Ok(len) if self.version >= 4 => {
                self.out.extend([b')' | flag, len]);
                items.iter().try_for_each(|item| self.object(item, 0, depth + 1))
            }
            _ => {
                self.out.push(b'(' | flag);
                self.row(items, 0, depth)
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8], flag: u8) -> R<()> {
        self.out.push(b's' | flag);
        self.number(bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn text(&mut self, text: &Str, flag: u8) -> R<()> {
        let data = text.to_utf8();
        let interned = text.interned.get();
        if self.version >= 4 && data.is_ascii() {
            match u8::try_from(data.len()) {
                Ok(len) => self.out.extend([if interned { b'Z' } else { b'z' } | flag, len]),
                Err(_) => {
                    self.out.push(if interned { b'A' } else { b'a' } | flag);
                    self.number(data.len())?;
                }
            }
        } else {
            self.out.push(if interned && self.version >= 1 { b't' } else { b'u' } | flag);
            self.number(data.len())?;
        }
        self.out.extend_from_slice(&data);
        Ok(())
    }

    fn float(&mut self, number: f64) -> R<()> {
        if self.version > 1 {
            self.out.extend_from_slice(&number.to_le_bytes());
            return Ok(());
        }
        let text = self.vm.text_of(&self.vm.repr(&self.vm.float(number))?);
        let text = text.strip_suffix(".0").unwrap_or(&text);
        self.out.push(text.len() as u8);
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn int(&mut self, number: &BigInt, flag: u8) -> R<()> {
        if let Ok(small) = i32::try_from(number) {
            self.out.push(b'i' | flag);
            self.out.extend_from_slice(&small.to_le_bytes());
            return Ok(());
        }
        // Digits of 15 bits.
        let bits = number.bits();
        let (count, bytes) = (bits.div_ceil(15) as i32, number.magnitude().to_bytes_le());
        self.out.push(b'l' | flag);
        let negative = number.sign() == num_bigint::Sign::Minus;
        self.out.extend_from_slice(&(if negative { -count } else { count }).to_le_bytes());
        for digit in 0..bits.div_ceil(15) {
            let (byte, shift) = ((digit * 15 / 8) as usize, digit * 15 % 8);
            let at = |index: usize| u32::from(bytes.get(index).copied().unwrap_or(0));
            let three = at(byte) | at(byte + 1) << 8 | at(byte + 2) << 16;
            self.out.extend_from_slice(&((three >> shift) as u16 & 0x7FFF).to_le_bytes());
        }
        Ok(())
    }

    fn code(&mut self, code: &Code, flag: u8, depth: u32) -> R<()> {
        if !self.allow_code {
            return Err(self.vm.value_error("marshalling code objects is disallowed"));
        }
        let origin = &code.origin;
        if !origin.own {
            let message = "unmarshallable object: a code object of another release";
            return Err(self.vm.value_error(message));
        }
        self.out.push(b'c' | flag);
        for number in [code.argcount, code.posonly, code.kwonly] {
            self.number(number.into())?;
        }
        self.number(origin.stack as usize)?;
        self.number(code.flags as usize)?;
        self.bytes(origin.code(), 0)?;
        self.tuple(code.co_consts(), 0, depth)?;
        self.tuple(&code.names, 0, depth)?;
        self.tuple(&code.local_names, 0, depth)?;
        self.bytes(&code.kinds, 0)?;
        self.object(&code.file(), 1, depth + 1)?;
        self.object(&code.name, 0, depth + 1)?;
        self.object(&code.qualname, 0, depth + 1)?;
        self.out.extend_from_slice(&code.first_line.to_le_bytes());
        self.bytes(origin.lines(), 0)?;
        self.bytes(origin.table(), 0)
    }
}

impl Vm {
    /// The bytes of an object that has some.
    pub(crate) fn bytes_of(&self, value: &Value) -> R<Vec<u8>> {
        if let Some(data) = self.buffer_or_none(value)? {
            return Ok(data.into_owned());
        }
        let made = match self.lookup_special(value, &self.intern("__bytes__")) {
            Some(method) => self.call_bound(&method, value, Args { values: &[], names: &[] })?,
            None => {
                let got = self.type_name(value);
                return Err(self.type_error(format!("a bytes-like object is required, not '{got}'")));
            }
        };
        match made.get::<Bytes>() {
            Some(bytes) => Ok(bytes.data.to_vec()),
            None => {
                let got = self.type_name(&made);
                Err(self.type_error(format!("__bytes__ returned non-bytes (type {got})")))
            }
        }
    }
}
