-- Results of audits. The rules of ledger-0001 hold here too: `shard` leads every key, facts are appended.

-- What an audit of the whole ledger came to: up to which entry, how many checks it made, how many rows broke a rule, and the
-- first of them. A batch of payouts leaves only behind a clean one that reached it.
CREATE TABLE audit_runs (
  shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, sequence INTEGER NOT NULL CHECK (sequence >= 0),
  hash TEXT NOT NULL CHECK (length(hash) = 64), checks INTEGER NOT NULL CHECK (checks > 0),
  broken INTEGER NOT NULL CHECK (broken >= 0), detail TEXT NOT NULL CHECK (length(detail) <= 500), actor TEXT NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK ((broken = 0) = (length(detail) = 0)),
  FOREIGN KEY (shard, prev_n) REFERENCES audit_runs (shard, n)) STRICT;

CREATE TRIGGER audit_runs_stay BEFORE UPDATE ON audit_runs BEGIN SELECT RAISE(ABORT, 'results of audits are facts'); END;
CREATE TRIGGER audit_runs_last BEFORE DELETE ON audit_runs BEGIN SELECT RAISE(ABORT, 'results of audits are facts'); END;
