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
