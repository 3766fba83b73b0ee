//! More calls of the C library: those that fill structures, and those whose effect must reach all threads of the
//! process. As in `system`, each returns the system's error, and nothing here touches an interpreter.

use std::ffi::CStr;
use std::io;

fn check(result: i32) -> io::Result<i32> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// What a process used: seconds for itself and in the system, then the 14 numbers of `struct rusage` in its order.
pub(crate) type Usage = ([f64; 2], [i64; 14]);

fn usage_of(usage: &libc::rusage) -> Usage {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let numbers = [
        usage.ru_maxrss,
        usage.ru_ixrss,
        usage.ru_idrss,
        usage.ru_isrss,
        usage.ru_minflt,
        usage.ru_majflt,
        usage.ru_nswap,
        usage.ru_inblock,
        usage.ru_oublock,
        usage.ru_msgsnd,
        usage.ru_msgrcv,
        usage.ru_nsignals,
        usage.ru_nvcsw,
        usage.ru_nivcsw,
    ];
    ([seconds(usage.ru_utime), seconds(usage.ru_stime)], numbers)
}

const fn no_usage() -> libc::rusage {
    // SAFETY: numbers only, for which zero is good.
    unsafe { std::mem::zeroed() }
}

/// `getrusage`
pub(crate) fn usage(who: i32) -> io::Result<Usage> {
    let mut usage = no_usage();
    // SAFETY: the structure is there.
    check(unsafe { libc::getrusage(who, &raw mut usage) })?;
    Ok(usage_of(&usage))
}

/// `wait4`: the process, its status and what it used.
pub(crate) fn wait_with_usage(process: i32, options: i32) -> io::Result<(i32, i32, Usage)> {
    let (mut status, mut usage) = (0, no_usage());
    // SAFETY: status and structure are there.
    let found = check(unsafe { libc::wait4(process, &raw mut status, options, &raw mut usage) })?;
    Ok((found, status, usage_of(&usage)))
}

/// `waitid`: process, user, signal, status and code; `None` where nothing happened.
pub(crate) fn wait_for_change(kind: u32, id: u32, options: i32) -> io::Result<Option<[i32; 5]>> {
    // SAFETY: numbers and pointers, for which zero is good; the call fills the parts that a child's change has.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        check(libc::waitid(kind as libc::idtype_t, id, &raw mut info, options))?;
        let row = [info.si_pid(), info.si_uid() as i32, info.si_signo, info.si_status(), info.si_code];
        Ok((row[0] != 0).then_some(row))
    }
}

/// `sched_getscheduler`
pub(crate) fn policy(process: i32) -> io::Result<i32> {
    // SAFETY: a plain number.
    check(unsafe { libc::sched_getscheduler(process) })
}

/// `sched_setscheduler`
pub(crate) fn set_policy(process: i32, policy: i32, priority: i32) -> io::Result<()> {
    let wanted = libc::sched_param { sched_priority: priority };
    // SAFETY: the structure is there.
    check(unsafe { libc::sched_setscheduler(process, policy, &raw const wanted) }).map(drop)
}

/// `sched_getparam`
pub(crate) fn sched_priority(process: i32) -> io::Result<i32> {
    let mut found = libc::sched_param { sched_priority: 0 };
    // SAFETY: the structure is there.
    check(unsafe { libc::sched_getparam(process, &raw mut found) })?;
    Ok(found.sched_priority)
}

/// `sched_setparam`
pub(crate) fn set_sched_priority(process: i32, priority: i32) -> io::Result<()> {
    let wanted = libc::sched_param { sched_priority: priority };
    // SAFETY: the structure is there.
    check(unsafe { libc::sched_setparam(process, &raw const wanted) }).map(drop)
}

/// `sched_get_priority_min` and `sched_get_priority_max`
pub(crate) fn priority_limit(policy: i32, most: bool) -> io::Result<i32> {
    // SAFETY: plain numbers.
    check(unsafe {
        if most { libc::sched_get_priority_max(policy) } else { libc::sched_get_priority_min(policy) }
    })
}

