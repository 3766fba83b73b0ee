//! What the passes ask about an operation, as one lookup.
//!
//! CPython asks the same questions with macros (`Include/internal/pycore_opcode_utils.h`) and generated
//! metadata flags. The sum of all classes in a block says which passes have nothing to do there.

use crate::target::Op;

/// A set of properties of an operation, or of all operations of a block.
///
/// The low 20 bits are an operation's own. The six above them name kinds of pairs of neighbours that a pass
/// looks for: in a block "there may be such a pair", in an operation "may be the second of one". In the
/// highest six an operation has the kinds of pairs of which it may be the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Class(u32);

/// How far "may be the first of a pair" is above "may be the second".
const FIRST: u32 = 6;
/// "May be the second of a pair".
const PAIRS: u32 = 0x03f0_0000;
/// An operation's own bits.
const OWN: u32 = 0x000f_ffff;

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
    /// The peephole optimiser may have something to do with it whatever stands before it, and it is no jump.
    pub const FOLDS: Class = Class(1 << 16);
    /// Says something of the handlers that guard what follows, or asks for them.
    pub const GUARD: Class = Class(1 << 17);
    /// Pair: a constant, and what it decides, but for `RETURN_VALUE`.
    pub const CONST_DECIDES: Class = Class(1 << 20);
    /// Pair: a load without effects, and `POP_TOP`. The load may be the last instruction of the block before.
    pub const LOAD_POP: Class = Class(1 << 21);
    /// Pair: two loads or stores of locals.
    pub const LOCALS: Class = Class(1 << 22);
    /// Pair: two stores of locals, which may be of one.
    pub const STORES: Class = Class(1 << 23);
    /// Pair: `LOAD_GLOBAL` and `PUSH_NULL`.
    pub const GLOBAL_NULL: Class = Class(1 << 24);
    /// Pair: a test, and what makes a truth value of it or negates it.
    pub const TESTS: Class = Class(1 << 25);

    /// What names a block.
    pub const TARGET: Class = Class::JUMP.with(Class::PUSH);
    /// What must end its block.
    pub const ENDS_BLOCK: Class = Class::JUMP.with(Class::EXIT);
    /// What never runs on into the next block.
    pub const STOPS: Class = Class::ALWAYS.with(Class::EXIT);
    /// The peephole optimiser may have something to do before the jump at the end of the block.
    pub const PEEPHOLES: Class = Class::FOLDS.with(Class::PEEPHOLE_PAIRS);
    /// Pairs that the peephole optimiser may have something to do with.
    pub const PEEPHOLE_PAIRS: Class = Class::STORES.with(Class::GLOBAL_NULL).with(Class::TESTS);
    /// What a new load of a constant adds wherever it stands.
    pub const LOADS: Class = Class::CONST.with(Class::LOAD_POP);
    /// What exchanging loads, stores and `POP_TOP`s may bring about.
    pub const EXCHANGED: Class = Class::LOCALS.with(Class::LOAD_POP);
    /// What may stand before the first instruction of a block.
    pub const BEFORE: Class = Class::LOAD_POP.first();

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
        Class(line as u32 >> 31 << 14)
    }

    /// What an instruction of this class adds to the summary of its block behind one of class `previous`.
    #[inline]
    pub const fn behind(self, previous: Class) -> Class {
        Class(self.0 & (OWN | (previous.0 >> FIRST & PAIRS)))
    }

    /// Of a second one's class: the first one's.
    const fn first(self) -> Class {
        Class(self.0 << FIRST)
    }
}

const CONDITIONS: Class = Class::JUMP.with(Class::CONDITION).with(Class::CONST_DECIDES);
const JUMPS_OR_KEEPS: Class = Class::JUMP.with(Class::PSEUDO).with(Class::CONST_DECIDES);
const ALWAYS: Class = Class::JUMP.with(Class::ALWAYS);
/// Of tests that can be the second of a pair, and of all.
const TEST: Class = Class::TESTS.first();
const TEST_OF_TEST: Class = TEST.with(Class::TESTS);
const LOAD: Class = Class::CONST_DECIDES.first().with(Class::LOAD_POP.first());
const LOCAL_OF_PAIR: Class = Class::LOCAL.with(Class::LOCALS).with(Class::LOCALS.first());
const STORE: Class = LOCAL_OF_PAIR.with(Class::STORES).with(Class::STORES.first());

