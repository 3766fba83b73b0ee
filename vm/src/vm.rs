//! The interpreter: what all of a program's objects hang from. Nothing is in statics, so that several
//! interpreters can live in one process.

use crate::builtins::exceptions::{Exc, ExceptionTypes};
use crate::builtins::types::Types;
use crate::heap::{Heap, allocate, allocate_in};
use crate::interp::Stack;
use crate::names::Names;
use crate::object::instance::Shapes;
use crate::object::sequence::new_tuple;
use crate::object::{Dict, List, Native, Shape, Slot, Str, Type, TypeFlags};
use crate::value::{Object, Value};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::cell::{Cell, RefCell};
use std::hash::BuildHasher;
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;

/// An exception was raised; it is [`Vm::pending`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised;

/// A value, or an exception was raised.
pub type R<T = Value> = Result<T, Raised>;

/// After so many steps through iterators native code looks at the limits.
const NATIVE_STEPS: u32 = 1 << 12;
/// How many results of looking a name up in a type are kept.
pub(crate) const LOOKUPS: usize = 2048;

/// The strings that are interned, found by their generalised UTF-8.
#[derive(Default)]
struct Interned {
    table: HashTable<(u64, Value)>,
    hasher: DefaultHashBuilder,
}

impl Interned {
    fn get(&self, text: &[u8]) -> Option<Value> {
        let hash = self.hasher.hash_one(text);
        let same = |own: &Value| {
            own.get::<Str>().is_some_and(|it| match it.ascii() {
                Some(own) => own.as_bytes() == text,
                None => *it.to_utf8() == *text,
            })
        };
        let found = self.table.find(hash, |(other, own)| *other == hash && same(own));
        found.map(|(_, own)| own.clone())
    }

    /// Adds a string that is not there.
    fn insert(&mut self, text: &[u8], value: Value) {
        let hash = self.hasher.hash_one(text);
        self.table.insert_unique(hash, (hash, value), |(hash, _)| *hash);
    }
}

#[derive(Default)]
pub(crate) struct Lookup {
    pub(crate) version: Cell<u32>,
    pub(crate) name: Cell<u64>,
    pub(crate) value: Slot,
}

/// An interpreter.
pub struct Vm {
    /// The types of the interpreter's own.
    pub types: Types,
    /// Exception types.
    pub exceptions: ExceptionTypes,
    /// The names that the interpreter itself looks up.
    pub names: Names,
    /// The exception that was raised last and is not handled yet.
    pub pending: Slot,
    /// The exception that is being handled: `sys.exception()`.
    pub handled: Slot,
    /// How many handlers the running thread is in: what tells a generator's own from its caller's.
    pub(crate) handlers: Cell<u32>,
    /// The names of `builtins`.
    pub builtins: Value,
    /// `sys.modules`
    pub modules: Value,
    /// `sys.argv`
    pub argv: RefCell<Vec<String>>,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: Cell<u8>,
    /// How the machine was started.
    pub config: RefCell<crate::config::Config>,
    /// Where the library in the binary lies to programs.
    pub library: RefCell<String>,
    /// The library that is used instead of that in the binary.
    pub stdlib: RefCell<Option<std::path::PathBuf>>,
    /// Is `-B` given: are no `.pyc` files written?
    pub no_bytecode: Cell<bool>,
    pub(crate) weak: crate::object::weak::WeakTable,
    pub(crate) collector: crate::object::collect::Collector,
    /// How many steps (jumps backwards, calls, handled exceptions) the program may still make; `None` for any number.
    pub max_steps: Cell<Option<u64>>,
    /// How many bytes the program may take: objects, and what they hold where the process has our allocator; `None` for
    /// any number.
    pub max_memory: Cell<Option<usize>>,
    /// How many steps native code took through iterators.
    native_steps: Cell<u32>,
    pub(crate) silent: Cell<bool>,
    /// Code that functions had before they were given other code: frames may still run it.
    pub(crate) retired: RefCell<Vec<Value>>,
    /// A limit was met: no handler of the program runs any more.
    pub(crate) stopped: Cell<bool>,
    pub(crate) modules_state: crate::modules::State,
    pub(crate) stack: Stack,
    pub(crate) recursion_limit: Cell<usize>,
    pub(crate) threads: crate::interp::threads::Threads,
    pub(crate) signals: crate::interp::signals::Signals,
    pub(crate) tracing: crate::interp::tracing::Tracing,
    pub(crate) lookups: Box<[Lookup]>,
    interned: RefCell<Interned>,
    /// The strings of one character below U+0100 that were asked for.
    pub(crate) characters: Box<[Slot; 0x100]>,
    versions: Cell<u32>,
    hash_key: (u64, u64),
    out: RefCell<Vec<u8>>,
    /// Calls of native code that are active: bounded, because each uses native stack.
    pub(crate) native_depth: Cell<u32>,
    /// How many calls of native code may be active: by the size of the native stack.
    pub native_limit: Cell<u32>,
    /// `object.__new__`
    pub(crate) object_new: Value,
    /// `object.__init__`
    pub(crate) object_init: Value,
    /// `type.__call__`
    pub(crate) type_call: Value,
    /// Objects whose `repr` is being made.
    pub(crate) in_repr: RefCell<Vec<u64>>,
    pub(crate) shapes: Shapes,
    no_shape: *const Shape,
    /// Last, so that it goes last.
    pub(crate) heap: Heap,
}

