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

-- Which ticket stands in the place of which: the chain of owners. A ticket has one successor at most, so two of them
-- can never be in force for one order.
CREATE TABLE successions (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, predecessor TEXT NOT NULL, room TEXT NOT NULL, cause TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, ticket), UNIQUE (shard, predecessor), CHECK (ticket <> predecessor),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, predecessor, room) REFERENCES tickets (shard, ticket, room)) STRICT;

-- When a ticket was first used, as the first admission receipt says.
CREATE TABLE ticket_uses (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, first_us INTEGER NOT NULL, PRIMARY KEY (shard, ticket)) STRICT;

-- A ticket that its holder offers to whoever has the code; the code is the id.
CREATE TABLE transfers (
  shard TEXT NOT NULL, transfer TEXT NOT NULL, ticket TEXT NOT NULL, room TEXT NOT NULL, holder TEXT NOT NULL,
  offered_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, PRIMARY KEY (shard, transfer),
  CHECK (offered_us < expires_us),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder)) STRICT;
CREATE INDEX transfers_by_ticket ON transfers (shard, ticket, transfer);

-- How it ended, once; an offer that ran out has no row.
CREATE TABLE transfer_ends (
  shard TEXT NOT NULL, transfer TEXT NOT NULL, outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'withdrawn')),
  successor TEXT, at_us INTEGER NOT NULL, PRIMARY KEY (shard, transfer), UNIQUE (shard, successor),
  CHECK ((outcome = 'accepted') = (successor IS NOT NULL)),
  FOREIGN KEY (shard, transfer) REFERENCES transfers (shard, transfer),
  FOREIGN KEY (shard, successor) REFERENCES successions (shard, ticket)) STRICT;
