//! The internal instructions: three-address code over a window of registers.
//!
//! The first registers of a window are the locals, the others the places of CPython's value stack. An instruction
//! names the registers that it reads and writes, so loads and stores of locals mostly vanish. `a` is what is
//! written where nothing else is said. Writing drops what was there. A register that is read and is a place of the
//! stack is *consumed*; [`KILL_B`] and [`KILL_C`] say so. Invariant: a place of the stack that is not in use
//! holds no pointer, so a window can always be cleaned without knowing the depth.

/// The register `b` is consumed.
pub const KILL_B: u8 = 1;
/// The register `c` is consumed.
pub const KILL_C: u8 = 2;
/// Of a call: no receiver, arguments start at `a + 2`.
pub const NO_SELF: u8 = 4;
/// Of a jump on a comparison: jump where it is false.
pub const IF_FALSE: u8 = 8;
/// Of a call: the frame is a generator's, whose registers are not the stack's.
pub const OUT: u8 = 32;
/// The register `a`, which is read, is consumed.
pub const KILL_A: u8 = 16;

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Instr {
    /// What it does.
    pub op: Op,
    /// Flags.
    pub k: u8,
    /// First register.
    pub a: u16,
    /// Second register.
    pub b: u16,
    /// Third register, or a number.
    pub c: u16,
    /// An index or a number; of a jump how many bytes there are from behind it to its target.
    pub d: u32,
}

impl Instr {
    /// What `d` is of a jump from the instruction number `from` to the instruction number `to`.
    pub(super) const fn way(from: usize, to: usize) -> u32 {
        ((to as i32 - from as i32 - 1) * size_of::<Instr>() as i32) as u32
    }

    /// Where the jump goes that is at `at`.
    #[inline(always)]
    pub(crate) const fn target(&self, at: *const Instr) -> *const Instr {
        at.wrapping_add(1).wrapping_byte_offset(self.d as i32 as isize)
    }

    /// The number of the instruction where the jump goes that has the number `at`.
    pub(crate) const fn target_from(&self, at: usize) -> usize {
        (at + 1).wrapping_add_signed((self.d as i32 / size_of::<Instr>() as i32) as isize)
    }
}

