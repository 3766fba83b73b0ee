//! What the loop knows of the innermost frame.

use super::Leave;
use crate::load::Code;
use crate::load::op::{Instr, Op};
use crate::object::Function;
use crate::value::{Object, UNSET, Value};
use crate::vm::Vm;
use std::ptr;

/// What the loop looks at all the time.
pub(super) struct Window {
    pub code: *const Code,
    pub function: *const Object<Function>,
    pub registers: *mut Value,
    /// The instruction before the next one.
    pub at: *const Instr,
}

impl Vm {
    /// The innermost frame's.
    ///
    /// # Safety
    /// There is one.
    #[inline(always)]
    pub(super) unsafe fn window(&self) -> Window {
        // SAFETY: the frames are let go of at once; there is one.
        let frame = unsafe {
            let frames = self.stack.frames();
            debug_assert!(!frames.is_empty());
            &*frames.as_ptr().add(frames.len() - 1)
        };
        Window {
            code: frame.code,
            function: frame.function,
            registers: frame.base,
            at: frame.next.wrapping_sub(1),
        }
    }

    /// Leaves the innermost frame where the frame below called it and goes on in this loop: that one's window.
    #[inline(always)]
    pub(super) fn pop_call(&self) -> Option<Window> {
        // SAFETY: the frames are let go of at once. A frame that was entered by a call owns nothing.
        unsafe {
            let frames = self.stack.frames();
            let last = frames.len().checked_sub(1)?;
            if frames.get_unchecked(last).leave != Leave::Call {
                return None;
            }
            frames.set_len(last);
            let frame = frames.last()?;
            Some(Window {
                code: frame.code,
                function: frame.function,
                registers: frame.base,
                at: frame.next.wrapping_sub(1),
            })
        }
    }

    /// The window of the frame below, where that one called the innermost one, which has no object then.
    #[inline(always)]
    pub(super) fn callers_window(&self) -> Option<Window> {
        // SAFETY: the frames are let go of at once. A frame that was called has one below.
        unsafe {
            let frames = self.stack.frames();
            let last = frames.as_ptr().add(frames.len() - 1);
            if (*last).leave != Leave::Call {
                return None;
            }
            let caller = &*last.sub(1);
            Some(Window {
                code: caller.code,
                function: caller.function,
                registers: caller.base,
                at: caller.next.wrapping_sub(1),
            })
        }
    }

    /// Takes the innermost frame off, which was called and owns nothing.
    #[inline(always)]
    pub(super) fn drop_frame(&self) {
        // SAFETY: the frames are let go of at once; there is one.
        unsafe {
            let frames = self.stack.frames();
            frames.set_len(frames.len() - 1);
        }
    }

    /// Has the innermost frame an object?
    #[inline(always)]
    pub(super) fn is_shown(&self) -> bool {
        // SAFETY: the frames are let go of at once.
        unsafe { self.stack.frames() }.last().is_some_and(|frame| frame.object.is_some())
    }
}

/// The `Send` that the instruction at `next` goes back to, as it does behind the `Yield` of a `yield from`.
///
/// # Safety
/// It is an instruction of some code.
#[inline(always)]
pub(super) unsafe fn sends_on(next: *const Instr) -> Option<*const Instr> {
    // SAFETY: as the caller says; jumps go to instructions of the same code.
    unsafe {
        let send = (*next).target(next);
        (matches!((*next).op, Op::JumpBack | Op::Jump) && (*send).op == Op::Send).then_some(send)
    }
}

/// Empties registers.
///
/// # Safety
/// There are that many, and they hold values.
#[inline(always)]
pub(super) unsafe fn clear(registers: *mut Value, count: usize) {
    // From the last one on: CPython's order, which finalizers show.
    for index in (0..count).rev() {
        // SAFETY: as the caller says.
        unsafe {
            let register = registers.add(index);
            if (*register).is_object() {
                drop(ptr::replace(register, UNSET));
            }
        }
    }
}
