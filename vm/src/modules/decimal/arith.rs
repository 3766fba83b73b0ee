//! The basic operations: sums, products, quotients, remainders, roots, and giving a number another exponent.

use super::digits::{Digits, TooLong, ten_to};
use super::number::status::*;
use super::number::{Number, Rounding, Rules};
use num_bigint::BigUint;
use std::cmp::Ordering;

/// From this precision on a quotient or root is first looked for in as few digits as an exact one has.
const LONG: i64 = 10_000;

/// A result, or what says that there is no room for it.
fn or_too_long(made: Result<Number, TooLong>, status: &mut u32) -> Number {
    made.unwrap_or_else(|TooLong| Number::invalid(TOO_LONG, status))
}

impl Number {
    pub(super) fn add(&self, other: &Number, rules: &Rules, status: &mut u32) -> Number {
        if self.is_special() || other.is_special() {
            if let Some(nan) = self.nan_of(Some(other), rules, status) {
                return nan;
            }
            return match (self.is_infinite(), other.is_infinite()) {
                (true, true) if self.negative != other.negative => Number::invalid(INVALID_OPERATION, status),
                (true, _) => self.clone(),
                _ => other.clone(),
            };
        }
        or_too_long(self.sum(other, rules), status).fit(rules, status)
    }

    pub(super) fn sub(&self, other: &Number, rules: &Rules, status: &mut u32) -> Number {
        if other.is_nan() {
            return self.add(other, rules, status);
        }
        let negated = Number { negative: !other.negative, ..other.clone() };
        self.add(&negated, rules, status)
    }

    /// The sum of two finite numbers: exact, or with a last digit that tells what is behind it.
    fn sum(&self, other: &Number, rules: &Rules) -> Result<Number, TooLong> {
        let sign_of_zero = match self.negative == other.negative {
            true => self.negative,
            false => rules.rounding == Rounding::Floor,
        };
        let exponent = self.exponent.min(other.exponent);
        match (self.digits.is_zero(), other.digits.is_zero()) {
            (true, true) => return Ok(Number::finite(sign_of_zero, Digits::ZERO, exponent)),
            (true, false) => return other.lengthened(exponent, rules),
            (false, true) => return self.lengthened(exponent, rules),
            (false, false) => {}
        }
        let (high, low) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let mut apart = (high.exponent - low.exponent) as u64;
        let (mut low_digits, mut exponent) = (&low.digits, low.exponent);
        if apart > 0 {
            // What is below all digits of the result only matters for not being nothing.
            let count = high.digits.count() as i64;
            let least = high.exponent + (count - rules.prec - 2).min(-1);
            if low.digits.count() as i64 + low.exponent - 1 < least {
                (low_digits, exponent) = (&Digits::ONE, least);
                apart = (high.exponent - least) as u64;
            }
        }
        let high_digits = match apart {
            0 => None,
            apart => Some(high.digits.shift_up(apart)?),
        };
        let high_digits = high_digits.as_ref().unwrap_or(&high.digits);
        if high.negative == low.negative {
            return Ok(Number::finite(high.negative, high_digits.add(low_digits), exponent));
        }
        Ok(match high_digits.compare(low_digits) {
            Ordering::Equal => Number::finite(sign_of_zero, Digits::ZERO, exponent),
            Ordering::Greater => Number::finite(high.negative, high_digits.sub(low_digits), exponent),
            Ordering::Less => Number::finite(low.negative, low_digits.sub(high_digits), exponent),
        })
    }

    /// The same with a lower exponent, as far as a result can show it.
    fn lengthened(&self, exponent: i64, rules: &Rules) -> Result<Number, TooLong> {
        let exponent = exponent.max(self.exponent - rules.prec - 1);
        self.with_lower_exponent(exponent)
    }

    fn with_lower_exponent(&self, exponent: i64) -> Result<Number, TooLong> {
        let digits = self.digits.shift_up((self.exponent - exponent).max(0) as u64)?;
        Ok(Number::finite(self.negative, digits, exponent))
    }

    pub(super) fn mul(&self, other: &Number, rules: &Rules, status: &mut u32) -> Number {
        if let Some(product) = self.special_product(other, rules, status) {
            return product;
        }
        self.product(other).fit(rules, status)
    }

    /// The exact product of two finite numbers.
    pub(super) fn product(&self, other: &Number) -> Number {
        let digits = self.digits.mul(&other.digits);
        Number::finite(self.negative != other.negative, digits, self.exponent + other.exponent)
    }

