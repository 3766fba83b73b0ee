//! The errors that alternatives of `grammar.txt` stand for.
//!
//! | written               | where the error is, and when |
//! | --------------------- | ---------------------------- |
//! | `at a M`              | at `a` |
//! | `range a b M`         | from `a` to `b` |
//! | `from a M`            | from `a` to where the lexer stands |
//! | `last M`, `next M`    | at the last token read; at the next one |
//! | `indent M`            | at the last token, as IndentationError |
//! | `key a M`             | from the last character of `a` on |
//! | `target KIND a`       | at the part of `a` that cannot be a target, if there is one |
//! | `target-of assign a b` | at `b`, if `a` cannot be a target |
//! | `bound a b WHAT`      | from `a` on; `b` tells a bound from constraints |
//! | `legacy a b M`        | from `a` to `b`, if `a` is `print` or `exec` |
//! | `comma a b M`         | from `a` to `b`, inside brackets, if `a` is not `print` or `exec` |
//! | `last-comma a b M`    | the same, but only in the last line of an `a` of several lines, from `a`'s column on |
//! | `clause a b M`        | from `a` to the end of the last clause in `b` |
//! | `genexp a b M`        | from the last of several arguments in `a` to the end of the last clause in `b` |
//! | `order a`             | at the last token: what kind of arguments are in `a` |
//! | `items a b M`         | from `a` to the last element of `b` |
//! | `inside a M`          | from the first element of `a` to the last |
//! | `mixed a b M`         | from the last element of `a` to `b` |
//! | `twins a b M`         | from `a` to `b`, if nothing stands between them |
//!
//! In messages `{name}` is what `a` is called, `{text}` its text, `{line}` its line, `{prefix}` the open
//! string's.

use super::matcher::Matcher;
use super::nodes::{Kind, NodeId};
use super::stream::Terminal;
use crate::source::{ExceptionKind, SourceError};
use crate::syntax::gate::{Diagnosis, FieldPlaces};
use crate::syntax::token::TokenKind;

/// Where and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    At,
    Range,
    From,
    Last,
    Next,
    Indent,
    Key,
    Target(Target),
    TargetOf,
    Bound,
    Legacy,
    Comma,
    LastComma,
    Clause,
    GenExp,
    Order,
    Items,
    Inside,
    Mixed,
    Twins,
}

/// What a target is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Assign,
    Delete,
    For,
}

/// An error to report.
#[derive(Clone, Debug)]
pub struct Report {
    how: How,
    message: &'static str,
}

impl Report {
    /// Reads what stands behind `!!`.
    pub fn parse(text: &'static str) -> Option<Report> {
        let (how, rest) = text.split_once(' ')?;
        let (how, names) = match how {
            "at" => (How::At, "a"),
            "range" => (How::Range, "a b"),
            "from" => (How::From, "a"),
            "last" => (How::Last, ""),
            "next" => (How::Next, ""),
            "indent" => (How::Indent, ""),
            "key" => (How::Key, "a"),
            "target" => match rest.split(' ').next() {
                Some("assign") => (How::Target(Target::Assign), "assign a"),
                Some("delete") => (How::Target(Target::Delete), "delete a"),
                Some("for") => (How::Target(Target::For), "for a"),
                _ => return None,
            },
            "target-of" => (How::TargetOf, "assign a b"),
            "bound" => (How::Bound, "a b"),
            "legacy" => (How::Legacy, "a b"),
            "comma" => (How::Comma, "a b"),
            "last-comma" => (How::LastComma, "a b"),
            "clause" => (How::Clause, "a b"),
            "genexp" => (How::GenExp, "a b"),
            "order" => (How::Order, "a"),
            "items" => (How::Items, "a b"),
            "inside" => (How::Inside, "a"),
            "mixed" => (How::Mixed, "a b"),
            "twins" => (How::Twins, "a b"),
            _ => return None,
        };
        Some(Report { how, message: rest.strip_prefix(names)?.trim_start() })
    }
}

