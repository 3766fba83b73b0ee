//! `_thread`: locks, and threads with their handles. What runs them is in `interp::threads`.

use crate::builtins::exceptions::Exc;
use crate::builtins::types::TypeRef;
use crate::builtins::{keywords, method, positional};
use crate::interp::threads::{Handle, Stage, Word};
use crate::object::callable::Args;
use crate::object::{Dict, NativeFn, Tuple, Type, TypeFlags};
use crate::value::{NONE, TRUE, Value};
use crate::vm::{R, Vm};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

/// The types of the module.
pub(crate) struct Types {
    lock: TypeRef,
    rlock: TypeRef,
    handle: TypeRef,
    local: TypeRef,
}

/// The longest time to wait for a lock, in seconds: what 64 bits of nanoseconds hold.
const LONGEST: f64 = 9_223_372_036.0;

type LockData = Arc<Word>;

/// A lock that its owner can take again.
struct Rlock {
    word: Arc<Word>,
    owner: Cell<u64>,
    count: Cell<u64>,
}

/// `acquire(blocking=True, timeout=-1)`: does it wait, and how long.
fn waiting(vm: &Vm, args: Args<'_>) -> R<(bool, Option<Duration>)> {
    let (values, [blocking, timeout]) = keywords(vm, "acquire", args, ["blocking", "timeout"])?;
    let blocking = match values.get(1).or(blocking) {
        Some(blocking) => vm.truth(blocking)?,
        None => true,
    };
    let Some(timeout) = values.get(2).or(timeout) else { return Ok((blocking, None)) };
    let seconds = vm.seconds(timeout)?;
    if !blocking && seconds != -1.0 {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if seconds < 0.0 && seconds != -1.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if seconds > LONGEST {
        return Err(vm.raise(Exc::OverflowError, "timeout value is too large"));
    }
    Ok((blocking, (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds))))
}

fn take(vm: &Vm, word: &Arc<Word>, args: Args<'_>) -> R<bool> {
    match waiting(vm, args)? {
        (false, _) => Ok(word.try_take()),
        (true, timeout) => vm.take_word(word, timeout),
    }
}

fn lock_of<'a>(vm: &Vm, args: &Args<'a>) -> R<&'a LockData> {
    let lock = args.values.first().and_then(|it| it.foreign::<LockData>());
    lock.ok_or_else(|| vm.type_error("descriptor requires a '_thread.lock' object"))
}

fn release(vm: &Vm, args: Args<'_>) -> R {
    let lock = lock_of(vm, &args)?;
    if lock.give() { Ok(NONE) } else { Err(vm.raise(Exc::RuntimeError, "release unlocked lock")) }
}

fn acquire(vm: &Vm, args: Args<'_>) -> R {
    let lock = lock_of(vm, &args)?;
    // The common way: nothing is asked for, and nobody has it.
    if args.values.len() == 1 && lock.try_take() {
        return Ok(TRUE);
    }
    Ok(Value::bool(take(vm, lock, args)?))
}

fn state(held: bool) -> &'static str {
    if held { "locked" } else { "unlocked" }
}

const LOCK: &[(&str, NativeFn)] = &[
    ("__new__", |vm, args| {
        let class = new_class(vm, args)?;
        Ok(vm.foreign(class.object::<Type>().unwrap_or(&types(vm).lock), LockData::default()))
    }),
    ("acquire", acquire),
    ("acquire_lock", acquire),
    ("release", release),
    ("release_lock", release),
    ("locked", |vm, args| Ok(Value::bool(lock_of(vm, &args)?.is_held()))),
    ("locked_lock", |vm, args| Ok(Value::bool(lock_of(vm, &args)?.is_held()))),
    ("__enter__", |vm, args| {
        acquire(vm, Args { values: &args.values[..args.values.len().min(1)], names: &[] })
    }),
    ("__exit__", release),
    ("_at_fork_reinit", |vm, args| {
        lock_of(vm, &args)?.reset();
        Ok(NONE)
    }),
    ("__repr__", |vm, args| {
        let held = lock_of(vm, &args)?.is_held();
        let at = args.values[0].identity();
        Ok(vm.str(&format!("<{} _thread.lock object at {at:#x}>", state(held))))
    }),
];

