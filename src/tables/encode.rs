//! Writing location tables and exception tables of 3.11 and later (`Python/assemble.c`).

use crate::source::Location;

/// Six bits a byte; bit 6 set when more follow.
const MORE: u8 = 0x40;
/// Set in the first byte of an entry.
const ENTRY: u8 = 0x80;
/// An entry of a location table covers at most so many code units.
const MAX_UNITS: u32 = 8;

/// Forms of a location entry; 0–9 are the short form.
mod form {
    pub const ONE_LINE: u8 = 10;
    pub const NO_COLUMNS: u8 = 13;
    pub const LONG: u8 = 14;
    pub const NONE: u8 = 15;
}

/// Writes a location table, entry after entry, into a slice with room for all of it.
#[derive(Debug)]
pub struct LineWriter<'o> {
    out: &'o mut [u8],
    at: usize,
    line: i32,
}

/// Bytes of the longest entry: the first byte and four numbers of 32 bits.
const LONGEST: usize = 1 + 4 * 6;
/// Bytes that are written at once, of which only some may count.
const WRITTEN: usize = 4;

impl<'o> LineWriter<'o> {
    /// A writer for a code object whose `co_firstlineno` is `first_line`.
    pub fn new(out: &'o mut [u8], first_line: i32) -> Self {
        LineWriter { out, at: 0, line: first_line }
    }

    /// How many bytes the table of `units` code units from `runs` locations may take while it is written.
    pub const fn room(runs: usize, units: u32) -> usize {
        (runs + (units / MAX_UNITS) as usize) * LONGEST + WRITTEN
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.at
    }

    /// Was nothing written?
    pub fn is_empty(&self) -> bool {
        self.at == 0
    }

    /// Says that the next `units` code units come from `loc`.
    #[inline]
    pub fn push(&mut self, loc: Location, units: u32) {
        self.push_halves(loc.halves(), units);
    }

    /// The same; the location is given as [`Location::halves`].
    #[inline(always)]
    pub fn push_halves(&mut self, halves: [u64; 2], units: u32) {
        let line = (halves[0] >> 32) as i32;
        let delta = line.wrapping_sub(self.line) as u32;
        // What is seldom is called with values only, so that the state stays in registers.
        self.at = if is_short(halves, delta, units) {
            short(self.out, self.at, halves, delta, units)
        } else {
            push_any(self.out, self.at, delta, halves, units)
        };
        self.line = if line == Location::NONE.line { self.line } else { line };
    }
}

/// Bits of columns that do not fit in the forms that have them in a byte: negative columns are large here.
const WIDE_COLUMN: u64 = !127 & 0xffff_ffff;

/// Has it one of the most frequent forms: columns on the same line as before, or `delta` lines (up to two) below, for no
/// more units than two entries cover? Which condition fails is hard to foresee, so it is not branched on.
#[inline(always)]
fn is_short([start, end]: [u64; 2], delta: u32, units: u32) -> bool {
    // Lines that differ, lines too far away: any bit says so. None is far from any.
    let differs = (start ^ end) >> 32 | (start | end) & WIDE_COLUMN;
    let too_many = units.wrapping_sub(1) & !(2 * MAX_UNITS - 1);
    differs | u64::from(delta.saturating_sub(2) | too_many) == 0
}

/// By column: the first two bytes of an entry of the short form for one code unit and no width, the first one lower; 0
/// where that form has no place for the column.
static NARROW: [u16; 128] = {
    let mut table = [0; 128];
    let mut col = 0;
    while col < 80 {
        table[col] = ENTRY as u16 | (col & !7) as u16 | ((col & 7) as u16) << 12;
        col += 1;
    }
    table
};