    fn special_product(&self, other: &Number, rules: &Rules, status: &mut u32) -> Option<Number> {
        if self.is_finite() && other.is_finite() {
            return None;
        }
        if let Some(nan) = self.nan_of(Some(other), rules, status) {
            return Some(nan);
        }
        if self.is_zero() || other.is_zero() {
            return Some(Number::invalid(INVALID_OPERATION, status));
        }
        Some(Number::infinity(self.negative != other.negative))
    }

    /// `self * by + more`, rounded once.
    pub(super) fn fma(&self, by: &Number, more: &Number, rules: &Rules, status: &mut u32) -> Number {
        let mut happened = 0;
        let product = match self.special_product(by, rules, &mut happened) {
            Some(product) => product,
            None => self.product(by),
        };
        *status |= happened;
        if happened != 0 {
            // Infinity times zero, or a number that signals: that is the result, whatever is added.
            return product;
        }
        product.add(more, rules, status)
    }

    pub(super) fn div(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        let negative = self.negative != by.negative;
        if self.is_special() || by.is_special() {
            if let Some(nan) = self.nan_of(Some(by), rules, status) {
                return nan;
            }
            return match (self.is_infinite(), by.is_infinite()) {
                (true, true) => Number::invalid(INVALID_OPERATION, status),
                (true, false) => Number::infinity(negative),
                _ => {
                    *status |= CLAMPED;
                    Number::finite(negative, Digits::ZERO, rules.etiny())
                }
            };
        }
        if by.digits.is_zero() {
            return self.over_zero(negative, status);
        }
        or_too_long(self.quotient(by, rules), status).with_sign_unless_nan(negative).fit(rules, status)
    }

    fn over_zero(&self, negative: bool, status: &mut u32) -> Number {
        if self.is_zero() {
            return Number::invalid(DIVISION_UNDEFINED, status);
        }
        *status |= DIVISION_BY_ZERO;
        Number::infinity(negative)
    }

    fn with_sign_unless_nan(self, negative: bool) -> Number {
        if self.is_nan() { self } else { self.with_sign(negative) }
    }

    /// The quotient of the magnitudes, with a last digit that tells what is behind it.
    fn quotient(&self, by: &Number, rules: &Rules) -> Result<Number, TooLong> {
        let ideal = self.exponent - by.exponent;
        if self.digits.is_zero() {
            return Ok(Number::finite(false, Digits::ZERO, ideal));
        }
        let (mine, theirs) = (self.digits.count() as i64, by.digits.count() as i64);
        let attempt = |prec: i64| -> Result<(Digits, bool, i64), TooLong> {
            let shift = theirs - mine + prec + 1;
            let (quotient, rest) = if shift >= 0 {
                self.digits.shift_up(shift as u64)?.div_rem(&by.digits)
            } else {
                self.digits.div_rem(&by.digits.shift_up(shift.unsigned_abs())?)
            };
            Ok((quotient, rest.is_zero(), ideal - shift))
        };
        let mut made = None;
        if rules.prec > LONG {
            // An exact quotient has no more digits than this.
            made = Some(attempt((mine + 4 * theirs + 4).min(rules.prec))?).filter(|made| made.1);
        }
        let (mut digits, exact, mut exponent) = match made {
            Some(made) => made,
            None => attempt(rules.prec)?,
        };
        if exact {
            let spare = digits.trailing_zeros().min((ideal - exponent).max(0) as u64);
            digits = digits.shift_down(spare).0;
            exponent += spare as i64;
        } else if digits.div_rem(&Digits::Word(5)).1.is_zero() {
            digits = digits.add(&Digits::ONE);
        }
        Ok(Number::finite(false, digits, exponent))
    }

    /// Quotient as an integer, towards 0, and what is left, of finite numbers; the divisor is not 0.
    fn integer_quotient(&self, by: &Number, rules: &Rules, status: &mut u32) -> Option<(Number, Number)> {
        let negative = self.negative != by.negative;
        let ideal = if by.is_infinite() { self.exponent } else { self.exponent.min(by.exponent) };
        let made: Result<_, TooLong> = (|| {
            if self.digits.is_zero() || by.is_infinite() || self.adjusted() - by.adjusted() <= -2 {
                let rest = match self.digits.is_zero() {
                    true => Number::finite(self.negative, Digits::ZERO, ideal),
                    false => self.with_lower_exponent(ideal)?,
                };
                return Ok(Some((Number::finite(negative, Digits::ZERO, 0), rest)));
            }
            if self.adjusted() - by.adjusted() > rules.prec {
                return Ok(None);
            }
            let a = self.digits.shift_up((self.exponent - ideal) as u64)?;
            let b = by.digits.shift_up((by.exponent - ideal) as u64)?;
            let (quotient, rest) = a.div_rem(&b);
            if quotient.count() as i64 > rules.prec {
                return Ok(None);
            }
            Ok(Some((Number::finite(negative, quotient, 0), Number::finite(self.negative, rest, ideal))))
        })();
        match made {
            Ok(Some(made)) => Some(made),
            Ok(None) => {
                *status |= DIVISION_IMPOSSIBLE;
                None
            }
            Err(TooLong) => {
                *status |= TOO_LONG;
                None
            }
        }
    }

