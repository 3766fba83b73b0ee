"""What the running CPython's control-flow graph optimiser makes of the units of source files.

usage: PYTHON optimized_cfg.py FILE.py … > CASES.txt

Each unit (module, class, function) of the files is one case: its instructions as code generation leaves
them, an empty line, and the instructions and constants after optimize_cfg. The constants of nested units
are not to be had, so every case gets made-up ones of many kinds, which exercises more. The form is that of
fixtures/passes.
"""
import ast
import opcode
import sys

import _testinternalcapi as internals

KINDS = [None, 0, 'text', True, 1.5, 7, '', (1, 2), 300, b'bytes', False, 255, 256, b'', 0.0, ..., -1, 'more',
         (), 1000, 2, 3, 5]
LOCALS = {'LOAD_FAST', 'STORE_FAST', 'DELETE_FAST', 'LOAD_FAST_AND_CLEAR', 'STORE_FAST_MAYBE_NULL',
          'LOAD_FAST_CHECK'}


def show(value):
    if isinstance(value, frozenset):
        return 'frozenset({%s})' % ', '.join(sorted(map(show, value)))
    if isinstance(value, tuple):
        items = ', '.join(map(show, value))
        return '(%s,)' % items if len(value) == 1 else '(%s)' % items
    return '...' if value is ... else repr(value)


def write(instructions, consts, nlocals):
    print('locals', nlocals)
    for value in consts:
        print('const', show(value))
    for op, arg, *loc in instructions:
        print(opcode.opname[op], 0 if arg is None else arg, *loc)


def cases(name, sequence, annotated):
    instructions = sequence.get_instructions()
    names = [opcode.opname[op] for op, *_ in instructions]
    for number, nested in enumerate(sequence.get_nested()):
        cases('%s.%d' % (name, number), nested, annotated)
    if annotated and 'ANNOTATIONS_PLACEHOLDER' in names:
        # What takes its place does not show.
        return
    consts = [arg for op, (_, arg, *_) in zip(names, instructions) if op == 'LOAD_CONST']
    nlocals = 1 + max([arg for op, (_, arg, *_) in zip(names, instructions) if op in LOCALS], default=-1)
    made_up = [KINDS[i % len(KINDS)] if i < len(KINDS) else 1000 + i for i in range(max(consts, default=-1) + 1)]
    print('case', name)
    write(instructions, made_up, nlocals)
    print('becomes')
    optimized = internals.optimize_cfg(sequence, made_up, nlocals)
    write(optimized.get_instructions(), made_up, nlocals)
    print()


for path in sys.argv[1:]:
    try:
        with open(path, 'rb') as file:
            tree = ast.parse(file.read(), path)
        sequence, _ = internals.compiler_codegen(tree, path, 0)
    except (SyntaxError, ValueError):
        continue
    annotated = any(isinstance(node, ast.AnnAssign) for node in ast.walk(tree))
    cases(path.rpartition('/')[2], sequence, annotated)
