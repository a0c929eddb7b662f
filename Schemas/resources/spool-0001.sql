-- The spool of one gateway: what it must not forget when it dies. No money, no names, no addresses.

-- One row: which gateway this is and when it was last known to be alive.
CREATE TABLE gateway (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  id TEXT NOT NULL,
  next_sequence INTEGER NOT NULL CHECK (next_sequence >= 1),
  feed_cursor INTEGER NOT NULL CHECK (feed_cursor >= 0),
  alive_at INTEGER NOT NULL
) STRICT;

-- Receipts that the ledger has not acknowledged yet, in the order in which they were issued.
CREATE TABLE receipts (
  sequence INTEGER NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

-- Admissions without a leaving receipt. Whatever stands here at the start was cut by a crash.
CREATE TABLE open_admissions (
  admission TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Removals stay for the life of the room.
CREATE TABLE removals (
  room TEXT NOT NULL,
  subject TEXT NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (room, subject)
) STRICT, WITHOUT ROWID;
