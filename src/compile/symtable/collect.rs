//! First pass: opens the blocks and notes what the tree does with each name (`symtable_visit_…`).

mod expr;
mod stmt;

use super::table::{BlockKind, Comprehension, Scope, Symbol, SymbolFlags, SymbolId, SymbolTable};
use crate::compile::future::Future;
use crate::compile::recipe::{AnnotationBlocks, ContextChecks, NamedLookup, SymbolErrors, SymtableRecipe};
use crate::source::{ExceptionKind, Location, SourceError};
use crate::syntax::ast::{Expr, ExprContext, Mod, ScopeId};
use crate::value::{Interner, Name, known};

/// What a visitor returns; the error is boxed to keep the good case in one register.
pub(super) type Step = Result<(), Box<SourceError>>;

/// The state of the first pass.
pub(super) struct Collector<'t> {
    pub(super) table: &'t mut SymbolTable,
    pub(super) names: &'t mut Interner,
    recipe: SymtableRecipe,
    future: Future,
    /// The class whose private names are mangled.
    private: Option<Name>,
    /// Did that change within a block, so that the block may have a name's symbol from before?
    respelled: bool,
    /// The innermost block; the last of `table.stack`.
    current: ScopeId,
    /// State of the innermost block; `table.visiting` has that of the blocks around.
    visiting: Visiting,
    depth: u32,
    limit: u32,
}

/// State of a block that only the first pass needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visiting {
    /// Nothing special is being visited: neither `iter_target` nor `unevaluated`, and nothing was respelled.
    plain: bool,
    /// Is a target of a comprehension being visited?
    iter_target: bool,
    /// How many iterables of comprehensions are being visited?
    iter_expr: u32,
    /// Are statements being visited that may not run?
    conditional: bool,
    /// Are a `try` statement's statements being visited?
    guarded: bool,
    /// Is an annotation being visited that is never evaluated?
    unevaluated: bool,
    /// What a type variable's block holds, for messages.
    holds: Option<&'static str>,
}

impl Default for Visiting {
    fn default() -> Self {
        Visiting {
            plain: true,
            iter_target: false,
            iter_expr: 0,
            conditional: false,
            guarded: false,
            unevaluated: false,
            holds: None,
        }
    }
}

#[cold]
fn error(message: String, location: &Location) -> Box<SourceError> {
    Box::new(SourceError::syntax(message, *location))
}

#[cold]
fn too_deep() -> Box<SourceError> {
    let message = "maximum recursion depth exceeded during compilation";
    Box::new(SourceError::without_location(ExceptionKind::RecursionError, message.into()))
}

impl<'t> Collector<'t> {
    pub(super) fn new(
        table: &'t mut SymbolTable,
        names: &'t mut Interner,
        recipe: SymtableRecipe,
        future: Future,
    ) -> Self {
        Collector {
            table,
            names,
            recipe,
            future,
            private: None,
            respelled: false,
            current: ScopeId::NONE,
            visiting: Visiting::default(),
            depth: 0,
            limit: recipe.nesting.depth(),
        }
    }

    /// Visits a whole tree.
    pub(super) fn module(&mut self, module: &mut Mod<'_>) -> Step {
        let nowhere = Location::new(0, 0, 0, 0);
        self.enter(known::TOP, BlockKind::Module, &nowhere)?;
        match module {
            Mod::Module { body, .. } => {
                self.scope().has_docstring = crate::compile::future::docstring(body).is_some();
                self.stmts(body)?;
            }
            Mod::Interactive { body } => self.stmts(body)?,
            Mod::Expression { body } => self.expr(body)?,
            // A signature is not compiled; `ast` only prints it.
            Mod::FunctionType { .. } => {}
        }
        self.exit();
        Ok(())
    }

    #[inline]
    fn scope(&mut self) -> &mut Scope {
        &mut self.table.scopes[self.current.0 as usize]
    }