impl Matcher<'_, '_> {
    /// The error, if the report finds that it applies.
    pub(super) fn report(
        &mut self,
        report: &Report,
        a: Option<NodeId>,
        b: Option<NodeId>,
    ) -> Option<SourceError> {
        let message = self.fill(report.message, a);
        let syntax = ExceptionKind::SyntaxError;
        match report.how {
            How::Last => return Some(self.stream.at_token(self.stream.last(), syntax, message)),
            How::Indent => {
                return Some(self.stream.at_token(
                    self.stream.last(),
                    ExceptionKind::IndentationError,
                    message,
                ));
            }
            How::Next => {
                return Some(match self.stream.get(self.mark) {
                    Ok(_) => self.stream.at_token(self.mark, syntax, message),
                    Err(error) => error,
                });
            }
            _ => {}
        }
        let a = a?;
        let (first, last) = self.ends(a);
        match report.how {
            How::At => Some(self.stream.range(first, last, message)),
            How::From => Some(self.stream.from(first, message)),
            How::Key => {
                let (start, end) = (self.stream.token(first), self.stream.token(last));
                Some(self.stream.error(syntax, message, (start.line, end.end_col), (end.end_line, 0)))
            }
            How::Target(target) => self.target(target, a),
            How::Order => {
                let unpacking =
                    self.leaves(a).into_iter().any(|leaf| self.node(leaf).kind == Kind::DoubleStarred);
                let message = if unpacking {
                    "positional argument follows keyword argument unpacking"
                } else {
                    "positional argument follows keyword argument"
                };
                let at = match self.stream.rules.diagnosis {
                    // The argument behind the comma that follows.
                    Diagnosis::Pgen => last + 2,
                    Diagnosis::FirstPeg | Diagnosis::Peg => self.stream.last(),
                };
                Some(self.stream.at_token(at, syntax, message.to_owned()))
            }
            How::Inside => {
                let leaves = self.leaves(a);
                let (from, to) = (self.ends(*leaves.first()?).0, self.ends(*leaves.last()?).1);
                Some(self.stream.range(from, to, message))
            }
            _ => self.report_two(report.how, message, a, b?),
        }
    }

    fn report_two(&mut self, how: How, message: String, a: NodeId, b: NodeId) -> Option<SourceError> {
        let (first, last) = (self.ends(a).0, self.ends(b).1);
        match how {
            How::TargetOf => {
                let invalid = self.invalid_target(Target::Assign, a)?;
                let message = format!("cannot assign to {}", self.name(invalid));
                Some(self.stream.range(self.ends(b).0, last, message))
            }
            How::Bound => {
                let constraints = self.node(b).kind == Kind::Tuple;
                let what = if constraints { "constraints" } else { "bound" };
                Some(self.stream.from(first, format!("cannot use {what} with {message}")))
            }
            How::Legacy => self.is_legacy(a).then(|| self.stream.range(first, last, message)),
            How::Comma => {
                let in_brackets = self.stream.token(self.mark - 1).level > 0;
                (in_brackets && !self.is_legacy(a)).then(|| self.stream.range(first, last, message))
            }
            How::LastComma => {
                let in_brackets = self.stream.token(self.mark - 1).level > 0;
                if !in_brackets || self.is_legacy(a) {
                    return None;
                }
                let (start, end) = (self.stream.token(first), self.stream.token(self.ends(a).1));
                Some(if start.line == end.end_line {
                    self.stream.range(first, last, message)
                } else {
                    let from = (end.end_line, start.col + 1);
                    let to = (end.end_line, end.end_col + 1);
                    self.stream.error(ExceptionKind::SyntaxError, message, from, to)
                })
            }
            How::Clause => {
                let end = self.clause_end(b)?;
                Some(self.stream.range(first, end, message))
            }
            How::GenExp => {
                let positional: Vec<NodeId> = self
                    .leaves(a)
                    .into_iter()
                    .filter(|&leaf| !matches!(self.node(leaf).kind, Kind::Keyword | Kind::DoubleStarred))
                    .collect();
                if positional.len() <= 1 {
                    return None;
                }
                let start = self.ends(*positional.last()?).0;
                let end = self.clause_end(b)?;
                Some(self.stream.range(start, end, message))
            }
            How::Items => {
                let end = self.ends(*self.leaves(b).last()?).1;
                Some(self.stream.range(first, end, message))
            }
            How::Mixed => {
                let start = self.ends(*self.leaves(a).last()?).0;
                Some(self.stream.range(start, last, message))
            }
            How::Twins => {
                let adjacent = self.stream.token(first).end == self.stream.token(last).start;
                adjacent.then(|| self.stream.range(first, last, message))
            }
            _ => Some(self.stream.range(first, last, message)),
        }
    }

