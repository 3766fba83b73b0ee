# `_sre`: patterns and matches over the engine.
import _pyrvm_sre as _e
from _types import GenericAlias as _GenericAlias

MAGIC = _e.MAGIC
CODESIZE = 4
MAXREPEAT = _e.MAXREPEAT
MAXGROUPS = _e.MAXGROUPS
_run = _e.run


def getcodesize():
    return 4


def ascii_iscased(point, /):
    return 65 <= point <= 90 or 97 <= point <= 122


def ascii_tolower(point, /):
    return point + 32 if 65 <= point <= 90 else point


unicode_iscased = _e.cased
unicode_tolower = _e.lower


def getlower(point, flags, /):
    return unicode_tolower(point) if flags & 32 else ascii_tolower(point)


_FLAGS = ((2, 're.IGNORECASE'), (4, 're.LOCALE'), (8, 're.MULTILINE'), (16, 're.DOTALL'), (64, 're.VERBOSE'),
          (128, 're.DEBUG'), (256, 're.ASCII'))


def compile(pattern, flags, code, groups, groupindex, indexgroup, /):
    self = object.__new__(Pattern)
    self.pattern = pattern
    self.flags = flags
    self.groups = groups
    self._groupindex = groupindex
    self._indexgroup = indexgroup
    self._code = _e.compile(code)
    self._kind = str if isinstance(pattern, str) else bytes if pattern is not None else None
    return self


class Template:
    __module__ = '_sre'
    __slots__ = ('literal', 'parts')


def template(pattern, template, /):
    made = Template()
    made.literal = template[0]
    made.parts = list(zip(template[1::2], template[2::2]))
    return made


def _expand(template, match, empty):
    out = [template.literal]
    for group, literal in template.parts:
        part = match._of(group)
        out.append(empty if part is None else part)
        out.append(literal)
    return empty.join(out)


class Pattern:
    __module__ = 're'
    __slots__ = ('pattern', 'flags', 'groups', '_groupindex', '_indexgroup', '_code', '_kind', '__weakref__')

    def __new__(cls, *args):
        raise TypeError("cannot create 're.Pattern' instances")

    @property
    def groupindex(self):
        from _types import MappingProxyType
        return MappingProxyType(self._groupindex)

    def _check(self, string):
        if isinstance(string, str):
            if self._kind is bytes:
                raise TypeError('cannot use a bytes pattern on a string-like object')
        elif isinstance(string, (bytes, bytearray)) or hasattr(type(string), '__bytes__'):
            if self._kind is str:
                raise TypeError('cannot use a string pattern on a bytes-like object')
        else:
            raise TypeError(f'expected string or bytes-like object, got {type(string).__name__!r}')

    def _span(self, string, pos, endpos):
        size = len(string)
        pos = 0 if pos < 0 else size if pos > size else pos
        endpos = 0 if endpos < 0 else size if endpos > size else endpos
        return pos, endpos

    def _one(self, kind, string, pos, endpos):
        self._check(string)
        pos, endpos = self._span(string, pos, endpos)
        if pos > endpos:
            return None
        found = _run(self._code, string, pos, endpos, kind, False)
        return None if found is None else _match(self, string, pos, endpos, found)

    def match(self, string, pos=0, endpos=9223372036854775807):
        return self._one(0, string, pos, endpos)

    def fullmatch(self, string, pos=0, endpos=9223372036854775807):
        return self._one(1, string, pos, endpos)

    def search(self, string, pos=0, endpos=9223372036854775807):
        return self._one(2, string, pos, endpos)

    def _all(self, string, pos=0, endpos=9223372036854775807):
        self._check(string)
        pos, endpos = self._span(string, pos, endpos)
        first = pos
        code = self._code
        advance = False
        while pos <= endpos:
            found = _run(code, string, pos, endpos, 2, advance)
            if found is None:
                return
            yield _match(self, string, first, endpos, found)
            pos = found[2]
            advance = found[1] == pos

    def finditer(self, string, pos=0, endpos=9223372036854775807):
        return iter(_callable_iterator(self._all(string, pos, endpos)))

    def findall(self, string, pos=0, endpos=9223372036854775807):
        self._check(string)
        pos, endpos = self._span(string, pos, endpos)
        code, groups = self._code, self.groups
        empty = '' if isinstance(string, str) else b''
        advance = False
        out = []
        while pos <= endpos:
            found = _run(code, string, pos, endpos, 2, advance)
            if found is None:
                break
            if groups == 0:
                out.append(string[found[1]:found[2]])
            else:
                row = []
                for at in range(3, 3 + 2 * groups, 2):
                    if at + 1 < len(found) and found[at] >= 0 and found[at + 1] >= 0:
                        row.append(string[found[at]:found[at + 1]])
                    else:
                        row.append(empty)
                out.append(row[0] if groups == 1 else tuple(row))
            pos = found[2]
            advance = found[1] == pos
        return out

    def split(self, string, maxsplit=0):
        self._check(string)
        out = []
        at = 0
        for match in self._all(string):
            if maxsplit and len(out) >= maxsplit * (1 + self.groups):
                break
            out.append(string[at:match.start()])
            out.extend(match.groups())
            at = match.end()
        out.append(string[at:])
        return out

    def _sub(self, repl, string, count):
        self._check(string)
        empty = '' if isinstance(string, str) else b''
        if callable(repl):
            make = repl
        else:
            literal = isinstance(repl, (str, bytes)) and ('\\' if isinstance(repl, str) else b'\\') not in repl
            if literal:
                make = None
            else:
                import re
                template = re._compile_template(self, repl)
                if not template.parts:
                    repl, make = template.literal, None
                else:
                    def make(match):
                        return _expand(template, match, empty)
        out = []
        at = 0
        times = 0
        for match in self._all(string):
            if count and times >= count:
                break
            start, end = match.span()
            out.append(string[at:start])
            if make is None:
                out.append(repl)
            else:
                part = make(match)
                if part is not None:
                    out.append(part)
            at = end
            times += 1
        if not times:
            return string, 0
        out.append(string[at:])
        return empty.join(out), times

    def sub(self, repl, string, count=0):
        return self._sub(repl, string, count)[0]

    def subn(self, repl, string, count=0):
        return self._sub(repl, string, count)

    def scanner(self, string, pos=0, endpos=9223372036854775807):
        self._check(string)
        return _Scanner(self, string, *self._span(string, pos, endpos))

    def __repr__(self):
        flags = self.flags
        if self._kind is str:
            flags &= ~32
        names = [name for bit, name in _FLAGS if flags & bit]
        for bit, _ in _FLAGS:
            flags &= ~bit
        if flags:
            names.append(hex(flags))
        shown = repr(self.pattern)
        if len(shown) > 200:
            shown = shown[:200]
        return f're.compile({shown}{", " + "|".join(names) if names else ""})'

    def __eq__(self, other):
        if not isinstance(other, Pattern):
            return NotImplemented
        return self is other or (self.flags == other.flags and self.pattern == other.pattern
                                 and type(self.pattern) is type(other.pattern))

    def __hash__(self):
        return hash((self.flags, self.pattern))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        import re
        return re._compile, (self.pattern, self.flags)

    __class_getitem__ = classmethod(_GenericAlias)


