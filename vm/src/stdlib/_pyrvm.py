# Parts of the machine that are written in Python: types that the interpreter makes on request.
import _pyrvm_basics as _b
import sys as _sys

_builtin = type(len)


def structseq(name, module, fields, extra=(), doc=None):
    """A tuple with names: the first are its elements, `extra` ones are only attributes."""
    count = len(fields)
    names = tuple(fields) + tuple(extra)

    def __new__(cls, sequence, dict={}):
        items = tuple(sequence)
        if len(items) < count:
            raise TypeError(f'{module}.{name}() takes an at least {count}-sequence ({len(items)}-sequence given)')
        if len(items) > len(names):
            raise TypeError(f'{module}.{name}() takes an at most {len(names)}-sequence ({len(items)}-sequence given)')
        self = tuple.__new__(cls, items[:count])
        more = list(items[count:])
        for key in extra[len(more):]:
            more.append(dict.get(key))
        self.__dict__['_more'] = tuple(more)
        return self

    def __repr__(self):
        # The times of `os.stat_result` have names as elements that only `repr` shows.
        parts = ', '.join(f"{'st' + key if key[0] == '_' else key}={value!r}" for key, value in zip(names, self))
        return f'{module}.{name}({parts})'

    def __reduce__(self):
        return (self.__class__, (tuple(self), dict(zip(extra, self._more))))

    def of_item(index):
        return property(lambda self: tuple.__getitem__(self, index))

    def of_more(index):
        return property(lambda self: self._more[index])

    def __setattr__(self, key, value):
        if key in names:
            raise AttributeError('readonly attribute')
        raise AttributeError(f"'{module}.{name}' object has no attribute {key!r} and no __dict__ for setting new attributes")

    namespace = {
        '__new__': __new__, '__repr__': __repr__, '__reduce__': __reduce__, '__module__': module,
        '__setattr__': __setattr__,
        '__match_args__': tuple(f for f in fields if f is not None),
        'n_fields': len(names), 'n_sequence_fields': count, 'n_unnamed_fields': 0, '__doc__': doc,
    }
    for index, key in enumerate(fields):
        namespace[key] = of_item(index)
    for index, key in enumerate(extra):
        namespace[key] = of_more(index)
    return type(name, (tuple,), namespace)


class SimpleNamespace:
    __module__ = 'types'

    def __init__(self, *args, **kwargs):
        if len(args) > 1:
            raise TypeError(f'{type(self).__name__} expected at most 1 positional argument, got {len(args)}')
        if args:
            given = dict(args[0])
            for key in given:
                if not isinstance(key, str):
                    raise TypeError('keywords must be strings')
            self.__dict__.update(given)
        self.__dict__.update(kwargs)

    def __repr__(self):
        name = 'namespace' if type(self) is SimpleNamespace else type(self).__name__
        if self in _showing:
            return f'{name}(...)'
        _showing.append(self)
        try:
            parts = ', '.join(f'{key}={value!r}' for key, value in self.__dict__.items())
        finally:
            _showing.pop()
        return f'{name}({parts})'

    def __eq__(self, other):
        if issubclass(type(self), SimpleNamespace) and issubclass(type(other), SimpleNamespace):
            return self.__dict__ == other.__dict__
        return NotImplemented

    __hash__ = None

    def __reduce__(self):
        return (type(self), (), self.__dict__)

    def __replace__(self, /, **changes):
        result = type(self)()
        if not isinstance(result, SimpleNamespace):
            kind = type(self)
            raise TypeError(f"expect {SimpleNamespace.__module__}.SimpleNamespace type, "
                            f"but {kind.__module__}.{kind.__qualname__}() "
                            f"returned '{type(result).__name__}' object")
        result.__dict__.update(self.__dict__)
        result.__dict__.update(changes)
        return result


class _Showing(list):
    def __contains__(self, other):
        return any(it is other for it in self)


_showing = _Showing()


def _type_repr(value):
    if value is ...:
        return '...'
    if isinstance(value, list):
        return '[' + ', '.join(_type_repr(it) for it in value) + ']'
    if value is None or value is type(None):
        return 'None'
    if isinstance(value, type) and not isinstance(value, GenericAlias):
        if value.__module__ == 'builtins':
            return value.__qualname__
        return f'{value.__module__}.{value.__qualname__}'
    return repr(value)


def _parameters(args):
    found = []
    for arg in args:
        if isinstance(arg, type) and not isinstance(arg, GenericAlias):
            continue
        if hasattr(type(arg), '__typing_subst__'):
            if arg not in found:
                found.append(arg)
        elif isinstance(arg, (tuple, list)):
            for it in _parameters(arg):
                if it not in found:
                    found.append(it)
        else:
            for it in getattr(arg, '__parameters__', ()):
                if it not in found:
                    found.append(it)
    return tuple(found)


_own = frozenset({
    '__class__', '__origin__', '__args__', '__parameters__', '__mro_entries__', '__reduce_ex__', '__reduce__',
    '__copy__', '__deepcopy__', '__unpacked__', '__typing_unpacked_tuple_args__', '__dict__',
})


