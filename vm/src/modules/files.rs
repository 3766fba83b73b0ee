//! Natives behind `posix` for what has a path or a place in a folder that is open: each takes its arguments in order,
//! after the Python above them gave them their types. A folder is a descriptor, `AT_FDCWD` (-100) for the process's own.

use super::processes::int32;
use crate::builtins::positional;
use crate::interp::{kernel, system};
use crate::object::callable::Args;
use crate::object::{Bytes, NativeFn, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use rustix::fs::{AtFlags, Gid, Mode, OFlags, Stat, StatVfs, Timestamps, Uid};
use rustix::io::Errno;
use rustix::time::Timespec;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{BorrowedFd, IntoRawFd};
use std::os::unix::ffi::OsStrExt;

/// The path of an argument, which has no zero in it.
fn place(vm: &Vm, value: &Value) -> R<CString> {
    let data = if let Some(text) = value.get::<Str>() {
        super::os::escaped(text)
    } else if let Some(bytes) = value.get::<Bytes>() {
        bytes.data.to_vec()
    } else {
        vm.path_text(value)?.into_bytes()
    };
    CString::new(data).map_err(|_| vm.value_error("embedded null byte"))
}

fn folder(vm: &Vm, value: &Value) -> R<BorrowedFd<'static>> {
    Ok(system::file(int32(vm, value)?))
}

/// A number for the system that Python has in any size.
fn number(vm: &Vm, value: &Value) -> R<i64> {
    super::native::index(vm, value)
}

fn failed(vm: &Vm, error: Errno, path: &Value) -> Raised {
    vm.os_error(&error.into(), Some(path))
}

fn failed_at_both(vm: &Vm, error: Errno, from: &Value, to: &Value) -> Raised {
    let error = io::Error::from(error);
    let number = error.raw_os_error().unwrap_or(0);
    let text = vm.str(&super::system_text(&error));
    let args = [vm.int(number.into()), text, from.clone(), NONE, to.clone()];
    let class = vm.exceptions.get(crate::builtins::exceptions::Exc::OSError).value().clone();
    match vm.call_with(&class, &args) {
        Ok(exception) => vm.raise_value(exception),
        Err(raised) => raised,
    }
}

fn plain<T>(vm: &Vm, result: rustix::io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error.into(), None))
}

fn told<T>(vm: &Vm, result: io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error, None))
}

fn following(follow: bool) -> AtFlags {
    if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW }
}

fn owner(id: i64) -> Option<u32> {
    u32::try_from(id).ok().filter(|it| *it != u32::MAX)
}

fn stat_row(vm: &Vm, found: &Stat) -> Value {
    let nanos =
        |seconds: i64, nanos: i64| vm.int(seconds.saturating_mul(1_000_000_000).saturating_add(nanos));
    vm.tuple(vec![
        vm.int(found.st_mode.into()),
        vm.int(found.st_ino as i64),
        vm.int(found.st_dev as i64),
        vm.int(found.st_nlink as i64),
        vm.int(found.st_uid.into()),
        vm.int(found.st_gid.into()),
        vm.int(found.st_size),
        nanos(found.st_atime, found.st_atime_nsec as i64),
        nanos(found.st_mtime, found.st_mtime_nsec as i64),
        nanos(found.st_ctime, found.st_ctime_nsec as i64),
        vm.int(found.st_blksize),
        vm.int(found.st_blocks),
        vm.int(found.st_rdev as i64),
    ])
}

fn statvfs_row(vm: &Vm, found: &StatVfs) -> Value {
    let row = [
        found.f_bsize,
        found.f_frsize,
        found.f_blocks,
        found.f_bfree,
        found.f_bavail,
        found.f_files,
        found.f_ffree,
        found.f_favail,
        found.f_flag.bits(),
        found.f_namemax,
        found.f_fsid,
    ];
    vm.tuple(row.iter().map(|&it| vm.int_of_usize(it as usize)).collect())
}