fn rlock_of<'a>(vm: &Vm, args: &Args<'a>) -> R<&'a Rlock> {
    let lock = args.values.first().and_then(|it| it.foreign::<Rlock>());
    lock.ok_or_else(|| vm.type_error("descriptor requires a '_thread.RLock' object"))
}

impl Rlock {
    fn is_own(&self, vm: &Vm) -> bool {
        self.count.get() > 0 && self.owner.get() == vm.threads.ident.get()
    }

    fn taken(&self, vm: &Vm, count: u64) {
        self.owner.set(vm.threads.ident.get());
        self.count.set(count);
    }

    fn give(&self) {
        self.count.set(0);
        self.owner.set(0);
        self.word.give();
    }
}

fn acquire_again(vm: &Vm, args: Args<'_>) -> R {
    let lock = rlock_of(vm, &args)?;
    if lock.is_own(vm) {
        if args.values.len() > 1 {
            waiting(vm, args)?;
        }
        lock.count.set(lock.count.get() + 1);
        return Ok(TRUE);
    }
    let word = lock.word.clone();
    let done = take(vm, &word, args)?;
    if done {
        lock.taken(vm, 1);
    }
    Ok(Value::bool(done))
}

fn release_again(vm: &Vm, args: Args<'_>) -> R {
    let lock = rlock_of(vm, &args)?;
    if !lock.is_own(vm) {
        return Err(vm.raise(Exc::RuntimeError, "cannot release un-acquired lock"));
    }
    match lock.count.get() {
        1 => lock.give(),
        count => lock.count.set(count - 1),
    }
    Ok(NONE)
}

const RLOCK: &[(&str, NativeFn)] = &[
    ("__new__", |vm, args| {
        let class = args.values.first().and_then(|it| it.object::<Type>());
        let data = Rlock { word: Arc::default(), owner: Cell::new(0), count: Cell::new(0) };
        Ok(vm.foreign(class.unwrap_or(&types(vm).rlock), data))
    }),
    ("acquire", acquire_again),
    ("release", release_again),
    ("__enter__", |vm, args| {
        acquire_again(vm, Args { values: &args.values[..args.values.len().min(1)], names: &[] })
    }),
    ("__exit__", release_again),
    ("locked", |vm, args| Ok(Value::bool(rlock_of(vm, &args)?.count.get() > 0))),
    ("_is_owned", |vm, args| Ok(Value::bool(rlock_of(vm, &args)?.is_own(vm)))),
    ("_recursion_count", |vm, args| {
        let lock = rlock_of(vm, &args)?;
        Ok(vm.int(if lock.is_own(vm) { lock.count.get() as i64 } else { 0 }))
    }),
    ("_release_save", |vm, args| {
        let lock = rlock_of(vm, &args)?;
        if !lock.is_own(vm) {
            return Err(vm.raise(Exc::RuntimeError, "cannot release un-acquired lock"));
        }
        let saved = vec![vm.int(lock.count.get() as i64), vm.int(lock.owner.get() as i64)];
        lock.give();
        Ok(vm.tuple(saved))
    }),
    ("_acquire_restore", |vm, args| {
        let lock = rlock_of(vm, &args)?;
        let count = args.values.get(1).and_then(|it| it.get::<Tuple>()?.items.first().cloned());
        let count = count.and_then(|it| vm.as_i64(&it)).unwrap_or(1);
        let word = lock.word.clone();
        vm.take_word(&word, None)?;
        lock.taken(vm, count as u64);
        Ok(NONE)
    }),
    ("_at_fork_reinit", |vm, args| {
        let lock = rlock_of(vm, &args)?;
        lock.word.reset();
        lock.count.set(0);
        lock.owner.set(0);
        Ok(NONE)
    }),
    ("__repr__", |vm, args| {
        let lock = rlock_of(vm, &args)?;
        let name = vm.qualified_type_name(&args.values[0]);
        let (owner, count) = (lock.owner.get(), lock.count.get());
        let at = args.values[0].identity();
        Ok(vm.str(&format!("<{} {name} object owner={owner} count={count} at {at:#x}>", state(count > 0))))
    }),
];

