//! Questions about functions, classes, annotations and type parameters.

/// How annotations are compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Annotations {
    /// Evaluated where they stand: a tuple of names and values for functions, `__annotations__` otherwise.
    Eager,
    /// Collected into `__annotate__` functions (PEP 649), unless `from __future__ import annotations`.
    Deferred,
}

/// Which qualified name the `__annotate__` of a function has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotateNames {
    /// That of a function beside it (3.14; 3.13 has none).
    OfScope,
    /// That of an attribute of the function (3.15).
    OfFunction,
}

/// In which order the annotations of a function's parameters are evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotationOrder {
    /// Those of positional-only parameters after those of the ones behind `/` (to 3.14).
    PositionalOnlySecond,
    /// As they are written (3.15).
    AsWritten,
}

/// Where a generator's first call ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeneratorStart {
    /// Before the first instruction; the graph's last passes see to it.
    InGraph,
    /// Where code generation puts `RETURN_GENERATOR`: in generator expressions once the iterator of the
    /// iterable is taken (3.15).
    InCodegen,
}

/// When the parameters are counted of the function that makes a generic function: while it has none, `super()`
/// in the annotations is a call like any other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenericParameters {
    /// Before the annotations.
    CountedFirst,
    /// After all.
    CountedLast,
}

/// What the first constant of a function says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Docstrings {
    /// It is the docstring or `None`.
    FirstConstAlways,
    /// It is the docstring where `co_flags` says so.
    FirstConstIfFlagged,
}

/// How the code of type-parameter bounds, defaults and type aliases begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LazyTypes {
    /// A function without parameters, whose code outside of the bound is where the type parameter is.
    AtParameter,
    /// A function without parameters.
    Plain,
    /// A function of `.format` with a default of 1, as annotations have (PEP 749).
    FormatParameter,
}

/// How a function gets its defaults, annotations and closure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionAttributes {
    /// `MAKE_FUNCTION`'s argument says which are on the stack.
    InArgument,
    /// By a `SET_FUNCTION_ATTRIBUTE` each.
    SetEach,
}

/// Does a class know its line and the attributes that its methods set?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassOrigins {
    /// No.
    Unknown,
    /// It has `__firstlineno__` and `__static_attributes__`.
    Kept,
}

/// What is kept of a docstring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocstringText {
    /// All.
    AsWritten,
    /// The text without common indentation.
    Dedented,
}

/// What is left of a docstring at `-OO`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SkippedDocstrings {
    /// A statement without effect, whose line is seen.
    PlainStatements,
    /// Nothing.
    Nothing,
}

/// Where the `return` of a lambda is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LambdaReturns {
    /// At the start of its line.
    LineStart,
    /// Where its body is.
    Body,
}

/// Does a label begin the body of a function?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionStart {
    /// No: what it begins with is in one block with `RESUME`.
    Unmarked,
    /// Yes.
    Labelled,
}

/// How a variable of a function around a class is loaded in the class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassDerefs {
    /// By `LOAD_CLASSDEREF`.
    LoadClassderef,
    /// By `LOAD_LOCALS` and `LOAD_FROM_DICT_OR_DEREF`.
    FromDict,
}
