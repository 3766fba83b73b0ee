//! Types that modules define in Rust. A type is described by a [`Spec`], made when it is first asked for, and lives as
//! long as the interpreter.

use crate::builtins::exceptions::Exc;
use crate::builtins::types::{Maker, TypeRef};
use crate::heap::allocate;
use crate::object::callable::Args;
use crate::object::types::allocate_derived;
use crate::object::{
    Access, Bytearray, Bytes, Custom, Data, Getset, Kind, Native, NativeFn, Type, TypeFlags, Wrapper,
};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Raised, Vm};
use std::borrow::Cow;
use std::cell::OnceCell;

macro_rules! own_types {
    ($($name:ident,)*) => {
        /// The types that modules define, each by its number.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(crate) enum Own {
            $($name,)*
        }

        /// How many there are.
        const COUNT: usize = [$(Own::$name),*].len();
    };
}

own_types! {
    Deque, DequeIter, DequeReverse, Defaultdict, TupleGetter, OrderedDict, OrderedIter,
    Partial, PlaceholderType, LruCache, CmpKey,
    Accumulate, Batched, Chain, Combinations, CombinationsReplaced, Compress, Count, Cycle, DropWhile, FilterFalse,
    GroupBy, Grouper, ISlice, Pairwise, Permutations, Product, Repeat, StarMap, TakeWhile, Tee, TeeData, ZipLongest,
    ItemGetter, AttrGetter, MethodCaller,
    Struct, StructIter, Random, Scanner, Encoder, Pattern, Match, SreScanner, SreIterator, SreTemplate,
    Md5, Sha1, Sha224, Sha256, Sha384, Sha512, Sha3x224, Sha3x256, Sha3x384, Sha3x512, Shake128, Shake256, Blake2b, Blake2s,
    Compressor, Decompressor, ZlibDecompressor, Bz2Compressor, Bz2Decompressor, Array, ArrayIter, CsvReader, CsvWriter, CsvDialect, Ucd, TokenizerIter,
    BytesIO, StringIO, FileCore, BufferCore, TextCore, BuiltinOfPython, Memoryview, MemoryIter, BigRange, BigRangeIter,
    Decimal, DecimalContext, DecimalSignals, AsyncStep,
}

/// What a type is made of.
pub(crate) struct Spec {
    /// Its number.
    pub own: Own,
    /// Its name, with the module's before it.
    pub name: &'static str,
    /// Layout of the instances.
    pub kind: Kind,
    /// What it derives from; `None` for `object`.
    pub base: Option<fn(&Vm) -> &TypeRef>,
    /// May classes derive from it?
    pub derivable: bool,
    /// Do its instances take any attribute?
    pub open: bool,
    /// Its methods; those that `__new__` is not among cannot be made by calling the type.
    pub methods: &'static [(&'static str, NativeFn)],
    /// Its class methods.
    pub class_methods: &'static [(&'static str, NativeFn)],
    /// Its computed attributes.
    pub attributes: &'static [(&'static str, Access)],
    /// `__doc__`
    pub doc: &'static str,
}

impl Spec {
    /// A type of objects with their data in a trait object, which is filled with `..`.
    pub(crate) const fn new(own: Own, name: &'static str) -> Spec {
        Spec {
            own,
            name,
            kind: Kind::Custom,
            base: None,
            derivable: false,
            open: false,
            methods: &[],
            class_methods: &[],
            attributes: &[],
            doc: "",
        }
    }

    const fn plain_name(&self) -> &'static str {
        let bytes = self.name.as_bytes();
        let mut at = bytes.len();
        while at > 0 && bytes[at - 1] != b'.' {
            at -= 1;
        }
        self.name.split_at(at).1
    }
}

/// An attribute that is read only.
pub(crate) const fn read_only(read: crate::object::foreign::Read) -> Access {
    Access { read, write: None }
}

/// The types that were made.
pub(crate) struct OwnTypes([OnceCell<TypeRef>; COUNT]);

impl Default for OwnTypes {
    fn default() -> OwnTypes {
        OwnTypes([const { OnceCell::new() }; COUNT])
    }
}

impl Vm {
    /// A type that a module defines.
    pub(crate) fn own(&self, spec: &'static Spec) -> &TypeRef {
        self.modules_state.types.0[spec.own as usize].get_or_init(|| self.make_own(spec))
    }

