//! Ints of any size, floats, and their arithmetic.

use super::near;
use crate::builtins::exceptions::Exc;
use crate::heap::allocate;
use crate::value::Value;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// A number, as arithmetic sees it.
pub enum Number {
    /// An int that fits.
    Small(i64),
    /// Another int.
    Big(BigInt),
    /// A float.
    Float(f64),
}

impl Vm {
    /// An int.
    #[inline]
    pub fn int(&self, number: i64) -> Value {
        match Value::small(number) {
            Some(value) => value,
            None => allocate(self, &self.types.int, BigInt::from(number)),
        }
    }

    /// An int.
    pub fn int_of_big(&self, number: BigInt) -> Value {
        match number.to_i64().and_then(Value::small) {
            Some(value) => value,
            None => allocate(self, &self.types.int, number),
        }
    }

    /// An int from 0 on.
    pub fn int_of_usize(&self, number: usize) -> Value {
        self.int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A float.
    #[inline]
    pub fn float(&self, number: f64) -> Value {
        match Value::short_float(number) {
            Some(value) => value,
            None => allocate(self, &self.types.float, number),
        }
    }

    /// The number of a float, or of an instance of a type derived from it.
    #[inline]
    pub fn as_float(&self, value: &Value) -> Option<f64> {
        value.as_short_float().or_else(|| value.get::<f64>().copied())
    }

    /// The number of an int or bool that fits.
    #[inline]
    pub fn as_i64(&self, value: &Value) -> Option<i64> {
        if let Some(number) = value.as_small() {
            return Some(number);
        }
        if let Some(truth) = value.as_bool() {
            return Some(truth.into());
        }
        value.get::<BigInt>()?.to_i64()
    }

    /// The number of an int or bool.
    pub fn as_big(&self, value: &Value) -> Option<BigInt> {
        match self.as_i64(value) {
            Some(number) => Some(number.into()),
            None => value.get::<BigInt>().cloned(),
        }
    }

    /// The number of an int, bool or float.
    pub fn as_number(&self, value: &Value) -> Option<Number> {
        if let Some(number) = self.as_i64(value) {
            return Some(Number::Small(number));
        }
        if let Some(number) = self.as_float(value) {
            return Some(Number::Float(number));
        }
        value.get::<BigInt>().map(|number| Number::Big(number.clone()))
    }

    /// An int as a float; raises where it is too large.
    pub fn big_to_float(&self, number: &BigInt) -> R<f64> {
        pyrsc::value::int::to_float(number)
            .ok_or_else(|| self.raise(Exc::OverflowError, "int too large to convert to float"))
    }

    fn number_to_float(&self, number: &Number) -> R<f64> {
        match number {
            Number::Small(number) => Ok(*number as f64),
            Number::Float(number) => Ok(*number),
            Number::Big(number) => self.big_to_float(number),
        }
    }

    /// Arithmetic of two numbers; `None` where the operation is none for them.
    pub(super) fn arithmetic(&self, a: Number, b: Number, op: u32) -> R<Option<Value>> {
        if matches!(a, Number::Float(_)) || matches!(b, Number::Float(_)) {
            let (a, b) = (self.number_to_float(&a)?, self.number_to_float(&b)?);
            return self.float_arithmetic(a, b, op);
        }
        if let (Number::Small(a), Number::Small(b)) = (&a, &b)
            && let Some(value) = self.small_arithmetic(*a, *b, op)
        {
            return Ok(Some(value));
        }
        let big = |number| match number {
            Number::Small(number) => BigInt::from(number),
            Number::Big(number) => number,
            Number::Float(_) => BigInt::zero(),
        };
        self.big_arithmetic(&big(a), &big(b), op).map(Some)
    }

    /// Arithmetic of two small ints, where nothing can go wrong.
    pub(crate) fn small_arithmetic(&self, a: i64, b: i64, op: u32) -> Option<Value> {
        Some(self.int(match op {
            0 => a.checked_add(b)?,
            1 => a & b,
            2 if b != 0 && b != -1 => Integer::div_floor(&a, &b),
            3 if (0..62).contains(&b) && a.unsigned_abs().leading_zeros() as i64 > b + 1 => a << b,
            5 => a.checked_mul(b)?,
            6 if b != 0 && b != -1 => Integer::mod_floor(&a, &b),
            7 => a | b,
            8 if b >= 0 => a.checked_pow(u32::try_from(b).ok()?)?,
            9 if b >= 0 => a >> b.min(63),
            10 => a.checked_sub(b)?,
            11 if b != 0 && a.unsigned_abs() < 1 << 53 && b.unsigned_abs() < 1 << 53 => {
                return Some(self.float(a as f64 / b as f64));
            }
            12 => a ^ b,
            _ => return None,
        }))
    }

    /// Arithmetic of two ints of which one at least no word holds, without copying them.
    pub(crate) fn long_arithmetic(&self, a: &Value, b: &Value, op: u32) -> Option<Value> {
        let number = match (a.get::<BigInt>(), b.get::<BigInt>(), a.as_small(), b.as_small()) {
            (Some(a), Some(b), ..) => match op {
                0 => a + b,
                2 if !b.is_zero() => near::floor_quotient(a, b).map_or_else(|| a.div_floor(b), BigInt::from),
                5 => a * b,
                6 if !b.is_zero() => near::remainder(a, b).unwrap_or_else(|| a.mod_floor(b)),
                10 => a - b,
                _ => return None,
            },
            (Some(a), None, _, Some(b)) => match op {
                0 => a + b,
                5 => a * b,
                9 if (0..1 << 20).contains(&b) => a >> b,
                10 => a - b,
                _ => return None,
            },
            (None, Some(b), Some(a), _) => match op {
                0 => b + a,
                5 => b * a,
                10 => a - b,
                _ => return None,
            },
            (None, None, Some(a), Some(b)) if op == 5 => BigInt::from(i128::from(a) * i128::from(b)),
            _ => return None,
        };
        Some(self.int_of_big(number))
    }

    fn zero_division(&self, message: &str) -> crate::vm::Raised {
        self.raise(Exc::ZeroDivisionError, message)
    }

    fn big_arithmetic(&self, a: &BigInt, b: &BigInt, op: u32) -> R {
        let number = match op {
            0 => a + b,
            1 => a & b,
            2 if b.is_zero() => return Err(self.zero_division("division by zero")),
            2 => a.div_floor(b),
            3 | 9 if b.is_negative() => return Err(self.value_error("negative shift count")),
            3 => match b.to_usize() {
                _ if a.is_zero() => BigInt::zero(),
                Some(by) if by < 1 << 33 => a << by,
                _ => return Err(self.raise(Exc::OverflowError, "too many digits in integer")),
            },
            5 => a * b,
            6 if b.is_zero() => return Err(self.zero_division("division by zero")),
            6 => a.mod_floor(b),
            7 => a | b,
            8 if b.is_negative() => {
                let (a, b) = (self.big_to_float(a)?, self.big_to_float(b)?);
                return match self.float_arithmetic(a, b, op)? {
                    Some(value) => Ok(value),
                    None => Err(self.missing("int ** negative int")),
                };
            }
            8 => match b.to_u32() {
                Some(by) => a.pow(by),
                None if a.is_zero() || *a == BigInt::from(1) => a.clone(),
                None if *a == BigInt::from(-1) => {
                    if b.is_even() {
                        -a
                    } else {
                        a.clone()
                    }
                }
                None => return Err(self.raise(Exc::MemoryError, "")),
            },
            9 => match b.to_usize() {
                Some(by) => a >> by,
                None => {
                    if a.is_negative() {
                        BigInt::from(-1)
                    } else {
                        BigInt::zero()
                    }
                }
            },
            10 => a - b,
            11 if b.is_zero() => return Err(self.zero_division("division by zero")),
            11 => {
                let message = "integer division result too large for a float";
                return match pyrsc::value::int::quotient(a, b) {
                    Some(quotient) => Ok(self.float(quotient)),
                    None => Err(self.raise(Exc::OverflowError, message)),
                };
            }
            _ => a ^ b,
        };
        Ok(self.int_of_big(number))
    }

    fn float_arithmetic(&self, a: f64, b: f64, op: u32) -> R<Option<Value>> {
        use pyrsc::value::float::{Power, floor_div, modulo, power};
        let zero = |message| self.zero_division(message);
        let number = match op {
            0 => a + b,
            2 => floor_div(a, b).ok_or_else(|| zero("division by zero"))?,
            5 => a * b,
            6 => modulo(a, b).ok_or_else(|| zero("division by zero"))?,
            8 => match power(a, b) {
                Power::Real(number) => number,
                Power::Complex => {
                    let complex = |re| crate::object::Complex { re, im: 0.0 };
                    let made = crate::builtins::numbers::power(complex(a), complex(b));
                    let message = "zero to a negative or complex power";
                    return match made {
                        Some(made) => Ok(Some(crate::heap::allocate(self, &self.types.complex, made))),
                        None => Err(zero(message)),
                    };
                }
                Power::Error if a == 0.0 => return Err(zero("zero to a negative power")),
                Power::Error => {
                    let args = vec![self.int(34), self.str("Numerical result out of range")];
                    return Err(self.raise_with(Exc::OverflowError, args));
                }
            },
            10 => a - b,
            11 if b == 0.0 => {
                return Err(zero("division by zero"));
            }
            11 => a / b,
            _ => return Ok(None),
        };
        Ok(Some(self.float(number)))
    }
}
