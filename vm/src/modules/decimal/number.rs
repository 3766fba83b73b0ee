//! Decimal numbers, what arithmetic is told (precision, range, rounding), and fitting a result to it. From the General
//! Decimal Arithmetic Specification 1.70; nothing here knows of objects.

use super::digits::{Digits, TooLong};
use std::cmp::Ordering;

/// What kind of number it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Finite,
    Infinite,
    Quiet,
    Signaling,
}

/// A decimal number: `digits * 10**exponent`; the digits of what is no number are its payload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Number {
    pub negative: bool,
    pub kind: Kind,
    pub exponent: i64,
    pub digits: Digits,
}

/// How a result is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    ZeroOrFiveUp,
}

/// What happened on the way to a result: one bit each.
pub(super) mod status {
    pub const CLAMPED: u32 = 1;
    pub const CONVERSION_SYNTAX: u32 = 1 << 1;
    pub const DIVISION_BY_ZERO: u32 = 1 << 2;
    pub const DIVISION_IMPOSSIBLE: u32 = 1 << 3;
    pub const DIVISION_UNDEFINED: u32 = 1 << 4;
    pub const INEXACT: u32 = 1 << 6;
    pub const INVALID_CONTEXT: u32 = 1 << 7;
    pub const INVALID_OPERATION: u32 = 1 << 8;
    pub const TOO_LONG: u32 = 1 << 9;
    pub const OVERFLOW: u32 = 1 << 11;
    pub const ROUNDED: u32 = 1 << 12;
    pub const SUBNORMAL: u32 = 1 << 13;
    pub const UNDERFLOW: u32 = 1 << 14;
    pub const FLOAT_OPERATION: u32 = 1 << 16;
    /// All that the signal `InvalidOperation` stands for.
    pub const INVALID: u32 = CONVERSION_SYNTAX
        | DIVISION_IMPOSSIBLE
        | DIVISION_UNDEFINED
        | INVALID_CONTEXT
        | INVALID_OPERATION
        | TOO_LONG;
}
use status::*;

/// The greatest precision and exponent, and the least exponent, that a program can ask for: CPython's on 64 bits.
pub(super) const MAX_PREC: i64 = 999_999_999_999_999_999;
pub(super) const MAX_EMAX: i64 = 999_999_999_999_999_999;
pub(super) const MIN_EMIN: i64 = -999_999_999_999_999_999;

/// What arithmetic is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rules {
    pub prec: i64,
    pub emin: i64,
    pub emax: i64,
    pub rounding: Rounding,
    pub clamp: bool,
}

impl Rules {
    /// The widest that there is.
    pub(super) const WIDEST: Rules =
        Rules { prec: MAX_PREC, emin: MIN_EMIN, emax: MAX_EMAX, rounding: Rounding::HalfEven, clamp: false };

    pub(super) const fn etiny(&self) -> i64 {
        self.emin - self.prec + 1
    }

    pub(super) const fn etop(&self) -> i64 {
        self.emax - self.prec + 1
    }

    /// The same with another way to round.
    pub(super) const fn rounding(self, rounding: Rounding) -> Rules {
        Rules { rounding, ..self }
    }

    /// The widest range with this precision, rounding half to even: for what is worked out on the way.
    pub(super) const fn working(prec: i64) -> Rules {
        Rules { prec, ..Rules::WIDEST }
    }
}

/// What was cut off a number, beside half a unit of what is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest {
    Nothing,
    Less,
    Half,
    More,
}

impl Rest {
    /// Of `rest`, cut off before the `count` last digits.
    fn of(rest: &Digits, count: u64) -> Rest {
        if rest.is_zero() {
            return Rest::Nothing;
        }
        // `rest * 2` beside `10**count`
        let twice = rest.add(rest);
        match twice.compare_shifted(&Digits::ONE, count) {
            Ordering::Less => Rest::Less,
            Ordering::Equal => Rest::Half,
            Ordering::Greater => Rest::More,
        }
    }
}

impl Rounding {
    /// Is the number, after something was cut off, one greater?
    fn goes_up(self, digits: &Digits, rest: Rest, negative: bool) -> bool {
        match self {
            _ if rest == Rest::Nothing => false,
            Rounding::Up => true,
            Rounding::Down => false,
            Rounding::Ceiling => !negative,
            Rounding::Floor => negative,
            Rounding::HalfUp => rest != Rest::Less,
            Rounding::HalfDown => rest == Rest::More,
            Rounding::HalfEven => rest == Rest::More || rest == Rest::Half && !digits.is_even(),
            Rounding::ZeroOrFiveUp => {
                let last = digits.div_rem(&Digits::Word(5)).1;
                last.is_zero()
            }
        }
    }
}

