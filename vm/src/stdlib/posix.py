# `posix`
import _pyrvm_basics as _b
import _pyrvm_os as _o
from _pyrvm import structseq as _structseq

error = OSError

O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE = 0, 1, 2, 3
O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_APPEND = 0o100, 0o200, 0o400, 0o1000, 0o2000
O_NONBLOCK = O_NDELAY = 0o4000
O_DSYNC, O_SYNC, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC = 0o10000, 0o4010000, 0o200000, 0o400000, 0o2000000
F_OK, R_OK, W_OK, X_OK = 0, 4, 2, 1
EX_OK, EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_SOFTWARE, EX_OSERR, EX_IOERR = 0, 64, 65, 66, 70, 71, 74
SEEK_DATA, SEEK_HOLE = 3, 4
WNOHANG, WUNTRACED, WCONTINUED = 1, 2, 8
P_NOWAIT, P_WAIT = 1, 0
_have_functions = []

stat_result = _structseq(
    'stat_result', 'os',
    ('st_mode', 'st_ino', 'st_dev', 'st_nlink', 'st_uid', 'st_gid', 'st_size', '_atime', '_mtime', '_ctime'),
    ('st_atime', 'st_mtime', 'st_ctime', 'st_atime_ns', 'st_mtime_ns', 'st_ctime_ns', 'st_blksize', 'st_blocks',
     'st_rdev'))
terminal_size = _structseq('terminal_size', 'os', ('columns', 'lines'))
uname_result = _structseq('uname_result', 'posix', ('sysname', 'nodename', 'release', 'version', 'machine'))
times_result = _structseq('times_result', 'posix',
                          ('user', 'system', 'children_user', 'children_system', 'elapsed'))
sched_param = _structseq('sched_param', 'posix', ('sched_priority',))
statvfs_result = _structseq('statvfs_result', 'os', ('f_bsize', 'f_frsize', 'f_blocks', 'f_bfree', 'f_bavail',
                                                     'f_files', 'f_ffree', 'f_favail', 'f_flag', 'f_namemax'))

environ = dict(_o.environ())

close, read, write, lseek, ftruncate, fsync = _o.close, _o.read, _o.write, _o.lseek, _o.ftruncate, _o.fsync
fdatasync = fsync
isatty, pipe, dup, getcwd, getpid, getppid = _o.isatty, _o.pipe, _o.dup, _o.getcwd, _o.getpid, _o.getppid
cpu_count, strerror, urandom, chdir = _o.cpu_count, _o.strerror, _o.urandom, _o.chdir


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    kind = type(path)
    try:
        made = kind.__fspath__(path)
    except AttributeError:
        if hasattr(kind, '__fspath__'):
            raise
        raise TypeError('expected str, bytes or os.PathLike object, not ' + kind.__name__) from None
    if isinstance(made, (str, bytes)):
        return made
    raise TypeError(f'expected {kind.__name__}.__fspath__() to return str or bytes, not {type(made).__name__}')


def _result(row):
    mode, ino, dev, links, uid, gid, size, a, m, c, block, blocks, rdev = row
    second = 1_000_000_000
    return stat_result((mode, ino, dev, links, uid, gid, size, a // second, m // second, c // second,
                        a / second, m / second, c / second, a, m, c, block, blocks, rdev))


def stat(path, *, dir_fd=None, follow_symlinks=True):
    return _result(_o.stat(path if isinstance(path, int) else fspath(path), follow_symlinks))


def lstat(path, *, dir_fd=None):
    return _result(_o.stat(fspath(path), False))


def fstat(fd):
    return _result(_o.stat(fd, True))


def open(path, flags, mode=0o777, *, dir_fd=None):
    return _o.open(fspath(path), flags, mode)


def listdir(path=None):
    path = '.' if path is None else fspath(path)
    names = _o.listdir(path)
    if isinstance(path, bytes):
        return [name.encode('utf-8', 'surrogateescape') for name in names]
    return names


def mkdir(path, mode=0o777, *, dir_fd=None):
    _o.mkdir(fspath(path), mode)


def rmdir(path, *, dir_fd=None):
    _o.rmdir(fspath(path))


def unlink(path, *, dir_fd=None):
    _o.unlink(fspath(path))


remove = unlink


def rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    _o.rename(fspath(src), fspath(dst))


replace = rename


def symlink(src, dst, target_is_directory=False, *, dir_fd=None):
    _o.symlink(fspath(src), fspath(dst))


def link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True):
    _o.link(fspath(src), fspath(dst))


def readlink(path, *, dir_fd=None):
    return _o.readlink(fspath(path))


def chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
    _o.chmod(fspath(path), mode)


def getcwdb():
    return getcwd().encode('utf-8', 'surrogateescape')


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    try:
        found = stat(path)
    except OSError:
        return False
    return not (mode & X_OK and not found.st_mode & 0o111 and found.st_mode & 0o170000 != 0o040000)


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