type HandleData = Arc<Handle>;

/// A handle that the interpreter knows of: after a fork those of threads that are gone are done.
fn kept(vm: &Vm, handle: Handle) -> HandleData {
    let handle = Arc::new(handle);
    vm.threads.note(&handle);
    handle
}

fn handle_of<'a>(vm: &Vm, args: &Args<'a>) -> R<&'a HandleData> {
    let handle = args.values.first().and_then(|it| it.foreign::<HandleData>());
    handle.ok_or_else(|| vm.type_error("descriptor requires a '_thread._ThreadHandle' object"))
}

const HANDLE: &[(&str, NativeFn)] = &[
    ("__new__", |vm, args| {
        new_class(vm, args)?;
        Ok(vm.foreign(&types(vm).handle, kept(vm, Handle::new())))
    }),
    ("is_done", |vm, args| Ok(Value::bool(handle_of(vm, &args)?.stage().0 == Stage::Done))),
    ("_set_done", |vm, args| {
        let handle = handle_of(vm, &args)?;
        if handle.stage().0 == Stage::New {
            return Err(vm.raise(Exc::RuntimeError, "thread not started"));
        }
        handle.set_done();
        Ok(NONE)
    }),
    ("join", |vm, args| {
        let handle = handle_of(vm, &args)?.clone();
        let timeout = match method(vm, "join", args, 0, 1)?.1.first().filter(|it| !it.is_none()) {
            Some(timeout) => Some(vm.seconds(timeout)?).filter(|it| *it >= 0.0),
            None => None,
        };
        if timeout.is_some_and(|it| it > LONGEST) {
            return Err(vm.raise(Exc::OverflowError, "timestamp out of range for platform time_t"));
        }
        let (stage, ident) = handle.stage();
        if stage == Stage::New {
            return Err(vm.raise(Exc::RuntimeError, "thread not started"));
        }
        if stage != Stage::Done && ident == vm.threads.ident.get() {
            return Err(vm.raise(Exc::RuntimeError, "Cannot join current thread"));
        }
        vm.wait_for_thread(&handle, timeout.map(Duration::from_secs_f64))?;
        Ok(NONE)
    }),
    ("__repr__", |vm, args| {
        let ident = handle_of(vm, &args)?.stage().1;
        Ok(vm.str(&format!("<_ThreadHandle object: ident={ident}>")))
    }),
];

fn new_class<'a>(vm: &Vm, args: Args<'a>) -> R<&'a Value> {
    match args.values {
        [class] => Ok(class),
        [_, ..] => Err(vm.type_error("lock() takes no arguments")),
        [] => Err(vm.type_error("object.__new__(): not enough arguments")),
    }
}

pub(crate) fn types(vm: &Vm) -> &Types {
    let base = TypeFlags::BASE.with(TypeFlags::METHODS);
    vm.modules_state.thread.get_or_init(|| Types {
        lock: vm.native_type("_thread", "lock", TypeFlags::METHODS, LOCK),
        rlock: vm.native_type("_thread", "RLock", base, RLOCK),
        handle: vm.native_type("_thread", "_ThreadHandle", TypeFlags::METHODS, HANDLE),
        local: super::thread_local::make_type(vm),
    })
}

fn callable_and_args<'a>(vm: &Vm, args: &Args<'a>) -> R<&'a [Value]> {
    let [function, values, rest @ ..] = args.values else {
        let message = format!("start_new_thread expected at least 2 arguments, got {}", args.values.len());
        return Err(vm.type_error(message));
    };
    if !vm.is_callable(function) {
        return Err(vm.type_error("first arg must be callable"));
    }
    if values.get::<Tuple>().is_none() {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    if rest.first().is_some_and(|it| it.get::<Dict>().is_none()) {
        return Err(vm.type_error("optional 3rd arg must be a dictionary"));
    }
    Ok(args.values)
}

