//! The types of the interpreter's own.
#![expect(unsafe_code, reason = "the first type is its own type")]

use crate::heap::{Heap, allocate_in};
use crate::object::instance::Shapes;
use crate::object::{Dict, Kind, Slot, Str, Type, TypeFlags};
use crate::value::{Header, Immediate, Object, Value};
use std::cell::{Cell, RefCell};
use std::ops::Deref;

/// A type that lives as long as the interpreter.
pub struct TypeRef(Value);

impl TypeRef {
    /// The type as a value.
    pub const fn value(&self) -> &Value {
        &self.0
    }
}

impl Deref for TypeRef {
    type Target = Object<Type>;

    #[inline(always)]
    fn deref(&self) -> &Object<Type> {
        // SAFETY: only `make` creates a `TypeRef`, of a type, and the reference in it keeps the type alive.
        unsafe { &*(self.0.word() as *const Object<Type>) }
    }
}

impl Header {
    /// The object's type.
    #[inline(always)]
    pub(crate) fn type_of(&self) -> &Object<Type> {
        // SAFETY: an object's type lives as long as the object.
        unsafe { &*self.ty.get() }
    }
}

/// A type that is not ready: it has no name yet, as there may be no `str` yet.
fn raw(
    heap: &Heap,
    shapes: &Shapes,
    version: &mut u32,
    meta: Option<&Object<Type>>,
    kind: Kind,
    dict: Value,
) -> Value {
    *version += 1;
    let body = Type {
        name: Slot::default(),
        qualname: Slot::default(),
        bases: RefCell::default(),
        ancestors: RefCell::default(),
        dict,
        kind,
        flags: Cell::new(TypeFlags(0)),
        version: Cell::new(*version),
        shape: shapes.add(Vec::new()),
        room: Cell::new(4),
        derived: RefCell::default(),
    };
    match meta {
        Some(meta) => Value::from_object(allocate_in(heap, meta, body, 0)),
        None => {
            // `type` is made with a stand-in for its own type, which is put right before anybody looks.
            let stand_in = Object {
                header: Header {
                    count: Cell::new(1),
                    kind: Kind::Type,
                    flags: Cell::new(0),
                    class: 0,
                    ty: Cell::new(std::ptr::null()),
                },
                body: stand_in_body(),
            };
            let object = allocate_in(heap, &stand_in, body, 0);
            std::mem::forget(stand_in);
            // SAFETY: `object` was just made.
            unsafe { (*object).header.ty.set(object) };
            Value::from_object(object)
        }
    }
}

fn stand_in_body() -> Type {
    Type {
        name: Slot::default(),
        qualname: Slot::default(),
        bases: RefCell::default(),
        ancestors: RefCell::default(),
        dict: crate::value::NONE,
        kind: Kind::Type,
        flags: Cell::new(TypeFlags(0)),
        version: Cell::new(0),
        shape: std::ptr::null(),
        room: Cell::new(0),
        derived: RefCell::default(),
    }
}

/// Makes a type of the interpreter's own.
pub(crate) struct Maker<'a> {
    pub(crate) heap: &'a Heap,
    pub(crate) shapes: &'a Shapes,
    pub(crate) version: &'a mut u32,
}

impl Maker<'_> {
    /// Makes the type `name`, derived from `base`.
    pub(crate) fn make(
        &mut self,
        meta: &Object<Type>,
        dict: &Object<Type>,
        str: &Object<Type>,
        (name, kind, base, flags): (&str, Kind, &Object<Type>, TypeFlags),
    ) -> TypeRef {
        let own = Value::from_object(allocate_in(self.heap, dict, Dict::default(), 0));
        let value = raw(self.heap, self.shapes, self.version, Some(meta), kind, own);
        let made = TypeRef(value);
        self.finish(&made, str, name, Some(base), flags);
        made
    }

    fn finish(
        &self,
        made: &TypeRef,
        str: &Object<Type>,
        name: &str,
        base: Option<&Object<Type>>,
        flags: TypeFlags,
    ) {
        let text = Str::from_utf8(name.as_bytes());
        let name = Value::from_object(allocate_in(self.heap, str, text, 0));
        made.body.name.set(Some(name.clone()));
        made.body.qualname.set(Some(name));
        made.body.flags.set(flags);
        if let Some(base) = base {
            *made.body.bases.borrow_mut() = vec![Value::of(base)];
            let mut ancestors = vec![Value::of(base)];
            ancestors.extend(base.body.ancestors.borrow().iter().cloned());
            *made.body.ancestors.borrow_mut() = ancestors;
            base.body.derived.borrow_mut().push(&raw const **made);
        }
    }
}

