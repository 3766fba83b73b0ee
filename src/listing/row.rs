//! The fixed columns of a line of a listing: line number or positions, label, offset, name, argument.
//!
//! A line is put together in an array of spaces and appended in one piece, because there are millions.

use super::constant::width;
use super::paint::{Class, Paint};
use super::style::{Arrows, NoArgument};
use crate::source::Location;

/// Shown for "no line".
pub const NO_LINE: &[u8; 4] = b"  --";
/// Column in which the number of an argument ends, counted from the start of the operation's name.
const ARGUMENT_END: usize = 26;
/// The least width of a name in a listing with arrows.
const NAME_WIDTH: usize = 20;
/// The least width of an argument there.
const ARGUMENT_WIDTH: usize = 5;
/// Room for a name: the longest has 33 characters.
const NAME: usize = 40;
/// Room for a line up to its argument: with every number at its longest, 128 columns are used.
const ROW: usize = 160;

/// A name with spaces behind it, so that copying it has a fixed size.
#[derive(Clone, Copy, Debug)]
pub struct PaddedName {
    bytes: [u8; NAME],
    len: usize,
}

impl PaddedName {
    /// `name`, cut to the room there is.
    pub fn new(name: &str) -> Self {
        let len = name.len().min(NAME);
        let mut bytes = [b' '; NAME];
        bytes[..len].copy_from_slice(&name.as_bytes()[..len]);
        PaddedName { bytes, len }
    }
}

/// Widths of the columns of one code object. In a listing with arrows, `label` is not used, and lines and offsets
/// that are wider than their columns push what follows to the right.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Line number or positions; 0 leaves the column out.
    pub line: usize,
    /// Label, with its colon.
    pub label: usize,
    /// Offset; 0 leaves the column out.
    pub offset: usize,
}

/// What stands in the first column.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// Nothing.
    Blank,
    /// A line, −1 for none.
    Line(i32),
    /// Positions.
    Positions(Location),
}

/// What a line starts with.
#[derive(Clone, Copy, Debug)]
pub struct Head<'n> {
    /// The first column.
    pub place: Place,
    /// Number of the label, 0 for none.
    pub label: u32,
    /// Offset of the instruction.
    pub offset: u32,
    /// Its name.
    pub name: &'n PaddedName,
    /// What the name is.
    pub class: Class,
    /// Its argument, if it takes one.
    pub arg: Option<i32>,
}

impl Columns {
    /// Appends a line up to its argument, without explanation and newline.
    #[inline]
    pub fn push(&self, head: &Head<'_>, paint: &mut impl Paint, out: &mut Vec<u8>) {
        let base = out.len();
        let mut row = Row([b' '; ROW]);
        let mut at = 0;
        if self.line > 0 {
            at = self.line;
            match head.place {
                Place::Blank => {}
                Place::Line(-1) => row.text(self.line.saturating_sub(NO_LINE.len()), NO_LINE),
                Place::Line(line) => {
                    // The column is as wide as the greatest number, which one below zero may exceed.
                    at = at.max(int_width(line));
                    let start = row.int(at, line);
                    paint.mark(Class::Line, base + start, base + at);
                }
                Place::Positions(location) => {
                    let end = row.positions(location);
                    paint.mark(Class::Line, base, base + end);
                }
            }
            at += 1;
        }
        at += self.label;
        if head.label != 0 {
            row.0[at - 1] = b':';
            let start = row.number(at - 1, head.label) - 1;
            row.0[start] = b'L';
            paint.mark(Class::Label, base + start, base + at);
        }
        if self.offset > 0 {
            at += 1 + self.offset;
            let start = row.number(at, head.offset);
            paint.mark(Class::Offset, base + start, base + at);
            at += 2;
        }
        at += 5;
        row.0[at..at + NAME].copy_from_slice(&head.name.bytes);
        let mut end = at + head.name.len;
        paint.mark(head.class, base + at, base + end);
        if let Some(arg) = head.arg {
            let digits = width(u64::from(arg.unsigned_abs())) + usize::from(arg < 0);
            end = (at + ARGUMENT_END).max(end + 1 + digits);
            row.int(end, arg);
            paint.mark(Class::Argument, base + end - digits, base + end);
        }
        out.extend_from_slice(&row.0[..end]);
    }

