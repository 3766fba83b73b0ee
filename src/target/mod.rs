//! What differs between CPython releases, as data. Imports nothing of this crate.

mod op;
mod version;

pub use op::Op;
pub use version::{Target, Version};
