//! Units: code objects in the making, their qualified names and flags.

use super::Codegen;
use super::errors::Fallible;
use super::slots::{FastHidden, Tables};
use crate::code::{ObjectId, flags};
use crate::compile::ir::{InstrSeq, UnitMeta};
use crate::compile::recipe::{Docstrings, GeneratorStart, LocationState};
use crate::compile::symtable::{BlockKind, SymbolFlags, SymbolTable, VarScope};
use crate::source::Location;
use crate::syntax::ast::ScopeId;
use crate::target::Op;
use crate::value::{Name, known};

/// What a unit is made from (CPython: `COMPILER_SCOPE_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum UnitKind {
    #[default]
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    /// Type parameters, their bounds and defaults; annotations (3.14).
    Annotations,
}

/// A code object in the making.
#[derive(Default)]
pub(super) struct Unit {
    pub(super) seq: InstrSeq,
    pub(super) meta: UnitMeta,
    /// The module's own sequence while its `__annotate__` is being made in `seq`.
    pub(super) stashed: Option<InstrSeq>,
    pub(super) kind: UnitKind,
    /// Where the compiler is, for releases whose instructions are where it happens to be.
    pub(super) at: Location,
    pub(super) scope: ScopeId,
    /// What it knows of names, and its numbers of constants.
    pub(super) tables: Tables,
    /// The class whose private names are mangled here.
    pub(super) private: Option<Name>,
    /// A class: attributes that its methods assign to `self`.
    pub(super) static_attributes: Vec<Name>,
    pub(super) class_block: bool,
    /// Where a generator's body begins in `seq`, behind what creates the generator.
    pub(super) body_start: usize,
    pub(super) function_like: bool,
    pub(super) generator: bool,
    pub(super) coroutine: bool,
    pub(super) can_see_class_scope: bool,
    /// How many inlined comprehensions are around the current expression.
    pub(super) inlined: u32,
    /// Where this unit's entries of the shared stacks begin.
    pub(super) first_block: usize,
    pub(super) first_deferred: usize,
    /// How many conditional statements are around the current one (3.14).
    pub(super) conditional: u32,
    /// Numbers conditional annotations (3.14).
    pub(super) next_condition: u32,
}

/// Memory that code generation reuses from file to file.
#[derive(Default)]
pub struct Scratch {
    units: Vec<Box<Unit>>,
    /// For each name: what the module's block knows of it.
    module_flags: Vec<SymbolFlags>,
    /// Names in the making, as UTF-8.
    pub(super) text: Vec<u8>,
    /// The text of an annotation.
    pub(super) bytes: Vec<u8>,
    /// Constants that make up a tuple.
    pub(super) elements: Vec<ObjectId>,
    /// What inlined comprehensions around the current expression changed, innermost last.
    pub(super) changed: Vec<(Name, SymbolFlags, VarScope)>,
    /// Names whose values they keep on the stack, innermost last, and whether they made them fast locals.
    pub(super) kept: Vec<(Name, bool)>,
    /// Does the module have a symbol `super`?
    pub(super) super_at_module: bool,
}

impl Scratch {
    /// Forgets the last file.
    pub(super) fn start(&mut self) {
        self.module_flags.clear();
        self.changed.clear();
        self.kept.clear();
        self.super_at_module = false;
    }

    /// Keeps the memory of a unit that is closed.
    pub(super) fn keep(&mut self, mut unit: Box<Unit>) {
        unit.seq.clear();
        unit.meta.clear();
        unit.static_attributes.clear();
        self.units.push(unit);
    }

    /// What the module's block knows of `name` (`_PyST_GetSymbol` of `st_top`).
    pub(super) fn module_flags(&self, name: Name) -> SymbolFlags {
        self.module_flags.get(name.index()).copied().unwrap_or(SymbolFlags::NONE)
    }

    pub(super) fn set_module_flags(&mut self, name: Name, flags: SymbolFlags) {
        if name.index() >= self.module_flags.len() {
            self.module_flags.resize(name.index() + 1, SymbolFlags::NONE);
        }
        self.module_flags[name.index()] = flags;
    }
}

/// How many parameters of each kind a unit has.
#[derive(Clone, Copy, Default)]
pub(super) struct ParameterCounts {
    pub(super) positional: usize,
    pub(super) positional_only: usize,
    pub(super) keyword_only: usize,
}

