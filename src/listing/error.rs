//! What can be wrong with a code object that is to be listed.

use crate::tables::TableError;

/// Why a code object cannot be listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListingError {
    /// `co_qualname` of the code object, as far as it is readable.
    pub code: String,
    /// What is wrong.
    pub kind: ErrorKind,
}

/// What is wrong with a code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The object to list is not a code object.
    NotCode,
    /// A field does not hold what it must.
    BadField {
        /// CPython's name of the field.
        field: &'static str,
    },
    /// `co_code` has an odd number of bytes.
    OddCode {
        /// How many.
        len: usize,
    },
    /// `co_linetable` cannot be read.
    LineTable(TableError),
    /// `co_exceptiontable` cannot be read.
    ExceptionTable(TableError),
    /// Code objects are nested deeper than any compiler nests them.
    TooDeep,
    /// Objects that contain each other many times over would make the listing larger than this.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ErrorKind::NotCode => write!(f, "not a code object"),
            ErrorKind::BadField { field } => write!(f, "{field} holds an object of the wrong type"),
            ErrorKind::OddCode { len } => write!(f, "co_code has an odd number of bytes: {len}"),
            ErrorKind::LineTable(error) => write!(f, "co_linetable: {error}"),
            ErrorKind::ExceptionTable(error) => write!(f, "co_exceptiontable: {error}"),
            ErrorKind::TooDeep => write!(f, "code objects are nested too deeply"),
            ErrorKind::TooLong { limit } => write!(f, "the listing would be longer than {limit} bytes"),
        }
    }
}

impl std::fmt::Display for ListingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code object {}: {}", self.code, self.kind)
    }
}

impl std::error::Error for ListingError {}
