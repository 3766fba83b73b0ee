//! What `posix` and `_io` are made of: files by descriptor, folders, the environment.

use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

/// The open files of an interpreter but the first three.
#[derive(Default)]
pub(crate) struct Files(RefCell<HashMap<i32, File>>);

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("open", open),
    ("close", |vm, args| {
        let fd = descriptor(vm, &positional(vm, "close", args, 1, 1)?[0])?;
        let file = vm.files.0.borrow_mut().remove(&fd);
        if file.is_none() && !(0..3).contains(&fd) {
            return Err(bad_descriptor(vm));
        }
        Ok(NONE)
    }),
    ("read", |vm, args| {
        let values = positional(vm, "read", args, 2, 2)?;
        let size = usize::try_from(vm.as_i64(&values[1]).unwrap_or(0)).unwrap_or(0);
        let mut data = vec![0; size.min(1 << 24)];
        let count = on_file(vm, &values[0], |file| match file {
            Open::File(file) => file.read(&mut data),
            Open::In => io::stdin().lock().read(&mut data),
            Open::Out | Open::Err => Err(io::Error::from_raw_os_error(9)),
        })?;
        data.truncate(count);
        Ok(vm.bytes(data))
    }),
    ("write", |vm, args| {
        let values = positional(vm, "write", args, 2, 2)?;
        let data = vm.bytes_of(&values[1])?;
        let count = on_file(vm, &values[0], |file| match file {
            Open::File(file) => file.write(&data),
            Open::Out => {
                vm.write_out(&data);
                Ok(data.len())
            }
            Open::Err => {
                vm.write_err(&data);
                Ok(data.len())
            }
            Open::In => Err(io::Error::from_raw_os_error(9)),
        })?;
        Ok(vm.int_of_usize(count))
    }),
    ("flush_standard", |vm, _| {
        vm.flush();
        Ok(NONE)
    }),
    ("lseek", |vm, args| {
        let values = positional(vm, "lseek", args, 3, 3)?;
        let by = vm.as_i64(&values[1]).unwrap_or(0);
        let to = match vm.as_i64(&values[2]) {
            Some(0) => SeekFrom::Start(by.max(0) as u64),
            Some(1) => SeekFrom::Current(by),
            _ => SeekFrom::End(by),
        };
        let at = on_file(vm, &values[0], |file| match file {
            Open::File(file) => file.seek(to),
            _ => Err(io::Error::from_raw_os_error(29)),
        })?;
        Ok(vm.int(at as i64))
    }),
    ("ftruncate", |vm, args| {
        let values = positional(vm, "ftruncate", args, 2, 2)?;
        let size = vm.as_i64(&values[1]).unwrap_or(0).max(0) as u64;
        on_file(vm, &values[0], |file| match file {
            Open::File(file) => file.set_len(size),
            _ => Err(io::Error::from_raw_os_error(22)),
        })?;
        Ok(NONE)
    }),
    ("fsync", |vm, args| {
        let values = positional(vm, "fsync", args, 1, 1)?;
        on_file(vm, &values[0], |file| match file {
            Open::File(file) => file.sync_all(),
            _ => Ok(()),
        })?;
        Ok(NONE)
    }),
    ("isatty", |vm, args| {
        let values = positional(vm, "isatty", args, 1, 1)?;
        let answer = on_file(vm, &values[0], |file| {
            Ok(match file {
                Open::File(file) => file.is_terminal(),
                Open::In => io::stdin().is_terminal(),
                Open::Out => io::stdout().is_terminal(),
                Open::Err => io::stderr().is_terminal(),
            })
        });
        if answer.is_err() {
            vm.pending.set(None);
        }
        Ok(Value::bool(answer.unwrap_or(false)))
    }),
    ("pipe", |vm, _| {
        let (reader, writer) = io::pipe().map_err(|error| vm.os_error(&error, None))?;
        let mut fds = Vec::new();
        for file in
            [File::from(std::os::fd::OwnedFd::from(reader)), File::from(std::os::fd::OwnedFd::from(writer))]
        {
            fds.push(vm.int(keep(vm, file).into()));
        }
        Ok(vm.tuple(fds))
    }),
    ("dup", |vm, args| {
        let values = positional(vm, "dup", args, 1, 1)?;
        let copy = on_file(vm, &values[0], |file| match file {
            Open::File(file) => file.try_clone(),
            _ => Err(io::Error::from_raw_os_error(9)),
        })?;
        Ok(vm.int(keep(vm, copy).into()))
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
    Ok(())
}

/// What a descriptor names.
enum Open<'a> {
    File(&'a mut File),
    In,
    Out,
    Err,
}

fn bad_descriptor(vm: &Vm) -> Raised {
    vm.os_error(&io::Error::from_raw_os_error(9), None)
}

fn descriptor(vm: &Vm, value: &Value) -> R<i32> {
    match vm.as_i64(value).and_then(|it| i32::try_from(it).ok()) {
        Some(fd) => Ok(fd),
        None => Err(vm.type_error("a file descriptor must be an integer")),
    }
}

fn keep(vm: &Vm, file: File) -> i32 {
    let fd = file.as_raw_fd();
    vm.files.0.borrow_mut().insert(fd, file);
    fd
}

fn on_file<T>(vm: &Vm, fd: &Value, action: impl FnOnce(Open<'_>) -> io::Result<T>) -> R<T> {
    let fd = descriptor(vm, fd)?;
    let result = {
        let mut files = vm.files.0.borrow_mut();
        match (files.get_mut(&fd), fd) {
            (Some(file), _) => action(Open::File(file)),
            (None, 0) => {
                drop(files);
                vm.flush();
                action(Open::In)
            }
            (None, 1) => {
                drop(files);
                action(Open::Out)
            }
            (None, 2) => {
                drop(files);
                action(Open::Err)
            }
            _ => Err(io::Error::from_raw_os_error(9)),
        }
    };
    result.map_err(|error| vm.os_error(&error, None))
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
fn text(vm: &Vm, text: &OsStr) -> Value {
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
    match options.open(path(vm, &values[0])?) {
        Ok(file) => Ok(vm.int(keep(vm, file).into())),
        Err(error) => Err(vm.os_error(&error, Some(&values[0]))),
    }
}

fn fstat(vm: &Vm, fd: &Value) -> R {
    let found = on_file(vm, fd, |file| match file {
        Open::File(file) => file.metadata(),
        Open::In => std::fs::metadata("/dev/stdin"),
        Open::Out => std::fs::metadata("/dev/stdout"),
        Open::Err => std::fs::metadata("/dev/stderr"),
    })?;
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
