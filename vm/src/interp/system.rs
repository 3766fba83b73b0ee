//! Calls of the C library that no safe crate wraps the way programs use them: with descriptors and signals that are
//! plain numbers. Each returns the system's error; nothing here touches an interpreter.

use std::io;
use std::os::fd::BorrowedFd;

fn check(result: i32) -> io::Result<i32> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn number(result: i32) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(result)) }
}

/// A program's descriptor for a call of the system, which refuses numbers that name nothing. -1, which Rust's type
/// cannot hold, becomes another number that names nothing.
pub(crate) const fn file(number: i32) -> BorrowedFd<'static> {
    // SAFETY: it is not -1. A descriptor that is closed meanwhile is the program's mistake as in C: it harms no
    // memory, as nothing of ours maps files.
    unsafe { BorrowedFd::borrow_raw(if number == -1 { i32::MIN } else { number }) }
}

/// `fcntl(F_GETFD)`: is there such a file?
pub(crate) fn status_of(number: i32) -> io::Result<()> {
    rustix::io::fcntl_getfd(file(number))?;
    Ok(())
}

/// Does reading wait for something to read?
pub(crate) fn is_blocking(number: i32) -> io::Result<bool> {
    Ok(!rustix::fs::fcntl_getfl(file(number))?.contains(rustix::fs::OFlags::NONBLOCK))
}

/// `raise`
pub(crate) fn raise_signal(number: i32) -> io::Result<()> {
    // SAFETY: it has no arguments that could be wrong.
    if unsafe { libc::raise(number) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A set of signals.
fn set_of(numbers: &[i32]) -> libc::sigset_t {
    // SAFETY: `sigemptyset` fills the set, to which good numbers are added.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for &number in numbers {
            libc::sigaddset(&raw mut set, number);
        }
        set
    }
}

fn numbers_of(set: &libc::sigset_t) -> Vec<i32> {
    // SAFETY: the set is filled.
    (1..super::signals::SIGNALS as i32).filter(|&it| unsafe { libc::sigismember(set, it) } == 1).collect()
}

/// `pthread_sigmask`: the signals that were blocked before.
pub(crate) fn change_mask(how: i32, numbers: &[i32]) -> io::Result<Vec<i32>> {
    let set = set_of(numbers);
    let mut before = set_of(&[]);
    // SAFETY: both sets are there.
    number(unsafe { libc::pthread_sigmask(how, &raw const set, &raw mut before) })?;
    Ok(numbers_of(&before))
}

/// `sigpending`
pub(crate) fn pending_signals() -> io::Result<Vec<i32>> {
    let mut set = set_of(&[]);
    // SAFETY: the set is there.
    check(unsafe { libc::sigpending(&raw mut set) })?;
    Ok(numbers_of(&set))
}

/// `sigwait`
pub(crate) fn wait_for_signal(numbers: &[i32]) -> io::Result<i32> {
    let set = set_of(numbers);
    let mut came = 0;
    // SAFETY: set and number are there.
    number(unsafe { libc::sigwait(&raw const set, &raw mut came) })?;
    Ok(came)
}

