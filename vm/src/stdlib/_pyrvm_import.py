"""Where modules are found that are in the binary, and what looks for modules before the folders of the path do."""
import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external
import _imp
import _pyrvm_library as _library
import sys

_ROOT = _library.root


class LibraryImporter(_external._LoaderBasics):
    """Finds and loads modules of the library that the machine brings along, or of one package of it."""

    def __init__(self, path):
        if path == _ROOT:
            self._prefix = ''
        elif path.startswith(_ROOT + '/'):
            self._prefix = path[len(_ROOT) + 1:].rstrip('/') + '/'
        else:
            raise ImportError('not in the library', path=path)
        self.path = path

    def __repr__(self):
        return f'<pyrvm library importer {self.path!r}>'

    def _find(self, fullname):
        found = _library.find(self._prefix + fullname.rpartition('.')[2])
        if found is None:
            raise ImportError(f"can't find module {fullname!r}", name=fullname)
        return found

    def find_spec(self, fullname, target=None):
        found = _library.find(self._prefix + fullname.rpartition('.')[2])
        if found is None:
            return None
        path = f'{_ROOT}/{found[0]}'
        spec = _bootstrap.ModuleSpec(fullname, self, origin=path, is_package=found[1])
        spec._set_fileattr = True
        if found[1]:
            spec.submodule_search_locations.append(path[:-len('/__init__.py')])
        return spec

    def invalidate_caches(self):
        pass

    def get_code(self, fullname):
        return _library.code(self._find(fullname)[0])

    def exec_module(self, module):
        exec(_library.code(self._find(module.__name__)[0]), module.__dict__)

    def get_filename(self, fullname):
        return f'{_ROOT}/{self._find(fullname)[0]}'

    def is_package(self, fullname):
        return self._find(fullname)[1]

    def get_source(self, fullname):
        return _external.decode_source(_library.data(self._find(fullname)[0]))

    def get_data(self, path):
        if path.startswith(_ROOT + '/'):
            data = _library.data(path[len(_ROOT) + 1:])
            if data is not None:
                return data
        raise OSError(0, '', path)

    def get_resource_reader(self, fullname):
        from _pyrvm_resources import LibraryReader
        return LibraryReader(_ROOT, self._find(fullname)[0].rpartition('/')[0])

    def iter_modules(self, prefix=''):
        for name in _library.names(self._prefix):
            if name.endswith('/'):
                if _library.find(self._prefix + name[:-1]) is not None:
                    yield prefix + name[:-1], True
            elif name.endswith('.py') and name != '__init__.py':
                yield prefix + name[:-3], False


def _zip_hook(path):
    # zipimport needs threading; most programs have folders only.
    if not path or not _external._path_isfile(path.partition('.zip/')[0]) and not _path_in_file(path):
        raise ImportError('not a zip file', path=path)
    import zipimport
    own = zipimport._unmarshal_code

    def unmarshal(self, pathname, fullpath, fullname, data, *rest):
        # The machine runs bytecode of other releases too.
        if data[2:4] == b'\r\n' and data[:4] != _external.MAGIC_NUMBER:
            code = _library.load(data)
            if code is not None:
                return code
        return own(self, pathname, fullpath, fullname, data, *rest)

    zipimport._unmarshal_code = unmarshal
    if _zip_hook in sys.path_hooks:
        sys.path_hooks[sys.path_hooks.index(_zip_hook)] = zipimport.zipimporter
    return zipimport.zipimporter(path)


def _path_in_file(path):
    while path and path != '/':
        if _external._path_isfile(path):
            return True
        if _external._path_isdir(path):
            return False
        path = path.rpartition('/')[0]
    return False


def install():
    sys.path_hooks[:0] = [LibraryImporter, _zip_hook]
