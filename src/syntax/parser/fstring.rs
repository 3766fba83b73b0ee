//! f-strings and t-strings.

use super::decode::EscapeOwner;
use super::{Fail, Node, Parsed, Parser, Place};
use crate::source::{ExceptionKind, Location};
use crate::syntax::ast::{Const, Expr, ExprKind, FormattedValue, Interpolation};
use crate::syntax::gate::{DebugComments, DebugTextEnd};
use crate::syntax::lexer::{OpenString, Piece, PieceEnd};
use crate::syntax::token::{Token, TokenKind};
use crate::value::PyStr;

impl<'a> Parser<'a, '_> {
    /// The parts of the string that the current token starts: pushed on the scratch stack.
    pub(super) fn fstring(&mut self) -> Parsed<()> {
        let start = self.lexer.current;
        let mut string = match self.lexer.begin_fstring(start) {
            Ok(string) => string,
            Err(token) => return self.stop_at(token),
        };
        let from = self.scratch.exprs.len();
        let mut escapes = false;
        loop {
            let piece = self.lexer.fstring_piece(&string, false, false);
            if piece.end > piece.start {
                escapes |= piece.escapes && !string.raw();
                let constant = self.piece_constant(&piece);
                self.scratch.exprs.push(constant);
            }
            self.warn_brace_escapes();
            match piece.next {
                PieceEnd::Text => {}
                PieceEnd::Field => self.field(&mut string, start.kind == TokenKind::TStringStart)?,
                PieceEnd::Quote => break,
                PieceEnd::Close | PieceEnd::Line | PieceEnd::Error => return self.stop(),
            }
        }
        let end = self.lexer.place();
        if escapes || !self.rules.raw_debug_text {
            let quotes = self.lexer.quotes_of(&string);
            let owner =
                EscapeOwner { start: Place::new(end.line(), end.col() - quotes), end, quotes, format: true };
            self.decode_parts(from, string.raw(), &owner)?;
        }
        self.lexer.end_fstring(&string);
        self.advance();
        Ok(())
    }

    /// Decodes the constants above `from`, whose text is as written; those that become empty vanish.
    #[inline(never)]
    fn decode_parts(&mut self, from: usize, raw: bool, owner: &EscapeOwner) -> Parsed<()> {
        let mut index = from;
        while index < self.scratch.exprs.len() {
            if let ExprKind::Constant { value: Const::Str(text), .. } = self.scratch.exprs[index].kind
                && !raw
                && memchr::memchr(b'\\', text.as_bytes()).is_some()
                && !(self.rules.raw_debug_text && self.is_debug_text(index))
            {
                let decoded = self.decode_str(text.as_bytes(), owner);
                if decoded.is_err()
                    && self.rules.bad_escape_at_part
                    && let Some(failure) = &mut self.failure
                {
                    failure.location = Some(self.scratch.exprs[index].loc);
                }
                let decoded = decoded?;
                if decoded.is_empty() {
                    self.scratch.exprs.remove(index);
                    continue;
                }
                if let ExprKind::Constant { value, .. } = &mut self.scratch.exprs[index].kind {
                    *value = Const::Str(PyStr::from_bytes(decoded));
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// Is the constant the text of a `{…=}` field? It stands right after the brace of the field's value.
    fn is_debug_text(&self, index: usize) -> bool {
        let constant = self.scratch.exprs[index].loc;
        self.scratch.exprs.get(index + 1).is_some_and(|next| {
            !matches!(next.kind, ExprKind::Constant { .. })
                && next.loc.line == constant.line
                && next.loc.col + 1 == constant.col
        })
    }

    fn piece_constant(&self, piece: &Piece) -> Node<'a> {
        let loc =
            Location::new(piece.line as i32, piece.col as i32, piece.end_line as i32, piece.end_col as i32);
        let value = Const::Str(PyStr::from_bytes(self.lexer.slice(piece.start, piece.end)));
        self.alloc(Expr { loc, kind: ExprKind::Constant { value, kind: false } })
    }

    /// Gives up at `token`.
    fn stop_at<T>(&mut self, token: Token) -> Parsed<T> {
        self.lexer.current = token;
        Err(Fail)
    }

    /// Gives up where the lexer stands.
    fn stop<T>(&mut self) -> Parsed<T> {
        self.lexer.current = self.lexer.error_token();
        Err(Fail)
    }

    /// A replacement field, whose `{` comes next: pushes the text of `=`, then the value.
    fn field(&mut self, string: &mut OpenString, template: bool) -> Parsed<()> {
        let (open, outer) = match self.lexer.begin_field(string) {
            Ok(entered) => entered,
            Err(token) => return self.stop_at(token),
        };
        self.lexer.current = open;
        let start = self.place();
        self.advance();
        let value = self.annotated_rhs()?;
        let debug = self.eat(TokenKind::Equal);
        // The text of the expression ends before the first of these.
        let text_end = self.lexer.current;
        let mut conversion = self.conversion()?;
        let mut format_spec = None;
        if self.lexer.current.kind == TokenKind::Colon {
            format_spec = Some(self.format_spec(string)?);
        } else if debug && conversion == -1 {
            conversion = i32::from(b'r');
        }
        if self.lexer.current.kind != TokenKind::RBrace {
            return Err(Fail);
        }
        self.end = self.lexer.place();
        if debug && string.nesting() > self.rules.debug_fields {
            let message = "field 'value' is required for Constant".to_owned();
            return self.fail_with(ExceptionKind::ValueError, message, None);
        }
        self.lexer.end_field(string, outer);
        if debug {
            let cut = self.debug_text_end(open.end, &text_end);
            let text = self.expression_text(open.end, cut);
            let (from, to) = (start.at(1), text_end.place);
            let loc = self.location_between(from, to);
            let value = Const::Str(PyStr::from_bytes(text));
            let text = self.alloc(Expr { loc, kind: ExprKind::Constant { value, kind: false } });
            self.scratch.exprs.push(text);
        }
        let kind = if template {
            let mut text = self.expression_text(open.end, text_end.start);
            if debug {
                // What follows the sign that is not part of the expression is blank.
                text = &text[..memchr::memrchr(b'=', text).unwrap_or(text.len())];
            }
            let str = PyStr::from_bytes(text);
            ExprKind::Interpolation(self.alloc(Interpolation { value, str, conversion, format_spec }))
        } else {
            ExprKind::FormattedValue(self.alloc(FormattedValue { value, conversion, format_spec }))
        };
        let node = self.expr(start, kind);
        self.scratch.exprs.push(node);
        Ok(())
    }

    /// `!r`, `!s` or `!a`, or −1.
    fn conversion(&mut self) -> Parsed<i32> {
        if self.lexer.current.kind != TokenKind::Exclamation {
            return Ok(-1);
        }
        let after = self.lexer.current.end;
        self.advance();
        if self.lexer.current.kind != TokenKind::Name || self.lexer.current.start != after {
            return Err(Fail);
        }
        let conversion = match self.lexer.slice(self.lexer.current.start, self.lexer.current.end) {
            [byte @ (b's' | b'r' | b'a')] => i32::from(*byte),
            _ => return Err(Fail),
        };
        self.advance();
        Ok(conversion)
    }

    /// A format specification, from its colon, the current token, up to the `}` of the field.
    fn format_spec(&mut self, string: &mut OpenString) -> Parsed<Node<'a>> {
        let start = self.place();
        self.end = self.lexer.place();
        let from = self.scratch.exprs.len();
        let mut uninterrupted = true;
        loop {
            let piece = self.lexer.fstring_piece(string, true, uninterrupted);
            if piece.end > piece.start {
                let constant = self.piece_constant(&piece);
                if piece.escapes && !(string.raw() && self.rules.raw_format_specs) {
                    let owner = EscapeOwner {
                        start: Place::new(piece.line, piece.col),
                        end: Place::new(piece.end_line, piece.end_col),
                        quotes: 0,
                        format: true,
                    };
                    let text = self.lexer.slice(piece.start, piece.end);
                    let decoded = self.decode_str(text, &owner)?;
                    let value = Const::Str(PyStr::from_bytes(decoded));
                    constant.kind = ExprKind::Constant { value, kind: false };
                }
                self.scratch.exprs.push(constant);
            } else if self.rules.spec_pieces_are_kept
                && match piece.next {
                    PieceEnd::Close | PieceEnd::Line => self.scratch.exprs.len() > from,
                    PieceEnd::Field => self.lexer.braces_follow(),
                    PieceEnd::Text | PieceEnd::Quote | PieceEnd::Error => false,
                }
            {
                let empty = self.piece_constant(&piece);
                self.scratch.exprs.push(empty);
            }
            self.end = Place::new(piece.end_line, piece.end_col);
            self.warn_brace_escapes();
            match piece.next {
                PieceEnd::Text => {}
                PieceEnd::Field => {
                    self.field(string, false)?;
                    uninterrupted = self.rules.spec_pieces_are_kept;
                }
                PieceEnd::Close => break,
                PieceEnd::Line => {
                    while self.lexer.brace_follows() {
                        self.field(string, false)?;
                    }
                    break;
                }
                PieceEnd::Quote | PieceEnd::Error => return self.stop(),
            }
        }
        if !self.rules.spec_pieces_are_kept {
            self.merge_constants(from, true);
        }
        let values = self.finish_exprs(from);
        let spec = self.expr(start, ExprKind::JoinedStr { values });
        self.lexer.advance();
        Ok(spec)
    }

    /// Where the text of a `{…=}` field ends whose `start` is behind the brace: at `end`, a `!`, `:` or `}`, or where the
    /// release takes the `!` of a `!=` for that.
    fn debug_text_end(&self, start: u32, end: &Token) -> u32 {
        let cuts = match self.rules.debug_text_end {
            DebugTextEnd::AnyMark => true,
            DebugTextEnd::AnyMarkBeforeSpec => end.kind == TokenKind::Colon,
            DebugTextEnd::Mark => false,
        };
        let found = if cuts { first_mark(self.lexer.slice(start, end.start)) } else { None };
        found.map_or(end.start, |offset| start + offset as u32)
    }

    /// The source text of an expression, without comments.
    fn expression_text(&mut self, start: u32, end: u32) -> &'a [u8] {
        let text = self.lexer.slice(start, end);
        let rule = self.rules.debug_comments;
        if memchr::memchr(b'#', text).is_none() || rule != DebugComments::Anywhere && !has_comment(text) {
            return text;
        }
        self.arena.alloc_slice_copy(&without_comments(text, rule))
    }
}

