-- The edges of the ledger: the key ring of tickets, and what goes out to other systems.

-- Keys of tickets in the order of their use, public halves only. A key signs what is issued from `signs_us` on until the
-- next one's; chained, so that each signs from a later moment than the one before.
CREATE TABLE ticket_keys (
  shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, kid TEXT NOT NULL CHECK (length(kid) = 43),
  public_key TEXT NOT NULL CHECK (length(public_key) = 43), announced_us INTEGER NOT NULL,
  signs_us INTEGER NOT NULL, prev_signs_us INTEGER, actor TEXT NOT NULL,
  PRIMARY KEY (shard, n), UNIQUE (shard, kid), UNIQUE (shard, n, signs_us),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK ((prev_n IS NULL) = (prev_signs_us IS NULL)), CHECK (prev_signs_us IS NULL OR signs_us > prev_signs_us),
  FOREIGN KEY (shard, prev_n, prev_signs_us) REFERENCES ticket_keys (shard, n, signs_us)) STRICT;

-- A key leaves the key set once, for good.
CREATE TABLE ticket_key_ends (
  shard TEXT NOT NULL, kid TEXT NOT NULL, ended_us INTEGER NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL,
  PRIMARY KEY (shard, kid), FOREIGN KEY (shard, kid) REFERENCES ticket_keys (shard, kid)) STRICT;
