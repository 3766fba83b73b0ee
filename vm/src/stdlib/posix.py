# `posix`
import _pyrvm_basics as _b
import _pyrvm_os as _o
from _pyrvm import structseq as _structseq

error = OSError

globals().update(_o.names('posix'))
sysconf_names, pathconf_names, confstr_names = _o.names('sysconf'), _o.names('pathconf'), _o.names('confstr')
_have_functions = [
    'HAVE_EVENTFD', 'HAVE_TIMERFD_CREATE', 'HAVE_FACCESSAT', 'HAVE_FCHDIR', 'HAVE_FCHMOD', 'HAVE_FCHMODAT', 'HAVE_FCHOWN',
    'HAVE_FCHOWNAT', 'HAVE_FEXECVE', 'HAVE_FDOPENDIR', 'HAVE_FPATHCONF', 'HAVE_FSTATAT', 'HAVE_FSTATVFS', 'HAVE_FTRUNCATE',
    'HAVE_FUTIMENS', 'HAVE_FUTIMES', 'HAVE_FUTIMESAT', 'HAVE_LINKAT', 'HAVE_LCHOWN', 'HAVE_LSTAT', 'HAVE_LUTIMES',
    'HAVE_MEMFD_CREATE', 'HAVE_MKDIRAT', 'HAVE_MKFIFOAT', 'HAVE_MKNODAT', 'HAVE_OPENAT', 'HAVE_READLINKAT',
    'HAVE_RENAMEAT', 'HAVE_SYMLINKAT', 'HAVE_UNLINKAT', 'HAVE_UTIMENSAT', 'HAVE_PTSNAME_R']

stat_result = _structseq(
    'stat_result', 'os',
    ('st_mode', 'st_ino', 'st_dev', 'st_nlink', 'st_uid', 'st_gid', 'st_size', '_atime', '_mtime', '_ctime'),
    ('st_atime', 'st_mtime', 'st_ctime', 'st_atime_ns', 'st_mtime_ns', 'st_ctime_ns', 'st_blksize', 'st_blocks',
     'st_rdev'))
terminal_size = _structseq('terminal_size', 'os', ('columns', 'lines'))
uname_result = _structseq('uname_result', 'posix', ('sysname', 'nodename', 'release', 'version', 'machine'))
times_result = _structseq('times_result', 'posix',
                          ('user', 'system', 'children_user', 'children_system', 'elapsed'))


class sched_param(_structseq('sched_param', 'posix', ('sched_priority',))):
    __module__ = 'posix'

    def __new__(cls, sched_priority):
        return super().__new__(cls, (sched_priority,))

    def __reduce__(self):
        return sched_param, (self[0],)


statvfs_result = _structseq('statvfs_result', 'os', ('f_bsize', 'f_frsize', 'f_blocks', 'f_bfree', 'f_bavail',
                                                     'f_files', 'f_ffree', 'f_favail', 'f_flag', 'f_namemax'),
                            ('f_fsid',))
waitid_result = _structseq('waitid_result', 'posix', ('si_pid', 'si_uid', 'si_signo', 'si_status', 'si_code'))

environ = dict(_o.environ())

close, write, lseek, ftruncate = _o.close, _o.write, _o.lseek, _o.ftruncate
isatty, pipe, dup, getcwd, getpid, getppid = _o.isatty, _o.pipe, _o.dup, _o.getcwd, _o.getpid, _o.getppid
strerror = _o.strerror


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    kind = type(path)
    method = getattr(kind, '__fspath__', None)
    if method is None:
        raise TypeError('expected str, bytes or os.PathLike object, not ' + kind.__name__)
    made = method(path)
    if isinstance(made, (str, bytes)):
        return made
    raise TypeError(f'expected {kind.__name__}.__fspath__() to return str or bytes, not {type(made).__name__}')


def _fd(value):
    """A descriptor, whatever number it is."""
    if isinstance(value, bool):
        import warnings
        warnings.warn('bool is used as a file descriptor', RuntimeWarning, stacklevel=3)
    value = value.__index__()
    if value > 0x7FFFFFFF:
        raise OverflowError('fd is greater than maximum')
    if value < -0x80000000:
        raise OverflowError('fd is less than minimum')
    return int(value)


def _path(path, function, argument='path', fd=False, none=False):
    """What a function takes as a path: a text, bytes, or where it may be one the number of a file."""
    kind = type(path)
    if kind is not str and kind is not bytes:
        if path is None and none:
            return '.'
        if not isinstance(path, (str, bytes)):
            if fd and hasattr(kind, '__index__'):
                return _fd(path)
            if getattr(kind, '__fspath__', None) is None:
                wanted = ['string', 'bytes', 'os.PathLike'] + ['integer'] * fd + ['None'] * none
                wanted = ', '.join(wanted[:-1]) + ' or ' + wanted[-1]
                raise TypeError(f'{function}: {argument} should be {wanted}, not {kind.__name__}')
            path = fspath(path)
    if ('\0' if isinstance(path, str) else 0) in path:
        raise ValueError(f'{function}: embedded null character in {argument}')
    return path


