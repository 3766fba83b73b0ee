# What `select` and `fcntl` take for a file descriptor: a number, or what has one. CPython: `PyObject_AsFileDescriptor`.


def fileno(it):
    if not isinstance(it, int):
        try:
            method = it.fileno
        except AttributeError:
            raise TypeError('argument must be an int, or have a fileno() method.') from None
        it = method()
        if not isinstance(it, int):
            raise TypeError('fileno() returned a non-integer')
    elif isinstance(it, bool):
        import warnings
        warnings.warn('bool is used as a file descriptor', RuntimeWarning, stacklevel=3)
    if it < 0:
        raise ValueError(f'file descriptor cannot be a negative integer ({it})')
    return it
