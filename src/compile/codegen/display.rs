//! Lists, tuples, sets, dicts; unpacking assignments.

use super::Codegen;
use super::errors::Fallible;
use super::numbers::{STACK_USE_GUIDELINE, intrinsic_1};
use crate::compile::recipe::{ConstDisplays, ConstKeyMaps};
use crate::source::Location;
use crate::syntax::ast::{Const, Dict, Expr, ExprContext, ExprKind};
use crate::target::Op;
use crate::value::Name;

/// The instructions that build a container bit by bit.
#[derive(Clone, Copy)]
pub(super) struct Builder {
    build: Op,
    add: Op,
    extend: Op,
    /// The list is to become a tuple.
    tuple: bool,
}

const LIST: Builder =
    Builder { build: Op::BuildList, add: Op::ListAppend, extend: Op::ListExtend, tuple: false };
const SET: Builder = Builder { build: Op::BuildSet, add: Op::SetAdd, extend: Op::SetUpdate, tuple: false };
/// Tuples are built as lists where they cannot be built at once.
pub(super) const TUPLE: Builder =
    Builder { build: Op::BuildList, add: Op::ListAppend, extend: Op::ListExtend, tuple: true };

/// The value of a constant expression.
fn constant<'e, 'a>(expr: &'e Expr<'a>) -> Option<&'e Const<'a>> {
    match &expr.kind {
        ExprKind::Constant { value, .. } => Some(value),
        _ => None,
    }
}

