//! The parser: tokens to nodes in the arena, in one pass without backtracking.
//!
//! Where CPython's grammar tries alternatives, the parser reads the most general one and converts: a
//! target is an expression whose context is set afterwards, parenthesised with-items are a tuple taken
//! apart, a keyword argument is a name that `=` follows. Lists grow on scratch stacks and move into the
//! arena when they are complete.
//!
//! Failing is cheap: a [`Fail`] carries nothing. Why is in [`Parser::failure`], or is the lexer's error,
//! or is simply that the current token does not fit.

mod args;
mod atom;
mod compound;
mod decode;
mod expr;
mod fstring;
mod number;
mod params;
mod pattern;
mod stmt;
mod strings;
mod target;
mod text;

use super::ast::{
    Alias, Arg, CmpOp, Comprehension, ExceptHandler, Expr, ExprContext, ExprKind, Keyword, MatchCase, Mod,
    Operator, Pattern, Ref, Seq, Stmt, StmtKind, TypeIgnore, TypeParam, UnaryOperator, WithItem,
};
use super::gate::{Diagnosis, FieldPlaces, Rules};
use super::lexer::{Lexer, LexerOptions, TextPart};
use super::token::{StringFlags, Token, TokenKind};
use super::{Mode, ParseOptions};
use crate::source::{ExceptionKind, Location, Place, SourceError, Warning};
use crate::target::Target;
use crate::value::unicode::normalize_identifier;
use crate::value::{Interner, Name, PyStr, known};
use bumpalo::Bump;

/// The program does not parse; the parser knows why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fail;

/// What parsing something yields.
type Parsed<T> = Result<T, Fail>;

/// An expression, where it stays: one register, whatever it is.
type Node<'a> = Ref<'a, Expr<'a>>;

/// An error that has its message already. Columns are byte columns from 0; `None` stands for what
/// CPython reports as unknown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The exception.
    pub kind: ExceptionKind,
    /// Its text.
    pub message: String,
    /// Where, if anywhere.
    pub location: Option<Location>,
    /// The line that the lexer was in.
    pub lexer_line: i32,
    /// It is about literals, and reported at the token that is read after them.
    pub at_next_token: bool,
    /// The error of a text within the program, which says it all.
    pub within: Option<SourceError>,
}

/// A field of an f-string whose expression could not be read.
#[derive(Clone, Copy, Debug)]
pub struct FailedField {
    /// Where its brace is.
    pub open: u32,
    /// Where the expression ends.
    pub end: u32,
    /// The line that the brace is said to be in.
    pub line: u32,
    /// The column that is said of it.
    pub col: u32,
}

/// The lists under construction, innermost last.
struct Scratch<'a> {
    exprs: Vec<Node<'a>>,
    optional_exprs: Vec<Option<Node<'a>>>,
    stmts: Vec<Stmt<'a>>,
    keywords: Vec<Keyword<'a>>,
    args: Vec<Arg<'a>>,
    aliases: Vec<Alias>,
    names: Vec<Name>,
    cmp_ops: Vec<CmpOp>,
    comprehensions: Vec<Comprehension<'a>>,
    with_items: Vec<WithItem<'a>>,
    handlers: Vec<ExceptHandler<'a>>,
    cases: Vec<MatchCase<'a>>,
    patterns: Vec<Pattern<'a>>,
    type_params: Vec<TypeParam<'a>>,
    branches: Vec<compound::Branch<'a>>,
    literals: Vec<text::Literal>,
    bytes: Vec<u8>,
}

/// The parser of one text.
pub struct Parser<'a, 'n> {
    /// It keeps the token that is to be looked at.
    lexer: Lexer<'a>,
    /// Where the last token ended that was not part of the layout.
    end: Place,
    arena: &'a Bump,
    names: &'n mut Interner,
    scratch: Scratch<'a>,
    /// How many expressions have been seen that constant folding may change, or that hold something to
    /// warn of (see [`Stmt::folds`]).
    foldable: u32,
    /// How many rules of CPython's grammar would be active.
    depth: u32,
    rules: Rules,
    target: Target,
    type_comments: bool,
    /// After `from __future__ import barry_as_FLUFL`.
    barry: bool,
    failure: Option<Box<Failure>>,
    /// The innermost field that could not be read.
    failed_field: Option<FailedField>,
}

