//! Errors and warnings of code generation.

use super::Codegen;
use crate::source::{Location, SourceError, Warning, WarningCategory};

/// What visiting returns. Errors are boxed to keep the good case in a register.
pub(super) type Fallible<T = ()> = Result<T, Box<SourceError>>;

impl Codegen<'_, '_, '_> {
    /// A `SyntaxError` at `loc`.
    #[cold]
    pub(super) fn error<T>(&self, loc: Location, message: impl Into<String>) -> Fallible<T> {
        Err(Box::new(SourceError::syntax(message.into(), loc)))
    }

    /// A `SyntaxWarning` at `loc`.
    #[cold]
    pub(super) fn warn(&mut self, loc: Location, message: String) {
        if self.silent == 0 {
            let category = WarningCategory::SyntaxWarning;
            self.warnings.push(Warning { category, message, lineno: loc.line, location: loc });
        }
    }
}
