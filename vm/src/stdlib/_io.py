"""`_io`: streams over the descriptors of the machine.

What programs do in loops is in Rust (`_pyrvm_io`): the memory of buffered and of text files, and files in memory. A class
here derives from such a memory; the methods below whose names begin with `_` are what the short ways leave to them.
"""
import _pyrvm_io as _n
import _pyrvm_os as _o
import builtins as _builtins
from _thread import allocate_lock as _allocate_lock, get_ident as _get_ident

DEFAULT_BUFFER_SIZE = 131072
open = _builtins.open
BlockingIOError = BlockingIOError


class UnsupportedOperation(OSError, ValueError):
    __module__ = 'io'


def _flag(name):
    import sys
    return getattr(sys.flags, name)


def text_encoding(encoding, stacklevel=2, /):
    if encoding is None:
        if _flag('warn_default_encoding'):
            import warnings
            warnings.warn("'encoding' argument not specified", EncodingWarning, stacklevel + 1)
        return 'utf-8' if _flag('utf8_mode') else 'locale'
    return encoding


def open_code(path, /):
    if not isinstance(path, str):
        raise TypeError(f"open_code() argument 'path' must be str, not {type(path).__name__}")
    return open(path, 'rb')


text_encoding.__module__ = open_code.__module__ = '_io'
text_encoding, open_code = _n.builtin(text_encoding), _n.builtin(open_code)


def _open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if not isinstance(file, int):
        import posix
        file = posix.fspath(file)
    if not isinstance(mode, str):
        raise TypeError(f"open() argument 'mode' must be str, not {type(mode).__name__}")
    if not isinstance(buffering, int):
        buffering = buffering.__index__()
    for name, value in (('encoding', encoding), ('errors', errors), ('newline', newline)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"open() argument '{name}' must be str or None, not {type(value).__name__}")
    kind, plus, binary, text = '', '', False, False
    for letter in mode:
        if letter not in 'axrwb+t' or mode.count(letter) > 1:
            raise ValueError(f'invalid mode: {mode!r}')
        if letter in 'axrw':
            kind += letter
        elif letter == '+':
            plus = '+'
        elif letter == 'b':
            binary = True
        else:
            text = True
    if text and binary:
        raise ValueError("can't have text and binary mode at once")
    if len(kind) != 1:
        raise ValueError('must have exactly one of create/read/write/append mode')
    if binary:
        for name, value in (('encoding', encoding), ('errors', errors), ('newline', newline)):
            if value is not None:
                raise ValueError(f"binary mode doesn't take {'a' if name == 'newline' else 'an'} {name} argument")
        if buffering == 1:
            import warnings
            warnings.warn("line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
                          RuntimeWarning, stacklevel=2)
    raw = FileIO(file, kind + plus, closefd, opener)
    made = raw
    try:
        # Only what can be no regular file can be a terminal.
        terminal = buffering < 0 and raw._isatty_open_only()
        line = buffering == 1 and not binary
        if buffering == 1 or terminal:
            buffering = -1
            line = line or terminal
        if buffering < 0:
            buffering = max(min(raw._blksize, 8192 * 1024), DEFAULT_BUFFER_SIZE)
        if buffering == 0:
            if not binary:
                raise ValueError("can't have unbuffered text I/O")
            return raw
        if plus:
            made = BufferedRandom(raw, buffering)
        elif kind == 'r':
            made = BufferedReader(raw, buffering)
        else:
            made = BufferedWriter(raw, buffering)
        if binary:
            return made
        made = TextIOWrapper(made, encoding, errors, newline, line)
        made.mode = mode
        return made
    except BaseException:
        made.close()
        raise


class _IOBase:
    __module__ = '_io'
    __IOBase_closed = False
    _finalizing = False

    def _unsupported(self, name):
        raise UnsupportedOperation(name)

    def seek(self, offset, whence=0, /):
        raise UnsupportedOperation('seek')

    def tell(self):
        return self.seek(0, 1)

    def truncate(self, size=None, /):
        raise UnsupportedOperation('truncate')

    def flush(self):
        if self.__IOBase_closed:
            raise ValueError('I/O operation on closed file.')

    def close(self):
        if not self.__IOBase_closed:
            try:
                self.flush()
            finally:
                self.__IOBase_closed = True

    def __del__(self):
        try:
            if self.closed:
                return
        except Exception:
            # It was not even made, or is gone.
            return
        try:
            self._finalizing = True
        except Exception:
            pass
        try:
            self.close()
        except BaseException as error:
            import _pyrvm_basics
            _pyrvm_basics.unraisable(error, self, 'finalizing file')

    def seekable(self):
        return False

    def readable(self):
        return False

    def writable(self):
        return False

    @property
    def closed(self):
        return self.__IOBase_closed

    def _checkClosed(self, msg=None):
        if self.closed:
            raise ValueError('I/O operation on closed file.' if msg is None else msg)

    def _checkReadable(self, msg=None):
        if not self.readable():
            raise UnsupportedOperation('File or stream is not readable.' if msg is None else msg)

    def _checkWritable(self, msg=None):
        if not self.writable():
            raise UnsupportedOperation('File or stream is not writable.' if msg is None else msg)

    def _checkSeekable(self, msg=None):
        if not self.seekable():
            raise UnsupportedOperation('File or stream is not seekable.' if msg is None else msg)

    def __enter__(self):
        self._checkClosed()
        return self

    def __exit__(self, *args):
        self.close()

    def fileno(self):
        raise UnsupportedOperation('fileno')

    def isatty(self):
        self._checkClosed()
        return False

    def readline(self, size=-1, /):
        if size is None:
            size = -1
        elif not hasattr(size, '__index__'):
            raise TypeError(f"argument should be integer or None, not '{type(size).__name__}'")
        peek = getattr(self, 'peek', None)
        out = bytearray()
        while size < 0 or len(out) < size:
            wanted = 1
            if peek is not None:
                ahead = peek(1)
                if not isinstance(ahead, bytes):
                    raise OSError(f"peek() should have returned a bytes object, not '{type(ahead).__name__}'")
                if ahead:
                    wanted = ahead.find(b'\n') + 1 or len(ahead)
                    if size >= 0:
                        wanted = min(wanted, size - len(out))
            part = self.read(wanted)
            if not isinstance(part, bytes):
                raise OSError(f"read() should have returned a bytes object, not '{type(part).__name__}'")
            if not part:
                break
            out += part
            if part.endswith(b'\n'):
                break
        return bytes(out)

    def __iter__(self):
        self._checkClosed()
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readlines(self, hint=-1, /):
        if hint is None or hint <= 0:
            return list(self)
        count = 0
        lines = []
        for line in self:
            lines.append(line)
            count += len(line)
            if count > hint:
                break
        return lines

    def writelines(self, lines, /):
        self._checkClosed()
        for line in lines:
            self.write(line)

    def __getstate__(self):
        raise TypeError(f"cannot pickle '{_name(self)}' instances")


