//! `from __future__ import …` at the head of a module (`Python/future.c`).

use crate::compile::recipe::FutureErrors;
use crate::source::{Location, SourceError};
use crate::syntax::ast::{Const, Expr, ExprKind, ImportFrom, Mod, Stmt, StmtKind};
use crate::value::{Interner, PyStr, known};

/// What the module's future statements turn on, and where they end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Future {
    /// `annotations` (`CO_FUTURE_ANNOTATIONS`).
    pub annotations: bool,
    /// `barry_as_FLUFL` (`CO_FUTURE_BARRY_AS_BDFL`).
    pub barry_as_bdfl: bool,
    /// The last future statement; [`Location::NONE`] where there is none.
    pub location: Location,
}

impl Default for Future {
    fn default() -> Self {
        Future { annotations: false, barry_as_bdfl: false, location: Location::NONE }
    }
}

impl Future {
    /// The bits of `co_flags` that stand for these features (`Include/cpython/code.h`).
    pub const fn code_flags(&self) -> u32 {
        (if self.annotations { 0x100_0000 } else { 0 }) | (if self.barry_as_bdfl { 0x40_0000 } else { 0 })
    }

    /// Reads the future statements of `module`: those that only a docstring and other future statements precede.
    ///
    /// # Errors
    /// `SyntaxError` for a feature that no release knows.
    pub fn of(module: &Mod<'_>, names: &Interner, errors: FutureErrors) -> Result<Future, SourceError> {
        let mut future = Future::default();
        let (Mod::Module { body, .. } | Mod::Interactive { body }) = module else { return Ok(future) };
        for stmt in &body[usize::from(docstring(body).is_some())..] {
            let StmtKind::ImportFrom(import) = &stmt.kind else { break };
            if import.level != 0 || import.module != Some(known::DUNDER_FUTURE) {
                break;
            }
            future.add(import, names).map_err(|error| errors.place(error, stmt.loc))?;
            future.location = stmt.loc;
        }
        Ok(future)
    }

    fn add(&mut self, import: &ImportFrom<'_>, names: &Interner) -> Result<(), SourceError> {
        for alias in import.names.iter() {
            match names.get(alias.name) {
                "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
                | "print_function" | "unicode_literals" | "generator_stop" => {}
                "barry_as_FLUFL" => self.barry_as_bdfl = true,
                "annotations" => self.annotations = true,
                "braces" => return Err(SourceError::syntax("not a chance".into(), alias.loc)),
                feature => {
                    // CPython cuts the name at 100 bytes.
                    let cut = feature.floor_char_boundary_at(100);
                    let message = format!("future feature {cut} is not defined");
                    return Err(SourceError::syntax(message, alias.loc));
                }
            }
        }
        Ok(())
    }
}

impl FutureErrors {
    /// The error, which is at a name, in the statement at `stmt`.
    fn place(self, error: SourceError, stmt: Location) -> SourceError {
        match self {
            FutureErrors::AtName => error,
            FutureErrors::AtStatement => {
                let error = SourceError::syntax(error.message, stmt);
                SourceError { end_lineno: error.lineno, end_offset: None, ..error }
            }
        }
    }
}

/// The docstring of a body: its first statement where that is a string and nothing else
/// (`_PyAST_GetDocString`).
pub fn docstring<'a>(body: &[Stmt<'a>]) -> Option<PyStr<'a>> {
    match &body.first()?.kind {
        StmtKind::Expr { value: Expr { kind: ExprKind::Constant { value: Const::Str(text), .. }, .. } } => {
            Some(*text)
        }
        _ => None,
    }
}

/// `str::floor_char_boundary`, which is newer than the oldest toolchain that we support.
trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, end: usize) -> &str;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, end: usize) -> &str {
        let mut end = end.min(self.len());
        while !self.is_char_boundary(end) {
            end -= 1;
        }
        &self[..end]
    }
}
