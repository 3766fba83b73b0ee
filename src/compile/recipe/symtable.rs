//! Choices of the symbol table (`Python/symtable.c`).

use super::{EPOCH_3_12, NestingLimit};
use crate::target::{Target, Version};

/// How the symbol table treats a module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SymtableRecipe {
    /// Which blocks annotations open.
    pub annotations: AnnotationBlocks,
    /// Which stage finds misplaced constructs.
    pub context_checks: ContextChecks,
    /// Are uses in an inlined comprehension noted for the block around?
    pub inlined_uses: InlinedUses,
    /// Does a class provide `__class__` to functions within an inlined comprehension?
    pub inlined_class_cells: InlinedClassCells,
    /// Where private names are mangled as in a generic class.
    pub generic_privates: GenericPrivates,
    /// Which of those cells a comprehension that is inlined in a class may use.
    pub inlined_class_names: InlinedClassNames,
    /// Are comprehensions inlined in the block around?
    pub comprehensions: ComprehensionBlocks,
    /// What a parameter is called in messages.
    pub parameter_word: ParameterWord,
    /// Does an asynchronous comprehension make the block around it asynchronous?
    pub async_comprehensions: AsyncComprehensions,
    /// How an assignment expression in a comprehension looks its name up in the blocks around.
    pub named_lookup: NamedLookup,
    /// Where errors are.
    pub error_places: SymbolErrors,
    /// Can annotation scopes in classes hold functions?
    pub annotation_functions: AnnotationFunctions,
    /// How deep trees may nest.
    pub nesting: NestingLimit,
}

/// Lambdas and comprehensions in annotation scopes that see the names of a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotationFunctions {
    /// They are refused (3.12).
    Refused,
    /// They are functions like others (3.13).
    Allowed,
}

impl AnnotationFunctions {
    const fn of(target: Target) -> Self {
        // What is older has no such scopes.
        if target.version.minor() <= 12 { AnnotationFunctions::Refused } else { AnnotationFunctions::Allowed }
    }
}

/// What a parameter that is there twice is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterWord {
    /// `argument` (to 3.14).
    Argument,
    /// `parameter` (3.15).
    Parameter,
}

impl ParameterWord {
    const fn of(target: Target) -> Self {
        if target.version.minor() >= 15 { ParameterWord::Parameter } else { ParameterWord::Argument }
    }

    /// The word.
    pub const fn text(self) -> &'static str {
        match self {
            ParameterWord::Argument => "argument",
            ParameterWord::Parameter => "parameter",
        }
    }
}

/// Where errors of the symbol table are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SymbolErrors {
    /// Those of names and `yield` where the block starts; those of assignment expressions with columns from 0
    /// (3.8, 3.9).
    Blocks,
    /// Where the construct is (3.10).
    Nodes,
}

/// How an assignment expression in a comprehension looks its name up in the blocks around, where it may be
/// declared global or be what a comprehension iterates over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NamedLookup {
    /// As it is written, so that private names of classes are never found (seen in 3.8.18, 3.9.18, 3.10.13,
    /// 3.11.7 and 3.12.1).
    AsWritten,
    /// Mangled like all names (seen in 3.11.17, 3.12.15 and 3.13.0).
    Mangled,
}

impl NamedLookup {
    const fn of(target: Target) -> Self {
        let as_written = match target.version {
            Version::V3_8 | Version::V3_9 | Version::V3_10 => true,
            // Mended between 3.13.0a4 and a5, early in 2024 (gh-96497 in its list of changes).
            Version::V3_11 => target.micro < 9,
            Version::V3_12 => target.micro < 3,
            Version::V3_13 | Version::V3_14 | Version::V3_15 => false,
        };
        if as_written { NamedLookup::AsWritten } else { NamedLookup::Mangled }
    }
}

/// Which blocks annotations open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotationBlocks {
    /// Annotations are evaluated where they stand and open no block; the names in them count even under
    /// `from __future__ import annotations` (3.8).
    Never,
    /// The same, except under `from __future__ import annotations`, where a block of no consequence holds them
    /// (3.10).
    Immediate,
    /// Each function, class and module has a block `__annotate__` for its annotations; blocks for lazily
    /// evaluated code have a parameter `.format` (PEP 649, PEP 749; 3.14).
    Deferred,
}

/// Are the names of list, set and dict comprehensions merged into the block around?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionBlocks {
    /// They are functions of their own (to 3.11).
    Apart,
    /// They are inlined where they can be (PEP 709; from 3.12 on).
    Inlined,
}

/// Does an asynchronous list, set or dict comprehension make the block around it asynchronous, which may be a
/// comprehension itself?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsyncComprehensions {
    /// It does not (to 3.10).
    Own,
    /// It does (from 3.11 on).
    Spread,
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

/// Is a name of a function that only an inlined comprehension in it reads marked as used in the function?
/// Only the `symtable` module shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InlinedUses {
    /// It is not (3.13).
    Forgotten,
    /// It is (3.14; seen in 3.14.10).
    Noted,
}

