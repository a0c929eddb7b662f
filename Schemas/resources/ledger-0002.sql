-- Tamper evidence, suspense and the closing of periods. The rules of ledger-0001 hold here too: `shard` leads every key,
-- facts are appended, what is limited is chained.

-- When an entry happened, where that is not the day on which it is dated: its own day was closed already (J8).
CREATE TABLE occurrences (
  shard TEXT NOT NULL, seq INTEGER NOT NULL, occurred_on TEXT NOT NULL CHECK (length(occurred_on) = 10),
  PRIMARY KEY (shard, seq), FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq)) STRICT;

-- Up to where the books are closed: the last row holds. Chained, so that a close can't be taken back or forgotten.
CREATE TABLE periods (
  shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, closed_before TEXT,
  closed_through TEXT NOT NULL CHECK (length(closed_through) = 10), seq INTEGER NOT NULL, actor TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, n), UNIQUE (shard, n, closed_through), UNIQUE (shard, seq),
  CHECK ((n = 1 AND prev_n IS NULL AND closed_before IS NULL)
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND closed_before IS NOT NULL
      AND closed_before < closed_through)),
  FOREIGN KEY (shard, prev_n, closed_before) REFERENCES periods (shard, n, closed_through),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq)) STRICT;

-- Money that arrived and could not be placed. The same arrival is booked once: source and reference are its name.
CREATE TABLE suspense_items (
  shard TEXT NOT NULL, item TEXT NOT NULL, source TEXT NOT NULL, reference TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), reason TEXT NOT NULL, seq INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, item), UNIQUE (shard, source, reference), UNIQUE (shard, seq),
  UNIQUE (shard, item, currency, amount), FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq)) STRICT;

-- The end of an item: whole, and once.
CREATE TABLE suspense_ends (
  shard TEXT NOT NULL, item TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('wallet', 'refund', 'reversal')), holder TEXT, seq INTEGER NOT NULL,
  actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, item), UNIQUE (shard, seq), CHECK ((how = 'wallet') = (holder IS NOT NULL)),
  FOREIGN KEY (shard, item, currency, amount) REFERENCES suspense_items (shard, item, currency, amount),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq)) STRICT;

-- The heads that nights have published, with the root of the Merkle tree over the entries since the head before, and
-- the signed statement as it went out.
CREATE TABLE published_heads (
  shard TEXT NOT NULL, day TEXT NOT NULL, sequence INTEGER NOT NULL CHECK (sequence >= 0),
  hash TEXT NOT NULL CHECK (length(hash) = 64), first_sequence INTEGER NOT NULL CHECK (first_sequence > 0),
  tree_root TEXT NOT NULL CHECK (length(tree_root) = 64), kid TEXT NOT NULL, statement TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, day), CHECK (first_sequence <= sequence + 1),
  FOREIGN KEY (shard, day) REFERENCES nights (shard, day)) STRICT;
