"""Unpack the archives of `fixtures/bench.lock`: everything of each into one folder that goes on the path.

usage: PYTHON unpack_benchmarks.py OUT ARCHIVE …
"""
import os
import shutil
import sys
import tarfile
import zipfile

out, archives = sys.argv[1], sys.argv[2:]
for path in archives:
    if path.endswith('.whl'):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(out)
    else:
        # A source archive has one folder with everything in it.
        aside = os.path.join(out, 'aside')
        with tarfile.open(path) as archive:
            archive.extractall(aside, filter='data')
        for folder in os.listdir(aside):
            for name in os.listdir(os.path.join(aside, folder)):
                if os.path.isdir(os.path.join(aside, folder, name)):
                    shutil.move(os.path.join(aside, folder, name), os.path.join(out, name))
        shutil.rmtree(aside)
