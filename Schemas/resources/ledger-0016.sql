-- Before money moves: who agreed to a batch, and how the books were found. The rules of ledger-0001 hold here too:
-- `shard` leads every key, facts are appended, what is limited is chained.

CREATE UNIQUE INDEX payout_batches_creator ON payout_batches (shard, batch, created_by, digest);
CREATE INDEX payout_items_by_host ON payout_items (shard, host, currency, batch);

-- How the books were found when a batch was about to leave. `verified_seq` is how far the journal's chain was followed,
-- so that the next time only what is behind it is read; without it where the chain is broken.
CREATE TABLE payout_gate_runs (
  shard TEXT NOT NULL, batch TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  passed INTEGER NOT NULL CHECK (passed IN (0, 1)), verified_seq INTEGER, verified_hash TEXT, actor TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, batch, n), UNIQUE (shard, batch, n, passed),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK ((verified_seq IS NULL) = (verified_hash IS NULL)), CHECK (passed = 0 OR verified_seq IS NOT NULL),
  FOREIGN KEY (shard, batch) REFERENCES payout_batches (shard, batch),
  FOREIGN KEY (shard, batch, prev_n) REFERENCES payout_gate_runs (shard, batch, n)) STRICT;
CREATE INDEX payout_gate_runs_verified ON payout_gate_runs (shard, verified_seq) WHERE verified_seq IS NOT NULL;

-- Gate by gate: how many things were not in order, and the first of them.
CREATE TABLE payout_gates (
  shard TEXT NOT NULL, batch TEXT NOT NULL, n INTEGER NOT NULL, passed INTEGER NOT NULL,
  gate TEXT NOT NULL CHECK (gate IN ('clearing', 'suspense', 'books', 'inbox')),
  count INTEGER NOT NULL CHECK (count >= 0), detail TEXT NOT NULL,
  PRIMARY KEY (shard, batch, n, gate), CHECK (passed = 0 OR count = 0),
  FOREIGN KEY (shard, batch, n, passed) REFERENCES payout_gate_runs (shard, batch, n, passed)) STRICT;

-- A round of approvals ends once: the batch was sent, or rejected; then another round begins.
CREATE TABLE payout_rounds (
  shard TEXT NOT NULL, batch TEXT NOT NULL, round INTEGER NOT NULL CHECK (round > 0), prev_round INTEGER,
  prev_outcome TEXT, outcome TEXT NOT NULL CHECK (outcome IN ('rejected', 'sent')), actor TEXT NOT NULL, reason TEXT,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, batch, round), UNIQUE (shard, batch, round, outcome),
  CHECK ((round = 1 AND prev_round IS NULL AND prev_outcome IS NULL)
    OR (round > 1 AND prev_round IS NOT NULL AND prev_round = round - 1 AND prev_outcome IS NOT NULL
      AND prev_outcome = 'rejected')),
  CHECK ((outcome = 'rejected') = (reason IS NOT NULL)), CHECK (reason IS NULL OR length(reason) BETWEEN 1 AND 500),
  FOREIGN KEY (shard, batch) REFERENCES payout_batches (shard, batch),
  FOREIGN KEY (shard, batch, prev_round, prev_outcome)
    REFERENCES payout_rounds (shard, batch, round, outcome)) STRICT;

-- Somebody agrees to exactly this batch, once a round, and is not who made it. With findings there is a reason.
CREATE TABLE payout_approvals (
  shard TEXT NOT NULL, batch TEXT NOT NULL, round INTEGER NOT NULL CHECK (round > 0), prev_round INTEGER,
  prev_outcome TEXT, created_by TEXT NOT NULL, digest TEXT NOT NULL, approver TEXT NOT NULL,
  findings INTEGER NOT NULL CHECK (findings >= 0), reason TEXT, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, batch, round, approver), CHECK (approver <> created_by),
  CHECK (findings = 0 OR reason IS NOT NULL), CHECK (reason IS NULL OR length(reason) BETWEEN 1 AND 500),
  CHECK ((round = 1 AND prev_round IS NULL AND prev_outcome IS NULL)
    OR (round > 1 AND prev_round IS NOT NULL AND prev_round = round - 1 AND prev_outcome IS NOT NULL
      AND prev_outcome = 'rejected')),
  FOREIGN KEY (shard, batch, created_by, digest) REFERENCES payout_batches (shard, batch, created_by, digest),
  FOREIGN KEY (shard, batch, prev_round, prev_outcome)
    REFERENCES payout_rounds (shard, batch, round, outcome)) STRICT;

