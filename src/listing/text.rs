//! The text that the target's own `dis.dis` prints.
//!
//! Mirrors what `Formatter` and `_disassemble_recursive` of `Lib/dis.py` (3.13, 3.14) print, column by
//! column, into one byte buffer that its owner reuses from file to file. `-P` prints positions the way 3.14
//! does, for every target.

use super::constant::{self, Form, push_int, push_number, width};
use super::error::{ErrorKind, ListingError};
use super::explain::explain;
use super::instruction::{Instruction, Instructions};
use super::labels::Labels;
use super::paint::{Class, Paint};
use super::shape::Shapes;
use super::style::Style;
use super::view::CodeView;
use crate::code::{Object, ObjectId, Objects};
use crate::source::Location;
use crate::tables::{ExceptionTable, Handler, LineEntry, LineTable};
use crate::target::{Target, Version};

/// What is shown besides the instructions.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// Inline cache entries (`-C`).
    pub caches: bool,
    /// Offsets of instructions (`-O`).
    pub offsets: bool,
    /// Lines and columns of each instruction in place of the line number (`-P`).
    pub positions: bool,
}

/// Lists code objects of one version. Holds the memory that listing needs, for reuse.
#[derive(Debug)]
pub struct Lister {
    shapes: &'static Shapes,
    options: Options,
    form: Form,
    labels: Labels,
    handlers: Vec<Handler>,
    /// Where lines start: code unit and line, −1 for none.
    starts: Vec<(u32, i32)>,
    /// The entries of the line table, for `positions`.
    entries: Vec<LineEntry>,
}

/// The most that one file's listing may take unless the caller says otherwise: far above what any compiled
/// file needs, and low enough that nested references in a hostile one do no harm.
const LIMIT: usize = 1 << 30;

/// Spaces to copy from.
const SPACES: &[u8; 64] = &[b' '; 64];
/// Shown for "no line".
const NO_LINE: &[u8] = b"  --";
/// Column in which the number of an argument ends, counted from the start of the operation's name.
const ARGUMENT_END: usize = 26;

/// The tables of one code object, read.
#[derive(Debug)]
pub struct Prepared<'l> {
    pub shapes: &'static Shapes,
    pub form: Form,
    pub labels: &'l Labels,
    pub handlers: &'l [Handler],
    pub lines: Lines<'l>,
}

/// Widths of the columns of one code object.
struct Columns {
    /// Line number or positions; 0 leaves the column out.
    line: usize,
    label: usize,
    /// 0 leaves the column out.
    offset: usize,
}

