//! Zip applications of compiled modules: a program and what it imports, in one file that Python runs as it is.
//!
//! [`collect`] follows the imports of a [`Plan`]'s modules, as their bytecode has them, through the plan's folders, and
//! compiles what it finds; [`Bundle::write`] writes `__main__.pyc` and the others, stored, in a fixed order and with a fixed
//! time, in the sourceless layout: `package/__init__.pyc`, `package/module.pyc`. The bytes depend on the plan and the
//! sources alone. Nothing here prints.

mod collect;
mod find;
mod imports;
mod standard;
#[cfg(test)]
mod tests;
mod zip;

pub use collect::{Bundle, Error, Lacking, Main, Plan, Source, collect};
pub use find::{Found, Kind, Roots};
pub use imports::{Import, imports};
pub use standard::is_standard;
pub use zip::{TooLarge, write as write_zip};
