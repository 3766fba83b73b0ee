//! Signals: the system's handler notes which came, the main thread calls the program's handlers between two
//! instructions.
//!
//! A signal handler of the system gets no argument that could lead to an interpreter, so what it writes is in one
//! static of atomics ([`CAUGHT`]), which belongs to the first interpreter that asks for signals: CPython's main
//! interpreter. A signal that comes to another thread is passed on to the main thread, whose waiting it ends.

use crate::builtins::exceptions::Exc;
use crate::object::Slot;
use crate::value::Value;
use crate::vm::{R, Vm};
use std::cell::Cell;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// Signals have numbers below this one.
pub(crate) const SIGNALS: usize = 65;

/// What came.
struct Caught {
    owned: AtomicBool,
    any: AtomicBool,
    each: [AtomicBool; SIGNALS],
    /// The file that gets a byte for each signal; -1 for none.
    wakeup: AtomicI32,
    main: AtomicU64,
    /// `Heap::ticks` of the interpreter.
    ticks: AtomicPtr<AtomicU32>,
}

static CAUGHT: Caught = Caught {
    owned: AtomicBool::new(false),
    any: AtomicBool::new(false),
    each: [const { AtomicBool::new(false) }; SIGNALS],
    wakeup: AtomicI32::new(-1),
    main: AtomicU64::new(0),
    ticks: AtomicPtr::new(ptr::null_mut()),
};

/// What the system calls.
extern "C" fn caught(number: libc::c_int) {
    let main = CAUGHT.main.load(Ordering::Relaxed);
    // SAFETY: all of these may be called in a signal handler; `errno` is what it was before. The interpreter takes
    // its `ticks` away before it goes.
    unsafe {
        let errno = libc::__errno_location();
        let before = *errno;
        if libc::pthread_self() != main {
            libc::pthread_kill(main, number);
        } else {
            note(number);
            let file = CAUGHT.wakeup.load(Ordering::Relaxed);
            if file >= 0 {
                let byte = number as u8;
                libc::write(file, (&raw const byte).cast(), 1);
            }
        }
        *errno = before;
    }
}

/// Notes that a signal came.
fn note(number: i32) {
    if let Some(flag) = usize::try_from(number).ok().and_then(|it| CAUGHT.each.get(it)) {
        flag.store(true, Ordering::Relaxed);
        CAUGHT.any.store(true, Ordering::Release);
        let ticks = CAUGHT.ticks.load(Ordering::Relaxed);
        // SAFETY: the interpreter takes it away before it goes.
        if let Some(ticks) = unsafe { ticks.as_ref() } {
            ticks.store(0, Ordering::Relaxed);
        }
    }
}

/// What the system does when a signal comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Disposition {
    Default,
    Ignore,
    /// The interpreter notes it.
    Catch,
    /// Somebody else's handler.
    Other,
}

/// Says what is to be done with a signal; what was done before.
pub(crate) fn set_disposition(number: i32, to: Disposition, restart: bool) -> io::Result<Disposition> {
    // SAFETY: a zeroed `sigaction` is one; the handler is `caught`, which only does what handlers may.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = match to {
            Disposition::Default => libc::SIG_DFL,
            Disposition::Ignore => libc::SIG_IGN,
            _ => caught as extern "C" fn(libc::c_int) as usize,
        };
        action.sa_flags = if restart { libc::SA_RESTART } else { 0 };
        // A mistake of the machine's own code comes again as soon as the handler returns, and then ends the process.
        if is_fault(number) && to == Disposition::Catch {
            action.sa_flags |= libc::SA_RESETHAND;
        }
        let before = disposition(number)?;
        if libc::sigaction(number, &raw const action, ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(before)
    }
}

/// Is it a signal that the processor sends about an instruction?
const fn is_fault(number: i32) -> bool {
    matches!(number, libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL)
}

/// What is done with a signal.
pub(crate) fn disposition(number: i32) -> io::Result<Disposition> {
    // SAFETY: a zeroed `sigaction` is one, which the call fills.
    let before = unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(number, ptr::null(), &raw mut before) != 0 {
            return Err(io::Error::last_os_error());
        }
        before.sa_sigaction
    };
    Ok(match before {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignore,
        it if it == caught as extern "C" fn(libc::c_int) as usize => Disposition::Catch,
        _ => Disposition::Other,
    })
}

/// An interpreter's handlers of signals.
pub(crate) struct Signals {
    /// What a program set, by number.
    pub(crate) handlers: Vec<Slot>,
    /// Is it this interpreter that gets signals?
    active: Cell<bool>,
    pub(crate) warn_on_full_buffer: Cell<bool>,
    /// Did an interrupt end the program?
    pub(crate) ended: Cell<bool>,
}

