//! Choices of the symbol table (`Python/symtable.c`).

use super::NestingLimit;
use crate::target::{Target, Version};

/// How the symbol table treats a module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SymtableRecipe {
    /// Which blocks annotations open.
    pub annotations: AnnotationBlocks,
    /// Which stage finds misplaced constructs.
    pub context_checks: ContextChecks,
    /// How deep trees may nest.
    pub nesting: NestingLimit,
}

/// Which blocks annotations open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotationBlocks {
    /// Annotations are evaluated where they stand and open no block, except under
    /// `from __future__ import annotations`, where a block of no consequence holds them (3.13).
    Immediate,
    /// Each function, class and module has a block `__annotate__` for its annotations; blocks for lazily
    /// evaluated code have a parameter `.format` (PEP 649, PEP 749; 3.14).
    Deferred,
}

/// Which stage finds `await`, `async for`, `async with` and asynchronous comprehensions outside of
/// coroutines, bindings of `__debug__`, and late `__future__` imports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContextChecks {
    /// The code generator (3.13).
    CodeGenerator,
    /// The symbol table (3.14).
    SymbolTable,
}

impl SymtableRecipe {
    /// The choices for `target`.
    pub const fn of(target: Target) -> SymtableRecipe {
        let nesting = NestingLimit::of(target);
        match target.version {
            Version::V3_13 => SymtableRecipe {
                annotations: AnnotationBlocks::Immediate,
                context_checks: ContextChecks::CodeGenerator,
                nesting,
            },
            Version::V3_14 => SymtableRecipe {
                annotations: AnnotationBlocks::Deferred,
                context_checks: ContextChecks::SymbolTable,
                nesting,
            },
        }
    }
}
