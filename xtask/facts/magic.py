"""Prints the line of xtask/data/magic.txt that an interpreter's own magic number must have there.

Run with the newest interpreter of each series from 3.7 on: `magic N SERIES - C D final -`, where `-` stands for what an
interpreter does not tell (see the head of that file).
"""

import importlib.util
import sys

number = int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
rounds = {"siphash13": "1 3", "siphash24": "2 4"}[sys.hash_info.algorithm]
print("magic %d %d.%d - %s final -" % ((number,) + sys.version_info[:2] + (rounds,)))