    fn make_own(&self, spec: &'static Spec) -> TypeRef {
        let mut flags = TypeFlags::METHODS;
        if spec.derivable {
            flags = flags.with(TypeFlags::BASE);
        }
        if spec.open {
            flags = flags.with(TypeFlags::TRAILER).with(TypeFlags::ATTRIBUTES);
        }
        let mut version = self.next_version();
        let name = spec.plain_name();
        let base: &Object<Type> = spec.base.map_or(&self.types.object, |base| base(self));
        let mut maker = Maker { heap: &self.heap, shapes: &self.shapes, version: &mut version };
        let made =
            maker.make(&self.types.type_, &self.types.dict, &self.types.str, (name, spec.kind, base, flags));
        made.body.name.set(Some(self.intern(name)));
        made.body.qualname.set(Some(self.intern(name)));
        if let Some(own) = made.body.own() {
            for &(method, call) in spec.methods {
                let of =
                    if method == "__new__" { &self.types.builtin } else { &self.types.method_descriptor };
                let body = Native {
                    name: method,
                    call,
                    method: method != "__new__",
                    owner: name,
                    special: true,
                    of: None,
                };
                own.set_name(self, &self.intern(method), allocate(self, of, body));
            }
            if own.get_name(self, &self.names.new).is_none() && spec.kind == Kind::Custom {
                let body = Native {
                    name: "__new__",
                    call: refuse,
                    method: false,
                    owner: name,
                    special: true,
                    of: None,
                };
                own.set_name(self, &self.names.new, allocate(self, &self.types.builtin, body));
            }
            for &(method, call) in spec.class_methods {
                let body = Native { name: method, call, method: true, owner: name, special: true, of: None };
                let function = allocate(self, &self.types.method_descriptor, body);
                let wrapped = crate::object::types::allocate_derived(
                    self,
                    &self.types.classmethod_descriptor,
                    Wrapper::new(function, true),
                );
                own.set_name(self, &self.intern(method), wrapped);
            }
            for &(attribute, access) in spec.attributes {
                let name = self.intern(attribute);
                let body = Getset { name: name.clone(), owner: made.value().clone(), access: Some(access) };
                own.set_name(self, &name, allocate(self, &self.types.getset, body));
            }
            if spec.name.len() > name.len() {
                let module = &spec.name[..spec.name.len() - name.len() - 1];
                own.set_name(self, &self.names.module, self.intern(module));
            }
            if own.get_name(self, &self.names.doc).is_none() {
                let doc = if spec.doc.is_empty() { NONE } else { self.str(spec.doc) };
                own.set_name(self, &self.names.doc, doc);
            }
            if own.get_name(self, &self.names.eq).is_some() && own.get_name(self, &self.names.hash).is_none()
            {
                own.set_name(self, &self.names.hash, NONE);
            }
        }
        self.type_changed(&made);
        self.note_hooks(&made);
        made
    }

    /// Puts a type into a module, under its own name.
    pub(crate) fn put_type(&self, module: &Value, spec: &'static Spec) {
        self.put(module, spec.plain_name(), self.own(spec).value().clone());
    }

    /// An object of a module's type.
    pub(crate) fn custom(&self, spec: &'static Spec, data: impl Data) -> Value {
        allocate_derived(self, self.own(spec), Custom { data: Box::new(data) })
    }

    /// An object of a class that is a module's type or derives from it: for `__new__`.
    pub(crate) fn custom_of(&self, class: &Object<Type>, data: impl Data) -> Value {
        allocate_derived(self, class, Custom { data: Box::new(data) })
    }