impl Number {
    pub(super) const fn finite(negative: bool, digits: Digits, exponent: i64) -> Number {
        Number { negative, kind: Kind::Finite, exponent, digits }
    }

    pub(super) const fn word(word: u128) -> Number {
        Number::finite(false, Digits::Word(word), 0)
    }

    pub(super) const fn infinity(negative: bool) -> Number {
        Number { negative, kind: Kind::Infinite, exponent: 0, digits: Digits::ZERO }
    }

    pub(super) const fn nan() -> Number {
        Number { negative: false, kind: Kind::Quiet, exponent: 0, digits: Digits::ZERO }
    }

    /// What an operation without a result gives, for this reason.
    pub(super) fn invalid(why: u32, status: &mut u32) -> Number {
        *status |= why;
        Number::nan()
    }

    pub(super) const fn is_nan(&self) -> bool {
        matches!(self.kind, Kind::Quiet | Kind::Signaling)
    }

    pub(super) const fn is_infinite(&self) -> bool {
        matches!(self.kind, Kind::Infinite)
    }

    pub(super) const fn is_finite(&self) -> bool {
        matches!(self.kind, Kind::Finite)
    }

    pub(super) const fn is_special(&self) -> bool {
        !self.is_finite()
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.is_finite() && self.digits.is_zero()
    }

    /// The exponent of its first digit.
    pub(super) fn adjusted(&self) -> i64 {
        self.exponent + self.digits.count() as i64 - 1
    }

    /// Is it an integer, whatever its exponent is?
    pub(super) fn is_integer(&self) -> bool {
        self.is_finite()
            && (self.exponent >= 0
                || self.digits.is_zero()
                || self.digits.trailing_zeros() >= self.exponent.unsigned_abs())
    }

    /// Is it an odd integer?
    pub(super) fn is_odd(&self) -> bool {
        if !self.is_integer() || self.exponent > 0 {
            return false;
        }
        !self.digits.shift_down(self.exponent.unsigned_abs()).0.is_even()
    }

    pub(super) fn with_sign(mut self, negative: bool) -> Number {
        self.negative = negative;
        self
    }

    /// Cuts `count` digits off and rounds; whether anything was lost.
    pub(super) fn drop_digits(&mut self, count: u64, rounding: Rounding) -> bool {
        let have = self.digits.count();
        let (left, rest) = if count > have {
            // Less than a tenth of a unit.
            let rest = if self.digits.is_zero() { Rest::Nothing } else { Rest::Less };
            (Digits::ZERO, rest)
        } else {
            let (left, rest) = self.digits.shift_down(count);
            let rest = Rest::of(&rest, count);
            (left, rest)
        };
        let up = rounding.goes_up(&left, rest, self.negative);
        self.digits = if up { left.add(&Digits::ONE) } else { left };
        self.exponent += count as i64;
        rest != Rest::Nothing
    }

    /// The result that stands for a number that is too large.
    fn overflow(&self, rules: &Rules, status: &mut u32) -> Number {
        *status |= OVERFLOW | INEXACT | ROUNDED;
        let infinite = match rules.rounding {
            Rounding::HalfUp | Rounding::HalfDown | Rounding::HalfEven | Rounding::Up => true,
            Rounding::Down | Rounding::ZeroOrFiveUp => false,
            Rounding::Ceiling => !self.negative,
            Rounding::Floor => self.negative,
        };
        if infinite {
            return Number::infinity(self.negative);
        }
        match Digits::ONE.shift_up(rules.prec as u64) {
            Ok(border) => Number::finite(self.negative, border.sub(&Digits::ONE), rules.etop()),
            Err(TooLong) => Number::invalid(TOO_LONG, status),
        }
    }