impl Vm {
    /// A new interpreter with its builtins. `PYTHONHASHSEED` is looked at.
    pub fn new() -> Box<Vm> {
        Vm::with_seed(std::env::var("PYTHONHASHSEED").ok().as_deref())
    }

    /// A new interpreter whose hashes depend on this, as `PYTHONHASHSEED` says it.
    pub fn with_seed(seed: Option<&str>) -> Box<Vm> {
        let mut place = Box::<Vm>::new_uninit();
        let heap = Heap::new(place.as_mut_ptr().cast_const());
        let shapes = Shapes::new();
        let mut version = 1;
        let types = Types::new(&heap, &shapes, &mut version);
        let mut interned = Interned::default();
        let names = Names::new(|text| {
            let string = Str::from_utf8(text.as_bytes());
            string.interned.set(true);
            let value = Value::from_object(allocate_in(&heap, &types.str, string, 0));
            interned.insert(text.as_bytes(), value.clone());
            value
        });
        let dict = || Value::from_object(allocate_in(&heap, &types.dict, Dict::default(), 0));
        let (builtins, modules) = (dict(), dict());
        let exceptions = ExceptionTypes::new(&heap, &shapes, &types, &mut version);
        let native = |name, call, ty: &Object<Type>| {
            let owner = if name == "__call__" { "type" } else { "object" };
            let body = Native { name, call, method: name != "__new__", owner, special: false, of: None };
            Value::from_object(allocate_in(&heap, ty, body, 0))
        };
        let object_new = native("__new__", crate::builtins::object::new, &types.builtin);
        let object_init = native("__init__", crate::builtins::object::init, &types.wrapper_descriptor);
        let type_call = native("__call__", crate::builtins::object::type_call, &types.wrapper_descriptor);
        let no_shape = shapes.add(Vec::new());
        let vm = Vm {
            exceptions,
            names,
            pending: Slot::default(),
            handled: Slot::default(),
            handlers: Cell::new(0),
            builtins,
            modules,
            argv: RefCell::default(),
            optimize: Cell::new(0),
            config: RefCell::default(),
            library: RefCell::new("/pyrvm/lib/python314.zip".into()),
            stdlib: RefCell::default(),
            no_bytecode: Cell::new(false),
            weak: crate::object::weak::WeakTable::default(),
            collector: crate::object::collect::Collector::default(),
            max_steps: Cell::new(None),
            max_memory: Cell::new(None),
            native_steps: Cell::new(0),
            silent: Cell::new(false),
            retired: RefCell::default(),
            stopped: Cell::new(false),
            modules_state: crate::modules::State::default(),
            stack: Stack::new(),
            recursion_limit: Cell::new(1000),
            threads: crate::interp::threads::Threads::default(),
            signals: crate::interp::signals::Signals::default(),
            tracing: crate::interp::tracing::Tracing::default(),
            lookups: (0..LOOKUPS).map(|_| Lookup::default()).collect(),
            interned: RefCell::new(interned),
            characters: Box::new([const { Slot::new(None) }; 0x100]),
            versions: Cell::new(version),
            hash_key: hash_key(seed),
            out: RefCell::new(Vec::with_capacity(1 << 13)),
            native_depth: Cell::new(0),
            native_limit: Cell::new(200),
            object_new,
            object_init,
            type_call,
            in_repr: RefCell::default(),
            shapes,
            no_shape,
            types,
            heap,
        };
        let vm = Box::write(place, vm);
        crate::builtins::fill(&vm);
        vm
    }