fn is_starred(expr: &Expr<'_>) -> bool {
    matches!(expr.kind, ExprKind::Starred { .. })
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn list(&mut self, elts: &'t [Expr<'a>], ctx: ExprContext, loc: Location) -> Fallible {
        match ctx {
            ExprContext::Load => self.display(elts, None, 0, LIST, loc),
            ExprContext::Store => self.unpack(elts, loc),
            ExprContext::Del => self.exprs(elts),
        }
    }

    #[inline(never)]
    pub(super) fn tuple(&mut self, elts: &'t [Expr<'a>], ctx: ExprContext, loc: Location) -> Fallible {
        match ctx {
            ExprContext::Load => self.display(elts, None, 0, TUPLE, loc),
            ExprContext::Store => self.unpack(elts, loc),
            ExprContext::Del => self.exprs(elts),
        }
    }

    pub(super) fn set(&mut self, elts: &'t [Expr<'a>], loc: Location) -> Fallible {
        self.display(elts, None, 0, SET, loc)
    }

    /// A container of the `pushed` values on the stack, `elts`, and the variable `injected`
    /// (`starunpack_helper`).
    pub(super) fn display(
        &mut self,
        elts: &'t [Expr<'a>],
        injected: Option<Name>,
        pushed: u32,
        builder: Builder,
        loc: Location,
    ) -> Fallible {
        match self.recipe.const_displays {
            ConstDisplays::InCodegen
                if elts.len() > 2 && injected.is_none() && elts.iter().all(|elt| constant(elt).is_some()) =>
            {
                self.const_display(elts, pushed, builder, loc);
                return Ok(());
            }
            ConstDisplays::InCodegen | ConstDisplays::InGraph => {}
        }
        let total = elts.len() + pushed as usize + usize::from(injected.is_some());
        let big = total > STACK_USE_GUIDELINE;
        if !big && !elts.iter().any(is_starred) {
            self.exprs(elts)?;
            if let Some(name) = injected {
                self.load_name(name, loc)?;
            }
            let build = if builder.tuple { Op::BuildTuple } else { builder.build };
            self.op_count(build, total, loc);
            return Ok(());
        }
        let mut built = big;
        if big {
            self.op_arg(builder.build, pushed, loc);
        }
        for (index, elt) in elts.iter().enumerate() {
            if let ExprKind::Starred { value, .. } = &elt.kind {
                if !built {
                    self.op_arg(builder.build, index as u32 + pushed, loc);
                    built = true;
                }
                self.expr(value)?;
                self.op_arg(builder.extend, 1, loc);
            } else {
                self.expr(elt)?;
                if built {
                    self.op_arg(builder.add, 1, loc);
                }
            }
        }
        if let Some(name) = injected {
            self.load_name(name, loc)?;
            self.op_arg(builder.add, 1, loc);
        }
        if builder.tuple {
            self.intrinsic_1(intrinsic_1::LIST_TO_TUPLE, loc);
        }
        Ok(())
    }

    /// A display of constants only, from one constant.
    fn const_display(&mut self, elts: &'t [Expr<'a>], pushed: u32, builder: Builder, loc: Location) {
        let values = elts.iter().filter_map(constant);
        if builder.tuple && pushed == 0 {
            let id = self.values_tuple(values);
            self.load_const(id, loc);
            return;
        }
        let id =
            if builder.add == Op::SetAdd { self.values_frozenset(values) } else { self.values_tuple(values) };
        self.op_arg(builder.build, pushed, loc);
        self.load_const(id, loc);
        self.op_arg(builder.extend, 1, loc);
        if builder.tuple {
            self.intrinsic_1(intrinsic_1::LIST_TO_TUPLE, loc);
        }
    }

    /// Assigns to the elements what is on the stack.
    fn unpack(&mut self, elts: &'t [Expr<'a>], loc: Location) -> Fallible {
        let mut seen_star = false;
        for (index, elt) in elts.iter().enumerate() {
            if !is_starred(elt) {
                continue;
            }
            if seen_star {
                return self.error(loc, "multiple starred expressions in assignment");
            }
            let Some(arg) = unpack_ex(index, elts.len()) else {
                return self.error(loc, "too many expressions in star-unpacking assignment");
            };
            self.op_arg(Op::UnpackEx, arg, loc);
            seen_star = true;
        }
        if !seen_star {
            self.op_count(Op::UnpackSequence, elts.len(), loc);
        }
        for elt in elts {
            match &elt.kind {
                ExprKind::Starred { value, .. } => self.expr(value)?,
                _ => self.expr(elt)?,
            }
        }
        Ok(())
    }

    pub(super) fn dict(&mut self, node: &'t Dict<'a>, loc: Location) -> Fallible {
        let mut have_dict = false;
        // How many items before `index` wait for being built.
        let mut waiting = 0;
        for (index, key) in node.keys.iter().enumerate() {
            if key.is_none() {
                if waiting > 0 {
                    self.sub_dict(node, index - waiting, index, &mut have_dict, loc)?;
                    waiting = 0;
                }
                if !have_dict {
                    self.op_arg(Op::BuildMap, 0, loc);
                    have_dict = true;
                }
                self.expr(&node.values[index])?;
                self.op_arg(Op::DictUpdate, 1, loc);
            } else if waiting * 2 > STACK_USE_GUIDELINE {
                self.sub_dict(node, index - waiting, index + 1, &mut have_dict, loc)?;
                waiting = 0;
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 {
            let end = node.keys.len();
            self.sub_dict(node, end - waiting, end, &mut have_dict, loc)?;
        }
        if !have_dict {
            self.op_arg(Op::BuildMap, 0, loc);
        }
        Ok(())
    }

    /// The items `begin..end` as a dict, added to the one that is there, if one is.
    fn sub_dict(
        &mut self,
        node: &'t Dict<'a>,
        begin: usize,
        end: usize,
        have_dict: &mut bool,
        loc: Location,
    ) -> Fallible {
        let keys = &node.keys[begin..end];
        let values = &node.values[begin..end];
        let big = keys.len() * 2 > STACK_USE_GUIDELINE;
        let key_tuple = match self.recipe.const_key_maps {
            ConstKeyMaps::KeyTuple => {
                keys.len() > 1 && !big && keys.iter().flatten().all(|key| constant(key).is_some())
            }
            ConstKeyMaps::Interleaved => false,
        };
        if key_tuple {
            self.exprs(values)?;
            let id = self.values_tuple(keys.iter().flatten().filter_map(|key| constant(key)));
            self.load_const(id, loc);
            self.op_count(Op::BuildConstKeyMap, keys.len(), loc);
        } else {
            if big {
                self.op_arg(Op::BuildMap, 0, loc);
            }
            for (key, value) in keys.iter().flatten().zip(values) {
                self.expr(key)?;
                self.expr(value)?;
                if big {
                    self.op_arg(Op::MapAdd, 1, loc);
                }
            }
            if !big {
                self.op_count(Op::BuildMap, keys.len(), loc);
            }
        }
        if *have_dict {
            self.op_arg(Op::DictUpdate, 1, loc);
        }
        *have_dict = true;
        Ok(())
    }
}

/// `UNPACK_EX`'s argument for a starred target at `index` of `count`: how many are before it, and above
/// bit 8 how many after it. `None` where that does not fit.
pub(super) fn unpack_ex(index: usize, count: usize) -> Option<u32> {
    let after = count - index - 1;
    (index < 1 << 8 && after < i32::MAX as usize >> 8).then_some((index | after << 8) as u32)
}
