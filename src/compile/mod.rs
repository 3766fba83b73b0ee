//! From tree to code object: symbol table, AST preprocessing, code generation, control-flow graph,
//! assembly; and the [`Session`] that runs all stages for one source after the other.

pub mod ir;
mod session;

pub use session::{Compiled, Options, Session};
