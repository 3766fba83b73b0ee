//! Types.
#![expect(unsafe_code, reason = "attributes behind the bodies of built-in layouts")]

use super::{Dict, Instance, Kind, Shape, Slot};
use crate::value::{Header, Object, Value};
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// What is known of a type, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeFlags(pub u16);

impl TypeFlags {
    /// Made by a program: its instances count references to it.
    pub const COUNTED: TypeFlags = TypeFlags(1);
    /// Has a `__del__`.
    pub const FINALIZES: TypeFlags = TypeFlags(2);
    /// Instances take any attribute.
    pub const ATTRIBUTES: TypeFlags = TypeFlags(4);
    /// Instances have a built-in layout with a `__dict__` behind it.
    pub const TRAILER: TypeFlags = TypeFlags(8);
    /// May be a base.
    pub const BASE: TypeFlags = TypeFlags(16);
    /// Has a `__getattr__` or a `__getattribute__` of its own.
    pub const GETATTR: TypeFlags = TypeFlags(32);
    /// Has a `__setattr__` or `__delattr__` of its own.
    pub const SETATTR: TypeFlags = TypeFlags(64);
    /// Is it an exception type?
    pub const EXCEPTION: TypeFlags = TypeFlags(128);
    /// Has methods that are still to be written (`__abstractmethods__`).
    pub const ABSTRACT: TypeFlags = TypeFlags(256);
    /// Methods are looked up in the type, though no program made it.
    pub const METHODS: TypeFlags = TypeFlags(512);
    /// Patterns take instances for sequences (PEP 634).
    pub const SEQUENCE: TypeFlags = TypeFlags(1024);
    /// Patterns take instances for mappings.
    pub const MAPPING: TypeFlags = TypeFlags(2048);
    /// Its `__eq__`, `__ne__` and `__hash__` are the layout's.
    pub const PLAIN_EQ: TypeFlags = TypeFlags(4096);

    /// Has no `__bool__` or `__len__` but the layout's.
    pub const PLAIN_TRUTH: TypeFlags = TypeFlags(8192);

    /// Messages name it with its module.
    pub const FULL_NAME: TypeFlags = TypeFlags(16384);

    /// Both sets of bits.
    pub const fn with(self, other: TypeFlags) -> TypeFlags {
        TypeFlags(self.0 | other.0)
    }

    /// Are all bits of `other` set?
    pub const fn has(self, other: TypeFlags) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A type.
pub struct Type {
    /// `__name__`, a `str`.
    pub name: Slot,
    /// `__qualname__`, a `str`.
    pub qualname: Slot,
    /// `__bases__`
    pub bases: RefCell<Vec<Value>>,
    /// `__mro__` without the type itself, which would keep itself alive.
    pub ancestors: RefCell<Vec<Value>>,
    /// `__dict__`
    pub dict: Value,
    /// Layout of the instances.
    pub kind: Kind,
    /// What is known of it.
    pub flags: Cell<TypeFlags>,
    /// Changes whenever a lookup may have another result.
    pub version: Cell<u32>,
    /// The shape of an instance without attributes.
    pub(crate) shape: *const Shape,
    /// How many attributes a new instance gets room for.
    pub(crate) room: Cell<u8>,
    /// Types that have this one as a base, by address; those that are gone are taken out.
    pub(crate) derived: RefCell<Vec<*const Object<Type>>>,
}

impl Type {
    /// Instances were seen with this many attributes.
    pub(crate) fn expect_attributes(&self, count: usize) {
        if count > usize::from(self.room.get()) {
            self.room.set(count.min(100) as u8);
        }
    }

    /// Instances outgrew their room: the next ones get more.
    pub(crate) fn expect_more(&self) {
        self.room.set((self.room.get().max(4) * 2).min(100));
    }

    /// The attributes of the type itself.
    pub fn own(&self) -> Option<&Dict> {
        self.dict.get::<Dict>()
    }
}

impl Object<Type> {
    #[inline(always)]
    pub(crate) fn is_counted(&self) -> bool {
        self.body.flags.get().has(TypeFlags::COUNTED)
    }

    #[inline(always)]
    pub(crate) fn finalizes(&self) -> bool {
        self.body.flags.get().has(TypeFlags::FINALIZES)
    }

    /// Is it this very type?
    pub(crate) fn is_exactly(&self, other: &Object<Type>) -> bool {
        std::ptr::eq(self, other)
    }