def _name(it):
    kind = type(it)
    return f'{kind.__module__}.{kind.__qualname__}'


def _bytes(value, function):
    if not isinstance(value, bytes):
        raise TypeError(f"{function}() should return bytes")
    return value


class _RawIOBase(_IOBase):
    __module__ = '_io'

    def read(self, size=-1, /):
        if size is None or size < 0:
            return self.readall()
        buffer = bytearray(size)
        count = self.readinto(buffer)
        if count is None:
            return None
        count = count.__index__()
        if count < 0 or count > size:
            raise ValueError(f'readinto returned {count} outside buffer size {size}')
        return bytes(buffer[:count])

    def readall(self):
        parts = []
        while True:
            part = self.read(DEFAULT_BUFFER_SIZE)
            if part is None:
                if not parts:
                    return None
                break
            if not isinstance(part, bytes):
                raise TypeError('read() should return bytes')
            if not part:
                break
            parts.append(part)
        return b''.join(parts)


def _store(buffer, data, function):
    """Puts what was read into the buffer of a program."""
    if isinstance(buffer, bytearray):
        buffer[:len(data)] = data
        return
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError(f'{function}() argument must be read-write bytes-like object, not {type(buffer).__name__}')
    if view.format != 'B' or view.ndim != 1:
        view = view.cast('B')
    view[:len(data)] = data


def _room(buffer, function):
    if isinstance(buffer, bytearray):
        return len(buffer)
    try:
        view = memoryview(buffer)
        if not view.readonly:
            return view.nbytes
    except TypeError:
        pass
    raise TypeError(f'{function}() argument must be read-write bytes-like object, not {type(buffer).__name__}')


class _BufferedIOBase(_IOBase):
    __module__ = '_io'

    def read(self, size=-1, /):
        raise UnsupportedOperation('read')

    def read1(self, size=-1, /):
        raise UnsupportedOperation('read1')

    def _into(self, buffer, read):
        room = _room(buffer, 'readinto')
        data = read(room)
        if not isinstance(data, bytes):
            raise TypeError('read() should return bytes')
        if len(data) > room:
            raise ValueError(f'read() returned too much data: {room} bytes requested, {len(data)} returned')
        _store(buffer, data, 'readinto')
        return len(data)

    def readinto(self, buffer, /):
        return self._into(buffer, self.read)

    def readinto1(self, buffer, /):
        return self._into(buffer, self.read1)

    def write(self, data, /):
        raise UnsupportedOperation('write')

    def detach(self):
        raise UnsupportedOperation('detach')


class _TextIOBase(_IOBase):
    __module__ = '_io'

    def read(self, size=-1, /):
        raise UnsupportedOperation('read')

    def write(self, text, /):
        raise UnsupportedOperation('write')

    def readline(self, size=-1, /):
        raise UnsupportedOperation('readline')

    def detach(self):
        raise UnsupportedOperation('detach')

    encoding = property(lambda self: None)
    errors = property(lambda self: None)
    newlines = property(lambda self: None)


