# `_warnings`: what importlib needs; `warnings` uses the library's own version of the rest.


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    import warnings
    return warnings.warn(message, category, stacklevel + 1, source, skip_file_prefixes=skip_file_prefixes)