class GenericAlias:
    __module__ = 'types'
    __slots__ = ('__origin__', '__args__', '_parameters', '__unpacked__')

    def __new__(cls, origin, args):
        self = object.__new__(cls)
        if not isinstance(args, tuple):
            args = (args,)
        object.__setattr__(self, '__origin__', origin)
        object.__setattr__(self, '__args__', args)
        object.__setattr__(self, '_parameters', None)
        object.__setattr__(self, '__unpacked__', False)
        return self

    @property
    def __parameters__(self):
        if self._parameters is None:
            object.__setattr__(self, '_parameters', _parameters(self.__args__))
        return self._parameters

    def __getattribute__(self, name):
        if name in _own or name.startswith('_param'):
            if name == '__class__':
                return type(self)
            return object.__getattribute__(self, name)
        if name.startswith('__') and name in ('__getitem__', '__repr__', '__call__', '__or__', '__ror__'):
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, '__origin__'), name)

    def __setattr__(self, name, value):
        raise AttributeError(f"'types.GenericAlias' object has no attribute {name!r}")

    def __repr__(self):
        args = ', '.join(_type_repr(it) for it in self.__args__)
        if not self.__args__:
            args = '()'
        star = '*' if self.__unpacked__ else ''
        return f'{star}{_type_repr(self.__origin__)}[{args}]'

    def __call__(self, *args, **kwargs):
        made = self.__origin__(*args, **kwargs)
        try:
            made.__orig_class__ = self
        except (AttributeError, TypeError):
            pass
        return made

    def __eq__(self, other):
        if not isinstance(other, GenericAlias):
            return NotImplemented
        return self.__origin__ == other.__origin__ and self.__args__ == other.__args__

    def __hash__(self):
        return hash(self.__origin__) ^ hash(self.__args__)

    def __getitem__(self, items):
        parameters = self.__parameters__
        if not parameters:
            raise TypeError(f'{self!r} is not a generic class')
        if not isinstance(items, tuple):
            items = (items,)
        for parameter in parameters:
            prepare = getattr(type(parameter), '__typing_prepare_subst__', None)
            if prepare is not None:
                items = prepare(parameter, self, items)
        if len(items) != len(parameters):
            few = 'many' if len(items) > len(parameters) else 'few'
            raise TypeError(f'Too {few} arguments for {self!r}; actual {len(items)}, expected {len(parameters)}')
        by = dict(zip(parameters, items))

        def substitute(arg):
            if isinstance(arg, type) and not isinstance(arg, GenericAlias):
                return arg
            if arg in parameters:
                return type(arg).__typing_subst__(arg, by[arg])
            if isinstance(arg, (tuple, list)):
                return type(arg)(substitute(it) for it in arg)
            inner = getattr(arg, '__parameters__', ())
            if inner:
                chosen = []
                for it in inner:
                    if type(it).__name__ == 'TypeVarTuple':
                        chosen.extend(by[it])
                    else:
                        chosen.append(by[it])
                return arg[tuple(chosen)]
            return arg

        made = []
        for arg in self.__args__:
            new = substitute(arg)
            unpacked = getattr(arg, '__unpacked__', False) is True or \
                getattr(arg, '__typing_is_unpacked_typevartuple__', False)
            if type(arg).__name__ == 'TypeVarTuple' or unpacked and isinstance(new, tuple):
                made.extend(new)
            else:
                made.append(new)
        return GenericAlias(self.__origin__, tuple(made))

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __instancecheck__(self, instance):
        raise TypeError('isinstance() argument 2 cannot be a parameterized generic')

    def __subclasscheck__(self, cls):
        raise TypeError('issubclass() argument 2 cannot be a parameterized generic')

    def __or__(self, other):
        return make_union(self, other)

    def __ror__(self, other):
        return make_union(other, self)

    def __iter__(self):
        made = GenericAlias(self.__origin__, self.__args__)
        object.__setattr__(made, '__unpacked__', True)
        yield made

    def __reduce__(self):
        return (GenericAlias, (self.__origin__, self.__args__))

    def __dir__(self):
        return sorted(set(dir(self.__origin__)) | set(_own))

    @property
    def __typing_unpacked_tuple_args__(self):
        if self.__unpacked__ and self.__origin__ is tuple:
            return self.__args__
        return None


def make_alias(origin, args):
    return GenericAlias(origin, args)


class Union:
    __module__ = 'typing'
    __slots__ = ('__args__', '__weakref__')

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create 'typing.Union' instances")

    def __init_subclass__(cls, **kwargs):
        raise TypeError("type 'typing.Union' is not an acceptable base type")

    @property
    def __origin__(self):
        return Union

    @property
    def __parameters__(self):
        return _parameters(self.__args__)

    def __class_getitem__(cls, args):
        if not isinstance(args, tuple):
            args = (args,)
        if args == ():
            raise TypeError('Cannot take a Union of no types.')
        return _union([_convert(it) for it in args])

    def __repr__(self):
        return ' | '.join(_type_repr(it) for it in self.__args__)

    def __eq__(self, other):
        if not isinstance(other, Union):
            return NotImplemented
        return _as_set(self.__args__) == _as_set(other.__args__)

    def __hash__(self):
        return hash(frozenset(self.__args__))

    def __or__(self, other):
        return make_union(self, other)

    def __ror__(self, other):
        return make_union(other, self)

    def __instancecheck__(self, instance):
        for arg in self.__args__:
            if isinstance(arg, GenericAlias):
                raise TypeError('isinstance() argument 2 cannot be a parameterized generic')
        return any(isinstance(instance, arg) for arg in self.__args__ if arg is not None)

    def __subclasscheck__(self, cls):
        if not isinstance(cls, type):
            raise TypeError('issubclass() arg 1 must be a class')
        return any(issubclass(cls, arg) for arg in self.__args__)

    def __mro_entries__(self, bases):
        raise TypeError(f'Cannot subclass {self!r}')

    def __getitem__(self, items):
        parameters = self.__parameters__
        if not parameters:
            raise TypeError(f'{self!r} is not a generic class')
        alias = GenericAlias(tuple, self.__args__)[items]
        return _union(list(alias.__args__))


Union.__name__ = 'Union'


def _as_set(args):
    try:
        return frozenset(args)
    except TypeError:
        return list(args)


def _convert(value):
    if value is None:
        return type(None)
    if isinstance(value, str):
        from annotationlib import ForwardRef
        return ForwardRef(value)
    return value


def _union(args):
    flat = []
    for arg in args:
        for it in arg.__args__ if isinstance(arg, Union) else (arg,):
            if not any(_same_in_union(it, other) for other in flat):
                flat.append(it)
    if len(flat) == 1:
        return flat[0]
    self = object.__new__(Union)
    object_set = object.__setattr__
    object_set(self, '__args__', tuple(flat))
    return self


def _same_in_union(a, b):
    if a is b:
        return True
    try:
        if hash(a) != hash(b):
            return False
    except TypeError:
        pass
    return a == b


def make_union(a, b):
    for it in (a, b):
        if it is not None and not isinstance(it, (type, GenericAlias, Union)) and not hasattr(type(it), '__or__') \
                and not isinstance(it, str):
            return NotImplemented
    return _union([_convert(a), _convert(b)])


