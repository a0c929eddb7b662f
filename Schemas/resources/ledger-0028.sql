-- Risk classes of hosts, and the reserves that nights hold back. The rules of ledger-0001 hold here too: `shard` leads
-- every key, facts are appended, what is limited is chained.

-- The class of a host from a business day on, with its figures: another version of a class changes nothing that was set.
-- The last row up to a night's day holds for it; a row is never of a day whose night was begun.
CREATE TABLE risk_facts (
  shard TEXT NOT NULL, host TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_from TEXT,
  class TEXT NOT NULL CHECK (length(class) BETWEEN 1 AND 40), version INTEGER NOT NULL CHECK (version > 0),
  extra_hold_days INTEGER NOT NULL CHECK (extra_hold_days BETWEEN 0 AND 365),
  reserve_bp INTEGER NOT NULL CHECK (reserve_bp BETWEEN 0 AND 10000),
  reserve_days INTEGER NOT NULL CHECK (reserve_days BETWEEN 0 AND 540),
  from_day TEXT NOT NULL CHECK (length(from_day) = 10), reason TEXT NOT NULL CHECK (length(reason) > 0),
  actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, host, n), UNIQUE (shard, host, n, from_day),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_from IS NULL)
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_from IS NOT NULL AND prev_from <= from_day)),
  CHECK ((reserve_bp > 0) = (reserve_days > 0)),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, host, prev_n, prev_from) REFERENCES risk_facts (shard, host, n, from_day)) STRICT;

-- What nights did with the reserves of a payee, each move with its entry. Two chains: `before` and `after` are all that
-- is held of the payee, `left_before` and `left_after` what is left of one reserve, which is named by the move that held
-- it back. A move that holds back or uses a reserve accrues its amount at once and the opposite on the reserve's last
-- day; those accruals are of the kind `adjustment`, since they are of no order and no fund.
CREATE TABLE reserve_moves (
  shard TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  kind TEXT NOT NULL CHECK (kind IN ('held', 'used', 'released')), reserve INTEGER NOT NULL,
  step INTEGER NOT NULL CHECK (step >= 0), prev_step INTEGER, day TEXT NOT NULL, until_day TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), before INTEGER NOT NULL, after INTEGER NOT NULL CHECK (after >= 0),
  left_before INTEGER NOT NULL, left_after INTEGER NOT NULL CHECK (left_after >= 0), seq INTEGER NOT NULL,
  accrual TEXT, later TEXT,
  PRIMARY KEY (shard, host, currency, n), UNIQUE (shard, host, currency, n, after), UNIQUE (shard, seq),
  UNIQUE (shard, host, currency, reserve, step), UNIQUE (shard, host, currency, reserve, step, left_after, until_day),
  UNIQUE (shard, accrual), UNIQUE (shard, later),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (after = before + CASE kind WHEN 'held' THEN amount ELSE -amount END),
  CHECK (left_after = left_before + CASE kind WHEN 'held' THEN amount ELSE -amount END),
  CHECK ((kind = 'held') = (step = 0)), CHECK ((kind = 'held') = (reserve = n)), CHECK (kind <> 'held' OR left_before = 0),
  CHECK ((step = 0 AND prev_step IS NULL) OR (step > 0 AND prev_step IS NOT NULL AND prev_step = step - 1)),
  CHECK (kind <> 'released' OR (left_after = 0 AND day >= until_day)), CHECK (kind = 'released' OR day < until_day),
  CHECK ((kind = 'released') = (accrual IS NULL)), CHECK ((accrual IS NULL) = (later IS NULL)),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host), FOREIGN KEY (shard, day) REFERENCES nights (shard, day),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, accrual) REFERENCES accruals (shard, accrual),
  FOREIGN KEY (shard, later) REFERENCES accruals (shard, accrual),
  FOREIGN KEY (shard, host, currency, prev_n, before) REFERENCES reserve_moves (shard, host, currency, n, after),
  FOREIGN KEY (shard, host, currency, reserve, prev_step, left_before, until_day)
    REFERENCES reserve_moves (shard, host, currency, reserve, step, left_after, until_day)) STRICT;

-- Reserves of which something is left: what nights look through. Derived from the moves.
CREATE TABLE open_reserves (
  shard TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, reserve INTEGER NOT NULL, step INTEGER NOT NULL,
  left_amount INTEGER NOT NULL CHECK (left_amount > 0), until_day TEXT NOT NULL,
  PRIMARY KEY (shard, host, currency, reserve),
  FOREIGN KEY (shard, host, currency, reserve) REFERENCES reserve_moves (shard, host, currency, n)) STRICT, WITHOUT ROWID;

CREATE TRIGGER risk_facts_stay BEFORE UPDATE ON risk_facts BEGIN SELECT RAISE(ABORT, 'risk classes of hosts are facts'); END;
CREATE TRIGGER risk_facts_last BEFORE DELETE ON risk_facts BEGIN SELECT RAISE(ABORT, 'risk classes of hosts are facts'); END;
CREATE TRIGGER reserve_moves_stay BEFORE UPDATE ON reserve_moves BEGIN SELECT RAISE(ABORT, 'moves of reserves are facts'); END;
CREATE TRIGGER reserve_moves_last BEFORE DELETE ON reserve_moves BEGIN SELECT RAISE(ABORT, 'moves of reserves are facts'); END;
