# `_typing`: type variables, aliases, `Generic`.
import sys as _sys
from _pyrvm import Union, make_union as _make_union
from _types import GenericAlias as _GenericAlias


def _idfunc(x, /):
    return x



def _evaluated(function):
    """What a function gives that evaluates late; from bytecode before 3.14 it takes no format."""
    code = getattr(function, '__code__', None)
    if code is not None and not code.co_argcount:
        return function()
    return function(1)


class NoDefaultType:
    __module__ = 'typing'
    __slots__ = ()

    def __new__(cls):
        return NoDefault

    def __repr__(self):
        return 'typing.NoDefault'

    def __reduce__(self):
        return 'NoDefault'


NoDefault = object.__new__(NoDefaultType)


def _caller():
    return _sys._getframemodulename(0)


class _Parameter:
    def __init_subclass__(cls, **kwargs):
        if cls.__module__ != 'typing' and cls.__module__ != '_typing':
            raise TypeError(f"type 'typing.{cls.__base__.__name__}' is not an acceptable base type")

    def _set(self, name, default, module):
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}() argument 'name' must be str, not {type(name).__name__}")
        self.__name__ = name
        self._default = default
        self.__module__ = module

    @property
    def __default__(self):
        if callable(self._default) and getattr(self, '_lazy_default', False):
            self._default = _evaluated(self._default)
            self._lazy_default = False
        return self._default

    @property
    def evaluate_default(self):
        if self._default is NoDefault:
            return None
        return self._default if getattr(self, '_lazy_default', False) else lambda format=1, /: self._default

    def has_default(self):
        return self._default is not NoDefault

    def __reduce__(self):
        return self.__name__

    def __or__(self, other):
        return _make_union(self, other)

    def __ror__(self, other):
        return _make_union(other, self)

    def __mro_entries__(self, bases):
        raise TypeError(f'Cannot subclass an instance of {type(self).__name__}')


class TypeVar(_Parameter):
    __module__ = 'typing'

    def __init__(self, name, *constraints, bound=None, default=NoDefault, covariant=False, contravariant=False,
                 infer_variance=False):
        self._set(name, default, _caller())
        if covariant and contravariant:
            raise ValueError('Bivariant types are not supported.')
        if infer_variance and (covariant or contravariant):
            raise ValueError('Variance cannot be specified with infer_variance.')
        if len(constraints) == 1:
            raise TypeError('A single constraint is not allowed')
        if bound is not None:
            if constraints:
                raise TypeError('Constraints cannot be combined with bound=...')
            import typing
            bound = typing._type_check(bound, 'Bound must be a type.')
        if constraints:
            import typing
            constraints = tuple(typing._type_check(t, 'TypeVar(name, constraint, ...): constraints must be types.')
                                for t in constraints)
        self._bound = bound
        self._constraints = constraints
        self.__covariant__, self.__contravariant__ = bool(covariant), bool(contravariant)
        self.__infer_variance__ = bool(infer_variance)

    @property
    def __bound__(self):
        if getattr(self, '_lazy_bound', None):
            self._bound, self._lazy_bound = _evaluated(self._lazy_bound), None
        return self._bound

    @property
    def __constraints__(self):
        if getattr(self, '_lazy_constraints', None):
            self._constraints, self._lazy_constraints = _evaluated(self._lazy_constraints), None
        return self._constraints

    @property
    def evaluate_bound(self):
        return getattr(self, '_lazy_bound', None) or (None if self._bound is None else lambda f=1, /: self._bound)

    @property
    def evaluate_constraints(self):
        return getattr(self, '_lazy_constraints', None) or (
            lambda f=1, /: self._constraints if self._constraints else None)

    def __repr__(self):
        if self.__infer_variance__:
            return self.__name__
        return ('+' if self.__covariant__ else '-' if self.__contravariant__ else '~') + self.__name__

    def __typing_subst__(self, arg):
        import typing
        return typing._typevar_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        params = alias.__parameters__
        index = params.index(self)
        if index < len(args):
            return args
        if self.has_default() and index == len(args):
            return (*args, self.__default__)
        raise TypeError(f'Too few arguments for {alias}')


class ParamSpec(_Parameter):
    __module__ = 'typing'

    def __init__(self, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False,
                 infer_variance=False):
        self._set(name, default, _caller())
        self.__bound__ = bound
        self.__covariant__, self.__contravariant__ = bool(covariant), bool(contravariant)
        self.__infer_variance__ = bool(infer_variance)

    @property
    def args(self):
        return ParamSpecArgs(self)

    @property
    def kwargs(self):
        return ParamSpecKwargs(self)

    __repr__ = TypeVar.__repr__

    def __typing_subst__(self, arg):
        import typing
        return typing._paramspec_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        import typing
        return typing._paramspec_prepare_subst(self, alias, args)


