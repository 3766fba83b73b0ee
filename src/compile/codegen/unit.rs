//! Units: code objects in the making, their tables of names and constants, their qualified names and flags.
//!
//! Names and constants are dense numbers, so the maps from them to indexes are arrays, shared by all units:
//! each entry says which unit it belongs to, and a unit that takes an entry of a unit around it over puts the
//! old one in a log and restores it when it ends.

use super::Codegen;
use super::errors::Fallible;
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

/// Is a local of a class or module a fast local for the time of an inlined comprehension?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum FastHidden {
    #[default]
    Never,
    /// Now.
    Now,
    /// It was.
    Once,
}

/// No index.
const NONE: u32 = u32::MAX;

/// What the innermost unit knows of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The unit; entries of others are void.
    unit: u32,
    /// How the unit's block binds and uses the name.
    pub(super) flags: SymbolFlags,
    /// Where it finds it.
    pub(super) scope: VarScope,
    pub(super) hidden: FastHidden,
    /// Does it begin as private names do, so that a class around may mangle it?
    private: bool,
    name: u32,
    var: u32,
    cell: u32,
    free: u32,
}

impl Slot {
    const fn new(unit: u32) -> Self {
        Slot {
            unit,
            flags: SymbolFlags::NONE,
            scope: VarScope::Unknown,
            hidden: FastHidden::Never,
            private: false,
            name: NONE,
            var: NONE,
            cell: NONE,
            free: NONE,
        }
    }
}

/// Which index a constant has in a unit.
#[derive(Clone, Copy, Debug)]
struct ConstSlot {
    unit: u32,
    index: u32,
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
    id: u32,
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
    first_undo: usize,
    first_const_undo: usize,
    /// How many conditional statements are around the current one (3.14).
    pub(super) conditional: u32,
    /// Numbers conditional annotations (3.14).
    pub(super) next_condition: u32,
}