class FileIO(_n._File, _RawIOBase):
    __module__ = '_io'
    _kind = 'r'
    _plus = False
    _closefd = True
    _can_seek = None
    _blksize = DEFAULT_BUFFER_SIZE
    _regular = False
    closed = property(_RawIOBase.closed.fget, doc='True if the file is closed')

    def __init__(self, file, mode='r', closefd=True, opener=None):
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            if self._closefd:
                _o.close(fd)
        if isinstance(file, float):
            raise TypeError(f'expected str, bytes or os.PathLike object, not {type(file).__name__}')
        if not isinstance(mode, str):
            raise TypeError(f"FileIO() argument 'mode' must be str, not {type(mode).__name__}")
        kind = mode.replace('b', '').replace('+', '')
        if mode.strip('rwxab+'):
            raise ValueError(f'invalid mode: {mode}')
        if len(kind) != 1 or mode.count('+') > 1:
            raise ValueError('Must have exactly one of create/read/write/append mode and at most one plus')
        self._kind = kind
        self._plus = plus = '+' in mode
        self._closefd = bool(closefd)
        self._can_seek = None
        flags = {'r': 0, 'w': 0o1101, 'x': 0o301, 'a': 0o2101}[kind]
        if plus:
            flags = flags & ~3 | 2
        flags |= 0o2000000
        own = True
        if isinstance(file, int):
            if isinstance(file, bool):
                import warnings
                warnings.warn('bool is used as a file descriptor', RuntimeWarning, stacklevel=2)
            if file < 0:
                raise ValueError('negative file descriptor')
            if file > 0x7FFFFFFF:
                raise OverflowError('Python int too large to convert to C int')
            fd = int(file)
            own = False
        else:
            import posix
            path = posix.fspath(file)
            if ('\0' if isinstance(path, str) else 0) in path:
                raise ValueError('embedded null byte')
            if not closefd:
                raise ValueError('Cannot use closefd=False with file name')
            if opener is not None:
                fd = opener(file, flags)
                if not isinstance(fd, int):
                    raise TypeError('expected integer from opener')
                if fd < 0:
                    raise ValueError(f'opener returned {fd}')
                _o.set_inheritable(fd, 0)
            else:
                try:
                    fd = _o.open(path, flags, 0o666, -100)
                except OSError as error:
                    if path is not file:
                        error.filename = file
                    raise
        try:
            found = _o.fstat(fd)
            if found[0] & 0o170000 == 0o040000:
                raise IsADirectoryError(21, 'Is a directory', file)
            if found[10] > 1:
                self._blksize = found[10]
            self._regular = found[0] & 0o170000 == 0o100000
            self.name = file
            self._fd = fd
            if kind == 'a':
                try:
                    _o.lseek(fd, 0, 2)
                except OSError as error:
                    if error.errno != 29:
                        raise
        except BaseException as error:
            self._fd = -1
            if own:
                _o.close(fd)
            elif isinstance(error, OSError) and error.filename is None:
                error.filename = file
            raise

    def _isatty_open_only(self):
        return not self._regular and _o.isatty(self._fd)

    def _check(self):
        if self._fd < 0:
            raise ValueError('I/O operation on closed file')

    @property
    def mode(self):
        if self._kind in 'xa':
            return self._kind + ('b+' if self._plus else 'b')
        return 'rb+' if self._plus else self._kind + 'b'

    @property
    def closefd(self):
        return self._closefd

    def fileno(self):
        self._check()
        return self._fd

    def readable(self):
        self._check()
        return self._kind == 'r' or self._plus

    def writable(self):
        self._check()
        return self._kind != 'r' or self._plus

    def seekable(self):
        self._check()
        if self._can_seek is None:
            try:
                _o.lseek(self._fd, 0, 1)
                self._can_seek = True
            except OSError:
                self._can_seek = False
        return self._can_seek

    def isatty(self):
        self._check()
        return _o.isatty(self._fd)

    def _reading(self):
        self._check()
        if self._kind != 'r' and not self._plus:
            raise UnsupportedOperation('File not open for reading')

    def _writing(self):
        self._check()
        if self._kind == 'r' and not self._plus:
            raise UnsupportedOperation('File not open for writing')

    def read(self, size=-1, /):
        self._reading()
        if size is None or size < 0:
            return self.readall()
        try:
            return _o.read(self._fd, size)
        except BlockingIOError:
            return None

    def readall(self):
        self._reading()
        parts = []
        size = DEFAULT_BUFFER_SIZE
        if self._regular:
            # One call for all that is there, and one that finds the end.
            left = _o.fstat(self._fd)[6] - _o.lseek(self._fd, 0, 1)
            size = left + 1 if 0 < left < 1 << 30 else size if left > 0 else 4096
        while True:
            try:
                part = _o.read(self._fd, size)
            except BlockingIOError:
                if not parts:
                    return None
                break
            if not part:
                break
            parts.append(part)
        return parts[0] if len(parts) == 1 else b''.join(parts)

    def readinto(self, buffer, /):
        self._reading()
        try:
            data = _o.read(self._fd, _room(buffer, 'readinto'))
        except BlockingIOError:
            return None
        _store(buffer, data, 'readinto')
        return len(data)

    def write(self, data, /):
        self._writing()
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        if not isinstance(data, (bytes, bytearray)):
            data = memoryview(data).tobytes()
        try:
            return _o.write(self._fd, data)
        except BlockingIOError:
            return None

    def seek(self, offset, whence=0, /):
        self._check()
        if isinstance(offset, float):
            raise TypeError('an integer is required')
        return _o.lseek(self._fd, offset.__index__(), whence)

    def tell(self):
        self._check()
        return _o.lseek(self._fd, 0, 1)

    def truncate(self, size=None, /):
        self._writing()
        if size is None:
            size = self.tell()
        elif not hasattr(size, '__index__'):
            raise TypeError(f"'{type(size).__name__}' object cannot be interpreted as an integer")
        if size < 0:
            raise OSError(22, 'Invalid argument')
        _o.ftruncate(self._fd, size)
        return size

    def close(self):
        try:
            _RawIOBase.close(self)
        finally:
            if self._finalizing:
                self._dealloc_warn(self)
            fd, self._fd = self._fd, -1
            if fd >= 0 and self._closefd:
                _o.close(fd)

    def _dealloc_warn(self, source):
        if self._fd >= 0 and self._closefd:
            import warnings
            warnings.warn(f'unclosed file {source!r}', ResourceWarning, source=source, stacklevel=2)

    def __repr__(self):
        name = _name(self)
        if self._fd < 0:
            return f'<{name} [closed]>'
        try:
            shown = self.name
        except AttributeError:
            return f'<{name} fd={self._fd} mode={self.mode!r} closefd={self._closefd}>'
        with _Repr(self):
            return f'<{name} name={shown!r} mode={self.mode!r} closefd={self._closefd}>'


class _Repr:
    """Notes whose `repr` is being made in this thread."""
    __slots__ = '_key',
    _busy = set()

    def __init__(self, it):
        self._key = id(it), _get_ident()
        if self._key in self._busy:
            raise RuntimeError(f'reentrant call inside {_name(it)}.__repr__')

    def __enter__(self):
        self._busy.add(self._key)

    def __exit__(self, *exception):
        self._busy.discard(self._key)


def _would_block(written):
    return BlockingIOError(11, 'write could not complete without blocking', written)


