//! Blocks, symbols and how to find them.

use super::analyze::{Analyzer, Buffers};
use super::collect::{Collector, Visiting};
use super::mangle;
use crate::compile::future::Future;
use crate::compile::recipe::SymtableRecipe;
use crate::source::{Location, SourceError};
use crate::syntax::ast::{Mod, ScopeId};
use crate::value::{Interner, Name};

/// What opens a block (CPython: `_Py_block_ty`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    /// A function, lambda, comprehension or generator expression.
    Function,
    /// A class body.
    Class,
    /// The module (or what was typed at the prompt).
    Module,
    /// Annotations: `__annotate__`.
    Annotation,
    /// The bound, constraints or default of one type parameter.
    TypeVariable,
    /// The value of a `type` statement.
    TypeAlias,
    /// A list of type parameters.
    TypeParameters,
}

/// Which comprehension a block is (CPython: `_Py_comprehension_ty`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comprehension {
    /// It is none.
    No,
    /// `[…]`
    List,
    /// `{…: …}`
    Dict,
    /// `{…}`
    Set,
    /// `(…)`
    Generator,
}

/// How a block finds a variable (CPython: `LOCAL`, `GLOBAL_EXPLICIT`, …).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum VarScope {
    /// Not resolved.
    Unknown = 0,
    /// A variable of the block.
    Local = 1,
    /// Declared `global`.
    GlobalExplicit = 2,
    /// Bound nowhere around.
    GlobalImplicit = 3,
    /// A variable of a block around.
    Free = 4,
    /// A variable of the block that blocks within use.
    Cell = 5,
}

/// What is known of a name in a block, as a set of CPython's `DEF_…` bits.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SymbolFlags(pub u16);

impl SymbolFlags {
    /// Nothing.
    pub const NONE: Self = SymbolFlags(0);
    /// Declared `global`.
    pub const GLOBAL: Self = SymbolFlags(1);
    /// Assigned in the block.
    pub const LOCAL: Self = SymbolFlags(1 << 1);
    /// A parameter.
    pub const PARAM: Self = SymbolFlags(1 << 2);
    /// Declared `nonlocal`.
    pub const NONLOCAL: Self = SymbolFlags(1 << 3);
    /// Read in the block.
    pub const USE: Self = SymbolFlags(1 << 4);
    /// Free in a block within, while this block (a class, or one that sees a class's names) knows the name too.
    pub const FREE_CLASS: Self = SymbolFlags(1 << 6);
    /// Bound by an import.
    pub const IMPORT: Self = SymbolFlags(1 << 7);
    /// Annotated.
    pub const ANNOT: Self = SymbolFlags(1 << 8);
    /// An iteration variable of a comprehension.
    pub const COMP_ITER: Self = SymbolFlags(1 << 9);
    /// A type parameter.
    pub const TYPE_PARAM: Self = SymbolFlags(1 << 10);
    /// A cell of an inlined comprehension.
    pub const COMP_CELL: Self = SymbolFlags(1 << 11);
    /// Bound in the block.
    pub const BOUND: Self = SymbolFlags(Self::LOCAL.0 | Self::PARAM.0 | Self::IMPORT.0);

    /// Is any of `bits` set?
    #[inline]
    pub const fn has(self, bits: SymbolFlags) -> bool {
        self.0 & bits.0 != 0
    }

    /// These bits and `bits`.
    #[inline]
    pub const fn with(self, bits: SymbolFlags) -> Self {
        SymbolFlags(self.0 | bits.0)
    }
}

impl std::ops::BitOrAssign for SymbolFlags {
    #[inline]
    fn bitor_assign(&mut self, bits: Self) {
        self.0 |= bits.0;
    }
}

/// Number of a symbol in its table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SymbolId(pub u32);

impl SymbolId {
    pub(super) const NONE: SymbolId = SymbolId(u32::MAX);

    #[inline]
    pub(super) fn some(self) -> Option<SymbolId> {
        (self != SymbolId::NONE).then_some(self)
    }
}

/// A name in a block.
#[derive(Clone, Copy, Debug)]
pub struct Symbol {
    /// The (mangled) name.
    pub name: Name,
    /// How the name is bound and used.
    pub flags: SymbolFlags,
    /// Where it is found.
    pub scope: VarScope,
    /// Private state of the analysis.
    pub(super) state: u8,
    /// The block.
    pub(super) block: ScopeId,
    /// The block's next symbol.
    pub(super) next: SymbolId,
    /// While the block is entered: the symbol of that name in the nearest entered block around that has one.
    pub(super) shadowed: SymbolId,
}

