#!/usr/bin/env python3
"""Print dis.dis of every .pyc file under a folder, in one process: what `pyrsc dis DIR` is measured against.

usage: PYTHON dis_tree.py DIR
"""
import dis
import marshal
import os
import sys


def main():
    root, = sys.argv[1:]
    # Names may hold lone surrogates, which UTF-8 has no room for.
    sys.stdout.reconfigure(errors='backslashreplace')
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            if name.endswith('.pyc'):
                with open(os.path.join(folder, name), 'rb') as stream:
                    code = marshal.loads(stream.read()[16:])
                dis.dis(code, file=sys.stdout)


if __name__ == '__main__':
    main()
