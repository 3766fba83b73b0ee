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


def putenv(name, value, /):
    pass


def unsetenv(name, /):
    pass


def umask(mask, /):
    return 0o022


def getuid():
    return stat('/proc/self').st_uid


def getgid():
    return stat('/proc/self').st_gid


geteuid, getegid = getuid, getgid


def get_terminal_size(fd=1, /):
    raise OSError(25, 'Inappropriate ioctl for device')


def uname():
    def of(name):
        fd = open('/proc/sys/kernel/' + name, O_RDONLY)
        try:
            return read(fd, 1000).decode().strip()
        finally:
            close(fd)
    return uname_result(('Linux', of('hostname'), of('osrelease'), of('version'), 'x86_64'))


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


def get_inheritable(fd, /):
    return False


def set_inheritable(fd, inheritable, /):
    pass


def get_blocking(fd, /):
    return True


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
    raise SystemExit(status)
