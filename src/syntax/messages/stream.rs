//! CPython's token stream, read ahead on demand, and errors placed by tokens.

use super::old_lexer;
use crate::source::{ExceptionKind, SourceError};
use crate::syntax::error::Origin;
use crate::syntax::gate::{Diagnosis, FieldColumns, Rules};
use crate::syntax::lexer::{LexErrorKind, Lexer, LexerOptions, OpenString, PieceEnd};
use crate::syntax::token::{Token, TokenKind};

/// A terminal of the grammar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Terminal {
    /// A token as the lexer makes it.
    Lexical(TokenKind),
    /// Literal text of an f-string.
    FStringMiddle,
    /// The closing quote of an f-string.
    FStringEnd,
    /// Literal text of a t-string.
    TStringMiddle,
    /// The closing quote of a t-string.
    TStringEnd,
}

impl Terminal {
    /// The lexer's kind, if the lexer has one for it.
    pub const fn lexical(self) -> Option<TokenKind> {
        match self {
            Terminal::Lexical(kind) => Some(kind),
            _ => None,
        }
    }
}

/// A token with its ends in lines and byte columns. A column of −1 is a token without text.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub kind: Terminal,
    pub start: u32,
    pub end: u32,
    pub line: i32,
    pub col: i32,
    pub end_line: i32,
    pub end_col: i32,
    /// How many brackets are open after it.
    pub level: usize,
}

/// An open f-string and the fields entered in it.
struct Open {
    string: OpenString,
    /// For each field that is open: the level around it, and whether its format specification has begun.
    fields: Vec<(usize, bool)>,
    /// No nested field has interrupted the format specification.
    fresh: bool,
}

/// The tokens of a text.
pub struct TokenStream<'s> {
    text: &'s str,
    lexer: Lexer<'s>,
    tokens: Vec<Placed>,
    strings: Vec<Open>,
    /// A token that follows one that was just delivered.
    next: Option<PieceEnd>,
    /// Where the lexer stood after the last token.
    line: i32,
    col: i32,
    /// What the target's grammar has.
    pub rules: Rules,
    /// What the text is part of.
    origin: Origin,
}

impl<'s> TokenStream<'s> {
    /// The stream at its start.
    pub fn new(text: &'s str, options: LexerOptions, rules: Rules, origin: Origin) -> Self {
        TokenStream {
            text,
            lexer: Lexer::new(text, options),
            tokens: Vec::new(),
            strings: Vec::new(),
            next: None,
            line: 1,
            col: 0,
            rules,
            origin,
        }
    }

    /// The last token read so far.
    pub fn last(&self) -> usize {
        self.tokens.len().saturating_sub(1)
    }

    /// A token that has been read.
    pub fn token(&self, index: usize) -> Placed {
        self.tokens[index]
    }

