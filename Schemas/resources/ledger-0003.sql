-- After the sale: what a room promises its buyers, and what happens to tickets until the room is over.

-- Chosen when the room is made and never changed, so that every sale of the room is pinned to it. A room without a row
-- has the refund window of its policy.
CREATE TABLE room_terms (
  shard TEXT NOT NULL, room TEXT NOT NULL, terms TEXT NOT NULL,
  PRIMARY KEY (shard, room), FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT;

-- An order whose ticket ended for less than its whole price: what is left stays with the room.
CREATE TABLE settled_orders (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, ticket TEXT NOT NULL, at_us INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (shard, order_id), FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id)) STRICT;

-- Which ticket stands in the place of which: the chain of an order's tickets behind its first one. Each row stands on
-- the one before it and a ticket has one successor at most, so two of them can never be in force for one order.
CREATE TABLE successions (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, ticket TEXT NOT NULL,
  predecessor TEXT NOT NULL, room TEXT NOT NULL, cause TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, order_id, n), UNIQUE (shard, ticket), UNIQUE (shard, predecessor),
  UNIQUE (shard, order_id, n, ticket), CHECK (ticket <> predecessor),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, order_id, prev_n, predecessor) REFERENCES successions (shard, order_id, n, ticket),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, predecessor, room) REFERENCES tickets (shard, ticket, room)) STRICT;

-- When a ticket was first used, as the earliest admission receipt says. Derived from receipts.
CREATE TABLE ticket_uses (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, first_us INTEGER NOT NULL, PRIMARY KEY (shard, ticket)) STRICT;

-- A ticket that its holder offers to whoever has the code. The code itself is known to its bearers only.
CREATE TABLE transfers (
  shard TEXT NOT NULL, transfer TEXT NOT NULL, code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
  ticket TEXT NOT NULL, room TEXT NOT NULL, holder TEXT NOT NULL, offered_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL, PRIMARY KEY (shard, transfer), UNIQUE (shard, code_hash),
  UNIQUE (shard, transfer, ticket), CHECK (offered_us < expires_us),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder)) STRICT;
CREATE INDEX transfers_by_ticket ON transfers (shard, ticket, transfer);

-- How it ended, once; an offer that ran out, or whose ticket ended, has no row.
CREATE TABLE transfer_ends (
  shard TEXT NOT NULL, transfer TEXT NOT NULL, outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'withdrawn')),
  successor TEXT, at_us INTEGER NOT NULL, PRIMARY KEY (shard, transfer), UNIQUE (shard, successor),
  CHECK ((outcome = 'accepted') = (successor IS NOT NULL)),
  FOREIGN KEY (shard, transfer) REFERENCES transfers (shard, transfer),
  FOREIGN KEY (shard, successor) REFERENCES successions (shard, ticket)) STRICT;

-- A second fence behind the writer's own rule: facts are neither changed nor removed.
CREATE TRIGGER room_terms_stay BEFORE UPDATE ON room_terms BEGIN SELECT RAISE(ABORT, 'terms of a room are facts'); END;
CREATE TRIGGER room_terms_last BEFORE DELETE ON room_terms BEGIN SELECT RAISE(ABORT, 'terms of a room are facts'); END;
CREATE TRIGGER settled_orders_stay BEFORE UPDATE ON settled_orders BEGIN SELECT RAISE(ABORT, 'ends of orders are facts'); END;
CREATE TRIGGER settled_orders_last BEFORE DELETE ON settled_orders BEGIN SELECT RAISE(ABORT, 'ends of orders are facts'); END;
CREATE TRIGGER successions_stay BEFORE UPDATE ON successions BEGIN SELECT RAISE(ABORT, 'successions are facts'); END;
CREATE TRIGGER successions_last BEFORE DELETE ON successions BEGIN SELECT RAISE(ABORT, 'successions are facts'); END;
CREATE TRIGGER transfers_stay BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'offers are facts'); END;
CREATE TRIGGER transfers_last BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'offers are facts'); END;
CREATE TRIGGER transfer_ends_stay BEFORE UPDATE ON transfer_ends BEGIN SELECT RAISE(ABORT, 'ends of offers are facts'); END;
CREATE TRIGGER transfer_ends_last BEFORE DELETE ON transfer_ends BEGIN SELECT RAISE(ABORT, 'ends of offers are facts'); END;
