//! Ordered choice with memory: runs the grammar over the tokens.

use super::grammar::{Action, Alternative, Grammar, Item, ItemId, RuleId};
use super::nodes::{Kind, Node, NodeId};
use super::stream::{Terminal, TokenStream};
use crate::source::{ExceptionKind, SourceError, Warning};
use crate::syntax::ParseOptions;
use crate::syntax::error::from_failure;
use crate::syntax::gate::{Diagnosis, FieldPlaces};
use crate::syntax::lexer::TextPart;
use crate::syntax::parser::Parser;
use crate::syntax::token::TokenKind;
use crate::value::Interner;
use bumpalo::Bump;
use std::collections::HashMap;

/// How deep rules may nest (CPython's `MAXSTACK`).
const MAX_DEPTH: u32 = 6000;
/// Why matching stopped.
pub enum Failure {
    /// The lexer found an error.
    Lexer(SourceError),
    /// A rule knows what is wrong.
    Reported(SourceError),
    /// The program nests too deeply.
    TooDeep,
}

type Matched = Result<Option<NodeId>, Failure>;

/// One pass over the tokens.
pub struct Matcher<'t, 's> {
    grammar: &'static Grammar,
    pub(super) stream: &'t mut TokenStream<'s>,
    nodes: Vec<Node>,
    memo: HashMap<(u32, RuleId), (Option<NodeId>, u32)>,
    /// The next token.
    pub(super) mark: usize,
    /// Do rules for invalid programs count?
    invalid: bool,
    depth: u32,
    options: &'t ParseOptions,
    /// What the literals that were read warn of.
    warnings: Vec<Warning>,
}

impl<'t, 's> Matcher<'t, 's> {
    /// A pass from the start of the text.
    pub fn new(
        grammar: &'static Grammar,
        stream: &'t mut TokenStream<'s>,
        options: &'t ParseOptions,
        invalid: bool,
    ) -> Self {
        let (nodes, memo, warnings) = (Vec::new(), HashMap::new(), Vec::new());
        Matcher { grammar, stream, nodes, memo, mark: 0, invalid, depth: 0, options, warnings }
    }

    /// Matches the rule `start`; whether it matches does not matter, only what is found wrong, or warned of.
    pub fn run(mut self, start: &str) -> (Result<(), Failure>, Vec<Warning>) {
        let rule = self.grammar.rule(start);
        (self.rule(rule).map(drop), self.warnings)
    }

    /// The same; does it match?
    pub fn matches(mut self, start: &str) -> Result<bool, Failure> {
        let rule = self.grammar.rule(start);
        self.rule(rule).map(|node| node.is_some())
    }

    /// A node.
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    fn push(&mut self, kind: Kind, start: usize, kids: Vec<NodeId>) -> NodeId {
        let last = self.mark.saturating_sub(1) as u32;
        self.nodes.push(Node { kind, first: start as u32, last, kids });
        (self.nodes.len() - 1) as NodeId
    }

    fn token(&mut self, index: usize) -> Result<Terminal, Failure> {
        self.stream.get(index).map(|token| token.kind).map_err(Failure::Lexer)
    }

    fn rule(&mut self, id: RuleId) -> Matched {
        let rule = &self.grammar.rules[id as usize];
        if self.depth >= MAX_DEPTH {
            return Err(Failure::TooDeep);
        }
        let key = (self.mark as u32, id);
        if (rule.memo || rule.left_recursive)
            && let Some(&(node, end)) = self.memo.get(&key)
        {
            self.mark = end as usize;
            return Ok(node);
        }
        self.depth += 1;
        let outer = self.invalid;
        self.invalid &= !rule.silent;
        let result = if rule.left_recursive { self.grow(id, key) } else { self.choose(&rule.alternatives) };
        self.invalid = outer;
        self.depth -= 1;
        let node = result?;
        if rule.memo && !rule.left_recursive {
            self.memo.insert(key, (node, self.mark as u32));
        }
        Ok(node)
    }

    /// A rule that begins with itself: matched again and again, each time with the last result in the
    /// place of itself, for as long as it gets longer.
    fn grow(&mut self, id: RuleId, key: (u32, RuleId)) -> Matched {
        let start = self.mark;
        let (mut best, mut end) = (None, start);
        loop {
            self.memo.insert(key, (best, end as u32));
            self.mark = start;
            let node = self.choose(&self.grammar.rules[id as usize].alternatives)?;
            if node.is_none() || self.mark <= end {
                break;
            }
            (best, end) = (node, self.mark);
        }
        self.mark = end;
        Ok(best)
    }

