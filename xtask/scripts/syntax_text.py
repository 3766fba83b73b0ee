#!/usr/bin/env python3
"""Print what the running CPython's own ast or tokenize prints for sources, to compare with.

usage: PYTHON syntax_text.py ast|tokens|exact-tokens DIR

Every .py file under DIR is read, in the order of its path relative to DIR (forward slashes, compared as bytes). For each, the
standard output gets a line with two numbers, the length of the path and the length of the text in bytes, then the path, then the
text in UTF-8 (surrogates passed): what `python -m ast -a -i 1` or `python -m tokenize [-e]` prints in DIR, or `!`, the exception's
name and its message; for tokens then what goes to standard error.
"""

import ast
import contextlib
import io
import os
import sys
import tokenize
import warnings


def dump(node, level=0):
    """What ast.dump of 3.9 writes, of trees of 3.8: without Index, and ExtSlice as a tuple."""
    prefix = "\n" + " " * (level + 1)
    separator = "," + prefix
    if isinstance(node, list):
        return "[%s%s]" % (prefix, separator.join(dump(x, level + 1)[0] for x in node)) if node else "[]", not node
    if not isinstance(node, ast.AST):
        return repr(node), True
    name, fields = type(node).__name__, list(ast.iter_fields(node))
    if name == "Index":
        return dump(node.value, level)
    if name == "ExtSlice":
        name, fields = "Tuple", [("elts", node.dims), ("ctx", ast.Load())]
    parts = [(name, dump(value, level + 1)) for name, value in fields if value is not None or (node.__class__, name) == (ast.Constant, "value")]
    parts += [(name, dump(getattr(node, name))) for name in node._attributes]
    texts = ["%s=%s" % (name, text) for name, (text, _) in parts]
    if len(parts) <= 3 and all(simple for _, (_, simple) in parts):
        return "%s(%s)" % (name, ", ".join(texts)), not parts
    return "%s(%s%s)" % (name, prefix, separator.join(texts)), False


def tree(path):
    try:
        with open(path, "rb") as file:
            parsed = ast.parse(file.read(), path, type_comments=True)
        if sys.version_info < (3, 9):
            return dump(parsed)[0] + "\n"
        return ast.dump(parsed, include_attributes=True, indent=1) + "\n"
    except Exception as error:
        return "!%s: %s\n" % (type(error).__name__, getattr(error, "msg", error))


def tokens(path, *options):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["tokenize", *options, path]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(SystemExit):
        (getattr(tokenize, "_main", None) or tokenize.main)()
    return out.getvalue() + err.getvalue()


def main():
    what, root = sys.argv[1:]
    os.chdir(root)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(5000)
    make = {"ast": tree, "tokens": tokens, "exact-tokens": lambda path: tokens(path, "-e")}[what]
    files = [
        os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
        for folder, _, names in os.walk(".")
        for name in names
        if name.endswith(".py")
    ]
    for path in sorted(files, key=os.fsencode):
        name, text = os.fsencode(path), make(path).encode("utf-8", "surrogatepass")
        sys.stdout.buffer.write(b"%d %d\n%b%b" % (len(name), len(text), name, text))


main()
