//! `exp`, `ln`, `log10` and powers. What is worked out has binary fixed point (an int and how many of its bits are behind the
//! point); it is made longer until the digits that are wanted do not depend on what is left out, so that results are the
//! nearest ones.

use super::digits::{Digits, ten_to};
use super::number::status::*;
use super::number::{Number, Rounding, Rules};
use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// More digits than this are not worked out.
const MOST_DIGITS: i64 = 1 << 22;

/// An exponent that is out of all ranges.
const FAR: i64 = 4_000_000_000_000_000_000;

/// Bits that hold so many decimal digits.
const fn bits_of(digits: u64) -> u64 {
    digits * 3_322 / 1_000 + 4
}

/// `atanh(1/n)` with so many bits; a few of the last are wrong.
fn atanh_of_inverse(n: u32, bits: u64) -> BigInt {
    let mut term = (BigInt::from(1) << bits) / n;
    let (mut sum, mut odd) = (term.clone(), 1u32);
    loop {
        term /= n * n;
        if term.is_zero() {
            return sum;
        }
        odd += 2;
        sum += &term / odd;
    }
}

/// `ln(10)` with so many bits.
fn ln_of_ten(bits: u64) -> BigInt {
    let more = bits + 24;
    let parts = [(46, 31), (34, 49), (20, 161)];
    let sum: BigInt = parts.iter().map(|&(factor, n)| atanh_of_inverse(n, more) * factor).sum();
    sum >> 24u32
}

/// `e**x` of a number that is not far from 0.
fn exp_of_near(x: &BigInt, bits: u64) -> BigInt {
    // Halved often enough for the series to be short, then squared as often.
    let halvings = (bits as f64).sqrt() as u64 / 2 + 4;
    let more = bits + 2 * halvings + 24;
    let x: BigInt = (x << (more - bits)) >> halvings;
    let one = BigInt::from(1) << more;
    let (mut sum, mut term, mut count) = (&one + &x, x.clone(), 1u32);
    loop {
        count += 1;
        term = ((&term * &x) >> more) / count;
        // A negative term never becomes 0 by being shifted.
        if term.is_zero() || term == BigInt::from(-1) {
            break;
        }
        sum += &term;
    }
    for _ in 0..halvings {
        sum = (&sum * &sum) >> more;
    }
    sum >> (more - bits)
}

/// `ln(m)` of a number that is not far from 1, by what `e**` makes of guesses; each is three times as long as the one before.
fn ln_of_near(m: &BigInt, bits: u64) -> BigInt {
    let top = (m >> bits.saturating_sub(60)).to_f64().unwrap_or(1.0) / 2f64.powi(bits.min(60) as i32);
    let mut good = 44u64;
    let mut guess = BigInt::from((top.ln() * 2f64.powi(60)) as i64);
    let mut have = 60u64;
    loop {
        let next = (good * 3 - 8).min(bits + 16);
        let at = next + 16;
        let y = if at >= have { guess << (at - have) } else { guess >> (have - at) };
        let target = if at >= bits { m << (at - bits) } else { m >> (bits - at) };
        let made = exp_of_near(&y, at);
        let step = ((&target - &made) << (at + 1)) / (&target + &made);
        (guess, have, good) = (y + step, at, next);
        if next >= bits + 16 {
            return guess >> (have - bits);
        }
    }
}

/// A positive number as `m * 10**shift`, `m` near 1: as a fraction's numerator and denominator, with the exponent.
fn near_one(number: &Number) -> (BigUint, u64, i64) {
    let digits = number.digits.to_big();
    let count = number.digits.count();
    let first = Digits::from(digits.clone()).shift_down(count.saturating_sub(2)).0.to_u64().unwrap_or(0);
    // Above the root of ten it is divided by one more ten.
    let above = if count == 1 { first > 3 } else { first > 31 };
    let places = if above { count } else { count - 1 };
    (digits, places, number.exponent + places as i64)
}

/// What the digits that are wanted do not depend on any more: digits and exponent from `work`, which is told how many
/// digits it is to make and may be wrong by two in the last.
fn settled(prec: i64, mut work: impl FnMut(u64) -> (BigUint, i64)) -> Number {
    let mut extra = 4;
    loop {
        let (digits, exponent) = work(prec as u64 + extra);
        let made = Digits::from(digits);
        let spare = made.count().saturating_sub(prec as u64);
        if spare > 1 {
            let half = ten_to(spare - 1) * 5u8;
            let rest = made.to_big() % &half;
            let margin = BigUint::from(3u8);
            if rest > margin && &half - &rest > margin {
                return Number::finite(false, made, exponent);
            }
        }
        extra *= 2;
    }
}

