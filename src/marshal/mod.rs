//! CPython's marshal format and the header of `.pyc` files, read and written, in every form since 1.0.
//!
//! Reading borrows from the file; it never panics, and memory and time are bounded by the file's length.
//! Writing follows the graph: which objects are written with `FLAG_REF` was decided by whoever built it, or is found
//! out on the way.

mod error;
#[cfg(test)]
mod form_tests;
mod header;
mod locate;
mod read;
mod share;
#[cfg(test)]
mod tests;
mod write;

pub use error::{ErrorKind, Expected, FieldError, ReadError};
pub use header::{Header, HeaderError, Invalidation, keyed_hash, source_hash};
pub use locate::path_at;
pub use read::{Read, Reader, read};
pub use write::{WriteError, Writer};

/// CPython reads and writes objects nested this deep (`MAX_MARSHAL_STACK_DEPTH`, `Python/marshal.c`).
pub const MAX_DEPTH: u32 = 2000;

/// With a type code: the object is numbered, and [`REF`](type_code::REF) may name it later.
pub const FLAG_REF: u8 = 0x80;

/// Marshal's type codes (`Python/marshal.c`).
#[expect(missing_docs, reason = "the names are CPython's")]
pub mod type_code {
    pub const NULL: u8 = b'0';
    pub const NONE: u8 = b'N';
    pub const FALSE: u8 = b'F';
    pub const TRUE: u8 = b'T';
    pub const STOP_ITERATION: u8 = b'S';
    pub const ELLIPSIS: u8 = b'.';
    pub const INT: u8 = b'i';
    pub const INT64: u8 = b'I';
    pub const FLOAT: u8 = b'f';
    pub const BINARY_FLOAT: u8 = b'g';
    pub const COMPLEX: u8 = b'x';
    pub const BINARY_COMPLEX: u8 = b'y';
    pub const LONG: u8 = b'l';
    pub const STRING: u8 = b's';
    pub const INTERNED: u8 = b't';
    pub const REF: u8 = b'r';
    pub const STRING_REF: u8 = b'R';
    pub const TUPLE: u8 = b'(';
    pub const SMALL_TUPLE: u8 = b')';
    pub const LIST: u8 = b'[';
    pub const DICT: u8 = b'{';
    pub const CODE: u8 = b'c';
    pub const OLD_CODE: u8 = b'C';
    pub const FROZEN_DICT: u8 = b'}';
    pub const UNICODE: u8 = b'u';
    pub const SET: u8 = b'<';
    pub const FROZENSET: u8 = b'>';
    pub const SLICE: u8 = b':';
    pub const ASCII: u8 = b'a';
    pub const ASCII_INTERNED: u8 = b'A';
    pub const SHORT_ASCII: u8 = b'z';
    pub const SHORT_ASCII_INTERNED: u8 = b'Z';
}
