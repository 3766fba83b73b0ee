//! What the argument of an instruction means: `argrepr` of `dis`.

use super::constant::{Form, push_number, push_text, write_repr};
use super::error::ErrorKind;
use super::instruction::Instruction;
use super::labels::Labels;
use super::shape::{ArgKind, Shapes};
use super::style::{CONVERSIONS, Style};
use super::view::CodeView;
use crate::code::ObjectId;

/// What an argument is called that names nothing: damaged code only.
const INVALID: &[u8] = b"<invalid>";

/// Appends the explanation of `instruction`'s argument to `out`, nothing where it has none.
///
/// # Errors
/// [`ErrorKind::TooLong`] when a constant would make `out` longer than allowed.
#[inline]
pub fn explain(
    view: &CodeView<'_, '_>,
    shapes: &Shapes,
    labels: &Labels,
    instruction: &Instruction<'_>,
    form: Form,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    let arg = instruction.arg;
    match instruction.shape.arg {
        ArgKind::Plain => {}
        ArgKind::Const => match usize::try_from(arg).ok().and_then(|index| view.consts.get(index)) {
            Some(&id) => write_repr(view.objects, id, form, out)?,
            None => out.extend_from_slice(INVALID),
        },
        ArgKind::Name => name(view, view.names, arg, b"", out),
        ArgKind::Global => name(view, view.names, arg >> 1, if arg & 1 == 1 { b" + NULL" } else { b"" }, out),
        ArgKind::Attr => {
            name(view, view.names, arg >> 1, if arg & 1 == 1 { b" + NULL|self" } else { b"" }, out);
        }
        ArgKind::SuperAttr => {
            name(view, view.names, arg >> 2, if arg & 1 == 1 { b" + NULL|self" } else { b"" }, out);
        }
        ArgKind::Local => name(view, view.locals, arg, b"", out),
        ArgKind::LocalPair => {
            name(view, view.locals, arg >> 4, b"", out);
            out.extend_from_slice(b", ");
            name(view, view.locals, arg & 15, b"", out);
        }
        ArgKind::Jump => label(labels, instruction, b"to L", out),
        ArgKind::ComesFrom => label(labels, instruction, b"from L", out),
        ArgKind::Compare => {
            let as_bool = arg & 16 != 0;
            if as_bool {
                out.extend_from_slice(b"bool(");
            }
            choice(shapes.ops.comparisons, arg >> 5, out);
            if as_bool {
                out.push(b')');
            }
        }
        ArgKind::Convert => choice(&CONVERSIONS, arg, out),
        ArgKind::FunctionAttributes => function_attributes(shapes.style, arg, out),
        ArgKind::BinaryOp => {
            match usize::try_from(arg).ok().and_then(|index| shapes.ops.binary_ops.get(index)) {
                Some((_, operator)) => out.extend_from_slice(operator.as_bytes()),
                None => out.extend_from_slice(INVALID),
            }
        }
        ArgKind::Intrinsic1 => choice(shapes.ops.intrinsics_1, arg, out),
        ArgKind::Intrinsic2 => choice(shapes.ops.intrinsics_2, arg, out),
        ArgKind::CommonConstant => {
            match usize::try_from(arg).ok().and_then(|index| shapes.ops.common_constants.get(index)) {
                // `dis` shows types by name and functions by `repr`.
                Some(function @ (&"all" | &"any")) => {
                    out.extend_from_slice(b"<built-in function ");
                    out.extend_from_slice(function.as_bytes());
                    out.push(b'>');
                }
                _ => choice(shapes.ops.common_constants, arg, out),
            }
        }
        ArgKind::SpecialMethod => choice(shapes.ops.special_methods, arg, out),
        ArgKind::Is => out.extend_from_slice(if arg == 0 { b"is" } else { b"is not" }),
        ArgKind::Contains => out.extend_from_slice(if arg == 0 { b"in" } else { b"not in" }),
    }
    Ok(())
}

fn choice(texts: &[&str], arg: i32, out: &mut Vec<u8>) {
    match usize::try_from(arg).ok().and_then(|index| texts.get(index)) {
        Some(text) => out.extend_from_slice(text.as_bytes()),
        None => out.extend_from_slice(INVALID),
    }
}

/// A name, and `suffix` unless the name is empty.
#[inline]
fn name(view: &CodeView<'_, '_>, names: &[ObjectId], index: i32, suffix: &[u8], out: &mut Vec<u8>) {
    let id = usize::try_from(index).ok().and_then(|index| names.get(index));
    match id.and_then(|&id| view.text(id)) {
        Some(text) if text.is_empty() => {}
        Some(text) => {
            push_text(text, out);
            out.extend_from_slice(suffix);
        }
        None => out.extend_from_slice(INVALID),
    }
}

fn label(labels: &Labels, instruction: &Instruction<'_>, before: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(before);
    let number = instruction.jump_target().and_then(|target| labels.at(target)).unwrap_or(0);
    push_number(u64::from(number), out);
}

fn function_attributes(style: &Style, arg: i32, out: &mut Vec<u8>) {
    let mut first = true;
    for (bit, text) in style.function_attributes.iter().enumerate() {
        if arg & (1 << bit) != 0 {
            if !first {
                out.extend_from_slice(b", ");
            }
            first = false;
            out.extend_from_slice(text.as_bytes());
        }
    }
}
