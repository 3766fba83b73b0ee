//! Expressions inside strings: before f-strings had tokens of their own, CPython took the text of each field
//! out of the string, put it into parentheses and read it as a program of its own. Here it is read in place.

use super::{Bracket, Lexer};
use crate::source::Place;
use crate::syntax::token::{StringFlags, Token, TokenKind};

/// A field whose expression is to be read.
#[derive(Clone, Copy, Debug)]
pub struct TextField {
    /// Where its brace is.
    pub open: u32,
    /// What ends the expression: a brace, `!`, `:` or `=`.
    pub end: u32,
    /// The line that the brace is said to be in.
    pub line: u32,
    /// The column that is said of the parenthesis that stands for the brace.
    pub open_col: u32,
    /// Where that line is said to start.
    pub line_start: usize,
}

/// A part of the text that is read by itself: literals next to each other.
#[derive(Clone, Copy, Debug)]
pub struct TextPart {
    /// Where it starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The line that it starts in.
    pub line: u32,
    /// Its column there.
    pub col: u32,
}

/// Where the lexer stood before it went into a field.
#[derive(Debug)]
pub struct Suspended<'s> {
    current: Token,
    src: &'s [u8],
    pos: usize,
    line: u32,
    line_start: usize,
    buffer_start: usize,
    layout: bool,
    at_line_start: bool,
    pending: i32,
    closing_level: usize,
}

impl<'s> Lexer<'s> {
    /// Goes into a field: the current token is the `(` that stands for its brace.
    pub fn enter_text(&mut self, field: &TextField) -> Suspended<'s> {
        let suspended = Suspended {
            current: self.current,
            src: self.src,
            pos: self.pos,
            line: self.line,
            line_start: self.line_start,
            buffer_start: self.buffer_start,
            layout: self.layout,
            at_line_start: self.at_line_start,
            pending: self.pending,
            closing_level: self.closing_level,
        };
        let open = field.open as usize;
        self.src = &self.src[..field.end as usize];
        self.pos = open + 1;
        self.set_line(field.line, field.line_start);
        self.layout = false;
        self.at_line_start = false;
        self.pending = 0;
        self.brackets.push(Bracket { byte: b'(', place: Place::new(field.line, field.open_col) });
        self.closing_level = self.brackets.len();
        self.current = Token {
            kind: TokenKind::LParen,
            flags: StringFlags::none(),
            start: field.open,
            end: field.open + 1,
            place: Place::new(field.line, field.open_col),
        };
        suspended
    }

    /// Goes to a part of the text: the current token is the first there; behind the last is a `)`.
    pub fn enter_part(&mut self, part: &TextPart) {
        self.src = &self.src[..part.end as usize];
        self.pos = part.start as usize;
        self.set_line(part.line, part.start.saturating_sub(part.col) as usize);
        self.layout = false;
        self.at_line_start = false;
        self.pending = 0;
        self.brackets.push(Bracket { byte: b'(', place: Place::new(part.line, part.col) });
        self.closing_level = self.brackets.len();
        self.advance();
    }

    /// Goes back to where the lexer was.
    pub fn leave_text(&mut self, suspended: &Suspended<'s>) {
        self.brackets.truncate(self.closing_level - 1);
        self.current = suspended.current;
        self.src = suspended.src;
        self.pos = suspended.pos;
        self.set_line(suspended.line, suspended.line_start);
        self.buffer_start = suspended.buffer_start;
        self.layout = suspended.layout;
        self.at_line_start = suspended.at_line_start;
        self.pending = suspended.pending;
        self.closing_level = suspended.closing_level;
    }

    /// At the end of a field's text: the `)` that stands for what ends it, then the end.
    pub(super) fn end_of_text(&mut self) -> TokenKind {
        if self.brackets.len() == self.closing_level {
            self.brackets.pop();
            TokenKind::RParen
        } else {
            TokenKind::End
        }
    }
}
