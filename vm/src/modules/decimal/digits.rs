//! Natural numbers as decimal arithmetic sees them: what 128 bits hold is a word, all else is a big int. A number has one
//! form only, so that equality is that of the forms.

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};
use std::cmp::Ordering;

/// More decimal digits than this are never made of fewer: no memory would hold what a program could ask for.
const MOST_DIGITS: u64 = 1 << 27;

/// The powers of ten that a word holds.
const POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut at = 1;
    while at < 39 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// A number would have more digits than there is room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooLong;

/// A natural number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Digits {
    Word(u128),
    /// Never one that a word holds.
    Big(BigUint),
}

impl From<u128> for Digits {
    fn from(word: u128) -> Digits {
        Digits::Word(word)
    }
}

impl From<BigUint> for Digits {
    fn from(big: BigUint) -> Digits {
        match big.to_u128() {
            Some(word) => Digits::Word(word),
            None => Digits::Big(big),
        }
    }
}

/// 10 to this power; for what is known to be short enough.
pub(super) fn ten_to(power: u64) -> BigUint {
    match POWERS.get(power as usize) {
        Some(&word) => word.into(),
        None => BigUint::from(5u8).pow(power as u32) << power,
    }
}

impl Digits {
    pub(super) const ZERO: Digits = Digits::Word(0);
    pub(super) const ONE: Digits = Digits::Word(1);

    pub(super) const fn is_zero(&self) -> bool {
        matches!(self, Digits::Word(0))
    }

    pub(super) fn is_even(&self) -> bool {
        match self {
            Digits::Word(word) => *word & 1 == 0,
            Digits::Big(big) => big.is_even(),
        }
    }

    pub(super) fn to_big(&self) -> BigUint {
        match self {
            Digits::Word(word) => BigUint::from(*word),
            Digits::Big(big) => big.clone(),
        }
    }

    pub(super) fn to_u64(&self) -> Option<u64> {
        match self {
            Digits::Word(word) => u64::try_from(*word).ok(),
            Digits::Big(_) => None,
        }
    }

    /// How many decimal digits it has; 0 has one.
    pub(super) fn count(&self) -> u64 {
        match self {
            Digits::Word(0) => 1,
            Digits::Word(word) => match u64::try_from(*word) {
                Ok(word) => u64::from(word.ilog10()) + 1,
                Err(_) => u64::from(word.ilog10()) + 1,
            },
            Digits::Big(big) => {
                // `bits * log10(2)` is at most one too small, and only its rounding can make it wrong.
                let bits = big.bits();
                let least =
                    ((u128::from(bits - 1) * 30_102_999_566_398_119) / 100_000_000_000_000_000) as u64;
                let mut count = least.saturating_sub(1).max(38);
                let mut power = ten_to(count);
                while *big >= power {
                    count += 1;
                    power *= 10u8;
                }
                count
            }
        }
    }

    pub(super) fn add(&self, other: &Digits) -> Digits {
        match (self, other) {
            (Digits::Word(a), Digits::Word(b)) => match a.checked_add(*b) {
                Some(sum) => Digits::Word(sum),
                None => Digits::Big(BigUint::from(*a) + *b),
            },
            (Digits::Big(a), Digits::Word(b)) | (Digits::Word(b), Digits::Big(a)) => Digits::Big(a + *b),
            (Digits::Big(a), Digits::Big(b)) => Digits::Big(a + b),
        }
    }

    /// The difference with a number that is not greater.
    pub(super) fn sub(&self, less: &Digits) -> Digits {
        match (self, less) {
            (Digits::Word(a), Digits::Word(b)) => Digits::Word(a.saturating_sub(*b)),
            (Digits::Big(a), Digits::Word(b)) => (a - *b).into(),
            (Digits::Big(a), Digits::Big(b)) if a >= b => (a - b).into(),
            _ => Digits::ZERO,
        }
    }

    pub(super) fn mul(&self, other: &Digits) -> Digits {
        match (self, other) {
            (Digits::Word(a), Digits::Word(b)) => match a.checked_mul(*b) {
                Some(product) => Digits::Word(product),
                None => Digits::Big(BigUint::from(*a) * *b),
            },
            (Digits::Big(a), Digits::Word(b)) | (Digits::Word(b), Digits::Big(a)) => (a * *b).into(),
            (Digits::Big(a), Digits::Big(b)) => Digits::Big(a * b),
        }
    }

    /// Quotient and remainder; the divisor is not 0.
    pub(super) fn div_rem(&self, by: &Digits) -> (Digits, Digits) {
        match (self, by) {
            (Digits::Word(a), Digits::Word(b)) => match (u64::try_from(*a), u64::try_from(*b)) {
                (Ok(a), Ok(b)) => (Digits::Word((a / b).into()), Digits::Word((a % b).into())),
                _ => (Digits::Word(a / b), Digits::Word(a % b)),
            },
            (Digits::Word(_), Digits::Big(_)) => (Digits::ZERO, self.clone()),
            (Digits::Big(a), Digits::Word(b)) => {
                let (quotient, rest) = a.div_rem(&BigUint::from(*b));
                (quotient.into(), rest.into())
            }
            (Digits::Big(a), Digits::Big(b)) => {
                let (quotient, rest) = a.div_rem(b);
                (quotient.into(), rest.into())
            }
        }
    }

