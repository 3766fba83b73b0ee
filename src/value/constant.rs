//! Constant values, and the operators on them.

use super::PyStr;

/// The value of a constant expression. Tuples, frozensets and negative or complex numbers only arise by
/// folding.
#[derive(Debug, Clone, Copy)]
pub enum Const<'a> {
    /// `None`
    None,
    /// `False`
    False,
    /// `True`
    True,
    /// `...`
    Ellipsis,
    /// An integer that fits.
    Int(i64),
    /// Any other integer; never one that fits an `i64`.
    BigInt(&'a BigIntLit<'a>),
    /// A `float`.
    Float(f64),
    /// A `complex`.
    Complex(&'a ComplexLit),
    /// A `str`.
    Str(PyStr<'a>),
    /// A `bytes`.
    Bytes(&'a [u8]),
    /// A `tuple`.
    Tuple(&'a [Const<'a>]),
    /// A `frozenset`, in the order of the source.
    FrozenSet(&'a [Const<'a>]),
}

/// An integer beyond 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BigIntLit<'a> {
    /// Below zero?
    pub negative: bool,
    /// Magnitude, least significant digit first, base 2³², without leading zeros.
    pub digits: &'a [u32],
}

/// A complex number.
#[derive(Debug, Clone, Copy)]
pub struct ComplexLit {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

/// A binary operator (`operator` in `Python.asdl`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Python.asdl")]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

/// A unary operator (`unaryop` in `Python.asdl`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Python.asdl")]
pub enum UnaryOperator {
    Invert,
    Not,
    UAdd,
    USub,
}

impl Const<'_> {
    /// `bool(value)`.
    pub fn is_true(&self) -> bool {
        match *self {
            Const::None | Const::False => false,
            Const::True | Const::Ellipsis | Const::BigInt(_) => true,
            Const::Int(value) => value != 0,
            Const::Float(value) => value != 0.0,
            Const::Complex(value) => value.re != 0.0 || value.im != 0.0,
            Const::Str(value) => !value.is_empty(),
            Const::Bytes(value) => !value.is_empty(),
            Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        }
    }
}
