//! Where objects live: pages of 64 KiB, each with objects of one size, and a free list for each size.
//!
//! A page starts with the interpreter that it belongs to, so an object alone leads to its interpreter (its address
//! with the low bits cut off), and dropping a reference needs nothing else. Objects have at most
//! [`LARGEST`] bytes; what may be larger lives in a `Vec` or a `Box` of the body. All pages of a heap can be walked.
#![expect(unsafe_code, reason = "this is the allocator")]

use crate::object::{Body, Type, release_body};
use crate::value::{Header, Object, Value, flag};
use crate::vm::Vm;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr;

const PAGE: usize = 1 << 16;
/// The largest object, in bytes.
pub(crate) const LARGEST: usize = 1024;
const CLASSES: usize = LARGEST / 16 + 1;
/// How many objects may be in the middle of being freed; further ones wait in a list, so that a long chain of
/// objects does not overflow the native stack.
const DEEPEST: u32 = 100;

#[repr(C, align(16))]
struct PageHead {
    vm: *const Vm,
    class: usize,
}

#[repr(C)]
struct Free {
    next: *mut Free,
}

/// The objects of one interpreter.
pub(crate) struct Heap {
    owner: *const Vm,
    free: [Cell<*mut Free>; CLASSES],
    pages: RefCell<Vec<*mut PageHead>>,
    depth: Cell<u32>,
    waiting: RefCell<Vec<*mut Header>>,
}

impl Heap {
    /// The heap of the interpreter at `owner`, which need not be there yet.
    pub(crate) fn new(owner: *const Vm) -> Heap {
        Heap {
            owner,
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            pages: RefCell::new(Vec::new()),
            depth: Cell::new(0),
            waiting: RefCell::new(Vec::new()),
        }
    }

    #[cold]
    #[inline(never)]
    fn more(&self, class: usize) -> *mut Free {
        let Ok(layout) = Layout::from_size_align(PAGE, PAGE) else { return ptr::null_mut() };
        // SAFETY: the layout has a size.
        let page = unsafe { alloc(layout) };
        if page.is_null() {
            handle_alloc_error(layout);
        }
        let size = class * 16;
        let first = size_of::<PageHead>();
        let count = (PAGE - first) / size;
        // SAFETY: the page has `PAGE` bytes, aligned to its size; the head and `count` cells fit in.
        unsafe {
            page.cast::<PageHead>().write(PageHead { vm: self.owner, class });
            let mut next = ptr::null_mut::<Free>();
            for index in (0..count).rev() {
                let cell = page.add(first + index * size).cast::<Free>();
                cell.write(Free { next });
                next = cell;
            }
            self.pages.borrow_mut().push(page.cast());
            next
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
            // to use objects in it.
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
    let cell = heap.cell(class).cast::<Object<B>>();
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

/// # Safety
/// There is no reference to the object any more.
unsafe fn end(vm: &Vm, object: *mut Header) {
    // SAFETY: the object is allocated, and types outlive their instances.
    unsafe {
        let ty = (*object).ty.get();
        if (*ty).finalizes() && (*object).flags.get() & flag::FINALIZED == 0 {
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
        release_body(object);
        let cell = object.cast::<Free>();
        cell.write(Free { next: vm.heap.free[class].get() });
        vm.heap.free[class].set(cell);
        if counted {
            drop(Value::from_object(ty));
        }
    }
}