/// The text of an expression without its comments.
#[cold]
fn without_comments(text: &[u8], rule: DebugComments) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut quote = None;
    let mut pos = 0;
    while let Some(&byte) = text.get(pos) {
        match byte {
            b'\\' if rule == DebugComments::OutsideStrings => {
                out.push(byte);
                out.extend(text.get(pos + 1));
                pos += 2;
                continue;
            }
            b'"' | b'\'' if rule != DebugComments::Anywhere => match quote {
                None => quote = Some(byte),
                Some(open) if open == byte => quote = None,
                Some(_) => {}
            },
            b'#' if quote.is_none() => {
                pos = memchr::memchr(b'\n', &text[pos..]).map_or(text.len(), |n| pos + n);
                continue;
            }
            _ => {}
        }
        out.push(byte);
        pos += 1;
    }
    out
}

/// The first `!` outside brackets and strings. Strings are taken to hold no others with the same quotes.
#[cold]
fn first_mark(text: &[u8]) -> Option<usize> {
    let mut depth = 0u32;
    let mut quote = None;
    let mut pos = 0;
    while let Some(&byte) = text.get(pos) {
        match (byte, quote) {
            (b'\\', _) => pos += 1,
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'#', None) => pos = memchr::memchr(b'\n', &text[pos..]).map_or(text.len(), |n| pos + n),
            (b'(' | b'[' | b'{', None) => depth += 1,
            (b')' | b']' | b'}', None) => depth = depth.saturating_sub(1),
            (b'!', None) if depth == 0 => return Some(pos),
            _ => {}
        }
        pos += 1;
    }
    None
}

/// Is there a `#` outside string literals? Their quotes are taken to come in pairs.
fn has_comment(text: &[u8]) -> bool {
    let mut quote = None;
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' | b'\'' => match quote {
                None => quote = Some(byte),
                Some(open) if open == byte => quote = None,
                Some(_) => {}
            },
            b'#' if quote.is_none() => return true,
            _ => {}
        }
    }
    false
}
