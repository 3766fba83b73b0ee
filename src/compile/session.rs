//! The stages in order, for one source at a time, with memory that is reused from source to source.

use crate::code::{ObjectId, Objects};
use crate::source::{SourceError, Warning};
use crate::target::Target;
use crate::value::{Interner, PyStr};
use bumpalo::Bump;

/// What a compilation depends on besides the source and its recorded path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The release whose bytes are wanted.
    pub target: Target,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
}

impl Options {
    /// No optimisation.
    pub const fn new(target: Target) -> Self {
        Options { target, optimize: 0 }
    }
}

/// A worker's compiler: create one per thread, compile many sources with it.
#[derive(Default)]
pub struct Session {
    arena: Bump,
    names: Interner,
}

/// A compiled module; borrows the session's memory.
pub struct Compiled<'s> {
    /// The graph of code objects and constants, with FLAG_REF decided.
    pub objects: Objects<'s>,
    /// The module's code object.
    pub root: ObjectId,
    /// What the compiler warns of, in CPython's order.
    pub warnings: Vec<Warning>,
}

impl Session {
    /// A session without any memory yet.
    pub fn new() -> Self {
        Session::default()
    }

    /// Compiles the bytes of a source file. `filename` is what `co_filename` records.
    ///
    /// # Errors
    /// The exception that CPython raises for this source.
    pub fn compile<'s>(
        &'s mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
    ) -> Result<Compiled<'s>, SourceError> {
        self.arena.reset();
        self.names.reset();
        let _ = (source, filename, options);
        Err(SourceError {
            kind: crate::source::ExceptionKind::SyntaxError,
            message: "the stages are not connected yet".into(),
            lineno: None,
            offset: None,
            end_lineno: None,
            end_offset: None,
            text: None,
        })
    }

    /// Compiles the bytes of a source file and appends the marshalled code object (what follows the header
    /// of a `.pyc`) to `out`. This is the batch driver's call: it allocates nothing in the steady state.
    ///
    /// # Errors
    /// The exception that CPython raises for this source; `out` is as before then.
    pub fn compile_into(
        &mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
        out: &mut Vec<u8>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), SourceError> {
        let compiled = self.compile(source, filename, options)?;
        warnings.extend(compiled.warnings);
        let _ = out;
        Ok(())
    }
}
