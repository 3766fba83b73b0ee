//! `_signal`. What catches signals is in `interp::signals`.

use crate::builtins::exceptions::Exc;
use crate::builtins::{keywords, positional};
use crate::heap::allocate;
use crate::interp::signals::{Disposition, SIGNALS, disposition, set_disposition};
use crate::object::callable::Args;
use crate::object::{Native, NativeFn};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::io;

/// Linux's signals (`asm-generic/signal.h`; x86 and Arm have these).
const NAMES: &[(&str, i32)] = &[
    ("SIGHUP", 1),
    ("SIGINT", 2),
    ("SIGQUIT", 3),
    ("SIGILL", 4),
    ("SIGTRAP", 5),
    ("SIGABRT", 6),
    ("SIGIOT", 6),
    ("SIGBUS", 7),
    ("SIGFPE", 8),
    ("SIGKILL", 9),
    ("SIGUSR1", 10),
    ("SIGSEGV", 11),
    ("SIGUSR2", 12),
    ("SIGPIPE", 13),
    ("SIGALRM", 14),
    ("SIGTERM", 15),
    ("SIGSTKFLT", 16),
    ("SIGCHLD", 17),
    ("SIGCLD", 17),
    ("SIGCONT", 18),
    ("SIGSTOP", 19),
    ("SIGTSTP", 20),
    ("SIGTTIN", 21),
    ("SIGTTOU", 22),
    ("SIGURG", 23),
    ("SIGXCPU", 24),
    ("SIGXFSZ", 25),
    ("SIGVTALRM", 26),
    ("SIGPROF", 27),
    ("SIGWINCH", 28),
    ("SIGIO", 29),
    ("SIGPOLL", 29),
    ("SIGPWR", 30),
    ("SIGSYS", 31),
    ("SIGRTMIN", 34),
    ("SIGRTMAX", 64),
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
    ("SIG_BLOCK", libc::SIG_BLOCK),
    ("SIG_UNBLOCK", libc::SIG_UNBLOCK),
    ("SIG_SETMASK", libc::SIG_SETMASK),
    ("ITIMER_REAL", libc::ITIMER_REAL),
    ("ITIMER_VIRTUAL", libc::ITIMER_VIRTUAL),
    ("ITIMER_PROF", libc::ITIMER_PROF),
    ("NSIG", SIGNALS as i32),
];

fn number_of(vm: &Vm, value: &Value) -> R<i32> {
    match vm.index_of(value)? {
        Some(number) => match i32::try_from(number) {
            Ok(number @ 1..=64) => Ok(number),
            _ => Err(vm.value_error("signal number out of range")),
        },
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}

fn system(vm: &Vm, error: &io::Error) -> crate::vm::Raised {
    vm.os_error(error, None)
}

/// What `getsignal` answers.
fn shown(vm: &Vm, number: i32) -> Value {
    if let Some(handler) = vm.signals.handlers[number as usize].get() {
        return handler;
    }
    match disposition(number) {
        Ok(Disposition::Default) => Value::from_i32(0),
        Ok(Disposition::Ignore) => Value::from_i32(1),
        _ => NONE,
    }
}

fn signal(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "signal", args, 2, 2)?;
    if !vm.in_main_thread() || !vm.claim_signals() {
        return Err(vm.value_error("signal only works in main thread of the main interpreter"));
    }
    let number = number_of(vm, &values[0])?;
    let given = &values[1];
    let callable = vm.is_callable(given);
    let wanted = match vm.as_i64(given) {
        _ if callable => Disposition::Catch,
        Some(0) => Disposition::Default,
        Some(1) => Disposition::Ignore,
        _ => {
            let message = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
            return Err(vm.type_error(message));
        }
    };
    vm.handle_signals()?;
    let before = shown(vm, number);
    set_disposition(number, wanted, false).map_err(|error| system(vm, &error))?;
    let kept = if callable { given.clone() } else { vm.int(vm.as_i64(given).unwrap_or(0)) };
    vm.signals.handlers[number as usize].set(Some(kept));
    Ok(before)
}

/// What SIGINT calls where a program says nothing else.
pub(crate) fn default_int_handler(vm: &Vm) -> Value {
    if let Some(handler) = vm.modules_state.interrupt.get() {
        return handler;
    }
    let call: NativeFn = |vm, _| Err(vm.default_interrupt());
    let body =
        Native { name: "default_int_handler", call, method: false, owner: "", special: false, of: None };
    let handler = allocate(vm, &vm.types.builtin, body);
    vm.modules_state.interrupt.set(Some(handler.clone()));
    handler
}

