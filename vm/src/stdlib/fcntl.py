# `fcntl`
import _pyrvm_os as _o
from _pyrvm_descriptor import fileno as _fileno
import struct as _struct

F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW = range(8)
F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG, F_DUPFD_CLOEXEC = 8, 9, 10, 11, 1030
F_RDLCK, F_WRLCK, F_UNLCK = 0, 1, 2
F_SETPIPE_SZ, F_GETPIPE_SZ = 1031, 1032
FD_CLOEXEC = 1
LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8
FASYNC = 0o20000


def fcntl(fd, cmd, arg=0, /):
    if not isinstance(arg, int):
        raise NotImplementedError('pyrvm cannot do this yet: fcntl with a structure')
    return _o.fcntl(_fileno(fd), cmd, arg)


def flock(fd, operation, /):
    _o.flock(_fileno(fd), operation)


def lockf(fd, cmd, len=0, start=0, whence=0, /):
    fd = _fileno(fd)
    if cmd & ~LOCK_NB == LOCK_UN:
        kind = F_UNLCK
    elif cmd & LOCK_SH:
        kind = F_RDLCK
    elif cmd & LOCK_EX:
        kind = F_WRLCK
    else:
        raise ValueError('unrecognized lockf argument')
    _o.lock_file(fd, 0 if cmd & LOCK_NB else 1, kind, whence, start, len)


def ioctl(fd, request, arg=0, mutate_flag=True, /):
    if request == 0x5413:
        columns, lines = _o.terminal_size(_fileno(fd))
        return _struct.pack('HHHH', lines, columns, 0, 0)
    raise NotImplementedError('pyrvm cannot do this yet: ioctl')
