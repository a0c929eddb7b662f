-- The spool of one gateway: what it must not forget when it dies. No money, no names, no addresses.

-- One row: which gateway this is, the head of its receipt chain, and when it was last known to be alive.
CREATE TABLE gateway (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  id TEXT NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  hash TEXT NOT NULL,
  alive_at INTEGER NOT NULL
) STRICT;

-- Receipts that the ledger has not acknowledged yet, as the JSON that it will get.
CREATE TABLE receipts (
  sequence INTEGER NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

-- Admissions without a leaving receipt. Whatever stands here at the start was cut by a crash.
CREATE TABLE open_admissions (
  admission TEXT NOT NULL PRIMARY KEY,
  room TEXT NOT NULL,
  ticket TEXT NOT NULL,
  holder TEXT NOT NULL,
  role TEXT NOT NULL,
  direction TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Removals stay for the life of the room.
CREATE TABLE removals (
  room TEXT NOT NULL,
  ticket TEXT NOT NULL,
  holder TEXT NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (room, ticket)
) STRICT, WITHOUT ROWID;
