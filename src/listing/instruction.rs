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
    /// The opcode.
    pub byte: u8,
    /// What the opcode means.
    pub shape: &'s Shape,
    /// The argument, with those of preceding `EXTENDED_ARG`s; 0 where the operation takes none. Wraps to
    /// negative numbers where C's `int` does.
    pub arg: i32,
}

impl Instruction<'_> {
    /// The offset that it jumps to (or, for 3.14's `END_ASYNC_FOR`, comes from).
    pub fn jump_target(&self) -> Option<i64> {
        let next = i64::from(self.offset) + 2 + 2 * i64::from(self.shape.caches);
        match self.shape.jump {
            Jump::None => None,
            Jump::Forward => Some(next + 2 * i64::from(self.arg)),
            Jump::Backward => Some(next - 2 * i64::from(self.arg)),
        }
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
    /// The instructions of `bytes`; a last odd byte is left out.
    pub fn new(shapes: &'s Shapes, bytes: &'b [u8]) -> Self {
        Instructions { shapes, bytes, pos: 0, extended: 0, start: 0 }
    }
}

impl<'s> Iterator for Instructions<'s, '_> {
    type Item = Instruction<'s>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.pos;
        let &[byte, low] = self.bytes.get(offset..offset + 2)? else { return None };
        let shape = &self.shapes.by_byte[usize::from(byte)];
        self.pos = offset + 2 + 2 * usize::from(shape.caches);
        let start = self.start;
        let arg = if shape.has_arg { self.extended | u32::from(low) } else { 0 };
        if shape.is_extended_arg {
            self.extended = arg << 8;
            return Some(Instruction {
                offset: offset as u32,
                start: offset as u32,
                byte,
                shape,
                arg: arg as i32,
            });
        }
        self.extended = 0;
        self.start = self.pos;
        Some(Instruction { offset: offset as u32, start: start as u32, byte, shape, arg: arg as i32 })
    }
}
