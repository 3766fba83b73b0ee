"""Run a command and print what it cost: wall seconds, user seconds, system seconds, peak KiB, exit status.

usage: PYTHON measure.py COMMAND [ARGUMENT ...]

The command's own output is thrown away. The peak is the largest process's resident set, from the kernel's
accounting of the finished child.
"""
import os
import sys
import time

null = os.open(os.devnull, os.O_RDWR)
start = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                      file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - start
print('%.6f %.6f %.6f %d %d' % (wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss,
                                os.waitstatus_to_exitcode(status)))