pub(super) const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("open", |vm, args| {
        let values = positional(vm, "open", args, 4, 4)?;
        let (path, dir) = (place(vm, &values[0])?, folder(vm, &values[3])?);
        let flags = OFlags::from_bits_retain(int32(vm, &values[1])? as u32) | OFlags::CLOEXEC;
        let mode = Mode::from_bits_retain(number(vm, &values[2])? as u32);
        // A named pipe waits for somebody at its other end.
        let opened = vm.retried(|| Ok(rustix::fs::openat(dir, &path, flags, mode)?))?;
        let file = opened.map_err(|error| vm.os_error(&error, Some(&values[0])))?;
        Ok(vm.int(file.into_raw_fd().into()))
    }),
    ("stat", |vm, args| {
        let values = positional(vm, "stat", args, 3, 3)?;
        if vm.as_i64(&values[0]).is_some() {
            let found = rustix::fs::fstat(system::file(int32(vm, &values[0])?));
            return Ok(stat_row(vm, &found.map_err(|error| failed(vm, error, &values[0]))?));
        }
        let (path, dir) = (place(vm, &values[0])?, folder(vm, &values[1])?);
        let found = rustix::fs::statat(dir, &path, following(vm.truth(&values[2])?));
        Ok(stat_row(vm, &found.map_err(|error| failed(vm, error, &values[0]))?))
    }),
    ("fstat", |vm, args| {
        let file = int32(vm, &positional(vm, "fstat", args, 1, 1)?[0])?;
        Ok(stat_row(vm, &plain(vm, rustix::fs::fstat(system::file(file)))?))
    }),
    ("access", |vm, args| {
        let values = positional(vm, "access", args, 5, 5)?;
        let (path, dir) = (place(vm, &values[0])?, folder(vm, &values[2])?);
        let wanted = rustix::fs::Access::from_bits_retain(number(vm, &values[1])? as u32);
        let effective = if vm.truth(&values[3])? { AtFlags::EACCESS } else { AtFlags::empty() };
        let flags = effective | following(vm.truth(&values[4])?);
        Ok(Value::bool(rustix::fs::accessat(dir, &path, wanted, flags).is_ok()))
    }),
    ("mkdir", |vm, args| {
        let values = positional(vm, "mkdir", args, 3, 3)?;
        let mode = Mode::from_bits_retain(number(vm, &values[1])? as u32);
        let made = rustix::fs::mkdirat(folder(vm, &values[2])?, place(vm, &values[0])?, mode);
        made.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("mknod", |vm, args| {
        let values = positional(vm, "mknod", args, 4, 4)?;
        let mode = number(vm, &values[1])? as u32;
        let (kind, bits) = (rustix::fs::FileType::from_raw_mode(mode), Mode::from_bits_retain(mode & 0o7777));
        let (path, device) = (place(vm, &values[0])?, number(vm, &values[2])? as u64);
        let dir = folder(vm, &values[3])?;
        plain(vm, rustix::fs::mknodat(dir, path, kind, bits, device))?;
        Ok(NONE)
    }),
    ("unlink", |vm, args| {
        let values = positional(vm, "unlink", args, 3, 3)?;
        let flags = if vm.truth(&values[2])? { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        let gone = rustix::fs::unlinkat(folder(vm, &values[1])?, place(vm, &values[0])?, flags);
        gone.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("rename", |vm, args| {
        let values = positional(vm, "rename", args, 4, 4)?;
        let (from, to) = (place(vm, &values[0])?, place(vm, &values[1])?);
        let moved = rustix::fs::renameat(folder(vm, &values[2])?, from, folder(vm, &values[3])?, to);
        moved.map(|()| NONE).map_err(|error| failed_at_both(vm, error, &values[0], &values[1]))
    }),
    ("symlink", |vm, args| {
        let values = positional(vm, "symlink", args, 3, 3)?;
        let (to, path) = (place(vm, &values[0])?, place(vm, &values[1])?);
        let made = rustix::fs::symlinkat(to, folder(vm, &values[2])?, path);
        made.map(|()| NONE).map_err(|error| failed_at_both(vm, error, &values[0], &values[1]))
    }),
    ("link", |vm, args| {
        let values = positional(vm, "link", args, 5, 5)?;
        let (from, to) = (place(vm, &values[0])?, place(vm, &values[1])?);
        let flags = if vm.truth(&values[4])? { AtFlags::SYMLINK_FOLLOW } else { AtFlags::empty() };
        let made = rustix::fs::linkat(folder(vm, &values[2])?, from, folder(vm, &values[3])?, to, flags);
        made.map(|()| NONE).map_err(|error| failed_at_both(vm, error, &values[0], &values[1]))
    }),
    ("readlink", |vm, args| {
        let values = positional(vm, "readlink", args, 2, 2)?;
        let found = rustix::fs::readlinkat(folder(vm, &values[1])?, place(vm, &values[0])?, Vec::new());
        let found = found.map_err(|error| failed(vm, error, &values[0]))?;
        if values[0].get::<Bytes>().is_some() {
            return Ok(vm.bytes(found.into_bytes()));
        }
        Ok(super::os::text(vm, OsStr::from_bytes(found.as_bytes())))
    }),
    ("chmod", |vm, args| {
        let values = positional(vm, "chmod", args, 4, 4)?;
        let mode = Mode::from_bits_retain(number(vm, &values[1])? as u32);
        let (path, dir, follow) = (place(vm, &values[0])?, folder(vm, &values[2])?, vm.truth(&values[3])?);
        let link = |found: Stat| found.st_mode & 0o170_000 == 0o120_000;
        // No mode of a symbolic link can be changed; of what is none it makes no difference.
        let done = if !follow && rustix::fs::statat(dir, &path, following(false)).is_ok_and(link) {
            Err(Errno::OPNOTSUPP)
        } else {
            rustix::fs::chmodat(dir, path, mode, AtFlags::empty())
        };
        done.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("chown", |vm, args| {
        let values = positional(vm, "chown", args, 5, 5)?;
        let user = owner(number(vm, &values[1])?).map(Uid::from_raw);
        let group = owner(number(vm, &values[2])?).map(Gid::from_raw);
        let done = if vm.as_i64(&values[0]).is_some() {
            rustix::fs::fchown(system::file(int32(vm, &values[0])?), user, group)
        } else {
            let (path, dir) = (place(vm, &values[0])?, folder(vm, &values[3])?);
            rustix::fs::chownat(dir, path, user, group, following(vm.truth(&values[4])?))
        };
        done.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("utime", utime),
    ("chroot", |vm, args| {
        let values = positional(vm, "chroot", args, 1, 1)?;
        let done = rustix::process::chroot(place(vm, &values[0])?);
        done.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("truncate", |vm, args| {
        let values = positional(vm, "truncate", args, 2, 2)?;
        let (path, size) = (place(vm, &values[0])?, number(vm, &values[1])?);
        let done = nix::unistd::truncate(path.as_c_str(), size).map_err(io::Error::from);
        done.map(|()| NONE).map_err(|error| vm.os_error(&error, Some(&values[0])))
    }),
    ("statvfs", |vm, args| {
        let values = positional(vm, "statvfs", args, 1, 1)?;
        let found = if vm.as_i64(&values[0]).is_some() {
            rustix::fs::fstatvfs(system::file(int32(vm, &values[0])?))
        } else {
            rustix::fs::statvfs(place(vm, &values[0])?)
        };
        Ok(statvfs_row(vm, &found.map_err(|error| failed(vm, error, &values[0]))?))
    }),
    ("getxattr", |vm, args| {
        let values = positional(vm, "getxattr", args, 3, 3)?;
        let name = place(vm, &values[1])?;
        let found = attribute(vm, values, 2, |target, buffer| match target {
            Target::File(file) => rustix::fs::fgetxattr(file, &name, buffer),
            Target::Path(path) => rustix::fs::getxattr(path, &name, buffer),
            Target::Link(path) => rustix::fs::lgetxattr(path, &name, buffer),
        })?;
        Ok(vm.bytes(found))
    }),
    ("listxattr", |vm, args| {
        let values = positional(vm, "listxattr", args, 2, 2)?;
        let found = attribute(vm, values, 1, |target, buffer| match target {
            Target::File(file) => rustix::fs::flistxattr(file, buffer),
            Target::Path(path) => rustix::fs::listxattr(path, buffer),
            Target::Link(path) => rustix::fs::llistxattr(path, buffer),
        })?;
        let names = found.split(|&it| it == 0).filter(|it| !it.is_empty());
        Ok(vm.list(names.map(|it| super::os::text(vm, OsStr::from_bytes(it))).collect()))
    }),
    ("setxattr", |vm, args| {
        let values = positional(vm, "setxattr", args, 5, 5)?;
        let (name, data) = (place(vm, &values[1])?, vm.buffer(&values[2])?);
        let flags = rustix::fs::XattrFlags::from_bits_retain(number(vm, &values[3])? as u32);
        let done = match target(vm, &values[0], vm.truth(&values[4])?)? {
            Target::File(file) => rustix::fs::fsetxattr(file, &name, &data, flags),
            Target::Path(path) => rustix::fs::setxattr(path, &name, &data, flags),
            Target::Link(path) => rustix::fs::lsetxattr(path, &name, &data, flags),
        };
        done.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("removexattr", |vm, args| {
        let values = positional(vm, "removexattr", args, 3, 3)?;
        let name = place(vm, &values[1])?;
        let done = match target(vm, &values[0], vm.truth(&values[2])?)? {
            Target::File(file) => rustix::fs::fremovexattr(file, &name),
            Target::Path(path) => rustix::fs::removexattr(path, &name),
            Target::Link(path) => rustix::fs::lremovexattr(path, &name),
        };
        done.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
    }),
    ("pathconf", |vm, args| {
        let values = positional(vm, "pathconf", args, 2, 2)?;
        let name = int32(vm, &values[1])?;
        let found = if vm.as_i64(&values[0]).is_some() {
            kernel::file_limit(int32(vm, &values[0])?, name)
        } else {
            kernel::path_limit(&place(vm, &values[0])?, name)
        };
        Ok(vm.int(found.map_err(|error| vm.os_error(&error, Some(&values[0])))?))
    }),
    ("readv", |vm, args| {
        let values = positional(vm, "readv", args, 2, 4)?;
        let file = system::file(int32(vm, &values[0])?);
        let size = number(vm, &values[1])?.clamp(0, 1 << 30) as usize;
        let at = values.get(2).map(|it| number(vm, it)).transpose()?;
        if at.is_some_and(|it| it < 0) {
            return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None));
        }
        let flags = values.get(3).map_or(Ok(0), |it| number(vm, it))?;
        let flags = rustix::io::ReadWriteFlags::from_bits_retain(flags as u32);
        vm.check_room(size)?;
        let data = vm.retried(|| {
            let mut data = vec![0; size];
            let count = match at {
                None => rustix::io::read(file, &mut data[..])?,
                Some(at) => {
                    let mut row = [io::IoSliceMut::new(&mut data)];
                    rustix::io::preadv2(file, &mut row, at as u64, flags)?
                }
            };
            data.truncate(count);
            Ok(data)
        })?;
        Ok(vm.bytes(told(vm, data)?))
    }),
    ("pwrite", |vm, args| {
        let values = positional(vm, "pwrite", args, 4, 4)?;
        let file = system::file(int32(vm, &values[0])?);
        let (data, at) = (vm.buffer(&values[1])?, number(vm, &values[2])?);
        if at < 0 {
            return Err(vm.os_error(&io::Error::from_raw_os_error(libc::EINVAL), None));
        }
        let flags = rustix::io::ReadWriteFlags::from_bits_retain(number(vm, &values[3])? as u32);
        let data: &[u8] = &data;
        let written =
            vm.retried(|| Ok(rustix::io::pwritev2(file, &[io::IoSlice::new(data)], at as u64, flags)?))?;
        Ok(vm.int_of_usize(told(vm, written)?))
    }),
    ("copy", |vm, args| {
        // The way (0: sendfile, 1: copy_file_range, 2: splice), from, to, how much, both places or None, flags.
        let values = positional(vm, "copy", args, 7, 7)?;
        let way = number(vm, &values[0])?;
        let (from, to) = (folder(vm, &values[1])?, folder(vm, &values[2])?);
        let count = number(vm, &values[3])?.max(0) as usize;
        let at = |value: &Value| if value.is_none() { Ok(None) } else { number(vm, value).map(Some) };
        let (at_from, at_to) = (at(&values[4])?, at(&values[5])?);
        let flags = rustix::pipe::SpliceFlags::from_bits_retain(number(vm, &values[6])? as u32);
        let copied = vm.retried(|| {
            let (mut first, mut second) = (at_from.map(|it| it as u64), at_to.map(|it| it as u64));
            let (first, second) = (first.as_mut(), second.as_mut());
            Ok(match way {
                0 => rustix::fs::sendfile(to, from, first, count)?,
                1 => rustix::fs::copy_file_range(from, first, to, second, count)?,
                _ => rustix::pipe::splice(from, first, to, second, count, flags)?,
            })
        })?;
        Ok(vm.int_of_usize(told(vm, copied)?))
    }),
    ("memfd_create", |vm, args| {
        let values = positional(vm, "memfd_create", args, 2, 2)?;
        let flags = rustix::fs::MemfdFlags::from_bits_retain(number(vm, &values[1])? as u32);
        let made = plain(vm, rustix::fs::memfd_create(place(vm, &values[0])?, flags))?;
        Ok(vm.int(made.into_raw_fd().into()))
    }),
];

/// `utime(path, seconds, nanoseconds, seconds, nanoseconds, folder, follow)`: of access, then of change; without
/// seconds it is now.
fn utime(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "utime", args, 7, 7)?;
    let time = |at: usize| {
        if values[at].is_none() {
            return Ok(Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW });
        }
        Ok(Timespec { tv_sec: number(vm, &values[at])?, tv_nsec: number(vm, &values[at + 1])? })
    };
    let times = Timestamps { last_access: time(1)?, last_modification: time(3)? };
    let done = if vm.as_i64(&values[0]).is_some() {
        rustix::fs::futimens(system::file(int32(vm, &values[0])?), &times)
    } else {
        let (path, dir) = (place(vm, &values[0])?, folder(vm, &values[5])?);
        rustix::fs::utimensat(dir, path, &times, following(vm.truth(&values[6])?))
    };
    done.map(|()| NONE).map_err(|error| failed(vm, error, &values[0]))
}

/// What an extended attribute is of.
enum Target {
    File(BorrowedFd<'static>),
    Path(CString),
    Link(CString),
}

fn target(vm: &Vm, value: &Value, follow: bool) -> R<Target> {
    if vm.as_i64(value).is_some() {
        return Ok(Target::File(folder(vm, value)?));
    }
    let path = place(vm, value)?;
    Ok(if follow { Target::Path(path) } else { Target::Link(path) })
}

/// Reads with a buffer that is large enough; the last of the arguments says whether links are followed.
fn attribute(
    vm: &Vm,
    values: &[Value],
    follow: usize,
    read: impl Fn(&Target, &mut [u8]) -> rustix::io::Result<usize>,
) -> R<Vec<u8>> {
    let target = target(vm, &values[0], vm.truth(&values[follow])?)?;
    let mut buffer = vec![0; 256];
    loop {
        match read(&target, &mut buffer) {
            Ok(size) => {
                buffer.truncate(size);
                return Ok(buffer);
            }
            Err(Errno::RANGE) if buffer.len() < 1 << 17 => buffer.resize(buffer.len() * 8, 0),
            Err(error) => return Err(failed(vm, error, &values[0])),
        }
    }
}
