# `_decimal`. Its classes are those of one module that is never made anew, so that all who import it share them.
from _pyrvm_decimal_parts import *
from _pyrvm_decimal_parts import __version__, __libmpdec_version__
