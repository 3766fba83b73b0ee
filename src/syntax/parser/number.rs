//! The values of number tokens.

use super::{Parsed, Parser};
use crate::source::{ExceptionKind, Location};
use crate::syntax::ast::{BigIntLit, ComplexLit, Const};
use num_bigint::BigUint;

/// `sys.int_info.default_max_str_digits`
const MAX_DIGITS: usize = 4300;

impl<'a> Parser<'a, '_> {
    /// The value of the current token, a number.
    pub(super) fn number(&mut self) -> Parsed<Const<'a>> {
        let text = self.lexer.slice(self.lexer.current.start, self.lexer.current.end);
        if text.len() <= 18 {
            let mut value = 0_i64;
            let mut digits = true;
            for &byte in text {
                digits &= byte.is_ascii_digit();
                value = value.wrapping_mul(10).wrapping_add(i64::from(byte) - i64::from(b'0'));
            }
            if digits {
                return Ok(Const::Int(value));
            }
        }
        self.long_number(text)
    }

    #[inline(never)]
    fn long_number(&mut self, text: &[u8]) -> Parsed<Const<'a>> {
        let plain: String =
            text.iter().filter(|byte| **byte != b'_').map(|byte| byte.to_ascii_lowercase() as char).collect();
        let radix = match plain.as_bytes() {
            [b'0', b'x', ..] => 16,
            [b'0', b'o', ..] => 8,
            [b'0', b'b', ..] => 2,
            _ => 10,
        };
        if radix != 10 {
            return Ok(self.integer(&plain[2..], radix));
        }
        if let Some(imaginary) = plain.strip_suffix('j') {
            let im = imaginary.parse().unwrap_or(f64::INFINITY);
            return Ok(Const::Complex(self.alloc(ComplexLit { re: 0.0, im })));
        }
        if plain.bytes().any(|byte| !byte.is_ascii_digit()) {
            return Ok(Const::Float(plain.parse().unwrap_or(f64::INFINITY)));
        }
        let digits = plain.trim_start_matches('0');
        if digits.len() > MAX_DIGITS {
            let message = format!(
                "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {} digits; \
                 use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge \
                 integer literals to avoid decimal conversion limits.",
                digits.len()
            );
            let line = self.lexer.current.place.line() as i32;
            return self.fail_with(
                ExceptionKind::SyntaxError,
                message,
                Some(Location::new(line, -1, line, -1)),
            );
        }
        Ok(self.integer(digits, 10))
    }

    fn integer(&mut self, digits: &str, radix: u32) -> Const<'a> {
        if digits.is_empty() {
            return Const::Int(0);
        }
        if let Ok(value) = i64::from_str_radix(digits, radix) {
            return Const::Int(value);
        }
        let value = BigUint::parse_bytes(digits.as_bytes(), radix).unwrap_or_default();
        let digits = self.arena.alloc_slice_copy(&value.to_u32_digits());
        Const::BigInt(self.alloc(BigIntLit { negative: false, digits }))
    }
}