/// A block (CPython: `PySTEntryObject`).
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// `top`, the function's, class's or type parameter's name, `lambda`, `listcomp`, `__annotate__`, …
    pub name: Name,
    /// What it is.
    pub kind: BlockKind,
    /// Which comprehension it is.
    pub comprehension: Comprehension,
    /// Is a function around it?
    pub nested: bool,
    /// Has it a `yield`, or is it a generator expression?
    pub generator: bool,
    /// Is it `async`, or has it an `await` or an asynchronous comprehension?
    pub coroutine: bool,
    /// Has it a `*args`?
    pub varargs: bool,
    /// Has it a `**kwargs`?
    pub varkeywords: bool,
    /// Has it a `return` with a value?
    pub returns_value: bool,
    /// A class: does a method need the cell `__class__`?
    pub needs_class_closure: bool,
    /// A class: does a block within need the cell `__classdict__`?
    pub needs_classdict: bool,
    /// A comprehension: does it run in the frame around it (PEP 709)?
    pub comp_inlined: bool,
    /// Does it see the names of the class around it?
    pub can_see_class_scope: bool,
    /// Are there annotations in it? (3.14)
    pub annotations_used: bool,
    /// A class or module: are annotations in it conditional? (3.14)
    pub has_conditional_annotations: bool,
    /// Does its body begin with a docstring? (3.14)
    pub has_docstring: bool,
    /// Is it a function directly in a class? (3.14)
    pub method: bool,
    /// Where it is in the source; zeros for the module.
    pub loc: Location,
    /// The block of the annotations that stand in it (class, module: `__annotate__`), or `NONE` (3.14).
    pub annotation_block: ScopeId,
    /// An annotation block: the function whose annotations it holds (3.14).
    pub function_name: Option<Name>,
    /// Index of the names that are mangled here where not all are, `u32::MAX` where all are.
    pub(super) mangled: u32,
    pub(super) params: (u32, u32),
    pub(super) first: SymbolId,
    pub(super) last: SymbolId,
    pub(super) first_child: ScopeId,
    pub(super) last_child: ScopeId,
    pub(super) next_sibling: ScopeId,
}

impl Scope {
    /// Does it run as a function with fast locals? (`_PyST_IsFunctionLike`)
    #[inline]
    pub const fn is_function_like(&self) -> bool {
        !matches!(self.kind, BlockKind::Class | BlockKind::Module)
    }
}

/// All blocks of a module. Make one per worker, build it anew for each module.
#[derive(Default, Debug)]
pub struct SymbolTable {
    pub(super) scopes: Vec<Scope>,
    pub(super) symbols: Vec<Symbol>,
    /// Parameters of all blocks; each block's are a range of it.
    pub(super) params: Vec<Name>,
    /// The type parameters of each generic class.
    pub(super) mangled: Vec<Vec<Name>>,
    /// Each name in a `global` or `nonlocal` statement (or target of an assignment expression that counts as
    /// one), with its block.
    pub(super) directives: Vec<(ScopeId, Name, Location)>,
    /// For each name: its symbol in the innermost entered block that has one.
    pub(super) heads: Vec<SymbolId>,
    /// For each name that was there when the first pass began: is it mangled in classes?
    private: Vec<bool>,
    /// Is there a parameter `__debug__`?
    pub(super) debug_parameter: bool,
    /// The entered blocks, innermost last.
    pub(super) stack: Vec<ScopeId>,
    /// First pass: state of the entered blocks but the innermost.
    pub(super) visiting: Vec<Visiting>,
    buffers: Buffers,
}

impl SymbolTable {
    /// An empty table.
    pub fn new() -> Self {
        SymbolTable::default()
    }

    /// The module's block.
    pub const ROOT: ScopeId = ScopeId(0);

    /// Reads a whole tree: numbers its blocks in the nodes that open them, collects their names and resolves
    /// them. `future` are the module's future statements.
    ///
    /// # Errors
    /// The `SyntaxError` or `RecursionError` that CPython's symbol table raises first. The table is of no use
    /// then until it is built anew.
    pub fn build(
        &mut self,
        module: &mut Mod<'_>,
        names: &mut Interner,
        recipe: &SymtableRecipe,
        future: &Future,
    ) -> Result<(), SourceError> {
        self.scopes.clear();
        self.symbols.clear();
        self.params.clear();
        self.mangled.clear();
        self.directives.clear();
        self.stack.clear();
        self.visiting.clear();
        self.heads.clear();
        self.heads.resize(names.len(), SymbolId::NONE);
        self.debug_parameter = false;
        self.private.clear();
        // None of the well-known names is private.
        self.private.resize(Interner::known_len(), false);
        self.private.extend(names.parsed().map(mangle::is_private));
        Collector::new(self, names, *recipe, *future).module(module).map_err(|error| *error)?;
        self.heads.resize(names.len(), SymbolId::NONE);
        let buffers = std::mem::take(&mut self.buffers);
        let mut analyzer = Analyzer { table: self, names, recipe: *recipe, buffers, linked: false };
        let result = analyzer.module();
        let buffers = analyzer.buffers;
        self.buffers = buffers;
        result.map_err(|error| *error)
    }

