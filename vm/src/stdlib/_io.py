# `_io`: streams over the descriptors of the machine.
import _pyrvm_os as _o

DEFAULT_BUFFER_SIZE = 131072


class UnsupportedOperation(OSError, ValueError):
    __module__ = 'io'


BlockingIOError = BlockingIOError


def text_encoding(encoding, stacklevel=2, /):
    return 'utf-8' if encoding is None else encoding


def open_code(path, /):
    return open(path, 'rb')


def open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if not isinstance(file, int):
        import posix
        file = posix.fspath(file)
    if not isinstance(mode, str):
        raise TypeError(f"open() argument 'mode' must be str, not {type(mode).__name__}")
    modes = set(mode)
    if modes - set('axrwb+t') or len(mode) > len(modes):
        raise ValueError(f'invalid mode: {mode!r}')
    binary = 'b' in modes
    if 't' in modes and binary:
        raise ValueError("can't have text and binary mode at once")
    if ('x' in modes) + ('r' in modes) + ('w' in modes) + ('a' in modes) != 1:
        raise ValueError('must have exactly one of create/read/write/append mode')
    if binary and encoding is not None:
        raise ValueError("binary mode doesn't take an encoding argument")
    if binary and errors is not None:
        raise ValueError("binary mode doesn't take an errors argument")
    if binary and newline is not None:
        raise ValueError("binary mode doesn't take a newline argument")
    raw = FileIO(file, ''.join(c for c in mode if c in 'xrwa') + ('+' if '+' in modes else ''), closefd, opener)
    line = False
    if buffering == 1 or buffering < 0 and raw.isatty():
        buffering, line = -1, True
    if buffering < 0:
        buffering = DEFAULT_BUFFER_SIZE
    if buffering == 0:
        if binary:
            return raw
        raw.close()
        raise ValueError("can't have unbuffered text I/O")
    if '+' in modes:
        buffer = BufferedRandom(raw, buffering)
    elif modes & set('xwa'):
        buffer = BufferedWriter(raw, buffering)
    else:
        buffer = BufferedReader(raw, buffering)
    if binary:
        return buffer
    text = TextIOWrapper(buffer, encoding, errors, newline, line)
    text.mode = mode
    return text


class _IOBase:
    __module__ = '_io'
    _closed = False

    def _unsupported(self, name):
        raise UnsupportedOperation(name)

    def seek(self, pos, whence=0, /):
        self._unsupported('seek')

    def tell(self):
        return self.seek(0, 1)

    def truncate(self, size=None, /):
        self._unsupported('truncate')

    def flush(self):
        self._checkClosed()

    def close(self):
        if not self._closed:
            try:
                self.flush()
            finally:
                self._closed = True

    def __del__(self):
        try:
            self.close()
        except Exception:
            pass

    def seekable(self):
        return False

    def readable(self):
        return False

    def writable(self):
        return False

    @property
    def closed(self):
        return self._closed

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
        self._unsupported('fileno')

    def isatty(self):
        self._checkClosed()
        return False

    def readline(self, size=-1, /):
        size = -1 if size is None else size
        out = []
        count = 0
        while size < 0 or count < size:
            byte = self.read(1)
            if not byte:
                break
            out.append(byte)
            count += 1
            if byte == b'\n':
                break
        return b''.join(out)

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
            if count >= hint:
                break
        return lines

    def writelines(self, lines, /):
        self._checkClosed()
        for line in lines:
            self.write(line)


class _RawIOBase(_IOBase):
    __module__ = '_io'

    def read(self, size=-1, /):
        if size is None or size < 0:
            return self.readall()
        buffer = bytearray(size)
        count = self.readinto(buffer)
        return None if count is None else bytes(buffer[:count])

    def readall(self):
        parts = []
        while part := self.read(DEFAULT_BUFFER_SIZE):
            parts.append(part)
        return b''.join(parts)