impl<'a, 'n> Parser<'a, 'n> {
    /// A parser at the start of `text`.
    pub fn new(arena: &'a Bump, names: &'n mut Interner, text: &'a str, options: &ParseOptions) -> Self {
        let rules = Rules::of(options.target);
        let lexer = Lexer::new(
            text,
            LexerOptions {
                type_comments: options.type_comments,
                fstring_tokens: rules.field_places == FieldPlaces::Tokens,
                template_strings: rules.template_strings,
                prefix_clash_is_error: rules.prefix_clash_is_error,
                field_line: rules.open_field_line,
                less_greater: !rules.less_greater_is_two_tokens,
                newline_in_spec_is_error: rules.newline_in_spec_is_error,
                number_warnings: rules.number_warnings,
                number_ends_before_ascii: rules.number_ends_before_ascii,
                control_characters_are_tokens: rules.control_characters_are_tokens,
                continuation_in_buffer: rules.continuation_in_buffer,
                unicode: options.target.unicode(),
                checks: rules.lexer_checks,
                single: options.mode == Mode::Single,
            },
        );
        Parser {
            lexer,
            end: Place::new(1, 0),
            arena,
            names,
            scratch: Scratch {
                exprs: Vec::with_capacity(64),
                optional_exprs: Vec::new(),
                stmts: Vec::with_capacity(64),
                keywords: Vec::new(),
                args: Vec::new(),
                aliases: Vec::new(),
                names: Vec::new(),
                cmp_ops: Vec::new(),
                comprehensions: Vec::new(),
                with_items: Vec::new(),
                handlers: Vec::new(),
                cases: Vec::new(),
                patterns: Vec::new(),
                type_params: Vec::new(),
                branches: Vec::new(),
                literals: Vec::new(),
                bytes: Vec::new(),
            },
            foldable: 0,
            depth: 0,
            rules,
            target: options.target,
            type_comments: options.type_comments,
            barry: false,
            failure: None,
            failed_field: None,
        }
    }

