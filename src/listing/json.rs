//! Listings as JSON, for programs.
//!
//! One object for each code object; those in its constants are in its `"nested"`, in order. Schema
//! (`"schema": 1` stands in the outermost object only; a number here, more may be added to objects):
//!
//! ```text
//! code        = { "name", "qualname", "filename": string, "firstlineno": int, "argcount", "posonlyargcount",
//!                 "kwonlyargcount", "stacksize", "flags": int, "flag_names": [string],
//!                 "names", "varnames", "cellvars", "freevars": [string], "consts": [string: repr],
//!                 "instructions": [instruction], "exception_table": [handler], "nested": [code] }
//! instruction = { "offset", "start_offset", "opcode": int, "opname": string, "arg": int | null,
//!                 "argrepr": string, "jump_target": int | null, "label": int | null, "starts_line": bool,
//!                 "caches": int (code units), "positions": [line, end line, column, end column], each int | null }
//! handler     = { "start", "end", "target", "depth": int, "lasti": bool }
//! ```
//!
//! Offsets count bytes of `co_code`, columns bytes of UTF-8. Lone surrogates appear as `\udXXX` escapes,
//! which JSON allows.

use super::constant::{push_int, push_number, write_repr};
use super::error::{ErrorKind, ListingError};
use super::explain::explain;
use super::info;
use super::instruction::{Instruction, Instructions};
use super::shape::Shapes;
use super::text::{Lister, Options, Prepared, title};
use super::view::{CodeView, kind};
use crate::code::{ObjectId, Objects};
use crate::source::Location;
use crate::target::Version;
use crate::value::PyStr;

/// How deeply code objects may be nested; CPython's own limits are far below.
const DEPTH: usize = 1000;

/// Writes code objects of one version as JSON. Holds the memory that it needs, for reuse.
#[derive(Debug)]
pub struct JsonLister {
    lister: Lister,
    scratch: Vec<u8>,
}

impl JsonLister {
    /// A lister for code of `version` whose output may become `limit` bytes long.
    pub fn new(version: Version, limit: usize) -> Self {
        JsonLister::with(Shapes::of(version), limit)
    }

    /// A lister for code with the opcodes `shapes` whose output may become `limit` bytes long.
    pub fn with(shapes: &'static Shapes, limit: usize) -> Self {
        let options = Options { positions: true, ..Options::default() };
        let mut lister = Lister::with(shapes, options);
        lister.set_limit(limit);
        JsonLister { lister, scratch: Vec::new() }
    }

    /// Appends the object for `root`, without a newline.
    ///
    /// # Errors
    /// As [`Lister::dis`].
    pub fn write(
        &mut self,
        objects: &Objects<'_>,
        root: ObjectId,
        out: &mut Vec<u8>,
    ) -> Result<(), ListingError> {
        self.code(objects, root, 0, out)
    }

    fn code(
        &mut self,
        objects: &Objects<'_>,
        id: ObjectId,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), ListingError> {
        let error = |kind| ListingError { code: title(objects, id), kind };
        if depth > DEPTH {
            return Err(error(ErrorKind::TooDeep));
        }
        let view = CodeView::new(objects, id).map_err(error)?;
        out.extend_from_slice(if depth == 0 { b"{\"schema\":1," } else { b"{" });
        self.fields(&view, out).map_err(error)?;
        self.instructions(&view, out).map_err(error)?;
        out.extend_from_slice(b",\"nested\":[");
        for (index, nested) in view.nested().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.code(objects, nested, depth + 1, out)?;
        }
        out.extend_from_slice(b"]}");
        Ok(())
    }

    fn fields(&mut self, view: &CodeView<'_, '_>, out: &mut Vec<u8>) -> Result<(), ErrorKind> {
        for (key, value) in [("name", view.name), ("qualname", view.qualname), ("filename", view.filename)] {
            push_key(key, out);
            push_string(value.as_bytes(), out);
            out.push(b',');
        }
        let code = view.code;
        push_key("firstlineno", out);
        push_int(i64::from(code.firstlineno), out);
        for (key, value) in [
            ("argcount", code.argcount),
            ("posonlyargcount", code.posonlyargcount),
            ("kwonlyargcount", code.kwonlyargcount),
            ("stacksize", code.stacksize),
            ("flags", code.flags),
        ] {
            out.push(b',');
            push_key(key, out);
            push_int(i64::from(value as i32), out);
        }
        out.extend_from_slice(b",\"flag_names\":[");
        self.scratch.clear();
        info::flags(code.flags, self.lister.style(), &mut self.scratch);
        for (index, flag) in self.scratch.split(|&byte| byte == b',').enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_string(flag.trim_ascii(), out);
        }
        out.push(b']');
        push_names("names", view, view.names.iter().copied(), out);
        push_names("varnames", view, view.locals_of(kind::LOCAL), out);
        push_names("cellvars", view, view.locals_of(kind::CELL), out);
        push_names("freevars", view, view.locals_of(kind::FREE), out);
        out.extend_from_slice(b",\"consts\":[");
        for (index, &id) in view.consts.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.scratch.clear();
            write_repr(view.objects, id, self.lister.form(), &mut self.scratch)?;
            push_string(&self.scratch, out);
        }
        out.push(b']');
        Ok(())
    }

    fn instructions(&mut self, view: &CodeView<'_, '_>, out: &mut Vec<u8>) -> Result<(), ErrorKind> {
        let JsonLister { lister, scratch } = self;
        let mut prepared = lister.prepare(view)?;
        let form = prepared.form;
        out.extend_from_slice(b",\"instructions\":[");
        for (index, instruction) in Instructions::new(prepared.shapes, view.bytes).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            scratch.clear();
            explain(view, prepared.shapes, prepared.labels, &instruction, form, scratch)?;
            push_instruction(&instruction, &mut prepared, scratch, out);
            if out.len() > form.limit {
                return Err(ErrorKind::TooLong { limit: form.limit });
            }
        }
        out.extend_from_slice(b"],\"exception_table\":[");
        for (index, handler) in prepared.handlers.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(
                format!(
                    r#"{{"start":{},"end":{},"target":{},"depth":{},"lasti":{}}}"#,
                    handler.start, handler.end, handler.target, handler.depth, handler.lasti
                )
                .as_bytes(),
            );
        }
        out.push(b']');
        Ok(())
    }
}

