//! String literals: prefixes, ends, and identifiers beyond ASCII.

use super::tables::before_end;
use super::{LexErrorKind, Lexer, Made};
use crate::syntax::token::{StringFlags, Token, TokenKind};
use crate::value::unicode::{identifier_error, is_printable};

impl Lexer<'_> {
    /// The string that the word from `start` to `end` and the quote after it start, or the error that they
    /// are; `None` if the word is a name.
    #[inline(never)]
    pub(super) fn prefixed_string(&mut self, start: usize, end: usize) -> Option<Made> {
        if end - start <= 2
            && let Some(flags) = self.string_prefix(start, end)
        {
            return Some(self.string(start, end, flags));
        }
        if self.options.prefix_clash_is_error { self.prefix_clash(start, end) } else { None }
    }

    /// The flags of the prefix from `start` to `end`, which a quote follows, if it is one.
    #[inline]
    pub(super) fn string_prefix(&self, start: usize, end: usize) -> Option<StringFlags> {
        let mut flags = StringFlags::none();
        for &byte in &self.src[start..end] {
            let flag = match byte | 0x20 {
                b'r' => StringFlags::RAW,
                b'b' => StringFlags::BYTES,
                b'u' => StringFlags::UNICODE,
                b'f' => StringFlags::FORMAT,
                b't' if self.options.template_strings => StringFlags::TEMPLATE,
                _ => return None,
            };
            // Only `r` goes with another letter, and not with `u`.
            let others = if flag == StringFlags::RAW {
                StringFlags::UNICODE.with(StringFlags::RAW)
            } else if flag == StringFlags::UNICODE {
                StringFlags(u8::MAX)
            } else {
                StringFlags(!StringFlags::RAW.0)
            };
            if flags.has(others) {
                return None;
            }
            flags = flags.with(flag);
        }
        Some(flags)
    }

    /// The word from `start` to `end`, which a quote follows, is no prefix: the error if it consists of
    /// letters of prefixes.
    #[cold]
    pub(super) fn prefix_clash(&mut self, start: usize, end: usize) -> Option<Made> {
        let word = &self.src[start..end];
        let mut seen = [false; 5];
        for byte in word {
            let index = b"ubrft".iter().position(|letter| *letter == byte | 0x20)?;
            if std::mem::replace(&mut seen[index], true) {
                return None;
            }
        }
        let clashes = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (3, 4)];
        let (a, b) = clashes.into_iter().find(|&(a, b)| seen[a] && seen[b])?;
        self.pos = end + 1;
        let letter = |index: usize| b"ubrft"[index] as char;
        Some(self.fail(LexErrorKind::PrefixClash(letter(a), letter(b)), start))
    }

    /// The literal that starts at `start` and has its first quote at `quote_at`; of an f- or t-string
    /// only the start.
    #[inline]
    pub(super) fn string(&mut self, start: usize, quote_at: usize, mut flags: StringFlags) -> Made {
        self.started = true;
        let quote = self.at(quote_at);
        let parts = flags.has(StringFlags::FORMAT.with(StringFlags::TEMPLATE)) && self.options.fstring_tokens;
        let mut pos = quote_at + 1;
        if self.at(pos) == quote {
            if self.at(pos + 1) == quote {
                flags = flags.with(StringFlags::TRIPLE);
                pos += 2;
            } else if !parts {
                let made = self.token(TokenKind::String, start, pos + 1);
                self.current.flags = flags;
                return made;
            }
        }
        if parts {
            let kind = if flags.has(StringFlags::FORMAT) {
                TokenKind::FStringStart
            } else {
                TokenKind::TStringStart
            };
            let made = self.token(kind, start, pos);
            self.current.flags = flags;
            return made;
        }
        if flags.has(StringFlags::TRIPLE) {
            return self.triple_string(start, quote, pos, flags);
        }
        loop {
            // Most strings are short, too short for a search with vectors.
            if let Some(block) = self.block(pos) {
                let before = before_end(block, quote);
                pos += before;
                if before == block.len() {
                    continue;
                }
            }
            let byte = self.at(pos);
            if byte == quote {
                let made = self.token(TokenKind::String, start, pos + 1);
                self.current.flags = flags;
                return made;
            }
            if byte == b'\\' || byte == b'\n' || (byte == 0 && pos >= self.src.len()) {
                return self.long_string(start, quote, pos, flags);
            }
            pos += 1;
        }
    }

    /// A literal in single quotes in which a backslash, a newline or the end of the text was met.
    fn long_string(&mut self, start: usize, quote: u8, mut pos: usize, flags: StringFlags) -> Made {
        let (line, line_start, place) = (self.line, self.line_start, self.origin.at(start));
        let mut flags = flags;
        let mut escaped_quote = false;
        loop {
            let rest = self.src.get(pos..).unwrap_or_default();
            match memchr::memchr3(quote, b'\\', b'\n', rest).map(|n| (pos + n, rest[n])) {
                Some((at, byte)) if byte == quote => {
                    self.pos = at + 1;
                    self.current = Token {
                        kind: TokenKind::String,
                        flags,
                        start: start as u32,
                        end: at as u32 + 1,
                        place,
                    };
                    return Made;
                }
                Some((at, b'\\')) => {
                    flags = flags.with(StringFlags::ESCAPES);
                    match self.at(at + 1) {
                        b'\n' => {
                            self.set_line(self.line + 1, at + 2);
                        }
                        byte => escaped_quote |= byte == quote,
                    }
                    pos = at + 2;
                }
                found => {
                    let at_end = found.is_none();
                    let detected = if at_end && self.line_start >= self.src.len() && self.line > line {
                        self.line - 1
                    } else {
                        self.line
                    };
                    let kind = LexErrorKind::UnterminatedString(detected, escaped_quote);
                    return self.unterminated(start, line, line_start, quote, false, kind);
                }
            }
        }
    }

    fn triple_string(&mut self, start: usize, quote: u8, mut pos: usize, flags: StringFlags) -> Made {
        let (line, line_start, place) = (self.line, self.line_start, self.origin.at(start));
        let mut flags = flags;
        let end = loop {
            let rest = self.src.get(pos..).unwrap_or_default();
            match memchr::memchr2(quote, b'\\', rest).map(|n| (pos + n, rest[n])) {
                Some((at, b'\\')) => {
                    flags = flags.with(StringFlags::ESCAPES);
                    pos = at + 2;
                }
                Some((at, _)) => {
                    if self.at(at + 1) == quote && self.at(at + 2) == quote {
                        break Some(at + 3);
                    }
                    pos = at + 1;
                }
                None => break None,
            }
        };
        let body = &self.src[start..end.unwrap_or(self.src.len())];
        if let Some(last) = memchr::memrchr(b'\n', body) {
            let lines = 1 + memchr::memchr_iter(b'\n', &body[..last]).count() as u32;
            self.set_line(self.line + lines, start + last + 1);
        }
        let Some(end) = end else {
            let detected =
                if self.line_start >= self.src.len() && self.line > line { self.line - 1 } else { self.line };
            let kind = LexErrorKind::UnterminatedTripleString(detected);
            return self.unterminated(start, line, line_start, quote, true, kind);
        };
        self.pos = end;
        self.current = Token { kind: TokenKind::String, flags, start: start as u32, end: end as u32, place };
        Made
    }

    /// Reports a string without end at its first quote, in the line where it starts.
    #[cold]
    fn unterminated(
        &mut self,
        start: usize,
        line: u32,
        line_start: usize,
        quote: u8,
        triple: bool,
        kind: LexErrorKind,
    ) -> Made {
        self.set_line(line, line_start);
        self.pos = start + 1;
        let kind = match self.open_fstring() {
            Some((prefix, open, open_triple)) if open == quote && open_triple == triple => {
                let brace = self.brackets.get(self.field_level.wrapping_sub(1));
                let told =
                    brace.map(|brace| brace.place.line()).filter(|&at| self.options.field_line && at < line);
                LexErrorKind::FieldExpectsBrace(prefix, told)
            }
            _ => kind,
        };
        self.fail(kind, start)
    }

    /// The identifier from `start` to `end`, which has characters beyond ASCII.
    #[cold]
    pub(super) fn unicode_word(&mut self, start: usize, end: usize) -> Made {
        let word = self.text.get(start..end).unwrap_or_default();
        let Some((at, c)) = identifier_error(word, self.options.unicode) else {
            let made = self.token(TokenKind::Name, start, end);
            self.current.flags = StringFlags::NON_ASCII;
            return made;
        };
        self.pos = start + at + c.len_utf8();
        let kind = if is_printable(c as u32, self.options.unicode) {
            LexErrorKind::InvalidCharacter(c)
        } else {
            LexErrorKind::NonPrintable(c as u32)
        };
        self.fail(kind, start)
    }
}
