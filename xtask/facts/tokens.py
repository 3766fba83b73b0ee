"""Writes fixtures/syntax/tokens-VERSION.txt: what `python -m tokenize f.py` prints for the sources in tokens-cases.txt.

    python3.13 xtask/facts/tokens.py < fixtures/syntax/tokens-cases.txt > fixtures/syntax/tokens-3.13.txt

For each source (bytes in hexadecimal): the exit status, a hash (FNV-1a, 64 bits) of standard output, with and without `-e`, and
standard error.
"""

import contextlib
import io
import os
import sys
import tempfile
import tokenize
import warnings

main = getattr(tokenize, "_main", None) or tokenize.main


def run(*arguments):
    out, err, status = io.StringIO(), io.StringIO(), 0
    sys.argv = ["tokenize", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as exit:
            status = exit.code
    state = 0xCBF29CE484222325
    for byte in out.getvalue().encode("utf-8", "surrogatepass"):
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return status, "%x" % state, err.getvalue().strip()


warnings.simplefilter("ignore")
cases = sys.stdin.read().split()
os.chdir(tempfile.mkdtemp())
for case in cases:
    with open("f.py", "wb") as file:
        file.write(b"" if case == "-" else bytes.fromhex(case))
    status, plain, error = run("f.py")
    print(status, plain, run("-e", "f.py")[1], error)
