"""The speed of global variables."""

a = b = c = 0


def count():
    global a, b, c
    for i in range(1_000_000):
        a = i
        b = a
        c = b
    return a + b + c


assert count() == 2_999_997
