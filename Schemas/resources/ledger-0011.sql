-- Series: rooms that are sold together. The rules of ledger-0001 hold here too: `shard` leads every key, facts are
-- appended, what is limited is chained.

CREATE TABLE series (
  shard TEXT NOT NULL, series TEXT NOT NULL, host TEXT NOT NULL, title TEXT NOT NULL, currency TEXT NOT NULL,
  rooms INTEGER NOT NULL CHECK (rooms BETWEEN 2 AND 50), made_us INTEGER NOT NULL,
  PRIMARY KEY (shard, series), UNIQUE (shard, series, currency), UNIQUE (shard, series, rooms),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;
CREATE INDEX series_by_host ON series (shard, host, series);

-- Its rooms in the host's order, each with the version of the room's price list under which the tickets of passes
-- stand: a floor of nothing in the tier `pass:SERIES`.
CREATE TABLE series_rooms (
  shard TEXT NOT NULL, series TEXT NOT NULL, rooms INTEGER NOT NULL, n INTEGER NOT NULL CHECK (n > 0),
  room TEXT NOT NULL, currency TEXT NOT NULL, price_version INTEGER NOT NULL, price INTEGER NOT NULL CHECK (price = 0),
  price_kind TEXT NOT NULL CHECK (price_kind = 'floor'),
  PRIMARY KEY (shard, series, n), UNIQUE (shard, series, room), UNIQUE (shard, series, n, room), CHECK (n <= rooms),
  FOREIGN KEY (shard, series, rooms) REFERENCES series (shard, series, rooms),
  FOREIGN KEY (shard, series, currency) REFERENCES series (shard, series, currency),
  FOREIGN KEY (shard, room, price_version, currency, price, price_kind)
    REFERENCES price_versions (shard, room, version, currency, amount, kind)) STRICT;
CREATE INDEX series_by_room ON series_rooms (shard, room, series);

-- What a pass costs, how many there are, until when: the last version holds. Chained, so that none is forgotten.
CREATE TABLE series_offers (
  shard TEXT NOT NULL, series TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0), prev_version INTEGER,
  currency TEXT NOT NULL, price INTEGER NOT NULL CHECK (price >= 0), passes INTEGER NOT NULL CHECK (passes > 0),
  sale_ends_us INTEGER, withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)), since_us INTEGER NOT NULL,
  PRIMARY KEY (shard, series, version), UNIQUE (shard, series, version, currency, price),
  UNIQUE (shard, series, version, passes),
  CHECK ((version = 1 AND prev_version IS NULL)
    OR (version > 1 AND prev_version IS NOT NULL AND prev_version = version - 1)),
  FOREIGN KEY (shard, series, currency) REFERENCES series (shard, series, currency),
  FOREIGN KEY (shard, series, prev_version) REFERENCES series_offers (shard, series, version)) STRICT;

-- A pass that was sold. Its orders have the purchase of the same characters.
CREATE TABLE series_passes (
  shard TEXT NOT NULL, pass TEXT NOT NULL, series TEXT NOT NULL, version INTEGER NOT NULL, holder TEXT NOT NULL,
  currency TEXT NOT NULL, price INTEGER NOT NULL, sold_us INTEGER NOT NULL,
  PRIMARY KEY (shard, pass), UNIQUE (shard, pass, series), UNIQUE (shard, pass, price),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, series, version, currency, price)
    REFERENCES series_offers (shard, series, version, currency, price)) STRICT;
CREATE INDEX series_passes_by_series ON series_passes (shard, series, pass);
CREATE INDEX series_passes_by_holder ON series_passes (shard, holder, pass);

-- The order of each room, with the price by which the pass was divided and the part that fell on the room. The parts
-- are added up in a chain that cannot pass the price; the audit sees that it ends there.
CREATE TABLE series_pass_orders (
  shard TEXT NOT NULL, pass TEXT NOT NULL, series TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  room TEXT NOT NULL, order_id TEXT NOT NULL, weight INTEGER NOT NULL CHECK (weight >= 0),
  pass_price INTEGER NOT NULL, before INTEGER NOT NULL, share INTEGER NOT NULL CHECK (share >= 0),
  after INTEGER NOT NULL,
  PRIMARY KEY (shard, pass, n), UNIQUE (shard, pass, n, after), UNIQUE (shard, order_id), CHECK (share <= weight),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (after = before + share), CHECK (after <= pass_price),
  FOREIGN KEY (shard, pass, series) REFERENCES series_passes (shard, pass, series),
  FOREIGN KEY (shard, pass, pass_price) REFERENCES series_passes (shard, pass, price),
  FOREIGN KEY (shard, series, n, room) REFERENCES series_rooms (shard, series, n, room),
  FOREIGN KEY (shard, order_id, share) REFERENCES orders (shard, order_id, gross),
  FOREIGN KEY (shard, pass, prev_n, before) REFERENCES series_pass_orders (shard, pass, n, after)) STRICT;

