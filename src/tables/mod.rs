//! The compressed tables beside the bytecode: lines, locations and exception handlers of every release.
//!
//! Here is how they are laid out, nothing about what they are for. Reading checks every length and never
//! trusts a number: a table may come from a stranger's file.

mod buffer;
mod encode;
mod encode_runs;
mod handlers;
mod lines;
mod runs;
#[cfg(test)]
mod tests;
mod varint;

pub use buffer::Buffer;
pub use encode::{LineWriter, push_handler};
pub use encode_runs::{LnotabWriter, RangeWriter};
pub use handlers::{ExceptionTable, Handler};
pub use lines::{LineEntry, LineTable};
pub use runs::{LineRun, LineRuns, RunFormat};

/// Why a table cannot be read. Offsets count bytes of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableError {
    /// The table ends inside an entry.
    Truncated {
        /// Where a byte is missing.
        offset: usize,
    },
    /// The first byte of an entry lacks its mark (the top bit).
    BadEntry {
        /// Where that byte is.
        offset: usize,
        /// What it is.
        byte: u8,
    },
    /// A number does not fit in 32 bits.
    TooLarge {
        /// Where the number starts.
        offset: usize,
    },
}

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TableError::Truncated { offset } => write!(f, "table ends inside an entry at byte {offset}"),
            TableError::BadEntry { offset, byte } => {
                write!(f, "byte {byte:#04x} at {offset} does not start an entry")
            }
            TableError::TooLarge { offset } => write!(f, "number at byte {offset} is too large"),
        }
    }
}

impl std::error::Error for TableError {}
