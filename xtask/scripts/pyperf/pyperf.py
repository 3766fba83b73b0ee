"""What the benchmarks of pyperformance use of pyperf, for `cargo xtask bench vm`.

A benchmark runs in this very process: one warm-up, then the values. Lines `name loops seconds…` (seconds for one
loop) go to the file that PYPERF_OUT names. PYPERF_LOOPS holds lines `name loops` of an earlier run; a benchmark that
has none there is calibrated: loops double until they take PYPERF_SECONDS. PYPERF_CLOCK=cpu counts processor time.
"""
import os
import time

perf_counter = time.process_time if os.environ.get('PYPERF_CLOCK') == 'cpu' else time.perf_counter


def python_implementation():
    return 'cpython'


def known_loops():
    path = os.environ.get('PYPERF_LOOPS')
    if not path:
        return {}
    with open(path) as lines:
        return dict(line.split()[:2] for line in lines)


class Runner:
    def __init__(self, values=None, add_cmdline_args=None, **_):
        self.metadata = {}
        self.values = int(os.environ.get('PYPERF_VALUES', '3'))
        self.seconds = float(os.environ.get('PYPERF_SECONDS', '0.2'))
        self.loops = known_loops()
        self.parser = None
        self.args = None

    @property
    def argparser(self):
        if self.parser is None:
            import argparse
            self.parser = argparse.ArgumentParser()
        return self.parser

    def parse_args(self):
        self.args = self.argparser.parse_args()
        return self.args

    def bench_time_func(self, name, time_func, *args, inner_loops=1, **_):
        loops = int(self.loops.get(name, 0))
        if loops:
            time_func(loops, *args)
        else:
            loops = 1
            while time_func(loops, *args) < self.seconds:
                loops *= 2
        seconds = [time_func(loops, *args) / loops for _ in range(self.values)]
        with open(os.environ['PYPERF_OUT'], 'a') as out:
            out.write(f'{name} {loops} {" ".join(map(str, seconds))}\n')

    def bench_func(self, name, func, *args, inner_loops=1, **_):
        def time_func(loops):
            rounds = range(loops)
            before = perf_counter()
            for _ in rounds:
                func(*args)
            return perf_counter() - before
        self.bench_time_func(name, time_func)

    def bench_async_func(self, name, func, *args, inner_loops=1, **_):
        # What these benchmarks await never waits for anything, so no event loop is needed.
        def time_func(loops):
            rounds = range(loops)
            before = perf_counter()
            for _ in rounds:
                try:
                    func(*args).send(None)
                except StopIteration:
                    pass
                else:
                    raise RuntimeError(f'{name} waits for something')
            return perf_counter() - before
        self.bench_time_func(name, time_func)
