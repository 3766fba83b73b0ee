"""`faulthandler`: where a program is, when it dies, hangs, or is asked. Of several threads the running one is shown."""
import _pyrvm_os as _o
import _signal
import _thread
import sys as _sys

_FATAL = ((_signal.SIGBUS, 'Bus error'), (_signal.SIGILL, 'Illegal instruction'),
          (_signal.SIGFPE, 'Floating-point exception'), (_signal.SIGABRT, 'Aborted'),
          (_signal.SIGSEGV, 'Segmentation fault'))
_before = {}
_own = {}
_later = None


def _number(file):
    """The number of a file that is kept open by its object."""
    if file is None:
        file = _sys.stderr
        if file is None:
            raise RuntimeError('unable to get sys.stderr')
    if isinstance(file, int):
        if isinstance(file, bool):
            import warnings
            warnings.warn('bool is used as a file descriptor', RuntimeWarning, stacklevel=3)
        if file < 0:
            raise ValueError('file is not a valid file descripter')
        return file, None
    fd = file.fileno()
    if not isinstance(fd, int) or fd < 0:
        raise RuntimeError('file.fileno() is not a valid file descriptor')
    try:
        file.flush()
    except Exception:
        pass
    return fd, file


def _text(frame, title):
    ident = f' 0x{_thread.get_ident():016x}' if title != 'Stack' else ''
    lines = [f'{title}{ident} (most recent call first):']
    count = 0
    while frame is not None:
        if count == 100:
            lines.append('  ...')
            break
        code = frame.f_code
        lines.append(f'  File "{code.co_filename}", line {frame.f_lineno or "???"} in {code.co_name}')
        frame = frame.f_back
        count += 1
    if not count:
        lines.append('  <no Python frame>')
    return '\n'.join(lines) + '\n'


def _write(fd, text):
    if fd == 2:
        _sys.stderr and _sys.stderr.flush()
    try:
        _o.write(fd, text.encode('ascii', 'backslashreplace'))
    except OSError:
        pass


def _caller():
    frame = _sys._getframe(0)
    while frame is not None and frame.f_globals.get('__name__') == 'faulthandler':
        frame = frame.f_back
    return frame


def dump_traceback(file=None, all_threads=True):
    fd, _ = _number(file)
    _write(fd, _text(_caller(), 'Current thread' if all_threads else 'Stack'))


def dump_c_stack(file=None):
    fd, _ = _number(file)
    _write(fd, 'Current thread\'s C stack trace (most recent call first):\n  <not available in this machine>\n')


def is_enabled():
    return bool(_before)


def enable(file=None, all_threads=True, c_stack=True):
    fd, kept = _number(file)

    def fatal(number, frame):
        for other, text in _FATAL:
            if other == number:
                _write(fd, f'Fatal Python error: {text}\n\n' + _text(frame, 'Current thread'))
        _signal.signal(number, _signal.SIG_DFL)
        _signal.raise_signal(number)

    fatal.file = kept
    for number, _ in _FATAL:
        before = _signal.signal(number, fatal)
        _before.setdefault(number, before)


def disable():
    was = bool(_before)
    for number, before in list(_before.items()):
        _signal.signal(number, _signal.SIG_DFL if before is None else before)
    _before.clear()
    return was


class _Watch:
    """A thread that shows where the main thread is, unless it is told to stop in time."""

    def __init__(self, seconds, repeat, fd, kept, leave):
        self.stop = _thread.allocate_lock()
        self.done = _thread.allocate_lock()
        self.stop.acquire()
        self.done.acquire()
        self.seconds, self.repeat, self.fd, self.kept, self.leave = seconds, repeat, fd, kept, leave
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(int(minutes), 60)
        rest = f'{rest:09.6f}' if rest % 1 else f'{int(rest):02}'
        self.title = f'Timeout ({hours}:{minutes:02}:{rest})!\n'

    def run(self):
        try:
            while not self.stop.acquire(True, self.seconds):
                frames = getattr(_sys, '_current_frames', dict)()
                main = frames.get(_thread._get_main_thread_ident())
                text = _text(main, 'Thread') if main is not None else ''
                _write(self.fd, self.title + text)
                if self.leave:
                    _o._exit(1)
                if not self.repeat:
                    break
        finally:
            self.done.release()


def dump_traceback_later(timeout, repeat=False, file=None, exit=False):
    global _later
    if not isinstance(timeout, (int, float)):
        raise TypeError(f"'{type(timeout).__name__}' object cannot be interpreted as an integer or float")
    if timeout <= 0:
        raise ValueError('timeout must be greater than 0')
    if timeout > _thread.TIMEOUT_MAX:
        raise OverflowError('timeout value is too large')
    fd, kept = _number(file)
    cancel_dump_traceback_later()
    _later = _Watch(timeout, repeat, fd, kept, exit)
    _thread.start_joinable_thread(_later.run, daemon=True)


def cancel_dump_traceback_later():
    global _later
    watch, _later = _later, None
    if watch is not None:
        watch.stop.release()
        watch.done.acquire()


def register(signum, file=None, all_threads=True, chain=False):
    for number, _ in _FATAL:
        if number == signum:
            raise RuntimeError(f'signal {int(signum)} cannot be registered, use enable() instead')
    if not 1 <= signum < _signal.NSIG:
        raise ValueError('signal number out of range')
    fd, kept = _number(file)

    def asked(number, frame):
        _write(fd, _text(frame, 'Current thread' if all_threads else 'Stack'))
        before = _own[number][0]
        if chain and callable(before):
            before(number, frame)

    before = _signal.signal(signum, asked)
    _own.setdefault(signum, (before, kept))


def unregister(signum):
    if not 1 <= signum < _signal.NSIG:
        raise ValueError('signal number out of range')
    found = _own.pop(signum, None)
    if found is None:
        return False
    _signal.signal(signum, _signal.SIG_DFL if found[0] is None else found[0])
    return True


def _read_null():
    _signal.raise_signal(_signal.SIGSEGV)


def _sigsegv(release_gil=False, /):
    _signal.raise_signal(_signal.SIGSEGV)


def _sigabrt():
    _signal.raise_signal(_signal.SIGABRT)


def _sigfpe():
    _signal.raise_signal(_signal.SIGFPE)


def _fatal_error_c_thread():
    _sigabrt()


def _stack_overflow():
    def deeper():
        return deeper()
    deeper()