def of_types(name):
    return {'GenericAlias': GenericAlias, 'UnionType': Union, 'SimpleNamespace': SimpleNamespace}[name]


_asyncgen_hooks = None


def asyncgen_hooks(firstiter, finalizer):
    global _asyncgen_hooks
    if _asyncgen_hooks is None:
        _asyncgen_hooks = structseq('asyncgen_hooks', 'sys', ('firstiter', 'finalizer'))
    return _asyncgen_hooks((firstiter, finalizer))


def _flags():
    fields = ('debug', 'inspect', 'interactive', 'optimize', 'dont_write_bytecode', 'no_user_site', 'no_site',
              'ignore_environment', 'verbose', 'bytes_warning', 'quiet', 'hash_randomization', 'isolated',
              'dev_mode', 'utf8_mode', 'warn_default_encoding', 'safe_path', 'int_max_str_digits')
    made = structseq('flags', 'sys', fields, ('gil', 'thread_inherit_context', 'context_aware_warnings'))
    values = dict(zip(fields, _b.flags()))
    values.update(dev_mode=bool(values['dev_mode']), safe_path=bool(values['safe_path']))
    return made(list(values.values()) + [1, 0, 0])


def _monitoring():
    """`sys.monitoring`: tools can register; nothing calls them yet."""
    made = type(_sys)('sys.monitoring')
    names = ('PY_START', 'PY_RESUME', 'PY_RETURN', 'PY_YIELD', 'CALL', 'LINE', 'INSTRUCTION', 'JUMP', 'BRANCH_LEFT',
             'BRANCH_RIGHT', 'STOP_ITERATION', 'RAISE', 'EXCEPTION_HANDLED', 'PY_UNWIND', 'PY_THROW', 'RERAISE',
             'C_RETURN', 'C_RAISE', 'BRANCH')
    made.events = SimpleNamespace(**{it: 1 << index for index, it in enumerate(names)}, NO_EVENTS=0)
    made.DEBUGGER_ID, made.COVERAGE_ID, made.PROFILER_ID, made.OPTIMIZER_ID = 0, 1, 2, 5
    made.DISABLE, made.MISSING = object(), object()
    tools, events, callbacks, local = {}, {}, {}, {}

    def checked(tool):
        if not 0 <= tool < 6:
            raise ValueError(f'invalid tool {tool} (must be between 0 and 5)')
        return tool

    def used(tool):
        if checked(tool) not in tools:
            raise ValueError(f'tool {tool} is not in use')

    def use_tool_id(tool_id, name, /):
        if checked(tool_id) in tools:
            raise ValueError(f'tool {tool_id} is already in use')
        tools[tool_id] = name

    def clear_tool_id(tool_id, /):
        used(tool_id)
        events.pop(tool_id, None)
        for key in [key for key in callbacks if key[0] == tool_id]:
            del callbacks[key]

    def free_tool_id(tool_id, /):
        if checked(tool_id) in tools:
            clear_tool_id(tool_id)
            del tools[tool_id]

    def get_tool(tool_id, /):
        return tools.get(checked(tool_id))

    def register_callback(tool_id, event, func, /):
        before = callbacks.pop((checked(tool_id), event), None)
        if func is not None:
            callbacks[tool_id, event] = func
        return before

    def get_events(tool_id, /):
        used(tool_id)
        return events.get(tool_id, 0)

    def set_events(tool_id, event_set, /):
        used(tool_id)
        events[tool_id] = event_set

    def get_local_events(tool_id, code, /):
        used(tool_id)
        return local.get((tool_id, code), 0)

    def set_local_events(tool_id, code, event_set, /):
        used(tool_id)
        local[tool_id, code] = event_set

    def restart_events():
        pass

    def _all_events():
        return {}

    for function in (use_tool_id, clear_tool_id, free_tool_id, get_tool, register_callback, get_events, set_events,
                     get_local_events, set_local_events, restart_events, _all_events):
        setattr(made, function.__name__, function)
    return made


def breakpointhook(*args, **kwargs):
    import os
    import warnings
    place = None if _sys.flags.ignore_environment else os.environ.get('PYTHONBREAKPOINT')
    if place == '0':
        return None
    module, dot, name = (place or 'pdb.set_trace').rpartition('.')
    try:
        if dot and not module:
            raise ImportError(place)
        __import__(module or 'builtins')
        hook = getattr(_sys.modules[module or 'builtins'], name)
    except (ImportError, AttributeError):
        warnings.warn(f'Ignoring unimportable $PYTHONBREAKPOINT: "{place}"', RuntimeWarning, stacklevel=2)
        return None
    return hook(*args, **kwargs)


def of_sys(name):
    if name.strip('_') in ('stdin', 'stdout', 'stderr'):
        import _io
        stream = _io._standard(name.strip('_'))
        plain = name.strip('_')
        for key in (plain, f'__{plain}__'):
            if key not in _sys.__dict__:
                _sys.__dict__[key] = stream
        return stream
    if name == 'version_info':
        made = structseq('version_info', 'sys', ('major', 'minor', 'micro', 'releaselevel', 'serial'))
        return made((3, 14, 10, 'final', 0))
    if name == 'flags':
        return _flags()
    if name == 'implementation':
        return SimpleNamespace(name='pyrvm', cache_tag='cpython-314', version=_sys.version_info,
                               hexversion=_sys.hexversion, _multiarch='x86_64-linux-gnu',
                               supports_isolated_interpreters=False)
    if name == 'float_info':
        fields = ('max', 'max_exp', 'max_10_exp', 'min', 'min_exp', 'min_10_exp', 'dig', 'mant_dig', 'epsilon',
                  'radix', 'rounds')
        return structseq('float_info', 'sys', fields)((
            1.7976931348623157e+308, 1024, 308, 2.2250738585072014e-308, -1021, -307, 15, 53,
            2.220446049250313e-16, 2, 1))
    if name == 'int_info':
        fields = ('bits_per_digit', 'sizeof_digit', 'default_max_str_digits', 'str_digits_check_threshold')
        return structseq('int_info', 'sys', fields)((30, 4, 4300, 640))
    if name == 'hash_info':
        fields = ('width', 'modulus', 'inf', 'nan', 'imag', 'algorithm', 'hash_bits', 'seed_bits', 'cutoff')
        return structseq('hash_info', 'sys', fields)((64, 2305843009213693951, 314159, 0, 1000003, 'siphash13',
                                                      64, 128, 0))
    if name == '_jit':
        made = type(_sys)('_jit', 'Utilities for observing just-in-time compilation.')
        made.is_available = made.is_enabled = made.is_active = lambda: False
        return made
    if name == 'monitoring':
        return _monitoring()
    if name == 'thread_info':
        return structseq('thread_info', 'sys', ('name', 'lock', 'version'))(('pthread', 'semaphore', None))
    if name == 'stdlib_module_names':
        return frozenset(_b.cpython_modules())
    if name.strip('_') == 'unraisablehook':
        return unraisablehook
    if name.strip('_') == 'breakpointhook':
        _sys.breakpointhook = _sys.__breakpointhook__ = breakpointhook
        return breakpointhook
    raise AttributeError(name)


