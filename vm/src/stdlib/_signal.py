"""Signals' numbers and handlers; nothing delivers them yet."""

SIG_DFL, SIG_IGN = 0, 1
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2
NSIG = 65
ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF = 0, 1, 2
SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1 = range(1, 11)
SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP = range(11, 21)
SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS = range(21, 32)
SIGIOT, SIGCLD, SIGPOLL, SIGRTMIN, SIGRTMAX = SIGABRT, SIGCHLD, SIGIO, 34, 64


class ItimerError(OSError):
    __module__ = 'signal'


def default_int_handler(signalnum, frame, /):
    raise KeyboardInterrupt


_handlers = {number: SIG_DFL for number in range(1, NSIG)}
_handlers[SIGINT] = default_int_handler
_handlers[SIGPIPE] = SIG_IGN


def getsignal(signalnum, /):
    if not 1 <= signalnum < NSIG:
        raise ValueError('signal number out of range')
    return _handlers[signalnum]


def signal(signalnum, handler, /):
    before = getsignal(signalnum)
    if not callable(handler) and handler not in (SIG_DFL, SIG_IGN):
        raise TypeError('signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object')
    _handlers[signalnum] = handler
    return before


def valid_signals():
    return set(range(1, NSIG)) - {32, 33}
