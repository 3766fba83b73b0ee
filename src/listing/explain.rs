//! What the argument of an instruction means: `argrepr` of `dis`.

use super::constant::{Form, push_int, push_number, push_text, write_repr};
use super::error::ErrorKind;
use super::instruction::Instruction;
use super::labels::Labels;
use super::shape::{ArgKind, Shapes};
use super::style::{CONVERSIONS, Layout, Notes, Style};
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
        ArgKind::Name => name(view, view.names, arg, out),
        ArgKind::Global => {
            noted(view, shapes.style, instruction, if arg & 1 == 1 { "NULL" } else { "" }, out)
        }
        ArgKind::Attr => {
            noted(view, shapes.style, instruction, if arg & 1 == 1 { "NULL|self" } else { "" }, out);
        }
        ArgKind::Import => {
            let note = match arg & 3 {
                0 => "",
                2 => "eager",
                _ => "lazy",
            };
            noted(view, shapes.style, instruction, note, out);
        }
        ArgKind::Local => name(view, view.locals, arg, out),
        ArgKind::Cell => {
            let inner = view.cells.len() as i32;
            match arg < inner {
                true => name(view, view.cells, arg, out),
                false => name(view, view.frees, arg - inner, out),
            }
        }
        ArgKind::LocalPair => {
            name(view, view.locals, arg >> 4, out);
            out.extend_from_slice(b", ");
            name(view, view.locals, arg & 15, out);
        }
        ArgKind::Jump => place(shapes.style, labels, instruction, b"to ", out),
        ArgKind::ComesFrom => place(shapes.style, labels, instruction, b"from ", out),
        ArgKind::Compare => choice(shapes.ops.comparisons, arg >> instruction.shape.shift, out),
        ArgKind::BoolCompare => {
            let as_bool = arg & 16 != 0;
            if as_bool {
                out.extend_from_slice(b"bool(");
            }
            choice(shapes.ops.comparisons, arg >> instruction.shape.shift, out);
            if as_bool {
                out.push(b')');
            }
        }
        ArgKind::Format => {
            choice(&CONVERSIONS, arg & 3, out);
            if arg & 4 != 0 {
                out.extend_from_slice(if arg & 3 == 0 { b"with format" } else { b", with format" });
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

/// Appends the text that `arg` numbers.
pub fn choice(texts: &[&str], arg: i32, out: &mut Vec<u8>) {
    match usize::try_from(arg).ok().and_then(|index| texts.get(index)) {
        Some(text) => out.extend_from_slice(text.as_bytes()),
        None => out.extend_from_slice(INVALID),
    }
}

/// A name.
#[inline]
fn name(view: &CodeView<'_, '_>, names: &[ObjectId], index: i32, out: &mut Vec<u8>) {
    let id = usize::try_from(index).ok().and_then(|index| names.get(index));
    match id.and_then(|&id| view.text(id)) {
        Some(text) => push_text(text, out),
        None => out.extend_from_slice(INVALID),
    }
}

/// A name above the low bits of the argument, and what those say of it.
#[inline]
fn noted(
    view: &CodeView<'_, '_>,
    style: &Style,
    instruction: &Instruction<'_>,
    note: &str,
    out: &mut Vec<u8>,
) {
    let index = instruction.arg >> instruction.shape.shift;
    let start = out.len();
    if !note.is_empty() && style.arguments.notes == Notes::Before {
        out.extend_from_slice(note.as_bytes());
        out.extend_from_slice(b" + ");
    }
    let before = out.len();
    name(view, view.names, index, out);
    if out.len() == before {
        out.truncate(start);
    } else if !note.is_empty() && style.arguments.notes == Notes::Behind {
        out.extend_from_slice(b" + ");
        out.extend_from_slice(note.as_bytes());
    }
}

/// Where a jump goes: a label or an offset.
fn place(style: &Style, labels: &Labels, instruction: &Instruction<'_>, before: &[u8], out: &mut Vec<u8>) {
    let Some(target) = instruction.jump_target() else { return };
    out.extend_from_slice(before);
    match style.layout {
        Layout::Labels => {
            out.push(b'L');
            push_number(u64::from(labels.at(target).unwrap_or(0)), out);
        }
        Layout::Arrows(arrows) => {
            push_int(target, out);
            if arrows.long_arguments && instruction.is_extended() {
                out.push(b'L');
            }
        }
    }
}

fn function_attributes(style: &Style, arg: i32, out: &mut Vec<u8>) {
    let mut first = true;
    for (bit, text) in style.arguments.function_attributes.iter().enumerate() {
        if arg & (1 << bit) != 0 {
            if !first {
                out.extend_from_slice(b", ");
            }
            first = false;
            out.extend_from_slice(text.as_bytes());
        }
    }
}
