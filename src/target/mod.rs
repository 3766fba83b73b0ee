//! What differs between CPython releases, as data. Imports nothing of this crate.

mod op;
mod text;
mod version;

pub use op::Op;
pub use text::{ComplexRules, DerivedNames, EncodingsEpoch, UnicodeVersion, Utf8Check};
pub use version::{Target, Version};
