# What `_decimal` shows: exceptions, dictionaries of signals and the ready contexts; the numbers are `_pyrvm_decimal`'s.
from _pyrvm_decimal import Decimal, Context, SignalDictMixin as _SignalDictMixin
from _pyrvm_decimal import getcontext, setcontext, register as _register
from collections import namedtuple as _namedtuple
from collections.abc import MutableMapping as _MutableMapping
from contextvars import ContextVar as _ContextVar
import numbers as _numbers

__version__ = '1.70'
__libmpdec_version__ = '2.5.1'
HAVE_THREADS = True
HAVE_CONTEXTVAR = True
MAX_PREC = 999999999999999999
MAX_EMAX = 999999999999999999
MIN_EMIN = -999999999999999999
MIN_ETINY = -1999999999999999997
IEEE_CONTEXT_MAX_BITS = 512
ROUND_UP = 'ROUND_UP'
ROUND_DOWN = 'ROUND_DOWN'
ROUND_CEILING = 'ROUND_CEILING'
ROUND_FLOOR = 'ROUND_FLOOR'
ROUND_HALF_UP = 'ROUND_HALF_UP'
ROUND_HALF_DOWN = 'ROUND_HALF_DOWN'
ROUND_HALF_EVEN = 'ROUND_HALF_EVEN'
ROUND_05UP = 'ROUND_05UP'

__name__ = 'decimal'


class DecimalException(ArithmeticError):
    pass


class Clamped(DecimalException):
    pass


class InvalidOperation(DecimalException):
    pass


class ConversionSyntax(InvalidOperation):
    pass


class DivisionByZero(DecimalException, ZeroDivisionError):
    pass


class DivisionImpossible(InvalidOperation):
    pass


class DivisionUndefined(InvalidOperation, ZeroDivisionError):
    pass


class Inexact(DecimalException):
    pass


class InvalidContext(InvalidOperation):
    pass


class Rounded(DecimalException):
    pass


class Subnormal(DecimalException):
    pass


class Overflow(Inexact, Rounded):
    pass


class Underflow(Inexact, Rounded, Subnormal):
    pass


class FloatOperation(DecimalException, TypeError):
    pass


DecimalTuple = _namedtuple('DecimalTuple', 'sign digits exponent', module='decimal')

_SignalDict = type(_MutableMapping)('SignalDict', (_SignalDictMixin, _MutableMapping), {'__module__': 'abc', '__slots__': ()})

_classes = [
    InvalidOperation, FloatOperation, DivisionByZero, Overflow, Underflow, Subnormal, Inexact, Rounded, Clamped,
    InvalidOperation, ConversionSyntax, DivisionImpossible, DivisionUndefined, InvalidContext,
]
_parts = [_SignalDict, DecimalTuple, _ContextVar('decimal_context'), _numbers.Rational]
_register(_classes + _parts)

_numbers.Number.register(Decimal)

DefaultContext = Context()
BasicContext = Context(
    prec=9, rounding=ROUND_HALF_UP, flags=[],
    traps=[InvalidOperation, Clamped, DivisionByZero, Overflow, Underflow])
ExtendedContext = Context(prec=9, rounding=ROUND_HALF_EVEN, flags=[], traps=[])
_register(_classes + [DefaultContext, BasicContext, ExtendedContext] + _parts)


class ContextManager:
    __slots__ = ('_local', '_saved')

    def __new__(cls, *args):
        raise TypeError("cannot create 'decimal.ContextManager' instances")

    def __enter__(self):
        self._saved = getcontext()
        setcontext(self._local)
        return self._local

    def __exit__(self, type, value, traceback):
        setcontext(self._saved)
        return False


_ContextManager = ContextManager
del ContextManager


def localcontext(ctx=None, **kwargs):
    """Return a context manager that will set the default context to a copy of ctx
on entry to the with-statement and restore the previous default context when
exiting the with-statement. If no context is specified, a copy of the current
default context is used.

"""
    if ctx is None:
        ctx = getcontext()
    elif not isinstance(ctx, Context):
        raise TypeError('optional argument must be a context')
    ctx = ctx.copy()
    for key, value in kwargs.items():
        if key not in _ATTRIBUTES:
            raise TypeError(f"this function got an unexpected keyword argument '{key}'")
        if value is not None:
            if key in ('flags', 'traps') and isinstance(value, list):
                signals = getattr(ctx, key)
                for signal in signals:
                    signals[signal] = False
                for signal in value:
                    signals[signal] = True
            else:
                setattr(ctx, key, value)
    manager = object.__new__(_ContextManager)
    manager._local = ctx
    manager._saved = None
    return manager


_ATTRIBUTES = ('prec', 'rounding', 'Emin', 'Emax', 'capitals', 'clamp', 'flags', 'traps')


def IEEEContext(bits, /):
    """Return a context object initialized to the proper values for one of the
IEEE interchange formats.  The argument must be a multiple of 32 and less
than IEEE_CONTEXT_MAX_BITS.

"""
    if bits <= 0 or bits > IEEE_CONTEXT_MAX_BITS or bits % 32:
        raise ValueError(f'argument must be a multiple of 32, with a maximum of {IEEE_CONTEXT_MAX_BITS}')
    most = 3 * (1 << (bits // 16 + 3))
    return Context(
        prec=9 * (bits // 32) - 2, Emax=most, Emin=1 - most, rounding=ROUND_HALF_EVEN, clamp=1, flags=[], traps=[])


__name__ = "_pyrvm_decimal_parts"