    /// `self * 10**power`
    pub(super) fn shift_up(&self, power: u64) -> Result<Digits, TooLong> {
        if self.is_zero() || power == 0 {
            return Ok(self.clone());
        }
        if let (Digits::Word(word), Some(factor)) = (self, POWERS.get(power as usize))
            && let Some(product) = word.checked_mul(*factor)
        {
            return Ok(Digits::Word(product));
        }
        if power > MOST_DIGITS {
            return Err(TooLong);
        }
        Ok((self.to_big() * ten_to(power)).into())
    }

    /// `self // 10**power` and what is left of it.
    pub(super) fn shift_down(&self, power: u64) -> (Digits, Digits) {
        if power == 0 {
            return (self.clone(), Digits::ZERO);
        }
        match (self, POWERS.get(power as usize)) {
            (Digits::Word(_), Some(&factor)) => self.div_rem(&Digits::Word(factor)),
            (Digits::Word(_), None) => (Digits::ZERO, self.clone()),
            (Digits::Big(_), _) if power >= self.count() => (Digits::ZERO, self.clone()),
            (Digits::Big(big), _) => {
                let (quotient, rest) = big.div_rem(&ten_to(power));
                (quotient.into(), rest.into())
            }
        }
    }

    /// How many zeros it ends with; 0 for 0.
    pub(super) fn trailing_zeros(&self) -> u64 {
        match self {
            Digits::Word(0) => 0,
            Digits::Word(word) => {
                let (mut left, mut count) = (*word, 0);
                while left.is_multiple_of(10) {
                    left /= 10;
                    count += 1;
                }
                count
            }
            Digits::Big(big) => {
                // No more than it has twos. Halving the steps keeps the divisions few.
                let most = big.trailing_zeros().unwrap_or(0);
                let (mut left, mut count) = (big.clone(), 0);
                let mut step = (most + 1).next_power_of_two();
                while step > 0 {
                    if step <= most {
                        let (quotient, rest) = left.div_rem(&ten_to(step));
                        if rest.is_zero() {
                            (left, count) = (quotient, count + step);
                            continue;
                        }
                    }
                    step /= 2;
                }
                count
            }
        }
    }

    /// Its order with `other * 10**power`.
    pub(super) fn compare_shifted(&self, other: &Digits, power: u64) -> Ordering {
        if self.is_zero() || other.is_zero() {
            return other.is_zero().cmp(&self.is_zero());
        }
        let (mine, theirs) = (self.count(), other.count() + power);
        mine.cmp(&theirs).then_with(|| {
            // As many digits as `self` has are there already.
            other.shift_up(power).map_or(Ordering::Less, |other| self.compare(&other))
        })
    }

    pub(super) fn compare(&self, other: &Digits) -> Ordering {
        match (self, other) {
            (Digits::Word(a), Digits::Word(b)) => a.cmp(b),
            (Digits::Word(_), Digits::Big(_)) => Ordering::Less,
            (Digits::Big(_), Digits::Word(_)) => Ordering::Greater,
            (Digits::Big(a), Digits::Big(b)) => a.cmp(b),
        }
    }

    /// Of a text of decimal digits.
    pub(super) fn parse(text: &[u8]) -> Digits {
        let text = &text[text.iter().take_while(|&&digit| digit == b'0').count()..];
        if text.len() <= 38 {
            let word = text.iter().fold(0u128, |word, digit| word * 10 + u128::from(digit - b'0'));
            return Digits::Word(word);
        }
        BigUint::parse_bytes(text, 10).unwrap_or_default().into()
    }
}

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Digits::Word(word) => write!(f, "{word}"),
            Digits::Big(big) => write!(f, "{big}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_at_the_borders() {
        for power in 0..400 {
            let border: Digits = ten_to(power).into();
            assert_eq!(border.count(), power + 1);
            if power > 0 {
                assert_eq!(border.sub(&Digits::ONE).count(), power);
                assert_eq!(border.trailing_zeros(), power);
                assert_eq!(border.add(&Digits::ONE).trailing_zeros(), 0);
            }
        }
    }

    #[test]
    fn shifting_keeps_one_form() {
        let number = Digits::parse(b"00123456789012345678901234567890123456789");
        let up = number.shift_up(50).unwrap_or(Digits::ZERO);
        assert_eq!(up.shift_down(50), (number.clone(), Digits::ZERO));
        assert_eq!(
            number.shift_down(38),
            (Digits::Word(1), Digits::parse(b"23456789012345678901234567890123456789"))
        );
        assert_eq!(number.compare_shifted(&Digits::ONE, 38), Ordering::Greater);
        assert_eq!(number.compare_shifted(&Digits::ONE, 39), Ordering::Less);
    }
}