/// What instructions do. `r` are the registers, `d` the index, number or target of the instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Op {
    /// Nothing.
    Nop,
    /// Has the code lowered that it stands for, and runs it.
    Prepare,
    /// `r[a] = consts[d]`
    LoadConst,
    /// `r[a] = d`, a small int.
    LoadSmall,
    /// `r[a] = r[b]`, counted.
    Copy,
    /// `r[a] = r[b]`, which is emptied.
    Move,
    /// Exchanges `r[a]` and `r[b]`.
    Swap,
    /// Empties `r[a]`.
    Clear,
    /// Raises `UnboundLocalError` where the local `r[a]` is empty.
    CheckBound,
    /// Empties the local `r[a]`; raises where it is.
    DeleteLocal,
    /// `r[a]` = the global with cache `c`, name `d`.
    LoadGlobal,
    /// The global with name `d` = `r[b]`.
    StoreGlobal,
    /// Deletes the global with name `d`.
    DeleteGlobal,
    /// `r[a]` = the name `d` of the namespace, the globals or builtins.
    LoadName,
    /// The name `d` of the namespace = `r[b]`.
    StoreName,
    /// Deletes the name `d` of the namespace.
    DeleteName,
    /// `r[a]` = the namespace.
    LoadLocals,
    /// `r[a]` = the name `d` of `r[b]`, the globals or builtins.
    LoadFromDictOrGlobals,
    /// `r[a]` = the name of the cell `r[c]` in `r[b]`, or what the cell holds.
    LoadFromDictOrDeref,
    /// Makes the local `r[a]` a cell that holds what it held.
    MakeCell,
    /// Puts the function's `d` free variables into the last locals.
    CopyFree,
    /// `r[a]` = what the cell `r[b]` holds.
    LoadDeref,
    /// The cell `r[a]` holds `r[b]`.
    StoreDeref,
    /// Empties the cell `r[a]`.
    DeleteDeref,
    /// `r[a] = r[b] + r[c]`; `d` is CPython's number of the operation, in place or not.
    Add,
    /// `r[a] = r[b] - r[c]`
    Sub,
    /// `r[a] = r[b] * r[c]`
    Mul,
    /// `r[a] = r[b] / r[c]`
    TrueDiv,
    /// `r[a] = r[b] // r[c]`
    FloorDiv,
    /// `r[a] = r[b] % r[c]`
    Mod,
    /// `r[a] = r[b] & r[c]`
    And,
    /// `r[a] = r[b] + consts[c]`
    AddConst,
    /// `r[a] = r[b] - consts[c]`
    SubConst,
    /// `r[a] = r[b] * consts[c]`
    MulConst,
    /// `r[a] = r[b] op r[c]`, `d` is CPython's number of the operation.
    Binary,
    /// `r[a] = r[b] op r[c]`, `d` is the comparison; [`IF_FALSE`] asks for a bool.
    Compare,
    /// Jumps to `d` if `r[b] < r[c]`, or if not.
    JumpLt,
    /// The same with `<=`.
    JumpLe,
    /// The same with `==`.
    JumpEq,
    /// The same with `!=`.
    JumpNe,
    /// The same with `>`.
    JumpGt,
    /// The same with `>=`.
    JumpGe,
    /// The same with `<` and `consts[c]`.
    JumpLtConst,
    /// The same with `<=` and `consts[c]`.
    JumpLeConst,
    /// The same with `==` and `consts[c]`.
    JumpEqConst,
    /// The same with `!=` and `consts[c]`.
    JumpNeConst,
    /// The same with `>` and `consts[c]`.
    JumpGtConst,
    /// The same with `>=` and `consts[c]`.
    JumpGeConst,
    /// Goes on at `d`.
    Jump,
    /// Goes on at `d`, which is before; limits and signals are looked at.
    JumpBack,
    /// Goes on at `d` if `r[b]` is false.
    JumpIfFalse,
    /// Goes on at `d` if `r[b]` is true.
    JumpIfTrue,
    /// Goes on at `d` if `r[b]` is `None`.
    JumpIfNone,
    /// Goes on at `d` if `r[b]` is not `None`.
    JumpIfNotNone,
    /// `r[a] = bool(r[b])`
    ToBool,
    /// `r[a] = not r[b]`
    Not,
    /// `r[a] = -r[b]`
    Negative,
    /// `r[a] = ~r[b]`
    Invert,
    /// `r[a] = +r[b]`
    Positive,
    /// `r[a] = r[b] is r[c]`, or is not where `d` is 1.
    Is,
    /// `r[a] = r[b] in r[c]`, or not in where `d` is 1.
    Contains,
    /// `r[a] = iter(r[b])`
    GetIter,
    /// `r[a]` = the next of the iterator `r[b]`; goes on at `d` where there is none.
    ForIter,
    /// `r[a] = r[b][r[c]]`
    Subscr,
    /// `r[a] = r[b][consts[c]]`
    SubscrConst,
    /// `r[a][r[b]] = r[c]`
    StoreSubscr,
    /// `r[a][consts[b]] = r[c]`
    StoreSubscrConst,
    /// `del r[b][r[c]]`
    DeleteSubscr,
    /// `r[a] = r[a][r[a + 1]:r[a + 2]]`
    BinarySlice,
    /// `r[a + 1][r[a + 2]:r[a + 3]] = r[a]`
    StoreSlice,
    /// `r[a]` = list of `c` registers from `a` on.
    BuildList,
    /// `r[a]` = tuple of `c` registers from `a` on.
    BuildTuple,
    /// `r[a]` = set of `c` registers from `a` on.
    BuildSet,
    /// `r[a]` = dict of `c` pairs of registers from `a` on.
    BuildMap,
    /// `r[a]` = dict of `c` registers from `a` on, and the tuple of keys behind them.
    BuildConstMap,
    /// `r[a]` = the strings of `c` registers from `a` on, joined.
    BuildString,
    /// `r[a]` = slice of `c` registers from `a` on.
    BuildSlice,
    /// The list `r[a]` gets `r[b]`.
    ListAppend,
    /// The set `r[a]` gets `r[b]`.
    SetAdd,
    /// The dict `r[a]` gets key `r[b]` with `r[c]`.
    MapAdd,
    /// The list `r[a]` gets all of `r[b]`.
    ListExtend,
    /// The set `r[a]` gets all of `r[b]`.
    SetUpdate,
    /// The dict `r[a]` gets all of `r[b]`.
    DictUpdate,
    /// The same for keyword arguments of the callable `r[c]`: each key once.
    DictMerge,
    /// `c` registers from `a` on = the elements of `r[b]`, the first one last. Where `d` is 1, the `c` instructions
    /// behind it are moves of the elements to where they go, in order.
    Unpack,
    /// The same with a list in between: `c` before, `d` after.
    UnpackEx,
    /// `r[a] = r[b].name`; cache `c`, name `d`.
    LoadAttr,
    /// `r[a]`, `r[a + 1]` = method and receiver, or attribute and nothing.
    LoadMethod,
    /// `r[a].name = r[b]`; cache `c`, name `d`.
    StoreAttr,
    /// `del r[b].name`
    DeleteAttr,
    /// `r[a]` = attribute of super: `r[a]` super, `r[a + 1]` class, `r[a + 2]` self; `c` is 1 for a method.
    LoadSuper,
    /// Exchanges `r[a]` and `r[a + 1]` where the first one is empty.
    Order,
    /// Calls `r[a]` with `c` arguments; `r[b]` = the result.
    Call,
    /// The same, where the tuple of names is behind the arguments.
    CallKw,
    /// Calls `r[a]` with the tuple `r[a + 2]` and, where it is there, the dict `r[a + 3]`.
    CallEx,
    /// Returns `r[b]`.
    Return,
    /// Makes a generator of the frame and returns it; `r[a]` gets what is sent first.
    ReturnGenerator,
    /// Leaves the frame with `r[b]`; `r[a]` gets what is sent.
    Yield,
    /// Sends `r[c]` to `r[b]`; `r[a]` = what it yields; goes on at `d` with what it returns.
    Send,
    /// `r[a]` = an iterator of `r[b]` for `yield from`.
    GetYieldFrom,
    /// `r[a]` = what `await r[b]` waits for.
    GetAwaitable,
    /// `StopIteration` that was thrown in at `yield from` becomes its value: `r[a]` iterator, `r[a + 1]` last value,
    /// `r[a + 2]` exception.
    CleanupThrow,
    /// `r[a]` = function of the code `r[b]`.
    MakeFunction,
    /// An attribute of the function `r[a]` = `r[b]`; `d` says which.
    SetFunction,
    /// `r[a] = __build_class__`
    LoadBuildClass,
    /// `r[a]` = the constant `d` that is in no list.
    LoadCommon,
    /// Raises; `c` of `r[a]`, `r[a + 1]`.
    Raise,
    /// Raises the exception `r[b]` again; `c` is 1 where `d` has the register of the place that it came from.
    Reraise,
    /// `r[a]`, `r[a + 1]` = what is being handled, the exception `r[a]`, which is being handled now.
    PushExc,
    /// `r[b]` is what is being handled.
    PopExcept,
    /// `r[a]` = does the exception `r[b]` match `r[c]`?
    ExcMatch,
    /// `r[a]`, `r[a + 1]` = rest and match of the exception group `r[a]` by the types `r[a + 1]`.
    ExcGroupMatch,
    /// `r[a]`, `r[a + 1]` = special method `d` of `r[b]`, receiver.
    LoadSpecial,
    /// `r[a]` = result of the exit method for an exception: the method is at `b`, where `d` is 1 with its receiver behind
    /// it, the exception at `c`.
    WithExcept,
    /// `r[a]` = module with name `d`: `r[a]` level, `r[a + 1]` names.
    ImportName,
    /// `r[a]` = attribute with name `d` of module `r[b]`.
    ImportFrom,
    /// `r[a]` = `str`, `repr` or `ascii` of `r[b]`, by `d`.
    Convert,
    /// `r[a] = format(r[b])`
    Format,
    /// `r[a] = format(r[b], r[c])`
    FormatSpec,
    /// `r[a]` = one-argument intrinsic `d` of `r[b]`.
    Intrinsic1,
    /// `r[a]` = two-argument intrinsic `d` of `r[b]`, `r[c]`.
    Intrinsic2,
    /// `r[a] = len(r[b])`
    GetLen,
    /// `r[a]` = is `r[b]` a mapping?
    MatchMapping,
    /// `r[a]` = is `r[b]` a sequence?
    MatchSequence,
    /// `r[a]` = values of the keys `r[c]` of `r[b]`, or `None`.
    MatchKeys,
    /// `r[a]` = attributes of `r[a]` by class `r[a + 1]` and names `r[a + 2]`, `c` by position; or `None`.
    MatchClass,
    /// `r[a]` = dict of the mapping `r[b]` without the keys `r[c]`.
    DictWithout,
    /// Makes `__annotations__` of the namespace.
    SetupAnnotations,
    /// Raises an error that says that this machine lacks the operation; constant `d` is its name.
    Missing,
}

