"""Buying through a provider, by the command line: the sandbox, by hand, and Stripe (a double of it) doing everything wrong."""

import json
import random
import time

import pytest

from house import House, cli, euros
from stripe_double import KEY, SECRET, StripeDouble, post_event


def wait_for(look, patience=20):
    """What `look` gives once it gives something."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def balance(house, account):
    rows = house.call("GET", f"/v1/balances?account={account}", key=house.operator_key)["balances"]
    return sum(row["balance"] for row in rows if row["account"] == account)


def assert_clean(house):
    audit = house.call("GET", "/v1/audit", key=house.operator_key)
    assert audit["clean"], [check for check in audit["checks"] if check["findings"]]


def test_the_sandbox_and_payments_by_hand(tmp_path):
    house = House(tmp_path / "data", "--sandbox", "--set", "payments.manual=true").start()
    try:
        host = house.host()
        room = house.room(host, capacity=5)["room"]
        buyer = {"server": house.url, "wallet": tmp_path / "buyer.json"}
        operator = {"server": house.url, "key": house.operator_key}
        bought = json.loads(cli("ticket", "buy", room, "--provider", "sandbox", "--json", **buyer).stdout)
        assert bought["url"].endswith("sandbox_" + bought["charge"]) and bought["state"] == "open"
        charge = bought["charge"]
        cli("payment", "play", charge, "pay_twice", server=house.url)
        wait_for(lambda: "ticketed" in cli("payment", "show", charge, **buyer).stdout)
        tickets = json.loads(cli("hold", "show", bought["hold"], "--json", **buyer).stdout)["tickets"]
        verdict = cli("ticket", "verify", tickets[0]["token"], "--room", room, server=house.url).stdout
        assert verdict.startswith("valid")
        assert "charge_refund_not_covered" in cli("payment", "refund", charge, check=1, **buyer).stderr
        cli("ticket", "refund", tickets[0]["ticket"], **buyer)
        assert "succeeded" in cli("payment", "refund", charge, **buyer).stdout

        by_hand = json.loads(cli("ticket", "buy", room, "--provider", "manual", "--json", **buyer).stdout)
        for _ in range(2):
            cli(
                "payment", "confirm", by_hand["charge"], "--amount", "5.00 EUR", "--reference", "statement 7",
                **operator)
        assert "ticketed" in cli("payment", "show", by_hand["charge"], **operator).stdout
        assert "provider_unknown" in cli("ticket", "buy", room, "--provider", "stripe", check=1, **buyer).stderr

        cli("payment", "play", charge, "dispute", server=house.url)
        listed = wait_for(lambda: [
            line for line in cli("payment", "disputes", **operator).stdout.splitlines() if "contested" in line])
        assert charge in listed[0]
        assert len(cli("payment", "list", **operator).stdout.splitlines()) == 3
        assert_clean(house)
        house.stop()
    finally:
        house.end()


@pytest.fixture
def stripe():
    double = StripeDouble()
    yield double
    double.close()


@pytest.fixture
def served(tmp_path, stripe):
    """A server that pays through the double; its key and secret in files of its own."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    for name, text in [("stripe.key", KEY), ("stripe.secrets", f"whsec_old {SECRET}")]:
        (folder / name).write_text(text + "\n")
        (folder / name).chmod(0o600)
    house = House(
        folder, "--set", f"payments.stripe.url={stripe.url}", "--set",
        f"payments.stripe.keyFile={folder / 'stripe.key'}", "--set",
        f"payments.stripe.webhookSecretFile={folder / 'stripe.secrets'}").start()
    yield house
    house.end()


def checkout(house, room, wallet, count=1):
    return house.call(
        "POST", "/v1/checkouts", {"provider": "stripe", "room": room, "count": count, "price": euros(500)},
        wallet["key"], idempotency=f"checkout {count}".replace(" ", "-") + wallet["holder"][-6:])


def shown(house, charge):
    return house.call("GET", f"/v1/charges/{charge['charge']}", key=house.operator_key)