macro_rules! types {
    ([$object:ident] $($field:ident = $name:literal: $kind:ident, $base:ident, $flags:expr;)*) => {
        /// The types of the interpreter's own.
        #[expect(missing_docs, reason = "each is named as in Python")]
        pub struct Types {
            pub object: TypeRef,
            pub type_: TypeRef,
            pub dict: TypeRef,
            pub str: TypeRef,
            $(pub $field: TypeRef,)*
        }

        impl Types {
            /// Makes them all.
            pub(crate) fn new(heap: &Heap, shapes: &Shapes, version: &mut u32) -> Types {
                let type_ = TypeRef(raw(heap, shapes, version, None, Kind::Type, crate::value::NONE));
                let plain = |kind, version: &mut u32| {
                    TypeRef(raw(heap, shapes, version, Some(&type_), kind, crate::value::NONE))
                };
                let $object = plain(Kind::Instance, version);
                let dict = plain(Kind::Dict, version);
                let str = plain(Kind::Str, version);
                let base = TypeFlags::BASE;
                let first: [(&TypeRef, &str, Option<&Object<Type>>); 4] = [
                    (&$object, "object", None),
                    (&type_, "type", Some(&$object)),
                    (&dict, "dict", Some(&$object)),
                    (&str, "str", Some(&$object)),
                ];
                let mut maker = Maker { heap, shapes, version };
                for (made, name, parent) in first {
                    maker.finish(made, &str, name, parent, base);
                    let own = Value::from_object(allocate_in(heap, &dict, Dict::default(), 0));
                    // SAFETY: nobody refers to the type's body yet but through this `TypeRef`, and `None` needs no
                    // dropping.
                    unsafe { (&raw const made.body.dict).cast_mut().write(own) };
                }
                $(let $field = maker.make(&type_, &dict, &str, ($name, Kind::$kind, &$base, $flags));)*
                Types { object: $object, type_, dict, str, $($field,)* }
            }

            /// All of them with the names that `builtins` has them under.
            pub(crate) fn each(&self, mut visit: impl FnMut(&str, &TypeRef)) {
                visit("object", &self.object);
                visit("type", &self.type_);
                visit("dict", &self.dict);
                visit("str", &self.str);
                $(visit($name, &self.$field);)*
            }
        }
    };
}

const BASE: TypeFlags = TypeFlags::BASE;
const FINAL: TypeFlags = TypeFlags(0);
/// Instances have a `__dict__` behind their layout.
const WRAPPER: TypeFlags = TypeFlags(TypeFlags::BASE.0 | TypeFlags::TRAILER.0 | TypeFlags::ATTRIBUTES.0);
/// What is left at a `yield` is closed when it goes.
const CLOSED: TypeFlags = TypeFlags::FINALIZES;