/// Memory that code generation reuses from file to file.
#[derive(Default)]
pub struct Scratch {
    units: Vec<Box<Unit>>,
    slots: Vec<Slot>,
    undo: Vec<(Name, Slot)>,
    /// By number of a unit: is it open? Number 0 is no unit.
    open: Vec<bool>,
    consts: Vec<ConstSlot>,
    const_undo: Vec<(ObjectId, ConstSlot)>,
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
        self.slots.clear();
        self.undo.clear();
        self.open.clear();
        self.open.push(false);
        self.consts.clear();
        self.const_undo.clear();
        self.module_flags.clear();
        self.changed.clear();
        self.kept.clear();
        self.super_at_module = false;
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
        self.next_unit += 1;
        let info = *self.symbols.scope(scope);
        unit.id = self.next_unit;
        unit.kind = kind;
        unit.at = Location::NONE;
        unit.scope = scope;
        unit.private = if self.next_unit == 1 { None } else { self.u.private };
        unit.class_block = info.kind == BlockKind::Class;
        unit.function_like = info.is_function_like();
        unit.generator = info.generator;
        unit.coroutine = info.coroutine;
        unit.can_see_class_scope = info.can_see_class_scope;
        unit.inlined = 0;
        unit.first_block = self.blocks.len();
        unit.first_deferred = self.deferred.len();
        unit.first_undo = self.scratch.undo.len();
        unit.first_const_undo = self.scratch.const_undo.len();
        unit.conditional = 0;
        unit.next_condition = 0;
        unit.meta.name = name;
        unit.meta.firstlineno = line;
        unit.meta.argcount = parameters.positional as u32;
        unit.meta.posonlyargcount = parameters.positional_only as u32;
        unit.meta.kwonlyargcount = parameters.keyword_only as u32;
        let around = std::mem::replace(&mut self.u, unit);
        if self.next_unit > 1 {
            self.outer.push(around);
        }
        self.scratch.open.push(true);
        self.fill_tables(scope);
    }

    /// Enters the block's symbols into the tables.
    fn fill_tables(&mut self, scope: ScopeId) {
        let symbols = self.symbols;
        let mut derefs = false;
        self.reserve_slots();
        for symbol in symbols.symbols(scope) {
            let symbol = symbols.symbol(symbol);
            let slot = self.void_slot(symbol.name);
            slot.flags = symbol.flags;
            slot.scope = symbol.scope;
            derefs |= matches!(symbol.scope, VarScope::Cell | VarScope::Free)
                || symbol.flags.has(SymbolFlags::COMP_CELL.with(SymbolFlags::FREE_CLASS));
        }
        for &name in symbols.params(scope) {
            self.var_index(name);
        }
        let info = symbols.scope(scope);
        if derefs {
            let mut cells = std::mem::take(&mut self.u.meta.cellvars);
            symbols.names_in(scope, VarScope::Cell, SymbolFlags::COMP_CELL, self.names, &mut cells);
            for (index, &name) in cells.iter().enumerate() {
                self.slot(name).cell = index as u32;
            }
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
            for (index, &name) in free.iter().enumerate() {
                self.slot(name).free = (first + index) as u32;
            }
            self.u.meta.freevars = free;
        }
    }

    /// Finishes the innermost unit, closes it and returns its code object. Its free variables are in
    /// `self.closure` afterwards.
    pub(super) fn leave_unit(&mut self, add_none: bool) -> Fallible<ObjectId> {
        if self.recipe.location_state == LocationState::Explicit || !self.u.seq.ends_with_return() {
            if add_none {
                self.load_none(Location::NONE);
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
        for (name, slot) in self.scratch.undo.drain(self.u.first_undo..).rev() {
            self.scratch.slots[name.index()] = slot;
        }
        for (id, slot) in self.scratch.const_undo.drain(self.u.first_const_undo..).rev() {
            self.scratch.consts[id.index()] = slot;
        }
        self.blocks.truncate(self.u.first_block);
        self.deferred.truncate(self.u.first_deferred);
        self.scratch.open[self.u.id as usize] = false;
        if let Some(around) = self.outer.pop() {
            let mut unit = std::mem::replace(&mut self.u, around);
            unit.seq.clear();
            unit.meta.clear();
            unit.static_attributes.clear();
            self.scratch.units.push(unit);
        }
    }

    fn note_fast_hidden(&mut self) {
        self.u.meta.fast_hidden.clear();
        if self.u.function_like {
            return;
        }
        for &name in &self.u.meta.varnames {
            let hidden = self.scratch.slots[name.index()].hidden != FastHidden::Never;
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
            let found = if is_current {
                self.known_slot(mangled).map_or(VarScope::Unknown, |slot| slot.scope)
            } else {
                self.symbols.var_scope(scope, mangled)
            };
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

    /// The innermost unit's entry of a name, made where there is none.
    #[inline(always)]
    pub(super) fn slot(&mut self, name: Name) -> &mut Slot {
        let id = self.u.id;
        let index = name.index();
        let known = self.scratch.slots.get(index).is_some_and(|slot| slot.unit == id);
        if !known {
            self.new_slot(name);
        }
        &mut self.scratch.slots[index]
    }

    #[inline(never)]
    fn new_slot(&mut self, name: Name) {
        self.reserve_slots();
        self.void_slot(name);
    }

    /// Makes room for the entries of all names that there are.
    #[inline]
    fn reserve_slots(&mut self) {
        if self.scratch.slots.len() < self.names.len() {
            self.scratch.slots.resize(self.names.len(), Slot::new(0));
        }
    }

    /// A new entry of the innermost unit, which has none for the name yet. There is room for it.
    #[inline(always)]
    fn void_slot(&mut self, name: Name) -> &mut Slot {
        let Scratch { slots, undo, open, .. } = &mut *self.scratch;
        let slot = &mut slots[name.index()];
        // The entries of units that are closed are void already.
        if open[slot.unit as usize] {
            undo.push((name, *slot));
        }
        let private =
            if slot.unit == 0 { matches!(self.names.bytes(name), [b'_', b'_', ..]) } else { slot.private };
        *slot = Slot { private, ..Slot::new(self.u.id) };
        slot
    }

    /// The name that the innermost unit's class spells `name` as, and what is known of it.
    #[inline(always)]
    pub(super) fn mangled_slot(&mut self, name: Name) -> (Name, Slot) {
        let slot = *self.slot(name);
        if slot.private && self.u.private.is_some() {
            let name = self.mangled(name);
            return (name, *self.slot(name));
        }
        (name, slot)
    }

    /// The name that the innermost unit's class spells `name` as.
    #[inline]
    pub(super) fn maybe_mangle(&mut self, name: Name) -> Name {
        if self.u.private.is_none() || !self.slot(name).private {
            return name;
        }
        self.mangled(name)
    }

    #[inline(never)]
    fn mangled(&mut self, name: Name) -> Name {
        self.symbols.maybe_mangle(self.names, self.u.private, self.u.scope, name)
    }

    /// The innermost unit's entry of a name, where it has one.
    #[inline]
    pub(super) fn known_slot(&self, name: Name) -> Option<&Slot> {
        self.scratch.slots.get(name.index()).filter(|slot| slot.unit == self.u.id)
    }

    /// How the innermost unit finds a (mangled) name.
    #[inline]
    pub(super) fn var_scope(&self, name: Name) -> VarScope {
        self.known_slot(name).map_or(VarScope::Unknown, |slot| slot.scope)
    }

    /// The index of a (mangled) name in `co_names`.
    #[inline]
    pub(super) fn name_index(&mut self, name: Name) -> u32 {
        let slot = *self.slot(name);
        self.name_index_of(name, slot)
    }

    /// The same, where the name's entry is at hand.
    #[inline(always)]
    pub(super) fn name_index_of(&mut self, name: Name, slot: Slot) -> u32 {
        if slot.name != NONE { slot.name } else { self.new_name_index(name) }
    }

    #[inline(never)]
    fn new_name_index(&mut self, name: Name) -> u32 {
        let next = self.u.meta.names.len() as u32;
        self.slot(name).name = next;
        self.u.meta.names.push(name);
        next
    }

    /// The index of a (mangled) name among the fast locals.
    #[inline]
    pub(super) fn var_index(&mut self, name: Name) -> u32 {
        let slot = *self.slot(name);
        self.var_index_of(name, slot)
    }

    /// The same, where the name's entry is at hand.
    #[inline(always)]
    pub(super) fn var_index_of(&mut self, name: Name, slot: Slot) -> u32 {
        if slot.var != NONE { slot.var } else { self.new_var_index(name) }
    }

    #[inline(never)]
    fn new_var_index(&mut self, name: Name) -> u32 {
        let next = self.u.meta.varnames.len() as u32;
        self.slot(name).var = next;
        self.u.meta.varnames.push(name);
        next
    }

    /// The index of a (mangled) name among the cells. A new one is only made while the unit is opened:
    /// CPython would number it like a free variable otherwise.
    pub(super) fn cell_index(&mut self, name: Name) -> u32 {
        let next = self.u.meta.cellvars.len() as u32;
        let slot = self.slot(name);
        if slot.cell != NONE {
            return slot.cell;
        }
        slot.cell = next;
        self.u.meta.cellvars.push(name);
        next
    }

    /// The index of a (mangled) name among the free variables, which follow the cells.
    pub(super) fn free_index(&mut self, name: Name) -> u32 {
        let slot = self.slot(name);
        if slot.free != NONE {
            return slot.free;
        }
        let next = self.u.meta.freevars.len() as u32;
        self.slot(name).free = next;
        self.u.meta.freevars.push(name);
        next
    }

    /// The index of a constant in `co_consts`.
    #[inline]
    pub(super) fn const_index(&mut self, id: ObjectId) -> u32 {
        let unit = self.u.id;
        if id.index() >= self.scratch.consts.len() {
            self.scratch.consts.resize(id.index() + 64, ConstSlot { unit: 0, index: 0 });
        }
        let slot = &mut self.scratch.consts[id.index()];
        if slot.unit == unit {
            return slot.index;
        }
        if self.scratch.open[slot.unit as usize] {
            self.scratch.const_undo.push((id, *slot));
        }
        let index = self.u.meta.consts.len() as u32;
        *slot = ConstSlot { unit, index };
        self.u.meta.consts.push(id);
        index
    }
}
