"""`_pickle`: buffers that may travel beside a pickle (PEP 574). Pickling itself is `pickle`'s own."""


class PickleBuffer:
    """Wrapper for potentially out-of-band buffers"""
    __slots__ = '_view', '__weakref__'

    def __init__(self, object, /):
        try:
            self._view = memoryview(object)
        except TypeError:
            kind = type(object).__name__
            raise TypeError(f"a bytes-like object is required, not '{kind}'") from None

    def _held(self):
        if self._view is None:
            raise ValueError('operation forbidden on released PickleBuffer object')
        return self._view

    def __buffer__(self, flags, /):
        return memoryview(self._held())

    def raw(self, /):
        """Return a memoryview of the raw memory underlying this buffer.

Will raise BufferError is the buffer isn't contiguous."""
        view = self._held()
        if not view.contiguous:
            raise BufferError('cannot extract raw buffer from non-contiguous buffer')
        # Dimensions in Fortran's order cannot be seen as flat bytes: those are a copy.
        return view.cast('B') if view.c_contiguous else memoryview(view.tobytes('A'))

    def release(self, /):
        """Release the underlying buffer exposed by the PickleBuffer object."""
        self._view = None


PickleBuffer.__module__ = 'pickle'