def session_of(stripe, charge):
    return next(
        name for name, session in stripe.sessions.items() if session["client_reference_id"] == charge["charge"])


def test_stripe_from_checkout_to_refund(served, stripe):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    charge = checkout(house, room, wallet, count=2)
    session = session_of(stripe, charge)
    assert charge["state"] == "open" and charge["url"] == stripe.sessions[session]["url"]
    # The statement is not written yet when the money comes.
    stripe.fees_are_written = False
    stripe.pay(session)
    stripe.deliver(house, copies=2)
    wait_for(lambda: shown(house, charge)["purchase"] == "ticketed")
    assert balance(house, "assets:psp") == 1000
    stripe.fees_are_written = True
    wait_for(lambda: balance(house, "assets:psp") == 1000 - 40, patience=30)
    assert shown(house, charge)["fees"] == [euros(40)]

    hold = house.call("GET", f"/v1/holds/{charge['hold']}", key=wallet["key"])
    for ticket in hold["tickets"]:
        house.refund(ticket["ticket"], wallet["key"])
    path = f"/v1/charges/{charge['charge']}/repayments"
    house.call("POST", path, {"amount": euros(300)}, wallet["key"], idempotency="first")
    # The answer to the second refund is lost: it is asked for again under its key, and made once.
    stripe.fail_next("lost")
    house.call("POST", path, {}, wallet["key"], idempotency="second")
    wait_for(lambda: all(back["state"] == "pending" for back in shown(house, charge)["repayments"]))
    assert sorted(refund["amount"] for refund in stripe.refunds.values()) == [300, 700]
    # Nothing has left the provider before it says so.
    assert balance(house, "assets:psp") == 960 and balance(house, "liabilities:repayments") == -1000
    for name in stripe.refunds:
        stripe.settle_refund(name, "succeeded")
    stripe.deliver(house)
    wait_for(lambda: balance(house, "assets:psp") == -40)
    first = next(name for name, refund in stripe.refunds.items() if refund["amount"] == 300)
    stripe.settle_refund(first, "failed")
    stripe.deliver(house, copies=3)
    wait_for(lambda: balance(house, "assets:psp") == 260)
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(300)]
    assert_clean(house)


def test_a_refund_whose_answer_was_lost_is_looked_for_before_a_no_is_believed(served, stripe):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    charge = checkout(house, room, wallet)
    stripe.pay(session_of(stripe, charge))
    stripe.deliver(house)
    wait_for(lambda: shown(house, charge)["purchase"] == "ticketed")
    hold = house.call("GET", f"/v1/holds/{charge['hold']}", key=wallet["key"])
    house.refund(hold["tickets"][0]["ticket"], wallet["key"])
    stripe.fail_next("lost")
    house.call("POST", f"/v1/charges/{charge['charge']}/repayments", {}, wallet["key"], idempotency="back")
    # Asked again, Stripe does not know the key any more and says that the payment was given back already.
    stripe.forget_keys()
    wait_for(lambda: [back["state"] for back in shown(house, charge)["repayments"]] == ["pending"])
    [name] = stripe.refunds
    assert balance(house, "liabilities:repayments") == -500
    stripe.settle_refund(name, "succeeded")
    stripe.deliver(house)
    wait_for(lambda: balance(house, "liabilities:repayments") == 0)
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(0)]
    assert_clean(house)


def test_a_payment_of_which_stripe_never_tells_is_asked_after(served, stripe):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    charge = checkout(house, room, wallet)
    operator = {"server": house.url, "key": house.operator_key}
    assert "open" in cli("payment", "ask", charge["charge"], **operator).stdout
    stripe.pay(session_of(stripe, charge))
    wait_for(lambda: "captured" in cli("payment", "ask", charge["charge"], **operator).stdout)
    assert shown(house, charge)["purchase"] == "ticketed"
    # What Stripe keeps was part of its answer.
    wait_for(lambda: balance(house, "assets:psp") == 500 - 32)
    other = checkout(house, room, house.wallet(0))
    stripe.expire(session_of(stripe, other))
    path = f"/v1/charges/{other['charge']}/ask"
    assert house.call("POST", path, key=house.operator_key, idempotency="ask")["state"] == "ended"
    stripe.deliver(house, copies=2)
    wait_for(lambda: shown(house, other)["state"] == "ended")
    assert balance(house, "assets:psp") == 500 - 32
    assert_clean(house)


