"""`_remote_debugging`: what is told of tasks and threads. This machine cannot look into other processes."""
from _pyrvm import structseq as _structseq

PROCESS_VM_READV_SUPPORTED = False


def _row(name, *fields):
    return _structseq(name, '_remote_debugging', fields)


FrameInfo = _row('FrameInfo', 'filename', 'lineno', 'funcname')
CoroInfo = _row('CoroInfo', 'call_stack', 'task_name')
TaskInfo = _row('TaskInfo', 'task_id', 'task_name', 'coroutine_stack', 'awaited_by')
ThreadInfo = _row('ThreadInfo', 'thread_id', 'frame_info')
AwaitedInfo = _row('AwaitedInfo', 'thread_id', 'awaited_by')


class RemoteUnwinder:
    __module__ = '_remote_debugging'

    def __init__(self, pid, *, all_threads=False, only_active_thread=False, debug=False):
        raise RuntimeError('pyrvm cannot look into other processes')
