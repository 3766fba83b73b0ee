"""Unpack the .py files of wheels, each wheel into a folder of its own.

usage: PYTHON unpack_sources.py OUT WHEEL …
"""
import os
import sys
import zipfile

out, wheels = sys.argv[1], sys.argv[2:]
for wheel in wheels:
    folder = os.path.join(out, os.path.basename(wheel).split('-')[0])
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith('.py'):
                archive.extract(name, folder)
