"""A receiver of webhooks as somebody else would write it: a real socket, signatures checked by a foreign library."""

import http.server
import json
import threading

from standardwebhooks.webhooks import Webhook


class Receiver:
    """Keeps what it took, in order. `answer` decides the status of each delivery; it may take its time."""

    def __init__(self, answer=lambda event: 204):
        self.answer, self.secrets = answer, []
        self.events, self.attempts, self.lock = [], [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = receiver.take(body, dict(self.headers.items()))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body, headers):
        verified = None
        for secret in self.secrets:
            # Raises for a wrong signature, a wrong id and a time that is not now.
            verified = Webhook(secret).verify(body, headers)
        event = json.loads(body)
        assert verified is None or verified == event
        assert headers["webhook-id"] == event["id"]
        with self.lock:
            self.attempts.append(event)
        status = self.answer(event)
        headers = {}
        if isinstance(status, tuple):
            status, headers = status
        if 200 <= status < 300:
            with self.lock:
                self.events.append(event)
        return status, headers

    def ids(self):
        with self.lock:
            return [event["id"] for event in self.events]

    def end(self):
        self.server.shutdown()
        self.server.server_close()


def once(events):
    """The events without their repetitions; a repetition says what the first one said."""
    seen = {}
    for event in events:
        assert seen.setdefault(event["id"], event) == event
    return list(seen.values())
