//! The lexer: text to tokens, one at a time, on demand.
//!
//! It keeps what CPython's tokenizer keeps (`Parser/lexer`): the stacks of indents and of open brackets,
//! and the current line. Whoever consumes the tokens of an f-string drives it through the string's
//! literal parts with [`Lexer::fstring_piece`]; between two pieces the tokens of the replacement field
//! come from [`Lexer::next_token`] as everywhere.
//!
//! Nothing here allocates except the two stacks. An error is a token of kind [`TokenKind::Error`]; the
//! reason stays in [`Lexer::error`].

mod error;
mod fstring;
mod layout;
mod lookahead;
mod number;
mod scan;
mod string;
mod tables;
mod text;

pub use error::{LexError, LexErrorKind, NumberKind};
pub use fstring::{OpenString, Piece, PieceEnd};
pub use text::{Suspended, TextField, TextPart};

use super::token::{StringFlags, Token, TokenKind};
use tables::{BLOCK, leading_spaces};

use crate::source::{Location, Place, Warning, WarningCategory};
use crate::target::UnicodeVersion;

/// CPython's `MAXLEVEL`: how many brackets can be open.
const MAX_LEVEL: usize = 200;

/// What a lexer is to look for beyond tokens.
#[derive(Clone, Copy, Debug)]
pub struct LexerOptions {
    /// Make tokens of `# type:` comments.
    pub type_comments: bool,
    /// f-strings have tokens of their own; otherwise they are strings like any other.
    pub fstring_tokens: bool,
    /// `t` prefixes strings (3.14).
    pub template_strings: bool,
    /// A newline in the format specification of an f-string in single quotes is an error (otherwise it
    /// ends the specification).
    pub newline_in_spec_is_error: bool,
    /// Before a quote, letters that start strings, but not together, are an error of their own.
    pub prefix_clash_is_error: bool,
    /// What is said of an open replacement field says where it begins, if that is another line (3.15).
    pub field_line: bool,
    /// `<>` is one token.
    pub less_greater: bool,
    /// How keywords right behind numbers are warned of.
    pub number_warnings: WarningCategory,
    /// A character beyond ASCII right behind a number makes it an invalid one (3.10).
    pub number_ends_before_ascii: bool,
    /// Control characters are tokens that no rule takes (3.10).
    pub control_characters_are_tokens: bool,
    /// The column behind a backslash is counted from where CPython's buffer starts (3.11).
    pub continuation_in_buffer: bool,
    /// Whose identifiers.
    pub unicode: UnicodeVersion,
    /// What the lexer refuses.
    pub checks: Checks,
    /// The text is one statement of interactive input: its end is a `Newline`, too.
    pub single: bool,
}

/// What the lexer refuses, and what it leaves to the parser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checks {
    /// A number ends where it cannot go on, whatever follows; what starts no token is one that no rule takes, and
    /// so is the end of a text with open brackets (3.8, 3.9).
    Few,
    /// Numbers that a letter follows, characters that start nothing and open brackets are errors (3.10).
    All,
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub struct Bracket {
    /// `(`, `[` or `{`.
    pub byte: u8,
    /// Where it is.
    pub place: Place,
}

/// A `# type: ignore` comment.
#[derive(Clone, Copy, Debug)]
pub struct IgnoreComment {
    /// Its line.
    pub line: u32,
    /// What follows `ignore`: first byte.
    pub start: u32,
    /// After its last byte.
    pub end: u32,
}

/// Says that [`Lexer::current`] has been written.
struct Made;

/// The lexer of one text.
pub struct Lexer<'s> {
    /// The last token.
    pub current: Token,
    text: &'s str,
    src: &'s [u8],
    /// Where the next token is looked for.
    pos: usize,
    /// Line of `pos`.
    line: u32,
    /// Where that line starts.
    line_start: usize,
    /// Both together: [`Place::at`] of it are the places in the line.
    origin: Place,
    /// Is there anything to do at the start of a line before the next token?
    layout: bool,
    /// Start of the line that CPython's buffer starts with: of the last line that no backslash and no
    /// string led to.
    buffer_start: usize,
    at_line_start: bool,
    /// Indents (positive) or dedents (negative) to deliver.
    pending: i32,
    indents: Vec<Indent>,
    brackets: Vec<Bracket>,
    /// How many brackets are open where the innermost replacement field's own brace is the last one.
    field_level: usize,
    /// In the text of a field, how many brackets are open in its own parentheses; else `usize::MAX`.
    closing_level: usize,
    /// How many f-strings are open.
    fstring_depth: u32,
    /// The innermost of them: prefix, quote, tripled.
    fstring: Option<(char, u8, bool)>,
    options: LexerOptions,
    /// Interactive input: has a token been delivered since the last made-up newline?
    started: bool,
    /// First NUL of the text, if there is one: the text ends for us before its line.
    null_line: bool,
    error: Option<LexError>,
    /// `# type: ignore` comments seen so far.
    ignores: Vec<IgnoreComment>,
    /// What the interner finds the last name by.
    name_key: u64,
    /// The last eight bytes of that name, if it has nine to sixteen.
    name_last: u64,
    /// Backslashes before braces in f-strings, not yet turned into warnings.
    brace_escapes: Vec<(Location, u8)>,
    /// Warnings issued so far.
    pub warnings: Vec<Warning>,
}