    /// Is there a parameter `__debug__` anywhere?
    pub const fn debug_parameter(&self) -> bool {
        self.debug_parameter
    }

    /// The block with that number.
    #[inline]
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// The block with that number.
    #[inline]
    pub(super) fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }

    /// How many blocks there are; numbers run from 0 up to it.
    pub fn len(&self) -> usize {
        self.scopes.len()
    }

    /// Was no module read yet?
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The block's parameters in the order of the arguments, `*args` and `**kwargs` last (`ste_varnames`).
    pub fn params(&self, id: ScopeId) -> &[Name] {
        let (start, end) = self.scope(id).params;
        &self.params[start as usize..end as usize]
    }

    /// The blocks directly within a block; those in an inlined comprehension are children of the block around.
    pub fn children(&self, id: ScopeId) -> impl Iterator<Item = ScopeId> + '_ {
        let mut next = self.scope(id).first_child;
        std::iter::from_fn(move || {
            let current = next;
            if current == ScopeId::NONE {
                return None;
            }
            next = self.scope(current).next_sibling;
            Some(current)
        })
    }

    /// The block's symbols in order.
    pub fn symbols(&self, id: ScopeId) -> impl Iterator<Item = SymbolId> + '_ {
        let mut next = self.scope(id).first;
        std::iter::from_fn(move || {
            let current = next.some()?;
            next = self.symbol(current).next;
            Some(current)
        })
    }

    /// The symbol with that number.
    #[inline]
    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// The symbol with that number.
    #[inline]
    pub(super) fn symbol_mut(&mut self, id: SymbolId) -> &mut Symbol {
        &mut self.symbols[id.0 as usize]
    }

    /// Links the symbols of the innermost block.
    pub(super) fn link_all(&mut self, id: ScopeId) {
        let mut next = self.scope(id).first;
        while let Some(symbol) = next.some() {
            next = self.link(symbol);
        }
    }

    /// Unlinks the symbols of the innermost block.
    pub(super) fn unlink_all(&mut self, id: ScopeId) {
        let mut next = self.scope(id).first;
        while let Some(symbol) = next.some() {
            next = self.unlink(symbol);
        }
    }

    /// The innermost entered block.
    #[inline]
    pub(super) fn current(&self) -> ScopeId {
        self.stack.last().copied().unwrap_or(Self::ROOT)
    }

    /// The symbol of (mangled) `name` in the innermost entered block, if its symbols are linked: one array access.
    #[inline]
    pub(super) fn lookup(&self, name: Name) -> Option<SymbolId> {
        let symbol = self.heads.get(name.index())?.some()?;
        (self.symbol(symbol).block == self.current()).then_some(symbol)
    }

    /// The symbol of (mangled) `name` in any block: fast for the blocks that are being analysed, whose symbols are
    /// linked then, a walk over the block's symbols when the table is finished.
    pub fn find(&self, id: ScopeId, name: Name) -> Option<SymbolId> {
        if self.stack.contains(&id) {
            let mut next = *self.heads.get(name.index())?;
            while let Some(symbol) = next.some() {
                let found = self.symbol(symbol);
                if found.block == id {
                    return Some(symbol);
                }
                next = found.shadowed;
            }
            return None;
        }
        self.symbols(id).find(|&symbol| self.symbol(symbol).name == name)
    }

    /// Where `name` is found from a block (`_PyST_GetScope`); `Unknown` where the block has no such symbol.
    pub fn var_scope(&self, id: ScopeId, name: Name) -> VarScope {
        self.find(id, name).map_or(VarScope::Unknown, |symbol| self.symbol(symbol).scope)
    }

    /// What is known of `name` in a block (`_PyST_GetSymbol`); nothing where the block has no such symbol.
    pub fn flags(&self, id: ScopeId, name: Name) -> SymbolFlags {
        self.find(id, name).map_or(SymbolFlags::NONE, |symbol| self.symbol(symbol).flags)
    }

    /// Appends the names of a block that are found in `scope` or have one of `flags`, sorted by text
    /// (`dictbytype`). Cell variables are those with `Cell`, `COMP_CELL`; free ones those with `Free`,
    /// `FREE_CLASS`.
    pub fn names_in(
        &self,
        id: ScopeId,
        scope: VarScope,
        flags: SymbolFlags,
        names: &Interner,
        out: &mut Vec<Name>,
    ) {
        let start = out.len();
        let mut next = self.scope(id).first;
        while let Some(symbol) = next.some() {
            let symbol = self.symbol(symbol);
            if symbol.scope == scope || symbol.flags.has(flags) {
                out.push(symbol.name);
            }
            next = symbol.next;
        }
        // Bytes of UTF-8 sort as code points do.
        out[start..].sort_unstable_by(|a, b| names.bytes(*a).cmp(names.bytes(*b)));
    }

    /// `name` as it is spelled in a block within class `class` (`_Py_MaybeMangle`): in the type parameters of
    /// a generic class, only those parameters' names are mangled.
    pub fn maybe_mangle(&self, names: &mut Interner, class: Option<Name>, id: ScopeId, name: Name) -> Name {
        if let Some(mangled) = self.mangled.get(self.scope(id).mangled as usize)
            && !mangled.contains(&name)
        {
            return name;
        }
        mangle(names, class, name)
    }

    /// Is a name mangled in classes (if the class's name is not all underscores)?
    #[inline(always)]
    pub fn is_private(&self, names: &Interner, name: Name) -> bool {
        match self.private.get(name.index()) {
            Some(&private) => private,
            None => late_is_private(names, name),
        }
    }

    /// Appends a symbol of which nothing is known to a block, and links it, where there is room for it.
    #[inline(always)]
    pub(super) fn append_linked(&mut self, block: ScopeId, name: Name) -> Option<SymbolId> {
        let head = self.heads.get_mut(name.index())?;
        let count = self.symbols.len();
        if count == self.symbols.capacity() {
            return None;
        }
        self.symbols.push(Symbol {
            name,
            flags: SymbolFlags::NONE,
            scope: VarScope::Unknown,
            state: 0,
            block,
            next: SymbolId::NONE,
            shadowed: *head,
        });
        let id = SymbolId(count as u32);
        *head = id;
        let scope = &mut self.scopes[block.0 as usize];
        match std::mem::replace(&mut scope.last, id) {
            SymbolId::NONE => scope.first = id,
            last => self.symbols[last.0 as usize].next = id,
        }
        Some(id)
    }

    /// A symbol that is not among its block's symbols yet.
    #[inline]
    pub(super) fn detached_symbol(&mut self, block: ScopeId, name: Name, state: u8) -> SymbolId {
        let id = SymbolId(self.symbols.len() as u32);
        self.symbols.push(Symbol {
            name,
            flags: SymbolFlags::NONE,
            scope: VarScope::Unknown,
            state,
            block,
            next: SymbolId::NONE,
            shadowed: SymbolId::NONE,
        });
        id
    }

    /// Takes a symbol from among its block's symbols.
    pub(super) fn remove_symbol(&mut self, id: SymbolId) {
        let Symbol { block, next, .. } = *self.symbol(id);
        if self.scope(block).first == id {
            self.scope_mut(block).first = next;
            if next == SymbolId::NONE {
                self.scope_mut(block).last = SymbolId::NONE;
            }
            return;
        }
        let mut before = self.scope(block).first;
        while before != SymbolId::NONE && self.symbol(before).next != id {
            before = self.symbol(before).next;
        }
        if before != SymbolId::NONE {
            self.symbol_mut(before).next = next;
            if next == SymbolId::NONE {
                self.scope_mut(block).last = before;
            }
        }
    }

    /// Makes a symbol the last one of its block.
    #[inline]
    pub(super) fn append(&mut self, id: SymbolId) {
        let block = self.symbol(id).block;
        let last = std::mem::replace(&mut self.scope_mut(block).last, id);
        match last {
            SymbolId::NONE => self.scope_mut(block).first = id,
            last => self.symbol_mut(last).next = id,
        }
    }

    /// Makes `symbol` the innermost of its name; returns the block's next symbol.
    #[inline]
    pub(super) fn link(&mut self, symbol: SymbolId) -> SymbolId {
        let entry = &mut self.symbols[symbol.0 as usize];
        let head = &mut self.heads[entry.name.index()];
        entry.shadowed = *head;
        *head = symbol;
        entry.next
    }

    /// Undoes [`SymbolTable::link`].
    #[inline]
    pub(super) fn unlink(&mut self, symbol: SymbolId) -> SymbolId {
        let entry = &self.symbols[symbol.0 as usize];
        self.heads[entry.name.index()] = entry.shadowed;
        entry.next
    }
}

/// Is a name private that was put together since the first pass began?
#[inline(never)]
fn late_is_private(names: &Interner, name: Name) -> bool {
    mangle::is_private(names.bytes(name))
}
