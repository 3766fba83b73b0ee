//! `_random`: the Mersenne Twister MT19937 with the seeding and the order of words that CPython has, so that the same
//! seed gives the same numbers.

use super::native::{Own, Spec, split_class};
use crate::builtins::method;
use crate::object::callable::Args;
use crate::object::{Data, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::ToPrimitive;
use std::cell::RefCell;

const WORDS: usize = 624;
/// How far the word is that a new one is mixed with.
const AHEAD: usize = 397;

struct Twister {
    state: [u32; WORDS],
    /// The next word to be given; all are made anew at the end.
    at: usize,
}

impl Twister {
    /// `init_genrand`
    fn start(&mut self, seed: u32) {
        self.state[0] = seed;
        for index in 1..WORDS {
            let before = self.state[index - 1];
            self.state[index] =
                (before ^ before >> 30).wrapping_mul(1_812_433_253).wrapping_add(index as u32);
        }
        self.at = WORDS;
    }

    /// `init_by_array`
    fn start_with(&mut self, key: &[u32]) {
        self.start(19_650_218);
        let (mut i, mut j) = (1, 0);
        let advance = |state: &mut [u32; WORDS], i: &mut usize| {
            *i += 1;
            if *i >= WORDS {
                state[0] = state[WORDS - 1];
                *i = 1;
            }
        };
        for _ in 0..WORDS.max(key.len()) {
            let before = self.state[i - 1];
            let mixed = self.state[i] ^ (before ^ before >> 30).wrapping_mul(1_664_525);
            self.state[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            advance(&mut self.state, &mut i);
            j = (j + 1) % key.len();
        }
        for _ in 0..WORDS - 1 {
            let before = self.state[i - 1];
            let mixed = self.state[i] ^ (before ^ before >> 30).wrapping_mul(1_566_083_941);
            self.state[i] = mixed.wrapping_sub(i as u32);
            advance(&mut self.state, &mut i);
        }
        self.state[0] = 0x8000_0000;
    }

    fn renew(&mut self) {
        for index in 0..WORDS {
            let joined = self.state[index] & 0x8000_0000 | self.state[(index + 1) % WORDS] & 0x7FFF_FFFF;
            let odd = if joined & 1 == 0 { 0 } else { 0x9908_B0DF };
            self.state[index] = self.state[(index + AHEAD) % WORDS] ^ joined >> 1 ^ odd;
        }
        self.at = 0;
    }

    fn next(&mut self) -> u32 {
        if self.at >= WORDS {
            self.renew();
        }
        let mut word = self.state[self.at];
        self.at += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9D2C_5680;
        word ^= word << 15 & 0xEFC6_0000;
        word ^ word >> 18
    }
}

struct Random(RefCell<Box<Twister>>);

impl Data for Random {}

static RANDOM: Spec = Spec {
    derivable: true,
    doc: "Random() -> create a random number generator with its own internal state.",
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            let twister = Box::new(Twister { state: [0; WORDS], at: WORDS });
            let made = vm.custom_of(class, Random(RefCell::new(twister)));
            seed(vm, &made, &NONE)?;
            Ok(made)
        }),
        ("__init__", |vm, args| {
            let (it, values) = method(vm, "__init__", args, 0, 1)?;
            seed(vm, it, values.first().unwrap_or(&NONE))?;
            Ok(NONE)
        }),
        ("random", |vm, args| {
            let (it, _) = method(vm, "random", args, 0, 0)?;
            let mut twister = random(vm, it)?.0.borrow_mut();
            let (a, b) = (twister.next() >> 5, twister.next() >> 6);
            Ok(vm.float((f64::from(a) * 67_108_864.0 + f64::from(b)) * (1.0 / 9_007_199_254_740_992.0)))
        }),
        ("seed", |vm, args| {
            let (it, values) = method(vm, "seed", args, 0, 1)?;
            let none = NONE;
            seed(vm, it, values.first().unwrap_or(&none))?;
            Ok(NONE)
        }),
        ("getrandbits", bits),
        ("getstate", |vm, args| {
            let (it, _) = method(vm, "getstate", args, 0, 0)?;
            let twister = random(vm, it)?.0.borrow();
            let mut row: Vec<Value> = twister.state.iter().map(|&word| vm.int(word.into())).collect();
            row.push(vm.int_of_usize(twister.at));
            Ok(vm.tuple(row))
        }),
        ("setstate", set_state),
    ],
    ..Spec::new(Own::Random, "_random.Random")
};

