#!/usr/bin/env python3
"""Write what the running CPython's dis prints for committed .pyc files.

usage: PYTHON golden_listings.py COMPILED_DIR LISTINGS_DIR
       PYTHON golden_listings.py --programs PROGRAMS_DIR LISTINGS_DIR

For each NAME below, LISTINGS_DIR gets NAME.FLAGS.txt for each of its flags: "plain", letters out of "COP"
(show caches, offsets, positions; P from 3.14 on only), or "info" for the text of dis.show_code. What varies
from run to run is normalised as in dis_text.py.

With --programs, every program of PROGRAMS_DIR that the interpreter compiles gets its .pyc there, its "plain"
and, where dis has that, "info" and "C". Runs with Python 2.7, too.
"""
from __future__ import print_function

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


def write(path, text):
    with open(path, 'wb') as stream:
        stream.write(text)


def compiled_files(compiled, listings):
    """Listings of the files that others compiled."""
    dis_text.FILE_ORDER = True
    for name, kinds in LISTINGS.items():
        path = os.path.join(compiled, *name.split('/')) + '.pyc'
        if not os.path.exists(path):
            continue
        for kind in kinds:
            if 'P' in kind and sys.version_info < (3, 14):
                continue
            flags = {LETTERS[letter]: True for letter in kind if letter in LETTERS}
            text = dis_text.text_of(path, kind == 'info', flags)
            write(os.path.join(listings, '%s.%s.txt' % (name.split('/')[-1], kind)), text)


def programs(sources, listings):
    """Listings of programs, which are compiled here."""
    dis_text.compile_all(sources, listings)
    kinds = [('plain', False, {})]
    if not dis_text.PYTHON2:
        kinds.append(('info', True, {}))
    if sys.version_info >= (3, 11):
        kinds.append(('C', False, {'show_caches': True}))
    for path in dis_text.found(listings, '.pyc'):
        for kind, info, flags in kinds:
            text = dis_text.text_of(os.path.join(listings, path), info, flags)
            write(os.path.join(listings, '%s.%s.txt' % (path[:-len('.pyc')], kind)), text)


def main():
    words = sys.argv[1:]
    make = programs if words[0] == '--programs' else compiled_files
    sources, listings = words[-2:]
    if not os.path.isdir(listings):
        os.makedirs(listings)
    dis_text.normalise_constants()
    make(sources, listings)


if __name__ == '__main__':
    main()
