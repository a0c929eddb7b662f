/// Rooms that go on and tickets that go with them, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// Beside ``world``: one overtime, at whose price a ticket was made longer.
    static let overtimeWorld = """
        INSERT INTO price_versions (shard, room, version, tier, kind, currency, amount, most, places, since_us)
          VALUES ('0', 'r', 101, 'overtime:1', 'fixed', 'EUR', 100, NULL, NULL, 0),
          ('0', 'r', 102, 'overtime:2', 'fixed', 'EUR', 100, NULL, NULL, 0);
        INSERT INTO room_overtimes (shard, room, n, prev_n, first_us, before_us, after_us, price_version, price_kind,
          currency, amount, actor, at_us) VALUES ('0', 'r', 1, NULL, 200, 200, 300, 101, 'fixed', 'EUR', 100, 'x', 1);
        INSERT INTO orders (shard, order_id, room, holder, price_version, price_kind, currency, price, extra,
          discount, gross, vat, fee, base, fee_refundable, vat_account, fee_account, policy, channel, ticket, sold_us,
          sold_seq, sold_on) VALUES ('0', 'x1', 'r', 'w', 101, 'fixed', 'EUR', 100, 0, 0, 100, 20, 0, 80, 0, 'x', 'y',
          'p', 'wallet', 't1', 1, 1, '2026-02-25'), ('0', 'x2', 'r', 'w', 101, 'fixed', 'EUR', 100, 0, 0, 100, 20, 0,
          80, 0, 'x', 'y', 'p', 'wallet', 't2', 1, 2, '2026-02-25');
        INSERT INTO extensions (shard, order_id, ticket_order, ticket, room, overtime, price_version, at_us)
          VALUES ('0', 'x1', 'o1', 't1', 'r', 1, 101, 1);
        INSERT INTO ticket_extensions (shard, ticket, n, room, kind, overtime, from_us, until_us, before_us, after_us,
          order_id, at_us) VALUES ('0', 't1', 1, 'r', 'extended', 1, 200, 300, 200, 300, 'x1', 1);
        INSERT INTO transfers (shard, transfer, code_hash, ticket, room, holder, offered_us, expires_us)
          SELECT '0', 'tr1', hash, 't1', 'r', 'w', 1, 100 FROM entries WHERE seq = 2;
        """

    static let overtimeCases: [Case] = [
        Case(
            "an overtime begins where the one before ends, within the bound of the first", "room_overtimes",
            """
            room = 'r'; n = 2; prev_n = 1; first_us = 200; before_us = 300; after_us = 43200000200; price_version = 102; \
            price_kind = 'fixed'; currency = 'EUR'; amount = 100; actor = 'x'; at_us = 250
            """,
            wrong: "before_us = 301", "before_us = 200", "after_us = 300", "after_us = 43200000201",
            "first_us = 201; after_us = 43200000201", "n = 3; prev_n = 2", "n = 9; prev_n = 8", "prev_n = NULL",
            "n = 1; prev_n = NULL; first_us = 300", "at_us = 300", "price_version = 101; amount = 101",
            "price_version = 999", "currency = 'USD'", "price_kind = 'floor'", "room = 'nowhere'"),
        Case(
            "an extension is an order at the price of its overtime, for a ticket of the room", "extensions",
            "order_id = 'x2'; ticket_order = 'o2'; ticket = 't2'; room = 'r'; overtime = 1; price_version = 101; at_us = 1",
            wrong: "order_id = 'x1'", "order_id = 'x9'", "ticket_order = 'o9'", "ticket_order = 'x2'", "ticket = 't9'",
            "overtime = 2", "price_version = 102", "room = 'nowhere'"),
        Case(
            "time that was bought is taken off again as a whole", "ticket_extensions",
            """
            ticket = 't1'; n = 2; prev_n = 1; room = 'r'; kind = 'shortened'; overtime = 1; from_us = 200; \
            until_us = 300; before_us = 300; after_us = 200; order_id = 'x1'; at_us = 2
            """,
            wrong: "after_us = 250", "before_us = 299", "until_us = 299; before_us = 299", "kind = 'extended'",
            "kind = 'moved'", "order_id = NULL", "order_id = 'x9'", "n = 1; prev_n = NULL", "n = 3; prev_n = 2",
            "overtime = 2"),
        Case(
            "a ticket gets each time once", "ticket_extensions",
            """
            ticket = 't2'; n = 1; prev_n = NULL; room = 'r'; kind = 'extended'; overtime = 1; from_us = 200; \
            until_us = 300; before_us = 200; after_us = 300; order_id = NULL; at_us = 2
            """,
            wrong: "ticket = 't1'", "ticket = 't1'; n = 2; prev_n = 1", "order_id = 'x1'", "ticket = 't9'",
            "n = 2; prev_n = 1", "from_us = 199; before_us = 199", "room = 'nowhere'"),
        Case(
            "an offer goes on with a ticket that exists, in order", "transfer_follows",
            "transfer = 'tr1'; n = 1; prev_n = NULL; ticket = 't2'; room = 'r'; expires_us = 300; at_us = 150",
            wrong: "n = 2; prev_n = 1", "n = 0", "transfer = 'tr9'", "ticket = 't9'", "room = 'nowhere'",
            "expires_us = 150"),
    ]
}
