"""The story of test_localstripe: run inside a network namespace of its own, since localstripe listens on all addresses.

localstripe (GPL) is a process of its own and nothing else. It has PaymentIntents, refunds and webhooks of an older version of
the interface, and no checkout sessions: the buyer's page is refused, and the payment comes by its intent.
"""

import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

import stripe

from house import House, euros, free_port
from test_payments import assert_clean, balance, shown, wait_for


def main(folder):
    folder = pathlib.Path(folder)
    port = free_port()
    address = f"http://localhost:{port}"
    with open(folder / "localstripe.log", "wb") as log:
        foreign = subprocess.Popen(
            [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"], stdout=log, stderr=log,
            cwd=folder)
    house = None
    try:
        wait_for(lambda: answers(address))
        data = folder / "data"
        data.mkdir(mode=0o700)
        (data / "key").write_text("sk_test_12345\n")
        (data / "key").chmod(0o600)
        house = House(
            data, "--set", f"payments.stripe.url={address}", "--set", f"payments.stripe.keyFile={data / 'key'}",
            "--set", "payments.stripe.webhookSecret=whsec_local").start()
        stripe.api_key, stripe.api_base = "sk_test_12345", address
        story(house, address)
        house.stop()
    finally:
        foreign.kill()
        foreign.wait(10)
        if house:
            house.end()


def answers(address):
    try:
        urllib.request.urlopen(address, timeout=1)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def story(house, address):
    hook = urllib.request.Request(
        f"{address}/_config/webhooks/guichet", method="POST",
        data=f"url={house.url}/v1/providers/stripe/events&secret=whsec_local".encode())
    urllib.request.urlopen(hook, timeout=5)
    room = house.room(house.host(), capacity=5)["room"]
    wallet = house.wallet(0)
    charge = house.call(
        "POST", "/v1/checkouts", {"provider": "stripe", "room": room, "price": euros(500)}, wallet["key"],
        idempotency="checkout")
    assert charge["state"] == "ended"
    method = stripe.PaymentMethod.create(
        type="card", card={"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"})
    intent = stripe.PaymentIntent.create(
        amount=500, currency="eur", payment_method=method.id, metadata={"charge": charge["charge"]}, confirm=True)
    # Its own signer, its own version: the event finds our charge by what it carries along.
    wait_for(lambda: shown(house, charge)["purchase"] == "ticketed")
    assert shown(house, charge)["state"] == "captured"
    psp = balance(house, "assets:psp")
    hold = house.call("GET", f"/v1/holds/{charge['hold']}", key=wallet["key"])
    house.refund(hold["tickets"][0]["ticket"], wallet["key"])
    house.call(
        "POST", f"/v1/charges/{charge['charge']}/repayments", {}, wallet["key"], idempotency="back")
    wait_for(lambda: [back["state"] for back in shown(house, charge)["repayments"]] == ["succeeded"])
    assert balance(house, "assets:psp") == psp - 500
    refunds = stripe.Refund.list(payment_intent=intent.id).data
    assert [refund.amount for refund in refunds] == [500]
    assert_clean(house)


if __name__ == "__main__":
    main(sys.argv[1])
