//! Strings as they were read before f-strings had tokens of their own (3.8 to 3.11): the literals next to each
//! other are one node, whose parts all have its place, and the expressions in it are read from its text.
//!
//! CPython makes a program of each expression and moves the positions of its nodes to where it takes the
//! expression to stand, not always rightly; [`FieldPlaces`] names the ways.

use super::decode::EscapeOwner;
use super::{Fail, FailedField, Node, Parsed, Parser, Place};
use crate::source::{ExceptionKind, Location};
use crate::syntax::ast::{Const, Expr, ExprKind, FormattedValue};
use crate::syntax::error::{Field, of_field};
use crate::syntax::gate::{Diagnosis, FieldPlaces};
use crate::syntax::lexer::TextField;
use crate::syntax::token::{StringFlags, Token, TokenKind};
use crate::syntax::{Mode, ParseOptions};
use crate::value::PyStr;

/// How many brackets can be open in a field.
const MAX_BRACKETS: usize = 200;

/// A literal among those that stand next to each other.
#[derive(Clone, Copy)]
pub(super) struct Literal {
    token: Token,
    end: Place,
}

/// The literal whose text is being read.
#[derive(Clone, Copy)]
struct Source {
    literal: Literal,
    /// The first literal of those next to each other.
    first: Literal,
    /// Where the text ends, without quotes.
    end: usize,
    raw: bool,
}

/// What a scan for the end of literal text finds.
enum LiteralEnd {
    /// A doubled brace: the text goes on.
    Doubled,
    /// A field, the end of the text, or that of a format specification.
    Other,
}

