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
'python -m py_compile'. To 3.11 it shows in the bytes which strings a process
refers to: all names here, and all strings that look like names, are such as
the interpreter itself has anyway. SCRATCH is the file that a child writes in between; no
two servers may share it.
"""
import os
import py_compile
import sys


def send(stream, data):
    while data:
        data = data[os.write(stream, data):]


def run(stream, line, path):
    level, source, name = line.rstrip('\n').split('\t')
    fd = os.open(os.devnull, os.O_WRONLY)
    os.dup2(fd, 2)
    try:
        py_compile.compile(source, path, name, True, int(level),
                           py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except BaseException:
        send(stream, b'-%010d' % 0)
        return
    with open(path, 'r+b') as file:
        data = file.read()
    send(stream, b'=%010d' % len(data) + data)


def main(path):
    stream = os.dup(1)
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        pid = os.fork()
        if pid == 0:
            try:
                run(stream, line, path)
            finally:
                os._exit(0)
        if os.waitpid(pid, 0)[1]:
            send(stream, b'!%010d' % 0)


if __name__ == '__main__':
    main(sys.argv[1])
