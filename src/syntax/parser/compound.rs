//! Compound statements.

use super::{Fail, Node, Parsed, Parser, Place, finish};
use crate::syntax::ast::{
    ClassDef, ExceptHandler, Expr, ExprKind, For, FunctionDef, If, ScopeId, Seq, Stmt, StmtKind, Try, While,
    With, WithItem,
};
use crate::syntax::token::TokenKind;
use crate::value::PyStr;

/// A branch of an `if` statement, until the nested statements are made of the branches.
pub(super) struct Branch<'a> {
    start: Place,
    /// [`Parser::foldable`] before the branch.
    foldable: u32,
    test: Node<'a>,
    body: Seq<'a, Stmt<'a>>,
}

/// How many rules of CPython's grammar are active from a statement to one in its block.
const BLOCK_LEVELS: u32 = 4;

/// What stood between the parentheses after `with`.
enum WithParens<'a> {
    /// Items, or what can be seen as such.
    Items { from: usize, comma: bool, aliased: bool },
    /// An expression: a generator, a named expression, a tuple with stars…
    Expr(Node<'a>),
}

impl<'a> Parser<'a, '_> {
    /// `block`
    pub(super) fn block(&mut self) -> Parsed<Seq<'a, Stmt<'a>>> {
        let from = self.scratch.stmts.len();
        self.enter(BLOCK_LEVELS)?;
        if self.lexer.current.kind == TokenKind::Newline {
            self.skip_layout();
            self.expect_layout(TokenKind::Indent)?;
            loop {
                self.statement()?;
                if self.lexer.current.kind == TokenKind::Dedent {
                    break;
                }
            }
            self.skip_layout();
        } else {
            self.simple_statements()?;
        }
        self.leave(BLOCK_LEVELS);
        Ok(finish(self.arena, &mut self.scratch.stmts, from))
    }

    /// `':' block`
    fn colon_block(&mut self) -> Parsed<Seq<'a, Stmt<'a>>> {
        self.expect(TokenKind::Colon)?;
        self.block()
    }

    /// `[else_block]`
    fn else_block(&mut self) -> Parsed<Seq<'a, Stmt<'a>>> {
        if !self.eat(TokenKind::Else) {
            return Ok(&mut []);
        }
        self.colon_block()
    }

    /// `':' [TYPE_COMMENT] block`
    fn commented_block(&mut self) -> Parsed<(Option<PyStr<'a>>, Seq<'a, Stmt<'a>>)> {
        self.expect(TokenKind::Colon)?;
        let comment = self.type_comment();
        Ok((comment, self.block()?))
    }

    /// `if_stmt`: the branches are read one after the other, then nested from the last one on.
    pub(super) fn if_statement(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let test = self.named_expression()?;
        let body = self.colon_block()?;
        if self.lexer.current.kind != TokenKind::Elif {
            let orelse = self.else_block()?;
            return Ok(StmtKind::If(self.alloc(If { test, body, orelse })));
        }
        let from = self.scratch.branches.len();
        let depth = self.depth;
        while self.lexer.current.kind == TokenKind::Elif {
            let (start, foldable) = (self.place(), self.foldable);
            self.advance();
            self.enter(1)?;
            let test = self.named_expression()?;
            let body = self.colon_block()?;
            self.scratch.branches.push(Branch { start, foldable, test, body });
        }
        let mut orelse = self.else_block()?;
        self.depth = depth;
        while self.scratch.branches.len() > from {
            let Some(Branch { start, foldable, test, body }) = self.scratch.branches.pop() else { break };
            let kind = StmtKind::If(self.alloc(If { test, body, orelse }));
            let loc = self.location_from(start);
            orelse = std::slice::from_mut(self.alloc(Stmt { loc, folds: self.foldable != foldable, kind }));
        }
        Ok(StmtKind::If(self.alloc(If { test, body, orelse })))
    }

    pub(super) fn while_statement(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let test = self.named_expression()?;
        let body = self.colon_block()?;
        let orelse = self.else_block()?;
        Ok(StmtKind::While(self.alloc(While { test, body, orelse })))
    }

    pub(super) fn for_statement(&mut self, is_async: bool) -> Parsed<StmtKind<'a>> {
        self.advance();
        let target = self.star_targets()?;
        self.expect(TokenKind::In)?;
        let iter = if self.rules.peg_forms { self.star_expressions()? } else { self.expressions()? };
        self.note_iterated(iter);
        let (type_comment, body) = self.commented_block()?;
        let orelse = self.else_block()?;
        let node = self.alloc(For { target, iter, body, orelse, type_comment });
        Ok(if is_async { StmtKind::AsyncFor(node) } else { StmtKind::For(node) })
    }

    pub(super) fn async_statement(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        match self.lexer.current.kind {
            TokenKind::Def => self.function(&mut [], true),
            TokenKind::For => self.for_statement(true),
            TokenKind::With => self.with_statement(true),
            _ => Err(Fail),
        }
    }

    /// `try_stmt`
    pub(super) fn try_statement(&mut self) -> Parsed<StmtKind<'a>> {
        self.advance();
        let body = self.colon_block()?;
        let from = self.scratch.handlers.len();
        let mut star = false;
        while self.lexer.current.kind == TokenKind::Except {
            let first = self.scratch.handlers.len() == from;
            let starred = self.except_handler()?;
            if !first && starred != star {
                return Err(Fail);
            }
            star = starred;
        }
        let handlers = finish(self.arena, &mut self.scratch.handlers, from);
        let orelse = if handlers.is_empty() { Default::default() } else { self.else_block()? };
        let mut finalbody: Seq<'a, Stmt<'a>> = &mut [];
        if self.eat(TokenKind::Finally) {
            finalbody = self.colon_block()?;
            // Statements that leave it are warned of.
            self.foldable += 1;
        } else if handlers.is_empty() {
            return Err(Fail);
        }
        let node = self.alloc(Try { body, handlers, orelse, finalbody });
        Ok(if star { StmtKind::TryStar(node) } else { StmtKind::Try(node) })
    }

    /// One `except` clause: pushed; says whether it was `except*`.
    fn except_handler(&mut self) -> Parsed<bool> {
        let start = self.place();
        self.advance();
        let star = self.rules.exception_groups && self.eat(TokenKind::Star);
        let (mut typ, mut name) = (None, None);
        if star || self.lexer.current.kind != TokenKind::Colon {
            let first_start = self.place();
            let mut expr = self.expression()?;
            let bare = self.lexer.current.kind == TokenKind::Comma && self.rules.bare_except_tuple;
            if bare {
                expr = self.tuple_rest(first_start, expr, Self::expression)?;
            }
            typ = Some(expr);
            if !bare && self.eat(TokenKind::As) {
                name = Some(self.name()?);
            }
        }
        let body = self.colon_block()?;
        let loc = self.location_from(start);
        self.scratch.handlers.push(ExceptHandler { loc, typ, name, body });
        Ok(star)
    }

    /// Decorators and what they decorate.
    pub(super) fn decorated(&mut self) -> Parsed<()> {
        let foldable = self.foldable;
        let from = self.scratch.exprs.len();
        while self.lexer.current.kind == TokenKind::At {
            self.advance();
            let named = self.lexer.current.kind == TokenKind::Name;
            let decorator = self.named_expression()?;
            if !(self.rules.peg_forms || named && is_dotted_call(decorator)) {
                return Err(Fail);
            }
            self.scratch.exprs.push(decorator);
            self.expect_layout(TokenKind::Newline)?;
        }
        let decorators = self.finish_exprs(from);
        let start = self.place();
        let kind = match self.lexer.current.kind {
            TokenKind::Def => self.function(decorators, false)?,
            TokenKind::Class => self.class(decorators)?,
            TokenKind::Async => {
                self.advance();
                if self.lexer.current.kind != TokenKind::Def {
                    return Err(Fail);
                }
                self.function(decorators, true)?
            }
            _ => return Err(Fail),
        };
        let loc = self.location_from(start);
        self.push_stmt(loc, kind, foldable);
        Ok(())
    }

    /// A function from its `def` on.
    pub(super) fn function(
        &mut self,
        decorator_list: Seq<'a, Expr<'a>>,
        is_async: bool,
    ) -> Parsed<StmtKind<'a>> {
        self.advance();
        let name = self.name()?;
        let type_params = self.type_params()?;
        let args = self.parameters()?;
        let returns = self.optional_after(TokenKind::Arrow, Self::expression)?;
        self.expect(TokenKind::Colon)?;
        let type_comment = self.function_type_comment()?;
        let body = self.block()?;
        let node = self.alloc(FunctionDef {
            name,
            args,
            body,
            decorator_list,
            returns,
            type_comment,
            type_params,
            scope: ScopeId::NONE,
            type_params_scope: ScopeId::NONE,
            annotations_scope: ScopeId::NONE,
        });
        Ok(if is_async { StmtKind::AsyncFunctionDef(node) } else { StmtKind::FunctionDef(node) })
    }

    /// `[func_type_comment]`: after the colon, or on a line of its own before the indented block.
    fn function_type_comment(&mut self) -> Parsed<Option<PyStr<'a>>> {
        if !self.type_comments {
            return Ok(None);
        }
        if self.lexer.current.kind != TokenKind::Newline || !self.lexer.at_type_comment_line() {
            return Ok(self.type_comment());
        }
        self.skip_layout();
        let comment = self.type_comment();
        if self.lexer.current.kind == TokenKind::Newline { Ok(comment) } else { Err(Fail) }
    }

    /// A class from its `class` on.
    pub(super) fn class(&mut self, decorator_list: Seq<'a, Expr<'a>>) -> Parsed<StmtKind<'a>> {
        self.advance();
        let name = self.name()?;
        let type_params = self.type_params()?;
        let (bases, keywords) = if self.lexer.current.kind == TokenKind::LParen {
            self.arguments(false)?
        } else {
            Default::default()
        };
        let body = self.colon_block()?;
        let node = self.alloc(ClassDef {
            name,
            bases,
            keywords,
            body,
            decorator_list,
            type_params,
            scope: ScopeId::NONE,
            type_params_scope: ScopeId::NONE,
        });
        Ok(StmtKind::ClassDef(node))
    }

    /// `with_stmt`
    pub(super) fn with_statement(&mut self, is_async: bool) -> Parsed<StmtKind<'a>> {
        self.advance();
        let from = self.scratch.with_items.len();
        if self.lexer.current.kind == TokenKind::LParen && self.rules.peg_forms {
            self.with_after_paren(is_async)?;
        } else {
            self.with_item()?;
        }
        while self.eat(TokenKind::Comma) {
            self.with_item()?;
        }
        let (type_comment, body) = self.commented_block()?;
        let items = finish(self.arena, &mut self.scratch.with_items, from);
        let node = self.alloc(With { items, body, type_comment });
        Ok(if is_async { StmtKind::AsyncWith(node) } else { StmtKind::With(node) })
    }

    /// `with_item`
    fn with_item(&mut self) -> Parsed<()> {
        let context_expr = self.expression()?;
        self.with_item_of(context_expr)
    }

    /// The rest of an item: the target that may follow.
    fn with_item_of(&mut self, context_expr: Node<'a>) -> Parsed<()> {
        let optional_vars = self.optional_after(TokenKind::As, Self::star_target)?;
        self.scratch.with_items.push(WithItem { context_expr, optional_vars });
        Ok(())
    }

    /// What follows `with (`: items in parentheses, or an expression that starts with a parenthesis.
    /// Which of them it is, the token after the closing parenthesis tells.
    fn with_after_paren(&mut self, is_async: bool) -> Parsed<()> {
        let start = self.place();
        self.advance();
        let atom = match self.with_parens(start)? {
            WithParens::Expr(expr) => expr,
            WithParens::Items { from, comma, aliased } => {
                // With a type comment, CPython's grammar has no parenthesised form for `async with`.
                let commented = is_async
                    && self.lexer.current.kind == TokenKind::Colon
                    && self.type_comments
                    && self.lexer.at_type_comment();
                if aliased || self.lexer.current.kind == TokenKind::Colon && !commented {
                    if self.lexer.current.kind != TokenKind::Colon {
                        return Err(Fail);
                    }
                    return Ok(());
                }
                self.items_as_expr(start, from, comma)
            }
        };
        let expr = self.expression_from(start, atom)?;
        self.with_item_of(expr)
    }

    /// Reads up to and with the `)` that belongs to the `(` at `start`.
    fn with_parens(&mut self, start: Place) -> Parsed<WithParens<'a>> {
        let from = self.scratch.with_items.len();
        let (mut comma, mut aliased) = (false, false);
        while self.lexer.current.kind != TokenKind::RParen {
            let item_start = self.place();
            if matches!(self.lexer.current.kind, TokenKind::Star | TokenKind::Yield) {
                return self.with_parens_expr(start, from, None);
            }
            let expr = self.expression()?;
            match self.lexer.current.kind {
                TokenKind::As => aliased = true,
                TokenKind::ColonEqual => {
                    let expr = self.walrus(item_start, expr)?;
                    return self.with_parens_expr(start, from, Some(expr));
                }
                TokenKind::For | TokenKind::Async => return self.with_parens_expr(start, from, Some(expr)),
                _ => {}
            }
            self.with_item_of(expr)?;
            comma = self.eat(TokenKind::Comma);
            if !comma {
                break;
            }
        }
        self.expect(TokenKind::RParen)?;
        if self.scratch.with_items.len() == from {
            return Ok(WithParens::Expr(self.tuple(start, &mut [])));
        }
        Ok(WithParens::Items { from, comma, aliased })
    }

    /// The parentheses after `with` hold an expression that no item can be: `expr`, or what starts at
    /// the current token, is the first such element after the items above `from`.
    fn with_parens_expr(
        &mut self,
        start: Place,
        from: usize,
        expr: Option<Node<'a>>,
    ) -> Parsed<WithParens<'a>> {
        let exprs_from = self.scratch.exprs.len();
        for item in self.scratch.with_items.drain(from..) {
            if item.optional_vars.is_some() {
                return Err(Fail);
            }
            self.scratch.exprs.push(item.context_expr);
        }
        let alone = self.scratch.exprs.len() == exprs_from;
        let starred = expr.is_none() && self.lexer.current.kind == TokenKind::Star;
        let expr = match expr {
            Some(expr) => expr,
            None if self.lexer.current.kind == TokenKind::Yield && alone => {
                let expr = self.yield_expr()?;
                self.expect(TokenKind::RParen)?;
                return Ok(WithParens::Expr(expr));
            }
            None => self.star_named_expression()?,
        };
        match self.lexer.current.kind {
            TokenKind::For | TokenKind::Async if alone && !starred => {
                return Ok(WithParens::Expr(self.generator_rest(start, expr)?));
            }
            TokenKind::RParen if alone && !starred => {
                self.advance();
                return Ok(WithParens::Expr(expr));
            }
            _ => self.scratch.exprs.push(expr),
        }
        while self.eat(TokenKind::Comma) {
            if self.lexer.current.kind == TokenKind::RParen {
                break;
            }
            let next = self.star_named_expression()?;
            self.scratch.exprs.push(next);
        }
        self.expect(TokenKind::RParen)?;
        let elts = self.finish_exprs(exprs_from);
        Ok(WithParens::Expr(self.tuple(start, elts)))
    }

    /// Items without targets, seen as the expression in parentheses that they are.
    fn items_as_expr(&mut self, start: Place, from: usize, comma: bool) -> Node<'a> {
        let exprs_from = self.scratch.exprs.len();
        for item in self.scratch.with_items.drain(from..) {
            self.scratch.exprs.push(item.context_expr);
        }
        if self.scratch.exprs.len() == exprs_from + 1
            && !comma
            && let Some(expr) = self.scratch.exprs.pop()
        {
            return expr;
        }
        let elts = self.finish_exprs(exprs_from);
        self.tuple(start, elts)
    }
}

/// Is it a dotted name, or a call of one? Until 3.8, nothing else decorated.
fn is_dotted_call(decorator: &Expr<'_>) -> bool {
    let mut expr = match &decorator.kind {
        ExprKind::Call(call) => call.func,
        _ => decorator,
    };
    while let ExprKind::Attribute { value, .. } = &expr.kind {
        expr = value;
    }
    matches!(expr.kind, ExprKind::Name { .. })
}
