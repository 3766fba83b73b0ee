# `_collections`
from _types import GenericAlias as _GenericAlias


class deque:
    __module__ = 'collections'
    __slots__ = ('_items', '_head', '_maxlen', '_state', '__weakref__')

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self._items = []
        self._head = 0
        self._maxlen = None
        self._state = 0
        return self

    def __init__(self, iterable=(), maxlen=None):
        if maxlen is not None:
            if not isinstance(maxlen, int):
                raise TypeError('an integer is required')
            if maxlen < 0:
                raise ValueError('maxlen must be non-negative')
        self._maxlen = maxlen
        self._items = []
        self._head = 0
        self.extend(iterable)

    @property
    def maxlen(self):
        return self._maxlen

    # The elements are `_items[_head:]`; what is in front of that is `None`.
    def _pack(self):
        if self._head:
            del self._items[:self._head]
            self._head = 0

    def append(self, x, /):
        self._items.append(x)
        self._state += 1
        if self._maxlen is not None and len(self._items) - self._head > self._maxlen:
            self.popleft()

    def appendleft(self, x, /):
        if self._head == 0:
            room = len(self._items) + 8
            self._items[:0] = [None] * room
            self._head = room
        self._head -= 1
        self._items[self._head] = x
        self._state += 1
        if self._maxlen is not None and len(self._items) - self._head > self._maxlen:
            self._items.pop()

    def extend(self, iterable, /):
        if iterable is self:
            iterable = list(self)
        if self._maxlen is None:
            self._items.extend(iterable)
            self._state += 1
        else:
            for x in iterable:
                self.append(x)

    def extendleft(self, iterable, /):
        if iterable is self:
            iterable = list(self)
        for x in iterable:
            self.appendleft(x)

    def pop(self):
        if len(self._items) == self._head:
            raise IndexError('pop from an empty deque')
        self._state += 1
        return self._items.pop()

    def popleft(self):
        head = self._head
        if len(self._items) == head:
            raise IndexError('pop from an empty deque')
        x = self._items[head]
        self._items[head] = None
        self._head = head + 1
        self._state += 1
        if head > 64 and head * 2 > len(self._items):
            self._pack()
        return x

    def clear(self):
        self._items = []
        self._head = 0
        self._state += 1

    def copy(self):
        return self.__copy__()

    def __copy__(self):
        if type(self) is deque:
            return deque(self, self._maxlen)
        if self._maxlen is None:
            return type(self)(self)
        return type(self)(self, self._maxlen)

    def rotate(self, n=1, /):
        size = len(self)
        if size > 1:
            self._pack()
            n %= size
            self._items = self._items[-n:] + self._items[:-n] if n else self._items
            self._state += 1

    def reverse(self):
        self._pack()
        self._items.reverse()
        self._state += 1

    def count(self, x, /):
        return list(self).count(x)

    def remove(self, value, /):
        self._pack()
        for index, item in enumerate(self._items):
            state = self._state
            if item is value or item == value:
                if state != self._state:
                    raise IndexError('deque mutated during remove().')
                del self._items[index]
                self._state += 1
                return
        raise ValueError('deque.remove(x): x not in deque')

    def insert(self, index, x, /):
        if self._maxlen is not None and len(self) >= self._maxlen:
            raise IndexError('deque already at its maximum size')
        self._pack()
        self._items.insert(index, x)
        self._state += 1

    def index(self, x, start=0, stop=None, /):
        items = list(self)
        size = len(items)
        if start < 0:
            start = max(start + size, 0)
        stop = size if stop is None else stop + size if stop < 0 else stop
        for at in range(start, min(stop, size)):
            if items[at] is x or items[at] == x:
                return at
        raise ValueError('deque.index(x): x not in deque')

    def __len__(self):
        return len(self._items) - self._head

    def __bool__(self):
        return len(self._items) > self._head

    def _at(self, index):
        if not hasattr(type(index), '__index__'):
            raise TypeError(f'sequence index must be integer, not {type(index).__name__!r}')
        index = index.__index__()
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError('deque index out of range')
        return self._head + index

    def __getitem__(self, index):
        return self._items[self._at(index)]

    def __setitem__(self, index, x):
        self._items[self._at(index)] = x

    def __delitem__(self, index):
        del self._items[self._at(index)]
        self._state += 1

    def __contains__(self, x):
        for item in self:
            if item is x or item == x:
                return True
        return False

    def __iter__(self):
        return _deque_iterator(self)

    def __reversed__(self):
        return _deque_reverse_iterator(self)

    def __repr__(self):
        items = _shown(self)
        name = type(self).__name__
        return f'{name}({items})' if self._maxlen is None else f'{name}({items}, maxlen={self._maxlen})'

    def __eq__(self, other):
        if not isinstance(other, deque):
            return NotImplemented
        return self is other or len(self) == len(other) and list(self) == list(other)

    def __ne__(self, other):
        if not isinstance(other, deque):
            return NotImplemented
        return not self == other

    def __lt__(self, other):
        return list(self) < list(other) if isinstance(other, deque) else NotImplemented

    def __le__(self, other):
        return list(self) <= list(other) if isinstance(other, deque) else NotImplemented

    def __gt__(self, other):
        return list(self) > list(other) if isinstance(other, deque) else NotImplemented

    def __ge__(self, other):
        return list(self) >= list(other) if isinstance(other, deque) else NotImplemented

    __hash__ = None

    def __add__(self, other):
        if not isinstance(other, deque):
            raise TypeError(f'can only concatenate deque (not "{type(other).__name__}") to deque')
        made = self.copy()
        made.extend(other)
        return made

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __mul__(self, times):
        made = type(self)(list(self) * times, self._maxlen)
        return made

    __rmul__ = __mul__

    def __imul__(self, times):
        items = list(self) * times
        self.clear()
        self.extend(items)
        return self

    def __reduce__(self):
        state = getattr(self, '__dict__', None) or None
        if self._maxlen is None:
            return type(self), (), state, iter(self)
        return type(self), ((), self._maxlen), state, iter(self)

    __class_getitem__ = classmethod(_GenericAlias)


