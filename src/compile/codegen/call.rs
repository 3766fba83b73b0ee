//! Calls: of methods, of `super()`'s methods, with keywords and unpacking, and 3.14's loops for `all`, `any`
//! and `tuple` of a generator expression.

use super::Codegen;
use super::display::TUPLE;
use super::emit::AttributeLoad;
use super::errors::Fallible;
use super::numbers::{STACK_USE_GUIDELINE, common, intrinsic_1};
use crate::compile::ir::Label;
use crate::compile::recipe::{
    CallExKeywords, ConstKeyMaps, GenexpCalls, IteratorSlots, KeywordCalls, MethodLoads,
};
use crate::compile::symtable::{SymbolFlags, VarScope};
use crate::source::Location;
use crate::syntax::ast::{Call, CmpOp, Expr, ExprContext, ExprKind, Keyword};
use crate::target::Op;
use crate::value::{Name, known};

/// What the loop in the place of a builtin's call makes.
#[derive(Clone, Copy)]
enum LoopResult {
    /// A truth value.
    Truth {
        /// That of an empty iterable.
        empty: bool,
        /// The jump to the next item.
        go_on: Op,
    },
    Tuple,
    List,
    Set,
}

fn is_starred(expr: &Expr<'_>) -> bool {
    matches!(expr.kind, ExprKind::Starred { .. })
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    #[inline(never)]
    pub(super) fn call(&mut self, call: &'t Call<'a>, loc: Location) -> Fallible {
        self.validate_keywords(call.keywords)?;
        if self.method_call(call, loc)? {
            return Ok(());
        }
        self.check_caller(call.func);
        self.null_beneath(call.func.loc);
        self.expr(call.func)?;
        let end = match self.recipe.genexp_calls {
            GenexpCalls::Plain => None,
            GenexpCalls::LoopAlways | GenexpCalls::LoopIfSync | GenexpCalls::LoopIfSyncForDisplays => {
                self.genexp_loop(call)?
            }
        };
        self.null_above(call.func.loc);
        self.call_arguments(0, call.args, None, call.keywords, loc)?;
        if let Some(end) = end {
            self.use_label(end);
        }
        Ok(())
    }

    /// A call of an attribute without unpacking and with few arguments; `false` where the call is none.
    fn method_call(&mut self, call: &'t Call<'a>, loc: Location) -> Fallible<bool> {
        let ExprKind::Attribute { value, attr, ctx: ExprContext::Load } = &call.func.kind else {
            return Ok(false);
        };
        if self.is_imported(value)
            || call.args.len() + call.keywords.len() + usize::from(!call.keywords.is_empty())
                >= STACK_USE_GUIDELINE
            || call.args.iter().any(is_starred)
            || call.keywords.iter().any(|keyword| keyword.arg.is_none())
        {
            return Ok(false);
        }
        let mut at = call.func.loc;
        if let Some(parent) = self.optimizable_super(value, *attr) {
            self.super_arguments(parent, value.loc)?;
            let load = if parent.args.is_empty() {
                AttributeLoad::ZeroSuperMethod
            } else {
                AttributeLoad::SuperMethod
            };
            self.load_attribute(load, *attr, at);
            at = self.attribute_location(at, call.func.loc, *attr);
            self.op(Op::Nop, at);
        } else {
            self.expr(value)?;
            at = self.attribute_location(at, call.func.loc, *attr);
            self.load_attribute(AttributeLoad::Method, *attr, at);
        }
        self.exprs(call.args)?;
        let call_at = self.attribute_location(loc, call.func.loc, *attr);
        if call.keywords.is_empty() {
            self.call_op((call.args.len()) as u32, call_at);
        } else {
            self.keyword_values(call.keywords)?;
            self.call_keywords(call.args.len(), call.keywords, at, call_at);
        }
        Ok(true)
    }

    /// Is it a name that the module imports? Those are mostly modules, whose attributes are no methods.
    fn is_imported(&self, value: &Expr<'a>) -> bool {
        match value.kind {
            ExprKind::Name { id, .. } => self.scratch.module_flags(id).has(SymbolFlags::IMPORT),
            _ => false,
        }
    }

    /// The call of `super` that `value` is, where `LOAD_SUPER_ATTR` can take its place before `.attr`.
    pub(super) fn optimizable_super(&self, value: &'t Expr<'a>, attr: Name) -> Option<&'t Call<'a>> {
        let ExprKind::Call(call) = &value.kind else { return None };
        if self.recipe.method_loads == MethodLoads::OwnOp {
            return None;
        }
        if !matches!(call.func.kind, ExprKind::Name { id: known::SUPER, .. })
            || attr == known::DUNDER_CLASS
            || !call.keywords.is_empty()
            || self.var_scope(known::SUPER) != VarScope::GlobalImplicit
            || self.scratch.super_at_module
        {
            return None;
        }
        let good = match &*call.args {
            [] => {
                (self.u.meta.argcount > 0 || self.u.meta.posonlyargcount > 0)
                    && self.var_scope(known::DUNDER_CLASS) == VarScope::Free
            }
            [first, second] => !is_starred(first) && !is_starred(second),
            _ => false,
        };
        good.then_some(call)
    }

    /// `super`, its class and its object.
    pub(super) fn super_arguments(&mut self, call: &'t Call<'a>, loc: Location) -> Fallible {
        self.load_name(known::SUPER, call.func.loc)?;
        if !call.args.is_empty() {
            return self.exprs(call.args);
        }
        self.load_name(known::DUNDER_CLASS, loc)?;
        match self.u.meta.varnames.first() {
            Some(&first) => self.load_name(first, loc),
            None => Ok(()),
        }
    }

    #[inline(always)]
    fn validate_keywords(&self, keywords: &[Keyword<'a>]) -> Fallible {
        if keywords.is_empty() { Ok(()) } else { self.validate_some_keywords(keywords) }
    }

    fn validate_some_keywords(&self, keywords: &[Keyword<'a>]) -> Fallible {
        for (index, keyword) in keywords.iter().enumerate() {
            let Some(name) = keyword.arg else { continue };
            self.check_debug(name, ExprContext::Store, keyword.loc)?;
            if let Some(other) = keywords[index + 1..].iter().find(|other| other.arg == Some(name)) {
                let name = self.names.get(name);
                return self.error(other.loc, format!("keyword argument repeated: {name}"));
            }
        }
        Ok(())
    }

    fn keyword_values(&mut self, keywords: &'t [Keyword<'a>]) -> Fallible {
        for keyword in keywords {
            self.expr(keyword.value)?;
        }
        Ok(())
    }

    /// Calls with `count` positional arguments and keywords, whose values are on the stack.
    fn call_keywords(&mut self, count: usize, keywords: &[Keyword<'a>], names_at: Location, loc: Location) {
        let count = count + keywords.len();
        match self.recipe.keyword_calls {
            KeywordCalls::OwnOp => {
                self.load_keyword_names(keywords, names_at);
                self.op_count(Op::CallKw, count, loc);
            }
            KeywordCalls::NamesBefore => {
                let names = keywords.iter().filter_map(|keyword| keyword.arg);
                let names = self.consts.names(names, self.names);
                let arg = self.const_index(names);
                self.op_arg(Op::KwNames, arg, names_at);
                self.call_op((count) as u32, loc);
            }
        }
    }

    fn load_keyword_names(&mut self, keywords: &[Keyword<'a>], loc: Location) {
        self.load_names_const(keywords.iter().filter_map(|keyword| keyword.arg), loc);
    }

    /// The arguments after the `pushed` ones on the stack, and the call (`codegen_call_helper`).
    pub(super) fn call_arguments(
        &mut self,
        pushed: u32,
        args: &'t [Expr<'a>],
        injected: Option<Name>,
        keywords: &'t [Keyword<'a>],
        loc: Location,
    ) -> Fallible {
        self.validate_keywords(keywords)?;
        // What is injected counts in 3.13 only, where it is an argument like the others.
        let injected_counts = match self.recipe.call_ex_keywords {
            CallExKeywords::Flag => usize::from(injected.is_some()),
            CallExKeywords::NullOnStack => 0,
        };
        if args.len() + injected_counts + keywords.len() * 2 > STACK_USE_GUIDELINE
            || args.iter().any(is_starred)
            || keywords.iter().any(|keyword| keyword.arg.is_none())
        {
            return self.call_ex(pushed, args, injected, keywords, loc);
        }
        self.exprs(args)?;
        let mut count = pushed as usize + args.len();
        if let Some(name) = injected {
            self.load_name(name, loc)?;
            count += 1;
        }
        if keywords.is_empty() {
            self.call_op((count) as u32, loc);
        } else {
            self.keyword_values(keywords)?;
            self.call_keywords(count, keywords, loc, loc);
        }
        Ok(())
    }

    /// A call with a tuple of arguments and a dict of keywords.
    fn call_ex(
        &mut self,
        pushed: u32,
        args: &'t [Expr<'a>],
        injected: Option<Name>,
        keywords: &'t [Keyword<'a>],
        loc: Location,
    ) -> Fallible {
        match args {
            [Expr { kind: ExprKind::Starred { value, .. }, .. }] if pushed == 0 => self.expr(value)?,
            _ => self.display(args, injected, pushed, TUPLE, loc)?,
        }
        if !keywords.is_empty() {
            self.keyword_dict(keywords, loc)?;
        }
        match self.recipe.call_ex_keywords {
            CallExKeywords::Flag => {
                self.op_arg(Op::CallFunctionEx, u32::from(!keywords.is_empty()), loc);
            }
            CallExKeywords::NullOnStack => {
                if keywords.is_empty() {
                    self.op(Op::PushNull, loc);
                }
                self.op(Op::CallFunctionEx, loc);
            }
        }
        Ok(())
    }

    fn keyword_dict(&mut self, keywords: &'t [Keyword<'a>], loc: Location) -> Fallible {
        let mut have_dict = false;
        // How many keywords before `index` wait for being put into a dict.
        let mut waiting = 0;
        for (index, keyword) in keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                waiting += 1;
                continue;
            }
            if waiting > 0 {
                self.named_keywords(&keywords[index - waiting..index], loc)?;
                if have_dict {
                    self.op_arg(Op::DictMerge, 1, loc);
                }
                have_dict = true;
                waiting = 0;
            }
            if !have_dict {
                self.op_arg(Op::BuildMap, 0, loc);
                have_dict = true;
            }
            self.expr(keyword.value)?;
            self.op_arg(Op::DictMerge, 1, loc);
        }
        if waiting > 0 {
            self.named_keywords(&keywords[keywords.len() - waiting..], loc)?;
            if have_dict {
                self.op_arg(Op::DictMerge, 1, loc);
            }
        }
        Ok(())
    }

    /// A dict of keywords that all have names.
    fn named_keywords(&mut self, keywords: &'t [Keyword<'a>], loc: Location) -> Fallible {
        let big = keywords.len() * 2 > STACK_USE_GUIDELINE;
        let key_tuple = match self.recipe.const_key_maps {
            ConstKeyMaps::KeyTuple => keywords.len() > 1 && !big,
            ConstKeyMaps::Interleaved => false,
        };
        if key_tuple {
            self.keyword_values(keywords)?;
            self.load_keyword_names(keywords, loc);
            self.op_count(Op::BuildConstKeyMap, keywords.len(), loc);
            return Ok(());
        }
        if big {
            self.op_arg(Op::BuildMap, 0, Location::NONE);
        }
        for keyword in keywords {
            if let Some(name) = keyword.arg {
                self.load_name_const(name, loc);
            }
            self.expr(keyword.value)?;
            if big {
                self.op_arg(Op::MapAdd, 1, Location::NONE);
            }
        }
        if !big {
            self.op_count(Op::BuildMap, keywords.len(), loc);
        }
        Ok(())
    }

    /// `all`, `any` or `tuple` (if it is the builtin at run time) of a generator expression as a loop. The
    /// function is on the stack; a label after the plain call that follows is returned.
    fn genexp_loop(&mut self, call: &'t Call<'a>) -> Fallible<Option<Label>> {
        let ExprKind::Name { id, .. } = call.func.kind else { return Ok(None) };
        let [generator] = &*call.args else { return Ok(None) };
        let ExprKind::GeneratorExp(genexp) = &generator.kind else { return Ok(None) };
        if !call.keywords.is_empty() {
            return Ok(None);
        }
        let async_too = match self.recipe.genexp_calls {
            GenexpCalls::LoopAlways => true,
            GenexpCalls::LoopIfSync | GenexpCalls::LoopIfSyncForDisplays | GenexpCalls::Plain => false,
        };
        if !async_too && self.symbols.scope(genexp.scope).coroutine {
            return Ok(None);
        }
        let displays = self.recipe.genexp_calls == GenexpCalls::LoopIfSyncForDisplays;
        // The builtin and what its loop does.
        let (builtin, made) = match id {
            known::ALL => (common::ALL, LoopResult::Truth { empty: true, go_on: Op::PopJumpIfTrue }),
            known::ANY => (common::ANY, LoopResult::Truth { empty: false, go_on: Op::PopJumpIfFalse }),
            known::TUPLE => (common::TUPLE, LoopResult::Tuple),
            known::LIST if displays => (common::LIST, LoopResult::List),
            known::SET if displays => (common::SET, LoopResult::Set),
            _ => return Ok(None),
        };
        let loc = call.func.loc;
        let end = self.new_label();
        let skip = self.new_label();
        self.op_arg(Op::Copy, 1, loc);
        self.op_arg(Op::LoadCommonConstant, builtin, loc);
        self.op_compare(CmpOp::Is, loc);
        self.jump(Op::PopJumpIfFalse, skip, loc);
        self.op(Op::PopTop, loc);
        match made {
            LoopResult::Truth { .. } => {}
            LoopResult::Tuple | LoopResult::List => self.op_arg(Op::BuildList, 0, loc),
            LoopResult::Set => self.op_arg(Op::BuildSet, 0, loc),
        }
        self.expr(generator)?;
        let depth = match self.recipe.iterator_slots {
            IteratorSlots::One => 1,
            IteratorSlots::Two => {
                // A generator needs no index.
                self.op(Op::PushNull, loc);
                2
            }
        };
        let start = self.new_label();
        let cleanup = self.new_label();
        self.use_label(start);
        self.jump(Op::ForIter, cleanup, loc);
        match made {
            LoopResult::Truth { go_on, .. } => {
                self.to_bool(loc);
                self.jump(go_on, start, loc);
            }
            LoopResult::Tuple | LoopResult::List => {
                self.op_arg(Op::ListAppend, depth + 1, loc);
                self.jump(Op::Jump, start, loc);
            }
            LoopResult::Set => {
                self.op_arg(Op::SetAdd, depth + 1, loc);
                self.jump(Op::Jump, start, loc);
            }
        }
        self.pop_iterator();
        if let LoopResult::Truth { empty, .. } = made {
            self.load_bool(!empty, loc);
        }
        self.jump(Op::Jump, end, loc);
        self.use_label(cleanup);
        self.end_for();
        match made {
            LoopResult::Truth { empty, .. } => self.load_bool(empty, loc),
            LoopResult::Tuple => self.intrinsic_1(intrinsic_1::LIST_TO_TUPLE, loc),
            LoopResult::List | LoopResult::Set => {}
        }
        self.jump(Op::Jump, end, loc);
        self.use_label(skip);
        Ok(Some(end))
    }
}
