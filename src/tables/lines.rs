//! Reading `co_linetable` of 3.11 and later (PEP 626, PEP 657; `Objects/locations.md`).
//!
//! The table is a run of entries. The first byte of each has its top bit set, a form in bits 3–6 and the
//! number of code units covered, less one, in bits 0–2. Lines are deltas against the entry before, the
//! first against `co_firstlineno`; columns are absolute. Unknown fields read as −1, as in CPython.

use super::TableError;
use super::varint::{signed_varint, varint};
use crate::source::Location;

/// Forms of an entry, from bits 3–6 of its first byte. 0–9 are the short form, whose number is the upper
/// part of the column.
mod form {
    /// One line, delta 0…2, explicit columns.
    pub const ONE_LINE: std::ops::RangeInclusive<u8> = 10..=12;
    /// A line without columns.
    pub const NO_COLUMNS: u8 = 13;
    /// Everything explicit.
    pub const LONG: u8 = 14;
    /// No location.
    pub const NONE: u8 = 15;
}

/// One entry: a run of code units with the same location.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineEntry {
    /// First code unit covered, counted from 0 (a unit is two bytes).
    pub start: u32,
    /// How many code units are covered: 1 to 8.
    pub units: u32,
    /// The location; [`Location::NONE`] where there is none.
    pub location: Location,
}

/// Iterates over the entries of a table. After an error it ends.
#[derive(Clone, Debug)]
pub struct LineTable<'a> {
    table: &'a [u8],
    pos: usize,
    line: i32,
    unit: u32,
}

impl<'a> LineTable<'a> {
    /// The entries of `table` in a code object whose `co_firstlineno` is `first_line`.
    pub fn new(table: &'a [u8], first_line: i32) -> Self {
        LineTable { table, pos: 0, line: first_line, unit: 0 }
    }

    /// Where in the table the next entry starts, in bytes.
    pub fn position(&self) -> usize {
        self.pos
    }

    fn byte(&mut self) -> Result<u8, TableError> {
        let byte = *self.table.get(self.pos).ok_or(TableError::Truncated { offset: self.pos })?;
        self.pos += 1;
        Ok(byte)
    }

    fn read(&mut self) -> Result<LineEntry, TableError> {
        let first = self.byte()?;
        if first & 0x80 == 0 {
            return Err(TableError::BadEntry { offset: self.pos - 1, byte: first });
        }
        let units = u32::from(first & 7) + 1;
        let location = match (first >> 3) & 15 {
            form::NONE => Location::NONE,
            form::LONG => {
                self.advance()?;
                let end_line = self.line.wrapping_add(varint(self.table, &mut self.pos)? as i32);
                let col = (varint(self.table, &mut self.pos)? as i32).wrapping_sub(1);
                let end_col = (varint(self.table, &mut self.pos)? as i32).wrapping_sub(1);
                Location::new(self.line, col, end_line, end_col)
            }
            form::NO_COLUMNS => {
                self.advance()?;
                Location::new(self.line, -1, self.line, -1)
            }
            code if form::ONE_LINE.contains(&code) => {
                self.line = self.line.wrapping_add(i32::from(code - form::ONE_LINE.start()));
                let col = i32::from(self.byte()?);
                let end_col = i32::from(self.byte()?);
                Location::new(self.line, col, self.line, end_col)
            }
            code => {
                let second = self.byte()?;
                let col = i32::from(code) << 3 | i32::from(second >> 4);
                Location::new(self.line, col, self.line, col + i32::from(second & 15))
            }
        };
        let start = self.unit;
        self.unit = self.unit.saturating_add(units);
        Ok(LineEntry { start, units, location })
    }

    fn advance(&mut self) -> Result<(), TableError> {
        self.line = self.line.wrapping_add(signed_varint(self.table, &mut self.pos)?);
        Ok(())
    }
}

impl Iterator for LineTable<'_> {
    type Item = Result<LineEntry, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.pos >= self.table.len() {
            return None;
        }
        let entry = self.read();
        if entry.is_err() {
            self.pos = self.table.len();
        }
        Some(entry)
    }
}
