//! Bytes as hexadecimal digits: `hex` and `fromhex` of `bytes`, `bytearray` and `memoryview`.

use super::bytes::{own, receive};
use super::method;
use crate::object::Str;
use crate::object::callable::Args;
use crate::vm::{R, Vm};

pub(super) fn hex(vm: &Vm, args: Args<'_>) -> R {
    let (it, [sep, group]) = receive(vm, "hex", args, ["sep", "bytes_per_sep"], 0)?;
    let data = own(vm, it)?;
    let digits: Vec<String> = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let Some(sep) = sep else { return Ok(vm.str(&digits.concat())) };
    if vm.len(sep)? != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    let sep = match (sep.get::<Str>(), vm.byte_data(sep)) {
        (Some(text), _) => text.to_str().into_owned(),
        (None, Some(data)) => data.iter().map(|&byte| char::from(byte)).collect(),
        _ => return Err(vm.type_error("sep must be str or bytes.")),
    };
    if !sep.is_ascii() {
        return Err(vm.value_error("sep must be ASCII."));
    }
    let group = match group {
        Some(group) => crate::modules::native::index(vm, group)?,
        None => 1,
    };
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(1);
    if size == 0 {
        return Ok(vm.str(&digits.concat()));
    }
    let parts: Vec<String> = if group > 0 {
        digits.rchunks(size).rev().map(<[String]>::concat).collect()
    } else {
        digits.chunks(size).map(<[String]>::concat).collect()
    };
    Ok(vm.str(&parts.join(&sep)))
}

pub(super) fn fromhex(vm: &Vm, args: Args<'_>) -> R {
    let (class, rest) = method(vm, "fromhex", args, 1, 1)?;
    let text: Vec<u32> = match rest[0].get::<Str>() {
        Some(text) => text.points(),
        None => match vm.buffer_or_none(&rest[0])? {
            Some(data) => data.iter().map(|&byte| byte.into()).collect(),
            None => {
                let got = vm.type_name(&rest[0]);
                let message = format!("fromhex() argument must be str or bytes-like, not {got}");
                return Err(vm.type_error(message));
            }
        },
    };
    let mut data = Vec::new();
    let digit = |at: usize| {
        let digit = text.get(at).and_then(|&point| char::from_u32(point)).and_then(|ch| ch.to_digit(16));
        digit.ok_or_else(|| match text.get(at) {
            Some(_) => {
                vm.value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}"))
            }
            None => vm.value_error("fromhex() arg must contain an even number of hexadecimal digits"),
        })
    };
    let mut at = 0;
    while at < text.len() {
        if matches!(text[at], 32 | 9..=13) {
            at += 1;
            continue;
        }
        data.push((digit(at)? * 16 + digit(at + 1)?) as u8);
        at += 2;
    }
    let made = vm.bytes(data);
    if class.is(vm.types.bytes.value()) { Ok(made) } else { vm.call_with(class, &[made]) }
}