def unraisablehook(unraisable, /):
    """Handle an unraisable exception."""
    text = unraisable.err_msg or 'Exception ignored in'
    text += f': {unraisable.object!r}\n' if unraisable.object is not None else ':\n'
    value = unraisable.exc_type() if unraisable.exc_value is None else unraisable.exc_value
    _sys.stderr.write(text + _b.traceback_text(value))
    _sys.stderr.flush()


def tell_unraisable(exception, message, _made=[]):
    """Asks a program's own hook; whether there is one."""
    hook = _sys.__dict__.get('unraisablehook')
    if hook is None or hook is unraisablehook:
        return False
    if not _made:
        _made.append(structseq('UnraisableHookArgs', 'sys', (
            'exc_type', 'exc_value', 'exc_traceback', 'err_msg', 'object')))
    hook(_made[0]((type(exception), exception, exception.__traceback__, message, None)))
    return True

# time

struct_time = structseq(
    'struct_time', 'time',
    ('tm_year', 'tm_mon', 'tm_mday', 'tm_hour', 'tm_min', 'tm_sec', 'tm_wday', 'tm_yday', 'tm_isdst'),
    ('tm_zone', 'tm_gmtoff'))


make_time = struct_time


def of_time(name):
    return struct_time


# _thread

def of_thread(name):
    made = structseq('_ExceptHookArgs', '_thread', ('exc_type', 'exc_value', 'exc_traceback', 'thread'))

    def _excepthook(args, /):
        """Handle uncaught Thread.run() exception."""
        if type(args) is not made:
            raise TypeError('_thread._excepthook argument type must be ExceptHookArgs')
        if args.exc_type is SystemExit:
            return
        file = _sys.stderr
        if file is None:
            file = args.thread._stderr if args.thread is not None else None
            if file is None:
                return
        import _thread
        name = _thread.get_ident() if args.thread is None else args.thread.name
        file.write(f'Exception in thread {name}:\n')
        value = args.exc_type() if args.exc_value is None else args.exc_value
        file.write(_b.traceback_text(value))
        file.flush()

    _excepthook.__name__ = _excepthook.__qualname__ = '_excepthook'
    _excepthook.__module__ = '_thread'
    import _thread
    _thread._ExceptHookArgs, _thread._excepthook = made, _excepthook
    return getattr(_thread, name)


# Names that modules lack


def _place_of(spec):
    if not getattr(spec, 'has_location', False):
        return None
    origin = getattr(spec, 'origin', None)
    return origin if isinstance(origin, str) else None


def _hides_library(name, hides):
    known = getattr(_sys, 'stdlib_module_names', None)
    return hides and isinstance(known, (set, frozenset)) and name in known


def module_lacks(module, spec, attribute, hides):
    name = module.__dict__.get('__name__')
    if not isinstance(name, str):
        return f"module has no attribute '{attribute}'"
    origin = _place_of(spec)
    hides = hides and origin is not None
    if _hides_library(name, hides):
        return (f"module '{name}' has no attribute '{attribute}' (consider renaming '{origin}' since it has the same "
                f"name as the standard library module named '{name}' and prevents importing that standard library "
                'module)')
    if getattr(spec, '_initializing', False):
        if hides:
            return (f"module '{name}' has no attribute '{attribute}' (consider renaming '{origin}' if it has the same "
                    'name as a library you intended to import)')
        place = f" from '{origin}'" if origin else ''
        return (f"partially initialized module '{name}'{place} has no attribute '{attribute}' (most likely due to a "
                'circular import)')
    if attribute in (getattr(spec, '_uninitialized_submodules', None) or ()):
        return (f"cannot access submodule '{attribute}' of module '{name}' (most likely due to a circular import)")
    return None


def cannot_import(module, spec, attribute, hides):
    name = module.__dict__.get('__name__')
    if not isinstance(name, str):
        return None
    origin = _place_of(spec)
    hides = hides and origin is not None
    if _hides_library(name, hides):
        return (f"cannot import name {attribute!r} from {name!r} (consider renaming {origin!r} since it has the same "
                f"name as the standard library module named {name!r} and prevents importing that standard library "
                'module)')
    if hides and getattr(spec, '_initializing', False):
        return (f"cannot import name {attribute!r} from {name!r} (consider renaming {origin!r} if it has the same name "
                'as a library you intended to import)')
    return None


# _signal


def siginfo_type(_made=[]):
    if not _made:
        _made.append(structseq('struct_siginfo', 'signal', (
            'si_signo', 'si_code', 'si_errno', 'si_pid', 'si_uid', 'si_status', 'si_band')))
    return _made[0]


def wait_for_signal(numbers, seconds):
    import _pyrvm_os
    row = _pyrvm_os.wait_for_signal(numbers, seconds)
    return None if row is None else siginfo_type()(row)


def signal_process(pidfd, number):
    import _pyrvm_os
    _pyrvm_os.pidfd_send_signal(pidfd, number)


# weakref.proxy


def _target(self):
    target = object.__getattribute__(self, '_ref')()
    if target is None:
        raise ReferenceError('weakly-referenced object no longer exists')
    return target


def _bare(value):
    return _target(value) if type(value) in (ProxyType, CallableProxyType) else value


