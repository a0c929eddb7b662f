-- What the ledger said last, so that a gateway which starts while the ledger is away opens its doors for as long as one
-- that ran on would have: until that is too old.

-- One row: the last whole snapshot as JSON, and when the ledger was last heard, the events below included.
CREATE TABLE heard (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  snapshot TEXT NOT NULL,
  heard_at INTEGER NOT NULL
) STRICT;

-- What the feed said since then, as the JSON of each event.
CREATE TABLE heard_events (
  sequence INTEGER NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;
