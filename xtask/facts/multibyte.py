"""Writes fixtures/source/multibyte.txt: hashes of what CPython decodes with each encoding that is more than a table of bytes.

    python3.13 xtask/facts/multibyte.py > fixtures/source/multibyte.txt
    python3.13 xtask/facts/multibyte.py show CODEC > FILE   (the hashed texts, to find a difference)

Every release from 3.8 to 3.15 writes the same. For each codec: its name, a hash over all its sequences of two bytes (and of three and four,
where it has them), decoded with errors="replace", and one over CASES strings made of pieces and random bytes, decoded strictly:
the text, or what the exception says. The hash is FNV-1a, 64 bits; the random numbers are those of `Numbers`, so that the test
(src/source/decode/tests.rs) makes the same strings.
"""

import sys

STATELESS = """big5 big5hkscs cp932 cp949 cp950 euc_jp euc_kr gb18030 gb2312 gbk shift_jis johab euc_jis_2004 euc_jisx0213
shift_jis_2004 shift_jisx0213""".split()
STATEFUL = """hz iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr""".split()
UNICODE = """utf_7 utf_8 utf_16 utf_16_le utf_16_be utf_32 utf_32_le utf_32_be raw_unicode_escape unicode_escape""".split()
CASES = 2000

# Begin a double-byte or single-byte set in one of the encodings.
SHIFTS = [b"~{", b"\x1b$B", b"\x1b$@", b"\x1b$(D", b"\x1b$(O", b"\x1b$(P", b"\x1b$(Q", b"\x1b$(C", b"\x1b$A", b"\x1b$)C\x0e", b"\x1b(I", b"\x1b(J"]
PIECES = SHIFTS + [
    b"\n", b"\x1b", b"\x1b(B", b"\x1b.A\x1bN", b"\x1b.F\x1bN", b"\x1bN", b"\x1b.J", b"\x0e", b"\x0f", b"\x1b&@\x1b$B", b"\x1b(\x1b(\x1b$B",
    b"\x1b$(F", b"\x1b[1m", b"~}", b"~~", b"~\n", b"~", b"+", b"-", b"+AOQ-", b"+2D3eAA-", b"+2D3-", b"+2AA-", b"+3gA-", b"+AA", b"\\",
    b"\\u00e4", b"\\U0001F600", b"\\U00110000", b"\\ud83d", b"\\x4", b"\\xe4", b"\\N{BULLET}", b"\\N{no}", b"\\N{", b"\\N", b"\\777",
    b"\\12", b"\\q", b"\xff\xfe", b"\xfe\xff", b"\x00\xd8", b"\x00\xdc", b"\xa4\xd4\xa4\xa1\xa4\xbf\xa4\xd4", b"\xa4\xd4\xa4\xb8\xa4\xd3\xa4\xbe",
    b"\x8f\xa2\xb7", b"\x8e\xb1", b"\x81\x30\x81\x30", b"\x84\x31\xa4\x37", b"\xe3\x81\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"a", b" ",
]  # fmt: skip


class Numbers:
    def __init__(self):
        self.state = 1

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) % limit


class Hash:
    def __init__(self):
        self.state = 0xCBF29CE484222325

    def add(self, text):
        for byte in text.encode("utf-8", "surrogatepass"):
            self.state = (self.state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF


def rows(codec):
    """Strings that hold all sequences of a codec."""
    if codec in STATEFUL:
        for shift in SHIFTS:
            for first in range(0x21, 0x80):
                yield shift + b"".join(bytes([first, second]) for second in range(0x21, 0x7F))
        return
    for first in range(0x80, 0x100):
        yield b"".join(bytes([first, second]) + b"\n" for second in range(0x100))
    for first in range(0xA1, 0xFF):
        yield b"".join(bytes([0x8F, first, second]) + b"\n" for second in range(0xA1, 0xFF))
    if codec == "gb18030":
        for number in range(0, 126 * 10 * 126 * 10, 37):
            rest, d = divmod(number, 10)
            rest, c = divmod(rest, 126)
            a, b = divmod(rest, 10)
            yield bytes([0x81 + a, 0x30 + b, 0x81 + c, 0x30 + d])


def cases():
    numbers = Numbers()
    for _ in range(CASES):
        case = b""
        for _ in range(1 + numbers.below(10)):
            kind = numbers.below(4)
            if kind < 2:
                case += PIECES[numbers.below(len(PIECES))]
            elif kind == 2:
                case += bytes([0x21 + numbers.below(0x5E), 0x21 + numbers.below(0x5E)])
            else:
                case += bytes([numbers.below(0x100)])
        yield case


def strict(case, codec):
    try:
        text = case.decode(codec)
        text.encode()
        return text
    except (UnicodeError, RuntimeError) as error:
        return str(error)


def main():
    import warnings

    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["show"]:
        codec = sys.argv[2]
        for row in rows(codec) if codec not in UNICODE else ():
            print(row.hex(), ascii(row.decode(codec, "replace")))
        for case in cases():
            print(case.hex(), ascii(strict(case, codec)))
        return
    for codec in STATELESS + STATEFUL + UNICODE:
        tables, texts = Hash(), Hash()
        for row in rows(codec) if codec not in UNICODE else ():
            tables.add(row.decode(codec, "replace"))
        for case in cases():
            texts.add(strict(case, codec))
            texts.add("\0")
        print(codec, "%x" % tables.state, "%x" % texts.state)


main()