class _BufferedIOBase(_IOBase):
    __module__ = '_io'

    def read(self, size=-1, /):
        self._unsupported('read')

    def read1(self, size=-1, /):
        self._unsupported('read1')

    def readinto(self, buffer, /):
        data = self.read(len(buffer))
        buffer[:len(data)] = data
        return len(data)

    readinto1 = readinto

    def write(self, data, /):
        self._unsupported('write')

    def detach(self):
        self._unsupported('detach')


class _TextIOBase(_IOBase):
    __module__ = '_io'

    def read(self, size=-1, /):
        self._unsupported('read')

    def write(self, text, /):
        self._unsupported('write')

    def readline(self, size=-1, /):
        self._unsupported('readline')

    def detach(self):
        self._unsupported('detach')

    encoding = None
    errors = None
    newlines = None


class FileIO(_RawIOBase):
    __module__ = '_io'

    def __init__(self, file, mode='r', closefd=True, opener=None):
        import posix
        self._closed = True
        self._closefd = closefd
        plus = '+' in mode
        kind = mode.replace('b', '').replace('+', '')
        if kind not in ('r', 'w', 'x', 'a'):
            raise ValueError(f'invalid mode: {mode}' if len(kind) != 1 else
                             'Must have exactly one of create/read/write/append mode and at most one plus')
        self._kind = kind
        self._plus = plus
        flags = {'r': 0, 'w': 0o1101, 'x': 0o301, 'a': 0o2101}[kind]
        if plus:
            flags = flags & ~3 | 2
        self.name = file
        if isinstance(file, int) and not isinstance(file, bool):
            if file < 0:
                raise ValueError('negative file descriptor')
            self._fd = file
        elif opener is not None:
            self._fd = opener(file, flags | 0o2000000)
        else:
            if not closefd:
                raise ValueError('Cannot use closefd=False with file name')
            self._fd = _o.open(posix.fspath(file), flags | 0o2000000, 0o666)
            if _o.stat(self._fd, True)[0] & 0o170000 == 0o040000:
                _o.close(self._fd)
                raise IsADirectoryError(21, 'Is a directory', file)
        self._closed = False
        if kind == 'a':
            try:
                _o.lseek(self._fd, 0, 2)
            except OSError:
                pass

    @property
    def mode(self):
        kind, plus = self._kind, '+' if self._plus else ''
        return {'r': 'rb', 'w': 'wb', 'x': 'xb', 'a': 'ab'}[kind] + plus if kind != 'w' or not plus else 'rb+'

    @property
    def closefd(self):
        return self._closefd

    def fileno(self):
        self._checkClosed()
        return self._fd

    def readable(self):
        self._checkClosed()
        return self._kind == 'r' or self._plus

    def writable(self):
        self._checkClosed()
        return self._kind != 'r' or self._plus

    def seekable(self):
        self._checkClosed()
        try:
            _o.lseek(self._fd, 0, 1)
        except OSError:
            return False
        return True

    def isatty(self):
        self._checkClosed()
        return _o.isatty(self._fd)

    def read(self, size=-1, /):
        self._checkClosed()
        if not self.readable():
            raise UnsupportedOperation('File not open for reading')
        if size is None or size < 0:
            return self.readall()
        return _o.read(self._fd, size)

    def readall(self):
        self._checkClosed()
        parts = []
        while part := _o.read(self._fd, DEFAULT_BUFFER_SIZE):
            parts.append(part)
        return b''.join(parts)

    def readinto(self, buffer, /):
        data = self.read(len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def write(self, data, /):
        self._checkClosed()
        if not self.writable():
            raise UnsupportedOperation('File not open for writing')
        return _o.write(self._fd, bytes(data))

    def seek(self, pos, whence=0, /):
        self._checkClosed()
        return _o.lseek(self._fd, pos, whence)

    def tell(self):
        self._checkClosed()
        return _o.lseek(self._fd, 0, 1)

    def truncate(self, size=None, /):
        self._checkClosed()
        if not self.writable():
            raise UnsupportedOperation('File not open for writing')
        size = self.tell() if size is None else size
        _o.ftruncate(self._fd, size)
        return size

    def close(self):
        if not self._closed:
            self._closed = True
            if self._closefd:
                _o.close(self._fd)

    def __repr__(self):
        if self._closed:
            return '<_io.FileIO [closed]>'
        return f'<_io.FileIO name={self.name!r} mode={self.mode!r} closefd={self._closefd}>'


class _Buffered(_BufferedIOBase):
    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        if buffer_size <= 0:
            raise ValueError('buffer size must be strictly positive')
        self.raw = raw
        self._size = buffer_size
        self._ahead = b''
        self._at = 0
        self._pending = []
        self._waiting = 0

    @property
    def closed(self):
        return self.raw.closed

    @property
    def name(self):
        return self.raw.name

    @property
    def mode(self):
        return self.raw.mode

    def fileno(self):
        return self.raw.fileno()

    def isatty(self):
        return self.raw.isatty()

    def readable(self):
        return self.raw.readable()

    def writable(self):
        return self.raw.writable()

    def seekable(self):
        return self.raw.seekable()

    def detach(self):
        self.flush()
        raw, self.raw = self.raw, None
        return raw

    def close(self):
        if self.raw is not None and not self.closed:
            try:
                self.flush()
            finally:
                self.raw.close()

    def __repr__(self):
        name = f'_io.{type(self).__name__}'
        try:
            return f'<{name} name={self.name!r}>'
        except AttributeError:
            return f'<{name}>'

    # Reading

    def _rest(self):
        rest = self._ahead[self._at:]
        self._ahead, self._at = b'', 0
        return rest

    def read(self, size=-1, /):
        self._checkClosed('read of closed file')
        if not self.raw.readable():
            raise UnsupportedOperation('read')
        self._drain()
        if size is None or size < 0:
            rest = self._rest()
            return rest + (self.raw.readall() if hasattr(self.raw, 'readall') else self.raw.read())
        if self._at + size <= len(self._ahead):
            out = self._ahead[self._at:self._at + size]
            self._at += size
            return out
        parts = [self._rest()]
        count = len(parts[0])
        while count < size:
            more = self.raw.read(max(self._size, size - count))
            if not more:
                break
            parts.append(more)
            count += len(more)
        data = b''.join(parts)
        self._ahead, self._at = data[size:], 0
        return data[:size]

    def read1(self, size=-1, /):
        self._checkClosed('read of closed file')
        self._drain()
        if self._at >= len(self._ahead):
            self._ahead, self._at = self.raw.read(self._size) or b'', 0
        size = len(self._ahead) if size is None or size < 0 else size
        out = self._ahead[self._at:self._at + size]
        self._at += len(out)
        return out

    def peek(self, size=0, /):
        self._checkClosed('peek of closed file')
        self._drain()
        if self._at >= len(self._ahead):
            self._ahead, self._at = self.raw.read(self._size) or b'', 0
        return self._ahead[self._at:]

    def readline(self, size=-1, /):
        self._checkClosed('readline of closed file')
        size = -1 if size is None else size
        parts = []
        count = 0
        while size < 0 or count < size:
            if self._at >= len(self._ahead):
                self._drain()
                self._ahead, self._at = self.raw.read(self._size) or b'', 0
                if not self._ahead:
                    break
            end = self._ahead.find(b'\n', self._at) + 1 or len(self._ahead)
            if size >= 0:
                end = min(end, self._at + size - count)
            part = self._ahead[self._at:end]
            self._at = end
            parts.append(part)
            count += len(part)
            if part.endswith(b'\n'):
                break
        return b''.join(parts)

    # Writing

    def write(self, data, /):
        self._checkClosed('write to closed file')
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        if not self.raw.writable():
            raise UnsupportedOperation('write')
        if self._ahead:
            self.raw.seek(self._at - len(self._ahead), 1)
            self._ahead, self._at = b'', 0
        data = bytes(data)
        self._pending.append(data)
        self._waiting += len(data)
        if self._waiting >= self._size:
            self._drain()
        return len(data)

    def _drain(self):
        if self._pending:
            data = b''.join(self._pending)
            self._pending = []
            self._waiting = 0
            while data:
                data = data[self.raw.write(data):]

    def flush(self):
        self._checkClosed('flush of closed file')
        self._drain()
        self.raw.flush()

    # Moving

    def seek(self, pos, whence=0, /):
        self._checkClosed('seek of closed file')
        if whence not in (0, 1, 2):
            raise ValueError(f'whence value {whence} unsupported')
        self._drain()
        if whence == 1:
            pos -= len(self._ahead) - self._at
        self._ahead, self._at = b'', 0
        return self.raw.seek(pos, whence)

    def tell(self):
        self._checkClosed('tell of closed file')
        self._drain()
        return self.raw.tell() - (len(self._ahead) - self._at)

    def truncate(self, size=None, /):
        self._checkClosed('truncate of closed file')
        if not self.raw.writable():
            raise UnsupportedOperation('truncate')
        self.flush()
        return self.raw.truncate(self.tell() if size is None else size)


class BufferedReader(_Buffered):
    __module__ = '_io'

    def writable(self):
        return False

    def write(self, data, /):
        raise UnsupportedOperation('write')


class BufferedWriter(_Buffered):
    __module__ = '_io'

    def readable(self):
        return False


class BufferedRandom(_Buffered):
    __module__ = '_io'


class BufferedRWPair(_BufferedIOBase):
    __module__ = '_io'

    def __init__(self, reader, writer, buffer_size=DEFAULT_BUFFER_SIZE):
        self.reader = BufferedReader(reader, buffer_size)
        self.writer = BufferedWriter(writer, buffer_size)

    def read(self, size=-1, /):
        return self.reader.read(size)

    def peek(self, size=0, /):
        return self.reader.peek(size)

    def write(self, data, /):
        return self.writer.write(data)

    def readable(self):
        return True

    def writable(self):
        return True

    def flush(self):
        self.writer.flush()

    def close(self):
        self.writer.close()
        self.reader.close()

    @property
    def closed(self):
        return self.writer.closed


class BytesIO(_BufferedIOBase):
    __module__ = '_io'

    def __init__(self, initial_bytes=b''):
        self._data = bytes(initial_bytes or b'')
        self._parts = []
        self._pos = 0
        self._closed = False

    def _all(self):
        if self._parts:
            self._data += b''.join(self._parts)
            self._parts = []
        return self._data

    def getvalue(self):
        self._checkClosed()
        return self._all()

    def getbuffer(self):
        self._checkClosed()
        return memoryview(self._all())

    def readable(self):
        self._checkClosed()
        return True

    writable = seekable = readable

    def read(self, size=-1, /):
        self._checkClosed()
        data = self._all()
        end = len(data) if size is None or size < 0 else min(len(data), self._pos + size)
        out = data[self._pos:end]
        self._pos = max(end, self._pos)
        return out

    read1 = read

    def readline(self, size=-1, /):
        self._checkClosed()
        data = self._all()
        end = data.find(b'\n', self._pos) + 1 or len(data)
        if size is not None and size >= 0:
            end = min(end, self._pos + size)
        out = data[self._pos:end]
        self._pos = max(end, self._pos)
        return out

    def write(self, data, /):
        self._checkClosed()
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        data = bytes(data)
        size = len(data)
        if not size:
            return 0
        if self._pos == len(self._data) + sum(map(len, self._parts)) if self._parts else self._pos == len(self._data):
            self._parts.append(data)
        else:
            old = self._all()
            if self._pos > len(old):
                old += bytes(self._pos - len(old))
            self._data = old[:self._pos] + data + old[self._pos + size:]
        self._pos += size
        return size

    def seek(self, pos, whence=0, /):
        self._checkClosed()
        if whence == 0:
            if pos < 0:
                raise ValueError(f'negative seek value {pos}')
            self._pos = pos
        elif whence == 1:
            self._pos = max(0, self._pos + pos)
        elif whence == 2:
            self._pos = max(0, len(self._all()) + pos)
        else:
            raise ValueError(f'invalid whence ({whence}, should be 0, 1 or 2)')
        return self._pos

    def tell(self):
        self._checkClosed()
        return self._pos

    def truncate(self, size=None, /):
        self._checkClosed()
        size = self._pos if size is None else size
        if size < 0:
            raise ValueError(f'negative size value {size}')
        self._data = self._all()[:size]
        return size

    def close(self):
        self._closed = True
        self._data = b''
        self._parts = []


class IncrementalNewlineDecoder:
    __module__ = '_io'

    def __init__(self, decoder, translate, errors='strict'):
        self.decoder = decoder
        self.translate = translate
        self.errors = errors
        self._seen = 0
        self._cr = False

    def decode(self, input, final=False):
        text = input if self.decoder is None else self.decoder.decode(input, final=final)
        if self._cr and (text or final):
            text = '\r' + text
            self._cr = False
        if text.endswith('\r') and not final:
            text = text[:-1]
            self._cr = True
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
        data, flag = (b'', 0) if self.decoder is None else self.decoder.getstate()
        return data, flag << 1 | self._cr

    def setstate(self, state):
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


def _split_at(text, start, newline):
    """Where the line that begins at `start` ends; 0 where it does not."""
    if newline in (None, '\n'):
        return text.find('\n', start) + 1
    if newline == '':
        lf, cr = text.find('\n', start), text.find('\r', start)
        if cr < 0 or 0 <= lf < cr:
            return lf + 1
        return cr + 2 if text[cr + 1:cr + 2] == '\n' else cr + 1
    at = text.find(newline, start)
    return at + len(newline) if at >= 0 else 0


class TextIOWrapper(_TextIOBase):
    __module__ = '_io'

    def __init__(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False):
        if newline not in (None, '', '\n', '\r', '\r\n'):
            raise ValueError(f'illegal newline value: {newline!r}')
        if encoding is None or encoding == 'locale':
            encoding = 'utf-8'
        if not isinstance(encoding, str):
            raise ValueError(f'invalid encoding: {encoding!r}')
        self._buffer = buffer
        self._encoding = encoding
        self._errors = errors or 'strict'
        self._newline = newline
        self._line = line_buffering
        self._through = write_through
        self._text = ''
        self._from = 0
        self._seen = None
        self._end = False
        self.mode = getattr(buffer, 'mode', 'r')

    @property
    def buffer(self):
        return self._buffer

    @property
    def encoding(self):
        return self._encoding

    @property
    def errors(self):
        return self._errors

    @property
    def line_buffering(self):
        return self._line

    @property
    def write_through(self):
        return self._through

    @property
    def newlines(self):
        return self._seen.newlines if self._seen is not None else None

    @property
    def closed(self):
        return self._buffer.closed

    @property
    def name(self):
        return self._buffer.name

    def reconfigure(self, *, encoding=None, errors=None, newline=..., line_buffering=None, write_through=None):
        self.flush()
        if encoding is not None:
            self._encoding = encoding
            self._errors = errors or 'strict'
        elif errors is not None:
            self._errors = errors
        if newline is not ...:
            self._newline = newline
        if line_buffering is not None:
            self._line = line_buffering
        if write_through is not None:
            self._through = write_through

    def detach(self):
        self.flush()
        buffer, self._buffer = self._buffer, None
        return buffer

    def fileno(self):
        return self._buffer.fileno()

    def isatty(self):
        return self._buffer.isatty()

    def readable(self):
        return self._buffer.readable()

    def writable(self):
        return self._buffer.writable()

    def seekable(self):
        return self._buffer.seekable()

    def flush(self):
        self._buffer.flush()

    def close(self):
        if self._buffer is not None and not self.closed:
            try:
                self.flush()
            finally:
                self._buffer.close()

    def write(self, text, /):
        if self.closed:
            raise ValueError('I/O operation on closed file.')
        if not isinstance(text, str):
            raise TypeError(f'write() argument must be str, not {type(text).__name__}')
        size = len(text)
        shown = text
        if self._newline not in ('', '\n', None):
            shown = text.replace('\n', self._newline)
        self._buffer.write(shown.encode(self._encoding, self._errors))
        if self._line and ('\n' in text or '\r' in text):
            self.flush()
        return size

    def _fill(self):
        """Reads all that is left: decoding starts where the buffer is."""
        if self._end:
            return False
        if not self._buffer.readable():
            raise UnsupportedOperation('not readable')
        data = self._buffer.read()
        self._end = True
        text = data.decode(self._encoding, self._errors)
        if self._newline in (None, ''):
            self._seen = self._seen or IncrementalNewlineDecoder(None, self._newline is None)
            text = self._seen.decode(text, True)
        self._text = self._text[self._from:] + text
        self._from = 0
        return bool(text)

    def _fill_line(self):
        """Reads a line where that is possible, for streams that come bit by bit."""
        line = getattr(self._buffer, 'readline', None)
        if line is None or self._encoding.lower() not in ('utf-8', 'ascii', 'latin-1') or self._newline == '\r':
            return self._fill()
        if not self._buffer.readable():
            raise UnsupportedOperation('not readable')
        data = line()
        if not data:
            return False
        text = data.decode(self._encoding, self._errors)
        if self._newline in (None, ''):
            self._seen = self._seen or IncrementalNewlineDecoder(None, self._newline is None)
            text = self._seen.decode(text, True)
        self._text = self._text[self._from:] + text
        self._from = 0
        return True

    def read(self, size=-1, /):
        if self.closed:
            raise ValueError('I/O operation on closed file.')
        if size is None or size < 0:
            self._end = False
            self._fill()
            out = self._text[self._from:]
            self._text, self._from = '', 0
            return out
        while len(self._text) - self._from < size and self._fill_line():
            pass
        out = self._text[self._from:self._from + size]
        self._from += len(out)
        return out

    def readline(self, size=-1, /):
        if self.closed:
            raise ValueError('I/O operation on closed file.')
        while True:
            end = _split_at(self._text, self._from, self._newline)
            if end or not self._fill_line():
                break
        end = end or len(self._text)
        if size is not None and size >= 0:
            end = min(end, self._from + size)
        out = self._text[self._from:end]
        self._from = end
        return out

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def seek(self, cookie, whence=0, /):
        if self.closed:
            raise ValueError('I/O operation on closed file.')
        if whence == 1 and cookie != 0:
            raise UnsupportedOperation("can't do nonzero cur-relative seeks")
        if whence == 2 and cookie != 0:
            raise UnsupportedOperation("can't do nonzero end-relative seeks")
        self.flush()
        if whence == 1:
            cookie = self.tell()
            whence = 0
        self._text, self._from, self._end = '', 0, False
        return self._buffer.seek(cookie, whence)

    def tell(self):
        self.flush()
        left = self._text[self._from:]
        return self._buffer.tell() - len(left.encode(self._encoding, self._errors))

    def truncate(self, size=None, /):
        self.flush()
        return self._buffer.truncate(self.tell() if size is None else size)

    def __repr__(self):
        name = f' name={self.name!r}' if hasattr(self._buffer, 'name') else ''
        return f'<_io.TextIOWrapper{name} mode={self.mode!r} encoding={self._encoding!r}>'


class StringIO(_TextIOBase):
    __module__ = '_io'

    def __init__(self, initial_value='', newline='\n'):
        if initial_value is not None and not isinstance(initial_value, str):
            raise TypeError(f'initial_value must be str or None, not {type(initial_value).__name__}')
        self._newline = newline
        self._parts = []
        self._data = ''
        self._pos = 0
        self._closed = False
        self._data = self._convert(initial_value or '')

    def _convert(self, text):
        if self._newline is None:
            return text.replace('\r\n', '\n').replace('\r', '\n')
        if self._newline in ('\r', '\r\n'):
            return text.replace('\n', self._newline)
        return text

    def _all(self):
        if self._parts:
            self._data += ''.join(self._parts)
            self._parts = []
        return self._data

    def getvalue(self):
        self._checkClosed()
        return self._all()

    def readable(self):
        self._checkClosed()
        return True

    writable = seekable = readable

    @property
    def line_buffering(self):
        return False

    def read(self, size=-1, /):
        self._checkClosed()
        data = self._all()
        end = len(data) if size is None or size < 0 else min(len(data), self._pos + size)
        out = data[self._pos:end]
        self._pos = max(end, self._pos)
        return out

    def readline(self, size=-1, /):
        self._checkClosed()
        data = self._all()
        end = _split_at(data, self._pos, self._newline) or len(data)
        if size is not None and size >= 0:
            end = min(end, self._pos + size)
        out = data[self._pos:end]
        self._pos = max(end, self._pos)
        return out

    def write(self, text, /):
        self._checkClosed()
        if not isinstance(text, str):
            raise TypeError(f'string argument expected, got {type(text).__name__!r}')
        size = len(text)
        if not size:
            return 0
        text = self._convert(text)
        if self._parts:
            self._parts.append(text)
            self._pos += len(text)
        elif self._pos == len(self._data):
            self._parts.append(text)
            self._pos += len(text)
        else:
            old = self._all()
            if self._pos > len(old):
                old += '\0' * (self._pos - len(old))
            self._data = old[:self._pos] + text + old[self._pos + len(text):]
            self._pos += len(text)
        return size

    def seek(self, pos, whence=0, /):
        self._checkClosed()
        if whence not in (0, 1, 2):
            raise ValueError(f'Invalid whence ({whence}, should be 0, 1 or 2)')
        if whence and pos:
            raise OSError("Can't do nonzero cur-relative seeks")
        self._all()
        if whence == 0:
            if pos < 0:
                raise ValueError(f'Negative seek position {pos}')
            self._pos = pos
        elif whence == 2:
            self._pos = len(self._data)
        return self._pos

    def tell(self):
        self._checkClosed()
        return self._pos

    def truncate(self, size=None, /):
        self._checkClosed()
        size = self._pos if size is None else size
        if size < 0:
            raise ValueError(f'Negative size value {size}')
        self._data = self._all()[:size]
        return size

    def close(self):
        self._closed = True


class _StandardRaw(FileIO):
    __module__ = '_io'

    def flush(self):
        _o.flush_standard()


class _StandardWriter(BufferedWriter):
    """The machine buffers standard output itself."""
    __module__ = '_io'

    def write(self, data, /):
        self._checkClosed('write to closed file')
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        return _o.write(self.raw._fd, bytes(data))

    def flush(self):
        if not self.raw.closed:
            _o.flush_standard()


def _standard(name):
    fd = ('stdin', 'stdout', 'stderr').index(name)
    raw = _StandardRaw(fd, 'r' if fd == 0 else 'w', closefd=False)
    raw.name = f'<{name}>'
    if fd == 0:
        text = TextIOWrapper(BufferedReader(raw, 8192), 'utf-8', 'strict')
        text.mode = 'r'
    else:
        errors = 'strict' if fd == 1 else 'backslashreplace'
        text = TextIOWrapper(_StandardWriter(raw), 'utf-8', errors, None, fd == 2)
        text.mode = 'w'
    return text
