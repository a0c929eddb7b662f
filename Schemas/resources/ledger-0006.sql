-- The room after its sale began: cancelling by a plan, tips, another time.

-- What cancelling a room will do, as it was shown, to the byte: `digest` names it from then on.
CREATE TABLE cancellations (
  shard TEXT NOT NULL, cancellation TEXT NOT NULL, room TEXT NOT NULL, body TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64), needs_second INTEGER NOT NULL CHECK (needs_second IN (0, 1)),
  made_by TEXT NOT NULL, made_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,
  PRIMARY KEY (shard, cancellation), UNIQUE (shard, cancellation, digest, made_by),
  UNIQUE (shard, cancellation, room, digest, needs_second), CHECK (made_us < expires_us),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT;

-- The second person agrees, once, to exactly this plan.
CREATE TABLE cancellation_approvals (
  shard TEXT NOT NULL, cancellation TEXT NOT NULL, digest TEXT NOT NULL, made_by TEXT NOT NULL,
  approver TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, cancellation), UNIQUE (shard, cancellation, approver), CHECK (approver <> made_by),
  FOREIGN KEY (shard, cancellation, digest, made_by)
    REFERENCES cancellations (shard, cancellation, digest, made_by)) STRICT;

-- The plan by which a room was cancelled: one a room, and approved where that is needed.
CREATE TABLE cancellation_runs (
  shard TEXT NOT NULL, room TEXT NOT NULL, cancellation TEXT NOT NULL, digest TEXT NOT NULL,
  needs_second INTEGER NOT NULL, approver TEXT, begun_by TEXT NOT NULL, begun_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room), UNIQUE (shard, cancellation), CHECK (needs_second = 0 OR approver IS NOT NULL),
  FOREIGN KEY (shard, cancellation, room, digest, needs_second)
    REFERENCES cancellations (shard, cancellation, room, digest, needs_second),
  FOREIGN KEY (shard, cancellation, approver)
    REFERENCES cancellation_approvals (shard, cancellation, approver)) STRICT;

-- Batches that were carried out, each a transaction of its own. Orders are taken in the order of their ids: `through`
-- is where the next batch goes on.
CREATE TABLE cancellation_steps (
  shard TEXT NOT NULL, cancellation TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  kind TEXT NOT NULL CHECK (kind IN ('orders', 'holds', 'passes')), count INTEGER NOT NULL CHECK (count > 0),
  through TEXT NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (shard, cancellation, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, cancellation) REFERENCES cancellation_runs (shard, cancellation),
  FOREIGN KEY (shard, cancellation, prev_n) REFERENCES cancellation_steps (shard, cancellation, n)) STRICT;

-- Nothing was left to do.
CREATE TABLE cancellation_ends (
  shard TEXT NOT NULL, cancellation TEXT NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (shard, cancellation),
  FOREIGN KEY (shard, cancellation) REFERENCES cancellation_runs (shard, cancellation)) STRICT;

CREATE TRIGGER cancellations_stay BEFORE UPDATE ON cancellations BEGIN SELECT RAISE(ABORT, 'plans are facts'); END;
CREATE TRIGGER cancellations_last BEFORE DELETE ON cancellations BEGIN SELECT RAISE(ABORT, 'plans are facts'); END;
CREATE TRIGGER cancellation_approvals_stay BEFORE UPDATE ON cancellation_approvals BEGIN SELECT RAISE(ABORT, 'approvals are facts'); END;
CREATE TRIGGER cancellation_approvals_last BEFORE DELETE ON cancellation_approvals BEGIN SELECT RAISE(ABORT, 'approvals are facts'); END;
CREATE TRIGGER cancellation_runs_stay BEFORE UPDATE ON cancellation_runs BEGIN SELECT RAISE(ABORT, 'runs are facts'); END;
CREATE TRIGGER cancellation_runs_last BEFORE DELETE ON cancellation_runs BEGIN SELECT RAISE(ABORT, 'runs are facts'); END;