/// Does a class provide `__class__` (and the other cells that only classes have) to functions within a
/// comprehension that is inlined in it, as in `[lambda: __class__ for a in b]`?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InlinedClassCells {
    /// Only if something else in the class needs the cell (3.13, which then fails with a `SystemError` where
    /// nothing does).
    NotByThemselves,
    /// It does (3.14; seen in 3.14.10).
    Provided,
}

/// Where private names are mangled as in a generic class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenericPrivates {
    /// In its bases, and in all that follows the class, too: in its unit, and for the symbol table up to the end of the
    /// class around (seen in 3.12.1).
    Leaking,
    /// In the class, and in its bases the names of type parameters (gh-119395, of May 2024).
    Kept,
}

impl GenericPrivates {
    pub(super) const fn of(target: Target) -> Self {
        match target.version {
            Version::V3_12 if target.micro < 4 => GenericPrivates::Leaking,
            _ => GenericPrivates::Kept,
        }
    }
}

/// Which of the cells that only classes have may be used by a comprehension that is inlined in a class: it finds a
/// global variable then. The others are taken for a variable of a block around, which as a rule has none, so that the
/// compiler fails with a `SystemError`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InlinedClassNames {
    /// None (seen in 3.12.1).
    None,
    /// `__class__` (seen in 3.12.15).
    Class,
    /// All (from 3.13 on).
    All,
}

impl InlinedClassNames {
    const fn of(target: Target) -> Self {
        match target.version {
            Version::V3_12 if target.micro < EPOCH_3_12 => InlinedClassNames::None,
            Version::V3_12 => InlinedClassNames::Class,
            _ => InlinedClassNames::All,
        }
    }

    /// How many of `__class__`, `__classdict__` and `__conditional_annotations__` these are, in this order.
    pub const fn count(self) -> usize {
        match self {
            InlinedClassNames::None => 0,
            InlinedClassNames::Class => 1,
            InlinedClassNames::All => 3,
        }
    }
}

impl SymtableRecipe {
    /// The choices for `target`.
    pub const fn of(target: Target) -> SymtableRecipe {
        let nesting = NestingLimit::of(target);
        match target.version {
            Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_11 => SymtableRecipe {
                comprehensions: ComprehensionBlocks::Apart,
                async_comprehensions: match target.version {
                    Version::V3_11 => AsyncComprehensions::Spread,
                    _ => AsyncComprehensions::Own,
                },
                annotations: match target.version {
                    Version::V3_8 | Version::V3_9 => AnnotationBlocks::Never,
                    _ => AnnotationBlocks::Immediate,
                },
                context_checks: ContextChecks::CodeGenerator,
                error_places: match target.version {
                    Version::V3_8 | Version::V3_9 => SymbolErrors::Blocks,
                    _ => SymbolErrors::Nodes,
                },
                inlined_uses: InlinedUses::Forgotten,
                inlined_class_cells: InlinedClassCells::NotByThemselves,
                inlined_class_names: InlinedClassNames::of(target),
                generic_privates: GenericPrivates::of(target),
                named_lookup: NamedLookup::of(target),
                parameter_word: ParameterWord::of(target),
                annotation_functions: AnnotationFunctions::of(target),
                nesting,
            },
            // 3.12 has no recipe of its own yet.
            Version::V3_12 | Version::V3_13 => SymtableRecipe {
                comprehensions: ComprehensionBlocks::Inlined,
                error_places: SymbolErrors::Nodes,
                async_comprehensions: AsyncComprehensions::Spread,
                annotations: AnnotationBlocks::Immediate,
                context_checks: ContextChecks::CodeGenerator,
                inlined_uses: InlinedUses::Forgotten,
                inlined_class_cells: InlinedClassCells::NotByThemselves,
                inlined_class_names: InlinedClassNames::of(target),
                generic_privates: GenericPrivates::of(target),
                parameter_word: ParameterWord::of(target),
                named_lookup: NamedLookup::of(target),
                annotation_functions: AnnotationFunctions::of(target),
                nesting,
            },
            Version::V3_14 | Version::V3_15 => SymtableRecipe {
                comprehensions: ComprehensionBlocks::Inlined,
                error_places: SymbolErrors::Nodes,
                async_comprehensions: AsyncComprehensions::Spread,
                annotations: AnnotationBlocks::Deferred,
                context_checks: ContextChecks::SymbolTable,
                inlined_uses: InlinedUses::Noted,
                inlined_class_cells: InlinedClassCells::Provided,
                inlined_class_names: InlinedClassNames::of(target),
                generic_privates: GenericPrivates::of(target),
                parameter_word: ParameterWord::of(target),
                named_lookup: NamedLookup::of(target),
                annotation_functions: AnnotationFunctions::of(target),
                nesting,
            },
        }
    }
}