/// Writes what [`is_short`] says is so; the result is where it ends. Which of the two forms it is is hard to foresee, so
/// it is not branched on.
#[inline(always)]
fn short(out: &mut [u8], at: usize, [start, end]: [u64; 2], delta: u32, units: u32) -> usize {
    let (col, end_col) = (start as u32, end as u32);
    let width = end_col.wrapping_sub(col);
    let narrow = (NARROW[(col & 127) as usize] != 0) & (width < 16);
    let bodies = Bodies {
        narrow: u32::from(NARROW[(col & 127) as usize]) | (width & 15) << 8,
        wide: u32::from(ENTRY | form::ONE_LINE << 3) | col << 8 | end_col << 16,
    };
    let at = bodies.put(out, at, narrow & (delta == 0), delta, units.min(MAX_UNITS));
    if units <= MAX_UNITS { at } else { bodies.put(out, at, narrow, 0, units - MAX_UNITS) }
}

/// Writes entries of any form from `at` on; the result is where they end.
#[inline(never)]
fn push_any(out: &mut [u8], at: usize, mut delta: u32, halves: [u64; 2], mut units: u32) -> usize {
    let loc = Location::of_halves(halves);
    let mut entry = Entry { out, at };
    while units > 0 {
        let now = units.min(MAX_UNITS);
        if loc.line >= 0 && is_short(halves, delta, now) {
            entry.at = short(entry.out, entry.at, halves, delta, now);
        } else {
            entry.long(loc, delta as i32, now);
        }
        delta = 0;
        units -= now;
    }
    entry.at
}

/// An entry that is written number by number.
struct Entry<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Entry<'_> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.out.get_mut(self.at) {
            *place = byte;
            self.at += 1;
        }
    }

    #[inline]
    fn start(&mut self, form: u8, units: u32) {
        self.byte(ENTRY | form << 3 | (units - 1) as u8);
    }

    fn long(&mut self, loc: Location, delta: i32, units: u32) {
        if loc.line == Location::NONE.line {
            self.start(form::NONE, units);
            return;
        }
        let (col, end_col) = (loc.col, loc.end_col);
        if (col < 0 || end_col < 0) && (loc.end_line == loc.line || loc.end_line < 0) {
            self.start(form::NO_COLUMNS, units);
            self.signed_varint(delta);
            return;
        }
        self.start(form::LONG, units);
        self.signed_varint(delta);
        self.varint(loc.end_line.wrapping_sub(loc.line) as u32);
        self.varint((col + 1) as u32);
        self.varint((end_col + 1) as u32);
    }

    fn varint(&mut self, mut value: u32) {
        while value >= u32::from(MORE) {
            self.byte(MORE | (value & 0x3f) as u8);
            value >>= 6;
        }
        self.byte(value as u8);
    }

    fn signed_varint(&mut self, value: i32) {
        let sign = u32::from(value < 0);
        self.varint(value.unsigned_abs() << 1 | sign);
    }
}

/// A location in both of the most frequent forms, without count of units and line, from the lowest byte on.
#[derive(Clone, Copy)]
struct Bodies {
    narrow: u32,
    wide: u32,
}

impl Bodies {
    /// Writes an entry for `units` code units, `delta` lines below the one before; the result is where it ends.
    #[inline(always)]
    fn put(self, out: &mut [u8], at: usize, narrow: bool, delta: u32, units: u32) -> usize {
        let wide = self.wide + (delta << 3);
        let body = wide ^ ((wide ^ self.narrow) & u32::from(narrow).wrapping_neg());
        let entry = body | (units - 1);
        if let Some(place) = out.get_mut(at..at + WRITTEN) {
            place.copy_from_slice(&entry.to_le_bytes());
        }
        at + 3 - usize::from(narrow)
    }
}

/// Appends an entry of an exception table: `units` code units from `start` on are guarded by the handler at
/// `target` (all in code units), which finds `depth` items on the stack and, if `lasti`, the offset of what
/// raised above them.
pub fn push_handler(out: &mut Vec<u8>, start: u32, units: u32, target: u32, depth: u32, lasti: bool) {
    let first = out.len();
    for number in [start, units, target, depth << 1 | u32::from(lasti)] {
        big_endian_varint(out, number);
    }
    out[first] |= ENTRY;
}

fn big_endian_varint(out: &mut Vec<u8>, value: u32) {
    for shift in [24, 18, 12, 6] {
        if value >= 1 << shift {
            out.push(MORE | (value >> shift & 0x3f) as u8);
        }
    }
    out.push((value & 0x3f) as u8);
}
