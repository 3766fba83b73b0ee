# `_datetime`: dates and times are those of the library's Python.
from _pydatetime import *
from _pydatetime import __doc__, UTC
from _pyrvm_basics import capsule as _capsule

datetime_CAPI = _capsule()
