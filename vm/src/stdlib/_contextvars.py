# `_contextvars`
import _pyrvm_basics as _b
from _types import GenericAlias as _GenericAlias


class Token:
    __module__ = '_contextvars'
    __slots__ = ('var', 'old_value', '_context', '_used')
    MISSING = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.var.reset(self)

    def __repr__(self):
        used = ' used' if self._used else ''
        return f'<Token{used} var={self.var!r} at {id(self):#x}>'

    __class_getitem__ = classmethod(_GenericAlias)


class _Missing:
    def __repr__(self):
        return '<Token.MISSING>'


Token.MISSING = _Missing()


class Context:
    __module__ = '_contextvars'
    __slots__ = ('_data', '_entered', '__weakref__')

    def __init__(self):
        self._data = {}
        self._entered = None

    def run(self, callable, /, *args, **kwargs):
        if self._entered is not None:
            raise RuntimeError(f'cannot enter context: {self!r} is already entered')
        self._entered = _current()
        _b.set_context(self)
        try:
            return callable(*args, **kwargs)
        finally:
            _b.set_context(self._entered)
            self._entered = None

    def copy(self):
        made = Context()
        made._data = dict(self._data)
        return made

    def __getitem__(self, var):
        return self._data[var]

    def get(self, var, default=None, /):
        return self._data.get(var, default)

    def __contains__(self, var):
        return var in self._data

    def __iter__(self):
        return iter(self._data)

    def __len__(self):
        return len(self._data)

    def keys(self):
        return self._data.keys()

    def values(self):
        return self._data.values()

    def items(self):
        return self._data.items()

    def __eq__(self, other):
        return self._data == other._data if isinstance(other, Context) else NotImplemented

    __hash__ = None


def _current():
    context = _b.context()
    if context is None:
        context = Context()
        _b.set_context(context)
    return context


def copy_context():
    return _current().copy()


class ContextVar:
    __module__ = '_contextvars'
    __slots__ = ('name', '_default', '__weakref__')

    def __init__(self, name, *, default=Token.MISSING):
        if not isinstance(name, str):
            raise TypeError('context variable name must be a str')
        self.name = name
        self._default = default

    def get(self, *default):
        data = _current()._data
        if self in data:
            return data[self]
        if default:
            return default[0]
        if self._default is not Token.MISSING:
            return self._default
        raise LookupError(self)

    def set(self, value, /):
        token = Token()
        token.var = self
        token.old_value = _current()._data.get(self, Token.MISSING)
        token._context = _current()
        token._used = False
        _current()._data[self] = value
        return token

    def reset(self, token, /):
        if token._used:
            raise RuntimeError(f'{token!r} has already been used once')
        if token.var is not self:
            raise ValueError(f'{token!r} was created by a different ContextVar')
        if token._context is not _current():
            raise ValueError(f'{token!r} was created in a different Context')
        token._used = True
        if token.old_value is Token.MISSING:
            _current()._data.pop(self, None)
        else:
            _current()._data[self] = token.old_value

    def __repr__(self):
        default = '' if self._default is Token.MISSING else f' default={self._default!r}'
        return f'<ContextVar name={self.name!r}{default} at {id(self):#x}>'

    __class_getitem__ = classmethod(_GenericAlias)
