//! `match` statements (PEP 634).
//!
//! Each pattern consumes its subject from the top of the stack and, where it does not match, jumps to a
//! label that pops what was still needed. Captures are kept on the stack beneath all that is in use, and
//! stored once the whole pattern has matched.

use super::Codegen;
use super::display::unpack_ex;
use super::errors::Fallible;
use super::numbers::binary;
use crate::compile::ir::Label;
use crate::compile::recipe::MatchedPop;
use crate::source::Location;
use crate::syntax::ast::{
    CmpOp, Const, Expr, ExprContext, ExprKind, Match, MatchCase, MatchClass, MatchMapping, Operator, Pattern,
    PatternKind,
};
use crate::target::Op;
use crate::value::{Name, repr};

/// State of one case, or of one alternative of an or-pattern.
#[derive(Default)]
pub(super) struct Context {
    /// Names captured so far, in the order of their values on the stack.
    pub(super) stores: Vec<Name>,
    /// May a pattern that always matches stand here?
    pub(super) irrefutable_allowed: bool,
    /// `fail_pop[n]` pops `n` values and goes on with the next case.
    pub(super) fail_pop: Vec<Label>,
    /// How many values on top of the stack must stay there.
    pub(super) on_top: usize,
}

pub(super) fn is_wildcard(pattern: &Pattern<'_>) -> bool {
    matches!(pattern.kind, PatternKind::MatchAs { name: None, .. })
}

