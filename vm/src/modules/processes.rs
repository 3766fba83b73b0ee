//! Natives behind `posix`, `_posixsubprocess`, `fcntl` and `select`: processes, descriptors, waiting for files. They take
//! plain numbers and bytes; what is above them in Python (`stdlib`) checks and converts.

use crate::builtins::positional;
use crate::interp::system::{self, Child, Plain};
use crate::object::callable::Args;
use crate::object::{Bytes, NativeFn};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use rustix::event::{PollFd, PollFlags};
use std::ffi::CString;
use std::io;
use std::os::fd::IntoRawFd;

fn int(vm: &Vm, value: &Value) -> R<i64> {
    match vm.index_of(value)? {
        Some(number) => Ok(number),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}

pub(super) fn int32(vm: &Vm, value: &Value) -> R<i32> {
    i32::try_from(int(vm, value)?).map_err(|_| {
        vm.raise(crate::builtins::exceptions::Exc::OverflowError, "signed integer is greater than maximum")
    })
}

fn told<T>(vm: &Vm, result: io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error, None))
}

fn numbers<const N: usize>(vm: &Vm, name: &str, args: Args<'_>) -> R<[i64; N]> {
    let values = positional(vm, name, args, N, N)?;
    let mut all = [0; N];
    for (place, value) in all.iter_mut().zip(values) {
        *place = int(vm, value)?;
    }
    Ok(all)
}

fn plain<const N: usize>(vm: &Vm, name: &str, call: Plain, args: Args<'_>) -> R {
    let given = numbers::<N>(vm, name, args)?;
    let mut all = [0; 3];
    all[..N].copy_from_slice(&given);
    let result = told(vm, vm.retried(|| system::plain(call, all))?)?;
    Ok(vm.int(result))
}

pub(super) fn text(vm: &Vm, value: &Value) -> R<CString> {
    let data = match value.get::<Bytes>() {
        Some(bytes) => bytes.data.to_vec(),
        None => vm.text_of(value).into_bytes(),
    };
    CString::new(data).map_err(|_| vm.value_error("embedded null byte"))
}

fn texts(vm: &Vm, value: &Value) -> R<Vec<CString>> {
    vm.collect(value)?.iter().map(|it| text(vm, it)).collect()
}