@pytest.mark.parametrize("what", ["refund", "dispute"])
def test_an_answer_tells_what_went_back_as_well(served, stripe, what):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    charge = checkout(house, room, wallet)
    intent = stripe.pay(session_of(stripe, charge))
    stripe.refund_by_hand(intent) if what == "refund" else stripe.dispute(intent)
    path = f"/v1/charges/{charge['charge']}/ask"
    asked = house.call("POST", path, key=house.operator_key, idempotency="ask")
    assert asked["state"] == "captured"
    if what == "refund":
        assert [(one["state"], one["amount"]) for one in asked["repayments"]] == [("succeeded", euros(500))]
    else:
        assert [one["position"] for one in asked["disputes"]] == ["contested"]
    [ticket] = house.call("GET", f"/v1/wallets/{wallet['holder']}/tickets", key=wallet["key"])["tickets"]
    assert ticket["state"] == "refunded"
    assert house.call("GET", f"/v1/rooms/{room}")["seatsLeft"] == 9
    before = balance(house, "assets:psp")
    # Each event tells what is known.
    stripe.deliver(house, copies=2)
    time.sleep(1)
    assert balance(house, "assets:psp") == before
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] in ([], [euros(0)])
    assert_clean(house)


def test_a_card_fills_a_wallet_by_stripe_and_what_is_left_goes_back(served, stripe, tmp_path):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    buyer = {"server": house.url, "wallet": tmp_path / "buyer.json"}
    said = cli("wallet", "topup", "12.00 EUR", "--provider", "stripe", **buyer).stdout
    assert f"pay at    {stripe.url}" in said and "wallet    holder_" in said
    [(session, asked)] = stripe.sessions.items()
    assert asked["amount_total"] == 1200
    # The answer is lost, the event comes twice: the money is there once.
    stripe.pay(session)
    stripe.deliver(house, copies=2)
    wait_for(lambda: "12.00 EUR" in cli("wallet", "show", **buyer).stdout)
    wait_for(lambda: balance(house, "assets:psp") == 1200 - 43)
    cli("ticket", "buy", room, **buyer)
    charge = house.call("GET", "/v1/charges", key=house.operator_key)["charges"][0]["charge"]
    assert "captured" in cli("payment", "list", server=house.url, key=house.operator_key).stdout
    assert "back      7.00 EUR, pending" in cli("payment", "refund", charge, **buyer).stdout
    [back] = stripe.refunds
    stripe.settle_refund(back, "succeeded")
    stripe.deliver(house)
    wait_for(lambda: balance(house, "assets:psp") == 500 - 43)
    # Stripe's statement has each of it, and the books agree.
    operator = {"server": house.url, "key": house.operator_key}
    cli("provider", "read", "stripe", **operator)
    assert "charge_" not in cli("provider", "differences", **operator).stdout
    assert_clean(house)


def test_a_quote_for_a_provider_says_what_a_payment_through_it_posts(served, stripe, tmp_path):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    quoted = cli("quote", room, "--count", "2", "--provider", "stripe", server=house.url).stdout
    assert "10.00 EUR for 2" in quoted and "liabilities:escrow:" in quoted
    assert "provider_unknown" in cli("quote", room, "--provider", "manual", check=1, server=house.url).stderr


