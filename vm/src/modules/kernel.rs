//! Natives behind `posix`, `resource`, `termios`, `select` and `_signal` for what the system says of processes, terminals,
//! limits and timers. Plain numbers and rows of them; the Python above makes them what programs see.

use super::native::index;
use super::processes::int32;
use crate::builtins::positional;
use crate::interp::kernel::{self, Identity, Line, Usage};
use crate::interp::system;
use crate::object::NativeFn;
use crate::object::callable::Args;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use rustix::event::epoll;
use rustix::process::Pid;
use rustix::time::{Itimerspec, Timespec};
use std::ffi::OsStr;
use std::io;
use std::os::fd::IntoRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;

fn told<T>(vm: &Vm, result: io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error, None))
}

fn plain<T>(vm: &Vm, result: rustix::io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error.into(), None))
}

fn ints<const N: usize>(vm: &Vm, name: &str, args: Args<'_>) -> R<[i32; N]> {
    let values = positional(vm, name, args, N, N)?;
    let mut all = [0; N];
    for (place, value) in all.iter_mut().zip(values) {
        *place = int32(vm, value)?;
    }
    Ok(all)
}

fn row<T: Copy + Into<i64>>(vm: &Vm, numbers: &[T]) -> Value {
    vm.tuple(numbers.iter().map(|&it| vm.int(it.into())).collect())
}

fn usage_row(vm: &Vm, (seconds, numbers): &Usage) -> Value {
    let seconds = seconds.iter().map(|&it| vm.float(it));
    vm.tuple(seconds.chain(numbers.iter().map(|&it| vm.int(it))).collect())
}

/// An argument that is a user or a group: any 32 bits, -1 for none.
fn id(vm: &Vm, value: &Value) -> R<u32> {
    Ok(index(vm, value)? as u32)
}

fn identity<const N: usize>(vm: &Vm, call: Identity, args: Args<'_>) -> R {
    let values = positional(vm, "set_identity", args, N, N)?;
    let mut all = [0; 3];
    for (place, value) in all.iter_mut().zip(values) {
        *place = id(vm, value)?;
    }
    told(vm, kernel::set_identity(call, all))?;
    Ok(NONE)
}

fn process(number: i32) -> rustix::io::Result<Option<Pid>> {
    match number {
        0 => Ok(None),
        _ => Pid::from_raw(number).filter(|_| number > 0).map(Some).ok_or(rustix::io::Errno::SRCH),
    }
}

