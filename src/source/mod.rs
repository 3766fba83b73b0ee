//! Source text: encodings, positions, and the errors and warnings that name them.

mod decode;
mod error;
mod location;

pub use decode::{Decoded, FinalNewline, InvalidUtf8, decode, decode_replacing, decode_with, knows_encoding};
pub use error::{ExceptionKind, SourceError, Warning, WarningCategory};
pub use location::Location;