/// `set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)`
fn set_wakeup_fd(vm: &Vm, args: Args<'_>) -> R {
    let (values, [warn]) = keywords(vm, "set_wakeup_fd", args, ["warn_on_full_buffer"])?;
    let Some(file) = values.first().and_then(|it| vm.as_i64(it)) else {
        return Err(vm.type_error("set_wakeup_fd() takes an integer"));
    };
    if let Some(warn) = warn {
        vm.signals.warn_on_full_buffer.set(vm.truth(warn)?);
    }
    if !vm.in_main_thread() || !vm.claim_signals() {
        return Err(vm.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    let file = i32::try_from(file).unwrap_or(-1);
    if file != -1 {
        crate::interp::system::status_of(file).map_err(|error| match error.raw_os_error() {
            Some(libc::EBADF) if file < 0 => vm.value_error("invalid fd"),
            _ => system(vm, &error),
        })?;
        if crate::interp::system::is_blocking(file).map_err(|error| system(vm, &error))? {
            return Err(vm.value_error(format!("the fd {file} must be in non-blocking mode")));
        }
    }
    Ok(vm.int(vm.signals.set_wakeup(file).into()))
}

fn numbers_of(vm: &Vm, value: &Value) -> R<Vec<i32>> {
    vm.collect(value)?
        .iter()
        .map(|it| match vm.as_i64(it).and_then(|it| i32::try_from(it).ok()) {
            Some(number @ 1..=64) => Ok(number),
            _ => {
                let got = vm.repr_or_empty(it);
                Err(vm.value_error(format!("signal number {got} out of range [1; 64]")))
            }
        })
        .collect()
}

fn set_of(vm: &Vm, numbers: &[i32]) -> R {
    let list = vm.list(numbers.iter().map(|&it| vm.int(it.into())).collect());
    vm.call_with(vm.types.set.value(), &[list])
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("signal", signal),
    ("default_int_handler", |vm, _| Err(vm.default_interrupt())),
    ("getsignal", |vm, args| {
        let values = positional(vm, "getsignal", args, 1, 1)?;
        Ok(shown(vm, number_of(vm, &values[0])?))
    }),
    ("set_wakeup_fd", set_wakeup_fd),
    ("siginterrupt", |vm, args| {
        let values = positional(vm, "siginterrupt", args, 2, 2)?;
        let number = number_of(vm, &values[0])?;
        let restart = !vm.truth(&values[1])?;
        let now = disposition(number).map_err(|error| system(vm, &error))?;
        set_disposition(number, now, restart).map_err(|error| system(vm, &error))?;
        Ok(NONE)
    }),
    ("raise_signal", |vm, args| {
        let values = positional(vm, "raise_signal", args, 1, 1)?;
        let number = vm.as_i64(&values[0]).unwrap_or(0) as i32;
        crate::interp::system::raise_signal(number).map_err(|error| system(vm, &error))?;
        vm.handle_signals()?;
        Ok(NONE)
    }),
    ("pthread_kill", |vm, args| {
        let values = positional(vm, "pthread_kill", args, 2, 2)?;
        let thread = vm.as_i64(&values[0]).unwrap_or(0) as u64;
        let number = vm.as_i64(&values[1]).unwrap_or(0) as i32;
        vm.signal_thread(thread, number).map_err(|error| system(vm, &error))?;
        vm.handle_signals()?;
        Ok(NONE)
    }),
    ("pthread_sigmask", |vm, args| {
        let values = positional(vm, "pthread_sigmask", args, 2, 2)?;
        let how = vm.as_i64(&values[0]).unwrap_or(-1) as i32;
        let numbers = numbers_of(vm, &values[1])?;
        let before = crate::interp::system::change_mask(how, &numbers).map_err(|error| system(vm, &error))?;
        vm.handle_signals()?;
        set_of(vm, &before)
    }),
    ("sigpending", |vm, _| {
        let all = crate::interp::system::pending_signals().map_err(|error| system(vm, &error))?;
        set_of(vm, &all)
    }),
    ("sigwait", |vm, args| {
        let numbers = numbers_of(vm, &positional(vm, "sigwait", args, 1, 1)?[0])?;
        let number = vm.retried(|| crate::interp::system::wait_for_signal(&numbers))?;
        Ok(vm.int(number.map_err(|error| system(vm, &error))?.into()))
    }),
    ("sigwaitinfo", |vm, args| {
        let numbers = numbers_of(vm, &positional(vm, "sigwaitinfo", args, 1, 1)?[0])?;
        let numbers = vm.list(numbers.iter().map(|&it| vm.int(it.into())).collect());
        vm.helper("wait_for_signal", &[numbers, NONE])
    }),
    ("sigtimedwait", |vm, args| {
        let values = positional(vm, "sigtimedwait", args, 2, 2)?;
        let numbers = numbers_of(vm, &values[0])?;
        if vm.seconds(&values[1])? < 0.0 {
            return Err(vm.value_error("timeout must be non-negative"));
        }
        let numbers = vm.list(numbers.iter().map(|&it| vm.int(it.into())).collect());
        vm.helper("wait_for_signal", &[numbers, values[1].clone()])
    }),
    ("pidfd_send_signal", |vm, args| {
        let values = positional(vm, "pidfd_send_signal", args, 2, 4)?;
        if values.get(2).is_some_and(|it| !it.is_none()) {
            return Err(vm.type_error("siginfo must be None"));
        }
        vm.helper("signal_process", &values[..2])
    }),
    ("__getattr__", |vm, args| {
        let name = vm.text_of(&positional(vm, "__getattr__", args, 1, 1)?[0]);
        if name == "struct_siginfo" {
            return vm.helper("siginfo_type", &[]);
        }
        let message = format!("module '_signal' has no attribute '{name}'");
        Err(vm.raise(Exc::AttributeError, message))
    }),
    ("valid_signals", |vm, _| {
        let all: Vec<i32> = (1..SIGNALS as i32).filter(|it| !matches!(it, 32 | 33)).collect();
        set_of(vm, &all)
    }),
    ("strsignal", |vm, args| {
        let number = number_of(vm, &positional(vm, "strsignal", args, 1, 1)?[0])?;
        Ok(crate::interp::system::text_of_signal(number).map_or(NONE, |it| vm.str(&it)))
    }),
    ("pause", |vm, _| {
        vm.blocking(nix::unistd::pause);
        vm.handle_signals()?;
        Ok(NONE)
    }),
    ("alarm", |vm, args| {
        let seconds = vm.as_i64(&positional(vm, "alarm", args, 1, 1)?[0]).unwrap_or(0);
        let seconds = u32::try_from(seconds).unwrap_or(0);
        let left = if seconds == 0 { nix::unistd::alarm::cancel() } else { nix::unistd::alarm::set(seconds) };
        Ok(vm.int(left.unwrap_or(0).into()))
    }),
    ("setitimer", |vm, args| {
        let values = positional(vm, "setitimer", args, 2, 3)?;
        let which = vm.as_i64(&values[0]).unwrap_or(-1) as i32;
        let seconds = vm.seconds(&values[1])?;
        let every = values.get(2).map_or(Ok(0.0), |it| vm.seconds(it))?;
        match crate::interp::system::set_timer(which, seconds, every) {
            Ok((left, every)) => Ok(vm.tuple(vec![vm.float(left), vm.float(every)])),
            Err(error) => Err(timer_error(vm, &error)),
        }
    }),
    ("getitimer", |vm, args| {
        let values = positional(vm, "getitimer", args, 1, 1)?;
        match crate::interp::system::timer(vm.as_i64(&values[0]).unwrap_or(-1) as i32) {
            Ok((left, every)) => Ok(vm.tuple(vec![vm.float(left), vm.float(every)])),
            Err(error) => Err(timer_error(vm, &error)),
        }
    }),
];

fn timer_error(vm: &Vm, error: &io::Error) -> crate::vm::Raised {
    let number = error.raw_os_error().unwrap_or(0);
    let args = [vm.int(number.into()), vm.str(&super::system_text(error))];
    let class = timer_error_class(vm);
    match class.and_then(|class| vm.call_with(&class, &args)) {
        Ok(exception) => vm.raise_value(exception),
        Err(raised) => raised,
    }
}

fn timer_error_class(vm: &Vm) -> R {
    let module = vm.builtin_module("_signal")?.unwrap_or(NONE);
    vm.get_attribute(&module, &vm.intern("ItimerError"))
}

/// `_signal`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    for &(name, number) in NAMES {
        vm.put(module, name, vm.int(number.into()));
    }
    vm.put(module, "default_int_handler", default_int_handler(vm));
    let base = vm.tuple(vec![vm.exceptions.get(Exc::OSError).value().clone()]);
    let dict = vm.dict();
    vm.set_item(&dict, &vm.names.module, vm.intern("signal"))?;
    let class = vm.call_with(vm.types.type_.value(), &[vm.intern("itimer_error"), base, dict])?;
    vm.put(module, "ItimerError", class);
    Ok(())
}
