"""Compile one file with the running CPython, and do nothing else.

usage: PYTHON compile_alone.py LEVEL SOURCE NAME OUT

As compile_server.py does it, but in a process that starts as this machine
starts it and that is not a fork of another.
"""
import py_compile
import sys

py_compile.compile(sys.argv[2], sys.argv[4], sys.argv[3], True, int(sys.argv[1]),
                   py_compile.PycInvalidationMode.UNCHECKED_HASH)
