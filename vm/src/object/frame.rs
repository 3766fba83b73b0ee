//! Frames as objects: what `sys._getframe` and tracebacks show.
//!
//! A frame on the stack gets an object when somebody asks for it. The object says where the values of the locals are:
//! in the registers of the active frame, in the generator that is suspended, or, when the frame was left, in itself.
#![expect(unsafe_code, reason = "a suspended generator is named by its address")]

use super::{Generator, Slot};
use crate::load::Code;
use crate::value::{Object, Value};
use std::cell::{Cell, RefCell};

/// Where the locals of a frame are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In the registers of the frame with this number, counted from the outermost one.
    Active(usize),
    /// In a generator. It sets another place before it goes.
    Suspended(*const Object<Generator>),
    /// In the object itself.
    Left,
}

/// A frame.
pub struct FrameObject {
    /// What was called, a `function`.
    pub function: Value,
    /// `f_code`
    pub code: Value,
    /// The namespace of a module or class body, where it is one.
    pub namespace: Slot,
    /// `f_back` of a frame that was left.
    pub back: Slot,
    /// The generator whose frame it is.
    pub(crate) generator: Cell<*const Object<Generator>>,
    /// Where the locals are.
    pub(crate) place: Cell<Place>,
    /// The instruction, of a frame that is not active.
    pub at: Cell<u32>,
    /// The locals, of a frame that was left.
    pub locals: RefCell<Vec<Value>>,
    /// Names that `f_locals` was given and that are no locals, a `dict`.
    pub extra: Slot,
    /// What was in registers before `f_locals` was written to: an instruction may still look at it.
    pub replaced: RefCell<Vec<Value>>,
    /// `f_trace`
    pub trace: Slot,
    /// What the trace function was told.
    pub(crate) told: crate::interp::tracing::Told,
    /// `f_trace_lines`
    pub trace_lines: Cell<bool>,
    /// `f_trace_opcodes`
    pub trace_opcodes: Cell<bool>,
}

impl FrameObject {
    /// The body of its code.
    pub(crate) fn code(&self) -> Option<&Code> {
        self.code.get::<Code>()
    }

    /// The generator that it is suspended in.
    pub(crate) const fn suspended(&self) -> Option<&Object<Generator>> {
        match self.place.get() {
            // SAFETY: a generator takes its address out when it goes, or goes on.
            Place::Suspended(generator) => Some(unsafe { &*generator }),
            _ => None,
        }
    }
}

impl Generator {
    /// The frame was left for good, or is no more: its object keeps what it shows.
    pub(crate) fn forget_frame(&self) {
        let Some(object) = self.frame.take() else { return };
        let Some(frame) = object.get::<FrameObject>() else { return };
        frame.generator.set(std::ptr::null());
        if !matches!(frame.place.get(), Place::Suspended(_)) {
            return;
        }
        frame.place.set(Place::Left);
        frame.at.set(self.at.get().saturating_sub(1));
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        if self.frame.is_some() {
            self.forget_frame();
        }
    }
}
