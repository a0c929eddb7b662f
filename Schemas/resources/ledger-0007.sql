-- Payment providers: what buyers are asked to pay through them, what they tell, and the calls that are owed to them. The
-- rules of ledger-0001 hold here too: `shard` leads every key, facts are appended, what is limited is chained.

-- A link to pay a held purchase.
CREATE TABLE charges (
  shard TEXT NOT NULL, charge TEXT NOT NULL, purchase TEXT NOT NULL,
  provider TEXT NOT NULL CHECK (provider IN ('manual', 'sandbox', 'stripe')), currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, charge), UNIQUE (shard, charge, currency),
  FOREIGN KEY (shard, purchase) REFERENCES holds (shard, purchase)) STRICT;
CREATE INDEX charges_by_purchase ON charges (shard, purchase);

-- The states that a charge went through, each with its height: they only rise, whatever order the provider tells them in.
CREATE TABLE charge_facts (
  shard TEXT NOT NULL, charge TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_height INTEGER,
  height INTEGER NOT NULL, state TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, charge, n), UNIQUE (shard, charge, n, height),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_height IS NULL AND height = 0)
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_height IS NOT NULL AND prev_height < height)),
  CHECK ((height = 0 AND state = 'created') OR (height = 1 AND state = 'open')
    OR (height = 2 AND state = 'processing') OR (height = 3 AND state = 'ended')
    OR (height = 4 AND state = 'captured')),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge),
  FOREIGN KEY (shard, charge, prev_n, prev_height) REFERENCES charge_facts (shard, charge, n, height)) STRICT;

-- Where the buyer pays, once the provider has said so.
CREATE TABLE charge_links (
  shard TEXT NOT NULL, charge TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (shard, charge),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge)) STRICT;

-- The provider's names of a payment: checkout, intent, charge. A name belongs to one charge.
CREATE TABLE provider_objects (
  shard TEXT NOT NULL, provider TEXT NOT NULL, object TEXT NOT NULL, charge TEXT NOT NULL,
  PRIMARY KEY (shard, provider, object), FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge)) STRICT;
CREATE INDEX provider_objects_by_charge ON provider_objects (shard, charge);

-- What the provider kept of a movement (negative: gave back): once by its own name of the movement.
CREATE TABLE provider_fees (
  shard TEXT NOT NULL, provider TEXT NOT NULL, movement TEXT NOT NULL, charge TEXT NOT NULL, currency TEXT NOT NULL,
  fee INTEGER NOT NULL CHECK (fee <> 0), reason TEXT NOT NULL CHECK (reason IN ('charge', 'refund', 'dispute')),
  seq INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, movement), UNIQUE (shard, seq),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge)) STRICT;

-- Money that goes back through the provider, with the entry that took it from the wallet.
CREATE TABLE repayments (
  shard TEXT NOT NULL, repayment TEXT NOT NULL, charge TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), holder TEXT NOT NULL, seq INTEGER NOT NULL, created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, repayment), UNIQUE (shard, seq), FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, charge, currency) REFERENCES charges (shard, charge, currency)) STRICT;
CREATE INDEX repayments_by_charge ON repayments (shard, charge, repayment);

-- Its states; `seq` is the entry that a state made, if it made one.
CREATE TABLE repayment_facts (
  shard TEXT NOT NULL, repayment TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_state TEXT,
  state TEXT NOT NULL, seq INTEGER, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, repayment, n), UNIQUE (shard, repayment, n, state), UNIQUE (shard, seq),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL AND state = 'requested')
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_state IS NOT NULL
      AND ((prev_state = 'requested' AND state IN ('pending', 'succeeded', 'failed'))
        OR (prev_state = 'pending' AND state IN ('succeeded', 'failed'))
        OR (prev_state = 'succeeded' AND state = 'failed')))),
  CHECK ((state IN ('requested', 'pending')) = (seq IS NULL)),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, repayment) REFERENCES repayments (shard, repayment),
  FOREIGN KEY (shard, repayment, prev_n, prev_state) REFERENCES repayment_facts (shard, repayment, n, state)) STRICT;

-- A provider's name of a repayment.
CREATE TABLE repayment_names (
  shard TEXT NOT NULL, provider TEXT NOT NULL, name TEXT NOT NULL, repayment TEXT NOT NULL,
  PRIMARY KEY (shard, provider, name), UNIQUE (shard, repayment),
  FOREIGN KEY (shard, repayment) REFERENCES repayments (shard, repayment)) STRICT;

