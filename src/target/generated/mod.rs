//! Tables that `cargo xtask codegen` generates from the facts files in `xtask/data`.

pub mod magic;
pub mod names;
pub mod v3_10;
pub mod v3_11;
pub mod v3_12;
pub mod v3_13;
pub mod v3_14;
pub mod v3_15;
pub mod v3_8;
pub mod v3_9;
