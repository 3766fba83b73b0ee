#!/usr/bin/env python
"""Print what the running CPython's own dis prints for .pyc files, to compare with.

usage: PYTHON dis_text.py [-C] [-O] [-P] [--code-info] [--every N] DIR
       PYTHON dis_text.py --compile SRC DIR

Every .pyc file under DIR is listed, in the order of its path relative to DIR (forward slashes, compared as
bytes). For each, the standard output gets a line with two numbers, the length of the path and the length of
the text in bytes, then the path, then the text in UTF-8 (Python 2: as it is). A text that dis cannot make is
replaced by the exception's name and message behind "!".

What varies between runs of CPython is normalised: the address in the repr of a code object becomes 0x0, and
the elements of a frozenset stand in the order of their representations.

dis of releases before 3.7 lists no code objects in constants; they are listed here as by later ones.

-C, -O, -P   show caches, offsets, positions (from 3.11, 3.13, 3.14 on)
--code-info  the text of dis.show_code for each code object instead, a blank line between two
--every N    only every N-th file
--compile    make DIR: the .pyc files of the sources below SRC; what is no program is passed over

Runs with Python 2.7 and 3.4 or later.
"""
from __future__ import print_function

import dis
import io
import marshal
import os
import re
import sys
import types

PYTHON2 = sys.version_info < (3,)
HEADER = 16 if sys.version_info >= (3, 7) else 12 if sys.version_info >= (3, 3) else 8
NESTED = sys.version_info < (3, 7)
# Do elements of frozensets stand in the order in which marshal writes them (from 3.13 on)?
FILE_ORDER = False
ADDRESS = re.compile(r' at 0x[0-9a-f]+(?=, file )')


def canonical(value):
    """repr(value), normalised."""
    kind = type(value)
    if kind is types.CodeType:
        return ADDRESS.sub(' at 0x0', repr(value), count=1)
    if kind is tuple:
        inner = ', '.join(canonical(item) for item in value)
        return '(' + inner + (',)' if len(value) == 1 else ')')
    if kind is frozenset and value:
        if FILE_ORDER:
            texts = [canonical(item) for item in sorted(value, key=marshal.dumps)]
        else:
            # UTF-8's order is that of code points.
            texts = sorted(canonical(item) for item in value)
        return 'frozenset({' + ', '.join(texts) + '})'
    if kind is slice:
        return 'slice(%s, %s, %s)' % tuple(canonical(p) for p in (value.start, value.stop, value.step))
    return repr(value)


class Shown:
    """Something whose repr is the canonical one of the value it holds."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return canonical(self.value)


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


def one_listing(code, out, flags):
    """What dis.dis prints of code."""
    if not PYTHON2:
        return dis.dis(code, file=out, **flags)
    stdout, sys.stdout = sys.stdout, out
    try:
        dis.dis(code)
    finally:
        sys.stdout = stdout


def listing(code, out, flags):
    """What dis.dis prints of code, and of the code objects in it."""
    one_listing(code, out, flags)
    if NESTED:
        for value in code.co_consts:
            if isinstance(value, types.CodeType):
                out.write('\nDisassembly of %s:\n' % canonical(value))
                listing(value, out, flags)


def text_of(path, info, flags):
    """The normalised text for the file at path, as bytes."""
    with open(path, 'rb') as stream:
        code = marshal.loads(stream.read()[HEADER:])
    out = io.BytesIO() if PYTHON2 else io.StringIO()
    try:
        if info:
            code_info(code, out)
        else:
            listing(code, out, flags)
        text = out.getvalue()
    except Exception as error:
        text = '!%s: %s\n' % (type(error).__name__, error)
    if PYTHON2:
        return re.sub(r'(<code object \S+ at )0x[0-9a-f]+(?=, file )', r'\g<1>0x0', text)
    text = re.sub(r'^(Disassembly of <code object .* at )0x[0-9a-f]+(?=, file )', r'\g<1>0x0', text,
                  flags=re.MULTILINE)
    return text.encode('utf-8', 'backslashreplace')


def found(root, ending):
    """The files below root, relative to it, sorted."""
    paths = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - {'site-packages', '__pycache__'})
        paths += [os.path.relpath(os.path.join(folder, name), root) for name in files if name.endswith(ending)]
    if PYTHON2:
        return sorted(path.replace(os.sep, '/') for path in paths)
    return sorted(paths, key=lambda path: os.fsencode(path).replace(os.sep.encode(), b'/'))


def compile_all(source, target):
    """Compiles what is below source."""
    import warnings
    warnings.simplefilter('ignore')
    for path in found(source, '.py'):
        with open(os.path.join(source, path), 'rb') as stream:
            text = stream.read()
        try:
            # Where this script's own future imports count for nothing.
            code = compile(text, path, 'exec', 0, True)
        except Exception:
            continue
        place = os.path.join(target, path + 'c')
        if not os.path.isdir(os.path.dirname(place)):
            os.makedirs(os.path.dirname(place))
        with open(place, 'wb') as stream:
            stream.write(magic() + bytes(bytearray(HEADER - 4)) + marshal.dumps(code))


def normalise_constants():
    """Has dis show constants in their canonical form."""
    if PYTHON2:
        return
    own = dis._get_const_info

    def const_info(*arguments):
        value, text = own(*arguments)
        return value, text and canonical(value)

    dis._get_const_info = const_info


def magic():
    if sys.version_info >= (3, 4):
        import importlib.util
        return importlib.util.MAGIC_NUMBER
    import imp
    return imp.get_magic()


def main():
    flags, info, folders, every, compiling = {}, False, [], 1, False
    words = iter(sys.argv[1:])
    for arg in words:
        if arg == '--code-info':
            info = True
        elif arg == '--compile':
            compiling = True
        elif arg == '--every':
            every = int(next(words))
        elif arg in ('-C', '-O', '-P'):
            flags[{'-C': 'show_caches', '-O': 'show_offsets', '-P': 'show_positions'}[arg]] = True
        else:
            folders.append(arg)
    if compiling:
        return compile_all(*folders)
    root, = folders
    normalise_constants()
    out = sys.stdout if PYTHON2 else sys.stdout.buffer
    for path in found(root, '.pyc')[::every]:
        text = text_of(os.path.join(root, path), info, flags)
        name = path.replace(os.sep, '/')
        name = name if PYTHON2 else os.fsencode(name)
        out.write(('%d %d\n' % (len(name), len(text))).encode())
        out.write(name + text)


if __name__ == '__main__':
    main()
