//! The text that the target's own `dis.dis` prints.
//!
//! Mirrors what `Formatter` and `_disassemble_recursive` of `Lib/dis.py` (from 3.13 on) print, column by
//! column, into one byte buffer that its owner reuses from file to file; [`arrows`](super::arrows) has the lines of
//! older releases. `-P` prints positions the way 3.14 does, for every target. Code objects in constants are
//! listed for every target, too, though `dis` does so from 3.7 on only.

use super::constant::{self, Form, push_number, width};
use super::error::{ErrorKind, ListingError};
use super::explain::explain;
use super::instruction::{Instruction, Instructions};
use super::labels::Labels;
use super::paint::{Class, Paint};
use super::row::{Columns, Head, NO_LINE, PaddedName, Place, int_width};
use super::shape::{ArgKind, Shapes};
use super::style::{FirstLines, LabelArguments, Layout, Style};
use super::view::CodeView;
use crate::code::{Object, ObjectId, Objects};
use crate::source::Location;
use crate::tables::{ExceptionTable, Handler, LineEntry, LineRuns, LineTable, RunFormat};
use crate::target::{self, Op, Version};

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
    pub(super) shapes: &'static Shapes,
    pub(super) options: Options,
    form: Form,
    pub(super) labels: Labels,
    pub(super) handlers: Vec<Handler>,
    /// Where lines start: offset and line, −1 for none.
    pub(super) starts: Vec<(u32, i32)>,
    /// Where entries of the line table end, and what they say, for `positions`.
    pub(super) places: Vec<(u32, Location)>,
}

/// The most that one file's listing may take unless the caller says otherwise: far above what any compiled
/// file needs, and low enough that nested references in a hostile one do no harm.
const LIMIT: usize = 1 << 30;

/// The tables of one code object, read.
#[derive(Debug)]
pub struct Prepared<'l> {
    pub shapes: &'static Shapes,
    pub form: Form,
    pub labels: &'l Labels,
    pub handlers: &'l [Handler],
    pub lines: Lines<'l>,
}

impl Lister {
    /// A lister for code of `version`.
    pub fn new(version: Version, options: Options) -> Self {
        Lister::with(Shapes::of(version), options)
    }

    /// A lister for code with the opcodes `shapes`.
    pub fn with(shapes: &'static Shapes, options: Options) -> Self {
        Lister {
            shapes,
            options,
            form: Form { unicode: shapes.unicode, limit: LIMIT, constants: shapes.style.arguments.constants },
            labels: Labels::default(),
            handlers: Vec::new(),
            starts: Vec::new(),
            places: Vec::new(),
        }
    }