    /// First and last token of a node.
    fn ends(&self, id: NodeId) -> (usize, usize) {
        let node = self.node(id);
        (node.first as usize, node.last as usize)
    }

    /// The elements of a node that is a list of some kind: without separators and what is not there.
    fn leaves(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            let node = self.node(id);
            match node.kind {
                Kind::Other | Kind::Arguments => stack.extend(node.kids.iter().rev()),
                Kind::Nothing => {}
                Kind::Token if self.is(id, TokenKind::Comma) => {}
                _ => found.push(id),
            }
        }
        found
    }

    fn is(&self, id: NodeId, kind: TokenKind) -> bool {
        let node = self.node(id);
        node.kind == Kind::Token && self.stream.token(node.first as usize).kind == Terminal::Lexical(kind)
    }

    fn is_legacy(&self, id: NodeId) -> bool {
        self.is(id, TokenKind::Name)
            && matches!(self.stream.text(self.node(id).first as usize), "print" | "exec")
    }

    /// The last token of the last expression in the clauses of a comprehension.
    fn clause_end(&self, clauses: NodeId) -> Option<usize> {
        let clause = self.node(*self.leaves(clauses).last()?);
        let (conditions, iterable) =
            (clause.kids.last()?, clause.kids.get(clause.kids.len().checked_sub(2)?)?);
        let expression = match self.node(*conditions).kids.last() {
            Some(&condition) => *self.node(condition).kids.last()?,
            None => *iterable,
        };
        Some(self.ends(expression).1)
    }

    fn fill(&self, message: &str, a: Option<NodeId>) -> String {
        if !message.contains('{') {
            return message.to_owned();
        }
        let mut filled = message.replace("{prefix}", &self.stream.prefix(self.mark).to_string());
        if let Some(a) = a {
            let first = self.ends(a).0;
            filled = filled
                .replace("{name}", self.name(a))
                .replace("{line}", &self.stream.token(first).line.to_string())
                .replace("{text}", self.stream.text(first));
        }
        filled
    }

    /// What messages call an expression (CPython: `_PyPegen_get_expr_name`).
    fn name(&self, id: NodeId) -> &'static str {
        let old = self.stream.rules.diagnosis != Diagnosis::Peg;
        match self.node(id).kind {
            Kind::Attribute => "attribute",
            Kind::Subscript => "subscript",
            Kind::Starred => "starred",
            Kind::List => "list",
            Kind::Tuple => "tuple",
            Kind::Lambda => "lambda",
            Kind::Call => "function call",
            Kind::Operation if old => "operator",
            Kind::Operation => "expression",
            Kind::GeneratorExp => "generator expression",
            Kind::Yield => "yield expression",
            Kind::Await => "await expression",
            Kind::ListComp => "list comprehension",
            Kind::SetComp => "set comprehension",
            Kind::DictComp => "dict comprehension",
            Kind::Dict if old => "dict display",
            Kind::Dict => "dict literal",
            Kind::Set => "set display",
            Kind::JoinedStr => "f-string expression",
            Kind::TemplateStr => "t-string expression",
            Kind::Strings => {
                let formatted =
                    self.leaves_of_strings(id).into_iter().any(|kid| self.node(kid).kind == Kind::JoinedStr)
                        || self.stream.rules.field_places != FieldPlaces::Tokens && self.has_format(id);
                if formatted { "f-string expression" } else { "literal" }
            }
            Kind::None => "None",
            Kind::False => "False",
            Kind::True => "True",
            Kind::EllipsisLiteral if old => "Ellipsis",
            Kind::EllipsisLiteral => "ellipsis",
            Kind::Compare => "comparison",
            Kind::IfExp => "conditional expression",
            Kind::NamedExpr => "named expression",
            Kind::Token if self.is(id, TokenKind::Name) => "name",
            _ => "literal",
        }
    }

    /// Is one of the literals an f-string, in a release where those are strings like any other?
    fn has_format(&self, id: NodeId) -> bool {
        let (first, last) = self.ends(id);
        (first..=last).any(|token| {
            let prefix = self.stream.text(token).split(['"', '\'']).next().unwrap_or_default();
            prefix.contains(['f', 'F'])
        })
    }

    fn leaves_of_strings(&self, id: NodeId) -> Vec<NodeId> {
        self.node(id).kids.iter().flat_map(|&kid| self.leaves(kid)).collect()
    }

    fn target(&self, target: Target, id: NodeId) -> Option<SourceError> {
        let invalid = self.invalid_target(target, id)?;
        let (mut first, last) = self.ends(invalid);
        if self.stream.rules.diagnosis == Diagnosis::Pgen {
            first = self.whole_target(target, id, first);
        }
        let verb = if target == Target::Delete { "delete" } else { "assign to" };
        Some(self.stream.range(first, last, format!("cannot {verb} {}", self.name(invalid))))
    }

    /// Where 3.8 sees what is wrong at token `at` of the target `id`: at the whole of it, or of its element in a
    /// list that takes elements one by one.
    fn whole_target(&self, target: Target, id: NodeId, at: usize) -> usize {
        let node = self.node(id);
        let mut first = node.first as usize;
        let bare =
            node.kind == Kind::Tuple && self.stream.token(first).kind != Terminal::Lexical(TokenKind::LParen);
        if bare && target != Target::Assign {
            let holds = |leaf: &NodeId| self.ends(*leaf).0 <= at && at <= self.ends(*leaf).1;
            let leaves = node.kids.iter().flat_map(|&kid| self.leaves(kid)).find(holds);
            first = leaves.map_or(first, |leaf| self.ends(leaf).0);
        }
        while first > 0 && self.stream.token(first - 1).kind == Terminal::Lexical(TokenKind::LParen) {
            first -= 1;
        }
        first
    }

    /// The first part that cannot be a target (CPython: `_PyPegen_get_invalid_target`).
    fn invalid_target(&self, target: Target, id: NodeId) -> Option<NodeId> {
        let node = self.node(id);
        match node.kind {
            Kind::List | Kind::Tuple => node
                .kids
                .iter()
                .flat_map(|&kid| self.leaves(kid))
                .filter(|&leaf| {
                    let brackets =
                        [TokenKind::LParen, TokenKind::RParen, TokenKind::LSquare, TokenKind::RSquare];
                    !brackets.into_iter().any(|kind| self.is(leaf, kind))
                })
                .find_map(|leaf| self.invalid_target(target, leaf)),
            Kind::Starred if target == Target::Delete => Some(id),
            Kind::Starred => self.invalid_target(target, *node.kids.last()?),
            Kind::Compare if target == Target::For => {
                let pair = self.node(*self.node(*node.kids.get(1)?).kids.first()?);
                let is_in = pair.kids.first().is_some_and(|&word| self.is(word, TokenKind::In));
                if is_in { self.invalid_target(target, *node.kids.first()?) } else { None }
            }
            Kind::Attribute | Kind::Subscript => None,
            Kind::Token if self.is(id, TokenKind::Name) => None,
            _ => Some(id),
        }
    }
}
