//! Iterators of the interpreter's own, and views of dicts.

use super::Range;
use crate::value::Value;
use std::cell::RefCell;

/// Where an iterator is.
pub enum IterState {
    /// It has ended.
    Done,
    /// Over a `range`: what is left of it.
    Range(Range),
    /// Over a `list`, from an index on.
    List(Value, usize),
    /// Over a `list`, backwards; the index is that of the element before.
    ListReversed(Value, usize),
    /// Over a `tuple`.
    Tuple(Value, usize),
    /// Over a `str`.
    Str(Value, usize),
    /// Over a `bytes`.
    Bytes(Value, usize),
    /// Over a `dict`: what is shown, the next entry, how many keys there were, and how many of them are left.
    Dict(Value, ViewKind, usize, usize, usize),
    /// Over a `dict`, backwards.
    DictReversed(Value, ViewKind, usize, usize, usize),
    /// Over a `set`.
    Set(Value, usize, usize),
    /// Over whatever has `__getitem__`.
    Sequence(Value, i64),
    /// The same backwards.
    SequenceReversed(Value, i64),
    /// `iter(callable, sentinel)`
    Call(Value, Value),
    /// `enumerate`
    Enumerate(Value, Value),
    /// `zip`; with `strict`?
    Zip(Vec<Value>, bool),
    /// `map`; with `strict`?
    Map(Value, Vec<Value>, bool),
    /// `filter`
    Filter(Value, Value),
}

/// An iterator.
pub struct Iter {
    /// Where it is.
    pub state: RefCell<IterState>,
}

/// What a view of a `dict` shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewKind {
    /// `keys()`
    Keys,
    /// `values()`
    Values,
    /// `items()`
    Items,
}

/// A view of a `dict`.
pub struct View {
    /// The `dict`.
    pub dict: Value,
    /// What is shown.
    pub kind: ViewKind,
}
