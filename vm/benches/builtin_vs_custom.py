"""Functions of the interpreter's own, and the same written in Python."""


def own_sum(numbers):
    total = 0
    for number in numbers:
        total += number
    return total


def own_max(numbers):
    best = numbers[0]
    for number in numbers:
        if number > best:
            best = number
    return best


def own_map(function, numbers):
    return [function(number) for number in numbers]


numbers = list(range(1000))
for _ in range(300):
    assert sum(numbers) == own_sum(numbers)
    assert max(numbers) == own_max(numbers)
    assert list(map(abs, numbers)) == own_map(abs, numbers)
    assert len(numbers) == sum(1 for _ in numbers)