/// `sched_rr_get_interval`, in seconds.
pub(crate) fn round_robin_interval(process: i32) -> io::Result<f64> {
    let mut found = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is there.
    check(unsafe { libc::sched_rr_get_interval(process, &raw mut found) })?;
    Ok(found.tv_sec as f64 + found.tv_nsec as f64 / 1e9)
}

/// The calls that change whose process this is. The C library makes them in all threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Identity {
    User,
    Group,
    EffectiveUser,
    EffectiveGroup,
    RealAndEffectiveUser,
    RealAndEffectiveGroup,
    Users,
    Groups,
}

/// Makes such a call; `u32::MAX` leaves a number as it is.
pub(crate) fn set_identity(call: Identity, ids: [u32; 3]) -> io::Result<()> {
    let [first, second, third] = ids;
    // SAFETY: plain numbers.
    check(unsafe {
        match call {
            Identity::User => libc::setuid(first),
            Identity::Group => libc::setgid(first),
            Identity::EffectiveUser => libc::seteuid(first),
            Identity::EffectiveGroup => libc::setegid(first),
            Identity::RealAndEffectiveUser => libc::setreuid(first, second),
            Identity::RealAndEffectiveGroup => libc::setregid(first, second),
            Identity::Users => libc::setresuid(first, second, third),
            Identity::Groups => libc::setresgid(first, second, third),
        }
    })
    .map(drop)
}

/// `getresuid` and `getresgid`
pub(crate) fn identities(groups: bool) -> io::Result<[u32; 3]> {
    let [mut first, mut second, mut third] = [0; 3];
    // SAFETY: the numbers are there.
    check(unsafe {
        if groups {
            libc::getresgid(&raw mut first, &raw mut second, &raw mut third)
        } else {
            libc::getresuid(&raw mut first, &raw mut second, &raw mut third)
        }
    })?;
    Ok([first, second, third])
}

/// Sets `errno` to 0, runs the call, and tells an error from the answer -1.
fn told_apart(call: impl FnOnce() -> i64) -> io::Result<i64> {
    // SAFETY: the C library's own place for this thread.
    unsafe { *libc::__errno_location() = 0 };
    let result = call();
    // SAFETY: as above.
    if result == -1 && unsafe { *libc::__errno_location() } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

/// `pathconf`
pub(crate) fn path_limit(path: &CStr, name: i32) -> io::Result<i64> {
    // SAFETY: the text ends with a zero.
    told_apart(|| unsafe { libc::pathconf(path.as_ptr(), name) })
}

/// `fpathconf`
pub(crate) fn file_limit(file: i32, name: i32) -> io::Result<i64> {
    // SAFETY: plain numbers.
    told_apart(|| unsafe { libc::fpathconf(file, name) })
}

/// `confstr`; `None` where the name has no value.
pub(crate) fn configured_text(name: i32) -> io::Result<Option<Vec<u8>>> {
    unsafe extern "C" {
        fn confstr(name: i32, buffer: *mut libc::c_char, size: usize) -> usize;
    }
    // SAFETY: the size is that of the buffer; without one it is 0.
    let size = told_apart(|| unsafe { confstr(name, std::ptr::null_mut(), 0) } as i64)?;
    if size <= 0 {
        return Ok(None);
    }
    let mut buffer = vec![0u8; size as usize];
    // SAFETY: as above.
    unsafe { confstr(name, buffer.as_mut_ptr().cast(), buffer.len()) };
    buffer.pop();
    Ok(Some(buffer))
}

/// `sigtimedwait`, without an end where no time is given: signal, code, error, process, user, status, band.
pub(crate) fn wait_for_signal_info(numbers: &[i32], seconds: Option<f64>) -> io::Result<[i64; 7]> {
    // SAFETY: zeroed structures are good; `sigemptyset` fills the set.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for &number in numbers {
            libc::sigaddset(&raw mut set, number);
        }
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let end = seconds.map(|it| libc::timespec {
            tv_sec: it.floor() as libc::time_t,
            tv_nsec: (it.fract() * 1e9) as libc::c_long,
        });
        check(match &end {
            Some(end) => libc::sigtimedwait(&raw const set, &raw mut info, &raw const *end),
            None => libc::sigwaitinfo(&raw const set, &raw mut info),
        })?;
        let (process, user, status) = (info.si_pid(), info.si_uid(), info.si_status());
        let all = [info.si_signo, info.si_code, info.si_errno, process].map(i64::from);
        Ok([all[0], all[1], all[2], all[3], user.into(), status.into(), 0])
    }
}

