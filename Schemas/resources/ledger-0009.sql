-- Rooms that go on behind their end, and tickets that go with them.

-- What was announced: from an end to the next one, and what staying costs. The last row's end is the room's (`rooms`);
-- the rows are chained by their ends and carry the first one along, so that none can be forgotten and the bound holds.
-- The price is a version of the room's price list in the tier `overtime:N`, which nobody buys a ticket at.
CREATE TABLE room_overtimes (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n BETWEEN 1 AND 8), prev_n INTEGER,
  first_us INTEGER NOT NULL, before_us INTEGER NOT NULL, after_us INTEGER NOT NULL, price_version INTEGER NOT NULL,
  price_kind TEXT NOT NULL CHECK (price_kind = 'fixed'), currency TEXT NOT NULL, amount INTEGER NOT NULL,
  actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n), UNIQUE (shard, room, n, after_us, first_us),
  UNIQUE (shard, room, n, before_us, after_us), UNIQUE (shard, room, n, price_version),
  CHECK ((n = 1 AND prev_n IS NULL AND before_us = first_us) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (at_us < before_us), CHECK (before_us < after_us), CHECK (after_us <= first_us + 43200000000),
  FOREIGN KEY (shard, room, price_version, currency, amount, price_kind)
    REFERENCES price_versions (shard, room, version, currency, amount, kind),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n, before_us, first_us)
    REFERENCES room_overtimes (shard, room, n, after_us, first_us)) STRICT;

-- What holders bought of it. The money is an order of the room without a ticket of its own, like a tip's: escrow, split,
-- release, payout and refund are those of orders; the id is that of the order under another prefix.
CREATE TABLE extensions (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, ticket_order TEXT NOT NULL, ticket TEXT NOT NULL, room TEXT NOT NULL,
  overtime INTEGER NOT NULL, price_version INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, order_id), UNIQUE (shard, order_id, room, overtime), CHECK (order_id <> ticket_order),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, ticket_order) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, room, overtime, price_version) REFERENCES room_overtimes (shard, room, n, price_version)) STRICT;
CREATE INDEX extensions_by_ticket_order ON extensions (shard, ticket_order, order_id);
CREATE INDEX extensions_by_room ON extensions (shard, room, order_id);

-- The ends of a ticket behind the one that it was made with; the last row's is its end. A row adds the time of one
-- overtime or takes it away again, so the chain lets nobody buy the same time twice, and no two buyers write at once. A
-- stage pass goes along without an order.
CREATE TABLE ticket_extensions (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, room TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('extended', 'shortened')), overtime INTEGER NOT NULL, from_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL, before_us INTEGER NOT NULL, after_us INTEGER NOT NULL, order_id TEXT,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, ticket, n), UNIQUE (shard, ticket, n, after_us),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK ((kind = 'extended' AND before_us = from_us AND after_us = until_us)
    OR (kind = 'shortened' AND before_us = until_us AND after_us = from_us AND order_id IS NOT NULL)),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, room, overtime, from_us, until_us)
    REFERENCES room_overtimes (shard, room, n, before_us, after_us),
  FOREIGN KEY (shard, order_id, room, overtime) REFERENCES extensions (shard, order_id, room, overtime),
  FOREIGN KEY (shard, ticket, prev_n, before_us) REFERENCES ticket_extensions (shard, ticket, n, after_us)) STRICT;
CREATE UNIQUE INDEX ticket_extensions_once ON ticket_extensions (shard, order_id, kind) WHERE order_id IS NOT NULL;
CREATE INDEX ticket_extensions_by_room ON ticket_extensions (shard, room, ticket, n);

-- An offer of a ticket that was exchanged because its room moved: from then on the offer is one of the next ticket. The
-- last row holds.
CREATE TABLE transfer_follows (
  shard TEXT NOT NULL, transfer TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, ticket TEXT NOT NULL,
  room TEXT NOT NULL, expires_us INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, transfer, n), UNIQUE (shard, transfer, ticket), CHECK (at_us < expires_us),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, transfer) REFERENCES transfers (shard, transfer),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, transfer, prev_n) REFERENCES transfer_follows (shard, transfer, n)) STRICT;
CREATE INDEX transfer_follows_by_ticket ON transfer_follows (shard, ticket, transfer);

CREATE TRIGGER room_overtimes_stay BEFORE UPDATE ON room_overtimes BEGIN SELECT RAISE(ABORT, 'overtimes are facts'); END;
CREATE TRIGGER room_overtimes_last BEFORE DELETE ON room_overtimes BEGIN SELECT RAISE(ABORT, 'overtimes are facts'); END;
CREATE TRIGGER extensions_stay BEFORE UPDATE ON extensions BEGIN SELECT RAISE(ABORT, 'extensions are facts'); END;
CREATE TRIGGER extensions_last BEFORE DELETE ON extensions BEGIN SELECT RAISE(ABORT, 'extensions are facts'); END;
CREATE TRIGGER ticket_extensions_stay BEFORE UPDATE ON ticket_extensions BEGIN SELECT RAISE(ABORT, 'ends of tickets are facts'); END;
CREATE TRIGGER ticket_extensions_last BEFORE DELETE ON ticket_extensions BEGIN SELECT RAISE(ABORT, 'ends of tickets are facts'); END;
CREATE TRIGGER transfer_follows_stay BEFORE UPDATE ON transfer_follows BEGIN SELECT RAISE(ABORT, 'offers are facts'); END;
CREATE TRIGGER transfer_follows_last BEFORE DELETE ON transfer_follows BEGIN SELECT RAISE(ABORT, 'offers are facts'); END;
