//! Second pass: resolves each symbol, block by block (`analyze_block` and its helpers).
//!
//! CPython copies sets of names from block to block; here one byte per name says what the blocks around
//! make of it, changed on the way in and restored on the way out, and the free variables of a block are
//! marks on its symbols. So the time is linear in the number of symbols.

use super::collect::Step;
use super::table::{BlockKind, Comprehension, Scope, Symbol, SymbolFlags, SymbolId, SymbolTable, VarScope};
use crate::compile::recipe::{
    AnnotationBlocks, ComprehensionBlocks, InlinedClassCells, InlinedUses, SymtableRecipe,
};
use crate::source::SourceError;
use crate::syntax::ast::ScopeId;
use crate::value::{Interner, Name, known};

/// What the blocks around make of a name.
mod around {
    /// A function around binds it.
    pub const BOUND: u8 = 1;
    /// It was declared global.
    pub const GLOBAL: u8 = 2;
    /// It is a type parameter.
    pub const TYPE_PARAM: u8 = 4;
}

/// What the analysis knows of a symbol.
mod state {
    /// Blocks within use the variable and do not bind it (CPython: it is in `newfree`).
    pub const IN_FREE: u8 = 1;
    /// It is a cell in an inlined comprehension.
    pub const INLINED_CELL: u8 = 2;
    /// The block itself does not know the name yet; blocks within use it.
    pub const PENDING: u8 = 4;
    /// A block directly within uses the variable of a block around.
    pub const FREE_IN_CHILD: u8 = 8;
    /// The block around provides the variable, so it is not free there; or so the block itself believes.
    pub const PROVIDED: u8 = 16;
}

/// Memory of the second pass, kept from module to module.
#[derive(Default, Debug)]
pub(super) struct Buffers {
    /// For each name: what the blocks around make of it.
    around: Vec<u8>,
    /// What to restore when blocks are left.
    undo: Vec<(Name, u8)>,
    /// Pending symbols of the blocks that are being analysed.
    pending: Vec<SymbolId>,
}

/// The second pass.
pub(super) struct Analyzer<'t> {
    pub(super) table: &'t mut SymbolTable,
    pub(super) names: &'t Interner,
    pub(super) recipe: SymtableRecipe,
    pub(super) buffers: Buffers,
    /// Are the symbols of the innermost block linked? Nobody has to find one unless a block within uses variables of
    /// blocks around, sees a class's names, or is inlined.
    pub(super) linked: bool,
}

/// Names that are never free through a class.
const CLASS_CELLS: [Name; 3] =
    [known::DUNDER_CLASS, known::DUNDER_CLASSDICT, known::DUNDER_CONDITIONAL_ANNOTATIONS];

