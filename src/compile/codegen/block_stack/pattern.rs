//! `match` statements with `ROT_N` (3.10).
//!
//! Each pattern consumes its subject from the top of the stack and, where it does not match, jumps to a label
//! that pops what was still needed. Captures are kept beneath all that is in use, and stored once the whole
//! pattern has matched.

use super::Lowering;
use crate::compile::codegen::display::unpack_ex;
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::pattern::{Context, is_star_wildcard, is_wildcard};
use crate::syntax::ast::{
    CmpOp, ExprContext, ExprKind, Match, MatchCase, MatchClass, MatchMapping, Pattern, PatternKind,
};
use crate::target::Op;
use crate::value::Name;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn match_stmt(&mut self, stmt: &'t Match<'a>) -> Fallible {
        self.expr(stmt.subject)?;
        let end = self.new_label();
        let Some((last, others)) = stmt.cases.split_last() else { return Ok(()) };
        let has_default = is_wildcard(&last.pattern) && !others.is_empty();
        let tested = if has_default { others } else { &*stmt.cases };
        for (index, case) in tested.iter().enumerate() {
            let is_last_tested = index + 1 == tested.len();
            let irrefutable_allowed = case.guard.is_some() || index + 1 == stmt.cases.len();
            let mut cx = Context { irrefutable_allowed, ..Context::default() };
            self.case(case, is_last_tested, &mut cx)?;
            self.jump(Op::JumpForward, end);
            self.set_loc(case.pattern.loc);
            self.emit_fail_pop(&mut cx);
        }
        if has_default {
            self.set_loc(last.pattern.loc);
            // For coverage: the pattern itself needs no code.
            self.op(Op::Nop);
            if let Some(guard) = &last.guard {
                self.jump_if(guard, end, false)?;
            }
            self.stmts(last.body)?;
        }
        self.use_label(end);
        Ok(())
    }

    fn case(&mut self, case: &'t MatchCase<'a>, is_last_tested: bool, cx: &mut Context) -> Fallible {
        self.set_loc(case.pattern.loc);
        if !is_last_tested {
            self.op(Op::DupTop);
        }
        self.pattern(&case.pattern, cx)?;
        for index in 0..cx.stores.len() {
            self.store_name(cx.stores[index])?;
        }
        if let Some(guard) = &case.guard {
            self.ensure_fail_pop(cx, 0);
            self.jump_if(guard, cx.fail_pop[0], false)?;
        }
        if !is_last_tested {
            self.op(Op::PopTop);
        }
        self.stmts(case.body)
    }

    fn pattern(&mut self, pattern: &'t Pattern<'a>, cx: &mut Context) -> Fallible {
        self.set_loc(pattern.loc);
        match &pattern.kind {
            PatternKind::MatchValue { value } => {
                if !matches!(value.kind, ExprKind::Constant { .. } | ExprKind::Attribute { .. }) {
                    return self.error("patterns may only match literals and attribute lookups");
                }
                self.expr(value)?;
                self.op_compare(CmpOp::Eq);
                self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
            }
            PatternKind::MatchSingleton { value } => {
                self.load_value(value);
                self.op_compare(CmpOp::Is);
                self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
            }
            PatternKind::MatchSequence { patterns } => self.sequence_pattern(patterns, cx)?,
            PatternKind::MatchMapping(node) => self.mapping_pattern(node, cx)?,
            PatternKind::MatchClass(node) => self.class_pattern(node, cx)?,
            PatternKind::MatchStar { name } => self.capture(*name, cx)?,
            PatternKind::MatchAs { pattern: inner, name } => {
                self.as_pattern(inner.as_deref(), *name, cx)?;
            }
            PatternKind::MatchOr { patterns } => self.or_pattern(patterns, cx)?,
        }
        Ok(())
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
    fn jump_to_fail_pop(&mut self, op: Op, cx: &mut Context) {
        let pops = cx.on_top + cx.stores.len();
        self.ensure_fail_pop(cx, pops);
        self.jump(op, cx.fail_pop[pops]);
        self.next_block();
    }

    /// Writes the pops that failures jump to.
    fn emit_fail_pop(&mut self, cx: &mut Context) {
        if cx.fail_pop.is_empty() {
            self.next_block();
            return;
        }
        while cx.fail_pop.len() > 1
            && let Some(label) = cx.fail_pop.pop()
        {
            self.use_label(label);
            self.op(Op::PopTop);
        }
        if let Some(label) = cx.fail_pop.pop() {
            self.use_label(label);
        }
    }

    /// Keeps the subject for `name`, or drops it where there is none.
    fn capture(&mut self, name: Option<Name>, cx: &mut Context) -> Fallible {
        let Some(name) = name else {
            self.op(Op::PopTop);
            return Ok(());
        };
        self.g.check_debug(name, ExprContext::Store, self.here())?;
        if cx.stores.contains(&name) {
            return self.g.duplicate_store(name, self.here());
        }
        self.op_count(Op::RotN, cx.on_top + cx.stores.len() + 1);
        cx.stores.push(name);
        Ok(())
    }

    fn as_pattern(
        &mut self,
        inner: Option<&'t Pattern<'a>>,
        name: Option<Name>,
        cx: &mut Context,
    ) -> Fallible {
        let Some(inner) = inner else {
            if cx.irrefutable_allowed {
                return self.capture(name, cx);
            }
            return self.g.irrefutable(name, self.here());
        };
        cx.on_top += 1;
        self.op(Op::DupTop);
        self.pattern(inner, cx)?;
        cx.on_top -= 1;
        self.capture(name, cx)
    }

    fn sequence_pattern(&mut self, patterns: &'t [Pattern<'a>], cx: &mut Context) -> Fallible {
        let is_star = |pattern: &&Pattern<'_>| matches!(pattern.kind, PatternKind::MatchStar { .. });
        if patterns.iter().filter(is_star).count() > 1 {
            return self.error("multiple starred names in sequence pattern");
        }
        let star = patterns.iter().position(|pattern| is_star(&pattern));
        let star_wildcard = star.is_some_and(|star| is_star_wildcard(&patterns[star]));
        let only_wildcards = patterns.iter().all(|pattern| is_wildcard(pattern) || is_star_wildcard(pattern));
        cx.on_top += 1;
        self.op(Op::MatchSequence);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
        let size = patterns.len();
        let length = match star {
            None => Some((size, CmpOp::Eq)),
            Some(_) if size > 1 => Some((size - 1, CmpOp::GtE)),
            Some(_) => None,
        };
        if let Some((length, op)) = length {
            self.test_length(length, op, cx);
        }
        cx.on_top -= 1;
        if only_wildcards {
            self.op(Op::PopTop);
            return Ok(());
        }
        match star {
            Some(star) if star_wildcard => return self.sequence_by_subscripts(patterns, star, cx),
            Some(star) => {
                let Some(arg) = unpack_ex(star, size) else {
                    return self.error("too many expressions in star-unpacking sequence pattern");
                };
                self.op_arg(Op::UnpackEx, arg);
            }
            None => self.op_count(Op::UnpackSequence, size),
        }
        cx.on_top += patterns.len();
        for pattern in patterns {
            cx.on_top -= 1;
            self.sub_pattern(pattern, cx)?;
        }
        Ok(())
    }

    fn test_length(&mut self, length: usize, op: CmpOp, cx: &mut Context) {
        self.op(Op::GetLen);
        self.load_int(length as i64);
        self.op_compare(op);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
    }

    /// A sequence with `*_`: its other elements are fetched one by one.
    fn sequence_by_subscripts(
        &mut self,
        patterns: &'t [Pattern<'a>],
        star: usize,
        cx: &mut Context,
    ) -> Fallible {
        cx.on_top += 1;
        let size = patterns.len();
        for (index, pattern) in patterns.iter().enumerate() {
            if is_wildcard(pattern) || index == star {
                continue;
            }
            self.op(Op::DupTop);
            if index < star {
                self.load_int(index as i64);
            } else {
                // The subject may not know negative indices.
                self.op(Op::GetLen);
                self.load_int((size - index) as i64);
                self.op(Op::BinarySubtract);
            }
            self.op(Op::BinarySubscr);
            self.sub_pattern(pattern, cx)?;
        }
        cx.on_top -= 1;
        self.op(Op::PopTop);
        Ok(())
    }

    /// Matches one of the values in the tuple on the stack.
    fn value_in_tuple(&mut self, index: usize, pattern: &'t Pattern<'a>, cx: &mut Context) -> Fallible {
        if is_wildcard(pattern) {
            return Ok(());
        }
        self.op(Op::DupTop);
        self.load_int(index as i64);
        self.op(Op::BinarySubscr);
        self.sub_pattern(pattern, cx)
    }

    fn class_pattern(&mut self, node: &'t MatchClass<'a>, cx: &mut Context) -> Fallible {
        self.g.validate_attributes(node)?;
        self.expr(node.cls)?;
        self.load_names_const(node.kwd_attrs.iter().copied());
        self.op_count(Op::MatchClass, node.patterns.len());
        cx.on_top += 1;
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
        for (index, pattern) in node.patterns.iter().chain(node.kwd_patterns.iter()).enumerate() {
            self.value_in_tuple(index, pattern, cx)?;
        }
        cx.on_top -= 1;
        self.op(Op::PopTop);
        Ok(())
    }

    fn mapping_pattern(&mut self, node: &'t MatchMapping<'a>, cx: &mut Context) -> Fallible {
        let size = node.keys.len();
        cx.on_top += 1;
        self.op(Op::MatchMapping);
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
        if size == 0 && node.rest.is_none() {
            cx.on_top -= 1;
            self.op(Op::PopTop);
            return Ok(());
        }
        if size > 0 {
            self.test_length(size, CmpOp::GtE, cx);
        }
        self.g.check_mapping_keys(node, self.here())?;
        for key in node.keys.iter() {
            self.expr(key)?;
        }
        self.op_count(Op::BuildTuple, size);
        self.op(Op::MatchKeys);
        // The tuples of keys and of values are on top of the subject.
        cx.on_top += 2;
        self.jump_to_fail_pop(Op::PopJumpIfFalse, cx);
        for (index, pattern) in node.patterns.iter().enumerate() {
            self.value_in_tuple(index, pattern, cx)?;
        }
        cx.on_top -= 2;
        self.op(Op::PopTop);
        if node.rest.is_some() {
            self.op(Op::CopyDictWithoutKeys);
            self.capture(node.rest, cx)?;
        } else {
            self.op(Op::PopTop);
        }
        cx.on_top -= 1;
        self.op(Op::PopTop);
        Ok(())
    }

    fn or_pattern(&mut self, patterns: &'t [Pattern<'a>], cx: &mut Context) -> Fallible {
        let end = self.new_label();
        // The names of the first alternative, in the order that all others have to keep.
        let mut control: Option<Vec<Name>> = None;
        for (index, alternative) in patterns.iter().enumerate() {
            self.set_loc(alternative.loc);
            let irrefutable_allowed = index + 1 == patterns.len() && cx.irrefutable_allowed;
            let mut inner = Context { irrefutable_allowed, ..Context::default() };
            self.op(Op::DupTop);
            self.pattern(alternative, &mut inner)?;
            match &control {
                None => control = Some(inner.stores.clone()),
                Some(control) if control.len() != inner.stores.len() => {
                    return self.error("alternative patterns bind different names");
                }
                Some(control) => self.reorder_stores(control, &mut inner)?,
            }
            self.jump(Op::JumpForward, end);
            self.next_block();
            self.emit_fail_pop(&mut inner);
        }
        let control = control.unwrap_or_default();
        // No alternative matched.
        self.op(Op::PopTop);
        self.jump_to_fail_pop(Op::JumpForward, cx);
        self.use_label(end);
        // The captures go beneath the copy of the subject, what is in use, and the captures before.
        let rotations = control.len() + 1 + cx.on_top + cx.stores.len();
        for name in control {
            self.op_count(Op::RotN, rotations);
            if cx.stores.contains(&name) {
                return self.g.duplicate_store(name, self.here());
            }
            cx.stores.push(name);
        }
        self.op(Op::PopTop);
        Ok(())
    }

    /// Brings an alternative's captures into the order of the first alternative's.
    fn reorder_stores(&mut self, control: &[Name], cx: &mut Context) -> Fallible {
        for wanted in (0..control.len()).rev() {
            let Some(found) = cx.stores.iter().position(|&name| name == control[wanted]) else {
                return self.error("alternative patterns bind different names");
            };
            if wanted == found {
                continue;
            }
            // All up to the name found move up together, in the list and on the stack.
            let moved: Vec<Name> = cx.stores.drain(..=found).collect();
            let at = wanted - found;
            cx.stores.splice(at..at, moved);
            for _ in 0..=found {
                self.op_count(Op::RotN, wanted + 1);
            }
        }
        Ok(())
    }
}
