"""Firefox, driven by the protocol that it speaks itself (Marionette, WebDriver's commands over TCP): no driver between."""

import json
import pathlib
import shutil
import socket
import subprocess
import time

from networks import inside_of

# Sound without a tap and without a sound card; peers of this machine are as good as others.
PREFERENCES = {
    "marionette.port": 0,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "intl.accept_languages": "en-GB, en",
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


class ScriptFault(Exception):
    """What Firefox answers to a command that it can't carry out."""


class Firefox:
    def __init__(self, folder, namespace=None):
        """`namespace`: a network of its own (networks.py) in which it runs."""
        self.namespace = namespace
        self.profile = pathlib.Path(folder) / "firefox"
        self.count = 0

    def __enter__(self):
        self.profile.mkdir(parents=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (self.profile / "user.js").write_text("\n".join(lines) + "\n")
        self.log = open(self.profile / "firefox.log", "wb")
        inside = [shutil.which("ip"), "netns", "exec", self.namespace] if self.namespace else []
        self.process = subprocess.Popen(
            [*inside, "firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(self.profile)],
            stdout=self.log, stderr=self.log, env={"HOME": str(self.profile), "PATH": "/usr/bin:/bin", "MOZ_LOG": ""})
        try:
            there = ("127.0.0.1", self.port())
            self.line = (
                inside_of(self.namespace, lambda: socket.create_connection(there, 10)) if self.namespace
                else socket.create_connection(there, 10))
            self.line.settimeout(90)
            self.buffer = b""
            self.read()
            self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})
            self.command("WebDriver:SetTimeouts", {"script": 60_000, "pageLoad": 60_000})
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def port(self, patience=60):
        """Firefox writes down which port it took."""
        file = self.profile / "MarionetteActivePort"
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.profile / "firefox.log").read_text(errors="replace")[-2000:]
            if file.exists() and (text := file.read_text().strip()):
                return int(text)
            time.sleep(0.1)
        raise AssertionError("Firefox opened no port")

    def read(self):
        """One message: its length in bytes, a colon, and JSON."""
        while b":" not in self.buffer:
            self.receive()
        length, _, rest = self.buffer.partition(b":")
        while len(rest) < int(length):
            self.receive()
            rest = self.buffer.partition(b":")[2]
        self.buffer = rest[int(length):]
        return json.loads(rest[: int(length)])

    def receive(self):
        more = self.line.recv(65536)
        if not more:
            raise AssertionError("Firefox closed the line")
        self.buffer += more

    def command(self, name, parameters):
        self.count += 1
        body = json.dumps([0, self.count, name, parameters]).encode()
        self.line.sendall(str(len(body)).encode() + b":" + body)
        _, number, fault, result = self.read()
        assert number == self.count
        if fault:
            raise ScriptFault(f"{fault['error']}: {fault['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def goto(self, url):
        self.command("WebDriver:Navigate", {"url": url})

    def evaluate(self, expression, *given):
        """The value of an expression or of the promise that it is; `given` are its `arguments`."""
        script = """
            const done = arguments[arguments.length - 1];
            const given = [...arguments].slice(0, -1);
            (async () => (%s))().then((value) => done({ value }), (error) => done({ error: String(error) }));
        """ % expression
        answer = self.command("WebDriver:ExecuteAsyncScript", {"script": script, "args": list(given), "sandbox": None})
        if "error" in answer:
            raise ScriptFault(answer["error"])
        return answer.get("value")

    def until(self, expression, *given, patience=20):
        deadline = time.monotonic() + patience
        while True:
            value = self.evaluate(expression, *given)
            if value:
                return value
            assert time.monotonic() < deadline, f"never so: {expression}: {value!r}"
            time.sleep(0.1)

    def tap(self, name):
        self.until("document.querySelector(`[data-test=\"${given[0]}\"]`)?.checkVisibility()", name)
        self.evaluate("document.querySelector(`[data-test=\"${given[0]}\"]`).click()", name)
