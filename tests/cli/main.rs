//! `pyrsc` from outside: processes, exit codes, output, files.
//!
//! With `PYRSC_FULL=1` (which `cargo xtask test --full` sets) long tests run at full length, and
//! expectations are compared with the reference interpreters that are there.

mod help;
#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod odd;
#[cfg(unix)]
mod parity;
mod read;
mod source;
mod support;
mod target;
mod text;
