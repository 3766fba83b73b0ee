//! The next token, wherever it starts: blanks, words, punctuation.
//!
//! This runs for every token, so it is made for the frequent ones: a window of bytes is looked at at once,
//! with one check against the end of the text, and whatever is rare is a function of its own, called last.

use super::tables::{CONTINUES_IDENTIFIER, FOLLOWERS, OPERATORS, identifier_length, keyword};
use super::{Bracket, LexErrorKind, Lexer, MAX_LEVEL, Made};
use crate::syntax::token::{StringFlags, TokenKind};
use crate::value::{key_of_two, long_key, text_key};

/// Bytes that are looked at together: a blank, a word and what follows it.
const WINDOW: usize = 24;
/// The same without the blank.
const WORD_WINDOW: usize = 20;

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Bytes that identifiers, keywords and prefixes of strings start with.
static STARTS_WORD: [bool; 256] = {
    let mut table = CONTINUES_IDENTIFIER;
    let mut digit = b'0';
    while digit <= b'9' {
        table[digit as usize] = false;
        digit += 1;
    }
    table
};

impl Lexer<'_> {
    /// The next token. This part and [`Lexer::token_of`] call nothing but at their ends, so that they need no
    /// memory of their own.
    pub(super) fn scan(&mut self) -> Made {
        if self.layout {
            return self.scan_line();
        }
        match self.src.get(self.pos..self.pos + WINDOW).and_then(|window| window.first_chunk()) {
            Some(window) => self.token_of(window),
            None => self.scan_near_end(),
        }
    }

    /// The token that starts with the first byte of the window, or after it if that is a blank, as most do.
    #[inline(always)]
    fn token_of(&mut self, window: &[u8; WINDOW]) -> Made {
        let skip = usize::from(window[0] == b' ');
        let Some(bytes) = window[skip..].first_chunk::<WORD_WINDOW>() else { return self.scan_far() };
        let pos = self.pos + skip;
        let [byte, next, after, ..] = *bytes;
        if STARTS_WORD[byte as usize] {
            return self.word(bytes, pos);
        }
        let operator = OPERATORS[byte as usize];
        if operator.conflicts & FOLLOWERS[next as usize] == 0 {
            return self.punctuation(operator.kind, pos);
        }
        match byte {
            b'(' => self.open(b'(', TokenKind::LParen, pos),
            b')' => self.close(b')', TokenKind::RParen, pos),
            b'.' if next.is_ascii_digit() => self.number(pos),
            b'\n' if self.brackets.is_empty() => self.newline(pos, pos),
            b' ' | b'\t' | b'\x0c' | b'\n' | b'#' | b'\\' => self.scan_far(),
            b'"' | b'\'' => self.string(pos, pos, StringFlags::none()),
            b'0'..=b'9' => self.number(pos),
            b'[' => self.open(b'[', TokenKind::LSquare, pos),
            b']' => self.close(b']', TokenKind::RSquare, pos),
            b'{' => self.open(b'{', TokenKind::LBrace, pos),
            b'}' => self.close(b'}', TokenKind::RBrace, pos),
            0 if pos >= self.src.len() => self.end(),
            _ => self.operator(byte, next, after, pos),
        }
    }

    /// The next token near the end of the text.
    #[inline(never)]
    fn scan_near_end(&mut self) -> Made {
        // No text has a NUL where the lexer looks, so it can stand for the end.
        let mut window = [0; WINDOW];
        let rest = self.src.get(self.pos..).unwrap_or_default();
        window[..rest.len()].copy_from_slice(rest);
        self.token_of(&window)
    }

    /// The first token of a line.
    #[inline(never)]
    fn scan_line(&mut self) -> Made {
        match self.layout_token() {
            Some(token) => token,
            None => self.scan(),
        }
    }

    /// The next token, if it does not follow at once: blanks, newlines in brackets, comments.
    #[inline(never)]
    fn scan_far(&mut self) -> Made {
        loop {
            let pos = self.pos;
            match self.at(pos) {
                b' ' => self.pos = self.after_spaces(pos + 1),
                b'\t' | b'\x0c' => self.pos += 1,
                b'\n' => {
                    if self.brackets.is_empty() {
                        return self.newline(pos, pos);
                    }
                    self.set_line(self.line + 1, pos + 1);
                    self.buffer_start = pos + 1;
                    self.pos = self.after_spaces(pos + 1);
                }
                b'#' => {
                    if let Some(token) = self.comment(pos) {
                        return token;
                    }
                }
                b'\\' => match self.continuation(pos) {
                    Ok(next) => self.pos = next,
                    Err(token) => return token,
                },
                _ => return self.scan(),
            }
        }
    }

    /// A comment behind something: passed, with the newline that is the token then.
    #[inline(never)]
    fn comment(&mut self, pos: usize) -> Option<Made> {
        let end = memchr::memchr(b'\n', &self.src[pos..]).map_or(self.src.len(), |n| pos + n);
        if self.options.type_comments
            && let Some(token) = self.type_comment(pos, end, false)
        {
            return Some(token);
        }
        if self.brackets.is_empty() && self.at(end) == b'\n' {
            // To CPython the token starts with the comment.
            return Some(self.newline(pos, end));
        }
        self.pos = end;
        None
    }

    /// An identifier, a keyword, or the prefix of a string, which starts with these bytes.
    #[inline(never)]
    fn word(&mut self, bytes: &[u8; WORD_WINDOW], start: usize) -> Made {
        self.started = true;
        let wide = bytes.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        let length = identifier_length(wide);
        if length == 8 {
            return self.medium_word(bytes, start);
        }
        let end = start + length;
        let next = bytes[length];
        if next == b'"' || next == b'\'' {
            return self.word_before_quote(start, end);
        }
        let word = wide & ((1 << (8 * length as u32)) - 1);
        if word & HIGH != 0 {
            return self.unicode_word(start, end);
        }
        self.name_key = word;
        self.name_last = 0;
        self.token(keyword(word), start, end)
    }

    /// The same, when eight bytes are its own.
    #[inline(never)]
    fn medium_word(&mut self, bytes: &[u8; WORD_WINDOW], start: usize) -> Made {
        let [first, second] =
            [0, 8].map(|at| bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word)));
        let more = identifier_length(second);
        if more == 8 {
            return self.long_word(start);
        }
        let length = 8 + more;
        let end = start + length;
        let next = bytes[length];
        if next == b'"' || next == b'\'' {
            return self.word_before_quote(start, end);
        }
        if more == 0 {
            if first & HIGH != 0 {
                return self.unicode_word(start, end);
            }
            self.name_key = first;
            self.name_last = 0;
            return self.token(keyword(first), start, end);
        }
        let beyond = 8 * more as u32;
        let last = first >> beyond | second << (64 - beyond);
        if (first | last) & HIGH != 0 {
            return self.unicode_word(start, end);
        }
        self.name_key = key_of_two(length, first, last);
        self.name_last = last;
        self.token(TokenKind::Name, start, end)
    }

    /// A word that does not fit into the window.
    #[inline(never)]
    fn long_word(&mut self, start: usize) -> Made {
        let mut end = start;
        while CONTINUES_IDENTIFIER[self.at(end) as usize] {
            end += 1;
        }
        if matches!(self.at(end), b'"' | b'\'') {
            self.word_before_quote(start, end)
        } else {
            self.name(start, end)
        }
    }

    /// A word before a quote: the prefix of a string, most of the time.
    #[inline(never)]
    fn word_before_quote(&mut self, start: usize, end: usize) -> Made {
        match self.prefixed_string(start, end) {
            Some(token) => token,
            None => self.name(start, end),
        }
    }

    /// The word from `start` to `end`, which is no prefix of a string.
    fn name(&mut self, start: usize, end: usize) -> Made {
        let word = &self.src[start..end];
        if !word.is_ascii() {
            return self.unicode_word(start, end);
        }
        self.name_last = 0;
        if word.len() <= 8 {
            self.name_key = text_key(word);
            return self.token(keyword(self.name_key), start, end);
        }
        self.name_key = long_key(word);
        if word.len() <= 16 {
            self.name_last = word.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
        }
        self.token(TokenKind::Name, start, end)
    }

    #[inline(always)]
    fn punctuation(&mut self, kind: TokenKind, pos: usize) -> Made {
        self.started = true;
        self.token(kind, pos, pos + 1)
    }

    #[inline(never)]
    pub(super) fn open(&mut self, byte: u8, kind: TokenKind, pos: usize) -> Made {
        if self.brackets.len() >= MAX_LEVEL {
            self.pos = pos + 1;
            return self.fail(LexErrorKind::TooManyBrackets, pos);
        }
        self.started = true;
        self.brackets.push(Bracket { byte, place: self.origin.at(pos) });
        self.token(kind, pos, pos + 1)
    }

    #[inline]
    fn close(&mut self, byte: u8, kind: TokenKind, pos: usize) -> Made {
        self.started = true;
        match self.brackets.pop() {
            // `(` and `)` are neighbours in ASCII; the others have one character between them.
            Some(Bracket { byte: open, .. }) if byte > open && byte - open <= 2 => {}
            top => return self.wrong_bracket(byte, top, pos),
        }
        self.token(kind, pos, pos + 1)
    }

    /// The bracket that closes does not belong to the innermost one that was open.
    #[cold]
    fn wrong_bracket(&mut self, byte: u8, top: Option<Bracket>, pos: usize) -> Made {
        self.pos = pos + 1;
        let in_field = self.fstring_depth > 0 && self.brackets.len() + 1 == self.field_level;
        let kind = match top {
            None => LexErrorKind::UnmatchedBracket(byte),
            Some(_) if in_field => {
                LexErrorKind::FieldUnmatchedBracket(byte, self.fstring.map_or('f', |open| open.0))
            }
            Some(open) => LexErrorKind::MismatchedBracket(byte, open),
        };
        self.fail(kind, pos)
    }

    /// An operator that is not [`OPERATORS`]' alone, or what starts none.
    #[inline(never)]
    fn operator(&mut self, byte: u8, next: u8, after: u8, pos: usize) -> Made {
        use TokenKind::*;
        self.started = true;
        let (kind, length) = match (byte, next) {
            (b'=', b'=') => (EqEqual, 2),
            (b':', b'=') if self.brackets.len() != self.field_level => (ColonEqual, 2),
            (b':', _) => (Colon, 1),
            (b'-', b'>') => (Arrow, 2),
            (b'-', _) => (MinusEqual, 2),
            (b'*', b'*') if after == b'=' => (DoubleStarEqual, 3),
            (b'*', b'*') => (DoubleStar, 2),
            (b'*', _) => (StarEqual, 2),
            (b'/', b'/') if after == b'=' => (DoubleSlashEqual, 3),
            (b'/', b'/') => (DoubleSlash, 2),
            (b'/', _) => (SlashEqual, 2),
            (b'<', b'<') if after == b'=' => (LeftShiftEqual, 3),
            (b'<', b'<') => (LeftShift, 2),
            (b'<', b'=') => (LessEqual, 2),
            (b'<', _) if self.options.less_greater => (NotEqual, 2),
            (b'<', _) => (Less, 1),
            (b'>', b'>') if after == b'=' => (RightShiftEqual, 3),
            (b'>', b'>') => (RightShift, 2),
            (b'>', _) => (GreaterEqual, 2),
            (b'!', _) => (NotEqual, 2),
            (b'+', _) => (PlusEqual, 2),
            (b'%', _) => (PercentEqual, 2),
            (b'|', _) => (VBarEqual, 2),
            (b'^', _) => (CaretEqual, 2),
            (b'&', _) => (AmperEqual, 2),
            (b'@', _) => (AtEqual, 2),
            (b'.', _) if after == b'.' => (Ellipsis, 3),
            (b'.', _) => (Dot, 1),
            _ => {
                self.pos = pos + 1;
                return match byte {
                    // Printable ASCII that starts nothing: CPython has a token for it that no rule takes.
                    b'$' | b'?' | b'`' => self.token(Unusable, pos, pos + 1),
                    _ if self.options.control_characters_are_tokens => self.token(Unusable, pos, pos + 1),
                    _ => self.fail(LexErrorKind::NonPrintable(u32::from(byte)), pos),
                };
            }
        };
        self.token(kind, pos, pos + length)
    }
}
