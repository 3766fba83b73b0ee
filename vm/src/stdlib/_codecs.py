# `_codecs`: the register of codecs, and what the codecs of the library are made of.
_search = []
_known = {}
_errors = {}


def register(search_function, /):
    if not callable(search_function):
        raise TypeError('argument must be callable')
    _search.append(search_function)


def unregister(search_function, /):
    if search_function in _search:
        _search.remove(search_function)
        _known.clear()


def lookup(encoding, /):
    if not isinstance(encoding, str):
        raise TypeError(f'lookup() argument must be str, not {type(encoding).__name__}')
    name = encoding.replace(' ', '-').lower()
    found = _known.get(name)
    if found is not None:
        return found
    if not _search:
        import encodings
    for search in _search:
        found = search(name)
        if found is not None:
            if not isinstance(found, tuple) or len(found) != 4:
                raise TypeError('codec search functions must return 4-tuples')
            _known[name] = found
            return found
    raise LookupError(f'unknown encoding: {encoding}')


def encode(obj, encoding='utf-8', errors='strict'):
    return lookup(encoding)[0](obj, errors)[0]


def decode(obj, encoding='utf-8', errors='strict'):
    return lookup(encoding)[1](obj, errors)[0]


def _forget_codec(encoding, /):
    _known.pop(encoding, None)


def register_error(errors, handler, /):
    if not callable(handler):
        raise TypeError('handler must be callable')
    _errors[errors] = handler


def _unregister_error(errors, /):
    return _errors.pop(errors, None) is not None


def lookup_error(name, /):
    handler = _errors.get(name)
    if handler is None:
        raise LookupError(f'unknown error handler name {name!r}')
    return handler


def strict_errors(exc):
    if isinstance(exc, Exception):
        raise exc
    raise TypeError('codec must pass exception instance')


def ignore_errors(exc):
    return '', exc.end


def replace_errors(exc):
    if isinstance(exc, UnicodeDecodeError):
        return '\ufffd', exc.end
    return ('?' if isinstance(exc, UnicodeEncodeError) else '\ufffd') * (exc.end - exc.start), exc.end


def xmlcharrefreplace_errors(exc):
    return ''.join(f'&#{ord(c)};' for c in exc.object[exc.start:exc.end]), exc.end


def backslashreplace_errors(exc):
    part = exc.object[exc.start:exc.end]
    if isinstance(exc, UnicodeDecodeError):
        return ''.join(f'\\x{b:02x}' for b in part), exc.end
    return part.encode('ascii', 'backslashreplace').decode(), exc.end


def namereplace_errors(exc):
    return exc.object[exc.start:exc.end].encode('ascii', 'namereplace').decode(), exc.end


def surrogateescape_errors(exc):
    part = exc.object[exc.start:exc.end]
    if isinstance(exc, UnicodeDecodeError):
        return part.decode('utf-8', 'surrogateescape'), exc.end
    if all('\udc80' <= c <= '\udcff' for c in part):
        return bytes(ord(c) - 0xdc00 for c in part), exc.end
    raise exc


def surrogatepass_errors(exc):
    raise exc


for _name in ('strict', 'ignore', 'replace', 'xmlcharrefreplace', 'backslashreplace', 'namereplace',
              'surrogateescape', 'surrogatepass'):
    _errors[_name] = globals()[_name + '_errors']
del _name


def _pair(name, encoding):
    def encoder(obj, errors='strict', /):
        return str.encode(obj, encoding, errors or 'strict'), len(obj)

    def decoder(data, errors='strict', final=True, /):
        data = bytes(data)
        if final:
            return data.decode(encoding, errors or 'strict'), len(data)
        size = _complete(data, encoding)
        return data[:size].decode(encoding, errors or 'strict'), size
    encoder.__name__, decoder.__name__ = name + '_encode', name + '_decode'
    globals()[name + '_encode'] = encoder
    globals()[name + '_decode'] = decoder


