//! `time`. Time zones, `mktime` and `strftime` are the C library's, as in CPython.

use crate::builtins::exceptions::Exc;
use crate::builtins::positional;
use crate::interp::system::{self, Broken};
use crate::object::callable::Args;
use crate::object::{NativeFn, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use num_traits::ToPrimitive;
use std::io;
use std::time::Duration;

const CLOCKS: &[(&str, i32)] = &[
    ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
    ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
    ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
    ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
    ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
    ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
    ("CLOCK_TAI", libc::CLOCK_TAI),
];

fn failed(vm: &Vm, error: &io::Error) -> Raised {
    vm.os_error(error, None)
}

fn nanoseconds(vm: &Vm, clock: i32) -> R<i64> {
    let (seconds, nanos) = system::clock(clock).map_err(|error| failed(vm, &error))?;
    Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn float_of(vm: &Vm, clock: i32) -> R {
    Ok(vm.float(nanoseconds(vm, clock)? as f64 / 1e9))
}

fn int_of(vm: &Vm, clock: i32) -> R {
    Ok(vm.int(nanoseconds(vm, clock)?))
}

fn clock_of(vm: &Vm, name: &str, args: Args<'_>) -> R<i32> {
    let values = positional(vm, name, args, 1, 1)?;
    integer(vm, &values[0])
}

fn integer(vm: &Vm, value: &Value) -> R<i32> {
    match vm.index_of(value)? {
        Some(number) => i32::try_from(number)
            .map_err(|_| vm.raise(Exc::OverflowError, "signed integer is greater than maximum")),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}

/// Seconds since 1970 of an optional argument: floats are cut towards minus infinity.
fn moment(vm: &Vm, name: &str, args: Args<'_>) -> R<i64> {
    let values = positional(vm, name, args, 0, 1)?;
    let Some(value) = values.first().filter(|it| !it.is_none()) else {
        return Ok(nanoseconds(vm, libc::CLOCK_REALTIME)?.div_euclid(1_000_000_000));
    };
    let out_of_range = || vm.raise(Exc::OverflowError, "timestamp out of range for platform time_t");
    if let Some(seconds) = vm.as_float(value) {
        if seconds.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        return seconds.floor().to_i64().ok_or_else(out_of_range);
    }
    match vm.index_of(value)? {
        Some(seconds) => Ok(seconds),
        None if vm.as_big(value).is_some() => Err(out_of_range()),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}

fn struct_time(vm: &Vm, it: &Broken) -> R {
    let zone = it.zone.as_ref().map_or(NONE, |zone| vm.str(zone));
    let parts =
        [it.year, it.month, it.day, it.hour, it.minute, it.second, it.weekday, it.yearday, it.daylight];
    let mut row: Vec<Value> = parts.iter().map(|&part| vm.int(part)).collect();
    row.extend([zone, vm.int(it.offset)]);
    let row = vm.tuple(row);
    vm.helper("make_time", &[row])
}

/// The parts of a `struct_time` or of a tuple of nine. CPython: `gettmarg`.
fn broken(vm: &Vm, value: &Value, name: &str) -> R<Broken> {
    let Some(tuple) = value.get::<Tuple>() else {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    };
    let numbers: Option<Vec<i64>> = tuple.items.iter().map(|it| vm.as_i64(it)).collect();
    let Some(&[year, month, day, hour, minute, second, weekday, yearday, daylight]) = numbers.as_deref()
    else {
        return Err(vm.type_error(format!("{name}(): illegal time tuple argument")));
    };
    if i32::try_from(year - 1900).is_err() {
        return Err(vm.raise(Exc::OverflowError, "year out of range"));
    }
    let of = |name: &str| vm.get_attribute_or_none(value, &vm.intern(name));
    let zone = of("tm_zone")?.filter(|it| !it.is_none()).map(|it| vm.text_of(&it));
    let offset = of("tm_gmtoff")?.and_then(|it| vm.as_i64(&it)).unwrap_or(0);
    Ok(Broken { year, month, day, hour, minute, second, weekday, yearday, daylight, zone, offset })
}

/// Puts what may be 0 right, refuses what is out of range. CPython: `checktm`.
fn checked(vm: &Vm, mut it: Broken) -> R<Broken> {
    if it.month == 0 {
        it.month = 1;
    }
    if it.day == 0 {
        it.day = 1;
    }
    if it.yearday == 0 {
        it.yearday = 1;
    }
    let what = if !(1..=12).contains(&it.month) {
        "month out of range"
    } else if !(1..=31).contains(&it.day) {
        "day of month out of range"
    } else if !(0..=23).contains(&it.hour) {
        "hour out of range"
    } else if !(0..=59).contains(&it.minute) {
        "minute out of range"
    } else if !(0..=61).contains(&it.second) {
        "seconds out of range"
    } else if it.weekday < -1 {
        "day of week out of range"
    } else if !(1..=366).contains(&it.yearday) {
        "day of year out of range"
    } else {
        it.weekday = (it.weekday + 1).rem_euclid(7) - 1;
        if it.weekday < 0 {
            it.weekday = 6;
        }
        it.daylight = it.daylight.signum();
        return Ok(it);
    };
    Err(vm.value_error(what))
}

fn local(vm: &Vm, seconds: i64) -> R<Broken> {
    system::local_time(seconds).map_err(|error| failed(vm, &error))
}

fn given_or_now(vm: &Vm, value: Option<&Value>, name: &str) -> R<Broken> {
    match value {
        Some(value) => checked(vm, broken(vm, value, name)?),
        None => local(vm, nanoseconds(vm, libc::CLOCK_REALTIME)?.div_euclid(1_000_000_000)),
    }
}

fn ascii(vm: &Vm, it: &Broken) -> Value {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS.get(it.weekday as usize).copied().unwrap_or("");
    let month = MONTHS.get((it.month - 1) as usize).copied().unwrap_or("");
    let (hour, minute, second) = (it.hour, it.minute, it.second);
    vm.str(&format!("{day} {month}{:3} {hour:02}:{minute:02}:{second:02} {}", it.day, it.year))
}

fn strftime(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "strftime", args, 1, 2)?;
    let Some(format) = values[0].get::<crate::object::Str>() else {
        let got = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("strftime() argument 1 must be str, not {got}")));
    };
    let time = given_or_now(vm, values.get(1), "strftime")?;
    let mut out = Vec::new();
    // The C library's function ends at a zero.
    for (index, part) in format.to_utf8().split(|&byte| byte == 0).enumerate() {
        if index > 0 {
            out.push(0);
        }
        system::format_time(part, &time, &mut out);
    }
    Ok(crate::modules::os::text(vm, std::os::unix::ffi::OsStrExt::from_bytes(&out[..])))
}

fn sleep(vm: &Vm, args: Args<'_>) -> R {
    let seconds = vm.seconds(&positional(vm, "sleep", args, 1, 1)?[0])?;
    if seconds < 0.0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) => {
            vm.flush();
            vm.sleep(duration)?;
            Ok(NONE)
        }
        Err(_) => Err(vm.raise(Exc::OverflowError, "timestamp too large to convert to C PyTime_t")),
    }
}