pub(super) fn is_star_wildcard(pattern: &Pattern<'_>) -> bool {
    matches!(pattern.kind, PatternKind::MatchStar { name: None })
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn match_stmt(&mut self, stmt: &'t Match<'a>) -> Fallible {
        self.expr(stmt.subject)?;
        let end = self.new_label();
        let Some((last, others)) = stmt.cases.split_last() else { return Ok(()) };
        let has_default = is_wildcard(&last.pattern) && !others.is_empty();
        let tested = if has_default { others } else { &*stmt.cases };
        for (index, case) in tested.iter().enumerate() {
            let is_last_tested = index + 1 == tested.len();
            let irrefutable_allowed = case.guard.is_some() || index + 1 == stmt.cases.len();
            self.case(case, is_last_tested, irrefutable_allowed, end)?;
        }
        if has_default {
            // For coverage: the pattern itself needs no code.
            self.u.at = last.pattern.loc;
            self.op(Op::Nop, last.pattern.loc);
            if let Some(guard) = &last.guard {
                self.u.at = self.jump_if(guard, end, false, last.pattern.loc)?;
            }
            self.stmts(last.body)?;
        }
        self.use_label(end);
        Ok(())
    }

    fn case(
        &mut self,
        case: &'t MatchCase<'a>,
        is_last_tested: bool,
        irrefutable_allowed: bool,
        end: Label,
    ) -> Fallible {
        let loc = case.pattern.loc;
        if !is_last_tested {
            self.op_arg(Op::Copy, 1, loc);
        }
        let mut cx = Context { irrefutable_allowed, ..Context::default() };
        self.pattern(&case.pattern, &mut cx)?;
        let mut at = self.tracked(self.u.at, loc);
        for index in 0..cx.stores.len() {
            self.store_name(cx.stores[index], at)?;
        }
        if let Some(guard) = &case.guard {
            self.ensure_fail_pop(&mut cx, 0);
            at = self.jump_if(guard, cx.fail_pop[0], false, at)?;
            self.u.at = at;
        }
        if !is_last_tested {
            let loc = match self.recipe.matched_pop {
                MatchedPop::AtPattern => at,
                MatchedPop::AtBody => Location::NEXT,
            };
            self.op(Op::PopTop, loc);
        }
        self.stmts(case.body)?;
        self.jump(Op::Jump, end, Location::NONE);
        self.u.at = loc;
        self.emit_fail_pop(&mut cx, loc);
        Ok(())
    }

    fn pattern(&mut self, pattern: &'t Pattern<'a>, cx: &mut Context) -> Fallible {
        let loc = pattern.loc;
        self.u.at = loc;
        match &pattern.kind {
            PatternKind::MatchValue { value } => self.value_pattern(value, cx, loc),
            PatternKind::MatchSingleton { value } => {
                self.load_value(value, loc);
                self.op_compare(CmpOp::Is, loc);
                self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
                Ok(())
            }
            PatternKind::MatchSequence { patterns } => self.sequence_pattern(patterns, cx, loc),
            PatternKind::MatchMapping(node) => self.mapping_pattern(node, cx, loc),
            PatternKind::MatchClass(node) => self.class_pattern(node, cx, loc),
            PatternKind::MatchStar { name } => self.capture(*name, cx, loc),
            PatternKind::MatchAs { pattern: inner, name } => {
                self.as_pattern(inner.as_deref(), *name, cx, loc)
            }
            PatternKind::MatchOr { patterns } => self.or_pattern(patterns, cx, loc),
        }
    }

    /// A pattern in a pattern, which may always match.
    fn sub_pattern(&mut self, pattern: &'t Pattern<'a>, cx: &mut Context) -> Fallible {
        let before = std::mem::replace(&mut cx.irrefutable_allowed, true);
        self.pattern(pattern, cx)?;
        cx.irrefutable_allowed = before;
        Ok(())
    }

    fn ensure_fail_pop(&mut self, cx: &mut Context, pops: usize) {
        while cx.fail_pop.len() <= pops {
            let label = self.new_label();
            cx.fail_pop.push(label);
        }
    }

    /// Jumps to where all that is in use is popped.
    fn jump_to_fail_pop(&mut self, op: Op, cx: &mut Context, loc: Location) {
        let pops = cx.on_top + cx.stores.len();
        self.ensure_fail_pop(cx, pops);
        self.jump(op, cx.fail_pop[pops], loc);
    }

    /// Writes the pops that failures jump to.
    fn emit_fail_pop(&mut self, cx: &mut Context, loc: Location) {
        while cx.fail_pop.len() > 1
            && let Some(label) = cx.fail_pop.pop()
        {
            self.use_label(label);
            self.op(Op::PopTop, loc);
        }
        if let Some(label) = cx.fail_pop.pop() {
            self.use_label(label);
        }
    }

    /// Moves the top of the stack beneath the `count − 1` values under it.
    fn rotate(&mut self, count: usize, loc: Location) {
        for depth in (2..=count).rev() {
            self.op_count(Op::Swap, depth, loc);
        }
    }

    /// Keeps the subject for `name`, or drops it where there is none.
    fn capture(&mut self, name: Option<Name>, cx: &mut Context, loc: Location) -> Fallible {
        let Some(name) = name else {
            self.op(Op::PopTop, loc);
            return Ok(());
        };
        self.check_debug(name, ExprContext::Store, loc)?;
        if cx.stores.contains(&name) {
            return self.duplicate_store(name, loc);
        }
        self.rotate(cx.on_top + cx.stores.len() + 1, loc);
        cx.stores.push(name);
        Ok(())
    }

    pub(super) fn duplicate_store(&self, name: Name, loc: Location) -> Fallible {
        let name = self.names.get(name);
        self.error(loc, format!("multiple assignments to name '{name}' in pattern"))
    }

    fn as_pattern(
        &mut self,
        inner: Option<&'t Pattern<'a>>,
        name: Option<Name>,
        cx: &mut Context,
        loc: Location,
    ) -> Fallible {
        let Some(inner) = inner else {
            if cx.irrefutable_allowed {
                return self.capture(name, cx, loc);
            }
            return self.irrefutable(name, loc);
        };
        cx.on_top += 1;
        self.op_arg(Op::Copy, 1, loc);
        self.pattern(inner, cx)?;
        cx.on_top -= 1;
        let at = self.tracked(self.u.at, loc);
        self.capture(name, cx, at)
    }

    /// A pattern that always matches stands before others.
    pub(super) fn irrefutable(&self, name: Option<Name>, loc: Location) -> Fallible {
        match name {
            Some(name) => {
                let name = self.names.get(name);
                self.error(loc, format!("name capture '{name}' makes remaining patterns unreachable"))
            }
            None => self.error(loc, "wildcard makes remaining patterns unreachable"),
        }
    }

    fn value_pattern(&mut self, value: &'t Expr<'a>, cx: &mut Context, loc: Location) -> Fallible {
        if !matches!(value.kind, ExprKind::Constant { .. } | ExprKind::Attribute { .. }) {
            return self.error(loc, "patterns may only match literals and attribute lookups");
        }
        self.expr(value)?;
        self.op_compare(CmpOp::Eq, loc);
        self.to_bool(loc);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        Ok(())
    }

    fn sequence_pattern(&mut self, patterns: &'t [Pattern<'a>], cx: &mut Context, loc: Location) -> Fallible {
        let is_star = |pattern: &&Pattern<'_>| matches!(pattern.kind, PatternKind::MatchStar { .. });
        if patterns.iter().filter(is_star).count() > 1 {
            return self.error(loc, "multiple starred names in sequence pattern");
        }
        let star = patterns.iter().position(|pattern| is_star(&pattern));
        let star_wildcard = star.is_some_and(|star| is_star_wildcard(&patterns[star]));
        let only_wildcards = patterns.iter().all(|pattern| is_wildcard(pattern) || is_star_wildcard(pattern));
        cx.on_top += 1;
        self.op(Op::MatchSequence, loc);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        let size = patterns.len();
        let length = match star {
            None => Some((size, CmpOp::Eq)),
            Some(_) if size > 1 => Some((size - 1, CmpOp::GtE)),
            Some(_) => None,
        };
        if let Some((length, op)) = length {
            self.op(Op::GetLen, loc);
            self.load_size(length, loc);
            self.op_compare(op, loc);
            self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        }
        cx.on_top -= 1;
        if only_wildcards {
            self.op(Op::PopTop, loc);
            return Ok(());
        }
        match star {
            Some(star) if star_wildcard => self.sequence_by_subscripts(patterns, star, cx, loc),
            Some(star) => {
                let Some(arg) = unpack_ex(star, size) else {
                    return self.error(loc, "too many expressions in star-unpacking sequence pattern");
                };
                self.op_arg(Op::UnpackEx, arg, loc);
                self.unpacked_patterns(patterns, cx)
            }
            None => {
                self.op_count(Op::UnpackSequence, size, loc);
                self.unpacked_patterns(patterns, cx)
            }
        }
    }

    /// The patterns' subjects are on the stack.
    fn unpacked_patterns(&mut self, patterns: &'t [Pattern<'a>], cx: &mut Context) -> Fallible {
        cx.on_top += patterns.len();
        for pattern in patterns {
            cx.on_top -= 1;
            self.sub_pattern(pattern, cx)?;
        }
        Ok(())
    }

    /// A sequence with `*_`: its other elements are fetched one by one.
    fn sequence_by_subscripts(
        &mut self,
        patterns: &'t [Pattern<'a>],
        star: usize,
        cx: &mut Context,
        mut loc: Location,
    ) -> Fallible {
        cx.on_top += 1;
        let size = patterns.len();
        for (index, pattern) in patterns.iter().enumerate() {
            if is_wildcard(pattern) || index == star {
                continue;
            }
            self.op_arg(Op::Copy, 1, loc);
            if index < star {
                self.load_size(index, loc);
            } else {
                // The subject may not know negative indices.
                self.op(Op::GetLen, loc);
                self.load_size(size - index, loc);
                self.op_arg(Op::BinaryOp, binary(Operator::Sub), loc);
            }
            self.load_item(loc);
            self.sub_pattern(pattern, cx)?;
            loc = self.tracked(self.u.at, loc);
        }
        cx.on_top -= 1;
        self.op(Op::PopTop, loc);
        Ok(())
    }

    fn class_pattern(&mut self, node: &'t MatchClass<'a>, cx: &mut Context, mut loc: Location) -> Fallible {
        self.validate_attributes(node)?;
        self.expr(node.cls)?;
        self.load_names_const(node.kwd_attrs.iter().copied(), loc);
        self.op_count(Op::MatchClass, node.patterns.len(), loc);
        self.is_not_none(loc);
        cx.on_top += 1;
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        let count = node.patterns.len() + node.kwd_attrs.len();
        self.op_count(Op::UnpackSequence, count, loc);
        cx.on_top = cx.on_top + count - 1;
        for pattern in node.patterns.iter().chain(node.kwd_patterns.iter()) {
            cx.on_top -= 1;
            if is_wildcard(pattern) {
                self.op(Op::PopTop, loc);
            } else {
                self.sub_pattern(pattern, cx)?;
                loc = self.tracked(self.u.at, loc);
            }
        }
        Ok(())
    }

    fn is_not_none(&mut self, loc: Location) {
        self.op_arg(Op::Copy, 1, loc);
        self.load_none(loc);
        self.op_arg(Op::IsOp, 1, loc);
    }

    pub(super) fn validate_attributes(&self, node: &MatchClass<'a>) -> Fallible {
        for (index, (attr, pattern)) in node.kwd_attrs.iter().zip(node.kwd_patterns.iter()).enumerate() {
            self.check_debug(*attr, ExprContext::Store, pattern.loc)?;
            let repeated = node.kwd_attrs[index + 1..].iter().position(|other| other == attr);
            if let Some(after) = repeated {
                let loc = node.kwd_patterns[index + 1 + after].loc;
                let attr = self.names.get(*attr);
                return self.error(loc, format!("attribute name repeated in class pattern: {attr}"));
            }
        }
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        node: &'t MatchMapping<'a>,
        cx: &mut Context,
        mut loc: Location,
    ) -> Fallible {
        let size = node.keys.len();
        cx.on_top += 1;
        self.op(Op::MatchMapping, loc);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        if size == 0 && node.rest.is_none() {
            cx.on_top -= 1;
            self.op(Op::PopTop, loc);
            return Ok(());
        }
        if size > 0 {
            self.op(Op::GetLen, loc);
            self.load_size(size, loc);
            self.op_compare(CmpOp::GtE, loc);
            self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        }
        self.mapping_keys(node, loc)?;
        self.op_count(Op::BuildTuple, size, loc);
        self.op(Op::MatchKeys, loc);
        // The tuples of keys and of values are on top of the subject.
        cx.on_top += 2;
        self.is_not_none(loc);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx, loc);
        self.op_count(Op::UnpackSequence, size, loc);
        cx.on_top = cx.on_top + size - 1;
        for pattern in node.patterns.iter() {
            cx.on_top -= 1;
            self.sub_pattern(pattern, cx)?;
            loc = self.tracked(self.u.at, loc);
        }
        cx.on_top -= 2;
        if node.rest.is_some() {
            self.mapping_rest(size, loc);
            return self.capture(node.rest, cx, loc);
        }
        self.op(Op::PopTop, loc);
        self.op(Op::PopTop, loc);
        Ok(())
    }

    fn mapping_keys(&mut self, node: &'t MatchMapping<'a>, loc: Location) -> Fallible {
        // CPython compiles each key before it looks at the next; which error comes first is the same.
        self.check_mapping_keys(node, loc)?;
        self.exprs(node.keys)
    }

    /// Refuses keys that are no literals or attributes, or come twice.
    pub(super) fn check_mapping_keys(&self, node: &'t MatchMapping<'a>, loc: Location) -> Fallible {
        let mut seen: Vec<&Const<'a>> = Vec::new();
        for key in node.keys.iter() {
            match &key.kind {
                ExprKind::Constant { value, .. } => {
                    if seen.iter().any(|other| equal(other, value)) {
                        let mut text = String::new();
                        if let Err(message) = repr::push_const(value, self.unicode, &mut text) {
                            return self.value_error(message);
                        }
                        let message = format!("mapping pattern checks duplicate key ({text})");
                        return self.error(loc, message);
                    }
                    seen.push(value);
                }
                ExprKind::Attribute { .. } => {}
                _ => {
                    let message = "mapping pattern keys may only match literals and attribute lookups";
                    return self.error(loc, message);
                }
            }
        }
        Ok(())
    }

    /// Turns subject and tuple of keys into a copy of the subject without the keys.
    fn mapping_rest(&mut self, size: usize, loc: Location) {
        self.op_arg(Op::BuildMap, 0, loc);
        self.op_arg(Op::Swap, 3, loc);
        self.op_arg(Op::DictUpdate, 2, loc);
        self.op_count(Op::UnpackSequence, size, loc);
        for left in (1..=size).rev() {
            self.op_count(Op::Copy, 1 + left, loc);
            self.op_arg(Op::Swap, 2, loc);
            self.op(Op::DeleteSubscr, loc);
        }
    }

    fn or_pattern(&mut self, patterns: &'t [Pattern<'a>], cx: &mut Context, mut loc: Location) -> Fallible {
        let end = self.new_label();
        // The names of the first alternative, in the order that all others have to keep.
        let mut control: Option<Vec<Name>> = None;
        for (index, alternative) in patterns.iter().enumerate() {
            let irrefutable_allowed = index + 1 == patterns.len() && cx.irrefutable_allowed;
            let mut inner = Context { irrefutable_allowed, ..Context::default() };
            self.op_arg(Op::Copy, 1, alternative.loc);
            self.pattern(alternative, &mut inner)?;
            let at = self.tracked(self.u.at, alternative.loc);
            loc = self.tracked(at, loc);
            match &control {
                None => control = Some(inner.stores.clone()),
                Some(control) if control.len() != inner.stores.len() => {
                    return self.error(loc, "alternative patterns bind different names");
                }
                Some(control) => self.reorder_stores(control, &mut inner, at, loc)?,
            }
            self.jump(Op::Jump, end, at);
            self.emit_fail_pop(&mut inner, at);
        }
        let control = control.unwrap_or_default();
        // No alternative matched.
        self.op(Op::PopTop, loc);
        self.jump_to_fail_pop(Op::Jump, cx, loc);
        self.use_label(end);
        // The captures go beneath the copy of the subject, what is in use, and the captures before.
        let rotations = control.len() + 1 + cx.on_top + cx.stores.len();
        for name in control {
            self.rotate(rotations, loc);
            if cx.stores.contains(&name) {
                return self.duplicate_store(name, loc);
            }
            cx.stores.push(name);
        }
        self.op(Op::PopTop, loc);
        Ok(())
    }

    /// Brings an alternative's captures into the order of the first alternative's.
    fn reorder_stores(
        &mut self,
        control: &[Name],
        cx: &mut Context,
        alternative_loc: Location,
        loc: Location,
    ) -> Fallible {
        for wanted in (0..control.len()).rev() {
            let Some(found) = cx.stores.iter().position(|&name| name == control[wanted]) else {
                return self.error(loc, "alternative patterns bind different names");
            };
            if wanted == found {
                continue;
            }
            // All up to the name found move up together, in the list and on the stack.
            let moved: Vec<Name> = cx.stores.drain(..=found).collect();
            let at = wanted - found;
            cx.stores.splice(at..at, moved);
            for _ in 0..=found {
                self.rotate(wanted + 1, alternative_loc);
            }
        }
        Ok(())
    }
}

