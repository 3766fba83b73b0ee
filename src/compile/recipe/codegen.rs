//! What code generation asks of a release: one enum per question.
//!
//! Facts: CPython 3.13 `Python/compile.c`, 3.14 `Python/codegen.c` and `Python/compile.c`, and the
//! instruction sequences that `_testinternalcapi.compiler_codegen` of the reference interpreters shows.

use super::{ContextChecks, EPOCH_3_11, EPOCH_3_12, GenericPrivates, Wording};
use crate::target::{Target, Version};

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

/// How `with` finds and calls `__enter__` and `__exit__`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WithLayout {
    /// `BEFORE_WITH` leaves the bound exit method.
    BeforeWith,
    /// `LOAD_SPECIAL` leaves the exit method and its `self` or NULL.
    LoadSpecial,
}

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

/// Where a generator's first call ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeneratorStart {
    /// Before the first instruction; the graph's last passes see to it.
    InGraph,
    /// Where code generation puts `RETURN_GENERATOR`: in generator expressions once the iterator of the
    /// iterable is taken (3.15).
    InCodegen,
}

/// What the argument of `IMPORT_NAME` says besides the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportModes {
    /// Nothing.
    None,
    /// Whether the import is lazy, or must not become so (PEP 810).
    LazyAndEager,
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

/// Which names an inlined comprehension right in a class body keeps apart from the class's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassComprehensions {
    /// All that it uses (3.13).
    KeepAllNames,
    /// Those that it binds, as everywhere else (3.14).
    KeepBoundNames,
}

/// Where the `POP_TOP` of the subject of a `match` belongs once a case matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MatchedPop {
    /// To the pattern (3.13).
    AtPattern,
    /// To what follows it (3.14).
    AtBody,
}

/// Who finds out whether a value is true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TruthTests {
    /// The conditional jump, or `UNARY_NOT`.
    InJump,
    /// `TO_BOOL` before it.
    ToBool,
}

/// What jumps over a branch that is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlainJumps {
    /// A jump like that of a loop, which looks for signals where it leads back.
    Interruptible,
    /// One that never does.
    NoInterrupt,
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

/// Where the instructions are that begin and end a loop, a comprehension's `for`, and a `with`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClauseLocations {
    /// Where the whole statement or comprehension is; what leaves a `with` is where the statement is that leaves it.
    Whole,
    /// Where the iterable, the context manager or the condition is.
    Clause,
}

/// Which names have their own meaning in an inlined comprehension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionScopes {
    /// Those that it binds, and in a class those whose scope differs from that outside.
    OfBoundNames,
    /// All whose scope differs from that outside, and in a class all.
    OfAllNames,
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

/// Where the instructions are that no node of the tree stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocationState {
    /// Where code generation says.
    Explicit,
    /// Where the compiler is: at the statement or pattern that it entered last, or at a comparison that it jumped on.
    Tracked,
}

/// How a variable of a function around a class is loaded in the class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassDerefs {
    /// By `LOAD_CLASSDEREF`.
    LoadClassderef,
    /// By `LOAD_LOCALS` and `LOAD_FROM_DICT_OR_DEREF`.
    FromDict,
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

/// How infinities are written in the text of annotations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Infinities {
    /// As `repr` has them: `inf` (3.8).
    AsRepr,
    /// As a number that is read as one: `1e309` (3.9).
    AsLiteral,
}

