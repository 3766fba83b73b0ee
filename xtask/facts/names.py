"""Writes fixtures/unicode/names-VERSION.txt: what unicodedata knows of names, condensed.

    python3.13 xtask/facts/names.py > fixtures/unicode/names-3.13.txt

The first line has the number of named characters and a hash (FNV-1a, 64 bits) over their names (and the names looked up in
lower case) in order of their code points; the others a name that `\\N{…}` is asked for and what it means (hexadecimal or `-`).
"""

import sys
import unicodedata

ODD = """hangul syllable ga|HANGUL SYLLABLE ga|Hangul Syllable Gag|HANGUL SYLLABLE |HANGUL SYLLABLE A|HANGUL SYLLABLE GAX|HANGUL SYLLABLE GGGA
HANGUL SYLLABLE HIH|HANGUL SYLLABLE GASS|HANGUL SYLLABLE GAE|HANGUL SYLLABLE WAELB|CJK UNIFIED IDEOGRAPH-4e00|CJK UNIFIED IDEOGRAPH-4E00
cjk unified ideograph-4E00|CJK UNIFIED IDEOGRAPH-04E00|CJK UNIFIED IDEOGRAPH-FA0E|CJK UNIFIED IDEOGRAPH-323B0|CJK UNIFIED IDEOGRAPH-2EE5D
CJK UNIFIED IDEOGRAPH-|CJK UNIFIED IDEOGRAPH-4E0|CJK UNIFIED IDEOGRAPH-+4E0|TANGUT IDEOGRAPH-17000|tangut ideograph-17001|TANGUT IDEOGRAPH-18D08
TANGUT IDEOGRAPH-18D09|NUSHU CHARACTER-1B170|KHITAN SMALL SCRIPT CHARACTER-18CFF|CJK COMPATIBILITY IDEOGRAPH-f900| LATIN SMALL LETTER A
LATIN_SMALL_LETTER_A|LATIN SMALL LETTER A |LATIN  SMALL LETTER A|BELL|ALERT|LINE FEED|NULL|NUL|BOM|SP|TAMIL SYLLABLE TUU|KEYCAP DIGIT ONE
LATIN SMALL LETTER GHA|WEIERSTRASS ELLIPTIC FUNCTION|VS17|EGYPTIAN HIEROGLYPH-13460|A|HANGUL JUNGSEONG O-E|tibetan letter -a|TIBETAN LETTER-A
<control>|GARAY CAPITAL LETTER A|CUNEIFORM SIGN KALAM|BAMUM LETTER PHASE-A MAEMGBIEE|MENDE KIKAKUI SYLLABLE M172 MBO|EM|FVS4|EOM|LF
SUNDANESE LETTER ARCHAIC I|myanmar letter khamti lla""".replace(
    "\n", "|"
).split(
    "|"
)


def meaning(name):
    try:
        return ord(eval('"\\N{' + name + '}"'))
    except SyntaxError:
        return None


def main():
    count, state = 0, 0xCBF29CE484222325
    for code in range(0x110000):
        name = unicodedata.name(chr(code), None)
        if name is None or meaning(name) != code:
            continue
        count += 1
        for byte in b"%x %s\n" % (code, name.encode()):
            state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    print(count, "%x" % state)
    for name in ODD:
        code = meaning(name)
        print(name + "=" + ("-" if code is None else "%x" % code))


main()