/// `_random`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_type(module, &RANDOM);
    Ok(())
}

fn random<'a>(vm: &Vm, it: &'a Value) -> R<&'a Random> {
    vm.own_data("Random", it, &RANDOM)
}

fn seed(vm: &Vm, it: &Value, value: &Value) -> R<()> {
    let magnitude = if value.is_none() {
        use std::hash::{BuildHasher, RandomState};
        let words: Vec<u32> = (0..16).map(|index| RandomState::new().hash_one(index) as u32).collect();
        BigUint::new(words)
    } else {
        match vm.as_big(value) {
            Some(number) => number.magnitude().clone(),
            None => BigUint::from(vm.hash(value)? as u64),
        }
    };
    let mut key = magnitude.to_u32_digits();
    if key.is_empty() {
        key.push(0);
    }
    random(vm, it)?.0.borrow_mut().start_with(&key);
    Ok(())
}

fn bits(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "getrandbits", args, 1, 1)?;
    if vm.as_big(&values[0]).is_some_and(|it| it.sign() == Sign::Minus) {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    let count = super::native::ssize(vm, &values[0])?;
    if count < 0 {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    vm.check_room(usize::try_from(count).unwrap_or(0) / 8)?;
    if count > 1 << 34 {
        return Err(vm.raise(crate::builtins::exceptions::Exc::OverflowError, "number of bits is too large"));
    }
    let mut twister = random(vm, it)?.0.borrow_mut();
    if count == 0 {
        return Ok(vm.int(0));
    }
    if count <= 32 {
        return Ok(vm.int((twister.next() >> (32 - count)).into()));
    }
    let mut words = Vec::with_capacity(count.div_euclid(32) as usize + 1);
    let mut left = count;
    while left > 0 {
        let word = twister.next();
        words.push(if left < 32 { word >> (32 - left) } else { word });
        left -= 32;
    }
    Ok(vm.int_of_big(BigInt::from_biguint(Sign::Plus, BigUint::new(words))))
}

fn set_state(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "setstate", args, 1, 1)?;
    let Some(row) = values[0].get::<Tuple>() else {
        return Err(vm.type_error("state vector must be a tuple"));
    };
    if row.items.len() != WORDS + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut state = [0; WORDS];
    for (word, value) in state.iter_mut().zip(&row.items) {
        let Some(number) = vm.as_big(value) else { return Err(vm.type_error("an integer is required")) };
        *word = match number.to_u32() {
            Some(word) => word,
            None => number.to_i64().unwrap_or(0) as u32,
        };
    }
    let at = super::native::index(vm, &row.items[WORDS])?;
    match usize::try_from(at) {
        Ok(at) if at <= WORDS => {
            let mut twister = random(vm, it)?.0.borrow_mut();
            (twister.state, twister.at) = (state, at);
            Ok(NONE)
        }
        _ => Err(vm.value_error("invalid state")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_numbers_of_the_authors() {
        // The first words of `mt19937ar.out`, after `init_by_array({0x123, 0x234, 0x345, 0x456})`.
        let mut twister = Twister { state: [0; WORDS], at: WORDS };
        twister.start_with(&[0x123, 0x234, 0x345, 0x456]);
        let words: Vec<u32> = (0..5).map(|_| twister.next()).collect();
        assert_eq!(words, [1_067_595_299, 955_945_823, 477_289_528, 4_107_218_783, 4_228_976_476]);
    }
}
