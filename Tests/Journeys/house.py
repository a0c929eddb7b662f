"""A real guichet server as a child process, its API and its command line, for the journeys."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

BINARY = os.environ.get("GUICHET_BINARY", "")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_address():
    """This machine's own address: some clients offer no candidates of the loopback interface, and take none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the kernel only says which way it would go.
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def reached_from_outside():
    """Settings of a server whose media is reached at the machine's own address."""
    return ["--set", "media.host=0.0.0.0", "--set", f"media.announce={own_address()}"]


def rfc3339(seconds_from_now):
    moment = datetime.now(timezone.utc) + timedelta(seconds=seconds_from_now)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def euros(minor_units):
    return {"amount": minor_units, "currency": "EUR"}


class Refused(Exception):
    """A 4xx or 5xx answer: its status and its problem details."""

    def __init__(self, status, body, headers):
        self.status, self.body, self.headers = status, body, headers
        try:
            self.problem = json.loads(body)
        except ValueError:
            self.problem = {}
        super().__init__(f"{status} {body[:300]!r}")

    @property
    def code(self):
        return self.problem.get("code")


class House:
    """One server process: `serve`, `ledger serve` or `gateway serve`, over one data folder."""

    def __init__(self, data, *arguments, port=None, media_port=0, command=("serve",), environment=None):
        self.data = pathlib.Path(data)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.arguments = [
            BINARY, *command, "--data", str(self.data), "--port", str(self.port), "--media-port", str(media_port),
            "--set", "policy=guichet-demo-2026", *arguments,
        ]
        self.environment = environment or {}
        self.process = None
        self.log = None

    def start(self, patience=20):
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log = open(self.data / f"server-{self.port}.log", "ab")
        self.process = subprocess.Popen(
            self.arguments, stdout=self.log, stderr=self.log, start_new_session=True, env={**os.environ, **self.environment})
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            try:
                self.call("GET", "/healthz")
                return self
            except (OSError, Refused):
                time.sleep(0.05)
        raise AssertionError(f"the server does not answer:\n{self.tail()}")

    def tail(self):
        return (self.data / f"server-{self.port}.log").read_text(errors="replace")[-3000:]

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        """Asks politely; a clean shutdown exits with 0."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) == 0, f"SIGTERM did not end in a clean exit:\n{self.tail()}"

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    @property
    def operator_key(self):
        return (self.data / "operator.key").read_text().strip()

    def raw(self, method, path, body=None, key=None, headers=None, timeout=30):
        request = urllib.request.Request(self.url + path, data=body, method=method)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read(), error.headers) from None

    def call(self, method, path, body=None, key=None, idempotency=None, timeout=30):
        headers = {}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if idempotency:
            headers["Idempotency-Key"] = idempotency
        _, answer, _ = self.raw(method, path, data, key, headers, timeout)
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            return answer

    # The story's steps, each one request.

    def host(self, name="Ana"):
        return self.call("POST", "/v1/hosts", {"name": name}, self.operator_key)

    def room(self, host, starts=-1, ends=3600, capacity=3, price=500, title="Night talk", opened=True, **more):
        begins = rfc3339(starts)
        body = {
            "title": title, "startsAt": begins, "endsAt": rfc3339(ends), "doorsOpenAt": begins,
            "capacity": capacity, "price": euros(price), **more,
        }
        room = self.call("POST", "/v1/rooms", body, host["key"])
        if opened:
            room = self.call("POST", f"/v1/rooms/{room['room']}/open", {}, host["key"])
        return room

    def wallet(self, amount=2000):
        wallet = self.call("POST", "/v1/wallets", {})
        if amount:
            self.top_up(wallet, amount)
        return wallet

    def top_up(self, wallet, amount):
        return self.call(
            "POST", f"/v1/wallets/{wallet['holder']}/topups", {"amount": euros(amount)}, self.operator_key,
            idempotency=uuid.uuid4().hex)

    def buy(self, room, wallet, price=500, idempotency=None):
        return self.call(
            "POST", "/v1/orders", {"room": room["room"], "price": euros(price)}, wallet["key"],
            idempotency=idempotency or uuid.uuid4().hex)

    def host_pass(self, host, room, role="host"):
        return self.call("POST", f"/v1/rooms/{room['room']}/passes", {"role": role}, host["key"])

    def refund(self, ticket, key):
        return self.call("POST", f"/v1/tickets/{ticket}/refund", {}, key, idempotency=uuid.uuid4().hex)

    def night(self, day=None, cut_now=True):
        day = day or self.business_day()
        return self.call("POST", "/v1/nights", {"day": day, "cutNow": cut_now}, self.operator_key, timeout=120)

    def second_key(self):
        """A second person of finance; made before the night, since a younger key approves nothing."""
        return self.call("POST", "/v1/keys", {"scope": "finance"}, self.operator_key)["key"]

    def night_by(self, key, day=None):
        """The night run with a key of its own, as a timer does: whoever makes a batch does not approve it."""
        return self.call("POST", "/v1/nights", {"day": day or self.business_day(), "cutNow": True}, key, timeout=120)

    def business_day(self):
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()

    def night_files(self, day):
        names = [file["name"] for file in self.call("GET", f"/v1/reports?day={day}", key=self.operator_key)["reports"]]
        return {name: self.raw("GET", f"/v1/reports/{name}?day={day}", key=self.operator_key)[1] for name in names}


def cli(*arguments, key=None, server=None, wallet=None, check=0, timeout=60):
    """Runs the binary as a person would; `check` is the exit code expected (None: any)."""
    environment = dict(os.environ)
    environment.pop("GUICHET_KEY", None)
    if key:
        environment["GUICHET_KEY"] = key
    if server:
        environment["GUICHET_URL"] = server
    if wallet:
        environment["GUICHET_WALLET"] = str(wallet)
    done = subprocess.run(
        [BINARY, *arguments], env=environment, capture_output=True, text=True, timeout=timeout)
    if check is not None:
        assert done.returncode == check, f"{arguments} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