/// `strsignal`
pub(crate) fn text_of_signal(number: i32) -> Option<String> {
    if matches!(number, 32 | 33) {
        return None;
    }
    // SAFETY: the text is copied before anybody calls again in this thread.
    unsafe {
        let text = libc::strsignal(number);
        (!text.is_null()).then(|| std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

fn timeval(seconds: f64) -> libc::timeval {
    let whole = seconds.floor();
    // CPython rounds up.
    let micros = ((seconds - whole) * 1e6).ceil();
    let carry = (micros >= 1e6) as i64;
    libc::timeval { tv_sec: whole as i64 + carry, tv_usec: micros as i64 - carry * 1_000_000 }
}

fn seconds(value: libc::timeval) -> f64 {
    value.tv_sec as f64 + value.tv_usec as f64 / 1e6
}

/// `setitimer`: what was left of the timer before, and its interval.
pub(crate) fn set_timer(which: i32, left: f64, every: f64) -> io::Result<(f64, f64)> {
    let new = libc::itimerval { it_value: timeval(left), it_interval: timeval(every) };
    let mut old = libc::itimerval { it_value: timeval(0.0), it_interval: timeval(0.0) };
    // SAFETY: both values are there.
    check(unsafe { libc::setitimer(which as _, &raw const new, &raw mut old) })?;
    Ok((seconds(old.it_value), seconds(old.it_interval)))
}

/// `getitimer`
pub(crate) fn timer(which: i32) -> io::Result<(f64, f64)> {
    let mut now = libc::itimerval { it_value: timeval(0.0), it_interval: timeval(0.0) };
    // SAFETY: the value is there.
    check(unsafe { libc::getitimer(which as _, &raw mut now) })?;
    Ok((seconds(now.it_value), seconds(now.it_interval)))
}

/// `fork`: the child's number, 0 in the child.
pub(crate) fn fork() -> io::Result<i32> {
    // SAFETY: the caller holds the interpreter's lock, and its lock's own lock (`Vm::forking`), so the child, in which
    // only this thread is left, finds the interpreter whole.
    check(unsafe { libc::fork() })
}

/// `clock_gettime`: seconds and nanoseconds.
pub(crate) fn clock(id: i32) -> io::Result<(i64, i64)> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the value is there.
    check(unsafe { libc::clock_gettime(id, &raw mut now) })?;
    Ok((now.tv_sec, now.tv_nsec))
}

/// `clock_getres`
pub(crate) fn resolution(id: i32) -> io::Result<(i64, i64)> {
    let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the value is there.
    check(unsafe { libc::clock_getres(id, &raw mut step) })?;
    Ok((step.tv_sec, step.tv_nsec))
}

/// `clock_settime`
pub(crate) fn set_clock(id: i32, seconds: i64, nanos: i64) -> io::Result<()> {
    let now = libc::timespec { tv_sec: seconds, tv_nsec: nanos };
    // SAFETY: the value is there.
    check(unsafe { libc::clock_settime(id, &raw const now) })?;
    Ok(())
}

/// A time in parts, with Python's numbers: months and days of the year from 1, Monday is 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) weekday: i64,
    pub(crate) yearday: i64,
    pub(crate) daylight: i64,
    pub(crate) zone: Option<String>,
    /// Seconds east of Greenwich.
    pub(crate) offset: i64,
}

fn empty_tm() -> libc::tm {
    // SAFETY: numbers and a pointer, which may be null.
    unsafe { std::mem::zeroed() }
}

/// # Safety
/// The zone is null or a text of the C library.
unsafe fn from_tm(tm: &libc::tm) -> Broken {
    // SAFETY: as the caller says.
    let zone = unsafe {
        (!tm.tm_zone.is_null()).then(|| std::ffi::CStr::from_ptr(tm.tm_zone).to_string_lossy().into_owned())
    };
    Broken {
        year: i64::from(tm.tm_year) + 1900,
        month: i64::from(tm.tm_mon) + 1,
        day: tm.tm_mday.into(),
        hour: tm.tm_hour.into(),
        minute: tm.tm_min.into(),
        second: tm.tm_sec.into(),
        weekday: (i64::from(tm.tm_wday) + 6) % 7,
        yearday: i64::from(tm.tm_yday) + 1,
        daylight: tm.tm_isdst.into(),
        zone,
        offset: tm.tm_gmtoff,
    }
}

fn to_tm(time: &Broken) -> libc::tm {
    let mut tm = empty_tm();
    let int = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    tm.tm_year = int(time.year - 1900);
    tm.tm_mon = int(time.month - 1);
    tm.tm_mday = int(time.day);
    tm.tm_hour = int(time.hour);
    tm.tm_min = int(time.minute);
    tm.tm_sec = int(time.second);
    tm.tm_wday = int((time.weekday + 1).rem_euclid(7));
    tm.tm_yday = int(time.yearday - 1);
    tm.tm_isdst = int(time.daylight);
    tm
}

/// `localtime`
pub(crate) fn local_time(seconds: i64) -> io::Result<Broken> {
    let mut tm = empty_tm();
    // SAFETY: both values are there; zones' names stay until the next `tzset`.
    unsafe {
        if libc::localtime_r(&raw const seconds, &raw mut tm).is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(from_tm(&tm))
    }
}

/// `gmtime`
pub(crate) fn universal_time(seconds: i64) -> io::Result<Broken> {
    let mut tm = empty_tm();
    // SAFETY: both values are there; the zone's name is constant.
    unsafe {
        if libc::gmtime_r(&raw const seconds, &raw mut tm).is_null() {
            return Err(io::Error::last_os_error());
        }
        let mut time = from_tm(&tm);
        time.zone = Some("UTC".to_owned());
        Ok(time)
    }
}

/// `mktime`; `None` where no number of seconds is that time.
pub(crate) fn seconds_of(time: &Broken) -> Option<i64> {
    let mut tm = to_tm(time);
    // That it is still -1 afterwards tells an error from the second before 1970.
    tm.tm_wday = -1;
    // SAFETY: the value is there.
    let seconds = unsafe { libc::mktime(&raw mut tm) };
    (seconds != -1 || tm.tm_wday != -1).then_some(seconds)
}

/// `tzset`
pub(crate) fn reread_zone() {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: the environment is changed under the interpreter's lock only.
    unsafe { tzset() }
}

/// `strftime`, of a format without zeros.
pub(crate) fn format_time(format: &[u8], time: &Broken, out: &mut Vec<u8>) {
    if format.is_empty() {
        return;
    }
    let mut tm = to_tm(time);
    let zone = time.zone.as_ref().and_then(|it| std::ffi::CString::new(it.as_str()).ok());
    match &zone {
        Some(zone) => {
            tm.tm_zone = zone.as_ptr();
            tm.tm_gmtoff = time.offset;
        }
        None => {
            // The zone that the time would be in.
            let mut other = to_tm(time);
            // SAFETY: the value is there.
            unsafe { libc::mktime(&raw mut other) };
            (tm.tm_zone, tm.tm_gmtoff) = (other.tm_zone, other.tm_gmtoff);
        }
    }
    let Ok(text) = std::ffi::CString::new(format) else { return };
    let mut size = 1024;
    // An empty result and one that does not fit look the same: CPython stops at 256 times the format.
    while size <= 256 * (format.len() + 4) + 1024 {
        let mut buffer = vec![0u8; size];
        // SAFETY: buffer, format and time are there.
        let count = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), size, text.as_ptr(), &raw const tm) };
        if count > 0 {
            out.extend_from_slice(&buffer[..count]);
            return;
        }
        size *= 2;
    }
}

