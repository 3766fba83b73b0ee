"""Writes the facts file of one version: opcodes and what else its bytecode and .pyc files depend on.

    python3.13 xtask/facts/opcodes.py > xtask/data/opcodes-3.13.txt

For 3.8 and later; what older versions have is in files of the same form with another provenance.

Of a release that pyrsc does not know yet, the same file lets it read .pyc files: `pyrsc dis --target-facts FILE`.

Lines:
    series X.Y            the release
    magic N               the magic number, without the \\r\\n that follows it
    marshal N             marshal.version
    siphash C D           rounds of the hash of sources
    have_argument N       the first number that has an argument, where that is how one knows (to 3.11)
    code KIND             words: instructions of two bytes; bytes: of one, or three with an argument (to 3.5)
    unit N                bytes that one unit of a jump's argument stands for
    lines KIND            form of the line table: lnotab, ranges or locations
    handlers KIND         how handlers are found: blocks (a stack at run time) or table
    op NAME NUMBER CACHES FLAGS EFFECT EFFECT [as=NAME] [shift=N]
                          an instruction, pseudo ones have numbers above 255; CACHES counts code units; FLAGS are
                          letters (Arg, Const, Name, Jump, Exception setup, Free or cell variable, Local,
                          cOmparison, jumps Back, to an absolute place (X)) or '-'; the effects on the stack are those
                          without and with the jump; `as` says which meaning of a name that has had several, `shift` how
                          many low bits of the argument are below the index of a name or comparison
    nb NAME SYMBOL        arguments of BINARY_OP, from 0
    intrinsic1 NAME       arguments of CALL_INTRINSIC_1, from 0
    intrinsic2 NAME       arguments of CALL_INTRINSIC_2, from 0
    special NAME          arguments of LOAD_SPECIAL, from 0
    common NAME           arguments of LOAD_COMMON_CONSTANT, from 0
    compare SYMBOL        comparisons, from 0

Effects: `B` always; `B+K*arg`; `B+K*low` (by the argument's lowest bit); `B+K*three` (where the argument is 3);
`B+K*bits` (for each of the lowest four bits); `B+K*four` (where the bit of value 4 is set); `unpack` (UNPACK_EX: low
byte + the rest).
"""

import importlib.util
import marshal
import opcode
import sys

VERSION = sys.version_info[:2]
SAMPLES = list(range(0, 20)) + [254, 255, 256, 257, 515, 0x1203]

# What 3.11's compiler has between its stages; none of the interpreter's modules shows these. They have the numbers
# that later versions' pseudo instructions begin with.
PSEUDO_3_11 = [
    ("SETUP_FINALLY", "AE", "0", "1"),
    ("SETUP_CLEANUP", "AE", "0", "2"),
    ("SETUP_WITH", "AE", "0", "1"),
    ("POP_BLOCK", "-", "0", "0"),
    ("JUMP", "AJ", "0", "0"),
    ("JUMP_NO_INTERRUPT", "AJ", "0", "0"),
    ("POP_JUMP_IF_FALSE", "AJ", "-1", "-1"),
    ("POP_JUMP_IF_TRUE", "AJ", "-1", "-1"),
    ("POP_JUMP_IF_NONE", "AJ", "-1", "-1"),
    ("POP_JUMP_IF_NOT_NONE", "AJ", "-1", "-1"),
]


def member(*names):
    """A test for membership in any of the `opcode` module's lists of these names."""
    numbers = set()
    for name in names:
        numbers.update(getattr(opcode, name, []))
    return numbers.__contains__


def has_arg(number):
    return number in opcode.hasarg if hasattr(opcode, "hasarg") else number >= opcode.HAVE_ARGUMENT


def has_exc(number):
    if VERSION < (3, 11):
        return opcode.opname[number] in ("SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH")
    return member("hasexc")(number)


def has_jump(number):
    if VERSION < (3, 13):
        return member("hasjrel", "hasjabs")(number) and (VERSION < (3, 11) or not has_exc(number))
    return member("hasjump")(number)


def name_of(number):
    return opcode.opname[number]


def back(number):
    return has_jump(number) and (
        "JUMP_BACKWARD" in name_of(number) or name_of(number) == "END_ASYNC_FOR" or "_BACKWARD_" in name_of(number)
    )