impl Analyzer<'_> {
    pub(super) fn module(&mut self) -> Step {
        self.buffers.around.clear();
        self.buffers.around.resize(self.names.len(), 0);
        self.buffers.undo.clear();
        self.buffers.pending.clear();
        self.block(SymbolTable::ROOT, ScopeId::NONE).map(|_| ())
    }

    /// Resolves the names of a block and of those within. `class` is the class whose names it sees. May there be any
    /// that the block around has to know of?
    fn block(&mut self, id: ScopeId, class: ScopeId) -> Result<bool, Box<SourceError>> {
        let scope = self.table.scope(id);
        let (kind, first) = (scope.kind, scope.first);
        if scope.first_child == ScopeId::NONE {
            return self.leaf(id, kind, first, class);
        }
        let undo = self.buffers.undo.len();
        let pending = self.buffers.pending.len();
        let linked = std::mem::replace(&mut self.linked, false);
        let mut free = false;
        let mut next = first;
        while let Some(symbol) = next.some() {
            let Symbol { name, flags, next: after, .. } = *self.table.symbol(symbol);
            let plain_use =
                !flags.has(SymbolFlags::GLOBAL.with(SymbolFlags::NONLOCAL).with(SymbolFlags::BOUND));
            let scope = if plain_use {
                self.unbound(name, self.buffers.around[name.index()], class)
            } else {
                let (scope, around) = self.resolve(id, kind, symbol, class)?;
                self.set_around(name, around);
                scope
            };
            free |= scope == VarScope::Free;
            self.table.symbol_mut(symbol).scope = scope;
            next = after;
        }
        self.table.stack.push(id);
        if kind == BlockKind::Class {
            let cells = match self.recipe.annotations {
                AnnotationBlocks::Never | AnnotationBlocks::Immediate => &CLASS_CELLS[..2],
                AnnotationBlocks::Deferred => &CLASS_CELLS,
            };
            for &name in cells {
                self.set_around(name, self.buffers.around[name.index()] | around::BOUND);
            }
        }
        let inlines = self.children(id, class)?;
        if inlines {
            self.splice_inlined(id);
        }
        // Where no symbol was looked for, none has changed.
        if self.linked {
            self.finish(id, kind, pending);
            self.table.unlink_all(id);
        }
        self.table.stack.pop();
        while self.buffers.undo.len() > undo {
            if let Some((name, before)) = self.buffers.undo.pop() {
                self.buffers.around[name.index()] = before;
            }
        }
        Ok(std::mem::replace(&mut self.linked, linked) || free)
    }

    /// Makes the symbols of the innermost block ones that can be found.
    fn link(&mut self, id: ScopeId) {
        if !self.linked {
            self.linked = true;
            self.table.link_all(id);
        }
    }

    /// Resolves the names of a block that has no others within, so that nobody else looks at them. Are there free
    /// ones?
    fn leaf(
        &mut self,
        id: ScopeId,
        kind: BlockKind,
        first: SymbolId,
        class: ScopeId,
    ) -> Result<bool, Box<SourceError>> {
        let mut free = false;
        let mut next = first;
        while let Some(symbol) = next.some() {
            let Symbol { name, flags, .. } = *self.table.symbol(symbol);
            let scope = if flags.has(SymbolFlags::GLOBAL.with(SymbolFlags::NONLOCAL)) {
                self.resolve(id, kind, symbol, class)?.0
            } else if flags.has(SymbolFlags::BOUND) {
                VarScope::Local
            } else {
                self.unbound(name, self.buffers.around[name.index()], class)
            };
            free |= scope == VarScope::Free;
            let entry = self.table.symbol_mut(symbol);
            entry.scope = scope;
            next = entry.next;
        }
        Ok(free)
    }

    fn set_around(&mut self, name: Name, value: u8) {
        let place = &mut self.buffers.around[name.index()];
        if *place != value {
            self.buffers.undo.push((name, *place));
            *place = value;
        }
    }

    /// Decides where a name is found, and what blocks within are told of it (`analyze_name`).
    #[inline]
    fn resolve(
        &self,
        id: ScopeId,
        kind: BlockKind,
        symbol: SymbolId,
        class: ScopeId,
    ) -> Result<(VarScope, u8), Box<SourceError>> {
        let (name, flags) = (self.table.symbol(symbol).name, self.table.symbol(symbol).flags);
        let before = self.buffers.around[name.index()];
        if flags.has(SymbolFlags::GLOBAL) {
            if flags.has(SymbolFlags::NONLOCAL) {
                return Err(self.error_at_directive(id, name, "name '{}' is nonlocal and global"));
            }
            // What a class declares does not concern blocks within.
            let after = match kind {
                BlockKind::Class => before,
                _ => before & !around::BOUND | around::GLOBAL,
            };
            return Ok((VarScope::GlobalExplicit, after));
        }
        if flags.has(SymbolFlags::NONLOCAL) {
            self.check_nonlocal(id, kind, name, before)?;
            return Ok((VarScope::Free, before));
        }
        if flags.has(SymbolFlags::BOUND) {
            let mut after = before & !around::TYPE_PARAM;
            if flags.has(SymbolFlags::TYPE_PARAM) {
                after |= around::TYPE_PARAM;
            }
            match kind {
                BlockKind::Class => {}
                BlockKind::Module => after &= !around::GLOBAL,
                _ => after = after & !around::GLOBAL | around::BOUND,
            }
            return Ok((VarScope::Local, after));
        }
        Ok((self.unbound(name, before, class), before))
    }

    fn check_nonlocal(&self, id: ScopeId, kind: BlockKind, name: Name, around: u8) -> Step {
        let message = if kind == BlockKind::Module {
            "nonlocal declaration not allowed at module level"
        } else if around & around::BOUND == 0 {
            "no binding for nonlocal '{}' found"
        } else if around & around::TYPE_PARAM != 0 {
            "nonlocal binding not allowed for type parameter '{}'"
        } else {
            return Ok(());
        };
        Err(self.error_at_directive(id, name, message))
    }

    /// Where a name is found that the block only uses.
    #[inline(always)]
    fn unbound(&self, name: Name, around: u8, class: ScopeId) -> VarScope {
        // A block that sees a class's names looks in the class and then in the globals, not in the functions
        // around the class.
        if class != ScopeId::NONE {
            let flags = self.table.flags(class, name);
            if flags.has(SymbolFlags::GLOBAL) {
                return VarScope::GlobalExplicit;
            }
            if flags.has(SymbolFlags::BOUND) && !flags.has(SymbolFlags::NONLOCAL) {
                return VarScope::GlobalImplicit;
            }
        }
        if around & around::BOUND != 0 { VarScope::Free } else { VarScope::GlobalImplicit }
    }

    #[cold]
    fn error_at_directive(&self, id: ScopeId, name: Name, message: &str) -> Box<SourceError> {
        let message = message.replace("{}", self.names.get(name));
        let mut directives = self.table.directives.iter();
        let location = directives.find(|(block, directive, _)| (*block, *directive) == (id, name));
        let location = location.map_or(self.table.scope(id).loc, |&(.., location)| location);
        Box::new(SourceError::syntax(message, location))
    }

    /// Resolves the blocks within a block. Was any of them inlined?
    fn children(&mut self, id: ScopeId, class: ScopeId) -> Result<bool, Box<SourceError>> {
        let &Scope { kind, can_see_class_scope, first_child: mut next, .. } = self.table.scope(id);
        let mut any = false;
        while next != ScopeId::NONE {
            let child = next;
            let scope = self.table.scope(child);
            next = scope.next_sibling;
            let own_frame = scope.generator || scope.comprehension == Comprehension::No;
            let seen = match (scope.can_see_class_scope, kind) {
                (false, _) => ScopeId::NONE,
                (true, BlockKind::Class) => {
                    self.link(id);
                    id
                }
                (true, _) => class,
            };
            let takes = self.block(child, seen)?;
            // Comprehensions are inlined, but generator expressions, and those that see a class's names.
            let inlines = match self.recipe.comprehensions {
                ComprehensionBlocks::Apart => false,
                ComprehensionBlocks::Inlined => !own_frame && !can_see_class_scope,
            };
            if inlines {
                self.inline(id, kind, child);
                self.table.scope_mut(child).comp_inlined = true;
                any = true;
            }
            if takes {
                self.take_free(id, child);
            }
        }
        Ok(any)
    }

    /// The symbol of a name in the block that is being analysed, made pending where there is none.
    fn known_or_pending(&mut self, id: ScopeId, name: Name) -> SymbolId {
        self.link(id);
        if let Some(symbol) = self.table.lookup(name) {
            return symbol;
        }
        let symbol = self.table.detached_symbol(id, name, state::PENDING);
        self.table.link(symbol);
        self.buffers.pending.push(symbol);
        symbol
    }

    /// Merges a comprehension's names into the block that it is inlined in (`inline_comprehension`).
    fn inline(&mut self, id: ScopeId, kind: BlockKind, comp: ScopeId) {
        let mut next = self.table.scope(comp).first;
        let mut removed = [None; CLASS_CELLS.len()];
        while let Some(current) = next.some() {
            let inner = *self.table.symbol(current);
            next = inner.next;
            if inner.flags.has(SymbolFlags::PARAM) {
                continue;
            }
            let mut scope = inner.scope;
            let own = &CLASS_CELLS[..self.recipe.inlined_class_names.count()];
            let class_cell = own.iter().position(|&name| name == inner.name);
            if let Some(index) = class_cell
                && scope == VarScope::Free
                && kind == BlockKind::Class
            {
                scope = VarScope::GlobalImplicit;
                self.table.symbol_mut(current).state |= state::PROVIDED;
                removed[index] = Some(current);
            }
            let symbol = self.known_or_pending(id, inner.name);
            let outer = self.table.symbol_mut(symbol);
            if outer.state & state::PENDING != 0 {
                outer.state &= !state::PENDING;
                outer.flags = inner.flags;
                outer.scope = scope;
                if kind == BlockKind::Class && scope == VarScope::Free && CLASS_CELLS.contains(&inner.name) {
                    // The class takes it for its own cell, and tells no block around of it.
                    outer.state |= state::PROVIDED;
                }
                self.table.append(symbol);
            } else if kind != BlockKind::Class {
                let used = inner.scope == VarScope::Free && inner.flags.has(SymbolFlags::USE);
                if used && self.recipe.inlined_uses == InlinedUses::Noted {
                    outer.flags |= SymbolFlags::USE;
                }
                if outer.flags.has(SymbolFlags::BOUND) && inner.state & state::FREE_IN_CHILD == 0 {
                    // The comprehension simply uses the block's variable.
                    self.table.symbol_mut(current).state |= state::PROVIDED;
                }
            }
            let outer = self.table.symbol_mut(symbol);
            if inner.scope == VarScope::Cell || inner.flags.has(SymbolFlags::COMP_CELL) {
                outer.state |= state::INLINED_CELL;
            }
            outer.state |= inner.state & state::FREE_IN_CHILD;
            if removed.contains(&Some(current)) && inner.state & state::FREE_IN_CHILD != 0 {
                match self.recipe.inlined_class_cells {
                    InlinedClassCells::NotByThemselves => {}
                    InlinedClassCells::Provided => outer.state |= state::IN_FREE,
                }
            }
        }
        for symbol in removed.into_iter().flatten() {
            self.table.remove_symbol(symbol);
        }
    }

    /// Notes what a block within takes from this block or blocks around.
    fn take_free(&mut self, id: ScopeId, child: ScopeId) {
        let inlined = self.table.scope(child).comp_inlined;
        let mut next = self.table.scope(child).first;
        while let Some(current) = next.some() {
            let inner = *self.table.symbol(current);
            next = inner.next;
            let free = inner.scope == VarScope::Free || inner.state & state::IN_FREE != 0;
            if !free || inner.state & state::PROVIDED != 0 {
                continue;
            }
            let symbol = self.known_or_pending(id, inner.name);
            let outer = self.table.symbol_mut(symbol);
            outer.state |= state::IN_FREE;
            if inner.scope == VarScope::Free && !inlined {
                outer.state |= state::FREE_IN_CHILD;
            }
        }
    }

    /// Puts the blocks within inlined comprehensions in the comprehensions' places.
    fn splice_inlined(&mut self, id: ScopeId) {
        let mut next = std::mem::replace(&mut self.table.scope_mut(id).first_child, ScopeId::NONE);
        let mut last = ScopeId::NONE;
        while next != ScopeId::NONE {
            let scope = *self.table.scope(next);
            let (first, end) = match scope.comp_inlined {
                true => (scope.first_child, scope.last_child),
                false => (next, next),
            };
            next = scope.next_sibling;
            if first == ScopeId::NONE {
                continue;
            }
            match last {
                ScopeId::NONE => self.table.scope_mut(id).first_child = first,
                last => self.table.scope_mut(last).next_sibling = first,
            }
            self.table.scope_mut(end).next_sibling = ScopeId::NONE;
            last = end;
        }
        self.table.scope_mut(id).last_child = last;
    }

    /// Turns locals that blocks within use into cells, and lets free variables of blocks within pass through
    /// (`analyze_cells`, `drop_class_free`, `update_symbols`).
    fn finish(&mut self, id: ScopeId, kind: BlockKind, pending: usize) {
        if kind == BlockKind::Class {
            self.drop_class_free(id);
        }
        let outer = self.table.scope(id);
        let function_like = outer.is_function_like();
        let sees_class = kind == BlockKind::Class || outer.can_see_class_scope;
        let mut next = outer.first;
        while let Some(current) = next.some() {
            let symbol = self.table.symbol_mut(current);
            next = symbol.next;
            if function_like
                && symbol.scope == VarScope::Local
                && symbol.state & (state::IN_FREE | state::INLINED_CELL) != 0
            {
                symbol.scope = VarScope::Cell;
                symbol.state &= !state::IN_FREE;
            }
            if symbol.state & state::INLINED_CELL != 0 {
                symbol.flags |= SymbolFlags::COMP_CELL;
            }
            if sees_class && symbol.state & state::IN_FREE != 0 {
                symbol.flags |= SymbolFlags::FREE_CLASS;
            }
        }
        for index in pending..self.buffers.pending.len() {
            let current = self.buffers.pending[index];
            let symbol = self.table.symbol_mut(current);
            if symbol.state & state::PENDING == 0 {
                continue;
            }
            if symbol.state & state::IN_FREE != 0 {
                symbol.scope = VarScope::Free;
                self.table.append(current);
            } else {
                self.table.unlink(current);
            }
        }
        self.buffers.pending.truncate(pending);
    }

    /// A class provides some cells itself.
    fn drop_class_free(&mut self, id: ScopeId) {
        for name in CLASS_CELLS {
            let Some(symbol) = self.table.lookup(name) else { continue };
            let symbol = self.table.symbol_mut(symbol);
            if symbol.state & state::IN_FREE == 0 {
                continue;
            }
            symbol.state &= !state::IN_FREE;
            let scope = self.table.scope_mut(id);
            match name {
                known::DUNDER_CLASS => scope.needs_class_closure = true,
                known::DUNDER_CLASSDICT => scope.needs_classdict = true,
                _ => scope.has_conditional_annotations = true,
            }
        }
    }
}