    /// Parses the whole text.
    pub fn module(&mut self, mode: Mode) -> Parsed<Mod<'a>> {
        self.lexer.advance();
        match mode {
            Mode::Exec => {
                let from = self.scratch.stmts.len();
                while self.lexer.current.kind != TokenKind::End {
                    self.statement()?;
                }
                if self.rules.diagnosis == Diagnosis::FirstPeg && self.names.find(b"__peg_parser__").is_some()
                {
                    // A keyword of 3.9 that is an error wherever it stands.
                    return Err(Fail);
                }
                let body = finish(self.arena, &mut self.scratch.stmts, from);
                Ok(Mod::Module { body, type_ignores: self.type_ignores() })
            }
            Mode::Eval => {
                let body = self.expressions()?;
                self.expect_end()?;
                Ok(Mod::Expression { body })
            }
            Mode::Single => self.interactive(),
            Mode::FuncType => self.func_type(),
        }
    }

    /// Parses the expression of a field, which is in parentheses.
    pub fn lone_field(&mut self) -> Parsed<()> {
        self.lexer.advance();
        self.star_expressions().map(drop)
    }

    /// Reads the literals next to each other in a part of the text: what they warn of, or what is wrong with them.
    #[cold]
    pub fn literals(&mut self, part: &TextPart) -> Result<Vec<Warning>, Option<Box<Failure>>> {
        self.lexer.enter_part(part);
        match self.text_strings() {
            Ok(_) => Ok(std::mem::take(&mut self.lexer.warnings)),
            Err(Fail) => Err(self.failure.take()),
        }
    }

    /// The lexer, for the warnings, and for its error.
    pub fn lexer(&mut self) -> &mut Lexer<'a> {
        &mut self.lexer
    }

    /// What was wrong, if it is more than the current token.
    pub fn take_failure(&mut self) -> Option<Box<Failure>> {
        self.failure.take()
    }

    /// The field of an f-string that could not be read.
    pub fn failed_field(&self) -> Option<FailedField> {
        self.failed_field
    }

    fn interactive(&mut self) -> Parsed<Mod<'a>> {
        let from = self.scratch.stmts.len();
        match self.lexer.current.kind {
            TokenKind::Newline => {
                let place = self.place();
                self.skip_layout();
                let loc = self.location_between(place, place);
                self.push_stmt(loc, StmtKind::Pass, self.foldable);
            }
            TokenKind::End => return Err(Fail),
            kind => {
                self.statement()?;
                if is_compound(kind)
                    || matches!(self.scratch.stmts.get(from).map(|stmt| &stmt.kind), Some(StmtKind::Match(_)))
                {
                    self.expect_layout(TokenKind::Newline)?;
                }
            }
        }
        self.check_single_statement()?;
        let body = finish(self.arena, &mut self.scratch.stmts, from);
        Ok(Mod::Interactive { body })
    }

    /// Nothing but blanks and comments may follow the line that ends the statement.
    fn check_single_statement(&mut self) -> Parsed<()> {
        let end = self.end;
        let rest = self.lexer.rest_after_line(end.line(), end.col());
        let more = rest.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
        let mut more = more.skip_while(|line| line.is_empty() || line.starts_with(b"#"));
        if more.next().is_none() {
            return Ok(());
        }
        let location = self.location_between(end, end.at(1));
        let error =
            self.syntax_error("multiple statements found while compiling a single statement", location);
        if let Some(failure) = &mut self.failure {
            failure.lexer_line = location.line;
        }
        error
    }

    /// `(int, *str, **Any) -> bool`; the stars are dropped.
    fn func_type(&mut self) -> Parsed<Mod<'a>> {
        self.expect(TokenKind::LParen)?;
        let from = self.scratch.exprs.len();
        // 0: plain ones, 1: after `*`, 2: after `**`.
        let mut stage = 0;
        while self.lexer.current.kind != TokenKind::RParen {
            let next = match self.lexer.current.kind {
                TokenKind::Star => 1,
                TokenKind::DoubleStar => 2,
                _ => 0,
            };
            if stage > 0 && next <= stage {
                return Err(Fail);
            }
            if next > 0 {
                self.advance();
            }
            stage = next;
            let expr = self.expression()?;
            self.scratch.exprs.push(expr);
            if !self.eat(TokenKind::Comma) {
                break;
            }
            if self.lexer.current.kind == TokenKind::RParen {
                return Err(Fail);
            }
        }
        let argtypes = self.finish_exprs(from);
        self.expect(TokenKind::RParen)?;
        self.expect(TokenKind::Arrow)?;
        let returns = self.expression()?;
        self.expect_end()?;
        Ok(Mod::FunctionType { argtypes, returns })
    }

    fn expect_end(&mut self) -> Parsed<()> {
        while self.lexer.current.kind == TokenKind::Newline {
            self.skip_layout();
        }
        if self.lexer.current.kind == TokenKind::End { Ok(()) } else { Err(Fail) }
    }

    fn type_ignores(&mut self) -> Seq<'a, TypeIgnore<'a>> {
        if self.lexer.ignores().is_empty() {
            return &mut [];
        }
        let lexer = &self.lexer;
        self.arena.alloc_slice_fill_iter(lexer.ignores().iter().map(|ignore| TypeIgnore {
            lineno: ignore.line as i32,
            tag: PyStr::from_bytes(lexer.slice(ignore.start, ignore.end)),
        }))
    }

    // ---- tokens ----

    /// Goes on to the next token; the current one counts as part of the node under construction.
    #[inline(always)]
    fn advance(&mut self) {
        self.end = self.lexer.place();
        self.lexer.advance();
    }

    /// Goes on past a newline, an indent or a dedent, which no node ends with.
    #[inline(always)]
    fn skip_layout(&mut self) {
        self.lexer.advance();
    }

    #[inline(always)]
    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.lexer.current.kind == kind;
        if found {
            self.advance();
        }
        found
    }

    #[inline(always)]
    fn expect(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.lexer.current.kind != kind {
            return Err(Fail);
        }
        self.advance();
        Ok(())
    }

    #[inline(always)]
    fn expect_layout(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.lexer.current.kind != kind {
            return Err(Fail);
        }
        self.skip_layout();
        Ok(())
    }

    /// The identifier that must be here.
    #[inline]
    fn name(&mut self) -> Parsed<Name> {
        if self.lexer.current.kind != TokenKind::Name {
            return Err(Fail);
        }
        let name = self.current_name()?;
        self.advance();
        Ok(name)
    }

    /// The name that the current token is.
    #[inline]
    fn current_name(&mut self) -> Parsed<Name> {
        if self.lexer.current.flags.has(StringFlags::NON_ASCII) {
            return self.unicode_name();
        }
        let Token { start, end, .. } = self.lexer.current;
        match self.names.recall(self.lexer.name_key(), self.lexer.name_last(), end - start) {
            Some(name) => Ok(name),
            None => Ok(self.intern_current()),
        }
    }

    #[inline(never)]
    fn intern_current(&mut self) -> Name {
        let text = self.lexer.slice(self.lexer.current.start, self.lexer.current.end);
        self.names.intern_keyed(text, self.lexer.name_key())
    }

    #[cold]
    fn unicode_name(&mut self) -> Parsed<Name> {
        let text = self.lexer.str(self.lexer.current.start, self.lexer.current.end);
        let normal = normalize_identifier(text);
        self.names.character_data.by_form = true;
        if self.rules.normalised_constants_are_errors && matches!(&*normal, "None" | "True" | "False") {
            return self.fail_with(
                ExceptionKind::ValueError,
                format!("identifier field can't represent '{normal}' constant"),
                None,
            );
        }
        Ok(self.names.intern(&normal))
    }

    /// Is the current token the soft keyword `word`?
    #[inline]
    fn at_word(&self, word: &str) -> bool {
        self.lexer.current.kind == TokenKind::Name
            && self.lexer.slice(self.lexer.current.start, self.lexer.current.end) == word.as_bytes()
    }

    // ---- places ----

    #[inline(always)]
    fn place(&self) -> Place {
        self.lexer.current.place
    }

    /// From `start` to the end of the last token.
    #[inline(always)]
    fn location_from(&self, start: Place) -> Location {
        self.location_between(start, self.end)
    }

    #[inline(always)]
    fn location_between(&self, start: Place, end: Place) -> Location {
        Location::between(start, end)
    }

    // ---- nodes ----

    #[inline(always)]
    fn expr(&self, start: Place, kind: ExprKind<'a>) -> Node<'a> {
        self.arena.alloc(Expr { loc: self.location_from(start), kind })
    }

    #[inline(always)]
    fn alloc<T>(&self, value: T) -> Ref<'a, T> {
        self.arena.alloc(value)
    }

    /// A tuple that is read, as far as is known here.
    #[inline]
    fn tuple(&mut self, start: Place, elts: Seq<'a, Expr<'a>>) -> Node<'a> {
        self.foldable += u32::from(elts.iter().all(is_constant));
        self.expr(start, ExprKind::Tuple { elts, ctx: ExprContext::Load })
    }

    #[inline]
    fn unary_op(&mut self, start: Place, op: UnaryOperator, operand: Node<'a>) -> Node<'a> {
        let folds = matches!(operand.kind, ExprKind::Constant { .. } | ExprKind::Compare(_));
        self.foldable += u32::from(folds);
        self.expr(start, ExprKind::UnaryOp { op, operand })
    }

    #[inline]
    fn binary_op(&mut self, start: Place, left: Node<'a>, op: Operator, right: Node<'a>) -> Node<'a> {
        self.note_constant(left);
        self.expr(start, ExprKind::BinOp { left, op, right })
    }

    /// The expressions above `from` on the scratch stack, next to each other.
    #[inline]
    fn finish_exprs(&mut self, from: usize) -> Seq<'a, Expr<'a>> {
        match self.scratch.exprs.len() - from {
            0 => &mut [],
            // It can stay where it is.
            1 => self.scratch.exprs.pop().map_or(Default::default(), std::slice::from_mut),
            _ => self.gather_exprs(from),
        }
    }

    #[inline(never)]
    fn gather_exprs(&mut self, from: usize) -> Seq<'a, Expr<'a>> {
        let take = |node: Node<'a>| std::mem::replace(node, placeholder());
        let stack = &mut self.scratch.exprs;
        match stack.len() - from {
            2 => match [stack.pop(), stack.pop()] {
                [Some(b), Some(a)] => self.arena.alloc([take(a), take(b)]),
                _ => &mut [],
            },
            3 => match [stack.pop(), stack.pop(), stack.pop()] {
                [Some(c), Some(b), Some(a)] => self.arena.alloc([take(a), take(b), take(c)]),
                _ => &mut [],
            },
            _ => self.arena.alloc_slice_fill_iter(stack.drain(from..).map(take)),
        }
    }

    /// Notes the first operand of something that may have a constant value.
    #[inline(always)]
    fn note_constant(&mut self, operand: &Expr<'a>) {
        self.foldable += u32::from(is_constant(operand));
    }

    /// Notes what is iterated or searched: a display is changed.
    #[inline]
    fn note_iterated(&mut self, expr: &Expr<'a>) {
        let display = matches!(expr.kind, ExprKind::List { .. } | ExprKind::Set { .. });
        self.foldable += u32::from(display);
    }

    /// Adds a statement, before which [`Self::foldable`] was `foldable`, to the list under construction.
    #[inline(always)]
    fn push_stmt(&mut self, loc: Location, kind: StmtKind<'a>, foldable: u32) {
        self.scratch.stmts.push(Stmt { loc, folds: self.foldable != foldable, kind });
    }

    #[inline(always)]
    fn name_expr(&mut self, ctx: ExprContext) -> Parsed<Node<'a>> {
        let start = self.place();
        let id = self.name()?;
        self.foldable += u32::from(id == known::DUNDER_DEBUG);
        Ok(self.expr(start, ExprKind::Name { id, ctx }))
    }

    // ---- depth and failures ----

    /// Goes `levels` rules deeper into CPython's grammar, to be undone with [`Self::leave`].
    #[inline(always)]
    fn enter(&mut self, levels: u32) -> Parsed<()> {
        self.depth += levels;
        if self.depth > self.rules.max_depth { self.too_deep() } else { Ok(()) }
    }

    #[inline(always)]
    fn leave(&mut self, levels: u32) {
        self.depth -= levels;
    }

    #[cold]
    fn too_deep(&mut self) -> Parsed<()> {
        self.fail_with(
            ExceptionKind::MemoryError,
            "Parser stack overflowed - Python source too complex to parse".to_owned(),
            None,
        )
    }

    #[cold]
    fn fail_with<T>(
        &mut self,
        kind: ExceptionKind,
        message: String,
        location: Option<Location>,
    ) -> Parsed<T> {
        if self.failure.is_none() {
            let lexer_line = self.lexer.line() as i32;
            self.failure = Some(Box::new(Failure {
                kind,
                message,
                location,
                lexer_line,
                at_next_token: false,
                within: None,
            }));
        }
        Err(Fail)
    }

    #[cold]
    fn syntax_error<T>(&mut self, message: impl Into<String>, location: Location) -> Parsed<T> {
        self.fail_with(ExceptionKind::SyntaxError, message.into(), Some(location))
    }

    /// The place of the current token, for messages.
    fn token_location(&self) -> Location {
        let mut end = self.lexer.place();
        if self.lexer.current.kind == TokenKind::Newline {
            let Token { place, start, end: stop, .. } = self.lexer.current;
            end = place.at((stop - start) as usize + 1);
        }
        self.location_between(self.place(), end)
    }
}

