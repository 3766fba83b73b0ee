"""Writes fixtures/corrupt: small .pyc files that are damaged in one way each.

usage: python3.13 xtask/scripts/corrupt.py fixtures/corrupt

`expected.txt` there says what the reader must answer; it is written by hand.
"""

import marshal
import struct
import sys

HEADER = b'\xf3\r\r\n' + struct.pack('<III', 0, 0, 0)
CODE = compile('def f(a):\n    return a + 1\n', 'f.py', 'exec')
GOOD = marshal.dumps(CODE)


def replaced(old, new):
    assert old in GOOD, old
    return GOOD.replace(old, new, 1)


def fields(**changes):
    """A code object with fields given as marshalled bytes."""
    parts = {
        'code': b's\2\0\0\0\x95\0', 'consts': b')\1N', 'names': b')\0', 'localsplusnames': b')\0',
        'localspluskinds': b's\0\0\0\0', 'filename': b'z\4f.py', 'name': b'z\1f', 'qualname': b'z\1f',
    }
    late = {'linetable': b's\0\0\0\0', 'exceptiontable': b's\0\0\0\0'}
    for name, value in changes.items():
        (parts if name in parts else late)[name] = value
    return b'c' + bytes(20) + b''.join(parts.values()) + bytes(4) + b''.join(late.values())


FILES = {
    'empty': b'',
    'header-only': HEADER,
    'short-header': HEADER[:10],
    'old-magic': b'\xcb\r\r\n' + HEADER[4:] + GOOD,
    'no-magic': b'hello world, this is not a pyc',
    'unknown-flags': HEADER[:4] + struct.pack('<I', 4) + HEADER[8:] + GOOD,
    'truncated': HEADER + GOOD[:len(GOOD) // 2],
    'unknown-type': HEADER + replaced(b'\xda\x01f', b'\xc0\x01f'),
    'slice-in-3.13': HEADER + b':NNN',
    'huge-tuple': HEADER + b'(' + struct.pack('<I', 0x7FFFFFFF) + b'N' * 100,
    'negative-length': HEADER + b's' + struct.pack('<i', -5) + b'x' * 100,
    'deep': HEADER + b')\1' * 100000 + b'N',
    'self-reference': HEADER + b'\xa9\1r\0\0\0\0',
    'missing-reference': HEADER + fields(consts=b')\1r\5\0\0\0'),
    'null-element': HEADER + b')\0010',
    'dict-without-value': HEADER + b'{N0',
    'bad-utf8': HEADER + fields(name=b'u\2\0\0\0\xff\xfe'),
    'high-byte-in-ascii': HEADER + fields(name=b'z\1\xe9'),
    'digit-too-large': HEADER + b'l\1\0\0\0\xff\xff',
    'leading-zero-digit': HEADER + b'l\2\0\0\0\1\0\0\0',
    'code-is-str': HEADER + fields(code=b'z\2ab'),
    'names-hold-none': HEADER + fields(names=b')\1N'),
    'odd-code': HEADER + fields(code=b's\3\0\0\0abc'),
    'kinds-do-not-match': HEADER + fields(localspluskinds=b's\1\0\0\0 '),
    'negative-argcount': HEADER + b'c' + b'\xff' * 20 + fields()[21:],
    'int-alone': HEADER + b'i\1\0\0\0',
}


def main(folder):
    for name, data in FILES.items():
        with open('%s/%s.pyc' % (folder, name), 'wb') as file:
            file.write(data[:4096] if name == 'deep' else data)


main(sys.argv[1])