    /// Forgets what names were found to be in types.
    pub(crate) fn forget_lookups(&self) {
        for kept in &self.lookups {
            kept.version.set(0);
            drop(kept.value.take());
        }
    }

    /// What the interpreter does every now and then between two instructions: looks at limits, collects garbage, lets
    /// other threads run, calls handlers of signals.
    #[cold]
    #[inline(never)]
    pub(crate) fn pause(&self) -> R<()> {
        const SLICE: u32 = 1 << 16;
        if self.stopped.get() {
            return Err(self.raise(crate::builtins::exceptions::Exc::MemoryError, "the program was stopped"));
        }
        let spent = self.heap.slice.get();
        let left = self.max_steps.get().map(|left| left.checked_sub(spent.into()));
        if let Some(left) = left {
            self.max_steps.set(Some(left.unwrap_or(0)));
        }
        let over = self.max_memory.get().is_some_and(|most| self.memory() > most);
        if over || matches!(left, Some(None | Some(0))) {
            return Err(self.stop_program(over));
        }
        let next = left.flatten().map_or(SLICE, |left| u32::try_from(left).unwrap_or(SLICE).min(SLICE));
        // Loops that are to tell of what they run look at every step.
        let (next, ticks) = if self.tracing.tells() { (1, 0) } else { (next, next) };
        self.heap.slice.set(next);
        self.heap.ticks.store(ticks, Relaxed);
        self.collect_if_due();
        self.switch_threads();
        if self.signals.are_pending() && self.in_main_thread() {
            return self.handle_signals();
        }
        Ok(())
    }

    /// How many bytes objects and what they hold take, as far as is known: what the process has in all where its allocator
    /// is ours ([`crate::Small`]), else pages of objects.
    fn memory(&self) -> usize {
        self.heap.bytes().max(crate::heap::small::taken())
    }

    /// A limit was met: no handler of the program runs any more.
    #[cold]
    fn stop_program(&self, memory: bool) -> Raised {
        self.stopped.set(true);
        let message = if memory { "too much memory" } else { "too many steps" };
        self.raise(Exc::MemoryError, message)
    }

