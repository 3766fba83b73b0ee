//! Where objects live: pages of 64 KiB, each with objects of one size, and a free list for each size.
//!
//! A page starts with the interpreter that it belongs to, so an object alone leads to its interpreter (its address
//! with the low bits cut off), and dropping a reference needs nothing else. Objects have at most
//! [`LARGEST`] bytes; what may be larger lives in a `Vec` or a `Box` of the body. All pages of a heap can be walked.
#![expect(unsafe_code, reason = "this is the allocator")]

pub mod small;

use crate::object::{Body, Generator, Kind, State, Type, release_body};
use crate::value::{Header, Object, Value, flag};
use crate::vm::Vm;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

const PAGE: usize = 1 << 16;
/// How many bytes of a page become cells at a time.
const CARVED: usize = 1 << 12;
/// The largest object, in bytes.
pub(crate) const LARGEST: usize = 1024;
const CLASSES: usize = LARGEST / 16 + 1;
/// How many objects may be in the middle of being freed; further ones wait in a list, so that a long chain of
/// objects does not overflow the native stack.
const DEEPEST: u32 = 100;
/// The depth of a heap that goes: nothing is freed one by one any more.
const CLOSED: u32 = u32::MAX;

#[repr(C, align(16))]
struct PageHead {
    vm: *const Vm,
    class: usize,
    /// 2^32 by the size of a cell, rounded up: a product instead of a division.
    inverse: u64,
    /// A bit for each generation of which there may be objects that the collector looks at.
    generations: Cell<u8>,
    /// How many cells there are yet: the others were never used, so that their memory is not there either.
    cells: Cell<u32>,
    /// The collector's marks, one for each cell; none outside of a collection.
    marks: RefCell<Vec<Cell<u32>>>,
}

impl PageHead {
    const fn size(&self) -> usize {
        self.class * 16
    }

    /// How many cells there are: objects and free ones.
    const fn count(&self) -> usize {
        self.cells.get() as usize
    }

    /// How many cells there may be.
    const fn most(&self) -> usize {
        (PAGE - size_of::<PageHead>()) / self.size()
    }
}

/// A cell that is not in use: where objects have a count there is 0.
#[repr(C)]
struct Free {
    count: u64,
    next: *mut Free,
}

/// An object that the collector looks at.
pub(crate) struct Candidate {
    pub(crate) object: *const Header,
    /// Its mark, which stays there until marks are forgotten.
    pub(crate) mark: *const Cell<u32>,
}

/// The objects of one interpreter.
pub(crate) struct Heap {
    owner: *const Vm,
    free: [Cell<*mut Free>; CLASSES],
    /// For each size the page that has room for more cells.
    room: [Cell<*mut PageHead>; CLASSES],
    pages: RefCell<Vec<*mut PageHead>>,
    /// Containers made less containers freed since the last collection.
    pub(crate) young: Cell<u32>,
    /// How many steps there are until the interpreter looks at limits, other threads, signals and the collector; 0 asks
    /// it to. Other threads and signal handlers store 0, which may get lost: the counting is not atomic as a whole.
    pub(crate) ticks: AtomicU32,
    /// How many steps it had then.
    pub(crate) slice: Cell<u32>,
    /// What `young` must exceed to ask.
    pub(crate) due: Cell<u32>,
    /// How many objects were freed.
    freed: Cell<u64>,
    /// How many objects are in the middle of being freed, by the thread that holds the lock.
    pub(crate) depth: Cell<u32>,
    pub(crate) waiting: RefCell<Vec<*mut Header>>,
}

impl Heap {
    /// The heap of the interpreter at `owner`, which need not be there yet.
    pub(crate) fn new(owner: *const Vm) -> Heap {
        Heap {
            owner,
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            room: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            pages: RefCell::new(Vec::new()),
            young: Cell::new(0),
            ticks: AtomicU32::new(0),
            slice: Cell::new(0),
            due: Cell::new(2000),
            freed: Cell::new(0),
            depth: Cell::new(0),
            waiting: RefCell::new(Vec::new()),
        }
    }