    /// What `self` of a method holds.
    pub(crate) fn own_data<'a, T: Data>(
        &self,
        name: &str,
        value: &'a Value,
        spec: &'static Spec,
    ) -> R<&'a T> {
        value.data::<T>().ok_or_else(|| {
            let (wanted, got) = (spec.name, self.type_name(value));
            self.type_error(format!(
                "descriptor '{name}' for '{wanted}' objects doesn't apply to a '{got}' object"
            ))
        })
    }

    /// The bytes of an object that shows its memory; `None` for one that does not.
    pub(crate) fn buffer_or_none<'a>(&self, value: &'a Value) -> R<Option<Cow<'a, [u8]>>> {
        if let Some(bytes) = value.get::<Bytes>() {
            return Ok(Some(Cow::Borrowed(&bytes.data)));
        }
        if let Some(array) = value.get::<Bytearray>() {
            return Ok(Some(Cow::Owned(array.data.borrow().clone())));
        }
        if value.header().is_none()
            || value.get::<crate::object::Str>().is_some()
            || value.get::<Type>().is_some()
        {
            return Ok(None);
        }
        if let Some(data) = self.viewed(value)? {
            return Ok(Some(Cow::Owned(data)));
        }
        let class = self.class_of(value);
        let name = self.intern("__buffer__");
        let Some(method) = class.object::<Type>().and_then(|class| self.lookup(class, &name)) else {
            return Ok(None);
        };
        let flags = Value::from_i32(0);
        let args = Args { values: std::slice::from_ref(&flags), names: &[] };
        let view = self.call_bound(&method, value, args)?;
        match self.viewed(&view)? {
            Some(data) => Ok(Some(Cow::Owned(data))),
            None => Err(self.type_error("__buffer__ returned non-memoryview object")),
        }
    }

    /// The bytes of an object that shows its memory.
    pub(crate) fn buffer<'a>(&self, value: &'a Value) -> R<Cow<'a, [u8]>> {
        match self.buffer_or_none(value)? {
            Some(data) => Ok(data),
            None => {
                let got = self.type_name(value);
                Err(self.type_error(format!("a bytes-like object is required, not '{got}'")))
            }
        }
    }

    /// An exception class of a module, by its full name; it is made when it is first asked for.
    pub(crate) fn own_exception(&self, name: &'static str, base: Exc) -> R {
        let found = self.modules_state.errors.borrow().iter().find(|it| it.0 == name).map(|it| it.1.clone());
        if let Some(found) = found {
            return Ok(found);
        }
        let (module, plain) = name.rsplit_once('.').unwrap_or(("builtins", name));
        let namespace = self.dict();
        if let Some(dict) = namespace.get::<crate::object::Dict>() {
            dict.set_name(self, &self.names.module, self.intern(module));
        }
        let bases = self.tuple(vec![self.exceptions.get(base).value().clone()]);
        let class = self.call_with(self.types.type_.value(), &[self.intern(plain), bases, namespace])?;
        self.modules_state.errors.borrow_mut().push((name, class.clone()));
        Ok(class)
    }

    /// Raises an exception of a module's own class.
    pub(crate) fn raise_own(&self, name: &'static str, base: Exc, message: &str) -> Raised {
        let made =
            self.own_exception(name, base).and_then(|class| self.call_with(&class, &[self.str(message)]));
        match made {
            Ok(exception) => self.raise_value(exception),
            Err(raised) => raised,
        }
    }

    /// Can it be called?
    pub(crate) fn is_callable(&self, value: &Value) -> bool {
        match value.header().map(|header| header.kind) {
            Some(Kind::Function | Kind::Bound | Kind::Native | Kind::Type) => true,
            _ => self.lookup_special(value, &self.names.call).is_some(),
        }
    }

    /// What `__reduce__` says of the attributes of an object: its `__dict__`, where there is something in it.
    pub(crate) fn object_state(&self, value: &Value) -> R {
        let dict = self.get_attribute_or_none(value, &self.names.dict)?;
        Ok(dict.filter(|it| it.get::<crate::object::Dict>().is_some_and(|it| !it.is_empty())).unwrap_or(NONE))
    }

    /// The end of an iterator that was asked through `__next__`.
    pub(crate) fn stop(&self) -> Raised {
        self.raise_with(Exc::StopIteration, Vec::new())
    }
}

/// The class that is called, and the other arguments of a `__new__`.
pub(crate) fn split_class<'a>(vm: &Vm, args: Args<'a>) -> R<(&'a Object<Type>, Args<'a>)> {
    match args.values.split_first() {
        Some((class, values)) => match class.object::<Type>() {
            Some(class) => Ok((class, Args { values, names: args.names })),
            None => Err(vm.type_error("__new__(X): X is not a type object")),
        },
        None => Err(vm.type_error("__new__(): not enough arguments")),
    }
}

/// `__iter__` of iterators.
pub(crate) fn itself(vm: &Vm, args: Args<'_>) -> R {
    crate::builtins::method(vm, "__iter__", args, 0, 0).map(|(it, _)| it.clone())
}

/// `__next__` of iterators whose data knows the next value.
pub(crate) fn next_method(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = crate::builtins::method(vm, "__next__", args, 0, 0)?;
    match it.get::<Custom>().and_then(|custom| custom.data.next(vm, it)) {
        Some(result) => result?.ok_or_else(|| vm.stop()),
        None => Err(vm.type_error("not an iterator")),
    }
}

/// `__call__` of what its data can call.
pub(crate) fn call_method(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("descriptor '__call__' needs an argument"));
    };
    match it.get::<Custom>().and_then(|custom| custom.data.call(vm, it, Args { values, names: args.names })) {
        Some(result) => result,
        None => Err(vm.type_error("not callable")),
    }
}

/// `__class_getitem__`
pub(crate) fn alias(vm: &Vm, args: Args<'_>) -> R {
    vm.generic_alias(args)
}

fn refuse(vm: &Vm, args: Args<'_>) -> R {
    let name = args.values.first().and_then(|it| it.object::<Type>()).map(|it| vm.full_name(it));
    Err(vm.type_error(format!("cannot create '{}' instances", name.unwrap_or_default())))
}

