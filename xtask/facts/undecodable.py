"""Writes fixtures/syntax/undecodable-3.13.txt: what compile() raises for sources with invalid UTF-8 in their tokens.

    python3.13 xtask/facts/undecodable.py > fixtures/syntax/undecodable-3.13.txt

Each line: the source's bytes in hexadecimal, then `ok`, `other` (a SyntaxError that has nothing to do with it), or line, offset, end
line, end offset (`-` for None), text (hexadecimal) and message of the error.
"""

import re

cases = [
    b"b'\xe4'\n",
    b"x = f'a\xe4{y}'\n",
    b"f'{y\xe4}'\n",
    b"'a\\n\xe4'\n",
    b"'a\xe4\\n'\n",
    b"r'a\\n\xe4'\n",
    b"'''\n\xe4\n'''\n",
    b"'ok' '\xe4'\n",
    b"x = \xe4 +\n",
    b"+ = '\xe4'\n",
    b"x.\xe4\n",
    b"def f(\xe4): pass\n",
    b"import a\xe4\n",
    b"if \xe4:\n",
    b"(\n'\xe4'\n",
    b"x = 1 # \xe4\ny = (\n",
    b"x = '\xe4\n",
    b"'''\xe4\n",
    b"\xe4'a'\n",
    b"x = 'a' \xe4 'b'\n",
    b"u'\xe4'\n",
    b"x='\xc3\xa4\xe4'\n",
    b"\xc3\xa4\xe4 = 1\n",
    b"# \xe4\nx = 'a\\\n\xe4'\n",
    b"f'''a\n\xe4{x}'''\n",
    b"f'{x!r:\xe4}'\n",
    b"f'{x=\xe4}'",
    b"f'{\xe4=}'\n",
    b"f'{x # \xe4\n}'\n",
    b"x = \\\n\xe4\n",
    b"'\xe4' = 1\n",
    b"$ = '\xe4'\n",
    b"x\n  y = '\xe4'",
    b"1\xe4\n",
    b"x = 1 2 \xe4",
    b"x = 1 2\n'\xe4'",
    b"x = 1 2\n# \xe4",
    b"x = 1 2 # \xe4",
]

for source in cases:
    try:
        compile(source, "f.py", "exec", dont_inherit=True)
        result = "ok"
    except UnicodeDecodeError as e:
        result = "- - - - - %s" % e
    except SyntaxError as e:
        place = "%s %s %s %s %s" % (e.lineno, e.offset, e.end_lineno, e.end_offset, e.text.encode().hex())
        related = re.search("unicode error|bytes can only", e.msg)
        result = place + " " + e.msg if related else "other"
    print(source.hex(), result)