    /// New cells, few at a time: memory that no object needs is not touched.
    #[cold]
    #[inline(never)]
    fn more(&self, class: usize) -> *mut Free {
        let mut page = self.room[class].get();
        if page.is_null() {
            page = self.page(class);
            self.room[class].set(page);
        }
        // SAFETY: the page has `PAGE` bytes, aligned to its size; the head and as many cells as it says fit in.
        unsafe {
            let head = &*page;
            let size = head.size();
            let from = head.count();
            let to = (from + (CARVED / size).max(1)).min(head.most());
            let mut next = ptr::null_mut::<Free>();
            for index in (from..to).rev() {
                let cell = page.cast::<u8>().add(size_of::<PageHead>() + index * size).cast::<Free>();
                cell.write(Free { count: 0, next });
                next = cell;
            }
            head.cells.set(to as u32);
            if to == head.most() {
                self.room[class].set(ptr::null_mut());
            }
            next
        }
    }

    /// A new page, without cells.
    fn page(&self, class: usize) -> *mut PageHead {
        let Ok(layout) = Layout::from_size_align(PAGE, PAGE) else { return ptr::null_mut() };
        // SAFETY: the layout has a size.
        let page = unsafe { alloc(layout) }.cast::<PageHead>();
        if page.is_null() {
            handle_alloc_error(layout);
        }
        let head = PageHead {
            vm: self.owner,
            class,
            inverse: (1 << 32) / (class * 16) as u64 + 1,
            generations: Cell::new(0),
            cells: Cell::new(0),
            marks: RefCell::default(),
        };
        // SAFETY: the page has room for its head.
        unsafe { page.write(head) };
        self.pages.borrow_mut().push(page);
        page
    }

    /// How many bytes of objects there are, free ones included.
    pub(crate) fn bytes(&self) -> usize {
        self.pages.borrow().len() * PAGE
    }

    /// How many objects there are.
    pub(crate) fn count(&self) -> usize {
        (self.made() - self.freed.get()) as usize
    }

    /// How many objects were made: those that are there and those that were freed.
    pub(crate) fn made(&self) -> u64 {
        let mut count = self.freed.get();
        for &page in self.pages.borrow().iter() {
            // SAFETY: pages live as long as the heap. A cell holds an object or is free, with a count of 0.
            unsafe {
                let head = &*page;
                for index in 0..head.count() {
                    let cell = page.cast::<u8>().add(size_of::<PageHead>() + index * head.size());
                    count += u64::from((*cell.cast::<Cell<u32>>()).get() != 0);
                }
            }
        }
        count
    }

    /// A container was made at `cell`.
    #[inline(always)]
    fn note(&self, cell: *mut Free) {
        let page = (cell as usize & !(PAGE - 1)) as *const PageHead;
        // SAFETY: cells lie within pages.
        let generations = unsafe { &(*page).generations };
        generations.set(generations.get() | 1);
        let young = self.young.get() + 1;
        self.young.set(young);
        if young > self.due.get() {
            self.ask();
        }
    }

    /// Asks the interpreter to look at limits and the collector soon.
    #[cold]
    pub(crate) fn ask(&self) {
        // The steps that were not taken are not counted.
        self.slice.set(self.slice.get().saturating_sub(self.ticks.load(Relaxed)));
        self.ticks.store(0, Relaxed);
    }

    /// The containers of a generation and the younger ones, and where their marks are: their counts, plus 1.
    pub(crate) fn candidates(&self, oldest: u8) -> Vec<Candidate> {
        let mut found = Vec::new();
        let wanted = (2u8 << oldest) - 1;
        for &page in self.pages.borrow().iter() {
            // SAFETY: pages live as long as the heap. A cell holds an object or is free, with a count of 0.
            unsafe {
                let head = &*page;
                if oldest < 2 && head.generations.get() & wanted == 0 {
                    continue;
                }
                let mut marks = head.marks.borrow_mut();
                marks.resize_with(head.count(), Cell::default);
                for index in 0..head.count() {
                    let cell = page.cast::<u8>().add(size_of::<PageHead>() + index * head.size());
                    let count = (*cell.cast::<Cell<u32>>()).get();
                    if count == 0 {
                        continue;
                    }
                    let object = &*cell.cast_const().cast::<Header>();
                    if object.kind.is_container() && (object.flags.get() / flag::GENERATION) & 3 <= oldest {
                        marks[index].set(count.saturating_add(1));
                        found.push(Candidate { object, mark: &raw const marks[index] });
                    }
                }
            }
        }
        found
    }

