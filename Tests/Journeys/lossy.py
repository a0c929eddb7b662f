"""A bad network between two UDP ends, where the kernel has no netem: loses, delays and reorders, by a seed."""

import heapq
import random
import selectors
import socket
import threading
import time


class LossyProxy:
    """Carries datagrams between clients and one server. Each client is seen by the server under an address of its own."""

    def __init__(self, server_port, loss=0.0, delay=0.0, jitter=0.0, seed=1, host="127.0.0.1"):
        """`loss` is a share of datagrams; `delay` and `jitter` are seconds: each one is late by delay ± jitter.
        `host` is where the clients are."""
        self.server = ("127.0.0.1", server_port)
        self.become(loss, delay, jitter)
        self.random = random.Random(seed)
        self.front = self.bound(host)
        self.port = self.front.getsockname()[1]
        self.backs, self.clients = {}, {}
        self.late, self.count = [], 0
        self.carried = self.lost = 0
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.front, selectors.EVENT_READ)
        self.over, self.forgetting = threading.Event(), threading.Event()
        self.cut = set()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def become(self, loss, delay, jitter):
        self.loss, self.delay, self.jitter = loss, delay, jitter

    def forget(self):
        """Every client gets another address towards the server; what goes to the old ones is lost."""
        self.forgetting.set()

    def talking(self):
        """The clients that have been heard."""
        return set(self.backs)

    def cut_off(self, clients):
        """They are cut off for good, as by a firewall that forgot them: only another port of theirs passes."""
        self.cut = clients

    @staticmethod
    def bound(host="127.0.0.1"):
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        plug.bind((host, 0))
        plug.setblocking(False)
        return plug

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(5)
        for plug in [self.front, *self.backs.values()]:
            plug.close()

    def run(self):
        while not self.over.is_set():
            if self.forgetting.is_set():
                self.forgetting.clear()
                for plug in self.backs.values():
                    self.selector.unregister(plug)
                    plug.close()
                self.backs, self.clients, self.late = {}, {}, []
            pause = self.late[0][0] - time.monotonic() if self.late else 0.05
            for key, _ in self.selector.select(min(max(pause, 0), 0.05)):
                self.take(key.fileobj)
            while self.late and self.late[0][0] <= time.monotonic():
                _, _, plug, body, to = heapq.heappop(self.late)
                try:
                    plug.sendto(body, to)
                except OSError:
                    pass  # a client that has gone, or a full buffer: lost as anything else

    def take(self, plug):
        for _ in range(64):
            try:
                body, source = plug.recvfrom(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if plug is self.front:
                if source not in self.backs:
                    self.backs[source] = self.bound()
                    self.clients[self.backs[source]] = source
                    self.selector.register(self.backs[source], selectors.EVENT_READ)
                self.pass_on(self.backs[source], body, self.server, source)
            else:
                self.pass_on(self.front, body, self.clients[plug], self.clients[plug])

    def pass_on(self, plug, body, to, client):
        if client in self.cut or self.random.random() < self.loss:
            self.lost += 1
            return
        self.carried += 1
        self.count += 1
        wait = max(0.0, self.delay + self.random.uniform(-self.jitter, self.jitter))
        heapq.heappush(self.late, (time.monotonic() + wait, self.count, plug, body, to))