class _Buffered(_n._Buffer, _BufferedIOBase):
    __module__ = '_io'
    _gone = False
    _owner = 0

    def _begin(self, raw, buffer_size):
        """`__init__`, after the file was checked."""
        if buffer_size <= 0:
            raise ValueError('buffer size must be strictly positive')
        self._gone = False
        self._ahead = self._pending = b''
        self._most = buffer_size
        self._lock = _allocate_lock()
        self._owner = 0
        self._plain = type(raw) is FileIO
        self._raw = raw
        self._free = True

    def _end(self):
        """`__init__` begins, or failed."""
        self._free = False
        self._raw = None

    def _file(self):
        raw = self._raw
        if raw is None:
            raise ValueError('raw stream has been detached' if self._gone else 'I/O operation on uninitialized object')
        return raw

    def _opened(self, what):
        if self._file().closed:
            raise ValueError(what + ' of closed file' if what[0] != 'w' else what + ' to closed file')

    def _enter(self):
        own = _get_ident()
        if self._owner == own:
            raise RuntimeError(f'reentrant call inside {self!r}')
        self._lock.acquire()
        self._owner = own
        self._free = False

    def _leave(self):
        self._free = self._raw is not None
        self._owner = 0
        self._lock.release()

    @property
    def raw(self):
        return self._raw

    @property
    def closed(self):
        return self._file().closed

    @property
    def name(self):
        return self._file().name

    @property
    def mode(self):
        return self._file().mode

    def fileno(self):
        return self._file().fileno()

    def isatty(self):
        return self._file().isatty()

    def readable(self):
        return self._file().readable()

    def writable(self):
        return self._file().writable()

    def seekable(self):
        return self._file().seekable()

    def detach(self):
        raw = self._file()
        self.flush()
        self._end()
        self._gone = True
        return raw

    def close(self):
        raw = self._file()
        if raw.closed:
            return
        if self._finalizing:
            self._dealloc_warn(self)
        try:
            self.flush()
        finally:
            raw.close()
            self._ahead = b''

    def _dealloc_warn(self, source):
        warn = getattr(self._raw, '_dealloc_warn', None)
        if warn is not None:
            warn(source)

    def __repr__(self):
        name = _name(self)
        try:
            shown = self.name
        except (AttributeError, ValueError):
            return f'<{name}>'
        with _Repr(self):
            return f'<{name} name={shown!r}>'

    # Places

    def _raw_tell(self):
        at = self._file().tell()
        if not isinstance(at, int):
            at = at.__index__()
        if at < 0:
            raise OSError(f'Raw stream returned invalid position {at}')
        return at

    def _raw_seek(self, offset, whence):
        at = self._file().seek(offset, whence)
        if at is None or at < 0:
            raise OSError(f'Raw stream returned invalid position {at}')
        return at

    def _rewind(self):
        """Forgets what was read ahead: the file is where its reader is."""
        left = self._left
        self._ahead = b''
        if left:
            self._raw_seek(-left, 1)

    def _settle(self):
        """Writes what waits and forgets what was read ahead."""
        self._drain()
        if self._left and self._reads:
            self._rewind()

    def flush(self):
        self._opened('flush')
        self._enter()
        try:
            self._settle()
        finally:
            self._leave()

    def seek(self, target, whence=0, /):
        if whence not in (0, 1, 2, 3, 4):
            raise ValueError(f'whence value {whence} unsupported')
        self._opened('seek')
        if not self._file().seekable():
            raise UnsupportedOperation('File or stream is not seekable.')
        if isinstance(target, float) or not hasattr(target, '__index__'):
            raise TypeError(f"'{type(target).__name__}' object cannot be interpreted as an integer")
        self._enter()
        try:
            self._drain()
            if whence == 1:
                target -= self._left
            at = self._raw_seek(target, whence)
            self._ahead = b''
            return at
        finally:
            self._leave()

    def tell(self):
        at = self._raw_tell()
        return max(0, at - self._left + self._waiting)

    def truncate(self, size=None, /):
        self._opened('truncate')
        if not self.writable():
            raise UnsupportedOperation('truncate')
        self._enter()
        try:
            self._settle()
            return self._file().truncate(size)
        finally:
            self._leave()

    # Reading

    def _raw_read(self, count):
        """From the file: bytes, or None where there are none yet."""
        if self._plain:
            return self._direct(count) if self._raw._fd > 0 else self._raw.read(count)
        buffer = bytearray(count)
        view = memoryview(buffer)
        got = self._file().readinto(view)
        if got is None:
            return None
        try:
            got = got.__index__()
        except AttributeError:
            raise OSError('raw readinto() failed') from TypeError(
                f"'{type(got).__name__}' object cannot be interpreted as an integer")
        if not 0 <= got <= count:
            raise OSError(f'raw readinto() returned invalid length {got} (should have been between 0 and {count})')
        view.release()
        return bytes(buffer[:got])

    def _more(self):
        """Reads ahead: False at the end, None where there is nothing yet."""
        data = self._raw_read(self._most)
        if data is None:
            return None
        self._ahead = data
        return len(data) > 0

    def _all(self):
        raw = self._file()
        ahead = self._take(self._left)
        self._drain()
        readall = getattr(raw, 'readall', None)
        if readall is not None:
            rest = readall()
            if rest is None:
                return ahead or None
            if not isinstance(rest, bytes):
                raise TypeError('readall() should return bytes')
            return ahead + rest if ahead else rest
        parts = [ahead] if ahead else []
        while True:
            part = raw.read()
            if part is not None and not isinstance(part, bytes):
                raise TypeError('read() should return bytes')
            if not part:
                return b''.join(parts) if parts or part is not None else None
            parts.append(part)

    def _read(self, size=-1):
        self._file()
        if size is None:
            size = -1
        elif not hasattr(size, '__index__'):
            raise TypeError(f"argument should be integer or None, not '{type(size).__name__}'")
        if size < -1:
            raise ValueError('read length must be non-negative or -1')
        self._opened('read')
        self._enter()
        try:
            if size < 0:
                return self._all()
            if size <= self._left and not self._waiting:
                return self._take(size)
            parts = [self._take(self._left)]
            self._drain()
            left = size - len(parts[0])
            blocked = False
            while left > 0:
                whole = left - left % self._most
                if whole:
                    part = self._raw_read(whole)
                    if not part:
                        blocked = part is None
                        break
                else:
                    more = self._more()
                    if not more:
                        blocked = more is None
                        break
                    part = self._take(left)
                parts.append(part)
                left -= len(part)
            data = b''.join(parts)
            return None if blocked and not data else data
        finally:
            self._leave()

    def read1(self, size=-1, /):
        self._file()
        size = self._most if size is None or size < 0 else size
        self._opened('read')
        if not size:
            return b''
        self._enter()
        try:
            if self._left:
                return self._take(size)
            self._drain()
            return self._raw_read(size) or b''
        finally:
            self._leave()

    def _fill_from(self, buffer, once):
        room = _room(buffer, 'readinto')
        self._opened('readinto')
        self._enter()
        try:
            parts = [self._take(room)]
            left = room - len(parts[0])
            if left:
                self._drain()
                while left > 0:
                    if left > self._most:
                        part = self._raw_read(left)
                    elif once and parts[0]:
                        # Who wants only what is there is not made to wait for more.
                        break
                    else:
                        more = self._more()
                        part = self._take(left) if more else b'' if more is False else None
                    if not part:
                        if part is None and not any(parts):
                            return None
                        break
                    parts.append(part)
                    left -= len(part)
                    if once:
                        break
            data = b''.join(parts)
        finally:
            self._leave()
        _store(buffer, data, 'readinto')
        return len(data)

    def readinto(self, buffer, /):
        return self._fill_from(buffer, False)

    def readinto1(self, buffer, /):
        return self._fill_from(buffer, True)

    def peek(self, size=0, /):
        self._opened('peek')
        self._enter()
        try:
            self._drain()
            if not self._left:
                self._more()
            return self._ahead
        finally:
            self._leave()

    def _readline(self, size):
        self._opened('readline')
        self._enter()
        try:
            self._drain()
            parts = []
            left = size
            while left:
                if not self._left and not self._more():
                    break
                part = None
                if left < 0:
                    part = self._line()
                if part is None:
                    part = self._ahead if left < 0 else self._take(min(left, self._left))
                    if left < 0:
                        self._ahead = b''
                    else:
                        end = part.find(b'\n') + 1
                        if 0 < end < len(part):
                            self._ahead = part[end:] + self._ahead
                            part = part[:end]
                        left -= len(part)
                parts.append(part)
                if part.endswith(b'\n'):
                    break
            return parts[0] if len(parts) == 1 else b''.join(parts)
        finally:
            self._leave()

    # Writing

    def _raw_write(self, data):
        """To the file: how much, or None where it takes nothing yet."""
        count = self._file().write(data)
        if count is None:
            return None
        count = count.__index__()
        if not 0 <= count <= len(data):
            raise OSError(
                f'raw write() returned invalid length {count} (should have been between 0 and {len(data)})')
        return count

    def _drain(self):
        """Writes what waits."""
        while self._waiting:
            count = self._raw_write(self._pending)
            if count is None:
                raise _would_block(0)
            self._written(count)

    def _write(self, data):
        self._file()
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        if not isinstance(data, bytes):
            data = memoryview(data).tobytes()
        self._enter()
        try:
            self._opened('write')
            if self._left:
                self._rewind()
            most, size = self._most, len(data)
            if self._waiting + size <= most:
                self._add(data)
                return size
            try:
                self._drain()
            except BlockingIOError:
                room = most - self._waiting
                if size <= room:
                    self._add(data)
                    return size
                self._add(data[:room])
                raise _would_block(room) from None
            done = 0
            while size - done > most:
                count = self._raw_write(data[done:] if done else data)
                if count is None:
                    self._add(data[done:done + most])
                    raise _would_block(done + most)
                done += count
            self._add(data[done:])
            return size
        finally:
            self._leave()


