"""Prints the line of xtask/data/magic.txt for the interpreter that runs it.

Lines: `magic N SERIES C D RELEASE`: the magic number, the series whose final releases write it, the rounds of
SipHash for the hash of sources (per block, at the end), and the release that was asked.
"""

import importlib.util
import sys

number = int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
rounds = {"siphash13": "1 3", "siphash24": "2 4"}[sys.hash_info.algorithm]
print("magic %d %d.%d %s %s" % ((number,) + sys.version_info[:2] + (rounds, sys.version.split()[0])))