/// A level of indentation: columns with tabs to multiples of 8 and of 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Indent {
    col: u32,
    alt: u32,
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of `text`.
    pub fn new(text: &'s str, options: LexerOptions) -> Self {
        let mut src = text.as_bytes();
        let mut null_line = false;
        if let Some(at) = memchr::memchr(0, src) {
            let start = memchr::memrchr(b'\n', &src[..at]).map_or(0, |newline| newline + 1);
            src = &src[..start];
            null_line = true;
        }
        let current = Token {
            kind: TokenKind::End,
            flags: StringFlags::none(),
            start: 0,
            end: 0,
            place: Place::new(1, 0),
        };
        Lexer {
            current,
            text,
            src,
            pos: 0,
            line: 1,
            line_start: 0,
            origin: Place::line_at(1, 0),
            layout: true,
            buffer_start: 0,
            at_line_start: true,
            pending: 0,
            indents: vec![Indent::default()],
            brackets: Vec::new(),
            field_level: usize::MAX,
            closing_level: usize::MAX,
            fstring_depth: 0,
            fstring: None,
            options,
            started: false,
            null_line,
            error: None,
            ignores: Vec::new(),
            name_key: 0,
            name_last: 0,
            brace_escapes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// What it looks for.
    pub fn options(&self) -> LexerOptions {
        self.options
    }

    /// From here on, `<>` is one token.
    pub fn join_less_greater(&mut self) {
        self.options.less_greater = true;
    }

    /// The whole text.
    pub fn text(&self) -> &'s str {
        self.text
    }

    /// Byte offset after the last token.
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Line in which the last token ended.
    #[inline(always)]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Column in which the last token ended.
    #[inline(always)]
    pub fn col(&self) -> u32 {
        (self.pos - self.line_start) as u32
    }

    /// Where the last token ended.
    #[inline(always)]
    pub fn place(&self) -> Place {
        self.origin.at(self.pos)
    }

    /// Goes to another line: its number, and where it starts.
    #[inline(always)]
    fn set_line(&mut self, line: u32, start: usize) {
        self.line = line;
        self.line_start = start;
        self.origin = Place::line_at(line, start);
    }

    /// Why the last token was an error.
    pub fn error(&self) -> Option<&LexError> {
        self.error.as_ref()
    }

    /// Where CPython's buffer starts.
    pub fn buffer_start(&self) -> usize {
        self.buffer_start
    }

    /// The brackets that are open.
    pub fn brackets(&self) -> &[Bracket] {
        &self.brackets
    }

    /// The `# type: ignore` comments passed so far.
    pub fn ignores(&self) -> &[IgnoreComment] {
        &self.ignores
    }

    /// What [`crate::value::Interner::intern_keyed`] finds the last name by, if that was in ASCII.
    #[inline(always)]
    pub fn name_key(&self) -> u64 {
        self.name_key
    }

    /// The last eight bytes of the last name, if that has nine to sixteen in ASCII, else 0.
    #[inline(always)]
    pub fn name_last(&self) -> u64 {
        self.name_last
    }

    /// The bytes from `start` to `end`.
    #[inline]
    pub fn slice(&self, start: u32, end: u32) -> &'s [u8] {
        &self.src[start as usize..end as usize]
    }

    /// The text from `start` to `end`, which are ends of tokens.
    pub fn str(&self, start: u32, end: u32) -> &'s str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    #[inline(always)]
    fn at(&self, pos: usize) -> u8 {
        // No text has a NUL where the lexer looks, so it can stand for the end.
        self.src.get(pos).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn token(&mut self, kind: TokenKind, start: usize, end: usize) -> Made {
        self.pos = end;
        self.current = Token {
            kind,
            flags: StringFlags::none(),
            start: start as u32,
            end: end as u32,
            place: self.origin.at(start),
        };
        Made
    }

    /// The next token. After an error or the end, the same again.
    pub fn next_token(&mut self) -> Token {
        self.advance();
        self.current
    }

    /// Makes the next token [`Lexer::current`]. It is written there, and nowhere else: copying it around
    /// costs more than making it.
    #[inline]
    pub fn advance(&mut self) {
        let Made = self.scan();
    }

    #[inline]
    fn newline(&mut self, start: usize, pos: usize) -> Made {
        self.layout = true;
        self.at_line_start = true;
        // The token is of the line that it ends; the position afterwards is of the next one.
        self.current = Token {
            kind: TokenKind::Newline,
            flags: StringFlags::none(),
            start: start as u32,
            end: pos as u32,
            place: self.origin.at(start),
        };
        self.pos = pos + 1;
        self.set_line(self.line + 1, pos + 1);
        self.buffer_start = pos + 1;
        Made
    }

    /// A backslash at `pos`: where the text goes on after the newline that must follow.
    fn continuation(&mut self, pos: usize) -> Result<usize, Made> {
        if self.at(pos + 1) != b'\n' {
            self.pos = (pos + 2).min(self.src.len());
            return Err(self.fail(
                LexErrorKind::Continuation(self.buffer_start as u32, self.options.continuation_in_buffer),
                pos,
            ));
        }
        if pos + 2 >= self.src.len() {
            self.pos = pos + 2;
            let kind = match self.brackets.last() {
                Some(bracket) if self.options.checks == Checks::All => LexErrorKind::NeverClosed(*bracket),
                _ => LexErrorKind::UnexpectedEnd,
            };
            return Err(self.fail(kind, pos));
        }
        self.set_line(self.line + 1, pos + 2);
        Ok(pos + 2)
    }

    #[cold]
    fn end(&mut self) -> Made {
        let pos = self.src.len();
        if self.closing_level != usize::MAX && self.brackets.len() <= self.closing_level {
            let kind = self.end_of_text();
            let end = pos + usize::from(kind == TokenKind::RParen);
            return self.token(kind, pos, end);
        }
        if self.null_line {
            self.pos = pos;
            return self.fail(LexErrorKind::NullByte, pos);
        }
        if let Some(bracket) = self.brackets.last()
            && self.options.checks == Checks::All
        {
            let bracket = *bracket;
            self.pos = pos;
            return self.fail(LexErrorKind::NeverClosed(bracket), pos);
        }
        if self.options.single && self.started {
            // Interactive input: CPython makes up a newline (and the dedents) at the end.
            self.started = false;
            self.pending = -(self.indents.len() as i32 - 1);
            self.indents.truncate(1);
            self.layout = self.pending != 0;
            return self.token(TokenKind::Newline, pos, pos);
        }
        self.token(TokenKind::End, pos, pos)
    }

    /// The bytes from `pos` on, unless the text ends before.
    #[inline(always)]
    fn block(&self, pos: usize) -> Option<&'s [u8; BLOCK]> {
        self.src.get(pos..)?.first_chunk()
    }

    /// Where the spaces from `pos` on end, but for some near the end of the text.
    #[inline(always)]
    fn after_spaces(&self, mut pos: usize) -> usize {
        while let Some(block) = self.block(pos) {
            let spaces = leading_spaces(block);
            pos += spaces;
            if spaces < BLOCK {
                break;
            }
        }
        pos
    }

    /// Warns about the token that starts in the current line.
    fn warn(&mut self, message: String, start: usize) {
        let line = self.line as i32;
        let (start, end) = ((start - self.line_start) as i32, (self.pos - self.line_start) as i32);
        self.warnings.push(Warning {
            category: self.options.number_warnings,
            message,
            lineno: line,
            location: Location::new(line, start, line, end),
        });
    }

    /// Records an error found at the current position, in the token that starts at `start`.
    #[cold]
    fn fail(&mut self, kind: LexErrorKind, start: usize) -> Made {
        let end = self.pos;
        let start = start.min(end);
        if self.error.is_none() {
            self.error = Some(LexError {
                kind,
                pos: end as u32,
                line: self.line,
                line_start: self.line_start as u32,
                start: start as u32,
            });
        }
        self.current = Token {
            kind: TokenKind::Error,
            flags: StringFlags::none(),
            start: start as u32,
            end: end as u32,
            place: Place::new(self.line, start.saturating_sub(self.line_start) as u32),
        };
        Made
    }
}