def _dir(dir_fd):
    if dir_fd is None:
        return -100
    if not hasattr(type(dir_fd), '__index__'):
        raise TypeError(f'argument should be integer or None, not {type(dir_fd).__name__}')
    return _fd(dir_fd)


def _id(value, name):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f'{name} should be integer, not {type(value).__name__}')
    value = value.__index__()
    if value < -1:
        raise OverflowError(f'{name} is less than minimum')
    if value > 0xFFFFFFFF:
        raise OverflowError(f'{name} is greater than maximum')
    return value


def _only_paths(path, function, dir_fd, follow_symlinks=True):
    """A file that is open needs neither a folder nor a rule for links."""
    if isinstance(path, int):
        if dir_fd is not None:
            raise ValueError(f"{function}: can't specify dir_fd without matching path")
        if not follow_symlinks:
            raise ValueError(f'{function}: cannot use fd and follow_symlinks together')


def _result(row):
    mode, ino, dev, links, uid, gid, size, a, m, c, block, blocks, rdev = row
    second = 1_000_000_000
    return stat_result((mode, ino, dev, links, uid, gid, size, a // second, m // second, c // second,
                        a // second + 1e-9 * (a % second), m // second + 1e-9 * (m % second),
                        c // second + 1e-9 * (c % second), a, m, c, block, blocks, rdev))


def stat(path, *, dir_fd=None, follow_symlinks=True):
    path = _path(path, 'stat', fd=True)
    if dir_fd is None and follow_symlinks:
        return _result(_o.stat(path, -100, True))
    _only_paths(path, 'stat', dir_fd, follow_symlinks)
    return _result(_o.stat(path, _dir(dir_fd), follow_symlinks))


def lstat(path, *, dir_fd=None):
    return _result(_o.stat(_path(path, 'lstat'), _dir(dir_fd), False))


def fstat(fd):
    return _result(_o.fstat(fd))


def open(path, flags, mode=0o777, *, dir_fd=None):
    return _o.open(_path(path, 'open'), flags, mode, _dir(dir_fd))


def listdir(path=None):
    return [row[0] for row in _o.listdir(_path(path, 'listdir', fd=True, none=True))]


def mkdir(path, mode=0o777, *, dir_fd=None):
    _o.mkdir(_path(path, 'mkdir'), mode, _dir(dir_fd))


def rmdir(path, *, dir_fd=None):
    _o.unlink(_path(path, 'rmdir'), _dir(dir_fd), True)


def unlink(path, *, dir_fd=None):
    _o.unlink(_path(path, 'unlink'), _dir(dir_fd), False)


def remove(path, *, dir_fd=None):
    _o.unlink(_path(path, 'remove'), _dir(dir_fd), False)


def rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    _o.rename(_path(src, 'rename', 'src'), _path(dst, 'rename', 'dst'), _dir(src_dir_fd), _dir(dst_dir_fd))


def replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    _o.rename(_path(src, 'replace', 'src'), _path(dst, 'replace', 'dst'), _dir(src_dir_fd), _dir(dst_dir_fd))


def symlink(src, dst, target_is_directory=False, *, dir_fd=None):
    _o.symlink(_path(src, 'symlink', 'src'), _path(dst, 'symlink', 'dst'), _dir(dir_fd))


def link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True):
    _o.link(_path(src, 'link', 'src'), _path(dst, 'link', 'dst'), _dir(src_dir_fd), _dir(dst_dir_fd), follow_symlinks)


def readlink(path, *, dir_fd=None):
    return _o.readlink(_path(path, 'readlink'), _dir(dir_fd))


def chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
    path = _path(path, 'chmod', fd=True)
    if isinstance(path, int):
        if dir_fd is not None:
            raise ValueError("chmod: can't specify dir_fd without matching path")
        try:
            return _o.fchmod(path, mode)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
    _o.chmod(path, mode, _dir(dir_fd), follow_symlinks)


def fchmod(fd, mode):
    _o.fchmod(fd, mode)


def chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True):
    path = _path(path, 'chown', fd=True)
    uid, gid = _id(uid, 'uid'), _id(gid, 'gid')
    _only_paths(path, 'chown', dir_fd, follow_symlinks)
    _o.chown(path, uid, gid, _dir(dir_fd), follow_symlinks)


def fchown(fd, uid, gid):
    _o.fchown(fd, _id(uid, 'uid'), _id(gid, 'gid'))


def lchown(path, uid, gid):
    _o.chown(_path(path, 'lchown'), _id(uid, 'uid'), _id(gid, 'gid'), -100, False)


