//! Python's value semantics without objects: strings that may hold lone surrogates, integers, floats,
//! their `repr`, arithmetic and formatting; and the interner for names.

mod name;
mod pystr;
pub mod unicode;

pub use name::{Interner, Name, known};
pub use pystr::PyStr;
