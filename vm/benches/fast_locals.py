"""The speed of local variables."""


def count():
    a = b = c = 0
    for i in range(2_000_000):
        a = i
        b = a
        c = b
    return a + b + c


assert count() == 5_999_997