impl Lister {
    /// A lister for code of `version`.
    pub fn new(version: Version, options: Options) -> Self {
        Lister {
            shapes: Shapes::of(version),
            options,
            form: Form { unicode: Target::newest(version).unicode(), limit: LIMIT },
            labels: Labels::default(),
            handlers: Vec::new(),
            starts: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Sets how long the output buffer may become, in bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.form.limit = limit;
    }

    /// Appends what `dis.dis` prints for the code object `root`: its listing and those of the code objects
    /// in its constants, and in theirs.
    ///
    /// # Errors
    /// When a code object is damaged, or the output would exceed the limit; `out` holds what was listed
    /// until then.
    pub fn dis(
        &mut self,
        objects: &Objects<'_>,
        root: ObjectId,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<(), ListingError> {
        let mut pending = vec![self.listed(objects, root, paint, out)?];
        while let Some(nested) = pending.last_mut() {
            let Some((&id, rest)) = nested.split_first() else {
                pending.pop();
                continue;
            };
            *nested = rest;
            if matches!(objects.get(id), Object::Code(_)) {
                out.push(b'\n');
                let start = out.len();
                out.extend_from_slice(b"Disassembly of ");
                constant::code(objects, id, out);
                out.push(b':');
                paint.mark(Class::Heading, start, out.len());
                out.push(b'\n');
                pending.push(self.listed(objects, id, paint, out)?);
            }
        }
        Ok(())
    }

    /// Lists `id` alone and returns its constants.
    fn listed<'o>(
        &mut self,
        objects: &'o Objects<'_>,
        id: ObjectId,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<&'o [ObjectId], ListingError> {
        let listed = CodeView::new(objects, id).and_then(|view| {
            self.one(&view, paint, out)?;
            Ok(view.consts)
        });
        listed.map_err(|kind| ListingError { code: title(objects, id), kind })
    }

    /// Appends the listing of one code object, without those in its constants.
    ///
    /// # Errors
    /// When a table of it is damaged, or the output would exceed the limit.
    pub fn one(
        &mut self,
        view: &CodeView<'_, '_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<(), ErrorKind> {
        self.read_tables(view)?;
        let columns = self.columns(view);
        let mut lines = Lines { starts: &self.starts, entries: &self.entries };
        for instruction in Instructions::new(self.shapes, view.bytes) {
            let unit = instruction.offset / 2;
            let line = lines.start_at(unit);
            if line.is_some() && columns.line > 0 && instruction.offset > 0 {
                out.push(b'\n');
            }
            let positions = self.options.positions.then(|| lines.position_at(unit));
            line_column(&columns, line, positions, paint, out);
            self.label_and_offset(
                &columns,
                instruction.offset,
                self.labels.at_unit(unit as usize),
                paint,
                out,
            );
            self.operation(view, &instruction, paint, out)?;
            out.push(b'\n');
            if self.options.caches && instruction.shape.caches > 0 {
                self.caches(&columns, &instruction, &mut lines, paint, out);
            }
        }
        self.exception_table(out);
        if out.len() > self.form.limit { Err(ErrorKind::TooLong { limit: self.form.limit }) } else { Ok(()) }
    }

    /// How the release's `dis` prints.
    pub fn style(&self) -> &'static Style {
        self.shapes.style
    }

    /// How constants are shown, and how long the output buffer may become.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The tables of `view`; with [`Options::positions`], those too.
    ///
    /// # Errors
    /// When a table is damaged.
    pub fn prepare(&mut self, view: &CodeView<'_, '_>) -> Result<Prepared<'_>, ErrorKind> {
        self.read_tables(view)?;
        Ok(Prepared {
            shapes: self.shapes,
            form: self.form,
            labels: &self.labels,
            handlers: &self.handlers,
            lines: Lines { starts: &self.starts, entries: &self.entries },
        })
    }

    /// Reads the tables and numbers the labels.
    fn read_tables(&mut self, view: &CodeView<'_, '_>) -> Result<(), ErrorKind> {
        self.handlers.clear();
        self.labels.reset(view.bytes.len() / 2);
        for instruction in Instructions::new(self.shapes, view.bytes) {
            if let Some(target) = instruction.jump_target() {
                self.labels.add(target);
            }
        }
        for handler in ExceptionTable::new(view.exceptiontable) {
            let handler = handler.map_err(ErrorKind::ExceptionTable)?;
            for offset in [handler.start, handler.end, handler.target] {
                self.labels.add(i64::from(offset));
            }
            self.handlers.push(handler);
        }
        self.labels.number();

        self.starts.clear();
        self.entries.clear();
        for entry in LineTable::new(view.linetable, view.code.firstlineno) {
            let entry = entry.map_err(ErrorKind::LineTable)?;
            if self.starts.last().is_none_or(|&(_, line)| line != entry.location.line) {
                self.starts.push((entry.start, entry.location.line));
            }
            if self.options.positions {
                self.entries.push(entry);
            }
        }
        Ok(())
    }

    fn columns(&self, view: &CodeView<'_, '_>) -> Columns {
        let line =
            if self.options.positions { positions_width(&self.entries) } else { line_width(&self.starts) };
        Columns {
            line,
            label: 4 + width(self.labels.len() as u64),
            offset: if self.options.offsets {
                width(view.bytes.len().saturating_sub(2).max(9999) as u64)
            } else {
                0
            },
        }
    }