    /// Is `self` the type `other` or derived from it?
    pub(crate) fn is_subtype(&self, other: &Object<Type>) -> bool {
        std::ptr::eq(self, other)
            || self.body.ancestors.borrow().iter().any(|it| it.word() == std::ptr::from_ref(other) as u64)
    }
}

/// An attribute in a slot: a name of `__slots__`.
pub struct Member {
    /// Its name.
    pub name: Value,
    /// The class that has it.
    pub owner: Slot,
}

/// Where the `__dict__` behind a built-in layout is.
pub(super) fn trailer(object: &Header) -> Option<&Slot> {
    // SAFETY: the type lives as long as its instances. Where it has a trailer, the last eight bytes of the cell
    // were kept free of the body and hold a `Slot`.
    unsafe {
        let ty = &*object.ty.get();
        if !ty.body.flags.get().has(TypeFlags::TRAILER) {
            return None;
        }
        let start: *const Header = object;
        Some(&*start.cast::<u8>().add(usize::from(object.class) * 16 - 8).cast::<Slot>())
    }
}

/// Drops the `__dict__` behind a built-in layout.
///
/// # Safety
/// There is no reference to the object any more.
pub(crate) unsafe fn drop_trailer(object: *mut Header) {
    // SAFETY: the object is allocated; its `Slot` stays valid, and empty.
    if let Some(slot) = trailer(unsafe { &*object }) {
        slot.set(None);
    }
}

/// Makes an instance of a type with a `__dict__` behind its built-in layout, or of one without.
pub(crate) fn allocate_derived<B: super::Body>(vm: &Vm, ty: &Object<Type>, body: B) -> Value {
    if !ty.body.flags.get().has(TypeFlags::TRAILER) {
        return crate::heap::allocate(vm, ty, body);
    }
    let object = crate::heap::allocate_with(vm, ty, body, size_of::<Slot>());
    // SAFETY: the object has eight bytes more than its body, at the end of its cell.
    unsafe { init_trailer(object.cast_mut().cast()) };
    Value::from_object(object)
}

/// Makes the last word of an object's cell an empty `__dict__`.
///
/// # Safety
/// The object was made now, with a word more than what it holds.
pub(crate) unsafe fn init_trailer(object: *mut Header) {
    // SAFETY: as the caller says.
    unsafe {
        let class = usize::from((*object).class);
        object.cast::<u8>().add(class * 16 - 8).cast::<Slot>().write(Slot::new(None));
    }
}

impl Vm {
    /// A type among those that derive from another one, which are alive: a type that goes takes itself out.
    pub(crate) fn alive(ty: *const Object<Type>) -> Value {
        // SAFETY: see above.
        Value::of(unsafe { &*ty })
    }
}

impl Drop for Type {
    fn drop(&mut self) {
        // The body is at a fixed place behind the head of its object.
        let head = std::mem::offset_of!(Object<Type>, body);
        let own =
            std::ptr::from_mut(self).cast::<u8>().wrapping_sub(head).cast_const().cast::<Object<Type>>();
        for base in self.bases.borrow().iter() {
            if let Some(base) = base.get::<Type>() {
                base.derived.borrow_mut().retain(|&it| !std::ptr::eq(it, own));
            }
        }
    }
}

impl Value {
    /// The place of `__dict__`, where the object has one that is not in shapes.
    pub(crate) fn dict_slot(&self) -> Option<&Slot> {
        if let Some(exception) = self.get::<super::Exception>() {
            return Some(&exception.dict);
        }
        if let Some(function) = self.get::<super::Function>() {
            return Some(&function.dict);
        }
        trailer(self.header()?)
    }

    /// Gives an object another type with the same layout.
    pub(crate) fn set_type(&self, ty: &Object<Type>) {
        let Some(header) = self.header() else { return };
        if ty.is_counted() {
            std::mem::forget(Value::of(ty));
        }
        let old = header.ty.replace(ty);
        // SAFETY: the old type was alive as long as the object had it.
        let old = unsafe { &*old };
        if old.is_counted() {
            drop(Value::from_object(std::ptr::from_ref(old)));
        }
    }

    /// The instance's body with its head.
    #[inline(always)]
    pub(crate) fn instance(&self) -> Option<&Object<Instance>> {
        self.object::<Instance>()
    }
}
