# `itertools`
from _types import GenericAlias as _GenericAlias


class _Iterator:
    __module__ = 'itertools'
    __slots__ = ('_it',)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._it)


def _number(value, name):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f'{type(value).__name__!r} object cannot be interpreted as an integer')
    return value.__index__()


class count(_Iterator):
    __module__ = 'itertools'
    __slots__ = ('_at', '_step')

    def __init__(self, start=0, step=1):
        if not hasattr(type(start), '__add__'):
            raise TypeError('a number is required')
        self._at = start
        self._step = step

    def __next__(self):
        value = self._at
        self._at = value + self._step
        return value

    def __repr__(self):
        if isinstance(self._step, int) and self._step == 1:
            return f'count({self._at!r})'
        return f'count({self._at!r}, {self._step!r})'


class cycle(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, /):
        self._it = self._run(iter(iterable))

    @staticmethod
    def _run(iterator):
        saved = []
        for item in iterator:
            yield item
            saved.append(item)
        while saved:
            yield from saved


class repeat(_Iterator):
    __module__ = 'itertools'
    __slots__ = ('_object', '_left')

    def __init__(self, object, times=None):
        self._object = object
        self._left = times if times is None else max(_number(times, 'times'), 0)

    def __next__(self):
        if self._left is not None:
            if self._left <= 0:
                raise StopIteration
            self._left -= 1
        return self._object

    def __length_hint__(self):
        if self._left is None:
            raise TypeError('len() of unsized object')
        return self._left

    def __repr__(self):
        if self._left is None:
            return f'repeat({self._object!r})'
        return f'repeat({self._object!r}, {self._left})'


class accumulate(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, func=None, *, initial=None):
        self._it = self._run(iter(iterable), func, initial)

    @staticmethod
    def _run(iterator, func, total):
        if total is None:
            for total in iterator:
                break
            else:
                return
        yield total
        if func is None:
            for item in iterator:
                total = total + item
                yield total
        else:
            for item in iterator:
                total = func(total, item)
                yield total


class chain(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, *iterables):
        self._it = self._run(iter(iterables))

    @classmethod
    def from_iterable(cls, iterable, /):
        self = cls()
        self._it = cls._run(iter(iterable))
        return self

    @staticmethod
    def _run(iterables):
        for iterable in iterables:
            for item in iterable:
                yield item

    __class_getitem__ = classmethod(_GenericAlias)


class compress(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, data, selectors):
        self._it = self._run(iter(data), iter(selectors))

    @staticmethod
    def _run(data, selectors):
        for item, selector in zip(data, selectors):
            if selector:
                yield item


class dropwhile(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, predicate, iterable, /):
        self._it = self._run(predicate, iter(iterable))

    @staticmethod
    def _run(predicate, iterator):
        for item in iterator:
            if not predicate(item):
                yield item
                break
        for item in iterator:
            yield item


class takewhile(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, predicate, iterable, /):
        self._it = self._run(predicate, iter(iterable))

    @staticmethod
    def _run(predicate, iterator):
        for item in iterator:
            if not predicate(item):
                break
            yield item


class filterfalse(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, function, iterable, /):
        self._it = self._run(function, iter(iterable))

    @staticmethod
    def _run(function, iterator):
        if function is None:
            function = bool
        for item in iterator:
            if not function(item):
                yield item


class starmap(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, function, iterable, /):
        self._it = self._run(function, iter(iterable))

    @staticmethod
    def _run(function, iterator):
        for args in iterator:
            yield function(*args)


class islice(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, *args):
        if not 1 <= len(args) <= 3:
            raise TypeError(f'islice expected at least 2 arguments, got {len(args) + 1}')
        start, stop, step = slice(*args).start, slice(*args).stop, slice(*args).step
        what = 'Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.'
        if len(args) == 1:
            what = 'Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.'
        for value in (start, stop):
            if value is not None and (not hasattr(type(value), '__index__') or value.__index__() < 0):
                raise ValueError(what)
        if step is not None and (not hasattr(type(step), '__index__') or step.__index__() < 1):
            raise ValueError('Step for islice() must be a positive integer or None.')
        self._it = self._run(iter(iterable), 0 if start is None else start.__index__(),
                             None if stop is None else stop.__index__(), 1 if step is None else step.__index__())

    @staticmethod
    def _run(iterator, start, stop, step):
        at = 0
        wanted = start
        if stop is None:
            for item in iterator:
                if at == wanted:
                    yield item
                    wanted += step
                at += 1
            return
        while wanted < stop:
            for item in iterator:
                at += 1
                if at > wanted:
                    break
            else:
                return
            yield item
            wanted += step
        while at < stop:
            for item in iterator:
                at += 1
                break
            else:
                return


class pairwise(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, /):
        self._it = self._run(iter(iterable))

    @staticmethod
    def _run(iterator):
        for a in iterator:
            break
        else:
            return
        for b in iterator:
            yield a, b
            a = b


class batched(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, n, *, strict=False):
        if n < 1:
            raise ValueError('n must be at least one')
        self._it = self._run(iter(iterable), n, strict)

    @staticmethod
    def _run(iterator, n, strict):
        while batch := tuple(islice(iterator, n)):
            if strict and len(batch) != n:
                raise ValueError('batched(): incomplete batch')
            yield batch


