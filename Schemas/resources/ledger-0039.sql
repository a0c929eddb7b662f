-- Repayments that failed after a dispute of the same payment had found their money on its way to the payer: nobody gave it, so
-- the platform bore it. Coming back to the wallet it goes where the dispute would have found it. The rules of ledger-0001
-- hold here too.
CREATE UNIQUE INDEX dispute_steps_by_platform ON dispute_steps (shard, provider, dispute, place, platform);

-- What failed repayments brought for a dispute in all, before and after each: never more than the platform bore.
CREATE TABLE dispute_recoveries (
  shard TEXT NOT NULL, provider TEXT NOT NULL, dispute TEXT NOT NULL, place INTEGER NOT NULL CHECK (place = 1),
  platform INTEGER NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, before INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), after INTEGER NOT NULL, repayment TEXT NOT NULL, seq INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, dispute, n), UNIQUE (shard, provider, dispute, n, after),
  UNIQUE (shard, provider, dispute, repayment), UNIQUE (shard, seq),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (after = before + amount AND after <= platform),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, repayment) REFERENCES repayments (shard, repayment),
  FOREIGN KEY (shard, provider, dispute, place, platform)
    REFERENCES dispute_steps (shard, provider, dispute, place, platform),
  FOREIGN KEY (shard, provider, dispute, prev_n, before)
    REFERENCES dispute_recoveries (shard, provider, dispute, n, after)) STRICT;
CREATE INDEX dispute_recoveries_by_repayment ON dispute_recoveries (shard, repayment);

CREATE TRIGGER dispute_recoveries_stay BEFORE UPDATE ON dispute_recoveries BEGIN SELECT RAISE(ABORT, 'what was recovered is a fact'); END;
CREATE TRIGGER dispute_recoveries_last BEFORE DELETE ON dispute_recoveries BEGIN SELECT RAISE(ABORT, 'what was recovered is a fact'); END;
