//! What can be wrong with marshalled bytes.

use std::fmt;

/// Why bytes are no marshalled object, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of the marshalled object.
    pub offset: usize,
}

impl ReadError {
    /// The same with the offset counted from the start of a `.pyc` with this header.
    pub const fn in_file(self, header: &super::Header) -> ReadError {
        ReadError { kind: self.kind, offset: self.offset + header.len() }
    }
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The bytes end in the middle of an object, or a length goes beyond their end.
    UnexpectedEnd,
    /// No such type code in this version.
    UnknownType(u8),
    /// Nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// A negative number where there can be none.
    Length(i32),
    /// A back-reference to an object that does not exist, or is not complete.
    InvalidReference(i32),
    /// `NULL` where an object must be.
    Null,
    /// A digit of an integer above 2¹⁵ − 1.
    Digit,
    /// The most significant digit of an integer is 0.
    LeadingZero,
    /// A `float` as text that is none.
    FloatText,
    /// An ASCII string with other bytes.
    NotAscii,
    /// A string that is not UTF-8 (with surrogates).
    NotUtf8,
    /// A field of a code object is not what it must be.
    Field(FieldError),
}

/// A field of a code object that is not what it must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// Its name.
    pub field: &'static str,
    /// What it must be.
    pub expected: Expected,
}

/// What a field of a code object must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// A `bytes`.
    Bytes,
    /// A `bytes` or `None`.
    BytesOrNone,
    /// A `str`.
    Str,
    /// A `tuple`.
    Tuple,
    /// A `tuple` of `str`.
    Names,
    /// As long as the names.
    OnePerName,
    /// Of an even length.
    EvenLength,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::UnexpectedEnd => write!(f, "unexpected end of data")?,
            ErrorKind::UnknownType(code) => write!(f, "unknown type code {:?}", char::from(code))?,
            ErrorKind::TooDeep => write!(f, "nested deeper than {} objects", super::MAX_DEPTH)?,
            ErrorKind::Length(length) => write!(f, "negative number {length}")?,
            ErrorKind::InvalidReference(number) => write!(f, "invalid reference {number}")?,
            ErrorKind::Null => write!(f, "NULL where an object is expected")?,
            ErrorKind::Digit => write!(f, "digit out of range in an integer")?,
            ErrorKind::LeadingZero => write!(f, "integer with a leading zero digit")?,
            ErrorKind::FloatText => write!(f, "malformed text of a float")?,
            ErrorKind::NotAscii => write!(f, "ASCII string with other bytes")?,
            ErrorKind::NotUtf8 => write!(f, "string that is not UTF-8")?,
            ErrorKind::Field(FieldError { field, expected }) => {
                let expected = match expected {
                    Expected::Bytes => "a bytes object",
                    Expected::BytesOrNone => "a bytes object or None",
                    Expected::Str => "a str",
                    Expected::Tuple => "a tuple",
                    Expected::Names => "a tuple of str",
                    Expected::OnePerName => "as long as co_localsplusnames",
                    Expected::EvenLength => "of an even length",
                };
                write!(f, "{field} is not {expected}")?;
            }
        }
        write!(f, " at offset {}", self.offset)
    }
}

impl std::error::Error for ReadError {}
