//! Decoding of instructions: `EXTENDED_ARG`, inline caches, jump targets.
//!
//! Bytes that are no operation of the version are instructions without an argument, named `<N>`.

use super::shape::{Jump, Shape, Shapes};

/// One instruction. `EXTENDED_ARG` is an instruction of its own, as in `dis`.
#[derive(Clone, Copy, Debug)]
pub struct Instruction<'s> {
    /// Where its opcode is, in bytes.
    pub offset: u32,
    /// Where the first `EXTENDED_ARG` that belongs to it is, else as `offset`.
    pub start: u32,
    /// Where the next one is: behind its argument and its inline cache.
    pub end: u32,
    /// The opcode.
    pub byte: u8,
    /// What the opcode means.
    pub shape: &'s Shape,
    /// The argument, with those of preceding `EXTENDED_ARG`s; 0 where the operation takes none. Wraps to
    /// negative numbers where C's `int` does.
    pub arg: i32,
}

impl Instruction<'_> {
    /// The offset that it jumps to (or, for `END_ASYNC_FOR` from 3.14 on, comes from).
    #[inline]
    pub fn jump_target(&self) -> Option<i64> {
        self.jump_by(self.arg)
    }

    /// As [`Instruction::jump_target`], were its argument `arg`.
    #[inline]
    pub fn jump_by(&self, arg: i32) -> Option<i64> {
        let by = i64::from(arg) * i64::from(self.shape.jump_unit);
        match self.shape.jump {
            Jump::None => None,
            Jump::Forward => Some(i64::from(self.end) + by),
            Jump::Backward => Some(i64::from(self.end) - by),
            Jump::Absolute => Some(by),
        }
    }

    /// Is there an `EXTENDED_ARG` before it?
    pub fn is_extended(&self) -> bool {
        self.start != self.offset
    }
}

/// Iterates over the instructions of `co_code`. Inline caches are skipped.
#[derive(Clone, Debug)]
pub struct Instructions<'s, 'b> {
    shapes: &'s Shapes,
    bytes: &'b [u8],
    pos: usize,
    extended: u32,
    start: usize,
}

impl<'s, 'b> Instructions<'s, 'b> {
    /// The instructions of `bytes`; a last one that is cut off is left out.
    pub fn new(shapes: &'s Shapes, bytes: &'b [u8]) -> Self {
        Instructions { shapes, bytes, pos: 0, extended: 0, start: 0 }
    }

    /// An instruction of the time when only those with an argument had room for one, of two bytes.
    fn next_of_varying_length(&mut self) -> Option<Instruction<'s>> {
        let offset = self.pos;
        let byte = *self.bytes.get(offset)?;
        let shape = &self.shapes.by_byte[usize::from(byte)];
        let mut own = 0;
        self.pos = offset + 1;
        if shape.has_arg {
            let &[low, high] = self.bytes.get(offset + 1..offset + 3)? else { return None };
            own = u32::from(low) | u32::from(high) << 8;
            self.pos = offset + 3;
        }
        Some(self.finish(offset, byte, shape, own, 16))
    }

    /// Adds what `EXTENDED_ARG`s before the instruction say to its `own` argument, of `bits` bits.
    #[inline]
    fn finish(&mut self, offset: usize, byte: u8, shape: &'s Shape, own: u32, bits: u32) -> Instruction<'s> {
        let mut start = self.start;
        let arg = if shape.has_arg { self.extended | own } else { 0 };
        if shape.is_extended_arg {
            self.extended = arg << bits;
            start = offset;
        } else {
            self.extended = 0;
            self.start = self.pos;
        }
        Instruction {
            offset: offset as u32,
            start: start as u32,
            end: self.pos as u32,
            byte,
            shape,
            arg: arg as i32,
        }
    }
}

impl<'s> Iterator for Instructions<'s, '_> {
    type Item = Instruction<'s>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if !self.shapes.words {
            return self.next_of_varying_length();
        }
        let offset = self.pos;
        let &[byte, low] = self.bytes.get(offset..offset + 2)? else { return None };
        let shape = &self.shapes.by_byte[usize::from(byte)];
        self.pos = offset + 2 + 2 * usize::from(shape.caches);
        Some(self.finish(offset, byte, shape, u32::from(low), 8))
    }
}