FLAGS = [
    ("A", has_arg),
    ("C", member("hasconst")),
    ("N", member("hasname")),
    ("J", has_jump),
    ("E", has_exc),
    ("F", member("hasfree")),
    ("L", member("haslocal")),
    ("O", member("hascompare")),
    ("B", back),
    ("X", member("hasjabs")),
]


def extras(name):
    """`as=` and `shift=`."""
    found = ""
    if name == "MAKE_FUNCTION" and VERSION < (3, 13):
        found += " as=MAKE_FUNCTION_FLAGS"
    shift = 0
    if name == "COMPARE_OP":
        shift = 5 if VERSION >= (3, 13) else 4 if VERSION >= (3, 12) else 0
    elif name == "LOAD_GLOBAL":
        shift = int(VERSION >= (3, 11))
    elif name == "LOAD_ATTR":
        shift = int(VERSION >= (3, 12))
    elif name in ("LOAD_SUPER_ATTR", "INSTRUMENTED_LOAD_SUPER_ATTR"):
        shift = 2
    elif name == "IMPORT_NAME":
        shift = 2 if VERSION >= (3, 15) else 0
    return found + (" shift=%d" % shift if shift else "")


def sample(number, jump):
    """The effect for each sample argument; None where CPython knows none."""
    if not has_arg(number):
        return {0: opcode.stack_effect(number, None, jump=jump)}
    found = {}
    for arg in SAMPLES:
        try:
            found[arg] = opcode.stack_effect(number, arg, jump=jump)
        except ValueError:
            pass
    return found


def fit(number, jump):
    """The effect as text."""
    try:
        found = sample(number, jump)
    except ValueError:
        return "0"
    if not found:
        return "0"
    base = found[min(found)] if 0 not in found else found[0]
    if all(effect == base for effect in found.values()):
        return str(base)
    forms = [
        ("arg", 1, lambda arg: arg),
        ("low", 1, lambda arg: arg & 1),
        ("three", 3, lambda arg: arg == 3),
        ("bits", 1, lambda arg: bin(arg & 15).count("1")),
        ("four", 4, lambda arg: arg & 4 != 0),
    ]
    for name, at, scale in forms:
        step = found[at] - base
        if all(effect == base + step * scale(arg) for arg, effect in found.items()):
            return "%d+%d*%s" % (base, step, name)
    if all(effect == (arg & 0xFF) + (arg >> 8) for arg, effect in found.items()):
        return "unpack"
    raise ValueError("no form fits %s: %r" % (opcode.opname[number], found))


def main():
    print("# Generated by xtask/facts/opcodes.py with CPython %s." % sys.version.split()[0])
    print("series %d.%d" % VERSION)
    print("magic %d" % int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"))
    print("marshal %d" % marshal.version)
    print("siphash %s" % {"siphash13": "1 3", "siphash24": "2 4"}[sys.hash_info.algorithm])
    if VERSION < (3, 12):
        print("have_argument %d" % opcode.HAVE_ARGUMENT)
    print("code words")
    print("unit %d" % (1 if VERSION < (3, 10) else 2))
    print("lines %s" % ("lnotab" if VERSION < (3, 10) else "ranges" if VERSION < (3, 11) else "locations"))
    print("handlers %s" % ("blocks" if VERSION < (3, 11) else "table"))
    entries = getattr(opcode, "_inline_cache_entries", {})
    for name, number in sorted(opcode.opmap.items(), key=lambda item: item[1]):
        flags = "".join(letter for letter, has in FLAGS if has(number)) or "-"
        caches = entries.get(name, 0) if hasattr(entries, "get") else (entries[number : number + 1] or [0])[0]
        print("op", name, number, caches, flags, fit(number, False), fit(number, True) + extras(name))
    if VERSION == (3, 11):
        for index, (name, flags, plain, jump) in enumerate(PSEUDO_3_11):
            print("op", name, 256 + index, 0, flags, plain, jump)
    for name, symbol in getattr(opcode, "_nb_ops", []):
        print("nb", name, symbol)
    for name in getattr(opcode, "_intrinsic_1_descs", []):
        print("intrinsic1", name)
    for name in getattr(opcode, "_intrinsic_2_descs", []):
        print("intrinsic2", name)
    for name in getattr(opcode, "_special_method_names", []):
        print("special", name)
    for value in getattr(opcode, "_common_constants", []):
        print("common", getattr(value, "__name__", None) or repr(value))
    for symbol in opcode.cmp_op:
        print("compare", symbol)


main()
