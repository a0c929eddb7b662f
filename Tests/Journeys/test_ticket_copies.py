"""A ticket as other programs read it: every check printed, a QR code that zbarimg reads, a calendar entry."""

import json
import re
import subprocess

import icalendar

from house import cli


def read_code(modules, path):
    """What zbarimg finds in a picture of rows of booleans (dark is true), four pixels a module."""
    scale = 4
    rows = [bytes(0 if dark else 255 for dark in row for _ in range(scale)) for row in modules for _ in range(scale)]
    path.write_bytes(b"P5\n%d %d\n255\n" % (len(rows[0]), len(rows)) + b"".join(rows))
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.removesuffix(b"\n")


def from_terminal(text):
    light = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    rows = []
    for line in text.rstrip("\n").split("\n"):
        for half in (0, 1):
            rows.append([not light[character][half] for character in line])
    # The last half row lies below the quiet zone: nothing is drawn there.
    return rows[:-1] if len(rows) > len(rows[0]) else rows


def from_svg(text):
    side = int(re.search(r'viewBox="0 0 (\d+) ', text)[1])
    rows = [[False] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", text):
        for column in range(int(x), int(x) + int(width)):
            rows[int(y)][column] = True
    return rows


def test_codes_of_every_size_are_read_by_a_foreign_decoder(tmp_path):
    # Versions 1, 7 (the first with a version field), 10 (a longer count), 21 and 40.
    for length in (5, 140, 250, 900, 2900):
        text = ("Guichet/" * 400)[:length]
        drawn = cli("ticket", "qr", "--text", text).stdout
        assert read_code(from_terminal(drawn), tmp_path / "terminal.pgm") == text.encode(), length
        cli("ticket", "qr", "--text", text, "--svg", str(tmp_path / "code.svg"))
        assert read_code(from_svg((tmp_path / "code.svg").read_text()), tmp_path / "svg.pgm") == text.encode(), length
    cli("ticket", "qr", "--text", "x" * 2954, check=64)


def test_a_ticket_is_inspected_shown_and_entered_in_a_calendar(house, tmp_path):
    host = house.host()
    room = house.room(host, title="Soirée; thé, café")
    wallet = house.wallet()
    sale = house.buy(room, wallet)
    keep = tmp_path / "wallet.json"
    keep.write_text(json.dumps({"holder": wallet["holder"], "key": wallet["key"]}))

    # The code is the link that opens the room with this ticket.
    _, svg, _ = house.raw("GET", f"/v1/tickets/{sale['ticket']}/qr.svg", key=wallet["key"])
    link = f"{house.url}/r/{room['room']}#ticket={sale['token']}".encode()
    assert read_code(from_svg(svg.decode()), tmp_path / "ticket.pgm") == link
    shown = cli("ticket", "qr", sale["ticket"], server=house.url, wallet=keep).stdout
    assert read_code(from_terminal(shown), tmp_path / "shown.pgm") == link

    entry = cli("ticket", "calendar", sale["ticket"], server=house.url, wallet=keep).stdout
    _, raw, _ = house.raw("GET", f"/v1/tickets/{sale['ticket']}/calendar.ics", key=wallet["key"])
    assert b"\r\n" in raw and sale["token"].encode() not in raw and entry
    calendar = icalendar.Calendar.from_ical(raw)
    event = calendar.walk("VEVENT")[0]
    assert not event.errors and not calendar.errors
    assert str(event["summary"]) == "Soirée; thé, café"
    assert event["uid"] == f"{sale['ticket']}@guichet"
    assert event.decoded("dtstart").utcoffset().total_seconds() == 0
    assert event.decoded("dtstart").isoformat()[:19] == room["startsAt"][:19]

    # Every check with its rule: offline with the key set and a signed snapshot.
    keys, snapshot = tmp_path / "keys.json", tmp_path / "snapshot.jws"
    keys.write_bytes(house.raw("GET", "/.well-known/jwks.json")[1])
    gateway = house.call("POST", "/v1/keys", {"scope": "gateway"}, house.operator_key)["key"]

    def inspect(token, *arguments, check=0):
        snapshot.write_bytes(house.raw("GET", "/v1/gateway/snapshot.jws", key=gateway)[1])
        # A server that is not there: nothing is asked of one.
        done = cli(
            "ticket", "inspect", token, "--jwks", str(keys), "--snapshot", str(snapshot), "--json", *arguments,
            server="http://127.0.0.1:9", check=check)
        return json.loads(done.stdout)

    good = inspect(sale["token"], "--room", room["room"])
    assert good["valid"] and good["ticket"] == sale["ticket"] and len(good["checks"]) == 17
    assert all(check["rule"] for check in good["checks"])
    outcomes = {check["name"]: check["outcome"] for check in good["checks"]}
    assert outcomes.pop("role") == "skipped" and set(outcomes.values()) == {"passed"}
    assert inspect(sale["token"], "--at", "+2d", check=1)["code"] == "ticket_expired"
    head, body, signature = sale["token"].split(".")
    forged = f"{head}.{body}.{'A' * len(signature)}"
    assert inspect(forged, check=1)["code"] == "ticket_signature"
    house.refund(sale["ticket"], wallet["key"])
    assert inspect(sale["token"], check=1)["code"] == "ticket_revoked"
    words = cli("ticket", "inspect", sale["token"], server=house.url).stdout
    assert "RFC 8725" in words and "This ticket is good." in words
