//! Atoms: names, constants, displays and comprehensions.

use super::expr::starts_at;
use super::{Fail, Node, Parsed, Parser, Place, finish};
use crate::syntax::ast::{
    Comp, Comprehension, Const, Dict, DictComp, Expr, ExprContext, ExprKind, ScopeId, Seq, UnaryOperator,
};
use crate::syntax::token::TokenKind;

/// How many rules of CPython's grammar are active from one bracket to an expression in it.
const BRACKET_LEVELS: u32 = 28;
/// A statement that starts with a bracket is first tried as an assignment, which is less deep by this.
const STATEMENT_LEVELS: u32 = 14;

impl<'a> Parser<'a, '_> {
    /// `atom`
    #[inline]
    pub(super) fn atom(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind == TokenKind::Name {
            return self.name_expr(ExprContext::Load);
        }
        self.other_atom()
    }

    #[inline(never)]
    fn other_atom(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let value = match self.lexer.current.kind {
            TokenKind::Number => self.number()?,
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => return self.strings(),
            TokenKind::None => Const::None,
            TokenKind::True => Const::True,
            TokenKind::False => Const::False,
            TokenKind::Ellipsis => Const::Ellipsis,
            TokenKind::LParen => return self.parenthesised(),
            TokenKind::LSquare => return self.list(),
            TokenKind::LBrace => return self.braces(),
            _ => return Err(Fail),
        };
        self.advance();
        Ok(self.expr(start, ExprKind::Constant { value, kind: false }))
    }

    /// `tuple | group | genexp`
    fn parenthesised(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.advance();
        let levels = if self.depth == 0 { BRACKET_LEVELS - STATEMENT_LEVELS } else { BRACKET_LEVELS };
        self.enter(levels)?;
        let expr = self.parenthesised_rest(start)?;
        self.leave(levels);
        Ok(expr)
    }

    fn parenthesised_rest(&mut self, start: Place) -> Parsed<Node<'a>> {
        match self.lexer.current.kind {
            TokenKind::RParen => {
                self.advance();
                return Ok(self.tuple(start, &mut []));
            }
            TokenKind::Yield => {
                let expr = self.yield_expr()?;
                self.expect(TokenKind::RParen)?;
                return Ok(expr);
            }
            _ => {}
        }
        let starred = self.lexer.current.kind == TokenKind::Star;
        let unpacks = self.rules.comprehension_unpacking;
        let first = if starred && unpacks {
            // Which of the two rules it is only shows behind it.
            let start = self.place();
            self.advance();
            let place = self.place();
            let value = self.expression()?;
            if !self.at_comprehension() && is_wider_than_operand(value, place) {
                return Err(Fail);
            }
            self.expr(start, ExprKind::Starred { value, ctx: ExprContext::Load })
        } else {
            self.star_named_expression()?
        };
        match self.lexer.current.kind {
            TokenKind::RParen if !starred => {
                self.advance();
                Ok(first)
            }
            TokenKind::Comma => {
                let elts = self.elements(first, TokenKind::RParen)?;
                Ok(self.tuple(start, elts))
            }
            TokenKind::For | TokenKind::Async if !starred || unpacks => self.generator_rest(start, first),
            _ => Err(Fail),
        }
    }

    /// The clauses and the `)` of a generator expression whose `(` is at `start`.
    pub(super) fn generator_rest(&mut self, start: Place, elt: Node<'a>) -> Parsed<Node<'a>> {
        let generators = self.comprehension_clauses()?;
        self.expect(TokenKind::RParen)?;
        let comp = self.alloc(Comp { elt, generators, scope: ScopeId::NONE });
        Ok(self.expr(start, ExprKind::GeneratorExp(comp)))
    }

    /// The elements of a display, of which the first is read, up to the bracket that closes it.
    fn elements(&mut self, first: Node<'a>, close: TokenKind) -> Parsed<Seq<'a, Expr<'a>>> {
        let from = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) {
            if self.lexer.current.kind == close {
                break;
            }
            let next = if close == TokenKind::RBrace && !self.rules.peg_forms {
                self.star_expression()?
            } else {
                self.star_named_expression()?
            };
            self.scratch.exprs.push(next);
        }
        self.expect(close)?;
        Ok(self.finish_exprs(from))
    }

    /// `list | listcomp`
    fn list(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.advance();
        if self.eat(TokenKind::RSquare) {
            return Ok(self.expr(start, ExprKind::List { elts: &mut [], ctx: ExprContext::Load }));
        }
        self.enter(BRACKET_LEVELS)?;
        let starred = self.lexer.current.kind == TokenKind::Star;
        let first = self.star_named_expression()?;
        let kind = if self.at_comprehension() && (!starred || self.rules.comprehension_unpacking) {
            let generators = self.comprehension_clauses()?;
            self.expect(TokenKind::RSquare)?;
            ExprKind::ListComp(self.alloc(Comp { elt: first, generators, scope: ScopeId::NONE }))
        } else {
            let elts = self.elements(first, TokenKind::RSquare)?;
            ExprKind::List { elts, ctx: ExprContext::Load }
        };
        self.leave(BRACKET_LEVELS);
        Ok(self.expr(start, kind))
    }

    /// `dict | set | dictcomp | setcomp`
    fn braces(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.advance();
        if self.eat(TokenKind::RBrace) {
            let dict = self.alloc(Dict { keys: &mut [], values: &mut [] });
            return Ok(self.expr(start, ExprKind::Dict(dict)));
        }
        self.enter(BRACKET_LEVELS)?;
        let kind = match self.lexer.current.kind {
            TokenKind::DoubleStar => self.dict_rest()?,
            TokenKind::Star => {
                let first = self.star_named_expression()?;
                if self.at_comprehension() && self.rules.comprehension_unpacking {
                    self.set_comp(first)?
                } else {
                    ExprKind::Set { elts: self.elements(first, TokenKind::RBrace)? }
                }
            }
            _ => {
                let first_start = self.place();
                let first = if self.rules.peg_forms { self.named_expression()? } else { self.expression()? };
                self.braces_rest(first_start, first)?
            }
        };
        self.leave(BRACKET_LEVELS);
        Ok(self.expr(start, kind))
    }

    /// What follows the first element, or key, of a display in braces.
    fn braces_rest(&mut self, first_start: Place, first: Node<'a>) -> Parsed<ExprKind<'a>> {
        match self.lexer.current.kind {
            TokenKind::Colon => {
                if matches!(first.kind, ExprKind::NamedExpr { .. }) && starts_at(first, first_start) {
                    return Err(Fail);
                }
                self.advance();
                let value = self.expression()?;
                if self.at_comprehension() {
                    let generators = self.comprehension_clauses()?;
                    self.expect(TokenKind::RBrace)?;
                    let comp = DictComp { key: first, value: Some(value), generators, scope: ScopeId::NONE };
                    return Ok(ExprKind::DictComp(self.alloc(comp)));
                }
                let (keys, values) = (self.scratch.optional_exprs.len(), self.scratch.exprs.len());
                self.scratch.optional_exprs.push(Some(first));
                self.scratch.exprs.push(value);
                self.dict_items(keys, values)
            }
            TokenKind::For | TokenKind::Async => self.set_comp(first),
            _ => Ok(ExprKind::Set { elts: self.elements(first, TokenKind::RBrace)? }),
        }
    }

    /// The clauses and the `}` of a set comprehension.
    fn set_comp(&mut self, elt: Node<'a>) -> Parsed<ExprKind<'a>> {
        let generators = self.comprehension_clauses()?;
        self.expect(TokenKind::RBrace)?;
        Ok(ExprKind::SetComp(self.alloc(Comp { elt, generators, scope: ScopeId::NONE })))
    }

    fn at_comprehension(&self) -> bool {
        matches!(self.lexer.current.kind, TokenKind::For | TokenKind::Async)
    }

    /// A dict, or a comprehension, that starts with `**`.
    fn dict_rest(&mut self) -> Parsed<ExprKind<'a>> {
        let (keys, values) = (self.scratch.optional_exprs.len(), self.scratch.exprs.len());
        if !self.rules.comprehension_unpacking {
            self.dict_item()?;
            return self.dict_items(keys, values);
        }
        self.advance();
        let place = self.place();
        let mapping = self.expression()?;
        if self.at_comprehension() {
            let generators = self.comprehension_clauses()?;
            self.expect(TokenKind::RBrace)?;
            let comp = DictComp { key: mapping, value: None, generators, scope: ScopeId::NONE };
            return Ok(ExprKind::DictComp(self.alloc(comp)));
        }
        if is_wider_than_operand(mapping, place) {
            return Err(Fail);
        }
        self.scratch.optional_exprs.push(None);
        self.scratch.exprs.push(mapping);
        self.dict_items(keys, values)
    }

    fn dict_items(&mut self, keys: usize, values: usize) -> Parsed<ExprKind<'a>> {
        while self.eat(TokenKind::Comma) {
            if self.lexer.current.kind == TokenKind::RBrace {
                break;
            }
            self.dict_item()?;
        }
        self.expect(TokenKind::RBrace)?;
        let keys = finish(self.arena, &mut self.scratch.optional_exprs, keys);
        let values = self.finish_exprs(values);
        Ok(ExprKind::Dict(self.alloc(Dict { keys, values })))
    }

    /// `double_starred_kvpair`
    fn dict_item(&mut self) -> Parsed<()> {
        let (key, value) = if self.eat(TokenKind::DoubleStar) {
            (None, self.bitwise_or()?)
        } else {
            let key = self.expression()?;
            self.expect(TokenKind::Colon)?;
            (Some(key), self.expression()?)
        };
        self.scratch.optional_exprs.push(key);
        self.scratch.exprs.push(value);
        Ok(())
    }

    /// `for_if_clauses`
    pub(super) fn comprehension_clauses(&mut self) -> Parsed<Seq<'a, Comprehension<'a>>> {
        let from = self.scratch.comprehensions.len();
        loop {
            let is_async = self.eat(TokenKind::Async);
            self.expect(TokenKind::For)?;
            let target = self.star_targets()?;
            self.expect(TokenKind::In)?;
            let iter = self.disjunction()?;
            self.note_iterated(iter);
            let ifs_from = self.scratch.exprs.len();
            while self.eat(TokenKind::If) {
                let condition = if self.lexer.current.kind == TokenKind::Lambda {
                    self.lambda_condition()?
                } else {
                    self.disjunction()?
                };
                self.scratch.exprs.push(condition);
            }
            let ifs = self.finish_exprs(ifs_from);
            self.scratch.comprehensions.push(Comprehension { target, iter, ifs, is_async });
            if !matches!(self.lexer.current.kind, TokenKind::For | TokenKind::Async) {
                return Ok(finish(self.arena, &mut self.scratch.comprehensions, from));
            }
        }
    }
}

/// Is `expr`, which was read from `place` on, more than a `bitwise_or`?
fn is_wider_than_operand(expr: &Expr<'_>, place: Place) -> bool {
    let wide = matches!(
        expr.kind,
        ExprKind::IfExp(_)
            | ExprKind::Lambda(_)
            | ExprKind::BoolOp { .. }
            | ExprKind::Compare(_)
            | ExprKind::UnaryOp { op: UnaryOperator::Not, .. }
    );
    wide && starts_at(expr, place)
}
