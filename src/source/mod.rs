//! Source text: encodings, positions, and the errors and warnings that name them.

mod decode;
mod error;
mod location;

pub use decode::{Decoded, FinalNewline, decode, decode_replacing, decode_with, knows_encoding, utf8_error};
pub use error::{ExceptionKind, SourceError, Warning, WarningCategory};
pub use location::{Location, Place};
