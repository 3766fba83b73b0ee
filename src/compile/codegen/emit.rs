//! Writing instructions into the innermost unit's sequence.

use super::Codegen;
use super::numbers::intrinsic_1;
use crate::compile::ir::Label;
use crate::compile::recipe::{
    CallNull, CallOps, ClauseLocations, Delegation, GeneratorStart, Intrinsics, IteratorSlots, LocationState,
    MethodLoads, PlainJumps, TruthTests,
};
use crate::source::Location;
use crate::target::Op;
use crate::value::Name;

/// No label: frame blocks that nothing jumps to.
pub(super) const NO_LABEL: Label = Label(u32::MAX);

/// How an attribute is loaded; the low bits of the argument of `LOAD_ATTR` and `LOAD_SUPER_ATTR`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AttributeLoad {
    Plain,
    /// For an immediate call.
    Method,
    /// Of `super(type, object)`.
    Super,
    SuperMethod,
    /// Of `super()`.
    ZeroSuper,
    ZeroSuperMethod,
}

impl Codegen<'_, '_, '_> {
    /// An instruction without argument.
    #[inline(always)]
    pub(super) fn op(&mut self, op: Op, loc: Location) {
        self.u.seq.push(op, 0, loc);
    }

    /// An instruction with argument.
    #[inline(always)]
    pub(super) fn op_arg(&mut self, op: Op, arg: u32, loc: Location) {
        self.u.seq.push(op, arg, loc);
    }

    /// An instruction whose argument counts something.
    #[inline(always)]
    pub(super) fn op_count(&mut self, op: Op, count: usize, loc: Location) {
        self.u.seq.push(op, count as u32, loc);
    }

    /// A jump or the start of a protected region.
    #[inline(always)]
    pub(super) fn jump(&mut self, op: Op, target: Label, loc: Location) {
        self.u.seq.push(op, target.0, loc);
    }

    /// A jump that no loop needs to look for signals at.
    #[inline]
    pub(super) fn plain_jump(&mut self, target: Label, loc: Location) {
        let op = match self.recipe.plain_jumps {
            PlainJumps::Interruptible => Op::Jump,
            PlainJumps::NoInterrupt => Op::JumpNoInterrupt,
        };
        self.jump(op, target, loc);
    }

    /// Turns the value on the stack into its truth, where what follows does not do that itself.
    #[inline]
    #[expect(clippy::wrong_self_convention, reason = "named after the instruction that it writes")]
    pub(super) fn to_bool(&mut self, loc: Location) {
        match self.recipe.truth_tests {
            TruthTests::InJump => {}
            TruthTests::ToBool => self.op(Op::ToBool, loc),
        }
    }

    /// The NULL that takes the place of `self` in a call, where it goes beneath what is called.
    #[inline]
    pub(super) fn null_beneath(&mut self, loc: Location) {
        match self.recipe.call_null {
            CallNull::Beneath => self.op(Op::PushNull, loc),
            CallNull::Above => {}
        }
    }

    /// The same, where it goes on top of what is called.
    #[inline]
    pub(super) fn null_above(&mut self, loc: Location) {
        match self.recipe.call_null {
            CallNull::Beneath => {}
            CallNull::Above => self.op(Op::PushNull, loc),
        }
    }

    /// Calls what is on the stack beneath `count` arguments.
    #[inline]
    pub(super) fn call_op(&mut self, count: u32, loc: Location) {
        match self.recipe.calls {
            CallOps::Prepared => self.op_arg(Op::Precall, count, loc),
            CallOps::Single => {}
        }
        self.op_arg(Op::Call, count, loc);
    }

    /// One of the rarer operations on the value on the stack, by its number.
    pub(super) fn intrinsic_1(&mut self, number: u32, loc: Location) {
        match self.recipe.intrinsics {
            Intrinsics::Numbered => self.op_arg(Op::CallIntrinsic1, number, loc),
            Intrinsics::OwnOps => {
                let op = match number {
                    intrinsic_1::PRINT => Op::PrintExpr,
                    intrinsic_1::IMPORT_STAR => Op::ImportStar,
                    intrinsic_1::ASYNC_GEN_WRAP => Op::AsyncGenWrap,
                    intrinsic_1::UNARY_POSITIVE => Op::UnaryPositive,
                    _ => Op::ListToTuple,
                };
                self.op(op, loc);
            }
        }
    }

    /// Drops what printing and `import *` leave, if they leave anything.
    pub(super) fn drop_intrinsic_result(&mut self) {
        match self.recipe.intrinsics {
            Intrinsics::Numbered => self.op(Op::PopTop, Location::NONE),
            Intrinsics::OwnOps => {}
        }
    }

    /// Where the instructions are that `whole` has because of its part at `clause`.
    #[inline]
    pub(super) fn clause_location(&self, whole: Location, clause: Location) -> Location {
        match self.recipe.clause_locations {
            ClauseLocations::Whole => whole,
            ClauseLocations::Clause => clause,
        }
    }

    #[inline]
    pub(super) fn new_label(&mut self) -> Label {
        if self.recipe.location_state == LocationState::Tracked {
            self.u.seq.note_birth();
        }
        self.u.seq.new_label()
    }

    #[inline]
    pub(super) fn use_label(&mut self, label: Label) {
        if self.recipe.location_state == LocationState::Tracked {
            self.u.seq.starts.push(label);
        }
        self.u.seq.use_label(label);
    }

    /// An instruction whose argument is the number of a (not yet mangled) name in `co_names`.
    pub(super) fn op_name(&mut self, op: Op, name: Name, loc: Location) {
        let arg = self.mangled_name_index(name);
        self.op_arg(op, arg, loc);
    }

    /// Loads attribute `name` (not yet mangled).
    #[inline(always)]
    pub(super) fn load_attribute(&mut self, load: AttributeLoad, name: Name, loc: Location) {
        let index = self.mangled_name_index(name);
        let (op, arg) = match load {
            AttributeLoad::Plain => match self.recipe.method_loads {
                MethodLoads::OwnOp => (Op::LoadAttr, index),
                MethodLoads::Flag => (Op::LoadAttr, index << 1),
            },
            AttributeLoad::Method => match self.recipe.method_loads {
                MethodLoads::OwnOp => (Op::LoadMethod, index),
                MethodLoads::Flag => (Op::LoadAttr, index << 1 | 1),
            },
            AttributeLoad::ZeroSuper => (Op::LoadSuperAttr, index << 2),
            AttributeLoad::ZeroSuperMethod => (Op::LoadSuperAttr, index << 2 | 1),
            AttributeLoad::Super => (Op::LoadSuperAttr, index << 2 | 2),
            AttributeLoad::SuperMethod => (Op::LoadSuperAttr, index << 2 | 3),
        };
        self.op_arg(op, arg, loc);
    }

    /// Restores the handled exception and raises the one above it again.
    pub(super) fn pop_except_and_reraise(&mut self, loc: Location) {
        self.op_arg(Op::Copy, 3, loc);
        self.op(Op::PopExcept, loc);
        self.op_arg(Op::Reraise, 1, loc);
    }

    /// Delegates to the iterator on the stack: `yield from` and `await`.
    pub(super) fn yield_from(&mut self, resume: u32, loc: Location) {
        let send = self.new_label();
        let fail = self.new_label();
        let exit = self.new_label();
        self.use_label(send);
        self.jump(Op::Send, exit, loc);
        match self.recipe.delegation {
            Delegation::Bare => {
                // The second label is that of the code after the jump.
                self.use_label(fail);
                self.op(Op::YieldValue, loc);
                self.op_arg(Op::Resume, resume, loc);
                self.jump(Op::JumpNoInterrupt, send, loc);
                self.use_label(exit);
                return;
            }
            Delegation::Guarded => {}
        }
        // `close` and `throw` raise StopIteration out of the YIELD_VALUE.
        self.jump(Op::SetupFinally, fail, loc);
        self.op_arg(Op::YieldValue, 1, loc);
        self.op(Op::PopBlock, Location::NONE);
        self.op_arg(Op::Resume, resume, loc);
        self.jump(Op::JumpNoInterrupt, send, loc);
        self.use_label(fail);
        self.op(Op::CleanupThrow, loc);
        self.use_label(exit);
        self.op(Op::EndSend, loc);
    }

    /// What `SEND` wants above the awaitable on the stack.
    pub(super) fn start_sending(&mut self, loc: Location) {
        match self.recipe.iterator_slots {
            IteratorSlots::One => {}
            IteratorSlots::Two => self.op(Op::PushNull, loc),
        }
        self.load_none(loc);
    }

    /// Awaits what is on the stack; `kind` is `GET_AWAITABLE`'s.
    pub(super) fn await_top(&mut self, kind: u32, loc: Location) {
        self.op_arg(Op::GetAwaitable, kind, loc);
        self.start_sending(loc);
        self.yield_from(super::numbers::resume::AFTER_AWAIT, loc);
    }

    /// Yields what is on the stack.
    pub(super) fn yield_top(&mut self, loc: Location) {
        if self.u.generator && self.u.coroutine {
            self.intrinsic_1(super::numbers::intrinsic_1::ASYNC_GEN_WRAP, loc);
        }
        self.op_arg(Op::YieldValue, 0, loc);
        self.op_arg(Op::Resume, super::numbers::resume::AFTER_YIELD, loc);
    }

    /// Makes a StopIteration that leaves the unit a RuntimeError: the whole body becomes a protected region.
    pub(super) fn wrap_in_stop_iteration_handler(&mut self) {
        match self.recipe.delegation {
            Delegation::Bare => return,
            Delegation::Guarded => {}
        }
        let handler = self.new_label();
        let first = match self.recipe.generator_start {
            GeneratorStart::InGraph => 0,
            GeneratorStart::InCodegen => self.u.body_start,
        };
        self.u.seq.insert(first, Op::SetupCleanup, handler.0, Location::NONE);
        self.load_none(Location::NONE);
        self.op(Op::ReturnValue, Location::NONE);
        self.use_label(handler);
        self.op_arg(Op::CallIntrinsic1, super::numbers::intrinsic_1::STOPITERATION_ERROR, Location::NONE);
        self.op_arg(Op::Reraise, 1, Location::NONE);
    }
}