fn get_clock_info(vm: &Vm, args: Args<'_>) -> R {
    let name = vm.text_of(&positional(vm, "get_clock_info", args, 1, 1)?[0]);
    let (clock, shown, monotonic, adjustable) = match name.as_str() {
        "time" => (libc::CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", false, true),
        "monotonic" | "perf_counter" => {
            (libc::CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", true, false)
        }
        "process_time" => {
            (libc::CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true, false)
        }
        "thread_time" => {
            (libc::CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true, false)
        }
        _ => return Err(vm.value_error("unknown clock")),
    };
    let resolution = system::resolution(clock).map_err(|error| failed(vm, &error))?;
    let class = vm.helper("of_types", &[vm.intern("SimpleNamespace")])?;
    let names: Vec<Value> =
        ["implementation", "monotonic", "adjustable", "resolution"].iter().map(|it| vm.intern(it)).collect();
    let resolution = vm.float(resolution.0 as f64 + resolution.1 as f64 * 1e-9);
    let values = [vm.str(shown), Value::bool(monotonic), Value::bool(adjustable), resolution];
    vm.call(&class, Args { values: &values, names: &names })
}

/// `timezone`, `altzone`, `daylight` and `tzname`. CPython: `init_timezone`.
fn set_zone(vm: &Vm, module: &Value) -> R<()> {
    system::reread_zone();
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = nanoseconds(vm, libc::CLOCK_REALTIME)?.div_euclid(1_000_000_000);
    let start = now / YEAR * YEAR;
    let (january, july) = (local(vm, start)?, local(vm, start + YEAR / 2)?);
    let zone = |it: &Broken| it.zone.clone().unwrap_or_default();
    let (first, second) = (-january.offset, -july.offset);
    let (names, zone, other) = if first < second {
        ((zone(&july), zone(&january)), second, first)
    } else {
        ((zone(&january), zone(&july)), first, second)
    };
    vm.put(module, "timezone", vm.int(zone));
    vm.put(module, "altzone", vm.int(other));
    vm.put(module, "daylight", vm.int(i64::from(first != second)));
    vm.put(module, "tzname", vm.tuple(vec![vm.str(&names.0), vm.str(&names.1)]));
    Ok(())
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("time", |vm, _| float_of(vm, libc::CLOCK_REALTIME)),
    ("time_ns", |vm, _| int_of(vm, libc::CLOCK_REALTIME)),
    ("monotonic", |vm, _| float_of(vm, libc::CLOCK_MONOTONIC)),
    ("monotonic_ns", |vm, _| int_of(vm, libc::CLOCK_MONOTONIC)),
    ("perf_counter", |vm, _| float_of(vm, libc::CLOCK_MONOTONIC)),
    ("perf_counter_ns", |vm, _| int_of(vm, libc::CLOCK_MONOTONIC)),
    ("process_time", |vm, _| float_of(vm, libc::CLOCK_PROCESS_CPUTIME_ID)),
    ("process_time_ns", |vm, _| int_of(vm, libc::CLOCK_PROCESS_CPUTIME_ID)),
    ("thread_time", |vm, _| float_of(vm, libc::CLOCK_THREAD_CPUTIME_ID)),
    ("thread_time_ns", |vm, _| int_of(vm, libc::CLOCK_THREAD_CPUTIME_ID)),
    ("clock_gettime", |vm, args| float_of(vm, clock_of(vm, "clock_gettime", args)?)),
    ("clock_gettime_ns", |vm, args| int_of(vm, clock_of(vm, "clock_gettime_ns", args)?)),
    ("clock_getres", |vm, args| {
        let clock = clock_of(vm, "clock_getres", args)?;
        let (seconds, nanos) = system::resolution(clock).map_err(|error| failed(vm, &error))?;
        Ok(vm.float(seconds as f64 + nanos as f64 * 1e-9))
    }),
    ("clock_settime", |vm, args| {
        let values = positional(vm, "clock_settime", args, 2, 2)?;
        let clock = integer(vm, &values[0])?;
        let seconds = vm.seconds(&values[1])?;
        let (whole, part) = (seconds.floor(), seconds - seconds.floor());
        system::set_clock(clock, whole as i64, (part * 1e9) as i64).map_err(|error| failed(vm, &error))?;
        Ok(NONE)
    }),
    ("clock_settime_ns", |vm, args| {
        let values = positional(vm, "clock_settime_ns", args, 2, 2)?;
        let clock = integer(vm, &values[0])?;
        let nanos = vm.as_i64(&values[1]).unwrap_or(0);
        system::set_clock(clock, nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000))
            .map_err(|error| failed(vm, &error))?;
        Ok(NONE)
    }),
    ("sleep", sleep),
    ("gmtime", |vm, args| {
        let seconds = moment(vm, "gmtime", args)?;
        struct_time(vm, &system::universal_time(seconds).map_err(|error| failed(vm, &error))?)
    }),
    ("localtime", |vm, args| {
        let seconds = moment(vm, "localtime", args)?;
        struct_time(vm, &local(vm, seconds)?)
    }),
    ("mktime", |vm, args| {
        let time = broken(vm, &positional(vm, "mktime", args, 1, 1)?[0], "mktime")?;
        match system::seconds_of(&time) {
            Some(seconds) => Ok(vm.float(seconds as f64)),
            None => Err(vm.raise(Exc::OverflowError, "mktime argument out of range")),
        }
    }),
    ("asctime", |vm, args| {
        let values = positional(vm, "asctime", args, 0, 1)?;
        Ok(ascii(vm, &given_or_now(vm, values.first(), "asctime")?))
    }),
    ("ctime", |vm, args| {
        let seconds = moment(vm, "ctime", args)?;
        Ok(ascii(vm, &local(vm, seconds)?))
    }),
    ("strftime", strftime),
    ("strptime", |vm, args| {
        let none = NONE;
        let module = vm.import_level(
            &vm.intern("_strptime"),
            &Value::from_i32(0),
            &vm.tuple(vec![vm.intern("*")]),
            &none,
        )?;
        let function = vm.get_attribute(&module, &vm.intern("_strptime_time"))?;
        vm.call(&function, args)
    }),
    ("get_clock_info", get_clock_info),
    ("tzset", |vm, _| {
        if let Some(module) = vm.builtin_module("time")? {
            set_zone(vm, &module)?;
        }
        Ok(NONE)
    }),
    ("pthread_getcpuclockid", |vm, args| {
        let thread = vm.as_i64(&positional(vm, "pthread_getcpuclockid", args, 1, 1)?[0]).unwrap_or(0);
        if thread as u64 != vm.threads.ident.get() {
            return Err(failed(vm, &io::Error::from_raw_os_error(libc::ESRCH)));
        }
        Ok(vm.int(libc::CLOCK_THREAD_CPUTIME_ID.into()))
    }),
    ("__getattr__", |vm, args| {
        let name = &positional(vm, "__getattr__", args, 1, 1)?[0];
        let text = vm.text_of(name);
        if text != "struct_time" {
            return Err(vm.raise(Exc::AttributeError, format!("module 'time' has no attribute '{text}'")));
        }
        let value = vm.helper("of_time", std::slice::from_ref(name))?;
        if let Some(module) = vm.builtin_module("time")? {
            vm.put(&module, &text, value.clone());
        }
        Ok(value)
    }),
];

/// `time`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    for &(name, clock) in CLOCKS {
        vm.put(module, name, vm.int(clock.into()));
    }
    vm.put(module, "_STRUCT_TM_ITEMS", vm.int(11));
    set_zone(vm, module)
}

impl Vm {
    /// Waits; handlers of signals run meanwhile, and may end the wait by raising.
    pub(crate) fn sleep(&self, duration: Duration) -> R<()> {
        use rustix::thread::{ClockId, clock_nanosleep_absolute};
        use rustix::time::Timespec;
        let now = Duration::try_from(rustix::time::clock_gettime(ClockId::Monotonic)).unwrap_or_default();
        let Some(end) = now.checked_add(duration).and_then(|it| Timespec::try_from(it).ok()) else {
            return Err(self.raise(Exc::OverflowError, "timestamp too large to convert to C PyTime_t"));
        };
        let slept =
            self.retried(|| clock_nanosleep_absolute(ClockId::Monotonic, &end).map_err(io::Error::from))?;
        slept.map_err(|error| self.os_error(&error, None))
    }
}
