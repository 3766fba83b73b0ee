"""Prints the strings that look like names, and the qualified names, that are interned once py_compile is imported.

Run with the newest interpreter of a version; what it prints, after a line that says so, is
src/target/interned_strings/VERSION.txt.

usage: PYTHON xtask/facts/interned.py

A child that has imported nothing but py_compile, and compiled nothing but an empty text, tries candidates: every word of the interpreter's binary
and of the library's modules, and every name in its code. A word is interned already when interning a
fresh copy of it gives another object.
"""
import subprocess
import sys

# site is run here, but for the .pth files of this machine: what they import is no part of a release. The module's
# name is not interned when the interpreter imports it.
START = r'''
main = __import__("site ".strip())
main.addpackage = lambda *args: None
main = main.main()
'''

# One-letter names and no comments, so that this program interns nothing of interest itself. The first call of
# compile() makes the types of the AST, and with them the names of their fields; with a keyword, as py_compile
# calls it, it interns the names of its parameters. The file stays open: a warning of one that nobody closed
# interns a name. What start-up left as garbage in cycles (the classes of operator.py that C ones replaced) is collected
# before, as it is by when a file has been read.
CHILD = r'''
import py_compile
compile("", "", "exec", dont_inherit=True)
x = list(map(list, [()] * 100000))
f = open(0, "rb")
q = f.read().split()
for x in q:
    y = x.decode()
    if py_compile.sys.intern(y) is not y:
        print(y)
'''

FILES = r'''
import py_compile
import sys
for m in list(sys.modules.values()):
    f = getattr(m, "__file__", None)
    if f and f.endswith(".py"):
        print(f)
import os
for line in open("/proc/self/maps"):
    f = line.split()[-1]
    if f.startswith("/") and os.path.isfile(f):
        print(f)
'''


def qualnames(code):
    """All names and qualified names in a code object, as bytes; those with spaces (generic parameters) are left out."""
    names = {getattr(code, "co_qualname", code.co_name), *code.co_names, *code.co_varnames, *code.co_cellvars}
    found = {name.encode() for name in names if len(name) > 1 and ' ' not in name}
    for const in code.co_consts:
        if hasattr(const, 'co_code'):
            found |= qualnames(const)
    return found


def run(program, data=b''):
    done = subprocess.run([sys.executable, '-s', '-S', '-c', START + program], input=data, stdout=subprocess.PIPE, check=True)
    return done.stdout


def main():
    import re
    words = set()
    for path in set(run(FILES).decode().split('\n')) - {''}:
        with open(path, 'rb') as file:
            words.update(re.findall(rb'[A-Za-z0-9_]{2,100}', file.read()))
    # Frozen modules have their sources in the library's folder as well.
    import glob
    import os
    for path in glob.glob(os.path.dirname(os.__file__) + '/*.py'):
        with open(path, 'rb') as file:
            words.update(re.findall(rb'[A-Za-z0-9_]{2,100}', file.read()))
        try:
            words.update(qualnames(compile(open(path, 'rb').read(), path, 'exec')))
        except SyntaxError:
            pass
    for path in glob.glob(os.path.dirname(os.__file__) + '/*/*.py'):
        try:
            words.update(qualnames(compile(open(path, 'rb').read(), path, 'exec')))
        except SyntaxError:
            pass
    words.update([b'.0', b'<module>', b'<lambda>', b'<genexpr>', b'<listcomp>', b'<setcomp>', b'<dictcomp>'])
    own = set(re.findall(rb'[A-Za-z0-9_]+', CHILD.encode()))
    found = set(run(CHILD, b'\n'.join(sorted(words))).split())
    # What the child's own text mentions counts only where it is surely interned without it.
    sure = {b'import', b'py_compile', b'open', b'read', b'split', b'decode', b'sys', b'intern', b'print', b'compile', b'exec', b'rb', b'dont_inherit', b'True'}
    # Of the module keyword.
    sure |= {b'for', b'if', b'list', b'map', b'in', b'is', b'not'}
    for word in sorted(found - (own - sure)):
        print(word.decode())


main()
