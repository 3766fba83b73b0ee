# `atexit`
_all = []


def register(func, /, *args, **kwargs):
    if not callable(func):
        raise TypeError('the first argument must be callable')
    _all.append((func, args, kwargs))
    return func


def unregister(func, /):
    _all[:] = [it for it in _all if it[0] != func]


def _clear():
    _all.clear()


def _ncallbacks():
    return len(_all)


def _run_exitfuncs():
    while _all:
        func, args, kwargs = _all.pop()
        try:
            func(*args, **kwargs)
        except BaseException as error:
            from _pyrvm_basics import unraisable
            unraisable(error, func, 'in atexit callback')
