//! The lexer: indentation, comments, newlines, names, strings, operators.

use super::detect::Source;
use super::{Kind, Token, TokenizeError, names};
use crate::target::TokenizeRules;

const MAX_INDENT: usize = 100;
const MAX_BRACKETS: usize = 200;
const MAX_FSTRINGS: usize = 150;

/// What is being read inside an f-string or t-string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Inside {
    /// A replacement field: ordinary tokens.
    Field,
    /// Text.
    Text,
}

/// An open f-string or t-string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    pub inside: Inside,
    pub quote: u8,
    /// 1 or 3.
    pub quote_size: usize,
    pub raw: bool,
    /// `t` rather than `f`.
    pub template: bool,
    /// Offset, line number and line's offset of its first character.
    pub start: usize,
    pub line: u32,
    pub line_start: usize,
    /// Open brackets in replacement fields.
    pub depth: i32,
    /// Number of replacement fields that are open within each other, less one.
    pub field: i32,
    pub in_format_spec: bool,
}

impl Mode {
    /// `f` or `t`, for messages.
    pub fn letter(&self) -> char {
        if self.template { 't' } else { 'f' }
    }
}

/// The state between tokens. Lines are taken up one by one: `loaded` is the end of the last one taken.
pub(super) struct Lexer<'s> {
    pub(super) text: &'s [u8],
    source: &'s Source,
    pub(super) rules: TokenizeRules,
    next_line: usize,
    pub(super) at: usize,
    loaded: usize,
    /// From where CPython would hold the text in its buffer: positions of some errors count from here.
    buffer: usize,
    pub(super) line_start: usize,
    pub(super) line: u32,
    /// Where the current token starts; `None` between tokens.
    pub(super) start: Option<usize>,
    /// First line of a token that may span lines, and that line's offset.
    pub(super) first_line: u32,
    pub(super) first_line_start: usize,
    end_of_file: bool,
    line_begins: bool,
    /// Indents (above 0) or dedents (below) still to be given out.
    pending: i32,
    indents: Vec<(usize, usize)>,
    brackets: Vec<(u8, u32)>,
    pub(super) modes: Vec<Mode>,
    comment_newline: bool,
    /// Braces after a backslash, which is no escape: lines and braces.
    pub(super) brace_escapes: Vec<(u32, char)>,
    /// A line's offset, and one of its columns: byte offset and characters before.
    column: (usize, usize, u32),
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s Source, rules: TokenizeRules) -> Self {
        Lexer {
            text: source.text.as_bytes(),
            source,
            rules,
            next_line: 0,
            at: 0,
            loaded: 0,
            buffer: 0,
            line_start: 0,
            line: 0,
            start: None,
            first_line: 0,
            first_line_start: 0,
            end_of_file: false,
            line_begins: true,
            pending: 0,
            indents: vec![(0, 0)],
            brackets: Vec::new(),
            modes: Vec::new(),
            comment_newline: false,
            brace_escapes: Vec::new(),
            column: (0, 0, 0),
        }
    }

    /// The next token.
    pub fn token(&mut self) -> Result<Token, TokenizeError> {
        match self.modes.last() {
            Some(mode) if mode.inside == Inside::Text => self.string_part(),
            _ => self.ordinary(),
        }
    }

    /// The next character, `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<u8>, TokenizeError> {
        if self.at == self.loaded && !self.load()? {
            return Ok(None);
        }
        let byte = self.text[self.at];
        self.at += 1;
        Ok(Some(byte))
    }

    /// Takes `character` back, which was the last.
    pub(super) fn back(&mut self, character: Option<u8>) {
        self.at -= usize::from(character.is_some());
    }

    /// Takes up another line; false at the end of the text.
    fn load(&mut self) -> Result<bool, TokenizeError> {
        if self.end_of_file {
            return Ok(false);
        }
        if self.start.is_none() && self.modes.is_empty() {
            self.buffer = self.loaded;
        }
        let Some(&end) = self.source.ends.get(self.next_line) else {
            self.end_of_file = true;
            return Ok(false);
        };
        self.next_line += 1;
        self.line_start = self.loaded;
        self.loaded = end;
        self.line += 1;
        if memchr::memchr(0, &self.text[self.line_start..end]).is_some() {
            return Err(TokenizeError::at("source code cannot contain null bytes", self.line, 0));
        }
        Ok(true)
    }

    /// Was the newline of the last line added, and is that line the current one?
    fn newline_is_implicit(&self) -> bool {
        self.source.implicit_newline && self.next_line == self.source.ends.len()
    }

    /// An error at the current character.
    pub(super) fn error(&self, message: impl Into<String>) -> TokenizeError {
        self.error_at(message, self.line, self.line_start, self.at)
    }

    /// An error of a token that began earlier.
    pub(super) fn error_at(
        &self,
        message: impl Into<String>,
        line: u32,
        line_start: usize,
        at: usize,
    ) -> TokenizeError {
        TokenizeError::at(message, line, self.chars(line_start, at))
    }

    /// An error that is not at any character: its column is the buffer's length in characters.
    fn error_of_buffer(&self, message: &str) -> TokenizeError {
        TokenizeError::at(message, self.line, self.chars(self.buffer, self.loaded))
    }

    fn unexpected_end(&self) -> TokenizeError {
        let bytes = (self.loaded - self.buffer) as u32;
        TokenizeError::at("unexpected EOF in multi-line statement", self.line, bytes)
    }

    fn chars(&self, from: usize, to: usize) -> u32 {
        self.text[from..to].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32
    }

    /// The column of an offset in the line that starts at `line_start`.
    fn column(&mut self, line_start: usize, offset: usize) -> u32 {
        let (line, known, column) = self.column;
        let column = if line == line_start && known <= offset {
            column + self.chars(known, offset)
        } else {
            self.chars(line_start, offset)
        };
        self.column = (line_start, offset, column);
        column
    }

    /// A token from `start` to `end` that began in this line.
    pub(super) fn make(&mut self, kind: Kind, start: usize, end: usize) -> Token {
        let column = self.column(self.line_start, start);
        let end_column = self.column(self.line_start, end);
        Token {
            kind,
            start: (self.line, column),
            end: (self.line, end_column),
            range: (start, end),
            text: None,
        }
    }

    /// A token up to the current character that began in line `first_line`.
    pub(super) fn make_string(&mut self, kind: Kind, start: usize, end: usize) -> Token {
        let column = self.column(self.first_line_start, start);
        let end_column = self.column(self.line_start, end);
        Token {
            kind,
            start: (self.first_line, column),
            end: (self.line, end_column),
            range: (start, end),
            text: None,
        }
    }

    /// A token after the end of the text.
    fn trailing(&self, kind: Kind) -> Token {
        let place = (self.line + 1, 0);
        Token { kind, start: place, end: place, range: (self.at, self.at), text: Some("") }
    }

    pub(super) fn ordinary(&mut self) -> Result<Token, TokenizeError> {
        self.start = None;
        let mut blank = false;
        if self.line_begins {
            blank = self.indentation()?;
        }
        self.start = Some(self.at);
        if self.pending != 0 {
            return Ok(self.pending_token());
        }
        self.after_indentation(blank)
    }

    fn pending_token(&mut self) -> Token {
        if self.pending < 0 {
            self.pending += 1;
            if self.end_of_file {
                self.trailing(Kind::Dedent)
            } else {
                self.make(Kind::Dedent, self.at, self.at)
            }
        } else {
            self.pending -= 1;
            self.make(Kind::Indent, self.buffer, self.at)
        }
    }

    /// Reads the blanks at the beginning of a line and compares them with the open blocks. True when
    /// nothing but a comment follows.
    fn indentation(&mut self) -> Result<bool, TokenizeError> {
        const TAB: usize = 8;
        self.line_begins = false;
        let (mut column, mut strict, mut continued) = (0, 0, 0);
        let first = loop {
            match self.next()? {
                Some(b' ') => (column, strict) = (column + 1, strict + 1),
                Some(b'\t') => (column, strict) = ((column / TAB + 1) * TAB, strict + 1),
                Some(0x0C) => (column, strict) = (0, 0),
                Some(b'\\') => {
                    // The first line of several that backslashes join decides.
                    if continued == 0 {
                        continued = column;
                    }
                    self.continuation()?;
                }
                other => break other,
            }
        };
        self.back(first);
        if matches!(first, Some(b'#' | b'\n' | b'\r')) {
            return Ok(true);
        }
        if self.brackets.is_empty() {
            if continued != 0 {
                (column, strict) = (continued, continued);
            }
            self.compare_indentation(column, strict)?;
        }
        Ok(false)
    }

    /// `strict` counts a tab as one column: both ways of counting must agree.
    fn compare_indentation(&mut self, column: usize, strict: usize) -> Result<(), TokenizeError> {
        const TABS: &str = "inconsistent use of tabs and spaces in indentation";
        let &(open, open_strict) = self.indents.last().unwrap_or(&(0, 0));
        if column > open {
            if self.indents.len() >= MAX_INDENT {
                return Err(self.error_of_buffer("too many levels of indentation"));
            }
            if strict <= open_strict {
                return Err(self.error_of_buffer(TABS));
            }
            self.pending += 1;
            self.indents.push((column, strict));
            return Ok(());
        }
        while self.indents.len() > 1 && self.indents.last().is_some_and(|&(open, _)| column < open) {
            self.pending -= 1;
            self.indents.pop();
        }
        let &(open, open_strict) = self.indents.last().unwrap_or(&(0, 0));
        if column != open {
            return Err(self.error_of_buffer("unindent does not match any outer indentation level"));
        }
        if strict != open_strict {
            return Err(self.error_of_buffer(TABS));
        }
        Ok(())
    }

    /// After a backslash: a newline, and something after it.
    fn continuation(&mut self) -> Result<(), TokenizeError> {
        let mut character = self.next()?;
        if character == Some(b'\r') {
            character = self.next()?;
        }
        if character != Some(b'\n') {
            return Err(self.error_of_buffer("unexpected character after line continuation character"));
        }
        match self.next()? {
            None => Err(self.unexpected_end()),
            character => {
                self.back(character);
                Ok(())
            }
        }
    }

    fn after_indentation(&mut self, blank: bool) -> Result<Token, TokenizeError> {
        loop {
            self.start = None;
            let mut character = self.next()?;
            while matches!(character, Some(b' ' | b'\t' | 0x0C)) {
                character = self.next()?;
            }
            let start = self.at - usize::from(character.is_some());
            self.start = Some(start);
            let Some(mut first) = character else {
                // Nothing follows: fine between statements.
                let open = !self.brackets.is_empty();
                return if open { Err(self.unexpected_end()) } else { Ok(self.trailing(Kind::EndMarker)) };
            };
            if first == b'#' {
                return self.comment(start, blank);
            }
            if is_name_start(first) {
                return self.name_or_string(start, first);
            }
            if first == b'\r' {
                match self.next()? {
                    Some(next) => first = next,
                    None => return Err(self.unexpected_end()),
                }
            }
            match first {
                b'\n' => return Ok(self.newline(start, blank)),
                b'.' => return self.dot(start),
                b'0'..=b'9' => return self.number(start, first),
                b'\'' | b'"' => return self.string(start, first),
                b'\\' => self.continuation()?,
                _ => return self.operator(start, first),
            }
        }
    }

    fn comment(&mut self, start: usize, blank: bool) -> Result<Token, TokenizeError> {
        let mut character = Some(b'#');
        while !matches!(character, None | Some(b'\n' | b'\r')) {
            character = self.next()?;
        }
        self.back(character);
        self.comment_newline = blank;
        Ok(self.make(Kind::Comment, start, self.at))
    }

    fn newline(&mut self, start: usize, blank: bool) -> Token {
        self.line_begins = true;
        let implicit = self.newline_is_implicit();
        if blank || !self.brackets.is_empty() || self.comment_newline {
            self.comment_newline = false;
            let mut token = self.make(Kind::Nl, start, self.at);
            if implicit {
                token.text = Some("");
            }
            return token;
        }
        let mut token = self.make(Kind::Newline, start, self.at - 1);
        token.end.1 += 1;
        if !implicit {
            token.text = Some(if self.text[start] == b'\r' { "\r\n" } else { "\n" });
        }
        token
    }

    fn name_or_string(&mut self, start: usize, first: u8) -> Result<Token, TokenizeError> {
        let mut prefix = Prefix::default();
        let mut character = Some(first);
        while let Some(letter) = character {
            if !prefix.takes(letter, self.rules.template_strings) {
                break;
            }
            character = self.next()?;
            let Some(quote @ (b'\'' | b'"')) = character else { continue };
            if self.rules.template_strings
                && let Some((one, other)) = prefix.clash()
            {
                let message = format!("'{one}' and '{other}' prefixes are incompatible");
                return Err(self.error_at(message, self.line, self.line_start, start + 1));
            }
            return if prefix.f || prefix.t {
                self.open(start, quote, prefix)
            } else {
                self.string(start, quote)
            };
        }
        while character.is_some_and(is_name_part) {
            character = self.next()?;
        }
        self.back(character);
        Ok(self.make(Kind::Name, start, self.at))
    }

    /// The quotes at the beginning of an f-string or t-string.
    fn open(&mut self, start: usize, quote: u8, prefix: Prefix) -> Result<Token, TokenizeError> {
        self.first_line = self.line;
        self.first_line_start = self.line_start;
        let mut quote_size = 1;
        let second = self.next()?;
        if second == Some(quote) {
            let third = self.next()?;
            if third == Some(quote) {
                quote_size = 3;
            } else {
                self.back(third);
                self.back(second);
            }
        } else {
            self.back(second);
        }
        if self.modes.len() + 1 >= MAX_FSTRINGS {
            return Err(self.error("too many nested f-strings"));
        }
        self.modes.push(Mode {
            inside: Inside::Text,
            quote,
            quote_size,
            raw: prefix.r,
            template: prefix.t,
            start,
            line: self.line,
            line_start: self.line_start,
            depth: 0,
            field: -1,
            in_format_spec: false,
        });
        let kind = if prefix.t { Kind::TStringStart } else { Kind::FStringStart };
        Ok(self.make_string(kind, start, self.at))
    }

    /// The rest of a string whose first quote was read.
    fn string(&mut self, start: usize, quote: u8) -> Result<Token, TokenizeError> {
        self.first_line = self.line;
        self.first_line_start = self.line_start;
        let (mut quote_size, mut closing, mut escaped_quote) = (1, 0, false);
        let mut character = self.next()?;
        if character == Some(quote) {
            character = self.next()?;
            if character == Some(quote) {
                quote_size = 3;
            } else {
                closing = 1;
            }
        }
        if character != Some(quote) {
            self.back(character);
        }
        while closing != quote_size {
            character = self.next()?;
            match character {
                None => return Err(self.unterminated(start, quote, quote_size, escaped_quote)),
                Some(b'\n') if quote_size == 1 => {
                    return Err(self.unterminated(start, quote, quote_size, escaped_quote));
                }
                Some(byte) if byte == quote => closing += 1,
                Some(b'\\') => {
                    closing = 0;
                    character = self.next()?;
                    escaped_quote |= character == Some(quote);
                    if character == Some(b'\r') {
                        self.next()?;
                    }
                }
                Some(_) => closing = 0,
            }
        }
        Ok(self.make_string(Kind::String, start, self.at))
    }

    fn unterminated(&self, start: usize, quote: u8, quote_size: usize, escaped_quote: bool) -> TokenizeError {
        let message = match self.modes.last() {
            // A quote like the surrounding f-string's: it must have ended that.
            Some(mode) if mode.quote == quote && mode.quote_size == quote_size => {
                let told =
                    self.field_line(mode).filter(|&line| self.rules.field_line && line < self.first_line);
                let brace = told.map_or(String::new(), |line| format!(" to close '{{' on line {line}"));
                format!("{}-string: expecting '}}'{brace}", mode.letter())
            }
            // The module's own words for "unterminated triple-quoted string literal".
            _ if quote_size == 3 => "EOF in multi-line string".to_owned(),
            _ => {
                let hint = if escaped_quote { "; perhaps you escaped the end quote?" } else { "" };
                format!("unterminated string literal (detected at line {}){hint}", self.line)
            }
        };
        self.error_at(message, self.first_line, self.first_line_start, start + 1)
    }

    /// The line of the brace that opened the innermost replacement field.
    fn field_line(&self, mode: &Mode) -> Option<u32> {
        let of_mode = self.brackets.len().checked_sub(usize::try_from(mode.depth).ok()?)?;
        let (_, line) = self.brackets.get(of_mode + usize::try_from(mode.field).ok()?)?;
        Some(*line)
    }

    fn dot(&mut self, start: usize) -> Result<Token, TokenizeError> {
        let second = self.next()?;
        if let Some(digit @ b'0'..=b'9') = second {
            return self.fraction(start, Some(digit));
        }
        if second == Some(b'.') {
            let third = self.next()?;
            if third == Some(b'.') {
                return Ok(self.make(Kind::Op, start, self.at));
            }
            self.back(third);
        }
        self.back(second);
        Ok(self.make(Kind::Op, start, self.at))
    }

    fn operator(&mut self, start: usize, first: u8) -> Result<Token, TokenizeError> {
        if let Some(mode) = self.modes.last_mut()
            && mode.field >= 0
            && first == b':'
            && mode.depth - 1 == mode.field
        {
            mode.inside = Inside::Text;
            mode.in_format_spec = true;
            return Ok(self.make(Kind::Op, start, self.at));
        }
        let second = self.next()?;
        if let Some(second) = second
            && names::is_pair(first, second, self.rules.diamond)
        {
            let third = self.next()?;
            if !third.is_some_and(|third| names::is_triple(first, second, third)) {
                self.back(third);
            }
            return Ok(self.make(Kind::Op, start, self.at));
        }
        self.back(second);
        match first {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_BRACKETS {
                    return Err(self.error("too many nested parentheses"));
                }
                self.brackets.push((first, self.line));
                if let Some(mode) = self.modes.last_mut() {
                    mode.depth += 1;
                }
            }
            b')' | b']' | b'}' => self.close(first)?,
            _ => {}
        }
        if !(0x20..0x7F).contains(&first) {
            return Err(self.error(format!("invalid non-printable character U+{first:04X}")));
        }
        Ok(self.make(Kind::Op, start, self.at))
    }

    /// A closing bracket. Outside f-strings it may close anything, or nothing.
    fn close(&mut self, bracket: u8) -> Result<(), TokenizeError> {
        let shown = char::from(bracket);
        let mode = self.modes.last().copied();
        if let Some(mode) = &mode
            && mode.depth == 0
            && bracket == b'}'
        {
            return Err(self.error(format!("{}-string: single '}}' is not allowed", mode.letter())));
        }
        let opening = self.brackets.pop();
        let Some(mode) = mode else { return Ok(()) };
        let unmatched = || self.error(format!("{}-string: unmatched '{shown}'", mode.letter()));
        if self.rules.field_brackets
            && opening.is_some_and(|(bracket, _)| bracket == b'{')
            && bracket != b'}'
            && mode.depth - 1 == mode.field
        {
            return Err(unmatched());
        }
        if mode.depth <= 0 {
            return Err(unmatched());
        }
        if let Some(mode) = self.modes.last_mut() {
            mode.depth -= 1;
            if bracket == b'}' && mode.depth == mode.field {
                mode.field -= 1;
                mode.inside = Inside::Text;
                mode.in_format_spec = false;
            }
        }
        Ok(())
    }
}