#[inline(always)]
fn is_constant(expr: &Expr<'_>) -> bool {
    matches!(expr.kind, ExprKind::Constant { .. })
}

/// Stands where an expression was moved from, which nobody looks at again.
#[inline(always)]
fn placeholder<'a>() -> Expr<'a> {
    Expr { loc: Location::NONE, kind: ExprKind::Name { id: known::EMPTY, ctx: ExprContext::Load } }
}

/// Moves what a scratch stack has above `from` into the arena.
#[inline]
fn finish<'a, T>(arena: &'a Bump, stack: &mut Vec<T>, from: usize) -> Seq<'a, T> {
    match stack.len() - from {
        0 => &mut [],
        // One element is the most frequent case, and much cheaper this way.
        1 => match stack.pop() {
            Some(only) => std::slice::from_mut(arena.alloc(only)),
            None => &mut [],
        },
        _ => finish_many(arena, stack, from),
    }
}

#[inline(never)]
fn finish_many<'a, T>(arena: &'a Bump, stack: &mut Vec<T>, from: usize) -> Seq<'a, T> {
    match stack.len() - from {
        2 => match [stack.pop(), stack.pop()] {
            [Some(b), Some(a)] => arena.alloc([a, b]),
            _ => &mut [],
        },
        3 => match [stack.pop(), stack.pop(), stack.pop()] {
            [Some(c), Some(b), Some(a)] => arena.alloc([a, b, c]),
            _ => &mut [],
        },
        _ => arena.alloc_slice_fill_iter(stack.drain(from..)),
    }
}

fn is_compound(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(kind, Def | At | Async | If | Class | With | For | Try | While)
}
