//! What the passes ask about an operation, as one lookup.
//!
//! CPython asks the same questions with macros (`Include/internal/pycore_opcode_utils.h`) and generated
//! metadata flags. The sum of all classes in a block says which passes have nothing to do there.

use crate::target::Op;

/// A set of properties of an operation, or of all operations of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Class(u16);

impl Class {
    /// None.
    pub const NONE: Class = Class(0);
    /// Ends a block by jumping, always or sometimes.
    pub const JUMP: Class = Class(1);
    /// Jumps always.
    pub const ALWAYS: Class = Class(1 << 1);
    /// Leaves the frame: return or raise.
    pub const EXIT: Class = Class(1 << 2);
    /// Opens a region guarded by a handler (pseudo).
    pub const PUSH: Class = Class(1 << 3);
    /// One of the four `POP_JUMP_IF_*`.
    pub const CONDITION: Class = Class(1 << 4);
    /// Its argument is an index of a constant.
    pub const CONST: Class = Class(1 << 5);
    /// The interpreter looks for signals there.
    pub const EVAL_BREAK: Class = Class(1 << 6);
    /// The peephole optimiser may have something to do with it.
    pub const PEEPHOLE: Class = Class(1 << 7);
    /// Loads or stores a local.
    pub const LOCAL: Class = Class(1 << 8);
    /// May leave a local unbound.
    pub const UNBINDS: Class = Class(1 << 9);
    /// Names a cell or free variable.
    pub const CELL: Class = Class(1 << 10);
    /// Stands for a real operation.
    pub const PSEUDO: Class = Class(1 << 11);
    /// `POP_TOP`
    pub const POP: Class = Class(1 << 12);
    /// `NOP`
    pub const NOP: Class = Class(1 << 13);
    /// Not of operations, but of instructions: has no line.
    pub const NO_LINE: Class = Class(1 << 14);
    /// `ANNOTATIONS_PLACEHOLDER`
    pub const PLACEHOLDER: Class = Class(1 << 15);

    /// What names a block.
    pub const TARGET: Class = Class::JUMP.with(Class::PUSH);
    /// What must end its block.
    pub const ENDS_BLOCK: Class = Class::JUMP.with(Class::EXIT);
    /// What never runs on into the next block.
    pub const STOPS: Class = Class::ALWAYS.with(Class::EXIT);

    /// Has any of `other`'s properties?
    #[inline]
    pub const fn any(self, other: Class) -> bool {
        self.0 & other.0 != 0
    }

    /// All properties of both.
    #[inline]
    pub const fn with(self, other: Class) -> Class {
        Class(self.0 | other.0)
    }

    /// Without `other`'s properties.
    #[inline]
    pub const fn without(self, other: Class) -> Class {
        Class(self.0 & !other.0)
    }

    /// [`Class::NO_LINE`] where `line` is none.
    #[inline]
    pub const fn of_line(line: i32) -> Class {
        Class((line as u32 >> 31 << 14) as u16)
    }
}

const JUMPS: Class = Class::JUMP.with(Class::PEEPHOLE);
const CONDITIONS: Class = JUMPS.with(Class::CONDITION);
const ALWAYS: Class = JUMPS.with(Class::ALWAYS);

