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


def escape_decode(data, errors='strict', /):
    import ast
    if isinstance(data, str):
        data = data.encode('latin-1')
    return eval(b"b'" + data.replace(b"'", b"\\'") + b"'"), len(data)


def escape_encode(data, errors='strict', /):
    return repr(data)[2:-1].encode('latin-1'), len(data)


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


_simple = {'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', "'": "'", '"': '"', 'a': '\a', 'b': '\b', 'f': '\f',
           'v': '\v', '\n': ''}


def unicode_escape_decode(data, errors='strict', final=True, /):
    text = data if isinstance(data, str) else bytes(data).decode('latin-1')
    out = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char != '\\' or at >= len(text):
            out.append(char)
            continue
        char = text[at]
        at += 1
        if char in _simple:
            out.append(_simple[char])
        elif char in 'xuU':
            size = {'x': 2, 'u': 4, 'U': 8}[char]
            out.append(chr(int(text[at:at + size], 16)))
            at += size
        elif char in '01234567':
            end = at
            while end < min(at + 2, len(text)) and text[end] in '01234567':
                end += 1
            out.append(chr(int(text[at - 1:end], 8)))
            at = end
        elif char == 'N' and text[at:at + 1] == '{':
            import unicodedata
            end = text.index('}', at)
            out.append(unicodedata.lookup(text[at + 1:end]))
            at = end + 1
        else:
            out.append('\\' + char)
    return ''.join(out), len(data)


def raw_unicode_escape_encode(text, errors='strict', /):
    out = []
    for char in text:
        point = ord(char)
        out.append(char if point < 256 else f'\\u{point:04x}' if point < 65536 else f'\\U{point:08x}')
    return ''.join(out).encode('latin-1'), len(text)


def raw_unicode_escape_decode(data, errors='strict', final=True, /):
    import re
    text = data if isinstance(data, str) else bytes(data).decode('latin-1')
    return re.sub(r'\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})',
                  lambda m: chr(int(m[1] or m[2], 16)), text), len(data)


def readbuffer_encode(data, errors='strict', /):
    return data.encode() if isinstance(data, str) else bytes(data), len(data)


def charmap_build(table, /):
    return {ord(char): code for code, char in enumerate(table) if char != '\ufffe'}


def charmap_encode(text, errors='strict', mapping=None, /):
    if mapping is None:
        return latin_1_encode(text, errors)
    out = []
    at = 0
    while at < len(text):
        code = mapping.get(ord(text[at]))
        if code is not None:
            out.append(bytes((code,)) if isinstance(code, int) else code)
            at += 1
            continue
        error = UnicodeEncodeError('charmap', text, at, at + 1, 'character maps to <undefined>')
        made, at = lookup_error(errors or 'strict')(error)
        if isinstance(made, str):
            made = charmap_encode(made, 'strict', mapping)[0]
        out.append(made)
    return b''.join(out), len(text)


def charmap_decode(data, errors='strict', mapping=None, /):
    if mapping is None:
        return latin_1_decode(data, errors)
    data = bytes(data)
    out = []
    at = 0
    while at < len(data):
        try:
            char = mapping[data[at]]
        except (KeyError, IndexError):
            char = None
        if isinstance(char, int):
            char = chr(char)
        if char is not None and char != '\ufffe':
            out.append(char)
            at += 1
            continue
        error = UnicodeDecodeError('charmap', data, at, at + 1, 'character maps to <undefined>')
        made, at = lookup_error(errors or 'strict')(error)
        out.append(made)
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
