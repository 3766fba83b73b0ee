//! Lists, tuples, sets, dicts; unpacking assignments; subscripts and slices.

use super::Lowering;
use crate::compile::codegen::display::unpack_ex;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::numbers::STACK_USE_GUIDELINE;
use crate::compile::recipe::block_stack::{ConstDisplays, ErrorWording, Slices, Unpackings};
use crate::syntax::ast::{Const, Dict, Expr, ExprContext, ExprKind, Slice};
use crate::target::Op;

/// The instructions that build a container.
#[derive(Clone, Copy)]
pub(super) struct Builder {
    /// 3.8: from the values on the stack, and from several iterables on the stack.
    whole: Op,
    part: Op,
    join: Op,
    /// 3.9 and later: begins, adds an item, adds an iterable's items.
    build: Op,
    add: Op,
    extend: Op,
    /// A list that is to become a tuple.
    tuple: bool,
}

const LIST: Builder = Builder {
    whole: Op::BuildList,
    part: Op::BuildTuple,
    join: Op::BuildListUnpack,
    build: Op::BuildList,
    add: Op::ListAppend,
    extend: Op::ListExtend,
    tuple: false,
};
const SET: Builder = Builder {
    whole: Op::BuildSet,
    part: Op::BuildSet,
    join: Op::BuildSetUnpack,
    build: Op::BuildSet,
    add: Op::SetAdd,
    extend: Op::SetUpdate,
    tuple: false,
};
pub(super) const TUPLE: Builder =
    Builder { whole: Op::BuildTuple, join: Op::BuildTupleUnpack, tuple: true, ..LIST };

/// The largest part of a dict that is built at once (3.8, 3.9).
const DICT_PART: usize = 0xFFFF;

fn constant<'e, 'a>(expr: &'e Expr<'a>) -> Option<&'e Const<'a>> {
    match &expr.kind {
        ExprKind::Constant { value, .. } => Some(value),
        _ => None,
    }
}

