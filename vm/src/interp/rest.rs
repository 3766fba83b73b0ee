//! What the loop keeps out of the machine's registers, so that the place in the code and the window are in some.

use crate::vm::Vm;
use std::ops::Deref;

/// The interpreter, in the native stack's memory.
pub(super) struct Kept(pub(super) *const *const Vm);

impl Deref for Kept {
    type Target = Vm;

    #[inline(always)]
    fn deref(&self) -> &Vm {
        // SAFETY: the place is the loop's own, and the interpreter lives as long as the loop.
        unsafe { &*self.0.read_volatile() }
    }
}

/// What is left to do of an instruction that is none of the quick cases. There is one copy of each, which leaves the
/// compiler registers for the quick ones.
pub(super) enum Rest {
    /// An operation of two values.
    Binary,
    /// A jump on a comparison.
    Compare,
    /// An instance of a program's class is iterated over.
    Iter,
    /// A generator is gone on with.
    Resume,
    /// Whatever is done outside of the loop.
    Other,
}