CREATE TABLE disputes (
  shard TEXT NOT NULL, provider TEXT NOT NULL, dispute TEXT NOT NULL, charge TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), created_us INTEGER NOT NULL, PRIMARY KEY (shard, provider, dispute),
  FOREIGN KEY (shard, charge, currency) REFERENCES charges (shard, charge, currency)) STRICT;
CREATE INDEX disputes_by_charge ON disputes (shard, charge);

-- What was told of a dispute: a set. No dispute is both lost and won.
CREATE TABLE dispute_facts (
  shard TEXT NOT NULL, provider TEXT NOT NULL, dispute TEXT NOT NULL,
  fact TEXT NOT NULL CHECK (fact IN ('opened', 'withdrawn', 'reinstated', 'won', 'lost')), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, dispute, fact),
  FOREIGN KEY (shard, provider, dispute) REFERENCES disputes (shard, provider, dispute)) STRICT;

-- What was booked of it: taken once, and then given back or lost, once.
CREATE TABLE dispute_steps (
  shard TEXT NOT NULL, provider TEXT NOT NULL, dispute TEXT NOT NULL,
  place INTEGER NOT NULL CHECK (place IN (1, 2)), prev_place INTEGER,
  step TEXT NOT NULL CHECK (step IN ('take', 'give_back', 'lose')), wallet INTEGER NOT NULL CHECK (wallet >= 0),
  platform INTEGER NOT NULL CHECK (platform >= 0), seq INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, dispute, place), UNIQUE (shard, seq),
  CHECK ((place = 1 AND prev_place IS NULL AND step = 'take')
    OR (place = 2 AND prev_place IS NOT NULL AND prev_place = 1 AND step IN ('give_back', 'lose'))),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, provider, dispute) REFERENCES disputes (shard, provider, dispute),
  FOREIGN KEY (shard, provider, dispute, prev_place) REFERENCES dispute_steps (shard, provider, dispute, place)) STRICT;

-- What each order gave for a dispute.
CREATE TABLE dispute_orders (
  shard TEXT NOT NULL, provider TEXT NOT NULL, dispute TEXT NOT NULL, order_id TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), PRIMARY KEY (shard, provider, dispute, order_id),
  UNIQUE (shard, provider, dispute, order_id, amount),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, provider, dispute) REFERENCES disputes (shard, provider, dispute)) STRICT;
CREATE INDEX dispute_orders_by_order ON dispute_orders (shard, order_id);

-- What an order lost for good, with its own entry: from then on it gives bracket capacity back (R4).
CREATE TABLE dispute_losses (
  shard TEXT NOT NULL, provider TEXT NOT NULL, dispute TEXT NOT NULL, order_id TEXT NOT NULL,
  amount INTEGER NOT NULL, refund TEXT NOT NULL, seq INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, dispute, order_id), UNIQUE (shard, seq),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, provider, dispute, order_id, amount)
    REFERENCES dispute_orders (shard, provider, dispute, order_id, amount)) STRICT;
CREATE INDEX dispute_losses_by_order ON dispute_losses (shard, order_id);

-- Money that a provider sends to our bank.
CREATE TABLE provider_payouts (
  shard TEXT NOT NULL, provider TEXT NOT NULL, payout TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, payout)) STRICT;

-- Its states; `seq` is the entry that a state made: none for one that failed before it was paid.
CREATE TABLE provider_payout_facts (
  shard TEXT NOT NULL, provider TEXT NOT NULL, payout TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0),
  prev_n INTEGER, prev_state TEXT, state TEXT NOT NULL, seq INTEGER, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, payout, n), UNIQUE (shard, provider, payout, n, state), UNIQUE (shard, seq),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL AND state = 'pending')
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_state IS NOT NULL
      AND ((prev_state = 'pending' AND state IN ('paid', 'failed')) OR (prev_state = 'paid' AND state = 'failed')))),
  CHECK ((seq IS NOT NULL) = (state = 'paid' OR (prev_state IS NOT NULL AND prev_state = 'paid'))),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, provider, payout) REFERENCES provider_payouts (shard, provider, payout),
  FOREIGN KEY (shard, provider, payout, prev_n, prev_state)
    REFERENCES provider_payout_facts (shard, provider, payout, n, state)) STRICT;

-- The inbox: an event is stored and answered at once, and read later. Its own words stay with the provider, since they
-- name people; what is kept is the report that was read from it, and the digest of its bytes.
CREATE TABLE provider_events (
  shard TEXT NOT NULL, provider TEXT NOT NULL, event TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,
  report TEXT NOT NULL, body_hash TEXT NOT NULL CHECK (length(body_hash) = 64), received_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, event)) STRICT;

