//! The registers and frames of all active Python code: two contiguous stacks.
#![expect(unsafe_code, reason = "registers are raw memory")]

use crate::load::Code;
use crate::load::op::Instr;
use crate::object::Function;
use crate::value::{Object, UNSET, Value};
use std::alloc::{GlobalAlloc, Layout, System, handle_alloc_error};
use std::cell::{Cell, UnsafeCell};

/// How many registers there may be. The memory is reserved; the system gives what is used.
const REGISTERS: usize = 1 << 26;
/// The same of threads that a program starts.
const THREAD_REGISTERS: usize = 1 << 22;
/// How many registers are made ready at a time.
const STEP: usize = 1 << 9;

/// Who goes on when a frame is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leave {
    /// The native code that entered it.
    Native,
    /// The frame below, which called it; the frame owns nothing but its registers.
    Call,
    /// The frame below, which called it; the frame has an object.
    Shown,
    /// The frame below, which called a class: the result is the instance.
    Init,
    /// The frame below, at an item of an instance. The register before the frame's keeps the function.
    Item,
    /// The frame below, which resumed a generator.
    Resume,
    /// The native code that resumed a generator.
    NativeResume,
}

/// An active call.
pub(crate) struct Frame {
    pub(crate) code: *const Code,
    pub(crate) function: *const Object<Function>,
    /// The next instruction, where the frame is not the innermost one.
    pub(crate) next: *const Instr,
    pub(crate) base: *mut Value,
    /// The namespace of a module or class.
    pub(crate) namespace: Option<Value>,
    /// The generator whose frame it is.
    pub(crate) generator: Option<Value>,
    /// Its object, where somebody asked for it.
    pub(crate) object: Option<Value>,
    pub(crate) leave: Leave,
    /// Of a generator's frame, whose registers are its own: the first free one of the stack, counted from its start.
    pub(crate) top: u32,
}

/// A thread's frames and registers. The interpreter has those of the thread that holds its lock.
pub(crate) struct Stack {
    start: Cell<*mut Value>,
    limit: Cell<*mut Value>,
    /// All registers before this one hold values.
    ready: Cell<*mut Value>,
    frames: UnsafeCell<Vec<Frame>>,
    /// The first register that native code may use for arguments.
    pub(crate) top: Cell<*mut Value>,
}

#[cold]
#[inline(never)]
fn more(frames: &mut Vec<Frame>) {
    frames.reserve(1);
}

fn layout(registers: usize) -> Layout {
    Layout::array::<Value>(registers).unwrap_or(Layout::new::<Value>())
}

impl Stack {
    /// The main thread's.
    pub(crate) fn new() -> Stack {
        Stack::with(REGISTERS)
    }

    /// A further thread's.
    pub(crate) fn of_thread() -> Stack {
        Stack::with(THREAD_REGISTERS)
    }

    fn with(registers: usize) -> Stack {
        let layout = layout(registers);
        // Of the system: it is not memory yet, and counts for no limit.
        // SAFETY: the layout has a size.
        let start = unsafe { System.alloc(layout) }.cast::<Value>();
        if start.is_null() {
            handle_alloc_error(layout);
        }
        let stack = Stack {
            start: Cell::new(start),
            limit: Cell::new(start.wrapping_add(registers)),
            ready: Cell::new(start),
            frames: UnsafeCell::new(Vec::with_capacity(256)),
            top: Cell::new(start),
        };
        stack.make_ready(start);
        stack
    }

    /// No stack at all: what an interpreter has while nobody holds its lock.
    pub(crate) const fn none() -> Stack {
        const NULL: *mut Value = std::ptr::null_mut();
        Stack {
            start: Cell::new(NULL),
            limit: Cell::new(NULL),
            ready: Cell::new(NULL),
            frames: UnsafeCell::new(Vec::new()),
            top: Cell::new(NULL),
        }
    }

