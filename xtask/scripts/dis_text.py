#!/usr/bin/env python3
"""Print what the running CPython's own dis prints for .pyc files, to compare with.

usage: PYTHON dis_text.py [-C] [-O] [-P] [--code-info] DIR

Every .pyc file under DIR is listed, in the order of its path relative to DIR (forward slashes, compared as
bytes). For each, the standard output gets a line with two numbers, the length of the path and the length of
the text in bytes, then the path, then the text in UTF-8. A text that dis cannot make is replaced by the
exception's name and message behind "!".

What varies between runs of CPython is normalised: the address in the repr of a code object becomes 0x0, and
the elements of a frozenset stand in the order in which marshal writes them.

-C, -O, -P   show caches, offsets, positions (the last from 3.14 on)
--code-info  the text of dis.show_code for each code object instead, a blank line between two
"""
import dis
import io
import marshal
import os
import re
import sys
import types


def canonical(value):
    """repr(value), normalised."""
    kind = type(value)
    if kind is types.CodeType:
        return re.sub(r' at 0x[0-9a-f]+(?=, file )', ' at 0x0', repr(value), count=1)
    if kind is tuple:
        inner = ', '.join(canonical(item) for item in value)
        return '(' + inner + (',)' if len(value) == 1 else ')')
    if kind is frozenset and value:
        items = sorted(value, key=marshal.dumps)
        return 'frozenset({' + ', '.join(canonical(item) for item in items) + '})'
    if kind is slice:
        return 'slice(%s, %s, %s)' % tuple(canonical(p) for p in (value.start, value.stop, value.step))
    return repr(value)


class Shown:
    """Something whose repr is the canonical one of the value it holds."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return canonical(self.value)


def const_info(op, arg, co_consts):
    """As dis._get_const_info, but for the repr."""
    value = dis._get_const_value(op, arg, co_consts)
    return value, canonical(value)


def code_info(code, out):
    """The text of dis.show_code for code and the code objects in it."""
    fields = {name: getattr(code, name) for name in dir(code)
              if name.startswith('co_') and name not in ('co_lnotab', 'co_lines', 'co_positions', 'co_branches')}
    fields['co_consts'] = [Shown(value) for value in code.co_consts]
    dis.show_code(types.SimpleNamespace(**fields), file=out)
    for value in code.co_consts:
        if isinstance(value, types.CodeType):
            print(file=out)
            code_info(value, out)


def listing(path, info, flags):
    """The normalised text for the file at path."""
    with open(path, 'rb') as stream:
        code = marshal.loads(stream.read()[16:])
    out = io.StringIO()
    try:
        if info:
            code_info(code, out)
        else:
            dis.dis(code, file=out, **flags)
    except Exception as error:
        return '!%s: %s\n' % (type(error).__name__, error)
    return re.sub(r'^(Disassembly of <code object .* at )0x[0-9a-f]+(?=, file )', r'\g<1>0x0', out.getvalue(),
                  flags=re.MULTILINE)


def main():
    flags, info, folders = {}, False, []
    for arg in sys.argv[1:]:
        if arg == '--code-info':
            info = True
        elif arg in ('-C', '-O', '-P'):
            flags[{'-C': 'show_caches', '-O': 'show_offsets', '-P': 'show_positions'}[arg]] = True
        else:
            folders.append(arg)
    root, = folders
    dis._get_const_info = const_info
    paths = []
    for folder, _, files in os.walk(root):
        paths += [os.path.relpath(os.path.join(folder, name), root) for name in files if name.endswith('.pyc')]
    paths = sorted(os.fsencode(path).replace(os.sep.encode(), b'/') for path in paths)
    out = sys.stdout.buffer
    for path in paths:
        text = listing(os.path.join(root, os.fsdecode(path)), info, flags).encode('utf-8', 'backslashreplace')
        out.write(b'%d %d\n%b%b' % (len(path), len(text), path, text))


if __name__ == '__main__':
    main()