class _callable_iterator:
    __slots__ = ('_it',)

    def __init__(self, it):
        self._it = it

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._it)


_callable_iterator.__name__ = 'callable_iterator'
_callable_iterator.__module__ = 'builtins'


class _Scanner:
    __module__ = '_sre'
    __slots__ = ('pattern', '_string', '_pos', '_end', '_advance', '_first')

    def __init__(self, pattern, string, pos, end):
        self.pattern, self._string, self._pos, self._end = pattern, string, pos, end
        self._first = pos
        self._advance = False

    def _next(self, kind):
        if self._pos is None or self._pos > self._end:
            return None
        found = _run(self.pattern._code, self._string, self._pos, self._end, kind, self._advance)
        if found is None:
            self._pos = None
            return None
        self._pos = found[2]
        self._advance = found[1] == found[2]
        return _match(self.pattern, self._string, self._first, self._end, found)

    def match(self):
        return self._next(0)

    def search(self):
        return self._next(2)


def _match(pattern, string, pos, endpos, found):
    self = object.__new__(Match)
    self.re = pattern
    self.string = string
    self.pos = pos
    self.endpos = endpos
    self._at = found
    return self


class Match:
    __module__ = 're'
    __slots__ = ('re', 'string', 'pos', 'endpos', '_at')

    def __new__(cls, *args):
        raise TypeError("cannot create 're.Match' instances")

    def _number(self, group):
        if isinstance(group, int):
            number = group
        elif isinstance(group, str):
            number = self.re._groupindex.get(group, -1)
        elif hasattr(type(group), '__index__'):
            number = group.__index__()
        else:
            number = -1
        if not 0 <= number <= self.re.groups:
            raise IndexError('no such group')
        return number

    def _place(self, number):
        at = 1 + 2 * number
        found = self._at
        if at + 1 >= len(found) or found[at] < 0 or found[at + 1] < 0:
            return -1, -1
        return found[at], found[at + 1]

    def _of(self, number):
        start, end = self._place(number)
        return None if start < 0 else self.string[start:end]

    def group(self, *groups):
        if not groups:
            return self._of(0)
        if len(groups) == 1:
            return self._of(self._number(groups[0]))
        return tuple(self._of(self._number(group)) for group in groups)

    def __getitem__(self, group):
        return self._of(self._number(group))

    def groups(self, default=None):
        out = []
        for number in range(1, self.re.groups + 1):
            part = self._of(number)
            out.append(default if part is None else part)
        return tuple(out)

    def groupdict(self, default=None):
        out = {}
        for name, number in self.re._groupindex.items():
            part = self._of(number)
            out[name] = default if part is None else part
        return out

    def start(self, group=0):
        return self._place(self._number(group))[0]

    def end(self, group=0):
        return self._place(self._number(group))[1]

    def span(self, group=0):
        return self._place(self._number(group))

    def expand(self, template):
        import re
        made = re._compile_template(self.re, template)
        return _expand(made, self, '' if isinstance(template, str) else b'')

    @property
    def lastindex(self):
        return self._at[0] if self._at[0] > 0 else None

    @property
    def lastgroup(self):
        last = self._at[0]
        return self.re._indexgroup[last] if last > 0 else None

    @property
    def regs(self):
        return tuple(self._place(number) for number in range(self.re.groups + 1))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f'<re.Match object; span={self.span()!r}, match={self.group()!r}>'

    __class_getitem__ = classmethod(_GenericAlias)
