//! What a unit knows of names and constants: how variables are found, and the numbers in its tables.
//!
//! Names and constants are dense numbers, so the maps from them to indexes are arrays. Each unit has its own,
//! whose entries are valid if they have the unit's mark: emptying one is taking another mark.

use super::Codegen;
use super::errors::Fallible;
use super::unit::Unit;
use crate::code::ObjectId;
use crate::compile::symtable::{SymbolFlags, VarScope};
use crate::source::Location;
use crate::syntax::ast::{ExprContext, ScopeId};
use crate::target::Op;
use crate::value::{Name, known};

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

/// Which instructions a variable takes, where its name and what is done with it are all that matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// It depends.
    Depends,
    Fast,
    Global,
    Name,
}

/// By [`Access`] and [`ExprContext`]: the instruction, and by how much the index is shifted in its argument.
static INSTRUCTIONS: [[(Op, u8); 3]; 4] = [
    [(Op::Nop, 0); 3],
    [(Op::LoadFast, 0), (Op::StoreFast, 0), (Op::DeleteFast, 0)],
    [(Op::LoadGlobal, 1), (Op::StoreGlobal, 0), (Op::DeleteGlobal, 0)],
    [(Op::LoadName, 0), (Op::StoreName, 0), (Op::DeleteName, 0)],
];

/// No index.
const NONE: u32 = u32::MAX;

/// What a unit knows of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The mark of the table; entries with another are void.
    mark: u32,
    /// Its index where `access` says it all and it was used.
    index: u32,
    name: u32,
    var: u32,
    cell: u32,
    free: u32,
    /// How the unit's block binds and uses the name.
    pub(super) flags: SymbolFlags,
    /// Where it finds it.
    pub(super) scope: VarScope,
    pub(super) hidden: FastHidden,
    /// Does the class around mangle it?
    private: bool,
    access: Access,
}

impl Slot {
    const fn new(mark: u32, private: bool) -> Self {
        Slot {
            mark,
            index: NONE,
            name: NONE,
            var: NONE,
            cell: NONE,
            free: NONE,
            flags: SymbolFlags::NONE,
            scope: VarScope::Unknown,
            hidden: FastHidden::Never,
            private,
            access: Access::Depends,
        }
    }

    fn forget_access(&mut self) {
        self.access = Access::Depends;
        self.index = NONE;
    }

    /// Changes what is known; returns what was.
    pub(super) fn change(&mut self, flags: SymbolFlags, scope: VarScope) -> (SymbolFlags, VarScope) {
        self.forget_access();
        (std::mem::replace(&mut self.flags, flags), std::mem::replace(&mut self.scope, scope))
    }

    /// Says whether the variable is a fast local for a while; returns what was true.
    pub(super) fn hide(&mut self, hidden: FastHidden) -> FastHidden {
        self.forget_access();
        std::mem::replace(&mut self.hidden, hidden)
    }
}

/// Which index a constant has in a unit.
#[derive(Clone, Copy, Debug)]
struct ConstSlot {
    mark: u32,
    index: u32,
}

/// The tables of a unit; memory is kept from unit to unit.
#[derive(Default)]
pub(super) struct Tables {
    mark: u32,
    slots: Vec<Slot>,
    consts: Vec<ConstSlot>,
}

impl Tables {
    /// Forgets everything, and makes room for so many names.
    pub(super) fn clear(&mut self, names: usize) {
        match self.mark.checked_add(1) {
            Some(mark) => self.mark = mark,
            None => *self = Tables { mark: 1, ..Tables::default() },
        }
        self.reserve(names);
    }

    #[inline(always)]
    fn reserve(&mut self, names: usize) {
        if self.slots.len() < names {
            self.grow(names);
        }
    }

    #[cold]
    fn grow(&mut self, names: usize) {
        self.slots.resize(names, Slot::new(0, false));
    }

    /// From here on, how each variable is reached depends on the place.
    pub(super) fn forget_accesses(&mut self) {
        let mark = self.mark;
        self.slots.iter_mut().filter(|slot| slot.mark == mark).for_each(Slot::forget_access);
    }

    /// The entry of a name, where there is one.
    #[inline]
    pub(super) fn known(&self, name: Name) -> Option<&Slot> {
        self.slots.get(name.index()).filter(|slot| slot.mark == self.mark)
    }
}

/// By [`VarScope`]: how a variable is reached, where that does not depend on the place.
type Accesses = [Access; 6];

/// In a function that does not see the names of a class.
static IN_FUNCTION: Accesses =
    [Access::Depends, Access::Fast, Access::Global, Access::Global, Access::Depends, Access::Depends];
/// In one that does.
static SEEING_CLASS: Accesses =
    [Access::Depends, Access::Fast, Access::Global, Access::Depends, Access::Depends, Access::Depends];
/// In a class or module.
static IN_NAMESPACE: Accesses =
    [Access::Depends, Access::Name, Access::Global, Access::Name, Access::Depends, Access::Depends];

