//! The text of `dis.dis` to 3.12: `>>` before what is jumped to, and always with offsets.

use super::constant::{push_int, push_number, width};
use super::error::ErrorKind;
use super::instruction::{Instruction, Instructions};
use super::paint::{Class, Paint};
use super::row::{Columns, Head, PaddedName, Place, int_width};
use super::shape::ArgKind;
use super::style::{Arrows, CacheValues, NoArgument, Widths};
use super::text::{Lines, Lister, positions_width};
use super::view::CodeView;

impl Lister {
    /// The lines of [`Layout::Arrows`](super::style::Layout::Arrows); the tables have been read.
    pub(super) fn with_arrows(
        &self,
        arrows: &Arrows,
        view: &CodeView<'_, '_>,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) -> Result<(), ErrorKind> {
        let columns = self.arrow_columns(arrows, view);
        let mut lines = Lines { starts: &self.starts, places: &self.places };
        let last = match arrows.no_argument {
            NoArgument::Nothing | NoArgument::Padding => &b"\n"[..],
            NoArgument::PaddingAndBlank => b" \n",
        };
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
            let long = arrows.long_arguments && instruction.is_extended();
            columns.push_arrow(&head, arrows, long, paint, out);
            if instruction.shape.arg != ArgKind::Plain {
                self.explanation(view, &instruction, paint, out)?;
            }
            out.extend_from_slice(last);
            if self.options.caches && instruction.shape.caches > 0 {
                self.arrow_caches(&columns, arrows, &instruction, &head, paint, out);
            }
        }
        self.arrow_handlers(out);
        Ok(())
    }

    fn arrow_columns(&self, arrows: &Arrows, view: &CodeView<'_, '_>) -> Columns {
        let lines = self.starts.iter().map(|&(_, line)| line);
        let (line, offset) = match arrows.widths {
            Widths::Fixed => (3, 4),
            Widths::GrowingOrNone if self.starts.is_empty() => (0, 4),
            Widths::Growing | Widths::GrowingOrNone => {
                let last = view.bytes.len().saturating_sub(2) as u64;
                (lines.max().map_or(3, int_width).max(3), width(last).max(4))
            }
        };
        Columns {
            line: if self.options.positions { positions_width(&self.places) } else { line },
            label: 0,
            offset,
        }
    }

    /// The lines of an instruction's cache entries.
    fn arrow_caches(
        &self,
        columns: &Columns,
        arrows: &Arrows,
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
                columns.push_arrow(&head, arrows, false, paint, out);
                if part == 0 && arrows.cache_values == CacheValues::Shown {
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

    /// The exception table, with the last offset that each entry covers.
    fn arrow_handlers(&self, out: &mut Vec<u8>) {
        if self.handlers.is_empty() {
            return;
        }
        out.extend_from_slice(b"ExceptionTable:\n");
        for handler in &self.handlers {
            out.extend_from_slice(b"  ");
            push_number(u64::from(handler.start), out);
            out.extend_from_slice(b" to ");
            push_int(i64::from(handler.end) - 2, out);
            out.extend_from_slice(b" -> ");
            push_number(u64::from(handler.target), out);
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
