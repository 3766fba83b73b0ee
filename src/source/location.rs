//! Positions of nodes and instructions.

/// A range of source text as CPython's AST and line tables have it: lines count from 1, columns are
/// UTF-8 byte offsets from 0 in their line, the end is exclusive. −1 in a field means "unknown".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Location {
    /// Byte column of the first character.
    pub col: i32,
    /// First line, or [`Location::NONE`]'s −1, or [`Location::NEXT`]'s −2.
    pub line: i32,
    /// Byte column after the last character.
    pub end_col: i32,
    /// Last line.
    pub end_line: i32,
}

/// A place in the text, a line and a byte column, in one number: what is further on is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place(u64);

impl Place {
    /// In `line`, which counts from 1, at the byte column `col`.
    #[inline(always)]
    pub const fn new(line: u32, col: u32) -> Self {
        Place((line as u64) << 32 | col as u64)
    }

    /// Where a line, which counts from 1, starts in a text: its [`Place::at`] are the places in it.
    #[inline(always)]
    pub const fn line_at(line: u32, start: usize) -> Self {
        Place(((line as u64) << 32).wrapping_sub(start as u64))
    }

    /// The place at byte `pos` of the text, counted from the start of it.
    #[inline(always)]
    #[must_use]
    pub const fn at(self, pos: usize) -> Self {
        Place(self.0.wrapping_add(pos as u64))
    }

    /// Its line.
    #[inline(always)]
    pub const fn line(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Its byte column.
    #[inline(always)]
    pub const fn col(self) -> u32 {
        self.0 as u32
    }
}

impl Location {
    /// Is that where it starts?
    #[inline(always)]
    pub const fn starts_at(&self, place: Place) -> bool {
        self.line == place.line() as i32 && self.col == place.col() as i32
    }

    /// Start and end: columns in the lower halves, lines in the upper ones, which is how they are in memory.
    #[inline(always)]
    pub const fn halves(self) -> [u64; 2] {
        const fn half(col: i32, line: i32) -> u64 {
            col as u32 as u64 | (line as u32 as u64) << 32
        }
        [half(self.col, self.line), half(self.end_col, self.end_line)]
    }

    /// The location with this start and this end.
    #[inline(always)]
    pub const fn of_halves([start, end]: [u64; 2]) -> Self {
        Location {
            col: start as i32,
            line: (start >> 32) as i32,
            end_col: end as i32,
            end_line: (end >> 32) as i32,
        }
    }

    /// From one place to another.
    #[inline(always)]
    pub const fn between(start: Place, end: Place) -> Self {
        Location {
            col: start.0 as i32,
            line: (start.0 >> 32) as i32,
            end_col: end.0 as i32,
            end_line: (end.0 >> 32) as i32,
        }
    }

    /// No location (CPython's `NO_LOCATION`).
    pub const NONE: Location = Location { line: -1, end_line: -1, col: -1, end_col: -1 };
    /// "That of the next instruction" (CPython's `NEXT_LOCATION`).
    pub const NEXT: Location = Location { line: -2, end_line: -2, col: -2, end_col: -2 };

    /// The location with these four fields, in the order of `ast` attributes.
    pub const fn new(line: i32, col: i32, end_line: i32, end_col: i32) -> Self {
        Location { line, end_line, col, end_col }
    }
}

impl Default for Location {
    fn default() -> Self {
        Location::NONE
    }
}
