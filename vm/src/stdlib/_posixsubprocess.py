# `_posixsubprocess`
import _pyrvm_os as _o
import posix as _posix


def fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite,
              errread, errwrite, errpipe_read, errpipe_write, restore_signals, start_new_session, process_group,
              gid, extra_groups, uid, child_umask, preexec_fn, /):
    if close_fds and errpipe_write < 3:
        raise ValueError('errpipe_write must be >= 3')
    kept = list(pass_fds)
    for one, two in zip(kept, kept[1:]):
        if one >= two:
            raise ValueError('bad value(s) in fds_to_keep')
    if any(not isinstance(fd, int) or fd < 0 for fd in kept):
        raise ValueError('bad value(s) in fds_to_keep')
    if gid is not None or uid is not None or extra_groups is not None:
        raise NotImplementedError('pyrvm cannot do this yet: processes of other users')
    arguments = [_posix.fsencode(arg) for arg in args]
    folder = None if cwd is None else _posix.fsencode(cwd)
    # The pipe for errors closes by itself when the program is there.
    if preexec_fn is not None:
        _posix._call_all(_posix._before_fork[::-1])
    prepare = None
    if preexec_fn is not None:
        def prepare():
            _posix._call_all(_posix._after_in_child)
            preexec_fn()
    try:
        return _o.fork_exec(
            executable_list, arguments, env, folder, p2cread, c2pwrite, errwrite,
            [fd for fd in kept if fd != errpipe_write], close_fds, restore_signals, start_new_session,
            process_group, child_umask, errpipe_write, prepare)
    finally:
        if preexec_fn is not None:
            _posix._call_all(_posix._after_in_parent)
