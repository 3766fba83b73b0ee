//! Operators on strings, bytes and tuples.

use crate::value::constant::Const;
use crate::value::int;
use crate::value::pystr::PyStr;
use bumpalo::Bump;
use num_traits::ToPrimitive;

/// Items of a folded collection (`MAX_COLLECTION_SIZE`).
const MAX_COLLECTION_SIZE: usize = 256;
/// Characters of a folded string (`MAX_STR_SIZE`).
const MAX_STR_SIZE: usize = 4096;
/// Items of a folded collection, those of its items included (`MAX_TOTAL_ITEMS`).
const MAX_TOTAL_ITEMS: usize = 1024;

/// `left + right`.
pub(super) fn concat<'a>(arena: &'a Bump, left: Const<'a>, right: Const<'a>) -> Option<Const<'a>> {
    match (left, right) {
        (Const::Str(a), Const::Str(b)) => {
            let bytes = [a.as_bytes(), b.as_bytes()].concat();
            Some(Const::Str(PyStr::from_bytes(arena.alloc_slice_copy(&bytes))))
        }
        (Const::Bytes(a), Const::Bytes(b)) => Some(Const::Bytes(arena.alloc_slice_copy(&[a, b].concat()))),
        (Const::Tuple(a), Const::Tuple(b)) => Some(Const::Tuple(arena.alloc_slice_copy(&[a, b].concat()))),
        _ => None,
    }
}

/// `left * right`, in either order.
pub(super) fn repeat<'a>(arena: &'a Bump, left: Const<'a>, right: Const<'a>) -> Option<Const<'a>> {
    let (sequence, count) = match (int::to_big(&left), int::to_big(&right)) {
        (None, Some(count)) => (left, count),
        (Some(count), None) => (right, count),
        _ => return None,
    };
    let size = match sequence {
        Const::Str(text) => text.len_chars(),
        Const::Bytes(bytes) => bytes.len(),
        Const::Tuple(items) => items.len(),
        _ => return None,
    };
    if size == 0 {
        // An empty sequence may be repeated any number of times that fits an index.
        return count.to_i64().map(|_| sequence);
    }
    let count = count.to_usize()?;
    match sequence {
        Const::Str(text) if count <= MAX_STR_SIZE / size => {
            Some(Const::Str(PyStr::from_bytes(arena.alloc_slice_copy(&text.as_bytes().repeat(count)))))
        }
        Const::Bytes(bytes) if count <= MAX_STR_SIZE / size => {
            Some(Const::Bytes(arena.alloc_slice_copy(&bytes.repeat(count))))
        }
        Const::Tuple(items) if count <= MAX_COLLECTION_SIZE / size => {
            if let Some(most) = MAX_TOTAL_ITEMS.checked_div(count) {
                complexity(items, most)?;
            }
            Some(Const::Tuple(arena.alloc_slice_copy(&items.repeat(count))))
        }
        _ => None,
    }
}

/// What is left of `limit` after counting the items, and those of tuples in them.
fn complexity(items: &[Const<'_>], limit: usize) -> Option<usize> {
    items.iter().try_fold(limit.checked_sub(items.len())?, |limit, item| match item {
        Const::Tuple(items) => complexity(items, limit),
        _ => Some(limit),
    })
}

/// `container[index]` for a string, bytes or tuple and an integer; `None` for anything else, or outside.
pub fn item<'a>(arena: &'a Bump, container: Const<'a>, index: Const<'a>) -> Option<Const<'a>> {
    let index = int::to_big(&index)?.to_i64()?;
    let at = |len: usize| {
        let index = if index < 0 { index.checked_add(len as i64)? } else { index };
        usize::try_from(index).ok().filter(|&index| index < len)
    };
    match container {
        Const::Str(text) => {
            let index = at(text.len_chars())?;
            let bytes = text.char_slices().nth(index)?;
            Some(Const::Str(PyStr::from_bytes(arena.alloc_slice_copy(bytes))))
        }
        Const::Bytes(bytes) => Some(Const::Int(i64::from(bytes[at(bytes.len())?]))),
        Const::Tuple(items) => Some(items[at(items.len())?]),
        _ => None,
    }
}

/// `container[start:stop:step]` for a string, bytes or tuple; each part is an integer or `None`.
pub fn slice<'a>(arena: &'a Bump, container: Const<'a>, parts: [Const<'a>; 3]) -> Option<Const<'a>> {
    match container {
        Const::Str(text) => {
            let chars: Vec<&[u8]> = text.char_slices().collect();
            let picked = pick(&chars, parts)?.concat();
            Some(Const::Str(PyStr::from_bytes(arena.alloc_slice_copy(&picked))))
        }
        Const::Bytes(bytes) => Some(Const::Bytes(arena.alloc_slice_copy(&pick(bytes, parts)?))),
        Const::Tuple(items) => Some(Const::Tuple(arena.alloc_slice_copy(&pick(items, parts)?))),
        _ => None,
    }
}

/// The items that a slice picks (`slice.indices`).
fn pick<T: Copy>(items: &[T], [start, stop, step]: [Const<'_>; 3]) -> Option<Vec<T>> {
    // Python clips to the range of an index, which is far beyond any length here.
    let clipped = |part: Const<'_>| match part {
        Const::None => Some(None),
        part => int::to_big(&part).map(|value| {
            let limit = if value.sign() == num_bigint::Sign::Minus { -i64::MAX } else { i64::MAX };
            Some(value.to_i64().unwrap_or(limit).clamp(-i64::MAX, i64::MAX))
        }),
    };
    let step = clipped(step)?.unwrap_or(1);
    if step == 0 {
        return None;
    }
    let length = items.len() as i64;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = |part: Option<i64>, default: i64| match part {
        None => default,
        Some(index) if index < 0 => (index + length).max(lowest),
        Some(index) => index.min(highest),
    };
    let start = bound(clipped(start)?, if step < 0 { highest } else { lowest });
    let stop = bound(clipped(stop)?, if step < 0 { lowest } else { highest });
    let mut picked = Vec::new();
    let mut index = start;
    while if step < 0 { index > stop } else { index < stop } {
        picked.push(items[index as usize]);
        match index.checked_add(step) {
            Some(next) => index = next,
            None => break,
        }
    }
    Some(picked)
}