def _seconds(value):
    """Whole seconds and nanoseconds, rounded down."""
    if isinstance(value, float):
        if value != value:
            raise ValueError('Invalid value NaN (not a number)')
        whole = value // 1
        if not -2.0 ** 63 <= whole < 2.0 ** 63:
            raise OverflowError('timestamp out of range for platform time_t')
        return int(whole), int((value - whole) * 1e9)
    if not hasattr(type(value), '__index__'):
        raise TypeError(f'argument must be int or float, not {type(value).__name__}')
    value = value.__index__()
    if not -1 << 63 <= value < 1 << 63:
        raise OverflowError('timestamp out of range for platform time_t')
    return value, 0


def _nanoseconds(value):
    made = divmod(value, 1_000_000_000)
    if not isinstance(made, tuple):
        raise TypeError(f'{type(value).__name__}.__divmod__() must return a 2-tuple, not {type(made).__name__}')
    if len(made) != 2:
        raise TypeError(f'{type(value).__name__}.__divmod__() must return a 2-tuple, not a tuple of size {len(made)}')
    for part in made:
        if not isinstance(part, int):
            raise TypeError(f"'{type(part).__name__}' object cannot be interpreted as an integer")
        if not -1 << 63 <= part < 1 << 63:
            raise OverflowError('timestamp out of range for platform time_t')
    return made


def utime(path, times=None, *, ns=..., dir_fd=None, follow_symlinks=True):
    path = _path(path, 'utime', fd=True)
    if times is not None and ns is not ...:
        raise ValueError("utime: you may specify either 'times' or 'ns' but not both")
    row = None, 0, None, 0
    if times is not None:
        if not isinstance(times, tuple) or len(times) != 2:
            raise TypeError("utime: 'times' must be either a tuple of two ints or None")
        row = *_seconds(times[0]), *_seconds(times[1])
    elif ns is not ...:
        if not isinstance(ns, tuple) or len(ns) != 2:
            raise TypeError("utime: 'ns' must be a tuple of two ints")
        row = *_nanoseconds(ns[0]), *_nanoseconds(ns[1])
    _only_paths(path, 'utime', dir_fd, follow_symlinks)
    _o.utime(path, *row, _dir(dir_fd), follow_symlinks)


def mkfifo(path, mode=0o666, *, dir_fd=None):
    _o.mknod(_path(path, 'mkfifo'), mode & 0o7777 | 0o010000, 0, _dir(dir_fd))


def mknod(path, mode=0o600, device=0, *, dir_fd=None):
    if mode & 0o170000 == 0:
        mode |= 0o100000
    _o.mknod(_path(path, 'mknod'), mode, device, _dir(dir_fd))


def _device(value):
    value = value.__index__()
    if value == -1:
        return value
    if value < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if value >= 1 << 64:
        raise OverflowError('int too big to convert')
    return value


def major(device, /):
    device = _device(device)
    return device if device == -1 else device >> 8 & 0xFFF | device >> 32 & 0xFFFFF000


def minor(device, /):
    device = _device(device)
    return device if device == -1 else device & 0xFF | device >> 12 & 0xFFFFFF00


def makedev(major, minor, /):
    major, minor = _device(major), _device(minor)
    if major == minor == -1:
        return -1
    major, minor = major & 0xFFFFFFFF, minor & 0xFFFFFFFF
    return (major & 0xFFF) << 8 | (major & 0xFFFFF000) << 32 | minor & 0xFF | (minor & 0xFFFFFF00) << 12


def chdir(path):
    path = _path(path, 'chdir', fd=True)
    if isinstance(path, int):
        return fchdir(path)
    _o.chdir(path)


def fchdir(fd):
    _o.fchdir(_descriptor(fd))


def _descriptor(fd):
    """A file, or what has a `fileno()`."""
    from _pyrvm_descriptor import fileno
    return fileno(fd)


def fsync(fd):
    _o.fsync(_descriptor(fd))


def fdatasync(fd):
    _o.fsync(_descriptor(fd))


def chroot(path):
    _o.chroot(_path(path, 'chroot'))


def statvfs(path):
    return statvfs_result(_o.statvfs(_path(path, 'statvfs', fd=True)))


def fstatvfs(fd, /):
    return statvfs_result(_o.statvfs(_fd(fd)))


def getxattr(path, attribute, *, follow_symlinks=True):
    path = _path(path, 'getxattr', fd=True)
    _only_paths(path, 'getxattr', None, follow_symlinks)
    return _o.getxattr(path, _path(attribute, 'getxattr', 'attribute'), follow_symlinks)


def setxattr(path, attribute, value, flags=0, *, follow_symlinks=True):
    path = _path(path, 'setxattr', fd=True)
    _only_paths(path, 'setxattr', None, follow_symlinks)
    _o.setxattr(path, _path(attribute, 'setxattr', 'attribute'), value, flags, follow_symlinks)


def removexattr(path, attribute, *, follow_symlinks=True):
    path = _path(path, 'removexattr', fd=True)
    _only_paths(path, 'removexattr', None, follow_symlinks)
    _o.removexattr(path, _path(attribute, 'removexattr', 'attribute'), follow_symlinks)


