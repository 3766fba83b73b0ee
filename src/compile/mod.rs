//! From tree to code object: symbol table, AST preprocessing, code generation, control-flow graph,
//! assembly; and the [`Session`] that runs all stages for one source after the other.

pub mod assemble;
mod cfg;
pub mod codegen;
pub mod consts;
pub mod fold;
pub mod future;
pub mod ir;
pub mod recipe;
mod session;
pub mod symtable;
pub mod unparse;

pub use session::{Compiled, Options, Session};

/// The stack that a thread needs for compiling any source: the passes recurse over the tree, as deep as
/// CPython's own limits let a program nest. It is address space; only what is touched becomes memory.
pub const STACK_BYTES: usize = 256 << 20;
