//! Reading bytecode for people: the text of `dis.dis` and `dis.show_code`, JSON, and what differs between
//! two `.pyc` files.
//!
//! Nothing here executes or verifies code. Damaged code objects give a [`ListingError`] or, where only an
//! argument names nothing, `<invalid>` in its place; nothing panics. Text is plain bytes; who wants colours
//! passes a [`Paint`] and gets told which bytes are what.
//!
//! What varies between runs of CPython is printed canonically: the address in the `repr` of a code object
//! is `0x0`, and the elements of a set stand in the order of the file.

mod arrows;
pub mod compare;
mod constant;
mod error;
mod explain;
mod info;
mod instruction;
mod json;
mod labels;
mod paint;
mod row;
mod shape;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub use constant::{Form, write_repr};
pub use error::{ErrorKind, ListingError};
pub use explain::explain;
pub use info::show_code;
pub use instruction::{Instruction, Instructions};
pub use json::{JsonLister, push_string};
pub use labels::Labels;
pub use paint::{Class, Paint};
pub use shape::{ArgKind, Jump, Shape, Shapes};
pub use style::Style;
pub use text::{Lister, Options};
pub use view::{CodeView, kind};
