/// The rules of series and passes, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// A series of two rooms, of which one is here; two offers; two passes, of which the first has its order.
    static let seriesWorld = """
        INSERT INTO price_versions (shard, room, version, tier, kind, currency, amount, most, places, since_us)
          VALUES ('0', 'r', 9, 'pass:s1', 'floor', 'EUR', 0, 900, NULL, 0);
        INSERT INTO orders (shard, order_id, room, holder, price_version, price_kind, currency, price, extra,
          discount, gross, vat, fee, base, fee_refundable, vat_account, fee_account, policy, channel, ticket, sold_us,
          sold_seq, sold_on) VALUES ('0', 'po8', 'r', 'w', 9, 'floor', 'EUR', 0, 500, 0, 500, 100, 0, 400, 0, 'x', 'y',
          'p', 'wallet', 't8', 1, 1, '2026-02-25'), ('0', 'po9', 'r', 'w', 9, 'floor', 'EUR', 0, 500, 0, 500, 100, 0,
          400, 0, 'x', 'y', 'p', 'wallet', 't9', 1, 2, '2026-02-25');
        INSERT INTO series (shard, series, host, title, currency, rooms, made_us) VALUES ('0', 's1', 'h', 'T', 'EUR',
          2, 0);
        INSERT INTO series_rooms (shard, series, rooms, n, room, currency, price_version, price, price_kind)
          VALUES ('0', 's1', 2, 1, 'r', 'EUR', 9, 0, 'floor');
        INSERT INTO series_offers (shard, series, version, prev_version, currency, price, passes, withdrawn, since_us)
          VALUES ('0', 's1', 1, NULL, 'EUR', 900, 1, 0, 0), ('0', 's1', 2, 1, 'EUR', 900, 2, 0, 1);
        INSERT INTO series_passes (shard, pass, series, version, holder, currency, price, sold_us)
          VALUES ('0', 'p1', 's1', 1, 'w', 'EUR', 900, 1), ('0', 'p2', 's1', 2, 'w', 'EUR', 900, 2);
        INSERT INTO series_places (shard, series, n, prev_n, version, passes, pass, at_us)
          VALUES ('0', 's1', 1, NULL, 1, 1, 'p1', 1);
        INSERT INTO series_pass_orders (shard, pass, series, n, prev_n, room, order_id, weight, pass_price, before,
          share, after) VALUES ('0', 'p1', 's1', 1, NULL, 'r', 'po9', 500, 900, 0, 500, 500);
        """

    static let seriesCases: [Case] = [
        Case(
            "a pass is sold at the price of its offer", "series_passes",
            "pass = 'p3'; series = 's1'; version = 1; holder = 'w'; currency = 'EUR'; price = 900; sold_us = 3",
            wrong: "price = 899", "version = 3", "holder = 'nobody'", "currency = 'USD'", "pass = 'p1'"),
        Case(
            "no more passes are sold than there are, and each once", "series_places",
            "series = 's1'; n = 2; prev_n = 1; version = 2; passes = 2; pass = 'p2'; at_us = 2",
            wrong: "version = 1; passes = 1", "passes = 3", "n = 3; prev_n = 2", "n = 1; prev_n = NULL", "pass = 'p1'"),
        Case(
            "a part of a pass is its order, no more than the room costs, and within the price", "series_pass_orders",
            """
            pass = 'p2'; series = 's1'; n = 1; prev_n = NULL; room = 'r'; order_id = 'po8'; weight = 500; \
            pass_price = 900; before = 0; share = 500; after = 500
            """,
            wrong: "share = 499; after = 499", "after = 501", "weight = 499", "pass_price = 901", "room = 'x'",
            "order_id = 'po9'", "n = 2; prev_n = 1", "before = 400; after = 900"),
        Case(
            "what a pass costs follows what it cost before", "series_offers",
            """
            series = 's1'; version = 3; prev_version = 2; currency = 'EUR'; price = 800; passes = 5; withdrawn = 0; \
            since_us = 2
            """,
            wrong: "version = 5; prev_version = 4", "prev_version = NULL", "currency = 'USD'", "passes = 0",
            "withdrawn = 2", "price = -1"),
        Case(
            "a series has two to fifty rooms", "series",
            "series = 's2'; host = 'h'; title = 'T'; currency = 'EUR'; rooms = 50; made_us = 0",
            wrong: "rooms = 1", "rooms = 51", "host = 'nobody'"),
    ]
}