def _complete(data, encoding):
    """How many of the bytes make whole characters."""
    size = len(data)
    if encoding == 'utf-8':
        for back in range(1, min(4, size) + 1):
            byte = data[size - back]
            if byte >= 0xC0:
                wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
                return size - back if wanted > back else size
            if byte < 0x80:
                break
        return size
    unit = 2 if '16' in encoding else 4 if '32' in encoding else 1
    size -= size % unit
    if unit == 2 and size >= 2:
        high = data[size - 1] if 'be' not in encoding else data[size - 2]
        if 0xD8 <= high < 0xDC:
            size -= 2
    return size


for _name, _encoding in (('utf_8', 'utf-8'), ('ascii', 'ascii'), ('latin_1', 'latin-1'), ('utf_16', 'utf-16'),
                         ('utf_16_le', 'utf-16-le'), ('utf_16_be', 'utf-16-be'), ('utf_32', 'utf-32'),
                         ('utf_32_le', 'utf-32-le'), ('utf_32_be', 'utf-32-be')):
    _pair(_name, _encoding)


def utf_16_ex_decode(data, errors='strict', byteorder=0, final=False, /):
    if byteorder == 0 and len(data) >= 2:
        byteorder = -1 if data[:2] == b'\xff\xfe' else 1 if data[:2] == b'\xfe\xff' else 0
    text, size = utf_16_decode(data, errors, final)
    return text, size, byteorder


def utf_32_ex_decode(data, errors='strict', byteorder=0, final=False, /):
    if byteorder == 0 and len(data) >= 4:
        start = bytes(data[:4])
        byteorder = -1 if start == b'\xff\xfe\0\0' else 1 if start == b'\0\0\xfe\xff' else 0
    text, size = utf_32_decode(data, errors, final)
    return text, size, byteorder


def _decoded(encoding, data, start, end, reason, errors):
    """What a handler makes of bytes that mean nothing, and where to go on."""
    error = UnicodeDecodeError(encoding, data, start, end, reason)
    made = lookup_error(errors or 'strict')(error)
    if not isinstance(made, tuple) or len(made) != 2 or not isinstance(made[0], str) or not isinstance(made[1], int):
        raise TypeError('decoding error handler must return (str, int) tuple')
    text, at = made
    place = at + len(data) if at < 0 else at
    if not 0 <= place <= len(data):
        raise IndexError(f'position {at} from error handler out of bounds')
    return text, place


def _encoded(error, errors):
    """What a handler makes of characters that cannot be encoded, and where to go on."""
    made = lookup_error(errors or 'strict')(error)
    if (not isinstance(made, tuple) or len(made) != 2 or not isinstance(made[0], (str, bytes))
            or not isinstance(made[1], int)):
        raise TypeError('encoding error handler must return (str/bytes, int) tuple')
    text, at = made
    place = at + len(error.object) if at < 0 else at
    if not 0 <= place <= len(error.object):
        raise IndexError(f'position {at} from error handler out of bounds')
    return text, place


_simple = {'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', "'": "'", '"': '"', 'a': '\a', 'b': '\b', 'f': '\f',
           'v': '\v', '\n': ''}
_hexadecimal = frozenset('0123456789abcdefABCDEF')
_sizes = {'x': 2, 'u': 4, 'U': 8}
_truncated = {'x': 'truncated \\xXX escape', 'u': 'truncated \\uXXXX escape', 'U': 'truncated \\UXXXXXXXX escape'}


def _octal_end(text, at):
    end = at
    while end < min(at + 3, len(text)) and text[end] in '01234567':
        end += 1
    return end


def _hex_end(text, at, size):
    end = at
    while end < min(at + size, len(text)) and text[end] in _hexadecimal:
        end += 1
    return end


def _invalid_escape(escape):
    import warnings
    what = 'octal escape' if escape[1:].isdigit() else 'escape'
    warnings.warn(f'"{escape}" is an invalid {what} sequence. Such sequences will not work in the future. ',
                  DeprecationWarning, stacklevel=3)