const NAMED: &[(Op, Class)] = &[
    (Op::ForIter, Class::JUMP),
    (Op::Send, Class::JUMP),
    (Op::PopJumpIfFalse, CONDITIONS),
    (Op::PopJumpIfTrue, CONDITIONS),
    (Op::PopJumpIfNone, CONDITIONS),
    (Op::PopJumpIfNotNone, CONDITIONS),
    (Op::JumpIfFalse, JUMPS_OR_KEEPS),
    (Op::JumpIfTrue, JUMPS_OR_KEEPS),
    (Op::JumpIfFalseOrPop, Class::JUMP.with(Class::CONST_DECIDES)),
    (Op::JumpIfTrueOrPop, Class::JUMP.with(Class::CONST_DECIDES)),
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
    (Op::LoadConst, LOAD.with(Class::CONST)),
    (Op::KwNames, Class::CONST),
    (Op::LoadSmallInt, LOAD),
    (Op::LoadCommonConstant, Class::LOAD_POP.first()),
    (Op::Copy, Class::CONST_DECIDES.with(Class::LOAD_POP.first())),
    (Op::Call, Class::EVAL_BREAK),
    (Op::CallFunctionEx, Class::EVAL_BREAK),
    (Op::CallKw, Class::EVAL_BREAK),
    (Op::Resume, Class::EVAL_BREAK.with(Class::GUARD)),
    (Op::YieldValue, Class::GUARD),
    (Op::PopBlock, Class::GUARD),
    (Op::LoadFast, LOCAL_OF_PAIR),
    (Op::LoadFastCheck, Class::LOCAL),
    (Op::StoreFast, STORE),
    (Op::DeleteFast, Class::LOCAL.with(Class::UNBINDS)),
    (Op::LoadFastAndClear, Class::LOCAL.with(Class::UNBINDS)),
    (Op::StoreFastMaybeNull, Class::LOCAL.with(Class::UNBINDS).with(Class::PSEUDO)),
    (Op::MakeCell, Class::CELL),
    (Op::LoadClosure, Class::CELL.with(Class::PSEUDO)),
    (Op::LoadDeref, Class::CELL),
    (Op::StoreDeref, Class::CELL),
    (Op::DeleteDeref, Class::CELL),
    (Op::LoadFromDictOrDeref, Class::CELL),
    (Op::LoadClassderef, Class::CELL),
    (Op::PopTop, Class::POP.with(Class::LOAD_POP)),
    (Op::Nop, Class::NOP),
    (Op::AnnotationsPlaceholder, Class::PLACEHOLDER),
    (Op::BuildTuple, Class::FOLDS),
    (Op::Swap, Class::FOLDS),
    (Op::LoadGlobal, Class::GLOBAL_NULL.first()),
    (Op::PushNull, Class::GLOBAL_NULL),
    (Op::CompareOp, TEST),
    (Op::ContainsOp, TEST),
    (Op::IsOp, TEST.with(Class::CONST_DECIDES)),
    (Op::ToBool, TEST_OF_TEST.with(Class::CONST_DECIDES)),
    (Op::UnaryNot, TEST_OF_TEST),
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
    Op::UnaryNot,
    Op::BinaryOp,
];

const fn table(end_async_for_jumps: bool, folds: bool, pop_blocks_stay: bool) -> [Class; Op::COUNT] {
    let mut table = [Class::NONE; Op::COUNT];
    let mut i = 0;
    while i < NAMED.len() {
        table[NAMED[i].0 as usize] = NAMED[i].1;
        i += 1;
    }
    if end_async_for_jumps {
        table[Op::EndAsyncFor as usize] = Class::JUMP;
    }
    if pop_blocks_stay {
        let class = &mut table[Op::PopBlock as usize];
        *class = class.with(Class::PSEUDO);
    }
    let mut i = 0;
    while folds && i < FOLDED.len() {
        let class = &mut table[FOLDED[i] as usize];
        *class = class.with(Class::FOLDS);
        i += 1;
    }
    table
}

/// The operations that may name a block or end one in some target, or hold a place for others.
pub(in crate::compile) static MARKS: [bool; Op::COUNT] = {
    let table = table(true, true, false);
    let mut marks = [false; Op::COUNT];
    let mut i = 0;
    while i < Op::COUNT {
        marks[i] = table[i].any(Class::TARGET.with(Class::EXIT).with(Class::PLACEHOLDER));
        i += 1;
    }
    marks
};

static EARLY: [Class; Op::COUNT] = table(false, false, true);
static PLAIN: [Class; Op::COUNT] = table(false, false, false);
static FOLDING: [Class; Op::COUNT] = table(false, true, false);
static JUMPING: [Class; Op::COUNT] = table(true, false, false);
static JUMPING_AND_FOLDING: [Class; Op::COUNT] = table(true, true, false);

/// The table of a target.
#[derive(Clone, Copy)]
pub(super) struct Classes(&'static [Class; Op::COUNT]);

impl Classes {
    /// `end_async_for_jumps`: does `END_ASYNC_FOR` name its loop's `SEND` as a target? `folds`: are operators
    /// folded in the graph? `pop_blocks_stay`: is `POP_BLOCK` there until the end? (Only where neither of the
    /// others is so.)
    pub fn new(end_async_for_jumps: bool, folds: bool, pop_blocks_stay: bool) -> Self {
        Classes(match (end_async_for_jumps, folds) {
            (false, false) if pop_blocks_stay => &EARLY,
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
