//! Memory for what Rust's collections hold: lists of free cells by size, for each thread its own.
//!
//! Elements of lists, tables of `dict`s and characters of strings are made and dropped all the time, and most of them
//! are small: a cell is taken from a list, or put back, in a few instructions, where the system's allocator takes some
//! twenty nanoseconds for both. A cell may be freed by another thread than the one that it was made by. Lists that got
//! long are handed to a pool that all threads share, so nothing is lost when one thread makes what another one drops,
//! nor when a thread ends. Memory goes back to the system with the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, Ordering};

/// The largest cell, in bytes.
const LARGEST: usize = 512;
/// Sizes are multiples of this, which is what cells are aligned to as well.
const STEP: usize = 16;
const CLASSES: usize = LARGEST / STEP + 1;
/// How many bytes are taken from the system at once.
const CHUNK: usize = 1 << 15;
/// How many free cells of a size a thread keeps before it hands them to the pool.
const MOST: u32 = 1024;

/// A free cell.
struct Free {
    next: *mut Free,
    /// Of the first cell of a list in the pool: the next list.
    list: *mut Free,
}

struct Lists {
    free: [Cell<*mut Free>; CLASSES],
    lengths: [Cell<u32>; CLASSES],
    /// What is left of the last chunk.
    chunk: Cell<*mut u8>,
    left: Cell<usize>,
    /// How many bytes were taken from the system, less those that were given back, and are not in [`TAKEN`] yet.
    taken: Cell<isize>,
}

/// How many bytes all threads have of the system, but for what they did not add yet.
static TAKEN: AtomicIsize = AtomicIsize::new(0);
/// When a thread adds what it took.
const ADDED: isize = 1 << 16;

/// How many bytes the process has of the system by this allocator: 0 where it is not the process's.
pub(crate) fn taken() -> usize {
    TAKEN.load(Ordering::Relaxed).max(0) as usize
}

/// Bytes were taken from the system, or given back.
#[inline]
fn count(bytes: isize) {
    LISTS.with(|lists| {
        let taken = lists.taken.get() + bytes;
        lists.taken.set(taken);
        if taken.abs() >= ADDED {
            TAKEN.fetch_add(taken, Ordering::Relaxed);
            lists.taken.set(0);
        }
    });
}

/// Lists that no thread has, by class.
struct Pool([*mut Free; CLASSES]);

// SAFETY: nobody else refers to free cells.
unsafe impl Send for Pool {}

static POOL: Mutex<Pool> = Mutex::new(Pool([ptr::null_mut(); CLASSES]));

thread_local! {
    // Without a destructor, so that the first access allocates nothing.
    static LISTS: Lists = const {
        Lists {
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            lengths: [const { Cell::new(0) }; CLASSES],
            chunk: Cell::new(ptr::null_mut()),
            left: Cell::new(0),
            taken: Cell::new(0),
        }
    };
}

/// The allocator: small cells from lists, everything else from the system.
#[derive(Clone, Copy, Debug)]
pub struct Small;

/// The class of a layout, if it is small.
#[inline(always)]
const fn class_of(layout: Layout) -> Option<usize> {
    if layout.size() <= LARGEST && layout.align() <= STEP { Some(layout.size().div_ceil(STEP)) } else { None }
}

impl Lists {
    /// A cell where the list is empty: the pool's, or a new one.
    #[cold]
    #[inline(never)]
    fn more(&self, class: usize) -> *mut u8 {
        // Without waiting: after a fork somebody may hold the lock who is no more.
        let list = match POOL.try_lock() {
            Ok(mut pool) => {
                let list = pool.0[class];
                if !list.is_null() {
                    // SAFETY: what the pool has are free cells.
                    pool.0[class] = unsafe { (*list).list };
                }
                list
            }
            Err(_) => ptr::null_mut(),
        };
        if !list.is_null() {
            // SAFETY: as above.
            self.free[class].set(unsafe { (*list).next });
            return list.cast();
        }
        let size = class * STEP;
        if self.left.get() < size {
            self.keep_rest();
            let Ok(layout) = Layout::from_size_align(CHUNK, STEP) else { return ptr::null_mut() };
            // SAFETY: the layout has a size.
            let chunk = unsafe { System.alloc(layout) };
            if chunk.is_null() {
                return chunk;
            }
            self.chunk.set(chunk);
            self.left.set(CHUNK);
            count(CHUNK as isize);
        }
        let cell = self.chunk.get();
        self.chunk.set(cell.wrapping_add(size));
        self.left.set(self.left.get() - size);
        cell
    }

    /// What is left of a chunk becomes free cells.
    fn keep_rest(&self) {
        loop {
            let class = (self.left.get() / STEP).min(CLASSES - 1);
            if class == 0 {
                return;
            }
            let cell = self.chunk.get();
            self.chunk.set(cell.wrapping_add(class * STEP));
            self.left.set(self.left.get() - class * STEP);
            self.put(cell, class);
        }
    }

