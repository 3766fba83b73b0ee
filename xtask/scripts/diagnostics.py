"""What the running CPython says about each .py file below a folder: its error and its warnings.

usage: PYTHON diagnostics.py SRC OUT.jsonl [-O LEVEL]

One JSON object a line, sorted by path, for the files that have an error or a
warning:

    {"path": …, "error": null | {"type", "msg", "lineno", "offset",
     "end_lineno", "end_offset", "text"}, "warnings": [[category, message, lineno], …]}

Text that is not valid UTF-8 is written with surrogate escapes.
"""
import importlib.machinery
import json
import os
import sys
import warnings


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


def examine(root, path, level):
    loader = importlib.machinery.SourceFileLoader('<examine>', root + '/' + path)
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            source = loader.get_data(root + '/' + path)
            compile(source, path, 'exec', dont_inherit=True, optimize=level)
        except SyntaxError as exc:
            error = {'type': type(exc).__name__, 'msg': exc.msg, 'lineno': exc.lineno,
                     'offset': exc.offset, 'end_lineno': exc.end_lineno,
                     'end_offset': exc.end_offset, 'text': exc.text}
        except Exception as exc:
            error = {'type': type(exc).__name__, 'msg': str(exc), 'lineno': None, 'offset': None,
                     'end_lineno': None, 'end_offset': None, 'text': None}
    seen = [[w.category.__name__, str(w.message), w.lineno] for w in caught]
    return error, seen


def main(argv):
    level, places = 0, []
    words = iter(argv)
    for word in words:
        if word == '-O':
            level = int(next(words))
        else:
            places.append(word)
    root, out = places
    # Errors of the symbol table and the code generator read the source line through the file name.
    out = os.path.abspath(out)
    os.chdir(root)
    with open(out, 'w', encoding='ascii') as stream:
        for path in find('.'):
            error, seen = examine('.', path, level)
            if error or seen:
                stream.write(json.dumps({'path': path, 'error': error, 'warnings': seen}) + '\n')


if __name__ == '__main__':
    main(sys.argv[1:])
