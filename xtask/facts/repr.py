"""Writes fixtures/values/repr-VERSION.txt: repr() of values.

    python3.13 xtask/facts/repr.py > fixtures/values/repr-3.13.txt

The first line is a hash (FNV-1a, 64 bits) over repr() of every character, then over that of `"'"` and the character, in UTF-8
with surrogates passed. The others are values as in arithmetic.py, a space, and their repr().
"""

import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(__file__))
from arithmetic import encode  # noqa: E402


def values():
    random.seed(5)
    yield from (
        0.0,
        -0.0,
        1e16,
        1e15,
        123456789012345678.0,
        9999999999999998.0,
        1e-4,
        1e-5,
        1.5e-5,
        5e-324,
        1.7976931348623157e308,
    )
    yield from (
        float("inf"),
        float("-inf"),
        float("nan"),
        0.1,
        1e22,
        1e23,
        100.0,
        12345.678,
        1e100,
        -1.5e-300,
        2.0**53,
        2.0**-1022,
    )
    for _ in range(300):
        yield struct.unpack(">d", random.randbytes(8))[0]
    for _ in range(200):
        yield round(random.uniform(-1000, 1000), random.randint(0, 12)) * 10.0 ** random.randint(-20, 20)
    for _ in range(60):
        parts = [
            random.choice([0.0, -0.0, 1.0, -1.0, 0.5, 1e20, float("inf"), float("-inf"), float("nan"), -2.25e-7]) for _ in "ab"
        ]
        yield complex(*parts)
    yield from (0, -1, 2**63, -(2**63), 2**63 - 1, -(2**63) - 1, 10**100, -(10**4299), True, False, None)
    yield from (
        "",
        "a'b",
        'a"b',
        "a'\"b",
        "\\\n\r\t\0\x7f\x80\xa0\xad",
        "\u0378\u2028\ud800\U0001f600\U000e0001",
        b"",
        b"a'",
        b"'\"\\\n\0\xff",
    )
    yield from ((), (1,), (1, "x", (2.0, None)), ("'", b'"'))


def main():
    state = 0xCBF29CE484222325
    for prefix in ("", "'"):
        for code in range(0x110000):
            for byte in repr(prefix + chr(code)).encode("utf-8", "surrogatepass"):
                state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    print("%x" % state)
    for value in values():
        print(encode(value), repr(value))


main()