pub(super) fn is_starred(expr: &Expr<'_>) -> bool {
    matches!(expr.kind, ExprKind::Starred { .. })
}

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn list(&mut self, elts: &'t [Expr<'a>], ctx: ExprContext) -> Fallible {
        match ctx {
            ExprContext::Load => self.display(elts, 0, LIST),
            ExprContext::Store => self.unpack(elts),
            ExprContext::Del => self.exprs(elts),
        }
    }

    pub(super) fn tuple(&mut self, elts: &'t [Expr<'a>], ctx: ExprContext) -> Fallible {
        match ctx {
            ExprContext::Load => self.display(elts, 0, TUPLE),
            ExprContext::Store => self.unpack(elts),
            ExprContext::Del => self.exprs(elts),
        }
    }

    pub(super) fn set(&mut self, elts: &'t [Expr<'a>]) -> Fallible {
        self.display(elts, 0, SET)
    }

    /// A container of the `pushed` values on the stack and of `elts` (`starunpack_helper`).
    pub(super) fn display(&mut self, elts: &'t [Expr<'a>], pushed: u32, builder: Builder) -> Fallible {
        let constant = match self.recipe.const_displays {
            ConstDisplays::Items => false,
            ConstDisplays::OneConstant => elts.len() > 2 && elts.iter().all(|elt| constant(elt).is_some()),
        };
        if constant {
            self.const_display(elts, pushed, builder);
            return Ok(());
        }
        let total = elts.len() + pushed as usize;
        match self.recipe.unpackings {
            Unpackings::Joined => self.joined_display(elts, 0, builder).map(|_| ()),
            Unpackings::Extended => self.extended_display(elts, pushed, builder, false),
            Unpackings::ExtendedIfLong => {
                self.extended_display(elts, pushed, builder, total > STACK_USE_GUIDELINE)
            }
        }
    }

    /// 3.8: runs of plain elements become tuples, which are joined with what is unpacked.
    pub(super) fn joined_display(
        &mut self,
        elts: &'t [Expr<'a>],
        pushed: usize,
        builder: Builder,
    ) -> Fallible {
        let (mut parts, mut waiting) = (0, pushed);
        for elt in elts {
            let ExprKind::Starred { value, .. } = &elt.kind else {
                self.expr(elt)?;
                waiting += 1;
                continue;
            };
            if waiting > 0 {
                self.op_count(builder.part, waiting);
                waiting = 0;
                parts += 1;
            }
            self.expr(value)?;
            parts += 1;
        }
        if parts == 0 {
            self.op_count(builder.whole, waiting);
            return Ok(());
        }
        if waiting > 0 {
            self.op_count(builder.part, waiting);
            parts += 1;
        }
        self.op_count(builder.join, parts);
        Ok(())
    }

    fn extended_display(
        &mut self,
        elts: &'t [Expr<'a>],
        pushed: u32,
        builder: Builder,
        long: bool,
    ) -> Fallible {
        if !long && !elts.iter().any(is_starred) {
            self.exprs(elts)?;
            let build = if builder.tuple { Op::BuildTuple } else { builder.build };
            self.op_count(build, elts.len() + pushed as usize);
            return Ok(());
        }
        let mut built = long;
        if long {
            self.op_arg(builder.build, pushed);
        }
        for (index, elt) in elts.iter().enumerate() {
            if let ExprKind::Starred { value, .. } = &elt.kind {
                if !built {
                    self.op_arg(builder.build, index as u32 + pushed);
                    built = true;
                }
                self.expr(value)?;
                self.op_arg(builder.extend, 1);
            } else {
                self.expr(elt)?;
                if built {
                    self.op_arg(builder.add, 1);
                }
            }
        }
        if builder.tuple {
            self.op(Op::ListToTuple);
        }
        Ok(())
    }

    /// A display of constants only, from one constant.
    fn const_display(&mut self, elts: &'t [Expr<'a>], pushed: u32, builder: Builder) {
        if self.muted > 0 {
            return;
        }
        let values = elts.iter().filter_map(constant);
        let frozen = builder.add == Op::SetAdd;
        let id = if frozen { self.g.values_frozenset(values) } else { self.g.values_tuple(values) };
        if builder.tuple {
            // What is on the stack for it already is forgotten, as by CPython.
            self.load_const(id);
            return;
        }
        self.op_arg(builder.build, pushed);
        self.load_const(id);
        self.op_arg(builder.extend, 1);
    }

    /// Assigns to the elements what is on the stack.
    fn unpack(&mut self, elts: &'t [Expr<'a>]) -> Fallible {
        let mut seen_star = false;
        for (index, elt) in elts.iter().enumerate() {
            if !is_starred(elt) {
                continue;
            }
            if seen_star {
                return self.error(match self.recipe.error_wording {
                    ErrorWording::First => "two starred expressions in assignment",
                    ErrorWording::Later => "multiple starred expressions in assignment",
                });
            }
            let Some(arg) = unpack_ex(index, elts.len()) else {
                return self.error("too many expressions in star-unpacking assignment");
            };
            self.op_arg(Op::UnpackEx, arg);
            seen_star = true;
        }
        if !seen_star {
            self.op_count(Op::UnpackSequence, elts.len());
        }
        for elt in elts {
            match &elt.kind {
                ExprKind::Starred { value, .. } => self.expr(value)?,
                _ => self.expr(elt)?,
            }
        }
        Ok(())
    }

    pub(super) fn dict(&mut self, node: &'t Dict<'a>) -> Fallible {
        match self.recipe.unpackings {
            Unpackings::Joined => self.joined_dict(node),
            Unpackings::Extended => self.extended_dict(node, false),
            Unpackings::ExtendedIfLong => self.extended_dict(node, true),
        }
    }

    fn joined_dict(&mut self, node: &'t Dict<'a>) -> Fallible {
        let (mut parts, mut waiting) = (0, 0);
        let mut is_unpacking = false;
        for (index, key) in node.keys.iter().enumerate() {
            is_unpacking = key.is_none();
            if waiting == DICT_PART || waiting > 0 && is_unpacking {
                self.sub_dict(node, index - waiting, index, false)?;
                parts += 1;
                waiting = 0;
            }
            if is_unpacking {
                self.expr(&node.values[index])?;
                parts += 1;
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 || parts == 0 {
            let end = node.keys.len();
            self.sub_dict(node, end - waiting, end, false)?;
            parts += 1;
        }
        if parts > 1 || is_unpacking {
            self.op_count(Op::BuildMapUnpack, parts);
        }
        Ok(())
    }

    fn extended_dict(&mut self, node: &'t Dict<'a>, in_steps: bool) -> Fallible {
        let mut have_dict = false;
        // How many items before `index` wait for being built.
        let mut waiting = 0;
        for (index, key) in node.keys.iter().enumerate() {
            let full = if in_steps { waiting * 2 > STACK_USE_GUIDELINE } else { waiting == DICT_PART };
            if key.is_none() {
                if waiting > 0 {
                    self.added_dict(node, index - waiting, index, in_steps, &mut have_dict)?;
                    waiting = 0;
                }
                if !have_dict {
                    self.op_arg(Op::BuildMap, 0);
                    have_dict = true;
                }
                self.expr(&node.values[index])?;
                self.op_arg(Op::DictUpdate, 1);
            } else if full {
                // 3.9 forgets the item at hand.
                let end = if in_steps { index + 1 } else { index };
                self.added_dict(node, index - waiting, end, in_steps, &mut have_dict)?;
                waiting = 0;
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 {
            let end = node.keys.len();
            self.added_dict(node, end - waiting, end, in_steps, &mut have_dict)?;
        }
        if !have_dict {
            self.op_arg(Op::BuildMap, 0);
        }
        Ok(())
    }

    /// The items `begin..end` as a dict, added to the one that is there, if one is.
    fn added_dict(
        &mut self,
        node: &'t Dict<'a>,
        begin: usize,
        end: usize,
        in_steps: bool,
        have_dict: &mut bool,
    ) -> Fallible {
        let long = in_steps && (end - begin) * 2 > STACK_USE_GUIDELINE;
        self.sub_dict(node, begin, end, long)?;
        if *have_dict {
            self.op_arg(Op::DictUpdate, 1);
        }
        *have_dict = true;
        Ok(())
    }

    fn sub_dict(&mut self, node: &'t Dict<'a>, begin: usize, end: usize, long: bool) -> Fallible {
        let keys = &node.keys[begin..end];
        let values = &node.values[begin..end];
        if keys.len() > 1 && !long && keys.iter().flatten().all(|key| constant(key).is_some()) {
            self.exprs(values)?;
            if self.muted == 0 {
                let id = self.g.values_tuple(keys.iter().flatten().filter_map(|key| constant(key)));
                self.load_const(id);
                self.op_count(Op::BuildConstKeyMap, keys.len());
            }
            return Ok(());
        }
        if long {
            self.op_arg(Op::BuildMap, 0);
        }
        for (key, value) in keys.iter().flatten().zip(values) {
            self.expr(key)?;
            self.expr(value)?;
            if long {
                self.op_arg(Op::MapAdd, 1);
            }
        }
        if !long {
            self.op_count(Op::BuildMap, keys.len());
        }
        Ok(())
    }

    pub(super) fn subscript(
        &mut self,
        value: &'t Expr<'a>,
        index: &'t Expr<'a>,
        ctx: ExprContext,
    ) -> Fallible {
        if ctx == ExprContext::Load {
            self.g.check_subscripter(value);
            self.g.check_index(value, index);
        }
        self.expr(value)?;
        self.index(index)?;
        self.op(match ctx {
            ExprContext::Load => Op::BinarySubscr,
            ExprContext::Store => Op::StoreSubscr,
            ExprContext::Del => Op::DeleteSubscr,
        });
        Ok(())
    }

    /// What is in the brackets.
    pub(super) fn index(&mut self, index: &'t Expr<'a>) -> Fallible {
        match (self.recipe.slices, &index.kind) {
            (Slices::Parts, ExprKind::Slice(slice)) => self.slice(slice),
            (Slices::Parts, ExprKind::Tuple { elts, .. })
                if elts.iter().any(|elt| matches!(elt.kind, ExprKind::Slice(_))) =>
            {
                for elt in elts.iter() {
                    match &elt.kind {
                        ExprKind::Slice(slice) => self.slice(slice)?,
                        _ => self.expr(elt)?,
                    }
                }
                self.op_count(Op::BuildTuple, elts.len());
                Ok(())
            }
            (Slices::Parts | Slices::Expressions, _) => self.expr(index),
        }
    }

    pub(super) fn slice(&mut self, slice: &'t Slice<'a>) -> Fallible {
        for bound in [&slice.lower, &slice.upper] {
            match bound {
                Some(bound) => self.expr(bound)?,
                None => self.load_none(),
            }
        }
        let mut count = 2;
        if let Some(step) = &slice.step {
            self.expr(step)?;
            count += 1;
        }
        self.op_arg(Op::BuildSlice, count);
        Ok(())
    }
}
