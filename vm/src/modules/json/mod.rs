//! `_json`: reading and writing JSON. What is behind `json.loads` and `json.dumps`.

mod read;
mod write;

use crate::object::{Dict, Str};
use crate::value::Value;
use crate::vm::{R, Raised, Vm};

/// `_json`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(
        module,
        &[
            ("scanstring", read::scanstring),
            ("encode_basestring", write::encode_basestring),
            ("encode_basestring_ascii", write::encode_basestring_ascii),
        ],
    );
    vm.put(module, "make_scanner", vm.own(&read::SCANNER).value().clone());
    vm.put(module, "make_encoder", vm.own(&write::ENCODER).value().clone());
    Ok(())
}

/// Raises `json.JSONDecodeError`.
fn decode_error(vm: &Vm, message: &str, text: &Value, at: usize) -> Raised {
    let decoder = vm.modules.get::<Dict>().and_then(|it| it.get_name(vm, &vm.intern("json.decoder")));
    let made = (|| {
        let Some(decoder) = decoder else { return Err(vm.value_error(message)) };
        let class = vm.get_attribute(&decoder, &vm.intern("JSONDecodeError"))?;
        vm.call_with(&class, &[vm.str(message), text.clone(), vm.int_of_usize(at)])
    })();
    match made {
        Ok(exception) => vm.raise_value(exception),
        Err(raised) => raised,
    }
}

/// The text of an argument that must be one.
fn text_argument<'a>(vm: &Vm, value: &'a Value) -> R<&'a Str> {
    value.get::<Str>().ok_or_else(|| {
        let got = vm.type_name(value);
        vm.type_error(format!("first argument must be a string, not {got}"))
    })
}