def listxattr(path=None, *, follow_symlinks=True):
    path = _path(path, 'listxattr', fd=True, none=True)
    _only_paths(path, 'listxattr', None, follow_symlinks)
    return _o.listxattr(path, follow_symlinks)


def _name_of(name, names):
    if isinstance(name, str):
        if name not in names:
            raise ValueError('unrecognized configuration name')
        return names[name]
    if not isinstance(name, int):
        raise TypeError('configuration names must be strings or integers')
    return name


def pathconf(path, name):
    return _o.pathconf(_path(path, 'pathconf', fd=True), _name_of(name, pathconf_names))


def fpathconf(fd, name, /):
    try:
        return _o.pathconf(_fd(fd), _name_of(name, pathconf_names))
    except OSError as error:
        raise OSError(error.errno, error.strerror) from None


def confstr(name, /):
    return _o.confstr(_name_of(name, confstr_names))


def getcwdb():
    return getcwd().encode('utf-8', 'surrogateescape')


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    return _o.access(_path(path, 'access'), mode, _dir(dir_fd), effective_ids, follow_symlinks)


def read(fd, length, /):
    if length < 0:
        raise OSError(22, 'Invalid argument')
    return _o.read(fd, length)


def _fill(buffer, data):
    """Puts bytes at the start of an object with memory that can be written."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError(f'read-write bytes-like object expected, not {type(buffer).__name__}')
    if view.format != 'B' or view.ndim != 1:
        view = view.cast('B')
    view[:len(data)] = data


def _size(buffer):
    return memoryview(buffer).nbytes


def readinto(fd, buffer, /):
    data = _o.read(fd, _size(buffer))
    _fill(buffer, data)
    return len(data)


def _scatter(data, buffers):
    at = 0
    for buffer in buffers:
        part = data[at:at + _size(buffer)]
        if not part:
            break
        _fill(buffer, part)
        at += len(part)
    return len(data)


def _row_of_buffers(buffers, function):
    if not hasattr(type(buffers), '__getitem__') or not hasattr(type(buffers), '__len__'):
        raise TypeError(f'{function}() arg 2 must be a sequence')
    return list(buffers)


def readv(fd, buffers, /):
    buffers = _row_of_buffers(buffers, 'readv')
    return _scatter(_o.readv(fd, sum(map(_size, buffers))), buffers)


def preadv(fd, buffers, offset, flags=0, /):
    buffers = _row_of_buffers(buffers, 'preadv2')
    return _scatter(_o.readv(fd, sum(map(_size, buffers)), offset, flags), buffers)


def writev(fd, buffers, /):
    return write(fd, b''.join(_row_of_buffers(buffers, 'writev')))


def pwritev(fd, buffers, offset, flags=0, /):
    return _o.pwrite(fd, b''.join(_row_of_buffers(buffers, 'pwritev')), offset, flags)


def pread(fd, length, offset, /):
    if length < 0:
        raise OSError(22, 'Invalid argument')
    return _o.readv(fd, length, offset)


def pwrite(fd, buffer, offset, /):
    return _o.pwrite(fd, buffer, offset, 0)


def sendfile(out_fd, in_fd, offset, count):
    return _o.copy(0, in_fd, out_fd, count, offset, None, 0)


def copy_file_range(src, dst, count, offset_src=None, offset_dst=None):
    if count < 0:
        raise ValueError("negative value for 'count' not allowed")
    return _o.copy(1, src, dst, count, offset_src, offset_dst, 0)


def splice(src, dst, count, offset_src=None, offset_dst=None, flags=0):
    if count < 0:
        raise ValueError("negative value for 'count' not allowed")
    return _o.copy(2, src, dst, count, offset_src, offset_dst, flags)


def memfd_create(name, flags=MFD_CLOEXEC):
    name = fsencode(name)
    if 0 in name:
        raise ValueError('embedded null byte')
    return _o.memfd_create(name, flags)


def posix_fallocate(fd, offset, length, /):
    _o.posix_fallocate(fd, offset, length)


def posix_fadvise(fd, offset, length, advice, /):
    _o.posix_fadvise(fd, offset, length, advice)


def urandom(size, /):
    if size.__index__() < 0 if hasattr(size, '__index__') else False:
        raise ValueError('negative argument not allowed')
    return _o.urandom(size)


def getrandom(size, flags=0):
    if size < 0:
        raise OSError(22, 'Invalid argument')
    return _o.getrandom(size, flags)


def cpu_count():
    count = _o.sysconf(84)
    return count if count > 0 else None


def ctermid():
    return '/dev/tty'


ttyname, ptsname, posix_openpt, grantpt, unlockpt = _o.ttyname, _o.ptsname, _o.posix_openpt, _o.grantpt, _o.unlockpt
sync, getresuid, getresgid, sched_getscheduler = _o.sync, _o.getresuid, _o.getresgid, _o.sched_getscheduler
sched_rr_get_interval = _o.sched_rr_get_interval


def tcgetpgrp(fd, /):
    return _o.terminal_line(5, fd, 0)


def tcsetpgrp(fd, pgid, /):
    _o.terminal_line(4, fd, pgid)


def login_tty(fd, /):
    setsid()
    _o.control_terminal(fd)
    for to in range(3):
        dup2(fd, to)
    if fd > 2:
        close(fd)


def forkpty():
    main, other = openpty()
    child = fork()
    if child:
        close(other)
        return child, main
    close(main)
    login_tty(other)
    return 0, main


def setuid(uid, /):
    _o.setuid(_id(uid, 'uid'))


def setgid(gid, /):
    _o.setgid(_id(gid, 'gid'))


def seteuid(euid, /):
    _o.seteuid(_id(euid, 'uid'))


def setegid(egid, /):
    _o.setegid(_id(egid, 'gid'))


def setreuid(ruid, euid, /):
    _o.setreuid(_id(ruid, 'uid'), _id(euid, 'uid'))


def setregid(rgid, egid, /):
    _o.setregid(_id(rgid, 'gid'), _id(egid, 'gid'))


def setresuid(ruid, euid, suid, /):
    _o.setresuid(_id(ruid, 'uid'), _id(euid, 'uid'), _id(suid, 'uid'))


def setresgid(rgid, egid, sgid, /):
    _o.setresgid(_id(rgid, 'gid'), _id(egid, 'gid'), _id(sgid, 'gid'))


def setgroups(groups, /):
    _o.setgroups([_id(group, 'gid') for group in groups])


def getgrouplist(user, group, /):
    return _o.getgrouplist(user, _id(group, 'gid'))


def initgroups(username, gid, /):
    _o.initgroups(username, _id(gid, 'gid'))


def sched_setscheduler(pid, policy, param, /):
    _o.sched_setscheduler(pid, policy, _sched_priority(param))


def sched_getparam(pid, /):
    return sched_param(_o.sched_getparam(pid))


def sched_setparam(pid, param, /):
    _o.sched_setparam(pid, _sched_priority(param))


def _sched_priority(param):
    if not isinstance(param, sched_param):
        raise TypeError('must have a sched_param object')
    return param[0]


def sched_get_priority_min(policy):
    return _o.sched_priority_limit(policy, 0)


def sched_get_priority_max(policy):
    return _o.sched_priority_limit(policy, 1)


def sched_getaffinity(pid, /):
    return set(_o.sched_getaffinity(pid))


def sched_setaffinity(pid, mask, /):
    row = []
    for cpu in mask:
        if not isinstance(cpu, int):
            raise TypeError(f'expected an iterator of ints, but iterator yielded {type(cpu)!r}')
        if cpu < 0:
            raise ValueError('negative CPU number')
        if cpu >= 1 << 63:
            raise OverflowError('Python int too large to convert to C long')
        if cpu >= 0x7FFFFFFF:
            raise OverflowError('CPU number too large')
        row.append(cpu)
    _o.sched_setaffinity(pid, row)


def _usage(row):
    import resource
    return resource.struct_rusage(row)


def wait3(options):
    return wait4(-1, options)


def wait4(pid, options):
    pid, status, usage = _o.wait4(pid, options)
    return pid, status, _usage(usage)


def waitid(idtype, id, options, /):
    found = _o.waitid(idtype, id, options)
    return None if found is None else waitid_result(found)


def system(command):
    return _o.system(fsencode(command))


def pidfd_open(pid, flags=0):
    return _o.pidfd_open(pid, flags)


def unshare(flags):
    _o.namespaces(-1, flags)


def setns(fd, nstype=0):
    _o.namespaces(_descriptor(fd), nstype)


def _timer_nanoseconds(seconds, name):
    if isinstance(seconds, float):
        whole, rest = _seconds(seconds)
        return whole * 1_000_000_000 + rest
    return _seconds(seconds)[0] * 1_000_000_000


def timerfd_create(clockid, /, *, flags=TFD_CLOEXEC):
    return _o.timerfd_create(clockid, flags | TFD_CLOEXEC)


def timerfd_settime_ns(fd, /, *, flags=0, initial=0, interval=0):
    return _o.timerfd_settime(fd, flags, initial, interval)


def timerfd_gettime_ns(fd, /):
    return _o.timerfd_gettime(fd)


def timerfd_settime(fd, /, *, flags=0, initial=0.0, interval=0.0):
    row = _o.timerfd_settime(fd, flags, _timer_nanoseconds(initial, 'initial'), _timer_nanoseconds(interval, 'interval'))
    return tuple([it / 1_000_000_000 for it in row])


def timerfd_gettime(fd, /):
    return tuple([it / 1_000_000_000 for it in _o.timerfd_gettime(fd)])


def _path_exists(path):
    try:
        stat(path)
    except (OSError, ValueError):
        return False
    return True


def _kind(path, kind):
    try:
        return stat(path).st_mode & 0o170000 == kind
    except (OSError, ValueError):
        return False


def _path_isdir(path):
    return _kind(path, 0o040000)


def _path_isfile(path):
    return _kind(path, 0o100000)


def _path_islink(path):
    try:
        return lstat(path).st_mode & 0o170000 == 0o120000
    except (OSError, ValueError, AttributeError):
        return False


def _path_splitroot_ex(path):
    path = fspath(path)
    sep, empty = (b'/', b'') if isinstance(path, bytes) else ('/', '')
    if path[:1] != sep:
        return empty, empty, path
    if path[1:2] != sep or path[2:3] == sep:
        return empty, sep, path[1:]
    return empty, path[:2], path[2:]


class DirEntry:
    __module__ = 'posix'
    __slots__ = 'name', 'path', '_folder', '_kind', '_inode', '_stat', '_lstat'

    def __new__(cls, *args, **names):
        raise TypeError("cannot create 'posix.DirEntry' instances")

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'posix.DirEntry' object")

    def stat(self, *, follow_symlinks=True):
        if follow_symlinks and self._link():
            if self._stat is None:
                self._stat = stat(self._place(), dir_fd=self._folder)
            return self._stat
        if self._lstat is None:
            self._lstat = lstat(self._place(), dir_fd=self._folder)
        return self._lstat

    def _place(self):
        return self.path if self._folder is None else self.name

    def _link(self):
        if not self._kind:
            self._kind = self.stat(follow_symlinks=False).st_mode & 0o170000
        return self._kind == 0o120000

    def _is(self, kind, follow):
        try:
            if follow and self._link():
                return self.stat().st_mode & 0o170000 == kind
            self._link()
        except FileNotFoundError:
            return False
        return self._kind == kind

    def is_dir(self, *, follow_symlinks=True):
        return self._is(0o040000, follow_symlinks)

    def is_file(self, *, follow_symlinks=True):
        return self._is(0o100000, follow_symlinks)

    def is_symlink(self):
        return self._is(0o120000, False)

    def is_junction(self):
        return False

    def inode(self):
        return self._inode

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f'<DirEntry {self.name!r}>'

    __class_getitem__ = classmethod(type(list[int]))


class ScandirIterator:
    __module__ = 'posix'
    __slots__ = '_it', '_path', '_sep', '_folder', '__weakref__'

    def __new__(cls, *args, **names):
        raise TypeError("cannot create 'posix.ScandirIterator' instances")

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'posix.ScandirIterator' object")

    def __iter__(self):
        return self

    def __next__(self):
        if self._it is None:
            raise StopIteration
        for name, kind, inode in self._it:
            entry = object.__new__(DirEntry)
            entry.name, entry._kind, entry._inode, entry._folder = name, kind, inode, self._folder
            entry._stat = entry._lstat = None
            entry.path = name if self._folder is not None else self._path + self._sep + name
            return entry
        self._it = None
        raise StopIteration

    def close(self):
        self._it = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def __del__(self):
        if self._it is not None:
            import warnings
            warnings.warn(f'unclosed scandir iterator {self!r}', ResourceWarning, source=self)


def scandir(path=None):
    path = _path(path, 'scandir', fd=True, none=True)
    made = object.__new__(ScandirIterator)
    made._it = None
    made._path, made._folder, made._sep = path, None, ''
    if isinstance(path, int):
        made._folder = path
    else:
        sep = b'/' if isinstance(path, bytes) else '/'
        made._sep = sep[:0] if path.endswith(sep) else sep
    made._it = iter(_o.listdir(path))
    return made


def fsencode(name):
    name = fspath(name)
    return name.encode('utf-8', 'surrogateescape') if isinstance(name, str) else name


def putenv(name, value, /):
    name, value = fsencode(name), fsencode(value)
    if 0 in name or 0 in value:
        raise ValueError('embedded null byte')
    if b'=' in name:
        raise ValueError('illegal environment variable name')
    _o.set_environment(name, value)


def unsetenv(name, /):
    _o.set_environment(fsencode(name), None)


umask, getuid, getgid, geteuid, getegid = _o.umask, _o.getuid, _o.getgid, _o.geteuid, _o.getegid
kill, getpgid, getsid, setsid, setpgid = _o.kill, _o.getpgid, _o.getsid, _o.setsid, _o.setpgid
sched_yield, getgroups = _o.sched_yield, _o.getgroups
waitpid, get_inheritable, get_blocking, openpty = _o.waitpid, _o.get_inheritable, _o.get_blocking, _o.openpty


def killpg(pgid, signal, /):
    kill(-pgid, signal)


def getpgrp():
    return getpgid(0)


def setpgrp():
    setpgid(0, 0)


def getpriority(which, who):
    return 20 - _o.getpriority(which, who)


def setpriority(which, who, priority):
    _o.setpriority(which, who, priority)


def nice(increment, /):
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + increment)
    return getpriority(PRIO_PROCESS, 0)


def getlogin():
    import pwd
    return pwd.getpwuid(getuid()).pw_name


def wait():
    return waitpid(-1, 0)


def WIFEXITED(status):
    return status & 0x7F == 0


def WEXITSTATUS(status):
    return status >> 8 & 0xFF


def WIFSIGNALED(status):
    return status & 0x7F not in (0, 0x7F)


def WTERMSIG(status):
    return status & 0x7F


def WIFSTOPPED(status):
    return status & 0xFF == 0x7F


def WSTOPSIG(status):
    return status >> 8 & 0xFF


def WIFCONTINUED(status):
    return status == 0xFFFF


def WCOREDUMP(status, /):
    return status & 0x80 != 0


def set_inheritable(fd, inheritable, /):
    _o.set_inheritable(fd, 1 if inheritable else 0)


def set_blocking(fd, blocking, /):
    _o.set_blocking(fd, 1 if blocking else 0)


def dup2(fd, fd2, inheritable=True):
    return _o.dup2(fd, fd2, 1 if inheritable else 0)


def pipe2(flags, /):
    pair = pipe()
    for fd in pair:
        if not flags & O_CLOEXEC:
            set_inheritable(fd, True)
        if flags & O_NONBLOCK:
            set_blocking(fd, False)
    return pair


def closerange(fd_low, fd_high, /):
    for fd in range(fd_low, fd_high):
        try:
            close(fd)
        except OSError:
            pass


def eventfd(initval, flags=EFD_CLOEXEC):
    return _o.eventfd(initval, flags)


def lockf(fd, command, len, /):
    if command == F_TEST:
        raise NotImplementedError('pyrvm cannot do this yet: lockf(F_TEST)')
    _o.lock_file(fd, 1 if command == F_LOCK else 0, 2 if command == F_ULOCK else 1, 1, 0, len)


def truncate(path, length):
    path = _path(path, 'truncate', fd=True)
    if isinstance(path, int):
        return ftruncate(path, length)
    _o.truncate(path, length)


def eventfd_read(fd):
    return int.from_bytes(_o.read(fd, 8), 'little')


def eventfd_write(fd, value):
    if not 0 <= value < 1 << 64:
        raise OverflowError('int too big to convert' if value > 0 else "can't convert negative value to unsigned int")
    write(fd, value.to_bytes(8, 'little'))


def times():
    ticks = _o.sysconf(sysconf_names['SC_CLK_TCK'])
    return times_result([it / ticks for it in _o.times()])


def sysconf(name, /):
    return _o.sysconf(_name_of(name, sysconf_names))


def getloadavg():
    fd = open('/proc/loadavg', O_RDONLY)
    try:
        return tuple(float(it) for it in read(fd, 100).split()[:3])
    finally:
        close(fd)


def get_terminal_size(fd=1, /):
    return terminal_size(_o.terminal_size(fd))


def uname():
    def of(name):
        fd = open('/proc/sys/kernel/' + name, O_RDONLY)
        try:
            return read(fd, 1000).decode().strip()
        finally:
            close(fd)
    machine = _b.machine()
    return uname_result(('Linux', of('hostname'), of('osrelease'), of('version'), machine))


def _environment(env):
    if not hasattr(env, 'keys') or not hasattr(env, 'values'):
        raise TypeError('execve: environment must be a mapping object')
    rows = []
    for key, value in zip(list(env.keys()), list(env.values())):
        key, value = fsencode(key), fsencode(value)
        if not key or b'=' in key[1:]:
            raise ValueError('illegal environment variable name')
        rows.append(key + b'=' + value)
    return rows


def _arguments(argv, name):
    if not isinstance(argv, (list, tuple)):
        raise TypeError(f'{name}() arg 2 must be a tuple or list')
    if not argv:
        raise ValueError(f'{name}() arg 2 must not be empty')
    argv = [fsencode(arg) for arg in argv]
    if not argv[0]:
        raise ValueError(f'{name}() arg 2 first element cannot be empty')
    return argv


def execv(path, argv, /):
    _o.execve(fsencode(path), _arguments(argv, 'execv'), None)


def execve(path, argv, env):
    path = _path(path, 'execve', fd=True)
    argv, env = _arguments(argv, 'execve'), _environment(env)
    place = fsencode(f'/proc/self/fd/{path}') if isinstance(path, int) else fsencode(path)
    try:
        _o.execve(place, argv, env)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def _spawn(name, path, argv, env, search, actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(),
           setsigdef=(), scheduler=None):
    """Starts a program: a child that prepares itself and then becomes it, and tells through a pipe when it cannot."""
    path = _path(path, name)
    argv = _arguments(argv, name)
    env = None if env is None else _environment(env)
    steps = []
    for action in actions or ():
        if not isinstance(action, tuple) or not action:
            raise TypeError('Each file_actions element must be a non-empty tuple')
        kind, *rest = action
        if kind == POSIX_SPAWN_OPEN and len(rest) == 4:
            steps.append((kind, int(rest[0]), fsencode(rest[1]), *rest[2:]))
        elif kind == POSIX_SPAWN_DUP2 and len(rest) == 2 or kind in (POSIX_SPAWN_CLOSE, 3) and len(rest) == 1:
            steps.append(action)
        elif kind in (POSIX_SPAWN_OPEN, POSIX_SPAWN_CLOSE, POSIX_SPAWN_DUP2):
            raise TypeError('A file_actions element has a wrong number of arguments')
        else:
            raise TypeError('Unknown file_actions identifier')
    import _signal
    program = fsencode(path)
    programs = [program]
    if search and b'/' not in program:
        folders = fsencode(environ.get(b'PATH', b'/bin:/usr/bin')).split(b':')
        programs = [folder + b'/' + program if folder else program for folder in folders]
    told, tell = pipe()
    child = _o.fork()
    if not child:
        try:
            if setpgroup is not None:
                _o.setpgid(0, setpgroup)
            if setsid:
                _o.setsid()
            if resetids:
                _o.seteuid(getuid())
                _o.setegid(getgid())
            if scheduler:
                policy, param = scheduler
                if policy is None:
                    sched_setparam(0, param)
                else:
                    sched_setscheduler(0, policy, param)
            for number in setsigdef:
                _signal.signal(number, _signal.SIG_DFL)
            for kind, *rest in steps:
                if kind == POSIX_SPAWN_OPEN:
                    opened = _o.open(rest[1], rest[2], rest[3], -100)
                    if opened != rest[0]:
                        dup2(opened, rest[0])
                        close(opened)
                    else:
                        set_inheritable(opened, True)
                elif kind == POSIX_SPAWN_DUP2:
                    set_inheritable(rest[0], True) if rest[0] == rest[1] else dup2(*rest)
                elif kind == POSIX_SPAWN_CLOSE:
                    close(rest[0])
                else:
                    closerange(rest[0], 65536)
            if setsigmask:
                _signal.pthread_sigmask(_signal.SIG_SETMASK, setsigmask)
            failed = 2
            for program in programs:
                try:
                    _o.execve(program, argv, env)
                except OSError as error:
                    failed = error.errno
                    if failed not in (2, 20):
                        break
        except OSError as error:
            failed = error.errno
        except BaseException:
            failed = 22
        write(tell, failed.to_bytes(4, 'little'))
        _o._exit(127)
    close(tell)
    failed = _o.read(told, 4)
    close(told)
    if failed:
        waitpid(child, 0)
        failed = int.from_bytes(failed, 'little')
        raise OSError(failed, strerror(failed), path)
    return child


def posix_spawn(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(),
                setsigdef=(), scheduler=None):
    return _spawn('posix_spawn', path, argv, env, False, file_actions, setpgroup, resetids, setsid, setsigmask,
                  setsigdef, scheduler)


def posix_spawnp(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(),
                 setsigdef=(), scheduler=None):
    return _spawn('posix_spawnp', path, argv, env, True, file_actions, setpgroup, resetids, setsid, setsigmask,
                  setsigdef, scheduler)


def _create_environ():
    return dict(_o.environ())


_before_fork, _after_in_child, _after_in_parent = [], [], []


def register_at_fork(*, before=None, after_in_child=None, after_in_parent=None):
    if before is None and after_in_child is None and after_in_parent is None:
        raise TypeError('At least one argument is required.')
    for call, row in ((before, _before_fork), (after_in_child, _after_in_child), (after_in_parent, _after_in_parent)):
        if call is not None:
            if not callable(call):
                raise TypeError('must be callable')
            row.append(call)


def _call_all(row):
    for call in row:
        try:
            call()
        except BaseException as error:
            _b.unraisable(error, call)


def fork():
    _call_all(_before_fork[::-1])
    child = -1
    try:
        child = _o.fork()
    finally:
        _call_all(_after_in_parent if child else _after_in_child)
    if child:
        import _thread
        if _thread._count():
            import warnings
            warnings.warn(f'This process (pid={getpid()}) is multi-threaded, use of fork() may lead to deadlocks in the '
                          'child.', DeprecationWarning, stacklevel=2)
    return child


def device_encoding(fd):
    return 'UTF-8' if isatty(fd) else None


def waitstatus_to_exitcode(status):
    if not hasattr(status, '__index__'):
        raise TypeError(f"'{type(status).__name__}' object cannot be interpreted as an integer")
    if WIFEXITED(status):
        return WEXITSTATUS(status)
    if WIFSIGNALED(status):
        if WTERMSIG(status) <= 0:
            raise ValueError(f'invalid WTERMSIG: {WTERMSIG(status)}')
        return -WTERMSIG(status)
    if WIFSTOPPED(status):
        raise ValueError(f'process stopped by delivery of signal {WSTOPSIG(status)}')
    raise ValueError(f'invalid wait status: {status}')


def _exit(status):
    _o.flush_standard()
    _o._exit(status)


def abort():
    import _signal
    _signal.signal(_signal.SIGABRT, _signal.SIG_DFL)
    _signal.raise_signal(_signal.SIGABRT)