pub(super) const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("setuid", |vm, args| identity::<1>(vm, Identity::User, args)),
    ("setgid", |vm, args| identity::<1>(vm, Identity::Group, args)),
    ("seteuid", |vm, args| identity::<1>(vm, Identity::EffectiveUser, args)),
    ("setegid", |vm, args| identity::<1>(vm, Identity::EffectiveGroup, args)),
    ("setreuid", |vm, args| identity::<2>(vm, Identity::RealAndEffectiveUser, args)),
    ("setregid", |vm, args| identity::<2>(vm, Identity::RealAndEffectiveGroup, args)),
    ("setresuid", |vm, args| identity::<3>(vm, Identity::Users, args)),
    ("setresgid", |vm, args| identity::<3>(vm, Identity::Groups, args)),
    ("getresuid", |vm, _| Ok(row(vm, &told(vm, kernel::identities(false))?))),
    ("getresgid", |vm, _| Ok(row(vm, &told(vm, kernel::identities(true))?))),
    ("setgroups", |vm, args| {
        let values = positional(vm, "setgroups", args, 1, 1)?;
        let groups = vm.collect(&values[0])?;
        let groups = groups.iter().map(|it| Ok(nix::unistd::Gid::from_raw(id(vm, it)?)));
        let groups = groups.collect::<R<Vec<_>>>()?;
        told(vm, nix::unistd::setgroups(&groups).map_err(io::Error::from))?;
        Ok(NONE)
    }),
    ("getgrouplist", |vm, args| {
        let values = positional(vm, "getgrouplist", args, 2, 2)?;
        let group = nix::unistd::Gid::from_raw(id(vm, &values[1])?);
        let name = super::processes::text(vm, &values[0])?;
        let found = told(vm, nix::unistd::getgrouplist(&name, group).map_err(io::Error::from))?;
        Ok(vm.list(found.iter().map(|it| vm.int(it.as_raw().into())).collect()))
    }),
    ("initgroups", |vm, args| {
        let values = positional(vm, "initgroups", args, 2, 2)?;
        let group = nix::unistd::Gid::from_raw(id(vm, &values[1])?);
        let name = super::processes::text(vm, &values[0])?;
        told(vm, nix::unistd::initgroups(&name, group).map_err(io::Error::from))?;
        Ok(NONE)
    }),
    ("getrusage", |vm, args| {
        let [who] = ints(vm, "getrusage", args)?;
        Ok(usage_row(vm, &told(vm, kernel::usage(who))?))
    }),
    ("limits", |vm, args| {
        // Process, which limit, the new ones or nothing; numbers that are too large are no limit.
        let values = positional(vm, "prlimit", args, 2, 4)?;
        let (process, what) = (int32(vm, &values[0])?, int32(vm, &values[1])?);
        let new = match values.get(2..4) {
            Some([soft, hard]) => Some([index(vm, soft)? as u64, index(vm, hard)? as u64]),
            _ => None,
        };
        let old = told(vm, kernel::limits(process, what, new))?;
        Ok(row(vm, &old.map(|it| it as i64)))
    }),
    ("wait4", |vm, args| {
        let [process, options] = ints(vm, "wait4", args)?;
        let waited = vm.retried(|| kernel::wait_with_usage(process, options))?;
        let (found, status, usage) = told(vm, waited)?;
        Ok(vm.tuple(vec![vm.int(found.into()), vm.int(status.into()), usage_row(vm, &usage)]))
    }),
    ("waitid", |vm, args| {
        let [kind, id, options] = ints(vm, "waitid", args)?;
        let waited = vm.retried(|| kernel::wait_for_change(kind as u32, id as u32, options))?;
        Ok(told(vm, waited)?.map_or(NONE, |found| row(vm, &found)))
    }),
    ("system", |vm, args| {
        use std::os::unix::ffi::OsStringExt;
        let command = super::processes::text(vm, &positional(vm, "system", args, 1, 1)?[0])?;
        vm.flush();
        let command = std::ffi::OsString::from_vec(command.into_bytes());
        let status = vm.blocking(|| std::process::Command::new("/bin/sh").arg("-c").arg(&command).status());
        Ok(vm.int(told(vm, status)?.into_raw().into()))
    }),
    ("sched_getscheduler", |vm, args| {
        let [process] = ints(vm, "sched_getscheduler", args)?;
        Ok(vm.int(told(vm, kernel::policy(process))?.into()))
    }),
    ("sched_setscheduler", |vm, args| {
        let [process, policy, priority] = ints(vm, "sched_setscheduler", args)?;
        told(vm, kernel::set_policy(process, policy, priority))?;
        Ok(NONE)
    }),
    ("sched_getparam", |vm, args| {
        let [process] = ints(vm, "sched_getparam", args)?;
        Ok(vm.int(told(vm, kernel::sched_priority(process))?.into()))
    }),
    ("sched_setparam", |vm, args| {
        let [process, priority] = ints(vm, "sched_setparam", args)?;
        told(vm, kernel::set_sched_priority(process, priority))?;
        Ok(NONE)
    }),
    ("sched_priority_limit", |vm, args| {
        let [policy, most] = ints(vm, "sched_get_priority_max", args)?;
        Ok(vm.int(told(vm, kernel::priority_limit(policy, most != 0))?.into()))
    }),
    ("sched_rr_get_interval", |vm, args| {
        let [process] = ints(vm, "sched_rr_get_interval", args)?;
        Ok(vm.float(told(vm, kernel::round_robin_interval(process))?))
    }),
    ("sched_getaffinity", |vm, args| {
        let [number] = ints(vm, "sched_getaffinity", args)?;
        let set = plain(vm, process(number).and_then(rustix::thread::sched_getaffinity))?;
        let all = (0..rustix::thread::CpuSet::MAX_CPU).filter(|&it| set.is_set(it));
        Ok(vm.list(all.map(|it| vm.int_of_usize(it)).collect()))
    }),
    ("sched_setaffinity", |vm, args| {
        let values = positional(vm, "sched_setaffinity", args, 2, 2)?;
        let number = int32(vm, &values[0])?;
        let mut set = rustix::thread::CpuSet::new();
        for cpu in vm.collect(&values[1])? {
            let cpu = int32(vm, &cpu)? as usize;
            if cpu < rustix::thread::CpuSet::MAX_CPU {
                set.set(cpu);
            }
        }
        plain(vm, process(number).and_then(|it| rustix::thread::sched_setaffinity(it, &set)))?;
        Ok(NONE)
    }),
    ("confstr", |vm, args| {
        let [name] = ints(vm, "confstr", args)?;
        let found = told(vm, kernel::configured_text(name))?;
        Ok(found.map_or(NONE, |it| super::os::text(vm, OsStr::from_bytes(&it))))
    }),
    ("tcgetattr", |vm, args| {
        let [file] = ints(vm, "tcgetattr", args)?;
        let (flags, speeds, characters) = told(vm, kernel::terminal(file))?;
        let mut all: Vec<Value> = flags.iter().chain(&speeds).map(|&it| vm.int(it.into())).collect();
        all.push(vm.bytes(characters.to_vec()));
        Ok(vm.list(all))
    }),
    ("tcsetattr", |vm, args| {
        let values = positional(vm, "tcsetattr", args, 9, 9)?;
        let (file, when) = (int32(vm, &values[0])?, int32(vm, &values[1])?);
        let mut words = [0u32; 6];
        for (place, value) in words.iter_mut().zip(&values[2..8]) {
            *place = index(vm, value)? as u32;
        }
        let [i, o, c, l, input, output] = words;
        let mut characters = [0u8; 32];
        for (place, byte) in characters.iter_mut().zip(vm.buffer(&values[8])?.iter()) {
            *place = *byte;
        }
        let wanted = ([i, o, c, l], [input, output], characters);
        told(vm, vm.retried(|| kernel::set_terminal(file, when, &wanted))?)?;
        Ok(NONE)
    }),
    ("terminal_line", |vm, args| {
        let [call, file, argument] = ints(vm, "terminal_line", args)?;
        let call = match call {
            0 => Line::Break,
            1 => Line::Drain,
            2 => Line::Flush,
            3 => Line::Flow,
            4 => Line::SetGroup,
            _ => Line::GetGroup,
        };
        Ok(vm.int(told(vm, vm.retried(|| kernel::line(call, file, argument))?)?.into()))
    }),
    ("tcsetwinsize", |vm, args| {
        let [file, rows, columns] = ints(vm, "tcsetwinsize", args)?;
        let file = system::file(file);
        let set = rustix::termios::tcgetwinsize(file).and_then(|mut size| {
            (size.ws_row, size.ws_col) = (rows as u16, columns as u16);
            rustix::termios::tcsetwinsize(file, size)
        });
        plain(vm, set)?;
        Ok(NONE)
    }),
    ("ttyname", |vm, args| {
        let [file] = ints(vm, "ttyname", args)?;
        let name = plain(vm, rustix::termios::ttyname(system::file(file), Vec::new()))?;
        Ok(super::os::text(vm, OsStr::from_bytes(name.as_bytes())))
    }),
    ("ptsname", |vm, args| {
        let [file] = ints(vm, "ptsname", args)?;
        let name = plain(vm, rustix::pty::ptsname(system::file(file), Vec::new()))?;
        Ok(super::os::text(vm, OsStr::from_bytes(name.as_bytes())))
    }),
    ("posix_openpt", |vm, args| {
        let [flags] = ints(vm, "posix_openpt", args)?;
        let flags = rustix::pty::OpenptFlags::from_bits_retain(flags as u32);
        Ok(vm.int(plain(vm, rustix::pty::openpt(flags))?.into_raw_fd().into()))
    }),
    ("grantpt", |vm, args| {
        let [file] = ints(vm, "grantpt", args)?;
        plain(vm, rustix::pty::grantpt(system::file(file)))?;
        Ok(NONE)
    }),
    ("unlockpt", |vm, args| {
        let [file] = ints(vm, "unlockpt", args)?;
        plain(vm, rustix::pty::unlockpt(system::file(file)))?;
        Ok(NONE)
    }),
    ("control_terminal", |vm, args| {
        let [file] = ints(vm, "login_tty", args)?;
        plain(vm, rustix::process::ioctl_tiocsctty(system::file(file)))?;
        Ok(NONE)
    }),
    ("pidfd_open", |vm, args| {
        let [number, flags] = ints(vm, "pidfd_open", args)?;
        let flags = rustix::process::PidfdFlags::from_bits_retain(flags as u32);
        let process = Pid::from_raw(number).filter(|_| number > 0).ok_or(rustix::io::Errno::INVAL);
        let made = plain(vm, process.and_then(|it| rustix::process::pidfd_open(it, flags)))?;
        Ok(vm.int(made.into_raw_fd().into()))
    }),
    ("getrandom", |vm, args| {
        let values = positional(vm, "getrandom", args, 2, 2)?;
        let size = index(vm, &values[0])?.clamp(0, 1 << 26) as usize;
        let flags = rustix::rand::GetRandomFlags::from_bits_retain(index(vm, &values[1])? as u32);
        let data = vm.retried(|| {
            let mut data = vec![0; size];
            let count = rustix::rand::getrandom(&mut data[..], flags)?;
            data.truncate(count);
            Ok(data)
        })?;
        Ok(vm.bytes(told(vm, data)?))
    }),
    ("sync", |vm, _| {
        vm.blocking(rustix::fs::sync);
        Ok(NONE)
    }),
    ("posix_fallocate", |vm, args| {
        let values = positional(vm, "posix_fallocate", args, 3, 3)?;
        let (file, at, size) = (int32(vm, &values[0])?, index(vm, &values[1])?, index(vm, &values[2])?);
        if at < 0 || size <= 0 {
            return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None));
        }
        let mode = rustix::fs::FallocateFlags::empty();
        let done = rustix::fs::fallocate(system::file(file), mode, at as u64, size as u64);
        plain(vm, done)?;
        Ok(NONE)
    }),
    ("posix_fadvise", |vm, args| {
        use rustix::fs::Advice;
        let values = positional(vm, "posix_fadvise", args, 4, 4)?;
        let advice = match index(vm, &values[3])? {
            0 => Advice::Normal,
            1 => Advice::Random,
            2 => Advice::Sequential,
            3 => Advice::WillNeed,
            4 => Advice::DontNeed,
            5 => Advice::NoReuse,
            _ => return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None)),
        };
        let size = std::num::NonZeroU64::new(index(vm, &values[2])?.max(0) as u64);
        let file = system::file(int32(vm, &values[0])?);
        plain(vm, rustix::fs::fadvise(file, index(vm, &values[1])?.max(0) as u64, size, advice))?;
        Ok(NONE)
    }),
    ("timerfd_create", |vm, args| {
        let [clock, flags] = ints(vm, "timerfd_create", args)?;
        use rustix::time::TimerfdClockId;
        let clock = match clock {
            libc::CLOCK_REALTIME => TimerfdClockId::Realtime,
            libc::CLOCK_MONOTONIC => TimerfdClockId::Monotonic,
            libc::CLOCK_BOOTTIME => TimerfdClockId::Boottime,
            libc::CLOCK_REALTIME_ALARM => TimerfdClockId::RealtimeAlarm,
            libc::CLOCK_BOOTTIME_ALARM => TimerfdClockId::BoottimeAlarm,
            _ => return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None)),
        };
        let flags = rustix::time::TimerfdFlags::from_bits_retain(flags as u32);
        Ok(vm.int(plain(vm, rustix::time::timerfd_create(clock, flags))?.into_raw_fd().into()))
    }),
    ("timerfd_settime", |vm, args| {
        // File, flags, nanoseconds until the first time, nanoseconds between two: the same of what was before.
        let values = positional(vm, "timerfd_settime", args, 4, 4)?;
        let flags = rustix::time::TimerfdTimerFlags::from_bits_retain(int32(vm, &values[1])? as u32);
        let new = Itimerspec {
            it_interval: time_of(index(vm, &values[3])?),
            it_value: time_of(index(vm, &values[2])?),
        };
        let file = system::file(int32(vm, &values[0])?);
        Ok(timer_row(vm, &plain(vm, rustix::time::timerfd_settime(file, flags, &new))?))
    }),
    ("timerfd_gettime", |vm, args| {
        let [file] = ints(vm, "timerfd_gettime", args)?;
        Ok(timer_row(vm, &plain(vm, rustix::time::timerfd_gettime(system::file(file)))?))
    }),
    ("namespaces", |vm, args| {
        // `unshare` of the flags without a file, else `setns`.
        let [file, flags] = ints(vm, "setns", args)?;
        use nix::sched::CloneFlags;
        let flags = CloneFlags::from_bits_retain(flags);
        let done =
            if file < 0 { nix::sched::unshare(flags) } else { nix::sched::setns(system::file(file), flags) };
        told(vm, done.map_err(io::Error::from))?;
        Ok(NONE)
    }),
    ("epoll_create", |vm, _| {
        let made = plain(vm, epoll::create(epoll::CreateFlags::CLOEXEC))?;
        Ok(vm.int(made.into_raw_fd().into()))
    }),
    ("epoll_change", |vm, args| {
        // How (1: add, 2: delete, 3: modify), the `epoll`, the file, events.
        let values = positional(vm, "epoll_ctl", args, 4, 4)?;
        let (how, own, file) =
            (int32(vm, &values[0])?, system::file(int32(vm, &values[1])?), int32(vm, &values[2])?);
        let events = epoll::EventFlags::from_bits_retain(index(vm, &values[3])? as u32);
        let (data, file) = (epoll::EventData::new_u64(file as u64), system::file(file));
        let done = match how {
            1 => epoll::add(own, file, data, events),
            2 => epoll::delete(own, file),
            _ => epoll::modify(own, file, data, events),
        };
        plain(vm, done)?;
        Ok(NONE)
    }),
    ("epoll_wait", |vm, args| {
        // The `epoll`, nanoseconds (-1: without an end), the most events.
        let values = positional(vm, "epoll_wait", args, 3, 3)?;
        let own = system::file(int32(vm, &values[0])?);
        let nanoseconds = u64::try_from(index(vm, &values[1])?).ok();
        let most = index(vm, &values[2])?.clamp(1, 1 << 20) as usize;
        let (start, end) = (std::time::Instant::now(), nanoseconds.map(std::time::Duration::from_nanos));
        vm.flush();
        let found = vm.retried(|| {
            let left = end.map(|end| end.saturating_sub(start.elapsed()));
            let left = left.and_then(|it| Timespec::try_from(it).ok());
            let mut events = Vec::with_capacity(most);
            epoll::wait(own, rustix::buffer::spare_capacity(&mut events), left.as_ref())?;
            let pairs = events.iter().map(|it| (it.data.u64() as i32, { it.flags }.bits()));
            Ok(pairs.collect::<Vec<_>>())
        })?;
        let found = told(vm, found)?;
        let pair = |(file, events): (i32, u32)| vm.tuple(vec![vm.int(file.into()), vm.int(events.into())]);
        Ok(vm.list(found.into_iter().map(pair).collect()))
    }),
    ("wait_for_signal", |vm, args| {
        // The signals, how many seconds or None.
        let values = positional(vm, "sigtimedwait", args, 2, 2)?;
        let numbers = vm.collect(&values[0])?.iter().map(|it| int32(vm, it)).collect::<R<Vec<_>>>()?;
        let seconds = if values[1].is_none() { None } else { Some(vm.seconds(&values[1])?) };
        let start = std::time::Instant::now();
        let found = vm.retried(|| {
            let left = seconds.map(|it| (it - start.elapsed().as_secs_f64()).max(0.0));
            kernel::wait_for_signal_info(&numbers, left)
        })?;
        match found {
            Ok(found) => Ok(row(vm, &found)),
            Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => Ok(NONE),
            Err(error) => Err(vm.os_error(&error, None)),
        }
    }),
    ("pidfd_send_signal", |vm, args| {
        let [file, signal] = ints(vm, "pidfd_send_signal", args)?;
        // SIGRTMIN and its likes have no names there; none is lost, as the system checks the number again.
        let signal = rustix::process::Signal::from_named_raw(signal);
        let signal = signal.ok_or(rustix::io::Errno::INVAL);
        let file = system::file(file);
        plain(vm, signal.and_then(|it| rustix::process::pidfd_send_signal(file, it)))?;
        vm.handle_signals()?;
        Ok(NONE)
    }),
];

fn time_of(nanoseconds: i64) -> Timespec {
    let second = 1_000_000_000;
    Timespec { tv_sec: nanoseconds.div_euclid(second), tv_nsec: nanoseconds.rem_euclid(second) }
}

fn timer_row(vm: &Vm, found: &Itimerspec) -> Value {
    let nanoseconds = |it: &Timespec| it.tv_sec.saturating_mul(1_000_000_000).saturating_add(it.tv_nsec);
    row(vm, &[nanoseconds(&found.it_value), nanoseconds(&found.it_interval)])
}