impl<'a> Parser<'a, '_> {
    /// `strings`, of which the first is the current token.
    pub(super) fn text_strings(&mut self) -> Parsed<Node<'a>> {
        let start = self.place();
        let strings = self.text_literals();
        if strings.is_err() && self.rules.diagnosis == Diagnosis::Pgen {
            // To 3.8 all that is wrong with them is so where the first one starts.
            let at = self.location_between(start, start);
            if let Some(failure) = &mut self.failure {
                failure.location = Some(at);
            }
        }
        strings
    }

    fn text_literals(&mut self) -> Parsed<Node<'a>> {
        let from = self.scratch.literals.len();
        while self.lexer.current.kind == TokenKind::String {
            let end = self.lexer.place();
            self.scratch.literals.push(Literal { token: self.lexer.current, end });
            self.advance();
        }
        if self.lexer.current.kind == TokenKind::Error {
            // The token that comes next is read before the literals are looked at.
            return Err(Fail);
        }
        // Errors are reported at the token that comes next.
        let count = self.scratch.literals.len() - from;
        let (first, last) = (self.scratch.literals[from], self.scratch.literals[from + count - 1]);
        let start = first.token.place;
        let exprs_from = self.scratch.exprs.len();
        let (mut format, mut bytes) = (false, None);
        for index in from..from + count {
            let literal = self.scratch.literals[index];
            let flags = literal.token.flags;
            let these_bytes = flags.has(StringFlags::BYTES);
            if flags.has(StringFlags::FORMAT) {
                self.check_mixing(bytes, these_bytes)?;
                format = true;
                let text = self.lexer.slice(literal.token.start, literal.token.end);
                let (prefix, quotes) = super::strings::affixes(text, flags);
                let source = Source {
                    literal,
                    first,
                    end: literal.token.end as usize - quotes,
                    raw: flags.has(StringFlags::RAW),
                };
                self.text_parts(literal.token.start as usize + prefix + quotes, &source, 0)?;
            } else {
                let constant = self.literal(&literal)?;
                self.check_mixing(bytes, these_bytes)?;
                self.scratch.exprs.push(constant);
            }
            bytes = Some(these_bytes);
        }
        self.scratch.literals.truncate(from);
        let loc = self.location_between(start, last.end);
        let u_prefix = first.token.flags.has(StringFlags::UNICODE)
            && self.lexer.slice(first.token.start, first.token.start + 1) == b"u";
        if bytes == Some(true) {
            if count == 1
                && let Some(only) = self.scratch.exprs.pop()
            {
                return Ok(only);
            }
            let value = Const::Bytes(self.join(exprs_from, self.scratch.exprs.len()));
            self.scratch.exprs.truncate(exprs_from);
            return Ok(self.alloc(Expr { loc, kind: ExprKind::Constant { value, kind: false } }));
        }
        self.merge_constants(exprs_from, format);
        for expr in &mut self.scratch.exprs[exprs_from..] {
            expr.loc = loc;
            match &mut expr.kind {
                ExprKind::Constant { kind, .. } => *kind = u_prefix,
                ExprKind::FormattedValue(value) => {
                    place_spec(value, loc, u_prefix, self.rules.field_places);
                }
                _ => {}
            }
        }
        if !format && let Some(constant) = self.scratch.exprs.pop() {
            return Ok(constant);
        }
        let values = self.finish_exprs(exprs_from);
        Ok(self.alloc(Expr { loc, kind: ExprKind::JoinedStr { values } }))
    }

    /// Bytes and text do not go together.
    fn check_mixing(&mut self, before: Option<bool>, bytes: bool) -> Parsed<()> {
        if before.is_some_and(|before| before != bytes) {
            return self.text_error("cannot mix bytes and nonbytes literals");
        }
        Ok(())
    }

    /// An error in a string, which is reported at the token after it.
    #[cold]
    fn text_error<T>(&mut self, message: impl Into<String>) -> Parsed<T> {
        let location = self.token_location();
        self.at_next_token(ExceptionKind::SyntaxError, message.into(), location)
    }

    /// The error is about literals that have all been read.
    #[cold]
    pub(super) fn at_next_token<T>(
        &mut self,
        kind: ExceptionKind,
        message: String,
        location: Location,
    ) -> Parsed<T> {
        let failed = self.fail_with(kind, message, Some(location));
        if let Some(failure) = &mut self.failure {
            failure.at_next_token = true;
        }
        failed
    }

    /// The constant that a literal without fields is.
    fn literal(&mut self, literal: &Literal) -> Parsed<Node<'a>> {
        let Literal { token, end } = *literal;
        let start = token.place;
        let value = self.string_value(&token, start, end)?;
        let loc = self.location_between(start, end);
        Ok(self.alloc(Expr { loc, kind: ExprKind::Constant { value, kind: false } }))
    }

    /// The parts of an f-string or format specification from `pos` on: pushed. Returns where they end.
    fn text_parts(&mut self, mut pos: usize, source: &Source, level: u32) -> Parsed<usize> {
        loop {
            let (literal_end, next, end) = self.find_literal_end(pos, source, level)?;
            if literal_end > pos {
                let text = self.lexer.slice(pos as u32, literal_end as u32);
                let text = if source.raw || memchr::memchr(b'\\', text).is_none() {
                    text
                } else {
                    let owner = EscapeOwner {
                        start: source.literal.token.place,
                        end: source.literal.end,
                        quotes: 0,
                        format: false,
                    };
                    self.decode_str(text, &owner)?
                };
                let value = Const::Str(PyStr::from_bytes(text));
                let kind = ExprKind::Constant { value, kind: false };
                let node = self.alloc(Expr { loc: Location::NONE, kind });
                self.scratch.exprs.push(node);
            }
            pos = next;
            if let LiteralEnd::Doubled = end {
                continue;
            }
            if pos >= source.end || self.text_byte(pos) == b'}' {
                break;
            }
            pos = self.text_field(pos, source, level)?;
        }
        if level == 0 && pos + 1 < source.end {
            return self.text_error("f-string: unexpected end of string");
        }
        if level > 0 && (pos >= source.end || self.text_byte(pos) != b'}') {
            return self.text_error("f-string: expecting '}'");
        }
        Ok(pos)
    }

    fn text_byte(&self, pos: usize) -> u8 {
        self.lexer.text().as_bytes().get(pos).copied().unwrap_or(0)
    }

    /// Where the literal text from `pos` on ends, where to go on, and why it ends.
    fn find_literal_end(
        &mut self,
        mut pos: usize,
        source: &Source,
        level: u32,
    ) -> Parsed<(usize, usize, LiteralEnd)> {
        while pos < source.end {
            let mut byte = self.text_byte(pos);
            pos += 1;
            if !source.raw && byte == b'\\' && pos < source.end {
                byte = self.text_byte(pos);
                pos += 1;
                if byte == b'N' {
                    if pos < source.end && self.text_byte(pos) == b'{' {
                        while pos < source.end && self.text_byte(pos) != b'}' {
                            pos += 1;
                        }
                        pos = (pos + 1).min(source.end);
                        continue;
                    }
                    // The decoder complains.
                    return Ok((pos.min(source.end), pos.min(source.end), LiteralEnd::Doubled));
                }
                if byte == b'{' {
                    self.warn_text_brace(source);
                }
            }
            if byte != b'{' && byte != b'}' {
                continue;
            }
            if level == 0 {
                if pos < source.end && self.text_byte(pos) == byte {
                    return Ok((pos, pos + 1, LiteralEnd::Doubled));
                }
                if byte == b'}' {
                    return self.text_error("f-string: single '}' is not allowed");
                }
            }
            return Ok((pos - 1, pos - 1, LiteralEnd::Other));
        }
        Ok((pos, pos, LiteralEnd::Other))
    }

    #[cold]
    fn warn_text_brace(&mut self, source: &Source) {
        let owner = EscapeOwner {
            start: source.literal.token.place,
            end: source.literal.end,
            quotes: 0,
            format: false,
        };
        self.warn_escape(b"\\{", 1, &owner);
    }

    /// A replacement field whose brace is at `open`: pushed. Returns where it ends.
    fn text_field(&mut self, open: usize, source: &Source, level: u32) -> Parsed<usize> {
        if level >= 2 {
            return self.text_error("f-string: expressions nested too deeply");
        }
        let start = open + 1;
        let mut pos = self.find_expression_end(start, source)?;
        let value = self.text_expression(open, pos, source)?;
        let debug = self.text_byte(pos) == b'=';
        if debug {
            pos += 1;
            while matches!(self.text_byte(pos), b' ' | b'\t'..=b'\r') {
                pos += 1;
            }
            if pos >= source.end {
                return self.text_error("f-string: expecting '}'");
            }
            let text = self.lexer.slice(start as u32, pos as u32);
            let value = Const::Str(PyStr::from_bytes(text));
            let kind = ExprKind::Constant { value, kind: false };
            let node = self.alloc(Expr { loc: Location::NONE, kind });
            self.scratch.exprs.push(node);
        }
        let mut conversion = -1;
        if self.text_byte(pos) == b'!' {
            pos += 1;
            if pos >= source.end {
                return self.text_error("f-string: expecting '}'");
            }
            conversion = i32::from(self.text_byte(pos));
            if !matches!(self.text_byte(pos), b's' | b'r' | b'a') {
                return self.bad_conversion(pos);
            }
            pos += 1;
        }
        let mut format_spec = None;
        if pos < source.end && self.text_byte(pos) == b':' {
            pos += 1;
            if pos >= source.end {
                return self.text_error("f-string: expecting '}'");
            }
            let (spec, end) = self.text_spec(pos, source, level + 1)?;
            format_spec = Some(spec);
            pos = end;
        }
        if pos >= source.end || self.text_byte(pos) != b'}' {
            return self.text_error("f-string: expecting '}'");
        }
        if debug && format_spec.is_none() && conversion == -1 {
            conversion = i32::from(b'r');
        }
        let kind = ExprKind::FormattedValue(self.alloc(FormattedValue { value, conversion, format_spec }));
        let node = self.alloc(Expr { loc: Location::NONE, kind });
        self.scratch.exprs.push(node);
        Ok(pos + 1)
    }

    #[cold]
    fn bad_conversion<T>(&mut self, pos: usize) -> Parsed<T> {
        let rest = self.lexer.text().get(pos..).unwrap_or_default();
        let shown = rest.chars().next().unwrap_or_default();
        let message = self.rules.text_conversion_error.message(shown);
        self.text_error(message)
    }

    fn text_spec(&mut self, pos: usize, source: &Source, level: u32) -> Parsed<(Node<'a>, usize)> {
        let from = self.scratch.exprs.len();
        let end = self.text_parts(pos, source, level)?;
        self.merge_constants(from, true);
        let values = self.finish_exprs(from);
        // What has no place yet gets that of all the literals.
        let loc = self.location_between(source.literal.token.place, source.literal.end);
        if let Some(Expr { loc: last, kind: ExprKind::Constant { .. } }) = values.last_mut() {
            *last = loc;
        }
        let spec = Expr { loc, kind: ExprKind::JoinedStr { values } };
        Ok((self.alloc(spec), end))
    }

    /// Where the expression of a field ends, as far as brackets and quotes tell.
    fn find_expression_end(&mut self, start: usize, source: &Source) -> Parsed<usize> {
        let mut open: Vec<u8> = Vec::new();
        // The quote of the string that is passed, and how many of them end it.
        let mut quote: Option<(u8, usize)> = None;
        let mut pos = start;
        while pos < source.end {
            let byte = self.text_byte(pos);
            let tripled =
                pos + 2 < source.end && self.text_byte(pos + 1) == byte && self.text_byte(pos + 2) == byte;
            if byte == b'\\' {
                return self.text_error("f-string expression part cannot include a backslash");
            }
            match (quote, byte) {
                (Some((open, 3)), _) if byte == open && tripled => {
                    pos += 2;
                    quote = None;
                }
                (Some((open, 1)), _) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'\'' | b'"') => {
                    quote = Some((byte, if tripled { 3 } else { 1 }));
                    pos += if tripled { 2 } else { 0 };
                }
                (None, b'[' | b'{' | b'(') => {
                    if open.len() >= MAX_BRACKETS {
                        return self.text_error("f-string: too many nested parenthesis");
                    }
                    open.push(byte);
                }
                (None, b'#') => {
                    return self.text_error("f-string expression part cannot include '#'");
                }
                (None, b'!' | b':' | b'}' | b'=' | b'>' | b'<') if open.is_empty() => {
                    let next = if pos + 1 < source.end { self.text_byte(pos + 1) } else { 0 };
                    if next == b'=' && matches!(byte, b'!' | b'=' | b'<' | b'>') {
                        pos += 1;
                    } else if byte != b'>' && byte != b'<' {
                        break;
                    }
                }
                (None, b']' | b'}' | b')') => match open.pop() {
                    None => {
                        return self.text_error(format!("f-string: unmatched '{}'", byte as char));
                    }
                    Some(opening) if byte > opening && byte - opening <= 2 => {}
                    Some(opening) => {
                        return self.text_error(format!(
                            "f-string: closing parenthesis '{}' does not match opening parenthesis '{}'",
                            byte as char, opening as char
                        ));
                    }
                },
                _ => {}
            }
            pos += 1;
        }
        if quote.is_some() {
            return self.text_error("f-string: unterminated string");
        }
        if let Some(opening) = open.last() {
            return self.text_error(format!("f-string: unmatched '{}'", *opening as char));
        }
        if pos >= source.end {
            return self.text_error("f-string: expecting '}'");
        }
        Ok(pos)
    }

    /// The expression between the brace at `open` and `end`.
    fn text_expression(&mut self, open: usize, end: usize, source: &Source) -> Parsed<Node<'a>> {
        let text = self.lexer.slice(open as u32 + 1, end as u32);
        if text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c')) {
            let message = match self.text_byte(end) {
                byte @ (b'!' | b':' | b'=') if self.rules.names_what_needs_expression => {
                    format!("f-string: expression required before '{}'", byte as char)
                }
                _ => "f-string: empty expression not allowed".to_owned(),
            };
            return self.text_error(message);
        }
        let field = self.field_place(open, end, source);
        let suspended = self.lexer.enter_text(&field);
        let (depth, place) = (std::mem::take(&mut self.depth), self.end);
        let value = match self.star_expressions() {
            Ok(value) if self.lexer.current.kind == TokenKind::End => value,
            _ if self.rules.diagnosis == Diagnosis::Peg => {
                self.lexer.leave_text(&suspended);
                return self.field_error(text, &field);
            }
            _ => return self.field_failed(open, end, &field),
        };
        self.lexer.leave_text(&suspended);
        self.depth = depth;
        self.end = place;
        Ok(value)
    }

    /// The expression of a field is none: before 3.10, what is said of it is about the text in parentheses that
    /// is read for it.
    #[cold]
    fn field_failed<T>(&mut self, open: usize, end: usize, field: &TextField) -> Parsed<T> {
        if let Some(failure) = &mut self.failure {
            if self.rules.diagnosis == Diagnosis::FirstPeg {
                failure.message.insert_str(0, "f-string: ");
                if let Some(location) = &mut failure.location {
                    location.col -= field.open_col as i32;
                }
            }
            return Err(Fail);
        }
        if self.failed_field.is_some() {
            return Err(Fail);
        }
        self.failed_field =
            Some(FailedField { open: open as u32, end: end as u32, line: field.line, col: field.open_col });
        Err(Fail)
    }

    /// The expression `text` of `field` cannot be parsed.
    #[cold]
    fn field_error<T>(&mut self, text: &[u8], field: &TextField) -> Parsed<T> {
        let text = format!("({})", String::from_utf8_lossy(text));
        let options =
            ParseOptions { target: self.target, mode: Mode::Eval, type_comments: self.type_comments };
        let place = Field { lines: field.line as i32 - 1, column: field.open_col as i32 };
        let error = of_field(&text, &options, place);
        let message = error.message.clone();
        self.failure = None;
        let failed = self.fail_with(error.kind, message, None);
        if let Some(failure) = &mut self.failure {
            failure.within = Some(error);
        }
        failed
    }

    /// Where the target takes the field to be whose brace is at `open`.
    fn field_place(&self, open: usize, end: usize, source: &Source) -> TextField {
        let token = &source.literal.token;
        let before = self.lexer.slice(token.start, open as u32);
        let lines = memchr::memchr_iter(b'\n', before).count() as u32;
        let newline = memchr::memrchr(b'\n', before).map(|at| token.start as usize + at);
        let line_start = newline.map_or(open - before.len() - token.place.col() as usize, |at| at + 1);
        let text = self.lexer.slice(open as u32 + 1, end as u32);
        // A newline right after the brace: only the parenthesis is in the first line.
        let blank = text
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'))
            .is_some_and(|byte| *byte == b'\n');
        let first_col = if lines == 0 { token.place.col() } else { 0 };
        let field = |line_start: usize, open_col: u32, line: u32| TextField {
            open: open as u32,
            end: end as u32,
            line,
            open_col,
            line_start,
        };
        match self.rules.field_places {
            FieldPlaces::Tokens | FieldPlaces::Exact => {
                let col = if blank { first_col } else { (open - line_start) as u32 };
                field(line_start, col, token.place.line() + lines)
            }
            FieldPlaces::ColumnsAdded => {
                let added = if lines == 0 { 0 } else { token.place.col() + 1 };
                let col = if blank { token.place.col() } else { (open - line_start) as u32 + added };
                field(line_start - added as usize, col, token.place.line() + lines)
            }
            FieldPlaces::Searched => {
                // The first literal's text is searched for the expression in braces.
                let first = &source.first.token;
                let all = self.lexer.slice(first.start, first.end);
                let found = memchr::memmem::find(all, &[b"{", text, b"}"].concat());
                let (mut line, mut col) = (first.place.line(), first.place.col());
                if let Some(at) = found {
                    line += memchr::memchr_iter(b'\n', &all[..at]).count() as u32;
                    col += (at - memchr::memrchr(b'\n', &all[..at]).unwrap_or(0)) as u32;
                }
                field(open - col as usize, col, line)
            }
        }
    }
}

/// Gives the parts of a format specification that have no place yet that of all the literals.
fn place_spec(value: &mut FormattedValue<'_>, loc: Location, u_prefix: bool, places: FieldPlaces) {
    let Some(spec) = &mut value.format_spec else { return };
    if places == FieldPlaces::Searched {
        spec.loc = loc;
    }
    let ExprKind::JoinedStr { values } = &mut spec.kind else { return };
    for part in values.iter_mut() {
        if part.loc == Location::NONE || places == FieldPlaces::Searched {
            part.loc = loc;
        }
        match &mut part.kind {
            ExprKind::Constant { kind, .. } => *kind = u_prefix,
            ExprKind::FormattedValue(value) => place_spec(value, loc, u_prefix, places),
            _ => {}
        }
    }
}
