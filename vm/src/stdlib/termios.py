"""`termios`: what terminals do with what is typed and shown."""
import _pyrvm_os as _o
from _pyrvm_descriptor import fileno as _fileno

globals().update(_o.names('termios'))


class error(Exception):
    __module__ = 'termios'


def _call(call, *args):
    try:
        return call(*args)
    except OSError as failed:
        raise error(failed.errno, failed.strerror) from None


def tcgetattr(fd, /):
    *words, characters = _call(_o.tcgetattr, _fileno(fd))
    row = [characters[at:at + 1] for at in range(len(characters))]
    if not words[3] & ICANON:
        row[VMIN], row[VTIME] = characters[VMIN], characters[VTIME]
    return [*words, row]


def tcsetattr(fd, when, attributes, /):
    fd = _fileno(fd)
    if not isinstance(attributes, list) or len(attributes) != 7:
        raise TypeError('tcsetattr, arg 3: must be 7 element list')
    *words, row = attributes
    if not isinstance(row, list) or len(row) != NCCS:
        raise TypeError(f'tcsetattr: attributes[6] must be {NCCS} element list')
    characters = bytearray()
    for character in row:
        if isinstance(character, bytes) and len(character) == 1:
            characters += character
        elif isinstance(character, int):
            if not 0 <= character < 256:
                raise OverflowError('integer out of range')
            characters.append(character)
        else:
            raise TypeError('tcsetattr: elements of attributes must be characters or integers')
    for word in words:
        if not isinstance(word, int):
            raise TypeError(f'an integer is required (got type {type(word).__name__})')
    _call(_o.tcsetattr, fd, when, *words, bytes(characters))


def tcsendbreak(fd, duration, /):
    _call(_o.terminal_line, 0, _fileno(fd), duration)


def tcdrain(fd, /):
    _call(_o.terminal_line, 1, _fileno(fd), 0)


def tcflush(fd, queue, /):
    _call(_o.terminal_line, 2, _fileno(fd), queue)


def tcflow(fd, action, /):
    _call(_o.terminal_line, 3, _fileno(fd), action)


def tcgetwinsize(fd, /):
    columns, rows = _call(_o.terminal_size, _fileno(fd))
    return rows, columns


def tcsetwinsize(fd, winsize, /):
    fd = _fileno(fd)
    if not hasattr(type(winsize), '__getitem__') or not hasattr(type(winsize), '__len__') or len(winsize) != 2:
        raise TypeError('tcsetwinsize, arg 2: must be a two-item sequence')
    rows, columns = winsize
    if not (0 <= rows < 65536 and 0 <= columns < 65536):
        raise OverflowError('winsize value(s) out of range.')
    _call(_o.tcsetwinsize, fd, rows, columns)
