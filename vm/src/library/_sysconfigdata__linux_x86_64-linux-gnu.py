"""What `sysconfig` knows of how this machine was built: it has no C compiler, no headers and no extension modules."""
build_time_vars = {
    'ABIFLAGS': '',
    'EXT_SUFFIX': '.pyrvm-314-x86_64-linux-gnu.so',
    'MULTIARCH': 'x86_64-linux-gnu',
    'Py_DEBUG': 0,
    'Py_ENABLE_SHARED': 0,
    'Py_GIL_DISABLED': 0,
    'SHLIB_SUFFIX': '.so',
    'SOABI': 'pyrvm-314-x86_64-linux-gnu',
    'VERSION': '3.14',
    'WITH_PYMALLOC': 0,
}
