"""A double of Stripe: the part of its interface that Guichet speaks, over real HTTP, with faults that a test asks for.

It keeps Stripe's rules where they matter: one answer for one idempotency key, amounts that can't be refunded twice, events
that are signed (by Stripe's own library) and may be sent twice, late and in any order.
"""

import itertools
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stripe import WebhookSignature

KEY = "sk_test_double_0123456789abcdef"
SECRET = "whsec_double"


class StripeDouble:
    def __init__(self):
        self.sessions, self.intents, self.charges, self.refunds, self.disputes = {}, {}, {}, {}, {}
        self.transfers, self.accounts = {}, set()
        # What moved our balance there, oldest first; served newest first, as Stripe does.
        self.statement = []
        self.lines_per_page = 2
        self.answers = {}
        self.requests = []
        self.faults = []
        self.events = []
        self.keys = set()
        self.fees_are_written = True
        # Answers 503 to whoever has its key.
        self.is_down = False
        self.numbers = itertools.count(1)
        self.lock = threading.RLock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                double.serve(self, "GET", {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                double.serve(self, "POST", dict(urllib.parse.parse_qsl(body, strict_parsing=True)))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fail_next(self, *faults):
        """`500`, `429`, `timeout` (nothing is done), `lost` (done, and the answer never comes), `slow`."""
        self.faults += faults

    def forget_keys(self):
        """As Stripe does after a day: what comes under an old key is carried out anew."""
        self.answers.clear()

    # Its own interface

    def serve(self, handler, method, form):
        path, query = urllib.parse.urlsplit(handler.path)[2:4]
        with self.lock:
            fault = self.faults.pop(0) if self.faults else None
            self.requests.append((method, path, form, handler.headers.get("Idempotency-Key")))
        if handler.headers.get("Authorization") != f"Bearer {KEY}":
            return self.reply(handler, 401, {"error": {"code": "api_key_invalid"}})
        if self.is_down:
            return self.reply(handler, 503, {"error": {"type": "api_error"}})
        if fault in ("500", "429"):
            return self.reply(handler, int(fault), {"error": {"type": "api_error"}})
        if fault == "timeout":
            handler.close_connection = True
            return handler.connection.close()
        if fault == "slow":
            time.sleep(0.5)
        with self.lock:
            if path == "/v1/disputes":
                asked = dict(urllib.parse.parse_qsl(query))
                found = [one for one in self.disputes.values() if one["payment_intent"] == asked["payment_intent"]]
                status, answer = 200, {"object": "list", "data": found, "has_more": False}
            elif path == "/v1/refunds" and method == "GET":
                asked = dict(urllib.parse.parse_qsl(query))
                found = [one for one in self.refunds.values() if one["payment_intent"] == asked["payment_intent"]]
                status, answer = 200, {"object": "list", "data": found, "has_more": False}
            elif path == "/v1/balance_transactions":
                status, answer = 200, self.balance_transactions(dict(urllib.parse.parse_qsl(query)))
            else:
                status, answer = self.once(method, path, form, handler.headers.get("Idempotency-Key"))
        if fault == "lost":
            handler.close_connection = True
            return handler.connection.close()
        self.reply(handler, status, answer)

    @staticmethod
    def reply(handler, status, answer):
        body = json.dumps(answer).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass

    def once(self, method, path, form, key):
        if method == "GET":
            return self.get(path)
        assert key, f"{path} came without an idempotency key"
        if key in self.answers:
            first, answer = self.answers[key]
            return answer if first == (path, form) else (400, {"error": {"code": "idempotency_error"}})
        answer = self.post(path, form)
        self.answers[key] = ((path, form), answer)
        return json.loads(json.dumps(answer))

    def get(self, path):
        kind, _, name = path.removeprefix("/v1/").rpartition("/")
        tables = {
            "checkout/sessions": self.sessions, "payment_intents": self.intents, "charges": self.charges,
            "refunds": self.refunds, "disputes": self.disputes, "transfers": self.transfers,
        }
        found = tables.get(kind, {}).get(name)
        if found is None:
            return 404, {"error": {"code": "resource_missing"}}
        return 200, self.expanded(found)

    def balance_transactions(self, asked):
        """A page of the statement. Each begins with the line before it once more, as if one had come in between."""
        assert asked["expand[]"] == "data.source" and 1 <= int(asked["limit"]) <= 100
        lines = [
            line for line in reversed(self.statement)
            if int(asked["created[gte]"]) <= line["created"] < int(asked["created[lt]"])]
        start = 0
        if "starting_after" in asked:
            start = next(n for n, line in enumerate(lines) if line["id"] == asked["starting_after"])
        end = start + self.lines_per_page + (1 if start else 0)
        return {"object": "list", "url": "/v1/balance_transactions", "data": lines[start:end], "has_more": end < len(lines)}

    def state(self, amount, fee, currency, category, source, name=None):
        line = {
            "id": name or f"txn_{next(self.numbers)}", "object": "balance_transaction", "amount": amount, "fee": fee,
            "net": amount - fee, "currency": currency, "created": int(time.time()), "status": "pending",
            "available_on": int(time.time()) + 172800, "reporting_category": category, "type": category,
            "source": source and json.loads(json.dumps(source)),
        }
        self.statement.append(line)
        return line

    def expanded(self, thing):
        """What `expand[]` asks for in every GET of ours."""
        thing = dict(thing)
        if thing["object"] == "checkout.session" and thing.get("payment_intent"):
            thing["payment_intent"] = self.expanded(self.intents[thing["payment_intent"]])
        if thing["object"] == "payment_intent" and thing.get("latest_charge"):
            thing["latest_charge"] = self.expanded(self.charges[thing["latest_charge"]])
        if thing["object"] == "charge":
            mine = [refund for refund in self.refunds.values() if refund["charge"] == thing["id"]]
            thing["refunds"] = {"object": "list", "data": mine, "has_more": False}
            thing["disputed"] = any(one["charge"] == thing["id"] for one in self.disputes.values())
            if not self.fees_are_written:
                thing["balance_transaction"] = None
        return thing

    def post(self, path, form):
        number = next(self.numbers)
        if path == "/v1/checkout/sessions":
            name = f"cs_test_{number}"
            self.sessions[name] = {
                "id": name, "object": "checkout.session", "status": "open", "payment_status": "unpaid",
                "client_reference_id": form["client_reference_id"], "payment_intent": None,
                "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
                "currency": form["line_items[0][price_data][currency]"], "url": f"{self.url}/pay/{name}",
                "metadata": {"charge": form["metadata[charge]"]}, "expires_at": int(form["expires_at"]),
                "customer_details": {"email": "buyer@example.org", "name": "A Buyer"},
                "success_url": form["success_url"], "cancel_url": form["cancel_url"],
            }
            if self.sessions[name]["expires_at"] < time.time() + 1800:
                return 400, {"error": {"code": "parameter_invalid_integer"}}
            return 200, dict(self.sessions[name])
        if path == "/v1/refunds":
            intent = self.intents[form["payment_intent"]]
            amount = int(form["amount"])
            if intent["amount_refunded"] + amount > intent["amount_received"]:
                return 400, {"error": {"code": "charge_already_refunded"}}
            intent["amount_refunded"] += amount
            name = f"re_{number}"
            self.refunds[name] = {
                "id": name, "object": "refund", "amount": amount, "currency": intent["currency"], "status": "pending",
                "payment_intent": intent["id"], "charge": intent["latest_charge"],
                "metadata": {"charge": form["metadata[charge]"], "repayment": form["metadata[repayment]"]},
            }
            self.state(-amount, 0, intent["currency"], "refund", self.refunds[name])
            return 200, dict(self.refunds[name])
        if path == "/v1/transfers":
            if form["destination"] not in self.accounts:
                return 400, {"error": {"code": "resource_missing"}}
            name = f"tr_{number}"
            self.transfers[name] = {
                "id": name, "object": "transfer", "amount": int(form["amount"]), "currency": form["currency"],
                "destination": form["destination"], "transfer_group": form["transfer_group"], "amount_reversed": 0,
                "reversed": False, "metadata": {
                    key: form[f"metadata[{key}]"] for key in ("payout", "batch", "digest")},
            }
            self.tell("transfer.created", self.transfers[name])
            self.state(-int(form["amount"]), 0, form["currency"], "transfer", self.transfers[name])
            return 200, dict(self.transfers[name])
        return 404, {"error": {"code": "resource_missing"}}

    # What buyers and banks do

    def reverse_transfer(self, name):
        transfer = self.transfers[name]
        transfer.update(reversed=True, amount_reversed=transfer["amount"])
        self.state(
            transfer["amount"], 0, transfer["currency"], "transfer_reversal",
            {"id": f"trr_{next(self.numbers)}", "object": "transfer_reversal", "transfer": name})
        self.tell("transfer.reversed", transfer)

    def tell(self, kind, thing):
        self.events.append(
            {
                "id": f"evt_{next(self.numbers)}", "object": "event", "type": kind, "api_version": "2024-06-20",
                "data": {"object": json.loads(json.dumps(thing))},
            })

    def pay(self, session):
        with self.lock:
            number = next(self.numbers)
            held = self.sessions[session]
            fee = held["amount_total"] * 15 // 1000 + 25
            charge = {
                "id": f"ch_{number}", "object": "charge", "payment_intent": f"pi_{number}",
                "amount": held["amount_total"], "currency": held["currency"], "metadata": held["metadata"],
                "balance_transaction": {
                    "id": f"txn_{number}", "object": "balance_transaction", "amount": held["amount_total"],
                    "fee": fee, "net": held["amount_total"] - fee, "currency": held["currency"],
                },
            }
            intent = {
                "id": f"pi_{number}", "object": "payment_intent", "status": "succeeded",
                "amount_received": held["amount_total"], "amount_refunded": 0, "currency": held["currency"],
                "latest_charge": charge["id"], "metadata": held["metadata"],
            }
            self.charges[charge["id"]], self.intents[intent["id"]] = charge, intent
            self.state(
                held["amount_total"], fee, held["currency"], "charge",
                {"id": charge["id"], "object": "charge", "payment_intent": intent["id"]}, f"txn_{number}")
            held.update(status="complete", payment_status="paid", payment_intent=intent["id"])
            self.tell("payment_intent.succeeded", intent)
            self.tell("charge.succeeded", {**charge, "balance_transaction": charge["balance_transaction"]["id"]})
            self.tell("checkout.session.completed", held)
            return intent["id"]

    def expire(self, session):
        self.sessions[session].update(status="expired")
        self.tell("checkout.session.expired", self.sessions[session])

    def refund_by_hand(self, intent):
        """All of a payment, on Stripe's own page."""
        paid = self.intents[intent]
        name = f"re_{next(self.numbers)}"
        self.refunds[name] = {
            "id": name, "object": "refund", "amount": paid["amount_received"], "currency": paid["currency"],
            "status": "succeeded", "payment_intent": intent, "charge": paid["latest_charge"], "metadata": {},
        }
        paid["amount_refunded"] = paid["amount_received"]
        self.state(-paid["amount_received"], 0, paid["currency"], "refund", self.refunds[name])
        self.tell("refund.created", self.refunds[name])

    def settle_refund(self, refund, status):
        self.refunds[refund]["status"] = status
        if status == "failed":
            failed = self.refunds[refund]
            self.state(failed["amount"], 0, failed["currency"], "refund_failure", failed)
        self.tell("refund.failed" if status == "failed" else "refund.updated", self.refunds[refund])

    def dispute(self, intent):
        paid = self.intents[intent]
        name = f"du_{next(self.numbers)}"
        self.disputes[name] = {
            "id": name, "object": "dispute", "amount": paid["amount_received"], "currency": paid["currency"],
            "payment_intent": intent, "charge": paid["latest_charge"], "status": "needs_response",
            "balance_transactions": [], "metadata": {},
        }
        self.tell("charge.dispute.created", self.disputes[name])
        self.disputes[name]["balance_transactions"].append(
            self.state(
                -paid["amount_received"], 1500, paid["currency"], "dispute",
                {"id": name, "object": "dispute", "payment_intent": intent, "charge": paid["latest_charge"]}))
        self.tell("charge.dispute.funds_withdrawn", self.disputes[name])
        return name

    def close_dispute(self, name, status):
        dispute = self.disputes[name]
        dispute["status"] = status
        if status == "won":
            dispute["balance_transactions"].append(
                self.state(
                    dispute["amount"], -1500, dispute["currency"], "dispute_reversal",
                    {"id": name, "object": "dispute", "payment_intent": dispute["payment_intent"]}))
            self.tell("charge.dispute.funds_reinstated", dispute)
        self.tell("charge.dispute.closed", dispute)

    # Its webhooks

    def deliver(self, house, copies=1, shuffle=None, secret=SECRET):
        """Sends what is queued, each so many times; in an order of the caller's if it gives one."""
        with self.lock:
            queue, self.events = [event for event in self.events for _ in range(copies)], []
        if shuffle:
            shuffle(queue)
        for event in queue:
            assert post_event(house, event, secret) == 200, event["type"]


def post_event(house, event, secret=SECRET, timestamp=None):
    body = json.dumps(event)
    header = WebhookSignature.generate_signature_header(body, secret, timestamp)
    request = urllib.request.Request(
        house.url + "/v1/providers/stripe/events", data=body.encode(), method="POST",
        headers={"Stripe-Signature": header, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