_path_lexists = None
del _path_lexists


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

    def __init__(self, folder, name):
        self.name = name
        sep = b'/' if isinstance(name, bytes) else '/'
        self.path = folder + name if folder.endswith(sep) else folder + sep + name
        self._lstat = None

    def stat(self, *, follow_symlinks=True):
        if follow_symlinks:
            return stat(self.path)
        if self._lstat is None:
            self._lstat = lstat(self.path)
        return self._lstat

    def _is(self, kind, follow):
        try:
            return self.stat(follow_symlinks=follow).st_mode & 0o170000 == kind
        except FileNotFoundError:
            return False

    def is_dir(self, *, follow_symlinks=True):
        return self._is(0o040000, follow_symlinks)

    def is_file(self, *, follow_symlinks=True):
        return self._is(0o100000, follow_symlinks)

    def is_symlink(self):
        return self._is(0o120000, False)

    def is_junction(self):
        return False

    def inode(self):
        return self.stat(follow_symlinks=False).st_ino

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f'<DirEntry {self.name!r}>'


class ScandirIterator:
    __module__ = 'posix'

    def __init__(self, path):
        self._it = iter([DirEntry(path, name) for name in listdir(path)])

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._it)

    def close(self):
        self._it = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def scandir(path=None):
    return ScandirIterator('.' if path is None else fspath(path))


def fsencode(name):
    name = fspath(name)
    return name.encode('utf-8', 'surrogateescape') if isinstance(name, str) else name


def putenv(name, value, /):
    _o.set_environment(fsencode(name), fsencode(value))


def unsetenv(name, /):
    _o.set_environment(fsencode(name), None)


umask, getuid, getgid, geteuid, getegid = _o.umask, _o.getuid, _o.getgid, _o.geteuid, _o.getegid
kill, getpgid, getsid, setsid, setpgid = _o.kill, _o.getpgid, _o.getsid, _o.setsid, _o.setpgid
fchmod, fchown, fchdir, sched_yield, getgroups = _o.fchmod, _o.fchown, _o.fchdir, _o.sched_yield, _o.getgroups
waitpid, get_inheritable, get_blocking, openpty = _o.waitpid, _o.get_inheritable, _o.get_blocking, _o.openpty
F_LOCK, F_TLOCK, F_ULOCK, F_TEST = 1, 2, 0, 3
PRIO_PROCESS, PRIO_PGRP, PRIO_USER = 0, 1, 2
EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE = 0o2000000, 0o4000, 1


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
    if isinstance(path, int):
        return ftruncate(path, length)
    fd = open(path, O_WRONLY)
    try:
        ftruncate(fd, length)
    finally:
        close(fd)


def pread(fd, length, offset, /):
    at = lseek(fd, 0, 1)
    lseek(fd, offset, 0)
    try:
        return read(fd, length)
    finally:
        lseek(fd, at, 0)


def pwrite(fd, buffer, offset, /):
    at = lseek(fd, 0, 1)
    lseek(fd, offset, 0)
    try:
        return write(fd, buffer)
    finally:
        lseek(fd, at, 0)


def times():
    ticks = _o.sysconf(sysconf_names['SC_CLK_TCK'])
    return times_result([it / ticks for it in _o.times()])


sysconf_names = {'SC_ARG_MAX': 0, 'SC_CHILD_MAX': 1, 'SC_CLK_TCK': 2, 'SC_NGROUPS_MAX': 3, 'SC_OPEN_MAX': 4,
                 'SC_PAGESIZE': 30, 'SC_PAGE_SIZE': 30, 'SC_NPROCESSORS_CONF': 83, 'SC_NPROCESSORS_ONLN': 84,
                 'SC_PHYS_PAGES': 85, 'SC_AVPHYS_PAGES': 86, 'SC_SEM_NSEMS_MAX': 32, 'SC_IOV_MAX': 60,
                 'SC_HOST_NAME_MAX': 180, 'SC_LOGIN_NAME_MAX': 71, 'SC_SYMLOOP_MAX': 173}


def sysconf(name, /):
    if isinstance(name, str):
        if name not in sysconf_names:
            raise ValueError('unrecognized configuration name')
        name = sysconf_names[name]
    return _o.sysconf(name)


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
    _o.execve(fsencode(path), _arguments(argv, 'execve'), _environment(env))


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
    return child


def device_encoding(fd):
    return 'UTF-8' if isatty(fd) else None


def process_cpu_count():
    return cpu_count()


def sched_getaffinity(pid, /):
    return set(range(cpu_count() or 1))


def _inputhook():
    pass


del _inputhook


def waitstatus_to_exitcode(status):
    if status & 0x7F == 0:
        return status >> 8 & 0xFF
    return -(status & 0x7F)


def _exit(status):
    _o.flush_standard()
    _o._exit(status)


def abort():
    import _signal
    _signal.signal(_signal.SIGABRT, _signal.SIG_DFL)
    _signal.raise_signal(_signal.SIGABRT)