    /// All objects with the layout of `B`, which has no bytes behind its body.
    pub(crate) fn all_of<B: Body>(&self) -> Vec<*const Object<B>> {
        let mut found = Vec::new();
        for &page in self.pages.borrow().iter() {
            // SAFETY: pages live as long as the heap. A cell holds an object or is free, with a count of 0; `Kind` says
            // which body an object has.
            unsafe {
                let head = &*page;
                if head.class != size_of::<Object<B>>().div_ceil(16) {
                    continue;
                }
                for index in 0..head.count() {
                    let cell = page.cast::<u8>().add(size_of::<PageHead>() + index * head.size());
                    let alive = (*cell.cast::<Cell<u32>>()).get() != 0;
                    if alive && (*cell.cast_const().cast::<Header>()).kind == B::KIND {
                        found.push(cell.cast_const().cast());
                    }
                }
            }
        }
        found
    }

    /// The mark of an object, where its page has marks and it is looked at.
    #[inline(always)]
    pub(crate) fn mark(&self, object: *const Header) -> Option<&Cell<u32>> {
        let page = object as usize & !(PAGE - 1);
        // SAFETY: objects lie within pages; the marks stay where they are until `forget_marks`.
        unsafe {
            let head = &*(page as *const PageHead);
            // Exact for multiples of the size up to a page's.
            let index =
                (((object as usize - page - size_of::<PageHead>()) as u64 * head.inverse) >> 32) as usize;
            let marks = &*head.marks.as_ptr();
            marks.get(index).filter(|mark| mark.get() != 0)
        }
    }

    /// An object survived a collection.
    pub(crate) fn grow_older(&self, object: *const Header) {
        let page = (object as usize & !(PAGE - 1)) as *const PageHead;
        // SAFETY: the object is alive, and lies within a page.
        unsafe {
            let flags = &(*object).flags;
            let generation = ((flags.get() / flag::GENERATION) & 3) + 1;
            if generation <= 2 {
                flags.set(flags.get() + flag::GENERATION);
            }
            let generations = &(*page).generations;
            generations.set(generations.get() | 8 << generation.min(2));
        }
    }

    /// Forgets marks without anything having grown older.
    pub(crate) fn keep_marks_no_longer(&self) {
        for &page in self.pages.borrow().iter() {
            // SAFETY: pages live as long as the heap.
            unsafe { &*page }.marks.borrow_mut().clear();
        }
    }

    /// A collection is over: whoever was looked at and is alive is of the next generation now.
    pub(crate) fn forget_marks(&self, oldest: u8) {
        for &page in self.pages.borrow().iter() {
            // SAFETY: pages live as long as the heap.
            let head = unsafe { &*page };
            head.marks.borrow_mut().clear();
            // The upper bits are what `grow_older` noted.
            let noted = head.generations.get() >> 3;
            let older = head.generations.get() & 7 & !((2u8 << oldest) - 1);
            head.generations.set(older | noted);
        }
    }

    /// All objects, each with the size class of its page; or what is wrong with pages and free lists: a free cell is in
    /// the list of its class once, and a list holds nothing else.
    pub(crate) fn survey(&self) -> Result<Vec<(*const Header, usize)>, String> {
        let pages = self.pages.borrow();
        let known: HashSet<usize> = pages.iter().map(|&page| page as usize).collect();
        let mut objects = Vec::new();
        let mut free = [0usize; CLASSES];
        for &page in pages.iter() {
            // SAFETY: pages live as long as the heap, and a cell starts with a count, which is 0 where it is free.
            unsafe {
                let head = &*page;
                for index in 0..head.count() {
                    let cell = page.cast::<u8>().add(size_of::<PageHead>() + index * head.size());
                    if (*cell.cast::<Cell<u32>>()).get() == 0 {
                        free[head.class] += 1;
                    } else {
                        objects.push((cell.cast_const().cast::<Header>(), head.class));
                    }
                }
            }
        }
        for (class, list) in self.free.iter().enumerate() {
            let mut next = list.get();
            for left in (0..=free[class]).rev() {
                if next.is_null() != (left == 0) {
                    return Err(format!(
                        "of the free cells of {} bytes, {left} or more are not listed, or listed twice",
                        class * 16
                    ));
                }
                if left == 0 {
                    break;
                }
                let page = next as usize & !(PAGE - 1);
                // SAFETY: the page is one of ours, and what lies in it can be read.
                let right = known.contains(&page)
                    && unsafe {
                        let head = &*(page as *const PageHead);
                        let offset = (next as usize - page).wrapping_sub(size_of::<PageHead>());
                        head.class == class
                            && offset.is_multiple_of(head.size())
                            && (*next.cast::<Cell<u32>>()).get() == 0
                    };
                if !right {
                    return Err(format!(
                        "the free list of {} bytes holds what is no free cell: {next:p}",
                        class * 16
                    ));
                }
                // SAFETY: a free cell holds the next one.
                next = unsafe { (*next).next };
            }
        }
        Ok(objects)
    }

