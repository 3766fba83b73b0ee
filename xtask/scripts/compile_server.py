"""Compile files on request with the running CPython; one answer a request.

usage: PYTHON compile_server.py SCRATCH

Each line on standard input asks for a file: LEVEL, a tab, the source's path,
a tab, the path to record; what follows after more tabs are files that the
process compiles before it. The answer on standard output is a line of eleven
characters, a status and ten digits for a length, and that many bytes: status
'=' with the .pyc file, '-' (nothing follows) when the interpreter refuses the
source, '!' (nothing follows) when it crashed.

A file is compiled by py_compile in a forked child of its own, because the
bytes can depend on what a process compiled before; so nothing is imported here
beyond what py_compile itself needs, and a child starts from the state of
'python -m py_compile'. It is to be started with -S: site is then run here, but
for the .pth files of this machine, which import what is no part of a release.
To 3.11 it shows in the bytes which strings a process
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
    level, source, name, *parts = line.rstrip('\n').split('\t')
    fd = os.open(os.devnull, os.O_WRONLY)
    os.dup2(fd, 2)
    for part in parts:
        try:
            with open(part, 'rb') as file:
                compile(file.read(), part, 'exec', 0, True, int(level))
        except Exception:
            pass
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
    # Nor is the module's name interned when the interpreter imports it.
    module = __import__('site '.strip())
    module.addpackage = lambda *args: None
    module.main()
    main(sys.argv[1])
