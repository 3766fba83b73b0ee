"""Small tasks that send packets to each other: attributes, methods, classes."""


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0] * 4

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, ident, priority, scheduler):
        self.ident = ident
        self.priority = priority
        self.scheduler = scheduler
        self.queue = None
        self.held = False
        self.handled = 0

    def take(self):
        packet = self.queue
        self.queue = packet.link
        packet.link = None
        return packet

    def receive(self, packet):
        self.queue = packet.append_to(self.queue)

    def is_ready(self):
        return self.queue is not None and not self.held

    def step(self):
        packet = self.take()
        self.handled += 1
        self.work(packet)


class Worker(Task):
    def work(self, packet):
        for index in range(4):
            packet.datum = (packet.datum * 31 + self.ident + index) % 65521
            packet.data[index] = packet.datum
        packet.ident = (self.ident + packet.datum) % self.scheduler.count
        self.scheduler.send(packet)


class Device(Task):
    def __init__(self, ident, priority, scheduler):
        Task.__init__(self, ident, priority, scheduler)
        self.total = 0

    def work(self, packet):
        self.total = (self.total + packet.data[packet.kind]) % 1000003
        packet.ident = (packet.ident + 1) % self.scheduler.count
        packet.kind = (packet.kind + 1) % 4
        self.scheduler.send(packet)


class Scheduler:
    def __init__(self, count):
        self.count = count
        self.tasks = [
            Worker(ident, ident * 10, self) if ident % 2 else Device(ident, ident * 10, self) for ident in range(count)
        ]
        self.sent = 0

    def send(self, packet):
        self.sent += 1
        self.tasks[packet.ident].receive(packet)

    def run(self, steps):
        done = 0
        while done < steps:
            for task in self.tasks:
                if task.is_ready():
                    task.step()
                    done += 1
        return done


scheduler = Scheduler(6)
for number in range(12):
    scheduler.send(Packet(None, number % 6, number % 4))
print(scheduler.run(300000), scheduler.sent, [task.handled for task in scheduler.tasks])
