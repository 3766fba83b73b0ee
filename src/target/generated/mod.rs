//! Tables that `cargo xtask codegen` generates from the facts files in `xtask/data`.

pub mod magic;
pub mod v3_13;
pub mod v3_14;
