//! Arguments of calls and of class definitions.

use super::expr::starts_at;
use super::{Fail, Node, Parsed, Parser, finish};
use crate::syntax::ast::{Call, Expr, ExprKind, Keyword, Seq};
use crate::syntax::token::TokenKind;

/// Positional arguments, then keywords.
pub(super) type Arguments<'a> = (Seq<'a, Expr<'a>>, Seq<'a, Keyword<'a>>);

const CALL_LEVELS: u32 = 24;

impl<'a> Parser<'a, '_> {
    /// The call of `func`, whose `(` is the current token.
    pub(super) fn call(&mut self, func: Node<'a>) -> Parsed<ExprKind<'a>> {
        self.enter(CALL_LEVELS)?;
        let (args, keywords) = self.arguments(true)?;
        self.leave(CALL_LEVELS);
        Ok(ExprKind::Call(self.alloc(Call { func, args, keywords })))
    }

    /// `'(' [arguments] ')'`. `generator` says that a lone generator expression needs no parentheses of
    /// its own.
    pub(super) fn arguments(&mut self, generator: bool) -> Parsed<Arguments<'a>> {
        let open = self.place();
        self.advance();
        let from = self.scratch.exprs.len();
        let keywords_from = self.scratch.keywords.len();
        let mut unpacked = false;
        while self.lexer.current.kind != TokenKind::RParen {
            match self.lexer.current.kind {
                TokenKind::Star => {
                    if unpacked {
                        return Err(Fail);
                    }
                    let arg = self.starred_expression()?;
                    if generator
                        && self.rules.comprehension_unpacking
                        && self.scratch.exprs.len() == from
                        && self.scratch.keywords.len() == keywords_from
                        && matches!(self.lexer.current.kind, TokenKind::For | TokenKind::Async)
                    {
                        return self.lone_generator(open, arg);
                    }
                    self.scratch.exprs.push(arg);
                }
                TokenKind::DoubleStar => {
                    let start = self.place();
                    self.advance();
                    let value = self.expression()?;
                    let loc = self.location_from(start);
                    self.scratch.keywords.push(Keyword { loc, arg: None, value });
                    unpacked = true;
                }
                _ => {
                    let start = self.place();
                    let arg = self.expression()?;
                    match self.lexer.current.kind {
                        TokenKind::Equal => {
                            let ExprKind::Name { id, .. } = arg.kind else { return Err(Fail) };
                            if !starts_at(arg, start) {
                                return Err(Fail);
                            }
                            self.advance();
                            let value = self.expression()?;
                            let loc = self.location_from(start);
                            self.scratch.keywords.push(Keyword { loc, arg: Some(id), value });
                        }
                        _ if self.scratch.keywords.len() > keywords_from => return Err(Fail),
                        TokenKind::ColonEqual => {
                            let arg = self.walrus(start, arg)?;
                            if generator
                                && self.rules.peg_forms
                                && self.scratch.exprs.len() == from
                                && matches!(self.lexer.current.kind, TokenKind::For | TokenKind::Async)
                            {
                                return self.lone_generator(open, arg);
                            }
                            self.scratch.exprs.push(arg);
                        }
                        TokenKind::For | TokenKind::Async
                            if generator && self.scratch.exprs.len() == from =>
                        {
                            return self.lone_generator(open, arg);
                        }
                        _ => self.scratch.exprs.push(arg),
                    }
                }
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RParen)?;
        let args = self.finish_exprs(from);
        let keywords = finish(self.arena, &mut self.scratch.keywords, keywords_from);
        Ok((args, keywords))
    }

    fn lone_generator(&mut self, open: super::Place, elt: Node<'a>) -> Parsed<Arguments<'a>> {
        let generator = self.generator_rest(open, elt)?;
        Ok((std::slice::from_mut(generator), &mut []))
    }
}