class BufferedReader(_Buffered):
    __module__ = '_io'

    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        self._end()
        if not raw.readable():
            raise UnsupportedOperation('File or stream is not readable.')
        self._begin(raw, buffer_size)
        self._reads = True

    writable = _IOBase.writable
    write = _BufferedIOBase.write

    def flush(self):
        return self._file().flush()

    def truncate(self, size=None, /):
        self._opened('truncate')
        raise UnsupportedOperation('truncate')


class BufferedWriter(_Buffered):
    __module__ = '_io'

    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        self._end()
        if not raw.writable():
            raise UnsupportedOperation('File or stream is not writable.')
        self._begin(raw, buffer_size)
        self._writes = True

    readable = _IOBase.readable
    read, read1, readinto = _BufferedIOBase.read, _BufferedIOBase.read1, _BufferedIOBase.readinto
    readinto1, readline, __next__ = _BufferedIOBase.readinto1, _IOBase.readline, _IOBase.__next__
    peek = property(lambda self: _lacks(self, 'peek'))


def _lacks(it, name):
    raise AttributeError(f"'{_name(it)}' object has no attribute '{name}'")


class BufferedRandom(_Buffered):
    __module__ = '_io'

    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        self._end()
        if not raw.seekable():
            raise UnsupportedOperation('File or stream is not seekable.')
        if not raw.readable():
            raise UnsupportedOperation('File or stream is not readable.')
        if not raw.writable():
            raise UnsupportedOperation('File or stream is not writable.')
        self._begin(raw, buffer_size)
        self._reads = self._writes = True


class BufferedRWPair(_BufferedIOBase):
    __module__ = '_io'
    _pair = None

    def __init__(self, reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /):
        self._pair = None
        if not reader.readable():
            raise UnsupportedOperation('File or stream is not readable.')
        if not writer.writable():
            raise UnsupportedOperation('File or stream is not writable.')
        self._pair = BufferedReader(reader, buffer_size), BufferedWriter(writer, buffer_size)

    @property
    def _reader(self):
        if self._pair is None:
            raise ValueError('I/O operation on uninitialized object')
        return self._pair[0]

    @property
    def _writer(self):
        if self._pair is None:
            raise ValueError('I/O operation on uninitialized object')
        return self._pair[1]

    def read(self, size=-1, /):
        return self._reader.read(size)

    def read1(self, size=-1, /):
        return self._reader.read1(size)

    def readinto(self, buffer, /):
        return self._reader.readinto(buffer)

    def readinto1(self, buffer, /):
        return self._reader.readinto1(buffer)

    def peek(self, size=0, /):
        return self._reader.peek(size)

    def write(self, data, /):
        return self._writer.write(data)

    def flush(self):
        return self._writer.flush()

    def readable(self):
        return self._reader.readable()

    def writable(self):
        return self._writer.writable()

    def isatty(self):
        return self._writer.isatty() or self._reader.isatty()

    def close(self):
        try:
            self._writer.close()
        finally:
            self._reader.close()

    @property
    def closed(self):
        return self._writer.closed

    def __del__(self):
        if self._pair is not None:
            _BufferedIOBase.__del__(self)


class BytesIO(_n.BytesIO, _BufferedIOBase):
    __module__ = '_io'


class StringIO(_n.StringIO, _TextIOBase):
    __module__ = '_io'


class IncrementalNewlineDecoder:
    __module__ = '_io'
    decoder = None

    def __init__(self, decoder, translate, errors='strict'):
        self.decoder = decoder
        self.translate = translate
        self.errors = errors
        self._seen = 0
        self._cr = False

    def decode(self, input, final=False):
        if not hasattr(self, '_seen'):
            raise ValueError('IncrementalNewlineDecoder.__init__() not called')
        text = input if self.decoder is None else self.decoder.decode(input, bool(final))
        if not isinstance(text, str):
            raise TypeError(f"decoder should return a string result, not '{type(text).__name__}'")
        if self._cr and (text or final):
            text = '\r' + text
            self._cr = False
        if not final and text.endswith('\r'):
            text = text[:-1]
            self._cr = True
        if '\r' not in text:
            if not self._seen & 1 and '\n' in text:
                self._seen |= 1
            return text
        crlf = text.count('\r\n')
        cr = text.count('\r') - crlf
        lf = text.count('\n') - crlf
        self._seen |= (lf and 1) | (cr and 2) | (crlf and 4)
        if self.translate:
            if crlf:
                text = text.replace('\r\n', '\n')
            if cr:
                text = text.replace('\r', '\n')
        return text

    def getstate(self):
        data, flag = (b'', 0) if self.decoder is None else _decoder_state(self.decoder)
        return data, flag << 1 | self._cr

    def setstate(self, state, /):
        if not isinstance(state, tuple):
            raise TypeError('state argument must be a tuple')
        if len(state) != 2:
            raise TypeError('setstate(): illegal state argument')
        data, flag = state
        self._cr = bool(flag & 1)
        if self.decoder is not None:
            self.decoder.setstate((data, flag >> 1))

    def reset(self):
        self._seen = 0
        self._cr = False
        if self.decoder is not None:
            self.decoder.reset()

    @property
    def newlines(self):
        return (None, '\n', '\r', ('\r', '\n'), '\r\n', ('\n', '\r\n'), ('\r', '\r\n'),
                ('\r', '\n', '\r\n'))[self._seen]