impl Unit {
    const fn usual_accesses(&self) -> &'static Accesses {
        match (self.function_like, self.can_see_class_scope) {
            (false, _) => &IN_NAMESPACE,
            (true, false) => &IN_FUNCTION,
            (true, true) => &SEEING_CLASS,
        }
    }
}

/// The index of `name` in a list that it is appended to the first time; `index` is where that is kept.
#[inline(always)]
fn index_in(list: &mut Vec<Name>, index: &mut u32, name: Name) -> u32 {
    if *index == NONE {
        *index = list.len() as u32;
        list.push(name);
    }
    *index
}

impl Codegen<'_, '_, '_> {
    /// Enters the symbols of the block that the innermost unit is made from into its tables. Are there cells or free
    /// variables?
    pub(super) fn enter_symbols(&mut self, scope: ScopeId) -> bool {
        let (symbols, names) = (self.symbols, &*self.names);
        let unit = &mut *self.u;
        unit.tables.reserve(names.len());
        let mark = unit.tables.mark;
        let in_class = unit.private.is_some();
        let usual = unit.usual_accesses();
        let (mut flags, mut scopes) = (SymbolFlags::NONE, 0);
        for symbol in symbols.symbols(scope) {
            let symbol = symbols.symbol(symbol);
            let private = in_class && symbols.is_private(names, symbol.name);
            let depends = private || symbol.name == known::DUNDER_DEBUG;
            let access = if depends { Access::Depends } else { usual[symbol.scope as usize] };
            unit.tables.slots[symbol.name.index()] =
                Slot { flags: symbol.flags, scope: symbol.scope, access, ..Slot::new(mark, private) };
            flags |= symbol.flags;
            scopes |= 1_u32 << symbol.scope as u8;
        }
        // The parameters are the first locals. Each is a symbol.
        for &name in symbols.params(scope) {
            let slot = &mut unit.tables.slots[name.index()];
            index_in(&mut unit.meta.varnames, &mut slot.var, name);
        }
        scopes & (1 << VarScope::Cell as u8 | 1 << VarScope::Free as u8) != 0
            || flags.has(SymbolFlags::COMP_CELL.with(SymbolFlags::FREE_CLASS))
    }

    /// Loads, stores or deletes the variable `name` (not yet mangled). This is for those that were used before, where
    /// no more than the name matters, and needs no stack frame.
    #[inline(never)]
    pub(super) fn variable(&mut self, name: Name, ctx: ExprContext, loc: Location) -> Fallible {
        let Unit { tables, seq, .. } = &mut *self.u;
        if let Some(slot) = tables.known(name)
            && slot.index != NONE
            && seq.has_room()
        {
            let (op, shift) = INSTRUCTIONS[slot.access as usize][ctx as usize];
            seq.push_unmarked(op, slot.index << shift, loc);
            return Ok(());
        }
        self.first_variable(name, ctx, loc)
    }

    #[inline(never)]
    fn first_variable(&mut self, name: Name, ctx: ExprContext, loc: Location) -> Fallible {
        let Unit { tables, meta, seq, .. } = &mut *self.u;
        let known = tables.slots.get_mut(name.index()).filter(|slot| slot.mark == tables.mark);
        let Some(slot) = known else { return self.unknown_variable(name, ctx, loc) };
        let (list, index) = match slot.access {
            Access::Depends => return self.unusual_variable(name, ctx, loc),
            Access::Fast => (&mut meta.varnames, &mut slot.var),
            Access::Global | Access::Name => (&mut meta.names, &mut slot.name),
        };
        if *index == NONE {
            let next = list.len();
            if next == list.capacity() {
                return self.variable_with_room(name, ctx, loc);
            }
            list.push(name);
            *index = next as u32;
        }
        slot.index = *index;
        if !seq.has_room() {
            return self.variable_with_room(name, ctx, loc);
        }
        let (op, shift) = INSTRUCTIONS[slot.access as usize][ctx as usize];
        seq.push_unmarked(op, slot.index << shift, loc);
        Ok(())
    }

    /// Makes room for a variable first: so the usual way calls nothing that returns, and needs no stack frame.
    #[cold]
    fn variable_with_room(&mut self, name: Name, ctx: ExprContext, loc: Location) -> Fallible {
        let Unit { meta, seq, .. } = &mut *self.u;
        seq.instrs.reserve(1);
        meta.varnames.reserve(1);
        meta.names.reserve(1);
        self.first_variable(name, ctx, loc)
    }

    /// A variable that is no symbol of the block and was not used before: what the compiler itself makes of classes.
    #[inline(never)]
    fn unknown_variable(&mut self, name: Name, ctx: ExprContext, loc: Location) -> Fallible {
        if self.u.inlined > 0 || name == known::DUNDER_DEBUG || self.new_slot(name).private {
            return self.unusual_variable(name, ctx, loc);
        }
        let Unit { tables, meta, seq, .. } = &mut *self.u;
        let index = index_in(&mut meta.names, &mut tables.slots[name.index()].name, name);
        seq.push_unmarked(INSTRUCTIONS[Access::Name as usize][ctx as usize].0, index, loc);
        Ok(())
    }

    /// The innermost unit's entry of a name, made where there is none.
    #[inline(always)]
    pub(super) fn slot(&mut self, name: Name) -> &mut Slot {
        if self.u.tables.known(name).is_none() {
            self.new_slot(name);
        }
        &mut self.u.tables.slots[name.index()]
    }

    /// A new entry of the innermost unit, which has none for the name yet.
    #[inline]
    fn new_slot(&mut self, name: Name) -> &mut Slot {
        let Unit { tables, private, .. } = &mut *self.u;
        if name.index() >= tables.slots.len() {
            tables.grow(self.names.len());
        }
        let private = private.is_some() && self.symbols.is_private(self.names, name);
        let slot = &mut tables.slots[name.index()];
        *slot = Slot::new(tables.mark, private);
        slot
    }

    /// Mangles private names as in `class` from here on in the innermost unit.
    #[cold]
    pub(super) fn set_private(&mut self, class: Name) {
        let Unit { tables, private, .. } = &mut *self.u;
        *private = Some(class);
        for (index, slot) in tables.slots.iter_mut().enumerate() {
            if slot.mark == tables.mark && self.symbols.is_private(self.names, Name(index as u32)) {
                slot.private = true;
                slot.forget_access();
            }
        }
    }

    /// The name that the innermost unit's class spells `name` as, and what is known of it.
    #[inline(always)]
    pub(super) fn mangled_slot(&mut self, name: Name) -> (Name, Slot) {
        let slot = *self.slot(name);
        if slot.private {
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

    /// How the innermost unit finds a (mangled) name.
    #[inline]
    pub(super) fn var_scope(&self, name: Name) -> VarScope {
        self.u.tables.known(name).map_or(VarScope::Unknown, |slot| slot.scope)
    }

    /// The index of a (mangled) name in `co_names`.
    #[inline]
    pub(super) fn name_index(&mut self, name: Name) -> u32 {
        self.slot(name);
        let Unit { tables, meta, .. } = &mut *self.u;
        index_in(&mut meta.names, &mut tables.slots[name.index()].name, name)
    }

    /// The index of a not yet mangled name in `co_names`.
    #[inline]
    pub(super) fn mangled_name_index(&mut self, name: Name) -> u32 {
        let Unit { tables, meta, .. } = &mut *self.u;
        match tables.slots.get_mut(name.index()) {
            Some(slot) if slot.mark == tables.mark && !slot.private => {
                index_in(&mut meta.names, &mut slot.name, name)
            }
            _ => self.first_name_index(name),
        }
    }

    #[inline(never)]
    fn first_name_index(&mut self, name: Name) -> u32 {
        let Unit { tables, meta, private, .. } = &mut *self.u;
        if let Some(slot) = tables.slots.get_mut(name.index()) {
            if slot.mark != tables.mark {
                let private = private.is_some() && self.symbols.is_private(self.names, name);
                *slot = Slot::new(tables.mark, private);
            }
            if !slot.private {
                return index_in(&mut meta.names, &mut slot.name, name);
            }
        }
        let name = if self.slot(name).private { self.mangled(name) } else { name };
        self.name_index(name)
    }

    /// The index of a (mangled) name among the fast locals.
    #[inline]
    pub(super) fn var_index(&mut self, name: Name) -> u32 {
        self.slot(name);
        let Unit { tables, meta, .. } = &mut *self.u;
        index_in(&mut meta.varnames, &mut tables.slots[name.index()].var, name)
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

    /// Is the (mangled) name one of the unit's free variables?
    pub(super) fn is_free(&self, name: Name) -> bool {
        self.u.tables.known(name).is_some_and(|slot| slot.free != NONE)
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

    /// Numbers the cells of a unit that is being opened, and its free variables after them.
    pub(super) fn number_cells(&mut self, cells: &[Name]) {
        for (index, &name) in cells.iter().enumerate() {
            self.slot(name).cell = index as u32;
        }
    }

    /// The same for free variables, the first of which has the number `first`.
    pub(super) fn number_free(&mut self, first: usize, free: &[Name]) {
        for (index, &name) in free.iter().enumerate() {
            self.slot(name).free = (first + index) as u32;
        }
    }

    /// The index of a constant in `co_consts`.
    #[inline]
    pub(super) fn const_index(&mut self, id: ObjectId) -> u32 {
        let Unit { tables, meta, .. } = &mut *self.u;
        match tables.consts.get_mut(id.index()) {
            Some(slot) if slot.mark == tables.mark => slot.index,
            Some(slot) => {
                let index = meta.consts.len() as u32;
                *slot = ConstSlot { mark: tables.mark, index };
                meta.consts.push(id);
                index
            }
            None => {
                tables.consts.resize(2 * id.index() + 64, ConstSlot { mark: 0, index: 0 });
                self.const_index(id)
            }
        }
    }
}
