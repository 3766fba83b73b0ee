# `_tokenize`: what `tokenize` reads. The whole source is read when the first token is asked for.
import _pyrvm_tokens
import token as _token

_STRINGS = frozenset({'STRING', 'FSTRING_START', 'FSTRING_MIDDLE', 'FSTRING_END',
                      'TSTRING_START', 'TSTRING_MIDDLE', 'TSTRING_END'})


def _lines(readline, encoding):
    lines = []
    while True:
        try:
            line = readline()
        except StopIteration:
            break
        if encoding is not None:
            if not isinstance(line, (bytes, bytearray)):
                raise TypeError('readline() returned a non-bytes object')
            line = line.decode(encoding, 'replace')
        elif not isinstance(line, str):
            raise TypeError('readline() returned a non-string object')
        if not line:
            break
        lines.append(line)
    return lines


def _error(message, line, column, text):
    kind = SyntaxError
    if message.startswith(('unindent does not match', 'too many levels', 'expected an indented')):
        kind = IndentationError
    elif message.startswith('inconsistent use of tabs'):
        kind = TabError
    return kind(message, ('<string>', line, column, text, line, column))


def _tokens(readline, encoding, extra):
    lines = _lines(readline, encoding)
    rows, error = _pyrvm_tokens.all(''.join(lines))
    # A source whose lines come in other pieces than lines.
    lines = ''.join(lines).splitlines(keepends=True) if any(it.count('\n') > 1 for it in lines) else lines
    numbers = _token.__dict__
    count = len(lines)
    for name, exact, text, start, end in rows:
        first, last = start[0], end[0]
        line = ''
        if first <= count:
            if name in _STRINGS:
                line = ''.join(lines[first - 1:last])
            else:
                line = lines[last - 1]
        if extra:
            kind = numbers[name]
        else:
            if name in ('COMMENT', 'NL'):
                continue
            kind = numbers[exact]
            if name == 'ENDMARKER':
                start, end = (start[0], 0), (end[0], 0)
        yield kind, text, start, end, line
    if error is not None:
        message, line, column = error
        raise _error(message, line, column, lines[line - 1] if 0 < line <= count else '')


class TokenizerIter:
    """The tokens of what `readline` gives."""

    def __init__(self, readline, *, encoding=None, extra_tokens=False):
        self._rows = _tokens(readline, encoding, extra_tokens)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._rows)
