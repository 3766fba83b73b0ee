"""`_queue`: a queue without a limit, whose `put` a finaliser or a handler of a signal may call at any time."""
from collections import deque as _deque
from time import monotonic as _monotonic
import _thread


class Empty(Exception):
    """Exception raised by Queue.get(block=0)/get_nowait()."""


class SimpleQueue:
    """Simple, unbounded, reentrant FIFO queue."""
    __slots__ = '_items', '_waiting', '__weakref__'

    def __init__(self):
        self._items = _deque()
        # One lock for each thread that waits for something: who puts gives one up.
        self._waiting = _deque()

    def put(self, item, block=True, timeout=None):
        self._items.append(item)
        self._wake()

    def _wake(self):
        try:
            self._waiting.popleft().release()
        except IndexError:
            pass

    def put_nowait(self, item):
        self.put(item)

    def get(self, block=True, timeout=None):
        end = None
        if block and timeout is not None:
            if timeout < 0:
                raise ValueError("'timeout' must be a non-negative number")
            end = _monotonic() + timeout
        while True:
            try:
                return self._items.popleft()
            except IndexError:
                pass
            if not block:
                raise Empty
            left = -1
            if end is not None:
                left = end - _monotonic()
                if left <= 0:
                    raise Empty
                if left > _thread.TIMEOUT_MAX:
                    raise OverflowError('timeout value is too large')
            lock = _thread.allocate_lock()
            lock.acquire()
            self._waiting.append(lock)
            try:
                # Somebody may have put something before the lock could be found.
                if not self._items:
                    lock.acquire(True, left)
            finally:
                try:
                    self._waiting.remove(lock)
                except ValueError:
                    # It was for this thread; if another one took the item meanwhile, the next round waits again.
                    pass

    def get_nowait(self):
        return self.get(False)

    def empty(self):
        return not self._items

    def qsize(self):
        return len(self._items)

    __class_getitem__ = classmethod(type(list[int]))


Empty.__module__ = SimpleQueue.__module__ = '_queue'
