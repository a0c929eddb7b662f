"""Lines that break: a proxy whose event streams can be cut, and a reader of event streams."""

import socket
import threading
import urllib.request


class Proxy:
    """Passes TCP through to a port of this machine; remembers the heads of requests for events, and cuts those lines."""

    def __init__(self, port):
        self.target = port
        self.heads = []
        self.lines = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(one, other, one is client), daemon=True).start()

    def carry(self, source, target, is_request):
        try:
            while data := source.recv(65536):
                if is_request and b"/events" in data.split(b"\r\n")[0]:
                    self.heads.append(data.decode(errors="replace"))
                    self.lines.append((source, target))
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """Cuts every line that carries events; returns how many."""
        cut, self.lines = self.lines, []
        for pair in cut:
            for one in pair:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        return len(cut)

    def close(self):
        self.cut()
        self.server.close()


class Events(threading.Thread):
    """Reads a room's events until it is told to stop: a list of (id, name, data)."""

    def __init__(self, house, room, token, after=None):
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": after} if after else {})
        self.answer = urllib.request.urlopen(
            urllib.request.Request(f"{house.url}/rooms/{room}/events", headers=headers), timeout=60)
        self.events = []
        self.start()

    def run(self):
        fields = {}
        try:
            for line in self.answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                    continue
                if "event" in fields:
                    self.events.append((fields.get("id"), fields["event"], fields.get("data")))
                fields = {}
        except (OSError, ValueError, AttributeError):
            pass

    @property
    def last(self):
        return self.events[-1][0] if self.events else None

    def numbers(self):
        return [int(one[0].split("-")[1]) for one in self.events]

    def stop(self):
        self.answer.fp.raw._sock.shutdown(socket.SHUT_RDWR)