-- What became of it. `parked`: its object is not known here yet.
CREATE TABLE provider_event_facts (
  shard TEXT NOT NULL, provider TEXT NOT NULL, event TEXT NOT NULL, n INTEGER NOT NULL CHECK (n IN (1, 2)),
  prev_n INTEGER, prev_state TEXT, state TEXT NOT NULL CHECK (state IN ('parked', 'applied', 'known', 'ignored', 'refused')),
  detail TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, event, n), UNIQUE (shard, provider, event, n, state),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL)
    OR (n = 2 AND prev_n IS NOT NULL AND prev_n = 1 AND prev_state IS NOT NULL AND prev_state = 'parked'
      AND state <> 'parked')),
  FOREIGN KEY (shard, provider, event, prev_n, prev_state)
    REFERENCES provider_event_facts (shard, provider, event, n, state),
  FOREIGN KEY (shard, provider, event) REFERENCES provider_events (shard, provider, event)) STRICT;

-- Events that are still to be read, and when. Derived: those without a last word.
CREATE TABLE due_events (
  shard TEXT NOT NULL, provider TEXT NOT NULL, event TEXT NOT NULL, due_us INTEGER NOT NULL,
  tries INTEGER NOT NULL CHECK (tries >= 0), PRIMARY KEY (shard, provider, event),
  FOREIGN KEY (shard, provider, event) REFERENCES provider_events (shard, provider, event)) STRICT;
CREATE INDEX due_events_in_order ON due_events (shard, due_us, provider, event);

-- The outbox: calls that are owed to a provider. The name is the idempotency key that the provider gets, and follows from
-- our ids, so that a call which is made again is the same call.
CREATE TABLE provider_calls (
  shard TEXT NOT NULL, call TEXT NOT NULL, provider TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('checkout', 'refund', 'fees')), charge TEXT NOT NULL, repayment TEXT,
  created_us INTEGER NOT NULL, PRIMARY KEY (shard, call), CHECK ((kind = 'refund') = (repayment IS NOT NULL)),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge),
  FOREIGN KEY (shard, repayment) REFERENCES repayments (shard, repayment)) STRICT;

CREATE TABLE provider_call_ends (
  shard TEXT NOT NULL, call TEXT NOT NULL, outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
  detail TEXT NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (shard, call),
  FOREIGN KEY (shard, call) REFERENCES provider_calls (shard, call)) STRICT;

-- Calls that have no end yet, and when they are made next. Derived.
CREATE TABLE due_calls (
  shard TEXT NOT NULL, call TEXT NOT NULL, due_us INTEGER NOT NULL, tries INTEGER NOT NULL CHECK (tries >= 0),
  PRIMARY KEY (shard, call), FOREIGN KEY (shard, call) REFERENCES provider_calls (shard, call)) STRICT;
CREATE INDEX due_calls_in_order ON due_calls (shard, due_us, call);

CREATE TRIGGER charge_facts_stay BEFORE UPDATE ON charge_facts BEGIN SELECT RAISE(ABORT, 'facts of a charge are facts'); END;
CREATE TRIGGER charge_facts_last BEFORE DELETE ON charge_facts BEGIN SELECT RAISE(ABORT, 'facts of a charge are facts'); END;
CREATE TRIGGER provider_fees_stay BEFORE UPDATE ON provider_fees BEGIN SELECT RAISE(ABORT, 'fees are facts'); END;
CREATE TRIGGER provider_fees_last BEFORE DELETE ON provider_fees BEGIN SELECT RAISE(ABORT, 'fees are facts'); END;
CREATE TRIGGER repayment_facts_stay BEFORE UPDATE ON repayment_facts BEGIN SELECT RAISE(ABORT, 'facts of a repayment are facts'); END;
CREATE TRIGGER repayment_facts_last BEFORE DELETE ON repayment_facts BEGIN SELECT RAISE(ABORT, 'facts of a repayment are facts'); END;
CREATE TRIGGER dispute_facts_stay BEFORE UPDATE ON dispute_facts BEGIN SELECT RAISE(ABORT, 'facts of a dispute are facts'); END;
CREATE TRIGGER dispute_facts_last BEFORE DELETE ON dispute_facts BEGIN SELECT RAISE(ABORT, 'facts of a dispute are facts'); END;
CREATE TRIGGER provider_events_stay BEFORE UPDATE ON provider_events BEGIN SELECT RAISE(ABORT, 'events are facts'); END;
CREATE TRIGGER provider_events_last BEFORE DELETE ON provider_events BEGIN SELECT RAISE(ABORT, 'events are facts'); END;