    fn choose(&mut self, alternatives: &'static [Alternative]) -> Matched {
        let start = self.mark;
        for alternative in alternatives {
            if alternative.invalid && !self.invalid {
                continue;
            }
            self.mark = start;
            let mut named = [None; 2];
            let mut kids = Vec::new();
            let mut committed = false;
            let mut matches = true;
            for &(name, item) in &alternative.items {
                let is_commit = matches!(self.grammar.items[item as usize], Item::Commit);
                if is_commit {
                    committed = true;
                    continue;
                }
                let Some(kid) = self.item(item)? else {
                    matches = false;
                    break;
                };
                if let Some(name) = name {
                    named[usize::from(name - b'a')] = Some(kid);
                }
                if !matches!(self.grammar.items[item as usize], Item::Look(..)) {
                    kids.push(kid);
                }
            }
            if matches {
                let value = self.act(&alternative.action, start, kids, named)?;
                if value.is_none() {
                    self.mark = start;
                }
                return Ok(value);
            }
            if committed {
                break;
            }
        }
        self.mark = start;
        Ok(None)
    }

    fn act(
        &mut self,
        action: &'static Action,
        start: usize,
        kids: Vec<NodeId>,
        [a, b]: [Option<NodeId>; 2],
    ) -> Matched {
        Ok(match action {
            Action::Pass if kids.len() == 1 => Some(kids[0]),
            Action::Pass => Some(self.push(Kind::Other, start, kids)),
            Action::Node(kind) => Some(self.push(*kind, start, kids)),
            Action::First => kids.first().copied(),
            Action::A => a,
            Action::Number(real) => {
                self.check_number(*real)?;
                a
            }
            Action::Conversion => {
                self.check_conversion(a, b)?;
                Some(self.push(Kind::Other, start, kids))
            }
            Action::Field => {
                self.check_field(b)?;
                Some(self.push(Kind::Other, start, kids))
            }
            Action::Strings => {
                if self.stream.rules.field_places == FieldPlaces::Tokens
                    || self.stream.rules.diagnosis != Diagnosis::Peg
                {
                    self.check_strings(start)?;
                } else {
                    self.read_literals(start)?;
                }
                Some(self.push(Kind::Strings, start, kids))
            }
            Action::Report(report) => match self.report(report, a, b) {
                Some(error) => return Err(Failure::Reported(error)),
                None => None,
            },
        })
    }

    /// The number that was just passed must be imaginary, or must not.
    fn check_number(&mut self, real: bool) -> Result<(), Failure> {
        let token = self.mark - 1;
        let imaginary = self.stream.text(token).ends_with(['j', 'J']);
        if imaginary != real {
            return Ok(());
        }
        let what = if real { "real" } else { "imaginary" };
        Err(Failure::Reported(self.stream.range(
            token,
            token,
            format!("{what} number required in complex literal"),
        )))
    }

