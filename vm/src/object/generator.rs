//! Generators and coroutines: frames that were left and can be entered again.

use super::Slot;
use crate::value::Value;
use std::cell::{Cell, RefCell};

/// What a generator is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not started.
    Created,
    /// Left at a `yield`.
    Suspended,
    /// Running.
    Running,
    /// Finished.
    Done,
}

/// A generator or coroutine.
pub struct Generator {
    /// The function whose code runs.
    pub function: Value,
    /// The code that it was made with.
    pub(crate) code: *const crate::load::Code,
    /// What it is doing.
    pub state: Cell<State>,
    /// The registers, while it does not run.
    pub registers: RefCell<Vec<Value>>,
    /// The instruction to go on with.
    pub at: Cell<u32>,
    /// The register for the value that is sent.
    pub receiver: Cell<u16>,
    /// What was being handled in it when it was left.
    pub handled: Slot,
    /// How many handlers of its own it is in, while it does not run.
    pub(crate) handlers: Cell<u32>,
    /// In how many handlers its caller was, while it runs.
    pub(crate) callers: Cell<u32>,
    /// The frame's object, where somebody asked for it and it does not run.
    pub frame: Slot,
    /// `__name__`
    pub name: Slot,
    /// `__qualname__`
    pub qualname: Slot,
    /// Of a coroutine `cr_origin`; of an asynchronous generator that was asked for something what is called before it
    /// goes, or `None`.
    pub extra: Slot,
    /// Does an object of `asend` and the like run it?
    pub awaited: Cell<bool>,
    /// An asynchronous generator that was closed or came to its end.
    pub closed: Cell<bool>,
}

impl Generator {
    /// Is something being handled in it, or by its caller while it runs?
    #[inline(always)]
    pub(crate) fn handles(&self) -> bool {
        self.handled.is_some() || self.handlers.get() != 0
    }
}