    #[inline]
    fn deferred_annotations(&self) -> bool {
        match self.recipe.annotations {
            AnnotationBlocks::Never | AnnotationBlocks::Immediate => false,
            AnnotationBlocks::Deferred => true,
        }
    }

    #[inline]
    fn checks_context(&self) -> bool {
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator => false,
            ContextChecks::SymbolTable => true,
        }
    }

    /// Counts a node that has others below it.
    #[inline]
    fn descend(&mut self) -> Step {
        self.leaf()?;
        self.depth += 1;
        Ok(())
    }

    /// Checks the depth of a node that has no others below it.
    #[inline]
    fn leaf(&self) -> Step {
        if self.depth >= self.limit { Err(too_deep()) } else { Ok(()) }
    }

    /// Makes a block, without entering it (`ste_new`).
    fn new_scope(&mut self, name: Name, kind: BlockKind, loc: &Location) -> ScopeId {
        let id = ScopeId(self.table.scopes.len() as u32);
        let (nested, in_class) = match self.table.scopes.get(self.current.0 as usize) {
            Some(outer) => (outer.nested || self.is_function_like(outer), outer.kind == BlockKind::Class),
            None => (false, false),
        };
        let params = self.table.params.len() as u32;
        self.table.scopes.push(Scope {
            name,
            kind,
            comprehension: Comprehension::No,
            nested,
            generator: false,
            coroutine: false,
            varargs: false,
            varkeywords: false,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            comp_inlined: false,
            can_see_class_scope: false,
            annotations_used: false,
            has_conditional_annotations: false,
            has_docstring: false,
            method: in_class && kind == BlockKind::Function,
            loc: *loc,
            annotation_block: ScopeId::NONE,
            function_name: None,
            mangled: u32::MAX,
            params: (params, params),
            first: SymbolId::NONE,
            last: SymbolId::NONE,
            first_child: ScopeId::NONE,
            last_child: ScopeId::NONE,
            next_sibling: ScopeId::NONE,
        });
        id
    }

    /// Before 3.14, annotation blocks are no functions: nothing in them is compiled.
    fn is_function_like(&self, scope: &Scope) -> bool {
        scope.is_function_like() && (scope.kind != BlockKind::Annotation || self.deferred_annotations())
    }

    fn enter(&mut self, name: Name, kind: BlockKind, loc: &Location) -> Result<ScopeId, Box<SourceError>> {
        let id = self.new_scope(name, kind, loc);
        self.enter_new(id);
        let lazy = matches!(kind, BlockKind::Annotation | BlockKind::TypeVariable | BlockKind::TypeAlias);
        if lazy && self.deferred_annotations() {
            self.add(known::DOT_FORMAT, SymbolFlags::PARAM, loc)?;
            self.add(known::DOT_FORMAT, SymbolFlags::USE, loc)?;
        }
        Ok(id)
    }

    /// Enters a block for the first time and makes it a child of the block around, unless it holds annotations
    /// that will be strings.
    fn enter_new(&mut self, id: ScopeId) {
        let outer = self.current;
        self.enter_again(id);
        let stringified = match self.recipe.annotations {
            AnnotationBlocks::Never | AnnotationBlocks::Immediate => true,
            AnnotationBlocks::Deferred => self.future.annotations,
        };
        let kind = self.scope().kind;
        if outer == ScopeId::NONE || kind == BlockKind::Annotation && stringified {
            return;
        }
        let outer = &mut self.table.scopes[outer.0 as usize];
        let last = std::mem::replace(&mut outer.last_child, id);
        match last {
            ScopeId::NONE => outer.first_child = id,
            last => self.table.scopes[last.0 as usize].next_sibling = id,
        }
    }

    /// Enters a block. Its symbols, if it has any from an earlier visit, are linked still.
    fn enter_again(&mut self, id: ScopeId) {
        let mangled = self.table.scopes.get(self.current.0 as usize).map_or(u32::MAX, |outer| outer.mangled);
        // Iterables of comprehensions stay such in the blocks within.
        let iter_expr = self.visiting.iter_expr;
        let visiting = Visiting { iter_expr, plain: !self.respelled, ..Visiting::default() };
        self.table.visiting.push(std::mem::replace(&mut self.visiting, visiting));
        self.table.stack.push(id);
        self.current = id;
        let scope = self.scope();
        // In a class all names are mangled again.
        if mangled != u32::MAX && scope.kind != BlockKind::Class {
            scope.mangled = mangled;
        }
    }

    /// Leaves a block for good.
    fn exit(&mut self) {
        self.unlink_all(self.current);
        let annotations = self.scope().annotation_block;
        if annotations != ScopeId::NONE {
            self.unlink_all(annotations);
        }
        self.suspend();
    }

    /// Leaves a block that will be entered again: its symbols stay linked until the block around is left.
    fn suspend(&mut self) {
        self.visiting = self.table.visiting.pop().unwrap_or_default();
        self.visiting.plain &= !self.respelled;
        self.table.stack.pop();
        self.current = self.table.stack.last().copied().unwrap_or(ScopeId::NONE);
    }

    fn unlink_all(&mut self, id: ScopeId) {
        let mut next = self.table.scope(id).first;
        while let Some(symbol) = next.some() {
            let Symbol { name, next: after, shadowed, .. } = *self.table.symbol(symbol);
            let mut place = self.table.heads[name.index()];
            if place == symbol {
                self.table.heads[name.index()] = shadowed;
            } else {
                while self.table.symbol(place).shadowed != symbol {
                    place = self.table.symbol(place).shadowed;
                }
                self.table.symbol_mut(place).shadowed = shadowed;
            }
            next = after;
        }
    }

    /// The symbol of a mangled name in a block that is entered or suspended.
    #[inline]
    fn live(&self, block: ScopeId, name: Name) -> Option<SymbolId> {
        let mut next = *self.table.heads.get(name.index())?;
        while let Some(id) = next.some() {
            let symbol = self.table.symbol(id);
            if symbol.block == block {
                return Some(id);
            }
            next = symbol.shadowed;
        }
        None
    }

    /// The symbol of a mangled name in the current block, where no block within it was entered since that has it.
    #[inline(always)]
    fn innermost(&mut self, name: Name) -> Option<&mut Symbol> {
        let head = self.table.heads.get(name.index())?.0 as usize;
        self.table.symbols.get_mut(head).filter(|symbol| symbol.block == self.current)
    }

    /// The symbol of a mangled name in a block, made where there is none.
    #[inline]
    fn live_or_new(&mut self, block: ScopeId, name: Name) -> &mut Symbol {
        let head = self.table.heads.get(name.index()).map_or(usize::MAX, |head| head.0 as usize);
        let id = match self.table.symbols.get(head) {
            Some(symbol) if symbol.block == block => head,
            _ => self.make_live(block, name),
        };
        &mut self.table.symbols[id]
    }

    #[inline(never)]
    fn make_live(&mut self, block: ScopeId, name: Name) -> usize {
        if let Some(id) = self.live(block, name) {
            return id.0 as usize;
        }
        match self.table.append_linked(block, name) {
            Some(id) => id.0 as usize,
            None => self.make_room_and_live(block, name),
        }
    }

    /// Makes room for the symbol first: so the usual way calls nothing that returns, and needs no stack frame.
    #[cold]
    fn make_room_and_live(&mut self, block: ScopeId, name: Name) -> usize {
        self.table.symbols.reserve(1);
        if name.index() >= self.table.heads.len() {
            self.table.heads.resize(self.names.len(), SymbolId::NONE);
        }
        self.make_live(block, name)
    }

    /// `name` as it is spelled in the current block.
    #[inline(always)]
    fn mangled(&mut self, name: Name) -> Name {
        match self.private {
            Some(class) if self.table.is_private(self.names, name) => self.private_name(class, name),
            _ => name,
        }
    }

    #[inline(never)]
    fn private_name(&mut self, class: Name, name: Name) -> Name {
        self.table.maybe_mangle(self.names, Some(class), self.current, name)
    }

    /// The flags of `name` in a block that is entered (`symtable_lookup_entry`).
    fn flags_in(&mut self, block: ScopeId, name: Name) -> SymbolFlags {
        let name = self.table.maybe_mangle(self.names, self.private, block, name);
        self.live(block, name).map_or(SymbolFlags::NONE, |id| self.table.symbol(id).flags)
    }

    /// Notes that the current block does something with `name` (`symtable_add_def`).
    #[inline]
    fn add(&mut self, name: Name, flag: SymbolFlags, loc: &Location) -> Step {
        let context = if flag == SymbolFlags::USE { ExprContext::Load } else { ExprContext::Store };
        self.add_in_context(name, flag, loc, context)
    }

    #[inline]
    fn add_in_context(
        &mut self,
        name: Name,
        flag: SymbolFlags,
        loc: &Location,
        context: ExprContext,
    ) -> Step {
        if flag.has(SymbolFlags::BOUND) {
            self.check_name(name, loc, context)?;
        }
        if flag.has(SymbolFlags::TYPE_PARAM) {
            let mangled = self.scope().mangled;
            if let Some(mangled) = self.table.mangled.get_mut(mangled as usize) {
                mangled.push(name);
            }
        }
        self.add_to(self.current, name, flag, loc)
    }

    /// A parameter of the current block, which was just entered.
    #[inline]
    fn parameter(&mut self, name: Name, loc: &Location) -> Step {
        if !self.visiting.plain || name == known::DUNDER_DEBUG {
            self.table.debug_parameter |= name == known::DUNDER_DEBUG;
            return self.add(name, SymbolFlags::PARAM, loc);
        }
        let mangled = self.mangled(name);
        let symbol = self.live_or_new(self.current, mangled);
        if symbol.flags.has(SymbolFlags::PARAM) {
            return self.add(name, SymbolFlags::PARAM, loc);
        }
        symbol.flags |= SymbolFlags::PARAM;
        self.table.params.push(mangled);
        self.scope().params.1 += 1;
        Ok(())
    }

    /// Notes it for any entered block; the name is mangled as the current block does (`symtable_add_def_helper`).
    fn add_to(&mut self, block: ScopeId, name: Name, flag: SymbolFlags, loc: &Location) -> Step {
        let mangled = self.mangled(name);
        // Other blocks than the current one are functions and the module, which have no such targets.
        let iter_target = self.visiting.iter_target && block == self.current;
        let symbol = self.live_or_new(block, mangled);
        let before = symbol.flags;
        symbol.flags |= flag;
        if iter_target {
            symbol.flags |= SymbolFlags::COMP_ITER;
        }
        let after = symbol.flags;
        if flag.has(SymbolFlags::PARAM) {
            if before.has(SymbolFlags::PARAM) {
                let name = self.names.get(name);
                let word = self.recipe.parameter_word.text();
                return Err(
                    self.error_in_block(format!("duplicate {word} '{name}' in function definition"), loc)
                );
            }
            self.table.params.push(mangled);
            self.table.scopes[block.0 as usize].params.1 += 1;
        }
        if flag.has(SymbolFlags::TYPE_PARAM) && before.has(SymbolFlags::TYPE_PARAM) {
            return Err(error(format!("duplicate type parameter '{}'", self.names.get(name)), loc));
        }
        if iter_target && after.has(SymbolFlags::GLOBAL.with(SymbolFlags::NONLOCAL)) {
            let name = self.names.get(name);
            let message =
                format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
            return Err(self.error_in_block(message, loc));
        }
        if flag.has(SymbolFlags::GLOBAL) {
            self.live_or_new(SymbolTable::ROOT, mangled).flags |= flag;
        }
        Ok(())
    }

    /// Forbids to bind or delete `__debug__`, where that is the symbol table's task.
    #[inline(always)]
    fn check_name(&mut self, name: Name, loc: &Location, context: ExprContext) -> Step {
        if name == known::DUNDER_DEBUG { self.check_debug(loc, context) } else { Ok(()) }
    }

    #[cold]
    fn check_debug(&mut self, loc: &Location, context: ExprContext) -> Step {
        if !self.checks_context() {
            return Ok(());
        }
        match context {
            ExprContext::Load => Ok(()),
            ExprContext::Store => Err(error("cannot assign to __debug__".into(), loc)),
            ExprContext::Del => Err(error("cannot delete __debug__".into(), loc)),
        }
    }

    /// Remembers where a `global` or `nonlocal` statement named `name`.
    fn record_directive(&mut self, name: Name, loc: &Location) {
        let name = self.table.maybe_mangle(self.names, self.private, self.current, name);
        self.table.directives.push((self.current, name, *loc));
    }

    /// Visits an annotation that is evaluated in the block of the annotations around it, or right here.
    fn annotation(&mut self, annotation: &mut Expr<'_>) -> Result<ScopeId, Box<SourceError>> {
        match self.recipe.annotations {
            AnnotationBlocks::Deferred => self.deferred_annotation(annotation),
            AnnotationBlocks::Immediate if self.future.annotations => {
                let loc = annotation.loc;
                let id = self.enter(known::ANNOTATION_BLOCK, BlockKind::Annotation, &loc)?;
                self.expr(annotation)?;
                self.exit();
                Ok(id)
            }
            AnnotationBlocks::Never | AnnotationBlocks::Immediate => {
                self.expr(annotation).map(|()| ScopeId::NONE)
            }
        }
    }

    fn deferred_annotation(&mut self, annotation: &mut Expr<'_>) -> Result<ScopeId, Box<SourceError>> {
        let loc = annotation.loc;
        let scope = *self.scope();
        // A module may have run only in part when its annotations are asked for.
        let conditional = match scope.kind {
            BlockKind::Module => true,
            BlockKind::Class => self.visiting.conditional,
            _ => false,
        };
        if conditional && !scope.has_conditional_annotations {
            self.scope().has_conditional_annotations = true;
            self.add(known::DUNDER_CONDITIONAL_ANNOTATIONS, SymbolFlags::USE, &loc)?;
        }
        let mut block = scope.annotation_block;
        if block == ScopeId::NONE {
            let outer = self.current;
            block = self.enter(known::DUNDER_ANNOTATE, BlockKind::Annotation, &loc)?;
            self.table.scopes[outer.0 as usize].annotation_block = block;
            if scope.kind == BlockKind::Class && !self.future.annotations {
                self.scope().can_see_class_scope = true;
                self.add(known::DUNDER_CLASSDICT, SymbolFlags::USE, &loc)?;
            }
        } else {
            self.enter_again(block);
        }
        // Annotations of local variables are never evaluated.
        self.visiting.unevaluated = scope.kind == BlockKind::Function;
        self.visiting.plain = !self.visiting.unevaluated && !self.respelled;
        self.expr(annotation)?;
        self.suspend();
        Ok(block)
    }

    /// What is known of the target of an assignment expression in a block around its comprehension.
    fn named_flags(&mut self, block: ScopeId, name: Name) -> SymbolFlags {
        match self.recipe.named_lookup {
            NamedLookup::Mangled => self.flags_in(block, name),
            NamedLookup::AsWritten => {
                self.live(block, name).map_or(SymbolFlags::NONE, |id| self.table.symbol(id).flags)
            }
        }
    }

    /// Adds the target of an assignment expression in a comprehension to the block that it belongs to
    /// (`symtable_extend_namedexpr_scope`).
    fn extend_namedexpr_scope(&mut self, target: Name, loc: &Location) -> Step {
        for index in (0..self.table.stack.len()).rev() {
            let block = self.table.stack[index];
            let Scope { kind, comprehension, .. } = *self.table.scope(block);
            if comprehension != Comprehension::No {
                let flags = self.named_flags(block, target);
                if flags.has(SymbolFlags::COMP_ITER) && flags.has(SymbolFlags::LOCAL) {
                    let name = self.names.get(target);
                    let message = format!(
                        "assignment expression cannot rebind comprehension iteration variable '{name}'"
                    );
                    return Err(self.error_of_named_expr(message, loc));
                }
                continue;
            }
            let place = match kind {
                BlockKind::Function => {
                    let global = self.named_flags(block, target).has(SymbolFlags::GLOBAL);
                    let flag = if global { SymbolFlags::GLOBAL } else { SymbolFlags::NONLOCAL };
                    self.add(target, flag, loc)?;
                    self.record_directive(target, loc);
                    return self.add_to(block, target, SymbolFlags::LOCAL, loc);
                }
                BlockKind::Module => {
                    self.add(target, SymbolFlags::GLOBAL, loc)?;
                    self.record_directive(target, loc);
                    return self.add_to(block, target, SymbolFlags::GLOBAL, loc);
                }
                // Assignment expressions in annotations were refused already.
                BlockKind::Annotation => continue,
                BlockKind::Class => "in a class body",
                BlockKind::TypeParameters => "within the definition of a generic",
                BlockKind::TypeAlias => "in a type alias",
                BlockKind::TypeVariable => "in a TypeVar bound",
            };
            let message = format!("assignment expression within a comprehension cannot be used {place}");
            return Err(self.error_of_named_expr(message, loc));
        }
        Ok(())
    }

    /// Refuses `what` in blocks of annotations and types (`symtable_raise_if_annotation_block`).
    fn refuse_in_annotation(&mut self, what: &str, loc: &Location) -> Step {
        let holds = match self.scope().kind {
            BlockKind::Function | BlockKind::Class | BlockKind::Module => return Ok(()),
            BlockKind::Annotation => "an annotation",
            BlockKind::TypeVariable => self.visiting.holds.unwrap_or_default(),
            BlockKind::TypeAlias => "a type alias",
            BlockKind::TypeParameters => "the definition of a generic",
        };
        Err(error(format!("{what} cannot be used within {holds}"), loc))
    }

    /// An error of a name or statement in the current block.
    #[cold]
    pub(super) fn error_in_block(&mut self, message: String, loc: &Location) -> Box<SourceError> {
        match self.recipe.error_places {
            SymbolErrors::Blocks => error(message, &self.scope().loc),
            SymbolErrors::Nodes => error(message, loc),
        }
    }

    /// An error of an assignment expression.
    #[cold]
    pub(super) fn error_of_named_expr(&self, message: String, loc: &Location) -> Box<SourceError> {
        match self.recipe.error_places {
            SymbolErrors::Blocks => error(message, &Location { col: loc.col - 1, ..*loc }),
            SymbolErrors::Nodes => error(message, loc),
        }
    }

    /// Refuses `yield` in a comprehension.
    fn refuse_in_comprehension(&mut self, loc: &Location) -> Step {
        let place = match self.scope().comprehension {
            Comprehension::No => return Ok(()),
            Comprehension::List => "list comprehension",
            Comprehension::Set => "set comprehension",
            Comprehension::Dict => "dict comprehension",
            Comprehension::Generator => "generator expression",
        };
        Err(self.error_in_block(format!("'yield' inside {place}"), loc))
    }

    /// Is the current block the body of a coroutine?
    fn in_async_def(&mut self) -> bool {
        let scope = self.scope();
        scope.kind == BlockKind::Function && scope.coroutine
    }
}
