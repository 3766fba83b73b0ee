"""Writes src/listing/style/printable.rs: characters that `repr` escaped before Python 3.8, because Unicode did not have
them yet.

    python3.6 xtask/facts/printable.py > a; python3.7 xtask/facts/printable.py > b; python3.8 xtask/facts/printable.py > c
    python3 xtask/facts/printable.py merge a b c > src/listing/style/printable.rs
"""
import sys


def ranges(without, having):
    found = []
    for code, (old, new) in enumerate(zip(without, having)):
        if old < new:
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return found


def table(name, text, found):
    print('\n/// %s\npub const %s: &[(u32, u32)] = &[' % (text, name))
    line = '   '
    for pair in found:
        item = ' (%#x, %#x),' % tuple(pair)
        if len(line + item) > 110:
            print(line)
            line = '   '
        line += item
    print(line)
    print('];')


if sys.argv[1:2] != ['merge']:
    print(''.join('01'[chr(code).isprintable()] for code in range(0x110000)))
else:
    old, middle, new = [open(path).read().strip() for path in sys.argv[2:]]
    print('//! Made by `xtask/facts/printable.py` with CPython 3.6, 3.7 and 3.8.')
    print('#![cfg_attr(rustfmt, rustfmt_skip)]')
    table('SINCE_10_0', 'What is printable in Unicode 12.1 (Python 3.8) but not in 9.0 (3.6): ranges, ascending.', ranges(old, new))
    table('SINCE_12_0', 'What is printable in Unicode 12.1 (Python 3.8) but not in 11.0 (3.7): ranges, ascending.', ranges(middle, new))