    fn check_conversion(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Result<(), Failure> {
        let (Some(a), Some(b)) = (a, b) else { return Ok(()) };
        let (mark, name) = (self.node(a).first as usize, self.node(b).first as usize);
        let (left, right) = (self.stream.token(mark), self.stream.token(name));
        let prefix = self.stream.prefix(self.mark);
        if left.line != right.line || left.end_col != right.col {
            let exclamation =
                if self.stream.rules.exclamation_is_misspelt { "exclamanation" } else { "exclamation" };
            let message =
                format!("{prefix}-string: conversion type must come right after the {exclamation} mark");
            return Err(Failure::Reported(self.stream.range(mark, name, message)));
        }
        Ok(())
    }

    fn check_field(&mut self, conversion: Option<NodeId>) -> Result<(), Failure> {
        let Some(&name) = conversion.and_then(|node| self.node(node).kids.last()) else { return Ok(()) };
        let name = self.node(name).first as usize;
        let (text, prefix) = (self.stream.text(name), self.stream.prefix(self.mark));
        if matches!(text, "s" | "r" | "a") {
            return Ok(());
        }
        let message =
            format!("{prefix}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'");
        Err(Failure::Reported(self.stream.range(name, name, message)))
    }

    /// Reads the literals from token `start` on, as CPython does when it has found them, whatever comes of it.
    fn read_literals(&mut self, start: usize) -> Result<(), Failure> {
        let (first, last) = (self.stream.token(start), self.stream.token(self.mark - 1));
        let part = TextPart {
            start: first.start,
            end: last.end,
            line: first.line as u32,
            col: (first.col - self.stream.added(first.line)) as u32,
        };
        let (arena, mut names) = (Bump::new(), Interner::new());
        let text = self.stream.whole();
        let failure = match Parser::new(&arena, &mut names, text, self.options).literals(&part) {
            Ok(mut warnings) => {
                self.warnings.append(&mut warnings);
                return Ok(());
            }
            // The lexer has passed them before.
            Err(None) => return Ok(()),
            Err(Some(failure)) => *failure,
        };
        Err(Failure::Reported(if failure.at_next_token {
            self.stream.at_token(self.stream.last(), failure.kind, failure.message)
        } else {
            match failure.within {
                Some(error) => self.stream.within(error),
                None => from_failure(&failure, text),
            }
        }))
    }

    /// The literals from token `start` on must be all bytes or none.
    fn check_strings(&mut self, start: usize) -> Result<(), Failure> {
        let is_bytes = |text: &str| {
            let prefix = text.find(['"', '\'']).map_or("", |quote| &text[..quote]);
            prefix.contains(['b', 'B'])
        };
        let (mut bytes, mut others) = (false, false);
        for token in start..self.mark {
            match self.stream.token(token).kind {
                Terminal::Lexical(TokenKind::String) if is_bytes(self.stream.text(token)) => bytes = true,
                Terminal::Lexical(TokenKind::String | TokenKind::FStringStart) => others = true,
                _ => {}
            }
        }
        if !(bytes && others) {
            return Ok(());
        }
        let message = "cannot mix bytes and nonbytes literals";
        Err(Failure::Reported(self.stream.at_last(ExceptionKind::SyntaxError, message)))
    }

    fn item(&mut self, id: ItemId) -> Matched {
        match &self.grammar.items[id as usize] {
            Item::Terminal(terminal) => self.terminal(|_, kind| kind == *terminal),
            Item::Soft(text) => self.terminal(|this, kind| {
                kind == Terminal::Lexical(TokenKind::Name) && this.stream.text(this.mark) == *text
            }),
            Item::AnySoft => self.terminal(|this, kind| {
                kind == Terminal::Lexical(TokenKind::Name)
                    && this.is_soft_keyword(this.stream.text(this.mark))
            }),
            Item::Rule(rule) => self.rule(*rule),
            Item::Optional(item) => {
                let start = self.mark;
                match self.item(*item)? {
                    Some(node) => Ok(Some(node)),
                    None => {
                        self.mark = start;
                        Ok(Some(self.push(Kind::Nothing, start, Vec::new())))
                    }
                }
            }
            Item::Repeat(item, at_least_one) => self.repeat(*item, *at_least_one),
            Item::Gather(item, separator) => self.gather(*item, *separator),
            Item::Look(item, positive) => {
                let start = self.mark;
                let found = self.item(*item)?.is_some();
                self.mark = start;
                let node = self.push(Kind::Nothing, start, Vec::new());
                Ok((found == *positive).then_some(node))
            }
            Item::Required(terminal, text) => {
                let node = self.terminal(|_, kind| kind == *terminal)?;
                if node.is_none() {
                    let message = format!("expected '{text}'");
                    return Err(Failure::Reported(self.stream.range(self.mark, self.mark, message)));
                }
                Ok(node)
            }
            Item::Commit => Ok(None),
        }
    }

    fn is_soft_keyword(&self, name: &str) -> bool {
        let by_prefix = self.stream.rules.soft_keywords_by_prefix;
        self.grammar.soft_keywords.iter().any(|word| *word == name || by_prefix && word.starts_with(name))
    }

    fn terminal(&mut self, fits: impl Fn(&Self, Terminal) -> bool) -> Matched {
        let kind = self.token(self.mark)?;
        if !fits(self, kind) {
            return Ok(None);
        }
        let start = self.mark;
        self.mark += 1;
        Ok(Some(self.push(Kind::Token, start, Vec::new())))
    }

    fn repeat(&mut self, item: ItemId, at_least_one: bool) -> Matched {
        let start = self.mark;
        let mut kids = Vec::new();
        loop {
            let before = self.mark;
            match self.item(item)? {
                Some(node) if self.mark > before => kids.push(node),
                _ => {
                    self.mark = before;
                    break;
                }
            }
        }
        if at_least_one && kids.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.push(Kind::Other, start, kids)))
    }

    fn gather(&mut self, item: ItemId, separator: ItemId) -> Matched {
        let start = self.mark;
        let Some(first) = self.item(item)? else { return Ok(None) };
        let mut kids = vec![first];
        loop {
            let before = self.mark;
            if self.item(separator)?.is_none() {
                self.mark = before;
                break;
            }
            match self.item(item)? {
                Some(node) => kids.push(node),
                None => {
                    self.mark = before;
                    break;
                }
            }
        }
        Ok(Some(self.push(Kind::Other, start, kids)))
    }
}
