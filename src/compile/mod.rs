//! From tree to code object: symbol table, AST preprocessing, code generation, control-flow graph,
//! assembly.

pub mod ir;
