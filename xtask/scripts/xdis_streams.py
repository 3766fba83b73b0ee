#!/usr/bin/env python3
"""Print the instructions of .pyc files as xdis sees them, to compare with.

usage: PYTHONPATH=XDIS:ITS_DEPENDENCIES PYTHON xdis_streams.py DIR

For each .pyc file below DIR, in sorted order, the standard output gets one line of JSON:
{"path", "version", "implementation", "codes": [[name, [[offset, opname, argument or null], …]], …]}, code objects
in the order in which they stand in each other's constants, outer ones first; or {"path", "error"} where xdis
cannot read it. Inline caches are left out.
"""
import contextlib
import io
import json
import os
import sys

from xdis.bytecode import get_instructions_bytes
from xdis.load import load_module
from xdis.op_imports import get_opcode_module


def text(name):
    return name.decode('latin-1') if isinstance(name, bytes) else str(name)


def streams(code, opc, found):
    instructions = [[it.offset, it.opname, it.arg] for it in get_instructions_bytes(code, opc)
                    if it.opname != 'CACHE']
    found.append([text(code.co_name), instructions])
    for const in code.co_consts:
        if hasattr(const, 'co_code'):
            streams(const, opc, found)


def answer(path):
    with contextlib.redirect_stdout(io.StringIO()):
        loaded = load_module(path)
        version, code, implementation = loaded[0], loaded[3], loaded[4]
        opc = get_opcode_module(version, implementation)
        found = []
        streams(code, opc, found)
    return {'version': '.'.join(map(str, version[:2])), 'implementation': str(implementation), 'codes': found}


def main():
    root, = sys.argv[1:]
    sys.setrecursionlimit(10000)
    paths = []
    for folder, _, files in os.walk(root):
        paths += [os.path.join(folder, name) for name in files if name.endswith(('.pyc', '.pyo'))]
    for path in sorted(paths):
        try:
            line = answer(path)
        except BaseException as error:
            line = {'error': '%s: %s' % (type(error).__name__, error)}
        line['path'] = os.path.relpath(path, root)
        print(json.dumps(line))


if __name__ == '__main__':
    main()
