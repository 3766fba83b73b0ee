# Compiles sources, for `pyrsc diff --python`. Standard input: pairs of file and recorded name, each ended by
# a null byte. Standard output: for each "+" or "-", a length in four bytes, and a .pyc with an unchecked hash
# or the exception. Each source has a process of its own, because what was compiled before can show.
import os
import py_compile
import sys
import tempfile


def compiled(source, name, target, level):
    try:
        py_compile.compile(source, cfile=target, dfile=name, doraise=True, optimize=level,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except Exception as error:
        if isinstance(error, py_compile.PyCompileError):
            error = error.exc_value
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        with open(target, 'wb') as stream:
            stream.write(('-%s: %s' % (type(error).__name__, message)).encode('utf-8', 'backslashreplace'))
        return 1
    return 0


def main():
    level = int(sys.argv[1])
    fields = sys.stdin.buffer.read().split(b'\0')[:-1]
    out = sys.stdout.buffer
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, 'out.pyc')
        for source, name in zip(fields[::2], fields[1::2]):
            child = os.fork()
            if child == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                os._exit(compiled(os.fsdecode(source), os.fsdecode(name), target, level))
            status = os.waitpid(child, 0)[1]
            content = b'-crash: wait status %d' % status
            if os.path.exists(target):
                with open(target, 'rb') as stream:
                    content = stream.read()
                os.unlink(target)
            if status == 0:
                out.write(b'+' + len(content).to_bytes(4, 'little') + content)
            else:
                out.write(b'-' + (len(content) - 1).to_bytes(4, 'little') + content[1:])


main()
