//! Numbers: where they end, and what is wrong with them.

use super::{Checks, LexErrorKind, Lexer, Made, NumberKind};
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    /// A number, or a fraction that starts with its point.
    #[inline]
    pub(super) fn number(&mut self, start: usize) -> Made {
        self.started = true;
        // Most numbers are a few digits and nothing else.
        let mut pos = start;
        if self.at(start) != b'0' {
            while self.at(pos).is_ascii_digit() {
                pos += 1;
            }
            let next = self.at(pos);
            if pos > start && next < 0x80 && next != b'.' && next != b'_' && !next.is_ascii_alphabetic() {
                return self.token(TokenKind::Number, start, pos);
            }
        } else {
            let next = self.at(start + 1);
            if next < 0x80 && next != b'.' && next != b'_' && !next.is_ascii_alphanumeric() {
                return self.token(TokenKind::Number, start, start + 1);
            }
        }
        match self.any_number(start) {
            Ok(end) => self.token(TokenKind::Number, start, end),
            Err(token) => token,
        }
    }

    fn any_number(&mut self, start: usize) -> Result<usize, Made> {
        let first = self.at(start);
        if first == b'.' {
            return self.fraction(start, start + 1);
        }
        if first != b'0' {
            let pos = self.digits(start, start)?;
            return self.after_integer(start, pos);
        }
        match self.at(start + 1) {
            b'x' | b'X' => self.radix(start, NumberKind::Hexadecimal),
            b'o' | b'O' => self.radix(start, NumberKind::Octal),
            b'b' | b'B' => self.radix(start, NumberKind::Binary),
            _ => self.zeros(start),
        }
    }

    /// Zeros, and what may follow them: a decimal point, an exponent, a `j`; not another digit alone.
    fn zeros(&mut self, start: usize) -> Result<usize, Made> {
        let mut pos = start + 1;
        loop {
            if self.at(pos) == b'_' {
                pos += 1;
                if !self.at(pos).is_ascii_digit() {
                    return Err(self.bad_number(start, pos, NumberKind::Decimal));
                }
            }
            if self.at(pos) != b'0' {
                break;
            }
            pos += 1;
        }
        let zeros_end = pos;
        let nonzero = self.at(pos).is_ascii_digit();
        if nonzero {
            pos = self.digits(start, pos)?;
        }
        match self.at(pos) {
            b'.' | b'e' | b'E' | b'j' | b'J' => self.after_integer(start, pos),
            _ if nonzero => {
                self.pos = pos;
                // CPython counts to the character after the zeros.
                Err(self.fail(LexErrorKind::LeadingZeros(zeros_end as u32 + 1), start))
            }
            _ => self.check_end(start, pos, NumberKind::Decimal),
        }
    }

    fn radix(&mut self, start: usize, kind: NumberKind) -> Result<usize, Made> {
        let belongs = |byte: u8| match kind {
            NumberKind::Hexadecimal => byte.is_ascii_hexdigit(),
            NumberKind::Octal => (b'0'..b'8').contains(&byte),
            _ => byte == b'0' || byte == b'1',
        };
        let mut pos = start + 2;
        loop {
            if self.at(pos) == b'_' {
                pos += 1;
            }
            let byte = self.at(pos);
            if !belongs(byte) {
                if byte.is_ascii_digit() {
                    return Err(self.bad_digit(start, pos, kind));
                }
                return Err(self.bad_number(start, pos, kind));
            }
            while belongs(self.at(pos)) {
                pos += 1;
            }
            if self.at(pos) != b'_' {
                break;
            }
        }
        if self.at(pos).is_ascii_digit() {
            return Err(self.bad_digit(start, pos, kind));
        }
        self.check_end(start, pos, kind)
    }

    /// Digits with single underscores between them.
    fn digits(&mut self, start: usize, mut pos: usize) -> Result<usize, Made> {
        loop {
            while self.at(pos).is_ascii_digit() {
                pos += 1;
            }
            if self.at(pos) != b'_' {
                return Ok(pos);
            }
            pos += 1;
            if !self.at(pos).is_ascii_digit() {
                return Err(self.bad_number(start, pos, NumberKind::Decimal));
            }
        }
    }

    fn after_integer(&mut self, start: usize, pos: usize) -> Result<usize, Made> {
        if self.at(pos) == b'.' { self.fraction(start, pos + 1) } else { self.exponent(start, pos) }
    }

    fn fraction(&mut self, start: usize, mut pos: usize) -> Result<usize, Made> {
        if self.at(pos).is_ascii_digit() {
            pos = self.digits(start, pos)?;
        }
        self.exponent(start, pos)
    }

    fn exponent(&mut self, start: usize, mut pos: usize) -> Result<usize, Made> {
        if matches!(self.at(pos), b'e' | b'E') {
            let mut digits = pos + 1;
            if matches!(self.at(digits), b'+' | b'-') {
                digits += 1;
                if !self.at(digits).is_ascii_digit() {
                    return Err(self.bad_number(start, digits, NumberKind::Decimal));
                }
            } else if !self.at(digits).is_ascii_digit() {
                // `1else`: the number ends before the `e`.
                return self.check_end(start, pos, NumberKind::Decimal);
            }
            pos = self.digits(start, digits)?;
        }
        if matches!(self.at(pos), b'j' | b'J') {
            return self.check_end(start, pos + 1, NumberKind::Imaginary);
        }
        self.check_end(start, pos, NumberKind::Decimal)
    }

    /// After a number only a keyword may follow directly, with a warning.
    fn check_end(&mut self, start: usize, pos: usize, kind: NumberKind) -> Result<usize, Made> {
        if self.options.checks == Checks::Few {
            return Ok(pos);
        }
        let rest = &self.src[pos..];
        let Some(&next) = rest.first() else { return Ok(pos) };
        let is_word = |word: &[u8]| {
            rest.starts_with(word)
                && !rest
                    .get(word.len())
                    .is_some_and(|b| *b >= 0x80 || *b == b'_' || b.is_ascii_alphanumeric())
        };
        let keyword = match next {
            b'a' => is_word(b"and"),
            b'e' => is_word(b"else"),
            b'f' => is_word(b"for"),
            b'i' => matches!(rest.get(1), Some(b'f' | b'n' | b's')),
            b'o' => is_word(b"or"),
            b'n' => is_word(b"not"),
            _ => false,
        };
        if keyword {
            self.pos = pos;
            self.warn(format!("invalid {} literal", kind.name()), start);
            return Ok(pos);
        }
        let beyond = next >= 0x80 && self.options.number_ends_before_ascii;
        if beyond || next < 0x80 && (next == b'_' || next.is_ascii_alphanumeric()) {
            return Err(self.bad_number(start, pos, kind));
        }
        Ok(pos)
    }

    #[cold]
    fn bad_number(&mut self, start: usize, pos: usize, kind: NumberKind) -> Made {
        self.pos = pos;
        self.fail(LexErrorKind::InvalidNumber(kind), start)
    }

    #[cold]
    fn bad_digit(&mut self, start: usize, pos: usize, kind: NumberKind) -> Made {
        self.pos = pos + 1;
        let digit = self.at(pos);
        self.fail(LexErrorKind::InvalidDigit(digit, kind), start)
    }
}