def test_stripe_that_fails_is_asked_again_and_a_killed_server_goes_on(served, stripe):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    stripe.fail_next("500", "lost", "429")
    charge = checkout(house, room, wallet)
    assert charge["state"] == "created" and "url" not in charge
    # The server dies between its own commit and Stripe's answer; the next one makes the call under the same key.
    house.kill()
    again = House(house.data, *house.arguments[house.arguments.index("policy=guichet-demo-2026") + 1:]).start()
    try:
        wait_for(lambda: shown(again, charge)["state"] == "open", patience=60)
        assert len(stripe.sessions) == 1
        # The money's event overtakes everything, and comes again after a restart.
        stripe.pay(session_of(stripe, charge))
        stripe.events.reverse()
        again.kill()
        third = House(house.data, *house.arguments[house.arguments.index("policy=guichet-demo-2026") + 1:]).start()
        try:
            stripe.deliver(third, copies=2)
            wait_for(lambda: shown(third, charge)["purchase"] == "ticketed")
            wait_for(lambda: balance(third, "assets:psp") == 500 - 32)
            assert_clean(third)
            assert KEY not in third.tail() and "buyer@example.org" not in third.tail()
            third.stop()
            held = (third.data / "ledger.sqlite").read_bytes()
            for secret in (KEY, SECRET, "buyer@example.org", "A Buyer"):
                assert secret.encode() not in held
        finally:
            third.end()
    finally:
        again.end()


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_of_stripes_events_ends_in_the_same_books(served, stripe, seed):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    order = random.Random(seed)
    ends = []
    for shuffle in (None, order.shuffle):
        wallet = house.wallet(0)
        before = {name: balance(house, name) for name in ("assets:psp", "assets:contested", "liabilities:contested")}
        charge = checkout(house, room, wallet, count=2)
        intent = stripe.pay(session_of(stripe, charge))
        dispute = stripe.dispute(intent)
        stripe.close_dispute(dispute, "won" if seed == 1 else "lost")
        stripe.deliver(house, copies=1 if shuffle is None else 3, shuffle=shuffle)
        position = "returned" if seed == 1 else "lost"
        wait_for(lambda: [row["position"] for row in shown(house, charge)["disputes"]] == [position])
        wait_for(lambda: shown(house, charge)["state"] == "captured")
        # A fee is asked for when the money has come.
        fees = 40 if seed == 1 else 1540
        wait_for(lambda: sum(fee["amount"] for fee in shown(house, charge)["fees"]) == fees)
        after = {name: balance(house, name) - amount for name, amount in before.items()}
        ends.append((after, shown(house, charge)["purchase"], [row["facts"] for row in shown(house, charge)["disputes"]]))
    assert ends[0] == ends[1]
    assert_clean(house)


def test_an_event_must_be_stripes_and_of_now(served, stripe):
    house = served
    event = {"id": "evt_x", "object": "event", "type": "account.updated", "data": {"object": {"id": "acct_1"}}}
    now = int(time.time())
    assert post_event(house, event) == 200
    assert post_event(house, event, timestamp=now - 290) == 200
    assert post_event(house, event, timestamp=now - 310) == 400
    # Stripe's own library takes an event of tomorrow; we don't.
    assert post_event(house, event, timestamp=now + 310) == 400
    assert post_event(house, event, secret="whsec_other") == 400
    assert post_event(house, event, secret="whsec_old") == 200
    assert post_event(house, {**event, "type": "payment_intent.succeeded"}) == 409