    /// The columns of label and offset, and the gap before the operation.
    #[inline]
    fn label_and_offset(
        &self,
        columns: &Columns,
        offset: u32,
        label: u32,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) {
        if label == 0 {
            spaces(columns.label, out);
        } else {
            spaces(columns.label.saturating_sub(width(u64::from(label)) + 2), out);
            let start = out.len();
            out.push(b'L');
            push_number(u64::from(label), out);
            out.push(b':');
            paint.mark(Class::Label, start, out.len());
        }
        if columns.offset > 0 {
            spaces(1 + columns.offset.saturating_sub(width(u64::from(offset))), out);
            let start = out.len();
            push_number(u64::from(offset), out);
            paint.mark(Class::Offset, start, out.len());
            out.extend_from_slice(b"  ");
        }
        out.extend_from_slice(b"     ");
    }

    /// Name, argument and explanation.
    #[inline]
    fn operation(
        &self,
        view: &CodeView<'_, '_>,
        instruction: &Instruction<'_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<(), ErrorKind> {
        let name = instruction.shape.name.as_bytes();
        let start = out.len();
        out.extend_from_slice(name);
        paint.mark(Class::Operation, start, out.len());
        if !instruction.shape.has_arg {
            return Ok(());
        }
        argument(name.len(), i64::from(instruction.arg), paint, out);
        let before = out.len();
        out.extend_from_slice(b" (");
        explain(view, self.shapes, &self.labels, instruction, self.form, out)?;
        if out.len() == before + 2 {
            out.truncate(before);
        } else {
            paint.mark(Class::Explanation, before + 2, out.len());
            out.push(b')');
        }
        Ok(())
    }

    /// The lines of an instruction's cache entries. What a file holds there is never shown: CPython clears
    /// caches when it hands out `co_code`.
    fn caches(
        &self,
        columns: &Columns,
        instruction: &Instruction<'_>,
        lines: &mut Lines<'_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) {
        let fields = instruction.shape.op.map_or(&[][..], |op| self.shapes.style.cache(op));
        let mut offset = instruction.offset;
        let positions = self.options.positions.then(|| lines.position_at(instruction.offset / 2));
        for &(name, size) in fields {
            for part in 0..size {
                offset += 2;
                line_column(columns, None, positions, paint, out);
                self.label_and_offset(columns, offset, 0, paint, out);
                let start = out.len();
                out.extend_from_slice(b"CACHE");
                paint.mark(Class::Cache, start, out.len());
                argument(5, 0, paint, out);
                if part == 0 {
                    out.extend_from_slice(b" (");
                    let start = out.len();
                    out.extend_from_slice(name.as_bytes());
                    out.extend_from_slice(b": 0");
                    paint.mark(Class::Explanation, start, out.len());
                    out.push(b')');
                }
                out.push(b'\n');
            }
        }
    }

    fn exception_table(&self, out: &mut Vec<u8>) {
        if self.handlers.is_empty() {
            return;
        }
        out.extend_from_slice(b"ExceptionTable:\n");
        for handler in &self.handlers {
            let label = |offset: u32| u64::from(self.labels.at(i64::from(offset)).unwrap_or(0));
            out.extend_from_slice(b"  L");
            push_number(label(handler.start), out);
            out.extend_from_slice(b" to L");
            push_number(label(handler.end), out);
            out.extend_from_slice(b" -> L");
            push_number(label(handler.target), out);
            out.extend_from_slice(b" [");
            push_number(u64::from(handler.depth), out);
            out.push(b']');
            if handler.lasti {
                out.extend_from_slice(b" lasti");
            }
            out.push(b'\n');
        }
    }
}

/// The rest of the line tables, behind the instructions already listed.
#[derive(Clone, Debug)]
pub struct Lines<'l> {
    starts: &'l [(u32, i32)],
    entries: &'l [LineEntry],
}

impl Lines<'_> {
    /// The line that starts at `unit`, if one does. Units must ascend from call to call.
    #[inline]
    pub fn start_at(&mut self, unit: u32) -> Option<i32> {
        while let Some((&(start, line), rest)) = self.starts.split_first() {
            if start > unit {
                return None;
            }
            self.starts = rest;
            if start == unit {
                return Some(line);
            }
        }
        None
    }

    /// The location of `unit`. Units must not descend from call to call.
    pub fn position_at(&mut self, unit: u32) -> Location {
        while let Some((entry, rest)) = self.entries.split_first() {
            if unit < entry.start + entry.units {
                return entry.location;
            }
            self.entries = rest;
        }
        Location::NONE
    }
}

