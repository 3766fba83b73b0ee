//! String literals: their values, and the concatenation of neighbours.

use super::decode::EscapeOwner;
use super::{Node, Parsed, Parser, Place};
use crate::source::ExceptionKind;
use crate::syntax::ast::{Const, Expr, ExprKind};
use crate::syntax::gate::{Diagnosis, FieldPlaces};
use crate::syntax::token::{StringFlags, Token, TokenKind};
use crate::value::PyStr;

/// Which kinds of literals stand next to each other.
#[derive(Default)]
struct Kinds {
    text: bool,
    bytes: bool,
    format: bool,
    template: bool,
}

impl<'a> Parser<'a, '_> {
    /// `strings`: one or more literals.
    pub(super) fn strings(&mut self) -> Parsed<Node<'a>> {
        if self.rules.field_places != FieldPlaces::Tokens {
            return self.text_strings();
        }
        let start = self.place();
        if self.lexer.current.kind == TokenKind::String {
            let first = self.string()?;
            if !matches!(
                self.lexer.current.kind,
                TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart
            ) {
                return Ok(first);
            }
            let bytes = is_bytes(first);
            self.scratch.exprs.push(first);
            return self.more_strings(start, Kinds { text: !bytes, bytes, ..Kinds::default() }, 1);
        }
        self.more_strings(start, Kinds::default(), 0)
    }

    /// The literals that follow; `count` of them are on the scratch stack already.
    fn more_strings(&mut self, start: Place, mut kinds: Kinds, count: usize) -> Parsed<Node<'a>> {
        let from = self.scratch.exprs.len() - count;
        loop {
            match self.lexer.current.kind {
                TokenKind::String => {
                    let next = self.string()?;
                    if is_bytes(next) {
                        kinds.bytes = true;
                    } else {
                        kinds.text = true;
                    }
                    self.scratch.exprs.push(next);
                }
                TokenKind::FStringStart => {
                    kinds.format = true;
                    self.fstring()?;
                }
                TokenKind::TStringStart => {
                    kinds.template = true;
                    self.fstring()?;
                }
                _ => break,
            }
        }
        if (kinds.template && (kinds.text || kinds.bytes || kinds.format))
            || (kinds.bytes && (kinds.text || kinds.format))
        {
            // Cannot be mixed; the second pass says so.
            return Err(super::Fail);
        }
        let joined = kinds.format || kinds.template;
        if kinds.bytes {
            let value = Const::Bytes(self.join(from, self.scratch.exprs.len()));
            self.scratch.exprs.truncate(from);
            return Ok(self.expr(start, ExprKind::Constant { value, kind: false }));
        }
        self.merge_constants(from, joined);
        if !joined && let Some(constant) = self.scratch.exprs.pop() {
            return Ok(constant);
        }
        let values = self.finish_exprs(from);
        let kind =
            if kinds.template { ExprKind::TemplateStr { values } } else { ExprKind::JoinedStr { values } };
        Ok(self.expr(start, kind))
    }

    /// Makes one constant of each run of string constants above `from`; empty ones vanish if `drop_empty`.
    pub(super) fn merge_constants(&mut self, from: usize, drop_empty: bool) {
        let mut read = from;
        let mut write = from;
        while read < self.scratch.exprs.len() {
            let mut end = read;
            while self
                .scratch
                .exprs
                .get(end)
                .is_some_and(|expr| matches!(expr.kind, ExprKind::Constant { .. }))
            {
                end += 1;
            }
            if end > read + 1 {
                let text = self.join(read, end);
                let last = self.scratch.exprs[end - 1].loc;
                let first = &mut self.scratch.exprs[read];
                first.loc.end_line = last.end_line;
                first.loc.end_col = last.end_col;
                if let ExprKind::Constant { value, .. } = &mut first.kind {
                    *value = Const::Str(PyStr::from_bytes(text));
                }
            }
            let empty = matches!(
                self.scratch.exprs[read].kind,
                ExprKind::Constant { value: Const::Str(text), .. } if text.is_empty()
            );
            if !(empty && drop_empty) {
                self.scratch.exprs.swap(write, read);
                write += 1;
            }
            read = end.max(read + 1);
        }
        self.scratch.exprs.truncate(write);
    }

    /// The texts of the constants from `from` to `to`, one after the other.
    pub(super) fn join(&mut self, from: usize, to: usize) -> &'a [u8] {
        self.scratch.bytes.clear();
        for expr in &self.scratch.exprs[from..to] {
            match expr.kind {
                ExprKind::Constant { value: Const::Str(text), .. } => {
                    self.scratch.bytes.extend_from_slice(text.as_bytes());
                }
                ExprKind::Constant { value: Const::Bytes(bytes), .. } => {
                    self.scratch.bytes.extend_from_slice(bytes);
                }
                _ => {}
            }
        }
        self.arena.alloc_slice_copy(&self.scratch.bytes)
    }

    /// One `str` or `bytes` literal, the current token.
    #[inline]
    fn string(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let token = self.lexer.current;
        if token.flags == StringFlags::none() {
            // Between two quotes, as it stands there: nearly every literal.
            let value = Const::Str(PyStr::from_bytes(self.lexer.slice(token.start + 1, token.end - 1)));
            self.advance();
            return Ok(self.expr(start, ExprKind::Constant { value, kind: false }));
        }
        let end = self.lexer.place();
        let value = self.string_value(&token, start, end)?;
        self.advance();
        // Only a small `u` is the `kind` of the node.
        let kind =
            token.flags.has(StringFlags::UNICODE) && self.lexer.slice(token.start, token.start + 1) == b"u";
        Ok(self.expr(start, ExprKind::Constant { value, kind }))
    }

    /// The value of a literal without fields, which stands from `start` to `end`.
    #[inline]
    pub(super) fn string_value(&mut self, token: &Token, start: Place, end: Place) -> Parsed<Const<'a>> {
        let flags = token.flags;
        let text = self.lexer.slice(token.start, token.end);
        let (prefix, quotes) = affixes(text, flags);
        let body = &text[prefix + quotes..text.len() - quotes];
        let plain = flags.has(StringFlags::RAW) || !flags.has(StringFlags::ESCAPES);
        let owner =
            || EscapeOwner { start, end, quotes: if prefix == 0 { quotes as u32 } else { 0 }, format: false };
        Ok(if flags.has(StringFlags::BYTES) {
            if !text.is_ascii() {
                let stop = if self.rules.diagnosis == Diagnosis::Peg { "" } else { "." };
                let message = format!("bytes can only contain ASCII literal characters{stop}");
                if self.rules.non_ascii_bytes_at_literal {
                    let location = self.location_between(start, end);
                    return self.syntax_error(message, location);
                }
                let location = self.token_location();
                return self.at_next_token(ExceptionKind::SyntaxError, message, location);
            }
            Const::Bytes(if plain {
                body
            } else {
                let owner = owner();
                self.decode_bytes(body, &owner)?
            })
        } else {
            Const::Str(PyStr::from_bytes(if plain {
                body
            } else {
                let owner = owner();
                self.decode_str(body, &owner)?
            }))
        })
    }
}

/// How long the prefix of a literal is, and how many quotes it has at either end.
pub(super) fn affixes(text: &[u8], flags: StringFlags) -> (usize, usize) {
    let prefix = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    (prefix, if flags.has(StringFlags::TRIPLE) { 3 } else { 1 })
}

fn is_bytes(expr: &Expr<'_>) -> bool {
    matches!(expr.kind, ExprKind::Constant { value: Const::Bytes(_), .. })
}