impl Default for Signals {
    fn default() -> Signals {
        let handlers = (0..SIGNALS).map(|_| Slot::default()).collect();
        Signals {
            handlers,
            active: Cell::new(false),
            warn_on_full_buffer: Cell::new(true),
            ended: Cell::new(false),
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if self.active.get() {
            CAUGHT.ticks.store(ptr::null_mut(), Ordering::Relaxed);
            CAUGHT.owned.store(false, Ordering::Release);
        }
    }
}

impl Signals {
    /// Did a signal come that was not handled yet?
    #[inline]
    pub(crate) fn are_pending(&self) -> bool {
        self.active.get() && CAUGHT.any.load(Ordering::Relaxed)
    }

    /// Sets the file that gets a byte for each signal; the one before.
    pub(crate) fn set_wakeup(&self, file: i32) -> i32 {
        CAUGHT.wakeup.swap(file, Ordering::Relaxed)
    }
}

impl Vm {
    /// Makes this the interpreter that gets signals, if there is none yet.
    pub(crate) fn claim_signals(&self) -> bool {
        if !self.signals.active.get() && !CAUGHT.owned.swap(true, Ordering::Acquire) {
            self.signals.active.set(true);
            CAUGHT.ticks.store((&raw const self.heap.ticks).cast_mut(), Ordering::Relaxed);
            CAUGHT.main.store(self.threads.main.get(), Ordering::Relaxed);
        }
        self.signals.active.get()
    }

    /// Another thread is the main thread now: that which forked.
    pub(crate) fn signals_after_fork(&self) {
        if self.signals.active.get() {
            CAUGHT.main.store(self.threads.main.get(), Ordering::Relaxed);
            CAUGHT.any.store(false, Ordering::Relaxed);
            CAUGHT.each.iter().for_each(|it| it.store(false, Ordering::Relaxed));
        }
    }

    /// Asks the loop to look at signals that came.
    pub(crate) fn look_at_signals(&self) {
        if self.signals.are_pending() {
            self.heap.ticks.store(0, Ordering::Relaxed);
        }
    }

    /// Behaves as if a signal had come. CPython: `PyErr_SetInterruptEx`.
    pub(crate) fn simulate_signal(&self, number: i32) {
        note(number);
    }

    /// Calls the handlers of the signals that came, in the main thread.
    pub(crate) fn handle_signals(&self) -> R<()> {
        if !self.in_main_thread() || !self.signals.active.get() {
            return Ok(());
        }
        if !CAUGHT.any.swap(false, Ordering::Acquire) {
            return Ok(());
        }
        for number in 1..SIGNALS {
            if !CAUGHT.each[number].swap(false, Ordering::Relaxed) {
                continue;
            }
            let Some(handler) = self.signals.handlers[number].get() else { continue };
            if self.as_i64(&handler).is_some() || handler.is_none() {
                continue;
            }
            if is_fault(number as i32) {
                // Somebody sent it: the next one is caught, too. The number is good.
                let _ = set_disposition(number as i32, Disposition::Catch, false);
            }
            let frame = self.frame_at(0).unwrap_or(crate::value::NONE);
            if let Err(raised) = self.call_with(&handler, &[self.int(number as i64), frame]) {
                // What else came is looked at later.
                CAUGHT.any.store(true, Ordering::Relaxed);
                self.look_at_signals();
                return Err(raised);
            }
        }
        Ok(())
    }

    /// Repeats a call of the system that a signal interrupted, unless a handler raises (PEP 475). The lock is given
    /// up meanwhile.
    pub(crate) fn retried<T: Send>(
        &self,
        action: impl Fn() -> io::Result<T> + Send + Sync,
    ) -> R<io::Result<T>> {
        loop {
            match self.blocking(&action) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.handle_signals()?,
                result => return Ok(result),
            }
        }
    }

    /// What Ctrl-C does where a program says nothing else.
    pub(crate) fn default_interrupt(&self) -> crate::vm::Raised {
        self.raise_with(Exc::KeyboardInterrupt, Vec::new())
    }

    /// As programs are started: SIGINT raises `KeyboardInterrupt`, SIGPIPE and SIGXFSZ are ignored.
    pub(crate) fn install_signals(&self) {
        if !self.claim_signals() {
            return;
        }
        for number in [libc::SIGPIPE, libc::SIGXFSZ] {
            // Both have numbers that are good.
            let _ = set_disposition(number, Disposition::Ignore, false);
        }
        if matches!(disposition(libc::SIGINT), Ok(Disposition::Default)) {
            let _ = set_disposition(libc::SIGINT, Disposition::Catch, false);
            let handler: Value = crate::modules::signal::default_int_handler(self);
            self.signals.handlers[libc::SIGINT as usize].set(Some(handler));
        }
    }
}

/// Blocks all signals in the running thread: others get them.
pub fn block_signals() {
    use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
    // It cannot fail with these arguments.
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None);
}

/// Ends the process the way an uncaught Ctrl-C does, so that its parent sees the signal.
pub(crate) fn end_by_interrupt() {
    let _ = set_disposition(libc::SIGINT, Disposition::Default, false);
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGINT);
}
