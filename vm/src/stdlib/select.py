# `select`: all of it stands on the system's `poll`.
import _pyrvm_os as _o
from _pyrvm_descriptor import fileno as _fileno
from _pyrvm_io import builtin as _builtin

globals().update(_o.names('select'))
error = OSError


def _milliseconds(timeout, unit):
    """How long to wait, rounded up; -1 for ever."""
    if timeout is None:
        return -1
    if not isinstance(timeout, (int, float)):
        if not hasattr(timeout, '__index__') and not hasattr(timeout, '__float__'):
            raise TypeError('timeout must be a real number or None')
        timeout = float(timeout)
    value = timeout * unit
    whole = int(value)
    return whole + (value > whole)


def select(rlist, wlist, xlist, timeout=None, /):
    wait = _milliseconds(timeout, 1000)
    if timeout is not None and timeout < 0:
        raise ValueError('timeout must be non-negative')
    rows = [[(_fileno(it), it) for it in row] for row in (rlist, wlist, xlist)]
    wanted = {}
    for row, events in zip(rows, (POLLIN, POLLOUT, POLLPRI)):
        for fd, _ in row:
            wanted[fd] = wanted.get(fd, 0) | events
    ready = dict(_o.poll(list(wanted.items()), wait))
    if any(events & POLLNVAL for events in ready.values()):
        raise OSError(9, 'Bad file descriptor')
    masks = (POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI)
    return tuple([it for fd, it in row if ready.get(fd, 0) & mask] for row, mask in zip(rows, masks))


select.__module__ = 'select'
# An attribute of classes in the library, which is not their method.
select = _builtin(select)


class poll:

    def __init__(self):
        self._wanted = {}
        self._polling = False

    def register(self, fd, eventmask=POLLIN | POLLPRI | POLLOUT, /):
        if not isinstance(eventmask, int):
            raise TypeError(f"'{type(eventmask).__name__}' object cannot be interpreted as an integer")
        if eventmask < 0:
            raise ValueError('value must be positive')
        if eventmask > 65535:
            raise OverflowError('Python int too large for C unsigned short')
        self._wanted[_fileno(fd)] = eventmask

    def modify(self, fd, eventmask, /):
        fd = _fileno(fd)
        if fd not in self._wanted:
            raise FileNotFoundError(2, 'No such file or directory')
        self.register(fd, eventmask)

    def unregister(self, fd, /):
        del self._wanted[_fileno(fd)]

    def poll(self, timeout=None, /):
        wait = _milliseconds(timeout, 1)
        if self._polling:
            raise RuntimeError('concurrent poll() invocation')
        self._polling = True
        try:
            return _o.poll(list(self._wanted.items()), max(wait, -1))
        finally:
            self._polling = False


class epoll:

    def __init__(self, sizehint=-1, flags=0):
        if sizehint != -1 and sizehint <= 0:
            raise ValueError('sizehint must be positive or -1')
        if flags & ~EPOLL_CLOEXEC:
            raise OSError(22, 'invalid flags')
        self._fd = _o.epoll_create()

    @classmethod
    def fromfd(cls, fd, /):
        if not hasattr(fd, '__index__'):
            raise TypeError(f"'{type(fd).__name__}' object cannot be interpreted as an integer")
        made = cls.__new__(cls)
        made._fd = fd.__index__()
        return made

    def _open(self):
        if self._fd < 0:
            raise ValueError('I/O operation on closed epoll object')
        return self._fd

    @property
    def closed(self):
        return self._fd < 0

    def close(self):
        fd, self._fd = self._fd, -1
        if fd >= 0:
            import posix
            posix.close(fd)

    def __del__(self):
        fd, self._fd = getattr(self, '_fd', -1), -1
        if fd >= 0:
            _o.close(fd)

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *exception):
        self.close()

    def fileno(self):
        return self._open()

    def register(self, fd, eventmask=EPOLLIN | EPOLLPRI | EPOLLOUT):
        _o.epoll_change(1, self._open(), _fileno(fd), eventmask)

    def modify(self, fd, eventmask):
        _o.epoll_change(3, self._open(), _fileno(fd), eventmask)

    def unregister(self, fd):
        _o.epoll_change(2, self._open(), _fileno(fd), 0)

    def poll(self, timeout=None, maxevents=-1):
        fd = self._open()
        wait = -1
        if timeout is not None:
            if not isinstance(timeout, (int, float)) and not hasattr(timeout, '__index__'):
                raise TypeError('timeout must be a real number or None')
            if timeout > 1 << 40:
                raise OverflowError('timeout is too large')
            # In whole milliseconds, rounded up, as the system's call counts.
            wait = -1 if timeout < 0 else _milliseconds(timeout, 1000) * 1_000_000
        if maxevents == -1:
            maxevents = 1023
        elif maxevents < 1:
            raise ValueError(f'maxevents must be greater than 0, got {maxevents}')
        return _o.epoll_wait(fd, wait, maxevents)


poll.__module__ = epoll.__module__ = 'select'
