//! Compiles Python source to the bytes that CPython would write, and reads,
//! compares and checks `.pyc` files.
//!
//! The modules are layers; each may use only those named in `ARCHITECTURE.md`
//! as below it, which `cargo xtask tidy` checks.

pub mod batch;
pub mod bundle;
#[cfg(feature = "cli")]
pub mod cli;
pub mod code;
pub mod compile;
pub mod listing;
pub mod marshal;
pub mod source;
pub mod syntax;
pub mod tables;
pub mod target;
pub mod value;
