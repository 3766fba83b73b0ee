//! The symbol table: which names each block binds, uses and shares with other blocks
//! (`Python/symtable.c`).
//!
//! [`SymbolTable::build`] walks the tree once to collect blocks and symbols (`collect`), then the blocks
//! once to resolve each symbol (`analyze`), and numbers the blocks in the nodes that open them. All memory
//! is kept in the table and reused from file to file.
//!
//! Invariants: blocks are numbered as they are met, the module is number 0;
//! a block's symbols keep the order in which CPython's dict has them, except that free variables that
//! only pass through a block come last in an order of ours (CPython's depends on the hash seed).
//! Names are mangled already. What the symbols mean in bytecode is left to the code generator.

mod analyze;
mod collect;
mod dump;
mod mangle;
mod table;
#[cfg(test)]
mod tests;

pub use mangle::mangle;
pub use table::{BlockKind, Comprehension, Scope, Symbol, SymbolFlags, SymbolId, SymbolTable, VarScope};
