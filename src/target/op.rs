//! Operations by meaning.

/// An operation of CPython's virtual machine, real or pseudo, by meaning: where CPython gave one name two
/// meanings in different releases, there are two `Op`s. Numbers are this enum's own; a version's
/// [opcode table](super) has CPython's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u16)]
#[expect(missing_docs, reason = "the names are CPython's")]
pub enum Op {
    AnnotationsPlaceholder,
    BeforeAsyncWith,
    BeforeWith,
    BinaryOp,
    BinarySlice,
    BinarySubscr,
    BuildConstKeyMap,
    BuildInterpolation,
    BuildList,
    BuildMap,
    BuildSet,
    BuildSlice,
    BuildString,
    BuildTemplate,
    BuildTuple,
    Cache,
    Call,
    CallFunctionEx,
    CallIntrinsic1,
    CallIntrinsic2,
    CallKw,
    CheckEgMatch,
    CheckExcMatch,
    CleanupThrow,
    CompareOp,
    ContainsOp,
    ConvertValue,
    Copy,
    CopyFreeVars,
    DeleteAttr,
    DeleteDeref,
    DeleteFast,
    DeleteGlobal,
    DeleteName,
    DeleteSubscr,
    DictMerge,
    DictUpdate,
    EndAsyncFor,
    EndFor,
    EndSend,
    EnterExecutor,
    ExitInitCheck,
    ExtendedArg,
    FormatSimple,
    FormatWithSpec,
    ForIter,
    GetAiter,
    GetAnext,
    GetAwaitable,
    GetIter,
    GetLen,
    GetYieldFromIter,
    ImportFrom,
    ImportName,
    InterpreterExit,
    IsOp,
    Jump,
    JumpBackward,
    JumpBackwardNoInterrupt,
    JumpForward,
    JumpIfFalse,
    JumpIfTrue,
    JumpNoInterrupt,
    ListAppend,
    ListExtend,
    LoadAssertionError,
    LoadAttr,
    LoadBuildClass,
    LoadClosure,
    LoadCommonConstant,
    LoadConst,
    LoadDeref,
    LoadFast,
    LoadFastAndClear,
    LoadFastBorrow,
    LoadFastBorrowLoadFastBorrow,
    LoadFastCheck,
    LoadFastLoadFast,
    LoadFromDictOrDeref,
    LoadFromDictOrGlobals,
    LoadGlobal,
    LoadLocals,
    LoadMethod,
    LoadName,
    LoadSmallInt,
    LoadSpecial,
    LoadSuperAttr,
    LoadSuperMethod,
    LoadZeroSuperAttr,
    LoadZeroSuperMethod,
    MakeCell,
    MakeFunction,
    MapAdd,
    MatchClass,
    MatchKeys,
    MatchMapping,
    MatchSequence,
    Nop,
    NotTaken,
    PopBlock,
    PopExcept,
    PopIter,
    PopJumpIfFalse,
    PopJumpIfNone,
    PopJumpIfNotNone,
    PopJumpIfTrue,
    PopTop,
    PushExcInfo,
    PushNull,
    RaiseVarargs,
    Reraise,
    Reserved,
    Resume,
    ReturnConst,
    ReturnGenerator,
    ReturnValue,
    Send,
    SetupAnnotations,
    SetupCleanup,
    SetupFinally,
    SetupWith,
    SetAdd,
    SetFunctionAttribute,
    SetUpdate,
    StoreAttr,
    StoreDeref,
    StoreFast,
    StoreFastLoadFast,
    StoreFastMaybeNull,
    StoreFastStoreFast,
    StoreGlobal,
    StoreName,
    StoreSlice,
    StoreSubscr,
    Swap,
    ToBool,
    UnaryInvert,
    UnaryNegative,
    UnaryNot,
    UnpackEx,
    UnpackSequence,
    WithExceptStart,
    YieldValue,
}

impl Op {
    /// How many there are.
    pub const COUNT: usize = Op::YieldValue as usize + 1;

    /// Does it push a handler's block? CPython: `IS_BLOCK_PUSH_OPCODE`.
    pub const fn is_block_push(self) -> bool {
        matches!(self, Op::SetupFinally | Op::SetupWith | Op::SetupCleanup)
    }

    /// Does it always jump? CPython: `IS_UNCONDITIONAL_JUMP_OPCODE`.
    pub const fn is_unconditional_jump(self) -> bool {
        matches!(
            self,
            Op::Jump | Op::JumpNoInterrupt | Op::JumpForward | Op::JumpBackward | Op::JumpBackwardNoInterrupt
        )
    }

    /// Does it leave the code object? CPython: `IS_SCOPE_EXIT_OPCODE`.
    pub const fn is_scope_exit(self) -> bool {
        matches!(self, Op::ReturnValue | Op::ReturnConst | Op::RaiseVarargs | Op::Reraise)
    }

    /// Is it emitted by the assembler only? CPython: `IS_ASSEMBLER_OPCODE`.
    pub const fn is_assembler_only(self) -> bool {
        matches!(self, Op::JumpForward | Op::JumpBackward | Op::JumpBackwardNoInterrupt)
    }

    /// Does it jump backwards? CPython: `IS_BACKWARDS_JUMP_OPCODE`.
    pub const fn is_backward_jump(self) -> bool {
        matches!(self, Op::JumpBackward | Op::JumpBackwardNoInterrupt)
    }
}
