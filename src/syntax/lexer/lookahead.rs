//! A few glances beyond the current token, for the soft keywords.

use super::tables::{CONTINUES_IDENTIFIER, keyword, packed};
use super::{Lexer, TokenKind};

impl Lexer<'_> {
    /// Is the last token's colon, or whatever stands there, at the top level of a replacement field?
    pub fn at_field_level(&self) -> bool {
        self.brackets.len() == self.field_level
    }

    /// The text after the logical line whose last token ends at `line` and `col`.
    pub fn rest_after_line(&self, line: u32, col: u32) -> &[u8] {
        let mut start = 0;
        for _ in 1..line {
            start += memchr::memchr(b'\n', &self.src[start..]).map_or(0, |n| n + 1);
        }
        let from = (start + col as usize).min(self.src.len());
        let rest = &self.src[from..];
        memchr::memchr(b'\n', rest).map_or(&[], |n| &rest[n + 1..])
    }

    /// Where the next token starts, if it is in this logical line.
    fn skip_blanks(&self, mut pos: usize) -> usize {
        loop {
            match self.at(pos) {
                b' ' | b'\t' | b'\x0c' => pos += 1,
                b'\\' if self.at(pos + 1) == b'\n' => pos += 2,
                _ => return pos,
            }
        }
    }

    /// The word that starts at `pos`, if one does: its kind and its end.
    fn word_at(&self, pos: usize) -> Option<(TokenKind, usize)> {
        let mut end = pos;
        while CONTINUES_IDENTIFIER[self.at(end) as usize] {
            end += 1;
        }
        let word = &self.src[pos..end];
        let kind = if word.len() <= 8 { keyword(packed(word)) } else { TokenKind::Name };
        (!word.is_empty() && !word[0].is_ascii_digit()).then_some((kind, end))
    }

    /// Is the next token an identifier?
    pub fn next_is_name(&self) -> bool {
        let pos = self.skip_blanks(self.pos);
        self.word_at(pos).is_some_and(|(kind, _)| kind == TokenKind::Name)
    }

    /// The next token, if it is a word.
    pub fn next_keyword(&self) -> Option<TokenKind> {
        self.word_at(self.skip_blanks(self.pos)).map(|(kind, _)| kind)
    }

    /// Is the next token `=`? Newlines count as blanks here.
    pub fn next_is_equal(&self) -> bool {
        let mut pos = self.pos;
        loop {
            pos = self.skip_blanks(pos);
            match self.at(pos) {
                b'\n' => pos += 1,
                b'#' => pos = memchr::memchr(b'\n', &self.src[pos..]).map_or(self.src.len(), |n| pos + n),
                byte => return byte == b'=' && self.at(pos + 1) != b'=',
            }
        }
    }

    /// Is the next token a type comment (in this line)?
    pub fn at_type_comment(&self) -> bool {
        let pos = self.skip_blanks(self.pos);
        self.is_type_comment(pos)
    }

    /// Is the current token, a newline, followed by a line that is only a type comment?
    pub fn at_type_comment_line(&self) -> bool {
        let mut pos = self.pos;
        loop {
            pos = self.skip_blanks(pos);
            match self.at(pos) {
                b'\n' => pos += 1,
                b'#' if self.is_type_comment(pos) => return true,
                b'#' => pos = memchr::memchr(b'\n', &self.src[pos..]).map_or(self.src.len(), |n| pos + n),
                _ => return false,
            }
        }
    }

    fn is_type_comment(&self, pos: usize) -> bool {
        if self.at(pos) != b'#' {
            return false;
        }
        let rest = self.src.get(pos + 1..).unwrap_or_default().trim_ascii_start();
        let Some(text) = rest.strip_prefix(b"type:") else { return false };
        let text = text.trim_ascii_start();
        let ignored = text.strip_prefix(b"ignore").is_some_and(|tag| {
            !tag.first().is_some_and(|byte| *byte >= 0x80 || byte.is_ascii_alphanumeric())
        });
        !ignored
    }

    /// The current token is the name `match`: is it the keyword, and a subject and `:` follow?
    pub fn match_header_follows(&self) -> bool {
        let pos = self.skip_blanks(self.pos);
        match self.at(pos) {
            // What only an operand can start with.
            b'"' | b'\'' | b'{' | b'~' | b'0'..=b'9' => true,
            // `match.x` or `match...`
            b'.' => self.at(pos + 1).is_ascii_digit() || self.src[pos..].starts_with(b"..."),
            // Both operand and operator can start with these: the end of the line decides.
            b'(' | b'[' | b'-' | b'+' | b'*' => self.line_ends_with_colon(),
            _ => match self.word_at(pos) {
                None => false,
                Some((TokenKind::Not, end)) => {
                    let next = self.skip_blanks(end);
                    self.word_at(next).is_none_or(|(kind, _)| kind != TokenKind::In)
                }
                Some((kind, _)) => matches!(
                    kind,
                    TokenKind::Name
                        | TokenKind::None
                        | TokenKind::True
                        | TokenKind::False
                        | TokenKind::Lambda
                        | TokenKind::Await
                        | TokenKind::Yield
                ),
            },
        }
    }

    /// Is `:` the last token of this logical line?
    fn line_ends_with_colon(&self) -> bool {
        let mut depth = 0_usize;
        let mut pos = self.pos;
        let mut last = 0;
        loop {
            let byte = self.at(pos);
            match byte {
                b'\n' if depth == 0 => return last == b':',
                0 if pos >= self.src.len() => return last == b':',
                b'#' => {
                    pos = memchr::memchr(b'\n', &self.src[pos..]).map_or(self.src.len(), |n| pos + n);
                    continue;
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                b'"' | b'\'' => {
                    pos = self.skip_string(pos);
                    last = byte;
                    continue;
                }
                b'\\' => {
                    pos += 2;
                    continue;
                }
                _ => {}
            }
            if !matches!(byte, b' ' | b'\t' | b'\x0c' | b'\n') {
                last = byte;
            }
            pos += 1;
        }
    }

    /// The end of the literal whose quote is at `pos`, roughly: as if it had no replacement fields.
    fn skip_string(&self, mut pos: usize) -> usize {
        let quote = self.at(pos);
        let triple = self.at(pos + 1) == quote && self.at(pos + 2) == quote;
        if !triple && self.at(pos + 1) == quote {
            return pos + 2;
        }
        pos += if triple { 3 } else { 1 };
        loop {
            match self.at(pos) {
                b'\\' => pos += 2,
                0 if pos >= self.src.len() => return pos,
                b'\n' if !triple => return pos,
                byte if byte == quote => {
                    if !triple {
                        return pos + 1;
                    }
                    if self.at(pos + 1) == quote && self.at(pos + 2) == quote {
                        return pos + 3;
                    }
                    pos += 1;
                }
                _ => pos += 1,
            }
        }
    }
}