impl Codegen<'_, '_, '_> {
    /// Opens the module's unit.
    pub(super) fn enter_module(&mut self) {
        self.open_module(1);
        let loc = Location { line: 0, end_line: 1, col: 0, end_col: 0 };
        self.op_arg(Op::Resume, super::numbers::resume::AT_FUNC_START, loc);
        if self.recipe.annotations == crate::compile::recipe::Annotations::Deferred {
            self.op(Op::AnnotationsPlaceholder, loc);
        }
    }

    /// Opens the module's unit, whose code begins on `line`, without any instruction.
    pub(super) fn open_module(&mut self, line: i32) {
        for symbol in self.symbols.symbols(SymbolTable::ROOT) {
            let symbol = self.symbols.symbol(symbol);
            self.scratch.set_module_flags(symbol.name, symbol.flags);
            self.scratch.super_at_module |= symbol.name == known::SUPER;
        }
        self.open(known::ANON_MODULE, UnitKind::Module, SymbolTable::ROOT, line, ParameterCounts::default());
        self.u.meta.qualname = known::ANON_MODULE;
    }

    /// Opens a unit within the current one.
    pub(super) fn enter_unit(
        &mut self,
        name: Name,
        kind: UnitKind,
        scope: ScopeId,
        line: i32,
        parameters: ParameterCounts,
    ) {
        let qualname = self.qualname(name, None, kind);
        self.open_unit(name, qualname, kind, scope, line, parameters);
        self.start_body(line);
    }

    /// Opens a unit within the current one, without any instruction.
    pub(super) fn open_unit(
        &mut self,
        name: Name,
        qualname: Name,
        kind: UnitKind,
        scope: ScopeId,
        line: i32,
        parameters: ParameterCounts,
    ) {
        self.open(name, kind, scope, line, parameters);
        self.u.meta.qualname = qualname;
    }

    /// What a unit begins with.
    pub(super) fn start_body(&mut self, line: i32) {
        match self.recipe.generator_start {
            GeneratorStart::InGraph => {}
            GeneratorStart::InCodegen => {
                if self.u.generator || self.u.coroutine {
                    let loc = Location::new(line, -1, line, -1);
                    self.op(Op::ReturnGenerator, loc);
                    self.op(Op::PopTop, loc);
                }
                self.u.body_start = self.u.seq.len();
            }
        }
        let loc = Location::new(line, 0, line, 0);
        self.op_arg(Op::Resume, super::numbers::resume::AT_FUNC_START, loc);
    }

    fn open(&mut self, name: Name, kind: UnitKind, scope: ScopeId, line: i32, parameters: ParameterCounts) {
        let mut unit = self.scratch.units.pop().unwrap_or_default();
        let info = self.symbols.scope(scope);
        unit.tables.clear(self.names.len());
        unit.kind = kind;
        unit.at = Location::NONE;
        unit.scope = scope;
        unit.private = if self.opened { self.u.private } else { None };
        unit.class_block = info.kind == BlockKind::Class;
        unit.function_like = info.is_function_like();
        unit.generator = info.generator;
        unit.coroutine = info.coroutine;
        unit.can_see_class_scope = info.can_see_class_scope;
        unit.inlined = 0;
        unit.first_block = self.blocks.len();
        unit.first_deferred = self.deferred.len();
        unit.conditional = 0;
        unit.next_condition = 0;
        unit.meta.name = name;
        unit.meta.firstlineno = line;
        unit.meta.argcount = parameters.positional as u32;
        unit.meta.posonlyargcount = parameters.positional_only as u32;
        unit.meta.kwonlyargcount = parameters.keyword_only as u32;
        let around = std::mem::replace(&mut self.u, unit);
        if self.opened {
            self.outer.push(around);
        }
        self.opened = true;
        self.fill_tables(scope);
    }

    /// Enters the block's symbols into the tables.
    fn fill_tables(&mut self, scope: ScopeId) {
        let symbols = self.symbols;
        let derefs = self.enter_symbols(scope);
        let info = symbols.scope(scope);
        if derefs {
            let mut cells = std::mem::take(&mut self.u.meta.cellvars);
            symbols.names_in(scope, VarScope::Cell, SymbolFlags::COMP_CELL, self.names, &mut cells);
            self.number_cells(&cells);
            self.u.meta.cellvars = cells;
        }
        if info.needs_class_closure {
            self.cell_index(known::DUNDER_CLASS);
        }
        if info.needs_classdict {
            self.cell_index(known::DUNDER_CLASSDICT);
        }
        if info.has_conditional_annotations {
            self.cell_index(known::DUNDER_CONDITIONAL_ANNOTATIONS);
        }
        if derefs {
            let mut free = std::mem::take(&mut self.u.meta.freevars);
            symbols.names_in(scope, VarScope::Free, SymbolFlags::FREE_CLASS, self.names, &mut free);
            let first = self.u.meta.cellvars.len();
            self.number_free(first, &free);
            self.u.meta.freevars = free;
        }
    }

    /// Finishes the innermost unit, closes it and returns its code object. Its free variables are in
    /// `self.closure` afterwards.
    pub(super) fn leave_unit(&mut self, add_none: bool) -> Fallible<ObjectId> {
        if self.recipe.location_state == LocationState::Explicit || !self.u.seq.ends_with_return() {
            if add_none {
                let before = self.u.meta.consts.len();
                self.load_none(Location::NONE);
                self.u.meta.last_const_is_for_end = self.u.meta.consts.len() > before;
            }
            self.op(Op::ReturnValue, Location::NONE);
        }
        self.seal_unit()
    }

    /// The same, where all instructions are written.
    pub(super) fn seal_unit(&mut self) -> Fallible<ObjectId> {
        self.u.meta.flags |= self.code_flags();
        self.note_fast_hidden();
        let unit = &mut *self.u;
        // Only what says that there is no docstring, or is one, is not loaded by its first mention.
        unit.meta.consts_are_used = true;
        self.finished = unit.meta.name;
        self.closure.clear();
        self.closure.extend_from_slice(&unit.meta.freevars);
        let code = self.finish.finish(&mut unit.seq, &mut unit.meta, self.consts, self.names)?;
        self.close();
        Ok(code)
    }

    /// Closes the innermost unit and makes nothing of it.
    pub(super) fn drop_unit(&mut self) {
        self.close();
    }

    fn close(&mut self) {
        self.blocks.truncate(self.u.first_block);
        self.deferred.truncate(self.u.first_deferred);
        if let Some(around) = self.outer.pop() {
            let unit = std::mem::replace(&mut self.u, around);
            self.scratch.keep(unit);
        }
    }

    fn note_fast_hidden(&mut self) {
        self.u.meta.fast_hidden.clear();
        if self.u.function_like {
            return;
        }
        for name in &self.u.meta.varnames {
            let hidden = self.u.tables.known(*name).is_some_and(|slot| slot.hidden != FastHidden::Never);
            self.u.meta.fast_hidden.push(hidden);
        }
    }

    /// `co_flags` of the innermost unit (`compute_code_flags`).
    fn code_flags(&self) -> u32 {
        let info = self.symbols.scope(self.u.scope);
        let mut bits = self.future.code_flags();
        if self.u.function_like {
            bits |= flags::NEWLOCALS | flags::OPTIMIZED;
            let generators = match (info.generator, info.coroutine) {
                (false, false) => 0,
                (true, false) => flags::GENERATOR,
                (false, true) => flags::COROUTINE,
                (true, true) => flags::ASYNC_GENERATOR,
            };
            bits |= generators;
            for (is, bit) in [
                (info.nested, flags::NESTED),
                (info.varargs, flags::VARARGS),
                (info.varkeywords, flags::VARKEYWORDS),
            ] {
                bits |= if is { bit } else { 0 };
            }
            match self.recipe.docstrings {
                Docstrings::FirstConstAlways => {}
                Docstrings::FirstConstIfFlagged => {
                    bits |= if info.has_docstring { flags::HAS_DOCSTRING } else { 0 };
                    bits |= if info.method { flags::METHOD } else { 0 };
                }
            }
        }
        bits
    }

    /// The qualified name of a unit that is about to be opened in the innermost one
    /// (`compiler_set_qualname`).
    pub(super) fn qualname(&mut self, name: Name, owner: Option<Name>, kind: UnitKind) -> Name {
        let depth = self.outer.len();
        // The units around, innermost first: `self.u`, then `self.outer` backwards.
        let (parent, is_current) = if depth == 0 {
            let Some(owner) = owner else { return name };
            let text = &mut self.scratch.text;
            text.clear();
            text.extend_from_slice(self.names.bytes(owner));
            text.push(b'.');
            text.extend_from_slice(self.names.bytes(name));
            return self.names.intern_utf8(text);
        } else if self.u.kind == UnitKind::Annotations {
            if depth == 1 {
                return name;
            }
            (&self.outer[depth - 1], false)
        } else {
            (&self.u, true)
        };
        if matches!(kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class) {
            let (scope, private) = (parent.scope, parent.private);
            let mangled = crate::compile::symtable::mangle(self.names, private, name);
            let found =
                if is_current { self.var_scope(mangled) } else { self.symbols.var_scope(scope, mangled) };
            if found == VarScope::GlobalExplicit {
                return name;
            }
        }
        let parent = if is_current { &self.u } else { &self.outer[depth - 1] };
        let text = &mut self.scratch.text;
        text.clear();
        text.extend_from_slice(self.names.bytes(parent.meta.qualname));
        if matches!(parent.kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda) {
            text.extend_from_slice(b".<locals>");
        }
        text.push(b'.');
        if let Some(owner) = owner {
            text.extend_from_slice(self.names.bytes(owner));
            text.push(b'.');
        }
        text.extend_from_slice(self.names.bytes(name));
        self.names.intern_utf8(text)
    }
}