def test_stripes_statement_is_held_against_the_books(served, stripe):
    house = served
    finance = {"server": house.url, "key": house.operator_key}
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    charge = checkout(house, room, wallet, count=2)
    intent = stripe.pay(session_of(stripe, charge))
    stripe.deliver(house)
    wait_for(lambda: shown(house, charge)["purchase"] == "ticketed")
    wait_for(lambda: balance(house, "assets:psp") == 960)
    hold = house.call("GET", f"/v1/holds/{charge['hold']}", key=wallet["key"])
    house.refund(hold["tickets"][0]["ticket"], wallet["key"])
    house.call("POST", f"/v1/charges/{charge['charge']}/repayments", {}, wallet["key"], idempotency="back")
    for name in stripe.refunds:
        stripe.settle_refund(name, "succeeded")
    dispute = stripe.dispute(intent)
    stripe.close_dispute(dispute, "won")
    stripe.deliver(house, copies=2)
    wait_for(lambda: balance(house, "assets:psp") == 960 - 500)
    # A bill of Stripe's own, and a line of which nobody here knows anything.
    stripe.state(-700, 0, "eur", "fee", None)
    odd = stripe.state(300, 0, "eur", "topup", None)["id"]
    time.sleep(1.1)
    stripe.fail_next("500")
    assert "statement_unreachable" in cli("provider", "read", "stripe", check=69, **finance).stderr
    # Three pages, each with a line of the one before; the second one does not come at first.
    stripe.faults += [None, "timeout"]
    assert "statement_unreachable" in cli("provider", "read", "stripe", check=69, **finance).stderr
    assert "read through" in cli("provider", "read", "stripe", **finance).stdout
    listed = cli("provider", "differences", **finance).stdout.splitlines()
    assert len(listed) == 2 and listed[1].split()[:3] == ["kind", "stripe", odd]
    assert balance(house, "assets:psp") == 960 - 500 - 700
    assert sum(line["net"] for line in stripe.statement) - 300 == balance(house, "assets:psp")
    time.sleep(1.1)
    cli("provider", "read", **finance)
    assert balance(house, "assets:psp") == 960 - 500 - 700
    assert "statement_reason" in cli("provider", "resolve", "stripe", odd, "--reason", "", check=1, **finance).stderr
    assert "-3.00 EUR" in cli(
        "provider", "resolve", "stripe", odd, "--as", "fee", "--reason", "a credit for a broken month", **finance).stdout
    assert "agree" in cli("provider", "differences", **finance).stdout
    assert len(cli("provider", "statements", "stripe", **finance).stdout.splitlines()) >= 3
    assert sum(line["net"] for line in stripe.statement) == balance(house, "assets:psp")
    assert_clean(house)


def test_what_a_provider_that_is_gone_never_answered_two_people_answer(served, stripe):
    house = served
    room = house.room(house.host(), capacity=9)["room"]
    wallet = house.wallet(0)
    charge = checkout(house, room, wallet, count=2)
    stripe.pay(session_of(stripe, charge))
    stripe.deliver(house)
    wait_for(lambda: shown(house, charge)["purchase"] == "ticketed")
    wait_for(lambda: balance(house, "assets:psp") == 960)
    hold = house.call("GET", f"/v1/holds/{charge['hold']}", key=wallet["key"])
    house.refund(hold["tickets"][0]["ticket"], wallet["key"])
    stripe.faults += ["timeout"] * 50
    house.call("POST", f"/v1/charges/{charge['charge']}/repayments", {}, wallet["key"], idempotency="back")
    first = {"server": house.url, "key": house.operator_key}
    listed = cli("provider", "calls", **first).stdout.splitlines()
    assert len(listed) == 2 and listed[1].startswith("refund-repayment_") and " yes" in listed[1]
    call = listed[1].split()[0]
    assert "provider_call_waits" in cli(
        "provider", "answer", call, "made", "--reason", "too soon", check=1, **first).stderr
    house.stop()
    # The house has no Stripe any more: nobody asks again.
    later = House(house.data).start()
    try:
        first["server"] = later.url
        second = {"server": later.url, "key": later.second_key()}
        assert " no" in cli("provider", "calls", **first).stdout.splitlines()[1]
        said = cli("provider", "answer", call, "not_made", "--reason", "their last statement has no such refund", **first)
        assert "second person" in said.stdout
        assert "provider_call_same_person" in cli(
            "provider", "answer", call, "not_made", "--reason", "again", check=1, **first).stderr
        assert "is answered" in cli(
            "provider", "answer", call, "not_made", "--reason", "I looked as well", **second).stdout
        assert "every call" in cli("provider", "calls", **first).stdout
        assert balance(later, "liabilities:repayments") == 0
        assert later.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(500)]
        assert_clean(later)
        later.stop()
    finally:
        later.end()
