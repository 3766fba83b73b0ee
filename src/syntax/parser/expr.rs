//! Expressions from `star_expressions` down to `primary`.

use super::{Fail, Node, Parsed, Parser, Place, finish};
use crate::syntax::ast::{
    BoolOperator, CmpOp, Compare, Expr, ExprContext, ExprKind, IfExp, Lambda, Operator, ScopeId, Slice,
    UnaryOperator,
};
use crate::syntax::token::TokenKind;

/// How many rules of CPython's grammar are active for each level of these.
mod levels {
    /// `factor: '-' factor`
    pub const UNARY: u32 = 1;
    /// `inversion: 'not' inversion`
    pub const NOT: u32 = 1;
    /// `power: await_primary '**' factor`
    pub const POWER: u32 = 2;
    /// `expression: … 'else' expression`
    pub const TERNARY: u32 = 1;
    /// `expression: lambdef`, `lambdef: … expression`
    pub const LAMBDA: u32 = 2;
    /// `comparison: … compare_op_bitwise_or_pair …`
    pub const COMPARISON: u32 = 3;
    /// `disjunction: conjunction ('or' conjunction)+`
    pub const BOOLEAN: u32 = 2;
}

/// How tightly a binary operator binds, 0 for tokens that are none. `**` is not here: it is part of a
/// unary operand.
#[inline(always)]
const fn binary(kind: TokenKind) -> (u8, Operator) {
    match kind {
        TokenKind::VBar => (1, Operator::BitOr),
        TokenKind::Caret => (2, Operator::BitXor),
        TokenKind::Amper => (3, Operator::BitAnd),
        TokenKind::LeftShift => (4, Operator::LShift),
        TokenKind::RightShift => (4, Operator::RShift),
        TokenKind::Plus => (5, Operator::Add),
        TokenKind::Minus => (5, Operator::Sub),
        TokenKind::Star => (6, Operator::Mult),
        TokenKind::At => (6, Operator::MatMult),
        TokenKind::Slash => (6, Operator::Div),
        TokenKind::Percent => (6, Operator::Mod),
        TokenKind::DoubleSlash => (6, Operator::FloorDiv),
        _ => (0, Operator::Add),
    }
}

const KINDS: usize = TokenKind::Yield as usize + 1;

/// The binary operators by token.
static BINARY: [(u8, Operator); KINDS] = {
    let mut table = [(0, Operator::Add); KINDS];
    let operators = [
        TokenKind::VBar,
        TokenKind::Caret,
        TokenKind::Amper,
        TokenKind::LeftShift,
        TokenKind::RightShift,
        TokenKind::Plus,
        TokenKind::Minus,
        TokenKind::Star,
        TokenKind::At,
        TokenKind::Slash,
        TokenKind::Percent,
        TokenKind::DoubleSlash,
    ];
    let mut i = 0;
    while i < operators.len() {
        table[operators[i] as usize] = binary(operators[i]);
        i += 1;
    }
    table
};

/// Tokens that go on with an expression after a unary operand.
static CONTINUES: [bool; KINDS] = {
    use TokenKind::*;
    let mut table = [false; KINDS];
    let tokens = [
        VBar,
        Caret,
        Amper,
        LeftShift,
        RightShift,
        Plus,
        Minus,
        Star,
        At,
        Slash,
        Percent,
        DoubleSlash,
        EqEqual,
        NotEqual,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        In,
        Is,
        Not,
        And,
        Or,
    ];
    let mut i = 0;
    while i < tokens.len() {
        table[tokens[i] as usize] = true;
        i += 1;
    }
    table
};