    /// The interpreter goes: the bodies of all objects are dropped, so that what they hold goes too. No finalizer runs and no
    /// memory is given back before the heap itself goes, so whoever refers to an object still may let go of it.
    pub(crate) fn close(&self) {
        self.depth.set(CLOSED);
        let mut objects = Vec::new();
        for &page in self.pages.borrow().iter() {
            // SAFETY: pages live as long as the heap. A cell holds an object or is free, with a count of 0.
            unsafe {
                let head = &*page;
                for index in 0..head.count() {
                    let cell = page.cast::<u8>().add(size_of::<PageHead>() + index * head.size());
                    if (*cell.cast::<Cell<u32>>()).get() != 0 {
                        objects.push(cell.cast::<Header>());
                    }
                }
            }
        }
        // Types go last, for they tell how their instances are laid out; none looks for another one any more.
        // SAFETY: the objects were found to be there, each once. Dropping a body looks at heads of other objects and at
        // plain words of frames and types, which stay as they are.
        unsafe {
            let is_type = |object: *mut Header| (*object).kind == Kind::Type;
            for &object in objects.iter().filter(|it| is_type(**it)) {
                drop((*object.cast::<Object<Type>>()).body.bases.take());
            }
            objects.iter().filter(|it| !is_type(**it)).for_each(|&it| release_body(it));
            objects.iter().filter(|it| is_type(**it)).for_each(|&it| release_body(it));
        }
    }

    #[inline(always)]
    fn cell(&self, class: usize) -> *mut Free {
        let mut cell = self.free[class].get();
        if cell.is_null() {
            cell = self.more(class);
        }
        // SAFETY: cells of the free list are unused and hold the next one.
        self.free[class].set(unsafe { (*cell).next });
        cell
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        for &page in self.pages.borrow().iter() {
            // SAFETY: the page was allocated with this layout, and the interpreter, which goes, was the only one
            // to use objects in it. Its marks go first.
            unsafe { (*page).marks.take() };
            // SAFETY: as above.
            unsafe { dealloc(page.cast(), Layout::from_size_align_unchecked(PAGE, PAGE)) };
        }
    }
}

/// Makes an object of type `ty` with `extra` bytes behind its body. The caller initialises those.
#[inline(always)]
pub(crate) fn allocate_in<B: Body>(
    heap: &Heap,
    ty: &Object<Type>,
    body: B,
    extra: usize,
) -> *const Object<B> {
    let class = (size_of::<Object<B>>() + extra).div_ceil(16);
    debug_assert!(class < CLASSES);
    let cell = heap.cell(class);
    if const { B::KIND.is_container() } {
        heap.note(cell);
    }
    let cell = cell.cast::<Object<B>>();
    if ty.is_counted() {
        ty.header.count.set(ty.header.count.get() + 1);
    }
    // SAFETY: the cell has `class * 16` bytes, which is enough, and is aligned to 16, which bodies need at most.
    unsafe {
        cell.write(Object {
            header: Header {
                count: Cell::new(1),
                kind: B::KIND,
                flags: Cell::new(0),
                class: class as u16,
                ty: Cell::new(ty),
            },
            body,
        });
    }
    cell
}

/// Makes an object of type `ty` with `extra` bytes behind its body. The caller initialises those.
#[inline(always)]
pub(crate) fn allocate_with<B: Body>(vm: &Vm, ty: &Object<Type>, body: B, extra: usize) -> *const Object<B> {
    allocate_in(&vm.heap, ty, body, extra)
}

