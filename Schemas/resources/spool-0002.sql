-- Acts on stages until the ledger has them, and stages as they were left.

-- One row: the number of the last act that was stored.
CREATE TABLE act_head (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  sequence INTEGER NOT NULL CHECK (sequence >= 0)
) STRICT;

INSERT INTO act_head (only_row, sequence) VALUES (1, 0);

-- Acts that the ledger has not acknowledged yet, as the JSON that it will get.
CREATE TABLE acts (
  sequence INTEGER NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

-- Who may speak, who is muted and the lock of each room, as JSON, written with the acts that changed them.
CREATE TABLE stages (
  room TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