impl<'a> Parser<'a, '_> {
    /// `star_expressions`: one, or a tuple without parentheses.
    pub(super) fn star_expressions(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let first = self.star_expression()?;
        if self.lexer.current.kind != TokenKind::Comma {
            return Ok(first);
        }
        self.tuple_rest(start, first, Self::star_expression)
    }

    /// `expressions`: the same without stars.
    pub(super) fn expressions(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let first = self.expression()?;
        if self.lexer.current.kind != TokenKind::Comma {
            return Ok(first);
        }
        self.tuple_rest(start, first, Self::expression)
    }

    /// The tuple that `first` and the comma after it begin.
    pub(super) fn tuple_rest(
        &mut self,
        start: Place,
        first: Node<'a>,
        element: fn(&mut Self) -> Parsed<Node<'a>>,
    ) -> Parsed<Node<'a>> {
        let from = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) {
            if !starts_expression(self.lexer.current.kind) {
                break;
            }
            let next = element(self)?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(from);
        Ok(self.tuple(start, elts))
    }

    /// `star_expression`: an expression, or `*` and an operand.
    #[inline]
    pub(super) fn star_expression(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind == TokenKind::Star { self.starred_operand() } else { self.expression() }
    }

    /// `star_named_expression`: the same with `:=`.
    #[inline]
    pub(super) fn star_named_expression(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind == TokenKind::Star {
            self.starred_operand()
        } else {
            self.named_expression()
        }
    }

    /// `'*' bitwise_or`
    fn starred_operand(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.advance();
        let value = self.bitwise_or()?;
        Ok(self.expr(start, ExprKind::Starred { value, ctx: ExprContext::Load }))
    }

    /// `starred_expression`: `'*' expression`, in calls and subscripts.
    pub(super) fn starred_expression(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.expect(TokenKind::Star)?;
        let value = self.expression()?;
        Ok(self.expr(start, ExprKind::Starred { value, ctx: ExprContext::Load }))
    }

    /// `yield_expr | star_expressions`
    #[inline]
    pub(super) fn annotated_rhs(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind == TokenKind::Yield { self.yield_expr() } else { self.star_expressions() }
    }

    /// `yield_expr`
    pub(super) fn yield_expr(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.expect(TokenKind::Yield)?;
        if self.eat(TokenKind::From) {
            let value = self.expression()?;
            return Ok(self.expr(start, ExprKind::YieldFrom { value }));
        }
        let mut value = None;
        if starts_expression(self.lexer.current.kind) {
            value = Some(self.star_expressions()?);
        }
        Ok(self.expr(start, ExprKind::Yield { value }))
    }

    /// `named_expression`
    #[inline]
    pub(super) fn named_expression(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let expr = self.expression()?;
        if self.lexer.current.kind != TokenKind::ColonEqual {
            return Ok(expr);
        }
        self.walrus(start, expr)
    }

    /// `NAME ':=' expression`, of which the name is read and stood at `start`.
    pub(super) fn walrus(&mut self, start: Place, target: Node<'a>) -> Parsed<Node<'a>> {
        let ExprKind::Name { ctx, .. } = &mut target.kind else { return Err(Fail) };
        *ctx = ExprContext::Store;
        if !starts_at(target, start) {
            return Err(Fail);
        }
        self.advance();
        let value = self.expression()?;
        Ok(self.expr(start, ExprKind::NamedExpr { target, value }))
    }

    /// `expression`: a conditional, a disjunction or a lambda.
    #[inline]
    pub(super) fn expression(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind == TokenKind::Lambda {
            return self.lambda();
        }
        let start = self.place();
        let body = self.disjunction()?;
        if self.lexer.current.kind != TokenKind::If {
            return Ok(body);
        }
        self.ternary(start, body)
    }

    /// The rest of an expression whose first atom, which stood at `start`, is read.
    pub(super) fn expression_from(&mut self, start: Place, atom: Node<'a>) -> Parsed<Node<'a>> {
        let primary = self.primary_from(start, atom)?;
        let operand = self.power_from(start, primary)?;
        let body = self.disjunction_from(start, operand)?;
        if self.lexer.current.kind != TokenKind::If {
            return Ok(body);
        }
        self.ternary(start, body)
    }

    #[inline(never)]
    fn ternary(&mut self, start: Place, body: Node<'a>) -> Parsed<Node<'a>> {
        self.advance();
        let test = self.disjunction()?;
        self.expect(TokenKind::Else)?;
        self.enter(levels::TERNARY)?;
        let orelse = self.expression()?;
        self.leave(levels::TERNARY);
        let kind = ExprKind::IfExp(self.alloc(IfExp { test, body, orelse }));
        Ok(self.expr(start, kind))
    }

    #[inline(never)]
    fn lambda(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.advance();
        let args = self.lambda_parameters()?;
        if self.lexer.current.kind != TokenKind::Colon || self.lexer.at_field_level() {
            // In a replacement field this colon starts the format specification.
            return Err(Fail);
        }
        self.advance();
        self.enter(levels::LAMBDA)?;
        let body = self.expression()?;
        self.leave(levels::LAMBDA);
        let kind = ExprKind::Lambda(self.alloc(Lambda { args, body, scope: ScopeId::NONE }));
        Ok(self.expr(start, kind))
    }

    /// A lambda that is the condition of a comprehension, which it could be until 3.8; its body is no conditional.
    #[cold]
    pub(super) fn lambda_condition(&mut self) -> Parsed<Node<'a>> {
        if self.lexer.current.kind != TokenKind::Lambda || self.rules.peg_forms {
            return self.disjunction();
        }
        let start = self.place();
        self.advance();
        let args = self.lambda_parameters()?;
        self.expect(TokenKind::Colon)?;
        self.enter(levels::LAMBDA)?;
        let body = self.lambda_condition()?;
        self.leave(levels::LAMBDA);
        let kind = ExprKind::Lambda(self.alloc(Lambda { args, body, scope: ScopeId::NONE }));
        Ok(self.expr(start, kind))
    }

    /// `disjunction`: operators from `or` down.
    #[inline]
    pub(super) fn disjunction(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let operand =
            if self.lexer.current.kind == TokenKind::Not { self.inversion()? } else { self.unary()? };
        if !CONTINUES[self.lexer.current.kind as usize] {
            return Ok(operand);
        }
        self.disjunction_from(start, operand)
    }

    #[inline(never)]
    fn disjunction_from(&mut self, start: Place, operand: Node<'a>) -> Parsed<Node<'a>> {
        let first = self.conjunction_from(start, operand)?;
        if self.lexer.current.kind != TokenKind::Or {
            return Ok(first);
        }
        let from = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Or) {
            let start = self.place();
            self.depth += levels::BOOLEAN;
            let operand = self.inversion()?;
            let next = self.conjunction_from(start, operand)?;
            self.leave(levels::BOOLEAN);
            self.scratch.exprs.push(next);
        }
        let values = self.finish_exprs(from);
        Ok(self.expr(start, ExprKind::BoolOp { op: BoolOperator::Or, values }))
    }

    fn conjunction_from(&mut self, start: Place, operand: Node<'a>) -> Parsed<Node<'a>> {
        let first = self.comparison_from(start, operand)?;
        if self.lexer.current.kind != TokenKind::And {
            return Ok(first);
        }
        let from = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::And) {
            self.depth += levels::BOOLEAN;
            let next = self.inversion()?;
            self.leave(levels::BOOLEAN);
            self.scratch.exprs.push(next);
        }
        let values = self.finish_exprs(from);
        Ok(self.expr(start, ExprKind::BoolOp { op: BoolOperator::And, values }))
    }

    /// `inversion`: `not`, or a comparison.
    fn inversion(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        if self.lexer.current.kind == TokenKind::Not {
            self.advance();
            self.enter(levels::NOT)?;
            let operand = self.inversion()?;
            self.leave(levels::NOT);
            return Ok(self.unary_op(start, UnaryOperator::Not, operand));
        }
        let operand = self.unary()?;
        self.comparison_from(start, operand)
    }

    fn comparison_from(&mut self, start: Place, operand: Node<'a>) -> Parsed<Node<'a>> {
        let left = self.binary_from(start, operand, 0)?;
        if !CONTINUES[self.lexer.current.kind as usize] {
            return Ok(left);
        }
        let Some(mut op) = self.comparison_operator()? else { return Ok(left) };
        let from = self.scratch.exprs.len();
        let ops_from = self.scratch.cmp_ops.len();
        loop {
            self.depth += levels::COMPARISON;
            let right = self.bitwise_or()?;
            self.leave(levels::COMPARISON);
            if matches!(op, CmpOp::In | CmpOp::NotIn) {
                self.note_iterated(right);
            }
            self.scratch.exprs.push(right);
            self.scratch.cmp_ops.push(op);
            match self.comparison_operator()? {
                Some(next) => op = next,
                None => break,
            }
        }
        let comparators = self.finish_exprs(from);
        let ops = finish(self.arena, &mut self.scratch.cmp_ops, ops_from);
        let kind = ExprKind::Compare(self.alloc(Compare { left, ops, comparators }));
        Ok(self.expr(start, kind))
    }

    /// The comparison operator that is here, passed.
    #[inline]
    fn comparison_operator(&mut self) -> Parsed<Option<CmpOp>> {
        let op = match self.lexer.current.kind {
            TokenKind::EqEqual => CmpOp::Eq,
            TokenKind::NotEqual => {
                // `<>` instead of `!=` under `from __future__ import barry_as_FLUFL`.
                let flufl = self.lexer.slice(self.lexer.current.start, self.lexer.current.start + 1) == b"<";
                if flufl != self.barry {
                    return self.wrong_not_equal();
                }
                CmpOp::NotEq
            }
            TokenKind::Less => CmpOp::Lt,
            TokenKind::LessEqual => CmpOp::LtE,
            TokenKind::Greater => CmpOp::Gt,
            TokenKind::GreaterEqual => CmpOp::GtE,
            TokenKind::In => CmpOp::In,
            TokenKind::Is => {
                self.advance();
                if self.eat(TokenKind::Not) {
                    return Ok(Some(CmpOp::IsNot));
                }
                return Ok(Some(CmpOp::Is));
            }
            TokenKind::Not => {
                self.advance();
                self.expect(TokenKind::In)?;
                return Ok(Some(CmpOp::NotIn));
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(op))
    }

    #[cold]
    fn wrong_not_equal<T>(&mut self) -> Parsed<T> {
        if self.barry {
            let location = self.token_location();
            return self.syntax_error("with Barry as BDFL, use '<>' instead of '!='", location);
        }
        Err(Fail)
    }

    /// `bitwise_or`: binary operators down from `|`.
    #[inline]
    pub(super) fn bitwise_or(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let operand = self.unary()?;
        self.binary_from(start, operand, 0)
    }

    /// Takes binary operators that bind more tightly than `floor` after the operand at `start`.
    #[inline]
    fn binary_from(&mut self, start: Place, operand: Node<'a>, floor: u8) -> Parsed<Node<'a>> {
        let (strength, op) = BINARY[self.lexer.current.kind as usize];
        if strength <= floor {
            return Ok(operand);
        }
        self.binary_rest(start, operand, floor, strength, op)
    }

    #[inline(never)]
    fn binary_rest(
        &mut self,
        start: Place,
        operand: Node<'a>,
        floor: u8,
        mut strength: u8,
        mut op: Operator,
    ) -> Parsed<Node<'a>> {
        let mut left = operand;
        while strength > floor {
            self.advance();
            let right_start = self.place();
            let right = self.unary()?;
            let right = self.binary_from(right_start, right, strength)?;
            left = self.binary_op(start, left, op, right);
            (strength, op) = BINARY[self.lexer.current.kind as usize];
        }
        Ok(left)
    }

    /// `factor`: a sign, or a power.
    fn unary(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let primary = match self.lexer.current.kind {
            TokenKind::Plus | TokenKind::Minus | TokenKind::Tilde => return self.signed(),
            TokenKind::Await => self.await_primary()?,
            _ => self.primary()?,
        };
        if self.lexer.current.kind != TokenKind::DoubleStar {
            return Ok(primary);
        }
        self.power_from(start, primary)
    }

    #[inline(never)]
    fn signed(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let op = match self.lexer.current.kind {
            TokenKind::Plus => UnaryOperator::UAdd,
            TokenKind::Minus => UnaryOperator::USub,
            _ => UnaryOperator::Invert,
        };
        self.advance();
        self.enter(levels::UNARY)?;
        let operand = self.unary()?;
        self.leave(levels::UNARY);
        Ok(self.unary_op(start, op, operand))
    }

    #[inline(never)]
    fn power_from(&mut self, start: Place, primary: Node<'a>) -> Parsed<Node<'a>> {
        if !self.eat(TokenKind::DoubleStar) {
            return Ok(primary);
        }
        self.enter(levels::POWER)?;
        let exponent = self.unary()?;
        self.leave(levels::POWER);
        Ok(self.binary_op(start, primary, Operator::Pow, exponent))
    }

    #[inline(never)]
    fn await_primary(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        self.advance();
        let value = self.primary()?;
        Ok(self.expr(start, ExprKind::Await { value }))
    }

    /// `primary`: an atom with its attributes, calls and subscripts.
    #[inline]
    pub(super) fn primary(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let atom = self.atom()?;
        match self.lexer.current.kind {
            TokenKind::Dot | TokenKind::LParen | TokenKind::LSquare => self.primary_from(start, atom),
            _ => Ok(atom),
        }
    }

    #[inline(never)]
    fn primary_from(&mut self, start: Place, atom: Node<'a>) -> Parsed<Node<'a>> {
        let mut primary = atom;
        loop {
            let kind = match self.lexer.current.kind {
                TokenKind::Dot => {
                    self.advance();
                    let attr = self.name()?;
                    ExprKind::Attribute { value: primary, attr, ctx: ExprContext::Load }
                }
                TokenKind::LParen => self.call(primary)?,
                TokenKind::LSquare => {
                    self.advance();
                    let slice = self.slices()?;
                    self.expect(TokenKind::RSquare)?;
                    self.note_constant(primary);
                    ExprKind::Subscript { value: primary, slice, ctx: ExprContext::Load }
                }
                _ => return Ok(primary),
            };
            primary = self.expr(start, kind);
        }
    }

    /// `slices`: what stands between the brackets of a subscript.
    fn slices(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let starred = self.lexer.current.kind == TokenKind::Star;
        let first = self.slice()?;
        if self.lexer.current.kind != TokenKind::Comma && !starred {
            return Ok(first);
        }
        let from = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) {
            if self.lexer.current.kind == TokenKind::RSquare {
                break;
            }
            let next = self.slice()?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(from);
        Ok(self.tuple(start, elts))
    }

    /// `slice | starred_expression`
    fn slice(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let mut lower = None;
        match self.lexer.current.kind {
            TokenKind::Star if self.rules.variadic_generics => return self.starred_expression(),
            TokenKind::Colon => {}
            _ => {
                let expr =
                    if self.rules.named_subscripts { self.named_expression()? } else { self.expression()? };
                if self.lexer.current.kind != TokenKind::Colon {
                    return Ok(expr);
                }
                if matches!(expr.kind, ExprKind::NamedExpr { .. }) && starts_at(expr, start) {
                    return Err(Fail);
                }
                lower = Some(expr);
            }
        }
        self.advance();
        let upper = self.slice_part()?;
        let step = if self.eat(TokenKind::Colon) { self.slice_part()? } else { None };
        let kind = ExprKind::Slice(self.alloc(Slice { lower, upper, step }));
        Ok(self.expr(start, kind))
    }

    fn slice_part(&mut self) -> Parsed<Option<Node<'a>>> {
        match self.lexer.current.kind {
            TokenKind::Colon | TokenKind::Comma | TokenKind::RSquare => Ok(None),
            _ => self.expression().map(Some),
        }
    }
}

/// Does the node start at `place`? A node in parentheses does not: its parentheses do.
#[inline]
pub(super) fn starts_at(expr: &Expr<'_>, place: Place) -> bool {
    expr.loc.starts_at(place)
}

/// Can an expression (or `*` and one) start with this token?
#[inline]
pub(super) fn starts_expression(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        Name | Number
            | String
            | FStringStart
            | TStringStart
            | LParen
            | LSquare
            | LBrace
            | Plus
            | Minus
            | Star
            | Tilde
            | Ellipsis
            | False
            | None
            | True
            | Await
            | Lambda
            | Not
    ) || kind == Error
}
