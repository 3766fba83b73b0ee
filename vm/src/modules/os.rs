//! What `posix` and `_io` are made of: files by descriptor, folders, the environment.

use crate::builtins::positional;
use crate::interp::system;
use crate::object::callable::Args;
use crate::object::{NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("open", open),
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
        let count = match fd {
            1 => {
                vm.write_out(&data);
                data.len()
            }
            2 => {
                vm.write_err(&data);
                data.len()
            }
            _ => {
                let written =
                    vm.retried(|| rustix::io::write(system::file(fd), &data).map_err(io::Error::from))?;
                told(vm, written)?
            }
        };
        Ok(vm.int_of_usize(count))
    }),
    ("fork", |vm, _| {
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
    ("stat", |vm, args| {
        let values = positional(vm, "stat", args, 2, 2)?;
        let follow = vm.truth(&values[1])?;
        if vm.as_i64(&values[0]).is_some() {
            return fstat(vm, &values[0]);
        }
        let path = path(vm, &values[0])?;
        let found = if follow { std::fs::metadata(path) } else { std::fs::symlink_metadata(path) };
        let found = found.map_err(|error| vm.os_error(&error, Some(&values[0])))?;
        Ok(stat_row(vm, &found))
    }),
    ("listdir", |vm, args| {
        let values = positional(vm, "listdir", args, 1, 1)?;
        let entries = std::fs::read_dir(path(vm, &values[0])?)
            .map_err(|error| vm.os_error(&error, Some(&values[0])))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| vm.os_error(&error, Some(&values[0])))?;
            names.push(text(vm, &entry.file_name()));
        }
        Ok(vm.list(names))
    }),
    ("mkdir", |vm, args| {
        let values = positional(vm, "mkdir", args, 2, 2)?;
        let mode = vm.as_i64(&values[1]).unwrap_or(0o777) as u32;
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
        done(vm, builder.create(path(vm, &values[0])?), &values[0])
    }),
    ("rmdir", |vm, args| {
        let values = positional(vm, "rmdir", args, 1, 1)?;
        done(vm, std::fs::remove_dir(path(vm, &values[0])?), &values[0])
    }),
    ("unlink", |vm, args| {
        let values = positional(vm, "unlink", args, 1, 1)?;
        done(vm, std::fs::remove_file(path(vm, &values[0])?), &values[0])
    }),
    ("rename", |vm, args| {
        let values = positional(vm, "rename", args, 2, 2)?;
        done(vm, std::fs::rename(path(vm, &values[0])?, path(vm, &values[1])?), &values[0])
    }),
    ("symlink", |vm, args| {
        let values = positional(vm, "symlink", args, 2, 2)?;
        done(vm, std::os::unix::fs::symlink(path(vm, &values[0])?, path(vm, &values[1])?), &values[0])
    }),
    ("link", |vm, args| {
        let values = positional(vm, "link", args, 2, 2)?;
        done(vm, std::fs::hard_link(path(vm, &values[0])?, path(vm, &values[1])?), &values[0])
    }),
    ("readlink", |vm, args| {
        let values = positional(vm, "readlink", args, 1, 1)?;
        let found = std::fs::read_link(path(vm, &values[0])?)
            .map_err(|error| vm.os_error(&error, Some(&values[0])))?;
        Ok(text(vm, found.as_os_str()))
    }),
    ("chmod", |vm, args| {
        let values = positional(vm, "chmod", args, 2, 2)?;
        let mode = std::fs::Permissions::from_mode(vm.as_i64(&values[1]).unwrap_or(0) as u32);
        done(vm, std::fs::set_permissions(path(vm, &values[0])?, mode), &values[0])
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
fn escaped(text: &Str) -> Vec<u8> {
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

fn open(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "open", args, 3, 3)?;
    let flags = vm.as_i64(&values[1]).unwrap_or(0) as i32;
    let mode = vm.as_i64(&values[2]).unwrap_or(0o777) as u32;
    let mut options = OpenOptions::new();
    match flags & 3 {
        0 => options.read(true),
        1 => options.write(true),
        _ => options.read(true).write(true),
    };
    // What is left of the flags goes to the system as it is; these are checked by the library for sense.
    let (create, exclusive, truncate, append) = (0o100, 0o200, 0o1000, 0o2000);
    if flags & append != 0 {
        options.append(true);
    }
    if flags & truncate != 0 && flags & 3 != 0 && flags & append == 0 {
        options.truncate(true);
    }
    if flags & create != 0 && flags & 3 != 0 {
        if flags & exclusive != 0 {
            options.create_new(true)
        } else {
            options.create(true)
        };
    }
    options.mode(mode).custom_flags(flags & !(3 | create | exclusive | truncate | append));
    let place = path(vm, &values[0])?;
    // A named pipe waits for somebody at its other end.
    match vm.retried(|| options.open(&place))? {
        Ok(file) => Ok(vm.int(file.into_raw_fd().into())),
        Err(error) => Err(vm.os_error(&error, Some(&values[0]))),
    }
}

fn fstat(vm: &Vm, fd: &Value) -> R {
    let fd = descriptor(vm, fd)?;
    // The library's own type of files is the way to what it knows of one: a copy that is closed again.
    let copy = rustix::io::fcntl_dupfd_cloexec(system::file(fd), 0).map_err(io::Error::from);
    let found = told(vm, copy.and_then(|it| File::from(it).metadata()))?;
    Ok(stat_row(vm, &found))
}

fn stat_row(vm: &Vm, found: &Metadata) -> Value {
    let nanos =
        |seconds: i64, nanos: i64| vm.int(seconds.saturating_mul(1_000_000_000).saturating_add(nanos));
    let row = vec![
        vm.int(found.mode().into()),
        vm.int(found.ino() as i64),
        vm.int(found.dev() as i64),
        vm.int(found.nlink() as i64),
        vm.int(found.uid().into()),
        vm.int(found.gid().into()),
        vm.int(found.size() as i64),
        nanos(found.atime(), found.atime_nsec()),
        nanos(found.mtime(), found.mtime_nsec()),
        nanos(found.ctime(), found.ctime_nsec()),
        vm.int(found.blksize() as i64),
        vm.int(found.blocks() as i64),
        vm.int(found.rdev() as i64),
    ];
    vm.tuple(row)
}