const NAMED: &[(Op, Class)] = &[
    (Op::ForIter, Class::JUMP),
    (Op::Send, Class::JUMP),
    (Op::PopJumpIfFalse, CONDITIONS),
    (Op::PopJumpIfTrue, CONDITIONS),
    (Op::PopJumpIfNone, CONDITIONS),
    (Op::PopJumpIfNotNone, CONDITIONS),
    (Op::JumpIfFalse, JUMPS.with(Class::PSEUDO)),
    (Op::JumpIfTrue, JUMPS.with(Class::PSEUDO)),
    (Op::Jump, ALWAYS.with(Class::EVAL_BREAK)),
    (Op::JumpNoInterrupt, ALWAYS),
    (Op::JumpForward, ALWAYS),
    (Op::JumpBackward, ALWAYS.with(Class::EVAL_BREAK)),
    (Op::JumpBackwardNoInterrupt, ALWAYS),
    (Op::ReturnValue, Class::EXIT),
    (Op::ReturnConst, Class::EXIT.with(Class::CONST)),
    (Op::RaiseVarargs, Class::EXIT),
    (Op::Reraise, Class::EXIT),
    (Op::SetupFinally, Class::PUSH),
    (Op::SetupWith, Class::PUSH),
    (Op::SetupCleanup, Class::PUSH),
    (Op::LoadConst, Class::CONST),
    (Op::Call, Class::EVAL_BREAK),
    (Op::CallFunctionEx, Class::EVAL_BREAK),
    (Op::CallKw, Class::EVAL_BREAK),
    (Op::Resume, Class::EVAL_BREAK),
    (Op::LoadFast, Class::LOCAL),
    (Op::LoadFastCheck, Class::LOCAL),
    (Op::StoreFast, Class::LOCAL.with(Class::PEEPHOLE)),
    (Op::DeleteFast, Class::LOCAL.with(Class::UNBINDS)),
    (Op::LoadFastAndClear, Class::LOCAL.with(Class::UNBINDS)),
    (Op::StoreFastMaybeNull, Class::LOCAL.with(Class::UNBINDS).with(Class::PSEUDO)),
    (Op::MakeCell, Class::CELL),
    (Op::LoadClosure, Class::CELL.with(Class::PSEUDO)),
    (Op::LoadDeref, Class::CELL),
    (Op::StoreDeref, Class::CELL),
    (Op::DeleteDeref, Class::CELL),
    (Op::LoadFromDictOrDeref, Class::CELL),
    (Op::PopTop, Class::POP),
    (Op::Nop, Class::NOP),
    (Op::AnnotationsPlaceholder, Class::PLACEHOLDER),
    (Op::BuildTuple, Class::PEEPHOLE),
    (Op::Swap, Class::PEEPHOLE),
    (Op::LoadGlobal, Class::PEEPHOLE),
    (Op::CompareOp, Class::PEEPHOLE),
    (Op::ContainsOp, Class::PEEPHOLE),
    (Op::IsOp, Class::PEEPHOLE),
    (Op::ToBool, Class::PEEPHOLE),
    (Op::UnaryNot, Class::PEEPHOLE),
];

/// What only 3.14 folds in the control-flow graph.
const FOLDED: &[Op] = &[
    Op::BuildList,
    Op::BuildSet,
    Op::ListAppend,
    Op::SetAdd,
    Op::CallIntrinsic1,
    Op::UnaryInvert,
    Op::UnaryNegative,
    Op::BinaryOp,
];

const fn table(end_async_for_jumps: bool, folds: bool) -> [Class; Op::COUNT] {
    let mut table = [Class::NONE; Op::COUNT];
    let mut i = 0;
    while i < NAMED.len() {
        table[NAMED[i].0 as usize] = NAMED[i].1;
        i += 1;
    }
    if end_async_for_jumps {
        table[Op::EndAsyncFor as usize] = Class::JUMP;
    }
    let mut i = 0;
    while folds && i < FOLDED.len() {
        table[FOLDED[i] as usize] = Class::PEEPHOLE;
        i += 1;
    }
    table
}

static PLAIN: [Class; Op::COUNT] = table(false, false);
static FOLDING: [Class; Op::COUNT] = table(false, true);
static JUMPING: [Class; Op::COUNT] = table(true, false);
static JUMPING_AND_FOLDING: [Class; Op::COUNT] = table(true, true);

/// The table of a target.
#[derive(Clone, Copy)]
pub(super) struct Classes(&'static [Class; Op::COUNT]);

impl Classes {
    /// `end_async_for_jumps`: does `END_ASYNC_FOR` name its loop's `SEND` as a target? `folds`: are operators
    /// folded in the graph?
    pub fn new(end_async_for_jumps: bool, folds: bool) -> Self {
        Classes(match (end_async_for_jumps, folds) {
            (false, false) => &PLAIN,
            (false, true) => &FOLDING,
            (true, false) => &JUMPING,
            (true, true) => &JUMPING_AND_FOLDING,
        })
    }

    /// The properties of `op`.
    #[inline]
    pub fn of(self, op: Op) -> Class {
        self.0[op as usize]
    }

    /// Does `op` name a block?
    #[inline]
    pub fn has_target(self, op: Op) -> bool {
        self.of(op).any(Class::TARGET)
    }

    /// Does a block that ends with `op` never run into the next one?
    #[inline]
    pub fn never_falls_through(self, op: Op) -> bool {
        self.of(op).any(Class::STOPS)
    }
}