    pub(super) fn div_int(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        let negative = self.negative != by.negative;
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return nan;
        }
        if self.is_infinite() {
            if by.is_infinite() {
                return Number::invalid(INVALID_OPERATION, status);
            }
            return Number::infinity(negative);
        }
        if by.is_zero() {
            return self.over_zero(negative, status);
        }
        match self.integer_quotient(by, rules, status) {
            Some((quotient, _)) if by.is_infinite() => quotient,
            Some((quotient, _)) => quotient.fit(rules, status),
            None => Number::nan(),
        }
    }

    pub(super) fn rem(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return nan;
        }
        if self.is_infinite() {
            return Number::invalid(INVALID_OPERATION, status);
        }
        if by.is_zero() {
            let why = if self.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION };
            return Number::invalid(why, status);
        }
        match self.integer_quotient(by, rules, status) {
            Some((_, rest)) => rest.fit(rules, status),
            None => Number::nan(),
        }
    }

    /// Quotient as an integer and remainder.
    pub(super) fn div_mod(&self, by: &Number, rules: &Rules, status: &mut u32) -> (Number, Number) {
        let negative = self.negative != by.negative;
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return (nan.clone(), nan);
        }
        if self.is_infinite() {
            *status |= INVALID_OPERATION;
            let quotient = if by.is_infinite() { Number::nan() } else { Number::infinity(negative) };
            return (quotient, Number::nan());
        }
        if by.is_zero() {
            if self.is_zero() {
                *status |= DIVISION_UNDEFINED;
                return (Number::nan(), Number::nan());
            }
            *status |= DIVISION_BY_ZERO | INVALID_OPERATION;
            return (Number::infinity(negative), Number::nan());
        }
        match self.integer_quotient(by, rules, status) {
            Some((quotient, rest)) if by.is_infinite() => (quotient, rest.fit(rules, status)),
            Some((quotient, rest)) => (quotient.fit(rules, status), rest.fit(rules, status)),
            None => (Number::nan(), Number::nan()),
        }
    }

    /// What is left when the nearest integer quotient is taken.
    pub(super) fn rem_near(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return nan;
        }
        if self.is_infinite() {
            return Number::invalid(INVALID_OPERATION, status);
        }
        if by.is_zero() {
            let why = if self.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION };
            return Number::invalid(why, status);
        }
        if by.is_infinite() {
            return self.clone().fit(rules, status);
        }
        let ideal = self.exponent.min(by.exponent);
        if self.is_zero() {
            return Number::finite(self.negative, Digits::ZERO, ideal).fit(rules, status);
        }
        let apart = self.adjusted() - by.adjusted();
        if apart > rules.prec {
            return Number::invalid(DIVISION_IMPOSSIBLE, status);
        }
        if apart <= -2 {
            return or_too_long(self.with_lower_exponent(ideal), status).fit(rules, status);
        }
        let aligned = (
            self.digits.shift_up((self.exponent - ideal) as u64),
            by.digits.shift_up((by.exponent - ideal) as u64),
        );
        let (Ok(a), Ok(b)) = aligned else { return Number::invalid(TOO_LONG, status) };
        let (mut quotient, mut rest) = a.div_rem(&b);
        let mut negative = self.negative;
        let twice = rest.add(&rest);
        let order = twice.compare(&b);
        if order == Ordering::Greater || order == Ordering::Equal && !quotient.is_even() {
            (rest, negative) = (b.sub(&rest), !negative);
            quotient = quotient.add(&Digits::ONE);
        }
        if quotient.count() as i64 > rules.prec {
            return Number::invalid(DIVISION_IMPOSSIBLE, status);
        }
        Number::finite(negative, rest, ideal).fit(rules, status)
    }

    pub(super) fn sqrt(&self, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        if self.is_infinite() && !self.negative {
            return self.clone();
        }
        if self.is_zero() {
            return Number::finite(self.negative, Digits::ZERO, self.exponent.div_euclid(2))
                .fit(rules, status);
        }
        if self.negative {
            return Number::invalid(INVALID_OPERATION, status);
        }
        let halves = rules.rounding(Rounding::HalfEven);
        or_too_long(self.root(rules.prec), status).fit(&halves, status)
    }

    /// The square root of a positive number, with a last digit that tells what is behind it.
    fn root(&self, prec: i64) -> Result<Number, TooLong> {
        let odd = self.exponent.rem_euclid(2) == 1;
        let digits = if odd { self.digits.shift_up(1)? } else { self.digits.clone() };
        let half = (digits.count() as i64 + 1) / 2;
        let ideal = self.exponent.div_euclid(2);
        let attempt = |prec: i64| -> Result<(BigUint, bool, i64), TooLong> {
            let shift = prec + 1 - half;
            let (square, whole) = if shift >= 0 {
                (digits.shift_up(2 * shift as u64)?, true)
            } else {
                let (left, rest) = digits.shift_down(2 * shift.unsigned_abs());
                (left, rest.is_zero())
            };
            let square = square.to_big();
            let root = square.sqrt();
            let exact = whole && &root * &root == square;
            Ok((root, exact, shift))
        };
        let mut made = None;
        if prec > LONG {
            made = Some(attempt(half.min(prec))?).filter(|made| made.1);
        }
        let (root, exact, shift) = match made {
            Some(made) => made,
            None => attempt(prec)?,
        };
        if exact {
            let root =
                if shift >= 0 { root / ten_to(shift as u64) } else { root * ten_to(shift.unsigned_abs()) };
            return Ok(Number::finite(false, root.into(), ideal));
        }
        let sticky = if (&root % 5u8) == BigUint::ZERO { root + 1u8 } else { root };
        Ok(Number::finite(false, sticky.into(), ideal - shift))
    }

    /// The same number with this exponent, for any precision; what was lost is noted.
    pub(super) fn rescale(&self, exponent: i64, rounding: Rounding, status: &mut u32) -> Number {
        if self.digits.is_zero() {
            return Number::finite(self.negative, Digits::ZERO, exponent);
        }
        if self.exponent >= exponent {
            return or_too_long(self.with_lower_exponent(exponent), status);
        }
        let mut made = self.clone();
        if made.drop_digits((exponent - self.exponent) as u64, rounding) {
            *status |= INEXACT;
        }
        *status |= ROUNDED;
        made
    }

    /// The number with the exponent of another.
    pub(super) fn quantize(&self, like: &Number, rules: &Rules, status: &mut u32) -> Number {
        if self.is_special() || like.is_special() {
            if let Some(nan) = self.nan_of(Some(like), rules, status) {
                return nan;
            }
            return match self.is_infinite() && like.is_infinite() {
                true => self.clone(),
                false => Number::invalid(INVALID_OPERATION, status),
            };
        }
        let exponent = like.exponent;
        if exponent < rules.etiny() || exponent > rules.emax {
            return Number::invalid(INVALID_OPERATION, status);
        }
        if self.digits.is_zero() {
            return Number::finite(self.negative, Digits::ZERO, exponent).fit(rules, status);
        }
        let adjusted = self.adjusted();
        if adjusted > rules.emax || adjusted - exponent + 1 > rules.prec {
            return Number::invalid(INVALID_OPERATION, status);
        }
        let mut happened = 0;
        let made = self.rescale(exponent, rules.rounding, &mut happened);
        if made.is_nan() {
            return Number::invalid(happened, status);
        }
        if !made.digits.is_zero() && made.adjusted() > rules.emax || made.digits.count() as i64 > rules.prec {
            return Number::invalid(INVALID_OPERATION, status);
        }
        *status |= happened;
        // Nothing is left to be rounded; but it may be subnormal, or clamped.
        made.fit(rules, status)
    }

    /// The nearest integer by the rules' rounding; `exact` says that what is lost is noted.
    pub(super) fn to_integral(&self, rules: &Rules, exact: bool, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        if self.is_infinite() || self.exponent >= 0 {
            return self.clone();
        }
        let mut happened = 0;
        let made = self.rescale(0, rules.rounding, &mut happened);
        *status |= if exact { happened } else { happened & INVALID };
        made
    }

    /// Without zeros at its end.
    pub(super) fn reduce(&self, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        let mut made = self.clone().fit(rules, status);
        if !made.is_finite() {
            return made;
        }
        if made.digits.is_zero() {
            return Number::finite(made.negative, Digits::ZERO, 0);
        }
        let most = if rules.clamp { rules.etop() } else { rules.emax };
        let spare = made.digits.trailing_zeros().min((most - made.exponent).max(0) as u64);
        made.digits = made.digits.shift_down(spare).0;
        made.exponent += spare as i64;
        made
    }
}
