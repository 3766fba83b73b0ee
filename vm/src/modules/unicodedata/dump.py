"""Writes the tables of `unicodedata` as the interpreter that runs this has them: `python3.14 dump.py tables.bin`.

All numbers are little-endian. Two databases follow each other, that of the interpreter and that of Unicode 3.2, each:
u32 count of classes, each five bytes (category, bidirectional class, combining class, mirrored, width);
u32 count of runs, each u32 first code point and u16 class;
u32 count of decompositions, each u32 code point, u8 tag (0: canonical), u8 length, and as many u32 code points;
u32 count of numbers, each u32 code point, i8 decimal, i8 digit, f64 numeric value;
u32 count of compositions, each three u32: first, second, composed.
"""
import struct
import sys
import unicodedata

CATEGORIES = ('Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So').split()
BIDI = (' L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI PDI').split(' ')
WIDTHS = 'F H W Na A N'.split()
TAGS = (' <noBreak> <compat> <super> <fraction> <sub> <font> <circle> <wide> <vertical> <square> <isolated> <final> '
        '<initial> <medial> <small> <narrow>').split(' ')


def tables(database):
    classes, runs, parts, numbers, pairs = {}, [], [], [], []
    last = None
    for point in range(0x110000):
        character = chr(point)
        row = (CATEGORIES.index(database.category(character)), BIDI.index(database.bidirectional(character)),
               database.combining(character), database.mirrored(character),
               WIDTHS.index(database.east_asian_width(character)))
        number = classes.setdefault(row, len(classes))
        if number != last:
            runs.append((point, number))
            last = number
        words = database.decomposition(character).split()
        if words and not 0xAC00 <= point < 0xD7A4:
            tag = TAGS.index(words.pop(0)) if words[0].startswith('<') else 0
            points = [int(word, 16) for word in words]
            parts.append((point, tag, points))
            if tag == 0 and len(points) == 2 and database.normalize('NFC', character) == character:
                pairs.append((*points, point))
        decimal, digit = database.decimal(character, -1), database.digit(character, -1)
        numeric = database.numeric(character, None)
        if numeric is not None:
            numbers.append((point, decimal, digit, numeric))
    yield struct.pack('<I', len(classes))
    for row in classes:
        yield bytes(row)
    yield struct.pack('<I', len(runs))
    for run in runs:
        yield struct.pack('<IH', *run)
    yield struct.pack('<I', len(parts))
    for point, tag, points in parts:
        yield struct.pack(f'<IBB{len(points)}I', point, tag, len(points), *points)
    yield struct.pack('<I', len(numbers))
    for row in numbers:
        yield struct.pack('<Ibbd', *row)
    yield struct.pack('<I', len(pairs))
    for row in sorted(pairs):
        yield struct.pack('<3I', *row)


with open(sys.argv[1], 'wb') as out:
    for database in (unicodedata, unicodedata.ucd_3_2_0):
        out.write(b''.join(tables(database)))
