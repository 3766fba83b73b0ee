# `_struct`
import sys as _sys


class error(Exception):
    __module__ = 'struct'


_native = {'x': (1, 1), 'c': (1, 1), 'b': (1, 1), 'B': (1, 1), '?': (1, 1), 'h': (2, 2), 'H': (2, 2), 'i': (4, 4),
           'I': (4, 4), 'l': (8, 8), 'L': (8, 8), 'q': (8, 8), 'Q': (8, 8), 'n': (8, 8), 'N': (8, 8), 'e': (2, 2),
           'f': (4, 4), 'd': (8, 8), 's': (1, 1), 'p': (1, 1), 'P': (8, 8)}
_standard = {**_native, 'l': (4, 4), 'L': (4, 4)}
for _code in 'nNP':
    del _standard[_code]
_names = {'b': 'byte', 'B': 'ubyte', 'h': 'short', 'H': 'ushort', 'i': 'int', 'I': 'uint', 'l': 'long',
          'L': 'ulong', 'q': 'long long', 'Q': 'unsigned long long'}


def _parse(format):
    if isinstance(format, bytes):
        format = format.decode('ascii')
    if not isinstance(format, str):
        raise TypeError(f'Struct() argument 1 must be a str or bytes object, not {type(format).__name__}')
    order, sizes, align = 'little', _native, True
    if format[:1] in ('<', '>', '!', '=', '@'):
        if format[0] != '@':
            sizes, align = _standard, False
        if format[0] in '>!':
            order = 'big'
        format = format[1:]
    items = []
    size = 0
    at = 0
    while at < len(format):
        char = format[at]
        at += 1
        if char.isspace():
            continue
        count = 1
        if char.isdigit():
            start = at - 1
            while at < len(format) and format[at].isdigit():
                at += 1
            count = int(format[start:at])
            if at == len(format):
                raise error('repeat count given without format specifier')
            char = format[at]
            at += 1
        if char not in sizes:
            raise error('bad char in struct format')
        width, alignment = sizes[char]
        if align and size % alignment:
            size += alignment - size % alignment
        if char in 'sp':
            items.append((char, size, count))
            size += count
        elif char == 'x':
            size += count
        else:
            for _ in range(count):
                items.append((char, size, width))
                size += width
    return order, items, size


def _float_to(value, width):
    import math
    bias, bits = {2: (15, 10), 4: (127, 23), 8: (1023, 52)}[width]
    sign = 1 if math.copysign(1.0, value) < 0 else 0
    value = abs(value)
    top = 2 * bias + 1
    if value != value:
        exponent, fraction = top, 1 << bits - 1
    elif value == math.inf:
        exponent, fraction = top, 0
    elif value == 0:
        exponent = fraction = 0
    else:
        mantissa, exponent = math.frexp(value)
        exponent += bias - 1
        if exponent <= 0:
            scaled = math.ldexp(mantissa, bits + exponent)
            exponent = 0
        else:
            scaled = math.ldexp(mantissa * 2 - 1, bits)
        fraction = round(scaled)
        if fraction == 1 << bits:
            fraction = 0
            exponent += 1
        if exponent >= top:
            raise OverflowError(f'float too large to pack with {"e" if width == 2 else "f"} format')
    return sign << 8 * width - 1 | exponent << bits | fraction


def _float_from(number, width):
    import math
    bias, bits = {2: (15, 10), 4: (127, 23), 8: (1023, 52)}[width]
    fraction = number & (1 << bits) - 1
    exponent = number >> bits & 2 * bias + 1
    sign = -1.0 if number >> 8 * width - 1 else 1.0
    if exponent == 2 * bias + 1:
        return math.copysign(math.nan if fraction else math.inf, sign)
    if exponent == 0:
        return math.copysign(math.ldexp(fraction, 1 - bias - bits), sign)
    return math.copysign(math.ldexp(fraction | 1 << bits, exponent - bias - bits), sign)


