//! Numbers. What follows a number is not looked at: `1_a` is a number and a name.

use super::lexer::Lexer;
use super::{Kind, Token, TokenizeError};

impl Lexer<'_> {
    /// A number whose first digit was read.
    pub(super) fn number(&mut self, start: usize, first: u8) -> Result<Token, TokenizeError> {
        if first != b'0' {
            let next = self.digits()?;
            return self.after_whole(start, next);
        }
        let mut next = self.next()?;
        match next {
            Some(b'x' | b'X') => return self.radix(start, 16),
            Some(b'o' | b'O') => return self.radix(start, 8),
            Some(b'b' | b'B') => return self.radix(start, 2),
            _ => {}
        }
        // Zeros, and whatever digits follow them.
        loop {
            if next == Some(b'_') {
                next = self.next()?;
                if !is_digit(next) {
                    self.back(next);
                    return Err(self.error("invalid decimal literal"));
                }
            }
            if next != Some(b'0') {
                break;
            }
            next = self.next()?;
        }
        if is_digit(next) {
            next = self.digits()?;
        }
        self.after_whole(start, next)
    }

    /// The rest of a number after its whole part, `next` being the character that follows that.
    fn after_whole(&mut self, start: usize, next: Option<u8>) -> Result<Token, TokenizeError> {
        if next == Some(b'.') {
            let next = self.next()?;
            return self.fraction(start, next);
        }
        self.exponent(start, next)
    }

    /// The rest of a number after its point.
    pub(super) fn fraction(&mut self, start: usize, next: Option<u8>) -> Result<Token, TokenizeError> {
        let next = if is_digit(next) { self.digits()? } else { next };
        self.exponent(start, next)
    }

    fn exponent(&mut self, start: usize, mut next: Option<u8>) -> Result<Token, TokenizeError> {
        if let Some(b'e' | b'E') = next {
            let mark = next;
            next = self.next()?;
            if let Some(b'+' | b'-') = next {
                next = self.next()?;
                if !is_digit(next) {
                    self.back(next);
                    return Err(self.error("invalid decimal literal"));
                }
            } else if !is_digit(next) {
                self.back(next);
                self.back(mark);
                return Ok(self.make_number(start));
            }
            next = self.digits()?;
        }
        if let Some(b'j' | b'J') = next {
            return Ok(self.make_number(start));
        }
        self.back(next);
        Ok(self.make_number(start))
    }

    /// Digits with single underscores between them; gives the character after them.
    fn digits(&mut self) -> Result<Option<u8>, TokenizeError> {
        loop {
            let mut next = self.next()?;
            while is_digit(next) {
                next = self.next()?;
            }
            if next != Some(b'_') {
                return Ok(next);
            }
            next = self.next()?;
            if !is_digit(next) {
                self.back(next);
                return Err(self.error("invalid decimal literal"));
            }
        }
    }

    /// A number of another base, whose prefix was read.
    fn radix(&mut self, start: usize, radix: u32) -> Result<Token, TokenizeError> {
        let name = match radix {
            16 => "hexadecimal",
            8 => "octal",
            _ => "binary",
        };
        let fits = |next: Option<u8>| next.is_some_and(|byte| char::from(byte).is_digit(radix));
        let wrong_digit = |next: Option<u8>| match next {
            Some(digit @ b'0'..=b'9') => {
                Some(format!("invalid digit '{}' in {name} literal", char::from(digit)))
            }
            _ => None,
        };
        let mut next = self.next()?;
        loop {
            if next == Some(b'_') {
                next = self.next()?;
            }
            if !fits(next) {
                return Err(match wrong_digit(next) {
                    Some(message) => self.error(message),
                    None => {
                        self.back(next);
                        self.error(format!("invalid {name} literal"))
                    }
                });
            }
            while fits(next) {
                next = self.next()?;
            }
            if next != Some(b'_') {
                break;
            }
        }
        if let Some(message) = wrong_digit(next) {
            return Err(self.error(message));
        }
        self.back(next);
        Ok(self.make_number(start))
    }

    fn make_number(&mut self, start: usize) -> Token {
        let end = self.at;
        self.make(Kind::Number, start, end)
    }
}

fn is_digit(next: Option<u8>) -> bool {
    next.is_some_and(|byte| byte.is_ascii_digit())
}