    /// Native code takes another step through an iterator, which may go on for ever without a step of the program.
    #[inline(always)]
    pub(crate) fn native_step(&self) -> R<()> {
        let steps = self.native_steps.get().wrapping_add(1);
        self.native_steps.set(steps);
        if steps.is_multiple_of(NATIVE_STEPS) { self.look_at_limits() } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn look_at_limits(&self) -> R<()> {
        if self.max_memory.get().is_some_and(|most| self.memory() > most) {
            return Err(self.stop_program(true));
        }
        if let Some(left) = self.max_steps.get() {
            let left = left.saturating_sub(NATIVE_STEPS.into());
            self.max_steps.set(Some(left));
            if left == 0 {
                return Err(self.stop_program(false));
            }
        }
        Ok(())
    }

    /// Is there memory for so many bytes? A program that asks for more than there is, or than it may have, gets a
    /// `MemoryError`.
    pub(crate) fn check_room(&self, bytes: usize) -> R<()> {
        /// Less than this is not asked for: it comes from memory that the process has, or the system gives it.
        const SMALL: usize = 1 << 20;
        if bytes < SMALL {
            return Ok(());
        }
        let over = self.max_memory.get().is_some_and(|most| self.memory().saturating_add(bytes) > most);
        if over || Vec::<u8>::new().try_reserve_exact(bytes).is_err() {
            return Err(self.raise(Exc::MemoryError, ""));
        }
        Ok(())
    }

    /// The same, of `count` things of `size` bytes.
    pub(crate) fn check_room_of(&self, count: usize, size: usize) -> R<()> {
        self.check_room(count.saturating_mul(size))
    }

    /// A number that was not given before.
    pub(crate) fn next_version(&self) -> u32 {
        // After 2^32 changes numbers would come again; caches then refuse to be filled (0 is "unknown").
        let version = self.versions.get().saturating_add(1);
        self.versions.set(version);
        if version == u32::MAX { 0 } else { version }
    }

    pub(crate) fn shape_with(&self, shape: &Shape, name: &Value) -> *const Shape {
        self.shapes.with(shape, name)
    }

    pub(crate) const fn no_shape(&self) -> *const Shape {
        self.no_shape
    }

    /// The key of `hash()` of texts and bytes.
    pub(crate) const fn hash_key(&self) -> (u64, u64) {
        self.hash_key
    }

    /// The one string with this text that names are compared with by identity.
    pub fn intern(&self, text: &str) -> Value {
        self.intern_utf8(text.as_bytes())
    }

    /// The same, of generalised UTF-8.
    pub fn intern_utf8(&self, text: &[u8]) -> Value {
        if let Some(value) = self.interned.borrow().get(text) {
            return value;
        }
        let string = Str::from_utf8(text);
        string.interned.set(true);
        let value = allocate(self, &self.types.str, string);
        self.interned.borrow_mut().insert(text, value.clone());
        value
    }

    /// How many strings are interned.
    pub(crate) fn interned_count(&self) -> usize {
        self.interned.borrow().table.len()
    }

    /// The interned string equal to `name`.
    pub fn intern_value(&self, name: &Value) -> Value {
        match name.get::<Str>() {
            Some(string) if !string.interned.get() => self.intern_utf8(&string.to_utf8()),
            _ => name.clone(),
        }
    }

    /// A `str`.
    pub fn str(&self, text: &str) -> Value {
        allocate(self, &self.types.str, Str::from_utf8(text.as_bytes()))
    }

    /// A `str` of this generalised UTF-8.
    pub fn str_of_utf8(&self, text: &[u8]) -> Value {
        allocate(self, &self.types.str, Str::from_utf8(text))
    }

    /// A `str` of these code points.
    pub fn str_of_points(&self, points: &[u32]) -> Value {
        allocate(self, &self.types.str, Str::from_points(points))
    }

    /// A `tuple`.
    pub fn tuple(&self, items: Vec<Value>) -> Value {
        if items.is_empty() {
            // There is one only, as in CPython.
            if let Some(empty) = self.modules_state.empty_tuple.get() {
                return empty;
            }
            let empty = new_tuple(self, &self.types.tuple, items.into_iter());
            self.modules_state.empty_tuple.set(Some(empty.clone()));
            return empty;
        }
        new_tuple(self, &self.types.tuple, items.into_iter())
    }

    /// A `list`.
    pub fn list(&self, items: Vec<Value>) -> Value {
        allocate(self, &self.types.list, List { items: RefCell::new(items) })
    }

    /// An empty `dict`.
    pub fn dict(&self) -> Value {
        allocate(self, &self.types.dict, Dict::default())
    }

    /// The type of a value.
    #[inline]
    pub fn type_of<'a>(&'a self, value: &'a Value) -> &'a Object<Type> {
        match value.header() {
            Some(header) => header.type_of(),
            None => self.types.of_immediate(value),
        }
    }

    /// The type of a value, as a value.
    pub fn class_of(&self, value: &Value) -> Value {
        Value::of(self.type_of(value))
    }

    /// The name of a value's type in messages: where a module has the type, with the module's name.
    pub fn type_name(&self, value: &Value) -> String {
        let ty = self.type_of(value);
        let flags = ty.body.flags.get();
        // CPython's modules in C name their types with the module's name in front.
        match flags.has(TypeFlags::FULL_NAME)
            || flags.has(TypeFlags::METHODS) && !flags.has(TypeFlags::COUNTED)
        {
            true => self.full_name(ty),
            false => self.name_of_type(ty),
        }
    }

    /// The name of the type of a value as its `repr` shows it.
    pub(crate) fn plain_type_name(&self, value: &Value) -> String {
        self.name_of_type(self.type_of(value))
    }

    /// `__name__` of a type.
    pub fn name_of_type(&self, ty: &Object<Type>) -> String {
        ty.body
            .name
            .get()
            .and_then(|name| name.get::<Str>().map(|it| it.to_str().into_owned()))
            .unwrap_or_default()
    }

    /// Raises an exception with a text.
    #[cold]
    #[inline(never)]
    pub fn raise(&self, of: Exc, message: impl AsRef<str>) -> Raised {
        let message = self.str(message.as_ref());
        self.raise_with(of, vec![message])
    }

    /// Raises an exception with these arguments.
    #[cold]
    pub fn raise_with(&self, of: Exc, args: Vec<Value>) -> Raised {
        let exception = self.exception(self.exceptions.get(of), args);
        self.raise_value(exception)
    }

    /// Raises this exception; the one that is being handled becomes its context.
    #[cold]
    pub fn raise_value(&self, exception: Value) -> Raised {
        self.set_context(&exception);
        self.pending.set(Some(exception));
        Raised
    }

    /// Raises `TypeError`.
    #[cold]
    pub fn type_error(&self, message: impl AsRef<str>) -> Raised {
        self.raise(Exc::TypeError, message)
    }

    /// Raises `ValueError`.
    #[cold]
    pub fn value_error(&self, message: impl AsRef<str>) -> Raised {
        self.raise(Exc::ValueError, message)
    }

    /// Raises `NotImplementedError` for what this release of the machine lacks.
    #[cold]
    pub fn missing(&self, what: &str) -> Raised {
        self.raise(Exc::NotImplementedError, format!("pyrvm cannot do this yet: {what}"))
    }

    /// Writes nothing from now on: neither to standard output nor to standard error.
    pub fn silence(&self) {
        self.silent.set(true);
    }

    /// Writes to standard output, through a buffer.
    pub fn write_out(&self, bytes: &[u8]) {
        if self.silent.get() {
            return;
        }
        let mut out = self.out.borrow_mut();
        out.extend_from_slice(bytes);
        if out.len() >= 1 << 13 || self.config.borrow().unbuffered {
            // A reader that went away has seen what it wanted.
            let _ = std::io::stdout().lock().write_all(&out);
            out.clear();
        }
    }

    /// Writes what is left in the buffer of standard output.
    pub fn flush(&self) {
        let mut out = self.out.borrow_mut();
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(&out).and_then(|()| stdout.flush());
        out.clear();
    }

    /// Writes to standard error.
    pub fn write_err(&self, bytes: &[u8]) {
        if self.silent.get() {
            return;
        }
        self.flush();
        let _ = std::io::stderr().lock().write_all(bytes);
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        // While everything is there still: what is told of a part must not find that part gone.
        self.heap.close();
    }
}

/// The key that `PYTHONHASHSEED` stands for; a random one without it. CPython: `_Py_HashRandomization_Init`.
fn hash_key(seed: Option<&str>) -> (u64, u64) {
    let seed = seed.and_then(|text| text.parse::<u32>().ok());
    match seed {
        Some(0) => (0, 0),
        Some(seed) => {
            // A linear congruential generator, of which each step gives bits 16 to 23.
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
                (state >> 16) as u8
            };
            let mut word = || u64::from_le_bytes(std::array::from_fn(|_| next()));
            (word(), word())
        }
        None => {
            use std::hash::{BuildHasher, RandomState};
            (RandomState::new().hash_one(1), RandomState::new().hash_one(2))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interpreter_goes_without_running_anything() {
        let vm = Vm::new();
        vm.silence();
        let text = b"import builtins, weakref\nclass K:\n    def __del__(self): builtins.gone()\n\
            async def f(): await f()\nbuiltins.kept = f(), K(), (lambda: (yield))(), weakref.ref(K, print)\n\
            next(kept[2])\ndef make(): return f()\nbuiltins.make = make\n";
        let code = vm.compile_file(text, "m.py").unwrap();
        assert_eq!(vm.run_main(&code, None), 0);
        let make = vm.builtins.get::<Dict>().and_then(|it| it.get_name(&vm, &vm.intern("make"))).unwrap();
        // A coroutine that nobody awaits, in an exception that nobody takes: `types` goes after that.
        let coroutine = vm.call_with(&make, &[]).unwrap();
        vm.raise_with(Exc::ValueError, vec![coroutine]);
        drop((code, make));
        drop(vm);
    }
}
