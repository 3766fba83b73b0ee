//! The gamma function by Lanczos' approximation, and inverse hyperbolic functions, with the last digits that CPython and
//! the C library give. Approximation and constants are those of Boost's `lanczos13m53` (g = 6.0246…), which CPython uses.

use std::f64::consts::{LN_2, PI};

const G: f64 = 6.024_680_040_776_73;

/// Numerator of the sum, the constant term first.
const ABOVE: [f64; 13] = [
    23_531_376_880.410_76,
    42_919_803_642.649_1,
    35_711_959_237.355_67,
    17_921_034_426.037_21,
    6_039_542_586.352_028,
    1_439_720_407.311_721_6,
    248_874_557.862_054_17,
    31_426_415.585_400_194,
    2_876_370.628_935_372_5,
    186_056.265_395_223_5,
    8_071.672_002_365_816,
    210.824_277_751_579_36,
    2.506_628_274_631_000_2,
];

/// Denominator: `x (x + 1) … (x + 11)`.
const BELOW: [f64; 13] = [
    0.0,
    39_916_800.0,
    120_543_840.0,
    150_917_976.0,
    105_258_076.0,
    45_995_730.0,
    13_339_535.0,
    2_637_558.0,
    357_423.0,
    32_670.0,
    1_925.0,
    66.0,
    1.0,
];

fn sum(x: f64) -> f64 {
    let (mut above, mut below) = (0.0, 0.0);
    if x < 5.0 {
        for (a, b) in ABOVE.iter().zip(&BELOW).rev() {
            above = above * x + a;
            below = below * x + b;
        }
    } else {
        // The same in 1/x, which does not overflow.
        for (a, b) in ABOVE.iter().zip(&BELOW) {
            above = above / x + a;
            below = below / x + b;
        }
    }
    above / below
}

/// `sin(pi * x)` of a number that is not negative.
fn sin_pi(x: f64) -> f64 {
    let y = x % 2.0;
    match (2.0 * y).round() as u8 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    }
}

/// The gamma function of a finite number that is no pole.
pub(super) fn gamma(x: f64) -> f64 {
    if x == x.floor() && (1.0..=23.0).contains(&x) {
        return (1..x as u64).map(|it| it as f64).product();
    }
    let size = x.abs();
    if size < 1e-20 {
        return 1.0 / x;
    }
    if size > 200.0 {
        return if x < 0.0 { 0.0 / sin_pi(x) } else { f64::INFINITY };
    }
    let y = size + (G - 0.5);
    // What was lost when `y` was rounded.
    let lost = if size > G - 0.5 { (y - size) - (G - 0.5) } else { (y - (G - 0.5)) - size };
    let correction = lost * G / y;
    let half = if size < 140.0 { None } else { Some(y.powf(size / 2.0 - 0.25)) };
    if x < 0.0 {
        let made = -PI / sin_pi(size) / size * y.exp() / sum(size);
        let made = made - correction * made;
        match half {
            None => made / y.powf(size - 0.5),
            Some(half) => made / half / half,
        }
    } else {
        let made = sum(size) / y.exp();
        let made = made + correction * made;
        match half {
            None => made * y.powf(size - 0.5),
            Some(half) => made * half * half,
        }
    }
}

/// The logarithm of its size.
pub(super) fn lgamma(x: f64) -> f64 {
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    let size = x.abs();
    if size < 1e-20 {
        return -size.ln();
    }
    let made = sum(size).ln() - G + (size - 0.5) * ((size + G - 0.5).ln() - 1.0);
    if x < 0.0 { PI.ln() - sin_pi(size).abs().ln() - size.ln() - made } else { made }
}

/// From here on a square is all that counts.
const LARGE: f64 = 268_435_456.0;

pub(super) fn atanh(x: f64) -> f64 {
    let size = x.abs();
    let made = if size < 0.5 {
        let twice = size + size;
        0.5 * (twice + twice * size / (1.0 - size)).ln_1p()
    } else {
        0.5 * ((size + size) / (1.0 - size)).ln_1p()
    };
    if x.is_nan() { x } else { made.copysign(x) }
}

pub(super) fn asinh(x: f64) -> f64 {
    let size = x.abs();
    if !x.is_finite() || size < 1.0 / LARGE {
        return x;
    }
    let made = if size > LARGE {
        size.ln() + LN_2
    } else if size > 2.0 {
        (2.0 * size + 1.0 / ((x * x + 1.0).sqrt() + size)).ln()
    } else {
        let square = x * x;
        (size + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
    };
    made.copysign(x)
}

pub(super) fn acosh(x: f64) -> f64 {
    if x > LARGE {
        return if x.is_infinite() { x } else { x.ln() + LN_2 };
    }
    if x > 2.0 {
        return (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln();
    }
    let over = x - 1.0;
    (over + (2.0 * over + over * over).sqrt()).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_cpython_gives() {
        assert_eq!(gamma(10.5), 1_133_278.388_948_785_4);
        assert_eq!(gamma(0.5), 1.772_453_850_905_515_9);
        assert_eq!(gamma(-127.451_176_329_432_95), 1.183_111_089_623_681e-214);
        assert_eq!(lgamma(2.5), 0.284_682_870_472_919_6);
        assert_eq!(atanh(-0.999_999_999_999_999_9), -18.714_973_875_118_524);
    }
}