pub(super) const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("kill", |vm, args| {
        let result = plain::<2>(vm, "kill", Plain::Kill, args)?;
        vm.handle_signals()?;
        Ok(result)
    }),
    ("getpgid", |vm, args| plain::<1>(vm, "getpgid", Plain::GetPgid, args)),
    ("setpgid", |vm, args| plain::<2>(vm, "setpgid", Plain::SetPgid, args)),
    ("getsid", |vm, args| plain::<1>(vm, "getsid", Plain::GetSid, args)),
    ("setsid", |vm, args| plain::<0>(vm, "setsid", Plain::SetSid, args)),
    ("umask", |vm, args| plain::<1>(vm, "umask", Plain::Umask, args)),
    ("fchmod", |vm, args| plain::<2>(vm, "fchmod", Plain::Fchmod, args)),
    ("fchown", |vm, args| plain::<3>(vm, "fchown", Plain::Fchown, args)),
    ("fchdir", |vm, args| plain::<1>(vm, "fchdir", Plain::Fchdir, args)),
    ("flock", |vm, args| plain::<2>(vm, "flock", Plain::Flock, args)),
    ("getuid", |vm, args| plain::<0>(vm, "getuid", Plain::GetUid, args)),
    ("getgid", |vm, args| plain::<0>(vm, "getgid", Plain::GetGid, args)),
    ("geteuid", |vm, args| plain::<0>(vm, "geteuid", Plain::GetEuid, args)),
    ("getegid", |vm, args| plain::<0>(vm, "getegid", Plain::GetEgid, args)),
    ("getpriority", |vm, args| plain::<2>(vm, "getpriority", Plain::GetPriority, args)),
    ("setpriority", |vm, args| plain::<3>(vm, "setpriority", Plain::SetPriority, args)),
    ("sched_yield", |vm, args| plain::<0>(vm, "sched_yield", Plain::Yield, args)),
    ("eventfd", |vm, args| plain::<2>(vm, "eventfd", Plain::Eventfd, args)),
    ("waitpid", |vm, args| {
        let [process, options] = numbers(vm, "waitpid", args)?;
        let waited = vm.retried(|| system::wait_for(process as i32, options as i32))?;
        let (found, status) = told(vm, waited)?;
        Ok(vm.tuple(vec![vm.int(found.into()), vm.int(status.into())]))
    }),
    ("_exit", |vm, args| {
        let [status] = numbers(vm, "_exit", args)?;
        system::leave(status as i32)
    }),
    ("dup2", |vm, args| {
        let [from, to, inheritable] = numbers(vm, "dup2", args)?;
        vm.flush();
        let made = told(vm, system::duplicate_to(from as i32, to as i32, inheritable != 0))?;
        Ok(vm.int(made.into()))
    }),
    ("get_inheritable", |vm, args| {
        let [file] = numbers(vm, "get_inheritable", args)?;
        let flags = rustix::io::fcntl_getfd(system::file(file as i32)).map_err(io::Error::from);
        Ok(Value::bool(!told(vm, flags)?.contains(rustix::io::FdFlags::CLOEXEC)))
    }),
    ("set_inheritable", |vm, args| {
        let [file, inheritable] = numbers(vm, "set_inheritable", args)?;
        told(vm, system::set_inheritable(file as i32, inheritable != 0))?;
        Ok(NONE)
    }),
    ("get_blocking", |vm, args| {
        let [file] = numbers(vm, "get_blocking", args)?;
        Ok(Value::bool(told(vm, system::is_blocking(file as i32))?))
    }),
    ("set_blocking", |vm, args| {
        let [file, blocking] = numbers(vm, "set_blocking", args)?;
        let file = system::file(file as i32);
        let set = rustix::fs::fcntl_getfl(file).and_then(|flags| {
            let none = rustix::fs::OFlags::NONBLOCK;
            rustix::fs::fcntl_setfl(file, if blocking != 0 { flags - none } else { flags | none })
        });
        told(vm, set.map_err(io::Error::from))?;
        Ok(NONE)
    }),
    ("fcntl", |vm, args| {
        let [file, command, argument] = numbers(vm, "fcntl", args)?;
        let result = vm.retried(|| system::control(file as i32, command as i32, argument as i32))?;
        Ok(vm.int(told(vm, result)?.into()))
    }),
    ("lock_file", |vm, args| {
        let [file, wait, kind, whence, start, length] = numbers(vm, "lockf", args)?;
        let place = [whence, start, length];
        let result = vm.retried(|| system::lock_file(file as i32, wait != 0, kind as i16, place))?;
        told(vm, result)?;
        Ok(NONE)
    }),
    ("sysconf", |vm, args| {
        let [name] = numbers(vm, "sysconf", args)?;
        Ok(vm.int(told(vm, system::configured(name as i32))?))
    }),
    ("times", |vm, _| Ok(vm.tuple(system::times().iter().map(|&it| vm.int(it)).collect()))),
    ("terminal_size", |vm, args| {
        let [file] = numbers(vm, "get_terminal_size", args)?;
        let size = rustix::termios::tcgetwinsize(system::file(file as i32)).map_err(io::Error::from);
        let size = told(vm, size)?;
        Ok(vm.tuple(vec![vm.int(size.ws_col.into()), vm.int(size.ws_row.into())]))
    }),
    ("set_environment", |vm, args| {
        let values = positional(vm, "putenv", args, 2, 2)?;
        let name = text(vm, &values[0])?;
        let value = if values[1].is_none() { None } else { Some(text(vm, &values[1])?) };
        let os = |text: &CString| std::os::unix::ffi::OsStringExt::from_vec(text.as_bytes().to_vec());
        let (name, value): (std::ffi::OsString, Option<std::ffi::OsString>) =
            (os(&name), value.as_ref().map(os));
        if name.is_empty() || name.as_encoded_bytes().contains(&b'=') {
            return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None));
        }
        system::set_environment(&name, value.as_deref());
        Ok(NONE)
    }),
    ("getgroups", |vm, _| {
        let groups = rustix::process::getgroups().map_err(io::Error::from);
        Ok(vm.list(told(vm, groups)?.iter().map(|it| vm.int(it.as_raw().into())).collect()))
    }),
    ("openpty", |vm, _| {
        let pair = told(vm, nix::pty::openpty(None, None).map_err(io::Error::from))?;
        let row = [pair.master.into_raw_fd(), pair.slave.into_raw_fd()];
        for file in row {
            told(vm, system::set_inheritable(file, false))?;
        }
        Ok(vm.tuple(row.iter().map(|&it| vm.int(it.into())).collect()))
    }),
    ("poll", poll),
    ("execve", |vm, args| {
        let values = positional(vm, "execve", args, 3, 3)?;
        let child = Child {
            programs: vec![text(vm, &values[0])?],
            arguments: texts(vm, &values[1])?,
            environment: if values[2].is_none() { None } else { Some(texts(vm, &values[2])?) },
            standard: [-1; 3],
            group: -1,
            umask: -1,
            ..Child::default()
        };
        vm.flush();
        let (error, _) = child.run(|| true);
        Err(vm.os_error(&error, None))
    }),
    ("fork_exec", fork_exec),
];

