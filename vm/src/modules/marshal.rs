//! `marshal`, in the format of the language version.

use crate::builtins::positional;
use crate::load::{Code, load_value};
use crate::object::callable::Args;
use crate::object::{Bytes, Complex, Dict, List, NativeFn, Set, Str, Tuple};
use crate::value::{ELLIPSIS, Value};
use crate::vm::{R, Vm};

const FUNCTIONS: &[(&str, NativeFn)] = &[("loads", loads), ("dumps", dumps), ("load", load), ("dump", dump)];
/// How deep values may be nested.
const DEEPEST: u32 = 2000;

/// `marshal`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "version", vm.int(5));
    Ok(())
}

fn loads(vm: &Vm, args: Args<'_>) -> R {
    let (values, _) = crate::builtins::keywords(vm, "loads", args, ["allow_code"])?;
    let Some(value) = values.first() else { return Err(vm.type_error("loads expected 1 argument, got 0")) };
    let data = vm.bytes_of(value)?;
    match load_value(vm, &data) {
        Ok(value) => Ok(value),
        Err(error) if data.is_empty() => {
            let _ = error;
            Err(vm.raise(crate::builtins::exceptions::Exc::EOFError, "marshal data too short"))
        }
        Err(error) => Err(vm.value_error(format!("bad marshal data ({error})"))),
    }
}

fn dumps(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let value = &positional(vm, "dumps", Args { values: &args.values[..count], names: &[] }, 1, 2)?[0];
    let mut out = Vec::new();
    push(vm, value, &mut out, 0)?;
    Ok(vm.bytes(out))
}

/// Reads a value from a file, which is read to its end.
fn load(vm: &Vm, args: Args<'_>) -> R {
    let (values, _) = crate::builtins::keywords(vm, "load", args, ["allow_code"])?;
    let Some(file) = values.first() else { return Err(vm.type_error("load() takes 1 positional argument")) };
    let data = vm.call_with(&vm.get_attribute(file, &vm.intern("read"))?, &[])?;
    if vm.byte_data(&data).is_none() {
        let got = vm.type_name(&data);
        return Err(vm.type_error(format!("file.read() returned not bytes but {got}")));
    }
    loads(vm, Args { values: &[data], names: &[] })
}

fn dump(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let values = positional(vm, "dump", Args { values: &args.values[..count], names: &[] }, 2, 3)?;
    let data = dumps(vm, Args { values: &values[..1], names: &[] })?;
    vm.call_with(&vm.get_attribute(&values[1], &vm.intern("write"))?, &[data])
}

fn count(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u32).to_le_bytes());
}

fn push(vm: &Vm, value: &Value, out: &mut Vec<u8>, depth: u32) -> R<()> {
    if depth > DEEPEST {
        return Err(vm.value_error("object too deeply nested to marshal"));
    }
    let row = |items: &[Value], out: &mut Vec<u8>| -> R<()> {
        count(out, items.len());
        items.iter().try_for_each(|item| push(vm, item, out, depth + 1))
    };
    if value.is_none() {
        out.push(b'N');
    } else if let Some(truth) = value.as_bool() {
        out.push(if truth { b'T' } else { b'F' });
    } else if value.is(&ELLIPSIS) {
        out.push(b'.');
    } else if let Some(code) = value.get::<Code>() {
        match &*code.marshalled.borrow() {
            Some(bytes) => out.extend_from_slice(bytes),
            None => return Err(vm.missing("marshalling a code object that is no module's")),
        }
    } else if let Some(number) = vm.as_float(value) {
        out.push(b'g');
        out.extend_from_slice(&number.to_le_bytes());
    } else if let Some(number) = vm.as_big(value) {
        push_int(&number, out);
    } else if let Some(number) = value.get::<Complex>() {
        out.push(b'y');
        out.extend_from_slice(&number.re.to_le_bytes());
        out.extend_from_slice(&number.im.to_le_bytes());
    } else if let Some(text) = value.get::<Str>() {
        let data = text.to_utf8();
        out.push(if text.interned.get() { b't' } else { b'u' });
        count(out, data.len());
        out.extend_from_slice(&data);
    } else if let Some(bytes) = value.get::<Bytes>() {
        out.push(b's');
        count(out, bytes.data.len());
        out.extend_from_slice(&bytes.data);
    } else if let Some(tuple) = value.get::<Tuple>() {
        out.push(b'(');
        row(&tuple.items, out)?;
    } else if let Some(list) = value.get::<List>() {
        out.push(b'[');
        row(&list.snapshot(), out)?;
    } else if let Some(set) = value.get::<Set>() {
        let frozen = vm.type_of(value).is_subtype(&vm.types.frozenset);
        out.push(if frozen { b'>' } else { b'<' });
        row(&set.snapshot(), out)?;
    } else if let Some(dict) = value.get::<Dict>() {
        out.push(b'{');
        for (key, value) in dict.snapshot() {
            push(vm, &key, out, depth + 1)?;
            push(vm, &value, out, depth + 1)?;
        }
        out.push(b'0');
    } else {
        return Err(vm.value_error("unmarshallable object"));
    }
    Ok(())
}

fn push_int(number: &num_bigint::BigInt, out: &mut Vec<u8>) {
    if let Ok(small) = i32::try_from(number) {
        out.push(b'i');
        out.extend_from_slice(&small.to_le_bytes());
        return;
    }
    let mut digits: Vec<u16> = Vec::new();
    let mut rest = number.magnitude().clone();
    let mask = num_bigint::BigUint::from(0x7FFF_u16);
    while rest.bits() > 0 {
        digits.push(u16::try_from(&rest & &mask).unwrap_or(0));
        rest >>= 15u32;
    }
    let length = digits.len() as i32;
    let negative = number.sign() == num_bigint::Sign::Minus;
    out.push(b'l');
    out.extend_from_slice(&(if negative { -length } else { length }).to_le_bytes());
    for digit in digits {
        out.extend_from_slice(&digit.to_le_bytes());
    }
}

impl Vm {
    /// The bytes of an object that has some.
    pub(crate) fn bytes_of(&self, value: &Value) -> R<Vec<u8>> {
        if let Some(data) = self.byte_data(value) {
            return Ok(data);
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
