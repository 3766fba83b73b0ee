"""Writes fixtures/source/multibyte.txt: a hash of what CPython decodes with each multi-byte codec that pyrsc has.

    python3.13 xtask/facts/multibyte.py > fixtures/source/multibyte.txt

For each codec: its name and a hash (FNV-1a, 64 bits) over the UTF-8 of `bytes.decode(…, "replace")` for every pair of a byte from
0x80 on and any byte; for euc_jp also every 0x8F with two bytes from 0xA1 on; for gb18030 every 37th sequence of four bytes.
(0xA4 0xD4, which begins a composed syllable of eight bytes in euc_kr, is left out.)
"""

CODECS = "big5 big5hkscs cp932 cp949 cp950 euc_jp euc_kr gb18030 gb2312 gbk shift_jis".split()


def sequences(codec):
    for lead in range(0x80, 0x100):
        for trail in range(0x100):
            if (lead, trail) != (0xA4, 0xD4):
                yield bytes([lead, trail])
    if codec == "euc_jp":
        for row in range(0xA1, 0xFF):
            for cell in range(0xA1, 0xFF):
                yield bytes([0x8F, row, cell])
    if codec == "gb18030":
        for number in range(0, 126 * 10 * 126 * 10, 37):
            rest, d = divmod(number, 10)
            rest, c = divmod(rest, 126)
            a, b = divmod(rest, 10)
            yield bytes([0x81 + a, 0x30 + b, 0x81 + c, 0x30 + d])


for codec in CODECS:
    state = 0xCBF29CE484222325
    for sequence in sequences(codec):
        for byte in sequence.decode(codec, "replace").encode():
            state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    print(codec, "%x" % state)