def _decoder_state(decoder):
    state = decoder.getstate()
    if not isinstance(state, tuple) or len(state) != 2:
        raise TypeError('illegal decoder state')
    if not isinstance(state[0], bytes):
        raise TypeError('illegal decoder state: the first item should be a bytes object, not '
                        f"'{type(state[0]).__name__}'")
    return state


def _line_end(text, newline):
    """Where the first line ends; 0 where it does not."""
    if newline is None or newline == '\n':
        return text.find('\n') + 1
    if newline == '':
        lf, cr = text.find('\n'), text.find('\r')
        if cr < 0 or 0 <= lf < cr:
            return lf + 1
        return cr + 2 if text[cr + 1:cr + 2] == '\n' else cr + 1
    at = text.find(newline)
    return at + len(newline) if at >= 0 else 0


_PLAIN = {'utf-8': 'utf-8', 'iso8859-1': 'latin-1', 'ascii': 'ascii'}


class TextIOWrapper(_n._Text, _TextIOBase):
    __module__ = '_io'
    _gone = False
    _immediately = False
    _chunk = 8192
    _snapshot = None
    _decoder = _encoder = None
    _simple = False

    def __init__(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False):
        self._buffer = None
        self._writes = self._reads = False
        self._gone = False
        for name, value in (('encoding', encoding), ('errors', errors)):
            if value is not None and not isinstance(value, str):
                raise TypeError(f"TextIOWrapper() argument '{name}' must be str or None, not {type(value).__name__}")
            if value is not None and '\0' in value:
                raise ValueError('embedded null character')
            if value is not None and not value.isascii():
                value.encode('utf-8')
        if newline is not None and not isinstance(newline, str):
            raise TypeError(f"TextIOWrapper() argument 'newline' must be str or None, not {type(newline).__name__}")
        self._set_newline(newline)
        if encoding is None and _flag('warn_default_encoding'):
            import warnings
            warnings.warn("'encoding' argument not specified", EncodingWarning, stacklevel=2)
        if encoding is None or encoding == 'locale':
            encoding = 'utf-8' if encoding is None and _flag('utf8_mode') else 'UTF-8'
        self._decoded = None
        self._snapshot = None
        self._pending = b''
        self._most = self._chunk = 8192
        self._ratio = 0.0
        self._line = bool(line_buffering)
        self._through = bool(write_through)
        self._set_codec(buffer, encoding, errors or 'strict', newline)
        self._can_seek = self._telling = buffer.seekable()
        self._read_once = hasattr(buffer, 'read1')
        self._buffer = buffer
        self._start_encoder()
        self._ready()

    def _ready(self):
        """Says which of the short ways may be gone."""
        plain = self._buffer is not None and not self._immediately
        self._reads = plain and self._decoder is not None and not self._waiting
        self._writes = plain and self._encoder is not None and not self._through
        self._lines = self._line

    def _set_codec(self, buffer, encoding, errors, newline):
        import _codecs
        codec = _codecs.lookup(encoding)
        if not getattr(codec, '_is_text_encoding', True):
            raise LookupError(f"'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs")
        if _flag('dev_mode'):
            _codecs.lookup_error(errors)
        decoder = encoder = None
        if buffer.readable():
            decoder = codec.incrementaldecoder(errors)
            if not newline:
                decoder = IncrementalNewlineDecoder(decoder, newline is None)
        if buffer.writable():
            encoder = codec.incrementalencoder(errors)
        self._decoder, self._encoder = decoder, encoder
        self._encoding, self._errors, self._newline = encoding, errors, newline
        self._ends = newline if newline in ('\r', '\r\n') else None
        self._set_newline(newline)
        direct = errors == 'strict' and self._ends is None
        self._set_plain(_PLAIN.get(codec.name, '') if direct else '')
        self._simple = codec.name == 'utf-8' and type(decoder) is IncrementalNewlineDecoder

    def _start_encoder(self):
        if self._can_seek and self._encoder is not None and self._buffer.tell() != 0:
            self._encoder.setstate(0)

    def _reset_encoder(self, start):
        if self._encoder is not None:
            if start:
                self._encoder.reset()
            else:
                self._encoder.setstate(0)

    def _stream(self):
        buffer = self._buffer
        if buffer is None:
            raise ValueError('underlying buffer has been detached' if self._gone
                             else 'I/O operation on uninitialized object')
        return buffer

    def _opened(self):
        buffer = self._stream()
        if self.closed:
            raise ValueError('I/O operation on closed file.')
        return buffer

    @property
    def buffer(self):
        return self._stream()

    def _made(self):
        if self._buffer is None and not self._gone:
            raise ValueError('I/O operation on uninitialized object')

    @property
    def encoding(self):
        self._made()
        return self._encoding

    @property
    def errors(self):
        self._made()
        return self._errors

    @property
    def line_buffering(self):
        self._made()
        return self._line

    @property
    def write_through(self):
        self._made()
        return self._through

    @property
    def newlines(self):
        self._stream()
        return getattr(self._decoder, 'newlines', None)

    @property
    def closed(self):
        return self._stream().closed

    @property
    def name(self):
        return self._stream().name

    @property
    def _CHUNK_SIZE(self):
        self._stream()
        return self._chunk

    @_CHUNK_SIZE.setter
    def _CHUNK_SIZE(self, value):
        self._stream()
        if not hasattr(value, '__index__'):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        value = value.__index__()
        if value >= 1 << 63:
            raise ValueError('cannot fit int into an index-sized integer')
        if value <= 0:
            raise ValueError('a strictly positive integer is required')
        self._chunk = self._most = value

    def reconfigure(self, *, encoding=None, errors=None, newline=..., line_buffering=None, write_through=None):
        for name, value in (('encoding', encoding), ('errors', errors)):
            if value is not None and not isinstance(value, str):
                raise TypeError(f"reconfigure() argument '{name}' must be str or None, not {type(value).__name__}")
            if value is not None and not value.isascii():
                value.encode('utf-8')
        if newline is not ... and newline is not None and not isinstance(newline, str):
            raise TypeError(f"reconfigure() argument 'newline' must be str or None, not {type(newline).__name__}")
        if self._decoded is not None and (encoding is not None or errors is not None or newline is not ...):
            raise UnsupportedOperation(
                'It is not possible to set the encoding or newline of stream after the first read')
        if newline not in (..., None, '', '\n', '\r', '\r\n'):
            raise ValueError(f'illegal newline value: {newline!r}')
        buffer = self._stream()
        line = self._line if line_buffering is None else bool(line_buffering)
        through = self._through if write_through is None else bool(write_through)
        self.flush()
        if encoding is not None or errors is not None or newline is not ...:
            if encoding is None:
                encoding = self._encoding
                errors = self._errors if errors is None else errors
            elif encoding == 'locale':
                encoding = 'UTF-8'
            self._set_codec(buffer, encoding, errors or 'strict', self._newline if newline is ... else newline)
            self._start_encoder()
        self._line, self._through = line, through
        self._ready()

    def detach(self):
        buffer = self._stream()
        self.flush()
        self._buffer = None
        self._gone = True
        self._ready()
        return buffer

    def fileno(self):
        return self._stream().fileno()

    def isatty(self):
        return self._stream().isatty()

    def readable(self):
        return self._stream().readable()

    def writable(self):
        return self._stream().writable()

    def seekable(self):
        return self._stream().seekable()

    def flush(self):
        buffer = self._opened()
        self._telling = self._can_seek
        self._give()
        buffer.flush()

    def close(self):
        buffer = self._stream()
        if self.closed:
            return
        if self._finalizing:
            warn = getattr(buffer, '_dealloc_warn', None)
            if warn is not None:
                warn(self)
        try:
            self.flush()
        finally:
            buffer.close()

    # Writing

    def _give(self):
        """Gives the encoded text on."""
        if self._waiting:
            data = self._pending
            self._pending = b''
            buffer = self._stream()
            buffer.write(data)

    def _write(self, text):
        self._opened()
        if self._encoder is None:
            raise UnsupportedOperation('not writable')
        if not isinstance(text, str):
            raise TypeError(f'write() argument must be str, not {type(text).__name__}')
        size = len(text)
        lines = self._line and ('\n' in text or '\r' in text)
        if self._ends and '\n' in text:
            text = text.replace('\n', self._ends)
            if not isinstance(text, str):
                raise TypeError(f"replace() should return a string result, not '{type(text).__name__}'")
            self._stream()
        data = self._encoder.encode(text)
        if not isinstance(data, bytes):
            raise TypeError(f"encoder should return a bytes object, not '{type(data).__name__}'")
        if self._waiting and self._waiting + len(data) > self._chunk:
            self._give()
        if self._add(data) >= self._chunk or lines or self._through or self._immediately:
            self._give()
        if lines:
            self._stream().flush()
        if self._snapshot is not None:
            self._decoded = self._snapshot = None
        if self._decoder is not None:
            self._decoder.reset()
        return size

    # Reading

    def _chunk_of_text(self, hint):
        """Reads and decodes some more; False at the end."""
        decoder = self._decoder
        if decoder is None:
            raise UnsupportedOperation('not readable')
        if self._telling:
            before, flags = _decoder_state(decoder)
        buffer = self._stream()
        size = max(self._chunk, int(hint * self._ratio))
        data = buffer.read1(size) if self._read_once else buffer.read(size)
        if data is None:
            raise BlockingIOError('Read returned None.')
        if not isinstance(data, bytes):
            try:
                data = memoryview(data).tobytes()
            except TypeError:
                raise TypeError(f"underlying {'read1' if self._read_once else 'read'}() should have returned a "
                                f"bytes-like object, not '{type(data).__name__}'") from None
        text = decoder.decode(data, not data)
        if not isinstance(text, str):
            raise TypeError(f"decoder should return a string result, not '{type(text).__name__}'")
        self._decoded = text
        self._ratio = len(data) / len(text) if text else 0.0
        if self._telling:
            self._snapshot = flags, before + data
        return bool(data) or bool(text)

    def _all(self):
        buffer = self._stream()
        data = buffer.read()
        if data is None:
            raise BlockingIOError('Read returned None.')
        if not isinstance(data, bytes):
            try:
                data = memoryview(data).tobytes()
            except TypeError:
                raise TypeError("underlying read() should have returned a bytes-like object, not "
                                f"'{type(data).__name__}'") from None
        if self._simple and not self._left and b'\r' not in data and self._decoder.getstate() == (b'', 0):
            # No state to keep, nothing to translate.
            self._decoder.decode(b'\n' if b'\n' in data else b'', True)
            text = str(data, 'utf-8', self._errors)
        else:
            text = self._decoder.decode(data, True)
        if not isinstance(text, str):
            raise TypeError(f"decoder should return a string result, not '{type(text).__name__}'")
        left = self._take(self._left)
        self._decoded = self._snapshot = None
        return left + text if left else text

    def read(self, size=-1, /):
        self._opened()
        if self._decoder is None:
            raise UnsupportedOperation('not readable')
        if size is None:
            size = -1
        elif not hasattr(size, '__index__'):
            raise TypeError(f"argument should be integer or None, not '{type(size).__name__}'")
        self._give()
        if size < 0:
            return self._all()
        text = self._take(size)
        if len(text) == size:
            return text
        parts = [text]
        left = size - len(text)
        while left > 0:
            if not self._chunk_of_text(left):
                break
            text = self._take(left)
            parts.append(text)
            left -= len(text)
        return ''.join(parts)

    def _readline(self, size):
        self._opened()
        self._give()
        newline = self._newline
        before = ''
        while True:
            if not self._left:
                more = True
                while not self._left and more:
                    more = self._chunk_of_text(0)
                if not more:
                    self._decoded = self._snapshot = None
                    line = before if size < 0 else before[:size]
                    break
            at = self._at
            text = before + self._take(self._left)
            end = _line_end(text, newline)
            if size >= 0 and (end > size or not end and len(text) >= size):
                end = size
                if not size:
                    self._at = at
                    return ''
            if end:
                self._at = at + end - len(before)
                line = text[:end]
                break
            before = text
        return line

    def _next(self):
        self._telling = False
        line = self._readline(-1)
        if not line:
            self._snapshot = None
            self._telling = self._can_seek
            raise StopIteration
        return line

    # Places. A place is a number: where in the file, and what must be decoded from there to be where the reader is.

    def _place(self, position, flags=0, feed=0, end=False, skip=0):
        return position | flags << 64 | feed << 128 | skip << 192 | bool(end) << 256

    def tell(self):
        buffer = self._opened()
        if not self._can_seek:
            raise UnsupportedOperation('underlying stream is not seekable')
        if not self._telling:
            raise OSError('telling position disabled by next() call')
        self._give()
        self.flush()
        position = buffer.tell()
        decoder = self._decoder
        if decoder is None or self._snapshot is None:
            return position
        flags, data = self._snapshot
        position -= len(data)
        skip = self._at
        if not skip:
            return self._place(position, flags)
        saved = decoder.getstate()
        try:
            return self._find_place(decoder, position, flags, data, skip)
        finally:
            decoder.setstate(saved)

    def _find_place(self, decoder, position, flags, data, skip):
        def decoded(part):
            decoder.setstate((b'', flags))
            return len(decoder.decode(part, False))

        # Near the reader's place: a byte where the decoder keeps nothing back.
        start = min(int(self._ratio * skip), len(data))
        step = 1
        while start > 0:
            count = decoded(data[:start])
            if count <= skip:
                kept, after = decoder.getstate()
                if not kept:
                    flags = after
                    skip -= count
                    break
                start -= len(kept)
                step = 1
            else:
                start -= step
                step *= 2
        else:
            start = 0
            decoder.setstate((b'', flags))
        best = position + start, flags
        if not skip:
            return self._place(*best)
        # Then byte by byte, noting each such place on the way.
        fed = count = 0
        for at in range(start, len(data)):
            fed += 1
            count += len(decoder.decode(data[at:at + 1], False))
            kept, after = decoder.getstate()
            if not kept and count <= skip:
                best = best[0] + fed, after
                skip -= count
                fed = count = 0
            if count >= skip:
                return self._place(*best, fed, False, skip)
        count += len(decoder.decode(b'', True))
        if count < skip:
            raise OSError("can't reconstruct logical file position")
        return self._place(*best, fed, True, skip)

    def seek(self, cookie, whence=0, /):
        buffer = self._opened()
        if not self._can_seek:
            raise UnsupportedOperation('underlying stream is not seekable')
        if whence == 1:
            if cookie != 0:
                raise UnsupportedOperation("can't do nonzero cur-relative seeks")
            whence, cookie = 0, self.tell()
        elif whence == 2:
            if cookie != 0:
                raise UnsupportedOperation("can't do nonzero end-relative seeks")
            self.flush()
            self._decoded = self._snapshot = None
            if self._decoder is not None:
                self._decoder.reset()
            at = buffer.seek(0, 2)
            self._reset_encoder(at == 0)
            return at
        elif whence != 0:
            raise ValueError(f'invalid whence ({whence}, should be 0, 1 or 2)')
        if not hasattr(cookie, '__index__'):
            raise TypeError(f"'{type(cookie).__name__}' object cannot be interpreted as an integer")
        if cookie < 0:
            raise ValueError(f'negative seek position {cookie!r}')
        self.flush()
        word = (1 << 64) - 1
        position, flags, feed = cookie & word, cookie >> 64 & word, cookie >> 128 & word
        skip, end = cookie >> 192 & word, bool(cookie >> 256)
        buffer.seek(position)
        self._decoded = self._snapshot = None
        decoder = self._decoder
        start = not position and not flags
        if decoder is not None:
            if start:
                decoder.reset()
            else:
                decoder.setstate((b'', flags))
            self._snapshot = flags, b''
            if skip:
                data = buffer.read(feed)
                if not isinstance(data, bytes):
                    raise TypeError("underlying read() should have returned a bytes object, not "
                                    f"'{type(data).__name__}'")
                self._snapshot = flags, data
                text = decoder.decode(data, end)
                if len(text) < skip:
                    raise OSError("can't restore logical file position")
                self._decoded = text
                self._at = skip
        self._reset_encoder(start)
        return cookie

    def truncate(self, size=None, /):
        buffer = self._stream()
        self.flush()
        return buffer.truncate(size)

    def __repr__(self):
        self._made()
        parts = [_name(self)]
        with _Repr(self):
            for name in ('name', 'mode'):
                try:
                    parts.append(f'{name}={getattr(self, name)!r}')
                except (AttributeError, ValueError):
                    pass
            parts.append(f'encoding={self._encoding!r}')
        return f"<{' '.join(parts)}>"


class _StandardRaw(FileIO):
    __module__ = '_io'
    __qualname__ = 'FileIO'

    def flush(self):
        _o.flush_standard()


class _StandardWriter(BufferedWriter):
    """The machine buffers standard output itself."""
    __module__ = '_io'
    __qualname__ = 'BufferedWriter'

    def write(self, data, /):
        self._opened('write')
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        return _o.write_standard(self.raw._fd, bytes(data))

    def flush(self):
        if not self.raw.closed:
            _o.flush_standard()


class _StandardText(TextIOWrapper):
    __module__ = '_io'
    __qualname__ = 'TextIOWrapper'
    _immediately = True


def _standard(name):
    fd = ('stdin', 'stdout', 'stderr').index(name)
    raw = _StandardRaw(fd, 'r' if fd == 0 else 'w', closefd=False)
    raw.name = f'<{name}>'
    if fd == 0:
        text = TextIOWrapper(BufferedReader(raw, 8192), 'utf-8', 'strict')
        text.mode = 'r'
    else:
        errors = 'strict' if fd == 1 else 'backslashreplace'
        text = _StandardText(_StandardWriter(raw), 'utf-8', errors, None, fd == 2)
        text.mode = 'w'
    return text