    /// Appends a line of a listing with arrows up to its argument, without explanation and newline. With
    /// `long`, the argument is marked as a `long`.
    pub fn push_arrow(
        &self,
        head: &Head<'_>,
        arrows: &Arrows,
        long: bool,
        paint: &mut impl Paint,
        out: &mut Vec<u8>,
    ) {
        let base = out.len();
        let mut row = Row([b' '; ROW]);
        let mut at = 0;
        if self.line > 0 {
            at = self.line;
            match head.place {
                Place::Blank => {}
                Place::Line(line) => {
                    at = at.max(int_width(line));
                    let start = row.int(at, line);
                    paint.mark(Class::Line, base + start, base + at);
                }
                Place::Positions(location) => {
                    let end = row.positions(location);
                    paint.mark(Class::Line, base, base + end);
                }
            }
            at += 1;
        }
        // Where a debugger would point to the current instruction.
        at += 4;
        if head.label != 0 {
            row.text(at, b">>");
            paint.mark(Class::Label, base + at, base + at + 2);
        }
        at += 3;
        at += self.offset.max(width(u64::from(head.offset)));
        let start = row.number(at, head.offset);
        paint.mark(Class::Offset, base + start, base + at);
        at += 1;
        row.0[at..at + NAME].copy_from_slice(&head.name.bytes);
        paint.mark(head.class, base + at, base + at + head.name.len);
        let padded = at + head.name.len.max(NAME_WIDTH);
        let end = match (head.arg, arrows.no_argument) {
            (Some(arg), _) => {
                let digits = int_width(arg) + usize::from(long);
                let end = padded + 1 + digits.max(ARGUMENT_WIDTH);
                row.int(end - usize::from(long), arg);
                if long {
                    row.0[end - 1] = b'L';
                }
                paint.mark(Class::Argument, base + end - digits, base + end);
                end
            }
            (None, NoArgument::Nothing) => at + head.name.len,
            (None, NoArgument::Padding | NoArgument::PaddingAndBlank) => padded,
        };
        out.extend_from_slice(&row.0[..end]);
    }
}

struct Row([u8; ROW]);

impl Row {
    /// Writes `value` so that it ends before column `end`, and gives the column where it starts.
    #[inline]
    fn number(&mut self, end: usize, mut value: u32) -> usize {
        let mut at = end;
        loop {
            at -= 1;
            self.0[at] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                return at;
            }
        }
    }

    /// As [`Row::number`], with a sign.
    #[inline]
    fn int(&mut self, end: usize, value: i32) -> usize {
        let at = self.number(end, value.unsigned_abs());
        if value >= 0 {
            return at;
        }
        self.0[at - 1] = b'-';
        at - 1
    }

    fn text(&mut self, start: usize, text: &[u8]) {
        self.0[start..start + text.len()].copy_from_slice(text);
    }

    /// Writes `LINE:COL-ENDLINE:ENDCOL` from the first column, with `?` for what is unknown, and gives the
    /// column where it ends.
    fn positions(&mut self, location: Location) -> usize {
        if location == Location::NONE {
            self.text(0, NO_LINE);
            return NO_LINE.len();
        }
        let mut at = 0;
        let Location { line, end_line, col, end_col } = location;
        for (value, after) in [(line, b":"), (col, b"-"), (end_line, b":"), (end_col, b" ")] {
            if value == -1 {
                self.0[at] = b'?';
                at += 1;
            } else {
                at += int_width(value);
                self.int(at, value);
            }
            self.text(at, after);
            at += 1;
        }
        at - 1
    }
}

/// How many characters `value` takes.
pub fn int_width(value: i32) -> usize {
    width(u64::from(value.unsigned_abs())) + usize::from(value < 0)
}
