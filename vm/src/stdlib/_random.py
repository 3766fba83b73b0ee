# `_random`: the Mersenne twister (MT19937, Matsumoto and Nishimura 1998).
class Random:
    __module__ = '_random'

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        Random.seed(self, *args[:1])
        return self

    def __init__(self, x=None):
        pass

    def seed(self, n=None, /):
        if n is None:
            from _pyrvm_os import urandom
            n = int.from_bytes(urandom(64), 'little')
        if not isinstance(n, int):
            n = hash(n) & 0xFFFFFFFFFFFFFFFF
        n = abs(n)
        key = []
        while n or not key:
            key.append(n & 0xFFFFFFFF)
            n >>= 32
        mt = [19650218]
        for i in range(1, 624):
            last = mt[-1]
            mt.append(1812433253 * (last ^ last >> 30) + i & 0xFFFFFFFF)
        i, j = 1, 0
        for _ in range(max(624, len(key))):
            last = mt[i - 1]
            mt[i] = (mt[i] ^ (last ^ last >> 30) * 1664525) + key[j] + j & 0xFFFFFFFF
            i += 1
            j += 1
            if i >= 624:
                mt[0] = mt[623]
                i = 1
            if j >= len(key):
                j = 0
        for _ in range(623):
            last = mt[i - 1]
            mt[i] = (mt[i] ^ (last ^ last >> 30) * 1566083941) - i & 0xFFFFFFFF
            i += 1
            if i >= 624:
                mt[0] = mt[623]
                i = 1
        mt[0] = 0x80000000
        self._mt = mt
        self._at = 624

    def _next(self):
        at = self._at
        mt = self._mt
        if at >= 624:
            for k in range(624):
                y = mt[k] & 0x80000000 | mt[(k + 1) % 624] & 0x7FFFFFFF
                mt[k] = mt[(k + 397) % 624] ^ y >> 1 ^ (0x9908B0DF if y & 1 else 0)
            at = 0
        y = mt[at]
        self._at = at + 1
        y ^= y >> 11
        y ^= y << 7 & 0x9D2C5680
        y ^= y << 15 & 0xEFC60000
        return y ^ y >> 18

    def random(self):
        a, b = self._next() >> 5, self._next() >> 6
        return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0)

    def getrandbits(self, k, /):
        if k < 0:
            raise ValueError('number of bits must be non-negative')
        if k <= 32:
            return self._next() >> 32 - k if k else 0
        out = 0
        shift = 0
        while k > 0:
            word = self._next()
            if k < 32:
                word >>= 32 - k
            out |= word << shift
            shift += 32
            k -= 32
        return out

    def getstate(self):
        return tuple(self._mt) + (self._at,)

    def setstate(self, state, /):
        if not isinstance(state, tuple):
            raise TypeError('state vector must be a tuple')
        if len(state) != 625:
            raise ValueError('state vector is the wrong size')
        self._mt = list(state[:624])
        self._at = state[624]
