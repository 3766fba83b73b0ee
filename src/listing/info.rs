//! The text of `dis.show_code`: the fields of a code object, one a line.

use super::constant::{Form, push_int, push_number, push_text, write_repr};
use super::error::ErrorKind;
use super::style::Style;
use super::view::{CodeView, kind};
use crate::code::ObjectId;
use crate::value::PyStr;

/// Appends what `dis.show_code` prints for `view`, a newline at the end included.
///
/// # Errors
/// [`ErrorKind::TooLong`] when `out` would grow too long.
pub fn show_code(
    view: &CodeView<'_, '_>,
    style: &Style,
    form: Form,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    let code = view.code;
    text("Name:              ", view.name, out);
    text("Filename:          ", view.filename, out);
    number("Argument count:    ", code.argcount, out);
    if style.info.positional_only {
        number("Positional-only arguments: ", code.posonlyargcount, out);
    }
    if style.info.keyword_only {
        number("Kw-only arguments: ", code.kwonlyargcount, out);
    }
    number("Number of locals:  ", view.locals_of(kind::LOCAL).count() as u32, out);
    number("Stack size:        ", code.stacksize, out);
    out.extend_from_slice(b"Flags:             ");
    flags(code.flags, style, out);
    out.push(b'\n');
    if !view.consts.is_empty() {
        out.extend_from_slice(b"Constants:\n");
        for (index, &id) in view.consts.iter().enumerate() {
            numbered(index, out);
            write_repr(view.objects, id, form, out)?;
            out.push(b'\n');
        }
    }
    names("Names:", view, view.names.iter().copied(), out);
    names("Variable names:", view, view.locals_of(kind::LOCAL), out);
    names("Free variables:", view, view.locals_of(kind::FREE), out);
    names("Cell variables:", view, view.locals_of(kind::CELL), out);
    Ok(())
}

/// Appends the names of the bits of `co_flags` (`pretty_flags`).
pub fn flags(flags: u32, style: &Style, out: &mut Vec<u8>) {
    if flags == 0 {
        out.extend_from_slice(b"0x0");
        return;
    }
    let mut first = true;
    for bit in (0..u32::BITS).filter(|bit| flags >> bit & 1 == 1) {
        if !first {
            out.extend_from_slice(b", ");
        }
        first = false;
        match style.flag(bit) {
            Some(name) => out.extend_from_slice(name.as_bytes()),
            None => out.extend_from_slice(format!("{:#x}", 1u64 << bit).as_bytes()),
        }
    }
}

fn text(label: &str, value: PyStr<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(label.as_bytes());
    push_text(value, out);
    out.push(b'\n');
}

fn number(label: &str, value: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(label.as_bytes());
    // CPython's field is an `int`.
    push_int(i64::from(value as i32), out);
    out.push(b'\n');
}

fn names(title: &str, view: &CodeView<'_, '_>, ids: impl Iterator<Item = ObjectId>, out: &mut Vec<u8>) {
    for (index, id) in ids.enumerate() {
        if index == 0 {
            out.extend_from_slice(title.as_bytes());
            out.push(b'\n');
        }
        numbered(index, out);
        push_text(view.text(id).unwrap_or(PyStr::from("<invalid>")), out);
        out.push(b'\n');
    }
}

/// `%4d: `
fn numbered(index: usize, out: &mut Vec<u8>) {
    let start = out.len();
    push_number(index as u64, out);
    let digits = out.len() - start;
    for _ in digits..4 {
        out.insert(start, b' ');
    }
    out.extend_from_slice(b": ");
}
