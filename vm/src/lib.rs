//! Runs precompiled Python code objects without a Python.
//!
//! [`Vm`] is an interpreter; [`load_pyc`] and [`load_objects`] make code that it can run, [`Vm::run_main`] runs it as a
//! program; [`start::run`] does what a command line says. README.md beside this crate says what it can do, how it is built and why.

pub mod builtins;
pub mod command;
pub mod config;
mod heap;
mod interp;
mod library;
pub mod load;
pub(crate) mod modules;
pub mod names;
pub mod object;
pub mod paths;
pub mod protocol;
pub mod start;
pub mod value;
mod vm;

pub use heap::small::Small;
pub use interp::signals::block_signals;
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