/// `e**x` with so many digits, or one more.
fn exp_digits(x: &Number, wanted: u64) -> (BigUint, i64) {
    let bits = bits_of(wanted) + 16 + bits_of(x.adjusted().max(0) as u64);
    let digits = BigInt::from(x.digits.to_big());
    let scaled = if x.exponent >= 0 {
        (digits * BigInt::from(ten_to(x.exponent as u64))) << bits
    } else {
        (digits << bits) / BigInt::from(ten_to(x.exponent.unsigned_abs()))
    };
    let scaled = if x.negative { -scaled } else { scaled };
    let (tens, rest) = scaled.div_mod_floor(&ln_of_ten(bits));
    let made = (exp_of_near(&rest, bits) * BigInt::from(ten_to(wanted))) >> bits;
    let far = if tens.is_negative() { -FAR } else { FAR };
    (made.magnitude().clone(), tens.to_i64().unwrap_or(far).clamp(-FAR, FAR) - wanted as i64)
}

/// How many zeros there are behind the point of `|number - 1|`; 0 where it is not near 1.
fn zeros_from_one(number: &Number) -> u64 {
    let (digits, places, shift) = near_one(number);
    if shift != 0 {
        return 0;
    }
    let one = ten_to(places);
    let apart = if digits > one { digits - one } else { one - digits };
    places.saturating_sub(Digits::from(apart).count())
}

/// `ln(x)` or `log10(x)` without its sign, with at least so many digits, of what is positive and not 1.
fn log_digits(x: &Number, wanted: u64, of_ten: bool) -> (BigUint, i64) {
    let (digits, places, shift) = near_one(x);
    let behind = wanted + zeros_from_one(x) + 2;
    let bits = bits_of(behind) + 16 + 64;
    let m = (BigInt::from(digits) << bits) / BigInt::from(ten_to(places));
    let near = ln_of_near(&m, bits);
    let ten = if of_ten || shift != 0 { ln_of_ten(bits) } else { BigInt::zero() };
    let value =
        if of_ten { (near << bits) / &ten + (BigInt::from(shift) << bits) } else { near + ten * shift };
    let made = (value.abs() * BigInt::from(ten_to(behind))) >> bits;
    (made.magnitude().clone(), -(behind as i64))
}

fn is_one(number: &Number) -> bool {
    number.order_of_magnitude(&Number::word(1)) == Ordering::Equal
}

impl Number {
    pub(super) fn exp(&self, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        if self.is_infinite() {
            return if self.negative { Number::word(0) } else { self.clone() };
        }
        if self.is_zero() {
            return Number::word(1);
        }
        let (prec, adjusted) = (rules.prec, self.adjusted());
        let halves = rules.rounding(Rounding::HalfEven);
        let length = |number: i64| i64::from(number.max(1).ilog10()) + 1;
        let made = if !self.negative && adjusted > length((rules.emax + 1) * 3) {
            Number::finite(false, Digits::ONE, rules.emax + 1)
        } else if self.negative && adjusted > length((1 - rules.etiny()) * 3) {
            Number::finite(false, Digits::ONE, rules.etiny() - 1)
        } else if prec > MOST_DIGITS {
            return Number::invalid(TOO_LONG, status);
        } else if adjusted < -prec - i64::from(self.negative) {
            // Nothing can be seen of what it is beside 1.
            *status |= INEXACT | ROUNDED;
            return Number::finite(false, ten_to(prec as u64 - 1).into(), 1 - prec);
        } else {
            settled(prec, |wanted| exp_digits(self, wanted))
        };
        made.fit(&halves, status)
    }

    pub(super) fn ln(&self, rules: &Rules, status: &mut u32) -> Number {
        self.logarithm(false, rules, status)
    }

    pub(super) fn log10(&self, rules: &Rules, status: &mut u32) -> Number {
        self.logarithm(true, rules, status)
    }