def escape_decode(data, errors='strict', /):
    data = data.encode() if isinstance(data, str) else bytes(data)
    text = data.decode('latin-1')
    out = []
    at = 0
    while at < len(text):
        start = at
        char = text[at]
        at += 1
        if char != '\\':
            out.append(char)
            continue
        if at == len(text):
            raise ValueError('Trailing \\ in string')
        char = text[at]
        at += 1
        if char in _simple:
            out.append(_simple[char])
        elif char in '01234567':
            end = _octal_end(text, at - 1)
            out.append(chr(int(text[at - 1:end], 8) & 255))
            at = end
        elif char == 'x':
            end = _hex_end(text, at, 2)
            if end == at + 2:
                out.append(chr(int(text[at:end], 16)))
                at = end
                continue
            if errors == 'strict' or errors is None:
                raise ValueError(f'invalid \\x escape at position {start}')
            if errors not in ('replace', 'ignore'):
                raise ValueError(f'decoding error; unknown error handling code: {errors}')
            out.append('?' if errors == 'replace' else '')
            at = end
        else:
            _invalid_escape('\\' + char)
            out.append('\\' + char)
    return ''.join(out).encode('latin-1'), len(data)


def escape_encode(data, errors='strict', /):
    if not isinstance(data, bytes):
        raise TypeError(f'escape_encode() argument 1 must be bytes, not {type(data).__name__}')
    shown = repr(data)
    text = shown[2:-1]
    return (text.replace("'", "\\'") if shown[1] == '"' else text).encode('latin-1'), len(data)


def unicode_escape_encode(text, errors='strict', /):
    out = []
    for char in text:
        point = ord(char)
        if char == '\\':
            out.append('\\\\')
        elif char in '\t\n\r':
            out.append({'\t': '\\t', '\n': '\\n', '\r': '\\r'}[char])
        elif 32 <= point < 127:
            out.append(char)
        elif point < 256:
            out.append(f'\\x{point:02x}')
        elif point < 65536:
            out.append(f'\\u{point:04x}')
        else:
            out.append(f'\\U{point:08x}')
    return ''.join(out).encode('ascii'), len(text)


def _named(text, at):
    """The character of `\\N{...}` behind the `N`: the character, where to go on, what is wrong."""
    if text[at:at + 1] != '{':
        return None, at, 'malformed \\N character escape'
    end = text.find('}', at)
    if end < 0:
        return None, len(text), 'malformed \\N character escape'
    if end == at + 1:
        return None, end, 'malformed \\N character escape'
    import unicodedata
    try:
        return unicodedata.lookup(text[at + 1:end]), end + 1, None
    except KeyError:
        return None, end + 1, 'unknown Unicode character name'


def unicode_escape_decode(data, errors='strict', final=True, /):
    data = data.encode() if isinstance(data, str) else bytes(data)
    text = data.decode('latin-1')
    out = []
    at = 0
    while at < len(text):
        start = at
        char = text[at]
        at += 1
        if char != '\\':
            out.append(char)
            continue
        made, problem, char = None, None, text[at:at + 1]
        at += len(char)
        if not char:
            problem = '\\ at end of string'
        elif char in _simple:
            made = _simple[char]
        elif char in '01234567':
            end = _octal_end(text, at - 1)
            made = chr(int(text[at - 1:end], 8))
            if made > '\xff':
                _invalid_escape('\\' + text[at - 1:end])
            at = end
        elif char in _sizes:
            end = _hex_end(text, at, _sizes[char])
            if end < at + _sizes[char]:
                problem = _truncated[char]
            elif int(text[at:end], 16) > 0x10ffff:
                problem = 'illegal Unicode character'
            else:
                made = chr(int(text[at:end], 16))
            at = end
        elif char == 'N':
            made, at, problem = _named(text, at)
        else:
            _invalid_escape('\\' + char)
            made = '\\' + char
        if problem is not None:
            if not final and at == len(text):
                return ''.join(out), start
            made, at = _decoded('unicodeescape', data, start, at, problem, errors)
        out.append(made)
    return ''.join(out), len(data)


