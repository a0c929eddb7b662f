"""Networks of their own beside the machine's (ip-netns): a bad cable, and a router that lets no UDP through."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import threading
import uuid

import pytest

NEW_NETWORK = 0x40000000  # CLONE_NEWNET of setns(2)


def run(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True)


def reached_at(address):
    """Settings of a server that is reached at one of the machine's addresses."""
    return ["--host", "0.0.0.0", "--set", "media.host=0.0.0.0", "--set", f"media.announce={address}"]


@contextlib.contextmanager
def namespaces(count):
    """Names of so many new network namespaces, each with a loopback that is up."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("tc"):
        pytest.skip("network namespaces need root, ip and tc (iproute2)")
    names = [f"guichet{uuid.uuid4().hex[:6]}" for _ in range(count)]
    try:
        for name in names:
            if run("ip", "netns", "add", name, check=False).returncode:
                pytest.skip("this machine lets nobody make network namespaces")
            run("ip", "-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            run("ip", "netns", "del", name, check=False)


def cable(near, far, addresses, links):
    """A pair of virtual cable ends, each in a namespace (None: the machine's) with an address of a /30."""
    inside = [["ip"] if end is None else ["ip", "-n", end] for end in (near, far)]
    where = [] if near is None else ["netns", near]
    run("ip", "link", "add", links[0], *where, "type", "veth", "peer", "name", links[1], "netns", far)
    for words, address, link in zip(inside, addresses, links):
        run(*words, "addr", "add", f"{address}/30", "dev", link)
        run(*words, "link", "set", link, "up")


@contextlib.contextmanager
def network_namespace():
    """A network of its own behind a pair of virtual cables, whose near end loses and delays (tc-netem)."""
    with namespaces(1) as [name]:
        near, far = f"{name[-6:]}a", f"{name[-6:]}b"
        try:
            cable(None, name, ("10.213.77.1", "10.213.77.2"), (near, far))

            def worsen():
                """From here on the cable is bad, for HTTP as well."""
                for words in (("tc",), ("ip", "netns", "exec", name, "tc")):
                    end = near if len(words) == 1 else far
                    done = run(
                        *words, "qdisc", "add", "dev", end, "root", "netem", "loss", "30%", "delay", "200ms", "200ms",
                        check=False)
                    if done.returncode:
                        pytest.skip(f"this kernel has no netem: {done.stderr.strip()}")

            yield name, "10.213.77.1", worsen
        finally:
            run("ip", "link", "del", near, check=False)


@contextlib.contextmanager
def network_without_udp():
    """The namespace of a machine behind a router that carries TCP and swallows every datagram of UDP without a word, and
    the address at which this machine is reached from there."""
    with namespaces(2) as [inside, router]:
        near, far = f"{router[-6:]}a", f"{router[-6:]}b"
        try:
            cable(None, router, ("10.213.78.1", "10.213.78.2"), (near, far))
            cable(router, inside, ("10.213.78.5", "10.213.78.6"), (f"{inside[-6:]}a", f"{inside[-6:]}b"))
            run("ip", "route", "add", "10.213.78.4/30", "via", "10.213.78.2")
            run("ip", "-n", inside, "route", "add", "default", "via", "10.213.78.5")
            run("ip", "netns", "exec", router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
            done = run("ip", "-n", router, "rule", "add", "ipproto", "udp", "blackhole", "pref", "10", check=False)
            if done.returncode:
                pytest.skip(f"this kernel has no rules by protocol: {done.stderr.strip()}")
            yield inside, "10.213.78.1"
        finally:
            run("ip", "link", "del", near, check=False)


def inside_of(name, body):
    """What `body` returns in a thread that has entered a namespace; a socket that it makes stays there."""
    found = []

    def enter():
        try:
            with open(f"/var/run/netns/{name}") as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            found.append(body())
        except Exception as fault:  # told to whoever called
            found.append(fault)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
