# `memoryview`: a view of the bytes of a `bytes` or `bytearray`, of as many dimensions as somebody asks for.
import _pyrvm_basics as _b
from _pyrvm import GenericAlias

_SIZES = {'c': 1, 'b': 1, 'B': 1, '?': 1, 'h': 2, 'H': 2, 'i': 4, 'I': 4, 'l': 8, 'L': 8, 'q': 8, 'Q': 8, 'n': 8, 'N': 8,
          'e': 2, 'f': 4, 'd': 8, 'P': 8}
_BYTES = ('B', 'b', 'c', '@B', '@b', '@c')


def _size(format):
    """The size of an item of a native format; None of what is none."""
    plain = format[1:] if format[:1] == '@' else format
    return _SIZES.get(plain)


class memoryview:
    __module__ = 'builtins'
    # `_data` has the bytes; `_hold` keeps it from being resized. An item is at `_offset` and its indexes times `_strides`.
    __slots__ = ('_obj', '_data', '_hold', '_offset', '_shape', '_strides', '_format', '_itemsize', '_readonly', '_hash',
                 '__weakref__')

    def __init__(self, object):
        self._hash = None
        if isinstance(object, memoryview):
            object._check()
            self._obj, self._data, self._offset = object._obj, object._data, object._offset
            self._shape, self._strides, self._readonly = object._shape, object._strides, object._readonly
            self._format, self._itemsize = object._format, object._itemsize
        elif isinstance(object, (bytes, bytearray)):
            self._obj = self._data = object
            self._offset, self._shape, self._strides = 0, (len(object),), (1,)
            self._format, self._itemsize, self._readonly = 'B', 1, isinstance(object, bytes)
        elif hasattr(type(object), '__buffer__'):
            made = type(object).__buffer__(object, 0x11c)
            if not isinstance(made, memoryview):
                raise TypeError(f'__buffer__ returned non-memoryview object')
            self.__init__(made)
            return
        else:
            raise TypeError(f"memoryview: a bytes-like object is required, not '{type(object).__name__}'")
        self._hold = _b.hold(self._data)

    def _shown(self, obj, format):
        """The view of an array: another object shows these bytes."""
        made = self if format == 'B' else self.cast(format)
        made._obj = obj
        return made

    def _check(self):
        if self._hold is None:
            raise ValueError('operation forbidden on released memoryview object')

    def _range(self):
        """Where the items are, of a view of one dimension."""
        self._check()
        start, step = self._offset, self._strides[0]
        return range(start, start + self._shape[0] * step, step) if step else (start,) * self._shape[0]

    def _places(self):
        """Where the items are, row by row."""
        self._check()
        if len(self._shape) == 1:
            return self._range()
        places = [self._offset]
        for length, stride in zip(self._shape, self._strides):
            places = [at + index * stride for at in places for index in range(length)]
        return places

    def _count(self):
        count = 1
        for length in self._shape:
            count *= length
        return count

    def _is_contiguous(self, order='C'):
        if not self._count():
            return True
        size = self._itemsize
        pairs = list(zip(self._shape, self._strides))
        for length, stride in reversed(pairs) if order == 'C' else pairs:
            if length > 1 and stride != size:
                return False
            size *= length
        return True

    def __bytes__(self):
        self._check()
        size, start = self._itemsize, self._offset
        if self._is_contiguous():
            return bytes(self._data[start:start + self._count() * size])
        if size == 1 and len(self._shape) == 1:
            chosen = self._range()
            return bytes(self._data[start:chosen.stop if chosen.stop >= 0 else None:chosen.step])
        return b''.join([bytes(self._data[at:at + size]) for at in self._places()])

    def tobytes(self, order='C'):
        self._check()
        if order not in (None, 'C', 'F', 'A'):
            raise ValueError("order must be 'C', 'F' or 'A'")
        if order == 'F' or order == 'A' and self._is_contiguous('F') and not self._is_contiguous():
            made = memoryview(self)
            # The first index changes fastest.
            made._shape, made._strides = self._shape[::-1], self._strides[::-1]
            return made.__bytes__()
        return self.__bytes__()

    def _values(self):
        """All items, row by row."""
        data = self.__bytes__()
        format = self._format
        if format in ('B', '@B'):
            return list(data)
        from _struct import iter_unpack
        return [item for item, in iter_unpack(format, data)]

    def tolist(self):
        self._check()
        values = self._values()
        if not self._shape:
            return values[0]
        for length in self._shape[:0:-1]:
            if not length:
                count = 1
                for more in self._shape[:self._shape.index(0)]:
                    count *= more
                return [[] for _ in range(count)]
            values = [values[at:at + length] for at in range(0, len(values), length)]
        return values

    def hex(self, *args, **kwargs):
        return self.__bytes__().hex(*args, **kwargs)

    def __len__(self):
        self._check()
        if not self._shape:
            raise TypeError('0-dim memory has no length')
        return self._shape[0]

    def _place(self, key):
        """Where the item with these indexes is."""
        if len(key) < len(self._shape):
            raise NotImplementedError('sub-views are not implemented')
        if len(key) > len(self._shape):
            raise TypeError(f'cannot index {len(self._shape)}-dimension view with {len(key)}-element tuple')
        at = self._offset
        for dimension, (index, length, stride) in enumerate(zip(key, self._shape, self._strides)):
            index = index.__index__()
            if index < 0:
                index += length
            if not 0 <= index < length:
                raise IndexError(f'index out of bounds on dimension {dimension + 1}')
            at += index * stride
        return at

    def _item(self, at):
        if self._format == 'B':
            return self._data[at]
        if _size(self._format) is None:
            raise NotImplementedError(f'memoryview: format {self._format} not supported')
        from _struct import unpack_from
        return unpack_from(self._format, self._data, at)[0]

    def __getitem__(self, key):
        self._check()
        kind = type(key)
        if not self._shape:
            if kind is tuple and not key:
                return self._item(self._offset)
            if key is ...:
                return self
            raise TypeError('invalid indexing of 0-dim memory')
        if kind is slice:
            return self._slice(key)
        if key is ...:
            return self
        if kind is tuple:
            if all(hasattr(type(one), '__index__') for one in key):
                return self._item(self._place(key))
            if key and all(isinstance(one, slice) for one in key):
                raise NotImplementedError('multi-dimensional slicing is not implemented')
        elif hasattr(kind, '__index__'):
            if len(self._shape) > 1:
                self._place((key,) + (0,) * (len(self._shape) - 1))
                raise NotImplementedError('multi-dimensional sub-views are not implemented')
            return self._item(self._place((key,)))
        raise TypeError('memoryview: invalid slice key')

    def _slice(self, key):
        made = memoryview(self)
        start, stop, step = key.indices(self._shape[0])
        made._offset += start * self._strides[0]
        made._shape = (len(range(start, stop, step)),) + self._shape[1:]
        made._strides = (step * self._strides[0],) + self._strides[1:]
        return made

    def _store(self, at, value):
        format = self._format
        if _size(format) is None:
            raise NotImplementedError(f'memoryview: format {format} not supported')
        from _struct import pack, error
        try:
            data = pack(format, value)
        except error:
            kind = ValueError if isinstance(value, (int, float, bytes)) else TypeError
            raise kind(f"memoryview: invalid {'value' if kind is ValueError else 'type'} for format "
                       f"'{format}'") from None
        except OverflowError:
            raise ValueError(f"memoryview: invalid value for format '{format}'") from None
        except TypeError:
            raise TypeError(f"memoryview: invalid type for format '{format}'") from None
        self._check()
        self._data[at:at + self._itemsize] = data

    def __setitem__(self, key, value):
        self._check()
        if self._readonly:
            raise TypeError('cannot modify read-only memory')
        kind = type(key)
        if not self._shape:
            if key is ... or kind is tuple and not key:
                return self._store(self._offset, value)
            raise TypeError('invalid indexing of 0-dim memory')
        if kind is slice and len(self._shape) == 1:
            return self._store_slice(key, value)
        if kind is tuple and all(hasattr(type(one), '__index__') for one in key):
            return self._store(self._place(key), value)
        if kind is slice or kind is tuple and key and all(isinstance(one, slice) for one in key):
            raise NotImplementedError('memoryview slice assignments are currently restricted to ndim = 1')
        if hasattr(kind, '__index__'):
            if len(self._shape) > 1:
                raise NotImplementedError('sub-views are not implemented')
            return self._store(self._place((key,)), value)
        raise TypeError('memoryview: invalid slice key')

    def _store_slice(self, key, value):
        if not isinstance(value, memoryview):
            if not isinstance(value, (bytes, bytearray)) and not hasattr(type(value), '__buffer__'):
                raise TypeError(f"a bytes-like object is required, not '{type(value).__name__}'")
            value = memoryview(value)
        chosen = self._slice(key)
        if value._shape != chosen._shape or value._format.lstrip('@') != self._format.lstrip('@'):
            raise ValueError('memoryview assignment: lvalue and rvalue have different structures')
        data, size, start = value.__bytes__(), self._itemsize, chosen._offset
        if chosen._strides[0] == size:
            self._data[start:start + len(data)] = data
        else:
            for index, at in enumerate(chosen._range()):
                self._data[at:at + size] = data[index * size:index * size + size]

    def __delitem__(self, key):
        self._check()
        raise TypeError('cannot modify read-only memory' if self._readonly else 'cannot delete memory')

    def _flat(self):
        self._check()
        if not self._shape:
            raise TypeError('invalid indexing of 0-dim memory')
        if len(self._shape) > 1:
            raise NotImplementedError('multi-dimensional sub-views are not implemented')
        return self._values()

    def __iter__(self):
        return iter(self._flat())

    def __reversed__(self):
        return reversed(self._flat())

    def __contains__(self, value):
        return value in self._flat()

    def index(self, value, start=0, stop=9223372036854775807, /):
        self._check()
        if len(self._shape) != 1:
            if not self._shape:
                raise TypeError('invalid lookup on 0-dim memory')
            raise NotImplementedError('multi-dimensional lookup is not implemented')
        for at in range(*slice(start, stop).indices(len(self))):
            if self[at] == value:
                return at
        raise ValueError('memoryview.index(x): x not found')

    def count(self, value, /):
        return self._flat().count(value)

    def __eq__(self, other):
        if self._hold is None:
            return self is other
        if not isinstance(other, memoryview):
            if not isinstance(other, (bytes, bytearray)) and not hasattr(type(other), '__buffer__'):
                return NotImplemented
            other = memoryview(other)
        if other._hold is None:
            return self is other
        if self._shape != other._shape:
            return False
        if self._format == other._format and self._format in ('B', 'b', 'c', 'h', 'H', 'i', 'I', 'l', 'L', 'q', 'Q', '?'):
            return self.__bytes__() == other.__bytes__()
        try:
            return self._values() == other._values()
        except Exception:
            # A format that cannot be read is equal to nothing.
            return False

    def __hash__(self):
        if self._hash is None:
            self._check()
            if not self._readonly:
                raise ValueError('cannot hash writable memoryview object')
            if self._format not in _BYTES:
                raise ValueError("memoryview: hashing is restricted to formats 'B', 'b' or 'c'")
            hash(self._obj)
            self._hash = hash(self.__bytes__())
        return self._hash

    def __enter__(self):
        self._check()
        return self

    def __exit__(self, *exc):
        self.release()

    def release(self):
        self._hold = None

    def toreadonly(self):
        made = memoryview(self)
        made._readonly = True
        return made

    def __buffer__(self, flags, /):
        return memoryview(self)

    def cast(self, format, shape=None):
        self._check()
        if type(format) is not str:
            raise TypeError('cast() argument \'format\' must be str, not ' + type(format).__name__)
        if not self._is_contiguous():
            raise TypeError('memoryview: casts are restricted to C-contiguous views')
        if (shape is not None or len(self._shape) != 1) and 0 in self._shape:
            raise TypeError('memoryview: cannot cast view with zeros in shape or strides')
        if shape is not None:
            if not isinstance(shape, (list, tuple)):
                raise TypeError('shape must be a list or a tuple')
            if len(shape) > 64:
                raise ValueError('memoryview: number of dimensions must not exceed 64')
            if len(self._shape) != 1 and len(shape) != 1:
                raise TypeError('memoryview: cast must be 1D -> ND or ND -> 1D')
        size = _size(format)
        if size is None:
            raise ValueError('memoryview: destination format must be a native single character format prefixed '
                             "with an optional '@'")
        if _size(self._format) is None:
            raise ValueError('memoryview: source format must be a native single character format prefixed '
                             "with an optional '@'")
        if format not in _BYTES and self._format not in _BYTES:
            raise TypeError('memoryview: cannot cast between two non-byte formats')
        length = self._count() * self._itemsize
        if length % size:
            raise TypeError('memoryview: length is not a multiple of itemsize')
        made = memoryview(self)
        made._format, made._itemsize = format, size
        made._shape, made._strides = (length // size,), (size,)
        if shape is not None:
            count = size
            for one in shape:
                if not isinstance(one, int):
                    raise TypeError('memoryview.cast(): elements of shape must be integers')
                if one <= 0:
                    raise ValueError('memoryview.cast(): elements of shape must be integers > 0')
                count *= one
            if count > 9223372036854775807:
                raise ValueError('memoryview.cast(): product(shape) > SSIZE_MAX')
            if count != length:
                raise TypeError('memoryview: product(shape) * itemsize != buffer size')
            strides = []
            for one in reversed(shape):
                strides.append(size)
                size *= one
            made._shape, made._strides = tuple(shape), tuple(strides[::-1])
        return made

    obj = property(lambda self: self._check() or self._obj)
    format = property(lambda self: self._check() or self._format)
    itemsize = property(lambda self: self._check() or self._itemsize)
    readonly = property(lambda self: self._check() or self._readonly)
    nbytes = property(lambda self: self._check() or self._count() * self._itemsize)
    ndim = property(lambda self: self._check() or len(self._shape))
    shape = property(lambda self: self._check() or self._shape)
    strides = property(lambda self: self._check() or self._strides)
    suboffsets = property(lambda self: self._check() or ())
    c_contiguous = property(lambda self: self._check() or self._is_contiguous())
    f_contiguous = property(lambda self: self._check() or self._is_contiguous('F'))
    contiguous = property(lambda self: self._check() or self._is_contiguous() or self._is_contiguous('F'))

    def __class_getitem__(cls, item):
        return GenericAlias(cls, item)

    def __repr__(self):
        return f'<{"released " if self._hold is None else ""}memory at {id(self):#x}>'
