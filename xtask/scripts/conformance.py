"""Runs CPython's own tests of one module and writes what came of each.

    conformance.py MODULE RESULTS [DONE]

RESULTS is written line by line, so that a crash or a hang is seen in it: JSON lists [event, test, text], where event is
`start`, `pass`, `fail`, `skip` (text: why), `out` (left out: text says why), `load` (the module could not be imported)
or `end`. Tests named in the file DONE are not run. What only CPython can pass is left out on both sides: tests marked
`cpython_only` or `refcount_test`, and those that need its C test modules. The language of this file is what any
interpreter that is looked at must know.
"""

import json
import os
import sys
import tempfile

MODULE, RESULTS = sys.argv[1:3]
DONE = set()
if len(sys.argv) > 3:
    with open(sys.argv[3]) as lines:
        DONE = {line.rstrip('\n') for line in lines}

OUT = os.open(RESULTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def say(event, test='', text=''):
    os.write(OUT, (json.dumps([event, test, text]) + '\n').encode())


import unittest


class LeftOut(unittest.SkipTest, ImportError):
    """What only CPython has was asked for."""


class Lacking:
    """What a module of tests takes from such a module while it is imported: using it leaves the test out."""

    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *args, **kwargs):
        raise LeftOut(f'left out: needs {self.__name__}')


class OnlyCPython(type(sys)):
    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        raise LeftOut(f'left out: needs {self.__name__}.{name}')


for name in ('_testcapi', '_testinternalcapi', '_testlimitedcapi', '_testclinic', '_testclinic_limited', '_testbuffer',
             '_testmultiphase', '_testsinglephase', '_testimportmultiple', '_ctypes_test', '_xxtestfuzz'):
    sys.modules[name] = OnlyCPython(name)

# What is asked for while a module of tests is imported, though only some of its tests use it.
for module, name in (('_testinternalcapi', 'has_inline_values'), ('_testcapi', 'raise_SIGINT_then_send_None')):
    setattr(sys.modules[module], name, Lacking(f'{module}.{name}'))
# Was CPython built with assertions? The references were not.
sys.modules['_testlimitedcapi']._py_getbuiltwithassert = lambda: False

from test import support

try:
    import asyncio
except ImportError:
    # `unittest.mock` wants its names; a machine without sockets can run what uses nothing else of it.
    for name in [name for name in sys.modules if name.startswith('asyncio')]:
        del sys.modules[name]
    asyncio = sys.modules['asyncio'] = type(sys)('asyncio')
    asyncio.coroutines = type(sys)('asyncio.coroutines')
    asyncio.coroutines._is_coroutine = object()

LEFT_OUT = 'left out: '


def check_impl_detail(**guards):
    guards, default = support._parse_guards(guards)
    return guards.get('pyrvm', default)


def refcount_test(test):
    return unittest.skip(LEFT_OUT + 'counts references')(test)


support.check_impl_detail = check_impl_detail
support.refcount_test = refcount_test
support.verbose = 0
support.use_resources = {}
sys.argv = [sys.argv[0]]


def short(error):
    import traceback
    try:
        text = ''.join(traceback.format_exception(error))
    except BaseException as second:
        text = f'{type(error).__name__}: {error}\n(no traceback: {type(second).__name__}: {second})'
    return text[-6000:]


class Result(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.said = False
        self.bad = None
        say('start', test.id())

    def say_once(self, event, test, text=''):
        if not self.said:
            self.said = True
            say(event, test.id(), text)

    def addSuccess(self, test):
        self.say_once('pass', test)

    def addError(self, test, err):
        if 'unittest.loader._FailedTest' in test.id():
            say('load', MODULE, short(err[1]))
        self.say_once('fail', test, short(err[1]))

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            # One bad part makes the test a bad one; a good end must not come after it.
            self.say_once('fail', test, f'{subtest.id()}\n{short(err[1])}')

    def addSkip(self, test, reason):
        out = reason.startswith(LEFT_OUT) or 'specific to cpython' in reason or '_test' in reason
        if isinstance(test, unittest.case._SubTest):
            return
        self.say_once('out' if out else 'skip', test, reason)

    def addExpectedFailure(self, test, err):
        self.say_once('pass', test)

    def addUnexpectedSuccess(self, test):
        self.say_once('fail', test, 'unexpected success')


def without(suite):
    """The same tests without those that are done."""
    kept = type(suite)()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            kept.addTest(without(test))
        elif test.id() not in DONE:
            kept.addTest(test)
    return kept


def main():
    result = Result()
    result.said = False
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            suite = unittest.defaultTestLoader.loadTestsFromName('test.' + MODULE)
        except unittest.SkipTest as error:
            return say('out', MODULE, str(error))
        except BaseException as error:
            return say('load', MODULE, short(error))
        without(suite).run(result)
        os.chdir('/')
    say('end')


main()
# Threads that a test left behind must not keep the process.
sys.stdout.flush()
os._exit(0)