/// The column of line numbers or positions, with the space behind it.
#[inline]
fn line_column(
    columns: &Columns,
    line: Option<i32>,
    positions: Option<Location>,
    paint: &mut impl Paint,
    out: &mut Vec<u8>,
) {
    if columns.line == 0 {
        return;
    }
    let start = out.len();
    match (positions, line) {
        (Some(location), _) => {
            push_positions(location, out);
            let end = out.len();
            paint.mark(Class::Line, start, end);
            spaces((start + columns.line).saturating_sub(end), out);
        }
        (None, Some(-1)) => {
            spaces(columns.line.saturating_sub(NO_LINE.len()), out);
            out.extend_from_slice(NO_LINE);
        }
        (None, Some(line)) => {
            spaces(columns.line.saturating_sub(int_width(line)), out);
            let start = out.len();
            push_int(i64::from(line), out);
            paint.mark(Class::Line, start, out.len());
        }
        (None, None) => spaces(columns.line, out),
    }
    out.push(b' ');
}

/// `LINE:COL-ENDLINE:ENDCOL`, with `?` for what is unknown.
fn push_positions(location: Location, out: &mut Vec<u8>) {
    if location == Location::NONE {
        out.extend_from_slice(NO_LINE);
        return;
    }
    let part = |value: i32, after: &[u8], out: &mut Vec<u8>| {
        match value {
            -1 => out.push(b'?'),
            _ => push_int(i64::from(value), out),
        }
        out.extend_from_slice(after);
    };
    part(location.line, b":", out);
    part(location.col, b"-", out);
    part(location.end_line, b":", out);
    part(location.end_col, b"", out);
}

/// The number of an argument behind a name of `name` characters.
#[inline]
fn argument(name: usize, arg: i64, paint: &mut impl Paint, out: &mut Vec<u8>) {
    let digits = width(arg.unsigned_abs()) + usize::from(arg < 0);
    spaces(ARGUMENT_END.saturating_sub(name + digits).max(1), out);
    let start = out.len();
    push_int(arg, out);
    paint.mark(Class::Argument, start, out.len());
}

#[inline]
fn spaces(count: usize, out: &mut Vec<u8>) {
    match SPACES.get(..count) {
        Some(spaces) => out.extend_from_slice(spaces),
        None => out.resize(out.len() + count, b' '),
    }
}

fn int_width(value: i32) -> usize {
    width(u64::from(value.unsigned_abs())) + usize::from(value < 0)
}

/// The width of the line numbers (`_get_lineno_width`): none at all where no line is known.
fn line_width(starts: &[(u32, i32)]) -> usize {
    let known = starts.iter().map(|&(_, line)| line).filter(|&line| line != 0 && line != -1);
    let Some(widest) = known.max().map(int_width) else { return 0 };
    let any_unknown = starts.iter().any(|&(_, line)| line == -1);
    widest.max(if any_unknown { NO_LINE.len() } else { 3 })
}

/// The width of the positions (`_get_positions_width`), the space behind them included.
fn positions_width(entries: &[LineEntry]) -> usize {
    let parts = |at: Location| [at.line, at.end_line, at.col, at.end_col];
    if entries.iter().all(|entry| entry.location == Location::NONE) {
        return 0;
    }
    let widest = entries.iter().map(|entry| {
        parts(entry.location).iter().map(|&part| if part == -1 { 1 } else { int_width(part) }).sum::<usize>()
    });
    1 + NO_LINE.len().max(3 + widest.max().unwrap_or(0))
}

/// What a code object is called in an error.
pub fn title(objects: &Objects<'_>, id: ObjectId) -> String {
    let name = objects.code(id).map(|code| objects.get(code.qualname));
    match name {
        Some(Object::Str { text, .. }) => String::from_utf8_lossy(text.as_bytes()).into_owned(),
        _ => "?".into(),
    }
}
