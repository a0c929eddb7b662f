"""The wall clock of the server goes back an hour and forward a day, between sales and under them.

libfaketime gives the server, and only it, a clock that the test moves; the monotonic clock stays as it is.
"""

import http.client
import os
import pathlib
import shutil
import signal
import sqlite3
import threading
import time
import uuid
from datetime import date, timedelta

import pytest

from books import check_books
from house import House, Refused, cli
from test_kill import tickets

HOUR, DAY = 3600, 86_400


class SteppedHouse(House):
    """A server under libfaketime whose clock is where a file says.

    Swift finds its arguments through the environment's place in memory, which the library moves if it has to make its
    shared memory itself; so its own wrapper makes that, and is told the time by the file only.
    """

    def __init__(self, tmp_path):
        assert shutil.which("faketime"), "faketime is missing: Scripts/test installs it"
        self.clock = tmp_path / "clock"
        super().__init__(
            tmp_path / "data", "--sandbox", command=("ledger", "serve"),
            environment={
                "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            })
        script = 'unset FAKETIME; exec "$0" "$@"'
        self.arguments = ["faketime", "-f", "+0", "sh", "-c", script, *self.arguments]
        self.shift(0)

    def shift(self, seconds):
        # Written beside and renamed: the server reads the file at every look at its clock.
        following = self.clock.with_suffix(".next")
        following.write_text(f"{seconds:+d}\n")
        os.replace(following, self.clock)

    def signal(self, number):
        """To the server; the wrapper ends with its exit code."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        self.signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, f"SIGTERM did not end in a clean exit:\n{self.tail()}"

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()


@pytest.fixture
def house(tmp_path):
    house = SteppedHouse(tmp_path).start()
    yield house
    house.end()


def verdict(house, sale):
    return house.call("POST", "/v1/tickets/verify", {"token": sale["token"]})["code"]


def journal(house):
    with sqlite3.connect(f"file:{house.data / 'ledger.sqlite'}?mode=ro", uri=True) as database:
        return database.execute("SELECT seq, posted_us, effective_on FROM entries ORDER BY seq").fetchall()


def test_a_clock_that_steps_moves_no_entry_back_and_makes_no_ticket_valid_early(house, tmp_path):
    host = house.host()
    room = house.room(host, starts=2 * DAY, ends=2 * DAY + HOUR, capacity=10_000, price=100, opened=False)
    wallet = house.wallet(100_000)
    sales = {}

    def buy():
        intention = uuid.uuid4().hex
        sales[intention] = house.buy(room, wallet, 100, idempotency=intention)

    for shift in (0, -HOUR, DAY, DAY - HOUR, 0, 2 * DAY - HOUR):
        house.shift(shift)
        buy()
        buy()
        # Every earlier intention is answered as before, whatever the clock says now.
        for intention, sale in sales.items():
            assert house.buy(room, wallet, 100, idempotency=intention) == sale
            assert verdict(house, sale) == "ticket_not_yet_valid"
    house.shift(2 * DAY + HOUR // 2)
    assert {verdict(house, sale) for sale in sales.values()} == {"ticket_valid"}
    house.shift(2 * DAY + 2 * HOUR)
    assert {verdict(house, sale) for sale in sales.values()} == {"ticket_expired"}
    house.shift(2 * DAY - HOUR)

    entries = journal(house)
    assert [seq for seq, _, _ in entries] == list(range(1, len(entries) + 1))
    assert [posted for _, posted, _ in entries] == sorted(posted for _, posted, _ in entries)
    assert [day for _, _, day in entries] == sorted(day for _, _, day in entries)
    # Two days on by the server's clock; the night of its day holds all of them.
    last = (date.fromisoformat(house.business_day()) + timedelta(days=2)).isoformat()
    assert entries[-1][2] in (last, (date.fromisoformat(last) - timedelta(days=1)).isoformat())
    house.business_day = lambda: entries[-1][2]
    check_books(house, tmp_path)
    house.stop()
    cli("audit", "--data", str(house.data))


def test_a_clock_that_steps_under_a_rush_loses_and_doubles_nothing(house, tmp_path):
    host = house.host()
    room = house.room(host, starts=3 * DAY, ends=3 * DAY + HOUR, capacity=100_000, price=100, opened=False)
    wallets = [house.wallet(1_000_000) for _ in range(3)]
    sold, stop = {}, threading.Event()

    def sell(wallet):
        while not stop.is_set():
            intention = uuid.uuid4().hex
            try:
                sold[intention] = (wallet, house.buy(room, wallet, 100, idempotency=intention))
            except (OSError, http.client.HTTPException) as error:
                raise AssertionError(f"a step of the clock is no reason to fail: {error}") from error

    sellers = [threading.Thread(target=sell, args=(wallet,)) for wallet in wallets]
    for seller in sellers:
        seller.start()
    for shift in (0, -HOUR, DAY, -HOUR, DAY + HOUR, 0):
        house.shift(shift)
        time.sleep(0.5)
    stop.set()
    for seller in sellers:
        seller.join(30)
    assert len(sold) > 20
    # A kill and a start while the clock is behind the last entry.
    house.kill()
    house.shift(-HOUR)
    house.start()
    held = tickets(house, wallets)
    assert sorted(held) == sorted(sale["ticket"] for _, sale in sold.values())
    try:
        house.buy(room, wallets[0], 100)
    except Refused as refused:
        raise AssertionError("the ledger does not sell any more") from refused
    entries = journal(house)
    assert [posted for _, posted, _ in entries] == sorted(posted for _, posted, _ in entries)
    house.stop()
    cli("audit", "--data", str(house.data))
