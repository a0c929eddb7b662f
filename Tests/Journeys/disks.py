"""Disks of a test's own: a small one in memory that can be filled, and one that the kernel makes read-only in use."""

import os
import pathlib
import subprocess

import pytest


def mount(*arguments):
    as_root = [] if os.getuid() == 0 else ["sudo", "-n"]
    done = subprocess.run([*as_root, *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        pytest.skip(f"no disk of our own here: {' '.join(map(str, arguments))}: {done.stderr.strip()}")


class SmallDisk:
    """A tmpfs of a few megabytes."""

    def __init__(self, path, megabytes):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True)
        mount("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", self.path)
        self.filler = self.path / "filler"

    def fill(self):
        """Until not one more byte finds a place."""
        with open(self.filler, "ab", buffering=0) as file:
            block = b"x" * 65_536
            while block:
                try:
                    file.write(block)
                except OSError:
                    block = block[: len(block) // 2]

    def free(self):
        self.filler.unlink()

    def read_only(self):
        mount("mount", "-o", "remount,ro", self.path)

    def writable(self):
        mount("mount", "-o", "remount,rw", self.path)

    def end(self):
        subprocess.run(["umount", "-l", self.path], check=False, capture_output=True, timeout=60)


class FailingDisk:
    """An ext4 in a file, which the kernel turns read-only when it is told of an error, as it does when a disk dies."""

    def __init__(self, folder, megabytes=64):
        self.image = pathlib.Path(folder) / "disk.img"
        self.path = pathlib.Path(folder) / "disk"
        self.path.mkdir(parents=True)
        with open(self.image, "wb") as file:
            file.truncate(megabytes << 20)
        subprocess.run(["/sbin/mkfs.ext4", "-q", self.image], check=True, timeout=60)
        self.attach()
        os.chmod(self.path, 0o777)

    def attach(self):
        mount("mount", "-o", "loop,errors=remount-ro", self.image, self.path)

    def fail(self):
        device = subprocess.run(
            ["findmnt", "-no", "SOURCE", self.path], check=True, capture_output=True, text=True).stdout.strip()
        trigger = pathlib.Path("/sys/fs/ext4") / pathlib.Path(device).name / "trigger_fs_error"
        try:
            trigger.write_text("1")
        except OSError as error:
            pytest.skip(f"the kernel takes no error from us: {error}")

    def repair(self):
        """What an operator does with the disk; nothing is done to the files on it."""
        subprocess.run(["umount", self.path], check=True, timeout=60)
        subprocess.run(["/sbin/e2fsck", "-p", "-f", self.image], check=False, capture_output=True, timeout=60)
        self.attach()

    def end(self):
        subprocess.run(["umount", "-l", self.path], check=False, capture_output=True, timeout=60)
