import Store

/// The rules and their rows, for ``WrongInsertTests``: a right row, and what each wrong one has in its place.
extension WrongInsertTests {
    static let cases: [Case] = [
        Case(
            "an entry is reversed once, and a reversal never", "entries",
            """
            seq = 5; prev_seq = 4; entry = 'e5'; posted_us = (SELECT posted_us FROM entries WHERE seq = 4); \
            effective_on = (SELECT effective_on FROM entries WHERE seq = 4); kind = 'reversal'; reverses = (SELECT \
            entry FROM entries WHERE seq = 2); is_reversal = 1; target_is_reversal = 0; prev_hash = (SELECT hash \
            FROM entries WHERE seq = 4); hash = (SELECT prev_hash FROM entries WHERE seq = 4)
            """,
            wrong: "reverses = (SELECT entry FROM entries WHERE seq = 1)",
            "reverses = (SELECT entry FROM entries WHERE seq = 4)"),
        Case(
            "an order is sold at the price of its version", "orders",
            """
            order_id = 'o4'; room = 'r'; holder = 'w'; price_version = 1; price_kind = 'fixed'; currency = 'EUR'; \
            price = 500; extra = 0; discount = 0; gross = 500; vat = 100; fee = 0; base = 400; fee_refundable = 0; \
            vat_account = 'x'; fee_account = 'y'; policy = 'p'; channel = 'web'; country = NULL; country_source = \
            NULL; ticket = 't4'; sold_us = 1; sold_seq = 1; sold_on = '2026-02-25'
            """,
            wrong: "price = 499; gross = 499; base = 399", "price_version = 2", "currency = 'USD'",
            "holder = 'nobody'", "price_kind = 'floor'"),
        Case(
            "an order is the sum of its parts", "orders",
            """
            order_id = 'o4'; room = 'r'; holder = 'w'; price_version = 1; price_kind = 'fixed'; currency = 'EUR'; \
            price = 500; extra = 0; discount = 100; gross = 400; vat = 100; fee = 0; base = 300; fee_refundable = \
            0; vat_account = 'x'; fee_account = 'y'; policy = 'p'; channel = 'web'; country = NULL; country_source \
            = NULL; ticket = 't4'; sold_us = 1; sold_seq = 1; sold_on = '2026-02-25'
            """,
            wrong: "base = 301", "gross = 500; base = 400", "discount = 0; gross = 500; vat = -100; base = 600"),
        Case(
            "only above a floor is more paid than the price", "orders",
            """
            order_id = 'o4'; room = 'r'; holder = 'w'; price_version = 2; price_kind = 'floor'; currency = 'EUR'; \
            price = 300; extra = 50; discount = 0; gross = 350; vat = 100; fee = 0; base = 250; fee_refundable = \
            0; vat_account = 'x'; fee_account = 'y'; policy = 'p'; channel = 'web'; country = NULL; country_source \
            = NULL; ticket = 't4'; sold_us = 1; sold_seq = 1; sold_on = '2026-02-25'
            """,
            wrong: "price_version = 1; price_kind = 'fixed'; price = 500; gross = 550; base = 450"),
        Case(
            "an order of nothing has no entry, and only that has none", "orders",
            """
            order_id = 'o4'; room = 'r'; holder = 'w'; price_version = 1; price_kind = 'fixed'; currency = 'EUR'; \
            price = 500; extra = 0; discount = 500; gross = 0; vat = 0; fee = 0; base = 0; fee_refundable = 0; \
            vat_account = 'x'; fee_account = 'y'; policy = 'p'; channel = 'web'; country = NULL; country_source = \
            NULL; ticket = 't4'; sold_us = 1; sold_seq = NULL; sold_on = '2026-02-25'
            """,
            wrong: "sold_seq = 1", "discount = 0; gross = 500; vat = 100; base = 400"),
        Case(
            "a country has a source", "orders",
            """
            order_id = 'o4'; room = 'r'; holder = 'w'; price_version = 1; price_kind = 'fixed'; currency = 'EUR'; \
            price = 500; extra = 0; discount = 0; gross = 500; vat = 100; fee = 0; base = 400; fee_refundable = 0; \
            vat_account = 'x'; fee_account = 'y'; policy = 'p'; channel = 'web'; country = 'FR'; country_source = \
            'declared'; ticket = 't4'; sold_us = 1; sold_seq = 1; sold_on = '2026-02-25'
            """,
            wrong: "country_source = NULL", "country = NULL"),
        Case(
            "a ticket lies within its room and its time", "tickets",
            """
            ticket = 't3'; order_id = 'o3'; room = 'r'; capacity = 2; seat = 2; subject = 'w'; role = 'listener'; \
            policy = 'p'; issued_us = 1; not_before_us = 50; not_after_us = 200
            """,
            wrong: "seat = 3", "capacity = 3; seat = 3", "seat = 0", "not_before_us = 200", "role = 'guest'",
            "order_id = 'o9'", "room = 'r9'"),
        Case(
            "a pass has neither order nor seat, a ticket of a sale both", "tickets",
            """
            ticket = 't3'; order_id = NULL; room = 'r'; capacity = 2; seat = NULL; subject = 'w'; role = \
            'speaker'; policy = 'p'; issued_us = 1; not_before_us = 50; not_after_us = 200
            """,
            wrong: "role = 'listener'", "order_id = 'o3'; seat = 2", "order_id = 'o3'; role = 'listener'",
            "seat = 2; role = 'listener'"),
        Case(
            "a seat is one ticket's or one hold's", "seats",
            "room = 'r'; seat = 2; ticket = 't2'; purchase = NULL",
            wrong: "seat = 1", "ticket = 't1'", "ticket = 't9'"),
        Case(
            "a held seat is the hold's own", "seats",
            "room = 'r'; seat = 2; ticket = NULL; purchase = 'hd'",
            wrong: "ticket = 't2'", "seat = 3"),
        Case(
            "no more is given back than was paid, one row behind the other", "order_reversals",
            """
            order_id = 'o1'; gross = 500; n = 2; prev_n = 1; before = 200; delta = 300; after = 500; refund = \
            'f2'; seq = 4; at_us = 1; reason = 'x'
            """,
            wrong: "delta = 301; after = 501", "before = 0; after = 300",
            "n = 1; prev_n = NULL; before = 0; after = 300", "n = 3; prev_n = 2", "prev_n = NULL", "gross = 600",
            "refund = 'f1'", "delta = 200", "delta = -201; after = -1"),
        Case(
            "a tier gives away the places that it has", "tier_places",
            """
            room = 'r'; tier = 's'; n = 2; prev_n = 1; version = 1; places = 1; before = 1; delta = -1; after = 0; \
            purchase = 'o2'; at_us = 1
            """,
            wrong: "delta = 1; after = 2", "places = 2; delta = 1; after = 2", "before = 0; delta = 1; after = 1",
            "delta = 0; after = 1", "n = 1; prev_n = NULL; before = 0; delta = 1; after = 1"),
        Case(
            "a voucher is used as often as it says", "voucher_uses",
            """
            voucher = 'v'; n = 2; prev_n = 1; uses = 1; before = 1; delta = -1; after = 0; purchase = 'o2'; at_us \
            = 1
            """,
            wrong: "delta = 1; after = 2", "uses = 2; delta = 1; after = 2", "before = 0; delta = 1; after = 1",
            "n = 3; prev_n = 2"),
        Case(
            "a voucher takes off at most all, and has one code", "vouchers",
            """
            voucher = 'v2'; code_hash = (SELECT hash FROM entries WHERE seq = 2); hint = 'hi'; host = 'h'; kind = \
            'percent'; value = 10000; currency = NULL; uses = 1; from_us = 1; until_us = 2; created_us = 0
            """,
            wrong: "value = 10001", "value = 0", "uses = 0", "until_us = 1", "currency = 'EUR'",
            "code_hash = (SELECT prev_hash FROM entries WHERE seq = 2)", "code_hash = 'short'",
            "kind = 'amount'; value = 5"),
        Case(
            "a hold ends, and holds at the price", "holds",
            """
            purchase = 'hd2'; room = 'r'; holder = 'w'; count = 20; price_version = 1; price_kind = 'fixed'; \
            currency = 'EUR'; price = 500; extra = 0; discount = 0; gross = 500; vat = 100; fee = 0; \
            fee_refundable = 0; vat_account = 'x'; fee_account = 'y'; policy = 'p'; channel = 'web'; created_us = \
            0; expires_us = 1
            """,
            wrong: "count = 21", "count = 0", "expires_us = 0", "gross = 499", "price = 499; gross = 499"),
        Case(
            "a hold moves as its diagram says", "hold_facts",
            "purchase = 'hd'; n = 2; prev_n = 1; prev_state = 'held'; state = 'paid'; at_us = 1",
            wrong: "state = 'ticketed'", "state = 'suspended'", "state = 'held'", "prev_state = 'expired'",
            "n = 1; prev_n = NULL; prev_state = NULL; state = 'held'", "n = 3; prev_n = 2", "prev_state = NULL"),
        Case(
            "a hold has seats of the room", "hold_seats",
            "purchase = 'hd'; room = 'r'; capacity = 2; seat = 1",
            wrong: "seat = 3", "capacity = 3; seat = 3", "seat = 2", "seat = 0"),
        Case(
            "money from outside is booked once", "hold_payments",
            """
            provider = 'bank'; reference = 'ref2'; purchase = 'hd'; currency = 'EUR'; amount = 500; seq = 3; \
            outcome = 'suspense'; reason = 'paid'; at_us = 1
            """,
            wrong: "reference = 'ref1'", "amount = 0", "seq = 9", "outcome = 'lost'",
            "purchase = 'no'; outcome = 'tickets'"),
        Case(
            "a payment is for a hold that is there, or for none", "charges",
            "charge = 'c2'; purchase = 'hd'; provider = 'stripe'; currency = 'EUR'; amount = 500; created_us = 1",
            wrong: "purchase = 'no'", "amount = 0", "provider = 'cash'", "charge = 'c1'"),
        Case(
            "a payment fills one wallet, from one page", "topup_charges",
            "charge = 'c1'; holder = 'w'; room = 'r'; series = NULL",
            wrong: "charge = 'no'", "holder = 'nobody'", "holder = NULL", "room = 'no'", "room = NULL; series = 'no'",
            "series = 'r'"),
        Case(
            "what failed repayments bring for a dispute is never more than the platform bore", "dispute_recoveries",
            """
            provider = 'stripe'; dispute = 'd1'; place = 1; platform = 300; n = 2; prev_n = 1; before = 100; \
            amount = 200; after = 300; repayment = 'rp2'; seq = 3; at_us = 1
            """,
            wrong: "amount = 201; after = 301", "platform = 400; amount = 300; after = 400", "before = 0; after = 200",
            "amount = 0; after = 100", "n = 1; prev_n = NULL; before = 0; after = 200", "n = 3; prev_n = 2",
            "repayment = 'rp1'", "repayment = 'no'", "seq = 2", "seq = 9", "dispute = 'no'", "place = 2"),
        Case(
            "a room has a host, a beginning before its end, and seats", "rooms",
            """
            room = 'r2'; host = 'h'; title = 'T'; starts_us = 100; ends_us = 200; doors_us = 50; capacity = 2; \
            language = 'en'; cohosts = '[]'; policy = 'p'; created_us = 0
            """,
            wrong: "host = 'nobody'", "ends_us = 100", "doors_us = 101", "capacity = 0", "room = 'r'"),
        Case(
            "a room is in each state once", "room_facts",
            "room = 'r'; n = 2; prev_n = 1; state = 'closed'; at_us = 1; head_sequence = 0",
            wrong: "state = 'open'", "state = 'paused'", "n = 1; prev_n = NULL", "n = 3; prev_n = 2"),
        Case(
            "a price version says what may be paid", "price_versions",
            """
            room = 'r'; version = 3; tier = 's'; kind = 'floor'; currency = 'EUR'; amount = 300; most = 300; \
            from_us = 1; until_us = 2; places = 1; since_us = 0
            """,
            wrong: "version = 1", "most = NULL", "most = 299", "kind = 'fixed'", "amount = -1", "until_us = 1",
            "places = 0", "kind = 'free'"),
        Case(
            "a split is the sum of its shares, once", "order_splits",
            """
            order_id = 'o2'; host = 'h'; currency = 'EUR'; base = 400; parts = '[]'; shares = '[]'; host_share = \
            300; platform = 100; rated_on = '2026-02-25'
            """,
            wrong: "platform = 101", "order_id = 'o1'", "host_share = 401; platform = -1", "order_id = 'o9'"),
        Case(
            "an accrual is of something", "accruals",
            """
            accrual = 'a3'; host = 'h'; currency = 'EUR'; amount = 1; available_on = '2026-02-25'; accrued_on = \
            '2026-02-25'; kind = 'share'; room = 'r'; order_id = 'o1'
            """,
            wrong: "amount = 0", "accrual = 'a1'", "kind = 'gift'", "order_id = 'o9'"),
        Case(
            "an accrual is paid whole, once, to its own host", "payout_lines",
            "accrual = 'a1'; host = 'h'; currency = 'EUR'; amount = 300; batch = 'b1'",
            wrong: "amount = 299", "host = 'h2'", "currency = 'USD'", "batch = 'b2'",
            "accrual = 'a2'; amount = -20"),
        Case(
            "a payout is what was earned less what is withheld", "payout_items",
            "batch = 'b1'; host = 'h2'; currency = 'EUR'; gross = 100; withheld = 10; net = 90; seq = 4",
            wrong: "net = 91", "gross = 0; withheld = 0; net = 0", "withheld = -10; net = 110", "batch = 'b2'"),
        Case(
            "a night has one batch", "payout_batches",
            "batch = 'b2'; day = '2026-02-26'; digest = (SELECT hash FROM entries WHERE seq = 1); created_by = 'x'",
            wrong: "day = '2026-02-25'", "batch = 'b1'", "day = '2026-02-27'", "digest = 'short'"),
        Case(
            "an intention is stored once", "idempotency_keys",
            """
            scope = 's'; idem_key = 'k2'; request_hash = (SELECT hash FROM entries WHERE seq = 1); outcome = 'o'; \
            created_us = 0
            """,
            wrong: "idem_key = 'k'", "idem_key = ''",
            "idem_key = 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk'",
            "request_hash = 'short'"),
        Case(
            "receipts of a gateway come in order, each once", "receipts",
            "number = 2; gateway = 'g'; seq = 2; prev_seq = 1; kind = 'left'; body = '{}'; received_us = 0",
            wrong: "seq = 1; prev_seq = NULL", "seq = 3; prev_seq = 2", "prev_seq = NULL", "number = 1",
            "gateway = 'other'"),
        Case(
            "the books close forwards", "periods",
            """
            n = 2; prev_n = 1; closed_before = '2026-01-31'; closed_through = '2026-02-28'; seq = 3; actor = 'x'; \
            at_us = 0
            """,
            wrong: "closed_through = '2026-01-31'", "closed_before = '2026-01-30'",
            "n = 1; prev_n = NULL; closed_before = NULL", "n = 3; prev_n = 2", "seq = 4"),
        Case(
            "money without a place is booked once", "suspense_items",
            """
            item = 's2'; source = 'bank'; reference = 'x2'; currency = 'EUR'; amount = 1; reason = 'late'; seq = \
            3; at_us = 0
            """,
            wrong: "reference = 'x1'", "amount = 0", "seq = 2", "seq = 9"),
        Case(
            "money in suspense finds its place whole", "suspense_ends",
            """
            item = 's1'; currency = 'EUR'; amount = 700; how = 'wallet'; holder = 'w'; seq = 3; actor = 'x'; at_us \
            = 0
            """,
            wrong: "amount = 699", "currency = 'USD'", "holder = NULL", "how = 'refund'",
            "how = 'gift'; holder = NULL", "holder = 'nobody'"),
        Case(
            "each key signs later than the one before", "ticket_keys",
            """
            n = 2; prev_n = 1; kid = 'lllllllllllllllllllllllllllllllllllllllllll'; public_key = \
            'ppppppppppppppppppppppppppppppppppppppppppp'; announced_us = 0; signs_us = 101; prev_signs_us = 100; \
            actor = 'x'
            """,
            wrong: "signs_us = 100", "prev_signs_us = 99", "kid = 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk'",
            "n = 1; prev_n = NULL; prev_signs_us = NULL", "kid = 'short'"),
        Case(
            "only a key that there is leaves", "ticket_key_ends",
            "kid = 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk'; ended_us = 1; reason = 'x'; actor = 'x'",
            wrong: "kid = 'lllllllllllllllllllllllllllllllllllllllllll'"),
        Case(
            "a ticket stands in the place of another one of its room", "successions",
            "order_id = 'o1'; n = 1; prev_n = NULL; ticket = 't2'; predecessor = 't1'; room = 'r'; cause = 'gift'; at_us = 1",
            wrong: "ticket = 't1'", "predecessor = 't9'", "room = 'r2'", "order_id = 'o9'", "n = 2; prev_n = 1",
            "prev_n = 1"),
        Case(
            "an offer ends, and is of a ticket that there is", "transfers",
            """
            transfer = 'x'; code_hash = (SELECT hash FROM entries WHERE seq = 1); ticket = 't1'; room = 'r'; \
            holder = 'w'; offered_us = 1; expires_us = 2
            """,
            wrong: "expires_us = 1", "code_hash = 'short'", "ticket = 't9'", "holder = 'nobody'"),
        Case(
            "a key has a scope and ends after its beginning", "api_keys",
            """
            hash = (SELECT hash FROM entries WHERE seq = 1); key_id = 'key'; scope = 'host'; subject = 's'; name = \
            ''; created_by = 'x'; created_us = 5; expires_us = 6
            """,
            wrong: "scope = 'king'", "expires_us = 5", "hash = 'short'"),
        Case(
            "what holds for a payee is numbered and bounded", "payee_facts",
            "n = 2; prev_n = 1; host = 'h'; withholding_bp = 10000; blocked = 1; reason = ''; actor = 'x'; at_us = 0",
            wrong: "withholding_bp = 10001", "withholding_bp = -1", "withholding_bp = 0; blocked = 2",
            "host = 'nobody'; withholding_bp = 0", "n = 3; prev_n = 2; withholding_bp = 0",
            "n = 1; prev_n = NULL; withholding_bp = 0"),
        Case(
            "a leg moves something between two accounts of one currency", "legs",
            """
            seq = 1; leg = 2; debit = (SELECT debit FROM legs WHERE seq = 1 AND leg = 1); credit = (SELECT credit \
            FROM legs WHERE seq = 1 AND leg = 1); currency = (SELECT currency FROM legs WHERE seq = 1 AND leg = \
            1); amount = 1000000000000000
            """,
            wrong: "amount = 1000000000000001", "amount = 0", "amount = -5",
            "credit = (SELECT debit FROM legs WHERE seq = 1 AND leg = 1); amount = 5",
            "currency = 'USD'; amount = 5", "credit = 'nowhere'; amount = 5", "seq = 9; amount = 5",
            "leg = 1; amount = 5", "leg = 0; amount = 5"),
        Case(
            "events are numbered, and a host that hears of one exists", "outbox",
            "sequence = 2; kind = 'x'; subject = 's'; host = 'h'; endpoint = NULL; body = '{}'; at_us = 0",
            wrong: "sequence = 1", "sequence = 0", "host = 'nobody'"),
        Case(
            "an endpoint has an address and an owner", "webhooks",
            "webhook = 'k2'; host = 'h'; url = 'https://x'; kinds = ''; created_us = 0; created_by = 'x'",
            wrong: "webhook = 'k1'", "url = ''", "host = 'nobody'"),
        Case(
            "an endpoint moves as its diagram says, and its secret never goes back", "webhook_facts",
            """
            webhook = 'k1'; n = 2; prev_n = 1; prev_state = 'enabled'; prev_secret = 1; state = 'paused'; reason = ''; \
            secret = 1; overlap_us = NULL; key_print = '0123456789abcdef'; actor = 'x'; at_us = 1
            """,
            wrong: "n = 3; prev_n = 2", "prev_state = 'disabled'", "state = 'gone'", "secret = 3", "secret = 0",
            "prev_secret = 2; secret = 2", "overlap_us = 5", "key_print = 'short'", "webhook = 'k9'",
            "n = 1; prev_n = NULL; prev_state = NULL; prev_secret = NULL; state = 'enabled'", "prev_state = NULL"),
        Case(
            "an endpoint that does not fail has not been failing", "webhook_progress",
            "webhook = 'k1'; sequence = 0; failures = 0; failing_us = NULL; next_us = 0; lease = ''; lease_us = 0",
            wrong: "sequence = -1", "failures = 1", "failing_us = 5", "failures = -1", "webhook = 'k9'"),
        Case(
            "an attempt is numbered, and of an endpoint", "webhook_attempts",
            "webhook = 'k1'; n = 1; sequence = 1; attempt = 1; status = 204; outcome = 'x'; at_us = 0; took_us = 1",
            wrong: "n = 0", "attempt = 0", "webhook = 'k9'"),
        Case(
            "nobody joins before the last one, and no group is larger than the room", "waits",
            """
            wait = 'wb'; room = 'r'; capacity = 2; place = 2; prev_place = 1; holder = 'w'; count = 1; tier = NULL; \
            most = 5; currency = 'EUR'; voucher = NULL; country = NULL; country_source = NULL; joined_us = 0
            """,
            wrong: "place = 3; prev_place = 2", "place = 1; prev_place = NULL", "prev_place = NULL", "count = 3",
            "count = 3; capacity = 3", "count = 0", "most = -1", "currency = NULL", "holder = 'nobody'",
            "voucher = 'nothing'", "country = 'FR'"),
        Case(
            "a party moves as its diagram says, and turns have no gap", "wait_facts",
            """
            wait = 'wa'; n = 2; prev_n = 1; prev_state = 'waiting'; state = 'offered'; room = 'r'; step = 2; \
            prev_step = 1; purchase = 'hd'; reason = ''; at_us = 1
            """,
            wrong: "state = 'bought'", "state = 'lapsed'; purchase = NULL", "purchase = NULL", "purchase = 'nothing'",
            "prev_state = 'passed'", "prev_state = NULL", "n = 3; prev_n = 2", "step = 3; prev_step = 2",
            "step = 1; prev_step = NULL", "reason = 'price'", "state = 'passed'; purchase = NULL",
            "state = 'passed'; purchase = NULL; reason = 'mood'", "room = 'nowhere'"),
        Case(
            "a holder waits once in a room", "open_waits",
            "room = 'r'; place = 1; wait = 'wa'; holder = 'w'; count = 2; purchase = NULL",
            wrong: "place = 2", "count = 1", "holder = 'nobody'", "purchase = 'hd'"),
        Case(
            "a ticket is put up behind the last one, for a share of its price", "resales",
            """
            resale = 'rb'; room = 'r'; place = 2; prev_place = 1; ticket = 't2'; order_id = 'o2'; holder = 'w'; \
            share_bp = 10000; at_us = 0
            """,
            wrong: "place = 1; prev_place = NULL", "place = 3; prev_place = 2", "prev_place = NULL",
            "share_bp = 10001", "share_bp = -1", "ticket = 't9'", "order_id = 'o9'", "holder = 'nobody'"),
        Case(
            "it ends once: for an order, or for nobody", "resale_ends",
            "resale = 'ra'; outcome = 'resold'; successor = 'o3'; at_us = 1",
            wrong: "outcome = 'kept'", "successor = NULL", "successor = 'o9'", "outcome = 'void'", "resale = 'rz'"),
        Case(
            "a seat is lent to a hold that has it", "seat_loans",
            "purchase = 'hd'; room = 'r'; seat = 2; resale = 'ra'; ticket = 't2'",
            wrong: "seat = 1", "purchase = 'nothing'", "resale = 'rz'", "ticket = 't9'"),
    ]
}
