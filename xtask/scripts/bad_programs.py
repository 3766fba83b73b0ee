"""Write programs, most of them invalid, with what the running CPython says of each.

usage: PYTHON bad_programs.py OUT.jsonl [MUTANTS [SEED]]

The programs are not kept anywhere: they are gathered from the interpreter's own
tests (every string constant and doctest example of the test files that deal with
syntax) and made by changing one token of a statement of its standard library.
One JSON object a line:

    {"source": …, "error": null | {"type", "msg", "lineno", "offset",
     "end_lineno", "end_offset", "text"}, "warnings": [[category, message, lineno], …]}
"""
import ast
import doctest
import io
import json
import os
import random
import sys
import sysconfig
import textwrap
import tokenize
import warnings

STDLIB = sysconfig.get_paths()['stdlib']
MUTATED = ['argparse', 'ast', 'asyncio/base_events', 'bdb', 'collections/__init__', 'configparser',
           'dataclasses', 'datetime', '_pydatetime', 'difflib', 'enum', 'functools', 'inspect', 'json/decoder',
           'logging/__init__', 'pathlib/_local', 'pickle', 'shutil', 'statistics', 'subprocess', 'tarfile',
           'threading', 'tokenize', 'traceback', 'typing', 'zipfile/__init__', 'test/test_patma',
           'test/test_grammar', 'test/test_fstring', 'test/test_type_params', 'test/test_generators']
PIECES = ['', '(', ')', '[', ']', '{', '}', ':', ',', '.', '=', '==', ':=', '->', '*', '**', '+', '-', '@', '!',
          '$', '?', ';', '...', 'if', 'else', 'elif', 'for', 'in', 'not', 'is', 'and', 'or', 'lambda', 'def',
          'class', 'return', 'yield', 'await', 'async', 'import', 'from', 'as', 'with', 'try', 'except', 'finally',
          'raise', 'None', 'True', 'del', 'pass', 'global', 'while', 'match', 'case', 'type', '1', '1x', '0777',
          "'s'", "b'b'", 'f"{x}"', 'f"{"', "'", '"""', 'x', 'x y', '\n', '\\', '\n  ', 'print x', 'a b']


def examine(source):
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            compile(source, '<program>', 'exec', dont_inherit=True)
        except SyntaxError as exc:
            error = {'type': type(exc).__name__, 'msg': exc.msg, 'lineno': exc.lineno, 'offset': exc.offset,
                     'end_lineno': getattr(exc, 'end_lineno', None), 'end_offset': getattr(exc, 'end_offset', None), 'text': exc.text}
        except Exception as exc:
            error = {'type': type(exc).__name__, 'msg': str(exc), 'lineno': None, 'offset': None,
                     'end_lineno': None, 'end_offset': None, 'text': None}
    return error, [[w.category.__name__, str(w.message), w.lineno] for w in caught]


def gathered():
    folder = os.path.join(STDLIB, 'test')
    parser = doctest.DocTestParser()
    for name in sorted(os.listdir(folder)):
        if not (name.startswith('test_') and name.endswith('.py')):
            continue
        with open(os.path.join(folder, name), 'rb') as stream:
            data = stream.read()
        if b'SyntaxError' not in data and b'IndentationError' not in data:
            continue
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 4000:
                yield node.value
                yield textwrap.dedent(node.value)
                if '>>>' in node.value:
                    try:
                        examples = parser.get_examples(node.value)
                    except ValueError:
                        continue
                    for example in examples:
                        yield example.source


def statements():
    for name in MUTATED:
        path = os.path.join(STDLIB, name + '.py')
        if not os.path.exists(path):
            continue
        with open(path, encoding='utf-8') as stream:
            text = stream.read()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.stmt) and node.col_offset == 0 and node.end_lineno - node.lineno < 60:
                yield ast.get_source_segment(text, node) + '\n'


def mutants(count, seed):
    rng = random.Random(seed)
    pool = list(statements())
    made = 0
    while made < count:
        source = rng.choice(pool)
        lines = source.splitlines(True)
        try:
            tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline)
                      if t.string and t.type not in (tokenize.COMMENT, tokenize.NL)]
        except (SyntaxError, tokenize.TokenError):
            continue
        if not tokens:
            continue
        token = rng.choice(tokens)
        (line, column), (end_line, end_column) = token.start, token.end
        before = ''.join(lines[:line - 1]) + lines[line - 1][:column]
        after = lines[end_line - 1][end_column:] + ''.join(lines[end_line:])
        how = rng.randrange(5)
        piece = rng.choice(PIECES)
        if how == 0:
            changed = before + after
        elif how == 1:
            changed = before + piece + after
        elif how == 2:
            changed = before + token.string + ' ' + piece + ' ' + after
        elif how == 3:
            changed = before + token.string + ' ' + token.string + after
        else:
            changed = before + '\n'
        made += 1
        yield changed


def main(argv):
    out = argv[0]
    count = int(argv[1]) if len(argv) > 1 else 0
    seed = int(argv[2]) if len(argv) > 2 else 0
    seen = set()
    with open(out, 'w', encoding='ascii') as stream:
        for programs in (gathered(), mutants(count, seed)):
            for source in programs:
                # A coding cookie or a byte order mark says nothing in a str, but does in a file.
                head = '\n'.join(source.splitlines()[:2])
                if source in seen or '\0' in source or 'coding' in head or source.startswith('\ufeff'):
                    continue
                try:
                    source.encode()
                except UnicodeEncodeError:
                    continue
                seen.add(source)
                error, caught = examine(source)
                stream.write(json.dumps({'source': source, 'error': error, 'warnings': caught}) + '\n')


if __name__ == '__main__':
    main(sys.argv[1:])
