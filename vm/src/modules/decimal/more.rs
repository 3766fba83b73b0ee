//! Comparisons that give numbers, neighbours, digits moved about, and logic on digits.

use super::digits::{Digits, TooLong};
use super::number::status::*;
use super::number::{Kind, Number, Rounding, Rules};
use std::cmp::Ordering;

fn of_order(order: Ordering) -> Number {
    Number::finite(order == Ordering::Less, Digits::Word((order != Ordering::Equal).into()), 0)
}

impl Number {
    /// -1, 0 or 1; `signal` says that everything that is no number is invalid.
    pub(super) fn compare(&self, other: &Number, signal: bool, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(other), rules, status) {
            if signal {
                *status |= INVALID_OPERATION;
            }
            return nan;
        }
        of_order(self.order(other))
    }

    pub(super) fn compare_total(&self, other: &Number, magnitude: bool) -> Number {
        of_order(if magnitude { self.total_order_of_magnitude(other) } else { self.total_order(other) })
    }

    /// The greater (`wanted` is `Greater`) or lesser of the two, by magnitude perhaps.
    pub(super) fn extreme(
        &self,
        other: &Number,
        wanted: Ordering,
        magnitude: bool,
        rules: &Rules,
        status: &mut u32,
    ) -> Number {
        if self.is_nan() || other.is_nan() {
            // One that is quietly no number gives way.
            if self.kind == Kind::Quiet && !other.is_nan() {
                return other.clone().fit(rules, status);
            }
            if other.kind == Kind::Quiet && !self.is_nan() {
                return self.clone().fit(rules, status);
            }
            if let Some(nan) = self.nan_of(Some(other), rules, status) {
                return nan;
            }
        }
        let order = if magnitude { self.order_of_magnitude(other) } else { self.order(other) };
        let order = order.then_with(|| self.total_order(other));
        let chosen = if order == wanted || order == Ordering::Equal { self } else { other };
        chosen.clone().fit(rules, status)
    }

    /// The next number below (`Rounding::Floor`) or above (`Rounding::Ceiling`).
    pub(super) fn next(&self, towards: Rounding, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        let below = towards == Rounding::Floor;
        if self.is_infinite() {
            if self.negative == below {
                return self.clone();
            }
            return match Digits::ONE.shift_up(rules.prec as u64) {
                Ok(border) => Number::finite(self.negative, border.sub(&Digits::ONE), rules.etop()),
                Err(TooLong) => Number::invalid(TOO_LONG, status),
            };
        }
        let (rules, mut unseen) = (rules.rounding(towards), 0);
        let fitted = self.clone().fit(&rules, &mut unseen);
        if fitted.is_special() || fitted.order(self) != Ordering::Equal {
            return fitted;
        }
        let least = Number::finite(below, Digits::ONE, rules.etiny() - 1);
        let made = self.add(&least, &rules, &mut unseen);
        *status |= unseen & TOO_LONG;
        made
    }

    pub(super) fn next_toward(&self, other: &Number, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(other), rules, status) {
            return nan;
        }
        let made = match self.order(other) {
            Ordering::Equal => return self.clone().with_sign(other.negative),
            Ordering::Less => self.next(Rounding::Ceiling, rules, status),
            Ordering::Greater => self.next(Rounding::Floor, rules, status),
        };
        if made.is_infinite() {
            *status |= OVERFLOW | ROUNDED | INEXACT;
        } else if made.is_finite() && made.adjusted() < rules.emin {
            *status |= UNDERFLOW | SUBNORMAL | ROUNDED | INEXACT;
            if made.digits.is_zero() {
                *status |= CLAMPED;
            }
        }
        made
    }

    /// `-self`, `+self` and `abs(self)`: `negative` is the sign that it is to have. A zero is only negative where
    /// results are rounded down.
    pub(super) fn signed(&self, negative: bool, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        let negative = if self.is_zero() { rules.rounding == Rounding::Floor && negative } else { negative };
        self.clone().with_sign(negative).fit(rules, status)
    }

    /// The exponent of the first digit, as a number.
    pub(super) fn logb(&self, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(None, rules, status) {
            return nan;
        }
        if self.is_infinite() {
            return Number::infinity(false);
        }
        if self.is_zero() {
            *status |= DIVISION_BY_ZERO;
            return Number::infinity(true);
        }
        let exponent = self.adjusted();
        Number::finite(exponent < 0, Digits::Word(exponent.unsigned_abs().into()), 0).fit(rules, status)
    }

    /// An integer that is written without exponent and is within the limit; for what moves digits.
    fn small_integer(&self, limit: i64) -> Option<i64> {
        if !self.is_finite() || self.exponent != 0 {
            return None;
        }
        let magnitude = i64::try_from(self.digits.to_u64()?).ok().filter(|&it| it <= limit)?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// `self * 10**by`
    pub(super) fn scaleb(&self, by: &Number, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return nan;
        }
        let Some(by) = by.small_integer(2 * (rules.emax + rules.prec)) else {
            return Number::invalid(INVALID_OPERATION, status);
        };
        if self.is_infinite() {
            return self.clone();
        }
        Number { exponent: self.exponent + by, ..self.clone() }.fit(rules, status)
    }

    /// Digits moved to the left (or the right, for a negative `by`), out of the precision or around.
    pub(super) fn moved(&self, by: &Number, around: bool, rules: &Rules, status: &mut u32) -> Number {
        if let Some(nan) = self.nan_of(Some(by), rules, status) {
            return nan;
        }
        let Some(by) = by.small_integer(rules.prec) else {
            return Number::invalid(INVALID_OPERATION, status);
        };
        if self.is_infinite() {
            return self.clone();
        }
        let (prec, places) = (rules.prec as u64, by.unsigned_abs());
        let digits = self.digits.shift_down(prec).1;
        let made = (|| {
            if !around {
                return match by < 0 {
                    true => Ok(digits.shift_down(places).0),
                    // What leaves on the left is left out before.
                    false => digits.shift_down(prec - places).1.shift_up(places),
                };
            }
            let right = if by < 0 { places } else { prec - places };
            let (high, low) = digits.shift_down(right);
            low.shift_up(prec - right).map(|low| low.add(&high))
        })();
        match made {
            Ok(digits) => Number { digits, ..self.clone() },
            Err(TooLong) => Number::invalid(TOO_LONG, status),
        }
    }

    /// The digits of a number that is made of zeros and ones, last first, as many as the precision has.
    fn truths(&self, rules: &Rules) -> Option<Vec<bool>> {
        if !self.is_finite() || self.negative || self.exponent != 0 {
            return None;
        }
        let (text, most) = (self.digits.to_string(), rules.prec as usize);
        let digits = text.bytes().rev().take(most).map(|digit| digit == b'1').collect();
        text.bytes().all(|digit| digit <= b'1').then_some(digits)
    }

    /// Logic, digit by digit.
    pub(super) fn logical(
        &self,
        other: &Number,
        rules: &Rules,
        status: &mut u32,
        rule: impl Fn(bool, bool) -> bool,
    ) -> Number {
        let (Some(a), Some(b)) = (self.truths(rules), other.truths(rules)) else {
            return Number::invalid(INVALID_OPERATION, status);
        };
        let at = |row: &[bool], index: usize| row.get(index).copied().unwrap_or(false);
        of_truths((0..a.len().max(b.len())).map(|index| rule(at(&a, index), at(&b, index))))
    }

    /// Zeros for ones and ones for zeros, as many as the precision has.
    pub(super) fn inverted(&self, rules: &Rules, status: &mut u32) -> Number {
        let Some(row) = self.truths(rules) else { return Number::invalid(INVALID_OPERATION, status) };
        if rules.prec > 1 << 27 {
            return Number::invalid(TOO_LONG, status);
        }
        of_truths((0..rules.prec as usize).map(|index| !row.get(index).copied().unwrap_or(false)))
    }

    /// `Decimal.number_class`
    pub(super) fn class(&self, rules: &Rules) -> &'static str {
        let negative = self.negative;
        let of_sign = |minus, plus| if negative { minus } else { plus };
        match self.kind {
            Kind::Signaling => "sNaN",
            Kind::Quiet => "NaN",
            Kind::Infinite => of_sign("-Infinity", "+Infinity"),
            Kind::Finite if self.digits.is_zero() => of_sign("-Zero", "+Zero"),
            Kind::Finite if self.adjusted() < rules.emin => of_sign("-Subnormal", "+Subnormal"),
            Kind::Finite => of_sign("-Normal", "+Normal"),
        }
    }
}

/// A number of digits that are given last first.
fn of_truths(row: impl DoubleEndedIterator<Item = bool>) -> Number {
    let text: Vec<u8> = row.rev().map(|it| if it { b'1' } else { b'0' }).collect();
    Number::finite(false, Digits::parse(&text), 0)
}
