//! What `posix` and `_io` are made of: files by descriptor, folders, the environment.

use crate::builtins::positional;
use crate::interp::system;
use crate::object::{NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("close", |vm, args| {
        let fd = descriptor(vm, &positional(vm, "close", args, 1, 1)?[0])?;
        if fd == 1 {
            vm.flush();
        }
        told(vm, system::close(fd))?;
        Ok(NONE)
    }),
    ("read", |vm, args| {
        let values = positional(vm, "read", args, 2, 2)?;
        let size = usize::try_from(vm.as_i64(&values[1]).unwrap_or(0)).unwrap_or(0).min(1 << 30);
        let fd = descriptor(vm, &values[0])?;
        if fd == 0 {
            vm.flush();
        }
        vm.check_room(size)?;
        let data = vm.retried(|| {
            let mut data = vec![0; size];
            let count = rustix::io::read(system::file(fd), &mut data[..])?;
            data.truncate(count);
            Ok(data)
        })?;
        Ok(vm.bytes(told(vm, data)?))
    }),
    ("write", |vm, args| {
        let values = positional(vm, "write", args, 2, 2)?;
        let data = vm.bytes_of(&values[1])?;
        let fd = descriptor(vm, &values[0])?;
        if matches!(fd, 1 | 2) {
            if vm.silent.get() {
                return Ok(vm.int_of_usize(data.len()));
            }
            // What was printed before comes before.
            vm.flush();
        }
        let written = vm.retried(|| rustix::io::write(system::file(fd), &data).map_err(io::Error::from))?;
        let count = told(vm, written)?;
        Ok(vm.int_of_usize(count))
    }),
    ("write_standard", |vm, args| {
        // Through the machine's own buffer.
        let values = positional(vm, "write", args, 2, 2)?;
        let data = vm.bytes_of(&values[1])?;
        if descriptor(vm, &values[0])? == 1 {
            vm.write_out(&data);
        } else {
            vm.write_err(&data);
        }
        Ok(vm.int_of_usize(data.len()))
    }),
    ("fork", |vm, _| {
        if vm.threads.closing.get() {
            return Err(vm.raise(
                crate::builtins::exceptions::Exc::PythonFinalizationError,
                "can't fork at interpreter shutdown",
            ));
        }
        vm.flush();
        let result = vm.forking(|| {
            let result = system::fork();
            let child = matches!(result, Ok(0));
            (result, child)
        });
        let child = result.map_err(|error| vm.os_error(&error, None))?;
        if child == 0 {
            vm.signals_after_fork();
        }
        Ok(vm.int(child.into()))
    }),
    ("flush_standard", |vm, _| {
        vm.flush();
        Ok(NONE)
    }),
    ("lseek", |vm, args| {
        let values = positional(vm, "lseek", args, 3, 3)?;
        let fd = descriptor(vm, &values[0])?;
        let by = vm.as_i64(&values[1]).unwrap_or(0);
        let to = match vm.as_i64(&values[2]) {
            Some(0) if by < 0 => return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None)),
            Some(0) => rustix::fs::SeekFrom::Start(by as u64),
            Some(1) => rustix::fs::SeekFrom::Current(by),
            Some(2) => rustix::fs::SeekFrom::End(by),
            _ => return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None)),
        };
        let at = rustix::fs::seek(system::file(fd), to).map_err(io::Error::from);
        Ok(vm.int(told(vm, at)? as i64))
    }),
    ("ftruncate", |vm, args| {
        let values = positional(vm, "ftruncate", args, 2, 2)?;
        let fd = descriptor(vm, &values[0])?;
        let size = vm.as_i64(&values[1]).unwrap_or(0).max(0) as u64;
        told(vm, rustix::fs::ftruncate(system::file(fd), size).map_err(io::Error::from))?;
        Ok(NONE)
    }),
    ("fsync", |vm, args| {
        let fd = descriptor(vm, &positional(vm, "fsync", args, 1, 1)?[0])?;
        let done = vm.retried(|| rustix::fs::fsync(system::file(fd)).map_err(io::Error::from))?;
        told(vm, done)?;
        Ok(NONE)
    }),
    ("isatty", |vm, args| {
        let fd = descriptor(vm, &positional(vm, "isatty", args, 1, 1)?[0])?;
        Ok(Value::bool(rustix::termios::isatty(system::file(fd))))
    }),
    ("pipe", |vm, _| {
        let (reader, writer) = told(vm, io::pipe())?;
        let files = [OwnedFd::from(reader).into_raw_fd(), OwnedFd::from(writer).into_raw_fd()];
        Ok(vm.tuple(files.iter().map(|&it| vm.int(it.into())).collect()))
    }),
    ("dup", |vm, args| {
        let fd = descriptor(vm, &positional(vm, "dup", args, 1, 1)?[0])?;
        let copy = rustix::io::fcntl_dupfd_cloexec(system::file(fd), 0).map_err(io::Error::from);
        Ok(vm.int(told(vm, copy)?.into_raw_fd().into()))
    }),
    ("listdir", |vm, args| {
        // A path or a file: names, kinds (`d_type`) and numbers of what is in the folder.
        let values = positional(vm, "listdir", args, 1, 1)?;
        let wanted = &values[0];
        let failed = |error: rustix::io::Errno| vm.os_error(&error.into(), Some(wanted));
        let opened;
        let folder = if vm.as_i64(wanted).is_some() {
            system::file(descriptor(vm, wanted)?)
        } else {
            let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
            let found = rustix::fs::open(path(vm, wanted)?, flags, rustix::fs::Mode::empty());
            opened = found.map_err(failed)?;
            opened.as_fd()
        };
        let of_bytes = wanted.get::<crate::object::Bytes>().is_some();
        let mut rows = Vec::new();
        for entry in rustix::fs::Dir::read_from(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let kind = entry.file_type();
            let kind = if kind == rustix::fs::FileType::Unknown { 0 } else { kind.as_raw_mode() };
            let name = if of_bytes { vm.bytes(name.to_vec()) } else { text(vm, OsStr::from_bytes(name)) };
            rows.push(vm.tuple(vec![name, vm.int(kind.into()), vm.int(entry.ino() as i64)]));
        }
        Ok(vm.list(rows))
    }),
    ("getcwd", |vm, _| {
        let found = std::env::current_dir().map_err(|error| vm.os_error(&error, None))?;
        Ok(text(vm, found.as_os_str()))
    }),
    ("chdir", |vm, args| {
        let values = positional(vm, "chdir", args, 1, 1)?;
        done(vm, std::env::set_current_dir(path(vm, &values[0])?), &values[0])
    }),
    ("environ", |vm, _| {
        let pair = |(key, value): (OsString, OsString)| {
            vm.tuple(vec![vm.bytes(key.into_vec()), vm.bytes(value.into_vec())])
        };
        Ok(vm.list(std::env::vars_os().map(pair).collect()))
    }),
    ("getpid", |vm, _| Ok(vm.int(std::process::id().into()))),
    ("getppid", |vm, _| Ok(vm.int(std::os::unix::process::parent_id().into()))),
    ("cpu_count", |vm, _| {
        Ok(std::thread::available_parallelism().map_or(NONE, |it| vm.int_of_usize(it.get())))
    }),
    ("strerror", |vm, args| {
        let values = positional(vm, "strerror", args, 1, 1)?;
        let number = vm.as_i64(&values[0]).unwrap_or(0) as i32;
        Ok(vm.str(&super::system_text(&io::Error::from_raw_os_error(number))))
    }),
    ("urandom", |vm, args| {
        let size = super::native::ssize(vm, &positional(vm, "urandom", args, 1, 1)?[0])?;
        if size < 0 {
            return Err(vm.value_error("negative argument not allowed"));
        }
        let values = positional(vm, "urandom", args, 1, 1)?;
        let mut data = vec![0; usize::try_from(vm.as_i64(&values[0]).unwrap_or(0)).unwrap_or(0).min(1 << 24)];
        let filled = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut data));
        filled.map_err(|error| vm.os_error(&error, None))?;
        Ok(vm.bytes(data))
    }),
];

