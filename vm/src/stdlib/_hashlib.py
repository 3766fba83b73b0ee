# `_hashlib`: what `hashlib` and `hmac` want of it that the machine's own hashes do not give: keys made of passwords.
import _pyrvm_derive as _n
from _operator import _compare_digest
from _sha2 import sha256 as openssl_sha256

openssl_md_meth_names = frozenset({
    'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3_224', 'sha3_256', 'sha3_384', 'sha3_512'})
# The most that scrypt may take where nothing is said.
_MEMORY = 32 << 20


def compare_digest(a, b, /):
    if isinstance(a, str) != isinstance(b, str):
        raise TypeError("a bytes-like object is required, not 'str'")
    return _compare_digest(a, b)


class UnsupportedDigestmodError(ValueError):
    """The digest is not one that this module has."""


def new(name, *args, **kwargs):
    raise ValueError(f'unsupported hash type {name}')


def get_fips_mode():
    return 0


def hmac_new(key, msg=b'', digestmod=None):
    raise UnsupportedDigestmodError(f'unsupported hash type {digestmod}')


def hmac_digest(key, msg, digest):
    raise UnsupportedDigestmodError(f'unsupported hash type {digest}')


def _number(value, what):
    if not isinstance(value, int):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function."""
    if not isinstance(hash_name, str):
        raise TypeError(f"pbkdf2_hmac() argument 'hash_name' must be str, not {type(hash_name).__name__}")
    size = _n.digest_size(hash_name)
    if size is None:
        raise UnsupportedDigestmodError(f'unsupported hash type {hash_name}')
    if _number(iterations, 'iterations') < 1:
        raise ValueError('iteration value must be greater than 0.')
    if iterations > 0x7fffffff:
        raise OverflowError('iteration value is too great.')
    length = size if dklen is None else _number(dklen, 'dklen')
    if length < 1:
        raise ValueError('key length must be greater than 0.')
    if length > 0x7fffffff:
        raise OverflowError('key length is too great.')
    return _n.pbkdf2(hash_name, password, salt, iterations, length)


def scrypt(password, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64):
    """scrypt password-based key derivation function."""
    if salt is None:
        raise TypeError('salt is required')
    if not isinstance(n, int):
        raise TypeError('n is required and must be an unsigned int')
    if n < 2 or n & n - 1:
        raise ValueError('n must be a power of 2.')
    for name, value in (('r', r), ('p', p)):
        if not isinstance(value, int):
            raise TypeError(f'{name} is required and must be an unsigned int')
    if not 0 <= maxmem <= 0x7fffffff:
        raise ValueError('maxmem must be positive and smaller than 2147483647')
    if not 1 <= dklen <= 0x7fffffff:
        raise ValueError('dklen must be greater than 0 and smaller than 2147483647')
    if r < 1 or p < 1 or p * r > (1 << 30) - 1 or n * r * 128 + p * r * 128 + 256 * r + 64 > (maxmem or _MEMORY):
        raise ValueError('Invalid parameter combination for n, r, p, maxmem.')
    return _n.scrypt(password, salt, n.bit_length() - 1, r, p, dklen)
