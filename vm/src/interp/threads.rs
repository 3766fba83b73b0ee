//! Threads: those of the system, of which one at a time holds the interpreter's lock.
//!
//! Everything of an interpreter is touched by the thread that holds its [`Lock`], so neither counts nor tables are
//! atomic. What belongs to a thread ([`Own`]: frames, registers, exceptions, depths) lies in the [`Vm`] itself while
//! the thread holds the lock, and is exchanged when the lock changes hands: a program with one thread pays nothing.
//!
//! A thread gives the lock up around what blocks ([`Vm::blocking`], whose closure cannot touch the interpreter,
//! because `Vm` and `Value` are not `Sync`), and when another one asked for it: a thread that waited for an interval
//! stores 0 into `Heap::ticks`, and the loop looks at that at jumps backwards and calls. It then waits until the
//! lock was taken. A request may get lost (the loop's counting is a load and a store); it is made again.

use super::Stack;
use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::{Dict, Str};
use crate::value::{Header, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Native stack of a thread, in bytes, where `threading.stack_size` says nothing else.
const STACK: usize = 1 << 24;
/// Native stack for each call of native code that may be active: `NATIVE_CALLS` of 256 MiB.
const STACK_OF_CALL: usize = 13_000;

/// The lock of an interpreter.
#[derive(Default)]
pub(crate) struct Lock {
    state: Mutex<State>,
    /// The lock is free.
    free: Condvar,
    /// Somebody took the lock.
    taken: Condvar,
    /// Another thread asked for it.
    wanted: AtomicBool,
}

#[derive(Default)]
struct State {
    held: bool,
    /// How often it was taken.
    switches: u64,
    waiting: u32,
    /// The interpreter is gone: nobody gets the lock any more.
    closed: bool,
}

impl Lock {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, ticks: &AtomicU32, interval: Duration) {
        let mut state = self.state();
        state.waiting += 1;
        while state.held || state.closed {
            let before = state.switches;
            let (next, timeout) =
                self.free.wait_timeout(state, interval).unwrap_or_else(PoisonError::into_inner);
            state = next;
            if state.closed {
                drop(state);
                // The process ends, or the embedding program goes on without this thread.
                loop {
                    std::thread::park();
                }
            }
            if timeout.timed_out() && state.held && state.switches == before {
                self.wanted.store(true, Ordering::Relaxed);
                ticks.store(0, Ordering::Relaxed);
            }
        }
        state.waiting -= 1;
        state.held = true;
        state.switches += 1;
        self.wanted.store(false, Ordering::Relaxed);
        self.taken.notify_all();
    }

    fn give(&self) {
        self.state().held = false;
        self.free.notify_one();
    }

    /// Gives the lock to somebody who waits and waits until it was taken; false where nobody waits.
    fn hand_over(&self) -> bool {
        let mut state = self.state();
        if state.waiting == 0 {
            self.wanted.store(false, Ordering::Relaxed);
            return false;
        }
        state.held = false;
        let before = state.switches;
        self.free.notify_one();
        while state.switches == before && !state.closed {
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }
}

/// What belongs to a thread while it does not hold the lock.
struct Own {
    stack: Stack,
    pending: Option<Value>,
    handled: Option<Value>,
    handlers: u32,
    native_depth: u32,
    native_limit: u32,
    in_repr: Vec<u64>,
    tracing: super::tracing::Saved,
    freeing: u32,
    to_free: Vec<*mut Header>,
    context: Option<Value>,
    ident: u64,
    /// The thread-locals that hold something of this thread, as weak references.
    locals: Vec<Value>,
}

/// The threads of an interpreter.
pub(crate) struct Threads {
    pub(crate) lock: Arc<Lock>,
    pub(crate) interval: Cell<Duration>,
    /// The running thread's number, as `threading.get_ident()` gives it.
    pub(crate) ident: Cell<u64>,
    pub(crate) main: Cell<u64>,
    /// The running thread's `contextvars.Context`.
    pub(crate) context: crate::object::Slot,
    pub(crate) locals: RefCell<Vec<Value>>,
    /// How many threads the program started that did not end yet.
    pub(crate) count: Cell<usize>,
    /// Those of them that the program's end waits for.
    pub(crate) waited_for: RefCell<Vec<Arc<Handle>>>,
    /// All handles that programs have.
    handles: RefCell<Vec<std::sync::Weak<Handle>>>,
    pub(crate) stack_size: Cell<usize>,
    pub(crate) import_lock: Arc<Word>,
    /// Who has the import lock, and how often.
    importing: Cell<(u64, u32)>,
    /// The numbers of the threads that run, but the first one's.
    live: RefCell<Vec<u64>>,
    /// The program has ended: there will be no more threads.
    pub(crate) closing: Cell<bool>,
    /// The other threads that ran already, by their numbers: what is theirs lies where they wait for the lock.
    waiting: RefCell<Vec<(u64, *const Own)>>,
    /// While it is not 0 no other thread gets the lock between two instructions.
    pub(crate) alone: Cell<u32>,
}

impl Default for Threads {
    fn default() -> Threads {
        let lock = Lock::default();
        lock.state().held = true;
        let ident = own_ident();
        Threads {
            lock: Arc::new(lock),
            interval: Cell::new(Duration::from_millis(5)),
            ident: Cell::new(ident),
            main: Cell::new(ident),
            context: crate::object::Slot::default(),
            locals: RefCell::default(),
            count: Cell::new(0),
            waited_for: RefCell::default(),
            handles: RefCell::default(),
            stack_size: Cell::new(0),
            import_lock: Arc::default(),
            importing: Cell::new((0, 0)),
            live: RefCell::default(),
            closing: Cell::new(false),
            waiting: RefCell::default(),
            alone: Cell::new(0),
        }
    }
}

impl Threads {
    /// Remembers a handle that a program gets.
    pub(crate) fn note(&self, handle: &Arc<Handle>) {
        let mut handles = self.handles.borrow_mut();
        if handles.len() == handles.capacity() {
            handles.retain(|it| it.strong_count() > 0);
        }
        handles.push(Arc::downgrade(handle));
    }

    /// In a child only the thread that forked is left.
    fn forget_others(&self) {
        let own = self.ident.get();
        let handles = self.handles.borrow().iter().filter_map(std::sync::Weak::upgrade).collect::<Vec<_>>();
        for handle in self.waited_for.take().into_iter().chain(handles) {
            let (stage, ident) = handle.stage();
            if ident != own && matches!(stage, Stage::Starting | Stage::Running) {
                handle.set_done();
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.lock.state().closed = true;
    }
}

/// The number of the running thread.
fn own_ident() -> u64 {
    nix::sys::pthread::pthread_self()
}

/// How far a thread is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    New,
    Starting,
    Running,
    Done,
}

/// What `_thread._ThreadHandle` knows of a thread.
pub(crate) struct Handle {
    stage: Mutex<(Stage, u64)>,
    /// 1 when the thread is done.
    done: AtomicU32,
}

impl Handle {
    pub(crate) const fn new() -> Handle {
        Handle { stage: Mutex::new((Stage::New, 0)), done: AtomicU32::new(0) }
    }

    /// Of a thread that runs already.
    pub(crate) const fn of(ident: u64) -> Handle {
        Handle { stage: Mutex::new((Stage::Running, ident)), done: AtomicU32::new(0) }
    }

    /// How far the thread is, and its number.
    pub(crate) fn stage(&self) -> (Stage, u64) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, stage: Stage, ident: u64) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = (stage, ident);
    }

    pub(crate) fn set_done(&self) {
        let ident = self.stage().1;
        self.set(Stage::Done, ident);
        self.done.store(1, Ordering::Release);
        wake(&self.done, u32::MAX);
    }
}

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Waited {
    Done,
    Late,
    /// A signal came.
    Interrupted,
}

