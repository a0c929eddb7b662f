-- Bans: whom a host lets into none of its rooms. The rules of ledger-0001 hold here too: `shard` leads every key, facts are
-- appended.

-- What was said of one person, banned or let in again; somebody without a row is as welcome as anybody. Each row names the
-- event by which gateways heard of it.
CREATE TABLE host_bans (
  shard TEXT NOT NULL, host TEXT NOT NULL, holder TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  before INTEGER NOT NULL CHECK (before IN (0, 1)), banned INTEGER NOT NULL CHECK (banned IN (0, 1)),
  reason TEXT NOT NULL CHECK (length(reason) <= 200), feed INTEGER NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, host, holder, n), UNIQUE (shard, host, holder, n, banned),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (before <> banned),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, host, holder, prev_n, before) REFERENCES host_bans (shard, host, holder, n, banned),
  FOREIGN KEY (shard, feed) REFERENCES feed (shard, sequence)) STRICT;

CREATE TRIGGER host_bans_stay BEFORE UPDATE ON host_bans BEGIN SELECT RAISE(ABORT, 'a ban is a fact'); END;
CREATE TRIGGER host_bans_last BEFORE DELETE ON host_bans BEGIN SELECT RAISE(ABORT, 'a ban is a fact'); END;