    fn logarithm(&self, of_ten: bool, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        if self.is_zero() {
            return Number::infinity(true);
        }
        if self.negative {
            return Number::invalid(INVALID_OPERATION, status);
        }
        if self.is_infinite() {
            return self.clone();
        }
        let halves = rules.rounding(Rounding::HalfEven);
        if !of_ten && is_one(self) {
            return Number::word(0);
        }
        let power_of_ten = self.digits.trailing_zeros() + 1 == self.digits.count()
            && self.digits.shift_down(self.digits.count() - 1).0 == Digits::ONE;
        if power_of_ten && of_ten {
            let power = self.adjusted();
            let digits = Digits::Word(power.unsigned_abs().into());
            return Number::finite(power < 0, digits, 0).fit(&halves, status);
        }
        if rules.prec > MOST_DIGITS {
            return Number::invalid(TOO_LONG, status);
        }
        let negative = self.adjusted() < 0;
        settled(rules.prec, |wanted| log_digits(self, wanted, of_ten))
            .with_sign(negative)
            .fit(&halves, status)
    }

    /// `self ** by`
    pub(super) fn pow(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return nan;
        }
        let whole = by.is_integer();
        if by.is_zero() {
            return match self.is_zero() {
                true => Number::invalid(INVALID_OPERATION, status),
                false => Number::word(1),
            };
        }
        if self.negative && !whole && !self.is_zero() {
            return Number::invalid(INVALID_OPERATION, status);
        }
        let negative = self.negative && by.is_odd();
        if self.is_zero() || self.is_infinite() {
            return match self.is_zero() == by.negative {
                true => Number::infinity(negative),
                false => Number::finite(negative, Digits::ZERO, 0),
            };
        }
        let one = is_one(self);
        if by.is_infinite() {
            if one {
                return self.power_of_one(None, false, rules, status);
            }
            return match (self.adjusted() < 0) == by.negative {
                true => Number::infinity(negative),
                false => Number::finite(negative, Digits::ZERO, 0),
            };
        }
        if one {
            return self.power_of_one(Some(by).filter(|_| whole), negative, rules, status);
        }
        // How far the logarithm of the result is from 0.
        let far = match self.adjusted() {
            adjusted @ (0 | -1) => -(zeros_from_one(&self.clone().with_sign(false)) as i64) - 2 - adjusted,
            adjusted if adjusted > 0 => i64::from(adjusted.ilog10()),
            adjusted => i64::from((adjusted + 1).unsigned_abs().ilog10()),
        };
        let grows = (self.adjusted() < 0) == by.negative;
        let most = if grows { rules.emax } else { rules.etiny() };
        if far + by.adjusted() > i64::from(most.unsigned_abs().max(1).ilog10()) + 1 {
            return self.power_out_of_range(by, negative, rules, status);
        }
        if rules.prec > MOST_DIGITS && !whole {
            return Number::invalid(TOO_LONG, status);
        }
        if whole {
            self.whole_power(by, negative, rules, status)
        } else {
            self.broken_power(by, rules, status)
        }
    }

    fn power_out_of_range(&self, by: &Number, negative: bool, rules: &Rules, status: &mut u32) -> Number {
        let exponent = if (self.adjusted() < 0) == by.negative { rules.emax + 1 } else { rules.etiny() - 1 };
        Number::finite(negative, Digits::ONE, exponent).fit(rules, status)
    }

    /// A power of 1, with the zeros that its digits ask for.
    fn power_of_one(&self, by: Option<&Number>, negative: bool, rules: &Rules, status: &mut u32) -> Number {
        let most = rules.prec - 1;
        let zeros = match by {
            None => {
                *status |= INEXACT | ROUNDED;
                most
            }
            Some(by) if by.negative => 0,
            Some(by) => {
                let by = by.rescale(0, Rounding::Down, &mut 0).digits.to_u64().unwrap_or(u64::MAX);
                let by = i64::try_from(by).unwrap_or(i64::MAX).min(rules.prec);
                let zeros = i128::from(-self.exponent) * i128::from(by);
                if zeros > i128::from(most) {
                    *status |= ROUNDED;
                }
                zeros.clamp(0, most.into()) as i64
            }
        };
        match Digits::ONE.shift_up(zeros as u64) {
            Ok(digits) => Number::finite(negative, digits, -zeros),
            Err(_) => Number::invalid(TOO_LONG, status),
        }
    }

    /// By squaring, with some digits more than are wanted; so the last digit may be wrong where libmpdec's is.
    fn whole_power(&self, by: &Number, negative: bool, rules: &Rules, status: &mut u32) -> Number {
        let prec = rules.prec.saturating_add(by.adjusted() + 1 + 2);
        let mut working = Rules { prec, rounding: Rounding::HalfEven, clamp: false, ..*rules };
        let mut base = self.clone().with_sign(false);
        if by.negative {
            working.prec += 1;
            base = Number::word(1).div(&base, &working, status);
        }
        let times = by.clone().with_sign(false).rescale(0, Rounding::Down, &mut 0).digits.to_big();
        let mut result = base.clone();
        for bit in (0..times.bits().saturating_sub(1)).rev() {
            result = result.mul(&result, &working, status);
            if times.bit(bit) {
                result = result.mul(&base, &working, status);
            }
            if result.is_special() || result.is_zero() {
                break;
            }
        }
        if result.is_nan() {
            return result;
        }
        if result.is_infinite() {
            // Rounding may make another number of it.
            return Number::finite(negative, Digits::ONE, rules.emax + 1).fit(rules, status);
        }
        result.with_sign(negative).fit(rules, status)
    }

    fn broken_power(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        let digits = (self.digits.count() as i64).max(rules.prec);
        let working = Rules::working(digits + 4 + 19);
        let mut unseen = 0;
        let power = self.ln(&working, &mut unseen).mul(by, &working, &mut unseen);
        let made = power.exp(&working, &mut unseen);
        if unseen & INVALID != 0 {
            return Number::invalid(unseen & INVALID, status);
        }
        *status |= INEXACT | ROUNDED;
        if made.is_infinite() || made.is_zero() {
            let exponent = if made.is_zero() { rules.etiny() - 1 } else { rules.emax + 1 };
            return Number::finite(false, Digits::ONE, exponent).fit(rules, status);
        }
        made.fit(rules, status)
    }

    /// `self ** by % modulus`, of integers.
    pub(super) fn pow_mod(&self, by: &Number, modulus: &Number, rules: &Rules, status: &mut u32) -> Number {
        let all = [self, by, modulus];
        let nans = all.iter().filter(|it| it.is_nan());
        if let Some(nan) = nans.min_by_key(|it| it.kind == super::number::Kind::Quiet) {
            return nan.nan_of(None, rules, status).unwrap_or_else(Number::nan);
        }
        let usable = all.iter().all(|it| it.is_integer())
            && (!by.negative || by.is_zero())
            && !modulus.is_zero()
            && modulus.adjusted() < rules.prec
            && (!self.is_zero() || !by.is_zero());
        let far = |it: &Number| it.exponent > MOST_DIGITS;
        if !usable {
            return Number::invalid(INVALID_OPERATION, status);
        }
        if far(by) {
            return Number::invalid(TOO_LONG, status);
        }
        let whole = |it: &Number| -> BigUint {
            if it.exponent >= 0 {
                it.digits.to_big() * ten_to(it.exponent as u64)
            } else {
                it.digits.shift_down(it.exponent.unsigned_abs()).0.to_big()
            }
        };
        let m = whole(modulus);
        let base = if far(self) {
            let tens = BigUint::from(10u8).modpow(&BigUint::from(self.exponent.unsigned_abs()), &m);
            self.digits.to_big() * tens
        } else {
            whole(self)
        };
        let made = base.modpow(&whole(by), &m);
        Number::finite(self.negative && by.is_odd(), made.into(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, prec: i64, work: impl Fn(&Number, &Rules, &mut u32) -> Number) -> String {
        let rules = Rules { prec, emin: -999_999, emax: 999_999, rounding: Rounding::HalfEven, clamp: false };
        let number = Number::parse(text.as_bytes()).unwrap_or_else(Number::nan);
        work(&number, &rules, &mut 0).to_text(false, true)
    }

    #[test]
    fn nearest_digits() {
        assert_eq!(shown("1", 28, Number::exp), "2.718281828459045235360287471");
        assert_eq!(shown("-1E-40", 28, Number::exp), "1.000000000000000000000000000");
        assert_eq!(shown("10", 28, Number::ln), "2.302585092994045684017991455");
        assert_eq!(shown("1.0000000001", 28, Number::ln), "9.999999999500000000033333333E-11");
        assert_eq!(shown("2", 50, Number::log10), "0.30102999566398119521373889472449302676818988146211");
        assert_eq!(shown("0.99", 10, Number::log10), "-0.004364805402");
        assert_eq!(shown("1E+100", 10, Number::log10), "100");
        assert_eq!(
            shown("2", 28, |it, rules, status| it.pow(&Number::word(100), rules, status)),
            "1.267650600228229401496703205E+30"
        );
    }
}
