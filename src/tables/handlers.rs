//! Reading `co_exceptiontable` of 3.11 and later (`InternalDocs/exception_handling.md` of CPython).

use super::TableError;
use super::varint::big_endian_varint;

/// One entry: where control goes when an exception leaves a range of code. Offsets are in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First offset covered.
    pub start: u32,
    /// First offset not covered.
    pub end: u32,
    /// Where the handler starts.
    pub target: u32,
    /// Depth that the stack is cut to.
    pub depth: u32,
    /// Is the offset of the raising instruction pushed too?
    pub lasti: bool,
}

/// Iterates over the entries of a table. After an error it ends.
#[derive(Clone, Debug)]
pub struct ExceptionTable<'a> {
    table: &'a [u8],
    pos: usize,
}

impl<'a> ExceptionTable<'a> {
    /// The entries of `table`.
    pub fn new(table: &'a [u8]) -> Self {
        ExceptionTable { table, pos: 0 }
    }

    fn read(&mut self) -> Result<Handler, TableError> {
        let offset = self.pos;
        let table = self.table;
        let mut number = || big_endian_varint(table, &mut self.pos);
        let (start, length, target, depth_lasti) = (number()?, number()?, number()?, number()?);
        let bytes = |units: u32| units.checked_mul(2).ok_or(TableError::TooLarge { offset });
        let (start, length) = (bytes(start)?, bytes(length)?);
        Ok(Handler {
            start,
            end: start.checked_add(length).ok_or(TableError::TooLarge { offset })?,
            target: bytes(target)?,
            depth: depth_lasti >> 1,
            lasti: depth_lasti & 1 == 1,
        })
    }
}

impl Iterator for ExceptionTable<'_> {
    type Item = Result<Handler, TableError>;

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