    /// Fits a result to the rules.
    pub(super) fn fit(mut self, rules: &Rules, status: &mut u32) -> Number {
        if self.is_special() {
            if self.is_nan() {
                let most = (rules.prec - i64::from(rules.clamp)).max(0) as u64;
                if self.digits.count() > most {
                    self.digits = self.digits.shift_down(most).1;
                }
            }
            return self;
        }
        let (etiny, etop) = (rules.etiny(), rules.etop());
        if self.digits.is_zero() {
            let exponent = self.exponent.clamp(etiny, if rules.clamp { etop } else { rules.emax });
            if exponent != self.exponent {
                *status |= CLAMPED;
                self.exponent = exponent;
            }
            return self;
        }
        let count = self.digits.count() as i64;
        let mut least = count + self.exponent - rules.prec;
        if least > etop {
            return self.overflow(rules, status);
        }
        let subnormal = least < etiny;
        if subnormal {
            least = etiny;
        }
        if self.exponent < least {
            let lost = self.drop_digits((least - self.exponent) as u64, rules.rounding);
            if self.digits.count() as i64 > rules.prec {
                // One more than nines only.
                self.digits = self.digits.shift_down(1).0;
                self.exponent += 1;
            }
            if self.exponent > etop {
                return self.overflow(rules, status);
            }
            if lost && subnormal {
                *status |= UNDERFLOW;
            }
            if subnormal {
                *status |= SUBNORMAL;
            }
            if lost {
                *status |= INEXACT;
            }
            *status |= ROUNDED;
            if self.digits.is_zero() {
                *status |= CLAMPED;
            }
            return self;
        }
        if subnormal {
            *status |= SUBNORMAL;
        }
        if rules.clamp && self.exponent > etop {
            *status |= CLAMPED;
            match self.digits.shift_up((self.exponent - etop) as u64) {
                Ok(digits) => (self.digits, self.exponent) = (digits, etop),
                Err(TooLong) => return Number::invalid(TOO_LONG, status),
            }
        }
        self
    }

    /// The result of an operation with something that is no number, if there is such: CPython's order, signaling first.
    pub(super) fn nan_of(&self, other: Option<&Number>, rules: &Rules, status: &mut u32) -> Option<Number> {
        let of_kind = |kind| [Some(self), other].into_iter().flatten().find(move |it| it.kind == kind);
        let found = match of_kind(Kind::Signaling) {
            Some(found) => {
                *status |= INVALID_OPERATION;
                found
            }
            None => of_kind(Kind::Quiet)?,
        };
        let quiet = Number { kind: Kind::Quiet, ..found.clone() };
        Some(quiet.fit(rules, status))
    }

    /// The order of two that are numbers.
    pub(super) fn order(&self, other: &Number) -> Ordering {
        if self.is_zero() || other.is_zero() || self.negative != other.negative {
            let sign = |it: &Number| match (it.is_zero(), it.negative) {
                (true, _) => 0,
                (false, true) => -1,
                (false, false) => 1,
            };
            return sign(self).cmp(&sign(other));
        }
        let order = self.order_of_magnitude(other);
        if self.negative { order.reverse() } else { order }
    }

    /// The order of the two without their signs.
    pub(super) fn order_of_magnitude(&self, other: &Number) -> Ordering {
        match (self.is_infinite(), other.is_infinite()) {
            (false, false) => {}
            (mine, theirs) => return mine.cmp(&theirs),
        }
        match (self.digits.is_zero(), other.digits.is_zero()) {
            (false, false) => {}
            (mine, theirs) => return theirs.cmp(&mine),
        }
        self.adjusted().cmp(&other.adjusted()).then_with(|| {
            let apart = self.exponent.abs_diff(other.exponent);
            if self.exponent >= other.exponent {
                other.digits.compare_shifted(&self.digits, apart).reverse()
            } else {
                self.digits.compare_shifted(&other.digits, apart)
            }
        })
    }

    /// The total order: by sign, kind, number and exponent.
    pub(super) fn total_order(&self, other: &Number) -> Ordering {
        if self.negative != other.negative {
            return other.negative.cmp(&self.negative);
        }
        let order = self.total_order_of_magnitude(other);
        if self.negative { order.reverse() } else { order }
    }

    /// The same without signs.
    pub(super) fn total_order_of_magnitude(&self, other: &Number) -> Ordering {
        let rank = |it: &Number| match it.kind {
            Kind::Finite | Kind::Infinite => 0,
            Kind::Signaling => 1,
            Kind::Quiet => 2,
        };
        rank(self).cmp(&rank(other)).then_with(|| {
            if self.is_nan() {
                return self.digits.compare(&other.digits);
            }
            self.order_of_magnitude(other).then_with(|| match self.is_infinite() {
                true => Ordering::Equal,
                false => self.exponent.cmp(&other.exponent),
            })
        })
    }
}
