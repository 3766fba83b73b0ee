"""`resource`: what processes used, and how much they may."""
import _pyrvm_os as _o
from _pyrvm import structseq as _structseq

globals().update(_o.names('resource'))
error = OSError

struct_rusage = _structseq('struct_rusage', 'resource', (
    'ru_utime', 'ru_stime', 'ru_maxrss', 'ru_ixrss', 'ru_idrss', 'ru_isrss', 'ru_minflt', 'ru_majflt', 'ru_nswap',
    'ru_inblock', 'ru_oublock', 'ru_msgsnd', 'ru_msgrcv', 'ru_nsignals', 'ru_nvcsw', 'ru_nivcsw'))


def getrusage(who, /):
    try:
        return struct_rusage(_o.getrusage(who))
    except OSError as failed:
        if failed.errno == 22:
            raise ValueError('invalid who parameter') from None
        raise


def _which(resource):
    if not 0 <= resource < 16:
        raise ValueError('invalid resource specified')
    return resource


def _pair(limits):
    limits = tuple(limits)
    if len(limits) != 2:
        raise ValueError('expected a tuple of 2 integers')
    row = []
    for limit in limits:
        limit = limit.__index__()
        if limit < -1:
            import warnings
            warnings.warn('Use RLIM_INFINITY instead of a negative limit value.', DeprecationWarning, stacklevel=3)
        if not -1 << 63 <= limit < 1 << 64:
            raise OverflowError('Python int too large to convert to C rlim_t')
        row.append(limit - (1 << 64) if limit >= 1 << 63 else limit)
    return row


def _limits(process, resource, *new):
    try:
        return _o.limits(process, resource, *new)
    except OSError as failed:
        if failed.errno == 22:
            raise ValueError('current limit exceeds maximum limit') from None
        if failed.errno == 1 and not process:
            raise ValueError('not allowed to raise maximum limit') from None
        raise


def getrlimit(resource, /):
    return _limits(0, _which(resource))


def setrlimit(resource, limits, /):
    _limits(0, _which(resource), *_pair(limits))


def prlimit(pid, resource, limits=None, /):
    if limits is None:
        return _limits(pid, _which(resource))
    return _limits(pid, _which(resource), *_pair(limits))


def getpagesize():
    return _o.sysconf(30)
