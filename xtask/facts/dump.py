"""Writes fixtures/syntax/dump-VERSION.txt: what `python -m ast` prints for small sources.

    python3.13 xtask/facts/dump.py > fixtures/syntax/dump-3.13.txt

Each line: mode, the source's bytes in hexadecimal (`-` for none), a hash (FNV-1a, 64 bits) of `ast.dump` with `indent=3` and
attributes, one with `annotate_fields=False`, and the dump without attributes on one line; or `error` and the message.
"""

import ast
import sys
import warnings

T = {
    "eval": [
        "x",
        "x+1\n",
        "  y",
        "(a,\nb)",
        "lambda: 1",
        "",
        "x;",
        "x = 1",
        "\n\nx",
        "# c\nx",
        "x\n\n# d\n",
        "1,",
        "*a,b",
        "yield",
        'f"{x!r}"',
        "x # c",
        '"\\ud800"',
        "x\r\n",
        "-1e999",
        "1j-0",
        "{**a}",
        "...",
        'b"x"',
    ],
    "single": [
        "x = 1",
        "x = 1\n",
        "if x:\n  y\n",
        "if x:\n  y\n\n",
        "x\ny",
        "x; y",
        "",
        "pass\n# c",
        "def f(): pass",
        "for x in y: z\n",
        "\n",
        "# c\n",
        "@a\ndef f(): pass\n\n",
        "x\n\n\n",
    ],
    "func_type": [
        "() -> int",
        "(int, str) -> bool\n",
        "(*a, **b) -> c",
        "(int, *a) -> c",
        "(**k)->x",
        "()",
        "int -> x",
        "(a.b[c]) -> List[int]",
        "(x, *y, **z) -> w\n\n",
    ],
    "exec": [
        "def f(a, # type: int\n      b=1 # type: str\n):\n  # type: (...) -> int\n  pass\n",
        "x = 1 # type: int\n",
        "for a in b: # type: int\n  pass\n",
        "with a as b: # type: x\n  pass\n",
        "x = 1 # type: ignore\n",
        "# type: ignore[foo]\nx\n",
        "def f():\n    # type: () -> None\n    pass",
        "async def f(): # type: () -> x\n  await y\n",
        "x = " + "1" * 4300,
        "type X[T: int = str, *A = *b, **P = [int]] = int",
        "def f[T: (int, str)](): pass",
        'match x:\n  case {"a": 1, **r}: pass\n  case A(1, b=2) | [*_, 3]: pass\n  case None | -1.5+2j: pass\n  case (a, b) as c if d: pass\n',
        "try: pass\nexcept* A as e: pass\n",
        "x: int = 1; (y): str; a.b: c",
        "global a, b\nnonlocal c",
        "from . import a\nfrom ..b import c as d, e\nfrom x import *\nimport a.b.c as q, r",
        'u"x" "y"; b"a" b"b"; "x" u"y"',
        'f"{x}" "a" f"b{y:>{z}}{w!a}"',
        'f"{x=}" f"{x = !r:>5}"',
        "a if b else c; not x; a < b <= c is not d; a @ b; x := 1",
        "(x := 1); [a for b in c if d for e in f]; {a: b async for c in d}; (i for i in x); {x for y in z}",
        "def f(a, /, b, *, c=1, **d) -> e: return",
        "del a, b[0], c.d; assert a, b; raise A from b",
        "x[1:2, ::3, ...]; x[a:b]; x[*a]",
        "while x: break\nelse: continue",
        "class A(B, metaclass=C, *d, **e): pass",
        "if a: b\nelif c: d\nelse: e",
        "lambda *a, b=1, **c: (yield)",
        "async def f():\n  async with a as b, c: pass\n  async for x in y: await z",
    ],
}
if sys.version_info >= (3, 14):
    T["exec"] += [
        't"{x!r:>{y}}" t"b"',
        "try: pass\nexcept A, B: pass\n",
        "def f():\n  try: pass\n  finally: return\n",
        'rt"{x=}"',
        "t'{a  +  b}'",
    ]
if sys.version_info >= (3, 15):
    T["exec"] += [
        "lazy import a.b, c as d\nlazy from . import e\nlazy = lazy",
        "[*a for a in b]; {*a for a in b}; {**a for a in b}; (*a or c for a in b); f(*a for a in b)",
    ]


def fnv(text):
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return "%x" % state


warnings.simplefilter("ignore")
for mode, sources in T.items():
    for source in sources:
        shown = source.encode().hex() or "-"
        try:
            tree = ast.parse(source.encode(), "f.py", mode, type_comments=True)
        except SyntaxError as e:
            print(mode, shown, "error", e.msg)
            continue
        hashes = fnv(ast.dump(tree, include_attributes=True, indent=3)), fnv(ast.dump(tree, annotate_fields=False))
        print(mode, shown, *hashes, ast.dump(tree))
