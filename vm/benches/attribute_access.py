"""The speed of attributes: read and written on an instance, read on its class, called as a method."""


class Point:
    scale = 2

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def move(self, by):
        self.x += by * self.scale
        self.y += by


def walk(count):
    point = Point(0, 0)
    for _ in range(count):
        point.x = point.y
        point.move(1)
    return point.x, point.y


assert walk(500_000) == (500_001, 500_000)
