//! Python's value semantics without objects: strings that may hold lone surrogates, integers, floats,
//! their `repr`, arithmetic and formatting; and the interner for names.

pub mod arith;
pub mod complex;
mod constant;
pub mod float;
pub mod int;
mod name;
mod pystr;
pub mod repr;
#[cfg(test)]
mod testing;
pub mod unicode;

pub use constant::{BigIntLit, ComplexLit, Const, Operator, UnaryOperator};
pub use name::{CharacterData, Interner, Name, key_of_two, known, long_key, text_key};
pub use pystr::PyStr;
