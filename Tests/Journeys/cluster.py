"""A private PostgreSQL server for a journey: its own folder, a Unix socket only, fsync on, killed at will."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


class Cluster:
    def __init__(self):
        versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        assert versions, "PostgreSQL is missing: Scripts/test installs postgresql-15"
        self.bin = versions[-1].parent
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="guichet-pg-", dir="/tmp"))
        self.user = []
        if os.getuid() == 0:
            # The server refuses to run as root.
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.user = ["runuser", "-u", "postgres", "--"]
        self.data = self.folder / "data"
        self.address = f"host={self.folder} user=guichet dbname=postgres"
        subprocess.run(
            [*self.user, self.bin / "initdb", "-D", self.data, "-U", "guichet", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "-N"], check=True, capture_output=True, cwd="/", timeout=120)

    def start(self, patience=60):
        deadline = time.monotonic() + patience
        while True:
            log = open(self.folder / "server.log", "ab")
            process = subprocess.Popen(
                [*self.user, self.bin / "postgres", "-D", self.data, "-c", "listen_addresses=", "-c",
                 f"unix_socket_directories={self.folder}", "-c", "fsync=on"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True)
            log.close()
            while process.poll() is None and time.monotonic() < deadline:
                if self.ready():
                    self.process = process
                    return self
                time.sleep(0.05)
            # After a kill the last of the old server's processes may hold its memory for a moment.
            assert time.monotonic() < deadline, (self.folder / "server.log").read_text(errors="replace")[-3000:]
            time.sleep(0.1)

    def ready(self):
        return subprocess.run(
            [self.bin / "pg_isready", "-q", "-h", self.folder], timeout=10, check=False).returncode == 0

    def kill(self):
        """As a power cut would: no clean end, recovery from the log at the next start."""
        number = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGKILL)
        self.process.wait(30)

    def end(self):
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(number, signal.SIGINT)
            self.process.wait(30)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            pass
        shutil.rmtree(self.folder, ignore_errors=True)