fn start_new_thread(vm: &Vm, args: Args<'_>) -> R {
    let args = Args { values: positional(vm, "start_new_thread", args, 2, 3)?, names: &[] };
    let values = callable_and_args(vm, &args)?;
    let handle = Arc::new(Handle::new());
    let ident = vm.start_thread(&values[0], &values[1], values.get(2), &handle, true)?;
    Ok(vm.int(ident as i64))
}

fn start_joinable_thread(vm: &Vm, args: Args<'_>) -> R {
    let (values, [function, handle, daemon]) =
        keywords(vm, "start_joinable_thread", args, ["function", "handle", "daemon"])?;
    let Some(function) = values.first().or(function) else {
        return Err(vm.type_error("start_joinable_thread() missing required argument 'function' (pos 1)"));
    };
    if !vm.is_callable(function) {
        return Err(vm.type_error("thread function must be callable"));
    }
    let daemon = match values.get(2).or(daemon) {
        Some(daemon) => vm.truth(daemon)?,
        None => true,
    };
    let given = values.get(1).or(handle).filter(|it| !it.is_none());
    let handle = match given {
        Some(handle) => match handle.foreign::<HandleData>() {
            Some(data) if data.stage().0 == Stage::New => handle.clone(),
            Some(_) => return Err(vm.raise(Exc::RuntimeError, "thread already started")),
            None => return Err(vm.type_error("'handle' must be a _ThreadHandle")),
        },
        None => vm.foreign(&types(vm).handle, kept(vm, Handle::new())),
    };
    if let Some(data) = handle.foreign::<HandleData>() {
        vm.start_thread(function, &vm.tuple(Vec::new()), None, data, daemon)?;
    }
    Ok(handle)
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("start_new_thread", start_new_thread),
    ("start_new", start_new_thread),
    ("start_joinable_thread", start_joinable_thread),
    ("_make_thread_handle", |vm, args| {
        let ident = vm.as_i64(&positional(vm, "_make_thread_handle", args, 1, 1)?[0]).unwrap_or(0);
        Ok(vm.foreign(&types(vm).handle, kept(vm, Handle::of(ident as u64))))
    }),
    ("allocate_lock", |vm, _| Ok(vm.foreign(&types(vm).lock, LockData::default()))),
    ("allocate", |vm, _| Ok(vm.foreign(&types(vm).lock, LockData::default()))),
    ("get_ident", |vm, _| Ok(vm.int(vm.threads.ident.get() as i64))),
    ("_get_main_thread_ident", |vm, _| Ok(vm.int(vm.threads.main.get() as i64))),
    ("get_native_id", |vm, _| Ok(vm.int(rustix::thread::gettid().as_raw_nonzero().get().into()))),
    ("_count", |vm, _| Ok(vm.int_of_usize(vm.threads.count.get()))),
    ("_shutdown", |vm, _| vm.wait_for_threads().map(|()| NONE)),
    ("_is_main_interpreter", |_, _| Ok(TRUE)),
    ("daemon_threads_allowed", |_, _| Ok(TRUE)),
    ("exit", |vm, _| Err(vm.raise_with(Exc::SystemExit, Vec::new()))),
    ("exit_thread", |vm, _| Err(vm.raise_with(Exc::SystemExit, Vec::new()))),
    ("interrupt_main", |vm, args| {
        let values = positional(vm, "interrupt_main", args, 0, 1)?;
        let number = match values.first() {
            Some(number) => vm.as_i64(number).unwrap_or(0),
            None => i64::from(libc::SIGINT),
        };
        match i32::try_from(number) {
            Ok(number @ 1..=64) => {
                vm.simulate_signal(number);
                vm.handle_signals()?;
                Ok(NONE)
            }
            _ => Err(vm.value_error("signal number out of range")),
        }
    }),
    ("stack_size", |vm, args| {
        let values = positional(vm, "stack_size", args, 0, 1)?;
        let size = values.first().map_or(Some(0), |it| vm.as_i64(it)).unwrap_or(-1);
        if size < 0 {
            return Err(vm.value_error("size must be 0 or a positive value"));
        }
        if size != 0 && size < 32768 {
            return Err(vm.value_error(format!("size not valid: {size} bytes")));
        }
        Ok(vm.int_of_usize(vm.threads.stack_size.replace(size as usize)))
    }),
    ("set_name", |vm, args| {
        let (values, [name]) = keywords(vm, "set_name", args, ["name"])?;
        if let Some(name) = values.first().or(name) {
            let name = vm.text_of(name).into_bytes();
            let end = name.iter().position(|&it| it == 0).unwrap_or(name.len()).min(15);
            if let Ok(name) = std::ffi::CString::new(&name[..end]) {
                // A name is a help for people: CPython ignores failures too.
                let _ = rustix::thread::set_name(&name);
            }
        }
        Ok(NONE)
    }),
    ("_get_name", |vm, _| {
        let name = rustix::thread::name().map_err(|error| vm.os_error(&error.into(), None))?;
        let name = std::os::unix::ffi::OsStrExt::from_bytes(name.as_bytes());
        Ok(super::os::text(vm, name))
    }),
    ("__getattr__", |vm, args| {
        let name = &positional(vm, "__getattr__", args, 1, 1)?[0];
        let text = vm.text_of(name);
        if !matches!(text.as_str(), "_excepthook" | "_ExceptHookArgs") {
            let message = format!("module '_thread' has no attribute '{text}'");
            return Err(vm.raise(Exc::AttributeError, message));
        }
        let value = vm.helper("of_thread", std::slice::from_ref(name))?;
        if let Some(module) = vm.builtin_module("_thread")? {
            vm.put(&module, &text, value.clone());
        }
        Ok(value)
    }),
];

