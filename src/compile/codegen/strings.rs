//! f-strings and t-strings.

use super::Codegen;
use super::emit::AttributeLoad;
use super::errors::Fallible;
use super::numbers::STACK_USE_GUIDELINE;
use crate::compile::recipe::{EmptyJoins, FormattedValues};
use crate::source::Location;
use crate::syntax::ast::{Expr, ExprKind, FormattedValue, Interpolation};
use crate::target::Op;
use crate::value::known;

/// Bit of `FORMAT_VALUE`'s argument: there is a format specifier. Below it is the number of a conversion.
const FORMAT_WITH_SPEC: u32 = 4;

/// `CONVERT_VALUE`'s number of a conversion: `!s`, `!r`, `!a`; `None` for no conversion.
fn conversion(code: i32) -> Option<u32> {
    match u8::try_from(code) {
        Ok(b's') => Some(1),
        Ok(b'r') => Some(2),
        Ok(b'a') => Some(3),
        _ => None,
    }
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn joined_str(&mut self, values: &'t [Expr<'a>], loc: Location) -> Fallible {
        if values.len() > STACK_USE_GUIDELINE {
            self.load_name_const(known::EMPTY, loc);
            self.load_attribute(AttributeLoad::Method, known::JOIN, loc);
            self.op_arg(Op::BuildList, 0, loc);
            for value in values {
                self.expr(value)?;
                self.op_arg(Op::ListAppend, 1, loc);
            }
            self.call_op(1, loc);
            return Ok(());
        }
        self.exprs(values)?;
        match values.len() {
            0 => match self.recipe.empty_joins {
                EmptyJoins::Built => self.op_arg(Op::BuildString, 0, loc),
                EmptyJoins::Constant => self.load_name_const(known::EMPTY, loc),
            },
            1 => {}
            count => self.op_count(Op::BuildString, count, loc),
        }
        Ok(())
    }

    pub(super) fn formatted_value(&mut self, node: &'t FormattedValue<'a>, loc: Location) -> Fallible {
        self.expr(node.value)?;
        let conversion = conversion(node.conversion);
        match self.recipe.formatted_values {
            FormattedValues::OneOp => {
                let mut arg = conversion.unwrap_or(0);
                if let Some(spec) = &node.format_spec {
                    self.expr(spec)?;
                    arg |= FORMAT_WITH_SPEC;
                }
                self.op_arg(Op::FormatValue, arg, loc);
                return Ok(());
            }
            FormattedValues::StepByStep => {}
        }
        if let Some(conversion) = conversion {
            self.op_arg(Op::ConvertValue, conversion, loc);
        }
        match &node.format_spec {
            Some(spec) => {
                self.expr(spec)?;
                self.op(Op::FormatWithSpec, loc);
            }
            None => self.op(Op::FormatSimple, loc),
        }
        Ok(())
    }

    /// A tuple of strings, one more than there are interpolations, and a tuple of these.
    pub(super) fn template_str(&mut self, values: &'t [Expr<'a>], loc: Location) -> Fallible {
        let mut string_due = true;
        let mut strings = 0;
        for value in values {
            if matches!(value.kind, ExprKind::Interpolation(_)) {
                if string_due {
                    self.load_name_const(known::EMPTY, loc);
                    strings += 1;
                }
                string_due = true;
            } else {
                self.expr(value)?;
                strings += 1;
                string_due = false;
            }
        }
        if string_due {
            self.load_name_const(known::EMPTY, loc);
            strings += 1;
        }
        self.op_count(Op::BuildTuple, strings, loc);
        let mut interpolations = 0;
        for value in values.iter().filter(|value| matches!(value.kind, ExprKind::Interpolation(_))) {
            self.expr(value)?;
            interpolations += 1;
        }
        self.op_count(Op::BuildTuple, interpolations, loc);
        self.op(Op::BuildTemplate, loc);
        Ok(())
    }

    pub(super) fn interpolation(&mut self, node: &'t Interpolation<'a>, loc: Location) -> Fallible {
        self.expr(node.value)?;
        self.load_str(node.str, loc);
        let mut arg = 2;
        if let Some(spec) = &node.format_spec {
            arg += 1;
            self.expr(spec)?;
        }
        arg |= conversion(node.conversion).unwrap_or(0) << 2;
        self.op_arg(Op::BuildInterpolation, arg, loc);
        Ok(())
    }
}
