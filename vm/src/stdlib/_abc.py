# `_abc`: abstract base classes (PEP 3119). Registered classes are held by weak references.
from _pyrvm_basics import plain_isinstance as _plain_isinstance, plain_issubclass as _plain_issubclass
from _pyrvm_basics import subclasses as _subclasses, collection_flags as _collection_flags
from _weakref import ref as _ref

_version = 0


class _Data:
    __slots__ = ('registry', 'cache', 'negative', 'version')

    def __init__(self):
        self.registry = {}
        self.cache = {}
        self.negative = {}
        self.version = _version


_data = {}


def get_cache_token():
    return _version


def _of(cls):
    return cls.__dict__['_abc_impl']


def _abc_init(cls):
    abstract = {name for name, value in cls.__dict__.items() if getattr(value, '__isabstractmethod__', False)}
    for base in cls.__bases__:
        for name in getattr(base, '__abstractmethods__', ()):
            if getattr(getattr(cls, name, None), '__isabstractmethod__', False):
                abstract.add(name)
    cls.__abstractmethods__ = frozenset(abstract)
    flags = cls.__dict__.get('__abc_tpflags__')
    if flags is not None:
        # What patterns take instances for.
        _collection_flags(cls, flags)
        del cls.__abc_tpflags__
    cls._abc_impl = _Data()


def _add(table, cls):
    key = id(cls)
    table[key] = _ref(cls, lambda _: table.pop(key, None))


def _abc_register(cls, subclass):
    global _version
    if not isinstance(subclass, type):
        raise TypeError('Can only register classes')
    if issubclass(subclass, cls):
        return subclass
    if issubclass(cls, subclass):
        raise RuntimeError('Refusing to create an inheritance cycle')
    _add(_of(cls).registry, subclass)
    _version += 1
    if subclass.__flags__ & 1 << 9:
        for base in cls.__mro__:
            flags = _collection_flags(base)
            if flags:
                _collection_flags(subclass, flags)
                break
    return subclass


def _abc_instancecheck(cls, instance):
    data = _of(cls)
    subclass = instance.__class__
    if id(subclass) in data.cache:
        return True
    kind = type(instance)
    if kind is subclass:
        if data.version == _version and id(subclass) in data.negative:
            return False
        return cls.__subclasscheck__(subclass)
    return cls.__subclasscheck__(subclass) or cls.__subclasscheck__(kind)


def _abc_subclasscheck(cls, subclass):
    if not isinstance(subclass, type):
        raise TypeError('issubclass() arg 1 must be a class')
    data = _of(cls)
    if id(subclass) in data.cache:
        return True
    if data.version < _version:
        data.negative = {}
        data.version = _version
    elif id(subclass) in data.negative:
        return False
    answer = cls.__subclasshook__(subclass)
    if answer is not NotImplemented:
        if answer is not True and answer is not False:
            raise AssertionError
        _add(data.cache if answer else data.negative, subclass)
        return answer
    if cls in getattr(subclass, '__mro__', ()):
        _add(data.cache, subclass)
        return True
    for ref in list(data.registry.values()):
        registered = ref()
        if registered is not None and issubclass(subclass, registered):
            _add(data.cache, subclass)
            return True
    for derived in _subclasses(cls):
        if issubclass(subclass, derived):
            _add(data.cache, subclass)
            return True
    _add(data.negative, subclass)
    return False


def _get_dump(cls):
    data = _of(cls)
    return (set(data.registry.values()), set(data.cache.values()), set(data.negative.values()), data.version)


def _reset_registry(cls):
    _of(cls).registry.clear()


def _reset_caches(cls):
    _of(cls).cache.clear()
    _of(cls).negative.clear()
