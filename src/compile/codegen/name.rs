//! Loading, storing and deleting variables (`codegen_nameop`).

use super::Codegen;
use super::errors::Fallible;
use super::slots::FastHidden;
use crate::compile::recipe::{ClassDerefs, ContextChecks};
use crate::compile::symtable::VarScope;
use crate::source::Location;
use crate::syntax::ast::ExprContext;
use crate::target::Op;
use crate::value::{Name, known};

impl Codegen<'_, '_, '_> {
    pub(super) fn load_name(&mut self, name: Name, loc: Location) -> Fallible {
        self.variable(name, ExprContext::Load, loc)
    }

    pub(super) fn store_name(&mut self, name: Name, loc: Location) -> Fallible {
        self.variable(name, ExprContext::Store, loc)
    }

    pub(super) fn delete_name(&mut self, name: Name, loc: Location) -> Fallible {
        self.variable(name, ExprContext::Del, loc)
    }

    /// Loads, stores or deletes the variable `name` (not yet mangled), whatever has to be thought of.
    #[inline(never)]
    pub(super) fn unusual_variable(&mut self, name: Name, ctx: ExprContext, loc: Location) -> Fallible {
        if name == known::DUNDER_DEBUG {
            self.check_debug(name, ctx, loc)?;
        }
        let (name, slot) = self.mangled_slot(name);
        let function_like = self.u.function_like;
        match slot.scope {
            VarScope::Free => {
                let arg = self.free_index(name);
                self.deref(arg, ctx, loc);
            }
            VarScope::Cell => {
                let arg = self.cell_index(name);
                self.deref(arg, ctx, loc);
            }
            VarScope::Local if function_like || slot.hidden == FastHidden::Now => {
                let op = match ctx {
                    ExprContext::Load => Op::LoadFast,
                    ExprContext::Store => Op::StoreFast,
                    ExprContext::Del => Op::DeleteFast,
                };
                let arg = self.var_index(name);
                self.op_arg(op, arg, loc);
            }
            VarScope::GlobalExplicit => self.global(name, ctx, false, loc),
            VarScope::GlobalImplicit if function_like => self.global(name, ctx, true, loc),
            VarScope::Local | VarScope::GlobalImplicit | VarScope::Unknown => {
                let arg = self.name_index(name);
                match ctx {
                    ExprContext::Load if self.u.class_block && self.u.inlined > 0 => {
                        self.op_arg(Op::LoadGlobal, arg << 1, loc);
                    }
                    ExprContext::Load => self.op_arg(Op::LoadName, arg, loc),
                    ExprContext::Store => self.op_arg(Op::StoreName, arg, loc),
                    ExprContext::Del => self.op_arg(Op::DeleteName, arg, loc),
                }
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn deref(&mut self, arg: u32, ctx: ExprContext, loc: Location) {
        let op = match ctx {
            ExprContext::Load
                if self.u.class_block && self.recipe.class_derefs == ClassDerefs::LoadClassderef =>
            {
                Op::LoadClassderef
            }
            ExprContext::Load if self.u.class_block && self.u.inlined == 0 => {
                self.op(Op::LoadLocals, loc);
                Op::LoadFromDictOrDeref
            }
            ExprContext::Load if self.u.can_see_class_scope => {
                self.load_classdict(loc);
                Op::LoadFromDictOrDeref
            }
            ExprContext::Load => Op::LoadDeref,
            ExprContext::Store => Op::StoreDeref,
            ExprContext::Del => Op::DeleteDeref,
        };
        self.op_arg(op, arg, loc);
    }

    fn global(&mut self, name: Name, ctx: ExprContext, implicit: bool, loc: Location) {
        let arg = self.name_index(name);
        match ctx {
            ExprContext::Load if implicit && self.u.can_see_class_scope => {
                self.load_classdict(loc);
                self.op_arg(Op::LoadFromDictOrGlobals, arg, loc);
            }
            ExprContext::Load => self.op_arg(Op::LoadGlobal, arg << 1, loc),
            ExprContext::Store => self.op_arg(Op::StoreGlobal, arg, loc),
            ExprContext::Del => self.op_arg(Op::DeleteGlobal, arg, loc),
        }
    }

    fn load_classdict(&mut self, loc: Location) {
        let arg = self.free_index(known::DUNDER_CLASSDICT);
        self.op_arg(Op::LoadDeref, arg, loc);
    }

    /// Refuses to bind or delete `__debug__` (`forbidden_name`).
    pub(super) fn check_debug(&self, name: Name, ctx: ExprContext, loc: Location) -> Fallible {
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator if name == known::DUNDER_DEBUG => match ctx {
                ExprContext::Load => Ok(()),
                ExprContext::Store => self.error(loc, "cannot assign to __debug__"),
                ExprContext::Del => self.error(loc, "cannot delete __debug__"),
            },
            ContextChecks::CodeGenerator | ContextChecks::SymbolTable => Ok(()),
        }
    }
}