/// `_thread`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    let types = types(vm);
    for (name, ty) in [
        ("lock", &types.lock),
        ("LockType", &types.lock),
        ("RLock", &types.rlock),
        ("_ThreadHandle", &types.handle),
        ("_local", &types.local),
    ] {
        vm.put(module, name, ty.value().clone());
    }
    vm.put(module, "error", vm.exceptions.get(Exc::RuntimeError).value().clone());
    vm.put(module, "TIMEOUT_MAX", vm.float(LONGEST));
    vm.put(module, "_NAME_MAXLEN", vm.int(15));
    Ok(())
}

/// `ident` of a `_ThreadHandle`; `None` of other objects.
pub(crate) fn ident_of_handle(vm: &Vm, object: &Value) -> Option<Value> {
    let (stage, ident) = object.foreign::<HandleData>()?.stage();
    Some(if stage == Stage::New { NONE } else { vm.int(ident as i64) })
}

impl Vm {
    /// A time in seconds.
    pub(crate) fn seconds(&self, value: &Value) -> R<f64> {
        match (self.as_float(value), self.as_i64(value)) {
            (Some(seconds), _) if seconds.is_nan() => {
                Err(self.value_error("Invalid value NaN (not a number)"))
            }
            (Some(seconds), _) => Ok(seconds),
            (None, Some(seconds)) => Ok(seconds as f64),
            _ => match self.index_of(value)? {
                Some(seconds) => Ok(seconds as f64),
                None => {
                    let got = self.type_name(value);
                    Err(self.type_error(format!("'{got}' object cannot be interpreted as an integer")))
                }
            },
        }
    }

    /// `type(value)` with its module.
    pub(crate) fn qualified_type_name(&self, value: &Value) -> String {
        let class = self.class_of(value);
        let text = |name: &Value| {
            let it = self.get_attribute_or_none(&class, name).ok().flatten();
            it.map(|it| self.text_of(&it)).unwrap_or_default()
        };
        let (module, name) = (text(&self.names.module), text(&self.names.qualname));
        if module.is_empty() || module == "builtins" { name } else { format!("{module}.{name}") }
    }
}
