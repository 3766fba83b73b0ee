//! Parameters of functions and lambdas, and type parameters.

use super::{Fail, Node, Parsed, Parser, finish};
use crate::syntax::ast::{Arg, Arguments, ScopeId, Seq, TypeParam, TypeParamKind};
use crate::syntax::token::TokenKind;
use crate::value::PyStr;

/// How many rules of CPython's grammar are active from a lambda to the default of a parameter.
const DEFAULT_LEVELS: u32 = 8;

impl<'a> Parser<'a, '_> {
    /// `'(' [params] ')'`
    pub(super) fn parameters(&mut self) -> Parsed<Arguments<'a>> {
        self.expect(TokenKind::LParen)?;
        let arguments = self.parameter_list(TokenKind::RParen)?;
        self.advance();
        Ok(arguments)
    }

    /// The parameters of a lambda, up to its colon.
    pub(super) fn lambda_parameters(&mut self) -> Parsed<Arguments<'a>> {
        self.parameter_list(TokenKind::Colon)
    }

    /// Parameters up to the token `close`, which stays. Parameters of a lambda have no annotations.
    fn parameter_list(&mut self, close: TokenKind) -> Parsed<Arguments<'a>> {
        let mut result = no_arguments();
        if self.lexer.current.kind == close {
            return Ok(result);
        }
        let mut from = self.scratch.args.len();
        let defaults_from = self.scratch.exprs.len();
        let mut slash = false;
        loop {
            match self.lexer.current.kind {
                TokenKind::Name => {
                    self.plain_parameter(close, defaults_from)?;
                }
                TokenKind::Slash => {
                    if slash || self.scratch.args.len() == from {
                        return Err(Fail);
                    }
                    slash = true;
                    self.advance();
                    result.posonlyargs = finish(self.arena, &mut self.scratch.args, from);
                    from = self.scratch.args.len();
                    if !self.eat(TokenKind::Comma) && self.lexer.current.kind != close {
                        return Err(Fail);
                    }
                }
                TokenKind::Star | TokenKind::DoubleStar => break,
                _ => return Err(Fail),
            }
            if self.lexer.current.kind == close {
                break;
            }
        }
        result.args = finish(self.arena, &mut self.scratch.args, from);
        result.defaults = self.finish_exprs(defaults_from);
        match self.lexer.current.kind {
            TokenKind::Star => self.star_parameters(close, &mut result)?,
            TokenKind::DoubleStar => self.double_star_parameter(close, &mut result)?,
            _ => {}
        }
        if self.lexer.current.kind == close { Ok(result) } else { Err(Fail) }
    }

    /// A parameter before `*`, with its default, its comma and its type comment.
    fn plain_parameter(&mut self, close: TokenKind, defaults_from: usize) -> Parsed<()> {
        let mut arg = self.parameter(close, false)?;
        if self.eat(TokenKind::Equal) {
            self.enter(DEFAULT_LEVELS)?;
            let default = self.expression()?;
            self.leave(DEFAULT_LEVELS);
            self.scratch.exprs.push(default);
        } else if self.scratch.exprs.len() > defaults_from {
            return Err(Fail);
        }
        self.end_parameter(close, &mut arg)?;
        self.scratch.args.push(arg);
        Ok(())
    }

    /// `star_etc`, from `*` on.
    fn star_parameters(&mut self, close: TokenKind, result: &mut Arguments<'a>) -> Parsed<()> {
        self.advance();
        if self.lexer.current.kind == TokenKind::Comma {
            self.advance();
            if self.lexer.current.kind != TokenKind::Name {
                return Err(Fail);
            }
        } else {
            let mut arg = self.parameter(close, true)?;
            self.end_parameter(close, &mut arg)?;
            result.vararg = Some(self.alloc(arg));
        }
        let from = self.scratch.args.len();
        let defaults_from = self.scratch.optional_exprs.len();
        while self.lexer.current.kind == TokenKind::Name {
            let mut arg = self.parameter(close, false)?;
            let default = if self.eat(TokenKind::Equal) { Some(self.expression()?) } else { None };
            self.end_parameter(close, &mut arg)?;
            self.scratch.args.push(arg);
            self.scratch.optional_exprs.push(default);
        }
        result.kwonlyargs = finish(self.arena, &mut self.scratch.args, from);
        result.kw_defaults = finish(self.arena, &mut self.scratch.optional_exprs, defaults_from);
        if self.lexer.current.kind == TokenKind::DoubleStar {
            self.double_star_parameter(close, result)?;
        }
        Ok(())
    }

    fn double_star_parameter(&mut self, close: TokenKind, result: &mut Arguments<'a>) -> Parsed<()> {
        self.advance();
        let mut arg = self.parameter(close, false)?;
        self.end_parameter(close, &mut arg)?;
        result.kwarg = Some(self.alloc(arg));
        Ok(())
    }

    /// `NAME [annotation]`
    fn parameter(&mut self, close: TokenKind, starred: bool) -> Parsed<Arg<'a>> {
        let start = self.place();
        let arg = self.name()?;
        let mut annotation = None;
        if close == TokenKind::RParen && self.eat(TokenKind::Colon) {
            annotation = Some(if starred && self.rules.variadic_generics {
                self.star_expression()?
            } else {
                self.expression()?
            });
        }
        Ok(Arg { loc: self.location_from(start), arg, annotation, type_comment: None })
    }

    /// A comma, or the end of the list, each with the type comment that may stand there.
    #[inline]
    fn end_parameter(&mut self, close: TokenKind, arg: &mut Arg<'a>) -> Parsed<()> {
        let comma = self.eat(TokenKind::Comma);
        if self.type_comments && close == TokenKind::RParen {
            arg.type_comment = self.type_comment();
        }
        if comma || self.lexer.current.kind == close { Ok(()) } else { Err(Fail) }
    }

    /// The type comment that may be here.
    #[inline]
    pub(super) fn type_comment(&mut self) -> Option<PyStr<'a>> {
        if self.lexer.current.kind != TokenKind::TypeComment {
            return None;
        }
        let text = self.lexer.slice(self.lexer.current.start, self.lexer.current.end);
        self.advance();
        Some(PyStr::from_bytes(text))
    }

    /// `[type_params]`
    #[inline]
    pub(super) fn type_params(&mut self) -> Parsed<Seq<'a, TypeParam<'a>>> {
        if self.lexer.current.kind != TokenKind::LSquare || !self.rules.type_parameters {
            return Ok(&mut []);
        }
        self.advance();
        let from = self.scratch.type_params.len();
        loop {
            let param = self.type_param()?;
            self.scratch.type_params.push(param);
            if !self.eat(TokenKind::Comma) || self.lexer.current.kind == TokenKind::RSquare {
                break;
            }
        }
        self.expect(TokenKind::RSquare)?;
        Ok(finish(self.arena, &mut self.scratch.type_params, from))
    }

    fn type_param(&mut self) -> Parsed<TypeParam<'a>> {
        let start = self.place();
        let stars = self.lexer.current.kind;
        if matches!(stars, TokenKind::Star | TokenKind::DoubleStar) {
            self.advance();
        }
        let name = self.name()?;
        let kind = match stars {
            TokenKind::Star => TypeParamKind::TypeVarTuple,
            TokenKind::DoubleStar => TypeParamKind::ParamSpec,
            _ => {
                let bound = self.optional_after(TokenKind::Colon, Self::expression)?;
                TypeParamKind::TypeVar { bound }
            }
        };
        let default = if stars == TokenKind::Star { Self::star_expression } else { Self::expression };
        let default_value = if self.rules.type_parameter_defaults {
            self.optional_after(TokenKind::Equal, default)?
        } else {
            None
        };
        Ok(TypeParam {
            loc: self.location_from(start),
            name,
            kind,
            default_value,
            bound_scope: ScopeId::NONE,
            default_scope: ScopeId::NONE,
        })
    }

    /// What `rule` reads after the token `kind`, if that is here.
    #[inline]
    pub(super) fn optional_after(
        &mut self,
        kind: TokenKind,
        rule: fn(&mut Self) -> Parsed<Node<'a>>,
    ) -> Parsed<Option<Node<'a>>> {
        if !self.eat(kind) {
            return Ok(None);
        }
        rule(self).map(Some)
    }
}

fn no_arguments<'a>() -> Arguments<'a> {
    Arguments {
        posonlyargs: &mut [],
        args: &mut [],
        vararg: None,
        kwonlyargs: &mut [],
        kw_defaults: &mut [],
        kwarg: None,
        defaults: &mut [],
    }
}
