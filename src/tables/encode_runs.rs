//! Writing the line tables of 3.8 to 3.10 (`Python/compile.c`): the opposite of [`LineRuns`](super::LineRuns).

use super::buffer::Buffer;

/// Writes a `co_lnotab` with signed lines (3.6 to 3.9), behind what `out` holds.
#[derive(Debug)]
pub struct LnotabWriter<'o> {
    out: &'o mut Buffer,
    at: u32,
    line: i32,
}

impl<'o> LnotabWriter<'o> {
    /// A writer for a code object whose `co_firstlineno` is `first_line`.
    pub fn new(out: &'o mut Buffer, first_line: i32) -> Self {
        LnotabWriter { out, at: 0, line: first_line }
    }

    /// Says that the code from `offset` on (in bytes; offsets must not descend) comes from `line`. A line that
    /// is said again at a later offset is written again, as by CPython.
    pub fn push(&mut self, offset: u32, line: i32) {
        let mut length = offset - self.at;
        let mut step = line.wrapping_sub(self.line);
        if length == 0 && step == 0 {
            return;
        }
        (self.at, self.line) = (offset, line);
        for _ in 0..length / 255 {
            self.out.write([255, 0], 2);
        }
        length %= 255;
        // The first pair has the length; what a line's step has beyond a whole number of the greatest ones comes
        // last, even if it is nothing.
        if !(-128..=127).contains(&step) {
            let most = if step < 0 { -128 } else { 127 };
            for _ in 0..step / most {
                self.out.write([length as u8, most as u8], 2);
                length = 0;
            }
            step %= most;
        }
        self.out.write([length as u8, step as u8], 2);
    }
}

/// Writes a `co_linetable` of 3.10, range after range, behind what `out` holds.
#[derive(Debug)]
pub struct RangeWriter<'o> {
    out: &'o mut Buffer,
    line: i32,
}

impl<'o> RangeWriter<'o> {
    /// A writer for a code object whose `co_firstlineno` is `first_line`.
    pub fn new(out: &'o mut Buffer, first_line: i32) -> Self {
        RangeWriter { out, line: first_line }
    }

    /// Says that the next `length` bytes come from `line`; a negative one stands for none. Neighbours of the
    /// same line are the caller's to join.
    pub fn push(&mut self, line: i32, mut length: u32) {
        if length == 0 {
            return;
        }
        let mut step = -128;
        if line >= 0 {
            step = line.wrapping_sub(self.line);
            self.line = line;
            while !(-127..=127).contains(&step) {
                let part = step.clamp(-127, 127);
                self.out.write([0, part as u8], 2);
                step -= part;
            }
        }
        while length > 254 {
            self.out.write([254, step as u8], 2);
            step = if line < 0 { -128 } else { 0 };
            length -= 254;
        }
        self.out.write([length as u8, step as u8], 2);
    }
}
