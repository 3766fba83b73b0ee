//! Floor division of large ints of nearly the same length, whose quotient fits a word: the leading digits say what it
//! is, nearly always, without any work that grows with the length. The library's division does not look for that.

use num_bigint::{BigInt, BigUint, Sign};

/// By how many bits the dividend may be longer.
const NEAR: u64 = 48;
/// Below this many bits of the divisor there is nothing to gain.
const LONG: u64 = 128;

/// `a // b` where the leading digits decide it; neither is zero.
pub(super) fn floor_quotient(a: &BigInt, b: &BigInt) -> Option<u64> {
    // Signs that differ make it a question of the remainder.
    if a.sign() != b.sign() || a.sign() == Sign::NoSign {
        return None;
    }
    quotient(a.magnitude(), b.magnitude())
}

/// `a % b` where the quotient is easily known.
pub(super) fn remainder(a: &BigInt, b: &BigInt) -> Option<BigInt> {
    let quotient = floor_quotient(a, b)?;
    Some(if quotient == 0 { a.clone() } else { a - b * quotient })
}

fn quotient(a: &BigUint, b: &BigUint) -> Option<u64> {
    let (long, length) = (a.bits(), b.bits());
    if length < LONG || long + 1 < length || long > length + NEAR {
        return None;
    }
    // With as many bits left away from both, `a` is from `top` to below `top + 1`, and `b` likewise.
    let away = length - 64;
    let (top, by) = (leading(a, away), leading(b, away));
    let least = top / (by + 1);
    // The dividend is less than `top + 1`: what it is divided by may be `by` itself.
    let most = (top + 1).div_ceil(by) - 1;
    (least == most).then_some(least as u64)
}

/// The number without its lowest `away` bits, of which fewer than 128 are left.
fn leading(number: &BigUint, away: u64) -> u128 {
    let (words, bits) = (away / 64, away % 64);
    let mut digits = number.iter_u64_digits();
    let count = digits.len() as u64 - words;
    let mut top = 0u128;
    // At most three digits: a part of the lowest, one, and a part of the highest.
    for place in (0..count).rev() {
        let Some(digit) = digits.next_back() else { break };
        let digit = u128::from(digit);
        top |= match place {
            0 => digit >> bits,
            _ => digit << (64 * place - bits),
        };
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_integer::Integer;

    #[test]
    fn agrees_with_long_division_or_says_nothing() {
        let mut state = 1u64;
        let mut random = |bits: u32| {
            let mut number = BigInt::from(0);
            for _ in 0..bits.div_ceil(32) {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                number = (number << 32) + (state >> 32);
            }
            number >> (bits.next_multiple_of(32) - bits)
        };
        let mut decided = 0;
        for round in 0..4000u32 {
            let (a, b) = (random(100 + round % 331), random(100 + round * 7 % 301));
            let exact = &b * (round % 1000);
            for (a, b) in
                [(a.clone(), b.clone()), (-a, -b.clone()), (exact.clone(), b.clone()), (exact - 1, b)]
            {
                if let Some(quotient) = floor_quotient(&a, &b) {
                    decided += 1;
                    assert_eq!(BigInt::from(quotient), a.div_floor(&b), "{a} // {b}");
                    assert_eq!(remainder(&a, &b), Some(a.mod_floor(&b)), "{a} % {b}");
                }
            }
        }
        assert!(decided > 1000, "{decided}");
    }

    #[test]
    fn signs_that_differ_are_not_decided() {
        let (a, b) = (BigInt::from(7) << 200, BigInt::from(5) << 200);
        assert_eq!(floor_quotient(&a, &b), Some(1));
        assert_eq!(floor_quotient(&-&a, &b), None);
        assert_eq!(floor_quotient(&a, &-&b), None);
    }
}