def _forwarded():
    """The operators of proxies: those of what they stand for."""
    import _operator

    def unary(op):
        return lambda self: op(_target(self))

    def binary(op):
        return lambda self, other: op(_bare(self), _bare(other))

    def reflected(op):
        return lambda self, other: op(_bare(other), _bare(self))

    made = {}
    for name in ('add', 'sub', 'mul', 'matmul', 'truediv', 'floordiv', 'mod', 'and_', 'or_', 'xor', 'lshift', 'rshift'):
        plain = name.rstrip('_')
        op = getattr(_operator, name)
        made[f'__{plain}__'], made[f'__r{plain}__'] = binary(op), reflected(op)
        made[f'__i{plain}__'] = binary(getattr(_operator, f'i{plain}'))
    for name in ('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'getitem', 'delitem', 'contains'):
        made[f'__{name}__'] = binary(getattr(_operator, name))
    made['__divmod__'], made['__rdivmod__'] = binary(divmod), reflected(divmod)
    made['__pow__'] = lambda self, other, modulus=None: pow(_bare(self), _bare(other), _bare(modulus))
    made['__rpow__'] = lambda self, other, modulus=None: pow(_bare(other), _bare(self), _bare(modulus))
    made['__ipow__'] = binary(_operator.ipow)
    made['__setitem__'] = lambda self, key, value: _operator.setitem(_bare(self), _bare(key), value)
    for name, op in (('neg', _operator.neg), ('pos', _operator.pos), ('abs', abs), ('invert', _operator.invert),
                     ('int', int), ('float', float), ('index', _operator.index), ('len', len), ('bool', bool),
                     ('str', str), ('iter', iter), ('reversed', reversed), ('bytes', bytes)):
        made[f'__{name}__'] = unary(op)
    for name, method in made.items():
        method.__name__ = name
    return made


class ProxyType:
    __module__ = 'weakref'
    __slots__ = ('_ref', '__weakref__')
    __hash__ = None
    locals().update(_forwarded())

    def __getattribute__(self, name):
        if name == '_ref':
            return object.__getattribute__(self, name)
        return getattr(_target(self), name)

    def __setattr__(self, name, value):
        setattr(_target(self), name, value)

    def __delattr__(self, name):
        delattr(_target(self), name)

    def __repr__(self):
        target = object.__getattribute__(self, '_ref')()
        return f'<weakproxy at {id(self):#x}; to {type(target).__name__!r} at {id(target):#x}>'

    def __next__(self):
        target = _target(self)
        if not hasattr(type(target), '__next__'):
            raise TypeError(f'Weakref proxy referenced a non-iterator {type(target).__name__!r} object')
        return next(target)


ProxyType.__hash__ = None


class CallableProxyType(ProxyType):
    __module__ = 'weakref'
    __slots__ = ()

    def __call__(self, *args, **kwargs):
        return _target(self)(*args, **kwargs)


_proxy_ref = None


def make_proxy(target, callback=None):
    global _proxy_ref
    import _weakref
    if _proxy_ref is None:
        class _proxy_ref(_weakref.ref):
            """The reference of a proxy, which counts as one of its own."""
            __slots__ = ('owner', 'plain')
    if callback is None:
        for ref in _weakref.getweakrefs(target):
            if type(ref) is _proxy_ref and ref.plain:
                known = ref.owner()
                if known is not None:
                    return known
    kind = CallableProxyType if callable(target) else ProxyType
    self = object.__new__(kind)
    owner = _weakref.ref(self)
    held = None if callback is None else (lambda ref: callback(owner()))
    ref = _proxy_ref(target, held)
    ref.owner, ref.plain = owner, callback is None
    object.__setattr__(self, '_ref', ref)
    return self


def of_weakref(name):
    return globals()[name]


# object.__reduce_ex__


def getstate(self):
    kind = type(self)
    state = getattr(self, '__dict__', None) or None
    names = kind.__dict__.get('__slotnames__')
    if names is None:
        import copyreg
        names = copyreg._slotnames(kind)
    elif not isinstance(names, list):
        raise TypeError(f'{kind.__name__}.__slotnames__ should be a list or None, not {type(names).__name__}')
    slots = {}
    for name in list(names):
        try:
            slots[name] = getattr(self, name)
        except AttributeError:
            pass
    if slots:
        return state, slots
    return dict(state) if state is not None else None


def _reduce_native(self, kind):
    """Functions and methods of the machine's: by name."""
    if kind == 'builtin_function_or_method':
        owner = getattr(self, '__self__', None)
        return self.__name__ if owner is None or type(owner) is type(_sys) else (getattr, (owner, self.__name__))
    if kind in ('method_descriptor', 'wrapper_descriptor'):
        return getattr, (self.__objclass__, self.__name__)
    if kind == 'method-wrapper':
        return getattr, (self.__self__, self.__name__)
    if kind == 'method':
        return getattr, (self.__self__, self.__func__.__name__)
    if kind in ('ellipsis', 'NotImplementedType'):
        return 'Ellipsis' if self is ... else 'NotImplemented'
    return None


def reduce(self, protocol):
    kind = type(self)
    if not kind.__flags__ & 1 << 9:
        native = _reduce_native(self, kind.__name__)
        if native is not None:
            return native
    if protocol < 2:
        import copyreg
        return copyreg._reduce_ex(self, protocol)
    import copyreg
    make = getattr(kind, '__getnewargs_ex__', None)
    if make is not None:
        given = self.__getnewargs_ex__()
        if not isinstance(given, tuple):
            raise TypeError(f'__getnewargs_ex__ should return a tuple, not {type(given).__name__!r}')
        if len(given) != 2:
            raise ValueError(f'__getnewargs_ex__ should return a tuple of length 2, not {len(given)}')
        args, kwargs = given
        if not isinstance(args, tuple):
            raise TypeError('first item of the tuple returned by __getnewargs_ex__ must be a tuple, '
                            f'not {type(args).__name__!r}')
        if not isinstance(kwargs, dict):
            raise TypeError('second item of the tuple returned by __getnewargs_ex__ must be a dict, '
                            f'not {type(kwargs).__name__!r}')
        if kwargs:
            start = (copyreg.__newobj_ex__, (kind, args, kwargs))
        else:
            start = (copyreg.__newobj__, (kind, *args))
    elif hasattr(kind, '__getnewargs__'):
        args = self.__getnewargs__()
        if not isinstance(args, tuple):
            raise TypeError(f'__getnewargs__ should return a tuple, not {type(args).__name__!r}')
        start = (copyreg.__newobj__, (kind, *args))
    else:
        base = next((b for b in (int, float, str, bytes, tuple, complex) if isinstance(self, b)), None)
        known = (dict, list, set, frozenset, BaseException)
        flag = kind.__flags__ & 1 << 9
        if base is None and not flag and not isinstance(self, known) and kind is not object:
            raise TypeError(f'cannot pickle {kind.__name__!r} object')
        start = (copyreg.__newobj__, (kind,) if base is None else (kind, base(self)))
    getter = getattr(kind, '__getstate__', None)
    state = self.__getstate__() if getter is not None else getstate(self)
    items = iter(self) if isinstance(self, list) else None
    pairs = iter(self.items()) if isinstance(self, dict) else None
    return start + (state, items, pairs)


# Exception groups


def group_derive(self, excs):
    return BaseExceptionGroup(self.message, excs)


def _copy_to(self, made):
    if made is not None:
        made.__traceback__ = self.__traceback__
        made.__context__ = self.__context__
        made.__cause__ = self.__cause__
        notes = getattr(self, '__notes__', None)
        # Whatever else stands there is not copied.
        if notes is not None and hasattr(type(notes), '__getitem__') and not isinstance(notes, dict):
            made.__notes__ = list(notes)
    return made


def _derived(self, excs):
    made = self.derive(excs)
    if not isinstance(made, BaseExceptionGroup):
        raise TypeError('derive must return an instance of BaseExceptionGroup')
    return _copy_to(self, made)


def group_repr(self):
    shown = _b.group_source(self)
    if shown is None:
        args = self.args
        plural = len(args) == 2 and isinstance(args[1], list)
        shown = repr(list(self.exceptions) if plural else self.exceptions)
    return f'{type(self).__name__}({self.message!r}, {shown})'


def _condition(condition):
    if isinstance(condition, type) and issubclass(condition, BaseException):
        return lambda it: isinstance(it, condition)
    if isinstance(condition, tuple) and all(isinstance(c, type) and issubclass(c, BaseException) for c in condition):
        return lambda it: isinstance(it, condition)
    if callable(condition) and not isinstance(condition, type):
        return condition
    raise TypeError('expected an exception type, a tuple of exception types, or a callable (other than a class)')


def _split(self, test):
    if test(self):
        return self, None
    if not isinstance(self, BaseExceptionGroup):
        return None, self
    yes, no = [], []
    for it in self.exceptions:
        a, b = _split(it, test)
        if a is not None:
            yes.append(a)
        if b is not None:
            no.append(b)
    return (_derived(self, yes) if yes else None), (_derived(self, no) if no else None)


def group_split(self, condition):
    return _split(self, _condition(condition))


def group_subgroup(self, condition):
    return _split(self, _condition(condition))[0]


def group_match(exc, kinds):
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError('catching classes that do not inherit from BaseException is not allowed')
        if issubclass(kind, BaseExceptionGroup):
            raise TypeError('catching ExceptionGroup with except* is not allowed. Use except instead.')
    if exc is None:
        return None, None
    if isinstance(exc, kinds):
        if isinstance(exc, BaseExceptionGroup):
            return None, exc
        made = ExceptionGroup('', [exc]) if isinstance(exc, Exception) else BaseExceptionGroup('', [exc])
        made.__traceback__ = exc.__traceback__
        return None, made
    if isinstance(exc, BaseExceptionGroup):
        pair = exc.split(kinds)
        kind = type(exc).__name__
        if not isinstance(pair, tuple):
            raise TypeError(f'{kind}.split must return a tuple, not {type(pair).__name__}')
        if len(pair) < 2:
            raise TypeError(f'{kind}.split must return a 2-tuple, got tuple of size {len(pair)}')
        return pair[1], pair[0]
    return exc, None


def _leaves(exc, out):
    if isinstance(exc, BaseExceptionGroup):
        for it in exc.exceptions:
            _leaves(it, out)
    else:
        out.append(exc)
    return out


def prepare_reraise_star(orig, excs):
    excs = [it for it in excs if it is not None]
    if not excs:
        return None
    if not isinstance(orig, BaseExceptionGroup):
        return excs[0]
    raised, again = [], []
    for it in excs:
        same = isinstance(it, BaseExceptionGroup) and it.__traceback__ is orig.__traceback__ \
            and it.__cause__ is orig.__cause__ and it.__context__ is orig.__context__ \
            and getattr(it, '__notes__', None) == getattr(orig, '__notes__', None)
        (again if same else raised).append(it)
    projected = None
    if again:
        keep = {id(leaf) for it in again for leaf in _leaves(it, [])}
        projected = _split(orig, lambda it: not isinstance(it, BaseExceptionGroup) and id(it) in keep)[0]
    if not raised:
        return projected
    if projected is not None:
        raised.append(projected)
    if len(raised) == 1:
        return raised[0]
    return BaseExceptionGroup('', raised)


# Template strings


def _templatelib():
    import sys
    return sys.modules[__name__]


class Interpolation:
    __module__ = 'string.templatelib'
    __slots__ = ('value', 'expression', 'conversion', 'format_spec')
    __match_args__ = ('value', 'expression', 'conversion', 'format_spec')

    def __new__(cls, value, expression='', conversion=None, format_spec=''):
        if not isinstance(expression, str):
            raise TypeError(f"Interpolation() argument 'expression' must be str, not {type(expression).__name__}")
        if conversion is not None:
            if not isinstance(conversion, str):
                kind = type(conversion).__name__
                raise TypeError(f"Interpolation() argument 'conversion' must be str, not {kind}")
            if conversion not in ('s', 'a', 'r'):
                raise ValueError("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'")
        if not isinstance(format_spec, str):
            raise TypeError(f"Interpolation() argument 'format_spec' must be str, not {type(format_spec).__name__}")
        self = object.__new__(cls)
        self._put(value, expression, conversion, format_spec)
        return self

    def _put(self, value, expression, conversion, format_spec):
        for name, it in zip(Interpolation.__match_args__, (value, expression, conversion, format_spec)):
            object.__setattr__(self, name, it)

    def __setattr__(self, name, value):
        raise AttributeError('readonly attribute')

    def __repr__(self):
        return f'Interpolation({self.value!r}, {self.expression!r}, {self.conversion!r}, {self.format_spec!r})'

    def __reduce__(self):
        return (Interpolation, (self.value, self.expression, self.conversion, self.format_spec))

    __class_getitem__ = classmethod(GenericAlias)


class Template:
    __module__ = 'string.templatelib'
    __slots__ = ('strings', 'interpolations')

    def __new__(cls, *args):
        strings, found = [''], []
        for it in args:
            if isinstance(it, str):
                strings[-1] += it
            elif isinstance(it, Interpolation):
                found.append(it)
                strings.append('')
            else:
                raise TypeError(f'Template.__new__ *args need to be of type \'str\' or \'Interpolation\', '
                                f'got {type(it).__name__}')
        return build_template(tuple(strings), tuple(found))

    def __setattr__(self, name, value):
        raise AttributeError('readonly attribute')

    @property
    def values(self):
        return tuple(it.value for it in self.interpolations)

    def __iter__(self):
        out = []
        for at, text in enumerate(self.strings):
            if text:
                out.append(text)
            if at < len(self.interpolations):
                out.append(self.interpolations[at])
        return _TemplateIter(iter(out))

    def __add__(self, other):
        if not isinstance(other, Template):
            raise TypeError(f'can only concatenate string.templatelib.Template (not "{type(other).__name__}") '
                            'to string.templatelib.Template')
        strings = self.strings[:-1] + (self.strings[-1] + other.strings[0],) + other.strings[1:]
        return build_template(strings, self.interpolations + other.interpolations)

    def __repr__(self):
        return f'Template(strings={self.strings!r}, interpolations={self.interpolations!r})'


class _TemplateIter:
    __module__ = 'string.templatelib'

    def __init__(self, it):
        self._it = it

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._it)