class TypeVarTuple(_Parameter):
    __module__ = 'typing'

    def __init__(self, name, *, default=NoDefault):
        self._set(name, default, _caller())

    def __iter__(self):
        import typing
        yield typing.Unpack[self]

    def __repr__(self):
        return self.__name__

    def __typing_subst__(self, arg):
        raise TypeError('Substitution of bare TypeVarTuple is not supported')

    def __typing_prepare_subst__(self, alias, args):
        import typing
        return typing._typevartuple_prepare_subst(self, alias, args)


class ParamSpecArgs:
    __module__ = 'typing'
    __slots__ = ('__origin__', '__weakref__')

    def __init__(self, origin):
        self.__origin__ = origin

    def __repr__(self):
        return f'{self.__origin__.__name__}.{self._end}'

    _end = 'args'

    def __eq__(self, other):
        return self.__origin__ == other.__origin__ if type(other) is type(self) else NotImplemented

    def __hash__(self):
        return hash((type(self), self.__origin__))

    def __mro_entries__(self, bases):
        raise TypeError(f'Cannot subclass an instance of {type(self).__name__}')


class ParamSpecKwargs(ParamSpecArgs):
    __module__ = 'typing'
    __slots__ = ()
    _end = 'kwargs'


class TypeAliasType:
    __module__ = 'typing'

    def __init__(self, name, value, *, type_params=()):
        self._name = name
        self._value = value
        self._compute = None
        self._params = type_params
        self._module = _caller()

    __name__ = property(lambda self: self._name)
    __type_params__ = property(lambda self: self._params)

    @property
    def __parameters__(self):
        import typing
        out = []
        for it in self._params:
            if isinstance(it, TypeVarTuple):
                out.extend(it)
            else:
                out.append(it)
        return tuple(out)

    @property
    def __value__(self):
        if self._compute is not None:
            self._value, self._compute = _evaluated(self._compute), None
        return self._value

    @property
    def evaluate_value(self):
        return self._compute or (lambda format=1, /: self._value)

    def __getattribute__(self, name):
        if name == '__module__':
            return object.__getattribute__(self, '_module')
        return object.__getattribute__(self, name)

    def __getitem__(self, args):
        if not self._params:
            raise TypeError('Only generic type aliases are subscriptable')
        return _GenericAlias(self, args)

    def __repr__(self):
        return self._name

    def __or__(self, other):
        return _make_union(self, other)

    def __ror__(self, other):
        return _make_union(other, self)

    def __reduce__(self):
        return self._name


class Generic:
    """Abstract base class for generic types."""
    __module__ = 'typing'
    __slots__ = ()

    @classmethod
    def __class_getitem__(cls, *args, **kwargs):
        import typing
        return typing._generic_class_getitem(cls, *args, **kwargs)

    @classmethod
    def __init_subclass__(cls, *args, **kwargs):
        import typing
        return typing._generic_init_subclass(cls, *args, **kwargs)


# What instructions make.


def _parameter(kind, name, bound=None, constraints=None):
    self = object.__new__(kind)
    self._set(name, NoDefault, _sys._getframemodulename(0))
    self.__covariant__ = self.__contravariant__ = False
    self.__infer_variance__ = True
    if kind is TypeVar:
        self._bound, self._constraints = None, ()
        self._lazy_bound, self._lazy_constraints = bound, constraints
    elif kind is ParamSpec:
        self.__bound__ = None
    return self


def typevar(name):
    return _parameter(TypeVar, name)


def paramspec(name):
    return _parameter(ParamSpec, name)


def typevartuple(name):
    return _parameter(TypeVarTuple, name)


def typevar_with_bound(name, evaluate):
    return _parameter(TypeVar, name, bound=evaluate)


def typevar_with_constraints(name, evaluate):
    return _parameter(TypeVar, name, constraints=evaluate)


def set_default(parameter, evaluate):
    parameter._default = evaluate
    parameter._lazy_default = True
    return parameter


def subscript_generic(params):
    import typing
    unpacked = tuple(typing.Unpack[it] if isinstance(it, TypeVarTuple) else it for it in params)
    return typing._GenericAlias(Generic, unpacked)


def typealias(parts):
    name, params, compute = parts
    self = object.__new__(TypeAliasType)
    self._name = name
    self._params = params or ()
    self._compute = compute
    self._value = None
    self._module = _sys._getframemodulename(0)
    return self


def _as_builtin():
    """As an attribute of a class it is no method."""
    from _pyrvm_io import builtin
    globals()['_idfunc'] = builtin(_idfunc)


_as_builtin()
