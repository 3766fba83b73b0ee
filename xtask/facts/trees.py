"""Writes what a reference makes of the programs in fixtures/syntax/trees-cases.txt.

Usage: python3.13 xtask/facts/trees.py < fixtures/syntax/trees-cases.txt > fixtures/syntax/trees-3.13.txt

The programs are separated by lines `---`. For each one line: `tree`, a hash of the text of `ast.dump` with
positions (type comments on), and the warnings; or `error`, the exception, its place and its message.
"""

import ast
import sys
import warnings


def fnv(text):
    state = 0xCBF29CE484222325
    for byte in text.encode("utf-8", "surrogatepass"):
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def line(program):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = ast.parse(program, type_comments=True)
        except SyntaxError as error:
            place = f"{error.lineno}:{error.offset}-{error.end_lineno}:{error.end_offset}"
            return f"error {type(error).__name__} {place} {error.msg}"
        except Exception as error:
            return f"error {type(error).__name__} - {error}"
    text = ast.dump(tree, include_attributes=True)
    if sys.version_info < (3, 13):
        raise SystemExit("ast.dump leaves out empty fields from 3.13 on")
    return f"tree {fnv(text)}" + "".join(f" | {w.lineno}: {w.message}" for w in caught)


sys.stdin.reconfigure(encoding="utf-8", newline="")
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for program in sys.stdin.read().removesuffix("\n").split("\n---\n"):
    print(line(program + "\n"))
