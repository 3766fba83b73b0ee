//! Runs precompiled Python code objects without a Python.
//!
//! [`Vm`] is an interpreter; [`load_pyc`] and [`load_objects`] make code that it can run, [`Vm::run_main`] runs it as a
//! program. README.md beside this crate says what it can do, how it is built and why.

pub mod builtins;
mod heap;
mod interp;
pub mod load;
pub mod names;
pub mod object;
pub mod protocol;
pub mod value;
mod vm;

pub use load::{Invalid, LoadError, load_objects, load_pyc};
pub use vm::{R, Raised, Vm};

use pyrsc::target::Target;

/// The release whose language this is, whatever release the bytecode is of.
pub fn language() -> Target {
    pyrsc::target::Version::ALL
        .iter()
        .copied()
        .find(|version| version.minor() == 14)
        .map_or_else(|| Target::newest(pyrsc::target::Version::ALL[0]), Target::newest)
}

/// Why a source was not made into code that runs.
#[derive(Debug)]
pub enum CompileError {
    /// What the compiler says.
    Source(pyrsc::source::SourceError),
    /// What the compiler made is not accepted: a defect of ours.
    Load(LoadError),
}

/// Compiles the bytes of a source in memory.
///
/// # Errors
/// The exception that CPython raises for the source.
pub fn compile(vm: &Vm, source: &[u8], file: &str) -> Result<value::Value, CompileError> {
    let mut session = pyrsc::compile::Session::new();
    let options = pyrsc::compile::Options::new(language());
    let compiled = session.compile(source, file.into(), &options).map_err(CompileError::Source)?;
    load_objects(vm, &compiled.objects, compiled.root, language().version).map_err(CompileError::Load)
}

/// What CPython prints of a source that does not compile, but for the carets.
pub fn describe(error: &pyrsc::source::SourceError, file: &str) -> String {
    let line = error.lineno.unwrap_or(0);
    format!("  File \"{file}\", line {line}\n{:?}: {}", error.kind, error.message)
}
