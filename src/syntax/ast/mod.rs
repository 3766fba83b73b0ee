//! The abstract syntax tree, with CPython's node names and field order (`Parser/Python.asdl`).
//!
//! Nodes live in a bump arena (`'a`); children are `&'a mut`, so that AST preprocessing can change them
//! in place, and nothing in a node owns heap memory. Names are interned numbers, strings and big
//! integers are slices of the arena. Nodes that open scopes carry [`ScopeId`]s, [`ScopeId::NONE`] until
//! the symbol table pass has numbered them.

mod nodes;

pub use nodes::*;
