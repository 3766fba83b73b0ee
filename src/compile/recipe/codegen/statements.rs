//! Questions about statements: loops, `with`, `try`, `match`, `assert`, imports.

/// How `with` finds and calls `__enter__` and `__exit__`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WithLayout {
    /// `BEFORE_WITH` leaves the bound exit method.
    BeforeWith,
    /// `LOAD_SPECIAL` leaves the exit method and its `self` or NULL.
    LoadSpecial,
}

/// Where a `while` loop tests again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhileLoops {
    /// At its end too.
    TestTwice,
    /// At its start only.
    JumpBack,
}

/// What removes the iterator of a finished `for`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IteratorPop {
    /// `FOR_ITER`
    ByForIter,
    /// `END_FOR`
    ByEndFor,
    /// `POP_TOP`
    PopTop,
    /// `POP_ITER`
    PopIter,
}

/// How `async for` ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsyncForEnd {
    /// `END_ASYNC_FOR` without a target.
    Plain,
    /// `END_ASYNC_FOR` names its `SEND`, and the body of the statement begins with `NOT_TAKEN`.
    NamesSend,
}

/// How `AssertionError` is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssertionErrors {
    /// `LOAD_ASSERTION_ERROR`
    OwnOp,
    /// `LOAD_COMMON_CONSTANT`
    CommonConstant,
}

/// What the argument of `IMPORT_NAME` says besides the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportModes {
    /// Nothing.
    None,
    /// Whether the import is lazy, or must not become so (PEP 810).
    LazyAndEager,
}

/// Whether the copy of a `finally` body that an exception leads to warns again, and those on the way out of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FinallyCopies {
    /// They do, each (3.13.0; 3.13.4 has gh-131927).
    Warn,
    /// No.
    Silent,
    /// Once the way out has left the inner `finally`.
    WarnOutside,
}

/// Where the `POP_TOP` of the subject of a `match` belongs once a case matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MatchedPop {
    /// To the pattern (3.13).
    AtPattern,
    /// To what follows it (3.14).
    AtBody,
}

/// What jumps over a branch that is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlainJumps {
    /// A jump like that of a loop, which looks for signals where it leads back.
    Interruptible,
    /// One that never does.
    NoInterrupt,
}

/// Where the instructions are that begin and end a loop, a comprehension's `for`, and a `with`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClauseLocations {
    /// Where the whole statement or comprehension is; what leaves a `with` is where the statement is that leaves it.
    Whole,
    /// Where the iterable, the context manager or the condition is.
    Clause,
}

/// Where the instructions are that no node of the tree stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocationState {
    /// Where code generation says.
    Explicit,
    /// Where the compiler is: at the statement or pattern that it entered last, or at a comparison that it jumped on.
    Tracked,
}

/// Is the target of a `for` marked for its line?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ForTargets {
    /// No.
    InBody,
    /// By a `NOP`.
    Marked,
}

/// What comes first behind a `with` whose exit method got an exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WithEnds {
    /// What is done when the method raises; the suppressed exception is dropped last.
    SuppressedLast,
    /// The suppressed exception's end.
    SuppressedFirst,
}

/// How the first `except*` clause puts a list of what the clauses raise below the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExceptStars {
    /// The group is copied and swapped with the list.
    Swapped,
    /// The list is made above the group, which is copied.
    Copied,
}

/// Where the `raise` of an assertion is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssertRaises {
    /// Where the assertion is.
    Whole,
    /// Where its condition is.
    AtTest,
}