/// Are two keys equal in Python? Numbers of different types may be.
fn equal(a: &Const<'_>, b: &Const<'_>) -> bool {
    match (a, b) {
        (Const::Str(a), Const::Str(b)) => a == b,
        (Const::Bytes(a), Const::Bytes(b)) => a == b,
        (Const::None, Const::None) => true,
        (Const::BigInt(a), Const::BigInt(b)) => a == b,
        _ => match (number(a), number(b)) {
            (Some((a, Some(x))), Some((b, Some(y)))) => a == b && x == y,
            (Some((a, _)), Some((b, _))) => a == b,
            _ => false,
        },
    }
}

/// Real and imaginary part of a number, and its exact value where it is an integer that fits.
fn number(value: &Const<'_>) -> Option<((f64, f64), Option<i64>)> {
    Some(match value {
        Const::False => ((0.0, 0.0), Some(0)),
        Const::True => ((1.0, 0.0), Some(1)),
        Const::Int(value) => ((*value as f64, 0.0), Some(*value)),
        Const::Float(value) => ((*value, 0.0), exact(*value)),
        Const::Complex(value) if value.im == 0.0 => ((value.re, 0.0), exact(value.re)),
        Const::Complex(value) => ((value.re, value.im), None),
        _ => return None,
    })
}

fn exact(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(value as i64)
}