/// Code generation's answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the types say it")]
pub struct CodegenRecipe {
    pub annotations: Annotations,
    pub annotate_names: AnnotateNames,
    pub annotation_order: AnnotationOrder,
    pub with_layout: WithLayout,
    pub bool_ops: BoolOps,
    pub subscripts: Subscripts,
    pub const_slices: ConstSlices,
    pub const_displays: ConstDisplays,
    pub const_key_maps: ConstKeyMaps,
    pub while_loops: WhileLoops,
    pub iterator_pop: IteratorPop,
    pub async_for_end: AsyncForEnd,
    pub assertion_errors: AssertionErrors,
    pub call_ex_keywords: CallExKeywords,
    pub genexp_calls: GenexpCalls,
    pub iterator_slots: IteratorSlots,
    pub generator_start: GeneratorStart,
    pub import_modes: ImportModes,
    pub comprehension_iters: ComprehensionIters,
    pub comprehension_cells: ComprehensionCells,
    pub finally_copies: FinallyCopies,
    pub generic_parameters: GenericParameters,
    pub docstrings: Docstrings,
    pub context_checks: ContextChecks,
    /// Where private names are mangled as in a generic class.
    pub generic_privates: GenericPrivates,
    pub is_literals: IsLiterals,
    pub lazy_types: LazyTypes,
    pub matched_pop: MatchedPop,
    pub class_comprehensions: ClassComprehensions,
    pub truth_tests: TruthTests,
    pub plain_jumps: PlainJumps,
    pub call_null: CallNull,
    pub keyword_calls: KeywordCalls,
    pub formatted_values: FormattedValues,
    pub empty_joins: EmptyJoins,
    pub function_attributes: FunctionAttributes,
    pub class_origins: ClassOrigins,
    pub docstring_text: DocstringText,
    pub skipped_docstrings: SkippedDocstrings,
    pub compare_args: CompareArgs,
    pub assert_raises: AssertRaises,
    pub calls: CallOps,
    pub method_loads: MethodLoads,
    pub intrinsics: Intrinsics,
    pub delegation: Delegation,
    pub location_state: LocationState,
    pub class_derefs: ClassDerefs,
    pub for_targets: ForTargets,
    pub with_ends: WithEnds,
    pub except_stars: ExceptStars,
    pub clause_locations: ClauseLocations,
    pub lambda_returns: LambdaReturns,
    pub comprehension_scopes: ComprehensionScopes,
    pub function_start: FunctionStart,
    pub infinities: Infinities,
    pub wording: Wording,
}