/// Letters of a string's prefix that were seen.
#[derive(Clone, Copy, Default)]
struct Prefix {
    b: bool,
    r: bool,
    u: bool,
    f: bool,
    t: bool,
}

impl Prefix {
    /// Takes `letter` if it can be part of a prefix. With `any`, letters that exclude each other are taken
    /// too (and complained of when a quote follows).
    fn takes(&mut self, letter: u8, any: bool) -> bool {
        let (slot, allowed) = match letter.to_ascii_lowercase() {
            b'b' => (&mut self.b, !(self.u || self.f)),
            b'u' => (&mut self.u, !(self.b || self.r || self.f)),
            b'r' => (&mut self.r, !self.u),
            b'f' => (&mut self.f, !(self.b || self.u)),
            b't' => (&mut self.t, false),
            _ => return false,
        };
        let taken = !*slot && (allowed || any);
        *slot |= taken;
        taken
    }

    /// The first two letters that exclude each other.
    fn clash(&self) -> Option<(char, char)> {
        [
            (self.u && self.b, ('u', 'b')),
            (self.u && self.r, ('u', 'r')),
            (self.u && self.f, ('u', 'f')),
            (self.u && self.t, ('u', 't')),
            (self.b && self.f, ('b', 'f')),
            (self.b && self.t, ('b', 't')),
            (self.f && self.t, ('f', 't')),
        ]
        .into_iter()
        .find_map(|(both, letters)| both.then_some(letters))
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}