    /// Exchanges two stacks. What frames and native code know of registers are their addresses, which stay.
    pub(crate) fn swap(&self, other: &Stack) {
        for (own, its) in [
            (&self.start, &other.start),
            (&self.limit, &other.limit),
            (&self.ready, &other.ready),
            (&self.top, &other.top),
        ] {
            own.swap(its);
        }
        // SAFETY: nobody keeps what `frames` gives.
        unsafe { std::ptr::swap(self.frames.get(), other.frames.get()) };
    }

    /// Makes registers up to `end` hold values; false if there are not that many.
    #[inline(always)]
    pub(crate) fn has_room(&self, end: *mut Value) -> bool {
        end <= self.ready.get() || self.make_ready(end)
    }

    #[cold]
    #[inline(never)]
    fn make_ready(&self, end: *mut Value) -> bool {
        if end >= self.limit.get() {
            return false;
        }
        while self.ready.get() <= end {
            let at = self.ready.get();
            for index in 0..STEP {
                // SAFETY: `at` is below the limit, which is a multiple of steps from the start.
                unsafe { at.add(index).write(UNSET) };
            }
            self.ready.set(at.wrapping_add(STEP));
        }
        true
    }

    /// Puts a frame on top.
    ///
    /// # Safety
    /// Nobody holds what `frames` gave.
    #[inline(always)]
    pub(crate) unsafe fn push(&self, frame: Frame) {
        // SAFETY: as the caller says; the place is behind the last frame, and there is room for one. Field by field:
        // a frame that is made elsewhere and copied as a whole waits for each of its words to be written first.
        unsafe {
            let frames = self.frames();
            if frames.len() == frames.capacity() {
                more(frames);
            }
            let place = frames.as_mut_ptr().add(frames.len());
            (&raw mut (*place).code).write(frame.code);
            (&raw mut (*place).function).write(frame.function);
            (&raw mut (*place).next).write(frame.next);
            (&raw mut (*place).base).write(frame.base);
            (&raw mut (*place).namespace).write(frame.namespace);
            (&raw mut (*place).generator).write(frame.generator);
            (&raw mut (*place).object).write(frame.object);
            (&raw mut (*place).leave).write(frame.leave);
            (&raw mut (*place).top).write(frame.top);
            frames.set_len(frames.len() + 1);
        }
    }

    /// Takes the innermost frame off; the same is to be said of copying it as a whole.
    ///
    /// # Safety
    /// Nobody holds what `frames` gave.
    #[inline(always)]
    pub(crate) unsafe fn pop(&self) -> Option<Frame> {
        // SAFETY: as the caller says; with the shorter length nobody reads the frame again.
        unsafe {
            let frames = self.frames();
            let last = frames.len().checked_sub(1)?;
            let place = frames.as_ptr().add(last);
            frames.set_len(last);
            Some(Frame {
                code: (*place).code,
                function: (*place).function,
                next: (*place).next,
                base: (*place).base,
                namespace: (&raw const (*place).namespace).read(),
                generator: (&raw const (*place).generator).read(),
                object: (&raw const (*place).object).read(),
                leave: (*place).leave,
                top: (*place).top,
            })
        }
    }

    /// The number of a register of the stack.
    #[inline(always)]
    pub(crate) fn number(&self, register: *mut Value) -> u32 {
        ((register as usize - self.start.get() as usize) / size_of::<Value>()) as u32
    }

    /// The register with this number.
    #[inline(always)]
    pub(crate) const fn register(&self, number: u32) -> *mut Value {
        self.start.get().wrapping_add(number as usize)
    }

    /// The frames, the innermost one last.
    ///
    /// # Safety
    /// The caller lets go of them before anything else can ask for them.
    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "one thread, and the caller keeps it short")]
    pub(crate) unsafe fn frames(&self) -> &mut Vec<Frame> {
        // SAFETY: as the caller says.
        unsafe { &mut *self.frames.get() }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let start = self.start.get();
        if start.is_null() {
            return;
        }
        // SAFETY: both are of one allocation.
        let registers = unsafe { self.limit.get().offset_from(start) } as usize;
        // SAFETY: allocated with this layout. Values that are left in registers leak no more than memory that goes
        // with the heap.
        unsafe { System.dealloc(start.cast(), layout(registers)) };
    }
}