fn wake(word: &AtomicU32, count: u32) {
    // It cannot fail with an address that is one.
    let _ = rustix::thread::futex::wake(word, rustix::thread::futex::Flags::PRIVATE, count);
}

/// Waits until the word is no longer `value`, the time is over or a signal came.
fn wait(word: &AtomicU32, value: u32, end: Option<Instant>) -> Waited {
    let left = end.map(|end| end.saturating_duration_since(Instant::now()));
    if left.is_some_and(|left| left.is_zero()) {
        return Waited::Late;
    }
    let left = left.and_then(|left| rustix::thread::futex::Timespec::try_from(left).ok());
    match rustix::thread::futex::wait(word, rustix::thread::futex::Flags::PRIVATE, value, left.as_ref()) {
        Err(rustix::io::Errno::INTR) => Waited::Interrupted,
        Err(rustix::io::Errno::TIMEDOUT) => Waited::Late,
        _ => Waited::Done,
    }
}

/// A lock of a program: 0 free, 1 held, 2 held and somebody may wait.
#[derive(Default)]
pub(crate) struct Word(AtomicU32);

impl Word {
    pub(crate) fn try_take(&self) -> bool {
        self.0.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    pub(crate) fn is_held(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Gives it up; false if nobody held it.
    pub(crate) fn give(&self) -> bool {
        let before = self.0.swap(0, Ordering::Release);
        if before == 2 {
            wake(&self.0, 1);
        }
        before != 0
    }

    /// Makes it free whatever it was: after a fork nobody waits.
    pub(crate) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Takes it, or says that somebody waits for it.
    fn take_or_mark(&self) -> bool {
        self.0.swap(2, Ordering::Acquire) == 0
    }

    /// Waits until it was given up after [`Word::take_or_mark`]; somebody else may have it again.
    fn wait(&self, end: Option<Instant>) -> Waited {
        wait(&self.0, 2, end)
    }
}

/// What a new thread takes with it. It is touched when the thread holds the lock.
struct Start {
    vm: *const Vm,
    function: Value,
    args: Value,
    names: Option<Value>,
    handle: Arc<Handle>,
    limit: u32,
}

/// What goes to another thread, which uses it under the lock only.
struct Sent<T>(T);

// SAFETY: the one use is `Vm::start_thread`, where the thread takes the lock before it looks at what it got.
unsafe impl<T> Send for Sent<T> {}

impl<T> Sent<T> {
    fn get(self) -> T {
        self.0
    }
}

impl Vm {
    fn take_own(&self) -> Own {
        let own = Own {
            stack: Stack::none(),
            pending: self.pending.take(),
            handled: self.handled.take(),
            handlers: self.handlers.replace(0),
            native_depth: self.native_depth.get(),
            native_limit: self.native_limit.get(),
            in_repr: self.in_repr.take(),
            tracing: self.tracing.save(),
            freeing: self.heap.depth.replace(0),
            to_free: self.heap.waiting.take(),
            context: self.threads.context.take(),
            ident: self.threads.ident.get(),
            locals: self.threads.locals.take(),
        };
        self.stack.swap(&own.stack);
        own
    }

    fn put_own(&self, own: Own) {
        self.stack.swap(&own.stack);
        self.pending.set(own.pending);
        self.handled.set(own.handled);
        self.handlers.set(own.handlers);
        self.native_depth.set(own.native_depth);
        self.native_limit.set(own.native_limit);
        self.in_repr.replace(own.in_repr);
        self.tracing.restore(own.tracing);
        self.heap.depth.set(own.freeing);
        self.heap.waiting.replace(own.to_free);
        self.threads.context.set(own.context);
        self.threads.ident.set(own.ident);
        self.threads.locals.replace(own.locals);
        if self.in_main_thread() {
            self.look_at_signals();
        }
    }

    /// Says where the running thread's things lie while it waits for the lock.
    fn wait_with(&self, own: &Own) {
        self.threads.waiting.borrow_mut().push((own.ident, own));
    }

    fn waited(&self, own: &Own) {
        self.threads.waiting.borrow_mut().retain(|&(_, it)| !std::ptr::eq(it, own));
    }

    /// `sys._current_frames`: each thread's number and its innermost frame, as it is now.
    pub(crate) fn current_frames(&self) -> Vec<(u64, Value)> {
        let mut all: Vec<_> =
            self.frame_at(0).map(|frame| (self.threads.ident.get(), frame)).into_iter().collect();
        let waiting = self.threads.waiting.borrow().clone();
        for (ident, own) in waiting {
            // SAFETY: what is in the list lies in a function that waits for the lock, which this thread holds.
            let stack = unsafe { &(*own).stack };
            self.stack.swap(stack);
            let frame = self.frames_as_they_are();
            self.stack.swap(stack);
            all.extend(frame.map(|frame| (ident, frame)));
        }
        all
    }

    /// `sys._settraceallthreads` and `sys._setprofileallthreads`
    pub(crate) fn set_tracing_everywhere(&self, profile: bool, function: &Value) {
        for &(_, own) in &*self.threads.waiting.borrow() {
            // SAFETY: as in `current_frames`.
            unsafe { &(*own).tracing }.set(profile, function);
        }
        self.set_tracing(profile, function);
    }

    /// Does something that may take long, without the lock.
    pub(crate) fn blocking<T: Send>(&self, action: impl FnOnce() -> T + Send) -> T {
        if self.threads.count.get() == 0 {
            return action();
        }
        let lock = self.threads.lock.clone();
        let own = self.take_own();
        self.wait_with(&own);
        let interval = self.threads.interval.get();
        lock.give();
        let result = action();
        lock.take(&self.heap.ticks, interval);
        self.waited(&own);
        self.put_own(own);
        result
    }

    /// Gives the lock to another thread, if one asked for it.
    pub(crate) fn switch_threads(&self) {
        let threads = &self.threads;
        if threads.count.get() == 0
            || threads.alone.get() != 0
            || !threads.lock.wanted.load(Ordering::Relaxed)
        {
            return;
        }
        let own = self.take_own();
        self.wait_with(&own);
        let lock = threads.lock.clone();
        if lock.hand_over() {
            lock.take(&self.heap.ticks, threads.interval.get());
        }
        self.waited(&own);
        self.put_own(own);
    }

    /// Does something while no other thread runs in between.
    pub(crate) fn undisturbed<T>(&self, action: impl FnOnce() -> T) -> T {
        let alone = &self.threads.alone;
        alone.set(alone.get() + 1);
        let result = action();
        alone.set(alone.get() - 1);
        result
    }

    /// Is it the main thread that runs?
    pub(crate) fn in_main_thread(&self) -> bool {
        self.threads.ident.get() == self.threads.main.get()
    }

    /// Takes a program's lock; false where the time was over.
    pub(crate) fn take_word(&self, word: &Arc<Word>, timeout: Option<Duration>) -> R<bool> {
        if word.try_take() {
            return Ok(true);
        }
        let end = timeout.map(|it| Instant::now() + it);
        // It is taken with the interpreter's lock held. Were it taken as soon as it is free, the thread that gave it up
        // would have to wait for it again at once, and the two would change places each time.
        while !word.take_or_mark() {
            match self.blocking(|| word.wait(end)) {
                Waited::Done => {}
                Waited::Late => return Ok(word.take_or_mark()),
                Waited::Interrupted => self.handle_signals()?,
            }
        }
        Ok(true)
    }

    /// Waits for a thread's end; false where the time was over.
    pub(crate) fn wait_for_thread(&self, handle: &Arc<Handle>, timeout: Option<Duration>) -> R<bool> {
        let end = timeout.map(|it| Instant::now() + it);
        while handle.done.load(Ordering::Acquire) == 0 {
            match self.blocking(|| wait(&handle.done, 0, end)) {
                Waited::Done => {}
                Waited::Late => return Ok(handle.done.load(Ordering::Acquire) != 0),
                Waited::Interrupted => self.handle_signals()?,
            }
        }
        Ok(true)
    }

    /// Starts a thread that calls a function. Its number is the handle's when this returns.
    pub(crate) fn start_thread(
        &self,
        function: &Value,
        args: &Value,
        names: Option<&Value>,
        handle: &Arc<Handle>,
        daemon: bool,
    ) -> R<u64> {
        if self.threads.closing.get() {
            let message = "can't create new thread at interpreter shutdown";
            return Err(self.raise(Exc::PythonFinalizationError, message));
        }
        let size = self.threads.stack_size.get();
        // Native code of ours needs more than C's.
        let size = if size == 0 { STACK } else { size.max(STACK) };
        let limit = u32::try_from(size / STACK_OF_CALL).unwrap_or(u32::MAX);
        let start = Start {
            vm: self,
            function: function.clone(),
            args: args.clone(),
            names: names.cloned(),
            handle: handle.clone(),
            limit,
        };
        handle.set(Stage::Starting, 0);
        let threads = &self.threads;
        let (lock, sent) = (threads.lock.clone(), Sent(start));
        let ready = Arc::new(Word::default());
        ready.try_take();
        let (interval, told) = (threads.interval.get(), ready.clone());
        let body = move || {
            let sent = sent;
            let start: Start = sent.get();
            start.handle.set(Stage::Running, own_ident());
            told.give();
            // SAFETY: the interpreter is there until the lock is closed, which it is not before it was taken; of
            // the interpreter `take` uses an atomic.
            let vm = unsafe { &*start.vm };
            lock.take(&vm.heap.ticks, interval);
            vm.run_thread(start);
            lock.give();
            crate::heap::small::give_back();
        };
        threads.count.set(threads.count.get() + 1);
        if let Err(error) = std::thread::Builder::new().stack_size(size).spawn(body) {
            threads.count.set(threads.count.get() - 1);
            handle.set(Stage::New, 0);
            let _ = error;
            return Err(self.raise(Exc::RuntimeError, "can't start new thread"));
        }
        // The thread says its number before it wants the lock.
        while !ready.take_or_mark() {
            ready.wait(None);
        }
        if !daemon {
            threads.waited_for.borrow_mut().push(handle.clone());
        }
        Ok(handle.stage().1)
    }

    /// The life of a thread that has the lock.
    fn run_thread(&self, start: Start) {
        let Start { function, args, names, handle, limit, .. } = start;
        let ident = handle.stage().1;
        self.put_own(Own {
            stack: Stack::of_thread(),
            pending: None,
            handled: None,
            handlers: 0,
            native_depth: 0,
            native_limit: limit,
            in_repr: Vec::new(),
            tracing: super::tracing::Saved::default(),
            freeing: 0,
            to_free: Vec::new(),
            context: None,
            ident,
            locals: Vec::new(),
        });
        self.threads.live.borrow_mut().push(ident);
        let mut values = self.collect(&args).unwrap_or_default();
        let mut keys = Vec::new();
        if let Some(dict) = names.as_ref().and_then(|it| it.get::<Dict>()) {
            for (key, value) in dict.snapshot() {
                keys.push(if key.get::<Str>().is_some() { self.intern_value(&key) } else { key });
                values.push(value);
            }
        }
        drop((args, names));
        if self.call(&function, Args { values: &values, names: &keys }).is_err() {
            self.thread_failed(&function);
        }
        drop((function, values, keys));
        self.forget_thread_locals(ident);
        self.threads.context.set(None);
        self.threads.count.set(self.threads.count.get() - 1);
        self.threads.waited_for.borrow_mut().retain(|it| !Arc::ptr_eq(it, &handle));
        self.threads.live.borrow_mut().retain(|it| *it != ident);
        drop(self.take_own());
        handle.set_done();
    }

    /// What is said of an exception that ends a thread. CPython: `thread_run`.
    fn thread_failed(&self, function: &Value) {
        if self.pending_is(Exc::SystemExit) {
            self.pending.set(None);
            return;
        }
        self.unraisable_in_thread(function);
    }

    /// Waits for all threads but daemons. CPython: `_thread._shutdown`.
    pub(crate) fn wait_for_threads(&self) -> R<()> {
        loop {
            let own = self.threads.ident.get();
            let next = self.threads.waited_for.borrow().iter().find(|it| it.stage().1 != own).cloned();
            match next {
                Some(handle) => {
                    self.wait_for_thread(&handle, None)?;
                    self.threads.waited_for.borrow_mut().retain(|it| !Arc::ptr_eq(it, &handle));
                }
                None => return Ok(()),
            }
        }
    }

    /// Holds the lock's own lock while `fork` makes a second process, in which only this thread is left.
    pub(crate) fn forking<T>(&self, fork: impl FnOnce() -> (T, bool)) -> T {
        let lock = self.threads.lock.clone();
        let mut state = lock.state();
        let (result, in_child) = fork();
        if in_child {
            state.waiting = 0;
            let threads = &self.threads;
            threads.count.set(0);
            threads.live.borrow_mut().clear();
            threads.waiting.borrow_mut().clear();
            threads.main.set(threads.ident.get());
            if threads.importing.get().0 != threads.ident.get() {
                threads.importing.set((0, 0));
                threads.import_lock.reset();
            }
            threads.forget_others();
        }
        drop(state);
        result
    }

    /// Takes the lock of importing modules, which its owner can take again.
    pub(crate) fn take_import_lock(&self) -> R<()> {
        let threads = &self.threads;
        let (owner, count) = threads.importing.get();
        if count > 0 && owner == threads.ident.get() {
            threads.importing.set((owner, count + 1));
            return Ok(());
        }
        self.take_word(&threads.import_lock, None)?;
        threads.importing.set((threads.ident.get(), 1));
        Ok(())
    }

    /// Gives it up; false if this thread does not have it.
    pub(crate) fn give_import_lock(&self) -> bool {
        let threads = &self.threads;
        match threads.importing.get() {
            (owner, count) if count == 0 || owner != threads.ident.get() => return false,
            (_, 1) => {
                threads.importing.set((0, 0));
                threads.import_lock.give();
            }
            (owner, count) => threads.importing.set((owner, count - 1)),
        }
        true
    }

    /// Sends a signal to a thread. CPython: `signal.pthread_kill`.
    pub(crate) fn signal_thread(&self, ident: u64, signal: i32) -> std::io::Result<()> {
        let threads = &self.threads;
        if ident != threads.main.get() && !threads.live.borrow().contains(&ident) {
            return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
        }
        // SAFETY: the thread is there: it needs the lock to leave the list, and this one has it.
        match unsafe { libc::pthread_kill(ident, signal) } {
            0 => Ok(()),
            number => Err(std::io::Error::from_raw_os_error(number)),
        }
    }
}