/// What a terminal does: the four words of flags, both speeds, its special characters.
pub(crate) type Terminal = ([u32; 4], [u32; 2], [u8; 32]);

/// Set in `c_iflag` where the speed of input was said to be 0: there is one place for both speeds. (`cfgetispeed` and the like are
/// not asked: they have versions that an executable with the C library in it cannot name.)
const NO_INPUT_SPEED: u32 = 1 << 31;

/// `tcgetattr`
pub(crate) fn terminal(file: i32) -> io::Result<Terminal> {
    // SAFETY: numbers only, for which zero is good; the call fills them.
    let found = unsafe {
        let mut found: libc::termios = std::mem::zeroed();
        check(libc::tcgetattr(file, &raw mut found))?;
        found
    };
    let speed = found.c_cflag & libc::CBAUD;
    let speeds = [if found.c_iflag & NO_INPUT_SPEED == 0 { speed } else { 0 }, speed];
    Ok(([found.c_iflag, found.c_oflag, found.c_cflag, found.c_lflag], speeds, found.c_cc))
}

/// `tcsetattr`
pub(crate) fn set_terminal(file: i32, when: i32, terminal: &Terminal) -> io::Result<()> {
    let (flags, speeds, characters) = terminal;
    // SAFETY: numbers only; what is not set here stays as it was.
    unsafe {
        let mut wanted: libc::termios = std::mem::zeroed();
        check(libc::tcgetattr(file, &raw mut wanted))?;
        [wanted.c_iflag, wanted.c_oflag, wanted.c_cflag, wanted.c_lflag] = *flags;
        wanted.c_cc = *characters;
        if speeds.iter().any(|it| it & !libc::CBAUD != 0) {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        wanted.c_iflag &= !NO_INPUT_SPEED;
        if speeds[0] == 0 {
            wanted.c_iflag |= NO_INPUT_SPEED;
        }
        wanted.c_cflag = wanted.c_cflag & !libc::CBAUD | speeds[1];
        check(libc::tcsetattr(file, when, &raw const wanted)).map(drop)
    }
}

/// The other calls for terminals that take numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    Break,
    Drain,
    Flush,
    Flow,
    SetGroup,
    GetGroup,
}

/// Makes such a call.
pub(crate) fn line(call: Line, file: i32, argument: i32) -> io::Result<i32> {
    // SAFETY: plain numbers.
    check(unsafe {
        match call {
            Line::Break => libc::tcsendbreak(file, argument),
            Line::Drain => libc::tcdrain(file),
            Line::Flush => libc::tcflush(file, argument),
            Line::Flow => libc::tcflow(file, argument),
            Line::SetGroup => libc::tcsetpgrp(file, argument),
            Line::GetGroup => libc::tcgetpgrp(file),
        }
    })
}

/// `prlimit`: the limits that held before.
pub(crate) fn limits(process: i32, what: i32, new: Option<[u64; 2]>) -> io::Result<[u64; 2]> {
    let new = new.map(|[soft, hard]| libc::rlimit { rlim_cur: soft, rlim_max: hard });
    let new = new.as_ref().map_or(std::ptr::null(), |it| &raw const *it);
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both structures are there, or the first is null.
    check(unsafe { libc::prlimit(process, what as libc::__rlimit_resource_t, new, &raw mut old) })?;
    Ok([old.rlim_cur, old.rlim_max])
}