_TemplateIter.__name__ = _TemplateIter.__qualname__ = 'TemplateIter'


def build_template(strings, interpolations):
    self = object.__new__(Template)
    object.__setattr__(self, 'strings', strings)
    object.__setattr__(self, 'interpolations', interpolations)
    return self


def build_interpolation(conversion, value, expression, format_spec=''):
    return Interpolation(value, expression, (None, 's', 'r', 'a')[conversion], format_spec)


# Asynchronous generators and coroutines


class _Unpicklable:
    __slots__ = ()

    def __reduce_ex__(self, protocol):
        raise TypeError(f'cannot pickle {type(self).__name__!r} object')


class coroutine_wrapper(_Unpicklable):
    __module__ = 'builtins'
    __slots__ = ('_coroutine',)

    def __init__(self, coroutine):
        self._coroutine = coroutine

    def __iter__(self):
        return self

    def __next__(self):
        return self._coroutine.send(None)

    def send(self, value):
        return self._coroutine.send(value)

    def throw(self, *args):
        return self._coroutine.throw(*args)

    def close(self):
        return self._coroutine.close()


class async_generator_asend(_Unpicklable):
    """What `__anext__` and `asend` give. `_state`: 0 at first, 1 while it is gone through, 2 at the end."""

    __module__ = 'builtins'
    __slots__ = ('_generator', '_value', '_state', '__weakref__')
    _what = '__anext__()/asend()'
    _name = 'anext'

    def __init__(self, generator, value):
        self._generator = generator
        self._value = value
        self._state = 0

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def _start(self):
        """It is gone through from now on; nobody else may do so with the same generator."""
        awaited, closed, ended = _b.agen_flags(self._generator)
        if awaited:
            self._state = 2
            raise RuntimeError(f'{self._name}(): asynchronous generator is already running')
        self._state = 1
        return closed, ended

    def _done(self, closed=False):
        """Nobody goes through the generator any more."""
        _b.agen_set(self._generator, False, closed or _b.agen_flags(self._generator)[1])

    def _step(self, step, value):
        """Goes on; what is waited for, else an exception that says what came."""
        _b.agen_set(self._generator, True, _b.agen_flags(self._generator)[1])
        try:
            kind, made = step(self._generator, value)
        except StopIteration:
            # The generator has ended before.
            self._state = 2
            self._done(True)
            raise StopAsyncIteration from None
        except BaseException as error:
            self._state = 2
            self._done(isinstance(error, (StopAsyncIteration, GeneratorExit)))
            raise
        if kind == 1:
            return made
        self._state = 2
        self._done(kind == 2)
        if kind == 0:
            raise StopIteration(made)
        raise StopAsyncIteration

    def send(self, value):
        if self._state == 2:
            raise RuntimeError(f'cannot reuse already awaited {self._what}')
        if self._state == 0:
            self._start()
            if value is None:
                value = self._value
        return self._step(_b.agen_send, value)

    def throw(self, *args):
        if self._state == 2:
            raise RuntimeError(f'cannot reuse already awaited {self._what}')
        if len(args) > 1:
            _b.warn_of_old_throw('throw')
        error = _b.thrown(*args)
        if self._state == 0:
            self._start()
        return self._step(_b.agen_throw, error)

    def close(self):
        if self._state == 2:
            return
        try:
            self.throw(GeneratorExit())
        except (StopIteration, StopAsyncIteration, GeneratorExit):
            return
        raise RuntimeError('coroutine ignored GeneratorExit')


