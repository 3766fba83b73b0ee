# `select`: all of it stands on the system's `poll`.
import _pyrvm_os as _o
from _pyrvm_descriptor import fileno as _fileno

error = OSError
POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL = 1, 2, 4, 8, 16, 32
POLLRDNORM, POLLRDBAND, POLLWRNORM, POLLWRBAND, POLLMSG, POLLRDHUP = 64, 128, 256, 512, 1024, 8192
PIPE_BUF = 4096


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