/// `setenv`, or `unsetenv` without a value.
pub(crate) fn set_environment(name: &std::ffi::OsStr, value: Option<&std::ffi::OsStr>) {
    // SAFETY: the interpreter's lock is held, and what reads the environment of ours does so under it.
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
}

/// Calls of the system that take numbers and touch no memory of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Plain {
    Kill,
    GetPgid,
    SetPgid,
    GetSid,
    SetSid,
    Umask,
    Fchmod,
    Fchown,
    Fchdir,
    Flock,
    GetUid,
    GetGid,
    GetEuid,
    GetEgid,
    GetPriority,
    SetPriority,
    Yield,
    Eventfd,
}

/// Makes such a call.
pub(crate) fn plain(call: Plain, args: [i64; 3]) -> io::Result<i64> {
    let number = match call {
        Plain::Kill => libc::SYS_kill,
        Plain::GetPgid => libc::SYS_getpgid,
        Plain::SetPgid => libc::SYS_setpgid,
        Plain::GetSid => libc::SYS_getsid,
        Plain::SetSid => libc::SYS_setsid,
        Plain::Umask => libc::SYS_umask,
        Plain::Fchmod => libc::SYS_fchmod,
        Plain::Fchown => libc::SYS_fchown,
        Plain::Fchdir => libc::SYS_fchdir,
        Plain::Flock => libc::SYS_flock,
        Plain::GetUid => libc::SYS_getuid,
        Plain::GetGid => libc::SYS_getgid,
        Plain::GetEuid => libc::SYS_geteuid,
        Plain::GetEgid => libc::SYS_getegid,
        Plain::GetPriority => libc::SYS_getpriority,
        Plain::SetPriority => libc::SYS_setpriority,
        Plain::Yield => libc::SYS_sched_yield,
        Plain::Eventfd => libc::SYS_eventfd2,
    };
    // SAFETY: none of these takes a pointer.
    let result = unsafe { libc::syscall(number, args[0], args[1], args[2]) };
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// `dup2`
pub(crate) fn duplicate_to(from: i32, to: i32, inheritable: bool) -> io::Result<i32> {
    // SAFETY: plain numbers. What `to` named is closed, as the program asks.
    let made = check(unsafe { libc::dup2(from, to) })?;
    if !inheritable && from != to {
        set_inheritable(made, false)?;
    }
    Ok(made)
}

/// `close`
pub(crate) fn close(number: i32) -> io::Result<()> {
    // SAFETY: a plain number; files of ours are closed by what owns them, and have other numbers.
    check(unsafe { libc::close(number) }).map(drop)
}

/// Do other programs that this process becomes keep the file?
pub(crate) fn set_inheritable(number: i32, inheritable: bool) -> io::Result<()> {
    let flags = rustix::io::fcntl_getfd(file(number))?;
    let flags =
        if inheritable { flags - rustix::io::FdFlags::CLOEXEC } else { flags | rustix::io::FdFlags::CLOEXEC };
    Ok(rustix::io::fcntl_setfd(file(number), flags)?)
}

/// `waitpid`: the process and its status.
pub(crate) fn wait_for(process: i32, options: i32) -> io::Result<(i32, i32)> {
    let mut status = 0;
    // SAFETY: the status is there.
    let found = check(unsafe { libc::waitpid(process, &raw mut status, options) })?;
    Ok((found, status))
}

/// `_exit`
pub(crate) fn leave(status: i32) -> ! {
    // SAFETY: it has no arguments that could be wrong.
    unsafe { libc::_exit(status) }
}

/// `fcntl` of a command that takes a number.
pub(crate) fn control(number: i32, command: i32, argument: i32) -> io::Result<i32> {
    // Commands whose argument is a pointer would read or write memory of ours.
    let pointers = [libc::F_GETLK, libc::F_SETLK, libc::F_SETLKW];
    if pointers.contains(&command) || (5..=7).contains(&command) || (12..=16).contains(&command) {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: the command takes a number.
    check(unsafe { libc::fcntl(number, command, argument) })
}

/// `fcntl` with a lock: of its kind, place and length.
pub(crate) fn lock_file(
    number: i32,
    wait: bool,
    kind: i16,
    [whence, start, length]: [i64; 3],
) -> io::Result<()> {
    let lock = libc::flock { l_type: kind, l_whence: whence as i16, l_start: start, l_len: length, l_pid: 0 };
    let command = if wait { libc::F_SETLKW } else { libc::F_SETLK };
    // SAFETY: the lock is there.
    check(unsafe { libc::fcntl(number, command, &raw const lock) }).map(drop)
}

/// `sysconf`
pub(crate) fn configured(name: i32) -> io::Result<i64> {
    // SAFETY: a plain number.
    unsafe {
        *libc::__errno_location() = 0;
        let value = libc::sysconf(name);
        if value == -1 && *libc::__errno_location() != 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(value)
        }
    }
}

/// `times`: in clock ticks; the last one since some moment.
pub(crate) fn times() -> [i64; 5] {
    // SAFETY: the numbers are filled.
    unsafe {
        let mut all: libc::tms = std::mem::zeroed();
        let elapsed = libc::times(&raw mut all);
        [all.tms_utime, all.tms_stime, all.tms_cutime, all.tms_cstime, elapsed]
    }
}

/// What a child does before it becomes another program.
#[derive(Default)]
pub(crate) struct Child {
    /// The programs to try, in order.
    pub(crate) programs: Vec<std::ffi::CString>,
    pub(crate) arguments: Vec<std::ffi::CString>,
    /// The environment; that of this process without one.
    pub(crate) environment: Option<Vec<std::ffi::CString>>,
    pub(crate) folder: Option<std::ffi::CString>,
    /// What becomes its files 0, 1 and 2; -1 for what they are.
    pub(crate) standard: [i32; 3],
    /// Files that are kept although all others from 3 on are closed.
    pub(crate) kept: Vec<i32>,
    /// Where it is said what went wrong: it closes by itself when the program is there.
    pub(crate) errors: i32,
    pub(crate) close_others: bool,
    pub(crate) restore_signals: bool,
    pub(crate) new_session: bool,
    /// Of which group it becomes a member; -1 for none.
    pub(crate) group: i32,
    /// -1 for what it is.
    pub(crate) umask: i32,
}

impl Child {
    /// Becomes the program; returns what went wrong, and with which of the calls.
    pub(crate) fn run(&self, prepare: impl FnOnce() -> bool) -> (io::Error, &'static str) {
        let pointers = |all: &[std::ffi::CString]| {
            let mut row: Vec<*const libc::c_char> = all.iter().map(|it| it.as_ptr()).collect();
            row.push(std::ptr::null());
            row
        };
        if let Err(error) = self.set_files() {
            return (error, "");
        }
        if let Some(folder) = &self.folder
            // SAFETY: the path ends with a zero.
            && unsafe { libc::chdir(folder.as_ptr()) } == -1
        {
            return (io::Error::last_os_error(), "noexec:chdir");
        }
        // SAFETY: plain numbers.
        unsafe {
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                for number in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(number, libc::SIG_DFL);
                }
            }
            if self.new_session {
                libc::setsid();
            }
            if self.group >= 0 && libc::setpgid(0, self.group) == -1 {
                return (io::Error::last_os_error(), "noexec");
            }
        }
        if !prepare() {
            return (io::Error::from_raw_os_error(0), "Exception occurred in preexec_fn.");
        }
        if self.close_others {
            self.close_files();
        }
        let arguments = pointers(&self.arguments);
        let environment = self.environment.as_deref().map(pointers);
        let mut kept = io::Error::from_raw_os_error(libc::ENOENT);
        for program in &self.programs {
            // SAFETY: the rows end with null, the texts with zeros. It returns only where it fails.
            unsafe {
                match &environment {
                    Some(row) => libc::execve(program.as_ptr(), arguments.as_ptr(), row.as_ptr()),
                    None => libc::execv(program.as_ptr(), arguments.as_ptr()),
                };
            }
            let error = io::Error::last_os_error();
            if !matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)) {
                kept = error;
            }
        }
        (kept, "")
    }

    fn set_files(&self) -> io::Result<()> {
        let mut from = self.standard;
        // A file that is to move must not be overwritten before.
        for (to, place) in from.iter_mut().enumerate() {
            if *place >= 0 && (*place as usize) < to {
                // SAFETY: plain numbers.
                *place = check(unsafe { libc::fcntl(*place, libc::F_DUPFD_CLOEXEC, 3) })?;
            }
        }
        for (to, from) in from.into_iter().enumerate() {
            if from < 0 {
                continue;
            }
            let to = to as i32;
            if from == to {
                set_inheritable(to, true)?;
            } else {
                duplicate_to(from, to, true)?;
            }
        }
        for &file in &self.kept {
            if file > 2 {
                // What does not name a file is the program's mistake, which CPython finds nowhere either.
                let _ = set_inheritable(file, true);
            }
        }
        Ok(())
    }

    fn close_files(&self) {
        let mut kept = self.kept.clone();
        kept.push(self.errors);
        kept.sort_unstable();
        kept.dedup();
        let mut from = 3u32;
        let close = |from: u32, to: u32| {
            if from <= to {
                // SAFETY: plain numbers. This process is about to become another program.
                unsafe { libc::syscall(libc::SYS_close_range, from, to, 0) };
            }
        };
        for file in kept.into_iter().filter_map(|it| u32::try_from(it).ok()).filter(|it| *it > 2) {
            close(from, file.saturating_sub(1));
            from = file + 1;
        }
        close(from, u32::MAX);
    }
}
