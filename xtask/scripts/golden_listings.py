#!/usr/bin/env python3
"""Write what the running CPython's dis prints for committed .pyc files.

usage: PYTHON golden_listings.py COMPILED_DIR LISTINGS_DIR

For each NAME below, LISTINGS_DIR gets NAME.FLAGS.txt for each of its flags: "plain", letters out of "COP"
(show caches, offsets, positions; P from 3.14 on only), or "info" for the text of dis.show_code. What varies
from run to run is normalised as in dis_text.py.
"""
import dis
import os
import sys

import dis_text

LISTINGS = {
    'async_def': ['plain'],
    'class_closure': ['plain', 'info'],
    'comprehensions_class': ['plain'],
    'constants': ['plain', 'info'],
    'empty_module': ['plain', 'P', 'info'],
    'exceptions_nested': ['plain', 'O'],
    'exceptions_star': ['plain'],
    'fstrings': ['plain'],
    'generators': ['plain', 'P'],
    'match_mappings_classes': ['plain', 'C', 'COP', 'CO'],
    'only-3.14/tstrings': ['plain'],
    'super_calls': ['plain'],
    'type_params': ['plain', 'info'],
    'unicode_names': ['plain', 'info'],
    'wide_arguments': ['plain'],
    'with_statements': ['plain', 'OP'],
}
LETTERS = {'C': 'show_caches', 'O': 'show_offsets', 'P': 'show_positions'}


def main():
    compiled, listings = sys.argv[1:]
    dis._get_const_info = dis_text.const_info
    os.makedirs(listings, exist_ok=True)
    for name, kinds in LISTINGS.items():
        path = os.path.join(compiled, *name.split('/')) + '.pyc'
        if not os.path.exists(path):
            continue
        for kind in kinds:
            if 'P' in kind and sys.version_info < (3, 14):
                continue
            flags = {LETTERS[letter]: True for letter in kind if letter in LETTERS}
            text = dis_text.listing(path, kind == 'info', flags)
            target = os.path.join(listings, '%s.%s.txt' % (name.split('/')[-1], kind))
            with open(target, 'w', encoding='utf-8', errors='backslashreplace', newline='\n') as stream:
                stream.write(text)


if __name__ == '__main__':
    main()