_showing = []


def _shown(self):
    if any(it is self for it in _showing):
        return '[...]'
    _showing.append(self)
    try:
        return repr(list(self))
    finally:
        _showing.pop()


class _deque_iterator:
    __module__ = 'collections'
    __slots__ = ('_deque', '_at', '_state')

    def __init__(self, deque, at=0):
        self._deque = deque
        self._at = at
        self._state = deque._state

    def __iter__(self):
        return self

    def _unchanged(self):
        deque = self._deque
        if deque is None:
            raise StopIteration
        if deque._state != self._state:
            self._deque = None
            raise RuntimeError('deque mutated during iteration')
        return deque

    def __next__(self):
        deque = self._unchanged()
        at = deque._head + self._at
        if at >= len(deque._items):
            self._deque = None
            raise StopIteration
        self._at += 1
        return deque._items[at]

    def __length_hint__(self):
        return 0 if self._deque is None else len(self._deque) - self._at


class _deque_reverse_iterator(_deque_iterator):
    __module__ = 'collections'
    __slots__ = ()

    def __next__(self):
        deque = self._unchanged()
        if self._at >= len(deque):
            self._deque = None
            raise StopIteration
        self._at += 1
        return deque._items[-self._at]


class defaultdict(dict):
    __module__ = 'collections'
    __slots__ = ('default_factory',)

    def __init__(self, default_factory=None, /, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError('first argument must be callable or None')
        self.default_factory = default_factory
        dict.__init__(self, *args, **kwargs)

    def __missing__(self, key, /):
        if self.default_factory is None:
            raise KeyError(key)
        self[key] = value = self.default_factory()
        return value

    def __repr__(self):
        if any(it is self for it in _showing):
            factory = '...'
        else:
            _showing.append(self)
            try:
                factory = repr(self.default_factory)
            finally:
                _showing.pop()
        return f'{type(self).__name__}({factory}, {dict.__repr__(self)})'

    def copy(self):
        return type(self)(self.default_factory, self)

    __copy__ = copy

    def __reduce__(self):
        args = () if self.default_factory is None else (self.default_factory,)
        return type(self), args, None, None, iter(self.items())

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        made = self.copy()
        made.update(other)
        return made

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        made = type(self)(self.default_factory, other)
        made.update(self)
        return made

    __class_getitem__ = classmethod(_GenericAlias)


def _count_elements(mapping, iterable):
    get = mapping.get
    for element in iterable:
        mapping[element] = get(element, 0) + 1