fn push_instruction(
    instruction: &Instruction<'_>,
    prepared: &mut Prepared<'_>,
    argrepr: &[u8],
    out: &mut Vec<u8>,
) {
    out.push(b'{');
    for (key, value) in [
        ("offset", instruction.offset),
        ("start_offset", instruction.start),
        ("opcode", instruction.byte.into()),
    ] {
        push_key(key, out);
        push_number(u64::from(value), out);
        out.push(b',');
    }
    push_key("opname", out);
    push_string(instruction.shape.name.as_bytes(), out);
    let label = prepared.labels.at_offset(instruction.offset);
    for (key, value) in [
        ("arg", instruction.shape.has_arg.then_some(i64::from(instruction.arg))),
        ("jump_target", instruction.jump_target()),
        ("label", (label != 0).then_some(i64::from(label))),
    ] {
        out.push(b',');
        push_key(key, out);
        push_optional(value, out);
    }
    out.extend_from_slice(b",\"argrepr\":");
    push_string(argrepr, out);
    let starts = prepared.lines.start_at(instruction.offset).is_some();
    out.extend_from_slice(if starts { b",\"starts_line\":true" } else { b",\"starts_line\":false" });
    out.extend_from_slice(b",\"caches\":");
    push_number(u64::from(instruction.shape.caches), out);
    let Location { line, end_line, col, end_col } = prepared.lines.position_at(instruction.offset);
    out.extend_from_slice(b",\"positions\":[");
    for (index, part) in [line, end_line, col, end_col].into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_optional((part != -1).then_some(i64::from(part)), out);
    }
    out.extend_from_slice(b"]}");
}

fn push_key(key: &str, out: &mut Vec<u8>) {
    push_string(key.as_bytes(), out);
    out.push(b':');
}

fn push_optional(value: Option<i64>, out: &mut Vec<u8>) {
    match value {
        Some(value) => push_int(value, out),
        None => out.extend_from_slice(b"null"),
    }
}

fn push_names(key: &str, view: &CodeView<'_, '_>, ids: impl Iterator<Item = ObjectId>, out: &mut Vec<u8>) {
    out.push(b',');
    push_key(key, out);
    out.push(b'[');
    for (index, id) in ids.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_string(view.text(id).unwrap_or(PyStr::from("<invalid>")).as_bytes(), out);
    }
    out.push(b']');
}

/// Appends a JSON string of generalised UTF-8; surrogates, and bytes that are no UTF-8 at all, are escaped.
pub fn push_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, tail) {
            (b'"', _) => out.extend_from_slice(b"\\\""),
            (b'\\', _) => out.extend_from_slice(b"\\\\"),
            (b'\n', _) => out.extend_from_slice(b"\\n"),
            (0..0x20 | 0x7f, _) => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            (0xed, &[second @ 0xa0..=0xff, third, ref after @ ..]) => {
                let unit = 0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                rest = after;
                continue;
            }
            _ => out.push(byte),
        }
        rest = tail;
    }
    out.push(b'"');
}
