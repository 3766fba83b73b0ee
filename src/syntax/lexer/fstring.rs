//! The literal parts of f-strings and t-strings.

use super::{LexErrorKind, Lexer};
use crate::source::Location;
use crate::syntax::token::{StringFlags, Token, TokenKind};

/// CPython's `MAXFSTRINGLEVEL`.
const MAX_FSTRINGS: u32 = 150;
/// CPython's `MAX_EXPR_NESTING`: fields in fields.
const MAX_FIELDS: u32 = 3;

/// A piece of literal text, as CPython cuts them: at fields, at doubled braces (of which one belongs to
/// the piece) and after `\N{…}`.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// First byte of the text.
    pub start: u32,
    /// After its last byte.
    pub end: u32,
    /// Line of the start.
    pub line: u32,
    /// Byte column of the start.
    pub col: u32,
    /// Line of the end, the second of doubled braces included.
    pub end_line: u32,
    /// Byte column of the end.
    pub end_col: u32,
    /// There is a backslash in it.
    pub escapes: bool,
    /// What follows.
    pub next: PieceEnd,
}

/// What stands after a piece.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PieceEnd {
    /// More text.
    Text,
    /// The `{` of a string.
    Field,
    /// The `}` that closes the field whose format specification this is.
    Close,
    /// A newline that ends the format specification (in releases that let it).
    Line,
    /// The closing quote.
    Quote,
    /// Nothing good: the lexer has the reason.
    Error,
}

/// An open f-string, and the field that encloses it: to be given back to [`Lexer::end_fstring`].
#[derive(Clone, Copy, Debug)]
pub struct OpenString {
    outer_level: usize,
    outer: Option<(char, u8, bool)>,
    start: u32,
    line: u32,
    line_start: usize,
    quote: u8,
    flags: StringFlags,
    nesting: u32,
}

impl OpenString {
    /// Is it a raw string?
    pub const fn raw(&self) -> bool {
        self.flags.has(StringFlags::RAW)
    }

    /// Has it three quotes at either end?
    pub const fn triple(&self) -> bool {
        self.flags.has(StringFlags::TRIPLE)
    }

    /// How many fields are open, one in the format specification of the other.
    pub const fn nesting(&self) -> u32 {
        self.nesting
    }

    /// `f` or `t`.
    pub const fn prefix(&self) -> char {
        if self.flags.has(StringFlags::TEMPLATE) { 't' } else { 'f' }
    }
}