def _put(char, width, value, order, count):
    if char == 's' or char == 'p':
        if not isinstance(value, (bytes, bytearray)):
            raise error(f"argument for '{char}' must be a bytes object")
        value = bytes(value)
        if char == 'p':
            value = bytes((min(len(value), count - 1, 255),)) + value[:count - 1] if count else b''
        return value[:count] + bytes(count - len(value[:count]))
    if char == 'c':
        if not isinstance(value, (bytes, bytearray)) or len(value) != 1:
            raise error('char format requires a bytes object of length 1')
        return bytes(value)
    if char == '?':
        return b'\1' if value else b'\0'
    if char in 'efd':
        if not isinstance(value, (int, float)) and not hasattr(type(value), '__float__'):
            raise error('required argument is not a float')
        return _float_to(float(value), width).to_bytes(width, order)
    if not hasattr(type(value), '__index__'):
        raise error('required argument is not an integer')
    value = value.__index__()
    signed = char.islower()
    low, high = (-(1 << 8 * width - 1), (1 << 8 * width - 1) - 1) if signed else (0, (1 << 8 * width) - 1)
    if not low <= value <= high:
        if char in 'bBhH':
            raise error(f'{_names[char]} format requires {low} <= number <= {high}')
        raise error(f"'{char}' format requires {low} <= number <= {high}")
    return value.to_bytes(width, order, signed=signed)


class Struct:
    __module__ = '_struct'

    def __init__(self, format):
        self._order, self._items, self.size = _parse(format)
        self.format = format if isinstance(format, str) else format.decode('ascii')

    def pack(self, *values):
        items = self._items
        if len(values) != len(items):
            raise error(f'pack expected {len(items)} items for packing (got {len(values)})')
        out = bytearray(self.size)
        for (char, at, width), value in zip(items, values):
            data = _put(char, width, value, self._order, width)
            out[at:at + len(data)] = data
        return bytes(out)

    def pack_into(self, buffer, offset, *values):
        data = self.pack(*values)
        if offset < 0:
            offset += len(buffer)
        if len(buffer) - offset < self.size:
            raise error(f'pack_into requires a buffer of at least {offset + self.size} bytes for packing '
                        f'{self.size} bytes at offset {offset} (actual buffer size is {len(buffer)})')
        buffer[offset:offset + self.size] = data

    def _take(self, data, base):
        out = []
        for char, at, width in self._items:
            part = data[base + at:base + at + width]
            if char == 's':
                out.append(bytes(part))
            elif char == 'p':
                out.append(bytes(part[1:1 + part[0]]) if width else b'')
            elif char == 'c':
                out.append(bytes(part))
            elif char == '?':
                out.append(part[0] != 0)
            elif char in 'efd':
                out.append(_float_from(int.from_bytes(part, self._order), width))
            else:
                out.append(int.from_bytes(part, self._order, signed=char.islower()))
        return tuple(out)

    def unpack(self, buffer):
        data = bytes(buffer)
        if len(data) != self.size:
            raise error(f'unpack requires a buffer of {self.size} bytes')
        return self._take(data, 0)

    def unpack_from(self, buffer, offset=0):
        data = bytes(buffer)
        if offset < 0:
            offset += len(data)
        if len(data) - offset < self.size:
            raise error(f'unpack_from requires a buffer of at least {offset + self.size} bytes for unpacking '
                        f'{self.size} bytes at offset {offset} (actual buffer size is {len(data)})')
        return self._take(data, offset)

    def iter_unpack(self, buffer):
        data = bytes(buffer)
        if not self.size:
            raise error('cannot iteratively unpack with a struct of length 0')
        if len(data) % self.size:
            raise error(f'iterative unpacking requires a buffer of a multiple of {self.size} bytes')
        return iter([self._take(data, at) for at in range(0, len(data), self.size)])

    def __repr__(self):
        return f'{type(self).__name__}({self.format!r})'


_cache = {}


def _of(format):
    made = _cache.get(format)
    if made is None:
        made = _cache[format] = Struct(format)
    return made


def calcsize(format, /):
    return _of(format).size


def pack(format, /, *values):
    return _of(format).pack(*values)


def pack_into(format, buffer, offset, /, *values):
    _of(format).pack_into(buffer, offset, *values)


def unpack(format, buffer, /):
    return _of(format).unpack(buffer)


def unpack_from(format, /, buffer, offset=0):
    return _of(format).unpack_from(buffer, offset)


def iter_unpack(format, buffer, /):
    return _of(format).iter_unpack(buffer)


def _clearcache():
    _cache.clear()
