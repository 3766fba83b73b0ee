"""Writes src/value/unicode/names-17.0.txt: the characters that a Unicode version named first, by name.

    python3.15 xtask/facts/new_names.py python3.14 > src/value/unicode/names-17.0.txt

Lines, sorted by name: name, code point (hexadecimal). Names that follow from the code point are left out.
"""

import subprocess
import sys
import unicodedata

DERIVED = ("CJK UNIFIED IDEOGRAPH-", "HANGUL SYLLABLE ", "TANGUT IDEOGRAPH-")


def main():
    names = {}
    for code in range(0x110000):
        name = unicodedata.name(chr(code), None)
        if name and not name.startswith(DERIVED):
            names[name] = code
    if len(sys.argv) > 1:
        older = subprocess.run([sys.argv[1], __file__], stdout=subprocess.PIPE, check=True).stdout.decode()
        for line in older.splitlines():
            del names[line.rpartition(" ")[0]]
    for name, code in sorted(names.items()):
        print("%s %x" % (name, code))


main()