class zip_longest(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, *iterables, fillvalue=None):
        self._it = self._run([iter(it) for it in iterables], fillvalue)

    @staticmethod
    def _run(iterators, fill):
        active = len(iterators)
        end = object()
        while active:
            row = []
            for at, iterator in enumerate(iterators):
                item = end if iterator is None else next(iterator, end)
                if item is end:
                    if iterator is not None:
                        active -= 1
                        iterators[at] = None
                        if not active:
                            return
                    item = fill
                row.append(item)
            yield tuple(row)


class product(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, *iterables, repeat=1):
        if repeat < 0:
            raise ValueError('repeat argument cannot be negative')
        self._it = self._run([tuple(it) for it in iterables] * repeat)

    @staticmethod
    def _run(pools):
        if not all(pools):
            return
        indices = [0] * len(pools)
        row = [pool[0] for pool in pools]
        yield tuple(row)
        while True:
            at = len(pools) - 1
            while at >= 0:
                indices[at] += 1
                if indices[at] < len(pools[at]):
                    row[at] = pools[at][indices[at]]
                    break
                indices[at] = 0
                row[at] = pools[at][0]
                at -= 1
            else:
                return
            yield tuple(row)


class combinations(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, r):
        pool = tuple(iterable)
        if r < 0:
            raise ValueError('r must be non-negative')
        self._it = self._run(pool, r)

    @staticmethod
    def _run(pool, r):
        n = len(pool)
        if r > n:
            return
        indices = list(range(r))
        yield tuple(pool[i] for i in indices)
        while True:
            at = r - 1
            while at >= 0 and indices[at] == at + n - r:
                at -= 1
            if at < 0:
                return
            indices[at] += 1
            for j in range(at + 1, r):
                indices[j] = indices[j - 1] + 1
            yield tuple([pool[i] for i in indices])


class combinations_with_replacement(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, r):
        pool = tuple(iterable)
        if r < 0:
            raise ValueError('r must be non-negative')
        self._it = self._run(pool, r)

    @staticmethod
    def _run(pool, r):
        n = len(pool)
        if not n and r:
            return
        indices = [0] * r
        yield tuple([pool[i] for i in indices])
        while True:
            at = r - 1
            while at >= 0 and indices[at] == n - 1:
                at -= 1
            if at < 0:
                return
            indices[at:] = [indices[at] + 1] * (r - at)
            yield tuple([pool[i] for i in indices])


class permutations(_Iterator):
    __module__ = 'itertools'
    __slots__ = ()

    def __init__(self, iterable, r=None):
        pool = tuple(iterable)
        if r is not None and not isinstance(r, int):
            raise TypeError('Expected int as r')
        if r is not None and r < 0:
            raise ValueError('r must be non-negative')
        self._it = self._run(pool, len(pool) if r is None else r)

    @staticmethod
    def _run(pool, r):
        n = len(pool)
        if r > n:
            return
        indices = list(range(n))
        cycles = list(range(n, n - r, -1))
        yield tuple([pool[i] for i in indices[:r]])
        while n:
            for at in reversed(range(r)):
                cycles[at] -= 1
                if cycles[at] == 0:
                    indices[at:] = indices[at + 1:] + indices[at:at + 1]
                    cycles[at] = n - at
                else:
                    j = cycles[at]
                    indices[at], indices[-j] = indices[-j], indices[at]
                    yield tuple([pool[i] for i in indices[:r]])
                    break
            else:
                return


class groupby(_Iterator):
    __module__ = 'itertools'
    __slots__ = ('_key', '_now', '_of', '_group', '_started', '_last')

    def __init__(self, iterable, key=None):
        self._it = iter(iterable)
        self._key = key
        self._started = False
        self._group = None

    def _step(self):
        self._now = next(self._it)
        self._of = self._now if self._key is None else self._key(self._now)

    def __next__(self):
        self._group = group = object()
        if not self._started:
            self._step()
            self._started = True
        else:
            last = self._last
            while self._of == last:
                self._step()
        self._last = self._of
        return self._of, _grouper(self, self._of, group)


class _grouper(_Iterator):
    __module__ = 'itertools'
    __slots__ = ('_parent', '_target', '_id')

    def __init__(self, parent, target, group):
        self._parent = parent
        self._target = target
        self._id = group

    def __next__(self):
        parent = self._parent
        if parent._group is not self._id or parent._of != self._target:
            raise StopIteration
        value = parent._now
        try:
            parent._step()
        except StopIteration:
            # The parent ends too when it is asked again.
            parent._group = None
            parent._it = iter(())
            self._id = object()
            parent._now = None
            parent._of = parent._last
        return value




class _tee(_Iterator):
    __module__ = 'itertools'
    __slots__ = ('_link', '__weakref__')

    def __new__(cls, iterable):
        self = object.__new__(cls)
        if isinstance(iterable, _tee):
            self._it = iterable._it
            self._link = iterable._link
        else:
            self._it = iter(iterable)
            self._link = [None, None]
        return self

    def __next__(self):
        link = self._link
        if link[1] is None:
            link[0] = next(self._it)
            link[1] = [None, None]
        self._link = link[1]
        return link[0]

    def __copy__(self):
        return _tee(self)


def tee(iterable, n=2, /):
    if n < 0:
        raise ValueError('n must be >= 0')
    if n == 0:
        return ()
    first = _tee(iterable)
    return (first,) + tuple(_tee(first) for _ in range(n - 1))