-- Tips. The money of a tip is an order without a ticket: escrow, split, release, payout and refund are those of orders,
-- and the id of the tip is the id of the order under another prefix. Its price is a floor in the tier `tips:CURRENCY`.
CREATE TABLE tips (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, room TEXT NOT NULL, holder TEXT NOT NULL,
  message TEXT NOT NULL CHECK (length(message) <= 2000), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, order_id), UNIQUE (shard, order_id, room, holder),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder)) STRICT;
CREATE INDEX tips_by_room ON tips (shard, room, order_id);

-- What a holder has tipped in a room; the last row holds. Chained, so that two tips at once cannot pass the bound.
CREATE TABLE tip_totals (
  shard TEXT NOT NULL, room TEXT NOT NULL, holder TEXT NOT NULL, currency TEXT NOT NULL,
  n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, before INTEGER NOT NULL, delta INTEGER NOT NULL CHECK (delta > 0),
  after INTEGER NOT NULL, most INTEGER, order_id TEXT NOT NULL,
  PRIMARY KEY (shard, room, holder, currency, n), UNIQUE (shard, room, holder, currency, n, after),
  UNIQUE (shard, order_id), CHECK (after = before + delta), CHECK (most IS NULL OR after <= most),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, order_id, room, holder) REFERENCES tips (shard, order_id, room, holder),
  FOREIGN KEY (shard, room, holder, currency, prev_n, before)
    REFERENCES tip_totals (shard, room, holder, currency, n, after)) STRICT;

-- Whether a room's host takes tips: the last row holds; without one, yes.
CREATE TABLE tip_switches (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n) REFERENCES tip_switches (shard, room, n)) STRICT;

CREATE TRIGGER tips_stay BEFORE UPDATE ON tips BEGIN SELECT RAISE(ABORT, 'tips are facts'); END;
CREATE TRIGGER tips_last BEFORE DELETE ON tips BEGIN SELECT RAISE(ABORT, 'tips are facts'); END;

-- Rooms that take place at other times than were sold. `rooms` has the times of the last row; the rows are chained by
-- their times, so that none can be forgotten.
CREATE TABLE room_moves (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  doors_before INTEGER NOT NULL, starts_before INTEGER NOT NULL, ends_before INTEGER NOT NULL,
  doors_us INTEGER NOT NULL, starts_us INTEGER NOT NULL, ends_us INTEGER NOT NULL, notice TEXT NOT NULL,
  default_answer TEXT NOT NULL CHECK (default_answer IN ('keep', 'refund')), answer_until_us INTEGER NOT NULL,
  actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n), UNIQUE (shard, room, n, doors_us, starts_us, ends_us),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (doors_us <= starts_us), CHECK (starts_us < ends_us), CHECK (at_us < answer_until_us),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n, doors_before, starts_before, ends_before)
    REFERENCES room_moves (shard, room, n, doors_us, starts_us, ends_us)) STRICT;

-- What was answered for an order, once for each move: by its holder, or by the default when the time was over.
CREATE TABLE move_answers (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL, order_id TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('keep', 'refund')), is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, room, n, order_id),
  FOREIGN KEY (shard, room, n) REFERENCES room_moves (shard, room, n),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id)) STRICT;

-- Every order has its answer.
CREATE TABLE move_ends (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (shard, room, n),
  FOREIGN KEY (shard, room, n) REFERENCES room_moves (shard, room, n)) STRICT;

CREATE TRIGGER room_moves_stay BEFORE UPDATE ON room_moves BEGIN SELECT RAISE(ABORT, 'moves are facts'); END;
CREATE TRIGGER room_moves_last BEFORE DELETE ON room_moves BEGIN SELECT RAISE(ABORT, 'moves are facts'); END;
CREATE TRIGGER move_answers_stay BEFORE UPDATE ON move_answers BEGIN SELECT RAISE(ABORT, 'answers are facts'); END;
CREATE TRIGGER move_answers_last BEFORE DELETE ON move_answers BEGIN SELECT RAISE(ABORT, 'answers are facts'); END;
