//! Subscripts and slices.

use super::Codegen;
use super::errors::Fallible;
use crate::compile::recipe::ConstSlices;
use crate::source::Location;
use crate::syntax::ast::{Const, Expr, ExprContext, ExprKind, Ref, Slice};
use crate::target::Op;

/// The value of a part of a slice, where it is known: an absent part is `None`.
fn part<'s, 'a>(part: &'s Option<Ref<'a, Expr<'a>>>) -> Option<&'s Const<'a>> {
    match part {
        None => Some(&Const::None),
        Some(Expr { kind: ExprKind::Constant { value, .. }, .. }) => Some(value),
        Some(_) => None,
    }
}

fn constant_parts<'s, 'a>(slice: &'s Slice<'a>) -> Option<[&'s Const<'a>; 3]> {
    Some([part(&slice.lower)?, part(&slice.upper)?, part(&slice.step)?])
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    #[inline(never)]
    pub(super) fn subscript(
        &mut self,
        value: &'t Expr<'a>,
        index: &'t Expr<'a>,
        ctx: ExprContext,
        loc: Location,
    ) -> Fallible {
        if ctx == ExprContext::Load {
            self.check_subscripter(value);
            self.check_index(value, index);
        }
        self.expr(value)?;
        if ctx != ExprContext::Del
            && let Some(parts) = self.two_part_slice(index)
        {
            self.slice_bounds(parts, index.loc)?;
            let op = if ctx == ExprContext::Load { Op::BinarySlice } else { Op::StoreSlice };
            self.op(op, loc);
            return Ok(());
        }
        self.expr(index)?;
        match ctx {
            ExprContext::Load => self.load_item(loc),
            ExprContext::Store => self.op(Op::StoreSubscr, loc),
            ExprContext::Del => self.op(Op::DeleteSubscr, loc),
        }
        Ok(())
    }

    /// The slice, where `BINARY_SLICE` and `STORE_SLICE` take its bounds.
    pub(super) fn two_part_slice(&self, index: &'t Expr<'a>) -> Option<&'t Slice<'a>> {
        let ExprKind::Slice(slice) = &index.kind else { return None };
        let constant = match self.recipe.const_slices {
            ConstSlices::Always => return None,
            ConstSlices::Built => false,
            ConstSlices::Constant => constant_parts(slice).is_some(),
        };
        (slice.step.is_none() && !constant).then_some(slice)
    }

    /// Lower and upper bound, `None` for what is absent.
    pub(super) fn slice_bounds(&mut self, slice: &'t Slice<'a>, loc: Location) -> Fallible {
        for bound in [&slice.lower, &slice.upper] {
            match bound {
                Some(bound) => self.expr(bound)?,
                None => self.load_none(loc),
            }
        }
        Ok(())
    }

    pub(super) fn slice(&mut self, slice: &'t Slice<'a>, loc: Location) -> Fallible {
        match self.recipe.const_slices {
            ConstSlices::Constant => {
                if let Some(parts) = constant_parts(slice) {
                    let id = self.consts.slice(parts);
                    self.load_const(id, loc);
                    return Ok(());
                }
            }
            ConstSlices::Always | ConstSlices::Built => {}
        }
        self.slice_bounds(slice, loc)?;
        let mut count = 2;
        if let Some(step) = &slice.step {
            self.expr(step)?;
            count += 1;
        }
        self.op_arg(Op::BuildSlice, count, loc);
        Ok(())
    }
}
