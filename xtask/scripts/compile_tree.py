"""Compile every .py file below a folder with the running CPython.

usage: PYTHON compile_tree.py SRC OUT [-O LEVEL] [-j JOBS]

Each file is compiled by py_compile in a forked child of its own, because the
bytes can depend on what a process compiled before. The result goes to
OUT/<relative path>c, with unchecked-hash invalidation and the relative path
(with forward slashes) as the recorded file name. Files that the interpreter
refuses leave no .pyc. Folders named site-packages and __pycache__ are passed
over. Nothing is imported here beyond what py_compile itself needs, so that a
child starts from the state of 'python -m py_compile'.
"""
import os
import py_compile
import sys


def find(root):
    paths = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(set(subfolders) - {'site-packages', '__pycache__'})
        prefix = os.path.relpath(folder, root)
        for name in names:
            if name.endswith('.py'):
                paths.append(name if prefix == '.' else prefix + '/' + name)
    paths.sort()
    return paths


def compile_quietly(source, target, path, level):
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        py_compile.compile(source, target, path, True, level,
                           py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except BaseException:
        return 3
    return 0


def main(argv):
    level, jobs, places = 0, os.cpu_count() or 1, []
    words = iter(argv)
    for word in words:
        if word == '-O':
            level = int(next(words))
        elif word == '-j':
            jobs = int(next(words))
        else:
            places.append(word)
    root, out = places
    refused = crashed = 0
    running = {}

    def reap():
        nonlocal refused, crashed
        pid, status = os.wait()
        path = running.pop(pid)
        if status == 3 << 8:
            refused += 1
        elif status:
            crashed += 1
            print('crashed: %s (wait status %d)' % (ascii(path), status))

    paths = find(root)
    for path in paths:
        while len(running) >= jobs:
            reap()
        pid = os.fork()
        if pid == 0:
            code = 4
            try:
                code = compile_quietly(root + '/' + path, out + '/' + path + 'c', path, level)
            finally:
                os._exit(code)
        running[pid] = path
    while running:
        reap()
    print('%d files, %d refused, %d crashed' % (len(paths), refused, crashed))
    return 1 if crashed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
