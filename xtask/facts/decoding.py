"""Writes fixtures/source/decoding-VERSION.txt: what compile() makes of odd source bytes.

    python3.13 xtask/facts/decoding.py > fixtures/source/decoding-3.13.txt

Lines: the source's bytes in hexadecimal (`-` for none); then ` ok` and the UTF-8 of the last string constant in hexadecimal, or
` error`, the SyntaxError's line, offset, end line and end offset (`-` for None), its text (hexadecimal, `-` for None) and its
message.
"""

import sys
import warnings

CODECS = """ascii latin-1 iso-8859-1 iso8859-2 iso8859-15 cp1252 cp1251 cp437 koi8-r mac-roman palmos cp424 tis-620 ptcp154
utf8 U8 utf_8_sig cp65001 foobar hex rot13 undefined iso.8859.1 .utf8 utf.8 iso--8859__1 -latin1- latin1-- ms874 874
ibm00858 iso-8859-8-e hp_roman8 mac_arabic mac_croatian cp1006 kz1048 koi8-t aliases __init__ oem mbcs os.path
latin_1-unix ISO_LATIN-1-dos utf-8-foo latin-1-abcdefghijklmnop Foo-Bar_Baz.q us-ascii 646 l1 windows-1252""".split()

SOURCES = [
    b"",
    b"\n",
    b"x=1",
    b"x=1\r",
    b'"""\r\r\n\n\r"""\r',
    b'"a"\r\n"b"',
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf'x'",
    b"x=1\n\x00",
    b"\xff\xfex\x00",
    b"# coding: foobar\nx=\xe4\x00",
    b"x\r=\x00",
    b"\xef\xbb\xbf# coding: latin-1\nx=1\n",
    b"\xef\xbb\xbf# x\n# coding: latin-1\nx=1\n",
    b"\xef\xbb\xbf \t# \xc3\xa4 coding: latin-1 \xc3\xa4foo\nx=1\n",
    b"\xef\xbb\xbf# coding: utf-8\n'x'",
    b"\xef\xbb\xbf# coding: u8\nx=1\n",
    b"\xef\xbb\xbf# coding: utf-8-sig\nx=1\n",
    b"\n# coding: foobar\nx=1\n",
    b"x=1\n# coding: foobar\n'x'\n",
    b"\n\n# coding: foobar\n'x'\n",
    b"\r# coding: latin-1\r\n'\xe4'\n",
    b"\x0c\n\x0c# coding: latin-1\n'\xe4'\n",
    b"# coding: foobar",
    b"# coding: latin-1 coding: ascii\n'\xe4'\n",
    b"#coding=latin1\n'\xe4'\n",
    b"# coding:\t latin1\n'\xe4'\n",
    b"# coding:\n# coding: latin1\n'\xe4'\n",
    b"# coding foo coding: latin1\n'\xe4'\n",
    b"#coding:l1\n'\xe4'\n",
    b"# xcoding:latin1\n'\xe4'",
    b"#\xe4 coding:latin1\n'\xe4'",
    b"\\\n# coding: foobar\n'x'\n",
    b"'' # coding: foobar\n'x'\n",
    b"   # coding: latin1\n'\xe4'\n",
    b"\t\n# coding: latin1\n'\xe4'\n",
    b"#coding\n#coding:latin1\n'\xe4'\n",
    b"#coding:\n#coding:x\n",
    b"#coding:x\n",
    b"#coding:\n",
    b"\n#coding=x",
]
UNICODE_ERRORS = [
    b"\n\n# \xe4bc\n",
    b"# \xe4",
    b"# coding: utf-8\n\n# \xe4\xb8 \xed\xa0\x80\n",
    b"\xef\xbb\xbfx=1\n# \xf8bc\n",
    b"# \xc3\xa4 \xc0 \n",
]


def hexadecimal(data):
    return data.hex() or "-"


def main():
    warnings.simplefilter("ignore")
    cases = SOURCES + UNICODE_ERRORS
    for codec in CODECS:
        for text in (b"a", b"\xe4", b"\x81\x9b"):
            cases.append(b"# coding: " + codec.encode() + b"\n'" + text + b"'\n")
    for case in cases:
        print(hexadecimal(case))
        try:
            strings = [c for c in compile(case + b"", "f.py", "exec", dont_inherit=True).co_consts if isinstance(c, str)]
            print(" ok", hexadecimal(strings[-1].encode()) if strings else "-")
        except SyntaxError as e:
            place = (e.lineno, e.offset, e.end_lineno, e.end_offset)
            text = "-" if e.text is None else hexadecimal(e.text.encode())
            print(" error", *("-" if p is None else p for p in place), text, e.msg)


main()