-- How many passes of a series were sold: the last row holds. Chained, so that two buyers cannot have the last one.
CREATE TABLE series_places (
  shard TEXT NOT NULL, series TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  version INTEGER NOT NULL, passes INTEGER NOT NULL, pass TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, series, n), UNIQUE (shard, pass), CHECK (n <= passes),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, series, version, passes) REFERENCES series_offers (shard, series, version, passes),
  FOREIGN KEY (shard, pass, series) REFERENCES series_passes (shard, pass, series),
  FOREIGN KEY (shard, series, prev_n) REFERENCES series_places (shard, series, n)) STRICT;

CREATE TRIGGER series_stay BEFORE UPDATE ON series BEGIN SELECT RAISE(ABORT, 'series are facts'); END;
CREATE TRIGGER series_last BEFORE DELETE ON series BEGIN SELECT RAISE(ABORT, 'series are facts'); END;
CREATE TRIGGER series_rooms_stay BEFORE UPDATE ON series_rooms BEGIN SELECT RAISE(ABORT, 'rooms of a series are facts'); END;
CREATE TRIGGER series_rooms_last BEFORE DELETE ON series_rooms BEGIN SELECT RAISE(ABORT, 'rooms of a series are facts'); END;
CREATE TRIGGER series_offers_stay BEFORE UPDATE ON series_offers BEGIN SELECT RAISE(ABORT, 'offers are facts'); END;
CREATE TRIGGER series_offers_last BEFORE DELETE ON series_offers BEGIN SELECT RAISE(ABORT, 'offers are facts'); END;
CREATE TRIGGER series_passes_stay BEFORE UPDATE ON series_passes BEGIN SELECT RAISE(ABORT, 'passes are facts'); END;
CREATE TRIGGER series_passes_last BEFORE DELETE ON series_passes BEGIN SELECT RAISE(ABORT, 'passes are facts'); END;
CREATE TRIGGER series_pass_orders_stay BEFORE UPDATE ON series_pass_orders BEGIN SELECT RAISE(ABORT, 'parts of a pass are facts'); END;
CREATE TRIGGER series_pass_orders_last BEFORE DELETE ON series_pass_orders BEGIN SELECT RAISE(ABORT, 'parts of a pass are facts'); END;
CREATE TRIGGER series_places_stay BEFORE UPDATE ON series_places BEGIN SELECT RAISE(ABORT, 'passes sold are facts'); END;
CREATE TRIGGER series_places_last BEFORE DELETE ON series_places BEGIN SELECT RAISE(ABORT, 'passes sold are facts'); END;

-- Payouts that are really made: where hosts are paid, and each attempt to bring an item of a batch there.

-- Where a host is paid: the last row holds.
CREATE TABLE payout_destinations (
  shard TEXT NOT NULL, host TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  provider TEXT NOT NULL CHECK (provider IN ('manual', 'sandbox', 'stripe')),
  destination TEXT NOT NULL CHECK (length(destination) BETWEEN 1 AND 200), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, host, n), UNIQUE (shard, host, n, provider),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, host, prev_n) REFERENCES payout_destinations (shard, host, n)) STRICT;

CREATE UNIQUE INDEX payout_items_net ON payout_items (shard, batch, host, currency, net);
CREATE UNIQUE INDEX payout_batches_digest ON payout_batches (shard, batch, digest);

-- An attempt: of exactly the item's net, in the name of exactly that batch.
CREATE TABLE payout_transfers (
  shard TEXT NOT NULL, payout TEXT NOT NULL, batch TEXT NOT NULL, digest TEXT NOT NULL, host TEXT NOT NULL,
  currency TEXT NOT NULL, net INTEGER NOT NULL CHECK (net > 0), attempt INTEGER NOT NULL CHECK (attempt > 0),
  prev_attempt INTEGER, provider TEXT NOT NULL, destination INTEGER NOT NULL, requested_by TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, payout), UNIQUE (shard, batch, host, currency, attempt),
  CHECK ((attempt = 1 AND prev_attempt IS NULL)
    OR (attempt > 1 AND prev_attempt IS NOT NULL AND prev_attempt = attempt - 1)),
  FOREIGN KEY (shard, batch, host, currency, prev_attempt)
    REFERENCES payout_transfers (shard, batch, host, currency, attempt),
  FOREIGN KEY (shard, batch, host, currency, net) REFERENCES payout_items (shard, batch, host, currency, net),
  FOREIGN KEY (shard, batch, digest) REFERENCES payout_batches (shard, batch, digest),
  FOREIGN KEY (shard, host, destination, provider) REFERENCES payout_destinations (shard, host, n, provider)) STRICT;

