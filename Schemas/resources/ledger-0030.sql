-- What payment providers say in their own statements, line by line, and how the books answer. The rules of ledger-0001
-- hold here too: `shard` leads every key, facts are appended, what is limited is chained.

-- How far a provider's statement was read: ranges that follow each other without a gap. `head_seq` is the last entry before
-- it was asked for; `checked_seq` is up to where it had to state everything that the books have.
CREATE TABLE provider_statements (
  shard TEXT NOT NULL, provider TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  from_us INTEGER NOT NULL, through_us INTEGER NOT NULL, lines INTEGER NOT NULL CHECK (lines >= 0),
  head_seq INTEGER NOT NULL CHECK (head_seq >= 0), prev_checked INTEGER NOT NULL CHECK (prev_checked >= 0),
  checked_seq INTEGER NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, n), UNIQUE (shard, provider, n, through_us), UNIQUE (shard, provider, n, checked_seq),
  CHECK (from_us < through_us), CHECK (checked_seq >= prev_checked), CHECK (checked_seq <= head_seq),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_checked = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, provider, prev_n, from_us) REFERENCES provider_statements (shard, provider, n, through_us),
  FOREIGN KEY (shard, provider, prev_n, prev_checked)
    REFERENCES provider_statements (shard, provider, n, checked_seq)) STRICT;

-- A line, once by the provider's name of it.
CREATE TABLE provider_movements (
  shard TEXT NOT NULL, provider TEXT NOT NULL, movement TEXT NOT NULL CHECK (length(movement) BETWEEN 1 AND 255),
  kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund', 'dispute', 'payout', 'transfer', 'refund_failure',
    'dispute_reversal', 'payout_reversal', 'transfer_reversal', 'fee', 'other')),
  category TEXT NOT NULL, source TEXT NOT NULL, related TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  fee INTEGER NOT NULL, net INTEGER NOT NULL, created_us INTEGER NOT NULL, available_us INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, movement), CHECK (net = amount - fee)) STRICT;

-- How a line ended, once: the books have what it states, it was booked as a fee, or somebody explained it. What the books
-- have is stated once. `fee_seq` is the entry that booked a fee which is of no payment.
CREATE TABLE provider_movement_ends (
  shard TEXT NOT NULL, provider TEXT NOT NULL, movement TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('matched', 'fee', 'explained')),
  fact TEXT CHECK (fact IN ('payment', 'repayment', 'dispute', 'settlement', 'payout', 'repayment_return',
    'dispute_return', 'settlement_return', 'payout_return')),
  target TEXT, seq INTEGER, fee_seq INTEGER, reason TEXT NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, movement), UNIQUE (shard, provider, fact, target), UNIQUE (shard, fee_seq),
  CHECK ((outcome = 'matched') = (fact IS NOT NULL)), CHECK ((fact IS NULL) = (target IS NULL)),
  CHECK (seq IS NULL OR outcome = 'matched'), CHECK (outcome <> 'fee' OR fee_seq IS NOT NULL),
  CHECK (outcome <> 'explained' OR (fee_seq IS NULL AND length(reason) > 0)),
  FOREIGN KEY (shard, provider, movement) REFERENCES provider_movements (shard, provider, movement),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, fee_seq) REFERENCES entries (shard, seq)) STRICT;

-- Lines without an end. Derived.
CREATE TABLE open_movements (
  shard TEXT NOT NULL, provider TEXT NOT NULL, movement TEXT NOT NULL, created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, movement),
  FOREIGN KEY (shard, provider, movement) REFERENCES provider_movements (shard, provider, movement)) STRICT, WITHOUT ROWID;
CREATE INDEX open_movements_by_age ON open_movements (shard, created_us, provider, movement);

-- What the books have and a statement that should state it did not: an exception until a line comes or somebody explains it.
CREATE TABLE provider_gaps (
  shard TEXT NOT NULL, provider TEXT NOT NULL, fact TEXT NOT NULL CHECK (fact IN ('payment', 'repayment', 'dispute',
    'settlement', 'payout', 'repayment_return', 'dispute_return', 'settlement_return', 'payout_return')),
  target TEXT NOT NULL, n INTEGER NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount <> 0),
  seq INTEGER NOT NULL, booked_us INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, fact, target), FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, provider, n) REFERENCES provider_statements (shard, provider, n)) STRICT;

CREATE TABLE provider_gap_ends (
  shard TEXT NOT NULL, provider TEXT NOT NULL, fact TEXT NOT NULL, target TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (length(reason) > 0), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, fact, target),
  FOREIGN KEY (shard, provider, fact, target) REFERENCES provider_gaps (shard, provider, fact, target)) STRICT;

-- What a statement is held against lies in ranges of the journal.
CREATE INDEX hold_payments_by_entry ON hold_payments (shard, seq);

CREATE TRIGGER provider_statements_stay BEFORE UPDATE ON provider_statements BEGIN SELECT RAISE(ABORT, 'statements that were read are facts'); END;
CREATE TRIGGER provider_statements_last BEFORE DELETE ON provider_statements BEGIN SELECT RAISE(ABORT, 'statements that were read are facts'); END;
CREATE TRIGGER provider_movements_stay BEFORE UPDATE ON provider_movements BEGIN SELECT RAISE(ABORT, 'lines of statements are facts'); END;
CREATE TRIGGER provider_movements_last BEFORE DELETE ON provider_movements BEGIN SELECT RAISE(ABORT, 'lines of statements are facts'); END;
CREATE TRIGGER provider_movement_ends_stay BEFORE UPDATE ON provider_movement_ends BEGIN SELECT RAISE(ABORT, 'ends of lines are facts'); END;
CREATE TRIGGER provider_movement_ends_last BEFORE DELETE ON provider_movement_ends BEGIN SELECT RAISE(ABORT, 'ends of lines are facts'); END;
CREATE TRIGGER provider_gaps_stay BEFORE UPDATE ON provider_gaps BEGIN SELECT RAISE(ABORT, 'what statements left out is a fact'); END;
CREATE TRIGGER provider_gaps_last BEFORE DELETE ON provider_gaps BEGIN SELECT RAISE(ABORT, 'what statements left out is a fact'); END;
CREATE TRIGGER provider_gap_ends_stay BEFORE UPDATE ON provider_gap_ends BEGIN SELECT RAISE(ABORT, 'explanations are facts'); END;
CREATE TRIGGER provider_gap_ends_last BEFORE DELETE ON provider_gap_ends BEGIN SELECT RAISE(ABORT, 'explanations are facts'); END;
