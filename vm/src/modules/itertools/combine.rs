//! Combinations, permutations, products.

use super::{ITERATOR, Spec};
use crate::modules::native::{Own, index, parse, split_class};
use crate::object::Data;
use crate::object::callable::Args;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::RefCell;

pub(super) static ALL: &[Spec] = &[
    Spec {
        derivable: true,
        methods: &[("__new__", combinations), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Combinations, "itertools.combinations")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", with_replacement), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::CombinationsReplaced, "itertools.combinations_with_replacement")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", permutations), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Permutations, "itertools.permutations")
    },
    Spec {
        derivable: true,
        methods: &[("__new__", product), ITERATOR[0], ITERATOR[1]],
        ..Spec::new(Own::Product, "itertools.product")
    },
];

/// How one row of indexes follows another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Distinct,
    Replaced,
    Permuted,
    Product,
}

struct Rows {
    /// The elements; for a product one pool for each place.
    pools: Vec<Vec<Value>>,
    kind: Kind,
    state: RefCell<State>,
}

struct State {
    /// Those of the row that was given last.
    indexes: Vec<usize>,
    /// For permutations, how many choices each place has left.
    cycles: Vec<usize>,
    started: bool,
    over: bool,
    size: usize,
}

fn rows(pools: Vec<Vec<Value>>, kind: Kind, size: usize) -> Rows {
    let count = pools.first().map_or(0, Vec::len);
    let (indexes, cycles, over) = match kind {
        Kind::Distinct => ((0..size).collect(), Vec::new(), size > count),
        Kind::Replaced => (vec![0; size], Vec::new(), count == 0 && size > 0),
        Kind::Permuted => {
            let cycles = (0..size.min(count)).map(|place| count - place).collect();
            ((0..count).collect(), cycles, size > count)
        }
        Kind::Product => (vec![0; pools.len()], Vec::new(), pools.iter().any(Vec::is_empty)),
    };
    Rows { pools, kind, state: RefCell::new(State { indexes, cycles, started: false, over, size }) }
}

fn chosen(vm: &Vm, name: &str, args: Args<'_>, kind: Kind) -> R {
    let (class, args) = split_class(vm, args)?;
    let [source, size] =
        parse(vm, name, args, ["iterable", "r"], if kind == Kind::Permuted { 1 } else { 2 })?;
    let pool = vm.collect(source.unwrap_or(&NONE))?;
    let size = match size.filter(|it| kind != Kind::Permuted || !it.is_none()) {
        None => pool.len(),
        Some(size) if kind == Kind::Permuted && vm.as_i64(size).is_none() => {
            return Err(vm.type_error("Expected int as r"));
        }
        Some(size) => match usize::try_from(index(vm, size)?) {
            Ok(size) => size,
            Err(_) => return Err(vm.value_error("r must be non-negative")),
        },
    };
    if size > pool.len() && kind == Kind::Replaced && size > 1 << 28 {
        return Err(vm.raise(crate::builtins::exceptions::Exc::MemoryError, ""));
    }
    // Rows that are longer than the pool do not exist: their indexes need no memory.
    let size = if kind == Kind::Replaced { size } else { size.min(pool.len() + 1) };
    Ok(vm.custom_of(class, rows(vec![pool], kind, size)))
}

fn combinations(vm: &Vm, args: Args<'_>) -> R {
    chosen(vm, "combinations", args, Kind::Distinct)
}

fn with_replacement(vm: &Vm, args: Args<'_>) -> R {
    chosen(vm, "combinations_with_replacement", args, Kind::Replaced)
}

fn permutations(vm: &Vm, args: Args<'_>) -> R {
    chosen(vm, "permutations", args, Kind::Permuted)
}

fn product(vm: &Vm, args: Args<'_>) -> R {
    let (class, args) = split_class(vm, args)?;
    let (values, [repeat]) = crate::builtins::keywords(vm, "product", args, ["repeat"])?;
    let repeat = match repeat {
        Some(repeat) => match usize::try_from(index(vm, repeat)?) {
            Ok(repeat) => repeat,
            Err(_) => return Err(vm.value_error("repeat argument cannot be negative")),
        },
        None => 1,
    };
    if values.len().checked_mul(repeat).is_none_or(|count| count > 1 << 28) {
        return Err(vm.raise(crate::builtins::exceptions::Exc::OverflowError, "repeat argument too large"));
    }
    let mut once = Vec::with_capacity(values.len());
    if repeat > 0 {
        for value in values {
            once.push(vm.collect(value)?);
        }
    }
    let mut pools = Vec::with_capacity(once.len() * repeat);
    for _ in 0..repeat {
        pools.extend(once.iter().cloned());
    }
    Ok(vm.custom_of(class, rows(pools, Kind::Product, 0)))
}

impl Rows {
    /// Goes on to the next row of indexes; false at the end.
    fn advance(&self, state: &mut State) -> bool {
        if !state.started {
            state.started = true;
            return !state.over;
        }
        if state.over {
            return false;
        }
        let count = self.pools.first().map_or(0, Vec::len);
        let found = match self.kind {
            Kind::Distinct => {
                let size = state.size;
                let place = (0..size).rev().find(|&place| state.indexes[place] != place + count - size);
                if let Some(place) = place {
                    let first = state.indexes[place] + 1;
                    for (step, index) in state.indexes[place..].iter_mut().enumerate() {
                        *index = first + step;
                    }
                }
                place.is_some()
            }
            Kind::Replaced => {
                let place = (0..state.size).rev().find(|&place| state.indexes[place] + 1 != count);
                if let Some(place) = place {
                    let next = state.indexes[place] + 1;
                    state.indexes[place..].fill(next);
                }
                place.is_some()
            }
            Kind::Permuted => {
                let mut found = false;
                for place in (0..state.size).rev() {
                    state.cycles[place] -= 1;
                    if state.cycles[place] == 0 {
                        state.indexes[place..].rotate_left(1);
                        state.cycles[place] = count - place;
                    } else {
                        let other = count - state.cycles[place];
                        state.indexes.swap(place, other);
                        found = true;
                        break;
                    }
                }
                found
            }
            Kind::Product => {
                let mut found = false;
                for (index, pool) in state.indexes.iter_mut().zip(&self.pools).rev() {
                    *index += 1;
                    if *index < pool.len() {
                        found = true;
                        break;
                    }
                    *index = 0;
                }
                found
            }
        };
        state.over = !found;
        found
    }
}

impl Data for Rows {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.pools.iter().flatten().for_each(see);
    }

    fn next(&self, vm: &Vm, _: &Value) -> Option<R<Option<Value>>> {
        let mut state = self.state.borrow_mut();
        if !self.advance(&mut state) {
            return Some(Ok(None));
        }
        let row = match self.kind {
            Kind::Product => {
                state.indexes.iter().zip(&self.pools).map(|(&index, pool)| pool[index].clone()).collect()
            }
            _ => {
                let pool = self.pools.first().map_or(&[][..], |it| it);
                state.indexes[..state.size].iter().map(|&index| pool[index].clone()).collect()
            }
        };
        drop(state);
        Some(Ok(Some(vm.tuple(row))))
    }
}
