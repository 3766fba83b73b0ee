//! Instances of classes, and shapes: which attributes an instance has, and where.
//!
//! The values of the first attributes lie behind the body, as many as instances of the class usually have. A shape
//! belongs to one class and names the attributes in the order in which they were set, so two instances that were
//! filled the same way share it, and comparing shapes is comparing classes as well. An instance that outgrows its
//! room, loses an attribute or shows its `__dict__` keeps its attributes in a real `dict` from then on.
#![expect(unsafe_code, reason = "the values behind the body")]

use super::{Slot, Type};
use crate::heap::{LARGEST, allocate_with};
use crate::value::{Object, Value};
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// Which attributes instances have, and in which order they were set.
pub struct Shape {
    /// The attributes' names: interned strings, by the interpreter's reference.
    names: Vec<Value>,
    next: RefCell<Vec<(u64, *const Shape)>>,
}

impl Shape {
    /// That of an instance without attributes.
    pub const fn empty() -> Shape {
        Shape { names: Vec::new(), next: RefCell::new(Vec::new()) }
    }

    /// Where the attribute `name`, an interned string, is.
    pub fn find(&self, name: &Value) -> Option<usize> {
        self.names.iter().position(|it| it.is(name))
    }

    /// The attributes' names.
    pub fn names(&self) -> &[Value] {
        &self.names
    }
}

/// An instance of a class that a program defines, or of `object`.
pub struct Instance {
    pub(crate) shape: Cell<*const Shape>,
    /// `__dict__`, once it is a real one.
    pub(crate) dict: Slot,
    /// How many values there is room for.
    room: u8,
}

/// The most attributes that are kept without a `dict`.
const MOST: usize = (LARGEST - size_of::<Object<Instance>>()) / 8;

/// A new instance of `ty` without attributes.
#[inline]
pub(crate) fn instantiate(vm: &Vm, ty: &Object<Type>) -> Value {
    let room = usize::from(ty.body.room.get()).min(MOST);
    let body = Instance { shape: Cell::new(ty.body.shape), dict: Slot::new(None), room: room as u8 };
    Value::from_object(allocate_with(vm, ty, body, room * 8))
}

impl Object<Instance> {
    #[inline(always)]
    const fn values(&self) -> *mut Value {
        let start: *const Object<Instance> = self;
        start.cast_mut().cast::<u8>().wrapping_add(size_of::<Object<Instance>>()).cast()
    }

    #[inline(always)]
    pub(crate) const fn shape(&self) -> &Shape {
        // SAFETY: shapes live as long as their interpreter.
        unsafe { &*self.body.shape.as_ptr().read() }
    }

    /// The value at `index` of the shape, if it has that many.
    #[inline(always)]
    pub(crate) fn value(&self, index: usize) -> Option<&Value> {
        if index < self.shape().names.len() {
            // SAFETY: the first values, as many as the shape has names, are initialised.
            Some(unsafe { &*self.values().add(index) })
        } else {
            None
        }
    }

    /// The value at `index` of the shape.
    ///
    /// # Safety
    /// The shape has that many names.
    #[inline(always)]
    pub(crate) const unsafe fn value_unchecked(&self, index: usize) -> &Value {
        // SAFETY: the first values, as many as the shape has names, are initialised.
        unsafe { &*self.values().add(index) }
    }

    /// Replaces the value at `index` of the shape; it comes back where there is none.
    #[inline(always)]
    pub(crate) fn replace(&self, index: usize, value: Value) -> Result<(), Value> {
        if index >= self.shape().names.len() {
            return Err(value);
        }
        // SAFETY: the value is initialised; nothing else looks at it now, and the old one is dropped last.
        let old = unsafe { std::mem::replace(&mut *self.values().add(index), value) };
        drop(old);
        Ok(())
    }

    /// Adds a value, where there is room for one; `next` is the shape with its name behind those of the present one.
    #[inline(always)]
    pub(crate) fn add(&self, next: *const Shape, value: Value) -> Result<(), Value> {
        let count = self.shape().names.len();
        if count >= usize::from(self.body.room) {
            return Err(value);
        }
        // SAFETY: there is room for another value, which is not initialised yet.
        unsafe { self.values().add(count).write(value) };
        self.body.shape.set(next);
        Ok(())
    }

    /// The attribute `name`, an interned string, where there is no real `__dict__`.
    pub(crate) fn attribute(&self, name: &Value) -> Option<Value> {
        self.value(self.shape().find(name)?).cloned()
    }

    /// Sets an attribute; the value comes back where there is no room.
    pub(crate) fn set_attribute(&self, vm: &Vm, name: &Value, value: Value) -> Result<(), Value> {
        let shape = self.shape();
        if let Some(index) = shape.find(name) {
            // SAFETY: the value is initialised; nothing else looks at it now, and the old one is dropped last.
            let old = unsafe { std::mem::replace(&mut *self.values().add(index), value) };
            drop(old);
            return Ok(());
        }
        let count = shape.names.len();
        if count >= usize::from(self.body.room) {
            return Err(value);
        }
        let next = vm.shape_with(shape, name);
        // SAFETY: there is room for another value, which is not initialised yet.
        unsafe { self.values().add(count).write(value) };
        self.body.shape.set(next);
        // SAFETY: the header names the type, which lives.
        let ty = unsafe { &*self.header.ty.get() };
        ty.body.expect_attributes(count + 1);
        Ok(())
    }

    /// Takes all values out: names and values, in order. The instance has none after that.
    pub(crate) fn drain(&self, vm: &Vm) -> Vec<(Value, Value)> {
        let shape = self.shape();
        self.body.shape.set(vm.no_shape());
        let take = |(index, name): (usize, &Value)| {
            // SAFETY: the value is initialised, and with the empty shape nobody reads it again.
            (name.clone(), unsafe { self.values().add(index).read() })
        };
        shape.names.iter().enumerate().map(take).collect()
    }
}

/// Drops the values of an instance, and its body.
///
/// # Safety
/// There is no reference to the instance any more.
pub(crate) unsafe fn drop_values(instance: *mut Object<Instance>) {
    // SAFETY: as the caller says; the first values are initialised.
    unsafe {
        let count = (*instance).shape().names.len();
        let values = (*instance).values();
        for index in 0..count {
            values.add(index).drop_in_place();
        }
        std::ptr::drop_in_place(&raw mut (*instance).body);
    }
}

/// The shapes of an interpreter; they live as long as it does.
pub(crate) struct Shapes {
    all: RefCell<Vec<Box<Shape>>>,
}

impl Shapes {
    pub(crate) const fn new() -> Shapes {
        Shapes { all: RefCell::new(Vec::new()) }
    }

    pub(crate) fn add(&self, names: Vec<Value>) -> *const Shape {
        let shape = Box::new(Shape { names, next: RefCell::new(Vec::new()) });
        let address: *const Shape = &*shape;
        self.all.borrow_mut().push(shape);
        address
    }

    /// The shape of an instance of shape `shape` that got the attribute `name`.
    pub(crate) fn with(&self, shape: &Shape, name: &Value) -> *const Shape {
        let found = shape.next.borrow().iter().find(|(word, _)| *word == name.word()).map(|&(_, it)| it);
        found.unwrap_or_else(|| {
            let mut names = shape.names.clone();
            names.push(name.clone());
            let next = self.add(names);
            shape.next.borrow_mut().push((name.word(), next));
            next
        })
    }
}