/// `poll([(file, events)], milliseconds)`, -1 without an end: those that are ready.
fn poll(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "poll", args, 2, 2)?;
    let milliseconds = int(vm, &values[1])?;
    let mut wanted = Vec::new();
    for pair in vm.collect(&values[0])? {
        let pair = vm.collect(&pair)?;
        let [file, events] = &pair[..] else { return Err(vm.type_error("pairs are wanted")) };
        wanted.push((int32(vm, file)?, int(vm, events)? as u16));
    }
    let start = std::time::Instant::now();
    let end = u64::try_from(milliseconds).ok().map(std::time::Duration::from_millis);
    vm.flush();
    let ready = vm.retried(|| {
        let mut files: Vec<PollFd<'_>> = wanted
            .iter()
            .map(|&(file, events)| {
                PollFd::from_borrowed_fd(system::file(file), PollFlags::from_bits_retain(events))
            })
            .collect();
        let left = end.map(|end| end.saturating_sub(start.elapsed()));
        let left = left.and_then(|it| rustix::event::Timespec::try_from(it).ok());
        rustix::event::poll(&mut files, left.as_ref())?;
        Ok(files.iter().map(|it| it.revents().bits()).collect::<Vec<u16>>())
    })?;
    let ready = told(vm, ready)?;
    let row = wanted.iter().zip(ready).filter(|(_, events)| *events != 0);
    let row = row.map(|(&(file, _), events)| vm.tuple(vec![vm.int(file.into()), vm.int(events.into())]));
    Ok(vm.list(row.collect()))
}

/// `_posixsubprocess.fork_exec` with its arguments in order: programs, arguments, environment, folder, files 0 to 2, files
/// that are kept, are others closed, are signals restored, a new session, group, umask, where errors go, `preexec_fn`.
fn fork_exec(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "fork_exec", args, 15, 15)?;
    let kept = vm.collect(&values[7])?.iter().map(|it| int32(vm, it)).collect::<R<Vec<i32>>>()?;
    let child = Child {
        programs: texts(vm, &values[0])?,
        arguments: texts(vm, &values[1])?,
        environment: if values[2].is_none() { None } else { Some(texts(vm, &values[2])?) },
        folder: if values[3].is_none() { None } else { Some(text(vm, &values[3])?) },
        standard: [int32(vm, &values[4])?, int32(vm, &values[5])?, int32(vm, &values[6])?],
        kept,
        errors: int32(vm, &values[13])?,
        close_others: vm.truth(&values[8])?,
        restore_signals: vm.truth(&values[9])?,
        new_session: vm.truth(&values[10])?,
        group: int32(vm, &values[11])?,
        umask: int32(vm, &values[12])?,
    };
    let errors = child.errors;
    let prepare = values[14].clone();
    vm.flush();
    let result = vm.forking(|| {
        let result = system::fork();
        let is_child = matches!(result, Ok(0));
        (result, is_child)
    });
    let made = told(vm, result)?;
    if made != 0 {
        return Ok(vm.int(made.into()));
    }
    vm.signals_after_fork();
    let (error, what) = child.run(|| prepare.is_none() || vm.call_with(&prepare, &[]).is_ok());
    let line = match (what, error.raw_os_error()) {
        (what, Some(0)) if !what.is_empty() => format!("SubprocessError:0:{what}"),
        (what, number) => format!("OSError:{:x}:{what}", number.unwrap_or(0)),
    };
    // The parent reads it; where it is gone there is nobody to tell.
    let _ = rustix::io::write(system::file(errors), line.as_bytes());
    system::leave(255)
}