def raw_unicode_escape_encode(text, errors='strict', /):
    out = []
    for char in text:
        point = ord(char)
        out.append(char if point < 256 else f'\\u{point:04x}' if point < 65536 else f'\\U{point:08x}')
    return ''.join(out).encode('latin-1'), len(text)


def raw_unicode_escape_decode(data, errors='strict', final=True, /):
    data = data.encode() if isinstance(data, str) else bytes(data)
    text = data.decode('latin-1')
    out = []
    at = 0
    while at < len(text):
        start = at
        char = text[at]
        at += 1
        if char != '\\':
            out.append(char)
            continue
        char = text[at:at + 1]
        if not char and not final:
            return ''.join(out), start
        at += len(char)
        if char not in ('u', 'U'):
            out.append('\\' + char)
            continue
        end = _hex_end(text, at, _sizes[char])
        if end == at + _sizes[char] and int(text[at:end], 16) <= 0x10ffff:
            out.append(chr(int(text[at:end], 16)))
            at = end
            continue
        if not final and end == len(text) < at + _sizes[char]:
            return ''.join(out), start
        problem = _truncated[char] if end < at + _sizes[char] else '\\Uxxxxxxxx out of range'
        made, at = _decoded('rawunicodeescape', data, start, end, problem, errors)
        out.append(made)
    return ''.join(out), len(data)


_base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
_value_of = {char: value for value, char in enumerate(_base64)}
# What UTF-7 shows as it is.
_direct = frozenset(_base64[:62] + '\'(),-./:?!"#$%&*;<=>@[]^_`{|}\t\n\r ')


def _units(char):
    """A character in UTF-16."""
    point = ord(char)
    if point < 0x10000:
        return (point,)
    return 0xd800 + (point - 0x10000 >> 10), 0xdc00 + (point & 0x3ff)


def utf_7_encode(text, errors='strict', /):
    out = []
    shifted, bits, buffer = False, 0, 0

    def rest():
        if bits:
            out.append(_base64[buffer << 6 - bits & 63])

    for char in text:
        direct = char in _direct
        if shifted and direct:
            rest()
            shifted, bits, buffer = False, 0, 0
            if char in _value_of or char == '-':
                out.append('-')
        if not shifted:
            if char == '+':
                out.append('+-')
                continue
            if direct:
                out.append(char)
                continue
            shifted = True
            out.append('+')
        for unit in _units(char):
            bits += 16
            buffer = buffer << 16 | unit
            while bits >= 6:
                bits -= 6
                out.append(_base64[buffer >> bits & 63])
            buffer &= (1 << bits) - 1
    rest()
    if shifted:
        out.append('-')
    return ''.join(out).encode('ascii'), len(text)


