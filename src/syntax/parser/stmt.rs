//! Simple statements, and the choice among all.

use super::expr::{starts_at, starts_expression};
use super::target::{set_del, set_store, set_store_single};
use super::{Fail, Node, Parsed, Parser, Place, finish};
use crate::source::{ExceptionKind, Location, Warning, WarningCategory};
use crate::syntax::ast::{
    Alias, AnnAssign, Assign, ExprContext, ExprKind, ImportFrom, Operator, Ref, ScopeId, Seq, StmtKind,
    TypeAlias,
};
use crate::syntax::token::TokenKind;
use crate::value::{Name, known};

impl<'a> Parser<'a, '_> {
    /// `statement`: pushes what it reads, one compound statement or a line of simple ones.
    pub(super) fn statement(&mut self) -> Parsed<()> {
        let (start, foldable) = (self.place(), self.foldable);
        let kind = match self.lexer.current.kind {
            TokenKind::If => self.if_statement()?,
            TokenKind::Def => self.function(&mut [], false)?,
            TokenKind::Class => self.class(&mut [])?,
            TokenKind::At => return self.decorated(),
            TokenKind::For => self.for_statement(false)?,
            TokenKind::While => self.while_statement()?,
            TokenKind::Try => self.try_statement()?,
            TokenKind::With => self.with_statement(false)?,
            TokenKind::Async => self.async_statement()?,
            TokenKind::Name if self.at_match_statement() => self.match_statement()?,
            _ => return self.simple_statements(),
        };
        let loc = self.location_from(start);
        self.push_stmt(loc, kind, foldable);
        Ok(())
    }

    /// `simple_stmts`: statements separated by semicolons up to the end of the line.
    pub(super) fn simple_statements(&mut self) -> Parsed<()> {
        loop {
            let (start, foldable) = (self.place(), self.foldable);
            self.simple_statement(start, foldable)?;
            match self.lexer.current.kind {
                TokenKind::Newline => {
                    self.skip_layout();
                    return Ok(());
                }
                TokenKind::Semicolon => {
                    self.advance();
                    if self.lexer.current.kind == TokenKind::Newline {
                        self.skip_layout();
                        return Ok(());
                    }
                }
                _ => return Err(Fail),
            }
        }
    }

    /// `simple_stmt`: pushes what it reads.
    #[inline]
    fn simple_statement(&mut self, start: Place, foldable: u32) -> Parsed<()> {
        let kind = match self.lexer.current.kind {
            TokenKind::Name => {
                if self.lexer.current.end - self.lexer.current.start == 4
                    && let Some(kind) = self.soft_keyword_statement(start)?
                {
                    kind
                } else {
                    return self.expression_statement(start, foldable);
                }
            }
            TokenKind::Return => {
                self.advance();
                let value = if starts_expression(self.lexer.current.kind) {
                    Some(self.star_expressions()?)
                } else {
                    None
                };
                StmtKind::Return { value }
            }
            TokenKind::Import => self.import(false)?,
            TokenKind::From => self.import_from(None)?,
            TokenKind::Pass => {
                self.advance();
                StmtKind::Pass
            }
            TokenKind::Raise => self.raise()?,
            TokenKind::Assert => self.assert()?,
            TokenKind::Break => {
                self.advance();
                StmtKind::Break
            }
            TokenKind::Continue => {
                self.advance();
                StmtKind::Continue
            }
            TokenKind::Del => self.delete()?,
            TokenKind::Global => StmtKind::Global { names: self.name_list()? },
            TokenKind::Nonlocal => StmtKind::Nonlocal { names: self.name_list()? },
            _ => return self.expression_statement(start, foldable),
        };
        let loc = self.location_from(start);
        self.push_stmt(loc, kind, foldable);
        Ok(())
    }

    /// The statement that the current token, a name of four letters, starts as a keyword, if it is one.
    fn soft_keyword_statement(&mut self, start: Place) -> Parsed<Option<StmtKind<'a>>> {
        if self.at_word("type") && self.rules.type_parameters && self.lexer.next_is_name() {
            return self.type_alias().map(Some);
        }
        if self.rules.lazy_imports && self.at_lazy_import() {
            return self.lazy_import(start).map(Some);
        }
        Ok(None)
    }

    /// An expression, or an assignment of any kind: pushed.
    fn expression_statement(&mut self, start: Place, foldable: u32) -> Parsed<()> {
        if self.lexer.current.kind == TokenKind::Yield {
            let value = self.yield_expr()?;
            // A yield is no target, so nothing may follow.
            self.push_stmt(self.location_from(start), StmtKind::Expr { value }, foldable);
            return Ok(());
        }
        let first = self.star_expressions()?;
        let kind = match self.lexer.current.kind {
            TokenKind::Newline => StmtKind::Expr { value: first },
            TokenKind::Equal => StmtKind::Assign(self.assignment(first)?),
            TokenKind::Colon => self.annotated_assignment(start, first)?,
            kind => match augmented(kind) {
                Some(op) => self.augmented_assignment(first, op)?,
                None => StmtKind::Expr { value: first },
            },
        };
        self.push_stmt(self.location_from(start), kind, foldable);
        Ok(())
    }

    fn assignment(&mut self, first: Node<'a>) -> Parsed<Ref<'a, Assign<'a>>> {
        let from = self.scratch.exprs.len();
        let mut value = first;
        while self.lexer.current.kind == TokenKind::Equal {
            set_store(value)?;
            self.scratch.exprs.push(value);
            self.advance();
            value = self.annotated_rhs()?;
        }
        let targets = self.finish_exprs(from);
        let type_comment = self.type_comment();
        Ok(self.alloc(Assign { targets, value, type_comment }))
    }

    fn augmented_assignment(&mut self, target: Node<'a>, op: Operator) -> Parsed<StmtKind<'a>> {
        set_store_single(target)?;
        self.advance();
        let value = if self.rules.peg_forms || self.lexer.current.kind == TokenKind::Yield {
            self.annotated_rhs()?
        } else {
            self.expressions()?
        };
        Ok(StmtKind::AugAssign { target, op, value })
    }

    fn annotated_assignment(&mut self, start: Place, target: Node<'a>) -> Parsed<StmtKind<'a>> {
        set_store_single(target)?;
        let simple = matches!(target.kind, ExprKind::Name { .. }) && starts_at(target, start);
        self.advance();
        let annotation = self.expression()?;
        let value = if self.eat(TokenKind::Equal) { Some(self.annotated_rhs()?) } else { None };
        let node = AnnAssign { target, annotation, value, simple, scope: ScopeId::NONE };
        Ok(StmtKind::AnnAssign(self.alloc(node)))
    }

    /// `type NAME [type_params] = expression`
    fn type_alias(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let name = self.name_expr(ExprContext::Store)?;
        let type_params = self.type_params()?;
        self.expect(TokenKind::Equal)?;
        let value = self.expression()?;
        let node =
            TypeAlias { name, type_params, value, scope: ScopeId::NONE, type_params_scope: ScopeId::NONE };
        Ok(StmtKind::TypeAlias(self.alloc(node)))
    }

    fn raise(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        if !starts_expression(self.lexer.current.kind) {
            return Ok(StmtKind::Raise { exc: None, cause: None });
        }
        let exc = Some(self.expression()?);
        let cause = self.optional_after(TokenKind::From, Self::expression)?;
        Ok(StmtKind::Raise { exc, cause })
    }

    fn assert(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let test = self.expression()?;
        let msg = self.optional_after(TokenKind::Comma, Self::expression)?;
        Ok(StmtKind::Assert { test, msg })
    }

    fn delete(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let from = self.scratch.exprs.len();
        loop {
            let target = self.primary()?;
            set_del(target)?;
            self.scratch.exprs.push(target);
            if !self.eat(TokenKind::Comma) || !starts_expression(self.lexer.current.kind) {
                break;
            }
        }
        if !matches!(self.lexer.current.kind, TokenKind::Semicolon | TokenKind::Newline) {
            return Err(Fail);
        }
        Ok(StmtKind::Delete { targets: self.finish_exprs(from) })
    }

    /// The names after `global` or `nonlocal`.
    fn name_list(&mut self) -> Parsed<Seq<'a, Name>> {
        self.advance();
        let from = self.scratch.names.len();
        loop {
            let name = self.name()?;
            self.scratch.names.push(name);
            if !self.eat(TokenKind::Comma) {
                return Ok(finish(self.arena, &mut self.scratch.names, from));
            }
        }
    }

    /// Is the current token, a name, the soft keyword `lazy` before an import?
    fn at_lazy_import(&self) -> bool {
        self.at_word("lazy") && matches!(self.lexer.next_keyword(), Some(TokenKind::Import | TokenKind::From))
    }

    /// `lazy import` and `lazy from`; `start` is where it starts.
    fn lazy_import(&mut self, start: Place) -> Parsed<StmtKind<'a>> {
        self.advance();
        let lazy = self.location_from(start);
        match self.lexer.current.kind {
            TokenKind::Import => self.import(true),
            _ => self.import_from(Some(lazy)),
        }
    }

    fn import(&mut self, is_lazy: bool) -> Parsed<StmtKind<'a>> {
        self.advance();
        let from = self.scratch.aliases.len();
        loop {
            let start = self.place();
            let name = self.dotted_name()?;
            let asname = if self.eat(TokenKind::As) { Some(self.name()?) } else { None };
            let loc = self.location_from(start);
            self.scratch.aliases.push(Alias { loc, name, asname });
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        Ok(StmtKind::Import { names: finish(self.arena, &mut self.scratch.aliases, from), is_lazy })
    }

    /// `lazy` is where that soft keyword stands, if it does.
    fn import_from(&mut self, lazy: Option<Location>) -> Parsed<StmtKind<'a>> {
        self.advance();
        let mut level = 0;
        let mut after_dots = self.place();
        loop {
            level += match self.lexer.current.kind {
                TokenKind::Dot => 1,
                TokenKind::Ellipsis => 3,
                _ => break,
            };
            self.advance();
            after_dots = self.end;
        }
        let module_at = self.place();
        let module = if level > 0 && self.lexer.current.kind == TokenKind::Import {
            None
        } else {
            Some(self.dotted_name()?)
        };
        if self.rules.lazy_imports && level > 0 && lazy.is_none() && module_at != after_dots {
            self.warn_misplaced_lazy(module, level, module_at);
        }
        self.expect(TokenKind::Import)?;
        let names = self.import_targets()?;
        if let Some(lazy) = lazy
            && level == 0
            && module == Some(known::DUNDER_FUTURE)
        {
            let message = "lazy from __future__ import is not allowed".to_owned();
            return self.fail_with(ExceptionKind::SyntaxError, message, Some(lazy));
        }
        if level == 0 && module == Some(known::DUNDER_FUTURE) && self.rules.barry_in_file {
            let names_table = &self.names;
            if names.iter().any(|alias| names_table.get(alias.name) == "barry_as_FLUFL") {
                self.barry = true;
                self.lexer.join_less_greater();
            }
        }
        Ok(StmtKind::ImportFrom(self.alloc(ImportFrom { module, names, level, is_lazy: lazy.is_some() })))
    }

    /// `from . lazy import` names the module `.lazy`, whatever the blank says.
    fn warn_misplaced_lazy(&mut self, module: Option<Name>, level: u32, at: Place) {
        if self.lexer.current.kind != TokenKind::Import
            || module.is_none_or(|module| self.names.get(module) != "lazy")
        {
            return;
        }
        let dots = ".".repeat(level as usize);
        let message = format!(
            "'from {dots} lazy import' is the same as 'from {dots}lazy import'; did you mean 'lazy from {dots} import'?"
        );
        let location = self.location_from(at);
        let category = WarningCategory::SyntaxWarning;
        self.lexer.warnings.push(Warning { category, message, lineno: location.line, location });
    }

    /// `import_from_targets`
    fn import_targets(&mut self) -> Parsed<Seq<'a, Alias>> {
        let from = self.scratch.aliases.len();
        if self.lexer.current.kind == TokenKind::Star {
            let start = self.place();
            self.advance();
            let loc = self.location_from(start);
            self.scratch.aliases.push(Alias { loc, name: known::STAR, asname: None });
            return Ok(finish(self.arena, &mut self.scratch.aliases, from));
        }
        let parenthesised = self.eat(TokenKind::LParen);
        loop {
            let start = self.place();
            let name = self.name()?;
            let asname = if self.eat(TokenKind::As) { Some(self.name()?) } else { None };
            let loc = self.location_from(start);
            self.scratch.aliases.push(Alias { loc, name, asname });
            if !self.eat(TokenKind::Comma) || parenthesised && self.lexer.current.kind == TokenKind::RParen {
                break;
            }
        }
        if parenthesised {
            self.expect(TokenKind::RParen)?;
        }
        Ok(finish(self.arena, &mut self.scratch.aliases, from))
    }

    /// `dotted_name`, as one name.
    fn dotted_name(&mut self) -> Parsed<Name> {
        let first = self.name()?;
        if self.lexer.current.kind != TokenKind::Dot {
            return Ok(first);
        }
        let mut text = self.names.get(first).to_owned();
        while self.eat(TokenKind::Dot) {
            let next = self.name()?;
            text.push('.');
            text.push_str(self.names.get(next));
        }
        Ok(self.names.intern(&text))
    }
}

/// The operator of an augmented assignment.
fn augmented(kind: TokenKind) -> Option<Operator> {
    Some(match kind {
        TokenKind::PlusEqual => Operator::Add,
        TokenKind::MinusEqual => Operator::Sub,
        TokenKind::StarEqual => Operator::Mult,
        TokenKind::AtEqual => Operator::MatMult,
        TokenKind::SlashEqual => Operator::Div,
        TokenKind::PercentEqual => Operator::Mod,
        TokenKind::AmperEqual => Operator::BitAnd,
        TokenKind::VBarEqual => Operator::BitOr,
        TokenKind::CaretEqual => Operator::BitXor,
        TokenKind::LeftShiftEqual => Operator::LShift,
        TokenKind::RightShiftEqual => Operator::RShift,
        TokenKind::DoubleStarEqual => Operator::Pow,
        TokenKind::DoubleSlashEqual => Operator::FloorDiv,
        _ => return None,
    })
}
