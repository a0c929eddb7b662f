-- Calls that a provider never answers, since it is gone: people answer in its place. The rules of ledger-0001 hold here
-- too: `shard` leads every key, facts are appended, what is limited is chained.

-- What somebody says became of a call: that the provider did it, or did not.
CREATE TABLE provider_hand_proposals (
  shard TEXT NOT NULL, call TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  kind TEXT NOT NULL CHECK (kind IN ('checkout', 'refund', 'fees', 'payout')), owed TEXT, payout TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('made', 'not_made')),
  reason TEXT NOT NULL CHECK (length(reason) > 0), person TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, call, n), UNIQUE (shard, call, n, kind, outcome, person),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK ((kind = 'payout') = (payout IS NOT NULL)), CHECK ((payout IS NULL) = (owed IS NOT NULL)),
  CHECK (owed IS NULL OR owed = call), CHECK (kind IN ('refund', 'payout') OR outcome = 'not_made'),
  FOREIGN KEY (shard, call, prev_n) REFERENCES provider_hand_proposals (shard, call, n),
  FOREIGN KEY (shard, owed) REFERENCES provider_calls (shard, call),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout)) STRICT;

-- The answer, once. Where money may have moved or not, a second person says the same.
CREATE TABLE provider_hand_answers (
  shard TEXT NOT NULL, call TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,
  first_person TEXT NOT NULL, second_person TEXT, at_us INTEGER NOT NULL, PRIMARY KEY (shard, call),
  CHECK ((kind IN ('refund', 'payout')) = (second_person IS NOT NULL)),
  CHECK (second_person IS NULL OR second_person <> first_person),
  FOREIGN KEY (shard, call, n, kind, outcome, first_person)
    REFERENCES provider_hand_proposals (shard, call, n, kind, outcome, person)) STRICT;

CREATE TRIGGER provider_hand_proposals_stay BEFORE UPDATE ON provider_hand_proposals BEGIN SELECT RAISE(ABORT, 'what people say of calls is a fact'); END;
CREATE TRIGGER provider_hand_proposals_last BEFORE DELETE ON provider_hand_proposals BEGIN SELECT RAISE(ABORT, 'what people say of calls is a fact'); END;
CREATE TRIGGER provider_hand_answers_stay BEFORE UPDATE ON provider_hand_answers BEGIN SELECT RAISE(ABORT, 'answers by hand are facts'); END;
CREATE TRIGGER provider_hand_answers_last BEFORE DELETE ON provider_hand_answers BEGIN SELECT RAISE(ABORT, 'answers by hand are facts'); END;