def utf_7_decode(data, errors='strict', final=False, /):
    data = bytes(data)
    text = data.decode('latin-1')
    out = []
    at = start = kept = 0
    shifted, bits, buffer, surrogate = False, 0, 0, 0
    while True:
        if at == len(text):
            unfinished = surrogate or bits >= 6 or bits and buffer
            if not (shifted and final and unfinished):
                break
            made, at = _decoded('utf7', data, start, len(data), 'unterminated shift sequence', errors)
            out.append(made)
            shifted, bits, buffer, surrogate = False, 0, 0, 0
            continue
        char = text[at]
        problem = None
        if shifted and char in _value_of:
            at += 1
            bits += 6
            buffer = buffer << 6 | _value_of[char]
            if bits < 16:
                continue
            bits -= 16
            unit = buffer >> bits
            buffer &= (1 << bits) - 1
            if surrogate:
                if 0xdc00 <= unit < 0xe000:
                    out.append(chr(0x10000 + (surrogate - 0xd800 << 10) + unit - 0xdc00))
                    surrogate = 0
                    continue
                out.append(chr(surrogate))
                surrogate = 0
            if 0xd800 <= unit < 0xdc00:
                surrogate = unit
            else:
                out.append(chr(unit))
        elif shifted:
            shifted = False
            if bits >= 6:
                problem = 'partial character in base64 sequence'
            elif bits and buffer:
                problem = 'non-zero padding bits in base64 sequence'
            else:
                if surrogate and char < '\x80' and char != '+':
                    out.append(chr(surrogate))
                surrogate = 0
                at += char == '-'
        elif char == '+':
            start = at
            following = text[at + 1:at + 2]
            if following == '-':
                at += 2
                out.append('+')
            elif following and following not in _value_of:
                at += 1
                problem = 'ill-formed sequence'
            else:
                at += 1
                shifted, bits, buffer, surrogate, kept = True, 0, 0, 0, len(out)
        elif char < '\x80':
            at += 1
            out.append(char)
        else:
            start = at
            problem = 'unexpected special character'
        if problem is not None:
            made, at = _decoded('utf7', data, start, at + 1, problem, errors)
            out.append(made)
            bits = buffer = surrogate = 0
    if shifted and not final:
        return ''.join(out[:kept]), start
    return ''.join(out), len(data)


def readbuffer_encode(data, errors='strict', /):
    return data.encode() if isinstance(data, str) else bytes(data), len(data)


def charmap_build(table, /):
    return {ord(char): code for code, char in enumerate(table) if char != '\ufffe'}


def _code_of(mapping, char):
    """The bytes of a character in a mapping; `None` where it has none."""
    try:
        code = mapping[ord(char)]
    except LookupError:
        return None
    if isinstance(code, int):
        if not 0 <= code < 256:
            raise TypeError('character mapping must be in range(256)')
        return bytes((code,))
    if code is None or isinstance(code, bytes):
        return code
    raise TypeError(f'character mapping must return integer, bytes or None, not {type(code).__name__}')


def charmap_encode(text, errors='strict', mapping=None, /):
    if mapping is None:
        return latin_1_encode(text, errors)
    out = []
    at = 0
    while at < len(text):
        code = _code_of(mapping, text[at])
        if code is not None:
            out.append(code)
            at += 1
            continue
        end = at + 1
        while end < len(text) and _code_of(mapping, text[end]) is None:
            end += 1
        error = UnicodeEncodeError('charmap', text, at, end, 'character maps to <undefined>')
        made, at = _encoded(error, errors)
        if isinstance(made, str):
            codes = [_code_of(mapping, char) for char in made]
            if None in codes:
                raise error
            made = b''.join(codes)
        out.append(made)
    return b''.join(out), len(text)


def _char_of(mapping, byte):
    """The text that a byte means in a mapping; `None` where it has none."""
    try:
        char = mapping[byte]
    except LookupError:
        return None
    if isinstance(char, int):
        if not 0 <= char < 0x110000:
            raise TypeError('character mapping must be in range(0x110000)')
        char = chr(char)
    elif char is not None and not isinstance(char, str):
        raise TypeError('character mapping must return integer, None or str')
    return None if char == '\ufffe' else char


def charmap_decode(data, errors='strict', mapping=None, /):
    if mapping is None:
        return latin_1_decode(data, errors)
    data = bytes(data)
    out = []
    at = 0
    while at < len(data):
        char = _char_of(mapping, data[at])
        if char is None:
            char, at = _decoded('charmap', data, at, at + 1, 'character maps to <undefined>', errors)
        else:
            at += 1
        out.append(char)
    return ''.join(out), len(data)


def _as_builtins():
    """Codecs are attributes of classes in the library, which are not their methods."""
    from _pyrvm_io import builtin
    names = globals()
    for name in list(names):
        if name.endswith(('_encode', '_decode', '_build')):
            names[name].__module__ = '_codecs'
            names[name] = builtin(names[name])


_as_builtins()
