"""`_asyncio`: futures and tasks of the library's own kind, under the names that CPython's module gives them.

`asyncio` asks for this module while it is being imported, for one name after the other: each is made when it is asked for,
from what the part of `asyncio` that asks has defined before.
"""
import sys


class FutureIter:
    """What waits for a future: no generator, so that nobody takes it for a part of the program."""
    __slots__ = '_future',
    __module__ = '_asyncio'

    def __init__(self, future):
        self._future = future

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value, /):
        future = self._future
        if future is None:
            raise StopIteration
        if not future.done():
            if future._asyncio_future_blocking:
                raise RuntimeError("await wasn't used with future")
            future._asyncio_future_blocking = True
            return future
        self._future = None
        raise StopIteration(future.result())

    def throw(self, typ, val=None, tb=None, /):
        if val is not None or tb is not None:
            import warnings
            warnings.warn('the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.',
                          DeprecationWarning, stacklevel=2)
        if tb is not None and not hasattr(tb, 'tb_frame'):
            raise TypeError('throw() third argument must be a traceback')
        if isinstance(typ, type) and issubclass(typ, BaseException):
            error = val if isinstance(val, typ) else typ() if val is None else typ(val)
        elif isinstance(typ, BaseException):
            if val is not None:
                raise TypeError('instance exception may not have a separate value')
            error = typ
        else:
            raise TypeError('exceptions must be classes deriving BaseException or instances of such a class')
        self._future = None
        raise error if tb is None else error.with_traceback(tb)

    def close(self):
        self._future = None


def _future(base):
    class Future(base):
        __module__ = '_asyncio'

        def __iter__(self):
            return FutureIter(self)

        __await__ = __iter__

    Future.__qualname__ = 'Future'
    return Future


def _task(base, future):
    class Task(base, future):
        __module__ = '_asyncio'
        __iter__ = __await__ = future.__iter__
        _context = None

    Task.__qualname__ = 'Task'
    return Task


_OF_EVENTS = {'_get_running_loop': '_py__get_running_loop', '_set_running_loop': '_py__set_running_loop',
              'get_running_loop': '_py_get_running_loop', 'get_event_loop': '_py_get_event_loop'}
_OF_FUTURES = {'future_add_to_awaited_by': '_py_future_add_to_awaited_by',
               'future_discard_from_awaited_by': '_py_future_discard_from_awaited_by'}
_OF_TASKS = {'_register_task': '_py_register_task', '_register_eager_task': '_py_register_eager_task',
             '_unregister_task': '_py_unregister_task', '_unregister_eager_task': '_py_unregister_eager_task',
             '_enter_task': '_py_enter_task', '_leave_task': '_py_leave_task',
             '_swap_current_task': '_py_swap_current_task', 'current_task': '_py_current_task',
             'all_tasks': '_py_all_tasks'}


def _part(name):
    module = sys.modules.get('asyncio.' + name)
    if module is None:
        import importlib
        module = importlib.import_module('asyncio.' + name)
    return module


def _made(name):
    if name == 'Future':
        return _future(_part('futures')._PyFuture)
    if name == 'Task':
        own = sys.modules['_asyncio']
        import posix
        # A child has none of its parent's tasks running.
        posix.register_at_fork(after_in_child=lambda: _part('tasks')._current_tasks.clear())
        return _task(_part('tasks')._PyTask, own.Future)
    for part, names in (('events', _OF_EVENTS), ('futures', _OF_FUTURES), ('tasks', _OF_TASKS)):
        if name in names:
            # Tests and programs put these into classes, whose methods they are not.
            from _pyrvm_io import builtin
            return builtin(getattr(_part(part), names[name]))
    raise AttributeError(f"module '_asyncio' has no attribute {name!r}")


def __getattr__(name):
    made = globals()[name] = _made(name)
    return made


def __dir__():
    return sorted([name for name in globals() if name.startswith('__')]
                  + ['Future', 'Task', *_OF_EVENTS, *_OF_FUTURES, *_OF_TASKS])
