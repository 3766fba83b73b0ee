//! Equality of objects of two graphs, by what they are and not by how they are shared.

use rustc_hash::FxHashSet;

use crate::code::{Object, ObjectId, Objects, Range};
use crate::target::Handlers;

/// Is it a code object?
pub fn is_code(objects: &Objects<'_>, id: ObjectId) -> bool {
    matches!(objects.get(id), Object::Code(_))
}

/// Compares objects of two graphs. Remembers which pairs it found equal, so that objects that are shared
/// many times over, or contain themselves, cost no more than once.
pub struct Comparison<'o, 'a> {
    left: &'o Objects<'a>,
    right: &'o Objects<'a>,
    equal: FxHashSet<(ObjectId, ObjectId)>,
}

impl<'o, 'a> Comparison<'o, 'a> {
    /// Compares objects of `left` with objects of `right`.
    pub fn new(left: &'o Objects<'a>, right: &'o Objects<'a>) -> Self {
        Comparison { left, right, equal: FxHashSet::default() }
    }

    /// Are `a` and `b` the same value of the same type? Floats are compared by their bits. Any two code
    /// objects count as equal: who cares compares them on their own.
    pub fn equal(&mut self, a: ObjectId, b: ObjectId) -> bool {
        let mut pending = vec![(a, b)];
        let mut assumed = Vec::new();
        while let Some((a, b)) = pending.pop() {
            if self.equal.contains(&(a, b)) {
                continue;
            }
            let (x, y) = (self.left.get(a), self.right.get(b));
            if let (Object::FrozenSet(x), Object::FrozenSet(y)) = (x, y)
                && x.len == y.len
                && self.is_unordered()
                && self.same_elements(x, y)
            {
                continue;
            }
            match (x, y) {
                (Object::Code(_), Object::Code(_)) => {}
                (Object::Str { text: x, .. }, Object::Str { text: y, .. }) if x == y => {}
                (Object::Tuple(x), Object::Tuple(y))
                | (Object::List(x), Object::List(y))
                | (Object::Dict(x), Object::Dict(y))
                | (Object::Set(x), Object::Set(y))
                | (Object::FrozenSet(x), Object::FrozenSet(y))
                    if x.len == y.len =>
                {
                    // Assumed until shown otherwise, which ends cycles.
                    self.equal.insert((a, b));
                    assumed.push((a, b));
                    let (x, y) = (self.left.children(x), self.right.children(y));
                    pending.extend(x.iter().copied().zip(y.iter().copied()));
                }
                (Object::Slice(x), Object::Slice(y)) => pending.extend(x.into_iter().zip(y)),
                (x, y) if scalar(x) && scalar(y) && same_scalar(x, y) => {}
                _ => {
                    for pair in assumed {
                        self.equal.remove(&pair);
                    }
                    return false;
                }
            }
        }
        true
    }

    /// To 3.10 the order of a frozenset's elements depends on the hash seed, from 3.11 on on what they are.
    fn is_unordered(&self) -> bool {
        self.left.form.handlers == Handlers::Blocks && self.right.form.handlers == Handlers::Blocks
    }

    /// Has each element of one an equal one in the other? Elements of either are all different.
    fn same_elements(&mut self, x: Range, y: Range) -> bool {
        let (left, right) = (self.left, self.right);
        left.children(x).iter().all(|&a| right.children(y).iter().any(|&b| self.equal(a, b)))
    }
}

fn scalar(object: Object<'_>) -> bool {
    !matches!(
        object,
        Object::Str { .. }
            | Object::Tuple(_)
            | Object::List(_)
            | Object::Dict(_)
            | Object::Set(_)
            | Object::FrozenSet(_)
            | Object::Slice(_)
            | Object::Code(_)
    )
}

/// Scalars are equal when they are the same variant with the same content; the graph keeps floats as bits.
fn same_scalar(a: Object<'_>, b: Object<'_>) -> bool {
    a == b
}
