-- The waiting list of a room, and tickets that their holders give back if they are resold.

-- Who waits for tickets, in the order of joining; nobody is put in between. All of them at once, so never more than the
-- room has seats.
CREATE TABLE waits (
  shard TEXT NOT NULL, wait TEXT NOT NULL, room TEXT NOT NULL, capacity INTEGER NOT NULL,
  place INTEGER NOT NULL CHECK (place > 0), prev_place INTEGER, holder TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 20), tier TEXT, most INTEGER CHECK (most >= 0), currency TEXT,
  voucher TEXT, country TEXT, country_source TEXT, joined_us INTEGER NOT NULL,
  PRIMARY KEY (shard, wait), UNIQUE (shard, room, place), UNIQUE (shard, wait, room), CHECK (count <= capacity),
  UNIQUE (shard, wait, room, place, holder, count), CHECK ((most IS NULL) = (currency IS NULL)),
  CHECK ((country IS NULL) = (country_source IS NULL)),
  CHECK ((place = 1 AND prev_place IS NULL) OR (place > 1 AND prev_place IS NOT NULL AND prev_place = place - 1)),
  FOREIGN KEY (shard, room, capacity) REFERENCES rooms (shard, room, capacity),
  FOREIGN KEY (shard, room, prev_place) REFERENCES waits (shard, room, place),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, voucher) REFERENCES vouchers (shard, voucher)) STRICT;

-- The states that a party went through; the last row holds. Each row names the state before it, so that only the moves
-- of the diagram can be stored; `step` numbers the rows of a room, so that an audit sees whose turn it was. An offer
-- names its hold.
CREATE TABLE wait_facts (
  shard TEXT NOT NULL, wait TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_state TEXT,
  state TEXT NOT NULL, room TEXT NOT NULL, step INTEGER NOT NULL CHECK (step > 0), prev_step INTEGER, purchase TEXT,
  reason TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, wait, n), UNIQUE (shard, wait, n, state), UNIQUE (shard, room, step), UNIQUE (shard, purchase),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL AND state = 'waiting')
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_state IS NOT NULL
      AND ((prev_state = 'waiting' AND state IN ('passed', 'offered', 'withdrawn', 'ended'))
        OR (prev_state = 'passed' AND state IN ('waiting', 'passed', 'offered', 'withdrawn', 'ended'))
        OR (prev_state = 'offered' AND state IN ('bought', 'lapsed', 'withdrawn', 'ended'))))),
  CHECK ((step = 1 AND prev_step IS NULL) OR (step > 1 AND prev_step IS NOT NULL AND prev_step = step - 1)),
  CHECK ((state = 'offered') = (purchase IS NOT NULL)), CHECK ((state = 'passed') = (reason <> '')),
  CHECK (reason IN ('', 'price', 'places')),
  FOREIGN KEY (shard, wait, room) REFERENCES waits (shard, wait, room),
  FOREIGN KEY (shard, wait, prev_n, prev_state) REFERENCES wait_facts (shard, wait, n, state),
  FOREIGN KEY (shard, room, prev_step) REFERENCES wait_facts (shard, room, step),
  FOREIGN KEY (shard, purchase) REFERENCES holds (shard, purchase)) STRICT;

-- Parties that wait or have an offer. Derived: those whose last fact says so; an offer has its hold here. One of a
-- holder in a room.
CREATE TABLE open_waits (
  shard TEXT NOT NULL, room TEXT NOT NULL, place INTEGER NOT NULL, wait TEXT NOT NULL, holder TEXT NOT NULL,
  count INTEGER NOT NULL, purchase TEXT, PRIMARY KEY (shard, room, place), UNIQUE (shard, room, holder),
  UNIQUE (shard, purchase),
  FOREIGN KEY (shard, wait, room, place, holder, count) REFERENCES waits (shard, wait, room, place, holder, count),
  FOREIGN KEY (shard, purchase) REFERENCES wait_facts (shard, purchase)) STRICT, WITHOUT ROWID;

CREATE TRIGGER waits_stay BEFORE UPDATE ON waits BEGIN SELECT RAISE(ABORT, 'who waits is a fact'); END;
CREATE TRIGGER waits_last BEFORE DELETE ON waits BEGIN SELECT RAISE(ABORT, 'who waits is a fact'); END;
CREATE TRIGGER wait_facts_stay BEFORE UPDATE ON wait_facts BEGIN SELECT RAISE(ABORT, 'turns of a waiting list are facts'); END;
CREATE TRIGGER wait_facts_last BEFORE DELETE ON wait_facts BEGIN SELECT RAISE(ABORT, 'turns of a waiting list are facts'); END;
