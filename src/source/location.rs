//! Positions of nodes and instructions.

/// A range of source text as CPython's AST and line tables have it: lines count from 1, columns are
/// UTF-8 byte offsets from 0 in their line, the end is exclusive. −1 in a field means "unknown".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Location {
    /// First line, or [`Location::NONE`]'s −1, or [`Location::NEXT`]'s −2.
    pub line: i32,
    /// Last line.
    pub end_line: i32,
    /// Byte column of the first character.
    pub col: i32,
    /// Byte column after the last character.
    pub end_col: i32,
}

impl Location {
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