impl CodegenRecipe {
    /// The answers of `target`.
    pub const fn of(target: Target) -> Self {
        match target.version {
            Version::V3_11 => CodegenRecipe {
                annotate_names: AnnotateNames::OfScope,
                annotation_order: AnnotationOrder::PositionalOnlySecond,
                iterator_slots: IteratorSlots::One,
                generator_start: GeneratorStart::InGraph,
                import_modes: ImportModes::None,
                annotations: Annotations::Eager,
                with_layout: WithLayout::BeforeWith,
                bool_ops: BoolOps::JumpOrPop,
                subscripts: Subscripts::OwnOp,
                const_slices: ConstSlices::Always,
                const_displays: ConstDisplays::InCodegen,
                const_key_maps: ConstKeyMaps::KeyTuple,
                while_loops: WhileLoops::TestTwice,
                iterator_pop: IteratorPop::ByForIter,
                async_for_end: AsyncForEnd::Plain,
                assertion_errors: AssertionErrors::OwnOp,
                call_ex_keywords: CallExKeywords::Flag,
                genexp_calls: GenexpCalls::Plain,
                comprehension_iters: ComprehensionIters::Once,
                comprehension_cells: ComprehensionCells::ScopeOutside,
                finally_copies: FinallyCopies::Warn,
                generic_parameters: GenericParameters::CountedLast,
                docstrings: Docstrings::FirstConstAlways,
                context_checks: ContextChecks::CodeGenerator,
                generic_privates: GenericPrivates::of(target),
                is_literals: IsLiterals::Constants,
                lazy_types: LazyTypes::AtParameter,
                matched_pop: MatchedPop::AtPattern,
                class_comprehensions: ClassComprehensions::KeepAllNames,
                truth_tests: TruthTests::InJump,
                plain_jumps: PlainJumps::Interruptible,
                call_null: CallNull::Beneath,
                keyword_calls: KeywordCalls::NamesBefore,
                formatted_values: FormattedValues::OneOp,
                empty_joins: EmptyJoins::Built,
                function_attributes: FunctionAttributes::InArgument,
                class_origins: ClassOrigins::Unknown,
                docstring_text: DocstringText::AsWritten,
                skipped_docstrings: SkippedDocstrings::PlainStatements,
                compare_args: CompareArgs::Number,
                assert_raises: if target.micro >= EPOCH_3_11 {
                    AssertRaises::AtTest
                } else {
                    AssertRaises::Whole
                },
                calls: CallOps::Prepared,
                method_loads: MethodLoads::OwnOp,
                intrinsics: Intrinsics::OwnOps,
                delegation: Delegation::Bare,
                location_state: LocationState::Tracked,
                class_derefs: ClassDerefs::LoadClassderef,
                for_targets: ForTargets::InBody,
                with_ends: WithEnds::SuppressedLast,
                except_stars: ExceptStars::Swapped,
                clause_locations: ClauseLocations::Whole,
                lambda_returns: LambdaReturns::LineStart,
                comprehension_scopes: ComprehensionScopes::OfBoundNames,
                function_start: FunctionStart::Unmarked,
                infinities: Infinities::AsLiteral,
                wording: Wording::of(target),
            },
            // What is older has a lowering of its own, and shares little with 3.12.
            Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_12 => {
                let late = matches!(target, Target { version: Version::V3_12, micro: EPOCH_3_12.. });
                CodegenRecipe {
                    annotate_names: AnnotateNames::OfScope,
                    annotation_order: AnnotationOrder::PositionalOnlySecond,
                    iterator_slots: IteratorSlots::One,
                    generator_start: GeneratorStart::InGraph,
                    import_modes: ImportModes::None,
                    annotations: Annotations::Eager,
                    with_layout: WithLayout::BeforeWith,
                    bool_ops: BoolOps::CopyAndTest,
                    subscripts: Subscripts::OwnOp,
                    const_slices: ConstSlices::Built,
                    const_displays: ConstDisplays::InCodegen,
                    const_key_maps: ConstKeyMaps::KeyTuple,
                    while_loops: WhileLoops::TestTwice,
                    iterator_pop: IteratorPop::ByEndFor,
                    async_for_end: AsyncForEnd::Plain,
                    assertion_errors: AssertionErrors::OwnOp,
                    call_ex_keywords: CallExKeywords::Flag,
                    genexp_calls: GenexpCalls::Plain,
                    comprehension_iters: ComprehensionIters::Once,
                    comprehension_cells: ComprehensionCells::ScopeOutside,
                    finally_copies: FinallyCopies::Warn,
                    generic_parameters: GenericParameters::CountedLast,
                    docstrings: Docstrings::FirstConstAlways,
                    context_checks: ContextChecks::CodeGenerator,
                    generic_privates: GenericPrivates::of(target),
                    is_literals: IsLiterals::Constants,
                    lazy_types: LazyTypes::AtParameter,
                    matched_pop: MatchedPop::AtPattern,
                    class_comprehensions: ClassComprehensions::KeepAllNames,
                    truth_tests: TruthTests::InJump,
                    plain_jumps: PlainJumps::Interruptible,
                    call_null: CallNull::Beneath,
                    keyword_calls: KeywordCalls::NamesBefore,
                    formatted_values: FormattedValues::OneOp,
                    empty_joins: EmptyJoins::Built,
                    function_attributes: FunctionAttributes::InArgument,
                    class_origins: ClassOrigins::Unknown,
                    docstring_text: DocstringText::AsWritten,
                    skipped_docstrings: SkippedDocstrings::PlainStatements,
                    compare_args: CompareArgs::WithOutcomes,
                    assert_raises: if late { AssertRaises::AtTest } else { AssertRaises::Whole },
                    calls: CallOps::Single,
                    method_loads: MethodLoads::Flag,
                    intrinsics: Intrinsics::Numbered,
                    delegation: Delegation::Guarded,
                    location_state: LocationState::Explicit,
                    class_derefs: ClassDerefs::FromDict,
                    for_targets: ForTargets::Marked,
                    with_ends: WithEnds::SuppressedFirst,
                    except_stars: ExceptStars::Copied,
                    clause_locations: if late { ClauseLocations::Clause } else { ClauseLocations::Whole },
                    lambda_returns: if late { LambdaReturns::Body } else { LambdaReturns::LineStart },
                    comprehension_scopes: if late {
                        ComprehensionScopes::OfAllNames
                    } else {
                        ComprehensionScopes::OfBoundNames
                    },
                    function_start: if late { FunctionStart::Labelled } else { FunctionStart::Unmarked },
                    infinities: match target.version {
                        Version::V3_8 => Infinities::AsRepr,
                        _ => Infinities::AsLiteral,
                    },
                    wording: Wording::of(target),
                }
            }
            Version::V3_13 => CodegenRecipe {
                annotations: Annotations::Eager,
                annotate_names: AnnotateNames::OfScope,
                annotation_order: AnnotationOrder::PositionalOnlySecond,
                with_layout: WithLayout::BeforeWith,
                bool_ops: BoolOps::CopyAndTest,
                subscripts: Subscripts::OwnOp,
                const_slices: ConstSlices::Built,
                const_displays: ConstDisplays::InCodegen,
                const_key_maps: ConstKeyMaps::KeyTuple,
                while_loops: WhileLoops::TestTwice,
                iterator_pop: IteratorPop::PopTop,
                async_for_end: AsyncForEnd::Plain,
                assertion_errors: AssertionErrors::OwnOp,
                call_ex_keywords: CallExKeywords::Flag,
                genexp_calls: GenexpCalls::Plain,
                iterator_slots: IteratorSlots::One,
                generator_start: GeneratorStart::InGraph,
                import_modes: ImportModes::None,
                comprehension_iters: if target.micro >= 5 {
                    ComprehensionIters::Twice
                } else {
                    ComprehensionIters::Once
                },
                comprehension_cells: ComprehensionCells::ScopeOutside,
                finally_copies: if target.micro >= 4 { FinallyCopies::Silent } else { FinallyCopies::Warn },
                generic_parameters: GenericParameters::CountedLast,
                docstrings: Docstrings::FirstConstAlways,
                context_checks: ContextChecks::CodeGenerator,
                generic_privates: GenericPrivates::of(target),
                is_literals: IsLiterals::Constants,
                lazy_types: LazyTypes::Plain,
                matched_pop: MatchedPop::AtPattern,
                class_comprehensions: ClassComprehensions::KeepAllNames,
                truth_tests: TruthTests::ToBool,
                plain_jumps: PlainJumps::NoInterrupt,
                call_null: CallNull::Above,
                keyword_calls: KeywordCalls::OwnOp,
                formatted_values: FormattedValues::StepByStep,
                empty_joins: EmptyJoins::Constant,
                function_attributes: FunctionAttributes::SetEach,
                class_origins: ClassOrigins::Kept,
                docstring_text: DocstringText::Dedented,
                skipped_docstrings: SkippedDocstrings::Nothing,
                compare_args: CompareArgs::WithOutcomesAndFlag,
                assert_raises: AssertRaises::AtTest,
                calls: CallOps::Single,
                method_loads: MethodLoads::Flag,
                intrinsics: Intrinsics::Numbered,
                delegation: Delegation::Guarded,
                location_state: LocationState::Explicit,
                class_derefs: ClassDerefs::FromDict,
                for_targets: ForTargets::Marked,
                with_ends: WithEnds::SuppressedFirst,
                except_stars: ExceptStars::Copied,
                clause_locations: ClauseLocations::Clause,
                lambda_returns: LambdaReturns::Body,
                comprehension_scopes: ComprehensionScopes::OfAllNames,
                function_start: FunctionStart::Labelled,
                infinities: Infinities::AsLiteral,
                wording: Wording::of(target),
            },
            Version::V3_14 => CodegenRecipe {
                annotations: Annotations::Deferred,
                annotate_names: AnnotateNames::OfScope,
                annotation_order: AnnotationOrder::PositionalOnlySecond,
                with_layout: WithLayout::LoadSpecial,
                bool_ops: BoolOps::PseudoJump,
                subscripts: Subscripts::BinaryOp,
                const_slices: ConstSlices::Constant,
                const_displays: ConstDisplays::InGraph,
                const_key_maps: ConstKeyMaps::Interleaved,
                while_loops: WhileLoops::JumpBack,
                iterator_pop: IteratorPop::PopIter,
                async_for_end: AsyncForEnd::NamesSend,
                assertion_errors: AssertionErrors::CommonConstant,
                call_ex_keywords: CallExKeywords::NullOnStack,
                genexp_calls: if target.micro >= 8 {
                    GenexpCalls::LoopIfSync
                } else {
                    GenexpCalls::LoopAlways
                },
                iterator_slots: IteratorSlots::One,
                generator_start: GeneratorStart::InGraph,
                import_modes: ImportModes::None,
                comprehension_iters: ComprehensionIters::Once,
                comprehension_cells: ComprehensionCells::ScopeNow,
                finally_copies: FinallyCopies::WarnOutside,
                generic_parameters: GenericParameters::CountedFirst,
                docstrings: Docstrings::FirstConstIfFlagged,
                context_checks: ContextChecks::SymbolTable,
                generic_privates: GenericPrivates::of(target),
                is_literals: IsLiterals::ConstantsAndTuples,
                lazy_types: LazyTypes::FormatParameter,
                matched_pop: MatchedPop::AtBody,
                class_comprehensions: ClassComprehensions::KeepBoundNames,
                truth_tests: TruthTests::ToBool,
                plain_jumps: PlainJumps::NoInterrupt,
                call_null: CallNull::Above,
                keyword_calls: KeywordCalls::OwnOp,
                formatted_values: FormattedValues::StepByStep,
                empty_joins: EmptyJoins::Constant,
                function_attributes: FunctionAttributes::SetEach,
                class_origins: ClassOrigins::Kept,
                docstring_text: DocstringText::Dedented,
                skipped_docstrings: SkippedDocstrings::Nothing,
                compare_args: CompareArgs::WithOutcomesAndFlag,
                assert_raises: AssertRaises::AtTest,
                calls: CallOps::Single,
                method_loads: MethodLoads::Flag,
                intrinsics: Intrinsics::Numbered,
                delegation: Delegation::Guarded,
                location_state: LocationState::Explicit,
                class_derefs: ClassDerefs::FromDict,
                for_targets: ForTargets::Marked,
                with_ends: WithEnds::SuppressedFirst,
                except_stars: ExceptStars::Copied,
                clause_locations: ClauseLocations::Clause,
                lambda_returns: LambdaReturns::Body,
                comprehension_scopes: ComprehensionScopes::OfAllNames,
                function_start: FunctionStart::Labelled,
                infinities: Infinities::AsLiteral,
                wording: Wording::of(target),
            },
            Version::V3_15 => CodegenRecipe {
                annotations: Annotations::Deferred,
                annotate_names: AnnotateNames::OfFunction,
                annotation_order: AnnotationOrder::AsWritten,
                with_layout: WithLayout::LoadSpecial,
                bool_ops: BoolOps::PseudoJump,
                subscripts: Subscripts::BinaryOp,
                const_slices: ConstSlices::Constant,
                const_displays: ConstDisplays::InGraph,
                const_key_maps: ConstKeyMaps::Interleaved,
                while_loops: WhileLoops::JumpBack,
                iterator_pop: IteratorPop::PopIter,
                async_for_end: AsyncForEnd::NamesSend,
                assertion_errors: AssertionErrors::CommonConstant,
                call_ex_keywords: CallExKeywords::NullOnStack,
                genexp_calls: GenexpCalls::LoopIfSyncForDisplays,
                iterator_slots: IteratorSlots::Two,
                generator_start: GeneratorStart::InCodegen,
                import_modes: ImportModes::LazyAndEager,
                comprehension_iters: ComprehensionIters::BeforeLoop,
                comprehension_cells: ComprehensionCells::ScopeNow,
                finally_copies: FinallyCopies::WarnOutside,
                generic_parameters: GenericParameters::CountedFirst,
                docstrings: Docstrings::FirstConstIfFlagged,
                context_checks: ContextChecks::SymbolTable,
                generic_privates: GenericPrivates::of(target),
                is_literals: IsLiterals::ConstantsAndTuples,
                lazy_types: LazyTypes::FormatParameter,
                matched_pop: MatchedPop::AtBody,
                class_comprehensions: ClassComprehensions::KeepBoundNames,
                truth_tests: TruthTests::ToBool,
                plain_jumps: PlainJumps::NoInterrupt,
                call_null: CallNull::Above,
                keyword_calls: KeywordCalls::OwnOp,
                formatted_values: FormattedValues::StepByStep,
                empty_joins: EmptyJoins::Constant,
                function_attributes: FunctionAttributes::SetEach,
                class_origins: ClassOrigins::Kept,
                docstring_text: DocstringText::Dedented,
                skipped_docstrings: SkippedDocstrings::Nothing,
                compare_args: CompareArgs::WithOutcomesAndFlag,
                assert_raises: AssertRaises::AtTest,
                calls: CallOps::Single,
                method_loads: MethodLoads::Flag,
                intrinsics: Intrinsics::Numbered,
                delegation: Delegation::Guarded,
                location_state: LocationState::Explicit,
                class_derefs: ClassDerefs::FromDict,
                for_targets: ForTargets::Marked,
                with_ends: WithEnds::SuppressedFirst,
                except_stars: ExceptStars::Copied,
                clause_locations: ClauseLocations::Clause,
                lambda_returns: LambdaReturns::Body,
                comprehension_scopes: ComprehensionScopes::OfAllNames,
                function_start: FunctionStart::Labelled,
                infinities: Infinities::AsLiteral,
                wording: Wording::of(target),
            },
        }
    }
}