impl Lexer<'_> {
    /// Goes into the string that `token` starts.
    pub fn begin_fstring(&mut self, token: Token) -> Result<OpenString, Token> {
        if self.fstring_depth + 1 >= MAX_FSTRINGS {
            self.fail(LexErrorKind::TooManyFStrings(self.options.template_strings), token.start as usize);
            return Err(self.current);
        }
        self.fstring_depth += 1;
        let string = OpenString {
            outer_level: self.field_level,
            outer: self.fstring,
            start: token.start,
            line: token.place.line(),
            line_start: (token.start - token.place.col()) as usize,
            quote: self.at(token.end as usize - 1),
            flags: token.flags,
            nesting: 0,
        };
        self.fstring = Some((string.prefix(), string.quote, string.flags.has(StringFlags::TRIPLE)));
        Ok(string)
    }

    /// Leaves the string.
    pub fn end_fstring(&mut self, string: &OpenString) {
        self.fstring_depth -= 1;
        self.field_level = string.outer_level;
        self.fstring = string.outer;
    }

    /// The innermost f-string that is open: its prefix, its quote, and whether that is tripled.
    pub(super) fn open_fstring(&self) -> Option<(char, u8, bool)> {
        self.fstring
    }

    /// The next token is the `{` of a field: enters it, and returns what to give to [`Self::end_field`].
    pub fn begin_field(&mut self, string: &mut OpenString) -> Result<(Token, usize), Token> {
        let pos = self.pos;
        if string.nesting >= MAX_FIELDS {
            self.fail(LexErrorKind::FieldsTooDeep(string.prefix()), pos);
            return Err(self.current);
        }
        string.nesting += 1;
        let outer = self.field_level;
        self.open(b'{', TokenKind::LBrace, pos);
        self.field_level = self.brackets.len();
        if self.current.kind == TokenKind::Error { Err(self.current) } else { Ok((self.current, outer)) }
    }

    /// The `}` of a field was the last token: goes on in the string around it.
    pub fn end_field(&mut self, string: &mut OpenString, outer: usize) {
        string.nesting -= 1;
        self.field_level = outer;
    }

    /// The next piece of literal text of the string, from the current position on. `spec` says that it
    /// is of a format specification that no nested field has interrupted, `in_field` that it is of any
    /// format specification. The closing quote is passed, a brace that ends the piece is not.
    pub fn fstring_piece(&mut self, string: &OpenString, in_field: bool, spec: bool) -> Piece {
        let start = self.pos;
        let mut piece = Piece {
            start: start as u32,
            end: start as u32,
            line: self.line,
            col: self.col(),
            end_line: 0,
            end_col: 0,
            escapes: false,
            next: PieceEnd::Text,
        };
        let triple = string.flags.has(StringFlags::TRIPLE);
        let raw = string.raw();
        let mut named = false;
        let mut pos = start;
        // How far the text goes, and how far the lexer.
        let (end, after) = loop {
            let byte = self.at(pos);
            match byte {
                b'{' => {
                    if self.at(pos + 1) == b'{' && !spec {
                        break (pos + 1, pos + 2);
                    }
                    piece.next = PieceEnd::Field;
                    break (pos, pos);
                }
                b'}' if named => break (pos + 1, pos + 1),
                b'}' => {
                    if self.at(pos + 1) == b'}' && !in_field {
                        break (pos + 1, pos + 2);
                    }
                    if !in_field {
                        self.pos = pos + 1;
                        self.fail(LexErrorKind::SingleBrace(string.prefix()), pos);
                        piece.next = PieceEnd::Error;
                        return piece;
                    }
                    piece.next = PieceEnd::Close;
                    break (pos, pos);
                }
                b'\\' => {
                    piece.escapes = true;
                    pos = self.fstring_escape(pos + 1, raw, &mut named);
                }
                b'\n' => {
                    if !triple {
                        if spec && !self.options.newline_in_spec_is_error {
                            // Some releases end the specification here and go on with the string.
                            piece.next = PieceEnd::Line;
                            break (pos, pos);
                        }
                        self.unterminated_fstring(string, pos, spec);
                        piece.next = PieceEnd::Error;
                        return piece;
                    }
                    pos += 1;
                    self.set_line(self.line + 1, pos);
                }
                0 if pos >= self.src.len() => {
                    self.unterminated_fstring(string, pos, spec);
                    piece.next = PieceEnd::Error;
                    return piece;
                }
                _ if byte == string.quote => {
                    if !triple {
                        piece.next = PieceEnd::Quote;
                        break (pos, pos + 1);
                    }
                    if self.at(pos + 1) == byte && self.at(pos + 2) == byte {
                        piece.next = PieceEnd::Quote;
                        break (pos, pos + 3);
                    }
                    pos += 1;
                }
                _ => pos += 1,
            }
        };
        piece.end = end as u32;
        self.pos = after;
        piece.end_line = self.line;
        let piece_end = if piece.next == PieceEnd::Quote { end } else { after };
        piece.end_col = (piece_end - self.line_start) as u32;
        piece
    }

    /// Passes what follows a backslash: returns where the text goes on. Braces stay; `named` is set inside
    /// `\N{…}`.
    #[inline(never)]
    fn fstring_escape(&mut self, pos: usize, raw: bool, named: &mut bool) -> usize {
        match self.at(pos) {
            byte @ (b'{' | b'}') => {
                if !raw {
                    self.pos = pos + 1;
                    self.note_brace_escape(byte);
                }
                pos
            }
            b'N' if !raw && self.at(pos + 1) == b'{' => {
                *named = true;
                pos + 2
            }
            b'\n' => {
                self.set_line(self.line + 1, pos + 1);
                pos + 1
            }
            0 if pos >= self.src.len() => pos,
            _ => pos + 1,
        }
    }

    /// Notes a backslash before a brace: CPython's tokenizer warns about it, the parser words it.
    #[cold]
    fn note_brace_escape(&mut self, byte: u8) {
        let line = self.line as i32;
        let col = self.col() as i32;
        self.brace_escapes.push((Location::new(line, col - 1, line, col - 1), byte));
    }

    /// The braces after backslashes since the last call, and where they stand.
    pub fn take_brace_escapes(&mut self) -> Vec<(Location, u8)> {
        std::mem::take(&mut self.brace_escapes)
    }

    /// How many quotes close the string.
    pub fn quotes_of(&self, string: &OpenString) -> u32 {
        if string.flags.has(StringFlags::TRIPLE) { 3 } else { 1 }
    }

    /// Do two opening braces come next?
    pub fn braces_follow(&self) -> bool {
        self.at(self.pos) == b'{' && self.at(self.pos + 1) == b'{'
    }

    /// Goes past blanks and newlines: is a `{` next?
    pub fn brace_follows(&mut self) -> bool {
        loop {
            match self.at(self.pos) {
                b' ' | b'\t' | b'\x0c' => self.pos += 1,
                b'\n' => {
                    self.pos += 1;
                    self.set_line(self.line + 1, self.pos);
                }
                byte => return byte == b'{',
            }
        }
    }

    /// A token of kind `Error` where the lexer stands.
    pub fn error_token(&self) -> Token {
        Token {
            kind: TokenKind::Error,
            flags: StringFlags::none(),
            start: self.pos as u32,
            end: self.pos as u32,
            place: self.place(),
        }
    }

    #[cold]
    fn unterminated_fstring(&mut self, string: &OpenString, pos: usize, spec: bool) {
        let prefix = string.prefix();
        if spec && self.at(pos) == b'\n' && self.options.newline_in_spec_is_error {
            self.pos = pos + 1;
            self.fail(LexErrorKind::NewlineInSpec(prefix), pos);
            return;
        }
        let at_end = pos >= self.src.len();
        let mut detected = self.line;
        if at_end && self.line_start >= self.src.len() && detected > string.line {
            detected -= 1;
        }
        self.pos = string.start as usize + 1;
        self.set_line(string.line, string.line_start);
        let kind = if string.flags.has(StringFlags::TRIPLE) {
            LexErrorKind::UnterminatedTripleFString(detected, prefix)
        } else {
            LexErrorKind::UnterminatedFString(detected, prefix)
        };
        self.fail(kind, string.start as usize);
    }
}
