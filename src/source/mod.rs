//! Source text: encodings, positions, and the errors and warnings that name them.

mod error;
mod location;

pub use error::{ExceptionKind, SourceError, Warning, WarningCategory};
pub use location::Location;
