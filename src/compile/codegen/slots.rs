//! What a unit knows of names and constants: how variables are found, and the numbers in its tables.
//!
//! Names and constants are dense numbers, so the maps from them to indexes are arrays. Each unit has its own,
//! whose entries are valid if they have the unit's mark: emptying one is taking another mark.

use super::Codegen;
use super::unit::Unit;
use crate::code::ObjectId;
use crate::compile::symtable::{SymbolFlags, VarScope};
use crate::source::Location;
use crate::syntax::ast::ExprContext;
use crate::target::Op;
use crate::value::{Interner, Name};

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
    /// Not known yet, or it depends.
    Depends,
    Fast,
    Global,
    Name,
}

impl Access {
    /// The instruction, and by how much the index is shifted in its argument.
    #[inline]
    const fn instruction(self, ctx: ExprContext) -> Option<(Op, u32)> {
        let (load, store, delete, shift) = match self {
            Access::Depends => return None,
            Access::Fast => (Op::LoadFast, Op::StoreFast, Op::DeleteFast, 0),
            Access::Global => (Op::LoadGlobal, Op::StoreGlobal, Op::DeleteGlobal, 1),
            Access::Name => (Op::LoadName, Op::StoreName, Op::DeleteName, 0),
        };
        Some(match ctx {
            ExprContext::Load => (load, shift),
            ExprContext::Store => (store, 0),
            ExprContext::Del => (delete, 0),
        })
    }
}

/// No index.
const NONE: u32 = u32::MAX;

/// What a unit knows of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The mark of the table; entries with another are void.
    mark: u32,
    /// Its index where `access` is known.
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
    /// Does it begin as private names do, so that a class around may mangle it?
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

    /// Changes what is known; returns what was.
    pub(super) fn change(&mut self, flags: SymbolFlags, scope: VarScope) -> (SymbolFlags, VarScope) {
        self.access = Access::Depends;
        (std::mem::replace(&mut self.flags, flags), std::mem::replace(&mut self.scope, scope))
    }

    /// Says whether the variable is a fast local for a while; returns what was true.
    pub(super) fn hide(&mut self, hidden: FastHidden) -> FastHidden {
        self.access = Access::Depends;
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

    fn reserve(&mut self, names: usize) {
        if self.slots.len() < names {
            self.slots.resize(names, Slot::new(0, false));
        }
    }

    /// The entry of a name, where there is one.
    #[inline]
    pub(super) fn known(&self, name: Name) -> Option<&Slot> {
        self.slots.get(name.index()).filter(|slot| slot.mark == self.mark)
    }
}

impl Unit {
    /// The index in `co_names` of a name that is in no table yet but may have an entry.
    #[inline]
    fn index_of_name(&mut self, name: Name) -> u32 {
        let slot = &mut self.tables.slots[name.index()];
        if slot.name == NONE {
            slot.name = self.meta.names.len() as u32;
            self.meta.names.push(name);
        }
        slot.name
    }
}

impl Codegen<'_, '_, '_> {
    /// Loads, stores or deletes a (not yet mangled) variable, where it was seen before in the same unit and no
    /// more than its name matters. `false`: nothing was written.
    #[inline(always)]
    pub(super) fn variable_again(&mut self, name: Name, ctx: ExprContext, loc: Location) -> bool {
        let unit = &mut *self.u;
        if let Some(slot) = unit.tables.known(name)
            && let Some((op, shift)) = slot.access.instruction(ctx)
        {
            let arg = slot.index << shift;
            unit.seq.push(op, arg, loc);
            return true;
        }
        false
    }

    /// Notes that the variable `name` is always used that way.
    pub(super) fn note_access(&mut self, name: Name, access: Access, index: u32) {
        let slot = self.slot(name);
        slot.access = access;
        slot.index = index;
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
    pub(super) fn new_slot(&mut self, name: Name) -> &mut Slot {
        let Unit { tables, private, .. } = &mut *self.u;
        tables.reserve(self.names.len());
        let private = private.is_some() && looks_private(self.names, name);
        let slot = &mut tables.slots[name.index()];
        *slot = Slot::new(tables.mark, private);
        slot
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
        self.u.index_of_name(name)
    }

    /// The index of a not yet mangled name in `co_names`.
    #[inline]
    pub(super) fn mangled_name_index(&mut self, name: Name) -> u32 {
        let name = if self.slot(name).private { self.mangled(name) } else { name };
        self.name_index(name)
    }

    /// The index of a (mangled) name among the fast locals.
    #[inline]
    pub(super) fn var_index(&mut self, name: Name) -> u32 {
        self.slot(name);
        let Unit { tables, meta, .. } = &mut *self.u;
        let slot = &mut tables.slots[name.index()];
        if slot.var == NONE {
            slot.var = meta.varnames.len() as u32;
            meta.varnames.push(name);
        }
        slot.var
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

#[inline]
fn looks_private(names: &Interner, name: Name) -> bool {
    matches!(names.bytes(name), [b'_', b'_', ..])
}
