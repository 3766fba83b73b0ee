//! What differs between CPython releases, as data. Imports nothing of this crate.

mod generated;
mod interned;
mod op;
mod opcodes;
mod text;
mod version;

pub use op::Op;
pub use opcodes::{
    Effect, FileFacts, Handlers, LineTable, OpInfo, OpTable, Series, op_flags, series_of_magic,
};
pub use text::{
    ComplexOperands, ComplexPower, ComplexRules, CookieCheck, DerivedNames, EncodingsEpoch, SpecNewline,
    TokenizeRules, UnicodeVersion, Utf8Check,
};
pub use version::{Target, Version};

#[cfg(test)]
mod tests;
