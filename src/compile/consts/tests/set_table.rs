//! Orders that 3.8.18, 3.9.18 and 3.10.13 write under `PYTHONHASHSEED=0`.

use super::super::{ConstMemory, ConstPool};
use crate::code::{Object, ObjectId};
use crate::target::{Target, Version};
use crate::value::Interner;
use bumpalo::Bump;

/// Makes a frozenset of what `items` returns and gives the places of its elements there, in the order of writing.
fn order(items: impl FnOnce(&mut ConstPool<'_>) -> Vec<ObjectId>) -> Vec<usize> {
    let (arena, names) = (Bump::new(), Interner::new());
    let target = Target::newest(Version::V3_9);
    let mut pool = ConstPool::new(&arena, target, &names, "f.py".into(), ConstMemory::default());
    let items = items(&mut pool);
    let set = pool.frozenset(&items);
    let Object::FrozenSet(range) = pool.get(set) else { panic!("not a frozenset") };
    let place = |id: &ObjectId| items.iter().position(|item| item == id).expect("one of the elements");
    pool.objects().children(range).iter().map(place).collect()
}

#[test]
fn whole_numbers() {
    // {1, 2, 3, 64976, 64977, 1 << 40, -5, -1}
    let numbers = [1, 2, 3, 64_976, 64_977, 1 << 40, -5, -1];
    assert_eq!(order(|pool| numbers.map(|value| pool.int(value)).to_vec()), [5, 0, 1, 2, 3, 4, 6, 7]);
}

#[test]
fn texts_of_every_width() {
    // {'a', 'bc', 'name', 'zz-0', 'é', '日本', '\U0001F600', ''}
    let texts = ["a", "bc", "name", "zz-0", "é", "日本", "\u{1F600}", ""];
    assert_eq!(order(|pool| texts.map(|text| pool.str(text.into())).to_vec()), [7, 2, 5, 0, 1, 6, 3, 4]);
}

#[test]
fn tuples_and_bytes() {
    // {(1, 'x'), (2.5, b'y'), b'z', ()}
    let made = order(|pool| {
        let first = [pool.int(1), pool.str("x".into())];
        let second = [pool.float(2.5), pool.bytes(b"y")];
        vec![pool.tuple(&first), pool.tuple(&second), pool.bytes(b"z"), pool.tuple(&[])]
    });
    assert_eq!(made, [2, 0, 3, 1]);
}

#[test]
fn fractions_and_large_numbers() {
    // {1.5, -2.25, 1e300, 5e-324, 1j, 2+3j, 1 << 70, -(1 << 64)}
    let made = order(|pool| {
        let mut items = [1.5, -2.25, 1e300, 5e-324].map(|value| pool.float(value)).to_vec();
        items.extend([pool.complex(0.0, 1.0), pool.complex(2.0, 3.0)]);
        items.extend([pool.bigint(false, &[0, 0, 1 << 6]), pool.bigint(true, &[0, 0, 1])]);
        items
    });
    assert_eq!(made, [3, 0, 6, 4, 5, 7, 2, 1]);
}

#[test]
fn equal_sets_are_one_in_any_order() {
    let (arena, names) = (Bump::new(), Interner::new());
    let target = Target::newest(Version::V3_8);
    let mut pool = ConstPool::new(&arena, target, &names, "f.py".into(), ConstMemory::default());
    let items = [8, 16, 24, 1].map(|value| pool.int(value));
    let reversed: Vec<ObjectId> = items.iter().copied().rev().collect();
    assert_eq!(pool.frozenset(&items), pool.frozenset(&reversed));
}