/// Arguments by position or by name; what a function written in C takes. CPython: `PyArg_ParseTupleAndKeywords`.
///
/// Of `names` the first `positional_only` have an empty name; at least `least` arguments must be there.
pub(crate) fn parse<'a, const N: usize>(
    vm: &Vm,
    function: &str,
    args: Args<'a>,
    names: [&str; N],
    least: usize,
) -> R<[Option<&'a Value>; N]> {
    parse_most(vm, function, args, names, least, N)
}

/// What the method `decompress` of an object that takes a stream in parts is given: the object, a part, and how much may
/// come out of it.
#[expect(clippy::type_complexity, reason = "three things that are used once and at once")]
pub(crate) fn compressed_part<'a>(
    vm: &Vm,
    args: Args<'a>,
) -> R<(&'a Value, Cow<'a, [u8]>, Option<&'a Value>)> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("unbound method decompress() needs an argument"));
    };
    let args = Args { values, names: args.names };
    let [data, most] = parse_most(vm, "decompress", args, ["data", "max_length"], 1, 2)?;
    match data {
        Some(data) => Ok((it, vm.buffer(data)?, most)),
        None => Err(vm.type_error("a bytes-like object is required, not 'NoneType'")),
    }
}

/// The same, where only the first `most` may be given by position.
pub(crate) fn parse_most<'a, const N: usize>(
    vm: &Vm,
    function: &str,
    args: Args<'a>,
    names: [&str; N],
    least: usize,
    most: usize,
) -> R<[Option<&'a Value>; N]> {
    let count = args.values.len() - args.names.len();
    let mut found = [None; N];
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    if args.values.len() > N {
        // Without the word it would sound as if some could be given by position.
        let keyword = if count == 0 { "keyword " } else { "" };
        return Err(vm.type_error(format!(
            "{function}() takes at most {N} {keyword}argument{} ({} given)",
            plural(N),
            args.values.len()
        )));
    }
    if count > most {
        let at_most = if least >= most { "exactly" } else { "at most" };
        return Err(vm.type_error(format!(
            "{function}() takes {at_most} {most} positional argument{} ({count} given)",
            plural(most)
        )));
    }
    for (place, value) in found.iter_mut().zip(&args.values[..count]) {
        *place = Some(value);
    }
    // What is wrong with a name is said last: an argument that is missing is told first.
    let mut wrong = None;
    for (key, value) in args.names.iter().zip(&args.values[count..]) {
        let text = vm.text_of(key);
        match names.iter().position(|it| !it.is_empty() && *it == text) {
            Some(index) if found[index].is_some() => {
                wrong.get_or_insert((text, Some(index)));
            }
            Some(index) => found[index] = Some(value),
            None => {
                wrong.get_or_insert((text, None));
            }
        }
    }
    for (index, place) in found.iter().enumerate().take(least) {
        if place.is_none() {
            if names[index].is_empty() {
                return Err(vm.type_error(format!(
                    "{function}() takes at least {least} positional argument{} ({count} given)",
                    plural(least)
                )));
            }
            return Err(vm.type_error(format!(
                "{function}() missing required argument '{}' (pos {})",
                names[index],
                index + 1
            )));
        }
    }
    match wrong {
        None => Ok(found),
        Some((text, Some(index))) => Err(vm.type_error(format!(
            "argument for {function}() given by name ('{text}') and position ({})",
            index + 1
        ))),
        Some((text, None)) => {
            let named = names.iter().position(|it| !it.is_empty()).unwrap_or(N);
            Err(vm.unexpected_keyword(function, &text, names[named..].iter().copied()))
        }
    }
}

/// An int that a size has room for. CPython: format `n` of `PyArg_Parse`.
pub(crate) fn ssize(vm: &Vm, value: &Value) -> R<i64> {
    match value.get::<num_bigint::BigInt>() {
        Some(_) if vm.as_i64(value).is_none() => {
            Err(vm.raise(Exc::OverflowError, "Python int too large to convert to C ssize_t"))
        }
        _ => index(vm, value),
    }
}

/// An int that is an index, where one that is too large is as good as the largest.
pub(crate) fn near_index(vm: &Vm, value: &Value) -> R<i64> {
    match value.get::<num_bigint::BigInt>() {
        Some(big) if vm.as_i64(value).is_none() => {
            Ok(if num_traits::Signed::is_negative(big) { i64::MIN } else { i64::MAX })
        }
        _ => index(vm, value),
    }
}

/// An int that is an index: `__index__` is asked.
pub(crate) fn index(vm: &Vm, value: &Value) -> R<i64> {
    match vm.index_of(value)? {
        Some(number) => Ok(number),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}
