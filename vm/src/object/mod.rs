//! What objects hold: one body for each layout, and the list of layouts.
//!
//! A body is a plain struct with `Cell`s inside. Its methods never call back into a program while something is
//! borrowed, and what they replace is dropped after the borrow has ended: dropping may run `__del__`.
#![expect(unsafe_code, reason = "bodies are dropped by their layout")]

mod answers;
pub mod bytes;
pub mod callable;
mod check;
pub(crate) mod collect;
pub mod custom;
pub mod dict;
pub mod exception;
pub mod foreign;
pub mod frame;
pub mod generator;
pub mod instance;
pub mod iter;
pub mod late;
mod packed;
pub mod sequence;
pub mod set;
pub mod slot;
pub mod str;
pub mod types;
mod visit;
pub mod weak;

pub use bytes::{Bytearray, Bytes};
pub use callable::{Bound, Cellvar, Function, Module, Native, NativeFn, Property, Super, Wrapper};
pub use custom::{Custom, Data};
pub use dict::Dict;
pub use exception::{Exception, Traceback};
pub use foreign::{Access, Foreign, Getset, Proxy};
pub use frame::FrameObject;
pub use generator::{Generator, State};
pub use instance::{Instance, Shape};
pub use iter::{Iter, IterState, View, ViewKind};
pub use late::Late;
pub use packed::Packed;
pub use sequence::{List, Range, Slice, Tuple};
pub use set::Set;
pub use slot::Slot;
pub use str::Str;
pub use types::{Member, Type, TypeFlags};
pub use weak::Weak;

use crate::load::Code;
use crate::value::{Header, Object};
use num_bigint::BigInt;

/// What can be the body of an object. The macro `kinds!` implements it, once for each layout.
pub trait Body: Sized {
    /// The layout.
    const KIND: Kind;
}

/// A complex number.
#[derive(Clone, Copy, Debug)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $body:ty,)*) => {
        /// The layout of an object.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        $(impl Body for $body {
            const KIND: Kind = Kind::$name;
        })*

        impl Kind {
            /// How many layouts there are.
            const COUNT: usize = [$(Kind::$name,)*].len();
        }

        /// Drops the body of an object.
        ///
        /// # Safety
        /// There is no reference to the object any more, and its body was not dropped.
        pub(crate) unsafe fn release_body(object: *mut Header) {
            // SAFETY: `Kind` says what the object was allocated as.
            unsafe {
                types::drop_trailer(object);
                if (*object).kind == Kind::Instance {
                    return instance::drop_values(object.cast());
                }
                match (*object).kind {
                    $(Kind::$name => std::ptr::drop_in_place(object.cast::<Object<$body>>()),)*
                }
            }
        }
    };
}

kinds! {
    /// An instance of a class that a program defines, or of `object`.
    Instance: Instance,
    /// A type.
    Type: Type,
    /// An int that no word holds.
    Int: BigInt,
    /// A float that no word holds.
    Float: f64,
    /// A `complex`.
    Complex: Complex,
    /// A `str`.
    Str: Str,
    /// A `bytes`.
    Bytes: Bytes,
    /// A `bytearray`.
    Bytearray: Bytearray,
    /// A `tuple`.
    Tuple: Tuple,
    /// A `list`.
    List: List,
    /// A `dict`.
    Dict: Dict,
    /// A `set` or `frozenset`.
    Set: Set,
    /// A `range`.
    Range: Range,
    /// A `slice`.
    Slice: Slice,
    /// A function written in Python.
    Function: Function,
    /// A bound method.
    Bound: Bound,
    /// A function or method of the interpreter's own.
    Native: Native,
    /// A cell of a closure.
    Cell: Cellvar,
    /// A code object.
    Code: Code,
    /// A generator or coroutine.
    Generator: Generator,
    /// A module.
    Module: Module,
    /// An exception.
    Exception: Exception,
    /// A traceback.
    Traceback: Traceback,
    /// An iterator of the interpreter's own.
    Iter: Iter,
    /// A view of a `dict`.
    View: View,
    /// A `property`.
    Property: Property,
    /// A `staticmethod` or `classmethod`.
    Wrapper: Wrapper,
    /// A `super`.
    Super: Super,
    /// An attribute in a slot.
    Member: Member,
    /// A weak reference.
    Weak: Weak,
    /// Data of a native module.
    Foreign: Foreign,
    /// A frame.
    Frame: FrameObject,
    /// An attribute that is computed.
    Getset: Getset,
    /// A read-only view of a mapping.
    Proxy: Proxy,
    /// An object of a type that a module defines in Rust.
    Custom: Custom,
}