impl Op {
    /// Is it an operation of two values?
    pub(crate) const fn is_operation(self) -> bool {
        matches!(
            self,
            Op::Add
                | Op::Sub
                | Op::Mul
                | Op::TrueDiv
                | Op::FloorDiv
                | Op::Mod
                | Op::And
                | Op::AddConst
                | Op::SubConst
                | Op::MulConst
                | Op::Binary
        )
    }

    /// Are `b` and `c` registers that are read, of an instruction that writes `a`?
    pub const fn reads(self) -> (bool, bool) {
        match self {
            Op::Add
            | Op::Sub
            | Op::Mul
            | Op::TrueDiv
            | Op::FloorDiv
            | Op::Mod
            | Op::And
            | Op::Binary
            | Op::Compare
            | Op::Is
            | Op::Contains
            | Op::Subscr
            | Op::FormatSpec
            | Op::Intrinsic2 => (true, true),
            Op::AddConst
            | Op::SubConst
            | Op::MulConst
            | Op::ToBool
            | Op::Not
            | Op::Negative
            | Op::Invert
            | Op::Positive
            | Op::SubscrConst
            | Op::GetIter
            | Op::LoadAttr
            | Op::Convert
            | Op::Format
            | Op::Intrinsic1
            | Op::MakeFunction
            | Op::LoadFromDictOrGlobals
            | Op::LoadFromDictOrDeref
            | Op::Yield
            | Op::GetAwaitable
            | Op::GetYieldFrom => (true, false),
            _ => (false, false),
        }
    }
}

/// Numbers of intrinsic functions that CPython has instructions for.
pub mod intrinsic {
    /// `INTRINSIC_STOPITERATION_ERROR`
    pub const STOP_ITERATION_ERROR: u32 = 3;
    /// `BUILD_TEMPLATE`, of a pair.
    pub const TEMPLATE: u32 = 100;
    /// `GET_AITER`
    pub const AITER: u32 = 101;
    /// `GET_ANEXT`
    pub const ANEXT: u32 = 102;
    /// `END_ASYNC_FOR`
    pub const END_ASYNC_FOR: u32 = 103;
    /// `BUILD_INTERPOLATION`, of a row; the conversion is added.
    pub const INTERPOLATION: u32 = 200;
}
