# `_thread`: this machine has one thread, so a lock that is held will never be released by another one.
import _pyrvm_basics as _b

error = RuntimeError
TIMEOUT_MAX = 9223372036.0


class lock:
    __module__ = '_thread'
    __slots__ = ('_held', '__weakref__')

    def __init__(self):
        self._held = False

    def acquire(self, blocking=True, timeout=-1):
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if self._held:
            if blocking and timeout == -1:
                raise RuntimeError('deadlock: the lock is held, and this machine has one thread')
            return False
        self._held = True
        return True

    def release(self):
        if not self._held:
            raise RuntimeError('release unlocked lock')
        self._held = False

    def locked(self):
        return self._held

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc):
        self.release()

    def _at_fork_reinit(self):
        self._held = False

    def __repr__(self):
        state = 'locked' if self._held else 'unlocked'
        return f'<{state} _thread.lock object at {id(self):#x}>'


LockType = lock


def allocate_lock():
    return lock()


allocate = allocate_lock


class RLock:
    __module__ = '_thread'
    __slots__ = ('_count', '__weakref__')

    def __init__(self):
        self._count = 0

    def acquire(self, blocking=True, timeout=-1):
        self._count += 1
        return True

    def release(self):
        if not self._count:
            raise RuntimeError('cannot release un-acquired lock')
        self._count -= 1

    def locked(self):
        return self._count > 0

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc):
        self.release()

    def _is_owned(self):
        return self._count > 0

    def _recursion_count(self):
        return self._count

    def _release_save(self):
        count, self._count = self._count, 0
        return (count, get_ident())

    def _acquire_restore(self, state):
        self._count = state[0]

    def _at_fork_reinit(self):
        self._count = 0

    def __repr__(self):
        state = 'locked' if self._count else 'unlocked'
        return f'<{state} _thread.RLock object owner={get_ident() if self._count else 0} ' \
               f'count={self._count} at {id(self):#x}>'


class _local:
    __module__ = '_thread'


def get_ident():
    return 1


def get_native_id():
    return 1


def _get_main_thread_ident():
    return 1


def _count():
    return 0


def stack_size(size=0, /):
    return 0


def daemon_threads_allowed():
    return False


def interrupt_main(signum=2, /):
    raise KeyboardInterrupt


def exit():
    raise SystemExit


def start_new_thread(function, args, kwargs={}, /):
    raise RuntimeError("can't start new thread: pyrvm has one thread")


start_new = start_new_thread


def start_joinable_thread(function, handle=None, daemon=True):
    raise RuntimeError("can't start new thread: pyrvm has one thread")


class _ThreadHandle:
    __module__ = '_thread'

    def __init__(self):
        self.ident = None

    def is_done(self):
        return True

    def _set_done(self):
        pass

    def join(self, timeout=None):
        pass


def _make_thread_handle(ident):
    handle = _ThreadHandle()
    handle.ident = ident
    return handle


def _shutdown():
    pass


def _is_main_interpreter():
    return True


def set_name(name):
    pass


class _ExceptHookArgs(tuple):
    __module__ = '_thread'
    exc_type = property(lambda self: self[0])
    exc_value = property(lambda self: self[1])
    exc_traceback = property(lambda self: self[2])
    thread = property(lambda self: self[3])


def _excepthook(args, /):
    import sys
    sys.excepthook(args[0], args[1], args[2])
