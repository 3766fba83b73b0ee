//! What the passes ask about an operation, as one byte-sized lookup.
//!
//! CPython asks the same questions with macros (`Include/internal/pycore_opcode_utils.h`) and generated
//! metadata flags.

use crate::target::Op;

/// A set of properties of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Class(u8);

impl Class {
    /// Ends a block by jumping, always or sometimes.
    pub const JUMP: Class = Class(1);
    /// Jumps always.
    pub const ALWAYS: Class = Class(2);
    /// Leaves the frame: return or raise.
    pub const EXIT: Class = Class(4);
    /// Opens a region guarded by a handler (pseudo).
    pub const PUSH: Class = Class(8);
    /// One of the four `POP_JUMP_IF_*`.
    pub const CONDITION: Class = Class(16);
    /// Its argument is an index of a constant.
    pub const CONST: Class = Class(32);
    /// The interpreter looks for signals there.
    pub const EVAL_BREAK: Class = Class(64);

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
}

const fn describe(op: u16, end_async_for_jumps: bool) -> u8 {
    const NAMED: &[(Op, Class)] = &[
        (Op::ForIter, Class::JUMP),
        (Op::Send, Class::JUMP),
        (Op::PopJumpIfFalse, Class::JUMP.with(Class::CONDITION)),
        (Op::PopJumpIfTrue, Class::JUMP.with(Class::CONDITION)),
        (Op::PopJumpIfNone, Class::JUMP.with(Class::CONDITION)),
        (Op::PopJumpIfNotNone, Class::JUMP.with(Class::CONDITION)),
        (Op::JumpIfFalse, Class::JUMP),
        (Op::JumpIfTrue, Class::JUMP),
        (Op::Jump, Class::JUMP.with(Class::ALWAYS).with(Class::EVAL_BREAK)),
        (Op::JumpNoInterrupt, Class::JUMP.with(Class::ALWAYS)),
        (Op::JumpForward, Class::JUMP.with(Class::ALWAYS)),
        (Op::JumpBackward, Class::JUMP.with(Class::ALWAYS).with(Class::EVAL_BREAK)),
        (Op::JumpBackwardNoInterrupt, Class::JUMP.with(Class::ALWAYS)),
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
    ];
    if op == Op::EndAsyncFor as u16 && end_async_for_jumps {
        return Class::JUMP.0;
    }
    let mut i = 0;
    while i < NAMED.len() {
        if NAMED[i].0 as u16 == op {
            return NAMED[i].1.0;
        }
        i += 1;
    }
    0
}

const fn table(end_async_for_jumps: bool) -> [u8; Op::COUNT] {
    let mut table = [0; Op::COUNT];
    let mut op = 0;
    while op < Op::COUNT {
        table[op] = describe(op as u16, end_async_for_jumps);
        op += 1;
    }
    table
}

static PLAIN: [u8; Op::COUNT] = table(false);
static END_ASYNC_FOR_JUMPS: [u8; Op::COUNT] = table(true);

/// The table of a target.
#[derive(Clone, Copy)]
pub(super) struct Classes(&'static [u8; Op::COUNT]);

impl Classes {
    /// `end_async_for_jumps`: does `END_ASYNC_FOR` name its loop's `SEND` as a target?
    pub fn new(end_async_for_jumps: bool) -> Self {
        Classes(if end_async_for_jumps { &END_ASYNC_FOR_JUMPS } else { &PLAIN })
    }

    /// The properties of `op`.
    #[inline]
    pub fn of(self, op: Op) -> Class {
        Class(self.0[op as usize])
    }

    /// Does `op` name a block?
    #[inline]
    pub fn has_target(self, op: Op) -> bool {
        self.of(op).any(Class::JUMP.with(Class::PUSH))
    }

    /// Does a block that ends with `op` never run into the next one?
    #[inline]
    pub fn never_falls_through(self, op: Op) -> bool {
        self.of(op).any(Class::ALWAYS.with(Class::EXIT))
    }
}