/// `_pyrvm_os`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put_functions(module, super::processes::FUNCTIONS);
    vm.put_functions(module, super::files::FUNCTIONS);
    vm.put_functions(module, super::kernel::FUNCTIONS);
    vm.put_functions(module, &[("names", super::constants::names)]);
    Ok(())
}

fn told<T>(vm: &Vm, result: io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error, None))
}

fn descriptor(vm: &Vm, value: &Value) -> R<i32> {
    match vm.as_i64(value) {
        Some(fd) => i32::try_from(fd).map_err(|_| {
            let message = "Python int too large to convert to C int";
            vm.raise(crate::builtins::exceptions::Exc::OverflowError, message)
        }),
        None => {
            let got = vm.type_name(value);
            Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")))
        }
    }
}

fn path(vm: &Vm, value: &Value) -> R<PathBuf> {
    if let Some(text) = value.get::<Str>() {
        if text.points().contains(&0) {
            return Err(vm.value_error("embedded null character"));
        }
        return Ok(PathBuf::from(OsStr::from_bytes(&escaped(text))));
    }
    if let Some(bytes) = value.get::<crate::object::Bytes>() {
        return Ok(PathBuf::from(OsStr::from_bytes(&bytes.data)));
    }
    Ok(PathBuf::from(vm.path_text(value)?))
}

/// The bytes of a text with surrogates that stand for bytes (`surrogateescape`).
pub(super) fn escaped(text: &Str) -> Vec<u8> {
    let mut out = Vec::new();
    for point in text.points() {
        match point {
            0xDC80..=0xDCFF => out.push((point - 0xDC00) as u8),
            _ => crate::object::str::push_utf8(point, &mut out),
        }
    }
    out
}

/// A text of the system; bytes that are no UTF-8 become surrogates.
pub(super) fn text(vm: &Vm, text: &OsStr) -> Value {
    match text.to_str() {
        Some(text) => vm.str(text),
        None => {
            let mut points = Vec::new();
            for chunk in text.as_bytes().utf8_chunks() {
                points.extend(chunk.valid().chars().map(u32::from));
                points.extend(chunk.invalid().iter().map(|&byte| 0xDC00 + u32::from(byte)));
            }
            vm.str_of_points(&points)
        }
    }
}

fn done(vm: &Vm, result: io::Result<()>, path: &Value) -> R {
    match result {
        Ok(()) => Ok(NONE),
        Err(error) => Err(vm.os_error(&error, Some(path))),
    }
}