/// A new object of type `ty`, whose body is still to be written. Large bodies are written field by field: one that is
/// put together elsewhere and copied waits for each of its words to be written first.
///
/// # Safety
/// The body is written before anything else happens.
#[inline(always)]
pub(crate) unsafe fn allocate_empty<B: Body>(vm: &Vm, ty: &Object<Type>) -> *mut Object<B> {
    let class = size_of::<Object<B>>().div_ceil(16);
    let cell = vm.heap.cell(class);
    if const { B::KIND.is_container() } {
        vm.heap.note(cell);
    }
    if ty.is_counted() {
        ty.header.count.set(ty.header.count.get() + 1);
    }
    let object = cell.cast::<Object<B>>();
    // SAFETY: the cell has room for the object.
    unsafe {
        (&raw mut (*object).header).write(Header {
            count: Cell::new(1),
            kind: B::KIND,
            flags: Cell::new(0),
            class: class as u16,
            ty: Cell::new(ty),
        });
    }
    object
}

/// Makes an object of type `ty`.
#[inline(always)]
pub(crate) fn allocate<B: Body>(vm: &Vm, ty: &Object<Type>, body: B) -> Value {
    Value::from_object(allocate_with(vm, ty, body, 0))
}

/// The interpreter that an object belongs to.
///
/// # Safety
/// `object` was made by [`allocate_with`] and not freed.
pub(crate) unsafe fn owner<'a>(object: *const Header) -> &'a Vm {
    let page = (object as usize & !(PAGE - 1)) as *const PageHead;
    // SAFETY: objects lie within a page, whose head names an interpreter that outlives its pages.
    unsafe { &*(*page).vm }
}

/// Ends an object whose count fell to 0: calls its finalizer, drops its body, frees its memory.
///
/// # Safety
/// There is no reference to the object any more.
#[cold]
#[inline(never)]
pub(crate) unsafe fn release(object: *mut Header) {
    // SAFETY: as the caller says.
    let vm = unsafe { owner(object) };
    let heap = &vm.heap;
    if heap.depth.get() >= DEEPEST {
        if heap.depth.get() == CLOSED {
            return;
        }
        heap.waiting.borrow_mut().push(object);
        return;
    }
    heap.depth.set(heap.depth.get() + 1);
    // SAFETY: as the caller says.
    unsafe { end(vm, object) };
    if heap.depth.get() == 1 {
        loop {
            let next = heap.waiting.borrow_mut().pop();
            match next {
                // SAFETY: objects in the list have no references.
                Some(object) => unsafe { end(vm, object) },
                None => break,
            }
        }
    }
    heap.depth.set(heap.depth.get() - 1);
}

/// Is it a generator that has ended, which needs no finalizing?
///
/// # Safety
/// The object is allocated.
#[inline(always)]
unsafe fn is_over(object: *mut Header) -> bool {
    // SAFETY: `Kind` says which body the object has.
    unsafe {
        matches!((*object).kind, Kind::Generator)
            && matches!((*object.cast::<Object<Generator>>()).body.state.get(), State::Done)
    }
}

/// # Safety
/// There is no reference to the object any more.
unsafe fn end(vm: &Vm, object: *mut Header) {
    // SAFETY: the object is allocated, and types outlive their instances.
    unsafe {
        let ty = (*object).ty.get();
        if (*ty).finalizes() && (*object).flags.get() & flag::FINALIZED == 0 && !is_over(object) {
            (*object).flags.set((*object).flags.get() | flag::FINALIZED);
            (*object).count.set(1);
            let value = Value::from_object(object.cast_const().cast::<Object<()>>());
            vm.finalize(&value);
            let count = (*object).count.get() - 1;
            (*object).count.set(count);
            std::mem::forget(value);
            if count > 0 {
                return;
            }
        }
        if (*object).flags.get() & flag::WEAK != 0 {
            vm.clear_weak_references(object as u64);
        }
        let class = usize::from((*object).class);
        let counted = (*ty).is_counted();
        if (*object).kind.is_container() {
            vm.heap.young.set(vm.heap.young.get().saturating_sub(1));
        }
        release_body(object);
        vm.heap.freed.set(vm.heap.freed.get() + 1);
        let cell = object.cast::<Free>();
        cell.write(Free { count: 0, next: vm.heap.free[class].get() });
        vm.heap.free[class].set(cell);
        if counted {
            drop(Value::from_object(ty));
        }
    }
}
