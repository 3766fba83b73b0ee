def words(count):
    state = 42
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        yield "w" + str(state % 5000)


def run(count):
    counts = {}
    for word in words(count):
        counts[word] = counts.get(word, 0) + 1
    lengths = {}
    for word, number in counts.items():
        key = len(word)
        if key in lengths:
            lengths[key] += number
        else:
            lengths[key] = number
    numbers = {}
    for index in range(count):
        slot = index * 7 % 1009
        if slot in numbers:
            numbers[slot] = numbers[slot] + index
        else:
            numbers[slot] = index
    return len(counts), sorted(lengths.items()), sum(numbers.values())


print(run(400000))
