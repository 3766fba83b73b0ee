//! Errors and warnings of code generation.

use super::Codegen;
use crate::compile::recipe::FinallyCopies;
use crate::source::{ExceptionKind, Location, SourceError, Warning, WarningCategory};

/// What visiting returns. Errors are boxed to keep the good case in a register.
pub(super) type Fallible<T = ()> = Result<T, Box<SourceError>>;

impl Codegen<'_, '_, '_> {
    /// A `SyntaxError` at `loc`.
    #[cold]
    pub(super) fn error<T>(&self, loc: Location, message: impl Into<String>) -> Fallible<T> {
        Err(Box::new(SourceError::syntax(message.into(), loc)))
    }

    /// A `ValueError`.
    #[cold]
    pub(super) fn value_error<T>(&self, message: &str) -> Fallible<T> {
        let error = SourceError::syntax(message.into(), Location::NONE);
        Err(Box::new(SourceError {
            kind: ExceptionKind::ValueError,
            lineno: None,
            offset: None,
            end_lineno: None,
            end_offset: None,
            ..error
        }))
    }

    /// A `SyntaxWarning` at `loc`.
    #[cold]
    pub(super) fn warn(&mut self, loc: Location, message: String) {
        let silent = match self.recipe.finally_copies {
            FinallyCopies::Warn => false,
            FinallyCopies::Silent | FinallyCopies::WarnOutside => self.silent > 0,
        };
        if !silent {
            let category = WarningCategory::SyntaxWarning;
            self.warnings.push(Warning { category, message, lineno: loc.line, location: loc });
        }
    }
}