    #[inline(always)]
    fn put(&self, cell: *mut u8, class: usize) {
        let cell = cell.cast::<Free>();
        // SAFETY: a cell that is freed has at least 16 bytes, aligned to 16, and nobody refers to it.
        unsafe { (*cell).next = self.free[class].get() };
        self.free[class].set(cell);
        let length = self.lengths[class].get() + 1;
        self.lengths[class].set(length);
        if length >= MOST {
            self.hand_over(class);
        }
    }

    /// Hands a list to the pool.
    #[cold]
    #[inline(never)]
    fn hand_over(&self, class: usize) {
        self.lengths[class].set(0);
        let list = self.free[class].get();
        if !list.is_null()
            && let Ok(mut pool) = POOL.try_lock()
        {
            self.free[class].set(ptr::null_mut());
            // SAFETY: the list's cells are free.
            unsafe { (*list).list = pool.0[class] };
            pool.0[class] = list;
        }
    }
}

/// This thread ends: what it has goes to the pool.
pub(crate) fn give_back() {
    LISTS.with(|lists| {
        TAKEN.fetch_add(lists.taken.take(), Ordering::Relaxed);
        lists.keep_rest();
        (1..CLASSES).for_each(|class| lists.hand_over(class));
    });
}

// SAFETY: a cell has the size of its class, which holds the layout, is aligned to 16 bytes and belongs to whoever got it
// until it is freed with the same layout, which has the same class. Whatever has no class is the system's.
unsafe impl GlobalAlloc for Small {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class_of(layout) else {
            count(layout.size() as isize);
            // SAFETY: as the caller says.
            return unsafe { System.alloc(layout) };
        };
        LISTS.with(|lists| {
            let cell = lists.free[class].get();
            if cell.is_null() {
                lists.lengths[class].set(0);
                return lists.more(class);
            }
            // SAFETY: cells of a list are free, and hold the next one.
            lists.free[class].set(unsafe { (*cell).next });
            lists.lengths[class].set(lists.lengths[class].get().saturating_sub(1));
            cell.cast()
        })
    }

    #[inline]
    unsafe fn dealloc(&self, cell: *mut u8, layout: Layout) {
        match class_of(layout) {
            Some(class) => LISTS.with(|lists| lists.put(cell, class)),
            None => {
                count(-(layout.size() as isize));
                // SAFETY: as the caller says.
                unsafe { System.dealloc(cell, layout) }
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class_of(layout).is_none() {
            count(layout.size() as isize);
            // SAFETY: as the caller says.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: the cell has that many bytes.
        unsafe {
            let cell = self.alloc(layout);
            if !cell.is_null() {
                cell.write_bytes(0, layout.size());
            }
            cell
        }
    }

    #[inline]
    unsafe fn realloc(&self, cell: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller says that the size is a layout's.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class_of(layout), class_of(new)) {
            (None, None) => {
                count(size as isize - layout.size() as isize);
                // SAFETY: as the caller says.
                unsafe { System.realloc(cell, layout, size) }
            }
            (before, after) if before == after => cell,
            // SAFETY: both cells hold the bytes that are copied.
            _ => unsafe {
                let made = self.alloc(new);
                if !made.is_null() {
                    ptr::copy_nonoverlapping(cell, made, layout.size().min(size));
                    self.dealloc(cell, layout);
                }
                made
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_used_again_and_grow_in_place() {
        let layout = Layout::from_size_align(40, 8).unwrap();
        // SAFETY: each cell is freed once, with the layout that it has then.
        unsafe {
            let first = Small.alloc(layout);
            first.write_bytes(7, 40);
            let grown = Small.realloc(first, layout, 48);
            assert_eq!((first, *grown.add(39)), (grown, 7));
            let moved = Small.realloc(grown, Layout::from_size_align(48, 8).unwrap(), 5000);
            assert_eq!(*moved.add(39), 7);
            let zeros = Small.alloc_zeroed(layout);
            assert_eq!((zeros, *zeros.add(39)), (first, 0));
            Small.dealloc(moved, Layout::from_size_align(5000, 8).unwrap());
            Small.dealloc(zeros, layout);
        }
    }

    #[test]
    fn lists_go_from_thread_to_thread() {
        let layout = Layout::from_size_align(500, 16).unwrap();
        // SAFETY: each cell is freed once.
        unsafe {
            let cells: Vec<usize> = (0..MOST + 10).map(|_| Small.alloc(layout) as usize).collect();
            let all = cells.clone();
            std::thread::spawn(move || {
                for cell in all {
                    Small.dealloc(cell as *mut u8, layout);
                }
                give_back();
            })
            .join()
            .unwrap();
            let again: Vec<usize> = (0..MOST + 10).map(|_| Small.alloc(layout) as usize).collect();
            assert!(again.iter().filter(|it| cells.contains(it)).count() > MOST as usize / 2);
            for cell in again {
                Small.dealloc(cell as *mut u8, layout);
            }
        }
    }
}
