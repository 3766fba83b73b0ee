"""Compile files on request with the running CPython; one answer a request.

usage: PYTHON compile_server.py SCRATCH

Each line on standard input asks for a file: LEVEL, a tab, the source's path,
a tab, the path to record. The answer on standard output is a line of eleven
characters, a status and ten digits for a length, and that many bytes: status
'=' with the .pyc file, '-' (nothing follows) when the interpreter refuses the
source, '!' (nothing follows) when it crashed.

A file is compiled by py_compile in a forked child of its own, because the
bytes can depend on what a process compiled before; so nothing is imported here
beyond what py_compile itself needs, and a child starts from the state of
'python -m py_compile'. SCRATCH is the file that a child writes in between; no
two servers may share it.
"""
import os
import py_compile
import sys


def send(stream, data):
    while data:
        data = data[os.write(stream, data):]


def answer(stream, request, scratch):
    level, source, recorded = request.rstrip('\n').split('\t')
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        py_compile.compile(source, scratch, recorded, True, int(level),
                           py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except BaseException:
        send(stream, b'-%010d' % 0)
        return
    with open(scratch, 'rb') as file:
        data = file.read()
    send(stream, b'=%010d' % len(data) + data)


def main(scratch):
    stream = os.dup(1)
    while True:
        request = sys.stdin.readline()
        if not request:
            return
        pid = os.fork()
        if pid == 0:
            try:
                answer(stream, request, scratch)
            finally:
                os._exit(0)
        if os.waitpid(pid, 0)[1]:
            send(stream, b'!%010d' % 0)


if __name__ == '__main__':
    main(sys.argv[1])