    /// The whole text.
    pub fn whole(&self) -> &'s str {
        self.text
    }

    /// The text of a token.
    pub fn text(&self, index: usize) -> &'s str {
        let token = self.tokens[index];
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// `f` or `t`: the prefix of the string whose field the token `mark` is in.
    pub fn prefix(&self, mark: usize) -> char {
        let mut closed = 0;
        for token in self.tokens[..mark.min(self.tokens.len())].iter().rev() {
            let prefix = match token.kind {
                Terminal::FStringEnd | Terminal::TStringEnd => {
                    closed += 1;
                    continue;
                }
                Terminal::Lexical(TokenKind::FStringStart) => 'f',
                Terminal::Lexical(TokenKind::TStringStart) => 't',
                _ => continue,
            };
            if closed == 0 {
                return prefix;
            }
            closed -= 1;
        }
        'f'
    }

    /// The token `index`, read if need be.
    pub fn get(&mut self, index: usize) -> Result<Placed, SourceError> {
        while self.tokens.len() <= index {
            let token = self.read()?;
            self.tokens.push(token);
        }
        Ok(self.tokens[index])
    }

    fn read(&mut self) -> Result<Placed, SourceError> {
        if let Some(next) = self.next.take() {
            return self.after_piece(next);
        }
        let in_text =
            self.strings.last().is_some_and(|open| open.fields.last().is_none_or(|&(_, spec)| spec));
        if in_text { self.literal_text() } else { self.code() }
    }

    /// A token outside the literal text of strings.
    fn code(&mut self) -> Result<Placed, SourceError> {
        let at_field_level = !self.strings.is_empty() && self.lexer.at_field_level();
        let mut token = self.lexer.next_token();
        while token.kind == TokenKind::TypeIgnore {
            token = self.lexer.next_token();
        }
        match token.kind {
            TokenKind::Error => return Err(self.lexer_error()),
            TokenKind::FStringStart | TokenKind::TStringStart => {
                let placed = self.place(&token, Terminal::Lexical(token.kind));
                match self.lexer.begin_fstring(token) {
                    Ok(string) => self.strings.push(Open { string, fields: Vec::new(), fresh: true }),
                    Err(_) => return Err(self.lexer_error()),
                }
                return Ok(placed);
            }
            TokenKind::Colon if at_field_level => {
                if let Some(open) = self.strings.last_mut()
                    && let Some(field) = open.fields.last_mut()
                {
                    field.1 = true;
                    open.fresh = true;
                }
            }
            TokenKind::RBrace if at_field_level => self.leave_field(),
            _ => {}
        }
        let placed = self.place(&token, Terminal::Lexical(token.kind));
        let twins = token.kind == TokenKind::NotEqual && self.lexer.slice(token.start, token.end) == b"<>";
        if twins && self.rules.twin_stops_messages {
            return Ok(Placed { kind: Terminal::Lexical(TokenKind::Unusable), ..placed });
        }
        Ok(placed)
    }

    fn leave_field(&mut self) {
        if let Some(open) = self.strings.last_mut()
            && let Some((outer, _)) = open.fields.pop()
        {
            self.lexer.end_field(&mut open.string, outer);
        }
    }

    /// The next token inside a string's text or format specification.
    fn literal_text(&mut self) -> Result<Placed, SourceError> {
        let Some(open) = self.strings.last_mut() else { return self.code() };
        let in_field = !open.fields.is_empty();
        let piece = self.lexer.fstring_piece(&open.string, in_field, in_field && open.fresh);
        let template = open.string.prefix() == 't';
        if piece.next == PieceEnd::Error {
            return Err(self.lexer_error());
        }
        if piece.start == piece.end && !matches!(piece.next, PieceEnd::Text | PieceEnd::Close) {
            return self.after_piece(piece.next);
        }
        if piece.next != PieceEnd::Text {
            self.next = Some(piece.next);
        }
        (self.line, self.col) = (piece.end_line as i32, piece.end_col as i32);
        Ok(Placed {
            kind: if template { Terminal::TStringMiddle } else { Terminal::FStringMiddle },
            start: piece.start,
            end: piece.end,
            line: piece.line as i32,
            col: piece.col as i32,
            end_line: piece.end_line as i32,
            end_col: piece.end_col as i32,
            level: self.lexer.brackets().len(),
        })
    }

    /// What stands where a piece of text has ended.
    fn after_piece(&mut self, next: PieceEnd) -> Result<Placed, SourceError> {
        match next {
            PieceEnd::Field => {
                let Some(open) = self.strings.last_mut() else { return self.code() };
                match self.lexer.begin_field(&mut open.string) {
                    Ok((token, outer)) => {
                        open.fields.push((outer, false));
                        Ok(self.place(&token, Terminal::Lexical(TokenKind::LBrace)))
                    }
                    Err(_) => Err(self.lexer_error()),
                }
            }
            PieceEnd::Close | PieceEnd::Line => {
                let token = self.lexer.next_token();
                self.leave_field();
                if let Some(open) = self.strings.last_mut() {
                    open.fresh = false;
                }
                Ok(self.place(&token, Terminal::Lexical(token.kind)))
            }
            PieceEnd::Quote => Ok(self.close_string()),
            PieceEnd::Text | PieceEnd::Error => self.literal_text(),
        }
    }

    fn close_string(&mut self) -> Placed {
        let end = self.lexer.pos() as u32;
        let (line, end_col) = (self.lexer.line() as i32, self.lexer.col() as i32);
        let mut length = 1;
        let mut kind = Terminal::FStringEnd;
        if let Some(open) = self.strings.pop() {
            if open.string.triple() {
                length = 3;
            }
            if open.string.prefix() == 't' {
                kind = Terminal::TStringEnd;
            }
            self.lexer.end_fstring(&open.string);
        }
        (self.line, self.col) = (line, end_col);
        Placed {
            kind,
            start: end - length,
            end,
            line,
            col: end_col - length as i32,
            end_line: line,
            end_col,
            level: self.lexer.brackets().len(),
        }
    }

    /// What CPython adds to the columns of tokens in a line.
    pub fn added(&self, line: i32) -> i32 {
        if line == 1 { self.origin.column() } else { 0 }
    }

    fn place(&mut self, token: &Token, kind: Terminal) -> Placed {
        let without_text = matches!(token.kind, TokenKind::Indent | TokenKind::Dedent | TokenKind::End);
        let (mut line, mut end_line, mut end_col) =
            (token.place.line() as i32, self.lexer.line() as i32, self.lexer.col() as i32);
        let col = token.place.col() as i32;
        if token.kind == TokenKind::Newline {
            // It starts with the comment before it, if there is one.
            let newline = i32::from(!self.rules.newline_is_empty);
            (end_line, end_col) = (line, col + (token.end - token.start) as i32 + newline);
        }
        if without_text && self.lexer.pos() >= self.text.len() {
            // At the end CPython's tokenizer is still in the last line, after its newline.
            (line, end_col) = self.end_of_last_line();
            end_line = line;
        }
        (self.line, self.col) = (end_line, end_col);
        let (col, end_col) = (col + self.added(line), end_col + self.added(end_line));
        Placed {
            kind,
            start: token.start,
            end: token.end,
            line,
            col: if without_text { -1 } else { col },
            end_line: if without_text { line } else { end_line },
            end_col: if without_text { -1 } else { end_col },
            level: self.lexer.brackets().len(),
        }
    }

    /// Number and length of the last line, its newline included.
    fn end_of_last_line(&self) -> (i32, i32) {
        let text = self.text.as_bytes();
        let body = text.strip_suffix(b"\n").unwrap_or(text);
        let start = memchr::memrchr(b'\n', body).map_or(0, |newline| newline + 1);
        (memchr::memchr_iter(b'\n', body).count() as i32 + 1, (text.len() - start) as i32)
    }

    #[cold]
    fn lexer_error(&self) -> SourceError {
        match self.lexer.error() {
            Some(error) if self.rules.diagnosis != Diagnosis::Peg => {
                old_lexer::source_error(error, self.text, self.lexer.buffer_start(), self.rules.diagnosis)
            }
            Some(error) if matches!(error.kind, LexErrorKind::UnexpectedEnd) => self.unexpected_end(),
            Some(error) => self.of_lexer(error.kind, error.to_source_error(self.text.as_bytes())),
            None => SourceError::without_location(ExceptionKind::SyntaxError, "invalid syntax".to_owned()),
        }
    }

    /// Some errors of the tokenizer are worded by the parser, and placed by it.
    fn of_lexer(&self, kind: LexErrorKind, mut error: SourceError) -> SourceError {
        match kind {
            LexErrorKind::NeverClosed(_)
            | LexErrorKind::UnmatchedDedent
            | LexErrorKind::InconsistentTabs
            | LexErrorKind::TooManyIndents
            | LexErrorKind::Continuation(..) => {
                error.offset = error.offset.map(|offset| offset - self.origin.column());
                error.end_offset = error.end_offset.map(|offset| offset - self.origin.column());
                self.origin.reported(error, self.rules.field_columns)
            }
            _ => self.origin.tokenized(error),
        }
    }

    /// The error of a text that is part of this one.
    pub fn within(&self, error: SourceError) -> SourceError {
        self.origin.tokenized(error)
    }

    /// The text ends after a backslash.
    fn unexpected_end(&self) -> SourceError {
        if let Some(bracket) = self.lexer.brackets().last() {
            return self.never_closed(bracket.byte, bracket.place.line() as i32, bracket.place.col() as i32);
        }
        let (line, col) = self.end_of_last_line();
        let message = "unexpected EOF while parsing".to_owned();
        self.error(ExceptionKind::SyntaxError, message, (line, col), (line, -1))
    }

    /// Reads the rest of the text: the error of the lexer in it that takes precedence over a generic
    /// one, if there is one.
    pub fn later_error(&mut self) -> Option<SourceError> {
        if self.rules.diagnosis != Diagnosis::Peg {
            return None;
        }
        let line = self.tokens.last().map_or(1, |token| token.line);
        loop {
            match self.read() {
                Ok(token) if token.kind == Terminal::Lexical(TokenKind::End) => return None,
                Ok(_) => {}
                Err(error) => {
                    let found = self.lexer.error()?;
                    let in_string = !self.strings.is_empty();
                    return match found.kind {
                        LexErrorKind::NeverClosed(bracket) => {
                            (line > bracket.place.line() as i32 && !in_string).then_some(error)
                        }
                        LexErrorKind::UnexpectedEnd
                        | LexErrorKind::UnmatchedDedent
                        | LexErrorKind::InconsistentTabs
                        | LexErrorKind::TooManyIndents
                        | LexErrorKind::Continuation(..) => {
                            let bracket = self.lexer.brackets().last().copied()?;
                            (line > bracket.place.line() as i32 && !in_string).then(|| {
                                self.never_closed(
                                    bracket.byte,
                                    bracket.place.line() as i32,
                                    bracket.place.col() as i32,
                                )
                            })
                        }
                        _ => (!in_string).then_some(error),
                    };
                }
            }
        }
    }

    fn never_closed(&self, byte: u8, line: i32, col: i32) -> SourceError {
        self.error(
            ExceptionKind::SyntaxError,
            format!("'{}' was never closed", byte as char),
            (line, col + 1),
            (line, 0),
        )
    }

    /// Has the lexer found an error?
    pub fn has_failed(&self) -> bool {
        self.lexer.error().is_some()
    }

    /// Has the lexer come to the end of the text?
    pub fn at_end(&self) -> bool {
        self.tokens.last().is_some_and(|token| token.col == -1) && self.lexer.pos() >= self.text.len()
    }

    /// An error at the last token read.
    pub fn at_last(&self, kind: ExceptionKind, message: &str) -> SourceError {
        self.at_token(self.last(), kind, message.to_owned())
    }

    /// An error at a token, as for messages that name no place of their own.
    pub fn at_token(&self, index: usize, kind: ExceptionKind, message: String) -> SourceError {
        let Some(token) = self.tokens.get(index) else {
            return self.error(kind, message, (0, 0), (0, -1));
        };
        let col = if token.col == -1 { self.col } else { token.col + 1 };
        let end_col = if token.end_col == -1 { -1 } else { token.end_col + 1 };
        self.error(kind, message, (token.line, col), (token.end_line, end_col))
    }

    /// An error from the start of one token to the end of another.
    pub fn range(&self, first: usize, last: usize, message: String) -> SourceError {
        let (first, last) = (self.tokens[first], self.tokens[last]);
        self.error(
            ExceptionKind::SyntaxError,
            message,
            (first.line, first.col + 1),
            (last.end_line, last.end_col + 1),
        )
    }

    /// An error from the start of a token to where the lexer stands.
    pub fn from(&self, first: usize, message: String) -> SourceError {
        let first = self.tokens[first];
        self.error(ExceptionKind::SyntaxError, message, (first.line, first.col + 1), (self.line, self.col))
    }

    /// An error with byte columns from 1, made into one with character columns. As CPython does it, both
    /// columns are counted in the first line.
    pub fn error(
        &self,
        kind: ExceptionKind,
        message: String,
        (line, col): (i32, i32),
        (end_line, end_col): (i32, i32),
    ) -> SourceError {
        let text = self.line_text(line);
        let (col, end_col) = (col - self.origin.column(), end_col - self.origin.column());
        let bytes = self.origin != Origin::Program && self.rules.field_columns == FieldColumns::Bytes;
        let offset = if bytes || col < 0 { col } else { characters(text, col) };
        let end_offset = if bytes || end_col <= 0 { end_col } else { characters(text, end_col) };
        let error = SourceError {
            kind,
            message,
            lineno: Some(line),
            offset: Some(offset),
            end_lineno: Some(end_line),
            end_offset: Some(end_offset),
            text: Some(text.as_bytes().to_vec()),
        };
        self.origin.reported(error, self.rules.field_columns)
    }

    /// The text of a line; with its newline, if the lexer has not gone on to the next one.
    fn line_text(&self, line: i32) -> &'s str {
        let mut rest = self.text;
        for _ in 1..line {
            match rest.find('\n') {
                Some(newline) => rest = &rest[newline + 1..],
                None => return "",
            }
        }
        let end = rest.find('\n').map_or(rest.len(), |newline| newline + usize::from(self.line <= line));
        &rest[..end]
    }
}

/// How many characters the first `bytes` bytes of a line hold, a character that they cut being one.
fn characters(line: &str, bytes: i32) -> i32 {
    let bytes = usize::try_from(bytes).unwrap_or(0).min(line.len() + 1);
    let whole = line.as_bytes().iter().take(bytes).filter(|&&byte| byte & 0xC0 != 0x80).count();
    (whole + usize::from(bytes > line.len())) as i32
}