types! {
    [object]
    int = "int": Int, object, BASE;
    bool = "bool": Int, int, FINAL;
    float = "float": Float, object, BASE;
    complex = "complex": Complex, object, BASE;
    bytes = "bytes": Bytes, object, BASE;
    bytearray = "bytearray": Bytearray, object, BASE;
    tuple = "tuple": Tuple, object, BASE;
    list = "list": List, object, BASE;
    set = "set": Set, object, BASE;
    frozenset = "frozenset": Set, object, BASE;
    range = "range": Range, object, FINAL;
    slice = "slice": Slice, object, FINAL;
    function = "function": Function, object, TypeFlags::ATTRIBUTES;
    method = "method": Bound, object, FINAL;
    builtin = "builtin_function_or_method": Native, object, FINAL;
    method_descriptor = "method_descriptor": Native, object, FINAL;
    wrapper_descriptor = "wrapper_descriptor": Native, object, FINAL;
    cell = "cell": Cell, object, FINAL;
    code = "code": Code, object, FINAL;
    generator = "generator": Generator, object, CLOSED;
    coroutine = "coroutine": Generator, object, CLOSED;
    async_generator = "async_generator": Generator, object, CLOSED;
    module = "module": Module, object, BASE;
    traceback = "traceback": Traceback, object, FINAL;
    none_type = "NoneType": Instance, object, FINAL;
    not_implemented_type = "NotImplementedType": Instance, object, FINAL;
    ellipsis = "ellipsis": Instance, object, FINAL;
    null = "NULL": Instance, object, FINAL;
    range_iterator = "range_iterator": Iter, object, FINAL;
    list_iterator = "list_iterator": Iter, object, FINAL;
    list_reverseiterator = "list_reverseiterator": Iter, object, FINAL;
    tuple_iterator = "tuple_iterator": Iter, object, FINAL;
    str_iterator = "str_iterator": Iter, object, FINAL;
    str_ascii_iterator = "str_ascii_iterator": Iter, object, FINAL;
    bytearray_iterator = "bytearray_iterator": Iter, object, FINAL;
    bytes_iterator = "bytes_iterator": Iter, object, FINAL;
    dict_keyiterator = "dict_keyiterator": Iter, object, FINAL;
    dict_valueiterator = "dict_valueiterator": Iter, object, FINAL;
    dict_itemiterator = "dict_itemiterator": Iter, object, FINAL;
    dict_reversekeyiterator = "dict_reversekeyiterator": Iter, object, FINAL;
    dict_reversevalueiterator = "dict_reversevalueiterator": Iter, object, FINAL;
    dict_reverseitemiterator = "dict_reverseitemiterator": Iter, object, FINAL;
    set_iterator = "set_iterator": Iter, object, FINAL;
    iterator = "iterator": Iter, object, FINAL;
    callable_iterator = "callable_iterator": Iter, object, FINAL;
    enumerate = "enumerate": Iter, object, BASE;
    zip = "zip": Iter, object, BASE;
    map = "map": Iter, object, BASE;
    filter = "filter": Iter, object, BASE;
    reversed = "reversed": Iter, object, BASE;
    dict_keys = "dict_keys": View, object, FINAL;
    dict_values = "dict_values": View, object, FINAL;
    dict_items = "dict_items": View, object, FINAL;
    property = "property": Property, object, BASE;
    staticmethod = "staticmethod": Wrapper, object, WRAPPER;
    classmethod = "classmethod": Wrapper, object, WRAPPER;
    classmethod_descriptor = "classmethod_descriptor": Wrapper, object, FINAL;
    super_ = "super": Super, object, BASE;
    member = "member_descriptor": Member, object, FINAL;
    weakref = "weakref.ReferenceType": Weak, object, BASE;
    getset = "getset_descriptor": Getset, object, FINAL;
    proxy = "mappingproxy": Proxy, object, FINAL;
    method_wrapper = "method-wrapper": Bound, object, FINAL;
    foreign = "capsule": Foreign, object, FINAL;
    frame = "frame": Frame, object, FINAL;
}

impl Types {
    /// The type of what is no heap object.
    pub(crate) fn of_immediate(&self, value: &Value) -> &Object<Type> {
        match value.immediate() {
            Some(Immediate::Int) => &self.int,
            Some(Immediate::Float) => &self.float,
            Some(Immediate::Bool) => &self.bool,
            Some(Immediate::None) => &self.none_type,
            Some(Immediate::NotImplemented) => &self.not_implemented_type,
            Some(Immediate::Ellipsis) => &self.ellipsis,
            Some(Immediate::Unset) | None => &self.null,
        }
    }
}
