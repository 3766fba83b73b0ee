//! From text to tree: lexer, AST, parser, version gates and messages.

pub mod ast;