-- The batch left: in whose name, and behind which look at the books.
CREATE TABLE payout_submissions (
  shard TEXT NOT NULL, batch TEXT NOT NULL, round INTEGER NOT NULL, outcome TEXT NOT NULL CHECK (outcome = 'sent'),
  needs_second INTEGER NOT NULL CHECK (needs_second IN (0, 1)), first_approver TEXT NOT NULL, second_approver TEXT,
  gates INTEGER NOT NULL, gates_passed INTEGER NOT NULL CHECK (gates_passed = 1), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, batch), UNIQUE (shard, batch, needs_second),
  CHECK ((needs_second = 0 AND second_approver IS NULL)
    OR (needs_second = 1 AND second_approver IS NOT NULL AND first_approver < second_approver)),
  FOREIGN KEY (shard, batch, round, outcome) REFERENCES payout_rounds (shard, batch, round, outcome),
  FOREIGN KEY (shard, batch, round, first_approver) REFERENCES payout_approvals (shard, batch, round, approver),
  FOREIGN KEY (shard, batch, round, second_approver) REFERENCES payout_approvals (shard, batch, round, approver),
  FOREIGN KEY (shard, batch, gates, gates_passed) REFERENCES payout_gate_runs (shard, batch, n, passed)) STRICT;

-- Its sums, with what one person might have let go alone.
CREATE TABLE payout_submission_sums (
  shard TEXT NOT NULL, batch TEXT NOT NULL, currency TEXT NOT NULL, net INTEGER NOT NULL CHECK (net >= 0),
  one_up_to INTEGER NOT NULL CHECK (one_up_to >= 0), needs_second INTEGER NOT NULL,
  PRIMARY KEY (shard, batch, currency), CHECK (needs_second = 1 OR net <= one_up_to),
  FOREIGN KEY (shard, batch, needs_second) REFERENCES payout_submissions (shard, batch, needs_second)) STRICT;

-- Batches that had left before anybody was asked: those of installations older than this table.
CREATE TABLE payout_unasked (
  shard TEXT NOT NULL, batch TEXT NOT NULL, PRIMARY KEY (shard, batch),
  FOREIGN KEY (shard, batch) REFERENCES payout_batches (shard, batch)) STRICT;
INSERT INTO payout_unasked (shard, batch) SELECT DISTINCT shard, batch FROM payout_transfers;

CREATE TRIGGER payout_gate_runs_stay BEFORE UPDATE ON payout_gate_runs BEGIN SELECT RAISE(ABORT, 'looks at the books are facts'); END;
CREATE TRIGGER payout_gate_runs_last BEFORE DELETE ON payout_gate_runs BEGIN SELECT RAISE(ABORT, 'looks at the books are facts'); END;
CREATE TRIGGER payout_gates_stay BEFORE UPDATE ON payout_gates BEGIN SELECT RAISE(ABORT, 'gates are facts'); END;
CREATE TRIGGER payout_gates_last BEFORE DELETE ON payout_gates BEGIN SELECT RAISE(ABORT, 'gates are facts'); END;
CREATE TRIGGER payout_rounds_stay BEFORE UPDATE ON payout_rounds BEGIN SELECT RAISE(ABORT, 'rounds are facts'); END;
CREATE TRIGGER payout_rounds_last BEFORE DELETE ON payout_rounds BEGIN SELECT RAISE(ABORT, 'rounds are facts'); END;
CREATE TRIGGER payout_approvals_stay BEFORE UPDATE ON payout_approvals BEGIN SELECT RAISE(ABORT, 'approvals are facts'); END;
CREATE TRIGGER payout_approvals_last BEFORE DELETE ON payout_approvals BEGIN SELECT RAISE(ABORT, 'approvals are facts'); END;
CREATE TRIGGER payout_submissions_stay BEFORE UPDATE ON payout_submissions BEGIN SELECT RAISE(ABORT, 'submissions are facts'); END;
CREATE TRIGGER payout_submissions_last BEFORE DELETE ON payout_submissions BEGIN SELECT RAISE(ABORT, 'submissions are facts'); END;
CREATE TRIGGER payout_submission_sums_stay BEFORE UPDATE ON payout_submission_sums BEGIN SELECT RAISE(ABORT, 'sums of a batch are facts'); END;
CREATE TRIGGER payout_submission_sums_last BEFORE DELETE ON payout_submission_sums BEGIN SELECT RAISE(ABORT, 'sums of a batch are facts'); END;
