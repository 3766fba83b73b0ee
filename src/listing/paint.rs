//! Which parts of a listing are what, for those who colour it. The text itself is always plain.

/// What a part of a listing is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The line number, or the positions.
    Line,
    /// A label where it stands, with its colon.
    Label,
    /// The offset of an instruction.
    Offset,
    /// The name of an operation.
    Operation,
    /// The name of a cache entry.
    Cache,
    /// An argument's number.
    Argument,
    /// An argument's explanation, without the parentheses.
    Explanation,
    /// A headline.
    Heading,
}

/// Is told which bytes of the output are what, in order of position.
pub trait Paint {
    /// Bytes `start..end` of the output are a `class`.
    fn mark(&mut self, class: Class, start: usize, end: usize);
}

/// Nobody colours.
impl Paint for () {
    #[inline]
    fn mark(&mut self, _: Class, _: usize, _: usize) {}
}

/// Collects the marks.
impl Paint for Vec<(Class, std::ops::Range<usize>)> {
    fn mark(&mut self, class: Class, start: usize, end: usize) {
        self.push((class, start..end));
    }
}
