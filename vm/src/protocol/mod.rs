//! What programs do with values of any type: numbers, comparison, iteration, items, texts.

pub mod compare;
pub mod integer;
pub mod item;
pub mod iterate;
mod near;
pub mod number;
pub mod text;
