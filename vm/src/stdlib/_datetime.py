# `_datetime`: dates and times are those of the library's Python.
import _pydatetime
from _pydatetime import *
from _pydatetime import __doc__, UTC
from _pyrvm_basics import capsule as _capsule, full_names as _full_names

datetime_CAPI = _capsule()
_full_names(date, datetime, time, timedelta, timezone, tzinfo)