class async_generator_athrow(async_generator_asend):
    __module__ = 'builtins'
    __slots__ = ()
    _what = 'aclose()/athrow()'
    _name = 'athrow'

    def _first(self):
        return self._step(_b.agen_throw, _b.thrown(*self._value))

    def send(self, value):
        if self._state == 2:
            raise RuntimeError(f'cannot reuse already awaited {self._what}')
        if self._state != 0:
            return self._step(_b.agen_send, value)
        if _b.agen_flags(self._generator)[2]:
            self._state = 2
            raise StopIteration
        closed, _ = self._start()
        if closed:
            self._state = 2
            raise StopAsyncIteration
        if value is not None:
            self._state = 0
            raise RuntimeError("can't send non-None value to a just-started coroutine")
        return self._first()


class _aclose(async_generator_athrow):
    __slots__ = ()
    _name = 'aclose'

    def _first(self):
        _b.agen_set(self._generator, True, True)
        return self._step(_b.agen_throw, GeneratorExit())

    def _step(self, step, value):
        try:
            return async_generator_asend._step(self, step, value)
        except (StopAsyncIteration, GeneratorExit):
            pass
        except StopIteration:
            # It yielded something.
            raise RuntimeError('async generator ignored GeneratorExit') from None
        raise StopIteration


