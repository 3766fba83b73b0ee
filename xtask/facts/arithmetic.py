"""Writes fixtures/values/arithmetic-VERSION.txt: what CPython's constant folding makes of operations.

    python3.13 xtask/facts/arithmetic.py [COUNT] > fixtures/values/arithmetic-3.13.txt

Lines: operator, left operand, right operand, result (`-` where it is not folded). Values: `T`, `F`, `N` (None), `i` and an integer,
`f` and the bits of a float (hexadecimal), `c` and those of a complex number, `s` and `b` and the UTF-8 (surrogates passed) or bytes
in hexadecimal, `(` items `,` … `)`.
"""

import dis
import random
import struct
import sys
import warnings

FLOATS = """0.0 -0.0 1.0 -1.0 0.5 -0.5 2.0 3.0 -3.0 1e308 -1e308 5e-324 1e-320 1e16 123456789.123 0.1 1e999 -1e999
(1e999-1e999) 1.5 2.5 -2.5 1e22 1e23 7.0 100.0 1023.0 -1074.0 1e-5 3.14159 0.3333333333333333""".split()
INTS = (
    """0 1 -1 2 -2 3 7 -7 10 63 64 127 128 129 255 -255 256 4096 4097 2**31 -2**31 2**53 2**53+1 2**62 2**63-1 -2**63 2**63 2**64
-2**64 2**64-1 10**18 10**19 10**30 -10**30 2**100+1 2**127 2**128-1 -2**127+1 3**70 1000000007 100 101 0xffffffff 5""".split()
)
INTS = [str(eval(text)) for text in INTS] + [str(0xF << 200), str(10**310), str(1 << 1023), str((1 << 54) + 3), str(3**700)]
COMPLEXES = """0j 1j -1j (1+0j) (1-0j) (-0.0+1j) (1e999+1j) (1e999*1j) (1+1e999j) (3+4j) (-2-3.5j) (1e200+1e200j) (0.5+0.25j)
(1e-200+1e-200j) ((1e999-1e999)*1j) (2+0j) (-1+0j) 100j 1e999j (1e308+1e308j) (-0.0-0j)""".split()
OTHERS = [
    "True",
    "False",
    "None",
    "''",
    "'ab'",
    "'\\u00e4'",
    "b''",
    "b'xyz'",
    "()",
    "(1,)",
    "(1,(2,3))",
    "(0,)*200",
    "'\\ud800a'",
]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "|", "^", "&", "[]"]


def encode(value):
    bits = lambda number: struct.pack(">d", number).hex()
    if value is True or value is False or value is None:
        return {True: "T", False: "F", None: "N"}[value]
    if isinstance(value, int):
        return "i%x" % value
    if isinstance(value, float):
        return "f" + bits(value)
    if isinstance(value, complex):
        return "c" + bits(value.real) + bits(value.imag)
    if isinstance(value, str):
        return "s" + value.encode("utf-8", "surrogatepass").hex()
    if isinstance(value, bytes):
        return "b" + value.hex()
    return "(" + "".join(encode(item) + "," for item in value) + ")"


def folded(source):
    """The constant that the compiler makes of an expression, or None; wrapped in a tuple."""
    try:
        code = compile(source, "f", "eval", dont_inherit=True)
    except (OverflowError, SyntaxError):
        return None
    names = [i for i in dis.get_instructions(code) if i.opname not in ("RESUME", "RETURN_VALUE", "NOP")]
    if len(names) != 1 or names[0].opname not in ("RETURN_CONST", "LOAD_CONST", "LOAD_SMALL_INT"):
        return None
    return (names[0].argval,)


def main():
    sys.set_int_max_str_digits(0)
    warnings.simplefilter("ignore")
    random.seed(20)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    operands = [FLOATS, INTS, COMPLEXES, OTHERS]
    done = set()
    while count:
        left, right = (random.choice(random.choices(operands, (4, 5, 5, 2))[0]) for _ in range(2))
        operator = random.choice(OPERATORS)
        if (left, operator, right) in done:
            continue
        done.add((left, operator, right))
        if operator == "[]":
            if right.startswith("-") or left in ("''", "b''", "()"):
                continue
            source = "(%s)[%s]" % (left, right)
        else:
            source = "(%s)%s(%s)" % (left, operator, right)
        parts = folded(left), folded(right)
        if None in parts or (operator == "%" and "'" in left):
            continue
        result = folded(source)
        print(operator, encode(parts[0][0]), encode(parts[1][0]), "-" if result is None else encode(result[0]))
        count -= 1


if __name__ == "__main__":
    main()