    /// The opcodes that it knows.
    pub fn shapes(&self) -> &'static Shapes {
        self.shapes
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
        match &self.shapes.style.layout {
            Layout::Labels => self.with_labels(view, paint, out)?,
            Layout::Arrows(arrows) => self.with_arrows(arrows, view, paint, out)?,
        }
        if out.len() > self.form.limit { Err(ErrorKind::TooLong { limit: self.form.limit }) } else { Ok(()) }
    }

    /// The lines of [`Layout::Labels`].
    fn with_labels(
        &self,
        view: &CodeView<'_, '_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<(), ErrorKind> {
        let columns = self.columns(view);
        let mut lines = Lines { starts: &self.starts, places: &self.places };
        for instruction in Instructions::new(self.shapes, view.bytes) {
            let line = lines.start_at(instruction.offset);
            if line.is_some() && columns.line > 0 && instruction.offset > 0 {
                out.push(b'\n');
            }
            let head = Head {
                place: match line {
                    _ if self.options.positions => Place::Positions(lines.position_at(instruction.offset)),
                    Some(line) => Place::Line(line),
                    None => Place::Blank,
                },
                label: self.labels.at_offset(instruction.offset),
                offset: instruction.offset,
                name: &instruction.shape.padded,
                class: Class::Operation,
                arg: instruction.shape.has_arg.then_some(instruction.arg),
            };
            columns.push(&head, paint, out);
            if instruction.shape.arg != ArgKind::Plain {
                self.explanation(view, &instruction, paint, out)?;
            }
            out.push(b'\n');
            if self.options.caches && instruction.shape.caches > 0 {
                self.caches(&columns, &instruction, &head, paint, out);
            }
        }
        self.exception_table(out);
        Ok(())
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
            lines: Lines { starts: &self.starts, places: &self.places },
        })
    }

    /// Reads the tables and numbers the labels.
    fn read_tables(&mut self, view: &CodeView<'_, '_>) -> Result<(), ErrorKind> {
        if self.shapes.words && !view.bytes.len().is_multiple_of(2) {
            return Err(ErrorKind::OddCode { len: view.bytes.len() });
        }
        self.handlers.clear();
        self.labels.reset(view.bytes.len(), self.shapes.words);
        let arrows = match self.shapes.style.layout {
            Layout::Labels => None,
            Layout::Arrows(arrows) => Some(arrows),
        };
        let own = arrows.is_some_and(|arrows| arrows.labels == LabelArguments::Own);
        for instruction in Instructions::new(self.shapes, view.bytes) {
            let arg = if own { instruction.arg & 0xffff } else { instruction.arg };
            if let Some(target) = instruction.jump_by(arg) {
                self.labels.add(target);
            }
        }
        for handler in ExceptionTable::new(view.exceptiontable) {
            let handler = handler.map_err(ErrorKind::ExceptionTable)?;
            if arrows.is_none() {
                self.labels.add(i64::from(handler.start));
                self.labels.add(i64::from(handler.end));
            }
            if arrows.is_none() || handler.start < handler.end {
                self.labels.add(i64::from(handler.target));
            }
            self.handlers.push(handler);
        }
        self.labels.number();
        self.read_lines(view)
    }

    /// Reads the line table.
    fn read_lines(&mut self, view: &CodeView<'_, '_>) -> Result<(), ErrorKind> {
        self.starts.clear();
        self.places.clear();
        let shown = self.shapes.style.lines;
        let len = view.bytes.len() as u32;
        let (starts, places) = (&mut self.starts, &mut self.places);
        let mut start = |at: u32, line: i32| {
            let out = match shown {
                FirstLines::All | FirstLines::WithNone => false,
                FirstLines::InCode => at >= len,
                FirstLines::Known => line == -1,
            };
            if !out && starts.last().is_none_or(|&(_, last)| last != line) {
                starts.push((at, line));
            }
        };
        let format = match self.shapes.lines {
            target::LineTable::None => {
                let instructions = Instructions::new(self.shapes, view.bytes);
                let says_line = |it: &Instruction<'_>| it.shape.op == Some(Op::SetLineno);
                instructions.filter(says_line).for_each(|it| start(it.offset, it.arg));
                return Ok(());
            }
            // Lines got a sign and instructions words in the same release.
            target::LineTable::Lnotab if self.shapes.words => RunFormat::Signed,
            target::LineTable::Lnotab => RunFormat::Unsigned,
            target::LineTable::Ranges => RunFormat::Ranges,
            target::LineTable::Locations => {
                for entry in LineTable::new(view.linetable, view.code.firstlineno) {
                    let LineEntry { start: unit, units, location } = entry.map_err(ErrorKind::LineTable)?;
                    start(unit.saturating_mul(2), location.line);
                    if self.options.positions {
                        places.push(((unit + units).saturating_mul(2), location));
                    }
                }
                return Ok(());
            }
        };
        for run in LineRuns::new(view.linetable, format, view.code.firstlineno) {
            start(run.start, run.line);
            if self.options.positions {
                places.push((run.end, Location::new(run.line, -1, -1, -1)));
            }
        }
        Ok(())
    }

    fn columns(&self, view: &CodeView<'_, '_>) -> Columns {
        let line =
            if self.options.positions { positions_width(&self.places) } else { line_width(&self.starts) };
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

    /// What the argument means, in parentheses, if there is anything to say.
    #[inline]
    pub(super) fn explanation(
        &self,
        view: &CodeView<'_, '_>,
        instruction: &Instruction<'_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<(), ErrorKind> {
        let before = out.len();
        out.extend_from_slice(b" (");
        explain(view, self.shapes, &self.labels, instruction, self.form, out)?;
        if out.len() == before + 2 && !self.shapes.style.arguments.empty_names {
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
        above: &Head<'_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) {
        let cache = PaddedName::new("CACHE");
        let place = if self.options.positions { above.place } else { Place::Blank };
        let mut head = Head { place, label: 0, name: &cache, class: Class::Cache, arg: Some(0), ..*above };
        let fields = instruction.shape.op.map_or(&[][..], |op| self.shapes.style.cache(op));
        for &(name, size) in fields {
            for part in 0..size {
                head.offset += 2;
                columns.push(&head, paint, out);
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
    pub(super) starts: &'l [(u32, i32)],
    pub(super) places: &'l [(u32, Location)],
}

impl Lines<'_> {
    /// The line that starts at `offset`, if one does. Offsets must ascend from call to call.
    #[inline]
    pub fn start_at(&mut self, offset: u32) -> Option<i32> {
        while let Some((&(start, line), rest)) = self.starts.split_first() {
            if start > offset {
                return None;
            }
            self.starts = rest;
            if start == offset {
                return Some(line);
            }
        }
        None
    }

    /// The location of `offset`. Offsets must not descend from call to call.
    pub fn position_at(&mut self, offset: u32) -> Location {
        while let Some((&(end, location), rest)) = self.places.split_first() {
            if offset < end {
                return location;
            }
            self.places = rest;
        }
        Location::NONE
    }
}

/// The width of the line numbers (`_get_lineno_width`): none at all where no line is known.
fn line_width(starts: &[(u32, i32)]) -> usize {
    let known = starts.iter().map(|&(_, line)| line).filter(|&line| line != 0 && line != -1);
    let Some(widest) = known.max().map(int_width) else { return 0 };
    let any_unknown = starts.iter().any(|&(_, line)| line == -1);
    widest.max(if any_unknown { NO_LINE.len() } else { 3 })
}

/// The width of the positions (`_get_positions_width`), the space behind them included.
pub fn positions_width(places: &[(u32, Location)]) -> usize {
    let parts = |at: Location| [at.line, at.end_line, at.col, at.end_col];
    if places.iter().all(|&(_, location)| location == Location::NONE) {
        return 0;
    }
    let widest = places.iter().map(|&(_, location)| {
        parts(location).iter().map(|&part| if part == -1 { 1 } else { int_width(part) }).sum::<usize>()
    });
    1 + NO_LINE.len().max(3 + widest.max().unwrap_or(0))
}

/// What a code object is called in an error.
pub fn title(objects: &Objects<'_>, id: ObjectId) -> String {
    match objects.code(id).map(|code| objects.text(code.qualname)) {
        Some(name) if !name.is_empty() => String::from_utf8_lossy(name).into_owned(),
        _ => "?".into(),
    }
}
