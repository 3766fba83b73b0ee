"""What `importlib.resources` finds in packages of the library that the machine brings along."""
import io
import _pyrvm_library as _library
from importlib.resources import abc


class LibraryPath(abc.Traversable):
    """A file or folder of the library."""

    def __init__(self, root, path):
        self._root = root
        self._path = path

    @property
    def name(self):
        return self._path.rpartition('/')[2]

    def __str__(self):
        return f'{self._root}/{self._path}'

    def __repr__(self):
        return f'LibraryPath({str(self)!r})'

    def __eq__(self, other):
        return isinstance(other, LibraryPath) and self._path == other._path

    def __hash__(self):
        return hash(self._path)

    def iterdir(self):
        for name in _library.names(self._path + '/'):
            yield LibraryPath(self._root, f'{self._path}/{name.rstrip("/")}')

    def is_dir(self):
        return bool(_library.names(self._path + '/'))

    def is_file(self):
        return _library.data(self._path) is not None

    def joinpath(self, *names):
        parts = self._path.split('/')
        for name in names:
            parts += [part for part in str(name).split('/') if part not in ('', '.')]
        return LibraryPath(self._root, '/'.join(parts))

    __truediv__ = joinpath

    def read_bytes(self):
        data = _library.data(self._path)
        if data is None:
            raise FileNotFoundError(2, 'No such file or directory', str(self))
        return data

    def open(self, mode='r', *args, **kwargs):
        data = io.BytesIO(self.read_bytes())
        return data if 'b' in mode else io.TextIOWrapper(data, *args, **kwargs)


class LibraryReader(abc.TraversableResources):
    def __init__(self, root, folder):
        self._folder = LibraryPath(root, folder)

    def files(self):
        return self._folder
