//! Decimal numbers as text.

use super::digits::Digits;
use super::number::{Kind, Number};

/// Exponents beyond this are as good as infinite: more than twice what the widest rules allow.
const FAR: i64 = 4_000_000_000_000_000_000;

impl Number {
    /// A number of its text, without spaces around it and without underscores; `None` where it is none.
    pub(super) fn parse(text: &[u8]) -> Option<Number> {
        let (negative, rest) = match text.first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let is = |word: &str| rest.eq_ignore_ascii_case(word.as_bytes());
        if is("inf") || is("infinity") {
            return Some(Number::infinity(negative));
        }
        for (word, kind) in [("snan", Kind::Signaling), ("nan", Kind::Quiet)] {
            if rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes()) {
                let payload = &rest[word.len()..];
                if !payload.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                return Some(Number { negative, kind, exponent: 0, digits: Digits::parse(payload) });
            }
        }
        let (mantissa, exponent) = match rest.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|&byte| byte == b'.') {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &[][..]),
        };
        if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let digits = if fraction.is_empty() {
            Digits::parse(whole)
        } else {
            Digits::parse(&[whole, fraction].concat())
        };
        Some(Number::finite(negative, digits, exponent - fraction.len() as i64))
    }

    /// The text of the number, with an exponent where it is needed: `to-scientific-string`, or
    /// `to-engineering-string`, whose exponents are multiples of three.
    pub(super) fn to_text(&self, engineering: bool, capitals: bool) -> String {
        let sign = if self.negative { "-" } else { "" };
        match self.kind {
            Kind::Infinite => return format!("{sign}Infinity"),
            Kind::Quiet | Kind::Signaling => {
                let name = if self.kind == Kind::Quiet { "NaN" } else { "sNaN" };
                return match self.digits.is_zero() {
                    true => format!("{sign}{name}"),
                    false => format!("{sign}{name}{}", self.digits),
                };
            }
            Kind::Finite => {}
        }
        let mut room = [0; 20];
        let long;
        let digits = match self.digits.to_u64() {
            Some(word) => short_digits(word, &mut room),
            None => {
                long = self.digits.to_string();
                &long
            }
        };
        let left = self.exponent + digits.len() as i64;
        // How many digits stand before the point.
        let point = if self.exponent <= 0 && left > -6 {
            left
        } else if !engineering {
            1
        } else if self.digits.is_zero() {
            (left + 1).rem_euclid(3) - 1
        } else {
            (left - 1).rem_euclid(3) + 1
        };
        let mut text = String::with_capacity(digits.len() + 8);
        text.push_str(sign);
        push_digits(digits, point, &mut text);
        if left != point {
            text.push_str(&format!("{}{:+}", if capitals { 'E' } else { 'e' }, left - point));
        }
        text
    }
}

/// The digits of a word, written into the room from its end.
fn short_digits(mut word: u64, room: &mut [u8; 20]) -> &str {
    let mut at = room.len();
    loop {
        at -= 1;
        room[at] = b'0' + (word % 10) as u8;
        word /= 10;
        if word == 0 {
            break;
        }
    }
    std::str::from_utf8(&room[at..]).unwrap_or_default()
}

/// Digits with a point behind the first `point` of them.
pub(super) fn push_digits(digits: &str, point: i64, text: &mut String) {
    let len = digits.len() as i64;
    if point <= 0 {
        text.push_str("0.");
        text.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        text.push_str(digits);
    } else if point >= len {
        text.push_str(digits);
        text.extend(std::iter::repeat_n('0', (point - len) as usize));
    } else {
        text.push_str(&digits[..point as usize]);
        text.push('.');
        text.push_str(&digits[point as usize..]);
    }
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let far =
        digits.iter().fold(0i64, |sum, digit| (sum.saturating_mul(10)).saturating_add((digit - b'0').into()));
    let exponent = far.min(FAR);
    Some(if negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for (text, shown, engineering) in [
            ("123", "123", "123"),
            ("-1.230", "-1.230", "-1.230"),
            ("123E+3", "1.23E+5", "123E+3"),
            ("0E-7", "0E-7", "0.0E-6"),
            ("0e5", "0E+5", "0.0E+6"),
            ("1e-7", "1E-7", "100E-9"),
            (".000001", "0.000001", "0.000001"),
            ("-sNaN0012", "-sNaN12", "-sNaN12"),
            ("inFinity", "Infinity", "Infinity"),
        ] {
            let number = Number::parse(text.as_bytes());
            assert_eq!(number.as_ref().map(|it| it.to_text(false, true)).as_deref(), Some(shown));
            assert_eq!(number.map(|it| it.to_text(true, true)).as_deref(), Some(engineering));
        }
        for bad in ["", "-", ".", "1e", "e5", "1..2", "nanx", "1e+", "+-1", "infin"] {
            assert_eq!(Number::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