-- Its states. `seq` is the entry between provider and bank, `mirror_seq` the one that undoes the payout's own.
CREATE TABLE payout_transfer_facts (
  shard TEXT NOT NULL, payout TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_state TEXT,
  state TEXT NOT NULL, seq INTEGER, mirror_seq INTEGER, detail TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, payout, n), UNIQUE (shard, payout, state), UNIQUE (shard, payout, n, state),
  UNIQUE (shard, seq), UNIQUE (shard, mirror_seq),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL AND state = 'requested')
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_state IS NOT NULL
      AND ((prev_state = 'requested' AND state IN ('refused', 'paid')) OR (prev_state = 'refused' AND state = 'paid')
        OR (prev_state = 'paid' AND state = 'returned')))),
  CHECK (seq IS NULL OR state IN ('paid', 'returned')), CHECK ((mirror_seq IS NOT NULL) = (state = 'returned')),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout),
  FOREIGN KEY (shard, payout, prev_n, prev_state) REFERENCES payout_transfer_facts (shard, payout, n, state),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, mirror_seq) REFERENCES entries (shard, seq)) STRICT;

-- Another attempt stands only behind one that the provider refused: so no item is ever paid twice.
CREATE TABLE payout_retries (
  shard TEXT NOT NULL, payout TEXT NOT NULL, refused TEXT NOT NULL, state TEXT NOT NULL CHECK (state = 'refused'),
  PRIMARY KEY (shard, payout), UNIQUE (shard, refused), CHECK (payout <> refused),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout),
  FOREIGN KEY (shard, refused, state) REFERENCES payout_transfer_facts (shard, payout, state)) STRICT;

-- A provider's name of a transfer.
CREATE TABLE payout_transfer_names (
  shard TEXT NOT NULL, provider TEXT NOT NULL, name TEXT NOT NULL, payout TEXT NOT NULL,
  PRIMARY KEY (shard, provider, name), UNIQUE (shard, payout),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout)) STRICT;

-- What a returned payout had paid is owed again: one new accrual for each, which a later night pays.
CREATE TABLE payout_return_lines (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, returned TEXT NOT NULL, payout TEXT NOT NULL,
  PRIMARY KEY (shard, accrual), UNIQUE (shard, returned), CHECK (accrual <> returned),
  FOREIGN KEY (shard, accrual) REFERENCES accruals (shard, accrual),
  FOREIGN KEY (shard, returned) REFERENCES payout_lines (shard, accrual),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout)) STRICT;

-- Transfers whose provider has not answered, and when it is asked next. Derived: those whose last state is `requested`,
-- but for those that finance confirms.
CREATE TABLE due_transfers (
  shard TEXT NOT NULL, payout TEXT NOT NULL, due_us INTEGER NOT NULL, tries INTEGER NOT NULL CHECK (tries >= 0),
  PRIMARY KEY (shard, payout), FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout)) STRICT;
CREATE INDEX due_transfers_in_order ON due_transfers (shard, due_us, payout);

CREATE TRIGGER payout_destinations_stay BEFORE UPDATE ON payout_destinations BEGIN SELECT RAISE(ABORT, 'destinations are facts'); END;
CREATE TRIGGER payout_destinations_last BEFORE DELETE ON payout_destinations BEGIN SELECT RAISE(ABORT, 'destinations are facts'); END;
CREATE TRIGGER payout_transfers_stay BEFORE UPDATE ON payout_transfers BEGIN SELECT RAISE(ABORT, 'transfers are facts'); END;
CREATE TRIGGER payout_transfers_last BEFORE DELETE ON payout_transfers BEGIN SELECT RAISE(ABORT, 'transfers are facts'); END;
CREATE TRIGGER payout_transfer_facts_stay BEFORE UPDATE ON payout_transfer_facts BEGIN SELECT RAISE(ABORT, 'facts of a transfer are facts'); END;
CREATE TRIGGER payout_transfer_facts_last BEFORE DELETE ON payout_transfer_facts BEGIN SELECT RAISE(ABORT, 'facts of a transfer are facts'); END;
CREATE TRIGGER payout_return_lines_stay BEFORE UPDATE ON payout_return_lines BEGIN SELECT RAISE(ABORT, 'returned lines are facts'); END;
CREATE TRIGGER payout_return_lines_last BEFORE DELETE ON payout_return_lines BEGIN SELECT RAISE(ABORT, 'returned lines are facts'); END;
