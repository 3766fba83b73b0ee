//! Questions about expressions, comprehensions among them.

/// How `and` and `or` keep or drop an operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoolOps {
    /// `JUMP_IF_TRUE_OR_POP` and `JUMP_IF_FALSE_OR_POP`.
    JumpOrPop,
    /// `COPY`, `TO_BOOL`, `POP_JUMP_IF_*`.
    CopyAndTest,
    /// The pseudo-instructions `JUMP_IF_*`.
    PseudoJump,
}

/// How `x[i]` is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subscripts {
    /// `BINARY_SUBSCR`
    OwnOp,
    /// `BINARY_OP` with `[]`.
    BinaryOp,
}

/// Whether a slice of constants is a constant itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstSlices {
    /// Built at run time like any slice, for which no instruction takes the bounds apart.
    Always,
    /// Built at run time.
    Built,
    /// A constant.
    Constant,
}

/// Who turns displays of constants into one constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstDisplays {
    /// Code generation, for three and more elements; dict keys become one tuple.
    InCodegen,
    /// The control-flow graph's passes.
    InGraph,
}

/// How `CALL_FUNCTION_EX` is told that there are no keywords.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallExKeywords {
    /// Bit 0 of its argument.
    Flag,
    /// A NULL in the place of the dict.
    NullOnStack,
}

/// Whether `all`, `any` and `tuple` of a generator expression become loops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenexpCalls {
    /// Never.
    Plain,
    /// Always, asynchronous generator expressions (which then fail differently) included.
    LoopAlways,
    /// Unless the generator expression is asynchronous.
    LoopIfSync,
    /// The same, and `list` and `set` as well (3.15).
    LoopIfSyncForDisplays,
}

/// How many places of the stack what is iterated over takes (`FOR_ITER`, `SEND`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IteratorSlots {
    /// One: the iterator. `yield from` has an instruction of its own to get it.
    One,
    /// Two: the iterator, or a sequence with the index of its next item; `GET_ITER` pushes both and is told
    /// what for (3.15).
    Two,
}

/// Where comprehensions and generator expressions take the iterator of their iterables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionIters {
    /// Once, where the iterable is evaluated.
    Once,
    /// There and again before `FOR_ITER` (3.13.5 and later, gh-125038).
    Twice,
    /// Once, right before the loop, where what is in the way has been moved (3.15).
    BeforeLoop,
}

/// Which scope of a name that an inlined comprehension makes a cell of decides where the cell is, in a class
/// that gets the same name from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionCells {
    /// The one outside of the comprehension.
    ScopeOutside,
    /// The one inside, which it has by then.
    ScopeNow,
}

/// How displays' keyword names reach a dict: `BUILD_CONST_KEY_MAP` or loads of each key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstKeyMaps {
    /// One tuple of keys and `BUILD_CONST_KEY_MAP`.
    KeyTuple,
    /// Each key before its value.
    Interleaved,
}

/// Which operands of `is` count as literals for the warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsLiterals {
    /// Constants (tuples of constants are constants already).
    Constants,
    /// Constants and tuple displays of constants.
    ConstantsAndTuples,
}

/// Which names an inlined comprehension right in a class body keeps apart from the class's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassComprehensions {
    /// All that it uses (3.13).
    KeepAllNames,
    /// Those that it binds, as everywhere else (3.14).
    KeepBoundNames,
}

/// Who finds out whether a value is true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TruthTests {
    /// The conditional jump, or `UNARY_NOT`.
    InJump,
    /// `TO_BOOL` before it.
    ToBool,
}

/// Where the NULL of a call that is no method's goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallNull {
    /// Beneath what is called.
    Beneath,
    /// On top of it.
    Above,
}

/// How the names of keyword arguments reach the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeywordCalls {
    /// By `KW_NAMES` before `CALL`.
    NamesBefore,
    /// On the stack, to `CALL_KW`.
    OwnOp,
}

/// How replacement fields of f-strings are formatted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormattedValues {
    /// By `FORMAT_VALUE`.
    OneOp,
    /// By `CONVERT_VALUE` and `FORMAT_SIMPLE` or `FORMAT_WITH_SPEC`.
    StepByStep,
}

/// What an f-string without any part becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EmptyJoins {
    /// It is built of no strings.
    Built,
    /// The empty string.
    Constant,
}

/// What `COMPARE_OP`'s argument tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareArgs {
    /// The operator.
    Number,
    /// The operator above four bits that tell which outcomes make it true.
    WithOutcomes,
    /// The same, with a bit between them that asks for a `bool`.
    WithOutcomesAndFlag,
}

/// Which names have their own meaning in an inlined comprehension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionScopes {
    /// Those that it binds, and in a class those whose scope differs from that outside.
    OfBoundNames,
    /// All whose scope differs from that outside, and in a class all.
    OfAllNames,
}

/// How a call is made once everything is on the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallOps {
    /// By `PRECALL` and `CALL`.
    Prepared,
    /// By `CALL`.
    Single,
}

/// What loads a method for a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodLoads {
    /// `LOAD_METHOD`; calls of `super()` are as any other.
    OwnOp,
    /// `LOAD_ATTR` with a flag in its argument, and `LOAD_SUPER_ATTR`.
    Flag,
}

/// How the rarer operations on one value are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intrinsics {
    /// By an operation each.
    OwnOps,
    /// By `CALL_INTRINSIC_1` and `CALL_INTRINSIC_2`.
    Numbered,
}

/// What guards delegation to another iterator, and generators from a stray `StopIteration`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delegation {
    /// The interpreter.
    Bare,
    /// Handlers in the code.
    Guarded,
}

/// How infinities are written in the text of annotations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Infinities {
    /// As `repr` has them: `inf` (3.8).
    AsRepr,
    /// As a number that is read as one: `1e309` (3.9).
    AsLiteral,
}
