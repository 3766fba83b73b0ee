//! Writing location tables and exception tables of 3.11 and later (`Python/assemble.c`).

use crate::source::Location;
use std::hint::select_unpredictable;

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
    /// What is not written yet.
    out: &'o mut [u8],
    room: usize,
    line: i32,
}

/// Bytes of the longest entry: the first byte and four numbers of 32 bits.
const LONGEST: usize = 1 + 4 * 6;
/// Bytes that are written at once, of which only some may count.
const WRITTEN: usize = 4;

impl<'o> LineWriter<'o> {
    /// A writer for a code object whose `co_firstlineno` is `first_line`.
    pub fn new(out: &'o mut [u8], first_line: i32) -> Self {
        LineWriter { room: out.len(), out, line: first_line }
    }

    /// How many bytes the table of `units` code units from `runs` locations may take while it is written.
    pub const fn room(runs: usize, units: u32) -> usize {
        (runs + (units / MAX_UNITS) as usize) * LONGEST + WRITTEN
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.room - self.out.len()
    }

    /// Was nothing written?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that the next `units` code units come from `loc`.
    #[inline]
    pub fn push(&mut self, loc: Location, units: u32) {
        self.push_halves(loc.halves(), units);
    }

    /// The same; the location is given as [`Location::halves`]. There is at least one unit.
    #[inline(always)]
    pub fn push_halves(&mut self, halves: [u64; 2], units: u32) {
        let line = (halves[0] >> 32) as i32;
        // What is seldom is called with values only, so that the state stays in registers.
        if let Some(pair) = Pair::new(halves, self.line, units) {
            self.out = pair.put(std::mem::take(&mut self.out));
            self.line = line;
        } else {
            self.out = push_any(std::mem::take(&mut self.out), self.line, halves, units);
            self.line = if line == Location::NONE.line { self.line } else { line };
        }
    }
}

/// One or two entries of the most frequent forms: columns up to 127, on the same line as before or up to two lines
/// below. Which of the two forms it is is hard to foresee, so it is not branched on.
#[derive(Clone, Copy)]
struct Pair {
    /// From the line before: lines in the upper half, the first column in the lower one.
    start: u64,
    width: u32,
    /// How many code units, less one.
    more: u32,
}

/// Bits that neither end of a [`Pair`] has, seen from the line before; negative columns are large here.
const WIDE: u64 = !(3 << 32 | 127);

impl Pair {
    #[inline(always)]
    fn new([start, end]: [u64; 2], line: i32, units: u32) -> Option<Pair> {
        let before = u64::from(line as u32) << 32;
        let (start, end) = (start.wrapping_sub(before), end.wrapping_sub(before));
        // What is three lines below becomes four lines below and so too far. Which condition fails is hard to foresee,
        // so it is not branched on.
        let stretched = start.wrapping_add(start & 1 << 32);
        let more = units.wrapping_sub(1);
        let differs = (stretched | end) & WIDE | (start ^ end) >> 32;
        let width = (end as u32).wrapping_sub(start as u32);
        (differs | u64::from(more & !(2 * MAX_UNITS - 1)) == 0).then_some(Pair { start, width, more })
    }

    /// Writes it to the start of `out`; the result is the rest.
    #[inline(always)]
    fn put(self, out: &mut [u8]) -> &mut [u8] {
        let Pair { start, width, more } = self;
        let col = start as u32;
        let thin = (width < 16) & (col < 80);
        // The entry in both forms, from the lowest byte on, without units and lines.
        let narrow = u32::from(ENTRY) | col & 0x78 | (col & 7) << 12 | (width & 15) << 8;
        let wide = u32::from(ENTRY | form::ONE_LINE << 3) | col << 8 | col.wrapping_add(width) << 16;
        let lines = (start >> 32) as u32;
        let narrow_first = thin & (lines == 0);
        let first = select_unpredictable(narrow_first, narrow, wide + (lines << 3));
        let out = put(out, first | more.min(MAX_UNITS - 1), narrow_first);
        if more < MAX_UNITS {
            return out;
        }
        let second = select_unpredictable(thin, narrow, wide);
        put(out, second | more & (MAX_UNITS - 1), thin)
    }
}

/// Writes an entry of two bytes, if it is a narrow one, or else three to the start of `out`; the result is the rest.
#[inline(always)]
fn put(out: &mut [u8], entry: u32, narrow: bool) -> &mut [u8] {
    // There is room for all entries.
    if let Some(place) = out.first_chunk_mut::<WRITTEN>() {
        *place = entry.to_le_bytes();
        return &mut out[3 - usize::from(narrow)..];
    }
    out
}

/// Writes entries of any form to the start of `out`, behind one on `line`; the result is the rest.
#[inline(never)]
fn push_any(out: &mut [u8], mut line: i32, halves: [u64; 2], mut units: u32) -> &mut [u8] {
    let loc = Location::of_halves(halves);
    let mut entry = Entry { out };
    if loc.line == Location::NONE.line {
        while units > 0 {
            let now = units.min(MAX_UNITS);
            entry.start(form::NONE, now);
            units -= now;
        }
        return entry.out;
    }
    while units > 0 {
        let mut now = units.min(2 * MAX_UNITS);
        if loc.line >= 0
            && let Some(pair) = Pair::new(halves, line, now)
        {
            entry.out = pair.put(std::mem::take(&mut entry.out));
        } else {
            now = now.min(MAX_UNITS);
            entry.long(loc, loc.line.wrapping_sub(line), now);
        }
        line = loc.line;
        units -= now;
    }
    entry.out
}

/// An entry that is written number by number.
struct Entry<'o> {
    /// What is not written yet.
    out: &'o mut [u8],
}

impl Entry<'_> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        if let [place, rest @ ..] = std::mem::take(&mut self.out) {
            *place = byte;
            self.out = rest;
        }
    }

    #[inline]
    fn start(&mut self, form: u8, units: u32) {
        self.byte(ENTRY | form << 3 | (units - 1) as u8);
    }

    fn long(&mut self, loc: Location, delta: i32, units: u32) {
        let (col, end_col) = (loc.col, loc.end_col);
        if (col < 0 || end_col < 0) && (loc.end_line == loc.line || loc.end_line < 0) {
            self.start(form::NO_COLUMNS, units);
            self.varint(zigzag(delta));
            return;
        }
        let numbers = [
            zigzag(delta),
            loc.end_line.wrapping_sub(loc.line) as u32,
            (col + 1) as u32,
            (end_col + 1) as u32,
        ];
        self.start(form::LONG, units);
        let small = numbers.iter().fold(0, |all, number| all | number) < u32::from(MORE);
        if small {
            if let Some((place, rest)) = std::mem::take(&mut self.out).split_first_chunk_mut() {
                *place = numbers.map(|number| number as u8);
                self.out = rest;
            }
            return;
        }
        for number in numbers {
            self.varint(number);
        }
    }

    fn varint(&mut self, mut value: u32) {
        while value >= u32::from(MORE) {
            self.byte(MORE | (value & 0x3f) as u8);
            value >>= 6;
        }
        self.byte(value as u8);
    }
}

/// A signed number as one without: the sign is the lowest bit.
fn zigzag(value: i32) -> u32 {
    value.unsigned_abs() << 1 | u32::from(value < 0)
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
