//! `match` statements and their patterns.

use super::{Fail, Node, Parsed, Parser, Place, finish};
use crate::syntax::ast::{
    Const, ExprContext, ExprKind, Match, MatchCase, MatchClass, MatchMapping, Operator, Pattern, PatternKind,
    Seq, StmtKind, UnaryOperator,
};
use crate::syntax::token::TokenKind;
use crate::value::Name;

/// How many rules of CPython's grammar are active from a pattern to one in it.
const PATTERN_LEVELS: u32 = 8;

impl<'a> Parser<'a, '_> {
    /// Does a `match` statement start here? (`match` can be any name.)
    #[inline]
    pub(super) fn at_match_statement(&self) -> bool {
        self.lexer.current.end - self.lexer.current.start == 5
            && self.at_word("match")
            && self.rules.match_statements
            && self.lexer.match_header_follows()
    }

    /// `match_stmt`
    pub(super) fn match_statement(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let start = self.place();
        let first = self.star_named_expression()?;
        let subject = if self.lexer.current.kind == TokenKind::Comma {
            self.tuple_rest(start, first, Self::star_named_expression)?
        } else if matches!(first.kind, ExprKind::Starred { .. }) {
            return Err(Fail);
        } else {
            first
        };
        self.expect(TokenKind::Colon)?;
        self.expect_layout(TokenKind::Newline)?;
        self.expect_layout(TokenKind::Indent)?;
        let from = self.scratch.cases.len();
        loop {
            let case = self.case_block()?;
            self.scratch.cases.push(case);
            if self.lexer.current.kind == TokenKind::Dedent {
                break;
            }
        }
        self.skip_layout();
        let cases = finish(self.arena, &mut self.scratch.cases, from);
        Ok(StmtKind::Match(self.alloc(Match { subject, cases })))
    }

    fn case_block(&mut self) -> Parsed<MatchCase<'a>> {
        if !self.at_word("case") {
            return Err(Fail);
        }
        self.advance();
        let pattern = self.patterns()?;
        let guard = self.optional_after(TokenKind::If, Self::named_expression)?;
        self.expect(TokenKind::Colon)?;
        let body = self.block()?;
        Ok(MatchCase { pattern, guard, body })
    }

    /// `patterns`: one, or a sequence without brackets.
    fn patterns(&mut self) -> Parsed<Pattern<'a>> {
        let start = self.place();
        let first = self.maybe_star_pattern()?;
        if self.lexer.current.kind != TokenKind::Comma {
            if matches!(first.kind, PatternKind::MatchStar { .. }) {
                return Err(Fail);
            }
            return Ok(first);
        }
        let from = self.scratch.patterns.len();
        self.scratch.patterns.push(first);
        while self.eat(TokenKind::Comma) {
            if matches!(self.lexer.current.kind, TokenKind::Colon | TokenKind::If) {
                break;
            }
            let next = self.maybe_star_pattern()?;
            self.scratch.patterns.push(next);
        }
        let patterns = finish(self.arena, &mut self.scratch.patterns, from);
        Ok(self.pattern_node(start, PatternKind::MatchSequence { patterns }))
    }

    #[inline]
    fn pattern_node(&self, start: Place, kind: PatternKind<'a>) -> Pattern<'a> {
        Pattern { loc: self.location_from(start), kind }
    }

    fn maybe_star_pattern(&mut self) -> Parsed<Pattern<'a>> {
        if self.lexer.current.kind != TokenKind::Star {
            return self.pattern();
        }
        let start = self.place();
        self.advance();
        let name = if self.at_word("_") {
            self.advance();
            None
        } else {
            Some(self.capture_target()?)
        };
        Ok(self.pattern_node(start, PatternKind::MatchStar { name }))
    }

    /// `pattern`: alternatives, perhaps with `as`.
    fn pattern(&mut self) -> Parsed<Pattern<'a>> {
        let start = self.place();
        self.enter(PATTERN_LEVELS)?;
        let first = self.closed_pattern()?;
        let pattern = if self.lexer.current.kind == TokenKind::VBar {
            let from = self.scratch.patterns.len();
            self.scratch.patterns.push(first);
            while self.eat(TokenKind::VBar) {
                let next = self.closed_pattern()?;
                self.scratch.patterns.push(next);
            }
            let patterns = finish(self.arena, &mut self.scratch.patterns, from);
            self.pattern_node(start, PatternKind::MatchOr { patterns })
        } else {
            first
        };
        self.leave(PATTERN_LEVELS);
        if !self.eat(TokenKind::As) {
            return Ok(pattern);
        }
        let name = Some(self.capture_target()?);
        let pattern = Some(self.alloc(pattern));
        Ok(self.pattern_node(start, PatternKind::MatchAs { pattern, name }))
    }

    /// `pattern_capture_target`: a name that is not `_`, and not the start of something longer.
    fn capture_target(&mut self) -> Parsed<Name> {
        if self.at_word("_") {
            return Err(Fail);
        }
        let name = self.name()?;
        if matches!(self.lexer.current.kind, TokenKind::Dot | TokenKind::LParen | TokenKind::Equal) {
            return Err(Fail);
        }
        Ok(name)
    }

    /// `closed_pattern`
    fn closed_pattern(&mut self) -> Parsed<Pattern<'a>> {
        let start = self.place();
        let kind = match self.lexer.current.kind {
            TokenKind::Name => return self.name_pattern(),
            TokenKind::Number
            | TokenKind::Minus
            | TokenKind::Plus
            | TokenKind::String
            | TokenKind::FStringStart => PatternKind::MatchValue { value: self.literal_expr()? },
            TokenKind::None => self.singleton(Const::None),
            TokenKind::True => self.singleton(Const::True),
            TokenKind::False => self.singleton(Const::False),
            TokenKind::LParen => return self.group_or_sequence(),
            TokenKind::LSquare => {
                self.advance();
                let patterns = self.sequence(TokenKind::RSquare)?;
                PatternKind::MatchSequence { patterns }
            }
            TokenKind::LBrace => self.mapping()?,
            _ => return Err(Fail),
        };
        Ok(self.pattern_node(start, kind))
    }

    fn singleton(&mut self, value: Const<'a>) -> PatternKind<'a> {
        self.advance();
        PatternKind::MatchSingleton { value }
    }

    /// `literal_expr`, but for the constants that have keywords.
    fn literal_expr(&mut self) -> Parsed<Node<'a>> {
        if matches!(self.lexer.current.kind, TokenKind::String | TokenKind::FStringStart) {
            return self.strings();
        }
        let start = self.place();
        let left = self.signed_number()?;
        let op = match self.lexer.current.kind {
            TokenKind::Plus => Operator::Add,
            TokenKind::Minus => Operator::Sub,
            _ => return Ok(left),
        };
        // The sum of a real and an imaginary number.
        let real = match &left.kind {
            ExprKind::UnaryOp { operand, .. } => operand,
            _ => &*left,
        };
        if matches!(real.kind, ExprKind::Constant { value: Const::Complex(_), .. }) {
            return self.syntax_error("real number required in complex literal", real.loc);
        }
        self.advance();
        if self.lexer.current.kind != TokenKind::Number {
            return Err(Fail);
        }
        let right = self.plain_number()?;
        if !matches!(right.kind, ExprKind::Constant { value: Const::Complex(_), .. }) {
            return self.syntax_error("imaginary number required in complex literal", right.loc);
        }
        Ok(self.binary_op(start, left, op, right))
    }

    fn signed_number(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let op = match self.lexer.current.kind {
            TokenKind::Minus => UnaryOperator::USub,
            TokenKind::Plus if self.rules.plus_in_patterns => UnaryOperator::UAdd,
            _ => return self.plain_number(),
        };
        self.advance();
        let operand = self.plain_number()?;
        Ok(self.unary_op(start, op, operand))
    }

    fn plain_number(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind != TokenKind::Number {
            return Err(Fail);
        }
        let start = self.place();
        let value = self.number()?;
        self.advance();
        Ok(self.expr(start, ExprKind::Constant { value, kind: false }))
    }

    /// A pattern that starts with a name: wildcard, capture, value or class.
    fn name_pattern(&mut self) -> Parsed<Pattern<'a>> {
        let start = self.place();
        let wildcard = self.at_word("_");
        let cls = self.name_or_attr()?;
        let kind = match (&cls.kind, self.lexer.current.kind) {
            (_, TokenKind::LParen) => self.class_pattern(cls)?,
            (_, TokenKind::Equal) => return Err(Fail),
            (ExprKind::Name { .. }, _) if wildcard => PatternKind::MatchAs { pattern: None, name: None },
            (ExprKind::Name { id, .. }, _) => PatternKind::MatchAs { pattern: None, name: Some(*id) },
            _ => PatternKind::MatchValue { value: cls },
        };
        Ok(self.pattern_node(start, kind))
    }

    /// `name_or_attr`
    fn name_or_attr(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let mut expr = self.name_expr(ExprContext::Load)?;
        while self.eat(TokenKind::Dot) {
            let attr = self.name()?;
            expr = self.expr(start, ExprKind::Attribute { value: expr, attr, ctx: ExprContext::Load });
        }
        Ok(expr)
    }

    /// `group_pattern | sequence_pattern`, from `(` on.
    fn group_or_sequence(&mut self) -> Parsed<Pattern<'a>> {
        let start = self.place();
        self.advance();
        if self.eat(TokenKind::RParen) {
            return Ok(self.pattern_node(start, PatternKind::MatchSequence { patterns: &mut [] }));
        }
        let first = self.maybe_star_pattern()?;
        if self.lexer.current.kind != TokenKind::Comma {
            if matches!(first.kind, PatternKind::MatchStar { .. }) {
                return Err(Fail);
            }
            self.expect(TokenKind::RParen)?;
            return Ok(first);
        }
        let from = self.scratch.patterns.len();
        self.scratch.patterns.push(first);
        self.advance();
        let patterns = self.sequence_rest(TokenKind::RParen, from)?;
        Ok(self.pattern_node(start, PatternKind::MatchSequence { patterns }))
    }

    /// `maybe_sequence_pattern?` and the closing bracket.
    fn sequence(&mut self, close: TokenKind) -> Parsed<Seq<'a, Pattern<'a>>> {
        let from = self.scratch.patterns.len();
        self.sequence_rest(close, from)
    }

    fn sequence_rest(&mut self, close: TokenKind, from: usize) -> Parsed<Seq<'a, Pattern<'a>>> {
        while self.lexer.current.kind != close {
            let next = self.maybe_star_pattern()?;
            self.scratch.patterns.push(next);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(close)?;
        Ok(finish(self.arena, &mut self.scratch.patterns, from))
    }

    /// `mapping_pattern`
    fn mapping(&mut self) -> Parsed<PatternKind<'a>> {
        self.advance();
        let from = self.scratch.patterns.len();
        let keys_from = self.scratch.exprs.len();
        let mut rest = None;
        while self.lexer.current.kind != TokenKind::RBrace {
            if self.eat(TokenKind::DoubleStar) {
                rest = Some(self.capture_target()?);
                self.eat(TokenKind::Comma);
                break;
            }
            let key = self.mapping_key()?;
            self.scratch.exprs.push(key);
            self.expect(TokenKind::Colon)?;
            let pattern = self.pattern()?;
            self.scratch.patterns.push(pattern);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RBrace)?;
        let keys = self.finish_exprs(keys_from);
        let patterns = finish(self.arena, &mut self.scratch.patterns, from);
        Ok(PatternKind::MatchMapping(self.alloc(MatchMapping { keys, patterns, rest })))
    }

    /// `literal_expr | attr`
    fn mapping_key(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let value = match self.lexer.current.kind {
            TokenKind::None => Const::None,
            TokenKind::True => Const::True,
            TokenKind::False => Const::False,
            TokenKind::Name => {
                let key = self.name_or_attr()?;
                return if matches!(key.kind, ExprKind::Name { .. }) { Err(Fail) } else { Ok(key) };
            }
            TokenKind::Number
            | TokenKind::Minus
            | TokenKind::Plus
            | TokenKind::String
            | TokenKind::FStringStart => {
                return self.literal_expr();
            }
            _ => return Err(Fail),
        };
        self.advance();
        Ok(self.expr(start, ExprKind::Constant { value, kind: false }))
    }

    /// The rest of `class_pattern`, from `(` on.
    fn class_pattern(&mut self, cls: Node<'a>) -> Parsed<PatternKind<'a>> {
        self.advance();
        let from = self.scratch.patterns.len();
        let names_from = self.scratch.names.len();
        let mut patterns: Option<Seq<'a, Pattern<'a>>> = None;
        while self.lexer.current.kind != TokenKind::RParen {
            if self.lexer.current.kind == TokenKind::Name && self.lexer.next_is_equal() {
                if patterns.is_none() {
                    patterns = Some(finish(self.arena, &mut self.scratch.patterns, from));
                }
                let name = self.name()?;
                self.scratch.names.push(name);
                self.expect(TokenKind::Equal)?;
            } else if patterns.is_some() {
                return Err(Fail);
            }
            let pattern = self.pattern()?;
            self.scratch.patterns.push(pattern);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RParen)?;
        let rest = finish(self.arena, &mut self.scratch.patterns, from);
        let (patterns, kwd_patterns) = match patterns {
            Some(patterns) => (patterns, rest),
            None => (rest, Seq::default()),
        };
        let kwd_attrs = finish(self.arena, &mut self.scratch.names, names_from);
        Ok(PatternKind::MatchClass(self.alloc(MatchClass { cls, patterns, kwd_attrs, kwd_patterns })))
    }
}
