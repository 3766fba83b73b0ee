//! Reading the line tables of releases before 3.11: runs of code that come from one line.
//!
//! To 3.9, `co_lnotab` (`Objects/lnotab_notes.txt`) is a list of pairs of bytes: by how much the offset grows,
//! by how much the line changes after that. Pairs that do not move the offset add up. 3.10 (PEP 626) has
//! `co_linetable`: for each range of code its length and by how much its line differs from that of the range
//! before; −128 marks a range without a line.

/// How a table of line numbers is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunFormat {
    /// Pairs of increments, of the line too: 1.5 to 3.5.
    Unsigned,
    /// Pairs of increments; that of the line is signed: 3.6 to 3.9.
    Signed,
    /// Ranges with a signed increment of the line or without a line: 3.10.
    Ranges,
}

/// Code from one line. Offsets count bytes of `co_code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineRun {
    /// First offset covered.
    pub start: u32,
    /// First offset not covered; `u32::MAX` where only the end of the code ends it.
    pub end: u32,
    /// The line, −1 for none.
    pub line: i32,
}

/// What stands for "no line" in 3.10's table.
const NO_LINE: i8 = -128;

/// Iterates over the runs of a table, without those that cover nothing. Any bytes are a table; a last odd
/// one is left out.
#[derive(Clone, Debug)]
pub struct LineRuns<'a> {
    pairs: &'a [[u8; 2]],
    format: RunFormat,
    line: i32,
    at: u32,
    done: bool,
}

impl<'a> LineRuns<'a> {
    /// The runs of `table` in a code object whose `co_firstlineno` is `first_line`.
    pub fn new(table: &'a [u8], format: RunFormat, first_line: i32) -> Self {
        LineRuns { pairs: table.as_chunks().0, format, line: first_line, at: 0, done: false }
    }

    fn range(&mut self) -> Option<LineRun> {
        while let Some((&[length, step], rest)) = self.pairs.split_first() {
            self.pairs = rest;
            let line = match step as i8 {
                NO_LINE => -1,
                step => {
                    self.line = self.line.wrapping_add(i32::from(step));
                    self.line
                }
            };
            let start = self.at;
            self.at = start.saturating_add(u32::from(length));
            if length > 0 {
                return Some(LineRun { start, end: self.at, line });
            }
        }
        None
    }

    fn run(&mut self) -> Option<LineRun> {
        if self.done {
            return None;
        }
        let (start, signed) = (self.at, self.format == RunFormat::Signed);
        while let Some((&[length, step], rest)) = self.pairs.split_first() {
            self.pairs = rest;
            let line = self.line;
            let step = if signed { i32::from(step as i8) } else { i32::from(step) };
            self.line = line.wrapping_add(step);
            if length > 0 {
                self.at = start.saturating_add(u32::from(length));
                return Some(LineRun { start, end: self.at, line });
            }
        }
        self.done = true;
        Some(LineRun { start, end: u32::MAX, line: self.line })
    }
}

impl Iterator for LineRuns<'_> {
    type Item = LineRun;

    fn next(&mut self) -> Option<LineRun> {
        match self.format {
            RunFormat::Unsigned | RunFormat::Signed => self.run(),
            RunFormat::Ranges => self.range(),
        }
    }
}
