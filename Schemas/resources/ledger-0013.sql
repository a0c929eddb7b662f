-- Tickets that their holders give back if somebody else takes the seat, in the order in which they were put up; the
-- share of the price that comes back then is that of the room's terms.
CREATE TABLE resales (
  shard TEXT NOT NULL, resale TEXT NOT NULL, room TEXT NOT NULL, place INTEGER NOT NULL CHECK (place > 0),
  prev_place INTEGER, ticket TEXT NOT NULL, order_id TEXT NOT NULL, holder TEXT NOT NULL,
  share_bp INTEGER NOT NULL CHECK (share_bp BETWEEN 0 AND 10000), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, resale), UNIQUE (shard, room, place), UNIQUE (shard, resale, room, place),
  CHECK ((place = 1 AND prev_place IS NULL) OR (place > 1 AND prev_place IS NOT NULL AND prev_place = place - 1)),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, room, prev_place) REFERENCES resales (shard, room, place)) STRICT;
CREATE INDEX resales_by_ticket ON resales (shard, ticket, place);

-- How it ended, once: resold, with the order that has its seat now, or kept. One whose ticket ended otherwise, or whose
-- time is over, has no row.
CREATE TABLE resale_ends (
  shard TEXT NOT NULL, resale TEXT NOT NULL, outcome TEXT NOT NULL CHECK (outcome IN ('resold', 'kept')),
  successor TEXT, at_us INTEGER NOT NULL, PRIMARY KEY (shard, resale), UNIQUE (shard, successor),
  CHECK ((outcome = 'resold') = (successor IS NOT NULL)),
  FOREIGN KEY (shard, resale) REFERENCES resales (shard, resale),
  FOREIGN KEY (shard, successor) REFERENCES orders (shard, order_id)) STRICT;

-- Those whose seats can be bought. Derived: without an end, of a ticket in force that has its seat.
CREATE TABLE open_resales (
  shard TEXT NOT NULL, room TEXT NOT NULL, place INTEGER NOT NULL, resale TEXT NOT NULL, ticket TEXT NOT NULL,
  seat INTEGER NOT NULL, PRIMARY KEY (shard, room, place), UNIQUE (shard, ticket),
  FOREIGN KEY (shard, resale, room, place) REFERENCES resales (shard, resale, room, place)) STRICT, WITHOUT ROWID;

-- Seats that are kept for an open hold though their tickets are in force: they go back to the tickets unless the money
-- comes. Rows live as long as the hold keeps its seats.
CREATE TABLE seat_loans (
  shard TEXT NOT NULL, purchase TEXT NOT NULL, room TEXT NOT NULL, seat INTEGER NOT NULL, resale TEXT NOT NULL,
  ticket TEXT NOT NULL, PRIMARY KEY (shard, purchase, seat), UNIQUE (shard, resale), UNIQUE (shard, ticket),
  FOREIGN KEY (shard, purchase, room, seat) REFERENCES hold_seats (shard, purchase, room, seat),
  FOREIGN KEY (shard, resale) REFERENCES resales (shard, resale),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room)) STRICT, WITHOUT ROWID;

CREATE TRIGGER resales_stay BEFORE UPDATE ON resales BEGIN SELECT RAISE(ABORT, 'who gives a ticket back is a fact'); END;
CREATE TRIGGER resales_last BEFORE DELETE ON resales BEGIN SELECT RAISE(ABORT, 'who gives a ticket back is a fact'); END;
CREATE TRIGGER resale_ends_stay BEFORE UPDATE ON resale_ends BEGIN SELECT RAISE(ABORT, 'ends of resales are facts'); END;
CREATE TRIGGER resale_ends_last BEFORE DELETE ON resale_ends BEGIN SELECT RAISE(ABORT, 'ends of resales are facts'); END;
