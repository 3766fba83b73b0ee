//! What differs between CPython releases, as data. Imports nothing of this crate.

pub mod facts;
pub mod form;
mod generated;
mod interned;
mod op;
mod opcodes;
mod process;
mod series;
mod text;
mod version;

pub use form::{CodeField, Form, HeaderForm, References, Strings};
pub use op::Op;
pub use opcodes::{Effect, FileFacts, Handlers, LineTable, OpInfo, OpTable, op_flags};
pub use series::{Opcodes, Series, series_of_magic, unknown_magic};
pub use text::{
    ComplexOperands, ComplexPower, ComplexRules, CookieCheck, DerivedNames, EncodingsEpoch, SpecNewline,
    TokenizeRules, UnicodeVersion, Utf8Check,
};
pub use version::{Target, Version};

#[cfg(test)]
mod tests;