_aclose.__name__ = _aclose.__qualname__ = 'async_generator_athrow'


def athrow(generator, error):
    return async_generator_athrow(generator, error)


def aclose(generator):
    return _aclose(generator, None)


class anext_default(_Unpicklable):
    __module__ = 'builtins'
    __slots__ = ('_wrapped', '_default')

    def __init__(self, wrapped, default):
        self._wrapped = wrapped
        self._default = default

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def _through(self, name, *args):
        it = _b.await_iter(self._wrapped)
        if not hasattr(type(it), '__next__'):
            it = it.__await__()
            if not hasattr(type(it), '__next__'):
                raise TypeError('__await__ must return an iterable')
        try:
            return getattr(it, name)(*args)
        except StopAsyncIteration:
            pass
        raise StopIteration(self._default)

    def __next__(self):
        return self._through('__next__')

    def send(self, value):
        return self._through('send', value)

    def throw(self, *args):
        return self._through('throw', *args)

    def close(self):
        return self._through('close')


anext_default.__name__ = anext_default.__qualname__ = 'anext_awaitable'


# frames

_absent = object()


# Frames whose locals are being shown.
_shown_frames = []


class FrameLocalsProxy:
    """What `f_locals` of a function's frame is (PEP 667)."""

    __module__ = 'builtins'
    __slots__ = ('_frame',)
    __hash__ = None

    def __new__(cls, *args, **kwargs):
        if kwargs:
            raise TypeError('FrameLocalsProxy takes no keyword arguments')
        if len(args) != 1:
            raise TypeError(f'FrameLocalsProxy expected 1 argument, got {len(args)}')
        if type(args[0]).__name__ != 'frame':
            raise TypeError(f'expect frame, not {type(args[0]).__name__}')
        self = object.__new__(cls)
        self._frame = args[0]
        return self

    def _dict(self):
        made = {name: _b.frame_get(self._frame, name, None) for name in _b.frame_names(self._frame)}
        made.update(_b.frame_extra(self._frame))
        return made

    def _local(self, key):
        """The name of a local that the key is equal to; the key itself where there is none."""
        if type(key) is str:
            return key
        code, wanted = self._frame.f_code, hash(key)
        for name in code.co_varnames + code.co_cellvars + code.co_freevars:
            if hash(name) == wanted and name == key:
                return name
        return key

    def __getitem__(self, key):
        key = self._local(key)
        found = _b.frame_get(self._frame, key, _absent) if isinstance(key, str) else _absent
        if found is not _absent:
            return found
        extra = _b.frame_extra(self._frame)
        if key in extra:
            return extra[key]
        if isinstance(key, str) and not _b.frame_is_local(self._frame, key):
            raise KeyError(f"local variable '{key}' is not defined")
        raise KeyError(key)

    def __setitem__(self, key, value):
        key = self._local(key)
        if not isinstance(key, str) or not _b.frame_set(self._frame, key, value):
            _b.frame_extra(self._frame)[key] = value

    def __delitem__(self, key):
        key = self._local(key)
        if isinstance(key, str) and _b.frame_is_local(self._frame, key):
            raise ValueError('cannot remove local variables from FrameLocalsProxy')
        del _b.frame_extra(self._frame)[key]

    def __contains__(self, key):
        key = self._local(key)
        return (isinstance(key, str) and _b.frame_get(self._frame, key, _absent) is not _absent
                or key in _b.frame_extra(self._frame))

    def __len__(self):
        return len(self._dict())

    def __iter__(self):
        return iter(list(self._dict()))

    def __reversed__(self):
        # CPython gives a list.
        return list(self._dict())[::-1]

    def keys(self):
        return list(self._dict().keys())

    def values(self):
        return list(self._dict().values())

    def items(self):
        return list(self._dict().items())

    def get(self, key, default=None, /):
        try:
            return self[key]
        except KeyError:
            return default

    def copy(self):
        return self._dict()

    def update(self, other, /):
        if not isinstance(other, (dict, FrameLocalsProxy)) and not hasattr(other, 'keys'):
            raise TypeError('update() argument must be dict or another FrameLocalsProxy')
        for key in other.keys():
            self[key] = other[key]

    def setdefault(self, key, default=None, /):
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key, *default):
        if len(default) > 1:
            raise TypeError(f'pop expected at most 2 arguments, got {1 + len(default)}')
        key = self._local(key)
        if isinstance(key, str) and _b.frame_is_local(self._frame, key):
            raise ValueError('cannot remove local variables from FrameLocalsProxy')
        return _b.frame_extra(self._frame).pop(key, *default)

    def __eq__(self, other):
        if isinstance(other, FrameLocalsProxy):
            return self._frame is other._frame
        if isinstance(other, dict):
            return self._dict() == other
        return NotImplemented

    def __or__(self, other):
        if not isinstance(other, (dict, FrameLocalsProxy)):
            return NotImplemented
        return self._dict() | dict(other.items())

    def __ror__(self, other):
        if not isinstance(other, (dict, FrameLocalsProxy)):
            return NotImplemented
        return dict(other.items()) | self._dict()

    def __ior__(self, other):
        if not hasattr(other, 'keys'):
            return NotImplemented
        self.update(other)
        return self

    def __repr__(self):
        if self._frame in _shown_frames:
            return '{...}'
        _shown_frames.append(self._frame)
        try:
            return repr(self._dict())
        finally:
            _shown_frames.pop()

    def __copy__(self):
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def __reduce__(self):
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")
